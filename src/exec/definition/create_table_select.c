#include "exec/definition/create_table_select.h"

#include "base/fault.h"
#include "exec/rows/change_table.h"
#include "exec/rows/table_locks.h"
#include "exec/definition/ddl.h"

/* ------------------------------------------------------------------ columns */

/* A number or text that is never NULL is given MySQL's implicit default. */
static void set_implicit_default(struct arena *arena, struct column *column)
{
	struct buf packed;
	enum type_kind kind = column->type.kind;
	bool is_text = kind >= TYPE_CHAR && kind <= TYPE_VARBINARY;
	if (!is_text && (!type_is_numeric(kind) || kind == TYPE_BIT))
		return;
	buf_init(&packed);
	convert_put_implicit_default(&column->type, &packed);
	column->default_kind = DEFAULT_VALUE;
	column->default_field = bytes_of(arena_copy_text(arena, (const char *)packed.data, packed.size), packed.size);
	column->default_text = is_text ? "" : "0";
	if (kind == TYPE_DECIMAL && column->type.decimals)
		column->default_text = arena_printf(arena, "0.%0*d", column->type.decimals, 0);
	buf_deinit(&packed);
}

/* A plain column brings its default and comment along; AUTO_INCREMENT stays behind. */
static void copy_origin(struct arena *arena, const struct tree_expr *expr, struct column *column)
{
	const struct tree_source *source = expr->column.source;
	if (source->kind != SOURCE_TABLE)
		return;
	const struct column *origin = &source->table->columns[expr->column.column];
	column->comment = origin->comment;
	if (origin->auto_increment)
		set_implicit_default(arena, column);
	if (origin->auto_increment || origin->default_kind == DEFAULT_EXPRESSION)
		return;
	column->default_kind = origin->default_kind;
	column->default_field = origin->default_field;
	column->default_text = origin->default_text;
	column->on_update_now = origin->on_update_now;
}

static struct draft_column *make_column(struct table_draft *draft, const struct tree_item *item)
{
	struct arena *arena = draft->statement->arena;
	struct draft_column *made = arena_new(arena, struct draft_column);
	struct column *column = &made->column;
	*column = (struct column){.name = item->name, .type = resolve_created_type(item->expr),
				  .nullable = item->expr->nullable, .comment = ""};
	made->old_position = -1;
	if (item->expr->kind == TREE_COLUMN)
		copy_origin(arena, item->expr, column);
	else if (!column->nullable)
		set_implicit_default(arena, column);
	if (column->nullable && column->default_kind == DEFAULT_NONE)
		column->default_kind = DEFAULT_NULL;
	return made;
}

/* Takes a declared column out of its place: those that the query gives stand in the query's order, at the end. */
static struct draft_column *take_declared(struct table_draft *draft, const char *name)
{
	struct draft_column **place = &draft->columns;
	while (*place && !draft_same_name((*place)->column.name, name))
		place = &(*place)->next;
	struct draft_column *found = *place;
	if (found)
		*place = found->next;
	return found;
}

static void add_columns(struct created_rows *rows, struct table_draft *draft)
{
	const struct tree_query *query = rows->query;
	struct draft_column **taken = arena_array(draft->statement->arena, struct draft_column *, query->column_count);
	for (unsigned i = 0; i < query->column_count; i++)
		taken[i] = take_declared(draft, query->columns[i].name);
	unsigned position = 0;
	for (struct draft_column *it = draft->columns; it; it = it->next)
		position++;
	struct draft_column *last = draft_last_column(draft);
	rows->columns = arena_array(draft->statement->arena, unsigned, query->column_count + 1);
	for (unsigned i = 0; i < query->column_count; i++) {
		struct draft_column *column = taken[i] ? taken[i] : make_column(draft, &query->columns[i]);
		rows->columns[i] = position++;
		draft_insert_column(draft, column, last);
		last = column;
	}
}

/* ------------------------------------------------------------------ rows */

/* How it is logged, and what is locked for that. */
static int begin_log(struct created_rows *rows, const struct ast_create_table *ast)
{
	struct environment *environment = &rows->environment;
	struct repeat repeat;
	repeat_of_query(&environment->resolve, rows->query, &repeat);
	if (rows->ignore)
		repeat_add_reason(&repeat, REPEAT_CREATE_IGNORE_SELECT);
	if (rows->replace)
		repeat_add_reason(&repeat, REPEAT_CREATE_REPLACE_SELECT);
	for (size_t i = 0; i < ast->columns.count; i++)
		if (ast->columns.items[i]->auto_increment)
			repeat_add_reason(&repeat, REPEAT_CREATE_SELECT_AUTO_INCREMENT);
	if (change_log_begin_definition(&rows->log, environment, &repeat) != 0)
		return -1;
	return table_locks_take(environment, NULL, false);
}

int created_rows_read(struct created_rows *rows, struct table_draft *draft, const struct ast_create_table *ast)
{
	struct statement *statement = draft->statement;
	*rows = (struct created_rows){.statement = statement,
				      .ignore = ast->duplicates == AST_DUPLICATES_IGNORE,
				      .replace = ast->duplicates == AST_DUPLICATES_REPLACE};
	environment_init(&rows->environment, statement, MDL_SHARED_READ);
	if (resolve_query(&rows->environment.resolve, ast->query, &rows->query, statement->diag) != 0 ||
	    (!draft->temporary && begin_log(rows, ast) != 0) ||
	    row_spool_fill(&rows->spool, statement, rows->query) != 0) {
		environment_deinit(&rows->environment);
		return -1;
	}
	rows->is_open = true;
	add_columns(rows, draft);
	return 0;
}

static enum change_outcome replace_row(struct changed_table *changed, struct diag *diag)
{
	enum change_outcome outcome;
	while ((outcome = change_insert(changed->context, buf_bytes(&changed->image), diag)) == CHANGE_DUPLICATE) {
		diag_clear(diag);
		buf_clear(&changed->handle);
		buf_put_bytes(&changed->handle, change_conflict_handle(changed->context));
		outcome = change_lock_row(changed->context, buf_bytes(&changed->handle), &changed->current, diag);
		if (outcome == CHANGE_OK)
			outcome = change_delete(changed->context, buf_bytes(&changed->handle),
						buf_bytes(&changed->current), diag);
		if (outcome != CHANGE_OK && outcome != CHANGE_NO_SUCH_ROW)
			return outcome;
	}
	return outcome;
}

static int write_row(struct created_rows *rows, struct changed_table *changed, const struct value *values)
{
	struct statement *statement = rows->statement;
	row_maker_begin(&changed->maker);
	for (unsigned i = 0; i < rows->query->column_count; i++)
		if (row_maker_set(&changed->maker, rows->columns[i], &values[i]) != 0)
			return -1;
	if (row_maker_finish_insert(&changed->maker, &changed->image) != 0)
		return -1;
	if (rows->first_id == 0)
		rows->first_id = changed->maker.generated_id;
	enum change_outcome outcome =
		rows->replace ? replace_row(changed, statement->diag)
			      : change_insert(changed->context, buf_bytes(&changed->image), statement->diag);
	enum change_verdict verdict = changed_table_judge(changed, outcome, rows->ignore);
	if (verdict == CHANGE_FAILED)
		return -1;
	if (verdict == CHANGE_SKIPPED)
		rows->duplicates++;
	else
		rows->written++;
	changed->maker.convert.row_number++;
	return session_check_killed(statement->session, statement->diag);
}

int created_rows_write(struct created_rows *rows, struct table *table)
{
	struct changed_table changed;
	const struct value *values;
	if (changed_table_open(&changed, &rows->environment, table, rows->ignore) != 0)
		return -1;
	changed.maker.lenient_nulls |= !session_is_strict(rows->statement->session);
	changed.maker.series_count = rows->statement->logs_text; /* nobody else knows the table: one after the other */
	int status = 0;
	while (status == 0 && row_spool_next(&rows->spool, &values))
		status = write_row(rows, &changed, values);
	changed_table_close(&changed);
	return status;
}

/* ------------------------------------------------------------------ the two transactions */

/* The rows did not fit: the table goes again, here and wherever its definition has been read. */
static void drop_again(struct statement *statement, const struct table *table)
{
	struct session *session = statement->session;
	struct diag failure = *statement->diag;
	txn_rollback(session->txn);
	struct catalog_change *change = ddl_begin(statement);
	const char *text = arena_printf(statement->arena, "DROP TABLE IF EXISTS `%s`.`%s`", table->database, table->name);
	if (catalog_drop_table(change, txn_store(session->txn), table->database, table->name, statement->diag) != 0 ||
	    statement_log(statement, bytes_of_string(text), session->database) != 0)
		ddl_abandon(&change);
	else
		statement_commit_ddl(statement, &change);
	*statement->diag = failure;
}

static int publish_at_once(struct created_rows *rows, struct catalog_change **change, struct table *table)
{
	if (created_rows_write(rows, table) != 0)
		return ddl_abandon(change);
	change_log_end(&rows->log, rows->first_id);
	return statement_commit_ddl(rows->statement, change);
}

int created_rows_publish(struct created_rows *rows, struct catalog_change **change, struct table *table,
			 struct bytes text)
{
	struct statement *statement = rows->statement;
	struct session *session = statement->session;
	if (statement->logs_text || !txn_is_logging(session->txn))
		return publish_at_once(rows, change, table);
	/* Nobody may see the table between its definition and its rows: the lock outlives the first transaction. */
	if (mdl_acquire(session->mdl, table->database, table->name, MDL_EXCLUSIVE, MDL_STATEMENT,
			(int64_t)session->variables.lock_wait_timeout * 1000, statement->diag) != 0 ||
	    statement_log(statement, text, session->database) != 0)
		return ddl_abandon(change);
	if (statement_commit_ddl(statement, change) != 0)
		return -1;
	txn_statement_begin(session->txn);
	FAULT_STEP("definition.create_select");
	if (created_rows_write(rows, table) != 0 || txn_commit(session->txn, statement->diag) != 0) {
		drop_again(statement, table);
		return -1;
	}
	mdl_release(session->mdl, MDL_TRANSACTION);
	return 0;
}

const char *created_rows_info(const struct created_rows *rows)
{
	if (rows->statement == NULL)
		return NULL;
	return arena_printf(rows->statement->arena, "Records: %llu  Duplicates: %llu  Warnings: %zu",
			    (unsigned long long)rows->written, (unsigned long long)rows->duplicates,
			    rows->statement->session->warnings.total);
}

void created_rows_deinit(struct created_rows *rows)
{
	if (!rows->is_open)
		return;
	row_spool_deinit(&rows->spool);
	environment_deinit(&rows->environment);
	rows->is_open = false;
}
