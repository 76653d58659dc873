/*
 * Iterators over pages of the page cache, beside writers. What they show is compared, move by move, with an iterator that
 * knows of no pages: one whose bounds are in two spaces.
 */
#include <pthread.h>

#include "store/bulk/ingest.h"
#include "store_fixture.h"

enum {
	SPACE = STORE_SPACE_USER_MIN,
	KEYS = 2500,
	WRITERS = 2,
	READERS = 3,
	ROUNDS = 15,
	MOVES = 60,
	VALUE_MAX = 700
};

struct arena {
	struct store *store;
	atomic_int readers_left;
};

static struct bytes numbered(unsigned number)
{
	char name[8];
	snprintf(name, sizeof name, "%04u", number);
	return key_in(SPACE, name);
}

static void write_some(struct store_txn *txn, unsigned *seed, unsigned count)
{
	static const char text[5000];
	struct diag diag = DIAG_INIT;
	for (unsigned i = 0; i < count; i++) {
		struct bytes key = numbered((unsigned)rand_r(seed) % KEYS);
		unsigned kind = (unsigned)rand_r(seed) % 64;
		size_t size = kind == 0 ? sizeof text : (unsigned)rand_r(seed) % VALUE_MAX;
		/* Two transactions may want each other's locks: whoever is told so writes less. */
		if (kind % 4 == 1)
			(void)store_txn_delete(txn, key, &diag);
		else
			(void)store_txn_put(txn, key, bytes_of(text, size), &diag);
		diag_clear(&diag);
	}
}

static void fill_store(struct store *store)
{
	struct store_txn *txn = store_txn_begin(store, 1000);
	for (unsigned i = 0; i < KEYS; i += 1 + i % 3) {
		char value[VALUE_MAX];
		int size = snprintf(value, sizeof value, "%u %*s", i, (int)(i % 400), "");
		store_txn_put_unlocked(txn, numbered(i), bytes_of(value, (size_t)size));
	}
	commit(&txn);
}

/* ------------------------------------------------------------------ two iterators */

struct pair {
	struct store_iterator *paged, *plain;
	struct bytes lower, upper; /* of the paged one, in bounds */
	uint8_t bounds[2][16];
};

static struct bytes keep(uint8_t *place, struct bytes key)
{
	memcpy(place, key.data, key.size);
	return bytes_of(place, key.size);
}

static void make_pair(struct pair *pair, struct store *store, struct store_txn *txn,
		      const struct store_snapshot *snapshot, struct bytes lower, struct bytes upper)
{
	pair->lower = keep(pair->bounds[0], lower);
	pair->upper = keep(pair->bounds[1], upper);
	pair->paged = store_iterator_create(store, txn, snapshot, lower, upper);
	pair->plain = store_iterator_create(store, txn, snapshot, key_in(SPACE - 1, ""), key_in(SPACE + 2, ""));
}

static void end_pair(struct pair *pair)
{
	store_iterator_destroy(&pair->paged);
	store_iterator_destroy(&pair->plain);
}

static bool agree(const struct pair *pair, bool paged, bool plain)
{
	struct bytes key = plain ? store_iterator_key(pair->plain) : bytes_of(NULL, 0);
	if (plain && (bytes_compare(key, pair->lower) < 0 || bytes_compare(key, pair->upper) >= 0))
		plain = false;
	assert_int_equal(paged, plain);
	if (!paged)
		return false;
	assert_true(bytes_equal(store_iterator_key(pair->paged), key));
	assert_true(bytes_equal(store_iterator_value(pair->paged), store_iterator_value(pair->plain)));
	return true;
}

/* The plain one has wider bounds, so it is sought within the other's. */
static bool seek_both(const struct pair *pair, struct bytes key)
{
	struct bytes from = bytes_compare(key, pair->lower) < 0 ? pair->lower : key;
	return agree(pair, store_iterator_seek(pair->paged, key), store_iterator_seek(pair->plain, from));
}

static bool seek_both_before(const struct pair *pair, struct bytes key)
{
	bool paged = store_iterator_seek_before(pair->paged, key);
	bool plain = store_iterator_seek_before(pair->plain, bytes_compare(key, pair->upper) > 0 ? pair->upper : key);
	if (plain && bytes_equal(store_iterator_key(pair->plain), pair->upper))
		plain = store_iterator_previous(pair->plain);
	return agree(pair, paged, plain);
}

static bool next_of_both(const struct pair *pair)
{
	return agree(pair, store_iterator_next(pair->paged), store_iterator_next(pair->plain));
}

static bool previous_of_both(const struct pair *pair)
{
	return agree(pair, store_iterator_previous(pair->paged), store_iterator_previous(pair->plain));
}

static void walk_both(const struct pair *pair, unsigned *seed)
{
	bool stands = false;
	unsigned direction = 0;
	for (unsigned i = 0; i < MOVES; i++) {
		unsigned kind = (unsigned)rand_r(seed) % 16;
		if (kind < 2)
			direction = kind;
		if (!stands || kind == 2)
			stands = direction ? seek_both_before(pair, numbered((unsigned)rand_r(seed) % KEYS))
					   : seek_both(pair, numbered((unsigned)rand_r(seed) % KEYS));
		else
			stands = direction ? previous_of_both(pair) : next_of_both(pair);
	}
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_iterator_status(pair->paged, &diag), 0);
}

static void walk_all(const struct pair *pair)
{
	for (bool more = seek_both(pair, pair->lower); more;)
		more = next_of_both(pair);
	for (bool more = seek_both_before(pair, pair->upper); more;)
		more = previous_of_both(pair);
}

/* ------------------------------------------------------------------ readers beside writers */

static void *write_keys(void *argument)
{
	struct arena *arena = argument;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	while (atomic_load(&arena->readers_left) > 0) {
		struct store_txn *txn = store_txn_begin(arena->store, 2);
		write_some(txn, &seed, 1 + (unsigned)rand_r(&seed) % 6);
		if (rand_r(&seed) % 8)
			commit(&txn);
		store_txn_end(&txn);
	}
	return NULL;
}

static void read_once(struct arena *arena, const struct store_snapshot *snapshot, unsigned *seed)
{
	unsigned low = (unsigned)rand_r(seed) % KEYS,
		 count = (unsigned)rand_r(seed) % (rand_r(seed) % 4 ? 150 : KEYS);
	struct store_txn *txn = rand_r(seed) % 3 ? NULL : store_txn_begin(arena->store, 2);
	struct pair pair;
	if (txn)
		write_some(txn, seed, 5);
	make_pair(&pair, arena->store, txn, snapshot, numbered(low),
		  rand_r(seed) % 4 ? numbered(low + count) : key_in(SPACE + 1, ""));
	walk_both(&pair, seed);
	if (rand_r(seed) % 8 == 0)
		walk_all(&pair);
	end_pair(&pair);
	store_txn_end(&txn);
}

static void *read_keys(void *argument)
{
	struct arena *arena = argument;
	unsigned seed = (unsigned)(uintptr_t)&seed;
	for (int round = 0; round < ROUNDS; round++) {
		struct store_snapshot *old = store_snapshot_create(arena->store);
		for (int i = rand_r(&seed) % 8; i >= 0; i--) {
			struct store_snapshot *fresh = store_snapshot_create(arena->store);
			read_once(arena, fresh, &seed);
			read_once(arena, old, &seed);
			store_snapshot_destroy(arena->store, &fresh);
		}
		store_snapshot_destroy(arena->store, &old);
	}
	atomic_fetch_sub(&arena->readers_left, 1);
	return NULL;
}

static struct store *open_with_pages(uint64_t size)
{
	struct store_options options = {.memory = {.size = 4 * size, .row_percent = 25, .page_percent = 25},
					.in_memory = true};
	struct diag diag = DIAG_INIT;
	struct store *store = NULL;
	if (store_open("/gemel-test", &options, &store, &diag) < 0)
		fail_msg("%s", diag.message);
	return store;
}

static void assert_page_cache_hits(struct store *store, uint64_t hits_min)
{
	uint64_t hits, misses, used;
	store_page_cache_counts(store, &hits, &misses, &used);
	assert_true(hits >= hits_min);
}

static void test_readers_beside_writers(void **state)
{
	/* A cache that holds all, and one that does not. */
	for (unsigned megabytes = 1; megabytes <= 8; megabytes += 7) {
		struct arena arena = {.store = open_with_pages((uint64_t)megabytes << 20), .readers_left = READERS};
		pthread_t threads[WRITERS + READERS];
		fill_store(arena.store);
		for (int i = 0; i < WRITERS + READERS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, i < WRITERS ? write_keys : read_keys,
							&arena),
					 0);
		for (int i = 0; i < WRITERS + READERS; i++)
			assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_page_cache_hits(arena.store, 100);
		store_close(&arena.store);
	}
}

/* ------------------------------------------------------------------ every way of change */

static unsigned count_rows(struct store *store, struct store_snapshot *snapshot)
{
	unsigned count = 0;
	struct store_snapshot *own = snapshot ? NULL : store_snapshot_create(store);
	struct pair pair;
	make_pair(&pair, store, NULL, snapshot ? snapshot : own, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	for (bool more = seek_both(&pair, pair.lower); more; more = next_of_both(&pair))
		count++;
	end_pair(&pair);
	store_snapshot_destroy(store, &own);
	return count;
}

static void ingest_one(struct store *store, struct bytes key)
{
	struct diag diag = DIAG_INIT;
	struct store_ingest *ingest = store_ingest_begin(store);
	assert_int_equal(store_ingest_put(ingest, key, bytes_of_string("ingested"), &diag), 0);
	assert_int_equal(store_ingest_finish(&ingest, 1, &diag), 0);
	store_ingest_end(&ingest);
}

static void test_every_change_is_seen(void **state)
{
	struct store *store = open_with_pages(4 << 20);
	struct diag diag = DIAG_INIT;
	fill_store(store);
	unsigned rows = count_rows(store, NULL);
	assert_int_equal(count_rows(store, NULL), rows);
	assert_page_cache_hits(store, 2);
	struct store_snapshot *old = store_snapshot_create(store);
	put_and_commit(store, key_in(SPACE, "new"), "1");
	assert_int_equal(count_rows(store, NULL), rows + 1);
	assert_int_equal(store_put(store, key_in(SPACE, "put"), bytes_of_string("1"), &diag), 0);
	assert_int_equal(count_rows(store, NULL), rows + 2);
	ingest_one(store, key_in(SPACE, "in"));
	assert_int_equal(count_rows(store, NULL), rows + 3);
	assert_int_equal(count_rows(store, NULL), rows + 3);
	struct store_txn *txn = store_txn_begin(store, 1000);
	assert_int_equal(store_txn_delete(txn, key_in(SPACE, "put"), &diag), STORE_OK);
	commit(&txn);
	assert_int_equal(count_rows(store, NULL), rows + 2);
	assert_int_equal(count_rows(store, old), rows);
	store_snapshot_destroy(store, &old);
	assert_int_equal(store_drop_spaces(store, (uint32_t[]){SPACE}, 1, &diag), 0);
	assert_int_equal(count_rows(store, NULL), 0);
	store_close(&store);
}

/* What stays unread of a scan is read from there later, in both directions. */
static void test_pages_of_both_directions(void **state)
{
	struct store *store = open_with_pages(4 << 20);
	struct pair pair;
	fill_store(store);
	struct store_snapshot *snapshot = store_snapshot_create(store);
	for (unsigned from = 0; from < KEYS; from += 311) {
		make_pair(&pair, store, NULL, snapshot, numbered(from), numbered(from + 100));
		walk_all(&pair);
		end_pair(&pair);
		make_pair(&pair, store, NULL, snapshot, key_in(SPACE, ""), key_in(SPACE + 1, ""));
		seek_both_before(&pair, numbered(from + 300));
		for (unsigned i = 0; i < 60; i++)
			previous_of_both(&pair);
		end_pair(&pair);
	}
	make_pair(&pair, store, NULL, snapshot, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	walk_all(&pair);
	end_pair(&pair);
	uint64_t hits, hits_before, misses, misses_before, used;
	store_page_cache_counts(store, &hits_before, &misses_before, &used);
	make_pair(&pair, store, NULL, snapshot, key_in(SPACE, ""), key_in(SPACE + 1, ""));
	walk_all(&pair);
	end_pair(&pair);
	store_page_cache_counts(store, &hits, &misses, &used);
	assert_int_equal(misses, misses_before);
	assert_true(hits > hits_before + 10);
	store_snapshot_destroy(store, &snapshot);
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_readers_beside_writers),
		cmocka_unit_test(test_every_change_is_seen),
		cmocka_unit_test(test_pages_of_both_directions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
