#include <math.h>
#include <time.h>

#include "type/convert_inside.h"
#include "type/sql_mode.h"
#include "type/temporal_packed.h"

/* What a value gave: a time, and how well it fit. */
struct reading {
	int64_t packed;
	enum temporal_status status;
	bool lost_date; /* into TIME: there was a date as well */
};

static unsigned temporal_flags_of(const struct conversion *conversion)
{
	uint64_t mode = conversion->context->sql_mode;
	unsigned flags = 0;
	if (mode & SQL_MODE_NO_ZERO_DATE)
		flags |= TEMPORAL_NO_ZERO_DATE;
	if (mode & SQL_MODE_TIME_TRUNCATE_FRACTIONAL)
		flags |= TEMPORAL_TIME_TRUNCATE;
	/* A TIMESTAMP is an instant: only the zero date itself has a place beside those. */
	if (conversion->type->kind == TYPE_TIMESTAMP)
		return flags | TEMPORAL_NO_ZERO_IN_DATE;
	if (mode & SQL_MODE_NO_ZERO_IN_DATE)
		flags |= TEMPORAL_NO_ZERO_IN_DATE;
	if (mode & SQL_MODE_ALLOW_INVALID_DATES)
		flags |= TEMPORAL_INVALID_DATES;
	return flags;
}

static const char *type_word(const struct conversion *conversion)
{
	switch (conversion->type->kind) {
	case TYPE_DATE: return "date";
	case TYPE_TIME: return "time";
	default: return "datetime";
	}
}

/* "Incorrect datetime value" when strict; otherwise the plain warning of the kind. */
static int problem(const struct conversion *conversion, enum error_code code, const struct value *value)
{
	if (conversion_is_strict(conversion))
		return conversion_incorrect(conversion, ER_TRUNCATED_WRONG_VALUE, type_word(conversion), value);
	return conversion_problem(conversion, code);
}

static int report(const struct conversion *conversion, enum temporal_status status, const struct value *value)
{
	switch (status) {
	case TEMPORAL_OK: return 0;
	case TEMPORAL_OUT_OF_RANGE: return problem(conversion, ER_WARN_DATA_OUT_OF_RANGE, value);
	default: return problem(conversion, WARN_DATA_TRUNCATED, value);
	}
}

static int64_t cut_fraction(int64_t packed, unsigned fsp)
{
	static const int32_t unit[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int32_t micro = (int32_t)((packed < 0 ? -packed : packed) & 0xffffff);
	int32_t rest = micro % unit[fsp > 6 ? 6 : fsp];
	return packed < 0 ? packed + rest : packed - rest;
}

static bool beyond_last_date(int64_t before, int64_t after)
{
	struct datetime value;
	datetime_unpack(before, &value);
	return value.year == 9999 && after < before && (before & 0xffffff) >= 500000;
}

/* Rounds to the column's digits. False when that leads past the year 9999. */
static bool round_reading(struct reading *reading, unsigned flags, unsigned fsp)
{
	int64_t before = reading->packed;
	if (flags & TEMPORAL_TIME_TRUNCATE) {
		reading->packed = cut_fraction(before, fsp);
		return true;
	}
	reading->packed = datetime_round(before, fsp);
	return !beyond_last_date(before, reading->packed);
}

/* The microseconds of a number's fraction, rounded, with its sign; the number loses it. */
static int take_fraction(struct decimal *number)
{
	struct decimal whole = *number, fraction, million;
	int64_t micro = 0;
	decimal_truncate(&whole, 0);
	decimal_subtract(number, &whole, &fraction);
	decimal_from_int(&million, 1000000);
	decimal_multiply(&fraction, &million, &fraction);
	decimal_to_int(&fraction, &micro);
	*number = whole;
	return (int)micro;
}

/* A number as an integer and microseconds. False when no date or time is as large. */
static bool split_number(const struct value *value, int64_t *out_number, int *out_micro)
{
	struct decimal number;
	*out_micro = 0;
	switch (value->kind) {
	case VALUE_INT: *out_number = value->integer; return true;
	case VALUE_UINT: *out_number = (int64_t)value->uinteger; return value->uinteger <= INT64_MAX;
	case VALUE_DOUBLE:
		if (decimal_from_double(&number, value->real) == DECIMAL_BAD)
			return false;
		break;
	default: number = *value->decimal;
	}
	*out_micro = take_fraction(&number);
	return decimal_to_int(&number, out_number) == DECIMAL_OK;
}

static struct reading read_number_as_datetime(const struct value *value, unsigned flags)
{
	struct reading reading = {0};
	int64_t number;
	int micro;
	if (!split_number(value, &number, &micro)) {
		reading.status = TEMPORAL_OUT_OF_RANGE;
		return reading;
	}
	if (micro < 0) {
		reading.status = TEMPORAL_BAD;
		return reading;
	}
	reading.status = datetime_from_number(number, flags, &reading.packed);
	if (reading.status != TEMPORAL_OK || micro == 0)
		return reading;
	/* Eight digits and fewer are a date, which has no fraction of a second. */
	if (number && number <= 99991231)
		reading.status = TEMPORAL_TRUNCATED;
	else if (micro == 1000000)
		reading.packed = datetime_round(reading.packed + 999999, 0);
	else
		reading.packed += micro;
	return reading;
}

/* A TIME where a date is wanted is one of today. */
static int64_t add_today(const struct conversion *conversion, int64_t packed_time)
{
	int64_t now = time_zone_to_local(conversion->context->zone, (int64_t)time(NULL) * 1000000);
	struct datetime today, clock;
	datetime_unpack(now, &today);
	time_unpack(packed_time, &clock);
	int64_t seconds = (int64_t)clock.hour * 3600 + clock.minute * 60 + clock.second;
	int64_t micros = seconds * 1000000 + clock.microsecond;
	micros = clock.negative ? -micros : micros;
	int64_t day = days_from_date(today.year, today.month, today.day) - 719528;
	return time_zone_to_local(time_zone_utc(), day * INT64_C(86400000000) + micros);
}

static struct reading read_datetime(const struct conversion *conversion, const struct value *value, unsigned flags)
{
	struct reading reading = {0};
	struct datetime parts;
	switch (value->kind) {
	case VALUE_STRING:
		reading.status = datetime_parse_zone(conversion_narrow_text(conversion, value), flags,
						     conversion->type->kind == TYPE_DATE ? 0
											 : conversion->type->decimals,
						     conversion->context->zone, &reading.packed);
		break;
	case VALUE_DATE:
	case VALUE_DATETIME:
		datetime_unpack(value->packed, &parts);
		reading.packed = value->packed;
		reading.status = datetime_is_valid(&parts, flags) ? TEMPORAL_OK : TEMPORAL_OUT_OF_RANGE;
		break;
	case VALUE_TIME: reading.packed = add_today(conversion, value->packed); break;
	default: reading = read_number_as_datetime(value, flags);
	}
	if (reading.status == TEMPORAL_BAD || reading.status == TEMPORAL_OUT_OF_RANGE)
		reading.packed = 0;
	return reading;
}

static int put_timestamp(const struct conversion *conversion, int64_t packed, const struct value *value)
{
	const struct time_zone *zone = conversion->context->zone;
	int64_t epoch_us = 0;
	if (packed && !time_zone_to_epoch(zone, packed, &epoch_us)) {
		if (problem(conversion, ER_WARN_DATA_OUT_OF_RANGE, value) != 0)
			return -1;
		epoch_us = 0;
	} else if (packed && time_zone_to_local(zone, epoch_us) != packed) {
		/* A local time that daylight saving skips. */
		if (problem(conversion, ER_WARN_INVALID_TIMESTAMP, value) != 0)
			return -1;
	}
	packed_put_timestamp(epoch_us, conversion->type->decimals, conversion->out);
	return 0;
}

int conversion_put_datetime(const struct conversion *conversion, const struct value *value)
{
	const struct column_type *type = conversion->type;
	unsigned flags = temporal_flags_of(conversion);
	unsigned fsp = type->kind == TYPE_DATE ? 0 : type->decimals;
	struct reading reading = read_datetime(conversion, value, flags);
	if (!round_reading(&reading, flags, fsp)) {
		reading.status = TEMPORAL_OUT_OF_RANGE;
		reading.packed = 0;
	}
	if (reading.status != TEMPORAL_OK && report(conversion, reading.status, value) != 0)
		return -1;
	switch (type->kind) {
	case TYPE_DATE:
		if (reading.packed & ((INT64_C(1) << 41) - 1))
			conversion_note(conversion);
		packed_put_date(reading.packed, conversion->out);
		return 0;
	case TYPE_DATETIME: packed_put_datetime(reading.packed, fsp, conversion->out); return 0;
	default: return put_timestamp(conversion, reading.packed, value);
	}
}

/* The time of a datetime. */
static struct reading drop_date(int64_t packed)
{
	struct reading reading = {.lost_date = packed >> 41 != 0};
	struct datetime parts;
	datetime_unpack(packed, &parts);
	parts.negative = false;
	reading.packed = time_pack(&parts);
	return reading;
}

static struct reading read_number_as_time(const struct value *value)
{
	struct reading reading = {0};
	int64_t number;
	int micro;
	bool fits = split_number(value, &number, &micro);
	if (!fits)
		number = value_to_double(value) < 0 ? INT64_MIN + 1 : INT64_MAX;
	reading.status = time_from_number(number, &reading.packed);
	if (reading.status != TEMPORAL_OK)
		return reading;
	reading.lost_date = number > 8385959;
	if (micro == 1000000 || micro == -1000000)
		reading.packed = time_round(reading.packed + (micro < 0 ? -999999 : 999999), 0);
	else
		reading.packed += micro;
	return reading;
}

static struct reading read_time_text(struct bytes text, unsigned flags, unsigned fsp)
{
	struct reading reading = {0};
	int64_t whole;
	reading.status = time_parse(text, flags, fsp, &reading.packed);
	if (reading.status == TEMPORAL_BAD) {
		/* Fields past 59 are out of range; a text without any is no time. */
		reading.packed = 0;
		reading.status = text_is_blank(text) ? TEMPORAL_TRUNCATED : TEMPORAL_OUT_OF_RANGE;
	} else if (text.size >= 12 && reading.status == TEMPORAL_OK && memchr(text.data, '-', text.size)) {
		reading.lost_date = datetime_parse(text, 0, 6, &whole) == TEMPORAL_OK && whole >> 41 != 0;
	}
	return reading;
}

int conversion_put_time(const struct conversion *conversion, const struct value *value)
{
	unsigned flags = temporal_flags_of(conversion), fsp = conversion->type->decimals;
	struct reading reading = {0};
	switch (value->kind) {
	case VALUE_STRING:
		reading = read_time_text(conversion_narrow_text(conversion, value), flags, fsp);
		break;
	case VALUE_TIME: reading.packed = value->packed; break;
	case VALUE_DATE:
	case VALUE_DATETIME: reading = drop_date(value->packed); break;
	default: reading = read_number_as_time(value);
	}
	if (reading.status != TEMPORAL_OK && report(conversion, reading.status, value) != 0)
		return -1;
	if (reading.lost_date && reading.status == TEMPORAL_OK)
		conversion_note(conversion);
	reading.packed = flags & TEMPORAL_TIME_TRUNCATE ? cut_fraction(reading.packed, fsp)
							: time_round(reading.packed, fsp);
	packed_put_time(reading.packed, fsp, conversion->out);
	return 0;
}
