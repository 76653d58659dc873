/*
 * A worker: takes the oldest batch that may be started, executes it, and commits if it is the next to be committed.
 */
#include "applier/apply_internal.h"
#include "applier/crew_internal.h"
#include "base/clock.h"
#include "base/log.h"

/* ----------------------------------------------------------------------------------------------------- one transaction */

/* The session works with this transaction from now on. */
static void lend(struct worker *worker, struct txn *txn)
{
	session_take_txn(worker->session, txn);
	session_brief_txn(worker->session);
	txn_set_lock_timeout(txn, apply_held_patience_ms);
	txn_set_logging(txn, worker->crew->plan.logs_updates);
}

static enum apply_outcome execute_events(struct worker *worker, struct bytes events, struct diag *diag)
{
	enum apply_outcome outcome = APPLY_OPEN;
	while (events.size && outcome == APPLY_OPEN) {
		struct event event;
		if (event_take(&events, &worker->crew->format, &event, diag) < 0)
			return APPLY_ERROR;
		outcome = apply_event(worker->apply, &event, diag);
	}
	if (outcome != APPLY_OPEN)
		return outcome;
	diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT,
			 "Corrupted replication event was detected: a transaction's end that ends nothing");
	return APPLY_ERROR;
}

/* In the transaction that the session has been lent. */
static enum apply_outcome execute(struct worker *worker, const struct batch *batch,
				  const struct batch_transaction *transaction, struct diag *diag)
{
	struct apply_transaction apply = transaction->apply;
	bool is_told_by_gtid = transaction->has_gtid || !worker->crew->plan.logs_updates;
	apply.source_file = worker->crew->source_file;
	apply.companion_key = buf_bytes(&worker->crew->position_key);
	apply.companion_value = bytes_of(batch->records.data + transaction->record_at, transaction->record_size);
	apply.companion_kind = is_told_by_gtid ? TXN_COMPANION_STORED : TXN_COMPANION_LOGGED;
	apply.is_held = true;
	apply.mode = APPLY_STRICT; /* what is not as the event says may be so because of those before it */
	switch (apply_begin(worker->apply, &apply, diag)) {
	case APPLY_BEGUN:
		return execute_events(worker, bytes_of(batch->events.data + transaction->events_at,
						       transaction->events_size), diag);
	case APPLY_EXECUTED: return APPLY_NOTHING;
	default: return APPLY_ERROR;
	}
}

/* ------------------------------------------------------------------------------------------------------------ a batch */

static struct txn *find_txn(struct worker *worker, struct batch *batch, size_t index)
{
	if (batch->txns[index] == NULL)
		batch->txns[index] = txn_create(worker->crew->plan.server->txn_manager);
	return batch->txns[index];
}

static int execute_next(struct worker *worker, struct batch *batch, const struct batch_transaction *transaction,
			struct diag *diag)
{
	size_t index = batch->complete_count;
	struct txn *txn = find_txn(worker, batch, index);
	lend(worker, txn);
	if (index)
		txn_continue(txn, batch->txns[index - 1], transaction->is_dependent);
	else
		txn_stand_on(txn, worker->bases, worker->base_count);
	enum apply_outcome outcome = execute(worker, batch, transaction, diag);
	batch->is_stored = outcome == APPLY_COMMITTED;
	if (outcome == APPLY_ERROR)
		return -1;
	if (outcome == APPLY_COMMITTED)
		batch->complete_count++;
	else if (index)
		txn_give_back(txn, batch->txns[index - 1]);
	else
		txn_rollback(txn);
	return 0;
}

/* -1: nothing remains of it; *out_failed is the transaction. */
static int execute_batch(struct worker *worker, struct batch *batch, size_t *out_failed, struct diag *diag)
{
	int status = 0;
	batch->complete_count = 0;
	batch->is_stored = false;
	for (size_t i = 0; i < batch->count && status == 0; i++) {
		*out_failed = i;
		atomic_store_explicit(&worker->at, i, memory_order_relaxed);
		if (atomic_load(&worker->crew->failed) <= batch->number)
			status = diag_set(diag, ER_QUERY_INTERRUPTED);
		else
			status = execute_next(worker, batch, &batch->transactions[i], diag);
	}
	if (status < 0) {
		apply_rollback(worker->apply); /* also the one that is under way, with the store transaction of all */
		crew_roll_back(batch);
	}
	worker->session->txn = worker->own_txn;
	return status;
}

void crew_roll_back(struct batch *batch)
{
	for (size_t i = batch->complete_count; i-- > 0;)
		txn_rollback(batch->txns[i]);
	batch->complete_count = 0;
}

/* -------------------------------------------------------------------------------------------------------- the workers */

/* From the failed batch on, who is executing gives up. */
static void interrupt_workers(struct crew *crew)
{
	for (unsigned i = 0; i < crew->worker_count; i++) {
		struct worker *worker = &crew->workers[i];
		if (worker->batch && worker->batch->number > atomic_load(&crew->failed))
			atomic_store(&worker->session->interrupted, true);
	}
}

void crew_fail(struct crew *crew, uint64_t number, uint64_t relay_offset, const struct diag *cause)
{
	if (number >= atomic_load(&crew->failed))
		return; /* it was told to give up */
	atomic_store(&crew->failed, number);
	crew->report.failed_relay_offset = relay_offset;
	crew->report.cause = *cause;
	interrupt_workers(crew);
	condition_broadcast(&crew->progress);
}

/* With the lock. The oldest that waits for nobody. */
struct batch *crew_find_startable(struct crew *crew)
{
	for (uint64_t number = crew->committed + 1; number <= crew->sent && number < atomic_load(&crew->failed); number++) {
		struct batch *batch = crew_batch(crew, number);
		if (batch->state == BATCH_SENT && batch->wait_for <= crew->executed)
			return batch;
	}
	return NULL;
}

static bool may_be_stood_on(const struct crew *crew, uint64_t number)
{
	enum batch_state state = crew_batch(crew, number)->state;
	return crew->plan.logs_updates && number <= crew->sent && number < atomic_load(&crew->failed) &&
	       (state == BATCH_EXECUTED || state == BATCH_COMMITTING);
}

void crew_note_executed(struct crew *crew)
{
	if (crew->executed < crew->committed)
		crew->executed = crew->committed;
	while (may_be_stood_on(crew, crew->executed + 1))
		crew->executed++;
}

/* ---------------------------------------------------------------------------------------------- what it stands on */

/* With the lock: all that it may meet, and that is not committed. */
static void take_bases(struct worker *worker, const struct batch *batch)
{
	struct crew *crew = worker->crew;
	worker->base_count = 0;
	for (uint64_t number = crew->committed + 1; number <= batch->wait_for; number++)
		if (crew_batch(crew, number)->written)
			worker->bases[worker->base_count++] = store_txn_ref(crew_batch(crew, number)->written);
}

static void leave_bases(struct worker *worker)
{
	while (worker->base_count)
		store_txn_unref(&worker->bases[--worker->base_count]);
}

static struct store_txn *offer(const struct crew *crew, const struct batch *batch)
{
	bool is_offered = crew->plan.logs_updates && batch->complete_count;
	return is_offered ? txn_offer(batch->txns[batch->complete_count - 1]) : NULL;
}

/* With the lock. */
static void take_batch(struct worker *worker, struct batch *batch)
{
	struct crew *crew = worker->crew;
	struct session *session = worker->session;
	struct diag diag = DIAG_INIT;
	size_t failed = 0;
	batch->state = BATCH_RUNNING;
	worker->batch = batch;
	atomic_store_explicit(&worker->at, 0, memory_order_relaxed);
	batch->worker = (unsigned)(worker - crew->workers);
	batch->begun_us = clock_wall_us();
	take_bases(worker, batch);
	if (crew_find_startable(crew))
		crew_wake_worker(crew);
	lock_release(&crew->lock);
	int status = execute_batch(worker, batch, &failed, &diag);
	struct store_txn *written = offer(crew, batch);
	leave_bases(worker);
	lock_take(&crew->lock);
	worker->batch = NULL;
	batch->state = BATCH_EXECUTED; /* of a failed one there is nothing to roll back */
	batch->written = written;
	atomic_store(&session->interrupted, atomic_load(&session->kill) != SESSION_RUNNING);
	if (status < 0)
		crew_fail(crew, batch->number, batch->transactions[failed].relay_offset, &diag);
	crew_note_executed(crew);
	condition_signal(&crew->progress); /* the coordinator may wait for those that gave up */
	crew_commit(crew);
}

/* With the lock, released meanwhile: until there may be work, or an end. */
static void rest(struct worker *worker)
{
	struct crew *crew = worker->crew;
	waiter_reset(&worker->waiter);
	worker->next_idle = crew->idle;
	crew->idle = worker;
	lock_release(&crew->lock);
	waiter_wait(&worker->waiter);
	lock_take(&crew->lock);
}

void crew_wake_worker(struct crew *crew)
{
	struct worker *worker = crew->idle;
	if (worker == NULL)
		return;
	crew->idle = worker->next_idle;
	waiter_wake(&worker->waiter, WORKER_LOOKS);
}

void *crew_run_worker(void *argument)
{
	struct worker *worker = argument;
	struct crew *crew = worker->crew;
	log_set_thread_id(worker->session->id);
	store_begin_thread();
	lock_take(&crew->lock);
	while (!crew->ends) {
		struct batch *batch = crew_find_startable(crew);
		if (batch) {
			session_set_state(worker->session, "Executing event");
			take_batch(worker, batch);
			continue;
		}
		session_set_state(worker->session, "Waiting for an event from Coordinator");
		rest(worker);
	}
	lock_release(&crew->lock);
	return NULL;
}
