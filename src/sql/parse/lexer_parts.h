/* Between the lexer's files: the bytes it looks at, and what reads one kind of token each. */
#pragma once

#include "sql/parse/lexer.h"
#include "type/collation.h"

static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_hex_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

static inline char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline char lexer_peek(const struct lexer *lexer, size_t ahead)
{
	return lexer->at + ahead < lexer->size ? lexer->text[lexer->at + ahead] : 0;
}

/*
 * The size of the character at `text`. Where its later bytes may look like signs (in gbk like backslashes and quotes of
 * names) it must be passed as one.
 */
static inline size_t lexer_char_size(const struct charset *charset, const char *text, size_t size)
{
	if (charset == NULL || charset->max_char_size == 1 || (unsigned char)*text < 0x80)
		return 1;
	return charset_prefix_size(charset, bytes_of(text, size), 1);
}

static inline void lexer_skip_char(struct lexer *lexer)
{
	lexer->at += lexer_char_size(lexer->charset, lexer->text + lexer->at, lexer->size - lexer->at);
}

/* blanks.c: past blanks and comments. False when a comment never ends; the lexer then stands at its opening. */
bool lexer_skip_blanks(struct lexer *lexer);

/* quoted.c: what stands between quotes. */
bool lexer_is_string_quote(const struct lexer *lexer, char c);
/* The lexer at the opening quote. False: it is never closed. */
bool lexer_read_quoted(struct lexer *lexer, bool escapes, struct token *token);
/* A string, and those that stand right behind it with nothing but blanks between: TK_STRING or TK_ILLEGAL. */
int lexer_read_string(struct lexer *lexer, struct token *token);

/* numbers.c: what is made of digits. */
/* A number, or a name that begins with digits: its code, or 0 when it is the name, the lexer unmoved. */
int lexer_read_number(struct lexer *lexer, struct token *token);
/* x'..' and b'..', the lexer at the letter: the token's text is the digits. */
int lexer_read_digit_string(struct lexer *lexer, struct token *token, bool hex);

/* foreign.c: a token's text, from a character set that is not UTF-8. */
void lexer_convert_text(struct lexer *lexer, int code, struct token *token);

/* hints.c: where the hints behind the last token are; which tokens they may stand behind. */
void lexer_find_hints(struct lexer *lexer);
bool lexer_may_have_hints(int token);
