/*
 * Adding to dates and times, and subtracting them: INTERVAL arithmetic, ADDTIME, TIMEDIFF, TIMESTAMPDIFF, EXTRACT.
 *
 * Dates in the calendar become microseconds since its beginning and back; the calendar ends with the year 9999.
 */
#include <ctype.h>

#include "query/function/interval.h"
#include "query/function/time.h"

static const int64_t day_us = INT64_C(86400000000);
enum { last_day = 3652424 };

int64_t time_to_us(const struct datetime *time)
{
	int64_t us = (((int64_t)time->hour * 60 + time->minute) * 60 + time->second) * 1000000 + time->microsecond;
	return time->negative ? -us : us;
}

static void set_clock(int64_t us, struct datetime *out)
{
	out->microsecond = (unsigned)(us % 1000000);
	us /= 1000000;
	out->hour = (unsigned)(us / 3600);
	out->minute = (unsigned)(us / 60 % 60);
	out->second = (unsigned)(us % 60);
}

int64_t time_from_us(int64_t us, bool *out_cut)
{
	static const int64_t limit_us = (INT64_C(839) * 3600 - 1) * 1000000;
	struct datetime time = {.negative = us < 0};
	uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;
	*out_cut = size > (uint64_t)limit_us;
	set_clock(*out_cut ? limit_us : (int64_t)size, &time);
	return time_pack(&time);
}

int64_t datetime_to_us(const struct datetime *value)
{
	struct datetime clock = *value;
	clock.negative = false;
	return days_from_date(value->year, value->month, value->day) * day_us + time_to_us(&clock);
}

bool datetime_from_us(int64_t us, struct datetime *out)
{
	int64_t days = us / day_us, rest = us % day_us;
	if (us < 0 || days > last_day)
		return false;
	date_from_days(days, out);
	set_clock(rest, out);
	return true;
}

/* ------------------------------------------------------------------ INTERVAL */

static bool add_months(struct datetime *value, int64_t months)
{
	enum { all_months = 120000 };
	int64_t sum;
	if (__builtin_add_overflow((int64_t)value->year * 12 + value->month - 1, months, &sum) || sum < 0 ||
	    sum >= all_months)
		return false;
	value->year = (unsigned)(sum / 12);
	value->month = (unsigned)(sum % 12 + 1);
	unsigned last = days_in_month(value->year, value->month);
	if (value->day > last)
		value->day = last;
	return true;
}

static bool add_interval(struct datetime *value, const struct interval *interval)
{
	int64_t us, days_us;
	if (interval->months)
		return add_months(value, interval->months);
	if (__builtin_mul_overflow(interval->days, day_us, &days_us) ||
	    __builtin_add_overflow(datetime_to_us(value), days_us, &us) ||
	    __builtin_add_overflow(us, interval->us, &us))
		return false;
	return datetime_from_us(us, value);
}

static void warn_overflow(sqlite3_context *context, const char *what)
{
	FUNCTION_WARN(context, ER_DATETIME_FUNCTION_OVERFLOW, what);
}

/* (x, amount, unit, sign [, fsp]): sign is -1 to subtract. */
static bool interval_of(sqlite3_context *context, sqlite3_value **arguments, enum interval_unit *out_unit,
			struct interval *out, const char *what)
{
	if (any_null(2, arguments))
		return false;
	*out_unit = interval_unit_of(string_of(arguments[2]));
	if (*out_unit == UNIT_COUNT) {
		FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "this INTERVAL");
		return false;
	}
	if (interval_read(context, arguments[1], *out_unit, sqlite3_value_int(arguments[3]) < 0, out))
		return true;
	if (!any_null(1, arguments + 1))
		warn_overflow(context, what);
	return false;
}

/* DATE and DATETIME: the same number. */
static void gm_date_add_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	struct interval interval;
	enum interval_unit unit;
	if (!interval_of(context, arguments, &unit, &interval, "datetime") ||
	    !calendar_parts(context, arguments[0], &value))
		return;
	if (add_interval(&value, &interval))
		sqlite3_result_int64(context, datetime_pack(&value));
	else
		warn_overflow(context, "datetime");
}

/* A TIME of today, where days are added. */
static bool time_today(sqlite3_context *context, const struct datetime *time, struct datetime *out)
{
	const struct session *session = session_of(context);
	struct datetime now;
	datetime_unpack(time_zone_to_local(session->variables.time_zone, session->statement_time_us), &now);
	struct datetime today = {.year = now.year, .month = now.month, .day = now.day};
	return datetime_from_us(datetime_to_us(&today) + time_to_us(time), out);
}

static void gm_date_add_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime time, value;
	struct interval interval;
	enum interval_unit unit;
	if (!interval_of(context, arguments, &unit, &interval, "time"))
		return;
	time_unpack(sqlite3_value_int64(arguments[0]), &time);
	if (interval_unit_has_days(unit)) {
		if (time_today(context, &time, &value) && add_interval(&value, &interval))
			sqlite3_result_int64(context, datetime_pack(&value));
		else
			warn_overflow(context, "datetime");
		return;
	}
	int64_t us;
	bool cut = __builtin_add_overflow(time_to_us(&time), interval.us, &us);
	int64_t packed = cut ? 0 : time_from_us(us, &cut);
	if (cut)
		warn_overflow(context, "time");
	else
		sqlite3_result_int64(context, packed);
}

/* As short as it is: a fraction only when there is one. */
static void answer_datetime_text(sqlite3_context *context, int64_t packed, bool date_only)
{
	char text[32];
	unsigned fsp = packed & 0xffffff ? 6 : 0;
	result_utf8(context, text, date_only ? date_print(packed, text) : datetime_print(packed, fsp, text));
}

/* A date is up to three numbers, or one of eight digits at most. */
static bool has_clock(struct bytes text)
{
	enum { digits_of_a_date = 8 };
	unsigned numbers = 0, digits = 0, longest = 0;
	for (size_t i = 0; i < text.size; i++) {
		digits = isdigit(text.data[i]) ? digits + 1 : 0;
		numbers += digits == 1;
		longest = digits > longest ? digits : longest;
	}
	return numbers > 3 || longest > digits_of_a_date;
}

/* A text is a date or a datetime, and so is the answer. */
static void gm_date_add_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	struct interval interval;
	enum interval_unit unit;
	int64_t packed;
	if (!interval_of(context, arguments, &unit, &interval, "datetime"))
		return;
	struct bytes text = string_of(arguments[0]);
	enum temporal_status status = datetime_parse_zone(text, temporal_flags_of(context) | TEMPORAL_NO_ZERO_DATE |
							  TEMPORAL_NO_ZERO_IN_DATE, 6,
							  session_of(context)->variables.time_zone, &packed);
	if (status != TEMPORAL_OK && status != TEMPORAL_TRUNCATED) {
		warn_incorrect(context, "datetime", text);
		return;
	}
	if (status == TEMPORAL_TRUNCATED)
		warn_truncated(context, "datetime", text);
	datetime_unpack(packed, &value);
	if (add_interval(&value, &interval))
		answer_datetime_text(context, datetime_pack(&value), interval_unit_is_of_days(unit) && !has_clock(text));
	else
		warn_overflow(context, "datetime");
}

/* ------------------------------------------------------------------ ADDTIME, SUBTIME: (x, TIME, fsp) */

static void add_time_to_datetime(sqlite3_context *context, sqlite3_value **arguments, int sign)
{
	struct datetime value, time;
	if (any_null(2, arguments) || !calendar_parts(context, arguments[0], &value))
		return;
	time_unpack(sqlite3_value_int64(arguments[1]), &time);
	if (datetime_from_us(datetime_to_us(&value) + sign * time_to_us(&time), &value))
		sqlite3_result_int64(context, datetime_pack(&value));
	else
		warn_overflow(context, "datetime");
}

static void warn_cut_time(sqlite3_context *context, int64_t us)
{
	char text[64];
	uint64_t seconds = (us < 0 ? -(uint64_t)us : (uint64_t)us) / 1000000;
	sqlite3_snprintf(sizeof text, text, "%s%llu:%02llu:%02llu", us < 0 ? "-" : "", seconds / 3600, seconds / 60 % 60,
			 seconds % 60);
	warn_truncated(context, "time", bytes_of_string(text));
}

static int64_t clamped_time(sqlite3_context *context, int64_t us)
{
	bool cut;
	int64_t packed = time_from_us(us, &cut);
	if (cut)
		warn_cut_time(context, us);
	return packed;
}

static void add_time_to_time(sqlite3_context *context, sqlite3_value **arguments, int sign)
{
	struct datetime value, time;
	if (any_null(2, arguments))
		return;
	time_unpack(sqlite3_value_int64(arguments[0]), &value);
	time_unpack(sqlite3_value_int64(arguments[1]), &time);
	sqlite3_result_int64(context, clamped_time(context, time_to_us(&value) + sign * time_to_us(&time)));
}

static void add_time_to_text(sqlite3_context *context, sqlite3_value **arguments, int sign)
{
	struct datetime value, time;
	int64_t packed;
	char printed[32];
	if (any_null(2, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	unsigned flags = temporal_flags_of(context);
	time_unpack(sqlite3_value_int64(arguments[1]), &time);
	enum temporal_status status;
	if (has_clock(text) && memchr(text.data, '-', text.size) > (const void *)text.data &&
	    datetime_parse(text, flags | TEMPORAL_NO_ZERO_IN_DATE, 6, &packed) <= TEMPORAL_TRUNCATED) {
		datetime_unpack(packed, &value);
		if (datetime_from_us(datetime_to_us(&value) + sign * time_to_us(&time), &value))
			answer_datetime_text(context, datetime_pack(&value), false);
		else
			warn_overflow(context, "datetime");
		return;
	}
	status = time_of_text(text, flags, 6, &packed);
	if (status != TEMPORAL_OK)
		warn_truncated(context, "time", text);
	if (status == TEMPORAL_BAD)
		return;
	time_unpack(packed, &value);
	packed = clamped_time(context, time_to_us(&value) + sign * time_to_us(&time));
	bool fraction = (packed < 0 ? -packed : packed) & 0xffffff;
	result_utf8(context, printed, time_print(packed, fraction ? 6 : 0, printed));
}

#define ADD_TIME(name, sign)                                                                     \
	static void gm_##name##_dt(sqlite3_context *context, int count, sqlite3_value **arguments)   \
	{                                                                                        \
		add_time_to_datetime(context, arguments, sign);                                  \
	}                                                                                        \
	static void gm_##name##_time(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                        \
		add_time_to_time(context, arguments, sign);                                      \
	}                                                                                        \
	static void gm_##name##_text(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                        \
		add_time_to_text(context, arguments, sign);                                      \
	}

ADD_TIME(addtime, 1)
ADD_TIME(subtime, -1)

/* TIMESTAMP(x [, time]) */
static void gm_timestamp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (count == 1)
		sqlite3_result_value(context, arguments[0]);
	else
		add_time_to_datetime(context, arguments, 1);
}

/* ------------------------------------------------------------------ differences */

static void gm_timediff_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime a, b;
	if (any_null(2, arguments))
		return;
	datetime_unpack(sqlite3_value_int64(arguments[0]), &a);
	datetime_unpack(sqlite3_value_int64(arguments[1]), &b);
	sqlite3_result_int64(context, clamped_time(context, datetime_to_us(&a) - datetime_to_us(&b)));
}

static void gm_timediff_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime a, b;
	if (any_null(2, arguments))
		return;
	time_unpack(sqlite3_value_int64(arguments[0]), &a);
	time_unpack(sqlite3_value_int64(arguments[1]), &b);
	sqlite3_result_int64(context, clamped_time(context, time_to_us(&a) - time_to_us(&b)));
}

/* A text as µs, of a time or since the beginning of the calendar. False after the warning. */
static bool text_to_us(sqlite3_context *context, struct bytes text, bool *out_has_date, int64_t *out)
{
	unsigned flags = temporal_flags_of(context);
	struct datetime value;
	int64_t packed;
	*out_has_date = text.size >= 12 && datetime_parse(text, flags, 6, &packed) <= TEMPORAL_TRUNCATED &&
			memchr(text.data, '-', text.size) > (const void *)text.data;
	if (*out_has_date) {
		datetime_unpack(packed, &value);
		*out = datetime_to_us(&value);
		return true;
	}
	enum temporal_status status = time_of_text(text, flags, 6, &packed);
	if (status != TEMPORAL_OK)
		warn_truncated(context, "time", text);
	if (status == TEMPORAL_BAD)
		return false;
	time_unpack(packed, &value);
	*out = time_to_us(&value);
	return true;
}

static void gm_timediff_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t a, b;
	bool a_has_date, b_has_date;
	if (!any_null(2, arguments) && text_to_us(context, string_of(arguments[0]), &a_has_date, &a) &&
	    text_to_us(context, string_of(arguments[1]), &b_has_date, &b) && a_has_date == b_has_date)
		sqlite3_result_int64(context, clamped_time(context, a - b));
}

/* Whole months from an earlier to a later moment. */
static int64_t months_between(const struct datetime *from, const struct datetime *to)
{
	int64_t months = ((int64_t)to->year - from->year) * 12 + (int64_t)to->month - from->month;
	struct datetime from_clock = *from, to_clock = *to;
	from_clock.negative = to_clock.negative = false;
	if (to->day < from->day || (to->day == from->day && time_to_us(&to_clock) < time_to_us(&from_clock)))
		months--;
	return months;
}

/* (from, to, unit) */
static void gm_timestampdiff(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const int64_t sizes[] = {
		[UNIT_WEEK] = INT64_C(604800000000), [UNIT_DAY] = INT64_C(86400000000), [UNIT_HOUR] = INT64_C(3600000000),
		[UNIT_MINUTE] = 60000000, [UNIT_SECOND] = 1000000, [UNIT_MICROSECOND] = 1,
	};
	static const int months_of[] = {[UNIT_YEAR] = 12, [UNIT_QUARTER] = 3, [UNIT_MONTH] = 1};
	struct datetime from, to;
	enum interval_unit unit = interval_unit_of(string_of(arguments[2]));
	if (!calendar_parts(context, arguments[0], &from) || !calendar_parts(context, arguments[1], &to))
		return;
	if (unit > UNIT_MICROSECOND) {
		FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "this unit of TIMESTAMPDIFF()");
		return;
	}
	int64_t us = datetime_to_us(&to) - datetime_to_us(&from);
	if (unit >= UNIT_WEEK) {
		sqlite3_result_int64(context, us / sizes[unit]);
		return;
	}
	int64_t months = us < 0 ? -months_between(&to, &from) : months_between(&from, &to);
	sqlite3_result_int64(context, months / months_of[unit]);
}

/* ------------------------------------------------------------------ EXTRACT(unit FROM x): (x, unit) */

static int64_t extract_date(const struct datetime *value, enum interval_unit unit)
{
	unsigned year;
	switch (unit) {
	case UNIT_YEAR: return value->year;
	case UNIT_YEAR_MONTH: return (int64_t)value->year * 100 + value->month;
	case UNIT_QUARTER: return (value->month + 2) / 3;
	case UNIT_MONTH: return value->month;
	case UNIT_WEEK: return week_of(value, 0, false, &year);
	default: return value->day;
	}
}

static int64_t extract_clock(const struct datetime *value, enum interval_unit unit)
{
	static const int64_t million = 1000000;
	int64_t day = value->day, hour = value->hour, minute = value->minute, second = value->second;
	int64_t micro = value->microsecond;
	switch (unit) {
	case UNIT_DAY_HOUR: return day * 100 + hour;
	case UNIT_DAY_MINUTE: return day * 10000 + hour * 100 + minute;
	case UNIT_DAY_SECOND: return day * 1000000 + hour * 10000 + minute * 100 + second;
	case UNIT_HOUR: return hour;
	case UNIT_HOUR_MINUTE: return hour * 100 + minute;
	case UNIT_HOUR_SECOND: return hour * 10000 + minute * 100 + second;
	case UNIT_MINUTE: return minute;
	case UNIT_MINUTE_SECOND: return minute * 100 + second;
	case UNIT_SECOND: return second;
	case UNIT_MICROSECOND: return micro;
	case UNIT_DAY_MICROSECOND: return (day * 1000000 + hour * 10000 + minute * 100 + second) * million + micro;
	case UNIT_HOUR_MICROSECOND: return (hour * 10000 + minute * 100 + second) * million + micro;
	case UNIT_MINUTE_MICROSECOND: return (minute * 100 + second) * million + micro;
	default: return second * million + micro;
	}
}

static void answer_extract(sqlite3_context *context, const struct datetime *value, enum interval_unit unit)
{
	char text[32];
	if (unit == UNIT_WEEK && (value->month == 0 || value->day == 0)) {
		warn_incorrect(context, "datetime", bytes_of(text, date_print(datetime_pack(value), text)));
		return;
	}
	int64_t number = interval_unit_is_of_days(unit) ? extract_date(value, unit) : extract_clock(value, unit);
	sqlite3_result_int64(context, value->negative ? -number : number);
}

static void gm_extract_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (is_null(arguments[0]))
		return;
	datetime_unpack(sqlite3_value_int64(arguments[0]), &value);
	answer_extract(context, &value, interval_unit_of(string_of(arguments[1])));
}

/* The date of a TIME is today's. */
static void gm_extract_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime time, value;
	enum interval_unit unit = interval_unit_of(string_of(arguments[1]));
	if (is_null(arguments[0]))
		return;
	time_unpack(sqlite3_value_int64(arguments[0]), &time);
	if (!interval_unit_is_of_days(unit))
		answer_extract(context, &time, unit);
	else if (time_today(context, &time, &value))
		answer_extract(context, &value, unit);
}

static void gm_extract_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	int64_t packed;
	if (is_null(arguments[0]))
		return;
	struct bytes text = string_of(arguments[0]);
	enum interval_unit unit = interval_unit_of(string_of(arguments[1]));
	unsigned flags = temporal_flags_of(context);
	bool whole = interval_unit_is_of_days(unit) ||
		     (text.size >= 12 && memchr(text.data, '-', text.size) > (const void *)text.data);
	enum temporal_status status = whole ? datetime_parse_zone(text, flags, 6, session_of(context)->variables.time_zone,
								  &packed)
					    : time_of_text(text, flags, 6, &packed);
	if (status == TEMPORAL_BAD || (whole && status == TEMPORAL_OUT_OF_RANGE)) {
		if (whole)
			warn_incorrect(context, "datetime", text);
		else
			warn_truncated(context, "time", text);
		return;
	}
	if (status != TEMPORAL_OK)
		warn_truncated(context, whole ? "datetime" : "time", text);
	if (whole)
		datetime_unpack(packed, &value);
	else
		time_unpack(packed, &value);
	answer_extract(context, &value, unit);
}

static const struct function_row rows[] = {
	{"gm_date_add_date", 4, 5, FN_PURE, gm_date_add_dt, 0, 0, 0},
	{"gm_date_add_dt", 4, 5, FN_PURE, gm_date_add_dt, 0, 0, 0},
	{"gm_date_add_time", 4, 5, FN_PURE, gm_date_add_time, 0, 0, 0},
	{"gm_date_add_text", 4, 5, FN_PURE, gm_date_add_text, 0, 0, 0},
	{"gm_addtime_date", 3, 3, FN_PURE, gm_addtime_dt, 0, 0, 0},
	{"gm_addtime_dt", 3, 3, FN_PURE, gm_addtime_dt, 0, 0, 0},
	{"gm_addtime_time", 3, 3, FN_PURE, gm_addtime_time, 0, 0, 0},
	{"gm_addtime_text", 3, 3, FN_PURE, gm_addtime_text, 0, 0, 0},
	{"gm_subtime_date", 3, 3, FN_PURE, gm_subtime_dt, 0, 0, 0},
	{"gm_subtime_dt", 3, 3, FN_PURE, gm_subtime_dt, 0, 0, 0},
	{"gm_subtime_time", 3, 3, FN_PURE, gm_subtime_time, 0, 0, 0},
	{"gm_subtime_text", 3, 3, FN_PURE, gm_subtime_text, 0, 0, 0},
	{"gm_timestamp", 1, 2, FN_PURE, gm_timestamp, 0, 0, 0},
	{"gm_timediff_dt", 3, 3, FN_PURE, gm_timediff_dt, 0, 0, 0},
	{"gm_timediff_time", 3, 3, FN_PURE, gm_timediff_time, 0, 0, 0},
	{"gm_timediff_text", 3, 3, FN_PURE, gm_timediff_text, 0, 0, 0},
	{"gm_timestampdiff", 3, 3, FN_PURE, gm_timestampdiff, 0, 0, 0},
	{"gm_extract_date", 2, 2, FN_PURE, gm_extract_dt, 0, 0, 0},
	{"gm_extract_dt", 2, 2, FN_PURE, gm_extract_dt, 0, 0, 0},
	{"gm_extract_time", 2, 2, FN_PURE, gm_extract_time, 0, 0, 0},
	{"gm_extract_text", 2, 2, FN_PURE, gm_extract_text, 0, 0, 0},
};
const struct function_rows function_rows_time_add = FUNCTION_ROWS(rows);
