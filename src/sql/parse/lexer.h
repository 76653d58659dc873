/*
 * Text to tokens.
 *
 * The lexer knows what MySQL's knows beyond words and signs: version comments, adjacent strings that are
 * one, words that are functions only right before a parenthesis, names after a dot that are never keywords,
 * and `user`@`host`, which comes as a word and a TK_USER_VARIABLE whose text is the host.
 *
 * The text may be of another character set than UTF-8. The texts of tokens are UTF-8, but for strings behind an introducer
 * and those that are no text in their character set.
 *
 * A few pairs of words come as one token where one word of lookahead would not do: WITH ROLLUP,
 * ON DUPLICATE, and DATE, TIME and TIMESTAMP before a quote.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "sql/parse/ast_expr.h"

struct charset;
struct parse_input;

struct token {
	struct ast_span span;
	const char *text;   /* quoted names and strings, decoded, in the arena, with a final zero; else NULL */
	uint32_t text_size;
	struct bytes sent;  /* a string's bytes before they were converted; no data: they were not */
	bool is_malformed;  /* a string that is no text of the character set: its bytes as they were */
};

struct lexer {
	const char *text;
	size_t size;
	size_t at; /* the next byte to read */
	uint64_t sql_mode;
	const struct charset *charset; /* NULL: UTF-8 */
	bool in_version_comment;
	bool found_comment;  /* a block comment was met */
	bool name_follows;   /* the last token was a dot or @@: a word is a name, not a keyword */
	bool is_introduced;  /* the last token was an introducer: a string's bytes stay as they are */
	bool hints_follow;   /* the last token is one that optimizer hints may stand behind */
	struct ast_span hints; /* inside of the comment of hints in front of the last token; empty: there was none */
	bool dot_separates;  /* the last token was a name: a dot right behind it is no decimal point */
	struct arena *arena;
};

void lexer_init(struct lexer *lexer, const struct parse_input *input, struct arena *arena);

/* The next token's code: a TK_ of the grammar, 0 at the end of the text, TK_ILLEGAL for what is none. */
int lexer_next(struct lexer *lexer, struct token *out_token);

/* Words that are functions only right before a parenthesis, as COUNT: anywhere else they are names. */
bool lexer_is_word_of_call(const char *word);

/* Skips blanks, comments and semicolons. True when something is left. */
bool lexer_skip_separators(struct lexer *lexer);

/* What a string with its quotes means, into the arena, with a final zero that is not counted. */
struct bytes lexer_decode_string(struct arena *arena, struct bytes quoted, uint64_t sql_mode);

/* The bytes of x'..', 0x.., b'..' or 0b.. from its digits, into the arena. */
struct bytes lexer_decode_hex(struct arena *arena, const char *digits, size_t size);
struct bytes lexer_decode_bits(struct arena *arena, const char *digits, size_t size);
