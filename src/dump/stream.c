/*
 * The stream to a replica: packets of one event each, a zero byte in front.
 *
 *   ROTATE (artificial: which file, from where)
 *   FORMAT_DESCRIPTION (as the replica wants it: with or without checksums)
 *   events up to the durable end, as they stand in the file; past its end the same again with the next file
 *   at the end: wait; a HEARTBEAT each period without an event
 *
 * For a semi-synchronous replica each event has two bytes in front (acknowledge.c).
 *
 * Checksums are cut off for a replica that did not declare that it knows them. Events that are made up here carry one
 * if the replica expects it: at first by its wish, behind a description by what that said.
 *
 * With GTIDs, transactions that the replica has are left out; where the log's end is then, a heartbeat tells.
 */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "dump/dump_internal.h"
#include "session/variables.h"

enum { unheard_max = 64 }; /* events sent between two looks for acknowledgements */

static const char state_waiting[] = "Master has sent all binlog to slave; waiting for more updates";
static const char state_sending[] = "Sending binlog event to slave";
static const char state_switching[] = "Finished reading one binlog; switching to next binlog";

int dump_fail(struct diag *diag, const char *text)
{
	return diag_set_message(diag, ER_MASTER_FATAL_ERROR_READING_BINLOG, "%s", text);
}

static int send_event(struct dump *dump, struct bytes event, struct diag *diag)
{
	FAULT_STEP("dump.send");
	struct buf *out = wire_begin_packet(dump->wire);
	buf_put_u8(out, 0);
	if (dump->acknowledges)
		dump_put_semi_sync(dump, out);
	buf_put_bytes(out, event);
	if (wire_finish_packet(dump->wire, diag) < 0)
		return -1;
	return dump->asks ? dump_finish_question(dump, diag) : 0;
}

/* ----------------------------------------------------------------------------------- events that no file holds */

static struct event_writer made_up(struct dump *dump, bool with_checksum)
{
	buf_clear(&dump->scratch);
	return (struct event_writer){
		.out = &dump->scratch,
		.server_id = (uint32_t)global_number(dump->session->server, "server_id"),
		.has_checksum = with_checksum,
	};
}

/* Completes and sends the one event in scratch, which says that it ends at log_pos. */
static int send_made_up(struct dump *dump, uint32_t log_pos, bool with_checksum, struct diag *diag)
{
	uint8_t *event = dump->scratch.data;
	size_t size = dump->scratch.size;
	bytes_store_uint(event, 0, 4);
	bytes_store_uint(event + 13, log_pos, 4);
	if (with_checksum)
		bytes_store_uint(event + size - event_checksum_size,
				 event_crc32(bytes_of(event, size - event_checksum_size)), event_checksum_size);
	return send_event(dump, buf_bytes(&dump->scratch), diag);
}

static bool sends_checksums(const struct dump *dump)
{
	return dump->wants_checksums && dump->reader.format.checksum == EVENT_CHECKSUM_CRC32;
}

static int send_rotate(struct dump *dump, uint32_t file, uint64_t position, bool with_checksum, struct diag *diag)
{
	char name[log_file_name_max + 1];
	binlog_file_name(dump->binlog, file, name);
	struct event_writer writer = made_up(dump, with_checksum);
	event_put_rotate(&writer, bytes_of_string(name), position, EVENT_FLAG_ARTIFICIAL);
	return send_made_up(dump, 0, with_checksum, diag);
}

static int send_heartbeat(struct dump *dump, struct diag *diag)
{
	char name[log_file_name_max + 1];
	binlog_file_name(dump->binlog, dump->file, name);
	bool with_checksum = sends_checksums(dump);
	struct event_writer writer = made_up(dump, with_checksum);
	struct event_heartbeat heartbeat = {.file_name = bytes_of_string(name), .position = dump->reader.offset};
	event_put_heartbeat(&writer, &heartbeat, dump->request->knows_heartbeat_v2 ? 2 : 1);
	if (send_made_up(dump, (uint32_t)dump->reader.offset, with_checksum, diag) < 0)
		return -1;
	return wire_flush(dump->wire, diag);
}

static int send_eof(struct dump *dump, struct diag *diag)
{
	struct buf *out = wire_begin_packet(dump->wire);
	buf_put_u8(out, 0xfe);
	buf_put_u32(out, 0);
	if (wire_finish_packet(dump->wire, diag) < 0)
		return -1;
	return wire_flush(dump->wire, diag);
}

/* ---------------------------------------------------------------------------------------------- events of a file */

static int fail_reading(struct dump *dump, enum reader_outcome outcome, struct diag *diag)
{
	const char *what = outcome == READER_TRUNCATED ? "binlog truncated in the middle of event; consider out of disk "
							 "space on master"
			   : outcome == READER_CORRUPT && diag->code == ER_BINLOG_READ_EVENT_CHECKSUM_FAILURE
				   ? "event read from binlog did not pass crc check"
			   : outcome == READER_CORRUPT ? "bogus data in log event"
						       : "could not read the binary log";
	char name[log_file_name_max + 1], text[diag_message_size];
	log_diag(LOG_ERROR, "dump", diag);
	binlog_file_name(dump->binlog, dump->file, name);
	snprintf(text, sizeof text, "%s; the last event was read from '%.200s' at %llu", what, name,
		 (unsigned long long)dump->reader.offset);
	diag_clear(diag);
	return dump_fail(diag, text);
}

static int send_description(struct dump *dump, const struct event *event, bool in_middle, struct diag *diag)
{
	buf_clear(&dump->scratch);
	event_put_format_for_replica(&dump->scratch, event,
				     sends_checksums(dump) ? EVENT_CHECKSUM_CRC32 : EVENT_CHECKSUM_OFF, in_middle);
	return send_event(dump, buf_bytes(&dump->scratch), diag);
}

/* Does the replica have the transaction that begins here? Decided at its GTID, good until the next one. */
static int judge_gtid(struct dump *dump, const struct event *event, struct diag *diag)
{
	struct event_gtid gtid;
	if (event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID) {
		if (event_decode_gtid(event, &gtid, diag) < 0)
			return -1;
		dump->skipping = gtid.gtid.gno && gtid_set_contains(&dump->request->has, &gtid.gtid);
	} else if (event->type == EVENT_ROTATE || event->type == EVENT_STOP ||
		   event->type == EVENT_FORMAT_DESCRIPTION) {
		dump->skipping = false;
	}
	return 0;
}

static bool speaks_of_gtids(const struct event *event)
{
	return event->type == EVENT_PREVIOUS_GTIDS || event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID;
}

static struct binlog_position here(const struct dump *dump)
{
	return (struct binlog_position){dump->file, dump->reader.offset};
}

static int send_from_file(struct dump *dump, const struct event *event, struct diag *diag)
{
	if (event->type == EVENT_FORMAT_DESCRIPTION)
		return send_description(dump, event, false, diag);
	if (dump->request->by_gtid && judge_gtid(dump, event, diag) < 0)
		return fail_reading(dump, READER_CORRUPT, diag);
	dump->left_out = dump->skipping;
	if (dump->skipping)
		return 0;
	if (dump->reader.offset == dump->reader.limit)
		dump_decide_question(dump, here(dump));
	bool is_as_logged = sends_checksums(dump) || dump->reader.format.checksum != EVENT_CHECKSUM_CRC32;
	bool is_hidden = dump->hides_gtids && speaks_of_gtids(event);
	bool is_changed = dump->request->is_mariadb && event->type == EVENT_QUERY;
	if (is_as_logged && !is_changed && !is_hidden)
		return send_event(dump, event->raw, diag);
	buf_clear(&dump->scratch);
	if (is_as_logged)
		buf_put_bytes(&dump->scratch, event->raw);
	else
		event_put_without_checksum(&dump->scratch, event);
	if (is_changed)
		event_query_suit_mariadb(dump->scratch.data, dump->scratch.size, sends_checksums(dump));
	if (is_hidden)
		event_make_ignorable(dump->scratch.data, dump->scratch.size, sends_checksums(dump));
	return send_event(dump, buf_bytes(&dump->scratch), diag);
}

/* ------------------------------------------------------------------------------------------------ from file to file */

static uint64_t limit_of(struct dump *dump, struct binlog_position end)
{
	return end.file == dump->file ? end.offset : UINT64_MAX;
}

static int open_file(struct dump *dump, struct diag *diag)
{
	char *path = binlog_file_path(dump->binlog, dump->file);
	enum reader_outcome outcome = log_reader_open(&dump->reader, path, 0,
						      limit_of(dump, binlog_get_end(dump->binlog)), diag);
	memory_free(path);
	/* The replica checks them anyhow. */
	dump->reader.verify_checksum = global_number(dump->session->server, "source_verify_checksum");
	return outcome == READER_EVENT ? 0 : fail_reading(dump, outcome, diag);
}

static int check_position(struct dump *dump, uint64_t position, struct diag *diag)
{
	struct binlog_position end = binlog_get_end(dump->binlog);
	uint64_t size = end.offset;
	struct stat status;
	if (end.file != dump->file)
		size = fstat(dump->reader.fd, &status) == 0 ? (uint64_t)status.st_size : 0;
	if (position > size)
		return dump_fail(diag, "Client requested master to start replication from position > file size");
	return 0;
}

/* The first file: its description even if the replica begins behind it. */
static int begin(struct dump *dump, uint64_t position, struct diag *diag)
{
	struct event event;
	if (open_file(dump, diag) < 0 || check_position(dump, position, diag) < 0 ||
	    send_rotate(dump, dump->file, position, dump->wants_checksums, diag) < 0)
		return -1;
	if (position == binlog_magic_size)
		return 0;
	enum reader_outcome outcome = log_reader_next(&dump->reader, &event, diag);
	if (outcome != READER_EVENT)
		return fail_reading(dump, outcome, diag);
	if (send_description(dump, &event, true, diag) < 0)
		return -1;
	dump->reader.offset = position;
	return 0;
}

static int switch_file(struct dump *dump, uint32_t next, struct diag *diag)
{
	session_set_state(dump->session, state_switching);
	dump->is_waiting = false;
	bool with_checksum = sends_checksums(dump);
	log_reader_close(&dump->reader);
	if (binlog_reader_move(dump->binlog, &dump->registration, next, diag) < 0)
		return -1;
	dump->file = next;
	if (send_rotate(dump, next, binlog_magic_size, with_checksum, diag) < 0)
		return -1;
	return open_file(dump, diag);
}

/* ---------------------------------------------------------------------------------------------------- the loop */

enum step { STEP_ON, STEP_DONE, STEP_FAILED };

static void show(struct dump *dump, bool is_waiting)
{
	if (dump->is_waiting == is_waiting && dump->session->state[0])
		return;
	dump->is_waiting = is_waiting;
	session_set_state(dump->session, is_waiting ? state_waiting : state_sending);
}

/* What became of the log while we looked elsewhere: STEP_ON, more of it to send. */
static bool has_moved(struct dump *dump, enum step *out_step, struct diag *diag)
{
	struct binlog_position end;
	*out_step = STEP_DONE;
	switch (binlog_look(dump->binlog, &dump->registration, here(dump), &dump->cancelled, &end)) {
	case BINLOG_WAIT_MOVED:
		log_reader_set_limit(&dump->reader, limit_of(dump, end));
		*out_step = STEP_ON;
		return true;
	case BINLOG_WAIT_LOST:
		dump_fail(diag, "could not find next log");
		*out_step = STEP_FAILED;
		return true;
	case BINLOG_WAIT_CANCELLED:
		return true;
	case BINLOG_WAIT_TIMEOUT:
		break;
	}
	return false;
}

/* A replica that has all would never hear where the log ends, and stand at the place where we began to look. */
static int tell_end(struct dump *dump, struct diag *diag)
{
	if (!dump->left_out)
		return 0;
	dump->left_out = false;
	return dump_owes_question(dump, here(dump)) ? 0 : send_heartbeat(dump, diag); /* the question is a heartbeat, too */
}

static int ask_at_end(struct dump *dump, struct diag *diag)
{
	dump_decide_question(dump, here(dump));
	return dump->asks ? send_heartbeat(dump, diag) : 0;
}

static int left_ms(int64_t deadline_us)
{
	int64_t left_us = deadline_us - clock_monotonic_us();
	if (deadline_us == 0)
		return -1;
	return left_us <= 0 ? 0 : left_us > 3600ll * 1000000 ? 3600 * 1000 : (int)(left_us / 1000) + 1;
}

/* The log moved, the replica spoke, or nothing happened for as long as the replica wants to hear of us. */
static enum step sleep_for_more(struct dump *dump, struct diag *diag)
{
	int64_t deadline_us = dump->heartbeat_us ? clock_monotonic_us() + dump->heartbeat_us : 0;
	enum step outcome;
	for (;;) {
		binlog_arm(&dump->watcher);
		if (has_moved(dump, &outcome, diag))
			return outcome;
		if (dump_owes_question(dump, here(dump)) && ask_at_end(dump, diag) < 0)
			return STEP_DONE;
		if (wire_wait_for_peer(dump->wire, dump->watcher.fd, left_ms(deadline_us)) && !dump_hear(dump))
			return STEP_DONE;
		if (deadline_us == 0 || clock_monotonic_us() < deadline_us)
			continue;
		return send_heartbeat(dump, diag) < 0 ? STEP_DONE : STEP_ON;
	}
}

static enum step wait_for_more(struct dump *dump, struct diag *diag)
{
	if (tell_end(dump, diag) < 0 || wire_flush(dump->wire, diag) < 0)
		return STEP_DONE;
	show(dump, true);
	enum step outcome = sleep_for_more(dump, diag);
	binlog_disarm(&dump->watcher);
	return outcome;
}

static enum step at_end(struct dump *dump, struct diag *diag)
{
	struct binlog_position end = binlog_get_end(dump->binlog);
	if (dump->acknowledges && !dump_hear(dump))
		return STEP_DONE;
	if (end.file == dump->file && end.offset > dump->reader.offset) {
		log_reader_set_limit(&dump->reader, end.offset);
		return STEP_ON;
	}
	if (end.file != dump->file && dump->reader.limit != UINT64_MAX) {
		log_reader_set_limit(&dump->reader, UINT64_MAX); /* the rest of it, since it was left */
		return STEP_ON;
	}
	uint32_t next = end.file == dump->file ? 0 : binlog_next_file(dump->binlog, dump->file);
	if (next)
		return switch_file(dump, next, diag) < 0 ? STEP_FAILED : STEP_ON;
	if (!dump->request->non_blocking)
		return wait_for_more(dump, diag);
	send_eof(dump, diag);
	return STEP_DONE;
}

static enum step step(struct dump *dump, struct diag *diag)
{
	struct event event;
	if (atomic_load(&dump->cancelled) || dump->session->kill != SESSION_RUNNING)
		return STEP_DONE;
	enum reader_outcome outcome = log_reader_next(&dump->reader, &event, diag);
	if (outcome == READER_END)
		return at_end(dump, diag);
	if (outcome != READER_EVENT) {
		fail_reading(dump, outcome, diag);
		return STEP_FAILED;
	}
	show(dump, false);
	if (send_from_file(dump, &event, diag) < 0)
		return STEP_FAILED;
	if (dump->acknowledges && ++dump->unheard >= unheard_max && !dump_hear(dump))
		return STEP_DONE;
	return STEP_ON;
}

static int run(struct dump *dump, uint64_t position, struct diag *diag)
{
	if (begin(dump, position, diag) < 0)
		return -1;
	enum step outcome;
	while ((outcome = step(dump, diag)) == STEP_ON)
		;
	if (outcome == STEP_DONE && atomic_load(&dump->replaced))
		return dump_fail(diag, "A slave with the same server_uuid/server_id as this slave has connected to the master");
	/* A replica that hung up is no error: nobody would hear it. */
	return outcome == STEP_FAILED && !dump->wire->failed ? -1 : 0;
}

int dump_stream(struct dump *dump, uint32_t file, uint64_t position, struct diag *diag)
{
	if (binlog_reader_register(dump->binlog, &dump->registration, file, diag) < 0) {
		diag_clear(diag);
		return dump_fail(diag, "Could not find first log file name in binary log index file");
	}
	dump->file = file;
	dump->watcher.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	binlog_watch(dump->binlog, &dump->watcher);
	int status = run(dump, position, diag);
	binlog_unwatch(dump->binlog, &dump->watcher);
	close(dump->watcher.fd);
	log_reader_close(&dump->reader);
	binlog_reader_unregister(dump->binlog, &dump->registration);
	return status;
}
