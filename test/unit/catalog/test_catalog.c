/* Definitions survive a restart, changes are all or nothing, and nothing is left of what was dropped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "catalog/catalog_internal.h"
#include "type/key.h"

struct world {
	char directory[64];
	struct store *store;
	struct catalog *catalog;
};

#define ok(expression) assert_ok((expression), &diag, __LINE__)
static void assert_ok(int status, const struct diag *diag, int line)
{
	if (status != 0)
		fail_msg("line %d: %u %s", line, diag->code, diag->message);
}

static void open_world(struct world *world)
{
	struct diag diag = DIAG_INIT;
	struct store_options options = {.memory.size = 8 << 20, .write_buffer_size = 4 << 20,
					.background_threads = 1};
	ok(store_open(world->directory, &options, &world->store, &diag));
	ok(catalog_open(world->store, &world->catalog, &diag));
}

static void close_world(struct world *world)
{
	catalog_close(&world->catalog);
	store_close(&world->store);
}

/* As if the process had died: the cache goes, nothing is written. */
static void crash_catalog(struct world *world)
{
	struct diag diag = DIAG_INIT;
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	catalog_put_store_key(&key, CATALOG_NUMBERS, (struct bytes){0});
	assert_int_equal(store_get(world->store, buf_bytes(&key), &value, &diag), STORE_OK);
	catalog_close(&world->catalog);
	ok(store_put(world->store, buf_bytes(&key), buf_bytes(&value), &diag));
	buf_deinit(&key);
	buf_deinit(&value);
	ok(catalog_open(world->store, &world->catalog, &diag));
}

static int setup(void **state)
{
	struct world *world = memory_zalloc(sizeof *world);
	snprintf(world->directory, sizeof world->directory, "/tmp/gemel-catalog-XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	open_world(world);
	*state = world;
	return 0;
}

static int teardown(void **state)
{
	struct world *world = *state;
	char command[96];
	close_world(world);
	snprintf(command, sizeof command, "rm -rf %s", world->directory);
	assert_int_equal(system(command), 0);
	memory_free(world);
	return 0;
}

/* ------------------------------------------------------------------------------------------- building tables */

static struct column int_column(const char *name, bool nullable)
{
	return (struct column){.name = name, .type = {.kind = TYPE_INT, .collation = collation_binary},
			       .nullable = nullable};
}

static struct column text_column(const char *name, uint32_t length)
{
	return (struct column){.name = name, .nullable = true,
			       .type = {.kind = TYPE_VARCHAR, .length = length,
					.collation = collation_utf8mb4_default}};
}

static struct index *add_index(struct table *table, const char *name, enum index_kind kind, unsigned column)
{
	struct index *indexes = arena_array(&table->arena, struct index, table->index_count + 1);
	if (table->index_count)
		memcpy(indexes, table->indexes, table->index_count * sizeof *indexes);
	struct index *index = &indexes[table->index_count++];
	struct index_part *part = arena_new(&table->arena, struct index_part);
	part->column = column;
	*index = (struct index){.name = name, .kind = kind, .parts = part, .part_count = 1};
	table->indexes = indexes;
	return index;
}

/* id INT AUTO_INCREMENT, name VARCHAR(20), and the keys asked for. */
static struct table *new_table(const char *name, bool with_primary_key)
{
	struct table *table = table_create();
	table->database = "test";
	table->name = arena_copy_string(&table->arena, name);
	table->column_count = 2;
	table->columns = arena_array(&table->arena, struct column, 2);
	table->columns[0] = int_column("id", false);
	table->columns[0].auto_increment = with_primary_key;
	table->columns[1] = text_column("name", 20);
	table->collation = collation_utf8mb4_default;
	add_index(table, "by_name", INDEX_PLAIN, 1);
	if (with_primary_key)
		add_index(table, "PRIMARY", INDEX_PRIMARY, 0);
	table_finish(table);
	return table;
}

/* What a DDL statement does around its steps. */
struct ddl {
	struct world *world;
	struct catalog_change *change;
	struct store_txn *txn;
};

static struct ddl begin(struct world *world)
{
	return (struct ddl){world, catalog_change_begin(world->catalog), store_txn_begin(world->store, 1000)};
}

static void commit(struct ddl *ddl)
{
	struct diag diag = DIAG_INIT;
	ok(store_txn_commit(ddl->txn, true, &diag));
	store_txn_end(&ddl->txn);
	catalog_change_publish(&ddl->change);
}

static void roll_back(struct ddl *ddl)
{
	store_txn_end(&ddl->txn);
	catalog_change_abandon(&ddl->change);
}

static void create(struct world *world, struct table *table)
{
	struct diag diag = DIAG_INIT;
	struct ddl ddl = begin(world);
	ok(catalog_put_table(ddl.change, ddl.txn, table, &diag));
	commit(&ddl);
}

static void drop(struct world *world, const char *name)
{
	struct diag diag = DIAG_INIT;
	struct ddl ddl = begin(world);
	ok(catalog_drop_table(ddl.change, ddl.txn, "test", name, &diag));
	commit(&ddl);
}

static void put_key(struct world *world, uint32_t space, int64_t id)
{
	struct diag diag = DIAG_INIT;
	struct buf key;
	buf_init(&key);
	buf_put_u32_be(&key, space);
	buf_put_u32_be(&key, (uint32_t)id ^ 0x80000000u);
	ok(store_put(world->store, buf_bytes(&key), bytes_of("xxxxxxxxxxxxxxxx", 16), &diag));
	buf_deinit(&key);
}

static size_t count_keys(struct world *world, uint32_t space)
{
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, space, 4);
	bytes_store_uint_be(upper, (uint64_t)space + 1, 4);
	struct store_iterator *iterator =
		store_iterator_create(world->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	size_t count = 0;
	for (bool more = store_iterator_seek(iterator, bytes_of(lower, 4)); more; more = store_iterator_next(iterator))
		count++;
	store_iterator_destroy(&iterator);
	return count;
}

/* ----------------------------------------------------------------------------------------------------- tests */

static void test_fresh_store(void **state)
{
	struct world *world = *state;
	const struct collation *collation = NULL;
	assert_true(catalog_find_database(world->catalog, "mysql", &collation));
	assert_ptr_equal(collation, collation_utf8mb4_default);
	assert_true(catalog_find_database(world->catalog, "test", NULL));
	assert_false(catalog_find_database(world->catalog, "Test", NULL));
	close_world(world);
	open_world(world);
	struct arena arena;
	arena_init(&arena);
	const char **names;
	assert_int_equal(catalog_list_databases(world->catalog, &arena, &names), 2);
	assert_string_equal(names[0], "mysql");
	assert_string_equal(names[1], "test");
	arena_deinit(&arena);
}

static void assert_hidden(const struct table *table)
{
	assert_false(table->has_primary_key);
	assert_int_equal(table->index_count, 3);
	assert_true(index_is_row_id(&table->indexes[0]));
	assert_true(table->indexes[0].space & STORE_SPACE_ROWS_BIT);
	assert_string_equal(table->indexes[1].name, "by_name");
	assert_true(index_is_row_hash(&table->indexes[2]));
	assert_false(table->indexes[2].space & STORE_SPACE_ROWS_BIT);
	assert_null(table_find_index(table, bytes_of_string("GEN_CLUST_INDEX")));
}

static void test_normal_form(void **state)
{
	struct world *world = *state;
	create(world, new_table("keyed", true));
	create(world, new_table("bare", false));
	for (int round = 0; round < 2; round++) {
		struct table *keyed = catalog_find_table(world->catalog, "test", "keyed");
		assert_true(keyed->has_primary_key);
		assert_int_equal(keyed->index_count, 2);
		assert_string_equal(keyed->indexes[0].name, "PRIMARY");
		assert_int_equal(keyed->auto_increment_column, 0);
		assert_int_equal(table_find_column(keyed, bytes_of_string("NAME")), 1);
		assert_non_null(table_find_index(keyed, bytes_of_string("By_Name")));
		struct table *bare = catalog_find_table(world->catalog, "test", "bare");
		assert_hidden(bare);
		table_unref(&keyed);
		table_unref(&bare);
		close_world(world);
		open_world(world);
	}
}

/* Adding a primary key takes the hidden indexes away, dropping it brings new ones. */
static void test_finish_again(void **state)
{
	(void)state;
	struct table *table = new_table("t", false);
	table->columns[0].nullable = true;
	add_index(table, "PRIMARY", INDEX_PRIMARY, 0);
	table_finish(table);
	assert_int_equal(table->index_count, 2);
	assert_false(table->columns[0].nullable);
	table->indexes[0].kind = INDEX_UNIQUE;
	table_finish(table);
	assert_int_equal(table->index_count, 4);
	assert_true(index_is_row_id(&table->indexes[0]) && index_is_row_hash(&table->indexes[3]));
	table_unref(&table);
}

static void test_errors(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	create(world, new_table("t", true));
	struct ddl ddl = begin(world);
	assert_int_equal(catalog_put_table(ddl.change, ddl.txn, new_table("t", true), &diag), -1);
	assert_int_equal(diag.code, ER_TABLE_EXISTS_ERROR);
	struct table *lost = new_table("t", true);
	lost->database = "nowhere";
	assert_int_equal(catalog_put_table(ddl.change, ddl.txn, lost, &diag), -1);
	assert_int_equal(diag.code, ER_BAD_DB_ERROR);
	assert_int_equal(catalog_drop_table(ddl.change, ddl.txn, "test", "u", &diag), -1);
	assert_string_equal(diag.message, "Unknown table 'test.u'");
	assert_int_equal(catalog_create_database(ddl.change, ddl.txn, "test", collation_binary, &diag), -1);
	assert_int_equal(diag.code, ER_DB_CREATE_EXISTS);
	assert_int_equal(catalog_drop_database(ddl.change, ddl.txn, "nowhere", &diag), -1);
	assert_int_equal(diag.code, ER_DB_DROP_EXISTS);
	roll_back(&ddl);
}

static void test_drop_removes_rows(void **state)
{
	struct world *world = *state;
	create(world, new_table("t", true));
	struct table *table = catalog_find_table(world->catalog, "test", "t");
	uint32_t rows = table->indexes[0].space, names = table->indexes[1].space;
	put_key(world, rows, 1);
	put_key(world, names, 1);
	drop(world, "t");
	assert_null(catalog_find_table(world->catalog, "test", "t"));
	assert_int_equal(count_keys(world, rows), 0);
	assert_int_equal(count_keys(world, names), 0);
	assert_string_equal(table->name, "t"); /* who still reads the old version may */
	table_unref(&table);
}

static void test_abandoned_change(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	create(world, new_table("t", true));
	struct table *old = catalog_find_table(world->catalog, "test", "t");
	put_key(world, old->indexes[0].space, 1);
	struct ddl ddl = begin(world);
	ok(catalog_drop_table(ddl.change, ddl.txn, "test", "t", &diag));
	struct table *copy = table_ref(new_table("t", true));
	ok(catalog_put_table(ddl.change, ddl.txn, copy, &diag));
	put_key(world, copy->indexes[0].space, 1);
	uint32_t space = copy->indexes[0].space;
	assert_true(space != old->indexes[0].space);
	table_unref(&copy);
	roll_back(&ddl);
	assert_int_equal(count_keys(world, space), 0);
	assert_int_equal(count_keys(world, old->indexes[0].space), 1);
	struct table *again = catalog_find_table(world->catalog, "test", "t");
	assert_ptr_equal(again, old);
	table_unref(&again);
	table_unref(&old);
}

/* A new version that keeps the rows: another name, one index more, the same counters. */
static void test_rename_and_add_index(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	create(world, new_table("t", true));
	struct table *old = catalog_find_table(world->catalog, "test", "t");
	put_key(world, old->indexes[0].space, 41);
	table_count_rows(old, 1);
	struct table *new = new_table("u", true);
	add_index(new, "extra", INDEX_UNIQUE, 1);
	table_finish(new);
	assert_string_equal(new->indexes[1].name, "extra"); /* unique before plain */
	new->indexes[0].space = old->indexes[0].space;
	new->indexes[2].space = old->indexes[1].space;
	struct ddl ddl = begin(world);
	ok(catalog_drop_table(ddl.change, ddl.txn, "test", "t", &diag));
	ok(catalog_put_table(ddl.change, ddl.txn, new, &diag));
	commit(&ddl);
	struct table *table = catalog_find_table(world->catalog, "test", "u");
	assert_null(catalog_find_table(world->catalog, "test", "t"));
	assert_ptr_equal(table->counters, old->counters);
	assert_true(table->id > old->id);
	assert_true(table->indexes[1].space > table->indexes[2].space);
	assert_int_equal(count_keys(world, table->indexes[0].space), 1);
	assert_int_equal(table_row_estimate(table), 1);
	table_unref(&old);
	table_unref(&table);
}

static void test_drop_database(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	create(world, new_table("t", true));
	create(world, new_table("u", false));
	struct view *view = view_create();
	view->database = "test";
	view->name = "v";
	view->select_text = "select 1 AS `1`";
	view->column_names = arena_array(&view->arena, const char *, 1);
	view->column_names[0] = "one";
	view->column_count = 1;
	struct ddl ddl = begin(world);
	ok(catalog_put_view(ddl.change, ddl.txn, view, &diag));
	commit(&ddl);
	close_world(world);
	open_world(world);
	view = catalog_find_view(world->catalog, "test", "v");
	assert_string_equal(view->select_text, "select 1 AS `1`");
	assert_string_equal(view->column_names[0], "one");
	assert_null(view->definer_user);
	view_unref(&view);
	ddl = begin(world);
	ok(catalog_drop_database(ddl.change, ddl.txn, "test", &diag));
	commit(&ddl);
	for (int round = 0; round < 2; round++) {
		assert_false(catalog_find_database(world->catalog, "test", NULL));
		assert_null(catalog_find_table(world->catalog, "test", "t"));
		assert_null(catalog_find_view(world->catalog, "test", "v"));
		close_world(world);
		open_world(world);
	}
}

static void test_orphans_go_at_start(void **state)
{
	struct world *world = *state;
	create(world, new_table("t", true));
	struct table *table = catalog_find_table(world->catalog, "test", "t");
	uint32_t kept = table->indexes[0].space, orphan = (uint32_t)catalog_allocate_space(world->catalog);
	table_unref(&table);
	put_key(world, kept, 1);
	put_key(world, orphan, 1);
	put_key(world, orphan | STORE_SPACE_ROWS_BIT, 1);
	crash_catalog(world);
	assert_int_equal(count_keys(world, kept), 1);
	assert_int_equal(count_keys(world, orphan), 0);
	assert_int_equal(count_keys(world, orphan | STORE_SPACE_ROWS_BIT), 0);
	assert_true(catalog_allocate_space(world->catalog) > orphan);
}

static void test_spaces_are_never_given_twice(void **state)
{
	struct world *world = *state;
	uint64_t last = 0;
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 150; i++) {
			uint64_t space = catalog_allocate_space(world->catalog);
			assert_true(space > last);
			last = space;
		}
		crash_catalog(world);
	}
}

static void add_foreign_key(struct table *table, const char *parent)
{
	struct foreign_key *key = arena_new(&table->arena, struct foreign_key);
	key->name = "fk";
	key->columns = arena_array(&table->arena, unsigned, 1);
	key->column_count = 1;
	key->parent_database = "test";
	key->parent_table = parent;
	key->parent_columns = arena_array(&table->arena, const char *, 1);
	key->parent_columns[0] = "id";
	key->on_delete = FK_CASCADE;
	table->foreign_keys = key;
	table->foreign_key_count = 1;
}

static size_t count_children(struct world *world, const char *name)
{
	struct arena arena;
	arena_init(&arena);
	struct table **tables;
	size_t count = catalog_list_children(world->catalog, "test", name, &arena, &tables);
	for (size_t i = 0; i < count; i++)
		table_unref(&tables[i]);
	arena_deinit(&arena);
	return count;
}

static void test_children(void **state)
{
	struct world *world = *state;
	struct table *child = new_table("child", true), *self = new_table("self", true);
	add_foreign_key(child, "parent");
	add_foreign_key(self, "self");
	create(world, child);
	create(world, self);
	create(world, new_table("parent", true));
	for (int round = 0; round < 2; round++) {
		assert_int_equal(count_children(world, "parent"), 1);
		assert_int_equal(count_children(world, "self"), 1);
		assert_int_equal(count_children(world, "child"), 0);
		close_world(world);
		open_world(world);
	}
	drop(world, "child");
	assert_int_equal(count_children(world, "parent"), 0);
}

/* ----------------------------------------------------------------------------------------------------- codec */

static struct table *rich_table(void)
{
	struct table *table = new_table("rich", true);
	struct column *columns = arena_array(&table->arena, struct column, 3);
	memcpy(columns, table->columns, 2 * sizeof *columns);
	struct bytes *names = arena_array(&table->arena, struct bytes, 2);
	names[0] = bytes_of_string("a");
	names[1] = bytes_of_string("b,c");
	columns[2] = (struct column){
		.name = "kind", .nullable = true, .invisible = true, .comment = "which",
		.type = {.kind = TYPE_ENUM, .collation = collation_latin1_default, .names = names, .name_count = 2},
		.default_kind = DEFAULT_VALUE, .default_field = bytes_of("\1", 1), .default_text = "a",
	};
	table->columns = columns;
	table->column_count = 3;
	table->checks = arena_new(&table->arena, struct check_constraint);
	table->checks[0] = (struct check_constraint){"positive", "(`id` > 0)", true};
	table->check_count = 1;
	table->comment = "rich";
	table->row_format = "DYNAMIC";
	table->create_time_us = 1763693432123456;
	table->id = 7;
	add_foreign_key(table, "parent");
	table_finish(table);
	return table;
}

static void test_codec_round_trip(void **state)
{
	(void)state;
	struct diag diag = DIAG_INIT;
	struct buf first, second;
	buf_init(&first);
	buf_init(&second);
	struct table *table = rich_table();
	catalog_encode_table(table, &first);
	struct table *read = catalog_decode_table(buf_bytes(&first), "t", &diag);
	assert_non_null(read);
	catalog_encode_table(read, &second);
	assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
	assert_int_equal(read->columns[2].type.name_count, 2);
	assert_true(bytes_equal(read->columns[2].type.names[1], bytes_of_string("b,c")));
	assert_string_equal(read->columns[2].comment, "which");
	assert_string_equal(read->foreign_keys[0].parent_columns[0], "id");
	assert_string_equal(read->checks[0].expression, "(`id` > 0)");
	assert_int_equal(read->create_time_us, table->create_time_us);
	table_unref(&table);
	table_unref(&read);
	buf_deinit(&first);
	buf_deinit(&second);
}

/* Every truncation is refused; no flipped byte is worse than a wrong table. */
static void test_codec_takes_nothing_on_trust(void **state)
{
	(void)state;
	struct buf bytes;
	buf_init(&bytes);
	struct table *table = rich_table();
	catalog_encode_table(table, &bytes);
	table_unref(&table);
	for (size_t size = 0; size < bytes.size; size++) {
		struct diag diag = DIAG_INIT;
		uint8_t *copy = memory_copy(bytes.data, size + 1);
		assert_null(catalog_decode_table(bytes_of(copy, size), "`test`.`rich`", &diag));
		assert_string_equal(diag.message, "The catalog's record of `test`.`rich` is damaged");
		memory_free(copy);
	}
	for (size_t i = 0; i < bytes.size * 8; i++) {
		struct diag diag = DIAG_INIT;
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
		table = catalog_decode_table(buf_bytes(&bytes), "t", &diag);
		table_unref(&table);
		bytes.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	buf_deinit(&bytes);
}

/* -------------------------------------------------------------------------------------------------- counters */

static uint64_t reserve(struct world *world, const struct table *table, uint64_t increment, uint64_t offset,
			uint64_t count)
{
	struct diag diag = DIAG_INIT;
	uint64_t first = 0;
	ok(auto_increment_reserve(world->catalog, world->store, table, increment, offset, count, &first, &diag));
	return first;
}

static void test_auto_increment_series(void **state)
{
	struct world *world = *state;
	create(world, new_table("t", true));
	struct table *table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(reserve(world, table, 1, 1, 1), 1);
	assert_int_equal(reserve(world, table, 1, 1, 3), 2);
	assert_int_equal(reserve(world, table, 2, 1, 1), 5);
	assert_int_equal(reserve(world, table, 2, 2, 1), 6);
	assert_int_equal(reserve(world, table, 10, 3, 2), 13);
	assert_int_equal(reserve(world, table, 10, 13, 1), 33); /* the offset counts modulo the increment */
	auto_increment_observe(table, 20);
	assert_int_equal(reserve(world, table, 1, 1, 1), 34);
	auto_increment_observe(table, 100);
	assert_int_equal(reserve(world, table, 1, 1, 1), 101);
	/* At the column's end the largest value comes again and again, and is a duplicate. */
	auto_increment_observe(table, 2147483646);
	assert_int_equal(reserve(world, table, 1, 1, 1), 2147483647);
	assert_int_equal(reserve(world, table, 1, 1, 1), 2147483647);
	auto_increment_observe(table, UINT64_MAX);
	struct diag diag = DIAG_INIT;
	uint64_t first;
	assert_int_equal(auto_increment_reserve(world->catalog, world->store, table, 1, 1, 1, &first, &diag), -1);
	assert_int_equal(diag.code, ER_AUTOINC_READ_FAILED);
	table_unref(&table);
}

static void test_auto_increment_restart(void **state)
{
	struct world *world = *state;
	create(world, new_table("t", true));
	struct table *table = catalog_find_table(world->catalog, "test", "t");
	put_key(world, table->indexes[0].space, -5);
	assert_int_equal(reserve(world, table, 1, 1, 1), 1);
	put_key(world, table->indexes[0].space, 7);
	auto_increment_observe(table, 7);
	assert_int_equal(reserve(world, table, 1, 1, 1), 8);
	table_unref(&table);
	/* 8 was given out: a clean restart remembers, although no row has it. */
	close_world(world);
	open_world(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(reserve(world, table, 1, 1, 1), 9);
	put_key(world, table->indexes[0].space, 50);
	table_unref(&table);
	crash_catalog(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(reserve(world, table, 1, 1, 1), 51);
	/* The option lifts the counter, and lowers it no further than the rows allow. */
	auto_increment_set(table, 1000);
	assert_int_equal(reserve(world, table, 1, 1, 1), 1000);
	auto_increment_set(table, 500);
	table_unref(&table);
	crash_catalog(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(reserve(world, table, 1, 1, 1), 500);
	auto_increment_set(table, 1);
	assert_int_equal(reserve(world, table, 1, 1, 1), 51);
	table_unref(&table);
}

static void test_auto_increment_option_is_part_of_the_ddl(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = new_table("t", true);
	auto_increment_set(table, 77);
	create(world, table);
	crash_catalog(world);
	table = catalog_find_table(world->catalog, "test", "t");
	uint64_t next;
	ok(auto_increment_peek(world->catalog, world->store, table, &next, &diag));
	assert_int_equal(next, 77);
	struct table *altered = new_table("t", true);
	altered->indexes[0].space = table->indexes[0].space;
	altered->indexes[1].space = table->indexes[1].space;
	auto_increment_set(altered, 99);
	struct ddl ddl = begin(world);
	ok(catalog_drop_table(ddl.change, ddl.txn, "test", "t", &diag));
	ok(catalog_put_table(ddl.change, ddl.txn, altered, &diag));
	commit(&ddl);
	table_unref(&table);
	crash_catalog(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(reserve(world, table, 1, 1, 1), 99);
	table_unref(&table);
}

/* Decoding the last key agrees with the encoding, type by type. */
static void test_auto_increment_types(void **state)
{
	struct world *world = *state;
	static const struct {
		enum type_kind kind;
		bool is_unsigned;
		const char *field;
		size_t size;
		uint64_t next;
	} cases[] = {
		{TYPE_TINYINT, false, "\x64", 1, 101},
		{TYPE_TINYINT, true, "\xc8", 1, 201},
		{TYPE_SMALLINT, false, "\xe8\x03", 2, 1001},
		{TYPE_MEDIUMINT, true, "\xff\xff\x80", 3, 0x810000},
		{TYPE_INT, true, "\xff\xff\xff\x80", 4, 0x81000000},
		{TYPE_BIGINT, false, "\x00\x00\x00\x00\x00\x01\x00\x00", 8, (UINT64_C(1) << 40) + 1},
		{TYPE_BIGINT, true, "\x00\x00\x00\x00\x00\x00\x00\x80", 8, (UINT64_C(1) << 63) + 1},
		{TYPE_INT, false, "\xff\xff\xff\xff", 4, 1},
		{TYPE_FLOAT, false, "\x00\x00\x28\x42", 4, 43},
		{TYPE_DOUBLE, false, "\x00\x00\x00\x00\x00\x00\x45\x40", 8, 43},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct diag diag = DIAG_INIT;
		char name[16];
		snprintf(name, sizeof name, "t%zu", i);
		struct table *table = new_table(name, true);
		table->columns[0].type.kind = cases[i].kind;
		table->columns[0].type.is_unsigned = cases[i].is_unsigned;
		create(world, table);
		table = catalog_find_table(world->catalog, "test", name);
		struct buf key;
		buf_init(&key);
		buf_put_u32_be(&key, table->indexes[0].space);
		key_put_field(&table->columns[0].type, false, 0, bytes_of(cases[i].field, cases[i].size), &key);
		ok(store_put(world->store, buf_bytes(&key), bytes_of("xxxxxxxxxxxxxxxx", 16), &diag));
		uint64_t next;
		ok(auto_increment_peek(world->catalog, world->store, table, &next, &diag));
		assert_int_equal(next, cases[i].next);
		buf_deinit(&key);
		table_unref(&table);
	}
}

static void test_rows_and_row_ids(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	create(world, new_table("t", false));
	struct table *table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(table_row_estimate(table), 0);
	for (uint64_t expected = 1; expected <= 3; expected++) {
		uint64_t id = table_next_row_id(world->catalog, world->store, table);
		assert_int_equal(id, expected);
		struct buf key;
		buf_init(&key);
		buf_put_u32_be(&key, table->indexes[0].space);
		buf_put_u64_be(&key, id);
		ok(store_put(world->store, buf_bytes(&key), bytes_of("xxxxxxxxxxxxxxxx", 16), &diag));
		buf_deinit(&key);
	}
	table_count_rows(table, 5);
	table_unref(&table);
	close_world(world);
	open_world(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(table_row_estimate(table), 5);
	assert_int_equal(table_next_row_id(world->catalog, world->store, table), 4);
	table_unref(&table);
	crash_catalog(world);
	table = catalog_find_table(world->catalog, "test", "t");
	assert_int_equal(table_row_estimate(table), 3); /* counted */
	table_unref(&table);
}

#define unit(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		unit(test_fresh_store),
		unit(test_normal_form),
		cmocka_unit_test(test_finish_again),
		unit(test_errors),
		unit(test_drop_removes_rows),
		unit(test_abandoned_change),
		unit(test_rename_and_add_index),
		unit(test_drop_database),
		unit(test_orphans_go_at_start),
		unit(test_spaces_are_never_given_twice),
		unit(test_children),
		cmocka_unit_test(test_codec_round_trip),
		cmocka_unit_test(test_codec_takes_nothing_on_trust),
		unit(test_auto_increment_series),
		unit(test_auto_increment_restart),
		unit(test_auto_increment_option_is_part_of_the_ddl),
		unit(test_auto_increment_types),
		unit(test_rows_and_row_ids),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
