/* Expressions: one function a kind of node. */
#include "base/memory.h"
#include "sql/resolve/resolver.h"

struct tree_expr *resolve_condition(struct scope *scope, const struct ast_expr *ast)
{
	return convert_to_truth(scope, resolve_expr(scope, ast));
}

static struct tree_expr *negated_literal(struct scope *scope, const struct tree_expr *literal)
{
	struct value value = literal->literal;
	switch (value.kind) {
	case VALUE_INT:
		return value.integer == INT64_MIN ? NULL : node_int(scope, -value.integer);
	case VALUE_UINT:
		return value.uinteger == (uint64_t)INT64_MAX + 1 ? node_int(scope, INT64_MIN) : NULL;
	case VALUE_DOUBLE:
		value.real = -value.real;
		break;
	case VALUE_DECIMAL: {
		struct decimal *negated = NEW_NODE(scope, struct decimal);
		*negated = *value.decimal;
		decimal_negate(negated);
		value.decimal = negated;
		break;
	}
	default:
		return NULL;
	}
	struct tree_expr *expr = NEW_NODE(scope, struct tree_expr);
	*expr = *literal;
	expr->literal = value;
	expr->liftable = 0;
	return expr;
}

static struct tree_expr *resolve_unary(struct scope *scope, const struct ast_expr *ast)
{
	if (ast->unary.op == AST_OP_NOT)
		return node_not(scope, resolve_condition(scope, ast->unary.operand));
	struct tree_expr *operand = resolve_expr(scope, ast->unary.operand);
	if (operand == NULL || ast->unary.op == AST_OP_PLUS)
		return operand;
	if (ast->unary.op == AST_OP_NEGATE && operand->kind == TREE_LITERAL && !operand->is_hex) {
		struct tree_expr *folded = negated_literal(scope, operand);
		lift_offer(scope, ast, folded);
		if (folded != NULL)
			return folded;
		/* -9223372036854775809, -(-9223372036854775808): past BIGINT it is a DECIMAL. */
		if (operand->literal.kind == VALUE_UINT || operand->literal.kind == VALUE_INT)
			return negated_literal(scope, convert_to_class(scope, operand, CLASS_DECIMAL));
	}
	return call_build(scope, ast->unary.op == AST_OP_NEGATE ? "$negate" : "$bit_not", ast, &operand, 1);
}

static const char *operator_function(enum ast_operator op)
{
	static const char *const names[] = {
		[AST_OP_ADD] = "$add", [AST_OP_SUBTRACT] = "$subtract", [AST_OP_MULTIPLY] = "$multiply",
		[AST_OP_DIVIDE] = "$divide", [AST_OP_INTEGER_DIVIDE] = "$integer_divide", [AST_OP_MODULO] = "$modulo",
		[AST_OP_BIT_AND] = "$bit_and", [AST_OP_BIT_OR] = "$bit_or", [AST_OP_BIT_XOR] = "$bit_xor",
		[AST_OP_SHIFT_LEFT] = "$shift_left", [AST_OP_SHIFT_RIGHT] = "$shift_right",
		[AST_OP_REGEXP] = "$like_regexp", [AST_OP_JSON_EXTRACT] = "$json_extract",
		[AST_OP_JSON_UNQUOTE] = "$json_unquote", [AST_OP_MEMBER_OF] = "$member_of",
	};
	return names[op];
}

static struct tree_expr *resolve_sounds_like(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *left = resolve_expr(scope, ast->binary.left);
	struct tree_expr *right = left ? resolve_expr(scope, ast->binary.right) : NULL;
	if (right == NULL)
		return NULL;
	left = call_build(scope, "soundex", NULL, &left, 1);
	right = left ? call_build(scope, "soundex", NULL, &right, 1) : NULL;
	return right ? compare_build(scope, AST_OP_EQUAL, left, right) : NULL;
}

static struct tree_expr *resolve_binary(struct scope *scope, const struct ast_expr *ast)
{
	enum ast_operator op = ast->binary.op;
	struct tree_expr *sides[2];
	if (op >= AST_OP_EQUAL && op <= AST_OP_GREATER_EQUAL)
		return resolve_comparison(scope, ast);
	if (op == AST_OP_XOR) {
		sides[0] = resolve_condition(scope, ast->binary.left);
		sides[1] = sides[0] ? resolve_condition(scope, ast->binary.right) : NULL;
		return node_logical(scope, TREE_XOR, sides[0], sides[1]);
	}
	if (op == AST_OP_SOUNDS_LIKE)
		return resolve_sounds_like(scope, ast);
	sides[0] = resolve_expr(scope, ast->binary.left);
	sides[1] = sides[0] ? resolve_expr(scope, ast->binary.right) : NULL;
	if (sides[1] == NULL)
		return NULL;
	struct tree_expr *expr = call_build(scope, operator_function(op), ast, sides, 2);
	return expr != NULL && ast->binary.negated ? node_not(scope, expr) : expr;
}

static struct tree_expr *resolve_logical(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *expr = node_truth(scope, ast->logical.op == AST_OP_AND ? TREE_AND : TREE_OR);
	for (size_t i = 0; i < ast->logical.operands.count; i++) {
		struct tree_expr *operand = resolve_condition(scope, ast->logical.operands.items[i]);
		if (operand == NULL)
			return NULL;
		exprs_add(scope, &expr->logical, operand);
		node_adopt(expr, operand);
	}
	return expr;
}

static struct tree_expr *resolve_is(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *expr = node_truth(scope, TREE_IS);
	bool is_null = ast->is.test == AST_TEST_NULL;
	expr->is.negated = ast->is.negated;
	expr->is.test = ast->is.test;
	expr->is.operand = is_null ? resolve_expr(scope, ast->is.operand) : resolve_condition(scope, ast->is.operand);
	if (expr->is.operand == NULL)
		return NULL;
	node_adopt(expr, expr->is.operand);
	expr->nullable = false;
	return expr;
}

static struct tree_expr *resolve_assign(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *value = resolve_expr(scope, ast->assign.value);
	if (value == NULL)
		return NULL;
	if (value->class == CLASS_ENUM || value->class == CLASS_SET)
		value = convert_to_class(scope, value, CLASS_TEXT);
	struct tree_expr *expr = node_new(scope, TREE_ASSIGN, value->class);
	expr->variable.name = ast->assign.name;
	expr->variable.value = value;
	expr->type = value->type;
	expr->coercibility = COERCIBLE_IMPLICIT;
	node_adopt(expr, value);
	expr->facts |= FACT_EFFECT | FACT_NONDETERMINISTIC;
	scope->resolver->environment->facts |= FACT_EFFECT | FACT_NONDETERMINISTIC;
	return expr;
}

static void put_query_facts(struct tree_expr *expr, const struct tree_query *query)
{
	expr->facts |= FACT_SUBQUERY | (query->is_correlated ? FACT_OUTER : 0);
}

struct tree_expr *resolve_subquery(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_query *query = resolve_query_in(scope->resolver, scope, scope->ctes, ast->query);
	if (query == NULL)
		return NULL;
	if (query->column_count != 1)
		return FAIL(scope, ER_OPERAND_COLUMNS, 1);
	const struct tree_expr *column = query->columns[0].expr;
	struct tree_expr *expr = node_new(scope, TREE_SUBQUERY, column->class);
	expr->query = query;
	expr->type = column->type;
	expr->coercibility = column->coercibility;
	expr->is_truth = column->is_truth;
	expr->nullable = true;
	put_query_facts(expr, query);
	return expr;
}

static struct tree_expr *resolve_exists(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_query *query = resolve_query_in(scope->resolver, scope, scope->ctes, ast->query);
	if (query == NULL)
		return NULL;
	struct tree_expr *expr = node_truth(scope, TREE_EXISTS);
	expr->exists.query = query;
	put_query_facts(expr, query);
	return expr;
}

static struct tree_expr *refuse_in_row(struct scope *scope)
{
	return FAIL(scope, ER_WRONG_USAGE, "subquery or variable", "expression of one row");
}

struct tree_expr *resolve_expr(struct scope *scope, const struct ast_expr *ast)
{
	if (memory_check(scope->resolver->diag) != 0)
		return NULL;
	switch (ast->kind) {
	case AST_LITERAL: {
		struct tree_expr *expr = resolve_literal(scope, ast);
		lift_offer(scope, ast, expr);
		return expr;
	}
	case AST_PLACEHOLDER: return resolve_placeholder(scope, ast);
	case AST_COLUMN: return resolve_column(scope, ast);
	case AST_STAR: return FAIL(scope, ER_WRONG_USAGE, "*", "expression");
	case AST_USER_VARIABLE: return scope->row_only ? refuse_in_row(scope) : resolve_user_variable(scope, ast);
	case AST_SYSTEM_VARIABLE: return scope->row_only ? refuse_in_row(scope) : resolve_system_variable(scope, ast);
	case AST_ASSIGN: return scope->row_only ? refuse_in_row(scope) : resolve_assign(scope, ast);
	case AST_UNARY: return resolve_unary(scope, ast);
	case AST_BINARY: return resolve_binary(scope, ast);
	case AST_LOGICAL: return resolve_logical(scope, ast);
	case AST_CALL: return resolve_call(scope, ast);
	case AST_CASE: return resolve_case(scope, ast);
	case AST_BETWEEN: return resolve_between(scope, ast);
	case AST_IN: return resolve_in(scope, ast);
	case AST_LIKE: return resolve_like(scope, ast);
	case AST_IS: return resolve_is(scope, ast);
	case AST_EXISTS: return resolve_exists(scope, ast);
	case AST_SUBQUERY: return resolve_subquery(scope, ast);
	case AST_QUANTIFIED: return resolve_quantified(scope, ast);
	case AST_ROW: return FAIL(scope, ER_OPERAND_COLUMNS, 1);
	case AST_CAST: return resolve_cast(scope, ast);
	case AST_CONVERT: return resolve_convert_using(scope, ast);
	case AST_COLLATE: return resolve_collate(scope, ast);
	case AST_EXTRACT: return resolve_extract(scope, ast);
	case AST_DATE_ADD: return resolve_date_add(scope, ast);
	case AST_DATE_DIFFERENCE: return resolve_date_difference(scope, ast);
	case AST_TRIM: return resolve_trim(scope, ast);
	case AST_VALUES: return resolve_values_of(scope, ast);
	case AST_DEFAULT: return resolve_default_of(scope, ast);
	case AST_MATCH: return resolve_match(scope, ast);
	}
	return FAIL(scope, ER_NOT_SUPPORTED_YET, "this expression");
}
