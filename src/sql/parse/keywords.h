/* The words of the language (keywords.def). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How a word of keywords.def becomes its token; otherwise it is a name. */
enum keyword_rule {
	WORD,        /* always */
	CALL,        /* only right before a parenthesis; under IGNORE_SPACE blanks may stand between */
	SPACED_CALL, /* only before a parenthesis, blanks or not */
	NEGATION,    /* NOT: binds tighter under HIGH_NOT_PRECEDENCE */
	BEFORE_TEXT, /* TK_..._PREFIX before a quote, itself otherwise */
	PAIRED,      /* with the word that follows, maybe one token */
};

struct keyword {
	const char *word;
	uint8_t size;
	uint8_t rule;
	uint16_t token;
};

/* The keyword that the word is, in whatever case; or NULL. */
const struct keyword *keyword_find(const char *word, size_t size);
