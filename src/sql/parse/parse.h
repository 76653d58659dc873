/*
 * Text to tree: one statement at a time.
 *
 * The text is in a character set that contains ASCII (UTF-8, latin1, ...). What comes out is UTF-8: names, strings, errors;
 * but spans count the text's own bytes.
 * Version comments of MySQL (up to parse_version) are executed, MariaDB's own are comments.
 *
 * Thread: any; no state outlives the call. The heap holds the parser's stack for its duration.
 */
#pragma once

#include "base/arena.h"
#include "base/diag.h"
#include "sql/parse/ast.h"
#include "type/collation.h"

enum { parse_version = 80035 }; /* the version that comments with a version number are held against */

struct parse_input {
	const char *text; /* need not end with a zero */
	size_t size;
	size_t offset;     /* where the statement begins in text; spans count from text, not from here */
	uint64_t sql_mode; /* enum sql_mode of type/sql_mode.h: the bits that change lexing or parsing */
	bool multiple;     /* a semicolon may be followed by another statement; else that is an error */
	bool wants_values; /* of rows of plain literals (ast_insert_row); else each literal has its node */
	const struct charset *charset; /* of the text; NULL: UTF-8 */
};

/* The input's character set if it is not UTF-8, or bytes, which are taken for UTF-8; else NULL. */
const struct charset *parse_foreign_charset(const struct parse_input *input);

/*
 * Parses the statement at input->offset. Its nodes go to the arena. *out_next is where the next statement
 * begins, or input->size when only blanks, comments and semicolons are left.
 *
 * Errors: ER_PARSE_ERROR with MySQL's message, the text from the offending token and its line;
 * ER_EMPTY_QUERY when there is nothing but blanks and line comments (block comments alone are AST_EMPTY); and what
 * MySQL's parser itself checks (for one, ER_DERIVED_MUST_HAVE_ALIAS). Trees higher than ast_depth_max are "memory
 * exhausted".
 */
int parse_statement(const struct parse_input *input, struct arena *arena, struct ast_statement **out_statement,
		    size_t *out_next, struct diag *diag);

/* Where the ?s of a statement that was parsed stand: offsets in input->text, in order, `count` of them at most. */
unsigned parse_find_placeholders(const struct parse_input *input, struct arena *arena, uint32_t *out_offsets,
				 unsigned count);

/* One expression alone, as stored defaults, CHECKs and generated columns are. */
int parse_expression(const struct parse_input *input, struct arena *arena, struct ast_expr **out_expr,
		     struct diag *diag);
