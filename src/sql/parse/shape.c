#include "sql/parse/shape.h"

#include <string.h>

#include "sql/parse/lexer.h"
#include "type/collation.h"
#include "type/decimal.h"
#include "type/sql_mode.h"

enum { integer_digits_max = 18 }; /* those always fit BIGINT */

enum byte_kind { BYTE_OTHER, BYTE_NAME, BYTE_DIGIT, BYTE_POINT, BYTE_MINUS, BYTE_QUOTE, BYTE_REFUSED };

static const uint8_t kinds[256] = {
	[0 ... shape_mark_end - 1] = BYTE_REFUSED, ['?'] = BYTE_REFUSED, [';'] = BYTE_REFUSED,
	['a' ... 'z'] = BYTE_NAME, ['A' ... 'Z'] = BYTE_NAME, ['_'] = BYTE_NAME, ['$'] = BYTE_NAME,
	[0x80 ... 0xff] = BYTE_NAME, ['0' ... '9'] = BYTE_DIGIT, ['.'] = BYTE_POINT, ['-'] = BYTE_MINUS,
	['\''] = BYTE_QUOTE, ['"'] = BYTE_QUOTE, ['`'] = BYTE_QUOTE,
};

struct scan {
	struct text_shape *shape;
	const uint8_t *text;
	size_t size, at;
	uint8_t *out;    /* room for all of the text */
	uint8_t before;  /* the last byte that is no blank */
};

static enum byte_kind kind_at(const struct scan *scan, size_t at)
{
	return at < scan->size ? (enum byte_kind)kinds[scan->text[at]] : BYTE_OTHER;
}

static void keep(struct scan *scan, size_t size)
{
	memcpy(scan->out, scan->text + scan->at, size);
	scan->out += size;
	scan->at += size;
	scan->before = scan->text[scan->at - 1];
}

static bool add_literal(struct scan *scan, enum shape_literal_kind kind, size_t size)
{
	struct text_shape *shape = scan->shape;
	if (shape->count == shape_literals_max)
		return false;
	shape->literals[shape->count++] = (struct shape_literal){
		.span = {(uint32_t)scan->at, (uint32_t)size}, .kind = (uint8_t)kind, .is_ascii = true};
	*scan->out++ = (uint8_t)kind;
	scan->at += size;
	scan->before = '0';
	return true;
}

static size_t end_of_word(const struct scan *scan, size_t at)
{
	while (kind_at(scan, at) == BYTE_NAME || kind_at(scan, at) == BYTE_DIGIT)
		at++;
	return at;
}

static size_t end_of_digits(const struct scan *scan, size_t at)
{
	while (kind_at(scan, at) == BYTE_DIGIT)
		at++;
	return at;
}

/* A number with its sign, or a word that begins like one. */
static bool read_number(struct scan *scan, bool is_negative)
{
	size_t start = scan->at + is_negative, whole = end_of_digits(scan, start), end = whole;
	bool is_decimal = kind_at(scan, whole) == BYTE_POINT && kind_at(scan, whole + 1) == BYTE_DIGIT;
	if (is_decimal)
		end = end_of_digits(scan, whole + 1);
	bool is_literal = kind_at(scan, end) != BYTE_NAME && kind_at(scan, end) != BYTE_POINT && scan->before != '.' &&
			  (is_decimal || end - start <= integer_digits_max);
	if (!is_literal) {
		keep(scan, end_of_word(scan, end) - scan->at);
		return true;
	}
	enum shape_literal_kind kind = is_decimal ? SHAPE_DECIMAL : SHAPE_INTEGER;
	return add_literal(scan, kind + is_negative, end - scan->at);
}

/* A minus is a sign where a value begins. */
static bool read_minus(struct scan *scan)
{
	bool is_sign = scan->before && strchr("(,=<>", scan->before) && kind_at(scan, scan->at + 1) == BYTE_DIGIT;
	if (is_sign)
		return read_number(scan, true);
	keep(scan, 1);
	return true;
}

static bool read_quoted(struct scan *scan)
{
	uint8_t quote = scan->text[scan->at];
	uint64_t sql_mode = scan->shape->sql_mode;
	bool is_name = quote == '`' || (quote == '"' && (sql_mode & SQL_MODE_ANSI_QUOTES));
	bool escapes = !is_name && !(sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES), is_escaped = false, is_ascii = true;
	size_t at = scan->at + 1;
	for (;; at++) {
		if (at >= scan->size)
			return false;
		uint8_t byte = scan->text[at];
		is_ascii &= byte < 0x80;
		if (byte == '\\' && escapes) {
			is_escaped = true;
			at++;
		} else if (byte == quote) {
			if (at + 1 >= scan->size || scan->text[at + 1] != quote)
				break;
			is_escaped = true;
			at++;
		}
	}
	size_t size = at + 1 - scan->at;
	if (is_name) {
		keep(scan, size);
		return true;
	}
	if (!add_literal(scan, SHAPE_STRING, size))
		return false;
	struct shape_literal *literal = &scan->shape->literals[scan->shape->count - 1];
	literal->is_escaped = is_escaped;
	literal->is_ascii = is_ascii && !is_escaped;
	return true;
}

static bool read_on(struct scan *scan)
{
	switch (kind_at(scan, scan->at)) {
	case BYTE_NAME: keep(scan, end_of_word(scan, scan->at) - scan->at); return true;
	case BYTE_DIGIT: return read_number(scan, false);
	case BYTE_MINUS: return read_minus(scan);
	case BYTE_QUOTE: return read_quoted(scan);
	case BYTE_REFUSED: return false;
	default: break;
	}
	uint8_t before = scan->before;
	bool is_blank = scan->text[scan->at] == ' ';
	keep(scan, 1);
	if (is_blank)
		scan->before = before;
	return true;
}

bool shape_find(struct bytes text, uint64_t sql_mode, uint8_t *out, struct text_shape *shape)
{
	if (text.size > shape_text_max)
		return false;
	shape->text = text;
	shape->sql_mode = sql_mode;
	shape->count = 0;
	struct scan scan = {.shape = shape, .text = text.data, .size = text.size, .out = out};
	while (scan.at < scan.size)
		if (!read_on(&scan))
			return false;
	shape->bytes = bytes_of(out, (size_t)(scan.out - out));
	return true;
}

/* ------------------------------------------------------------------ values */

static struct value integer_of(struct bytes digits, bool is_negative)
{
	int64_t integer = 0;
	for (size_t i = is_negative; i < digits.size; i++)
		integer = integer * 10 + (digits.data[i] - '0');
	return value_int(is_negative ? -integer : integer);
}

static struct value decimal_of(struct bytes text, struct arena *arena)
{
	struct decimal *decimal = arena_new(arena, struct decimal);
	size_t used;
	decimal_parse(decimal, text, &used); /* of one that is too long the largest there is, as for a literal */
	return (struct value){.kind = VALUE_DECIMAL, .decimal = decimal};
}

struct value shape_value(const struct text_shape *shape, unsigned number, struct arena *arena)
{
	const struct shape_literal *literal = &shape->literals[number];
	struct bytes text = shape_literal_text(shape, number);
	switch ((enum shape_literal_kind)literal->kind) {
	case SHAPE_INTEGER: return integer_of(text, false);
	case SHAPE_NEGATIVE_INTEGER: return integer_of(text, true);
	case SHAPE_DECIMAL: case SHAPE_NEGATIVE_DECIMAL: return decimal_of(text, arena);
	default: break;
	}
	struct bytes content = literal->is_escaped ? lexer_decode_string(arena, text, shape->sql_mode)
						   : bytes_of(text.data + 1, text.size - 2);
	return value_string(content, collation_utf8mb4_bin);
}
