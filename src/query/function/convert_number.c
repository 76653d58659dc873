/*
 * Conversions to INTEGER, REAL and DECIMAL.
 *
 * A text is read as far as it is a number, with warning 1292 when something else follows or nothing was there.
 */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "query/function/tools.h"

/* ------------------------------------------------------------------ reading texts */

uint64_t integer_of_text(struct bytes text, size_t *out_used, bool *out_negative, bool *out_overflow)
{
	size_t at = 0;
	uint64_t sum = 0;
	while (at < text.size && isspace(text.data[at]))
		at++;
	bool negative = at < text.size && text.data[at] == '-';
	at += at < text.size && (text.data[at] == '-' || text.data[at] == '+');
	size_t start = at;
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
	*out_overflow = false;
	for (; at < text.size && isdigit(text.data[at]); at++) {
		unsigned digit = text.data[at] - 0u - '0';
		if (*out_overflow || sum > (limit - digit) / 10) {
			*out_overflow = true;
			sum = limit;
			continue;
		}
		sum = sum * 10 + digit;
	}
	*out_used = at > start ? at : 0;
	*out_negative = negative;
	return negative ? -sum : sum;
}

/* The parts of a written real number, for numbers that few digits make exact. */
struct real_scan {
	uint64_t digits;  /* the first 19 of them */
	unsigned count;   /* digits taken into it */
	int exponent;     /* of ten */
	bool negative, any;
	size_t used;
};

static size_t scan_fraction_and_whole(struct bytes text, size_t at, struct real_scan *scan)
{
	bool point = false;
	for (; at < text.size; at++) {
		uint8_t c = text.data[at];
		if (c == '.' && !point) {
			point = true;
			continue;
		}
		if (!isdigit(c))
			break;
		scan->any = true;
		if (scan->count == 0 && c == '0') {
			scan->exponent -= point;
		} else if (scan->count < 19) {
			scan->digits = scan->digits * 10 + (c - 0u - '0');
			scan->count++;
			scan->exponent -= point;
		} else {
			scan->count++;
			scan->exponent += !point;
		}
	}
	return at;
}

static void scan_real(struct bytes text, struct real_scan *scan)
{
	size_t at = 0;
	*scan = (struct real_scan){0};
	while (at < text.size && isspace(text.data[at]))
		at++;
	scan->negative = at < text.size && text.data[at] == '-';
	at += at < text.size && (text.data[at] == '-' || text.data[at] == '+');
	at = scan_fraction_and_whole(text, at, scan);
	if (!scan->any)
		return;
	scan->used = at;
	if (at == text.size || (text.data[at] | 0x20) != 'e')
		return;
	size_t next = at + 1;
	bool negative = next < text.size && text.data[next] == '-';
	next += next < text.size && (text.data[next] == '-' || text.data[next] == '+');
	if (next == text.size || !isdigit(text.data[next]))
		return;
	int exponent = 0;
	for (; next < text.size && isdigit(text.data[next]); next++)
		if (exponent < 100000)
			exponent = exponent * 10 + (text.data[next] - '0');
	scan->exponent += negative ? -exponent : exponent;
	scan->used = next;
}

/* All digits through the C library: needs a zero behind them. */
static double real_by_library(struct bytes text)
{
	char small[512];
	if (text.size < sizeof small) {
		memcpy(small, text.data, text.size);
		small[text.size] = 0;
		return strtod(small, NULL);
	}
	char *copy = memory_alloc(text.size + 1);
	memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	double value = strtod(copy, NULL);
	memory_free(copy);
	return value;
}

double real_of_text(struct bytes text, size_t *out_used, bool *out_overflow)
{
	static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
				      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	struct real_scan scan;
	scan_real(text, &scan);
	*out_used = scan.used;
	*out_overflow = false;
	if (!scan.any)
		return 0;
	/* Both operands are exact, so one operation rounds once. */
	if (scan.count <= 15 && scan.exponent >= -22 && scan.exponent <= 22) {
		double value = (double)scan.digits;
		value = scan.exponent < 0 ? value / tens[-scan.exponent] : value * tens[scan.exponent];
		return scan.negative ? -value : value;
	}
	double value = real_by_library(bytes_of(text.data, scan.used));
	if (isfinite(value))
		return value;
	*out_overflow = true;
	return value < 0 ? -DBL_MAX : DBL_MAX;
}

static bool is_all_read(struct bytes text, size_t used)
{
	return only_spaces(bytes_of(text.data + used, text.size - used));
}

/* ------------------------------------------------------------------ to INTEGER */

static void answer_clamped(sqlite3_context *context, double value)
{
	if (value >= 9223372036854775808.0)
		sqlite3_result_int64(context, INT64_MAX);
	else
		sqlite3_result_int64(context, value <= -9223372036854775808.0 ? INT64_MIN : (int64_t)value);
}

static void warn_truncated_real(sqlite3_context *context, double value)
{
	char text[64];
	warn_truncated(context, "INTEGER", bytes_of(text, double_print(value, text)));
}

static void gm_int_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double value = rint(sqlite3_value_double(arguments[0]));
	if (value >= 9223372036854775808.0 || value < -9223372036854775808.0)
		warn_truncated_real(context, value);
	answer_clamped(context, value);
}

static void gm_uint_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double value = rint(sqlite3_value_double(arguments[0]));
	if (value >= 18446744073709551616.0 || value < -9223372036854775808.0)
		warn_truncated_real(context, value);
	if (value >= 18446744073709551616.0)
		result_uint(context, UINT64_MAX);
	else if (value >= 0)
		result_uint(context, (uint64_t)value);
	else
		result_uint(context, value <= -9223372036854775808.0 ? (uint64_t)INT64_MIN : (uint64_t)(int64_t)value);
}

static void warn_truncated_decimal(sqlite3_context *context, const struct decimal *value)
{
	char text[160];
	warn_truncated(context, "DECIMAL", bytes_of(text, decimal_print(value, text)));
}

static void gm_int_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	int64_t whole;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	if (decimal_to_int(&value, &whole) == DECIMAL_OVERFLOW)
		warn_truncated_decimal(context, &value);
	sqlite3_result_int64(context, whole);
}

static void gm_uint_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	int64_t whole;
	uint64_t natural;
	if (any_null(1, arguments) || !decimal_of(arguments[0], &value))
		return;
	enum decimal_status status = value.negative ? decimal_to_int(&value, &whole) : decimal_to_uint(&value, &natural);
	if (status == DECIMAL_OVERFLOW)
		warn_truncated_decimal(context, &value);
	result_uint(context, value.negative ? (uint64_t)whole : natural);
}

/* The 64 bits, whatever sign they are read with later. */
static uint64_t integer_from_text(sqlite3_context *context, struct bytes text, bool *out_negative)
{
	size_t used;
	bool overflow;
	uint64_t bits = integer_of_text(text, &used, out_negative, &overflow);
	if (used == 0 || overflow || !is_all_read(text, used))
		warn_truncated(context, "INTEGER", text);
	return bits;
}

static void gm_int_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	bool negative;
	if (any_null(1, arguments))
		return;
	uint64_t bits = integer_from_text(context, string_of(arguments[0]), &negative);
	if (!negative && bits > INT64_MAX)
		FUNCTION_WARN_MESSAGE(context, ER_UNKNOWN_ERROR, "Cast to signed converted positive out-of-range "
				      "integer to its negative complement");
	sqlite3_result_int64(context, (int64_t)bits);
}

static void gm_uint_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	bool negative;
	if (any_null(1, arguments))
		return;
	uint64_t bits = integer_from_text(context, string_of(arguments[0]), &negative);
	if (negative && bits)
		FUNCTION_WARN_MESSAGE(context, ER_UNKNOWN_ERROR, "Cast to unsigned converted negative integer to its "
				      "positive complement");
	result_uint(context, bits);
}

static void gm_int_from_uint(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	integer_of(arguments[0], &bits);
	sqlite3_result_int64(context, (int64_t)bits);
}

static void gm_uint_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	integer_of(arguments[0], &bits);
	result_uint(context, bits);
}

static void answer_time_number(sqlite3_context *context, sqlite3_value **arguments, enum value_kind kind, bool is_unsigned)
{
	if (any_null(1, arguments))
		return;
	struct value value = {.kind = kind, .packed = sqlite3_value_int64(arguments[0])};
	int64_t number = value_to_int(&value);
	if (is_unsigned)
		result_uint(context, (uint64_t)number);
	else
		sqlite3_result_int64(context, number);
}

#define FROM_TIMES(name, value_kind)                                                                               \
	static void gm_int_from_##name(sqlite3_context *context, int count, sqlite3_value **arguments)       \
	{                                                                                                    \
		answer_time_number(context, arguments, value_kind, false);                                   \
	}                                                                                                    \
	static void gm_uint_from_##name(sqlite3_context *context, int count, sqlite3_value **arguments)      \
	{                                                                                                    \
		answer_time_number(context, arguments, value_kind, true);                                    \
	}                                                                                                    \
	static void gm_real_from_##name(sqlite3_context *context, int count, sqlite3_value **arguments)      \
	{                                                                                                    \
		struct value value = {.kind = value_kind, .packed = sqlite3_value_int64(arguments[0])};      \
		if (!any_null(1, arguments))                                                                 \
			sqlite3_result_double(context, value_to_double(&value));                             \
	}

FROM_TIMES(date, VALUE_DATE)
FROM_TIMES(time, VALUE_TIME)
FROM_TIMES(dt, VALUE_DATETIME)

/* ------------------------------------------------------------------ JSON scalars as numbers */

/* A JSON number's or string's text; true and false are 1 and 0. False, after the warning, for what is no number. */
static bool json_number(sqlite3_context *context, struct bytes json, const char *what, struct bytes *out)
{
	if (json.size == 4 && memcmp(json.data, "true", 4) == 0) {
		*out = bytes_of_string("1");
	} else if (json.size == 5 && memcmp(json.data, "false", 5) == 0) {
		*out = bytes_of_string("0");
	} else if (json.size > 1 && json.data[0] == '"') {
		*out = bytes_of(json.data + 1, json.size - 2);
	} else if (json.size && (isdigit(json.data[0]) || json.data[0] == '-')) {
		*out = json;
	} else {
		FUNCTION_WARN(context, ER_INVALID_JSON_VALUE_FOR_CAST, what, "", 1l);
		return false;
	}
	return true;
}

/* A JSON integer exactly; any other number through REAL. */
static void integer_from_json(sqlite3_context *context, sqlite3_value **arguments, bool is_unsigned)
{
	struct bytes text;
	size_t used;
	bool negative, overflow;
	if (any_null(1, arguments))
		return;
	if (!json_number(context, string_of(arguments[0]), "INTEGER", &text)) {
		sqlite3_result_int(context, 0);
		return;
	}
	bool is_string = string_of(arguments[0]).data[0] == '"';
	uint64_t bits = integer_of_text(text, &used, &negative, &overflow);
	if (used != text.size && is_string)
		FUNCTION_WARN(context, ER_INVALID_JSON_VALUE_FOR_CAST, "INTEGER", "", 1l);
	if (used != text.size && !is_string) {
		double value = rint(real_of_text(text, &used, &overflow));
		if (is_unsigned && value >= 0)
			result_uint(context, value >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)value);
		else
			answer_clamped(context, value);
	} else if (is_unsigned) {
		result_uint(context, bits);
	} else {
		sqlite3_result_int64(context, (int64_t)bits);
	}
}

static void gm_int_from_json(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	integer_from_json(context, arguments, false);
}

static void gm_uint_from_json(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	integer_from_json(context, arguments, true);
}

static void gm_real_from_json(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct bytes text;
	size_t used;
	bool overflow;
	if (any_null(1, arguments))
		return;
	double value = 0;
	if (json_number(context, string_of(arguments[0]), "DOUBLE", &text)) {
		value = real_of_text(text, &used, &overflow);
		if (overflow || used != text.size)
			FUNCTION_WARN(context, ER_INVALID_JSON_VALUE_FOR_CAST, "DOUBLE", "", 1l);
	}
	sqlite3_result_double(context, value);
}

/* ------------------------------------------------------------------ to REAL */

static void gm_real_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	bool large = integer_of(arguments[0], &bits);
	sqlite3_result_double(context, large ? (double)bits : (double)(int64_t)bits);
}

static void gm_real_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (!any_null(1, arguments) && decimal_of(arguments[0], &value))
		sqlite3_result_double(context, decimal_to_double(&value));
}

static void gm_real_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	size_t used;
	bool overflow;
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	double value = real_of_text(text, &used, &overflow);
	if (overflow || !is_all_read(text, used))
		warn_truncated(context, "DOUBLE", text);
	sqlite3_result_double(context, value);
}

/* ------------------------------------------------------------------ to DECIMAL: (x, precision, scale) */

/* Precision 0: as it is. What does not fit becomes the nearest that does, with warning 1264. */
static void answer_fitted(sqlite3_context *context, struct decimal *value, sqlite3_value **arguments)
{
	int precision = sqlite3_value_int(arguments[1]), scale = sqlite3_value_int(arguments[2]);
	if (precision > 0 && decimal_fit(value, (unsigned)precision, (unsigned)scale) == DECIMAL_OVERFLOW)
		FUNCTION_WARN(context, ER_WARN_DATA_OUT_OF_RANGE, "", 1l);
	result_decimal(context, value);
}

static void gm_dec_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (!any_null(1, arguments) && decimal_of(arguments[0], &value))
		answer_fitted(context, &value, arguments);
}

static void gm_dec_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	if (integer_of(arguments[0], &bits))
		decimal_from_uint(&value, bits);
	else
		decimal_from_int(&value, (int64_t)bits);
	answer_fitted(context, &value, arguments);
}

static void gm_dec_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	if (any_null(1, arguments))
		return;
	if (decimal_from_double(&value, sqlite3_value_double(arguments[0])) == DECIMAL_OVERFLOW)
		FUNCTION_WARN(context, ER_WARN_DATA_OUT_OF_RANGE, "", 1l);
	answer_fitted(context, &value, arguments);
}

static void gm_dec_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value;
	size_t used;
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	enum decimal_status status = decimal_parse(&value, text, &used);
	if (status == DECIMAL_BAD || status == DECIMAL_OVERFLOW || !is_all_read(text, used))
		warn_truncated(context, "DECIMAL", text);
	answer_fitted(context, &value, arguments);
}

static void gm_dec_from_json(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal value = {0};
	struct bytes text;
	size_t used;
	if (any_null(1, arguments))
		return;
	if (json_number(context, string_of(arguments[0]), "DECIMAL", &text) &&
	    (decimal_parse(&value, text, &used) == DECIMAL_BAD || used != text.size))
		FUNCTION_WARN(context, ER_INVALID_JSON_VALUE_FOR_CAST, "DECIMAL", "", 1l);
	answer_fitted(context, &value, arguments);
}

/* 20240131101500.25 */
static void decimal_from_time(sqlite3_context *context, sqlite3_value **arguments, enum value_kind kind)
{
	if (any_null(1, arguments))
		return;
	int64_t packed = sqlite3_value_int64(arguments[0]);
	bool negative = kind == VALUE_TIME && packed < 0;
	int64_t micro = (negative ? -packed : packed) & 0xffffff;
	int64_t number = kind == VALUE_TIME ? time_to_number(packed) : datetime_to_number(packed);
	struct decimal value, fraction;
	decimal_from_int(&value, kind == VALUE_DATE ? number / 1000000 : number);
	if (micro) {
		decimal_from_int(&fraction, negative ? -micro : micro);
		fraction.scale = 6;
		decimal_add(&value, &fraction, &value);
	}
	answer_fitted(context, &value, arguments);
}

static void gm_dec_from_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	decimal_from_time(context, arguments, VALUE_DATE);
}

static void gm_dec_from_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	decimal_from_time(context, arguments, VALUE_TIME);
}

static void gm_dec_from_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	decimal_from_time(context, arguments, VALUE_DATETIME);
}

/* ------------------------------------------------------------------ keys: an INTEGER where that is exact */

static void answer_key(sqlite3_context *context, const struct decimal *exact, double value)
{
	struct decimal whole = *exact;
	int64_t small;
	uint64_t large;
	decimal_truncate(&whole, 0);
	if (decimal_compare(&whole, exact) == 0 && decimal_to_int(&whole, &small) == DECIMAL_OK)
		sqlite3_result_int64(context, small);
	else if (decimal_compare(&whole, exact) == 0 && decimal_to_uint(&whole, &large) == DECIMAL_OK)
		result_uint(context, large);
	else
		sqlite3_result_double(context, value);
}

static void gm_key_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal exact;
	size_t used;
	bool overflow;
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	double value = real_of_text(text, &used, &overflow);
	if (overflow || !is_all_read(text, used))
		warn_truncated(context, "DOUBLE", text);
	if (overflow || decimal_parse(&exact, text, &used) == DECIMAL_TRUNCATED)
		sqlite3_result_double(context, value);
	else
		answer_key(context, &exact, value);
}

static void gm_key_from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(1, arguments))
		return;
	double value = sqlite3_value_double(arguments[0]);
	if (value == rint(value) && value >= -9223372036854775808.0 && value < 9223372036854775808.0)
		sqlite3_result_int64(context, (int64_t)value);
	else if (value == rint(value) && value >= 0 && value < 18446744073709551616.0)
		result_uint(context, (uint64_t)value);
	else
		sqlite3_result_double(context, value);
}

static void gm_key_from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct decimal exact;
	if (!any_null(1, arguments) && decimal_of(arguments[0], &exact))
		answer_key(context, &exact, decimal_to_double(&exact));
}

static int64_t full_year(int64_t year, bool zero_is_2000)
{
	if (year < 0 || year > 99 || (year == 0 && !zero_is_2000))
		return year;
	return year + (year < 70 ? 2000 : 1900);
}

static void gm_year_from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	size_t used;
	bool overflow;
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	double value = real_of_text(text, &used, &overflow);
	if (overflow || !is_all_read(text, used))
		warn_truncated(context, "DOUBLE", text);
	if (value == rint(value) && fabs(value) < 1e15)
		sqlite3_result_int64(context, full_year((int64_t)value, used > 0 && text.size < 4));
	else
		sqlite3_result_double(context, value);
}

static void gm_year_from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int64(context, full_year(whole_of(arguments[0]), false));
}

static const struct function_row rows[] = {
	{"gm_int_from_real", 1, 1, FN_PURE, gm_int_from_real, 0, 0, 0},
	{"gm_int_from_dec", 1, 1, FN_PURE, gm_int_from_dec, 0, 0, 0},
	{"gm_int_from_text", 1, 1, FN_PURE, gm_int_from_text, 0, 0, 0},
	{"gm_int_from_bin", 1, 1, FN_PURE, gm_int_from_text, 0, 0, 0},
	{"gm_int_from_date", 1, 1, FN_PURE, gm_int_from_date, 0, 0, 0},
	{"gm_int_from_time", 1, 1, FN_PURE, gm_int_from_time, 0, 0, 0},
	{"gm_int_from_dt", 1, 1, FN_PURE, gm_int_from_dt, 0, 0, 0},
	{"gm_int_from_json", 1, 1, FN_PURE, gm_int_from_json, 0, 0, 0},
	{"gm_int_from_uint", 1, 1, FN_PURE, gm_int_from_uint, 0, 0, 0},
	{"gm_uint_from_int", 1, 1, FN_PURE, gm_uint_from_int, 0, 0, 0},
	{"gm_uint_from_real", 1, 1, FN_PURE, gm_uint_from_real, 0, 0, 0},
	{"gm_uint_from_dec", 1, 1, FN_PURE, gm_uint_from_dec, 0, 0, 0},
	{"gm_uint_from_text", 1, 1, FN_PURE, gm_uint_from_text, 0, 0, 0},
	{"gm_uint_from_bin", 1, 1, FN_PURE, gm_uint_from_text, 0, 0, 0},
	{"gm_uint_from_date", 1, 1, FN_PURE, gm_uint_from_date, 0, 0, 0},
	{"gm_uint_from_time", 1, 1, FN_PURE, gm_uint_from_time, 0, 0, 0},
	{"gm_uint_from_dt", 1, 1, FN_PURE, gm_uint_from_dt, 0, 0, 0},
	{"gm_uint_from_json", 1, 1, FN_PURE, gm_uint_from_json, 0, 0, 0},
	{"gm_real_from_int", 1, 1, FN_PURE, gm_real_from_int, 0, 0, 0},
	{"gm_real_from_uint", 1, 1, FN_PURE, gm_real_from_int, 0, 0, 0},
	{"gm_real_from_dec", 1, 1, FN_PURE, gm_real_from_dec, 0, 0, 0},
	{"gm_real_from_text", 1, 1, FN_PURE, gm_real_from_text, 0, 0, 0},
	{"gm_real_from_bin", 1, 1, FN_PURE, gm_real_from_text, 0, 0, 0},
	{"gm_real_from_date", 1, 1, FN_PURE, gm_real_from_date, 0, 0, 0},
	{"gm_real_from_time", 1, 1, FN_PURE, gm_real_from_time, 0, 0, 0},
	{"gm_real_from_dt", 1, 1, FN_PURE, gm_real_from_dt, 0, 0, 0},
	{"gm_real_from_json", 1, 1, FN_PURE, gm_real_from_json, 0, 0, 0},
	{"gm_dec_from_dec", 3, 3, FN_PURE, gm_dec_from_dec, 0, 0, 0},
	{"gm_dec_from_int", 3, 3, FN_PURE, gm_dec_from_int, 0, 0, 0},
	{"gm_dec_from_uint", 3, 3, FN_PURE, gm_dec_from_int, 0, 0, 0},
	{"gm_dec_from_real", 3, 3, FN_PURE, gm_dec_from_real, 0, 0, 0},
	{"gm_dec_from_text", 3, 3, FN_PURE, gm_dec_from_text, 0, 0, 0},
	{"gm_dec_from_bin", 3, 3, FN_PURE, gm_dec_from_text, 0, 0, 0},
	{"gm_dec_from_json", 3, 3, FN_PURE, gm_dec_from_json, 0, 0, 0},
	{"gm_dec_from_date", 3, 3, FN_PURE, gm_dec_from_date, 0, 0, 0},
	{"gm_dec_from_time", 3, 3, FN_PURE, gm_dec_from_time, 0, 0, 0},
	{"gm_dec_from_dt", 3, 3, FN_PURE, gm_dec_from_dt, 0, 0, 0},
	{"gm_key_from_text", 1, 1, FN_PURE, gm_key_from_text, 0, 0, 0},
	{"gm_key_from_real", 1, 1, FN_PURE, gm_key_from_real, 0, 0, 0},
	{"gm_key_from_dec", 1, 1, FN_PURE, gm_key_from_dec, 0, 0, 0},
	{"gm_year_from_text", 1, 1, FN_PURE, gm_year_from_text, 0, 0, 0},
	{"gm_year_from_int", 1, 1, FN_PURE, gm_year_from_int, 0, 0, 0},
};
const struct function_rows function_rows_convert_number = FUNCTION_ROWS(rows);
