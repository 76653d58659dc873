/* DATE_FORMAT, TIME_FORMAT, DAYNAME, MONTHNAME, GET_FORMAT. */
#include "query/function/locale.h"
#include "query/function/time.h"

struct format {
	struct session *session;
	const struct datetime *value;
	bool is_time; /* a TIME: there is no date */
	struct buf *out;
};

static bool put_number(struct format *format, unsigned number, unsigned width)
{
	uint8_t text[16], *end = text + sizeof text, *at = end;
	for (; number || at == end; number /= 10)
		*--at = (uint8_t)('0' + number % 10);
	while ((unsigned)(end - at) < width)
		*--at = '0';
	buf_put(format->out, at, (size_t)(end - at));
	return true;
}

static const struct time_locale *locale_of(const struct format *format)
{
	return locale_of_session(format->session);
}

static bool put_name(struct format *format, const char *names, unsigned index)
{
	buf_put_bytes(format->out, locale_name(names, index));
	return true;
}

static int64_t days_of(const struct datetime *value)
{
	return days_from_date(value->year, value->month, value->day);
}

/* Names of days and places in the year need a date that has some. */
static bool put_weekday(struct format *format, const char *names)
{
	const struct datetime *value = format->value;
	if (format->is_time || !(value->month || value->year))
		return false;
	return put_name(format, names, (unsigned)weekday_of_days(days_of(value), false));
}

static bool put_week(struct format *format, unsigned mode, bool year_instead)
{
	unsigned year, week;
	if (format->is_time)
		return false;
	week = week_of(format->value, mode, mode & 2, &year);
	return year_instead ? put_number(format, year, 4) : put_number(format, week, 2);
}

static bool put_ordinal(struct format *format)
{
	unsigned day = format->value->day;
	const char *ending = "th";
	if (day < 10 || day > 19)
		ending = day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
	put_number(format, day, 1);
	buf_put_string(format->out, ending);
	return true;
}

static unsigned hour_of_12(const struct datetime *value)
{
	return (value->hour % 24 + 11) % 12 + 1;
}

static bool put_clock(struct format *format, bool half_days)
{
	const struct datetime *value = format->value;
	put_number(format, half_days ? hour_of_12(value) : value->hour, 2);
	buf_put_u8(format->out, ':');
	put_number(format, value->minute, 2);
	buf_put_u8(format->out, ':');
	put_number(format, value->second, 2);
	if (half_days)
		buf_put_string(format->out, value->hour % 24 < 12 ? " AM" : " PM");
	return true;
}

static bool put_date_part(struct format *format, char letter)
{
	const struct datetime *value = format->value;
	switch (letter) {
	case 'M': return value->month && put_name(format, locale_of(format)->months, value->month - 1);
	case 'b': return value->month && put_name(format, locale_of(format)->short_months, value->month - 1);
	case 'W': return put_weekday(format, locale_of(format)->days);
	case 'a': return put_weekday(format, locale_of(format)->short_days);
	case 'D': return put_ordinal(format);
	case 'Y': return put_number(format, value->year, 4);
	case 'y': return put_number(format, value->year % 100, 2);
	case 'm': return put_number(format, value->month, 2);
	case 'c': return put_number(format, value->month, 1);
	case 'd': return put_number(format, value->day, 2);
	case 'e': return put_number(format, value->day, 1);
	case 'j': return !format->is_time && put_number(format, (unsigned)(days_of(value) -
								   days_from_date(value->year, 1, 1) + 1), 3);
	case 'U': return put_week(format, 0, false);
	case 'u': return put_week(format, 1, false);
	case 'V': return put_week(format, 2, false);
	case 'v': return put_week(format, 3, false);
	case 'X': return put_week(format, 2, true);
	case 'x': return put_week(format, 3, true);
	default: /* w */
		if (format->is_time || !(value->month || value->year))
			return false;
		return put_number(format, (unsigned)weekday_of_days(days_of(value), true), 1);
	}
}

static bool put_part(struct format *format, char letter)
{
	const struct datetime *value = format->value;
	switch (letter) {
	case 'f': return put_number(format, value->microsecond, 6);
	case 'H': return put_number(format, value->hour, 2);
	case 'k': return put_number(format, value->hour, 1);
	case 'h':
	case 'I': return put_number(format, hour_of_12(value), 2);
	case 'l': return put_number(format, hour_of_12(value), 1);
	case 'i': return put_number(format, value->minute, 2);
	case 's':
	case 'S': return put_number(format, value->second, 2);
	case 'p': buf_put_string(format->out, value->hour % 24 < 12 ? "AM" : "PM"); return true;
	case 'r': return put_clock(format, true);
	case 'T': return put_clock(format, false);
	default:
		if (strchr("MbWaDYymcdejUuVvXxw", letter))
			return put_date_part(format, letter);
		buf_put_u8(format->out, (uint8_t)letter);
		return true;
	}
}

bool time_put_format(sqlite3_context *context, const struct datetime *value, bool is_time, struct bytes text,
		     struct buf *out)
{
	struct format format = {session_of(context), value, is_time, out};
	if (value->negative)
		buf_put_u8(out, '-');
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] != '%' || i + 1 == text.size || text.data[i + 1] == 0)
			buf_put_u8(out, text.data[i]);
		else if (!put_part(&format, (char)text.data[++i]))
			return false;
	}
	return true;
}

static void answer_format(sqlite3_context *context, sqlite3_value **arguments, bool is_time)
{
	struct datetime value;
	if (any_null(2, arguments) || string_of(arguments[1]).size == 0)
		return;
	if (is_time)
		time_unpack(sqlite3_value_int64(arguments[0]), &value);
	else
		datetime_unpack(sqlite3_value_int64(arguments[0]), &value);
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	if (time_put_format(context, &value, is_time, string_of(arguments[1]), out))
		result_utf8(context, out->data, out->size);
}

static void gm_date_format(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_format(context, arguments, false);
}

static void gm_time_format(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_format(context, arguments, true);
}

static void gm_dayname(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (!calendar_parts(context, arguments[0], &value))
		return;
	struct bytes name = locale_name(locale_of_session(session_of(context))->days,
					(unsigned)weekday_of_days(days_of(&value), false));
	result_utf8(context, name.data, name.size);
}

static void gm_monthname(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (is_null(arguments[0]))
		return;
	datetime_unpack(sqlite3_value_int64(arguments[0]), &value);
	if (value.month == 0)
		return;
	struct bytes name = locale_name(locale_of_session(session_of(context))->months, value.month - 1);
	result_utf8(context, name.data, name.size);
}

/* ------------------------------------------------------------------ GET_FORMAT('DATE', 'EUR') */

static const struct {
	const char *place, *date, *time, *datetime;
} known_formats[] = {
	{"USA", "%m.%d.%Y", "%h:%i:%s %p", "%Y-%m-%d %H.%i.%s"},
	{"JIS", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
	{"ISO", "%Y-%m-%d", "%H:%i:%s", "%Y-%m-%d %H:%i:%s"},
	{"EUR", "%d.%m.%Y", "%H.%i.%s", "%Y-%m-%d %H.%i.%s"},
	{"INTERNAL", "%Y%m%d", "%H%i%s", "%Y%m%d%H%i%s"},
};

static void gm_get_format(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes type = string_of(arguments[0]), place = string_of(arguments[1]);
	for (size_t i = 0; i < sizeof known_formats / sizeof known_formats[0]; i++) {
		if (!text_equal_nocase(place, bytes_of_string(known_formats[i].place)))
			continue;
		const char *text = text_equal_nocase(type, bytes_of_string("date")) ? known_formats[i].date
			: text_equal_nocase(type, bytes_of_string("time")) ? known_formats[i].time
			: known_formats[i].datetime;
		result_utf8(context, text, strlen(text));
	}
}

static const struct function_row rows[] = {
	{"gm_date_format", 2, 2, FN_PURE, gm_date_format, 0, 0, 0},
	{"gm_time_format", 2, 2, FN_PURE, gm_time_format, 0, 0, 0},
	{"gm_dayname", 1, 1, FN_PURE, gm_dayname, 0, 0, 0},
	{"gm_monthname", 1, 1, FN_PURE, gm_monthname, 0, 0, 0},
	{"gm_get_format", 2, 2, FN_PURE, gm_get_format, 0, 0, 0},
};
const struct function_rows function_rows_time_format = FUNCTION_ROWS(rows);
