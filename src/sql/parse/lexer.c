#include "sql/parse/lexer.h"

#include <string.h>

#include "sql/grammar.h"
#include "sql/parse/keywords.h"
#include "sql/parse/lexer_parts.h"
#include "sql/parse/parse.h"
#include "type/sql_mode.h"

void lexer_init(struct lexer *lexer, const struct parse_input *input, struct arena *arena)
{
	*lexer = (struct lexer){.text = input->text, .size = input->size, .at = input->offset, .sql_mode = input->sql_mode,
				.charset = parse_foreign_charset(input), .arena = arena};
}

/* Whether a string or binary literal follows, blanks skipped: then _word is a charset introducer. */
static bool string_follows(const struct lexer *lexer, bool binary_too)
{
	struct lexer ahead = *lexer;
	lexer_skip_blanks(&ahead);
	char c = lexer_peek(&ahead, 0);
	if (lexer_is_string_quote(lexer, c))
		return true;
	if (!binary_too)
		return false;
	if (c == '0')
		return lexer_peek(&ahead, 1) == 'x' || lexer_peek(&ahead, 1) == 'b';
	return (c == 'x' || c == 'X' || c == 'b' || c == 'B') && lexer_peek(&ahead, 1) == '\'';
}

static bool parenthesis_follows(const struct lexer *lexer, bool blanks_too)
{
	if (!blanks_too)
		return lexer_peek(lexer, 0) == '(';
	struct lexer ahead = *lexer;
	lexer_skip_blanks(&ahead);
	return lexer_peek(&ahead, 0) == '(';
}

/* Whether the next word is this one; if so it is read. */
static bool take_word(struct lexer *lexer, const char *word)
{
	struct lexer ahead = *lexer;
	lexer_skip_blanks(&ahead);
	size_t size = strlen(word);
	for (size_t i = 0; i < size; i++)
		if (upper(lexer_peek(&ahead, i)) != word[i])
			return false;
	if (is_name_byte(lexer_peek(&ahead, size)))
		return false;
	ahead.at += size;
	*lexer = ahead;
	return true;
}

static int pair_token(struct lexer *lexer, int token)
{
	if (token == TK_WITH && take_word(lexer, "ROLLUP"))
		return TK_WITH_ROLLUP;
	if (token == TK_ON && take_word(lexer, "DUPLICATE"))
		return TK_ON_DUPLICATE;
	return token;
}

bool lexer_is_word_of_call(const char *word)
{
	const struct keyword *keyword = keyword_find(word, strlen(word));
	return keyword && (keyword->rule == CALL || keyword->rule == SPACED_CALL);
}

static int prefix_token(int token)
{
	switch (token) {
	case TK_DATE: return TK_DATE_PREFIX;
	case TK_TIME: return TK_TIME_PREFIX;
	default: return TK_TIMESTAMP_PREFIX;
	}
}

static int keyword_token(struct lexer *lexer, const struct keyword *keyword)
{
	bool spaces = keyword->rule == SPACED_CALL || (lexer->sql_mode & SQL_MODE_IGNORE_SPACE);
	switch ((enum keyword_rule)keyword->rule) {
	case WORD:
		return keyword->token;
	case CALL:
	case SPACED_CALL:
		return parenthesis_follows(lexer, spaces) ? keyword->token : TK_IDENT;
	case NEGATION:
		return lexer->sql_mode & SQL_MODE_HIGH_NOT_PRECEDENCE ? TK_NOT2 : TK_NOT;
	case BEFORE_TEXT:
		return string_follows(lexer, false) ? prefix_token(keyword->token) : keyword->token;
	case PAIRED:
		return pair_token(lexer, keyword->token);
	}
	return TK_ILLEGAL;
}

/* A word, the lexer at its first byte; a keyword only where a keyword may stand. */
static int read_word(struct lexer *lexer, bool name_only)
{
	size_t start = lexer->at;
	while (lexer->at < lexer->size && is_name_byte(lexer->text[lexer->at]))
		lexer_skip_char(lexer);
	size_t size = lexer->at - start;
	bool qualifies = lexer_peek(lexer, 0) == '.' && is_name_byte(lexer_peek(lexer, 1));
	if (name_only || qualifies)
		return TK_IDENT;
	if (lexer->text[start] == '_' && size > 1 && string_follows(lexer, true))
		return TK_INTRODUCER;
	const struct keyword *keyword = keyword_find(lexer->text + start, size);
	return keyword ? keyword_token(lexer, keyword) : TK_IDENT;
}

static int read_quoted_name(struct lexer *lexer, struct token *token)
{
	if (!lexer_read_quoted(lexer, false, token))
		return TK_ILLEGAL;
	return memchr(token->text, 0, token->text_size) ? TK_ILLEGAL : TK_IDENT;
}

/* @name, @'name', and the host part of user@host, whose bytes may be those of an address. */
static int read_user_variable(struct lexer *lexer, struct token *token)
{
	lexer->at++;
	if (lexer_peek(lexer, 0) == '@') {
		lexer->at++;
		return TK_AT_AT;
	}
	struct lexer behind = *lexer;
	if (is_space(lexer_peek(lexer, 0)))
		lexer_skip_blanks(lexer);
	char c = lexer_peek(lexer, 0);
	if (c == '\'' || c == '"' || c == '`') {
		bool escapes = c != '`' && !(lexer->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
		if (!lexer_read_quoted(lexer, escapes, token) || memchr(token->text, 0, token->text_size))
			return TK_ILLEGAL;
		return TK_USER_VARIABLE;
	}
	*lexer = behind;
	size_t start = lexer->at;
	while (is_name_byte(lexer_peek(lexer, 0)) || lexer_peek(lexer, 0) == '.')
		lexer_skip_char(lexer);
	if (lexer->at == start)
		return TK_ILLEGAL;
	token->text = arena_copy_text(lexer->arena, lexer->text + start, lexer->at - start);
	token->text_size = (uint32_t)(lexer->at - start);
	return TK_USER_VARIABLE;
}

struct sign {
	char text[4];
	uint8_t size;
	uint16_t token;
};

/* Longer signs before their beginnings. */
static const struct sign signs[] = {
	{"<=>", 3, TK_NULL_SAFE_EQUAL}, {"->>", 3, TK_ARROW_TEXT}, {"->", 2, TK_ARROW}, {":=", 2, TK_ASSIGN},
	{"<=", 2, TK_LESS_EQUAL},       {"<>", 2, TK_NOT_EQUAL},   {"<<", 2, TK_SHIFT_LEFT}, {"!=", 2, TK_NOT_EQUAL},
	{">=", 2, TK_GREATER_EQUAL},    {">>", 2, TK_SHIFT_RIGHT}, {"&&", 2, TK_AND},   {"\\N", 2, TK_NULL},
	{"(", 1, TK_LP},                {")", 1, TK_RP},           {",", 1, TK_COMMA},  {".", 1, TK_DOT},
	{"=", 1, TK_EQUAL},             {"<", 1, TK_LESS},         {">", 1, TK_GREATER}, {"+", 1, TK_PLUS},
	{"-", 1, TK_MINUS},             {"*", 1, TK_STAR},         {"/", 1, TK_SLASH},  {"%", 1, TK_PERCENT},
	{"&", 1, TK_AMPERSAND},         {"|", 1, TK_BAR},          {"^", 1, TK_CARET},  {"~", 1, TK_TILDE},
	{"!", 1, TK_BANG},              {"?", 1, TK_PLACEHOLDER},  {";", 1, TK_SEMICOLON}, {"{", 1, TK_LBRACE},
	{"}", 1, TK_RBRACE},            {":", 1, TK_COLON},
};

static int read_sign(struct lexer *lexer)
{
	if (lexer_peek(lexer, 0) == '|' && lexer_peek(lexer, 1) == '|') {
		lexer->at += 2;
		return lexer->sql_mode & SQL_MODE_PIPES_AS_CONCAT ? TK_CONCAT : TK_OR;
	}
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		const struct sign *sign = &signs[i];
		if (lexer->size - lexer->at >= sign->size &&
		    memcmp(lexer->text + lexer->at, sign->text, sign->size) == 0) {
			lexer->at += sign->size;
			return sign->token;
		}
	}
	lexer->at++;
	return TK_ILLEGAL;
}

/* n'..', x'..' and b'..', or 0. */
static int read_prefixed_string(struct lexer *lexer, struct token *token)
{
	if (lexer_peek(lexer, 1) != '\'')
		return 0;
	switch (upper(lexer_peek(lexer, 0))) {
	case 'N':
		lexer->at++;
		return lexer_read_string(lexer, token) == TK_STRING ? TK_NATIONAL_STRING : TK_ILLEGAL;
	case 'X':
		return lexer_read_digit_string(lexer, token, true);
	case 'B':
		return lexer_read_digit_string(lexer, token, false);
	default:
		return 0;
	}
}

static int read_token(struct lexer *lexer, struct token *token, bool name_only, bool dot_separates)
{
	char c = lexer->text[lexer->at];
	if (c == '`' || (c == '"' && (lexer->sql_mode & SQL_MODE_ANSI_QUOTES)))
		return read_quoted_name(lexer, token);
	if (lexer_is_string_quote(lexer, c))
		return lexer_read_string(lexer, token);
	if (c == '@')
		return read_user_variable(lexer, token);
	if (name_only && is_name_byte(c))
		return read_word(lexer, true);
	if (is_digit(c) || (c == '.' && is_digit(lexer_peek(lexer, 1)) && !dot_separates)) {
		int number = lexer_read_number(lexer, token);
		return number ? number : read_word(lexer, true);
	}
	if (is_name_byte(c)) {
		int prefixed = read_prefixed_string(lexer, token);
		return prefixed ? prefixed : read_word(lexer, false);
	}
	return read_sign(lexer);
}

int lexer_next(struct lexer *lexer, struct token *out_token)
{
	lexer_find_hints(lexer);
	bool name_only = lexer->name_follows;
	size_t name_end = lexer->dot_separates ? lexer->at : SIZE_MAX;
	bool closed = lexer_skip_blanks(lexer);
	*out_token = (struct token){.span.offset = (uint32_t)lexer->at};
	if (!closed)
		return TK_ILLEGAL;
	if (lexer->at == lexer->size)
		return lexer->in_version_comment ? TK_ILLEGAL : 0;

	int token = read_token(lexer, out_token, name_only, name_end == lexer->at);
	lexer->name_follows = token == TK_DOT || token == TK_AT_AT;
	lexer->dot_separates = token == TK_IDENT;
	out_token->span.size = (uint32_t)(lexer->at - out_token->span.offset);
	if (lexer->charset)
		lexer_convert_text(lexer, token, out_token);
	lexer->hints_follow = lexer_may_have_hints(token);
	lexer->is_introduced = token == TK_INTRODUCER;
	return token;
}

