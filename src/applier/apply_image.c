/*
 * From an image of a source's row to one of ours.
 *
 * An image tells some columns (binlog_row_image), of which we may have some. What it does not tell stays as it is in an
 * UPDATE, and in a new row becomes what an INSERT would make of it: the default, now by the source's clock, the next
 * AUTO_INCREMENT value. In an image that only finds a row it may be anything (change_find_row).
 */
#include "applier/apply_internal.h"
#include "session/variables.h"
#include "type/convert.h"
#include "type/row.h"

static void put_anything(const struct column *column, struct row_builder *builder)
{
	if (column->nullable) {
		row_builder_null(builder);
		return;
	}
	convert_put_implicit_default(&column->type, builder->out);
	row_builder_field_done(builder);
}

static int put_value(struct apply *apply, const struct column *column, const struct value *value,
		     struct row_builder *builder, struct diag *diag)
{
	struct convert_context context;
	session_convert_context(apply->session, &context);
	context.warnings = NULL;
	if (convert_to_packed(value, &column->type, column->name, &context, builder->out, diag) != 0)
		return -1;
	row_builder_field_done(builder);
	return 0;
}

static int put_now(struct apply *apply, const struct column *column, struct row_builder *builder, struct diag *diag)
{
	struct value now = {.kind = VALUE_DATETIME,
			    .packed = time_zone_to_local(apply->session->variables.time_zone, apply->time_us)};
	return put_value(apply, column, &now, builder, diag);
}

static int put_next_id(struct apply *apply, const struct table *table, const struct column *column,
		       struct row_builder *builder, struct diag *diag)
{
	const struct session *session = apply->session;
	uint64_t id = 0;
	if (auto_increment_reserve(session->server->catalog, session->server->store, table,
				   session->variables.auto_increment_increment,
				   session->variables.auto_increment_offset, 1, &id, diag) != 0)
		return -1;
	struct value value = value_uint(id);
	return put_value(apply, column, &value, builder, diag);
}

static int refuse_expression(const struct table *table, const struct column *column, struct diag *diag)
{
	return diag_set_message(diag, ER_SLAVE_FATAL_ERROR,
				"Column '%s' of table '%s.%s' is computed by an expression, and the source's row has no "
				"value for it",
				column->name, table->database, table->name);
}

/* A column of a new row that its source did not tell. */
static int put_default(struct apply *apply, const struct table *table, const struct column *column,
		       struct row_builder *builder, struct diag *diag)
{
	if (column->generated != GENERATED_NONE || column->default_kind == DEFAULT_EXPRESSION)
		return refuse_expression(table, column, diag);
	if (column->auto_increment)
		return put_next_id(apply, table, column, builder, diag);
	if (column->default_kind == DEFAULT_NOW)
		return put_now(apply, column, builder, diag);
	if (column->default_kind == DEFAULT_VALUE)
		row_builder_field(builder, column->default_field);
	else
		put_anything(column, builder);
	return 0;
}

static int put_told(struct apply *apply, const struct table_plan *plan, unsigned column, struct bytes field,
		    struct row_builder *builder, struct diag *diag)
{
	const struct column *definition = &plan->table->columns[column];
	unsigned source = (unsigned)plan->source_columns[column];
	if (field.data == NULL) {
		put_anything(definition, builder);
		return 0;
	}
	if (plan->matches[column] == LOG_TYPE_SAME) {
		row_builder_field(builder, field);
		return 0;
	}
	if (log_type_convert(&plan->types[source], field, &definition->type, &apply->arena, builder->out) ==
	    LOG_TYPE_REFUSED)
		return apply_refuse_column(plan, column, source, diag);
	row_builder_field_done(builder);
	return 0;
}

/* An UPDATE leaves the column as it was, unless only we could know what it is now. */
static int put_kept(const struct table_plan *plan, unsigned column, struct bytes field, struct row_builder *builder,
		    struct diag *diag)
{
	const struct column *definition = &plan->table->columns[column];
	if (definition->generated != GENERATED_NONE && plan->source_columns[column] < 0)
		return refuse_expression(plan->table, definition, diag);
	if (field.data)
		row_builder_field(builder, field);
	else
		row_builder_null(builder);
	return 0;
}

bool apply_is_told(const struct table_plan *plan, const uint8_t *columns, unsigned column)
{
	int source = plan->source_columns[column];
	return source >= 0 && event_bit(columns, (unsigned)source);
}

int apply_convert_image(struct apply *apply, struct table_plan *plan, enum apply_image kind, const uint8_t *columns,
			struct bytes image, struct bytes base, struct buf *out, struct diag *diag)
{
	const struct table *table = plan->table;
	buf_clear(out);
	if (plan->is_same && event_columns_are_complete(columns, plan->map.column_count)) {
		buf_put_bytes(out, image);
		row_clear_padding(out->data, table->column_count);
		return 0;
	}
	struct bytes *fields = arena_array(&apply->arena, struct bytes, plan->map.column_count);
	struct bytes *kept = base.size ? arena_array(&apply->arena, struct bytes, table->column_count) : NULL;
	if (event_image_split(&plan->map, columns, image, fields, diag) < 0 ||
	    (kept && row_split(base, table->types, table->column_count, kept, diag) != 0))
		return -1;
	struct row_builder builder;
	int status = 0;
	row_builder_begin(&builder, out, table->column_count);
	for (unsigned i = 0; i < table->column_count && status == 0; i++) {
		if (apply_is_told(plan, columns, i))
			status = put_told(apply, plan, i, fields[plan->source_columns[i]], &builder, diag);
		else if (kept)
			status = put_kept(plan, i, kept[i], &builder, diag);
		else if (kind == APPLY_AFTER)
			status = put_default(apply, table, &table->columns[i], &builder, diag);
		else
			put_anything(&table->columns[i], &builder);
	}
	return status;
}

const uint8_t *apply_known_columns(struct apply *apply, const struct table_plan *plan, const uint8_t *columns)
{
	const struct table *table = plan->table;
	if (plan->is_same && event_columns_are_complete(columns, plan->map.column_count))
		return NULL;
	uint8_t *known = arena_array(&apply->arena, uint8_t, (table->column_count + 7) / 8);
	for (unsigned i = 0; i < table->column_count; i++)
		if (apply_is_told(plan, columns, i))
			known[i / 8] |= (uint8_t)(1u << i % 8);
	return known;
}
