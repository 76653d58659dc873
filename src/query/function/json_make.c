/* JSON made: from SQL values, from texts, from rows. */
#include <stdlib.h>

#include "base/base64.h"
#include "query/function/json.h"

void json_answer(sqlite3_context *context, struct bytes document, const char *function)
{
	if (json_depth(document) > json_depth_max)
		FUNCTION_FAIL(context, ER_JSON_DOCUMENT_TOO_DEEP);
	else if (!is_too_long(context, document.size, function))
		result_text(context, document);
}

static int compare_members(const void *a, const void *b)
{
	const struct json_member *left = a, *right = b;
	int order = json_compare_names(left->name, right->name);
	return order ? order : (left->place > right->place) - (left->place < right->place);
}

void json_put_object(struct json_member *members, size_t count, struct buf *out)
{
	bool first = true;
	if (count > 1)
		qsort(members, count, sizeof *members, compare_members);
	buf_put_u8(out, '{');
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && json_compare_names(members[i].name, members[i + 1].name) == 0)
			continue;
		buf_put_string(out, first ? "\"" : ", \"");
		first = false;
		buf_put_bytes(out, members[i].name);
		buf_put_string(out, "\": ");
		buf_put_bytes(out, members[i].value);
	}
	buf_put_u8(out, '}');
}

static struct bytes json_or_null(sqlite3_value *value)
{
	return is_null(value) ? bytes_of_string("null") : string_of(value);
}

/* ------------------------------------------------------------------ arrays and objects of values */

static void gm_json_array(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	buf_put_u8(out, '[');
	for (int i = 0; i < count; i++) {
		buf_put_string(out, i ? ", " : "");
		buf_put_bytes(out, json_or_null(arguments[i]));
	}
	buf_put_u8(out, ']');
	json_answer(context, buf_bytes(out), "json_array");
}

/* A sequence of members as it grows: both sizes, the raw name, the value. */
static void put_record(struct buf *records, sqlite3_value *name, struct bytes value)
{
	size_t at = records->size;
	buf_put_zeros(records, 16);
	if (name) {
		json_text_quote(string_of(name), records);
		/* Without the quotes. */
		memmove(records->data + at + 16, records->data + at + 17, records->size - at - 17);
		records->size -= 2;
	}
	size_t name_size = records->size - at - 16;
	buf_put_bytes(records, value);
	bytes_store_uint(records->data + at, name_size, 8);
	bytes_store_uint(records->data + at + 8, value.size, 8);
}

static struct bytes take_record(struct bytes *records, struct bytes *out_name)
{
	size_t name_size = bytes_load_uint(records->data, 8), value_size = bytes_load_uint(records->data + 8, 8);
	*out_name = bytes_of(records->data + 16, name_size);
	struct bytes value = bytes_of(records->data + 16 + name_size, value_size);
	*records = bytes_of(value.data + value_size, records->size - 16 - name_size - value_size);
	return value;
}

static void put_object_of_records(struct bytes records, struct buf *out)
{
	struct buf members;
	struct json_member member = {0};
	buf_init(&members);
	while (records.size) {
		member.value = take_record(&records, &member.name);
		member.place++;
		buf_put(&members, &member, sizeof member);
	}
	json_put_object((void *)members.data, member.place, out);
	buf_deinit(&members);
}

static bool is_named(sqlite3_context *context, sqlite3_value *name)
{
	if (!is_null(name))
		return true;
	FUNCTION_FAIL(context, ER_JSON_DOCUMENT_NULL_KEY);
	return false;
}

static void gm_json_object(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct evaluator_handle *handle = handle_of(context);
	buf_clear(&handle->convert);
	buf_clear(&handle->scratch);
	for (int i = 0; i + 1 < count; i += 2) {
		if (!is_named(context, arguments[i]))
			return;
		put_record(&handle->convert, arguments[i], json_or_null(arguments[i + 1]));
	}
	put_object_of_records(buf_bytes(&handle->convert), &handle->scratch);
	json_answer(context, buf_bytes(&handle->scratch), "json_object");
}

/* ------------------------------------------------------------------ of rows */

/* Rows leave a window's frame in the order they came. */
struct collected {
	struct buf records;
	size_t gone;
};

static struct bytes records_of(const struct collected *collected)
{
	return bytes_of(collected->records.data + collected->gone, collected->records.size - collected->gone);
}

static void array_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct collected *collected = sqlite3_aggregate_context(context, sizeof *collected);
	if (collected)
		put_record(&collected->records, NULL, json_or_null(arguments[0]));
}

static void object_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct collected *collected = sqlite3_aggregate_context(context, sizeof *collected);
	if (collected && is_named(context, arguments[0]))
		put_record(&collected->records, arguments[0], json_or_null(arguments[1]));
}

static void collected_leave(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct collected *collected = sqlite3_aggregate_context(context, sizeof *collected);
	struct bytes name;
	if (collected == NULL || collected->gone == collected->records.size)
		return;
	struct bytes rest = records_of(collected);
	take_record(&rest, &name);
	collected->gone = collected->records.size - rest.size;
	if (rest.size == 0)
		collected->gone = collected->records.size = 0;
}

static void array_value(sqlite3_context *context)
{
	struct collected *collected = sqlite3_aggregate_context(context, 0);
	struct buf *out = &handle_of(context)->scratch;
	struct bytes name;
	if (collected == NULL || collected->records.size == 0)
		return;
	buf_clear(out);
	for (struct bytes rest = records_of(collected); rest.size;) {
		buf_put_string(out, out->size ? ", " : "[");
		buf_put_bytes(out, take_record(&rest, &name));
	}
	buf_put_u8(out, ']');
	json_answer(context, buf_bytes(out), "json_arrayagg");
}

static void object_value(sqlite3_context *context)
{
	struct collected *collected = sqlite3_aggregate_context(context, 0);
	struct buf *out = &handle_of(context)->scratch;
	if (collected == NULL || collected->records.size == 0)
		return;
	buf_clear(out);
	put_object_of_records(records_of(collected), out);
	json_answer(context, buf_bytes(out), "json_objectagg");
}

static void collected_end(sqlite3_context *context, function_end_fn *value)
{
	struct collected *collected = sqlite3_aggregate_context(context, 0);
	value(context);
	if (collected)
		buf_deinit(&collected->records);
}

static void array_end(sqlite3_context *context)
{
	collected_end(context, array_value);
}

static void object_end(sqlite3_context *context)
{
	collected_end(context, object_value);
}

/* ------------------------------------------------------------------ from SQL values */

static void from_int(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[24];
	uint64_t bits;
	if (is_null(arguments[0]))
		return;
	bool is_big = integer_of(arguments[0], &bits);
	result_utf8(context, text, is_big ? integer_print(bits, false, text) : int_print((int64_t)bits, text));
}

static void from_bool(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!is_null(arguments[0]))
		result_text(context, bytes_of_string(sqlite3_value_int(arguments[0]) ? "true" : "false"));
}

static void from_real(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	json_text_put_double(sqlite3_value_double(arguments[0]), out);
	result_text(context, buf_bytes(out));
}

/* (x, scale) */
static void from_dec(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[decimal_precision_max + 8 + 80];
	struct decimal decimal;
	if (is_null(arguments[0]) || !decimal_of(arguments[0], &decimal))
		return;
	if (count > 1)
		decimal_fit(&decimal, decimal_precision_max, (unsigned)sqlite3_value_int(arguments[1]));
	result_utf8(context, text, decimal_print(&decimal, text));
}

static void from_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	json_text_quote(string_of(arguments[0]), out);
	result_text(context, buf_bytes(out));
}

/* Bytes are what MySQL calls opaque: a string that says so. 15: VARCHAR's number. */
static void from_bin(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct bytes bytes = string_of(arguments[0]);
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	buf_put_string(out, "\"base64:type15:");
	base64_encode(bytes, 0, out);
	buf_put_u8(out, '"');
	result_text(context, buf_bytes(out));
}

/* Times in JSON have all six digits of fraction. */
enum { json_fsp = 6 };

static void answer_time(sqlite3_context *context, const char *text, size_t size)
{
	char quoted[40] = "\"";
	memcpy(quoted + 1, text, size);
	quoted[size + 1] = '"';
	result_utf8(context, quoted, size + 2);
}

static void from_date(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!is_null(arguments[0]))
		answer_time(context, text, date_print(sqlite3_value_int64(arguments[0]), text));
}

static void from_time(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!is_null(arguments[0]))
		answer_time(context, text, time_print(sqlite3_value_int64(arguments[0]), json_fsp, text));
}

static void from_dt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	if (!is_null(arguments[0]))
		answer_time(context, text, datetime_print(sqlite3_value_int64(arguments[0]), json_fsp, text));
}

/* (text, argument, function) */
static void gm_json_parse(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct json_error error;
	char name[128];
	if (is_null(arguments[0]))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	if (json_text_normalise(string_of(arguments[0]), out, &error))
		result_text(context, buf_bytes(out));
	else if (error.message == NULL)
		FUNCTION_FAIL(context, ER_JSON_DOCUMENT_TOO_DEEP);
	else
		FUNCTION_FAIL(context, ER_INVALID_JSON_TEXT_IN_PARAM, (unsigned)sqlite3_value_int(arguments[1]),
			      message_text(string_of(arguments[2]), name), error.message, (unsigned)error.position);
}

static const struct function_row rows[] = {
	{"gm_json_array", 0, -1, FN_PURE, gm_json_array, 0, 0, 0},
	{"gm_json_arrayagg", 1, 1, FN_PURE, array_step, array_end, array_value, collected_leave},
	{"gm_json_from_bin", 1, 1, FN_PURE, from_bin, 0, 0, 0},
	{"gm_json_from_bit", 1, 1, FN_PURE, from_int, 0, 0, 0},
	{"gm_json_from_bool", 1, 1, FN_PURE, from_bool, 0, 0, 0},
	{"gm_json_from_date", 1, 1, FN_PURE, from_date, 0, 0, 0},
	{"gm_json_from_dec", 1, 2, FN_PURE, from_dec, 0, 0, 0},
	{"gm_json_from_dt", 1, 2, FN_PURE, from_dt, 0, 0, 0},
	{"gm_json_from_float", 1, 1, FN_PURE, from_real, 0, 0, 0},
	{"gm_json_from_int", 1, 1, FN_PURE, from_int, 0, 0, 0},
	{"gm_json_from_real", 1, 1, FN_PURE, from_real, 0, 0, 0},
	{"gm_json_from_text", 1, 1, FN_PURE, from_text, 0, 0, 0},
	{"gm_json_from_time", 1, 2, FN_PURE, from_time, 0, 0, 0},
	{"gm_json_from_year", 1, 1, FN_PURE, from_int, 0, 0, 0},
	{"gm_json_object", 0, -1, FN_PURE, gm_json_object, 0, 0, 0},
	{"gm_json_objectagg", 2, 2, FN_PURE, object_step, object_end, object_value, collected_leave},
	{"gm_json_parse", 3, 3, FN_PURE, gm_json_parse, 0, 0, 0},
};
const struct function_rows function_rows_json_make = FUNCTION_ROWS(rows);
