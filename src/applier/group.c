/*
 * One transaction after the other: is it to be applied at all, by whom, and when.
 *
 * Where the crew may take part a transaction is held until it is whole (hold.c). Everything else is applied here, in the
 * applier's own thread, when all before it is committed.
 */
#include <string.h>

#include "applier/applier_internal.h"
#include "base/clock.h"
#include "base/log.h"
#include "session/variables.h"

/* ----------------------------------------------------------------------------------------------- what to do with it */

/* SOURCE_DELAY: when the transaction may be applied; 0: now. */
static int64_t due_time(const struct applier *applier, const struct event *event, const struct event_gtid *gtid)
{
	int64_t committed_s = gtid->immediate_commit_us ? (int64_t)(gtid->immediate_commit_us / 1000000)
							: (int64_t)event->timestamp;
	int64_t due_s = committed_s + applier->settings->delay_s;
	return applier->settings->delay_s && committed_s && time(NULL) < due_s ? due_s : 0;
}

/* False when stopping. */
static bool wait_until(struct applier *applier, int64_t due_s)
{
	while (time(NULL) < due_s && !atomic_load(&applier->stopping)) {
		struct timespec slice = clock_deadline(1000 * 1000);
		lock_take(&applier->lock);
		applier->status.delayed_until_s = due_s;
		lock_release(&applier->lock);
		applier_show(applier, "Waiting until MASTER_DELAY seconds after master executed event");
		relay_log_wait(applier->relay, relay_log_end(applier->relay), &slice, &applier->stopping);
	}
	lock_take(&applier->lock);
	applier->status.delayed_until_s = 0;
	lock_release(&applier->lock);
	return !atomic_load(&applier->stopping);
}

static bool until_is_reached(struct applier *applier, const struct event_gtid *gtid)
{
	const struct applier_settings *settings = applier->settings;
	const struct relay_position *relay = &applier->front.relay;
	bool is_in_set = settings->until_gtids && gtid->gtid.gno &&
			 gtid_set_contains(settings->until_gtids, &gtid->gtid);
	switch (settings->until) {
	case APPLIER_UNTIL_SOURCE_POSITION:
		return source_position_compare(&applier->front.source, &settings->until_position) >= 0;
	case APPLIER_UNTIL_RELAY_POSITION:
		return relay->file > settings->until_relay.file ||
		       (relay->file == settings->until_relay.file && relay->offset >= settings->until_relay.offset);
	case APPLIER_UNTIL_BEFORE_GTIDS: return is_in_set;
	default: return false;
	}
}

bool applier_until_is_behind(struct applier *applier)
{
	struct gtid_set executed;
	bool is_behind = false;
	if (applier->settings->until != APPLIER_UNTIL_AFTER_GTIDS)
		return until_is_reached(applier, &(struct event_gtid){0});
	gtid_set_init(&executed);
	txn_manager_get_executed(applier->session->server->txn_manager, &executed);
	is_behind = gtid_set_is_subset(applier->settings->until_gtids, &executed);
	gtid_set_deinit(&executed);
	return is_behind;
}

static bool is_ignored(const struct applier *applier, uint32_t server_id)
{
	const struct applier_settings *settings = applier->settings;
	if (server_id == applier->server_id && !settings->replicates_same_server_id)
		return true;
	for (size_t i = 0; i < settings->ignored_count; i++)
		if (settings->ignored_server_ids[i] == server_id)
			return true;
	return false;
}

static uint64_t skip_counter(const struct applier *applier)
{
	return global_number(applier->session->server, "sql_slave_skip_counter");
}

static void set_skip_counter(struct applier *applier, uint64_t count)
{
	struct value value = value_uint(count);
	struct diag diag = DIAG_INIT;
	if (variable_set(applier->session, VARIABLE_GLOBAL, bytes_of_string("sql_slave_skip_counter"), &value, &diag) != 0)
		log_diag(LOG_WARNING, "applier", &diag);
}

/* What came without a GTID gets one where all have one (gtid_mode=ON), and stays without one elsewhere. */
static int set_origin(struct applier *applier, const struct event *event, const struct event_gtid *gtid,
		      struct txn_origin *out, struct diag *diag)
{
	enum txn_gtid_mode mode = txn_manager_gtid_mode(applier->session->server->txn_manager);
	if (gtid->gtid.gno && mode == TXN_GTID_OFF)
		return diag_set(diag, ER_CANT_REPLICATE_GTID_WITH_GTID_MODE_OFF, applier->position.file,
				(long long)applier->position.offset);
	*out = (struct txn_origin){
		.foreign = true,
		.server_id = event->server_id,
		.timestamp = event->timestamp,
		.original_commit_us = (int64_t)gtid->original_commit_us,
		.original_server_version = gtid->original_server_version,
		.anonymous = gtid->gtid.gno == 0,
		.has_gtid = gtid->gtid.gno != 0,
		.gtid = gtid->gtid,
	};
	if (out->anonymous && memcmp(applier->settings->assigned_sid, (uint8_t[uuid_size]){0}, uuid_size) != 0) {
		out->anonymous = false;
		memcpy(out->gtid.sid, applier->settings->assigned_sid, uuid_size);
	}
	if (out->original_commit_us == 0)
		out->original_commit_us = (int64_t)event->timestamp * 1000000;
	return 0;
}

/* In the applier's own session, all before it being committed. */
static int open_group(struct applier *applier, const struct apply_transaction *transaction, struct diag *diag)
{
	struct group *group = &applier->group;
	switch (apply_begin(applier->apply, transaction, diag)) {
	case APPLY_BEGUN:
		group->has_gtid = transaction->origin.has_gtid;
		return 0;
	case APPLY_EXECUTED:
		group->fate = GROUP_IGNORED;
		return 0;
	default:
		return -1;
	}
}

static enum group_step begin_applying(struct applier *applier, const struct event *event, const struct event_gtid *gtid,
				      struct diag *diag)
{
	struct group *group = &applier->group;
	struct apply_transaction transaction = {
		.immediate_us = gtid->immediate_commit_us,
		.source_file = applier->position.file,
		.mode = applier->mode,
		.is_mariadb = applier->reader.format.is_mariadb,
		.type_policy = applier->type_policy,
		.filter = applier->settings->filter,
	};
	if (set_origin(applier, event, gtid, &transaction.origin, diag) < 0)
		return GROUP_FAILED;
	if (applier->skips && skip_counter(applier))
		group->fate = GROUP_SKIPPED;
	if (group->fate == GROUP_APPLIED && applier_may_hold(applier, &transaction))
		return applier_hold(applier, &transaction);
	if (!applier_settle(applier))
		return GROUP_ON;
	return open_group(applier, &transaction, diag) < 0 ? GROUP_FAILED : GROUP_ON;
}

/* What the status tells of the transaction that is under way: of the one the crew commits, while it is at work. */
static void show_begun(struct applier *applier, const struct event *event, const struct event_gtid *gtid)
{
	bool is_alone = applier->crew == NULL || crew_is_idle(applier->crew);
	lock_take(&applier->lock);
	struct applier_status *status = &applier->status;
	status->processing = (struct relay_transaction){
		.gtid = gtid->gtid,
		.original_us = gtid->original_commit_us,
		.immediate_us = gtid->immediate_commit_us,
		.begun_us = clock_wall_us(),
	};
	if (is_alone) {
		status->event_timestamp = event->timestamp;
		status->caught_up = false;
	}
	lock_release(&applier->lock);
}

/* At the first event. */
static enum group_step begin_group(struct applier *applier, const struct event *event, struct diag *diag)
{
	struct event_gtid gtid = {0};
	if ((event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID) &&
	    event_decode_gtid(event, &gtid, diag) < 0)
		return GROUP_FAILED;
	if (until_is_reached(applier, &gtid) || applier_until_is_behind(applier))
		return applier_settle(applier) ? GROUP_REACHED : GROUP_ON;
	show_begun(applier, event, &gtid);
	int64_t due_s = due_time(applier, event, &gtid);
	if (due_s && !applier_settle(applier))
		return GROUP_ON;
	if (due_s && !wait_until(applier, due_s))
		return GROUP_STOPPED;
	applier->group = (struct group){.is_open = true, .retries = applier->group.retries};
	if (is_ignored(applier, event->server_id)) {
		applier->group.fate = GROUP_IGNORED;
		return GROUP_ON;
	}
	return begin_applying(applier, event, &gtid, diag);
}

/* --------------------------------------------------------------------------------------------------- its events */

static enum group_step commit_skipped(struct applier *applier, struct diag *diag)
{
	set_skip_counter(applier, 0);
	applier_give_position(applier, true);
	if (apply_commit_empty(applier->apply, diag) < 0)
		return GROUP_FAILED;
	applier_come_to_rest(applier, false);
	return GROUP_ON;
}

/* As MySQL counts: events, but never into the middle of a transaction. */
static enum group_step skip_event(struct applier *applier, bool is_last, struct diag *diag)
{
	uint64_t left = skip_counter(applier);
	if (left > 1)
		set_skip_counter(applier, --left);
	if (!is_last)
		return GROUP_ON;
	if (left <= 1)
		return commit_skipped(applier, diag);
	applier_give_position(applier, true);
	if (apply_commit_empty(applier->apply, diag) < 0)
		return GROUP_FAILED;
	applier_come_to_rest(applier, false);
	return GROUP_ON;
}

/* Where our log ended with this session's last logged commit: it moves with each. */
static uint64_t logged_offset(const struct applier *applier)
{
	const char *file;
	uint64_t offset;
	txn_last_position(applier->session->txn, &file, &offset);
	return offset;
}

static enum group_step apply_last(struct applier *applier, const struct event *event, struct diag *diag)
{
	uint64_t before = logged_offset(applier);
	applier_give_position(applier, applier->group.has_gtid || !applier->logs_updates);
	switch (apply_event(applier->apply, event, diag)) {
	case APPLY_COMMITTED:
		break;
	case APPLY_OPEN:
		diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT,
				 "Corrupted replication event was detected: a transaction's end that ends nothing");
		return GROUP_FAILED;
	default:
		return GROUP_FAILED;
	}
	applier_come_to_rest(applier, logged_offset(applier) != before);
	if (applier_until_is_behind(applier))
		return GROUP_REACHED;
	return GROUP_ON;
}

/* One of a transaction's events, in the applier's own session. */
static enum group_step apply_one(struct applier *applier, const struct event *event, bool is_last, struct diag *diag)
{
	if (applier->group.fate == GROUP_SKIPPED)
		return skip_event(applier, is_last, diag);
	if (applier->group.fate == GROUP_IGNORED) {
		if (is_last)
			applier_come_to_rest(applier, false);
		return GROUP_ON;
	}
	if (is_last)
		return apply_last(applier, event, diag);
	return apply_event(applier->apply, event, diag) == APPLY_ERROR ? GROUP_FAILED : GROUP_ON;
}

enum group_step applier_apply_held(struct applier *applier, bool is_whole, struct diag *diag)
{
	struct held *held = &applier->held;
	struct bytes events = buf_bytes(&held->events);
	if (!applier_settle(applier))
		return GROUP_ON;
	applier->group.is_held = false;
	enum group_step step = open_group(applier, &held->transaction, diag) < 0 ? GROUP_FAILED : GROUP_ON;
	while (events.size && step == GROUP_ON) {
		struct event event;
		if (event_take(&events, &applier->reader.format, &event, diag) < 0)
			return GROUP_FAILED;
		step = apply_one(applier, &event, is_whole && events.size == 0, diag);
	}
	return step;
}

/* Between transactions. A new format, or another file, is for nothing that is under way. */
static enum group_step outside(struct applier *applier, const struct event *event, struct diag *diag)
{
	bool changes = event->type == EVENT_ROTATE || event->type == EVENT_FORMAT_DESCRIPTION;
	if (changes && !applier_settle(applier))
		return GROUP_ON;
	if (event->type == EVENT_ROTATE)
		return applier_take_rotate(applier, event, diag) < 0 ? GROUP_FAILED : GROUP_ON;
	applier_note_position(applier, event);
	applier_come_to_rest(applier, false);
	return GROUP_ON;
}

enum group_step applier_take_event(struct applier *applier, const struct event *event, struct diag *diag)
{
	enum boundary_step step = boundary_feed(&applier->boundary, event, diag);
	if (step == BOUNDARY_CORRUPT)
		return GROUP_FAILED;
	if (applier->group.is_open && (step == BOUNDARY_BREAKS || step == BOUNDARY_BEGINS)) {
		if (!applier->group.is_held)
			apply_rollback(applier->apply);
		applier->group = (struct group){0};
	}
	if (step == BOUNDARY_NOTHING || step == BOUNDARY_BREAKS)
		return outside(applier, event, diag);
	if (!applier->group.is_open) {
		enum group_step begun = begin_group(applier, event, diag);
		if (begun != GROUP_ON || !applier->group.is_open) /* or it went back */
			return begun;
	}
	applier_note_position(applier, event);
	bool is_last = step == BOUNDARY_ENDS;
	return applier->group.is_held ? applier_hold_event(applier, event, is_last, diag)
				      : apply_one(applier, event, is_last, diag);
}
