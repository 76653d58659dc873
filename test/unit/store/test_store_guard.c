/* store_guard.cc has the layouts of the C API's handles from no header: are they this RocksDB's? */
#include <stdlib.h>

#include "store/store_guard.h"
#include "store_fixture.h"

static void notice(void *argument, const char *error)
{
	fail_msg("%s", error);
}

static void assert_done(char *error)
{
	if (error)
		fail_msg("%s", error);
}

/* What the C API sets is what the guard opens with. */
static void test_options_are_the_c_apis(void **state)
{
	char *directory = make_directory(), *error = NULL;
	rocksdb_options_t *options = rocksdb_options_create();
	assert_null(store_guard_open(options, directory, notice, NULL, &error));
	assert_non_null(strstr(error, "create_if_missing"));
	rocksdb_free(error);
	error = NULL;
	rocksdb_options_set_create_if_missing(options, 1);
	rocksdb_t *database = store_guard_open(options, directory, notice, NULL, &error);
	assert_done(error);
	rocksdb_close(database);
	rocksdb_options_destroy(options);
	remove_directory(directory);
}

/* The C API works with the database that the guard opened, and the guard with its snapshots. */
static void test_databases_and_snapshots_are_the_c_apis(void **state)
{
	char *error = NULL;
	rocksdb_env_t *memory = rocksdb_create_mem_env();
	rocksdb_options_t *options = rocksdb_options_create();
	rocksdb_writeoptions_t *write = rocksdb_writeoptions_create();
	rocksdb_options_set_create_if_missing(options, 1);
	rocksdb_options_set_env(options, memory);
	rocksdb_t *database = store_guard_open(options, "/gemel-test", notice, NULL, &error);
	assert_done(error);
	for (int i = 1; i <= 5; i++) {
		rocksdb_put(database, write, "k", 1, "v", 1, &error);
		assert_done(error);
		const rocksdb_snapshot_t *snapshot = rocksdb_create_snapshot(database);
		assert_int_equal(store_guard_sequence(snapshot), rocksdb_get_latest_sequence_number(database));
		assert_int_equal(store_guard_sequence(snapshot), i);
		rocksdb_release_snapshot(database, snapshot);
	}
	assert_done(store_guard_resume(database));
	rocksdb_close(database);
	rocksdb_writeoptions_destroy(write);
	rocksdb_options_destroy(options);
	rocksdb_env_destroy(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options_are_the_c_apis),
		cmocka_unit_test(test_databases_and_snapshots_are_the_c_apis),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
