/* Which statements can be repeated from their text, what must travel along, and why not. */
#include "resolve_world.h"

#include "sql/resolve/repeat.h"

enum { SAFE = 0 };
#define UNSAFE(reason) (1u << REPEAT_##reason)

static struct repeat repeat_of(const char *text)
{
	struct ast_statement *statement = parse(text);
	struct tree_insert *insert = NULL;
	struct tree_change *change = NULL;
	struct repeat repeat;
	struct diag diag = DIAG_INIT;
	environment.facts = 0;
	environment.sources = NULL;
	int status = statement->kind == AST_INSERT ? resolve_insert(&environment, statement->insert, &insert, &diag)
		     : statement->kind == AST_UPDATE
			     ? resolve_update(&environment, statement->update, &change, &diag)
			     : resolve_delete(&environment, statement->delete_rows, &change, &diag);
	if (status)
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	if (insert)
		repeat_of_insert(&environment, insert, &repeat);
	else
		repeat_of_change(&environment, change, &repeat);
	return repeat;
}

struct expected {
	const char *text;
	unsigned unsafe;
};

static void check_all(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		unsigned unsafe = repeat_of(cases[i].text).unsafe;
		if (unsafe != cases[i].unsafe)
			fail_msg("%s: reasons %#x, not %#x", cases[i].text, unsafe, cases[i].unsafe);
	}
}
#define CHECK_ALL(cases) check_all(cases, sizeof cases / sizeof *cases)

static void functions(void **state)
{
	static const struct expected cases[] = {
		{"INSERT INTO t3 VALUES (1, 2), (3, 4)", SAFE},
		{"UPDATE t SET d = NOW(), h = CURTIME(), g = CURDATE() WHERE a > UNIX_TIMESTAMP()", SAFE},
		{"INSERT INTO t3 VALUES (LAST_INSERT_ID(), CONNECTION_ID())", SAFE},
		{"DELETE FROM t WHERE b = DATABASE()", SAFE},
		{"UPDATE t SET f = RAND(1)", UNSAFE(SYSTEM_FUNCTION)},
		{"INSERT INTO t3 VALUES (RAND(), 1)", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET b = CONCAT('x', UPPER(UUID()))", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET d = SYSDATE()", UNSAFE(SYSTEM_FUNCTION)},
		{"DELETE FROM t WHERE b = USER() OR b = VERSION()", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET k = FOUND_ROWS()", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET k = ROW_COUNT()", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET b = LOAD_FILE('/etc/motd')", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET k = GET_LOCK('l', 1)", UNSAFE(SYSTEM_FUNCTION)},
		{"DELETE FROM t WHERE SLEEP(0)", UNSAFE(SYSTEM_FUNCTION)},
		/* wherever it stands */
		{"DELETE FROM t WHERE a IN (SELECT a FROM t3 WHERE z = UUID_SHORT())", UNSAFE(SYSTEM_FUNCTION)},
		{"INSERT INTO t3 SELECT a, x FROM (SELECT a, UUID_SHORT() AS x FROM t) d", UNSAFE(SYSTEM_FUNCTION)},
		{"INSERT INTO t3 WITH c AS (SELECT UUID_SHORT() AS x) SELECT x, x FROM c", UNSAFE(SYSTEM_FUNCTION)},
		{"INSERT INTO t (a, k) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = UUID()", UNSAFE(SYSTEM_FUNCTION)},
		{"UPDATE t SET k = 1 ORDER BY UUID()", UNSAFE(SYSTEM_FUNCTION)},
	};
	(void)state;
	CHECK_ALL(cases);
}

static void clauses(void **state)
{
	static const struct expected cases[] = {
		{"DELETE FROM t LIMIT 1", UNSAFE(LIMIT)},
		{"UPDATE t SET k = 1 ORDER BY a LIMIT 2", UNSAFE(LIMIT)},
		{"INSERT INTO t3 SELECT a, k FROM t LIMIT 1", UNSAFE(LIMIT)},
		{"INSERT INTO t3 VALUES ((SELECT a FROM t LIMIT 1), 1)", UNSAFE(LIMIT)},
		{"UPDATE t SET k = @@max_connections", UNSAFE(SYSTEM_VARIABLE)},
		{"UPDATE t SET k = @@timestamp", SAFE},
		{"UPDATE t SET k = @@global.timestamp", UNSAFE(SYSTEM_VARIABLE)},
		{"INSERT INTO t3 SELECT 1, COUNT(*) FROM information_schema.vars", UNSAFE(SYSTEM_TABLE)},
		{"UPDATE IGNORE t SET a = a + 1", UNSAFE(UPDATE_IGNORE)},
		{"DELETE IGNORE FROM t WHERE a = 1", SAFE},
		{"INSERT IGNORE INTO t3 VALUES (1, 1)", SAFE},
		{"INSERT INTO t3 SELECT a, k FROM t FOR UPDATE SKIP LOCKED", UNSAFE(SKIP_LOCKED)},
		{"INSERT INTO t3 SELECT a, k FROM t FOR SHARE NOWAIT", UNSAFE(NOWAIT)},
	};
	(void)state;
	CHECK_ALL(cases);
}

static void inserts(void **state)
{
	static const struct expected cases[] = {
		{"INSERT INTO t3 SELECT a, k FROM t", SAFE},
		{"INSERT IGNORE INTO t3 SELECT a, k FROM t", UNSAFE(INSERT_IGNORE_SELECT)},
		{"REPLACE INTO t3 SELECT a, k FROM t", UNSAFE(REPLACE_SELECT)},
		{"REPLACE INTO t3 VALUES (1, 1)", SAFE},
		{"INSERT INTO t3 SELECT a, k FROM t ON DUPLICATE KEY UPDATE z = 1", UNSAFE(INSERT_SELECT_UPDATE)},
		{"INSERT INTO t (a, k) VALUES (1, 2) ON DUPLICATE KEY UPDATE k = 1", SAFE},
		{"INSERT INTO t2 (n) SELECT b FROM t", UNSAFE(AUTO_INCREMENT_SELECT)},
		{"INSERT INTO t2 (n) VALUES ((SELECT MAX(b) FROM t))", UNSAFE(AUTO_INCREMENT_SELECT)},
		{"UPDATE t2 JOIN t ON t.a = t2.a SET t2.n = t.b", UNSAFE(AUTO_INCREMENT_SELECT)},
		{"INSERT INTO t2 (n) VALUES ('x')", SAFE},
		{"INSERT IGNORE INTO t2 (n) SELECT UUID() FROM t LIMIT 1",
		 UNSAFE(LIMIT) | UNSAFE(SYSTEM_FUNCTION) | UNSAFE(INSERT_IGNORE_SELECT) | UNSAFE(AUTO_INCREMENT_SELECT)},
	};
	(void)state;
	CHECK_ALL(cases);
}

static void two_unique_keys(void **state)
{
	struct table *table = tables[1];
	struct index indexes[2] = {table->indexes[0], {.name = "a", .kind = INDEX_UNIQUE}};
	struct index_part part = {.column = 1};
	struct index *own = table->indexes;
	(void)state;
	indexes[1].parts = &part;
	indexes[1].part_count = 1;
	table->indexes = indexes;
	table->index_count = 2;
	/* The primary key is AUTO_INCREMENT's: never in the way, unless the statement gives it a value. */
	assert_int_equal(repeat_of("INSERT INTO t2 (a, n) VALUES (1, 'x') ON DUPLICATE KEY UPDATE n = 'y'").unsafe, 0);
	assert_int_equal(repeat_of("INSERT INTO t2 (id, a, n) VALUES (1, 1, 'x') ON DUPLICATE KEY UPDATE n = 'y'").unsafe,
			 UNSAFE(INSERT_TWO_KEYS));
	table->indexes = own;
	table->index_count = 1;
}

static void what_travels_along(void **state)
{
	struct repeat repeat = repeat_of("INSERT INTO t3 VALUES (@five, @other + @FIVE)");
	(void)state;
	assert_int_equal(repeat.user_variable_count, 2);
	assert_string_equal(repeat.user_variables[0], "five");
	assert_string_equal(repeat.user_variables[1], "other");
	assert_false(repeat.reads_last_insert_id || repeat.reads_seeds || repeat.uses_temporary_table);
	assert_true(repeat_of("UPDATE t SET k = LAST_INSERT_ID(k + 1)").reads_last_insert_id);
	assert_true(repeat_of("INSERT INTO t3 SELECT a, RAND() FROM t").reads_seeds);
	assert_false(repeat_of("INSERT INTO t3 SELECT a, RAND(5) FROM t").reads_seeds);
	tables[2]->temporary = true;
	assert_true(repeat_of("DELETE FROM t WHERE a IN (SELECT a FROM t3)").uses_temporary_table);
	tables[2]->temporary = false;
}

static void every_reason_has_a_text(void **state)
{
	(void)state;
	for (unsigned reason = 0; reason < REPEAT_REASON_COUNT; reason++)
		assert_non_null(repeat_reason_text(reason));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clauses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(inserts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_unique_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_travels_along, set_up, tear_down),
		cmocka_unit_test(every_reason_has_a_text),
	};
	return cmocka_run_group_tests_name("repeat", tests, set_up_group, tear_down_group);
}
