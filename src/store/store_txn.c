/*
 * Transactions: reads, row locks, writes, savepoints.
 *
 * The writes are ours (writes.h) until they are committed, and so are the locks (row_locks.h).
 *
 * Waiting for a row lock is done in slices: between two of them the interrupt is heard, and a timeout that has changed.
 */
#include <assert.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"
#include "store/store_internal.h"

enum { lock_slice_us = 25 * 1000 };

static struct store_txn *begin(struct store *store, int64_t lock_timeout_ms, bool flushed_commit)
{
	struct store_txn *txn = memory_alloc(sizeof *txn);
	*txn = (struct store_txn){
		.store = store,
		.lock_timeout_ms = lock_timeout_ms,
		.flushed_commit = flushed_commit,
	};
	row_lock_owner_init(&txn->locks, &store->row_locks);
	store_txn_disorder(txn);
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

void store_txn_set_wait_flag(struct store_txn *txn, atomic_bool *waits)
{
	txn->waits = waits;
}

void store_txn_rollback(struct store_txn *txn)
{
	assert(!txn->ended && txn->open_iterators == 0);
	atomic_store(&txn->ended, true); /* who gets one of its locks looks for its writes in the store */
	row_locks_release(&txn->locks);
}

struct store_txn *store_txn_offer(struct store_txn *txn)
{
	writes_share(&txn->writes);
	return store_txn_ref(txn);
}

struct store_txn *store_txn_ref(struct store_txn *txn)
{
	atomic_fetch_add(&txn->locks.references, 1);
	return txn;
}

void store_txn_unref(struct store_txn **txn_place)
{
	struct store_txn *txn = *txn_place;
	*txn_place = NULL;
	if (txn == NULL || atomic_fetch_sub(&txn->locks.references, 1) > 1)
		return;
	writes_deinit(&txn->writes);
	memory_free(txn->marks);
	memory_free(txn);
}

void store_txn_stand_on(struct store_txn *txn, struct store_txn *const *bases, size_t count)
{
	assert(!store_txn_has_writes(txn));
	struct row_lock_owner **owners = memory_alloc(count * sizeof *owners);
	for (size_t i = 0; i < count; i++) {
		assert(writes_are_shared(&bases[i]->writes));
		owners[i] = &bases[i]->locks;
	}
	row_locks_stand_on(&txn->locks, owners, count);
	memory_free(owners);
}

void store_txn_stand_on_offered(struct store_txn *txn)
{
	txn->locks.stands_on_offered = true;
}

bool store_txn_is_wanted(const struct store_txn *txn)
{
	return atomic_load(&txn->locks.is_wanted);
}

void store_txn_offer_to_waiters(struct store_txn *txn, uint64_t place)
{
	writes_share(&txn->writes);
	row_locks_offer(&txn->locks, place);
}

void store_txn_fail(struct store_txn *txn)
{
	atomic_store(&txn->is_failed, true);
}

enum store_bases store_txn_ask_bases(const struct store_txn *txn)
{
	enum store_bases answer = STORE_BASES_COMMITTED;
	for (size_t i = 0; i < txn->locks.base_count; i++) {
		const struct store_txn *base = store_txn_base(txn, i);
		if (atomic_load(&base->is_failed))
			return STORE_BASES_FAILED;
		if (!atomic_load(&base->ended))
			answer = STORE_BASES_UNDER_WAY;
	}
	return answer;
}

size_t store_txn_count_bases(const struct store_txn *txn)
{
	size_t first = 0;
	while (first < txn->locks.base_count && atomic_load(&store_txn_base(txn, first)->ended))
		first++;
	return txn->locks.base_count - first;
}

static void leave_bases(struct store_txn *txn)
{
	for (size_t i = 0; i < txn->locks.base_count; i++)
		store_txn_unref(&(struct store_txn *){store_txn_base(txn, i)});
	memory_free(txn->locks.bases);
	txn->locks.bases = NULL;
	txn->locks.base_count = 0;
}

void store_txn_end(struct store_txn **txn_place)
{
	struct store_txn *txn = *txn_place;
	if (txn == NULL)
		return;
	if (!txn->ended)
		store_txn_rollback(txn);
	store_txn_disorder(txn);
	leave_bases(txn);
	store_txn_unref(txn_place);
}

/* ------------------------------------------------------------------------------------------- reads and locks */

static void show_waiting(const struct store_txn *txn, bool waits)
{
	if (txn->waits)
		atomic_store(txn->waits, waits);
}

/* The lock, an interrupt, or the time that the transaction waits for one lock. A wait of one slice is none to speak of. */
static enum store_outcome await_lock(struct store_txn *txn, struct diag *diag)
{
	FAULT_STEP("store.lock_awaited");
	int64_t start_us = clock_monotonic_us(), left_us = txn->lock_timeout_ms * 1000;
	while (left_us > 0) {
		if (row_lock_wait(&txn->locks, left_us < lock_slice_us ? left_us : lock_slice_us) == ROW_LOCK_TAKEN)
			return STORE_OK;
		show_waiting(txn, true);
		if (txn->interrupt && atomic_load(txn->interrupt))
			break;
		left_us = txn->lock_timeout_ms * 1000 - (clock_monotonic_us() - start_us);
	}
	row_lock_give_up(&txn->locks);
	diag_set(diag, left_us > 0 ? ER_QUERY_INTERRUPTED : ER_LOCK_WAIT_TIMEOUT);
	return left_us > 0 ? STORE_ERROR : STORE_LOCK_TIMEOUT;
}

static enum store_outcome wait_for_lock(struct store_txn *txn, struct diag *diag)
{
	enum store_outcome outcome = await_lock(txn, diag);
	show_waiting(txn, false);
	return outcome;
}

enum store_outcome store_txn_take_lock(struct store_txn *txn, struct bytes key, bool exclusive,
				       enum store_lock_wait mode, struct diag *diag)
{
	switch (row_lock_take(&txn->locks, key, exclusive, mode == STORE_WAIT)) {
	case ROW_LOCK_TAKEN: return STORE_OK;
	case ROW_LOCK_AWAITED: return wait_for_lock(txn, diag);
	case ROW_LOCK_BUSY: diag_set(diag, ER_LOCK_WAIT_TIMEOUT); return STORE_LOCK_TIMEOUT;
	case ROW_LOCK_DEADLOCK: break;
	}
	diag_set(diag, ER_LOCK_DEADLOCK);
	return STORE_DEADLOCK;
}

/* What it wrote itself, or what it stands on did. */
static bool find_write(struct store_txn *txn, struct bytes key, struct write *out)
{
	if (writes_find(&txn->writes, key, out))
		return true;
	for (size_t i = txn->locks.base_count; i-- > 0 && !atomic_load(&store_txn_base(txn, i)->ended);)
		if (writes_find_shared(&store_txn_base(txn, i)->writes, key, out))
			return true;
	return false;
}

static enum store_outcome append_write(const struct write *write, struct buf *out_value)
{
	if (write->is_deletion)
		return STORE_NOT_FOUND;
	if (out_value)
		buf_put_bytes(out_value, write->value);
	return STORE_OK;
}

enum store_outcome store_txn_get(struct store_txn *txn, const struct store_snapshot *snapshot, struct bytes key,
				 struct buf *out_value, struct diag *diag)
{
	struct write write;
	if (find_write(txn, key, &write))
		return append_write(&write, out_value);
	return store_find(txn->store, snapshot, key, out_value, diag);
}

enum store_outcome store_txn_lock(struct store_txn *txn, struct bytes key, bool exclusive, enum store_lock_wait mode,
				  struct buf *out_value, struct diag *diag)
{
	enum store_outcome outcome = store_txn_take_lock(txn, key, exclusive, mode, diag);
	return outcome == STORE_OK ? store_txn_get(txn, NULL, key, out_value, diag) : outcome;
}

/* ----------------------------------------------------------------------------------------------------- writes */

enum store_outcome store_txn_put(struct store_txn *txn, struct bytes key, struct bytes value, struct diag *diag)
{
	enum store_outcome outcome = store_txn_take_lock(txn, key, true, STORE_WAIT, diag);
	if (outcome == STORE_OK)
		writes_put(&txn->writes, key, value);
	return outcome;
}

enum store_outcome store_txn_delete(struct store_txn *txn, struct bytes key, struct diag *diag)
{
	enum store_outcome outcome = store_txn_take_lock(txn, key, true, STORE_WAIT, diag);
	if (outcome == STORE_OK)
		writes_delete(&txn->writes, key);
	return outcome;
}

void store_txn_put_unlocked(struct store_txn *txn, struct bytes key, struct bytes value)
{
	writes_put(&txn->writes, key, value);
}

void store_txn_delete_unlocked(struct store_txn *txn, struct bytes key)
{
	writes_delete(&txn->writes, key);
}

static bool is_row(struct bytes key)
{
	return key.size >= 4 && bytes_load_uint_be(key.data, 4) & STORE_SPACE_ROWS_BIT;
}

void store_txn_stamp(struct store_txn *txn, int64_t version_us, uint32_t origin_server_id)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct store_row_header header;
	struct write write;
	while (writes_next(records, &txn->stamped_size, &write)) {
		if (!is_row(write.key) || !store_get_row_header(write.value, &header) || header.version_us != 0)
			continue;
		uint8_t *place = (uint8_t *)write.value.data; /* our own records */
		bytes_store_uint(place, (uint64_t)version_us, 8);
		bytes_store_uint(place + 8, origin_server_id, 4);
	}
}

uint64_t store_txn_size(const struct store_txn *txn)
{
	return txn->writes.records.size;
}

bool store_txn_has_writes(const struct store_txn *txn)
{
	return txn->writes.records.size > 0;
}

static bool is_in_one_of(struct bytes key, const uint32_t *spaces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (key.size >= 4 && bytes_load_uint_be(key.data, 4) == spaces[i])
			return true;
	return false;
}

void store_txn_save_writes(const struct store_txn *txn, uint64_t from, const uint32_t *spaces, size_t space_count,
			   struct buf *out)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct write write;
	size_t begin = (size_t)from, end = begin;
	for (; writes_next(records, &end, &write); begin = end)
		if (spaces == NULL || is_in_one_of(write.key, spaces, space_count))
			buf_put(out, records.data + begin, end - begin);
}

int store_txn_load_writes(struct store_txn *txn, struct bytes saved, struct diag *diag)
{
	struct write write;
	size_t offset = 0;
	while (writes_next(saved, &offset, &write)) {
		if (write.is_deletion)
			writes_delete(&txn->writes, write.key);
		else
			writes_put(&txn->writes, write.key, write.value);
	}
	if (offset != saved.size)
		return diag_set_message(diag, ER_GET_ERRMSG, "Writes that were put aside are damaged behind byte %zu of %zu",
					offset, saved.size);
	return 0;
}

/* ------------------------------------------------------------------------------------------------- savepoints */

void store_txn_savepoint(struct store_txn *txn)
{
	if (txn->mark_count == txn->mark_capacity) {
		txn->mark_capacity = txn->mark_capacity ? txn->mark_capacity * 2 : 8;
		txn->marks = memory_realloc(txn->marks, txn->mark_capacity * sizeof *txn->marks);
	}
	txn->marks[txn->mark_count++] = txn->writes.records.size;
}

void store_txn_pop_savepoint(struct store_txn *txn)
{
	assert(txn->mark_count > 0);
	txn->mark_count--;
}

void store_txn_rollback_to_savepoint(struct store_txn *txn)
{
	assert(txn->mark_count > 0);
	assert(txn->open_iterators == 0); /* they look into the index that is about to go */
	size_t size = txn->marks[--txn->mark_count];
	assert(size >= txn->stamped_size);
	writes_cut(&txn->writes, size);
	if (txn->ordered_size > size)
		store_txn_disorder(txn);
}
