/*
 * What exec's files share: the running statement, and the families' handlers. Private to exec.
 */
#pragma once

#include "catalog/catalog.h"
#include "exec/execute.h"
#include "account/account.h"

struct expressions;
struct tree_source;
struct resolve_liftables;

struct statement {
	struct session *session;          /* immutable */
	const struct ast_statement *ast;  /* immutable */
	struct bytes text;                /* as the client wrote it, in its character set */
	bool logs_utf8;                   /* what goes into the log instead was written here, in UTF-8 */
	const struct value *parameters;   /* of the ?s, or of the literals of the text's shape */
	unsigned parameter_count;
	struct resolve_liftables *liftables; /* literals whose values the parameters are; NULL: there are ?s */
	bool is_look_alike;               /* ast is another text's of the same shape; plan_open() may parse its own */
	struct plan **plan_place;         /* where its plan waits for the next execution (plan.h); NULL: nowhere */
	struct arena *arena;              /* the session's statement arena */
	struct diag *diag;
	bool logs_text;                   /* its changes go into the log as its text: change_log.h */
	struct bytes rows_query;          /* text to be logged in front of its rows; emptied once it was */

	/* the OK to send once what the statement did is committed (statement_ok) */
	bool has_ok;
	uint64_t ok_rows, ok_insert_id;
	const char *ok_info;              /* in arena, or NULL */
};

/* 0, or -1 with statement->diag set. On success it has written its result to the session's sink, or asked for an OK. */
typedef int statement_handler(struct statement *statement);

/* One a kind; declared here, defined in the file of their family. */
statement_handler exec_select, exec_insert, exec_update, exec_delete, exec_load_data, exec_do,
	exec_truncate;                                                                    /* dml */
statement_handler exec_create_database, exec_alter_database, exec_drop_database, exec_create_table, exec_alter_table,
	exec_drop_table, exec_rename_table, exec_create_index, exec_drop_index, exec_create_view, exec_drop_view,
	exec_drop_program; /* ddl */
statement_handler exec_start_transaction, exec_commit, exec_rollback, exec_savepoint, exec_rollback_to,
	exec_release_savepoint, exec_set_transaction;                                     /* transaction.c */
statement_handler exec_lock_tables, exec_unlock_tables, exec_flush, exec_table_maintenance;       /* locking, upkeep */
statement_handler exec_set, exec_use, exec_kill, exec_shutdown, exec_reload_tls;                   /* set.c, session.c */
statement_handler exec_install_plugin, exec_uninstall_plugin;                                      /* plugin.c */
statement_handler exec_show, exec_describe, exec_explain, exec_help;                               /* show */
statement_handler exec_prepare, exec_execute, exec_deallocate;                                     /* prepare.c */
statement_handler exec_create_user, exec_alter_user, exec_drop_user, exec_rename_user, exec_grant, exec_revoke,
	exec_set_password;                                                                /* account_statements.c */
statement_handler exec_purge_logs, exec_reset, exec_change_source, exec_change_filter, exec_start_replica, exec_stop_replica,
	exec_binlog; /* replication.c, change_filter.c, binlog_statement.c */

/* Runs it, as execute.h says; session, ast, text, parameters, plan_place and diag are set. */
int statement_execute(struct statement *statement);

/*
 * Asks for an OK to the client, with what ROW_COUNT() and LAST_INSERT_ID() will say. It is sent behind the statement's
 * commit, which may still fail. info may be NULL. 0, always.
 */
int statement_ok(struct statement *statement, uint64_t affected_rows, const char *info);

/*
 * Appends the statement as a QUERY event, alone in its transaction (DDL, GRANT, ...). text: usually statement->text.
 * database: the event's default database. Nothing when the session does not log, or not that database.
 */
int statement_log(struct statement *statement, struct bytes text, const char *database);
/*
 * CREATE, ALTER and DROP DATABASE stand in the log under the database they are about, wherever the session is: filters
 * go by it. Readers of the log are told not to USE it.
 */
int statement_log_database(struct statement *statement, const char *database);
/* Commits what a DDL has put in the session's transaction, then publishes the change; abandons it when that fails. */
int statement_commit_ddl(struct statement *statement, struct catalog_change **change);
/* The replication channel that is meant by a name that was given or not; NULL: none was. */
const char *statement_channel(struct statement *statement, const char *given);
/* COMMIT: with a GTID of its own a transaction without changes is logged, too. */
int statement_commit(struct session *session, struct diag *diag);
/* What DDL implies in front: ends the running transaction, if any. */
int statement_commit_implicitly(struct session *session, struct diag *diag);

/*
 * Privileges of the session's account. statement_require: -1 with 1142 (a table), 1044 (a database) or 1227 (global) naming
 * what lacks. database/table NULL as in account.h.
 */
bool statement_allowed(struct session *session, privilege_set wanted, const char *database, const char *table);
int statement_require(struct session *session, privilege_set wanted, const char *database, const char *table,
		      struct diag *diag);
int statement_require_global(struct session *session, privilege_set any_of, struct diag *diag); /* 1227 */

/* All that is answered to a session that must change its password (account_statements.c). */
bool statement_changes_own_password(const struct statement *statement);

/* The name's database, or the current one; -1 with 1046. The answer lives as long as the tree or the session. */
int statement_database(struct statement *statement, const char *given, const char **out, struct diag *diag);

/* Metadata locks of a statement's tables and, for writes, the intention on GLOBAL. Timeout: lock_wait_timeout. */
int statement_lock_table(struct session *session, const char *database, const char *table, enum mdl_mode mode,
			 struct diag *diag);

/* A small result set: names and kinds of columns, then rows. For SHOW and its like. */
enum { result_columns_max = 80 };
struct result_builder {
	struct statement *statement;
	struct result_column columns[result_columns_max];
	unsigned count;
	struct value values[result_columns_max];
	unsigned next; /* value to be set */
	bool started;
	struct bytes like;                 /* pattern for the first column; data NULL: none */
	struct expressions *where;         /* condition over the columns, or NULL */
	const struct tree_source *where_row;
};
void result_builder_init(struct result_builder *builder, struct statement *statement);
/* Once the columns stand: only rows that fit are sent. where may be NULL. result_end or result_abandon frees it. */
int result_builder_filter(struct result_builder *builder, struct bytes like, const struct ast_expr *where);
void result_abandon(struct result_builder *builder); /* instead of result_end, after an error */
void result_builder_text(struct result_builder *builder, const char *name, unsigned length);
void result_builder_number(struct result_builder *builder, const char *name);
void result_builder_double(struct result_builder *builder, const char *name, unsigned decimals);
/* Row values in column order; a text of NULL is SQL NULL. */
void result_put_text(struct result_builder *builder, const char *text);
void result_put_bytes(struct result_builder *builder, struct bytes text);
void result_put_uint(struct result_builder *builder, uint64_t value);
void result_put_int(struct result_builder *builder, int64_t value);
void result_put_double(struct result_builder *builder, double value);
void result_put_null(struct result_builder *builder);
int result_row(struct result_builder *builder); /* sends the columns before the first */
int result_end(struct result_builder *builder);
