/*
 * Compare and hash. Most texts that are compared share a beginning, and most are ASCII: the shared bytes are
 * skipped by words, the rest goes weight by weight. PAD SPACE: the shorter text goes on with spaces.
 */
#include <string.h>

#include "base/map.h"
#include "type/collation_icu.h"
#include "type/utf8.h"
#include "type/weight_scan.h"

static bool is_icu(enum weights weights)
{
	return weights >= WEIGHTS_ICU_PRIMARY && weights <= WEIGHTS_ICU_TERTIARY;
}

/* Bytes are weights here: of the text's own form, or in UTF-8, whose byte order is code point order. */
static bool is_bytewise(const struct collation *collation, bool text_is_utf8)
{
	if (!text_is_utf8)
		return collation->weights == WEIGHTS_BYTES;
	return collation->weights == WEIGHTS_CODES ||
	       (collation->weights == WEIGHTS_BYTES &&
		(charset_is_unicode(collation->charset) || collation->charset->id == CHARSET_BINARY));
}

/* How many bytes a and b share from their beginning, by words. */
static size_t shared_size(struct bytes a, struct bytes b)
{
	size_t size = a.size < b.size ? a.size : b.size, at = 0;
	uint64_t word_a, word_b;
	for (; size - at >= sizeof word_a; at += sizeof word_a) {
		memcpy(&word_a, a.data + at, sizeof word_a);
		memcpy(&word_b, b.data + at, sizeof word_b);
		if (word_a != word_b)
			break;
	}
	while (at < size && a.data[at] == b.data[at])
		at++;
	return at;
}

static int compare_bytes_padded(struct bytes a, struct bytes b)
{
	size_t shared = a.size < b.size ? a.size : b.size;
	int order = shared ? memcmp(a.data, b.data, shared) : 0;
	if (order != 0 || a.size == b.size)
		return order;
	struct bytes longer = a.size > b.size ? a : b;
	int sign = a.size > b.size ? 1 : -1;
	for (size_t i = shared; i < longer.size; i++)
		if (longer.data[i] != ' ')
			return longer.data[i] < ' ' ? -sign : sign;
	return 0;
}

static int compare_byte_weights(const struct byte_weights *table, struct bytes a, struct bytes b)
{
	size_t shared = a.size < b.size ? a.size : b.size;
	for (size_t i = shared_size(a, b); i < shared; i++) {
		int order = table->weight[a.data[i]] - table->weight[b.data[i]];
		if (order != 0)
			return order;
	}
	struct bytes longer = a.size > b.size ? a : b;
	int sign = a.size > b.size ? 1 : -1;
	for (size_t i = shared; i < longer.size; i++) {
		int weight = table->weight[longer.data[i]];
		if (weight != space_weight)
			return weight < space_weight ? -sign : sign;
	}
	return 0;
}

/* How what is left of one text, its first weight already read, compares with nothing but spaces. */
static int compare_rest(uint32_t weight, struct weight_scan *rest)
{
	for (; weight != weight_end; weight = weight_next(rest))
		if (weight != rest->space)
			return weight < rest->space ? -1 : 1;
	return 0;
}

/* Goes past the ASCII characters of equal weight that both begin with. */
static void skip_equal_ascii(struct weight_scan *a, struct weight_scan *b)
{
	const uint16_t *weights = a->ascii;
	const uint8_t *at_a = a->at, *at_b = b->at;
	while (at_a < a->end && at_b < b->end && (*at_a | *at_b) < 0x80) {
		uint16_t weight = weights[*at_a];
		if (weight != weights[*at_b] || weight == no_ascii_weight)
			break;
		at_a++;
		at_b++;
	}
	a->at = at_a;
	b->at = at_b;
}

static int compare_scans(struct weight_scan *a, struct weight_scan *b)
{
	if (a->ascii)
		skip_equal_ascii(a, b);
	for (;;) {
		uint32_t weight_a = weight_next(a), weight_b = weight_next(b);
		if (weight_a == weight_end)
			return -compare_rest(weight_b, b);
		if (weight_b == weight_end)
			return compare_rest(weight_a, a);
		if (weight_a != weight_b)
			return weight_a < weight_b ? -1 : 1;
	}
}

/* Drops the bytes that a and b share, back to a character's first byte: no weight depends on what came before. */
static void skip_shared_utf8(struct bytes *a, struct bytes *b)
{
	size_t shared = shared_size(*a, *b);
	while (shared > 0 && ((shared < a->size && (a->data[shared] & 0xc0) == 0x80) ||
			      (shared < b->size && (b->data[shared] & 0xc0) == 0x80)))
		shared--;
	if (shared == 0)
		return;
	*a = bytes_of(a->data + shared, a->size - shared);
	*b = bytes_of(b->data + shared, b->size - shared);
}

/* How two texts compare when their first characters already tell: ASCII of different weights; 0: they do not. */
static int compare_first_ascii(const uint16_t *weights, struct bytes a, struct bytes b)
{
	if (a.size == 0 || b.size == 0 || (a.data[0] | b.data[0]) >= 0x80)
		return 0;
	return (int)weights[a.data[0]] - (int)weights[b.data[0]];
}

static int compare_weights(const struct collation *collation, struct bytes a, struct bytes b, bool texts_are_utf8)
{
	enum charset_id id = collation->charset->id;
	bool is_utf8 = texts_are_utf8 || id == CHARSET_UTF8MB4 || id == CHARSET_UTF8MB3;
	if (is_utf8)
		skip_shared_utf8(&a, &b);
	if (a.size == 0 && b.size == 0)
		return 0;
	/* The usual end of a comparison, in the default collation. */
	if (is_utf8 && collation->weights == WEIGHTS_GENERAL) {
		int order = compare_first_ascii(general_weight_pages[0], a, b);
		if (order != 0)
			return order;
	}
	struct weight_scan scan_a = weight_scan_begin(collation, a, texts_are_utf8);
	struct weight_scan scan_b = weight_scan_begin(collation, b, texts_are_utf8);
	return compare_scans(&scan_a, &scan_b);
}

static int compare(const struct collation *collation, struct bytes a, struct bytes b, bool texts_are_utf8)
{
	if (is_bytewise(collation, texts_are_utf8))
		return collation->pad_space ? compare_bytes_padded(a, b) : bytes_compare(a, b);
	if (is_icu((enum weights)collation->weights))
		return collation_icu_compare((enum weights)collation->weights, a, b);
	if (!texts_are_utf8 && collation->weights >= WEIGHTS_FIRST_BYTE && collation->weights < WEIGHTS_FIRST_UCA) {
		const struct byte_weights *table = weights_byte((enum weights)collation->weights);
		if (!table->has_second)
			return compare_byte_weights(table, a, b);
	}
	return compare_weights(collation, a, b, texts_are_utf8);
}

int collation_compare(const struct collation *collation, struct bytes a, struct bytes b)
{
	return compare(collation, a, b, false);
}

int collation_compare_utf8(const struct collation *collation, struct bytes a, struct bytes b)
{
	return compare(collation, a, b, true);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static struct bytes without_trailing_spaces(struct bytes text)
{
	while (text.size > 0 && text.data[text.size - 1] == ' ')
		text.size--;
	return text;
}

/* The last spaces count for nothing, those before another weight do. */
static uint64_t hash_weights(struct weight_scan *scan, uint64_t hash)
{
	size_t spaces = 0;
	for (uint32_t weight; (weight = weight_next(scan)) != weight_end;) {
		if (weight == scan->space) {
			spaces++;
			continue;
		}
		for (; spaces > 0; spaces--)
			hash = mix(hash, scan->space);
		hash = mix(hash, weight);
	}
	return hash;
}

uint64_t collation_hash_utf8(const struct collation *collation, struct bytes text)
{
	if (is_bytewise(collation, true))
		return bytes_hash(collation->pad_space ? without_trailing_spaces(text) : text);
	if (is_icu((enum weights)collation->weights))
		return collation_icu_hash((enum weights)collation->weights, text);
	uint64_t hash = 0x2545f4914f6cdd1du;
	text = without_trailing_spaces(text);
	struct weight_scan scan = weight_scan_begin(collation, text, true);
	return hash_weights(&scan, hash);
}
