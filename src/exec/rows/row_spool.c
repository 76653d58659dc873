#include "exec/rows/row_spool.h"

#include "base/memory.h"

static void keep_row(struct row_spool *spool, const struct value *values)
{
	if (spool->row_count == spool->capacity)
		spool->values = memory_grow(spool->values, spool->column_count * sizeof *spool->values,
					    spool->row_count + 1, &spool->capacity);
	struct value *row = spool->values + spool->row_count++ * spool->column_count;
	for (unsigned i = 0; i < spool->column_count; i++)
		row[i] = value_copy(&values[i], &spool->arena);
}

int row_spool_fill(struct row_spool *spool, struct statement *statement, const struct tree_query *query)
{
	*spool = (struct row_spool){.column_count = query->column_count};
	arena_init(&spool->arena);
	struct evaluate_options options = {.parameters = statement->parameters,
					   .parameter_count = statement->parameter_count};
	struct evaluation *evaluation;
	enum evaluation_outcome outcome = EVALUATION_ERROR;
	if (evaluate_open_query(statement->session, query, 0, &options, &evaluation, statement->diag) == 0) {
		while ((outcome = evaluation_step(evaluation, statement->diag)) == EVALUATION_ROW)
			keep_row(spool, evaluation_values(evaluation));
		evaluation_close(&evaluation);
	}
	if (outcome == EVALUATION_DONE)
		return 0;
	row_spool_deinit(spool);
	return -1;
}

bool row_spool_next(struct row_spool *spool, const struct value **out_values)
{
	if (spool->next == spool->row_count)
		return false;
	*out_values = spool->values + spool->next++ * spool->column_count;
	return true;
}

void row_spool_deinit(struct row_spool *spool)
{
	memory_free(spool->values);
	arena_deinit(&spool->arena);
}
