/* Conversions to TEXT and BINARY. All TEXT is UTF-8; a charset argument is an enum charset_id. */
#include <stdio.h>

#include "query/function/tools.h"

static const struct charset *charset_of_value(sqlite3_value *value)
{
	int id = sqlite3_value_int(value);
	return charset_get(id >= 0 && id < CHARSET_COUNT ? (enum charset_id)id : CHARSET_UTF8MB4);
}

static bool is_ascii(struct bytes text)
{
	size_t at = 0;
	uint64_t word;
	for (; text.size - at >= 8; at += 8) {
		memcpy(&word, text.data + at, 8);
		if (word & UINT64_C(0x8080808080808080))
			return false;
	}
	for (; at < text.size; at++)
		if (text.data[at] & 0x80)
			return false;
	return true;
}

/* ------------------------------------------------------------------ numbers and times */

/* (x) or (x, width): filled up with zeros. */
static void gm_text_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char room[300], *end = room + sizeof room, *at = end;
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	bool negative = !integer_of(arguments[0], &bits) && (int64_t)bits < 0;
	uint64_t rest = negative ? -bits : bits;
	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	int width = count > 1 ? sqlite3_value_int(arguments[1]) : 0;
	while (end - at < width && end - at < 256)
		*--at = '0';
	if (negative)
		*--at = '-';
	result_utf8(context, at, (size_t)(end - at));
}

static void gm_text_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[400];
	if (any_null(1, arguments))
		return;
	double value = sqlite3_value_double(arguments[0]);
	int decimals = sqlite3_value_int(arguments[1]);
	result_utf8(context, text, decimals >= 0 && decimals < 31 ? double_print_fixed(value, (unsigned)decimals, text)
								  : double_print(value, text));
}

static void gm_text_from_float(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[400];
	if (any_null(1, arguments))
		return;
	double value = sqlite3_value_double(arguments[0]);
	int decimals = sqlite3_value_int(arguments[1]);
	result_utf8(context, text, decimals >= 0 && decimals < 31 ? double_print_fixed(value, (unsigned)decimals, text)
								  : float_print((float)value, text));
}

static void gm_text_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[160];
	struct decimal value, fitted;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	int scale = sqlite3_value_int(arguments[1]);
	fitted = value;
	if (decimal_fit(&fitted, decimal_precision_max, (unsigned)(scale > decimal_scale_max ? decimal_scale_max : scale)) ==
	    DECIMAL_OVERFLOW)
		fitted = value;
	result_utf8(context, text, decimal_print(&fitted, text));
}

static void gm_text_from_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!any_null(1, arguments))
		result_utf8(context, text, date_print(sqlite3_value_int64(arguments[0]), text));
}

static unsigned fsp_of(sqlite3_value *value)
{
	int fsp = sqlite3_value_int(value);
	return fsp < 0 || fsp > 6 ? 6 : (unsigned)fsp;
}

static void gm_text_from_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!any_null(1, arguments))
		result_utf8(context, text, time_print(sqlite3_value_int64(arguments[0]), fsp_of(arguments[1]), text));
}

static void gm_text_from_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!any_null(1, arguments))
		result_utf8(context, text,
			    datetime_print(sqlite3_value_int64(arguments[0]), fsp_of(arguments[1]), text));
}

/* ------------------------------------------------------------------ ENUM, SET */

static void put_name(const struct column_type *type, unsigned index, struct buf *out)
{
	charset_convert(type->collation->charset, type->names[index], charset_get(CHARSET_UTF8MB4), out);
}

static void gm_text_from_enum(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct column_type *type = column_type_of(arguments[1]);
	struct buf *out = &handle_of(context)->scratch;
	if (any_null(1, arguments) || type == NULL)
		return;
	uint64_t index;
	integer_of(arguments[0], &index);
	buf_clear(out);
	if (index > 0 && index <= type->name_count)
		put_name(type, (unsigned)index - 1, out);
	result_utf8(context, out->data, out->size);
}

static void gm_text_from_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct column_type *type = column_type_of(arguments[1]);
	struct buf *out = &handle_of(context)->scratch;
	uint64_t bits;
	if (any_null(1, arguments) || type == NULL)
		return;
	integer_of(arguments[0], &bits);
	buf_clear(out);
	bool first = true;
	for (unsigned i = 0; i < type->name_count && i < 64; i++) {
		if (!(bits >> i & 1))
			continue;
		if (!first)
			buf_put_u8(out, ',');
		first = false;
		put_name(type, i, out);
	}
	result_utf8(context, out->data, out->size);
}

/* ------------------------------------------------------------------ character sets */

static void warn_invalid(sqlite3_context *context, const struct charset *charset, struct bytes bad)
{
	char hex[16] = "";
	for (size_t i = 0; i < bad.size && i < 6; i++)
		snprintf(hex + 2 * i, 3, "%02X", bad.data[i]);
	FUNCTION_WARN(context, ER_INVALID_CHARACTER_STRING, charset->name, hex);
}

/* The bytes are text in the character set: NULL and warning 1300 when they are not. */
static void gm_text_from_bin(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	const struct charset *charset = charset_of_value(arguments[1]);
	if (charset->min_char_size == 1 && is_ascii(bytes)) {
		result_utf8(context, bytes.data, bytes.size);
		return;
	}
	size_t valid = charset_valid_size(charset, bytes);
	if (valid < bytes.size) {
		warn_invalid(context, charset, bytes_of(bytes.data + valid, bytes.size - valid));
		return;
	}
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	charset_convert(charset, bytes, charset_get(CHARSET_UTF8MB4), out);
	result_utf8(context, out->data, out->size);
}

/* What the character set lacks becomes '?'. */
static void gm_text_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	const struct charset *charset = charset_of_value(arguments[1]), *utf8 = charset_get(CHARSET_UTF8MB4);
	if (charset == utf8 || is_ascii(text)) {
		sqlite3_result_value(context, arguments[0]);
		return;
	}
	struct buf *out = &handle_of(context)->scratch;
	struct buf there;
	buf_init(&there);
	buf_clear(out);
	charset_convert(utf8, text, charset, &there);
	charset_convert(charset, buf_bytes(&there), utf8, out);
	buf_deinit(&there);
	result_utf8(context, out->data, out->size);
}

static void gm_bin_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	const struct charset *charset = charset_of_value(arguments[1]);
	if (charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_BINARY ||
	    (charset->min_char_size == 1 && is_ascii(text))) {
		result_binary(context, text);
		return;
	}
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	charset_convert(charset_get(CHARSET_UTF8MB4), text, charset, out);
	result_binary(context, buf_bytes(out));
}

static void gm_bin_from_bit(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t bytes[8];
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	integer_of(arguments[0], &bits);
	bytes_store_uint_be(bytes, bits, sizeof bytes);
	int size = (sqlite3_value_int(arguments[1]) + 7) / 8;
	size = size < 1 ? 1 : size > 8 ? 8 : size;
	result_binary(context, bytes_of(bytes + 8 - size, (size_t)size));
}

/* ------------------------------------------------------------------ CAST(x AS CHAR(n)) */

static void cut(sqlite3_context *context, sqlite3_value **arguments, size_t kept, const char *type)
{
	struct bytes text = string_of(arguments[0]);
	char name[40];
	if (kept < text.size) {
		snprintf(name, sizeof name, "%s(%d)", type, sqlite3_value_int(arguments[1]));
		warn_truncated(context, name, text);
	}
	result_like(context, arguments[0], bytes_of(text.data, kept));
}

static void gm_text_cut(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		cut(context, arguments, utf8_prefix(string_of(arguments[0]), (uint64_t)whole_of(arguments[1])), "CHAR");
}

static void gm_bin_cut(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	size_t size = string_of(arguments[0]).size, kept = (size_t)whole_of(arguments[1]);
	cut(context, arguments, kept < size ? kept : size, "BINARY");
}

static void gm_bin_pad(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	size_t size = (size_t)whole_of(arguments[1]);
	if (bytes.size >= size) {
		gm_bin_cut(context, count, arguments);
		return;
	}
	if (is_too_long(context, size, "cast_as_binary"))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	buf_put_bytes(out, bytes);
	buf_put_zeros(out, size - bytes.size);
	result_binary(context, buf_bytes(out));
}

static const struct function_row rows[] = {
	{"gm_text_from_int", 1, 2, FN_PURE, gm_text_from_int, 0, 0, 0},
	{"gm_text_from_uint", 1, 2, FN_PURE, gm_text_from_int, 0, 0, 0},
	{"gm_text_from_year", 1, 2, FN_PURE, gm_text_from_int, 0, 0, 0},
	{"gm_text_from_real", 2, 2, FN_PURE, gm_text_from_real, 0, 0, 0},
	{"gm_text_from_float", 2, 2, FN_PURE, gm_text_from_float, 0, 0, 0},
	{"gm_text_from_dec", 2, 2, FN_PURE, gm_text_from_dec, 0, 0, 0},
	{"gm_text_from_date", 1, 1, FN_PURE, gm_text_from_date, 0, 0, 0},
	{"gm_text_from_time", 2, 2, FN_PURE, gm_text_from_time, 0, 0, 0},
	{"gm_text_from_dt", 2, 2, FN_PURE, gm_text_from_dt, 0, 0, 0},
	{"gm_text_from_enum", 2, 2, FN_PURE, gm_text_from_enum, 0, 0, 0},
	{"gm_text_from_set", 2, 2, FN_PURE, gm_text_from_set, 0, 0, 0},
	{"gm_text_from_bin", 2, 2, FN_PURE, gm_text_from_bin, 0, 0, 0},
	{"gm_text_from_text", 2, 2, FN_PURE, gm_text_from_text, 0, 0, 0},
	{"gm_text_cut", 2, 2, FN_PURE, gm_text_cut, 0, 0, 0},
	{"gm_bin_cut", 2, 2, FN_PURE, gm_bin_cut, 0, 0, 0},
	{"gm_bin_pad", 2, 2, FN_PURE, gm_bin_pad, 0, 0, 0},
	{"gm_bin_from_text", 2, 2, FN_PURE, gm_bin_from_text, 0, 0, 0},
	{"gm_bin_from_bit", 2, 2, FN_PURE, gm_bin_from_bit, 0, 0, 0},
};
const struct function_rows function_rows_convert_text = FUNCTION_ROWS(rows);
