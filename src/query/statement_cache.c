#include "query/statement_cache.h"

#include "base/memory.h"
#include "query/direct/direct.h"
#include "query/pool.h"
#include "query/sqlite_error.h"

enum { bucket_count = 256 };

struct statement_cache {
	struct cached_statement *buckets[bucket_count];
	struct cached_statement *newest, *oldest;
	unsigned count, capacity;
};

struct statement_cache *statement_cache_create(unsigned capacity)
{
	struct statement_cache *cache = memory_zalloc(sizeof *cache);
	cache->capacity = capacity;
	return cache;
}

static void unlink_use(struct statement_cache *cache, struct cached_statement *statement)
{
	*(statement->newer ? &statement->newer->older : &cache->newest) = statement->older;
	*(statement->older ? &statement->older->newer : &cache->oldest) = statement->newer;
}

static void link_newest(struct statement_cache *cache, struct cached_statement *statement)
{
	statement->newer = NULL;
	statement->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = statement;
	cache->newest = statement;
}

static void destroy(struct cached_statement *statement)
{
	sqlite3_finalize(statement->statement);
	direct_plan_destroy(&statement->direct);
	for (unsigned i = 0; i < statement->item_count; i++)
		buf_deinit(&statement->texts[i]);
	memory_free(statement->texts);
	memory_free(statement->decimals);
	memory_free(statement->values);
	memory_free(statement->modules);
	memory_free(statement->row_estimates);
	memory_free((void *)statement->sql.data);
	memory_free(statement);
}

void statement_cache_drop(struct statement_cache *cache, struct cached_statement *statement)
{
	struct cached_statement **place = &cache->buckets[statement->hash % bucket_count];
	while (*place != statement)
		place = &(*place)->chain;
	*place = statement->chain;
	unlink_use(cache, statement);
	cache->count--;
	destroy(statement);
}

void statement_cache_destroy(struct statement_cache **cache_place)
{
	struct statement_cache *cache = *cache_place;
	while (cache->oldest)
		statement_cache_drop(cache, cache->oldest);
	memory_free(cache);
	*cache_place = NULL;
}

void statement_cache_drop_readers(struct statement_cache *cache, const struct table_module *module)
{
	struct cached_statement *next;
	for (struct cached_statement *statement = cache->newest; statement; statement = next) {
		next = statement->older;
		for (unsigned i = 0; i < statement->module_count; i++)
			if (statement->modules[i] == module) {
				statement_cache_drop(cache, statement);
				break;
			}
	}
}

/* ------------------------------------------------------------------ finding */

/* Plans of small tables do not suit them when they have grown. */
static bool estimate_is_off(uint64_t then, uint64_t now)
{
	return now > then * 8 + 1000 || then > now * 8 + 1000;
}

static bool is_current(const struct cached_statement *statement, const struct evaluate_program *program)
{
	for (unsigned i = 0; i < program->module_count; i++) {
		const struct module_key *cached = &statement->modules[i]->key, *wanted = &program->modules[i];
		if (cached->table != wanted->table || cached->virtual_table != wanted->virtual_table)
			return false;
		if (wanted->table &&
		    estimate_is_off(statement->row_estimates[i], table_row_estimate(wanted->table)))
			return false;
	}
	return true;
}

static bool pushes_conditions(const struct evaluator_handle *handle)
{
	return handle->session->variables.gemel_condition_pushdown;
}

static struct cached_statement *find(const struct statement_cache *cache, const struct evaluate_program *program)
{
	struct cached_statement *statement = cache->buckets[program->sql_hash % bucket_count];
	while (statement && (statement->hash != program->sql_hash || statement->module_count != program->module_count ||
			     statement->may_be_direct != (program->direct != NULL) ||
			     !bytes_equal(statement->sql, bytes_of(program->sql, program->sql_size))))
		statement = statement->chain;
	return statement;
}

static int require_modules(struct evaluator_handle *handle, const struct evaluate_program *program,
			   struct cached_statement *statement, struct diag *diag)
{
	statement->module_count = program->module_count;
	statement->modules = memory_zalloc((program->module_count + 1) * sizeof *statement->modules);
	statement->row_estimates = memory_zalloc((program->module_count + 1) * sizeof *statement->row_estimates);
	for (unsigned i = 0; i < program->module_count; i++) {
		if (module_require(handle, &program->modules[i], &statement->modules[i], diag) != 0)
			return -1;
		if (program->modules[i].table)
			statement->row_estimates[i] = table_row_estimate(program->modules[i].table);
	}
	return 0;
}

static void make_room(struct cached_statement *statement, unsigned items)
{
	statement->item_count = items;
	statement->values = memory_zalloc((items + 1) * sizeof *statement->values);
	statement->decimals = memory_zalloc((items + 1) * sizeof *statement->decimals);
	statement->texts = memory_zalloc((items + 1) * sizeof *statement->texts);
	for (unsigned i = 0; i < items; i++)
		buf_init(&statement->texts[i]);
}

static int prepare(struct evaluator_handle *handle, const struct evaluate_program *program,
		   struct cached_statement *statement, struct diag *diag)
{
	if (require_modules(handle, program, statement, diag) != 0)
		return -1;
	pool_count_prepared(handle->pool);
	statement->pushes_conditions = pushes_conditions(handle);
	statement->may_be_direct = program->direct != NULL;
	if (program->direct)
		statement->direct = direct_plan_make(statement->modules[0], program->direct);
	if (statement->direct)
		return 0;
	int status = sqlite3_prepare_v3(handle->db, program->sql, (int)program->sql_size + 1, SQLITE_PREPARE_PERSISTENT,
					&statement->statement, NULL);
	return status == SQLITE_OK ? 0 : sqlite_error(handle, status, diag);
}

int statement_cache_take(struct evaluator_handle *handle, const struct evaluate_program *program,
			 struct cached_statement **out_statement, struct diag *diag)
{
	struct statement_cache *cache = handle->cache;
	struct cached_statement *statement = find(cache, program);
	if (statement && is_current(statement, program) &&
	    statement->pushes_conditions == pushes_conditions(handle)) {
		if (cache->newest != statement) {
			unlink_use(cache, statement);
			link_newest(cache, statement);
		}
		*out_statement = statement;
		return 0;
	}
	if (statement)
		statement_cache_drop(cache, statement);
	statement = memory_zalloc(sizeof *statement);
	make_room(statement, program->item_count);
	if (prepare(handle, program, statement, diag) != 0) {
		destroy(statement);
		return -1;
	}
	if (cache->count >= cache->capacity)
		statement_cache_drop(cache, cache->oldest);
	statement->sql = bytes_of(memory_copy(program->sql, program->sql_size), program->sql_size);
	statement->hash = program->sql_hash;
	statement->chain = cache->buckets[statement->hash % bucket_count];
	cache->buckets[statement->hash % bucket_count] = statement;
	link_newest(cache, statement);
	cache->count++;
	*out_statement = statement;
	return 0;
}
