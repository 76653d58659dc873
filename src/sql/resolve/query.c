/* Query expressions: one SELECT, or several by set operators, with what stands around them. */
#include "session/result.h"
#include "sql/resolve/resolver.h"

enum { query_depth_max = 128 };

/* ------------------------------------------------------------------ one block */

/* HAVING without groups is a second WHERE. */
static void having_to_where(struct scope *scope, struct tree_select *select)
{
	if (select->having == NULL || select->is_aggregated)
		return;
	select->where = select->where == NULL ? select->having
		: node_logical(scope, TREE_AND, select->where, select->having);
	select->having = NULL;
}

static int resolve_clauses(struct scope *scope, const struct ast_select *ast, struct tree_select *select)
{
	if (ast->from != NULL && resolve_from(scope, ast->from, &select->from) != 0)
		return -1;
	scope->clause = CLAUSE_WHERE;
	if (ast->where != NULL && (select->where = resolve_condition(scope, ast->where)) == NULL)
		return -1;
	scope->select = select;
	if (resolve_items(scope, &ast->items) != 0 ||
	    resolve_orders(scope, &ast->group_by, CLAUSE_GROUP, &select->group_by) != 0)
		return -1;
	select->rollup = ast->rollup;
	for (unsigned i = 0; ast->rollup && i < select->item_count; i++) {
		/* In a subtotal's row what was grouped by is NULL. */
		select->items[i].expr->nullable = true;
		select->items[i].flags &= ~(unsigned)COLUMN_NOT_NULL;
	}
	scope->clause = CLAUSE_HAVING;
	if (ast->having != NULL && (select->having = resolve_condition(scope, ast->having)) == NULL)
		return -1;
	return 0;
}

static void put_options(struct tree_query *query, struct tree_select *select, unsigned options)
{
	select->distinct = (options & AST_SELECT_DISTINCT) != 0;
	select->straight_join = (options & AST_SELECT_STRAIGHT_JOIN) != 0;
	query->calc_found_rows = (options & AST_SELECT_CALC_FOUND_ROWS) != 0;
}

/* One SELECT with the ORDER BY and LIMIT behind it, which see its tables and items. */
static int resolve_select(struct resolver *resolver, struct scope *scope, const struct ast_select *ast,
			  const struct ast_query *around, struct tree_query *query)
{
	struct tree_select *select = arena_new(resolver->arena, struct tree_select);
	scope->windows = &ast->windows;
	put_options(query, select, ast->options);
	if (resolve_clauses(scope, ast, select) != 0)
		return -1;
	if (around != NULL && resolve_orders(scope, &around->order_by, CLAUSE_ORDER, &query->order_by) != 0)
		return -1;
	select->is_aggregated = select->group_by.count > 0 || scope->has_aggregates;
	select->has_windows = scope->has_windows;
	having_to_where(scope, select);
	if (check_full_group_by(scope, &query->order_by) != 0 || check_distinct_order(scope, &query->order_by) != 0)
		return -1;
	query->body = arena_new(resolver->arena, struct tree_body);
	query->body->kind = BODY_SELECT;
	query->body->select = select;
	query->columns = select->items;
	query->column_count = select->item_count;
	query->at_most_one_row |= (select->is_aggregated && select->group_by.count == 0) || select->from == NULL;
	return 0;
}

/* ------------------------------------------------------------------ locks */

static void lock_source(struct tree_source *source, const struct ast_row_lock *lock);

static void lock_all(struct tree_from *from, const struct ast_row_lock *lock)
{
	if (from == NULL)
		return;
	if (from->kind == FROM_SOURCE) {
		lock_source(from->source, lock);
		return;
	}
	lock_all(from->left, lock);
	lock_all(from->right, lock);
}

static void lock_source(struct tree_source *source, const struct ast_row_lock *lock)
{
	source->has_lock = true;
	source->lock_strength = lock->strength;
	source->lock_wait = lock->wait;
	/* A view's own tables are locked through it. */
	if (source->is_view && source->query->body->kind == BODY_SELECT)
		lock_all(source->query->body->select->from, lock);
}

static int lock_named(struct scope *scope, const struct ast_row_lock *lock)
{
	for (size_t i = 0; i < lock->tables.count; i++) {
		const char *name = lock->tables.items[i].name.text;
		struct tree_source *found = NULL;
		for (unsigned k = 0; k < scope->names.source_count; k++)
			if (strcmp(scope->names.sources[k]->alias, name) == 0)
				found = scope->names.sources[k];
		if (found == NULL)
			return diag_set(scope->resolver->diag, ER_UNRESOLVED_TABLE_LOCK, name);
		lock_source(found, lock);
	}
	return 0;
}

static int resolve_locks(struct scope *scope, const struct ast_row_locks *locks, struct tree_query *query)
{
	for (size_t i = 0; i < locks->count; i++) {
		query->is_locking = true;
		if (locks->items[i].tables.count > 0) {
			if (lock_named(scope, &locks->items[i]) != 0)
				return -1;
		} else if (query->body->kind == BODY_SELECT) {
			lock_all(query->body->select->from, &locks->items[i]);
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ several blocks */

struct part { /* a body and its columns */
	struct tree_body *body;
	struct tree_item *columns;
	unsigned column_count;
};

struct parts_context {
	struct resolver *resolver;
	struct scope *outer;
	struct cte_link *ctes;
	bool is_correlated;
	bool calc_found_rows;
};

static int resolve_part(struct parts_context *context, const struct ast_body *ast, struct part *out);

static int select_part(struct parts_context *context, const struct ast_select *ast, struct part *out)
{
	struct scope scope;
	struct tree_query query = {0};
	scope_init(&scope, context->resolver, context->outer);
	scope.ctes = context->ctes;
	if (resolve_select(context->resolver, &scope, ast, NULL, &query) != 0)
		return -1;
	context->is_correlated |= scope.is_correlated;
	context->calc_found_rows |= query.calc_found_rows;
	*out = (struct part){query.body, query.columns, query.column_count};
	return 0;
}

static int query_part(struct parts_context *context, const struct ast_query *ast, struct part *out)
{
	struct tree_query *query = resolve_query_in(context->resolver, context->outer, context->ctes, ast);
	if (query == NULL)
		return -1;
	context->is_correlated |= query->is_correlated;
	/* Parentheses around a plain SELECT change nothing. */
	bool plain = query->order_by.count == 0 && query->limit == NULL && query->cte_count == 0;
	struct tree_body *body = query->body;
	if (!plain) {
		body = arena_new(context->resolver->arena, struct tree_body);
		body->kind = BODY_QUERY;
		body->query = query;
	}
	*out = (struct part){body, query->columns, query->column_count};
	return 0;
}

static int set_part(struct parts_context *context, const struct ast_body *ast, struct part *out)
{
	struct part left, right;
	struct scope scope;
	if (resolve_part(context, ast->set.left, &left) != 0 || resolve_part(context, ast->set.right, &right) != 0)
		return -1;
	struct tree_body *body = arena_new(context->resolver->arena, struct tree_body);
	body->kind = BODY_SET;
	body->op = ast->set.op;
	body->all = ast->set.all;
	body->left = left.body;
	body->right = right.body;
	scope_init(&scope, context->resolver, context->outer);
	if (set_columns(&scope, body, left.columns, left.column_count, right.columns, right.column_count,
			&out->columns) != 0)
		return -1;
	out->body = body;
	out->column_count = left.column_count;
	return 0;
}

static int values_row(struct scope *scope, const struct ast_exprs *ast, struct tree_exprs *out)
{
	for (size_t i = 0; i < ast->count; i++) {
		struct tree_expr *expr = resolve_expr(scope, ast->items[i]);
		if (expr == NULL)
			return -1;
		exprs_add(scope, out, expr);
	}
	return 0;
}

/* VALUES ROW(1, 2), ROW(3, 4): columns column_0, column_1. */
static int values_part(struct parts_context *context, const struct ast_rows *ast, struct part *out)
{
	struct resolver *resolver = context->resolver;
	struct scope scope;
	unsigned width = (unsigned)ast->items[0].count;
	struct tree_body *body = arena_new(resolver->arena, struct tree_body);
	scope_init(&scope, resolver, context->outer);
	scope.ctes = context->ctes;
	body->kind = BODY_VALUES;
	body->rows = arena_array(resolver->arena, struct tree_exprs, ast->count);
	body->row_count = (unsigned)ast->count;
	for (size_t row = 0; row < ast->count; row++) {
		if (ast->items[row].count != width)
			return diag_set(resolver->diag, ER_WRONG_VALUE_COUNT_ON_ROW, (unsigned long)row + 1);
		if (values_row(&scope, &ast->items[row], &body->rows[row]) != 0)
			return -1;
	}
	context->is_correlated |= scope.is_correlated;
	struct tree_item *columns = arena_array(resolver->arena, struct tree_item, width);
	struct column_type *types = arena_array(resolver->arena, struct column_type, width);
	struct tree_expr **cells = arena_array(resolver->arena, struct tree_expr *, ast->count);
	for (unsigned i = 0; i < width; i++) {
		struct tree_expr *output = node_new(&scope, TREE_OUTPUT, CLASS_NULL);
		unsigned coercibility;
		for (size_t row = 0; row < ast->count; row++) {
			cells[row] = body->rows[row].items[i];
			output->nullable |= cells[row]->nullable;
		}
		if (result_of_many(&scope, cells, body->row_count, "VALUES", &types[i], &coercibility) != 0)
			return -1;
		output->output = i;
		output->type = types[i];
		output->class = class_of_type(&types[i]);
		output->coercibility = (uint8_t)coercibility;
		output->facts = FACT_COLUMN;
		columns[i] = item_of_expr(&scope, output, arena_printf(resolver->arena, "column_%u", i));
	}
	*out = (struct part){body, columns, width};
	return body_convert(&scope, body, types);
}

static int resolve_part(struct parts_context *context, const struct ast_body *ast, struct part *out)
{
	switch (ast->kind) {
	case AST_BODY_SELECT: return select_part(context, ast->select, out);
	case AST_BODY_VALUES: return values_part(context, &ast->rows, out);
	case AST_BODY_SET_OPERATION: return set_part(context, ast, out);
	case AST_BODY_QUERY: return query_part(context, ast->query, out);
	}
	return -1;
}

/* ORDER BY of a set operation: names and numbers of its columns, and expressions of them. */
static int order_of_set(struct scope *scope, const struct ast_orders *ast, struct tree_query *query)
{
	struct tree_select *outputs = NEW_NODE(scope, struct tree_select);
	for (size_t i = 0; i < ast->count; i++) {
		const struct ast_expr *by = ast->items[i].expr;
		if (by->kind == AST_COLUMN && by->column.table != NULL)
			return diag_set(scope->resolver->diag, ER_TABLENAME_NOT_ALLOWED_HERE, by->column.table,
					"global ORDER clause");
	}
	outputs->items = query->columns;
	outputs->item_count = query->column_count;
	scope->select = outputs;
	scope->no_aggregates = true;
	return resolve_orders(scope, ast, CLAUSE_ORDER, &query->order_by);
}

/* What a query in parentheses shows to an ORDER BY outside of them. */
static struct tree_item *outputs_of(struct scope *scope, const struct part *part)
{
	struct tree_item *columns = arena_array(scope->resolver->arena, struct tree_item, part->column_count);
	for (unsigned i = 0; i < part->column_count; i++) {
		const struct tree_expr *inner = part->columns[i].expr;
		struct tree_expr *output = node_new(scope, TREE_OUTPUT, inner->class);
		output->output = i;
		output->type = inner->type;
		output->nullable = inner->nullable;
		output->coercibility = inner->coercibility;
		output->is_truth = inner->is_truth;
		output->facts = FACT_COLUMN;
		columns[i] = part->columns[i];
		columns[i].expr = output;
	}
	return columns;
}

static int resolve_parts(struct resolver *resolver, struct scope *scope, const struct ast_query *ast,
			 struct tree_query *query)
{
	struct parts_context context = {.resolver = resolver, .outer = scope->outer, .ctes = scope->ctes};
	struct part part;
	if (resolve_part(&context, ast->body, &part) != 0)
		return -1;
	query->body = part.body;
	query->columns = part.body->kind == BODY_QUERY ? outputs_of(scope, &part) : part.columns;
	query->column_count = part.column_count;
	query->calc_found_rows = context.calc_found_rows;
	scope->is_correlated |= context.is_correlated;
	return order_of_set(scope, &ast->order_by, query);
}

struct tree_query *resolve_query_in(struct resolver *resolver, struct scope *outer, struct cte_link *ctes,
				    const struct ast_query *ast)
{
	struct tree_query *query = arena_new(resolver->arena, struct tree_query);
	struct scope scope;
	scope_init(&scope, resolver, outer);
	scope.ctes = ctes;
	if (outer != NULL && outer->row_only)
		return FAIL(&scope, ER_WRONG_USAGE, "subquery", "expression of one row");
	if (resolver->depth++ >= query_depth_max)
		return FAIL(&scope, ER_NOT_SUPPORTED_YET, "queries nested that deep");
	if (ast->with != NULL &&
	    resolve_with(resolver, outer, &scope.ctes, ast->with, &query->ctes, &query->cte_count) != 0)
		return NULL;
	int status = ast->body->kind == AST_BODY_SELECT ? resolve_select(resolver, &scope, ast->body->select, ast, query)
		: resolve_parts(resolver, &scope, ast, query);
	if (status != 0 || resolve_limit(&scope, ast->limit, query) != 0 || resolve_locks(&scope, &ast->locks, query) != 0)
		return NULL;
	for (unsigned i = 0; i < query->cte_count; i++)
		scope.is_correlated |= query->ctes[i]->query->is_correlated;
	query->is_correlated = scope.is_correlated;
	query->into = ast->into;
	resolver->depth--;
	return query;
}
