/* Strings, by characters for TEXT and by bytes for BLOB: what SQLite's value type says. */
#include "base/memory.h"
#include "query/function/tools.h"

static inline size_t prefix_of(sqlite3_value *value, struct bytes text, uint64_t units)
{
	if (is_binary(value))
		return units < text.size ? (size_t)units : text.size;
	return utf8_prefix(text, units);
}

static inline size_t units_of(sqlite3_value *value, struct bytes text)
{
	return is_binary(value) ? text.size : utf8_count(text);
}

static inline struct bytes from_offset(struct bytes text, size_t offset)
{
	return bytes_of(text.data + offset, text.size - offset);
}

static struct buf *cleared_scratch(sqlite3_context *context)
{
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	return out;
}

/* ------------------------------------------------------------------ lengths */

static void gm_length(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, (int64_t)string_of(arguments[0]).size);
}

static void gm_bit_length(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, (int64_t)string_of(arguments[0]).size * 8);
}

static void gm_char_length(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, (int64_t)units_of(arguments[0], string_of(arguments[0])));
}

/* ------------------------------------------------------------------ joining */

/* Of all that are not NULL, each with so much between them. */
static uint64_t joined_size(int count, sqlite3_value **arguments, size_t between)
{
	uint64_t size = 0;
	for (int i = 0; i < count; i++)
		if (!is_null(arguments[i]))
			size += string_of(arguments[i]).size + between;
	return size < between ? 0 : size - between;
}

static void gm_concat(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments) || is_too_long(context, joined_size(count, arguments, 0), "concat"))
		return;
	struct buf *out = cleared_scratch(context);
	bool binary = false;
	for (int i = 0; i < count; i++) {
		binary |= is_binary(arguments[i]);
		buf_put_bytes(out, string_of(arguments[i]));
	}
	if (binary)
		result_binary(context, buf_bytes(out));
	else
		result_utf8(context, out->data, out->size);
}

/* NULLs behind the separator are left out. */
static void gm_concat_ws(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct bytes separator = string_of(arguments[0]);
	if (is_too_long(context, joined_size(count - 1, arguments + 1, separator.size), "concat_ws"))
		return;
	struct buf *out = cleared_scratch(context);
	bool first = true;
	for (int i = 1; i < count; i++) {
		if (is_null(arguments[i]))
			continue;
		if (!first)
			buf_put_bytes(out, separator);
		first = false;
		buf_put_bytes(out, string_of(arguments[i]));
	}
	result_like(context, arguments[0], buf_bytes(out));
}

static void gm_repeat(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	int64_t times = whole_of(arguments[1]);
	struct buf *out = cleared_scratch(context);
	uint64_t size = 0;
	if (times > 0 && __builtin_mul_overflow((uint64_t)times, text.size, &size))
		size = UINT64_MAX;
	if (is_too_long(context, size, "repeat"))
		return;
	for (int64_t i = 0; i < times && text.size; i++)
		buf_put_bytes(out, text);
	result_like(context, arguments[0], buf_bytes(out));
}

static void gm_space(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	int64_t size = whole_of(arguments[0]);
	size = size < 0 ? 0 : size;
	if (is_too_long(context, (uint64_t)size, "space"))
		return;
	struct buf *out = cleared_scratch(context);
	if (size)
		memset(buf_extend(out, (size_t)size), ' ', (size_t)size);
	result_utf8(context, out->data, out->size);
}

/* ------------------------------------------------------------------ cutting */

static void gm_left(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	int64_t units = whole_of(arguments[1]);
	text.size = units > 0 ? prefix_of(arguments[0], text, (uint64_t)units) : 0;
	result_like(context, arguments[0], text);
}

static void gm_right(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	int64_t units = whole_of(arguments[1]);
	size_t all = units_of(arguments[0], text);
	if (units <= 0)
		text.size = 0;
	else if ((uint64_t)units < all)
		text = from_offset(text, prefix_of(arguments[0], text, all - (uint64_t)units));
	result_like(context, arguments[0], text);
}

/* (x, position [, length]): positions from 1, negative ones from the end, 0 is nowhere. */
static void gm_substring(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	int64_t position = whole_of(arguments[1]);
	int64_t length = count > 2 ? whole_of(arguments[2]) : INT64_MAX;
	if (position < 0) {
		size_t all = units_of(arguments[0], text);
		uint64_t back = -(uint64_t)position;
		position = back > all ? 0 : (int64_t)(all - back + 1);
	}
	if (position == 0 || length <= 0) {
		result_like(context, arguments[0], bytes_of(NULL, 0));
		return;
	}
	text = from_offset(text, prefix_of(arguments[0], text, (uint64_t)position - 1));
	text.size = prefix_of(arguments[0], text, (uint64_t)length);
	result_like(context, arguments[0], text);
}

/* (x, position, length, new): a position outside changes nothing. */
static void gm_insert(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(4, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	int64_t position = whole_of(arguments[1]), length = whole_of(arguments[2]);
	size_t all = units_of(arguments[0], text);
	if (position < 1 || (uint64_t)position > all) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	struct bytes head = bytes_of(text.data, prefix_of(arguments[0], text, (uint64_t)position - 1));
	struct bytes tail = from_offset(text, head.size);
	tail = from_offset(tail, prefix_of(arguments[0], tail, length < 0 ? UINT64_MAX : (uint64_t)length));
	struct bytes middle = string_of(arguments[3]);
	if (is_too_long(context, head.size + middle.size + tail.size, "insert"))
		return;
	struct buf *out = cleared_scratch(context);
	buf_put_bytes(out, head);
	buf_put_bytes(out, middle);
	buf_put_bytes(out, tail);
	result_like(context, arguments[0], buf_bytes(out));
}

/* ------------------------------------------------------------------ padding */

/* Appends as many units of the padding as are missing. */
static void put_padding(struct buf *out, sqlite3_value *padding, uint64_t missing)
{
	struct bytes pad = string_of(padding);
	size_t units = units_of(padding, pad);
	for (; missing >= units; missing -= units)
		buf_put_bytes(out, pad);
	buf_put(out, pad.data, prefix_of(padding, pad, missing));
}

static void pad(sqlite3_context *context, sqlite3_value **arguments, bool left, const char *name)
{
	enum { bytes_of_a_character = 4 };
	if (any_null(3, arguments))
		return;
	struct bytes text = string_of(arguments[0]), padding = string_of(arguments[2]);
	int64_t length = whole_of(arguments[1]);
	size_t units = units_of(arguments[0], text);
	if (length < 0)
		return;
	if ((uint64_t)length <= units) {
		text.size = prefix_of(arguments[0], text, (uint64_t)length);
		result_like(context, arguments[0], text);
		return;
	}
	uint64_t width = is_binary(arguments[0]) ? 1 : bytes_of_a_character;
	if (is_too_long(context, (uint64_t)length > UINT64_MAX / width ? UINT64_MAX : (uint64_t)length * width, name))
		return;
	if (padding.size == 0) {
		result_like(context, arguments[0], padding);
		return;
	}
	struct buf *out = cleared_scratch(context);
	if (left)
		put_padding(out, arguments[2], (uint64_t)length - units);
	buf_put_bytes(out, text);
	if (!left)
		put_padding(out, arguments[2], (uint64_t)length - units);
	result_like(context, arguments[0], buf_bytes(out));
}

static void gm_lpad(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	pad(context, arguments, true, "lpad");
}

static void gm_rpad(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	pad(context, arguments, false, "rpad");
}

/* ------------------------------------------------------------------ trimming */

static struct bytes trim_begin(struct bytes text, struct bytes removed)
{
	while (text.size >= removed.size && memcmp(text.data, removed.data, removed.size) == 0)
		text = from_offset(text, removed.size);
	return text;
}

/* The end may only be cut where a character begins. */
static struct bytes trim_end(struct bytes text, struct bytes removed)
{
	while (text.size >= removed.size &&
	       memcmp(text.data + text.size - removed.size, removed.data, removed.size) == 0)
		text.size -= removed.size;
	return text;
}

static void gm_ltrim(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		result_like(context, arguments[0], trim_begin(string_of(arguments[0]), bytes_of(" ", 1)));
}

static void gm_rtrim(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		result_like(context, arguments[0], trim_end(string_of(arguments[0]), bytes_of(" ", 1)));
}

/* (x, removed, side): 0 both, 1 leading, 2 trailing. */
static void gm_trim(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes text = string_of(arguments[0]), removed = string_of(arguments[1]);
	int side = sqlite3_value_int(arguments[2]);
	if (removed.size && side != 2)
		text = trim_begin(text, removed);
	if (removed.size && side != 1)
		text = trim_end(text, removed);
	result_like(context, arguments[0], text);
}

/* ------------------------------------------------------------------ changing */

static void gm_lower(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct buf *out = cleared_scratch(context);
	if (is_binary(arguments[0])) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	text_lower_utf8(string_of(arguments[0]), out);
	result_utf8(context, out->data, out->size);
}

static void gm_upper(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct buf *out = cleared_scratch(context);
	if (is_binary(arguments[0])) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	text_upper_utf8(string_of(arguments[0]), out);
	result_utf8(context, out->data, out->size);
}

static void gm_reverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	const uint8_t *end = text.data + text.size;
	uint8_t *put = text.size ? buf_extend(out, text.size) + text.size : NULL;
	for (const uint8_t *at = text.data; at < end;) {
		size_t size = is_binary(arguments[0]) ? 1 : utf8_char_size(at, end);
		put -= size;
		memcpy(put, at, size);
		at += size;
	}
	result_like(context, arguments[0], buf_bytes(out));
}

/* Byte by byte: letters of another case are others. */
static void gm_replace(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(3, arguments))
		return;
	struct bytes text = string_of(arguments[0]), from = string_of(arguments[1]), to = string_of(arguments[2]);
	const uint8_t *found = from.size ? memmem(text.data, text.size, from.data, from.size) : NULL;
	if (found == NULL) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	struct buf *out = cleared_scratch(context);
	for (; found; found = memmem(text.data, text.size, from.data, from.size)) {
		buf_put(out, text.data, (size_t)(found - text.data));
		buf_put_bytes(out, to);
		text = from_offset(text, (size_t)(found - text.data) + from.size);
		if (out->size > session_of(context)->variables.max_allowed_packet || memory_gave_out())
			break;
	}
	buf_put_bytes(out, text);
	if (!is_too_long(context, out->size, "replace"))
		result_like(context, arguments[0], buf_bytes(out));
}

/* As a literal of SQL; NULL is the word. */
static void gm_quote(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct buf *out = cleared_scratch(context);
	if (any_null(1, arguments)) {
		result_utf8(context, "NULL", 4);
		return;
	}
	struct bytes text = string_of(arguments[0]);
	buf_put_u8(out, '\'');
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];
		if (c == '\'' || c == '\\' || c == 0 || c == 26)
			buf_put_u8(out, '\\');
		buf_put_u8(out, c == 0 ? '0' : c == 26 ? 'Z' : c);
	}
	buf_put_u8(out, '\'');
	result_like(context, arguments[0], buf_bytes(out));
}

static const struct function_row rows[] = {
	{"gm_length", 1, 1, FN_PURE, gm_length, 0, 0, 0},
	{"gm_bit_length", 1, 1, FN_PURE, gm_bit_length, 0, 0, 0},
	{"gm_char_length", 1, 1, FN_PURE, gm_char_length, 0, 0, 0},
	{"gm_concat", 1, -1, FN_PURE, gm_concat, 0, 0, 0},
	{"gm_concat_ws", 1, -1, FN_PURE, gm_concat_ws, 0, 0, 0},
	{"gm_repeat", 2, 2, FN_PURE, gm_repeat, 0, 0, 0},
	{"gm_space", 1, 1, FN_PURE, gm_space, 0, 0, 0},
	{"gm_left", 2, 2, FN_PURE, gm_left, 0, 0, 0},
	{"gm_right", 2, 2, FN_PURE, gm_right, 0, 0, 0},
	{"gm_substring", 2, 3, FN_PURE, gm_substring, 0, 0, 0},
	{"gm_insert", 4, 4, FN_PURE, gm_insert, 0, 0, 0},
	{"gm_lpad", 3, 3, FN_PURE, gm_lpad, 0, 0, 0},
	{"gm_rpad", 3, 3, FN_PURE, gm_rpad, 0, 0, 0},
	{"gm_ltrim", 1, 1, FN_PURE, gm_ltrim, 0, 0, 0},
	{"gm_rtrim", 1, 1, FN_PURE, gm_rtrim, 0, 0, 0},
	{"gm_trim", 3, 3, FN_PURE, gm_trim, 0, 0, 0},
	{"gm_lower", 1, 1, FN_PURE, gm_lower, 0, 0, 0},
	{"gm_upper", 1, 1, FN_PURE, gm_upper, 0, 0, 0},
	{"gm_reverse", 1, 1, FN_PURE, gm_reverse, 0, 0, 0},
	{"gm_replace", 3, 3, FN_PURE, gm_replace, 0, 0, 0},
	{"gm_quote", 1, 1, FN_PURE, gm_quote, 0, 0, 0},
};
const struct function_rows function_rows_string = FUNCTION_ROWS(rows);
