/*
 * The owner's half of a commit: which of the ways it takes.
 *
 *   logged      events (or a GTID of its own that must not get lost): through the queue; rows of databases that are not
 *               logged are put aside before (aside.h)
 *   unlogged    rows only: here, with a flush of the store by innodb_flush_log_at_trx_commit
 *   emptied     a definition with a GTID, of a database that is not logged: as unlogged, with the GTID; then an empty
 *               transaction is logged for those who follow this server
 *   replayed    recovery: here, without a flush, with the position it has in the log
 *   nothing     only ends
 */
#include <string.h>
#include <time.h>

#include "base/fault.h"
#include "base/memory.h"
#include "txn/aside.h"
#include "txn/companion.h"
#include "txn/txn_internal.h"

static void put_xid(struct txn *txn, const struct event_writer *writer)
{
	event_put_xid(writer, atomic_fetch_add(&txn->manager->last_xid, 1) + 1);
}

/* GTID, BEGIN, COMMIT: what a replica logs for a transaction that its filters emptied. */
static void put_empty_transaction(const struct event_writer *writer)
{
	struct event_query commit;
	event_query_init(&commit, bytes_of("", 0), bytes_of_string("COMMIT"));
	event_put_query(writer, &commit, EVENT_FLAG_SUPPRESS_USE);
}

/*
 * In front of what ends the transaction: its only QUERY, or the XID. Behind it, a log that is cut there would have the
 * transaction without its companion.
 */
static void put_companions(struct txn *txn, const struct event_writer *writer)
{
	struct buf *events = writer->out;
	size_t size = events->size;
	if (txn->companion_key.size && txn->companion_kind == TXN_COMPANION_LOGGED)
		companion_put_event(writer, buf_bytes(&txn->companion_key), buf_bytes(&txn->companion_value));
	if (txn->aside_key.size)
		companion_put_event(writer, buf_bytes(&txn->aside_key), bytes_of("", 0));
	if (!txn->is_statement || events->size == size)
		return;
	size_t companion_size = events->size - size;
	uint8_t *copy = memory_copy(events->data + size, companion_size);
	memmove(events->data + companion_size, events->data, size);
	memcpy(events->data, copy, companion_size);
	memory_free(copy);
}

void txn_store_companion(struct txn *txn)
{
	if (txn->companion_key.size)
		store_txn_put_unlocked(txn_store(txn), buf_bytes(&txn->companion_key),
				       buf_bytes(&txn->companion_value));
}

bool txn_has_own_events(const struct txn *txn)
{
	return events_cache_size(&txn->events) > txn->begin_size;
}

/* Completes the events, and says what the leader has to know of them. */
void txn_prepare_log(struct txn *txn)
{
	bool is_empty = !txn_has_own_events(txn);
	struct event_writer writer = txn_event_writer(txn);
	if (is_empty)
		txn_events(txn);
	put_companions(txn, &writer);
	if (is_empty)
		put_empty_transaction(&writer);
	else if (!txn->is_statement)
		put_xid(txn, &writer);
	bool may_hold_statements = txn->is_statement || txn->holds_text || is_empty;
	if (txn->compression_level && !may_hold_statements)
		txn_compress_events(txn);
	const struct txn_origin *origin = &txn->origin;
	txn->log = (struct binlog_transaction){
		.events = &txn->events.buf,
		.spill_fd = txn->events.spill_fd,
		.spill_size = txn->events.spill_size,
		.may_hold_statements = may_hold_statements,
		.timestamp = writer.timestamp,
		.server_id = writer.server_id,
		.original_server_version = origin->foreign ? origin->original_server_version : txn->original_server_version,
	};
	txn->log.gtid = origin->gtid;
}

static int commit_logged(struct txn *txn, struct diag *diag)
{
	if (txn_check_events(txn, diag) < 0)
		return -1;
	txn_store(txn); /* also a transaction without rows carries the log's position into the store */
	if (txn->has_unlogged_rows && aside_put(txn, diag) < 0)
		return -1;
	FAULT_STEP("commit.prepared");
	txn_prepare_log(txn);
	txn_store_companion(txn); /* no change: txn_prepare_log must not have seen it */
	txn->batch_last = txn;
	txn->is_dependent = store_txn_ask_bases(txn->store) != STORE_BASES_COMMITTED;
	return txn_commit_in_queue(txn, diag);
}

static int commit_store(struct txn *first, struct txn *carrier, struct diag *diag)
{
	if (FAULT_POINT("commit.unlogged"))
		return diag_set_message(diag, ER_GET_ERRMSG, "Got error from the store: a fault was asked for");
	for (struct txn *txn = first; txn != carrier; txn = txn->next)
		txn_stamp_unlogged(txn);
	txn_stamp_unlogged(carrier);
	if (carrier->replayed)
		txn_put_position(carrier->store, carrier->replayed_end, carrier->manager->clock);
	bool flush = !carrier->flushed_commit && !carrier->replayed &&
		     atomic_load(&carrier->manager->flush_store_at_commit) == 1;
	if (first->owns_gtid && !first->replayed)
		return txn_gtid_commit_unlogged(first, carrier, flush, diag);
	int status = store_txn_commit(carrier->store, false, diag);
	if (status == 0 && flush)
		txn_flush_store(carrier->manager);
	return status;
}

/* Its locks go with the store commit: who gets one of them must find it begun. */
static int commit_store_counted(struct txn *first, struct txn *carrier, struct diag *diag)
{
	struct txn_manager *manager = carrier->manager;
	bool is_flushed = carrier->flushed_commit || carrier->replayed;
	if (!is_flushed)
		atomic_fetch_add(&manager->unflushed_begun, 1);
	int status = commit_store(first, carrier, diag);
	if (!is_flushed)
		atomic_fetch_add(&manager->unflushed_ended, 1);
	return status;
}

int txn_commit_unlogged(struct txn *first, struct txn *carrier, struct diag *diag)
{
	if (txn_await_bases(carrier, diag) < 0)
		return -1;
	txn_store(carrier);
	txn_store_companion(carrier);
	if (carrier->replayed && carrier->aside_key.size && aside_take(carrier, diag) < 0)
		return -1;
	if (txn_enter_unlogged(first, diag) < 0)
		return -1;
	int status = commit_store_counted(first, carrier, diag);
	if (status < 0 && store_has_failed(first->manager->store))
		outage_store_failed(&first->manager->outage, diag);
	FAULT_STEP("commit.after_unlogged");
	if (status == 0) {
		atomic_fetch_add(&first->manager->counters.commits, 1);
		for (struct txn *txn = first; txn != carrier; txn = txn->next)
			atomic_fetch_add(&first->manager->counters.commits, 1);
	}
	txn_leave_unlogged(first);
	return status;
}

/*
 * A definition with a GTID, of a database that is not logged. Two commits, its own first: what the log says is executed,
 * is in the store. A crash between the two leaves out the empty transaction.
 */
static int commit_emptied(struct txn *txn, struct diag *diag)
{
	txn->is_emptied = true;
	int status = txn_commit_unlogged(txn, txn, diag);
	txn->is_emptied = false;
	if (status < 0)
		return -1;
	FAULT_STEP("commit.emptied");
	txn_forget_changes(txn);
	if (commit_logged(txn, diag) < 0)
		return -1;
	FAULT_STEP("commit.emptied_logged");
	return txn_gtid_is_logged(txn, diag);
}

static int commit_changes(struct txn *txn, struct diag *diag)
{
	txn->last_gtid = (struct gtid){0};
	txn->last_position = (struct binlog_position){0};
	if (!txn_is_logging(txn) || (!txn_has_own_events(txn) && !txn->owns_gtid))
		return txn_commit_unlogged(txn, txn, diag);
	if (txn_has_changes(txn) && !txn_has_own_events(txn) && !txn->has_unlogged_rows)
		return commit_emptied(txn, diag);
	return commit_logged(txn, diag);
}

int txn_commit(struct txn *txn, struct diag *diag)
{
	bool has_changes = txn_has_changes(txn);
	enum txn_gtid_outcome gtid = TXN_GTID_OWNED;
	if (has_changes && !txn->replayed)
		gtid = txn_gtid_begin(txn, NULL, diag);
	if (gtid != TXN_GTID_OWNED) {
		txn_rollback(txn);
		return gtid == TXN_GTID_EXECUTED ? 0 : -1;
	}
	txn->is_unconfirmed = false;
	int status = has_changes || txn->owns_gtid || txn->replayed ? commit_changes(txn, diag) : txn_await_bases(txn, diag);
	if (status < 0 && !txn->is_unconfirmed)
		txn_rollback(txn);
	else
		txn_finish(txn);
	return status;
}

bool txn_is_unconfirmed(const struct txn *txn)
{
	return txn->is_unconfirmed;
}
