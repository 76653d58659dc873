/* JSON functions, as MySQL 8.0 answers. */
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

static void extracts(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_EXTRACT('{\"a\": {\"b\": [1, 2.5, \"x\"]}}', '$.a.b[1]')", "2.5");
	assert_answer("SELECT JSON_EXTRACT('[1, 2, 3]', '$[last]', '$[0]')", "[3, 1]");
	assert_answer("SELECT JSON_EXTRACT('[1, 2, 3]', '$[last-1]')", "2");
	assert_answer("SELECT JSON_EXTRACT('[1, 2, 3, 4]', '$[1 to 2]')", "[2, 3]");
	assert_answer("SELECT JSON_EXTRACT('[1, 2, 3, 4]', '$[last-2 to last]')", "[2, 3, 4]");
	assert_answer("SELECT JSON_EXTRACT('[1, 2, 3, 4]', '$[3 to 9]')", "[4]");
	assert_answer("SELECT JSON_EXTRACT('{\"a\": 1, \"b\": [2, 3]}', '$.*')", "[1, [2, 3]]");
	assert_answer("SELECT JSON_EXTRACT('{\"a\": {\"c\": 1}, \"b\": [{\"c\": 2}, 3]}', '$**.c')", "[1, 2]");
	assert_answer("SELECT JSON_EXTRACT('[[{\"a\": 1}]]', '$**[0]**.a')", "[1]");
	assert_answer("SELECT JSON_EXTRACT('{\"a b\": 1, \"q\\\\\"\": 2}', '$.\"a b\"', '$.\"q\\\\\"\"')",
		      "[1, 2]");
	assert_answer("SELECT JSON_EXTRACT('5', '$[0]'), JSON_EXTRACT('5', '$[1]'), "
		      "JSON_EXTRACT('5', '$[last]')", "5|NULL|5");
	assert_answer("SELECT JSON_EXTRACT('{}', '$.a'), JSON_EXTRACT(NULL, '$'), "
		      "JSON_EXTRACT('{}', NULL)", "NULL|NULL|NULL");
	assert_answer("SELECT JSON_VALUE('{\"a\": \"x\"}', '$.a'), "
		      "JSON_VALUE('{\"a\": null}', '$.a')", "x|NULL");
	assert_int_equal(error_of(world, "SELECT JSON_EXTRACT('{}', 'a')"), 3143);
	assert_int_equal(error_of(world, "SELECT JSON_EXTRACT('{}', '$.')"), 3143);
	assert_int_equal(error_of(world, "SELECT JSON_EXTRACT('{}', '$**')"), 3143);
	assert_int_equal(error_of(world, "SELECT JSON_EXTRACT('{}', '$[3 to 1]')"), 3143);
	assert_int_equal(error_of(world, "SELECT JSON_EXTRACT('{', '$')"), 3141);
}

static void reads_columns(void **state)
{
	struct world *world = *state;
	struct table *table = define(world, "CREATE TABLE t (id INT PRIMARY KEY, j JSON)");
	insert(world, table, "ROW(1, '{\"k\": \"v\", \"n\": 1}'), ROW(2, '{\"k\": null}'), "
		      "ROW(3, NULL), ROW(4, '[1, {\"k\": \"w\\\\n\"}]')");
	assert_answer("SELECT id, j->'$.k', j->>'$.k' FROM t", "1|\"v\"|v 2|null|null 3|NULL|NULL 4|NULL|NULL");
	assert_answer("SELECT j->>'$[1].k' FROM t WHERE id = 4", "w\n");
	assert_answer("SELECT id FROM t WHERE j->'$.n' = 1", "1");
	assert_answer("SELECT id FROM t WHERE j->>'$.k' = 'v'", "1");
	assert_answer("SELECT JSON_ARRAYAGG(id) FROM t", "[1, 2, 3, 4]");
	assert_answer("SELECT JSON_OBJECTAGG(id, j->'$.k') FROM t WHERE id < 4",
		      "{\"1\": \"v\", \"2\": null, \"3\": null}");
	assert_answer("SELECT JSON_ARRAYAGG(id), JSON_OBJECTAGG(id, 1) FROM t WHERE id > 9", "NULL|NULL");
	assert_answer("SELECT JSON_ARRAYAGG(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
		      "[1] [1, 2] [2, 3] [3, 4]");
	assert_int_equal(error_of(world, "SELECT JSON_OBJECTAGG(j->>'$.n', id) FROM t"), 3158);
}

static void makes(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_ARRAY(1, 'a\"b', NULL, TRUE, 1.50, 2e0, JSON_ARRAY(), CAST('[1]' AS JSON))",
		      "[1, \"a\\\"b\", null, true, 1.50, 2.0, [], [1]]");
	assert_answer("SELECT JSON_OBJECT('bb', 1, 'a', 2, 'bb', 3)", "{\"a\": 2, \"bb\": 3}");
	assert_answer("SELECT JSON_OBJECT(), JSON_ARRAY()", "{}|[]");
	assert_answer("SELECT JSON_ARRAY(DATE '2024-01-31', TIMESTAMP '2024-01-31 10:00:00')",
		      "[\"2024-01-31\", \"2024-01-31 10:00:00.000000\"]");
	assert_answer("SELECT CAST('{\"b\" : 1,\"a\":[ ]}' AS JSON)", "{\"a\": [], \"b\": 1}");
	assert_answer("SELECT CAST(18446744073709551615 AS JSON)", "18446744073709551615");
	assert_int_equal(error_of(world, "SELECT JSON_OBJECT(NULL, 1)"), 3158);
	assert_int_equal(error_of(world, "SELECT CAST('x' AS JSON)"), 3141);
	char deep[220] = "";
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	assert_int_equal(error_of(world, arena_printf(&world->arena, "SELECT JSON_ARRAY(CAST('%s' AS JSON))", deep)), 3157);
	assert_int_equal(error_of(world, arena_printf(&world->arena, "SELECT CAST('[%s]' AS JSON)", deep)), 3157);
}

static void asks(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_TYPE('1'), JSON_TYPE('18446744073709551615'), JSON_TYPE('1.0'), "
		      "JSON_TYPE('\"a\"'), "
		      "JSON_TYPE('null'), JSON_TYPE('true'), JSON_TYPE('{}'), JSON_TYPE('[]'), JSON_TYPE(NULL)",
		      "INTEGER|UNSIGNED INTEGER|DOUBLE|STRING|NULL|BOOLEAN|OBJECT|ARRAY|NULL");
	assert_answer("SELECT JSON_VALID('{}'), JSON_VALID('{'), JSON_VALID(1), "
		      "JSON_VALID(NULL)", "1|0|0|NULL");
	assert_answer("SELECT JSON_LENGTH('[1, [2], {}]'), JSON_LENGTH('1'), "
		      "JSON_LENGTH('{\"a\": [1, 2]}', '$.a')", "3|1|2");
	assert_answer("SELECT JSON_DEPTH('{}'), JSON_DEPTH('[10, 20]'), JSON_DEPTH('[[], {}]'), "
		      "JSON_DEPTH('[10, {\"a\": 20}]')",
		      "1|2|2|3");
	assert_answer("SELECT JSON_KEYS('{\"a\": 1, \"b\": {\"c\": 30}}'), "
		      "JSON_KEYS('{\"b\": {\"c\": 30}}', '$.b'), JSON_KEYS('[]')",
		      "[\"a\", \"b\"]|[\"c\"]|NULL");
	assert_answer("SELECT JSON_CONTAINS_PATH('{\"a\": 1, \"c\": {\"d\": 4}}', 'one', '$.a', '$.e'), "
		      "JSON_CONTAINS_PATH('{\"a\": 1}', 'all', '$.a', '$.e'), "
		      "JSON_CONTAINS_PATH('{\"c\": {\"d\": 4}}', 'ALL', '$.c.d')",
		      "1|0|1");
	assert_answer("SELECT JSON_UNQUOTE('\"a\\\\tb\"'), JSON_UNQUOTE('abc'), "
		      "JSON_UNQUOTE(CAST('[1]' AS JSON)), JSON_QUOTE('a\"')",
		      "a\tb|abc|[1]|\"a\\\"\"");
	assert_int_equal(error_of(world, "SELECT JSON_UNQUOTE('\"a\"b\"')"), 3141);
	assert_int_equal(error_of(world, "SELECT JSON_CONTAINS_PATH('{}', 'some', '$')"), 3154);
	assert_int_equal(error_of(world, "SELECT JSON_LENGTH('[]', '$[*]')"), 3149);
}

static void compares(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_CONTAINS('{\"a\": 1, \"b\": 2, \"c\": {\"d\": 4}}', '1', '$.a'), "
		      "JSON_CONTAINS('[1, 2, [3]]', '[3, 1]'), JSON_CONTAINS('[1, 2]', '3'), "
		      "JSON_CONTAINS('{\"a\": {\"x\": 1, \"y\": 2}}', "
		      "'{\"a\": {\"y\": 2}}'), JSON_CONTAINS('{}', '1', '$.a')", "1|1|0|1|NULL");
	assert_answer("SELECT JSON_OVERLAPS('[1, 3, 5]', '[2, 5]'), JSON_OVERLAPS('[1, [2]]', '2'), "
		      "JSON_OVERLAPS('{\"a\": 1}', "
		      "'{\"a\": 2, \"b\": 1}'), JSON_OVERLAPS('5', '[4, 5]'), "
		      "JSON_OVERLAPS('{\"a\": 1, \"b\": 2}', '{\"b\": 2}')",
		      "1|0|0|1|1");
	assert_answer("SELECT 17 MEMBER OF('[23, \"abc\", 17]'), 'ab' MEMBER OF('[23, \"abc\"]'), "
		      "CAST('[4, 5]' AS JSON) MEMBER OF('[[3, 4], [4, 5]]')", "1|0|1");
	assert_answer("SELECT CAST('1' AS JSON) = CAST('1.0' AS JSON), CAST('[1, 2]' AS JSON) < CAST('[1, 3]' AS JSON), "
		      "CAST('\"b\"' AS JSON) > CAST('\"a\"' AS JSON), CAST('null' AS JSON) < CAST('0' AS JSON), "
		      "CAST('true' AS JSON) > CAST('[]' AS JSON), CAST('{\"a\": 1}' AS JSON) = CAST('{\"a\": 1.0}' AS JSON)",
		      "1|1|1|1|1|1");
	assert_answer("SELECT CAST('9223372036854775807' AS JSON) < CAST('9223372036854775808' AS JSON)", "1");
}

static void changes(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_SET('{\"a\": 1, \"b\": [2, 3]}', '$.a', 10, '$.c', '[true, false]')",
		      "{\"a\": 10, \"b\": [2, 3], \"c\": \"[true, false]\"}");
	assert_answer("SELECT JSON_INSERT('{\"a\": 1}', '$.a', 10, '$.aa', 2, '$.b', 3)",
		      "{\"a\": 1, \"b\": 3, \"aa\": 2}");
	assert_answer("SELECT JSON_REPLACE('{\"a\": 1}', '$.a', 10, '$.c', 1)", "{\"a\": 10}");
	assert_answer("SELECT JSON_SET('{}', '$.a', 1), JSON_SET('[]', '$[5]', 1), "
		      "JSON_SET('[1]', '$[last-3]', 0), JSON_SET('1', '$[3]', 2)",
		      "{\"a\": 1}|[1]|[0, 1]|[1, 2]");
	assert_answer("SELECT JSON_SET('{\"a\": 1}', '$', 5), JSON_SET('{}', '$.a.b', 1), "
		      "JSON_SET('1', '$[0]', 2)", "5|{}|2");
	assert_answer("SELECT JSON_SET('{\"a\": 1}', '$.a', NULL), "
		      "JSON_SET('{}', NULL, 1)", "{\"a\": null}|NULL");
	assert_answer("SELECT JSON_REMOVE('[\"a\", [\"b\", \"c\"], \"d\"]', '$[1]'), "
		      "JSON_REMOVE('{\"a\": 1, \"b\": 2}', '$.a', '$.b'), "
		      "JSON_REMOVE('[1, 2]', '$[last]', '$[0]'), "
		      "JSON_REMOVE('[1]', '$[7]')", "[\"a\", \"d\"]|{}|[]|[1]");
	assert_answer("SELECT JSON_ARRAY_APPEND('[\"a\", [\"b\"], \"d\"]', '$[1]', 1, '$[0]', 2)",
		      "[[\"a\", 2], [\"b\", 1], \"d\"]");
	assert_answer("SELECT JSON_ARRAY_APPEND('{\"a\": 1}', '$', 'z'), "
		      "JSON_ARRAY_APPEND('[]', '$', 1, '$', 2)",
		      "[{\"a\": 1}, \"z\"]|[1, 2]");
	assert_answer("SELECT JSON_ARRAY_INSERT('[\"a\", {\"b\": [1, 2]}]', '$[1]', 'x', '$[100]', 'y', '$[2].b[0]', 0)",
		      "[\"a\", \"x\", {\"b\": [0, 1, 2]}, \"y\"]");
	assert_int_equal(error_of(world, "SELECT JSON_REMOVE('[]', '$')"), 3153);
	assert_int_equal(error_of(world, "SELECT JSON_SET('[]', '$[*]', 1)"), 3149);
	assert_int_equal(error_of(world, "SELECT JSON_ARRAY_INSERT('{}', '$.a', 1)"), 3165);
}

static void merges(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT JSON_MERGE_PRESERVE('[1, 2]', '[true]'), JSON_MERGE_PRESERVE('1', '{\"a\": 2}'), "
		      "JSON_MERGE_PRESERVE('{\"a\": 1, \"b\": {\"c\": 1}}', '{\"a\": 3, \"b\": {\"c\": 2, \"d\": 4}}', "
		      "'[]')",
		      "[1, 2, true]|[1, {\"a\": 2}]|[{\"a\": [1, 3], \"b\": {\"c\": [1, 2], \"d\": 4}}]");
	assert_answer("SELECT JSON_MERGE_PATCH('{\"a\": 1, \"b\": 2}', '{\"a\": null, \"c\": {\"d\": null, \"e\": 1}}'), "
		      "JSON_MERGE_PATCH('[1]', 'true'), JSON_MERGE_PATCH('{}', NULL), "
		      "JSON_MERGE_PATCH(NULL, '[1]')",
		      "{\"b\": 2, \"c\": {\"e\": 1}}|true|NULL|[1]");
}

static void searches(void **state)
{
	struct world *world = *state;
	const char *document = "'[\"abc\", [{\"k\": \"10\"}, \"def\"], {\"x\": \"abc\", \"a b\": \"bcd\"}]'";
	assert_answer(arena_printf(&world->arena, "SELECT JSON_SEARCH(%s, 'one', 'abc')", document), "\"$[0]\"");
	assert_answer(arena_printf(&world->arena, "SELECT JSON_SEARCH(%s, 'all', 'abc')", document),
		      "[\"$[0]\", \"$[2].x\"]");
	assert_answer(arena_printf(&world->arena, "SELECT JSON_SEARCH(%s, 'all', '%%b%%', NULL, '$[2]')", document),
		      "[\"$[2].x\", \"$[2].\\\"a b\\\"\"]");
	assert_answer(arena_printf(&world->arena, "SELECT JSON_SEARCH(%s, 'all', '10', NULL, '$**.k')", document), "\"$[1][0].k\"");
	assert_answer(arena_printf(&world->arena, "SELECT JSON_SEARCH(%s, 'all', 'ABC')", document), "NULL");
	assert_answer("SELECT JSON_SEARCH('[\"a%\", \"ab\"]', 'all', 'a|%', '|')", "\"$[0]\"");
	assert_answer("SELECT JSON_PRETTY('{\"a\": [1, {}], \"b\": 2}')",
		      "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": 2\n}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(extracts), world_test(reads_columns), world_test(makes), world_test(asks),
		world_test(compares), world_test(changes), world_test(merges), world_test(searches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
