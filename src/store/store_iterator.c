/*
 * Iterators: what is committed (committed.h), merged with what a transaction wrote itself (writes_order.c).
 *
 * Both are walked side by side, in one direction, each at its next key; the nearer one is where the iterator stands. A write
 * hides what is committed under its key, and a deletion both. At a turn both are sought anew.
 */
#include <assert.h>

#include "base/memory.h"
#include "store/committed.h"
#include "store/store_internal.h"

struct store_iterator {
	/* owned by the caller's thread */
	struct committed committed;
	uint64_t moment;       /* without a snapshot: not behind the one that it shows. Else 0 */
	struct store_txn *txn; /* NULL: committed data only; the rest is for those with one */
	bool is_valid;
	bool is_descending;
	bool has_committed, has_write; /* there is a next key */
	bool stands_at_write;
	bool hides;		    /* both have the same next key */
	uint64_t write;		    /* the next one */
	struct ordered_place place; /* of that, */
	uint64_t version;	    /* as long as the ordered writes have this one */
	struct buf turn;	    /* the key, at a turn */
	struct bytes lower, upper;  /* in `bounds` */
	uint8_t bounds[];
};

struct store_iterator *store_iterator_create(struct store *store, struct store_txn *txn,
					     const struct store_snapshot *snapshot, struct bytes lower,
					     struct bytes upper)
{
	struct store_iterator *iterator = memory_alloc(sizeof *iterator + lower.size + upper.size);
	*iterator = (struct store_iterator){.lower = bytes_of(iterator->bounds, lower.size),
					    .upper = bytes_of(iterator->bounds + lower.size, upper.size)};
	memcpy(iterator->bounds, lower.data, lower.size);
	memcpy(iterator->bounds + lower.size, upper.data, upper.size);
	iterator->moment = snapshot ? 0 : store_now(store);
	committed_open(&iterator->committed, store, snapshot, iterator->lower, iterator->upper);
	if (txn && (store_txn_has_writes(txn) || txn->locks.base_count)) {
		store_txn_order(txn);
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
	committed_close(&iterator->committed);
	buf_deinit(&iterator->turn);
	memory_free(iterator);
	*iterator_place = NULL;
}

/* ------------------------------------------------------------------ the writes */

static struct bytes write_key(const struct store_iterator *iterator)
{
	return store_txn_write_at(iterator->txn, iterator->write).key;
}

static bool take_write(struct store_iterator *iterator, bool found)
{
	const struct ordered *writes = &iterator->txn->ordered;
	iterator->version = writes->version;
	if (!found)
		return false;
	iterator->write = ordered_at(writes, iterator->place);
	struct bytes key = write_key(iterator);
	return iterator->is_descending ? bytes_compare(key, iterator->lower) >= 0
				       : bytes_compare(key, iterator->upper) < 0;
}

/* The first at or after the key; downwards the last before it. */
static bool seek_write(struct store_iterator *iterator, struct bytes key)
{
	const struct ordered *writes = &iterator->txn->ordered;
	return take_write(iterator, iterator->is_descending ? ordered_seek_below(writes, key, &iterator->place)
							    : ordered_seek(writes, key, &iterator->place));
}

static bool step_write(struct store_iterator *iterator)
{
	const struct ordered *writes = &iterator->txn->ordered;
	if (iterator->version != writes->version) /* another iterator has put new writes among them */
		ordered_seek(writes, write_key(iterator), &iterator->place);
	return take_write(iterator, iterator->is_descending ? ordered_previous(writes, &iterator->place)
							    : ordered_next(writes, &iterator->place));
}

/* ------------------------------------------------------------------ side by side */

static bool step_committed(struct store_iterator *iterator)
{
	return iterator->is_descending ? committed_previous(&iterator->committed)
				       : committed_next(&iterator->committed);
}

/* Which of both is nearer: below 0 what is committed, 0 both, above 0 the write. */
static int compare_both(const struct store_iterator *iterator)
{
	if (!iterator->has_write)
		return -1;
	if (!iterator->has_committed)
		return 1;
	int order = bytes_compare(committed_key(&iterator->committed), write_key(iterator));
	return iterator->is_descending ? -order : order;
}

/* From where both stand to the next key that is there. */
static bool settle(struct store_iterator *iterator)
{
	while (iterator->has_write || iterator->has_committed) {
		int order = compare_both(iterator);
		iterator->stands_at_write = order >= 0;
		iterator->hides = order == 0;
		if (order < 0 || !store_txn_write_at(iterator->txn, iterator->write).is_deletion)
			return iterator->is_valid = true;
		if (iterator->hides)
			iterator->has_committed = step_committed(iterator);
		iterator->has_write = step_write(iterator);
	}
	return iterator->is_valid = false;
}

static bool step(struct store_iterator *iterator)
{
	if (!iterator->stands_at_write || iterator->hides)
		iterator->has_committed = step_committed(iterator);
	if (iterator->stands_at_write)
		iterator->has_write = step_write(iterator);
	return settle(iterator);
}

static bool seek_up(struct store_iterator *iterator, struct bytes key)
{
	if (iterator->txn == NULL)
		return committed_seek(&iterator->committed, key);
	if (bytes_compare(key, iterator->lower) < 0)
		key = iterator->lower;
	iterator->is_descending = false;
	iterator->has_committed = committed_seek(&iterator->committed, key);
	iterator->has_write = seek_write(iterator, key);
	return settle(iterator);
}

static bool seek_down(struct store_iterator *iterator, struct bytes key)
{
	if (iterator->txn == NULL)
		return committed_seek_below(&iterator->committed, key);
	if (bytes_compare(key, iterator->upper) > 0)
		key = iterator->upper;
	iterator->is_descending = true;
	iterator->has_committed = committed_seek_below(&iterator->committed, key);
	iterator->has_write = seek_write(iterator, key);
	return settle(iterator);
}

/* The key itself, or what comes right behind it: who goes on below that meets the key. */
static struct bytes keep_key(struct store_iterator *iterator, struct bytes key, bool behind)
{
	buf_clear(&iterator->turn);
	buf_put_bytes(&iterator->turn, key);
	if (behind)
		buf_put_u8(&iterator->turn, 0);
	return buf_bytes(&iterator->turn);
}

/* ------------------------------------------------------------------ the face */

bool store_iterator_seek(struct store_iterator *iterator, struct bytes key)
{
	return seek_up(iterator, key);
}

bool store_iterator_seek_last(struct store_iterator *iterator)
{
	return seek_down(iterator, iterator->upper);
}

bool store_iterator_seek_before(struct store_iterator *iterator, struct bytes key)
{
	if (bytes_compare(key, iterator->upper) >= 0)
		return store_iterator_seek_last(iterator);
	return seek_down(iterator, keep_key(iterator, key, true));
}

bool store_iterator_next(struct store_iterator *iterator)
{
	if (iterator->txn == NULL)
		return committed_next(&iterator->committed);
	if (!iterator->is_valid)
		return false;
	if (iterator->is_descending)
		return seek_up(iterator, keep_key(iterator, store_iterator_key(iterator), true));
	return step(iterator);
}

bool store_iterator_previous(struct store_iterator *iterator)
{
	if (iterator->txn == NULL)
		return committed_previous(&iterator->committed);
	if (!iterator->is_valid)
		return false;
	if (!iterator->is_descending)
		return seek_down(iterator, keep_key(iterator, store_iterator_key(iterator), false));
	return step(iterator);
}

struct bytes store_iterator_key(const struct store_iterator *iterator)
{
	if (iterator->txn == NULL)
		return committed_key(&iterator->committed);
	assert(iterator->is_valid);
	return iterator->stands_at_write ? write_key(iterator) : committed_key(&iterator->committed);
}

struct bytes store_iterator_value(const struct store_iterator *iterator)
{
	if (iterator->txn == NULL)
		return committed_value(&iterator->committed);
	assert(iterator->is_valid);
	return iterator->stands_at_write ? store_txn_write_at(iterator->txn, iterator->write).value
					 : committed_value(&iterator->committed);
}

/* The key is locked: those who wrote it are done with it, and the store and the row cache know. */
static bool has_changed_since(struct store *store, struct bytes key, uint64_t moment)
{
	if (store_now(store) == moment)
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
	if (txn->locks.base_count || writes_find(&txn->writes, key, &write) ||
	    has_changed_since(iterator->committed.store, key, iterator->moment))
		return store_txn_get(txn, NULL, key, out_value, diag);
	buf_put_bytes(out_value, store_iterator_value(iterator));
	return STORE_OK;
}

int store_iterator_status(const struct store_iterator *iterator, struct diag *diag)
{
	return committed_status(&iterator->committed, diag);
}
