/*
 * Committing: the writes of one transaction or of many become one write of the database, to which RocksDB gives one
 * record of its write-ahead log. Only then do the row locks go, in the order the transactions came in.
 *
 * They are written in runs, as long as may be, each in the order of its keys: neighbours find their places in the memtable
 * by the same way, and of those with one key only the newest is written. Nobody could ever see the others.
 *
 * When the write fails, writes and locks are still there: it can be done again behind store_resume.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/memory.h"
#include "store/bulk/large_commit.h"
#include "store/key_head.h"
#include "store/store_internal.h"

enum { run_length_first = 64, run_length_max = 16 * 1024 };

/* Writes on their way to the database. */
struct run {
	struct run_entry {
		uint64_t head, next; /* the key's first 16 bytes: most are told apart by these (key_head.h) */
		size_t number;       /* in the order they were made */
		struct write write;
	} *entries; /* owned */
	size_t count, capacity;
};

static int compare_keys(const struct run_entry *left, const struct run_entry *right)
{
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	if (left->next != right->next)
		return left->next < right->next ? -1 : 1;
	return bytes_compare(left->write.key, right->write.key);
}

static int compare(const void *a, const void *b)
{
	const struct run_entry *left = a, *right = b;
	int order = compare_keys(left, right);
	return order ? order : left->number < right->number ? -1 : 1;
}

static void put(rocksdb_writebatch_t *batch, const struct write *write)
{
	const char *key = (const char *)write->key.data;
	if (write->is_deletion)
		rocksdb_writebatch_delete(batch, key, write->key.size);
	else
		rocksdb_writebatch_put(batch, key, write->key.size, (const char *)write->value.data, write->value.size);
}

static void put_run(rocksdb_writebatch_t *batch, struct run *run)
{
	if (run->count > 1)
		qsort(run->entries, run->count, sizeof *run->entries, compare);
	for (size_t i = 0; i < run->count; i++) {
		const struct write *write = &run->entries[i].write;
		bool is_newest = i + 1 == run->count || !bytes_equal(write->key, run->entries[i + 1].write.key);
		if (is_newest)
			put(batch, write);
	}
	run->count = 0;
}

static void add(rocksdb_writebatch_t *batch, struct run *run, const struct write *write)
{
	if (run->count == run_length_max)
		put_run(batch, run);
	if (run->count == run->capacity) {
		run->capacity = run->capacity ? run->capacity * 4 : run_length_first;
		run->entries = memory_realloc(run->entries, run->capacity * sizeof *run->entries);
	}
	run->entries[run->count] = (struct run_entry){
		.head = key_head(write->key, 0),
		.next = key_head(write->key, 8),
		.number = run->count,
		.write = *write,
	};
	run->count++;
}

static void add_writes(rocksdb_writebatch_t *batch, struct run *run, const struct store_txn *txn)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct write write;
	size_t offset = 0;
	while (writes_next(records, &offset, &write))
		add(batch, run, &write);
}

/* Between these two nobody counts on anything about the keys (row_cache.h, page_cache.h, space_ends.h). */
static void begin_writes(struct store *store, const struct store_txn *txn, struct page_cache_write *pages)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct write write;
	size_t offset = 0;
	while (writes_next(records, &offset, &write)) {
		row_cache_begin_write(store->row_cache, write.key);
		page_cache_change(store->page_cache, pages, write.key, write.is_deletion ? NULL : &write.value);
		if (!write.is_deletion)
			space_ends_rise(&store->ends, write.key);
	}
}

static void end_writes(struct store *store, const struct store_txn *txn, uint64_t now, bool is_done)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct write write;
	size_t offset = 0;
	while (writes_next(records, &offset, &write))
		row_cache_end_write(store->row_cache, write.key, is_done && !write.is_deletion ? &write.value : NULL, now);
}

static int write_all(struct store *store, struct store_txn *const *txns, size_t count, struct diag *diag)
{
	if (store_has_failed(store))
		return store_refuse(diag);
	if (FAULT_POINT("store.commit"))
		return store_status_fail(diag);
	bool is_done;
	if (large_commit_write(store, txns, count, &is_done, diag) < 0)
		return -1;
	if (is_done)
		return 0;
	rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
	struct run run = {0};
	bool flushes = false;
	char *error = NULL;
	for (size_t i = 0; i < count; i++) {
		assert(!txns[i]->ended && txns[i]->open_iterators == 0);
		add_writes(batch, &run, txns[i]);
		flushes |= txns[i]->flushed_commit;
	}
	put_run(batch, &run);
	memory_free(run.entries);
	bool has_writes = rocksdb_writebatch_count(batch) > 0;
	space_ends_begin_write(&store->ends);
	bool has_caches = store->row_cache || store->page_cache;
	struct page_cache_write pages;
	page_cache_begin_write(store->page_cache, &pages, store_now(store));
	for (size_t i = 0; i < count && has_caches; i++)
		begin_writes(store, txns[i], &pages);
	if (has_writes)
		rocksdb_write(store->db, flushes ? store->write_flushed : store->write, batch, &error);
	uint64_t now = store_now(store);
	for (size_t i = 0; i < count && store->row_cache; i++)
		end_writes(store, txns[i], now, error == NULL);
	page_cache_end_write(store->page_cache, &pages, now, error == NULL);
	space_ends_end_write(&store->ends);
	rocksdb_writebatch_destroy(batch);
	if (store_status_check(error, diag) < 0)
		return -1;
	FAULT_STEP("store.after_commit");
	if (has_writes && !flushes)
		atomic_fetch_add(&store->written, 1);
	return 0;
}

int store_commit(struct store *store, struct store_txn *const *txns, size_t count, struct diag *diag)
{
	if (write_all(store, txns, count, diag) < 0) {
		atomic_store(&store->has_failed, true);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		store_txn_rollback(txns[i]); /* of the locks, which is all that is left of it */
	return 0;
}

int store_txn_commit(struct store_txn *txn, bool flush, struct diag *diag)
{
	if (store_commit(txn->store, &txn, 1, diag) < 0)
		return -1;
	return flush ? store_flush(txn->store, diag) : 0;
}
