/* What is made of digits: numbers, and bytes written as 0x41, x'41', 0b1 and b'1'. */
#include "sql/grammar.h"
#include "sql/parse/lexer_parts.h"

int lexer_read_digit_string(struct lexer *lexer, struct token *token, bool hex)
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

/* 0x41 and 0b01: TK_HEX_STRING or TK_BIT_STRING, or 0 when it is none, the lexer unmoved. */
static int read_prefixed_digits(struct lexer *lexer, struct token *token)
{
	char kind = lexer_peek(lexer, 1);
	if (lexer_peek(lexer, 0) != '0' || (kind != 'x' && kind != 'b'))
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
	while (is_digit(lexer_peek(lexer, 0)))
		lexer->at++;
}

/* e, e+ or e- and a digit: reads the exponent. */
static bool skip_exponent(struct lexer *lexer)
{
	if (upper(lexer_peek(lexer, 0)) != 'E')
		return false;
	size_t sign = lexer_peek(lexer, 1) == '+' || lexer_peek(lexer, 1) == '-';
	if (!is_digit(lexer_peek(lexer, 1 + sign)))
		return false;
	lexer->at += 1 + sign;
	skip_digits(lexer);
	return true;
}

int lexer_read_number(struct lexer *lexer, struct token *token)
{
	int prefixed = read_prefixed_digits(lexer, token);
	if (prefixed)
		return prefixed;
	size_t start = lexer->at;
	skip_digits(lexer);
	if (lexer_peek(lexer, 0) != '.') {
		size_t digits_end = lexer->at;
		if (lexer->at > start && skip_exponent(lexer)) {
			if (!is_name_byte(lexer_peek(lexer, 0)))
				return TK_FLOAT_NUMBER;
			lexer->at = digits_end; /* 1e5x is a name, 1e+5x the name 1e, + and more */
		}
		if (!is_name_byte(lexer_peek(lexer, 0)))
			return TK_INTEGER;
		lexer->at = start;
		return 0;
	}
	lexer->at++;
	skip_digits(lexer);
	return skip_exponent(lexer) ? TK_FLOAT_NUMBER : TK_DECIMAL_NUMBER;
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
