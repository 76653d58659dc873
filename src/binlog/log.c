#include "binlog/log.h"

#include <assert.h>
#include <string.h>

#include "base/fault.h"
#include "base/memory.h"
#include "binlog/log_internal.h"

FAULT_REGISTERED struct log_faults binlog_faults = LOG_FAULTS("binlog");

int binlog_position_compare(struct binlog_position a, struct binlog_position b)
{
	if (a.file != b.file)
		return a.file < b.file ? -1 : 1;
	return (a.offset > b.offset) - (a.offset < b.offset);
}

static struct binlog *create(const struct binlog_options *options)
{
	struct binlog *log = memory_zalloc(sizeof *log);
	memcpy(log->server_uuid, options->server_uuid, uuid_size);
	log->file = LOGFILE_CLOSED;
	log->sync_period = options->sync_period;
	log->max_size = options->max_size;
	log->server_id = options->server_id;
	log->checksum = options->checksum;
	lock_init(&log->lock, "binlog", LOCK_RANK_BINLOG);
	lock_init(&log->end_lock, "binlog_end", LOCK_RANK_BINLOG_END);
	condition_init(&log->moved);
	lock_init(&log->watch_lock, "binlog_watchers", LOCK_RANK_LEAF);
	return log;
}

static void destroy(struct binlog *log)
{
	logfile_close(&log->file);
	log_index_close(&log->index);
	gtid_set_deinit(&log->executed);
	gtid_set_deinit(&log->assigned);
	gtid_set_deinit(&log->purged);
	gtid_set_deinit(&log->reserved);
	gtid_set_deinit(&log->retired);
	buf_deinit(&log->heads);
	memory_free(log->pending);
	memory_free(log->parts);
	memory_free(log->gtids);
	memory_free(log->base_path);
	memory_free(log->index_path);
	condition_deinit(&log->moved);
	lock_deinit(&log->watch_lock);
	lock_deinit(&log->end_lock);
	lock_deinit(&log->lock);
	memory_free(log);
}

/* The first file of this start. */
static int start_file(struct binlog *log, uint32_t reset_to, struct diag *diag)
{
	uint32_t number = reset_to ? reset_to : log_index_last(&log->index) + 1;
	struct logfile file;
	if (binlog_create_file(log, number, true, &file, diag) < 0)
		return -1;
	FAULT_STEP("binlog.start_created");
	if (log_index_add(&log->index, number, diag) < 0) {
		logfile_close(&file);
		return -1;
	}
	binlog_switch_file(log, number, &file);
	FAULT_STEP("binlog.started");
	return 0;
}

static void name_paths(struct binlog *log)
{
	char *path = log_index_file_path(&log->index, 1);
	*strrchr(path, '.') = 0;
	log->base_path = path;
	log->index_path = memory_copy_string(log->index.path);
}

static int open_index(const struct binlog_options *options, struct log_index *out, struct diag *diag)
{
	const char *base = options->base ? options->base : "binlog";
	if (log_index_open(out, options->directory, base, options->index_name, &binlog_faults, diag) == 0)
		return 0;
	diag_add_context(diag, "bring the binary log's index back from a copy, or write it anew: the names of all files of the "
			       "log, one a line, oldest first");
	return -1;
}

int binlog_find(const struct binlog_options *options, struct binlog_found *out, struct diag *diag)
{
	struct log_index index;
	if (open_index(options, &index, diag) < 0)
		return -1;
	log_index_file_name(&index, 1, out->name);
	*strrchr(out->name, '.') = 0;
	out->has_files = log_index_last(&index) != 0;
	log_index_close(&index);
	return 0;
}

int binlog_open(struct binlog **out_log, const struct binlog_options *options, struct binlog_recovery *out_recovery,
		struct diag *diag)
{
	struct binlog *log = create(options);
	if (open_index(options, &log->index, diag) < 0 || binlog_recover(log, options, out_recovery, diag) < 0 ||
	    start_file(log, options->reset_to, diag) < 0) {
		diag_add_context(diag, "opening the binary log");
		destroy(log);
		return -1;
	}
	name_paths(log);
	*out_log = log;
	return 0;
}

void binlog_abandon(struct binlog **log)
{
	if (*log == NULL)
		return;
	assert((*log)->readers == NULL);
	destroy(*log);
	*log = NULL;
}

void binlog_close(struct binlog **log_pointer)
{
	struct binlog *log = *log_pointer;
	if (log == NULL)
		return;
	assert(!log->in_group);
	struct diag ignored = DIAG_INIT; /* what cannot be written now, the next start repairs */
	struct buf events;
	buf_init(&events);
	struct event_writer writer = binlog_event_writer(log, &events);
	event_put_stop(&writer);
	FAULT_STEP("binlog.stop");
	if (!log->file.broken && binlog_append_control(log, &events, &ignored) == 0 &&
	    logfile_set_in_use(&log->file, false, &ignored) == 0) {
		log->file.synced = 0;
		logfile_sync(&log->file, &ignored);
	}
	buf_deinit(&events);
	binlog_abandon(log_pointer);
}

void binlog_set_sync_period(struct binlog *log, uint32_t sync_period) { log->sync_period = sync_period; }
void binlog_set_max_size(struct binlog *log, uint64_t max_size) { log->max_size = max_size; }
enum event_checksum binlog_checksum(const struct binlog *log) { return (enum event_checksum)log->checksum; }
void binlog_set_checksum(struct binlog *log, enum event_checksum checksum) { log->checksum = checksum; }
void binlog_set_server_id(struct binlog *log, uint32_t server_id) { log->server_id = server_id; }

void binlog_add_executed(struct binlog *log, const struct gtid *gtid)
{
	lock_take(&log->lock);
	gtid_set_add(&log->executed, gtid);
	gtid_set_add(&log->assigned, gtid);
	lock_release(&log->lock);
}

void binlog_add_executed_set(struct binlog *log, const struct gtid_set *set)
{
	lock_take(&log->lock);
	gtid_set_add_set(&log->executed, set);
	gtid_set_add_set(&log->assigned, set);
	lock_release(&log->lock);
}

static bool is_own(const struct binlog *log, const struct gtid *gtid)
{
	return memcmp(gtid->sid, log->server_uuid, uuid_size) == 0;
}

void binlog_reserve_gtid(struct binlog *log, const struct gtid *gtid)
{
	if (!is_own(log, gtid))
		return;
	lock_take(&log->lock);
	gtid_set_add(&log->reserved, gtid);
	lock_release(&log->lock);
}

void binlog_unreserve_gtid(struct binlog *log, const struct gtid *gtid)
{
	if (!is_own(log, gtid))
		return;
	lock_take(&log->lock);
	gtid_set_remove(&log->reserved, gtid);
	lock_release(&log->lock);
}

const uint8_t *binlog_own_sid(const struct binlog *log)
{
	return log->server_uuid;
}

void binlog_get_own(struct binlog *log, struct gtid_set *out_set)
{
	lock_take(&log->lock);
	gtid_set_copy(&log->retired, out_set);
	gtid_set_add_source(out_set, &log->executed, log->server_uuid);
	lock_release(&log->lock);
}

void binlog_retire(struct binlog *log, const struct gtid_set *own)
{
	lock_take(&log->lock);
	gtid_set_add_set(&log->retired, own);
	lock_release(&log->lock);
}

void binlog_get_executed(struct binlog *log, struct gtid_set *out_set)
{
	lock_take(&log->lock);
	gtid_set_copy(&log->executed, out_set);
	lock_release(&log->lock);
}

void binlog_get_purged(struct binlog *log, struct gtid_set *out_set)
{
	lock_take(&log->lock);
	gtid_set_copy(&log->purged, out_set);
	lock_release(&log->lock);
}

bool binlog_is_executed(struct binlog *log, const struct gtid *gtid)
{
	lock_take(&log->lock);
	bool result = gtid_set_contains(&log->executed, gtid);
	lock_release(&log->lock);
	return result;
}

bool binlog_has_file(struct binlog *log, uint32_t file)
{
	lock_take(&log->lock);
	bool result = log_index_contains(&log->index, file);
	lock_release(&log->lock);
	return result;
}

uint32_t binlog_next_file(struct binlog *log, uint32_t file)
{
	lock_take(&log->lock);
	uint32_t next = log_index_next(&log->index, file);
	lock_release(&log->lock);
	return next;
}

/* Names depend on what never changes in the index: no lock. */
uint32_t binlog_parse_file_name(struct binlog *log, struct bytes name)
{
	return log_index_parse_name(&log->index, name);
}

void binlog_file_name(const struct binlog *log, uint32_t file, char out[log_file_name_max + 1])
{
	log_index_file_name(&log->index, file, out);
}

char *binlog_file_path(const struct binlog *log, uint32_t file)
{
	return log_index_file_path(&log->index, file);
}

const char *binlog_base_name(const struct binlog *log)
{
	return log->base_path;
}

const char *binlog_index_name(const struct binlog *log)
{
	return log->index_path;
}
