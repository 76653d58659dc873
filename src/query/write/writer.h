/*
 * Writing a tree as SQLite SQL, node by node. Private to this folder.
 *
 * Everything in the SQL text is the query's shape: values become numbered parameters, so that statements that differ in
 * literals only share a prepared statement. Names: a source is t<number>, a WITH element w<number>, a column c<n> from
 * 1, a row's handle h and its image i.
 *
 * Functions answer 0, or -1 with the writer's diag set.
 */
#pragma once

#include "base/map.h"
#include "query/program.h"

struct writer {
	struct arena *arena;
	struct diag *diag;
	struct buf sql;
	unsigned flags;              /* enum evaluate_flags */
	struct binding *bindings;
	unsigned binding_count, binding_capacity;
	struct map bound;            /* node -> number of its binding + 1 */
	struct module_key *modules;
	unsigned module_count, module_capacity;
	const struct tree_select *rollup;  /* the block being written as one grouping of a ROLLUP, or NULL */
	unsigned rollup_kept;        /* of its GROUP BY expressions, the first ones that are not NULL */
	bool live_variables;         /* user variables are assigned in the statement: read them as it goes */
	bool saw_assignment, saw_variable;
	unsigned table_sources;      /* met so far */
	unsigned memos;              /* likewise */
	unsigned room_used;          /* of SQLite's parser: see deep.c */
	const struct tree_expr *step_node; /* computed by the step before: x<step_number>.v; or NULL */
	unsigned step_number, steps;
	const struct tree_query *image_query; /* whose row handles are followed by the rows' images, or NULL */
	const struct tree_query *recursive_query; /* of the recursive WITH element being written */
	const struct tree_cte *recursive_cte;     /* the element itself */
	const struct tree_query *limitless;   /* whose LIMIT the evaluation applies, or NULL */
	struct writer_stage *stage;  /* whose columns expressions are written over, then those around it; or NULL */
	unsigned stages;             /* met so far */
	bool is_narrowed;            /* what is written gets conditions from outside */
	unsigned depth;              /* of queries */
	const struct tree_expr *where; /* of the block whose FROM is written */
};

void writer_init(struct writer *writer, struct arena *arena, unsigned flags, struct diag *diag);
void writer_deinit(struct writer *writer);

static inline void put(struct writer *writer, const char *text)
{
	buf_put_string(&writer->sql, text);
}
void put_numbered(struct writer *writer, const char *text, unsigned number); /* "t", 1: t1 */
void put_quoted(struct writer *writer, const char *text); /* an SQL string */
void put_collation(struct writer *writer, const struct collation *collation); /* COLLATE "x"; nothing for NULL */
/* A parameter; the node (or NULL) that asks again gets the same. */
void put_binding(struct writer *writer, const struct binding *binding);
int write_unsupported(struct writer *writer, const char *what); /* 1235 */

/* expr.c */
int write_expr(struct writer *writer, const struct tree_expr *expr);
/* With its collation when it is TEXT: where SQLite compares it. */
int write_collated(struct writer *writer, const struct tree_expr *expr);

/* An indexed column against a constant pattern: the index can be told, by gm_like_range, which is true for every row. */
bool like_has_range(const struct tree_expr *expr);
int write_like_range(struct writer *writer, const struct tree_expr *expr);
/* All of them, with AND between. */
int write_all(struct writer *writer, struct tree_expr *const *items, unsigned count);

/*
 * pushdown.c: WHERE (only NULL) or the ON of the source to its right. What a table of ours can test by itself is written so
 * that it will.
 */
int write_pushing(struct writer *writer, struct tree_expr *condition, const struct tree_source *only);

const char *comparison_text(enum ast_operator op); /* " <= " */

/* subquery.c */
int write_in_query(struct writer *writer, const struct tree_expr *expr);
int write_quantified(struct writer *writer, const struct tree_expr *expr);
int write_row_query(struct writer *writer, const struct tree_expr *expr);
int write_exists(struct writer *writer, const struct tree_expr *expr);
int write_subquery(struct writer *writer, const struct tree_expr *expr);

/* memo.c: around what asks a correlated query; operands: what it is compared with, or NULL. Nothing without a memo. */
enum { memo_columns_max = 8 };
struct writer_memo {
	unsigned number; /* 0: none */
	struct tree_expr *columns[memo_columns_max]; /* of outer blocks, that the query reads */
	unsigned count;
};
int write_memo_begin(struct writer *writer, const struct tree_query *query, const struct tree_exprs *operands,
		     struct writer_memo *memo);
void write_memo_end(struct writer *writer, const struct writer_memo *memo);

/* deep.c */
bool expr_is_too_deep(const struct writer *writer, const struct tree_expr *expr);
int write_in_steps(struct writer *writer, const struct tree_expr *expr);

/* call.c */
int write_call(struct writer *writer, const struct tree_expr *expr);

/* query.c: with WITH, ORDER BY, LIMIT; without parentheses. The columns are called c1, c2, ... */
int write_query(struct writer *writer, const struct tree_query *query);
/* A query's columns that are printed: hidden ones only where there are no others. */
bool query_prints_hidden(const struct tree_query *query);

/* FROM and WHERE. */
int write_from_where(struct writer *writer, const struct tree_select *select);

/* A block, VALUES or a set operation without ORDER BY; compared: its columns say by what collation. */
int write_body(struct writer *writer, const struct tree_query *query, const struct tree_body *body, bool compared);
/* The column that counts the generations of a recursive query's rows; nothing elsewhere. */
void put_generation(struct writer *writer, const struct tree_query *query, const struct tree_select *select);

/* set.c */
int write_set(struct writer *writer, const struct tree_query *query, const struct tree_body *body);
/* A query with ORDER BY and LIMIT of its own, as one member of a set operation. */
int write_inner_query(struct writer *writer, const struct tree_query *query, const struct tree_query *inner, bool compared);
/* With ORDER BY. */
int write_set_query(struct writer *writer, const struct tree_query *query);
void put_columns(struct writer *writer, const struct tree_query *query, bool compared); /* c1 AS c1, ...: of one in FROM */

/* stage.c */
struct writer_stage;
/* The stage that makes the block's groups; NULL: SQLite makes them. */
struct writer_stage *stage_find(struct writer *writer, const struct tree_query *query, const struct tree_select *select);
bool stage_is_of(const struct writer_stage *stage, const struct tree_select *select); /* NULL is of none */
bool stage_sorts(const struct writer_stage *stage, const struct tree_select *select); /* its rows come in order */
/* FROM and HAVING of the block. */
int write_stage(struct writer *writer, struct writer_stage *stage, const struct tree_query *query);
/* query.c: LIMIT and OFFSET as arguments, -1 and 0 where there is none. */
void put_limits(struct writer *writer, const struct tree_query *query);
/* The expression as a column of writer->stage or those around it; false: it is none. */
bool write_staged(struct writer *writer, const struct tree_expr *expr);
/* WHERE has a condition on this derived table alone. */
bool condition_narrows(const struct tree_expr *condition, const struct tree_source *source);

/* from.c */
int write_from(struct writer *writer, const struct tree_from *from, bool straight);

/* rollup.c */
int write_rollup(struct writer *writer, const struct tree_query *query, const struct tree_select *select);
/* Inside a grouping: the expression is NULL there, being grouped by and rolled up. */
bool writer_is_rolled_up(const struct writer *writer, const struct tree_expr *expr);

/* prove.c: one row at most, by a unique key of the only table. */
bool query_is_single_row(const struct tree_query *query);
