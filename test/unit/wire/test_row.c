/* Rows in the protocol's two forms, and parameters on their way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "type/temporal.h"
#include "wire/row.h"

static struct result_column column(enum type_kind kind)
{
	return (struct result_column){.type = {.kind = kind, .length = 20, .decimals = kind == TYPE_DOUBLE ? 31 : 0,
					       .collation = collation_utf8mb4_default}};
}

static void text_row(const struct result_column *columns, unsigned count, const struct value *values, struct buf *out)
{
	struct buf scratch;
	buf_init(&scratch);
	buf_clear(out);
	row_put_text(columns, count, values, charset_get(CHARSET_UTF8MB4), &scratch, out);
	buf_deinit(&scratch);
}

static void assert_text(const struct result_column *of, struct value value, const char *wanted)
{
	struct buf out;
	buf_init(&out);
	text_row(of, 1, &value, &out);
	assert_int_equal(out.data[0], strlen(wanted));
	assert_memory_equal(out.data + 1, wanted, strlen(wanted));
	buf_deinit(&out);
}

static void values_as_text(void **state)
{
	struct result_column bigint = column(TYPE_BIGINT), real = column(TYPE_DOUBLE), time = column(TYPE_TIME);
	assert_text(&bigint, value_int(INT64_MIN), "-9223372036854775808");
	assert_text(&bigint, value_uint(UINT64_MAX), "18446744073709551615");
	assert_text(&bigint, value_int(0), "0");
	assert_text(&real, value_double(0.1), "0.1");
	struct datetime parts = {.hour = 12, .minute = 34, .second = 56, .negative = true};
	assert_text(&time, (struct value){.kind = VALUE_TIME, .packed = time_pack(&parts)}, "-12:34:56");
}

static void zerofill_fills(void **state)
{
	struct result_column filled = column(TYPE_INT);
	filled.type.zerofill = filled.type.is_unsigned = true;
	filled.type.length = 5;
	assert_text(&filled, value_uint(42), "00042");
}

static void null_is_fb(void **state)
{
	struct result_column of = column(TYPE_INT);
	struct value null = value_null();
	struct buf out;
	buf_init(&out);
	text_row(&of, 1, &null, &out);
	assert_int_equal(out.size, 1);
	assert_int_equal(out.data[0], 0xfb);
	buf_deinit(&out);
}

static void text_speaks_the_clients_charset(void **state)
{
	struct result_column of = column(TYPE_VARCHAR);
	struct value umlaut = value_string(bytes_of_string("\xc3\xa4"), collation_utf8mb4_default);
	struct buf out, scratch;
	buf_init(&out);
	buf_init(&scratch);
	row_put_text(&of, 1, &umlaut, charset_get(CHARSET_LATIN1), &scratch, &out);
	assert_int_equal(out.size, 2);
	assert_int_equal(out.data[1], 0xe4);
	buf_deinit(&out);
	buf_deinit(&scratch);
}

static void binary_rows_have_a_bitmap(void **state)
{
	struct result_column columns[] = {column(TYPE_INT), column(TYPE_INT), column(TYPE_VARCHAR)};
	struct value values[] = {value_int(-2), value_null(),
				 value_string(bytes_of_string("ab"), collation_utf8mb4_default)};
	static const uint8_t wanted[] = {0, 1 << 3, 0xfe, 0xff, 0xff, 0xff, 2, 'a', 'b'};
	struct buf out, scratch;
	buf_init(&out);
	buf_init(&scratch);
	row_put_binary(columns, 3, values, charset_get(CHARSET_UTF8MB4), &scratch, &out);
	assert_int_equal(out.size, sizeof wanted);
	assert_memory_equal(out.data, wanted, sizeof wanted);
	buf_deinit(&out);
	buf_deinit(&scratch);
}

static int read_one(uint8_t type, bool is_unsigned, const void *data, size_t size, struct value *out,
		    struct arena *arena)
{
	struct cursor cursor = cursor_of(bytes_of(data, size));
	struct diag diag = DIAG_INIT;
	int status = row_read_parameter(&cursor, type, is_unsigned, collation_utf8mb4_default, arena, out, &diag);
	return status != 0 || cursor.failed ? -1 : 0;
}

static void parameters_of_all_kinds(void **state)
{
	struct arena arena;
	struct value value;
	arena_init(&arena);
	assert_int_equal(read_one(FIELD_TINY, false, "\xff", 1, &value, &arena), 0);
	assert_int_equal(value.integer, -1);
	assert_int_equal(read_one(FIELD_TINY, true, "\xff", 1, &value, &arena), 0);
	assert_int_equal(value.uinteger, 255);
	assert_int_equal(read_one(FIELD_NEWDECIMAL, false, "\4" "1.50", 5, &value, &arena), 0);
	assert_int_equal(value.kind, VALUE_DECIMAL);
	assert_int_equal(read_one(FIELD_DATETIME, false, "\4\xe8\x07\x02\x1d", 5, &value, &arena), 0);
	char text[32];
	datetime_print(value.packed, 0, text);
	assert_string_equal(text, "2024-02-29 00:00:00");
	arena_deinit(&arena);
}

static void bad_parameters_are_refused(void **state)
{
	struct arena arena;
	struct value value;
	arena_init(&arena);
	assert_int_equal(read_one(FIELD_LONGLONG, false, "123", 3, &value, &arena), -1);
	assert_int_equal(read_one(FIELD_STRING, false, "\x20" "abc", 4, &value, &arena), -1);
	assert_int_equal(read_one(FIELD_DATETIME, false, "\4\xe8\x07\x0d\x40", 5, &value, &arena), -1);
	assert_int_equal(read_one(200, false, "abc", 3, &value, &arena), -1);
	arena_deinit(&arena);
}

static int set_up(void **state)
{
	collation_init();
	return 0;
}

static int tear_down(void **state)
{
	collation_deinit();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_as_text),
		cmocka_unit_test(zerofill_fills),
		cmocka_unit_test(null_is_fb),
		cmocka_unit_test(text_speaks_the_clients_charset),
		cmocka_unit_test(binary_rows_have_a_bitmap),
		cmocka_unit_test(parameters_of_all_kinds),
		cmocka_unit_test(bad_parameters_are_refused),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
