/* MariaDB's positions: text and bytes, and what it means to have come further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "binlog/mariadb_position.h"

static struct mariadb_position read_text(const char *text)
{
	struct mariadb_position position;
	struct diag diag = DIAG_INIT;
	assert_int_equal(mariadb_position_parse(bytes_of_string(text), &position, &diag), 0);
	return position;
}

static void assert_text(const struct mariadb_position *position, const char *expected)
{
	struct buf text = {0};
	mariadb_position_print(position, &text);
	assert_string_equal(buf_cstring(&text), expected);
	buf_deinit(&text);
}

static void texts(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},
		{"  ", ""},
		{"0-1-100", "0-1-100"},
		{" 7-1-2 ,\n0-3-9 ", "0-3-9,7-1-2"},
		{"4294967295-4294967295-18446744073709551615", "4294967295-4294967295-18446744073709551615"},
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct mariadb_position position = read_text(pairs[i][0]);
		assert_text(&position, pairs[i][1]);
	}
}

static void not_texts(void **state)
{
	static const char *const bad[] = {"x", "0", "0-1", "0-1-", "-0-1-1", "0-1-0", "0-1-1,", ",0-1-1", "0-1-1 1-1-1",
					  "0-1-1,0-2-2", "4294967296-1-1", "0-4294967296-1", "0-1-18446744073709551616",
					  "0-1-1-1", "0- 1-1", "3e11fa47-71ca-11e1-9e33-c80aa9429562:1"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mariadb_position position = {.count = 7};
		struct diag diag = DIAG_INIT;
		assert_int_equal(mariadb_position_parse(bytes_of_string(bad[i]), &position, &diag), -1);
		assert_int_equal(diag.code, ER_INCORRECT_GTID_STATE);
		assert_int_equal(position.count, 7);
	}
}

static void put_and_find(void **state)
{
	struct mariadb_position position = read_text("5-1-1");
	assert_true(mariadb_position_put(&position, &(struct mariadb_gtid){1, 2, 3}));
	assert_true(mariadb_position_put(&position, &(struct mariadb_gtid){5, 9, 8}));
	assert_true(mariadb_position_put(&position, &(struct mariadb_gtid){9, 1, 1}));
	assert_text(&position, "1-2-3,5-9-8,9-1-1");
	assert_int_equal(mariadb_position_find(&position, 5)->sequence, 8);
	assert_null(mariadb_position_find(&position, 6));
}

static void full(void **state)
{
	struct mariadb_position position = {0};
	for (uint32_t i = 0; i < mariadb_domains_max; i++)
		assert_true(mariadb_position_put(&position, &(struct mariadb_gtid){100 - i, 1, i + 1}));
	assert_false(mariadb_position_put(&position, &(struct mariadb_gtid){1000, 1, 1}));
	assert_true(mariadb_position_put(&position, &(struct mariadb_gtid){100, 1, 77}));
	assert_int_equal(mariadb_position_find(&position, 100)->sequence, 77);
	struct mariadb_position other = read_text("1000-1-1");
	assert_false(mariadb_position_merge(&position, &other));
}

static void further(void **state)
{
	static const struct {
		const char *position, *wanted;
		bool is_there;
	} cases[] = {
		{"", "", true},	     {"0-1-1", "", true},	  {"", "0-1-1", false},	 {"0-1-5", "0-2-5", true},
		{"0-1-4", "0-1-5", false}, {"0-1-9,1-1-1", "1-1-1", true}, {"0-1-9,1-1-1", "0-1-9,1-1-2", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct mariadb_position position = read_text(cases[i].position), wanted = read_text(cases[i].wanted);
		assert_int_equal(mariadb_position_reaches(&position, &wanted), cases[i].is_there);
	}
	struct mariadb_position position = read_text("0-1-5,2-1-5"), other = read_text("0-2-4,1-2-4,2-2-6");
	assert_true(mariadb_position_merge(&position, &other));
	assert_text(&position, "0-1-5,1-2-4,2-2-6");
}

static void bytes(void **state)
{
	struct buf out = {0};
	struct mariadb_position position = read_text("0-1-5,1-2-18446744073709551615"), copy;
	mariadb_position_encode(&position, &out);
	struct cursor cursor = cursor_of(buf_bytes(&out));
	assert_true(mariadb_position_decode(&cursor, &copy));
	assert_text(&copy, "0-1-5,1-2-18446744073709551615");
	for (size_t size = 0; size < out.size; size++) {
		cursor = cursor_of(bytes_of(out.data, size));
		assert_false(mariadb_position_decode(&cursor, &copy));
	}
	bytes_store_uint(out.data, UINT32_MAX, 4);
	cursor = cursor_of(buf_bytes(&out));
	assert_false(mariadb_position_decode(&cursor, &copy));
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts), cmocka_unit_test(not_texts), cmocka_unit_test(put_and_find),
		cmocka_unit_test(full),	 cmocka_unit_test(further),   cmocka_unit_test(bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
