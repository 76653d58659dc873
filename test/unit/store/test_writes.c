/* A transaction's writes against a model: puts, deletions, taking back from the end, with keys that meet in the table. */
#include "store_fixture.h"
#include "store/writes.h"

enum { KEYS = 40, STEPS = 20000, DEPTH = 12 };

/* What each key has: 0: nothing written, -1: deleted, else a value. */
struct model {
	int values[KEYS];
	size_t size;
};

static struct bytes name_key(int key, char *name)
{
	return bytes_of(name, (size_t)sprintf(name, "%d", key * 7919));
}

static void assert_like(struct writes *writes, const struct model *model)
{
	for (int key = 0; key < KEYS; key++) {
		char name[16], value[16];
		struct write write;
		bool found = writes_find(writes, name_key(key, name), &write);
		assert_int_equal(found, model->values[key] != 0);
		if (!found)
			continue;
		assert_int_equal(write.is_deletion, model->values[key] < 0);
		size_t size = model->values[key] < 0 ? 0 : (size_t)sprintf(value, "%d", model->values[key]);
		assert_true(bytes_equal(write.value, bytes_of(value, size)));
	}
}

static void test_writes_and_taking_back(void **state)
{
	struct writes writes = {0};
	struct model now = {0}, marks[DEPTH];
	unsigned depth = 0, seed = 7;
	for (int step = 1; step < STEPS; step++) {
		int key = (int)(rand_r(&seed) % KEYS), dice = (int)(rand_r(&seed) % 20);
		char name[16], value[16];
		if (dice == 0 && depth < DEPTH) {
			marks[depth] = now;
			marks[depth++].size = writes.records.size;
		} else if (dice <= 1 && depth > 0) {
			now = marks[--depth];
			writes_cut(&writes, now.size);
			assert_like(&writes, &now);
		} else if (dice < 6) {
			writes_delete(&writes, name_key(key, name));
			now.values[key] = -1;
		} else {
			writes_put(&writes, name_key(key, name), bytes_of(value, (size_t)sprintf(value, "%d", step)));
			now.values[key] = step;
		}
	}
	assert_like(&writes, &now);
	writes_cut(&writes, 0);
	assert_like(&writes, &(struct model){0});
	assert_int_equal(writes.key_count, 0);
	writes_deinit(&writes);
}

/* Rising keys of few spaces are never put into the table, unless somebody asks for one of them. */
static void test_only_what_is_asked_for_is_in_the_table(void **state)
{
	for (int spaces = 1; spaces <= write_bounds_max + 2; spaces++) {
		struct writes writes = {0};
		char name[32];
		struct write write;
		for (int i = 0; i < 500; i++) {
			struct bytes key = bytes_of(name, (size_t)sprintf(name, "s%03d%08d", i % spaces, i));
			assert_false(writes_find(&writes, key, &write));
			writes_put(&writes, key, bytes_of("v", 1));
		}
		assert_int_equal(writes.key_count == 0, spaces <= write_bounds_max);
		size_t size = writes.records.size;
		for (int i = 0; i < 500; i++) {
			struct bytes key = bytes_of(name, (size_t)sprintf(name, "s%03d%08d", i % spaces, i));
			assert_true(writes_find(&writes, key, &write) && bytes_equal(write.key, key));
		}
		assert_int_equal(writes.key_count, 500);
		writes_put(&writes, bytes_of("s000", 4), bytes_of("w", 1));
		assert_true(writes_find(&writes, bytes_of("s000", 4), &write));
		writes_delete(&writes, bytes_of("s00", 3));
		writes_cut(&writes, size);
		assert_false(writes_find(&writes, bytes_of("s000", 4), &write));
		assert_false(writes_find(&writes, bytes_of("s00", 3), &write));
		writes_share(&writes);
		assert_true(writes_find_shared(&writes, bytes_of("s00000000000", 12), &write));
		assert_false(writes_find_shared(&writes, bytes_of("s00000000000x", 13), &write));
		writes_deinit(&writes);
	}
}

static void test_a_walk_stops_where_no_record_is_whole(void **state)
{
	struct writes writes = {0};
	writes_put(&writes, bytes_of("key", 3), bytes_of("value", 5));
	size_t one = writes.records.size;
	writes_delete(&writes, bytes_of("another", 7));
	for (size_t size = 0; size <= writes.records.size; size++) {
		uint8_t *copy = memory_copy(writes.records.data, size);
		struct write write;
		size_t offset = 0, count = 0;
		while (writes_next(bytes_of(copy, size), &offset, &write))
			count++;
		assert_int_equal(offset, size < one ? 0 : size < writes.records.size ? one : size);
		assert_int_equal(count, (size >= one) + (size == writes.records.size));
		memory_free(copy);
	}
	writes_deinit(&writes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_and_taking_back),
		cmocka_unit_test(test_only_what_is_asked_for_is_in_the_table),
		cmocka_unit_test(test_a_walk_stops_where_no_record_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
