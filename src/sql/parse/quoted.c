/* What stands between quotes: strings, names, the parts of accounts. */
#include <string.h>

#include "sql/grammar.h"
#include "sql/parse/lexer_parts.h"
#include "type/sql_mode.h"

static char unescape(char c)
{
	switch (c) {
	case '0': return 0;
	case 'b': return '\b';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'Z': return '\032';
	default: return c;
	}
}

/*
 * The size of what stands between quotes, the lexer at the opening one. Leaves the lexer behind the closing
 * one. False when there is none.
 */
static bool measure_quoted(struct lexer *lexer, bool escapes, size_t *out_size)
{
	char quote = lexer->text[lexer->at++];
	size_t start = lexer->at;
	while (lexer->at < lexer->size) {
		char c = lexer->text[lexer->at];
		if (c == '\\' && escapes && lexer->at + 1 < lexer->size) {
			lexer->at += 2; /* as MySQL: not a whole character */
			continue;
		}
		if (c == quote) {
			if (lexer_peek(lexer, 1) != quote) {
				*out_size = lexer->at++ - start;
				return true;
			}
			lexer->at++;
		}
		lexer_skip_char(lexer);
	}
	return false;
}

/* Writes the meaning of quoted text to out, which has room for its size; answers how much it wrote. */
static size_t quoted_decode(const struct charset *charset, const char *text, size_t size, char quote, bool escapes,
			    char *out)
{
	size_t written = 0;
	for (size_t i = 0; i < size; i++) {
		size_t whole = lexer_char_size(charset, text + i, size - i);
		if (whole > 1) {
			memcpy(out + written, text + i, whole);
			written += whole;
			i += whole - 1;
			continue;
		}
		if (text[i] == '\\' && escapes && i + 1 < size) {
			i++;
			if (text[i] == '%' || text[i] == '_') /* kept for LIKE */
				out[written++] = '\\';
			out[written++] = unescape(text[i]);
			continue;
		}
		if (text[i] == quote)
			i++;
		out[written++] = text[i];
	}
	return written;
}

bool lexer_read_quoted(struct lexer *lexer, bool escapes, struct token *token)
{
	size_t start = lexer->at;
	char quote = lexer->text[start];
	size_t size;
	if (!measure_quoted(lexer, escapes, &size))
		return false;
	char *text = arena_alloc(lexer->arena, size + 1);
	token->text_size = (uint32_t)quoted_decode(lexer->charset, lexer->text + start + 1, size, quote, escapes, text);
	token->text = text;
	return true;
}

bool lexer_is_string_quote(const struct lexer *lexer, char c)
{
	return c == '\'' || (c == '"' && !(lexer->sql_mode & SQL_MODE_ANSI_QUOTES));
}

static void append_text(struct lexer *lexer, struct token *token, const struct token *more)
{
	size_t size = (size_t)token->text_size + more->text_size;
	char *text = arena_alloc(lexer->arena, size + 1);
	memcpy(text, token->text, token->text_size);
	memcpy(text + token->text_size, more->text, more->text_size);
	token->text = text;
	token->text_size = (uint32_t)size;
}

int lexer_read_string(struct lexer *lexer, struct token *token)
{
	bool escapes = !(lexer->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	if (!lexer_read_quoted(lexer, escapes, token))
		return TK_ILLEGAL;
	for (;;) {
		struct lexer behind = *lexer;
		if (!lexer_skip_blanks(lexer) || !lexer_is_string_quote(lexer, lexer_peek(lexer, 0))) {
			*lexer = behind;
			return TK_STRING;
		}
		struct token more;
		if (!lexer_read_quoted(lexer, escapes, &more))
			return TK_ILLEGAL;
		append_text(lexer, token, &more);
	}
}

struct bytes lexer_decode_string(struct arena *arena, struct bytes quoted, uint64_t sql_mode)
{
	bool escapes = !(sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	char *text = arena_alloc(arena, quoted.size);
	char quote = (char)quoted.data[0];
	size_t size = quoted_decode(NULL, (const char *)quoted.data + 1, quoted.size - 2, quote, escapes, text);
	return bytes_of(text, size);
}
