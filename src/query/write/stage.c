/*
 * Blocks whose groups or sorting are a stage's (query/stage/stage.h). What holds for both:
 *
 *   - it is not correlated, WITH ROLLUP, or locked row by row
 *   - what is computed of a stage's columns has no subqueries, and all of it gives the same when it is computed again
 *   - nobody narrows it down from outside: of a WITH element and of a derived table that WHERE speaks of, SQLite computes
 *     the part that is wanted
 *
 * for groups:
 *
 *   - it groups, is DISTINCT, or has an aggregate that is
 *   - no index may bring the rows in order: SQLite then needs no memory for groups, and may stop at a LIMIT
 *   - a DISTINCT's rows are all wanted: not with LIMIT and no ORDER BY
 *   - its aggregates are those of function/aggregate.c
 *
 * for sorts:
 *
 *   - the rows are tables' rows: not groups, DISTINCT or with windows; and somebody sees the order
 *   - no index may bring them in order
 */
#include "query/write/writer_stage.h"

/* ------------------------------------------------------------------ which blocks */

static bool has_lock(const struct tree_from *from)
{
	return from->kind == FROM_SOURCE ? from->source->has_lock : has_lock(from->left) || has_lock(from->right);
}

static bool may_have_stage(const struct writer *writer, const struct tree_query *query,
			   const struct tree_select *select)
{
	return writer->flags & EVALUATE_STAGES && !writer->is_narrowed && query && !query->is_correlated &&
	       (query->body->kind == BODY_SELECT || writer->depth == 1) && query != writer->image_query &&
	       query != writer->recursive_query && select->from && !select->rollup && !has_lock(select->from);
}

static bool may_group(const struct tree_query *query, const struct tree_select *select)
{
	if (select->is_aggregated)
		return true;
	return select->distinct && !select->has_windows && (query->limit == NULL || query->order_by.count > 0);
}

/* The order of a derived table's rows is seen by its LIMIT only. */
static bool may_sort(const struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	return query->order_by.count > 0 && query->body->kind == BODY_SELECT && !select->is_aggregated &&
	       !select->distinct && !select->has_windows && (writer->depth == 1 || query->limit);
}

/* Most blocks have none: the arena, which a plan may keep, gets what is found. */
struct writer_stage *stage_find(struct writer *writer, const struct tree_query *query,
				const struct tree_select *select)
{
	if (!may_have_stage(writer, query, select))
		return NULL;
	bool groups = may_group(query, select);
	if (!groups && !may_sort(writer, query, select))
		return NULL;
	struct stage plan = {0};
	struct writer_stage stage = {.select = select, .stage = &plan, .outer = writer->stage};
	if (!(groups ? plan_groups : plan_sort)(&stage, query))
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

bool stage_sorts(const struct writer_stage *stage, const struct tree_select *select)
{
	return stage_is_of(stage, select) && stage->stage->sorts;
}

static void put_stage(struct writer *writer, const struct stage *stage)
{
	put_binding(writer, &(struct binding){.kind = BINDING_STAGE, .node = stage});
}

static void put_name(struct writer *writer, const struct writer_stage *stage)
{
	const struct stage *plan = stage->stage;
	put_numbered(writer, plan->sorts ? "s" : plan->key_count > 0 ? "g" : "a", stage->number);
}

static int write_constant(const struct tree_expr *constant, void *argument)
{
	struct writer *writer = argument;
	put(writer, ", ");
	return write_expr(writer, constant);
}

/* The table's row; and that its columns are read, though not as values: SQLite tells the module so, and skips the rest. */
static void put_packed_row(struct writer *writer, const struct tree_source *source)
{
	const char *before = "";
	buf_printf(&writer->sql, ", CASE WHEN 1 THEN t%u.r ELSE ", source->number);
	for (unsigned i = 0; i < source->column_count; i++) {
		if (!source->columns[i].used)
			continue;
		buf_printf(&writer->sql, "%st%u.c%u", before, source->number, i + 1);
		before = " + ";
	}
	put(writer, " END");
}

static int write_inputs(struct writer *writer, const struct stage *stage, const struct tree_query *query)
{
	put(writer, "gm_stage_add(gm_stage_reader(");
	put_stage(writer, stage);
	for (unsigned i = 0; i < stage->input_count; i++)
		if (!stage->inputs[i].is_value &&
		    row_expr_each_constant(stage->inputs[i].expr, write_constant, writer) != 0)
			return -1;
	if (stage->sorts)
		put_limits(writer, query);
	put(writer, ")");
	for (unsigned i = 0; i < stage->sources.count; i++)
		put_packed_row(writer, stage->sources.items[i]);
	for (unsigned i = 0; i < stage->input_count; i++) {
		if (!stage->inputs[i].is_value)
			continue;
		put(writer, ", ");
		if (write_expr(writer, stage->inputs[i].expr) != 0)
			return -1;
	}
	return 0;
}

int write_stage(struct writer *writer, struct writer_stage *stage, const struct tree_query *query)
{
	const struct tree_select *select = stage->select;
	put(writer, " FROM gm_stage(");
	put_stage(writer, stage->stage);
	put(writer, ", (SELECT ");
	/* The rows themselves know nothing of groups. */
	writer->stage = stage->outer;
	int status = write_inputs(writer, stage->stage, query);
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
		if (writer_stage_has_column(stage, expr, &number)) {
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
