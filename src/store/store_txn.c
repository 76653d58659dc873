/*
 * Transactions: reads, row locks, writes.
 *
 * Waiting for a row lock is done in slices. RocksDB can neither change a running transaction's timeout nor give up
 * a wait that somebody wants ended, so a transaction begins with the timeout of one slice and tries again
 * until its own deadline has passed or its interrupt is set. Deadlocks show all the same: who comes back
 * registers its wait again and looks for a circle then.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"
#include "store/store_internal.h"

static struct store_txn *begin(struct store *store, int64_t lock_timeout_ms, bool flushed_commit)
{
	struct store_txn *txn = memory_alloc(sizeof *txn);
	*txn = (struct store_txn){
		.store = store,
		.lock_timeout_ms = lock_timeout_ms,
		.flushed_commit = flushed_commit,
		.read = rocksdb_readoptions_create(),
	};
	txn->transaction = rocksdb_transaction_begin(store->db, flushed_commit ? store->write_flushed : store->write,
						     store->transaction_options, NULL);
	txn->batch = rocksdb_transaction_get_writebatch_wi(txn->transaction);
	return txn;
}

struct store_txn *store_txn_begin(struct store *store, int64_t lock_timeout_ms)
{
	return begin(store, lock_timeout_ms, false);
}

struct store_txn *store_txn_begin_flushed(struct store *store, int64_t lock_timeout_ms)
{
	return begin(store, lock_timeout_ms, true);
}

void store_txn_set_lock_timeout(struct store_txn *txn, int64_t lock_timeout_ms)
{
	txn->lock_timeout_ms = lock_timeout_ms;
}

void store_txn_set_interrupt(struct store_txn *txn, const atomic_bool *interrupt)
{
	txn->interrupt = interrupt;
}

int store_txn_commit(struct store_txn *txn, bool flush, struct diag *diag)
{
	assert(!txn->ended && txn->open_iterators == 0);
	if (store_txn_has_writes(txn)) {
		char *error = NULL;
		if (FAULT_POINT("store.commit"))
			return store_status_fail(diag);
		rocksdb_transaction_commit(txn->transaction, &error);
		if (store_status_check(error, diag) < 0)
			return -1;
		FAULT_STEP("store.after_commit");
		if (!txn->flushed_commit)
			atomic_fetch_add(&txn->store->written, 1);
	} else {
		store_txn_rollback(txn);
	}
	txn->ended = true;
	return flush ? store_flush(txn->store, diag) : 0;
}

void store_txn_rollback(struct store_txn *txn)
{
	assert(!txn->ended && txn->open_iterators == 0);
	char *error = NULL;
	rocksdb_transaction_rollback(txn->transaction, &error);
	rocksdb_free(error); /* without a two-phase prepare this frees memory and locks, no more */
	txn->ended = true;
}

void store_txn_end(struct store_txn **txn_place)
{
	struct store_txn *txn = *txn_place;
	if (txn == NULL)
		return;
	if (!txn->ended)
		store_txn_rollback(txn);
	rocksdb_free(txn->batch);
	rocksdb_transaction_destroy(txn->transaction);
	rocksdb_readoptions_destroy(txn->read);
	memory_free(txn->marks);
	memory_free(txn);
	*txn_place = NULL;
}

/* One wait for one row lock. */
struct lock_wait {
	const struct store_txn *txn;
	enum store_lock_wait mode;
	int64_t deadline_us; /* 0: the first slice is not over yet */
};

/* A slice went by without the lock. Takes over error when the waiting ends here. */
static bool wait_goes_on(struct lock_wait *wait, char *error, enum store_outcome *out_outcome, struct diag *diag)
{
	const struct store_txn *txn = wait->txn;
	if (txn->interrupt && atomic_load(txn->interrupt)) {
		diag_set(diag, ER_QUERY_INTERRUPTED);
		rocksdb_free(error);
		*out_outcome = STORE_ERROR;
		return false;
	}
	int64_t now_us = clock_monotonic_us();
	if (wait->deadline_us == 0)
		wait->deadline_us = now_us + (txn->lock_timeout_ms - store_lock_slice_ms) * 1000;
	if (wait->mode == STORE_WAIT && now_us < wait->deadline_us) {
		rocksdb_free(error);
		return true;
	}
	*out_outcome = store_status_take(error, diag);
	return false;
}

/* After an attempt that may have failed for a lock: false when it is to be tried again. */
static bool attempt_ends(struct lock_wait *wait, char *error, enum store_outcome *out_outcome, struct diag *diag)
{
	if (store_status_is_lock_timeout(error))
		return !wait_goes_on(wait, error, out_outcome, diag);
	*out_outcome = store_status_take(error, diag);
	return true;
}

static enum store_outcome append_pinned(rocksdb_pinnableslice_t *pinned, struct buf *out_value)
{
	if (pinned == NULL)
		return STORE_NOT_FOUND;
	size_t size = 0;
	const char *data = rocksdb_pinnableslice_value(pinned, &size);
	if (out_value)
		buf_put(out_value, data, size);
	rocksdb_pinnableslice_destroy(pinned);
	return STORE_OK;
}

enum store_outcome store_txn_get(struct store_txn *txn, const struct store_snapshot *snapshot, struct bytes key,
				 struct buf *out_value, struct diag *diag)
{
	char *error = NULL;
	rocksdb_readoptions_set_snapshot(txn->read, (const rocksdb_snapshot_t *)snapshot);
	rocksdb_pinnableslice_t *pinned =
		rocksdb_transaction_get_pinned(txn->transaction, txn->read, (const char *)key.data, key.size, &error);
	if (error)
		return store_status_take(error, diag);
	return append_pinned(pinned, out_value);
}

enum store_outcome store_txn_lock(struct store_txn *txn, struct bytes key, bool exclusive, enum store_lock_wait mode,
				  struct buf *out_value, struct diag *diag)
{
	struct lock_wait wait = {.txn = txn, .mode = mode};
	enum store_outcome outcome;
	rocksdb_pinnableslice_t *pinned;
	char *error;
	do {
		error = NULL;
		pinned = rocksdb_transaction_get_pinned_for_update(txn->transaction, txn->store->read_latest,
								   (const char *)key.data, key.size, exclusive, &error);
	} while (!attempt_ends(&wait, error, &outcome, diag));
	return outcome == STORE_OK ? append_pinned(pinned, out_value) : outcome;
}

enum store_outcome store_txn_put(struct store_txn *txn, struct bytes key, struct bytes value, struct diag *diag)
{
	struct lock_wait wait = {.txn = txn, .mode = STORE_WAIT};
	enum store_outcome outcome;
	char *error;
	do {
		error = NULL;
		rocksdb_transaction_put(txn->transaction, (const char *)key.data, key.size, (const char *)value.data,
					value.size, &error);
	} while (!attempt_ends(&wait, error, &outcome, diag));
	return outcome;
}

enum store_outcome store_txn_delete(struct store_txn *txn, struct bytes key, struct diag *diag)
{
	struct lock_wait wait = {.txn = txn, .mode = STORE_WAIT};
	enum store_outcome outcome;
	char *error;
	do {
		error = NULL;
		rocksdb_transaction_delete(txn->transaction, (const char *)key.data, key.size, &error);
	} while (!attempt_ends(&wait, error, &outcome, diag));
	return outcome;
}

void store_txn_put_unlocked(struct store_txn *txn, struct bytes key, struct bytes value)
{
	rocksdb_writebatch_wi_put(txn->batch, (const char *)key.data, key.size, (const char *)value.data, value.size);
}

void store_txn_delete_unlocked(struct store_txn *txn, struct bytes key)
{
	rocksdb_writebatch_wi_delete(txn->batch, (const char *)key.data, key.size);
}
