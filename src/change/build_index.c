/*
 * The entries of a new index, from rows that are there: read, sorted, and taken in by the store as sorted files. The table
 * is locked exclusively and the index is nobody's yet, so only the end result counts, and nobody asks for its keys. Two
 * entries under one key are a duplicate: the keys of those that may be many end in the row's handle.
 *
 * An index of few entries is written as others are: a file of its own would cost more.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "base/sorter.h"
#include "change/change_internal.h"
#include "store/bulk/ingest.h"
#include "type/row.h"

enum { small_size = 128 * 1024, lock_timeout_ms = 10000, rows_between_looks = 1024, space_size = 4 };

struct build {
	struct store *store;
	const struct table *table;
	const struct index *index;
	const struct change_build_options *options;
	struct sorter *sorter;
	struct row_state row;
	struct buf key, value, lifted, last; /* last: the key before */
};

/* ------------------------------------------------------------------------------------------------- reading */

static int add_row(struct build *build, struct bytes key, struct bytes value, struct diag *diag)
{
	struct row_state *row = &build->row;
	if (table_image_of_value(build->table, value, &build->lifted, &row->image, diag) != 0 ||
	    row_split(row->image, build->table->types, build->table->column_count, row->fields, diag) != 0)
		return -1;
	buf_clear(&row->key);
	buf_put_bytes(&row->key, key);
	change_make_entry(build->table, build->index, row, &build->key, &build->value, NULL);
	return sorter_add(build->sorter, buf_bytes(&build->key), buf_bytes(&build->value), diag);
}

static int check_interrupt(const struct build *build, struct diag *diag)
{
	const atomic_bool *interrupt = build->options->interrupt;
	return interrupt && atomic_load(interrupt) ? diag_set(diag, ER_QUERY_INTERRUPTED) : 0;
}

static int add_rows(struct build *build, struct diag *diag)
{
	struct key_range range;
	struct store_iterator *rows =
		change_iterate_space(build->store, NULL, NULL, build->table->indexes[0].space, &range);
	int status = 0;
	unsigned count = 0;
	bool more = store_iterator_seek(rows, bytes_of(range.lower, 4));
	for (; more && status == 0; more = store_iterator_next(rows)) {
		status = add_row(build, store_iterator_key(rows), store_iterator_value(rows), diag);
		if (status == 0 && ++count % rows_between_looks == 0)
			status = check_interrupt(build, diag);
	}
	if (status == 0)
		status = store_iterator_status(rows, diag);
	store_iterator_destroy(&rows);
	return status;
}

/* ------------------------------------------------------------------------------------------------- duplicates */

/* The row is read again for what a user would call its key. */
static enum change_outcome report_duplicate(struct build *build, struct bytes handle, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	struct bytes image;
	struct arena arena;
	arena_init(&arena);
	change_put_row_key(build->table, handle, &key);
	if (store_get(build->store, buf_bytes(&key), &value, diag) == STORE_OK &&
	    table_image_of_value(build->table, buf_bytes(&value), &build->lifted, &image, diag) == 0)
		diag_set(diag, ER_DUP_ENTRY, change_key_text(build->table, build->index, image, &arena),
			 arena_printf(&arena, "%s.%s", build->table->name, build->index->name));
	else
		change_damaged(diag, build->table, "a row is gone while its index is made");
	arena_deinit(&arena);
	buf_deinit(&key);
	buf_deinit(&value);
	return CHANGE_DUPLICATE;
}

/* The next entry, and whether its key is another than the one before. CHANGE_NO_SUCH_ROW: there is none. */
static enum change_outcome next_entry(struct build *build, struct bytes *key, struct bytes *value, struct diag *diag)
{
	int found = sorter_next(build->sorter, key, value, diag);
	if (found <= 0)
		return found < 0 ? CHANGE_ERROR : CHANGE_NO_SUCH_ROW;
	if (bytes_equal(*key, buf_bytes(&build->last)))
		return report_duplicate(build, *value, diag);
	buf_clear(&build->last);
	buf_put_bytes(&build->last, *key);
	return CHANGE_OK;
}

/* ------------------------------------------------------------------------------------------------- writing */

static enum change_outcome write_few(struct build *build, struct diag *diag)
{
	struct store_txn *txn = store_txn_begin(build->store, lock_timeout_ms);
	struct bytes key, value;
	enum change_outcome outcome;
	while ((outcome = next_entry(build, &key, &value, diag)) == CHANGE_OK)
		store_txn_put_unlocked(txn, key, value);
	FAULT_STEP("definition.index_entries");
	if (outcome == CHANGE_NO_SUCH_ROW)
		outcome = store_txn_commit(txn, false, diag) == 0 ? CHANGE_OK : CHANGE_ERROR;
	store_txn_end(&txn);
	return outcome;
}

static enum change_outcome write_many(struct build *build, struct diag *diag)
{
	struct store_ingest *ingest = store_ingest_begin(build->store);
	struct bytes key, value;
	enum change_outcome outcome;
	while ((outcome = next_entry(build, &key, &value, diag)) == CHANGE_OK)
		if (store_ingest_put(ingest, key, value, diag) != 0) {
			outcome = CHANGE_ERROR;
			break;
		}
	if (outcome == CHANGE_NO_SUCH_ROW)
		outcome = store_ingest_finish(ingest, diag) == 0 ? CHANGE_OK : CHANGE_ERROR;
	store_ingest_end(&ingest);
	return outcome;
}

enum change_outcome change_build_index(struct store *store, const struct table *table, const struct index *index,
				       const struct change_build_options *options, struct diag *diag)
{
	struct build build = {.store = store, .table = table, .index = index, .options = options};
	enum change_outcome outcome = CHANGE_ERROR;
	build.row.fields = memory_alloc(table->column_count * sizeof *build.row.fields);
	build.sorter = sorter_create(options->directory, options->memory_max, space_size);
	if (add_rows(&build, diag) == 0 && sorter_begin_reading(build.sorter, diag) == 0)
		outcome = sorter_size(build.sorter) < small_size ? write_few(&build, diag) : write_many(&build, diag);
	sorter_destroy(&build.sorter);
	memory_free(build.row.fields);
	struct buf *bufs[] = {&build.row.key, &build.key, &build.value, &build.lifted, &build.last};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_deinit(bufs[i]);
	return outcome;
}
