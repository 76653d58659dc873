/*
 * Definitions as bytes: a format byte, then fields in the order of the structs in catalog.h.
 *
 *   number   MySQL's length-encoded integer          text    length-encoded bytes
 *   text?    u8 0, or u8 1 and a text                 list    count as a number, then the elements
 *   type     kind u8, flags u8 (1 unsigned, 2 zerofill), length, decimals u8, collation id, list of names
 *
 * A table: id, database, name, columns, indexes (the hidden ones too: they have spaces), foreign keys, checks,
 * collation, engine, row format?, comment, options, creation time, full-text keys (since format 2), row generation u8,
 * columns at rest (since format 3): position + 1 (0: dropped, and then its type), added in u8, dropped in u8, missing
 * field? What table_finish computes is not written.
 *
 * Enumerations are written as their numbers, which is why those in catalog.h and column_type.h only grow at
 * their ends. A reader of format n reads all formats up to n.
 */
#include <assert.h>

#include "catalog/catalog_internal.h"
#include "catalog/row_generation.h"

static_assert(TYPE_TINYINT == 0 && TYPE_CHAR == 14 && TYPE_TINYTEXT == 18 && TYPE_ENUM == 26 && TYPE_JSON == 28 &&
	      DEFAULT_EXPRESSION == 4 && GENERATED_STORED == 2 && INDEX_FULLTEXT == 3 && FK_SET_DEFAULT == 4,
	      "these numbers are on disk");

enum { format_version = 3 };
/* More than MySQL allows; a larger count is damage. */
enum { columns_max = 4096, indexes_max = 1024, parts_max = 64, foreign_keys_max = 65536, names_max = 65536 };

enum { COLUMN_NULLABLE = 1, COLUMN_AUTO_INCREMENT = 2, COLUMN_ON_UPDATE_NOW = 4, COLUMN_INVISIBLE = 8 };
enum { INDEX_INVISIBLE = 1, INDEX_HIDDEN = 2 };
enum { TYPE_IS_UNSIGNED = 1, TYPE_IS_ZEROFILL = 2 };

int catalog_damaged(struct diag *diag, const char *what)
{
	return diag_set_message(diag, ER_UNKNOWN_ERROR, "The catalog's record of %s is damaged", what);
}

/* --------------------------------------------------------------------------------------------------- writing */

static void put_text(struct buf *out, const char *text)
{
	buf_put_lenenc_bytes(out, bytes_of_string(text));
}

static void put_text_or_null(struct buf *out, const char *text)
{
	buf_put_u8(out, text != NULL);
	if (text)
		put_text(out, text);
}

static void put_type(struct buf *out, const struct column_type *type)
{
	buf_put_u8(out, (uint8_t)type->kind);
	buf_put_u8(out, (uint8_t)((type->is_unsigned ? TYPE_IS_UNSIGNED : 0) |
				  (type->zerofill ? TYPE_IS_ZEROFILL : 0)));
	buf_put_lenenc(out, type->length);
	buf_put_u8(out, type->decimals);
	buf_put_lenenc(out, type->collation ? type->collation->id : collation_binary->id);
	buf_put_lenenc(out, type->name_count);
	for (unsigned i = 0; i < type->name_count; i++)
		buf_put_lenenc_bytes(out, type->names[i]);
}

static void put_column(struct buf *out, const struct column *column)
{
	put_text(out, column->name);
	put_type(out, &column->type);
	buf_put_u8(out, (uint8_t)((column->nullable ? COLUMN_NULLABLE : 0) |
				  (column->auto_increment ? COLUMN_AUTO_INCREMENT : 0) |
				  (column->on_update_now ? COLUMN_ON_UPDATE_NOW : 0) |
				  (column->invisible ? COLUMN_INVISIBLE : 0)));
	buf_put_u8(out, (uint8_t)column->default_kind);
	buf_put_lenenc_bytes(out, column->default_field);
	put_text_or_null(out, column->default_text);
	buf_put_u8(out, (uint8_t)column->generated);
	put_text_or_null(out, column->generated_expression);
	put_text(out, column->comment);
}

static void put_index(struct buf *out, const struct index *index)
{
	put_text(out, index->name);
	buf_put_u8(out, (uint8_t)index->kind);
	buf_put_u32(out, index->space);
	buf_put_u8(out, (uint8_t)((index->invisible ? INDEX_INVISIBLE : 0) | (index->hidden ? INDEX_HIDDEN : 0)));
	put_text(out, index->comment);
	buf_put_lenenc(out, index->part_count);
	for (unsigned i = 0; i < index->part_count; i++) {
		buf_put_lenenc(out, index->parts[i].column);
		buf_put_lenenc(out, index->parts[i].prefix_length);
		buf_put_u8(out, index->parts[i].descending);
	}
}

static void put_foreign_key(struct buf *out, const struct foreign_key *key)
{
	put_text(out, key->name);
	put_text(out, key->parent_database);
	put_text(out, key->parent_table);
	buf_put_u8(out, (uint8_t)key->on_delete);
	buf_put_u8(out, (uint8_t)key->on_update);
	buf_put_lenenc(out, key->column_count);
	for (unsigned i = 0; i < key->column_count; i++) {
		buf_put_lenenc(out, key->columns[i]);
		put_text(out, key->parent_columns[i]);
	}
}

static void put_stored_column(struct buf *out, const struct stored_column *column)
{
	buf_put_lenenc(out, (uint64_t)(column->position + 1));
	if (column->position < 0)
		put_type(out, &column->type);
	buf_put_u8(out, (uint8_t)column->added_in);
	buf_put_u8(out, (uint8_t)column->dropped_in);
	buf_put_u8(out, column->missing.data != NULL);
	if (column->missing.data)
		buf_put_lenenc_bytes(out, column->missing);
}

void catalog_encode_table(const struct table *table, struct buf *out)
{
	buf_put_u8(out, format_version);
	buf_put_u64(out, table->id);
	put_text(out, table->database);
	put_text(out, table->name);
	buf_put_lenenc(out, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++)
		put_column(out, &table->columns[i]);
	buf_put_lenenc(out, table->index_count);
	for (unsigned i = 0; i < table->index_count; i++)
		put_index(out, &table->indexes[i]);
	buf_put_lenenc(out, table->foreign_key_count);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		put_foreign_key(out, &table->foreign_keys[i]);
	buf_put_lenenc(out, table->check_count);
	for (unsigned i = 0; i < table->check_count; i++) {
		put_text(out, table->checks[i].name);
		put_text(out, table->checks[i].expression);
		buf_put_u8(out, table->checks[i].enforced);
	}
	buf_put_lenenc(out, table->collation ? table->collation->id : collation_utf8mb4_default->id);
	put_text(out, table->engine);
	put_text_or_null(out, table->row_format);
	put_text(out, table->comment);
	put_text(out, table->options);
	buf_put_u64(out, (uint64_t)table->create_time_us);
	buf_put_lenenc(out, table->fulltext_count);
	for (unsigned i = 0; i < table->fulltext_count; i++)
		put_index(out, &table->fulltext_keys[i]);
	buf_put_u8(out, (uint8_t)table->row_generation);
	buf_put_lenenc(out, table->stored_count);
	for (unsigned i = 0; i < table->stored_count; i++)
		put_stored_column(out, &table->stored[i]);
}

void catalog_encode_view(const struct view *view, struct buf *out)
{
	buf_put_u8(out, format_version);
	put_text(out, view->database);
	put_text(out, view->name);
	put_text(out, view->select_text);
	put_text_or_null(out, view->definer_user);
	put_text_or_null(out, view->definer_host);
	buf_put_u8(out, view->column_names != NULL);
	buf_put_lenenc(out, view->column_names ? view->column_count : 0);
	for (unsigned i = 0; view->column_names && i < view->column_count; i++)
		put_text(out, view->column_names[i]);
	put_text_or_null(out, view->algorithm);
	put_text_or_null(out, view->security);
	put_text_or_null(out, view->check_option);
	put_text_or_null(out, view->charset_client);
	put_text_or_null(out, view->collation_connection);
}

void catalog_encode_database(const struct collation *collation, struct buf *out)
{
	buf_put_u8(out, format_version);
	buf_put_lenenc(out, collation->id);
}

/* --------------------------------------------------------------------------------------------------- reading */

/* The first error sticks, in the cursor. */
struct reader {
	struct cursor cursor;
	struct arena *arena;
	unsigned format;
};

static void refuse(struct reader *reader)
{
	reader->cursor.failed = true;
}

static struct reader reader_of(struct bytes value, struct arena *arena)
{
	struct reader reader = {.cursor = cursor_of(value), .arena = arena};
	reader.format = cursor_u8(&reader.cursor);
	if (reader.format == 0 || reader.format > format_version)
		refuse(&reader);
	return reader;
}

static const char *get_text(struct reader *reader)
{
	struct bytes text = cursor_lenenc_bytes(&reader->cursor);
	return arena_copy_text(reader->arena, (const char *)text.data, text.size);
}

static const char *get_text_or_null(struct reader *reader)
{
	return cursor_u8(&reader->cursor) ? get_text(reader) : NULL;
}

static struct bytes get_bytes(struct reader *reader)
{
	struct bytes bytes = cursor_lenenc_bytes(&reader->cursor);
	return bytes_of(bytes.size ? arena_copy(reader->arena, bytes.data, bytes.size) : NULL, bytes.size);
}

/* A number below `limit`; what is not is damage and reads as 0. */
static unsigned get_below(struct reader *reader, uint64_t limit)
{
	uint64_t value = cursor_lenenc(&reader->cursor);
	if (value >= limit)
		refuse(reader);
	return reader->cursor.failed ? 0 : (unsigned)value;
}

static unsigned get_enum(struct reader *reader, unsigned last)
{
	unsigned value = cursor_u8(&reader->cursor);
	if (value > last)
		refuse(reader);
	return reader->cursor.failed ? 0 : value;
}

static const struct collation *get_collation(struct reader *reader)
{
	const struct collation *collation = collation_find_id(get_below(reader, 65536));
	if (collation == NULL)
		refuse(reader);
	return collation ? collation : collation_binary;
}

static void get_type(struct reader *reader, struct column_type *type)
{
	type->kind = (enum type_kind)get_enum(reader, TYPE_JSON);
	unsigned flags = cursor_u8(&reader->cursor);
	type->is_unsigned = flags & TYPE_IS_UNSIGNED;
	type->zerofill = flags & TYPE_IS_ZEROFILL;
	type->length = get_below(reader, UINT64_C(1) << 32);
	type->decimals = cursor_u8(&reader->cursor);
	type->collation = get_collation(reader);
	type->name_count = (uint16_t)get_below(reader, names_max);
	struct bytes *names = arena_array(reader->arena, struct bytes, type->name_count);
	for (unsigned i = 0; i < type->name_count; i++)
		names[i] = get_bytes(reader);
	type->names = type->name_count ? names : NULL;
}

static void get_column(struct reader *reader, struct column *column)
{
	column->name = get_text(reader);
	get_type(reader, &column->type);
	unsigned flags = cursor_u8(&reader->cursor);
	column->nullable = flags & COLUMN_NULLABLE;
	column->auto_increment = flags & COLUMN_AUTO_INCREMENT;
	column->on_update_now = flags & COLUMN_ON_UPDATE_NOW;
	column->invisible = flags & COLUMN_INVISIBLE;
	column->default_kind = (enum column_default)get_enum(reader, DEFAULT_EXPRESSION);
	column->default_field = get_bytes(reader);
	column->default_text = get_text_or_null(reader);
	column->generated = (enum column_generated)get_enum(reader, GENERATED_STORED);
	column->generated_expression = get_text_or_null(reader);
	column->comment = get_text(reader);
}

static void get_index(struct reader *reader, struct index *index, unsigned column_count)
{
	index->name = get_text(reader);
	index->kind = (enum index_kind)get_enum(reader, INDEX_FULLTEXT);
	index->space = cursor_u32(&reader->cursor);
	unsigned flags = cursor_u8(&reader->cursor);
	index->invisible = flags & INDEX_INVISIBLE;
	index->hidden = flags & INDEX_HIDDEN;
	index->comment = get_text(reader);
	index->part_count = get_below(reader, parts_max);
	index->parts = arena_array(reader->arena, struct index_part, index->part_count);
	for (unsigned i = 0; i < index->part_count; i++) {
		index->parts[i].column = get_below(reader, column_count);
		index->parts[i].prefix_length = get_below(reader, UINT64_C(1) << 32);
		index->parts[i].descending = cursor_u8(&reader->cursor);
	}
	if ((index->part_count == 0) != index->hidden)
		refuse(reader);
}

static void get_foreign_key(struct reader *reader, struct foreign_key *key, unsigned column_count)
{
	key->name = get_text(reader);
	key->parent_database = get_text(reader);
	key->parent_table = get_text(reader);
	key->on_delete = (enum foreign_key_action)get_enum(reader, FK_SET_DEFAULT);
	key->on_update = (enum foreign_key_action)get_enum(reader, FK_SET_DEFAULT);
	key->column_count = get_below(reader, parts_max);
	key->columns = arena_array(reader->arena, unsigned, key->column_count);
	key->parent_columns = arena_array(reader->arena, const char *, key->column_count);
	for (unsigned i = 0; i < key->column_count; i++) {
		key->columns[i] = get_below(reader, column_count);
		key->parent_columns[i] = get_text(reader);
	}
}

static struct index *get_indexes(struct reader *reader, unsigned column_count, unsigned *out_count)
{
	unsigned count = get_below(reader, indexes_max);
	struct index *indexes = arena_array(reader->arena, struct index, count);
	for (unsigned i = 0; i < count; i++)
		get_index(reader, &indexes[i], column_count);
	*out_count = count;
	return indexes;
}

static void get_lists(struct reader *reader, struct table *table)
{
	table->column_count = get_below(reader, columns_max + 1);
	table->columns = arena_array(reader->arena, struct column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++)
		get_column(reader, &table->columns[i]);
	table->indexes = get_indexes(reader, table->column_count, &table->index_count);
	table->foreign_key_count = get_below(reader, foreign_keys_max);
	table->foreign_keys = arena_array(reader->arena, struct foreign_key, table->foreign_key_count);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		get_foreign_key(reader, &table->foreign_keys[i], table->column_count);
	table->check_count = get_below(reader, foreign_keys_max);
	table->checks = arena_array(reader->arena, struct check_constraint, table->check_count);
	for (unsigned i = 0; i < table->check_count; i++) {
		table->checks[i].name = get_text(reader);
		table->checks[i].expression = get_text(reader);
		table->checks[i].enforced = cursor_u8(&reader->cursor);
	}
}

static void get_stored_column(struct reader *reader, struct stored_column *column, unsigned column_count)
{
	column->position = (int)get_below(reader, column_count + 1) - 1;
	if (column->position < 0)
		get_type(reader, &column->type);
	column->added_in = cursor_u8(&reader->cursor);
	column->dropped_in = cursor_u8(&reader->cursor);
	if (cursor_u8(&reader->cursor))
		column->missing = get_bytes(reader);
}

/* Each column of the table once, in order; then rows of any generation can be lifted. */
static void get_row_generations(struct reader *reader, struct table *table)
{
	unsigned next = 0;
	table->row_generation = cursor_u8(&reader->cursor);
	table->stored_count = get_below(reader, columns_max * row_generation_max);
	table->stored = arena_array(reader->arena, struct stored_column, table->stored_count);
	for (unsigned i = 0; i < table->stored_count; i++) {
		get_stored_column(reader, &table->stored[i], table->column_count);
		if (table->stored[i].position >= 0 && table->stored[i].position != (int)next++)
			refuse(reader);
	}
	if (table->row_generation > row_generation_max || (table->row_generation && next != table->column_count))
		refuse(reader);
}

struct table *catalog_decode_table(struct bytes value, const char *what, struct diag *diag)
{
	struct table *table = table_create();
	struct reader reader = reader_of(value, &table->arena);
	table->id = cursor_u64(&reader.cursor);
	table->database = get_text(&reader);
	table->name = get_text(&reader);
	get_lists(&reader, table);
	table->collation = get_collation(&reader);
	table->engine = get_text(&reader);
	table->row_format = get_text_or_null(&reader);
	table->comment = get_text(&reader);
	table->options = get_text(&reader);
	table->create_time_us = (int64_t)cursor_u64(&reader.cursor);
	if (reader.format >= 2)
		table->fulltext_keys = get_indexes(&reader, table->column_count, &table->fulltext_count);
	if (reader.format >= 3)
		get_row_generations(&reader, table);
	if (!cursor_done(&reader.cursor) || table->column_count == 0 || table->index_count == 0) {
		table_unref(&table);
		catalog_damaged(diag, what);
		return NULL;
	}
	table_finish(table);
	return table;
}

static void get_view_columns(struct reader *reader, struct view *view)
{
	bool named = cursor_u8(&reader->cursor);
	view->column_count = get_below(reader, columns_max + 1);
	if (!named)
		return;
	view->column_names = arena_array(reader->arena, const char *, view->column_count);
	for (unsigned i = 0; i < view->column_count; i++)
		view->column_names[i] = get_text(reader);
}

struct view *catalog_decode_view(struct bytes value, const char *what, struct diag *diag)
{
	struct view *view = view_create();
	struct reader reader = reader_of(value, &view->arena);
	view->database = get_text(&reader);
	view->name = get_text(&reader);
	view->select_text = get_text(&reader);
	view->definer_user = get_text_or_null(&reader);
	view->definer_host = get_text_or_null(&reader);
	get_view_columns(&reader, view);
	view->algorithm = get_text_or_null(&reader);
	view->security = get_text_or_null(&reader);
	view->check_option = get_text_or_null(&reader);
	view->charset_client = get_text_or_null(&reader);
	view->collation_connection = get_text_or_null(&reader);
	if (cursor_done(&reader.cursor))
		return view;
	view_unref(&view);
	catalog_damaged(diag, what);
	return NULL;
}

int catalog_decode_database(struct bytes value, const struct collation **out, const char *what, struct diag *diag)
{
	struct reader reader = reader_of(value, NULL);
	const struct collation *collation = get_collation(&reader);
	if (!cursor_done(&reader.cursor))
		return catalog_damaged(diag, what);
	*out = collation;
	return 0;
}
