#include "type/temporal.h"

#include <stdio.h>

enum { micro_bits = 24, micro_mask = (1 << micro_bits) - 1, time_bits = 17, micros = 1000000, hour_max = 838 };

static const uint32_t fraction_unit[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};

int64_t datetime_pack(const struct datetime *value)
{
	uint64_t date = ((uint64_t)value->year * 13 + value->month) << 5 | value->day;
	uint64_t time = (uint64_t)value->hour << 12 | value->minute << 6 | value->second;
	return (int64_t)((date << time_bits | time) << micro_bits) + value->microsecond;
}

static void unpack_time_of_day(uint64_t packed, struct datetime *out)
{
	uint64_t time = packed >> micro_bits;
	out->microsecond = (unsigned)(packed & micro_mask);
	out->second = (unsigned)(time & 63);
	out->minute = (unsigned)(time >> 6 & 63);
}

void datetime_unpack(int64_t packed, struct datetime *out)
{
	uint64_t bits = packed < 0 ? 0 : (uint64_t)packed;
	uint64_t date = bits >> (micro_bits + time_bits);
	*out = (struct datetime){0};
	unpack_time_of_day(bits, out);
	out->hour = (unsigned)(bits >> (micro_bits + 12) & 31);
	out->day = (unsigned)(date & 31);
	out->month = (unsigned)((date >> 5) % 13);
	out->year = (unsigned)((date >> 5) / 13);
}

int64_t time_pack(const struct datetime *value)
{
	int64_t time = (int64_t)(value->hour << 12 | value->minute << 6 | value->second);
	int64_t packed = (time << micro_bits) + value->microsecond;
	return value->negative ? -packed : packed;
}

void time_unpack(int64_t packed, struct datetime *out)
{
	uint64_t bits = packed < 0 ? -(uint64_t)packed : (uint64_t)packed;
	*out = (struct datetime){.negative = packed < 0};
	unpack_time_of_day(bits, out);
	out->hour = (unsigned)(bits >> (micro_bits + 12) & 1023);
}

static char *put_two(char *at, unsigned value)
{
	at[0] = (char)('0' + value / 10 % 10);
	at[1] = (char)('0' + value % 10);
	return at + 2;
}

static char *put_date(char *at, const struct datetime *value)
{
	at = put_two(put_two(at, value->year / 100), value->year);
	*at++ = '-';
	at = put_two(at, value->month);
	*at++ = '-';
	return put_two(at, value->day);
}

static char *put_minutes(char *at, const struct datetime *value, unsigned fsp)
{
	*at++ = ':';
	at = put_two(at, value->minute);
	*at++ = ':';
	at = put_two(at, value->second);
	if (fsp == 0)
		return at;
	*at++ = '.';
	unsigned rest = value->microsecond % micros;
	for (unsigned i = 1; i <= fsp && i <= 6; i++) {
		*at++ = (char)('0' + rest / fraction_unit[i]);
		rest %= fraction_unit[i];
	}
	return at;
}

size_t date_print(int64_t packed, char out[32])
{
	struct datetime value;
	datetime_unpack(packed, &value);
	char *end = put_date(out, &value);
	*end = 0;
	return (size_t)(end - out);
}

size_t datetime_print(int64_t packed, unsigned fsp, char out[32])
{
	struct datetime value;
	datetime_unpack(packed, &value);
	char *at = put_date(out, &value);
	*at++ = ' ';
	at = put_minutes(put_two(at, value.hour), &value, fsp);
	*at = 0;
	return (size_t)(at - out);
}

size_t time_print(int64_t packed, unsigned fsp, char out[32])
{
	struct datetime value;
	time_unpack(packed, &value);
	char *at = out;
	if (value.negative)
		*at++ = '-';
	if (value.hour >= 100)
		*at++ = (char)('0' + value.hour / 100 % 10);
	at = put_minutes(put_two(at, value.hour), &value, fsp);
	*at = 0;
	return (size_t)(at - out);
}

int64_t datetime_to_number(int64_t packed)
{
	struct datetime value;
	datetime_unpack(packed, &value);
	int64_t date = (int64_t)value.year * 10000 + value.month * 100 + value.day;
	return date * 1000000 + value.hour * 10000 + value.minute * 100 + value.second;
}

int64_t time_to_number(int64_t packed)
{
	struct datetime value;
	time_unpack(packed, &value);
	int64_t number = (int64_t)value.hour * 10000 + value.minute * 100 + value.second;
	return value.negative ? -number : number;
}

/* A second later. False at the end of time, or where the calendar has no next day (a zero month or day). */
static bool carry_second(struct datetime *value)
{
	if (++value->second < 60)
		return true;
	value->second = 0;
	if (++value->minute < 60)
		return true;
	value->minute = 0;
	if (++value->hour < 24)
		return true;
	value->hour = 0;
	if (value->month == 0 || value->day == 0)
		return false;
	int64_t days = days_from_date(value->year, value->month, value->day);
	struct datetime date;
	date_from_days(days + 1, &date);
	value->year = date.year;
	value->month = date.month;
	value->day = date.day;
	return date.year != 0;
}

int64_t datetime_round(int64_t packed, unsigned fsp)
{
	uint32_t unit = fraction_unit[fsp > 6 ? 6 : fsp];
	uint32_t micro = (uint32_t)(packed & micro_mask);
	uint32_t rest = micro % unit;
	if (rest == 0)
		return packed;
	int64_t cut = packed - rest;
	if (rest < unit / 2)
		return cut;
	if (micro - rest + unit < micros)
		return cut + unit;
	struct datetime value;
	datetime_unpack(packed, &value);
	value.microsecond = 0;
	return carry_second(&value) ? datetime_pack(&value) : cut;
}

int64_t time_round(int64_t packed, unsigned fsp)
{
	uint32_t unit = fraction_unit[fsp > 6 ? 6 : fsp];
	struct datetime value;
	time_unpack(packed, &value);
	uint32_t rest = value.microsecond % unit;
	if (rest == 0)
		return packed;
	value.microsecond -= rest;
	if (rest >= unit / 2)
		value.microsecond += unit;
	if (value.microsecond >= micros) {
		value.microsecond = 0;
		if (++value.second == 60) {
			value.second = 0;
			if (++value.minute == 60) {
				value.minute = 0;
				value.hour++;
			}
		}
	}
	if (value.hour > hour_max)
		value = (struct datetime){.hour = hour_max, .minute = 59, .second = 59,
					  .negative = value.negative};
	return time_pack(&value);
}

static bool is_leap(unsigned year)
{
	/* Year 0 is no leap year to MySQL. */
	return year % 4 == 0 && (year % 100 != 0 || (year % 400 == 0 && year != 0));
}

unsigned days_in_month(unsigned year, unsigned month)
{
	static const uint8_t days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (month > 12)
		return 0;
	return month == 2 && is_leap(year) ? 29 : days[month];
}

bool datetime_is_valid(const struct datetime *value, unsigned flags)
{
	if (value->year > 9999 || value->month > 12 || value->day > 31 || value->hour > 23 || value->minute > 59 ||
	    value->second > 59 || value->microsecond >= micros)
		return false;
	bool zero = !(value->year || value->month || value->day || value->hour || value->minute ||
		      value->second || value->microsecond);
	if (zero)
		return !(flags & TEMPORAL_NO_ZERO_DATE);
	if (value->month == 0 || value->day == 0)
		return !(flags & TEMPORAL_NO_ZERO_IN_DATE);
	return (flags & TEMPORAL_INVALID_DATES) || value->day <= days_in_month(value->year, value->month);
}

/* Days before 1970-01-01 in TO_DAYS. */
enum { epoch_days = 719528, days_per_400_years = 146097, last_day = 3652424 };

int64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
	if (year == 0 && month == 0)
		return 0;
	/* Years that begin in March have their leap day last; 400 of them are one whole cycle. */
	int64_t shifted = (int64_t)year - (month <= 2);
	int64_t cycle = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t year_of_cycle = shifted - cycle * 400;
	int64_t day_of_year = (153 * ((int64_t)month + (month > 2 ? -3 : 9)) + 2) / 5 + (int64_t)day - 1;
	int64_t day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
	int64_t days = cycle * days_per_400_years + day_of_cycle - 719468 + epoch_days;
	return year == 0 && month <= 2 ? days + 1 : days;
}

void date_from_days(int64_t days, struct datetime *out)
{
	*out = (struct datetime){0};
	if (days <= 365 || days > last_day)
		return;
	int64_t shifted = days - epoch_days + 719468;
	int64_t cycle = shifted / days_per_400_years;
	int64_t day_of_cycle = shifted - cycle * days_per_400_years;
	int64_t year_of_cycle =
		(day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
	int64_t day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	out->day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1);
	out->month = (unsigned)(month < 10 ? month + 3 : month - 9);
	out->year = (unsigned)(year_of_cycle + cycle * 400 + (out->month <= 2));
}
