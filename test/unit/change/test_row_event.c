/* What the door puts into the log: groups that stock replicas read, rows in the order of their changes. */
#include "change_fixture.h"

/* One open transaction's events as a line: "Query map:t write(+1|1 +2|NULL|end)". */
struct listing {
	struct world *world;
	struct table *tables[2];
	struct event_table_map map;
	struct buf out;
};

static const struct table *mapped_table(const struct listing *listing)
{
	for (unsigned i = 0; i < 2; i++)
		if (listing->tables[i] && listing->tables[i]->id == listing->map.table_id)
			return listing->tables[i];
	return NULL;
}

static void put_rows(struct listing *listing, const struct event *event)
{
	static const char *const names[] = {"write", "update", "delete"};
	struct diag diag = DIAG_INIT;
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	ok(event_decode_rows(event, &rows, &diag));
	assert_true(rows.table_id == listing->map.table_id);
	assert_true(event_columns_are_complete(rows.after_columns, rows.column_count));
	buf_printf(&listing->out, "%s(", names[rows.kind]);
	event_rows_walk_init(&walk, &rows, &listing->map);
	while (event_rows_next(&walk, &row, &diag) == EVENT_WALK_ROW) {
		if (row.before.data)
			buf_printf(&listing->out, "-%s ", text_of(listing->world, mapped_table(listing), row.before));
		if (row.after.data)
			buf_printf(&listing->out, "+%s ", text_of(listing->world, mapped_table(listing), row.after));
	}
	listing->out.size--;
	buf_put_string(&listing->out, rows.flags & EVENT_ROWS_STMT_END ? "|end)" : ")");
	if (rows.flags & EVENT_ROWS_NO_FOREIGN_KEY_CHECKS)
		buf_put_string(&listing->out, "!fk");
}

static void put_event(struct listing *listing, const struct event *event)
{
	struct diag diag = DIAG_INIT;
	if (listing->out.size)
		buf_put_u8(&listing->out, ' ');
	if (event->type == EVENT_TABLE_MAP) {
		ok(event_decode_table_map(event, &listing->world->arena, &listing->map, &diag));
		buf_printf(&listing->out, "map:%.*s", (int)listing->map.table.size, (const char *)listing->map.table.data);
	} else if (event_is_rows(event->type)) {
		put_rows(listing, event);
	} else {
		buf_put_string(&listing->out, event_type_name(event->type));
	}
}

/* The events that the open transaction has collected. */
static const char *list_events(struct world *world, struct table *first, struct table *second)
{
	struct diag diag = DIAG_INIT;
	struct listing listing = {.world = world, .tables = {first, second}};
	struct event_format format;
	event_format_init(&format, EVENT_CHECKSUM_CRC32);
	const struct buf *events = txn_events(world->txn);
	for (size_t at = 0; at < events->size;) {
		struct event event;
		size_t size = (size_t)bytes_load_uint(events->data + at + 9, 4);
		ok(event_parse(bytes_of(events->data + at, size), &format, &event, &diag));
		assert_int_equal(event.server_id, 7);
		put_event(&listing, &event);
		at += size;
	}
	const char *text = arena_copy_string(&world->arena, buf_cstring(&listing.out));
	buf_deinit(&listing.out);
	return text;
}

static void test_rows_share_an_event(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int?", "P(id)");
	struct change_context *context = open_context(world, table, &checked);
	ok(change_insert(context, image_of(world, table, "1|1"), &diag));
	ok(change_insert(context, image_of(world, table, "2|NULL"), &diag));
	change_end(&context);
	ok(delete(world, table, "1|1", &diag));
	ok(update(world, table, "2|NULL", "2|NULL", &diag)); /* nothing happened: nothing is logged */
	assert_string_equal(list_events(world, table, NULL),
			    "Query map:t write(+1|1 +2|NULL|end) map:t delete(-1|1|end)");
	commit(world);
	table_unref(&table);
}

/* ON DUPLICATE KEY UPDATE: kinds alternate within one group. */
static void test_kinds_alternate(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int?", "P(id)");
	struct change_context *context = open_context(world, table, &checked);
	ok(change_insert(context, image_of(world, table, "1|1"), &diag));
	assert_int_equal(change_insert(context, image_of(world, table, "1|1"), &diag), CHANGE_DUPLICATE);
	struct buf handle;
	buf_init(&handle);
	buf_put_bytes(&handle, change_conflict_handle(context));
	ok(change_update(context, buf_bytes(&handle), image_of(world, table, "1|1"), image_of(world, table, "1|2"), &diag));
	ok(change_insert(context, image_of(world, table, "3|3"), &diag));
	ok(change_insert(context, image_of(world, table, "4|4"), &diag));
	buf_deinit(&handle);
	change_end(&context);
	assert_string_equal(list_events(world, table, NULL),
			    "Query map:t write(+1|1) update(-1|1 +1|2) write(+3|3 +4|4|end)");
	commit(world);
	table_unref(&table);
}

/* Two tables in turns: each group is whole, since a replica passes over a map that comes late. */
static void test_two_tables(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *a = create_table(world, "a", "id:int", "P(id)"), *b = create_table(world, "b", "id:int", "");
	struct change_context *first = open_context(world, a, &checked), *second = open_context(world, b, &unchecked);
	ok(change_insert(first, image_of(world, a, "1"), &diag));
	ok(change_insert(first, image_of(world, a, "2"), &diag));
	ok(change_insert(second, image_of(world, b, "1"), &diag));
	ok(change_insert(first, image_of(world, a, "3"), &diag));
	ok(change_insert(second, image_of(world, b, "2"), &diag));
	change_end(&first);
	change_end(&second);
	assert_string_equal(list_events(world, a, b),
			    "Query map:a write(+1 +2|end) map:b write(+1|end)!fk map:a write(+3|end) "
			    "map:b write(+2|end)!fk");
	commit(world);
	table_unref(&a);
	table_unref(&b);
}

static void test_large_statements_are_cut(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int s:text200", "P(id)");
	struct change_context *context = open_context(world, table, &checked);
	char row[220];
	for (int i = 0; i < 200; i++) {
		snprintf(row, sizeof row, "%d|%0150d", i, i);
		ok(change_insert(context, image_of(world, table, row), &diag));
	}
	change_end(&context);
	const char *text = list_events(world, table, NULL);
	unsigned maps = 0, events = 0, ends = 0, rows = 0;
	for (const char *at = text; *at; at++) {
		maps += strncmp(at, "map:", 4) == 0;
		events += strncmp(at, "write(", 6) == 0;
		ends += strncmp(at, "|end)", 5) == 0;
		rows += *at == '+';
	}
	assert_int_equal(maps, 1);
	assert_int_equal(rows, 200);
	assert_int_equal(ends, 1);
	assert_true(events == 4 || events == 5);
	assert_string_equal(text + strlen(text) - 5, "|end)");
	commit(world);
	table_unref(&table);
}

static void test_cascades_are_not_logged(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_table(world, "parent", "id:int", "P(id)");
	struct table *child = new_table("child", "id:int pid:int?", "P(id) K:pid(pid)");
	add_foreign_key(child, "fk", "pid", "parent", "id", FK_CASCADE, FK_CASCADE);
	create(world, child);
	fill(world, parent, "1 2");
	fill(world, child, "1|1 2|2");
	ok(delete(world, parent, "1", &diag));
	ok(update(world, parent, "2", "3", &diag));
	assert_string_equal(list_events(world, parent, child),
			    "Query map:parent delete(-1|end) map:parent update(-2 +3|end)");
	commit(world);
	assert_rows(world, child, "2|3");
	table_unref(&parent);
	table_unref(&child);
}

static void test_not_logged(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int", "P(id)");
	struct change_options options = checked;
	options.no_log = true;
	ok(insert_with(world, table, "1", &options, &diag));
	commit(world);
	txn_set_logging(world->txn, false);
	ok(insert(world, table, "2", &diag));
	commit(world);
	assert_rows(world, table, "1 2");
	table_unref(&table);
}

static struct store_row_header header_of(struct world *world, const struct table *table, uint32_t id)
{
	struct diag diag = DIAG_INIT;
	struct store_row_header header;
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	buf_put_u32_be(&key, table->indexes[0].space);
	buf_put_u32_be(&key, id ^ 0x80000000u);
	assert_int_equal(store_get(world->store, buf_bytes(&key), &value, &diag), STORE_OK);
	assert_true(store_get_row_header(buf_bytes(&value), &header));
	buf_deinit(&key);
	buf_deinit(&value);
	return header;
}

/* Law 8: a row knows when and where it was committed first; cascaded ones too. */
static void test_rows_know_their_version(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int", "P(id)");
	fill(world, table, "1|1 2|2");
	struct store_row_header first = header_of(world, table, 1);
	assert_int_equal(first.origin_server_id, 7);
	assert_true(first.version_us > 1600000000000000);
	struct txn_origin origin = {.foreign = true, .server_id = 9, .original_commit_us = 1700000000000001,
				    .has_gtid = true, .gtid = {.sid = {2}, .gno = 5}};
	txn_set_origin(world->txn, &origin);
	ok(update(world, table, "1|1", "1|5", &diag));
	commit(world);
	struct store_row_header applied = header_of(world, table, 1);
	assert_int_equal(applied.origin_server_id, 9);
	assert_int_equal(applied.version_us, 1700000000000001);
	assert_true(header_of(world, table, 2).version_us == first.version_us);
	table_unref(&table);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_rows_share_an_event),
		world_test(test_kinds_alternate),
		world_test(test_two_tables),
		world_test(test_large_statements_are_cut),
		world_test(test_cascades_are_not_logged),
		world_test(test_not_logged),
		world_test(test_rows_know_their_version),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
