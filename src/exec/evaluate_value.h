/* Values of expressions outside of any table, for statements that are not queries. Private to exec. */
#pragma once

#include "exec/statement.h"

/* Resolves and evaluates; subqueries and functions are fine, columns are not. The value lives in the statement's arena. */
int evaluate_constant(struct statement *statement, const struct ast_expr *expr, struct value *out);
