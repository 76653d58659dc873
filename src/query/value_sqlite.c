#include "query/value_sqlite.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "type/row.h"
#include "type/temporal.h"
#include "type/temporal_packed.h"

/* ------------------------------------------------------------------ places */

/* Of what does not stay where it is: a copy that lives as long as the place says. */
static struct bytes kept(const struct value_place *place, struct bytes bytes)
{
	if (place->room == NULL)
		return bytes_of(arena_copy(place->arena, bytes.data, bytes.size), bytes.size);
	buf_clear(place->room);
	buf_put_bytes(place->room, bytes);
	return buf_bytes(place->room);
}

static int put_null(const struct value_place *place)
{
	if (place->argument)
		*place->argument = (struct argument){.type = SQLITE_NULL};
	else if (place->statement)
		return sqlite3_bind_null(place->statement, place->parameter);
	else
		sqlite3_result_null(place->context);
	return SQLITE_OK;
}

static int put_int(const struct value_place *place, int64_t value)
{
	if (place->argument)
		*place->argument = (struct argument){.type = SQLITE_INTEGER, .integer = value};
	else if (place->statement)
		return sqlite3_bind_int64(place->statement, place->parameter, value);
	else
		sqlite3_result_int64(place->context, value);
	return SQLITE_OK;
}

static int put_real(const struct value_place *place, double value)
{
	if (isnan(value)) /* as SQLite has it */
		return put_null(place);
	if (place->argument)
		*place->argument = (struct argument){.type = SQLITE_FLOAT, .real = value};
	else if (place->statement)
		return sqlite3_bind_double(place->statement, place->parameter, value);
	else
		sqlite3_result_double(place->context, value);
	return SQLITE_OK;
}

static int put_blob(const struct value_place *place, struct bytes bytes)
{
	const void *data = bytes.size ? (const void *)bytes.data : "";
	if (place->argument)
		*place->argument = (struct argument){.type = SQLITE_BLOB, .bytes = kept(place, bytes)};
	else if (place->statement)
		return sqlite3_bind_blob64(place->statement, place->parameter, data, bytes.size, SQLITE_TRANSIENT);
	else
		sqlite3_result_blob64(place->context, data, bytes.size, SQLITE_TRANSIENT);
	return SQLITE_OK;
}

static int put_utf8(const struct value_place *place, struct bytes text)
{
	const char *data = text.size ? (const char *)text.data : "";
	if (place->argument)
		*place->argument = (struct argument){.type = SQLITE_TEXT, .bytes = kept(place, text)};
	else if (place->statement)
		return sqlite3_bind_text64(place->statement, place->parameter, data, text.size, SQLITE_TRANSIENT,
					   SQLITE_UTF8);
	else
		sqlite3_result_text64(place->context, data, text.size, SQLITE_TRANSIENT, SQLITE_UTF8);
	return SQLITE_OK;
}

/* SQLite may not free it, and copies what it keeps: with SQLITE_STATIC its min() and max() would keep the borrowed bytes. */
static void leave_borrowed(void *bytes)
{
	(void)bytes;
}

/* A string of a row, which stays where it is as long as it is needed. */
static void put_borrowed(const struct value_place *place, struct bytes string, bool is_binary)
{
	if (place->argument)
		*place->argument = (struct argument){.type = is_binary ? SQLITE_BLOB : SQLITE_TEXT, .bytes = string};
	else if (is_binary)
		sqlite3_result_blob64(place->context, string.data, string.size, leave_borrowed);
	else
		sqlite3_result_text64(place->context, (const char *)string.data, string.size, leave_borrowed, SQLITE_UTF8);
}

static int put_uint(const struct value_place *place, uint64_t value)
{
	if (value <= INT64_MAX)
		return put_int(place, (int64_t)value);
	uint8_t bytes[8];
	bytes_store_uint_be(bytes, value, 8);
	return put_blob(place, bytes_of(bytes, 8));
}

static int put_decimal(const struct value_place *place, const struct decimal *value)
{
	uint8_t bytes[48];
	return put_blob(place, bytes_of(bytes, decimal_sortable(value, bytes)));
}

static inline bool is_utf8(const struct charset *charset)
{
	return charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3 || charset->id == CHARSET_ASCII ||
	       charset->id == CHARSET_BINARY;
}

static int put_text(const struct value_place *place, struct evaluator_handle *handle, const struct charset *charset,
		    struct bytes text)
{
	if (is_utf8(charset))
		return put_utf8(place, text);
	buf_clear(&handle->convert);
	charset_convert(charset, text, charset_get(CHARSET_UTF8MB4), &handle->convert);
	return put_utf8(place, buf_bytes(&handle->convert));
}

/* ------------------------------------------------------------------ values */

static int put_integer_of(const struct value_place *place, const struct value *value)
{
	if (value->kind == VALUE_INT)
		return put_int(place, value->integer);
	if (value->kind == VALUE_UINT)
		return put_uint(place, value->uinteger);
	if (value->kind == VALUE_DECIMAL && !value->decimal->negative) {
		uint64_t number;
		decimal_to_uint(value->decimal, &number);
		return put_uint(place, number);
	}
	return put_int(place, value_to_int(value));
}

static int put_decimal_of(const struct value_place *place, const struct value *value)
{
	struct decimal decimal;
	size_t used;
	switch (value->kind) {
	case VALUE_DECIMAL: return put_decimal(place, value->decimal);
	case VALUE_INT: decimal_from_int(&decimal, value->integer); break;
	case VALUE_UINT: decimal_from_uint(&decimal, value->uinteger); break;
	case VALUE_DOUBLE: decimal_from_double(&decimal, value->real); break;
	case VALUE_STRING:
		if (decimal_parse(&decimal, value->string, &used) == DECIMAL_BAD)
			decimal_from_int(&decimal, 0);
		break;
	default: decimal_from_int(&decimal, value_to_int(value)); break;
	}
	return put_decimal(place, &decimal);
}

static int put_text_of(const struct value_place *place, struct evaluator_handle *handle, const struct value *value)
{
	if (value->kind == VALUE_STRING)
		return put_text(place, handle, value->collation ? value->collation->charset : charset_get(CHARSET_UTF8MB4),
				value->string);
	return put_utf8(place, value_text(value, &handle->arena));
}

static int put_bytes_of(const struct value_place *place, struct evaluator_handle *handle, const struct value *value)
{
	return put_blob(place, value->kind == VALUE_STRING ? value->string : value_text(value, &handle->arena));
}

static int put_temporal_of(const struct value_place *place, const struct value *value, enum value_class class)
{
	int64_t packed = value->packed;
	if (value->kind == VALUE_STRING) {
		enum temporal_status status = class == CLASS_TIME ? time_parse(value->string, 0, 6, &packed)
								  : datetime_parse(value->string, 0, 6, &packed);
		if (status != TEMPORAL_OK && status != TEMPORAL_TRUNCATED)
			return put_null(place);
	} else if (value->kind < VALUE_DATE) {
		int64_t number = value_to_int(value);
		if ((class == CLASS_TIME ? time_from_number(number, &packed)
					 : datetime_from_number(number, 0, &packed)) != TEMPORAL_OK)
			return put_null(place);
	}
	return put_int(place, packed);
}

/* The number of a name among an ENUM's, or the bits of the names in a SET's text. */
static uint64_t number_of_names(const struct column_type *type, struct bytes text)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < type->name_count; i++)
		if (type->kind == TYPE_ENUM && collation_compare(type->collation, type->names[i], text) == 0)
			return i + 1;
	for (size_t at = 0; type->kind == TYPE_SET && at <= text.size && text.size > 0;) {
		const uint8_t *comma = memchr(text.data + at, ',', text.size - at);
		size_t end = comma ? (size_t)(comma - text.data) : text.size;
		struct bytes name = bytes_of(text.data + at, end - at);
		for (unsigned i = 0; i < type->name_count && i < 64; i++)
			if (collation_compare(type->collation, type->names[i], name) == 0)
				bits |= UINT64_C(1) << i;
		at = end + 1;
	}
	return bits;
}

static int put_names_of(const struct value_place *place, const struct value *value, const struct column_type *type)
{
	if (value->kind == VALUE_STRING && type && type->name_count > 0)
		return put_uint(place, number_of_names(type, value->string));
	return put_integer_of(place, value);
}

static enum value_class natural_class(const struct value *value)
{
	static const enum value_class classes[] = {
		[VALUE_NULL] = CLASS_NULL, [VALUE_INT] = CLASS_INTEGER, [VALUE_UINT] = CLASS_INTEGER,
		[VALUE_DOUBLE] = CLASS_REAL, [VALUE_DECIMAL] = CLASS_DECIMAL, [VALUE_STRING] = CLASS_TEXT,
		[VALUE_DATE] = CLASS_DATE, [VALUE_TIME] = CLASS_TIME, [VALUE_DATETIME] = CLASS_DATETIME,
	};
	if (value->kind == VALUE_STRING && value->collation == collation_binary)
		return CLASS_BINARY;
	return classes[value->kind];
}

int value_put(const struct value_place *place, struct evaluator_handle *handle, const struct value *value,
	      enum value_class class, const struct column_type *type)
{
	if (value->kind == VALUE_NULL)
		return put_null(place);
	switch (class == CLASS_NULL ? natural_class(value) : class) {
	case CLASS_INTEGER: return put_integer_of(place, value);
	case CLASS_REAL: return put_real(place, value_to_double(value));
	case CLASS_DECIMAL: return put_decimal_of(place, value);
	case CLASS_TEXT:
	case CLASS_JSON: return put_text_of(place, handle, value);
	case CLASS_BINARY: return put_bytes_of(place, handle, value);
	case CLASS_DATE:
	case CLASS_TIME:
	case CLASS_DATETIME: return put_temporal_of(place, value, class);
	case CLASS_ENUM:
	case CLASS_SET: return put_names_of(place, value, type);
	default: return put_null(place);
	}
}

/* ------------------------------------------------------------------ fields */

static int put_integer_field(const struct value_place *place, const struct column_type *type, struct bytes field)
{
	uint64_t bits = bytes_load_uint(field.data, field.size);
	if (type->is_unsigned || type->zerofill)
		return field.size == 8 ? put_uint(place, bits) : put_int(place, (int64_t)bits);
	unsigned unused = 64 - 8 * (unsigned)field.size;
	return put_int(place, (int64_t)(bits << unused) >> unused);
}

static int put_real_field(const struct value_place *place, struct bytes field)
{
	uint64_t bits = bytes_load_uint(field.data, field.size);
	if (field.size == 4) {
		uint32_t narrow_bits = (uint32_t)bits;
		float narrow;
		memcpy(&narrow, &narrow_bits, sizeof narrow);
		return put_real(place, narrow);
	}
	double real;
	memcpy(&real, &bits, sizeof real);
	return put_real(place, real);
}

static int put_decimal_field(const struct value_place *place, const struct column_type *type, struct bytes field)
{
	uint8_t bytes[48];
	size_t size = decimal_sortable_of_packed(field.data, type->length, type->decimals, bytes);
	return size ? put_blob(place, bytes_of(bytes, size)) : SQLITE_CORRUPT;
}

static int put_timestamp_field(const struct value_place *place, struct evaluator_handle *handle,
			       const struct column_type *type, struct bytes field)
{
	int64_t epoch_us = packed_get_timestamp(field.data, type->decimals);
	if (epoch_us == 0)
		return put_int(place, 0); /* '0000-00-00' in every zone */
	return put_int(place, time_zone_to_local(handle->session->variables.time_zone, epoch_us));
}

/* BINARY(n) always has n bytes; the row keeps them without the zeros at the end. */
static struct bytes padded(struct evaluator_handle *handle, const struct column_type *type, struct bytes content)
{
	if (content.size >= type->length)
		return content;
	buf_clear(&handle->convert);
	buf_put_bytes(&handle->convert, content);
	buf_put_zeros(&handle->convert, type->length - content.size);
	return buf_bytes(&handle->convert);
}

struct bytes field_string(struct evaluator_handle *handle, const struct column_type *type, struct bytes field)
{
	struct bytes content = row_field_content(type, field);
	if (type->kind == TYPE_BINARY)
		return padded(handle, type, content);
	if (class_of_type(type) == CLASS_BINARY || type->kind == TYPE_JSON || is_utf8(type->collation->charset))
		return content;
	buf_clear(&handle->convert);
	charset_convert(type->collation->charset, content, charset_get(CHARSET_UTF8MB4), &handle->convert);
	return buf_bytes(&handle->convert);
}

static int put_string_field(const struct value_place *place, struct evaluator_handle *handle,
			    const struct column_type *type, struct bytes field)
{
	struct bytes string = field_string(handle, type, field);
	bool is_binary = class_of_type(type) == CLASS_BINARY;
	bool is_own = string.data + string.size == field.data + field.size; /* not converted, not padded */
	if (!place->may_borrow || !is_own || string.size == 0)
		return is_binary ? put_blob(place, string) : put_utf8(place, string);
	put_borrowed(place, string, is_binary);
	return SQLITE_OK;
}

int field_put(const struct value_place *place, struct evaluator_handle *handle, const struct column_type *type,
	      struct bytes field)
{
	if (field.data == NULL)
		return put_null(place);
	switch (type->kind) {
	case TYPE_TINYINT: case TYPE_SMALLINT: case TYPE_MEDIUMINT: case TYPE_INT: case TYPE_BIGINT:
		return put_integer_field(place, type, field);
	case TYPE_FLOAT: case TYPE_DOUBLE: return put_real_field(place, field);
	case TYPE_DECIMAL: return put_decimal_field(place, type, field);
	case TYPE_BIT: return put_uint(place, bytes_load_uint_be(field.data, field.size));
	case TYPE_ENUM: case TYPE_SET: return put_uint(place, bytes_load_uint(field.data, field.size));
	case TYPE_YEAR: return put_int(place, field.data[0] ? field.data[0] + 1900 : 0);
	case TYPE_DATE: return put_int(place, packed_get_date(field.data));
	case TYPE_TIME: return put_int(place, packed_get_time(field.data, type->decimals));
	case TYPE_DATETIME: return put_int(place, packed_get_datetime(field.data, type->decimals));
	case TYPE_TIMESTAMP: return put_timestamp_field(place, handle, type, field);
	case TYPE_JSON: return put_utf8(place, row_field_content(type, field));
	case TYPE_NULL: return put_null(place);
	default: return put_string_field(place, handle, type, field);
	}
}

/* ------------------------------------------------------------------ what functions answer */

bool decimal_of(sqlite3_value *value, struct decimal *out)
{
	return sqlite3_value_type(value) == SQLITE_BLOB && decimal_from_sortable(text_of(value), out) == DECIMAL_OK;
}

void result_decimal(sqlite3_context *context, const struct decimal *value)
{
	put_decimal(&(struct value_place){.context = context}, value);
}
