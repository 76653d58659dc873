#include "wire/row.h"

#include <stdio.h>

#include "type/temporal.h"
#include "type/value_shown.h"

uint8_t row_wire_decimals(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
	case TYPE_DECIMAL:
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP:
		return type->decimals;
	default:
		return 0;
	}
}

struct bytes row_text_to_results(const struct value *value, const struct charset *results, struct buf *scratch)
{
	const struct charset *from = value->collation->charset;
	if (results == NULL || from == results || from->id == CHARSET_BINARY || results->id == CHARSET_BINARY)
		return value->string;
	/* Every utf8mb3 text is a utf8mb4 text. */
	if (from->id == CHARSET_UTF8MB3 && results->id == CHARSET_UTF8MB4)
		return value->string;
	buf_clear(scratch);
	charset_convert(from, value->string, results, scratch);
	return buf_bytes(scratch);
}

static void put_text_value(const struct value *value, const struct column_type *type, const struct charset *results,
			   struct buf *scratch, struct buf *out)
{
	char place[value_shown_max];
	if (value->kind == VALUE_NULL)
		buf_put_u8(out, 0xfb);
	else if (value->kind == VALUE_STRING)
		buf_put_lenenc_bytes(out, row_text_to_results(value, results, scratch));
	else
		buf_put_lenenc_bytes(out, value_shown(value, type, place));
}

void row_put_text(const struct result_column *columns, unsigned count, const struct value *values,
		  const struct charset *results, struct buf *scratch, struct buf *out)
{
	for (unsigned i = 0; i < count; i++)
		put_text_value(&values[i], &columns[i].type, results, scratch, out);
}

static void put_binary_datetime(struct buf *out, int64_t packed, bool date_only)
{
	struct datetime parts;
	datetime_unpack(packed, &parts);
	bool has_time = !date_only && (parts.hour || parts.minute || parts.second || parts.microsecond);
	bool has_fraction = !date_only && parts.microsecond;
	uint8_t size = packed == 0 ? 0 : has_fraction ? 11 : has_time ? 7 : 4;
	buf_put_u8(out, size);
	if (size == 0)
		return;
	buf_put_u16(out, (uint16_t)parts.year);
	buf_put_u8(out, (uint8_t)parts.month);
	buf_put_u8(out, (uint8_t)parts.day);
	if (size == 4)
		return;
	buf_put_u8(out, (uint8_t)parts.hour);
	buf_put_u8(out, (uint8_t)parts.minute);
	buf_put_u8(out, (uint8_t)parts.second);
	if (size == 11)
		buf_put_u32(out, parts.microsecond);
}

static void put_binary_time(struct buf *out, int64_t packed)
{
	struct datetime parts;
	time_unpack(packed, &parts);
	if (packed == 0) {
		buf_put_u8(out, 0);
		return;
	}
	buf_put_u8(out, parts.microsecond ? 12 : 8);
	buf_put_u8(out, parts.negative);
	buf_put_u32(out, parts.hour / 24);
	buf_put_u8(out, (uint8_t)(parts.hour % 24));
	buf_put_u8(out, (uint8_t)parts.minute);
	buf_put_u8(out, (uint8_t)parts.second);
	if (parts.microsecond)
		buf_put_u32(out, parts.microsecond);
}

/* Bytes of an integer in the binary form, 0 for types that travel as strings. */
static size_t binary_integer_size(enum field_type wire_type)
{
	switch (wire_type) {
	case FIELD_TINY: return 1;
	case FIELD_SHORT:
	case FIELD_YEAR: return 2;
	case FIELD_LONG:
	case FIELD_INT24: return 4;
	case FIELD_LONGLONG: return 8;
	default: return 0;
	}
}

static void put_binary_value(const struct value *value, const struct column_type *type, const struct charset *results,
			     struct buf *scratch, struct buf *out)
{
	enum field_type wire_type = type_wire_type(type);
	size_t integer_size = binary_integer_size(wire_type);
	if (integer_size) {
		buf_put_uint(out, (uint64_t)value_to_int(value), integer_size);
	} else if (wire_type == FIELD_DOUBLE) {
		double real = value_to_double(value);
		buf_put(out, &real, sizeof real);
	} else if (wire_type == FIELD_FLOAT) {
		float real = (float)value_to_double(value);
		buf_put(out, &real, sizeof real);
	} else if (wire_type == FIELD_DATE && value->kind != VALUE_STRING) {
		put_binary_datetime(out, value->packed, true);
	} else if ((wire_type == FIELD_DATETIME || wire_type == FIELD_TIMESTAMP) && value->kind != VALUE_STRING) {
		put_binary_datetime(out, value->packed, false);
	} else if (wire_type == FIELD_TIME && value->kind != VALUE_STRING) {
		put_binary_time(out, value->packed);
	} else {
		put_text_value(value, type, results, scratch, out);
	}
}

void row_put_binary(const struct result_column *columns, unsigned count, const struct value *values,
		    const struct charset *results, struct buf *scratch, struct buf *out)
{
	buf_put_u8(out, 0);
	size_t bitmap_at = out->size;
	buf_put_zeros(out, (count + 7 + 2) / 8);
	for (unsigned i = 0; i < count; i++) {
		if (values[i].kind == VALUE_NULL)
			out->data[bitmap_at + (i + 2) / 8] |= (uint8_t)(1u << (i + 2) % 8);
		else
			put_binary_value(&values[i], &columns[i].type, results, scratch, out);
	}
}

static int64_t read_datetime(struct cursor *cursor)
{
	struct datetime parts = {0};
	uint8_t size = cursor_u8(cursor);
	struct cursor body = cursor_of(cursor_bytes(cursor, size));
	if (size >= 4) {
		parts.year = cursor_u16(&body);
		parts.month = cursor_u8(&body);
		parts.day = cursor_u8(&body);
	}
	if (size >= 7) {
		parts.hour = cursor_u8(&body);
		parts.minute = cursor_u8(&body);
		parts.second = cursor_u8(&body);
	}
	if (size >= 11)
		parts.microsecond = cursor_u32(&body);
	if (!datetime_is_valid(&parts, TEMPORAL_INVALID_DATES))
		cursor->failed = true;
	return cursor->failed ? 0 : datetime_pack(&parts);
}

static int64_t read_time(struct cursor *cursor)
{
	struct datetime parts = {0};
	uint8_t size = cursor_u8(cursor);
	struct cursor body = cursor_of(cursor_bytes(cursor, size));
	if (size >= 8) {
		parts.negative = cursor_u8(&body) != 0;
		uint32_t days = cursor_u32(&body);
		parts.hour = (days > 34 ? 34 : days) * 24 + cursor_u8(&body);
		parts.minute = cursor_u8(&body);
		parts.second = cursor_u8(&body);
	}
	if (size >= 12)
		parts.microsecond = cursor_u32(&body);
	if (parts.hour > 838 || parts.minute > 59 || parts.second > 59 || parts.microsecond > 999999)
		cursor->failed = true;
	return cursor->failed ? 0 : time_pack(&parts);
}

static struct value read_integer(struct cursor *cursor, size_t size, bool is_unsigned)
{
	uint64_t raw = cursor_uint(cursor, size);
	if (is_unsigned)
		return value_uint(raw);
	unsigned shift = (unsigned)(64 - 8 * size);
	return value_int((int64_t)(raw << shift) >> shift);
}

static struct value read_real(struct cursor *cursor, uint8_t wire_type)
{
	struct bytes raw = cursor_bytes(cursor, wire_type == FIELD_FLOAT ? 4 : 8);
	double real = 0;
	float single = 0;
	if (cursor->failed)
		return value_null();
	if (wire_type == FIELD_FLOAT) {
		memcpy(&single, raw.data, 4);
		real = single;
	} else {
		memcpy(&real, raw.data, 8);
	}
	return value_double(real);
}

static struct value temporal_value(enum value_kind kind, int64_t packed)
{
	return (struct value){.kind = kind, .decimals = 6, .packed = packed};
}

int row_read_parameter(struct cursor *cursor, uint8_t wire_type, bool is_unsigned, const struct collation *collation,
		       struct arena *arena, struct value *out, struct diag *diag)
{
	switch (wire_type) {
	case FIELD_NULL:
		*out = value_null();
		return 0;
	case FIELD_TINY:
		*out = read_integer(cursor, 1, is_unsigned);
		return 0;
	case FIELD_SHORT:
	case FIELD_YEAR:
		*out = read_integer(cursor, 2, is_unsigned);
		return 0;
	case FIELD_LONG:
	case FIELD_INT24:
		*out = read_integer(cursor, 4, is_unsigned);
		return 0;
	case FIELD_LONGLONG:
		*out = read_integer(cursor, 8, is_unsigned);
		return 0;
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
		*out = read_real(cursor, wire_type);
		return 0;
	case FIELD_DATE:
	case FIELD_NEWDATE:
		*out = temporal_value(VALUE_DATE, read_datetime(cursor));
		return 0;
	case FIELD_DATETIME:
	case FIELD_TIMESTAMP:
		*out = temporal_value(VALUE_DATETIME, read_datetime(cursor));
		return 0;
	case FIELD_TIME:
		*out = temporal_value(VALUE_TIME, read_time(cursor));
		return 0;
	case FIELD_DECIMAL:
	case FIELD_NEWDECIMAL: {
		struct decimal *decimal = arena_new(arena, struct decimal);
		size_t used;
		decimal_parse(decimal, cursor_lenenc_bytes(cursor), &used);
		*out = (struct value){.kind = VALUE_DECIMAL, .decimals = decimal->scale, .decimal = decimal};
		return 0;
	}
	case FIELD_TINY_BLOB:
	case FIELD_MEDIUM_BLOB:
	case FIELD_LONG_BLOB:
	case FIELD_BLOB:
	case FIELD_BIT:
		*out = value_string(cursor_lenenc_bytes(cursor), collation_binary);
		return 0;
	case FIELD_VARCHAR:
	case FIELD_VAR_STRING:
	case FIELD_STRING:
	case FIELD_ENUM:
	case FIELD_SET:
	case FIELD_JSON:
		*out = value_string(cursor_lenenc_bytes(cursor), collation);
		return 0;
	default:
		return diag_set(diag, ER_WRONG_ARGUMENTS, "mysqld_stmt_execute");
	}
}
