/*
 * Optimizer hints: the comment with a plus right behind SELECT, INSERT, REPLACE, UPDATE and DELETE. What advises the planner
 * is read and forgotten, for SQLite plans; what asks for more is kept, with what is no hint at all.
 */
#include <string.h>
#include <strings.h>

#include "sql/grammar.h"
#include "sql/parse/lexer_parts.h"
#include "sql/parse/parser.h"

void lexer_find_hints(struct lexer *lexer)
{
	size_t start = lexer->at;
	lexer->hints.size = 0;
	if (!lexer->hints_follow)
		return;
	while (start < lexer->size && is_space(lexer->text[start]))
		start++;
	if (lexer->size - start < 3 || memcmp(lexer->text + start, "/*+", 3) != 0)
		return;
	const char *begin = lexer->text + start + 3, *end = memmem(begin, lexer->size - start - 3, "*/", 2);
	if (end)
		lexer->hints = (struct ast_span){(uint32_t)(begin - lexer->text), (uint32_t)(end - begin)};
}

bool lexer_may_have_hints(int token)
{
	return token == TK_SELECT || token == TK_INSERT || token == TK_REPLACE || token == TK_UPDATE || token == TK_DELETE;
}

/* Without NO_, which each of those that name a way to execute may begin with. */
static const char *const advice[] = {
	"BKA", "BNL", "DERIVED_CONDITION_PUSHDOWN", "GROUP_INDEX", "HASH_JOIN", "ICP", "INDEX", "INDEX_MERGE",
	"JOIN_FIXED_ORDER", "JOIN_INDEX", "JOIN_ORDER", "JOIN_PREFIX", "JOIN_SUFFIX", "MERGE", "MRR", "ORDER_INDEX",
	"QB_NAME", "RANGE_OPTIMIZATION", "SEMIJOIN", "SKIP_SCAN", "SUBQUERY"};
static const char *const unbuilt[] = {"RESOURCE_GROUP", "SET_VAR"};

struct hint_text {
	const char *at, *end;
};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_spaces(struct hint_text *text)
{
	while (text->at < text->end && (*text->at == ' ' || (*text->at >= '\t' && *text->at <= '\r')))
		text->at++;
}

static struct bytes read_word(struct hint_text *text)
{
	const char *start = text->at;
	while (text->at < text->end && is_word_char(*text->at))
		text->at++;
	return bytes_of(start, (size_t)(text->at - start));
}

/* What stands in the parentheses. No data when there are none. */
static struct bytes read_arguments(struct hint_text *text)
{
	skip_spaces(text);
	size_t left = (size_t)(text->end - text->at);
	const char *close = left && *text->at == '(' ? memchr(text->at, ')', left) : NULL;
	if (close == NULL)
		return (struct bytes){0};
	struct bytes arguments = bytes_of(text->at + 1, (size_t)(close - text->at - 1));
	text->at = close + 1;
	return arguments;
}

static bool is_one_of(struct bytes word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal_nocase(word, bytes_of_string(words[i])))
			return true;
	return false;
}

static bool is_advice(struct bytes word)
{
	bool is_negated = word.size > 3 && strncasecmp((const char *)word.data, "NO_", 3) == 0;
	struct bytes name = is_negated ? bytes_of(word.data + 3, word.size - 3) : word;
	return is_one_of(name, advice, sizeof advice / sizeof *advice);
}

static bool read_milliseconds(struct bytes arguments, uint64_t *out)
{
	struct hint_text text = {(const char *)arguments.data, (const char *)arguments.data + arguments.size};
	skip_spaces(&text);
	struct bytes digits = read_word(&text);
	skip_spaces(&text);
	enum { digits_max = 10 };
	if (digits.size == 0 || digits.size > digits_max || text.at < text.end)
		return false;
	*out = 0;
	for (size_t i = 0; i < digits.size; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(digits.data[i] - '0');
	}
	return *out <= UINT32_MAX;
}

/* False where it is none. */
static bool read_hint(struct parser *parser, struct hint_text *text, bool is_of_statement)
{
	const char *start = text->at;
	struct bytes name = read_word(text), arguments = read_arguments(text);
	struct ast_hint hint = {.is_of_statement = is_of_statement};
	if (arguments.data == NULL)
		return false;
	if (is_advice(name))
		return true;
	if (text_equal_nocase(name, bytes_of_string("MAX_EXECUTION_TIME"))) {
		hint.kind = AST_HINT_MAX_EXECUTION_TIME;
		if (!read_milliseconds(arguments, &hint.milliseconds))
			return false;
	} else if (is_one_of(name, unbuilt, sizeof unbuilt / sizeof *unbuilt)) {
		hint.kind = AST_HINT_UNBUILT;
	} else {
		return false;
	}
	uint32_t offset = (uint32_t)(start - parser->input->text);
	hint.text = parser_cite(parser, offset, (size_t)(text->at - start), ast_hint_text_max);
	LIST_APPEND(parser->hints, hint);
	return true;
}

void parser_take_hints(struct parser *parser, struct ast_span span, bool is_of_statement)
{
	struct hint_text text = {parser->input->text + span.offset, parser->input->text + span.offset + span.size};
	for (skip_spaces(&text); text.at < text.end; skip_spaces(&text)) {
		uint32_t offset = (uint32_t)(text.at - parser->input->text);
		if (read_hint(parser, &text, is_of_statement))
			continue;
		struct ast_hint hint = {
			.kind = AST_HINT_MALFORMED,
			.text = parser_cite(parser, offset, parser->end - offset, ast_hint_text_max),
			.line = parser_line_of(parser, offset),
		};
		LIST_APPEND(parser->hints, hint);
		return; /* nobody knows where the next one begins */
	}
}
