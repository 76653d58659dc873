/*
 * From one file to the next. The order makes a crash at any line harmless:
 *
 *   1. the new file is made, with its head, flushed: not in the index, holds no transaction; the next start removes it
 *   2. ROTATE goes to the end of the old one, flushed: an old file that ends so is whole
 *   3. the index names the new one: it is the last
 *   4. the in-use flag of the old one goes; readers see the new end
 */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"
#include "binlog/log_internal.h"

struct event_writer binlog_event_writer(struct binlog *log, struct buf *out)
{
	return (struct event_writer){
		.out = out,
		.timestamp = (uint32_t)(clock_wall_us() / 1000000),
		.server_id = log->server_id,
		.has_checksum = log->file_checksum == EVENT_CHECKSUM_CRC32,
	};
}

int binlog_strip_checksums(struct buf *events, struct diag *diag)
{
	size_t from = 0, to = 0;
	while (from < events->size) {
		size_t left = events->size - from;
		size_t size = left < event_header_size ? 0 : (size_t)bytes_load_uint(events->data + from + 9, 4);
		if (size < event_header_size + event_checksum_size || size > left)
			return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
		memmove(events->data + to, events->data + from, size - event_checksum_size);
		bytes_store_uint(events->data + to + 9, size - event_checksum_size, 4);
		from += size;
		to += size - event_checksum_size;
	}
	events->size = to;
	return 0;
}

/* The head: magic, description in use, PREVIOUS_GTIDS. */
static int put_head(struct binlog *log, bool is_first, enum event_checksum checksum, struct buf *out, struct diag *diag)
{
	buf_put(out, binlog_magic, binlog_magic_size);
	struct event_writer writer = binlog_event_writer(log, out);
	writer.has_checksum = checksum == EVENT_CHECKSUM_CRC32;
	event_put_format(&writer, checksum, is_first ? writer.timestamp : 0, true);
	size_t at = out->size;
	lock_take(&log->lock);
	event_put_previous_gtids(&writer, &log->executed);
	lock_release(&log->lock);
	return event_run_finalise(out->data + at, out->size - at, at, writer.has_checksum, diag);
}

int binlog_create_file(struct binlog *log, uint32_t number, bool is_first, struct logfile *out_file, struct diag *diag)
{
	enum event_checksum checksum = (enum event_checksum)log->checksum;
	struct buf head;
	buf_init(&head);
	char *path = log_index_file_path(&log->index, number);
	int result = put_head(log, is_first, checksum, &head, diag);
	if (result == 0)
		result = logfile_create(out_file, path, buf_bytes(&head), &binlog_faults, diag);
	if (result == 0)
		log->file_checksum = checksum;
	memory_free(path);
	buf_deinit(&head);
	return result;
}

void binlog_switch_file(struct binlog *log, uint32_t number, struct logfile *file)
{
	logfile_close(&log->file);
	log->file = *file;
	log->file_number = number;
	log->sequence_base = log->sequence;
	log->unsynced_groups = 0;
	binlog_set_end(log, (struct binlog_position){number, file->size});
}

int binlog_append_control(struct binlog *log, struct buf *events, struct diag *diag)
{
	if (event_run_finalise(events->data, events->size, log->file.size, log->file_checksum == EVENT_CHECKSUM_CRC32,
			       diag) < 0 ||
	    logfile_sync(&log->file, diag) < 0 || logfile_append(&log->file, buf_bytes(events), diag) < 0)
		return -1;
	return logfile_sync(&log->file, diag);
}

static int append_rotate(struct binlog *log, enum event_checksum old_checksum, uint32_t next, struct diag *diag)
{
	char name[log_file_name_max + 1];
	struct buf events;
	buf_init(&events);
	log_index_file_name(&log->index, next, name);
	enum event_checksum new_checksum = log->file_checksum;
	log->file_checksum = old_checksum;
	struct event_writer writer = binlog_event_writer(log, &events);
	event_put_rotate(&writer, bytes_of_string(name), binlog_magic_size, 0);
	int result = binlog_append_control(log, &events, diag);
	log->file_checksum = new_checksum;
	buf_deinit(&events);
	return result;
}

/* The new file exists; the old one gets its ROTATE, the index the new name. */
static int link_file(struct binlog *log, enum event_checksum old_checksum, uint32_t next, struct diag *diag)
{
	uint64_t old_size = log->file.size;
	if (FAULT_POINT("binlog.rotate_created"))
		return diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, ENOSPC, strerror(ENOSPC));
	int result = append_rotate(log, old_checksum, next, diag);
	if (result == 0 && FAULT_POINT("binlog.rotate_written"))
		result = diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, ENOSPC, strerror(ENOSPC));
	if (result == 0) {
		lock_take(&log->lock);
		result = log_index_add(&log->index, next, diag);
		lock_release(&log->lock);
	}
	if (result < 0 && !log->file.broken && log->file.size > old_size) {
		struct diag ignored = DIAG_INIT;
		logfile_truncate(&log->file, old_size, &ignored);
	}
	return result;
}

int binlog_rotate(struct binlog *log, struct diag *diag)
{
	assert(!log->in_group);
	if (log->file.broken)
		return diag_set(diag, ER_BINLOG_LOGGING_IMPOSSIBLE, "the log could not be flushed or repaired before");
	enum event_checksum old_checksum = log->file_checksum;
	uint32_t next = log->file_number + 1;
	struct logfile file;
	if (binlog_create_file(log, next, false, &file, diag) < 0)
		return -1;
	if (link_file(log, old_checksum, next, diag) < 0) {
		log->file_checksum = old_checksum;
		logfile_remove(file.path, &binlog_faults);
		logfile_close(&file);
		return -1;
	}
	FAULT_STEP("binlog.rotate_indexed");
	/* A flag that stays set costs the next start a look at a whole file: not worth failing for. */
	struct diag ignored = DIAG_INIT;
	logfile_set_in_use(&log->file, false, &ignored);
	binlog_switch_file(log, next, &file);
	FAULT_STEP("binlog.rotated");
	return 0;
}

int binlog_write_incident(struct binlog *log, const char *message, struct diag *diag)
{
	enum { incident_lost_events = 1 };
	struct buf events;
	buf_init(&events);
	struct event_writer writer = binlog_event_writer(log, &events);
	event_put_incident(&writer, incident_lost_events, bytes_of_string(message));
	int result = binlog_append_control(log, &events, diag);
	buf_deinit(&events);
	return result < 0 ? -1 : binlog_rotate(log, diag);
}

/* The files and GTIDs go; nothing is the current file then. */
static int clear_log(struct binlog *log, struct diag *diag)
{
	lock_take(&log->lock);
	int result = log_index_clear(&log->index, diag);
	if (result == 0) {
		gtid_set_clear(&log->executed);
		gtid_set_clear(&log->assigned);
		gtid_set_clear(&log->purged);
		for (struct binlog_reader *reader = log->readers; reader; reader = reader->next)
			reader->file = 0;
	}
	lock_release(&log->lock);
	return result;
}

int binlog_reset(struct binlog *log, uint32_t first, struct diag *diag)
{
	assert(!log->in_group);
	uint32_t number = first ? first : 1;
	struct logfile file;
	if (clear_log(log, diag) < 0)
		return -1;
	FAULT_STEP("binlog.reset_removed");
	int result = binlog_create_file(log, number, true, &file, diag);
	if (result == 0) {
		FAULT_STEP("binlog.reset_created");
		lock_take(&log->lock);
		result = log_index_add(&log->index, number, diag);
		lock_release(&log->lock);
		binlog_switch_file(log, number, &file);
	}
	if (result < 0)
		log->file.broken = true; /* there is no log to write to any more */
	return result;
}

int binlog_set_purged(struct binlog *log, const struct gtid_set *purged, struct diag *diag)
{
	lock_take(&log->lock);
	struct gtid_set before;
	gtid_set_init(&before);
	gtid_set_copy(&log->executed, &before);
	gtid_set_add_set(&log->executed, purged);
	lock_release(&log->lock);
	/* The new file's head makes it last. */
	int result = binlog_rotate(log, diag);
	lock_take(&log->lock);
	if (result == 0) {
		gtid_set_add_set(&log->purged, purged);
		gtid_set_add_set(&log->assigned, purged);
	} else {
		gtid_set_copy(&before, &log->executed);
	}
	bool only_purged = gtid_set_is_subset(&log->executed, &log->purged);
	lock_release(&log->lock);
	gtid_set_deinit(&before);
	/* What is purged is learned from the oldest file at the next start: it has to be this one. */
	struct binlog_purge_report report;
	if (result == 0 && only_purged)
		result = binlog_purge_to(log, log->file_number, &report, diag);
	return result;
}
