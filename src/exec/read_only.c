#include "exec/read_only.h"

#include "exec/definition/ddl.h"

static int check_server(struct session *session, struct diag *diag)
{
	if (session->is_internal)
		return 0;
	if (global_number(session->server, "super_read_only"))
		return diag_set(diag, ER_OPTION_PREVENTS_STATEMENT, "--super-read-only");
	if (global_number(session->server, "read_only") &&
	    !statement_allowed(session, PRIVILEGE(SUPER), NULL, NULL))
		return diag_set(diag, ER_OPTION_PREVENTS_STATEMENT, "--read-only");
	return 0;
}

/* ------------------------------------------------------------------ temporary tables */

static bool is_temporary(struct session *session, const struct ast_object_name *name)
{
	const char *database = name->database.text ? name->database.text : session->database;
	return ddl_find_temporary(session, database, name->name.text) != NULL;
}

static bool are_temporary(struct session *session, const struct ast_object_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!is_temporary(session, &names->items[i]))
			return false;
	return true;
}

static bool is_one_temporary(struct session *session, const struct ast_table_ref *tables)
{
	return tables->kind == AST_TABLE && is_temporary(session, &tables->table.name);
}

static bool changes_temporary_tables_only(const struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_statement *ast = statement->ast;
	if (session->temporary_tables.count == 0 && ast->kind != AST_CREATE_TABLE && ast->kind != AST_DROP_TABLE)
		return false;
	switch (ast->kind) {
	case AST_CREATE_TABLE: return ast->create_table->temporary;
	case AST_DROP_TABLE: return ast->drop_tables->temporary || are_temporary(session, &ast->drop_tables->tables);
	case AST_ALTER_TABLE: return is_temporary(session, &ast->alter_table->name);
	case AST_TRUNCATE: return is_temporary(session, &ast->table);
	case AST_INSERT: return is_temporary(session, &ast->insert->table);
	case AST_UPDATE: return is_one_temporary(session, ast->update->tables);
	case AST_DELETE: return is_one_temporary(session, ast->delete_rows->tables);
	default: return false;
	}
}

/* ------------------------------------------------------------------ the checks */

static int check_transaction(struct session *session, struct diag *diag)
{
	bool is_read_only = session->in_transaction && session->read_only_transaction;
	return is_read_only ? diag_set(diag, ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION) : 0;
}

int read_only_check_statement(struct statement *statement)
{
	struct session *session = statement->session;
	if (txn_manager_check_writes(session->server->txn_manager, statement->diag) != 0)
		return -1;
	bool is_definition = statement->ast->kind != AST_INSERT && statement->ast->kind != AST_UPDATE &&
			     statement->ast->kind != AST_DELETE;
	if (is_definition && check_transaction(session, statement->diag) != 0)
		return -1;
	if (changes_temporary_tables_only(statement))
		return 0;
	if (check_transaction(session, statement->diag) != 0 || check_server(session, statement->diag) != 0)
		return -1;
	session->changes_tables = true;
	return 0;
}

int read_only_check_commit(struct session *session, struct diag *diag)
{
	bool changes_tables = session->changes_tables;
	session->changes_tables = false;
	return changes_tables && txn_has_changes(session->txn) ? check_server(session, diag) : 0;
}
