/*
 * One parsed statement.
 *
 * The nodes are in four headers, from the inside out: ast_expr.h (names, types, expressions), ast_query.h
 * (SELECT, INSERT, UPDATE, DELETE, LOAD DATA), ast_ddl.h (definitions), ast_admin.h (everything else).
 * All memory is the arena's that was given to parse_statement.
 */
#pragma once

#include "base/buf.h"
#include "sql/parse/ast_admin.h"

enum ast_statement_kind {
	AST_SELECT,   /* query */
	AST_INSERT,   /* insert: REPLACE too */
	AST_UPDATE,   /* update */
	AST_DELETE,   /* delete_rows */
	AST_LOAD_DATA, /* load_data */
	AST_DO,       /* exprs */
	AST_CALL_PROCEDURE, /* call */
	AST_TRUNCATE, /* table */

	AST_CREATE_DATABASE, /* database */
	AST_ALTER_DATABASE,  /* database */
	AST_DROP_DATABASE,   /* database */
	AST_CREATE_TABLE,    /* create_table */
	AST_ALTER_TABLE,     /* alter_table */
	AST_DROP_TABLE,      /* drop_tables */
	AST_RENAME_TABLE,    /* rename_tables */
	AST_CREATE_INDEX,    /* create_index */
	AST_DROP_INDEX,      /* drop_index */
	AST_CREATE_VIEW,     /* create_view: ALTER VIEW too */
	AST_DROP_VIEW,       /* drop_tables */
	AST_CREATE_PROGRAM,  /* create_program */
	AST_DROP_PROGRAM,    /* drop_program */

	AST_START_TRANSACTION,  /* transaction: BEGIN too */
	AST_COMMIT,             /* transaction */
	AST_ROLLBACK,           /* transaction */
	AST_SAVEPOINT,          /* transaction */
	AST_ROLLBACK_TO,        /* transaction: ROLLBACK TO SAVEPOINT */
	AST_RELEASE_SAVEPOINT,  /* transaction */
	AST_SET_TRANSACTION,    /* transaction */
	AST_LOCK_TABLES,        /* lock_tables */
	AST_UNLOCK_TABLES,

	AST_SET,              /* set */
	AST_SET_PASSWORD,     /* set_password */
	AST_SET_ROLE,         /* grant_roles */
	AST_SET_DEFAULT_ROLE, /* grant_roles */
	AST_SHOW,             /* show */
	AST_DESCRIBE,         /* describe */
	AST_EXPLAIN,          /* explain */
	AST_USE,              /* name */
	AST_KILL,             /* kill */
	AST_FLUSH,            /* flush */
	AST_RESET,            /* reset */
	AST_HELP,             /* string: the topic */
	AST_SHUTDOWN,
	AST_RELOAD_TLS,
	AST_INSTALL_PLUGIN,   /* plugin */
	AST_UNINSTALL_PLUGIN, /* plugin */
	AST_RESTART,
	AST_TABLE_MAINTENANCE, /* maintenance: ANALYZE, CHECK, CHECKSUM, OPTIMIZE, REPAIR TABLE */

	AST_PREPARE,    /* prepare */
	AST_EXECUTE,    /* execute */
	AST_DEALLOCATE, /* execute: the name alone */

	AST_CREATE_USER,  /* users */
	AST_ALTER_USER,   /* users */
	AST_DROP_USER,    /* users */
	AST_RENAME_USER,  /* rename_users */
	AST_CREATE_ROLE,  /* users */
	AST_DROP_ROLE,    /* users */
	AST_GRANT,        /* grant */
	AST_REVOKE,       /* grant */
	AST_GRANT_ROLE,   /* grant_roles */
	AST_REVOKE_ROLE,  /* grant_roles */

	AST_PURGE_LOGS,     /* purge_logs */
	AST_CHANGE_SOURCE,  /* change_source */
	AST_CHANGE_FILTER,  /* change_filter */
	AST_START_REPLICA,  /* replica */
	AST_STOP_REPLICA,   /* replica */
	AST_BINLOG,         /* binlog */

	/* Block comments and nothing else: MySQL answers OK. Version comments of other versions come as this. */
	AST_EMPTY,
	/* Recognised, answered with ER_NOT_SUPPORTED_YET naming `string`: XA, HANDLER, ... */
	AST_UNSUPPORTED,
};

/* Optimizer hints that are more than advice. */
enum ast_hint_kind {
	AST_HINT_MAX_EXECUTION_TIME, /* milliseconds; 0: as the session has it */
	AST_HINT_UNBUILT,            /* known to MySQL */
	AST_HINT_MALFORMED,          /* text: the statement from there, for the warning */
};

enum { ast_hint_text_max = 80 };

struct ast_hint {
	enum ast_hint_kind kind;
	bool is_of_statement; /* behind its first word; else of a query inside */
	uint64_t milliseconds;
	const char *text;     /* as written */
	int line;             /* MALFORMED */
};

struct ast_hints {
	struct ast_hint *items;
	size_t count;
};

struct ast_statement {
	enum ast_statement_kind kind;
	struct ast_span span;       /* in the text given to parse_statement, without the final semicolon */
	unsigned placeholder_count; /* of ? in the text */
	const struct charset *charset; /* of that text; NULL: UTF-8 */
	struct ast_hints hints;
	union {
		struct ast_query *query;
		struct ast_insert *insert;
		struct ast_update *update;
		struct ast_delete *delete_rows;
		struct ast_load_data *load_data;
		struct ast_exprs exprs;
		struct ast_call_procedure *call;
		struct ast_object_name table;
		struct ast_name name;
		struct bytes string;
		struct ast_binlog *binlog;
		bool forced; /* RELOAD TLS NO ROLLBACK ON ERROR */
		struct ast_database *database;
		struct ast_create_table *create_table;
		struct ast_alter_table *alter_table;
		struct ast_drop_tables *drop_tables;
		struct ast_rename_tables *rename_tables;
		struct ast_create_index *create_index;
		struct ast_drop_index *drop_index;
		struct ast_create_view *create_view;
		struct ast_create_program *create_program;
		struct ast_drop_program *drop_program;
		struct ast_transaction *transaction;
		struct ast_lock_tables *lock_tables;
		struct ast_set *set;
		struct ast_set_password *set_password;
		struct ast_grant_roles *grant_roles;
		struct ast_show *show;
		struct ast_describe *describe;
		struct ast_explain *explain;
		struct ast_kill *kill;
		struct ast_plugin *plugin;
		struct ast_flush_statement *flush;
		struct ast_reset_statement *reset;
		struct ast_table_maintenance *maintenance;
		struct ast_prepare *prepare;
		struct ast_execute *execute;
		struct ast_users *users;
		struct ast_rename_users *rename_users;
		struct ast_grant *grant;
		struct ast_purge_logs *purge_logs;
		struct ast_change_source *change_source;
		struct ast_change_filter *change_filter;
		struct ast_replica *replica;
	};
};

/*
 * MySQL text of a tree, as view bodies, defaults, CHECK and generated columns are stored and shown: names in
 * backticks, operators in parentheses, strings with an introducer where they had one. The text parses back
 * to an equal tree under the default sql_mode.
 */
void ast_expr_print(const struct ast_expr *expr, struct buf *out);
void ast_query_print(const struct ast_query *query, struct buf *out);
void ast_table_ref_print(const struct ast_table_ref *ref, struct buf *out);
void ast_type_print(const struct ast_type *type, struct buf *out); /* lower case: int(11) unsigned */
void ast_name_print(const char *name, struct buf *out);            /* `name`, inner backticks doubled */
void ast_string_print(struct bytes text, struct buf *out);         /* 'text', quotes and backslashes escaped */

const char *ast_interval_unit_name(enum ast_interval_unit unit); /* "day_second" */
const char *ast_operator_text(enum ast_operator op);             /* "+", "<=>", "and" */
