/*
 * The store as a whole: opening, closing, flushing, reads outside of transactions.
 *
 * In the space META stands, under "format", the version of everything this server keeps in the store (u32, little
 * endian). Opening refuses another one: key and row formats have no version of their own.
 */
#include "store/store.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "store/bulk/ingest.h"
#include "store/memory_budget.h"
#include "store/store_guard.h"
#include "store/store_internal.h"

enum { store_format_version = 1 };

enum {
	write_buffer_size_min = 256 * 1024,
	arena_block_size = 256 * 1024, /* a memtable grows by that much: an idle server has one */
	open_files_max = 512,
	settled_memtable_size = 1024 * 1024, /* a memtable this large is written to a file at closing */
	bloom_bits_per_key = 10,
	block_cache_shard_bits = 4,
	/* So many deletions in a run of entries get a file compacted. An index whose columns are updated has one in two. */
	deletion_window = 1024,
	deletion_window_trigger = 900,
};
static const double memtable_filter_share = 0.01; /* of a memtable: 13 bits for a row of 200 bytes with an index entry */

/* ------------------------------------------------------------------------------------------------ row header */

void store_begin_thread(void)
{
	rocksdb_set_perf_level(rocksdb_disable);
}

void store_put_row_header(struct buf *out, const struct store_row_header *header)
{
	buf_put_u64(out, (uint64_t)header->version_us);
	buf_put_u32(out, header->origin_server_id);
	buf_put_u32(out, header->flags);
}

bool store_get_row_header(struct bytes value, struct store_row_header *out)
{
	if (value.size < store_row_header_size)
		return false;
	*out = (struct store_row_header){
		.version_us = (int64_t)bytes_load_uint(value.data, 8),
		.origin_server_id = (uint32_t)bytes_load_uint(value.data + 8, 4),
		.flags = (uint32_t)bytes_load_uint(value.data + 12, 4),
	};
	return true;
}

/* --------------------------------------------------------------------------------------------------- options */

/* In few shards: a block is as large as its row, and where a shard holds few of them some have too many. */
static rocksdb_cache_t *create_block_cache(uint64_t size)
{
	rocksdb_lru_cache_options_t *options = rocksdb_lru_cache_options_create();
	rocksdb_lru_cache_options_set_capacity(options, size);
	rocksdb_lru_cache_options_set_num_shard_bits(options, block_cache_shard_bits);
	rocksdb_cache_t *cache = rocksdb_cache_create_lru_opts(options);
	rocksdb_lru_cache_options_destroy(options);
	return cache;
}

static void set_table_options(struct store *store, const struct store_options *wanted)
{
	store->cache = create_block_cache(memory_budget_blocks(wanted->memory.size, 0, 0));
	rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
	rocksdb_block_based_options_set_block_cache(table, store->cache);
	rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(bloom_bits_per_key));
	rocksdb_block_based_options_set_whole_key_filtering(table, 1);
	/* Indexes and filters count against the cache, so that the cache's size is the bound (law 11). */
	rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
	rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(table, 1);
	rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(table, 1);
	rocksdb_block_based_options_set_format_version(table, 5);
	rocksdb_options_set_block_based_table_factory(store->options, table);
	rocksdb_block_based_options_destroy(table);
}

static void set_write_options(struct store *store, const struct store_options *wanted)
{
	rocksdb_options_t *options = store->options;
	size_t buffer_size = wanted->write_buffer_size ? wanted->write_buffer_size
						       : memory_budget_write_buffer(wanted->memory.size);
	rocksdb_options_set_write_buffer_size(options, buffer_size > write_buffer_size_min ? buffer_size
											    : write_buffer_size_min);
	rocksdb_options_set_arena_block_size(options, arena_block_size);
	rocksdb_options_set_max_write_buffer_number(options, 3);
	/* Most rows that are read by key have been written out: a filter says so without a search through the memtable. */
	rocksdb_options_set_memtable_prefix_bloom_size_ratio(options, memtable_filter_share);
	rocksdb_options_set_memtable_whole_key_filtering(options, 1);
	rocksdb_options_add_compact_on_deletion_collector_factory(options, deletion_window, deletion_window_trigger);
	/* What was written before a torn record is whole; what comes after it is not wanted (the log has it). */
	rocksdb_options_set_wal_recovery_mode(options, rocksdb_point_in_time_recovery);
	/* Waiting writers sleep rather than spin: the machine's few processors have other work. */
	rocksdb_options_set_enable_write_thread_adaptive_yield(options, 0);
}

static void set_house_options(struct store *store, const struct store_options *wanted)
{
	rocksdb_options_t *options = store->options;
	rocksdb_options_set_create_if_missing(options, 1);
	rocksdb_options_set_max_background_jobs(options,
						wanted->background_threads ? (int)wanted->background_threads : 2);
	rocksdb_options_set_max_open_files(options, open_files_max);
	rocksdb_options_set_level_compaction_dynamic_level_bytes(options, 1);
	/* What has just been written out, and the level (256 MB) that it is merged into, are soon written anew: who commits
	   has better use for the processor. The levels below, where most of a large store lies, are compressed. */
	static const int compression[] = {rocksdb_no_compression, rocksdb_no_compression, rocksdb_lz4_compression};
	rocksdb_options_set_compression_per_level(options, compression, 3);
	rocksdb_options_set_stats_dump_period_sec(options, 0);
	rocksdb_options_set_stats_persist_period_sec(options, 0);
	if (wanted->in_memory) {
		store->env = rocksdb_create_mem_env();
		rocksdb_options_set_env(options, store->env);
	}
}

static void create_options(struct store *store, const struct store_options *wanted)
{
	store->options = rocksdb_options_create();
	set_table_options(store, wanted);
	set_write_options(store, wanted);
	set_house_options(store, wanted);
	store->read_latest = rocksdb_readoptions_create();
	store->write = rocksdb_writeoptions_create();
	store->write_flushed = rocksdb_writeoptions_create();
	rocksdb_writeoptions_set_sync(store->write_flushed, 1);
}

static void destroy_options(struct store *store)
{
	rocksdb_writeoptions_destroy(store->write_flushed);
	rocksdb_writeoptions_destroy(store->write);
	rocksdb_readoptions_destroy(store->read_latest);
	rocksdb_options_destroy(store->options);
	rocksdb_cache_destroy(store->cache);
	if (store->env)
		rocksdb_env_destroy(store->env);
}

/* --------------------------------------------------------------------------------------------- open and close */

static struct bytes meta_key(struct buf *out, const char *name)
{
	buf_put_u32_be(out, STORE_SPACE_META);
	buf_put_string(out, name);
	return buf_bytes(out);
}

static bool is_empty(struct store *store)
{
	rocksdb_iterator_t *iterator = rocksdb_create_iterator(store->db, store->read_latest);
	rocksdb_iter_seek_to_first(iterator);
	bool empty = !rocksdb_iter_valid(iterator);
	rocksdb_iter_destroy(iterator);
	return empty;
}

static int refuse_format(const struct store *store, uint64_t version, struct diag *diag)
{
	return diag_set_message(diag, ER_GET_ERRMSG,
				"The store in %s has format %llu, this server reads format %d: start the version that made it, "
				"dump its databases there, and load the dump into a new data directory",
				store->directory, (unsigned long long)version, store_format_version);
}

static int write_format(struct store *store, struct bytes key, struct diag *diag)
{
	uint8_t version[4];
	bytes_store_uint(version, store_format_version, sizeof version);
	return store_put(store, key, bytes_of(version, sizeof version), diag);
}

static int check_format(struct store *store, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	int status = -1;
	enum store_outcome outcome = store_get(store, meta_key(&key, "format"), &value, diag);
	if (outcome == STORE_OK) {
		uint64_t version = value.size == 4 ? bytes_load_uint(value.data, 4) : 0;
		status = version == store_format_version ? 0 : refuse_format(store, version, diag);
	} else if (outcome == STORE_NOT_FOUND) {
		status = is_empty(store) ? write_format(store, buf_bytes(&key), diag) : refuse_format(store, 0, diag);
	}
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

static void notice_error(void *argument, const char *error)
{
	struct store *store = argument;
	(void)error; /* who writes next is told */
	atomic_store(&store->has_failed, true);
}

static int open_database(struct store *store, struct diag *diag)
{
	char *error = NULL;
	if (store->env == NULL)
		(void)mkdir(store->directory, 0750); /* that it was not there is nothing for RocksDB to report */
	store->db = store_guard_open(store->options, store->directory, notice_error, store, &error);
	if (error == NULL)
		return 0;
	if (strstr(error, "/LOCK: ")) {
		rocksdb_free(error);
		return diag_set_message(diag, ER_GET_ERRMSG, "The store in %s is in use by another process",
					store->directory);
	}
	store_status_check(error, diag);
	diag_add_context(diag, "opening the store in %s", store->directory);
	return -1;
}

static void destroy(struct store *store)
{
	if (store->db)
		rocksdb_close(store->db);
	destroy_options(store);
	row_locks_deinit(&store->row_locks);
	space_ends_deinit(&store->ends);
	row_cache_destroy(&store->row_cache);
	page_cache_destroy(&store->page_cache);
	condition_deinit(&store->flush_done);
	lock_deinit(&store->lock);
	memory_free(store->directory);
	memory_free(store);
}

int store_open(const char *directory, const struct store_options *options, struct store **out_store, struct diag *diag)
{
	struct store *store = memory_zalloc(sizeof *store);
	store->directory = memory_copy_string(directory);
	lock_init(&store->lock, "store", LOCK_RANK_STORE);
	condition_init(&store->flush_done);
	row_locks_init(&store->row_locks);
	store->large_commit_size = options->large_commit_size;
	create_options(store, options);
	struct memory_shares shares = memory_budget_shares(&options->memory);
	atomic_init(&store->memory_size, options->memory.size);
	store->row_cache = row_cache_create(shares.rows);
	if (store->row_cache)
		space_ends_init(&store->ends);
	store->page_cache = page_cache_create(shares.pages);
	if (!options->in_memory)
		mkdir(directory, 0750); /* RocksDB would, too, after a warning; what fails it will say */
	if (!options->in_memory)
		store_ingest_clean(directory);
	FAULT_STEP("store.open");
	if (open_database(store, diag) < 0 || check_format(store, diag) < 0) {
		destroy(store);
		return -1;
	}
	FAULT_STEP("store.opened");
	*out_store = store;
	return 0;
}

/* A long write-ahead log would make the next start read it all: its rows go to a file now. */
static void settle_memtable(struct store *store)
{
	uint64_t size = 0;
	rocksdb_property_int(store->db, "rocksdb.cur-size-active-mem-table", &size);
	char *error = NULL;
	if (size >= settled_memtable_size)
		store_write_out(store, true, &error);
	if (error)
		log_warning("store", "closing without settling the write-ahead log: %s", error);
	rocksdb_free(error);
}

void store_close(struct store **store_place)
{
	struct store *store = *store_place;
	if (store == NULL)
		return;
	struct diag diag = DIAG_INIT;
	if (store_flush(store, &diag) < 0)
		log_diag(LOG_ERROR, "store", &diag);
	FAULT_STEP("store.settle");
	settle_memtable(store);
	FAULT_STEP("store.close");
	destroy(store);
	*store_place = NULL;
}

/* --------------------------------------------------------------------------------------------------- flushing */

void store_write_out(struct store *store, bool wait, char **error)
{
	rocksdb_flushoptions_t *options = rocksdb_flushoptions_create();
	rocksdb_flushoptions_set_wait(options, wait);
	rocksdb_flush(store->db, options, error);
	rocksdb_flushoptions_destroy(options);
}

/* Called with the lock held and given back for the flush. */
static int flush_as_leader(struct store *store, struct diag *diag)
{
	uint64_t target = atomic_load(&store->written);
	store->flushing = true;
	lock_release(&store->lock);
	char *error = NULL;
	int status = FAULT_POINT("store.flush") ? store_status_fail(diag) : 0;
	if (status == 0) {
		rocksdb_flush_wal(store->db, 1, &error);
		status = store_status_check(error, diag);
	}
	FAULT_STEP("store.after_flush");
	if (status < 0)
		atomic_store(&store->has_failed, true);
	lock_take(&store->lock);
	store->flushing = false;
	if (status == 0)
		store->flushed = target;
	condition_broadcast(&store->flush_done);
	return status;
}

int store_refuse(struct diag *diag)
{
	return diag_set_message(diag, ER_GET_ERRMSG, "Got error from the store: a write or a flush failed before");
}

/* Many at once share flushes: who finds one under way waits for it, and the first of them does the next. */
int store_flush(struct store *store, struct diag *diag)
{
	uint64_t wanted = atomic_load(&store->written);
	int status = 0;
	if (store->env)
		return 0; /* no disk to flush to */
	if (store_has_failed(store))
		return store_refuse(diag); /* what the disk has of the write-ahead log is not known any more */
	lock_take(&store->lock);
	while (status == 0 && store->flushed < wanted) {
		if (store->flushing)
			condition_wait(&store->flush_done, &store->lock);
		else
			status = flush_as_leader(store, diag);
	}
	lock_release(&store->lock);
	return status;
}

bool store_has_failed(const struct store *store)
{
	return atomic_load(&store->has_failed);
}

int store_resume(struct store *store, struct diag *diag)
{
	uint64_t written = atomic_load(&store->written);
	atomic_store(&store->has_failed, false); /* what fails from here on is new */
	if (store_status_check(store_guard_resume(store->db), diag) < 0) {
		atomic_store(&store->has_failed, true);
		return -1;
	}
	lock_take(&store->lock);
	if (store->flushed < written)
		store->flushed = written;
	lock_release(&store->lock);
	return 0;
}

/* ---------------------------------------------------------------------------------------- outside transactions */

struct store_snapshot *store_snapshot_create(struct store *store)
{
	return (struct store_snapshot *)rocksdb_create_snapshot(store->db);
}

void store_snapshot_destroy(struct store *store, struct store_snapshot **snapshot)
{
	if (*snapshot)
		rocksdb_release_snapshot(store->db, (rocksdb_snapshot_t *)*snapshot);
	*snapshot = NULL;
}

/* Past the row cache. */
static enum store_outcome find_in_database(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
					   rocksdb_pinnableslice_t **out_pinned, struct diag *diag)
{
	char *error = NULL;
	rocksdb_readoptions_t *options = store->read_latest;
	if (snapshot) {
		options = rocksdb_readoptions_create();
		rocksdb_readoptions_set_snapshot(options, (const rocksdb_snapshot_t *)snapshot);
	}
	*out_pinned = rocksdb_get_pinned(store->db, options, (const char *)key.data, key.size, &error);
	if (snapshot)
		rocksdb_readoptions_destroy(options);
	if (error)
		return store_status_take(error, diag);
	return *out_pinned ? STORE_OK : STORE_NOT_FOUND;
}

enum store_outcome store_find(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
			      struct buf *out_value, struct diag *diag)
{
	rocksdb_pinnableslice_t *pinned;
	uint64_t as_of = snapshot ? store_guard_sequence((const rocksdb_snapshot_t *)snapshot) : ROW_CACHE_NOW;
	if (snapshot == NULL && space_ends_is_behind(&store->ends, key))
		return STORE_NOT_FOUND;
	if (row_cache_read(store->row_cache, key, as_of, out_value))
		return STORE_OK;
	if (snapshot == NULL)
		as_of = store_now(store);
	enum store_outcome outcome = find_in_database(store, snapshot, key, &pinned, diag);
	if (outcome == STORE_NOT_FOUND && space_ends_follow(&store->ends, key))
		store_find_space_end(store, key);
	if (outcome != STORE_OK)
		return outcome;
	struct bytes value = {0};
	value.data = (const uint8_t *)rocksdb_pinnableslice_value(pinned, &value.size);
	if (out_value)
		buf_put_bytes(out_value, value);
	row_cache_fill(store->row_cache, key, value, as_of);
	rocksdb_pinnableslice_destroy(pinned);
	return STORE_OK;
}

enum store_outcome store_get(struct store *store, struct bytes key, struct buf *out_value, struct diag *diag)
{
	return store_find(store, NULL, key, out_value, diag);
}

enum store_outcome store_get_as_of(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
				   struct buf *out_value, struct diag *diag)
{
	return store_find(store, snapshot, key, out_value, diag);
}

int store_put(struct store *store, struct bytes key, struct bytes value, struct diag *diag)
{
	char *error = NULL;
	if (FAULT_POINT("store.put"))
		return store_status_fail(diag);
	space_ends_begin_write(&store->ends);
	space_ends_rise(&store->ends, key);
	struct page_cache_write pages;
	page_cache_begin_write(store->page_cache, &pages, store_now(store));
	page_cache_change(store->page_cache, &pages, key, &value);
	row_cache_begin_write(store->row_cache, key);
	rocksdb_put(store->db, store->write_flushed, (const char *)key.data, key.size,
				  (const char *)value.data, value.size, &error);
	uint64_t now = store_now(store);
	row_cache_end_write(store->row_cache, key, NULL, now);
	page_cache_end_write(store->page_cache, &pages, now, error == NULL);
	space_ends_end_write(&store->ends);
	FAULT_STEP("store.after_put");
	return store_status_check(error, diag);
}

const char *store_directory(const struct store *store)
{
	return store->directory;
}
