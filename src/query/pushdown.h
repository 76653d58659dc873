/*
 * Conditions of one table that SQLite cannot offer its module one by one (trees of AND, OR and NOT, LIKE, IN, one column
 * with another, LEFT(x, 2) with a constant) go to it as a whole: write/pushdown.c takes them out of WHERE and ON,
 * table/row_condition.c tests them. Private to this folder.
 *
 *   gm_pushed(t1.p1, gm_condition(?3, 'x%', 5)) AND (t1.p1 OR (t1.c2 LIKE 'x%' OR t1.c3 > 5))
 *
 * gm_condition makes the tree at ?3 ready, with the values of its constants in the order they stand in it. The module takes
 * gm_pushed as a constraint: its rows are those that fit, and p1 is 1. Where it was not asked, gm_pushed is true, p1 is 0
 * (NULL in an outer join's missing row), and SQLite evaluates what stands behind.
 */
#pragma once

#include "sql/resolve/tree.h"

#define POINTER_PUSHED "gemel_pushed"       /* struct pushed_conditions, bound */
#define POINTER_CONDITION "gemel_condition" /* struct row_condition, what gm_condition answers */

enum { pushed_groups = 2 /* p1 of WHERE, p2 of ON */, pushed_constants_max = 100, pushed_depth_max = 12 };

/* All of them must hold. */
struct pushed_conditions {
	const struct tree_source *source; /* a table of ours */
	struct tree_expr **items;
	unsigned count;
};

/* The operand of a condition that can be pushed is no column, but is computed of some (table/row_expr.h). */
bool pushed_is_computed(const struct tree_expr *operand);
/* The table whose rows alone decide the condition, if it can be pushed; else NULL. */
const struct tree_source *pushed_source(const struct tree_expr *condition);
/* The constants, in the order gm_condition gets them. -1 as soon as visit answers it. */
int pushed_each_constant(const struct tree_expr *condition, int (*visit)(const struct tree_expr *constant, void *argument),
			 void *argument);
