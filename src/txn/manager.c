/*
 * The manager: settings, the store's log position, work on the log between groups.
 *
 * The position stands in the store under META "log_position" and commits with each logged transaction:
 *   0  u32 file number   4  u64 offset of the transaction's end   12  i64 the hybrid clock at the commit, µs
 * The clock is there so that versions go on rising after a restart whose wall clock is behind.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "txn/log_tail.h"
#include "txn/txn_internal.h"

enum { position_size = 20, cache_size_default = 32 * 1024 };

static const uint8_t position_key_bytes[] = "\0\0\0\1log_position";
static_assert(STORE_SPACE_META == 1, "the key above begins with it");

static struct bytes position_key(void)
{
	return bytes_of(position_key_bytes, sizeof position_key_bytes - 1);
}

static struct bytes encode_position(struct binlog_position position, struct hlc *clock, uint8_t out[position_size])
{
	bytes_store_uint(out, position.file, 4);
	bytes_store_uint(out + 4, position.offset, 8);
	bytes_store_uint(out + 12, (uint64_t)atomic_load(&clock->last_us), 8);
	return bytes_of(out, position_size);
}

static int read_position(struct store *store, struct binlog_position *out_position, int64_t *out_clock_us,
			 struct diag *diag)
{
	struct buf value = {0};
	int status = 0;
	*out_position = (struct binlog_position){0};
	*out_clock_us = 0;
	enum store_outcome outcome = store_get(store, position_key(), &value, diag);
	if (outcome == STORE_OK && value.size == position_size) {
		out_position->file = (uint32_t)bytes_load_uint(value.data, 4);
		out_position->offset = bytes_load_uint(value.data + 4, 8);
		*out_clock_us = (int64_t)bytes_load_uint(value.data + 12, 8);
	} else if (outcome == STORE_OK) {
		status = diag_set_message(diag, ER_GET_ERRMSG, "The store's log position has %zu bytes", value.size);
	} else if (outcome != STORE_NOT_FOUND) {
		status = -1;
	}
	buf_deinit(&value);
	return status;
}

int txn_read_position(struct store *store, struct binlog_position *out_position, struct diag *diag)
{
	int64_t clock_us;
	return read_position(store, out_position, &clock_us, diag);
}

int txn_manager_read_position(struct txn_manager *manager, struct buf *out_file, uint64_t *out_offset, struct diag *diag)
{
	struct binlog_position position;
	if (txn_read_position(manager->store, &position, diag) < 0)
		return -1;
	buf_clear(out_file);
	*out_offset = position.offset;
	if (position.file && manager->binlog) {
		char name[log_file_name_max + 1];
		binlog_file_name(manager->binlog, position.file, name);
		buf_put_string(out_file, name);
	}
	return 0;
}

void txn_put_position(struct store_txn *txn, struct binlog_position position, struct hlc *clock)
{
	uint8_t value[position_size];
	store_txn_put_unlocked(txn, position_key(), encode_position(position, clock, value));
}

int txn_manager_write_position(struct txn_manager *manager, struct binlog_position position, struct diag *diag)
{
	uint8_t value[position_size];
	return store_put(manager->store, position_key(), encode_position(position, manager->clock, value), diag);
}

/* ------------------------------------------------------------------------------------------- create, destroy */

static struct txn_manager *allocate(const struct txn_manager_options *options)
{
	struct txn_manager *manager = memory_zalloc(sizeof *manager);
	manager->store = options->store;
	manager->binlog = options->binlog;
	manager->clock = options->clock;
	manager->log_filter = options->log_filter;
	manager->outage_hook = options->outage_hook;
	manager->outage_hook_argument = options->outage_hook_argument;
	outage_init(&manager->outage, options->store, options->binlog ? binlog_base_name(options->binlog) : NULL);
	manager->tmpdir = memory_copy_string(options->tmpdir ? options->tmpdir : "/tmp");
	atomic_store(&manager->server_id, options->server_id);
	atomic_store(&manager->sync_binlog, 1);
	atomic_store(&manager->flush_store_at_commit, 1);
	atomic_store(&manager->gtid_mode, options->gtid_mode);
	txn_manager_set_cache_size(manager, options->cache_size, options->cache_size_max);
	lock_init(&manager->queue_lock, "txn.queue", LOCK_RANK_COMMIT_QUEUE);
	condition_init(&manager->room);
	condition_init(&manager->settled);
	condition_init(&manager->idle);
	condition_init(&manager->gate);
	return manager;
}

static void release(struct txn_manager *manager)
{
	txn_gtids_close(manager);
	outage_deinit(&manager->outage);
	condition_deinit(&manager->gate);
	condition_deinit(&manager->idle);
	condition_deinit(&manager->room);
	condition_deinit(&manager->settled);
	lock_deinit(&manager->queue_lock);
	memory_free(manager->tmpdir);
	memory_free(manager);
}

static int observe_clock(struct txn_manager *manager, struct diag *diag)
{
	struct binlog_position position;
	int64_t clock_us;
	if (read_position(manager->store, &position, &clock_us, diag) < 0)
		return -1;
	hlc_observe(manager->clock, clock_us);
	return 0;
}

struct txn_manager *txn_manager_create(const struct txn_manager_options *options)
{
	struct diag diag = DIAG_INIT;
	struct txn_manager *manager = allocate(options);
	int gtids = txn_gtids_open(manager, &diag);
	if (gtids < 0 || observe_clock(manager, &diag) < 0 || txn_flusher_start(manager, &diag) < 0) {
		log_diag(LOG_ERROR, "txn", &diag);
		release(manager);
		return NULL;
	}
	return manager;
}

void txn_manager_destroy(struct txn_manager **manager_place)
{
	struct txn_manager *manager = *manager_place;
	if (manager == NULL)
		return;
	txn_flusher_stop(manager);
	release(manager);
	*manager_place = NULL;
}

/* -------------------------------------------------------------------------------------------------- settings */

struct binlog *txn_manager_binlog(struct txn_manager *manager)
{
	return manager->binlog;
}

struct store *txn_manager_store(struct txn_manager *manager)
{
	return manager->store;
}

struct hlc *txn_manager_clock(struct txn_manager *manager)
{
	return manager->clock;
}

void txn_manager_set_sync(struct txn_manager *manager, unsigned sync_binlog, unsigned flush_store_at_commit)
{
	atomic_store(&manager->sync_binlog, sync_binlog);
	atomic_store(&manager->flush_store_at_commit, flush_store_at_commit);
	if (manager->binlog)
		binlog_set_sync_period(manager->binlog, sync_binlog);
}

void txn_manager_set_server_id(struct txn_manager *manager, uint32_t server_id)
{
	atomic_store(&manager->server_id, server_id);
	if (manager->binlog)
		binlog_set_server_id(manager->binlog, server_id);
}

void txn_manager_set_cache_size(struct txn_manager *manager, uint64_t cache_size, uint64_t cache_size_max)
{
	atomic_store(&manager->cache_size, cache_size ? cache_size : cache_size_default);
	atomic_store(&manager->cache_size_max, cache_size_max ? cache_size_max : UINT64_MAX);
}

void txn_manager_set_group_hooks(struct txn_manager *manager, const struct txn_group_hooks *hooks)
{
	manager->hooks = *hooks;
}

bool txn_outage_is_on(struct txn_manager *manager)
{
	return atomic_load(&manager->outage.cause) != OUTAGE_NONE;
}

int txn_manager_check_writes(struct txn_manager *manager, struct diag *diag)
{
	return outage_check(&manager->outage, diag);
}

void txn_manager_set_stops_in_doubt(struct txn_manager *manager, bool stops)
{
	atomic_store(&manager->outage.stops, stops);
}

void txn_manager_give_up(struct txn_manager *manager)
{
	outage_give_up(&manager->outage);
}

void txn_manager_get_stats(struct txn_manager *manager, struct txn_stats *out_stats)
{
	struct txn_counters *counters = &manager->counters;
	*out_stats = (struct txn_stats){
		.commits = atomic_load(&counters->commits),
		.logged_commits = atomic_load(&counters->logged_commits),
		.rollbacks = atomic_load(&counters->rollbacks),
		.groups = atomic_load(&counters->groups),
		.group_size_max = atomic_load(&counters->group_size_max),
		.log_syncs = atomic_load(&counters->log_syncs),
		.outages = atomic_load(&manager->outage.count),
		.cache_use = atomic_load(&counters->cache_use),
		.cache_disk_use = atomic_load(&counters->cache_disk_use),
	};
}

/* ---------------------------------------------------------------------------------- the log, between two groups */

/* The store's durable position is the log's end: all before it may be purged. */
static int settle_position(struct txn_manager *manager, struct diag *diag)
{
	return txn_manager_write_position(manager, binlog_get_end(manager->binlog), diag);
}

/* Who has the right to the log may be waiting for room, and would keep us waiting with it. */
static int take_log_to_write(struct txn_manager *manager, struct diag *diag)
{
	if (txn_manager_check_writes(manager, diag) < 0)
		return -1;
	txn_manager_take_log(manager);
	return 0;
}

static int rotate_taken(struct txn_manager *manager, struct diag *diag)
{
	if (binlog_rotate(manager->binlog, diag) < 0)
		return -1;
	FAULT_STEP("rotate.settle");
	return settle_position(manager, diag);
}

int txn_manager_rotate_log(struct txn_manager *manager, struct diag *diag)
{
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	int status = rotate_taken(manager, diag);
	txn_manager_release_log(manager);
	return status;
}

int txn_manager_set_checksum(struct txn_manager *manager, enum event_checksum checksum, struct diag *diag)
{
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	enum event_checksum old = binlog_checksum(manager->binlog);
	binlog_set_checksum(manager->binlog, checksum);
	int status = rotate_taken(manager, diag);
	if (status < 0)
		binlog_set_checksum(manager->binlog, old);
	txn_manager_release_log(manager);
	return status;
}

enum txn_gtid_mode txn_manager_gtid_mode(struct txn_manager *manager)
{
	return (enum txn_gtid_mode)atomic_load(&manager->gtid_mode);
}

int txn_manager_set_gtid_mode(struct txn_manager *manager, enum txn_gtid_mode mode, struct diag *diag)
{
	if (manager->binlog == NULL || txn_manager_gtid_mode(manager) == mode) {
		atomic_store(&manager->gtid_mode, mode);
		return 0;
	}
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	int status = binlog_rotate(manager->binlog, diag);
	if (status == 0)
		status = settle_position(manager, diag);
	if (status == 0)
		atomic_store(&manager->gtid_mode, mode);
	txn_manager_release_log(manager);
	return status;
}

int txn_manager_add_purged(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag)
{
	if (manager->binlog == NULL)
		return txn_gtids_add_purged(manager, added, diag);
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	int status = store_flush(manager->store, diag); /* for the files that go */
	if (status == 0)
		status = txn_gtids_add_purged(manager, added, diag);
	FAULT_STEP("gtid_purged.logged");
	if (status == 0)
		status = settle_position(manager, diag);
	txn_manager_release_log(manager);
	return status;
}

int txn_manager_reset_log(struct txn_manager *manager, uint32_t first_file, struct diag *diag)
{
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	int status = store_flush(manager->store, diag); /* nothing is left that the old files would have to repeat */
	FAULT_STEP("reset.flushed");
	if (status == 0)
		status = log_tail_forget(manager, diag);
	if (status == 0)
		status = txn_gtids_retire(manager, diag);
	FAULT_STEP("reset.retired");
	if (status == 0)
		status = txn_reset_own_log(manager, first_file, diag);
	FAULT_STEP("reset.settled");
	atomic_store(&manager->last_file, 0);
	txn_manager_release_log(manager);
	return status;
}

/* The store cannot be flushed, but the files that it left behind long ago may go: that makes room. */
static int purge_in_outage(struct txn_manager *manager, uint32_t file, struct binlog_purge_report *out_report,
			   struct diag *diag)
{
	if (file > atomic_load(&manager->last_file))
		return txn_manager_check_writes(manager, diag);
	return binlog_purge_to(manager->binlog, file, out_report, diag);
}

int txn_manager_purge_to(struct txn_manager *manager, uint32_t file, struct binlog_purge_report *out_report,
			 struct diag *diag)
{
	if (txn_outage_is_on(manager))
		return purge_in_outage(manager, file, out_report, diag);
	txn_manager_take_log(manager);
	int status = store_flush(manager->store, diag);
	if (status == 0)
		status = binlog_purge_to(manager->binlog, file, out_report, diag);
	txn_manager_release_log(manager);
	return status;
}

int txn_manager_purge_before(struct txn_manager *manager, int64_t time_s, struct binlog_purge_report *out_report,
			     struct diag *diag)
{
	if (take_log_to_write(manager, diag) < 0)
		return -1;
	int status = store_flush(manager->store, diag);
	if (status == 0)
		status = binlog_purge_before(manager->binlog, time_s, out_report, diag);
	txn_manager_release_log(manager);
	return status;
}
