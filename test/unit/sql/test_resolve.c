/* The resolver: what names mean, in which clause, and what is refused and how. */
#include "resolve_world.h"

/* ------------------------------------------------------------------ the function table */

static void test_functions_are_sorted_and_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; function_at(i) != NULL; i++) {
		const struct function *function = function_at(i);
		assert_ptr_equal(function_find(bytes_of_string(function->name)), function);
		assert_true(function->max < 0 || function->min <= function->max);
		if (i > 0)
			assert_true(strcmp(function_at(i - 1)->name, function->name) < 0);
	}
}

/* ------------------------------------------------------------------ names */

static void test_columns_are_found(void **state)
{
	(void)state;
	assert_item("a", "t.a");
	assert_item("t.A", "t.a");
	assert_item("db.t.a", "t.a");
	struct tree_query *tree = query("SELECT * FROM t2 x JOIN t3 ON x.a = t3.a");
	assert_int_equal(tree->column_count, 5);
	assert_string_equal(tree->columns[0].name, "id");
	assert_string_equal(tree->columns[0].table, "x");
	assert_string_equal(tree->columns[0].original_table, "t2");
	assert_int_equal(tree->columns[0].flags & (COLUMN_PRIMARY_KEY | COLUMN_AUTO_INCREMENT | COLUMN_NOT_NULL),
			 COLUMN_PRIMARY_KEY | COLUMN_AUTO_INCREMENT | COLUMN_NOT_NULL);
	assert_string_equal(query("SELECT 1 + 1")->columns[0].name, "1 + 1");
	assert_string_equal(query("SELECT a AS `my a` FROM t")->columns[0].name, "my a");
	assert_int_equal(query("SELECT t3.* FROM t2, t3")->column_count, 2);
}

static void test_names_are_refused(void **state)
{
	(void)state;
	assert_refused_statement("SELECT nope FROM t", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("SELECT t.nope FROM t", 1054, "Unknown column 't.nope' in 'field list'");
	assert_refused_statement("SELECT 1 FROM t WHERE nope = 1", 1054, "Unknown column 'nope' in 'where clause'");
	assert_refused_statement("SELECT 1 FROM t JOIN t2 ON nope", 1054, "Unknown column 'nope' in 'on clause'");
	assert_refused_statement("SELECT 1 FROM t ORDER BY nope", 1054, "Unknown column 'nope' in 'order clause'");
	assert_refused_statement("SELECT 1 FROM t GROUP BY nope", 1054, "Unknown column 'nope' in 'group statement'");
	assert_refused_statement("SELECT 1 FROM t HAVING b = 1", 1054, "Unknown column 'b' in 'having clause'");
	assert_refused_statement("SELECT 1 FROM t ORDER BY 3", 1054, "Unknown column '3' in 'order clause'");
	assert_refused_statement("SELECT a FROM t2, t3", 1052, "Column 'a' in field list is ambiguous");
	assert_refused_statement("SELECT 1 FROM t2, t3 WHERE a = 1", 1052, "Column 'a' in where clause is ambiguous");
	assert_refused_statement("SELECT 1 FROM nope", 1146, "Table 'db.nope' doesn't exist");
	assert_refused_statement("SELECT 1 FROM nodb.t", 1049, "Unknown database 'nodb'");
	assert_refused_statement("SELECT 1 FROM t, t", 1066, "Not unique table/alias: 't'");
	assert_refused_statement("SELECT x.* FROM t", 1051, "Unknown table 'x'");
	assert_refused_statement("SELECT *", 1096, "No tables used");
	assert_refused_statement("SELECT 1 FROM (SELECT a, a FROM t) d", 1060, "Duplicate column name 'a'");
	assert_refused_statement("SELECT 1 FROM (SELECT 1) d (x, y)", 1353, NULL);
	assert_refused_statement("SELECT 1 FROM t FORCE INDEX (nope)", 1176, "Key 'nope' doesn't exist in table 't'");
	environment.database = "";
	assert_refused_statement("SELECT 1 FROM t", 1046, "No database selected");
}

static void test_clauses_see_aliases(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT a AS b, b AS z FROM t ORDER BY b, z, k, a + 1, 2 DESC");
	assert_int_equal(tree->order_by.items[0].item, 0);
	assert_int_equal(tree->order_by.items[1].item, 1);
	assert_int_equal(tree->order_by.items[2].item, -1);
	assert_string_equal(text_of(tree->order_by.items[2].expr), "t.k");
	assert_int_equal(tree->order_by.items[4].item, 1);
	assert_true(tree->order_by.items[4].descending);
	/* GROUP BY prefers the column. */
	tree = query("SELECT MAX(k) AS b FROM t GROUP BY b");
	assert_string_equal(text_of(tree->body->select->group_by.items[0].expr), "t.b");
	tree = query("SELECT a + 1 AS x, COUNT(*) AS n FROM t GROUP BY x HAVING n > 2");
	assert_string_equal(text_of(tree->body->select->group_by.items[0].expr),
			    "gm_add_int(t.a, 1, \"(`db`.`t`.`a` + 1)\")");
	assert_string_equal(text_of(tree->body->select->having), "(count(*) >int 2)");
	/* Without groups it is a WHERE. */
	tree = query("SELECT a AS x FROM t HAVING x > 2");
	assert_null(tree->body->select->having);
	assert_string_equal(text_of(tree->body->select->where), "(t.a >int 2)");
	assert_refused_statement("SELECT a AS x, b AS x FROM t ORDER BY x", 1052, "Column 'x' in order clause is ambiguous");
	assert_refused_statement("SELECT COUNT(*) AS n FROM t GROUP BY n", 1056, "Can't group on 'n'");
}

static void test_joins_share_columns(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT * FROM t2 JOIN t3 USING (a)");
	assert_int_equal(tree->column_count, 4);
	assert_string_equal(text_of(tree->columns[0].expr), "t2.a");
	assert_string_equal(text_of(tree->body->select->from->on), "(t2.a =int t3.a)");
	tree = query("SELECT a FROM t2 RIGHT JOIN t3 USING (a)");
	assert_string_equal(text_of(tree->columns[0].expr), "t3.a");
	assert_int_equal(tree->body->select->from->join, JOIN_LEFT);
	assert_string_equal(tree->body->select->from->left->source->alias, "t3");
	tree = query("SELECT * FROM t2 NATURAL JOIN t3");
	assert_int_equal(tree->column_count, 4);
	tree = query("SELECT t2.n FROM t3 LEFT JOIN t2 ON t2.a = t3.a");
	assert_true(tree->columns[0].expr->nullable);
	assert_int_equal(tree->columns[0].flags & COLUMN_NOT_NULL, 0);
	assert_refused_statement("SELECT 1 FROM t2 JOIN t3 USING (nope)", 1054, "Unknown column 'nope' in 'from clause'");
}

static void test_subqueries_reach_out(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT (SELECT MAX(t3.z) FROM t3 WHERE t3.a = t.a) FROM t");
	assert_true(tree->columns[0].expr->query->is_correlated);
	assert_false(tree->is_correlated);
	assert_true(tree->columns[0].expr->query->at_most_one_row);
	assert_where("a IN (SELECT a FROM t3)", "(t.a in query(t3.a))");
	assert_where("a IN (SELECT n FROM t2)", "(t.a in query(gm_real_from_text(t2.n)))");
	assert_where("EXISTS (SELECT 1 FROM t2 WHERE t2.a = t.a)", "exists");
	assert_where("a > ALL (SELECT a FROM t3)", "(t.a > all query(t3.a))");
	assert_where("a = ANY (SELECT a FROM t3)", "(t.a in query(t3.a))");
	assert_where("a <> ALL (SELECT a FROM t3)", "(t.a not in query(t3.a))");
	assert_where("(a, k) IN (SELECT a, z FROM t3)", "(t.a, t.k in query(t3.a))");
	assert_refused_statement("SELECT (SELECT 1, 2)", 1241, "Operand should contain 1 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE a IN (SELECT 1, 2)", 1241, "Operand should contain 1 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) IN (SELECT 1)", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT 1 FROM t, (SELECT t.a) d", 1054, NULL);
	assert_string_equal(text_of(query("SELECT d.x FROM t, LATERAL (SELECT t.a AS x) d")->columns[0].expr), "d.x");
}

static void test_views_and_virtual_tables(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT * FROM v");
	const struct tree_source *source = tree->body->select->from->source;
	assert_true(source->is_view);
	assert_string_equal(tree->columns[1].name, "x");
	assert_string_equal(tree->columns[1].original_table, "v");
	assert_string_equal(source->query->body->select->from->source->definer_user, "root");
	assert_null(source->definer_user);
	tree = query("SELECT value FROM information_schema.vars WHERE variable_name LIKE 'a%'");
	assert_int_equal(tree->body->select->from->source->virtual_id, 7);
	assert_refused_statement("SELECT * FROM broken", 1356, "View 'db.broken' references invalid table(s) or column(s) or "
				 "function(s) or definer/invoker of view lack rights to use them");
}

/* ------------------------------------------------------------------ grouping */

static void test_full_group_by(void **state)
{
	(void)state;
	assert_refused_statement("SELECT b, COUNT(*) FROM t", 1140,
				 "In aggregated query without GROUP BY, expression #1 of SELECT list contains nonaggregated "
				 "column 'db.t.b'; this is incompatible with sql_mode=only_full_group_by");
	assert_refused_statement("SELECT b, c FROM t GROUP BY b", 1055,
				 "Expression #2 of SELECT list is not in GROUP BY clause and contains nonaggregated column "
				 "'db.t.c' which is not functionally dependent on columns in GROUP BY clause; this is "
				 "incompatible with sql_mode=only_full_group_by");
	assert_refused_statement("SELECT b FROM t GROUP BY b ORDER BY c", 1055, NULL);
	assert_refused_statement("SELECT DISTINCT b FROM t ORDER BY c", 3065, NULL);
	query("SELECT a, b, c FROM t GROUP BY a");
	query("SELECT t.b, t3.z FROM t JOIN t3 ON t.a = t3.a GROUP BY t3.a, t3.z");
	query("SELECT b, COUNT(*) FROM t WHERE b = 'x'");
	query("SELECT a + 1, COUNT(*) FROM t GROUP BY a + 1");
	query("SELECT x, COUNT(*) FROM v GROUP BY a");
	query("SELECT b, (SELECT COUNT(*) FROM t3 WHERE t3.z = SUM(t.k)) FROM t GROUP BY b");
	query("SELECT b, SUM(k) OVER () FROM t");
	environment.sql_mode &= ~(uint64_t)SQL_MODE_ONLY_FULL_GROUP_BY;
	query("SELECT b, c, COUNT(*) FROM t GROUP BY b");
	query("SELECT DISTINCT b FROM t ORDER BY c");
	query("SELECT b FROM t GROUP BY b WITH ROLLUP");
}

/* ------------------------------------------------------------------ several queries */

static void test_set_operations(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT a, b FROM t UNION SELECT c, d FROM t ORDER BY 1, b LIMIT 3");
	assert_string_equal(type_of(tree->columns[0].expr), "decimal(12,2)");
	assert_string_equal(type_of(tree->columns[1].expr), "varchar(20)");
	assert_string_equal(tree->columns[1].name, "b");
	assert_string_equal(text_of(tree->body->left->select->items[0].expr), "gm_dec_from_int(t.a, 0, 0)");
	assert_string_equal(text_of(tree->body->right->select->items[1].expr), "gm_text_from_dt(t.d, 0)");
	assert_int_equal(tree->order_by.items[1].item, 1);
	tree = query("(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT 2)");
	assert_int_equal(tree->body->left->kind, BODY_QUERY);
	tree = query("VALUES ROW(1, 'a'), ROW(2.5, 'bc')");
	assert_string_equal(tree->columns[1].name, "column_1");
	assert_string_equal(type_of(tree->columns[0].expr), "decimal(2,1) not null");
	assert_string_equal(text_of(tree->body->rows[0].items[0]), "1d");
	assert_refused_statement("SELECT 1 UNION SELECT 1, 2", 1222, NULL);
	assert_refused_statement("SELECT a FROM t UNION SELECT a FROM t ORDER BY t.a", 1250, NULL);
	assert_refused_statement("SELECT a FROM t UNION SELECT a FROM t ORDER BY b", 1054,
				 "Unknown column 'b' in 'order clause'");
}

static void test_common_tables(void **state)
{
	(void)state;
	struct tree_query *tree = query("WITH x AS (SELECT a FROM t), y (q) AS (SELECT a + 1 FROM x) SELECT q FROM y, x");
	assert_int_equal(tree->cte_count, 2);
	assert_ptr_equal(tree->body->select->from->left->source->cte, tree->ctes[1]);
	tree = query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) "
		     "SELECT SUM(i) FROM n");
	assert_true(tree->ctes[0]->recursive);
	assert_ptr_equal(tree->ctes[0]->query->body->right->select->from->source->cte, tree->ctes[0]);
	assert_int_equal(tree->ctes[0]->columns[0].class, CLASS_INTEGER);
	tree = query("WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 0.5 FROM s WHERE n < 3) SELECT n FROM s");
	assert_int_equal(tree->columns[0].expr->class, CLASS_INTEGER);
	assert_int_equal(tree->ctes[0]->query->body->right->select->items[0].expr->class, CLASS_INTEGER);
	assert_refused_statement("WITH RECURSIVE n AS (SELECT 1 FROM n) SELECT 1 FROM n", 3573, NULL);
	assert_refused_statement("WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", 1066, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_functions_are_sorted_and_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_columns_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clauses_see_aliases, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_joins_share_columns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_subqueries_reach_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_views_and_virtual_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_group_by, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_set_operations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_common_tables, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
