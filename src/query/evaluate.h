/*
 * The door to the evaluator: a resolved tree goes in, rows of values come out. The only folder that includes
 * sqlite3.h (law 9), and this header shows nothing of it.
 *
 *   compile    tree -> program: SQLite SQL and what is to be bound. Pure; kept with the tree, used again and again
 *   open       program + session -> evaluation: an evaluator is lent by the pool, the statement prepared or found in its
 *              cache, values bound
 *   step       one row at a time; values are typed by the items' column types
 *   close      the evaluator goes back to the pool
 *
 * A session may have several evaluations open at once (a CHECK is evaluated while an INSERT .. SELECT is read): each
 * has an evaluator of its own. An evaluation reads through the session's transaction (session->txn) and must be
 * closed before that commits, rolls back, or rolls back to a savepoint or statement begin. Everything here but the
 * pool's own functions belongs to the session's thread.
 *
 * Errors: diag has MySQL's code: what functions raise (1365, 1690, ...), what the store says (1205, 1213), 1317 after
 * KILL, 3024 past max_execution_time. Warnings go to session->warnings while rows are stepped.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "sql/resolve/resolve.h"
#include "sql/resolve/tree.h"
#include "type/value.h"

struct session;

/* ------------------------------------------------------------------ the pool */

struct evaluator_pool;
struct virtual_request;
struct virtual_rows;

/*
 * Makes the rows of a SOURCE_VIRTUAL (information_schema and the like). Called in the session's thread when a row is
 * first wanted, once for each time the source is read; calls virtual_rows_add for every row. 0, or -1 with diag.
 */
typedef int virtual_fill(const struct virtual_request *request, struct virtual_rows *rows, struct diag *diag);

struct virtual_request {
	struct session *session;
	const struct virtual_table *table; /* as the resolver's environment gave it */
	/*
	 * Per column of the table: what it must equal for the row to be of interest, or NULL. Only a hint, from WHERE
	 * table_schema = 'x' and joins: rows that do not match are dropped here.
	 */
	const struct value *const *equals;
	const bool *wanted;   /* per column: false: nobody reads it (the last entry stands for all from the 64th on) */
	struct arena *arena;  /* for the values' bytes: lives until the rows are read */
};
/* Copies the values: one a column, in the kinds of the columns' types. */
void virtual_rows_add(struct virtual_rows *rows, const struct value *values);

struct evaluator_pool_options {
	unsigned idle_max;       /* evaluators kept at rest; 0: 64. More may run at once: one for each running statement */
	unsigned statements_max; /* prepared statements an evaluator keeps; 0: 256 */
	virtual_fill *fill;      /* or NULL: there are no virtual tables */
	const char *tmpdir;      /* where sorts and derived tables go that outgrow memory; NULL: as SQLite finds one */
};

/* NULL options: defaults. -1: 1041 and the like, when SQLite does not start. Any thread. */
int evaluator_pool_create(const struct evaluator_pool_options *options, struct evaluator_pool **out_pool,
			  struct diag *diag);
/* No evaluation may be open. */
void evaluator_pool_destroy(struct evaluator_pool **pool);
/* For SHOW STATUS and tests. */
struct evaluator_pool_stats {
	uint64_t created;             /* evaluators ever made */
	uint64_t idle;                /* at rest now */
	uint64_t prepared;            /* statements prepared: not found in a cache */
};
void evaluator_pool_get_stats(struct evaluator_pool *pool, struct evaluator_pool_stats *out_stats);

/* ------------------------------------------------------------------ programs */

/*
 * A tree made ready to run. Immutable; it and all it points to lives in the arena and borrows the tree. Any session may run
 * it, several at once. It stays right as long as the tree's tables are the current ones.
 */
struct evaluate_program;

enum evaluate_flags { /* bits */
	EVALUATE_SHARE_LOCK = 1, /* every table is read with shared row locks: SERIALIZABLE's plain SELECT */
	EVALUATE_IMAGES = 2,     /* evaluation_image will be asked for */
	EVALUATE_STAGES = 4,     /* groups and DISTINCT by our own hash tables where that is worth it (@@gemel_stages) */
	EVALUATE_BORROWS = 8,    /* nothing is written between two steps: strings may be borrowed from the rows */
	EVALUATE_DIRECT = 16,    /* rows that need no evaluation go without SQLite (@@gemel_direct_reads) */
};

/* -1: 1235 for what cannot be said in SQLite SQL. */
int evaluate_compile(struct arena *arena, const struct tree_query *query, unsigned flags,
		     struct evaluate_program **out_program, struct diag *diag);
/* Proven to give one row at most, by a unique key: its row may be changed while the evaluation is open. */
bool evaluate_program_is_of_one_row(const struct evaluate_program *program); /* and it reads nothing else */
bool evaluate_program_is_single_row(const struct evaluate_program *program);

/* ------------------------------------------------------------------ evaluations */

struct evaluation;

enum evaluate_read {
	EVALUATE_CONSISTENT, /* sources without lock: through the transaction's read view */
	EVALUATE_LATEST,     /* the latest committed rows */
};

struct evaluate_options {
	const struct value *parameters; /* of TREE_PARAMETERs; borrowed until close */
	unsigned parameter_count;
	enum evaluate_read read;
	uint64_t max_rows;              /* 0: no bound; else the evaluation is done after so many (sql_select_limit) */
	bool calculate_found_rows;      /* SQL_CALC_FOUND_ROWS: evaluation_found_rows will be asked for */
};

/* What the session's variables say of how its queries are compiled. */
unsigned evaluate_session_flags(const struct session *session);
/* options NULL: all zero. Locking follows the tree: source->has_lock, lock_strength, lock_wait. */
int evaluate_open(struct session *session, const struct evaluate_program *program,
		  const struct evaluate_options *options, struct evaluation **out_evaluation, struct diag *diag);
/* Compiles into the session's statement arena, then opens. */
int evaluate_open_query(struct session *session, const struct tree_query *query, unsigned flags,
			const struct evaluate_options *options, struct evaluation **out_evaluation, struct diag *diag);

enum evaluation_outcome { EVALUATION_ROW, EVALUATION_DONE, EVALUATION_ERROR };
enum evaluation_outcome evaluation_step(struct evaluation *evaluation, struct diag *diag);

/*
 * The row: one value an item, hidden ones too only when the query has no others (UPDATE, DELETE); the kinds are those
 * of the items' types: integers INT or UINT, BIT UINT, YEAR INT, ENUM and SET STRING. Texts are UTF-8 and say so:
 * their collation is the item's when that is of utf8mb4, else collation_utf8mb4_default. ENUM and SET names come in
 * the column's charset. Row handles are binary STRINGs, NULL where an outer join found no row. Borrowed until the
 * next step or close. No memory is taken for it.
 */
const struct value *evaluation_values(struct evaluation *evaluation);
/* A single item, hidden ones too. */
const struct value *evaluation_value(struct evaluation *evaluation, unsigned item);
/* The clustered key of a TREE_ROW_HANDLE item, for the change door; size 0: no row here. */
struct bytes evaluation_handle(struct evaluation *evaluation, unsigned item);
/*
 * The row's image at the handle item, without the row header; size 0 without EVALUATE_IMAGES. For locked sources the
 * latest.
 */
struct bytes evaluation_image(struct evaluation *evaluation, unsigned item);
/* Rows there are without the query's LIMIT, counted to the end; only after EVALUATION_DONE. */
uint64_t evaluation_found_rows(const struct evaluation *evaluation);
/* Always, also after an error. */
void evaluation_close(struct evaluation **evaluation);

/* ------------------------------------------------------------------ expressions */

/*
 * Values of one SOURCE_ROW: packed fields as row_split gives them (data NULL: SQL NULL), or values. Fields of columns that
 * no expression reads may be missing.
 */
struct expression_row {
	const struct tree_source *source;
	const struct bytes *fields; /* per column, or NULL: */
	const struct value *values; /* per column */
};

/*
 * Expressions over the same rows, evaluated together, in order, as often as wanted: DEFAULT, CHECK, generated columns,
 * VALUES lists, ON DUPLICATE KEY UPDATE, SHOW WHERE. Literals and parameters never see SQLite.
 */
struct expressions;
int expressions_open(struct session *session, struct tree_expr *const *exprs, unsigned count,
		     const struct value *parameters, unsigned parameter_count, struct expressions **out_expressions,
		     struct diag *diag);
/* The values are borrowed until the next evaluation or close. */
int expressions_evaluate(struct expressions *expressions, const struct expression_row *rows, unsigned row_count,
			 const struct value **out_values, struct diag *diag);
void expressions_close(struct expressions **expressions);

/* One expression without columns, once. The value lives in the session's statement arena. */
int evaluate_expression(struct session *session, struct tree_expr *expr, const struct value *parameters,
			unsigned parameter_count, struct value *out_value, struct diag *diag);
/* The same with rows. */
int evaluate_row_expression(struct session *session, struct tree_expr *expr, const struct value *parameters,
			    unsigned parameter_count, const struct expression_row *rows, unsigned row_count,
			    struct value *out_value, struct diag *diag);

/* ------------------------------------------------------------------ EXPLAIN */

/* A line of EXPLAIN in MySQL's columns; NULL texts are SQL NULL. In the arena. */
struct explain_line {
	unsigned id;              /* the SELECT's number from 1; 0: NULL (UNION RESULT) */
	const char *select_type;  /* "SIMPLE", "PRIMARY", "SUBQUERY", "DERIVED", "UNION", ... */
	const char *table;
	const char *access;       /* "const", "eq_ref", "ref", "range", "index", "ALL" */
	const char *possible_keys;
	const char *key;
	const char *key_length;
	const char *ref;
	bool has_rows;
	uint64_t rows;
	double filtered;          /* per cent */
	const char *extra;
};
int evaluate_explain(struct session *session, const struct evaluate_program *program,
		     const struct evaluate_options *options, struct arena *arena, struct explain_line **out_lines,
		     unsigned *out_count, struct diag *diag);
