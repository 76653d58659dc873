/*
 * GTIDs: who owns one that is being executed, and those that count as executed without being in the log.
 *
 * The latter (a replica without log_slave_updates, SET gtid_purged) stand in the store, META "gtid_executed", as a
 * gtid_set's bytes, written in the store transaction of the rows. The lock is held over that commit, flush included: the
 * set's order must be that of the commits, and who has neither log nor replica updates has one applier.
 *
 * META "gtid_retired": this server's own GTIDs of before RESET MASTER.
 */
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "txn/txn_internal.h"

enum { owner_slice_us = 50 * 1000 }; /* how soon an interrupt is heard */

static struct bytes gtid_key(const struct gtid *gtid, uint8_t out[uuid_size + 8])
{
	memcpy(out, gtid->sid, uuid_size);
	bytes_store_uint_be(out + uuid_size, (uint64_t)gtid->gno, 8);
	return bytes_of(out, uuid_size + 8);
}

static struct bytes meta_key(const char *name, struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_META);
	buf_put_string(out, name);
	return buf_bytes(out);
}

static struct bytes set_key(struct buf *out)
{
	return meta_key("gtid_executed", out);
}

/* An empty set where there is none. */
static int load_set(struct store *store, const char *name, struct gtid_set *out, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	int status = 0;
	enum store_outcome outcome = store_get(store, meta_key(name, &key), &value, diag);
	if (outcome == STORE_OK)
		status = gtid_set_decode(out, buf_bytes(&value), diag);
	else if (outcome != STORE_NOT_FOUND)
		status = -1;
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

static int store_set(struct store *store, const char *name, const struct gtid_set *set, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	gtid_set_encode(set, &value);
	int status = store_put(store, meta_key(name, &key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

/* With the lock. */
static bool is_executed(struct txn_manager *manager, const struct gtid *gtid)
{
	return gtid_set_contains(&manager->unlogged, gtid) ||
	       (manager->binlog && binlog_is_executed(manager->binlog, gtid));
}

int txn_gtids_open(struct txn_manager *manager, struct diag *diag)
{
	lock_init(&manager->gtid_lock, "txn.gtids", LOCK_RANK_COMMIT);
	condition_init(&manager->gtid_released);
	map_init(&manager->gtid_owners);
	gtid_set_init(&manager->unlogged);
	struct gtid_set retired;
	gtid_set_init(&retired);
	int status = load_set(manager->store, "gtid_executed", &manager->unlogged, diag);
	if (status == 0)
		status = load_set(manager->store, "gtid_retired", &retired, diag);
	if (status == 0 && manager->binlog) {
		binlog_add_executed_set(manager->binlog, &manager->unlogged);
		binlog_retire(manager->binlog, &retired);
	}
	gtid_set_deinit(&retired);
	return status;
}

void txn_gtids_close(struct txn_manager *manager)
{
	gtid_set_deinit(&manager->unlogged);
	map_deinit(&manager->gtid_owners);
	condition_deinit(&manager->gtid_released);
	lock_deinit(&manager->gtid_lock);
}

void txn_manager_get_executed(struct txn_manager *manager, struct gtid_set *out_set)
{
	if (manager->binlog)
		binlog_get_executed(manager->binlog, out_set);
	else
		gtid_set_clear(out_set);
	lock_take(&manager->gtid_lock);
	gtid_set_add_set(out_set, &manager->unlogged);
	lock_release(&manager->gtid_lock);
}

void txn_manager_get_purged(struct txn_manager *manager, struct gtid_set *out_set)
{
	if (manager->binlog)
		binlog_get_purged(manager->binlog, out_set);
	else
		gtid_set_clear(out_set);
	lock_take(&manager->gtid_lock);
	gtid_set_add_set(out_set, &manager->unlogged);
	lock_release(&manager->gtid_lock);
}

bool txn_manager_is_executed(struct txn_manager *manager, const struct gtid *gtid)
{
	lock_take(&manager->gtid_lock);
	bool executed = is_executed(manager, gtid);
	lock_release(&manager->gtid_lock);
	return executed;
}

/* Sleeps until an owner lets go, a slice at most. With the lock. */
static int wait_for_release(struct txn *txn, const struct timespec *deadline, struct diag *diag)
{
	if (txn->interrupt && atomic_load(txn->interrupt))
		return diag_set(diag, ER_QUERY_INTERRUPTED);
	struct timespec slice = clock_deadline(owner_slice_us);
	bool is_last = deadline && (slice.tv_sec > deadline->tv_sec ||
				    (slice.tv_sec == deadline->tv_sec && slice.tv_nsec >= deadline->tv_nsec));
	bool woken = condition_wait_until(&txn->manager->gtid_released, &txn->manager->gtid_lock,
					  is_last ? deadline : &slice);
	return is_last && !woken ? diag_set(diag, ER_LOCK_WAIT_TIMEOUT) : 0;
}

/* With the lock. */
static enum txn_gtid_outcome own(struct txn *txn, const struct timespec *deadline, struct diag *diag)
{
	struct txn_manager *manager = txn->manager;
	uint8_t bytes[uuid_size + 8];
	struct bytes key = gtid_key(&txn->origin.gtid, bytes);
	for (;;) {
		if (is_executed(manager, &txn->origin.gtid))
			return TXN_GTID_EXECUTED;
		if (map_find(&manager->gtid_owners, key) == NULL) {
			map_put(&manager->gtid_owners, key, txn);
			if (manager->binlog)
				binlog_reserve_gtid(manager->binlog, &txn->origin.gtid);
			txn->owns_gtid = true;
			return TXN_GTID_OWNED;
		}
		if (wait_for_release(txn, deadline, diag) < 0)
			return TXN_GTID_FAILED;
	}
}

bool txn_owns_gtid(const struct txn *txn)
{
	return txn->owns_gtid;
}

bool txn_manager_has_owned(struct txn_manager *manager)
{
	lock_take(&manager->gtid_lock);
	bool has_owned = manager->gtid_owners.count > 0;
	lock_release(&manager->gtid_lock);
	return has_owned;
}

void txn_manager_print_owned(struct txn_manager *manager, struct buf *out)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *owner;
	char text[gtid_text_size + 1];
	lock_take(&manager->gtid_lock);
	while (map_next(&manager->gtid_owners, &walk, &key, &owner)) {
		const struct txn *txn = owner;
		gtid_print(&txn->origin.gtid, text);
		buf_printf(out, "%s%s#%u", out->size ? ",\n" : "", text, txn->thread_id);
	}
	lock_release(&manager->gtid_lock);
}

enum txn_gtid_outcome txn_gtid_begin(struct txn *txn, const struct timespec *deadline, struct diag *diag)
{
	if (!txn->origin.has_gtid || txn->origin.anonymous || txn->owns_gtid)
		return TXN_GTID_OWNED;
	lock_take(&txn->manager->gtid_lock);
	enum txn_gtid_outcome outcome = own(txn, deadline, diag);
	lock_release(&txn->manager->gtid_lock);
	return outcome;
}

void txn_gtid_release(struct txn *txn)
{
	struct txn_manager *manager = txn->manager;
	if (!txn->owns_gtid)
		return;
	uint8_t bytes[uuid_size + 8];
	lock_take(&manager->gtid_lock);
	map_remove(&manager->gtid_owners, gtid_key(&txn->origin.gtid, bytes));
	if (manager->binlog)
		binlog_unreserve_gtid(manager->binlog, &txn->origin.gtid);
	condition_broadcast(&manager->gtid_released);
	lock_release(&manager->gtid_lock);
	txn->owns_gtid = false;
}

/* With the lock. */
static int commit_with_set(struct txn *first, struct txn *carrier, bool flush, struct diag *diag)
{
	struct txn_manager *manager = carrier->manager;
	struct txn *end = carrier->next;
	struct buf key = {0}, value = {0};
	for (struct txn *txn = first; txn != end; txn = txn->next)
		gtid_set_add(&manager->unlogged, &txn->origin.gtid);
	gtid_set_encode(&manager->unlogged, &value);
	store_txn_put_unlocked(carrier->store, set_key(&key), buf_bytes(&value));
	int status = store_txn_commit(carrier->store, flush, diag);
	for (struct txn *txn = first; txn != end; txn = txn->next)
		if (status < 0)
			gtid_set_remove(&manager->unlogged, &txn->origin.gtid);
		else if (manager->binlog && !txn->is_emptied)
			binlog_add_executed(manager->binlog, &txn->origin.gtid);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

int txn_gtid_commit_unlogged(struct txn *first, struct txn *carrier, bool flush, struct diag *diag)
{
	lock_take(&first->manager->gtid_lock);
	int status = commit_with_set(first, carrier, flush, diag);
	lock_release(&first->manager->gtid_lock);
	return status;
}

/* With the lock. Flushed. */
static int store_unlogged(struct txn_manager *manager, struct diag *diag)
{
	return store_set(manager->store, "gtid_executed", &manager->unlogged, diag);
}

int txn_gtids_adopt(struct txn_manager *manager, const struct gtid_set *executed, struct diag *diag)
{
	lock_take(&manager->gtid_lock);
	gtid_set_add_set(&manager->unlogged, executed);
	int status = store_unlogged(manager, diag);
	lock_release(&manager->gtid_lock);
	if (status == 0 && manager->binlog)
		binlog_add_executed_set(manager->binlog, executed);
	return status;
}

int txn_gtid_is_logged(struct txn *txn, struct diag *diag)
{
	struct txn_manager *manager = txn->manager;
	lock_take(&manager->gtid_lock);
	gtid_set_remove(&manager->unlogged, &txn->origin.gtid);
	int status = store_unlogged(manager, diag);
	lock_release(&manager->gtid_lock);
	return status;
}

int txn_gtids_retire_up_to(struct txn_manager *manager, int64_t gno, struct diag *diag)
{
	struct gtid_set own;
	gtid_set_init(&own);
	gtid_set_add_interval(&own, binlog_own_sid(manager->binlog), (struct gtid_interval){1, gno});
	binlog_retire(manager->binlog, &own);
	gtid_set_deinit(&own);
	return txn_gtids_retire(manager, diag);
}

int txn_gtids_retire(struct txn_manager *manager, struct diag *diag)
{
	struct gtid_set own;
	gtid_set_init(&own);
	binlog_get_own(manager->binlog, &own);
	int status = store_set(manager->store, "gtid_retired", &own, diag);
	if (status == 0)
		binlog_retire(manager->binlog, &own);
	gtid_set_deinit(&own);
	return status;
}

int txn_gtids_forget(struct txn_manager *manager, struct diag *diag)
{
	lock_take(&manager->gtid_lock);
	gtid_set_clear(&manager->unlogged);
	int status = store_unlogged(manager, diag);
	lock_release(&manager->gtid_lock);
	return status;
}

/* -------------------------------------------------------------------------------------------- SET gtid_purged */

/* With the lock. */
static bool owns_any(struct txn_manager *manager, const struct gtid_set *set)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *owner;
	while (map_next(&manager->gtid_owners, &walk, &key, &owner))
		if (gtid_set_contains(set, &((struct txn *)owner)->origin.gtid))
			return true;
	return false;
}

/* With the lock. */
static int check_added(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag)
{
	bool is_executed = gtid_set_intersects(added, &manager->unlogged);
	if (manager->binlog && !is_executed) {
		struct gtid_set executed;
		gtid_set_init(&executed);
		binlog_get_executed(manager->binlog, &executed);
		is_executed = gtid_set_intersects(added, &executed);
		gtid_set_deinit(&executed);
	}
	if (is_executed)
		return diag_set(diag, ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS,
				"the added gtid set must not overlap with @@GLOBAL.GTID_EXECUTED");
	if (owns_any(manager, added))
		return diag_set(diag, ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS,
				"the added gtid set must not overlap with @@GLOBAL.GTID_OWNED");
	return 0;
}

static int add_unlogged(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag)
{
	lock_take(&manager->gtid_lock);
	int status = check_added(manager, added, diag);
	if (status == 0) {
		gtid_set_add_set(&manager->unlogged, added);
		status = store_unlogged(manager, diag);
		if (status < 0)
			gtid_set_subtract(&manager->unlogged, added);
	}
	lock_release(&manager->gtid_lock);
	return status;
}

/* The log could not say so: then the store must not. */
static void take_back(struct txn_manager *manager, const struct gtid_set *added)
{
	struct diag diag = DIAG_INIT;
	lock_take(&manager->gtid_lock);
	gtid_set_subtract(&manager->unlogged, added);
	if (store_unlogged(manager, &diag) < 0)
		log_diag(LOG_ERROR, "txn", &diag);
	lock_release(&manager->gtid_lock);
}

int txn_gtids_add_purged(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag)
{
	if (add_unlogged(manager, added, diag) < 0)
		return -1;
	FAULT_STEP("gtid_purged.stored");
	if (manager->binlog == NULL || binlog_set_purged(manager->binlog, added, diag) == 0)
		return 0;
	take_back(manager, added);
	return -1;
}
