/* SELECT, DO, and the columns a statement will have. */
#include "exec/plan.h"
#include "exec/rows/into_file.h"
#include "exec/rows/table_locks.h"
#include "query/evaluate.h"

static void column_of(const struct tree_item *item, struct result_column *out)
{
	*out = (struct result_column){
		.database = item->database,
		.table = item->table,
		.original_table = item->original_table,
		.name = item->name,
		.original_name = item->original_name,
		.type = item->expr->type,
		.flags = item->flags,
	};
}

static struct result_column *columns_of(const struct tree_query *query, struct arena *arena)
{
	struct result_column *columns = arena_array(arena, struct result_column, query->column_count + 1);
	for (unsigned i = 0; i < query->column_count; i++)
		column_of(&query->columns[i], &columns[i]);
	return columns;
}

/* Rows go out as they come; an error in the middle ends the result set with ERR, as the protocol has it. */
static int send_rows(struct statement *statement, const struct plan *plan, struct evaluation *evaluation)
{
	const struct tree_query *query = plan->query;
	struct session *session = statement->session;
	struct result_sink *sink = session->sink;
	/* The first row before the columns: an error in it can still be a plain error. */
	enum evaluation_outcome outcome = evaluation_step(evaluation, statement->diag);
	if (outcome == EVALUATION_ERROR ||
	    sink->columns(sink, &plan->columns, statement->diag) != 0)
		return -1;
	uint64_t count = 0;
	while (outcome == EVALUATION_ROW) {
		if (sink->row(sink, evaluation_values(evaluation), statement->diag) != 0)
			return -1;
		count++;
		outcome = evaluation_step(evaluation, statement->diag);
	}
	if (outcome == EVALUATION_ERROR)
		return -1;
	session->found_rows = query->calc_found_rows ? evaluation_found_rows(evaluation) : count;
	session->row_count = -1;
	status_count(session, STATUS_ROWS_SENT, count);
	return sink->end(sink, statement->diag);
}

/* SELECT ... INTO @a, @b: one row at most. */
static int into_variables(struct statement *statement, const struct tree_query *query, struct evaluation *evaluation)
{
	struct session *session = statement->session;
	const struct ast_into *into = query->into;
	if (into->variables.count != query->column_count)
		return diag_set(statement->diag, ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
	enum evaluation_outcome outcome = evaluation_step(evaluation, statement->diag);
	if (outcome == EVALUATION_DONE) {
		warnings_add_message(&session->warnings, WARNING_WARNING, ER_SP_FETCH_NO_DATA,
				     "No data - zero rows fetched, selected, or processed");
		return statement_ok(statement, 0, NULL);
	}
	if (outcome == EVALUATION_ERROR)
		return -1;
	const struct value *values = evaluation_values(evaluation);
	for (unsigned i = 0; i < query->column_count; i++)
		user_variable_set(session, bytes_of_string(into->variables.items[i].text), &values[i]);
	outcome = evaluation_step(evaluation, statement->diag);
	if (outcome == EVALUATION_ROW)
		return diag_set(statement->diag, ER_TOO_MANY_ROWS);
	return outcome == EVALUATION_DONE ? statement_ok(statement, 1, NULL) : -1;
}

static int deliver(struct statement *statement, const struct plan *plan, struct evaluation *evaluation)
{
	const struct tree_query *query = plan->query;
	if (query->into == NULL)
		return send_rows(statement, plan, evaluation);
	if (query->into->kind == AST_INTO_VARIABLES)
		return into_variables(statement, query, evaluation);
	return into_file(statement, query, evaluation);
}

static int make_plan(struct statement *statement, struct environment *environment, struct plan **out_plan)
{
	struct diag *diag = statement->diag;
	unsigned flags = evaluate_session_flags(statement->session) | EVALUATE_BORROWS |
			 (table_locks_wanted_by_select(statement->session) ? EVALUATE_SHARE_LOCK : 0);
	struct plan *plan;
	enum plan_outcome outcome = plan_open(environment, flags, &plan);
	if (outcome == PLAN_FAILED)
		return -1;
	*out_plan = plan;
	if (outcome == PLAN_FOUND)
		return 0;
	if (resolve_query(&environment->resolve, statement->ast->query, &plan->query, diag) != 0 ||
	    evaluate_compile(plan->arena, plan->query, flags, &plan->program, diag) != 0)
		return -1;
	plan->columns = (struct result_columns){columns_of(plan->query, plan->arena), plan->query->column_count, 0};
	plan_keep(environment, plan);
	return 0;
}

/* Nothing but one row, named by its key: to lock the key is enough. */
static bool locks_one_key(const struct environment *environment, const struct plan *plan)
{
	return evaluate_program_is_single_row(plan->program) && environment->resolve.sources->next == NULL;
}

static int open_plan(struct environment *environment, const struct plan *plan, const struct evaluate_options *options,
		     struct evaluation **out_evaluation)
{
	struct statement *statement = environment->statement;
	if (!table_locks_wanted_by_select(statement->session) || locks_one_key(environment, plan))
		return evaluate_open(statement->session, plan->program, options, out_evaluation, statement->diag);
	/* With its tables locked no row needs to be. */
	if (table_locks_take_reading(environment) != 0)
		return -1;
	return evaluate_open_query(statement->session, plan->query, 0, options, out_evaluation, statement->diag);
}

static int run_select(struct statement *statement, struct environment *environment)
{
	struct session *session = statement->session;
	struct plan *plan;
	struct evaluation *evaluation;
	if (make_plan(statement, environment, &plan) != 0)
		return -1;
	const struct tree_query *query = plan->query;
	struct evaluate_options options = {
		.parameters = statement->parameters,
		.parameter_count = statement->parameter_count,
		.max_rows = session->variables.sql_select_limit == UINT64_MAX || query->limit
				    ? 0
				    : session->variables.sql_select_limit,
		.calculate_found_rows = query->calc_found_rows,
	};
	if (open_plan(environment, plan, &options, &evaluation) != 0)
		return -1;
	int status = deliver(statement, plan, evaluation);
	evaluation_close(&evaluation);
	return status;
}

int exec_select(struct statement *statement)
{
	struct environment environment;
	environment_init(&environment, statement, MDL_SHARED_READ);
	int status = run_select(statement, &environment);
	environment_deinit(&environment);
	return status;
}

int exec_do(struct statement *statement)
{
	struct environment environment;
	environment_init(&environment, statement, MDL_SHARED_READ);
	int status = 0;
	for (size_t i = 0; i < statement->ast->exprs.count && status == 0; i++) {
		struct tree_expr *tree;
		struct value value;
		status = resolve_expression(&environment.resolve, statement->ast->exprs.items[i], &tree,
					    statement->diag);
		if (status == 0 && table_locks_wanted_by_select(statement->session))
			status = table_locks_take_reading(&environment);
		if (status == 0)
			status = evaluate_expression(statement->session, tree, statement->parameters,
						     statement->parameter_count, &value, statement->diag);
	}
	environment_deinit(&environment);
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}

int execute_describe(struct session *session, const struct ast_statement *ast, struct bytes text,
		     struct result_column **out_columns, unsigned *out_count, struct diag *diag)
{
	struct statement statement = {.session = session, .ast = ast, .text = text,
				      .arena = &session->statement_arena, .diag = diag};
	*out_columns = NULL;
	*out_count = 0;
	if (ast->kind != AST_SELECT)
		return 0;
	struct environment environment;
	struct tree_query *query;
	environment_init(&environment, &statement, MDL_SHARED_READ);
	int status = resolve_query(&environment.resolve, ast->query, &query, diag);
	if (status == 0 && query->into == NULL) {
		*out_columns = columns_of(query, statement.arena);
		*out_count = query->column_count;
	}
	environment_deinit(&environment);
	if (!session->in_transaction)
		mdl_release(session->mdl, MDL_TRANSACTION);
	return status;
}
