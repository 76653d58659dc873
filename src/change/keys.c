/* Rows and index entries as keys and values. The layout is in README.md. */
#include <assert.h>

#include "change/change_internal.h"
#include "type/key.h"
#include "type/row.h"

struct bytes change_handle_of_key(const struct buf *clustered_key)
{
	return bytes_of(clustered_key->data + handle_at, clustered_key->size - handle_at);
}

void change_put_parts(const struct table *table, const struct index *index, unsigned part_count,
		      const struct bytes *fields, struct buf *out)
{
	for (unsigned i = 0; i < part_count; i++) {
		const struct index_part *part = &index->parts[i];
		const struct column *column = &table->columns[part->column];
		key_put_field(&column->type, column->nullable, part->prefix_length, fields[part->column], out);
	}
}

bool change_has_null_part(const struct table *table, const struct index *index, const struct bytes *fields)
{
	for (unsigned i = 0; i < index->part_count; i++)
		if (table->columns[index->parts[i].column].nullable && fields[index->parts[i].column].data == NULL)
			return true;
	return false;
}

void change_put_clustered_key(const struct table *table, const struct bytes *fields, struct buf *out)
{
	assert(table->has_primary_key);
	buf_put_u32_be(out, table->indexes[0].space);
	change_put_parts(table, &table->indexes[0], table->indexes[0].part_count, fields, out);
}

void change_put_row_key(const struct table *table, struct bytes handle, struct buf *out)
{
	buf_put_u32_be(out, table->indexes[0].space);
	buf_put_bytes(out, handle);
}

/*
 * Eight bytes at a time, little endian on every machine. It only has to spread: who finds an entry by it compares
 * the image.
 */
uint64_t change_row_hash(struct bytes image)
{
	uint64_t hash = 0x9e3779b97f4a7c15u ^ image.size;
	size_t at = 0;
	for (; at + 8 <= image.size; at += 8) {
		hash = (hash ^ bytes_load_uint(image.data + at, 8)) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	hash = (hash ^ bytes_load_uint(image.data + at, image.size - at)) * 0xc4ceb9fe1a85ec53u;
	return hash ^ hash >> 29;
}

void change_make_entry(const struct table *table, const struct index *index, const struct row_state *row,
		       struct buf *out_key, struct buf *out_value, bool *out_unique)
{
	struct bytes handle = change_handle_of_key(&row->key);
	bool unique = index->kind != INDEX_PLAIN && !change_has_null_part(table, index, row->fields);
	buf_clear(out_key);
	buf_put_u32_be(out_key, index->space);
	if (index_is_row_hash(index))
		buf_put_u64_be(out_key, change_row_hash(row->image));
	else
		change_put_parts(table, index, index->part_count, row->fields, out_key);
	if (!unique)
		buf_put_bytes(out_key, handle);
	if (out_value) {
		buf_clear(out_value);
		buf_put_bytes(out_value, handle);
	}
	if (out_unique)
		*out_unique = unique;
}

void change_put_key_range(uint32_t space, struct key_range *out)
{
	bytes_store_uint_be(out->lower, space, sizeof out->lower);
	bytes_store_uint_be(out->upper, (uint64_t)space + 1, sizeof out->upper);
}

struct store_iterator *change_iterate_space(struct store *store, struct store_txn *txn,
					    const struct store_snapshot *snapshot, uint32_t space,
					    struct key_range *range)
{
	change_put_key_range(space, range);
	return store_iterator_create(store, txn, snapshot, bytes_of(range->lower, 4), bytes_of(range->upper, 4));
}

int change_damaged(struct diag *diag, const struct table *table, const char *what)
{
	return diag_set_message(diag, ER_GET_ERRNO, "Table '%s.%s' is damaged: %s", table->database, table->name, what);
}
