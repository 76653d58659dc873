/* The relay log as one run of events, across its files, waiting at its end. */
#include <string.h>

#include "applier/applier_internal.h"
#include "base/memory.h"
#include "session/variables.h"

static void update_limit(struct applier *applier)
{
	struct relay_position end = relay_log_end(applier->relay);
	log_reader_set_limit(&applier->reader, end.file == applier->relay_file ? end.offset : UINT64_MAX);
}

/* A start looks at the whole relay log, and keeps what is in front of the fault (relay/resume.h). */
static int fail(struct applier *applier, enum reader_outcome outcome, struct diag *diag)
{
	bool has_head = outcome != READER_END && outcome != READER_EVENT;
	struct buf cause = {0};
	char *path = relay_log_file_path(applier->relay, applier->relay_file);
	buf_printf(&cause, "%s ('%s' at %llu); restart the server to have it fetched again",
		   has_head ? diag->message : "the file ends before its head", path,
		   (unsigned long long)applier->reader.offset);
	diag_set(diag, ER_SLAVE_RELAY_LOG_READ_FAILURE, buf_cstring(&cause));
	memory_free(path);
	buf_deinit(&cause);
	return -1;
}

static int open_file(struct applier *applier, uint32_t file, struct diag *diag)
{
	struct relay_position end = relay_log_end(applier->relay);
	char *path = relay_log_file_path(applier->relay, file);
	enum reader_outcome outcome = log_reader_open(&applier->reader, path, 0,
						      end.file == file ? end.offset : UINT64_MAX, diag);
	memory_free(path);
	applier->reader.verify_checksum = global_number(applier->session->server, "slave_sql_verify_checksum");
	applier->relay_file = file;
	return outcome == READER_EVENT ? 0 : fail(applier, outcome, diag);
}

/* Descriptions on the way say how to read what is behind them: so all of the file up to the place is walked. */
int applier_open_relay(struct applier *applier, struct diag *diag)
{
	struct event event;
	uint64_t offset = applier->rest.relay.offset;
	log_reader_close(&applier->reader);
	if (open_file(applier, applier->rest.relay.file, diag) < 0)
		return -1;
	while (applier->reader.offset < offset) {
		enum reader_outcome outcome = log_reader_next(&applier->reader, &event, diag);
		if (outcome != READER_EVENT)
			return fail(applier, outcome, diag);
	}
	applier->boundary.place = BOUNDARY_OUTSIDE;
	return 0;
}

static int open_next_file(struct applier *applier, uint32_t file, struct diag *diag)
{
	if (!applier_settle(applier))
		return 0;
	log_reader_close(&applier->reader);
	if (open_file(applier, file, diag) < 0)
		return -1;
	/* A transaction that goes on in this file begins in an older one: that stays until it is applied. */
	if (applier->group.is_open)
		return 0;
	applier->rest.relay = applier->front.relay = (struct relay_position){file, binlog_magic_size};
	if (global_number(applier->session->server, "relay_log_purge"))
		relay_log_purge_before(applier->relay, file);
	return 0;
}

/* False when stopping. */
static bool wait_for_more(struct applier *applier)
{
	enum { tell_after_us = 1000 * 1000 };
	if (!applier_settle(applier))
		return !atomic_load(&applier->stopping);
	struct relay_position known = {applier->relay_file, applier->reader.offset};
	applier_rest(applier);
	applier_show(applier, applier->group.is_open ? "Reading event from the relay log"
						     : "Slave has read all relay log; waiting for more updates");
	while (!atomic_load(&applier->stopping)) {
		struct timespec deadline = clock_deadline(tell_after_us);
		if (relay_log_wait(applier->relay, known, &deadline, &applier->stopping))
			break;
		applier_tell(applier, true);
		if (session_check_killed(applier->session, &(struct diag){0}) != 0)
			atomic_store(&applier->stopping, true);
	}
	applier_read_settings(applier); /* what was set meanwhile holds for the next transaction */
	return !atomic_load(&applier->stopping);
}

enum relay_outcome applier_next_event(struct applier *applier, struct event *out_event, struct diag *diag)
{
	for (;;) {
		if (atomic_load(&applier->stopping))
			return RELAY_STOPPED;
		enum reader_outcome outcome = log_reader_next(&applier->reader, out_event, diag);
		if (outcome == READER_EVENT)
			return RELAY_EVENT;
		if (outcome != READER_END) {
			fail(applier, outcome, diag);
			return RELAY_FAILED;
		}
		struct relay_position end = relay_log_end(applier->relay);
		bool is_last = end.file == applier->relay_file;
		if (is_last && end.offset == applier->reader.offset) {
			if (!wait_for_more(applier))
				return RELAY_STOPPED;
		} else if (!is_last && applier->reader.limit == UINT64_MAX) {
			uint32_t next = relay_log_next_file(applier->relay, applier->relay_file);
			if (next && open_next_file(applier, next, diag) < 0)
				return RELAY_FAILED;
			continue;
		}
		update_limit(applier);
	}
}
