/* INTERVAL: an amount and a unit. Private to the functions of time. */
#pragma once

#include "query/function/tools.h"

enum interval_unit {
	UNIT_YEAR, UNIT_QUARTER, UNIT_MONTH, UNIT_WEEK, UNIT_DAY, UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND, UNIT_MICROSECOND,
	UNIT_YEAR_MONTH, UNIT_DAY_HOUR, UNIT_DAY_MINUTE, UNIT_DAY_SECOND, UNIT_HOUR_MINUTE, UNIT_HOUR_SECOND,
	UNIT_MINUTE_SECOND, UNIT_DAY_MICROSECOND, UNIT_HOUR_MICROSECOND, UNIT_MINUTE_MICROSECOND,
	UNIT_SECOND_MICROSECOND, UNIT_COUNT,
};

/* From its name, any case: "day_second". UNIT_COUNT: none. */
enum interval_unit interval_unit_of(struct bytes name);

/* Either months, or days and microseconds; signed. */
struct interval {
	int64_t months;
	int64_t days;
	int64_t us;
};

/*
 * An amount of the unit: an INTEGER, REAL, DECIMAL or string; *out is negated when negative is set. False: no result, too
 * much or not an amount.
 */
bool interval_read(sqlite3_context *context, sqlite3_value *amount, enum interval_unit unit, bool negative,
		   struct interval *out);
/* Only whole days and months: a DATE stays one. */
bool interval_unit_is_of_days(enum interval_unit unit);
/* A TIME and it make a DATETIME. */
bool interval_unit_has_days(enum interval_unit unit);
