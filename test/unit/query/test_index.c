/* Whatever is asked of an indexed column, the index finds what a scan of the table finds. */
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

struct kind {
	const char *type;
	const char *values[16];	   /* to be stored */
	const char *constants[16]; /* to be compared with, besides the values */
};

static const struct kind kinds[] = {
	{"TINYINT",
	 {"-128", "-1", "0", "1", "5", "127"},
	 {"-129", "128", "1.5", "-0.5", "1e10", "-1e30", "99999999999999999999"}},
	{"INT UNSIGNED", {"0", "1", "7", "4294967295", "4294967294"}, {"-1", "4294967296", "7.2", "-0.1", "1e20"}},
	{"BIGINT", {"-9223372036854775808", "-1", "0", "9223372036854775807"}, {"9223372036854775808", "1e19", "0.5"}},
	{"BIGINT UNSIGNED",
	 {"0", "1", "9223372036854775807", "9223372036854775808", "18446744073709551615"},
	 {"-1", "18446744073709551614", "9223372036854775807.5"}},
	{"FLOAT", {"-1.5", "0", "0.1", "3.25", "1e30"}, {"0.10000000149011612", "-2", "1e300", "3"}},
	{"DOUBLE", {"-1.5e300", "0", "0.1", "3.25", "1e30"}, {"-1", "9007199254740993", "0.1e0"}},
	{"DECIMAL(6,2)",
	 {"-9999.99", "-1.50", "0", "1.25", "9999.99"},
	 {"1.255", "-1.505", "10000", "-10000.01", "1.245"}},
	{"DATE",
	 {"'0000-00-00'", "'1999-12-31'", "'2024-02-29'", "'9999-12-31'"},
	 {"'2024-02-29 10:00:00'", "'2024-02-28 23:59:59.5'", "DATE'2000-01-01'"}},
	{"DATETIME(2)",
	 {"'1999-12-31 23:59:59.99'", "'2024-02-29 10:00:00.5'", "'2024-02-29 10:00:00.51'"},
	 {"'2024-02-29 10:00:00.505'", "'2024-02-29'", "'1000-01-01'"}},
	{"TIMESTAMP",
	 {"'1999-12-31 23:59:59'", "'2024-02-29 10:00:00'", "'2038-01-19 03:14:07'"},
	 {"'2024-02-29 10:00:00.5'", "'1960-01-01'", "'2050-01-01'"}},
	{"TIME(1)",
	 {"'-838:59:59'", "'-00:00:00.1'", "'00:00:00'", "'10:11:12.5'", "'838:59:59'"},
	 {"'10:11:12.55'", "'-10:00:00'"}},
	{"YEAR", {"0", "1901", "2024", "2155"}, {"1000", "3000", "'2024'", "-5"}},
	{"BIT(9)", {"0", "1", "255", "256", "511"}, {"512", "-1", "1.5"}},
	{"VARCHAR(10)",
	 {"''", "'a'", "'A'", "'a '", "'ab'", "'b'", "'ä'", "'Z'", "'a\\t'", "'10'"},
	 {"'A  '", "'aa'", "'zzzzzzzzzzzzzzzzzzzzzzzzzz'", "' '"}},
	{"VARCHAR(10) COLLATE utf8mb4_bin",
	 {"''", "'a'", "'A'", "'ab'", "'b'", "'ä'", "'Z'", "'a\\t'"},
	 {"'A  '", "'aa'", "' '"}},
	{"VARCHAR(10) CHARACTER SET latin1",
	 {"''", "'a'", "'A'", "'ab'", "'b'", "'ä'", "'ß'"},
	 {"'A  '", "'aa'", "'ss'", "'Ä'"}},
	{"CHAR(4)", {"''", "'a'", "'A'", "'ab'", "'b'", "'a b'"}, {"'A  '", "'aa'", "' '"}},
	{"VARBINARY(10)", {"''", "'a'", "'A'", "x'00'", "x'0001'", "'a '", "x'ff'"}, {"'A '", "x'61'", "x'ffff'"}},
	{"BINARY(3)", {"'a'", "'A'", "x'00'", "x'000001'", "x'ffffff'"}, {"'a\\0\\0'", "'ab'", "x'61'"}},
	{"ENUM('x','y','z')", {"'x'", "'y'", "'z'"}, {"2", "'Y'", "0", "'q'", "9"}},
	{"SET('p','q','r')", {"''", "'p'", "'p,r'", "'q'", "'p,q,r'"}, {"5", "'r,p'", "100"}},
	{"TEXT", {"''", "'a'", "'ab'", "'abc'", "'abd'", "'b'", "'ABC'"}, {"'abcd'", "'AB'"}},
};

static struct table *make(struct world *world, const struct kind *kind, unsigned number)
{
	const char *prefix = strcmp(kind->type, "TEXT") == 0 ? "(2)" : "";
	struct table *table = define(world, arena_printf(&world->arena,
							 "CREATE TABLE t%u (id INT PRIMARY KEY, v %s, w %s "
							 "NOT NULL, KEY v (v%s), KEY w (w%s, v%s))",
							 number, kind->type, kind->type, prefix, prefix, prefix));
	char *rows = arena_printf(&world->arena, "ROW(0, NULL, %s)", kind->values[0]);
	for (unsigned i = 0; i < 16 && kind->values[i]; i++)
		rows = arena_printf(&world->arena, "%s, ROW(%u, %s, %s), ROW(%u, %s, %s)", rows, i + 1,
				    kind->values[i], kind->values[i], i + 101, kind->values[i], kind->values[0]);
	insert(world, table, rows);
	return table;
}

/* The error's number, or the rows. */
static const char *outcome_of(struct world *world, const char *sql)
{
	struct diag diag = DIAG_INIT;
	struct resolve_environment environment = environment_of(world, sql);
	struct tree_query *query;
	struct evaluation *evaluation;
	struct buf text;
	buf_init(&text);
	if (resolve_query(&environment, parse(world, sql)->query, &query, &diag) == 0 &&
	    evaluate_open_query(world->session, query, 0, NULL, &evaluation, &diag) == 0) {
		while (evaluation_step(evaluation, &diag) == EVALUATION_ROW) {
			put_values(&text, &world->session->statement_arena, evaluation_values(evaluation), 1);
			buf_put_u8(&text, ' ');
		}
		evaluation_close(&evaluation);
	}
	if (diag.code)
		buf_printf(&text, "error %u", diag.code);
	const char *copy = arena_copy_string(&world->arena, buf_cstring(&text));
	buf_deinit(&text);
	txn_rollback(world->session->txn);
	arena_reset(&world->session->statement_arena);
	return copy;
}

static void compare_plans(struct world *world, unsigned number, const char *index, const char *condition)
{
	const char *with = arena_printf(&world->arena, "SELECT id FROM t%u FORCE INDEX (%s) WHERE %s ORDER BY id",
					number, index, condition);
	const char *without = arena_printf(&world->arena, "SELECT id FROM t%u USE INDEX () WHERE %s ORDER BY id",
					   number, condition);
	const char *found = outcome_of(world, with), *expected = outcome_of(world, without);
	if (strcmp(found, expected) != 0)
		fail_msg("%s\n found    %s\n expected %s", with, found, expected);
}

static void test_constant(struct world *world, unsigned number, const char *constant)
{
	static const char *const operators[] = {"=", "<=>", "<", "<=", ">", ">=", "<>"};
	struct arena *arena = &world->arena;
	for (unsigned i = 0; i < 7; i++) {
		compare_plans(world, number, "v", arena_printf(arena, "v %s %s", operators[i], constant));
		compare_plans(world, number, "w", arena_printf(arena, "w %s %s", operators[i], constant));
		compare_plans(world, number, "w",
			      arena_printf(arena, "w = %s AND v %s %s", constant, operators[i], constant));
	}
	compare_plans(world, number, "v", arena_printf(arena, "v IN (%s, NULL)", constant));
	compare_plans(world, number, "v", arena_printf(arena, "NOT v >= %s", constant));
}

static void indexes_find_what_scans_find(void **state)
{
	struct world *world = *state;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		world->session->variables.sql_mode = 0; /* zero dates */
		make(world, &kinds[i], i);
		compare_plans(world, i, "v", "v IS NULL");
		compare_plans(world, i, "v", "v IS NOT NULL");
		compare_plans(world, i, "w", "w IS NULL");
		compare_plans(world, i, "v", "v <=> NULL");
		for (unsigned j = 0; j < 16 && kinds[i].values[j]; j++) {
			test_constant(world, i, kinds[i].values[j]);
			for (unsigned k = 0; k < 16 && kinds[i].constants[k]; k++)
				compare_plans(world, i, "v",
					      arena_printf(&world->arena, "v BETWEEN %s AND %s", kinds[i].values[j],
							   kinds[i].constants[k]));
		}
		for (unsigned j = 0; j < 16 && kinds[i].constants[j]; j++)
			test_constant(world, i, kinds[i].constants[j]);
	}
}

static void orders_by_index(void **state)
{
	struct world *world = *state;
	world->session->variables.sql_mode = 0;
	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		make(world, &kinds[i], i);
		for (unsigned j = 0; j < 2; j++) {
			const char *direction = j ? "DESC" : "";
			const char *with =
				arena_printf(&world->arena, "SELECT id FROM t%u FORCE INDEX (v) ORDER BY v %s, id %s",
					     i, direction, direction);
			const char *without =
				arena_printf(&world->arena, "SELECT id FROM t%u USE INDEX () ORDER BY v %s, id %s", i,
					     direction, direction);
			assert_string_equal(outcome_of(world, with), outcome_of(world, without));
			with = arena_printf(&world->arena,
					    "SELECT id FROM t%u FORCE INDEX (w) WHERE w = %s ORDER BY v %s, id %s", i,
					    kinds[i].values[0], direction, direction);
			without = arena_printf(&world->arena,
					       "SELECT id FROM t%u USE INDEX () WHERE w = %s ORDER BY v %s, id %s", i,
					       kinds[i].values[0], direction, direction);
			assert_string_equal(outcome_of(world, with), outcome_of(world, without));
		}
	}
}

static void like_ranges(void **state)
{
	static const char *const collations[] = {"utf8mb4_general_ci", "utf8mb4_bin",	    "utf8mb4_unicode_ci",
						 "utf8mb4_0900_ai_ci", "latin1_swedish_ci", "binary"};
	static const char *const patterns[] = {"a%", "A%", "ab%", "a b%", "a %",  "a_c",   "\\\\%%",
					       "%",  "ä%", "abc", "",	  "a  %", "\\\\_%"};
	struct world *world = *state;
	for (unsigned i = 0; i < sizeof collations / sizeof collations[0]; i++) {
		const char *type = i == 5 ? "VARBINARY(20)"
				 : i == 4 ? "VARCHAR(20) CHARACTER SET latin1"
					  : "VARCHAR(20)";
		const char *collate = i == 5 ? "" : arena_printf(&world->arena, "COLLATE %s", collations[i]);
		struct table *table = define(world, arena_printf(&world->arena,
								 "CREATE TABLE t%u (id INT PRIMARY KEY, v %s %s, "
								 "KEY v (v), KEY p (v(2)))",
								 i, type, collate));
		insert(world, table,
		       "ROW(1, 'a'), ROW(2, 'A'), ROW(3, 'abc'), ROW(4, 'ABD'), ROW(5, 'a b'), ROW(6, 'a'), "
		       "ROW(7, 'ä'), ROW(8, ''), ROW(9, NULL), ROW(10, 'a\\tb'), ROW(11, '%x'), ROW(12, 'a  b'), "
		       "ROW(13, '_'), ROW(14, 'b'), ROW(15, 'a '), ROW(16, 'Äb'), ROW(17, 'abcdefgh')");
		for (unsigned j = 0; j < sizeof patterns / sizeof patterns[0]; j++) {
			const char *condition = arena_printf(&world->arena, "v LIKE '%s'", patterns[j]);
			compare_plans(world, i, "v", condition);
			compare_plans(world, i, "p", condition);
		}
	}
}

static void composite_keys(void **state)
{
	struct world *world = *state;
	struct table *table =
		define(world, "CREATE TABLE t1 (a INT, b VARCHAR(5), c INT, id INT, PRIMARY KEY (a, b), "
			      "UNIQUE u (c, b), KEY id (id))");
	insert(world, table,
	       "ROW(1, 'a', 1, 1), ROW(1, 'b', 2, 2), ROW(2, 'a', 2, 3), ROW(2, 'c', NULL, 4), ROW(3, 'a', NULL, 5)");
	assert_answer("SELECT id FROM t1 WHERE a = 1 AND b = 'B'", "2");
	assert_answer("SELECT id FROM t1 WHERE a = 2", "3 4");
	assert_answer("SELECT id FROM t1 WHERE a = 2 AND b > 'a'", "4");
	assert_answer("SELECT id FROM t1 WHERE c = 2 AND b = 'a'", "3");
	assert_answer("SELECT id FROM t1 WHERE c IS NULL AND b = 'c'", "4");
	assert_answer("SELECT id FROM t1 WHERE c <=> NULL ORDER BY b", "5 4");
	assert_answer("SELECT id FROM t1 WHERE c = NULL", "");
	assert_answer("SELECT a, b FROM t1 ORDER BY a DESC, b DESC", "3|a 2|c 2|a 1|b 1|a");
	assert_answer("SELECT a, b FROM t1 ORDER BY a, b DESC", "1|b 1|a 2|c 2|a 3|a");
	assert_answer("SELECT a FROM t1 WHERE id = 3", "2");
	assert_answer("SELECT x.id, y.id FROM t1 x JOIN t1 y ON x.a = y.a AND x.b = y.b WHERE x.id < 3", "1|1 2|2");
}

static void tables_without_primary_key(void **state)
{
	struct world *world = *state;
	struct table *table = define(world, "CREATE TABLE t1 (a INT, b VARCHAR(5), KEY a (a))");
	insert(world, table, "ROW(3, 'x'), ROW(1, 'y'), ROW(3, 'x'), ROW(NULL, NULL)");
	assert_answer("SELECT * FROM t1", "3|x 1|y 3|x NULL|NULL");
	assert_answer("SELECT b FROM t1 WHERE a = 3", "x x");
	assert_answer("SELECT a FROM t1 ORDER BY a", "NULL 1 3 3");
	assert_answer("SELECT a FROM t1 WHERE a = 1 OR b = 'x' ORDER BY a", "1 3 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(indexes_find_what_scans_find),
		world_test(orders_by_index),
		world_test(like_ranges),
		world_test(composite_keys),
		world_test(tables_without_primary_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
