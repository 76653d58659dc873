#include "query/pushdown.h"

#include "query/table/operand.h"
#include "query/table/row_expr.h"

/* ------------------------------------------------------------------ what fits */

struct fitting {
	const struct tree_source *source; /* of the first column met */
	unsigned depth;
};

static bool is_column(struct fitting *fitting, const struct tree_expr *expr)
{
	const struct tree_expr *bare = row_expr_bare(expr);
	if (bare->kind != TREE_COLUMN || bare->column.source->kind != SOURCE_TABLE)
		return false;
	const struct tree_source *source = bare->column.source;
	if (fitting->source == NULL)
		fitting->source = source;
	return source == fitting->source && operand_can_compare(&source->table->columns[bare->column.column].type);
}

/* What is computed of a row and cannot fail; it is compared with a constant of its own class. */
static bool is_computed(struct fitting *fitting, const struct tree_expr *expr, const struct tree_expr *constant,
			const struct collation *collation)
{
	struct row_sources sources = {0};
	if ((expr->class != CLASS_TEXT || collation == NULL) && expr->class != CLASS_INTEGER)
		return false;
	if ((constant->class != expr->class && constant->class != CLASS_NULL) || !row_expr_fits(expr, &sources) ||
	    sources.count != 1 || row_expr_may_fail(expr))
		return false;
	if (fitting->source == NULL)
		fitting->source = sources.items[0];
	return fitting->source == sources.items[0];
}

bool pushed_is_computed(const struct tree_expr *operand)
{
	return row_expr_bare(operand)->kind != TREE_COLUMN;
}

static bool is_pair(struct fitting *fitting, const struct tree_expr *left, const struct tree_expr *right,
		    const struct collation *collation)
{
	if (!is_column(fitting, left) || !is_column(fitting, right))
		return false;
	const struct column *columns = fitting->source->table->columns;
	return operands_are_comparable(&columns[row_expr_bare(left)->column.column].type,
				       &columns[row_expr_bare(right)->column.column].type, collation);
}

/* A TEXT column is compared by a collation. */
static bool is_collated(const struct fitting *fitting, const struct tree_expr *column, const struct collation *collation)
{
	const struct table *table = fitting->source->table;
	return class_of_type(&table->columns[row_expr_bare(column)->column.column].type) != CLASS_TEXT || collation;
}

static bool fits_compare(struct fitting *fitting, const struct tree_expr *expr)
{
	const struct tree_expr *left = expr->compare.left, *right = expr->compare.right;
	if (row_expr_is_constant(left)) {
		left = right;
		right = expr->compare.left;
	}
	if (!row_expr_is_constant(right))
		return is_pair(fitting, left, right, expr->compare.collation);
	if (pushed_is_computed(left))
		return expr->compare.op != AST_OP_NULL_SAFE_EQUAL &&
		       is_computed(fitting, left, right, expr->compare.collation);
	return is_column(fitting, left) && is_collated(fitting, left, expr->compare.collation);
}

static bool fits_between(struct fitting *fitting, const struct tree_expr *expr)
{
	return is_column(fitting, expr->between.operand) && row_expr_is_constant(expr->between.low) &&
	       row_expr_is_constant(expr->between.high) &&
	       is_collated(fitting, expr->between.operand, expr->between.collation);
}

static bool fits_list(struct fitting *fitting, const struct tree_expr *expr)
{
	for (unsigned i = 0; i < expr->in_list.list.count; i++)
		if (!row_expr_is_constant(expr->in_list.list.items[i]))
			return false;
	for (unsigned i = 0; pushed_is_computed(expr->in_list.operand) && i < expr->in_list.list.count; i++)
		if (!is_computed(fitting, expr->in_list.operand, expr->in_list.list.items[i],
				 expr->in_list.collation))
			return false;
	if (pushed_is_computed(expr->in_list.operand))
		return true;
	return is_column(fitting, expr->in_list.operand) &&
	       is_collated(fitting, expr->in_list.operand, expr->in_list.collation);
}

static bool fits_like(struct fitting *fitting, const struct tree_expr *expr)
{
	return is_column(fitting, expr->like.operand) && row_expr_is_constant(expr->like.pattern) &&
	       (expr->like.escape == NULL || row_expr_is_constant(expr->like.escape));
}

static bool fits(struct fitting *fitting, const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_COMPARE: return fits_compare(fitting, expr);
	case TREE_BETWEEN: return fits_between(fitting, expr);
	case TREE_IN_LIST: return fits_list(fitting, expr);
	case TREE_LIKE: return fits_like(fitting, expr);
	case TREE_IS: return expr->is.test == AST_TEST_NULL && is_column(fitting, expr->is.operand);
	case TREE_NOT:
	case TREE_AND:
	case TREE_OR: break;
	default: return false;
	}
	if (fitting->depth++ == pushed_depth_max)
		return false;
	for (unsigned i = 0; i < expr->logical.count; i++)
		if (!fits(fitting, expr->logical.items[i]))
			return false;
	fitting->depth--;
	return true;
}

const struct tree_source *pushed_source(const struct tree_expr *condition)
{
	struct fitting fitting = {0};
	return !(condition->facts & FACT_OUTER) && fits(&fitting, condition) ? fitting.source : NULL;
}

/* ------------------------------------------------------------------ constants */

typedef int visit_fn(const struct tree_expr *constant, void *argument);

/* The constant that it is, or those in it. */
static int visit_in(const struct tree_expr *expr, visit_fn *visit, void *argument)
{
	return row_expr_each_constant(expr, visit, argument);
}

static int visit_two(const struct tree_expr *one, const struct tree_expr *two, visit_fn *visit, void *argument)
{
	return visit_in(one, visit, argument) != 0 ? -1 : visit_in(two, visit, argument);
}

static int visit_list(const struct tree_exprs *list, visit_fn *visit, void *argument)
{
	for (unsigned i = 0; i < list->count; i++)
		if (visit(list->items[i], argument) != 0)
			return -1;
	return 0;
}

int pushed_each_constant(const struct tree_expr *expr, visit_fn *visit, void *argument)
{
	switch (expr->kind) {
	case TREE_COMPARE: return visit_two(expr->compare.left, expr->compare.right, visit, argument);
	case TREE_BETWEEN: return visit_two(expr->between.low, expr->between.high, visit, argument);
	case TREE_IN_LIST:
		if (visit_in(expr->in_list.operand, visit, argument) != 0)
			return -1;
		return visit_list(&expr->in_list.list, visit, argument);
	case TREE_LIKE:
		if (visit(expr->like.pattern, argument) != 0)
			return -1;
		return expr->like.escape ? visit(expr->like.escape, argument) : 0;
	case TREE_NOT:
	case TREE_AND:
	case TREE_OR: break;
	default: return 0;
	}
	for (unsigned i = 0; i < expr->logical.count; i++)
		if (pushed_each_constant(expr->logical.items[i], visit, argument) != 0)
			return -1;
	return 0;
}
