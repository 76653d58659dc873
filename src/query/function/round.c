/* ROUND, TRUNCATE, CEILING, FLOOR: gm_round_<class>(x, digits, scale of the result), gm_ceil_<class>(x, result's class). */
#include <math.h>
#include <stdlib.h>

#include "query/function/tools.h"

enum { digits_of_bigint = 20 };

/* Digits are an INTEGER of any size; more than that many change nothing any more. */
static int digits_of_value(sqlite3_value *value)
{
	enum { most = 400 };
	int64_t digits = whole_of(value);
	return digits > most ? most : digits < -most ? -most : (int)digits;
}

static void answer_whole(sqlite3_context *context, uint64_t size, bool negative, bool is_unsigned)
{
	if (!negative && (is_unsigned || size <= INT64_MAX))
		result_uint(context, size);
	else if (negative && size <= (uint64_t)INT64_MAX + 1)
		sqlite3_result_int64(context, (int64_t)-size);
	else
		fail_out_of_range(context, is_unsigned ? "BIGINT UNSIGNED" : "BIGINT", NULL);
}

static void round_whole(sqlite3_context *context, sqlite3_value **arguments, bool truncate, bool is_unsigned)
{
	uint64_t bits, unit = 1;
	int digits = digits_of_value(arguments[1]);
	bool large = integer_of(arguments[0], &bits);
	bool negative = !large && (int64_t)bits < 0;
	uint64_t size = negative ? -bits : bits;
	if (digits < -(digits_of_bigint - 1)) {
		sqlite3_result_int(context, 0);
		return;
	}
	for (; digits < 0; digits++)
		unit *= 10;
	uint64_t rest = size % unit;
	size -= rest;
	if (!truncate && rest >= unit - rest && __builtin_add_overflow(size, unit, &size))
		fail_out_of_range(context, "BIGINT UNSIGNED", NULL);
	else
		answer_whole(context, size, negative, is_unsigned);
}

static void gm_round_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_whole(context, arguments, false, false);
}

static void gm_round_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_whole(context, arguments, false, true);
}

static void gm_truncate_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_whole(context, arguments, true, false);
}

static void gm_truncate_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_whole(context, arguments, true, true);
}

static double round_double(double value, int digits, bool truncate)
{
	double unit = pow(10, abs(digits));
	if (digits < 0 && isinf(unit))
		return 0;
	double scaled = digits < 0 ? value / unit : value * unit;
	if (digits >= 0 && isinf(scaled))
		return value;
	scaled = truncate ? trunc(scaled) : rint(scaled);
	return digits < 0 ? scaled * unit : scaled / unit;
}

static void gm_round_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		sqlite3_result_double(context, round_double(sqlite3_value_double(arguments[0]),
							    digits_of_value(arguments[1]), false));
}

static void gm_truncate_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		sqlite3_result_double(context, round_double(sqlite3_value_double(arguments[0]),
							    digits_of_value(arguments[1]), true));
}

/* The result's scale bounds the digits: they may be a column's. */
static void round_decimal(sqlite3_context *context, sqlite3_value **arguments, void (*round)(struct decimal *, int))
{
	struct decimal value;
	if (!decimal_of(arguments[0], &value))
		return;
	int digits = digits_of_value(arguments[1]), scale = sqlite3_value_int(arguments[2]);
	round(&value, digits > scale ? scale : digits);
	result_decimal(context, &value);
}

static void gm_round_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_decimal(context, arguments, decimal_round);
}

static void gm_truncate_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		round_decimal(context, arguments, decimal_truncate);
}

/* ------------------------------------------------------------------ CEILING, FLOOR */

static void gm_ceil_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_value(context, arguments[0]);
}

static void gm_ceil_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_double(context, ceil(sqlite3_value_double(arguments[0])));
}

static void gm_floor_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_double(context, floor(sqlite3_value_double(arguments[0])));
}

/* The second argument is the result's class word: "int" or "dec". */
static void answer_whole_decimal(sqlite3_context *context, const struct decimal *value, sqlite3_value *class)
{
	int64_t number;
	if (string_of(class).data[0] == 'd')
		result_decimal(context, value);
	else if (decimal_to_int(value, &number) == DECIMAL_OK)
		sqlite3_result_int64(context, number);
	else
		fail_out_of_range(context, "BIGINT", NULL);
}

static void gm_ceil_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	decimal_ceil(&value);
	answer_whole_decimal(context, &value, arguments[1]);
}

static void gm_floor_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	decimal_floor(&value);
	answer_whole_decimal(context, &value, arguments[1]);
}

static const struct function_row rows[] = {
	{"gm_round_int", 3, 3, FN_PURE, gm_round_int, 0, 0, 0},
	{"gm_round_uint", 3, 3, FN_PURE, gm_round_uint, 0, 0, 0},
	{"gm_round_real", 3, 3, FN_PURE, gm_round_real, 0, 0, 0},
	{"gm_round_dec", 3, 3, FN_PURE, gm_round_dec, 0, 0, 0},
	{"gm_truncate_int", 3, 3, FN_PURE, gm_truncate_int, 0, 0, 0},
	{"gm_truncate_uint", 3, 3, FN_PURE, gm_truncate_uint, 0, 0, 0},
	{"gm_truncate_real", 3, 3, FN_PURE, gm_truncate_real, 0, 0, 0},
	{"gm_truncate_dec", 3, 3, FN_PURE, gm_truncate_dec, 0, 0, 0},
	{"gm_ceil_int", 2, 2, FN_PURE, gm_ceil_int, 0, 0, 0},
	{"gm_ceil_uint", 2, 2, FN_PURE, gm_ceil_int, 0, 0, 0},
	{"gm_ceil_real", 2, 2, FN_PURE, gm_ceil_real, 0, 0, 0},
	{"gm_ceil_dec", 2, 2, FN_PURE, gm_ceil_dec, 0, 0, 0},
	{"gm_floor_int", 2, 2, FN_PURE, gm_ceil_int, 0, 0, 0},
	{"gm_floor_uint", 2, 2, FN_PURE, gm_ceil_int, 0, 0, 0},
	{"gm_floor_real", 2, 2, FN_PURE, gm_floor_real, 0, 0, 0},
	{"gm_floor_dec", 2, 2, FN_PURE, gm_floor_dec, 0, 0, 0},
};
const struct function_rows function_rows_round = FUNCTION_ROWS(rows);
