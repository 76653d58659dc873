/* Opening, stepping and closing evaluations. */
#include "query/evaluate.h"

#include "base/clock.h"
#include "base/memory.h"
#include "query/binding.h"
#include "query/direct/direct.h"
#include "query/evaluation.h"
#include "query/memo.h"
#include "query/pool.h"
#include "query/sqlite_error.h"
#include "query/stage/stage.h"
#include "query/statement_cache.h"
#include "query/table/transient_index.h"
#include "query/value_sqlite.h"

/* ------------------------------------------------------------------ the view */

/*
 * A lone get is its own point in time: outside of a transaction it needs neither a snapshot nor a store transaction. All
 * else sees one moment.
 */
static bool needs_no_view(const struct evaluation *evaluation)
{
	const struct session *session = evaluation->session;
	return evaluation->program->is_lone_get && session->variables.autocommit && !session->in_transaction &&
	       !txn_is_active(session->txn);
}

void evaluation_take_view(struct evaluation *evaluation)
{
	if (evaluation->has_view)
		return;
	struct session *session = evaluation->session;
	evaluation->has_view = true;
	evaluation->store = session->server->store;
	if (needs_no_view(evaluation))
		return;
	if (evaluation->read == EVALUATE_CONSISTENT)
		evaluation->snapshot = txn_read_snapshot(session->txn);
	if (txn_has_changes(session->txn)) /* which it must see */
		evaluation->txn = txn_store(session->txn);
}

enum store_outcome evaluation_get(struct evaluation *evaluation, struct bytes key, struct buf *out_value,
				  struct diag *diag)
{
	if (evaluation->txn)
		return store_txn_get(evaluation->txn, evaluation->snapshot, key, out_value, diag);
	return store_get_as_of(evaluation->store, evaluation->snapshot, key, out_value, diag);
}

struct store_txn *evaluation_locking_txn(struct evaluation *evaluation)
{
	if (evaluation->txn == NULL)
		evaluation->txn = txn_store(evaluation->session->txn);
	return evaluation->txn;
}

int evaluation_check(struct evaluation *evaluation)
{
	struct evaluator_handle *handle = evaluation->handle;
	struct diag diag = DIAG_INIT;
	if (session_check_killed(evaluation->session, &diag) == 0 &&
	    (evaluation->deadline_us == 0 || clock_monotonic_us() < evaluation->deadline_us))
		return 0;
	if (diag.code == 0)
		diag_set(&diag, ER_QUERY_TIMEOUT);
	if (handle->diag.code == 0)
		handle->diag = diag;
	return -1;
}

/* ------------------------------------------------------------------ opening */

/* LIMIT and OFFSET, where SQLite does not have them. */
static int set_limit(struct evaluation *evaluation, struct diag *diag)
{
	const struct tree_query *query = evaluation->program->query;
	int64_t limit = query->limit ? binding_limit(evaluation, query->limit) : INT64_MAX;
	int64_t offset = query->offset ? binding_limit(evaluation, query->offset) : 0;
	if (limit < 0 || offset < 0)
		return diag_set(diag, ER_WRONG_ARGUMENTS, "EXECUTE");
	if (query->limit && (uint64_t)limit < evaluation->max_rows)
		evaluation->max_rows = (uint64_t)limit;
	evaluation->skip_rows = (uint64_t)offset;
	return 0;
}

static int set_bounds(struct evaluation *evaluation, const struct evaluate_options *options, struct diag *diag)
{
	uint64_t milliseconds = evaluation->session->variables.max_execution_time;
	evaluation->max_rows = options->max_rows ? options->max_rows : UINT64_MAX;
	if (milliseconds)
		evaluation->deadline_us = clock_monotonic_us() + (int64_t)milliseconds * 1000;
	bool limits_here = evaluation->program->has_limit_here || evaluation->statement->direct;
	return limits_here ? set_limit(evaluation, diag) : 0;
}

int evaluate_open(struct session *session, const struct evaluate_program *program,
		  const struct evaluate_options *options, struct evaluation **out_evaluation, struct diag *diag)
{
	static const struct evaluate_options no_options;
	struct evaluator_handle *handle;
	if (options == NULL)
		options = &no_options;
	if (pool_take(session->server->evaluators, session, &handle, diag) != 0)
		return -1;
	struct evaluation *evaluation = handle->evaluation_memory;
	*evaluation = (struct evaluation){
		.handle = handle, .session = session, .program = program,
		.read = session->reads_latest ? EVALUATE_LATEST : options->read,
		.parameters = options->parameters, .parameter_count = options->parameter_count,
	};
	if (statement_cache_take(handle, program, &evaluation->statement, diag) != 0 ||
	    (evaluation->statement->direct == NULL && binding_bind_all(evaluation, diag) != 0) ||
	    set_bounds(evaluation, options, diag) != 0) {
		pool_give(&handle);
		return -1;
	}
	handle->evaluation = evaluation;
	*out_evaluation = evaluation;
	return 0;
}

unsigned evaluate_session_flags(const struct session *session)
{
	const struct session_variables *variables = &session->variables;
	return (variables->gemel_stages ? EVALUATE_STAGES : 0) | (variables->gemel_direct_reads ? EVALUATE_DIRECT : 0);
}

int evaluate_open_query(struct session *session, const struct tree_query *query, unsigned flags,
			const struct evaluate_options *options, struct evaluation **out_evaluation, struct diag *diag)
{
	struct evaluate_program *program;
	flags |= evaluate_session_flags(session);
	if (evaluate_compile(&session->statement_arena, query, flags, &program, diag) != 0)
		return -1;
	return evaluate_open(session, program, options, out_evaluation, diag);
}

/* Cursors close. */
static void rest(struct evaluation *evaluation)
{
	if (evaluation->statement->direct)
		direct_end(evaluation);
	else
		sqlite3_reset(evaluation->statement->statement);
}

void evaluation_close(struct evaluation **evaluation_place)
{
	struct evaluation *evaluation = *evaluation_place;
	if (evaluation == NULL)
		return;
	struct evaluator_handle *handle = evaluation->handle;
	*evaluation_place = NULL;
	rest(evaluation);
	if (evaluation->failed)
		statement_cache_drop(handle->cache, evaluation->statement);
	transient_indexes_destroy(&evaluation->transient_indexes);
	memos_destroy(&evaluation->memos, evaluation->session);
	stage_runs_destroy(&evaluation->stage_runs);
	pool_give(&handle);
}

/* ------------------------------------------------------------------ stepping */

static enum evaluation_outcome finish(struct evaluation *evaluation)
{
	evaluation->done = true;
	rest(evaluation); /* now rather than when the caller comes to it: iterators hold memory of the store */
	return EVALUATION_DONE;
}

static enum evaluation_outcome fail(struct evaluation *evaluation, int status, struct diag *diag)
{
	evaluation->failed = true;
	sqlite_error(evaluation->handle, status, diag);
	return EVALUATION_ERROR;
}

static int next_row(struct evaluation *evaluation)
{
	struct cached_statement *statement = evaluation->statement;
	return statement->direct ? direct_step(evaluation) : sqlite3_step(statement->statement);
}

enum evaluation_outcome evaluation_step(struct evaluation *evaluation, struct diag *diag)
{
	bool counts_all = evaluation->program->has_limit_here;
	while (!evaluation->done) {
		if (evaluation->row_count >= evaluation->max_rows && !counts_all)
			return finish(evaluation);
		int status = next_row(evaluation);
		/* Also where SQLite could do without what it was refused: a function may have taken it for nothing. */
		if (memory_check(diag) != 0) {
			evaluation->failed = true;
			return EVALUATION_ERROR;
		}
		if (status == SQLITE_DONE)
			return finish(evaluation);
		if (status != SQLITE_ROW)
			return fail(evaluation, status, diag);
		evaluation->found_rows++;
		if (evaluation->found_rows <= evaluation->skip_rows || evaluation->row_count >= evaluation->max_rows)
			continue;
		evaluation->row_count++;
		return EVALUATION_ROW;
	}
	return evaluation->failed ? EVALUATION_ERROR : EVALUATION_DONE;
}

static void read_item(struct evaluation *evaluation, unsigned item)
{
	struct cached_statement *statement = evaluation->statement;
	if (statement->direct)
		return; /* the step did */
	value_read_sqlite(sqlite3_column_value(statement->statement, (int)item), &evaluation->program->items[item],
			  &statement->decimals[item], &statement->texts[item], &statement->values[item]);
}

const struct value *evaluation_values(struct evaluation *evaluation)
{
	for (unsigned i = 0; i < evaluation->program->value_count; i++)
		read_item(evaluation, i);
	return evaluation->statement->values;
}

const struct value *evaluation_value(struct evaluation *evaluation, unsigned item)
{
	read_item(evaluation, item);
	return &evaluation->statement->values[item];
}

static struct bytes column_bytes(struct evaluation *evaluation, int column)
{
	sqlite3_stmt *statement = evaluation->statement->statement;
	const void *data = sqlite3_column_blob(statement, column);
	return bytes_of(data, (size_t)sqlite3_column_bytes(statement, column));
}

struct bytes evaluation_handle(struct evaluation *evaluation, unsigned item)
{
	return column_bytes(evaluation, (int)item);
}

struct bytes evaluation_image(struct evaluation *evaluation, unsigned item)
{
	int column = evaluation->program->items[item].image_column;
	return column < 0 ? bytes_of(NULL, 0) : column_bytes(evaluation, column);
}

uint64_t evaluation_found_rows(const struct evaluation *evaluation)
{
	return evaluation->found_rows;
}
