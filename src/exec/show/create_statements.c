/* SHOW CREATE of everything, and SHOW GRANTS: definitions as the statements that make them. */
#include "exec/information_schema/information_schema.h"
#include "exec/relation.h"
#include "exec/show/show.h"
#include "exec/show/create.h"

static void put_buf(struct result_builder *builder, struct buf *text)
{
	struct arena *arena = builder->statement->arena;
	result_put_bytes(builder, bytes_of(arena_copy_text(arena, (const char *)text->data, text->size), text->size));
	buf_deinit(text);
}

int show_create_database(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct session *session = statement->session;
	const char *name = ast->object.name.text;
	const struct collation *collation;
	const char **visible;
	struct buf text;
	bool exists = relation_find_database(session, name, &collation);
	if (exists && relation_list_databases(session, name, statement->arena, &visible) == 0)
		return diag_set(statement->diag, ER_DBACCESS_DENIED_ERROR, session->user, session->host, name);
	if (!exists)
		return diag_set(statement->diag, ER_BAD_DB_ERROR, name);
	result_builder_text(builder, "Database", 64);
	result_builder_text(builder, "Create Database", 1024);
	buf_init(&text);
	show_create_database_text(name, collation, ast->if_not_exists, &text);
	result_put_text(builder, name);
	put_buf(builder, &text);
	return result_row(builder);
}

/* ------------------------------------------------------------------ tables and views */

static int put_table(struct statement *statement, struct result_builder *builder, const struct table *table)
{
	struct session *session = statement->session;
	struct show_create_context context = {.zone = session->variables.time_zone};
	struct buf text;
	if (table->auto_increment_column >= 0 &&
	    auto_increment_peek(session->server->catalog, session->server->store, table, &context.auto_increment,
				statement->diag) != 0)
		return -1;
	result_builder_text(builder, "Table", 64);
	result_builder_text(builder, "Create Table", 1024);
	buf_init(&text);
	show_create_table_text(table, &context, &text);
	result_put_text(builder, table->name);
	put_buf(builder, &text);
	return result_row(builder);
}

/*
 * information_schema's as a table that only this session has: nobody else can make it. mysql's as a plain one: a dump
 * of all databases says CREATE TABLE IF NOT EXISTS of mysql's logs with this text.
 */
static int put_virtual(struct result_builder *builder, const struct virtual_table *table)
{
	bool is_plain = !information_schema_has_database(table->database);
	struct buf text;
	result_builder_text(builder, "Table", 64);
	result_builder_text(builder, "Create Table", 1024);
	buf_init(&text);
	buf_printf(&text, "CREATE %sTABLE `%s` (\n", is_plain ? "" : "TEMPORARY ", table->name);
	for (unsigned i = 0; i < table->column_count; i++) {
		buf_printf(&text, "  `%s` ", table->column_names[i]);
		type_print(&table->column_types[i], &text);
		buf_printf(&text, "%s%s\n", table->column_nullable[i] ? " DEFAULT NULL" : " NOT NULL",
			   i + 1 < table->column_count ? "," : "");
	}
	buf_printf(&text, ") ENGINE=%s DEFAULT CHARSET=utf8mb3", is_plain ? "InnoDB" : "MEMORY");
	result_put_text(builder, table->name);
	put_buf(builder, &text);
	return result_row(builder);
}

static int put_view(struct statement *statement, struct result_builder *builder, const struct view *view)
{
	struct session *session = statement->session;
	struct buf text;
	if (statement_require(session, PRIVILEGE(SHOW_VIEW), view->database, view->name, statement->diag) != 0 ||
	    statement_require(session, PRIVILEGE(SELECT), view->database, view->name, statement->diag) != 0)
		return -1;
	result_builder_text(builder, "View", 64);
	result_builder_text(builder, "Create View", 1024);
	result_builder_text(builder, "character_set_client", 32);
	result_builder_text(builder, "collation_connection", 64);
	buf_init(&text);
	show_create_view_text(view, session->database, &text);
	result_put_text(builder, view->name);
	put_buf(builder, &text);
	result_put_text(builder, view->charset_client ? view->charset_client : "utf8mb4");
	result_put_text(builder, view->collation_connection ? view->collation_connection
							     : collation_utf8mb4_default->name);
	return result_row(builder);
}

static int open_relation(struct statement *statement, struct relation *out)
{
	const struct ast_object_name *name = &statement->ast->show->object;
	const char *database;
	if (statement_database(statement, name->database.text, &database, statement->diag) != 0)
		return -1;
	return relation_open(statement->session, database, name->name.text, "SHOW", out, statement->diag);
}

int show_create_table(struct statement *statement, struct result_builder *builder)
{
	struct relation relation;
	if (open_relation(statement, &relation) != 0)
		return -1;
	int status = relation.table  ? put_table(statement, builder, relation.table)
		     : relation.view ? put_view(statement, builder, relation.view)
				     : put_virtual(builder, relation.virtual_table);
	relation_release(&relation);
	return status;
}

int show_create_view(struct statement *statement, struct result_builder *builder)
{
	struct relation relation;
	if (open_relation(statement, &relation) != 0)
		return -1;
	int status = relation.view ? put_view(statement, builder, relation.view)
				   : diag_set(statement->diag, ER_WRONG_OBJECT, relation.database, relation.name,
					      "VIEW");
	relation_release(&relation);
	return status;
}

/* ------------------------------------------------------------------ accounts */

/* The account asked for, the session's own when none is. Those of others are for who may read mysql. */
static int find_account(struct statement *statement, struct account_name *out)
{
	const struct ast_user_name *user = statement->ast->show->user;
	struct session *session = statement->session;
	*out = (struct account_name){session->account_user, session->account_host};
	if (user == NULL || user->current_user)
		return 0;
	*out = (struct account_name){user->user, user->host ? user->host : "%"};
	if (strcmp(out->user, session->account_user) == 0 && strcmp(out->host, session->account_host) == 0)
		return 0;
	return statement_require(session, PRIVILEGE(SELECT), "mysql", NULL, statement->diag);
}

static const char *account_heading(struct statement *statement, const char *what, const struct account_name *name)
{
	return arena_printf(statement->arena, "%s for %s@%s", what, name->user, name->host);
}

int show_create_user(struct statement *statement, struct result_builder *builder)
{
	struct account_name name;
	const char *text;
	if (find_account(statement, &name) != 0 ||
	    accounts_show_create(statement->session->server->accounts, &name, statement->arena, &text,
				 statement->diag) != 0)
		return -1;
	result_builder_text(builder, account_heading(statement, "CREATE USER", &name), 1024);
	result_put_text(builder, text);
	return result_row(builder);
}

int show_grants(struct statement *statement, struct result_builder *builder)
{
	struct account_name name;
	const char **grants;
	unsigned count;
	if (find_account(statement, &name) != 0 ||
	    accounts_show_grants(statement->session->server->accounts, &name, statement->arena, &grants, &count,
				 statement->diag) != 0)
		return -1;
	result_builder_text(builder, account_heading(statement, "Grants", &name), 1024);
	for (unsigned i = 0; i < count; i++) {
		result_put_text(builder, grants[i]);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}
