/* The writes of transactions in the order of their keys: risen, in any order, written again, of many spaces. */
#include "store_fixture.h"
#include "store/bulk/sorted_writes.h"

enum { TXNS = 3, SPACES_MAX = 8, KEYS = 100000, COUNT = 40000 };

/* What a key of each space holds in the end; 0: nothing was written, -1: it was deleted. */
static int model[SPACES_MAX][KEYS];
static unsigned random_state;

static unsigned draw(unsigned count)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 8) % count;
}

static void write_one(struct store_txn *txn, uint32_t space, uint32_t number, int value)
{
	uint8_t key[12];
	bytes_store_uint_be(key, space, 4);
	bytes_store_uint_be(key + 4, number / 10, 4); /* keys that differ behind their first bytes */
	bytes_store_uint_be(key + 8, number % 10, 4);
	if (value < 0)
		store_txn_delete_unlocked(txn, bytes_of(key, 12));
	else
		store_txn_put_unlocked(txn, bytes_of(key, 12), bytes_of(&value, sizeof value));
	model[space][number] = value;
}

static int value_of(const struct write *write)
{
	int value;
	if (write->is_deletion)
		return -1;
	assert_int_equal(write->value.size, sizeof value);
	memcpy(&value, write->value.data, sizeof value);
	return value;
}

static void assert_space(struct sorted_writes *sorted, uint32_t space)
{
	struct write write;
	for (uint32_t number = 0; number < KEYS; number++) {
		if (model[space][number] == 0)
			continue;
		assert_true(sorted_writes_next(sorted, &write));
		assert_int_equal(bytes_load_uint_be(write.key.data, 4), space);
		assert_int_equal(bytes_load_uint_be(write.key.data + 4, 4) * 10 + bytes_load_uint_be(write.key.data + 8, 4),
				 number);
		assert_int_equal(value_of(&write), model[space][number]);
	}
	assert_false(sorted_writes_next(sorted, &write));
}

/* Space 1 rises, 2 does in most places, 3 never; 4 has few keys, often written; 5 rises, and begins anew with each txn. */
static void write_all(struct store_txn **txns)
{
	memset(model, 0, sizeof model);
	for (unsigned i = 0; i < COUNT; i++) {
		struct store_txn *txn = txns[i * TXNS / COUNT];
		int value = (int)i + 1;
		write_one(txn, 1, i, value);
		write_one(txn, 2, draw(1000) ? i : draw(COUNT), value);
		write_one(txn, 3, draw(KEYS), draw(10) ? value : -1);
		write_one(txn, 4, draw(50), draw(3) ? value : -1);
		write_one(txn, 5, i % (COUNT / TXNS), value);
	}
}

static void test_each_space_in_order(void **state)
{
	struct store *store = *state;
	struct store_txn *txns[TXNS];
	for (unsigned i = 0; i < TXNS; i++)
		txns[i] = store_txn_begin(store, 1000);
	write_all(txns);
	struct sorted_writes *sorted = sorted_writes_create(txns, TXNS, 5);
	for (uint32_t space = 1; space <= 5; space++) {
		assert_true(sorted_writes_next_space(sorted));
		assert_space(sorted, space);
	}
	assert_false(sorted_writes_next_space(sorted));
	sorted_writes_destroy(&sorted);
	assert_null(sorted_writes_create(txns, TXNS, 4));
	for (unsigned i = 0; i < TXNS; i++)
		store_txn_end(&txns[i]);
}

static void test_part_of_a_space_is_read(void **state)
{
	struct store_txn *txn = store_txn_begin(*state, 1000);
	write_one(txn, 2, 7, 1);
	write_one(txn, 2, 5, 2);
	write_one(txn, 1, 5, 3);
	struct sorted_writes *sorted = sorted_writes_create(&txn, 1, 2);
	struct write write;
	assert_true(sorted_writes_next_space(sorted));
	assert_true(sorted_writes_next_space(sorted));
	assert_true(sorted_writes_next(sorted, &write));
	assert_int_equal(value_of(&write), 2);
	sorted_writes_destroy(&sorted);
	store_txn_end(&txn);
}

static int set_up(void **state)
{
	random_state = 7;
	*state = open_store(NULL);
	return 0;
}

static int tear_down(void **state)
{
	struct store *store = *state;
	store_close(&store);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_space_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_part_of_a_space_is_read, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
