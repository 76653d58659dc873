/*
 * The child's side of foreign keys: is there a parent?
 *
 * The parent's key is locked shared, so that it cannot go before this transaction has ended; who deletes or changes it
 * locks it exclusively before looking for children (cascade.c). A key with a NULL in it needs no parent (MATCH
 * SIMPLE), and a row may be its own.
 */
#include <string.h>

#include "change/change_internal.h"
#include "type/key.h"

/* ----------------------------------------------------------------------------------------------- the message */

static void put_quoted(struct buf *out, const char *name)
{
	buf_put_u8(out, '`');
	for (; *name; name++) {
		if (*name == '`')
			buf_put_u8(out, '`');
		buf_put_u8(out, (uint8_t)*name);
	}
	buf_put_u8(out, '`');
}

static void put_action(struct buf *out, const char *event, enum foreign_key_action action)
{
	static const char *const names[] = {[FK_RESTRICT] = "RESTRICT", [FK_CASCADE] = "CASCADE",
					    [FK_SET_NULL] = "SET NULL", [FK_SET_DEFAULT] = "SET DEFAULT"};
	if (action != FK_NO_ACTION)
		buf_printf(out, " ON %s %s", event, names[action]);
}

void change_print_constraint(const struct table *child, const struct foreign_key *key, struct buf *out)
{
	put_quoted(out, child->database);
	buf_put_u8(out, '.');
	put_quoted(out, child->name);
	buf_put_string(out, ", CONSTRAINT ");
	put_quoted(out, key->name);
	buf_put_string(out, " FOREIGN KEY (");
	for (unsigned i = 0; i < key->column_count; i++) {
		buf_put_string(out, i > 0 ? ", " : "");
		put_quoted(out, child->columns[key->columns[i]].name);
	}
	buf_put_string(out, ") REFERENCES ");
	if (strcmp(child->database, key->parent_database) != 0) {
		put_quoted(out, key->parent_database);
		buf_put_u8(out, '.');
	}
	put_quoted(out, key->parent_table);
	buf_put_string(out, " (");
	for (unsigned i = 0; i < key->column_count; i++) {
		buf_put_string(out, i > 0 ? ", " : "");
		put_quoted(out, key->parent_columns[i]);
	}
	buf_put_u8(out, ')');
	put_action(out, "DELETE", key->on_delete);
	put_action(out, "UPDATE", key->on_update);
}

static enum change_outcome no_parent(const struct change_context *context, const struct parent_link *link,
				     struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	change_print_constraint(context->table, link->foreign_key, &text);
	diag_set(diag, ER_NO_REFERENCED_ROW_2, buf_cstring(&text));
	buf_deinit(&text);
	return CHANGE_NO_PARENT;
}

/* ----------------------------------------------------------------------------------------------------- links */

int change_find_columns(const struct table *table, const char **names, unsigned count, unsigned *out_columns)
{
	for (unsigned i = 0; i < count; i++) {
		int column = table_find_column(table, bytes_of_string(names[i]));
		if (column < 0)
			return -1;
		out_columns[i] = (unsigned)column;
	}
	return 0;
}

static bool index_is_led_by(const struct index *index, const unsigned *columns, unsigned count)
{
	if (index->part_count < count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (index->parts[i].column != columns[i] || index->parts[i].prefix_length != 0)
			return false;
	return true;
}

const struct index *change_find_index(const struct table *table, const unsigned *columns, unsigned count,
				      bool *out_is_whole_unique_key)
{
	const struct index *found = NULL;
	*out_is_whole_unique_key = false;
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		if (!index_is_led_by(index, columns, count))
			continue;
		if (index->kind != INDEX_PLAIN && index->part_count == count) {
			*out_is_whole_unique_key = true;
			return index;
		}
		if (found == NULL)
			found = index;
	}
	return found;
}

static void make_parent_link(struct change_context *context, const struct foreign_key *key, struct parent_link *link)
{
	*link = (struct parent_link){.foreign_key = key};
	link->is_self = strcmp(key->parent_database, context->table->database) == 0 &&
			strcmp(key->parent_table, context->table->name) == 0;
	link->parent = link->is_self ? table_ref(context->table)
				     : catalog_find_table(context->catalog, key->parent_database, key->parent_table);
	if (link->parent == NULL)
		return;
	link->parent_columns = arena_array(&context->arena, unsigned, key->column_count);
	if (change_find_columns(link->parent, key->parent_columns, key->column_count, link->parent_columns) == 0)
		link->index = change_find_index(link->parent, link->parent_columns, key->column_count,
						&link->is_whole_unique_key);
}

static void make_parent_links(struct change_context *context)
{
	const struct table *table = context->table;
	context->has_parent_links = true;
	context->parents = arena_array(&context->arena, struct parent_link, table->foreign_key_count);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		make_parent_link(context, &table->foreign_keys[i], &context->parents[i]);
}

void change_free_links(struct change_context *context)
{
	for (unsigned i = 0; context->has_parent_links && i < context->table->foreign_key_count; i++)
		table_unref(&context->parents[i].parent);
	for (size_t i = 0; i < context->child_count; i++) {
		change_end(&context->children[i].context);
		table_unref(&context->children[i].child);
	}
}

/* ------------------------------------------------------------------------------------------------- the check */

/* The key has a NULL, or is the one that the row had before. */
static bool needs_no_check(const struct foreign_key *key, const struct row_state *before,
			   const struct row_state *after)
{
	bool changed = before == NULL;
	for (unsigned i = 0; i < key->column_count; i++) {
		struct bytes field = after->fields[key->columns[i]];
		if (field.data == NULL)
			return true;
		if (before && !changed)
			changed = before->fields[key->columns[i]].data == NULL ||
				  !bytes_equal(before->fields[key->columns[i]], field);
	}
	return !changed;
}

/* The beginning of the parent's index entries. Both sides have the same collation, so the same weights. */
static void put_parent_key(const struct change_context *context, const struct parent_link *link,
			   const struct row_state *row, struct buf *out)
{
	const struct foreign_key *key = link->foreign_key;
	buf_put_u32_be(out, link->index->space);
	for (unsigned i = 0; i < key->column_count; i++)
		key_put_field(&context->table->columns[key->columns[i]].type,
			      link->parent->columns[link->parent_columns[i]].nullable, 0, row->fields[key->columns[i]],
			      out);
}

static bool is_own_parent(struct change_context *context, const struct parent_link *link,
			  const struct row_state *row, const struct buf *wanted)
{
	if (!link->is_self)
		return false;
	struct buf *own = &context->other_key;
	buf_clear(own);
	buf_put_u32_be(own, link->index->space);
	change_put_parts(context->table, link->index, link->foreign_key->column_count, row->fields, own);
	return bytes_equal(buf_bytes(own), buf_bytes(wanted));
}

/* The first key from `from` on that begins with `prefix`, into `out`. */
static enum store_outcome find_first(struct change_context *context, struct bytes prefix, struct bytes from,
				     struct buf *out, struct diag *diag)
{
	struct buf upper;
	buf_init(&upper);
	buf_put_bytes(&upper, prefix);
	key_successor(&upper);
	struct store_iterator *iterator = store_iterator_create(catalog_store(context->catalog), context->store_txn,
								NULL, from, buf_bytes(&upper));
	bool found = store_iterator_seek(iterator, from);
	buf_clear(out);
	if (found)
		buf_put_bytes(out, store_iterator_key(iterator));
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	buf_deinit(&upper);
	return status != 0 ? STORE_ERROR : found ? STORE_OK : STORE_NOT_FOUND;
}

static enum store_outcome lock_shared(struct change_context *context, struct bytes key, struct diag *diag)
{
	buf_clear(&context->read);
	return store_txn_lock(context->store_txn, key, false, STORE_WAIT, &context->read, diag);
}

/* Any of the entries that begin so will do; one that has gone while we waited for it will not. */
static enum store_outcome lock_any(struct change_context *context, struct bytes prefix, struct diag *diag)
{
	struct buf from, found;
	buf_init(&from);
	buf_init(&found);
	buf_put_bytes(&from, prefix);
	enum store_outcome outcome, locked = STORE_NOT_FOUND;
	do {
		outcome = find_first(context, prefix, buf_bytes(&from), &found, diag);
		if (outcome != STORE_OK)
			break;
		locked = lock_shared(context, buf_bytes(&found), diag);
		buf_clear(&from);
		buf_put_bytes(&from, buf_bytes(&found));
		buf_put_u8(&from, 0);
	} while (locked == STORE_NOT_FOUND);
	buf_deinit(&from);
	buf_deinit(&found);
	return outcome == STORE_OK ? locked : outcome;
}

static enum change_outcome check_parent(struct change_context *context, const struct parent_link *link,
					const struct row_state *before, const struct row_state *after,
					struct diag *diag)
{
	if (needs_no_check(link->foreign_key, before, after))
		return CHANGE_OK;
	if (link->index == NULL)
		return no_parent(context, link, diag);
	struct buf *key = &context->entry_key;
	buf_clear(key);
	put_parent_key(context, link, after, key);
	if (is_own_parent(context, link, after, key))
		return CHANGE_OK;
	enum store_outcome outcome = link->is_whole_unique_key ? lock_shared(context, buf_bytes(key), diag)
							       : lock_any(context, buf_bytes(key), diag);
	return outcome == STORE_NOT_FOUND ? no_parent(context, link, diag) : change_outcome_of(outcome);
}

enum change_outcome change_check_parents(struct change_context *context, const struct row_state *before,
					 const struct row_state *after, struct diag *diag)
{
	if (!context->has_parent_links)
		make_parent_links(context);
	enum change_outcome outcome = CHANGE_OK;
	for (unsigned i = 0; outcome == CHANGE_OK && i < context->table->foreign_key_count; i++)
		outcome = check_parent(context, &context->parents[i], before, after, diag);
	return outcome;
}
