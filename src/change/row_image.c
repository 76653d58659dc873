/*
 * Which columns a row event holds: binlog_row_image.
 *
 *            before image                        after image
 *   FULL     all                                 all
 *   MINIMAL  the key that tells rows apart       what the statement gives, and what it changes besides
 *   NOBLOB   the same, and all but TEXT, BLOB    the same, and all but TEXT, BLOB
 *
 * Without such a key before images are whole. A column that an insert leaves out is one to which the definition gives
 * a constant: who applies the event finds it there. All else that a row has without being given is logged: times,
 * AUTO_INCREMENT values, generated columns.
 */
#include "change/change_internal.h"

static void set_bit(uint8_t *bits, unsigned column)
{
	bits[column / 8] |= (uint8_t)(1u << column % 8);
}

static void choose_before(const struct change_context *context, uint8_t *out)
{
	const struct table *table = context->table;
	const struct index *identity = change_identity(table);
	bool is_minimal = context->options.style.image == EVENT_IMAGE_MINIMAL;
	for (unsigned i = 0; i < table->column_count; i++)
		if (identity == NULL || (!is_minimal && !type_is_blob(table->types[i]->kind)))
			set_bit(out, i);
	for (unsigned i = 0; identity && i < identity->part_count; i++)
		set_bit(out, identity->parts[i].column);
}

/* A replica that is not told has the same value. */
static bool is_constant_default(const struct column *column, struct bytes field)
{
	if (column->generated != GENERATED_NONE || column->auto_increment)
		return false;
	if (column->default_kind == DEFAULT_VALUE)
		return field.data && bytes_equal(field, column->default_field);
	return column->default_kind == DEFAULT_NULL && field.data == NULL;
}

static bool equal_fields(struct bytes a, struct bytes b)
{
	return (a.data == NULL) == (b.data == NULL) && bytes_equal(a, b);
}

static bool is_needed(const struct change_context *context, enum event_rows_kind kind, unsigned column)
{
	const uint8_t *given = context->options.given;
	struct bytes after = context->after.fields[column];
	if (given && event_bit(given, column))
		return true;
	if (kind == EVENT_ROWS_UPDATE)
		return !equal_fields(context->before.fields[column], after);
	return given == NULL || !is_constant_default(&context->table->columns[column], after);
}

static void choose_after(const struct change_context *context, enum event_rows_kind kind, uint8_t *out)
{
	const struct table *table = context->table;
	bool is_minimal = context->options.style.image == EVENT_IMAGE_MINIMAL, is_empty = true;
	for (unsigned i = 0; i < table->column_count; i++) {
		if ((is_minimal || type_is_blob(table->types[i]->kind)) && !is_needed(context, kind, i))
			continue;
		set_bit(out, i);
		is_empty = false;
	}
	/* Rows without any byte could not be counted. */
	for (unsigned i = 0; is_empty && i < table->column_count; i++)
		set_bit(out, i);
}

void change_choose_columns(struct change_context *context, enum event_rows_kind kind, struct logged_columns *out)
{
	size_t size = (context->table->column_count + 7) / 8;
	memset(out->before, 0, size);
	memset(out->after, 0, size);
	if (kind != EVENT_ROWS_WRITE)
		choose_before(context, out->before);
	if (kind != EVENT_ROWS_DELETE)
		choose_after(context, kind, out->after);
}

void change_put_image(const struct table *table, const uint8_t *columns, const struct bytes *fields, struct buf *out)
{
	unsigned count = 0, place = 0;
	for (unsigned i = 0; i < table->column_count; i++)
		count += event_bit(columns, i);
	buf_clear(out);
	buf_put_zeros(out, (count + 7) / 8);
	for (unsigned i = 0; i < table->column_count; i++) {
		if (!event_bit(columns, i))
			continue;
		if (fields[i].data)
			buf_put_bytes(out, fields[i]);
		else
			set_bit(out->data, place);
		place++;
	}
}
