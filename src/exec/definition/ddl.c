#include "exec/definition/ddl.h"

#include <stdio.h>
#include <stdlib.h>

#include "exec/environment.h"
#include "exec/information_schema/information_schema.h"

enum { name_length_max = 64 };

const char *ddl_full_name(struct statement *statement, const char *database, const char *name)
{
	return arena_printf(statement->arena, "%s.%s", database, name);
}

int ddl_check_writable(struct statement *statement, const char *database)
{
	struct session *session = statement->session;
	if (!information_schema_has_database(database))
		return 0;
	return diag_set(statement->diag, ER_DBACCESS_DENIED_ERROR, session->user, session->host, database);
}

int ddl_check_database(struct statement *statement, const char *database)
{
	const struct collation *collation;
	if (catalog_find_database(statement->session->server->catalog, database, &collation))
		return 0;
	return diag_set(statement->diag, ER_BAD_DB_ERROR, database);
}

static int check_name(struct statement *statement, const char *name, enum error_code wrong)
{
	size_t size = strlen(name);
	if (size == 0 || name[size - 1] == ' ')
		return diag_set(statement->diag, wrong, name);
	if (charset_length(charset_get(CHARSET_UTF8MB4), bytes_of_string(name)) > name_length_max)
		return diag_set(statement->diag, ER_TOO_LONG_IDENT, name);
	return 0;
}

int ddl_check_database_name(struct statement *statement, const char *name)
{
	return check_name(statement, name, ER_WRONG_DB_NAME);
}

int ddl_check_table_name(struct statement *statement, const char *name)
{
	return check_name(statement, name, ER_WRONG_TABLE_NAME);
}

/* ------------------------------------------------------------------ locks */

int ddl_lock_table(struct statement *statement, const char *database, const char *table)
{
	struct session *session = statement->session;
	if (session->has_locked_tables &&
	    !mdl_holds(session->mdl, database, table, MDL_SHARED_NO_READ_WRITE)) {
		bool reads = mdl_holds(session->mdl, database, table, MDL_SHARED_READ_ONLY);
		return diag_set(statement->diag, reads ? ER_TABLE_NOT_LOCKED_FOR_WRITE : ER_TABLE_NOT_LOCKED, table);
	}
	return statement_lock_table(session, database, table, MDL_EXCLUSIVE, statement->diag);
}

static int compare_names(const void *a, const void *b)
{
	const struct ddl_name *left = a, *right = b;
	int order = strcmp(left->database, right->database);
	return order ? order : strcmp(left->name, right->name);
}

int ddl_lock_tables(struct statement *statement, const struct ddl_name *names, size_t count)
{
	struct ddl_name *sorted = arena_copy(statement->arena, names, count * sizeof *names);
	qsort(sorted, count, sizeof *sorted, compare_names);
	for (size_t i = 0; i < count; i++)
		if (ddl_lock_table(statement, sorted[i].database, sorted[i].name) != 0)
			return -1;
	return 0;
}

int ddl_resolve_name(struct statement *statement, const struct ast_object_name *ast, privilege_set wanted,
		     struct ddl_name *out)
{
	out->name = ast->name.text;
	if (statement_database(statement, ast->database.text, &out->database, statement->diag) != 0)
		return -1;
	/* The session's own string may change under a statement that drops its database. */
	out->database = arena_copy_string(statement->arena, out->database);
	if (wanted == 0)
		return 0;
	return statement_require(statement->session, wanted, out->database, out->name, statement->diag);
}

/* ------------------------------------------------------------------ temporary tables */

struct table *ddl_find_temporary(struct session *session, const char *database, const char *name)
{
	char key[session_temporary_key_max];
	return map_find(&session->temporary_tables, session_temporary_key(session, database, name, key));
}

void ddl_put_temporary(struct session *session, struct table *table)
{
	char key[session_temporary_key_max];
	map_put(&session->temporary_tables, session_temporary_key(session, table->database, table->name, key), table);
}

void ddl_drop_temporary(struct session *session, const char *database, const char *name)
{
	char key[session_temporary_key_max];
	struct table *table = map_remove(&session->temporary_tables, session_temporary_key(session, database, name, key));
	if (table == NULL)
		return;
	catalog_discard_table(session->server->catalog, table);
	table_unref(&table);
}

/* ------------------------------------------------------------------ the end */

struct catalog_change *ddl_begin(struct statement *statement)
{
	txn_store(statement->session->txn);
	return catalog_change_begin(statement->session->server->catalog);
}

int ddl_abandon(struct catalog_change **change)
{
	catalog_change_abandon(change);
	return -1;
}

int ddl_commit_as(struct statement *statement, struct catalog_change **change, struct bytes text, uint64_t affected,
		  const char *info)
{
	if (statement_log(statement, text, statement->session->database) != 0)
		return ddl_abandon(change);
	if (statement_commit_ddl(statement, change) != 0)
		return -1;
	return statement_ok(statement, affected, info);
}

int ddl_commit(struct statement *statement, struct catalog_change **change, uint64_t affected, const char *info)
{
	return ddl_commit_as(statement, change, statement->text, affected, info);
}

int ddl_commit_database(struct statement *statement, struct catalog_change **change, const char *database,
			uint64_t affected)
{
	if (statement_log_database(statement, database) != 0)
		return ddl_abandon(change);
	if (statement_commit_ddl(statement, change) != 0)
		return -1;
	return statement_ok(statement, affected, NULL);
}

int ddl_log_only(struct statement *statement)
{
	struct catalog_change *change = ddl_begin(statement);
	return ddl_commit(statement, &change, 0, NULL);
}
