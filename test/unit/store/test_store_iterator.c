/* Iterators: every bound and direction, against a model, over committed data and over a transaction's writes. */
#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN };

static void collect(struct store_iterator *iterator, bool forward, char *out)
{
	bool more = forward ? store_iterator_seek(iterator, bytes_of("", 0)) : store_iterator_seek_last(iterator);
	while (more) {
		struct bytes key = store_iterator_key(iterator);
		assert_int_equal(key.size, 5);
		*out++ = (char)key.data[4];
		assert_int_equal(store_iterator_value(iterator).data[0], key.data[4]);
		more = forward ? store_iterator_next(iterator) : store_iterator_previous(iterator);
	}
	*out = 0;
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_iterator_status(iterator, &diag), 0);
}

static void reverse(char *text)
{
	for (size_t i = 0, j = strlen(text); i + 1 < j; i++) {
		char c = text[--j];
		text[j] = text[i];
		text[i] = c;
	}
}

static void test_bounds_hold_in_both_directions(void **state)
{
	struct store *store = open_store(NULL);
	for (const char *name = "bdfhjz"; *name; name++)
		put_and_commit(store, key_in(SPACE, (char[]){*name, 0}), (char[]){*name, 0});
	put_and_commit(store, key_in(SPACE + 1, "a"), "a");
	struct store_txn *txn = store_txn_begin(store, 1000);
	struct diag diag = DIAG_INIT;
	for (const char *name = "aefgk"; *name; name++)
		put(txn, key_in(SPACE, (char[]){*name, 0}), (char[]){*name, 0});
	put(txn, key_in(SPACE - 1, "x"), "x");
	put(txn, key_in(SPACE + 1, "0"), "0");
	assert_int_equal(store_txn_delete(txn, key_in(SPACE, "d"), &diag), STORE_OK);
	assert_int_equal(store_txn_delete(txn, key_in(SPACE, "z"), &diag), STORE_OK);
	const char *committed = "bdfhjz", *merged = "abefghjk";
	/* every pair of bounds, among them those that are keys, deleted keys, and gaps */
	for (char low = 'a'; low <= '{'; low++) {
		for (char high = low; high <= '{'; high++) {
			for (int in_txn = 0; in_txn < 2; in_txn++) {
				char expected[16], found[16], *end = expected;
				for (const char *name = in_txn ? merged : committed; *name; name++)
					if (*name >= low && *name < high)
						*end++ = *name;
				*end = 0;
				struct store_iterator *iterator =
					store_iterator_create(store, in_txn ? txn : NULL, NULL,
							      key_in(SPACE, (char[]){low, 0}),
							      key_in(SPACE, (char[]){high, 0}));
				collect(iterator, true, found);
				assert_string_equal(found, expected);
				collect(iterator, false, found);
				reverse(found);
				assert_string_equal(found, expected);
				store_iterator_destroy(&iterator);
			}
		}
	}
	store_txn_end(&txn);
	store_close(&store);
}

static char at(struct store_iterator *iterator, bool there)
{
	return there ? (char)store_iterator_key(iterator).data[4] : '-';
}

static void test_seeks_and_turns(void **state)
{
	struct store *store = open_store(NULL);
	for (const char *name = "bdf"; *name; name++)
		put_and_commit(store, key_in(SPACE, (char[]){*name, 0}), "v");
	struct store_txn *txn = store_txn_begin(store, 1000);
	put(txn, key_in(SPACE, "c"), "v");
	put(txn, key_in(SPACE, "e"), "v");
	struct store_iterator *i =
		store_iterator_create(store, txn, NULL, key_in(SPACE, "b"), key_in(SPACE, "f"));
	assert_int_equal(at(i, store_iterator_seek(i, key_in(SPACE, "c"))), 'c');
	assert_int_equal(at(i, store_iterator_seek(i, key_in(SPACE, "cc"))), 'd');
	assert_int_equal(at(i, store_iterator_previous(i)), 'c');
	assert_int_equal(at(i, store_iterator_next(i)), 'd');
	assert_int_equal(at(i, store_iterator_next(i)), 'e');
	assert_int_equal(at(i, store_iterator_next(i)), '-');
	assert_int_equal(at(i, store_iterator_next(i)), '-');
	assert_int_equal(at(i, store_iterator_seek(i, key_in(SPACE, "f"))), '-');
	assert_int_equal(at(i, store_iterator_seek(i, key_in(SPACE - 1, "f"))), 'b');
	assert_int_equal(at(i, store_iterator_previous(i)), '-');
	assert_int_equal(at(i, store_iterator_seek_before(i, key_in(SPACE, "dd"))), 'd');
	assert_int_equal(at(i, store_iterator_seek_before(i, key_in(SPACE, "c"))), 'c');
	assert_int_equal(at(i, store_iterator_seek_before(i, key_in(SPACE, "a"))), '-');
	assert_int_equal(at(i, store_iterator_seek_before(i, key_in(SPACE, "zz"))), 'e');
	store_iterator_destroy(&i);
	assert_null(i);
	store_txn_end(&txn);
	store_close(&store);
}

static void test_iterator_reads_its_snapshot(void **state)
{
	struct store *store = open_store(NULL);
	put_and_commit(store, key_in(SPACE, "a"), "a");
	struct store_snapshot *snapshot = store_snapshot_create(store);
	put_and_commit(store, key_in(SPACE, "b"), "b");
	char found[8];
	struct store_iterator *iterator =
		store_iterator_create(store, NULL, snapshot, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	collect(iterator, true, found);
	assert_string_equal(found, "a");
	store_iterator_destroy(&iterator);
	store_snapshot_destroy(store, &snapshot);
	store_close(&store);
}

static void test_an_iterator_sees_what_is_left_after_a_rollback(void **state)
{
	struct store *store = open_store(NULL);
	put_and_commit(store, key_in(SPACE, "b"), "b");
	struct store_txn *txn = store_txn_begin(store, 1000);
	const struct {
		const char *writes, *seen;
	} steps[] = {{"a", "ab"}, {"cd", "abcd"}, {"e", "abcde"}};
	char found[8];
	for (size_t i = 0; i < 3; i++) {
		store_txn_savepoint(txn);
		for (const char *name = steps[i].writes; *name; name++)
			put(txn, key_in(SPACE, (char[]){*name, 0}), (char[]){*name, 0});
		struct store_iterator *iterator =
			store_iterator_create(store, txn, NULL, key_in(SPACE, ""), key_in(SPACE + 1, ""));
		collect(iterator, true, found);
		assert_string_equal(found, steps[i].seen);
		store_iterator_destroy(&iterator);
	}
	for (size_t i = 3; i-- > 0;) {
		store_txn_rollback_to_savepoint(txn);
		struct store_iterator *iterator =
			store_iterator_create(store, txn, NULL, key_in(SPACE, ""), key_in(SPACE + 1, ""));
		collect(iterator, true, found);
		assert_string_equal(found, i ? steps[i - 1].seen : "b");
		store_iterator_destroy(&iterator);
	}
	store_txn_end(&txn);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_hold_in_both_directions),
		cmocka_unit_test(test_seeks_and_turns),
		cmocka_unit_test(test_iterator_reads_its_snapshot),
		cmocka_unit_test(test_an_iterator_sees_what_is_left_after_a_rollback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
