/*
 * Expressions over packed rows, computed without SQLite: columns, constants, sums, differences and products, and some
 * functions. Stages (stage/stage.h) take their keys and arguments so, pushed conditions (pushdown.h) what they compare.
 *
 * The values are those SQLite's evaluation of the written tree would give, and so are the errors; what would warn, or
 * would need more than a few instructions, does not fit. Private to the folder of query.
 */
#pragma once

#include "query/argument.h"
#include "query/cell.h"
#include "sql/resolve/tree.h"

enum { row_sources_max = 8 };

/* Tables of ours whose rows an expression reads, and of each the columns up to which it does. */
struct row_sources {
	const struct tree_source *items[row_sources_max];
	unsigned last_columns[row_sources_max];
	unsigned count;
};

/* Without what only names another collation or type of the same representation. */
const struct tree_expr *row_expr_bare(const struct tree_expr *expr);
/* One value for the statement, which SQLite computes. */
bool row_expr_is_constant(const struct tree_expr *expr);
/* Can it be computed? Then *sources has what it reads as well. */
bool row_expr_fits(const struct tree_expr *expr, struct row_sources *sources);
/* Computing it may end the statement with an error. */
bool row_expr_may_fail(const struct tree_expr *expr);
/* The constants in the order in which row_expr_make takes their values. -1 as soon as visit answers it. */
int row_expr_each_constant(const struct tree_expr *expr,
			   int (*visit)(const struct tree_expr *constant, void *argument), void *argument);

struct row_expr;
/* Of an expression that fits. *values goes on behind its constants. In the handle's arena: as long as the statement. */
struct row_expr *row_expr_make(struct evaluator_handle *handle, const struct tree_expr *expr,
			       const struct row_sources *sources, const struct argument **values);
/*
 * On the fields of the sources' rows, in their order. What *out borrows stays until the expression is evaluated again, or a
 * row moves. -1 with the handle's diag.
 */
int row_expr_evaluate(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out);
