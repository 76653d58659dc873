/*
 * Inside the resolver: scopes, and the builders that the resolve_*.c files share.
 *
 * Functions that give a node answer NULL when they failed; the diag is the resolver's. A scope is what a name in
 * one clause of one query block can mean; scopes nest as query blocks do.
 */
#pragma once

#include "sql/resolve/function.h"
#include "sql/resolve/resolve.h"
#include "type/sql_mode.h"

/* A column as an unqualified name or a * reaches it. */
struct visible_column {
	struct tree_source *source;
	unsigned column;
};

/* What a part of FROM offers: USING and NATURAL merge two columns into one visible one. */
struct name_list {
	struct visible_column *columns;
	unsigned column_count;
	struct tree_source **sources;
	unsigned source_count;
};

/* WITH elements in reach, innermost first. */
struct cte_link {
	struct tree_cte *cte;
	struct cte_link *outer;
};

enum scope_clause {
	CLAUSE_FIELDS, CLAUSE_WHERE, CLAUSE_ON, CLAUSE_GROUP, CLAUSE_HAVING, CLAUSE_ORDER, CLAUSE_VALUES, CLAUSE_PARTITION,
};

struct assigned_value { /* UPDATE of one table: what a column is after the assignments so far */
	struct tree_source *source;
	unsigned column;
	struct tree_expr *given; /* what was assigned */
	struct tree_expr *value; /* as the column would hold it */
	bool is_read;            /* by a later assignment */
	struct assigned_value *next;
};

struct scope {
	struct resolver *resolver;
	struct scope *outer;          /* the enclosing block's, or NULL */
	int level;                    /* outermost: 0 */
	enum scope_clause clause;
	const char *clause_name;      /* overrides the clause's own for 1054, or NULL */
	struct name_list names;
	struct cte_link *ctes;
	const struct ast_windows *windows;
	struct tree_select *select;   /* whose items HAVING, GROUP BY and ORDER BY may name; or NULL */
	struct assigned_value *assigned;
	struct tree_source *new_row;  /* ON DUPLICATE KEY UPDATE: what VALUES(column) reads; or NULL */
	bool no_aggregates;           /* expression without a query around it */
	bool in_aggregate;            /* inside an aggregate's arguments */
	bool has_aggregates;          /* found some that belong here */
	bool has_windows;
	bool is_correlated;           /* reads an outer scope's columns */
	bool row_only;                /* CHECK, generated columns: no subqueries, variables, parameters */
};

struct resolver {
	struct resolve_environment *environment;
	struct arena *arena;
	struct diag *diag;
	int reach;             /* innermost scope level whose columns were read since it was set to -1 */
	unsigned depth;        /* of nested queries and views */
	unsigned derived_depth;/* of derived tables and views around */
	struct bytes text;     /* what spans count from: the statement's, or the text of the view being expanded */
	const char *database;  /* the current one, or the view's */
	const char *definer_user, *definer_host;
};

#define FAIL(scope, ...) (diag_set((scope)->resolver->diag, __VA_ARGS__), NULL)
#define NEW_NODE(scope, type) arena_new((scope)->resolver->arena, type)

void resolver_init(struct resolver *resolver, struct resolve_environment *environment, struct diag *diag);
void scope_init(struct scope *scope, struct resolver *resolver, struct scope *outer);
const char *scope_clause_name(const struct scope *scope);
bool name_equal(const char *a, const char *b); /* column names and aliases: case folds */
int resolver_finish(struct resolver *resolver); /* privileges */

/* Growing arrays in the arena. */
void *array_room(struct arena *arena, void *items, unsigned count, size_t item_size);
void exprs_add(struct scope *scope, struct tree_exprs *exprs, struct tree_expr *expr);

/* tree_print.c: false when there is something in it that it does not print. */
bool tree_print(const struct tree_expr *expr, struct buf *out);
bool tree_print_call(const struct function *function, struct tree_expr *const *arguments, unsigned count,
		     struct buf *out);

/* node.c: nodes. */
struct tree_expr *node_new(struct scope *scope, enum tree_expr_kind kind, enum value_class class);
struct tree_expr *node_truth(struct scope *scope, enum tree_expr_kind kind); /* BIGINT(1) */
void node_adopt(struct tree_expr *parent, const struct tree_expr *child);    /* facts */
struct tree_expr *node_null(struct scope *scope);
struct tree_expr *node_int(struct scope *scope, int64_t value);
struct tree_expr *node_uint(struct scope *scope, uint64_t value);
struct tree_expr *node_text(struct scope *scope, struct bytes utf8, const struct collation *collation);
struct tree_expr *node_of_value(struct scope *scope, const struct value *value); /* a literal */
struct tree_expr *node_column(struct scope *scope, struct tree_source *source, unsigned column);
struct tree_expr *node_logical(struct scope *scope, enum tree_expr_kind kind, struct tree_expr *left,
			       struct tree_expr *right); /* truth values */
struct tree_expr *node_not(struct scope *scope, struct tree_expr *operand);
bool node_is_null(const struct tree_expr *expr); /* the literal */

/* type_rules.c: types. */
struct column_type type_bigint(unsigned length, bool is_unsigned);
struct column_type type_double(void);
struct column_type type_decimal(unsigned precision, unsigned scale);
struct column_type type_text(uint64_t characters, const struct collation *collation); /* binary: bytes */
struct column_type type_temporal(enum type_kind kind, unsigned fsp);
uint64_t type_characters(const struct column_type *type);   /* the longest text of a value */
unsigned type_integer_digits(const struct column_type *type); /* digits before the point */
unsigned type_scale(const struct column_type *type);        /* as DECIMAL: digits behind it */
unsigned type_fsp(const struct column_type *type);
unsigned expr_fsp(const struct tree_expr *expr); /* of a literal text: the digits behind its point */
bool expr_is_unsigned(const struct tree_expr *expr);
bool type_has_big_unsigned(const struct column_type *type); /* BIGINT UNSIGNED, BIT(64): may not fit int64 */
/* What a column holding either is: CASE, UNION, COALESCE. Collation is not decided here. */
struct column_type type_merge(const struct tree_expr *a, const struct tree_expr *b);
struct column_type type_merge_types(const struct column_type *a, const struct column_type *b);
enum value_class numeric_class(const struct tree_expr *expr); /* INTEGER, DECIMAL or REAL in arithmetic */

/* collation_rules.c */
struct collation_pick {
	const struct collation *collation;
	unsigned coercibility;
};
/* The collation of several texts together; operation is for error 1267. -1 with diag when there is none. */
int collation_aggregate(struct scope *scope, struct tree_expr *const *exprs, unsigned count, const char *operation,
			bool must_compare, struct collation_pick *out);
struct collation_pick collation_of(struct scope *scope, const struct tree_expr *expr); /* as a text */

/* convert.c: the node, or one above it that has the class and type. Never fails on NULL input but hands it on. */
struct tree_expr *convert_to_class(struct scope *scope, struct tree_expr *expr, enum value_class class);
struct tree_expr *convert_to_type(struct scope *scope, struct tree_expr *expr, const struct column_type *type,
				  enum convert_reason reason);
struct tree_expr *convert_to_truth(struct scope *scope, struct tree_expr *expr);
/* A literal text as a DATE, TIME or DATETIME literal, error 1525 when it is none. */
struct tree_expr *convert_to_temporal(struct scope *scope, struct tree_expr *expr, enum value_class class,
				      enum convert_reason reason);
unsigned scope_temporal_flags(const struct scope *scope); /* enum temporal_flags of the sql_mode */
struct bytes literal_text(const struct tree_expr *literal, struct arena *arena);

/* compare.c */
struct tree_expr *compare_build(struct scope *scope, enum ast_operator op, struct tree_expr *left,
				struct tree_expr *right);
/*
 * Two sides about to be compared: both are brought to one class. What is constant bends to what is a column, so that
 * an index on the column stays usable.
 */
struct compare_pair {
	struct tree_expr *left, *right;
	enum value_class class;
	const struct collation *collation; /* TEXT; else NULL */
};
int compare_unify(struct scope *scope, enum ast_operator op, struct compare_pair *pair);
struct tree_expr *compare_between(struct scope *scope, bool negated, struct tree_expr *operand, struct tree_expr *low,
				  struct tree_expr *high);
struct tree_expr *resolve_comparison(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_between(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_in(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_quantified(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_like(struct scope *scope, const struct ast_expr *ast);

/* expr.c */
struct tree_expr *resolve_expr(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_condition(struct scope *scope, const struct ast_expr *ast); /* a truth value */
struct tree_expr *resolve_subquery(struct scope *scope, const struct ast_expr *ast);

/* name.c */
struct tree_expr *resolve_column(struct scope *scope, const struct ast_expr *ast);
/* The select item a name in GROUP BY, HAVING or ORDER BY means: index, -1 none, -2 failed (ambiguous). */
int find_item(struct scope *scope, const struct ast_expr *ast);
/* In the scope's own sources: the node, or NULL without diag. *failed: ambiguous, with diag. */
struct tree_expr *find_own_column(struct scope *scope, const char *database, const char *table, const char *name,
				  bool *failed);
int source_find_column(const struct tree_source *source, const char *name); /* or -1 */

/* call.c: functions. */
struct function_call {
	struct scope *scope;
	const struct function *function;
	const struct ast_expr *ast;
	struct tree_expr *expr;      /* the TREE_CALL under construction */
	struct tree_expr **arguments;/* as they arrived; converted afterwards */
	unsigned count;
	enum value_class numeric;    /* of the 'N' group */
	enum value_class temporal;   /* of the 'V' argument */
	struct collation_pick text;  /* of the 's' arguments together */
	bool is_binary;              /* the 's' group is BINARY */
	bool nullable_known;         /* the result rule has set expr->nullable */
};
/* function_results.c: what several values are together, collation included. */
int result_of_many(struct scope *scope, struct tree_expr *const *exprs, unsigned count, const char *operation,
		   struct column_type *out_type, unsigned *out_coercibility);
/* The value of a constant whole number argument, if it is one. */
bool constant_integer(const struct tree_expr *expr, int64_t *out);
struct tree_expr *resolve_call(struct scope *scope, const struct ast_expr *ast);
/* A call of an operator or special function by its name in functions.def. */
struct tree_expr *call_build(struct scope *scope, const char *name, const struct ast_expr *ast,
			     struct tree_expr **arguments, unsigned count);
struct tree_expr *call_finish(struct function_call *call);
struct tree_expr *aggregate_average(struct function_call *call, struct tree_window *over, bool distinct);

/* aggregate.c */
struct tree_expr *resolve_aggregate(struct scope *scope, const struct ast_expr *ast, const struct function *function);
int resolve_window(struct scope *scope, const struct ast_window *ast, struct tree_window **out);

/* special.c: syntax with words inside. */
struct tree_expr *resolve_cast(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_convert_using(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_collate(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_extract(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_date_add(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_date_difference(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_trim(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_case(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_default_of(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_values_of(struct scope *scope, const struct ast_expr *ast);
/* NULLIF, IF and others that are CASE in disguise; NULL without diag: not one of them. */
struct tree_expr *resolve_disguised(struct scope *scope, const struct ast_expr *ast, bool *is_disguised);

/* match.c: full-text search. */
struct tree_expr *resolve_match(struct scope *scope, const struct ast_expr *ast);

/* literal.c */
struct tree_expr *resolve_literal(struct scope *scope, const struct ast_expr *ast);

/* lift.c: literals that become parameters. literal may be any node, or NULL. */
void lift_offer(struct scope *scope, const struct ast_expr *ast, struct tree_expr *literal); /* it may be lifted later */
void lift(struct scope *scope, struct tree_expr *literal);
/* Two sides of a comparison in that class, where nothing was made of the literal's value. */
void lift_compared(struct scope *scope, enum value_class class, const struct tree_expr *column, struct tree_expr *literal);
struct tree_expr *resolve_placeholder(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_user_variable(struct scope *scope, const struct ast_expr *ast);
struct tree_expr *resolve_system_variable(struct scope *scope, const struct ast_expr *ast);

/* source.c, from.c */
struct tree_source *source_new(struct scope *scope, enum tree_source_kind kind, const char *database,
			       const char *name, const char *alias);
/* Finds the table or view and makes a source of it: 1046, 1049, 1146. */
struct tree_source *source_of_name(struct scope *scope, const struct ast_object_name *name, const char *alias);
struct tree_source *source_of_table(struct scope *scope, struct table *table, enum tree_source_kind kind,
				    const char *alias);
struct tree_source *source_of_virtual(struct scope *scope, const struct virtual_table *table, const char *alias);
/* What a query offers as a table, by its own names or by others: 1353, 1060. */
int columns_of_query(struct scope *scope, const struct tree_query *query, const char *const *names, unsigned name_count,
		     struct tree_source_column **out_columns);
/* The FROM clause; names become the scope's. */
int resolve_from(struct scope *scope, const struct ast_table_ref *ref, struct tree_from **out);

/* with.c: the WITH list; *ctes gains its elements. */
int resolve_with(struct resolver *resolver, struct scope *outer, struct cte_link **ctes, const struct ast_with *ast,
		 struct tree_cte ***out_ctes, unsigned *out_count);

/* set.c */
int body_convert(struct scope *scope, struct tree_body *body, const struct column_type *types);
/* The columns of left and right together, both converted to them. */
int set_columns(struct scope *scope, struct tree_body *body, const struct tree_item *left, unsigned left_count,
		const struct tree_item *right, unsigned right_count, struct tree_item **out_columns);

/* query.c, order.c */
struct tree_query *resolve_query_in(struct resolver *resolver, struct scope *outer, struct cte_link *ctes,
				    const struct ast_query *ast);
/* Makes the query's columns of these types, in place or by wrapping it. */
int query_convert_columns(struct scope *scope, struct tree_query *query, const struct column_type *types);
struct tree_item item_of_expr(struct scope *scope, struct tree_expr *expr, const char *name);
int resolve_limit(struct scope *scope, const struct ast_limit *ast, struct tree_query *query);
int resolve_orders(struct scope *scope, const struct ast_orders *ast, enum scope_clause clause, struct tree_orders *out);

/* items.c: the select list. */
int resolve_items(struct scope *scope, const struct ast_select_items *ast);

/* view.c: changes through views. */
/*
 * The base table of a view that shows rows of one table as they are; the view's columns stand for the table's
 * then, and *out_where is its condition (or NULL). 1288 or 1471 when it is another kind of view, 1235 WITH CHECK OPTION.
 */
struct tree_source *view_to_base(struct scope *scope, struct tree_source *view, const char *what,
				 struct tree_expr **out_where);

/* change.c */
struct tree_expr *resolve_default_mark(struct scope *scope, struct tree_source *target, unsigned column);
/* What a column is given: DEFAULT, or an expression, where x'10' is a number to a column of numbers. */
struct tree_expr *resolve_given_value(struct scope *scope, const struct ast_expr *ast, struct tree_source *target,
				      unsigned column);
void names_add_source(struct scope *scope, struct name_list *names, struct tree_source *source, bool columns_too);
bool ast_is_default_mark(const struct ast_expr *ast); /* the bare DEFAULT */
/* 3105 when a generated column is given anything but DEFAULT. */
int check_generated(struct scope *scope, const struct table *table, unsigned column, const struct ast_expr *value);

/* group.c */
int check_full_group_by(struct scope *scope, const struct tree_orders *order_by);
int check_distinct_order(struct scope *scope, const struct tree_orders *order_by);
