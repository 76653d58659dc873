#include "type/convert.h"

#include <ctype.h>
#include <stdio.h>

#include "type/convert_inside.h"
#include "type/packed_layout.h"
#include "type/row.h"
#include "type/sql_mode.h"
#include "type/temporal_packed.h"

bool conversion_is_strict(const struct conversion *conversion)
{
	return sql_mode_is_strict(conversion->context->sql_mode) && !conversion->context->ignore;
}

int conversion_problem(const struct conversion *conversion, enum error_code code)
{
	const struct convert_context *context = conversion->context;
	if (conversion_is_strict(conversion))
		return diag_set(conversion->diag, code, conversion->column, context->row_number);
	if (context->warnings)
		warnings_add(context->warnings, WARNING_WARNING, code, conversion->column, context->row_number);
	return 0;
}

int conversion_incorrect_text(const struct conversion *conversion, enum error_code code, const char *what,
			      const char *text)
{
	static const char format[] = "Incorrect %s value: '%s' for column '%s' at row %lu";
	const struct convert_context *context = conversion->context;
	if (conversion_is_strict(conversion))
		return diag_set_message(conversion->diag, code, format, what, text, conversion->column,
					context->row_number);
	if (context->warnings)
		warnings_add_message(context->warnings, WARNING_WARNING, code, format, what, text,
				     conversion->column, context->row_number);
	return 0;
}

int conversion_incorrect(const struct conversion *conversion, enum error_code code, const char *what,
			 const struct value *value)
{
	char text[conversion_text_max + 1];
	conversion_print_value(conversion, value, text);
	return conversion_incorrect_text(conversion, code, what, text);
}

void conversion_note(const struct conversion *conversion)
{
	const struct convert_context *context = conversion->context;
	if (context->warnings)
		warnings_add(context->warnings, WARNING_NOTE, WARN_DATA_TRUNCATED, conversion->column,
			     context->row_number);
}

static void print_binary(struct bytes bytes, char *out)
{
	char *end = out + conversion_text_max;
	for (size_t i = 0; i < bytes.size && end - out >= 4; i++) {
		if (bytes.data[i] >= 0x20 && bytes.data[i] < 0x7f)
			*out++ = (char)bytes.data[i];
		else
			out += sprintf(out, "\\x%02X", bytes.data[i]);
	}
	*out = 0;
}

void conversion_print_value(const struct conversion *conversion, const struct value *value,
			    char out[conversion_text_max + 1])
{
	struct bytes text = value_text(value, conversion->context->arena);
	const struct charset *utf8 = charset_get(CHARSET_UTF8MB4);
	const struct charset *from = value->kind == VALUE_STRING && value->collation ? value->collation->charset : utf8;
	if (from->id == CHARSET_BINARY) {
		print_binary(text, out);
		return;
	}
	struct buf converted;
	buf_init(&converted);
	if (text.size > conversion_text_max * 4)
		text.size = conversion_text_max * 4;
	if (from->id != CHARSET_UTF8MB4 && from->id != CHARSET_UTF8MB3) {
		charset_convert(from, text, utf8, &converted);
		text = buf_bytes(&converted);
	}
	size_t size = text.size < conversion_text_max ? text.size : conversion_text_max;
	size = charset_valid_size(utf8, bytes_of(text.data, size));
	if (size)
		memcpy(out, text.data, size);
	out[size] = 0;
	buf_deinit(&converted);
}

struct bytes conversion_narrow_text(const struct conversion *conversion, const struct value *value)
{
	if (value->collation == NULL || value->collation->charset->min_char_size == 1)
		return value->string;
	struct buf narrow;
	buf_init(&narrow);
	charset_convert(value->collation->charset, value->string, charset_get(CHARSET_UTF8MB4), &narrow);
	struct bytes text = bytes_of(arena_copy(conversion->context->arena, narrow.data, narrow.size), narrow.size);
	buf_deinit(&narrow);
	return text;
}

bool text_is_blank(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!isspace(text.data[i]))
			return false;
	return true;
}

static int put_value(const struct conversion *conversion, const struct value *value)
{
	switch (conversion->type->kind) {
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_MEDIUMINT:
	case TYPE_INT:
	case TYPE_BIGINT: return conversion_put_integer(conversion, value);
	case TYPE_FLOAT:
	case TYPE_DOUBLE: return conversion_put_real(conversion, value);
	case TYPE_DECIMAL: return conversion_put_decimal(conversion, value);
	case TYPE_BIT: return conversion_put_bit(conversion, value);
	case TYPE_YEAR: return conversion_put_year(conversion, value);
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return conversion_put_datetime(conversion, value);
	case TYPE_TIME: return conversion_put_time(conversion, value);
	case TYPE_ENUM: return conversion_put_enum(conversion, value);
	case TYPE_SET: return conversion_put_set(conversion, value);
	case TYPE_JSON: return conversion_put_json(conversion, value);
	case TYPE_NULL: return diag_set_message(conversion->diag, ER_UNKNOWN_ERROR, "A NULL column holds no values");
	default: return conversion_put_string(conversion, value);
	}
}

int convert_to_packed(const struct value *value, const struct column_type *type, const char *column_name,
		      const struct convert_context *context, struct buf *out, struct diag *diag)
{
	struct conversion conversion = {type, column_name, context, out, diag};
	size_t before = out->size;
	if (put_value(&conversion, value) == 0)
		return 0;
	out->size = before;
	return -1;
}

void convert_put_implicit_default(const struct column_type *type, struct buf *out)
{
	struct decimal zero = {.scale = type->decimals};
	unsigned prefix = packed_prefix_size(type);
	switch (type->kind) {
	case TYPE_DECIMAL: decimal_pack(&zero, type->length, type->decimals, out); break;
	case TYPE_TIME: packed_put_time(0, type->decimals, out); break;
	case TYPE_DATETIME: packed_put_datetime(0, type->decimals, out); break;
	case TYPE_ENUM: buf_put_uint(out, 1, packed_enum_size(type->name_count)); break;
	case TYPE_JSON:
		buf_put_u32(out, 4);
		buf_put_string(out, "null");
		break;
	default: buf_put_zeros(out, prefix ? prefix : packed_fixed_size(type));
	}
}
