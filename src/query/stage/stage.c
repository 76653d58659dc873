/* The function whose steps take the rows, and the table whose rows are what they come to. */
#include "query/stage/stage.h"

#include "base/memory.h"
#include "query/evaluation.h"
#include "query/stage/groups.h"
#include "query/stage/reader.h"
#include "query/stage/sorted.h"

#define POINTER_READER "gemel_stage_reader"

struct stage_run {
	const struct stage *stage;
	sqlite3_int64 number; /* in its evaluation, from 1 */
	struct groups *groups;	     /* owned: or */
	struct sorted *sorted;	     /* owned: what the stage's rows come to */
	struct stage_reader *reader; /* of what goes in; NULL when nothing did */
	struct cell *row;	     /* owned: the one that goes in */
	struct stage_run *next;
};

static void destroy_run(struct stage_run *run)
{
	groups_destroy(&run->groups);
	sorted_destroy(&run->sorted);
	memory_free(run->row);
	memory_free(run);
}

void stage_runs_destroy(struct stage_run **runs)
{
	while (*runs) {
		struct stage_run *run = *runs;
		*runs = run->next;
		destroy_run(run);
	}
}

/* What the stage made before, in the same evaluation, nobody reads any more. */
static struct stage_run *new_run(struct evaluator_handle *handle, const struct stage *stage, struct stage_reader *reader)
{
	struct evaluation *evaluation = handle->evaluation;
	struct stage_run **place = &evaluation->stage_runs;
	while (*place) {
		struct stage_run *run = *place;
		if (run->stage != stage) {
			place = &run->next;
			continue;
		}
		*place = run->next;
		destroy_run(run);
	}
	struct stage_run *run = memory_zalloc(sizeof *run);
	run->stage = stage;
	run->number = ++evaluation->stage_run_count;
	run->reader = reader;
	if (stage->sorts)
		run->sorted = sorted_create(handle, stage, stage_reader_limit(reader));
	else
		run->groups = groups_create(handle, stage);
	run->row = memory_zalloc((stage->input_count + 1) * sizeof *run->row);
	run->next = evaluation->stage_runs;
	evaluation->stage_runs = run;
	return run;
}

/* ------------------------------------------------------------------ gm_stage_reader(stage, constants...) */

/* Constant, so that SQLite asks once a statement. */
static void make_reader(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct evaluator_handle *handle = handle_of(context);
	const struct stage *stage = sqlite3_value_pointer(arguments[0], POINTER_STAGE);
	struct argument *constants = arena_array(&handle->arena, struct argument, count);
	for (int i = 1; i < count; i++)
		constants[i - 1] = argument_of(arguments[i], "");
	if (stage)
		sqlite3_result_pointer(context, stage_reader_make(handle, stage, constants), POINTER_READER, NULL);
}

/* ------------------------------------------------------------------ gm_stage_add(reader, rows..., values...) */

static int group_row(struct stage_run *run, sqlite3_value **arguments)
{
	if (stage_reader_read(run->reader, arguments, 0, run->stage->input_count, run->row) != 0)
		return -1;
	return groups_add(run->groups, run->row);
}

/* Most rows of a LIMIT are turned away by their keys. */
static int sort_row(struct stage_run *run, sqlite3_value **arguments)
{
	unsigned keys = run->stage->key_count;
	if (stage_reader_read(run->reader, arguments, 0, keys, run->row) != 0)
		return -1;
	if (!sorted_wants(run->sorted, run->row))
		return 0;
	if (stage_reader_read(run->reader, arguments, keys, run->stage->input_count, run->row) != 0)
		return -1;
	return sorted_add(run->sorted, run->row);
}

static void add_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct stage_run **place = sqlite3_aggregate_context(context, sizeof *place);
	if (place == NULL)
		return;
	if (*place == NULL) {
		struct stage_reader *reader = sqlite3_value_pointer(arguments[0], POINTER_READER);
		*place = new_run(handle_of(context), stage_reader_stage(reader), reader);
	}
	struct stage_run *run = *place;
	if ((run->stage->sorts ? sort_row : group_row)(run, arguments + 1) != 0)
		handle_fail(context);
}

static void add_end(sqlite3_context *context)
{
	struct stage_run **place = sqlite3_aggregate_context(context, 0);
	if (place && *place)
		sqlite3_result_int64(context, (*place)->number);
}

/* ------------------------------------------------------------------ gm_stage(stage, number) */

enum { column_stage = stage_columns_max, column_number };

struct stage_vtab {
	sqlite3_vtab base;
	struct evaluator_handle *handle;
};

struct stage_cursor {
	sqlite3_vtab_cursor base;
	struct stage_run *run;
	sqlite3_int64 row;
	bool at_end;
};

static int stage_connect(sqlite3 *db, void *argument, int count, const char *const *words, sqlite3_vtab **out_vtab,
			 char **out_error)
{
	struct buf sql;
	buf_init(&sql);
	buf_put_string(&sql, "CREATE TABLE x(");
	for (unsigned i = 0; i < stage_columns_max; i++)
		buf_printf(&sql, "c%u, ", i + 1);
	buf_put_string(&sql, "stage HIDDEN, number HIDDEN)");
	int status = sqlite3_declare_vtab(db, buf_cstring(&sql));
	buf_deinit(&sql);
	if (status != SQLITE_OK)
		return status;
	struct stage_vtab *vtab = memory_zalloc(sizeof *vtab);
	vtab->handle = argument;
	*out_vtab = &vtab->base;
	return SQLITE_OK;
}

static int stage_disconnect(sqlite3_vtab *vtab)
{
	memory_free(vtab);
	return SQLITE_OK;
}

/* Both arguments, or not at all. */
static int stage_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	unsigned given = 0;
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
		if (!constraint->usable || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ ||
		    constraint->iColumn < column_stage)
			continue;
		info->aConstraintUsage[i] = (struct sqlite3_index_constraint_usage){
			.argvIndex = constraint->iColumn - column_stage + 1,
			.omit = 1,
		};
		given++;
	}
	info->estimatedCost = info->estimatedRows = 1000;
	return given == 2 ? SQLITE_OK : SQLITE_CONSTRAINT;
}

static int stage_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
	struct stage_cursor *cursor = memory_zalloc(sizeof *cursor);
	*out_cursor = &cursor->base;
	return SQLITE_OK;
}

static int stage_close(sqlite3_vtab_cursor *cursor)
{
	memory_free(cursor);
	return SQLITE_OK;
}

static int step(struct stage_cursor *cursor)
{
	struct stage_run *run = cursor->run;
	int found = run->sorted ? sorted_next(run->sorted) : groups_next(run->groups);
	cursor->at_end = found <= 0;
	cursor->row++;
	return found < 0 ? SQLITE_ERROR : SQLITE_OK;
}

/* The number is NULL when there was no row. */
static int stage_filter(sqlite3_vtab_cursor *base, int plan, const char *text, int count, sqlite3_value **arguments)
{
	struct stage_cursor *cursor = (struct stage_cursor *)base;
	struct evaluator_handle *handle = ((struct stage_vtab *)base->pVtab)->handle;
	const struct stage *stage = sqlite3_value_pointer(arguments[0], POINTER_STAGE);
	struct stage_run *run = handle->evaluation->stage_runs;
	while (run && run->number != sqlite3_value_int64(arguments[1]))
		run = run->next;
	if (run == NULL && stage->key_count == 0 && !stage->sorts)
		run = new_run(handle, stage, NULL);
	cursor->row = 0;
	cursor->at_end = run == NULL;
	if (run == NULL)
		return SQLITE_OK;
	cursor->run = run;
	int status = run->sorted ? sorted_rewind(run->sorted) : groups_rewind(run->groups);
	return status == 0 ? step(cursor) : SQLITE_ERROR;
}

static int stage_next(sqlite3_vtab_cursor *base)
{
	return step((struct stage_cursor *)base);
}

static int stage_eof(sqlite3_vtab_cursor *base)
{
	return ((struct stage_cursor *)base)->at_end;
}

static int stage_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct stage_run *run = ((struct stage_cursor *)base)->run;
	if (run->sorted)
		sorted_column(run->sorted, (unsigned)column, context);
	else
		groups_column(run->groups, (unsigned)column, context);
	return SQLITE_OK;
}

static int stage_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
	*out_rowid = ((struct stage_cursor *)base)->row;
	return SQLITE_OK;
}

static const sqlite3_module methods = {
	.xConnect = stage_connect,
	.xBestIndex = stage_best_index,
	.xDisconnect = stage_disconnect,
	.xOpen = stage_open,
	.xClose = stage_close,
	.xFilter = stage_filter,
	.xNext = stage_next,
	.xEof = stage_eof,
	.xColumn = stage_column,
	.xRowid = stage_rowid,
};

int stage_register(struct evaluator_handle *handle)
{
	int status = sqlite3_create_function_v2(handle->db, "gm_stage_add", -1, SQLITE_UTF8, handle, NULL, add_step,
						add_end, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(handle->db, "gm_stage_reader", -1,
						    SQLITE_UTF8 | SQLITE_DETERMINISTIC, handle, make_reader, NULL,
						    NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_module_v2(handle->db, "gm_stage", &methods, handle, NULL);
	return status;
}
