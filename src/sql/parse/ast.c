#include "sql/parse/ast.h"

#include <string.h>
#include <strings.h>

#include "sql/parse/parser.h"

/* The parser's shared parts and the builders of expressions. Queries: build_query.c; the rest: build_other.c. */

struct ast_span parser_span(const struct parser *parser, uint32_t offset)
{
	uint32_t end = parser->previous_end > offset ? parser->previous_end : offset;
	return (struct ast_span){offset, end - offset};
}

struct ast_span span_join(struct ast_span first, struct ast_span last)
{
	return (struct ast_span){first.offset, last.offset + last.size - first.offset};
}

void *list_room(struct arena *arena, void *items, size_t count, size_t item_size)
{
	enum { first_capacity = 4 };
	if (count == 0)
		return arena_alloc(arena, first_capacity * item_size);
	if (count < first_capacity || (count & (count - 1)) != 0)
		return items;
	void *grown = arena_alloc(arena, 2 * count * item_size);
	memcpy(grown, items, count * item_size);
	return grown;
}

/* Tokens and names. */

const char *token_text(struct parser *parser, struct token token)
{
	if (token.text)
		return token.text;
	return arena_copy_text(parser->arena, parser->input->text + token.span.offset, token.span.size);
}

static char *fold(struct parser *parser, const char *text, char from, char to)
{
	char *folded = arena_copy_string(parser->arena, text);
	for (char *c = folded; *c; c++)
		if (*c >= from && *c <= to)
			*c ^= 0x20;
	return folded;
}

const char *token_lower(struct parser *parser, struct token token)
{
	return fold(parser, token_text(parser, token), 'A', 'Z');
}

const char *token_upper(struct parser *parser, struct token token)
{
	return fold(parser, token_text(parser, token), 'a', 'z');
}

struct bytes token_bytes(struct parser *parser, struct token token)
{
	if (token.text)
		return bytes_of(token.text, token.text_size);
	return bytes_of(token_text(parser, token), token.span.size);
}

struct bytes token_sent_bytes(struct parser *parser, struct token token)
{
	return token.sent.data ? token.sent : token_bytes(parser, token);
}

struct ast_name token_name(struct parser *parser, struct token token)
{
	return (struct ast_name){token_text(parser, token), token.span};
}

uint64_t token_integer(struct parser *parser, struct token token)
{
	const char *digits = parser->input->text + token.span.offset;
	uint64_t value = 0;
	for (uint32_t i = 0; i < token.span.size; i++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(digits[i] - '0'), &value))
			return UINT64_MAX;
	}
	return value;
}

const char *name_lower(struct parser *parser, struct ast_name name)
{
	return fold(parser, name.text, 'A', 'Z');
}

const char *name_of_call(struct parser *parser, struct ast_name name)
{
	if (lexer_is_word_of_call(name.text))
		parser_error(parser, ER_FUNC_INEXISTENT_NAME_COLLISION, name.text);
	return name_lower(parser, name);
}

const char *name_upper(struct parser *parser, struct ast_name name)
{
	return fold(parser, name.text, 'a', 'z');
}

bool name_is(struct ast_name name, const char *word)
{
	return strcasecmp(name.text, word) == 0;
}

struct bytes name_bytes(struct ast_name name)
{
	return bytes_of_string(name.text);
}

/* Expressions. */

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

struct ast_expr *expr_number(struct parser *parser, enum ast_literal_kind kind, struct token token)
{
	struct ast_expr *expr = expr_new(parser, AST_LITERAL, token.span.offset);
	struct ast_literal *literal = expr->literal = NEW(struct ast_literal);
	literal->kind = kind;
	if (kind == AST_LITERAL_INTEGER) {
		literal->integer = token_integer(parser, token);
		if (literal->integer == UINT64_MAX && token.span.size > 19)
			literal->kind = AST_LITERAL_DECIMAL;
	}
	if (literal->kind != AST_LITERAL_INTEGER) {
		literal->text = token_bytes(parser, token);
		literal->integer = 0;
	}
	/* 18446744073709551615 itself is an integer. */
	if (kind == AST_LITERAL_INTEGER && literal->kind == AST_LITERAL_DECIMAL &&
	    bytes_equal(literal->text, bytes_of_string("18446744073709551615"))) {
		literal->kind = AST_LITERAL_INTEGER;
		literal->integer = UINT64_MAX;
	}
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
	expr_adopt(parser, expr, left);
	expr_adopt(parser, expr, right);
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
	expr_adopt(parser, expr, operand);
	expr_adopt(parser, expr, pattern);
	expr_adopt(parser, expr, escape);
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
	expr_adopt(parser, expr, operand);
	expr_adopt(parser, expr, low);
	expr_adopt(parser, expr, high);
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
	expr_adopt(parser, expr, date);
	expr_adopt(parser, expr, amount);
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
	expr_adopt(parser, expr, operand);
	expr_adopt(parser, expr, removed);
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
	expr_adopt(parser, expr, value);
	expr_adopt(parser, expr, otherwise);
	for (size_t i = 0; i < arms->arm_count; i++) {
		expr_adopt(parser, expr, arms->arms[i].when);
		expr_adopt(parser, expr, arms->arms[i].then);
	}
	return expr;
}

/* The scope that a word names, or AST_SCOPE_DEFAULT. */
enum ast_variable_scope scope_of(struct ast_name name)
{
	if (name_is(name, "global"))
		return AST_SCOPE_GLOBAL;
	if (name_is(name, "session") || name_is(name, "local"))
		return AST_SCOPE_SESSION;
	if (name_is(name, "persist"))
		return AST_SCOPE_PERSIST;
	if (name_is(name, "persist_only"))
		return AST_SCOPE_PERSIST_ONLY;
	return AST_SCOPE_DEFAULT;
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

static const char *const unit_names[] = {
	"microsecond",        "second",      "minute",          "hour",        "day",         "week",
	"month",              "quarter",     "year",            "second_microsecond",
	"minute_microsecond", "minute_second", "hour_microsecond", "hour_second", "hour_minute",
	"day_microsecond",    "day_second",  "day_minute",      "day_hour",    "year_month",
};

const char *ast_interval_unit_name(enum ast_interval_unit unit)
{
	return unit_names[unit];
}

enum ast_interval_unit unit_of(struct parser *parser, struct ast_name name)
{
	const char *word = name.text;
	if (strncasecmp(word, "SQL_TSI_", 8) == 0)
		word += 8;
	for (size_t i = 0; i < sizeof unit_names / sizeof *unit_names; i++)
		if (strcasecmp(unit_names[i], word) == 0)
			return (enum ast_interval_unit)i;
	parser_syntax_error(parser, name.span.offset);
	return AST_UNIT_DAY;
}

/* Types. */

struct ast_type *type_new(struct parser *parser, enum ast_type_kind kind, uint32_t start)
{
	struct ast_type *type = NEW(struct ast_type);
	type->kind = kind;
	type->length = -1;
	type->decimals = -1;
	type->span = SPAN_FROM(start);
	return type;
}

struct ast_type *type_by_name(struct parser *parser, struct ast_name name)
{
	static const char *const spatial[] = {"geometry",   "point",          "linestring",      "polygon",
					      "multipoint", "multilinestring", "multipolygon",
					      "geometrycollection", "geomcollection"};
	for (size_t i = 0; i < sizeof spatial / sizeof *spatial; i++)
		if (name_is(name, spatial[i]))
			return type_new(parser, AST_TYPE_GEOMETRY, name.span.offset);
	parser_syntax_error(parser, name.span.offset);
	return type_new(parser, AST_TYPE_GEOMETRY, name.span.offset);
}

void type_set_float(struct ast_type *type)
{
	enum { single_precision_max = 24 };
	if (type->decimals >= 0 || type->length < 0)
		return;
	if (type->length > single_precision_max)
		type->kind = AST_TYPE_DOUBLE;
	if (type->length <= 53)
		type->length = -1; /* a precision in bits, of no further use */
}
