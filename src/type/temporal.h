/*
 * Dates and times.
 *
 * Everywhere but in row images a DATE, DATETIME or TIMESTAMP is one int64, a TIME another, both packed so
 * that integer order is time order:
 *   datetime: ((((year * 13 + month) << 5 | day) << 17 | hour << 12 | minute << 6 | second) << 24) + microsecond
 *   time:     sign * (((hour << 12 | minute << 6 | second) << 24) + microsecond)
 * (MySQL's own in-memory packing). A DATE is a datetime with zero time. '0000-00-00' is 0.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

struct datetime {
	unsigned year, month, day;       /* zero parts are possible: MySQL's zero dates */
	unsigned hour, minute, second;   /* of TIME: hour up to 838 */
	unsigned microsecond;
	bool negative;                   /* TIME only */
};

int64_t datetime_pack(const struct datetime *value);
void datetime_unpack(int64_t packed, struct datetime *out);
int64_t time_pack(const struct datetime *value);
void time_unpack(int64_t packed, struct datetime *out);

enum temporal_flags {
	TEMPORAL_NO_ZERO_DATE = 1,    /* '0000-00-00' is refused */
	TEMPORAL_NO_ZERO_IN_DATE = 2, /* '2000-00-01' is refused */
	TEMPORAL_INVALID_DATES = 4,   /* '2000-02-31' is let in (sql_mode ALLOW_INVALID_DATES) */
	TEMPORAL_TIME_TRUNCATE = 8,   /* sql_mode TIME_TRUNCATE_FRACTIONAL: cut instead of round */
};

enum temporal_status { TEMPORAL_OK, TEMPORAL_TRUNCATED /* trailing junk or lost parts: a warning or note */,
		       TEMPORAL_BAD /* no such time */, TEMPORAL_OUT_OF_RANGE };

/*
 * All of MySQL's literal forms: any punctuation, two-digit years, 'YYYYMMDDhhmmss', 'T', fractions. Rounds to
 * fsp. out_packed is written on OK and TRUNCATED (the good beginning), and by time_parse on OUT_OF_RANGE too
 * (the nearest legal time). A time_parse of 'date time' gives the time and TRUNCATED only for junk.
 * Without a zone an offset ('+02:00') is read as junk; see datetime_parse_zone.
 */
enum temporal_status datetime_parse(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed);
enum temporal_status time_parse(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed);
/* OUT_OF_RANGE: past 9999; BAD: no date. time_from_number's OUT_OF_RANGE writes the nearest time. */
/* 20240131, 20240131101500, 240131 */
enum temporal_status datetime_from_number(int64_t number, unsigned flags, int64_t *out_packed);
enum temporal_status time_from_number(int64_t number, int64_t *out_packed); /* 101500 */

/* Print with fsp digits of fraction; size without the zero. */
size_t date_print(int64_t packed, char out[32]);
size_t datetime_print(int64_t packed, unsigned fsp, char out[32]);
size_t time_print(int64_t packed, unsigned fsp, char out[32]);
int64_t datetime_to_number(int64_t packed); /* 20240131101500, without fraction */
int64_t time_to_number(int64_t packed);
int64_t datetime_round(int64_t packed, unsigned fsp); /* half up */
int64_t time_round(int64_t packed, unsigned fsp);
bool datetime_is_valid(const struct datetime *value, unsigned flags);

/* Days since year 0 as TO_DAYS counts, and back; weekday 0 = Monday. */
int64_t days_from_date(unsigned year, unsigned month, unsigned day);
void date_from_days(int64_t days, struct datetime *out);
unsigned days_in_month(unsigned year, unsigned month);

/*
 * A session's time zone: an offset, the system's, or a named one (read from the system's zoneinfo files when it
 * is first asked for). Immutable, shared by all threads, borrowed forever.
 */
struct time_zone;
/* datetime_parse that takes '2024-01-31 10:00:00+02:00' and gives the local time in the zone. */
enum temporal_status datetime_parse_zone(struct bytes text, unsigned flags, unsigned fsp, const struct time_zone *zone,
					 int64_t *out_packed);
const struct time_zone *time_zone_find(struct bytes name); /* "SYSTEM", "+02:00", "Europe/Berlin"; or NULL */
const struct time_zone *time_zone_system(void);
const struct time_zone *time_zone_utc(void);
const char *time_zone_name(const struct time_zone *zone);
/* Seconds east of UTC at an instant. */
int time_zone_offset(const struct time_zone *zone, int64_t epoch_seconds);
/* µs since the epoch <-> packed local datetime. */
int64_t time_zone_to_local(const struct time_zone *zone, int64_t epoch_us);
/* False for local times outside 1970-01-01 00:00:01 .. 2038-01-19 03:14:07 UTC. Times inside a gap move forward. */
bool time_zone_to_epoch(const struct time_zone *zone, int64_t packed_local, int64_t *out_epoch_us);
