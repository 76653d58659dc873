/* Bits, and the numeral systems: 64 unsigned bits, whatever sign they came with. */
#include <ctype.h>

#include "query/function/tools.h"

static inline uint64_t bits_of(sqlite3_value *value)
{
	uint64_t bits;
	integer_of(value, &bits);
	return bits;
}

static void gm_bitand(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		result_uint(context, bits_of(arguments[0]) & bits_of(arguments[1]));
}

static void gm_bitor(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		result_uint(context, bits_of(arguments[0]) | bits_of(arguments[1]));
}

static void gm_bitxor(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		result_uint(context, bits_of(arguments[0]) ^ bits_of(arguments[1]));
}

static void gm_bitnot(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		result_uint(context, ~bits_of(arguments[0]));
}

static void gm_shl(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	uint64_t places = bits_of(arguments[1]);
	result_uint(context, places < 64 ? bits_of(arguments[0]) << places : 0);
}

static void gm_shr(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	uint64_t places = bits_of(arguments[1]);
	result_uint(context, places < 64 ? bits_of(arguments[0]) >> places : 0);
}

static void gm_bit_count(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int(context, __builtin_popcountll(bits_of(arguments[0])));
}

/* Digits from the end of the room; where they begin. */
static char *put_digits(uint64_t number, unsigned base, char *end)
{
	do {
		*--end = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % base];
		number /= base;
	} while (number);
	return end;
}

static void answer_digits(sqlite3_context *context, uint64_t number, unsigned base, bool negative)
{
	char room[66], *end = room + sizeof room, *at = put_digits(number, base, end);
	if (negative)
		*--at = '-';
	result_utf8(context, at, (size_t)(end - at));
}


static void gm_hex_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		answer_digits(context, bits_of(arguments[0]), 16, false);
}

/* As many digits of the base as there are; too many are the largest number. */
static uint64_t read_digits(struct bytes text, unsigned base, bool *out_negative)
{
	size_t at = 0;
	uint64_t sum = 0;
	bool overflow = false;
	while (at < text.size && isspace(text.data[at]))
		at++;
	*out_negative = at < text.size && text.data[at] == '-';
	at += at < text.size && (text.data[at] == '-' || text.data[at] == '+');
	for (; at < text.size; at++) {
		uint8_t c = text.data[at];
		unsigned digit = isdigit(c) ? c - 0u - '0' : isalpha(c) ? (c | 0x20u) - 'a' + 10 : 99;
		if (digit >= base)
			break;
		overflow |= __builtin_mul_overflow(sum, (uint64_t)base, &sum) || __builtin_add_overflow(sum, digit, &sum);
	}
	return overflow ? UINT64_MAX : sum;
}

/* CONV(N, from, to): a negative base means signed numbers. */
static void gm_conv(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(3, arguments))
		return;
	int64_t from = whole_of(arguments[1]), to = whole_of(arguments[2]);
	uint64_t from_size = from < 0 ? -(uint64_t)from : (uint64_t)from, to_size = to < 0 ? -(uint64_t)to : (uint64_t)to;
	struct bytes text = string_of(arguments[0]);
	if (from_size < 2 || from_size > 36 || to_size < 2 || to_size > 36 || text.size == 0)
		return;
	bool negative;
	uint64_t number = read_digits(text, (unsigned)from_size, &negative);
	if (from < 0 && !negative && number > INT64_MAX)
		number = INT64_MAX;
	if (negative)
		number = from < 0 && number > (uint64_t)INT64_MAX + 1 ? (uint64_t)INT64_MAX + 1
			: number == UINT64_MAX ? UINT64_MAX : -number;
	bool minus = to < 0 && (int64_t)number < 0;
	answer_digits(context, minus ? -number : number, (unsigned)to_size, minus);
}

/* BIN() and OCT() are CONV(): of a TEXT the leading digits count. */
static void answer_in_base(sqlite3_context *context, sqlite3_value **arguments, unsigned base)
{
	bool negative;
	if (any_null(1, arguments))
		return;
	if (sqlite3_value_type(arguments[0]) != SQLITE_TEXT) {
		answer_digits(context, bits_of(arguments[0]), base, false);
		return;
	}
	uint64_t number = read_digits(string_of(arguments[0]), 10, &negative);
	answer_digits(context, negative && number != UINT64_MAX ? -number : number, base, false);
}

static void gm_bin(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_in_base(context, arguments, 2);
}

static void gm_oct(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_in_base(context, arguments, 8);
}

static const struct function_row rows[] = {
	{"gm_bitand", 2, 2, FN_PURE, gm_bitand, 0, 0, 0},
	{"gm_bitor", 2, 2, FN_PURE, gm_bitor, 0, 0, 0},
	{"gm_bitxor", 2, 2, FN_PURE, gm_bitxor, 0, 0, 0},
	{"gm_bitnot", 1, 1, FN_PURE, gm_bitnot, 0, 0, 0},
	{"gm_shl", 2, 2, FN_PURE, gm_shl, 0, 0, 0},
	{"gm_shr", 2, 2, FN_PURE, gm_shr, 0, 0, 0},
	{"gm_bit_count", 1, 1, FN_PURE, gm_bit_count, 0, 0, 0},
	{"gm_bin", 1, 1, FN_PURE, gm_bin, 0, 0, 0},
	{"gm_oct", 1, 1, FN_PURE, gm_oct, 0, 0, 0},
	{"gm_hex_int", 1, 1, FN_PURE, gm_hex_int, 0, 0, 0},
	{"gm_conv", 3, 3, FN_PURE, gm_conv, 0, 0, 0},
};
const struct function_rows function_rows_bits = FUNCTION_ROWS(rows);
