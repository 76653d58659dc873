/* Opening, closing, flushing, dropping spaces, snapshots. */
#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN };

static void test_values_survive_closing(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory);
	put_and_commit(store, key_in(SPACE, "a"), "one");
	store_close(&store);
	assert_null(store);
	store = open_store(directory);
	assert_committed(store, key_in(SPACE, "a"), "one");
	assert_committed(store, key_in(SPACE, "b"), NULL);
	store_close(&store);
	remove_directory(directory);
}

static void test_second_process_is_refused(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory), *second = NULL;
	struct diag diag = DIAG_INIT;
	struct store_options options = {0};
	assert_int_equal(store_open(directory, &options, &second, &diag), -1);
	assert_non_null(strstr(diag.message, "in use by another process"));
	assert_null(second);
	store_close(&store);
	remove_directory(directory);
}

static void test_foreign_format_is_refused(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory), *again = NULL;
	struct diag diag = DIAG_INIT;
	struct store_options options = {0};
	assert_int_equal(store_put(store, key_in(STORE_SPACE_META, "format"), bytes_of("\x63\0\0\0", 4), &diag), 0);
	store_close(&store);
	assert_int_equal(store_open(directory, &options, &again, &diag), -1);
	assert_non_null(strstr(diag.message, "format 99"));
	remove_directory(directory);
}

static void test_missing_parent_is_an_error(void **state)
{
	struct store *store = NULL;
	struct diag diag = DIAG_INIT;
	struct store_options options = {0};
	assert_int_equal(store_open("/tmp/gemel-none/none/store", &options, &store, &diag), -1);
	assert_int_equal(diag.code, ER_GET_ERRMSG);
}

static void test_snapshots_keep_what_was(void **state)
{
	struct store *store = open_store(NULL);
	put_and_commit(store, key_in(SPACE, "a"), "old");
	struct store_snapshot *snapshot = store_snapshot_create(store);
	put_and_commit(store, key_in(SPACE, "a"), "new");
	struct store_txn *txn = store_txn_begin(store, 1000);
	assert_sees(txn, snapshot, key_in(SPACE, "a"), "old");
	assert_sees(txn, NULL, key_in(SPACE, "a"), "new");
	put(txn, key_in(SPACE, "a"), "mine");
	assert_sees(txn, snapshot, key_in(SPACE, "a"), "mine");
	store_txn_end(&txn);
	store_snapshot_destroy(store, &snapshot);
	assert_null(snapshot);
	store_close(&store);
}

static void test_dropped_space_is_empty_and_its_neighbours_are_not(void **state)
{
	struct store *store = open_store(NULL);
	uint32_t rows = STORE_SPACE_ROWS_BIT | SPACE;
	put_and_commit(store, key_in(SPACE, "a"), "1");
	put_and_commit(store, key_in(SPACE + 1, ""), "2");
	put_and_commit(store, key_in(SPACE + 1, "\xff\xff\xff\xff\xff"), "3");
	put_and_commit(store, key_in(SPACE + 2, ""), "4");
	put_and_commit(store, key_in(rows, "\xff"), "5");
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_drop_spaces(store, (uint32_t[]){rows, SPACE + 1}, 2, &diag), 0);
	assert_committed(store, key_in(SPACE, "a"), "1");
	assert_committed(store, key_in(SPACE + 1, ""), NULL);
	assert_committed(store, key_in(SPACE + 1, "\xff\xff\xff\xff\xff"), NULL);
	assert_committed(store, key_in(SPACE + 2, ""), "4");
	assert_committed(store, key_in(rows, "\xff"), NULL);
	store_close(&store);
}

/* Else whoever looks past the end of a neighbouring space walks over every one of them. */
static void test_dropped_keys_leave_the_memory(void **state)
{
	struct store *store = open_store(NULL);
	char value[101];
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = 0;
	struct store_txn *txn = store_txn_begin(store, 1000);
	for (int i = 0; i < 10000; i++) {
		char name[16];
		snprintf(name, sizeof name, "%d", i);
		put(txn, key_in(SPACE, name), value);
	}
	put(txn, key_in(SPACE + 1, "a"), "stays");
	commit(&txn);
	assert_true(store_memory_used(store) > 1000000);
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_drop_spaces(store, (uint32_t[]){SPACE}, 1, &diag), 0);
	for (int i = 0; i < 10000 && store_memory_used(store) > 800000; i++)
		usleep(1000);
	assert_true(store_memory_used(store) <= 800000);
	assert_committed(store, key_in(SPACE + 1, "a"), "stays");
	store_close(&store);
}

static void test_sizes_and_memory_are_known(void **state)
{
	struct store *store = open_store(NULL);
	char big[4096];
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = 0;
	for (int i = 0; i < 200; i++) {
		char name[16];
		snprintf(name, sizeof name, "%d", i);
		put_and_commit(store, key_in(SPACE, name), big);
	}
	assert_true(store_memory_used(store) > 200 * 4000);
	store_space_size(store, SPACE); /* an estimate of what is in files: nothing yet */
	store_close(&store);
}

static void test_flush_and_flushed_commit(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory);
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_flush(store, &diag), 0);
	put_and_commit(store, key_in(SPACE, "a"), "1");
	assert_int_equal(store_flush(store, &diag), 0);
	assert_int_equal(store_flush(store, &diag), 0);
	struct store_txn *txn = store_txn_begin_flushed(store, 1000);
	put(txn, key_in(SPACE, "b"), "2");
	commit(&txn);
	txn = store_txn_begin(store, 1000);
	put(txn, key_in(SPACE, "c"), "3");
	assert_int_equal(store_txn_commit(txn, true, &diag), 0);
	store_txn_end(&txn);
	store_close(&store);
	remove_directory(directory);
}

static void test_row_header(void **state)
{
	struct store_row_header header = {.version_us = 0x0102030405060708, .origin_server_id = 7001}, found;
	struct buf value = {0};
	store_put_row_header(&value, &header);
	assert_int_equal(value.size, store_row_header_size);
	assert_true(store_get_row_header(buf_bytes(&value), &found));
	assert_int_equal(found.version_us, header.version_us);
	assert_int_equal(found.origin_server_id, 7001);
	assert_int_equal(found.flags, 0);
	assert_false(store_get_row_header(bytes_of(value.data, 15), &found));
	buf_deinit(&value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_survive_closing),
		cmocka_unit_test(test_second_process_is_refused),
		cmocka_unit_test(test_foreign_format_is_refused),
		cmocka_unit_test(test_missing_parent_is_an_error),
		cmocka_unit_test(test_snapshots_keep_what_was),
		cmocka_unit_test(test_dropped_space_is_empty_and_its_neighbours_are_not),
		cmocka_unit_test(test_dropped_keys_leave_the_memory),
		cmocka_unit_test(test_sizes_and_memory_are_known),
		cmocka_unit_test(test_flush_and_flushed_commit),
		cmocka_unit_test(test_row_header),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
