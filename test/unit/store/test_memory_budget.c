/* One budget for rows, pages, memtables and blocks: who has what of it, and that it can change at run time. */
#include "store_fixture.h"
#include "store/memory_budget.h"

#define MIB (UINT64_C(1) << 20)

static void test_shares(void **state)
{
	struct store_memory memory = {.size = 200 * MIB, .row_percent = 25, .page_percent = 35};
	struct memory_shares shares = memory_budget_shares(&memory);
	assert_int_equal(shares.rows, 50 * MIB);
	assert_int_equal(shares.pages, 70 * MIB);

	memory.row_percent = memory.page_percent = 75; /* blocks are needed by all */
	shares = memory_budget_shares(&memory);
	assert_int_equal(shares.rows, 150 * MIB);
	assert_int_equal(shares.pages, 30 * MIB);

	memory = (struct store_memory){.size = UINT64_MAX, .row_percent = 50};
	assert_true(memory_budget_shares(&memory).rows >= UINT64_MAX / 2 - 1);
}

static void test_blocks_have_the_rest(void **state)
{
	assert_int_equal(memory_budget_blocks(128 * MIB, 0, 0), 128 * MIB);
	assert_int_equal(memory_budget_blocks(128 * MIB, 40 * MIB, 30 * MIB), 88 * MIB);
	/* An eighth, beside what the memtables need. */
	assert_int_equal(memory_budget_blocks(128 * MIB, 100 * MIB, 30 * MIB), 46 * MIB);
	assert_int_equal(memory_budget_blocks(128 * MIB, 300 * MIB, 0), 16 * MIB);
	assert_int_equal(memory_budget_blocks(1 * MIB, 0, 32 * MIB), 33 * MIB);
}

static void test_memtables_grow_with_it(void **state)
{
	assert_int_equal(memory_budget_write_buffer(1 * MIB), 32 * MIB);
	assert_int_equal(memory_budget_write_buffer(200 * MIB), 50 * MIB);
	assert_int_equal(memory_budget_write_buffer(8192 * MIB), 64 * MIB);
}

/* ------------------------------------------------------------------ in a store */

enum { ROWS = 4000, VALUE_SIZE = 1000, SPACE = STORE_SPACE_USER_MIN };

static struct bytes row_key(unsigned number, uint8_t out[8])
{
	bytes_store_uint_be(out, SPACE, 4);
	bytes_store_uint_be(out + 4, number, 4);
	return bytes_of(out, 8);
}

static void put_rows(struct store *store)
{
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(store, 0);
	uint8_t bytes[8], value[VALUE_SIZE];
	for (unsigned i = 0; i < ROWS; i++) {
		memset(value, (int)(i % 251), sizeof value);
		assert_int_equal(store_txn_put(txn, row_key(i, bytes), bytes_of(value, sizeof value), &diag), STORE_OK);
	}
	assert_int_equal(store_txn_commit(txn, false, &diag), 0);
	store_txn_end(&txn);
}

static void read_rows(struct store *store)
{
	struct diag diag = DIAG_INIT;
	struct buf value = {0};
	uint8_t bytes[8];
	for (unsigned i = 0; i < ROWS; i++) {
		buf_clear(&value);
		assert_int_equal(store_get(store, row_key(i, bytes), &value, &diag), STORE_OK);
		assert_int_equal(value.size, VALUE_SIZE);
		assert_int_equal(value.data[VALUE_SIZE - 1], i % 251);
	}
	buf_deinit(&value);
}

static uint64_t rows_used(struct store *store)
{
	uint64_t hits, misses, used;
	store_row_cache_counts(store, &hits, &misses, &used);
	return used;
}

static uint64_t blocks_size(struct store *store)
{
	uint64_t size, used;
	store_block_cache_counts(store, &size, &used);
	return size;
}

static void test_blocks_give_back_what_rows_take(void **state)
{
	struct store *store = open_store(NULL);
	uint64_t whole = 24 * MIB, row_share = whole * 34 / 100;
	assert_int_equal(blocks_size(store), whole);
	put_rows(store);
	read_rows(store);
	assert_in_range(rows_used(store), ROWS * VALUE_SIZE, row_share);
	store_tend(store);
	assert_int_equal(blocks_size(store), whole - rows_used(store));
	store_close(&store);
}

static void test_the_budget_changes_at_run_time(void **state)
{
	struct store *store = open_store(NULL);
	put_rows(store);
	read_rows(store);

	struct store_memory memory = {.size = 6 * MIB, .row_percent = 25, .page_percent = 25};
	store_set_memory(store, &memory);
	assert_in_range(rows_used(store), 1, 6 * MIB / 4);
	assert_true(blocks_size(store) < 24 * MIB);
	read_rows(store);
	assert_in_range(rows_used(store), 1, 6 * MIB / 4);

	memory = (struct store_memory){.size = 6 * MIB};
	store_set_memory(store, &memory);
	read_rows(store);
	assert_int_equal(rows_used(store), 0);

	memory = (struct store_memory){.size = 96 * MIB, .row_percent = 50};
	store_set_memory(store, &memory);
	read_rows(store);
	assert_true(rows_used(store) > ROWS * VALUE_SIZE);
	store_tend(store);
	assert_int_equal(blocks_size(store), 96 * MIB - rows_used(store));
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_blocks_have_the_rest),
		cmocka_unit_test(test_memtables_grow_with_it),
		cmocka_unit_test(test_blocks_give_back_what_rows_take),
		cmocka_unit_test(test_the_budget_changes_at_run_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
