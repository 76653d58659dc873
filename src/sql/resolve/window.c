/* OVER (...) and WINDOW w AS (...). */
#include "sql/resolve/resolver.h"

static const struct ast_window *find_window(struct scope *scope, const char *name)
{
	for (size_t i = 0; scope->windows != NULL && i < scope->windows->count; i++)
		if (name_equal(scope->windows->items[i]->name.text, name))
			return scope->windows->items[i];
	diag_set(scope->resolver->diag, ER_WINDOW_NO_SUCH_WINDOW, name);
	return NULL;
}

static int put_partition(struct scope *scope, const struct ast_window *ast, struct tree_window *out)
{
	scope->clause_name = "window partition by";
	for (size_t i = 0; i < ast->partition_by.count; i++) {
		struct tree_expr *expr = resolve_expr(scope, ast->partition_by.items[i]);
		if (expr == NULL)
			return -1;
		exprs_add(scope, &out->partition_by, expr);
	}
	return 0;
}

static int put_order(struct scope *scope, const struct ast_window *ast, struct tree_window *out)
{
	scope->clause_name = "window order by";
	for (size_t i = 0; i < ast->order_by.count; i++) {
		struct tree_expr *expr = resolve_expr(scope, ast->order_by.items[i].expr);
		if (expr == NULL)
			return -1;
		out->order_by.items = array_room(scope->resolver->arena, out->order_by.items, out->order_by.count,
						 sizeof *out->order_by.items);
		out->order_by.items[out->order_by.count++] =
			(struct tree_order){.expr = expr, .descending = ast->order_by.items[i].descending, .item = -1};
	}
	return 0;
}

static int put_bound(struct scope *scope, const struct ast_frame_bound *ast, enum ast_frame_unit unit,
		     struct tree_bound *out)
{
	out->kind = ast->kind;
	if (ast->distance == NULL)
		return 0;
	/* Packed times do not add up as numbers do. */
	if (ast->has_unit)
		return diag_set(scope->resolver->diag, ER_NOT_SUPPORTED_YET, "RANGE with an INTERVAL");
	struct tree_expr *distance = resolve_expr(scope, ast->distance);
	if (distance == NULL)
		return -1;
	if (!tree_is_constant(distance))
		return diag_set(scope->resolver->diag, ER_NOT_SUPPORTED_YET, "window frame bounds that are not constant");
	out->distance = convert_to_class(scope, distance, unit == AST_FRAME_RANGE ? numeric_class(distance)
					 : CLASS_INTEGER);
	return out->distance == NULL ? -1 : 0;
}

static int put_frame(struct scope *scope, const struct ast_frame *ast, struct tree_window *out)
{
	out->has_frame = true;
	out->unit = ast->unit;
	if (ast->unit == AST_FRAME_GROUPS)
		return diag_set(scope->resolver->diag, ER_NOT_SUPPORTED_YET, "GROUPS");
	return put_bound(scope, &ast->start, ast->unit, &out->start) != 0 ||
	       put_bound(scope, &ast->end, ast->unit, &out->end) != 0 ? -1 : 0;
}

/* A window that names another takes over what that one defines. depth guards against circles. */
static int fill(struct scope *scope, const struct ast_window *ast, struct tree_window *out, unsigned depth)
{
	enum { depth_max = 64 };
	if (ast->base.text != NULL) {
		const struct ast_window *base = find_window(scope, ast->base.text);
		if (base == NULL)
			return -1;
		if (depth == depth_max)
			return diag_set(scope->resolver->diag, ER_WINDOW_NO_SUCH_WINDOW, ast->base.text);
		if (fill(scope, base, out, depth + 1) != 0)
			return -1;
	}
	if (put_partition(scope, ast, out) != 0 || put_order(scope, ast, out) != 0)
		return -1;
	return ast->frame == NULL ? 0 : put_frame(scope, ast->frame, out);
}

int resolve_window(struct scope *scope, const struct ast_window *ast, struct tree_window **out)
{
	struct tree_window *window = NEW_NODE(scope, struct tree_window);
	/* Names in a window are columns, not aliases. */
	enum scope_clause clause = scope->clause;
	const char *clause_name = scope->clause_name;
	scope->clause = CLAUSE_PARTITION;
	int status = fill(scope, ast, window, 0);
	scope->clause = clause;
	scope->clause_name = clause_name;
	*out = window;
	return status;
}
