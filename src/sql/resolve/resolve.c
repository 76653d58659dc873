/* The doors of resolve.h that are not a change's. */
#include "sql/resolve/resolve.h"

#include "sql/resolve/resolver.h"

void resolver_init(struct resolver *resolver, struct resolve_environment *environment, struct diag *diag)
{
	*resolver = (struct resolver){.environment = environment, .arena = environment->arena, .diag = diag,
				      .reach = -1, .text = environment->text,
				      .database = environment->database ? environment->database : ""};
	environment->sources = NULL;
	environment->source_count = 0;
	environment->cte_count = 0;
	environment->facts = 0;
	environment->is_cacheable = true;
}

int resolve_check_sources(const struct resolve_environment *environment, struct diag *diag)
{
	for (const struct tree_source *at = environment->sources; at != NULL && environment->check_source; at = at->next) {
		bool checked = at->kind == SOURCE_TABLE || at->kind == SOURCE_VIRTUAL || at->is_view;
		if (checked && environment->check_source(environment->context, at, diag) != 0)
			return -1;
	}
	return 0;
}

int resolver_finish(struct resolver *resolver)
{
	return resolve_check_sources(resolver->environment, resolver->diag);
}

int resolve_query(struct resolve_environment *environment, const struct ast_query *ast,
		  struct tree_query **out_query, struct diag *diag)
{
	struct resolver resolver;
	resolver_init(&resolver, environment, diag);
	struct tree_query *query = resolve_query_in(&resolver, NULL, NULL, ast);
	if (query == NULL || resolver_finish(&resolver) != 0)
		return -1;
	*out_query = query;
	return 0;
}

int resolve_expression(struct resolve_environment *environment, const struct ast_expr *ast,
		       struct tree_expr **out_expr, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	resolver_init(&resolver, environment, diag);
	scope_init(&scope, &resolver, NULL);
	scope.no_aggregates = true;
	struct tree_expr *expr = resolve_expr(&scope, ast);
	if (expr == NULL || resolver_finish(&resolver) != 0)
		return -1;
	*out_expr = expr;
	return 0;
}

/* ------------------------------------------------------------------ over one row */

struct misfit { /* what an expression of one row must not have */
	const struct table *table;
	const char *function;
	bool reads_auto_increment;
};

static enum tree_walk find_misfit(struct tree_expr *expr, void *argument)
{
	struct misfit *misfit = argument;
	unsigned bad = FUNCTION_NONDETERMINISTIC | FUNCTION_SESSION | FUNCTION_EFFECT;
	if (expr->kind == TREE_CALL && (expr->call.function->flags & bad) != 0 && misfit->function == NULL)
		misfit->function = expr->call.function->name;
	if (expr->kind == TREE_COLUMN)
		misfit->reads_auto_increment |= misfit->table->columns[expr->column.column].auto_increment;
	return TREE_WALK_ON;
}

static int refuse(enum row_expression kind, const char *owner, const char *function, struct diag *diag)
{
	enum error_code code = kind == ROW_GENERATED ? ER_GENERATED_COLUMN_NAMED_FUNCTION_IS_NOT_ALLOWED
		: kind == ROW_CHECK ? ER_CHECK_CONSTRAINT_NAMED_FUNCTION_IS_NOT_ALLOWED
		: ER_DEFAULT_VAL_GENERATED_NAMED_FUNCTION_IS_NOT_ALLOWED;
	return diag_set(diag, code, owner, function);
}

static int check_row_expression(struct tree_expr *expr, const struct table *table, enum row_expression kind,
				const char *owner, struct diag *diag)
{
	struct misfit misfit = {.table = table};
	tree_walk_expr(expr, find_misfit, &misfit);
	if (misfit.function != NULL && kind != ROW_DEFAULT)
		return refuse(kind, owner, misfit.function, diag);
	if (misfit.reads_auto_increment && kind == ROW_GENERATED)
		return diag_set(diag, ER_GENERATED_COLUMN_REF_AUTO_INC, owner);
	return 0;
}

static const char *row_clause(enum row_expression kind)
{
	return kind == ROW_GENERATED ? "generated column function" : kind == ROW_DEFAULT ? "default value expression"
		: "check constraint expression";
}

int resolve_row_expression(struct resolve_environment *environment, const struct ast_expr *ast,
			   struct table *table, enum row_expression kind, const char *owner,
			   struct tree_source **row, struct tree_expr **out_expr, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	resolver_init(&resolver, environment, diag);
	scope_init(&scope, &resolver, NULL);
	scope.no_aggregates = true;
	scope.row_only = true;
	scope.clause_name = row_clause(kind);
	if (*row == NULL)
		*row = source_of_table(&scope, table, SOURCE_ROW, NULL);
	names_add_source(&scope, &scope.names, *row, true);
	struct tree_expr *expr = kind == ROW_CHECK ? resolve_condition(&scope, ast) : resolve_expr(&scope, ast);
	if (expr == NULL) {
		if (diag->code == ER_WRONG_USAGE || diag->code == ER_INVALID_GROUP_FUNC_USE)
			return refuse(kind, owner, "subquery, variable or aggregate", diag);
		if (diag->code == ER_BAD_FIELD_ERROR && kind == ROW_CHECK && ast->kind == AST_COLUMN)
			return diag_set(diag, ER_CHECK_CONSTRAINT_REFERS_UNKNOWN_COLUMN, owner, ast->column.name);
		return -1;
	}
	if (check_row_expression(expr, table, kind, owner, diag) != 0)
		return -1;
	*out_expr = expr;
	return 0;
}

int resolve_filter(struct resolve_environment *environment, const struct ast_expr *ast,
		   const struct virtual_table *columns, struct tree_source **out_row, struct tree_expr **out_expr,
		   struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	resolver_init(&resolver, environment, diag);
	scope_init(&scope, &resolver, NULL);
	scope.no_aggregates = true;
	scope.clause = CLAUSE_WHERE;
	struct tree_source *row = source_of_virtual(&scope, columns, NULL);
	row->kind = SOURCE_ROW;
	names_add_source(&scope, &scope.names, row, true);
	struct tree_expr *expr = resolve_condition(&scope, ast);
	if (expr == NULL || resolver_finish(&resolver) != 0)
		return -1;
	*out_row = row;
	*out_expr = expr;
	return 0;
}
