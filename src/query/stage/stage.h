/*
 * Stages: groups and sorts outside of SQLite. SQLite groups by sorting all rows, through a b-tree of its own; here rows
 * that belong together find each other by hash.
 *
 *	SELECT g0.c1, g0.c2 FROM gm_stage(?1, (SELECT gm_stage_add(gm_stage_reader(?1, 5), t0.r, t1.c4) FROM ...)) AS g0 ...
 *
 * A block's rows go in as steps of an aggregate function (gm_stage_add), and what they come to comes out as the rows of a
 * table-valued function (gm_stage). So it is one statement of SQLite's: it plans, binds, interrupts and explains both parts.
 * HAVING, ORDER BY, LIMIT and what is computed of groups are the outer part's (write/stage.c). A sort is the same: its
 * stage is called s0, its rows come out in order, and the reader knows the LIMIT, too.
 *
 * What a stage does is bound to ?1 as a pointer: the text says nothing of it but the number of its columns. A row is read
 * (reader.h) from the packed rows of tables where it can be (table/row_expr.h), else from values that SQLite computes.
 *
 *	arguments of gm_stage_reader: the stage, constants of expressions, LIMIT and OFFSET of a sort
 *	arguments of gm_stage_add:    the reader, packed rows, values
 *	columns of gm_stage:          keys, values, calls, from c1
 */
#pragma once

#include "query/table/row_expr.h"

struct aggregate;

enum { stage_columns_max = 100 };

/* A cell of the rows that go in. */
struct stage_input {
	const struct tree_expr *expr;	   /* that gives it */
	const struct collation *collation; /* of TEXT, else NULL */
	bool is_value;			   /* SQLite computes it; else it is computed from the packed rows */
	bool is_descending;		   /* a key of a sort */
};

/* An aggregate over arguments [argument, argument + argument_count); more than one only for a DISTINCT COUNT. */
struct stage_call {
	const struct aggregate *aggregate;
	unsigned argument, argument_count;
	bool distinct;
};

/* Made by the writer, in the program's arena; immutable. */
struct stage {
	bool sorts;				      /* by the keys; else rows of equal keys are groups */
	struct stage_input inputs[stage_columns_max]; /* keys, values, arguments of calls */
	unsigned input_count;
	struct row_sources sources; /* whose packed rows are read */
	struct stage_call calls[stage_columns_max];
	unsigned key_count;	 /* 0: all rows are one group, which is there without rows too */
	unsigned value_count;	 /* columns of which a group has its first row's */
	unsigned argument_count; /* of calls */
	unsigned call_count;
};

#define POINTER_STAGE "gemel_stage"

/* gm_stage_reader, gm_stage_add and gm_stage. SQLITE_OK, or SQLite's error. */
int stage_register(struct evaluator_handle *handle);

struct stage_run;
void stage_runs_destroy(struct stage_run **runs);
