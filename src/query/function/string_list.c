/* One of several: ELT, FIELD, INTERVAL, MAKE_SET, EXPORT_SET. */
#include "query/function/tools.h"

static void gm_elt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	int64_t place = whole_of(arguments[0]);
	if (place >= 1 && place < count)
		sqlite3_result_value(context, arguments[place]);
}

/* INTEGERs, REALs and DECIMALs are equal when their representations are. */
static bool same_number(sqlite3_value *a, sqlite3_value *b)
{
	int type = sqlite3_value_type(a);
	if (type != sqlite3_value_type(b))
		return false;
	if (type == SQLITE_INTEGER)
		return sqlite3_value_int64(a) == sqlite3_value_int64(b);
	if (type == SQLITE_FLOAT)
		return sqlite3_value_double(a) == sqlite3_value_double(b);
	return bytes_equal(string_of(a), string_of(b));
}

static void gm_field(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int place = 0;
	for (int i = 1; i < count && place == 0 && !is_null(arguments[0]); i++)
		if (!is_null(arguments[i]) && same_number(arguments[0], arguments[i]))
			place = i;
	sqlite3_result_int(context, place);
}

/* The last argument is the collation. */
static void gm_field_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	int place = 0;
	const struct collation *collation = collation_of_value(arguments[count - 1]);
	for (int i = 1; i < count - 1 && place == 0 && !is_null(arguments[0]); i++) {
		if (is_null(arguments[i]))
			continue;
		struct bytes a = string_of(arguments[0]), b = string_of(arguments[i]);
		bool same = is_binary(arguments[0]) ? bytes_equal(a, b) : collation_compare_utf8(collation, a, b) == 0;
		place = same ? i : 0;
	}
	sqlite3_result_int(context, place);
}

/* ------------------------------------------------------------------ INTERVAL(n, n1, n2, ...) */

static bool int_at_most(sqlite3_value *a, sqlite3_value *b)
{
	uint64_t x, y;
	bool x_large = integer_of(a, &x), y_large = integer_of(b, &y);
	if (x_large || y_large)
		return x_large == y_large ? x <= y : y_large;
	return (int64_t)x <= (int64_t)y;
}

static bool real_at_most(sqlite3_value *a, sqlite3_value *b)
{
	return sqlite3_value_double(a) <= sqlite3_value_double(b);
}

static bool decimal_at_most(sqlite3_value *a, sqlite3_value *b)
{
	return bytes_compare(string_of(a), string_of(b)) <= 0;
}

/* How many of the limits are not above the number: they are sorted, NULLs are below all. */
static void interval(sqlite3_context *context, int count, sqlite3_value **arguments,
		     bool (*at_most)(sqlite3_value *a, sqlite3_value *b))
{
	int place = 0;
	if (is_null(arguments[0])) {
		sqlite3_result_int(context, -1);
		return;
	}
	while (place + 1 < count && (is_null(arguments[place + 1]) || at_most(arguments[place + 1], arguments[0])))
		place++;
	sqlite3_result_int(context, place);
}

static void gm_interval_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	interval(context, count, arguments, int_at_most);
}

static void gm_interval_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	interval(context, count, arguments, real_at_most);
}

static void gm_interval_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	interval(context, count, arguments, decimal_at_most);
}

/* ------------------------------------------------------------------ sets */

static void gm_make_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t bits;
	struct buf *out = &handle_of(context)->scratch;
	if (is_null(arguments[0]))
		return;
	integer_of(arguments[0], &bits);
	buf_clear(out);
	bool first = true;
	for (int i = 1; i < count && i <= 64; i++) {
		if (!(bits >> (i - 1) & 1) || is_null(arguments[i]))
			continue;
		if (!first)
			buf_put_u8(out, ',');
		first = false;
		buf_put_bytes(out, string_of(arguments[i]));
	}
	if (is_binary(arguments[1]))
		result_binary(context, buf_bytes(out));
	else
		result_utf8(context, out->data, out->size);
}

/* (bits, on, off [, separator [, number of bits]]) */
static void gm_export_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t bits;
	struct buf *out = &handle_of(context)->scratch;
	if (any_null(count, arguments))
		return;
	integer_of(arguments[0], &bits);
	struct bytes separator = count > 3 ? string_of(arguments[3]) : bytes_of(",", 1);
	int64_t places = count > 4 ? whole_of(arguments[4]) : 64;
	if (places < 0 || places > 64)
		places = 64;
	buf_clear(out);
	for (int64_t i = 0; i < places; i++) {
		if (i > 0)
			buf_put_bytes(out, separator);
		buf_put_bytes(out, string_of(arguments[bits >> i & 1 ? 1 : 2]));
	}
	if (!is_too_long(context, out->size, "export_set"))
		result_like(context, arguments[1], buf_bytes(out));
}

static const struct function_row rows[] = {
	{"gm_elt", 2, -1, FN_PURE, gm_elt, 0, 0, 0},
	{"gm_field", 2, -1, FN_PURE, gm_field, 0, 0, 0},
	{"gm_field_text", 3, -1, FN_PURE, gm_field_text, 0, 0, 0},
	{"gm_interval_int", 2, -1, FN_PURE, gm_interval_int, 0, 0, 0},
	{"gm_interval_uint", 2, -1, FN_PURE, gm_interval_int, 0, 0, 0},
	{"gm_interval_real", 2, -1, FN_PURE, gm_interval_real, 0, 0, 0},
	{"gm_interval_dec", 2, -1, FN_PURE, gm_interval_dec, 0, 0, 0},
	{"gm_make_set", 2, -1, FN_PURE, gm_make_set, 0, 0, 0},
	{"gm_export_set", 3, 5, FN_PURE, gm_export_set, 0, 0, 0},
};
const struct function_rows function_rows_string_list = FUNCTION_ROWS(rows);
