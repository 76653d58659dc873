/*
 * One transaction at a time: is it to be applied at all, and where does that leave us.
 *
 * The position that commits with a transaction is the one behind its last event. Where nothing commits (ignored
 * transactions, rotations) it moves in memory, and is stored when the relay log is read up, or with the next commit.
 */
#include <string.h>
#include <strings.h>

#include "applier/applier_internal.h"
#include "base/log.h"
#include "session/variables.h"
#include "type/log_type.h"

/* ----------------------------------------------------------------------------------------------------- positions */

static void publish(struct applier *applier)
{
	lock_take(&applier->lock);
	applier->status.position = applier->rest.source;
	applier->status.relay = applier->rest.relay;
	lock_release(&applier->lock);
}

/* Between two transactions now, behind the last event that was read. */
static void come_to_rest(struct applier *applier, bool is_stored)
{
	applier->rest.source = applier->position;
	applier->rest.relay = (struct relay_position){applier->relay_file, applier->reader.offset};
	applier->rest_is_stored = is_stored;
	applier->group = (struct group){0};
	publish(applier);
	applier_tell(applier, false);
}

static int take_rotate(struct applier *applier, const struct event *event, struct diag *diag)
{
	struct event_rotate rotate;
	if (event_decode_rotate(event, &rotate, diag) < 0)
		return -1;
	bool is_new = !bytes_equal(rotate.file_name, bytes_of_string(applier->position.file));
	source_position_set(&applier->position, rotate.file_name, rotate.position);
	come_to_rest(applier, false);
	/* The source may purge the file we have left: nobody must ask for it again. */
	if (is_new)
		applier_rest(applier);
	return 0;
}

/* It counts when the transaction that it names is committed: until then the position is nobody's. */
static void note_mariadb_gtid(struct applier *applier, const struct event *event)
{
	struct event_mariadb_gtid gtid;
	struct diag ignored = DIAG_INIT;
	/* The receiver let in no more domains than a position has room for. */
	if (event_decode_mariadb_gtid(event, &gtid, &ignored) == 0)
		mariadb_position_put(&applier->position.gtids, &(struct mariadb_gtid){
			gtid.domain_id, gtid.server_id, gtid.sequence});
}

/* A description comes again wherever a stream or a relay file begins: it has a place in the source's file only at the
   file's head. */
static void note_position(struct applier *applier, const struct event *event)
{
	bool is_repeated = event->type == EVENT_FORMAT_DESCRIPTION && applier->position.offset > binlog_magic_size;
	if (event->log_pos && !is_repeated)
		applier->position.offset = source_position_widen(applier->position.offset, event->log_pos);
	if (event->type == EVENT_MARIADB_GTID)
		note_mariadb_gtid(applier, event);
}

static void make_record(struct applier *applier, struct bytes *out_key, struct bytes *out_value)
{
	buf_clear(&applier->key);
	buf_clear(&applier->value);
	applied_position_put_key(applier->settings->channel, &applier->key);
	applied_position_encode(&applier->position, &applier->value);
	*out_key = buf_bytes(&applier->key);
	*out_value = buf_bytes(&applier->value);
}

/* Behind the event that ends it. A GTID tells recovery that it was applied; without one, our log has to. */
static void give_position(struct applier *applier, bool has_gtid)
{
	struct bytes key, value;
	make_record(applier, &key, &value);
	apply_set_companion(applier->apply, key, value, has_gtid ? TXN_COMPANION_STORED : TXN_COMPANION_LOGGED);
}

/* ----------------------------------------------------------------------------------------------- what to do with it */

/* Waits here for SOURCE_DELAY. False when stopping. */
static bool wait_for_delay(struct applier *applier, int64_t committed_s)
{
	int64_t due_s = committed_s + applier->settings->delay_s;
	if (applier->settings->delay_s == 0 || committed_s == 0)
		return true;
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
	const struct relay_position *relay = &applier->rest.relay;
	bool is_in_set = settings->until_gtids && gtid->gtid.gno &&
			 gtid_set_contains(settings->until_gtids, &gtid->gtid);
	switch (settings->until) {
	case APPLIER_UNTIL_SOURCE_POSITION:
		return source_position_compare(&applier->rest.source, &settings->until_position) >= 0;
	case APPLIER_UNTIL_RELAY_POSITION:
		return relay->file > settings->until_relay.file ||
		       (relay->file == settings->until_relay.file && relay->offset >= settings->until_relay.offset);
	case APPLIER_UNTIL_BEFORE_GTIDS: return is_in_set;
	default: return false;
	}
}

static bool until_is_behind(struct applier *applier)
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

static enum apply_mode mode_of(const struct applier *applier)
{
	return global_number(applier->session->server, "slave_exec_mode") ? APPLY_IDEMPOTENT : APPLY_STRICT;
}

static int open_group(struct applier *applier, const struct event *event, const struct event_gtid *gtid,
		      struct diag *diag)
{
	struct group *group = &applier->group;
	struct apply_transaction transaction = {
		.source_file = applier->position.file,
		.mode = mode_of(applier),
		.is_mariadb = group->is_mariadb,
		.type_policy = apply_type_policy(applier->session),
		.filter = applier->settings->filter,
	};
	if (set_origin(applier, event, gtid, &transaction.origin, diag) < 0)
		return -1;
	switch (apply_begin(applier->apply, &transaction, diag)) {
	case APPLY_BEGUN:
		group->has_gtid = transaction.origin.has_gtid;
		return 0;
	case APPLY_EXECUTED:
		group->fate = GROUP_IGNORED;
		return 0;
	default:
		return -1;
	}
}

/* At the first event. */
static enum group_step begin_group(struct applier *applier, const struct event *event, struct diag *diag)
{
	struct group *group = &applier->group;
	struct event_gtid gtid = {0};
	if (event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID) {
		if (event_decode_gtid(event, &gtid, diag) < 0)
			return GROUP_FAILED;
	}
	if (until_is_reached(applier, &gtid) || until_is_behind(applier))
		return GROUP_REACHED;
	uint64_t retries = group->retries;
	*group = (struct group){.is_open = true, .retries = retries};
	group->is_mariadb = applier->reader.format.is_mariadb;
	int64_t committed_s = gtid.immediate_commit_us ? (int64_t)(gtid.immediate_commit_us / 1000000)
						       : (int64_t)event->timestamp;
	lock_take(&applier->lock);
	applier->status.event_timestamp = event->timestamp;
	applier->status.caught_up = false;
	lock_release(&applier->lock);
	if (!wait_for_delay(applier, committed_s))
		return GROUP_STOPPED;
	if (is_ignored(applier, event->server_id)) {
		group->fate = GROUP_IGNORED;
		return GROUP_ON;
	}
	if (skip_counter(applier))
		group->fate = GROUP_SKIPPED;
	return open_group(applier, event, &gtid, diag) < 0 ? GROUP_FAILED : GROUP_ON;
}

/* --------------------------------------------------------------------------------------------------- its events */

static enum group_step commit_skipped(struct applier *applier, struct diag *diag)
{
	set_skip_counter(applier, 0);
	give_position(applier, true);
	if (apply_commit_empty(applier->apply, diag) < 0)
		return GROUP_FAILED;
	come_to_rest(applier, false);
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
	give_position(applier, true);
	if (apply_commit_empty(applier->apply, diag) < 0)
		return GROUP_FAILED;
	come_to_rest(applier, false);
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
	give_position(applier, applier->group.has_gtid || !applier->logs_updates);
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
	come_to_rest(applier, logged_offset(applier) != before);
	if (until_is_behind(applier))
		return GROUP_REACHED;
	return GROUP_ON;
}

static enum group_step group_event(struct applier *applier, const struct event *event, bool is_last,
				   struct diag *diag)
{
	if (applier->group.fate == GROUP_SKIPPED)
		return skip_event(applier, is_last, diag);
	if (applier->group.fate == GROUP_IGNORED) {
		if (is_last)
			come_to_rest(applier, false);
		return GROUP_ON;
	}
	if (is_last)
		return apply_last(applier, event, diag);
	return apply_event(applier->apply, event, diag) == APPLY_ERROR ? GROUP_FAILED : GROUP_ON;
}

static enum group_step outside(struct applier *applier, const struct event *event, struct diag *diag)
{
	if (event->type == EVENT_ROTATE)
		return take_rotate(applier, event, diag) < 0 ? GROUP_FAILED : GROUP_ON;
	note_position(applier, event);
	come_to_rest(applier, false);
	return GROUP_ON;
}

enum group_step applier_take_event(struct applier *applier, const struct event *event, struct diag *diag)
{
	enum boundary_step step = boundary_feed(&applier->boundary, event, diag);
	if (step == BOUNDARY_CORRUPT)
		return GROUP_FAILED;
	if (applier->group.is_open && (step == BOUNDARY_BREAKS || step == BOUNDARY_BEGINS)) {
		apply_rollback(applier->apply);
		applier->group = (struct group){0};
	}
	if (step == BOUNDARY_NOTHING || step == BOUNDARY_BREAKS)
		return outside(applier, event, diag);
	if (!applier->group.is_open) {
		enum group_step begun = begin_group(applier, event, diag);
		if (begun != GROUP_ON)
			return begun;
	}
	note_position(applier, event);
	return group_event(applier, event, step == BOUNDARY_ENDS, diag);
}

int applier_step_back(struct applier *applier, struct diag *diag)
{
	apply_rollback(applier->apply);
	uint64_t retries = applier->group.retries;
	applier->group = (struct group){.retries = retries};
	applier->position = applier->rest.source;
	return applier_open_relay(applier, diag);
}
