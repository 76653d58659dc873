#include "applier/crew.h"

#include <stdio.h>
#include <string.h>

#include "applier/crew_internal.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { look_each_us = 100 * 1000, events_kept = 1024 * 1024, batches_per_worker = 3 };

/* ---------------------------------------------------------------------------------------------- create and destroy */

static void make_batches(struct crew *crew)
{
	crew->batch_count = (size_t)crew->plan.worker_count * batches_per_worker;
	crew->batches = memory_zalloc(crew->batch_count * sizeof *crew->batches);
	for (size_t i = 0; i < crew->batch_count; i++) {
		struct batch *batch = &crew->batches[i];
		batch->transactions = memory_zalloc(batch_transactions_max * sizeof *batch->transactions);
		batch->txns = memory_zalloc(batch_transactions_max * sizeof *batch->txns);
	}
}

static void free_batches(struct crew *crew)
{
	for (size_t i = 0; i < crew->batch_count; i++) {
		struct batch *batch = &crew->batches[i];
		for (size_t j = 0; j < batch_transactions_max; j++)
			txn_destroy(&batch->txns[j]);
		buf_deinit(&batch->events);
		buf_deinit(&batch->records);
		memory_free(batch->txns);
		memory_free(batch->transactions);
	}
	memory_free(crew->batches);
}

static int start_worker(struct crew *crew, struct worker *worker, struct diag *diag)
{
	struct session *session = session_create_internal(crew->plan.server);
	worker->crew = crew;
	worker->session = session;
	worker->own_txn = session->txn;
	worker->bases = memory_zalloc(crew->batch_count * sizeof *worker->bases);
	worker->apply = apply_create(session, crew->plan.run_query);
	if (thread_start(&worker->thread, "applier_worker", crew_run_worker, worker, diag) == 0)
		return 0;
	apply_destroy(&worker->apply);
	session_destroy(&worker->session);
	memory_free(worker->bases);
	return -1;
}

static void end_worker(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	memory_free(worker->bases);
	apply_destroy(&worker->apply);
	session_destroy(&worker->session);
}

struct crew *crew_create(const struct crew_plan *plan, struct diag *diag)
{
	struct crew *crew = memory_zalloc(sizeof *crew);
	crew->plan = *plan;
	applied_position_put_key(plan->channel, &crew->position_key);
	crew->workers = memory_zalloc(plan->worker_count * sizeof *crew->workers);
	atomic_store(&crew->failed, UINT64_MAX);
	lock_init(&crew->lock, "applier.crew", LOCK_RANK_APPLIER_CREW);
	condition_init(&crew->progress);
	make_batches(crew);
	int status = 0;
	for (unsigned i = 0; i < plan->worker_count && status == 0; i++) {
		status = start_worker(crew, &crew->workers[i], diag);
		lock_take(&crew->lock);
		crew->worker_count += status == 0;
		lock_release(&crew->lock);
	}
	if (status < 0)
		crew_destroy(&crew);
	return crew;
}

void crew_destroy(struct crew **crew_place)
{
	struct crew *crew = *crew_place;
	if (crew == NULL)
		return;
	lock_take(&crew->lock);
	crew->ends = true;
	while (crew->idle)
		crew_wake_worker(crew);
	lock_release(&crew->lock);
	for (unsigned i = 0; i < crew->worker_count; i++)
		end_worker(&crew->workers[i]);
	free_batches(crew);
	buf_deinit(&crew->position_key);
	memory_free(crew->workers);
	condition_deinit(&crew->progress);
	lock_deinit(&crew->lock);
	memory_free(crew);
	*crew_place = NULL;
}

/* --------------------------------------------------------------------------------------------------------- looking */

void crew_set_source(struct crew *crew, const struct event_format *format, const char *file)
{
	crew->format = *format;
	snprintf(crew->source_file, sizeof crew->source_file, "%s", file);
}

uint64_t crew_committed(struct crew *crew)
{
	return atomic_load(&crew->committed);
}

uint64_t crew_executed(struct crew *crew)
{
	return atomic_load(&crew->executed);
}

/* The coordinator's own: the batch behind the last one that was sent. */
static struct batch *next_batch(struct crew *crew)
{
	return crew_batch(crew, crew->sent + 1);
}

bool crew_is_idle(struct crew *crew)
{
	return crew->filling == NULL && atomic_load(&crew->committed) == crew->sent;
}

bool crew_has_failed(struct crew *crew)
{
	return atomic_load(&crew->failed) != UINT64_MAX;
}

void crew_get_workers(struct crew *crew, struct applier_worker *out)
{
	lock_take(&crew->lock);
	for (unsigned i = 0; i < crew->worker_count; i++) {
		const struct worker *worker = &crew->workers[i];
		out[i] = (struct applier_worker){.session_id = worker->session->id, .applied = worker->applied};
		if (worker->batch)
			out[i].applying =
				crew_describe(worker->batch, atomic_load_explicit(&worker->at, memory_order_relaxed));
	}
	lock_release(&crew->lock);
}

bool crew_is_killed(struct crew *crew)
{
	for (unsigned i = 0; i < crew->worker_count; i++)
		if (atomic_load(&crew->workers[i].session->kill) == SESSION_KILL_CONNECTION)
			return true;
	return false;
}

void crew_wake(struct crew *crew)
{
	lock_take(&crew->lock);
	condition_broadcast(&crew->progress);
	lock_release(&crew->lock);
}

/* --------------------------------------------------------------------------------------------------------- filling */

/* With the lock: until something moves, or it is time to look again. */
static void wait_for_progress(struct crew *crew)
{
	struct timespec deadline = clock_deadline(look_each_us);
	condition_wait_until(&crew->progress, &crew->lock, &deadline);
}

static bool has_room(struct crew *crew, size_t more_bytes)
{
	return next_batch(crew)->state == BATCH_FREE &&
	       (crew->committed == crew->sent || crew->pending_size + more_bytes <= crew->plan.pending_size_max);
}

static void begin_batch(struct crew *crew, struct batch *batch)
{
	batch->state = BATCH_FILLING;
	batch->number = crew->sent + 1;
	batch->wait_for = 0;
	batch->count = 0;
	if (batch->events.capacity > events_kept)
		buf_deinit(&batch->events);
	buf_clear(&batch->events);
	buf_clear(&batch->records);
	crew->filling = batch;
}

struct batch *crew_open_batch(struct crew *crew, size_t more_bytes, const atomic_bool *stopping)
{
	if (crew_has_failed(crew))
		return NULL;
	if (crew->filling)
		return crew->filling;
	lock_take(&crew->lock);
	while (!has_room(crew, more_bytes) && !crew_has_failed(crew) && !atomic_load(stopping))
		wait_for_progress(crew);
	if (has_room(crew, more_bytes) && !crew_has_failed(crew))
		begin_batch(crew, next_batch(crew));
	lock_release(&crew->lock);
	return crew->filling;
}

/* With the lock. */
static void send(struct crew *crew)
{
	struct batch *batch = crew->filling;
	crew->filling = NULL;
	if (batch == NULL)
		return;
	batch->state = batch->count ? BATCH_SENT : BATCH_FREE;
	if (batch->count == 0)
		return;
	crew->sent++;
	crew->pending_size += batch->events.size;
	if (batch->wait_for <= crew->executed)
		crew_wake_worker(crew);
}

void crew_send(struct crew *crew)
{
	lock_take(&crew->lock);
	send(crew);
	lock_release(&crew->lock);
}

/* -------------------------------------------------------------------------------------------------------- settling */

/* With the lock. One that is executed and will not be committed, or NULL. */
static struct batch *find_dropped(struct crew *crew)
{
	for (uint64_t number = atomic_load(&crew->failed); number <= crew->sent; number++) {
		struct batch *batch = crew_batch(crew, number);
		if (batch->state == BATCH_EXECUTED && batch->complete_count)
			return batch;
	}
	return NULL;
}

/* With the lock: is anybody at work, or has something to commit? */
static bool is_under_way(struct crew *crew)
{
	for (uint64_t number = crew->committed + 1; number <= crew->sent; number++) {
		enum batch_state state = crew_batch(crew, number)->state;
		if (number < atomic_load(&crew->failed) || state == BATCH_RUNNING || state == BATCH_COMMITTING)
			return true;
	}
	return false;
}

/* With the lock, released meanwhile: what will not be committed goes, and with it its locks. */
static void drop_failed(struct crew *crew)
{
	struct batch *batch;
	while (crew_has_failed(crew) && (batch = find_dropped(crew))) {
		lock_release(&crew->lock);
		crew_roll_back(batch);
		lock_take(&crew->lock);
	}
}

/* With the lock: all that is under way is settled, and none of it will be committed. */
static void forget_failed(struct crew *crew)
{
	for (uint64_t number = crew->committed + 1; number <= crew->sent + 1; number++) {
		crew_batch(crew, number)->state = BATCH_FREE;
		store_txn_unref(&crew_batch(crew, number)->written);
	}
	crew->filling = NULL;
	crew->pending_size = 0;
	crew->committed = crew->executed = crew->sent;
	atomic_store(&crew->failed, UINT64_MAX);
}

/* With the lock: the oldest that is not being committed, and what follows, will not be. */
static void give_up(struct crew *crew)
{
	struct diag none = DIAG_INIT;
	uint64_t number = crew->committed + 1;
	while (number <= crew->sent && crew_batch(crew, number)->state == BATCH_COMMITTING)
		number++;
	if (number <= crew->sent || crew->filling)
		crew_fail(crew, number, 0, &none);
	for (unsigned i = 0; i < crew->worker_count; i++) /* whoever commits may wait for a global read lock */
		atomic_store(&crew->workers[i].session->interrupted, true);
}

enum crew_outcome crew_settle(struct crew *crew, const atomic_bool *stopping, struct crew_report *out)
{
	lock_take(&crew->lock);
	if (!crew_has_failed(crew) && !atomic_load(stopping))
		send(crew);
	for (;;) {
		if (atomic_load(stopping))
			give_up(crew);
		drop_failed(crew);
		if (!is_under_way(crew))
			break;
		wait_for_progress(crew);
	}
	bool has_failed = crew_has_failed(crew);
	if (has_failed)
		forget_failed(crew);
	*out = crew->report;
	crew->report = (struct crew_report){0};
	for (unsigned i = 0; i < crew->worker_count; i++) {
		struct session *session = crew->workers[i].session;
		atomic_store(&session->interrupted, atomic_load(&session->kill) != SESSION_RUNNING);
	}
	lock_release(&crew->lock);
	return has_failed ? CREW_LOST : CREW_SETTLED;
}
