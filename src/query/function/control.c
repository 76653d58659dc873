/* What is hardly a function: ISNULL, NAME_CONST, SLEEP, BENCHMARK, tuples, and those that were folded. */
#include <math.h>
#include <time.h>

#include "base/clock.h"
#include "query/function/tools.h"

static void gm_isnull(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_int(context, is_null(arguments[0]));
}

static void gm_name_const(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_value(context, arguments[1]);
}

/* CHARSET(), COLLATION() and COERCIBILITY() are constants of the resolved tree. */
static void gm_constant(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "COLLATION() of what is not resolved");
}

/* The argument was computed; doing it again cannot be said in SQLite, and would only take time. */
static void gm_benchmark(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	int64_t times = whole_of(arguments[0]);
	if (times >= 0)
		sqlite3_result_int(context, 0);
	else
		FUNCTION_WARN_MESSAGE(context, ER_WRONG_VALUE_FOR_TYPE,
				      "Incorrect count value: '%lld' for function benchmark", (long long)times);
}

/* 1: interrupted. */
static bool sleep_us(struct session *session, int64_t us)
{
	enum { slice_us = 20000 };
	struct diag diag = DIAG_INIT;
	int64_t end = clock_monotonic_us() + us;
	session_set_state(session, "User sleep");
	for (int64_t left = us; left > 0; left = end - clock_monotonic_us()) {
		if (session_check_left(session, &diag) != 0)
			return true;
		int64_t step = left < slice_us ? left : slice_us;
		nanosleep(&(struct timespec){.tv_nsec = (long)step * 1000}, NULL);
	}
	return false;
}

static void gm_sleep(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	double seconds = sqlite3_value_double(arguments[0]);
	if (is_null(arguments[0]) || seconds < 0) {
		struct diag diag = DIAG_INIT;
		diag_set(&diag, ER_WRONG_ARGUMENTS, "sleep.");
		if (sql_mode_is_strict(sql_mode_of(context))) {
			*handle_diag(context) = diag;
			handle_fail(context);
			return;
		}
		function_warn_diag(context, &diag);
		seconds = 0;
	}
	enum { year = 31536000 };
	int64_t us = seconds > year ? (int64_t)year * 1000000 : (int64_t)(seconds * 1e6);
	sqlite3_result_int(context, sleep_us(session_of(context), us));
}

/*
 * (a, collation of a, b, collation of b, ...): bytes that are the same exactly when all values are equal, for
 * COUNT(DISTINCT a, b). NULL when one is.
 */
static void put_tuple_text(struct buf *out, const struct collation *collation, struct bytes text)
{
	enum charset_id id = collation->charset->id;
	struct buf there;
	if (id == CHARSET_UTF8MB4 || id == CHARSET_UTF8MB3 || id == CHARSET_BINARY) {
		collation_put_key(collation, text, out);
		return;
	}
	buf_init(&there);
	charset_convert(charset_get(CHARSET_UTF8MB4), text, collation->charset, &there);
	collation_put_key(collation, buf_bytes(&there), out);
	buf_deinit(&there);
}

static void gm_tuple(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	for (int i = 0; i + 1 < count; i += 2) {
		int type = sqlite3_value_type(arguments[i]);
		double real;
		buf_put_u8(out, (uint8_t)type);
		switch (type) {
		case SQLITE_NULL: return;
		case SQLITE_INTEGER: buf_put_u64(out, (uint64_t)sqlite3_value_int64(arguments[i])); break;
		case SQLITE_FLOAT:
			real = sqlite3_value_double(arguments[i]) + 0.0; /* -0 is 0 */
			buf_put(out, &real, sizeof real);
			break;
		case SQLITE_TEXT:
			put_tuple_text(out, collation_of_value(arguments[i + 1]), string_of(arguments[i]));
			break;
		default: buf_put_lenenc_bytes(out, string_of(arguments[i]));
		}
	}
	result_binary(context, buf_bytes(out));
}

static const struct function_row rows[] = {
	{"gm_isnull", 1, 1, FN_PURE, gm_isnull, 0, 0, 0},
	{"gm_name_const", 2, 2, FN_PURE, gm_name_const, 0, 0, 0},
	{"gm_constant", 1, 1, FN_VOLATILE, gm_constant, 0, 0, 0},
	{"gm_benchmark", 2, 2, FN_VOLATILE, gm_benchmark, 0, 0, 0},
	{"gm_tuple", 2, -1, FN_PURE, gm_tuple, 0, 0, 0},
	{"gm_sleep", 1, 1, FN_VOLATILE, gm_sleep, 0, 0, 0},
};
const struct function_rows function_rows_control = FUNCTION_ROWS(rows);
