/* The order of steps of an insert, an update and a delete; the steps themselves are in the other files. */
#include "change/change.h"

#include <assert.h>

#include "base/memory.h"
#include "change/change_internal.h"
#include "type/row.h"

enum change_outcome change_outcome_of(enum store_outcome outcome)
{
	switch (outcome) {
	case STORE_OK: return CHANGE_OK;
	case STORE_NOT_FOUND: return CHANGE_NO_SUCH_ROW;
	case STORE_LOCK_TIMEOUT: return CHANGE_LOCK_TIMEOUT;
	case STORE_DEADLOCK: return CHANGE_DEADLOCK;
	case STORE_ERROR: break;
	}
	return CHANGE_ERROR;
}

/* ------------------------------------------------------------------------------------------------- contexts */

static struct change_context *create(struct txn *txn, struct catalog *catalog, struct table *table,
				     const struct change_options *options)
{
	struct change_context *context = memory_zalloc(sizeof *context);
	context->txn = txn;
	context->store_txn = txn_store(txn);
	context->catalog = catalog;
	context->table = table;
	context->options = *options;
	bool may_log = !options->no_log && txn_is_logging(txn);
	context->is_logged = may_log && txn_logs_database(txn, table->database);
	context->is_left_out = may_log && !context->is_logged;
	arena_init(&context->arena);
	context->before.fields = arena_array(&context->arena, struct bytes, table->column_count);
	context->after.fields = arena_array(&context->arena, struct bytes, table->column_count);
	return context;
}

struct change_context *change_begin(struct txn *txn, struct catalog *catalog, struct table *table,
				    const struct change_options *options)
{
	return create(txn, catalog, table, options);
}

struct change_context *change_begin_inner(const struct change_context *outer, struct table *table)
{
	struct change_context *context = create(outer->txn, outer->catalog, table, &outer->options);
	context->options.check = NULL; /* MySQL evaluates no CHECK in a cascade */
	context->outer = outer;
	context->is_logged = false; /* whoever replays the outer change repeats this one */
	context->is_left_out = outer->is_left_out;
	context->depth = outer->depth + 1;
	return context;
}

void change_end(struct change_context **context)
{
	struct change_context *it = *context;
	*context = NULL;
	if (it == NULL)
		return;
	if (it->row_count_delta != 0)
		table_count_rows(it->table, it->row_count_delta);
	change_free_links(it);
	struct buf *bufs[] = {&it->before.key, &it->after.key, &it->entry_key, &it->entry_value, &it->other_key,
			      &it->value, &it->read, &it->lifted, &it->conflict_handle, &it->events.before,
			      &it->events.after};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_deinit(bufs[i]);
	arena_deinit(&it->arena);
	memory_free(it);
}

const struct index *change_conflict_index(const struct change_context *context)
{
	return context->conflict_index;
}

struct bytes change_conflict_handle(const struct change_context *context)
{
	return buf_bytes(&context->conflict_handle);
}

/* --------------------------------------------------------------------------------------------- images, rows */

enum change_outcome change_split(struct change_context *context, struct row_state *row, struct bytes image,
				 struct diag *diag)
{
	row->image = image;
	if (row_split(image, context->table->types, context->table->column_count, row->fields, diag) == 0)
		return CHANGE_OK;
	diag_add_context(diag, "a row of %s.%s", context->table->database, context->table->name);
	return CHANGE_ERROR;
}

int change_handle_of_image(const struct table *table, struct bytes image, struct buf *out_handle, struct diag *diag)
{
	if (!table->has_primary_key)
		return diag_set_message(diag, ER_KEY_NOT_FOUND, "Table '%s.%s' has no primary key", table->database,
					table->name);
	struct bytes *fields = memory_alloc(table->column_count * sizeof *fields);
	int status = row_split(image, table->types, table->column_count, fields, diag);
	if (status == 0)
		change_put_parts(table, &table->indexes[0], table->indexes[0].part_count, fields, out_handle);
	memory_free(fields);
	return status;
}

enum change_outcome change_read_row(struct change_context *context, struct bytes handle, bool exclusive,
				    struct buf *out_image, struct diag *diag)
{
	buf_clear(&context->other_key);
	change_put_row_key(context->table, handle, &context->other_key);
	buf_clear(out_image);
	enum store_outcome outcome = store_txn_lock(context->store_txn, buf_bytes(&context->other_key), exclusive,
						    STORE_WAIT, out_image, diag);
	if (outcome != STORE_OK)
		return change_outcome_of(outcome);
	struct bytes image;
	if (table_image_of_value(context->table, buf_bytes(out_image), &context->lifted, &image, diag) != 0)
		return CHANGE_ERROR;
	if (image.data == context->lifted.data) {
		buf_clear(out_image);
		buf_put_bytes(out_image, image);
	} else {
		memmove(out_image->data, image.data, image.size);
		out_image->size = image.size;
	}
	return CHANGE_OK;
}

enum change_outcome change_lock_row(struct change_context *context, struct bytes handle, struct buf *out_image,
				    struct diag *diag)
{
	return change_read_row(context, handle, true, out_image, diag);
}

/* ------------------------------------------------------------------------------------------------- the steps */

static enum change_outcome evaluate_checks(struct change_context *context, struct bytes image, struct diag *diag)
{
	const struct table *table = context->table;
	const struct change_options *options = &context->options;
	for (unsigned i = 0; options->check && i < table->check_count; i++) {
		if (!table->checks[i].enforced)
			continue;
		int satisfied = options->check(options->check_argument, table, i, image, diag);
		if (satisfied > 0)
			continue;
		if (satisfied == 0)
			diag_set(diag, ER_CHECK_CONSTRAINT_VIOLATED, table->checks[i].name);
		return CHANGE_ERROR;
	}
	return CHANGE_OK;
}

/* Its key is locked: by who found the row, or when it was looked at for duplicates. Nobody knows of a new row id. */
static void put_row(struct change_context *context, const struct row_state *row)
{
	buf_clear(&context->value);
	/* Version and origin are stamped at commit. */
	store_put_row_header(&context->value, &(struct store_row_header){.flags = context->table->row_generation});
	buf_put_bytes(&context->value, row->image);
	store_txn_put_unlocked(context->store_txn, buf_bytes(&row->key), buf_bytes(&context->value));
}

/*
 * Which entries the row had and has: before NULL: none, after NULL: none. The key of a plain one ends in the handle of a
 * locked row: nobody else can want it. A unique one is wanted by whoever inserts its like, and has to see it go or stay.
 */
static enum change_outcome change_entry(struct change_context *context, const struct index *index,
					const struct row_state *before, const struct row_state *after,
					bool handle_changed, struct diag *diag)
{
	struct buf *old_key = &context->other_key, *new_key = &context->entry_key;
	enum change_outcome outcome = CHANGE_OK;
	if (before)
		change_make_entry(context->table, index, before, old_key, NULL, NULL);
	if (after)
		change_make_entry(context->table, index, after, new_key, &context->entry_value, NULL);
	bool same = before && after && bytes_equal(buf_bytes(old_key), buf_bytes(new_key));
	if (same && !handle_changed)
		return CHANGE_OK;
	bool is_shared = index->kind != INDEX_PLAIN;
	if (before && !same && is_shared)
		outcome = change_outcome_of(store_txn_delete(context->store_txn, buf_bytes(old_key), diag));
	else if (before && !same)
		store_txn_delete_unlocked(context->store_txn, buf_bytes(old_key));
	if (outcome == CHANGE_OK && after && is_shared && before)
		outcome = change_outcome_of(store_txn_put(context->store_txn, buf_bytes(new_key),
							  buf_bytes(&context->entry_value), diag));
	else if (outcome == CHANGE_OK && after)
		/* A new row's unique ones were locked when they were looked at for duplicates. */
		store_txn_put_unlocked(context->store_txn, buf_bytes(new_key), buf_bytes(&context->entry_value));
	return outcome;
}

static enum change_outcome change_entries(struct change_context *context, const struct row_state *before,
					  const struct row_state *after, struct diag *diag)
{
	bool handle_changed = before && after && !bytes_equal(buf_bytes(&before->key), buf_bytes(&after->key));
	enum change_outcome outcome = CHANGE_OK;
	for (unsigned i = 1; outcome == CHANGE_OK && i < context->table->index_count; i++)
		outcome = change_entry(context, &context->table->indexes[i], before, after, handle_changed, diag);
	return outcome;
}

/* Everything that is written for one row; cascades too, and those are all or nothing. */
static enum change_outcome write_row(struct change_context *context, const struct row_state *before,
				     const struct row_state *after, struct diag *diag)
{
	bool may_cascade = before && context->options.foreign_key_checks && change_may_cascade(context, after == NULL);
	bool key_goes = before && (!after || !bytes_equal(buf_bytes(&before->key), buf_bytes(&after->key)));
	if (may_cascade)
		store_txn_savepoint(context->store_txn);
	if (key_goes)
		store_txn_delete_unlocked(context->store_txn, buf_bytes(&before->key));
	if (after)
		put_row(context, after);
	enum change_outcome outcome = change_entries(context, before, after, diag);
	if (outcome == CHANGE_OK && may_cascade)
		outcome = change_cascade(context, before, after, diag);
	if (may_cascade && outcome == CHANGE_OK)
		store_txn_pop_savepoint(context->store_txn);
	else if (may_cascade)
		store_txn_rollback_to_savepoint(context->store_txn);
	return outcome;
}

/* The AUTO_INCREMENT value of a row that was written; what is negative or no integer tells the counter nothing. */
static void observe_auto_increment(const struct table *table, const struct row_state *row)
{
	if (table->auto_increment_column < 0)
		return;
	const struct column_type *type = &table->columns[table->auto_increment_column].type;
	struct bytes field = row->fields[table->auto_increment_column];
	if (field.data == NULL || !type_is_integer(type->kind) || field.size > 8)
		return;
	uint64_t value = bytes_load_uint(field.data, field.size);
	if (!type->is_unsigned && (value >> (field.size * 8 - 1) & 1))
		return;
	auto_increment_observe(table, value);
}

/* ----------------------------------------------------------------------------------------------- the changes */

static enum change_outcome choose_key(struct change_context *context, struct diag *diag)
{
	struct row_state *row = &context->after;
	buf_clear(&row->key);
	if (context->table->has_primary_key) {
		change_put_clustered_key(context->table, row->fields, &row->key);
		return change_check_clustered(context, row, diag);
	}
	uint64_t id = table_next_row_id(context->catalog, catalog_store(context->catalog), context->table);
	if (id == 0) {
		change_damaged(diag, context->table, "no row id could be found");
		return CHANGE_ERROR;
	}
	buf_put_u32_be(&row->key, context->table->indexes[0].space);
	buf_put_u64_be(&row->key, id);
	return CHANGE_OK;
}

enum change_outcome change_insert(struct change_context *context, struct bytes image, struct diag *diag)
{
	struct row_state *row = &context->after;
	enum change_outcome outcome = change_split(context, row, image, diag);
	if (outcome == CHANGE_OK)
		outcome = evaluate_checks(context, image, diag);
	if (outcome == CHANGE_OK)
		outcome = choose_key(context, diag);
	if (outcome == CHANGE_OK)
		outcome = change_check_unique(context, NULL, row, diag);
	if (outcome == CHANGE_OK && context->options.foreign_key_checks)
		outcome = change_check_parents(context, NULL, row, diag);
	if (outcome == CHANGE_OK)
		outcome = write_row(context, NULL, row, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	context->row_count_delta++;
	observe_auto_increment(context->table, row);
	change_log(context, EVENT_ROWS_WRITE, (struct bytes){0}, image);
	return CHANGE_OK;
}

/* The clustered key after an update: another one only if the primary key's weights change. */
static enum change_outcome choose_updated_key(struct change_context *context, struct diag *diag)
{
	struct row_state *before = &context->before, *after = &context->after;
	buf_clear(&after->key);
	if (context->table->has_primary_key)
		change_put_clustered_key(context->table, after->fields, &after->key);
	else
		buf_put_bytes(&after->key, buf_bytes(&before->key));
	if (bytes_equal(buf_bytes(&before->key), buf_bytes(&after->key)))
		return CHANGE_OK;
	return change_check_clustered(context, after, diag);
}

static void set_key(struct change_context *context, struct row_state *row, struct bytes handle)
{
	buf_clear(&row->key);
	change_put_row_key(context->table, handle, &row->key);
}

enum change_outcome change_update(struct change_context *context, struct bytes handle, struct bytes before,
				  struct bytes after, struct diag *diag)
{
	if (bytes_equal(before, after))
		return CHANGE_OK;
	struct row_state *old = &context->before, *new = &context->after;
	bool checks = context->options.foreign_key_checks;
	set_key(context, old, handle);
	enum change_outcome outcome = change_split(context, old, before, diag);
	if (outcome == CHANGE_OK)
		outcome = change_split(context, new, after, diag);
	if (outcome == CHANGE_OK)
		outcome = evaluate_checks(context, after, diag);
	if (outcome == CHANGE_OK)
		outcome = choose_updated_key(context, diag);
	if (outcome == CHANGE_OK)
		outcome = change_check_unique(context, old, new, diag);
	if (outcome == CHANGE_OK && checks)
		outcome = change_check_parents(context, old, new, diag);
	if (outcome == CHANGE_OK && checks)
		outcome = change_check_children(context, old, new, diag);
	if (outcome == CHANGE_OK)
		outcome = write_row(context, old, new, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	observe_auto_increment(context->table, new);
	change_log(context, EVENT_ROWS_UPDATE, before, after);
	return CHANGE_OK;
}

enum change_outcome change_delete(struct change_context *context, struct bytes handle, struct bytes before,
				  struct diag *diag)
{
	struct row_state *row = &context->before;
	set_key(context, row, handle);
	enum change_outcome outcome = change_split(context, row, before, diag);
	if (outcome == CHANGE_OK && context->options.foreign_key_checks)
		outcome = change_check_children(context, row, NULL, diag);
	if (outcome == CHANGE_OK)
		outcome = write_row(context, row, NULL, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	context->row_count_delta--;
	change_log(context, EVENT_ROWS_DELETE, before, (struct bytes){0});
	return CHANGE_OK;
}
