#include "type/value_shown.h"

#include <assert.h>
#include <string.h>

#include "type/temporal.h"

static_assert(value_shown_max >= decimal_precision_max + 8 + 80, "decimal_print's place");

static struct bytes show_uint(uint64_t value, bool negative, const struct column_type *type,
			      char place[value_shown_max])
{
	char *end = place + value_shown_max, *at = end;
	do {
		*--at = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	uint32_t width = type->kind == TYPE_YEAR ? 4 : type->zerofill ? type->length : 0;
	while ((uint32_t)(end - at) < width && at > place + 1)
		*--at = '0';
	if (negative)
		*--at = '-';
	return bytes_of(at, (size_t)(end - at));
}

static struct bytes show_double(double value, const struct column_type *type, char place[value_shown_max])
{
	size_t size;
	if (type->decimals < 31 && (type->kind == TYPE_DOUBLE || type->kind == TYPE_FLOAT))
		size = double_print_fixed(value, type->decimals, place);
	else if (type->kind == TYPE_FLOAT)
		size = float_print((float)value, place);
	else
		size = double_print(value, place);
	size_t width = type->zerofill ? type->length < 255 ? type->length : 255 : 0;
	if (size < width) {
		memmove(place + width - size, place, size);
		memset(place, '0', width - size);
		size = width;
	}
	return bytes_of(place, size);
}

static struct bytes show_bits(uint64_t value, const struct column_type *type, char place[value_shown_max])
{
	size_t size = (type->length + 7) / 8;
	if (size > 8)
		size = 8;
	bytes_store_uint_be((uint8_t *)place, value, size);
	return bytes_of(place, size);
}

static struct bytes show_int(const struct value *value, const struct column_type *type, char place[value_shown_max])
{
	bool negative = value->kind == VALUE_INT && value->integer < 0;
	uint64_t magnitude = negative ? 0 - (uint64_t)value->integer : value->uinteger;
	if (type->kind == TYPE_BIT)
		return show_bits(magnitude, type, place);
	return show_uint(magnitude, negative, type, place);
}

struct bytes value_shown(const struct value *value, const struct column_type *type, char place[value_shown_max])
{
	switch (value->kind) {
	case VALUE_NULL: break;
	case VALUE_INT:
	case VALUE_UINT: return show_int(value, type, place);
	case VALUE_DOUBLE: return show_double(value->real, type, place);
	case VALUE_DECIMAL: return bytes_of(place, decimal_print(value->decimal, place));
	case VALUE_STRING: return value->string;
	case VALUE_DATE: return bytes_of(place, date_print(value->packed, place));
	case VALUE_TIME: return bytes_of(place, time_print(value->packed, value->decimals, place));
	case VALUE_DATETIME: return bytes_of(place, datetime_print(value->packed, value->decimals, place));
	}
	return bytes_of(NULL, 0);
}
