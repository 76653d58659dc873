/* What a query may be made of: subqueries, set operations, WITH, windows, groupings. */
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

static void make_tables(struct world *world)
{
	struct table *a = define(world, "CREATE TABLE a (id INT PRIMARY KEY, b INT, name VARCHAR(20))");
	struct table *b = define(world, "CREATE TABLE b (id INT PRIMARY KEY, name VARCHAR(20), KEY(name))");
	insert(world, a, "ROW(1, 10, 'x'), ROW(2, 10, 'X'), ROW(3, 20, 'y'), ROW(4, NULL, NULL), ROW(5, 30, 'z')");
	insert(world, b, "ROW(10, 'ten'), ROW(20, 'twenty'), ROW(40, 'forty')");
}

static void joins(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT a.id, b.name FROM a JOIN b ON a.b = b.id ORDER BY a.id", "1|ten 2|ten 3|twenty");
	assert_answer("SELECT a.id, b.name FROM a LEFT JOIN b ON a.b = b.id ORDER BY a.id",
		      "1|ten 2|ten 3|twenty 4|NULL 5|NULL");
	assert_answer("SELECT a.id, b.id FROM a RIGHT JOIN b ON a.b = b.id ORDER BY b.id, a.id",
		      "1|10 2|10 3|20 NULL|40");
	assert_answer("SELECT a.id, b.id, c.id FROM a LEFT JOIN (b JOIN a c ON b.id = c.b) ON a.b = b.id "
		      "ORDER BY a.id, c.id",
		      "1|10|1 1|10|2 2|10|1 2|10|2 3|20|3 4|NULL|NULL 5|NULL|NULL");
	assert_answer("SELECT COUNT(*) FROM a, b", "15");
	assert_answer("SELECT a.id FROM a STRAIGHT_JOIN b ON a.b = b.id WHERE b.name = 'twenty'", "3");
	assert_answer("SELECT id, a.name, b.name FROM a JOIN b USING (id)", "");
	assert_answer("SELECT COUNT(*) FROM a LEFT JOIN b ON a.b = b.id WHERE b.id IS NULL", "2");
}

static void subqueries(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT id, (SELECT name FROM b WHERE b.id = a.b) FROM a",
		      "1|ten 2|ten 3|twenty 4|NULL 5|NULL");
	assert_int_equal(error_of(world, "SELECT (SELECT id FROM a)"), 1242);
	assert_answer("SELECT (SELECT id FROM a LIMIT 1)", "1");
	assert_answer("SELECT id FROM a WHERE b IN (SELECT id FROM b)", "1 2 3");
	assert_answer("SELECT id FROM a WHERE b NOT IN (SELECT id FROM b)", "5");
	assert_answer("SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.b)", "1 2 3");
	assert_answer("SELECT id FROM a WHERE NOT EXISTS (SELECT * FROM b WHERE b.id = a.b)", "4 5");
	assert_answer("SELECT id FROM b WHERE id > ALL (SELECT b FROM a WHERE b < 20)", "20 40");
	assert_answer("SELECT id FROM b WHERE id > ALL (SELECT b FROM a)", "");
	assert_answer("SELECT id FROM b WHERE id > ANY (SELECT b FROM a)", "20 40");
	assert_answer("SELECT id FROM b WHERE id >= ALL (SELECT 50 FROM a WHERE 1 = 0)", "10 20 40");
	assert_answer("SELECT id FROM b WHERE id = ANY (SELECT b FROM a)", "10 20");
	assert_answer("SELECT id FROM b WHERE id <> ALL (SELECT b FROM a WHERE b IS NOT NULL)", "40");
	assert_answer("SELECT id FROM a WHERE (b, name) = (SELECT 20, 'Y')", "3");
	assert_answer("SELECT id FROM a WHERE (b, name) IN (SELECT 10, 'x' UNION SELECT 30, 'Z')", "1 2 5");
	assert_answer("SELECT d.n FROM (SELECT name AS n, id FROM b) AS d WHERE d.id > 10 ORDER BY d.n",
		      "forty twenty");
	assert_answer("SELECT MAX(c) FROM (SELECT COUNT(*) AS c FROM a GROUP BY b) d", "2");
}

static void set_operations(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT 1 UNION SELECT 1 UNION ALL SELECT 1", "1 1");
	assert_answer("SELECT name FROM a WHERE id < 3 UNION SELECT 'X'", "x");
	assert_answer("SELECT id FROM b UNION ALL SELECT 5 ORDER BY 1 DESC LIMIT 2", "40 20");
	assert_answer("(SELECT id FROM a ORDER BY id DESC LIMIT 1) UNION ALL (SELECT id FROM b ORDER BY id LIMIT 1)",
		      "5 10");
	assert_answer("SELECT id AS n FROM a WHERE id < 3 UNION ALL SELECT 7 ORDER BY -n", "7 2 1");
	assert_answer("SELECT 1, 'a' UNION SELECT 2.5, NULL ORDER BY 1", "1.0|a 2.5|NULL");
	assert_answer("SELECT 3 UNION SELECT 1 UNION SELECT 3 UNION SELECT 2", "3 1 2");
	assert_answer("VALUES ROW(1, 'a'), ROW(2, 'b')", "1|a 2|b");
	assert_answer("SELECT b FROM a EXCEPT SELECT id FROM b ORDER BY b", "NULL 30");
	assert_answer("SELECT b FROM a INTERSECT SELECT id FROM b ORDER BY b", "10 20");
}

static void common_tables(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("WITH x AS (SELECT id, name FROM b WHERE id < 30) SELECT a.id, x.name FROM a JOIN x ON x.id = a.b",
		      "1|ten 2|ten 3|twenty");
	assert_answer("WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
		      "1 2 3 4 5");
	assert_answer(
		"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT COUNT(*) FROM n",
		"1000");
	assert_int_equal(error_of(world,
				  "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"),
			 3636);
	world->session->variables.cte_max_recursion_depth = 10;
	assert_int_equal(error_of(world,
				  "WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT i + 1 FROM n) SELECT i FROM n"),
			 3636);
	assert_answer("WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT i % 3 + 1 FROM n) SELECT i FROM n", "1 2 3");
	assert_answer("WITH x (p) AS (SELECT 1), y AS (SELECT p + 1 AS q FROM x) SELECT p, q FROM x, y", "1|2");
}

static void groups(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT name, COUNT(*) FROM a GROUP BY name ORDER BY name", "NULL|1 x|2 y|1 z|1");
	assert_answer("SELECT b, COUNT(*) FROM a GROUP BY b HAVING COUNT(*) > 1", "10|2");
	assert_answer("SELECT COUNT(DISTINCT name), COUNT(DISTINCT b) FROM a", "3|3");
	assert_answer("SELECT DISTINCT name FROM a WHERE name IS NOT NULL ORDER BY name DESC", "z y x");
	assert_answer("SELECT MIN(name), MAX(b), MIN(id) FROM a", "x|30|1");
	assert_answer("SELECT b, COUNT(*) FROM a WHERE b IS NOT NULL GROUP BY b WITH ROLLUP",
		      "10|2 20|1 30|1 NULL|4");
	assert_answer("SELECT b, name, COUNT(*) FROM a WHERE id < 4 GROUP BY b, name WITH ROLLUP",
		      "10|x|2 10|NULL|2 20|y|1 20|NULL|1 NULL|NULL|3");
	assert_answer("SELECT COUNT(*) FROM a HAVING COUNT(*) > 100", "");
	assert_answer("SELECT 1 FROM a HAVING COUNT(*) > 1", "1");
	assert_answer("SELECT 1 FROM a WHERE 1 = 0 HAVING COUNT(*) = 0", "1");
	assert_answer("SELECT COUNT(*) FROM a WHERE 1 = 0", "0");
	assert_answer("SELECT COUNT(*) FROM a GROUP BY b = 10 ORDER BY 1", "1 2 2");
}

/* A block that counts distinct values and nothing else is written with a DISTINCT of its own. */
static void distinct_counts(void **state)
{
	struct world *world = *state;
	struct table *table = define(world, "CREATE TABLE d (id INT PRIMARY KEY, k INT, s VARCHAR(9), r DOUBLE, KEY(k, s))");
	insert(world, table, "ROW(1, 1, 'a', 0), ROW(2, 1, 'A ', 1), ROW(3, 1, NULL, 1), ROW(4, NULL, 'a', 1), "
			     "ROW(5, 2, 'b', 1.5), ROW(6, 2, 'b', 2)");
	assert_answer("SELECT COUNT(DISTINCT k) FROM d", "2");
	assert_answer("SELECT COUNT(DISTINCT s) FROM d", "2");
	assert_answer("SELECT COUNT(DISTINCT k, s) FROM d", "2");
	assert_answer("SELECT COUNT(DISTINCT s, k, r) FROM d", "4");
	assert_answer("SELECT COUNT(DISTINCT k % 2, s) FROM d WHERE id > 1", "2");
	assert_answer("SELECT COUNT(DISTINCT k) FROM d WHERE id > 100", "0");
	assert_answer("SELECT COUNT(DISTINCT k) FROM d LIMIT 1", "2");
	assert_answer("SELECT COUNT(DISTINCT a.k, b.s) FROM d a JOIN d b ON a.id < b.id", "3");
	assert_answer("SELECT id, (SELECT COUNT(DISTINCT s, r) FROM d i WHERE i.k = o.k) FROM d o ORDER BY id",
		      "1|2 2|2 3|2 4|0 5|2 6|2");
	assert_answer("SELECT COUNT(DISTINCT k) FROM d UNION ALL SELECT COUNT(DISTINCT s, r) FROM d", "2 4");
	assert_answer("SELECT COUNT(DISTINCT k), COUNT(*) FROM d", "2|6");
	assert_answer("SELECT COUNT(DISTINCT k) FROM d HAVING COUNT(DISTINCT k) > 2", "");
}

static void windows(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT id, ROW_NUMBER() OVER (PARTITION BY b ORDER BY id DESC) FROM a ORDER BY id",
		      "1|2 2|1 3|1 4|1 5|1");
	assert_answer("SELECT id, RANK() OVER (ORDER BY name) FROM a ORDER BY id", "1|2 2|2 3|4 4|1 5|5");
	assert_answer("SELECT id, LAG(id) OVER (ORDER BY id), LEAD(id, 2) OVER (ORDER BY id) FROM a WHERE id < 4",
		      "1|NULL|3 2|1|NULL 3|2|NULL");
	assert_answer("SELECT id, COUNT(*) OVER w, FIRST_VALUE(id) OVER w FROM a WINDOW w AS (ORDER BY id ROWS BETWEEN 1 "
		      "PRECEDING AND CURRENT ROW)",
		      "1|1|1 2|2|1 3|2|2 4|2|3 5|2|4");
}

static void conditions(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_answer("SELECT id FROM a WHERE name = 'X'", "1 2");
	assert_answer("SELECT id FROM a WHERE name COLLATE utf8mb4_bin = 'X'", "2");
	assert_answer("SELECT id FROM a WHERE b <=> NULL", "4");
	assert_answer("SELECT id FROM a WHERE NOT (b = 10)", "3 5");
	assert_answer("SELECT id FROM a WHERE b = 10 XOR id = 1", "2");
	assert_answer("SELECT id FROM a WHERE (b > 10) IS TRUE", "3 5");
	assert_answer("SELECT id FROM a WHERE (b > 10) IS NOT TRUE", "1 2 4");
	assert_answer("SELECT id FROM a WHERE (b > 10) IS UNKNOWN", "4");
	assert_answer("SELECT id FROM a WHERE b NOT BETWEEN 15 AND 25", "1 2 5");
	assert_answer("SELECT id FROM a WHERE name NOT IN ('x', 'y')", "5");
	assert_answer("SELECT id FROM a WHERE b = 10 OR id = 5", "1 2 5");
	assert_answer("SELECT id FROM a WHERE id = 1 OR id = 3 OR b = 20", "1 3");
	assert_answer("SELECT CASE b WHEN 10 THEN 'ten' WHEN 20 THEN 'twenty' ELSE 'other' END FROM a",
		      "ten ten twenty other other");
	assert_answer(
		"SELECT IF(b > 10, 1, 2), IFNULL(b, -1), COALESCE(name, 'none'), NULLIF(b, 10) FROM a WHERE id IN (1, 4)",
		"2|10|x|NULL 2|-1|none|NULL");
	assert_answer("SELECT id FROM a WHERE name LIKE 'X%'", "1 2");
	assert_answer("SELECT name FROM b WHERE name LIKE 't%' ORDER BY id", "ten twenty");
	assert_answer("SELECT name FROM b WHERE name LIKE 'TW%'", "twenty");
	assert_answer("SELECT name FROM b WHERE name LIKE '%t%' ORDER BY id", "ten twenty forty");
}

static void or_uses_several_indexes(void **state)
{
	struct world *world = *state;
	struct table *table =
		define(world, "CREATE TABLE o (k VARCHAR(10) PRIMARY KEY, x INT, y INT, KEY(x), KEY(y))");
	char rows[20000];
	size_t size = 0;
	for (int i = 0; i < 500; i++)
		size += (size_t)snprintf(rows + size, sizeof rows - size, "%sROW('k%03d', %d, %d)", i ? ", " : "", i,
					 i, i);
	insert(world, table, rows);
	assert_answer("SELECT k FROM o WHERE x = 7 OR y = 7 OR y = 9 ORDER BY k", "k007 k009");
	assert_answer("SELECT k FROM o WHERE x = 7 OR y BETWEEN 7 AND 8 ORDER BY k", "k007 k008");
}

static void joins_without_an_index(void **state)
{
	struct world *world = *state;
	struct table *table =
		define(world, "CREATE TABLE p (id INT PRIMARY KEY, x INT, s VARCHAR(10), d DECIMAL(5,1))");
	char rows[60000];
	size_t size = 0;
	for (int i = 0; i < 1000; i++)
		size += (size_t)snprintf(rows + size, sizeof rows - size, "%sROW(%d, %d, '%c%d', %d.5)",
					 i ? ", " : "", i, i % 500, i % 2 ? 'a' : 'A', i / 2, i % 250);
	insert(world, table, rows);
	assert_answer("SELECT COUNT(*) FROM p a JOIN p b ON a.x = b.x", "2000");
	assert_answer("SELECT COUNT(*) FROM p a JOIN p b ON a.s = b.s", "2000");
	assert_answer("SELECT COUNT(*) FROM p a JOIN p b ON a.d = b.d AND a.x = b.x", "2000");
	assert_answer("SELECT COUNT(*) FROM p a LEFT JOIN p b ON a.x = b.id + 500", "1000");
	assert_answer("SELECT SUM((SELECT COUNT(*) FROM p b WHERE b.x = a.id)) FROM p a", "1000");
	assert_answer("SELECT a.id FROM p a JOIN p b ON a.x = b.x AND b.id > a.id WHERE a.id < 3 ORDER BY a.id",
		      "0 1 2");
	assert_answer("SELECT id FROM p WHERE x IN (3, 4)", "3 4 503 504");
}

static char *repeat(struct world *world, const char *before, const char *inner, const char *after, unsigned count)
{
	struct buf text;
	buf_init(&text);
	for (unsigned i = 0; i < count; i++)
		buf_put_string(&text, before);
	buf_put_string(&text, inner);
	for (unsigned i = 0; i < count; i++)
		buf_put_string(&text, after);
	char *copy = arena_copy_string(&world->arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

/* SQLite's parser has room for a hundred waiting tokens. */
static void deep_expressions(void **state)
{
	struct world *world = *state;
	make_tables(world);
	char *sum = repeat(world, "", "id", " + 1", 300);
	assert_answer(arena_printf(&world->arena, "SELECT %s FROM a WHERE %s > 303", sum, sum), "304 305");
	assert_answer(arena_printf(&world->arena, "SELECT id FROM a ORDER BY -(%s) LIMIT 2", sum), "5 4");
	assert_answer(arena_printf(&world->arena, "SELECT SUM(%s) FROM a", sum), "1515");
	assert_answer(arena_printf(&world->arena, "SELECT CHAR_LENGTH(%s) FROM a WHERE id = 1",
				   repeat(world, "CONCAT('a', ", "name", ")", 120)),
		      "121");
	assert_answer(arena_printf(&world->arena, "SELECT %s FROM a WHERE id = 1",
				   repeat(world, "IF(b = 20, 2, ", "b", ")", 120)),
		      "10");
	assert_answer(arena_printf(&world->arena, "SELECT id FROM a WHERE %s",
				   repeat(world, "", "id = 2", " OR id = 9", 3000)),
		      "2");
	assert_answer(arena_printf(&world->arena, "SELECT id FROM a WHERE id IN (%s)",
				   repeat(world, "", "3", ", 77", 20000)),
		      "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(joins),
		world_test(subqueries),
		world_test(set_operations),
		world_test(common_tables),
		world_test(distinct_counts),
		world_test(groups),
		world_test(windows),
		world_test(conditions),
		world_test(or_uses_several_indexes),
		world_test(joins_without_an_index),
		world_test(deep_expressions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
