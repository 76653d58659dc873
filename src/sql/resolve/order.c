/* GROUP BY, ORDER BY and LIMIT: positions, names of items, expressions. */
#include "sql/resolve/resolver.h"

static int unknown_position(struct scope *scope, uint64_t position)
{
	const char *text = arena_printf(scope->resolver->arena, "%llu", (unsigned long long)position);
	return diag_set(scope->resolver->diag, ER_BAD_FIELD_ERROR, text, scope_clause_name(scope));
}

/* ORDER BY prefers an item's name, GROUP BY a column's, unless several tables have that and an item tells which. */
static struct tree_expr *resolve_key(struct scope *scope, const struct ast_expr *ast, int *out_item)
{
	bool ambiguous = false;
	*out_item = -1;
	if (ast->kind != AST_COLUMN)
		return resolve_expr(scope, ast);
	int item = find_item(scope, ast);
	if (item == -2)
		return NULL;
	if (scope->clause == CLAUSE_GROUP) {
		struct tree_expr *column = find_own_column(scope, ast->column.database, ast->column.table,
							   ast->column.name, &ambiguous);
		if (column != NULL || (ambiguous && item < 0))
			return column;
		if (ambiguous)
			diag_clear(scope->resolver->diag);
	}
	if (item < 0)
		return resolve_column(scope, ast);
	*out_item = item;
	return scope->select->items[item].expr;
}

static int find_equal_item(const struct tree_select *select, const struct tree_expr *expr)
{
	for (unsigned i = 0; i < select->item_count; i++)
		if ((expr->facts & FACT_NONDETERMINISTIC) == 0 && node_equal(select->items[i].expr, expr))
			return (int)i;
	return -1;
}

static int check_group_key(struct scope *scope, const struct tree_expr *expr, int item, const struct ast_expr *ast)
{
	if ((expr->facts & (FACT_AGGREGATE | FACT_WINDOW)) == 0)
		return 0;
	const char *name = item >= 0 ? scope->select->items[item].name : ast->kind == AST_COLUMN ? ast->column.name : "";
	return diag_set(scope->resolver->diag, ER_WRONG_GROUP_FIELD, name);
}

static int add_order(struct scope *scope, const struct ast_order *ast, struct tree_orders *out)
{
	struct tree_order order = {.descending = ast->descending, .item = -1};
	const struct ast_expr *by = ast->expr;
	if (by->kind == AST_LITERAL && by->literal->kind == AST_LITERAL_INTEGER) {
		if (by->literal->integer < 1 || by->literal->integer > scope->select->item_count)
			return unknown_position(scope, by->literal->integer);
		order.item = (int)by->literal->integer - 1;
		order.expr = scope->select->items[order.item].expr;
	} else {
		order.expr = resolve_key(scope, by, &order.item);
	}
	if (order.expr == NULL)
		return -1;
	if (scope->clause == CLAUSE_GROUP && check_group_key(scope, order.expr, order.item, by) != 0)
		return -1;
	if (order.item < 0)
		order.item = find_equal_item(scope->select, order.expr);
	out->items = array_room(scope->resolver->arena, out->items, out->count, sizeof *out->items);
	out->items[out->count++] = order;
	return 0;
}

int resolve_orders(struct scope *scope, const struct ast_orders *ast, enum scope_clause clause, struct tree_orders *out)
{
	scope->clause = clause;
	for (size_t i = 0; i < ast->count; i++)
		if (add_order(scope, &ast->items[i], out) != 0)
			return -1;
	return 0;
}

static struct tree_expr *limit_number(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *expr = resolve_expr(scope, ast);
	if (expr == NULL || expr->class == CLASS_INTEGER)
		return expr;
	if (expr->kind == TREE_PARAMETER && scope->resolver->environment->parameters == NULL) {
		expr->class = CLASS_INTEGER;
		expr->type = type_bigint(0, true);
		return expr;
	}
	if (expr->kind != TREE_PARAMETER)
		return FAIL(scope, ER_WRONG_ARGUMENTS, "LIMIT");
	return convert_to_class(scope, expr, CLASS_INTEGER);
}

int resolve_limit(struct scope *scope, const struct ast_limit *ast, struct tree_query *query)
{
	if (ast == NULL)
		return 0;
	scope->resolver->environment->facts |= FACT_LIMIT;
	query->limit = limit_number(scope, ast->count);
	if (query->limit == NULL)
		return -1;
	if (ast->offset != NULL && (query->offset = limit_number(scope, ast->offset)) == NULL)
		return -1;
	int64_t most;
	if (constant_integer(query->limit, &most) && most <= 1)
		query->at_most_one_row = true;
	return 0;
}
