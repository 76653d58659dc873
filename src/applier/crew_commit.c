/*
 * The order of commits: the oldest batch, and all that follow it and are executed, go into one group.
 *
 * One thread at a time commits. What becomes complete meanwhile waits for it to come back, or, when it is a worker with
 * other work, for nobody: it takes all there is before it returns.
 */
#include "applier/crew_internal.h"
#include "base/fault.h"
#include "base/clock.h"

enum { group_batches_max = 32 };

/* With the lock. How many batches from the oldest on are executed. */
static size_t count_ready(struct crew *crew)
{
	/* Without a log each batch has its own store commit: one by one, all or none of it. */
	size_t max = crew->plan.logs_updates ? group_batches_max : 1;
	size_t count = 0;
	while (count < max && crew->committed + count < crew->sent) {
		uint64_t number = crew->committed + count + 1;
		if (number >= atomic_load(&crew->failed) || crew_batch(crew, number)->state != BATCH_EXECUTED)
			break;
		count++;
	}
	return count;
}

static int commit_group(struct crew *crew, uint64_t first, size_t count, struct diag *diag)
{
	struct txn *txns[group_batches_max * batch_transactions_max];
	size_t txn_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct batch *batch = crew_batch(crew, first + i);
		for (size_t j = 0; j < batch->complete_count; j++)
			txns[txn_count++] = batch->txns[j];
	}
	if (txn_count == 0)
		return 0;
	FAULT_STEP("crew.commit");
	int status = txn_commit_batch(txns, txn_count, diag);
	FAULT_STEP("crew.after_commit");
	return status;
}

/* With the lock. */
static void note_committed(struct crew *crew, const struct batch *batch)
{
	struct relay_transaction *applied = &crew->workers[batch->worker].applied;
	*applied = crew_describe(batch, batch->count - 1);
	applied->ended_us = clock_wall_us();
	crew->report.has_moved = true;
	crew->report.is_stored = batch->is_stored;
	crew->report.end = batch->end;
}

/* With the lock. */
static void finish(struct crew *crew, uint64_t first, size_t count, int status, const struct diag *diag)
{
	for (size_t i = 0; i < count; i++) {
		struct batch *batch = crew_batch(crew, first + i);
		batch->complete_count = 0; /* committed, or rolled back */
		batch->state = status < 0 ? BATCH_EXECUTED : BATCH_FREE;
		if (status < 0)
			continue;
		crew->pending_size -= batch->events.size;
		store_txn_unref(&batch->written);
		note_committed(crew, batch);
	}
	if (status == 0)
		crew->committed = first + count - 1;
	else
		crew_fail(crew, first, crew_batch(crew, first)->transactions[0].relay_offset, diag);
	crew_note_executed(crew);
	if (crew_find_startable(crew))
		crew_wake_worker(crew);
	condition_signal(&crew->progress);
}

void crew_commit(struct crew *crew)
{
	size_t count;
	while (!crew->is_committing && (count = count_ready(crew)) > 0) {
		struct diag diag = DIAG_INIT;
		uint64_t first = crew->committed + 1;
		for (size_t i = 0; i < count; i++)
			crew_batch(crew, first + i)->state = BATCH_COMMITTING;
		crew->is_committing = true;
		if (crew_find_startable(crew)) /* on top of what is being committed */
			crew_wake_worker(crew);
		lock_release(&crew->lock);
		int status = commit_group(crew, first, count, &diag);
		if (status == 0)
			crew->plan.committed(crew->plan.argument, crew_batch(crew, first + count - 1));
		lock_take(&crew->lock);
		crew->is_committing = false;
		finish(crew, first, count, status, &diag);
	}
}
