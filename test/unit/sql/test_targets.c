/* Which tables a statement changes, in the order it names them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sql/parse/parse.h"
#include "sql/parse/targets.h"

static const char *targets_of(struct arena *arena, const char *text, uint64_t map)
{
	struct parse_input input = {.text = text, .size = strlen(text)};
	struct ast_statement *statement;
	struct diag diag = DIAG_INIT;
	const char *all = "";
	size_t next;
	if (parse_statement(&input, arena, &statement, &next, &diag) != 0)
		fail_msg("%s: %s", text, diag.message);
	struct ast_object_names names = ast_changed_tables(statement, map, arena);
	for (size_t i = 0; i < names.count; i++)
		all = arena_printf(arena, "%s%s%s%s%s", all, *all ? " " : "",
				   names.items[i].database.text ? names.items[i].database.text : "",
				   names.items[i].database.text ? "." : "", names.items[i].name.text);
	return all;
}

static void test_targets(void **state)
{
	static const struct {
		const char *text;
		uint64_t map;
		const char *targets;
	} cases[] = {
		{"INSERT INTO t VALUES (1)", 0, "t"}, {"REPLACE d.t SELECT * FROM u", 0, "d.t"},
		{"UPDATE t SET a=1", 0, "t"}, {"UPDATE d.t AS x SET a=1 WHERE b IN (SELECT c FROM u)", 0, "d.t"},
		{"UPDATE t, u SET t.a=1", 0, "t"}, {"UPDATE t, d.u SET u.a=t.b, t.c=1", 0, "t d.u"},
		{"UPDATE t JOIN u ON t.a=u.a SET u.b=1", 0, "u"}, {"UPDATE t AS x, u AS y SET y.b=1", 0, "u"},
		{"UPDATE t AS x, u AS t SET t.b=1", 0, "u"}, {"UPDATE t, u SET b=1", 0, "t u"},
		{"UPDATE t, u SET b=1", 2, "u"}, {"UPDATE t, u, v SET b=1, c=2", 5, "t v"},
		{"UPDATE d.t, e.t SET e.t.a=1", 0, "e.t"}, {"UPDATE t, (SELECT 1 AS a) AS q SET t.b=q.a", 0, "t"},
		{"DELETE FROM d.t WHERE a=1", 0, "d.t"}, {"DELETE t FROM t, u WHERE t.a=u.a", 0, "t"},
		{"DELETE FROM u, t USING t JOIN u JOIN v", 0, "t u"}, {"DELETE x FROM d.t AS x, u", 0, "d.t"},
		{"DELETE d.t FROM d.t, e.t", 0, "d.t"},
		{"TRUNCATE d.t", 0, "d.t"}, {"CREATE TABLE t (a INT)", 0, "t"}, {"CREATE TABLE t LIKE d.u", 0, "t"},
		{"CREATE TABLE d.t AS SELECT * FROM u", 0, "d.t"}, {"ALTER TABLE t RENAME TO u", 0, "t"},
		{"DROP TABLE t, d.u", 0, "t d.u"}, {"DROP TABLE IF EXISTS t", 0, "t"},
		{"DROP TEMPORARY TABLE t", 0, "t"}, {"DROP TEMPORARY TABLE IF EXISTS t", 0, ""},
		{"RENAME TABLE a TO b, c.d TO c.e", 0, "a b c.d c.e"}, {"CREATE INDEX i ON t (a)", 0, "t"},
		{"DROP INDEX i ON d.t", 0, "d.t"}, {"CREATE VIEW v AS SELECT * FROM t", 0, "v"},
		{"DROP VIEW v, d.w", 0, "v d.w"}, {"OPTIMIZE TABLE t, u", 0, "t u"},
		{"CREATE DATABASE d", 0, ""}, {"SET @a=1", 0, ""}, {"BEGIN", 0, ""}, {"SAVEPOINT s", 0, ""},
		{"SELECT * FROM t", 0, ""}, {"FLUSH LOGS", 0, ""},
		{"GRANT SELECT ON d.t TO 'u'@'h'", 0, "mysql.user mysql.db mysql.tables_priv mysql.columns_priv "
						      "mysql.procs_priv mysql.proxies_priv"},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *targets = targets_of(&arena, cases[i].text, cases[i].map);
		if (strcmp(targets, cases[i].targets) != 0)
			fail_msg("%s: '%s'", cases[i].text, targets);
	}
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_targets)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
