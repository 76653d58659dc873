/*
 * From a source's table to ours.
 *
 * TABLE_MAPs come before every statement's rows, mostly with the same bytes as last time: the plan that was made from
 * them is kept as long as the table's definition is the one it was made for. Columns are matched by name where the
 * source tells names (binlog_row_metadata=FULL), else by place. Columns that only the source has are dropped.
 */
#include <string.h>
#include <strings.h>

#include "applier/apply_internal.h"
#include "base/memory.h"
#include "session/variables.h"

enum { cascade_depth_max = 15 };
enum apply_locking { APPLY_LOCKS_PATIENTLY, APPLY_LOCKS_AT_ONCE, APPLY_IS_LOCKED /* by whoever foresaw it */ };

/* --------------------------------------------------------------------------------------------------- metadata locks */

static int lock_table(struct session *session, const char *database, const char *name, enum mdl_mode mode,
		      int64_t timeout_ms, struct diag *diag)
{
	if (mode == MDL_SHARED_WRITE &&
	    mdl_acquire(session->mdl, NULL, NULL, MDL_INTENTION_EXCLUSIVE, MDL_TRANSACTION, timeout_ms, diag) < 0)
		return -1;
	return mdl_acquire(session->mdl, database, name, mode, MDL_TRANSACTION, timeout_ms, diag);
}

/* All that a cascade may reach. */
static int lock_children(struct session *session, const char *database, const char *name, unsigned depth,
			 int64_t timeout_ms, struct diag *diag)
{
	struct table **children;
	size_t count = catalog_list_children(session->server->catalog, database, name, &session->statement_arena,
					     &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		bool is_self = strcmp(child->database, database) == 0 && strcmp(child->name, name) == 0;
		if (status == 0 && !is_self)
			status = lock_table(session, child->database, child->name, MDL_SHARED_WRITE, timeout_ms, diag);
		if (status == 0 && !is_self && depth < cascade_depth_max)
			status = lock_children(session, child->database, child->name, depth + 1, timeout_ms, diag);
		table_unref(&child);
	}
	return status;
}

static int lock_family(struct session *session, const struct table *table, int64_t timeout_ms, struct diag *diag)
{
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		if (lock_table(session, table->foreign_keys[i].parent_database, table->foreign_keys[i].parent_table,
			       MDL_SHARED_READ, timeout_ms, diag) < 0)
			return -1;
	return lock_children(session, table->database, table->name, 0, timeout_ms, diag);
}

/* -------------------------------------------------------------------------------------------------------- the plan */

static void plan_destroy(struct table_plan *plan)
{
	change_end(&plan->context);
	table_unref(&plan->table);
	arena_deinit(&plan->arena);
	memory_free(plan);
}

static struct bytes plan_key(const uint64_t *table_id)
{
	return bytes_of(table_id, sizeof *table_id);
}

struct table_plan *apply_find_plan(struct apply *apply, uint64_t table_id)
{
	return map_find(&apply->plans, plan_key(&table_id));
}

void apply_forget_plans(struct apply *apply)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *plan;
	while (map_next(&apply->plans, &walk, &key, &plan))
		plan_destroy(plan);
	map_deinit(&apply->plans);
	map_init(&apply->plans);
	apply->plan_count = 0;
}

void apply_bound_plans(struct apply *apply)
{
	if (apply->plan_count > plan_slots)
		apply_forget_plans(apply);
}

int apply_refuse_column(const struct table_plan *plan, unsigned own, unsigned source, struct diag *diag)
{
	struct buf from = {0}, to = {0};
	log_type_print(&plan->types[source], &from);
	type_print(&plan->table->columns[own].type, &to);
	diag_set(diag, ER_SLAVE_CONVERSION_FAILED, (int)source, plan->table->database, plan->table->name,
		 buf_cstring(&from), buf_cstring(&to));
	buf_deinit(&from);
	buf_deinit(&to);
	return -1;
}

/* The source's type of one column; its sign comes from the metadata or, when that is silent, from ours (or NULL). */
static int read_type(const struct table_plan *plan, const struct event_table_metadata *metadata, unsigned column,
		     const struct column *ours, struct log_type *out, struct diag *diag)
{
	const struct event_table_map *map = &plan->map;
	bool is_unsigned = ours && ours->type.is_unsigned;
	if (metadata->has_signedness)
		is_unsigned = metadata->columns[column].is_unsigned;
	/* Back to the bytes as they stood in the event: these types' metadata begins with the high one. */
	uint8_t type = map->types[column], bytes[2];
	bool high_first = type == FIELD_STRING || type == FIELD_ENUM || type == FIELD_SET || type == FIELD_NEWDECIMAL;
	bytes_store_uint(bytes, map->metadata[column], 2);
	if (high_first)
		bytes_store_uint_be(bytes, map->metadata[column], 2);
	struct cursor cursor = cursor_of(bytes_of(bytes, sizeof bytes));
	if (log_type_read(type, &cursor, is_unsigned, out, diag) < 0)
		return -1;
	out->collation = collation_find_id(metadata->columns[column].collation_id);
	return 0;
}

/* Which of our columns stands for the source's: the one of its name or, when the source tells no names, at its place. */
static int find_own_column(const struct table_plan *plan, const struct event_table_metadata *metadata, unsigned column)
{
	if (metadata->has_names)
		return table_find_column(plan->table, metadata->columns[column].name);
	return column < plan->table->column_count ? (int)column : -1;
}

static int match_column(struct apply *apply, struct table_plan *plan, unsigned source, unsigned own, struct diag *diag)
{
	const struct column *column = &plan->table->columns[own];
	enum log_type_match match =
		log_type_match(&plan->types[source], &column->type, apply->transaction.type_policy);
	if (match == LOG_TYPE_REFUSED)
		return apply_refuse_column(plan, own, source, diag);
	plan->matches[own] = match;
	plan->source_columns[own] = (int)source;
	/* A NULL where we have none needs a look at each row. */
	plan->is_same &= own == source && match == LOG_TYPE_SAME &&
			 (column->nullable || !event_column_nullable(&plan->map, source));
	return 0;
}

static int match_columns(struct apply *apply, struct table_plan *plan, struct diag *diag)
{
	const struct event_table_map *map = &plan->map;
	const struct table *table = plan->table;
	struct event_table_metadata metadata = {0};
	unsigned shared = 0;
	if (event_decode_table_metadata(map, &plan->arena, &metadata, diag) < 0)
		return -1;
	plan->types = arena_array(&plan->arena, struct log_type, map->column_count);
	plan->source_columns = arena_array(&plan->arena, int, table->column_count);
	plan->matches = arena_array(&plan->arena, enum log_type_match, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++)
		plan->source_columns[i] = -1;
	plan->is_same = map->column_count == table->column_count;
	for (unsigned i = 0; i < map->column_count; i++) {
		int own = find_own_column(plan, &metadata, i);
		if (read_type(plan, &metadata, i, own < 0 ? NULL : &table->columns[own], &plan->types[i], diag) < 0)
			return -1;
		if (own < 0)
			continue;
		shared++;
		if (match_column(apply, plan, i, (unsigned)own, diag) < 0)
			return -1;
	}
	plan->is_same &= shared == table->column_count;
	if (shared == 0 && map->column_count)
		return diag_set_message(diag, ER_SLAVE_FATAL_ERROR, "Table '%s.%s' has none of the source's columns",
					table->database, table->name);
	return 0;
}

unsigned apply_type_policy(struct session *session)
{
	static const struct {
		const char *name;
		unsigned bit;
	} names[] = {{"ALL_LOSSY", LOG_TYPE_ALL_LOSSY}, {"ALL_NON_LOSSY", LOG_TYPE_ALL_NON_LOSSY},
		     {"ALL_UNSIGNED", LOG_TYPE_ALL_UNSIGNED}, {"ALL_SIGNED", LOG_TYPE_ALL_SIGNED}};
	const char *text = global_text(session->server, "slave_type_conversions", &session->statement_arena);
	unsigned policy = 0;
	while (text && *text) {
		size_t size = strcspn(text, ",");
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (strlen(names[i].name) == size && strncasecmp(text, names[i].name, size) == 0)
				policy |= names[i].bit;
		text += size + (text[size] == ',');
	}
	return policy;
}

static struct table_plan *make_plan(struct apply *apply, const struct event *event, const struct event_table_map *map,
				    struct table *table, struct diag *diag)
{
	struct table_plan *plan = memory_zalloc(sizeof *plan);
	arena_init(&plan->arena);
	plan->table = table_ref(table);
	plan->map_body.data = arena_copy(&plan->arena, event->body.data, event->body.size);
	plan->map_body.size = event->body.size;
	event_table_map_copy(map, &plan->arena, &plan->map);
	if (match_columns(apply, plan, diag) == 0)
		return plan;
	plan_destroy(plan);
	return NULL;
}

/* Keeps that this table's rows are to be passed over, until its number is given to another. */
static void leave_out(struct apply *apply, const struct event_table_map *map)
{
	struct table_plan *plan = apply_find_plan(apply, map->table_id);
	if (plan && plan->table == NULL)
		return;
	if (plan)
		plan_destroy(plan);
	else
		apply->plan_count++;
	plan = memory_zalloc(sizeof *plan);
	arena_init(&plan->arena);
	map_put(&apply->plans, plan_key(&map->table_id), plan);
}

static int settle_plan(struct apply *apply, const struct event *event, const struct event_table_map *map,
		       struct table *table, struct diag *diag)
{
	struct table_plan *plan = apply_find_plan(apply, map->table_id);
	if (plan && plan->table == table && bytes_equal(plan->map_body, event->body))
		return 0;
	struct table_plan *fresh = make_plan(apply, event, map, table, diag);
	if (fresh == NULL)
		return -1;
	if (plan)
		plan_destroy(plan);
	else
		apply->plan_count++;
	map_put(&apply->plans, plan_key(&map->table_id), fresh);
	return 0;
}

static int settle_map(struct apply *apply, const struct event *event, enum apply_locking locking, struct diag *diag)
{
	struct session *session = apply->session;
	int64_t timeout_ms = locking == APPLY_LOCKS_AT_ONCE ? 0 : (int64_t)session->variables.lock_wait_timeout * 1000;
	struct event_table_map map;
	if (event_decode_table_map(event, &apply->arena, &map, diag) < 0)
		return -1;
	const char *database = apply_database(apply, map.db);
	const char *name = arena_copy_text(&apply->arena, (const char *)map.table.data, map.table.size);
	if (!apply_allows_rows(apply, database, name)) {
		leave_out(apply, &map);
		return 0;
	}
	if (locking != APPLY_IS_LOCKED && lock_table(session, database, name, MDL_SHARED_WRITE, timeout_ms, diag) < 0)
		return -1;
	struct table *table = catalog_find_table(session->server->catalog, database, name);
	if (table == NULL) {
		diag_set(diag, ER_NO_SUCH_TABLE, database, name);
		if (locking == APPLY_LOCKS_AT_ONCE || !apply_skip(apply, diag))
			return -1;
		leave_out(apply, &map);
		return 0;
	}
	int status = locking == APPLY_IS_LOCKED ? 0 : lock_family(session, table, timeout_ms, diag);
	if (status == 0)
		status = settle_plan(apply, event, &map, table, diag);
	table_unref(&table);
	return status;
}

int apply_table_map(struct apply *apply, const struct event *event, struct diag *diag)
{
	return settle_map(apply, event, apply->transaction.is_held ? APPLY_IS_LOCKED : APPLY_LOCKS_PATIENTLY, diag);
}

int apply_table_map_at_once(struct apply *apply, const struct event *event, struct diag *diag)
{
	return settle_map(apply, event, APPLY_LOCKS_AT_ONCE, diag);
}

/* ------------------------------------------------------------------------------------------------------- contexts */

struct change_context *apply_open_context(struct apply *apply, struct table_plan *plan, uint16_t flags)
{
	const uint16_t meaning = EVENT_ROWS_NO_FOREIGN_KEY_CHECKS | EVENT_ROWS_RELAXED_UNIQUE_CHECKS;
	if (plan->context && ((plan->context_flags ^ flags) & meaning) == 0)
		return plan->context;
	change_end(&plan->context);
	struct catalog *catalog = apply->session->server->catalog;
	struct change_options options = {
		.foreign_key_checks = !(flags & EVENT_ROWS_NO_FOREIGN_KEY_CHECKS),
		.unique_checks = !(flags & EVENT_ROWS_RELAXED_UNIQUE_CHECKS),
		.apply = true,
		.catalog = catalog,
		.style = session_row_style(apply->session),
		.rows_query = &apply->rows_query,
	};
	plan->context = change_begin(apply->session->txn, catalog, plan->table, &options);
	plan->context_flags = flags;
	return plan->context;
}

void apply_close_contexts(struct apply *apply)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *plan;
	while (map_next(&apply->plans, &walk, &key, &plan))
		change_end(&((struct table_plan *)plan)->context);
}
