/*
 * UPDATE and DELETE: a query finds the rows and computes the new values; then the change door.
 *
 * The query is read to its end first, with its rows locked, because the statement must not meet its own changes. Where it
 * cannot (one table, read once, whose rows stay in their places in all indexes or go), rows are changed along with the
 * reading, a batch at a time.
 *
 * A row that was met and locked is as it was until it is changed itself, unless cascades of those before it may reach it.
 * So its image is kept, and only read again where much is to be kept.
 *
 * A multi-table statement changes each row once, however often a join meets it.
 */
#include <stdio.h>

#include "exec/change_log.h"
#include "exec/plan.h"
#include "exec/rows/change_table.h"
#include "exec/rows/table_locks.h"
#include "query/evaluate.h"

enum change_kind { CHANGE_UPDATES, CHANGE_DELETES };
enum { batch_rows_max = 1000, images_size_max = 16 * 1024 * 1024 }; /* the latter also bounds a batch */

/* One row the query met, for one target: handle and new values in the arena. */
struct met_row {
	struct met_row *next;
	unsigned target;
	struct bytes handle;
	struct bytes image;   /* as it was locked; size 0: to be read again */
	struct value *values; /* one an assignment */
};

struct rewriting {
	struct statement *statement;
	struct environment environment;
	enum change_kind kind;
	const struct tree_change *tree;
	const struct evaluate_program *program; /* of the tree's query */
	struct change_log log;
	struct changed_table *changed; /* one a target */
	bool images_stay;              /* those of the rows met are right until they are changed */
	bool goes_along;               /* rows may be changed before all are met */
	struct met_row *first, **last;
	size_t met_count, images_size;
	struct map *seen;              /* one a target: handles met; only when several tables */
	struct arena arena;            /* of the rows met */
};

static void meet_target(struct rewriting *rewriting, struct evaluation *evaluation, unsigned number)
{
	const struct tree_target *target = &rewriting->tree->targets[number];
	struct bytes handle = evaluation_handle(evaluation, target->handle_item);
	if (handle.size == 0)
		return;
	if (rewriting->tree->is_multiple && map_put(&rewriting->seen[number], handle, rewriting))
		return;
	struct met_row *row = arena_new(&rewriting->arena, struct met_row);
	row->target = number;
	row->handle = bytes_of(arena_copy(&rewriting->arena, handle.data, handle.size), handle.size);
	if (rewriting->images_stay && rewriting->images_size < images_size_max) {
		struct bytes image = evaluation_image(evaluation, target->handle_item);
		row->image = bytes_of(arena_copy(&rewriting->arena, image.data, image.size), image.size);
		rewriting->images_size += image.size;
	}
	rewriting->met_count++;
	row->values = arena_array(&rewriting->arena, struct value, target->assignment_count + 1);
	for (unsigned i = 0; i < target->assignment_count; i++)
		if (target->items[i] != ~0u)
			row->values[i] = value_copy(evaluation_value(evaluation, target->items[i]),
						    &rewriting->arena);
	*rewriting->last = row;
	rewriting->last = &row->next;
}

static int change_row(struct rewriting *rewriting, const struct met_row *row);

static int change_met_rows(struct rewriting *rewriting)
{
	for (const struct met_row *row = rewriting->first; row; row = row->next)
		if (change_row(rewriting, row) != 0)
			return -1;
	rewriting->first = NULL;
	rewriting->last = &rewriting->first;
	rewriting->met_count = rewriting->images_size = 0;
	arena_reset(&rewriting->arena);
	return 0;
}

static bool is_batch_full(const struct rewriting *rewriting)
{
	return rewriting->goes_along &&
	       (rewriting->met_count == batch_rows_max || rewriting->images_size >= images_size_max);
}

static int read_rows(struct rewriting *rewriting)
{
	struct statement *statement = rewriting->statement;
	struct evaluate_options options = {.parameters = statement->parameters,
					   .parameter_count = statement->parameter_count,
					   .read = EVALUATE_LATEST};
	struct evaluation *evaluation;
	if (evaluate_open(statement->session, rewriting->program, &options, &evaluation, statement->diag) != 0)
		return -1;
	enum evaluation_outcome outcome = EVALUATION_ROW;
	int status = 0;
	while (status == 0 && (outcome = evaluation_step(evaluation, statement->diag)) == EVALUATION_ROW) {
		for (unsigned i = 0; i < rewriting->tree->target_count; i++)
			meet_target(rewriting, evaluation, i);
		if (is_batch_full(rewriting))
			status = change_met_rows(rewriting);
	}
	evaluation_close(&evaluation);
	return status == 0 && outcome == EVALUATION_DONE ? 0 : -1;
}

/* A row that a unique key names, and that is not there, has no lock that would keep it out. */
static int find_rows(struct rewriting *rewriting)
{
	bool is_named = evaluate_program_is_single_row(rewriting->program);
	if (read_rows(rewriting) != 0)
		return -1;
	if (!rewriting->statement->logs_text || !is_named || rewriting->first)
		return 0;
	return table_locks_take(&rewriting->environment, NULL, true) != 0 ? -1 : read_rows(rewriting);
}

static int make_row(struct rewriting *rewriting, const struct met_row *row, struct changed_table *changed)
{
	const struct tree_target *target = &rewriting->tree->targets[row->target];
	struct row_maker *maker = &changed->maker;
	if (row_maker_load(maker, buf_bytes(&changed->current)) != 0)
		return -1;
	for (unsigned i = 0; i < target->assignment_count; i++) {
		unsigned column = target->assignments[i].column;
		int status = target->items[i] == ~0u ? row_maker_set_default(maker, column)
						     : row_maker_set(maker, column, &row->values[i]);
		if (status != 0)
			return -1;
	}
	return row_maker_finish_update(maker, buf_bytes(&changed->current), &changed->image);
}

static enum change_outcome lock_row(const struct met_row *row, struct changed_table *changed, struct diag *diag)
{
	if (row->image.size == 0)
		return change_lock_row(changed->context, row->handle, &changed->current, diag);
	buf_clear(&changed->current);
	buf_put_bytes(&changed->current, row->image);
	return CHANGE_OK;
}

static int change_row(struct rewriting *rewriting, const struct met_row *row)
{
	struct changed_table *changed = &rewriting->changed[row->target];
	struct diag *diag = rewriting->statement->diag;
	bool ignore = rewriting->tree->ignore, same = false;
	enum change_outcome outcome = lock_row(row, changed, diag);
	if (outcome == CHANGE_OK && rewriting->kind == CHANGE_DELETES) {
		outcome = change_delete(changed->context, row->handle, buf_bytes(&changed->current), diag);
	} else if (outcome == CHANGE_OK) {
		if (make_row(rewriting, row, changed) != 0)
			return -1;
		same = bytes_equal(buf_bytes(&changed->image), buf_bytes(&changed->current));
		outcome = change_update(changed->context, row->handle, buf_bytes(&changed->current),
					buf_bytes(&changed->image), diag);
	}
	enum change_verdict verdict = changed_table_judge(changed, outcome, ignore);
	changed->found += outcome != CHANGE_NO_SUCH_ROW;
	changed->changed += verdict == CHANGE_GOES_ON && !same;
	changed->maker.convert.row_number++;
	if (verdict == CHANGE_FAILED)
		return -1;
	return session_check_killed(rewriting->statement->session, diag);
}

static int open_targets(struct rewriting *rewriting)
{
	struct arena *arena = rewriting->statement->arena;
	unsigned count = rewriting->tree->target_count;
	rewriting->changed = arena_array(arena, struct changed_table, count);
	rewriting->seen = arena_array(arena, struct map, count);
	for (unsigned i = 0; i < count; i++) {
		map_init(&rewriting->seen[i]);
		struct changed_table *changed = &rewriting->changed[i];
		struct table *table = rewriting->tree->targets[i].source->table;
		if (changed_table_open(changed, &rewriting->environment, table, rewriting->tree->ignore) != 0)
			return -1;
		changed->maker.lenient_nulls |= !session_is_strict(rewriting->statement->session);
	}
	return 0;
}

static int begin_log(struct rewriting *rewriting)
{
	struct repeat repeat = {0};
	if (change_log_may_be_text(rewriting->statement->session))
		repeat_of_change(&rewriting->environment.resolve, rewriting->tree, &repeat);
	return change_log_begin(&rewriting->log, &rewriting->environment, NULL, &repeat);
}

static int make_plan(struct rewriting *rewriting, struct plan *plan)
{
	const struct ast_statement *ast = rewriting->statement->ast;
	struct resolve_environment *resolve = &rewriting->environment.resolve;
	struct diag *diag = rewriting->statement->diag;
	int status = rewriting->kind == CHANGE_UPDATES ? resolve_update(resolve, ast->update, &plan->change, diag)
						       : resolve_delete(resolve, ast->delete_rows, &plan->change, diag);
	if (status != 0 || evaluate_compile(plan->arena, plan->change->query,
					     plan->change->is_multiple ? 0 : EVALUATE_IMAGES, &plan->program, diag) != 0)
		return -1;
	plan_keep(&rewriting->environment, plan);
	return 0;
}

/*
 * It is a transaction of its own, and all it reads is the row that it changes: nobody hears of that row before its commit,
 * so it need not wait until whoever changed the row before it is through with his (txn_stand_on_commits).
 */
static void stand_on_commits(struct rewriting *rewriting)
{
	const struct statement *statement = rewriting->statement;
	const struct session *session = statement->session;
	bool is_alone = session->variables.autocommit && !session->in_transaction;
	if (is_alone && !statement->logs_text && evaluate_program_is_of_one_row(rewriting->program))
		txn_stand_on_commits(session->txn);
}

static int prepare(struct rewriting *rewriting)
{
	struct plan *plan;
	enum plan_outcome outcome = plan_open(&rewriting->environment, 0, &plan);
	if (outcome == PLAN_FAILED || (outcome == PLAN_EMPTY && make_plan(rewriting, plan) != 0))
		return -1;
	rewriting->tree = plan->change;
	rewriting->program = plan->program;
	if (begin_log(rewriting) != 0)
		return -1;
	stand_on_commits(rewriting);
	return table_locks_take(&rewriting->environment, NULL, !evaluate_program_is_single_row(rewriting->program));
}

/* ------------------------------------------------------------------ what may be done before all is read */

/* Cascades come back to a table by way of those that reference it. */
static bool has_children(const struct rewriting *rewriting, const struct table *table)
{
	struct statement *statement = rewriting->statement;
	struct table **children;
	size_t count = catalog_list_children(statement->session->server->catalog, table->database, table->name,
					     statement->arena, &children);
	for (size_t i = 0; i < count; i++)
		table_unref(&children[i]);
	return count > 0;
}

static bool is_assigned(const struct tree_target *target, unsigned column)
{
	for (unsigned i = 0; i < target->assignment_count; i++)
		if (target->assignments[i].column == column)
			return true;
	return false;
}

/* May a change of a row give it another place in an index? */
static bool moves_rows(const struct tree_target *target)
{
	const struct table *table = target->source->table;
	for (unsigned i = 0; i < table->index_count; i++) {
		for (unsigned j = 0; j < table->indexes[i].part_count; j++) {
			unsigned number = table->indexes[i].parts[j].column;
			const struct column *column = &table->columns[number];
			if (is_assigned(target, number) || column->on_update_now || column->generated != GENERATED_NONE)
				return true;
		}
	}
	return false;
}

static bool is_the_target(const struct tree_source *source, void *target)
{
	return source == target;
}

static void look_ahead(struct rewriting *rewriting)
{
	const struct tree_change *tree = rewriting->tree;
	const struct tree_target *target = &tree->targets[0];
	bool is_named = evaluate_program_is_single_row(rewriting->program);
	rewriting->images_stay = is_named || (!tree->is_multiple && !has_children(rewriting, target->source->table));
	rewriting->goes_along = !is_named && rewriting->images_stay &&
				tree_query_sources(tree->query, is_the_target, target->source) &&
				(rewriting->kind == CHANGE_DELETES || !moves_rows(target));
}

static int run(struct rewriting *rewriting)
{
	if (prepare(rewriting) != 0 || open_targets(rewriting) != 0)
		return -1;
	look_ahead(rewriting);
	return find_rows(rewriting) != 0 ? -1 : change_met_rows(rewriting);
}

static int answer(struct rewriting *rewriting)
{
	struct session *session = rewriting->statement->session;
	uint64_t found = 0, changed = 0;
	char info[128];
	for (unsigned i = 0; i < rewriting->tree->target_count; i++) {
		found += rewriting->changed[i].found;
		changed += rewriting->changed[i].changed;
	}
	if (rewriting->kind == CHANGE_DELETES)
		return statement_ok(rewriting->statement, changed, NULL);
	snprintf(info, sizeof info, "Rows matched: %llu  Changed: %llu  Warnings: %zu", (unsigned long long)found,
		 (unsigned long long)changed, session->warnings.total);
	return statement_ok(rewriting->statement, session->client_found_rows ? found : changed, info);
}

static int rewrite(struct statement *statement, enum change_kind kind, privilege_set target, privilege_set written)
{
	struct rewriting rewriting = {.statement = statement, .kind = kind};
	rewriting.last = &rewriting.first;
	arena_init(&rewriting.arena);
	environment_init(&rewriting.environment, statement, MDL_SHARED_WRITE);
	rewriting.environment.first_mode = table_locks_first_mode(statement->session);
	rewriting.environment.target_privileges = target;
	rewriting.environment.written_privileges = written;
	int status = run(&rewriting);
	for (unsigned i = 0; rewriting.changed && i < rewriting.tree->target_count; i++) {
		changed_table_close(&rewriting.changed[i]);
		map_deinit(&rewriting.seen[i]);
	}
	if (status == 0) {
		change_log_end(&rewriting.log, 0);
		status = answer(&rewriting);
	}
	environment_deinit(&rewriting.environment);
	arena_deinit(&rewriting.arena);
	return status;
}

int exec_update(struct statement *statement)
{
	return rewrite(statement, CHANGE_UPDATES, PRIVILEGE(UPDATE), PRIVILEGE(UPDATE));
}

int exec_delete(struct statement *statement)
{
	return rewrite(statement, CHANGE_DELETES, PRIVILEGE(DELETE), 0);
}
