#include "query/table/transient_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/row_generation.h"
#include "query/table/constraint.h"
#include "session/status.h"
#include "type/key.h"
#include "type/row.h"

enum {
	bytes_max = 128 << 20,
	row_bytes = 120,    /* about what a row takes beside its image */
	asked_min = 32,     /* times a statement's indexes are asked before it is thought about */
	seek_cost = 2,      /* of a range of keys, in rows got one by one */
	build_part = 8,     /* getting so many-th of the table's rows one by one costs a third of building an index of all */
};

struct transient_index {
	const struct table_module *module;
	unsigned columns[transient_columns_max];
	unsigned column_count;
	unsigned asked;       /* times, where there is no other index */
	uint64_t cost, worth; /* what the other index has cost, in rows got one by one; from when this one is worth it */
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

static struct transient_index *find_or_make(struct table_cursor *cursor, const unsigned *columns, unsigned count)
{
	struct transient_index **list = &cursor->handle->evaluation->transient_indexes;
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
	status_count(evaluation->session, STATUS_TRANSIENT_INDEXES, index->built);
	if (!index->built) {
		map_deinit(&index->keys);
		map_init(&index->keys);
		arena_reset(&index->arena);
	}
	return good;
}

struct transient_index *transient_index_find(struct table_cursor *cursor, const char *text, bool *out_failed)
{
	unsigned columns[transient_columns_max];
	unsigned count = parse_columns(text, columns);
	struct transient_index *index = find_or_make(cursor, columns, count);
	*out_failed = false;
	if (index->built)
		return index;
	if (index->given_up || index->asked++ == 0)
		return NULL;
	*out_failed = !build(index, cursor);
	return index->built ? index : NULL;
}

/* The columns that the plan asks equals of; 0: it asks for something else, or for keys of prefixes. */
static unsigned probed_columns(const struct table_cursor *cursor, const char *letters, unsigned columns[])
{
	unsigned count = 0;
	for (; letters[count] && letters[count] != ';'; count++) {
		const struct index_part *part = &cursor->index->parts[count];
		if ((letters[count] != '=' && letters[count] != 'i') || count == transient_columns_max ||
		    part->prefix_length > 0)
			return 0;
		columns[count] = part->column;
	}
	return count;
}

/* Not where rows are locked, nor without a snapshot: both ways must see one moment. */
static bool may_take_over(const struct table_cursor *cursor, int plan, unsigned count)
{
	const struct module_key *key = &cursor->module->key;
	bool in_table_order = cursor->index == &cursor->table->indexes[0] || count == cursor->index->part_count;
	return count > 0 && key->lock == MODULE_NO_LOCK && !key->forced && key->usable_indexes & 1 &&
	       cursor->handle->evaluation->snapshot && !(plan & PLAN_REVERSE) &&
	       (in_table_order || !(plan & PLAN_ORDERED));
}

struct transient_index *transient_index_for_probes(struct table_cursor *cursor, int plan, const char *letters,
						   bool *out_failed)
{
	unsigned columns[transient_columns_max];
	*out_failed = false;
	cursor->probed = NULL;
	if (++cursor->handle->evaluation->probes < asked_min)
		return NULL;
	unsigned count = probed_columns(cursor, letters, columns);
	if (!may_take_over(cursor, plan, count))
		return NULL;
	struct transient_index *index = find_or_make(cursor, columns, count);
	if (index->built || index->given_up)
		return index->built ? index : NULL;
	uint64_t rows = table_row_estimate(cursor->table);
	if (index->worth == 0)
		index->worth = rows / build_part + asked_min;
	if (index->cost < index->worth) {
		index->cost += plan & PLAN_UNIQUE ? 0 : seek_cost;
		cursor->probed = index;
		return NULL;
	}
	index->given_up = rows * (cursor->image.size + row_bytes) > bytes_max;
	if (!index->given_up)
		*out_failed = !build(index, cursor);
	return index->built ? index : NULL;
}

void transient_index_row_got(struct transient_index *probed)
{
	probed->cost++;
}

const struct transient_row *transient_index_rows(struct transient_index *index, struct table_cursor *cursor,
						 const char *letters, const struct argument *arguments)
{
	buf_clear(&cursor->work);
	for (unsigned i = 0; i < index->column_count; i++) {
		const struct column_type *type = cursor->table->types[index->columns[i]];
		if (arguments[i].type == SQLITE_NULL) {
			if (letters[i] == '=')
				return NULL;
			buf_put_u8(&cursor->work, 0);
			continue;
		}
		enum constraint_fit fit =
			constraint_put_key(cursor->handle, type, true, 0, &arguments[i], &cursor->work);
		if (fit != FIT_EXACT && fit != FIT_NEAR)
			return NULL;
	}
	struct transient_list *list = map_find(&index->keys, buf_bytes(&cursor->work));
	return list ? list->first : NULL;
}
