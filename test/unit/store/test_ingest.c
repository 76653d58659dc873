/* Sorted files that the store takes in: as a whole, beside what is there, and nothing of them without the last step. */
#include "store_fixture.h"
#include "base/fault.h"
#include "store/bulk/ingest.h"

enum { SPACE = 300, COUNT = 20000 };

static struct bytes numbered(uint8_t *place, uint32_t number)
{
	bytes_store_uint_be(place, SPACE, 4);
	bytes_store_uint_be(place + 4, number, 4);
	return bytes_of(place, 8);
}

static void put_all(struct store_ingest *ingest)
{
	struct diag diag = DIAG_INIT;
	uint8_t key[8];
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(store_ingest_put(ingest, numbered(key, i), bytes_of(&i, sizeof i), &diag), 0);
}

static unsigned count_keys(struct store *store)
{
	uint8_t lower[8], upper[8];
	unsigned count = 0;
	struct store_iterator *iterator =
		store_iterator_create(store, NULL, NULL, numbered(lower, 0), numbered(upper, UINT32_MAX));
	for (bool more = store_iterator_seek(iterator, bytes_of(lower, 8)); more; more = store_iterator_next(iterator))
		assert_int_equal(bytes_load_uint_be(store_iterator_key(iterator).data + 4, 4), count++);
	store_iterator_destroy(&iterator);
	return count;
}

static unsigned count_files(const char *directory)
{
	char command[256];
	unsigned count = 0;
	snprintf(command, sizeof command, "ls %s | grep -c ^load", directory);
	FILE *list = popen(command, "r");
	assert_int_equal(fscanf(list, "%u", &count), 1);
	pclose(list);
	return count;
}

static void test_all_at_once(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory);
	struct diag diag = DIAG_INIT;
	struct store_ingest *ingest = store_ingest_begin(store);
	put_all(ingest);
	assert_int_equal(count_keys(store), 0);
	assert_int_equal(store_ingest_finish(&ingest, 1, &diag), 0);
	store_ingest_end(&ingest);
	assert_int_equal(count_keys(store), COUNT);
	assert_int_equal(count_files(directory), 0);
	store_close(&store);
	store = open_store(directory);
	assert_int_equal(count_keys(store), COUNT);
	store_close(&store);
	remove_directory(directory);
}

static void test_given_up(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory);
	struct store_ingest *ingest = store_ingest_begin(store);
	put_all(ingest);
	assert_int_equal(count_files(directory), 1);
	store_ingest_end(&ingest);
	assert_int_equal(count_files(directory), 0);
	assert_int_equal(count_keys(store), 0);
	store_close(&store);
	remove_directory(directory);
}

static void test_left_by_a_crash(void **state)
{
	char *directory = make_directory(), command[256];
	struct store *store = open_store(directory);
	store_close(&store);
	snprintf(command, sizeof command, "touch %s/load.0.sst %s/load.7.sst", directory, directory);
	assert_int_equal(system(command), 0);
	store = open_store(directory);
	assert_int_equal(count_files(directory), 0);
	store_close(&store);
	remove_directory(directory);
}

static void test_failures(void **state)
{
	static const char *const points[] = {"store.load_file=error:ENOSPC", "store.ingest=error:EIO"};
	struct diag diag = DIAG_INIT;
	for (unsigned i = 0; i < 2; i++) {
		char *directory = make_directory();
		struct store *store = open_store(directory);
		struct store_ingest *ingest = store_ingest_begin(store);
		assert_int_equal(fault_set(points[i], &diag), 0);
		put_all(ingest);
		assert_int_equal(store_ingest_finish(&ingest, 1, &diag), -1);
		assert_int_equal(fault_set("", &diag), 0);
		store_ingest_end(&ingest);
		assert_int_equal(count_keys(store), 0);
		assert_int_equal(count_files(directory), 0);
		diag_clear(&diag);
		store_close(&store);
		remove_directory(directory);
	}
}

static void test_in_memory(void **state)
{
	struct store *store = open_store(NULL);
	struct diag diag = DIAG_INIT;
	struct store_ingest *ingest = store_ingest_begin(store);
	put_all(ingest);
	assert_int_equal(store_ingest_finish(&ingest, 1, &diag), 0);
	store_ingest_end(&ingest);
	assert_int_equal(count_keys(store), COUNT);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_at_once), cmocka_unit_test(test_given_up), cmocka_unit_test(test_left_by_a_crash),
		cmocka_unit_test(test_failures),    cmocka_unit_test(test_in_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
