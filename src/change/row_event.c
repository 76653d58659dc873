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
 * A rows event takes rows until it has about so many bytes (binlog_row_event_max_size), as long as its images hold the
 * same columns. What is before the last one does not change any more, and may leave memory.
 */
#include <string.h>

#include "base/memory.h"
#include "change/change_internal.h"

enum { event_size_default = 8192 };

static const struct event_table_column *make_columns(const struct table *table, struct arena *arena)
{
	struct event_table_column *columns = arena_array(arena, struct event_table_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		event_table_column_from_type(&table->columns[i].type, &columns[i]);
		columns[i].name = bytes_of_string(table->columns[i].name);
		columns[i].is_nullable = table->columns[i].nullable;
		columns[i].is_invisible = table->columns[i].invisible;
	}
	return columns;
}

static struct table_map *make_table_map(const struct table *table, enum event_table_metadata_level level,
					struct arena *arena)
{
	const struct index *primary = &table->indexes[0];
	unsigned *columns = arena_array(arena, unsigned, primary->part_count);
	uint32_t *prefixes = arena_array(arena, uint32_t, primary->part_count);
	for (unsigned i = 0; i < primary->part_count; i++) {
		columns[i] = primary->parts[i].column;
		prefixes[i] = primary->parts[i].prefix_length;
	}
	struct event_table description = {
		.table_id = table->id,
		.db = bytes_of_string(table->database),
		.table = bytes_of_string(table->name),
		.columns = make_columns(table, arena),
		.column_count = table->column_count,
		.primary_key = columns,
		.primary_key_prefix = prefixes,
		.primary_key_size = primary->part_count,
	};
	struct buf body = {0};
	event_put_table_map_body(&description, level, &body);
	struct table_map *map = memory_alloc(sizeof *map + body.size);
	map->size = body.size;
	memcpy(map->body, body.data, body.size);
	buf_deinit(&body);
	return map;
}

/* Who is first leaves it with the table, for everybody. */
static const struct table_map *get_table_map(struct change_context *context)
{
	enum event_table_metadata_level level = context->options.style.metadata;
	_Atomic(struct table_map *) *place = &context->table->maps[level];
	struct table_map *map = atomic_load(place), *made;
	if (map)
		return map;
	made = make_table_map(context->table, level, &context->arena);
	if (atomic_compare_exchange_strong(place, &map, made))
		return made;
	memory_free(made);
	return map;
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
	struct row_events *events = &context->events;
	size_t size_max = context->options.style.event_size_max;
	struct logged_columns columns = events->wanted;
	events->wanted = events->open;
	events->open = columns;
	event_rows_begin(&events->rows, writer, kind, context->table->id, context->table->column_count, columns.before,
			 columns.after, rows_flags(&context->options), size_max ? size_max : event_size_default);
	events->is_begun = true;
}

/* ------------------------------------------------------------------------------------------------ images in part */

static void choose_columns(struct change_context *context, enum event_rows_kind kind)
{
	struct row_events *events = &context->events;
	size_t size = (context->table->column_count + 7) / 8;
	struct logged_columns *sets[] = {&events->open, &events->wanted};
	for (unsigned i = 0; i < 2 && events->wanted.after == NULL; i++) {
		sets[i]->before = arena_array(&context->arena, uint8_t, size);
		sets[i]->after = arena_array(&context->arena, uint8_t, size);
	}
	change_choose_columns(context, kind, &events->wanted);
}

static bool columns_are_open(const struct change_context *context)
{
	const struct row_events *events = &context->events;
	size_t size = (context->table->column_count + 7) / 8;
	return events->wanted.after == NULL || (memcmp(events->open.before, events->wanted.before, size) == 0 &&
						memcmp(events->open.after, events->wanted.after, size) == 0);
}

static struct bytes part_of(const struct change_context *context, const uint8_t *columns, const struct row_state *row,
			    struct bytes whole, struct buf *out)
{
	if (whole.data == NULL || event_columns_are_complete(columns, context->table->column_count))
		return whole;
	change_put_image(context->table, columns, row->fields, out);
	return buf_bytes(out);
}

/* ------------------------------------------------------------------------------------------------------- the door's */

/* The statement's text, then its first table. */
static void begin_group(struct change_context *context, const struct event_writer *writer)
{
	struct bytes *query = context->options.rows_query;
	if (query && query->size) {
		event_put_rows_query(writer, *query);
		*query = bytes_of(NULL, 0);
	}
	const struct table_map *map = get_table_map(context);
	event_put(writer, EVENT_TABLE_MAP, 0, bytes_of(map->body, map->size));
}

static void open_event(struct change_context *context, enum event_rows_kind kind, struct buf *out)
{
	struct row_events *events = &context->events;
	bool goes_on =
		events->is_begun && events->end_at == txn_events_size(context->txn) && events->rows.writer.out == out;
	if (goes_on && events->rows.kind == kind && columns_are_open(context)) {
		reopen(events);
		return;
	}
	struct event_writer writer = txn_event_writer(context->txn);
	if (goes_on)
		event_rows_set_statement_end(out, events->rows.event_at, false);
	else
		begin_group(context, &writer);
	begin_rows(context, &writer, kind);
}

static void note_unlogged(const struct change_context *context)
{
	for (unsigned i = 0; i < context->table->index_count; i++)
		txn_note_unlogged_rows(context->txn, context->table->indexes[i].space);
}

void change_log(struct change_context *context, enum event_rows_kind kind, struct bytes before, struct bytes after)
{
	struct row_events *events = &context->events;
	if (!context->is_logged) {
		if (context->is_left_out)
			note_unlogged(context);
		return;
	}
	struct buf *out = txn_events(context->txn);
	if (context->options.style.image != EVENT_IMAGE_FULL) {
		choose_columns(context, kind);
		before = part_of(context, events->wanted.before, &context->before, before, &events->before);
		after = part_of(context, events->wanted.after, &context->after, after, &events->after);
	}
	open_event(context, kind, out);
	event_rows_add(&events->rows, before, after);
	event_rows_end(&events->rows, true);
	events->rows.event_at -= txn_events_let_go(context->txn, events->rows.event_at);
	events->end_at = txn_events_size(context->txn);
}
