/*
 * A text as the sequence of its weights: what compare, hash and key read when no faster way applies.
 * Private to this folder.
 *
 * Above the weights of real characters stand, in this order, characters that the collation's charset does
 * not have (only UTF-8 texts can hold them), then malformed bytes.
 */
#pragma once

#include "type/charset_codec.h"
#include "type/collation.h"
#include "type/weights.h"

enum {
	weight_foreign = 0x10000,   /* + code point: the charset does not have it. Only of local charsets */
	weight_malformed = 0x120000, /* + byte */
	weight_end = 0x7fffffff,
	space_weight = 0x20, /* of all but UCA, which has its own */
};

struct weight_scan {
	const uint8_t *at, *end;
	const uint16_t *ascii; /* weights of the bytes below 0x80, or NULL when they go the long way */
	const struct charset *text_charset; /* how the bytes are read */
	const struct charset *local;        /* the local charset whose codes are weighed, or NULL: code points are */
	enum weights weights;
	const struct byte_weights *bytes; /* of byte tables */
	const struct uca_table *uca;      /* of UCA */
	const uint16_t *more;             /* weights of the last character still to come */
	unsigned more_count;
	uint16_t scratch[2];
	uint32_t space;
};

/* The text is in the collation's charset, or UTF-8. Not for ICU's weights. */
struct weight_scan weight_scan_begin(const struct collation *collation, struct bytes text, bool text_is_utf8);
uint32_t weight_next_slow(struct weight_scan *scan);

/* The next weight, or weight_end. */
static inline uint32_t weight_next(struct weight_scan *scan)
{
	if (scan->ascii && scan->at < scan->end && *scan->at < 0x80 && scan->more_count == 0) {
		uint16_t weight = scan->ascii[*scan->at];
		if (weight != no_ascii_weight) {
			scan->at++;
			return weight;
		}
	}
	return weight_next_slow(scan);
}
