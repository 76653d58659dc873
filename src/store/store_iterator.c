/*
 * Iterators. Two kinds, one face: over the committed data alone, and over it merged with a transaction's own writes. Those
 * are put in order when an iterator first asks for them, and the new ones when the next does: most transactions
 * never ask. RocksDB's merging iterator bounds its committed half only, so each key is compared with the bounds here.
 */
#include <assert.h>

#include "base/memory.h"
#include "store/store_internal.h"

struct store_iterator {
	/* owned by the caller's thread */
	rocksdb_iterator_t *iterator;
	rocksdb_readoptions_t *options; /* holds the bounds' places: lives as long as the iterator */
	struct store *store;
	struct store_txn *txn;          /* NULL: committed data only */
	bool valid;
	uint64_t moment;                /* without a snapshot: not behind the one that it shows. Else 0 */
	struct buf lower, upper;
	struct hidden_sample sample;
};

static struct bytes lower_bound(const struct store_iterator *iterator)
{
	return buf_bytes(&iterator->lower);
}

static struct bytes upper_bound(const struct store_iterator *iterator)
{
	return buf_bytes(&iterator->upper);
}

static void set_options(struct store_iterator *iterator, const struct store_snapshot *snapshot)
{
	rocksdb_readoptions_t *options = iterator->options;
	rocksdb_readoptions_set_snapshot(options, (const rocksdb_snapshot_t *)snapshot);
	rocksdb_readoptions_set_iterate_lower_bound(options, (const char *)iterator->lower.data, iterator->lower.size);
	rocksdb_readoptions_set_iterate_upper_bound(options, (const char *)iterator->upper.data, iterator->upper.size);
}

static void put_in_order(rocksdb_writebatch_wi_t *ordered, const struct writes *writes, size_t *offset)
{
	struct write write;
	while (writes_next(buf_bytes(&writes->records), offset, &write)) {
		const char *key = (const char *)write.key.data;
		if (write.is_deletion)
			rocksdb_writebatch_wi_delete(ordered, key, write.key.size);
		else
			rocksdb_writebatch_wi_put(ordered, key, write.key.size, (const char *)write.value.data,
						  write.value.size);
	}
}

/* What those wrote that have been committed since may be somebody else's by now: it is looked for in the store. */
static void order_writes(struct store_txn *txn)
{
	size_t base_count = store_txn_count_bases(txn);
	if (base_count != txn->ordered_bases)
		store_txn_disorder(txn);
	if (txn->ordered == NULL) {
		txn->ordered = rocksdb_writebatch_wi_create(0, 1);
		txn->ordered_bases = base_count;
		for (size_t i = txn->base_count - base_count; i < txn->base_count; i++)
			put_in_order(txn->ordered, &txn->bases[i]->writes, &(size_t){0});
	}
	put_in_order(txn->ordered, &txn->writes, &txn->ordered_size);
}

void store_txn_disorder(struct store_txn *txn)
{
	if (txn->ordered)
		rocksdb_writebatch_wi_destroy(txn->ordered);
	txn->ordered = NULL;
	txn->ordered_size = txn->ordered_bases = 0;
}

struct store_iterator *store_iterator_create(struct store *store, struct store_txn *txn,
					     const struct store_snapshot *snapshot, struct bytes lower,
					     struct bytes upper)
{
	struct store_iterator *iterator = memory_zalloc(sizeof *iterator);
	iterator->store = store;
	hidden_sample_begin(&iterator->sample, &iterator->store->hidden);
	buf_put_bytes(&iterator->lower, lower);
	buf_put_bytes(&iterator->upper, upper);
	iterator->moment = snapshot ? 0 : rocksdb_get_latest_sequence_number(store->db);
	iterator->options = rocksdb_readoptions_create();
	set_options(iterator, snapshot);
	iterator->iterator = rocksdb_create_iterator(store->db, iterator->options);
	if (txn && (store_txn_has_writes(txn) || txn->base_count)) {
		order_writes(txn);
		iterator->iterator = rocksdb_writebatch_wi_create_iterator_with_base(txn->ordered, iterator->iterator);
		iterator->txn = txn;
		txn->open_iterators++;
	}
	return iterator;
}

void store_iterator_destroy(struct store_iterator **iterator_place)
{
	struct store_iterator *iterator = *iterator_place;
	if (iterator == NULL)
		return;
	if (iterator->txn)
		iterator->txn->open_iterators--;
	hidden_sample_end(&iterator->sample, &iterator->store->hidden);
	rocksdb_iter_destroy(iterator->iterator);
	rocksdb_readoptions_destroy(iterator->options);
	buf_deinit(&iterator->lower);
	buf_deinit(&iterator->upper);
	memory_free(iterator);
	*iterator_place = NULL;
}

static struct bytes key_here(const struct store_iterator *iterator)
{
	size_t size = 0;
	const char *data = rocksdb_iter_key(iterator->iterator, &size);
	return bytes_of(data, size);
}

/* The store keeps to the bounds; a transaction's own writes, merged in, do not. */
static bool settle_forward(struct store_iterator *iterator)
{
	iterator->valid = rocksdb_iter_valid(iterator->iterator) &&
			  (iterator->txn == NULL || bytes_compare(key_here(iterator), upper_bound(iterator)) < 0);
	return iterator->valid;
}

static bool settle_backward(struct store_iterator *iterator)
{
	iterator->valid = rocksdb_iter_valid(iterator->iterator) &&
			  (iterator->txn == NULL || bytes_compare(key_here(iterator), lower_bound(iterator)) >= 0);
	return iterator->valid;
}

bool store_iterator_seek(struct store_iterator *iterator, struct bytes key)
{
	if (bytes_compare(key, lower_bound(iterator)) < 0)
		key = lower_bound(iterator);
	rocksdb_iter_seek(iterator->iterator, (const char *)key.data, key.size);
	return settle_forward(iterator);
}

bool store_iterator_seek_last(struct store_iterator *iterator)
{
	struct bytes upper = upper_bound(iterator);
	rocksdb_iter_seek_for_prev(iterator->iterator, (const char *)upper.data, upper.size);
	if (rocksdb_iter_valid(iterator->iterator) && bytes_compare(key_here(iterator), upper) >= 0)
		rocksdb_iter_prev(iterator->iterator);
	return settle_backward(iterator);
}

bool store_iterator_seek_before(struct store_iterator *iterator, struct bytes key)
{
	if (bytes_compare(key, upper_bound(iterator)) >= 0)
		return store_iterator_seek_last(iterator);
	rocksdb_iter_seek_for_prev(iterator->iterator, (const char *)key.data, key.size);
	return settle_backward(iterator);
}

bool store_iterator_next(struct store_iterator *iterator)
{
	if (!iterator->valid)
		return false;
	hidden_thread_steps++;
	rocksdb_iter_next(iterator->iterator);
	return settle_forward(iterator);
}

bool store_iterator_previous(struct store_iterator *iterator)
{
	if (!iterator->valid)
		return false;
	hidden_thread_steps++;
	rocksdb_iter_prev(iterator->iterator);
	return settle_backward(iterator);
}

struct bytes store_iterator_key(const struct store_iterator *iterator)
{
	assert(iterator->valid);
	return key_here(iterator);
}

struct bytes store_iterator_value(const struct store_iterator *iterator)
{
	assert(iterator->valid);
	size_t size = 0;
	const char *data = rocksdb_iter_value(iterator->iterator, &size);
	return bytes_of(data, size);
}

/* The key is locked: those who wrote it are done with it, and the store and the row cache know. */
static bool has_changed_since(struct store *store, struct bytes key, uint64_t moment)
{
	if (rocksdb_get_latest_sequence_number(store->db) == moment)
		return false;
	return !row_cache_is_unchanged_since(store->row_cache, key, moment);
}

enum store_outcome store_iterator_lock(const struct store_iterator *iterator, struct store_txn *txn, bool exclusive,
				       enum store_lock_wait wait, struct buf *out_value, struct diag *diag)
{
	struct bytes key = store_iterator_key(iterator);
	struct write write;
	enum store_outcome outcome = store_txn_take_lock(txn, key, exclusive, wait, diag);
	if (outcome != STORE_OK)
		return outcome;
	if (txn->base_count || writes_find(&txn->writes, key, &write) ||
	    has_changed_since(iterator->store, key, iterator->moment))
		return store_txn_get(txn, NULL, key, out_value, diag);
	buf_put_bytes(out_value, store_iterator_value(iterator));
	return STORE_OK;
}

int store_iterator_status(const struct store_iterator *iterator, struct diag *diag)
{
	char *error = NULL;
	rocksdb_iter_get_error(iterator->iterator, &error);
	return store_status_check(error, diag);
}
