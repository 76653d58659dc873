/* Group commit's writing half; the protocol is in log.h. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "binlog/log_internal.h"

enum { spill_chunk_size = 1024 * 1024, rotate_pause_us = 1000 * 1000 };

int64_t binlog_next_sequence(const struct binlog *log)
{
	return log->sequence + 1;
}

/* No commit fails because no new file could be begun: the old one grows, and it is tried again. */
static int rotate_if_due(struct binlog *log, struct diag *diag)
{
	int64_t now_us = clock_monotonic_us();
	if (log->file.size < log->max_size || now_us < log->rotate_again_us || binlog_rotate(log, diag) == 0)
		return 0;
	if (log->file.broken)
		return -1;
	log_diag(LOG_WARNING, "binlog", diag);
	diag_clear(diag);
	log->rotate_again_us = now_us + rotate_pause_us;
	return 0;
}

int binlog_group_begin(struct binlog *log, struct diag *diag)
{
	assert(!log->in_group);
	if (log->file.broken)
		return diag_set(diag, ER_BINLOG_LOGGING_IMPOSSIBLE, "the log could not be flushed or repaired before");
	if (rotate_if_due(log, diag) < 0)
		return -1;
	log->in_group = true;
	log->group_start = log->file.size;
	log->group_size = 0;
	log->pending_count = 0;
	log->gtid_count = 0;
	buf_clear(&log->heads);
	return 0;
}

/* The smallest number of this server that is free; GTID_GNO_MAX: none. With the lock. */
static int64_t free_gno(const struct binlog *log, struct gtid *gtid)
{
	const struct gtid_set *taken[] = {&log->assigned, &log->reserved, &log->retired};
	int64_t found = 0;
	gtid->gno = 1;
	while (found != gtid->gno) {
		found = gtid->gno;
		for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
			gtid->gno = gtid_set_next_gno(taken[i], gtid->sid, gtid->gno);
	}
	return gtid->gno;
}

/* Its own GTID, or the one it came with; in log->assigned from here on. */
static int assign_gtid(struct binlog *log, struct binlog_transaction *transaction, struct diag *diag)
{
	if (transaction->is_anonymous)
		return 0;
	struct gtid gtid = transaction->gtid;
	bool is_taken = false;
	lock_take(&log->lock);
	if (gtid.gno == 0) {
		if (memcmp(gtid.sid, (uint8_t[uuid_size]){0}, uuid_size) == 0)
			memcpy(gtid.sid, log->server_uuid, uuid_size);
		is_taken = free_gno(log, &gtid) == GTID_GNO_MAX;
	} else {
		is_taken = gtid_set_contains(&log->assigned, &gtid);
	}
	if (!is_taken)
		gtid_set_add(&log->assigned, &gtid);
	lock_release(&log->lock);
	if (is_taken) {
		char text[gtid_text_size + 1];
		gtid_print(&gtid, text);
		return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
					"Binary logging not possible. Message: GTID %s is in the log already", text);
	}
	if (log->gtid_count == log->gtid_capacity) {
		log->gtid_capacity = log->gtid_capacity ? log->gtid_capacity * 2 : 64;
		log->gtids = memory_realloc(log->gtids, log->gtid_capacity * sizeof *log->gtids);
	}
	log->gtids[log->gtid_count++] = gtid;
	transaction->gtid = gtid;
	return 0;
}

/* Appends the GTID event to the heads, finalised for its place. Returns its size, 0 with a diag. */
static size_t put_head(struct binlog *log, const struct binlog_transaction *transaction, uint64_t events_size,
		       struct diag *diag)
{
	struct event_writer writer = {
		.out = &log->heads,
		.timestamp = transaction->timestamp,
		.server_id = transaction->server_id,
		.has_checksum = log->file_checksum == EVENT_CHECKSUM_CRC32,
	};
	int64_t parent = transaction->commit_parent - log->sequence_base;
	uint32_t original_version = transaction->original_server_version;
	bool is_flushed_before = log->group_size == 0 && log->file.synced == log->group_start;
	struct event_gtid gtid = {
		.flags = (transaction->may_hold_statements ? EVENT_GTID_MAY_HOLD_STATEMENTS : 0) |
			 (is_flushed_before ? EVENT_GTID_FLUSHED_BEFORE : 0),
		.last_committed = parent > 0 ? parent : 0,
		.sequence_number = transaction->sequence - log->sequence_base,
		.immediate_commit_us = transaction->immediate_commit_us,
		.original_commit_us = transaction->original_commit_us,
		.transaction_size = events_size,
		.immediate_server_version = binlog_server_version_number,
		.original_server_version = original_version ? original_version : binlog_server_version_number,
	};
	if (!transaction->is_anonymous)
		gtid.gtid = transaction->gtid;
	size_t at = log->heads.size;
	event_put_gtid(&writer, &gtid);
	size_t size = log->heads.size - at;
	if (event_run_finalise(log->heads.data + at, size, transaction->start.offset, writer.has_checksum, diag) < 0)
		return 0;
	return size;
}

static void push_pending(struct binlog *log, struct pending pending)
{
	if (log->pending_count == log->pending_capacity) {
		log->pending_capacity = log->pending_capacity ? log->pending_capacity * 2 : 64;
		log->pending = memory_realloc(log->pending, log->pending_capacity * sizeof *log->pending);
	}
	log->pending[log->pending_count++] = pending;
}

static int write_pending(struct binlog *log, struct diag *diag)
{
	if (log->pending_count * 2 > log->parts_capacity) {
		log->parts_capacity = log->pending_capacity * 2;
		log->parts = memory_realloc(log->parts, log->parts_capacity * sizeof *log->parts);
	}
	size_t count = 0;
	for (size_t i = 0; i < log->pending_count; i++) {
		const struct pending *pending = &log->pending[i];
		log->parts[count++] = (struct iovec){log->heads.data + pending->head_at, pending->head_size};
		if (pending->events->size)
			log->parts[count++] = (struct iovec){pending->events->data, pending->events->size};
	}
	log->pending_count = 0;
	return logfile_append_vector(&log->file, log->parts, count, diag);
}

/* ------------------------------------------------------------------------------- transactions spilled to a file */

static int read_spill(const struct binlog_transaction *transaction, uint64_t offset, struct buf *chunk, size_t size,
		      struct diag *diag)
{
	while (size) {
		ssize_t got = pread(transaction->spill_fd, buf_reserve(chunk, size), size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return diag_set(diag, ER_ERROR_ON_READ, "binary log cache", got < 0 ? errno : EIO,
					strerror(got < 0 ? errno : EIO));
		chunk->size += (size_t)got;
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return 0;
}

/* How many of the bytes are whole events; *out_next: size of the first that is not, 0 when its header is cut. */
static size_t whole_events(struct bytes bytes, size_t *out_next)
{
	size_t at = 0;
	*out_next = 0;
	while (bytes.size - at >= event_header_size) {
		size_t size = (size_t)bytes_load_uint(bytes.data + at + 9, 4);
		if (size < event_header_size || size > bytes.size - at) {
			*out_next = size;
			break;
		}
		at += size;
	}
	return at;
}

typedef int spill_visitor(struct binlog *log, struct buf *run, void *argument, struct diag *diag);

/* Calls visit with runs of whole events, through all of the spill. */
static int walk_spill(struct binlog *log, const struct binlog_transaction *transaction, spill_visitor *visit,
		      void *argument, struct diag *diag)
{
	struct buf chunk, run;
	buf_init(&chunk);
	buf_init(&run);
	uint64_t offset = 0;
	size_t next = 0;
	int result = 0;
	while (result == 0 && (offset < transaction->spill_size || chunk.size)) {
		uint64_t left = transaction->spill_size - offset;
		size_t wanted = next > chunk.size + spill_chunk_size ? next - chunk.size : spill_chunk_size;
		size_t size = wanted < left ? wanted : (size_t)left;
		result = read_spill(transaction, offset, &chunk, size, diag);
		offset += size;
		if (result < 0)
			break;
		size_t whole = whole_events(buf_bytes(&chunk), &next);
		if (whole == 0 && offset == transaction->spill_size) {
			result = diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
			break;
		}
		run.size = 0;
		buf_put(&run, chunk.data, whole);
		memmove(chunk.data, chunk.data + whole, chunk.size - whole);
		chunk.size -= whole;
		if (whole)
			result = visit(log, &run, argument, diag);
	}
	buf_deinit(&chunk);
	buf_deinit(&run);
	return result;
}

static int count_run(struct binlog *log, struct buf *run, void *argument, struct diag *diag)
{
	uint64_t *size = argument;
	if (log->file_checksum != EVENT_CHECKSUM_CRC32 && binlog_strip_checksums(run, diag) < 0)
		return -1;
	*size += run->size;
	return 0;
}

static int append_run(struct binlog *log, struct buf *run, void *argument, struct diag *diag)
{
	(void)argument;
	bool with_checksum = log->file_checksum == EVENT_CHECKSUM_CRC32;
	if (!with_checksum && binlog_strip_checksums(run, diag) < 0)
		return -1;
	if (event_run_finalise(run->data, run->size, log->file.size, with_checksum, diag) < 0)
		return -1;
	return logfile_append(&log->file, buf_bytes(run), diag);
}

static int spill_size(struct binlog *log, const struct binlog_transaction *transaction, uint64_t *out_size,
		      struct diag *diag)
{
	*out_size = transaction->spill_size;
	if (transaction->spill_size == 0 || log->file_checksum == EVENT_CHECKSUM_CRC32)
		return 0;
	*out_size = 0;
	return walk_spill(log, transaction, count_run, out_size, diag);
}

/* A large transaction does not wait in memory: what is pending is written, then it, piece by piece. */
static int write_spilled(struct binlog *log, const struct binlog_transaction *transaction, size_t head_size,
			 struct diag *diag)
{
	if (write_pending(log, diag) < 0)
		return -1;
	struct bytes head = {log->heads.data + log->heads.size - head_size, head_size};
	if (logfile_append(&log->file, head, diag) < 0)
		return -1;
	return walk_spill(log, transaction, append_run, NULL, diag);
}

/* ---------------------------------------------------------------------------------------------------- the group */

static int add_transaction(struct binlog *log, struct binlog_transaction *transaction, struct diag *diag)
{
	bool with_checksum = log->file_checksum == EVENT_CHECKSUM_CRC32;
	struct buf *events = transaction->events;
	uint64_t spilled;
	if (assign_gtid(log, transaction, diag) < 0 || spill_size(log, transaction, &spilled, diag) < 0)
		return -1;
	if (!with_checksum && binlog_strip_checksums(events, diag) < 0)
		return -1;
	transaction->sequence = log->sequence + 1;
	transaction->start = (struct binlog_position){log->file_number, log->group_start + log->group_size};
	size_t head_at = log->heads.size;
	size_t head_size = put_head(log, transaction, spilled + events->size, diag);
	if (head_size == 0)
		return -1;
	if (spilled && write_spilled(log, transaction, head_size, diag) < 0)
		return -1;
	uint64_t events_at = transaction->start.offset + head_size + spilled;
	if (event_run_finalise(events->data, events->size, events_at, with_checksum, diag) < 0)
		return -1;
	/* The head of a spilled one is written; its tail is pending alone. */
	push_pending(log, (struct pending){head_at, spilled ? 0 : head_size, events});
	log->group_size += head_size + spilled + events->size;
	transaction->end = (struct binlog_position){log->file_number, log->group_start + log->group_size};
	log->sequence++;
	return 0;
}

int binlog_group_add(struct binlog *log, struct binlog_transaction *transaction, struct diag *diag)
{
	assert(log->in_group);
	int result = add_transaction(log, transaction, diag);
	if (result < 0)
		diag_add_context(diag, "adding a transaction to the binary log");
	return result;
}

int binlog_group_write(struct binlog *log, struct diag *diag)
{
	assert(log->in_group);
	if (FAULT_POINT("binlog.group_write"))
		return diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, ENOSPC, strerror(ENOSPC));
	if (write_pending(log, diag) < 0)
		return -1;
	assert(log->file.size == log->group_start + log->group_size);
	if (FAULT_POINT("binlog.after_group_write"))
		return diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, EIO, strerror(EIO));
	return 0;
}

int binlog_group_sync(struct binlog *log, struct diag *diag)
{
	assert(log->in_group);
	uint32_t period = log->sync_period;
	log->unsynced_groups++;
	if (period == 0 || log->unsynced_groups < period)
		return 0;
	if (logfile_sync(&log->file, diag) < 0)
		return -1;
	log->unsynced_groups = 0;
	if (FAULT_POINT("binlog.after_group_sync"))
		return diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, EIO, strerror(EIO));
	return 0;
}

void binlog_group_publish(struct binlog *log)
{
	assert(log->in_group && log->file.size == log->group_start + log->group_size);
	lock_take(&log->lock);
	for (size_t i = 0; i < log->gtid_count; i++)
		gtid_set_add(&log->executed, &log->gtids[i]);
	lock_release(&log->lock);
	log->in_group = false;
	binlog_set_end(log, (struct binlog_position){log->file_number, log->file.size});
}

int binlog_group_abort(struct binlog *log, struct diag *diag)
{
	assert(log->in_group);
	lock_take(&log->lock);
	for (size_t i = 0; i < log->gtid_count; i++)
		gtid_set_remove(&log->assigned, &log->gtids[i]);
	lock_release(&log->lock);
	log->in_group = false;
	if (log->file.size == log->group_start && !log->file.broken)
		return 0;
	return logfile_truncate(&log->file, log->group_start, diag);
}
