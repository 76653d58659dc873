/* From packed fields to values and texts: the way back of convert.h. */
#include "type/convert.h"
#include "type/packed_layout.h"
#include "type/row.h"
#include "type/temporal_packed.h"

static int not_of_type(const struct column_type *type, struct diag *diag)
{
	struct buf name;
	buf_init(&name);
	type_print(type, &name);
	diag_set_message(diag, ER_UNKNOWN_ERROR, "Corrupt row: a field's bytes are not of type %s", buf_cstring(&name));
	buf_deinit(&name);
	return -1;
}

static bool size_is_right(const struct column_type *type, struct bytes field)
{
	return row_field_size(type, field.data, field.size) == (int64_t)field.size && field.size > 0;
}

static int64_t signed_integer(struct bytes field)
{
	unsigned unused = 64 - 8 * (unsigned)field.size;
	return (int64_t)(bytes_load_uint(field.data, field.size) << unused) >> unused;
}

static double real_of(const struct column_type *type, const uint8_t *data)
{
	if (type->kind == TYPE_FLOAT) {
		uint32_t bits = (uint32_t)bytes_load_uint(data, 4);
		float narrow;
		memcpy(&narrow, &bits, sizeof narrow);
		return narrow;
	}
	uint64_t bits = bytes_load_uint(data, 8);
	double real;
	memcpy(&real, &bits, sizeof real);
	return real;
}

static int64_t year_of(uint8_t byte)
{
	return byte ? byte + 1900 : 0;
}

/* TIMESTAMP 0 is '0000-00-00 00:00:00' in every zone. */
static int64_t local_timestamp(const struct column_type *type, const uint8_t *data, const struct time_zone *zone)
{
	int64_t epoch_us = packed_get_timestamp(data, type->decimals);
	return epoch_us ? time_zone_to_local(zone, epoch_us) : 0;
}

/* A SET's names in order with commas between, in the column's charset. */
static void put_set_text(const struct column_type *type, uint64_t bits, struct buf *out)
{
	bool first = true;
	for (unsigned i = 0; i < type->name_count; i++) {
		if (!(bits >> i & 1))
			continue;
		if (!first) {
			buf_put_zeros(out, type->collation->charset->min_char_size - 1);
			buf_put_u8(out, ',');
		}
		buf_put_bytes(out, type->names[i]);
		first = false;
	}
}

/* False when the number names nothing. 0 is the empty text that an invalid value became. */
static bool put_names_text(const struct column_type *type, struct bytes field, struct buf *out)
{
	uint64_t number = bytes_load_uint(field.data, field.size);
	if (type->kind == TYPE_SET) {
		put_set_text(type, number, out);
		return type->name_count >= 64 || number >> type->name_count == 0;
	}
	if (number > type->name_count)
		return false;
	if (number)
		buf_put_bytes(out, type->names[number - 1]);
	return true;
}

static bool names_value(const struct column_type *type, struct bytes field, struct arena *arena, struct value *out)
{
	uint64_t number = bytes_load_uint(field.data, field.size);
	*out = value_string(bytes_of("", 0), type->collation);
	if (type->kind == TYPE_ENUM) {
		if (number > type->name_count)
			return false;
		if (number)
			out->string = type->names[number - 1];
		return true;
	}
	struct buf text;
	buf_init(&text);
	bool good = put_names_text(type, field, &text);
	if (text.size)
		out->string = bytes_of(arena_copy(arena, text.data, text.size), text.size);
	buf_deinit(&text);
	return good;
}

static struct value string_value(const struct column_type *type, struct bytes field, struct arena *arena)
{
	struct bytes content = row_field_content(type, field);
	if (type->kind == TYPE_BINARY && content.size < type->length) {
		uint8_t *padded = arena_alloc(arena, type->length);
		if (content.size)
			memcpy(padded, content.data, content.size);
		content = bytes_of(padded, type->length);
	}
	if (type->kind == TYPE_JSON)
		return value_string(content, collation_utf8mb4_bin);
	return value_string(content, type_is_text(type->kind) && type->collation ? type->collation : collation_binary);
}

static struct value packed_value(enum value_kind kind, unsigned fsp, int64_t packed)
{
	return (struct value){.kind = kind, .decimals = (uint8_t)fsp, .packed = packed};
}

int convert_from_packed(const struct column_type *type, struct bytes field, const struct time_zone *zone,
			struct arena *arena, struct value *out, struct diag *diag)
{
	if (!size_is_right(type, field))
		return not_of_type(type, diag);
	unsigned fsp = type->decimals;
	switch (type->kind) {
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_MEDIUMINT:
	case TYPE_INT:
	case TYPE_BIGINT:
		*out = type->is_unsigned || type->zerofill ? value_uint(bytes_load_uint(field.data, field.size))
							   : value_int(signed_integer(field));
		return 0;
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		*out = value_double(real_of(type, field.data));
		out->decimals = type->decimals;
		return 0;
	case TYPE_DECIMAL: {
		struct decimal *decimal = arena_new(arena, struct decimal);
		if (decimal_unpack(field.data, type->length, type->decimals, decimal) != DECIMAL_OK)
			return not_of_type(type, diag);
		*out = (struct value){.kind = VALUE_DECIMAL, .decimals = type->decimals, .decimal = decimal};
		return 0;
	}
	case TYPE_BIT: *out = value_uint(bytes_load_uint_be(field.data, field.size)); return 0;
	case TYPE_YEAR: *out = value_int(year_of(field.data[0])); return 0;
	case TYPE_DATE: *out = packed_value(VALUE_DATE, 0, packed_get_date(field.data)); return 0;
	case TYPE_TIME: *out = packed_value(VALUE_TIME, fsp, packed_get_time(field.data, fsp)); return 0;
	case TYPE_DATETIME: *out = packed_value(VALUE_DATETIME, fsp, packed_get_datetime(field.data, fsp)); return 0;
	case TYPE_TIMESTAMP:
		*out = packed_value(VALUE_DATETIME, fsp, local_timestamp(type, field.data, zone));
		return 0;
	case TYPE_ENUM:
	case TYPE_SET: return names_value(type, field, arena, out) ? 0 : not_of_type(type, diag);
	default: *out = string_value(type, field, arena); return 0;
	}
}

static void put_integer_text(const struct column_type *type, struct bytes field, struct buf *out)
{
	char text[24];
	bool is_unsigned = type->is_unsigned || type->zerofill;
	size_t size = is_unsigned ? integer_print(bytes_load_uint(field.data, field.size), false, text)
				  : int_print(signed_integer(field), text);
	buf_put(out, text, size);
}

static void put_real_text(const struct column_type *type, const uint8_t *data, struct buf *out)
{
	char text[400];
	double real = real_of(type, data);
	size_t size;
	if (type->decimals < 31)
		size = double_print_fixed(real, type->decimals, text);
	else if (type->kind == TYPE_FLOAT)
		size = float_print((float)real, text);
	else
		size = double_print(real, text);
	buf_put(out, text, size);
}

static bool put_decimal_text(const struct column_type *type, const uint8_t *data, struct buf *out)
{
	struct decimal decimal;
	char text[decimal_precision_max + 8 + 80];
	if (decimal_unpack(data, type->length, type->decimals, &decimal) != DECIMAL_OK)
		return false;
	buf_put(out, text, decimal_print(&decimal, text));
	return true;
}

static void put_temporal_text(const struct column_type *type, const uint8_t *data, const struct time_zone *zone,
			      struct buf *out)
{
	char text[32];
	size_t size;
	unsigned fsp = type->decimals;
	if (type->kind == TYPE_DATE)
		size = date_print(packed_get_date(data), text);
	else if (type->kind == TYPE_TIME)
		size = time_print(packed_get_time(data, fsp), fsp, text);
	else if (type->kind == TYPE_DATETIME)
		size = datetime_print(packed_get_datetime(data, fsp), fsp, text);
	else
		size = datetime_print(local_timestamp(type, data, zone), fsp, text);
	buf_put(out, text, size);
}

/* ZEROFILL: zeros in front, up to the display width. */
static void fill_up(const struct column_type *type, size_t start, struct buf *out)
{
	uint32_t width = type_wire_length(type, NULL);
	size_t size = out->size - start;
	if (size >= width || width > 255)
		return;
	buf_put_zeros(out, width - size);
	memmove(out->data + start + width - size, out->data + start, size);
	memset(out->data + start, '0', width - size);
}

static bool put_text(const struct column_type *type, struct bytes field, const struct time_zone *zone, struct buf *out)
{
	switch (type->kind) {
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_MEDIUMINT:
	case TYPE_INT:
	case TYPE_BIGINT: put_integer_text(type, field, out); return true;
	case TYPE_FLOAT:
	case TYPE_DOUBLE: put_real_text(type, field.data, out); return true;
	case TYPE_DECIMAL: return put_decimal_text(type, field.data, out);
	case TYPE_BIT: buf_put_bytes(out, field); return true;
	case TYPE_YEAR: buf_printf(out, "%04u", (unsigned)year_of(field.data[0])); return true;
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: put_temporal_text(type, field.data, zone, out); return true;
	case TYPE_ENUM:
	case TYPE_SET: return put_names_text(type, field, out);
	default: buf_put_bytes(out, row_field_content(type, field));
	}
	if (type->kind == TYPE_BINARY && row_field_content(type, field).size < type->length)
		buf_put_zeros(out, type->length - row_field_content(type, field).size);
	return true;
}

int convert_text_from_packed(const struct column_type *type, struct bytes field, const struct time_zone *zone,
			     struct buf *out, struct diag *diag)
{
	size_t start = out->size;
	if (!size_is_right(type, field) || !put_text(type, field, zone, out)) {
		out->size = start;
		return not_of_type(type, diag);
	}
	if (type->zerofill)
		fill_up(type, start, out);
	return 0;
}
