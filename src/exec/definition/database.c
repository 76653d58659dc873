/* CREATE, ALTER and DROP DATABASE. */
#include "exec/definition/ddl.h"
#include "exec/definition/table_draft.h"

static int lock_database(struct statement *statement, const char *name)
{
	struct session *session = statement->session;
	if (session->has_locked_tables)
		return diag_set(statement->diag, ER_LOCK_OR_ACTIVE_TRANSACTION);
	return statement_lock_table(session, name, NULL, MDL_EXCLUSIVE, statement->diag);
}

/* mysql is there for its tables of accounts, although nothing of it is in the catalog. */
static bool exists(struct statement *statement, const char *name, const struct collation **out)
{
	*out = collation_utf8mb4_default;
	if (strcmp(name, "mysql") == 0)
		return true;
	return catalog_find_database(statement->session->server->catalog, name, out);
}

/* Nothing to do here: a replica may find more. */
static int log_only(struct statement *statement, const char *name)
{
	struct catalog_change *change = ddl_begin(statement);
	return ddl_commit_database(statement, &change, name, 0);
}

int exec_create_database(struct statement *statement)
{
	const struct ast_database *ast = statement->ast->database;
	struct session *session = statement->session;
	const char *name = ast->name.text;
	const struct collation *collation, *old;
	if (ddl_check_database_name(statement, name) != 0 || ddl_check_writable(statement, name) != 0 ||
	    statement_require(session, PRIVILEGE(CREATE), name, NULL, statement->diag) != 0 ||
	    draft_find_collation(statement, ast->charset, ast->collation, session->variables.collation_server,
				 &collation) != 0 ||
	    lock_database(statement, name) != 0)
		return -1;
	bool there = exists(statement, name, &old);
	if (there && ast->if_exists) {
		warnings_add(&session->warnings, WARNING_NOTE, ER_DB_CREATE_EXISTS, name);
		return log_only(statement, name);
	}
	struct catalog_change *change = ddl_begin(statement);
	if (there && ast->or_replace &&
	    catalog_drop_database(change, txn_store(session->txn), name, statement->diag) != 0)
		return ddl_abandon(&change);
	if (catalog_create_database(change, txn_store(session->txn), name, collation, statement->diag) != 0)
		return ddl_abandon(&change);
	return ddl_commit_database(statement, &change, name, 1);
}

int exec_alter_database(struct statement *statement)
{
	const struct ast_database *ast = statement->ast->database;
	struct session *session = statement->session;
	const struct collation *collation, *old;
	const char *name;
	if (statement_database(statement, ast->name.text, &name, statement->diag) != 0 ||
	    ddl_check_writable(statement, name) != 0 ||
	    statement_require(session, PRIVILEGE(ALTER), name, NULL, statement->diag) != 0 ||
	    lock_database(statement, name) != 0)
		return -1;
	if (!exists(statement, name, &old))
		return diag_set(statement->diag, ER_BAD_DB_ERROR, name);
	if (draft_find_collation(statement, ast->charset, ast->collation, old, &collation) != 0)
		return -1;
	struct catalog_change *change = ddl_begin(statement);
	if (catalog_alter_database(change, txn_store(session->txn), name, collation, statement->diag) != 0)
		return ddl_abandon(&change);
	if (strcmp(name, session->database) == 0)
		session->variables.collation_database = collation;
	return ddl_commit_database(statement, &change, name, 1);
}

/* ------------------------------------------------------------------ DROP DATABASE */

/* A table of another database that references one of this is in the way. */
static int check_children(struct statement *statement, const char *database, const char *name)
{
	struct session *session = statement->session;
	struct table **children;
	size_t count = catalog_list_children(session->server->catalog, database, name, statement->arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		if (status == 0 && session->variables.foreign_key_checks && strcmp(child->database, database) != 0)
			status = diag_set(statement->diag, ER_FK_CANNOT_DROP_PARENT, name,
					  child->foreign_keys[0].name, child->name);
		table_unref(&child);
	}
	return status;
}

/* Locks all tables of the database in name order; nobody creates one while the database is locked. */
static int lock_content(struct statement *statement, const char *database, size_t *out_count)
{
	struct session *session = statement->session;
	struct catalog *catalog = session->server->catalog;
	const char **names;
	size_t count = catalog_list_tables(catalog, database, statement->arena, &names);
	*out_count = count;
	for (size_t i = 0; i < count; i++)
		if (mdl_acquire(session->mdl, database, names[i], MDL_EXCLUSIVE, MDL_TRANSACTION,
				(int64_t)session->variables.lock_wait_timeout * 1000, statement->diag) != 0 ||
		    check_children(statement, database, names[i]) != 0)
			return -1;
	*out_count += catalog_list_views(catalog, database, statement->arena, &names);
	return 0;
}

static void drop_temporary_of(struct session *session, struct arena *arena, const char *database)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	size_t count = 0;
	const char **names = arena_array(arena, const char *, session->temporary_tables.count + 1);
	while (map_next(&session->temporary_tables, &walk, &key, &value)) {
		const struct table *table = value;
		if (strcmp(table->database, database) == 0)
			names[count++] = arena_copy_string(arena, table->name);
	}
	for (size_t i = 0; i < count; i++)
		ddl_drop_temporary(session, database, names[i]);
}

int exec_drop_database(struct statement *statement)
{
	const struct ast_database *ast = statement->ast->database;
	struct session *session = statement->session;
	const char *name = ast->name.text;
	const struct collation *collation;
	size_t content;
	if (ddl_check_database_name(statement, name) != 0 || ddl_check_writable(statement, name) != 0 ||
	    statement_require(session, PRIVILEGE(DROP), name, NULL, statement->diag) != 0 ||
	    lock_database(statement, name) != 0)
		return -1;
	if (!exists(statement, name, &collation)) {
		if (!ast->if_exists)
			return diag_set(statement->diag, ER_DB_DROP_EXISTS, name);
		warnings_add(&session->warnings, WARNING_NOTE, ER_DB_DROP_EXISTS, name);
		return log_only(statement, name);
	}
	if (lock_content(statement, name, &content) != 0)
		return -1;
	struct catalog_change *change = ddl_begin(statement);
	if (catalog_drop_database(change, txn_store(session->txn), name, statement->diag) != 0)
		return ddl_abandon(&change);
	bool current = strcmp(name, session->database) == 0;
	if (ddl_commit_database(statement, &change, name, content) != 0)
		return -1;
	drop_temporary_of(session, statement->arena, name);
	if (current) {
		session_set_database(session, "");
		session->variables.collation_database = session->variables.collation_server;
	}
	return 0;
}
