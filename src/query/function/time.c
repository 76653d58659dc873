/*
 * Parts of dates and times, and dates and times from parts.
 *
 * A date with a zero month or day has a year, month, day and quarter, but no place in the calendar: what counts days is
 * NULL for it.
 */
#include "query/function/time.h"

#include <stdio.h>

/* The parts of arguments[0], a DATETIME; false for NULL. */
static bool date_parts(sqlite3_value **arguments, struct datetime *out)
{
	if (is_null(arguments[0]))
		return false;
	datetime_unpack(sqlite3_value_int64(arguments[0]), out);
	return true;
}

bool calendar_parts(sqlite3_context *context, sqlite3_value *value, struct datetime *out)
{
	char text[32];
	if (is_null(value))
		return false;
	datetime_unpack(sqlite3_value_int64(value), out);
	if (out->month && out->day)
		return true;
	warn_incorrect(context, "datetime", bytes_of(text, datetime_print(sqlite3_value_int64(value), 0, text)));
	return false;
}

static bool time_parts(sqlite3_value **arguments, struct datetime *out)
{
	if (is_null(arguments[0]))
		return false;
	time_unpack(sqlite3_value_int64(arguments[0]), out);
	return true;
}

#define DATE_PART(name, expression)                                                      \
	static void name(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                \
		struct datetime date;                                                    \
		if (date_parts(arguments, &date))                                        \
			sqlite3_result_int64(context, (int64_t)(expression));            \
	}
#define CALENDAR_PART(name, expression)                                                  \
	static void name(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                \
		struct datetime date;                                                    \
		if (calendar_parts(context, arguments[0], &date))                        \
			sqlite3_result_int64(context, (int64_t)(expression));            \
	}
#define TIME_PART(name, expression)                                                      \
	static void name(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                \
		struct datetime time;                                                    \
		if (time_parts(arguments, &time))                                        \
			sqlite3_result_int64(context, (int64_t)(expression));            \
	}

static inline int64_t days_of(const struct datetime *date)
{
	return days_from_date(date->year, date->month, date->day);
}

static inline int64_t seconds_of(const struct datetime *time)
{
	return ((int64_t)time->hour * 60 + time->minute) * 60 + time->second;
}

/* Monday is 0. */
static inline int64_t weekday_of(const struct datetime *date)
{
	return weekday_of_days(days_of(date), false);
}

DATE_PART(gm_year, date.year)
DATE_PART(gm_month, date.month)
DATE_PART(gm_day, date.day)
DATE_PART(gm_quarter, (date.month + 2) / 3)
CALENDAR_PART(gm_dayofweek, (weekday_of(&date) + 1) % 7 + 1)
CALENDAR_PART(gm_weekday, weekday_of(&date))
CALENDAR_PART(gm_dayofyear, days_of(&date) - days_from_date(date.year, 1, 1) + 1)
CALENDAR_PART(gm_to_days, days_of(&date))
CALENDAR_PART(gm_to_seconds, days_of(&date) * 86400 + seconds_of(&date))
TIME_PART(gm_hour, time.hour)
TIME_PART(gm_minute, time.minute)
TIME_PART(gm_second, time.second)
TIME_PART(gm_microsecond, time.microsecond)
TIME_PART(gm_time_to_sec, time.negative ? -seconds_of(&time) : seconds_of(&time))

static void gm_datediff(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime a, b;
	if (calendar_parts(context, arguments[0], &a) && calendar_parts(context, arguments[1], &b))
		sqlite3_result_int64(context, days_of(&a) - days_of(&b));
}

static void gm_last_day(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	if (!calendar_parts(context, arguments[0], &date))
		return;
	struct datetime last = {.year = date.year, .month = date.month, .day = days_in_month(date.year, date.month)};
	sqlite3_result_int64(context, datetime_pack(&last));
}

/* ------------------------------------------------------------------ weeks */

int weekday_of_days(int64_t days, bool sunday_first)
{
	return (int)((days + 5 + sunday_first) % 7);
}

static unsigned days_in_year(unsigned year)
{
	return 337 + days_in_month(year, 2);
}

/*
 * MySQL's modes 0 to 7: bit 0: weeks begin on Monday; bit 1: weeks count from 1, the first days may belong to last year's;
 * bit 2 tells which week is the first: the one with the first such weekday, or the first with four days.
 */
unsigned week_of(const struct datetime *date, unsigned mode, bool always_in_year, unsigned *out_year)
{
	bool monday_first = mode & 1, week_year = always_in_year || (mode & 2), first_weekday = !!(mode & 4) == monday_first;
	int64_t days = days_of(date), first = days_from_date(date->year, 1, 1);
	int weekday = weekday_of_days(first, !monday_first);
	*out_year = date->year;
	if (date->month == 1 && (int)date->day <= 7 - weekday) {
		if (!week_year && ((first_weekday && weekday != 0) || (!first_weekday && weekday >= 4)))
			return 0;
		week_year = true;
		(*out_year)--;
		unsigned year_days = days_in_year(*out_year);
		first -= year_days;
		weekday = (weekday + 53 * 7 - (int)year_days) % 7;
	}
	if ((first_weekday && weekday != 0) || (!first_weekday && weekday >= 4))
		days -= first + (7 - weekday);
	else
		days -= first - weekday;
	if (week_year && days >= 52 * 7) {
		weekday = (weekday + (int)days_in_year(*out_year)) % 7;
		if ((!first_weekday && weekday < 4) || (first_weekday && weekday == 0)) {
			(*out_year)++;
			return 1;
		}
	}
	return (unsigned)(days / 7 + 1);
}

static unsigned default_week_mode(struct session *session)
{
	struct arena arena;
	struct diag diag = DIAG_INIT;
	struct value value;
	unsigned mode = 0;
	arena_init(&arena);
	if (variable_get(session, VARIABLE_DEFAULT_SCOPE, bytes_of_string("default_week_format"), &arena, &value,
			 &diag) == 0)
		mode = (unsigned)value_to_int(&value);
	arena_deinit(&arena);
	return mode & 7;
}

static void gm_week(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	unsigned year;
	if (any_null(count, arguments) || !calendar_parts(context, arguments[0], &date))
		return;
	unsigned mode = count > 1 ? (unsigned)whole_of(arguments[1]) & 7 : default_week_mode(session_of(context));
	sqlite3_result_int(context, (int)week_of(&date, mode, false, &year));
}

static void gm_weekofyear(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	unsigned year;
	if (calendar_parts(context, arguments[0], &date))
		sqlite3_result_int(context, (int)week_of(&date, 3, false, &year));
}

static void gm_yearweek(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	unsigned year;
	if (any_null(count, arguments) || !calendar_parts(context, arguments[0], &date))
		return;
	unsigned mode = count > 1 ? (unsigned)whole_of(arguments[1]) & 7 : 0;
	unsigned week = week_of(&date, mode, true, &year);
	sqlite3_result_int64(context, (int64_t)year * 100 + week);
}

/* ------------------------------------------------------------------ from parts */

static void gm_from_days(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	if (any_null(1, arguments))
		return;
	date_from_days(whole_of(arguments[0]), &date);
	sqlite3_result_int64(context, datetime_pack(&date));
}

static void gm_makedate(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime date;
	if (any_null(2, arguments))
		return;
	int64_t year = whole_of(arguments[0]), day = whole_of(arguments[1]);
	if (year < 0 || year > 9999 || day <= 0 || day > 4000000)
		return;
	if (year < 100)
		year += year < 70 ? 2000 : 1900;
	date_from_days(days_from_date((unsigned)year, 1, 1) + day - 1, &date);
	if (date.year)
		sqlite3_result_int64(context, datetime_pack(&date));
}

int64_t largest_time(bool negative)
{
	return time_pack(&(struct datetime){.hour = 838, .minute = 59, .second = 59, .negative = negative});
}

/* A DECIMAL as whole and millionths, cut; false when it is too large to matter. */
static bool split_decimal(const struct decimal *value, int64_t *out_whole, int64_t *out_micro)
{
	struct decimal whole = *value, fraction, million;
	decimal_truncate(&whole, 0);
	decimal_subtract(value, &whole, &fraction);
	decimal_from_int(&million, 1000000);
	decimal_multiply(&fraction, &million, &fraction);
	decimal_round(&fraction, 0);
	decimal_to_int(&fraction, out_micro);
	return decimal_to_int(&whole, out_whole) == DECIMAL_OK;
}

/* (hour, minute, second DECIMAL, fsp) */
static void gm_maketime(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal second;
	int64_t whole, micro;
	if (any_null(3, arguments) || !decimal_of(arguments[2], &second))
		return;
	int64_t hour = whole_of(arguments[0]), minute = whole_of(arguments[1]);
	decimal_round(&second, sqlite3_value_int(arguments[3]));
	if (!split_decimal(&second, &whole, &micro) || second.negative || whole > 59 || minute < 0 || minute > 59)
		return;
	if (hour > 838 || hour < -838) {
		char text[64];
		int size = snprintf(text, sizeof text, "%lld:%02lld:%02lld", (long long)hour, (long long)minute, (long long)whole);
		warn_truncated(context, "time", bytes_of(text, (size_t)size));
		sqlite3_result_int64(context, largest_time(hour < 0));
		return;
	}
	struct datetime time = {.hour = (unsigned)(hour < 0 ? -hour : hour), .minute = (unsigned)minute,
				.second = (unsigned)whole, .microsecond = (unsigned)micro, .negative = hour < 0};
	int64_t packed = time_pack(&time), limit = largest_time(hour < 0);
	sqlite3_result_int64(context, hour < 0 ? (packed < limit ? limit : packed) : (packed > limit ? limit : packed));
}

/* (seconds DECIMAL, fsp) */
static void gm_sec_to_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	enum { limit = 839 * 3600 - 1 };
	struct decimal seconds;
	int64_t whole, micro;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &seconds))
		return;
	bool negative = seconds.negative;
	decimal_round(&seconds, sqlite3_value_int(arguments[1]));
	bool fits = split_decimal(&seconds, &whole, &micro);
	uint64_t size = whole < 0 ? -(uint64_t)whole : (uint64_t)whole;
	if (!fits || size > limit || (size == limit && micro)) {
		char text[160];
		warn_truncated(context, "time", bytes_of(text, decimal_print(&seconds, text)));
		sqlite3_result_int64(context, largest_time(negative));
		return;
	}
	struct datetime time = {.hour = (unsigned)(size / 3600), .minute = (unsigned)(size / 60 % 60),
				.second = (unsigned)(size % 60), .negative = negative,
				.microsecond = (unsigned)(micro < 0 ? -micro : micro)};
	sqlite3_result_int64(context, time_pack(&time));
}

/* ------------------------------------------------------------------ periods: YYMM, YYYYMM */

/* Months since the year 0; false, after error 1210, for what is none. */
static bool months_of(sqlite3_context *context, sqlite3_value *value, const char *function, int64_t *out)
{
	int64_t period = whole_of(value), year = period / 100, month = period % 100;
	if (period <= 0 || month < 1 || month > 12 || year > 999999) {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, function);
		return false;
	}
	if (year < 100)
		year += year < 70 ? 2000 : 1900;
	*out = year * 12 + month - 1;
	return true;
}

static void gm_period_add(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t months;
	if (any_null(2, arguments) || !months_of(context, arguments[0], "period_add", &months) ||
	    __builtin_add_overflow(months, whole_of(arguments[1]), &months))
		return;
	int64_t year = months / 12;
	if (months < 0)
		year = 0, months = 0;
	if (year < 100 && months)
		year += year < 70 ? 2000 : 1900;
	sqlite3_result_int64(context, months ? year * 100 + months % 12 + 1 : 0);
}

static void gm_period_diff(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t a, b;
	if (!any_null(2, arguments) && months_of(context, arguments[0], "period_diff", &a) &&
	    months_of(context, arguments[1], "period_diff", &b))
		sqlite3_result_int64(context, a - b);
}

static const struct function_row rows[] = {
	{"gm_year", 1, 1, FN_PURE, gm_year, 0, 0, 0},
	{"gm_month", 1, 1, FN_PURE, gm_month, 0, 0, 0},
	{"gm_day", 1, 1, FN_PURE, gm_day, 0, 0, 0},
	{"gm_quarter", 1, 1, FN_PURE, gm_quarter, 0, 0, 0},
	{"gm_dayofweek", 1, 1, FN_PURE, gm_dayofweek, 0, 0, 0},
	{"gm_weekday", 1, 1, FN_PURE, gm_weekday, 0, 0, 0},
	{"gm_dayofyear", 1, 1, FN_PURE, gm_dayofyear, 0, 0, 0},
	{"gm_to_days", 1, 1, FN_PURE, gm_to_days, 0, 0, 0},
	{"gm_to_seconds", 1, 1, FN_PURE, gm_to_seconds, 0, 0, 0},
	{"gm_hour", 1, 1, FN_PURE, gm_hour, 0, 0, 0},
	{"gm_minute", 1, 1, FN_PURE, gm_minute, 0, 0, 0},
	{"gm_second", 1, 1, FN_PURE, gm_second, 0, 0, 0},
	{"gm_microsecond", 1, 1, FN_PURE, gm_microsecond, 0, 0, 0},
	{"gm_time_to_sec", 1, 1, FN_PURE, gm_time_to_sec, 0, 0, 0},
	{"gm_datediff", 2, 2, FN_PURE, gm_datediff, 0, 0, 0},
	{"gm_last_day", 1, 1, FN_PURE, gm_last_day, 0, 0, 0},
	{"gm_week", 1, 2, FN_PURE, gm_week, 0, 0, 0},
	{"gm_weekofyear", 1, 1, FN_PURE, gm_weekofyear, 0, 0, 0},
	{"gm_yearweek", 1, 2, FN_PURE, gm_yearweek, 0, 0, 0},
	{"gm_from_days", 1, 1, FN_PURE, gm_from_days, 0, 0, 0},
	{"gm_makedate", 2, 2, FN_PURE, gm_makedate, 0, 0, 0},
	{"gm_maketime", 4, 4, FN_PURE, gm_maketime, 0, 0, 0},
	{"gm_sec_to_time", 2, 2, FN_PURE, gm_sec_to_time, 0, 0, 0},
	{"gm_period_add", 2, 2, FN_PURE, gm_period_add, 0, 0, 0},
	{"gm_period_diff", 2, 2, FN_PURE, gm_period_diff, 0, 0, 0},
};
const struct function_rows function_rows_time = FUNCTION_ROWS(rows);
