/*
 * The tree of names, types and expressions.
 *
 * Every node lives in the arena that the statement was parsed into and dies with it. Lists are arrays
 * (items, count). Nothing here points into the statement's text: strings and names are copied, and what
 * errors, column headings or stored definitions may want verbatim is a span, an offset and size in that text.
 * The parser bounds the height of every tree by ast_depth_max, so walkers may recurse.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

struct ast_expr;
struct ast_query;

enum { ast_depth_max = 512 };

struct ast_span {
	uint32_t offset; /* bytes from the start of the text given to the parser */
	uint32_t size;
};

/* An identifier as it was meant: quotes gone, case kept. text is NULL where the name was left out. */
struct ast_name {
	const char *text; /* UTF-8, zero terminated */
	struct ast_span span;
};

/* A table, view, routine, trigger or event: [database.]name. */
struct ast_object_name {
	struct ast_name database; /* text NULL: the current one */
	struct ast_name name;
	struct ast_span span;
};

struct ast_names {
	struct ast_name *items;
	size_t count;
};

struct ast_object_names {
	struct ast_object_name *items;
	size_t count;
};

struct ast_strings {
	struct bytes *items;
	size_t count;
};

struct ast_exprs {
	struct ast_expr **items;
	size_t count;
};

/* An expression of ORDER BY, GROUP BY or a window. */
struct ast_order {
	struct ast_expr *expr;
	bool descending;
	bool directed; /* ASC or DESC was written */
};

struct ast_orders {
	struct ast_order *items;
	size_t count;
};

/*
 * A column's type, or the target of CAST and CONVERT. Synonyms are already gone: BOOL is TINYINT(1),
 * NATIONAL VARCHAR is VARCHAR with charset utf8mb3, LONG is MEDIUMTEXT, REAL is DOUBLE, SERIAL sets the
 * column's attributes too.
 */
enum ast_type_kind {
	AST_TYPE_TINYINT,
	AST_TYPE_SMALLINT,
	AST_TYPE_MEDIUMINT,
	AST_TYPE_INT,
	AST_TYPE_BIGINT,
	AST_TYPE_DECIMAL,
	AST_TYPE_FLOAT, /* FLOAT(p) with p above 24 is AST_TYPE_DOUBLE */
	AST_TYPE_DOUBLE,
	AST_TYPE_BIT,
	AST_TYPE_CHAR,
	AST_TYPE_VARCHAR,
	AST_TYPE_BINARY,
	AST_TYPE_VARBINARY,
	AST_TYPE_TINYTEXT,
	AST_TYPE_TEXT,
	AST_TYPE_MEDIUMTEXT,
	AST_TYPE_LONGTEXT,
	AST_TYPE_TINYBLOB,
	AST_TYPE_BLOB,
	AST_TYPE_MEDIUMBLOB,
	AST_TYPE_LONGBLOB,
	AST_TYPE_ENUM,
	AST_TYPE_SET,
	AST_TYPE_DATE,
	AST_TYPE_TIME,
	AST_TYPE_DATETIME,
	AST_TYPE_TIMESTAMP,
	AST_TYPE_YEAR,
	AST_TYPE_JSON,
	AST_TYPE_GEOMETRY, /* any spatial type */
	/* Only as the target of CAST and CONVERT. */
	AST_TYPE_CAST_SIGNED,
	AST_TYPE_CAST_UNSIGNED,
};

struct ast_type {
	enum ast_type_kind kind;
	int64_t length;   /* (M), or -1: display width, precision, characters, fractional second digits */
	int decimals;     /* (M,D)'s D, or -1 */
	bool is_unsigned; /* UNSIGNED, or ZEROFILL, which implies it */
	bool zerofill;
	bool binary;             /* the BINARY attribute: the charset's _bin collation */
	const char *charset;     /* CHARACTER SET x, ASCII, UNICODE, BYTE ("binary"), or NULL */
	const char *collation;   /* COLLATE x, or NULL */
	struct ast_strings values; /* ENUM and SET members */
	struct ast_span span;
};

enum ast_literal_kind {
	AST_LITERAL_NULL,
	AST_LITERAL_TRUE,
	AST_LITERAL_FALSE,
	AST_LITERAL_INTEGER, /* up to 18446744073709551615; longer ones are DECIMAL. Never negative */
	AST_LITERAL_DECIMAL, /* text as written: 1.5, .5, 12345678901234567890123 */
	AST_LITERAL_FLOAT,   /* text as written: 1e3 */
	AST_LITERAL_STRING,  /* text without quotes and escapes */
	AST_LITERAL_HEX,     /* text is the bytes of x'..' or 0x.. */
	AST_LITERAL_BIT,     /* text is the bytes of b'..' or 0b.., big endian */
	AST_LITERAL_DATE,    /* DATE '..': text is what stands in the quotes */
	AST_LITERAL_TIME,
	AST_LITERAL_TIMESTAMP, /* TIMESTAMP '..' */
};

struct ast_literal {
	enum ast_literal_kind kind;
	bool bare;           /* STRING: written as a bare word, SET x = utf8 */
	uint64_t integer;    /* INTEGER: its value. BIT: the number of digits */
	struct bytes text;   /* see the kinds; ends with a zero that is not counted */
	const char *charset; /* the introducer in lower case (_utf8mb4'..', N'..' is utf8mb3), or NULL */
	bool is_malformed;   /* STRING: no text of the statement's character set; else, without an introducer, UTF-8 */
};

enum ast_variable_scope {
	AST_SCOPE_DEFAULT, /* none written: session first, then global */
	AST_SCOPE_SESSION, /* SESSION or LOCAL */
	AST_SCOPE_GLOBAL,
	AST_SCOPE_PERSIST,
	AST_SCOPE_PERSIST_ONLY,
};

enum ast_operator {
	AST_OP_PLUS, /* unary */
	AST_OP_NEGATE,
	AST_OP_BIT_NOT,
	AST_OP_NOT,
	AST_OP_ADD, /* binary, arithmetic */
	AST_OP_SUBTRACT,
	AST_OP_MULTIPLY,
	AST_OP_DIVIDE,
	AST_OP_INTEGER_DIVIDE, /* DIV */
	AST_OP_MODULO,         /* % and MOD, also MOD(a, b) */
	AST_OP_BIT_AND,
	AST_OP_BIT_OR,
	AST_OP_BIT_XOR,
	AST_OP_SHIFT_LEFT,
	AST_OP_SHIFT_RIGHT,
	AST_OP_EQUAL, /* comparison; these may be quantified */
	AST_OP_NULL_SAFE_EQUAL,
	AST_OP_NOT_EQUAL,
	AST_OP_LESS,
	AST_OP_LESS_EQUAL,
	AST_OP_GREATER,
	AST_OP_GREATER_EQUAL,
	AST_OP_AND, /* logical; AND and OR stand in AST_LOGICAL */
	AST_OP_OR,
	AST_OP_XOR,
	AST_OP_SOUNDS_LIKE,
	AST_OP_REGEXP,         /* REGEXP and RLIKE */
	AST_OP_JSON_EXTRACT,   /* -> */
	AST_OP_JSON_UNQUOTE,   /* ->> */
	AST_OP_MEMBER_OF,
};

enum ast_interval_unit {
	AST_UNIT_MICROSECOND,
	AST_UNIT_SECOND,
	AST_UNIT_MINUTE,
	AST_UNIT_HOUR,
	AST_UNIT_DAY,
	AST_UNIT_WEEK,
	AST_UNIT_MONTH,
	AST_UNIT_QUARTER,
	AST_UNIT_YEAR,
	AST_UNIT_SECOND_MICROSECOND,
	AST_UNIT_MINUTE_MICROSECOND,
	AST_UNIT_MINUTE_SECOND,
	AST_UNIT_HOUR_MICROSECOND,
	AST_UNIT_HOUR_SECOND,
	AST_UNIT_HOUR_MINUTE,
	AST_UNIT_DAY_MICROSECOND,
	AST_UNIT_DAY_SECOND,
	AST_UNIT_DAY_MINUTE,
	AST_UNIT_DAY_HOUR,
	AST_UNIT_YEAR_MONTH,
};

enum ast_test { AST_TEST_NULL, AST_TEST_TRUE, AST_TEST_FALSE, AST_TEST_UNKNOWN };

enum ast_trim_side { AST_TRIM_BOTH, AST_TRIM_LEADING, AST_TRIM_TRAILING };

enum ast_frame_unit { AST_FRAME_ROWS, AST_FRAME_RANGE, AST_FRAME_GROUPS };

enum ast_frame_bound_kind {
	AST_BOUND_UNBOUNDED_PRECEDING,
	AST_BOUND_PRECEDING, /* expr PRECEDING */
	AST_BOUND_CURRENT_ROW,
	AST_BOUND_FOLLOWING, /* expr FOLLOWING */
	AST_BOUND_UNBOUNDED_FOLLOWING,
};

struct ast_frame_bound {
	enum ast_frame_bound_kind kind;
	struct ast_expr *distance;   /* PRECEDING and FOLLOWING */
	bool has_unit;               /* distance is INTERVAL distance unit */
	enum ast_interval_unit unit;
};

struct ast_frame {
	enum ast_frame_unit unit;
	struct ast_frame_bound start;
	struct ast_frame_bound end; /* CURRENT ROW when BETWEEN was not written */
};

/* OVER (...), OVER name, or one definition of the WINDOW clause. */
struct ast_window {
	struct ast_name name; /* WINDOW name AS; NULL in an OVER (...) */
	struct ast_name base; /* the window that this one refers to or extends, or NULL */
	bool reference;       /* OVER name, without parentheses: nothing but base is set */
	struct ast_exprs partition_by;
	struct ast_orders order_by;
	struct ast_frame *frame; /* or NULL */
};

/*
 * A function by name, aggregates and window functions too. Special spellings come as plain calls where a
 * plain call exists: SUBSTRING(s FROM a FOR b), MID and SUBSTR are substring(s, a, b); POSITION(a IN b) is
 * locate(a, b); CURRENT_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP and NOW are now([fsp]); CURRENT_DATE is
 * curdate(), CURRENT_TIME curtime([fsp]); SCHEMA() is database(); CURRENT_USER is current_user();
 * a || b under PIPES_AS_CONCAT is concat(a, b).
 */
struct ast_call {
	const char *name;     /* lower case */
	const char *database; /* of a stored function, or NULL */
	struct ast_exprs arguments;
	bool distinct;               /* COUNT(DISTINCT a, b), SUM(DISTINCT a), GROUP_CONCAT(DISTINCT a) */
	bool star;                   /* COUNT(*) */
	struct ast_orders order_by;  /* GROUP_CONCAT */
	bool has_separator;          /* GROUP_CONCAT */
	struct bytes separator;      /* GROUP_CONCAT; "," when not written */
	const char *charset;         /* CHAR(.. USING charset), or NULL */
	struct ast_window *over;     /* a window function's, or NULL */
	bool ignore_nulls;           /* LEAD, LAG, FIRST_VALUE, ...: IGNORE NULLS */
};

struct ast_case_arm {
	struct ast_expr *when;
	struct ast_expr *then;
};

struct ast_case {
	struct ast_expr *value;    /* CASE value WHEN ..., or NULL */
	struct ast_case_arm *arms; /* arm_count */
	size_t arm_count;
	struct ast_expr *otherwise; /* ELSE, or NULL */
};

enum ast_expr_kind {
	AST_LITERAL,         /* literal */
	AST_PLACEHOLDER,     /* placeholder: 0 for the first ? */
	AST_COLUMN,          /* column */
	AST_STAR,            /* column with name NULL: *, t.*, db.t.*; only as a select item */
	AST_USER_VARIABLE,   /* variable.name */
	AST_SYSTEM_VARIABLE, /* variable */
	AST_ASSIGN,          /* assign: @a := value */
	AST_UNARY,           /* unary */
	AST_BINARY,          /* binary: also quantified comparisons' left half, see AST_QUANTIFIED */
	AST_LOGICAL,         /* logical: AND or OR over two or more operands, flattened left to right */
	AST_CALL,            /* call */
	AST_CASE,            /* conditional */
	AST_BETWEEN,         /* between */
	AST_IN,              /* in: a list, or a subquery */
	AST_LIKE,            /* like */
	AST_IS,              /* is: NULL, TRUE, FALSE, UNKNOWN */
	AST_EXISTS,          /* query */
	AST_SUBQUERY,        /* query: scalar or row subquery */
	AST_QUANTIFIED,      /* quantified: a = ANY (query), a > ALL (query) */
	AST_ROW,             /* row: (a, b), ROW(a, b); two or more */
	AST_CAST,            /* cast: CAST(a AS type), CONVERT(a, type), BINARY a */
	AST_CONVERT,         /* convert: CONVERT(a USING charset) */
	AST_COLLATE,         /* collate */
	AST_EXTRACT,         /* extract: EXTRACT(unit FROM a) */
	AST_DATE_ADD,        /* date_add: every spelling of date + or - INTERVAL amount unit */
	AST_DATE_DIFFERENCE, /* date_difference: TIMESTAMPDIFF */
	AST_TRIM,            /* trim */
	AST_VALUES,          /* column: VALUES(column) in ON DUPLICATE KEY UPDATE */
	AST_DEFAULT,         /* column: DEFAULT(column); name NULL: the bare DEFAULT of a value list */
	AST_MATCH,           /* match: full-text search */
};

struct ast_expr {
	enum ast_expr_kind kind;
	uint16_t depth;      /* height of the tree, 1 for a leaf */
	bool parenthesised;  /* it stood in parentheses of its own; span is with them */
	struct ast_span span;
	union {
		struct ast_literal *literal;
		unsigned placeholder;
		struct {
			const char *database; /* or NULL */
			const char *table;    /* or NULL */
			const char *name;     /* NULL in AST_STAR and bare AST_DEFAULT */
		} column;
		struct {
			const char *name; /* AST_USER_VARIABLE as written; AST_SYSTEM_VARIABLE in lower case */
			const char *base; /* @@hot_cache.key_buffer_size, @@channel.x: what stands before the dot */
			enum ast_variable_scope scope;
		} variable;
		struct {
			const char *name; /* the user variable's */
			struct ast_expr *value;
		} assign;
		struct {
			enum ast_operator op;
			struct ast_expr *operand;
		} unary;
		struct {
			enum ast_operator op;
			bool negated; /* NOT REGEXP */
			struct ast_expr *left;
			struct ast_expr *right;
		} binary;
		struct {
			enum ast_operator op; /* AST_OP_AND or AST_OP_OR */
			struct ast_exprs operands;
		} logical;
		struct ast_call *call;
		struct ast_case *conditional;
		struct {
			bool negated;
			struct ast_expr *operand;
			struct ast_expr *low;
			struct ast_expr *high;
		} between;
		struct {
			bool negated;
			struct ast_expr *operand;
			struct ast_exprs list;   /* empty with a query */
			struct ast_query *query; /* or NULL */
		} in;
		struct {
			bool negated;
			struct ast_expr *operand;
			struct ast_expr *pattern;
			struct ast_expr *escape; /* or NULL: backslash */
		} like;
		struct {
			bool negated;
			enum ast_test test;
			struct ast_expr *operand;
		} is;
		struct ast_query *query;
		struct {
			enum ast_operator op; /* a comparison */
			bool all;             /* ALL; else ANY or SOME */
			struct ast_expr *left;
			struct ast_query *query;
		} quantified;
		struct ast_exprs row;
		struct {
			struct ast_expr *operand;
			struct ast_type *type; /* BINARY a: AST_TYPE_BINARY without a length */
		} cast;
		struct {
			struct ast_expr *operand;
			const char *charset;
		} convert;
		struct {
			struct ast_expr *operand;
			const char *collation; /* lower case */
		} collate;
		struct {
			struct ast_expr *operand;
			enum ast_interval_unit unit;
		} extract;
		struct {
			struct ast_expr *date;
			struct ast_expr *amount;
			enum ast_interval_unit unit;
			bool subtract;
		} date_add;
		struct {
			enum ast_interval_unit unit;
			struct ast_expr *from; /* TIMESTAMPDIFF(unit, from, to) = to - from */
			struct ast_expr *to;
		} date_difference;
		struct {
			enum ast_trim_side side;
			struct ast_expr *removed; /* or NULL: spaces */
			struct ast_expr *operand;
		} trim;
		struct {
			struct ast_exprs columns;
			struct ast_expr *against;
			bool boolean_mode;
			bool query_expansion;
		} match;
	};
};
