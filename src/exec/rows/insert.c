/* INSERT and REPLACE: values, queries, ON DUPLICATE KEY UPDATE. */
#include <stdio.h>

#include "exec/change_log.h"
#include "exec/plan.h"
#include "exec/rows/change_table.h"
#include "exec/rows/insert_ids.h"
#include "exec/rows/row_spool.h"
#include "exec/rows/table_locks.h"
#include "type/row.h"

struct insertion {
	struct statement *statement;
	struct environment environment;
	const struct tree_insert *tree;
	struct changed_table changed;
	struct expressions **on_duplicate;  /* one an assignment, NULL for DEFAULT; or NULL */
	struct change_log log;
	uint64_t records, duplicates, affected;
	uint64_t first_id;                  /* first AUTO_INCREMENT value made and stored */
	uint64_t first_made_id;             /* the first made, stored or not: where a replica's begin */
	uint64_t stored;                    /* rows written or updated */
};

/* ------------------------------------------------------------------ one row through the door */

/* Evaluates the assignments over the row that is there and the row that was to come; one after the other, because a
   later one reads what an earlier one gave. */
static int make_updated_row(struct insertion *insertion, struct buf *out_image)
{
	struct changed_table *changed = &insertion->changed;
	struct row_maker *maker = &changed->maker;
	const struct tree_insert *tree = insertion->tree;
	struct table *table = changed->table;
	struct bytes *new_fields = arena_array(insertion->statement->arena, struct bytes, table->column_count);
	if (row_split(buf_bytes(&changed->image), table->types, table->column_count, new_fields,
		      insertion->statement->diag) != 0 ||
	    row_maker_load(maker, buf_bytes(&changed->current)) != 0)
		return -1;
	for (unsigned i = 0; i < tree->on_duplicate_count; i++) {
		const struct tree_assignment *assignment = &tree->on_duplicate[i];
		int status;
		if (assignment->value->kind == TREE_DEFAULT) {
			status = row_maker_set_default(maker, assignment->column);
		} else {
			struct expression_row rows[] = {
				{.source = tree->old_row, .fields = row_maker_fields(maker)},
				{.source = tree->new_row, .fields = new_fields}};
			const struct value *values;
			if (expressions_evaluate(insertion->on_duplicate[i], rows, 2, &values,
						 insertion->statement->diag) != 0)
				return -1;
			status = row_maker_set(maker, assignment->column, values);
		}
		if (status != 0)
			return -1;
	}
	return row_maker_finish_update(maker, buf_bytes(&changed->current), out_image);
}

static enum change_outcome update_row(struct insertion *insertion)
{
	struct changed_table *changed = &insertion->changed;
	struct diag *diag = insertion->statement->diag;
	enum change_outcome outcome = changed_table_lock_conflict(changed);
	if (outcome != CHANGE_OK)
		return outcome;
	struct buf updated;
	buf_init(&updated);
	outcome = CHANGE_ERROR;
	if (make_updated_row(insertion, &updated) == 0) {
		bool same = bytes_equal(buf_bytes(&updated), buf_bytes(&changed->current));
		outcome = change_update(changed->context, buf_bytes(&changed->handle), buf_bytes(&changed->current),
					buf_bytes(&updated), diag);
		if (outcome == CHANGE_OK) {
			insertion->duplicates += !same;
			/* 2 for a row that changed; an unchanged one counts for clients that count rows found. */
			insertion->affected += !same ? 2 : insertion->statement->session->client_found_rows;
			insertion->stored++;
		}
	}
	buf_deinit(&updated);
	return outcome;
}

static enum change_outcome insert_row(struct insertion *insertion)
{
	struct changed_table *changed = &insertion->changed;
	struct diag *diag = insertion->statement->diag;
	enum change_outcome outcome;
	uint64_t replaced = 0;
	if (insertion->tree->replace)
		outcome = changed_table_replace(changed, &replaced);
	else
		outcome = change_insert(changed->context, buf_bytes(&changed->image), diag);
	insertion->duplicates += replaced;
	insertion->affected += replaced;
	bool updates = outcome == CHANGE_DUPLICATE && insertion->tree->on_duplicate_count > 0;
	while (outcome == CHANGE_DUPLICATE && updates) {
		diag_clear(diag);
		outcome = update_row(insertion);
		if (outcome == CHANGE_OK)
			return CHANGE_OK;
		if (outcome != CHANGE_NO_SUCH_ROW)
			return outcome;
		/* The row in the way went before it could be locked: there may be room now. */
		outcome = change_insert(changed->context, buf_bytes(&changed->image), diag);
	}
	if (outcome == CHANGE_OK) {
		insertion->affected++;
		insertion->stored++;
	}
	return outcome;
}

/* The maker's row is complete: to the door with it. */
static int put_row(struct insertion *insertion)
{
	struct changed_table *changed = &insertion->changed;
	bool ignore = insertion->tree->ignore;
	if (row_maker_finish_insert(&changed->maker, &changed->image) != 0)
		return -1;
	uint64_t id = changed->maker.generated_id;
	if (insertion->first_made_id == 0)
		insertion->first_made_id = id;
	enum change_verdict verdict = changed_table_judge(changed, insert_row(insertion), ignore);
	if (verdict == CHANGE_FAILED)
		return -1;
	insertion->records++;
	if (verdict == CHANGE_SKIPPED)
		insertion->duplicates++;
	else if (id && insertion->first_id == 0)
		insertion->first_id = id;
	changed->maker.convert.row_number++;
	return session_check_killed(insertion->statement->session, insertion->statement->diag);
}

/* ------------------------------------------------------------------ VALUES */

static int literal_value(const struct statement *statement, const struct tree_expr *expr, struct value *out)
{
	if (expr->kind == TREE_PARAMETER)
		*out = statement->parameters[expr->parameter];
	else
		*out = expr->literal;
	return 0;
}

static int put_plain_row(struct insertion *insertion, const struct value *values)
{
	struct row_maker *maker = &insertion->changed.maker;
	row_maker_begin(maker);
	for (unsigned i = 0; i < insertion->tree->column_count; i++)
		if (row_maker_set(maker, insertion->tree->columns[i], &values[i]) != 0)
			return -1;
	return put_row(insertion);
}

static int put_literal_row(struct insertion *insertion, const struct tree_insert_row *row)
{
	struct row_maker *maker = &insertion->changed.maker;
	row_maker_begin(maker);
	for (unsigned i = 0; i < row->count; i++) {
		unsigned column = insertion->tree->columns[i];
		struct value value;
		int status;
		if (row->items[i]->kind == TREE_DEFAULT) {
			status = row_maker_set_default(maker, column);
		} else {
			literal_value(insertion->statement, row->items[i], &value);
			status = row_maker_set(maker, column, &value);
		}
		if (status != 0)
			return -1;
	}
	return put_row(insertion);
}

/* Expressions may read columns to their left, so each is evaluated once those before it are set. */
static int put_computed_row(struct insertion *insertion, const struct tree_insert_row *row)
{
	struct statement *statement = insertion->statement;
	struct row_maker *maker = &insertion->changed.maker;
	row_maker_begin(maker);
	for (unsigned i = 0; i < row->count; i++) {
		struct tree_expr *expr = row->items[i];
		unsigned column = insertion->tree->columns[i];
		struct value value;
		int status = 0;
		if (expr->kind == TREE_DEFAULT) {
			if (row_maker_set_default(maker, column) != 0)
				return -1;
			continue;
		}
		if (expr->kind == TREE_LITERAL || expr->kind == TREE_PARAMETER) {
			literal_value(statement, expr, &value);
		} else {
			struct expression_row source = {.source = insertion->tree->new_row,
							.fields = row_maker_fields(maker)};
			status = evaluate_row_expression(statement->session, expr, statement->parameters,
							 statement->parameter_count, &source,
							 insertion->tree->new_row ? 1 : 0, &value, statement->diag);
		}
		if (status != 0 || row_maker_set(maker, column, &value) != 0)
			return -1;
	}
	return put_row(insertion);
}

static int put_values_row(struct insertion *insertion, const struct tree_insert_row *row)
{
	if (row->values)
		return put_plain_row(insertion, row->values);
	return insertion->tree->rows_are_literals ? put_literal_row(insertion, row) : put_computed_row(insertion, row);
}

static int insert_values(struct insertion *insertion)
{
	const struct tree_insert *tree = insertion->tree;
	struct row_maker *maker = &insertion->changed.maker;
	maker->lenient_nulls |= tree->row_count > 1 && !session_is_strict(insertion->statement->session);
	for (unsigned i = 0; i < tree->row_count; i++)
		if (put_values_row(insertion, &tree->rows[i]) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ SELECT */

/* All rows are read before the first is written: the statement must not meet its own rows. */
static int insert_query(struct insertion *insertion)
{
	struct statement *statement = insertion->statement;
	struct row_maker *maker = &insertion->changed.maker;
	maker->lenient_nulls |= !session_is_strict(statement->session);
	struct row_spool spool;
	if (row_spool_fill(&spool, statement, insertion->tree->query) != 0)
		return -1;
	const struct value *values;
	int status = 0;
	while (status == 0 && row_spool_next(&spool, &values))
		status = put_plain_row(insertion, values);
	row_spool_deinit(&spool);
	return status;
}

/* ------------------------------------------------------------------ the statement */

/* Each by itself: together they would all be evaluated for each one, and RAND() be called too often. */
static int open_on_duplicate(struct insertion *insertion)
{
	struct statement *statement = insertion->statement;
	const struct tree_insert *tree = insertion->tree;
	if (tree->on_duplicate_count == 0)
		return 0;
	insertion->on_duplicate = arena_array(statement->arena, struct expressions *, tree->on_duplicate_count);
	for (unsigned i = 0; i < tree->on_duplicate_count; i++)
		if (tree->on_duplicate[i].value->kind != TREE_DEFAULT &&
		    expressions_open(statement->session, &tree->on_duplicate[i].value, 1, statement->parameters,
				     statement->parameter_count, &insertion->on_duplicate[i], statement->diag) != 0)
			return -1;
	return 0;
}

static void close_on_duplicate(struct insertion *insertion)
{
	for (unsigned i = 0; insertion->on_duplicate && i < insertion->tree->on_duplicate_count; i++)
		expressions_close(&insertion->on_duplicate[i]);
}

/* What the client is told: the first id that was made, else what LAST_INSERT_ID(expr) was given, else the last row's id. */
static uint64_t id_to_tell(const struct insertion *insertion)
{
	if (insertion->first_id)
		return insertion->first_id;
	uint64_t told = insertion->statement->session->statement_insert_id;
	return told || insertion->stored == 0 ? told : row_maker_id(&insertion->changed.maker);
}

static int finish(struct insertion *insertion)
{
	struct statement *statement = insertion->statement;
	struct session *session = statement->session;
	char info[128];
	change_log_end(&insertion->log, insertion->first_made_id);
	if (insertion->first_id)
		session->last_insert_id = insertion->first_id;
	bool shows_info = insertion->tree->query != NULL || insertion->tree->row_count > 1;
	snprintf(info, sizeof info, "Records: %llu  Duplicates: %llu  Warnings: %zu",
		 (unsigned long long)insertion->records, (unsigned long long)insertion->duplicates,
		 session->warnings.total);
	return statement_ok(statement, insertion->affected, shows_info ? info : NULL);
}

/* How it is logged, and what is locked for that. */
static int begin_log(struct insertion *insertion, enum insert_ids ids)
{
	struct environment *environment = &insertion->environment;
	struct repeat repeat = {0};
	if (change_log_may_be_text(insertion->statement->session)) {
		repeat_of_insert(&environment->resolve, insertion->tree, &repeat);
		if (change_log_add_defaults(environment, insertion->tree, &repeat) != 0)
			return -1;
	}
	if (change_log_begin(&insertion->log, environment, insertion->tree->target, &repeat) != 0)
		return -1;
	return table_locks_take(environment, insertion->tree->target, ids == INSERT_IDS_OPEN);
}

static int make_tree(struct insertion *insertion)
{
	struct statement *statement = insertion->statement;
	struct environment *environment = &insertion->environment;
	struct plan *plan;
	enum plan_outcome outcome = plan_open(environment, 0, &plan);
	if (outcome == PLAN_FAILED)
		return -1;
	if (outcome == PLAN_EMPTY) {
		if (resolve_insert(&environment->resolve, statement->ast->insert, &plan->insert, statement->diag) != 0)
			return -1;
		plan_keep(environment, plan);
	}
	insertion->tree = plan->insert;
	return 0;
}

static int run(struct insertion *insertion)
{
	struct statement *statement = insertion->statement;
	struct environment *environment = &insertion->environment;
	if (make_tree(insertion) != 0)
		return -1;
	enum insert_ids ids = insert_ids_of(statement, insertion->tree);
	if (begin_log(insertion, ids) != 0 ||
	    changed_table_open(&insertion->changed, environment, insertion->tree->target->table,
			       insertion->tree->ignore) != 0)
		return -1;
	if (statement->logs_text && ids != INSERT_IDS_NONE)
		insertion->changed.maker.series_count = ids == INSERT_IDS_COUNTED ? insertion->tree->row_count : 1;
	if (open_on_duplicate(insertion) != 0)
		return -1;
	if ((insertion->tree->query ? insert_query(insertion) : insert_values(insertion)) != 0)
		return -1;
	statement->session->statement_insert_id = id_to_tell(insertion);
	return 0;
}

int exec_insert(struct statement *statement)
{
	struct insertion insertion = {.statement = statement};
	const struct ast_insert *ast = statement->ast->insert;
	environment_init(&insertion.environment, statement, MDL_SHARED_WRITE);
	insertion.environment.first_mode = table_locks_first_mode(statement->session);
	insertion.environment.target_privileges = PRIVILEGE(INSERT) | (ast->replace ? PRIVILEGE(DELETE) : 0) |
						  (ast->on_duplicate.count ? PRIVILEGE(UPDATE) : 0);
	insertion.environment.written_privileges = PRIVILEGE(INSERT);
	int status = run(&insertion);
	close_on_duplicate(&insertion);
	changed_table_close(&insertion.changed);
	if (status == 0)
		status = finish(&insertion);
	environment_deinit(&insertion.environment);
	return status;
}
