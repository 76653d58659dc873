#include "query/stage/reader.h"

#include "query/table/packed_row.h"

struct stage_reader {
	struct evaluator_handle *handle;
	const struct stage *stage;
	uint64_t limit;
	struct row_expr *exprs[stage_columns_max];    /* NULL: a value of SQLite's */
	unsigned values[stage_columns_max];	      /* which one */
	const struct bytes *rows[row_sources_max];    /* fields of the current ones */
	const struct bytes *missing[row_sources_max]; /* of an outer join's missing rows: all NULL */
};

const struct stage *stage_reader_stage(const struct stage_reader *reader)
{
	return reader->stage;
}

uint64_t stage_reader_limit(const struct stage_reader *reader)
{
	return reader->limit;
}

/* LIMIT, which is negative where there is none, and OFFSET. */
static uint64_t rows_wanted(const struct argument *arguments)
{
	int64_t limit = argument_integer(&arguments[0]), offset = argument_integer(&arguments[1]);
	return limit < 0 ? UINT64_MAX : (uint64_t)limit + (uint64_t)(offset > 0 ? offset : 0);
}

struct stage_reader *stage_reader_make(struct evaluator_handle *handle, const struct stage *stage,
				       const struct argument *constants)
{
	struct stage_reader *reader = arena_new(&handle->arena, struct stage_reader);
	unsigned values = 0;
	reader->handle = handle;
	reader->stage = stage;
	for (unsigned i = 0; i < stage->input_count; i++) {
		const struct stage_input *input = &stage->inputs[i];
		if (input->is_value)
			reader->values[i] = stage->sources.count + values++;
		else
			reader->exprs[i] = row_expr_make(handle, input->expr, &stage->sources, &constants);
	}
	reader->limit = stage->sorts ? rows_wanted(constants) : UINT64_MAX;
	for (unsigned i = 0; i < stage->sources.count; i++)
		reader->missing[i] = arena_array(&handle->arena, struct bytes, stage->sources.last_columns[i] + 1);
	return reader;
}

static int find_rows(struct stage_reader *reader, sqlite3_value **arguments)
{
	const struct row_sources *sources = &reader->stage->sources;
	for (unsigned i = 0; i < sources->count; i++) {
		struct table_cursor *row = sqlite3_value_pointer(arguments[i], POINTER_ROW);
		reader->rows[i] = row ? packed_row_fields(row, sources->last_columns[i]) : reader->missing[i];
		if (reader->rows[i] == NULL)
			return -1;
	}
	return 0;
}

int stage_reader_read(struct stage_reader *reader, sqlite3_value **arguments, unsigned first, unsigned end,
		      struct cell *cells)
{
	if (first == 0 && find_rows(reader, arguments) != 0)
		return -1;
	for (unsigned i = first; i < end; i++) {
		if (reader->exprs[i] == NULL)
			cells[i] = cell_of(arguments[reader->values[i]]);
		else if (row_expr_evaluate(reader->exprs[i], reader->rows, &cells[i]) != 0)
			return -1;
	}
	return 0;
}
