/* Programs of expressions; those of queries are made by evaluate_compile. Private to this folder. */
#pragma once

#include "query/program.h"

/* SELECT of the expressions, in order. */
int compile_expressions(struct arena *arena, struct tree_expr *const *exprs, unsigned count,
			struct evaluate_program **out_program, struct diag *diag);
