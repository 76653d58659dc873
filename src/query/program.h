/*
 * A program: the SQLite SQL a tree became, what is to be bound to its parameters, and the modules it reads.
 * Private to this folder. Immutable once compiled.
 */
#pragma once

#include "query/evaluate.h"
#include "query/pushdown.h"

struct direct_shape;

enum binding_kind {
	BINDING_VALUE,     /* value: a literal */
	BINDING_PARAMETER, /* parameter: the statement's */
	BINDING_LIMIT,     /* limit: of LIMIT and OFFSET, cut to SQLite's range */
	BINDING_TYPE,      /* type: the names of an ENUM or SET, as a pointer */
	BINDING_VARIABLE,  /* name: a user variable's value at open */
	BINDING_COLUMN,    /* row: a column of a SOURCE_ROW */
	BINDING_PUSHED,    /* pushed: conditions, as a pointer */
	BINDING_STAGE,     /* node: a struct stage, as a pointer */
};

/* What stands for ?<n+1>. */
struct binding {
	enum binding_kind kind;
	enum value_class class; /* the representation to bind, CLASS_NULL: as the value is */
	const struct column_type *type; /* of the node */
	const void *node;       /* who asked for it: the same node gets the same number again */
	union {
		const struct value *value;
		unsigned parameter;
		const struct tree_expr *limit;
		const char *name;
		const struct pushed_conditions *pushed;
		struct {
			const struct tree_source *source;
			unsigned column;
		} row;
	};
};

enum module_lock { MODULE_NO_LOCK, MODULE_SHARED, MODULE_EXCLUSIVE };

/* One virtual table of SQLite's: a table of ours and how it is read. Equal names mean equal modules. */
struct module_key {
	char name[64];
	struct table *table;                        /* borrowed from the tree, or NULL: */
	const struct virtual_table *virtual_table;
	enum module_lock lock;
	enum ast_lock_wait wait;
	uint64_t usable_indexes; /* bit i: table->indexes[i] may be used; from the 64th on all may */
	bool forced;             /* FORCE INDEX: a scan of the table only when nothing else is possible */
};

struct program_item {
	enum value_class class;
	struct column_type type;
	const struct collation *collation; /* of the texts in values */
	int image_column; /* SQLite's column with the image of this row handle, or -1 */
};

struct evaluate_program {
	const struct tree_query *query; /* NULL: of expressions */
	const char *sql;
	size_t sql_size;
	uint64_t sql_hash;
	struct binding *bindings;
	unsigned binding_count;
	struct module_key *modules;
	unsigned module_count;
	const struct direct_shape *direct; /* it may be read without SQLite (direct/direct.h); or NULL */
	struct program_item *items; /* what the SELECT answers with, in order */
	unsigned item_count;
	unsigned value_count;       /* items whose values are wanted at each row: a first part of them */
	unsigned flags;             /* enum evaluate_flags */
	bool is_single_row;
	bool is_of_one_row;         /* single row, and no other table is read */
	bool is_lone_get;           /* single row, and nothing else is read: needs no snapshot */
	bool keeps_no_fields;       /* SQLite has a row's fields no longer than the row is the current one */
	bool has_limit_here;        /* SQL_CALC_FOUND_ROWS: LIMIT is not in the SQL, the evaluation applies it */
};
