/* A table that a statement changes: its door, its row maker, the locks of its family. Private to exec. */
#pragma once

#include "change/change.h"
#include "exec/environment.h"
#include "exec/rows/row_maker.h"

struct changed_table {
	struct table *table;             /* borrowed from the environment */
	struct change_context *context;
	struct row_maker maker;
	struct buf image;                /* the row that is written */
	struct buf current;              /* the row that was there */
	struct buf handle;
	uint64_t found, changed;         /* rows met, rows written */
};

/* Locks parents for reading and children, down the cascades, for writing; then opens door and maker. */
int changed_table_open(struct changed_table *changed, struct environment *environment, struct table *table,
		       bool ignore);
void changed_table_close(struct changed_table *changed);

/* The row that was in the way of the last change, locked: changed->handle and ->current. */
enum change_outcome changed_table_lock_conflict(struct changed_table *changed);
/* REPLACE: changed->image goes in, whatever is in its way goes, and is counted in *replaced. */
enum change_outcome changed_table_replace(struct changed_table *changed, uint64_t *replaced);

/* What an outcome means to the statement. */
enum change_verdict { CHANGE_GOES_ON, CHANGE_SKIPPED /* a warning took the error's place */, CHANGE_FAILED };
enum change_verdict changed_table_judge(struct changed_table *changed, enum change_outcome outcome, bool ignore);
