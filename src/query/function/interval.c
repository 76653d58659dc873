#include "query/function/interval.h"

#include <ctype.h>
#include <math.h>

static const char *const unit_names[UNIT_COUNT] = {
	"year", "quarter", "month", "week", "day", "hour", "minute", "second", "microsecond", "year_month", "day_hour",
	"day_minute", "day_second", "hour_minute", "hour_second", "minute_second", "day_microsecond",
	"hour_microsecond", "minute_microsecond", "second_microsecond",
};

enum interval_unit interval_unit_of(struct bytes name)
{
	unsigned unit = 0;
	while (unit < UNIT_COUNT && !text_equal_nocase(name, bytes_of_string(unit_names[unit])))
		unit++;
	return (enum interval_unit)unit;
}

bool interval_unit_is_of_days(enum interval_unit unit)
{
	return unit <= UNIT_DAY || unit == UNIT_YEAR_MONTH;
}

bool interval_unit_has_days(enum interval_unit unit)
{
	return interval_unit_is_of_days(unit) || (unit >= UNIT_DAY_HOUR && unit <= UNIT_DAY_SECOND) ||
	       unit == UNIT_DAY_MICROSECOND;
}

/* ------------------------------------------------------------------ amounts */

/* A BLOB is a DECIMAL when it has a DECIMAL's form. */
static bool blob_decimal(sqlite3_value *value, struct decimal *out)
{
	return sqlite3_value_type(value) == SQLITE_BLOB && decimal_of(value, out);
}

static bool whole_amount(sqlite3_context *context, sqlite3_value *value, int64_t *out)
{
	struct decimal decimal;
	size_t used;
	bool negative, overflow;
	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		*out = sqlite3_value_int64(value);
		return true;
	case SQLITE_FLOAT: {
		double real = rint(sqlite3_value_double(value));
		*out = (int64_t)real;
		return fabs(real) < 9e18;
	}
	default:
		if (blob_decimal(value, &decimal))
			return decimal_to_int(&decimal, out) != DECIMAL_OVERFLOW;
		struct bytes text = string_of(value);
		if (is_binary(value) && text.size == sizeof(uint64_t)) /* an integer past INT64_MAX */
			return false;
		*out = (int64_t)integer_of_text(text, &used, &negative, &overflow);
		if (overflow || used == 0 || !only_spaces(bytes_of(text.data + used, text.size - used)))
			warn_truncated(context, "INTEGER", text);
		return !overflow;
	}
}

/* Seconds with a fraction, in µs. */
static bool second_amount(sqlite3_context *context, sqlite3_value *value, int64_t *out)
{
	struct decimal decimal, million;
	size_t used;
	if (sqlite3_value_type(value) == SQLITE_INTEGER)
		return !__builtin_mul_overflow(sqlite3_value_int64(value), (int64_t)1000000, out);
	if (sqlite3_value_type(value) == SQLITE_FLOAT) {
		decimal_from_double(&decimal, sqlite3_value_double(value));
	} else if (!blob_decimal(value, &decimal)) {
		struct bytes text = string_of(value);
		if (decimal_parse(&decimal, text, &used) == DECIMAL_BAD ||
		    !only_spaces(bytes_of(text.data + used, text.size - used)))
			warn_truncated(context, "DECIMAL", text);
	}
	decimal_from_int(&million, 1000000);
	decimal_truncate(&decimal, 6);
	return decimal_multiply(&decimal, &million, &decimal) != DECIMAL_OVERFLOW &&
	       decimal_to_int(&decimal, out) == DECIMAL_OK;
}

/* How many numbers a composite unit has. */
static unsigned part_count(enum interval_unit unit)
{
	switch (unit) {
	case UNIT_DAY_MICROSECOND: return 5;
	case UNIT_DAY_SECOND:
	case UNIT_HOUR_MICROSECOND: return 4;
	case UNIT_DAY_MINUTE:
	case UNIT_HOUR_SECOND:
	case UNIT_MINUTE_MICROSECOND: return 3;
	default: return 2;
	}
}

static bool unit_has_microseconds(enum interval_unit unit)
{
	return unit >= UNIT_DAY_MICROSECOND;
}

/*
 * Numbers with anything between them; when there are too few, the first ones are missing. The last one of a unit with
 * microseconds is a fraction: '1.5' is half a second more.
 */
static bool read_parts(struct bytes text, enum interval_unit unit, int64_t *parts)
{
	unsigned count = part_count(unit), found = 0;
	size_t at = 0, digits = 0;
	while (at < text.size && !isdigit(text.data[at]))
		at++;
	for (; found < count; found++) {
		parts[found] = 0;
		for (digits = 0; at < text.size && isdigit(text.data[at]); at++, digits++)
			if (__builtin_mul_overflow(parts[found], (int64_t)10, &parts[found]) ||
			    __builtin_add_overflow(parts[found], (int64_t)(text.data[at] - '0'), &parts[found]))
				return false;
		while (at < text.size && !isdigit(text.data[at]))
			at++;
		if (at == text.size && found + 1 < count) {
			found++;
			memmove(parts + count - found, parts, found * sizeof *parts);
			memset(parts, 0, (count - found) * sizeof *parts);
			break;
		}
	}
	if (unit_has_microseconds(unit))
		for (; digits < 6; digits++)
			parts[count - 1] *= 10;
	return at == text.size;
}

/* From the parts, the last of which is of the unit's smallest size. */
static bool sum_parts(enum interval_unit unit, const int64_t *parts, struct interval *out)
{
	/* µs of: day (counted apart), hour, minute, second, µs */
	static const int64_t sizes[] = {0, INT64_C(3600000000), 60000000, 1000000, 1};
	static const uint8_t first[UNIT_COUNT] = {
		[UNIT_DAY_HOUR] = 0, [UNIT_DAY_MINUTE] = 0, [UNIT_DAY_SECOND] = 0, [UNIT_HOUR_MINUTE] = 1,
		[UNIT_HOUR_SECOND] = 1, [UNIT_MINUTE_SECOND] = 2, [UNIT_DAY_MICROSECOND] = 0,
		[UNIT_HOUR_MICROSECOND] = 1, [UNIT_MINUTE_MICROSECOND] = 2, [UNIT_SECOND_MICROSECOND] = 3,
	};
	if (unit == UNIT_YEAR_MONTH)
		return !__builtin_mul_overflow(parts[0], (int64_t)12, &out->months) &&
		       !__builtin_add_overflow(out->months, parts[1], &out->months);
	for (unsigned i = 0; i < part_count(unit); i++) {
		unsigned size = first[unit] + i;
		int64_t us;
		if (size == 0)
			out->days = parts[i];
		else if (__builtin_mul_overflow(parts[i], sizes[size], &us) ||
			 __builtin_add_overflow(out->us, us, &out->us))
			return false;
	}
	return true;
}

static bool composite_amount(sqlite3_context *context, sqlite3_value *value, enum interval_unit unit,
			     struct interval *out, bool *out_negative)
{
	char printed[160];
	struct decimal decimal;
	int64_t parts[5] = {0};
	struct bytes text;
	if (blob_decimal(value, &decimal)) {
		size_t size = decimal_print(&decimal, printed);
		text = bytes_of(printed, size);
	} else if (sqlite3_value_type(value) == SQLITE_FLOAT) {
		size_t size = double_print(sqlite3_value_double(value), printed);
		text = bytes_of(printed, size);
	} else {
		text = string_of(value);
	}
	while (text.size && isspace(*text.data))
		text = bytes_of(text.data + 1, text.size - 1);
	*out_negative = text.size && *text.data == '-';
	return read_parts(text, unit, parts) && sum_parts(unit, parts, out);
}

bool interval_read(sqlite3_context *context, sqlite3_value *amount, enum interval_unit unit, bool negative,
		   struct interval *out)
{
	static const int64_t scales[] = {
		[UNIT_YEAR] = 12, [UNIT_QUARTER] = 3, [UNIT_MONTH] = 1, [UNIT_WEEK] = 7, [UNIT_DAY] = 1,
		[UNIT_HOUR] = INT64_C(3600000000), [UNIT_MINUTE] = 60000000, [UNIT_SECOND] = 1, [UNIT_MICROSECOND] = 1,
	};
	bool minus = false;
	int64_t whole;
	*out = (struct interval){0};
	if (is_null(amount) || unit >= UNIT_COUNT)
		return false;
	if (unit >= UNIT_YEAR_MONTH) {
		if (!composite_amount(context, amount, unit, out, &minus))
			return false;
	} else {
		bool good = unit == UNIT_SECOND ? second_amount(context, amount, &whole)
						: whole_amount(context, amount, &whole);
		int64_t *target = unit <= UNIT_MONTH ? &out->months : unit <= UNIT_DAY ? &out->days : &out->us;
		if (!good || __builtin_mul_overflow(whole, scales[unit], target))
			return false;
	}
	if (out->months == INT64_MIN || out->days == INT64_MIN || out->us == INT64_MIN)
		return false;
	if (minus != negative)
		*out = (struct interval){-out->months, -out->days, -out->us};
	return true;
}
