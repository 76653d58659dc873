/* Parents and children: each action, both sides of the check, and that a refused change has changed nothing. */
#include "change_fixture.h"

static struct table *create_child(struct world *world, const char *name, enum foreign_key_action on_delete,
				  enum foreign_key_action on_update)
{
	struct table *child = new_table(name, "id:int pid:int?", "P(id) K:pid(pid)");
	add_foreign_key(child, "child_ibfk_1", "pid", "parent", "id", on_delete, on_update);
	return create(world, child);
}

static struct table *create_parent(struct world *world)
{
	struct table *parent = create_table(world, "parent", "id:int n:int?", "P(id) U:n(n)");
	fill(world, parent, "1|10 2|20 3|30");
	return parent;
}

static void test_no_parent(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world), *child = create_child(world, "child", FK_CASCADE, FK_SET_NULL);
	ok(insert(world, child, "1|1", &diag));
	ok(insert(world, child, "2|NULL", &diag));
	assert_int_equal(insert(world, child, "3|9", &diag), CHANGE_NO_PARENT);
	assert_int_equal(diag.code, ER_NO_REFERENCED_ROW_2);
	assert_string_equal(diag.message,
			    "Cannot add or update a child row: a foreign key constraint fails (`test`.`child`, "
			    "CONSTRAINT `child_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `parent` (`id`) ON DELETE CASCADE "
			    "ON UPDATE SET NULL)");
	assert_int_equal(update(world, child, "1|1", "1|9", &diag), CHANGE_NO_PARENT);
	ok(update(world, child, "2|NULL", "2|2", &diag));
	ok(insert_with(world, child, "4|99", &unchecked, &diag));
	ok(update(world, child, "4|99", "5|99", &diag)); /* the key did not change, so nobody asks */
	/* A parent that this transaction has just written, or taken away, counts. */
	ok(insert(world, parent, "7|NULL", &diag));
	ok(insert(world, child, "7|7", &diag));
	commit(world);
	assert_rows(world, child, "1|1 2|2 5|99 7|7");
	table_unref(&parent);
	table_unref(&child);
}

static void test_restrict(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world), *child = create_child(world, "child", FK_NO_ACTION, FK_RESTRICT);
	fill(world, child, "1|1 2|NULL");
	assert_int_equal(delete(world, parent, "1|10", &diag), CHANGE_HAS_CHILDREN);
	assert_int_equal(diag.code, ER_ROW_IS_REFERENCED_2);
	assert_string_equal(diag.message,
			    "Cannot delete or update a parent row: a foreign key constraint fails (`test`.`child`, "
			    "CONSTRAINT `child_ibfk_1` FOREIGN KEY (`pid`) REFERENCES `parent` (`id`) ON UPDATE RESTRICT)");
	assert_int_equal(update(world, parent, "1|10", "4|10", &diag), CHANGE_HAS_CHILDREN);
	ok(update(world, parent, "1|10", "1|11", &diag));
	ok(delete(world, parent, "2|20", &diag));
	ok(update(world, parent, "3|30", "4|30", &diag));
	ok(delete(world, child, "1|1", &diag));
	ok(delete(world, parent, "1|11", &diag));
	commit(world);
	assert_rows(world, parent, "4|30");
	ok(insert_with(world, child, "5|4", &checked, &diag));
	ok(change_with(world, parent, "4|30", NULL, &unchecked, &diag));
	commit(world);
	assert_rows(world, child, "2|NULL 5|4");
	table_unref(&parent);
	table_unref(&child);
}

static void test_cascade_and_set_null(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world), *follows = create_child(world, "follows", FK_CASCADE, FK_CASCADE),
		     *forgets = create_child(world, "forgets", FK_SET_NULL, FK_SET_NULL);
	fill(world, follows, "1|1 2|1 3|2");
	fill(world, forgets, "1|1 2|2 3|2");
	ok(update(world, parent, "1|10", "100|10", &diag));
	commit(world);
	assert_rows(world, follows, "1|100 2|100 3|2");
	assert_rows(world, forgets, "1|NULL 2|2 3|2");
	ok(delete(world, parent, "2|20", &diag));
	ok(delete(world, parent, "100|10", &diag));
	commit(world);
	assert_rows(world, follows, "");
	assert_rows(world, forgets, "1|NULL 2|NULL 3|NULL");
	assert_int_equal(table_row_estimate(follows), 0);
	table_unref(&parent);
	table_unref(&follows);
	table_unref(&forgets);
}

/* The third table refuses: what the cascade has done in the second is taken back. */
static void test_refused_cascade_leaves_nothing(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world), *child = create_child(world, "child", FK_CASCADE, FK_CASCADE);
	struct table *grandchild = new_table("grandchild", "id:int cid:int?", "P(id) K:cid(cid)");
	add_foreign_key(grandchild, "to_child", "cid", "child", "id", FK_RESTRICT, FK_RESTRICT);
	create(world, grandchild);
	fill(world, child, "1|1 2|1 3|1");
	fill(world, grandchild, "1|2");
	ok(insert(world, parent, "50|NULL", &diag));
	assert_int_equal(delete(world, parent, "1|10", &diag), CHANGE_HAS_CHILDREN);
	assert_non_null(strstr(diag.message, "`grandchild`, CONSTRAINT `to_child`"));
	commit(world);
	assert_rows(world, parent, "1|10 2|20 3|30 50|NULL");
	assert_rows(world, child, "1|1 2|1 3|1");
	ok(delete(world, grandchild, "1|2", &diag));
	ok(delete(world, parent, "1|10", &diag));
	commit(world);
	assert_rows(world, child, "");
	table_unref(&parent);
	table_unref(&child);
	table_unref(&grandchild);
}

/* As InnoDB, checked with MariaDB 10.11. */
static void test_self_reference(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *strict = new_table("strict", "id:int up:int?", "P(id) K:up(up)");
	add_foreign_key(strict, "up", "up", "strict", "id", FK_NO_ACTION, FK_NO_ACTION);
	create(world, strict);
	ok(insert(world, strict, "1|1", &diag)); /* its own parent */
	assert_int_equal(insert(world, strict, "2|3", &diag), CHANGE_NO_PARENT);
	assert_int_equal(delete(world, strict, "1|1", &diag), CHANGE_HAS_CHILDREN); /* its own child */
	assert_int_equal(update(world, strict, "1|1", "2|2", &diag), CHANGE_HAS_CHILDREN);
	ok(update(world, strict, "1|1", "1|NULL", &diag));
	ok(delete(world, strict, "1|NULL", &diag));
	commit(world);
	assert_rows(world, strict, "");
	struct table *tree = new_table("tree", "id:int up:int?", "P(id) K:up(up)");
	add_foreign_key(tree, "up", "up", "tree", "id", FK_CASCADE, FK_CASCADE);
	create(world, tree);
	fill(world, tree, "1|1 2|1 3|2 4|3 9|NULL");
	assert_int_equal(update(world, tree, "1|1", "5|1", &diag), CHANGE_HAS_CHILDREN);
	ok(update(world, tree, "4|3", "5|2", &diag));
	ok(delete(world, tree, "1|1", &diag));
	commit(world);
	assert_rows(world, tree, "9|NULL");
	table_unref(&strict);
	table_unref(&tree);
}

static void test_depth(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *tree = new_table("tree", "id:int up:int?", "P(id) K:up(up)");
	add_foreign_key(tree, "up", "up", "tree", "id", FK_CASCADE, FK_NO_ACTION);
	create(world, tree);
	fill(world, tree, "1|NULL 2|1 3|2 4|3 5|4 6|5 7|6 8|7 9|8 10|9 11|10 12|11 13|12 14|13 15|14 16|15 17|16");
	assert_int_equal(delete(world, tree, "2|1", &diag), CHANGE_ERROR); /* 16 rows in a chain */
	assert_int_equal(diag.code, ER_FK_DEPTH_EXCEEDED);
	ok(delete(world, tree, "3|2", &diag)); /* 15 */
	commit(world);
	assert_rows(world, tree, "1|NULL 2|1");
	table_unref(&tree);
}

/* To a unique key, to the first column of a longer key, between strings of different length. */
static void test_keys_other_than_the_primary(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_table(world, "parent", "id:int code:text50 a:int b:int",
					    "P(id) U:code(code) K:ab(a,b)");
	struct table *child = new_table("child", "id:int code:text90? a:int?", "P(id) K:code(code) K:a(a)");
	add_foreign_key(child, "by_code", "code", "parent", "code", FK_SET_NULL, FK_CASCADE);
	add_foreign_key(child, "by_a", "a", "parent", "a", FK_CASCADE, FK_RESTRICT);
	create(world, child);
	fill(world, parent, "1|one|1|1 2|two|1|2 3|three|5|1");
	ok(insert(world, child, "1|ONE|1", &diag));
	ok(insert(world, child, "2|two|5", &diag));
	assert_int_equal(insert(world, child, "3|four|5", &diag), CHANGE_NO_PARENT);
	assert_int_equal(insert(world, child, "3|one|2", &diag), CHANGE_NO_PARENT);
	commit(world);
	ok(update(world, parent, "1|one|1|1", "1|One|1|7", &diag)); /* only the spelling: passed on */
	ok(update(world, parent, "2|two|1|2", "2|deux|1|2", &diag));
	assert_int_equal(update(world, parent, "3|three|5|1", "3|three|6|1", &diag), CHANGE_HAS_CHILDREN);
	commit(world);
	assert_rows(world, child, "1|One|1 2|deux|5");
	ok(delete(world, parent, "2|x|0|0", &diag));
	assert_int_equal(delete(world, parent, "99|x|0|0", &diag), CHANGE_NO_SUCH_ROW);
	commit(world);
	/* The last parent but one with a=1 is gone, and with it, as in InnoDB, who refers to that value. */
	assert_rows(world, child, "2|NULL|5");
	table_unref(&parent);
	table_unref(&child);
}

/* What a cascade makes of a child may be taken already: an error of its own, not a duplicate of the statement's. */
static void test_cascade_into_duplicate(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world);
	struct table *child = new_table("child", "pid:int n:int", "P(pid) K:n(n)");
	add_foreign_key(child, "fk", "pid", "parent", "id", FK_CASCADE, FK_CASCADE);
	create(world, child);
	fill(world, child, "1|1 9|9");
	assert_int_equal(update(world, parent, "1|10", "9|10", &diag), CHANGE_ERROR);
	assert_string_equal(diag.message, "Foreign key constraint for table 'parent', record '9' would lead to a "
					  "duplicate entry in table 'child', key 'PRIMARY'");
	ok(update(world, parent, "1|10", "8|10", &diag));
	commit(world);
	assert_rows(world, parent, "2|20 3|30 8|10");
	assert_rows(world, child, "8|1 9|9");
	table_unref(&parent);
	table_unref(&child);
}

/* The applier cascades as a client's server does: the log holds the parent's change only. */
static void test_cascade_when_applied(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct table *parent = create_parent(world), *child = create_child(world, "child", FK_CASCADE, FK_CASCADE);
	fill(world, child, "1|1 2|1 3|2");
	struct change_options applied = checked;
	applied.apply = true;
	ok(change_with(world, parent, "1|10", NULL, &applied, &diag));
	commit(world);
	assert_rows(world, child, "3|2");
	table_unref(&parent);
	table_unref(&child);
}

struct rival {
	struct world *world;
	struct table *table;
	struct bytes image;
	bool is_delete;
	struct txn *txn;
	enum change_outcome outcome;
	struct diag diag;
	_Atomic bool done;
	pthread_t thread;
};

static void *run_rival(void *argument)
{
	struct rival *rival = argument;
	struct diag diag = DIAG_INIT;
	struct buf handle, current;
	buf_init(&handle);
	buf_init(&current);
	struct change_context *context = change_begin(rival->txn, rival->world->catalog, rival->table, &checked);
	if (!rival->is_delete) {
		rival->outcome = change_insert(context, rival->image, &rival->diag);
	} else {
		rival->outcome = change_find_row(context, rival->image, NULL, &handle, &current, &diag);
		if (rival->outcome == CHANGE_OK)
			rival->outcome = change_delete(context, buf_bytes(&handle), buf_bytes(&current), &rival->diag);
	}
	change_end(&context);
	buf_deinit(&handle);
	buf_deinit(&current);
	rival->done = true;
	return NULL;
}

/* Whoever is first, the second waits, and no orphan comes of it: by the primary key and by another. */
static void race(struct world *world, struct table *parent, struct table *child, const char *parent_row,
		 const char *child_row, bool child_first)
{
	struct diag diag = DIAG_INIT;
	fill(world, parent, parent_row);
	struct rival rival = {.world = world, .table = child_first ? parent : child, .is_delete = child_first,
			      .image = image_of(world, child_first ? parent : child,
						child_first ? parent_row : child_row),
			      .txn = txn_create(world->manager), .diag = DIAG_INIT};
	if (child_first)
		ok(insert(world, child, child_row, &diag));
	else
		ok(delete(world, parent, parent_row, &diag));
	assert_int_equal(pthread_create(&rival.thread, NULL, run_rival, &rival), 0);
	usleep(50000);
	assert_false(rival.done);
	commit(world);
	pthread_join(rival.thread, NULL);
	assert_int_equal(rival.outcome, child_first ? CHANGE_HAS_CHILDREN : CHANGE_NO_PARENT);
	txn_destroy(&rival.txn);
	if (child_first) {
		ok(delete(world, child, child_row, &diag));
		ok(delete(world, parent, parent_row, &diag));
		commit(world);
	}
	assert_rows(world, parent, "");
	assert_rows(world, child, "");
}

static void test_races(void **state)
{
	struct world *world = *state;
	struct table *parent = create_table(world, "parent", "id:int n:int m:int", "P(id) U:n(n) K:m(m)");
	static const char *const columns[] = {"id", "n", "m"};
	for (unsigned i = 0; i < 3; i++) {
		char name[16];
		snprintf(name, sizeof name, "child%u", i);
		struct table *child = new_table(name, "id:int pid:int?", "P(id) K:pid(pid)");
		add_foreign_key(child, "fk", "pid", "parent", columns[i], FK_RESTRICT, FK_RESTRICT);
		create(world, child);
		char row[16];
		snprintf(row, sizeof row, "1|%u", i + 1);
		race(world, parent, child, "1|2|3", row, true);
		race(world, parent, child, "1|2|3", row, false);
		table_unref(&child);
	}
	table_unref(&parent);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_no_parent),
		world_test(test_restrict),
		world_test(test_cascade_and_set_null),
		world_test(test_refused_cascade_leaves_nothing),
		world_test(test_self_reference),
		world_test(test_depth),
		world_test(test_keys_other_than_the_primary),
		world_test(test_cascade_into_duplicate),
		world_test(test_cascade_when_applied),
		world_test(test_races),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
