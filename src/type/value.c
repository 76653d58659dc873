#include "type/value.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "type/temporal.h"

size_t integer_print(uint64_t magnitude, bool negative, char out[24])
{
	char digits[24];
	size_t at = sizeof digits;
	do {
		digits[--at] = (char)('0' + magnitude % 10);
		magnitude /= 10;
	} while (magnitude);
	if (negative)
		digits[--at] = '-';
	size_t size = sizeof digits - at;
	memcpy(out, digits + at, size);
	out[size] = 0;
	return size;
}

size_t int_print(int64_t value, char out[24])
{
	return integer_print(value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, out);
}

/*
 * How MySQL writes floating point numbers: the shortest digits, as 0.001 or 1000 while the point is within 15
 * places of them, as 1e20 past that.
 */
enum { plain_places_max = 15 };

/* Correctly rounded digits of a positive number, trailing zeros cut; out_point: places before the point. */
static unsigned significant_digits(double value, int wanted, char digits[20], int *out_point)
{
	char text[40];
	snprintf(text, sizeof text, "%.*e", wanted - 1, value);
	unsigned count = 0;
	char *at = text;
	for (; *at && *at != 'e'; at++)
		if (*at != '.')
			digits[count++] = *at;
	*out_point = atoi(at + 1) + 1;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	return count;
}

static unsigned shortest_digits(double value, char digits[20], int *out_point)
{
	/* 15 digits always survive a double; numbers near zero have fewer bits, and so fewer digits. */
	for (int wanted = value < DBL_MIN ? 1 : DBL_DIG; wanted < 17; wanted++) {
		char text[40];
		snprintf(text, sizeof text, "%.*e", wanted - 1, value);
		if (strtod(text, NULL) == value)
			return significant_digits(value, wanted, digits, out_point);
	}
	return significant_digits(value, 17, digits, out_point);
}

static char *put_exponent_form(char *at, const char *digits, unsigned count, int point)
{
	*at++ = digits[0];
	if (count > 1) {
		*at++ = '.';
		memcpy(at, digits + 1, count - 1);
		at += count - 1;
	}
	return at + sprintf(at, "e%d", point - 1);
}

static char *put_plain_form(char *at, const char *digits, unsigned count, int point)
{
	if (point <= 0) {
		*at++ = '0';
		*at++ = '.';
		memset(at, '0', (size_t)-point);
		at += -point;
		memcpy(at, digits, count);
		return at + count;
	}
	unsigned whole = (unsigned)point;
	unsigned shared = whole < count ? whole : count;
	memcpy(at, digits, shared);
	memset(at + shared, '0', whole - shared);
	at += whole;
	if (count > whole) {
		*at++ = '.';
		memcpy(at, digits + whole, count - whole);
		at += count - whole;
	}
	return at;
}

static size_t print_digits(bool negative, const char *digits, unsigned count, int point, char *out)
{
	char *at = out;
	if (negative)
		*at++ = '-';
	if (point < -plain_places_max + 1 || point > plain_places_max)
		at = put_exponent_form(at, digits, count, point);
	else
		at = put_plain_form(at, digits, count, point);
	*at = 0;
	return (size_t)(at - out);
}

/* What has no digits: zeros, and what MySQL cannot hold but a foreign row may. */
static size_t print_special(double value, char *out)
{
	const char *text = "0";
	if (isnan(value))
		text = "nan";
	else if (isinf(value))
		text = value < 0 ? "-inf" : "inf";
	else if (signbit(value))
		text = "-0";
	strcpy(out, text);
	return strlen(text);
}

size_t double_print(double value, char out[64])
{
	if (value == 0 || !isfinite(value))
		return print_special(value, out);
	/* Whole numbers of up to 15 digits are the common case and need no search. */
	if (fabs(value) < 1e15 && value == (double)(int64_t)value)
		return int_print((int64_t)value, out);
	char digits[20];
	int point;
	unsigned count = shortest_digits(fabs(value), digits, &point);
	return print_digits(value < 0, digits, count, point, out);
}

size_t double_print_within(double value, size_t width, char out[64])
{
	size_t size = double_print(value, out);
	if (size <= width || !isfinite(value))
		return size;
	for (int wanted = 16; wanted > 0 && size > width; wanted--) {
		char digits[20];
		int point;
		unsigned count = significant_digits(fabs(value), wanted, digits, &point);
		size = print_digits(value < 0, digits, count, point, out);
	}
	return size;
}

size_t float_print(float value, char out[64])
{
	if (value == 0 || !isfinite(value))
		return print_special(value, out);
	char digits[20];
	int point;
	unsigned count = significant_digits(fabs((double)value), FLT_DIG, digits, &point);
	return print_digits(value < 0, digits, count, point, out);
}

size_t double_print_fixed(double value, unsigned decimals, char out[400])
{
	if (!isfinite(value))
		return print_special(value, out);
	return (size_t)snprintf(out, 400, "%.*f", (int)(decimals > 31 ? 31 : decimals), value);
}

static struct bytes printed(const char *text, size_t size, struct arena *arena)
{
	return bytes_of(arena_copy(arena, text, size), size);
}

struct bytes value_text(const struct value *value, struct arena *arena)
{
	char text[400];
	switch (value->kind) {
	case VALUE_NULL: return bytes_of(NULL, 0);
	case VALUE_STRING: return value->string;
	case VALUE_INT: return printed(text, int_print(value->integer, text), arena);
	case VALUE_UINT: return printed(text, integer_print(value->uinteger, false, text), arena);
	case VALUE_DOUBLE:
		if (value->decimals < 31)
			return printed(text, double_print_fixed(value->real, value->decimals, text), arena);
		return printed(text, double_print(value->real, text), arena);
	case VALUE_DECIMAL: return printed(text, decimal_print(value->decimal, text), arena);
	case VALUE_DATE: return printed(text, date_print(value->packed, text), arena);
	case VALUE_TIME: return printed(text, time_print(value->packed, value->decimals, text), arena);
	case VALUE_DATETIME: return printed(text, datetime_print(value->packed, value->decimals, text), arena);
	}
	return bytes_of(NULL, 0);
}

/* Nearest, held within an int64. */
static int64_t double_to_int(double value)
{
	value = rint(value);
	if (isnan(value))
		return 0;
	if (value >= 9223372036854775808.0)
		return INT64_MAX;
	return value <= -9223372036854775808.0 ? INT64_MIN : (int64_t)value;
}

/* The leading integer of a text, as CAST reads it: no point, no exponent. */
static int64_t text_to_int(struct bytes text)
{
	size_t at = 0;
	uint64_t sum = 0;
	while (at < text.size && isspace(text.data[at]))
		at++;
	bool negative = at < text.size && text.data[at] == '-';
	if (at < text.size && (text.data[at] == '-' || text.data[at] == '+'))
		at++;
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
	for (; at < text.size && isdigit(text.data[at]); at++) {
		unsigned digit = text.data[at] - '0';
		if (sum > (limit - digit) / 10)
			return (int64_t)(negative ? -limit : limit);
		sum = sum * 10 + digit;
	}
	return (int64_t)(negative ? -sum : sum);
}

static int64_t packed_to_number(const struct value *value)
{
	if (value->kind == VALUE_TIME)
		return time_to_number(time_round(value->packed, 0));
	int64_t number = datetime_to_number(value->kind == VALUE_DATE ? value->packed
								       : datetime_round(value->packed, 0));
	return value->kind == VALUE_DATE ? number / 1000000 : number;
}

int64_t value_to_int(const struct value *value)
{
	int64_t whole = 0;
	switch (value->kind) {
	case VALUE_NULL: return 0;
	case VALUE_INT: return value->integer;
	case VALUE_UINT: return (int64_t)value->uinteger;
	case VALUE_DOUBLE: return double_to_int(value->real);
	case VALUE_DECIMAL: decimal_to_int(value->decimal, &whole); return whole;
	case VALUE_STRING: return text_to_int(value->string);
	case VALUE_DATE:
	case VALUE_TIME:
	case VALUE_DATETIME: return packed_to_number(value);
	}
	return 0;
}

static double packed_to_double(const struct value *value)
{
	bool time = value->kind == VALUE_TIME;
	int64_t packed = value->packed;
	if (value->kind == VALUE_DATE)
		return (double)(datetime_to_number(packed) / 1000000);
	double micro = (double)((time && packed < 0 ? -packed : packed) & 0xffffff) / 1e6;
	if (!time)
		return (double)datetime_to_number(packed) + micro;
	double whole = (double)time_to_number(packed);
	return packed < 0 ? whole - micro : whole + micro;
}

static double text_to_double(struct bytes text)
{
	struct decimal exact;
	size_t used = 0;
	/* The decimal reader finds where the number ends; strtod needs a zero behind it. */
	if (decimal_parse(&exact, text, &used) == DECIMAL_BAD)
		return 0;
	char small[64];
	if (used < sizeof small) {
		memcpy(small, text.data, used);
		small[used] = 0;
		return strtod(small, NULL);
	}
	char *copy = memory_zalloc(used + 1);
	memcpy(copy, text.data, used);
	double result = strtod(copy, NULL);
	memory_free(copy);
	return result;
}

double value_to_double(const struct value *value)
{
	double result = 0;
	switch (value->kind) {
	case VALUE_NULL: return 0;
	case VALUE_INT: return (double)value->integer;
	case VALUE_UINT: return (double)value->uinteger;
	case VALUE_DOUBLE: return value->real;
	case VALUE_DECIMAL: return decimal_to_double(value->decimal);
	case VALUE_STRING:
		result = text_to_double(value->string);
		return isinf(result) ? (result < 0 ? -DBL_MAX : DBL_MAX) : result;
	case VALUE_DATE:
	case VALUE_TIME:
	case VALUE_DATETIME: return packed_to_double(value);
	}
	return 0;
}

struct value value_copy(const struct value *value, struct arena *arena)
{
	struct value copy = *value;
	if (value->kind == VALUE_STRING)
		copy.string.data = arena_copy(arena, value->string.data, value->string.size);
	else if (value->kind == VALUE_DECIMAL)
		copy.decimal = arena_copy(arena, value->decimal, sizeof *value->decimal);
	return copy;
}
