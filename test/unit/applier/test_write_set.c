/* Which rows touch one another: by keys, by references, by themselves. */
#include "../change/change_fixture.h"

#include "applier/write_set.h"

/* The keys of one row, in a set of its own. */
static struct write_set set_of(struct world *world, const struct table *table, struct table *const *children,
			       size_t child_count, const char *row)
{
	struct diag diag = DIAG_INIT;
	struct write_set set;
	struct write_set_table described;
	struct bytes image = image_of(world, table, row);
	struct bytes *fields = arena_array(&world->arena, struct bytes, table->column_count);
	ok(row_split(image, table->types, table->column_count, fields, &diag));
	write_set_init(&set);
	write_set_describe(table, children, child_count, &world->arena, &described);
	write_set_add(&set, &described, fields, image);
	return set;
}

static bool sets_meet(const struct write_set *a, const struct write_set *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (a->keys[i].hash == b->keys[j].hash && !(a->keys[i].is_shared && b->keys[j].is_shared))
				return true;
	return false;
}

static bool meet(struct world *world, const struct table *table, const char *one, const char *other)
{
	struct write_set a = set_of(world, table, NULL, 0, one), b = set_of(world, table, NULL, 0, other);
	bool is_met = sets_meet(&a, &b);
	write_set_deinit(&a);
	write_set_deinit(&b);
	return is_met;
}

static void test_primary_and_unique_keys(void **state)
{
	struct world *world = *state;
	struct table *table = create_table(world, "t", "id:int name:text20? size:int",
					   "P(id) U:by_name(name) K:by_size(size)");
	assert_true(meet(world, table, "1|a|1", "1|b|2"));
	assert_false(meet(world, table, "1|a|1", "2|b|1"));
	assert_true(meet(world, table, "1|a|1", "2|A |2")); /* as the collation has it */
	assert_false(meet(world, table, "1|NULL|1", "2|NULL|1"));
	table_unref(&table);
}

static void test_prefixes_and_tables_are_told_apart(void **state)
{
	struct world *world = *state;
	struct table *table = create_table(world, "t", "id:int name:text20", "P(id) U:by_name(name/3)");
	struct table *other = create_table(world, "u", "id:int name:text20", "P(id)");
	assert_true(meet(world, table, "1|abcd", "2|abce"));
	struct write_set a = set_of(world, table, NULL, 0, "1|abc"), b = set_of(world, other, NULL, 0, "1|abc");
	assert_false(sets_meet(&a, &b));
	write_set_deinit(&a);
	write_set_deinit(&b);
	table_unref(&table);
	table_unref(&other);
}

static void test_rows_without_a_key_are_their_own(void **state)
{
	struct world *world = *state;
	struct table *table = create_table(world, "t", "id:int name:text20?", "K:by_id(id)");
	assert_true(meet(world, table, "1|a", "1|a"));
	assert_false(meet(world, table, "1|a", "1|A"));
	table_unref(&table);
}

static void test_children_share_their_parents(void **state)
{
	struct world *world = *state;
	struct table *parent = create_table(world, "parent", "id:int v:int", "P(id)");
	struct table *child = new_table("child", "id:int parent:int?", "P(id) K:by_parent(parent)");
	add_foreign_key(child, "fk", "parent", "parent", "id", FK_RESTRICT, FK_RESTRICT);
	create(world, child);
	struct write_set of_parent = set_of(world, parent, &child, 1, "7|1");
	struct write_set first = set_of(world, child, NULL, 0, "1|7"), second = set_of(world, child, NULL, 0, "2|7");
	struct write_set stranger = set_of(world, child, NULL, 0, "3|8"), orphan = set_of(world, child, NULL, 0, "4|NULL");
	assert_true(sets_meet(&of_parent, &first));
	assert_false(sets_meet(&first, &second));
	assert_false(sets_meet(&of_parent, &stranger));
	assert_false(sets_meet(&of_parent, &orphan));
	struct write_set *sets[] = {&of_parent, &first, &second, &stranger, &orphan};
	for (size_t i = 0; i < 5; i++)
		write_set_deinit(sets[i]);
	table_unref(&parent);
	table_unref(&child);
}

static void test_cascades_and_needed_columns_are_known(void **state)
{
	struct world *world = *state;
	struct write_set_table described;
	struct table *parent = create_table(world, "parent", "id:int v:int", "P(id)");
	struct table *child = new_table("child", "id:int parent:int? v:int", "P(id) K:by_parent(parent)");
	add_foreign_key(child, "fk", "parent", "parent", "id", FK_CASCADE, FK_RESTRICT);
	create(world, child);
	write_set_describe(parent, &child, 1, &world->arena, &described);
	assert_true(described.cascades);
	assert_true(described.needed[0] && !described.needed[1]);
	write_set_describe(child, NULL, 0, &world->arena, &described);
	assert_false(described.cascades);
	assert_true(described.needed[0] && described.needed[1] && !described.needed[2]);
	table_unref(&parent);
	table_unref(&child);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_primary_and_unique_keys),
		world_test(test_prefixes_and_tables_are_told_apart),
		world_test(test_rows_without_a_key_are_their_own),
		world_test(test_children_share_their_parents),
		world_test(test_cascades_and_needed_columns_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
