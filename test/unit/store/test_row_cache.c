/* The row cache: its rules one by one, its bound, and what readers see through it while others write. */
#include "store/row_cache.h"

#include <pthread.h>

#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN };

/* ------------------------------------------------------------------------------------------------- the rules */

static struct bytes key(const char *name)
{
	return bytes_of_string(name);
}

static void assert_read(struct row_cache *cache, const char *name, uint64_t as_of, const char *value)
{
	struct buf found = {0};
	assert_int_equal(row_cache_read(cache, key(name), as_of, &found), value != NULL);
	if (value)
		assert_string_equal(buf_cstring(&found), value);
	buf_deinit(&found);
}

static void end_write(struct row_cache *cache, const char *name, const char *value, uint64_t now)
{
	struct bytes bytes = bytes_of_string(value ? value : "");
	row_cache_end_write(cache, key(name), value ? &bytes : NULL, now);
}

static void test_what_was_filled_is_read(void **state)
{
	struct row_cache *cache = row_cache_create(4 << 20);
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	row_cache_fill(cache, key("a"), bytes_of_string("1"), 5);
	row_cache_fill(cache, key("a"), bytes_of_string("1"), 6);
	row_cache_fill(cache, key(""), bytes_of_string(""), 6);
	assert_read(cache, "a", ROW_CACHE_NOW, "1");
	assert_read(cache, "a", 0, "1"); /* nothing was written since the server started: all snapshots see it */
	assert_read(cache, "", 0, "");
	assert_read(cache, "b", 0, NULL);
	assert_int_equal(row_cache_count(cache).hits, 3);
	assert_int_equal(row_cache_count(cache).misses, 2);
	row_cache_destroy(&cache);
}

static void test_no_cache(void **state)
{
	struct row_cache *cache = row_cache_create(row_cache_size_min - 1);
	assert_null(cache);
	row_cache_fill(cache, key("a"), bytes_of_string("1"), 5);
	row_cache_begin_write(cache, key("a"));
	end_write(cache, "a", "2", 6);
	row_cache_begin_rewrite(cache, (uint32_t[]){7}, 1);
	row_cache_end_rewrite(cache, 7);
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	assert_int_equal(row_cache_count(cache).used, 0);
	row_cache_destroy(&cache);
}

static void test_write_hides_and_renews(void **state)
{
	struct row_cache *cache = row_cache_create(4 << 20);
	row_cache_fill(cache, key("a"), bytes_of_string("old"), 5);
	row_cache_begin_write(cache, key("a"));
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	assert_read(cache, "a", 5, NULL);
	end_write(cache, "a", "new", 8);
	assert_read(cache, "a", ROW_CACHE_NOW, "new");
	assert_read(cache, "a", 8, "new");
	assert_read(cache, "a", 7, NULL); /* a snapshot from before it */
	row_cache_begin_write(cache, key("a"));
	end_write(cache, "a", "longer than before", 9);
	assert_read(cache, "a", 9, "longer than before");
	row_cache_begin_write(cache, key("a"));
	end_write(cache, "a", NULL, 10); /* deleted, or failed */
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	assert_int_equal(row_cache_count(cache).used, 0);
	row_cache_destroy(&cache);
}

static void test_late_fills_are_refused(void **state)
{
	struct row_cache *cache = row_cache_create(4 << 20);
	row_cache_begin_write(cache, key("a"));
	row_cache_fill(cache, key("a"), bytes_of_string("old"), 5); /* read while it is written */
	end_write(cache, "a", "new", 8);
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	row_cache_fill(cache, key("a"), bytes_of_string("old"), 7); /* read before */
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	row_cache_fill(cache, key("a"), bytes_of_string("new"), 8);
	assert_read(cache, "a", ROW_CACHE_NOW, "new");
	row_cache_destroy(&cache);
}

static void test_one_transaction_may_write_a_key_twice(void **state)
{
	struct row_cache *cache = row_cache_create(4 << 20);
	row_cache_fill(cache, key("a"), bytes_of_string("0"), 5);
	row_cache_begin_write(cache, key("a"));
	row_cache_begin_write(cache, key("a"));
	end_write(cache, "a", "1", 8);
	assert_read(cache, "a", ROW_CACHE_NOW, NULL);
	end_write(cache, "a", "2", 8);
	assert_read(cache, "a", 8, NULL);
	row_cache_fill(cache, key("a"), bytes_of_string("2"), 8);
	assert_read(cache, "a", 8, "2");
	row_cache_destroy(&cache);
}

static void test_spaces_go_as_a_whole(void **state)
{
	struct row_cache *cache = row_cache_create(4 << 20);
	for (const char *const *name = (const char *const[]){"abc", "abcd1", "abcd2", "abce1", "abcf", "abcg", NULL};
	     *name; name++)
		row_cache_fill(cache, key(*name), bytes_of_string("1"), 5);
	row_cache_begin_rewrite(cache, (uint32_t[]){0x61626364, 0x61626366}, 2);
	assert_read(cache, "abc", 5, "1");
	row_cache_fill(cache, key("abcd1"), bytes_of_string("1"), 6);
	row_cache_end_rewrite(cache, 7);
	row_cache_fill(cache, key("abcd1"), bytes_of_string("1"), 6);
	assert_read(cache, "abcd1", ROW_CACHE_NOW, NULL);
	assert_read(cache, "abcd2", ROW_CACHE_NOW, NULL);
	assert_read(cache, "abcf", ROW_CACHE_NOW, NULL);
	assert_read(cache, "abce1", 7, "1");
	assert_read(cache, "abcg", 7, "1");
	assert_read(cache, "abce1", 6, NULL); /* of whom it is not known whether it changed since */
	row_cache_fill(cache, key("abcd1"), bytes_of_string("2"), 7);
	assert_read(cache, "abcd1", 7, "2");
	row_cache_begin_rewrite(cache, NULL, 0);
	row_cache_end_rewrite(cache, 8);
	assert_read(cache, "abcd1", 8, NULL);
	assert_int_equal(row_cache_count(cache).used, 0);
	row_cache_destroy(&cache);
}

static void test_stays_within_its_size_and_keeps_what_is_read(void **state)
{
	enum { SIZE = 2 << 20, FILLS = 100000 };
	struct row_cache *cache = row_cache_create(SIZE);
	char value[201] = {0}, name[16];
	memset(value, 'x', 200);
	row_cache_fill(cache, key("hot"), bytes_of_string(value), 1);
	for (int i = 0; i < FILLS; i++) {
		sprintf(name, "%d", i);
		row_cache_fill(cache, key(name), bytes_of_string(value), 1);
		assert_read(cache, "hot", 1, value);
	}
	uint64_t used = row_cache_count(cache).used;
	assert_in_range(used, SIZE / 2, SIZE);
	void *large = memory_zalloc(SIZE / 4);
	row_cache_fill(cache, key("large"), bytes_of(large, SIZE / 4), 1);
	assert_read(cache, "large", 1, NULL);
	assert_int_equal(row_cache_count(cache).used, used);
	memory_free(large);
	row_cache_destroy(&cache);
}

/* --------------------------------------------------------------------------------------- readers beside writers */

/*
 * Accounts between which money is moved, in transactions that lock, read and write two of them. Each value is a count of
 * the account's changes, its money, and a tail whose length changes; the second is deleted and made anew in between.
 */
enum { ACCOUNTS = 24, WRITERS = 3, READERS = 3, ROUNDS = 3000, MONEY = 1000 };

struct account {
	int changes, money;
};

struct bank {
	struct store *store;
	atomic_int writers_left;
};

static struct bytes account_key(int number)
{
	char name[16];
	sprintf(name, "%02d", number);
	return key_in(SPACE, name);
}

static struct account account_of(struct buf *value)
{
	struct account account = {0};
	if (value->size)
		assert_int_equal(sscanf(buf_cstring(value), "%d %d", &account.changes, &account.money), 2);
	return account;
}

static void put_account(struct store_txn *txn, int number, struct account account)
{
	char value[64];
	sprintf(value, "%d %d %*s", account.changes, account.money, account.changes % 3 * 8, "");
	store_txn_put_unlocked(txn, account_key(number), bytes_of_string(value));
}

static struct account lock_account(struct store_txn *txn, int number)
{
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	enum store_outcome outcome = store_txn_lock(txn, account_key(number), true, STORE_WAIT, &value, &diag);
	assert_int_equal(outcome, STORE_OK);
	struct account account = account_of(&value);
	buf_deinit(&value);
	return account;
}

/* From one to a higher one: no deadlocks. */
static void move_money(struct bank *bank, int from, int to, int amount, bool commits)
{
	struct store_txn *txn = store_txn_begin(bank->store, 20 * 1000);
	struct account a = lock_account(txn, from), b = lock_account(txn, to);
	put_account(txn, from, (struct account){a.changes + 1, a.money - amount});
	store_txn_delete_unlocked(txn, account_key(to));
	put_account(txn, to, (struct account){b.changes + 1, b.money + amount});
	if (commits) {
		commit(&txn);
		struct buf value = {0};
		struct diag diag = DIAG_INIT;
		assert_int_equal(store_get(bank->store, account_key(to), &value, &diag), STORE_OK);
		assert_true(account_of(&value).changes > b.changes);
		buf_deinit(&value);
	}
	store_txn_end(&txn);
}

static void *write_accounts(void *argument)
{
	struct bank *bank = argument;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	for (int round = 0; round < ROUNDS; round++) {
		int from = (int)(rand_r(&seed) % (ACCOUNTS - 1));
		int to = from + 1 + (int)(rand_r(&seed) % (unsigned)(ACCOUNTS - from - 1));
		move_money(bank, from, to, (int)(rand_r(&seed) % 100) - 50, rand_r(&seed) % 10 != 0);
	}
	atomic_fetch_sub(&bank->writers_left, 1);
	return NULL;
}

/* What an iterator shows, which knows of no cache, is what gets find. */
static void check_snapshot(struct bank *bank)
{
	struct store_snapshot *snapshot = store_snapshot_create(bank->store);
	struct store_iterator *iterator =
		store_iterator_create(bank->store, NULL, snapshot, account_key(0), key_in(SPACE + 1, ""));
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	int sum = 0;
	for (int i = 0; i < ACCOUNTS; i++) {
		buf_clear(&value);
		assert_int_equal(store_get_as_of(bank->store, snapshot, account_key(i), &value, &diag), STORE_OK);
		assert_true(i ? store_iterator_next(iterator) : store_iterator_seek(iterator, account_key(0)));
		assert_true(bytes_equal(store_iterator_value(iterator), buf_bytes(&value)));
		sum += account_of(&value).money;
	}
	assert_int_equal(sum, ACCOUNTS * MONEY);
	buf_deinit(&value);
	store_iterator_destroy(&iterator);
	store_snapshot_destroy(bank->store, &snapshot);
}

/* The latest never goes back. */
static void check_latest(struct bank *bank, int *changes)
{
	struct buf value = {0};
	struct diag diag = DIAG_INIT;
	for (int i = 0; i < ACCOUNTS; i++) {
		buf_clear(&value);
		assert_int_equal(store_get(bank->store, account_key(i), &value, &diag), STORE_OK);
		int now = account_of(&value).changes;
		assert_true(now >= changes[i]);
		changes[i] = now;
	}
	buf_deinit(&value);
}

static void *read_accounts(void *argument)
{
	struct bank *bank = argument;
	int changes[ACCOUNTS] = {0};
	do {
		check_snapshot(bank);
		check_latest(bank, changes);
	} while (atomic_load(&bank->writers_left) > 0);
	return NULL;
}

static void test_readers_see_whole_transactions(void **state)
{
	struct bank bank = {.store = open_store(NULL), .writers_left = WRITERS};
	struct store_txn *txn = store_txn_begin(bank.store, 1000);
	for (int i = 0; i < ACCOUNTS; i++)
		put_account(txn, i, (struct account){1, MONEY});
	commit(&txn);
	pthread_t threads[WRITERS + READERS];
	for (int i = 0; i < WRITERS + READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, i < WRITERS ? write_accounts : read_accounts, &bank), 0);
	for (int i = 0; i < WRITERS + READERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	uint64_t hits, misses, used;
	store_row_cache_counts(bank.store, &hits, &misses, &used);
	assert_true(hits > misses); /* it was about the cache */
	check_snapshot(&bank);
	store_close(&bank.store);
}

/* ----------------------------------------------------------------------------------------------- every way of change */

static void test_every_change_is_seen(void **state)
{
	struct store *store = open_store(NULL);
	struct diag diag = DIAG_INIT;
	put_and_commit(store, key_in(SPACE, "a"), "1");
	assert_committed(store, key_in(SPACE, "a"), "1");
	struct store_snapshot *snapshot = store_snapshot_create(store);
	assert_int_equal(store_put(store, key_in(SPACE, "a"), bytes_of_string("2"), &diag), 0);
	assert_committed(store, key_in(SPACE, "a"), "2");
	struct buf value = {0};
	assert_int_equal(store_get_as_of(store, snapshot, key_in(SPACE, "a"), &value, &diag), STORE_OK);
	assert_string_equal(buf_cstring(&value), "1");
	buf_deinit(&value);
	struct store_txn *txn = store_txn_begin(store, 1000);
	assert_int_equal(store_txn_delete(txn, key_in(SPACE, "a"), &diag), STORE_OK);
	commit(&txn);
	assert_committed(store, key_in(SPACE, "a"), NULL);
	put_and_commit(store, key_in(SPACE, "a"), "3");
	assert_committed(store, key_in(SPACE, "a"), "3");
	assert_committed(store, key_in(SPACE, "a"), "3");
	assert_int_equal(store_drop_spaces(store, (uint32_t[]){SPACE}, 1, &diag), 0);
	assert_committed(store, key_in(SPACE, "a"), NULL);
	store_snapshot_destroy(store, &snapshot);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_filled_is_read),
		cmocka_unit_test(test_no_cache),
		cmocka_unit_test(test_write_hides_and_renews),
		cmocka_unit_test(test_late_fills_are_refused),
		cmocka_unit_test(test_one_transaction_may_write_a_key_twice),
		cmocka_unit_test(test_spaces_go_as_a_whole),
		cmocka_unit_test(test_stays_within_its_size_and_keeps_what_is_read),
		cmocka_unit_test(test_readers_see_whole_transactions),
		cmocka_unit_test(test_every_change_is_seen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
