/* Columns of the row a cursor stands on, taken out of the image as far as they are asked for. */
#include <string.h>

#include "base/memory.h"
#include "query/table/cursor.h"
#include "query/table/packed_row.h"
#include "query/value_sqlite.h"
#include "type/key.h"
#include "type/row.h"

int cursor_is_corrupt(struct table_cursor *cursor, const char *what)
{
	diag_set_message(&cursor->handle->diag, ER_GET_ERRNO, "Corrupt row in table %s.%s: %s", cursor->table->database,
			 cursor->table->name, what);
	return SQLITE_ERROR;
}

/* The key's columns into entry; false when the bytes are no such key. Fields are offsets until the buffer rests. */
static bool read_key(struct table_cursor *cursor, const struct index *index, struct bytes key)
{
	const struct table *table = cursor->table;
	for (unsigned i = 0; i < index->part_count; i++) {
		const struct column *column = &table->columns[index->parts[i].column];
		bool wanted = index->parts[i].prefix_length == 0 && key_is_reversible(&column->type);
		size_t begin = cursor->entry.size;
		int64_t size = wanted ? key_to_field(&column->type, column->nullable, key, &cursor->entry)
				      : key_field_size(&column->type, column->nullable, key);
		if (size < 0)
			return false;
		if (wanted)
			cursor->fields[column->position] = /* the place, from 1; 0 is NULL */
				bytes_of((const void *)(cursor->entry.size > begin ? (uintptr_t)begin + 1 : 0),
					 cursor->entry.size - begin);
		key = bytes_of(key.data + size, key.size - (size_t)size);
	}
	return true;
}

/* The fields of a covered row that may be asked for, from the entry's key and the primary key. */
static bool read_entry(struct table_cursor *cursor)
{
	const struct table *table = cursor->table;
	struct bytes entry_key = cursor->entry_key, primary_key = cursor->handle_bytes;
	buf_clear(&cursor->entry);
	memset(cursor->fields, 0, sizeof *cursor->fields * table->column_count);
	if (entry_key.size < 4 || !read_key(cursor, cursor->index, bytes_of(entry_key.data + 4, entry_key.size - 4)))
		return false;
	if (cursor->reads_primary && !read_key(cursor, &table->indexes[0], primary_key))
		return false;
	for (unsigned i = 0; i < table->column_count; i++)
		if (cursor->fields[i].data)
			cursor->fields[i].data = cursor->entry.data + ((uintptr_t)cursor->fields[i].data - 1);
	cursor->known_fields = table->column_count;
	return true;
}

/* Fields are found one behind the other: up to the one wanted. An entry's are all taken apart at once. */
bool cursor_know_fields(struct table_cursor *cursor, unsigned column)
{
	const struct table *table = cursor->table;
	const struct row_field_shape *shapes = cursor->module->shapes;
	struct bytes image = cursor->image;
	if (column < cursor->known_fields)
		return true;
	if (cursor->covered)
		return read_entry(cursor);
	if (image.size < (table->column_count + 7) / 8)
		return false;
	unsigned offset = cursor->field_offset;
	for (unsigned i = cursor->known_fields; i <= column; i++) {
		if (image.data[i / 8] >> i % 8 & 1) {
			cursor->fields[i] = bytes_of(NULL, 0);
			continue;
		}
		int64_t size = row_shaped_size(shapes[i], image.data + offset, image.size - offset);
		if (size < 0)
			return false;
		cursor->fields[i] = bytes_of(image.data + offset, (size_t)size);
		offset += (unsigned)size;
	}
	cursor->known_fields = column + 1;
	cursor->field_offset = offset;
	return true;
}

const struct bytes *packed_row_fields(struct table_cursor *cursor, unsigned last_column)
{
	if (cursor_know_fields(cursor, last_column))
		return cursor->fields;
	cursor_is_corrupt(cursor, "a field does not fit its column");
	return NULL;
}

int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	unsigned column = (unsigned)number;
	if (column == cursor->table->column_count + row_column) {
		sqlite3_result_pointer(context, cursor, POINTER_ROW, NULL);
		return SQLITE_OK;
	}
	if (column >= cursor->table->column_count + pushed_column) {
		unsigned group = column - cursor->table->column_count - pushed_column;
		sqlite3_result_int(context, cursor->tests.conditions[group] != NULL);
		return SQLITE_OK;
	}
	if (column >= cursor->table->column_count) {
		bool is_handle = column == cursor->table->column_count;
		struct bytes bytes = is_handle ? cursor->handle_bytes : cursor->image;
		sqlite3_result_blob64(context, bytes.size ? (const void *)bytes.data : "", bytes.size, SQLITE_TRANSIENT);
		return SQLITE_OK;
	}
	if (!cursor_know_fields(cursor, column))
		return cursor_is_corrupt(cursor, "a field does not fit its column");
	struct value_place place = {.context = context,
				    .may_borrow = cursor->handle->evaluation->program->keeps_no_fields};
	int status = field_put(&place, cursor->handle, cursor->table->types[column], cursor->fields[column]);
	return status == SQLITE_OK ? SQLITE_OK : cursor_is_corrupt(cursor, "a field's bytes are not of its column's type");
}

/*
 * SQLite asks for row ids where it unites what several indexes found. Eight bytes of key are a number of their own; of
 * other keys the statement keeps a list.
 */
int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	struct bytes key = cursor->handle_bytes;
	if (key.size <= 8) {
		bool fixed = true;
		const struct index *clustered = &cursor->table->indexes[0];
		for (unsigned i = 0; i < clustered->part_count; i++)
			fixed &= key_is_reversible(&cursor->table->columns[clustered->parts[i].column].type) &&
				 !type_is_string(cursor->table->columns[clustered->parts[i].column].type.kind);
		if (fixed) { /* all keys are of one size */
			*out_rowid = (sqlite3_int64)bytes_load_uint_be(key.data, key.size);
			return SQLITE_OK;
		}
	}
	struct map *known = &cursor->handle->row_ids;
	uintptr_t number = (uintptr_t)map_find(known, key);
	if (number == 0) {
		number = known->count + 1;
		map_put(known, key, (void *)number);
	}
	*out_rowid = (sqlite3_int64)number;
	return SQLITE_OK;
}
