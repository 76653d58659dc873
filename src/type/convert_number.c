#include <ctype.h>
#include <float.h>
#include <math.h>

#include "type/convert_inside.h"
#include "type/packed_layout.h"

/* A whole number on its way into a column. */
struct whole {
	uint64_t bits; /* two's complement when negative */
	bool negative;
	bool out_of_range; /* did not fit 64 bits; bits are the nearest */
};

static const uint8_t integer_size[] = {
	[TYPE_TINYINT] = 1, [TYPE_SMALLINT] = 2, [TYPE_MEDIUMINT] = 3, [TYPE_INT] = 4, [TYPE_BIGINT] = 8};

static struct whole whole_of_int(int64_t value)
{
	return (struct whole){.bits = (uint64_t)value, .negative = value < 0};
}

static struct whole whole_of_uint(uint64_t value)
{
	return (struct whole){.bits = value};
}

/* To even at a half, as the C library rounds and MySQL with it. */
static struct whole whole_of_double(double value)
{
	value = rint(value);
	if (isnan(value))
		return (struct whole){.out_of_range = true};
	if (value < 0) {
		if (value < -9223372036854775808.0)
			return (struct whole){.bits = (uint64_t)INT64_MIN, .negative = true, .out_of_range = true};
		return whole_of_int((int64_t)value);
	}
	if (value >= 18446744073709551616.0)
		return (struct whole){.bits = UINT64_MAX, .out_of_range = true};
	return whole_of_uint((uint64_t)value);
}

static struct whole whole_of_decimal(const struct decimal *value)
{
	struct whole whole = {0};
	if (value->negative) {
		int64_t integer;
		whole.out_of_range = decimal_to_int(value, &integer) == DECIMAL_OVERFLOW;
		whole.bits = (uint64_t)integer;
		whole.negative = integer < 0;
	} else {
		whole.out_of_range = decimal_to_uint(value, &whole.bits) == DECIMAL_OVERFLOW;
	}
	return whole;
}

enum text_end { TEXT_ALL_READ, TEXT_JUNK_LEFT, TEXT_NO_NUMBER };

/* Up to 18 digits and nothing else: what nearly every text of a number is. */
static bool read_plain_integer(struct bytes text, struct whole *out)
{
	size_t at = text.size && text.data[0] == '-';
	uint64_t value = 0;
	if (text.size == at || text.size - at > 18)
		return false;
	bool negative = at;
	for (; at < text.size; at++) {
		unsigned digit = text.data[at] - '0';
		if (digit > 9)
			return false;
		value = value * 10 + digit;
	}
	*out = whole_of_int(negative ? -(int64_t)value : (int64_t)value);
	return true;
}

static enum text_end read_decimal(struct bytes text, struct decimal *out, enum decimal_status *out_status)
{
	size_t used;
	*out_status = decimal_parse(out, text, &used);
	if (*out_status == DECIMAL_BAD)
		return TEXT_NO_NUMBER;
	return text_is_blank(bytes_of(text.data + used, text.size - used)) ? TEXT_ALL_READ : TEXT_JUNK_LEFT;
}

static enum text_end read_whole(struct bytes text, struct whole *out)
{
	struct decimal value;
	enum decimal_status status;
	if (read_plain_integer(text, out))
		return TEXT_ALL_READ;
	enum text_end end = read_decimal(text, &value, &status);
	*out = whole_of_decimal(&value);
	out->out_of_range |= status == DECIMAL_OVERFLOW;
	return end;
}

/* The value as a whole number; for texts also how they ended. */
static struct whole read_value(const struct conversion *conversion, const struct value *value, enum text_end *out_end)
{
	struct whole whole;
	*out_end = TEXT_ALL_READ;
	switch (value->kind) {
	case VALUE_INT: return whole_of_int(value->integer);
	case VALUE_UINT: return whole_of_uint(value->uinteger);
	case VALUE_DOUBLE: return whole_of_double(value->real);
	case VALUE_DECIMAL: return whole_of_decimal(value->decimal);
	case VALUE_STRING:
		*out_end = read_whole(conversion_narrow_text(conversion, value), &whole);
		return whole;
	default: return whole_of_int(value_to_int(value));
	}
}

/* Cuts the number to the column's range; true when it had to. */
static bool clamp(struct whole *whole, unsigned size, bool is_unsigned)
{
	uint64_t limit = UINT64_MAX >> (64 - 8 * size);
	bool cut = whole->out_of_range;
	if (is_unsigned) {
		if (whole->negative) {
			*whole = whole_of_uint(0);
			return true;
		}
	} else {
		limit >>= 1;
		if (whole->negative) {
			int64_t least = -(int64_t)limit - 1;
			cut |= (int64_t)whole->bits < least;
			if ((int64_t)whole->bits < least)
				whole->bits = (uint64_t)least;
			return cut;
		}
	}
	if (whole->bits > limit) {
		whole->bits = limit;
		return true;
	}
	return cut;
}

static int check_text_end(const struct conversion *conversion, enum text_end end, const char *what,
			  const struct value *value)
{
	if (end == TEXT_NO_NUMBER)
		return conversion_incorrect(conversion, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, what, value);
	return end == TEXT_JUNK_LEFT ? conversion_problem(conversion, WARN_DATA_TRUNCATED) : 0;
}

int conversion_put_integer(const struct conversion *conversion, const struct value *value)
{
	const struct column_type *type = conversion->type;
	unsigned size = integer_size[type->kind];
	enum text_end end;
	struct whole whole = read_value(conversion, value, &end);
	if (clamp(&whole, size, type->is_unsigned || type->zerofill)) {
		if (conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE) != 0)
			return -1;
	} else if (end != TEXT_ALL_READ && check_text_end(conversion, end, "integer", value) != 0) {
		return -1;
	}
	bytes_store_uint(buf_extend(conversion->out, size), whole.bits, size);
	return 0;
}

/* A text as a double; out_overflow is set when it is too large for one. */
static enum text_end read_real(struct bytes text, double *out, bool *out_overflow)
{
	struct decimal exact;
	enum decimal_status status;
	enum text_end end = read_decimal(text, &exact, &status);
	struct value value = value_string(text, NULL);
	*out = end == TEXT_NO_NUMBER ? 0 : value_to_double(&value);
	*out_overflow = fabs(*out) == DBL_MAX && status == DECIMAL_OVERFLOW;
	return end;
}

/* Largest number of FLOAT(M,D) and DOUBLE(M,D), and the rounding to D digits. */
static double limit_digits(const struct column_type *type, double *value, double limit)
{
	double unit = pow(10, type->decimals);
	double largest = pow(10, (double)type->length - type->decimals) - 1 / unit;
	if (!isinf(*value)) {
		double floored = floor(*value);
		*value = floored + rint((*value - floored) * unit) / unit;
	}
	return largest < limit ? largest : limit;
}

/* Cuts the number to the column's range; true when it had to. */
static bool fit_real(const struct column_type *type, double *value)
{
	double limit = type->kind == TYPE_FLOAT ? FLT_MAX : DBL_MAX;
	if (isnan(*value)) {
		*value = 0;
		return true;
	}
	if (*value < 0 && (type->is_unsigned || type->zerofill)) {
		*value = 0;
		return true;
	}
	if (type->decimals < 31)
		limit = limit_digits(type, value, limit);
	if (fabs(*value) <= limit)
		return false;
	*value = *value < 0 ? -limit : limit;
	return true;
}

int conversion_put_real(const struct conversion *conversion, const struct value *value)
{
	double real;
	bool overflow = false;
	enum text_end end = TEXT_ALL_READ;
	if (value->kind == VALUE_STRING)
		end = read_real(conversion_narrow_text(conversion, value), &real, &overflow);
	else
		real = value_to_double(value);
	if (end != TEXT_ALL_READ && !overflow && conversion_problem(conversion, WARN_DATA_TRUNCATED) != 0)
		return -1;
	overflow |= fit_real(conversion->type, &real);
	if (overflow && conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE) != 0)
		return -1;
	if (conversion->type->kind == TYPE_FLOAT) {
		float narrow = (float)real;
		uint32_t bits;
		memcpy(&bits, &narrow, sizeof bits);
		buf_put_u32(conversion->out, bits);
	} else {
		uint64_t bits;
		memcpy(&bits, &real, sizeof bits);
		buf_put_u64(conversion->out, bits);
	}
	return 0;
}

/* 20240131101500.25 of a date and time. */
static void decimal_of_temporal(const struct value *value, struct decimal *out)
{
	bool time = value->kind == VALUE_TIME;
	int64_t packed = value->packed;
	int64_t number = time ? time_to_number(packed) : datetime_to_number(packed);
	if (value->kind == VALUE_DATE)
		number /= 1000000;
	int64_t micro = (time && packed < 0 ? -packed : packed) & 0xffffff;
	struct decimal fraction;
	decimal_from_int(out, number);
	decimal_from_int(&fraction, time && packed < 0 ? -micro : micro);
	fraction.scale = 6;
	if (micro)
		decimal_add(out, &fraction, out);
}

static int read_decimal_value(const struct conversion *conversion, const struct value *value, struct decimal *out)
{
	enum decimal_status status = DECIMAL_OK;
	enum text_end end = TEXT_ALL_READ;
	switch (value->kind) {
	case VALUE_INT: decimal_from_int(out, value->integer); return 0;
	case VALUE_UINT: decimal_from_uint(out, value->uinteger); return 0;
	case VALUE_DECIMAL: *out = *value->decimal; return 0;
	case VALUE_DOUBLE: status = decimal_from_double(out, value->real); break;
	case VALUE_STRING: end = read_decimal(conversion_narrow_text(conversion, value), out, &status); break;
	default: decimal_of_temporal(value, out); return 0;
	}
	if (end == TEXT_NO_NUMBER || (end == TEXT_JUNK_LEFT && conversion_is_strict(conversion)))
		return conversion_incorrect(conversion, ER_TRUNCATED_WRONG_VALUE_FOR_FIELD, "decimal", value);
	if (end == TEXT_JUNK_LEFT)
		return conversion_problem(conversion, WARN_DATA_TRUNCATED);
	if (status == DECIMAL_BAD)
		return conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE);
	return 0;
}

int conversion_put_decimal(const struct conversion *conversion, const struct value *value)
{
	const struct column_type *type = conversion->type;
	struct decimal decimal;
	if (read_decimal_value(conversion, value, &decimal) != 0)
		return -1;
	enum decimal_status status;
	if (decimal.negative && (type->is_unsigned || type->zerofill)) {
		decimal = (struct decimal){.scale = type->decimals};
		status = DECIMAL_OVERFLOW;
	} else {
		status = decimal_fit(&decimal, type->length, type->decimals);
	}
	if (status == DECIMAL_OVERFLOW && conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE) != 0)
		return -1;
	if (status == DECIMAL_TRUNCATED)
		conversion_note(conversion);
	decimal_pack(&decimal, type->length, type->decimals, conversion->out);
	return 0;
}

/* The bytes as one big-endian number; false when more than `bits` bits are needed. */
static bool fits_bits(struct bytes bytes, unsigned bits)
{
	while (bytes.size && bytes.data[0] == 0) {
		bytes.data++;
		bytes.size--;
	}
	unsigned whole = bits / 8, rest = bits % 8;
	return bytes.size <= whole || (bytes.size == whole + 1 && bytes.data[0] < 1u << rest);
}

/* For BIT: doubles lose their fraction, decimals are rounded and must not be negative. */
static struct whole read_bits_value(const struct conversion *conversion, const struct value *value)
{
	enum text_end end;
	struct whole whole;
	if (value->kind == VALUE_DOUBLE) {
		whole = whole_of_double(trunc(value->real));
		whole.out_of_range = false;
		return whole;
	}
	whole = read_value(conversion, value, &end);
	if (value->kind == VALUE_DECIMAL && value->decimal->negative) {
		whole = whole_of_uint(0);
		whole.out_of_range = true;
	}
	return whole;
}

int conversion_put_bit(const struct conversion *conversion, const struct value *value)
{
	unsigned bits = conversion->type->length, size = (bits + 7) / 8;
	uint8_t number[8];
	struct bytes bytes = bytes_of(number, sizeof number);
	if (value->kind == VALUE_STRING) {
		bytes = value->string;
	} else {
		struct whole whole = read_bits_value(conversion, value);
		if (whole.out_of_range && conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE) != 0)
			return -1;
		bytes_store_uint_be(number, whole.bits, sizeof number);
	}
	uint8_t packed[8] = {0};
	if (fits_bits(bytes, bits)) {
		size_t taken = bytes.size < size ? bytes.size : size;
		if (taken)
			memcpy(packed + size - taken, bytes.data + bytes.size - taken, taken);
	} else {
		bool strict = conversion_is_strict(conversion);
		if (conversion_problem(conversion, strict ? ER_DATA_TOO_LONG : ER_WARN_DATA_OUT_OF_RANGE) != 0)
			return -1;
		bytes_store_uint_be(packed, bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1, size);
	}
	buf_put(conversion->out, packed, size);
	return 0;
}

/* One and two digits are 1970 to 2069; the number 0 is the year '0000', the text '0' is 2000. */
static uint8_t packed_year(uint64_t year, bool zero_year)
{
	if (year == 0 && zero_year)
		return 0;
	if (year < 70)
		return (uint8_t)(year + 100);
	return (uint8_t)(year > 1900 ? year - 1900 : year);
}

int conversion_put_year(const struct conversion *conversion, const struct value *value)
{
	enum text_end end;
	struct whole whole = read_value(conversion, value, &end);
	if (value->kind == VALUE_DATE || value->kind == VALUE_DATETIME) {
		struct datetime parts;
		datetime_unpack(value->packed, &parts);
		whole = whole_of_uint(parts.year);
	}
	if (value->kind == VALUE_DOUBLE) {
		whole = whole_of_double(trunc(value->real));
		whole.out_of_range |= value->real < 0;
	}
	bool bad = whole.negative || whole.out_of_range || (whole.bits >= 100 && whole.bits <= 1900) ||
		   whole.bits > 2155;
	if (bad && conversion_problem(conversion, ER_WARN_DATA_OUT_OF_RANGE) != 0)
		return -1;
	if (!bad && end != TEXT_ALL_READ) {
		if (check_text_end(conversion, end, "integer", value) != 0)
			return -1;
		bad = end == TEXT_NO_NUMBER;
	}
	bool zero_year = value->kind != VALUE_STRING || value->string.size == 4;
	buf_put_u8(conversion->out, bad ? 0 : packed_year(whole.bits, zero_year));
	return 0;
}
