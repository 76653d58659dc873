/* Images in part: which columns an event holds, and which row is meant when it tells only some. */
#include "change_fixture.h"

/* One image's fields, a dot where there is none: "1|.|abc". */
static void put_image(struct world *world, struct buf *out, const struct table *table,
		      const struct event_table_map *map, const uint8_t *columns, struct bytes image)
{
	struct diag diag = DIAG_INIT;
	struct bytes *fields = arena_array(&world->arena, struct bytes, table->column_count);
	ok(event_image_split(map, columns, image, fields, &diag));
	for (unsigned i = 0; i < table->column_count; i++) {
		buf_put_string(out, i ? "|" : "");
		if (!event_bit(columns, i))
			buf_put_u8(out, '.');
		else if (fields[i].data == NULL)
			buf_put_string(out, "NULL");
		else
			ok(convert_text_from_packed(&table->columns[i].type, fields[i], time_zone_utc(), out, &diag));
	}
}

static void put_rows(struct world *world, struct buf *out, const struct table *table, const struct event *event,
		     const struct event_table_map *map)
{
	struct diag diag = DIAG_INIT;
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	ok(event_decode_rows(event, &rows, &diag));
	buf_put_string(out, out->size ? " [" : "[");
	event_rows_walk_init(&walk, &rows, map);
	while (event_rows_next(&walk, &row, &diag) == EVENT_WALK_ROW) {
		if (row.before.data) {
			buf_put_string(out, "-");
			put_image(world, out, table, map, rows.before_columns, row.before);
		}
		if (row.after.data) {
			buf_put_string(out, "+");
			put_image(world, out, table, map, rows.after_columns, row.after);
		}
	}
	buf_put_string(out, rows.flags & EVENT_ROWS_STMT_END ? "]" : "");
}

/* The rows events of the open transaction, which ends here: "[+1|.|x+2|.|y] [-1|.|.]". */
static const char *logged(struct world *world, const struct table *table)
{
	struct diag diag = DIAG_INIT;
	struct event_format format;
	struct event_table_map map;
	struct buf out = {0};
	event_format_init(&format, EVENT_CHECKSUM_CRC32);
	const struct buf *events = txn_events(world->txn);
	for (size_t at = 0; at < events->size;) {
		struct event event;
		size_t size = (size_t)bytes_load_uint(events->data + at + 9, 4);
		ok(event_parse(bytes_of(events->data + at, size), &format, &event, &diag));
		if (event.type == EVENT_TABLE_MAP)
			ok(event_decode_table_map(&event, &world->arena, &map, &diag));
		else if (event_is_rows(event.type))
			put_rows(world, &out, table, &event, &map);
		at += size;
	}
	const char *text = arena_copy_string(&world->arena, buf_cstring(&out));
	buf_deinit(&out);
	commit(world);
	return text;
}

static struct change_options with_image(enum event_row_image image)
{
	struct change_options options = checked;
	options.style.image = image;
	return options;
}

/* id, n with the constant default NULL, s without any, b a BLOB. */
static struct table *make_table(struct world *world, const char *name, const char *indexes)
{
	struct table *table = new_table(name, "id:int n:int? s:text20? b:bin30?", indexes);
	table->columns[1].default_kind = DEFAULT_NULL;
	table->columns[3].type.kind = TYPE_BLOB;
	table->columns[3].default_kind = DEFAULT_NULL;
	return create(world, table);
}

static void test_minimal(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = make_table(world, "t", "P(id)");
	struct change_options options = with_image(EVENT_IMAGE_MINIMAL);
	const uint8_t given_id[] = {1}, given_n[] = {2};
	options.given = given_id;
	ok(insert_with(world, table, "1|NULL|NULL|NULL", &options, &diag)); /* s has no default: it is told */
	ok(insert_with(world, table, "2|5|x|y", &options, &diag));
	assert_string_equal(logged(world, table), "[+1|.|NULL|.] [+2|5|x|y]");
	options.given = given_n;
	ok(change_with(world, table, "1|NULL|NULL|NULL", "1|NULL|x|NULL", &options, &diag));
	ok(change_with(world, table, "2|5|x|y", NULL, &options, &diag));
	assert_string_equal(logged(world, table), "[-1|.|.|.+.|NULL|x|.] [-2|.|.|.]");
	options.given = NULL;
	ok(change_with(world, table, "1|NULL|x|NULL", "7|NULL|x|NULL", &options, &diag));
	ok(insert_with(world, table, "3|NULL|NULL|NULL", &options, &diag));
	assert_string_equal(logged(world, table), "[-1|.|.|.+7|.|.|.] [+3|NULL|NULL|NULL]");
	assert_rows(world, table, "3|NULL|NULL|NULL 7|NULL|x|NULL");
	table_unref(&table);
}

static void test_noblob(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = make_table(world, "t", "P(id)");
	struct change_options options = with_image(EVENT_IMAGE_NOBLOB);
	const uint8_t given_id[] = {1};
	options.given = given_id;
	ok(insert_with(world, table, "1|NULL|x|NULL", &options, &diag));
	ok(insert_with(world, table, "2|NULL|x|b", &options, &diag));
	ok(change_with(world, table, "2|NULL|x|b", "2|1|x|b", &options, &diag));
	ok(change_with(world, table, "2|1|x|b", "2|1|x|c", &options, &diag));
	ok(change_with(world, table, "2|1|x|c", NULL, &options, &diag));
	assert_string_equal(logged(world, table), "[+1|NULL|x|.] [+2|NULL|x|b] [-2|NULL|x|.+2|1|x|.] "
						  "[-2|1|x|.+2|1|x|c] [-2|1|x|.]");
	table_unref(&table);
}

/* A unique key without NULLs tells rows apart as a primary key does; one that may hold NULLs does not. */
static void test_which_key_tells_rows_apart(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct change_options options = with_image(EVENT_IMAGE_MINIMAL);
	struct table *unique = make_table(world, "u", "U:n(n) U:id(id)"),
		     *none = make_table(world, "k", "U:n(n) K:id(id)");
	fill(world, unique, "1|1|x|y");
	fill(world, none, "1|1|x|y");
	ok(change_with(world, unique, "1|1|x|y", "1|2|x|y", &options, &diag));
	assert_string_equal(logged(world, unique), "[-1|.|.|.+.|2|.|.]");
	ok(change_with(world, none, "1|1|x|y", "1|2|x|y", &options, &diag));
	assert_string_equal(logged(world, none), "[-1|1|x|y+.|2|.|.]");
	table_unref(&unique);
	table_unref(&none);
}

/* Rows of one event hold the same columns; the statement goes on in another event, without another map. */
static void test_columns_change_within_a_statement(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = make_table(world, "t", "P(id)");
	struct change_options options = with_image(EVENT_IMAGE_MINIMAL);
	const uint8_t given_id[] = {1};
	options.given = given_id;
	struct change_context *context = open_context(world, table, &options);
	ok(change_insert(context, image_of(world, table, "1|NULL|x|NULL"), &diag));
	ok(change_insert(context, image_of(world, table, "2|NULL|x|NULL"), &diag));
	ok(change_insert(context, image_of(world, table, "3|4|x|NULL"), &diag));
	ok(change_insert(context, image_of(world, table, "5|NULL|x|NULL"), &diag));
	change_end(&context);
	assert_string_equal(logged(world, table), "[+1|.|x|.+2|.|x|. [+3|4|x|. [+5|.|x|.]");
	table_unref(&table);
}

/* ------------------------------------------------------------------------------------------------- which row is meant */

/* The row found by those columns of `before`, or NULL. */
static const char *found(struct world *world, struct table *table, const char *before, uint8_t known)
{
	struct diag diag = DIAG_INIT;
	struct buf handle = {0}, current = {0};
	struct change_context *context = open_context(world, table, &checked);
	enum change_outcome outcome =
		change_find_row(context, image_of(world, table, before), &known, &handle, &current, &diag);
	const char *text = outcome == CHANGE_OK ? text_of(world, table, buf_bytes(&current)) : NULL;
	assert_true(outcome == CHANGE_OK || outcome == CHANGE_NO_SUCH_ROW);
	assert_int_equal(diag.code, 0);
	change_end(&context);
	buf_deinit(&handle);
	buf_deinit(&current);
	return text;
}

static void check_finding(struct world *world, struct table *table)
{
	fill(world, table, "1|10|a|x 2|10|b|x 3|20|c|NULL");
	assert_string_equal(found(world, table, "2|0|-|-", 1), "2|10|b|x");
	assert_string_equal(found(world, table, "9|10|b|-", 6), "2|10|b|x");
	assert_string_equal(found(world, table, "9|20|-|NULL", 10), "3|20|c|NULL");
	assert_string_equal(found(world, table, "3|20|c|NULL", 15), "3|20|c|NULL");
	assert_null(found(world, table, "9|10|z|-", 6));
	assert_null(found(world, table, "4|10|a|x", 1));
	assert_null(found(world, table, "9|20|z|x", 14));
	commit(world);
	table_unref(&table);
}

static void test_finding_rows(void **state)
{
	struct world *world = *state;
	static const char *const indexes[] = {"P(id)", "U:id(id)", "U:s(s) K:n(n)", "K:n(n)", "", "P(s) K:n(n)"};
	for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
		char name[8];
		snprintf(name, sizeof name, "t%zu", i);
		struct table *table = new_table(name, "id:int n:int? s:text20 b:bin30?", indexes[i]);
		check_finding(world, create(world, table));
	}
}

/* Equal rows are taken one by one. */
static void test_finding_duplicates(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = make_table(world, "t", "K:n(n)");
	fill(world, table, "1|1|x|NULL 2|1|x|NULL 3|1|y|NULL");
	for (unsigned i = 0; i < 2; i++) {
		struct buf handle = {0}, current = {0};
		const uint8_t n_and_s[] = {6};
		struct change_context *context = open_context(world, table, &checked);
		ok(change_find_row(context, image_of(world, table, "9|1|x|NULL"), n_and_s, &handle, &current, &diag));
		ok(change_delete(context, buf_bytes(&handle), buf_bytes(&current), &diag));
		change_end(&context);
		buf_deinit(&handle);
		buf_deinit(&current);
	}
	assert_null(found(world, table, "9|1|x|NULL", 6));
	commit(world);
	assert_rows(world, table, "3|1|y|NULL");
	table_unref(&table);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_minimal),
		world_test(test_noblob),
		world_test(test_which_key_tells_rows_apart),
		world_test(test_columns_change_within_a_statement),
		world_test(test_finding_rows),
		world_test(test_finding_duplicates),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
