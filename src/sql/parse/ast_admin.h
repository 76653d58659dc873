/* The tree of transactions, settings, accounts, replication, SHOW and the server's upkeep. */
#pragma once

#include "sql/parse/ast_ddl.h"

struct ast_statement;

enum ast_isolation {
	AST_ISOLATION_UNSPECIFIED,
	AST_ISOLATION_READ_UNCOMMITTED,
	AST_ISOLATION_READ_COMMITTED,
	AST_ISOLATION_REPEATABLE_READ,
	AST_ISOLATION_SERIALIZABLE,
};

enum ast_access { AST_ACCESS_UNSPECIFIED, AST_ACCESS_READ_WRITE, AST_ACCESS_READ_ONLY };
enum ast_tristate { AST_UNSPECIFIED, AST_NO, AST_YES };

struct ast_transaction { /* START TRANSACTION, BEGIN, SET TRANSACTION, COMMIT, ROLLBACK, savepoints */
	bool consistent_snapshot;
	enum ast_access access;
	enum ast_isolation isolation;  /* SET TRANSACTION */
	enum ast_variable_scope scope; /* SET TRANSACTION; DEFAULT: the next transaction only */
	enum ast_tristate chain;       /* COMMIT, ROLLBACK */
	enum ast_tristate release;     /* COMMIT, ROLLBACK */
	struct ast_name savepoint;
};

enum ast_table_lock { AST_TABLE_READ, AST_TABLE_READ_LOCAL, AST_TABLE_WRITE, AST_TABLE_LOW_PRIORITY_WRITE };

struct ast_lock_table {
	struct ast_object_name table;
	struct ast_name alias; /* or NULL */
	enum ast_table_lock lock;
};

struct ast_lock_tables {
	struct ast_lock_table *items;
	size_t count;
};

enum ast_set_kind {
	AST_SET_USER_VARIABLE,   /* name, value */
	AST_SET_SYSTEM_VARIABLE, /* scope, base, name, value */
	AST_SET_NAMES,           /* charset (NULL: DEFAULT), collation (or NULL) */
	AST_SET_CHARACTER_SET,   /* charset (NULL: DEFAULT) */
};

struct ast_set_item {
	enum ast_set_kind kind;
	enum ast_variable_scope scope;
	bool scope_is_word;     /* GLOBAL x, or x and the word of an item before it; not @@x, @@global.x */
	const char *base;       /* SET hot_cache.key_buffer_size = ..., or NULL */
	const char *name;       /* system variables in lower case */
	struct ast_expr *value; /* NULL: DEFAULT. Bare words (ON, utf8, MIXED) are string literals marked bare */
	const char *charset;
	const char *collation;
	struct ast_span span;
};

struct ast_set {
	struct ast_set_item *items;
	size_t count;
};

enum ast_auth_kind {
	AST_AUTH_NONE,     /* nothing said */
	AST_AUTH_PASSWORD, /* [WITH plugin] BY 'clear text' */
	AST_AUTH_HASH,     /* BY PASSWORD 'hash', [WITH plugin] AS 'hash' */
	AST_AUTH_PLUGIN,   /* WITH plugin alone */
	AST_AUTH_RANDOM,   /* BY RANDOM PASSWORD */
};

struct ast_user_spec {
	struct ast_user_name user;
	enum ast_auth_kind auth;
	const char *plugin;      /* or NULL: the default one */
	struct bytes secret;     /* the password or hash */
	bool discard_old;        /* ALTER USER .. DISCARD OLD PASSWORD */
	bool retain_current;     /* RETAIN CURRENT PASSWORD */
	struct ast_span span;
};

struct ast_user_specs {
	struct ast_user_spec *items;
	size_t count;
};

enum ast_tls_kind { AST_TLS_UNSPECIFIED, AST_TLS_NONE, AST_TLS_ANY, AST_TLS_X509, AST_TLS_SPECIFIED };

struct ast_account_options {
	enum ast_tls_kind tls;
	struct bytes tls_cipher;  /* data NULL: not required */
	struct bytes tls_issuer;
	struct bytes tls_subject;
	struct ast_options resources; /* MAX_QUERIES_PER_HOUR, ..., MAX_USER_CONNECTIONS, MAX_STATEMENT_TIME */
	struct ast_options password;  /* PASSWORD EXPIRE (value NULL, DEFAULT, "NEVER" or days), PASSWORD HISTORY,
	                                 PASSWORD REUSE INTERVAL, PASSWORD REQUIRE CURRENT,
	                                 FAILED_LOGIN_ATTEMPTS, PASSWORD_LOCK_TIME */
	enum ast_tristate locked;     /* ACCOUNT LOCK, ACCOUNT UNLOCK */
	struct bytes comment;         /* COMMENT, ATTRIBUTE; data NULL: none */
};

struct ast_users { /* CREATE, ALTER, DROP USER; CREATE and DROP ROLE */
	bool if_exists; /* IF EXISTS, or IF NOT EXISTS on CREATE */
	bool or_replace; /* MariaDB */
	struct ast_user_specs users;
	struct ast_user_names default_roles; /* DEFAULT ROLE a, b */
	struct ast_account_options options;
};

struct ast_rename_user {
	struct ast_user_name from;
	struct ast_user_name to;
};

struct ast_rename_users {
	struct ast_rename_user *items;
	size_t count;
};

struct ast_set_password {
	struct ast_user_name *user; /* or NULL: the current one */
	bool hashed;                /* SET PASSWORD = '*' and 40 digits: MySQL 5 takes it for a hash */
	bool old_function;          /* OLD_PASSWORD('..') */
	bool function;              /* PASSWORD('clear text') */
	struct bytes secret;
};

struct ast_privilege {
	const char *name; /* upper case: "SELECT", "CREATE TEMPORARY TABLES", "ALL", "GRANT OPTION", dynamic ones */
	struct ast_names columns;
	struct ast_span span;
};

struct ast_privileges {
	struct ast_privilege *items;
	size_t count;
};

enum ast_grant_object { AST_GRANT_TABLE, AST_GRANT_FUNCTION, AST_GRANT_PROCEDURE };
enum ast_grant_level { AST_LEVEL_GLOBAL, AST_LEVEL_DATABASE, AST_LEVEL_TABLE };

struct ast_grant { /* GRANT and REVOKE */
	struct ast_privileges privileges;
	enum ast_grant_object object; /* TABLE, or a routine */
	enum ast_grant_level level;   /* *.* global; db.* and * database; t and db.t table or routine */
	struct ast_object_name on;    /* DATABASE: .database alone, NULL with `ON *`, the current one */
	struct ast_user_specs users;
	struct ast_account_options options;
	bool grant_option;    /* WITH GRANT OPTION */
	bool all_from;        /* REVOKE ALL PRIVILEGES, GRANT OPTION FROM */
	bool if_exists;       /* REVOKE IF EXISTS */
	bool proxy;           /* GRANT PROXY ON user TO ... */
	struct ast_user_name *proxied;
};

struct ast_grant_roles { /* GRANT role TO, REVOKE role FROM, SET ROLE, SET DEFAULT ROLE */
	struct ast_user_names roles;
	struct ast_user_names users;
	bool admin_option;
	bool all;         /* SET ROLE ALL, ALL EXCEPT roles */
	bool none;        /* SET ROLE NONE */
	bool is_default;  /* SET ROLE DEFAULT */
};

enum ast_show_kind {
	AST_SHOW_AUTHORS,
	AST_SHOW_BINARY_LOGS,        /* also MASTER LOGS */
	AST_SHOW_BINARY_LOG_STATUS,  /* also MASTER STATUS, BINLOG STATUS */
	AST_SHOW_BINLOG_EVENTS,      /* file, position, limit */
	AST_SHOW_CHARACTER_SET,      /* like, where */
	AST_SHOW_COLLATION,          /* like, where */
	AST_SHOW_COLUMNS,            /* full, extended, object, like, where */
	AST_SHOW_CONTRIBUTORS,
	AST_SHOW_COUNT_ERRORS,
	AST_SHOW_COUNT_WARNINGS,
	AST_SHOW_CREATE_DATABASE,    /* object.name, if_not_exists */
	AST_SHOW_CREATE_EVENT,       /* object */
	AST_SHOW_CREATE_FUNCTION,    /* object */
	AST_SHOW_CREATE_PROCEDURE,   /* object */
	AST_SHOW_CREATE_TABLE,       /* object */
	AST_SHOW_CREATE_TRIGGER,     /* object */
	AST_SHOW_CREATE_USER,        /* user, or NULL */
	AST_SHOW_CREATE_VIEW,        /* object */
	AST_SHOW_DATABASES,          /* like, where */
	AST_SHOW_ENGINE,             /* engine, what: STATUS, MUTEX, LOGS */
	AST_SHOW_ENGINES,
	AST_SHOW_ERRORS,             /* limit */
	AST_SHOW_EVENTS,             /* object.database, like, where */
	AST_SHOW_EXPLAIN,            /* connection_id: SHOW EXPLAIN FOR */
	AST_SHOW_FUNCTION_CODE,      /* object */
	AST_SHOW_FUNCTION_STATUS,    /* like, where */
	AST_SHOW_GRANTS,             /* user, or NULL; using */
	AST_SHOW_INDEXES,            /* extended, object, where */
	AST_SHOW_OPEN_TABLES,        /* object.database, like, where */
	AST_SHOW_PLUGINS,            /* like, where */
	AST_SHOW_PRIVILEGES,
	AST_SHOW_PROCEDURE_CODE,     /* object */
	AST_SHOW_PROCEDURE_STATUS,   /* like, where */
	AST_SHOW_PROCESSLIST,        /* full */
	AST_SHOW_PROFILE,            /* limit */
	AST_SHOW_PROFILES,
	AST_SHOW_RELAYLOG_EVENTS,    /* file, position, limit, channel */
	AST_SHOW_REPLICAS,           /* also SLAVE HOSTS */
	AST_SHOW_REPLICA_STATUS,     /* channel; all: ALL SLAVES STATUS */
	AST_SHOW_STATUS,             /* scope, like, where */
	AST_SHOW_TABLES,             /* full, extended, object.database, like, where */
	AST_SHOW_TABLE_STATUS,       /* object.database, like, where */
	AST_SHOW_TRIGGERS,           /* full, object.database, like, where */
	AST_SHOW_VARIABLES,          /* scope, like, where */
	AST_SHOW_WARNINGS,           /* limit */
};

struct ast_show {
	enum ast_show_kind kind;
	bool full;
	bool extended;
	bool all;           /* ALL SLAVES STATUS */
	bool old_spelling;  /* SLAVE or MASTER was written: answer with the old column names */
	bool if_not_exists;
	enum ast_variable_scope scope;
	struct ast_object_name object; /* the table, routine or database asked for */
	struct bytes like;             /* data NULL: none */
	struct ast_expr *where;        /* or NULL */
	struct ast_limit *limit;       /* or NULL */
	struct bytes file;             /* data NULL: the first one */
	struct ast_expr *position;     /* FROM pos, or NULL */
	const char *channel;           /* FOR CHANNEL or MariaDB's connection name, or NULL */
	struct ast_user_name *user;    /* or NULL: the current one */
	const char *engine;            /* SHOW ENGINE x; "ALL" for all */
	const char *what;              /* upper case */
	uint64_t connection_id;
};

enum ast_explain_format { AST_EXPLAIN_DEFAULT, AST_EXPLAIN_TRADITIONAL, AST_EXPLAIN_JSON, AST_EXPLAIN_TREE };

struct ast_explain {
	enum ast_explain_format format;
	bool analyze;
	bool extended;
	bool partitions;
	struct ast_statement *statement; /* NULL: FOR CONNECTION */
	uint64_t connection_id;
};

struct ast_describe { /* DESCRIBE table [column] */
	struct ast_object_name table;
	const char *column; /* a name or a pattern, or NULL */
};

struct ast_plugin {
	const char *name;
	struct bytes library; /* INSTALL's */
};

struct ast_kill {
	bool query; /* KILL QUERY; else the connection */
	bool soft;  /* MariaDB's SOFT */
	bool by_user; /* KILL USER name */
	bool query_id; /* MariaDB's KILL QUERY ID n */
	struct ast_user_name user;
	struct ast_expr *id;
};

enum ast_flush { /* bits */
	AST_FLUSH_TABLES = 1 << 0,
	AST_FLUSH_LOGS = 1 << 1, /* all of them */
	AST_FLUSH_BINARY_LOGS = 1 << 2,
	AST_FLUSH_RELAY_LOGS = 1 << 3,
	AST_FLUSH_ERROR_LOGS = 1 << 4,
	AST_FLUSH_ENGINE_LOGS = 1 << 5,
	AST_FLUSH_GENERAL_LOGS = 1 << 6,
	AST_FLUSH_SLOW_LOGS = 1 << 7,
	AST_FLUSH_PRIVILEGES = 1 << 8,
	AST_FLUSH_STATUS = 1 << 9,
	AST_FLUSH_HOSTS = 1 << 10,
	AST_FLUSH_QUERY_CACHE = 1 << 11,
	AST_FLUSH_USER_RESOURCES = 1 << 12,
	AST_FLUSH_OPTIMIZER_COSTS = 1 << 13,
	AST_FLUSH_DES_KEY_FILE = 1 << 14,
	AST_FLUSH_MASTER = 1 << 15, /* MySQL 4's RESET MASTER */
	AST_FLUSH_SLAVE = 1 << 16,
	AST_FLUSH_OTHER = 1 << 17, /* MariaDB's client, index and user statistics, SSL */
};

struct ast_flush_statement {
	unsigned what; /* enum ast_flush */
	bool local;    /* LOCAL, NO_WRITE_TO_BINLOG */
	struct ast_object_names tables;
	bool with_read_lock;
	bool for_export;
	const char *channel; /* RELAY LOGS FOR CHANNEL, or NULL */
};

enum ast_reset { /* bits */
	AST_RESET_BINARY_LOGS = 1 << 0, /* RESET MASTER, RESET BINARY LOGS AND GTIDS */
	AST_RESET_REPLICA = 1 << 1,
	AST_RESET_QUERY_CACHE = 1 << 2,
	AST_RESET_PERSIST = 1 << 3,
};

struct ast_reset_statement {
	unsigned what;       /* enum ast_reset */
	uint64_t file_number; /* RESET MASTER TO n, or 0 */
	bool all;            /* RESET REPLICA ALL */
	const char *channel; /* or NULL */
	const char *variable; /* RESET PERSIST name, or NULL: all */
	bool if_exists;
};

struct ast_purge_logs {
	struct bytes to;         /* TO 'file'; data NULL with before */
	struct ast_expr *before; /* BEFORE datetime, or NULL */
};

/*
 * CHANGE MASTER, CHANGE REPLICATION SOURCE. Option names come in today's words: MASTER_HOST arrives as
 * SOURCE_HOST, GET_MASTER_PUBLIC_KEY as GET_SOURCE_PUBLIC_KEY. MariaDB's MASTER_USE_GTID is SOURCE_USE_GTID
 * with a bare word; IGNORE_SERVER_IDS, DO_DOMAIN_IDS and IGNORE_DOMAIN_IDS are lists.
 */
struct ast_change_source {
	struct ast_options options;
	const char *channel; /* FOR CHANNEL or MariaDB's connection name, or NULL */
};

struct ast_change_filter { /* CHANGE REPLICATION FILTER */
	struct ast_options options; /* REPLICATE_DO_DB, ...: lists of AST_COLUMN names, strings, or AST_ROW pairs */
	const char *channel;
};

enum ast_replica_thread { AST_THREAD_IO = 1 << 0, AST_THREAD_SQL = 1 << 1 }; /* bits */

struct ast_replica { /* START and STOP REPLICA */
	bool all;          /* START ALL SLAVES */
	unsigned threads;  /* enum ast_replica_thread; 0: both */
	struct ast_options until; /* SQL_BEFORE_GTIDS, SOURCE_LOG_FILE, ..., as with CHANGE SOURCE */
	struct ast_options connection; /* USER, PASSWORD, DEFAULT_AUTH, PLUGIN_DIR */
	const char *channel; /* or NULL */
};

struct ast_binlog {
	struct bytes text;           /* BASE64 */
	struct ast_names fragments;  /* or user variables that hold its parts, in order */
};

enum ast_maintenance { AST_ANALYZE, AST_CHECK_TABLE, AST_CHECKSUM, AST_OPTIMIZE, AST_REPAIR };

struct ast_table_maintenance {
	enum ast_maintenance kind;
	bool local; /* LOCAL, NO_WRITE_TO_BINLOG */
	struct ast_object_names tables;
	struct ast_strings options; /* upper case: QUICK, EXTENDED, FAST, MEDIUM, CHANGED, FOR UPGRADE, USE_FRM */
};

struct ast_prepare {
	struct ast_name name;
	bool from_variable;  /* text is a user variable's name */
	struct bytes text;   /* or the statement */
};

struct ast_execute { /* EXECUTE and DEALLOCATE */
	struct ast_name name;
	struct ast_names variables; /* USING @a, @b */
	bool immediate;      /* MariaDB's EXECUTE IMMEDIATE: text, from_variable */
	bool from_variable;
	struct bytes text;
};

struct ast_call_procedure {
	struct ast_object_name name;
	struct ast_exprs arguments;
};
