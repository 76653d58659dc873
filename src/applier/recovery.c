#include "applier/recovery.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "binlog/reader.h"
#include "relay/boundary.h"
#include "store/store.h"
#include "txn/aside.h"
#include "txn/companion.h"

enum { progress_interval_us = 1000 * 1000 };

struct replay {
	struct server *server;
	struct binlog *log;
	struct session *session;
	struct apply *apply;
	uint32_t file;
	char file_name[log_file_name_max + 1];
	struct log_reader reader;
	struct boundary boundary;
	struct apply_transaction transaction; /* of the events under way */
	bool is_open;
	uint64_t count;                       /* transactions repeated */
	uint64_t total_size;                  /* of the log to be repeated */
	uint64_t done_size;                   /* of that, in the files before this one */
	uint64_t file_begin;                  /* where this one's part begins */
	int64_t told_us;                      /* when the error log last heard of it */
	/* where the last one is in memory, to be known before it is applied: see find_companion */
	struct buf companion_key, companion_value, aside_key;
};

/* -------------------------------------------------------------------------------------------------------- progress */

static int measure(struct replay *replay, struct binlog_position from, struct diag *diag)
{
	while (from.file) {
		struct stat status;
		char *path = binlog_file_path(replay->log, from.file);
		int result = stat(path, &status);
		if (result < 0)
			diag_set(diag, ER_ERROR_ON_READ, path, errno, strerror(errno));
		memory_free(path);
		if (result < 0)
			return -1;
		if ((uint64_t)status.st_size > from.offset)
			replay->total_size += (uint64_t)status.st_size - from.offset;
		from = (struct binlog_position){binlog_next_file(replay->log, from.file), binlog_magic_size};
	}
	return 0;
}

/* Behind a transaction: a line now and then, of a start that takes its time. */
static void tell_progress(struct replay *replay)
{
	int64_t now_us = clock_monotonic_us();
	if (now_us - replay->told_us < progress_interval_us)
		return;
	replay->told_us = now_us;
	uint64_t done = replay->done_size + replay->reader.offset - replay->file_begin;
	log_note("recovery", "Repeating the binary log: %llu %% of %llu bytes, at %s:%llu, %llu transactions",
		 (unsigned long long)(done * 100 / replay->total_size), (unsigned long long)replay->total_size,
		 replay->file_name, (unsigned long long)replay->reader.offset, (unsigned long long)replay->count);
}

/* ------------------------------------------------------------------------------------------------- one transaction */

static int read_origin(struct replay *replay, const struct event *event, struct diag *diag)
{
	struct event_gtid gtid = {0};
	struct hlc *clock = &replay->server->clock;
	if ((event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID) &&
	    event_decode_gtid(event, &gtid, diag) < 0)
		return -1;
	hlc_observe(clock, (int64_t)gtid.immediate_commit_us);
	hlc_observe(clock, (int64_t)gtid.original_commit_us);
	replay->transaction = (struct apply_transaction){
		.source_file = replay->file_name,
		.mode = APPLY_IDEMPOTENT,
		.is_replayed = true,
		.origin = {.foreign = true, .server_id = event->server_id, .timestamp = event->timestamp,
			   .original_commit_us = (int64_t)gtid.original_commit_us},
	};
	return 0;
}

static bool is_channel_record(struct bytes key)
{
	return key.size > 4 && bytes_load_uint_be(key.data, 4) == STORE_SPACE_CHANNEL;
}

static void keep_companion(struct replay *replay, struct bytes key, struct bytes value)
{
	bool is_aside = aside_is_key(key);
	if (is_aside || is_channel_record(key))
		buf_put_bytes(is_aside ? &replay->aside_key : &replay->companion_key, key);
	if (!is_aside && is_channel_record(key))
		buf_put_bytes(&replay->companion_value, value);
}

/*
 * The position to store is that behind the transaction, and a lone statement commits by itself: so the transaction is
 * looked at before it is applied. -1 with nothing left of it: it never ended, which recovery of the log does not leave.
 */
static int look_ahead(struct replay *replay, struct event *first, struct diag *diag)
{
	struct boundary boundary = {BOUNDARY_OUTSIDE};
	struct event event;
	struct bytes key, value;
	uint64_t begin = replay->reader.event_offset;
	enum boundary_step step = BOUNDARY_BEGINS;
	replay->reader.offset = begin;
	buf_clear(&replay->companion_key);
	buf_clear(&replay->companion_value);
	buf_clear(&replay->aside_key);
	do {
		enum reader_outcome outcome = log_reader_next(&replay->reader, &event, diag);
		if (outcome != READER_EVENT) {
			if (outcome == READER_END)
				diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "A transaction at %llu has no end",
						 (unsigned long long)begin);
			return -1;
		}
		step = boundary_feed(&boundary, &event, diag);
		if (step == BOUNDARY_CORRUPT || step == BOUNDARY_BREAKS)
			return -1;
		if (companion_read_event(&event, &key, &value))
			keep_companion(replay, key, value);
	} while (step != BOUNDARY_ENDS);
	replay->transaction.replayed_end = (struct binlog_position){replay->file, replay->reader.offset};
	replay->reader.offset = begin;
	/* Its bytes were in the reader's buffer, and may be there no more. */
	return log_reader_next(&replay->reader, first, diag) == READER_EVENT ? 0 : -1;
}

static int begin(struct replay *replay, struct event *event, struct diag *diag)
{
	if (read_origin(replay, event, diag) < 0 || look_ahead(replay, event, diag) < 0)
		return -1;
	replay->transaction.companion_key = buf_bytes(&replay->companion_key);
	replay->transaction.companion_value = buf_bytes(&replay->companion_value);
	replay->is_open = true;
	if (apply_begin(replay->apply, &replay->transaction, diag) != APPLY_BEGUN)
		return -1;
	txn_set_replayed_aside(replay->session->txn, buf_bytes(&replay->aside_key));
	return 0;
}

static int take(struct replay *replay, struct event *event, struct diag *diag)
{
	enum boundary_step step = boundary_feed(&replay->boundary, event, diag);
	if (step == BOUNDARY_CORRUPT || step == BOUNDARY_BREAKS)
		return -1;
	if (step == BOUNDARY_NOTHING)
		return 0;
	if (!replay->is_open && begin(replay, event, diag) < 0)
		return -1;
	switch (apply_event(replay->apply, event, diag)) {
	case APPLY_COMMITTED:
		replay->is_open = false;
		replay->count++;
		FAULT_STEP("recovery.transaction");
		tell_progress(replay);
		return 0;
	case APPLY_OPEN: return 0;
	default: return -1;
	}
}

/* ----------------------------------------------------------------------------------------------------- file by file */

static int open_file(struct replay *replay, struct binlog_position from, struct diag *diag)
{
	struct binlog_position end = binlog_get_end(replay->log);
	char *path = binlog_file_path(replay->log, from.file);
	replay->file = from.file;
	binlog_file_name(replay->log, from.file, replay->file_name);
	enum reader_outcome outcome = log_reader_open(&replay->reader, path, from.offset,
						      end.file == from.file ? end.offset : UINT64_MAX, diag);
	memory_free(path);
	replay->file_begin = replay->reader.offset;
	if (outcome == READER_END)
		return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "The log file has no head");
	return outcome == READER_EVENT ? 0 : -1;
}

static int replay_file(struct replay *replay, struct binlog_position from, struct diag *diag)
{
	struct event event;
	enum reader_outcome outcome;
	int status = 0;
	if (open_file(replay, from, diag) < 0)
		return -1;
	while (status == 0 && (outcome = log_reader_next(&replay->reader, &event, diag)) == READER_EVENT)
		status = take(replay, &event, diag);
	replay->done_size += replay->reader.offset - replay->file_begin;
	if (status == 0 && outcome != READER_END)
		status = -1;
	if (status < 0)
		diag_add_context(diag, "repeating %s at %llu", replay->file_name,
				 (unsigned long long)replay->reader.event_offset);
	log_reader_close(&replay->reader);
	return status;
}

static int replay_files(struct replay *replay, struct binlog_position from, struct diag *diag)
{
	/* A file that is gone was purged: the store had all of it. */
	if (from.file == 0 || !binlog_has_file(replay->log, from.file))
		from = binlog_get_start(replay->log);
	int status = measure(replay, from, diag);
	while (status == 0 && from.file) {
		status = replay_file(replay, from, diag);
		from = (struct binlog_position){binlog_next_file(replay->log, from.file), binlog_magic_size};
	}
	return status;
}

int recovery_replay(struct server *server, struct binlog *log, struct binlog_position from,
		    applier_run_query *run_query, struct diag *diag)
{
	struct replay replay = {.server = server, .log = log};
	replay.reader.fd = -1;
	replay.told_us = clock_monotonic_us();
	replay.session = session_create_internal(server);
	replay.apply = apply_create(replay.session, run_query);
	FAULT_STEP("recovery.begin");
	int status = replay_files(&replay, from, diag);
	FAULT_STEP("recovery.replayed");
	if (status < 0 && diag->code == ER_NONE)
		diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
	apply_destroy(&replay.apply);
	session_destroy(&replay.session);
	buf_deinit(&replay.companion_key);
	buf_deinit(&replay.companion_value);
	buf_deinit(&replay.aside_key);
	if (replay.count)
		log_note("recovery", "%llu transactions were repeated from the binary log",
			 (unsigned long long)replay.count);
	if (status == 0)
		status = aside_sweep(server->store, diag);
	FAULT_STEP("recovery.swept");
	if (status == 0)
		status = store_flush(server->store, diag);
	FAULT_STEP("recovery.flushed");
	return status;
}
