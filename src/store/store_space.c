/*
 * A space as a whole: its size, its last key, dividing and dropping it.
 *
 * A dropped space is covered by one tombstone over its range. What it had in the memtable stays there, and an iterator
 * that comes to the end of a neighbouring space walks over those keys one by one, whatever its bounds are (RocksDB 7.8).
 * So they are counted, and when many have gathered the memtable is written to a file, which leaves them out.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/store_internal.h"

enum { dropped_keys_max = 10000 };

/* The keys of a space: from first up to the next space. */
struct space_range {
	uint8_t first[4];
	uint8_t end[4];
};

static struct space_range space_range(uint32_t space)
{
	assert(space < UINT32_MAX);
	struct space_range range;
	bytes_store_uint_be(range.first, space, 4);
	bytes_store_uint_be(range.end, space + 1, 4);
	return range;
}

static bool is_in(const struct space_range *range, const rocksdb_iterator_t *iterator)
{
	size_t size;
	if (!rocksdb_iter_valid(iterator))
		return false;
	const char *key = rocksdb_iter_key(iterator, &size);
	return size >= sizeof range->first && memcmp(key, range->first, sizeof range->first) == 0;
}

/* Counting stops where it is enough. */
static unsigned count_keys(struct store *store, const uint32_t *spaces, size_t space_count)
{
	unsigned count = 0;
	rocksdb_readoptions_t *options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_fill_cache(options, 0);
	rocksdb_iterator_t *iterator = rocksdb_create_iterator(store->db, options);
	for (size_t i = 0; i < space_count && count < dropped_keys_max; i++) {
		struct space_range range = space_range(spaces[i]);
		rocksdb_iter_seek(iterator, (const char *)range.first, sizeof range.first);
		for (; count < dropped_keys_max && is_in(&range, iterator); rocksdb_iter_next(iterator))
			count++;
	}
	rocksdb_iter_destroy(iterator);
	rocksdb_readoptions_destroy(options);
	return count;
}

static void leave_out_dropped(struct store *store, unsigned count)
{
	char *error = NULL;
	if (atomic_fetch_add(&store->dropped_keys, count) + count < dropped_keys_max)
		return;
	atomic_store(&store->dropped_keys, 0);
	store_write_out(store, false, &error);
	if (error)
		log_warning("store", "dropped rows stay in memory: %s", error);
	rocksdb_free(error);
}

/* Whole files: that space is free at once. */
static int drop_files(struct store *store, const uint32_t *spaces, size_t count, struct diag *diag)
{
	for (size_t i = 0; i < count; i++) {
		struct space_range range = space_range(spaces[i]);
		char *error = NULL;
		rocksdb_delete_file_in_range(store->db, (const char *)range.first, sizeof range.first,
					     (const char *)range.end, sizeof range.end, &error);
		if (store_status_check(error, diag) < 0)
			return -1;
	}
	return 0;
}

/* A tombstone over each range for the rest. It begins at the bare number (store_guard.cc tells tombstones by that). */
static int put_tombstones(struct store *store, const uint32_t *spaces, size_t count, struct diag *diag)
{
	char *error = NULL;
	rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
	for (size_t i = 0; i < count; i++) {
		struct space_range range = space_range(spaces[i]);
		rocksdb_writebatch_delete_range(batch, (const char *)range.first, sizeof range.first,
						(const char *)range.end, sizeof range.end);
	}
	rocksdb_write(store->db, store->write, batch, &error);
	rocksdb_writebatch_destroy(batch);
	atomic_fetch_add(&store->written, 1);
	return store_status_check(error, diag);
}

/* The keys are counted before there are tombstones: each makes the list anew that an iterator begins with. */
static int drop_keys(struct store *store, const uint32_t *spaces, size_t count, unsigned *out_keys, struct diag *diag)
{
	if (drop_files(store, spaces, count, diag) < 0)
		return -1;
	FAULT_STEP("store.space_files_dropped");
	*out_keys = count_keys(store, spaces, count);
	int status = put_tombstones(store, spaces, count, diag);
	FAULT_STEP("store.after_drop_space");
	return status;
}

static int compare_spaces(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return left < right ? -1 : left > right;
}

int store_drop_spaces(struct store *store, const uint32_t *spaces, size_t count, struct diag *diag)
{
	unsigned keys = 0;
	if (FAULT_POINT("store.drop_space"))
		return store_status_fail(diag);
	uint32_t *sorted = memory_alloc(count * sizeof *sorted + 1);
	memcpy(sorted, spaces, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_spaces);
	struct page_cache_write pages;
	page_cache_begin_write(store->page_cache, &pages, store_now(store));
	for (size_t i = 0; i < count; i++)
		page_cache_change_space(store->page_cache, &pages, sorted[i]);
	row_cache_begin_rewrite(store->row_cache, sorted, count);
	int status = drop_keys(store, sorted, count, &keys, diag);
	uint64_t now = store_now(store);
	row_cache_end_rewrite(store->row_cache, now);
	page_cache_end_write(store->page_cache, &pages, now, status == 0);
	memory_free(sorted);
	for (size_t i = 0; i < count && status == 0; i++)
		space_ends_forget(&store->ends, spaces[i]);
	if (status == 0)
		leave_out_dropped(store, keys);
	return status;
}

void store_find_space_end(struct store *store, struct bytes key)
{
	struct space_range range = space_range((uint32_t)bytes_load_uint_be(key.data, 4));
	struct bytes first = bytes_of(range.first, sizeof range.first);
	struct store_iterator *iterator =
		store_iterator_create(store, NULL, NULL, first, bytes_of(range.end, sizeof range.end));
	struct diag ignored = DIAG_INIT;
	bool has_keys = store_iterator_seek_last(iterator);
	if (store_iterator_status(iterator, &ignored) == 0)
		space_ends_tell_last(&store->ends, has_keys ? store_iterator_key(iterator) : first);
	store_iterator_destroy(&iterator);
}

/* ------------------------------------------------------------------ size */

static uint64_t size_between(struct store *store, struct bytes lower, struct bytes upper)
{
	const char *first = (const char *)lower.data, *end = (const char *)upper.data;
	uint64_t size = 0;
	char *error = NULL;
	rocksdb_approximate_sizes(store->db, 1, &first, &lower.size, &end, &upper.size, &size, &error);
	rocksdb_free(error);
	return size;
}

uint64_t store_space_size(struct store *store, uint32_t space)
{
	struct space_range range = space_range(space);
	return size_between(store, bytes_of(range.first, sizeof range.first), bytes_of(range.end, sizeof range.end));
}

/* The keys of a space as numbers: 8 bytes behind those with which all of them begin. */
struct key_numbers {
	struct buf shared;
	uint64_t first, last;
};

static uint64_t number_of(struct bytes key, size_t from)
{
	uint8_t digits[8] = {0};
	if (key.size > from)
		memcpy(digits, key.data + from, key.size - from < sizeof digits ? key.size - from : sizeof digits);
	return bytes_load_uint_be(digits, sizeof digits);
}

/* False: it has no two keys. */
static bool find_numbers(struct store *store, const struct space_range *range, struct key_numbers *out)
{
	struct buf first = {0};
	struct store_iterator *keys =
		store_iterator_create(store, NULL, NULL, bytes_of(range->first, sizeof range->first),
				      bytes_of(range->end, sizeof range->end));
	bool found = store_iterator_seek(keys, bytes_of(range->first, sizeof range->first));
	if (found) {
		buf_put_bytes(&first, store_iterator_key(keys));
		found = store_iterator_seek_last(keys);
	}
	if (found) {
		struct bytes low = buf_bytes(&first), high = store_iterator_key(keys);
		size_t shared = 0;
		while (shared < low.size && shared < high.size && low.data[shared] == high.data[shared])
			shared++;
		buf_put(&out->shared, low.data, shared);
		out->first = number_of(low, shared);
		out->last = number_of(high, shared);
	}
	store_iterator_destroy(&keys);
	buf_deinit(&first);
	return found;
}

static void put_number(const struct key_numbers *numbers, uint64_t number, struct buf *out)
{
	buf_clear(out);
	buf_put_bytes(out, buf_bytes(&numbers->shared));
	buf_put_u64_be(out, number);
}

/* The key in front of which so much of the space lies, or about that. */
static void find_key(struct store *store, const struct key_numbers *numbers, struct bytes begin, uint64_t wanted,
		     struct buf *out)
{
	uint64_t low = numbers->first, high = numbers->last;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		put_number(numbers, middle, out);
		if (size_between(store, begin, buf_bytes(out)) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	put_number(numbers, low, out);
}

void store_divide_space(struct store *store, uint32_t space, size_t parts, struct buf *out_keys)
{
	struct space_range range = space_range(space);
	struct key_numbers numbers = {0};
	uint64_t size = store_space_size(store, space);
	if (size && find_numbers(store, &range, &numbers))
		for (size_t i = 1; i < parts; i++)
			find_key(store, &numbers, bytes_of(range.first, sizeof range.first), size * i / parts,
				 &out_keys[i - 1]);
	buf_deinit(&numbers.shared);
}
