#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "type/convert_inside.h"
#include "type/json_text.h"
#include "type/packed_layout.h"

/* Eight bytes at a time: most texts are ASCII, and then characters are bytes in every charset but the wide ones. */
static bool is_ascii(struct bytes text)
{
	size_t i = 0;
	for (; i + 8 <= text.size; i += 8) {
		uint64_t word;
		memcpy(&word, text.data + i, 8);
		if (word & UINT64_C(0x8080808080808080))
			return false;
	}
	for (; i < text.size; i++)
		if (text.data[i] & 0x80)
			return false;
	return true;
}

static const struct charset *column_charset(const struct column_type *type)
{
	return type_is_text(type->kind) && type->collation ? type->collation->charset : charset_get(CHARSET_BINARY);
}

/* The first bytes that are no text, as MySQL shows them: at most six, then dots. */
static void print_bad_bytes(struct bytes bytes, bool wide, char out[40])
{
	size_t count = bytes.size < 6 ? bytes.size : 6;
	for (size_t i = 0; i < count; i++) {
		if (!wide && bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f)
			*out++ = (char)bytes.data[i];
		else
			out += sprintf(out, "\\x%02X", bytes.data[i]);
	}
	strcpy(out, bytes.size > count ? "..." : "");
}

static int incorrect_string(const struct conversion *conversion, struct bytes bad, const struct charset *charset)
{
	char text[40];
	print_bad_bytes(bad, charset->min_char_size > 1, text);
	return conversion_incorrect_text(conversion, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, "string", text);
}

/* Where the first character stands that the other charset does not have, or that is none. */
static struct bytes find_unmapped(const struct charset *from, struct bytes text, const struct charset *to)
{
	struct buf scratch;
	buf_init(&scratch);
	while (text.size) {
		size_t size = charset_prefix_size(from, text, 1);
		if (size == 0 || charset_convert(from, bytes_of(text.data, size), to, &scratch) != 0)
			break;
		text.data += size;
		text.size -= size;
		buf_clear(&scratch);
	}
	buf_deinit(&scratch);
	return text;
}

/* The first `chars` characters of a text for CHAR and VARCHAR: bytes past them are too long, not malformed. */
static struct bytes within_length(const struct column_type *type, const struct charset *charset, struct bytes text)
{
	if (type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR)
		text.size = charset_prefix_size(charset, text, type->length);
	return text;
}

/* Appends the text in the column's charset, well-formed as far as the column reaches. */
static int put_text(const struct conversion *conversion, struct bytes text, const struct charset *from)
{
	const struct charset *to = column_charset(conversion->type);
	struct buf *out = conversion->out;
	size_t start = out->size;
	if (to->id == CHARSET_BINARY) {
		buf_put_bytes(out, text);
		return 0;
	}
	if (from->min_char_size == 1 && to->min_char_size == 1 && is_ascii(text)) {
		buf_put_bytes(out, text);
		return 0;
	}
	if (from->id != CHARSET_BINARY && from != to) {
		if (charset_convert(from, text, to, out) == 0)
			return 0;
		struct bytes bad = find_unmapped(from, within_length(conversion->type, from, text), to);
		return bad.size ? incorrect_string(conversion, bad, from) : 0;
	}
	size_t valid = charset_valid_size(to, text);
	buf_put_bytes(out, text);
	if (valid == text.size || valid >= within_length(conversion->type, to, text).size)
		return 0;
	out->size = start + valid;
	return incorrect_string(conversion, bytes_of(text.data + valid, text.size - valid), to);
}

static bool only_spaces(struct bytes text, const struct charset *charset)
{
	if (charset->min_char_size == 1)
		return text_is_blank(text);
	for (size_t i = 0; i < text.size; i++) {
		bool last = i % charset->min_char_size == charset->min_char_size - 1;
		if (text.data[i] != (last ? ' ' : 0))
			return false;
	}
	return true;
}

/* Bytes of the text that fit the column. */
static size_t fitting_size(const struct column_type *type, const struct charset *charset, struct bytes text)
{
	if (type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR) {
		if (text.size <= (size_t)type->length * charset->min_char_size)
			return text.size;
		return charset_prefix_size(charset, text, type->length);
	}
	uint64_t limit = type_octet_length(type);
	if (text.size <= limit)
		return text.size;
	return charset->id == CHARSET_BINARY ? (size_t)limit
					     : charset_valid_size(charset, bytes_of(text.data, (size_t)limit));
}

/* Something had to be cut off. A text's spaces do not matter, and to CHAR not even for a note. */
static int report_cut(const struct conversion *conversion, struct bytes cut, const struct charset *charset)
{
	enum type_kind kind = conversion->type->kind;
	if (charset->id == CHARSET_BINARY || !only_spaces(cut, charset))
		return conversion_problem(conversion,
					  conversion_is_strict(conversion) ? ER_DATA_TOO_LONG : WARN_DATA_TRUNCATED);
	if (kind != TYPE_CHAR)
		conversion_note(conversion);
	return 0;
}

/* CHAR is kept without its padding spaces, BINARY without its padding zeros. */
static size_t unpadded_size(const struct column_type *type, const struct charset *charset, struct bytes text)
{
	unsigned unit = charset->min_char_size;
	size_t size = text.size;
	if (type->kind == TYPE_BINARY)
		while (size && text.data[size - 1] == 0)
			size--;
	if (type->kind == TYPE_CHAR)
		while (size >= unit && only_spaces(bytes_of(text.data + size - unit, unit), charset) &&
		       text.data[size - 1] == ' ')
			size -= unit;
	return size;
}

static int store_text(const struct conversion *conversion, struct bytes text, const struct charset *from)
{
	const struct column_type *type = conversion->type;
	const struct charset *charset = column_charset(type);
	struct buf *out = conversion->out;
	unsigned prefix = packed_prefix_size(type);
	size_t at = out->size + prefix;
	buf_put_zeros(out, prefix);
	if (put_text(conversion, text, from) != 0)
		return -1;
	struct bytes content = bytes_of(out->data + at, out->size - at);
	size_t fits = fitting_size(type, charset, content);
	if (fits < content.size &&
	    report_cut(conversion, bytes_of(content.data + fits, content.size - fits), charset) != 0)
		return -1;
	content.size = unpadded_size(type, charset, bytes_of(content.data, fits));
	out->size = at + content.size;
	bytes_store_uint(out->data + at - prefix, content.size, prefix);
	return 0;
}

/* Numbers and times become ASCII texts. */
static struct bytes print_value(const struct conversion *conversion, const struct value *value)
{
	if (value->kind != VALUE_DOUBLE || value->decimals < 31 ||
	    type_is_blob(conversion->type->kind))
		return value_text(value, conversion->context->arena);
	char text[64];
	size_t size = double_print_within(value->real, conversion->type->length, text);
	return bytes_of(arena_copy(conversion->context->arena, text, size), size);
}

int conversion_put_string(const struct conversion *conversion, const struct value *value)
{
	if (value->kind == VALUE_STRING)
		return store_text(conversion, value->string,
				  value->collation ? value->collation->charset : charset_get(CHARSET_BINARY));
	char text[32];
	if (value->kind == VALUE_INT || value->kind == VALUE_UINT) {
		size_t size = value->kind == VALUE_INT ? int_print(value->integer, text)
						       : integer_print(value->uinteger, false, text);
		return store_text(conversion, bytes_of(text, size), charset_get(CHARSET_ASCII));
	}
	return store_text(conversion, print_value(conversion, value), charset_get(CHARSET_ASCII));
}

/* A text for an ENUM or SET: in the column's charset, trailing spaces gone. In the arena or as it was. */
static int read_name(const struct conversion *conversion, const struct value *value, struct bytes *out)
{
	const struct charset *charset = column_charset(conversion->type);
	const struct charset *from = charset_get(CHARSET_ASCII);
	struct bytes text = value_text(value, conversion->context->arena);
	if (value->kind == VALUE_STRING)
		from = value->collation ? value->collation->charset : charset_get(CHARSET_BINARY);
	bool same = from == charset || from->id == CHARSET_BINARY || charset->id == CHARSET_BINARY ||
		    (from->min_char_size == 1 && charset->min_char_size == 1 && is_ascii(text));
	if (!same) {
		struct buf converted;
		buf_init(&converted);
		charset_convert(from, text, charset, &converted);
		text = bytes_of(arena_copy(conversion->context->arena, converted.data, converted.size),
				converted.size);
		buf_deinit(&converted);
	}
	unsigned unit = charset->min_char_size;
	while (text.size >= unit && text.data[text.size - 1] == ' ' &&
	       only_spaces(bytes_of(text.data + text.size - unit, unit), charset))
		text.size -= unit;
	*out = text;
	return 0;
}

/* The name's place from 1, or 0. */
static unsigned find_name(const struct column_type *type, struct bytes name)
{
	for (unsigned i = 0; i < type->name_count; i++)
		if (collation_compare(type->collation, type->names[i], name) == 0)
			return i + 1;
	return 0;
}

/* The whole text as a number, for '2' meaning the second name. */
static bool read_index(struct bytes text, size_t size_max, uint64_t *out)
{
	uint64_t value = 0;
	size_t at = 0;
	while (at < text.size && isspace(text.data[at]))
		at++;
	at += at < text.size && text.data[at] == '+';
	if (at == text.size || text.size > size_max)
		return false;
	for (; at < text.size; at++) {
		if (!isdigit(text.data[at]))
			return false;
		value = value * 10 + (text.data[at] - '0');
	}
	*out = value;
	return true;
}

static bool number_value(const struct value *value, uint64_t *out)
{
	if (value->kind == VALUE_STRING || value->kind >= VALUE_DATE)
		return false;
	/* Fractions are cut off, not rounded. */
	struct value whole = *value;
	if (value->kind == VALUE_DOUBLE || value->kind == VALUE_DECIMAL)
		whole = value_double(trunc(value_to_double(value)));
	*out = value->kind == VALUE_UINT ? value->uinteger : (uint64_t)value_to_int(&whole);
	return true;
}

int conversion_put_enum(const struct conversion *conversion, const struct value *value)
{
	const struct column_type *type = conversion->type;
	uint64_t index;
	bool known = true;
	if (number_value(value, &index)) {
		known = index != 0 && index <= type->name_count;
	} else {
		struct bytes name;
		if (read_name(conversion, value, &name) != 0)
			return -1;
		index = find_name(type, name);
		if (index == 0)
			known = read_index(name, 5, &index) && index != 0 && index <= type->name_count;
	}
	if (!known) {
		index = 0;
		if (conversion_problem(conversion, WARN_DATA_TRUNCATED) != 0)
			return -1;
	}
	buf_put_uint(conversion->out, index, packed_enum_size(type->name_count));
	return 0;
}

/* The bits of a list of names; out_unknown is set when one is no name of the type. */
static uint64_t read_set(const struct column_type *type, struct bytes list, bool *out_unknown)
{
	unsigned unit = column_charset(type)->min_char_size;
	uint64_t bits = 0;
	size_t start = 0;
	if (list.size == 0)
		return 0;
	for (size_t at = 0; at <= list.size; at += unit) {
		bool comma = at + unit <= list.size && list.data[at + unit - 1] == ',' &&
			     (unit == 1 || list.data[at + unit - 2] == 0);
		if (at + unit <= list.size && !comma)
			continue;
		unsigned place = find_name(type, bytes_of(list.data + start, at - start));
		if (place)
			bits |= UINT64_C(1) << (place - 1);
		else
			*out_unknown = true;
		start = at + unit;
	}
	return bits;
}

int conversion_put_set(const struct conversion *conversion, const struct value *value)
{
	const struct column_type *type = conversion->type;
	uint64_t all = type->name_count >= 64 ? UINT64_MAX : (UINT64_C(1) << type->name_count) - 1;
	uint64_t bits;
	bool unknown = false;
	if (!number_value(value, &bits)) {
		struct bytes list;
		if (read_name(conversion, value, &list) != 0)
			return -1;
		bits = read_set(type, list, &unknown);
		struct bytes whole = conversion_narrow_text(conversion, value);
		if (bits == 0 && value->kind == VALUE_STRING && whole.size)
			unknown = !read_index(whole, 19, &bits);
	}
	if (bits & ~all)
		unknown = true;
	if (unknown && conversion_problem(conversion, WARN_DATA_TRUNCATED) != 0)
		return -1;
	buf_put_uint(conversion->out, bits & all, packed_set_size(type->name_count));
	return 0;
}

/* A text that is no JSON is an error in every sql_mode: there is no nearest value. */
static int bad_json(const struct conversion *conversion, const char *message, size_t position)
{
	if (message == NULL)
		return diag_set(conversion->diag, ER_JSON_DOCUMENT_TOO_DEEP);
	return diag_set(conversion->diag, ER_INVALID_JSON_TEXT, message, (unsigned)position, conversion->column);
}

int conversion_put_json(const struct conversion *conversion, const struct value *value)
{
	struct buf *out = conversion->out;
	struct buf utf8;
	struct json_error error;
	if (value->kind != VALUE_STRING)
		return bad_json(conversion, "not a JSON text, may need CAST", 0);
	const struct charset *from = value->collation ? value->collation->charset : charset_get(CHARSET_UTF8MB4);
	if (from->id == CHARSET_BINARY)
		return diag_set(conversion->diag, ER_INVALID_JSON_CHARSET, "binary");
	buf_init(&utf8);
	struct bytes text = value->string;
	if (from->id != CHARSET_UTF8MB4 && from->id != CHARSET_UTF8MB3) {
		charset_convert(from, text, charset_get(CHARSET_UTF8MB4), &utf8);
		text = buf_bytes(&utf8);
	}
	size_t at = out->size;
	buf_put_u32(out, 0);
	bool good = json_text_normalise(text, out, &error);
	buf_deinit(&utf8);
	if (!good)
		return bad_json(conversion, error.message, error.position);
	bytes_store_uint(out->data + at, out->size - at - 4, 4);
	return 0;
}
