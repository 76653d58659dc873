/*
 * UTF-8, one character at a time: the folder's own reader and writer.
 *
 * Strict: no overlong forms, no surrogates, nothing past U+10FFFF, as MySQL 8.0, ICU and SQLite see it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The character at `at` (at < end): its size, 1..4, or 0 when the bytes are malformed or cut short. */
static inline size_t utf8_decode(const uint8_t *at, const uint8_t *end, uint32_t *out)
{
	uint32_t first = at[0];
	size_t left = (size_t)(end - at);
	if (first < 0x80) {
		*out = first;
		return 1;
	}
	if (first < 0xc2 || left < 2 || (at[1] & 0xc0) != 0x80)
		return 0;
	if (first < 0xe0) {
		*out = (first & 0x1f) << 6 | (at[1] & 0x3fu);
		return 2;
	}
	if (left < 3 || (at[2] & 0xc0) != 0x80)
		return 0;
	if (first < 0xf0) {
		uint32_t code = (first & 0x0f) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
		*out = code;
		return code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 0 : 3;
	}
	if (left < 4 || (at[3] & 0xc0) != 0x80)
		return 0;
	uint32_t code = (first & 0x0f) << 18 | (at[1] & 0x3fu) << 12 | (at[2] & 0x3fu) << 6 | (at[3] & 0x3fu);
	*out = code;
	return first > 0xf4 || code < 0x10000 || code > 0x10ffff ? 0 : 4;
}

/*
 * Writes any number below 0x200000 in UTF-8's pattern: byte order is number order, and no form is a prefix
 * of another. That is also what keys are made of, so surrogates and numbers past U+10FFFF are let through.
 */
static inline size_t utf8_encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = (uint8_t)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (code & 0x3f));
	return 4;
}

/* The end of the run of ASCII bytes that begins at `at`. */
const uint8_t *ascii_run_end(const uint8_t *at, const uint8_t *end);
