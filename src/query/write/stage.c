/*
 * Blocks whose groups are a stage's (query/stage/stage.h). The one place that says which:
 *
 *   - it groups, is DISTINCT, or has an aggregate that is; it is not correlated, WITH ROLLUP, or locked row by row
 *   - no index may bring the rows in order: SQLite then needs no memory for groups, and may stop at a LIMIT
 *   - a DISTINCT's rows are all wanted: not with LIMIT and no ORDER BY
 *   - its aggregates are those of function/aggregate.c
 *   - what is computed of groups has no subqueries, and all of it gives the same when it is computed again
 *   - nobody narrows it down from outside: of a WITH element and of a derived table that WHERE speaks of, SQLite computes
 *     the part that is wanted
 */
#include <stdio.h>
#include <string.h>

#include "query/function/aggregate.h"
#include "query/stage/stage.h"
#include "query/table/module.h"
#include "query/write/writer.h"
#include "sql/resolve/function.h"

struct writer_stage {
	const struct tree_select *select;
	struct stage *stage;
	unsigned number;			      /* g<number>, a<number> without keys */
	struct tree_expr *columns[stage_columns_max]; /* what they stand for: keys, values, calls */
	unsigned column_count;
	struct tree_expr *arguments[stage_columns_max]; /* of gm_stage_add: keys, values, arguments of calls */
	unsigned argument_count;
	struct writer_stage *outer;
};

/* ------------------------------------------------------------------ rows in order */

static bool begins_with(const struct index *index, struct tree_expr *const *exprs, unsigned count)
{
	unsigned found = 0;
	for (unsigned i = 0; i < index->part_count && i < count; i++)
		for (unsigned j = 0; j < count; j++)
			if (index->parts[i].prefix_length == 0 && exprs[j]->column.column == index->parts[i].column) {
				found++;
				break;
			}
	return found == count;
}

static bool covers(const struct tree_source *source, const struct index *index)
{
	uint64_t mask = index_column_mask(source->table, index);
	for (unsigned i = 0; i < source->column_count; i++)
		if (source->columns[i].used && (i >= 63 || !(mask >> i & 1)))
			return false;
	return true;
}

/* An index of their table has them first, and costs no more to read than the table. */
static bool may_come_in_order(struct tree_expr *const *exprs, unsigned count, bool has_limit)
{
	if (count == 0 || exprs[0]->kind != TREE_COLUMN || exprs[0]->column.source->kind != SOURCE_TABLE)
		return false;
	const struct tree_source *source = exprs[0]->column.source;
	for (unsigned i = 1; i < count; i++)
		if (exprs[i]->kind != TREE_COLUMN || exprs[i]->column.source != source)
			return false;
	for (unsigned i = 0; i < source->table->index_count; i++) {
		const struct index *index = &source->table->indexes[i];
		if (index->kind == INDEX_FULLTEXT || index->invisible || index_is_row_hash(index) ||
		    !begins_with(index, exprs, count))
			continue;
		if (i == 0 || has_limit || covers(source, index))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ what the block is made of */

struct search {
	struct writer_stage *stage;
	bool covered; /* all can be said over the stage's columns */
};

static bool add_column(struct writer_stage *stage, struct tree_expr *expr)
{
	if (stage->column_count == stage_columns_max || stage->argument_count == stage_columns_max)
		return false;
	stage->columns[stage->column_count++] = expr;
	return true;
}

static bool has_column(const struct writer_stage *stage, const struct tree_expr *expr, unsigned *out_number)
{
	for (unsigned i = 0; i < stage->column_count; i++)
		if (stage->columns[i] == expr || node_equal(stage->columns[i], expr)) {
			*out_number = i;
			return true;
		}
	return false;
}

static bool is_own_aggregate(const struct tree_expr *expr)
{
	return expr->kind == TREE_CALL && expr->call.function && expr->call.function->flags & FUNCTION_AGGREGATE &&
	       expr->call.over == NULL;
}

static bool is_any_value(const struct tree_expr *expr)
{
	return is_own_aggregate(expr) && strcmp(expr->call.name, "gm_any_value") == 0;
}

static bool reads_from(const struct tree_from *from, const struct tree_source *source)
{
	if (from->kind == FROM_SOURCE)
		return from->source == source;
	return reads_from(from->left, source) || reads_from(from->right, source);
}

/* Columns beside keys and aggregates have the values of the group's first row. */
static enum tree_walk find_values(struct tree_expr *expr, void *argument)
{
	struct search *search = argument;
	struct writer_stage *stage = search->stage;
	unsigned number;
	if (has_column(stage, expr, &number))
		return TREE_WALK_OVER;
	switch (expr->kind) {
	case TREE_COLUMN:
		search->covered &= reads_from(stage->select->from, expr->column.source) && add_column(stage, expr);
		break;
	case TREE_IN_QUERY:
	case TREE_QUANTIFIED:
	case TREE_ROW_QUERY:
	case TREE_EXISTS:
	case TREE_SUBQUERY:
	case TREE_ROW_HANDLE:
	case TREE_ASSIGN:
	case TREE_USER_VARIABLE:
	case TREE_DEFAULT: search->covered = false; break;
	case TREE_CALL:
		if (is_any_value(expr)) {
			search->covered &= add_column(stage, expr);
			return TREE_WALK_OVER;
		}
		if (is_own_aggregate(expr))
			return TREE_WALK_OVER;
		break;
	default: break;
	}
	return search->covered ? TREE_WALK_ON : TREE_WALK_STOP;
}

static enum tree_walk find_calls(struct tree_expr *expr, void *argument)
{
	struct search *search = argument;
	unsigned number;
	if (has_column(search->stage, expr, &number))
		return TREE_WALK_OVER;
	if (!is_own_aggregate(expr))
		return TREE_WALK_ON;
	search->covered &= aggregate_find(expr->call.name) != NULL && !(expr->facts & FACT_OUTER) &&
			   expr->call.extra_count == 0 && add_column(search->stage, expr);
	return search->covered ? TREE_WALK_OVER : TREE_WALK_STOP;
}

typedef enum tree_walk find_function(struct tree_expr *expr, void *argument);

enum { FACTS_NOT_TWICE = FACT_NONDETERMINISTIC | FACT_EFFECT };

/* All that the outer part says. */
static bool find_all(struct search *search, const struct tree_query *query, find_function *find)
{
	const struct tree_select *select = search->stage->select;
	for (unsigned i = 0; i < select->item_count && search->covered; i++) {
		search->covered &= !(select->items[i].expr->facts & FACTS_NOT_TWICE);
		tree_walk_expr(select->items[i].expr, find, search);
	}
	if (select->having && search->covered) {
		search->covered &= !(select->having->facts & FACTS_NOT_TWICE);
		tree_walk_expr(select->having, find, search);
	}
	for (unsigned i = 0; i < query->order_by.count && search->covered; i++) {
		search->covered &= !(query->order_by.items[i].expr->facts & FACTS_NOT_TWICE);
		tree_walk_expr(query->order_by.items[i].expr, find, search);
	}
	return search->covered;
}

/* ------------------------------------------------------------------ the plan */

static const struct collation *collation_of(const struct tree_expr *expr)
{
	return expr->class == CLASS_TEXT ? expr->type.collation : NULL;
}

static bool add_keys(struct writer_stage *stage, bool groups)
{
	const struct tree_select *select = stage->select;
	unsigned count = groups ? select->group_by.count : select->item_count;
	for (unsigned i = 0; i < count; i++) {
		struct tree_expr *expr = groups ? select->group_by.items[i].expr : select->items[i].expr;
		if (expr->facts & (FACTS_NOT_TWICE | FACT_OUTER) || (!groups && select->items[i].hidden) ||
		    !add_column(stage, expr))
			return false;
		stage->stage->keys[i].collation = collation_of(expr);
		stage->arguments[stage->argument_count++] = expr;
	}
	stage->stage->key_count = count;
	return true;
}

static bool add_values(struct writer_stage *stage)
{
	unsigned first = stage->stage->key_count;
	for (unsigned i = first; i < stage->column_count; i++) {
		struct tree_expr *expr = stage->columns[i];
		stage->arguments[stage->argument_count++] =
			expr->kind == TREE_CALL ? expr->call.arguments.items[0] : expr;
	}
	stage->stage->value_count = stage->column_count - first;
	return true;
}

/* The place of an argument; calls may share one. */
static int place_of(struct writer_stage *stage, struct tree_expr *expr)
{
	unsigned first = stage->stage->key_count + stage->stage->value_count;
	for (unsigned i = first; i < stage->argument_count; i++)
		if (stage->arguments[i] == expr || node_equal(stage->arguments[i], expr))
			return (int)(i - first);
	if (stage->argument_count == stage_columns_max || expr->facts & FACTS_NOT_TWICE)
		return -1;
	stage->arguments[stage->argument_count++] = expr;
	return (int)(stage->argument_count - 1 - first);
}

static bool add_call(struct writer_stage *stage, const struct tree_expr *expr)
{
	struct stage_call *call = &stage->stage->calls[stage->stage->call_count++];
	*call = (struct stage_call){.aggregate = aggregate_find(expr->call.name), .distinct = expr->call.distinct};
	if (expr->call.star)
		return true;
	if (expr->call.arguments.count != 1)
		return false;
	const struct tree_expr *argument = expr->call.arguments.items[0];
	int place = place_of(stage, expr->call.arguments.items[0]);
	call->argument = (unsigned)place;
	call->argument_count = 1;
	call->collation = collation_of(argument);
	return place >= 0;
}

static bool add_calls(struct writer_stage *stage)
{
	unsigned first = stage->stage->key_count + stage->stage->value_count;
	for (unsigned i = first; i < stage->column_count; i++)
		if (!add_call(stage, stage->columns[i]))
			return false;
	stage->stage->argument_count = stage->argument_count - first;
	return true;
}

static bool make_plan(struct writer_stage *stage, const struct tree_query *query, bool groups)
{
	struct search search = {.stage = stage, .covered = true};
	return add_keys(stage, groups) && find_all(&search, query, find_values) && add_values(stage) &&
	       find_all(&search, query, find_calls) && add_calls(stage);
}

/* ------------------------------------------------------------------ which blocks */

static bool has_lock(const struct tree_from *from)
{
	return from->kind == FROM_SOURCE ? from->source->has_lock : has_lock(from->left) || has_lock(from->right);
}

/* The arguments of the only DISTINCT aggregate would come in order: SQLite compares with the row before (query.c). */
static bool counts_in_order(const struct writer_stage *stage)
{
	const struct stage *plan = stage->stage;
	struct tree_expr *parts[stage_columns_max];
	unsigned count = 0;
	if (plan->call_count != 1 || plan->argument_count != 1 ||
	    strcmp(plan->calls[0].aggregate->name, "count") != 0)
		return false;
	struct tree_expr *argument = stage->arguments[plan->key_count + plan->value_count];
	if (argument->kind != TREE_CALL || strcmp(argument->call.name, "gm_tuple") != 0)
		return may_come_in_order(&argument, 1, false);
	for (unsigned i = 0; i < argument->call.arguments.count && count < stage_columns_max; i += 2)
		parts[count++] = argument->call.arguments.items[i];
	return may_come_in_order(parts, count, false);
}

static bool has_distinct_call(const struct stage *stage)
{
	for (unsigned i = 0; i < stage->call_count; i++)
		if (stage->calls[i].distinct)
			return true;
	return false;
}

static bool is_worth_it(const struct writer_stage *stage, const struct tree_query *query, bool groups)
{
	const struct stage *plan = stage->stage;
	if (plan->key_count > 0)
		return !may_come_in_order(stage->arguments, plan->key_count, query->limit != NULL);
	return groups && has_distinct_call(plan) && !counts_in_order(stage);
}

static bool may_have_stage(const struct writer *writer, const struct tree_query *query,
			   const struct tree_select *select)
{
	if (!(writer->flags & EVALUATE_STAGES) || writer->is_narrowed || query == NULL || query->is_correlated ||
	    (query->body->kind != BODY_SELECT && writer->depth > 1) || query == writer->image_query ||
	    query == writer->recursive_query || select->from == NULL || select->rollup || has_lock(select->from))
		return false;
	if (select->is_aggregated)
		return true;
	return select->distinct && !select->has_windows && (query->limit == NULL || query->order_by.count > 0);
}

/* Most blocks have none: the arena, which a plan may keep, gets what is found. */
struct writer_stage *stage_find(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	if (!may_have_stage(writer, query, select))
		return NULL;
	struct stage plan = {0};
	struct writer_stage stage = {.select = select, .stage = &plan, .outer = writer->stage};
	bool groups = select->is_aggregated;
	if (!make_plan(&stage, query, groups) || !is_worth_it(&stage, query, groups))
		return NULL;
	stage.number = writer->stages++;
	stage.stage = arena_copy(writer->arena, &plan, sizeof plan);
	return arena_copy(writer->arena, &stage, sizeof stage);
}

/* ------------------------------------------------------------------ writing */

bool stage_is_of(const struct writer_stage *stage, const struct tree_select *select)
{
	return stage && stage->select == select;
}

static void put_stage(struct writer *writer, const struct writer_stage *stage)
{
	put_binding(writer, &(struct binding){.kind = BINDING_STAGE, .node = stage->stage});
}

static void put_name(struct writer *writer, const struct writer_stage *stage)
{
	put_numbered(writer, stage->stage->key_count > 0 ? "g" : "a", stage->number);
}

int write_stage(struct writer *writer, struct writer_stage *stage)
{
	const struct tree_select *select = stage->select;
	put(writer, " FROM gm_stage(");
	put_stage(writer, stage);
	put(writer, ", (SELECT gm_stage_add(");
	put_stage(writer, stage);
	/* The rows themselves know nothing of groups. */
	writer->stage = stage->outer;
	int status = 0;
	for (unsigned i = 0; i < stage->argument_count && status == 0; i++) {
		put(writer, ", ");
		status = write_expr(writer, stage->arguments[i]);
	}
	put(writer, ")");
	if (status == 0)
		status = write_from_where(writer, select);
	writer->stage = stage;
	put(writer, ")) AS ");
	put_name(writer, stage);
	if (status != 0 || select->having == NULL)
		return status;
	put(writer, " WHERE ");
	return write_expr(writer, select->having);
}

bool write_staged(struct writer *writer, const struct tree_expr *expr)
{
	unsigned number;
	for (const struct writer_stage *stage = writer->stage; stage; stage = stage->outer)
		if (has_column(stage, expr, &number)) {
			put_name(writer, stage);
			put_numbered(writer, ".c", number + 1);
			return true;
		}
	return false;
}

/* ------------------------------------------------------------------ narrowed down */

static enum tree_walk look_for_others(struct tree_expr *expr, void *argument)
{
	const struct tree_source **source = argument;
	if (expr->kind == TREE_COLUMN && expr->column.source != *source)
		return TREE_WALK_STOP;
	return TREE_WALK_ON;
}

static enum tree_walk look_for_source(struct tree_expr *expr, void *argument)
{
	const struct tree_source **source = argument;
	return expr->kind == TREE_COLUMN && expr->column.source == *source ? TREE_WALK_STOP : TREE_WALK_ON;
}

bool condition_narrows(const struct tree_expr *condition, const struct tree_source *source)
{
	if (condition == NULL)
		return false;
	for (unsigned i = 0; condition->kind == TREE_AND && i < condition->logical.count; i++)
		if (condition_narrows(condition->logical.items[i], source))
			return true;
	struct tree_expr *expr = (struct tree_expr *)condition;
	return condition->kind != TREE_AND && !tree_walk_expr(expr, look_for_source, &source) &&
	       tree_walk_expr(expr, look_for_others, &source);
}
