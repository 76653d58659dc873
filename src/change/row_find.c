/* Which row an event's before image means. */
#include "change/change_internal.h"
#include "type/key.h"

static enum change_outcome take(struct change_context *context, struct bytes handle, struct buf *out_handle,
				struct buf *out_current, struct diag *diag)
{
	enum change_outcome outcome = change_read_row(context, handle, true, out_current, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	buf_clear(out_handle);
	buf_put_bytes(out_handle, handle);
	return CHANGE_OK;
}

const struct index *change_identity(const struct table *table)
{
	if (table->has_primary_key)
		return &table->indexes[0];
	for (unsigned i = 1; i < table->index_count; i++) { /* table_finish has put those first */
		const struct index *index = &table->indexes[i];
		bool nullable = false;
		for (unsigned j = 0; j < index->part_count; j++)
			nullable |= table->columns[index->parts[j].column].nullable;
		if (index->kind == INDEX_UNIQUE && !nullable)
			return index;
	}
	return NULL;
}

static enum change_outcome find_by_unique(struct change_context *context, const struct index *index,
					  struct buf *out_handle, struct buf *out_current, struct diag *diag)
{
	/* The entry is locked too: who moves the key to another row must have ended. */
	struct row_state *row = &context->before;
	buf_clear(&row->key);
	buf_put_zeros(&row->key, handle_at);
	change_make_entry(context->table, index, row, &context->entry_key, NULL, NULL);
	struct buf handle;
	buf_init(&handle);
	enum store_outcome outcome = store_txn_lock(context->store_txn, buf_bytes(&context->entry_key), true,
						    STORE_WAIT, &handle, diag);
	enum change_outcome result = change_outcome_of(outcome);
	if (result == CHANGE_OK)
		result = take(context, buf_bytes(&handle), out_handle, out_current, diag);
	buf_deinit(&handle);
	return result;
}

/* The first row behind `last` (empty: of all) whose image has the hash. */
static enum change_outcome next_candidate(struct change_context *context, struct bytes prefix, struct buf *last,
					  struct diag *diag)
{
	struct buf from, upper;
	buf_init(&from);
	buf_init(&upper);
	buf_put_bytes(&upper, prefix);
	key_successor(&upper);
	buf_put_bytes(&from, prefix);
	if (last->size) {
		buf_put_bytes(&from, buf_bytes(last));
		buf_put_u8(&from, 0);
	}
	struct store_iterator *iterator = store_iterator_create(catalog_store(context->catalog), context->store_txn,
								NULL, buf_bytes(&from), buf_bytes(&upper));
	bool found = store_iterator_seek(iterator, buf_bytes(&from));
	buf_clear(last);
	if (found)
		buf_put_bytes(last, store_iterator_value(iterator));
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	buf_deinit(&from);
	buf_deinit(&upper);
	return status != 0 ? CHANGE_ERROR : found ? CHANGE_OK : CHANGE_NO_SUCH_ROW;
}

/* Equal rows are interchangeable: the first that is still there after its lock was waited for is taken. */
static enum change_outcome find_by_hash(struct change_context *context, struct bytes before, struct buf *out_handle,
					struct buf *out_current, struct diag *diag)
{
	const struct table *table = context->table;
	struct buf prefix, handle;
	buf_init(&prefix);
	buf_init(&handle);
	buf_put_u32_be(&prefix, table->indexes[table->index_count - 1].space);
	buf_put_u64_be(&prefix, change_row_hash(before));
	enum change_outcome outcome;
	bool found = false;
	while (!found && (outcome = next_candidate(context, buf_bytes(&prefix), &handle, diag)) == CHANGE_OK) {
		outcome = take(context, buf_bytes(&handle), out_handle, out_current, diag);
		found = outcome == CHANGE_OK && bytes_equal(buf_bytes(out_current), before);
		if (outcome != CHANGE_OK && outcome != CHANGE_NO_SUCH_ROW)
			break;
	}
	buf_deinit(&prefix);
	buf_deinit(&handle);
	return outcome;
}

/* ------------------------------------------------------------------------------------------- by whatever is known */

static bool knows(const uint8_t *known, unsigned column)
{
	return known == NULL || event_bit(known, column);
}

static bool knows_index(const uint8_t *known, const struct index *index)
{
	for (unsigned i = 0; i < index->part_count; i++)
		if (!knows(known, index->parts[i].column))
			return false;
	return index->part_count > 0;
}

static bool knows_all(const struct table *table, const uint8_t *known)
{
	return known == NULL || event_columns_are_complete(known, table->column_count);
}

/* Is it the row that is meant? Uses the context's after row. */
static enum change_outcome compare(struct change_context *context, const uint8_t *known, struct bytes image,
				   struct diag *diag)
{
	enum change_outcome outcome = change_split(context, &context->after, image, diag);
	for (unsigned i = 0; outcome == CHANGE_OK && i < context->table->column_count; i++) {
		struct bytes wanted = context->before.fields[i], is = context->after.fields[i];
		if (knows(known, i) && ((wanted.data == NULL) != (is.data == NULL) || !bytes_equal(wanted, is)))
			outcome = CHANGE_NO_SUCH_ROW;
	}
	return outcome;
}

/* A row that looks like it is locked, and then looked at again. */
static enum change_outcome try_row(struct change_context *context, const uint8_t *known, struct bytes handle,
				   struct buf *out_handle, struct buf *out_current, struct diag *diag)
{
	enum change_outcome outcome = take(context, handle, out_handle, out_current, diag);
	return outcome == CHANGE_OK ? compare(context, known, buf_bytes(out_current), diag) : outcome;
}

static bool is_lookalike(struct change_context *context, const uint8_t *known, struct bytes value, struct diag *diag)
{
	struct bytes image;
	return table_image_of_value(context->table, value, &context->lifted, &image, diag) == 0 &&
	       compare(context, known, image, diag) == CHANGE_OK;
}

/*
 * Every row behind *last (empty: of all), in the order of the clustered key; *last becomes the first that looks like it.
 * What is read is not locked: on a table of any size, only the row that is meant may stand in others' way.
 */
static enum change_outcome scan(struct change_context *context, const uint8_t *known, struct buf *last, struct diag *diag)
{
	struct key_range range;
	struct store_iterator *rows = change_iterate_space(catalog_store(context->catalog), context->store_txn, NULL,
							   context->table->indexes[0].space, &range);
	struct buf from = {0};
	buf_put(&from, range.lower, sizeof range.lower);
	if (last->size) {
		buf_put_bytes(&from, buf_bytes(last));
		buf_put_u8(&from, 0);
	}
	bool there = store_iterator_seek(rows, buf_bytes(&from));
	while (there && diag->code == ER_NONE && !is_lookalike(context, known, store_iterator_value(rows), diag))
		there = store_iterator_next(rows);
	enum change_outcome outcome = there ? CHANGE_OK : CHANGE_NO_SUCH_ROW;
	if (diag->code != ER_NONE || store_iterator_status(rows, diag) != 0)
		outcome = CHANGE_ERROR;
	buf_clear(last);
	if (outcome == CHANGE_OK) {
		struct bytes key = store_iterator_key(rows);
		buf_put(last, key.data + handle_at, key.size - handle_at);
	}
	store_iterator_destroy(&rows);
	buf_deinit(&from);
	return outcome;
}

static enum change_outcome find_by_scan(struct change_context *context, const uint8_t *known, struct buf *out_handle,
					struct buf *out_current, struct diag *diag)
{
	struct buf handle = {0};
	enum change_outcome outcome;
	do {
		outcome = scan(context, known, &handle, diag);
		if (outcome != CHANGE_OK)
			break;
		outcome = try_row(context, known, buf_bytes(&handle), out_handle, out_current, diag);
	} while (outcome == CHANGE_NO_SUCH_ROW);
	buf_deinit(&handle);
	return outcome;
}

/* All rows with that key, until one is the row that is meant. */
static enum change_outcome find_by_index(struct change_context *context, const struct index *index,
					 const uint8_t *known, struct buf *out_handle, struct buf *out_current,
					 struct diag *diag)
{
	struct buf prefix = {0}, handle = {0};
	buf_put_u32_be(&prefix, index->space);
	change_put_parts(context->table, index, index->part_count, context->before.fields, &prefix);
	enum change_outcome outcome;
	do {
		outcome = next_candidate(context, buf_bytes(&prefix), &handle, diag);
		if (outcome != CHANGE_OK)
			break;
		outcome = try_row(context, known, buf_bytes(&handle), out_handle, out_current, diag);
	} while (outcome == CHANGE_NO_SUCH_ROW);
	buf_deinit(&prefix);
	buf_deinit(&handle);
	return outcome;
}

static const struct index *find_known_index(const struct table *table, const uint8_t *known)
{
	for (unsigned i = 1; i < table->index_count; i++)
		if (!table->indexes[i].hidden && knows_index(known, &table->indexes[i]))
			return &table->indexes[i];
	return NULL;
}

enum change_outcome change_find_row(struct change_context *context, struct bytes before, const uint8_t *known,
				    struct buf *out_handle, struct buf *out_current, struct diag *diag)
{
	const struct table *table = context->table;
	enum change_outcome outcome = change_split(context, &context->before, before, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	const struct index *identity = change_identity(table);
	if (identity && !knows_index(known, identity))
		identity = NULL;
	if (identity && identity->kind == INDEX_PRIMARY) {
		struct buf *key = &context->before.key;
		buf_clear(key);
		change_put_clustered_key(table, context->before.fields, key);
		return take(context, change_handle_of_key(key), out_handle, out_current, diag);
	}
	if (identity)
		return find_by_unique(context, identity, out_handle, out_current, diag);
	if (!table->has_primary_key && knows_all(table, known))
		return find_by_hash(context, before, out_handle, out_current, diag);
	const struct index *index = find_known_index(table, known);
	return index ? find_by_index(context, index, known, out_handle, out_current, diag)
		     : find_by_scan(context, known, out_handle, out_current, diag);
}
