/*
 * Weights: the numbers that texts are compared by, one or more per character. Private to this folder.
 *
 * They are MySQL's own, character by character (tools/collation_weights.py asks a server for them), held as
 * differences to a rule: runs of characters with one weight each, and expansions for characters that have
 * none or several. The tables of bytes and of general_ci are unfolded by collation_init; those of the
 * Unicode Collation Algorithm are large, and unfolded when first used.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Characters first, first + step, ... (count of them) weigh weight, weight + weight_step, ... */
struct weight_run {
	uint32_t first;
	uint16_t count;
	uint8_t step;
	uint16_t weight;
	int8_t weight_step;
};

enum weights {
	WEIGHTS_BYTES, /* bytes weigh themselves */
	WEIGHTS_CODES, /* code points weigh themselves */
	WEIGHTS_GENERAL,
	WEIGHTS_ICU_PRIMARY, WEIGHTS_ICU_SECONDARY, WEIGHTS_ICU_TERTIARY,
	/* one weight per byte (german2: sometimes two) */
	WEIGHTS_LATIN1_SWEDISH, WEIGHTS_LATIN1_GERMAN1, WEIGHTS_LATIN1_GERMAN2, WEIGHTS_LATIN1_DANISH,
	WEIGHTS_LATIN1_SPANISH, WEIGHTS_LATIN1_GENERAL, WEIGHTS_LATIN1_GENERAL_CS, WEIGHTS_LATIN2_GENERAL,
	WEIGHTS_CP1251_GENERAL, WEIGHTS_ASCII_GENERAL,
	/* the Unicode Collation Algorithm, version 4.0.0 and its languages, and 5.2.0; primary weights */
	WEIGHTS_UCA_400, WEIGHTS_ICELANDIC, WEIGHTS_LATVIAN, WEIGHTS_ROMANIAN, WEIGHTS_SLOVENIAN, WEIGHTS_POLISH,
	WEIGHTS_ESTONIAN, WEIGHTS_SPANISH, WEIGHTS_SWEDISH, WEIGHTS_TURKISH, WEIGHTS_ROMAN, WEIGHTS_PERSIAN,
	WEIGHTS_ESPERANTO, WEIGHTS_HUNGARIAN, WEIGHTS_SINHALA, WEIGHTS_GERMAN2, WEIGHTS_UCA_520,
	WEIGHTS_COUNT,
	WEIGHTS_FIRST_BYTE = WEIGHTS_LATIN1_SWEDISH,
	WEIGHTS_FIRST_UCA = WEIGHTS_UCA_400,
};

/* Bytes. second[byte] is 0, or a weight that follows weight[byte]. */
struct byte_weights {
	uint8_t weight[256];
	uint8_t second[256];
	int has_second;
	uint16_t ascii[128]; /* weight[], for weight_scan.h */
};
void weights_byte_init(void);
const struct byte_weights *weights_byte(enum weights weights);

/* general_ci: one weight a code point, NULL pages and U+10000 up weigh by rule. */
extern const uint16_t *general_weight_pages[256];
void weights_general_init(void);

static inline uint32_t general_weight(uint32_t code)
{
	if (code > 0xffff)
		return 0xfffd;
	const uint16_t *page = general_weight_pages[code >> 8];
	return page ? page[code & 0xff] : code;
}

/*
 * UCA. A table is built by the first thread that asks, shared afterwards, and freed by weights_uca_deinit.
 */
enum { no_ascii_weight = 0xffff };

struct uca_table {
	/*
	 * By code >> 8; NULL: all by rule. An entry is count << 24 | weight, with the weight's place in the pool
	 * instead when the count is not 1; or UINT32_MAX: by rule.
	 */
	uint32_t *pages[0x1100];
	uint16_t *pool;          /* the expansions' weights */
	uint16_t space;          /* the space's weight */
	uint16_t ascii[128];     /* weights of ASCII, no_ascii_weight for those without any */
	int has_supplementary;   /* characters past U+FFFF have weights of their own */
};
const struct uca_table *weights_uca(enum weights weights);
void weights_uca_deinit(void);

/* Weights of a code point: how many (0: it is ignored), out_weights borrowed, or scratch. */
unsigned uca_weights(const struct uca_table *table, uint32_t code, uint16_t scratch[2], const uint16_t **out_weights);
