/*
 * The event codec on bytes from nowhere.
 *
 * The input is the inside of a log file: events, one behind the other. Table maps are kept, and rows walked with the
 * last one. Sizes in headers that do not fit are made to, for the fuzzer should not have to guess them.
 */
#include <string.h>

#include "base/memory.h"
#include "binlog/describe.h"
#include "fuzz.h"

struct run {
	struct event_format format;
	struct arena arena;          /* of the map */
	struct event_table_map map;
	bool has_map;
};

static void walk_rows(struct run *run, const struct event *event)
{
	struct diag diag = DIAG_INIT;
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	if (!run->has_map || event_decode_rows(event, &rows, &diag) < 0)
		return;
	event_rows_walk_init(&walk, &rows, &run->map);
	struct bytes *fields = memory_alloc((run->map.column_count + 1) * sizeof *fields);
	while (event_rows_next(&walk, &row, &diag) == EVENT_WALK_ROW) {
		if (rows.kind != EVENT_ROWS_WRITE)
			event_image_split(&run->map, rows.before_columns, row.before, fields, &diag);
		if (rows.kind != EVENT_ROWS_DELETE)
			event_image_split(&run->map, rows.after_columns, row.after, fields, &diag);
	}
	memory_free(fields);
}

static void take_map(struct run *run, const struct event *event)
{
	struct diag diag = DIAG_INIT;
	struct event_table_map map;
	struct event_table_metadata metadata;
	if (event_decode_table_map(event, &run->arena, &map, &diag) < 0)
		return;
	event_decode_table_metadata(&map, &run->arena, &metadata, &diag);
	event_table_map_copy(&map, &run->arena, &run->map);
	run->has_map = true;
}

static void take_event(struct run *run, struct bytes raw)
{
	struct diag diag = DIAG_INIT;
	struct event event;
	struct buf out;
	if (event_parse(raw, &run->format, &event, &diag) < 0)
		return;
	buf_init(&out);
	event_checksum_is_right(&event);
	event_describe(&event, &out);
	if (event.type == EVENT_FORMAT_DESCRIPTION)
		event_decode_format(raw, &run->format, &diag);
	else if (event.type == EVENT_TABLE_MAP)
		take_map(run, &event);
	else if (event_is_rows(event.type) && !event_is_compressed(event.type))
		walk_rows(run, &event);
	else if (event.type == EVENT_TRANSACTION_PAYLOAD)
		event_decode_payload(&event, 1 << 20, &out, &diag);
	buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	if (!ready)
		collation_init();
	ready = true;
	struct run run = {.has_map = false};
	event_format_init(&run.format, EVENT_CHECKSUM_CRC32);
	arena_init(&run.arena);
	while (size >= event_header_size) {
		size_t event_size = (size_t)bytes_load_uint(data + 9, 4);
		if (event_size < event_header_size || event_size > size)
			event_size = size;
		uint8_t *copy = memory_copy(data, event_size);
		bytes_store_uint(copy + 9, event_size, 4);
		take_event(&run, bytes_of(copy, event_size));
		memory_free(copy);
		data += event_size;
		size -= event_size;
	}
	arena_deinit(&run.arena);
	return 0;
}
