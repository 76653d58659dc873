/*
 * One event on its way from the source into the relay log: checked, its place in the source's log noted, appended.
 *
 * Whole transactions are published; a large one in pieces. While more can be read at once, publishing waits: one
 * write for many.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "binlog/event_writer.h"
#include "receiver/receiver_internal.h"

enum { publish_size = 256 * 1024 };

static void set_file(char out[log_file_name_max + 1], struct bytes name)
{
	size_t size = name.size < log_file_name_max ? name.size : log_file_name_max;
	memcpy(out, name.data, size);
	out[size] = 0;
}

static void publish_position(struct receiver *receiver)
{
	lock_take(&receiver->lock);
	snprintf(receiver->status.file, sizeof receiver->status.file, "%s", receiver->file);
	receiver->status.position = receiver->position;
	lock_release(&receiver->lock);
	receiver_tell(receiver, false);
}

static enum receive_outcome corrupt(struct diag *diag)
{
	diag_add_context(diag, "receiving");
	return RECEIVE_FATAL;
}

/* -------------------------------------------------------------------------------------------------- positions */

static enum receive_outcome take_rotate(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	struct event_rotate rotate;
	if (event_decode_rotate(event, &rotate, diag) < 0)
		return corrupt(diag);
	set_file(receiver->file, rotate.file_name);
	receiver->position = rotate.position;
	return RECEIVE_OK;
}

static enum receive_outcome take_format(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	if (event_decode_format(event->raw, &receiver->format, diag) < 0)
		return corrupt(diag);
	relay_log_set_format(receiver->relay, event->raw, receiver->format.checksum);
	return RECEIVE_OK;
}

static enum receive_outcome note_position(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	if (event->type == EVENT_ROTATE)
		return take_rotate(receiver, event, diag);
	/* A stream that begins in the middle of a file begins with the file's description all the same. */
	bool is_repeated = event->type == EVENT_FORMAT_DESCRIPTION && receiver->position > binlog_magic_size;
	if (event->log_pos && !is_repeated)
		receiver->position = event_widen_position(receiver->position, event->log_pos);
	return event->type == EVENT_FORMAT_DESCRIPTION ? take_format(receiver, event, diag) : RECEIVE_OK;
}

static enum receive_outcome note_mysql_gtid(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	struct event_gtid gtid;
	if (event_decode_gtid(event, &gtid, diag) < 0)
		return corrupt(diag);
	if (receiver->settings->auto_position && gtid.gtid.gno == 0) {
		diag_set(diag, ER_CANT_REPLICATE_ANONYMOUS_WITH_AUTO_POSITION, receiver->file,
			 (long long)receiver->position);
		return RECEIVE_FATAL;
	}
	receiver->gtid = gtid.gtid;
	lock_take(&receiver->lock);
	receiver->status.queueing = (struct relay_transaction){
		.gtid = gtid.gtid,
		.original_us = gtid.original_commit_us,
		.immediate_us = gtid.immediate_commit_us,
		.begun_us = clock_wall_us(),
	};
	lock_release(&receiver->lock);
	return RECEIVE_OK;
}

static enum receive_outcome note_mariadb_gtid(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid(event, &gtid, diag) < 0)
		return corrupt(diag);
	/* Only this thread changes the position while it runs: it may look without the lock. */
	if (mariadb_position_find(&receiver->mariadb, gtid.domain_id) == NULL &&
	    receiver->mariadb.count == mariadb_domains_max) {
		diag_set(diag, ER_SLAVE_FATAL_ERROR, "The source has more GTID domains than this server can follow.");
		return RECEIVE_FATAL;
	}
	receiver->mariadb_gtid = (struct mariadb_gtid){gtid.domain_id, gtid.server_id, gtid.sequence};
	return RECEIVE_OK;
}

static enum receive_outcome note_gtid(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	switch (event->type) {
	case EVENT_GTID:
	case EVENT_ANONYMOUS_GTID: return note_mysql_gtid(receiver, event, diag);
	case EVENT_MARIADB_GTID: return note_mariadb_gtid(receiver, event, diag);
	default: return RECEIVE_OK;
	}
}

/* Between two transactions: from here on it may be asked for again. */
static void note_resting_place(struct receiver *receiver)
{
	relay_log_note_whole(receiver->relay);
	snprintf(receiver->resume_file, sizeof receiver->resume_file, "%s", receiver->file);
	receiver->resume_position = receiver->position;
	if (receiver->status.queueing.begun_us == 0 && receiver->mariadb_gtid.sequence == 0)
		return; /* a look without the lock: only this thread writes it while it runs */
	lock_take(&receiver->lock);
	if (receiver->status.queueing.begun_us) {
		receiver->status.queued = receiver->status.queueing;
		receiver->status.queued.ended_us = clock_wall_us();
		receiver->status.queueing = (struct relay_transaction){0};
	}
	if (receiver->gtid.gno)
		gtid_set_add(&receiver->retrieved, &receiver->gtid);
	if (receiver->mariadb_gtid.sequence)
		mariadb_position_put(&receiver->mariadb, &receiver->mariadb_gtid);
	lock_release(&receiver->lock);
	receiver->gtid.gno = 0;
	receiver->mariadb_gtid.sequence = 0;
}

/* --------------------------------------------------------------------------------------------------- the relay log */

static enum receive_outcome fail_writing(struct diag *diag)
{
	struct diag cause = *diag;
	diag_set(diag, ER_SLAVE_RELAY_LOG_WRITE_FAILURE, "could not queue event from master");
	diag_add_context(diag, "%s", cause.message);
	return RECEIVE_FATAL;
}

static bool is_full(const struct receiver *receiver)
{
	uint64_t limit = receiver->settings->relay_space_max;
	return limit && relay_log_space(receiver->relay) > limit;
}

/* The applier removes what it has left: so it gets a file to leave. */
static enum receive_outcome wait_for_space(struct receiver *receiver, struct diag *diag)
{
	if (!is_full(receiver))
		return RECEIVE_OK;
	receiver_show(receiver, RECEIVER_CONNECTED, "Waiting for the slave SQL thread to free enough relay log space");
	if (relay_log_rotate(receiver->relay, diag) < 0)
		return fail_writing(diag);
	if (!relay_log_wait_for_space(receiver->relay, receiver->settings->relay_space_max, &receiver->stopping))
		return RECEIVE_STOPPED;
	receiver_show(receiver, RECEIVER_CONNECTED, "Queueing master event to the relay log");
	return RECEIVE_OK;
}

/* The source sends on when there is room; meanwhile it may hang up, and what it sent comes again. */
static enum receive_outcome wait_for_room(struct receiver *receiver)
{
	enum { look_ms = 200 };
	bool has_room = false;
	while (!has_room) {
		struct timespec pause = {.tv_nsec = look_ms * 1000 * 1000};
		nanosleep(&pause, NULL);
		if (atomic_load(&receiver->stopping))
			return RECEIVE_STOPPED;
		has_room = relay_log_has_room(receiver->relay);
	}
	return RECEIVE_OK;
}

/* What has gathered goes into the relay log; a full disk is waited for. */
static enum receive_outcome write_gathered(struct receiver *receiver, struct diag *diag)
{
	bool has_waited = false;
	while (relay_log_publish(receiver->relay, diag) < 0) {
		if (!relay_log_lacks_room(receiver->relay))
			return fail_writing(diag);
		if (!has_waited)
			receiver_report(receiver, diag);
		has_waited = true;
		receiver_show(receiver, RECEIVER_CONNECTED, "Waiting for disk space");
		if (wait_for_room(receiver) == RECEIVE_STOPPED)
			return RECEIVE_STOPPED;
		diag_clear(diag);
	}
	if (has_waited) {
		receiver_clear_error(receiver);
		receiver_show(receiver, RECEIVER_CONNECTED, "Queueing master event to the relay log");
		log_note("receiver", "Slave I/O for channel '%s': the relay log has room again", receiver->settings->channel);
	}
	return RECEIVE_OK;
}

/* Before anything else is waited for: a commit on the source waits for us. */
static enum receive_outcome acknowledge(struct receiver *receiver, struct diag *diag)
{
	if (!receiver->is_asked)
		return RECEIVE_OK;
	receiver->is_asked = false;
	enum receive_outcome outcome = write_gathered(receiver, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	lock_take(&receiver->lock);
	receiver->status.acknowledgements++;
	lock_release(&receiver->lock);
	FAULT_STEP("receiver.acknowledge");
	return connection_acknowledge(receiver, diag);
}

static enum receive_outcome publish(struct receiver *receiver, struct diag *diag)
{
	enum receive_outcome outcome = write_gathered(receiver, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	publish_position(receiver);
	receiver->is_part_published = receiver->boundary.place != BOUNDARY_OUTSIDE;
	if (receiver->is_part_published)
		return RECEIVE_OK;
	if (relay_log_rest(receiver->relay, receiver->file, receiver->position, receiver->settings->relay_file_max,
			   diag) < 0)
		return fail_writing(diag);
	return wait_for_space(receiver, diag);
}

static void put_with_checksum(struct buf *out, const struct event *event)
{
	uint32_t size = event->size + event_checksum_size;
	buf_put_bytes(out, event->raw);
	bytes_store_uint(out->data + 9, size, 4);
	buf_put_u32(out, event_crc32(buf_bytes(out)));
}

/*
 * What comes in front of the source's description (ROTATE) has the checksums that were agreed on, the relay log those
 * of the description before it.
 */
static void append_bytes(struct receiver *receiver, const struct event *event)
{
	bool has = event->raw.size > event_header_size + event->body.size;
	bool wants = relay_log_checksum(receiver->relay) == EVENT_CHECKSUM_CRC32;
	struct buf copy = {0};
	if (has == wants || event->type == EVENT_FORMAT_DESCRIPTION) {
		relay_log_append(receiver->relay, event->raw);
		return;
	}
	if (wants)
		put_with_checksum(&copy, event);
	else
		event_put_without_checksum(&copy, event);
	relay_log_append(receiver->relay, buf_bytes(&copy));
	buf_deinit(&copy);
}

/* A relay log of little space is not overrun by what gathers for one write. */
static size_t gathered_max(const struct receiver *receiver)
{
	uint64_t limit = receiver->settings->relay_space_max / 4;
	return limit && limit < publish_size ? limit : publish_size;
}

static enum receive_outcome append(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	append_bytes(receiver, event);
	bool is_outside = receiver->boundary.place == BOUNDARY_OUTSIDE;
	if (is_outside)
		note_resting_place(receiver);
	enum receive_outcome outcome = acknowledge(receiver, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	bool is_due = is_outside && (receiver->is_part_published || !connection_has_more(receiver));
	if (!is_due && relay_log_gathered(receiver->relay) < gathered_max(receiver))
		return RECEIVE_OK;
	return publish(receiver, diag);
}

static enum receive_outcome queue(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	if (boundary_feed(&receiver->boundary, event, diag) == BOUNDARY_CORRUPT)
		return corrupt(diag);
	enum receive_outcome outcome = note_gtid(receiver, event, diag);
	if (outcome == RECEIVE_OK)
		outcome = note_position(receiver, event, diag);
	return outcome == RECEIVE_OK ? append(receiver, event, diag) : outcome;
}

/* ------------------------------------------------------------------------------------------------- heartbeats */

static void count_heartbeat(struct receiver *receiver)
{
	lock_take(&receiver->lock);
	receiver->status.heartbeats++;
	receiver->status.heartbeat_time_us = clock_wall_us();
	lock_release(&receiver->lock);
}

/* The applier stands there, too, once it has all before: a made-up ROTATE within the file tells it, as MySQL's does. */
static enum receive_outcome move_to(struct receiver *receiver, uint64_t position, struct diag *diag)
{
	struct buf rotate = {0};
	struct event event;
	struct event_format plain;
	struct event_writer writer = {.out = &rotate, .server_id = receiver->settings->server_id};
	event_put_rotate(&writer, bytes_of_string(receiver->file), position, EVENT_FLAG_ARTIFICIAL);
	event_format_init(&plain, EVENT_CHECKSUM_OFF);
	enum receive_outcome outcome = event_parse(buf_bytes(&rotate), &plain, &event, diag) < 0
					       ? corrupt(diag)
					       : queue(receiver, &event, diag);
	buf_deinit(&rotate);
	return outcome;
}

/* Nothing happened; or what did was left out for us, and that is how far the log is. */
static enum receive_outcome take_heartbeat(struct receiver *receiver, const struct event *event, struct diag *diag)
{
	struct event_heartbeat heartbeat;
	if (event_decode_heartbeat(event, &heartbeat, diag) < 0)
		return corrupt(diag);
	count_heartbeat(receiver);
	if (receiver->boundary.place != BOUNDARY_OUTSIDE || heartbeat.position == 0 ||
	    !bytes_equal(heartbeat.file_name, bytes_of_string(receiver->file)))
		return acknowledge(receiver, diag);
	uint64_t position = event->type == EVENT_HEARTBEAT_V2 ? heartbeat.position
							       : event_widen_position(receiver->position, event->log_pos);
	if (position > receiver->position)
		return move_to(receiver, position, diag);
	publish_position(receiver);
	return acknowledge(receiver, diag);
}

/* ---------------------------------------------------------------------------------------------- what came */

static enum receive_outcome check(struct receiver *receiver, struct bytes raw, struct event *out, struct diag *diag)
{
	if (event_parse(raw, &receiver->format, out, diag) < 0)
		return corrupt(diag);
	if (event_checksum_is_right(out))
		return RECEIVE_OK;
	diag_set(diag, ER_NETWORK_READ_EVENT_CHECKSUM_FAILURE);
	return RECEIVE_FATAL;
}

enum receive_outcome receiver_queue_event(struct receiver *receiver, struct bytes raw, struct diag *diag)
{
	struct event event;
	enum receive_outcome outcome = check(receiver, raw, &event, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	if (event.type == EVENT_HEARTBEAT || event.type == EVENT_HEARTBEAT_V2)
		return take_heartbeat(receiver, &event, diag);
	return queue(receiver, &event, diag);
}
