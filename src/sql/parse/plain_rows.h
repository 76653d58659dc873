/*
 * Rows of INSERT's VALUES that hold plain literals only, as dumps are full of: read from the text into values (struct
 * ast_insert_row), without a token, a dozen reductions and a node for each literal.
 *
 * Plain are NULL, numbers with or without a minus right before them, strings of valid UTF-8, and _binary strings, each
 * followed by a comma or the row's end, with nothing but blanks between. All else, and all that is wrong, is left to the
 * grammar: the whole row that it stands in. So both ways give the same values, and errors come from one of them.
 *
 * For Lemon the insides of all plain rows that stand behind one another are one token: LP PLAIN_ROWS RP.
 */
#pragma once

#include <stdbool.h>

struct parser;
struct token;

/*
 * The lexer behind the parenthesis that opens a row: adds it, and all plain ones behind it, to the parser's rows, and reads
 * up to the parenthesis that closes the last of them. False: it is not plain, and nothing was read.
 */
bool plain_rows_read(struct parser *parser, struct token *out_token);
