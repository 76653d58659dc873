/* CREATE TABLE: from a definition, LIKE another table, from a query. */
#include <stdio.h>

#include "exec/rows/change_table.h"
#include "exec/definition/create_table_select.h"
#include "exec/definition/ddl.h"
#include "exec/show/create.h"
#include "exec/definition/table_draft.h"

/* ------------------------------------------------------------------ the draft */

static int draft_definition(struct table_draft *draft, const struct ast_create_table *ast)
{
	if (ast->partition.size)
		return diag_set(draft->statement->diag, ER_NOT_SUPPORTED_YET, "PARTITION BY");
	if (draft_set_options(draft, &ast->options) != 0)
		return -1;
	struct draft_column *last = NULL, *made;
	for (size_t i = 0; i < ast->columns.count; i++) {
		if (draft_make_column(draft, ast->columns.items[i], &made) != 0)
			return -1;
		draft_insert_column(draft, made, last);
		last = made;
	}
	for (size_t i = 0; i < ast->columns.count; i++)
		if (draft_add_column_constraints(draft, ast->columns.items[i]) != 0)
			return -1;
	for (size_t i = 0; i < ast->keys.count; i++)
		if (draft_add_key(draft, ast->keys.items[i]) != 0)
			return -1;
	for (size_t i = 0; i < ast->foreign_keys.count; i++)
		if (draft_add_foreign_key(draft, ast->foreign_keys.items[i]) != 0)
			return -1;
	for (size_t i = 0; i < ast->checks.count; i++)
		if (draft_add_check(draft, &ast->checks.items[i]) != 0)
			return -1;
	return 0;
}

static int refuse_source(struct statement *statement, const struct ddl_name *name)
{
	struct view *view = catalog_find_view(statement->session->server->catalog, name->database, name->name);
	if (view == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, name->database, name->name);
	view_unref(&view);
	return diag_set(statement->diag, ER_WRONG_OBJECT, name->database, name->name, "BASE TABLE");
}

/* All but rows, counters and foreign keys; CHECKs get names of their own. */
static int draft_like(struct table_draft *draft, const struct ast_object_name *like)
{
	struct statement *statement = draft->statement;
	struct ddl_name source, made = {draft->database, draft->name};
	bool temporary = draft->temporary;
	if (ddl_resolve_name(statement, like, PRIVILEGE(SELECT), &source) != 0)
		return -1;
	struct table *table = ddl_find_temporary(statement->session, source.database, source.name);
	if (table == NULL && statement_lock_table(statement->session, source.database, source.name, MDL_SHARED_READ,
						  statement->diag) != 0)
		return -1;
	table = table ? table_ref(table)
		      : catalog_find_table(statement->session->server->catalog, source.database, source.name);
	if (table == NULL)
		return refuse_source(statement, &source);
	draft_load(draft, statement, table);
	table_unref(&table);
	draft->database = made.database;
	draft->name = made.name;
	draft->temporary = temporary;
	draft->foreign_keys = NULL;
	draft_leave_rows(draft);
	for (struct draft_check *check = draft->checks; check; check = check->next)
		check->name = NULL;
	return 0;
}

static int draft_table(struct table_draft *draft, const struct ddl_name *name)
{
	struct statement *statement = draft->statement;
	const struct ast_create_table *ast = statement->ast->create_table;
	const struct collation *collation;
	if (!catalog_find_database(statement->session->server->catalog, name->database, &collation))
		return diag_set(statement->diag, ER_BAD_DB_ERROR, name->database);
	draft_init(draft, statement, name->database, name->name, collation);
	draft->temporary = ast->temporary;
	return ast->like ? draft_like(draft, ast->like) : draft_definition(draft, ast);
}

/* ------------------------------------------------------------------ temporary tables */

static int put_temporary(struct statement *statement, struct table *table)
{
	if (catalog_prepare_table(statement->session->server->catalog, table, statement->diag) != 0) {
		table_unref(&table);
		return -1;
	}
	ddl_put_temporary(statement->session, table);
	return 0;
}

static int create_temporary(struct statement *statement, const struct ddl_name *name)
{
	const struct ast_create_table *ast = statement->ast->create_table;
	struct session *session = statement->session;
	struct table_draft draft = {.statement = statement};
	struct created_rows rows = {0};
	if (ddl_find_temporary(session, name->database, name->name)) {
		if (ast->or_replace) {
			ddl_drop_temporary(session, name->database, name->name);
		} else if (ast->if_not_exists) {
			warnings_add(&session->warnings, WARNING_NOTE, ER_TABLE_EXISTS_ERROR, name->name);
			return statement_ok(statement, 0, NULL);
		} else {
			return diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, name->name);
		}
	}
	if (draft_table(&draft, name) != 0)
		return -1;
	if (ast->query && created_rows_read(&rows, &draft, ast) != 0)
		return -1;
	struct table *table = draft_build(&draft);
	int status = table ? put_temporary(statement, table) : -1;
	if (status == 0 && ast->query) {
		status = created_rows_write(&rows, table);
		if (status != 0)
			ddl_drop_temporary(session, name->database, name->name);
	}
	created_rows_deinit(&rows);
	return status == 0 ? statement_ok(statement, rows.written, created_rows_info(&rows)) : -1;
}

/* ------------------------------------------------------------------ base tables */

/* 1 there is one and that is fine, 0 go on, -1 diag. */
static int check_existing(struct statement *statement, const struct ddl_name *name)
{
	const struct ast_create_table *ast = statement->ast->create_table;
	struct catalog *catalog = statement->session->server->catalog;
	struct table *table = catalog_find_table(catalog, name->database, name->name);
	struct view *view = catalog_find_view(catalog, name->database, name->name);
	bool is_table = table != NULL, there = is_table || view != NULL;
	table_unref(&table);
	view_unref(&view);
	if (!there || (is_table && ast->or_replace))
		return 0;
	if (!ast->if_not_exists)
		return diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, name->name);
	warnings_add(&statement->session->warnings, WARNING_NOTE, ER_TABLE_EXISTS_ERROR, name->name);
	return 1;
}

static int put_base(struct statement *statement, struct catalog_change *change, const struct ddl_name *name,
		    struct table *table)
{
	struct store_txn *txn = txn_store(statement->session->txn);
	struct table *old = NULL;
	if (statement->ast->create_table->or_replace)
		old = catalog_find_table(statement->session->server->catalog, name->database, name->name);
	bool replaces = old != NULL;
	table_unref(&old);
	if (replaces && catalog_drop_table(change, txn, name->database, name->name, statement->diag) != 0) {
		table_unref(&table);
		return -1;
	}
	return catalog_put_table(change, txn, table, statement->diag);
}

/* What a replica does: the columns that the query gave are written out, and what depends on this moment is not read
   twice. A copy LIKE a temporary table cannot be repeated either: the replica has none. */
static struct bytes loggable_text(struct statement *statement, const struct table *table)
{
	const struct ast_create_table *ast = statement->ast->create_table;
	struct session *session = statement->session;
	struct show_create_context context = {.zone = session->variables.time_zone};
	bool like_temporary = false;
	if (ast->like) {
		const char *database = ast->like->database.text ? ast->like->database.text : session->database;
		like_temporary = ddl_find_temporary(session, database, ast->like->name.text) != NULL;
	}
	if (ast->query == NULL && !like_temporary)
		return statement->text;
	statement->logs_utf8 = true;
	struct buf text;
	buf_init(&text);
	show_create_table_text(table, &context, &text);
	const char *body = (const char *)text.data + strlen("CREATE TABLE ");
	char *copy = arena_printf(statement->arena, "CREATE %sTABLE `%s`.%.*s", ast->or_replace ? "OR REPLACE " : "",
				  table->database, (int)(text.size - strlen("CREATE TABLE ")), body);
	buf_deinit(&text);
	return bytes_of_string(copy);
}

static int put_and_log(struct statement *statement, const struct ddl_name *name, struct table *table,
		       struct created_rows *rows)
{
	bool has_rows = statement->ast->create_table->query != NULL;
	struct bytes text = loggable_text(statement, table);
	struct catalog_change *change = ddl_begin(statement);
	struct table *kept = table_ref(table);
	int status = put_base(statement, change, name, table);
	if (status != 0)
		ddl_abandon(&change);
	else if (!has_rows)
		status = ddl_commit_as(statement, &change, text, 0, NULL);
	else
		status = created_rows_publish(rows, &change, kept, text);
	table_unref(&kept);
	if (status == 0 && has_rows)
		status = statement_ok(statement, rows->written, created_rows_info(rows));
	return status;
}

static int create_base(struct statement *statement, const struct ddl_name *name)
{
	struct table_draft draft = {.statement = statement};
	const struct ast_create_table *ast = statement->ast->create_table;
	struct created_rows rows = {0};
	if (ddl_check_database(statement, name->database) != 0 ||
	    ddl_lock_table(statement, name->database, name->name) != 0)
		return -1;
	int existing = check_existing(statement, name);
	if (existing != 0)
		return existing > 0 ? ddl_log_only(statement) : -1;
	if (draft_table(&draft, name) != 0)
		return -1;
	if (ast->query && created_rows_read(&rows, &draft, ast) != 0)
		return -1;
	struct table *table = draft_build(&draft);
	int status = table ? put_and_log(statement, name, table, &rows) : -1;
	created_rows_deinit(&rows);
	return status;
}

int exec_create_table(struct statement *statement)
{
	const struct ast_create_table *ast = statement->ast->create_table;
	struct session *session = statement->session;
	struct ddl_name name;
	privilege_set wanted = PRIVILEGE(CREATE) | (ast->or_replace ? PRIVILEGE(DROP) : 0);
	if (ddl_resolve_name(statement, &ast->name, ast->temporary ? 0 : wanted, &name) != 0)
		return -1;
	if (ast->temporary && statement_require(session, PRIVILEGE(CREATE_TEMPORARY_TABLES), name.database, NULL,
						statement->diag) != 0)
		return -1;
	if (ddl_check_writable(statement, name.database) != 0 || ddl_check_table_name(statement, name.name) != 0)
		return -1;
	return ast->temporary ? create_temporary(statement, &name) : create_base(statement, &name);
}
