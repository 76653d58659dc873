/* BEGIN, COMMIT, ROLLBACK, savepoints, SET TRANSACTION. */
#include "exec/statement.h"

static enum txn_isolation isolation_of(enum ast_isolation isolation)
{
	switch (isolation) {
	case AST_ISOLATION_READ_UNCOMMITTED: return ISOLATION_READ_UNCOMMITTED;
	case AST_ISOLATION_READ_COMMITTED: return ISOLATION_READ_COMMITTED;
	case AST_ISOLATION_SERIALIZABLE: return ISOLATION_SERIALIZABLE;
	default: return ISOLATION_REPEATABLE_READ;
	}
}

/* Isolation and access of the transaction that begins: what SET TRANSACTION said for one, else the session's. */
static void open_transaction(struct session *session, enum ast_access access)
{
	struct session_variables *variables = &session->variables;
	unsigned isolation = variables->next_transaction_isolation != ~0u ? variables->next_transaction_isolation
									  : variables->transaction_isolation;
	txn_set_isolation(session->txn, (enum txn_isolation)isolation);
	bool read_only = variables->next_transaction_read_only >= 0 ? variables->next_transaction_read_only
								    : variables->transaction_read_only;
	if (access != AST_ACCESS_UNSPECIFIED)
		read_only = access == AST_ACCESS_READ_ONLY;
	variables->next_transaction_isolation = ~0u;
	variables->next_transaction_read_only = -1;
	session->in_transaction = true;
	session->read_only_transaction = read_only;
}

int exec_start_transaction(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_transaction *ast = statement->ast->transaction;
	if (statement_commit_implicitly(session, statement->diag) != 0)
		return -1;
	open_transaction(session, ast->access);
	if (ast->consistent_snapshot)
		txn_start_snapshot(session->txn);
	return statement_ok(statement, 0, NULL);
}

/* COMMIT AND CHAIN goes on with the same isolation and access; RELEASE ends the connection. */
static int end_transaction(struct statement *statement, bool was_read_only, bool was_open)
{
	struct session *session = statement->session;
	const struct ast_transaction *ast = statement->ast->transaction;
	mdl_release(session->mdl, MDL_TRANSACTION);
	if (ast->chain == AST_YES && was_open) {
		session->in_transaction = true;
		session->read_only_transaction = was_read_only;
	}
	if (statement_ok(statement, 0, NULL) != 0)
		return -1;
	if (ast->release == AST_YES)
		session_kill(session, SESSION_KILL_CONNECTION);
	return 0;
}

int exec_commit(struct statement *statement)
{
	struct session *session = statement->session;
	bool was_read_only = session->read_only_transaction, was_open = session->in_transaction;
	if (statement_commit(session, statement->diag) != 0)
		return -1;
	return end_transaction(statement, was_read_only, was_open);
}

int exec_rollback(struct statement *statement)
{
	struct session *session = statement->session;
	bool was_read_only = session->read_only_transaction, was_open = session->in_transaction;
	txn_rollback(session->txn);
	session->in_transaction = session->read_only_transaction = session->changes_tables = false;
	return end_transaction(statement, was_read_only, was_open);
}

int exec_savepoint(struct statement *statement)
{
	struct session *session = statement->session;
	/* Outside of a transaction a savepoint dies with its own statement, as in MySQL. */
	if (session->in_transaction || !session->variables.autocommit)
		txn_savepoint(session->txn, statement->ast->transaction->savepoint.text);
	return statement_ok(statement, 0, NULL);
}

int exec_rollback_to(struct statement *statement)
{
	if (txn_rollback_to_savepoint(statement->session->txn, statement->ast->transaction->savepoint.text,
				      statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

int exec_release_savepoint(struct statement *statement)
{
	if (txn_release_savepoint(statement->session->txn, statement->ast->transaction->savepoint.text,
				  statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

static int set_for_session(struct session *session, const struct ast_transaction *ast, enum variable_scope scope,
			   struct diag *diag)
{
	static const char *const names[] = {
		[ISOLATION_READ_UNCOMMITTED] = "READ-UNCOMMITTED", [ISOLATION_READ_COMMITTED] = "READ-COMMITTED",
		[ISOLATION_REPEATABLE_READ] = "REPEATABLE-READ", [ISOLATION_SERIALIZABLE] = "SERIALIZABLE"};
	if (ast->isolation != AST_ISOLATION_UNSPECIFIED) {
		struct value text = value_string(bytes_of_string(names[isolation_of(ast->isolation)]),
						 collation_utf8mb4_default);
		if (variable_set(session, scope, bytes_of_string("transaction_isolation"), &text, diag) != 0)
			return -1;
	}
	if (ast->access != AST_ACCESS_UNSPECIFIED) {
		struct value flag = value_int(ast->access == AST_ACCESS_READ_ONLY);
		if (variable_set(session, scope, bytes_of_string("transaction_read_only"), &flag, diag) != 0)
			return -1;
	}
	return 0;
}

int exec_set_transaction(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_transaction *ast = statement->ast->transaction;
	int status = 0;
	switch (ast->scope) {
	case AST_SCOPE_GLOBAL:
		if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0)
			return -1;
		status = set_for_session(session, ast, VARIABLE_GLOBAL, statement->diag);
		break;
	case AST_SCOPE_SESSION:
		status = set_for_session(session, ast, VARIABLE_SESSION, statement->diag);
		break;
	default:
		if (session->in_transaction)
			return diag_set(statement->diag, ER_CANT_CHANGE_TX_CHARACTERISTICS);
		if (ast->isolation != AST_ISOLATION_UNSPECIFIED)
			session->variables.next_transaction_isolation = isolation_of(ast->isolation);
		if (ast->access != AST_ACCESS_UNSPECIFIED)
			session->variables.next_transaction_read_only = ast->access == AST_ACCESS_READ_ONLY;
		break;
	}
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}
