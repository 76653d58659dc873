/* Finding strings in strings by collation: INSTR, LOCATE, STRCMP, FIND_IN_SET, SUBSTRING_INDEX. */
#include "query/function/tools.h"

static int compare(const struct collation *collation, bool binary, struct bytes a, struct bytes b)
{
	return binary ? bytes_compare(a, b) : collation_compare_utf8(collation, a, b);
}

static size_t trailing_spaces(struct bytes text)
{
	size_t count = 0;
	while (count < text.size && text.data[text.size - 1 - count] == ' ')
		count++;
	return count;
}

/* Equal, and not by padding. */
static bool is_same(const struct collation *collation, bool binary, struct bytes a, struct bytes b)
{
	return compare(collation, binary, a, b) == 0 && (binary || trailing_spaces(a) == trailing_spaces(b));
}

/* Letters, digits and signs: what every collation gives a weight of its own. */
static inline bool is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

/* -1: only the collation knows; else whether the first character there can be the needle's. */
static inline int same_start(struct ascii_rule rule, uint8_t a, uint8_t b)
{
	if (!rule.is_easy || !is_plain(a) || !is_plain(b))
		return -1;
	return rule.folds ? ascii_fold(a) == ascii_fold(b) : a == b;
}

/*
 * The first place from `offset` on where as many bytes as the needle has are equal to it, or SIZE_MAX. MySQL compares
 * windows of the needle's size in bytes, so it never finds a letter by one of another length.
 */
static size_t find(const struct collation *collation, bool binary, struct bytes text, size_t offset, struct bytes needle)
{
	if (binary || collation->is_binary) {
		const uint8_t *found = memmem(text.data + offset, text.size - offset, needle.data, needle.size);
		return found ? (size_t)(found - text.data) : SIZE_MAX;
	}
	struct ascii_rule rule = ascii_rule_of(collation);
	const uint8_t *end = text.data + text.size;
	for (const uint8_t *at = text.data + offset; (size_t)(end - at) >= needle.size;) {
		/* Windows must end where a character does. */
		bool whole = at + needle.size == end || (at[needle.size] & 0xc0) != 0x80;
		if (whole && same_start(rule, *at, *needle.data) != 0 &&
		    is_same(collation, false, bytes_of(at, needle.size), needle))
			return (size_t)(at - text.data);
		at += *at < 0x80 ? 1 : utf8_char_size(at, end);
	}
	return SIZE_MAX;
}

/* From 1; 0: nowhere. */
static int64_t locate(sqlite3_value *text_value, sqlite3_value *needle_value, int64_t start, sqlite3_value *collation)
{
	struct bytes text = string_of(text_value), needle = string_of(needle_value);
	bool binary = is_binary(text_value);
	if (start < 1)
		return 0;
	uint64_t skipped = (uint64_t)start - 1;
	uint64_t all = binary ? text.size : utf8_count(text);
	if (skipped > all)
		return 0;
	if (needle.size == 0)
		return start;
	size_t offset = binary ? (size_t)skipped : utf8_prefix(text, skipped);
	size_t found = find(collation_of_value(collation), binary, text, offset, needle);
	if (found == SIZE_MAX)
		return 0;
	return (int64_t)(binary ? found : utf8_count(bytes_of(text.data, found))) + 1;
}

static void gm_instr(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		sqlite3_result_int64(context, locate(arguments[0], arguments[1], 1, arguments[2]));
}

/* (needle, text [, start], collation) */
static void gm_locate(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	int64_t start = count == 4 ? whole_of(arguments[2]) : 1;
	sqlite3_result_int64(context, locate(arguments[1], arguments[0], start, arguments[count - 1]));
}

static void gm_strcmp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	int order = compare(collation_of_value(arguments[2]), is_binary(arguments[0]), string_of(arguments[0]),
			    string_of(arguments[1]));
	sqlite3_result_int(context, (order > 0) - (order < 0));
}

static void gm_find_in_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes name = string_of(arguments[0]), list = string_of(arguments[1]);
	const struct collation *collation = collation_of_value(arguments[2]);
	int place = 0;
	for (size_t at = 0; list.size > 0 && at <= list.size;) {
		const uint8_t *comma = memchr(list.data + at, ',', list.size - at);
		size_t end = comma ? (size_t)(comma - list.data) : list.size;
		place++;
		if (is_same(collation, is_binary(arguments[0]), bytes_of(list.data + at, end - at), name)) {
			sqlite3_result_int(context, place);
			return;
		}
		at = end + 1;
	}
	sqlite3_result_int(context, 0);
}

/* Where the count-th delimiter from the beginning stands, or SIZE_MAX. */
static size_t nth_from_begin(struct bytes text, struct bytes delimiter, uint64_t count)
{
	size_t at = 0;
	for (;;) {
		const uint8_t *found = memmem(text.data + at, text.size - at, delimiter.data, delimiter.size);
		if (found == NULL)
			return SIZE_MAX;
		at = (size_t)(found - text.data);
		if (--count == 0)
			return at;
		at += delimiter.size;
	}
}

static uint64_t occurrences(struct bytes text, struct bytes delimiter)
{
	uint64_t count = 0;
	const uint8_t *end = text.data + text.size;
	for (const uint8_t *at = text.data;; at += delimiter.size, count++) {
		at = memmem(at, (size_t)(end - at), delimiter.data, delimiter.size);
		if (at == NULL)
			return count;
	}
}

/* Bytes are searched from the end, characters are counted from the beginning: they differ where delimiters overlap. */
static size_t nth_from_end(struct bytes text, struct bytes delimiter, uint64_t count)
{
	for (size_t end = text.size; end >= delimiter.size;) {
		if (memcmp(text.data + end - delimiter.size, delimiter.data, delimiter.size) != 0) {
			end--;
			continue;
		}
		end -= delimiter.size;
		if (--count == 0)
			return end;
	}
	return SIZE_MAX;
}

static void gm_substring_index(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(3, arguments))
		return;
	struct bytes text = string_of(arguments[0]), delimiter = string_of(arguments[1]);
	int64_t number = whole_of(arguments[2]);
	if (number == 0 || delimiter.size == 0 || text.size == 0) {
		result_like(context, arguments[0], bytes_of(NULL, 0));
		return;
	}
	size_t place;
	if (number > 0) {
		place = nth_from_begin(text, delimiter, (uint64_t)number);
		text.size = place == SIZE_MAX ? text.size : place;
	} else {
		uint64_t back = -(uint64_t)number, all = is_binary(arguments[0]) ? 0 : occurrences(text, delimiter);
		place = is_binary(arguments[0]) ? nth_from_end(text, delimiter, back)
			: back > all ? SIZE_MAX : nth_from_begin(text, delimiter, all - back + 1);
		if (place != SIZE_MAX)
			text = bytes_of(text.data + place + delimiter.size, text.size - place - delimiter.size);
	}
	result_like(context, arguments[0], text);
}

static const struct function_row rows[] = {
	{"gm_instr", 3, 3, FN_PURE, gm_instr, 0, 0, 0},
	{"gm_locate", 3, 4, FN_PURE, gm_locate, 0, 0, 0},
	{"gm_strcmp", 3, 3, FN_PURE, gm_strcmp, 0, 0, 0},
	{"gm_find_in_set", 3, 3, FN_PURE, gm_find_in_set, 0, 0, 0},
	{"gm_substring_index", 3, 3, FN_PURE, gm_substring_index, 0, 0, 0},
};
const struct function_rows function_rows_string_find = FUNCTION_ROWS(rows);
