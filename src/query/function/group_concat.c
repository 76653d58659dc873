/*
 * GROUP_CONCAT: gm_group_concat(text, separator, form, key, ...); form says whether it is DISTINCT, and the collations and
 * directions (sql/function.h).
 *
 * Without ORDER BY texts are appended as they come. With it, rows are kept in an arena and sorted at the end. DISTINCT
 * keeps the texts it has seen in a hash table.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "query/function/tools.h"

enum { keys_max = 60 };

struct key_rule {
	const struct collation *collation; /* of TEXT; or NULL */
	bool descending;
};

/* What a key is compared as. */
struct key {
	int type; /* SQLite's */
	union {
		int64_t integer;
		double real;
		struct bytes string;
	};
};

struct row {
	struct bytes text;
	struct key *keys;
	uint64_t number; /* of arrival */
};

struct concat {
	bool started, distinct, binary, full;
	const struct collation *collation;
	struct key_rule rules[keys_max];
	unsigned key_count;
	struct buf out;        /* the result, or its beginning */
	uint32_t row_count;    /* rows in out */
	struct arena arena;    /* kept rows, and the texts seen */
	struct row *rows;      /* owned */
	size_t count, capacity;
	struct bytes *seen;    /* owned: open addressing; data NULL: free */
	size_t seen_count, seen_capacity;
	struct bytes separator; /* in the arena */
	size_t limit;          /* group_concat_max_len */
};

/* "<d or -><collation>" and for each key "<a or d><collation>" */
static void read_form(struct concat *concat, struct bytes form)
{
	const char *at = (const char *)form.data, *end = at + form.size;
	for (int i = -1; at < end && i < keys_max; i++) {
		char letter = *at++;
		unsigned id = 0;
		while (at < end && *at >= '0' && *at <= '9')
			id = id * 10 + (unsigned)(*at++ - '0');
		const struct collation *collation = id ? collation_find_id(id) : NULL;
		if (i < 0) {
			concat->distinct = letter == 'd';
			concat->collation = collation;
		} else {
			concat->rules[i] = (struct key_rule){collation, letter == 'd'};
			concat->key_count = (unsigned)i + 1;
		}
	}
}

static void start(sqlite3_context *context, struct concat *concat, sqlite3_value **arguments, int count)
{
	concat->started = true;
	concat->binary = is_binary(arguments[0]);
	concat->limit = (size_t)session_of(context)->variables.group_concat_max_len;
	if (concat->limit > session_of(context)->variables.max_allowed_packet)
		concat->limit = (size_t)session_of(context)->variables.max_allowed_packet;
	buf_init(&concat->out);
	arena_init(&concat->arena);
	read_form(concat, string_of(arguments[2]));
	if (concat->key_count > (unsigned)count - 3)
		concat->key_count = (unsigned)count - 3;
	struct bytes separator = string_of(arguments[1]);
	concat->separator = bytes_of(arena_copy(&concat->arena, separator.data, separator.size), separator.size);
}

/* ------------------------------------------------------------------ DISTINCT */

static uint64_t hash_text(const struct concat *concat, struct bytes text)
{
	if (concat->binary || concat->collation == NULL)
		return bytes_hash(text);
	return collation_hash_utf8(concat->collation, text);
}

static bool same_text(const struct concat *concat, struct bytes a, struct bytes b)
{
	if (concat->binary || concat->collation == NULL)
		return bytes_equal(a, b);
	return collation_compare_utf8(concat->collation, a, b) == 0;
}

/* The place of an equal text, or the free place where it belongs. */
static struct bytes *place_of(const struct concat *concat, struct bytes text)
{
	size_t at = hash_text(concat, text) & (concat->seen_capacity - 1);
	while (concat->seen[at].data && !same_text(concat, concat->seen[at], text))
		at = (at + 1) & (concat->seen_capacity - 1);
	return &concat->seen[at];
}

static void grow_seen(struct concat *concat)
{
	struct bytes *old = concat->seen;
	size_t old_capacity = concat->seen_capacity;
	concat->seen_capacity = old_capacity ? old_capacity * 2 : 64;
	concat->seen = memory_zalloc(concat->seen_capacity * sizeof *concat->seen);
	for (size_t i = 0; i < old_capacity; i++)
		if (old[i].data)
			*place_of(concat, old[i]) = old[i];
	memory_free(old);
}

/* True the first time. */
static bool is_new(struct concat *concat, struct bytes text)
{
	if (concat->seen_count * 2 >= concat->seen_capacity)
		grow_seen(concat);
	struct bytes *place = place_of(concat, text);
	if (place->data)
		return false;
	uint8_t *copy = arena_alloc(&concat->arena, text.size + 1);
	if (text.size)
		memcpy(copy, text.data, text.size);
	*place = bytes_of(copy, text.size);
	concat->seen_count++;
	return true;
}

/* ------------------------------------------------------------------ rows */

static struct key key_of(struct arena *arena, sqlite3_value *value)
{
	struct key key = {.type = sqlite3_value_type(value)};
	if (key.type == SQLITE_INTEGER) {
		key.integer = sqlite3_value_int64(value);
	} else if (key.type == SQLITE_FLOAT) {
		key.real = sqlite3_value_double(value);
	} else if (key.type != SQLITE_NULL) {
		struct bytes bytes = string_of(value);
		key.string = bytes_of(arena_copy(arena, bytes.data, bytes.size), bytes.size);
	}
	return key;
}

static void keep_row(struct concat *concat, struct bytes text, sqlite3_value **keys)
{
	if (concat->count == concat->capacity)
		concat->rows = memory_grow(concat->rows, sizeof *concat->rows, concat->count + 1, &concat->capacity);
	struct row *row = &concat->rows[concat->count];
	row->number = concat->count++;
	row->text = bytes_of(arena_copy(&concat->arena, text.data, text.size), text.size);
	row->keys = arena_array(&concat->arena, struct key, concat->key_count);
	for (unsigned i = 0; i < concat->key_count; i++)
		row->keys[i] = key_of(&concat->arena, keys[i]);
}

static int rank_of(int type)
{
	return type == SQLITE_NULL ? 0 : type == SQLITE_INTEGER || type == SQLITE_FLOAT ? 1 : type == SQLITE_TEXT ? 2 : 3;
}

static int compare_keys(const struct key *a, const struct key *b, const struct collation *collation)
{
	if (rank_of(a->type) != rank_of(b->type))
		return rank_of(a->type) - rank_of(b->type);
	if (a->type == SQLITE_INTEGER && b->type == SQLITE_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (rank_of(a->type) == 1) {
		double x = a->type == SQLITE_INTEGER ? (double)a->integer : a->real;
		double y = b->type == SQLITE_INTEGER ? (double)b->integer : b->real;
		return (x > y) - (x < y);
	}
	if (a->type == SQLITE_NULL)
		return 0;
	if (a->type == SQLITE_TEXT && collation)
		return collation_compare_utf8(collation, a->string, b->string);
	return bytes_compare(a->string, b->string);
}

/* Rows with equal keys stay in order of arrival. */
static int compare_rows(const void *left, const void *right, void *argument)
{
	const struct row *a = left, *b = right;
	const struct concat *concat = argument;
	for (unsigned i = 0; i < concat->key_count; i++) {
		int order = compare_keys(&a->keys[i], &b->keys[i], concat->rules[i].collation);
		if (order != 0)
			return concat->rules[i].descending ? -order : order;
	}
	return (a->number > b->number) - (a->number < b->number);
}

/* ------------------------------------------------------------------ the text */

static void append(sqlite3_context *context, struct concat *concat, struct bytes text)
{
	if (concat->full || memory_gave_out())
		return;
	if (concat->row_count++ > 0)
		buf_put_bytes(&concat->out, concat->separator);
	buf_put_bytes(&concat->out, text);
	if (concat->out.size <= concat->limit)
		return;
	size_t size = concat->limit;
	while (!concat->binary && size > 0 && (concat->out.data[size] & 0xc0) == 0x80)
		size--;
	concat->out.size = size;
	concat->full = true;
	FUNCTION_WARN(context, ER_CUT_VALUE_GROUP_CONCAT, concat->row_count);
}

static void group_concat_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct concat *concat = sqlite3_aggregate_context(context, sizeof *concat);
	if (concat == NULL || is_null(arguments[0]))
		return;
	if (!concat->started)
		start(context, concat, arguments, count);
	struct bytes text = string_of(arguments[0]);
	if (concat->full || (concat->distinct && !is_new(concat, text)))
		return;
	if (concat->key_count == 0)
		append(context, concat, text);
	else
		keep_row(concat, text, arguments + 3);
}

static void group_concat_end(sqlite3_context *context)
{
	struct concat *concat = sqlite3_aggregate_context(context, 0);
	if (concat == NULL || !concat->started)
		return;
	if (concat->count)
		qsort_r(concat->rows, concat->count, sizeof *concat->rows, compare_rows, concat);
	for (size_t i = 0; i < concat->count && !concat->full && !memory_gave_out(); i++)
		append(context, concat, concat->rows[i].text);
	if (concat->binary)
		result_binary(context, buf_bytes(&concat->out));
	else
		result_utf8(context, concat->out.data, concat->out.size);
	memory_free(concat->rows);
	memory_free(concat->seen);
	buf_deinit(&concat->out);
	arena_deinit(&concat->arena);
	concat->started = false;
}

static const struct function_row rows[] = {
	{"gm_group_concat", 3, -1, FN_PURE, group_concat_step, group_concat_end, 0, 0},
};
const struct function_rows function_rows_group_concat = FUNCTION_ROWS(rows);
