#include "exec/evaluate_value.h"

#include "exec/environment.h"
#include "exec/rows/table_locks.h"
#include "query/evaluate.h"

int evaluate_constant(struct statement *statement, const struct ast_expr *expr, struct value *out)
{
	struct environment environment;
	struct tree_expr *tree;
	environment_init(&environment, statement, MDL_SHARED_READ);
	int status = resolve_expression(&environment.resolve, expr, &tree, statement->diag);
	if (status == 0 && table_locks_wanted_by_select(statement->session))
		status = table_locks_take_reading(&environment);
	if (status == 0)
		status = evaluate_expression(statement->session, tree, statement->parameters,
					     statement->parameter_count, out, statement->diag);
	environment_deinit(&environment);
	return status;
}
