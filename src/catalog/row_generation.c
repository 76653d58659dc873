#include "catalog/row_generation.h"

#include <assert.h>
#include <string.h>

#include "type/row.h"

enum { generation_mask = 0xff };

static int damaged(const struct table *table, const char *what, struct diag *diag)
{
	return diag_set_message(diag, ER_GET_ERRNO, "Table '%s.%s' is damaged: %s", table->database, table->name, what);
}

/* ------------------------------------------------------------------------------------------------- reading */

static bool holds(const struct stored_column *column, unsigned generation)
{
	return column->added_in <= generation && generation < column->dropped_in;
}

/* The fields of an old image, one by one. */
struct old_fields {
	struct bytes image;
	unsigned next;  /* column */
	size_t offset;  /* of its field */
};

static int take_field(struct old_fields *fields, const struct column_type *type, struct bytes *out)
{
	unsigned column = fields->next++;
	*out = (struct bytes){0};
	if (fields->image.data[column / 8] >> column % 8 & 1)
		return 0;
	int64_t size = row_field_size(type, fields->image.data + fields->offset, fields->image.size - fields->offset);
	if (size < 0)
		return -1;
	*out = bytes_of(fields->image.data + fields->offset, (size_t)size);
	fields->offset += (size_t)size;
	return 0;
}

static const struct column_type *type_of(const struct table *table, const struct stored_column *column)
{
	return column->position < 0 ? &column->type : table->types[column->position];
}

static int lift(const struct table *table, unsigned generation, struct bytes image, struct buf *out)
{
	unsigned held = 0;
	for (unsigned i = 0; i < table->stored_count; i++)
		held += holds(&table->stored[i], generation);
	struct old_fields fields = {.image = image, .offset = (held + 7) / 8};
	if (image.size < fields.offset)
		return -1;
	struct row_builder builder;
	buf_clear(out);
	row_builder_begin(&builder, out, table->column_count);
	for (unsigned i = 0; i < table->stored_count; i++) {
		const struct stored_column *column = &table->stored[i];
		struct bytes field = column->missing;
		if (holds(column, generation) && take_field(&fields, type_of(table, column), &field) != 0)
			return -1;
		if (column->position < 0)
			continue;
		if (field.data)
			row_builder_field(&builder, field);
		else
			row_builder_null(&builder);
	}
	return fields.offset == image.size ? 0 : -1;
}

int table_image_of_value(const struct table *table, struct bytes value, struct buf *lifted, struct bytes *out_image,
			 struct diag *diag)
{
	struct store_row_header header;
	if (!store_get_row_header(value, &header))
		return damaged(table, "a row without header", diag);
	unsigned generation = header.flags & generation_mask;
	struct bytes image = bytes_of(value.data + store_row_header_size, value.size - store_row_header_size);
	if (generation == table->row_generation) {
		*out_image = image;
		return 0;
	}
	if (generation > table->row_generation || lift(table, generation, image, lifted) != 0)
		return damaged(table, "a row that does not fit the columns it was written with", diag);
	*out_image = buf_bytes(lifted);
	return 0;
}

/* ------------------------------------------------------------------------------------------------ the next one */

static struct bytes copy_field(struct arena *arena, struct bytes field)
{
	return field.data ? bytes_of(arena_copy(arena, field.data, field.size), field.size) : field;
}

static void copy_column(struct arena *arena, const struct stored_column *from, struct stored_column *out)
{
	*out = *from;
	out->missing = copy_field(arena, from->missing);
	struct bytes *names = arena_array(arena, struct bytes, from->type.name_count);
	for (unsigned i = 0; i < from->type.name_count; i++)
		names[i] = copy_field(arena, from->type.names[i]);
	out->type.names = from->type.name_count ? names : NULL;
}

struct stored_column *stored_columns_copy(struct arena *arena, const struct stored_column *from, unsigned count)
{
	struct stored_column *made = arena_array(arena, struct stored_column, count);
	for (unsigned i = 0; i < count; i++)
		copy_column(arena, &from[i], &made[i]);
	return made;
}

/* What the old table's rows hold; a table without old rows has not written it down. */
static struct stored_column *columns_at_rest(struct arena *arena, const struct table *old, unsigned *out_count)
{
	*out_count = old->row_generation ? old->stored_count : old->column_count;
	if (old->row_generation)
		return stored_columns_copy(arena, old->stored, old->stored_count);
	struct stored_column *made = arena_array(arena, struct stored_column, old->column_count);
	for (unsigned i = 0; i < old->column_count; i++)
		made[i] = (struct stored_column){.position = (int)i, .dropped_in = row_generation_none};
	return made;
}

static int position_from(const struct table *table, const int *sources, int source)
{
	for (unsigned i = 0; i < table->column_count; i++)
		if (sources[i] == source)
			return (int)i;
	return -1;
}

/* Those of the old table's, dropped or kept; in front of each kept one, the new ones that stand in front of it. */
void table_add_row_generation(struct table *table, const struct table *old, const int *sources, const struct bytes *missing)
{
	unsigned old_count, count = 0, next = 0, generation = old->row_generation + 1;
	struct stored_column *olds = columns_at_rest(&table->arena, old, &old_count);
	struct stored_column *made = arena_array(&table->arena, struct stored_column, old_count + table->column_count);
	assert(generation <= row_generation_max);
	for (unsigned i = 0; i <= old_count; i++) {
		int position = i == old_count            ? (int)table->column_count
			       : olds[i].position < 0    ? -1
							 : position_from(table, sources, olds[i].position);
		for (; (int)next < position && sources[next] < 0; next++)
			made[count++] = (struct stored_column){.position = (int)next, .added_in = generation,
							       .dropped_in = row_generation_none,
							       .missing = copy_field(&table->arena, missing[next])};
		if (i == old_count)
			break;
		made[count] = olds[i];
		if (olds[i].position >= 0 && position < 0) {
			struct stored_column gone = olds[i];
			gone.type = old->columns[gone.position].type;
			gone.dropped_in = generation;
			copy_column(&table->arena, &gone, &made[count]);
		}
		made[count++].position = position;
		if (position >= 0) {
			assert((int)next == position);
			next++;
		}
	}
	table->row_generation = generation;
	table->stored = made;
	table->stored_count = count;
}

void table_forget_row_generations(struct table *table)
{
	table->row_generation = 0;
	table->stored = NULL;
	table->stored_count = 0;
}
