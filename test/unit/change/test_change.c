/* Rows in and out through the door: keys, duplicates, rows without a primary key, index building and checking. */
#include "change_fixture.h"

static void test_insert_and_duplicates(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int name:text20? size:big?",
					   "P(id) U:by_name(name) U:both(size,name) K:by_size(size)");
	fill(world, table, "1|one|10 2|two|20 -5|NULL|10 3|NULL|10");
	struct change_context *context = open_context(world, table, &checked);
	assert_int_equal(change_insert(context, image_of(world, table, "2|x|1"), &diag), CHANGE_DUPLICATE);
	assert_int_equal(diag.code, ER_DUP_ENTRY);
	assert_string_equal(diag.message, "Duplicate entry '2' for key 't.PRIMARY'");
	assert_ptr_equal(change_conflict_index(context), &table->indexes[0]);
	struct buf row;
	buf_init(&row);
	ok(change_lock_row(context, change_conflict_handle(context), &row, &diag));
	assert_string_equal(text_of(world, table, buf_bytes(&row)), "2|two|20");
	/* Equal by the collation is equal; the handle is the other row's. */
	assert_int_equal(change_insert(context, image_of(world, table, "9|ONE |1"), &diag), CHANGE_DUPLICATE);
	assert_string_equal(diag.message, "Duplicate entry 'ONE ' for key 't.by_name'");
	assert_string_equal(change_conflict_index(context)->name, "by_name");
	ok(change_lock_row(context, change_conflict_handle(context), &row, &diag));
	assert_string_equal(text_of(world, table, buf_bytes(&row)), "1|one|10");
	buf_deinit(&row);
	change_end(&context);
	commit(world);
	assert_rows(world, table, "-5|NULL|10 1|one|10 2|two|20 3|NULL|10");
	assert_int_equal(table_row_estimate(table), 4);
	table_unref(&table);
}

static void test_key_text(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "k", "a:int? b:text200? c:bin5? d:dec?",
					   "U:abc(a,b/3,c) U:d(d) U:b(b)");
	struct bytes image = image_of(world, table, "1|h\xc3\xa9llo|\x01z|1.5");
	assert_string_equal(change_key_text(table, table_find_index(table, bytes_of_string("abc")), image,
					    &world->arena), "1-h\xc3\xa9l-\\x01z");
	assert_string_equal(change_key_text(table, table_find_index(table, bytes_of_string("d")), image,
					    &world->arena), "1.50");
	image = image_of(world, table, "NULL|x|NULL|NULL");
	assert_string_equal(change_key_text(table, table_find_index(table, bytes_of_string("abc")), image,
					    &world->arena), "NULL-x-NULL");
	char row[200] = "1|a", expected[65] = "a";
	for (int i = 0; i < 40; i++)
		strcat(row, "\xc3\xa9");
	for (int i = 0; i < 31; i++)
		strcat(expected, "\xc3\xa9");
	strcat(row, "|x|1");
	image = image_of(world, table, row);
	assert_string_equal(change_key_text(table, table_find_index(table, bytes_of_string("b")), image,
					    &world->arena), expected);
	fill(world, table, "1|abcd|x|1.5");
	assert_int_equal(insert(world, table, "1|ABCx|x|7", &diag), CHANGE_DUPLICATE);
	assert_string_equal(diag.message, "Duplicate entry '1-ABC-x' for key 'k.abc'");
	ok(insert(world, table, "1|abd|x|7", &diag));
	ok(insert(world, table, "NULL|abc|x|8", &diag));
	commit(world);
	uint64_t count;
	ok(change_check_table(world->store, table, &count, &diag));
	assert_int_equal(count, 3);
	table_unref(&table);
}

static void test_update(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:text10 n:int? m:int", "P(id) U:n(n) K:m(m)");
	fill(world, table, "a|1|1 b|2|2 c|NULL|3");
	ok(update(world, table, "a|1|1", "A|1|1", &diag)); /* the same key, another image: in place */
	ok(update(world, table, "b|2|2", "d|2|5", &diag));  /* moves; its own unique key is no duplicate */
	ok(update(world, table, "c|NULL|3", "c|NULL|3", &diag));
	assert_int_equal(update(world, table, "c|NULL|3", "D|7|3", &diag), CHANGE_DUPLICATE);
	assert_string_equal(diag.message, "Duplicate entry 'D' for key 't.PRIMARY'");
	assert_int_equal(update(world, table, "c|NULL|3", "c|1|3", &diag), CHANGE_DUPLICATE);
	assert_string_equal(diag.message, "Duplicate entry '1' for key 't.n'");
	assert_int_equal(update(world, table, "x|1|1", "y|1|1", &diag), CHANGE_NO_SUCH_ROW);
	ok(update(world, table, "a|1|1", "a|NULL|1", &diag));
	ok(update(world, table, "c|NULL|3", "c|1|3", &diag));
	commit(world);
	assert_rows(world, table, "a|NULL|1 c|1|3 d|2|5");
	ok(delete(world, table, "C|0|0", &diag));
	ok(delete(world, table, "d|0|0", &diag));
	assert_int_equal(delete(world, table, "d|0|0", &diag), CHANGE_NO_SUCH_ROW);
	ok(insert(world, table, "d|9|9", &diag));
	commit(world);
	assert_rows(world, table, "a|NULL|1 d|9|9");
	assert_int_equal(table_row_estimate(table), 2);
	table_unref(&table);
}

static void test_statement_rollback(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int", "P(id) U:n(n)");
	ok(insert(world, table, "1|1", &diag));
	txn_statement_begin(world->txn);
	ok(insert(world, table, "2|2", &diag));
	ok(update(world, table, "1|1", "3|3", &diag));
	txn_statement_rollback(world->txn);
	ok(insert(world, table, "2|1", &diag) == CHANGE_DUPLICATE ? 0 : -1);
	ok(insert(world, table, "2|2", &diag));
	commit(world);
	assert_rows(world, table, "1|1 2|2");
	table_unref(&table);
}

/* Without any key: equal rows are told apart by nothing, and go one at a time. */
static void test_rows_without_key(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "a:int? b:text10?", "K:a(a)");
	fill(world, table, "1|x 1|x NULL|NULL 1|x 2|y");
	assert_rows(world, table, "1|x 1|x NULL|NULL 1|x 2|y");
	ok(delete(world, table, "1|x", &diag));
	ok(update(world, table, "1|x", "5|z", &diag));
	assert_int_equal(delete(world, table, "1|X", &diag), CHANGE_NO_SUCH_ROW);
	ok(update(world, table, "NULL|NULL", "NULL|n", &diag));
	commit(world);
	assert_rows(world, table, "5|z NULL|n 1|x 2|y");
	ok(delete(world, table, "1|x", &diag));
	assert_int_equal(delete(world, table, "1|x", &diag), CHANGE_NO_SUCH_ROW);
	commit(world);
	assert_rows(world, table, "5|z NULL|n 2|y");
	struct buf handle;
	buf_init(&handle);
	assert_int_equal(change_handle_of_image(table, image_of(world, table, "2|y"), &handle, &diag), -1);
	buf_deinit(&handle);
	table_unref(&table);
}

/* A unique key without NULLs stands in for the primary key: the rest of the before image does not matter. */
static void test_find_by_unique_key(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "a:int? b:text10 c:int?", "U:a(a) U:b(b)");
	fill(world, table, "1|x|1 NULL|y|2");
	ok(update(world, table, "7|Y|7", "3|y|3", &diag));
	ok(delete(world, table, "NULL|x|NULL", &diag));
	assert_int_equal(delete(world, table, "3|z|3", &diag), CHANGE_NO_SUCH_ROW);
	commit(world);
	assert_rows(world, table, "3|y|3");
	table_unref(&table);
}

static void test_auto_increment_is_told(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = new_table("t", "id:int n:int", "P(id)");
	table->columns[0].auto_increment = true;
	table_finish(table);
	create(world, table);
	fill(world, table, "-3|1 7|1");
	uint64_t next;
	ok(auto_increment_peek(world->catalog, world->store, table, &next, &diag));
	assert_int_equal(next, 8);
	ok(update(world, table, "7|1", "20|1", &diag));
	commit(world);
	ok(auto_increment_peek(world->catalog, world->store, table, &next, &diag));
	assert_int_equal(next, 21);
	table_unref(&table);
}

static int check_positive(void *argument, const struct table *table, unsigned number, struct bytes image,
			  struct diag *diag)
{
	struct bytes fields[2];
	assert_int_equal(number, 0);
	(void)argument;
	if (row_split(image, table->types, 2, fields, diag) != 0)
		return -1;
	return fields[1].data == NULL || (int32_t)bytes_load_uint(fields[1].data, 4) > 0;
}

static void test_check_constraint(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = new_table("t", "id:int n:int?", "P(id)");
	table->checks = arena_array(&table->arena, struct check_constraint, 2);
	table->checks[0] = (struct check_constraint){"positive", "(`n` > 0)", true};
	table->checks[1] = (struct check_constraint){"ignored", "false", false};
	table->check_count = 2;
	create(world, table);
	struct change_options options = checked;
	options.check = check_positive;
	ok(insert_with(world, table, "1|1", &options, &diag));
	ok(insert_with(world, table, "2|NULL", &options, &diag));
	assert_int_equal(insert_with(world, table, "3|0", &options, &diag), CHANGE_ERROR);
	assert_string_equal(diag.message, "Check constraint 'positive' is violated.");
	assert_int_equal(change_with(world, table, "1|1", "1|-1", &options, &diag), CHANGE_ERROR);
	assert_int_equal(diag.code, ER_CHECK_CONSTRAINT_VIOLATED);
	commit(world);
	assert_rows(world, table, "1|1 2|NULL");
	table_unref(&table);
}

/* ------------------------------------------------------------------------------------------ two transactions */

struct rival {
	struct world *world;
	struct table *table;
	struct bytes image;
	struct txn *txn;
	enum change_outcome outcome;
	struct diag diag;
	_Atomic bool done;
	pthread_t thread;
};

static void *run_insert(void *argument)
{
	struct rival *rival = argument;
	struct change_context *context =
		change_begin(rival->txn, rival->world->catalog, rival->table, &checked);
	rival->outcome = change_insert(context, rival->image, &rival->diag);
	change_end(&context);
	rival->done = true;
	return NULL;
}

static void test_second_waits_for_the_unique_key(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int", "P(id) U:n(n)");
	for (int round = 0; round < 2; round++) {
		bool first_commits = round == 0;
		struct rival rival = {.world = world, .table = table, .image = image_of(world, table, "2|5"),
				      .txn = txn_create(world->manager), .diag = DIAG_INIT};
		ok(insert(world, table, "1|5", &diag));
		assert_int_equal(pthread_create(&rival.thread, NULL, run_insert, &rival), 0);
		usleep(50000);
		assert_false(rival.done);
		if (first_commits)
			commit(world);
		else
			txn_rollback(world->txn);
		pthread_join(rival.thread, NULL);
		assert_int_equal(rival.outcome, first_commits ? CHANGE_DUPLICATE : CHANGE_OK);
		ok(txn_commit(rival.txn, &diag));
		txn_destroy(&rival.txn);
		assert_rows(world, table, first_commits ? "1|5" : "2|5");
		if (first_commits) {
			ok(delete(world, table, "1|5", &diag));
			commit(world);
		}
	}
	table_unref(&table);
}

static void test_lock_timeout(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int", "P(id)");
	fill(world, table, "1");
	ok(delete(world, table, "1", &diag));
	struct txn *other = txn_create(world->manager);
	txn_set_lock_timeout(other, 50);
	struct change_context *context = change_begin(other, world->catalog, table, &checked);
	assert_int_equal(change_insert(context, image_of(world, table, "1"), &diag), CHANGE_LOCK_TIMEOUT);
	assert_int_equal(diag.code, ER_LOCK_WAIT_TIMEOUT);
	change_end(&context);
	txn_destroy(&other);
	commit(world);
	assert_rows(world, table, "");
	table_unref(&table);
}

/* --------------------------------------------------------------------------------------- building and checking */

/* The same rows under a version of the table with one index more. */
static struct table *with_index(struct world *world, const struct table *old, const char *columns,
				const char *indexes, const char *added)
{
	struct diag diag = DIAG_INIT;
	struct table *table = new_table(old->name, columns, indexes);
	for (unsigned i = 0; i < table->index_count; i++)
		for (unsigned j = 0; j < old->index_count; j++)
			if (strcmp(table->indexes[i].name, old->indexes[j].name) == 0 &&
			    strcmp(table->indexes[i].name, added) != 0)
				table->indexes[i].space = old->indexes[j].space;
	ok(catalog_prepare_table(world->catalog, table, &diag));
	return table;
}

static const struct change_build_options building = {.directory = "/tmp", .memory_max = 1, .threads_max = 2};

static void test_build_index(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	const char *columns = "id:int n:int m:int?";
	struct table *table = create_table(world, "t", columns, "P(id) K:n(n)");
	struct change_context *context = open_context(world, table, &checked);
	char row[64];
	for (int i = 0; i < 2500; i++) {
		snprintf(row, sizeof row, "%d|%d|%d", i, i % 10, i);
		ok(change_insert(context, image_of(world, table, row), &diag));
	}
	change_end(&context);
	commit(world);
	struct table *more = with_index(world, table, columns, "P(id) K:n(n) U:m(m)", "m");
	ok(change_build_index(world->store, more, table_find_index(more, bytes_of_string("m")), &building, &diag));
	uint64_t count;
	ok(change_check_table(world->store, more, &count, &diag));
	assert_int_equal(count, 2500);
	/* One too many: refused, and nothing of it stays. */
	struct table *wrong = with_index(world, table, columns, "P(id) K:n(n) U:nn(n)", "nn");
	const struct index *index = table_find_index(wrong, bytes_of_string("nn"));
	assert_int_equal(change_build_index(world->store, wrong, index, &building, &diag), CHANGE_DUPLICATE);
	assert_string_equal(diag.message, "Duplicate entry '0' for key 't.nn'");
	assert_int_equal(change_check_table(world->store, wrong, &count, &diag), CHANGE_ERROR);
	assert_string_equal(diag.message, "Table 'test.t' is damaged: index 'nn' has no entry for a row");
	table_unref(&wrong);
	table_unref(&more);
	table_unref(&table);
}

static void test_check_finds_damage(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *table = create_table(world, "t", "id:int n:int", "P(id) K:n(n)");
	fill(world, table, "1|1 2|2");
	struct buf key;
	buf_init(&key);
	buf_put_u32_be(&key, table->indexes[1].space);
	buf_put_string(&key, "xx");
	ok(store_put(world->store, buf_bytes(&key), bytes_of_string("x"), &diag));
	assert_int_equal(change_check_table(world->store, table, NULL, &diag), CHANGE_ERROR);
	assert_string_equal(diag.message, "Table 'test.t' is damaged: index 'n' has 3 entries for 2 rows");
	buf_clear(&key);
	buf_put_u32_be(&key, table->indexes[0].space);
	buf_put_string(&key, "xx");
	ok(store_put(world->store, buf_bytes(&key), bytes_of_string("x"), &diag));
	assert_int_equal(change_check_table(world->store, table, NULL, &diag), CHANGE_ERROR);
	assert_string_equal(diag.message, "Table 'test.t' is damaged: a row without header");
	buf_deinit(&key);
	table_unref(&table);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_insert_and_duplicates),
		world_test(test_key_text),
		world_test(test_update),
		world_test(test_statement_rollback),
		world_test(test_rows_without_key),
		world_test(test_find_by_unique_key),
		world_test(test_auto_increment_is_told),
		world_test(test_check_constraint),
		world_test(test_second_waits_for_the_unique_key),
		world_test(test_lock_timeout),
		world_test(test_build_index),
		world_test(test_check_finds_damage),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
