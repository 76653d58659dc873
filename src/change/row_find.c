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

/* The first unique index without nullable columns, or NULL. table_finish has put those first. */
static const struct index *find_unique(const struct table *table)
{
	for (unsigned i = 1; i < table->index_count; i++) {
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

enum change_outcome change_find_row(struct change_context *context, struct bytes before, struct buf *out_handle,
				    struct buf *out_current, struct diag *diag)
{
	const struct table *table = context->table;
	enum change_outcome outcome = change_split(context, &context->before, before, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	if (table->has_primary_key) {
		struct buf *key = &context->before.key;
		buf_clear(key);
		change_put_clustered_key(table, context->before.fields, key);
		return take(context, change_handle_of_key(key), out_handle, out_current, diag);
	}
	const struct index *unique = find_unique(table);
	return unique ? find_by_unique(context, unique, out_handle, out_current, diag)
		      : find_by_hash(context, before, out_handle, out_current, diag);
}
