/*
 * Character sets and collations: which bytes are a text, and which texts are equal.
 *
 * Both are immutable tables built once (collation_init), shared by all threads, borrowed forever. Ids and
 * names are MySQL's (information_schema.COLLATIONS), because they travel in the protocol and in the log.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum charset_id { CHARSET_BINARY, CHARSET_ASCII, CHARSET_LATIN1, CHARSET_UTF8MB3, CHARSET_UTF8MB4, CHARSET_UCS2,
		  CHARSET_UTF16, CHARSET_UTF32, CHARSET_CP1251, CHARSET_LATIN2, CHARSET_GBK, CHARSET_COUNT };

struct charset {
	enum charset_id id;
	const char *name;         /* "utf8mb4"; utf8mb3's name is "utf8mb3", "utf8" is its alias */
	const char *description;
	unsigned min_char_size;   /* bytes */
	unsigned max_char_size;   /* bytes: SHOW CHARACTER SET's Maxlen */
	const struct collation *default_collation;
	const struct collation *binary_collation;
};

struct collation {
	uint16_t id;              /* MySQL's collation number: 45 utf8mb4_general_ci, 63 binary, ... */
	const char *name;
	const struct charset *charset;
	bool is_default;          /* of its charset */
	bool is_binary;           /* compares code points or bytes: *_bin and binary */
	bool pad_space;           /* trailing spaces do not count: all but binary and *_0900_* */
	unsigned sort_length;     /* SHOW COLLATION's Sortlen */
	unsigned weights;         /* private to collation.c: which weight function */
};

/* Call before any other thread runs; collation_deinit when none does any more. Both may be called again. */
void collation_init(void);
void collation_deinit(void);

const struct charset *charset_find(struct bytes name);     /* case-insensitive, aliases known, or NULL */
const struct charset *charset_get(enum charset_id id);
const struct collation *collation_find(struct bytes name); /* case-insensitive, utf8_* means utf8mb3_*, or NULL */
const struct collation *collation_find_id(unsigned id);    /* or NULL */
const struct collation *collation_at(size_t index);        /* the index-th by id, NULL past the end */

extern const struct collation *const collation_binary;          /* 63 */
extern const struct collation *const collation_utf8mb4_default; /* 45 utf8mb4_general_ci: the server's default */
extern const struct collation *const collation_utf8mb4_bin;     /* 46 */
extern const struct collation *const collation_utf8mb3_general; /* 33: identifiers */
extern const struct collation *const collation_latin1_default;  /* 8 */
extern const struct collation *const collation_ascii_default;   /* 11 */

/*
 * The order of texts, by MySQL's weights: <0, 0, >0. Pure functions, any thread. What is not well-formed is
 * ordered all the same, behind everything that is.
 *
 * Texts are in the collation's own charset.
 */
int collation_compare(const struct collation *collation, struct bytes a, struct bytes b);
/*
 * The same order for UTF-8 texts, whatever the collation's charset: what the evaluator needs. Characters that
 * the charset does not have come behind those it has, by code point.
 */
int collation_compare_utf8(const struct collation *collation, struct bytes a, struct bytes b);
/* Equal for texts that collation_compare_utf8 calls equal. Not stable: for memory only. */
uint64_t collation_hash_utf8(const struct collation *collation, struct bytes text);
/*
 * Appends a self-delimiting key whose memcmp order is the collation's: no key is a prefix of another.
 * Equal texts (also by PAD SPACE) give equal keys.
 */
void collation_put_key(const struct collation *collation, struct bytes text, struct buf *out);
/*
 * Changes when an upgrade of ICU changes this collation's keys: an index remembers it, and is built again when
 * it differs. 0 for collations whose keys never change, all but utf8mb4_0900_{ai_ci,as_ci,as_cs}.
 */
uint32_t collation_key_version(const struct collation *collation);

/* Length in characters; a malformed byte counts as one. */
size_t charset_length(const struct charset *charset, struct bytes text);
/* Bytes that the first `chars` characters take (at most text.size). */
size_t charset_prefix_size(const struct charset *charset, struct bytes text, size_t chars);
/* Size of the longest well-formed prefix: text.size when all is well. */
size_t charset_valid_size(const struct charset *charset, struct bytes text);
/*
 * Converts and appends. Returns how many characters had no counterpart (they became '?'). Converting to or
 * from binary copies the bytes.
 */
size_t charset_convert(const struct charset *from, struct bytes text, const struct charset *to, struct buf *out);

/*
 * Case mapping of UTF-8 text by Unicode's simple rules: one character for one, malformed bytes as they are.
 * That binary strings have no case is for the caller to know.
 */
void text_upper_utf8(struct bytes text, struct buf *out);
void text_lower_utf8(struct bytes text, struct buf *out);
/* ASCII identifiers and keywords. */
bool text_equal_nocase(struct bytes a, struct bytes b);
