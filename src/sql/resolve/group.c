/*
 * ONLY_FULL_GROUP_BY: what is selected must be one value a group.
 *
 * A column is when it was grouped by, or when others that are determine it: a unique key does its whole row, an
 * equation in WHERE or ON does its other side, a constant is known anyway. The closure of that is computed first.
 */
#include "sql/resolve/resolver.h"

struct known { /* one a source of the block */
	struct tree_source *source;
	bool *columns;
};

struct closure {
	struct scope *scope;
	struct known *known;
	unsigned count;
	bool changed;
};

static struct known *known_of(struct closure *closure, const struct tree_source *source)
{
	for (unsigned i = 0; i < closure->count; i++)
		if (closure->known[i].source == source)
			return &closure->known[i];
	return NULL;
}

static bool is_known(struct closure *closure, const struct tree_expr *expr)
{
	if (expr->kind != TREE_COLUMN)
		return (expr->facts & ~(unsigned)FACT_OUTER & FACTS_VARYING) == 0;
	struct known *known = known_of(closure, expr->column.source);
	return known == NULL || known->columns[expr->column.column];
}

static void learn(struct closure *closure, struct known *known, unsigned column)
{
	if (known == NULL || known->columns[column])
		return;
	known->columns[column] = true;
	closure->changed = true;
}

static void learn_equation(struct closure *closure, const struct tree_expr *target, const struct tree_expr *other,
			   bool only_inner_side)
{
	if (target->kind != TREE_COLUMN || !is_known(closure, other))
		return;
	if (!only_inner_side || target->column.source->inner_of_outer_join)
		learn(closure, known_of(closure, target->column.source), target->column.column);
}

static void learn_condition(struct closure *closure, const struct tree_expr *condition, bool only_inner_side)
{
	if (condition == NULL)
		return;
	if (condition->kind == TREE_AND) {
		for (unsigned i = 0; i < condition->logical.count; i++)
			learn_condition(closure, condition->logical.items[i], only_inner_side);
	} else if (condition->kind == TREE_COMPARE && condition->compare.op == AST_OP_EQUAL) {
		learn_equation(closure, condition->compare.left, condition->compare.right, only_inner_side);
		learn_equation(closure, condition->compare.right, condition->compare.left, only_inner_side);
	}
}

static void learn_joins(struct closure *closure, const struct tree_from *from)
{
	if (from == NULL || from->kind == FROM_SOURCE)
		return;
	learn_condition(closure, from->on, from->join == JOIN_LEFT);
	learn_joins(closure, from->left);
	learn_joins(closure, from->right);
}

static void learn_row(struct closure *closure, struct known *known)
{
	for (unsigned i = 0; i < known->source->column_count; i++)
		learn(closure, known, i);
}

static bool has_key(const struct known *known, const struct index *index)
{
	for (unsigned i = 0; i < index->part_count; i++) {
		unsigned column = index->parts[i].column;
		if (!known->columns[column] || index->parts[i].prefix_length != 0 ||
		    known->source->table->columns[column].nullable)
			return false;
	}
	return index->part_count > 0;
}

static void learn_table(struct closure *closure, struct known *known)
{
	const struct table *table = known->source->table;
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].kind != INDEX_PLAIN && !table->indexes[i].hidden &&
		    has_key(known, &table->indexes[i]))
			learn_row(closure, known);
}

/* The item of a derived table's select that shows this, and is known. */
static bool shows_known(const struct known *known, const struct tree_select *select, const struct tree_expr *expr)
{
	for (unsigned i = 0; i < select->item_count; i++)
		if (known->columns[i] && node_equal(select->items[i].expr, expr))
			return true;
	return false;
}

static bool shows_key(const struct known *known, const struct tree_select *select, struct tree_source *source,
		      const struct index *index)
{
	for (unsigned i = 0; i < index->part_count; i++) {
		struct tree_expr column = {.kind = TREE_COLUMN, .class = source->columns[index->parts[i].column].class};
		column.column.source = source;
		column.column.column = index->parts[i].column;
		if (source->columns[index->parts[i].column].nullable || index->parts[i].prefix_length != 0 ||
		    !shows_known(known, select, &column))
			return false;
	}
	return index->part_count > 0;
}

/* A derived table has the key it was grouped by, or that of its only table. */
static void learn_derived(struct closure *closure, struct known *known)
{
	const struct tree_body *body = known->source->query->body;
	if (body->kind != BODY_SELECT || body->select->from == NULL)
		return;
	const struct tree_select *select = body->select;
	if (select->is_aggregated) {
		bool all = true;
		for (unsigned i = 0; i < select->group_by.count; i++)
			all = all && shows_known(known, select, select->group_by.items[i].expr);
		if (all)
			learn_row(closure, known);
		return;
	}
	struct tree_source *source = select->from->kind == FROM_SOURCE ? select->from->source : NULL;
	for (unsigned i = 0; source != NULL && source->kind == SOURCE_TABLE && i < source->table->index_count; i++) {
		const struct index *index = &source->table->indexes[i];
		if (index->kind != INDEX_PLAIN && !index->hidden && shows_key(known, select, source, index))
			learn_row(closure, known);
	}
}

static void compute_closure(struct closure *closure)
{
	const struct tree_select *select = closure->scope->select;
	for (unsigned i = 0; i < select->group_by.count; i++) {
		const struct tree_expr *expr = select->group_by.items[i].expr;
		if (expr->kind == TREE_COLUMN)
			learn(closure, known_of(closure, expr->column.source), expr->column.column);
	}
	do {
		closure->changed = false;
		learn_condition(closure, select->where, false);
		learn_joins(closure, select->from);
		for (unsigned i = 0; i < closure->count; i++) {
			if (closure->known[i].source->kind == SOURCE_TABLE)
				learn_table(closure, &closure->known[i]);
			else if (closure->known[i].source->kind == SOURCE_DERIVED)
				learn_derived(closure, &closure->known[i]);
		}
	} while (closure->changed);
}

/* ------------------------------------------------------------------ the check */

struct search {
	struct closure *closure;
	const struct tree_expr *found; /* a column that is not one value a group */
};

static bool is_aggregate(const struct tree_expr *expr)
{
	return expr->kind == TREE_CALL && expr->call.over == NULL &&
	       (expr->call.function->flags & FUNCTION_AGGREGATE) != 0;
}

static enum tree_walk visit(struct tree_expr *expr, void *argument)
{
	struct search *search = argument;
	const struct tree_select *select = search->closure->scope->select;
	if (is_aggregate(expr))
		return TREE_WALK_OVER;
	for (unsigned i = 0; i < select->group_by.count; i++)
		if (node_equal(select->group_by.items[i].expr, expr))
			return TREE_WALK_OVER;
	if (expr->kind != TREE_COLUMN || is_known(search->closure, expr))
		return TREE_WALK_ON;
	search->found = expr;
	return TREE_WALK_STOP;
}

static const char *column_path(struct scope *scope, const struct tree_expr *expr)
{
	const struct tree_source *source = expr->column.source;
	const char *name = source->columns[expr->column.column].name;
	if (source->database[0] == 0)
		return arena_printf(scope->resolver->arena, "%s.%s", source->alias, name);
	return arena_printf(scope->resolver->arena, "%s.%s.%s", source->database, source->alias, name);
}

static int check(struct closure *closure, struct tree_expr *expr, unsigned number, const char *clause)
{
	struct search search = {.closure = closure};
	if (tree_walk_expr(expr, visit, &search))
		return 0;
	struct scope *scope = closure->scope;
	bool grouped = scope->select->group_by.count > 0;
	return diag_set(scope->resolver->diag, grouped ? ER_WRONG_FIELD_WITH_GROUP : ER_MIX_OF_GROUP_FUNC_AND_FIELDS,
			number, clause, column_path(scope, search.found));
}

static bool mode_is_on(const struct scope *scope)
{
	return (scope->resolver->environment->sql_mode & SQL_MODE_ONLY_FULL_GROUP_BY) != 0;
}

int check_full_group_by(struct scope *scope, const struct tree_orders *order_by)
{
	const struct tree_select *select = scope->select;
	struct closure closure = {.scope = scope, .count = scope->names.source_count};
	if (!select->is_aggregated || !mode_is_on(scope))
		return 0;
	closure.known = arena_array(scope->resolver->arena, struct known, closure.count + 1);
	for (unsigned i = 0; i < closure.count; i++) {
		closure.known[i].source = scope->names.sources[i];
		closure.known[i].columns = arena_array(scope->resolver->arena, bool,
						       scope->names.sources[i]->column_count + 1);
	}
	compute_closure(&closure);
	for (unsigned i = 0; i < select->item_count; i++)
		if (check(&closure, select->items[i].expr, i + 1, "SELECT list") != 0)
			return -1;
	for (unsigned i = 0; i < order_by->count; i++)
		if (check(&closure, order_by->items[i].expr, i + 1, "ORDER BY") != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ DISTINCT and ORDER BY */

static enum tree_walk visit_unselected(struct tree_expr *expr, void *argument)
{
	struct search *search = argument;
	const struct tree_select *select = search->closure->scope->select;
	for (unsigned i = 0; i < select->item_count; i++)
		if (node_equal(select->items[i].expr, expr))
			return TREE_WALK_OVER;
	if (expr->kind != TREE_COLUMN || (expr->facts & FACT_OUTER))
		return TREE_WALK_ON;
	search->found = expr;
	return TREE_WALK_STOP;
}

int check_distinct_order(struct scope *scope, const struct tree_orders *order_by)
{
	if (!scope->select->distinct || !mode_is_on(scope))
		return 0;
	for (unsigned i = 0; i < order_by->count; i++) {
		struct closure closure = {.scope = scope};
		struct search search = {.closure = &closure};
		if (order_by->items[i].item >= 0 ||
		    tree_walk_expr(order_by->items[i].expr, visit_unselected, &search))
			continue;
		return diag_set(scope->resolver->diag, ER_FIELD_IN_ORDER_NOT_SELECT, i + 1, "ORDER BY clause",
				column_path(scope, search.found), "DISTINCT");
	}
	return 0;
}
