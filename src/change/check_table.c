/*
 * CHECK TABLE: each row is well formed and stands under its own key, each of its entries is there and names it, and no
 * index has more entries than the table has rows. As of one snapshot.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/memory.h"
#include "change/change_internal.h"
#include "type/row.h"

struct check {
	struct store *store;
	const struct table *table;
	const struct store_snapshot *snapshot;
	struct store_iterator **entries; /* one an index, [0] unused */
	struct row_state row;
	struct buf key, value, lifted;
	uint64_t row_count;
};

static int damaged_index(const struct check *check, const struct index *index, const char *what, struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	buf_printf(&text, "index '%s' %s", index->name, what);
	change_damaged(diag, check->table, buf_cstring(&text));
	buf_deinit(&text);
	return -1;
}

static int check_entry(struct check *check, unsigned number, struct diag *diag)
{
	const struct index *index = &check->table->indexes[number];
	struct store_iterator *entries = check->entries[number];
	change_make_entry(check->table, index, &check->row, &check->key, &check->value, NULL);
	if (!store_iterator_seek(entries, buf_bytes(&check->key)) ||
	    !bytes_equal(store_iterator_key(entries), buf_bytes(&check->key)))
		return store_iterator_status(entries, diag) != 0
			       ? -1
			       : damaged_index(check, index, "has no entry for a row", diag);
	if (!bytes_equal(store_iterator_value(entries), buf_bytes(&check->value)))
		return damaged_index(check, index, "has an entry that names another row", diag);
	return 0;
}

static int check_row(struct check *check, struct bytes key, struct bytes value, struct diag *diag)
{
	const struct table *table = check->table;
	struct row_state *row = &check->row;
	if (table_image_of_value(table, value, &check->lifted, &row->image, diag) != 0)
		return -1;
	if (row_split(row->image, table->types, table->column_count, row->fields, diag) != 0)
		return change_damaged(diag, table, "a row that does not fit the columns");
	for (unsigned i = 0; i < table->column_count; i++)
		if (row->fields[i].data == NULL && !table->columns[i].nullable)
			return change_damaged(diag, table, "NULL in a NOT NULL column");
	buf_clear(&row->key);
	if (table->has_primary_key)
		change_put_clustered_key(table, row->fields, &row->key);
	else
		buf_put_bytes(&row->key, key);
	if (!bytes_equal(buf_bytes(&row->key), key) || (!table->has_primary_key && key.size != handle_at + 8))
		return change_damaged(diag, table, "a row that stands under another key");
	for (unsigned i = 1; i < table->index_count; i++)
		if (check_entry(check, i, diag) != 0)
			return -1;
	check->row_count++;
	return 0;
}

static int check_rows(struct check *check, struct diag *diag)
{
	struct key_range range;
	struct store_iterator *rows =
		change_iterate_space(check->store, NULL, check->snapshot, check->table->indexes[0].space, &range);
	int status = 0;
	bool more = store_iterator_seek(rows, bytes_of(range.lower, 4));
	for (; more && status == 0; more = store_iterator_next(rows))
		status = check_row(check, store_iterator_key(rows), store_iterator_value(rows), diag);
	if (status == 0)
		status = store_iterator_status(rows, diag);
	store_iterator_destroy(&rows);
	return status;
}

/* Every row has its entry, so an index with as many entries as there are rows has no others. */
static int check_entry_count(struct check *check, unsigned number, struct diag *diag)
{
	const struct index *index = &check->table->indexes[number];
	uint8_t lower[4];
	uint64_t count = 0;
	bytes_store_uint_be(lower, index->space, 4);
	struct store_iterator *entries = check->entries[number];
	for (bool more = store_iterator_seek(entries, bytes_of(lower, 4)); more; more = store_iterator_next(entries))
		count++;
	if (store_iterator_status(entries, diag) != 0)
		return -1;
	if (count == check->row_count)
		return 0;
	char what[96];
	snprintf(what, sizeof what, "has %" PRIu64 " entries for %" PRIu64 " rows", count, check->row_count);
	return damaged_index(check, index, what, diag);
}

static int run(struct check *check, struct diag *diag)
{
	int status = check_rows(check, diag);
	for (unsigned i = 1; status == 0 && i < check->table->index_count; i++)
		status = check_entry_count(check, i, diag);
	return status;
}

enum change_outcome change_check_table(struct store *store, const struct table *table, uint64_t *out_row_count,
				       struct diag *diag)
{
	struct store_snapshot *snapshot = store_snapshot_create(store);
	struct check check = {.store = store, .table = table, .snapshot = snapshot};
	struct key_range range;
	check.entries = memory_zalloc(table->index_count * sizeof *check.entries);
	check.row.fields = memory_alloc(table->column_count * sizeof *check.row.fields);
	for (unsigned i = 1; i < table->index_count; i++)
		check.entries[i] = change_iterate_space(store, NULL, snapshot, table->indexes[i].space, &range);
	int status = run(&check, diag);
	for (unsigned i = 1; i < table->index_count; i++)
		store_iterator_destroy(&check.entries[i]);
	store_snapshot_destroy(store, &snapshot);
	memory_free(check.entries);
	memory_free(check.row.fields);
	buf_deinit(&check.row.key);
	buf_deinit(&check.key);
	buf_deinit(&check.value);
	buf_deinit(&check.lifted);
	if (status == 0 && out_row_count)
		*out_row_count = check.row_count;
	return status == 0 ? CHANGE_OK : CHANGE_ERROR;
}
