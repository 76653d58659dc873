/*
 * The clock and its zones: NOW and its kin, UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ.
 *
 * All but SYSDATE() stand still for a statement. Instants go from 1970 to the end of MySQL's range, 3001-01-18.
 */
#include "base/clock.h"
#include "query/function/time.h"

static const int64_t second_us = 1000000;
static const int64_t last_epoch_second = INT64_C(32536771199);
enum { days_to_epoch = 719528 };

static int64_t cut_fraction(int64_t packed, int fsp)
{
	static const int32_t units[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	return packed - (packed & 0xffffff) % units[fsp < 0 || fsp > 6 ? 6 : fsp];
}

static int fsp_of(int count, sqlite3_value **arguments)
{
	return count ? sqlite3_value_int(arguments[count - 1]) : 0;
}

static void answer_datetime(sqlite3_context *context, const struct time_zone *zone, int64_t us, int fsp)
{
	sqlite3_result_int64(context, cut_fraction(time_zone_to_local(zone, us), fsp));
}

/* Of today, in a zone. */
static void answer_date(sqlite3_context *context, const struct time_zone *zone)
{
	static const int64_t day_mask = (INT64_C(1) << 41) - 1;
	sqlite3_result_int64(context, time_zone_to_local(zone, session_of(context)->statement_time_us) & ~day_mask);
}

static void answer_time(sqlite3_context *context, const struct time_zone *zone, int fsp)
{
	static const int64_t day_mask = (INT64_C(1) << 41) - 1;
	int64_t now = time_zone_to_local(zone, session_of(context)->statement_time_us);
	sqlite3_result_int64(context, cut_fraction(now & day_mask, fsp));
}

static const struct time_zone *zone_of(sqlite3_context *context)
{
	return session_of(context)->variables.time_zone;
}

static void gm_now(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_datetime(context, zone_of(context), session_of(context)->statement_time_us, fsp_of(count, arguments));
}

static void gm_sysdate(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_datetime(context, zone_of(context), clock_wall_us(), fsp_of(count, arguments));
}

static void gm_utc_timestamp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_datetime(context, time_zone_utc(), session_of(context)->statement_time_us, fsp_of(count, arguments));
}

static void gm_curdate(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_date(context, zone_of(context));
}

static void gm_utc_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_date(context, time_zone_utc());
}

static void gm_curtime(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_time(context, zone_of(context), fsp_of(count, arguments));
}

static void gm_utc_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_time(context, time_zone_utc(), fsp_of(count, arguments));
}

/* ------------------------------------------------------------------ instants */

bool zone_to_epoch(const struct time_zone *zone, int64_t packed_local, int64_t *out_us)
{
	struct datetime value;
	datetime_unpack(packed_local, &value);
	if (value.month == 0 || value.day == 0)
		return false;
	if (time_zone_to_epoch(zone, packed_local, out_us))
		return true;
	/* Past 2038 a zone's offset is what it was last. */
	int64_t local = (days_from_date(value.year, value.month, value.day) - days_to_epoch) * 86400 +
			(value.hour * 60 + value.minute) * 60 + value.second;
	int64_t epoch = local - time_zone_offset(zone, local);
	epoch = local - time_zone_offset(zone, epoch);
	if (epoch <= INT32_MAX || epoch > last_epoch_second)
		return false;
	*out_us = epoch * second_us + value.microsecond;
	return true;
}

/* (fsp) or (x, fsp): µs; false for NULL. What is no instant is 0. */
static bool unix_time(sqlite3_context *context, int count, sqlite3_value **arguments, int64_t *out)
{
	*out = 0;
	if (count == 1)
		*out = session_of(context)->statement_time_us;
	else if (is_null(arguments[0]))
		return false;
	else if (!zone_to_epoch(zone_of(context), sqlite3_value_int64(arguments[0]), out))
		*out = 0;
	return true;
}

static void gm_unix_timestamp_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t us;
	if (unix_time(context, count, arguments, &us))
		sqlite3_result_int64(context, us / second_us);
}

static void gm_unix_timestamp_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	int64_t us;
	if (!unix_time(context, count, arguments, &us))
		return;
	decimal_from_int(&value, us);
	value.scale = 6;
	decimal_truncate(&value, fsp_of(count, arguments));
	result_decimal(context, &value);
}

/* (seconds DECIMAL, fsp) gives a DATETIME, (seconds, format, fsp) a text. */
static void gm_from_unixtime(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal seconds, million;
	int64_t us;
	if (any_null(count, arguments) || !decimal_of(arguments[0], &seconds) || seconds.negative)
		return;
	decimal_round(&seconds, count == 2 ? fsp_of(count, arguments) : 6);
	decimal_from_int(&million, second_us);
	decimal_multiply(&seconds, &million, &seconds);
	if (decimal_to_int(&seconds, &us) == DECIMAL_OVERFLOW || us / second_us > last_epoch_second)
		return;
	int64_t packed = time_zone_to_local(zone_of(context), us);
	if (count == 2) {
		sqlite3_result_int64(context, packed);
		return;
	}
	struct datetime value;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	datetime_unpack(packed, &value);
	if (time_put_format(context, &value, false, string_of(arguments[1]), out))
		result_utf8(context, out->data, out->size);
}

/* What is no instant in the zone it comes from stays as it is. */
static void gm_convert_tz(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t us;
	if (any_null(3, arguments))
		return;
	const struct time_zone *from = time_zone_find(string_of(arguments[1]));
	const struct time_zone *to = time_zone_find(string_of(arguments[2]));
	struct datetime value;
	datetime_unpack(sqlite3_value_int64(arguments[0]), &value);
	if (from == NULL || to == NULL || value.month == 0 || value.day == 0)
		return;
	if (zone_to_epoch(from, sqlite3_value_int64(arguments[0]), &us))
		sqlite3_result_int64(context, time_zone_to_local(to, us));
	else
		sqlite3_result_value(context, arguments[0]);
}

static const struct function_row rows[] = {
	{"gm_now", 0, 1, FN_PURE, gm_now, 0, 0, 0},
	{"gm_sysdate", 0, 1, FN_VOLATILE, gm_sysdate, 0, 0, 0},
	{"gm_utc_timestamp", 0, 1, FN_PURE, gm_utc_timestamp, 0, 0, 0},
	{"gm_curdate", 0, 0, FN_PURE, gm_curdate, 0, 0, 0},
	{"gm_utc_date", 0, 0, FN_PURE, gm_utc_date, 0, 0, 0},
	{"gm_curtime", 0, 1, FN_PURE, gm_curtime, 0, 0, 0},
	{"gm_utc_time", 0, 1, FN_PURE, gm_utc_time, 0, 0, 0},
	{"gm_unix_timestamp_int", 1, 2, FN_PURE, gm_unix_timestamp_int, 0, 0, 0},
	{"gm_unix_timestamp_dec", 1, 2, FN_PURE, gm_unix_timestamp_dec, 0, 0, 0},
	{"gm_from_unixtime", 2, 3, FN_PURE, gm_from_unixtime, 0, 0, 0},
	{"gm_convert_tz", 3, 3, FN_PURE, gm_convert_tz, 0, 0, 0},
};
const struct function_rows function_rows_clock = FUNCTION_ROWS(rows);
