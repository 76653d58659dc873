/*
 * The parent's side of foreign keys: what happens to the children.
 *
 * First, with nothing written yet, every key that refuses (RESTRICT, NO ACTION) must have no children; then the
 * row is written; then each CASCADE and SET NULL changes its children through the door, by a context of the
 * child's table that hangs below this one. A chain of more than 15 rows is an error, as in InnoDB. Also as there:
 *
 *   a key counts as changed when its bytes do ('a' to 'A' is passed on to children, or refused);
 *   a row that is its own child counts as a child;
 *   ON UPDATE CASCADE and SET NULL refuse when they come back to a table that this very cascade has updated.
 *
 * Children are found by their index. New ones cannot appear meanwhile: their transactions would need our key's
 * shared lock (foreign_key.c), and we hold it exclusively. Those that are there are locked, and looked at again.
 */
#include <string.h>

#include "base/memory.h"
#include "change/change_internal.h"
#include "type/key.h"
#include "type/row.h"

/* ----------------------------------------------------------------------------------------------------- links */

static bool points_here(const struct foreign_key *key, const struct table *table)
{
	return strcmp(key->parent_database, table->database) == 0 && strcmp(key->parent_table, table->name) == 0;
}

static void make_child_link(struct change_context *context, struct table *child, const struct foreign_key *key,
			    struct child_link *link)
{
	bool ignored;
	*link = (struct child_link){.foreign_key = key, .child = table_ref(child)};
	link->parent_columns = arena_array(&context->arena, unsigned, key->column_count);
	if (change_find_columns(context->table, key->parent_columns, key->column_count, link->parent_columns) != 0)
		return;
	link->index = change_find_index(child, key->columns, key->column_count, &ignored);
	link->parent_index = change_find_index(context->table, link->parent_columns, key->column_count, &ignored);
}

static void make_child_links(struct change_context *context)
{
	struct table **tables;
	context->has_child_links = true;
	size_t table_count = catalog_list_children(context->catalog, context->table->database, context->table->name,
						   &context->arena, &tables);
	size_t key_count = 0;
	for (size_t i = 0; i < table_count; i++)
		key_count += tables[i]->foreign_key_count;
	context->children = arena_array(&context->arena, struct child_link, key_count);
	for (size_t i = 0; i < table_count; i++) {
		for (unsigned j = 0; j < tables[i]->foreign_key_count; j++)
			if (points_here(&tables[i]->foreign_keys[j], context->table))
				make_child_link(context, tables[i], &tables[i]->foreign_keys[j],
						&context->children[context->child_count++]);
		table_unref(&tables[i]);
	}
}

static struct change_context *child_context(struct change_context *context, struct child_link *link)
{
	if (link->context == NULL)
		link->context = change_begin_inner(context, link->child);
	return link->context;
}

/* ---------------------------------------------------------------------------------------------------- asking */

static bool is_in_this_cascade(const struct change_context *context, const struct table *table)
{
	for (; context; context = context->outer)
		if (strcmp(context->table->name, table->name) == 0 &&
		    strcmp(context->table->database, table->database) == 0)
			return true;
	return false;
}

/* What the key does about this change, refusals of all kinds being RESTRICT. */
static enum foreign_key_action action_of(const struct change_context *context, const struct child_link *link,
					 bool is_delete)
{
	enum foreign_key_action action = is_delete ? link->foreign_key->on_delete : link->foreign_key->on_update;
	bool acts = action == FK_CASCADE || action == FK_SET_NULL;
	if (!acts || (!is_delete && is_in_this_cascade(context, link->child)))
		return FK_RESTRICT;
	return action;
}

bool change_may_cascade(struct change_context *context, bool is_delete)
{
	if (!context->has_child_links)
		make_child_links(context);
	for (size_t i = 0; i < context->child_count; i++)
		if (action_of(context, &context->children[i], is_delete) != FK_RESTRICT)
			return true;
	return false;
}

static bool fields_equal(struct bytes a, struct bytes b)
{
	return (a.data == NULL) == (b.data == NULL) && bytes_equal(a, b);
}

/* Could the row have children, and does the change concern them? */
static bool concerns(const struct child_link *link, const struct row_state *before, const struct row_state *after)
{
	bool changed = after == NULL;
	for (unsigned i = 0; link->index && i < link->foreign_key->column_count; i++) {
		unsigned column = link->parent_columns[i];
		if (before->fields[column].data == NULL)
			return false;
		if (after && !fields_equal(before->fields[column], after->fields[column]))
			changed = true;
	}
	return link->index && changed;
}

/* --------------------------------------------------------------------------------------- finding the children */

/* Handles one behind the other, each with its size. They outlive the iterator, and what is done to the rows. */
struct handles {
	struct buf bytes;
	size_t at;
};

static bool next_handle(struct handles *handles, struct bytes *out)
{
	if (handles->at == handles->bytes.size)
		return false;
	size_t size = (size_t)bytes_load_uint(handles->bytes.data + handles->at, 4);
	*out = bytes_of(handles->bytes.data + handles->at + 4, size);
	handles->at += 4 + size;
	return true;
}

static void put_child_key(const struct change_context *context, const struct child_link *link,
			  const struct row_state *parent, struct buf *out)
{
	const struct foreign_key *key = link->foreign_key;
	buf_put_u32_be(out, link->index->space);
	for (unsigned i = 0; i < key->column_count; i++)
		key_put_field(&context->table->columns[link->parent_columns[i]].type,
			      link->child->columns[key->columns[i]].nullable, 0,
			      parent->fields[link->parent_columns[i]], out);
}

static int find_handles(struct change_context *context, const struct child_link *link, struct bytes prefix,
			struct handles *out, struct diag *diag)
{
	struct buf upper;
	buf_init(&upper);
	buf_put_bytes(&upper, prefix);
	key_successor(&upper);
	struct store_iterator *iterator = store_iterator_create(catalog_store(context->catalog), context->store_txn,
								NULL, prefix, buf_bytes(&upper));
	bool clustered = link->index == &link->child->indexes[0];
	for (bool more = store_iterator_seek(iterator, prefix); more; more = store_iterator_next(iterator)) {
		struct bytes key = store_iterator_key(iterator);
		struct bytes handle = clustered ? bytes_of(key.data + handle_at, key.size - handle_at)
						: store_iterator_value(iterator);
		buf_put_u32(&out->bytes, (uint32_t)handle.size);
		buf_put_bytes(&out->bytes, handle);
	}
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	buf_deinit(&upper);
	return status;
}

/* Locks the child and sees that it still is one. NO_SUCH_ROW: not any more. */
static enum change_outcome lock_child(struct change_context *child, const struct child_link *link,
				      struct bytes prefix, struct bytes handle, bool exclusive, struct buf *out_image,
				      struct diag *diag)
{
	enum change_outcome outcome = change_read_row(child, handle, exclusive, out_image, diag);
	if (outcome == CHANGE_OK)
		outcome = change_split(child, &child->before, buf_bytes(out_image), diag);
	if (outcome != CHANGE_OK)
		return outcome;
	buf_clear(&child->entry_key);
	buf_put_u32_be(&child->entry_key, link->index->space);
	change_put_parts(link->child, link->index, link->foreign_key->column_count, child->before.fields,
			 &child->entry_key);
	return bytes_equal(buf_bytes(&child->entry_key), prefix) ? CHANGE_OK : CHANGE_NO_SUCH_ROW;
}

/* ------------------------------------------------------------------------------------------- before the change */

/* Children that come now would lock the entry they found us by. The clustered key is locked already. */
static enum change_outcome lock_parent_key(struct change_context *context, const struct child_link *link,
					   const struct row_state *before, struct diag *diag)
{
	if (link->parent_index == NULL || link->parent_index == &context->table->indexes[0])
		return CHANGE_OK;
	change_make_entry(context->table, link->parent_index, before, &context->entry_key, NULL, NULL);
	buf_clear(&context->read);
	enum store_outcome outcome = store_txn_lock(context->store_txn, buf_bytes(&context->entry_key), true,
						    STORE_WAIT, &context->read, diag);
	return outcome == STORE_NOT_FOUND ? CHANGE_OK : change_outcome_of(outcome);
}

static enum change_outcome has_children(const struct child_link *link, struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	change_print_constraint(link->child, link->foreign_key, &text);
	diag_set(diag, ER_ROW_IS_REFERENCED_2, buf_cstring(&text));
	buf_deinit(&text);
	return CHANGE_HAS_CHILDREN;
}

static enum change_outcome refuse_children(struct change_context *context, struct child_link *link,
					   const struct row_state *before, struct diag *diag)
{
	struct change_context *child = child_context(context, link);
	struct handles handles = {0};
	struct buf prefix, image;
	struct bytes handle;
	buf_init(&prefix);
	buf_init(&image);
	put_child_key(context, link, before, &prefix);
	enum change_outcome outcome = CHANGE_OK;
	if (find_handles(context, link, buf_bytes(&prefix), &handles, diag) != 0)
		outcome = CHANGE_ERROR;
	while (outcome == CHANGE_OK && next_handle(&handles, &handle)) {
		outcome = lock_child(child, link, buf_bytes(&prefix), handle, false, &image, diag);
		if (outcome == CHANGE_OK)
			outcome = has_children(link, diag);
		else if (outcome == CHANGE_NO_SUCH_ROW)
			outcome = CHANGE_OK;
	}
	buf_deinit(&handles.bytes);
	buf_deinit(&prefix);
	buf_deinit(&image);
	return outcome;
}

enum change_outcome change_check_children(struct change_context *context, const struct row_state *before,
					  const struct row_state *after, struct diag *diag)
{
	if (!context->has_child_links)
		make_child_links(context);
	enum change_outcome outcome = CHANGE_OK;
	for (size_t i = 0; outcome == CHANGE_OK && i < context->child_count; i++) {
		struct child_link *link = &context->children[i];
		if (!concerns(link, before, after))
			continue;
		outcome = lock_parent_key(context, link, before, diag);
		if (outcome == CHANGE_OK && action_of(context, link, after == NULL) == FK_RESTRICT)
			outcome = refuse_children(context, link, before, diag);
	}
	return outcome;
}

/* -------------------------------------------------------------------------------------------- after the change */

/* Strings may differ in their longest length, and so in the size of their length prefix. */
static bool put_field(const struct column_type *from, struct bytes field, const struct column_type *to,
		      struct buf *out)
{
	bool is_sized = to->kind == TYPE_CHAR || to->kind == TYPE_VARCHAR || to->kind == TYPE_BINARY ||
			to->kind == TYPE_VARBINARY;
	if (!is_sized || from->kind < TYPE_CHAR || from->kind > TYPE_VARBINARY) {
		buf_put_bytes(out, field);
		return from->kind == to->kind;
	}
	struct bytes content = row_field_content(from, field);
	uint64_t most = (uint64_t)to->length * to->collation->charset->max_char_size;
	if (charset_length(to->collation->charset, content) > to->length)
		return false;
	buf_put_uint(out, content.size, most > 255 ? 2 : 1);
	buf_put_bytes(out, content);
	return true;
}

/* Which of the key's columns this is, or -1. */
static int key_column(const struct foreign_key *key, unsigned column)
{
	for (unsigned i = 0; i < key->column_count; i++)
		if (key->columns[i] == column)
			return (int)i;
	return -1;
}

/* The child with its key's columns NULL (after NULL) or as the parent's now are. False: it cannot take them. */
static bool make_image(const struct change_context *context, const struct child_link *link,
		       const struct bytes *fields, const struct row_state *after, struct buf *out)
{
	struct row_builder builder;
	bool fits = true;
	row_builder_begin(&builder, out, link->child->column_count);
	for (unsigned i = 0; i < link->child->column_count; i++) {
		const struct column *column = &link->child->columns[i];
		int part = key_column(link->foreign_key, i);
		struct bytes field = fields[i];
		unsigned from = part >= 0 ? link->parent_columns[part] : 0;
		if (part >= 0)
			field = after ? after->fields[from] : (struct bytes){0};
		if (field.data == NULL) {
			row_builder_null(&builder);
			fits = fits && column->nullable;
		} else if (part < 0) {
			row_builder_field(&builder, field);
		} else {
			fits = put_field(&context->table->columns[from].type, field, &column->type, out) && fits;
			row_builder_field_done(&builder);
		}
	}
	return fits;
}

/* A key of the child is taken already: that is no duplicate of the parent's statement. */
static enum change_outcome translate(struct change_context *context, const struct child_link *link,
				     const struct row_state *parent, enum change_outcome outcome, struct diag *diag)
{
	if (outcome != CHANGE_DUPLICATE)
		return outcome == CHANGE_NO_SUCH_ROW ? CHANGE_OK : outcome;
	struct arena arena;
	arena_init(&arena);
	const char *record = change_key_text(context->table, link->parent_index ? link->parent_index
									       : &context->table->indexes[0],
					     parent->image, &arena);
	diag_set(diag, ER_FOREIGN_DUPLICATE_KEY_WITH_CHILD_INFO, context->table->name, record, link->child->name,
		 link->context->conflict_index->name);
	arena_deinit(&arena);
	return CHANGE_ERROR;
}

static enum change_outcome change_child(struct change_context *context, struct child_link *link,
					enum foreign_key_action action, struct bytes handle, struct bytes image,
					const struct row_state *after, struct diag *diag)
{
	struct change_context *child = link->context;
	if (action == FK_CASCADE && after == NULL)
		return change_delete(child, handle, image, diag);
	struct buf changed;
	buf_init(&changed);
	enum change_outcome outcome;
	if (make_image(context, link, child->before.fields, action == FK_CASCADE ? after : NULL, &changed))
		outcome = change_update(child, handle, image, buf_bytes(&changed), diag);
	else
		outcome = has_children(link, diag);
	buf_deinit(&changed);
	return outcome;
}

static enum change_outcome cascade_link(struct change_context *context, struct child_link *link,
					enum foreign_key_action action, const struct row_state *before,
					const struct row_state *after, struct diag *diag)
{
	struct change_context *child = child_context(context, link);
	struct handles handles = {0};
	struct buf prefix, image;
	struct bytes handle;
	buf_init(&prefix);
	buf_init(&image);
	put_child_key(context, link, before, &prefix);
	enum change_outcome outcome = CHANGE_OK;
	if (find_handles(context, link, buf_bytes(&prefix), &handles, diag) != 0)
		outcome = CHANGE_ERROR;
	if (outcome == CHANGE_OK && handles.bytes.size && context->depth + 1 >= cascade_rows_max) {
		diag_set(diag, ER_FK_DEPTH_EXCEEDED, cascade_rows_max);
		outcome = CHANGE_ERROR;
	}
	while (outcome == CHANGE_OK && next_handle(&handles, &handle)) {
		outcome = lock_child(child, link, buf_bytes(&prefix), handle, true, &image, diag);
		if (outcome == CHANGE_OK)
			outcome = change_child(context, link, action, handle, buf_bytes(&image), after, diag);
		outcome = translate(context, link, after ? after : before, outcome, diag);
	}
	buf_deinit(&handles.bytes);
	buf_deinit(&prefix);
	buf_deinit(&image);
	return outcome;
}

enum change_outcome change_cascade(struct change_context *context, const struct row_state *before,
				   const struct row_state *after, struct diag *diag)
{
	enum change_outcome outcome = CHANGE_OK;
	for (size_t i = 0; outcome == CHANGE_OK && i < context->child_count; i++) {
		struct child_link *link = &context->children[i];
		enum foreign_key_action action = action_of(context, link, after == NULL);
		if (action != FK_RESTRICT && concerns(link, before, after))
			outcome = cascade_link(context, link, action, before, after, diag);
	}
	return outcome;
}
