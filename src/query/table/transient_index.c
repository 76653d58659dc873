#include "query/table/transient_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/row_generation.h"
#include "query/table/constraint.h"
#include "type/key.h"
#include "type/row.h"

enum { bytes_max = 128 << 20 };

struct transient_index {
	const struct table_module *module;
	unsigned columns[transient_columns_max];
	unsigned column_count;
	unsigned asked;       /* times */
	bool built, given_up;
	struct map keys;      /* key -> struct transient_list */
	struct arena arena;
	struct transient_index *next; /* of the evaluation */
};

struct transient_list {
	struct transient_row *first, *last;
};

static unsigned parse_columns(const char *text, unsigned columns[transient_columns_max])
{
	unsigned count = 0;
	while (*text && count < transient_columns_max) {
		char *end;
		columns[count++] = (unsigned)strtoul(text, &end, 10);
		text = *end ? end + 1 : end;
	}
	return count;
}

static struct transient_index *find_or_make(struct table_cursor *cursor, const char *text)
{
	struct transient_index **list = &cursor->handle->evaluation->transient_indexes;
	unsigned columns[transient_columns_max];
	unsigned count = parse_columns(text, columns);
	for (struct transient_index *index = *list; index; index = index->next)
		if (index->module == cursor->module && index->column_count == count &&
		    memcmp(index->columns, columns, count * sizeof *columns) == 0)
			return index;
	struct transient_index *index = memory_zalloc(sizeof *index);
	index->module = cursor->module;
	index->column_count = count;
	memcpy(index->columns, columns, count * sizeof *columns);
	map_init(&index->keys);
	arena_init(&index->arena);
	index->next = *list;
	*list = index;
	return index;
}

void transient_indexes_destroy(struct transient_index **indexes)
{
	while (*indexes) {
		struct transient_index *index = *indexes;
		*indexes = index->next;
		map_deinit(&index->keys);
		arena_deinit(&index->arena);
		memory_free(index);
	}
}

static void add_row(struct transient_index *index, struct bytes key, struct bytes handle, struct bytes image)
{
	struct transient_row *row = arena_alloc(&index->arena, sizeof *row + handle.size + image.size);
	row->handle_size = (uint32_t)handle.size;
	row->image_size = (uint32_t)image.size;
	memcpy(row->bytes, handle.data, handle.size);
	memcpy(row->bytes + handle.size, image.data, image.size);
	struct transient_list *list = map_find(&index->keys, key);
	if (list == NULL) {
		list = arena_new(&index->arena, struct transient_list);
		map_put(&index->keys, key, list);
		list->first = row;
	} else {
		list->last->next = row;
	}
	list->last = row;
}

/* False when the row's bytes are not of the table's types. */
static bool add(struct transient_index *index, struct table_cursor *cursor, struct bytes key, struct bytes value,
		struct bytes *fields)
{
	const struct table *table = cursor->table;
	struct diag *diag = &cursor->handle->diag;
	struct bytes image;
	if (table_image_of_value(table, value, &cursor->lifted, &image, diag) != 0 ||
	    row_split(image, table->types, table->column_count, fields, diag) != 0)
		return false;
	buf_clear(&cursor->work);
	for (unsigned i = 0; i < index->column_count; i++)
		key_put_field(table->types[index->columns[i]], true, 0, fields[index->columns[i]], &cursor->work);
	add_row(index, buf_bytes(&cursor->work), bytes_of(key.data + 4, key.size - 4), image);
	return true;
}

static bool build(struct transient_index *index, struct table_cursor *cursor)
{
	struct evaluation *evaluation = cursor->handle->evaluation;
	const struct table *table = cursor->table;
	uint32_t space = table->indexes[0].space;
	uint8_t bounds[8];
	bytes_store_uint_be(bounds, space, 4);
	bytes_store_uint_be(bounds + 4, (uint64_t)space + 1, 4);
	struct bytes *fields = memory_alloc(sizeof *fields * (table->column_count + 1));
	struct store_iterator *rows = store_iterator_create(evaluation->store, evaluation->txn, evaluation->snapshot,
							    bytes_of(bounds, 4), bytes_of(bounds + 4, 4));
	bool good = true;
	unsigned count = 0;
	for (bool more = store_iterator_seek(rows, bytes_of(bounds, 4)); more && good; more = store_iterator_next(rows)) {
		good = add(index, cursor, store_iterator_key(rows), store_iterator_value(rows), fields);
		if (++count % 1024 == 0 && evaluation_check(evaluation) != 0)
			good = false;
		if (index->arena.total > bytes_max) {
			index->given_up = true;
			break;
		}
	}
	good = good && store_iterator_status(rows, &cursor->handle->diag) == 0;
	store_iterator_destroy(&rows);
	memory_free(fields);
	index->built = good && !index->given_up;
	if (!index->built) {
		map_deinit(&index->keys);
		map_init(&index->keys);
		arena_reset(&index->arena);
	}
	return good;
}

struct transient_index *transient_index_find(struct table_cursor *cursor, const char *columns, bool *out_failed)
{
	struct transient_index *index = find_or_make(cursor, columns);
	*out_failed = false;
	if (index->built)
		return index;
	if (index->given_up || index->asked++ == 0)
		return NULL;
	*out_failed = !build(index, cursor);
	return index->built ? index : NULL;
}

const struct transient_row *transient_index_rows(struct transient_index *index, struct table_cursor *cursor,
						 const char *letters, sqlite3_value **arguments)
{
	buf_clear(&cursor->work);
	for (unsigned i = 0; i < index->column_count; i++) {
		const struct column_type *type = cursor->table->types[index->columns[i]];
		if (sqlite3_value_type(arguments[i]) == SQLITE_NULL) {
			if (letters[i] == '=')
				return NULL;
			buf_put_u8(&cursor->work, 0);
			continue;
		}
		enum constraint_fit fit =
			constraint_put_key(cursor->handle, type, true, 0, arguments[i], &cursor->work);
		if (fit != FIT_EXACT && fit != FIT_NEAR)
			return NULL;
	}
	struct transient_list *list = map_find(&index->keys, buf_bytes(&cursor->work));
	return list ? list->first : NULL;
}
