/* Row locks, deadlocks, savepoints, stamping. */
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN, ROWS = STORE_SPACE_ROWS_BIT | 300 };

static int setup(void **state)
{
	*state = open_store(NULL);
	return 0;
}

static int teardown(void **state)
{
	store_close((struct store **)state);
	return 0;
}

static enum store_outcome lock_key(struct store_txn *txn, struct bytes key, bool exclusive, enum store_lock_wait wait)
{
	struct diag diag = DIAG_INIT;
	enum store_outcome outcome = store_txn_lock(txn, key, exclusive, wait, NULL, &diag);
	if (outcome == STORE_LOCK_TIMEOUT)
		assert_int_equal(diag.code, ER_LOCK_WAIT_TIMEOUT);
	return outcome;
}

static void test_missing_key_is_locked(void **state)
{
	struct store *store = *state;
	struct store_txn *one = store_txn_begin(store, 1000), *two = store_txn_begin(store, 60);
	assert_int_equal(lock_key(one, key_in(SPACE, "new"), true, STORE_WAIT), STORE_NOT_FOUND);
	int64_t start = clock_monotonic_us();
	assert_int_equal(lock_key(two, key_in(SPACE, "new"), true, STORE_WAIT), STORE_LOCK_TIMEOUT);
	int64_t waited = clock_monotonic_us() - start;
	assert_in_range(waited, 45000, 2000000);
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_put(two, key_in(SPACE, "new"), bytes_of("x", 1), &diag), STORE_LOCK_TIMEOUT);
	assert_int_equal(store_txn_delete(two, key_in(SPACE, "new"), &diag), STORE_LOCK_TIMEOUT);
	store_txn_rollback(one);
	assert_int_equal(lock_key(two, key_in(SPACE, "new"), true, STORE_WAIT), STORE_NOT_FOUND);
	store_txn_end(&one);
	store_txn_end(&two);
}

static void test_shared_locks_meet_and_keep_writers_out(void **state)
{
	struct store *store = *state;
	put_and_commit(store, key_in(SPACE, "a"), "1");
	struct store_txn *one = store_txn_begin(store, 50), *two = store_txn_begin(store, 50);
	assert_int_equal(lock_key(one, key_in(SPACE, "a"), false, STORE_WAIT), STORE_OK);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), false, STORE_WAIT), STORE_OK);
	struct store_txn *writer = store_txn_begin(store, 50);
	assert_int_equal(lock_key(writer, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	store_txn_end(&one);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_OK);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), false, STORE_WAIT), STORE_OK); /* no step down */
	assert_int_equal(lock_key(writer, key_in(SPACE, "a"), false, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	store_txn_end(&two);
	store_txn_end(&writer);
}

static void test_nowait_answers_soon_and_a_changed_timeout_counts(void **state)
{
	struct store *store = *state;
	struct store_txn *one = store_txn_begin(store, 50000), *two = store_txn_begin(store, 50000);
	assert_int_equal(lock_key(one, key_in(SPACE, "a"), true, STORE_WAIT), STORE_NOT_FOUND);
	int64_t start = clock_monotonic_us();
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	store_txn_set_lock_timeout(two, 30);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), true, STORE_WAIT), STORE_LOCK_TIMEOUT);
	assert_true(clock_monotonic_us() - start < 5000000);
	store_txn_end(&one);
	store_txn_end(&two);
}

static void test_lock_reads_the_latest(void **state)
{
	struct store *store = *state;
	put_and_commit(store, key_in(SPACE, "a"), "old");
	struct store_txn *txn = store_txn_begin(store, 1000);
	struct store_snapshot *snapshot = store_snapshot_create(store);
	put_and_commit(store, key_in(SPACE, "a"), "new");
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_lock(txn, key_in(SPACE, "a"), true, STORE_WAIT, &value, &diag), STORE_OK);
	assert_string_equal(buf_cstring(&value), "new");
	assert_sees(txn, snapshot, key_in(SPACE, "a"), "old");
	put(txn, key_in(SPACE, "a"), "newer");
	commit(&txn);
	assert_committed(store, key_in(SPACE, "a"), "newer");
	store_snapshot_destroy(store, &snapshot);
	buf_deinit(&value);
}

struct rival {
	pthread_t thread;
	struct store_txn *txn;
	const char *name;
	enum store_outcome outcome;
	unsigned code;
	atomic_bool interrupt;
};

static void *run_rival(void *argument)
{
	struct rival *rival = argument;
	struct diag diag = DIAG_INIT;
	rival->outcome = store_txn_put(rival->txn, key_in(SPACE, rival->name), bytes_of("r", 1), &diag);
	rival->code = diag.code;
	if (rival->outcome == STORE_DEADLOCK)
		store_txn_rollback(rival->txn);
	return NULL;
}

static void test_one_of_two_in_a_circle_is_the_victim(void **state)
{
	struct store *store = *state;
	struct store_txn *one = store_txn_begin(store, 20000);
	struct rival rival = {.txn = store_txn_begin(store, 20000), .name = "a"};
	put(one, key_in(SPACE, "a"), "1");
	put(rival.txn, key_in(SPACE, "b"), "2");
	assert_int_equal(pthread_create(&rival.thread, NULL, run_rival, &rival), 0);
	struct diag diag = DIAG_INIT;
	enum store_outcome mine = store_txn_put(one, key_in(SPACE, "b"), bytes_of("1", 1), &diag);
	if (mine == STORE_DEADLOCK) {
		assert_int_equal(diag.code, ER_LOCK_DEADLOCK);
		store_txn_rollback(one);
	}
	pthread_join(rival.thread, NULL);
	assert_true((mine == STORE_DEADLOCK) != (rival.outcome == STORE_DEADLOCK));
	assert_true((mine == STORE_OK) != (rival.outcome == STORE_OK));
	store_txn_end(&one);
	store_txn_end(&rival.txn);
}

static void test_an_interrupt_ends_a_wait(void **state)
{
	struct store *store = *state;
	struct store_txn *one = store_txn_begin(store, 50000);
	put(one, key_in(SPACE, "a"), "1");
	struct rival rival = {.txn = store_txn_begin(store, 50000), .name = "a"};
	store_txn_set_interrupt(rival.txn, &rival.interrupt);
	assert_int_equal(pthread_create(&rival.thread, NULL, run_rival, &rival), 0);
	atomic_store(&rival.interrupt, true);
	pthread_join(rival.thread, NULL);
	assert_int_equal(rival.outcome, STORE_ERROR);
	assert_int_equal(rival.code, ER_QUERY_INTERRUPTED);
	store_txn_end(&rival.txn);
	commit(&one);
}

static void test_savepoints_nest(void **state)
{
	struct store *store = *state;
	put_and_commit(store, key_in(SPACE, "base"), "0");
	struct store_txn *txn = store_txn_begin(store, 1000);
	store_txn_savepoint(txn); /* of nothing at all */
	put(txn, key_in(SPACE, "a"), "1");
	store_txn_savepoint(txn);
	put(txn, key_in(SPACE, "a"), "2");
	put(txn, key_in(SPACE, "b"), "2");
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_delete(txn, key_in(SPACE, "base"), &diag), STORE_OK);
	store_txn_savepoint(txn);
	put(txn, key_in(SPACE, "c"), "3");
	store_txn_rollback_to_savepoint(txn);
	assert_sees(txn, NULL, key_in(SPACE, "a"), "2");
	assert_sees(txn, NULL, key_in(SPACE, "base"), NULL);
	assert_sees(txn, NULL, key_in(SPACE, "c"), NULL);
	put(txn, key_in(SPACE, "d"), "4");
	store_txn_savepoint(txn);
	put(txn, key_in(SPACE, "e"), "5");
	store_txn_pop_savepoint(txn); /* e belongs to the level below now */
	store_txn_rollback_to_savepoint(txn);
	assert_sees(txn, NULL, key_in(SPACE, "a"), "1");
	assert_sees(txn, NULL, key_in(SPACE, "base"), "0");
	for (const char *name = "bcde"; *name; name++)
		assert_sees(txn, NULL, key_in(SPACE, (char[]){*name, 0}), NULL);
	store_txn_rollback_to_savepoint(txn);
	assert_false(store_txn_has_writes(txn));
	assert_sees(txn, NULL, key_in(SPACE, "a"), NULL);
	put(txn, key_in(SPACE, "f"), "6");
	commit(&txn);
	assert_committed(store, key_in(SPACE, "a"), NULL);
	assert_committed(store, key_in(SPACE, "base"), "0");
	assert_committed(store, key_in(SPACE, "f"), "6");
}

static void test_locks_outlive_a_savepoint(void **state)
{
	struct store *store = *state;
	struct store_txn *one = store_txn_begin(store, 1000), *two = store_txn_begin(store, 30);
	store_txn_savepoint(one);
	put(one, key_in(SPACE, "a"), "1");
	store_txn_rollback_to_savepoint(one);
	assert_int_equal(lock_key(two, key_in(SPACE, "a"), true, STORE_WAIT), STORE_LOCK_TIMEOUT);
	store_txn_end(&one);
	store_txn_end(&two);
}

static void put_row(struct store_txn *txn, uint32_t space, const char *name, int64_t version_us, const char *image)
{
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	store_put_row_header(&value, &(struct store_row_header){version_us, 9, 0});
	buf_put_string(&value, image);
	assert_int_equal(store_txn_put(txn, key_in(space, name), buf_bytes(&value), &diag), STORE_OK);
	buf_deinit(&value);
}

static void assert_row(struct store *store, uint32_t space, const char *name, int64_t version_us, uint32_t origin,
		       const char *image)
{
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	struct store_row_header header;
	assert_int_equal(store_get(store, key_in(space, name), &value, &diag), STORE_OK);
	assert_true(store_get_row_header(buf_bytes(&value), &header));
	assert_int_equal(header.version_us, version_us);
	assert_int_equal(header.origin_server_id, origin);
	assert_string_equal(buf_cstring(&value) + store_row_header_size, image);
	buf_deinit(&value);
}

static void test_stamping_sets_new_rows_only(void **state)
{
	struct store *store = *state;
	struct store_txn *txn = store_txn_begin(store, 1000);
	put_row(txn, ROWS, "first", 0, "x");
	store_txn_savepoint(txn);
	put_row(txn, ROWS, "gone", 0, "x");
	store_txn_rollback_to_savepoint(txn);
	put_row(txn, ROWS, "twice", 0, "old");
	put_row(txn, ROWS, "twice", 0, "new");
	put_row(txn, ROWS, "foreign", 55, "applied");
	put_row(txn, SPACE, "index", 0, "plain");
	put(txn, key_in(ROWS, "short"), "no header");
	char *large = memory_zalloc(300001); /* a size that takes three bytes */
	memset(large, 'l', 300000);
	put_row(txn, ROWS, "large", 0, large);
	store_txn_put_unlocked(txn, key_in(STORE_SPACE_META, "position"), bytes_of("p", 1));
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_delete(txn, key_in(ROWS, "deleted"), &diag), STORE_OK);
	store_txn_stamp(txn, 123456789, 7001);
	commit(&txn);
	assert_row(store, ROWS, "first", 123456789, 7001, "x");
	assert_committed(store, key_in(ROWS, "gone"), NULL);
	assert_row(store, ROWS, "twice", 123456789, 7001, "new");
	assert_row(store, ROWS, "foreign", 55, 9, "applied");
	assert_row(store, SPACE, "index", 0, 9, "plain");
	assert_committed(store, key_in(ROWS, "short"), "no header");
	assert_row(store, ROWS, "large", 123456789, 7001, large);
	assert_committed(store, key_in(STORE_SPACE_META, "position"), "p");
	memory_free(large);
}

static void test_a_transaction_without_writes_commits(void **state)
{
	struct store *store = *state;
	struct store_txn *txn = store_txn_begin(store, 1000), *other = store_txn_begin(store, 30);
	assert_int_equal(lock_key(txn, key_in(SPACE, "a"), true, STORE_WAIT), STORE_NOT_FOUND);
	assert_false(store_txn_has_writes(txn));
	commit(&txn);
	assert_int_equal(lock_key(other, key_in(SPACE, "a"), true, STORE_WAIT), STORE_NOT_FOUND);
	store_txn_end(&other);
}

static void test_several_commit_as_one(void **state)
{
	struct store *store = *state;
	struct store_txn *txns[] = {store_txn_begin(store, 30), store_txn_begin(store, 30), store_txn_begin(store, 30)};
	struct store_txn *waiting = store_txn_begin(store, 30);
	struct diag diag = DIAG_INIT;
	put(txns[0], key_in(SPACE, "a"), "first");
	store_txn_put_unlocked(txns[0], key_in(SPACE, "both"), bytes_of("1", 1));
	store_txn_put_unlocked(txns[1], key_in(SPACE, "both"), bytes_of("2", 1));
	assert_int_equal(lock_key(txns[2], key_in(SPACE, "locked"), true, STORE_WAIT), STORE_NOT_FOUND);
	assert_int_equal(store_commit(store, txns, 3, &diag), 0);
	assert_committed(store, key_in(SPACE, "a"), "first");
	assert_committed(store, key_in(SPACE, "both"), "2");
	assert_int_equal(lock_key(waiting, key_in(SPACE, "a"), true, STORE_WAIT), STORE_OK);
	assert_int_equal(lock_key(waiting, key_in(SPACE, "locked"), true, STORE_WAIT), STORE_NOT_FOUND);
	for (size_t i = 0; i < 3; i++)
		store_txn_end(&txns[i]);
	store_txn_end(&waiting);
}

static void assert_read(struct store_txn *txn, struct bytes key, const char *value)
{
	struct buf found = {0};
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_get(txn, NULL, key, &found, &diag), value ? STORE_OK : STORE_NOT_FOUND);
	if (value)
		assert_true(bytes_equal(buf_bytes(&found), bytes_of_string(value)));
	buf_deinit(&found);
}

/* The keys of the space as an iterator shows them: "a=1 b=2 ". */
static void assert_walk(struct store *store, struct store_txn *txn, const char *expected)
{
	struct buf text = {0};
	struct store_iterator *iterator =
		store_iterator_create(store, txn, NULL, key_in(SPACE, ""), key_in(SPACE, "~"));
	for (bool any = store_iterator_seek(iterator, key_in(SPACE, "")); any; any = store_iterator_next(iterator)) {
		struct bytes key = store_iterator_key(iterator), value = store_iterator_value(iterator);
		buf_printf(&text, "%.*s=%.*s ", (int)key.size - 4, (const char *)key.data + 4, (int)value.size,
			   (const char *)value.data);
	}
	store_iterator_destroy(&iterator);
	assert_string_equal(buf_cstring(&text), expected);
	buf_deinit(&text);
}

static struct store_txn *stand_on(struct store *store, struct store_txn *one, struct store_txn *two)
{
	struct store_txn *txn = store_txn_begin(store, 50);
	struct store_txn *bases[] = {store_txn_offer(one), two ? store_txn_offer(two) : NULL};
	store_txn_stand_on(txn, bases, two ? 2 : 1);
	store_txn_unref(&bases[0]);
	store_txn_unref(&bases[1]);
	return txn;
}

static void test_standing_on_others(void **state)
{
	struct store *store = *state;
	struct diag diag = DIAG_INIT;
	put_and_commit(store, key_in(SPACE, "a"), "0");
	put_and_commit(store, key_in(SPACE, "b"), "0");
	struct store_txn *one = store_txn_begin(store, 50);
	put(one, key_in(SPACE, "a"), "1");
	put(one, key_in(SPACE, "c"), "1");
	struct store_txn *two = stand_on(store, one, NULL);
	put(two, key_in(SPACE, "a"), "2");
	assert_int_equal(store_txn_delete(two, key_in(SPACE, "b"), &diag), STORE_OK);
	struct store_txn *three = stand_on(store, one, two);
	assert_read(three, key_in(SPACE, "a"), "2");
	assert_read(three, key_in(SPACE, "b"), NULL);
	assert_read(three, key_in(SPACE, "c"), "1");
	assert_walk(store, three, "a=2 c=1 ");
	put(three, key_in(SPACE, "b"), "3"); /* its locks are not in the way */
	assert_walk(store, three, "a=2 b=3 c=1 ");
	assert_committed(store, key_in(SPACE, "a"), "0");
	commit(&one);
	assert_walk(store, three, "a=2 b=3 c=1 ");
	commit(&two);
	assert_read(three, key_in(SPACE, "a"), "2");
	assert_walk(store, three, "a=2 b=3 c=1 ");
	commit(&three);
	assert_committed(store, key_in(SPACE, "b"), "3");
}

/* What a base wrote is looked for in the store once it is committed: somebody else may have changed it. */
static void test_what_others_made_of_it(void **state)
{
	struct store *store = *state;
	struct store_txn *base = store_txn_begin(store, 50);
	put(base, key_in(SPACE, "a"), "1");
	struct store_txn *txn = stand_on(store, base, NULL), *other = store_txn_begin(store, 50);
	assert_walk(store, txn, "a=1 ");
	assert_int_equal(lock_key(other, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	commit(&base);
	put(other, key_in(SPACE, "a"), "2");
	assert_int_equal(lock_key(txn, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	commit(&other);
	assert_read(txn, key_in(SPACE, "a"), "2");
	assert_walk(store, txn, "a=2 ");
	store_txn_end(&txn);
}

/* Both hold the lock: who waits for it gets it when neither does. */
static void test_a_lock_of_both(void **state)
{
	struct store *store = *state;
	struct store_txn *base = store_txn_begin(store, 50);
	put(base, key_in(SPACE, "a"), "1");
	struct store_txn *txn = stand_on(store, base, NULL), *other = store_txn_begin(store, 50);
	put(txn, key_in(SPACE, "a"), "2");
	commit(&base);
	assert_int_equal(lock_key(other, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_LOCK_TIMEOUT);
	commit(&txn);
	assert_int_equal(lock_key(other, key_in(SPACE, "a"), true, STORE_NOWAIT), STORE_OK);
	store_txn_end(&other);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_store(test_missing_key_is_locked),
		with_store(test_shared_locks_meet_and_keep_writers_out),
		with_store(test_nowait_answers_soon_and_a_changed_timeout_counts),
		with_store(test_lock_reads_the_latest),
		with_store(test_one_of_two_in_a_circle_is_the_victim),
		with_store(test_an_interrupt_ends_a_wait),
		with_store(test_savepoints_nest),
		with_store(test_locks_outlive_a_savepoint),
		with_store(test_stamping_sets_new_rows_only),
		with_store(test_a_transaction_without_writes_commits),
		with_store(test_several_commit_as_one),
		with_store(test_standing_on_others),
		with_store(test_what_others_made_of_it),
		with_store(test_a_lock_of_both),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
