/* The tree of definitions: databases, tables, indexes, views and stored programs. */
#pragma once

#include "sql/parse/ast_query.h"

/*
 * A NAME = value pair: table, database and CHANGE SOURCE options, resource limits, replication filters.
 * The name is MySQL's in upper case, its words joined by one space and its optional words gone (CHARSET for
 * [DEFAULT] CHARACTER SET, COLLATE, ENGINE for TYPE too). The value is a literal; bare words are
 * string literals. DEFAULT is an AST_DEFAULT without a name.
 */
struct ast_option {
	const char *name;
	struct ast_expr *value; /* NULL where list holds it */
	struct ast_exprs list;  /* parenthesised lists: literals, or AST_COLUMN for [db.]table names */
	struct ast_span span;
};

struct ast_options {
	struct ast_option *items;
	size_t count;
};

/* Who a view or stored program runs as: user@host, or CURRENT_USER. */
struct ast_user_name {
	const char *user; /* "" is the anonymous user; NULL with current_user */
	const char *host; /* NULL: not written, which means % for users */
	bool current_user;
	struct ast_span span;
};

struct ast_user_names {
	struct ast_user_name *items;
	size_t count;
};

enum ast_key_kind { AST_KEY_INDEX, AST_KEY_UNIQUE, AST_KEY_PRIMARY, AST_KEY_FULLTEXT, AST_KEY_SPATIAL };
enum ast_index_method { AST_INDEX_DEFAULT, AST_INDEX_BTREE, AST_INDEX_HASH, AST_INDEX_RTREE };

struct ast_key_part {
	struct ast_name column; /* NULL with an expression */
	struct ast_expr *expr;  /* functional key part, or NULL */
	uint32_t prefix;        /* (n), or 0 */
	bool descending;
};

struct ast_key_parts {
	struct ast_key_part *items;
	size_t count;
};

struct ast_key {
	enum ast_key_kind kind;
	struct ast_name name;       /* or NULL */
	struct ast_name constraint; /* CONSTRAINT name, or NULL: the name for UNIQUE where name is NULL */
	struct ast_key_parts parts;
	enum ast_index_method method;
	uint32_t block_size;  /* KEY_BLOCK_SIZE, or 0 */
	struct bytes comment; /* data NULL: none */
	const char *parser;   /* WITH PARSER name, or NULL */
	bool invisible;
	bool if_not_exists; /* MariaDB */
	struct ast_span span;
};

enum ast_reference_action {
	AST_REFERENCE_UNSPECIFIED, /* acts as NO ACTION */
	AST_REFERENCE_RESTRICT,
	AST_REFERENCE_CASCADE,
	AST_REFERENCE_SET_NULL,
	AST_REFERENCE_NO_ACTION,
	AST_REFERENCE_SET_DEFAULT,
};

enum ast_reference_match { AST_MATCH_UNSPECIFIED, AST_MATCH_FULL, AST_MATCH_PARTIAL, AST_MATCH_SIMPLE };

struct ast_reference {
	struct ast_object_name table;
	struct ast_key_parts columns;
	enum ast_reference_match match;
	enum ast_reference_action on_delete;
	enum ast_reference_action on_update;
};

struct ast_foreign_key {
	struct ast_name constraint; /* CONSTRAINT name, or NULL */
	struct ast_name name;       /* FOREIGN KEY name, or NULL */
	struct ast_key_parts columns;
	struct ast_reference reference;
	struct ast_span span;
};

struct ast_check {
	struct ast_name constraint; /* or NULL */
	struct ast_expr *expr;
	bool not_enforced;
	struct ast_span span;
};

struct ast_checks {
	struct ast_check *items;
	size_t count;
};

enum ast_nullability { AST_NULL_UNSPECIFIED, AST_NULL, AST_NOT_NULL };
enum ast_column_key { AST_COLUMN_KEY_NONE, AST_COLUMN_KEY_PRIMARY, AST_COLUMN_KEY_UNIQUE, AST_COLUMN_KEY_PLAIN };
enum ast_generation { AST_NOT_GENERATED, AST_GENERATED_VIRTUAL, AST_GENERATED_STORED };

struct ast_column_def {
	struct ast_name name;
	struct ast_type *type;
	enum ast_nullability nullability;
	struct ast_expr *default_value; /* DEFAULT x: a literal, -literal, now(), or any in parentheses; or NULL */
	bool default_is_expression;     /* DEFAULT (expr) */
	struct ast_expr *on_update;     /* ON UPDATE CURRENT_TIMESTAMP: now(), or NULL */
	bool auto_increment;
	bool primary; /* inline keys; SERIAL is UNIQUE */
	bool unique;
	struct bytes comment; /* data NULL: none */
	bool invisible;
	enum ast_generation generation;
	struct ast_expr *generated; /* AS (expr), or NULL */
	struct ast_checks checks;
	struct ast_reference *reference; /* inline REFERENCES, which MySQL ignores; or NULL */
	struct ast_span span;
};

struct ast_column_defs {
	struct ast_column_def **items;
	size_t count;
};

struct ast_keys {
	struct ast_key **items;
	size_t count;
};

struct ast_foreign_keys {
	struct ast_foreign_key **items;
	size_t count;
};

enum ast_select_duplicates { AST_DUPLICATES_ERROR, AST_DUPLICATES_IGNORE, AST_DUPLICATES_REPLACE };

struct ast_create_table {
	bool temporary;
	bool if_not_exists;
	bool or_replace; /* MariaDB */
	struct ast_object_name name;
	struct ast_object_name *like; /* CREATE TABLE .. LIKE, or NULL */
	struct ast_column_defs columns;
	struct ast_keys keys;
	struct ast_foreign_keys foreign_keys;
	struct ast_checks checks;
	struct ast_options options;
	struct ast_span partition; /* PARTITION BY ..., as written, up to the end; size 0: none */
	enum ast_select_duplicates duplicates;
	struct ast_query *query; /* CREATE TABLE .. SELECT, or NULL */
};

enum ast_alter_kind {
	AST_ALTER_ADD_COLUMN,      /* column, position, if_exists means IF NOT EXISTS */
	AST_ALTER_MODIFY_COLUMN,   /* column, position */
	AST_ALTER_CHANGE_COLUMN,   /* name: old name; column, position */
	AST_ALTER_DROP_COLUMN,     /* name, if_exists */
	AST_ALTER_RENAME_COLUMN,   /* name, new_name */
	AST_ALTER_SET_DEFAULT,     /* name, value */
	AST_ALTER_DROP_DEFAULT,    /* name */
	AST_ALTER_SET_VISIBLE,     /* name: column; value of `visible` */
	AST_ALTER_ADD_KEY,         /* key */
	AST_ALTER_DROP_KEY,        /* name, if_exists */
	AST_ALTER_DROP_PRIMARY_KEY,
	AST_ALTER_RENAME_KEY,      /* name, new_name */
	AST_ALTER_KEY_VISIBLE,     /* name; value of `visible` */
	AST_ALTER_ADD_FOREIGN_KEY, /* foreign_key */
	AST_ALTER_DROP_FOREIGN_KEY, /* name, if_exists */
	AST_ALTER_ADD_CHECK,       /* check */
	AST_ALTER_DROP_CHECK,      /* name: DROP CHECK */
	AST_ALTER_DROP_CONSTRAINT, /* name: of any kind, if_exists */
	AST_ALTER_CHECK_ENFORCED,  /* name; `visible` false means NOT ENFORCED */
	AST_ALTER_RENAME_TABLE,    /* table */
	AST_ALTER_OPTION,          /* option: ENGINE, COMMENT, CHARSET (the default), ... */
	AST_ALTER_CONVERT_CHARSET, /* charset (NULL: DEFAULT), collation (or NULL) */
	AST_ALTER_ORDER_BY,        /* order_by */
	AST_ALTER_DISABLE_KEYS,
	AST_ALTER_ENABLE_KEYS,
	AST_ALTER_FORCE,
	AST_ALTER_ALGORITHM, /* word: DEFAULT, INSTANT, INPLACE, COPY, NOCOPY */
	AST_ALTER_LOCK,      /* word: DEFAULT, NONE, SHARED, EXCLUSIVE */
	AST_ALTER_VALIDATION, /* WITH or WITHOUT VALIDATION: `visible` */
	AST_ALTER_PARTITION, /* span: any partition action, DISCARD and IMPORT TABLESPACE too */
};

enum ast_position { AST_POSITION_NONE, AST_POSITION_FIRST, AST_POSITION_AFTER };

struct ast_alter_action {
	enum ast_alter_kind kind;
	struct ast_name name;
	struct ast_name new_name;
	bool if_exists;
	bool visible;
	struct ast_column_def *column;
	enum ast_position position;
	struct ast_name after; /* AST_POSITION_AFTER */
	struct ast_expr *value;
	struct ast_key *key;
	struct ast_foreign_key *foreign_key;
	struct ast_check *check;
	struct ast_object_name table;
	struct ast_option option;
	const char *charset;
	const char *collation;
	const char *word; /* upper case */
	struct ast_orders order_by;
	struct ast_span span;
};

struct ast_alter_actions {
	struct ast_alter_action *items;
	size_t count;
};

struct ast_alter_table {
	bool ignore;    /* MySQL 5's ALTER IGNORE TABLE */
	bool if_exists; /* MariaDB */
	struct ast_object_name name;
	struct ast_alter_actions actions; /* may be empty */
};

struct ast_create_index {
	bool or_replace; /* MariaDB */
	struct ast_object_name table;
	struct ast_key *key;
};

struct ast_drop_index {
	bool if_exists; /* MariaDB */
	struct ast_name name; /* PRIMARY: the primary key */
	struct ast_object_name table;
};

struct ast_drop_tables { /* also DROP VIEW */
	bool temporary;
	bool if_exists;
	struct ast_object_names tables;
};

struct ast_rename {
	struct ast_object_name from;
	struct ast_object_name to;
};

struct ast_rename_tables {
	struct ast_rename *items;
	size_t count;
};

struct ast_database { /* CREATE, ALTER and DROP DATABASE */
	bool if_exists; /* IF EXISTS, or IF NOT EXISTS on CREATE */
	bool or_replace; /* MariaDB */
	struct ast_name name;       /* ALTER: NULL is the current one */
	const char *charset;        /* or NULL */
	const char *collation;      /* or NULL */
	struct ast_options options; /* ENCRYPTION, READ ONLY, COMMENT */
};

enum ast_view_algorithm { AST_VIEW_UNDEFINED, AST_VIEW_MERGE, AST_VIEW_TEMPTABLE };
enum ast_view_check { AST_VIEW_CHECK_NONE, AST_VIEW_CHECK_LOCAL, AST_VIEW_CHECK_CASCADED };

struct ast_create_view {
	bool alter; /* ALTER VIEW */
	bool or_replace;
	bool if_not_exists; /* MariaDB */
	enum ast_view_algorithm algorithm;
	struct ast_user_name *definer; /* or NULL: the current user */
	bool security_invoker;
	struct ast_object_name name;
	struct ast_names columns;
	struct ast_query *query;
	struct ast_span query_span; /* the query as written */
	enum ast_view_check check;
};

enum ast_program_kind { AST_TRIGGER, AST_PROCEDURE, AST_FUNCTION, AST_EVENT };

/* A stored program is recognised and kept as text. */
struct ast_create_program {
	enum ast_program_kind kind;
	bool or_replace;
	bool if_not_exists;
	struct ast_user_name *definer; /* or NULL */
	struct ast_object_name name;
	const char *timing;           /* trigger: "BEFORE", "AFTER" */
	const char *event;            /* trigger: "INSERT", "UPDATE", "DELETE" */
	struct ast_object_name table; /* trigger */
	struct ast_span body;         /* trigger: after FOR EACH ROW; the others: all behind the name */
};

struct ast_drop_program {
	enum ast_program_kind kind;
	bool if_exists;
	struct ast_object_name name;
};
