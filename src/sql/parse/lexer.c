#include "sql/parse/lexer.h"

#include <string.h>

#include "sql/grammar.h"
#include "sql/parse/parse.h"
#include "type/collation.h"
#include "type/sql_mode.h"

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

static const struct keyword keywords[] = {
#define LETTER(letter)
#define KEYWORD(word, token, rule) {word, sizeof word - 1, rule, TK_##token},
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
};

/* first_X is the index of the first keyword that begins with X: the enum counts keywords, not letters. */
enum {
#define LETTER(letter) first_##letter, before_##letter = first_##letter - 1,
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define KEYWORD(word, token, rule) JOIN(keyword_at_line_, __LINE__),
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
	keyword_count
};

static const uint16_t first_of_letter[] = {
#define LETTER(letter) first_##letter,
#define KEYWORD(word, token, rule)
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
	keyword_count,
};

enum { keyword_size_max = 40 };

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex_digit(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void lexer_init(struct lexer *lexer, const struct parse_input *input, struct arena *arena)
{
	*lexer = (struct lexer){.text = input->text, .size = input->size, .at = input->offset, .sql_mode = input->sql_mode,
				.charset = parse_foreign_charset(input), .arena = arena};
}

/*
 * The size of the character at `text`. Where its later bytes may look like signs (in gbk like backslashes and quotes of
 * names) it must be passed as one.
 */
static size_t char_size(const struct charset *charset, const char *text, size_t size)
{
	if (charset == NULL || charset->max_char_size == 1 || (unsigned char)*text < 0x80)
		return 1;
	return charset_prefix_size(charset, bytes_of(text, size), 1);
}

static void skip_char(struct lexer *lexer)
{
	lexer->at += char_size(lexer->charset, lexer->text + lexer->at, lexer->size - lexer->at);
}

static char peek(const struct lexer *lexer, size_t ahead)
{
	return lexer->at + ahead < lexer->size ? lexer->text[lexer->at + ahead] : 0;
}

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
		if (peek(lexer, 0) == '*' && peek(lexer, 1) == '/') {
			lexer->at += 2;
			if (!inner)
				return true;
			inner = false;
		} else if (nesting && !inner && peek(lexer, 0) == '/' && peek(lexer, 1) == '*') {
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
	while (digits < 6 && is_digit(peek(lexer, digits)))
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
	if (peek(lexer, 2) == '!' && !lexer->in_version_comment && peek(lexer, 3) != 'M') {
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

/* False when a comment never ends; the lexer then stands at its opening. */
static bool skip_blanks(struct lexer *lexer)
{
	while (lexer->at < lexer->size) {
		char c = lexer->text[lexer->at];
		if (is_space(c)) {
			lexer->at++;
		} else if (c == '#') {
			skip_line(lexer);
		} else if (c == '-' && peek(lexer, 1) == '-' &&
			   (lexer->at + 2 == lexer->size || (unsigned char)peek(lexer, 2) <= ' ')) {
			skip_line(lexer);
		} else if (c == '/' && peek(lexer, 1) == '*') {
			if (!skip_block_comment(lexer))
				return false;
		} else if (c == '*' && peek(lexer, 1) == '/' && lexer->in_version_comment) {
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
		skip_blanks(lexer);
	} while (peek(lexer, 0) == ';' && lexer->at++ < lexer->size);
	bool more = lexer->at < lexer->size;
	/* A version comment that the next statement begins in is entered again by who reads that. */
	if (more && lexer->in_version_comment && !before.in_version_comment)
		*lexer = before;
	return more;
}

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
			if (peek(lexer, 1) != quote) {
				*out_size = lexer->at++ - start;
				return true;
			}
			lexer->at++;
		}
		skip_char(lexer);
	}
	return false;
}

/* Writes the meaning of quoted text to out, which has room for its size; answers how much it wrote. */
static size_t decode_quoted(const struct charset *charset, const char *text, size_t size, char quote, bool escapes,
			    char *out)
{
	size_t written = 0;
	for (size_t i = 0; i < size; i++) {
		size_t whole = char_size(charset, text + i, size - i);
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

static bool read_quoted(struct lexer *lexer, bool escapes, struct token *token)
{
	size_t start = lexer->at;
	char quote = lexer->text[start];
	size_t size;
	if (!measure_quoted(lexer, escapes, &size))
		return false;
	char *text = arena_alloc(lexer->arena, size + 1);
	token->text_size = (uint32_t)decode_quoted(lexer->charset, lexer->text + start + 1, size, quote, escapes, text);
	token->text = text;
	return true;
}

static bool is_string_quote(const struct lexer *lexer, char c)
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

/* A string, and those that stand right behind it with nothing but blanks between. */
static int read_string(struct lexer *lexer, struct token *token)
{
	bool escapes = !(lexer->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	if (!read_quoted(lexer, escapes, token))
		return TK_ILLEGAL;
	for (;;) {
		struct lexer behind = *lexer;
		if (!skip_blanks(lexer) || !is_string_quote(lexer, peek(lexer, 0))) {
			*lexer = behind;
			return TK_STRING;
		}
		struct token more;
		if (!read_quoted(lexer, escapes, &more))
			return TK_ILLEGAL;
		append_text(lexer, token, &more);
	}
}

/* x'..' and b'..', the lexer at the letter: the token's text is the digits. */
static int read_digit_string(struct lexer *lexer, struct token *token, bool hex)
{
	size_t start = lexer->at + 2;
	size_t end = start;
	while (end < lexer->size &&
	       (hex ? is_hex_digit(lexer->text[end]) : lexer->text[end] == '0' || lexer->text[end] == '1'))
		end++;
	bool closed = end < lexer->size && lexer->text[end] == '\'';
	if (!closed || (hex && (end - start) % 2 != 0))
		return TK_ILLEGAL;
	lexer->at = end + 1;
	token->text = lexer->text + start;
	token->text_size = (uint32_t)(end - start);
	return hex ? TK_HEX_STRING : TK_BIT_STRING;
}

/* Whether a string or binary literal follows, blanks skipped: then _word is a charset introducer. */
static bool string_follows(const struct lexer *lexer, bool binary_too)
{
	struct lexer ahead = *lexer;
	skip_blanks(&ahead);
	char c = peek(&ahead, 0);
	if (is_string_quote(lexer, c))
		return true;
	if (!binary_too)
		return false;
	if (c == '0')
		return peek(&ahead, 1) == 'x' || peek(&ahead, 1) == 'b';
	return (c == 'x' || c == 'X' || c == 'b' || c == 'B') && peek(&ahead, 1) == '\'';
}

static bool parenthesis_follows(const struct lexer *lexer, bool blanks_too)
{
	if (!blanks_too)
		return peek(lexer, 0) == '(';
	struct lexer ahead = *lexer;
	skip_blanks(&ahead);
	return peek(&ahead, 0) == '(';
}

/* Whether the next word is this one; if so it is read. */
static bool take_word(struct lexer *lexer, const char *word)
{
	struct lexer ahead = *lexer;
	skip_blanks(&ahead);
	size_t size = strlen(word);
	for (size_t i = 0; i < size; i++)
		if (upper(peek(&ahead, i)) != word[i])
			return false;
	if (is_name_byte(peek(&ahead, size)))
		return false;
	ahead.at += size;
	*lexer = ahead;
	return true;
}

static const struct keyword *find_keyword(const char *word, size_t size)
{
	char folded[keyword_size_max];
	if (size > keyword_size_max)
		return NULL;
	for (size_t i = 0; i < size; i++)
		folded[i] = upper(word[i]);
	if (folded[0] < 'A' || folded[0] > 'Z')
		return NULL;
	size_t low = first_of_letter[folded[0] - 'A'];
	size_t high = first_of_letter[folded[0] - 'A' + 1];
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct keyword *keyword = &keywords[middle];
		int order = memcmp(folded, keyword->word, size < keyword->size ? size : keyword->size);
		if (order == 0 && size == keyword->size)
			return keyword;
		if (order < 0 || (order == 0 && size < keyword->size))
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
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
	const struct keyword *keyword = find_keyword(word, strlen(word));
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
		skip_char(lexer);
	size_t size = lexer->at - start;
	bool qualifies = peek(lexer, 0) == '.' && is_name_byte(peek(lexer, 1));
	if (name_only || qualifies)
		return TK_IDENT;
	if (lexer->text[start] == '_' && size > 1 && string_follows(lexer, true))
		return TK_INTRODUCER;
	const struct keyword *keyword = find_keyword(lexer->text + start, size);
	return keyword ? keyword_token(lexer, keyword) : TK_IDENT;
}

static int read_quoted_name(struct lexer *lexer, struct token *token)
{
	if (!read_quoted(lexer, false, token))
		return TK_ILLEGAL;
	return memchr(token->text, 0, token->text_size) ? TK_ILLEGAL : TK_IDENT;
}

/* 0x41 and 0b01: TK_HEX_STRING or TK_BIT_STRING, or 0 when it is none, the lexer unmoved. */
static int read_prefixed_digits(struct lexer *lexer, struct token *token)
{
	char kind = peek(lexer, 1);
	if (peek(lexer, 0) != '0' || (kind != 'x' && kind != 'b'))
		return 0;
	size_t start = lexer->at + 2;
	size_t end = start;
	while (end < lexer->size && (kind == 'x' ? is_hex_digit(lexer->text[end])
						 : lexer->text[end] == '0' || lexer->text[end] == '1'))
		end++;
	if (end == start || (end < lexer->size && is_name_byte(lexer->text[end])))
		return 0;
	lexer->at = end;
	token->text = lexer->text + start;
	token->text_size = (uint32_t)(end - start);
	return kind == 'x' ? TK_HEX_STRING : TK_BIT_STRING;
}

static void skip_digits(struct lexer *lexer)
{
	while (is_digit(peek(lexer, 0)))
		lexer->at++;
}

/* e, e+ or e- and a digit: reads the exponent. */
static bool skip_exponent(struct lexer *lexer)
{
	if (upper(peek(lexer, 0)) != 'E')
		return false;
	size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-';
	if (!is_digit(peek(lexer, 1 + sign)))
		return false;
	lexer->at += 1 + sign;
	skip_digits(lexer);
	return true;
}

/* A number, or a name that begins with digits. */
static int read_number(struct lexer *lexer, struct token *token)
{
	int prefixed = read_prefixed_digits(lexer, token);
	if (prefixed)
		return prefixed;
	size_t start = lexer->at;
	skip_digits(lexer);
	if (peek(lexer, 0) != '.') {
		size_t digits_end = lexer->at;
		if (lexer->at > start && skip_exponent(lexer)) {
			if (!is_name_byte(peek(lexer, 0)))
				return TK_FLOAT_NUMBER;
			lexer->at = digits_end; /* 1e5x is a name, 1e+5x the name 1e, + and more */
		}
		if (!is_name_byte(peek(lexer, 0)))
			return TK_INTEGER;
		lexer->at = start;
		return read_word(lexer, true);
	}
	lexer->at++;
	skip_digits(lexer);
	return skip_exponent(lexer) ? TK_FLOAT_NUMBER : TK_DECIMAL_NUMBER;
}

/* @name, @'name', and the host part of user@host, whose bytes may be those of an address. */
static int read_user_variable(struct lexer *lexer, struct token *token)
{
	lexer->at++;
	if (peek(lexer, 0) == '@') {
		lexer->at++;
		return TK_AT_AT;
	}
	struct lexer behind = *lexer;
	if (is_space(peek(lexer, 0)))
		skip_blanks(lexer);
	char c = peek(lexer, 0);
	if (c == '\'' || c == '"' || c == '`') {
		bool escapes = c != '`' && !(lexer->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
		if (!read_quoted(lexer, escapes, token) || memchr(token->text, 0, token->text_size))
			return TK_ILLEGAL;
		return TK_USER_VARIABLE;
	}
	*lexer = behind;
	size_t start = lexer->at;
	while (is_name_byte(peek(lexer, 0)) || peek(lexer, 0) == '.')
		skip_char(lexer);
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
	if (peek(lexer, 0) == '|' && peek(lexer, 1) == '|') {
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
	if (peek(lexer, 1) != '\'')
		return 0;
	switch (upper(peek(lexer, 0))) {
	case 'N':
		lexer->at++;
		return read_string(lexer, token) == TK_STRING ? TK_NATIONAL_STRING : TK_ILLEGAL;
	case 'X':
		return read_digit_string(lexer, token, true);
	case 'B':
		return read_digit_string(lexer, token, false);
	default:
		return 0;
	}
}

static int read_token(struct lexer *lexer, struct token *token, bool name_only, bool dot_separates)
{
	char c = lexer->text[lexer->at];
	if (c == '`' || (c == '"' && (lexer->sql_mode & SQL_MODE_ANSI_QUOTES)))
		return read_quoted_name(lexer, token);
	if (is_string_quote(lexer, c))
		return read_string(lexer, token);
	if (c == '@')
		return read_user_variable(lexer, token);
	if (name_only && is_name_byte(c))
		return read_word(lexer, true);
	if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1)) && !dot_separates))
		return read_number(lexer, token);
	if (is_name_byte(c)) {
		int prefixed = read_prefixed_string(lexer, token);
		return prefixed ? prefixed : read_word(lexer, false);
	}
	return read_sign(lexer);
}

static bool is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

/* Names and strings, from a character set that is not UTF-8. */
static void convert_text(struct lexer *lexer, int code, struct token *token)
{
	struct bytes text = token->text ? bytes_of(token->text, token->text_size)
					: bytes_of(lexer->text + token->span.offset, token->span.size);
	if (is_ascii(text) || (code == TK_STRING && lexer->is_introduced))
		return;
	struct buf utf8;
	buf_init(&utf8);
	if (charset_convert(lexer->charset, text, charset_get(CHARSET_UTF8MB4), &utf8) > 0 && code == TK_STRING) {
		token->is_malformed = true;
	} else {
		token->sent = text;
		token->text = arena_copy_text(lexer->arena, (const char *)utf8.data, utf8.size);
		token->text_size = (uint32_t)utf8.size;
	}
	buf_deinit(&utf8);
}

static void find_hints(struct lexer *lexer)
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

static bool may_have_hints(int token)
{
	return token == TK_SELECT || token == TK_INSERT || token == TK_REPLACE || token == TK_UPDATE || token == TK_DELETE;
}

int lexer_next(struct lexer *lexer, struct token *out_token)
{
	find_hints(lexer);
	bool name_only = lexer->name_follows;
	size_t name_end = lexer->dot_separates ? lexer->at : SIZE_MAX;
	bool closed = skip_blanks(lexer);
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
		convert_text(lexer, token, out_token);
	lexer->hints_follow = may_have_hints(token);
	lexer->is_introduced = token == TK_INTRODUCER;
	return token;
}

struct bytes lexer_decode_string(struct arena *arena, struct bytes quoted, uint64_t sql_mode)
{
	bool escapes = !(sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	char *text = arena_alloc(arena, quoted.size);
	char quote = (char)quoted.data[0];
	size_t size = decode_quoted(NULL, (const char *)quoted.data + 1, quoted.size - 2, quote, escapes, text);
	return bytes_of(text, size);
}

static unsigned hex_value(char c)
{
	return is_digit(c) ? (unsigned)(c - '0') : (unsigned)(upper(c) - 'A' + 10);
}

struct bytes lexer_decode_hex(struct arena *arena, const char *digits, size_t size)
{
	size_t byte_count = (size + 1) / 2;
	uint8_t *out = arena_alloc(arena, byte_count + 1);
	for (size_t i = 0; i < size; i++) {
		size_t from_end = size - 1 - i;
		out[byte_count - 1 - from_end / 2] |= (uint8_t)(hex_value(digits[i]) << (from_end % 2 * 4));
	}
	return bytes_of(out, byte_count);
}

struct bytes lexer_decode_bits(struct arena *arena, const char *digits, size_t size)
{
	size_t byte_count = (size + 7) / 8;
	uint8_t *out = arena_alloc(arena, byte_count + 1);
	for (size_t i = 0; i < size; i++) {
		size_t from_end = size - 1 - i;
		out[byte_count - 1 - from_end / 8] |= (uint8_t)((digits[i] - '0') << (from_end % 8));
	}
	return bytes_of(out, byte_count);
}
