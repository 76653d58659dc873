/* Table maps and rows: the bytes are drawn in event_table_map.c and event_rows.c. */
#include <assert.h>
#include <string.h>

#include "binlog/event_frame.h"

enum { optional_signedness = 1, optional_default_charset, optional_column_charset, optional_column_name,
       optional_set_values, optional_enum_values, optional_primary_key = 8, optional_primary_key_prefix,
       optional_enum_set_default_charset, optional_enum_set_column_charset, optional_visibility };

void event_table_column_from_type(const struct column_type *type, struct event_table_column *out)
{
	struct buf metadata;
	buf_init(&metadata);
	type_put_log_metadata(type, &metadata);
	assert(metadata.size <= sizeof out->metadata);
	*out = (struct event_table_column){
		.type = type_log_type(type),
		.metadata_size = (uint8_t)metadata.size,
		.is_unsigned = type->is_unsigned,
		.collation_id = type->collation ? type->collation->id : 63,
		.names = type->names,
		.name_count = type->name_count,
	};
	if (type->kind == TYPE_JSON)
		out->collation_id = collation_utf8mb4_bin->id;
	if (metadata.size)
		memcpy(out->metadata, metadata.data, metadata.size);
	buf_deinit(&metadata);
}

typedef bool column_test(const struct event_table_column *column);

/* STRING with ENUM or SET inside: the real type is the first byte of the metadata. */
static enum field_type real_type(const struct event_table_column *column)
{
	if (column->type != FIELD_STRING)
		return column->type;
	uint8_t real = column->metadata[0];
	return real == FIELD_ENUM || real == FIELD_SET ? real : FIELD_STRING;
}

static bool is_numeric(const struct event_table_column *column)
{
	switch (column->type) {
	case FIELD_TINY:
	case FIELD_SHORT:
	case FIELD_INT24:
	case FIELD_LONG:
	case FIELD_LONGLONG:
	case FIELD_NEWDECIMAL:
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
		return true;
	default:
		return false;
	}
}

static bool is_text(const struct event_table_column *column)
{
	enum field_type type = real_type(column);
	return type == FIELD_STRING || type == FIELD_VARCHAR || type == FIELD_VAR_STRING || type == FIELD_BLOB;
}

static bool is_enum(const struct event_table_column *column) { return real_type(column) == FIELD_ENUM; }
static bool is_set(const struct event_table_column *column) { return real_type(column) == FIELD_SET; }
static bool is_enum_or_set(const struct event_table_column *column) { return is_enum(column) || is_set(column); }

/* One type-length-value; nothing when the value is empty. Clears the value. */
static void put_optional(struct buf *out, uint8_t kind, struct buf *value)
{
	if (value->size == 0)
		return;
	buf_put_u8(out, kind);
	buf_put_lenenc_bytes(out, buf_bytes(value));
	buf_clear(value);
}

static void put_bit(struct buf *value, unsigned bit, bool is_set)
{
	if (bit % 8 == 0)
		buf_put_u8(value, 0);
	if (is_set)
		value->data[value->size - 1] |= (uint8_t)(0x80 >> bit % 8);
}

static void put_signedness(struct buf *out, const struct event_table *table, struct buf *value)
{
	unsigned bit = 0;
	for (unsigned i = 0; i < table->column_count; i++)
		if (is_numeric(&table->columns[i]))
			put_bit(value, bit++, table->columns[i].is_unsigned);
	put_optional(out, optional_signedness, value);
}

/* One collation for all of them and the exceptions, where that is shorter than one each. */
static void put_charsets(struct buf *out, const struct event_table *table, column_test *test, uint8_t default_kind,
			 uint8_t column_kind, struct buf *value)
{
	unsigned count = 0, exceptions = 0;
	uint32_t first = 0;
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct event_table_column *column = &table->columns[i];
		if (!test(column))
			continue;
		if (count++ == 0)
			first = column->collation_id;
		exceptions += column->collation_id != first;
	}
	if (count == 0)
		return;
	bool by_default = exceptions * 2 + 1 <= count;
	if (by_default)
		buf_put_lenenc(value, first);
	unsigned place = 0;
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct event_table_column *column = &table->columns[i];
		if (!test(column))
			continue;
		if (by_default && column->collation_id != first)
			buf_put_lenenc(value, place);
		if (!by_default || column->collation_id != first)
			buf_put_lenenc(value, column->collation_id);
		place++;
	}
	put_optional(out, by_default ? default_kind : column_kind, value);
}

static void put_names(struct buf *out, const struct event_table *table, struct buf *value)
{
	for (unsigned i = 0; i < table->column_count; i++)
		buf_put_lenenc_bytes(value, table->columns[i].name);
	put_optional(out, optional_column_name, value);
}

static void put_values(struct buf *out, const struct event_table *table, column_test *test, uint8_t kind,
		       struct buf *value)
{
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct event_table_column *column = &table->columns[i];
		if (!test(column))
			continue;
		buf_put_lenenc(value, column->name_count);
		for (unsigned j = 0; j < column->name_count; j++)
			buf_put_lenenc_bytes(value, column->names[j]);
	}
	put_optional(out, kind, value);
}

static void put_primary_key(struct buf *out, const struct event_table *table, struct buf *value)
{
	bool has_prefix = false;
	for (unsigned i = 0; i < table->primary_key_size; i++)
		has_prefix |= table->primary_key_prefix && table->primary_key_prefix[i];
	for (unsigned i = 0; i < table->primary_key_size; i++) {
		buf_put_lenenc(value, table->primary_key[i]);
		if (has_prefix)
			buf_put_lenenc(value, table->primary_key_prefix[i]);
	}
	put_optional(out, has_prefix ? optional_primary_key_prefix : optional_primary_key, value);
}

/* Only when a column is hidden: MariaDB's tools do not know this kind. */
static void put_visibility(struct buf *out, const struct event_table *table, struct buf *value)
{
	bool any_hidden = false;
	for (unsigned i = 0; i < table->column_count; i++) {
		put_bit(value, i, !table->columns[i].is_invisible);
		any_hidden |= table->columns[i].is_invisible;
	}
	if (!any_hidden)
		buf_clear(value);
	put_optional(out, optional_visibility, value);
}

static void put_optional_metadata(struct buf *out, const struct event_table *table,
				  enum event_table_metadata_level level)
{
	struct buf value;
	buf_init(&value);
	put_signedness(out, table, &value);
	put_charsets(out, table, is_text, optional_default_charset, optional_column_charset, &value);
	if (level == EVENT_METADATA_FULL) {
		put_names(out, table, &value);
		put_charsets(out, table, is_enum_or_set, optional_enum_set_default_charset,
			     optional_enum_set_column_charset, &value);
		put_values(out, table, is_set, optional_set_values, &value);
		put_values(out, table, is_enum, optional_enum_values, &value);
		put_primary_key(out, table, &value);
		put_visibility(out, table, &value);
	}
	buf_deinit(&value);
}

void event_put_table_map_body(const struct event_table *table, enum event_table_metadata_level level, struct buf *out)
{
	assert(table->db.size <= 255 && table->table.size <= 255 && table->table_id < (uint64_t)1 << 48);
	const uint16_t flag_bit_lengths_exact = 1;
	buf_put_u48(out, table->table_id);
	buf_put_u16(out, flag_bit_lengths_exact);
	buf_put_u8(out, (uint8_t)table->db.size);
	buf_put_bytes(out, table->db);
	buf_put_u8(out, 0);
	buf_put_u8(out, (uint8_t)table->table.size);
	buf_put_bytes(out, table->table);
	buf_put_u8(out, 0);
	buf_put_lenenc(out, table->column_count);
	size_t metadata_size = 0;
	for (unsigned i = 0; i < table->column_count; i++) {
		buf_put_u8(out, (uint8_t)table->columns[i].type);
		metadata_size += table->columns[i].metadata_size;
	}
	buf_put_lenenc(out, metadata_size);
	for (unsigned i = 0; i < table->column_count; i++)
		buf_put(out, table->columns[i].metadata, table->columns[i].metadata_size);
	size_t null_bits_at = out->size;
	buf_put_zeros(out, (table->column_count + 7) / 8);
	for (unsigned i = 0; i < table->column_count; i++)
		if (table->columns[i].is_nullable)
			out->data[null_bits_at + i / 8] |= (uint8_t)(1 << i % 8);
	put_optional_metadata(out, table, level);
}

void event_put_table_map(const struct event_writer *writer, const struct event_table *table,
			 enum event_table_metadata_level level)
{
	size_t at = event_frame_begin(writer, EVENT_TABLE_MAP, 0);
	event_put_table_map_body(table, level, writer->out);
	event_frame_end(writer, at);
}

/* ------------------------------------------------------------------------------------------------------- rows */

enum { rows_flags_at = event_header_size + 6 };

static void put_columns(struct buf *out, const uint8_t *columns, unsigned column_count)
{
	size_t size = (column_count + 7) / 8;
	if (columns)
		buf_put(out, columns, size);
	else if (size)
		memset(buf_extend(out, size), 0xff, size);
}

static void open_event(struct event_rows_writer *rows)
{
	struct buf *out = rows->writer.out;
	rows->event_at = event_frame_begin(&rows->writer, (uint8_t)(EVENT_WRITE_ROWS + rows->kind), 0);
	buf_put_u48(out, rows->table_id);
	buf_put_u16(out, rows->flags);
	buf_put_u16(out, 2); /* extra data: only its own size */
	buf_put_lenenc(out, rows->column_count);
	if (rows->kind != EVENT_ROWS_WRITE)
		put_columns(out, rows->before_columns, rows->column_count);
	if (rows->kind != EVENT_ROWS_DELETE)
		put_columns(out, rows->after_columns, rows->column_count);
	rows->is_open = true;
}

void event_rows_begin(struct event_rows_writer *rows, const struct event_writer *writer, enum event_rows_kind kind,
		      uint64_t table_id, unsigned column_count, const uint8_t *before_columns,
		      const uint8_t *after_columns, uint16_t flags, size_t size_max)
{
	*rows = (struct event_rows_writer){
		.writer = *writer,
		.kind = kind,
		.table_id = table_id,
		.column_count = column_count,
		.before_columns = before_columns,
		.after_columns = after_columns,
		.flags = flags,
		.size_max = size_max,
	};
}

void event_rows_add(struct event_rows_writer *rows, struct bytes before, struct bytes after)
{
	struct buf *out = rows->writer.out;
	bool is_full = rows->is_open && out->size - rows->event_at + before.size + after.size > rows->size_max;
	if (is_full)
		event_frame_end(&rows->writer, rows->event_at);
	if (is_full || !rows->is_open)
		open_event(rows);
	buf_put_bytes(out, before);
	buf_put_bytes(out, after);
}

void event_rows_end(struct event_rows_writer *rows, bool statement_end)
{
	if (!rows->is_open)
		return;
	event_frame_end(&rows->writer, rows->event_at);
	event_rows_set_statement_end(rows->writer.out, rows->event_at, statement_end);
	rows->is_open = false;
}

void event_rows_set_statement_end(struct buf *out, size_t event_at, bool statement_end)
{
	assert(event_at + rows_flags_at + 2 <= out->size);
	uint8_t *flags = out->data + event_at + rows_flags_at;
	if (statement_end)
		*flags |= EVENT_ROWS_STMT_END;
	else
		*flags &= (uint8_t)~EVENT_ROWS_STMT_END;
}
