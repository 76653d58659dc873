/* Evaluators: made, lent, at rest. */
#include "query/pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/memory.h"
#include "query/evaluation.h"
#include "query/memo.h"
#include "query/function/functions.h"
#include "query/function/own_functions.h"
#include "query/sqlite_error.h"
#include "query/sqlite_memory.h"
#include "query/stage/stage.h"
#include "query/statement_cache.h"
#include "query/table/cursor.h"

enum { idle_default = 64, statements_default = 256, shelf_count = 16, progress_steps = 2000, sort_memory_max = 1 << 29 };

/* Where evaluators rest. Sessions that run at once go to shelves of their own, and meet at none. */
struct shelf {
	/* guarded by lock */
	struct lock lock;
	struct evaluator_handle *idle; /* the last one used first: its caches are warm */
};

struct evaluator_pool {
	/* immutable */
	unsigned idle_max, statements_max;
	virtual_fill *fill;

	struct shelf shelves[shelf_count];

	/* atomic */
	_Atomic unsigned idle_count; /* on all of them */
	_Atomic uint64_t created, prepared;
};

/* ------------------------------------------------------------------ SQLite's own settings, of the process */

static int start_status;

static void start_sqlite(void)
{
	/* Without statistics malloc takes no lock of SQLite's. Too late when somebody else has started it: then be it. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	sqlite3_config(SQLITE_CONFIG_MALLOC, &sqlite_memory);
	start_status = sqlite3_initialize();
}

static int start(struct diag *diag)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, start_sqlite);
	if (start_status == SQLITE_OK)
		return 0;
	return diag_set_message(diag, ER_UNKNOWN_ERROR, "SQLite does not start: %s", sqlite3_errstr(start_status));
}

/* What does not fit into memory goes there; by itself SQLite looks for a directory of the system's. */
static void set_directory(const char *directory)
{
	sqlite3_free(sqlite3_temp_directory);
	sqlite3_temp_directory = directory ? sqlite3_mprintf("%s", directory) : NULL;
}

/* ------------------------------------------------------------------ handles */

static int compare_texts(void *argument, int a_size, const void *a, int b_size, const void *b)
{
	return collation_compare_utf8(argument, bytes_of(a, (size_t)a_size), bytes_of(b, (size_t)b_size));
}

/* Collations come when a statement first names them: there are hundreds. */
static void add_collation(void *argument, sqlite3 *db, int encoding, const char *name)
{
	const struct collation *collation = collation_find(bytes_of_string(name));
	if (collation)
		sqlite3_create_collation_v2(db, name, SQLITE_UTF8, (void *)collation, compare_texts, NULL);
}

static int check_progress(void *argument)
{
	struct evaluator_handle *handle = argument;
	return handle->evaluation && evaluation_check(handle->evaluation) != 0;
}

static int set_up(struct evaluator_handle *handle, struct diag *diag)
{
	int status = sqlite3_open_v2(":memory:", &handle->db,
				     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (status == SQLITE_OK)
		status = functions_register(handle->db, handle);
	if (status == SQLITE_OK)
		status = own_functions_register(handle);
	if (status == SQLITE_OK)
		status = memo_functions_register(handle);
	if (status == SQLITE_OK)
		status = stage_register(handle);
	if (status == SQLITE_OK)
		status = sqlite3_collation_needed(handle->db, handle, add_collation);
	if (status != SQLITE_OK)
		return sqlite_error(handle, status, diag);
	/* A name that means nothing is an error of the writer's, not a text. */
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(handle->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_progress_handler(handle->db, progress_steps, check_progress, handle);
	return 0;
}

static void destroy_handle(struct evaluator_handle *handle)
{
	statement_cache_destroy(&handle->cache);
	sqlite3_close_v2(handle->db);
	module_set_destroy(&handle->modules);
	while (handle->cursors) {
		struct table_cursor *cursor = handle->cursors;
		handle->cursors = cursor->next;
		cursor_destroy(cursor);
	}
	memory_free(handle->evaluation_memory);
	map_deinit(&handle->row_ids);
	arena_deinit(&handle->arena);
	buf_deinit(&handle->scratch);
	buf_deinit(&handle->convert);
	buf_deinit(&handle->field);
	memory_free(handle);
}

static int create_handle(struct evaluator_pool *pool, struct evaluator_handle **out_handle, struct diag *diag)
{
	struct evaluator_handle *handle = memory_zalloc(sizeof *handle);
	handle->pool = pool;
	handle->diag = DIAG_INIT;
	handle->cache = statement_cache_create(pool->statements_max);
	handle->modules = module_set_create();
	handle->evaluation_memory = memory_zalloc(sizeof *handle->evaluation_memory);
	map_init(&handle->row_ids);
	arena_init(&handle->arena);
	buf_init(&handle->scratch);
	buf_init(&handle->convert);
	buf_init(&handle->field);
	if (set_up(handle, diag) != 0) {
		destroy_handle(handle);
		return -1;
	}
	*out_handle = handle;
	return 0;
}

/* ------------------------------------------------------------------ the pool */

int evaluator_pool_create(const struct evaluator_pool_options *options, struct evaluator_pool **out_pool,
			  struct diag *diag)
{
	struct evaluator_pool_options defaults = {0};
	if (options == NULL)
		options = &defaults;
	if (start(diag) != 0)
		return -1;
	set_directory(options->tmpdir);
	struct evaluator_pool *pool = memory_zalloc(sizeof *pool);
	pool->idle_max = options->idle_max ? options->idle_max : idle_default;
	pool->statements_max = options->statements_max ? options->statements_max : statements_default;
	pool->fill = options->fill;
	for (unsigned i = 0; i < shelf_count; i++)
		lock_init(&pool->shelves[i].lock, "evaluators at rest", LOCK_RANK_QUERY_POOL);
	*out_pool = pool;
	return 0;
}

static struct evaluator_handle *take_from(struct evaluator_pool *pool, struct shelf *shelf)
{
	lock_take(&shelf->lock);
	struct evaluator_handle *handle = shelf->idle;
	if (handle)
		shelf->idle = handle->next;
	lock_release(&shelf->lock);
	if (handle)
		atomic_fetch_sub_explicit(&pool->idle_count, 1, memory_order_relaxed);
	return handle;
}

static unsigned shelf_number(const struct session *session)
{
	return (unsigned)session->id % shelf_count;
}

/* The session's own shelf first; one that is warm for another is still better than none. */
static struct evaluator_handle *take_idle(struct evaluator_pool *pool, const struct session *session)
{
	unsigned own = shelf_number(session);
	struct evaluator_handle *handle = take_from(pool, &pool->shelves[own]);
	for (unsigned i = 1; i < shelf_count && handle == NULL && atomic_load(&pool->idle_count) > 0; i++)
		handle = take_from(pool, &pool->shelves[(own + i) % shelf_count]);
	return handle;
}

void evaluator_pool_destroy(struct evaluator_pool **pool_place)
{
	struct evaluator_pool *pool = *pool_place;
	if (pool == NULL)
		return;
	for (unsigned i = 0; i < shelf_count; i++) {
		struct evaluator_handle *handle;
		while ((handle = take_from(pool, &pool->shelves[i])) != NULL)
			destroy_handle(handle);
		lock_deinit(&pool->shelves[i].lock);
	}
	memory_free(pool);
	*pool_place = NULL;
}

/* What a sort keeps in memory before it goes to the tmpdir. */
static void set_sort_memory(struct evaluator_handle *handle)
{
	uint64_t bytes = handle->session->variables.tmp_table_size;
	char pragma[64];
	if (bytes == handle->sort_memory)
		return;
	snprintf(pragma, sizeof pragma, "PRAGMA cache_size = -%llu",
		 (unsigned long long)((bytes > sort_memory_max ? sort_memory_max : bytes) / 1024));
	if (sqlite3_exec(handle->db, pragma, NULL, NULL, NULL) == SQLITE_OK)
		handle->sort_memory = bytes;
}

int pool_take(struct evaluator_pool *pool, struct session *session, struct evaluator_handle **out_handle,
	      struct diag *diag)
{
	struct evaluator_handle *handle = take_idle(pool, session);
	if (handle == NULL) {
		atomic_fetch_add_explicit(&pool->created, 1, memory_order_relaxed);
		if (create_handle(pool, &handle, diag) != 0)
			return -1;
	}
	handle->next = NULL;
	handle->session = session;
	diag_clear(&handle->diag);
	set_sort_memory(handle);
	*out_handle = handle;
	return 0;
}

/* What one statement needed and the next will not: memory that grew past what rows usually take. */
static void settle_down(struct evaluator_handle *handle)
{
	handle->session = NULL;
	handle->evaluation = NULL;
	handle->recursion_rows = 0;
	arena_reset(&handle->arena);
	buf_clear(&handle->scratch);
	buf_clear(&handle->convert);
	buf_clear(&handle->field);
	if (handle->row_ids.count > 0) {
		map_deinit(&handle->row_ids);
		map_init(&handle->row_ids);
	}
	module_set_bound(handle);
}

void pool_give(struct evaluator_handle **handle_place)
{
	struct evaluator_handle *handle = *handle_place;
	struct evaluator_pool *pool = handle->pool;
	struct shelf *shelf = &pool->shelves[shelf_number(handle->session)];
	*handle_place = NULL;
	settle_down(handle);
	if (atomic_fetch_add_explicit(&pool->idle_count, 1, memory_order_relaxed) >= pool->idle_max) {
		atomic_fetch_sub_explicit(&pool->idle_count, 1, memory_order_relaxed);
		destroy_handle(handle);
		return;
	}
	lock_take(&shelf->lock);
	handle->next = shelf->idle;
	shelf->idle = handle;
	lock_release(&shelf->lock);
}

virtual_fill *pool_virtual_fill(const struct evaluator_pool *pool)
{
	return pool->fill;
}

void pool_count_prepared(struct evaluator_pool *pool)
{
	atomic_fetch_add_explicit(&pool->prepared, 1, memory_order_relaxed);
}

void evaluator_pool_get_stats(struct evaluator_pool *pool, struct evaluator_pool_stats *out_stats)
{
	*out_stats = (struct evaluator_pool_stats){
		.created = atomic_load(&pool->created), .idle = atomic_load(&pool->idle_count),
		.prepared = atomic_load(&pool->prepared),
	};
}
