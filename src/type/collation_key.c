/*
 * Keys of texts: bytes whose memcmp order is the collation's order, each ending by itself.
 *
 * PAD SPACE makes a text equal to itself with more spaces, and puts it above its extensions by anything
 * that weighs less than a space ("a\t" < "a" < "ab"). So the end of a text must sort as an endless run of
 * spaces does, and a space that is followed by something must sort by what ends its run. Three symbols
 * take the space's place in the order of weights:
 *
 *     weights below the space  <  SPACE_BELOW  <  END  <  SPACE_ABOVE  <  weights above the space
 *
 * Each space of a run is SPACE_BELOW when a lower weight follows the run, SPACE_ABOVE when a higher one
 * does; the last run is left out, END follows. How a symbol becomes bytes:
 *
 *   bytes    collations of bytes, and *_bin of UTF-8. Weights below 0x20 stay, the three are 0x20 0x21 0x22,
 *            weights above move up by two; 0xfd..0xff, which do not fit, follow a 0xff.
 *   pattern  general_ci, and *_bin of UCS-2, UTF-16, UTF-32. The same numbers in UTF-8's pattern: one byte
 *            for ASCII.
 *   pairs    the Unicode Collation Algorithm. Big endian 16 bits. Weights below the space's move down by two
 *            (none of them is below 0x200), the three are space - 2, space - 1, space, weights above stay.
 *            0xffff and a byte: malformed.
 *
 * NO PAD: bytes with 0x00 as 0x00 0xff and 0x00 0x00 at the end; ICU's collations give ICU's sort key.
 */
#include "type/collation_key.h"

#include <string.h>

#include "type/collation_icu.h"
#include "type/utf8.h"
#include "type/weight_scan.h"

enum { space_below = 0x20, end_symbol = 0x21, space_above = 0x22, moved_up = 2 };
enum { first_escaped = 0xfd, escape = 0xff };

void key_put_escaped(struct bytes bytes, struct buf *out)
{
	const uint8_t *at = bytes.data, *end = bytes.size ? at + bytes.size : at;
	while (at < end) {
		const uint8_t *zero = memchr(at, 0, (size_t)(end - at));
		const uint8_t *stop = zero ? zero + 1 : end;
		buf_put(out, at, (size_t)(stop - at));
		if (zero)
			buf_put_u8(out, 0xff);
		at = stop;
	}
	buf_put(out, "\0", 2);
}

int64_t key_escaped_size(struct bytes key)
{
	for (size_t at = 0; at + 1 < key.size; at++) {
		if (key.data[at] != 0)
			continue;
		if (key.data[at + 1] == 0)
			return (int64_t)at + 2;
		if (key.data[++at] != 0xff)
			return -1;
	}
	return -1;
}

static inline uint8_t *put_byte_symbol(uint8_t *put, uint8_t weight)
{
	if (weight >= first_escaped)
		*put++ = escape;
	else if (weight > space_weight)
		weight = (uint8_t)(weight + moved_up);
	*put++ = weight;
	return put;
}

/* table is NULL where bytes weigh themselves. */
static void put_bytes_key(struct bytes text, const struct byte_weights *table, struct buf *out)
{
	/* At most two weights for a byte, two bytes each. */
	uint8_t *room = buf_reserve(out, text.size * 4 + 1), *put = room;
	size_t spaces = 0;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t weight = table ? table->weight[text.data[i]] : text.data[i];
		if (weight == space_weight) {
			spaces++;
			continue;
		}
		if (spaces > 0) {
			memset(put, weight < space_weight ? space_below : space_above, spaces);
			put += spaces;
			spaces = 0;
		}
		put = put_byte_symbol(put, weight);
		if (table && table->second[text.data[i]])
			put = put_byte_symbol(put, table->second[text.data[i]]);
	}
	*put++ = end_symbol;
	out->size += (size_t)(put - room);
}

static void put_pattern_key(struct weight_scan *scan, struct buf *out)
{
	/* At most four bytes for each byte of text: the longest symbol, of a malformed byte. */
	uint8_t *room = buf_reserve(out, (size_t)(scan->end - scan->at) * 4 + 1), *put = room;
	size_t spaces = 0;
	for (uint32_t weight; (weight = weight_next(scan)) != weight_end;) {
		if (weight == space_weight) {
			spaces++;
			continue;
		}
		if (spaces > 0) {
			memset(put, weight < space_weight ? space_below : space_above, spaces);
			put += spaces;
			spaces = 0;
		}
		put += utf8_encode(weight < space_weight ? weight : weight + moved_up, put);
	}
	*put++ = end_symbol;
	out->size += (size_t)(put - room);
}

static void put_u16_be(struct buf *out, uint32_t value)
{
	bytes_store_uint_be(buf_extend(out, 2), value, 2);
}

static void put_pairs_key(struct weight_scan *scan, struct buf *out)
{
	uint32_t const space = scan->space;
	size_t spaces = 0;
	for (uint32_t weight; (weight = weight_next(scan)) != weight_end;) {
		if (weight == space) {
			spaces++;
			continue;
		}
		for (; spaces > 0; spaces--)
			put_u16_be(out, weight < space ? space - 2 : space);
		if (weight >= weight_malformed) {
			put_u16_be(out, 0xffff);
			weight -= weight_malformed;
			put_u16_be(out, weight);
		} else {
			put_u16_be(out, weight < space ? weight - 2 : weight);
		}
	}
	put_u16_be(out, space - 1);
}

enum key_form { KEY_ESCAPED, KEY_BYTES, KEY_PATTERN, KEY_PAIRS, KEY_ICU };

static enum key_form key_form_of(const struct collation *collation)
{
	switch (collation->weights) {
	case WEIGHTS_BYTES: return collation->pad_space ? KEY_BYTES : KEY_ESCAPED;
	case WEIGHTS_CODES:
	case WEIGHTS_GENERAL: return KEY_PATTERN;
	case WEIGHTS_ICU_PRIMARY:
	case WEIGHTS_ICU_SECONDARY:
	case WEIGHTS_ICU_TERTIARY: return KEY_ICU;
	default: return collation->weights < WEIGHTS_FIRST_UCA ? KEY_BYTES : KEY_PAIRS;
	}
}

void collation_put_key(const struct collation *collation, struct bytes text, struct buf *out)
{
	enum weights weights = (enum weights)collation->weights;
	struct weight_scan scan;
	switch (key_form_of(collation)) {
	case KEY_ESCAPED: key_put_escaped(text, out); break;
	case KEY_BYTES: put_bytes_key(text, weights == WEIGHTS_BYTES ? NULL : weights_byte(weights), out); break;
	case KEY_PATTERN:
		scan = weight_scan_begin(collation, text, false);
		put_pattern_key(&scan, out);
		break;
	case KEY_PAIRS:
		scan = weight_scan_begin(collation, text, false);
		put_pairs_key(&scan, out);
		break;
	case KEY_ICU: collation_icu_put_key(weights, text, out); break;
	}
}

uint32_t collation_key_version(const struct collation *collation)
{
	return key_form_of(collation) == KEY_ICU ? collation_icu_version() : 0;
}

static int64_t size_to(uint8_t last, struct bytes key)
{
	const uint8_t *found = key.size ? memchr(key.data, last, key.size) : NULL;
	return found ? found - key.data + 1 : -1;
}

static int64_t pairs_size(uint32_t end_pair, struct bytes key)
{
	for (size_t at = 0; at + 1 < key.size; at += 2) {
		uint32_t pair = (uint32_t)key.data[at] << 8 | key.data[at + 1];
		if (pair == end_pair)
			return (int64_t)at + 2;
	}
	return -1;
}

int64_t collation_key_size(const struct collation *collation, struct bytes key)
{
	switch (key_form_of(collation)) {
	case KEY_ESCAPED: return key_escaped_size(key);
	case KEY_BYTES:
	case KEY_PATTERN: return size_to(end_symbol, key);
	case KEY_PAIRS: return pairs_size(weights_uca((enum weights)collation->weights)->space - 1u, key);
	default: return size_to(0, key);
	}
}
