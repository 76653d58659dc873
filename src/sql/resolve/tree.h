/*
 * The resolved and typed tree: what a statement means, with nothing left to look up and nothing left to decide.
 *
 * Names have become sources and column positions, * and NATURAL are expanded, views stand as derived tables, every
 * conversion that MySQL does silently is a node (TREE_CONVERT), every comparison says as what it compares. So
 * SQLite SQL is printed node by node:
 *
 *   class     how a value is held in the evaluator (enum value_class); an argument has the class its function asks for
 *   type      what MySQL announces for the value, and how it prints: scale, fsp, zerofill, collation, ENUM names
 *
 * Comparable classes compare as SQLite compares their representations, TEXT with the collation the node names. Two
 * sides of a comparison have the same class after resolving, but for what SQLite compares exactly as it is: DATE with
 * DATETIME, INTEGER (but BIGINT UNSIGNED) with REAL, ENUM with its INTEGER index. Where MySQL could use an index the
 * column side stays a bare TREE_COLUMN and the other side was converted.
 *
 * All of it lives in the arena of the resolve_environment. Tables, collations and AST texts are borrowed from
 * whoever gave them. Nodes may be shared (an alias used in HAVING is the select item's own node): the tree is a
 * DAG, immutable for its readers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "catalog/catalog.h"
#include "sql/parse/ast.h"
#include "type/column_type.h"
#include "type/value.h"

struct function;
struct tree_query;
struct tree_source;
struct tree_select;

/* Representations, see the evaluator's values: */
enum value_class {
	CLASS_NULL,     /* the NULL literal and what cannot be else; needs no conversion to anything */
	CLASS_INTEGER,  /* INTEGER; unsigned above INT64_MAX: 8 byte big endian BLOB. Also YEAR, BIT, truth values */
	CLASS_REAL,     /* REAL */
	CLASS_DECIMAL,  /* BLOB of decimal_sortable: canonical, without scale (type.decimals has it) */
	CLASS_TEXT,     /* TEXT, UTF-8 whatever type.collation->charset is */
	CLASS_BINARY,   /* BLOB */
	CLASS_DATE,     /* INTEGER, packed datetime of type/temporal.h with zero time */
	CLASS_TIME,     /* INTEGER, packed time */
	CLASS_DATETIME, /* INTEGER, packed datetime. DATE -> DATETIME is the same number */
	CLASS_JSON,     /* TEXT, normalised JSON */
	CLASS_ENUM,     /* INTEGER, index from 1, 0 for the error value; only columns and what passes them on whole */
	CLASS_SET,      /* INTEGER, bit mask; likewise */
	CLASS_COUNT,
};

/* MySQL's coercibility: the smaller decides a comparison's collation. */
enum coercibility {
	COERCIBLE_EXPLICIT = 0,  /* COLLATE clause */
	COERCIBLE_NONE = 1,      /* two collations met without a winner */
	COERCIBLE_IMPLICIT = 2,  /* columns */
	COERCIBLE_SYSCONST = 3,  /* USER(), VERSION() */
	COERCIBLE_LITERAL = 4,   /* literals, parameters, user variables (which MySQL says are 2) */
	COERCIBLE_NUMERIC = 5,   /* numbers and times made text */
	COERCIBLE_IGNORABLE = 6, /* NULL */
};

enum tree_expr_kind {
	TREE_LITERAL,       /* literal */
	TREE_PARAMETER,     /* parameter: number from 0 */
	TREE_COLUMN,        /* column */
	TREE_ROW_HANDLE,    /* column.source: where the row is, for the change door; only as a select item */
	TREE_OUTPUT,        /* output: the n-th column of the query, in ORDER BY of a set operation */
	TREE_CONVERT,       /* convert */
	TREE_COLLATE,       /* collate.operand as text of another collation: type.collation. Nothing to compute */
	TREE_COMPARE,       /* compare */
	TREE_BETWEEN,       /* between */
	TREE_IN_LIST,       /* in_list */
	TREE_IN_QUERY,      /* in_query */
	TREE_QUANTIFIED,    /* in_query with op and all: op ANY, op ALL */
	TREE_ROW_QUERY,     /* in_query with op: (a, b) op (one row subquery), op is =, <>, <=>, <, <=, >, >= */
	TREE_EXISTS,        /* query */
	TREE_SUBQUERY,      /* query: scalar. More than one row is error 1242, unless query->at_most_one_row */
	TREE_NOT,           /* logical.operands[0] */
	TREE_AND,           /* logical: operands are truth values (INTEGER 0, 1, NULL), two or more */
	TREE_OR,
	TREE_XOR,           /* logical: two operands */
	TREE_IS,            /* is: operand is a truth value unless test is AST_TEST_NULL. Never NULL itself */
	TREE_CASE,          /* conditional: CASE WHEN condition THEN ...; all results have the node's class */
	TREE_LIKE,          /* like */
	TREE_CALL,          /* call: a function or operator; aggregates and window functions too */
	TREE_USER_VARIABLE, /* variable: its value now; class and type are those it had when resolved */
	TREE_ASSIGN,        /* variable.name := variable.value; the node's value is the value's */
	TREE_DEFAULT,       /* column.column of column.source: the bare DEFAULT in INSERT and UPDATE; exec computes it */
};

enum tree_facts { /* of a node and all below it, subqueries included where they reach out */
	FACT_COLUMN = 1 << 0,           /* reads a column of this query block */
	FACT_OUTER = 1 << 1,            /* reads a column of an enclosing block */
	FACT_AGGREGATE = 1 << 2,        /* holds an aggregate of this query block */
	FACT_WINDOW = 1 << 3,
	FACT_SUBQUERY = 1 << 4,
	FACT_PARAMETER = 1 << 5,
	FACT_NONDETERMINISTIC = 1 << 6, /* may differ from call to call: RAND(), UUID(), user variables, assignments */
	FACT_SESSION = 1 << 7,          /* depends on the session or the clock: NOW(), DATABASE(), LAST_INSERT_ID() */
	FACT_UNSAFE = 1 << 8,           /* unsafe in statement format */
	FACT_EFFECT = 1 << 9,           /* does something: SLEEP(), GET_LOCK(), @a := 1 */
	/* only in resolve_environment.facts */
	FACT_LIMIT = 1 << 10,           /* has a LIMIT somewhere */
	FACT_SYSTEM_VARIABLE = 1 << 11, /* reads a @@variable that does not travel with a statement's text */
};

/* Nothing but literals, parameters and deterministic functions of them: one value for the whole statement. */
#define FACTS_VARYING (FACT_COLUMN | FACT_OUTER | FACT_AGGREGATE | FACT_WINDOW | FACT_SUBQUERY | FACT_NONDETERMINISTIC)

/* Why a value is converted: decides how a value that does not fit is spoken of. */
enum convert_reason {
	CONVERT_IMPLICIT, /* an argument or an aggregated result; warning 1292 for bad texts */
	CONVERT_COMPARE,  /* the constant side of a comparison; bad DATE/TIME texts are error 1525 */
	CONVERT_CAST,     /* CAST and CONVERT; warning 1292, NULL for bad times */
	CONVERT_STORE,    /* what a column would hold after this was stored: an earlier assignment of the same UPDATE */
};

/* Constant arguments that the resolver adds behind the real ones, in this order, as the function's row says. */
struct tree_extra {
	bool is_text;
	int64_t number;
	const char *text; /* UTF-8 */
};

struct tree_order {
	struct tree_expr *expr;
	bool descending;
	int item; /* the select item (from 0) this is, or -1: print its position number or the expression */
	/* TEXT: order and group by expr->type.collation */
};

struct tree_orders {
	struct tree_order *items;
	unsigned count;
};

struct tree_exprs {
	struct tree_expr **items;
	unsigned count;
};

struct tree_bound {
	enum ast_frame_bound_kind kind;
	struct tree_expr *distance; /* constant, INTEGER for ROWS and GROUPS, numeric for RANGE */
};

struct tree_window {
	struct tree_exprs partition_by;
	struct tree_orders order_by;
	bool has_frame; /* else MySQL's default, which is SQLite's */
	enum ast_frame_unit unit;
	struct tree_bound start, end;
};

struct tree_arm {
	struct tree_expr *condition; /* truth value */
	struct tree_expr *result;
};

struct tree_expr {
	enum tree_expr_kind kind;
	enum value_class class;
	struct column_type type;
	bool nullable;
	bool is_truth;      /* INTEGER 0, 1 or NULL: may stand as a condition as it is */
	bool is_hex;        /* a 0x41 or b'1' literal: a number where numbers are meant, though BINARY */
	uint8_t coercibility; /* enum coercibility */
	uint8_t liftable;   /* LITERAL: 1 + its number among resolve_environment.liftables; or 0 */
	unsigned facts;     /* enum tree_facts */
	union {
		/*
		 * The value in its class: INTEGER: VALUE_INT or VALUE_UINT; REAL: VALUE_DOUBLE; DECIMAL: VALUE_DECIMAL;
		 * TEXT, JSON: VALUE_STRING in UTF-8 with collation_utf8mb4_bin's charset; BINARY: VALUE_STRING; DATE,
		 * TIME, DATETIME: those kinds. type.collation says what the text is for MySQL.
		 */
		struct value literal;
		unsigned parameter;
		struct {
			struct tree_source *source;
			unsigned column; /* index in source->columns */
		} column;
		unsigned output; /* from 0 */
		struct {
			struct tree_expr *operand; /* from operand->class and ->type to the node's class and type */
			enum convert_reason reason;
			/*
			 * The evaluator's function, or NULL when the representations agree and the operand is printed as it
			 * is. Called with the operand and the extras. See the list in sql/function.h.
			 */
			const char *name;
			struct tree_extra *extras;
			unsigned extra_count;
		} convert;
		struct {
			struct tree_expr *operand;
		} collate;
		struct {
			enum ast_operator op; /* AST_OP_EQUAL .. AST_OP_GREATER_EQUAL, NULL_SAFE_EQUAL among them */
			enum value_class class; /* of both sides. JSON: gm_json_compare(left, right) op 0 */
			const struct collation *collation; /* TEXT: compare by it; else NULL */
			struct tree_expr *left, *right;
		} compare;
		struct {
			bool negated;
			enum value_class class;
			const struct collation *collation;
			struct tree_expr *operand, *low, *high;
		} between;
		struct {
			bool negated;
			enum value_class class;
			const struct collation *collation;
			struct tree_expr *operand;
			struct tree_exprs list; /* one or more; rows were made ORs of ANDs */
		} in_list;
		struct {
			bool negated; /* IN_QUERY */
			enum ast_operator op;
			bool all;
			struct tree_exprs operands; /* one, or the row's; classes as the query's columns */
			const struct collation **collations; /* per operand; NULL entries for what is not TEXT */
			struct tree_query *query;
		} in_query;
		struct {
			bool negated;
			struct tree_query *query;
		} exists;
		struct tree_query *query;
		struct tree_exprs logical;
		struct {
			bool negated;
			enum ast_test test;
			struct tree_expr *operand;
		} is;
		struct {
			struct tree_arm *arms;
			unsigned arm_count;
			struct tree_expr *otherwise; /* or NULL */
		} conditional;
		struct {
			bool negated;
			struct tree_expr *operand, *pattern; /* both TEXT or both BINARY */
			struct tree_expr *escape;            /* TEXT of one character or none, or NULL: backslash */
			const struct collation *collation;   /* collation_binary for BINARY */
		} like;
		struct {
			const struct function *function;
			const char *name; /* the evaluator's function, the class suffix included; or SQLite's own */
			struct tree_exprs arguments;
			struct tree_extra *extras;
			unsigned extra_count;
			bool star;                  /* COUNT(*) */
			bool distinct;              /* of an aggregate; then it has one argument and no extras */
			struct tree_orders order_by; /* GROUP_CONCAT, in the aggregate itself */
			struct bytes separator;     /* GROUP_CONCAT, UTF-8 */
			struct tree_window *over;   /* or NULL */
		} call;
		struct {
			const char *name; /* as written */
			struct tree_expr *value;
		} variable;
	};
};

/* ------------------------------------------------------------------ sources */

enum tree_source_kind {
	SOURCE_TABLE,   /* table: a base or temporary table of ours */
	SOURCE_VIRTUAL, /* virtual_id: a table whose rows the server makes up (information_schema and the like) */
	SOURCE_DERIVED, /* query: a derived table or a view's text */
	SOURCE_CTE,     /* cte: a WITH element, maybe this one itself while it is recursive */
	SOURCE_ROW,     /* one row that the caller provides column by column: CHECK, ON DUPLICATE KEY UPDATE, SHOW WHERE */
};

struct tree_source_column {
	const char *name;
	struct column_type type;
	enum value_class class; /* the representation of the column */
	bool nullable;          /* as a value here: also true on the inner side of an outer join */
	bool used;              /* read by the statement */
	bool written;           /* assigned by the statement: INSERT, UPDATE */
	bool hidden;            /* not in *: INVISIBLE */
	unsigned flags;         /* enum result_column_flags of the original column */
	const char *original_database, *original_table, *original_name; /* for result metadata; "" for expressions */
};

struct tree_source {
	enum tree_source_kind kind;
	unsigned number;      /* unique in the statement, from 0: its name in SQLite SQL is t<number> */
	const char *database; /* "" for derived tables and CTEs */
	const char *name;     /* the table's or view's own */
	const char *alias;    /* what it is called in the statement */
	struct tree_source_column *columns; /* of TABLE: as table->columns */
	unsigned column_count;
	struct table *table;
	unsigned virtual_id;       /* VIRTUAL: the environment's */
	const void *virtual_table; /* VIRTUAL: the environment's */
	struct tree_query *query;
	struct tree_cte *cte;
	bool is_view;                   /* DERIVED: database and name are a view's */
	bool has_check_option;          /* of the view */
	bool lateral;                   /* DERIVED: reads sources to its left */
	const char *definer_user, *definer_host; /* inside a SQL SECURITY DEFINER view: whose rights count; else NULL */
	bool inner_of_outer_join;       /* its row may be all NULL */
	bool inside_derived;            /* below a derived table or view, not in a query block of its own right */
	bool is_target;                 /* UPDATE, DELETE: its row handle is asked for, its rows are locked */
	bool has_lock;                  /* FOR UPDATE, FOR SHARE, or is_target */
	enum ast_lock_strength lock_strength;
	enum ast_lock_wait lock_wait;
	const struct ast_index_hints *hints; /* names were checked; or NULL */
	struct tree_source *next;       /* all sources of the statement: resolve_environment.sources */
	/* The resolver's: what its columns stand for, when the source is only a name: a view in UPDATE, DELETE, INSERT. */
	struct tree_expr **stands_for;
};

enum tree_from_kind { FROM_SOURCE, FROM_JOIN };
enum tree_join_kind { JOIN_INNER, JOIN_LEFT /* RIGHT was turned around */, JOIN_STRAIGHT };

struct tree_from {
	enum tree_from_kind kind;
	struct tree_source *source;
	enum tree_join_kind join;
	struct tree_from *left, *right;
	struct tree_expr *on; /* truth value, USING and NATURAL included; or NULL */
};

/* A WITH element. Its name in SQLite SQL is c<number>, its columns c1, c2, ... as a derived table's. */
struct tree_cte {
	unsigned number;
	const char *name;
	bool recursive;
	struct tree_query *query; /* recursive: a UNION whose first leaves do not read the CTE */
	struct tree_source_column *columns;
	unsigned column_count;
	bool is_used;
};

/* ------------------------------------------------------------------ queries */

struct tree_item {
	struct tree_expr *expr;
	const char *name;           /* the heading */
	/* Result metadata; "" where the item is not a plain column. */
	const char *database, *table, *original_table, *original_name;
	unsigned flags;             /* enum result_column_flags */
	bool hidden;                /* not sent: added for ORDER BY or the change door */
};

struct tree_select {
	struct tree_item *items;
	unsigned item_count;
	bool distinct;
	struct tree_from *from;    /* or NULL: one row */
	struct tree_expr *where;   /* truth value, or NULL */
	struct tree_orders group_by;
	bool rollup;
	bool is_aggregated;        /* has GROUP BY or aggregates: one row a group */
	struct tree_expr *having;  /* truth value, or NULL; only when is_aggregated */
	bool has_windows;
	bool straight_join;
};

enum tree_body_kind {
	BODY_SELECT, /* select */
	BODY_VALUES, /* rows: each column has one class in all rows */
	BODY_SET,    /* op, all, left, right: columns agree in class and collation */
	BODY_QUERY,  /* query: with ORDER BY and LIMIT of its own, inside a set operation */
};

struct tree_body {
	enum tree_body_kind kind;
	struct tree_select *select;
	struct tree_exprs *rows;
	unsigned row_count;
	enum ast_set_operator op;
	bool all;
	struct tree_body *left, *right;
	struct tree_query *query;
};

struct tree_query {
	struct tree_cte **ctes; /* in order of definition */
	unsigned cte_count;
	struct tree_body *body;
	struct tree_orders order_by; /* BODY_SELECT: over the block's sources or items; else over TREE_OUTPUT */
	struct tree_expr *limit, *offset; /* INTEGER literals or parameters, or NULL */
	/* The columns: for a SELECT its items; for set operations with aggregated types. Hidden items are not counted. */
	struct tree_item *columns; /* of set operations expr is a TREE_OUTPUT */
	unsigned column_count;
	bool calc_found_rows;
	bool is_correlated;     /* reads an enclosing query's columns */
	bool at_most_one_row;   /* proven: LIMIT 1, aggregates without GROUP BY, no FROM */
	bool is_locking;        /* some source has_lock by a FOR clause */
	const struct ast_into *into; /* or NULL */
};

/* ------------------------------------------------------------------ changes */

struct tree_assignment {
	unsigned column;         /* position in the target table */
	struct tree_expr *value; /* not converted to the column: the change side converts. TREE_DEFAULT: DEFAULT */
};

/* As struct ast_insert_row. */
struct tree_insert_row {
	struct tree_expr **items;   /* or NULL */
	const struct value *values; /* or NULL */
	unsigned count;
};

struct tree_insert {
	bool replace, ignore;
	struct tree_source *target; /* SOURCE_TABLE */
	unsigned *columns;          /* positions in the table of the values given, in their order */
	unsigned column_count;
	/* Either rows: */
	struct tree_insert_row *rows; /* each with column_count entries, or none at all: all defaults */
	unsigned row_count;
	bool rows_are_literals;     /* every value is a TREE_LITERAL, TREE_PARAMETER or TREE_DEFAULT */
	bool rows_read_columns;     /* some value reads new_row: columns assigned before it, or defaults */
	/* or a query with column_count columns: */
	struct tree_query *query;
	struct tree_source *new_row; /* SOURCE_ROW like the table: VALUES(c), the row alias, columns in VALUES lists */
	struct tree_source *old_row; /* SOURCE_ROW: columns in ON DUPLICATE KEY UPDATE */
	struct tree_assignment *on_duplicate; /* values read old_row and new_row; old_row as the earlier ones left it: */
	unsigned on_duplicate_count;          /* they are evaluated and stored one after the other */
};

struct tree_target {
	struct tree_source *source;  /* SOURCE_TABLE */
	unsigned handle_item;        /* index of its TREE_ROW_HANDLE in the query's items */
	struct tree_assignment *assignments; /* UPDATE; value is the select item's expression */
	unsigned *items;             /* index of each assignment's value in the query's items; ~0u for TREE_DEFAULT */
	unsigned assignment_count;
};

/*
 * UPDATE and DELETE: run the query, remember, change. Its items are for the change side alone. In an UPDATE of one
 * table a later assignment that names an earlier one's column has the assigned value in its place.
 */
struct tree_change {
	bool ignore;
	bool is_multiple;          /* several tables: a row is changed once however often it is met; no handle: no row */
	struct tree_query *query;
	struct tree_target *targets;
	unsigned target_count;
};

/* LOAD DATA: each field goes to a column or a user variable, then SET runs over the row so far. */
struct tree_load_field {
	int column;           /* position, or -1 */
	const char *variable; /* user variable's name when column is -1 */
};

struct tree_load {
	struct tree_source *target;
	struct tree_source *row; /* SOURCE_ROW: the fields of the line that are columns */
	struct tree_load_field *fields;
	unsigned field_count;
	struct tree_assignment *assignments;
	unsigned assignment_count;
};

/* ------------------------------------------------------------------ helpers */

enum value_class class_of_type(const struct column_type *type);
const char *class_name(enum value_class class); /* "int", "uint" is chosen by type; "real", "dec", "text", ... */
static inline bool tree_is_constant(const struct tree_expr *expr)
{
	return (expr->facts & FACTS_VARYING) == 0;
}
/* Same meaning: for GROUP BY and ORDER BY. */
bool node_equal(const struct tree_expr *a, const struct tree_expr *b);
/*
 * Call visit for each node, a parent before its children, subqueries' and derived tables' expressions included. A
 * shared node is met at each place it stands. False when a visit stopped the walk.
 */
enum tree_walk { TREE_WALK_ON, TREE_WALK_OVER /* not below this node */, TREE_WALK_STOP };
bool tree_walk_expr(struct tree_expr *expr, enum tree_walk (*visit)(struct tree_expr *expr, void *argument),
		    void *argument);
bool tree_walk_query(struct tree_query *query, enum tree_walk (*visit)(struct tree_expr *expr, void *argument),
		     void *argument);
/* Call visit for each source in the query's FROMs and in those of all queries below, until it answers false: then false. */
bool tree_query_sources(const struct tree_query *query, bool (*visit)(const struct tree_source *source, void *argument),
			void *argument);
/* The source is one of those. */
bool tree_query_reads(const struct tree_query *query, const struct tree_source *source);
