/* CREATE INDEX and DROP INDEX: ALTER TABLE with one action and a privilege of their own. */
#include <strings.h>

#include "exec/definition/alter_table.h"

static bool has_key(struct statement *statement, const struct ast_object_name *name, const char *key)
{
	const char *database;
	if (key == NULL || statement_database(statement, name->database.text, &database, statement->diag) != 0)
		return false;
	struct table *table = ddl_find_temporary(statement->session, database, name->name.text);
	table = table ? table_ref(table)
		      : catalog_find_table(statement->session->server->catalog, database, name->name.text);
	bool found = table && table_find_index(table, bytes_of_string(key));
	table_unref(&table);
	return found;
}

int exec_create_index(struct statement *statement)
{
	const struct ast_create_index *ast = statement->ast->create_index;
	struct ast_alter_action items[2] = {
		{.kind = AST_ALTER_DROP_KEY, .name = ast->key->name},
		{.kind = AST_ALTER_ADD_KEY, .key = ast->key},
	};
	bool replaces = ast->or_replace && has_key(statement, &ast->table, ast->key->name.text);
	struct ast_alter_actions actions = {items + !replaces, 1 + replaces};
	return alter_run(statement, &ast->table, PRIVILEGE(INDEX), false, false, &actions);
}

int exec_drop_index(struct statement *statement)
{
	const struct ast_drop_index *ast = statement->ast->drop_index;
	bool primary = strcasecmp(ast->name.text, "PRIMARY") == 0;
	struct ast_alter_action item = {.kind = primary ? AST_ALTER_DROP_PRIMARY_KEY : AST_ALTER_DROP_KEY,
					.name = ast->name, .if_exists = ast->if_exists};
	struct ast_alter_actions actions = {&item, 1};
	return alter_run(statement, &ast->table, PRIVILEGE(INDEX), false, false, &actions);
}
