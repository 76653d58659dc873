#include "sql/parse/parse.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sql/grammar.h"
#include "sql/parse/parser.h"
#include "sql/parse/plain_rows.h"

/* Lemon's generated interface. */
void *sql_parserAlloc(void *(*allocate)(size_t));
void sql_parserFree(void *lemon, void (*release)(void *));
void sql_parser(void *lemon, int token_code, struct token token, struct parser *parser);

enum { near_size_max = 80 };

const struct charset *parse_foreign_charset(const struct parse_input *input)
{
	const struct charset *charset = input->charset;
	bool is_utf8 = charset == NULL || charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3 ||
		       charset->id == CHARSET_BINARY;
	return is_utf8 ? NULL : charset;
}

const char *parser_cite(struct parser *parser, uint32_t offset, size_t size, size_t size_max)
{
	struct bytes text = bytes_of(parser->input->text + offset, size);
	struct buf utf8 = {0};
	if (parser->lexer.charset) {
		charset_convert(parser->lexer.charset, text, charset_get(CHARSET_UTF8MB4), &utf8);
		text = buf_bytes(&utf8);
	}
	size = text.size;
	if (size > size_max)
		for (size = size_max; size > 0 && (text.data[size] & 0xc0) == 0x80;)
			size--;
	const char *copy = arena_copy_text(parser->arena, (const char *)text.data, size);
	buf_deinit(&utf8);
	return copy;
}

/* Errors. */

int parser_line_of(const struct parser *parser, uint32_t offset)
{
	int line = 1;
	for (uint32_t i = parser->start; i < offset; i++)
		line += parser->input->text[i] == '\n';
	return line;
}

static void fail_near(struct parser *parser, const char *what, uint32_t offset)
{
	if (parser->failed)
		return;
	parser->failed = true;
	const char *near = parser_cite(parser, offset, parser->end > offset ? parser->end - offset : 0, near_size_max);
	diag_set(parser->diag, ER_PARSE_ERROR, what, near, parser_line_of(parser, offset));
}

void parser_syntax_error(struct parser *parser, uint32_t offset)
{
	fail_near(parser, error_format(ER_SYNTAX_ERROR), offset);
}

void parser_out_of_depth(struct parser *parser)
{
	fail_near(parser, "memory exhausted", parser->lookahead.span.offset);
}

void parser_error(struct parser *parser, enum error_code code, const char *argument)
{
	if (parser->failed)
		return;
	parser->failed = true;
	diag_set(parser->diag, code, argument);
}

/* Stored programs: which semicolons are ours. */

/* Whether a statement of a stored program may begin behind this token. */
static bool begins_statement(int token)
{
	return token == TK_SEMICOLON || token == TK_BEGIN || token == TK_THEN || token == TK_ELSE ||
	       token == TK_DO || token == TK_COLON;
}

static bool word_is(const struct parser *parser, const char *word)
{
	return parser->lookahead.span.size == strlen(word) &&
	       strncasecmp(parser->input->text + parser->lookahead.span.offset, word, strlen(word)) == 0;
}

/*
 * Counts blocks: BEGIN, CASE, and IF, LOOP, REPEAT and WHILE where a statement begins, open one; END closes
 * one, together with the word behind it. Wrong guesses (ELSE IF(..) in a CASE expression) only make the
 * statement longer.
 */
static void follow_program(struct parser *parser, int token)
{
	bool opens = token == TK_BEGIN || token == TK_CASE;
	if (begins_statement(parser->previous_token))
		opens |= token == TK_IF || token == TK_REPEAT || word_is(parser, "LOOP") || word_is(parser, "WHILE");
	if (opens && parser->previous_token != TK_END)
		parser->block_depth++;
	if (token == TK_END && parser->block_depth > 0)
		parser->block_depth--;
	/* FOR EACH ROW ends where a trigger's body begins. */
	parser->previous_token = word_is(parser, "ROW") ? TK_SEMICOLON : token;
}

/* The driver. */

static bool is_trailing(char c)
{
	return c == ';' || c == ' ' || (c >= '\t' && c <= '\r');
}

static void parser_init(struct parser *parser, const struct parse_input *input, struct arena *arena,
			struct diag *diag)
{
	*parser = (struct parser){.input = input, .arena = arena, .diag = diag};
	lexer_init(&parser->lexer, input, arena);
	while (parser->lexer.at < input->size && input->text[parser->lexer.at] != ';' &&
	       is_trailing(input->text[parser->lexer.at]))
		parser->lexer.at++;
	parser->start = parser->previous_end = (uint32_t)parser->lexer.at;
	parser->end = (uint32_t)input->size;
	while (parser->end > parser->start && is_trailing(input->text[parser->end - 1]))
		parser->end--;
}

static bool takes_values(const struct parser *parser)
{
	return parser->input->wants_values && parser->lexer.charset == NULL;
}

/* Whether what was just taken in opens a row of VALUES (dml.y says where one may follow). */
static bool opens_row(struct parser *parser, int token)
{
	bool opens = token == TK_LP && parser->row_follows;
	if (token != TK_COMMA)
		parser->row_follows = false;
	return opens;
}

/* Feeds tokens until the statement ends; answers how: 0 at the end of the text, or TK_SEMICOLON. */
static int feed(struct parser *parser, void *lemon)
{
	while (!parser->failed) {
		if (memory_check(parser->diag) != 0) {
			parser->failed = true;
			break;
		}
		int token = lexer_next(&parser->lexer, &parser->lookahead);
		if (token == TK_ILLEGAL) { /* not for Lemon: opaque text would take it in */
			parser_syntax_error(parser, parser->lookahead.span.offset);
			break;
		}
		if (parser->lexer.hints.size)
			parser_take_hints(parser, parser->lexer.hints, parser->token_count == 1);
		parser->token_count++;
		bool ends = token == 0 || (token == TK_SEMICOLON && parser->block_depth == 0);
		sql_parser(lemon, ends ? 0 : token, parser->lookahead, parser);
		if (ends)
			return token;
		if (parser->in_program)
			follow_program(parser, token);
		if (opens_row(parser, token) && takes_values(parser) && plain_rows_read(parser, &parser->lookahead))
			sql_parser(lemon, TK_PLAIN_ROWS, parser->lookahead, parser);
		parser->previous_end = parser->lookahead.span.offset + parser->lookahead.span.size;
	}
	return 0;
}

static uint32_t end_without_blanks(const struct parser *parser, uint32_t end)
{
	while (end > parser->start && (unsigned char)parser->input->text[end - 1] <= ' ')
		end--;
	return end;
}

/* Behind a semicolon: only one statement was allowed, or the next begins here. */
static void find_next(struct parser *parser, size_t *out_next)
{
	bool more = lexer_skip_separators(&parser->lexer);
	*out_next = parser->lexer.at;
	if (more && !parser->input->multiple)
		parser_syntax_error(parser, (uint32_t)parser->lexer.at);
}

/* Runs Lemon over one statement or, led by TK_PARSE_EXPRESSION, one expression. */
static int run(struct parser *parser, int first_token, size_t *out_next)
{
	void *lemon = sql_parserAlloc(memory_alloc);
	if (first_token)
		sql_parser(lemon, first_token, (struct token){0}, parser);
	int end = feed(parser, lemon);
	uint32_t end_offset = parser->lookahead.span.offset;
	*out_next = parser->input->size;
	if (!parser->failed && end == TK_SEMICOLON)
		find_next(parser, out_next);
	sql_parserFree(lemon, memory_free);
	if (parser->failed)
		return -1;
	if (parser->statement) {
		parser->statement->span.offset = parser->start;
		parser->statement->span.size = end_without_blanks(parser, end_offset) - parser->start;
		parser->statement->placeholder_count = parser->placeholder_count;
		parser->statement->hints = parser->hints;
	}
	return 0;
}

/*
 * A statement without a token is an error, but with a block comment it is an empty statement: dumps are full
 * of version comments that only some servers execute.
 */
static int parse_nothing(struct parser *parser, struct lexer behind, size_t *out_next)
{
	if (!behind.found_comment)
		return diag_set(parser->diag, ER_EMPTY_QUERY);
	parser->statement = statement_new(parser, AST_EMPTY);
	parser->statement->span.offset = parser->start;
	parser->statement->span.size = end_without_blanks(parser, (uint32_t)behind.at) - parser->start;
	parser->lexer = behind;
	find_next(parser, out_next);
	return parser->failed ? -1 : 0;
}

int parse_statement(const struct parse_input *input, struct arena *arena, struct ast_statement **out_statement,
		    size_t *out_next, struct diag *diag)
{
	struct parser parser;
	parser_init(&parser, input, arena, diag);
	struct lexer ahead = parser.lexer;
	struct token first;
	int token = lexer_next(&ahead, &first);
	bool nothing = token == 0 || (token == TK_SEMICOLON && ahead.found_comment);
	ahead.at = first.span.offset;
	size_t next = input->size;
	if (nothing ? parse_nothing(&parser, ahead, &next) : run(&parser, 0, &next))
		return -1;
	*out_statement = parser.statement;
	*out_next = next;
	return 0;
}

int parse_expression(const struct parse_input *input, struct arena *arena, struct ast_expr **out_expr,
		     struct diag *diag)
{
	struct parser parser;
	parser_init(&parser, input, arena, diag);
	size_t next;
	if (run(&parser, TK_PARSE_EXPRESSION, &next))
		return -1;
	*out_expr = parser.expression;
	return 0;
}

unsigned parse_find_placeholders(const struct parse_input *input, struct arena *arena, uint32_t *out_offsets,
				 unsigned count)
{
	struct lexer lexer;
	struct token token;
	unsigned found = 0;
	int code;
	lexer_init(&lexer, input, arena);
	while (found < count && (code = lexer_next(&lexer, &token)) != 0 && code != TK_ILLEGAL)
		if (code == TK_PLACEHOLDER)
			out_offsets[found++] = token.span.offset;
	return found;
}
