/*
 * DROP PROCEDURE, FUNCTION, TRIGGER, EVENT. There are none to drop: what MySQL says of one that is not there is the
 * whole answer. It is logged all the same under IF EXISTS, for a replica may be a server that has some.
 */
#include "exec/definition/ddl.h"
#include "sql/parse/ast.h"

static const struct {
	const char *kind;
	privilege_set privilege;
	unsigned error, note; /* without IF EXISTS, with it */
} programs[] = {
	[AST_TRIGGER] = {"TRIGGER", PRIVILEGE(TRIGGER), ER_TRG_DOES_NOT_EXIST, ER_TRG_DOES_NOT_EXIST},
	[AST_PROCEDURE] = {"PROCEDURE", PRIVILEGE(ALTER_ROUTINE), ER_SP_DOES_NOT_EXIST, ER_SP_DOES_NOT_EXIST},
	[AST_FUNCTION] = {"FUNCTION", PRIVILEGE(ALTER_ROUTINE), ER_SP_DOES_NOT_EXIST, ER_SP_DOES_NOT_EXIST},
	[AST_EVENT] = {"EVENT", PRIVILEGE(EVENT), ER_EVENT_DOES_NOT_EXIST, ER_SP_DOES_NOT_EXIST},
};

static int say_missing(struct diag *diag, unsigned code, const char *kind, const char *full, const char *name)
{
	if (code == ER_TRG_DOES_NOT_EXIST)
		return diag_set(diag, ER_TRG_DOES_NOT_EXIST);
	if (code == ER_EVENT_DOES_NOT_EXIST)
		return diag_set(diag, ER_EVENT_DOES_NOT_EXIST, name);
	return diag_set(diag, ER_SP_DOES_NOT_EXIST, kind, full);
}

int exec_drop_program(struct statement *statement)
{
	const struct ast_drop_program *ast = statement->ast->drop_program;
	struct ddl_name name;
	if (ddl_resolve_name(statement, &ast->name, programs[ast->kind].privilege, &name) != 0)
		return -1;
	const char *full = ddl_full_name(statement, name.database, name.name);
	if (!ast->if_exists)
		return say_missing(statement->diag, programs[ast->kind].error, programs[ast->kind].kind, full, name.name);
	struct diag note = DIAG_INIT;
	say_missing(&note, programs[ast->kind].note, programs[ast->kind].kind, full, name.name);
	warnings_add_diag(&statement->session->warnings, WARNING_NOTE, &note);
	return ddl_log_only(statement);
}
