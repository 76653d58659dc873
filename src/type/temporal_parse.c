/*
 * Reading dates and times as MySQL does, its indulgence included.
 *
 * A datetime is up to seven numbers: year, month, day, hour, minute, second, fraction. Either nothing stands
 * between them and each has its width ("internal": the text begins with digits up to its end or a point), or
 * any punctuation does, a space or T after the day. At least three must be there. Two-digit years are 1970 to
 * 2069.
 *
 * A time is [days ]hours:minutes[:seconds] or the digits hhmmss, or a whole datetime of 12 characters or more,
 * whose date is dropped.
 */
#include <ctype.h>
#include <string.h>

#include "type/temporal.h"

enum { part_year, part_month, part_day, part_hour, part_minute, part_second, part_fraction, part_count };
enum { two_digit_year_limit = 70, part_max = 999999, hour_max = 838, digits_of_fraction = 6 };

struct scan {
	const uint8_t *at;
	const uint8_t *end;
	unsigned part[part_count];
	uint8_t width[part_count]; /* digits each part had */
	unsigned count;            /* parts found */
	bool packed_digits;        /* the form without delimiters */
	bool any;                  /* a part that is not 0 */
	bool delimiter;
	bool space;                /* a space or T between day and hour */
};

static bool at_digit(const struct scan *scan)
{
	return scan->at != scan->end && isdigit(*scan->at);
}

/* Width that the next part has in the form without delimiters. */
static unsigned first_width(struct scan *scan)
{
	const uint8_t *at = scan->at;
	while (at != scan->end && (isdigit(*at) || *at == 'T'))
		at++;
	size_t digits = (size_t)(at - scan->at);
	scan->packed_digits = at == scan->end || *at == '.';
	if (!scan->packed_digits)
		return 4;
	return digits == 4 || digits == 8 || digits >= 14 ? 4 : 2;
}

static bool scan_part(struct scan *scan, unsigned part, unsigned width)
{
	const uint8_t *start = scan->at;
	bool limited = scan->packed_digits || part == part_fraction;
	unsigned value = 0;
	while (at_digit(scan) && (!limited || scan->at < start + width)) {
		value = value * 10 + (*scan->at++ - '0');
		if (value > part_max)
			return false;
	}
	scan->part[part] = value;
	size_t digits = (size_t)(scan->at - start);
	scan->width[part] = digits > UINT8_MAX ? UINT8_MAX : (uint8_t)digits;
	scan->any |= value != 0;
	scan->count = part + 1;
	return true;
}

/* Spaces are only legal behind the day and at the end of the fraction. */
static bool skip_delimiters(struct scan *scan, unsigned part)
{
	for (; scan->at != scan->end && (ispunct(*scan->at) || isspace(*scan->at)); scan->at++) {
		if (isspace(*scan->at)) {
			if (part != part_day && part != part_fraction)
				return false;
			scan->space = true;
		}
		scan->delimiter = true;
	}
	return true;
}

/* Cuts the text into parts; `at` ends behind the last. False: no datetime at all. */
static bool scan_parts(struct scan *scan)
{
	while (scan->at != scan->end && isspace(*scan->at))
		scan->at++;
	if (!at_digit(scan))
		return false;
	unsigned width = first_width(scan);
	for (unsigned part = 0; part < part_count && at_digit(scan); part++) {
		if (!scan_part(scan, part, width))
			return false;
		width = 2;
		if (scan->at == scan->end)
			break;
		if (part == part_day && *scan->at == 'T') {
			scan->space = true;
			scan->at++;
		} else if (part == part_second) {
			if (*scan->at != '.')
				break;
			scan->at++;
			width = digits_of_fraction;
		} else if (part == part_fraction && (isdigit(*scan->at) || *scan->at == '+' || *scan->at == '-')) {
			break;
		} else if (!skip_delimiters(scan, part)) {
			return false;
		}
	}
	return true;
}

static unsigned scaled_fraction(unsigned fraction, unsigned digits)
{
	for (; digits < digits_of_fraction; digits++)
		fraction *= 10;
	return fraction;
}

static void scan_to_datetime(const struct scan *scan, struct datetime *out)
{
	*out = (struct datetime){.year = scan->part[part_year], .month = scan->part[part_month],
				 .day = scan->part[part_day], .hour = scan->part[part_hour],
				 .minute = scan->part[part_minute], .second = scan->part[part_second]};
	out->microsecond = scaled_fraction(scan->part[part_fraction], scan->width[part_fraction]);
	bool short_year = scan->packed_digits ? scan->width[part_year] <= 2 : scan->width[part_year] == 2;
	if (short_year && scan->any)
		out->year += out->year < two_digit_year_limit ? 2000 : 1900;
}

static bool parts_in_range(const struct datetime *value)
{
	return value->year <= 9999 && value->month <= 12 && value->day <= 31 && value->hour <= 23 &&
	       value->minute <= 59 && value->second <= 59;
}

/* The digit past the microseconds decides their rounding; those behind it do not count. */
static bool skip_nanoseconds(struct scan *scan)
{
	if (scan->width[part_fraction] != digits_of_fraction || !at_digit(scan))
		return false;
	bool half = *scan->at >= '5';
	while (at_digit(scan))
		scan->at++;
	return half;
}

static bool only_spaces_left(const struct scan *scan)
{
	for (const uint8_t *at = scan->at; at != scan->end; at++)
		if (!isspace(*at))
			return false;
	return true;
}

/* 9999-12-31 23:59:59 */
static const int64_t last_second = (((INT64_C(9999) * 13 + 12) << 5 | 31) << 17 | 23 << 12 | 59 << 6 | 59) << 24;

/* To the microsecond, then to fsp. False past the year 9999. */
static bool round_datetime(int64_t *packed, bool half_micro, unsigned flags, unsigned fsp)
{
	static const uint32_t unit[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	fsp = fsp > 6 ? 6 : fsp;
	uint32_t micro = (uint32_t)(*packed & 0xffffff);
	if (flags & TEMPORAL_TIME_TRUNCATE) {
		*packed -= micro % unit[fsp];
		return true;
	}
	if (half_micro) {
		int64_t up = micro == 999999 ? datetime_round(*packed, 0) : *packed + 1;
		if (up < *packed)
			return *packed < last_second;
		*packed = up;
	}
	int64_t before = *packed;
	*packed = datetime_round(before, fsp);
	uint32_t rest = (uint32_t)(before & 0xffffff) % unit[fsp];
	return before < last_second || *packed >= before || rest < unit[fsp] / 2;
}

/* "+02:00" at the end: seconds east. MySQL's range is -13:59 to +14:00, and -00:00 is no offset. */
static bool scan_offset(struct scan *scan, int *out_seconds)
{
	const uint8_t *at = scan->at;
	if (scan->end - at < 6 || (at[0] != '+' && at[0] != '-') || at[3] != ':' || !isdigit(at[1]) ||
	    !isdigit(at[2]) || !isdigit(at[4]) || !isdigit(at[5]))
		return false;
	int minutes = ((at[1] - '0') * 10 + at[2] - '0') * 60 + (at[4] - '0') * 10 + at[5] - '0';
	bool negative = at[0] == '-';
	if (at[4] > '5' || minutes > 14 * 60 || (negative && (minutes == 14 * 60 || minutes == 0)))
		return false;
	*out_seconds = negative ? -minutes * 60 : minutes * 60;
	scan->at += 6;
	return true;
}

static int64_t shift_to_zone(int64_t packed, int offset, const struct time_zone *zone)
{
	struct datetime value;
	datetime_unpack(packed, &value);
	int64_t seconds = (days_from_date(value.year, value.month, value.day) - 719528) * 86400 +
			  value.hour * 3600 + value.minute * 60 + value.second - offset;
	return time_zone_to_local(zone, seconds * 1000000 + value.microsecond);
}

enum temporal_status datetime_parse_zone(struct bytes text, unsigned flags, unsigned fsp, const struct time_zone *zone,
					 int64_t *out_packed)
{
	struct scan scan = {.at = text.data, .end = text.size ? text.data + text.size : text.data};
	struct datetime value;
	if (!scan_parts(&scan))
		return TEMPORAL_BAD;
	scan_to_datetime(&scan, &value);
	if (scan.count < 3 || !parts_in_range(&value))
		return !scan.any && only_spaces_left(&scan) ? TEMPORAL_OUT_OF_RANGE : TEMPORAL_BAD;
	if (!datetime_is_valid(&value, flags))
		return TEMPORAL_OUT_OF_RANGE;
	int64_t packed = datetime_pack(&value);
	bool half_micro = skip_nanoseconds(&scan);
	int offset = 0;
	bool shifted = zone && scan.count > part_second && value.month && value.day && scan_offset(&scan, &offset);
	if (!round_datetime(&packed, half_micro, flags, fsp))
		return TEMPORAL_OUT_OF_RANGE;
	*out_packed = shifted ? shift_to_zone(packed, offset, zone) : packed;
	return only_spaces_left(&scan) ? TEMPORAL_OK : TEMPORAL_TRUNCATED;
}

enum temporal_status datetime_parse(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed)
{
	return datetime_parse_zone(text, flags, fsp, NULL, out_packed);
}

struct time_scan {
	const uint8_t *at;
	const uint8_t *end;
	uint64_t field[4]; /* days, hours, minutes, seconds */
	unsigned microsecond;
	bool half_micro; /* the seventh digit rounds up */
};

/* Digits up to UINT32_MAX; false past that. */
static bool scan_number(struct time_scan *scan, uint64_t *out)
{
	uint64_t value = 0;
	for (; scan->at != scan->end && isdigit(*scan->at); scan->at++) {
		value = value * 10 + (*scan->at - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*out = value;
	return true;
}

static bool colon_and_digit(const struct time_scan *scan)
{
	return scan->end - scan->at > 1 && scan->at[0] == ':' && isdigit(scan->at[1]);
}

/* Days, hours, minutes and seconds, whichever were given. */
static bool scan_clock(struct time_scan *scan)
{
	uint64_t first;
	if (!scan_number(scan, &first))
		return false;
	const uint8_t *end_of_days = scan->at;
	while (scan->at != scan->end && isspace(*scan->at))
		scan->at++;
	unsigned next;
	if (scan->at != end_of_days && scan->end - scan->at > 1 && isdigit(*scan->at)) {
		scan->field[0] = first;
		next = 1;
	} else if (colon_and_digit(scan)) {
		scan->field[1] = first;
		next = 2;
		scan->at++;
	} else {
		scan->field[1] = first / 10000;
		scan->field[2] = first / 100 % 100;
		scan->field[3] = first % 100;
		return true;
	}
	for (;;) {
		if (!scan_number(scan, &scan->field[next++]))
			return false;
		if (next == 4 || !colon_and_digit(scan))
			return true;
		scan->at++;
	}
}

static void scan_fraction(struct time_scan *scan)
{
	if (scan->at == scan->end || *scan->at != '.')
		return;
	if (scan->end - scan->at == 1) {
		scan->at++;
		return;
	}
	if (!isdigit(scan->at[1]))
		return;
	unsigned digits = 0, value = 0;
	for (scan->at++; scan->at != scan->end && isdigit(*scan->at); scan->at++, digits++) {
		if (digits < digits_of_fraction)
			value = value * 10 + (*scan->at - '0');
		else if (digits == digits_of_fraction)
			scan->half_micro = *scan->at >= '5';
	}
	scan->microsecond = scaled_fraction(value, digits);
}

static bool at_exponent(const struct time_scan *scan)
{
	size_t left = (size_t)(scan->end - scan->at);
	if (left < 2 || (*scan->at | 0x20) != 'e')
		return false;
	return isdigit(scan->at[1]) ||
	       (left > 2 && (scan->at[1] == '-' || scan->at[1] == '+') && isdigit(scan->at[2]));
}

/* A whole datetime: the date is dropped. False when it is not one, or is but a date. */
static bool parse_full(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed,
		       enum temporal_status *out_status)
{
	struct scan scan = {.at = text.data, .end = text.data + text.size};
	if (!scan_parts(&scan) || scan.count < 3 || (scan.delimiter && !scan.space))
		return false;
	int64_t packed;
	*out_status = datetime_parse(text, flags & TEMPORAL_TIME_TRUNCATE, fsp, &packed);
	if (*out_status == TEMPORAL_OK || *out_status == TEMPORAL_TRUNCATED) {
		struct datetime value;
		datetime_unpack(packed, &value);
		value.negative = false;
		*out_packed = time_pack(&value);
	}
	return true;
}

static int64_t largest_time(bool negative)
{
	return time_pack(&(struct datetime){.hour = hour_max, .minute = 59, .second = 59, .negative = negative});
}

static enum temporal_status fit_time(const struct time_scan *scan, bool negative, unsigned flags, unsigned fsp,
				     int64_t *out_packed)
{
	if (scan->field[2] > 59 || scan->field[3] > 59)
		return TEMPORAL_BAD;
	uint64_t hours = scan->field[0] * 24 + scan->field[1];
	struct datetime value = {.hour = hours > hour_max ? hour_max + 1 : (unsigned)hours,
				 .minute = (unsigned)scan->field[2], .second = (unsigned)scan->field[3],
				 .microsecond = scan->microsecond, .negative = negative};
	int64_t limit = largest_time(false);
	value.negative = false;
	int64_t packed = time_pack(&value);
	if (flags & TEMPORAL_TIME_TRUNCATE) {
		uint32_t unit = 1;
		for (unsigned i = fsp; i < 6; i++)
			unit *= 10;
		packed -= value.microsecond % unit;
	} else if (packed <= limit) {
		if (scan->half_micro)
			packed = value.microsecond == 999999 ? time_round(packed, 0) : packed + 1;
		packed = time_round(packed, fsp);
	}
	bool out_of_range = packed > limit;
	packed = out_of_range ? limit : packed;
	*out_packed = negative ? -packed : packed;
	return out_of_range ? TEMPORAL_OUT_OF_RANGE : TEMPORAL_OK;
}

enum temporal_status time_parse(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed)
{
	struct time_scan scan = {.at = text.data, .end = text.size ? text.data + text.size : text.data};
	enum temporal_status status;
	while (scan.at != scan.end && isspace(*scan.at))
		scan.at++;
	bool negative = scan.at != scan.end && *scan.at == '-';
	scan.at += negative;
	if (scan.at == scan.end)
		return TEMPORAL_BAD;
	struct bytes rest = bytes_of(scan.at, (size_t)(scan.end - scan.at));
	if (rest.size >= 12 && parse_full(rest, flags, fsp, out_packed, &status))
		return status;
	if (!scan_clock(&scan))
		return TEMPORAL_BAD;
	scan_fraction(&scan);
	if (at_exponent(&scan))
		return TEMPORAL_BAD;
	status = fit_time(&scan, negative, flags, fsp, out_packed);
	if (status != TEMPORAL_OK)
		return status;
	for (; scan.at != scan.end; scan.at++)
		if (!isspace(*scan.at))
			return TEMPORAL_TRUNCATED;
	return TEMPORAL_OK;
}

/* YYMMDD and its friends as YYYYMMDDhhmmss; -1 for numbers between the forms. */
static int64_t expand_number(int64_t number)
{
	if (number == 0 || number >= INT64_C(10000101000000))
		return number;
	if (number < 101)
		return -1;
	if (number <= 691231)
		return (number + 20000000) * 1000000;
	if (number < 700101)
		return -1;
	if (number <= 991231)
		return (number + 19000000) * 1000000;
	if (number <= 99991231)
		return number * 1000000;
	if (number < 101000000)
		return -1;
	if (number <= INT64_C(691231235959))
		return number + INT64_C(20000000000000);
	if (number < INT64_C(700101000000))
		return -1;
	return number <= INT64_C(991231235959) ? number + INT64_C(19000000000000) : number;
}

enum temporal_status datetime_from_number(int64_t number, unsigned flags, int64_t *out_packed)
{
	if (number > INT64_C(99999999999999))
		return TEMPORAL_OUT_OF_RANGE;
	int64_t expanded = expand_number(number);
	if (expanded < 0)
		return TEMPORAL_BAD;
	unsigned date = (unsigned)(expanded / 1000000), time = (unsigned)(expanded % 1000000);
	struct datetime value = {.year = date / 10000, .month = date / 100 % 100, .day = date % 100,
				 .hour = time / 10000, .minute = time / 100 % 100, .second = time % 100};
	if (!parts_in_range(&value))
		return TEMPORAL_BAD;
	if (!datetime_is_valid(&value, flags))
		return TEMPORAL_OUT_OF_RANGE;
	*out_packed = datetime_pack(&value);
	return TEMPORAL_OK;
}

enum temporal_status time_from_number(int64_t number, int64_t *out_packed)
{
	int64_t limit = 8385959;
	if (number > limit || number < -limit) {
		int64_t packed;
		if (number >= INT64_C(10000000000) && datetime_from_number(number, 0, &packed) == TEMPORAL_OK) {
			struct datetime value;
			datetime_unpack(packed, &value);
			*out_packed = time_pack(&value);
			return TEMPORAL_OK;
		}
		*out_packed = largest_time(number < 0);
		return TEMPORAL_OUT_OF_RANGE;
	}
	unsigned size = (unsigned)(number < 0 ? -number : number);
	struct datetime value = {.hour = size / 10000, .minute = size / 100 % 100, .second = size % 100,
				 .negative = number < 0};
	if (value.minute > 59 || value.second > 59) {
		*out_packed = 0;
		return TEMPORAL_OUT_OF_RANGE;
	}
	*out_packed = time_pack(&value);
	return TEMPORAL_OK;
}
