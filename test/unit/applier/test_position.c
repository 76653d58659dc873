/* A place in a source's log: how it is compared, widened, kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "applier/position.h"
#include "binlog/event.h"
#include "base/buf.h"
#include "store/store.h"

static struct source_position at(const char *file, uint64_t offset)
{
	struct source_position position = {0};
	source_position_set(&position, bytes_of_string(file), offset);
	return position;
}

static void assert_order(struct source_position a, struct source_position b)
{
	assert_true(source_position_compare(&a, &b) < 0);
	assert_true(source_position_compare(&b, &a) > 0);
	assert_int_equal(source_position_compare(&a, &a), 0);
}

static void order(void **state)
{
	assert_order(at("binlog.000001", 4), at("binlog.000001", 5));
	assert_order(at("binlog.000001", 500), at("binlog.000002", 4));
	assert_order(at("binlog.999999", 4), at("binlog.1000000", 4));
	assert_order(at("", 4), at("binlog.000001", 4));
}

static void headers_have_the_low_half_only(void **state)
{
	assert_int_equal(event_widen_position(4, 120), 120);
	assert_int_equal(event_widen_position(UINT64_C(0xfffffff0), 5), UINT64_C(0x100000005));
	assert_int_equal(event_widen_position(UINT64_C(0x100000005), 9), UINT64_C(0x100000009));
	assert_int_equal(event_widen_position(UINT64_C(0x1ffffffff), 0), UINT64_C(0x200000000));
}

static void kept_in_the_store(void **state)
{
	struct store *store;
	struct store_options options = {.memory.size = 1 << 20, .in_memory = true};
	struct diag diag = DIAG_INIT;
	struct source_position position = at("x", 77), written = at("binlog.000042", UINT64_C(0x123456789a));
	assert_true(mariadb_position_put(&written.gtids, &(struct mariadb_gtid){3, 1, 99}));
	assert_int_equal(store_open("/memory", &options, &store, &diag), 0);
	assert_int_equal(applied_position_read(store, "west", &position, &diag), 0);
	assert_string_equal(position.file, "");
	assert_int_equal(position.offset, 4);
	assert_int_equal(applied_position_write(store, "west", &written, APPLIED_POSITION_FLUSHED, &diag), 0);
	assert_int_equal(applied_position_read(store, "west", &position, &diag), 0);
	assert_int_equal(source_position_compare(&position, &written), 0);
	assert_string_equal(position.file, written.file);
	assert_int_equal(mariadb_position_find(&position.gtids, 3)->sequence, 99);
	assert_int_equal(applied_position_read(store, "", &position, &diag), 0);
	assert_string_equal(position.file, "");
	store_close(&store);
}

static void the_first_format_had_no_gtids(void **state)
{
	struct source_position position = at("", 4);
	struct diag diag = DIAG_INIT;
	assert_true(mariadb_position_put(&position.gtids, &(struct mariadb_gtid){3, 1, 99}));
	assert_int_equal(applied_position_decode(bytes_of("\1\7\0\0\0\0\0\0\0log.1", 14), &position, &diag), 0);
	assert_string_equal(position.file, "log.1");
	assert_int_equal(position.offset, 7);
	assert_int_equal(position.gtids.count, 0);
}

static void damage_is_told(void **state)
{
	struct source_position position = at("keep", 9);
	struct diag diag = DIAG_INIT;
	assert_int_equal(applied_position_decode(bytes_of("\1\0\0", 3), &position, &diag), -1);
	assert_int_equal(applied_position_decode(bytes_of("\2\0\0\0\0\0\0\0\0x", 10), &position, &diag), -1);
	assert_string_equal(position.file, "keep");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order),
		cmocka_unit_test(headers_have_the_low_half_only),
		cmocka_unit_test(kept_in_the_store),
		cmocka_unit_test(the_first_format_had_no_gtids),
		cmocka_unit_test(damage_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
