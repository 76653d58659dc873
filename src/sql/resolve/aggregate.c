/*
 * Aggregates and window functions.
 *
 * An aggregate belongs to the innermost query block whose columns its argument reads: SUM(t1.a) inside a subquery
 * may be the outer query's. SQLite has the same rule, so finding the block only serves the checks.
 */
#include "sql/resolve/resolver.h"

static struct tree_expr *misuse(struct scope *scope)
{
	return FAIL(scope, ER_INVALID_GROUP_FUNC_USE);
}

static struct scope *owner_of(struct scope *scope, int reach)
{
	if (reach < 0)
		return scope;
	struct scope *owner = scope;
	while (owner->level > reach && owner->outer != NULL)
		owner = owner->outer;
	return owner;
}

static bool may_aggregate(const struct scope *scope)
{
	if (scope->no_aggregates || scope->in_aggregate)
		return false;
	return scope->clause == CLAUSE_FIELDS || scope->clause == CLAUSE_HAVING || scope->clause == CLAUSE_ORDER ||
	       scope->clause == CLAUSE_PARTITION;
}

static bool may_use_windows(const struct scope *scope)
{
	return !scope->no_aggregates && !scope->in_aggregate &&
	       (scope->clause == CLAUSE_FIELDS || scope->clause == CLAUSE_ORDER);
}

/* The arguments, while names inside are watched for whose they are. */
static int resolve_arguments(struct scope *scope, const struct ast_call *ast, struct function_call *call, int *out_reach)
{
	struct resolver *resolver = scope->resolver;
	int saved_reach = resolver->reach;
	bool saved = scope->in_aggregate;
	resolver->reach = -1;
	/* HAVING reads only what is selected or grouped by, but an aggregate reads any column. */
	enum scope_clause clause = scope->clause;
	if (clause == CLAUSE_HAVING || clause == CLAUSE_ORDER)
		scope->clause = CLAUSE_FIELDS;
	scope->in_aggregate = ast->over == NULL || saved;
	call->count = ast->star ? 0 : (unsigned)ast->arguments.count;
	call->arguments = arena_array(resolver->arena, struct tree_expr *, call->count + 2);
	int status = 0;
	for (unsigned i = 0; i < call->count && status == 0; i++) {
		call->arguments[i] = resolve_expr(scope, ast->arguments.items[i]);
		status = call->arguments[i] == NULL ? -1 : 0;
	}
	scope->clause = clause;
	scope->in_aggregate = saved;
	*out_reach = resolver->reach;
	if (saved_reach > resolver->reach)
		resolver->reach = saved_reach;
	return status;
}

static void claim(struct scope *scope, struct tree_expr *expr, struct scope *owner, bool is_window)
{
	expr->facts &= ~(unsigned)FACT_COLUMN;
	if (is_window) {
		expr->facts |= FACT_WINDOW;
		scope->has_windows = true;
		return;
	}
	owner->has_aggregates = true;
	expr->facts |= owner == scope ? FACT_AGGREGATE : FACT_OUTER;
}

static void put_form(struct tree_expr *expr, const struct ast_call *ast, struct tree_window *over)
{
	expr->call.distinct = ast->distinct;
	expr->call.star = ast->star;
	expr->call.over = over;
}

/* AVG of exact numbers: a sum, a count and the scale of their quotient. */
static struct tree_expr *average(struct function_call *call, const struct ast_call *ast, struct tree_window *over)
{
	struct tree_expr *arguments[3];
	struct tree_expr *argument = call->arguments[0];
	arguments[0] = call_build(call->scope, "sum", call->ast, &argument, 1);
	arguments[1] = call_build(call->scope, "count", call->ast, &argument, 1);
	if (arguments[0] == NULL || arguments[1] == NULL)
		return NULL;
	put_form(arguments[0], ast, over);
	put_form(arguments[1], ast, over);
	unsigned scale = type_scale(&argument->type) + call->scope->resolver->environment->div_precision_increment;
	arguments[2] = node_int(call->scope, scale > decimal_scale_max ? decimal_scale_max : (int)scale);
	return call_build(call->scope, "$avg", call->ast, arguments, 3);
}

static int resolve_concat_order(struct scope *scope, const struct ast_call *ast, struct tree_expr *expr)
{
	const struct tree_exprs arguments = expr->call.arguments;
	for (size_t i = 0; i < ast->order_by.count; i++) {
		const struct ast_order *order = &ast->order_by.items[i];
		struct tree_expr *key;
		const struct ast_expr *by = order->expr;
		if (by->kind == AST_LITERAL && by->literal->kind == AST_LITERAL_INTEGER) {
			if (by->literal->integer < 1 || by->literal->integer > arguments.count)
				return diag_set(scope->resolver->diag, ER_BAD_FIELD_ERROR,
						arena_printf(scope->resolver->arena, "%llu",
							     (unsigned long long)by->literal->integer), "order clause");
			key = arguments.items[by->literal->integer - 1];
		} else {
			bool saved = scope->in_aggregate;
			scope->in_aggregate = true;
			key = resolve_expr(scope, by);
			scope->in_aggregate = saved;
		}
		if (key == NULL)
			return -1;
		expr->call.order_by.items = array_room(scope->resolver->arena, expr->call.order_by.items,
						       expr->call.order_by.count, sizeof *expr->call.order_by.items);
		expr->call.order_by.items[expr->call.order_by.count++] =
			(struct tree_order){.expr = key, .descending = order->descending, .item = -1};
	}
	return 0;
}

/* GROUP_CONCAT(a, b ORDER BY c): the arguments are one text. */
static struct tree_expr *group_concat(struct function_call *call, const struct ast_call *ast)
{
	struct scope *scope = call->scope;
	if (call->count > 1) {
		call->arguments[0] = call_build(scope, "concat", NULL, call->arguments, call->count);
		call->count = 1;
		if (call->arguments[0] == NULL)
			return NULL;
	}
	struct tree_expr *expr = call_finish(call);
	if (expr == NULL || resolve_concat_order(scope, ast, expr) != 0)
		return NULL;
	expr->call.separator = ast->has_separator ? ast->separator : bytes_of_string(",");
	return expr;
}

/* COUNT(DISTINCT a, b) */
static struct tree_expr *count(struct function_call *call, const struct ast_call *ast)
{
	struct scope *scope = call->scope;
	if (call->count > 1 && !ast->distinct)
		return FAIL(scope, ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, "count");
	if (call->count > 1) {
		struct tree_exprs pairs = {0};
		for (unsigned i = 0; i < call->count; i++) {
			struct tree_expr *argument = call->arguments[i];
			exprs_add(scope, &pairs, argument);
			bool text = argument->class == CLASS_TEXT || argument->class == CLASS_ENUM;
			exprs_add(scope, &pairs, node_int(scope, text ? argument->type.collation->id : 0));
		}
		call->arguments[0] = call_build(scope, "$tuple", NULL, pairs.items, pairs.count);
		call->count = 1;
		if (call->arguments[0] == NULL)
			return NULL;
	}
	return call_finish(call);
}

static bool is_named(const struct function *function, const char *name)
{
	return strcmp(function->name, name) == 0;
}

static struct tree_expr *build(struct function_call *call, const struct ast_call *ast, struct tree_window *over)
{
	struct tree_expr *expr;
	if (is_named(call->function, "avg") && numeric_class(call->arguments[0]) != CLASS_REAL &&
	    call->arguments[0]->class != CLASS_NULL)
		return average(call, ast, over);
	if (is_named(call->function, "group_concat"))
		expr = group_concat(call, ast);
	else if (is_named(call->function, "count"))
		expr = count(call, ast);
	else
		expr = call_finish(call);
	if (expr != NULL)
		put_form(expr, ast, over);
	return expr;
}

struct tree_expr *resolve_aggregate(struct scope *scope, const struct ast_expr *ast, const struct function *function)
{
	const struct ast_call *call = ast->call;
	struct function_call resolved = {.scope = scope, .function = function, .ast = ast};
	bool is_window = call->over != NULL;
	int reach;
	if (scope->row_only)
		return misuse(scope);
	if (call->star && !is_named(function, "count"))
		return FAIL(scope, ER_WRONG_ARGUMENTS, call->name);
	if (is_window && (!may_use_windows(scope)))
		return FAIL(scope, ER_WINDOW_INVALID_WINDOW_FUNC_USE, call->name);
	if ((function->flags & FUNCTION_WINDOW) && !is_window)
		return FAIL(scope, ER_WINDOW_INVALID_WINDOW_FUNC_USE, call->name);
	if (is_window && (call->distinct || call->ignore_nulls || is_named(function, "group_concat")))
		return FAIL(scope, ER_NOT_SUPPORTED_YET, call->distinct ? "<window function>(DISTINCT ..)"
			    : call->ignore_nulls ? "IGNORE NULLS" : "group_concat as window function");
	if (resolve_arguments(scope, call, &resolved, &reach) != 0)
		return NULL;
	struct scope *owner = is_window ? scope : owner_of(scope, reach);
	if (!is_window && !may_aggregate(owner))
		return misuse(scope);
	struct tree_window *over = NULL;
	if (is_window && resolve_window(scope, call->over, &over) != 0)
		return NULL;
	struct tree_expr *expr = build(&resolved, call, over);
	if (expr != NULL)
		claim(scope, expr, owner, is_window);
	return expr;
}
