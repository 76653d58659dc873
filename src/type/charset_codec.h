/*
 * Characters in and out of every charset: what conversion, lengths and weights are built on. Private to
 * this folder.
 *
 * A character has up to two names: its code point, and for the local charsets (ascii, latin1, latin2,
 * cp1251, gbk) its local code, the number its bytes make. binary's characters are bytes, and code points
 * below 256.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "type/collation.h"

/* Builds the local charsets' tables; called by collation_init. */
void charset_codec_init(void);

static inline bool charset_is_unicode(const struct charset *charset)
{
	return charset->id >= CHARSET_UTF8MB3 && charset->id <= CHARSET_UTF32;
}

/*
 * The character at `at` (at < end) as a code point: its size in bytes, or 0 when there is no character.
 * Then charset_malformed_size bytes are skipped and count as one.
 */
size_t charset_decode(const struct charset *charset, const uint8_t *at, const uint8_t *end, uint32_t *out_code);
/* Bytes of the character with this code point, or 0 when the charset has none. */
size_t charset_encode(const struct charset *charset, uint32_t code, uint8_t out[4]);
size_t charset_malformed_size(const struct charset *charset, const uint8_t *at, const uint8_t *end);

/* Size of the character at `at` by its form alone, defined or not: 0 when malformed. */
size_t charset_char_size(const struct charset *charset, const uint8_t *at, const uint8_t *end);

/* The local code of a code point in a local charset, or -1. */
int32_t charset_local_code(const struct charset *charset, uint32_t code);
