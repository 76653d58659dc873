/* Old versions and deletions: scans that meet many get them flushed away; nobody else pays for it. Counted, not timed. */
#include "base/clock.h"
#include "store/hidden.h"
#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN, ROWS = 200, VERSIONS = 60, DONE = 20000, PATIENCE_US = 20 * 1000 * 1000 };

static struct bytes number_key(uint32_t space, int number)
{
	char name[16];
	sprintf(name, "%08d", number);
	return key_in(space, name);
}

static void write_rows(struct store *store)
{
	char value[101];
	memset(value, 'x', sizeof value - 1);
	value[sizeof value - 1] = 0;
	struct store_txn *txn = store_txn_begin(store, 1000);
	for (int row = 0; row < ROWS; row++)
		put(txn, number_key(SPACE, row), value);
	commit(&txn);
}

static int scan(struct store *store, const struct store_snapshot *snapshot)
{
	int count = 0;
	struct store_iterator *iterator =
		store_iterator_create(store, NULL, snapshot, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	for (bool more = store_iterator_seek(iterator, key_in(SPACE, "")); more; more = store_iterator_next(iterator))
		count++;
	store_iterator_destroy(&iterator);
	return count;
}

/* How many hidden entries scans pass over, for each that they show. */
static double hidden_share(struct store *store, int rows)
{
	uint64_t steps[2], passed[2];
	store_hidden(store, &steps[0], &passed[0]);
	for (int i = 0; i < hidden_sample_rate; i++)
		assert_int_equal(scan(store, NULL), rows);
	store_hidden(store, &steps[1], &passed[1]);
	assert_int_equal(steps[1] - steps[0], (uint64_t)rows * hidden_sample_rate); /* one of them was counted */
	return (double)(passed[1] - passed[0]) / (double)(steps[1] - steps[0]);
}

/* Until scans pass over less than that: the store is tended, others read and write meanwhile, as in a server. */
static void read_until(struct store *store, int rows, double share)
{
	int64_t deadline_us = clock_monotonic_us() + PATIENCE_US;
	while (hidden_share(store, rows) > share) {
		struct store_snapshot *snapshot = store_snapshot_create(store);
		put_and_commit(store, key_in(SPACE + 2, "other"), "x");
		assert_true(clock_monotonic_us() < deadline_us);
		store_tend(store);
		store_snapshot_destroy(store, &snapshot);
	}
}

static void test_scans_get_old_versions_flushed(void **state)
{
	struct store *store = open_store(NULL);
	for (int round = 0; round < 3; round++) {
		for (int version = 0; version < VERSIONS; version++)
			write_rows(store);
		assert_true(hidden_share(store, ROWS) > 4);
		read_until(store, ROWS, round + 1.0); /* a version in each of the files */
	}
	store_close(&store);
}

static void test_what_is_not_scanned_is_not_flushed(void **state)
{
	struct store *store = open_store(NULL);
	for (int version = 0; version < VERSIONS; version++)
		write_rows(store);
	uint64_t size = store_unsaved_size(store);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(scan(store, NULL), ROWS); /* a few scans are cheaper than a flush */
		store_tend(store);
	}
	assert_int_equal(store_unsaved_size(store), size);
	store_close(&store);
}

static void *destroy_all(void *argument)
{
	struct store_iterator **iterators = argument;
	for (int i = 0; i < hidden_sample_rate; i++)
		store_iterator_destroy(&iterators[i]);
	return NULL;
}

/* Iterators may be handed from thread to thread. One of these is counted; the thread that it began in counts again. */
static void test_an_iterator_that_ends_elsewhere(void **state)
{
	struct store *store = open_store(NULL);
	struct store_iterator *iterators[hidden_sample_rate];
	pthread_t thread;
	write_rows(store);
	for (int i = 0; i < hidden_sample_rate; i++)
		iterators[i] = store_iterator_create(store, NULL, NULL, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	assert_int_equal(pthread_create(&thread, NULL, destroy_all, iterators), 0);
	pthread_join(thread, NULL);
	hidden_share(store, ROWS);
	hidden_share(store, ROWS);
	store_close(&store);
}

static void test_snapshots_keep_their_versions(void **state)
{
	struct store *store = open_store(NULL);
	put_and_commit(store, number_key(SPACE, 7), "first");
	struct store_snapshot *snapshot = store_snapshot_create(store);
	for (int version = 0; version < VERSIONS; version++)
		write_rows(store);
	read_until(store, ROWS, 2);
	assert_int_equal(scan(store, snapshot), 1);
	struct store_txn *txn = store_txn_begin(store, 1000);
	assert_sees(txn, snapshot, number_key(SPACE, 7), "first");
	store_txn_end(&txn);
	store_snapshot_destroy(store, &snapshot);
	store_close(&store);
}

/* Entries come at one end and go at the other: whoever asks for the first walks over all that have gone. */
static void test_queue_is_not_slow_at_its_head(void **state)
{
	struct store *store = open_store(NULL);
	struct diag diag = DIAG_INIT;
	for (int i = 0; i < DONE; i++) {
		struct store_txn *txn = store_txn_begin(store, 1000);
		put(txn, number_key(SPACE, i + 1), "job");
		if (i)
			assert_int_equal(store_txn_delete(txn, number_key(SPACE, i), &diag), STORE_OK);
		commit(&txn);
	}
	put_and_commit(store, number_key(SPACE, DONE + 1), "job");
	assert_true(hidden_share(store, 2) > DONE / 4);
	read_until(store, 2, 10);
	store_close(&store);
}

int main(void)
{
	store_begin_thread();
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scans_get_old_versions_flushed),
		cmocka_unit_test(test_what_is_not_scanned_is_not_flushed),
		cmocka_unit_test(test_an_iterator_that_ends_elsewhere),
		cmocka_unit_test(test_snapshots_keep_their_versions),
		cmocka_unit_test(test_queue_is_not_slow_at_its_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
