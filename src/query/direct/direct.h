/*
 * Direct reads: queries that need no evaluation. Their rows go from the table's cursor to whoever asked, and SQLite, which
 * would only hand them on, is left out. Private to the folder of query.
 *
 *   SELECT c FROM t WHERE id = 7            SELECT a, b FROM t WHERE k BETWEEN ? AND ? AND a <> 'x' ORDER BY k LIMIT 5, 10
 *
 * It is one table's plain columns, under conditions that compare a plain column with a literal or parameter, in no order or
 * in that of the index. Three steps, as with SQLite:
 *
 *   shape   compiled: what of a tree matters here, or NULL: it needs evaluation. Pure (shape.c)
 *   plan    prepared: how best_index.c, asked as SQLite asks it, has the table read (plan.c). NULL where something would be
 *           left to test or to sort: then SQLite prepares the query as any other
 *   run     one cursor, the very one that SQLite would have moved, so that locks, snapshots, tests and errors are the same
 *           (run.c)
 *
 * @@gemel_direct_reads = OFF leaves all to SQLite. EXPLAIN asks SQLite always; it asks best_index the same question.
 */
#pragma once

#include "query/evaluation.h"
#include "query/table/module.h"

enum { direct_conditions_max = 16, direct_orders_max = 16 };

/* A column beside a constant. */
struct direct_condition {
	unsigned column;
	uint8_t op;                          /* SQLITE_INDEX_CONSTRAINT_... */
	const struct tree_expr *constant;    /* a literal or parameter; NULL for IS [NOT] NULL */
	const struct collation *collation;   /* TEXT is compared by it; else NULL */
};

struct direct_order {
	unsigned column;
	bool descending;
};

/* Immutable; lives with the program. */
struct direct_shape {
	struct direct_condition *conditions; /* all must hold */
	unsigned condition_count;
	struct direct_order *orders;
	unsigned order_count;
	unsigned *columns;                   /* of the table, one an item of the program */
	unsigned column_count;
	bool has_limit;
};

/* EVALUATE_BORROWS: nothing is written between two steps. */
const struct direct_shape *direct_shape_find(struct arena *arena, const struct tree_query *query);

struct direct_plan;
struct direct_plan *direct_plan_make(const struct table_module *module, const struct direct_shape *shape);
void direct_plan_destroy(struct direct_plan **plan);

/*
 * The next row, its items' values in the statement's room until the step after: SQLITE_ROW, SQLITE_DONE, or SQLITE_ERROR
 * with the handle's diag. The evaluation's statement has a plan, made for a shape like that of its program.
 */
int direct_step(struct evaluation *evaluation);
/* The cursor closes, wherever it stands. */
void direct_end(struct evaluation *evaluation);
