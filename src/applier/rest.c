/*
 * Where the applier stands: in front (what was read) and at rest (what is committed, and where a run begins again).
 *
 * The position that commits with a transaction is the one behind its last event. Where nothing commits (ignored
 * transactions, rotations) it moves in memory, and is stored when the relay log is read up, or with the next commit.
 * Without a crew under way both are one place.
 */
#include <string.h>

#include "applier/applier_internal.h"
#include "base/clock.h"
#include "base/log.h"

/* ----------------------------------------------------------------------------------------------------- positions */

static void publish(struct applier *applier, const struct resting_place *place)
{
	lock_take(&applier->lock);
	applier->status.position = place->source;
	applier->status.relay = place->relay;
	lock_release(&applier->lock);
}

/* The applier's own thread is done with a transaction. */
static void show_ended(struct applier *applier)
{
	struct applier_status *status = &applier->status;
	lock_take(&applier->lock);
	if (status->processing.begun_us) {
		status->processed = status->processing;
		status->processed.ended_us = clock_wall_us();
		status->processing = (struct relay_transaction){0};
		if (status->processed_retries.count || status->processing_retries.count)
			status->processed_retries = status->processing_retries;
		if (status->processing_retries.count)
			status->processing_retries = (struct applier_retries){0};
	}
	lock_release(&applier->lock);
}

void applier_note_commit(void *argument, const struct batch *last)
{
	struct applier *applier = argument;
	lock_take(&applier->lock);
	applier->status.position = last->end.source;
	applier->status.relay = last->end.relay;
	applier->status.event_timestamp = last->transactions[last->count - 1].apply.origin.timestamp;
	applier->status.caught_up = false;
	lock_release(&applier->lock);
}

void applier_come_to_rest(struct applier *applier, bool is_stored)
{
	applier->front.source = applier->position;
	applier->front.relay = (struct relay_position){applier->relay_file, applier->reader.offset};
	applier->group = (struct group){0};
	show_ended(applier);
	if (applier->crew == NULL || crew_is_idle(applier->crew)) {
		applier->rest = applier->front;
		applier->rest_is_stored = is_stored;
		publish(applier, &applier->rest);
	}
	applier_tell(applier, false);
}

int applier_take_rotate(struct applier *applier, const struct event *event, struct diag *diag)
{
	struct event_rotate rotate;
	if (event_decode_rotate(event, &rotate, diag) < 0)
		return -1;
	bool is_new = !bytes_equal(rotate.file_name, bytes_of_string(applier->position.file));
	source_position_set(&applier->position, rotate.file_name, rotate.position);
	applier_come_to_rest(applier, false);
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
		mariadb_position_put(&applier->position.gtids,
				     &(struct mariadb_gtid){gtid.domain_id, gtid.server_id, gtid.sequence});
}

/* A description comes again wherever a stream or a relay file begins: it has a place in the source's file only at the
   file's head. */
void applier_note_position(struct applier *applier, const struct event *event)
{
	bool is_repeated = event->type == EVENT_FORMAT_DESCRIPTION && applier->position.offset > binlog_magic_size;
	if (event->log_pos && !is_repeated)
		applier->position.offset = event_widen_position(applier->position.offset, event->log_pos);
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
void applier_give_position(struct applier *applier, bool has_gtid)
{
	struct bytes key, value;
	make_record(applier, &key, &value);
	apply_set_companion(applier->apply, key, value, has_gtid ? TXN_COMPANION_STORED : TXN_COMPANION_LOGGED);
}

/* ------------------------------------------------------------------------------------------------------- the crew */

/* The last commit of the crew is where it stands; what was read behind it, and is none of the crew's, only moved. */
static void take_report(struct applier *applier, enum crew_outcome outcome, const struct crew_report *report)
{
	struct resting_place *rest = &applier->rest;
	if (report->has_moved) {
		*rest = report->end;
		applier->rest_is_stored = report->is_stored;
	}
	if (outcome != CREW_SETTLED)
		return;
	if (source_position_compare(&rest->source, &applier->front.source) != 0)
		applier->rest_is_stored = false;
	*rest = applier->front;
}

/* The transaction that failed, and those before it that went with it, are tried again one by one. */
static void go_back(struct applier *applier, const struct crew_report *report)
{
	struct diag diag = DIAG_INIT;
	applier->alone_until = (struct relay_position){applier->relay_file, report->failed_relay_offset};
	applier->reader.format = applier->crew_format;
	applier->group = (struct group){0};
	if (applier_step_back(applier, &diag) < 0)
		log_diag(LOG_ERROR, "applier", &diag); /* the file is open: reading goes on, and fails */
}

bool applier_settle(struct applier *applier)
{
	struct crew_report report;
	if (applier->foreseen_since_us == 0)
		return true;
	enum crew_outcome outcome = crew_settle(applier->crew, &applier->stopping, &report);
	schedule_clear(&applier->schedule);
	apply_forget_foreseen(applier->apply);
	applier->foreseen_since_us = 0;
	applier->held.is_stale = true;
	if (crew_is_killed(applier->crew))
		atomic_store(&applier->stopping, true);
	take_report(applier, outcome, &report);
	publish(applier, &applier->rest);
	if (outcome == CREW_LOST)
		go_back(applier, &report);
	applier_read_settings(applier);
	return outcome == CREW_SETTLED;
}

int applier_step_back(struct applier *applier, struct diag *diag)
{
	apply_rollback(applier->apply);
	applier->group = (struct group){.retries = applier->group.retries};
	applier->front = applier->rest;
	applier->position = applier->rest.source;
	if (applier->rest.relay.file != applier->relay_file || applier->reader.fd < 0)
		return applier_open_relay(applier, diag);
	applier->reader.offset = applier->rest.relay.offset;
	applier->boundary.place = BOUNDARY_OUTSIDE;
	return 0;
}
