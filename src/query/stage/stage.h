/*
 * Stages: groups and sorts outside of SQLite. SQLite groups by sorting all rows, through a b-tree of its own; here rows
 * that belong together find each other by hash.
 *
 *	SELECT g0.c1, g0.c2 FROM gm_stage(?1, (SELECT gm_stage_add(?1, t0.c3, t0.c4) FROM ... WHERE ...)) AS g0 ...
 *
 * A block's rows go in as steps of an aggregate function (gm_stage_add), and what they come to comes out as the rows of a
 * table-valued function (gm_stage). So it is one statement of SQLite's: it plans, binds, interrupts and explains both parts.
 * HAVING, ORDER BY, LIMIT and what is computed of groups are the outer part's (write/stage.c).
 *
 * What a stage does is bound to ?1 as a pointer: the text says nothing of it but the number of its columns.
 *
 *	arguments of gm_stage_add: the stage, keys, values, arguments of calls
 *	columns of gm_stage:       keys, values, calls, from c1
 */
#pragma once

#include "query/handle.h"
#include "type/collation.h"

struct aggregate;

enum { stage_columns_max = 100 };

struct stage_key {
	const struct collation *collation; /* of TEXT, else NULL */
};

/* An aggregate over arguments [argument, argument + argument_count). */
struct stage_call {
	const struct aggregate *aggregate;
	unsigned argument, argument_count;
	const struct collation *collation; /* of the argument, if that is TEXT; else NULL */
	bool distinct;
};

/* Made by the writer, in the program's arena; immutable. */
struct stage {
	struct stage_key keys[stage_columns_max];
	struct stage_call calls[stage_columns_max];
	unsigned key_count;	 /* 0: all rows are one group, which is there without rows too */
	unsigned value_count;	 /* columns of which a group has its first row's */
	unsigned argument_count; /* of calls */
	unsigned call_count;
};

#define POINTER_STAGE "gemel_stage"

/* gm_stage_add and gm_stage. SQLITE_OK, or SQLite's error. */
int stage_register(struct evaluator_handle *handle);

struct stage_run;
void stage_runs_destroy(struct stage_run **runs);
