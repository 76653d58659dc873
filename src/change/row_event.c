/*
 * Row events in the transaction's cache.
 *
 * MySQL's replicas open the tables of a statement when its first rows event comes, from the TABLE_MAPs before it;
 * a TABLE_MAP that comes later in the same statement would be passed over silently. So each group here is one
 * table's: TABLE_MAP, rows events, and STMT_END on the last of them. Every event gets STMT_END when it is
 * written, and loses it when the next row of the group follows right behind. The cache therefore is a whole number of
 * groups at any time, whoever writes next, and no context has to know of another.
 *
 *   one table, inserts:           MAP WRITE(row row row | end)
 *   ON DUPLICATE KEY UPDATE:      MAP WRITE(row) UPDATE(row) WRITE(row row | end)
 *   two tables in turns:          MAP a UPDATE(row | end) MAP b UPDATE(row | end) MAP a UPDATE(row | end)
 *
 * A rows event takes rows until it has about rows_event_size bytes (binlog_row_event_max_size).
 */
#include "change/change_internal.h"

enum { rows_event_size = 8192 };

static void make_columns(struct change_context *context)
{
	const struct table *table = context->table;
	struct event_table_column *columns =
		arena_array(&context->arena, struct event_table_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		event_table_column_from_type(&table->columns[i].type, &columns[i]);
		columns[i].name = bytes_of_string(table->columns[i].name);
		columns[i].is_nullable = table->columns[i].nullable;
		columns[i].is_invisible = table->columns[i].invisible;
	}
	context->events.columns = columns;
}

static void put_table_map(struct change_context *context, const struct event_writer *writer)
{
	const struct table *table = context->table;
	const struct index *primary = &table->indexes[0];
	if (context->events.columns == NULL)
		make_columns(context);
	unsigned *columns = arena_array(&context->arena, unsigned, primary->part_count);
	uint32_t *prefixes = arena_array(&context->arena, uint32_t, primary->part_count);
	for (unsigned i = 0; i < primary->part_count; i++) {
		columns[i] = primary->parts[i].column;
		prefixes[i] = primary->parts[i].prefix_length;
	}
	struct event_table description = {
		.table_id = table->id,
		.db = bytes_of_string(table->database),
		.table = bytes_of_string(table->name),
		.columns = context->events.columns,
		.column_count = table->column_count,
		.primary_key = columns,
		.primary_key_prefix = prefixes,
		.primary_key_size = primary->part_count,
	};
	event_put_table_map(writer, &description,
			    context->options.row_metadata ? EVENT_METADATA_FULL : EVENT_METADATA_MINIMAL);
}

static uint16_t rows_flags(const struct change_options *options)
{
	return (uint16_t)((options->foreign_key_checks ? 0 : EVENT_ROWS_NO_FOREIGN_KEY_CHECKS) |
			  (options->unique_checks ? 0 : EVENT_ROWS_RELAXED_UNIQUE_CHECKS));
}

/* The last event takes another row: off with its end, and with the room for its checksum. */
static void reopen(struct row_events *events)
{
	event_rows_set_statement_end(events->rows.writer.out, events->rows.event_at, false);
	events->rows.writer.out->size -= event_checksum_size;
	events->rows.is_open = true;
}

static void begin_rows(struct change_context *context, const struct event_writer *writer, enum event_rows_kind kind)
{
	event_rows_begin(&context->events.rows, writer, kind, context->table->id, context->table->column_count, NULL,
			 NULL, rows_flags(&context->options), rows_event_size);
	context->events.is_begun = true;
}

void change_log(struct change_context *context, enum event_rows_kind kind, struct bytes before, struct bytes after)
{
	struct row_events *events = &context->events;
	if (context->outer || context->options.no_log || !txn_is_logging(context->txn))
		return;
	struct buf *out = txn_events(context->txn);
	bool goes_on = events->is_begun && events->end_at == out->size && events->rows.writer.out == out;
	if (goes_on && events->rows.kind == kind) {
		reopen(events);
	} else {
		struct event_writer writer = txn_event_writer(context->txn);
		if (goes_on)
			event_rows_set_statement_end(out, events->rows.event_at, false);
		else
			put_table_map(context, &writer);
		begin_rows(context, &writer, kind);
	}
	event_rows_add(&events->rows, before, after);
	event_rows_end(&events->rows, true);
	events->end_at = out->size;
}
