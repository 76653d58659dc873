/*
 * What the function_*.c files share: the table's row, arguments and results, warnings. Private to them.
 *
 * A function is called with arguments in the classes its row in sql/functions.def says, or NULL. Without a result it
 * answers NULL. handle->scratch belongs to the running call; whoever needs more takes a struct buf of its own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "query/function/functions.h"
#include "type/collation.h"
#include "type/sql_mode.h"
#include "type/temporal.h"

typedef void function_call_fn(sqlite3_context *context, int count, sqlite3_value **arguments);
typedef void function_end_fn(sqlite3_context *context);

enum function_traits {
	FN_PURE = 1,      /* same arguments, same answer, within a statement */
	FN_VOLATILE = 2,  /* asked anew at each row */
};

/* min to max arguments, the extras included; max -1: any number. Aggregates have an end; windowed ones the rest too. */
struct function_row {
	const char *name;
	int min, max;
	unsigned traits;
	function_call_fn *call;    /* or an aggregate's step */
	function_end_fn *end;      /* aggregates: the result, and the end of the state */
	function_end_fn *value;    /* windows: the result so far */
	function_call_fn *inverse; /* windows: a row leaves the frame */
};

struct function_rows {
	const struct function_row *rows;
	unsigned count;
};
#define FUNCTION_ROWS(table) {table, sizeof(table) / sizeof((table)[0])}

extern const struct function_rows function_rows_aggregate, function_rows_arithmetic, function_rows_bits,
	function_rows_clock, function_rows_control, function_rows_convert_number,
	function_rows_convert_text, function_rows_convert_time, function_rows_digest, function_rows_format,
	function_rows_group_concat, function_rows_inet, function_rows_json, function_rows_json_change,
	function_rows_json_make, function_rows_json_search, function_rows_like, function_rows_lock,
	function_rows_match, function_rows_math, function_rows_random, function_rows_regexp, function_rows_round,
	function_rows_session, function_rows_string, function_rows_string_code, function_rows_string_find,
	function_rows_string_list, function_rows_time, function_rows_time_add, function_rows_time_format,
	function_rows_time_parse, function_rows_uuid;

/* ------------------------------------------------------------------ arguments */

static inline bool any_null(int count, sqlite3_value **arguments)
{
	for (int i = 0; i < count; i++)
		if (sqlite3_value_type(arguments[i]) == SQLITE_NULL)
			return true;
	return false;
}

static inline bool is_null(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_NULL;
}

/* TEXT or BLOB as they lie: unlike sqlite3_value_text this never copies to add a zero. Empty ones have an address too. */
static inline struct bytes string_of(sqlite3_value *value)
{
	const void *data = sqlite3_value_blob(value);
	return bytes_of(data ? data : "", (size_t)sqlite3_value_bytes(value));
}

static inline bool is_binary(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_BLOB;
}

/* An INTEGER argument that is used as a count or place: above INT64_MAX is INT64_MAX. */
static inline int64_t whole_of(sqlite3_value *value)
{
	uint64_t bits;
	return integer_of(value, &bits) ? INT64_MAX : (int64_t)bits;
}

static inline const struct collation *collation_of_value(sqlite3_value *value)
{
	const struct collation *collation = collation_find_id((unsigned)sqlite3_value_int(value));
	return collation ? collation : collation_utf8mb4_bin;
}

/* ------------------------------------------------------------------ results */

/* TEXT or BLOB like the model value, copied. */
static inline void result_like(sqlite3_context *context, sqlite3_value *model, struct bytes bytes)
{
	const char *data = bytes.size ? (const char *)bytes.data : "";
	if (is_binary(model))
		sqlite3_result_blob64(context, data, bytes.size, SQLITE_TRANSIENT);
	else
		sqlite3_result_text64(context, data, bytes.size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline void result_utf8(sqlite3_context *context, const void *data, size_t size)
{
	sqlite3_result_text64(context, size ? data : "", size, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* ------------------------------------------------------------------ trouble */

static inline struct session *session_of(sqlite3_context *context)
{
	return handle_of(context)->session;
}

static inline uint64_t sql_mode_of(sqlite3_context *context)
{
	return session_of(context)->variables.sql_mode;
}

/* The diag was set with what is wrong: a warning, or under a strict statement the error that ends it. */
void function_warn_diag(sqlite3_context *context, const struct diag *diag);

#define FUNCTION_WARN(context, ...)                           \
	do {                                                  \
		struct diag warning_diag_ = DIAG_INIT;        \
		diag_set(&warning_diag_, __VA_ARGS__);        \
		function_warn_diag(context, &warning_diag_);  \
	} while (0)
#define FUNCTION_WARN_MESSAGE(context, ...)                     \
	do {                                                    \
		struct diag warning_diag_ = DIAG_INIT;          \
		diag_set_message(&warning_diag_, __VA_ARGS__);  \
		function_warn_diag(context, &warning_diag_);    \
	} while (0)
#define FUNCTION_FAIL(context, ...)                       \
	do {                                              \
		diag_set(handle_diag(context), __VA_ARGS__); \
		handle_fail(context);                     \
	} while (0)

/* 1292 "Truncated incorrect <what> value: '<text>'". */
void warn_truncated(sqlite3_context *context, const char *what, struct bytes text);
/* 1292 "Incorrect <what> value: '<text>'". */
void warn_incorrect(sqlite3_context *context, const char *what, struct bytes text);
/* 1365, as sql_mode says. */
void warn_division(sqlite3_context *context);
/*
 * True when a result is not to be made: it would not fit max_allowed_packet (warning 1301, name is the SQL function's), or
 * there is no memory for it (the statement fails).
 */
bool is_too_long(sqlite3_context *context, uint64_t size, const char *name);
/* 1690 with the expression's text, or without one. */
void fail_out_of_range(sqlite3_context *context, const char *type, sqlite3_value *text);
/* A text cut to what a message can hold, with a zero. */
const char *message_text(struct bytes text, char out[128]);

/* ------------------------------------------------------------------ readings that several files need */

/* The leading number of a text as MySQL's arithmetic reads it; *out_used: the bytes it took. */
double real_of_text(struct bytes text, size_t *out_used, bool *out_overflow);
/* The same for integers, as CAST reads them: bits, and whether they are a negative number's. */
uint64_t integer_of_text(struct bytes text, size_t *out_used, bool *out_negative, bool *out_overflow);
bool only_spaces(struct bytes text);

/* What sql_mode lets through when a text becomes a date. */
unsigned temporal_flags_of(sqlite3_context *context);
/* time_parse, for which a text that does not begin as a time is none: to columns it is 00:00:00. */
enum temporal_status time_of_text(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed);

/*
 * How a collation compares ASCII with ASCII. Nearly all text is ASCII: in *_ci collations its letters fold, in all others
 * a character is equal to itself alone. Turkish has an i of its own, and no such rule.
 */
struct ascii_rule {
	bool is_easy; /* the rule holds */
	bool folds;   /* a = A */
};
struct ascii_rule ascii_rule_of(const struct collation *collation);
static inline uint8_t ascii_fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

/* UTF-8: bytes of the first chars characters, and how many there are; fast for ASCII. */
size_t utf8_prefix(struct bytes text, uint64_t chars);
size_t utf8_count(struct bytes text);
/* Size of the character at `at`; a malformed byte is one. */
size_t utf8_char_size(const uint8_t *at, const uint8_t *end);
