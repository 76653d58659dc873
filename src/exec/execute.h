/*
 * Running one parsed statement in a session: what all statements have in common, around what each one does.
 *
 *   may it run now (killed, read_only, a transaction that is read only)
 *   -> the commit that DDL and its like imply
 *   -> the statement's handler, inside a statement savepoint
 *   -> on failure: the statement's changes go, or the whole transaction after a deadlock
 *   -> autocommit
 */
#pragma once

#include "base/diag.h"
#include "session/session.h"
#include "sql/parse/ast.h"

/*
 * text: the statement as the client wrote it: its span, inside of the text that was parsed. Results go to
 * session->sink; an error is only in diag (and in the session's warnings). parameters: values of the ?s.
 */
int execute_statement(struct session *session, const struct ast_statement *statement, struct bytes text,
		      const struct value *parameters, unsigned parameter_count, struct diag *diag);

/*
 * The same for a statement that may run again: what it was resolved to is kept at *plan_place, which begins as NULL, and
 * used if it still holds. The tree of the statement has to outlive it.
 */
struct plan;
int execute_repeatedly(struct session *session, const struct ast_statement *statement, struct bytes text,
		       const struct value *parameters, unsigned parameter_count, struct plan **plan_place,
		       struct diag *diag);

/* Parses and runs every statement of a text, for the applier and boot; the first error ends it. */
int execute_text(struct session *session, struct bytes text, struct diag *diag);

/* The session's default database. -1: 1044, 1049. */
int execute_use(struct session *session, const char *name, struct diag *diag);

/*
 * Column metadata a SELECT-like statement will have, for COM_STMT_PREPARE; count 0 for statements without result set.
 * Parameters count as NULL of unknown type.
 */
int execute_describe(struct session *session, const struct ast_statement *statement, struct bytes text,
		     struct result_column **out_columns, unsigned *out_count, struct diag *diag);
