/*
 * Transactions that are held until they are whole, and given to the crew with what is known of them.
 *
 *   event -> apply_foresee: which keys? -> last event -> which batch must be executed before? -> into a batch
 *              |  cannot be told, too large                    |  nothing else is at hand: nothing to win
 *              +-----------------------> applier_apply_held <--+
 *
 * What was foreseen is true while the metadata locks are held, and so is `foreseen_since_us` not 0. From time to time, and
 * whenever there is nothing more to read, the crew is waited for and the locks go: DDL of clients has its turn.
 */
#include "applier/applier_internal.h"
#include "base/clock.h"

enum { foresight_us_max = 100 * 1000 };

bool applier_may_hold(const struct applier *applier, const struct apply_transaction *transaction)
{
	const struct relay_position *alone = &applier->alone_until, *here = &applier->front.relay;
	if (applier->crew == NULL || applier->settings->until == APPLIER_UNTIL_AFTER_GTIDS)
		return false;
	if (applier->group.retries || transaction->origin.original_commit_us == 0)
		return false;
	return here->file != alone->file || here->offset >= alone->offset;
}

static void begin_foresight(struct applier *applier)
{
	applier->foreseen_since_us = clock_monotonic_us();
	applier->crew_format = applier->reader.format;
	crew_set_source(applier->crew, &applier->crew_format, applier->position.file);
}

enum group_step applier_hold(struct applier *applier, const struct apply_transaction *transaction)
{
	struct held *held = &applier->held;
	if (applier->foreseen_since_us && clock_monotonic_us() - applier->foreseen_since_us > foresight_us_max &&
	    !applier_settle(applier))
		return GROUP_ON;
	held->transaction = *transaction;
	held->is_stale = false;
	apply_begin_foreseeing(applier->apply, transaction);
	buf_clear(&held->events);
	write_set_clear(&held->keys);
	applier->group.is_held = true;
	return GROUP_ON;
}

static enum apply_foresight foresee(struct applier *applier, const struct event *event)
{
	if (applier->foreseen_since_us == 0)
		begin_foresight(applier);
	return apply_foresee(applier->apply, event, &applier->held.keys);
}

/* The locks went while the rest of the transaction was waited for. */
static enum apply_foresight foresee_again(struct applier *applier)
{
	struct held *held = &applier->held;
	struct bytes events = buf_bytes(&held->events);
	held->is_stale = false;
	write_set_clear(&held->keys);
	while (events.size) {
		struct event event;
		struct diag ignored = DIAG_INIT;
		if (event_take(&events, &applier->reader.format, &event, &ignored) < 0 ||
		    foresee(applier, &event) != APPLY_FORESEEN)
			return APPLY_UNKNOWN;
	}
	return APPLY_FORESEEN;
}

/* ----------------------------------------------------------------------------------------------------- to the crew */

/* The batch that this transaction goes into: not one that could begin earlier without it. */
static struct batch *choose_batch(struct applier *applier, struct schedule_answer *out_answer)
{
	const struct held *held = &applier->held;
	struct crew *crew = applier->crew;
	struct batch *batch = crew_open_batch(crew, held->events.size, &applier->stopping);
	if (batch == NULL)
		return NULL;
	*out_answer = schedule_ask(&applier->schedule, held->keys.keys, held->keys.count, batch->number);
	uint64_t executed = crew_executed(crew);
	bool delays = batch->wait_for <= executed && out_answer->wait_for > executed;
	bool is_full = batch->count == batch_transactions_max || batch->events.size > batch_events_max;
	if (batch->count == 0 || (!delays && !is_full))
		return batch;
	crew_send(crew);
	batch = crew_open_batch(crew, held->events.size, &applier->stopping);
	if (batch)
		*out_answer = schedule_ask(&applier->schedule, held->keys.keys, held->keys.count, batch->number);
	return batch;
}

static void add_to_batch(struct applier *applier, struct batch *batch, const struct schedule_answer *answer)
{
	const struct held *held = &applier->held;
	struct batch_transaction *added = &batch->transactions[batch->count++];
	*added = (struct batch_transaction){
		.apply = held->transaction,
		.events_at = batch->events.size,
		.events_size = held->events.size,
		.record_at = batch->records.size,
		.relay_offset = applier->reader.offset,
		.has_gtid = held->transaction.origin.has_gtid,
		.is_dependent = answer->meets_own || answer->wait_for > crew_committed(applier->crew),
	};
	buf_put_bytes(&batch->events, buf_bytes(&held->events));
	applied_position_encode(&applier->position, &batch->records);
	added->record_size = batch->records.size - added->record_at;
	if (answer->wait_for > batch->wait_for)
		batch->wait_for = answer->wait_for;
	schedule_note(&applier->schedule, held->keys.keys, held->keys.count, batch->number,
		      crew_committed(applier->crew));
}

static bool is_only_one_at_hand(struct applier *applier)
{
	if (!crew_is_idle(applier->crew))
		return false;
	struct relay_position end = relay_log_end(applier->relay);
	return end.file == applier->relay_file && end.offset == applier->reader.offset;
}

static enum group_step give_to_crew(struct applier *applier)
{
	struct schedule_answer answer;
	struct batch *batch = choose_batch(applier, &answer);
	if (batch == NULL) {
		if (atomic_load(&applier->stopping))
			return GROUP_STOPPED;
		(void)applier_settle(applier); /* which goes back: something failed */
		return GROUP_ON;
	}
	add_to_batch(applier, batch, &answer);
	applier_come_to_rest(applier, false);
	batch->end = applier->front;
	if (applier_until_is_behind(applier) && applier_settle(applier))
		return GROUP_REACHED;
	return GROUP_ON;
}

enum group_step applier_hold_event(struct applier *applier, const struct event *event, bool is_last, struct diag *diag)
{
	struct held *held = &applier->held;
	enum apply_foresight foresight = held->is_stale ? foresee_again(applier) : APPLY_FORESEEN;
	buf_put_bytes(&held->events, event->raw);
	if (foresight == APPLY_FORESEEN)
		foresight = foresee(applier, event);
	if (foresight == APPLY_UNKNOWN || held->events.size > applier->pending_size_max)
		return applier_apply_held(applier, is_last, diag);
	if (!is_last)
		return GROUP_ON;
	return is_only_one_at_hand(applier) ? applier_apply_held(applier, true, diag) : give_to_crew(applier);
}
