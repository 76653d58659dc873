/*
 * Aggregates, most of them windows too: a row that leaves the frame is taken back.
 *
 * Sums of doubles are kept twice: as MySQL adds them up, and exactly for frames that shrink, where what is taken back must
 * leave nothing behind.
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "query/function/aggregate.h"

#include "base/memory.h"
#include "query/function/tools.h"

/* SQLite aligns an aggregate's state to eight bytes. */
typedef __int128 wide_int __attribute__((aligned(8)));

/* ------------------------------------------------------------------ SUM of whole numbers: 2^63 of them fit 128 bits */

struct sum_int {
	wide_int sum;
	int64_t count;
};

static void sum_int_add(void *state, const struct cell *value)
{
	struct sum_int *sum = state;
	if (cell_is_null(value))
		return;
	sum->sum += cell_wide(value);
	sum->count++;
}

static void sum_int_take_back(void *state, const struct cell *value)
{
	struct sum_int *sum = state;
	if (cell_is_null(value))
		return;
	sum->sum -= cell_wide(value);
	sum->count--;
}

static void decimal_of_wide(__int128 value, struct decimal *out)
{
	unsigned __int128 size = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
	*out = (struct decimal){.negative = value < 0};
	for (; size; size /= 1000000000)
		out->limb[out->limb_count++] = (uint32_t)(size % 1000000000);
}

static void sum_int_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct sum_int *sum = state;
	struct decimal value;
	if (sum->count == 0)
		return;
	decimal_of_wide(sum->sum, &value);
	result_decimal(context, &value);
}

/* ------------------------------------------------------------------ SUM of DECIMALs */

static void fail_sum(struct evaluator_handle *handle, sqlite3_context *context, const char *type)
{
	if (handle->diag.code == 0)
		diag_set(&handle->diag, ER_DATA_OUT_OF_RANGE, type, "sum()");
	sqlite3_result_error(context, handle->diag.message, -1);
}

/* Small numbers of one scale are added up by themselves: 2^63 of them fit 128 bits. */
struct sum_dec {
	wide_int small; /* in addition to the sum, */
	uint8_t scale;	/* of that scale */
	bool overflow;
	int64_t count;
	struct decimal sum;
};

static bool add_small(struct sum_dec *sum)
{
	struct decimal small, all;
	if (sum->small == 0)
		return true;
	decimal_of_wide(sum->small, &small);
	small.scale = sum->scale;
	sum->small = 0;
	bool fits = decimal_add(&sum->sum, &small, &all) != DECIMAL_OVERFLOW;
	sum->sum = all;
	return fits;
}

static bool is_small_of(struct sum_dec *sum, const struct cell *value)
{
	if (value->type != CELL_DECIMAL)
		return false;
	if (sum->scale != value->scale) {
		sum->overflow |= !add_small(sum);
		sum->scale = value->scale;
	}
	return true;
}

static void sum_dec_add(void *state, const struct cell *value)
{
	struct sum_dec *sum = state;
	struct decimal decimal;
	if (cell_is_null(value))
		return;
	sum->count++;
	if (is_small_of(sum, value))
		sum->small += value->integer;
	else if (cell_decimal(value, &decimal))
		sum->overflow |= decimal_add(&sum->sum, &decimal, &sum->sum) == DECIMAL_OVERFLOW;
}

static void sum_dec_take_back(void *state, const struct cell *value)
{
	struct sum_dec *sum = state;
	struct decimal decimal;
	if (cell_is_null(value))
		return;
	sum->count--;
	if (is_small_of(sum, value))
		sum->small -= value->integer;
	else if (cell_decimal(value, &decimal))
		decimal_subtract(&sum->sum, &decimal, &sum->sum);
}

static void sum_dec_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	struct sum_dec sum = *(const struct sum_dec *)state;
	if (sum.count == 0)
		return;
	if (!add_small(&sum) || sum.overflow)
		fail_sum(handle, context, "DECIMAL");
	else
		result_decimal(context, &sum.sum);
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

static void sum_real_add(void *state, const struct cell *value)
{
	struct sum_real *sum = state;
	if (cell_is_null(value))
		return;
	double real = cell_real(value);
	sum->sum += real;
	exact_add(&sum->exact, real, 1);
	sum->count++;
}

/* Where nothing is ever taken back: exact is not there. */
static void sum_real_add_only(void *state, const struct cell *value)
{
	struct sum_real *sum = state;
	if (cell_is_null(value))
		return;
	sum->sum += cell_real(value);
	sum->count++;
}

static void sum_real_take_back(void *state, const struct cell *value)
{
	struct sum_real *sum = state;
	if (cell_is_null(value))
		return;
	exact_add(&sum->exact, cell_real(value), -1);
	sum->count--;
	sum->shrank = true;
}

static double real_sum(const struct sum_real *sum)
{
	return sum->shrank ? exact_value(&sum->exact) : sum->sum;
}

static void sum_real_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct sum_real *sum = state;
	if (sum->count == 0)
		return;
	if (isfinite(real_sum(sum)))
		sqlite3_result_double(context, real_sum(sum));
	else
		fail_sum(handle, context, "DOUBLE");
}

static void avg_real_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct sum_real *sum = state;
	if (sum->count)
		sqlite3_result_double(context, real_sum(sum) / (double)sum->count);
}

/* ------------------------------------------------------------------ variance, by Welford's recurrence as MySQL's */

struct variance {
	double mean, squares;
	int64_t count;
};

static void variance_add(void *state, const struct cell *value)
{
	struct variance *variance = state;
	if (cell_is_null(value))
		return;
	double real = cell_real(value), before = variance->mean;
	variance->count++;
	variance->mean += (real - before) / (double)variance->count;
	variance->squares += (real - before) * (real - variance->mean);
}

static void variance_take_back(void *state, const struct cell *value)
{
	struct variance *variance = state;
	if (cell_is_null(value))
		return;
	if (--variance->count == 0) {
		*variance = (struct variance){0};
		return;
	}
	double real = cell_real(value), before = variance->mean;
	variance->mean -= (real - before) / (double)variance->count;
	variance->squares -= (real - before) * (real - variance->mean);
	if (variance->squares < 0)
		variance->squares = 0;
}

static void answer_variance(const struct variance *variance, sqlite3_context *context, bool is_sample, bool root)
{
	if (variance->count <= is_sample)
		return;
	double value = variance->squares / (double)(variance->count - is_sample);
	sqlite3_result_double(context, root ? sqrt(value) : value);
}

static void var_pop_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	answer_variance(state, context, false, false);
}

static void var_samp_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	answer_variance(state, context, true, false);
}

static void stddev_pop_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	answer_variance(state, context, false, true);
}

static void stddev_samp_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	answer_variance(state, context, true, true);
}

/* ------------------------------------------------------------------ bits: how often each is set */

struct bit_counts {
	int64_t set[64];
	int64_t count;
};

static void count_bits(struct bit_counts *counts, const struct cell *value, int64_t by)
{
	if (cell_is_null(value))
		return;
	uint64_t bits = (uint64_t)cell_wide(value);
	for (unsigned i = 0; i < 64; i++)
		counts->set[i] += (int64_t)(bits >> i & 1) * by;
	counts->count += by;
}

static void bits_add(void *state, const struct cell *value)
{
	count_bits(state, value, 1);
}

static void bits_take_back(void *state, const struct cell *value)
{
	count_bits(state, value, -1);
}

static void bit_and_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct bit_counts *counts = state;
	uint64_t bits = 0;
	for (unsigned i = 0; i < 64; i++)
		bits |= (uint64_t)(counts->set[i] == counts->count) << i;
	result_uint(context, bits);
}

static void bit_or_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct bit_counts *counts = state;
	uint64_t bits = 0;
	for (unsigned i = 0; i < 64; i++)
		bits |= (uint64_t)(counts->set[i] > 0) << i;
	result_uint(context, bits);
}

static void bit_xor_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct bit_counts *counts = state;
	uint64_t bits = 0;
	for (unsigned i = 0; i < 64; i++)
		bits |= (uint64_t)(counts->set[i] & 1) << i;
	result_uint(context, bits);
}

/* ------------------------------------------------------------------ COUNT, MIN and MAX: SQLite has its own for itself */

static void count_add(void *state, const struct cell *value)
{
	*(int64_t *)state += value == NULL || !cell_is_null(value);
}

static void count_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	sqlite3_result_int64(context, *(const int64_t *)state);
}

struct extreme {
	const struct collation *collation; /* of TEXT */
	bool has_value;
	struct cell value;
	struct buf string; /* of the value */
};

static void extreme_start(void *state, const struct collation *collation)
{
	((struct extreme *)state)->collation = collation;
}

static void keep_extreme(struct extreme *extreme, const struct cell *value, int wanted)
{
	if (cell_is_null(value) ||
	    (extreme->has_value && cell_compare(value, &extreme->value, extreme->collation) * wanted <= 0))
		return;
	extreme->has_value = true;
	extreme->value = *value;
	if (value->type != SQLITE_TEXT && value->type != SQLITE_BLOB)
		return;
	buf_clear(&extreme->string);
	buf_put_bytes(&extreme->string, value->string);
	extreme->value.string = buf_bytes(&extreme->string);
}

static void min_add(void *state, const struct cell *value)
{
	keep_extreme(state, value, -1);
}

static void max_add(void *state, const struct cell *value)
{
	keep_extreme(state, value, 1);
}

static void extreme_answer(const void *state, struct evaluator_handle *handle, sqlite3_context *context)
{
	const struct extreme *extreme = state;
	if (extreme->has_value)
		cell_result(&extreme->value, context);
}

static void extreme_end(void *state)
{
	buf_deinit(&((struct extreme *)state)->string);
}

/* ------------------------------------------------------------------ ANY_VALUE: the first. Only SQLite asks for it */

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

static const struct function_row rows[] = {
	{"gm_any_value", 1, 1, FN_PURE, any_value_step, any_value_end, 0, 0},
};
const struct function_rows function_rows_aggregate = FUNCTION_ROWS(rows);

/* ------------------------------------------------------------------ the table */

#define WINDOWED(name, state, add, take_back, answer)                          \
	{                                                                      \
		name, sizeof(struct state), add, take_back, answer, 0, 0, 0, 0 \
	}
#define REAL_SUM(name, answer)                                                                 \
	{                                                                                      \
		name, sizeof(struct sum_real), sum_real_add, sum_real_take_back, answer, 0, 0, \
			offsetof(struct sum_real, exact), sum_real_add_only                    \
	}
static const struct aggregate aggregates[] = {
	WINDOWED("gm_sum_int", sum_int, sum_int_add, sum_int_take_back, sum_int_answer),
	WINDOWED("gm_sum_uint", sum_int, sum_int_add, sum_int_take_back, sum_int_answer),
	WINDOWED("gm_sum_dec", sum_dec, sum_dec_add, sum_dec_take_back, sum_dec_answer),
	REAL_SUM("gm_sum_real", sum_real_answer),
	REAL_SUM("gm_avg_real", avg_real_answer),
	WINDOWED("gm_var_pop", variance, variance_add, variance_take_back, var_pop_answer),
	WINDOWED("gm_var_samp", variance, variance_add, variance_take_back, var_samp_answer),
	WINDOWED("gm_stddev_pop", variance, variance_add, variance_take_back, stddev_pop_answer),
	WINDOWED("gm_stddev_samp", variance, variance_add, variance_take_back, stddev_samp_answer),
	WINDOWED("gm_bit_and", bit_counts, bits_add, bits_take_back, bit_and_answer),
	WINDOWED("gm_bit_or", bit_counts, bits_add, bits_take_back, bit_or_answer),
	WINDOWED("gm_bit_xor", bit_counts, bits_add, bits_take_back, bit_xor_answer),
	{"count", sizeof(int64_t), count_add, NULL, count_answer, NULL, NULL, 0, NULL},
	{"min", sizeof(struct extreme), min_add, NULL, extreme_answer, extreme_start, extreme_end, 0, NULL},
	{"max", sizeof(struct extreme), max_add, NULL, extreme_answer, extreme_start, extreme_end, 0, NULL},
};
enum { aggregate_count = sizeof aggregates / sizeof aggregates[0] };

const struct aggregate *aggregate_find(const char *name)
{
	for (unsigned i = 0; i < aggregate_count; i++)
		if (strcmp(aggregates[i].name, name) == 0)
			return &aggregates[i];
	return NULL;
}

/* ------------------------------------------------------------------ as SQLite calls them */

struct registered {
	const struct aggregate *aggregate;
	struct evaluator_handle *handle;
};

static void *state_of(sqlite3_context *context)
{
	const struct registered *registered = sqlite3_user_data(context);
	return sqlite3_aggregate_context(context, (int)registered->aggregate->size);
}

static void call_add(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct registered *registered = sqlite3_user_data(context);
	void *state = state_of(context);
	struct cell value = cell_of(arguments[0]);
	if (state)
		registered->aggregate->add(state, &value);
}

static void call_take_back(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct registered *registered = sqlite3_user_data(context);
	void *state = state_of(context);
	struct cell value = cell_of(arguments[0]);
	if (state)
		registered->aggregate->take_back(state, &value);
}

static void call_answer(sqlite3_context *context)
{
	const struct registered *registered = sqlite3_user_data(context);
	const void *state = state_of(context);
	if (state)
		registered->aggregate->answer(state, registered->handle, context);
}

int aggregates_register(struct evaluator_handle *handle)
{
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | SQLITE_DETERMINISTIC, status = SQLITE_OK;
	for (unsigned i = 0; i < aggregate_count && status == SQLITE_OK; i++) {
		if (aggregates[i].take_back == NULL)
			continue;
		struct registered *registered = memory_alloc(sizeof *registered);
		*registered = (struct registered){&aggregates[i], handle};
		status =
			sqlite3_create_window_function(handle->db, aggregates[i].name, 1, flags, registered, call_add,
						       call_answer, call_answer, call_take_back, memory_free);
	}
	return status;
}

const char *aggregate_name_at(unsigned index)
{
	return index < aggregate_count ? aggregates[index].name : NULL;
}
