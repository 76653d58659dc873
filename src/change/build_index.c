/*
 * The entries of a new index, from rows that are there.
 *
 * In transactions of some thousand rows: the table is locked exclusively and the index is nobody's yet, so only the
 * end result counts, and one transaction would hold every key in memory. A key that is taken already is a
 * duplicate whether this or an earlier transaction wrote it.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "change/change_internal.h"
#include "type/row.h"

enum { rows_per_transaction = 1000, lock_timeout_ms = 10000 };

struct build {
	struct store *store;
	const struct table *table;
	const struct index *index;
	struct store_txn *txn;
	unsigned row_count; /* in this transaction */
	struct row_state row;
	struct buf key, value, read, lifted;
};

static enum change_outcome report_duplicate(struct build *build, struct diag *diag)
{
	struct arena arena;
	arena_init(&arena);
	diag_set(diag, ER_DUP_ENTRY, change_key_text(build->table, build->index, build->row.image, &arena),
		 arena_printf(&arena, "%s.%s", build->table->name, build->index->name));
	arena_deinit(&arena);
	return CHANGE_DUPLICATE;
}

static enum change_outcome add_row(struct build *build, struct bytes key, struct bytes value, struct diag *diag)
{
	struct row_state *row = &build->row;
	bool unique;
	if (table_image_of_value(build->table, value, &build->lifted, &row->image, diag) != 0 ||
	    row_split(row->image, build->table->types, build->table->column_count, row->fields, diag) != 0)
		return CHANGE_ERROR;
	buf_clear(&row->key);
	buf_put_bytes(&row->key, key);
	change_make_entry(build->table, build->index, row, &build->key, &build->value, &unique);
	if (unique) {
		buf_clear(&build->read);
		enum store_outcome taken = store_txn_lock(build->txn, buf_bytes(&build->key), true, STORE_WAIT,
							  &build->read, diag);
		if (taken == STORE_OK)
			return report_duplicate(build, diag);
		if (taken != STORE_NOT_FOUND)
			return change_outcome_of(taken);
	}
	store_txn_put_unlocked(build->txn, buf_bytes(&build->key), buf_bytes(&build->value));
	return CHANGE_OK;
}

static enum change_outcome commit(struct build *build, struct diag *diag)
{
	FAULT_STEP("definition.index_entries");
	int status = store_txn_commit(build->txn, false, diag);
	store_txn_end(&build->txn);
	build->row_count = 0;
	return status == 0 ? CHANGE_OK : CHANGE_ERROR;
}

static enum change_outcome add_rows(struct build *build, struct diag *diag)
{
	struct key_range range;
	struct store_iterator *rows =
		change_iterate_space(build->store, NULL, NULL, build->table->indexes[0].space, &range);
	enum change_outcome outcome = CHANGE_OK;
	bool more = store_iterator_seek(rows, bytes_of(range.lower, 4));
	for (; more && outcome == CHANGE_OK; more = store_iterator_next(rows)) {
		if (build->txn == NULL)
			build->txn = store_txn_begin(build->store, lock_timeout_ms);
		outcome = add_row(build, store_iterator_key(rows), store_iterator_value(rows), diag);
		if (outcome == CHANGE_OK && ++build->row_count >= rows_per_transaction)
			outcome = commit(build, diag);
	}
	if (outcome == CHANGE_OK && store_iterator_status(rows, diag) != 0)
		outcome = CHANGE_ERROR;
	store_iterator_destroy(&rows);
	if (outcome == CHANGE_OK && build->txn)
		outcome = commit(build, diag);
	store_txn_end(&build->txn);
	return outcome;
}

enum change_outcome change_build_index(struct store *store, struct catalog *catalog, const struct table *table,
				       const struct index *index, struct diag *diag)
{
	(void)catalog;
	struct build build = {.store = store, .table = table, .index = index};
	build.row.fields = memory_alloc(table->column_count * sizeof *build.row.fields);
	enum change_outcome outcome = add_rows(&build, diag);
	if (outcome != CHANGE_OK) {
		struct diag ignored = DIAG_INIT; /* the next start removes what this cannot */
		store_drop_space(store, index->space, &ignored);
	}
	memory_free(build.row.fields);
	buf_deinit(&build.row.key);
	buf_deinit(&build.key);
	buf_deinit(&build.value);
	buf_deinit(&build.read);
	buf_deinit(&build.lifted);
	return outcome;
}
