/*
 * A transaction until its commit: snapshots, statements, savepoints, events.
 *
 * Statements and named savepoints are marks on one stack, each with a savepoint of the store at the same
 * height. Setting a savepoint's name again makes its old mark nameless instead of taking it out of the
 * middle; marks above one that goes, go with it.
 */
#include "txn/txn.h"

#include <assert.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "txn/txn_internal.h"

enum { lock_timeout_default_ms = 50 * 1000 };

struct txn *txn_create(struct txn_manager *manager)
{
	struct txn *txn = memory_zalloc(sizeof *txn);
	txn->manager = manager;
	txn->logging = true;
	txn->lock_timeout_ms = lock_timeout_default_ms;
	txn->isolation = txn->next_isolation = ISOLATION_REPEATABLE_READ;
	events_cache_init(&txn->events);
	return txn;
}

void txn_destroy(struct txn **txn_place)
{
	struct txn *txn = *txn_place;
	if (txn == NULL)
		return;
	txn_rollback(txn);
	events_cache_deinit(&txn->events);
	buf_deinit(&txn->companion_key);
	buf_deinit(&txn->companion_value);
	buf_deinit(&txn->aside_key);
	buf_deinit(&txn->unlogged_spaces);
	memory_free(txn->marks);
	memory_free(txn->database);
	memory_free(txn);
	*txn_place = NULL;
}

/* -------------------------------------------------------------------------------------------------- settings */

void txn_set_interrupt(struct txn *txn, const atomic_bool *interrupt)
{
	txn->interrupt = interrupt;
	if (txn->store)
		store_txn_set_interrupt(txn->store, interrupt);
}

void txn_set_wait_flag(struct txn *txn, atomic_bool *waits)
{
	txn->waits = waits;
	if (txn->store)
		store_txn_set_wait_flag(txn->store, waits);
}

bool txn_may_hold_rows(const struct txn *txn)
{
	return txn->store;
}

void txn_set_time(struct txn *txn, uint32_t time_s)
{
	txn->time_s = time_s;
}

void txn_set_event_flags(struct txn *txn, uint16_t flags)
{
	txn->event_flags = flags;
}

void txn_set_compression(struct txn *txn, int level)
{
	txn->compression_level = level;
}

void txn_set_original(struct txn *txn, int64_t commit_us, uint32_t server_version)
{
	txn->original_commit_us = commit_us;
	txn->original_server_version = server_version;
}

void txn_set_thread_id(struct txn *txn, uint32_t thread_id)
{
	txn->thread_id = thread_id;
}

void txn_set_describer(struct txn *txn, txn_describer *describer, const void *described)
{
	txn->describer = describer;
	txn->described = described;
}

void txn_set_isolation(struct txn *txn, enum txn_isolation isolation)
{
	txn->next_isolation = isolation;
}

enum txn_isolation txn_get_isolation(const struct txn *txn)
{
	return txn_is_active(txn) ? txn->isolation : txn->next_isolation;
}

void txn_set_lock_timeout(struct txn *txn, int64_t timeout_ms)
{
	txn->lock_timeout_ms = timeout_ms;
	if (txn->store)
		store_txn_set_lock_timeout(txn->store, timeout_ms);
}

void txn_set_origin(struct txn *txn, const struct txn_origin *origin)
{
	txn_gtid_release(txn); /* of the old origin: its transaction ended, or never began */
	txn->origin = *origin;
}

void txn_set_logging(struct txn *txn, bool on)
{
	txn->logging = on;
}

void txn_set_companion(struct txn *txn, struct bytes key, struct bytes value, enum txn_companion kind)
{
	buf_clear(&txn->companion_key);
	buf_clear(&txn->companion_value);
	buf_put_bytes(&txn->companion_key, key);
	buf_put_bytes(&txn->companion_value, value);
	txn->companion_kind = kind;
}

bool txn_is_logging(const struct txn *txn)
{
	return txn->manager->binlog && txn->logging && !txn->replayed;
}

bool txn_logs_database(const struct txn *txn, const char *database)
{
	const struct filter *filter = txn->manager->log_filter;
	if (!txn_is_logging(txn))
		return false;
	return filter == NULL || filter_allows_database(filter, database && *database ? database : NULL);
}

void txn_note_unlogged_rows(struct txn *txn, uint32_t space)
{
	struct buf *spaces = &txn->unlogged_spaces;
	txn->has_unlogged_rows = true;
	for (size_t i = 0; i < spaces->size; i += sizeof space)
		if (memcmp(spaces->data + i, &space, sizeof space) == 0)
			return;
	buf_put(spaces, &space, sizeof space);
}

void txn_note_unlogged_text(struct txn *txn)
{
	txn->has_unlogged_rows = txn->has_unlogged_text = true;
}

void txn_set_replayed(struct txn *txn, struct binlog_position end)
{
	txn->replayed = true;
	txn->replayed_end = end;
}

void txn_set_replayed_aside(struct txn *txn, struct bytes key)
{
	buf_clear(&txn->aside_key);
	buf_put_bytes(&txn->aside_key, key);
}

void txn_set_database(struct txn *txn, const char *database)
{
	memory_free(txn->database);
	txn->database = memory_copy_string(database);
}

/* ------------------------------------------------------------------------------------- store and snapshots */

bool txn_is_active(const struct txn *txn)
{
	return txn->store || txn->snapshot;
}

bool txn_has_changes(const struct txn *txn)
{
	return (txn->store && store_txn_size(txn->store) > txn->inherited_size) ||
	       events_cache_size(&txn->events) > txn->begin_size;
}

static void settle_isolation(struct txn *txn)
{
	if (!txn_is_active(txn))
		txn->isolation = txn->next_isolation;
}

struct store_txn *txn_store(struct txn *txn)
{
	if (txn->store)
		return txn->store;
	struct txn_manager *manager = txn->manager;
	settle_isolation(txn);
	txn->flushed_commit = !txn_is_logging(txn) && !txn->replayed && atomic_load(&manager->flush_store_at_commit) == 1;
	txn->store = txn->flushed_commit ? store_txn_begin_flushed(manager->store, txn->lock_timeout_ms)
					 : store_txn_begin(manager->store, txn->lock_timeout_ms);
	store_txn_set_interrupt(txn->store, txn->interrupt);
	store_txn_set_wait_flag(txn->store, txn->waits);
	for (size_t i = 0; i < txn->mark_count; i++)
		store_txn_savepoint(txn->store);
	return txn->store;
}

bool txn_stand_on_commits(struct txn *txn)
{
	bool may = txn->store == NULL && txn_is_logging(txn) && !txn->origin.foreign;
	if (may)
		store_txn_stand_on_offered(txn_store(txn));
	return may;
}

void txn_start_snapshot(struct txn *txn)
{
	settle_isolation(txn);
	if (txn->snapshot == NULL && txn->isolation >= ISOLATION_REPEATABLE_READ)
		txn->snapshot = store_snapshot_create(txn->manager->store);
}

const struct store_snapshot *txn_read_snapshot(struct txn *txn)
{
	settle_isolation(txn);
	if (txn->isolation == ISOLATION_READ_UNCOMMITTED)
		return NULL;
	if (txn->snapshot == NULL)
		txn->snapshot = store_snapshot_create(txn->manager->store);
	return txn->snapshot;
}

static void drop_statement_snapshot(struct txn *txn)
{
	if (txn->snapshot && txn->isolation == ISOLATION_READ_COMMITTED)
		store_snapshot_destroy(txn->manager->store, &txn->snapshot);
}

/* ----------------------------------------------------------------------------------------------------- marks */

static void push_mark(struct txn *txn, const char *name)
{
	if (txn->mark_count == txn->mark_capacity) {
		txn->mark_capacity = txn->mark_capacity ? txn->mark_capacity * 2 : 4;
		txn->marks = memory_realloc(txn->marks, txn->mark_capacity * sizeof *txn->marks);
	}
	txn->marks[txn->mark_count++] = (struct txn_mark){
		.name = memory_copy_string(name),
		.events_size = events_cache_size(&txn->events),
	};
	if (txn->store)
		store_txn_savepoint(txn->store);
}

/* Forgets the marks from count on; what was done since stays. */
static void drop_marks(struct txn *txn, size_t count)
{
	while (txn->mark_count > count) {
		memory_free(txn->marks[--txn->mark_count].name);
		if (txn->store)
			store_txn_pop_savepoint(txn->store);
	}
}

/* Undoes what was done since the mark. It and those above it are gone. */
static void undo_to_mark(struct txn *txn, size_t mark)
{
	drop_marks(txn, mark + 1);
	events_cache_truncate(&txn->events, txn->marks[mark].events_size);
	if (events_cache_size(&txn->events) == 0) {
		txn->begin_size = 0;
		txn->is_statement = false;
	}
	memory_free(txn->marks[mark].name);
	txn->mark_count--;
	if (txn->store)
		store_txn_rollback_to_savepoint(txn->store);
}

static bool top_is_statement(const struct txn *txn)
{
	return txn->mark_count && txn->marks[txn->mark_count - 1].name == NULL;
}

void txn_statement_begin(struct txn *txn)
{
	push_mark(txn, NULL);
}

static void end_statement(struct txn *txn)
{
	uint64_t in_memory = txn->events.buf.size;
	if (in_memory > atomic_load(&txn->manager->cache_size))
		events_cache_spill(&txn->events, txn->events.buf.size, txn->manager->tmpdir);
	drop_statement_snapshot(txn);
}

void txn_statement_end(struct txn *txn)
{
	if (top_is_statement(txn))
		drop_marks(txn, txn->mark_count - 1);
	end_statement(txn);
}

void txn_statement_rollback(struct txn *txn)
{
	if (top_is_statement(txn))
		undo_to_mark(txn, txn->mark_count - 1);
	end_statement(txn);
}

static void end_open_statements(struct txn *txn)
{
	while (top_is_statement(txn))
		drop_marks(txn, txn->mark_count - 1);
}

/* -1 when there is none. */
static int find_savepoint(const struct txn *txn, const char *name)
{
	for (size_t i = txn->mark_count; i-- > 0;)
		if (txn->marks[i].name && strcasecmp(txn->marks[i].name, name) == 0)
			return (int)i;
	return -1;
}

void txn_savepoint(struct txn *txn, const char *name)
{
	txn_store(txn);
	end_open_statements(txn);
	int old = find_savepoint(txn, name);
	if (old >= 0)
		txn->marks[old].name[0] = 0; /* an empty name is nobody's: identifiers are not empty */
	push_mark(txn, name);
}

int txn_rollback_to_savepoint(struct txn *txn, const char *name, struct diag *diag)
{
	int mark = find_savepoint(txn, name);
	if (mark < 0)
		return diag_set(diag, ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name);
	char *kept_name = memory_copy_string(txn->marks[mark].name);
	undo_to_mark(txn, (size_t)mark);
	push_mark(txn, kept_name);
	memory_free(kept_name);
	return 0;
}

int txn_release_savepoint(struct txn *txn, const char *name, struct diag *diag)
{
	int mark = find_savepoint(txn, name);
	if (mark < 0)
		return diag_set(diag, ER_SP_DOES_NOT_EXIST, "SAVEPOINT", name);
	drop_marks(txn, (size_t)mark);
	return 0;
}

/* ---------------------------------------------------------------------------------------------------- events */

struct event_writer txn_event_writer(struct txn *txn)
{
	const struct txn_origin *origin = &txn->origin;
	uint32_t time_s = origin->timestamp ? origin->timestamp : txn->time_s;
	return (struct event_writer){
		.out = &txn->events.buf,
		.timestamp = time_s ? time_s : (uint32_t)time(NULL),
		.flags = txn->event_flags,
		.server_id = origin->server_id ? origin->server_id : atomic_load(&txn->manager->server_id),
		.has_checksum = true,
	};
}

static void put_begin(struct txn *txn)
{
	struct event_query begin;
	struct event_writer writer = txn_event_writer(txn);
	event_query_init(&begin, bytes_of_string(txn->database ? txn->database : ""), bytes_of_string("BEGIN"));
	begin.thread_id = txn->thread_id;
	if (txn->describer)
		txn->describer(txn->described, &begin);
	event_put_query(&writer, &begin, EVENT_FLAG_SUPPRESS_USE); /* as MySQL flags it: it needs no database */
	txn->begin_size = txn->events.buf.size;
}

struct buf *txn_events(struct txn *txn)
{
	if (events_cache_size(&txn->events) == 0 && !txn->is_statement)
		put_begin(txn);
	return &txn->events.buf;
}

uint64_t txn_events_size(const struct txn *txn)
{
	return events_cache_size(&txn->events);
}

size_t txn_events_let_go(struct txn *txn, size_t size)
{
	if (size <= atomic_load(&txn->manager->cache_size))
		return 0;
	return events_cache_spill(&txn->events, size, txn->manager->tmpdir) ? size : 0;
}

void txn_events_statement(struct txn *txn)
{
	struct buf *buf = &txn->events.buf;
	assert(txn->events.spill_size == 0);
	if (txn->begin_size) {
		buf->size -= txn->begin_size;
		memmove(buf->data, buf->data + txn->begin_size, buf->size);
		txn->begin_size = 0;
	}
	txn->is_statement = true;
}

void txn_events_hold_text(struct txn *txn)
{
	txn->holds_text = true;
}

int txn_check_events(const struct txn *txn, struct diag *diag)
{
	if (events_cache_size(&txn->events) > atomic_load(&txn->manager->cache_size_max))
		return diag_set(diag, ER_TRANS_CACHE_FULL);
	return 0;
}

/* ------------------------------------------------------------------------------------------------------- end */

void txn_end_reading(struct txn *txn)
{
	while (txn->mark_count)
		memory_free(txn->marks[--txn->mark_count].name);
	store_txn_end(&txn->store);
	store_snapshot_destroy(txn->manager->store, &txn->snapshot);
}

void txn_forget_changes(struct txn *txn)
{
	txn_end_reading(txn);
	events_cache_clear(&txn->events);
	txn->begin_size = 0;
	txn->is_statement = false;
	txn->holds_text = false;
	txn->has_unlogged_rows = txn->has_unlogged_text = false;
	buf_clear(&txn->unlogged_spaces);
}

void txn_finish(struct txn *txn)
{
	txn_forget_changes(txn);
	txn->replayed = false;
	txn->inherited_size = 0;
	txn->is_dependent = false;
	buf_clear(&txn->aside_key);
	buf_clear(&txn->companion_key);
	buf_clear(&txn->companion_value);
	txn_gtid_release(txn);
}

void txn_rollback(struct txn *txn)
{
	if (txn_has_changes(txn))
		atomic_fetch_add(&txn->manager->counters.rollbacks, 1);
	txn_finish(txn);
}

const struct gtid *txn_last_gtid(const struct txn *txn)
{
	return &txn->last_gtid;
}

void txn_last_position(const struct txn *txn, const char **out_file, uint64_t *out_offset)
{
	/* The name's place is a cache of the position: filling it changes nothing that a caller could see. */
	char *name = (char *)txn->last_file_name;
	name[0] = 0;
	if (txn->last_position.file && txn->manager->binlog)
		binlog_file_name(txn->manager->binlog, txn->last_position.file, name);
	*out_file = name;
	*out_offset = txn->last_position.offset;
}
