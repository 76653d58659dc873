/* Tables read through SQLite: indexes, ranges, orders, joins. */
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

static void reads_rows(void **state)
{
	struct world *world = *state;
	struct table *table =
		define(world, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20), size INT, KEY(size))");
	insert(world, table, "ROW(1, 'a', 10), ROW(2, 'b', NULL), ROW(3, 'c', 30), ROW(4, NULL, 30)");
	assert_answer("SELECT * FROM t", "1|a|10 2|b|NULL 3|c|30 4|NULL|30");
	assert_answer("SELECT name FROM t WHERE id = 3", "c");
	assert_answer("SELECT id FROM t WHERE id > 1 AND id <= 3", "2 3");
	assert_answer("SELECT id FROM t WHERE size = 30", "3 4");
	assert_answer("SELECT id, name FROM t WHERE size = 30 AND name = 'C '", "3|c");
	assert_answer("SELECT id FROM t WHERE size IS NULL", "2");
	assert_answer("SELECT id FROM t WHERE size < 30", "1");
	assert_answer("SELECT id FROM t ORDER BY size DESC, id LIMIT 2", "3 4");
	assert_answer("SELECT size, id FROM t ORDER BY size", "NULL|2 10|1 30|3 30|4");
	assert_answer("SELECT COUNT(*), COUNT(size), MAX(name) FROM t", "4|3|c");
	assert_answer("SELECT a.id, b.id FROM t a JOIN t b ON a.size = b.size WHERE a.id < b.id", "3|4");
	assert_answer("SELECT id FROM t WHERE id IN (4, 1, 9)", "1 4");
	assert_answer("SELECT id FROM t WHERE id BETWEEN 2 AND 3 ORDER BY id DESC", "3 2");
	assert_answer("SELECT id FROM t WHERE id > 1.5 AND id < 3.5", "2 3");
	assert_answer("SELECT id FROM t WHERE id = 99999999999", "");
	assert_answer("SELECT id FROM t WHERE id < 99999999999 AND id > -99999999999", "1 2 3 4");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(reads_rows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
