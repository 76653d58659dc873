/*
 * JSON documents changed: a new text is cut together from the old one around the place that a path names. Each pair of
 * path and value works on what the pair before it made.
 */
#include "query/function/json.h"

/* The running document and room for the next, which trade places. */
struct change {
	sqlite3_context *context;
	struct buf *now;
	struct buf *next;
};

static void change_begin_with(struct change *change, sqlite3_context *context, struct bytes document)
{
	struct evaluator_handle *handle = handle_of(context);
	*change = (struct change){.context = context, .now = &handle->scratch, .next = &handle->convert};
	buf_clear(change->now);
	buf_put_bytes(change->now, document);
}

/* next is the text before `from`; what is new is put there; change_finish adds the text from `to` on. */
static void change_splice(struct change *change, const uint8_t *from)
{
	buf_clear(change->next);
	buf_put(change->next, change->now->data, (size_t)(from - change->now->data));
}

static void change_finish(struct change *change, const uint8_t *to)
{
	struct buf *old = change->now;
	buf_put(change->next, to, (size_t)(old->data + old->size - to));
	change->now = change->next;
	change->next = old;
}

static const uint8_t *end_of(struct bytes bytes)
{
	return bytes.data + bytes.size;
}

static void replace(struct change *change, struct bytes place, struct bytes value)
{
	change_splice(change, place.data);
	buf_put_bytes(change->next, value);
	change_finish(change, end_of(place));
}

/* In an array at that place, or behind its end. */
static void insert_element(struct change *change, struct bytes array, size_t place, struct bytes value)
{
	struct json_walk walk = json_walk_of(array);
	bool is_last = true;
	while (is_last && json_walk_next(&walk))
		is_last = walk.index < place;
	const uint8_t *at = is_last ? end_of(array) - 1 : walk.entry.data;
	bool is_empty = is_last && walk.index == SIZE_MAX;
	change_splice(change, at);
	buf_put_string(change->next, is_last && !is_empty ? ", " : "");
	buf_put_bytes(change->next, value);
	buf_put_string(change->next, is_last ? "" : ", ");
	change_finish(change, at);
}

/* In an object where its name belongs; it is not there yet. */
static void insert_member(struct change *change, struct bytes object, struct bytes name, struct bytes value)
{
	struct json_walk walk = json_walk_of(object);
	struct buf quoted;
	bool is_last = true;
	buf_init(&quoted);
	json_text_quote(name, &quoted);
	while (is_last && json_walk_next(&walk))
		is_last = json_compare_names(walk.name, json_string_content(buf_bytes(&quoted))) < 0;
	const uint8_t *at = is_last ? end_of(object) - 1 : walk.entry.data;
	change_splice(change, at);
	buf_put_string(change->next, is_last && walk.index != SIZE_MAX ? ", " : "");
	buf_put_bytes(change->next, buf_bytes(&quoted));
	buf_put_string(change->next, ": ");
	buf_put_bytes(change->next, value);
	buf_put_string(change->next, is_last ? "" : ", ");
	change_finish(change, at);
	buf_deinit(&quoted);
}

/* A value becomes an array of itself and another. */
static void wrap(struct change *change, struct bytes place, struct bytes value, bool value_first)
{
	change_splice(change, place.data);
	buf_put_u8(change->next, '[');
	buf_put_bytes(change->next, value_first ? value : place);
	buf_put_string(change->next, ", ");
	buf_put_bytes(change->next, value_first ? place : value);
	buf_put_u8(change->next, ']');
	change_finish(change, end_of(place));
}

static struct bytes value_of(sqlite3_value *value)
{
	return is_null(value) ? bytes_of_string("null") : string_of(value);
}

/* ------------------------------------------------------------------ one path, one value */

enum how { SET_ALWAYS, SET_NEW, SET_OLD };

static void set_new(struct change *change, const struct json_path *path, struct bytes value)
{
	const struct json_leg *leg = &path->legs[path->count - 1];
	struct bytes parent = json_path_find(path, path->count - 1, buf_bytes(change->now));
	size_t place;
	if (parent.data == NULL)
		return;
	if (leg->kind == JSON_LEG_NAME) {
		if (json_is(parent, '{'))
			insert_member(change, parent, leg->name, value);
	} else if (json_is(parent, '[')) {
		json_cell_place(leg->cell, json_count(parent), &place);
		insert_element(change, parent, place, value);
	} else {
		wrap(change, parent, value, leg->cell.from_end);
	}
}

static void set(struct change *change, const struct json_path *path, struct bytes value, enum how how)
{
	struct bytes found = json_path_find(path, path->count, buf_bytes(change->now));
	if (found.data == NULL && how != SET_OLD)
		set_new(change, path, value);
	else if (found.data && how != SET_NEW)
		replace(change, found, value);
}

static void append(struct change *change, const struct json_path *path, struct bytes value)
{
	struct bytes found = json_path_find(path, path->count, buf_bytes(change->now));
	if (found.data && json_is(found, '['))
		insert_element(change, found, SIZE_MAX, value);
	else if (found.data)
		wrap(change, found, value, false);
}

static void insert_into_array(struct change *change, const struct json_path *path, struct bytes value)
{
	struct bytes parent = json_path_find(path, path->count - 1, buf_bytes(change->now));
	size_t place, size;
	if (parent.data == NULL || !json_is(parent, '['))
		return;
	size = json_count(parent);
	/* [last] is before the last element: what stood there moves behind. */
	json_cell_place(path->legs[path->count - 1].cell, size, &place);
	insert_element(change, parent, place, value);
}

static void remove_place(struct change *change, const struct json_path *path)
{
	const struct json_leg *leg = &path->legs[path->count - 1];
	struct bytes parent = json_path_find(path, path->count - 1, buf_bytes(change->now));
	size_t place = 0;
	if (parent.data == NULL || !json_is(parent, leg->kind == JSON_LEG_NAME ? '{' : '['))
		return;
	if (leg->kind == JSON_LEG_CELL && !json_cell_place(leg->cell, json_count(parent), &place))
		return;
	struct json_walk walk = json_walk_of(parent);
	const uint8_t *before = NULL;
	while (json_walk_next(&walk)) {
		if (leg->kind == JSON_LEG_NAME ? json_name_is(walk.name, leg->name) : walk.index == place) {
			struct bytes entry = walk.entry;
			bool has_next = json_walk_next(&walk);
			/* With the comma before it, or, where it is the first, behind it. */
			change_splice(change, before ? before : entry.data);
			change_finish(change, before || !has_next ? end_of(entry) : walk.entry.data);
			return;
		}
		before = end_of(walk.entry);
	}
}

/* ------------------------------------------------------------------ functions of pairs */

static bool any_path_null(int count, sqlite3_value **arguments)
{
	for (int i = 1; i < count; i += 2)
		if (is_null(arguments[i]))
			return true;
	return is_null(arguments[0]);
}

static void set_pairs(sqlite3_context *context, int count, sqlite3_value **arguments, enum how how, const char *name)
{
	struct change change;
	if (any_path_null(count, arguments))
		return;
	change_begin_with(&change, context, string_of(arguments[0]));
	for (int i = 1; i + 1 < count; i += 2) {
		const struct json_path *path = json_place_of(context, arguments, i);
		if (path == NULL)
			return;
		set(&change, path, value_of(arguments[i + 1]), how);
	}
	json_answer(context, buf_bytes(change.now), name);
}

static void gm_json_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	set_pairs(context, count, arguments, SET_ALWAYS, "json_set");
}

static void gm_json_insert(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	set_pairs(context, count, arguments, SET_NEW, "json_insert");
}

static void gm_json_replace(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	set_pairs(context, count, arguments, SET_OLD, "json_replace");
}

static void gm_json_array_append(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct change change;
	if (any_path_null(count, arguments))
		return;
	change_begin_with(&change, context, string_of(arguments[0]));
	for (int i = 1; i + 1 < count; i += 2) {
		const struct json_path *path = json_place_of(context, arguments, i);
		if (path == NULL)
			return;
		append(&change, path, value_of(arguments[i + 1]));
	}
	json_answer(context, buf_bytes(change.now), "json_array_append");
}

static void gm_json_array_insert(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct change change;
	if (any_path_null(count, arguments))
		return;
	change_begin_with(&change, context, string_of(arguments[0]));
	for (int i = 1; i + 1 < count; i += 2) {
		const struct json_path *path = json_place_of(context, arguments, i);
		if (path == NULL)
			return;
		if (path->count == 0 || path->legs[path->count - 1].kind != JSON_LEG_CELL) {
			FUNCTION_FAIL(context, ER_INVALID_JSON_PATH_ARRAY_CELL);
			return;
		}
		insert_into_array(&change, path, value_of(arguments[i + 1]));
	}
	json_answer(context, buf_bytes(change.now), "json_array_insert");
}

static void gm_json_remove(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct change change;
	if (any_null(count, arguments))
		return;
	change_begin_with(&change, context, string_of(arguments[0]));
	for (int i = 1; i < count; i++) {
		const struct json_path *path = json_place_of(context, arguments, i);
		if (path == NULL)
			return;
		if (path->count == 0) {
			FUNCTION_FAIL(context, ER_JSON_VACUOUS_PATH);
			return;
		}
		remove_place(&change, path);
	}
	json_answer(context, buf_bytes(change.now), "json_remove");
}

/* ------------------------------------------------------------------ merging */

typedef void merge_fn(struct bytes a, struct bytes b, unsigned depth, struct buf *out);

static void put_entry(struct buf *out, size_t start, struct bytes name)
{
	buf_put_string(out, out->size > start ? ", \"" : "\"");
	buf_put_bytes(out, name);
	buf_put_string(out, "\": ");
}

/* Both are in one order. What both have goes through `both`; a patch's nulls drop members. */
static void merge_objects(struct bytes a, struct bytes b, unsigned depth, bool is_patch, merge_fn *both, struct buf *out)
{
	struct json_walk left = json_walk_of(a), right = json_walk_of(b);
	bool more_left = json_walk_next(&left), more_right = json_walk_next(&right);
	buf_put_u8(out, '{');
	size_t start = out->size;
	while (more_left || more_right) {
		int order = !more_left ? 1 : !more_right ? -1 : json_compare_names(left.name, right.name);
		bool dropped = order >= 0 && is_patch && json_is(right.value, 'n');
		if (!dropped)
			put_entry(out, start, order > 0 ? right.name : left.name);
		if (order < 0)
			buf_put_bytes(out, left.value);
		else if (!dropped && order == 0)
			both(left.value, right.value, depth + 1, out);
		else if (!dropped && is_patch)
			both(bytes_of_string("{}"), right.value, depth + 1, out);
		else if (!dropped)
			buf_put_bytes(out, right.value);
		if (order <= 0)
			more_left = json_walk_next(&left);
		if (order >= 0)
			more_right = json_walk_next(&right);
	}
	buf_put_u8(out, '}');
}

static void put_elements(struct bytes value, struct buf *out)
{
	struct json_walk walk = json_walk_of(value);
	if (!json_is(value, '[')) {
		buf_put_bytes(out, value);
		return;
	}
	while (json_walk_next(&walk)) {
		buf_put_string(out, walk.index ? ", " : "");
		buf_put_bytes(out, walk.value);
	}
}

static bool is_empty_array(struct bytes value)
{
	return json_is(value, '[') && json_count(value) == 0;
}

static void merge_preserving(struct bytes a, struct bytes b, unsigned depth, struct buf *out)
{
	if (json_is(a, '{') && json_is(b, '{') && depth <= json_depth_max) {
		merge_objects(a, b, depth, false, merge_preserving, out);
		return;
	}
	buf_put_u8(out, '[');
	put_elements(a, out);
	buf_put_string(out, is_empty_array(a) || is_empty_array(b) ? "" : ", ");
	put_elements(b, out);
	buf_put_u8(out, ']');
}

/* RFC 7396 */
static void merge_patching(struct bytes a, struct bytes b, unsigned depth, struct buf *out)
{
	if (!json_is(b, '{') || depth > json_depth_max)
		buf_put_bytes(out, b);
	else
		merge_objects(json_is(a, '{') ? a : bytes_of_string("{}"), b, depth, true, merge_patching, out);
}

static void merge_next(struct change *change, struct bytes value, merge_fn *merge)
{
	struct buf *old = change->now;
	buf_clear(change->next);
	merge(buf_bytes(old), value, 0, change->next);
	change->now = change->next;
	change->next = old;
}

static void gm_json_merge_preserve(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct change change;
	if (any_null(count, arguments))
		return;
	change_begin_with(&change, context, string_of(arguments[0]));
	for (int i = 1; i < count; i++)
		merge_next(&change, string_of(arguments[i]), merge_preserving);
	json_answer(context, buf_bytes(change.now), "json_merge_preserve");
}

/* After a NULL only what is no object begins anew. */
static void gm_json_merge_patch(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct change change;
	bool unknown = is_null(arguments[0]);
	change_begin_with(&change, context, unknown ? bytes_of("", 0) : string_of(arguments[0]));
	for (int i = 1; i < count; i++) {
		if (is_null(arguments[i])) {
			unknown = true;
		} else if (!unknown || !json_is(string_of(arguments[i]), '{')) {
			unknown = false;
			merge_next(&change, string_of(arguments[i]), merge_patching);
		}
	}
	if (!unknown)
		json_answer(context, buf_bytes(change.now), "json_merge_patch");
}

static const struct function_row rows[] = {
	{"gm_json_array_append", 3, -1, FN_PURE, gm_json_array_append, 0, 0, 0},
	{"gm_json_array_insert", 3, -1, FN_PURE, gm_json_array_insert, 0, 0, 0},
	{"gm_json_insert", 3, -1, FN_PURE, gm_json_insert, 0, 0, 0},
	{"gm_json_merge_patch", 2, -1, FN_PURE, gm_json_merge_patch, 0, 0, 0},
	{"gm_json_merge_preserve", 2, -1, FN_PURE, gm_json_merge_preserve, 0, 0, 0},
	{"gm_json_remove", 2, -1, FN_PURE, gm_json_remove, 0, 0, 0},
	{"gm_json_replace", 3, -1, FN_PURE, gm_json_replace, 0, 0, 0},
	{"gm_json_set", 3, -1, FN_PURE, gm_json_set, 0, 0, 0},
};
const struct function_rows function_rows_json_change = FUNCTION_ROWS(rows);
