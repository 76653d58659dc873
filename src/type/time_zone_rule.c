#include "type/time_zone_rule.h"

#include <ctype.h>
#include <stdbool.h>

#include "type/temporal.h"

/* When in a year clocks change: the week-th weekday of a month, or a day counted from January 1st. */
struct change {
	enum { CHANGE_MONTH_WEEK, CHANGE_DAY_WITHOUT_LEAP, CHANGE_DAY } kind;
	int month, week, day; /* week 5 is the last; day 0 is Sunday, or the day of the year */
	int seconds;          /* after midnight, local time before the change */
};

struct rule {
	int standard, daylight; /* seconds east */
	bool has_daylight;
	struct change begin, end;
};

struct text {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static bool eat(struct text *text, char wanted)
{
	if (text->at == text->end || *text->at != (uint8_t)wanted)
		return false;
	text->at++;
	return true;
}

static int number(struct text *text)
{
	int value = 0;
	const uint8_t *start = text->at;
	while (text->at != text->end && isdigit(*text->at) && value < 100000)
		value = value * 10 + (*text->at++ - '0');
	text->failed |= text->at == start;
	return value;
}

static void abbreviation(struct text *text)
{
	if (eat(text, '<')) {
		while (text->at != text->end && *text->at != '>')
			text->at++;
		text->failed |= !eat(text, '>');
		return;
	}
	const uint8_t *start = text->at;
	while (text->at != text->end && isalpha(*text->at))
		text->at++;
	text->failed |= text->at == start;
}

/* [+-]hh[:mm[:ss]] */
static int clock_seconds(struct text *text)
{
	bool negative = eat(text, '-');
	if (!negative)
		eat(text, '+');
	int seconds = number(text) * 3600;
	if (eat(text, ':'))
		seconds += number(text) * 60;
	if (eat(text, ':'))
		seconds += number(text);
	return negative ? -seconds : seconds;
}

static void read_change(struct text *text, struct change *out)
{
	text->failed |= !eat(text, ',');
	if (eat(text, 'M')) {
		out->kind = CHANGE_MONTH_WEEK;
		out->month = number(text);
		text->failed |= !eat(text, '.');
		out->week = number(text);
		text->failed |= !eat(text, '.');
		out->day = number(text);
		text->failed |= out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 || out->day > 6;
	} else {
		out->kind = eat(text, 'J') ? CHANGE_DAY_WITHOUT_LEAP : CHANGE_DAY;
		out->day = number(text);
		text->failed |= out->day > 365;
	}
	out->seconds = eat(text, '/') ? clock_seconds(text) : 2 * 3600;
}

static bool read_rule(struct bytes bytes, struct rule *out)
{
	struct text text = {.at = bytes.data, .end = bytes.data + bytes.size};
	*out = (struct rule){0};
	abbreviation(&text);
	/* POSIX counts west. */
	out->standard = -clock_seconds(&text);
	if (text.failed)
		return false;
	if (text.at == text.end)
		return true;
	out->has_daylight = true;
	abbreviation(&text);
	out->daylight = out->standard + 3600;
	if (text.at != text.end && *text.at != ',')
		out->daylight = -clock_seconds(&text);
	read_change(&text, &out->begin);
	read_change(&text, &out->end);
	return !text.failed && text.at == text.end;
}

/* Days since 0000-00-00 of the change in a year. */
static int64_t change_day(const struct change *change, unsigned year)
{
	int64_t first = days_from_date(year, 1, 1);
	if (change->kind == CHANGE_DAY)
		return first + change->day;
	if (change->kind == CHANGE_DAY_WITHOUT_LEAP) {
		bool leap = days_in_month(year, 2) == 29;
		return first + change->day - 1 + (leap && change->day >= 60);
	}
	int64_t month_first = days_from_date(year, (unsigned)change->month, 1);
	/* TO_DAYS 1 was a Sunday in MySQL's count. */
	int64_t weekday = (month_first + 6) % 7;
	int64_t day = (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
	while (day >= days_in_month(year, (unsigned)change->month))
		day -= 7;
	return month_first + day;
}

static int64_t change_instant(const struct change *change, unsigned year, int offset)
{
	return (change_day(change, year) - 719528) * 86400 + change->seconds - offset;
}

unsigned zone_rule_expand(struct bytes bytes, int64_t after, struct zone_transition *out, int *out_offset)
{
	struct rule rule;
	unsigned count = 0;
	if (!read_rule(bytes, &rule))
		return 0;
	if (after == INT64_MIN)
		*out_offset = rule.standard;
	for (unsigned year = 1969; rule.has_daylight && year < 2039; year++) {
		struct zone_transition begin = {change_instant(&rule.begin, year, rule.standard), rule.daylight};
		struct zone_transition end = {change_instant(&rule.end, year, rule.daylight), rule.standard};
		struct zone_transition first = begin.at < end.at ? begin : end;
		struct zone_transition second = begin.at < end.at ? end : begin;
		if (first.at > after)
			out[count++] = first;
		if (second.at > after)
			out[count++] = second;
	}
	return count;
}
