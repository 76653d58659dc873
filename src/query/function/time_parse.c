/*
 * STR_TO_DATE: reads a text by a format of DATE_FORMAT's letters.
 *
 * Spaces in the text may stand before any part. Numbers end where a digit ends or their width does. What is wrong is NULL
 * and warning 1411; what is left over is warning 1292.
 */
#include <ctype.h>

#include "query/function/locale.h"
#include "query/function/time.h"

struct reader {
	const uint8_t *at, *end;
	struct datetime value;
	bool half_days, is_pm;
	unsigned day_of_year;
	int weekday;         /* 1 to 7, Monday first; 0: none */
	int week;            /* -1: none */
	bool sunday_first;   /* of the week */
	bool strict_week;    /* with its own year: %V, %v */
	int week_year;       /* -1: none */
	bool strict_sunday_first;
};

static void skip_spaces(struct reader *reader)
{
	while (reader->at < reader->end && isspace(*reader->at))
		reader->at++;
}

/* Up to width digits; false when there is none. */
static bool read_number(struct reader *reader, unsigned width, unsigned *out, unsigned *out_width)
{
	const uint8_t *start = reader->at;
	unsigned number = 0;
	while (reader->at < reader->end && isdigit(*reader->at) && reader->at < start + width)
		number = number * 10 + (*reader->at++ - 0u - '0');
	*out = number;
	if (out_width)
		*out_width = (unsigned)(reader->at - start);
	return reader->at > start;
}

/* A name of the list, in any case; longer ones of the same beginning do not occur. */
static bool read_name(struct reader *reader, const char *names, unsigned *out)
{
	const uint8_t *stop = reader->at;
	while (stop < reader->end && (isalpha(*stop) || *stop >= 0x80))
		stop++;
	struct bytes word = bytes_of(reader->at, (size_t)(stop - reader->at));
	for (unsigned i = 0;; i++) {
		struct bytes name = locale_name(names, i);
		if (name.size == 0)
			return false;
		if (name.size <= word.size && text_equal_nocase(bytes_of(word.data, name.size), name)) {
			reader->at += name.size;
			*out = i;
			return true;
		}
	}
}

static bool read_year(struct reader *reader, unsigned width, unsigned *out)
{
	unsigned digits;
	if (!read_number(reader, width, out, &digits))
		return false;
	if (digits < 3)
		*out += *out < 70 ? 2000 : 1900;
	return true;
}

static bool read_fraction(struct reader *reader)
{
	unsigned digits;
	if (!read_number(reader, 6, &reader->value.microsecond, &digits))
		return false;
	for (; digits < 6; digits++)
		reader->value.microsecond *= 10;
	return true;
}

static bool read_half(struct reader *reader)
{
	if (reader->end - reader->at < 2 || !reader->half_days || (reader->at[1] | 0x20) != 'm')
		return false;
	uint8_t letter = reader->at[0] | 0x20;
	reader->is_pm = letter == 'p';
	reader->at += 2;
	return letter == 'p' || letter == 'a';
}

static bool read_ordinal(struct reader *reader)
{
	if (!read_number(reader, 2, &reader->value.day, NULL))
		return false;
	reader->at = reader->end - reader->at < 2 ? reader->end : reader->at + 2;
	return true;
}

static bool read_weekday(struct reader *reader, const char *names)
{
	unsigned index;
	if (!read_name(reader, names, &index))
		return false;
	reader->weekday = (int)index + 1;
	return true;
}

static bool read_weekday_number(struct reader *reader)
{
	unsigned number;
	if (!read_number(reader, 1, &number, NULL) || number >= 7)
		return false;
	reader->weekday = number ? (int)number : 7;
	return true;
}

static bool read_week(struct reader *reader, char letter)
{
	unsigned number;
	reader->sunday_first = letter == 'U' || letter == 'V';
	reader->strict_week = letter == 'V' || letter == 'v';
	if (!read_number(reader, 2, &number, NULL) || number > 53 || (reader->strict_week && number == 0))
		return false;
	reader->week = (int)number;
	return true;
}

static bool read_week_year(struct reader *reader, char letter)
{
	unsigned year;
	reader->strict_sunday_first = letter == 'X';
	if (!read_year(reader, 4, &year))
		return false;
	reader->week_year = (int)year;
	return true;
}

static bool read_month_name(struct reader *reader, const char *names)
{
	unsigned index;
	if (!read_name(reader, names, &index))
		return false;
	reader->value.month = index + 1;
	return true;
}

/* Characters of a kind are passed over. */
static bool skip_kind(struct reader *reader, int (*is)(int))
{
	while (reader->at < reader->end && is(*reader->at))
		reader->at++;
	return true;
}

static bool read_format(struct reader *reader, struct bytes format);

static bool read_date_part(struct reader *reader, char letter)
{
	static const char months[] = "January|February|March|April|May|June|July|August|September|October|November|December";
	static const char short_months[] = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
	static const char days[] = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday";
	static const char short_days[] = "Mon|Tue|Wed|Thu|Fri|Sat|Sun";
	switch (letter) {
	case 'Y': return read_year(reader, 4, &reader->value.year);
	case 'y': return read_year(reader, 2, &reader->value.year);
	case 'm':
	case 'c': return read_number(reader, 2, &reader->value.month, NULL);
	case 'M': return read_month_name(reader, months);
	case 'b': return read_month_name(reader, short_months);
	case 'd':
	case 'e': return read_number(reader, 2, &reader->value.day, NULL);
	case 'D': return read_ordinal(reader);
	case 'j': return read_number(reader, 3, &reader->day_of_year, NULL) && reader->day_of_year <= 366;
	case 'W': return read_weekday(reader, days);
	case 'a': return read_weekday(reader, short_days);
	case 'w': return read_weekday_number(reader);
	case 'X':
	case 'x': return read_week_year(reader, letter);
	default: return read_week(reader, letter);
	}
}

static bool read_part(struct reader *reader, char letter)
{
	switch (letter) {
	case 'H':
	case 'k': return read_number(reader, 2, &reader->value.hour, NULL);
	case 'h':
	case 'I':
	case 'l': reader->half_days = true; return read_number(reader, 2, &reader->value.hour, NULL);
	case 'i': return read_number(reader, 2, &reader->value.minute, NULL);
	case 's':
	case 'S': return read_number(reader, 2, &reader->value.second, NULL);
	case 'f': return read_fraction(reader);
	case 'p': return read_half(reader);
	case 'r': return read_format(reader, bytes_of_string("%I:%i:%S %p"));
	case 'T': return read_format(reader, bytes_of_string("%H:%i:%S"));
	case '.': return skip_kind(reader, ispunct);
	case '@': return skip_kind(reader, isalpha);
	case '#': return skip_kind(reader, isdigit);
	default: return strchr("YymcMbdeDjWawXxUuVv", letter) != NULL && read_date_part(reader, letter);
	}
}

/* The text may end before the format does. */
static bool read_format(struct reader *reader, struct bytes format)
{
	for (size_t i = 0; i < format.size; i++) {
		skip_spaces(reader);
		if (reader->at >= reader->end)
			return true;
		if (format.data[i] == '%' && i + 1 < format.size && format.data[i + 1] != '%') {
			if (!read_part(reader, (char)format.data[++i]))
				return false;
			continue;
		}
		if (format.data[i] == '%' && i + 1 < format.size)
			i++;
		if (isspace(format.data[i]))
			continue;
		if (*reader->at != format.data[i])
			return false;
		reader->at++;
	}
	return true;
}

/* ------------------------------------------------------------------ from parts to a date */

static bool apply_half_days(struct reader *reader)
{
	unsigned *hour = &reader->value.hour;
	if (!reader->half_days)
		return true;
	if (*hour > 12 || *hour < 1)
		return false;
	*hour = *hour % 12 + (reader->is_pm ? 12 : 0);
	return true;
}

static void set_date(struct datetime *value, const struct datetime *date)
{
	value->year = date->year;
	value->month = date->month;
	value->day = date->day;
}

static bool apply_day_of_year(struct reader *reader)
{
	struct datetime date;
	if (reader->day_of_year == 0)
		return true;
	date_from_days(days_from_date(reader->value.year, 1, 1) + reader->day_of_year - 1, &date);
	set_date(&reader->value, &date);
	return date.year != 0;
}

/* A week and a weekday make a date. */
static bool apply_week(struct reader *reader)
{
	struct datetime date;
	if (reader->week < 0 || reader->weekday == 0)
		return true;
	if (reader->strict_week ? reader->week_year < 0 || reader->sunday_first != reader->strict_sunday_first
				: reader->week_year >= 0)
		return false;
	unsigned year = reader->strict_week ? (unsigned)reader->week_year : reader->value.year;
	int64_t days = days_from_date(year, 1, 1);
	int first = weekday_of_days(days, reader->sunday_first);
	if (reader->sunday_first)
		days += (first == 0 ? 0 : 7) - first + (reader->week - 1) * 7 + reader->weekday % 7;
	else
		days += (first <= 3 ? 0 : 7) - first + (reader->week - 1) * 7 + (reader->weekday - 1);
	date_from_days(days, &date);
	set_date(&reader->value, &date);
	return date.year != 0;
}

/* Whether a month has that day is not asked: '04/31/2004' is a date here. */
static bool is_allowed(uint64_t mode, const struct datetime *value, bool is_time)
{
	if (value->year > 9999 || value->month > 12 || value->day > 31 || value->hour > 23 || value->minute > 59 ||
	    value->second > 59)
		return false;
	if (is_time)
		return true;
	bool no_date = value->year == 0 && value->month == 0 && value->day == 0;
	return no_date ? (mode & SQL_MODE_NO_ZERO_DATE) == 0
		       : (mode & SQL_MODE_NO_ZERO_IN_DATE) == 0 || (value->month && value->day);
}

static bool parse(sqlite3_context *context, struct bytes text, struct bytes format, bool is_time,
		  struct datetime *out, bool *out_rest)
{
	struct reader reader = {.at = text.data, .end = text.data + text.size, .week = -1, .week_year = -1};
	if (!read_format(&reader, format) || !apply_half_days(&reader) || !apply_day_of_year(&reader) ||
	    !apply_week(&reader) || !is_allowed(sql_mode_of(context), &reader.value, is_time))
		return false;
	skip_spaces(&reader);
	*out_rest = reader.at < reader.end;
	*out = reader.value;
	return true;
}

static bool str_to_date(sqlite3_context *context, sqlite3_value **arguments, bool is_time, struct datetime *out)
{
	char shown[128];
	bool rest;
	if (any_null(2, arguments))
		return false;
	struct bytes text = string_of(arguments[0]);
	if (!parse(context, text, string_of(arguments[1]), is_time, out, &rest)) {
		FUNCTION_WARN(context, ER_WRONG_VALUE_FOR_TYPE, "datetime", message_text(text, shown), "str_to_date");
		return false;
	}
	if (rest)
		warn_truncated(context, is_time ? "time" : "datetime", text);
	return true;
}

static void gm_str_to_date_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (str_to_date(context, arguments, false, &value))
		sqlite3_result_int64(context, datetime_pack(&value));
}

static void gm_str_to_date_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (!str_to_date(context, arguments, false, &value))
		return;
	struct datetime date = {.year = value.year, .month = value.month, .day = value.day};
	sqlite3_result_int64(context, datetime_pack(&date));
}

static void gm_str_to_date_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct datetime value;
	if (str_to_date(context, arguments, true, &value))
		sqlite3_result_int64(context, time_pack(&value));
}

static const struct function_row rows[] = {
	{"gm_str_to_date_dt", 2, 2, FN_PURE, gm_str_to_date_dt, 0, 0, 0},
	{"gm_str_to_date_date", 2, 2, FN_PURE, gm_str_to_date_date, 0, 0, 0},
	{"gm_str_to_date_time", 2, 2, FN_PURE, gm_str_to_date_time, 0, 0, 0},
};
const struct function_rows function_rows_time_parse = FUNCTION_ROWS(rows);
