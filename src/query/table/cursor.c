#include "query/table/cursor.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/row_generation.h"
#include "query/table/transient_index.h"
#include "type/key.h"

/* ------------------------------------------------------------------ life */

struct table_cursor *table_cursor_open(struct table_module *module)
{
	struct evaluator_handle *handle = module->handle;
	struct table_cursor *cursor = handle->cursors;
	if (cursor)
		handle->cursors = cursor->next;
	else
		cursor = memory_zalloc(sizeof *cursor);
	cursor->module = module;
	cursor->handle = handle;
	cursor->table = module->key.table;
	cursor->at_end = true;
	cursor->probed = NULL;
	cursor->image = bytes_of(NULL, 0);
	if (cursor->field_capacity < cursor->table->column_count) {
		cursor->field_capacity = cursor->table->column_count;
		cursor->fields = memory_realloc(cursor->fields, cursor->field_capacity * sizeof *cursor->fields);
	}
	return cursor;
}

int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
	*out_cursor = &table_cursor_open(((struct table_vtab *)vtab)->module)->base;
	return SQLITE_OK;
}

int cursor_close(sqlite3_vtab_cursor *base)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	store_iterator_destroy(&cursor->iterator);
	cursor->iterator_is_whole = false;
	cursor->next = cursor->handle->cursors;
	cursor->handle->cursors = cursor;
	return SQLITE_OK;
}

void cursor_destroy(struct table_cursor *cursor)
{
	buf_deinit(&cursor->lower);
	buf_deinit(&cursor->upper);
	buf_deinit(&cursor->work);
	buf_deinit(&cursor->row);
	buf_deinit(&cursor->lifted);
	buf_deinit(&cursor->key);
	buf_deinit(&cursor->entry);
	row_tests_deinit(&cursor->tests);
	memory_free(cursor->fields);
	memory_free(cursor);
}

/* ------------------------------------------------------------------ rows */

static bool is_locking(const struct table_cursor *cursor)
{
	return cursor->module->key.lock != MODULE_NO_LOCK;
}

/*
 * A key of a unique index, or the row's own: locked whether it is there or not. Its value is appended. shown_by: the
 * iterator that stands at it, or NULL.
 */
static enum store_outcome lock_key(struct table_cursor *cursor, struct bytes locked,
				   const struct store_iterator *shown_by, struct buf *out_value)
{
	const struct module_key *key = &cursor->module->key;
	struct evaluation *evaluation = cursor->handle->evaluation;
	struct diag *diag = &cursor->handle->diag;
	struct store_txn *txn = evaluation_locking_txn(evaluation);
	enum store_lock_wait wait = key->wait == AST_LOCK_WAIT ? STORE_WAIT : STORE_NOWAIT;
	bool exclusive = key->lock == MODULE_EXCLUSIVE;
	enum store_outcome outcome =
		shown_by ? store_iterator_lock(shown_by, txn, exclusive, wait, out_value, diag)
			 : store_txn_lock(txn, locked, exclusive, wait, out_value, diag);
	if (outcome != STORE_LOCK_TIMEOUT || key->wait == AST_LOCK_WAIT)
		return outcome;
	diag_clear(diag);
	if (key->wait == AST_LOCK_SKIP_LOCKED)
		return STORE_NOT_FOUND;
	diag_set(diag, ER_LOCK_NOWAIT);
	return STORE_LOCK_TIMEOUT;
}

static enum store_outcome take_image(struct table_cursor *cursor, struct bytes value)
{
	if (table_image_of_value(cursor->table, value, &cursor->lifted, &cursor->image, &cursor->handle->diag) != 0)
		return STORE_ERROR;
	cursor_begin_row(cursor);
	return STORE_OK;
}

/* Reads the row whose clustered key is cursor->key. shown_by: as for lock_key. */
static enum store_outcome get_row(struct table_cursor *cursor, const struct store_iterator *shown_by)
{
	struct evaluation *evaluation = cursor->handle->evaluation;
	struct diag *diag = &cursor->handle->diag;
	struct bytes key = buf_bytes(&cursor->key);
	enum store_outcome outcome;
	buf_clear(&cursor->row);
	if (is_locking(cursor))
		outcome = lock_key(cursor, key, shown_by, &cursor->row);
	else
		outcome = evaluation_get(evaluation, key, &cursor->row, diag);
	if (cursor->probed)
		transient_index_row_got(cursor->probed);
	if (outcome == STORE_OK) {
		cursor->handle_bytes = bytes_of(cursor->key.data + 4, cursor->key.size - 4);
		outcome = take_image(cursor, buf_bytes(&cursor->row));
	}
	return outcome;
}

static void set_clustered_key(struct table_cursor *cursor, struct bytes primary_key)
{
	buf_clear(&cursor->key);
	buf_put_u32_be(&cursor->key, cursor->table->indexes[0].space);
	buf_put_bytes(&cursor->key, primary_key);
}

static void take_entry(struct table_cursor *cursor, struct bytes entry_key, struct bytes primary_key)
{
	cursor->entry_key = entry_key;
	cursor->handle_bytes = primary_key;
	cursor_begin_row(cursor);
}

/* The outcome of what found a row, once it was tested. */
static enum store_outcome tested(struct table_cursor *cursor, enum store_outcome outcome)
{
	if (outcome != STORE_OK || cursor->tests.count + cursor->tests.condition_count == 0)
		return outcome;
	enum row_verdict verdict = row_tests_verdict(cursor);
	if (verdict == ROW_IS_DAMAGED) {
		cursor_is_corrupt(cursor, "a field does not fit its column");
		return STORE_ERROR;
	}
	return verdict == ROW_PASSES ? STORE_OK : STORE_NOT_FOUND;
}

/* The entry or row the iterator stands on. STORE_NOT_FOUND: nothing to see here, go on. */
static enum store_outcome take_row(struct table_cursor *cursor)
{
	struct bytes key = store_iterator_key(cursor->iterator), value = store_iterator_value(cursor->iterator);
	if (cursor->index != &cursor->table->indexes[0]) {
		if (cursor->covered) {
			take_entry(cursor, key, value);
			return STORE_OK;
		}
		set_clustered_key(cursor, value);
		return get_row(cursor, NULL);
	}
	if (is_locking(cursor)) {
		buf_clear(&cursor->key);
		buf_put_bytes(&cursor->key, key);
		return get_row(cursor, cursor->iterator);
	}
	cursor->handle_bytes = bytes_of(key.data + 4, key.size - 4);
	if (take_image(cursor, value) != STORE_OK)
		return STORE_ERROR;
	return !cursor->wide.scans || wide_range_holds(cursor) ? STORE_OK : STORE_NOT_FOUND;
}

/* ------------------------------------------------------------------ scans */

/* Bounds of the iterator are those of the first range; one that is asked for again moves over the whole index. */
static void make_iterator(struct table_cursor *cursor)
{
	struct evaluation *evaluation = cursor->handle->evaluation;
	uint32_t space = cursor->index->space;
	if (cursor->iterator && cursor->iterator_is_whole && cursor->iterator_space == space)
		return;
	bool again = cursor->iterator && cursor->iterator_space == space;
	store_iterator_destroy(&cursor->iterator);
	struct store_txn *txn = is_locking(cursor) ? evaluation_locking_txn(evaluation) : evaluation->txn;
	const struct store_snapshot *snapshot = is_locking(cursor) ? NULL : evaluation->snapshot;
	struct bytes lower = buf_bytes(&cursor->lower), upper = buf_bytes(&cursor->upper);
	uint8_t bounds[8];
	if (again) {
		bytes_store_uint_be(bounds, space, 4);
		bytes_store_uint_be(bounds + 4, (uint64_t)space + 1, 4);
		lower = bytes_of(bounds, 4);
		upper = bytes_of(bounds + 4, 4);
	}
	cursor->iterator = store_iterator_create(evaluation->store, txn, snapshot, lower, upper);
	cursor->iterator_space = space;
	cursor->iterator_is_whole = again;
}

static bool in_range(const struct table_cursor *cursor)
{
	struct bytes key = store_iterator_key(cursor->iterator);
	return cursor->reverse ? bytes_compare(key, buf_bytes(&cursor->lower)) >= 0
			       : bytes_compare(key, buf_bytes(&cursor->upper)) < 0;
}

static bool seek_first(struct table_cursor *cursor)
{
	if (!cursor->reverse)
		return store_iterator_seek(cursor->iterator, buf_bytes(&cursor->lower));
	/* The last key before upper: at or before it, and not itself. */
	bool found = store_iterator_seek_before(cursor->iterator, buf_bytes(&cursor->upper));
	if (found && bytes_equal(store_iterator_key(cursor->iterator), buf_bytes(&cursor->upper)))
		found = store_iterator_previous(cursor->iterator);
	return found;
}

static int failed(struct table_cursor *cursor)
{
	cursor->at_end = true;
	return SQLITE_ERROR; /* the handle's diag says why */
}

/* From where the iterator stands on to the next row that is there. */
static int settle(struct table_cursor *cursor, bool found)
{
	for (unsigned skipped = 1;; skipped++) {
		if (!found || (cursor->iterator_is_whole && !in_range(cursor))) {
			cursor->at_end = true;
			return !found && store_iterator_status(cursor->iterator, &cursor->handle->diag) != 0 ? SQLITE_ERROR
													      : SQLITE_OK;
		}
		enum store_outcome outcome = tested(cursor, take_row(cursor));
		if (outcome == STORE_OK)
			return SQLITE_OK;
		if (outcome != STORE_NOT_FOUND)
			return failed(cursor);
		if (skipped % 1024 == 0 && evaluation_check(cursor->handle->evaluation) != 0)
			return failed(cursor);
		found = cursor->reverse ? store_iterator_previous(cursor->iterator)
					: store_iterator_next(cursor->iterator);
	}
}

/* ------------------------------------------------------------------ gets */

/* lower is the whole key of a unique index. */
static int get_unique(struct table_cursor *cursor)
{
	enum store_outcome outcome = STORE_OK;
	struct evaluation *evaluation = cursor->handle->evaluation;
	struct diag *diag = &cursor->handle->diag;
	buf_clear(&cursor->key);
	if (cursor->index == &cursor->table->indexes[0]) {
		buf_put_bytes(&cursor->key, buf_bytes(&cursor->lower));
	} else {
		buf_put_u32_be(&cursor->key, cursor->table->indexes[0].space);
		struct bytes entry = buf_bytes(&cursor->lower);
		if (is_locking(cursor))
			outcome = lock_key(cursor, entry, NULL, &cursor->key);
		else
			outcome = evaluation_get(evaluation, entry, &cursor->key, diag);
	}
	if (outcome == STORE_OK && cursor->covered)
		take_entry(cursor, buf_bytes(&cursor->lower), bytes_of(cursor->key.data + 4, cursor->key.size - 4));
	else if (outcome == STORE_OK)
		outcome = get_row(cursor, NULL);
	outcome = tested(cursor, outcome);
	cursor->at_end = outcome != STORE_OK;
	return outcome == STORE_OK || outcome == STORE_NOT_FOUND ? SQLITE_OK : SQLITE_ERROR;
}

/* ------------------------------------------------------------------ transient indexes */

/* The row, or the next of its key that passes the tests. */
static int take_transient(struct table_cursor *cursor, const struct transient_row *row)
{
	enum store_outcome outcome = STORE_NOT_FOUND;
	for (; row; row = row->next) {
		cursor->transient = row;
		cursor->handle_bytes = bytes_of(row->bytes, row->handle_size);
		cursor->image = bytes_of(row->bytes + row->handle_size, row->image_size);
		cursor_begin_row(cursor);
		outcome = tested(cursor, STORE_OK);
		if (outcome != STORE_NOT_FOUND)
			break;
	}
	cursor->at_end = outcome != STORE_OK;
	return outcome == STORE_ERROR ? SQLITE_ERROR : SQLITE_OK;
}

static int scan(struct table_cursor *cursor)
{
	cursor->mode = CURSOR_SCAN;
	cursor->at_end = false;
	make_iterator(cursor);
	return settle(cursor, seek_first(cursor));
}

/* The rest of a wide range: all of the table is walked, wide_range_holds chooses. */
static int scan_the_rest(struct table_cursor *cursor)
{
	struct evaluation *evaluation = cursor->handle->evaluation;
	uint8_t bounds[8];
	cursor->index = &cursor->table->indexes[0];
	cursor->reverse = false;
	bytes_store_uint_be(bounds, cursor->index->space, 4);
	bytes_store_uint_be(bounds + 4, (uint64_t)cursor->index->space + 1, 4);
	store_iterator_destroy(&cursor->iterator);
	cursor->iterator = store_iterator_create(evaluation->store, evaluation->txn, evaluation->snapshot,
						 bytes_of(bounds, 4), bytes_of(bounds + 4, 4));
	cursor->iterator_space = cursor->index->space;
	cursor->iterator_is_whole = false; /* its keys are not the range's */
	return settle(cursor, store_iterator_seek(cursor->iterator, bytes_of(bounds, 4)));
}

static int find_transient(struct table_cursor *cursor, struct transient_index *index, const char *letters,
			  const struct argument *arguments)
{
	cursor->mode = CURSOR_TRANSIENT;
	cursor->covered = false;
	return take_transient(cursor, transient_index_rows(index, cursor, letters, arguments));
}

/* Equality with columns that have no index; the plan's letters are of those columns, not of the clustered index. */
static int filter_transient(struct table_cursor *cursor, const char *letters, const struct argument *arguments)
{
	bool failed_building;
	struct transient_index *index =
		transient_index_find(cursor, strrchr(letters, ';') + 1, &failed_building);
	if (failed_building)
		return failed(cursor);
	if (index == NULL) {
		cursor_set_range(cursor, "", NULL); /* all of the table */
		return scan(cursor);
	}
	return find_transient(cursor, index, letters, arguments);
}

static int stay_empty(struct table_cursor *cursor)
{
	cursor->mode = CURSOR_EMPTY;
	cursor->at_end = true;
	return SQLITE_OK;
}

static const char *behind_semicolons(const char *text, unsigned count)
{
	while (count-- > 0)
		text = strchr(text, ';') + 1;
	return text;
}

int cursor_find(struct table_cursor *cursor, int plan, const char *letters, const struct argument *arguments)
{
	evaluation_take_view(cursor->handle->evaluation);
	cursor->index = &cursor->table->indexes[plan & PLAN_INDEX];
	cursor->reverse = plan & PLAN_REVERSE;
	cursor->covered = plan & PLAN_COVERED;
	cursor->reads_primary = plan & PLAN_PRIMARY;
	wide_range_begin(cursor, plan);
	row_tests_clear(&cursor->tests);
	if (plan & PLAN_TESTED && !row_tests_set(cursor, behind_semicolons(letters, 3), arguments))
		return stay_empty(cursor);
	if (plan & PLAN_TRANSIENT)
		return filter_transient(cursor, letters, arguments);
	bool failed_building;
	/* The image of the row before is asked for its size. */
	struct transient_index *index = transient_index_for_probes(cursor, plan, letters, &failed_building);
	if (failed_building)
		return failed(cursor);
	if (index)
		return find_transient(cursor, index, letters, arguments);
	cursor->image = bytes_of(NULL, 0);
	if (!cursor_set_range(cursor, letters, arguments))
		return stay_empty(cursor);
	if (plan & PLAN_UNIQUE) {
		cursor->mode = CURSOR_GET;
		return get_unique(cursor);
	}
	return scan(cursor);
}

int cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *letters, int count, sqlite3_value **values)
{
	struct argument arguments[cursor_arguments_max];
	assert(count <= cursor_arguments_max);
	for (int i = 0; i < count; i++)
		arguments[i] = argument_of(values[i], POINTER_CONDITION);
	return cursor_find((struct table_cursor *)base, plan, letters, arguments);
}

int cursor_next(sqlite3_vtab_cursor *base)
{
	struct table_cursor *cursor = (struct table_cursor *)base;
	if (cursor->mode == CURSOR_TRANSIENT)
		return take_transient(cursor, cursor->transient->next);
	if (cursor->mode != CURSOR_SCAN) {
		cursor->at_end = true;
		return SQLITE_OK;
	}
	if (wide_range_goes_over(cursor))
		return scan_the_rest(cursor);
	return settle(cursor, cursor->reverse ? store_iterator_previous(cursor->iterator)
					      : store_iterator_next(cursor->iterator));
}

int cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct table_cursor *)base)->at_end;
}
