/* Sorting in little memory: everything comes back, in order, and what is equal in the order it came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/sorter.h"

static void add(struct sorter *sorter, struct bytes key, uint32_t number, size_t filler)
{
	struct diag diag = DIAG_INIT;
	struct buf value = {0};
	buf_put_u32(&value, number);
	buf_put_zeros(&value, filler);
	assert_int_equal(sorter_add(sorter, key, buf_bytes(&value), &diag), 0);
	buf_deinit(&value);
}

/* Keys of 0 to 12 bytes of few kinds behind four that all share, so that many are equal or begin alike. */
static struct bytes make_key(uint8_t *place, unsigned *seed)
{
	size_t size = (size_t)rand_r(seed) % 13;
	memcpy(place, "same", 4);
	for (size_t i = 0; i < size; i++)
		place[4 + i] = rand_r(seed) % 4 ? 'a' : (uint8_t)rand_r(seed);
	return bytes_of(place, 4 + size);
}

static void assert_sorted(struct sorter *sorter, unsigned count, size_t filler)
{
	struct diag diag = DIAG_INIT;
	struct buf last = {0};
	struct bytes key, value;
	uint32_t last_number = 0;
	uint64_t sum = 0;
	unsigned found = 0;
	assert_int_equal(sorter_begin_reading(sorter, &diag), 0);
	for (; sorter_next(sorter, &key, &value, &diag) == 1; found++) {
		uint32_t number = (uint32_t)bytes_load_uint(value.data, 4);
		int order = bytes_compare(buf_bytes(&last), key);
		assert_int_equal(value.size, 4 + filler);
		assert_true(found == 0 || order < 0 || (order == 0 && last_number < number));
		buf_clear(&last);
		buf_put_bytes(&last, key);
		last_number = number;
		sum += number;
	}
	assert_int_equal(found, count);
	assert_int_equal(sum, (uint64_t)count * (count - 1) / 2);
	assert_int_equal(diag.code, ER_NONE);
	buf_deinit(&last);
}

static void sort(unsigned count, size_t memory_max, size_t filler)
{
	struct sorter *sorter = sorter_create("/tmp", memory_max);
	unsigned seed = count;
	uint8_t place[32];
	for (unsigned i = 0; i < count; i++)
		add(sorter, make_key(place, &seed), i, filler);
	assert_sorted(sorter, count, filler);
	sorter_destroy(&sorter);
}

static void test_none_and_few(void **state)
{
	sort(0, 1 << 20, 0);
	sort(1, 1 << 20, 0);
	sort(1000, 1 << 20, 0);
}

static void test_runs_in_files(void **state)
{
	sort(20000, 0, 10);
}

static void test_entries_larger_than_all_buffers(void **state)
{
	sort(20, 0, 200000);
}

/* More than 64 runs of 64 KiB: they are merged in between. */
static void test_levels_of_runs(void **state)
{
	sort(12000, 0, 400);
}

/* Each reader has a part of the keys, all of them have everything, and of what is equal earlier sorters' comes first. */
static void read_in_parts(struct sorter *const *sorters, size_t sorter_count, size_t parts, unsigned count)
{
	struct buf keys[8] = {{0}}, last = {0};
	struct diag diag = DIAG_INIT;
	struct bytes key, value;
	uint32_t last_number = 0;
	unsigned found = 0;
	sorter_divide(sorters, sorter_count, parts, keys);
	for (size_t i = 0; i < parts; i++) {
		struct sorter_reader *reader = sorter_reader_create(sorters, sorter_count);
		struct bytes none = {0}, from = i ? buf_bytes(&keys[i - 1]) : none;
		unsigned before = found;
		assert_int_equal(sorter_reader_seek(reader, from, i + 1 < parts ? buf_bytes(&keys[i]) : none, &diag),
				 0);
		for (; sorter_reader_next(reader, &key, &value, &diag) == 1; found++) {
			uint32_t number = (uint32_t)bytes_load_uint(value.data, 4);
			int order = bytes_compare(buf_bytes(&last), key);
			assert_true(found == 0 || order < 0 || (order == 0 && last_number < number));
			buf_clear(&last);
			buf_put_bytes(&last, key);
			last_number = number;
		}
		assert_true(found - before > count / parts / 2);
		sorter_reader_destroy(&reader);
	}
	assert_int_equal(found, count);
	assert_int_equal(diag.code, ER_NONE);
	for (size_t i = 0; i < parts; i++)
		buf_deinit(&keys[i]);
	buf_deinit(&last);
}

static void test_parts_of_several_sorters(void **state)
{
	enum { sorter_count = 3, count = 30000 };
	struct sorter *sorters[sorter_count];
	uint8_t key[8] = {7, 7};
	unsigned seed = 1;
	for (size_t i = 0; i < sorter_count; i++) {
		sorters[i] = sorter_create("/tmp", i == 1 ? 1 << 24 : 0); /* of one nothing is in files */
		for (uint32_t j = 0; j < count / sorter_count; j++) {
			bytes_store_uint_be(key + 4, (uint64_t)rand_r(&seed) % 5000 * 1000, 4);
			add(sorters[i], bytes_of(key, sizeof key), (uint32_t)i * count + j, 40);
		}
		sorter_complete(sorters[i]);
	}
	for (size_t parts = 1; parts <= 8; parts++)
		read_in_parts(sorters, sorter_count, parts, count);
	for (size_t i = 0; i < sorter_count; i++)
		sorter_destroy(&sorters[i]);
}

static void test_a_directory_that_is_none(void **state)
{
	struct sorter *sorter = sorter_create("/nowhere/at/all", 0);
	struct diag diag = DIAG_INIT;
	int status = 0;
	for (unsigned i = 0; i < 10000 && status == 0; i++)
		status = sorter_add(sorter, bytes_of(&i, sizeof i), bytes_of("0123456789", 10), &diag);
	assert_int_equal(status, -1);
	assert_int_equal(diag.code, ER_TEMP_FILE_WRITE_FAILURE);
	sorter_destroy(&sorter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none_and_few),
		cmocka_unit_test(test_runs_in_files),
		cmocka_unit_test(test_levels_of_runs),
		cmocka_unit_test(test_entries_larger_than_all_buffers),
		cmocka_unit_test(test_a_directory_that_is_none),
		cmocka_unit_test(test_parts_of_several_sorters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
