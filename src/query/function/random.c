/*
 * RAND(), with MySQL's generator, so that a seed gives MySQL's numbers: two 30-bit words.
 *
 * A constant seed starts one sequence for the statement, anything else starts anew at each row.
 */
#include "base/digest.h"
#include "base/memory.h"
#include "query/function/tools.h"

enum { word_limit = 0x3fffffff };

static double next_random(uint64_t *word1, uint64_t *word2)
{
	*word1 = (*word1 * 3 + *word2) % word_limit;
	*word2 = (*word1 + *word2 + 33) % word_limit;
	return (double)*word1 / word_limit;
}

static void seed_words(uint32_t seed, uint64_t words[2])
{
	words[0] = (uint32_t)(seed * UINT32_C(0x10001) + UINT32_C(55555555)) % word_limit;
	words[1] = (uint32_t)(seed * UINT32_C(0x10000001)) % word_limit;
}

static void gm_rand(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (count == 0) {
		struct session *session = session_of(context);
		sqlite3_result_double(context, next_random(&session->rand_seed1, &session->rand_seed2));
		return;
	}
	uint64_t own[2], *words = sqlite3_get_auxdata(context, 0);
	if (words) {
		sqlite3_result_double(context, next_random(&words[0], &words[1]));
		return;
	}
	seed_words((uint32_t)whole_of(arguments[0]), own);
	sqlite3_result_double(context, next_random(&own[0], &own[1]));
	/* Kept only where the seed is constant. */
	words = memory_copy(own, sizeof own);
	sqlite3_set_auxdata(context, 0, words, memory_free);
}

static void gm_random_bytes(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t bytes[1024];
	if (any_null(1, arguments))
		return;
	int64_t size = whole_of(arguments[0]);
	if (size < 1 || size > (int64_t)sizeof bytes) {
		FUNCTION_FAIL(context, ER_DATA_OUT_OF_RANGE, "length", "random_bytes");
		return;
	}
	random_bytes(bytes, (size_t)size);
	result_binary(context, bytes_of(bytes, (size_t)size));
}

static const struct function_row rows[] = {
	{"gm_rand", 0, 1, FN_VOLATILE, gm_rand, 0, 0, 0},
	{"gm_random_bytes", 1, 1, FN_VOLATILE, gm_random_bytes, 0, 0, 0},
};
const struct function_rows function_rows_random = FUNCTION_ROWS(rows);
