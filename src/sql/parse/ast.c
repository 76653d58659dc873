#include "sql/parse/ast.h"

#include <string.h>
#include <strings.h>

#include "sql/parse/parser.h"

/* What all builders share: spans, lists, words, types. */

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

bool token_read_integer(struct parser *parser, struct token token, uint64_t *out_value)
{
	const char *digits = parser->input->text + token.span.offset;
	uint64_t value = 0;
	for (uint32_t i = 0; i < token.span.size; i++) {
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(digits[i] - '0'), &value))
			return false;
	}
	*out_value = value;
	return true;
}

uint64_t token_integer(struct parser *parser, struct token token)
{
	uint64_t value = UINT64_MAX;
	token_read_integer(parser, token, &value);
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

/* Scopes and units. */

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
