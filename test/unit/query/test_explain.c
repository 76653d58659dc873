/* EXPLAIN's lines, and with them which index is chosen. */
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

/* id/type/table/access/key/ref/extra of each line. */
static const char *explain(struct world *world, const char *sql)
{
	struct diag diag = DIAG_INIT;
	struct evaluate_program *program;
	struct explain_line *lines;
	struct arena *arena = &world->arena;
	unsigned count;
	ok(evaluate_compile(arena, resolve(world, sql, NULL, 0), 0, &program, &diag));
	ok(evaluate_explain(world->session, program, NULL, arena, &lines, &count, &diag));
	const char *text = "";
	for (unsigned i = 0; i < count; i++)
		text = arena_printf(arena, "%s%s%u/%s/%s/%s/%s/%s/%s", text, i ? " " : "", lines[i].id,
				    lines[i].select_type, lines[i].table ? lines[i].table : "-",
				    lines[i].access ? lines[i].access : "-", lines[i].key ? lines[i].key : "-",
				    lines[i].ref ? lines[i].ref : "-", lines[i].extra ? lines[i].extra : "-");
	txn_rollback(world->session->txn);
	return text;
}

#define assert_plan(sql, expected) assert_string_equal(explain(world, sql), expected)

static void make_tables(struct world *world)
{
	struct table *t = define(world, "CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(20), c INT NOT NULL, "
					"KEY a (a), KEY b (b), UNIQUE c (c))");
	struct table *u = define(world, "CREATE TABLE u (id INT PRIMARY KEY, t_id INT, KEY t_id (t_id))");
	for (unsigned i = 0; i < 4; i++) {
		char rows[60000];
		size_t size = 0;
		for (unsigned j = i * 500; j < i * 500 + 500; j++)
			size += (size_t)snprintf(rows + size, sizeof rows - size, "%sROW(%u, %u, 'n%u', %u)",
						 size ? ", " : "", j, j / 10, j, j);
		insert(world, t, rows);
	}
	insert(world, u, "ROW(1, 1), ROW(2, 2), ROW(3, 2)");
}

static void indexes_are_chosen(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_plan("SELECT * FROM t WHERE id = 5", "1/SIMPLE/t/const/PRIMARY/const/-");
	assert_plan("SELECT * FROM t WHERE c = 5", "1/SIMPLE/t/const/c/const/-");
	assert_plan("SELECT * FROM t WHERE a = 5", "1/SIMPLE/t/ref/a/const/-");
	assert_plan("SELECT * FROM t WHERE b = 'n7'", "1/SIMPLE/t/ref/b/const/-");
	assert_plan("SELECT * FROM t WHERE b LIKE 'n7%'", "1/SIMPLE/t/range/b/-/Using where");
	assert_plan("SELECT * FROM t WHERE b COLLATE utf8mb4_bin = 'n7'", "1/SIMPLE/t/ALL/-/-/Using where");
	assert_plan("SELECT * FROM t WHERE id BETWEEN 5 AND 9", "1/SIMPLE/t/range/PRIMARY/-/Using where");
	assert_plan("SELECT * FROM t WHERE id > 5 ORDER BY id DESC", "1/SIMPLE/t/range/PRIMARY/-/Using where");
	assert_plan("SELECT * FROM t WHERE id IN (1, 2, 3)", "1/SIMPLE/t/range/PRIMARY/-/Using where");
	assert_plan("SELECT * FROM t", "1/SIMPLE/t/ALL/-/-/-");
	assert_plan("SELECT COUNT(*) FROM t", "1/SIMPLE/t/index/c/-/Using index");
	assert_plan("SELECT id FROM t WHERE a = 5", "1/SIMPLE/t/ref/a/const/Using index");
	assert_plan("SELECT * FROM t ORDER BY a LIMIT 5", "1/SIMPLE/t/index/a/-/-");
	assert_plan("SELECT * FROM t ORDER BY b, c", "1/SIMPLE/t/ALL/-/-/Using filesort");
	assert_plan("SELECT a, COUNT(*) FROM t GROUP BY a", "1/SIMPLE/t/index/a/-/Using index");
	assert_plan("SELECT * FROM t USE INDEX () WHERE a = 5", "1/SIMPLE/t/ALL/-/-/Using where");
	assert_plan("SELECT * FROM t IGNORE INDEX (a) WHERE a = 5", "1/SIMPLE/t/ALL/-/-/Using where");
}

static void joins_use_indexes(void **state)
{
	struct world *world = *state;
	make_tables(world);
	assert_plan("SELECT * FROM u JOIN t ON t.id = u.t_id",
		    "1/SIMPLE/u/ALL/-/-/- 1/SIMPLE/t/eq_ref/PRIMARY/test.u.t_id/-");
	assert_plan("SELECT * FROM t JOIN u ON t.a = u.t_id", "1/SIMPLE/u/ALL/-/-/- 1/SIMPLE/t/ref/a/test.u.t_id/-");
	assert_plan("SELECT * FROM t WHERE id IN (SELECT t_id FROM u)",
		    "1/PRIMARY/t/range/PRIMARY/-/Using where 2/SUBQUERY/u/ALL/-/-/-");
	assert_plan("SELECT (SELECT COUNT(*) FROM u WHERE u.t_id = t.id) FROM t WHERE id = 1",
		    "1/PRIMARY/t/const/PRIMARY/const/- 2/DEPENDENT SUBQUERY/u/ref/t_id/test.t.id/Using index");
	assert_plan("SELECT 1 UNION SELECT id FROM u", "1/PRIMARY/-/-/-/-/No tables used 2/UNION/u/ALL/-/-/- "
						       "0/UNION RESULT/<union1,2>/ALL/-/-/Using temporary");
	assert_plan("SELECT 1", "1/SIMPLE/-/-/-/-/No tables used");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(indexes_are_chosen),
		world_test(joins_use_indexes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
