#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/allocator.h"
#include "base/memory.h"

enum { piece_count = 8000, piece_size = 20 * 1024 };

static unsigned count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned lines = 0;
	for (int c; (c = fgetc(maps)) != EOF;)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static uint64_t resident_size(void)
{
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");
	assert_int_equal(fscanf(statm, "%*u %lu", &pages), 1);
	fclose(statm);
	return (uint64_t)pages * 4096;
}

/* A process may have 65,530 mappings, however much memory it has. */
static void small_holes_give_memory_back_but_divide_no_mapping(void **state)
{
	static void *pieces[piece_count];
	unsigned mappings = count_mappings();
	for (int i = 0; i < piece_count; i++)
		pieces[i] = memset(memory_alloc(piece_size), 1, piece_size);
	uint64_t full = resident_size();
	for (int i = 0; i < piece_count; i += 2)
		memory_free(pieces[i]);
	allocator_give_back();
	assert_in_range(resident_size(), 0, full - (uint64_t)piece_count / 2 * piece_size * 9 / 10);
	assert_in_range(count_mappings(), 0, mappings + 100);
	for (int i = 1; i < piece_count; i += 2)
		memory_free(pieces[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_holes_give_memory_back_but_divide_no_mapping),
	};
	allocator_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
