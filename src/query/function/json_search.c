/* JSON_SEARCH() and JSON_PRETTY(): walks over whole documents. */
#include "query/function/json.h"

/* ------------------------------------------------------------------ searching */

struct search {
	struct bytes pattern;
	struct bytes escape;     /* one character, or none */
	bool all;
	struct buf plain;        /* the string at hand without escapes */
	struct buf path;         /* to the value at hand, "$.a[0]" */
	struct buf *out;         /* the paths found, quoted */
	struct buf seen;         /* the strings found, where paths may lead to one twice: struct bytes */
	size_t count;
};

static size_t size_at(struct bytes text, size_t at)
{
	return utf8_char_size(text.data + at, text.data + text.size);
}

static bool has_at(struct bytes text, size_t at, struct bytes part)
{
	return part.size > 0 && text.size - at >= part.size && memcmp(text.data + at, part.data, part.size) == 0;
}

/* LIKE by code points. Behind the last '%' met, the rest is tried at every place until it fits. */
static bool is_like(const struct search *search, struct bytes text)
{
	struct bytes pattern = search->pattern;
	size_t at = 0, in = 0, retry_at = 0, retry_in = SIZE_MAX;
	for (;;) {
		bool escaped = has_at(pattern, in, search->escape) && in + search->escape.size < pattern.size;
		size_t symbol = in + (escaped ? search->escape.size : 0);
		if (in < pattern.size && !escaped && pattern.data[in] == '%') {
			retry_in = ++in;
			retry_at = at;
			continue;
		}
		if (in == pattern.size && at == text.size)
			return true;
		if (in < pattern.size && at < text.size) {
			size_t size = size_at(pattern, symbol), text_size = size_at(text, at);
			bool same = size == text_size && memcmp(pattern.data + symbol, text.data + at, size) == 0;
			if (same || (!escaped && pattern.data[symbol] == '_')) {
				in = symbol + size;
				at += text_size;
				continue;
			}
		}
		if (retry_in == SIZE_MAX || retry_at == text.size)
			return false;
		retry_at += size_at(text, retry_at);
		at = retry_at;
		in = retry_in;
	}
}

static bool was_found(struct search *search, struct bytes string)
{
	const struct bytes *seen = (const void *)search->seen.data;
	for (size_t i = 0; i < search->seen.size / sizeof *seen; i++)
		if (seen[i].data == string.data)
			return true;
	return false;
}

static void test_string(struct search *search, struct bytes string)
{
	buf_clear(&search->plain);
	json_unescape(json_string_content(string), &search->plain);
	if (!is_like(search, buf_bytes(&search->plain)) || was_found(search, string))
		return;
	buf_put(&search->seen, &string, sizeof string);
	buf_put_string(search->out, search->count++ ? ", " : "");
	json_text_quote(buf_bytes(&search->path), search->out);
}

/* False: one was wanted and one was found. */
static bool search_value(struct search *search, struct bytes value, unsigned depth)
{
	size_t path_size = search->path.size;
	struct json_walk walk = json_walk_of(value);
	if (json_is(value, '"'))
		test_string(search, value);
	while (depth <= json_depth_max && json_walk_next(&walk)) {
		if (walk.is_object)
			json_path_put_name(walk.name, &search->path);
		else
			json_path_put_cell(walk.index, &search->path);
		bool goes_on = search_value(search, walk.value, depth + 1);
		search->path.size = path_size;
		if (!goes_on)
			return false;
	}
	return search->all || search->count == 0;
}

/* A place a path found does not know its own path: it is looked up on the way down from the root. */
static bool put_path_to(struct search *search, struct bytes value, const uint8_t *place)
{
	while (value.data != place) {
		struct json_walk walk = json_walk_of(value);
		do {
			if (!json_walk_next(&walk))
				return false;
		} while (place >= walk.value.data + walk.value.size);
		if (walk.is_object)
			json_path_put_name(walk.name, &search->path);
		else
			json_path_put_cell(walk.index, &search->path);
		value = walk.value;
	}
	return true;
}

struct place_search {
	struct search *search;
	struct bytes document;
};

static bool search_place(struct bytes value, void *argument)
{
	struct place_search *places = argument;
	places->search->path.size = 0;
	buf_put_u8(&places->search->path, '$');
	return !put_path_to(places->search, places->document, value.data) || search_value(places->search, value, 0);
}

static bool read_escape(sqlite3_context *context, int count, sqlite3_value **arguments, struct search *search)
{
	search->escape = bytes_of_string("\\");
	if (count <= 3 || is_null(arguments[3]) || string_of(arguments[3]).size == 0)
		return true;
	search->escape = string_of(arguments[3]);
	if (utf8_count(search->escape) == 1)
		return true;
	FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "ESCAPE");
	return false;
}

static void search_paths(sqlite3_context *context, int count, sqlite3_value **arguments, struct search *search)
{
	struct place_search places = {search, string_of(arguments[0])};
	buf_put_u8(&search->path, '$');
	if (count <= 4)
		search_value(search, places.document, 0);
	for (int i = 4; i < count && (search->all || search->count == 0); i++) {
		const struct json_path *path = json_path_of(context, arguments, i);
		if (path == NULL)
			return;
		json_path_visit(path, places.document, search_place, &places);
	}
	if (search->count == 1) {
		result_text(context, buf_bytes(search->out));
	} else if (search->count > 1) {
		buf_clear(&search->path);
		buf_put_u8(&search->path, '[');
		buf_put_bytes(&search->path, buf_bytes(search->out));
		buf_put_u8(&search->path, ']');
		json_answer(context, buf_bytes(&search->path), "json_search");
	}
}

/* (document, one or all, pattern, escape, path...); the escape alone may be NULL. */
static void gm_json_search(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct search search = {.out = &handle_of(context)->scratch};
	if (any_null(count < 3 ? count : 3, arguments) || (count > 4 && any_null(count - 4, arguments + 4)))
		return;
	if (!json_wants_all(context, arguments[1], "json_search", &search.all) ||
	    !read_escape(context, count, arguments, &search))
		return;
	search.pattern = string_of(arguments[2]);
	buf_clear(search.out);
	search_paths(context, count, arguments, &search);
	buf_deinit(&search.plain);
	buf_deinit(&search.path);
	buf_deinit(&search.seen);
}

/* ------------------------------------------------------------------ printing */

static void put_line(struct buf *out, unsigned depth)
{
	buf_put_u8(out, '\n');
	memset(buf_extend(out, (size_t)depth * 2), ' ', (size_t)depth * 2);
}

static void put_pretty(struct bytes value, unsigned depth, struct buf *out)
{
	struct json_walk walk = json_walk_of(value);
	if (depth > json_depth_max || !json_walk_next(&walk)) {
		buf_put_bytes(out, value);
		return;
	}
	buf_put_u8(out, value.data[0]);
	do {
		buf_put_string(out, walk.index ? "," : "");
		put_line(out, depth + 1);
		buf_put(out, walk.entry.data, (size_t)(walk.value.data - walk.entry.data));
		put_pretty(walk.value, depth + 1, out);
	} while (json_walk_next(&walk));
	put_line(out, depth);
	buf_put_u8(out, walk.is_object ? '}' : ']');
}

static void gm_json_pretty(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	put_pretty(string_of(arguments[0]), 0, out);
	result_text(context, buf_bytes(out));
}

static const struct function_row rows[] = {
	{"gm_json_pretty", 1, 1, FN_PURE, gm_json_pretty, 0, 0, 0},
	{"gm_json_search", 3, -1, FN_PURE, gm_json_search, 0, 0, 0},
};
const struct function_rows function_rows_json_search = FUNCTION_ROWS(rows);
