/* What a stage's inputs, columns and calls are, and whether SQLite would do better. */
#include <string.h>

#include "query/function/aggregate.h"
#include "query/stage/order_key.h"
#include "query/table/module.h"
#include "query/write/writer_stage.h"
#include "sql/resolve/function.h"

/* ------------------------------------------------------------------ rows in order */

static bool begins_with(const struct index *index, const struct stage_input *inputs, unsigned count)
{
	unsigned found = 0;
	for (unsigned i = 0; i < index->part_count && i < count; i++)
		for (unsigned j = 0; j < count; j++)
			if (index->parts[i].prefix_length == 0 &&
			    inputs[j].expr->column.column == index->parts[i].column) {
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
static bool may_come_in_order(const struct stage_input *inputs, unsigned count, bool has_limit)
{
	if (count == 0 || inputs[0].expr->kind != TREE_COLUMN || inputs[0].expr->column.source->kind != SOURCE_TABLE)
		return false;
	const struct tree_source *source = inputs[0].expr->column.source;
	for (unsigned i = 1; i < count; i++)
		if (inputs[i].expr->kind != TREE_COLUMN || inputs[i].expr->column.source != source)
			return false;
	for (unsigned i = 0; i < source->table->index_count; i++) {
		const struct index *index = &source->table->indexes[i];
		if (index->kind == INDEX_FULLTEXT || index->invisible || index_is_row_hash(index) ||
		    !begins_with(index, inputs, count))
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
	if (stage->column_count == stage_columns_max)
		return false;
	stage->columns[stage->column_count++] = expr;
	return true;
}

static bool add_input(struct writer_stage *stage, const struct tree_expr *expr)
{
	struct stage *plan = stage->stage;
	if (plan->input_count == stage_columns_max)
		return false;
	const struct collation *collation = expr->class == CLASS_TEXT ? expr->type.collation : NULL;
	plan->inputs[plan->input_count++] =
		(struct stage_input){.expr = expr, .collation = collation, .is_value = true};
	return true;
}

bool writer_stage_has_column(const struct writer_stage *stage, const struct tree_expr *expr, unsigned *out_number)
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
	if (writer_stage_has_column(stage, expr, &number))
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
	if (writer_stage_has_column(search->stage, expr, &number))
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

static bool add_keys(struct writer_stage *stage, bool groups)
{
	const struct tree_select *select = stage->select;
	unsigned count = groups ? select->group_by.count : select->item_count;
	for (unsigned i = 0; i < count; i++) {
		struct tree_expr *expr = groups ? select->group_by.items[i].expr : select->items[i].expr;
		if (expr->facts & (FACTS_NOT_TWICE | FACT_OUTER) || (!groups && select->items[i].hidden) ||
		    !add_column(stage, expr) || !add_input(stage, expr))
			return false;
	}
	stage->stage->key_count = count;
	return true;
}

static bool add_values(struct writer_stage *stage)
{
	unsigned first = stage->stage->key_count;
	for (unsigned i = first; i < stage->column_count; i++) {
		struct tree_expr *expr = stage->columns[i];
		if (!add_input(stage, expr->kind == TREE_CALL ? expr->call.arguments.items[0] : expr))
			return false;
	}
	stage->stage->value_count = stage->column_count - first;
	return true;
}

/* The place of an argument; calls may share one. */
static int place_of(struct writer_stage *stage, const struct tree_expr *expr)
{
	const struct stage *plan = stage->stage;
	unsigned first = plan->key_count + plan->value_count;
	for (unsigned i = first; i < plan->input_count; i++)
		if (plan->inputs[i].expr == expr || node_equal(plan->inputs[i].expr, expr))
			return (int)(i - first);
	return expr->facts & FACTS_NOT_TWICE || !add_input(stage, expr) ? -1 : (int)(plan->input_count - 1 - first);
}

/* COUNT(DISTINCT a, b): the parts of the tuple (sql/function.h), one behind the other. */
static bool add_tuple(struct writer_stage *stage, struct stage_call *call, const struct tree_expr *tuple)
{
	const struct stage *plan = stage->stage;
	call->argument = plan->input_count - plan->key_count - plan->value_count;
	call->argument_count = tuple->call.arguments.count / 2;
	for (unsigned i = 0; i < call->argument_count; i++) {
		const struct tree_expr *part = tuple->call.arguments.items[2 * i];
		if (part->facts & FACTS_NOT_TWICE || !add_input(stage, part))
			return false;
	}
	return true;
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
	if (call->distinct && argument->kind == TREE_CALL && strcmp(argument->call.name, "gm_tuple") == 0)
		return add_tuple(stage, call, argument);
	int place = place_of(stage, argument);
	call->argument = (unsigned)place;
	call->argument_count = 1;
	return place >= 0;
}

static bool add_calls(struct writer_stage *stage)
{
	unsigned first = stage->stage->key_count + stage->stage->value_count;
	for (unsigned i = first; i < stage->column_count; i++)
		if (!add_call(stage, stage->columns[i]))
			return false;
	stage->stage->argument_count = stage->stage->input_count - first;
	return true;
}

/* ------------------------------------------------------------------ what is read from packed rows */

enum { columns_named_max = 200 }; /* of a table: they stand in one expression */

static bool are_few(const struct tree_source *source)
{
	unsigned used = 0;
	for (unsigned i = 0; i < source->column_count; i++)
		used += source->columns[i].used;
	return used <= columns_named_max;
}

static void choose_packed(struct stage *stage)
{
	for (unsigned i = 0; i < stage->input_count; i++) {
		struct stage_input *input = &stage->inputs[i];
		struct row_sources sources = stage->sources;
		if (!(input->expr->facts & FACT_COLUMN) || !row_expr_fits(input->expr, &sources) ||
		    (sources.count > stage->sources.count && !are_few(sources.items[sources.count - 1])))
			continue;
		stage->sources = sources;
		input->is_value = false;
	}
}

/* ------------------------------------------------------------------ groups */

static bool has_distinct_call(const struct stage *stage)
{
	for (unsigned i = 0; i < stage->call_count; i++)
		if (stage->calls[i].distinct)
			return true;
	return false;
}

/* The arguments of the only aggregate, a DISTINCT COUNT, come in order: SQLite compares with the row before (query.c). */
static bool counts_in_order(const struct stage *stage)
{
	const struct stage_input *arguments = &stage->inputs[stage->key_count + stage->value_count];
	return stage->call_count == 1 && strcmp(stage->calls[0].aggregate->name, "count") == 0 &&
	       may_come_in_order(arguments, stage->argument_count, false);
}

static bool is_worth_it(const struct stage *stage, const struct tree_query *query, bool groups)
{
	if (stage->key_count > 0)
		return !may_come_in_order(stage->inputs, stage->key_count, query->limit != NULL);
	return groups && has_distinct_call(stage) && !counts_in_order(stage);
}

bool plan_groups(struct writer_stage *stage, const struct tree_query *query)
{
	struct search search = {.stage = stage, .covered = true};
	bool groups = stage->select->is_aggregated;
	if (!add_keys(stage, groups) || !find_all(&search, query, find_values) || !add_values(stage) ||
	    !find_all(&search, query, find_calls) || !add_calls(stage))
		return false;
	choose_packed(stage->stage);
	return is_worth_it(stage->stage, query, groups);
}

/* ------------------------------------------------------------------ sorts */

/* WHERE lets one value of the expression through: to sort by it is nothing. */
static bool is_fixed(const struct tree_expr *expr, const struct tree_expr *where)
{
	if (where == NULL)
		return false;
	for (unsigned i = 0; where->kind == TREE_AND && i < where->logical.count; i++)
		if (is_fixed(expr, where->logical.items[i]))
			return true;
	if (where->kind != TREE_COMPARE || where->compare.op != AST_OP_EQUAL)
		return false;
	const struct tree_expr *left = where->compare.left, *right = where->compare.right;
	return (tree_is_constant(right) && node_equal(left, expr)) ||
	       (tree_is_constant(left) && node_equal(right, expr));
}

static bool has_index_of(const struct tree_expr *column)
{
	const struct table *table = column->column.source->table;
	for (unsigned i = 0; i < table->index_count; i++)
		for (unsigned j = 0; j < table->indexes[i].part_count; j++)
			if (table->indexes[i].parts[j].column == column->column.column)
				return true;
	return false;
}

/*
 * SQLite may read the rows in order, or nearly, and stop at the LIMIT: by an index that has the first column that counts; or
 * by that of a table in a derived one, which it may dissolve.
 */
static bool may_be_read_in_order(const struct tree_query *query, const struct tree_select *select)
{
	for (unsigned i = 0; i < query->order_by.count; i++) {
		const struct tree_expr *expr = row_expr_bare(query->order_by.items[i].expr);
		if (tree_is_constant(expr) || is_fixed(expr, select->where))
			continue;
		if (expr->kind != TREE_COLUMN)
			return false;
		return expr->column.source->kind != SOURCE_TABLE || has_index_of(expr);
	}
	return true;
}

static bool add_order(struct writer_stage *stage, const struct tree_order *order)
{
	struct tree_expr *expr = order->expr;
	if (expr->facts & (FACTS_NOT_TWICE | FACT_OUTER | FACT_SUBQUERY) || !order_key_fits(expr) ||
	    !add_column(stage, expr) || !add_input(stage, expr))
		return false;
	stage->stage->inputs[stage->stage->key_count++].is_descending = order->descending;
	return true;
}

bool plan_sort(struct writer_stage *stage, const struct tree_query *query)
{
	struct search search = {.stage = stage, .covered = true};
	stage->stage->sorts = true;
	if (may_be_read_in_order(query, stage->select))
		return false;
	for (unsigned i = 0; i < query->order_by.count; i++)
		if (!add_order(stage, &query->order_by.items[i]))
			return false;
	if (!find_all(&search, query, find_values) || !add_values(stage))
		return false;
	choose_packed(stage->stage);
	return true;
}
