/*
 * Unique keys. Each is locked, there or not, before it is looked at: of two transactions that want one key, the
 * second waits, and then sees what the first has made of it. A key with a NULL in it is never a duplicate.
 */
#include <string.h>

#include "base/memory.h"
#include "change/change_internal.h"
#include "type/convert.h"
#include "type/row.h"

enum { key_text_max = 64 };

/* ----------------------------------------------------------------------------------------------- the message */

static bool is_printable(uint8_t byte)
{
	return byte >= 0x20 && byte <= 0x7e;
}

/* Text as UTF-8; bytes that are no text as \xHH. */
static void put_value_text(const struct column_type *type, uint32_t prefix_length, struct bytes text, struct buf *out)
{
	bool is_text = type_is_text(type->kind) && type->collation->charset->id != CHARSET_BINARY;
	if (is_text) {
		const struct charset *charset = type->collation->charset;
		if (prefix_length)
			text.size = charset_prefix_size(charset, text, prefix_length);
		charset_convert(charset, text, charset_get(CHARSET_UTF8MB4), out);
		return;
	}
	if (prefix_length && text.size > prefix_length)
		text.size = prefix_length;
	for (size_t i = 0; i < text.size; i++) {
		if (is_printable(text.data[i]))
			buf_put_u8(out, text.data[i]);
		else
			buf_printf(out, "\\x%02X", text.data[i]);
	}
}

static void put_part_text(const struct column *column, uint32_t prefix_length, struct bytes field, struct buf *out)
{
	struct diag ignored = DIAG_INIT;
	if (field.data == NULL) {
		buf_put_string(out, "NULL");
		return;
	}
	struct buf text;
	buf_init(&text);
	if (convert_text_from_packed(&column->type, field, time_zone_system(), &text, &ignored) == 0)
		put_value_text(&column->type, prefix_length, buf_bytes(&text), out);
	else
		buf_put_string(out, "?");
	buf_deinit(&text);
}

static const char *key_text(const struct table *table, const struct index *index, const struct bytes *fields,
			    struct arena *arena)
{
	struct buf text;
	buf_init(&text);
	for (unsigned i = 0; i < index->part_count; i++) {
		const struct index_part *part = &index->parts[i];
		if (i > 0)
			buf_put_u8(&text, '-');
		put_part_text(&table->columns[part->column], part->prefix_length, fields[part->column], &text);
	}
	size_t size = text.size < key_text_max ? text.size : key_text_max;
	const struct charset *utf8 = charset_get(CHARSET_UTF8MB4);
	if (size < text.size)
		size = charset_valid_size(utf8, bytes_of(text.data, size));
	const char *copy = arena_copy_text(arena, (const char *)text.data, size);
	buf_deinit(&text);
	return copy;
}

const char *change_key_text(const struct table *table, const struct index *index, struct bytes image,
			    struct arena *arena)
{
	struct diag ignored = DIAG_INIT;
	struct bytes *fields = arena_array(arena, struct bytes, table->column_count);
	if (row_split(image, table->types, table->column_count, fields, &ignored) != 0)
		return "";
	return key_text(table, index, fields, arena);
}

/* -------------------------------------------------------------------------------------------------- the check */

/* The key is taken, by the row of this handle. */
static enum change_outcome duplicate(struct change_context *context, const struct index *index,
				     const struct row_state *row, struct bytes handle, struct diag *diag)
{
	struct arena arena;
	arena_init(&arena);
	const char *text = key_text(context->table, index, row->fields, &arena);
	const char *key = arena_printf(&arena, "%s.%s", context->table->name, index->name);
	diag_set(diag, ER_DUP_ENTRY, text, key);
	arena_deinit(&arena);
	context->conflict_index = index;
	buf_clear(&context->conflict_handle);
	buf_put_bytes(&context->conflict_handle, handle);
	return CHANGE_DUPLICATE;
}

enum change_outcome change_check_clustered(struct change_context *context, const struct row_state *row,
					   struct diag *diag)
{
	buf_clear(&context->read);
	enum store_outcome outcome = store_txn_lock(context->store_txn, buf_bytes(&row->key), true, STORE_WAIT,
						    &context->read, diag);
	if (outcome == STORE_NOT_FOUND)
		return CHANGE_OK;
	if (outcome != STORE_OK)
		return change_outcome_of(outcome);
	return duplicate(context, &context->table->indexes[0], row, change_handle_of_key(&row->key), diag);
}

/* Is the after image's key the one that the row has already? */
static bool is_own_key(struct change_context *context, const struct index *index, const struct row_state *before)
{
	if (before == NULL)
		return false;
	change_make_entry(context->table, index, before, &context->other_key, NULL, NULL);
	return bytes_equal(buf_bytes(&context->other_key), buf_bytes(&context->entry_key));
}

static enum change_outcome check_index(struct change_context *context, const struct index *index,
				       const struct row_state *before, const struct row_state *after,
				       struct diag *diag)
{
	bool unique;
	change_make_entry(context->table, index, after, &context->entry_key, NULL, &unique);
	if (!unique || is_own_key(context, index, before))
		return CHANGE_OK;
	buf_clear(&context->read);
	enum store_outcome outcome = store_txn_lock(context->store_txn, buf_bytes(&context->entry_key), true,
						    STORE_WAIT, &context->read, diag);
	if (outcome == STORE_NOT_FOUND)
		return CHANGE_OK;
	if (outcome != STORE_OK)
		return change_outcome_of(outcome);
	return duplicate(context, index, after, buf_bytes(&context->read), diag);
}

enum change_outcome change_check_unique(struct change_context *context, const struct row_state *before,
					const struct row_state *after, struct diag *diag)
{
	const struct table *table = context->table;
	for (unsigned i = 1; i < table->index_count; i++) {
		if (table->indexes[i].kind != INDEX_UNIQUE)
			continue;
		enum change_outcome outcome = check_index(context, &table->indexes[i], before, after, diag);
		if (outcome != CHANGE_OK)
			return outcome;
	}
	return CHANGE_OK;
}
