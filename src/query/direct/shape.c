/* Which trees need no evaluation. */
#include "query/direct/direct.h"
#include "query/table/operand.h"
#include "query/table/row_expr.h"

struct shaping {
	const struct tree_source *source;
	struct direct_shape *shape;
};

/* The source's column that stands there bare, or -1. */
static int column_of(const struct shaping *shaping, const struct tree_expr *expr)
{
	const struct tree_expr *bare = row_expr_bare(expr);
	bool is_ours = bare->kind == TREE_COLUMN && bare->column.source == shaping->source;
	return is_ours ? (int)bare->column.column : -1;
}

static const struct column_type *type_of(const struct shaping *shaping, unsigned column)
{
	return &shaping->source->table->columns[column].type;
}

/* Whose value is there before anything is read; a literal NULL is written as such. */
static bool is_given(const struct tree_expr *bare)
{
	return bare->kind == TREE_PARAMETER || (bare->kind == TREE_LITERAL && bare->literal.kind != VALUE_NULL);
}

/* ------------------------------------------------------------------ WHERE */

static bool add(struct shaping *shaping, const struct tree_expr *column_expr, uint8_t op, const struct tree_expr *constant,
		const struct collation *collation)
{
	struct direct_shape *shape = shaping->shape;
	int column = column_of(shaping, column_expr);
	const struct tree_expr *bare = constant ? row_expr_bare(constant) : NULL;
	if (column < 0 || (bare && !is_given(bare)) || shape->condition_count == direct_conditions_max)
		return false;
	const struct column_type *type = type_of(shaping, (unsigned)column);
	if (!operand_can_compare(type))
		return false;
	if (class_of_type(type) != CLASS_TEXT)
		collation = NULL;
	else if (collation == NULL)
		collation = type->collation; /* as SQLite has it declared */
	shape->conditions[shape->condition_count++] =
		(struct direct_condition){(unsigned)column, op, bare, collation};
	return true;
}

static uint8_t constraint_of(enum ast_operator op, bool turned)
{
	switch (op) {
	case AST_OP_EQUAL: return SQLITE_INDEX_CONSTRAINT_EQ;
	case AST_OP_NULL_SAFE_EQUAL: return SQLITE_INDEX_CONSTRAINT_IS;
	case AST_OP_NOT_EQUAL: return SQLITE_INDEX_CONSTRAINT_NE;
	case AST_OP_LESS: return turned ? SQLITE_INDEX_CONSTRAINT_GT : SQLITE_INDEX_CONSTRAINT_LT;
	case AST_OP_LESS_EQUAL: return turned ? SQLITE_INDEX_CONSTRAINT_GE : SQLITE_INDEX_CONSTRAINT_LE;
	case AST_OP_GREATER: return turned ? SQLITE_INDEX_CONSTRAINT_LT : SQLITE_INDEX_CONSTRAINT_GT;
	default: return turned ? SQLITE_INDEX_CONSTRAINT_LE : SQLITE_INDEX_CONSTRAINT_GE;
	}
}

static bool add_compare(struct shaping *shaping, const struct tree_expr *expr)
{
	bool turned = column_of(shaping, expr->compare.left) < 0;
	const struct tree_expr *column = turned ? expr->compare.right : expr->compare.left;
	const struct tree_expr *constant = turned ? expr->compare.left : expr->compare.right;
	return expr->compare.class != CLASS_JSON &&
	       add(shaping, column, constraint_of(expr->compare.op, turned), constant, expr->compare.collation);
}

static bool add_between(struct shaping *shaping, const struct tree_expr *expr)
{
	const struct collation *collation = expr->between.collation;
	return !expr->between.negated && expr->between.class != CLASS_JSON &&
	       add(shaping, expr->between.operand, SQLITE_INDEX_CONSTRAINT_GE, expr->between.low, collation) &&
	       add(shaping, expr->between.operand, SQLITE_INDEX_CONSTRAINT_LE, expr->between.high, collation);
}

static bool add_is_null(struct shaping *shaping, const struct tree_expr *expr)
{
	uint8_t op = expr->is.negated ? SQLITE_INDEX_CONSTRAINT_ISNOTNULL : SQLITE_INDEX_CONSTRAINT_ISNULL;
	return expr->is.test == AST_TEST_NULL && add(shaping, expr->is.operand, op, NULL, NULL);
}

static bool add_condition(struct shaping *shaping, const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_COMPARE: return add_compare(shaping, expr);
	case TREE_BETWEEN: return add_between(shaping, expr);
	case TREE_IS: return add_is_null(shaping, expr);
	case TREE_AND: break;
	default: return false;
	}
	for (unsigned i = 0; i < expr->logical.count; i++)
		if (!add_condition(shaping, expr->logical.items[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------ the rest */

static bool add_items(struct shaping *shaping, const struct tree_select *select)
{
	struct direct_shape *shape = shaping->shape;
	for (unsigned i = 0; i < select->item_count; i++) {
		const struct tree_expr *expr = select->items[i].expr;
		if (select->items[i].hidden)
			continue; /* only to be sorted by */
		if (expr->kind != TREE_COLUMN || expr->column.source != shaping->source)
			return false;
		shape->columns[shape->column_count++] = expr->column.column;
	}
	return true;
}

static bool add_orders(struct shaping *shaping, const struct tree_orders *orders)
{
	struct direct_shape *shape = shaping->shape;
	for (unsigned i = 0; i < orders->count; i++) {
		const struct tree_expr *expr = orders->items[i].expr;
		if (expr->kind != TREE_COLUMN || expr->column.source != shaping->source || i == direct_orders_max)
			return false;
		const struct column_type *type = type_of(shaping, expr->column.column);
		if (type->collation != expr->type.collation)
			return false;
		shape->orders[shape->order_count++] =
			(struct direct_order){expr->column.column, orders->items[i].descending};
	}
	return true;
}

static bool is_plain(const struct tree_query *query)
{
	const struct tree_body *body = query->body;
	if (body->kind != BODY_SELECT || query->cte_count > 0 || query->column_count == 0)
		return false;
	const struct tree_select *select = body->select;
	return !select->distinct && !select->is_aggregated && !select->has_windows && select->group_by.count == 0 &&
	       select->having == NULL && select->from && select->from->kind == FROM_SOURCE &&
	       select->from->source->kind == SOURCE_TABLE && !select->from->source->inner_of_outer_join;
}

const struct direct_shape *direct_shape_find(struct arena *arena, const struct tree_query *query)
{
	if (!is_plain(query))
		return NULL;
	const struct tree_select *select = query->body->select;
	struct direct_shape *shape = arena_new(arena, struct direct_shape);
	*shape = (struct direct_shape){
		.conditions = arena_array(arena, struct direct_condition, direct_conditions_max),
		.orders = arena_array(arena, struct direct_order, query->order_by.count + 1),
		.columns = arena_array(arena, unsigned, select->item_count + 1),
		.has_limit = query->limit || query->offset,
	};
	struct shaping shaping = {select->from->source, shape};
	bool fits = (select->where == NULL || add_condition(&shaping, select->where)) && add_items(&shaping, select) &&
		    add_orders(&shaping, &query->order_by);
	return fits ? shape : NULL;
}
