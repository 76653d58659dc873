#include "sql/parse/plain_rows.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "sql/parse/lexer_parts.h"
#include "sql/parse/parser.h"
#include "type/decimal.h"
#include "type/sql_mode.h"
#include "type/value.h"

enum { integer_digits_max = 18 /* those always fit BIGINT */, float_size_max = 64 };

struct scan {
	struct parser *parser;
	const char *at, *end;
	size_t width; /* of the last row: the next one has room for as many at once */
};

static void skip_spaces(struct scan *scan)
{
	while (scan->at < scan->end && is_space(*scan->at))
		scan->at++;
}

static bool take(struct scan *scan, char sign)
{
	skip_spaces(scan);
	if (scan->at == scan->end || *scan->at != sign)
		return false;
	scan->at++;
	return true;
}

static bool take_word(struct scan *scan, const char *word, size_t size)
{
	if ((size_t)(scan->end - scan->at) < size || strncasecmp(scan->at, word, size) != 0)
		return false;
	scan->at += size;
	return true;
}

/* ------------------------------------------------------------------ one literal */

static const char *end_of_digits(const struct scan *scan, const char *at)
{
	while (at < scan->end && is_digit(*at))
		at++;
	return at;
}

static const char *end_of_exponent(const struct scan *scan, const char *at)
{
	const char *digits = at + 1;
	if (digits < scan->end && (*digits == '+' || *digits == '-'))
		digits++;
	const char *end = end_of_digits(scan, digits);
	return end > digits ? end : NULL;
}

static struct value integer_of(const char *digits, const char *end, bool is_negative)
{
	uint64_t magnitude = 0; /* the least one's is above INT64_MAX */
	for (; digits < end; digits++)
		magnitude = magnitude * 10 + (uint64_t)(*digits - '0');
	return value_int((int64_t)(is_negative ? -magnitude : magnitude));
}

static bool read_decimal(struct scan *scan, struct bytes text, struct value *out)
{
	struct decimal *decimal = arena_new(scan->parser->arena, struct decimal);
	size_t used;
	decimal_parse(decimal, text, &used); /* of one that is too long the largest there is, as for any literal */
	*out = (struct value){.kind = VALUE_DECIMAL, .decimal = decimal};
	return true;
}

/* One that is too large for a DOUBLE is an error, which is the resolver's. */
static bool read_float(struct bytes text, struct value *out)
{
	char digits[float_size_max];
	if (text.size >= sizeof digits)
		return false;
	memcpy(digits, text.data, text.size);
	digits[text.size] = 0;
	*out = value_double(strtod(digits, NULL));
	return out->real - out->real == 0;
}

static bool read_number(struct scan *scan, struct value *out)
{
	const char *start = scan->at, *digits = start + (*start == '-'), *whole = end_of_digits(scan, digits), *end = whole;
	bool is_decimal = whole > digits && whole < scan->end && *whole == '.';
	if (is_decimal)
		end = end_of_digits(scan, whole + 1);
	if (whole == digits || (is_decimal && end == whole + 1))
		return false;
	const char *exponent = end < scan->end && upper(*end) == 'E' ? end : NULL;
	if (exponent && (end = end_of_exponent(scan, exponent)) == NULL)
		return false;
	scan->at = end;
	if (exponent)
		return read_float(bytes_of(start, (size_t)(end - start)), out);
	if (is_decimal)
		return read_decimal(scan, bytes_of(start, (size_t)(end - start)), out);
	if (end - digits > integer_digits_max)
		return false;
	*out = integer_of(digits, end, *start == '-');
	return true;
}

/* By the lexer, which knows escapes and doubled quotes. */
static bool read_escaped(struct scan *scan, bool escapes, struct bytes *out)
{
	struct lexer lexer = scan->parser->lexer;
	struct token token;
	lexer.at = (size_t)(scan->at - lexer.text);
	if (!lexer_read_quoted(&lexer, escapes, &token))
		return false;
	scan->at = lexer.text + lexer.at;
	*out = bytes_of(token.text, token.text_size);
	return true;
}

static bool read_text(struct scan *scan, struct bytes *out)
{
	const struct lexer *lexer = &scan->parser->lexer;
	bool escapes = !(lexer->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	const char *start = scan->at + 1, *close = memchr(start, *scan->at, (size_t)(scan->end - start));
	if (close == NULL)
		return false;
	size_t size = (size_t)(close - start);
	bool is_doubled = close + 1 < scan->end && close[1] == *close;
	if (is_doubled || (escapes && memchr(start, '\\', size)))
		return read_escaped(scan, escapes, out);
	*out = bytes_of(arena_copy(scan->parser->arena, start, size), size);
	scan->at = close + 1;
	return true;
}

static bool read_string(struct scan *scan, struct value *out)
{
	struct bytes text;
	if (!read_text(scan, &text) || charset_valid_size(charset_get(CHARSET_UTF8MB4), text) < text.size)
		return false;
	*out = value_string(text, collation_utf8mb4_bin);
	return true;
}

static bool read_binary_string(struct scan *scan, struct value *out)
{
	struct bytes text;
	if (!take_word(scan, "_binary", 7))
		return false;
	skip_spaces(scan);
	if (scan->at == scan->end || !lexer_is_string_quote(&scan->parser->lexer, *scan->at) || !read_text(scan, &text))
		return false;
	*out = value_string(text, collation_binary);
	return true;
}

static bool read_value(struct scan *scan, struct value *out)
{
	skip_spaces(scan);
	if (scan->at == scan->end)
		return false;
	char c = *scan->at;
	if (is_digit(c) || c == '-')
		return read_number(scan, out);
	if (lexer_is_string_quote(&scan->parser->lexer, c))
		return read_string(scan, out);
	if (c == '_')
		return read_binary_string(scan, out);
	*out = value_null();
	return take_word(scan, "NULL", 4);
}

/* ------------------------------------------------------------------ rows */

/* From behind a row's opening parenthesis to its closing one. */
static bool read_row(struct scan *scan, struct ast_insert_row *out)
{
	struct parser *parser = scan->parser;
	struct value value, *values = arena_array(parser->arena, struct value, scan->width);
	size_t count = 0, room = scan->width;
	do {
		if (!read_value(scan, &value))
			return false;
		if (count == room) {
			struct value *more = arena_array(parser->arena, struct value, room = room ? room * 2 : 8);
			values = memcpy(more, values, count * sizeof *values);
		}
		values[count++] = value;
	} while (take(scan, ','));
	skip_spaces(scan);
	scan->width = count;
	*out = (struct ast_insert_row){.values = values, .count = count};
	return scan->at < scan->end && *scan->at == ')';
}

bool plain_rows_read(struct parser *parser, struct token *out_token)
{
	struct lexer *lexer = &parser->lexer;
	struct scan scan = {.parser = parser, .at = lexer->text + lexer->at, .end = lexer->text + lexer->size};
	struct ast_insert_row row;
	const char *start = scan.at, *end = NULL;
	while (memory_check(parser->diag) == 0 && read_row(&scan, &row)) {
		LIST_APPEND(parser->rows, row);
		end = scan.at++;
		if (!take(&scan, ',') || !take(&scan, '('))
			break;
	}
	if (end == NULL)
		return false;
	lexer->at = (size_t)(end - lexer->text);
	*out_token = (struct token){.span = {(uint32_t)(start - lexer->text), (uint32_t)(end - start)}};
	return true;
}
