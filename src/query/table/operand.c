#include "query/table/operand.h"

#include <math.h>
#include <string.h>

#include "query/table/constraint.h"
#include "type/row.h"
#include "type/temporal.h"
#include "type/temporal_packed.h"

static inline int order_of(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* What equals an operand that has a fraction the column cannot hold is less. */
static inline int order_before(const struct operand *operand, int order)
{
	return order == 0 && operand->is_below ? -1 : order;
}

/* ------------------------------------------------------------------ comparing */

static int compare_all_less(const struct operand *operand, struct bytes field)
{
	return -1;
}

static int compare_all_more(const struct operand *operand, struct bytes field)
{
	return 1;
}

static int compare_signed(const struct operand *operand, struct bytes field)
{
	unsigned unused = 64 - 8 * (unsigned)field.size;
	int64_t value = (int64_t)(bytes_load_uint(field.data, field.size) << unused) >> unused;
	return order_before(operand, order_of(value, operand->integer));
}

static int compare_unsigned(const struct operand *operand, struct bytes field)
{
	uint64_t value = bytes_load_uint(field.data, field.size), other = (uint64_t)operand->integer;
	return order_before(operand, (value > other) - (value < other));
}

static int compare_bits(const struct operand *operand, struct bytes field)
{
	uint64_t value = bytes_load_uint_be(field.data, field.size), other = (uint64_t)operand->integer;
	return order_before(operand, (value > other) - (value < other));
}

static int compare_year(const struct operand *operand, struct bytes field)
{
	return order_before(operand, order_of(field.data[0] ? field.data[0] + 1900 : 0, operand->integer));
}

/* Fields whose bytes are in order: DECIMAL, DATETIME, TIME. */
static int compare_packed(const struct operand *operand, struct bytes field)
{
	return order_before(operand, bytes_compare(field, operand->bytes));
}

static int compare_decimal(const struct operand *operand, struct bytes field)
{
	uint8_t bytes[48];
	size_t size = decimal_sortable_of_packed(field.data, operand->type->length, operand->type->decimals, bytes);
	return bytes_compare(bytes_of(bytes, size), operand->bytes);
}

static int compare_time(const struct operand *operand, struct bytes field)
{
	return order_of(packed_get_time(field.data, operand->type->decimals), operand->integer);
}

static int compare_timestamp(const struct operand *operand, struct bytes field)
{
	int64_t epoch_us = packed_get_timestamp(field.data, operand->type->decimals);
	const struct time_zone *zone = operand->handle->session->variables.time_zone;
	return order_of(epoch_us ? time_zone_to_local(zone, epoch_us) : 0, operand->integer);
}

static double real_of(struct bytes field)
{
	uint64_t bits = bytes_load_uint(field.data, field.size);
	if (field.size == 4) {
		uint32_t narrow_bits = (uint32_t)bits;
		float narrow;
		memcpy(&narrow, &narrow_bits, sizeof narrow);
		return narrow;
	}
	double real;
	memcpy(&real, &bits, sizeof real);
	return real;
}

static int compare_real(const struct operand *operand, struct bytes field)
{
	double value = real_of(field);
	return (value > operand->real) - (value < operand->real);
}

/* With an integer that a double may not hold. */
static int compare_real_with_integer(const struct operand *operand, struct bytes field)
{
	double value = real_of(field);
	if (value < -9223372036854775808.0)
		return -1;
	if (value >= 9223372036854775808.0)
		return 1;
	double whole = floor(value);
	int order = order_of((int64_t)whole, operand->integer);
	return order == 0 && whole != value ? 1 : order;
}

static int compare_utf8(const struct operand *operand, struct bytes field)
{
	return collation_compare_utf8(operand->collation, row_field_content(operand->type, field), operand->bytes);
}

static int compare_text(const struct operand *operand, struct bytes field)
{
	return collation_compare(operand->collation, row_field_content(operand->type, field), operand->bytes);
}

/* The operand has characters that the column's charset does not have, or the collation is another charset's. */
static int compare_converted(const struct operand *operand, struct bytes field)
{
	struct buf *text = &operand->handle->convert;
	buf_clear(text);
	charset_convert(operand->type->collation->charset, row_field_content(operand->type, field),
			charset_get(CHARSET_UTF8MB4), text);
	return collation_compare_utf8(operand->collation, buf_bytes(text), operand->bytes);
}

static int compare_binary(const struct operand *operand, struct bytes field)
{
	return bytes_compare(row_field_content(operand->type, field), operand->bytes);
}

/* BINARY(n) is n bytes, of which the zeros at the end are not kept. */
static int compare_padded(const struct operand *operand, struct bytes field)
{
	struct bytes content = row_field_content(operand->type, field), other = operand->bytes;
	size_t size = operand->type->length, shared = content.size < other.size ? content.size : other.size;
	int order = shared ? memcmp(content.data, other.data, shared) : 0;
	if (order != 0 || content.size > other.size)
		return order != 0 ? order : 1;
	for (size_t i = shared; i < other.size && i < size; i++)
		if (other.data[i] != 0)
			return -1;
	return (size > other.size) - (size < other.size);
}

/* ------------------------------------------------------------------ making ready */

/* SQLite orders numbers before texts before blobs. */
static void set_other_kind(struct operand *operand, enum constraint_fit fit)
{
	operand->compare = fit == FIT_BELOW ? compare_all_more : compare_all_less;
}

/* Whole numbers up to 2^64, and what lies between them. */
static void set_integer(struct operand *operand, const struct argument *value, operand_compare_fn *compare, bool is_signed)
{
	uint64_t bits;
	bool is_big;
	if (value->type != SQLITE_FLOAT) {
		is_big = argument_bits(value, &bits);
	} else {
		double real = argument_real(value), whole = floor(real);
		if (real >= 18446744073709551616.0 || real < -9223372036854775808.0) {
			operand->compare = real < 0 ? compare_all_more : compare_all_less;
			return;
		}
		is_big = whole >= 9223372036854775808.0;
		bits = is_big ? (uint64_t)whole : (uint64_t)(int64_t)whole;
		operand->is_below = whole != real;
	}
	operand->integer = (int64_t)bits;
	operand->compare = compare;
	if (is_big && is_signed)
		operand->compare = compare_all_less;
	if (!is_big && (int64_t)bits < 0 && !is_signed)
		operand->compare = compare_all_more;
}

static void set_real(struct operand *operand, const struct argument *value)
{
	operand->real = argument_real(value);
	operand->integer = argument_integer(value);
	operand->compare = value->type == SQLITE_FLOAT ? compare_real : compare_real_with_integer;
}

/* As a field of the column. `inexact`: to compare with a value that the column cannot hold; NULL: it is after the field. */
static void set_packed(struct operand *operand, const struct argument *value, operand_compare_fn *inexact, struct buf *room)
{
	enum constraint_fit fit = constraint_put_field(operand->handle, operand->type, value, room);
	operand->bytes = buf_bytes(room);
	operand->is_below = fit == FIT_NEAR;
	operand->compare = compare_packed;
	if (fit == FIT_BELOW || fit == FIT_ABOVE) {
		set_other_kind(operand, fit);
	} else if (fit == FIT_NEAR && inexact) {
		operand->integer = argument_integer(value);
		operand->is_below = false;
		operand->compare = inexact;
	}
}

/* DATE's three bytes are little endian: a number that grows with the day. */
static void set_date(struct operand *operand, const struct argument *value, struct buf *room)
{
	set_packed(operand, value, NULL, room);
	if (operand->compare != compare_packed)
		return;
	operand->integer = (int64_t)bytes_load_uint(operand->bytes.data, operand->bytes.size);
	operand->compare = compare_unsigned;
}

static void set_decimal(struct operand *operand, const struct argument *value, struct buf *room)
{
	set_packed(operand, value, compare_decimal, room);
	if (operand->compare != compare_decimal)
		return;
	buf_clear(room);
	buf_put_bytes(room, value->bytes);
	operand->bytes = buf_bytes(room);
}

static bool is_utf8(const struct charset *charset)
{
	return charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3 || charset->id == CHARSET_ASCII;
}

static void set_text(struct operand *operand, const struct argument *value, struct buf *room)
{
	const struct charset *charset = operand->type->collation->charset;
	struct bytes text = value->bytes;
	operand->compare = is_utf8(charset) ? compare_utf8 : compare_converted;
	if (!is_utf8(charset) && operand->collation->charset == charset) {
		if (charset_convert(charset_get(CHARSET_UTF8MB4), text, charset, room) == 0)
			operand->compare = compare_text;
		else
			buf_clear(room);
	}
	if (operand->compare != compare_text)
		buf_put_bytes(room, text);
	operand->bytes = buf_bytes(room);
}

static void set_binary(struct operand *operand, const struct argument *value, struct buf *room)
{
	buf_put_bytes(room, value->bytes);
	operand->bytes = buf_bytes(room);
	operand->compare = operand->type->kind == TYPE_BINARY ? compare_padded : compare_binary;
}

static void set_number(struct operand *operand, const struct argument *value)
{
	const struct column_type *type = operand->type;
	switch (type->kind) {
	case TYPE_BIT: set_integer(operand, value, compare_bits, false); break;
	case TYPE_YEAR: set_integer(operand, value, compare_year, true); break;
	case TYPE_ENUM:
	case TYPE_SET: set_integer(operand, value, compare_unsigned, false); break;
	default:
		if (type->is_unsigned || type->zerofill)
			set_integer(operand, value, compare_unsigned, false);
		else
			set_integer(operand, value, compare_signed, true);
		break;
	}
}

bool operand_can_compare(const struct column_type *type)
{
	return type->kind != TYPE_JSON && type->kind != TYPE_NULL;
}

void operand_set(struct operand *operand, struct evaluator_handle *handle, const struct column_type *type,
		 const struct collation *collation, const struct argument *value, struct buf *room)
{
	*operand = (struct operand){.handle = handle, .type = type, .collation = collation};
	buf_clear(room);
	if (value->type == SQLITE_NULL)
		return;
	enum constraint_fit kind = constraint_kind_fit(type, value);
	if (kind != FIT_EXACT) {
		set_other_kind(operand, kind);
		return;
	}
	switch (class_of_type(type)) {
	case CLASS_REAL: set_real(operand, value); break;
	case CLASS_DECIMAL: set_decimal(operand, value, room); break;
	case CLASS_TEXT: set_text(operand, value, room); break;
	case CLASS_BINARY: set_binary(operand, value, room); break;
	case CLASS_DATE: set_date(operand, value, room); break;
	case CLASS_TIME: set_packed(operand, value, compare_time, room); break;
	case CLASS_DATETIME:
		if (type->kind != TYPE_TIMESTAMP) {
			set_packed(operand, value, NULL, room);
			break;
		}
		operand->integer = argument_integer(value);
		operand->compare = compare_timestamp;
		break;
	default: set_number(operand, value); break;
	}
}

/* ------------------------------------------------------------------ two columns */

/* Values that fit an int64: of one order, whatever the two types are. */
static bool is_number(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TINYINT: case TYPE_SMALLINT: case TYPE_MEDIUMINT: case TYPE_INT: case TYPE_YEAR: return true;
	case TYPE_BIGINT: return !type->is_unsigned && !type->zerofill;
	default: return false;
	}
}

static int64_t number_of(const struct column_type *type, struct bytes field)
{
	if (type->kind == TYPE_YEAR)
		return field.data[0] ? field.data[0] + 1900 : 0;
	uint64_t bits = bytes_load_uint(field.data, field.size);
	unsigned unused = 64 - 8 * (unsigned)field.size;
	return type->is_unsigned || type->zerofill ? (int64_t)bits : (int64_t)(bits << unused) >> unused;
}

static bool is_moment(const struct column_type *type)
{
	return type->kind == TYPE_DATE || type->kind == TYPE_DATETIME;
}

static int64_t moment_of(const struct column_type *type, struct bytes field)
{
	return type->kind == TYPE_DATE ? packed_get_date(field.data) : packed_get_datetime(field.data, type->decimals);
}

static bool is_utf8_text(const struct column_type *type)
{
	return class_of_type(type) == CLASS_TEXT && is_utf8(type->collation->charset);
}

static bool is_decimal_like(const struct column_type *type, const struct column_type *other)
{
	return type->kind == TYPE_DECIMAL && other->kind == TYPE_DECIMAL && type->length == other->length &&
	       type->decimals == other->decimals;
}

bool operands_are_comparable(const struct column_type *left, const struct column_type *right,
			     const struct collation *collation)
{
	return (is_number(left) && is_number(right)) || (is_moment(left) && is_moment(right)) ||
	       is_decimal_like(left, right) || (collation && is_utf8_text(left) && is_utf8_text(right));
}

int operand_compare_fields(const struct column_type *left, struct bytes left_field, const struct column_type *right,
			   struct bytes right_field, const struct collation *collation)
{
	if (is_number(left))
		return order_of(number_of(left, left_field), number_of(right, right_field));
	if (is_moment(left))
		return order_of(moment_of(left, left_field), moment_of(right, right_field));
	if (left->kind == TYPE_DECIMAL)
		return bytes_compare(left_field, right_field);
	return collation_compare_utf8(collation, row_field_content(left, left_field),
				      row_field_content(right, right_field));
}
