/*
 * Inside the parser: the state that the grammar's actions work on, and the builders they call.
 *
 * An action runs when the lookahead has been read but not yet taken in, so a node ends where the token
 * before the lookahead ended: builders take where the node begins and know the rest.
 */
#pragma once

#include "base/arena.h"
#include "base/diag.h"
#include "sql/parse/ast.h"
#include "sql/parse/lexer.h"
#include "sql/parse/parse.h"

struct parser {
	const struct parse_input *input;
	struct arena *arena;
	struct diag *diag;
	struct lexer lexer;
	struct token lookahead;
	uint32_t start;        /* where the statement begins */
	uint32_t end;          /* of the text, semicolons and blanks at its end left out: where errors stop citing */
	uint32_t previous_end; /* where the last token taken in ended */
	unsigned placeholder_count;
	unsigned token_count; /* that were taken in */
	struct ast_hints hints;
	struct ast_insert_rows rows; /* of VALUES, so far */
	bool row_follows;     /* behind VALUES, or a row of it: a parenthesis, maybe after a comma, opens a row */
	bool failed; /* diag says why; nothing more is parsed */

	/* In the body of a stored program semicolons end its statements, not ours, until its blocks close. */
	bool in_program;
	unsigned block_depth;
	int previous_token; /* of the body */

	struct ast_statement *statement; /* the result */
	struct ast_expr *expression;     /* the result of parse_expression */
};

/* Failing: the first failure stays. */
void parser_syntax_error(struct parser *parser, uint32_t offset);
void parser_out_of_depth(struct parser *parser);
void parser_error(struct parser *parser, enum error_code code, const char *argument);

/* What the text says there, in UTF-8: whole characters, size_max bytes at most. */
const char *parser_cite(struct parser *parser, uint32_t offset, size_t size, size_t size_max);

int parser_line_of(const struct parser *parser, uint32_t offset); /* counted from where the statement begins */
/* hints.c: what the comment says that the span is the inside of. */
void parser_take_hints(struct parser *parser, struct ast_span span, bool is_of_statement);

struct ast_span parser_span(const struct parser *parser, uint32_t offset);
#define SPAN_FROM(start) parser_span(parser, (start))

/* Lists grow by doubling: capacities are powers of two, from 4. */
void *list_room(struct arena *arena, void *items, size_t count, size_t item_size);
#define LIST_APPEND(list, value)                                                                              \
	((list).items = list_room(parser->arena, (list).items, (list).count, sizeof *(list).items),           \
	 (list).items[(list).count++] = (value))

#define NEW(type) arena_new(parser->arena, type)

/* The words of tokens. */
const char *token_text(struct parser *parser, struct token token);  /* as written, quotes gone */
const char *token_lower(struct parser *parser, struct token token);
const char *token_upper(struct parser *parser, struct token token);
struct bytes token_bytes(struct parser *parser, struct token token);
struct bytes token_sent_bytes(struct parser *parser, struct token token); /* a string as the client had it: for passwords */
struct ast_name token_name(struct parser *parser, struct token token);
bool token_read_integer(struct parser *parser, struct token token, uint64_t *out_value); /* false: it is larger */
uint64_t token_integer(struct parser *parser, struct token token); /* UINT64_MAX when larger */
const char *name_lower(struct parser *parser, struct ast_name name);
/* The same of a function; 1630 for a word that is one only right before its parenthesis, as in COUNT (x). */
const char *name_of_call(struct parser *parser, struct ast_name name);
const char *name_upper(struct parser *parser, struct ast_name name);
bool name_is(struct ast_name name, const char *word); /* ASCII case ignored */
struct bytes name_bytes(struct ast_name name);
struct ast_span span_join(struct ast_span first, struct ast_span last);

/* Expressions. */
struct ast_expr *expr_new(struct parser *parser, enum ast_expr_kind kind, uint32_t start);
void expr_adopt(struct parser *parser, struct ast_expr *parent, const struct ast_expr *child);
struct ast_expr *expr_literal(struct parser *parser, enum ast_literal_kind kind, struct token token);
struct ast_expr *expr_number(struct parser *parser, enum ast_literal_kind kind, struct token token);
struct ast_expr *expr_introduced(struct parser *parser, struct token charset, struct ast_expr *literal);
struct ast_expr *expr_bare_word(struct parser *parser, struct ast_name name);
struct ast_expr *expr_string(struct parser *parser, const char *text, struct ast_span span);
struct ast_expr *expr_account(struct parser *parser, struct ast_name user, struct token host); /* 'user@host' */
struct ast_expr *expr_column(struct parser *parser, enum ast_expr_kind kind, const char *database,
			     const char *table, const char *name, uint32_t start);
struct ast_expr *expr_of_object(struct parser *parser, struct ast_object_name name); /* AST_COLUMN */
struct ast_expr *expr_unary(struct parser *parser, enum ast_operator op, struct token sign,
			    struct ast_expr *operand);
struct ast_expr *expr_binary(struct parser *parser, enum ast_operator op, struct ast_expr *left,
			     struct ast_expr *right);
struct ast_expr *expr_logical(struct parser *parser, enum ast_operator op, struct ast_expr *left,
			      struct ast_expr *right);
struct ast_expr *expr_call(struct parser *parser, const char *name, struct ast_exprs arguments, uint32_t start);
struct ast_expr *expr_call1(struct parser *parser, const char *name, struct ast_expr *argument, uint32_t start);
struct ast_expr *expr_call2(struct parser *parser, const char *name, struct ast_expr *first,
			    struct ast_expr *second, uint32_t start);
struct ast_expr *expr_is(struct parser *parser, struct ast_expr *operand, bool negated, enum ast_test test);
struct ast_expr *expr_like(struct parser *parser, struct ast_expr *operand, bool negated,
			   struct ast_expr *pattern, struct ast_expr *escape);
struct ast_expr *expr_in(struct parser *parser, struct ast_expr *operand, bool negated, struct ast_exprs list,
			 struct ast_query *query);
struct ast_expr *expr_between(struct parser *parser, struct ast_expr *operand, bool negated,
			      struct ast_expr *low, struct ast_expr *high);
struct ast_expr *expr_date_add(struct parser *parser, struct ast_expr *date, struct ast_expr *amount,
			       enum ast_interval_unit unit, bool subtract, uint32_t start);
struct ast_expr *expr_cast(struct parser *parser, struct ast_expr *operand, struct ast_type *type,
			   uint32_t start);
struct ast_expr *expr_trim(struct parser *parser, enum ast_trim_side side, struct ast_expr *removed,
			   struct ast_expr *operand, uint32_t start);
struct ast_expr *expr_row(struct parser *parser, struct ast_exprs items, uint32_t start);
struct ast_expr *expr_query(struct parser *parser, enum ast_expr_kind kind, struct ast_query *query,
			    uint32_t start);
struct ast_expr *expr_quantified(struct parser *parser, struct ast_expr *left, enum ast_operator op, bool all,
				 struct ast_query *query);
struct ast_expr *expr_case(struct parser *parser, struct ast_expr *value, struct ast_case *arms,
			   struct ast_expr *otherwise, uint32_t start);
void case_add(struct parser *parser, struct ast_case *arms, struct ast_expr *when, struct ast_expr *then);
struct ast_expr *expr_system_variable(struct parser *parser, struct ast_names path, uint32_t start);
struct ast_expr *expr_odbc(struct ast_name kind, struct ast_expr *value);
enum ast_interval_unit unit_of(struct parser *parser, struct ast_name name);
/* Only aggregates take DISTINCT. */
void call_set_distinct(struct parser *parser, struct ast_expr *call);

/* Types. */
struct ast_type *type_new(struct parser *parser, enum ast_type_kind kind, uint32_t start);
struct ast_type *type_by_name(struct parser *parser, struct ast_name name);
void type_set_float(struct ast_type *type); /* FLOAT(p) above 24 is DOUBLE */

/* Queries. */
void file_format_merge(struct ast_file_format *format, const struct ast_file_format *more);
struct ast_body *body_new(struct parser *parser, enum ast_body_kind kind, uint32_t start);
struct ast_body *body_select(struct parser *parser, struct ast_select *select);
struct ast_body *body_table(struct parser *parser, struct ast_object_name name, uint32_t start);
struct ast_body *body_values(struct parser *parser, struct ast_rows rows, uint32_t start);
struct ast_body *body_query(struct parser *parser, struct ast_query *query);
struct ast_body *body_set(struct parser *parser, enum ast_set_operator op, bool all, struct ast_body *left,
			  struct ast_body *right);
struct ast_query *query_new(struct parser *parser, struct ast_body *body);
/* Attaches an ORDER BY, LIMIT, lock or INTO; what a query has already is a syntax error at offset. */
void query_finish(struct parser *parser, struct ast_query *query);
void query_set_into(struct parser *parser, struct ast_query *query, struct ast_into *into, uint32_t offset);
void query_set_with(struct parser *parser, struct ast_query *query, struct ast_with *with, uint32_t start);
struct ast_select_item select_item(struct parser *parser, struct ast_expr *expr, struct ast_name alias);
struct ast_table_ref *table_ref_new(struct parser *parser, enum ast_table_ref_kind kind, uint32_t start);
struct ast_table_ref *table_ref_derived(struct parser *parser, struct ast_query *query, struct ast_name alias,
					struct ast_names columns, bool lateral, uint32_t start);
struct ast_table_ref *table_ref_join(struct parser *parser, struct ast_table_ref *left,
				     enum ast_join_kind kind, struct ast_table_ref *right);
/* A join without ON or USING: binds before the joins to its right, as if they came later. */
struct ast_table_ref *table_ref_cross_join(struct parser *parser, struct ast_table_ref *left,
					   enum ast_join_kind kind, struct ast_table_ref *right);
bool table_ref_is_one_table(const struct ast_table_ref *ref);

/* Definitions. */
enum table_element_kind { ELEMENT_COLUMN, ELEMENT_KEY, ELEMENT_FOREIGN_KEY, ELEMENT_CHECK };

struct table_element {
	enum table_element_kind kind;
	void *node; /* ast_column_def, ast_key, ast_foreign_key, ast_check */
};

struct table_elements {
	struct table_element *items;
	size_t count;
};

void create_table_add(struct parser *parser, struct ast_create_table *table, struct table_element element);
struct ast_alter_action alter_add(struct parser *parser, struct table_element element, uint32_t start);
struct ast_alter_action *alter_action_new(struct parser *parser, enum ast_alter_kind kind, uint32_t start);
struct ast_column_def *column_new(struct parser *parser, struct ast_name name, struct ast_type *type);
void column_finish(struct parser *parser, struct ast_column_def *column);
/* A table option by its name as written; a name that is none is a syntax error. */
struct ast_option table_option(struct parser *parser, const char *name, struct ast_expr *value, uint32_t start);
struct ast_option named_option(struct parser *parser, const char *name, struct ast_expr *value, uint32_t start);
void database_set_option(struct parser *parser, struct ast_database *database, struct ast_option option);

/* Statements. */
void insert_add_row(struct parser *parser, struct ast_exprs row);
void insert_set_rows(struct parser *parser, struct ast_insert *insert, struct ast_name alias, struct ast_names columns);
struct ast_statement *statement_new(struct parser *parser, enum ast_statement_kind kind);
struct ast_statement *transaction_statement(struct parser *parser, enum ast_statement_kind kind);
struct ast_statement *statement_unsupported(struct parser *parser, const char *what);

/* SET. */
enum ast_variable_scope scope_of(struct ast_name name); /* AST_SCOPE_DEFAULT when the word names none */
struct ast_expr *set_value(struct parser *parser, struct ast_expr *expr); /* bare words become strings */
struct ast_set_item set_scoped_variable(struct parser *parser, struct ast_names path, struct ast_expr *value,
					uint32_t start); /* @@[scope.]name */
void set_append(struct parser *parser, struct ast_set *set, struct ast_set_item item);
struct ast_show *show_new(struct parser *parser, enum ast_show_kind kind);
enum ast_explain_format explain_format(struct parser *parser, struct ast_name name);
struct ast_set_item set_variable(struct parser *parser, struct ast_names path, enum ast_variable_scope scope,
				 struct ast_expr *value, uint32_t start);

/* Accounts. */
struct ast_user_name user_name(struct parser *parser, struct ast_name user, const char *host, uint32_t start);
bool is_password_hash(struct bytes text); /* '*' and 40 hexadecimal digits */
struct ast_user_specs specs_of_users(struct parser *parser, struct ast_user_names users);
struct ast_option resource_option(struct parser *parser, struct ast_name name, struct ast_expr *value);
const char *joined_words(struct parser *parser, struct ast_names words); /* upper case, one blank between */

/* What stands between GRANT and ON or TO: a privilege's words, or a role that can be no privilege. */
struct grant_item {
	struct ast_names words;
	struct ast_names columns;
	struct ast_user_name *role; /* or NULL */
};

struct grant_items {
	struct grant_item *items;
	size_t count;
};

void grant_set_privileges(struct parser *parser, struct ast_grant *grant, struct grant_items *items);
struct ast_grant_roles *grant_roles(struct parser *parser, struct grant_items *items, struct ast_user_names users);
/* REVOKE without ON: ALL PRIVILEGES, GRANT OPTION, or roles. */
struct ast_statement *statement_revoke(struct parser *parser, struct grant_items *items,
				       struct ast_user_names users, bool if_exists);

/* A replication option's name in today's words. */
const char *source_option_name(struct parser *parser, struct ast_name name);
unsigned flush_target(struct parser *parser, struct ast_names words);
