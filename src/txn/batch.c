/*
 * Batches: several transactions of the log in one store transaction, and several of those in the queue at once.
 *
 *   T1 ---- T2 ---- T3        each: events, GTID, origin; a link of the queue
 *                   store     one store transaction, handed on from each to the next; the last one carries it
 *
 * The log has each as if it stood alone. The store commits with the carrier, at the position behind it: a crash finds it
 * before the batch or behind it, and what is missing is in the log. Rows get the versions of their own transactions
 * where one ends (law 8), so that a row that two of them changed has the later one's.
 *
 * A batch that is complete may be stood on before it is committed (store_txn_stand_on): the next one that meets it is
 * executed while it is logged and stored.
 */
#include <assert.h>

#include "txn/aside.h"
#include "txn/txn_internal.h"

/* Rows that the log knows nothing of are flushed with the store (commit.c), which a batch is not. */
static enum txn_completion refuse(struct diag *diag)
{
	diag_set_message(diag, ER_GET_ERRMSG, "A transaction whose rows are not logged cannot be part of a batch");
	return TXN_REFUSED;
}

enum txn_completion txn_complete(struct txn *txn, struct diag *diag)
{
	bool is_logged = txn_is_logging(txn);
	assert(txn->mark_count == 0);
	if (txn_check_events(txn, diag) < 0)
		return TXN_REFUSED;
	if (!txn_has_changes(txn) && !txn->owns_gtid)
		return TXN_EMPTY;
	if (is_logged && txn_has_changes(txn) && !txn_has_own_events(txn))
		return refuse(diag);
	txn_store(txn);
	if (is_logged && txn->has_unlogged_rows && aside_put(txn, diag) < 0)
		return TXN_REFUSED;
	if (is_logged)
		txn_prepare_log(txn);
	txn_store_companion(txn);
	return TXN_COMPLETE;
}

static void hand_on(struct txn *from, struct txn *to)
{
	assert(to->store == NULL && to->mark_count == 0 && from->mark_count == 0);
	to->store = from->store;
	to->flushed_commit = from->flushed_commit;
	to->isolation = from->isolation;
	to->inherited_size = to->store ? store_txn_size(to->store) : 0;
	from->store = NULL;
	from->inherited_size = 0;
}

void txn_continue(struct txn *txn, struct txn *before, bool is_dependent)
{
	assert(before->origin.foreign && before->origin.original_commit_us);
	if (before->store)
		store_txn_stamp(before->store, before->origin.original_commit_us, txn_origin_server_id(before));
	hand_on(before, txn);
	txn->is_dependent = is_dependent;
}

struct store_txn *txn_offer(struct txn *last)
{
	assert(last->origin.foreign && last->origin.original_commit_us && txn_is_logging(last));
	store_txn_stamp(last->store, last->origin.original_commit_us, txn_origin_server_id(last));
	return store_txn_offer(last->store);
}

void txn_stand_on(struct txn *txn, struct store_txn *const *offered, size_t count)
{
	assert(txn->store == NULL);
	if (count == 0)
		return;
	store_txn_stand_on(txn_store(txn), offered, count);
	txn->is_dependent = true;
}

void txn_give_back(struct txn *empty, struct txn *before)
{
	hand_on(empty, before);
	txn_rollback(empty);
}

/* One store transaction's. */
static int commit_here(struct txn *first, struct txn *carrier, struct diag *diag)
{
	first->last_gtid = carrier->last_gtid = (struct gtid){0};
	first->last_position = carrier->last_position = (struct binlog_position){0};
	return txn_commit_unlogged(first, carrier, diag);
}

int txn_commit_batch(struct txn *const *txns, size_t count, struct diag *diag)
{
	struct txn *first = txns[0], *last = txns[count - 1];
	for (size_t i = 0; i + 1 < count; i++)
		txns[i]->next = txns[i + 1];
	last->next = NULL;
	first->batch_last = last;
	first->is_unconfirmed = false;
	assert(last->store);
	int status = txn_is_logging(first) ? txn_commit_in_queue(first, diag) : commit_here(first, last, diag);
	if (status < 0 && txn_is_unconfirmed(first)) {
		diag_clear(diag);
		status = 0;
	}
	for (size_t i = 0; i < count; i++)
		if (status == 0)
			txn_finish(txns[i]);
		else
			txn_rollback(txns[i]);
	return status;
}
