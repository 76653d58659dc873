/* Functions of real numbers. Outside of their domain they are NULL; past the largest double error 1690. */
#include <math.h>

#include "query/function/tools.h"

static void answer(sqlite3_context *context, double result, sqlite3_value *text)
{
	if (isfinite(result))
		sqlite3_result_double(context, result);
	else
		fail_out_of_range(context, "DOUBLE", text);
}

static inline double real_of(sqlite3_value *value)
{
	return sqlite3_value_double(value);
}

#define REAL_FUNCTION(name, domain, expression)                                          \
	static void name(sqlite3_context *context, int count, sqlite3_value **arguments) \
	{                                                                                \
		if (any_null(1, arguments))                                              \
			return;                                                          \
		double x = real_of(arguments[0]);                                        \
		if (domain)                                                              \
			answer(context, expression, NULL);                               \
	}

REAL_FUNCTION(gm_sin, true, sin(x))
REAL_FUNCTION(gm_cos, true, cos(x))
REAL_FUNCTION(gm_tan, true, tan(x))
REAL_FUNCTION(gm_cot, true, 1 / tan(x))
REAL_FUNCTION(gm_asin, x >= -1 && x <= 1, asin(x))
REAL_FUNCTION(gm_acos, x >= -1 && x <= 1, acos(x))
REAL_FUNCTION(gm_sqrt, x >= 0, sqrt(x))
REAL_FUNCTION(gm_degrees, true, x * (180 / M_PI))
REAL_FUNCTION(gm_radians, true, x * (M_PI / 180))

static void gm_atan(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	double x = real_of(arguments[0]);
	answer(context, count == 2 ? atan2(x, real_of(arguments[1])) : atan(x), NULL);
}

/* The last argument is the expression's text. */
static void gm_exp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		answer(context, exp(real_of(arguments[0])), arguments[1]);
}

static void gm_pow(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		answer(context, pow(real_of(arguments[0]), real_of(arguments[1])), arguments[2]);
}

/* False, after warning 3020, for what has no logarithm. */
static bool has_logarithm(sqlite3_context *context, double x)
{
	if (x > 0)
		return true;
	FUNCTION_WARN(context, ER_INVALID_ARGUMENT_FOR_LOGARITHM);
	return false;
}

static void gm_ln(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double x = real_of(arguments[0]);
	if (has_logarithm(context, x))
		answer(context, log(x), NULL);
}

static void gm_log(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	double x = real_of(arguments[0]);
	if (!has_logarithm(context, x))
		return;
	if (count == 1) {
		answer(context, log(x), NULL);
		return;
	}
	double y = real_of(arguments[1]), base = log(x);
	if (!has_logarithm(context, y))
		return;
	if (base == 0)
		warn_division(context);
	else
		answer(context, log(y) / base, NULL);
}

static void gm_log2(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double x = real_of(arguments[0]);
	if (has_logarithm(context, x))
		answer(context, log(x) / M_LN2, NULL);
}

static void gm_log10(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double x = real_of(arguments[0]);
	if (has_logarithm(context, x))
		answer(context, log10(x), NULL);
}

static void gm_pi(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_double(context, M_PI);
}

static const struct function_row rows[] = {
	{"gm_sin", 1, 1, FN_PURE, gm_sin, 0, 0, 0},
	{"gm_cos", 1, 1, FN_PURE, gm_cos, 0, 0, 0},
	{"gm_tan", 1, 1, FN_PURE, gm_tan, 0, 0, 0},
	{"gm_cot", 1, 1, FN_PURE, gm_cot, 0, 0, 0},
	{"gm_asin", 1, 1, FN_PURE, gm_asin, 0, 0, 0},
	{"gm_acos", 1, 1, FN_PURE, gm_acos, 0, 0, 0},
	{"gm_atan", 1, 2, FN_PURE, gm_atan, 0, 0, 0},
	{"gm_sqrt", 1, 1, FN_PURE, gm_sqrt, 0, 0, 0},
	{"gm_degrees", 1, 1, FN_PURE, gm_degrees, 0, 0, 0},
	{"gm_radians", 1, 1, FN_PURE, gm_radians, 0, 0, 0},
	{"gm_exp", 2, 2, FN_PURE, gm_exp, 0, 0, 0},
	{"gm_pow", 3, 3, FN_PURE, gm_pow, 0, 0, 0},
	{"gm_ln", 1, 1, FN_PURE, gm_ln, 0, 0, 0},
	{"gm_log", 1, 2, FN_PURE, gm_log, 0, 0, 0},
	{"gm_log2", 1, 1, FN_PURE, gm_log2, 0, 0, 0},
	{"gm_log10", 1, 1, FN_PURE, gm_log10, 0, 0, 0},
	{"gm_pi", 0, 0, FN_PURE, gm_pi, 0, 0, 0},
};
const struct function_rows function_rows_math = FUNCTION_ROWS(rows);
