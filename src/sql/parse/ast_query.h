/* The tree of everything that reads or changes rows: queries, INSERT, UPDATE, DELETE, LOAD DATA. */
#pragma once

#include "sql/parse/ast_expr.h"

enum ast_table_ref_kind {
	AST_TABLE,   /* table: a table, view or common table expression */
	AST_DERIVED, /* derived: (query) AS alias */
	AST_JOIN,    /* join */
};

enum ast_join_kind {
	AST_JOIN_INNER, /* JOIN, INNER JOIN, CROSS JOIN, or a comma */
	AST_JOIN_LEFT,
	AST_JOIN_RIGHT,
	AST_JOIN_STRAIGHT, /* STRAIGHT_JOIN: inner, left side read first */
};

enum ast_index_hint_kind { AST_HINT_USE, AST_HINT_IGNORE, AST_HINT_FORCE };
enum ast_index_hint_use { AST_HINT_FOR_ALL, AST_HINT_FOR_JOIN, AST_HINT_FOR_ORDER, AST_HINT_FOR_GROUP };

struct ast_index_hint {
	enum ast_index_hint_kind kind;
	enum ast_index_hint_use use;
	struct ast_names indexes; /* PRIMARY is a name here; USE INDEX () is empty */
};

struct ast_index_hints {
	struct ast_index_hint *items;
	size_t count;
};

struct ast_table_ref {
	enum ast_table_ref_kind kind;
	uint16_t depth;
	bool parenthesised; /* a join in parentheses of its own */
	struct ast_span span;
	struct ast_name alias; /* or NULL; also of derived tables */
	union {
		struct {
			struct ast_object_name name;
			struct ast_names partitions;
			struct ast_index_hints hints;
		} table;
		struct {
			struct ast_query *query;
			struct ast_names columns; /* AS alias (a, b) */
			bool lateral;
		} derived;
		struct {
			enum ast_join_kind kind;
			bool comma; /* written as a comma: for the message that names the clause */
			bool natural;
			struct ast_table_ref *left;
			struct ast_table_ref *right;
			struct ast_expr *on;    /* or NULL */
			struct ast_names using; /* or empty */
		} join;
	};
};

struct ast_select_item {
	struct ast_expr *expr; /* AST_STAR among them */
	struct ast_name alias; /* or NULL */
	const char *heading;   /* the result column's name: alias, column name, or the text as written */
};

struct ast_select_items {
	struct ast_select_item *items;
	size_t count;
};

struct ast_windows {
	struct ast_window **items;
	size_t count;
};

enum ast_select_option { /* bits */
	AST_SELECT_DISTINCT = 1 << 0,
	AST_SELECT_STRAIGHT_JOIN = 1 << 1,
	AST_SELECT_HIGH_PRIORITY = 1 << 2,
	AST_SELECT_SMALL_RESULT = 1 << 3,
	AST_SELECT_BIG_RESULT = 1 << 4,
	AST_SELECT_BUFFER_RESULT = 1 << 5,
	AST_SELECT_CALC_FOUND_ROWS = 1 << 6,
	AST_SELECT_NO_CACHE = 1 << 7,
	AST_SELECT_CACHE = 1 << 8,
	AST_SELECT_ALL = 1 << 9,
};

struct ast_select {
	struct ast_span span;
	unsigned options; /* enum ast_select_option */
	struct ast_select_items items;
	struct ast_table_ref *from; /* NULL: no table, or DUAL */
	struct ast_expr *where;     /* or NULL */
	struct ast_orders group_by;
	bool rollup;
	struct ast_expr *having; /* or NULL */
	struct ast_windows windows;
	struct ast_into *into; /* the parser's: always NULL in a finished tree, see struct ast_query */
};

struct ast_rows {
	struct ast_exprs *items; /* one list a row */
	size_t count;
};

enum ast_body_kind {
	AST_BODY_SELECT,        /* select; TABLE t is SELECT * FROM t */
	AST_BODY_VALUES,        /* rows: VALUES ROW(..), ROW(..) */
	AST_BODY_SET_OPERATION, /* set */
	AST_BODY_QUERY,         /* query: parenthesised, with an ORDER BY and LIMIT of its own */
};

enum ast_set_operator { AST_UNION, AST_EXCEPT, AST_INTERSECT };

struct ast_body {
	enum ast_body_kind kind;
	uint16_t depth;
	struct ast_span span;
	union {
		struct ast_select *select;
		struct ast_rows rows;
		struct {
			enum ast_set_operator op;
			bool all; /* ALL; else DISTINCT */
			struct ast_body *left;
			struct ast_body *right;
		} set;
		struct ast_query *query;
	};
};

struct ast_limit {
	struct ast_expr *count;  /* a literal or a placeholder */
	struct ast_expr *offset; /* or NULL */
};

struct ast_common_table {
	struct ast_name name;
	struct ast_names columns; /* or empty */
	struct ast_query *query;
};

struct ast_with {
	bool recursive;
	struct ast_common_table *items;
	size_t count;
};

enum ast_lock_strength { AST_LOCK_UPDATE, AST_LOCK_SHARE };
enum ast_lock_wait { AST_LOCK_WAIT, AST_LOCK_NOWAIT, AST_LOCK_SKIP_LOCKED };

struct ast_row_lock {
	enum ast_lock_strength strength;
	enum ast_lock_wait wait;
	struct ast_object_names tables; /* OF t1, t2; empty: all */
};

struct ast_row_locks {
	struct ast_row_lock *items;
	size_t count;
};

/* FIELDS and LINES of LOAD DATA and SELECT ... INTO OUTFILE; data NULL where not written. */
struct ast_file_format {
	struct bytes field_terminator; /* default: tab */
	struct bytes field_enclosure;  /* default: none */
	bool optionally_enclosed;
	struct bytes field_escape;    /* default: backslash; written and empty: none */
	struct bytes line_start;      /* default: none */
	struct bytes line_terminator; /* default: newline */
};

enum ast_into_kind { AST_INTO_VARIABLES, AST_INTO_OUTFILE, AST_INTO_DUMPFILE };

struct ast_into {
	enum ast_into_kind kind;
	struct ast_names variables; /* user variables, without @ */
	struct bytes file;
	const char *charset; /* of OUTFILE, or NULL */
	struct ast_file_format format;
};

/* A query expression: what may stand as a SELECT statement, a subquery, a view's body. */
struct ast_query {
	struct ast_span span;        /* without parentheses around it */
	struct ast_span parentheses; /* with them; size 0: none */
	uint16_t depth;
	struct ast_with *with; /* or NULL */
	struct ast_body *body;
	struct ast_orders order_by; /* of a plain SELECT, its ORDER BY; of a set operation, the whole's */
	struct ast_limit *limit;    /* or NULL */
	struct ast_row_locks locks;
	struct ast_into *into; /* or NULL */
};

struct ast_assignment {
	struct ast_expr *column; /* AST_COLUMN */
	struct ast_expr *value;  /* AST_DEFAULT without a name: DEFAULT */
};

struct ast_assignments {
	struct ast_assignment *items;
	size_t count;
};

enum ast_priority { AST_PRIORITY_NORMAL, AST_PRIORITY_LOW, AST_PRIORITY_HIGH, AST_PRIORITY_DELAYED };

/* A row of VALUES: expressions, or what plain literals say (plain_rows.h). */
struct ast_insert_row {
	struct ast_expr **items;    /* or NULL */
	const struct value *values; /* or NULL; strings in UTF-8, or binary */
	size_t count;
};

struct ast_insert_rows {
	struct ast_insert_row *items;
	size_t count;
};

struct ast_insert {
	bool replace; /* REPLACE */
	bool ignore;
	enum ast_priority priority;
	struct ast_object_name table;
	struct ast_names partitions;
	struct ast_exprs columns; /* AST_COLUMN; empty with has_columns false: all */
	bool has_columns;
	bool set_form;             /* INSERT ... SET: columns and one row */
	struct ast_insert_rows rows; /* when query is NULL */
	struct ast_query *query;   /* or NULL */
	struct ast_name row_alias; /* VALUES (..) AS alias [(column, ...)], or NULL */
	struct ast_names column_aliases;
	struct ast_assignments on_duplicate;
	struct ast_select_items returning; /* MariaDB's RETURNING */
};

struct ast_update {
	struct ast_with *with; /* or NULL */
	bool ignore;
	bool low_priority;
	bool multiple_tables; /* more than one table is named: no ORDER BY, no LIMIT */
	struct ast_table_ref *tables;
	struct ast_assignments assignments;
	struct ast_expr *where; /* or NULL */
	struct ast_orders order_by;
	struct ast_limit *limit; /* or NULL */
};

struct ast_delete {
	struct ast_with *with; /* or NULL */
	bool ignore;
	bool low_priority;
	bool quick;
	bool multiple_tables;            /* DELETE a, b FROM .. or DELETE FROM a, b USING .. */
	struct ast_object_names targets; /* multiple_tables: tables or aliases to delete from */
	struct ast_table_ref *tables;    /* the one table, or the joined ones */
	struct ast_expr *where;          /* or NULL */
	struct ast_orders order_by;
	struct ast_limit *limit;           /* or NULL */
	struct ast_select_items returning; /* MariaDB's RETURNING */
};

enum ast_load_duplicates { AST_LOAD_ERROR, AST_LOAD_IGNORE, AST_LOAD_REPLACE };

struct ast_load_data {
	bool xml; /* LOAD XML */
	bool local;
	enum ast_priority priority; /* LOW_PRIORITY, or HIGH for CONCURRENT */
	struct bytes file;
	enum ast_load_duplicates duplicates;
	struct ast_object_name table;
	struct ast_names partitions;
	const char *charset; /* or NULL */
	struct ast_file_format format;
	uint64_t ignored_lines;
	struct ast_exprs targets; /* AST_COLUMN or AST_USER_VARIABLE; empty: all columns */
	struct ast_assignments assignments;
};
