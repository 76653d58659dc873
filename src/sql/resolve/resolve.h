/*
 * From the parsed tree to the resolved one (tree.h): names, types, conversions, MySQL's errors.
 *
 * The resolver knows nothing of sessions: what it asks of the world stands in struct resolve_environment, which
 * exec fills for each statement. It is single threaded, keeps nothing, and allocates in the environment's arena only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "sql/parse/shape.h"
#include "sql/resolve/tree.h"

struct time_zone;

/* The columns of a table whose rows the server makes up. */
struct virtual_table {
	const char *database, *name;
	const char *const *column_names;
	const struct column_type *column_types;
	const bool *column_nullable; /* or NULL: all are */
	unsigned column_count;
	unsigned id; /* the environment's own */
};

/*
 * Literals that the caller would rather have as parameters. Where the resolver knows that another value of the kind would
 * make the same tree, the literal becomes a TREE_PARAMETER of its number; everywhere else it stays what it is.
 */
struct resolve_liftables {
	const struct text_shape *shape;                      /* of environment->text */
	uint8_t met[shape_literals_max];                     /* filled: how often it was resolved, */
	uint8_t lifted[shape_literals_max];                  /* and became a parameter */
};

/* A table or view of the text that is named without its database, in the default one. */
struct resolve_name {
	const struct ast_object_name *ast;
	struct resolve_name *next;
};

struct resolve_environment {
	/* given by the caller */
	struct arena *arena;       /* the statement's, or a cached tree's */
	struct bytes text;         /* what the AST's spans count from */
	const char *database;      /* current, or "" */
	uint64_t sql_mode;
	const struct charset *character_set_client;      /* of the statement's text: to name it in warnings */
	const struct collation *collation_connection;    /* of literals */
	unsigned div_precision_increment;
	uint64_t group_concat_max_len;
	const struct time_zone *time_zone;
	struct warnings *warnings; /* or NULL */
	/*
	 * The values of ?, in order, by whose kinds they are typed; NULL while they are not known (PREPARE): then all
	 * are nullable texts. They stay TREE_PARAMETERs; the tree is right for any values of the same kinds (and, for
	 * strings, collation).
	 */
	const struct value *parameters;
	unsigned parameter_count;
	struct resolve_liftables *liftables; /* or NULL; not together with parameters */

	void *context; /* for the callbacks */
	/*
	 * database is never "". Privileges to see the table may be checked here (1142), since MySQL denies before it says
	 * that something does not exist. *out is borrowed until the tree's end; NULL: there is none. -1: diag.
	 */
	int (*find_table)(void *context, const char *database, const char *name, struct table **out, struct diag *diag);
	int (*find_view)(void *context, const char *database, const char *name, const struct view **out,
			 struct diag *diag);
	const struct virtual_table *(*find_virtual)(void *context, const char *database, const char *name); /* or NULL */
	bool (*database_exists)(void *context, const char *name);
	/* @@name: the value, its text in the arena. -1: 1193, 1238. */
	int (*system_variable)(void *context, enum ast_variable_scope scope, const char *base, const char *name,
			       struct arena *arena, struct value *out, struct diag *diag);
	const struct value *(*user_variable)(void *context, const char *name); /* or NULL: not set */
	/*
	 * Called at the end for every SOURCE_TABLE, SOURCE_VIRTUAL and view, with columns[].used and .written filled in and
	 * is_target set: the place for 1142 and 1143. May be NULL.
	 */
	int (*check_source)(void *context, const struct tree_source *source, struct diag *diag);

	/* filled by the resolver */
	struct tree_source *sources; /* all of the statement, last first, linked by next */
	unsigned source_count;       /* the next source's number */
	unsigned cte_count;
	unsigned facts;              /* enum tree_facts of the whole: FACT_UNSAFE, FACT_NONDETERMINISTIC, FACT_EFFECT, ... */
	bool is_cacheable;           /* no value of this moment was folded in: @@variables, types of @variables */
	struct resolve_name *bare_names; /* of the text itself, not of the views it reads */
};

/* Asks check_source again for all of environment->sources: for a tree that was resolved before. */
int resolve_check_sources(const struct resolve_environment *environment, struct diag *diag);

/* SELECT, VALUES, TABLE, WITH ...; also the query of CREATE TABLE .. SELECT and of a view. */
int resolve_query(struct resolve_environment *environment, const struct ast_query *query,
		  struct tree_query **out_query, struct diag *diag);
int resolve_insert(struct resolve_environment *environment, const struct ast_insert *insert,
		   struct tree_insert **out_insert, struct diag *diag);
int resolve_update(struct resolve_environment *environment, const struct ast_update *update,
		   struct tree_change **out_change, struct diag *diag);
int resolve_delete(struct resolve_environment *environment, const struct ast_delete *delete_rows,
		   struct tree_change **out_change, struct diag *diag);
int resolve_load_data(struct resolve_environment *environment, const struct ast_load_data *load,
		      struct tree_load **out_load, struct diag *diag);

/* An expression without tables around it, subqueries allowed: SET, DO, CALL, LIMIT, PURGE ... BEFORE. */
int resolve_expression(struct resolve_environment *environment, const struct ast_expr *expr,
		       struct tree_expr **out_expr, struct diag *diag);
/*
 * An expression over one row of the table: DEFAULT (expr), CHECK, generated columns. Subqueries, aggregates,
 * variables, parameters are refused, and what is not deterministic but in defaults. owner is the column's or the
 * constraint's name, for messages: 1054, 3763, 3770, 3814, 3820. *row is made when it is NULL, and used again
 * otherwise. A CHECK is a truth value.
 */
enum row_expression { ROW_DEFAULT, ROW_GENERATED, ROW_CHECK };
int resolve_row_expression(struct resolve_environment *environment, const struct ast_expr *expr,
			   struct table *table, enum row_expression kind, const char *owner,
			   struct tree_source **row, struct tree_expr **out_expr, struct diag *diag);
/* The same over any columns: SHOW ... WHERE. The condition is a truth value. */
int resolve_filter(struct resolve_environment *environment, const struct ast_expr *expr,
		   const struct virtual_table *columns, struct tree_source **out_row, struct tree_expr **out_expr,
		   struct diag *diag);

/* The column that CREATE TABLE .. SELECT makes for an item of a query. */
struct column_type resolve_created_type(const struct tree_expr *expr);
/* A type as written in a column definition or CAST becomes a column's. The table's default collation fills gaps.
   -1: 1115, 1253, 1273, 1425, 1426, 1427, 1074, ... name is the column's for messages. */
int resolve_type(const struct ast_type *type, const struct collation *default_collation, const char *name,
		 struct arena *arena, struct column_type *out_type, struct diag *diag);
