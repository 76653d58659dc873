/* Comparisons: operators, BETWEEN, IN, LIKE, ANY and ALL, over single values and rows. */
#include "sql/resolve/resolver.h"

static struct tree_expr *compare_new(struct scope *scope, enum ast_operator op, const struct compare_pair *pair)
{
	struct tree_expr *expr = node_truth(scope, TREE_COMPARE);
	expr->compare.op = op;
	expr->compare.class = pair->class;
	expr->compare.collation = pair->collation;
	expr->compare.left = pair->left;
	expr->compare.right = pair->right;
	node_adopt(expr, pair->left);
	node_adopt(expr, pair->right);
	if (op == AST_OP_NULL_SAFE_EQUAL)
		expr->nullable = false;
	return expr;
}

struct tree_expr *compare_build(struct scope *scope, enum ast_operator op, struct tree_expr *left,
				struct tree_expr *right)
{
	struct compare_pair pair = {left, right, CLASS_NULL, NULL};
	return compare_unify(scope, op, &pair) == 0 ? compare_new(scope, op, &pair) : NULL;
}

struct tree_expr *compare_between(struct scope *scope, bool negated, struct tree_expr *operand, struct tree_expr *low,
				  struct tree_expr *high)
{
	struct compare_pair a = {operand, low, CLASS_NULL, NULL}, b = {operand, high, CLASS_NULL, NULL};
	if (compare_unify(scope, AST_OP_GREATER_EQUAL, &a) != 0 || compare_unify(scope, AST_OP_LESS_EQUAL, &b) != 0)
		return NULL;
	lift_compared(scope, a.class, a.left, a.right);
	lift_compared(scope, b.class, b.left, b.right);
	if (node_equal(a.left, b.left) && a.class == b.class && a.collation == b.collation && a.class != CLASS_JSON) {
		struct tree_expr *expr = node_truth(scope, TREE_BETWEEN);
		expr->between.negated = negated;
		expr->between.class = a.class;
		expr->between.collation = a.collation;
		expr->between.operand = a.left;
		expr->between.low = a.right;
		expr->between.high = b.right;
		node_adopt(expr, a.left);
		node_adopt(expr, a.right);
		node_adopt(expr, b.right);
		return expr;
	}
	struct tree_expr *both = node_logical(scope, TREE_AND, compare_new(scope, AST_OP_GREATER_EQUAL, &a),
					      compare_new(scope, AST_OP_LESS_EQUAL, &b));
	return negated ? node_not(scope, both) : both;
}

/* ------------------------------------------------------------------ rows */

static size_t row_width(const struct ast_expr *ast)
{
	return ast->kind == AST_ROW ? ast->row.count : 1;
}

static struct tree_expr *compare_asts(struct scope *scope, enum ast_operator op, const struct ast_expr *left,
				      const struct ast_expr *right);

/* a < c OR (a = c AND b < d), and so on to the right. */
static struct tree_expr *compare_in_order(struct scope *scope, enum ast_operator op, const struct ast_expr *left,
					  const struct ast_expr *right, size_t i)
{
	bool last = i + 1 == left->row.count;
	enum ast_operator strict = op == AST_OP_LESS_EQUAL ? AST_OP_LESS
		: op == AST_OP_GREATER_EQUAL ? AST_OP_GREATER : op;
	struct tree_expr *here = compare_asts(scope, last ? op : strict, left->row.items[i], right->row.items[i]);
	if (last || here == NULL)
		return here;
	struct tree_expr *same = compare_asts(scope, AST_OP_EQUAL, left->row.items[i], right->row.items[i]);
	struct tree_expr *rest = same ? compare_in_order(scope, op, left, right, i + 1) : NULL;
	return node_logical(scope, TREE_OR, here, node_logical(scope, TREE_AND, same, rest));
}

static struct tree_expr *compare_rows(struct scope *scope, enum ast_operator op, const struct ast_expr *left,
				      const struct ast_expr *right)
{
	if (row_width(left) != row_width(right))
		return FAIL(scope, ER_OPERAND_COLUMNS, (int)row_width(left));
	if (op != AST_OP_EQUAL && op != AST_OP_NULL_SAFE_EQUAL && op != AST_OP_NOT_EQUAL)
		return compare_in_order(scope, op, left, right, 0);
	struct tree_expr *out = NULL;
	enum tree_expr_kind join = op == AST_OP_NOT_EQUAL ? TREE_OR : TREE_AND;
	for (size_t i = 0; i < left->row.count; i++) {
		struct tree_expr *pair = compare_asts(scope, op, left->row.items[i], right->row.items[i]);
		if (pair == NULL)
			return NULL;
		out = out == NULL ? pair : node_logical(scope, join, out, pair);
	}
	return out;
}

/* ------------------------------------------------------------------ against a query */

/* What a column of a subquery is to its surroundings. */
static struct tree_expr *output_node(struct scope *scope, const struct tree_query *query, unsigned column)
{
	const struct tree_expr *item = query->columns[column].expr;
	struct tree_expr *expr = node_new(scope, TREE_OUTPUT, item->class);
	expr->output = column;
	expr->type = item->type;
	expr->nullable = item->nullable;
	expr->coercibility = item->coercibility;
	expr->facts = FACT_SUBQUERY;
	return expr;
}

/* operand(s) op query, all columns brought to the operands' classes. */
static struct tree_expr *against_query(struct scope *scope, enum tree_expr_kind kind, enum ast_operator op,
				       const struct ast_expr *left, const struct ast_query *ast)
{
	struct tree_expr *expr = node_truth(scope, kind);
	struct resolver *resolver = scope->resolver;
	size_t width = row_width(left);
	for (size_t i = 0; i < width; i++) {
		struct tree_expr *operand = resolve_expr(scope, left->kind == AST_ROW ? left->row.items[i] : left);
		if (operand == NULL)
			return NULL;
		exprs_add(scope, &expr->in_query.operands, operand);
	}
	struct tree_query *query = resolve_query_in(resolver, scope, scope->ctes, ast);
	if (query == NULL)
		return NULL;
	if (query->column_count != width)
		return FAIL(scope, ER_OPERAND_COLUMNS, (int)width);
	struct column_type *types = arena_array(resolver->arena, struct column_type, width);
	expr->in_query.collations = arena_array(resolver->arena, const struct collation *, width);
	bool changed = false;
	for (size_t i = 0; i < width; i++) {
		struct tree_expr *output = output_node(scope, query, (unsigned)i);
		struct compare_pair pair = {expr->in_query.operands.items[i], output, CLASS_NULL, NULL};
		if (compare_unify(scope, op, &pair) != 0)
			return NULL;
		expr->in_query.operands.items[i] = pair.left;
		expr->in_query.collations[i] = pair.collation;
		types[i] = pair.right->type;
		changed |= pair.right != output;
		node_adopt(expr, pair.left);
		expr->nullable |= output->nullable;
	}
	if (changed && query_convert_columns(scope, query, types) != 0)
		return NULL;
	expr->in_query.query = query;
	expr->in_query.op = op;
	expr->facts |= FACT_SUBQUERY | (query->is_correlated ? FACT_OUTER : 0);
	return expr;
}

static enum ast_operator mirrored(enum ast_operator op)
{
	switch (op) {
	case AST_OP_LESS: return AST_OP_GREATER;
	case AST_OP_LESS_EQUAL: return AST_OP_GREATER_EQUAL;
	case AST_OP_GREATER: return AST_OP_LESS;
	case AST_OP_GREATER_EQUAL: return AST_OP_LESS_EQUAL;
	default: return op;
	}
}

static struct tree_expr *row_against_query(struct scope *scope, enum ast_operator op, const struct ast_expr *row,
					   const struct ast_expr *subquery)
{
	struct tree_expr *expr = against_query(scope, TREE_ROW_QUERY, op, row, subquery->query);
	if (expr != NULL)
		expr->nullable = true;
	return expr;
}

static struct tree_expr *compare_asts(struct scope *scope, enum ast_operator op, const struct ast_expr *left,
				      const struct ast_expr *right)
{
	if (left->kind == AST_ROW && right->kind == AST_ROW)
		return compare_rows(scope, op, left, right);
	if (left->kind == AST_ROW && right->kind == AST_SUBQUERY)
		return row_against_query(scope, op, left, right);
	if (left->kind == AST_SUBQUERY && right->kind == AST_ROW)
		return row_against_query(scope, mirrored(op), right, left);
	if (left->kind == AST_ROW || right->kind == AST_ROW)
		return FAIL(scope, ER_OPERAND_COLUMNS, (int)row_width(left));
	struct tree_expr *a = resolve_expr(scope, left);
	struct compare_pair pair = {a, a ? resolve_expr(scope, right) : NULL, CLASS_NULL, NULL};
	if (compare_unify(scope, op, &pair) != 0)
		return NULL;
	lift_compared(scope, pair.class, pair.left, pair.right);
	lift_compared(scope, pair.class, pair.right, pair.left);
	return compare_new(scope, op, &pair);
}

struct tree_expr *resolve_comparison(struct scope *scope, const struct ast_expr *ast)
{
	return compare_asts(scope, ast->binary.op, ast->binary.left, ast->binary.right);
}

struct tree_expr *resolve_between(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *operand = resolve_expr(scope, ast->between.operand);
	struct tree_expr *low = operand ? resolve_expr(scope, ast->between.low) : NULL;
	struct tree_expr *high = low ? resolve_expr(scope, ast->between.high) : NULL;
	return high ? compare_between(scope, ast->between.negated, operand, low, high) : NULL;
}

/* ------------------------------------------------------------------ IN */

static struct tree_expr *in_list_new(struct scope *scope, const struct compare_pair *pair)
{
	struct tree_expr *expr = node_truth(scope, TREE_IN_LIST);
	expr->in_list.class = pair->class;
	expr->in_list.collation = pair->collation;
	expr->in_list.operand = pair->left;
	node_adopt(expr, pair->left);
	return expr;
}

/* Items that compare alike stand in one list, each kind of comparison in its own. */
static struct tree_expr *in_values(struct scope *scope, struct tree_expr *operand, const struct ast_exprs *list)
{
	struct tree_exprs lists = {0};
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i]->kind == AST_ROW)
			return FAIL(scope, ER_OPERAND_COLUMNS, 1);
		struct tree_expr *item = resolve_expr(scope, list->items[i]);
		struct compare_pair pair = {operand, item, CLASS_NULL, NULL};
		if (item == NULL || compare_unify(scope, AST_OP_EQUAL, &pair) != 0)
			return NULL;
		lift_compared(scope, pair.class, pair.left, pair.right);
		struct tree_expr *home = NULL;
		for (unsigned k = 0; k < lists.count && home == NULL; k++) {
			struct tree_expr *at = lists.items[k];
			bool same = at->in_list.class == pair.class && at->in_list.collation == pair.collation &&
				    node_equal(at->in_list.operand, pair.left);
			if (same || node_is_null(pair.right))
				home = at;
		}
		if (home == NULL) {
			home = in_list_new(scope, &pair);
			exprs_add(scope, &lists, home);
		}
		exprs_add(scope, &home->in_list.list, pair.right);
		node_adopt(home, pair.right);
	}
	struct tree_expr *out = lists.items[0];
	for (unsigned k = 1; k < lists.count; k++)
		out = node_logical(scope, TREE_OR, out, lists.items[k]);
	return out;
}

static struct tree_expr *in_rows(struct scope *scope, const struct ast_expr *row, const struct ast_exprs *list)
{
	struct tree_expr *out = NULL;
	for (size_t i = 0; i < list->count; i++) {
		if (row_width(list->items[i]) != row->row.count)
			return FAIL(scope, ER_OPERAND_COLUMNS, (int)row->row.count);
		struct tree_expr *same = compare_rows(scope, AST_OP_EQUAL, row, list->items[i]);
		if (same == NULL)
			return NULL;
		out = out == NULL ? same : node_logical(scope, TREE_OR, out, same);
	}
	return out;
}

struct tree_expr *resolve_in(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *out;
	if (ast->in.query != NULL) {
		out = against_query(scope, TREE_IN_QUERY, AST_OP_EQUAL, ast->in.operand, ast->in.query);
		if (out != NULL)
			out->in_query.negated = ast->in.negated;
		return out;
	}
	if (ast->in.operand->kind == AST_ROW) {
		out = in_rows(scope, ast->in.operand, &ast->in.list);
	} else {
		struct tree_expr *operand = resolve_expr(scope, ast->in.operand);
		out = operand ? in_values(scope, operand, &ast->in.list) : NULL;
	}
	if (out == NULL || !ast->in.negated)
		return out;
	if (out->kind != TREE_IN_LIST)
		return node_not(scope, out);
	out->in_list.negated = true;
	return out;
}

struct tree_expr *resolve_quantified(struct scope *scope, const struct ast_expr *ast)
{
	enum ast_operator op = ast->quantified.op;
	bool all = ast->quantified.all;
	bool in = (op == AST_OP_EQUAL && !all) || (op == AST_OP_NOT_EQUAL && all);
	struct tree_expr *out = against_query(scope, in ? TREE_IN_QUERY : TREE_QUANTIFIED, in ? AST_OP_EQUAL : op,
					      ast->quantified.left, ast->quantified.query);
	if (out == NULL)
		return NULL;
	out->in_query.negated = in && all;
	out->in_query.all = all;
	if (!in && out->in_query.operands.count > 1)
		return FAIL(scope, ER_OPERAND_COLUMNS, 1);
	out->nullable = true;
	return out;
}

/* ------------------------------------------------------------------ LIKE */

struct tree_expr *resolve_like(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *sides[2];
	struct collation_pick pick;
	sides[0] = resolve_expr(scope, ast->like.operand);
	sides[1] = sides[0] ? resolve_expr(scope, ast->like.pattern) : NULL;
	if (sides[1] == NULL || collation_aggregate(scope, sides, 2, "like", true, &pick) != 0)
		return NULL;
	struct tree_expr *expr = node_truth(scope, TREE_LIKE);
	bool binary = pick.collation == collation_binary && sides[0]->class != CLASS_NULL &&
		      sides[1]->class != CLASS_NULL;
	struct column_type type = type_text(0, pick.collation);
	for (int i = 0; i < 2; i++) {
		if (sides[i]->class == CLASS_BINARY && !binary)
			sides[i] = convert_to_type(scope, sides[i], &type, CONVERT_IMPLICIT);
		else
			sides[i] = convert_to_class(scope, sides[i], binary ? CLASS_BINARY : CLASS_TEXT);
		node_adopt(expr, sides[i]);
	}
	expr->like.negated = ast->like.negated;
	expr->like.operand = sides[0];
	expr->like.pattern = sides[1];
	expr->like.collation = pick.collation;
	if (ast->like.escape != NULL) {
		expr->like.escape = convert_to_class(scope, resolve_expr(scope, ast->like.escape), CLASS_TEXT);
		if (expr->like.escape == NULL)
			return NULL;
		if (!tree_is_constant(expr->like.escape) ||
		    (expr->like.escape->kind == TREE_LITERAL && expr->like.escape->type.length > 1))
			return FAIL(scope, ER_WRONG_ARGUMENTS, "ESCAPE");
		node_adopt(expr, expr->like.escape);
	}
	return expr;
}
