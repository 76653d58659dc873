#include "type/json_scan.h"

#include <stdlib.h>

static bool is_space(uint8_t byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end)
{
	while (at < end && is_space(*at))
		at++;
	return at;
}

/* From the opening quote past the closing one. */
static const uint8_t *skip_string(const uint8_t *at, const uint8_t *end)
{
	for (at++; at < end; at++) {
		if (*at == '"')
			return at + 1;
		if (*at == '\\' && ++at == end)
			break;
	}
	return end;
}

static const uint8_t *skip_container(const uint8_t *at, const uint8_t *end)
{
	size_t depth = 0;
	while (at < end) {
		uint8_t byte = *at;
		if (byte == '"') {
			at = skip_string(at, end);
			continue;
		}
		at++;
		if (byte == '{' || byte == '[')
			depth++;
		else if ((byte == '}' || byte == ']') && --depth == 0)
			return at;
	}
	return end;
}

static const uint8_t *skip_value(const uint8_t *at, const uint8_t *end)
{
	if (*at == '"')
		return skip_string(at, end);
	if (*at == '{' || *at == '[')
		return skip_container(at, end);
	while (at < end && !is_space(*at) && *at != ',' && *at != ']' && *at != '}')
		at++;
	return at;
}

static enum json_kind number_kind(struct bytes value)
{
	uint64_t magnitude = 0;
	bool negative = json_is(value, '-');
	for (size_t i = negative; i < value.size; i++) {
		if (value.data[i] < '0' || value.data[i] > '9')
			return JSON_DOUBLE;
		if (__builtin_mul_overflow(magnitude, 10, &magnitude) ||
		    __builtin_add_overflow(magnitude, (uint64_t)(value.data[i] - '0'), &magnitude))
			return JSON_DOUBLE;
	}
	if (magnitude <= INT64_MAX || (negative && magnitude == UINT64_C(1) << 63))
		return JSON_INTEGER;
	return negative ? JSON_DOUBLE : JSON_UNSIGNED;
}

enum json_kind json_kind_of(struct bytes value)
{
	switch (value.size ? value.data[0] : 'n') {
	case '{': return JSON_OBJECT;
	case '[': return JSON_ARRAY;
	case '"': return JSON_STRING;
	case 't':
	case 'f': return JSON_BOOLEAN;
	case 'n': return JSON_NULL;
	default: return number_kind(value);
	}
}

/* ------------------------------------------------------------------ walking */

struct json_walk json_walk_of(struct bytes container)
{
	const uint8_t *at = container.data, *end = container.size ? at + container.size : at;
	at = skip_space(at, end);
	bool is_container = at < end && (*at == '{' || *at == '[');
	return (struct json_walk){.at = is_container ? at + 1 : end, .end = end,
				  .is_object = is_container && *at == '{', .index = SIZE_MAX};
}

/* The member's name; false when there is none or no colon behind it. */
static bool walk_name(struct json_walk *walk)
{
	if (*walk->at != '"')
		return false;
	const uint8_t *start = walk->at;
	walk->at = skip_string(start, walk->end);
	walk->name = json_string_content(bytes_of(start, (size_t)(walk->at - start)));
	walk->at = skip_space(walk->at, walk->end);
	if (walk->at == walk->end || *walk->at != ':')
		return false;
	walk->at = skip_space(walk->at + 1, walk->end);
	return walk->at < walk->end;
}

bool json_walk_next(struct json_walk *walk)
{
	while (walk->at < walk->end && (is_space(*walk->at) || *walk->at == ','))
		walk->at++;
	if (walk->at == walk->end || *walk->at == '}' || *walk->at == ']')
		return false;
	const uint8_t *entry = walk->at;
	if (walk->is_object && !walk_name(walk)) {
		walk->at = walk->end;
		return false;
	}
	const uint8_t *start = walk->at;
	walk->at = skip_value(start, walk->end);
	if (walk->at == start) {
		walk->at = walk->end;
		return false;
	}
	walk->value = bytes_of(start, (size_t)(walk->at - start));
	walk->entry = bytes_of(entry, (size_t)(walk->at - entry));
	walk->index++;
	return true;
}

size_t json_count(struct bytes value)
{
	if (!json_is(value, '{') && !json_is(value, '['))
		return 1;
	struct json_walk walk = json_walk_of(value);
	while (json_walk_next(&walk))
		;
	return walk.index + 1;
}

unsigned json_depth(struct bytes value)
{
	const uint8_t *at = value.data, *end = value.size ? at + value.size : at;
	unsigned open = 0, deepest = 1;
	while (at < end) {
		uint8_t byte = *at;
		bool is_string = byte == '"';
		const uint8_t *next = is_string ? skip_string(at, end) : at + 1;
		if (byte == '{' || byte == '[')
			open++;
		else if (byte == '}' || byte == ']')
			open -= open > 0;
		/* Names stand where their object stands. */
		bool named = is_string && next < end && *next == ':';
		/* A container is as deep as those around it; a scalar one deeper. */
		bool is_mark = byte == '}' || byte == ']' || byte == ',' || byte == ':' || is_space(byte) || named;
		unsigned depth = byte == '{' || byte == '[' ? open : open + 1;
		if (!is_mark && depth > deepest)
			deepest = depth;
		at = next;
	}
	return deepest;
}

/* ------------------------------------------------------------------ strings */

static uint32_t hex4(const uint8_t *at)
{
	uint32_t code = 0;
	for (unsigned i = 0; i < 4; i++) {
		uint8_t digit = at[i];
		code = code * 16 + (digit <= '9' ? digit - 0u - '0' : ((digit | 0x20u) - 'a' + 10u) & 15);
	}
	return code;
}

static void put_code(uint32_t code, struct buf *out)
{
	if (code < 0x80) {
		buf_put_u8(out, (uint8_t)code);
		return;
	}
	if (code < 0x800) {
		buf_put_u8(out, (uint8_t)(0xc0 | code >> 6));
	} else {
		if (code < 0x10000) {
			buf_put_u8(out, (uint8_t)(0xe0 | code >> 12));
		} else {
			buf_put_u8(out, (uint8_t)(0xf0 | code >> 18));
			buf_put_u8(out, (uint8_t)(0x80 | (code >> 12 & 63)));
		}
		buf_put_u8(out, (uint8_t)(0x80 | (code >> 6 & 63)));
	}
	buf_put_u8(out, (uint8_t)(0x80 | (code & 63)));
}

/* Behind "\u"; returns what comes after it. */
static const uint8_t *put_unicode(const uint8_t *at, const uint8_t *end, struct buf *out)
{
	if (end - at < 4)
		return end;
	uint32_t code = hex4(at);
	at += 4;
	if (code >= 0xd800 && code < 0xdc00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
		code = 0x10000 + ((code - 0xd800) << 10 | (hex4(at + 2) & 0x3ff));
		at += 6;
	}
	put_code(code, out);
	return at;
}

void json_unescape(struct bytes raw, struct buf *out)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const uint8_t *at = raw.data, *end = raw.size ? at + raw.size : at;
	while (at < end) {
		const uint8_t *escape = memchr(at, '\\', (size_t)(end - at));
		const uint8_t *stop = escape ? escape : end;
		buf_put(out, at, (size_t)(stop - at));
		if (escape == NULL || escape + 1 == end)
			return;
		at = escape + 2;
		const char *letter = memchr(letters, escape[1], sizeof letters - 1);
		if (escape[1] == 'u')
			at = put_unicode(at, end, out);
		else
			buf_put_u8(out, letter ? (uint8_t)meanings[letter - letters] : escape[1]);
	}
}

static bool has_escape(struct bytes raw)
{
	return raw.size && memchr(raw.data, '\\', raw.size) != NULL;
}

static int compare_plain(struct bytes a, struct bytes b, bool size_first)
{
	if (size_first && a.size != b.size)
		return a.size < b.size ? -1 : 1;
	return bytes_compare(a, b);
}

static int compare_strings(struct bytes a, struct bytes b, bool size_first)
{
	if (!has_escape(a) && !has_escape(b))
		return compare_plain(a, b, size_first);
	struct buf left, right;
	buf_init(&left);
	buf_init(&right);
	json_unescape(a, &left);
	json_unescape(b, &right);
	int order = compare_plain(buf_bytes(&left), buf_bytes(&right), size_first);
	buf_deinit(&left);
	buf_deinit(&right);
	return order;
}

int json_compare_names(struct bytes raw_a, struct bytes raw_b)
{
	return compare_strings(raw_a, raw_b, true);
}

bool json_name_is(struct bytes raw, struct bytes name)
{
	if (!has_escape(raw))
		return bytes_equal(raw, name);
	struct buf plain;
	buf_init(&plain);
	json_unescape(raw, &plain);
	bool is = bytes_equal(buf_bytes(&plain), name);
	buf_deinit(&plain);
	return is;
}

/* ------------------------------------------------------------------ order */

/* A long double holds every integer of 64 bits and every double exactly. */
static long double number_of(struct bytes value)
{
	char text[128];
	size_t size = value.size < sizeof text - 1 ? value.size : sizeof text - 1;
	memcpy(text, value.data, size);
	text[size] = 0;
	return strtold(text, NULL);
}

static int compare_numbers(struct bytes a, struct bytes b)
{
	long double left = number_of(a), right = number_of(b);
	return (left > right) - (left < right);
}

static bool is_number(enum json_kind kind)
{
	return kind == JSON_INTEGER || kind == JSON_UNSIGNED || kind == JSON_DOUBLE;
}

static int compare_at(struct bytes a, struct bytes b, unsigned depth);

/* Arrays by their elements, the shorter first; objects by their size, then by their members. */
static int compare_containers(struct bytes a, struct bytes b, unsigned depth)
{
	struct json_walk left = json_walk_of(a), right = json_walk_of(b);
	if (left.is_object && json_count(a) != json_count(b))
		return json_count(a) < json_count(b) ? -1 : 1;
	for (;;) {
		bool more_left = json_walk_next(&left), more_right = json_walk_next(&right);
		if (!more_left || !more_right)
			return more_left - more_right;
		int order = left.is_object ? json_compare_names(left.name, right.name) : 0;
		if (order == 0)
			order = compare_at(left.value, right.value, depth + 1);
		if (order != 0)
			return order;
	}
}

static int compare_at(struct bytes a, struct bytes b, unsigned depth)
{
	enum json_kind left = json_kind_of(a), right = json_kind_of(b);
	if (is_number(left) && is_number(right))
		return compare_numbers(a, b);
	if (left != right)
		return left < right ? -1 : 1;
	switch (left) {
	case JSON_STRING: return compare_strings(json_string_content(a), json_string_content(b), false);
	case JSON_BOOLEAN: return json_is(a, 't') - json_is(b, 't');
	case JSON_OBJECT:
	case JSON_ARRAY: return depth > json_depth_max ? bytes_compare(a, b) : compare_containers(a, b, depth);
	default: return 0;
	}
}

int json_compare(struct bytes a, struct bytes b)
{
	return compare_at(a, b, 0);
}

/* ------------------------------------------------------------------ containment */

static bool contains_at(struct bytes target, struct bytes candidate, unsigned depth);

static bool some_element_contains(struct bytes array, struct bytes candidate, unsigned depth)
{
	struct json_walk walk = json_walk_of(array);
	while (json_walk_next(&walk))
		if (contains_at(walk.value, candidate, depth + 1))
			return true;
	return false;
}

static bool member_contains(struct bytes object, const struct json_walk *member, unsigned depth)
{
	struct json_walk walk = json_walk_of(object);
	while (json_walk_next(&walk))
		if (json_compare_names(walk.name, member->name) == 0)
			return contains_at(walk.value, member->value, depth + 1);
	return false;
}

static bool contains_at(struct bytes target, struct bytes candidate, unsigned depth)
{
	if (depth > json_depth_max)
		return false;
	struct json_walk walk = json_walk_of(candidate);
	if (json_is(target, '[')) {
		if (!json_is(candidate, '['))
			return some_element_contains(target, candidate, depth);
		while (json_walk_next(&walk))
			if (!some_element_contains(target, walk.value, depth))
				return false;
		return true;
	}
	if (!json_is(target, '{') || !json_is(candidate, '{'))
		return json_compare(target, candidate) == 0;
	while (json_walk_next(&walk))
		if (!member_contains(target, &walk, depth))
			return false;
	return true;
}

bool json_contains(struct bytes target, struct bytes candidate)
{
	return contains_at(target, candidate, 0);
}

static bool shares_element(struct bytes array, struct bytes value)
{
	struct json_walk walk = json_walk_of(array);
	while (json_walk_next(&walk))
		if (json_compare(walk.value, value) == 0)
			return true;
	return false;
}

static bool shares_member(struct bytes object, const struct json_walk *member)
{
	struct json_walk walk = json_walk_of(object);
	while (json_walk_next(&walk))
		if (json_compare_names(walk.name, member->name) == 0 && json_compare(walk.value, member->value) == 0)
			return true;
	return false;
}

bool json_overlaps(struct bytes a, struct bytes b)
{
	if (json_is(b, '[') && !json_is(a, '[')) {
		struct bytes swapped = a;
		a = b;
		b = swapped;
	}
	struct json_walk walk = json_walk_of(b);
	if (json_is(a, '[')) {
		if (!json_is(b, '['))
			return shares_element(a, b);
		while (json_walk_next(&walk))
			if (shares_element(a, walk.value))
				return true;
		return false;
	}
	if (!json_is(a, '{') || !json_is(b, '{'))
		return json_compare(a, b) == 0;
	while (json_walk_next(&walk))
		if (shares_member(a, &walk))
			return true;
	return false;
}
