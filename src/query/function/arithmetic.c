/*
 * + - * / DIV % and the sign.
 *
 * INTEGER arguments carry their own sign and size, so signed and unsigned are computed alike, in 128 bits; the suffix
 * says what the result must fit: _int the range of BIGINT, _uint that of BIGINT UNSIGNED.
 */
#include <float.h>
#include <math.h>

#include "query/function/tools.h"

typedef __int128 wide_int;

static inline wide_int wide_of(sqlite3_value *value)
{
	uint64_t bits;
	return integer_of(value, &bits) ? (wide_int)bits : (wide_int)(int64_t)bits;
}

static void answer_int(sqlite3_context *context, wide_int result, sqlite3_value *text)
{
	if (result < INT64_MIN || result > INT64_MAX)
		fail_out_of_range(context, "BIGINT", text);
	else
		sqlite3_result_int64(context, (int64_t)result);
}

static void answer_uint(sqlite3_context *context, wide_int result, sqlite3_value *text)
{
	if (result < 0 || result > (wide_int)UINT64_MAX)
		fail_out_of_range(context, "BIGINT UNSIGNED", text);
	else
		result_uint(context, (uint64_t)result);
}

/* Both arguments as machine integers, the usual case. */
static inline bool both_small(sqlite3_value **arguments)
{
	return sqlite3_value_type(arguments[0]) == SQLITE_INTEGER && sqlite3_value_type(arguments[1]) == SQLITE_INTEGER;
}

static void gm_add_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t sum;
	if (both_small(arguments) && !__builtin_add_overflow(sqlite3_value_int64(arguments[0]),
							      sqlite3_value_int64(arguments[1]), &sum))
		sqlite3_result_int64(context, sum);
	else if (!any_null(2, arguments))
		answer_int(context, wide_of(arguments[0]) + wide_of(arguments[1]), arguments[2]);
}

static void gm_add_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer_uint(context, wide_of(arguments[0]) + wide_of(arguments[1]), arguments[2]);
}

static void gm_sub_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int64_t difference;
	if (both_small(arguments) && !__builtin_sub_overflow(sqlite3_value_int64(arguments[0]),
							      sqlite3_value_int64(arguments[1]), &difference))
		sqlite3_result_int64(context, difference);
	else if (!any_null(2, arguments))
		answer_int(context, wide_of(arguments[0]) - wide_of(arguments[1]), arguments[2]);
}

static void gm_sub_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer_uint(context, wide_of(arguments[0]) - wide_of(arguments[1]), arguments[2]);
}

/* 2^64 squared does not fit 128 bits with a sign. */
static bool multiply(sqlite3_value **arguments, wide_int *out)
{
	return !__builtin_mul_overflow(wide_of(arguments[0]), wide_of(arguments[1]), out);
}

static void gm_mul_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	wide_int product;
	if (any_null(2, arguments))
		return;
	if (multiply(arguments, &product))
		answer_int(context, product, arguments[2]);
	else
		fail_out_of_range(context, "BIGINT", arguments[2]);
}

static void gm_mul_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	wide_int product;
	if (any_null(2, arguments))
		return;
	if (multiply(arguments, &product))
		answer_uint(context, product, arguments[2]);
	else
		fail_out_of_range(context, "BIGINT UNSIGNED", arguments[2]);
}

static void gm_neg_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		answer_int(context, -wide_of(arguments[0]), arguments[1]);
}

static void gm_abs_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	wide_int value = wide_of(arguments[0]);
	answer_int(context, value < 0 ? -value : value, arguments[1]);
}

static void gm_abs_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	wide_int value = wide_of(arguments[0]);
	answer_uint(context, value < 0 ? -value : value, arguments[1]);
}

static void gm_sign_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	wide_int value = wide_of(arguments[0]);
	sqlite3_result_int(context, (value > 0) - (value < 0));
}

/* True, after the warning: the divisor is zero. */
static bool is_zero_divisor(sqlite3_context *context, sqlite3_value *divisor)
{
	if (wide_of(divisor) != 0)
		return false;
	warn_division(context);
	return true;
}

static void gm_intdiv_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments) && !is_zero_divisor(context, arguments[1]))
		answer_int(context, wide_of(arguments[0]) / wide_of(arguments[1]), arguments[2]);
}

static void gm_intdiv_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments) && !is_zero_divisor(context, arguments[1]))
		answer_uint(context, wide_of(arguments[0]) / wide_of(arguments[1]), arguments[2]);
}

static void gm_mod_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments) || is_zero_divisor(context, arguments[1]))
		return;
	wide_int rest = wide_of(arguments[0]) % wide_of(arguments[1]);
	if (rest < 0)
		sqlite3_result_int64(context, (int64_t)rest);
	else
		result_uint(context, (uint64_t)rest);
}

/* ------------------------------------------------------------------ REAL */

static void answer_real(sqlite3_context *context, double result, sqlite3_value *text)
{
	if (isfinite(result))
		sqlite3_result_double(context, result);
	else
		fail_out_of_range(context, "DOUBLE", text);
}

static void gm_add_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer_real(context, sqlite3_value_double(arguments[0]) + sqlite3_value_double(arguments[1]),
			    arguments[2]);
}

static void gm_sub_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer_real(context, sqlite3_value_double(arguments[0]) - sqlite3_value_double(arguments[1]),
			    arguments[2]);
}

static void gm_mul_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer_real(context, sqlite3_value_double(arguments[0]) * sqlite3_value_double(arguments[1]),
			    arguments[2]);
}

static void gm_div_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	double divisor = sqlite3_value_double(arguments[1]);
	if (divisor == 0)
		warn_division(context);
	else
		answer_real(context, sqlite3_value_double(arguments[0]) / divisor, NULL);
}

static void gm_mod_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	double divisor = sqlite3_value_double(arguments[1]);
	if (divisor == 0)
		warn_division(context);
	else
		sqlite3_result_double(context, fmod(sqlite3_value_double(arguments[0]), divisor));
}

static void gm_neg_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_double(context, -sqlite3_value_double(arguments[0]));
}

static void gm_abs_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_double(context, fabs(sqlite3_value_double(arguments[0])));
}

static void gm_sign_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double value = sqlite3_value_double(arguments[0]);
	sqlite3_result_int(context, (value > 0) - (value < 0));
}

/* ------------------------------------------------------------------ DECIMAL */

static bool two_decimals(sqlite3_value **arguments, struct decimal *a, struct decimal *b)
{
	return !any_null(2, arguments) && decimal_of(arguments[0], a) && decimal_of(arguments[1], b);
}

static void answer_decimal(sqlite3_context *context, enum decimal_status status, const struct decimal *result,
			   sqlite3_value *text)
{
	if (status == DECIMAL_OVERFLOW)
		fail_out_of_range(context, "DECIMAL", text);
	else
		result_decimal(context, result);
}

static void gm_add_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b, sum;
	if (two_decimals(arguments, &a, &b))
		answer_decimal(context, decimal_add(&a, &b, &sum), &sum, arguments[2]);
}

static void gm_sub_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b, difference;
	if (two_decimals(arguments, &a, &b))
		answer_decimal(context, decimal_subtract(&a, &b, &difference), &difference, arguments[2]);
}

static void gm_mul_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b, product;
	if (two_decimals(arguments, &a, &b))
		answer_decimal(context, decimal_multiply(&a, &b, &product), &product, arguments[2]);
}

/*
 * MySQL's quotients have whole groups of nine digits behind the point, not just those the result's scale shows: that is
 * why 1/3*100 is 33.3333. The digit past the last group is cut off, not rounded.
 */
static void divide(sqlite3_context *context, const struct decimal *a, const struct decimal *b, unsigned scale)
{
	enum { group = 9 };
	struct decimal quotient;
	unsigned digits = (scale + group - 1) / group * group;
	digits = digits > decimal_scale_max ? decimal_scale_max : digits;
	unsigned more = digits > a->scale ? digits - a->scale + 1 : 1;
	switch (decimal_divide(a, b, more, &quotient)) {
	case DECIMAL_DIVISION_BY_ZERO:
		warn_division(context);
		return;
	case DECIMAL_OVERFLOW:
		fail_out_of_range(context, "DECIMAL", NULL);
		return;
	default:
		decimal_truncate(&quotient, (int)digits);
		result_decimal(context, &quotient);
	}
}

static void gm_div_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b;
	if (two_decimals(arguments, &a, &b))
		divide(context, &a, &b, (unsigned)sqlite3_value_int(arguments[2]));
}

/* gm_avg_dec(sum, count, scale) */
static void gm_avg_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal sum, rows;
	if (any_null(2, arguments) || !decimal_of(arguments[0], &sum))
		return;
	decimal_from_int(&rows, sqlite3_value_int64(arguments[1]));
	if (!decimal_is_zero(&rows))
		divide(context, &sum, &rows, (unsigned)sqlite3_value_int(arguments[2]));
}

static void gm_mod_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b, rest;
	if (!two_decimals(arguments, &a, &b))
		return;
	if (decimal_modulo(&a, &b, &rest) == DECIMAL_DIVISION_BY_ZERO)
		warn_division(context);
	else
		result_decimal(context, &rest);
}

/* The quotient's whole part, an INTEGER: _int and _uint by what the arguments are. */
static void gm_intdiv_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal a, b, rest, whole;
	if (!two_decimals(arguments, &a, &b))
		return;
	if (decimal_modulo(&a, &b, &rest) == DECIMAL_DIVISION_BY_ZERO) {
		warn_division(context);
		return;
	}
	/* What is left without the rest divides exactly: no digit behind the point can be rounded up. */
	decimal_subtract(&a, &rest, &whole);
	enum decimal_status status = decimal_divide(&whole, &b, 0, &whole);
	int64_t small;
	uint64_t large;
	decimal_round(&whole, 0);
	if (status == DECIMAL_OVERFLOW)
		fail_out_of_range(context, "BIGINT", arguments[2]);
	else if (decimal_to_int(&whole, &small) == DECIMAL_OK)
		sqlite3_result_int64(context, small);
	else if (decimal_to_uint(&whole, &large) == DECIMAL_OK)
		result_uint(context, large);
	else
		fail_out_of_range(context, "BIGINT", arguments[2]);
}

static void gm_neg_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	decimal_negate(&value);
	result_decimal(context, &value);
}

static void gm_abs_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	value.negative = false;
	result_decimal(context, &value);
}

static void gm_sign_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (!any_null(1, arguments) && decimal_of(arguments[0], &value))
		sqlite3_result_int(context, decimal_is_zero(&value) ? 0 : value.negative ? -1 : 1);
}

static const struct function_row rows[] = {
	{"gm_add_int", 3, 3, FN_PURE, gm_add_int, 0, 0, 0},
	{"gm_add_uint", 3, 3, FN_PURE, gm_add_uint, 0, 0, 0},
	{"gm_add_real", 3, 3, FN_PURE, gm_add_real, 0, 0, 0},
	{"gm_add_dec", 3, 3, FN_PURE, gm_add_dec, 0, 0, 0},
	{"gm_sub_int", 3, 3, FN_PURE, gm_sub_int, 0, 0, 0},
	{"gm_sub_uint", 3, 3, FN_PURE, gm_sub_uint, 0, 0, 0},
	{"gm_sub_real", 3, 3, FN_PURE, gm_sub_real, 0, 0, 0},
	{"gm_sub_dec", 3, 3, FN_PURE, gm_sub_dec, 0, 0, 0},
	{"gm_mul_int", 3, 3, FN_PURE, gm_mul_int, 0, 0, 0},
	{"gm_mul_uint", 3, 3, FN_PURE, gm_mul_uint, 0, 0, 0},
	{"gm_mul_real", 3, 3, FN_PURE, gm_mul_real, 0, 0, 0},
	{"gm_mul_dec", 3, 3, FN_PURE, gm_mul_dec, 0, 0, 0},
	{"gm_div_real", 3, 3, FN_PURE, gm_div_real, 0, 0, 0},
	{"gm_div_dec", 3, 3, FN_PURE, gm_div_dec, 0, 0, 0},
	{"gm_avg_dec", 3, 3, FN_PURE, gm_avg_dec, 0, 0, 0},
	{"gm_intdiv_int", 3, 3, FN_PURE, gm_intdiv_int, 0, 0, 0},
	{"gm_intdiv_uint", 3, 3, FN_PURE, gm_intdiv_uint, 0, 0, 0},
	{"gm_intdiv_dec", 3, 3, FN_PURE, gm_intdiv_dec, 0, 0, 0},
	{"gm_mod_int", 2, 2, FN_PURE, gm_mod_int, 0, 0, 0},
	{"gm_mod_uint", 2, 2, FN_PURE, gm_mod_int, 0, 0, 0},
	{"gm_mod_real", 2, 2, FN_PURE, gm_mod_real, 0, 0, 0},
	{"gm_mod_dec", 2, 2, FN_PURE, gm_mod_dec, 0, 0, 0},
	{"gm_neg_int", 2, 2, FN_PURE, gm_neg_int, 0, 0, 0},
	{"gm_neg_uint", 2, 2, FN_PURE, gm_neg_int, 0, 0, 0},
	{"gm_neg_real", 2, 2, FN_PURE, gm_neg_real, 0, 0, 0},
	{"gm_neg_dec", 2, 2, FN_PURE, gm_neg_dec, 0, 0, 0},
	{"gm_abs_int", 2, 2, FN_PURE, gm_abs_int, 0, 0, 0},
	{"gm_abs_uint", 2, 2, FN_PURE, gm_abs_uint, 0, 0, 0},
	{"gm_abs_real", 2, 2, FN_PURE, gm_abs_real, 0, 0, 0},
	{"gm_abs_dec", 2, 2, FN_PURE, gm_abs_dec, 0, 0, 0},
	{"gm_sign_int", 1, 1, FN_PURE, gm_sign_int, 0, 0, 0},
	{"gm_sign_uint", 1, 1, FN_PURE, gm_sign_int, 0, 0, 0},
	{"gm_sign_real", 1, 1, FN_PURE, gm_sign_real, 0, 0, 0},
	{"gm_sign_dec", 1, 1, FN_PURE, gm_sign_dec, 0, 0, 0},
};
const struct function_rows function_rows_arithmetic = FUNCTION_ROWS(rows);
