/* Strings as codes of all kinds: ASCII, ORD, CHAR, HEX, BASE64, SOUNDEX, CRC32, COMPRESS. */
#include <ctype.h>
#include <zlib.h>

#include "base/base64.h"
#include "query/function/tools.h"

static struct buf *cleared_scratch(sqlite3_context *context)
{
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	return out;
}

static void gm_ascii(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	sqlite3_result_int(context, text.size ? text.data[0] : 0);
}

/* (bytes in the text's own character set, its collation): the first character's bytes as a number. */
static void gm_ord(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	const struct charset *charset = collation_of_value(arguments[1])->charset;
	size_t size = text.size ? charset_prefix_size(charset, text, 1) : 0;
	if (text.size && (size == 0 || size > 4 || charset_valid_size(charset, bytes_of(text.data, size)) != size))
		size = 1;
	sqlite3_result_int64(context, (int64_t)bytes_load_uint_be(text.data, size));
}

/* Each number's bytes, without leading zeros; NULLs are left out. */
static void gm_char(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct buf *out = cleared_scratch(context);
	for (int i = 0; i < count; i++) {
		uint64_t bits;
		if (is_null(arguments[i]))
			continue;
		integer_of(arguments[i], &bits);
		uint32_t code = (uint32_t)bits;
		for (int shift = 24; shift >= 0; shift -= 8)
			if (code >> shift || shift == 0)
				buf_put_u8(out, (uint8_t)(code >> shift));
	}
	result_binary(context, buf_bytes(out));
}

/* ------------------------------------------------------------------ HEX */

static void gm_hex(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const char digits[] = "0123456789ABCDEF";
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if (is_too_long(context, (uint64_t)bytes.size * 2, "hex"))
		return;
	struct buf *out = cleared_scratch(context);
	uint8_t *put = bytes.size ? buf_extend(out, bytes.size * 2) : NULL;
	for (size_t i = 0; i < bytes.size; i++) {
		*put++ = (uint8_t)digits[bytes.data[i] >> 4];
		*put++ = (uint8_t)digits[bytes.data[i] & 15];
	}
	result_utf8(context, out->data, out->size);
}

static int hex_digit(uint8_t c)
{
	return isdigit(c) ? c - '0' : isxdigit(c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* An odd first digit stands alone; anything but digits makes NULL. */
static void gm_unhex(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	for (size_t i = 0; i < text.size;) {
		int high = 0;
		if (i > 0 || text.size % 2 == 0)
			high = hex_digit(text.data[i++]);
		int low = hex_digit(text.data[i++]);
		if (high < 0 || low < 0) {
			char shown[128];
			FUNCTION_WARN(context, ER_WRONG_VALUE_FOR_TYPE, "string", message_text(text, shown), "unhex");
			return;
		}
		buf_put_u8(out, (uint8_t)(high << 4 | low));
	}
	result_binary(context, buf_bytes(out));
}

/* ------------------------------------------------------------------ BASE64 */

static void gm_to_base64(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	enum { line = 76 };
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if (is_too_long(context, (uint64_t)bytes.size / 3 * 4 + 4, "to_base64"))
		return;
	struct buf *out = cleared_scratch(context);
	base64_encode(bytes, line, out);
	result_utf8(context, out->data, out->size);
}

static void gm_from_base64(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes rest;
	struct buf *out = cleared_scratch(context);
	if (base64_decode(string_of(arguments[0]), &rest, out) && rest.size == 0)
		result_binary(context, buf_bytes(out));
}

/* ------------------------------------------------------------------ SOUNDEX */

/* A letter: ASCII's, and everything from U+00C0 on, which counts as a vowel. */
static bool soundex_letter(const uint8_t *at, const uint8_t *end, size_t *size, char *code)
{
	static const char codes[] = "01230120022455012623010202";
	*size = utf8_char_size(at, end);
	*code = '0';
	if (*size == 1 && isalpha(*at)) {
		*code = codes[toupper(*at) - 'A'];
		return true;
	}
	return *size > 1 && at[0] >= 0xc3;
}

static void gm_soundex(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	unsigned letters = 0;
	char last = 0, code;
	size_t size;
	for (const uint8_t *at = text.data, *end = at + text.size; at < end; at += size) {
		if (!soundex_letter(at, end, &size, &code))
			continue;
		if (letters == 0 && size == 1)
			buf_put_u8(out, (uint8_t)toupper(*at));
		else if (letters == 0)
			buf_put(out, at, size);
		else if (code != '0' && code != last)
			buf_put_u8(out, (uint8_t)code);
		else
			continue;
		last = code;
		letters++;
	}
	for (; letters > 0 && letters < 4; letters++)
		buf_put_u8(out, '0');
	result_like(context, arguments[0], buf_bytes(out));
}

/* MySQL's weights are seen as bytes here; ours are others, but for what weighs itself. */
static void gm_weight_string(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	const struct collation *collation = collation_of_value(arguments[1]);
	struct bytes text = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	if (!is_binary(arguments[0]) && collation->is_binary && collation->charset->max_char_size > 1) {
		FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "WEIGHT_STRING() of this collation");
	} else if (is_binary(arguments[0])) {
		result_binary(context, text);
	} else if (collation->is_binary) {
		charset_convert(charset_get(CHARSET_UTF8MB4), text, collation->charset, out);
		result_binary(context, buf_bytes(out));
	} else {
		FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "WEIGHT_STRING() of this collation");
	}
}

/* ------------------------------------------------------------------ zlib */

static void gm_crc32(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	uLong sum = crc32(0, NULL, 0);
	for (size_t at = 0; at < bytes.size; at += UINT32_MAX / 2) {
		size_t left = bytes.size - at;
		sum = crc32(sum, bytes.data + at, left < UINT32_MAX / 2 ? (uInt)left : UINT32_MAX / 2);
	}
	sqlite3_result_int64(context, (int64_t)sum);
}

/*
 * Compressed: the size in four bytes, then zlib's stream, then a '.' if that ends with a space (which a CHAR column would
 * cut off). Nothing compressed is nothing.
 */
static void gm_compress(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	if (bytes.size) {
		uLongf size = compressBound(bytes.size);
		buf_put_u32(out, (uint32_t)bytes.size & 0x3fffffff);
		if (compress(buf_reserve(out, size), &size, bytes.data, bytes.size) != Z_OK)
			return;
		out->size += size;
		if (out->data[out->size - 1] == ' ')
			buf_put_u8(out, '.');
	}
	if (!is_too_long(context, out->size, "compress"))
		result_binary(context, buf_bytes(out));
}

static void gm_uncompress(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	struct buf *out = cleared_scratch(context);
	if (bytes.size == 0) {
		result_binary(context, bytes);
		return;
	}
	if (bytes.size <= 4) {
		FUNCTION_WARN(context, ER_ZLIB_Z_DATA_ERROR);
		return;
	}
	uLongf size = (uLongf)bytes_load_uint(bytes.data, 4) & 0x3fffffff;
	if (size > session_of(context)->variables.max_allowed_packet) {
		FUNCTION_WARN(context, ER_TOO_BIG_FOR_UNCOMPRESS, (int)session_of(context)->variables.max_allowed_packet);
		return;
	}
	int status = uncompress(buf_reserve(out, size + 1), &size, bytes.data + 4, bytes.size - 4);
	if (status == Z_OK)
		result_binary(context, bytes_of(out->data, size));
	else if (status == Z_BUF_ERROR)
		FUNCTION_WARN(context, ER_ZLIB_Z_BUF_ERROR);
	else
		FUNCTION_WARN(context, ER_ZLIB_Z_DATA_ERROR);
}

static void gm_uncompressed_length(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if (bytes.size > 0 && bytes.size <= 4)
		FUNCTION_WARN(context, ER_ZLIB_Z_DATA_ERROR);
	sqlite3_result_int64(context, bytes.size <= 4 ? 0 : (int64_t)bytes_load_uint(bytes.data, 4) & 0x3fffffff);
}

static const struct function_row rows[] = {
	{"gm_ascii", 1, 1, FN_PURE, gm_ascii, 0, 0, 0},
	{"gm_ord", 2, 2, FN_PURE, gm_ord, 0, 0, 0},
	{"gm_char", 1, -1, FN_PURE, gm_char, 0, 0, 0},
	{"gm_hex", 1, 1, FN_PURE, gm_hex, 0, 0, 0},
	{"gm_unhex", 1, 1, FN_PURE, gm_unhex, 0, 0, 0},
	{"gm_to_base64", 1, 1, FN_PURE, gm_to_base64, 0, 0, 0},
	{"gm_from_base64", 1, 1, FN_PURE, gm_from_base64, 0, 0, 0},
	{"gm_soundex", 1, 1, FN_PURE, gm_soundex, 0, 0, 0},
	{"gm_weight_string", 2, 2, FN_PURE, gm_weight_string, 0, 0, 0},
	{"gm_crc32", 1, 1, FN_PURE, gm_crc32, 0, 0, 0},
	{"gm_compress", 1, 1, FN_PURE, gm_compress, 0, 0, 0},
	{"gm_uncompress", 1, 1, FN_PURE, gm_uncompress, 0, 0, 0},
	{"gm_uncompressed_length", 1, 1, FN_PURE, gm_uncompressed_length, 0, 0, 0},
};
const struct function_rows function_rows_string_code = FUNCTION_ROWS(rows);
