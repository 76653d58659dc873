/*
 * Aggregates, most of them windows too: a row that leaves the frame is taken back.
 *
 * Sums of doubles are kept twice: as MySQL adds them up, and exactly for frames that shrink, where what is taken back must
 * leave nothing behind.
 */
#include <math.h>

#include "query/function/tools.h"

/* SQLite aligns an aggregate's state to eight bytes. */
typedef __int128 wide_int __attribute__((aligned(8)));

/* ------------------------------------------------------------------ SUM of whole numbers: 2^63 of them fit 128 bits */

struct sum_int {
	wide_int sum;
	int64_t count;
};

static __int128 wide_of(sqlite3_value *value)
{
	uint64_t bits;
	return integer_of(value, &bits) ? (__int128)bits : (__int128)(int64_t)bits;
}

static void sum_int_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_int *sum = sqlite3_aggregate_context(context, sizeof *sum);
	if (sum == NULL || is_null(arguments[0]))
		return;
	sum->sum += wide_of(arguments[0]);
	sum->count++;
}

static void sum_int_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_int *sum = sqlite3_aggregate_context(context, sizeof *sum);
	if (sum == NULL || is_null(arguments[0]))
		return;
	sum->sum -= wide_of(arguments[0]);
	sum->count--;
}

static void decimal_of_wide(__int128 value, struct decimal *out)
{
	unsigned __int128 size = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
	*out = (struct decimal){.negative = value < 0};
	for (; size; size /= 1000000000)
		out->limb[out->limb_count++] = (uint32_t)(size % 1000000000);
}

static void sum_int_value(sqlite3_context *context)
{
	const struct sum_int *sum = sqlite3_aggregate_context(context, 0);
	struct decimal value;
	if (sum == NULL || sum->count == 0)
		return;
	decimal_of_wide(sum->sum, &value);
	result_decimal(context, &value);
}

/* ------------------------------------------------------------------ SUM of DECIMALs */

struct sum_dec {
	struct decimal sum;
	int64_t count;
	bool overflow;
};

static void sum_dec_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_dec *sum = sqlite3_aggregate_context(context, sizeof *sum);
	struct decimal value;
	if (sum == NULL || is_null(arguments[0]) || !decimal_of(arguments[0], &value))
		return;
	sum->overflow |= decimal_add(&sum->sum, &value, &sum->sum) == DECIMAL_OVERFLOW;
	sum->count++;
}

static void sum_dec_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_dec *sum = sqlite3_aggregate_context(context, sizeof *sum);
	struct decimal value;
	if (sum == NULL || is_null(arguments[0]) || !decimal_of(arguments[0], &value))
		return;
	decimal_subtract(&sum->sum, &value, &sum->sum);
	sum->count--;
}

static void sum_dec_value(sqlite3_context *context)
{
	const struct sum_dec *sum = sqlite3_aggregate_context(context, 0);
	if (sum == NULL || sum->count == 0)
		return;
	if (sum->overflow)
		FUNCTION_FAIL(context, ER_DATA_OUT_OF_RANGE, "DECIMAL", "sum()");
	else
		result_decimal(context, &sum->sum);
}

/* ------------------------------------------------------------------ SUM and AVG of REALs */

/*
 * Any sum of doubles without rounding: digits of 32 bits, the first of weight 2^-1074, each with room for the carries of
 * 2^30 additions.
 */
enum { exact_digits = 68, exact_additions_max = 1 << 30, exact_lowest = -1074 };

struct exact_sum {
	int64_t digit[exact_digits];
	uint32_t additions;
};

/* Digits but the highest become 0 to 2^32 - 1. */
static void exact_carry(struct exact_sum *sum)
{
	int64_t carry = 0;
	for (unsigned i = 0; i < exact_digits; i++) {
		carry += sum->digit[i];
		sum->digit[i] = i + 1 < exact_digits ? carry & 0xffffffff : carry;
		carry >>= 32;
	}
	sum->additions = 0;
}

static void exact_add(struct exact_sum *sum, double value, int sign)
{
	enum { mantissa_bits = 53 };
	int exponent;
	double fraction = frexp(value, &exponent);
	if (fraction == 0)
		return;
	int64_t mantissa = (int64_t)ldexp(fraction < 0 ? -fraction : fraction, mantissa_bits);
	int place = exponent - mantissa_bits - exact_lowest;
	if (place < 0) { /* below the normal numbers the last bits are zeros */
		mantissa >>= -place;
		place = 0;
	}
	unsigned __int128 bits = (unsigned __int128)mantissa << (place % 32);
	sign = fraction < 0 ? -sign : sign;
	for (unsigned i = (unsigned)place / 32; bits; i++, bits >>= 32)
		sum->digit[i] += sign * (int64_t)(bits & 0xffffffff);
	if (++sum->additions == exact_additions_max)
		exact_carry(sum);
}

/* The four highest digits decide. */
static double exact_value(const struct exact_sum *exact)
{
	struct exact_sum sum = *exact;
	exact_carry(&sum);
	bool negative = sum.digit[exact_digits - 1] < 0;
	for (unsigned i = 0; negative && i < exact_digits; i++)
		sum.digit[i] = -sum.digit[i];
	if (negative)
		exact_carry(&sum);
	int top = exact_digits - 1;
	while (top > 0 && sum.digit[top] == 0)
		top--;
	double value = 0;
	for (int i = top > 3 ? top - 3 : 0; i <= top; i++)
		value += ldexp((double)sum.digit[i], 32 * i + exact_lowest);
	return negative ? -value : value;
}

struct sum_real {
	double sum;
	int64_t count;
	bool shrank;
	struct exact_sum exact;
};

static void sum_real_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_real *sum = sqlite3_aggregate_context(context, sizeof *sum);
	if (sum == NULL || is_null(arguments[0]))
		return;
	double value = sqlite3_value_double(arguments[0]);
	sum->sum += value;
	exact_add(&sum->exact, value, 1);
	sum->count++;
}

static void sum_real_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct sum_real *sum = sqlite3_aggregate_context(context, sizeof *sum);
	if (sum == NULL || is_null(arguments[0]))
		return;
	exact_add(&sum->exact, sqlite3_value_double(arguments[0]), -1);
	sum->count--;
	sum->shrank = true;
}

static double real_sum(const struct sum_real *sum)
{
	return sum->shrank ? exact_value(&sum->exact) : sum->sum;
}

static void sum_real_value(sqlite3_context *context)
{
	const struct sum_real *sum = sqlite3_aggregate_context(context, 0);
	if (sum == NULL || sum->count == 0)
		return;
	if (isfinite(real_sum(sum)))
		sqlite3_result_double(context, real_sum(sum));
	else
		FUNCTION_FAIL(context, ER_DATA_OUT_OF_RANGE, "DOUBLE", "sum()");
}

static void avg_real_value(sqlite3_context *context)
{
	const struct sum_real *sum = sqlite3_aggregate_context(context, 0);
	if (sum && sum->count)
		sqlite3_result_double(context, real_sum(sum) / (double)sum->count);
}

/* ------------------------------------------------------------------ variance, by Welford's recurrence as MySQL's */

struct variance {
	double mean, squares;
	int64_t count;
};

static void variance_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct variance *variance = sqlite3_aggregate_context(context, sizeof *variance);
	if (variance == NULL || is_null(arguments[0]))
		return;
	double value = sqlite3_value_double(arguments[0]), before = variance->mean;
	variance->count++;
	variance->mean += (value - before) / (double)variance->count;
	variance->squares += (value - before) * (value - variance->mean);
}

static void variance_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct variance *variance = sqlite3_aggregate_context(context, sizeof *variance);
	if (variance == NULL || is_null(arguments[0]))
		return;
	if (--variance->count == 0) {
		*variance = (struct variance){0};
		return;
	}
	double value = sqlite3_value_double(arguments[0]), before = variance->mean;
	variance->mean -= (value - before) / (double)variance->count;
	variance->squares -= (value - before) * (value - variance->mean);
	if (variance->squares < 0)
		variance->squares = 0;
}

static void answer_variance(sqlite3_context *context, bool is_sample, bool root)
{
	const struct variance *variance = sqlite3_aggregate_context(context, 0);
	if (variance == NULL || variance->count <= is_sample)
		return;
	double value = variance->squares / (double)(variance->count - is_sample);
	sqlite3_result_double(context, root ? sqrt(value) : value);
}

static void var_pop_value(sqlite3_context *context)
{
	answer_variance(context, false, false);
}

static void var_samp_value(sqlite3_context *context)
{
	answer_variance(context, true, false);
}

static void stddev_pop_value(sqlite3_context *context)
{
	answer_variance(context, false, true);
}

static void stddev_samp_value(sqlite3_context *context)
{
	answer_variance(context, true, true);
}

/* ------------------------------------------------------------------ bits: how often each is set */

struct bit_counts {
	int64_t set[64];
	int64_t count;
};

static void count_bits(sqlite3_context *context, sqlite3_value **arguments, int64_t by)
{
	struct bit_counts *counts = sqlite3_aggregate_context(context, sizeof *counts);
	uint64_t bits;
	if (counts == NULL || is_null(arguments[0]))
		return;
	integer_of(arguments[0], &bits);
	for (unsigned i = 0; i < 64; i++)
		counts->set[i] += (int64_t)(bits >> i & 1) * by;
	counts->count += by;
}

static void bits_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	count_bits(context, arguments, 1);
}

static void bits_inverse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	count_bits(context, arguments, -1);
}

static void bit_and_value(sqlite3_context *context)
{
	const struct bit_counts *counts = sqlite3_aggregate_context(context, 0);
	uint64_t bits = 0;
	for (unsigned i = 0; i < 64; i++)
		bits |= (uint64_t)(counts == NULL || counts->set[i] == counts->count) << i;
	result_uint(context, bits);
}

static void bit_or_value(sqlite3_context *context)
{
	const struct bit_counts *counts = sqlite3_aggregate_context(context, 0);
	uint64_t bits = 0;
	for (unsigned i = 0; counts && i < 64; i++)
		bits |= (uint64_t)(counts->set[i] > 0) << i;
	result_uint(context, bits);
}

static void bit_xor_value(sqlite3_context *context)
{
	const struct bit_counts *counts = sqlite3_aggregate_context(context, 0);
	uint64_t bits = 0;
	for (unsigned i = 0; counts && i < 64; i++)
		bits |= (uint64_t)(counts->set[i] & 1) << i;
	result_uint(context, bits);
}

/* ------------------------------------------------------------------ ANY_VALUE: the first */

struct any_value {
	sqlite3_value *value; /* owned */
};

static void any_value_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct any_value *any = sqlite3_aggregate_context(context, sizeof *any);
	if (any && any->value == NULL)
		any->value = sqlite3_value_dup(arguments[0]);
}

static void any_value_end(sqlite3_context *context)
{
	struct any_value *any = sqlite3_aggregate_context(context, 0);
	if (any == NULL || any->value == NULL)
		return;
	sqlite3_result_value(context, any->value);
	sqlite3_value_free(any->value);
	any->value = NULL;
}

#define WINDOWED(name, step, value, inverse) {name, 1, 1, FN_PURE, step, value, value, inverse}
static const struct function_row rows[] = {
	WINDOWED("gm_sum_int", sum_int_step, sum_int_value, sum_int_inverse),
	WINDOWED("gm_sum_uint", sum_int_step, sum_int_value, sum_int_inverse),
	WINDOWED("gm_sum_dec", sum_dec_step, sum_dec_value, sum_dec_inverse),
	WINDOWED("gm_sum_real", sum_real_step, sum_real_value, sum_real_inverse),
	WINDOWED("gm_avg_real", sum_real_step, avg_real_value, sum_real_inverse),
	WINDOWED("gm_var_pop", variance_step, var_pop_value, variance_inverse),
	WINDOWED("gm_var_samp", variance_step, var_samp_value, variance_inverse),
	WINDOWED("gm_stddev_pop", variance_step, stddev_pop_value, variance_inverse),
	WINDOWED("gm_stddev_samp", variance_step, stddev_samp_value, variance_inverse),
	WINDOWED("gm_bit_and", bits_step, bit_and_value, bits_inverse),
	WINDOWED("gm_bit_or", bits_step, bit_or_value, bits_inverse),
	WINDOWED("gm_bit_xor", bits_step, bit_xor_value, bits_inverse),
	{"gm_any_value", 1, 1, FN_PURE, any_value_step, any_value_end, 0, 0},
};
const struct function_rows function_rows_aggregate = FUNCTION_ROWS(rows);
