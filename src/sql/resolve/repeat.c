#include "sql/resolve/repeat.h"

#include <string.h>
#include <strings.h>

#include "sql/resolve/function.h"

#define ORDER_UNKNOWN "This order cannot be predicted and may differ on master and the slave."

static const char *const reason_texts[REPEAT_REASON_COUNT] = {
	[REPEAT_LIMIT] = "The statement is unsafe because it uses a LIMIT clause. This is unsafe because the set of rows "
			 "included cannot be predicted.",
	[REPEAT_SYSTEM_TABLE] = "The statement is unsafe because it uses the general log, slow query log, or "
				"performance_schema table(s). This is unsafe because system tables may differ on slaves.",
	[REPEAT_SYSTEM_VARIABLE] = "Statement is unsafe because it uses a system variable that may have a different value "
				   "on the slave.",
	[REPEAT_SYSTEM_FUNCTION] = "Statement is unsafe because it uses a system function that may return a different value "
				   "on the slave.",
	[REPEAT_INSERT_IGNORE_SELECT] = "INSERT IGNORE... SELECT is unsafe because the order in which rows are retrieved by "
					"the SELECT determines which (if any) rows are ignored. " ORDER_UNKNOWN,
	[REPEAT_INSERT_SELECT_UPDATE] = "INSERT... SELECT... ON DUPLICATE KEY UPDATE is unsafe because the order in which "
					"rows are retrieved by the SELECT determines which (if any) rows are updated. "
					ORDER_UNKNOWN,
	[REPEAT_AUTO_INCREMENT_SELECT] = "Statements writing to a table with an auto-increment column after selecting from "
					 "another table are unsafe because the order in which rows are retrieved determines "
					 "what (if any) rows will be written. " ORDER_UNKNOWN,
	[REPEAT_REPLACE_SELECT] = "REPLACE... SELECT is unsafe because the order in which rows are retrieved by the SELECT "
				  "determines which (if any) rows are replaced. " ORDER_UNKNOWN,
	[REPEAT_CREATE_IGNORE_SELECT] = "CREATE... IGNORE SELECT is unsafe because the order in which rows are retrieved by "
					"the SELECT determines which (if any) rows are ignored. " ORDER_UNKNOWN,
	[REPEAT_CREATE_REPLACE_SELECT] = "CREATE... REPLACE SELECT is unsafe because the order in which rows are retrieved "
					 "by the SELECT determines which (if any) rows are replaced. " ORDER_UNKNOWN,
	[REPEAT_CREATE_SELECT_AUTO_INCREMENT] = "CREATE TABLE... SELECT...  on a table with an auto-increment column is "
						"unsafe because the order in which rows are retrieved by the SELECT determines "
						"which (if any) rows are inserted. " ORDER_UNKNOWN,
	[REPEAT_UPDATE_IGNORE] = "UPDATE IGNORE is unsafe because the order in which rows are updated determines which (if "
				 "any) rows are ignored. " ORDER_UNKNOWN,
	[REPEAT_INSERT_TWO_KEYS] = "INSERT... ON DUPLICATE KEY UPDATE  on a table with more than one UNIQUE KEY is unsafe",
	[REPEAT_AUTO_INCREMENT_NOT_FIRST] = "INSERT into autoincrement field which is not the first part in the composed "
					    "primary key is unsafe.",
	[REPEAT_SKIP_LOCKED] = "Statement is unsafe because it uses SKIP LOCKED. The set of inserted values is "
			       "non-deterministic.",
	[REPEAT_NOWAIT] = "Statement is unsafe because it uses NOWAIT. Whether this command will succeed or fail is "
			  "not deterministic.",
};

const char *repeat_reason_text(enum repeat_reason reason)
{
	return reason_texts[reason];
}

/* ------------------------------------------------------------------ @@variables */

bool repeat_carries_variable(enum ast_variable_scope scope, const char *name)
{
	static const char *const carried[] = {
		"auto_increment_increment", "auto_increment_offset", "character_set_client", "character_set_connection",
		"character_set_database", "character_set_server", "collation_connection", "collation_database",
		"collation_server", "foreign_key_checks", "identity", "last_insert_id", "lc_time_names",
		"pseudo_thread_id", "sql_auto_is_null", "time_zone", "timestamp", "unique_checks",
	};
	if (scope == AST_SCOPE_GLOBAL)
		return false;
	for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
		if (strcasecmp(name, carried[i]) == 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------ expressions */

struct walk {
	struct repeat *repeat;
	struct arena *arena;
};

static void note_variable(struct walk *walk, const char *name)
{
	struct repeat *repeat = walk->repeat;
	for (unsigned i = 0; i < repeat->user_variable_count; i++)
		if (strcasecmp(repeat->user_variables[i], name) == 0)
			return;
	const char **names = arena_array(walk->arena, const char *, repeat->user_variable_count + 1);
	for (unsigned i = 0; i < repeat->user_variable_count; i++)
		names[i] = repeat->user_variables[i];
	names[repeat->user_variable_count++] = name;
	repeat->user_variables = names;
}

static enum tree_walk visit(struct tree_expr *expr, void *argument)
{
	struct walk *walk = argument;
	if (expr->kind == TREE_USER_VARIABLE)
		note_variable(walk, expr->variable.name);
	if (expr->kind != TREE_CALL || expr->call.function == NULL)
		return TREE_WALK_ON;
	unsigned flags = expr->call.function->flags;
	if (flags & FUNCTION_UNSAFE)
		repeat_add_reason(walk->repeat, REPEAT_SYSTEM_FUNCTION);
	if (flags & FUNCTION_LAST_ID)
		walk->repeat->reads_last_insert_id = true;
	if ((flags & FUNCTION_SEEDED) && expr->call.arguments.count == 0)
		walk->repeat->reads_seeds = true;
	return TREE_WALK_ON;
}

void repeat_add_expr(const struct resolve_environment *environment, struct tree_expr *expr, struct repeat *repeat)
{
	struct walk walk = {repeat, environment->arena};
	tree_walk_expr(expr, visit, &walk);
}

static void add_query(const struct resolve_environment *environment, struct tree_query *query, struct repeat *repeat)
{
	struct walk walk = {repeat, environment->arena};
	tree_walk_query(query, visit, &walk);
}

/* ------------------------------------------------------------------ tables */

static bool has_auto_increment(const struct tree_source *source)
{
	return source->kind == SOURCE_TABLE && source->table->auto_increment_column >= 0;
}

/* Of the whole statement: what the resolver left in the environment. */
static void begin(const struct resolve_environment *environment, const struct tree_source *target, struct repeat *out)
{
	bool reads = false, writes_auto_increment = false;
	*out = (struct repeat){0};
	if (environment->facts & FACT_LIMIT)
		repeat_add_reason(out, REPEAT_LIMIT);
	if (environment->facts & FACT_SYSTEM_VARIABLE)
		repeat_add_reason(out, REPEAT_SYSTEM_VARIABLE);
	for (const struct tree_source *it = environment->sources; it; it = it->next) {
		if (it->kind == SOURCE_VIRTUAL)
			repeat_add_reason(out, REPEAT_SYSTEM_TABLE);
		if (it->has_lock && it->lock_wait == AST_LOCK_SKIP_LOCKED)
			repeat_add_reason(out, REPEAT_SKIP_LOCKED);
		if (it->has_lock && it->lock_wait == AST_LOCK_NOWAIT)
			repeat_add_reason(out, REPEAT_NOWAIT);
		out->uses_temporary_table |= it->kind == SOURCE_TABLE && it->table->temporary;
		bool is_written = it->is_target || it == target;
		reads |= it->kind == SOURCE_TABLE && !is_written;
		writes_auto_increment |= is_written && has_auto_increment(it);
	}
	if (reads && writes_auto_increment)
		repeat_add_reason(out, REPEAT_AUTO_INCREMENT_SELECT);
}

static bool assigns(const struct tree_insert *insert, unsigned column)
{
	for (unsigned i = 0; i < insert->column_count; i++)
		if (insert->columns[i] == column)
			return true;
	return false;
}

/* Which row ON DUPLICATE KEY meets when several keys are in the way is not defined. A key that the statement leaves to
   AUTO_INCREMENT is never in the way. */
static bool has_two_keys(const struct tree_insert *insert)
{
	const struct table *table = insert->target->table;
	unsigned count = 0;
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		if (index->kind == INDEX_PLAIN || index_is_row_id(index) || index->part_count == 0)
			continue;
		unsigned first = index->parts[0].column;
		count += (int)first != table->auto_increment_column || assigns(insert, first);
	}
	return count > 1;
}

static bool auto_increment_is_late(const struct table *table)
{
	const struct index *primary = &table->indexes[0];
	for (unsigned i = 1; i < primary->part_count; i++)
		if ((int)primary->parts[i].column == table->auto_increment_column)
			return true;
	return false;
}

/* ------------------------------------------------------------------ statements */

void repeat_of_insert(const struct resolve_environment *environment, const struct tree_insert *insert,
		      struct repeat *out)
{
	begin(environment, insert->target, out);
	for (unsigned i = 0; i < insert->row_count; i++)
		for (unsigned k = 0; insert->rows[i].items && k < insert->rows[i].count && !insert->rows_are_literals; k++)
			repeat_add_expr(environment, insert->rows[i].items[k], out);
	for (unsigned i = 0; i < insert->on_duplicate_count; i++)
		repeat_add_expr(environment, insert->on_duplicate[i].value, out);
	if (insert->query) {
		add_query(environment, insert->query, out);
		if (insert->ignore)
			repeat_add_reason(out, REPEAT_INSERT_IGNORE_SELECT);
		if (insert->on_duplicate_count)
			repeat_add_reason(out, REPEAT_INSERT_SELECT_UPDATE);
		if (insert->replace)
			repeat_add_reason(out, REPEAT_REPLACE_SELECT);
	}
	if (insert->on_duplicate_count && has_two_keys(insert))
		repeat_add_reason(out, REPEAT_INSERT_TWO_KEYS);
	if (auto_increment_is_late(insert->target->table))
		repeat_add_reason(out, REPEAT_AUTO_INCREMENT_NOT_FIRST);
}

void repeat_of_change(const struct resolve_environment *environment, const struct tree_change *change,
		      struct repeat *out)
{
	begin(environment, NULL, out);
	add_query(environment, change->query, out);
	if (change->ignore && change->target_count && change->targets[0].assignment_count)
		repeat_add_reason(out, REPEAT_UPDATE_IGNORE);
}

void repeat_of_query(const struct resolve_environment *environment, struct tree_query *query, struct repeat *out)
{
	begin(environment, NULL, out);
	add_query(environment, query, out);
}
