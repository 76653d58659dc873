#include "exec/execute.h"

#include "base/fault.h"
#include "exec/bound_text.h"
#include "exec/hints.h"
#include "exec/read_only.h"
#include "exec/statement.h"
#include "session/status.h"
#include "sql/parse/parse.h"

enum statement_traits {
	WRITES = 1,          /* refused under read_only and in a read only transaction */
	COMMITS_BEFORE = 2,  /* ends the running transaction first */
	KEEPS_WARNINGS = 4,  /* does not clear what SHOW WARNINGS tells */
	ENDS_NOTHING = 8,    /* handles transaction end itself, or has none: no autocommit behind it */
	IN_LOCK_TABLES = 16, /* refused under LOCK TABLES */
	INNOCENT = 32,       /* whatever GTID_NEXT is: it changes nothing, or ends a transaction */
};

struct statement_family {
	statement_handler *run;
	unsigned traits;
	const char *counter; /* Com_<counter> of SHOW STATUS; NULL: the handler counts */
};

enum { DDL = WRITES | COMMITS_BEFORE };

/* A comment alone, as dumps are full of. */
static int exec_nothing(struct statement *statement)
{
	return statement_ok(statement, 0, NULL);
}

static const struct statement_family families[] = {
	[AST_SELECT] = {exec_select, INNOCENT, "select"},
	[AST_INSERT] = {exec_insert, WRITES, "insert"},
	[AST_UPDATE] = {exec_update, WRITES, "update"},
	[AST_DELETE] = {exec_delete, WRITES, "delete"},
	[AST_LOAD_DATA] = {exec_load_data, WRITES, "load"},
	[AST_DO] = {exec_do, INNOCENT, "do"},
	[AST_TRUNCATE] = {exec_truncate, DDL, "truncate"},
	[AST_CREATE_DATABASE] = {exec_create_database, DDL, "create_db"},
	[AST_ALTER_DATABASE] = {exec_alter_database, DDL, "alter_db"},
	[AST_DROP_DATABASE] = {exec_drop_database, DDL, "drop_db"},
	[AST_CREATE_TABLE] = {exec_create_table, DDL, "create_table"},
	[AST_ALTER_TABLE] = {exec_alter_table, DDL, "alter_table"},
	[AST_DROP_TABLE] = {exec_drop_table, DDL, "drop_table"},
	[AST_RENAME_TABLE] = {exec_rename_table, DDL, "rename_table"},
	[AST_CREATE_INDEX] = {exec_create_index, DDL, "create_index"},
	[AST_DROP_INDEX] = {exec_drop_index, DDL, "drop_index"},
	[AST_CREATE_VIEW] = {exec_create_view, DDL, "create_view"},
	[AST_DROP_VIEW] = {exec_drop_view, DDL, "drop_view"},
	[AST_DROP_PROGRAM] = {exec_drop_program, DDL, "drop_program"},
	[AST_START_TRANSACTION] = {exec_start_transaction, ENDS_NOTHING | INNOCENT, "begin"},
	[AST_COMMIT] = {exec_commit, ENDS_NOTHING | INNOCENT, "commit"},
	[AST_ROLLBACK] = {exec_rollback, ENDS_NOTHING | INNOCENT, "rollback"},
	[AST_SAVEPOINT] = {exec_savepoint, ENDS_NOTHING, "savepoint"},
	[AST_ROLLBACK_TO] = {exec_rollback_to, ENDS_NOTHING, "rollback_to_savepoint"},
	[AST_RELEASE_SAVEPOINT] = {exec_release_savepoint, ENDS_NOTHING, "release_savepoint"},
	[AST_SET_TRANSACTION] = {exec_set_transaction, ENDS_NOTHING | INNOCENT, "set_option"},
	[AST_LOCK_TABLES] = {exec_lock_tables, COMMITS_BEFORE, "lock_tables"},
	[AST_UNLOCK_TABLES] = {exec_unlock_tables, ENDS_NOTHING, "unlock_tables"},
	[AST_SET] = {exec_set, INNOCENT, "set_option"},
	[AST_SET_PASSWORD] = {exec_set_password, DDL, "set_password"},
	[AST_SHOW] = {exec_show, KEEPS_WARNINGS | INNOCENT, NULL},
	[AST_DESCRIBE] = {exec_describe, INNOCENT, "show_fields"},
	[AST_EXPLAIN] = {exec_explain, INNOCENT, "explain_other"},
	[AST_USE] = {exec_use, ENDS_NOTHING | INNOCENT, "change_db"},
	[AST_KILL] = {exec_kill, ENDS_NOTHING, "kill"},
	[AST_FLUSH] = {exec_flush, COMMITS_BEFORE, "flush"},
	[AST_RESET] = {exec_reset, COMMITS_BEFORE, "reset"},
	[AST_HELP] = {exec_help, INNOCENT, "help"},
	[AST_INSTALL_PLUGIN] = {exec_install_plugin, COMMITS_BEFORE, "install_plugin"},
	[AST_UNINSTALL_PLUGIN] = {exec_uninstall_plugin, COMMITS_BEFORE, "uninstall_plugin"},
	[AST_SHUTDOWN] = {exec_shutdown, ENDS_NOTHING, "shutdown"},
	[AST_RELOAD_TLS] = {exec_reload_tls, COMMITS_BEFORE, "alter_instance"},
	[AST_TABLE_MAINTENANCE] = {exec_table_maintenance, COMMITS_BEFORE, "check"},
	[AST_PREPARE] = {exec_prepare, ENDS_NOTHING | INNOCENT, "prepare_sql"},
	[AST_EXECUTE] = {exec_execute, ENDS_NOTHING | KEEPS_WARNINGS | INNOCENT, "execute_sql"},
	[AST_DEALLOCATE] = {exec_deallocate, ENDS_NOTHING | INNOCENT, "dealloc_sql"},
	[AST_CREATE_USER] = {exec_create_user, DDL, "create_user"},
	[AST_ALTER_USER] = {exec_alter_user, DDL, "alter_user"},
	[AST_DROP_USER] = {exec_drop_user, DDL, "drop_user"},
	[AST_RENAME_USER] = {exec_rename_user, DDL, "rename_user"},
	[AST_GRANT] = {exec_grant, DDL, "grant"},
	[AST_REVOKE] = {exec_revoke, DDL, "revoke"},
	[AST_PURGE_LOGS] = {exec_purge_logs, ENDS_NOTHING, "purge"},
	[AST_CHANGE_SOURCE] = {exec_change_source, COMMITS_BEFORE, "change_master"},
	[AST_CHANGE_FILTER] = {exec_change_filter, COMMITS_BEFORE, "change_repl_filter"},
	[AST_START_REPLICA] = {exec_start_replica, COMMITS_BEFORE, "slave_start"},
	[AST_STOP_REPLICA] = {exec_stop_replica, COMMITS_BEFORE, "slave_stop"},
	[AST_BINLOG] = {exec_binlog, WRITES, "binlog"},
	[AST_EMPTY] = {exec_nothing, ENDS_NOTHING | INNOCENT, "empty_query"},
};

static const struct statement_family *find_family(const struct ast_statement *ast)
{
	size_t count = sizeof families / sizeof *families;
	return (size_t)ast->kind < count && families[ast->kind].run ? &families[ast->kind] : NULL;
}

static int refuse_unbuilt(struct statement *statement)
{
	const struct ast_statement *ast = statement->ast;
	if (ast->kind == AST_UNSUPPORTED)
		return diag_set_message(statement->diag, ER_NOT_SUPPORTED_YET,
					"This version of MySQL doesn't yet support '%.*s'", (int)ast->string.size,
					(const char *)ast->string.data);
	struct bytes head = statement->text.size > 32 ? bytes_of(statement->text.data, 32) : statement->text;
	return diag_set_message(statement->diag, ER_NOT_SUPPORTED_YET,
				"This version of MySQL doesn't yet support '%.*s'", (int)head.size,
				(const char *)head.data);
}

/* An error may tell of what the statement read: not before that is committed (txn_stand_on_commits). */
static void roll_back(struct session *session, struct diag *diag)
{
	struct diag other = DIAG_INIT;
	if (txn_await_bases(session->txn, &other) < 0)
		*diag = other;
	txn_rollback(session->txn);
}

static int commit(struct session *session, struct diag *diag)
{
	if (read_only_check_commit(session, diag) == 0)
		return txn_commit(session->txn, diag);
	roll_back(session, diag);
	return -1;
}

int statement_commit(struct session *session, struct diag *diag)
{
	session->in_transaction = session->read_only_transaction = false;
	int status = commit(session, diag);
	mdl_release(session->mdl, MDL_TRANSACTION);
	return status;
}

int statement_commit_implicitly(struct session *session, struct diag *diag)
{
	/* With nothing open there is nothing to commit: a GTID and an applier's position wait for the DDL's own commit. */
	if (txn_is_active(session->txn))
		return statement_commit(session, diag);
	session->in_transaction = session->read_only_transaction = false;
	mdl_release(session->mdl, MDL_TRANSACTION);
	return 0;
}

/* A deadlock's victim has lost its locks' order: the transaction goes as a whole, as in InnoDB. */
static void undo(struct session *session, const struct diag *diag)
{
	if (diag->code == ER_LOCK_DEADLOCK) {
		txn_rollback(session->txn);
		session->in_transaction = session->read_only_transaction = false;
		mdl_release(session->mdl, MDL_TRANSACTION);
	} else {
		txn_statement_rollback(session->txn);
	}
}

/* What autocommit does behind a statement outside of a transaction. */
static int end_autocommit(struct session *session, const struct statement_family *family, int status,
			  struct diag *diag)
{
	if (session->in_transaction || !session->variables.autocommit)
		return status;
	if ((family->traits & INNOCENT) && txn_owns_gtid(session->txn) && !txn_has_changes(session->txn))
		txn_end_reading(session->txn);
	else if (status == 0)
		status = commit(session, diag);
	else
		roll_back(session, diag);
	mdl_release(session->mdl, MDL_TRANSACTION);
	return status;
}

/* Of a transaction that nobody began: one statement's, or the first after SET autocommit=0. */
static void settle_isolation(struct session *session)
{
	struct session_variables *variables = &session->variables;
	unsigned isolation = variables->next_transaction_isolation != ~0u ? variables->next_transaction_isolation
									  : variables->transaction_isolation;
	variables->next_transaction_isolation = ~0u;
	txn_set_isolation(session->txn, (enum txn_isolation)isolation);
}

/* What only this session sees is no reason to end its transaction. */
static bool commits_before(const struct ast_statement *ast, const struct statement_family *family)
{
	if (ast->kind == AST_CREATE_TABLE)
		return !ast->create_table->temporary;
	if (ast->kind == AST_DROP_TABLE)
		return !ast->drop_tables->temporary;
	return family->traits & COMMITS_BEFORE;
}

/* GTID_NEXT stands for one transaction, and a statement that would end it in the middle is none of it. */
static enum gtid_next_verdict judge_gtid(struct statement *statement, const struct statement_family *family)
{
	struct session *session = statement->session;
	bool ends = commits_before(statement->ast, family) || statement->ast->kind == AST_START_TRANSACTION;
	if (ends && session->in_transaction && session->gtid_next.kind == GTID_NEXT_GIVEN) {
		diag_set(statement->diag, ER_CANT_DO_IMPLICIT_COMMIT_IN_TRX_WHEN_GTID_NEXT_IS_SET);
		return GTID_NEXT_REFUSE;
	}
	return family->traits & INNOCENT ? GTID_NEXT_EXECUTE : gtid_next_judge(session, statement->diag);
}

static const char *counter_of(const struct ast_statement *ast, const struct statement_family *family)
{
	return ast->kind == AST_PURGE_LOGS && ast->purge_logs->before ? "purge_before_date" : family->counter;
}

/* What the account's password and its bounds have to say. */
static int check_account(struct statement *statement, const struct statement_family *family)
{
	struct session *session = statement->session;
	if (session->must_change_password && !statement_changes_own_password(statement))
		return diag_set(statement->diag, ER_MUST_CHANGE_PASSWORD);
	return session->account_usage ? accounts_count_statement(session->server->accounts, session->account_usage,
								 family->traits & WRITES, statement->diag)
				      : 0;
}

static int run(struct statement *statement, const struct statement_family *family)
{
	struct session *session = statement->session;
	struct diag *diag = statement->diag;
	if (session_check_killed(session, diag) != 0 || check_account(statement, family) != 0)
		return -1;
	enum gtid_next_verdict verdict = judge_gtid(statement, family);
	if (verdict != GTID_NEXT_EXECUTE)
		return verdict == GTID_NEXT_PASS_OVER ? statement_ok(statement, 0, NULL) : -1;
	if ((family->traits & WRITES) && read_only_check_statement(statement) != 0)
		return -1;
	if (commits_before(statement->ast, family) && statement_commit_implicitly(session, diag) != 0)
		return -1;
	if (family->traits & ENDS_NOTHING)
		return family->run(statement);
	if (!session->in_transaction && !txn_is_active(session->txn))
		settle_isolation(session);
	txn_statement_begin(session->txn);
	int status = family->run(statement);
	if (status == 0)
		status = txn_check_events(session->txn, diag);
	if (status == 0)
		txn_statement_end(session->txn);
	else
		undo(session, diag);
	return end_autocommit(session, family, status, diag);
}

static int send_ok(struct statement *statement)
{
	struct result_sink *sink = statement->session->sink;
	return statement->has_ok ? sink->ok(sink, statement->ok_rows, statement->ok_insert_id, statement->ok_info,
					    statement->diag)
				 : 0;
}

static int64_t statement_clock(const struct session *session)
{
	return session->variables.timestamp_us ? (int64_t)session->variables.timestamp_us : clock_wall_us();
}

int statement_execute(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_statement *ast = statement->ast;
	const struct statement_family *family = find_family(ast);
	statement->arena = &session->statement_arena;
	if (session->variables.binlog_rows_query_log_events)
		statement->rows_query = statement_bound_text(statement);
	session->statement_time_us = statement_clock(session);
	txn_set_time(session->txn, (uint32_t)(session->variables.timestamp_us / 1000000));
	session->statement_insert_id = 0;
	session->strict_statement = session->reads_latest = false;
	if (family == NULL) {
		warnings_clear(&session->warnings);
		refuse_unbuilt(statement);
		warnings_add_diag(&session->warnings, WARNING_ERROR, statement->diag);
		return -1;
	}
	if (!(family->traits & KEEPS_WARNINGS)) {
		warnings_clear(&session->warnings);
		session->warnings.limit = (size_t)session->variables.max_error_count;
	}
	session->warnings.earlier = session->warnings.total;
	if (family->counter)
		status_count_command(session, counter_of(ast, family));
	uint64_t max_execution_time = session->variables.max_execution_time;
	if (ast->hints.count)
		hints_obey(statement);
	int status = run(statement, family);
	if (ast->hints.count)
		session->variables.max_execution_time = max_execution_time;
	mdl_release(session->mdl, MDL_STATEMENT);
	if (status == 0)
		status = send_ok(statement);
	if (status != 0) {
		session->row_count = -1;
		warnings_add_diag(&session->warnings, WARNING_ERROR, statement->diag);
	}
	return status;
}

int execute_statement(struct session *session, const struct ast_statement *ast, struct bytes text,
		      const struct value *parameters, unsigned parameter_count, struct diag *diag)
{
	return execute_repeatedly(session, ast, text, parameters, parameter_count, NULL, diag);
}

int execute_repeatedly(struct session *session, const struct ast_statement *ast, struct bytes text,
		       const struct value *parameters, unsigned parameter_count, struct plan **plan_place,
		       struct diag *diag)
{
	struct statement statement = {
		.session = session,
		.ast = ast,
		.text = text,
		.parameters = parameters,
		.parameter_count = parameter_count,
		.plan_place = session->variables.gemel_plan_cache ? plan_place : NULL,
		.diag = diag,
	};
	return statement_execute(&statement);
}

int execute_text(struct session *session, struct bytes text, struct diag *diag)
{
	struct parse_input input = {.text = (const char *)text.data, .size = text.size,
				    .sql_mode = session->variables.sql_mode, .multiple = true,
				    .charset = session->variables.character_set_client};
	while (input.offset < input.size) {
		struct ast_statement *statement;
		size_t next;
		if (parse_statement(&input, &session->statement_arena, &statement, &next, diag) != 0)
			return -1;
		struct bytes own = bytes_of(text.data + statement->span.offset, statement->span.size);
		if (execute_statement(session, statement, own, NULL, 0, diag) != 0)
			return -1;
		input.offset = next;
	}
	return 0;
}
