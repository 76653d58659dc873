/* EXPLAIN's two halves: SQLite's plan read, MySQL's lines made. Private to this folder. */
#pragma once

#include "query/evaluation.h"
#include "query/evaluate.h"

/* How SQLite will read one source. */
struct plan_scan {
	unsigned source;      /* number of the tree_source */
	bool is_table;        /* through best_index: the rest is known */
	unsigned plan;        /* enum plan_bits */
	char letters[24];     /* see module.h */
	uint64_t possible;    /* indexes */
	uint64_t rows;
	bool sorts, groups;   /* with a temporary structure, noted at the first scan of its block */
};

struct plan {
	struct plan_scan *scans; /* in SQLite's order */
	unsigned count;
};

/* Prepares EXPLAIN QUERY PLAN and reads it. */
int plan_read(struct evaluation *evaluation, struct arena *arena, struct plan *out_plan, struct diag *diag);
