/*
 * Conversions to DATE, TIME and DATETIME: gm_date_from_*(x, strict), gm_time_from_*(x, fsp, strict), gm_dt_from_*(x, fsp,
 * strict). What is no time is NULL with a warning, or, where a column is compared (strict), error 1525.
 */
#include "query/function/tools.h"

enum target { TO_DATE, TO_TIME, TO_DATETIME };

/* The time of day in a packed datetime. */
static const int64_t day_mask = (INT64_C(1) << 41) - 1;

static unsigned fsp_of(enum target target, sqlite3_value **arguments)
{
	int fsp = target == TO_DATE ? 6 : sqlite3_value_int(arguments[1]);
	return fsp < 0 || fsp > 6 ? 6 : (unsigned)fsp;
}

static bool is_strict(enum target target, sqlite3_value **arguments)
{
	return sqlite3_value_int(arguments[target == TO_DATE ? 1 : 2]) != 0;
}

/* Nothing came out: error 1525 or a warning, and NULL. */
static void refuse(sqlite3_context *context, enum target target, bool strict, struct bytes text)
{
	static const char *const names[] = {"DATE", "TIME", "DATETIME"};
	char shown[128];
	if (strict)
		FUNCTION_FAIL(context, ER_WRONG_VALUE, names[target], message_text(text, shown));
	else if (target == TO_TIME)
		warn_truncated(context, "time", text);
	else
		warn_incorrect(context, "datetime", text);
}

/* Something came out, but not all of it went in. */
static void warn_of_rest(sqlite3_context *context, enum target target, struct bytes text)
{
	bool clock = text.size && memchr(text.data, ':', text.size) != NULL;
	warn_truncated(context, target == TO_TIME ? "time" : clock ? "datetime" : "date", text);
}

static void from_text(sqlite3_context *context, enum target target, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	unsigned flags = temporal_flags_of(context), fsp = fsp_of(target, arguments);
	bool strict = is_strict(target, arguments);
	enum temporal_status status;
	int64_t packed = 0;
	if (target == TO_TIME)
		status = time_of_text(text, flags, fsp, &packed);
	else
		status = datetime_parse_zone(text, flags, fsp, session_of(context)->variables.time_zone, &packed);
	if (status == TEMPORAL_BAD || (status == TEMPORAL_OUT_OF_RANGE && target != TO_TIME)) {
		refuse(context, target, strict, text);
		return;
	}
	if (status != TEMPORAL_OK)
		warn_of_rest(context, target, text);
	sqlite3_result_int64(context, target == TO_DATE ? packed & ~day_mask : packed);
}

static int64_t round_time(enum target target, int64_t packed, unsigned fsp, unsigned flags)
{
	static const int32_t units[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	if (flags & TEMPORAL_TIME_TRUNCATE) {
		int32_t micro = (int32_t)((packed < 0 ? -packed : packed) & 0xffffff);
		int32_t rest = micro % units[fsp];
		return packed < 0 ? packed + rest : packed - rest;
	}
	return target == TO_TIME ? time_round(packed, fsp) : datetime_round(packed, fsp);
}

/* A whole number and the microseconds behind it; text is the number as messages show it. */
static void from_number(sqlite3_context *context, enum target target, sqlite3_value **arguments, int64_t number,
			int64_t micro, struct bytes text)
{
	enum { date_limit = 99991231 };
	unsigned flags = temporal_flags_of(context), fsp = fsp_of(target, arguments);
	int64_t packed = 0;
	enum temporal_status status = target == TO_TIME ? time_from_number(number, &packed)
							 : datetime_from_number(number, flags, &packed);
	if (status != TEMPORAL_OK) {
		refuse(context, target, is_strict(target, arguments), text);
		return;
	}
	if (target == TO_TIME)
		packed += number < 0 || micro < 0 ? -(micro < 0 ? -micro : micro) : micro;
	else if (micro > 0 && number > date_limit)
		packed += micro;
	packed = round_time(target, packed, fsp, flags);
	sqlite3_result_int64(context, target == TO_DATE ? packed & ~day_mask : packed);
}

static void from_decimal(sqlite3_context *context, enum target target, sqlite3_value **arguments, struct decimal *value)
{
	struct decimal whole = *value, fraction;
	int64_t number, micro;
	char text[160];
	size_t size = decimal_print(value, text);
	decimal_truncate(&whole, 0);
	decimal_subtract(value, &whole, &fraction);
	decimal_truncate(&fraction, 6);
	struct decimal million;
	decimal_from_int(&million, 1000000);
	decimal_multiply(&fraction, &million, &fraction);
	decimal_to_int(&fraction, &micro);
	if (decimal_to_int(&whole, &number) == DECIMAL_OVERFLOW)
		micro = 0;
	from_number(context, target, arguments, number, micro, bytes_of(text, size));
}

static void from_integer(sqlite3_context *context, enum target target, sqlite3_value **arguments)
{
	struct decimal value;
	char text[160];
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	if (integer_of(arguments[0], &bits))
		decimal_from_uint(&value, bits);
	else
		decimal_from_int(&value, (int64_t)bits);
	from_number(context, target, arguments, whole_of(arguments[0]), 0, bytes_of(text, decimal_print(&value, text)));
}

static void from_real(sqlite3_context *context, enum target target, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments))
		return;
	decimal_from_double(&value, sqlite3_value_double(arguments[0]));
	from_decimal(context, target, arguments, &value);
}

static void from_dec(sqlite3_context *context, enum target target, sqlite3_value **arguments)
{
	struct decimal value;
	if (!any_null(1, arguments) && decimal_of(arguments[0], &value))
		from_decimal(context, target, arguments, &value);
}

#define FROM_EACH(word, to)                                                                                   \
	static void gm_##word##_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)      \
	{                                                                                                     \
		from_integer(context, to, arguments);                                                         \
	}                                                                                                     \
	static void gm_##word##_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)     \
	{                                                                                                     \
		from_real(context, to, arguments);                                                            \
	}                                                                                                     \
	static void gm_##word##_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)      \
	{                                                                                                     \
		from_dec(context, to, arguments);                                                             \
	}                                                                                                     \
	static void gm_##word##_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)     \
	{                                                                                                     \
		from_text(context, to, arguments);                                                            \
	}

FROM_EACH(date, TO_DATE)
FROM_EACH(time, TO_TIME)
FROM_EACH(dt, TO_DATETIME)

/* ------------------------------------------------------------------ among themselves */

static void gm_date_from_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, sqlite3_value_int64(arguments[0]) & ~day_mask);
}

static void gm_time_from_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, 0);
}

static void gm_time_from_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	int64_t clock = sqlite3_value_int64(arguments[0]) & day_mask;
	sqlite3_result_int64(context, round_time(TO_TIME, clock, fsp_of(TO_TIME, arguments), temporal_flags_of(context)));
}

/* A TIME counts from the beginning of today; it may be longer than a day, or negative. */
static bool time_to_datetime(sqlite3_context *context, int64_t packed_time, int64_t *out)
{
	const struct session *session = session_of(context);
	struct datetime now, time, date;
	datetime_unpack(time_zone_to_local(session->variables.time_zone, session->statement_time_us), &now);
	time_unpack(packed_time, &time);
	int64_t us = (((int64_t)time.hour * 60 + time.minute) * 60 + time.second) * 1000000 + time.microsecond;
	us = time.negative ? -us : us;
	int64_t day_us = INT64_C(86400) * 1000000;
	int64_t days = us / day_us, rest = us % day_us;
	if (rest < 0) {
		rest += day_us;
		days--;
	}
	date_from_days(days_from_date(now.year, now.month, now.day) + days, &date);
	date.microsecond = (unsigned)(rest % 1000000);
	rest /= 1000000;
	date.hour = (unsigned)(rest / 3600);
	date.minute = (unsigned)(rest / 60 % 60);
	date.second = (unsigned)(rest % 60);
	*out = datetime_pack(&date);
	return date.year != 0;
}

static void gm_date_from_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t packed;
	if (!any_null(1, arguments) && time_to_datetime(context, sqlite3_value_int64(arguments[0]), &packed))
		sqlite3_result_int64(context, packed & ~day_mask);
}

static void gm_dt_from_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t packed;
	if (!any_null(1, arguments) && time_to_datetime(context, sqlite3_value_int64(arguments[0]), &packed))
		sqlite3_result_int64(context, round_time(TO_DATETIME, packed, fsp_of(TO_DATETIME, arguments),
							 temporal_flags_of(context)));
}

static void gm_dt_from_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_value(context, arguments[0]);
}

static void gm_dt_round(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, round_time(TO_DATETIME, sqlite3_value_int64(arguments[0]),
							 fsp_of(TO_DATETIME, arguments), temporal_flags_of(context)));
}

static void gm_time_round(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, round_time(TO_TIME, sqlite3_value_int64(arguments[0]),
							 fsp_of(TO_TIME, arguments), temporal_flags_of(context)));
}

static const struct function_row rows[] = {
	{"gm_date_from_int", 2, 2, FN_PURE, gm_date_from_int, 0, 0, 0},
	{"gm_date_from_real", 2, 2, FN_PURE, gm_date_from_real, 0, 0, 0},
	{"gm_date_from_dec", 2, 2, FN_PURE, gm_date_from_dec, 0, 0, 0},
	{"gm_date_from_text", 2, 2, FN_PURE, gm_date_from_text, 0, 0, 0},
	{"gm_date_from_bin", 2, 2, FN_PURE, gm_date_from_text, 0, 0, 0},
	{"gm_date_from_dt", 2, 2, FN_PURE, gm_date_from_dt, 0, 0, 0},
	{"gm_date_from_time", 2, 2, FN_PURE, gm_date_from_time, 0, 0, 0},
	{"gm_time_from_int", 3, 3, FN_PURE, gm_time_from_int, 0, 0, 0},
	{"gm_time_from_real", 3, 3, FN_PURE, gm_time_from_real, 0, 0, 0},
	{"gm_time_from_dec", 3, 3, FN_PURE, gm_time_from_dec, 0, 0, 0},
	{"gm_time_from_text", 3, 3, FN_PURE, gm_time_from_text, 0, 0, 0},
	{"gm_time_from_bin", 3, 3, FN_PURE, gm_time_from_text, 0, 0, 0},
	{"gm_time_from_dt", 3, 3, FN_PURE, gm_time_from_dt, 0, 0, 0},
	{"gm_time_from_date", 3, 3, FN_PURE, gm_time_from_date, 0, 0, 0},
	{"gm_dt_from_int", 3, 3, FN_PURE, gm_dt_from_int, 0, 0, 0},
	{"gm_dt_from_real", 3, 3, FN_PURE, gm_dt_from_real, 0, 0, 0},
	{"gm_dt_from_dec", 3, 3, FN_PURE, gm_dt_from_dec, 0, 0, 0},
	{"gm_dt_from_text", 3, 3, FN_PURE, gm_dt_from_text, 0, 0, 0},
	{"gm_dt_from_bin", 3, 3, FN_PURE, gm_dt_from_text, 0, 0, 0},
	{"gm_dt_from_time", 3, 3, FN_PURE, gm_dt_from_time, 0, 0, 0},
	{"gm_dt_from_date", 3, 3, FN_PURE, gm_dt_from_date, 0, 0, 0},
	{"gm_dt_round", 2, 2, FN_PURE, gm_dt_round, 0, 0, 0},
	{"gm_time_round", 2, 2, FN_PURE, gm_time_round, 0, 0, 0},
};
const struct function_rows function_rows_convert_time = FUNCTION_ROWS(rows);
