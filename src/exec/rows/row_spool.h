/* A query's rows, all of them, kept until they are wanted: the statement changes what it has read. Private to exec. */
#pragma once

#include "exec/statement.h"
#include "query/evaluate.h"

struct row_spool {
	unsigned column_count;
	struct value *values; /* row_count * column_count */
	size_t row_count, capacity;
	size_t next;
	struct arena arena;   /* of the values' bytes */
};

/* Runs the query to its end. On -1 there is nothing to deinit. */
int row_spool_fill(struct row_spool *spool, struct statement *statement, const struct tree_query *query);
bool row_spool_next(struct row_spool *spool, const struct value **out_values);
void row_spool_deinit(struct row_spool *spool);
