/* What stands between tokens: blanks, comments, and comments that are to be executed. */
#include "sql/parse/lexer_parts.h"
#include "sql/parse/parse.h"

static void skip_line(struct lexer *lexer)
{
	while (lexer->at < lexer->size && lexer->text[lexer->at] != '\n')
		lexer->at++;
}

/* Past the end of a comment whose opening was read; comments inside it nest one deep, as MySQL has it. */
static bool skip_comment(struct lexer *lexer, bool nesting)
{
	bool inner = false;
	while (lexer->at < lexer->size) {
		if (lexer_peek(lexer, 0) == '*' && lexer_peek(lexer, 1) == '/') {
			lexer->at += 2;
			if (!inner)
				return true;
			inner = false;
		} else if (nesting && !inner && lexer_peek(lexer, 0) == '/' && lexer_peek(lexer, 1) == '*') {
			lexer->at += 2;
			inner = true;
		} else {
			lexer->at++;
		}
	}
	return false;
}

/* At "slash star bang": reads the version, if any. True when the comment's content is to be executed. */
static bool enter_version_comment(struct lexer *lexer)
{
	lexer->at += 3;
	size_t digits = 0;
	while (digits < 6 && is_digit(lexer_peek(lexer, digits)))
		digits++;
	if (digits < 5)
		return true; /* without a version: always */
	unsigned version = 0;
	for (size_t i = 0; i < digits; i++)
		version = version * 10 + (unsigned)(lexer->text[lexer->at + i] - '0');
	lexer->at += digits;
	return version <= parse_version;
}

/* False when a comment never ends; the lexer then stands where it was. */
static bool skip_block_comment(struct lexer *lexer)
{
	size_t start = lexer->at;
	bool nesting = false;
	lexer->found_comment = true;
	if (lexer_peek(lexer, 2) == '!' && !lexer->in_version_comment && lexer_peek(lexer, 3) != 'M') {
		if (enter_version_comment(lexer)) {
			lexer->in_version_comment = true;
			return true;
		}
		nesting = true;
	} else {
		lexer->at += 2;
	}
	if (skip_comment(lexer, nesting))
		return true;
	lexer->at = start;
	return false;
}

bool lexer_skip_blanks(struct lexer *lexer)
{
	while (lexer->at < lexer->size) {
		char c = lexer->text[lexer->at];
		if (is_space(c)) {
			lexer->at++;
		} else if (c == '#') {
			skip_line(lexer);
		} else if (c == '-' && lexer_peek(lexer, 1) == '-' &&
			   (lexer->at + 2 == lexer->size || (unsigned char)lexer_peek(lexer, 2) <= ' ')) {
			skip_line(lexer);
		} else if (c == '/' && lexer_peek(lexer, 1) == '*') {
			if (!skip_block_comment(lexer))
				return false;
		} else if (c == '*' && lexer_peek(lexer, 1) == '/' && lexer->in_version_comment) {
			lexer->at += 2;
			lexer->in_version_comment = false;
		} else {
			break;
		}
	}
	return true;
}

bool lexer_skip_separators(struct lexer *lexer)
{
	struct lexer before;
	do {
		before = *lexer;
		lexer_skip_blanks(lexer);
	} while (lexer_peek(lexer, 0) == ';' && lexer->at++ < lexer->size);
	bool more = lexer->at < lexer->size;
	/* A version comment that the next statement begins in is entered again by who reads that. */
	if (more && lexer->in_version_comment && !before.in_version_comment)
		*lexer = before;
	return more;
}
