/* The resolver: INSERT, UPDATE, DELETE, and expressions of one row. */
#include "resolve_world.h"

/* ------------------------------------------------------------------ changes */

static struct tree_change *change(const char *text)
{
	struct ast_statement *statement = parse(text);
	struct tree_change *out = NULL;
	struct diag diag = DIAG_INIT;
	int status = statement->kind == AST_UPDATE ? resolve_update(&environment, statement->update, &out, &diag)
		: resolve_delete(&environment, statement->delete_rows, &out, &diag);
	if (status)
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

static struct tree_insert *insert(const char *text)
{
	struct tree_insert *out = NULL;
	struct diag diag = DIAG_INIT;
	if (resolve_insert(&environment, parse(text)->insert, &out, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

static void test_updates(void **state)
{
	(void)state;
	struct tree_change *tree = change("UPDATE t SET k = k + 1, c = k, b = DEFAULT WHERE a = 5 ORDER BY k LIMIT 1");
	assert_int_equal(tree->target_count, 1);
	const struct tree_target *target = &tree->targets[0];
	assert_int_equal(target->assignment_count, 3);
	assert_int_equal(tree->query->column_count, 3);
	assert_string_equal(text_of(tree->query->columns[target->handle_item].expr), "handle(t)");
	assert_string_equal(text_of(tree->query->columns[target->items[0]].expr),
			    "gm_add_int(t.k, 1, \"(`db`.`t`.`k` + 1)\")");
	/* The second sees the first. */
	assert_string_equal(text_of(target->assignments[1].value), "gm_add_int(t.k, 1, \"(`db`.`t`.`k` + 1)\")");
	assert_int_equal(target->items[2], ~0u);
	assert_string_equal(text_of(tree->query->order_by.items[0].expr), "t.k");
	assert_true(target->source->columns[12].written);
	assert_true(target->source->is_target);
	tree = change("UPDATE t JOIN t2 ON t.a = t2.a SET t.b = t2.n, t2.n = t.b WHERE t.k > 5");
	assert_int_equal(tree->target_count, 2);
	assert_true(tree->is_multiple);
	assert_string_equal(text_of(tree->targets[1].assignments[0].value), "t.b");
	assert_refused_statement("UPDATE t SET nope = 1", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("UPDATE t SET b = 1 WHERE nope = 1", 1054, "Unknown column 'nope' in 'where clause'");
	assert_refused_statement("UPDATE gen SET w = 1", 3105, NULL);
	assert_refused_statement("UPDATE t SET b = 1 WHERE a IN (SELECT a FROM t)", 1093,
				 "You can't specify target table 't' for update in FROM clause");
	change("UPDATE t SET b = 1 WHERE a IN (SELECT a FROM (SELECT a FROM t) d)");
	assert_refused_statement("UPDATE t SET b = SUM(a)", 1111, NULL);
	assert_refused_statement("UPDATE (SELECT 1 AS a) d, t SET d.a = 1", 1288, NULL);
	tree = change("UPDATE v SET x = 'new', x = CONCAT(x, '!') WHERE a = 1 AND x = 'old'");
	assert_string_equal(tree->targets[0].source->name, "t");
	assert_string_equal(text_of(tree->targets[0].assignments[1].value), "gm_concat('new', '!')");
	assert_string_equal(text_of(tree->query->body->select->where),
			    "((t.a =int 1) and (t.b =utf8mb4_general_ci 'old'))");
}

static void test_deletes(void **state)
{
	(void)state;
	struct tree_change *tree = change("DELETE FROM t WHERE a < 5");
	assert_int_equal(tree->query->column_count, 1);
	assert_string_equal(text_of(tree->query->body->select->where), "(t.a <int 5)");
	tree = change("DELETE x, t2 FROM t AS x JOIN t2 ON x.a = t2.a");
	assert_int_equal(tree->target_count, 2);
	tree = change("DELETE FROM t2 USING t JOIN t2 ON t.a = t2.a");
	assert_string_equal(tree->targets[0].source->alias, "t2");
	assert_refused_statement("DELETE nope FROM t", 1109, "Unknown table 'nope' in MULTI DELETE");
}

static void test_inserts(void **state)
{
	(void)state;
	struct tree_insert *tree = insert("INSERT INTO t2 VALUES (1, DEFAULT, 'x'), (2, NULL, 'y')");
	assert_int_equal(tree->column_count, 3);
	assert_int_equal(tree->row_count, 2);
	assert_true(tree->rows_are_literals);
	assert_null(tree->new_row);
	assert_int_equal(tree->rows[0].items[1]->kind, TREE_DEFAULT);
	tree = insert("INSERT INTO t2 (a, n) VALUES (1, a + 1)");
	assert_false(tree->rows_are_literals);
	assert_true(tree->rows_read_columns);
	assert_int_equal(tree->columns[0], 1);
	assert_int_equal(insert("INSERT INTO t2 () VALUES ()")->column_count, 0);
	assert_int_equal(insert("INSERT INTO t2 SET a = 5")->column_count, 1);
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) ON DUPLICATE KEY UPDATE a = a + VALUES(a), n = a");
	assert_int_equal(tree->on_duplicate_count, 2);
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[0]->column.source, tree->old_row);
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[1]->column.source, tree->new_row);
	assert_string_equal(text_of(tree->on_duplicate[1].value), "t2.a");
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) AS new (p, q) ON DUPLICATE KEY UPDATE a = a + q + new.p");
	assert_int_equal(tree->on_duplicate_count, 1);
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE a = new.a + a");
	assert_int_equal(tree->on_duplicate_count, 1);
	tree = insert("INSERT INTO t2 (id, a) SELECT x.a, x.k FROM t x ON DUPLICATE KEY UPDATE t2.a = t2.a + x.k");
	assert_string_equal(text_of(tree->on_duplicate[0].value),
			    "gm_add_int(t2.a, t2.a, \"(`db`.`t2`.`a` + `db`.`t2`.`a`)\")");
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[1]->column.source, tree->new_row);
	tree = insert("INSERT INTO v (x, a) VALUES ('b', 1)");
	assert_string_equal(tree->target->name, "t");
	assert_int_equal(tree->columns[0], 1);
	tree = insert("INSERT INTO t3 SELECT a, k FROM t");
	assert_non_null(tree->query);
	assert_refused_statement("INSERT INTO t2 VALUES (1)", 1136, "Column count doesn't match value count at row 1");
	assert_refused_statement("INSERT INTO t2 (a, n) VALUES (1, 'x'), (1)", 1136, NULL);
	assert_refused_statement("INSERT INTO t2 (a, a) VALUES (1, 2)", 1110, "Column 'a' specified twice");
	assert_refused_statement("INSERT INTO t2 (nope) VALUES (1)", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("INSERT INTO gen (id, w) VALUES (1, 2)", 3105, NULL);
	assert_refused_statement("INSERT INTO t3 SELECT a FROM t", 1136, NULL);
	insert("INSERT INTO gen (id, w) VALUES (1, DEFAULT)");
}

/* ------------------------------------------------------------------ one row */

static void test_row_expressions(void **state)
{
	(void)state;
	static const struct { const char *text; enum row_expression kind; unsigned code; } cases[] = {
		{"a + k", ROW_GENERATED, 0}, {"a > 0", ROW_CHECK, 0}, {"UUID()", ROW_DEFAULT, 0},
		{"RAND()", ROW_GENERATED, 3763}, {"NOW() > d", ROW_CHECK, 3814}, {"(SELECT 1)", ROW_CHECK, 3814},
		{"@a", ROW_DEFAULT, 3770}, {"nope", ROW_CHECK, 3820}, {"nope", ROW_GENERATED, 1054},
		{"SUM(a)", ROW_GENERATED, 3763},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct parse_input input = {.text = cases[i].text, .size = strlen(cases[i].text)};
		struct ast_expr *ast;
		struct tree_source *row = NULL;
		struct tree_expr *expr;
		struct diag diag = DIAG_INIT;
		assert_int_equal(parse_expression(&input, &arena, &ast, &diag), 0);
		int status = resolve_row_expression(&environment, ast, tables[0], cases[i].kind, "x", &row, &expr,
						    &diag);
		assert_int_equal(diag.code, cases[i].code);
		assert_int_equal(status, cases[i].code ? -1 : 0);
		if (status == 0)
			assert_int_equal(row->kind, SOURCE_ROW);
	}
}

static void test_filters(void **state)
{
	(void)state;
	struct ast_statement *statement = parse("SHOW VARIABLES WHERE Variable_name LIKE 'a%' AND Value = 1");
	struct tree_source *row;
	struct tree_expr *expr;
	struct diag diag = DIAG_INIT;
	assert_int_equal(resolve_filter(&environment, statement->show->where, &virtual_table, &row, &expr, &diag), 0);
	assert_string_equal(text_of(expr), "((vars.Variable_name like:utf8mb3_general_ci 'a%') and "
			    "(gm_real_from_text(vars.Value) =real 1))");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_updates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deletes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inserts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_row_expressions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
