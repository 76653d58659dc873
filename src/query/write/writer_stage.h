/*
 * A block's stage as it is planned (stage_plan.c) and written (stage.c). Private to this folder.
 */
#pragma once

#include "query/stage/stage.h"
#include "query/write/writer.h"

struct writer_stage {
	const struct tree_select *select;
	struct stage *stage;
	unsigned number;			      /* g<number>, a<number> without keys, s<number> of a sort */
	struct tree_expr *columns[stage_columns_max]; /* what they stand for: keys, values, calls */
	unsigned column_count;
	struct writer_stage *outer;
};

bool writer_stage_has_column(const struct writer_stage *stage, const struct tree_expr *expr, unsigned *out_number);
/* Fill the stage in. False: the block cannot have one, or SQLite does better. */
bool plan_groups(struct writer_stage *stage, const struct tree_query *query);
bool plan_sort(struct writer_stage *stage, const struct tree_query *query);
