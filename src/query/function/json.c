/* JSON documents read: extracting, asking, comparing. */
#include "base/memory.h"
#include "query/function/json.h"

/* ------------------------------------------------------------------ paths */

const struct json_path *json_path_of(sqlite3_context *context, sqlite3_value **arguments, int number)
{
	struct json_path *path = sqlite3_get_auxdata(context, number);
	size_t bad;
	if (path)
		return path;
	path = json_path_parse(string_of(arguments[number]), &bad);
	if (path == NULL) {
		FUNCTION_FAIL(context, ER_INVALID_JSON_PATH, (unsigned)bad);
		return NULL;
	}
	sqlite3_set_auxdata(context, number, path, memory_free);
	return sqlite3_get_auxdata(context, number);
}

const struct json_path *json_place_of(sqlite3_context *context, sqlite3_value **arguments, int number)
{
	const struct json_path *path = json_path_of(context, arguments, number);
	if (path == NULL || !path->has_wildcard)
		return path;
	FUNCTION_FAIL(context, ER_INVALID_JSON_PATH_WILDCARD);
	return NULL;
}

bool json_wants_all(sqlite3_context *context, sqlite3_value *value, const char *function, bool *out)
{
	struct bytes word = string_of(value);
	*out = text_equal_nocase(word, bytes_of_string("all"));
	if (*out || text_equal_nocase(word, bytes_of_string("one")))
		return true;
	FUNCTION_FAIL(context, ER_JSON_BAD_ONE_OR_ALL_ARG, function);
	return false;
}

/* The document, or what the place argument names in it; data NULL: no such place, or an error. */
static struct bytes place_in(sqlite3_context *context, int count, sqlite3_value **arguments, int number)
{
	struct bytes document = string_of(arguments[0]);
	if (number >= count)
		return document;
	const struct json_path *path = json_place_of(context, arguments, number);
	return path ? json_path_find(path, path->count, document) : bytes_of(NULL, 0);
}

/* ------------------------------------------------------------------ extracting */

struct matches {
	struct buf *out;
	struct buf seen;         /* struct bytes of those that are there, where a path may repeat */
	bool may_repeat;
	size_t count;
};

static bool is_seen(struct matches *matches, struct bytes value)
{
	const struct bytes *seen = (const void *)matches->seen.data;
	for (size_t i = 0; i < matches->seen.size / sizeof *seen; i++)
		if (seen[i].data == value.data)
			return true;
	buf_put(&matches->seen, &value, sizeof value);
	return false;
}

static bool add_match(struct bytes value, void *argument)
{
	struct matches *matches = argument;
	if (matches->may_repeat && is_seen(matches, value))
		return true;
	buf_put_string(matches->out, matches->count++ ? ", " : "[");
	buf_put_bytes(matches->out, value);
	return true;
}

static void gm_json_extract(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct bytes document = string_of(arguments[0]);
	struct matches matches = {.out = &handle_of(context)->scratch};
	buf_clear(matches.out);
	for (int i = 1; i < count; i++) {
		const struct json_path *path = json_path_of(context, arguments, i);
		if (path == NULL)
			return;
		if (count == 2 && !path->has_wildcard) {
			struct bytes found = json_path_find(path, path->count, document);
			if (found.data)
				result_text(context, found);
			return;
		}
		matches.may_repeat = path->may_repeat;
		matches.seen.size = 0;
		json_path_visit(path, document, add_match, &matches);
	}
	buf_deinit(&matches.seen);
	if (matches.count == 0)
		return;
	buf_put_u8(matches.out, ']');
	json_answer(context, buf_bytes(matches.out), "json_extract");
}

static void answer_unquoted(sqlite3_context *context, struct bytes value)
{
	struct bytes content = json_string_content(value);
	if (!json_is(value, '"')) {
		result_text(context, value);
	} else if (content.size == 0 || memchr(content.data, '\\', content.size) == NULL) {
		result_text(context, content);
	} else {
		struct buf *out = &handle_of(context)->convert;
		buf_clear(out);
		json_unescape(content, out);
		result_text(context, buf_bytes(out));
	}
}

/* document ->> path */
static void gm_json_value_text(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	const struct json_path *path = json_path_of(context, arguments, 1);
	if (path && path->has_wildcard) {
		gm_json_extract(context, count, arguments);
	} else if (path) {
		struct bytes found = json_path_find(path, path->count, string_of(arguments[0]));
		if (found.data)
			answer_unquoted(context, found);
	}
}

/* JSON_VALUE(): scalars only; the JSON null is NULL. */
static void gm_json_value(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes found = place_in(context, count, arguments, 1);
	if (found.data && !json_is(found, '{') && !json_is(found, '[') && !json_is(found, 'n'))
		answer_unquoted(context, found);
}

/* (x, class): a JSON value, or any text; one that is in quotes must be a JSON string. */
static void gm_json_unquote(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct json_error error;
	if (is_null(arguments[0]))
		return;
	struct bytes text = string_of(arguments[0]);
	bool is_json = json_is(string_of(arguments[1]), 'j');
	bool quoted = text.size >= 2 && text.data[0] == '"' && text.data[text.size - 1] == '"';
	if (!is_json && quoted) {
		struct buf *out = &handle_of(context)->scratch;
		buf_clear(out);
		if (!json_text_normalise(text, out, &error)) {
			FUNCTION_FAIL(context, ER_INVALID_JSON_TEXT_IN_PARAM, 1u, "json_unquote",
				      error.message ? error.message : "", (unsigned)error.position);
			return;
		}
		text = buf_bytes(out);
	}
	if (is_json || quoted)
		answer_unquoted(context, text);
	else
		result_text(context, text);
}

static void gm_json_quote(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	json_text_quote(string_of(arguments[0]), out);
	result_text(context, buf_bytes(out));
}

/* ------------------------------------------------------------------ asking */

static void gm_json_type(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const char *const names[] = {
		[JSON_NULL] = "NULL", [JSON_INTEGER] = "INTEGER", [JSON_UNSIGNED] = "UNSIGNED INTEGER",
		[JSON_DOUBLE] = "DOUBLE", [JSON_STRING] = "STRING", [JSON_OBJECT] = "OBJECT", [JSON_ARRAY] = "ARRAY",
		[JSON_BOOLEAN] = "BOOLEAN",
	};
	if (!is_null(arguments[0]))
		result_text(context, bytes_of_string(names[json_kind_of(string_of(arguments[0]))]));
}

/* (x, class) */
static void gm_json_valid(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct json_error error;
	if (is_null(arguments[0]))
		return;
	struct bytes class = string_of(arguments[1]);
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	bool valid = json_is(class, 'j') ||
		     (json_is(class, 't') && json_text_normalise(string_of(arguments[0]), out, &error));
	sqlite3_result_int(context, valid);
}

static void gm_json_length(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct bytes found = place_in(context, count, arguments, 1);
	if (found.data)
		sqlite3_result_int64(context, (int64_t)json_count(found));
}

static void gm_json_depth(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!is_null(arguments[0]))
		sqlite3_result_int64(context, json_depth(string_of(arguments[0])));
}

static void gm_json_keys(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct bytes found = place_in(context, count, arguments, 1);
	if (found.data == NULL || !json_is(found, '{'))
		return;
	struct buf *out = &handle_of(context)->scratch;
	struct json_walk walk = json_walk_of(found);
	buf_clear(out);
	buf_put_u8(out, '[');
	while (json_walk_next(&walk)) {
		buf_put_string(out, walk.index ? ", \"" : "\"");
		buf_put_bytes(out, walk.name);
		buf_put_u8(out, '"');
	}
	buf_put_u8(out, ']');
	result_text(context, buf_bytes(out));
}

static void gm_json_storage_size(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!is_null(arguments[0]))
		sqlite3_result_int64(context, (int64_t)string_of(arguments[0]).size);
}

/* A document is always stored whole. */
static void gm_json_storage_free(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!is_null(arguments[0]))
		sqlite3_result_int(context, 0);
}

static bool note_match(struct bytes value, void *argument)
{
	*(bool *)argument = true;
	return false;
}

/* (document, one or all, path...) */
static void gm_json_contains_path(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	bool all, found = false;
	if (any_null(count, arguments) || !json_wants_all(context, arguments[1], "json_contains_path", &all))
		return;
	for (int i = 2; i < count; i++) {
		const struct json_path *path = json_path_of(context, arguments, i);
		if (path == NULL)
			return;
		found = false;
		json_path_visit(path, string_of(arguments[0]), note_match, &found);
		if (found != all)
			break;
	}
	sqlite3_result_int(context, found);
}

/* ------------------------------------------------------------------ comparing */

static void gm_json_contains(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct bytes target = place_in(context, count, arguments, 2);
	if (target.data)
		sqlite3_result_int(context, json_contains(target, string_of(arguments[1])));
}

static void gm_json_overlaps(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		sqlite3_result_int(context, json_overlaps(string_of(arguments[0]), string_of(arguments[1])));
}

static void gm_json_member_of(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct bytes value = string_of(arguments[0]), array = string_of(arguments[1]);
	bool found = !json_is(array, '[') && json_compare(value, array) == 0;
	struct json_walk walk = json_walk_of(array);
	while (json_is(array, '[') && !found && json_walk_next(&walk))
		found = json_compare(walk.value, value) == 0;
	sqlite3_result_int(context, found);
}

static void gm_json_compare(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(2, arguments))
		sqlite3_result_int(context, json_compare(string_of(arguments[0]), string_of(arguments[1])));
}

static const struct function_row rows[] = {
	{"gm_json_compare", 2, 2, FN_PURE, gm_json_compare, 0, 0, 0},
	{"gm_json_contains", 2, 3, FN_PURE, gm_json_contains, 0, 0, 0},
	{"gm_json_contains_path", 3, -1, FN_PURE, gm_json_contains_path, 0, 0, 0},
	{"gm_json_depth", 1, 1, FN_PURE, gm_json_depth, 0, 0, 0},
	{"gm_json_extract", 2, -1, FN_PURE, gm_json_extract, 0, 0, 0},
	{"gm_json_keys", 1, 2, FN_PURE, gm_json_keys, 0, 0, 0},
	{"gm_json_length", 1, 2, FN_PURE, gm_json_length, 0, 0, 0},
	{"gm_json_member_of", 2, 2, FN_PURE, gm_json_member_of, 0, 0, 0},
	{"gm_json_overlaps", 2, 2, FN_PURE, gm_json_overlaps, 0, 0, 0},
	{"gm_json_quote", 1, 1, FN_PURE, gm_json_quote, 0, 0, 0},
	{"gm_json_storage_free", 1, 1, FN_PURE, gm_json_storage_free, 0, 0, 0},
	{"gm_json_storage_size", 1, 1, FN_PURE, gm_json_storage_size, 0, 0, 0},
	{"gm_json_type", 1, 1, FN_PURE, gm_json_type, 0, 0, 0},
	{"gm_json_unquote", 2, 2, FN_PURE, gm_json_unquote, 0, 0, 0},
	{"gm_json_valid", 2, 2, FN_PURE, gm_json_valid, 0, 0, 0},
	{"gm_json_value", 2, 2, FN_PURE, gm_json_value, 0, 0, 0},
	{"gm_json_value_text", 2, 2, FN_PURE, gm_json_value_text, 0, 0, 0},
};
const struct function_rows function_rows_json = FUNCTION_ROWS(rows);
