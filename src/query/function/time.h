/* What the function_time*.c files share. Private to them. */
#pragma once

#include "query/function/tools.h"

/* The parts of a DATETIME that has a place in the calendar; false for NULL, and, after warning 1292, for zero parts. */
bool calendar_parts(sqlite3_context *context, sqlite3_value *value, struct datetime *out);

int weekday_of_days(int64_t days, bool sunday_first); /* 0: Monday, or Sunday */
/* WEEK() in a mode from 0 to 7, and the year the week belongs to. always_in_year: YEARWEEK, never week 0. */
unsigned week_of(const struct datetime *date, unsigned mode, bool always_in_year, unsigned *out_year);

int64_t largest_time(bool negative); /* 838:59:59 */

/* µs of a TIME or a time of day; and the TIME of so many, cut to the range: then *out_cut. */
int64_t time_to_us(const struct datetime *time);
int64_t time_from_us(int64_t us, bool *out_cut);
/* µs since the beginning of the year 0 of a date in the calendar, and back. False past the calendar's ends. */
int64_t datetime_to_us(const struct datetime *value);
bool datetime_from_us(int64_t us, struct datetime *out);

/* Appends DATE_FORMAT's or (is_time) TIME_FORMAT's text. False: NULL. */
bool time_put_format(sqlite3_context *context, const struct datetime *value, bool is_time, struct bytes format,
		     struct buf *out);

/* time_zone_to_epoch with MySQL 8.0.28's range, up to the year 3001. False past it. µs. */
bool zone_to_epoch(const struct time_zone *zone, int64_t packed_local, int64_t *out_us);
