#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "type/temporal.h"
#include "type/temporal_packed.h"

enum { rounds = 50000 };

struct text_case {
	const char *text;
	enum temporal_status status;
	const char *printed; /* NULL: nothing is given */
};

static void reads_datetimes(void **state)
{
	static const struct text_case cases[] = {
		{"2024-01-31", TEMPORAL_OK, "2024-01-31 00:00:00.000000"},
		{"240131", TEMPORAL_OK, "2024-01-31 00:00:00.000000"},
		{"20240131101500", TEMPORAL_OK, "2024-01-31 10:15:00.000000"},
		{"20240131T101500", TEMPORAL_OK, "2024-01-31 10:15:00.000000"},
		{"2024-1-3 4:5:6.1234567", TEMPORAL_OK, "2024-01-03 04:05:06.123457"},
		{"2024.01.31 10+11+12", TEMPORAL_OK, "2024-01-31 10:11:12.000000"},
		{"70-1-1", TEMPORAL_OK, "1970-01-01 00:00:00.000000"},
		{"69-1-1", TEMPORAL_OK, "2069-01-01 00:00:00.000000"},
		{"1-1-1", TEMPORAL_OK, "0001-01-01 00:00:00.000000"},
		{"2012-12-12T10:11:12", TEMPORAL_OK, "2012-12-12 10:11:12.000000"},
		{"0000-00-00", TEMPORAL_OK, "0000-00-00 00:00:00.000000"},
		{"2024-01-01abc", TEMPORAL_TRUNCATED, "2024-01-01 00:00:00.000000"},
		{"2024-01-01 10:00:00+02:00", TEMPORAL_TRUNCATED, "2024-01-01 10:00:00.000000"},
		{"1999-12-31 23:59:59.9999999", TEMPORAL_OK, "2000-01-01 00:00:00.000000"},
		{"9999-12-31 23:59:59.9999999", TEMPORAL_OUT_OF_RANGE, NULL},
		{"2024-02-30", TEMPORAL_OUT_OF_RANGE, NULL},
		{"1900-02-29", TEMPORAL_OUT_OF_RANGE, NULL},
		{"2024-00-01", TEMPORAL_OUT_OF_RANGE, NULL},
		{"2024-13-01", TEMPORAL_BAD, NULL},
		{"2024-01-01 24:00:00", TEMPORAL_BAD, NULL},
		{"2024-01 -01", TEMPORAL_BAD, NULL},
		{"2024-01", TEMPORAL_BAD, NULL},
		{"abc", TEMPORAL_BAD, NULL},
		{"", TEMPORAL_BAD, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t packed;
		char text[32];
		enum temporal_status status =
			datetime_parse(bytes_of_string(cases[i].text), TEMPORAL_NO_ZERO_IN_DATE, 6, &packed);
		assert_int_equal(status, cases[i].status);
		if (cases[i].printed == NULL)
			continue;
		datetime_print(packed, 6, text);
		assert_string_equal(text, cases[i].printed);
	}
}

static void reads_times(void **state)
{
	static const struct text_case cases[] = {
		{"10:11:12", TEMPORAL_OK, "10:11:12.000000"},
		{"101112", TEMPORAL_OK, "10:11:12.000000"},
		{"-1 10:11:12.5", TEMPORAL_OK, "-34:11:12.500000"},
		{"1:2", TEMPORAL_OK, "01:02:00.000000"},
		{"12", TEMPORAL_OK, "00:00:12.000000"},
		{"1 2", TEMPORAL_TRUNCATED, "00:00:01.000000"},
		{"1 02", TEMPORAL_OK, "26:00:00.000000"},
		{"-0.5", TEMPORAL_OK, "-00:00:00.500000"},
		{"2024-01-01 10:11:12.5", TEMPORAL_OK, "10:11:12.500000"},
		{"10:11:12abc", TEMPORAL_TRUNCATED, "10:11:12.000000"},
		{"abc", TEMPORAL_TRUNCATED, "00:00:00.000000"},
		{"900:00:00", TEMPORAL_OUT_OF_RANGE, "838:59:59.000000"},
		{"-838:59:59.1", TEMPORAL_OUT_OF_RANGE, "-838:59:59.000000"},
		{"838:59:58.9999999", TEMPORAL_OK, "838:59:59.000000"},
		{"10:60:00", TEMPORAL_BAD, NULL},
		{"1e5", TEMPORAL_BAD, NULL},
		{"", TEMPORAL_BAD, NULL},
		{"-", TEMPORAL_BAD, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t packed;
		char text[32];
		assert_int_equal(time_parse(bytes_of_string(cases[i].text), 0, 6, &packed), cases[i].status);
		if (cases[i].printed == NULL)
			continue;
		time_print(packed, 6, text);
		assert_string_equal(text, cases[i].printed);
	}
}

static void reads_numbers(void **state)
{
	int64_t packed;
	char text[32];
	assert_int_equal(datetime_from_number(240131, 0, &packed), TEMPORAL_OK);
	date_print(packed, text);
	assert_string_equal(text, "2024-01-31");
	assert_int_equal(datetime_from_number(INT64_C(991231235959), 0, &packed), TEMPORAL_OK);
	datetime_print(packed, 0, text);
	assert_string_equal(text, "1999-12-31 23:59:59");
	assert_true(datetime_to_number(packed) == INT64_C(19991231235959));
	assert_int_equal(datetime_from_number(100, 0, &packed), TEMPORAL_BAD);
	assert_int_equal(datetime_from_number(-1, 0, &packed), TEMPORAL_BAD);
	assert_int_equal(datetime_from_number(20240230, 0, &packed), TEMPORAL_OUT_OF_RANGE);
	assert_int_equal(datetime_from_number(0, TEMPORAL_NO_ZERO_DATE, &packed), TEMPORAL_OUT_OF_RANGE);
	assert_int_equal(time_from_number(-101112, &packed), TEMPORAL_OK);
	time_print(packed, 0, text);
	assert_string_equal(text, "-10:11:12");
	assert_true(time_to_number(packed) == -101112);
	assert_int_equal(time_from_number(8390000, &packed), TEMPORAL_OUT_OF_RANGE);
	time_print(packed, 0, text);
	assert_string_equal(text, "838:59:59");
}

static void rounds_and_carries(void **state)
{
	int64_t packed;
	char text[32];
	datetime_parse(bytes_of_string("2023-12-31 23:59:59.95"), 0, 6, &packed);
	datetime_print(datetime_round(packed, 1), 1, text);
	assert_string_equal(text, "2024-01-01 00:00:00.0");
	datetime_print(datetime_round(packed, 2), 2, text);
	assert_string_equal(text, "2023-12-31 23:59:59.95");
	datetime_parse(bytes_of_string("2023-12-31 23:59:59.95"), TEMPORAL_TIME_TRUNCATE, 0, &packed);
	datetime_print(packed, 0, text);
	assert_string_equal(text, "2023-12-31 23:59:59");
	time_parse(bytes_of_string("-00:59:59.5"), 0, 0, &packed);
	time_print(packed, 0, text);
	assert_string_equal(text, "-01:00:00");
}

static void counts_days(void **state)
{
	assert_int_equal(days_from_date(1970, 1, 1), 719528);
	assert_int_equal(days_from_date(0, 1, 1), 1);
	assert_int_equal(days_from_date(9999, 12, 31), 3652424);
	struct datetime date = {.year = 1, .month = 1, .day = 1}, back;
	for (int64_t days = 366; days <= 3652424; days++) {
		date_from_days(days, &back);
		assert_int_equal(back.year * 10000 + back.month * 100 + back.day,
				 date.year * 10000 + date.month * 100 + date.day);
		assert_int_equal(days_from_date(date.year, date.month, date.day), days);
		if (++date.day > days_in_month(date.year, date.month)) {
			date.day = 1;
			if (++date.month > 12) {
				date.month = 1;
				date.year++;
			}
		}
	}
}

static int64_t random_datetime(void)
{
	struct datetime value = {.year = (unsigned)rand() % 10000, .month = (unsigned)rand() % 13,
				 .day = (unsigned)rand() % 32, .hour = (unsigned)rand() % 24,
				 .minute = (unsigned)rand() % 60, .second = (unsigned)rand() % 60,
				 .microsecond = (unsigned)rand() % 1000000};
	return datetime_pack(&value);
}

static int64_t random_time(void)
{
	struct datetime value = {.hour = (unsigned)rand() % 838, .minute = (unsigned)rand() % 60,
				 .second = (unsigned)rand() % 60, .microsecond = (unsigned)rand() % 1000000,
				 .negative = rand() % 2};
	return time_pack(&value);
}

static int64_t cut(int64_t packed, unsigned fsp)
{
	static const int64_t unit[7] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int64_t micro = (packed < 0 ? -packed : packed) & 0xffffff;
	return packed < 0 ? packed + micro % unit[fsp] : packed - micro % unit[fsp];
}

/* The packed bytes come back, and memcmp orders them as time does. */
static void packed_forms_come_back_and_sort(void **state)
{
	struct buf left, right;
	buf_init(&left);
	buf_init(&right);
	for (int i = 0; i < rounds; i++) {
		unsigned fsp = (unsigned)rand() % 7;
		int64_t a = cut(random_datetime(), fsp), b = cut(random_datetime(), fsp);
		buf_clear(&left);
		buf_clear(&right);
		packed_put_datetime(a, fsp, &left);
		packed_put_datetime(b, fsp, &right);
		assert_true(packed_get_datetime(left.data, fsp) == a);
		assert_int_equal(bytes_compare(buf_bytes(&left), buf_bytes(&right)) < 0, a < b);
		a = cut(random_time(), fsp);
		b = cut(random_time(), fsp);
		buf_clear(&left);
		buf_clear(&right);
		packed_put_time(a, fsp, &left);
		packed_put_time(b, fsp, &right);
		assert_true(packed_get_time(left.data, fsp) == a);
		assert_int_equal(bytes_compare(buf_bytes(&left), buf_bytes(&right)) < 0, a < b);
	}
	buf_deinit(&left);
	buf_deinit(&right);
}

/* Bytes that MySQL 8.0's documentation and mysqlbinlog show for these values. */
static void packs_as_mysql(void **state)
{
	static const struct {
		const char *text;
		unsigned fsp;
		const char *bytes;
		size_t size;
	} cases[] = {
		{"-00:00:01", 0, "\x7f\xff\xff", 3},
		{"-00:00:01.1", 2, "\x7f\xff\xfe\xf6", 4},
		{"00:00:01.10", 2, "\x80\x00\x01\x0a", 4},
		{"-00:00:00.000001", 6, "\x7f\xff\xff\xff\xff\xff", 6},
	};
	struct buf out;
	buf_init(&out);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t packed;
		time_parse(bytes_of_string(cases[i].text), 0, cases[i].fsp, &packed);
		buf_clear(&out);
		packed_put_time(packed, cases[i].fsp, &out);
		assert_true(bytes_equal(buf_bytes(&out), bytes_of(cases[i].bytes, cases[i].size)));
	}
	int64_t packed;
	datetime_parse(bytes_of_string("2024-01-31 10:11:12"), 0, 0, &packed);
	buf_clear(&out);
	packed_put_datetime(packed, 0, &out);
	assert_true(bytes_equal(buf_bytes(&out), bytes_of("\x99\xb2\x7e\xa2\xcc", 5)));
	buf_deinit(&out);
}

static void texts_come_back(void **state)
{
	for (int i = 0; i < rounds; i++) {
		char text[32];
		int64_t packed = random_datetime(), back = -1;
		size_t size = datetime_print(packed, 6, text);
		assert_int_equal(datetime_parse(bytes_of(text, size), TEMPORAL_INVALID_DATES, 6, &back), TEMPORAL_OK);
		assert_true(back == packed);
		packed = random_time();
		size = time_print(packed, 6, text);
		assert_int_equal(time_parse(bytes_of(text, size), 0, 6, &back), TEMPORAL_OK);
		assert_true(back == packed);
	}
}

static void garbage_is_survived(void **state)
{
	static const char letters[] = "0123456789-:. +T/e";
	for (int i = 0; i < rounds; i++) {
		char text[40];
		size_t size = (size_t)rand() % sizeof text;
		int64_t packed;
		for (size_t j = 0; j < size; j++)
			text[j] = letters[(size_t)rand() % (sizeof letters - 1)];
		datetime_parse_zone(bytes_of(text, size), 0, 6, time_zone_utc(), &packed);
		time_parse(bytes_of(text, size), 0, 3, &packed);
	}
}

static void assert_epoch(const struct time_zone *zone, const char *local, int64_t seconds)
{
	int64_t packed, epoch_us;
	assert_int_equal(datetime_parse(bytes_of_string(local), 0, 6, &packed), TEMPORAL_OK);
	assert_true(time_zone_to_epoch(zone, packed, &epoch_us));
	assert_true(epoch_us == seconds * 1000000);
}

static void zones_know_daylight_saving(void **state)
{
	const struct time_zone *berlin = time_zone_find(bytes_of_string("europe/berlin"));
	if (berlin == NULL)
		skip();
	assert_string_equal(time_zone_name(berlin), "Europe/Berlin");
	assert_ptr_equal(berlin, time_zone_find(bytes_of_string("Europe/Berlin")));
	assert_epoch(berlin, "2024-07-01 12:00:00", 1719828000);
	assert_epoch(berlin, "2024-03-31 02:30:00.5", 1711846800); /* skipped: the change itself */
	assert_epoch(berlin, "2024-10-27 02:30:00", 1729989000);   /* twice: the earlier */
	assert_epoch(berlin, "2038-01-19 04:14:07", 2147483647);
	int64_t packed, epoch_us;
	datetime_parse(bytes_of_string("2038-01-19 04:14:08"), 0, 6, &packed);
	assert_false(time_zone_to_epoch(berlin, packed, &epoch_us));
	datetime_parse(bytes_of_string("1970-01-01 01:00:00"), 0, 6, &packed);
	assert_false(time_zone_to_epoch(berlin, packed, &epoch_us));
	for (int i = 0; i < rounds; i++) {
		int64_t instant = (int64_t)rand() % 2147483000 + 1;
		packed = time_zone_to_local(berlin, instant * 1000000 + 7);
		assert_true(time_zone_to_epoch(berlin, packed, &epoch_us));
		/* In the repeated hour the earlier instant comes back. */
		assert_true(epoch_us == instant * 1000000 + 7 || epoch_us == (instant - 3600) * 1000000 + 7);
	}
}

static void offsets_are_zones(void **state)
{
	const struct time_zone *zone = time_zone_find(bytes_of_string("-5:30"));
	assert_non_null(zone);
	assert_string_equal(time_zone_name(zone), "-05:30");
	assert_int_equal(time_zone_offset(zone, 0), -19800);
	assert_epoch(zone, "2024-01-01 00:00:00", 1704087000);
	assert_non_null(time_zone_find(bytes_of_string("+14:00")));
	assert_null(time_zone_find(bytes_of_string("+14:01")));
	assert_null(time_zone_find(bytes_of_string("-14:00")));
	assert_null(time_zone_find(bytes_of_string("+02")));
	assert_null(time_zone_find(bytes_of_string("Nowhere/Land")));
	assert_null(time_zone_find(bytes_of_string("../../etc/passwd")));
	assert_null(time_zone_find(bytes_of_string("")));
	assert_string_equal(time_zone_name(time_zone_find(bytes_of_string("system"))), "SYSTEM");
	int64_t packed;
	assert_int_equal(datetime_parse_zone(bytes_of_string("2024-01-01 10:00:00+02:00"), 0, 6, zone, &packed),
			 TEMPORAL_OK);
	char text[32];
	datetime_print(packed, 0, text);
	assert_string_equal(text, "2024-01-01 02:30:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_datetimes),
		cmocka_unit_test(reads_times),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(rounds_and_carries),
		cmocka_unit_test(counts_days),
		cmocka_unit_test(packed_forms_come_back_and_sort),
		cmocka_unit_test(packs_as_mysql),
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(garbage_is_survived),
		cmocka_unit_test(zones_know_daylight_saving),
		cmocka_unit_test(offsets_are_zones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
