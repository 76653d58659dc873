/* SET: user variables, system variables, NAMES, CHARACTER SET. */
#include <string.h>

#include "exec/environment.h"
#include "exec/evaluate_value.h"
#include "query/evaluate.h"

static enum variable_scope scope_of(enum ast_variable_scope scope)
{
	switch (scope) {
	case AST_SCOPE_GLOBAL:
	case AST_SCOPE_PERSIST:
	case AST_SCOPE_PERSIST_ONLY: return VARIABLE_GLOBAL;
	default: return VARIABLE_SESSION;
	}
}

static int set_user_variable(struct statement *statement, const struct ast_set_item *item)
{
	struct value value;
	if (evaluate_constant(statement, item->value, &value) != 0)
		return -1;
	user_variable_set(statement->session, bytes_of_string(item->name), &value);
	return 0;
}

static int set_system_variable(struct statement *statement, const struct ast_set_item *item)
{
	struct session *session = statement->session;
	enum variable_scope scope = scope_of(item->scope);
	struct value value, *given = NULL;
	if (item->base)
		return diag_set(statement->diag, ER_UNKNOWN_SYSTEM_VARIABLE, item->name);
	if ((scope != VARIABLE_SESSION || variable_needs_super(bytes_of_string(item->name))) &&
	    statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0)
		return -1;
	if (item->value) {
		if (evaluate_constant(statement, item->value, &value) != 0)
			return -1;
		given = &value;
	}
	bool only = item->scope == AST_SCOPE_PERSIST_ONLY;
	if (only || item->scope == AST_SCOPE_PERSIST)
		return variable_persist(session, only, bytes_of_string(item->name), given, statement->diag);
	return variable_set(session, scope, bytes_of_string(item->name), given, statement->diag);
}

/* A set that clients may speak: one whose ASCII is ASCII. */
static int find_client_charset(struct statement *statement, const char *name, const struct charset **out)
{
	*out = name ? charset_find(bytes_of_string(name)) : collation_utf8mb4_default->charset;
	if (*out == NULL)
		return diag_set(statement->diag, ER_UNKNOWN_CHARACTER_SET, name);
	if ((*out)->min_char_size > 1)
		return diag_set(statement->diag, ER_WRONG_VALUE_FOR_VAR, "character_set_client", (*out)->name);
	return 0;
}

static int set_names(struct statement *statement, const struct ast_set_item *item)
{
	const struct charset *charset;
	const struct collation *collation = NULL;
	if (find_client_charset(statement, item->charset, &charset) != 0)
		return -1;
	if (item->collation) {
		collation = collation_find(bytes_of_string(item->collation));
		if (collation == NULL)
			return diag_set(statement->diag, ER_UNKNOWN_COLLATION, item->collation);
		if (collation->charset != charset)
			return diag_set(statement->diag, ER_COLLATION_CHARSET_MISMATCH, collation->name,
					charset->name);
	}
	variables_set_names(statement->session, charset, collation);
	return 0;
}

/* As SET NAMES, but the connection speaks the database's collation. */
static int set_character_set(struct statement *statement, const struct ast_set_item *item)
{
	const struct charset *charset;
	if (find_client_charset(statement, item->charset, &charset) != 0)
		return -1;
	variables_set_names(statement->session, charset, statement->session->variables.collation_database);
	return 0;
}

static int set_item(struct statement *statement, const struct ast_set_item *item)
{
	switch (item->kind) {
	case AST_SET_USER_VARIABLE: return set_user_variable(statement, item);
	case AST_SET_SYSTEM_VARIABLE: return set_system_variable(statement, item);
	case AST_SET_NAMES: return set_names(statement, item);
	case AST_SET_CHARACTER_SET: return set_character_set(statement, item);
	}
	return 0;
}

int exec_set(struct statement *statement)
{
	const struct ast_set *ast = statement->ast->set;
	for (size_t i = 0; i < ast->count; i++)
		if (set_item(statement, &ast->items[i]) != 0)
			return -1;
	return statement_ok(statement, 0, NULL);
}
