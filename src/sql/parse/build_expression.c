/* The builders of expressions. */
#include <string.h>

#include "sql/parse/parser.h"

struct ast_expr *expr_new(struct parser *parser, enum ast_expr_kind kind, uint32_t start)
{
	struct ast_expr *expr = NEW(struct ast_expr);
	expr->kind = kind;
	expr->depth = 1;
	expr->span = SPAN_FROM(start);
	return expr;
}

static void adopt_depth(struct parser *parser, struct ast_expr *parent, unsigned depth)
{
	if (depth + 1 > parent->depth)
		parent->depth = (uint16_t)(depth + 1);
	if (depth >= ast_depth_max)
		parser_out_of_depth(parser);
}

void expr_adopt(struct parser *parser, struct ast_expr *parent, const struct ast_expr *child)
{
	if (child)
		adopt_depth(parser, parent, child->depth);
}

#define ADOPT(parent, ...)                                                                                    \
	do {                                                                                                  \
		const struct ast_expr *const children[] = {__VA_ARGS__};                                      \
		for (size_t i = 0; i < sizeof children / sizeof *children; i++)                               \
			expr_adopt(parser, parent, children[i]);                                              \
	} while (0)

static void adopt_all(struct parser *parser, struct ast_expr *parent, struct ast_exprs children)
{
	for (size_t i = 0; i < children.count; i++)
		expr_adopt(parser, parent, children.items[i]);
}

struct ast_expr *expr_literal(struct parser *parser, enum ast_literal_kind kind, struct token token)
{
	struct ast_expr *expr = expr_new(parser, AST_LITERAL, token.span.offset);
	struct ast_literal *literal = expr->literal = NEW(struct ast_literal);
	literal->kind = kind;
	if (kind == AST_LITERAL_HEX) {
		literal->text = lexer_decode_hex(parser->arena, token.text, token.text_size);
	} else if (kind == AST_LITERAL_BIT) {
		literal->text = lexer_decode_bits(parser->arena, token.text, token.text_size);
		literal->integer = token.text_size;
	} else if (token.text) {
		literal->text = bytes_of(token.text, token.text_size);
		literal->is_malformed = token.is_malformed;
	}
	return expr;
}

/* Integers that need more than 64 bits are decimals. */
struct ast_expr *expr_number(struct parser *parser, enum ast_literal_kind kind, struct token token)
{
	struct ast_expr *expr = expr_new(parser, AST_LITERAL, token.span.offset);
	struct ast_literal *literal = expr->literal = NEW(struct ast_literal);
	literal->kind = kind;
	if (kind == AST_LITERAL_INTEGER && token_read_integer(parser, token, &literal->integer))
		return expr;
	if (kind == AST_LITERAL_INTEGER)
		literal->kind = AST_LITERAL_DECIMAL;
	literal->text = token_bytes(parser, token);
	return expr;
}

struct ast_expr *expr_introduced(struct parser *parser, struct token charset, struct ast_expr *literal)
{
	const char *name = token_lower(parser, charset) + 1;
	literal->literal->charset = strcmp(name, "utf8") == 0 ? "utf8mb3" : name;
	literal->span = SPAN_FROM(charset.span.offset);
	return literal;
}

struct ast_expr *expr_string(struct parser *parser, const char *text, struct ast_span span)
{
	struct ast_expr *expr = expr_new(parser, AST_LITERAL, span.offset);
	expr->span = span;
	expr->literal = NEW(struct ast_literal);
	expr->literal->kind = AST_LITERAL_STRING;
	expr->literal->text = bytes_of_string(text);
	return expr;
}

struct ast_expr *expr_bare_word(struct parser *parser, struct ast_name name)
{
	struct ast_expr *expr = expr_string(parser, name.text, name.span);
	expr->literal->bare = true;
	return expr;
}

struct ast_expr *expr_account(struct parser *parser, struct ast_name user, struct token host)
{
	const char *text = arena_printf(parser->arena, "%s@%s", user.text, token_text(parser, host));
	return expr_string(parser, text, span_join(user.span, host.span));
}

struct ast_expr *expr_column(struct parser *parser, enum ast_expr_kind kind, const char *database,
			     const char *table, const char *name, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, kind, start);
	expr->column.database = database;
	expr->column.table = table;
	expr->column.name = name;
	return expr;
}

struct ast_expr *expr_of_object(struct parser *parser, struct ast_object_name name)
{
	struct ast_expr *expr =
		expr_column(parser, AST_COLUMN, NULL, name.database.text, name.name.text, name.span.offset);
	expr->span = name.span;
	return expr;
}

struct ast_expr *expr_unary(struct parser *parser, enum ast_operator op, struct token sign,
			    struct ast_expr *operand)
{
	struct ast_expr *expr = expr_new(parser, AST_UNARY, sign.span.offset);
	expr->unary.op = op;
	expr->unary.operand = operand;
	expr_adopt(parser, expr, operand);
	return expr;
}

struct ast_expr *expr_binary(struct parser *parser, enum ast_operator op, struct ast_expr *left,
			     struct ast_expr *right)
{
	struct ast_expr *expr = expr_new(parser, AST_BINARY, left->span.offset);
	expr->binary.op = op;
	expr->binary.left = left;
	expr->binary.right = right;
	ADOPT(expr, left, right);
	return expr;
}

/* a AND b AND c is one node. What stands in parentheses stays a node of its own, as it was written. */
struct ast_expr *expr_logical(struct parser *parser, enum ast_operator op, struct ast_expr *left,
			      struct ast_expr *right)
{
	struct ast_expr *expr = left;
	if (left->kind != AST_LOGICAL || left->logical.op != op || left->parenthesised) {
		expr = expr_new(parser, AST_LOGICAL, left->span.offset);
		expr->logical.op = op;
		LIST_APPEND(expr->logical.operands, left);
		expr_adopt(parser, expr, left);
	}
	LIST_APPEND(expr->logical.operands, right);
	expr_adopt(parser, expr, right);
	expr->span = SPAN_FROM(expr->span.offset);
	return expr;
}

/* Synonyms of plain functions that the grammar does not know as words. */
static const char *const function_synonyms[][2] = {
	{"current_timestamp", "now"}, {"localtime", "now"},   {"localtimestamp", "now"}, {"current_date", "curdate"},
	{"current_time", "curtime"},  {"schema", "database"}, {"substr", "substring"},   {"mid", "substring"},
};

struct ast_expr *expr_call(struct parser *parser, const char *name, struct ast_exprs arguments, uint32_t start)
{
	for (size_t i = 0; i < sizeof function_synonyms / sizeof *function_synonyms; i++)
		if (strcmp(name, function_synonyms[i][0]) == 0)
			name = function_synonyms[i][1];
	struct ast_expr *expr = expr_new(parser, AST_CALL, start);
	expr->call = NEW(struct ast_call);
	expr->call->name = name;
	expr->call->arguments = arguments;
	adopt_all(parser, expr, arguments);
	return expr;
}

struct ast_expr *expr_call1(struct parser *parser, const char *name, struct ast_expr *argument, uint32_t start)
{
	struct ast_exprs arguments = {0};
	LIST_APPEND(arguments, argument);
	return expr_call(parser, name, arguments, start);
}

struct ast_expr *expr_call2(struct parser *parser, const char *name, struct ast_expr *first,
			    struct ast_expr *second, uint32_t start)
{
	struct ast_exprs arguments = {0};
	LIST_APPEND(arguments, first);
	LIST_APPEND(arguments, second);
	return expr_call(parser, name, arguments, start);
}

void call_set_distinct(struct parser *parser, struct ast_expr *call)
{
	static const char *const aggregates[] = {"sum", "avg", "min", "max", "count", "group_concat"};
	for (size_t i = 0; i < sizeof aggregates / sizeof *aggregates; i++) {
		if (strcmp(call->call->name, aggregates[i]) == 0) {
			call->call->distinct = true;
			return;
		}
	}
	parser_syntax_error(parser, call->call->arguments.items[0]->span.offset);
}

struct ast_expr *expr_is(struct parser *parser, struct ast_expr *operand, bool negated, enum ast_test test)
{
	struct ast_expr *expr = expr_new(parser, AST_IS, operand->span.offset);
	expr->is.negated = negated;
	expr->is.test = test;
	expr->is.operand = operand;
	expr_adopt(parser, expr, operand);
	return expr;
}

struct ast_expr *expr_like(struct parser *parser, struct ast_expr *operand, bool negated,
			   struct ast_expr *pattern, struct ast_expr *escape)
{
	struct ast_expr *expr = expr_new(parser, AST_LIKE, operand->span.offset);
	expr->like.negated = negated;
	expr->like.operand = operand;
	expr->like.pattern = pattern;
	expr->like.escape = escape;
	ADOPT(expr, operand, pattern, escape);
	return expr;
}

struct ast_expr *expr_in(struct parser *parser, struct ast_expr *operand, bool negated, struct ast_exprs list,
			 struct ast_query *query)
{
	struct ast_expr *expr = expr_new(parser, AST_IN, operand->span.offset);
	expr->in.negated = negated;
	expr->in.operand = operand;
	expr->in.list = list;
	expr->in.query = query;
	expr_adopt(parser, expr, operand);
	adopt_all(parser, expr, list);
	if (query)
		adopt_depth(parser, expr, query->depth);
	return expr;
}

struct ast_expr *expr_between(struct parser *parser, struct ast_expr *operand, bool negated,
			      struct ast_expr *low, struct ast_expr *high)
{
	struct ast_expr *expr = expr_new(parser, AST_BETWEEN, operand->span.offset);
	expr->between.negated = negated;
	expr->between.operand = operand;
	expr->between.low = low;
	expr->between.high = high;
	ADOPT(expr, operand, low, high);
	return expr;
}

struct ast_expr *expr_date_add(struct parser *parser, struct ast_expr *date, struct ast_expr *amount,
			       enum ast_interval_unit unit, bool subtract, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_DATE_ADD, start);
	expr->date_add.date = date;
	expr->date_add.amount = amount;
	expr->date_add.unit = unit;
	expr->date_add.subtract = subtract;
	ADOPT(expr, date, amount);
	return expr;
}

struct ast_expr *expr_cast(struct parser *parser, struct ast_expr *operand, struct ast_type *type,
			   uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_CAST, start);
	expr->cast.operand = operand;
	expr->cast.type = type;
	expr_adopt(parser, expr, operand);
	return expr;
}

struct ast_expr *expr_trim(struct parser *parser, enum ast_trim_side side, struct ast_expr *removed,
			   struct ast_expr *operand, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_TRIM, start);
	expr->trim.side = side;
	expr->trim.removed = removed;
	expr->trim.operand = operand;
	ADOPT(expr, operand, removed);
	return expr;
}

struct ast_expr *expr_row(struct parser *parser, struct ast_exprs items, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_ROW, start);
	expr->row = items;
	adopt_all(parser, expr, items);
	return expr;
}

struct ast_expr *expr_query(struct parser *parser, enum ast_expr_kind kind, struct ast_query *query,
			    uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, kind, start);
	expr->query = query;
	adopt_depth(parser, expr, query->depth);
	return expr;
}

struct ast_expr *expr_quantified(struct parser *parser, struct ast_expr *left, enum ast_operator op, bool all,
				 struct ast_query *query)
{
	struct ast_expr *expr = expr_new(parser, AST_QUANTIFIED, left->span.offset);
	expr->quantified.op = op;
	expr->quantified.all = all;
	expr->quantified.left = left;
	expr->quantified.query = query;
	expr_adopt(parser, expr, left);
	adopt_depth(parser, expr, query->depth);
	return expr;
}

void case_add(struct parser *parser, struct ast_case *arms, struct ast_expr *when, struct ast_expr *then)
{
	arms->arms = list_room(parser->arena, arms->arms, arms->arm_count, sizeof *arms->arms);
	arms->arms[arms->arm_count++] = (struct ast_case_arm){when, then};
}

struct ast_expr *expr_case(struct parser *parser, struct ast_expr *value, struct ast_case *arms,
			   struct ast_expr *otherwise, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_CASE, start);
	expr->conditional = arms;
	arms->value = value;
	arms->otherwise = otherwise;
	ADOPT(expr, value, otherwise);
	for (size_t i = 0; i < arms->arm_count; i++) {
		expr_adopt(parser, expr, arms->arms[i].when);
		expr_adopt(parser, expr, arms->arms[i].then);
	}
	return expr;
}

struct ast_expr *expr_system_variable(struct parser *parser, struct ast_names path, uint32_t start)
{
	struct ast_expr *expr = expr_new(parser, AST_SYSTEM_VARIABLE, start);
	size_t first = 0;
	if (path.count > 1) {
		expr->variable.scope = scope_of(path.items[0]);
		first = expr->variable.scope != AST_SCOPE_DEFAULT;
	}
	size_t left = path.count - first;
	if (left > 2)
		parser_syntax_error(parser, path.items[first + 2].span.offset);
	if (left == 2)
		expr->variable.base = path.items[first].text;
	expr->variable.name = name_lower(parser, path.items[path.count - 1]);
	return expr;
}

/* {d '2020-01-01'}, {t '..'}, {ts '..'}: temporal literals. Any other {word expr} is the expression. */
struct ast_expr *expr_odbc(struct ast_name kind, struct ast_expr *value)
{
	if (value->kind != AST_LITERAL || value->literal->kind != AST_LITERAL_STRING)
		return value;
	if (name_is(kind, "d"))
		value->literal->kind = AST_LITERAL_DATE;
	else if (name_is(kind, "t"))
		value->literal->kind = AST_LITERAL_TIME;
	else if (name_is(kind, "ts"))
		value->literal->kind = AST_LITERAL_TIMESTAMP;
	return value;
}
