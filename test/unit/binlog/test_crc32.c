/* The folded sum is the one that tables give, whatever the size, where it begins, and however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "binlog/crc32.h"

enum { size_max = 1500, places = 17 };

static void fill(uint8_t *data, size_t size, unsigned seed)
{
	srand(seed);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)rand();
}

static void check_value(void **state)
{
	(void)state;
	assert_int_equal(crc32_add(0, bytes_of("123456789", 9)), 0xcbf43926);
	assert_int_equal(crc32_add(0, bytes_of("", 0)), 0);
}

static void every_size_and_place(void **state)
{
	(void)state;
	uint8_t data[size_max + places];
	fill(data, sizeof data, 1);
	for (size_t size = 0; size <= size_max; size++) {
		size_t place = size % places;
		assert_int_equal(crc32_add(0, bytes_of(data + place, size)), (uint32_t)crc32_z(0, data + place, size));
	}
}

static void in_two_parts(void **state)
{
	(void)state;
	uint8_t data[size_max];
	fill(data, sizeof data, 2);
	uint32_t whole = crc32_add(0, bytes_of(data, sizeof data));
	for (size_t cut = 0; cut <= sizeof data; cut++) {
		uint32_t first = crc32_add(0, bytes_of(data, cut));
		assert_int_equal(crc32_add(first, bytes_of(data + cut, sizeof data - cut)), whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_value),
		cmocka_unit_test(every_size_and_place),
		cmocka_unit_test(in_two_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
