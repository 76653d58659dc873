/* The resolver: as what values compare, and which side is converted. */
#include "resolve_world.h"

static struct value parameters[4];

/* ------------------------------------------------------------------ conversions and comparisons */

static void test_columns_stay_bare_in_comparisons(void **state)
{
	(void)state;
	assert_where("a = 5", "(t.a =int 5)");
	assert_where("a = '5'", "(t.a =int 5)");
	assert_where("'5' = a", "(5 =int t.a)");
	assert_where("a = '5x'", "(t.a =real gm_real_from_text('5x'))");
	assert_where("a = 5.0", "(t.a =int 5)");
	assert_where("a < 5.5", "(t.a <real 5.5r)");
	assert_where("a < 5.5e0", "(t.a <real 5.5r)");
	assert_where("b = 'x'", "(t.b =utf8mb4_general_ci 'x')");
	assert_where("b = 5", "(gm_real_from_text(t.b) =real 5)");
	assert_where("c = 5", "(t.c =dec 5d)");
	assert_where("c = '5.5'", "(t.c =dec 5.5d)");
	assert_where("d = '2024-01-31'", "(t.d =dt dt'2024-01-31 00:00:00')");
	assert_where("d > 20240131", "(t.d >dt dt'2024-01-31 00:00:00')");
	assert_where("g = '2024-01-31'", "(t.g =dt dt'2024-01-31 00:00:00')");
	assert_where("g = d", "(t.g =dt t.d)");
	assert_where("h = '10:11'", "(t.h =time time'10:11:00')");
	assert_where("h = d", "(gm_dt_from_time(t.h, 0, 1) =dt t.d)");
	assert_where("e = 'y'", "(t.e =int 2)");
	assert_where("e = 'Y'", "(t.e =int 2)");
	assert_where("e = 'none'", "(t.e =int -1)");
	assert_where("e = 1", "(t.e =int 1)");
	assert_where("e > 'x'", "(gm_text_from_enum(t.e) >utf8mb4_general_ci 'x')");
	assert_where("y = 70", "(t.y =int 1970)");
	assert_where("u = '18446744073709551615'", "(t.u =int 18446744073709551615)");
	assert_where("j = 5", "(t.j =json gm_json_from_int(5))");
	assert_where("bin = 'x'", "(t.bin =bin b'x')");
	assert_where("a = 0x05", "(t.a =int 5)");
	assert_where("b = 0x41", "(t.b =utf8mb4_general_ci gm_text_from_bin(b'A', 4))");
	assert_where("a = NULL", "(t.a =int NULL)");
	assert_where("f = 1", "(t.f =real 1)");
	assert_where("f = c", "(t.f =real gm_real_from_dec(t.c))");
}

static void test_parameters_stay_parameters(void **state)
{
	(void)state;
	parameters[0] = value_string(bytes_of_string("5"), collation_utf8mb4_default);
	environment.parameters = parameters;
	environment.parameter_count = 1;
	assert_where("a = ?", "(t.a =int gm_key_from_text(?0:text))");
	assert_where("d = ?", "(t.d =dt gm_dt_from_text(?0:text, 6, 1))");
	assert_where("c = ?", "(t.c =dec gm_dec_from_text(?0:text, 0, 0))");
	parameters[0] = value_int(5);
	assert_where("a = ?", "(t.a =int ?0:int)");
	assert_where("c = ?", "(t.c =dec gm_dec_from_int(?0:int, 0, 0))");
	struct tree_query *tree = query("SELECT 1 FROM t LIMIT ?");
	assert_string_equal(text_of(tree->limit), "?0:int");
	environment.parameters = NULL;
	tree = query("SELECT ? FROM t LIMIT ?, 5");
	assert_string_equal(text_of(tree->offset), "?1:int");
	assert_true(tree->columns[0].expr->nullable);
}

static void test_rows_and_lists(void **state)
{
	(void)state;
	assert_where("(a, k) = (1, 2)", "((t.a =int 1) and (t.k =int 2))");
	assert_where("(a, k) <> (1, 2)", "((t.a <>int 1) or (t.k <>int 2))");
	assert_where("(a, k) < (1, 2)", "((t.a <int 1) or ((t.a =int 1) and (t.k <int 2)))");
	assert_where("(a, k) IN ((1, 2), (3, 4))",
		     "(((t.a =int 1) and (t.k =int 2)) or ((t.a =int 3) and (t.k =int 4)))");
	assert_where("a IN (1, '2', NULL)", "(t.a in:int 1, 2, NULL)");
	assert_where("a NOT IN (1, 2)", "(t.a not in:int 1, 2)");
	assert_where("d IN ('2024-01-01', '2024-01-02')", "(t.d in:dt dt'2024-01-01 00:00:00', dt'2024-01-02 00:00:00')");
	assert_where("a IN (1, 'x')", "((t.a in:int 1) or (t.a in:real gm_real_from_text('x')))");
	assert_where("d BETWEEN '2024-01-01' AND '2024-01-31'",
		     "(t.d between:dt dt'2024-01-01 00:00:00' and dt'2024-01-31 00:00:00')");
	assert_where("a BETWEEN 1 AND 2.5", "((t.a >=int 1) and (t.a <=real 2.5r))");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) = (1, 2, 3)", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) = 1", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT (1, 2)", 1241, "Operand should contain 1 column(s)");
}

static void test_conditions_are_truth_values(void **state)
{
	(void)state;
	assert_where("a", "(t.a <>int 0)");
	assert_where("b", "(gm_real_from_text(t.b) <>real 0r)");
	assert_where("c AND NOT d", "((t.c <>dec 0d) and not (t.d <>int 0))");
	assert_where("a = 1 OR b IS NULL", "((t.a =int 1) or (t.b is null))");
	assert_where("a IS TRUE", "((t.a <>int 0) is true)");
	assert_where("b LIKE 'x%'", "(t.b like:utf8mb4_general_ci 'x%')");
	assert_where("a LIKE '5%'", "(gm_text_from_int(t.a) like:utf8mb4_general_ci '5%')");
	assert_where("b REGEXP 'x'", "gm_regexp(t.b, 'x', 45)");
}

static void test_bad_times_are_errors(void **state)
{
	(void)state;
	assert_refused_statement("SELECT 1 FROM t WHERE d = 'abc'", 1525, "Incorrect DATETIME value: 'abc'");
	assert_refused_statement("SELECT DATE '2024-02-31'", 1525, "Incorrect DATE value: '2024-02-31'");
	assert_item("TIMESTAMP '2024-01-31 10:11:12.5'", "dt'2024-01-31 10:11:12.5'");
}

static void test_collations_are_weighed(void **state)
{
	(void)state;
	assert_where("b = 'x' COLLATE utf8mb4_bin", "(t.b =utf8mb4_bin 'x' collate utf8mb4_bin)");
	assert_where("l = 'x'", "(t.l =latin1_swedish_ci 'x')");
	assert_where("l = b", "(t.l =utf8mb4_general_ci t.b)");
	assert_refused_statement("SELECT 1 FROM t WHERE b COLLATE utf8mb4_bin = b COLLATE utf8mb4_unicode_ci", 1267,
				 "Illegal mix of collations (utf8mb4_bin,EXPLICIT) and (utf8mb4_unicode_ci,EXPLICIT) for "
				 "operation '='");
	assert_refused_statement("SELECT b COLLATE latin1_bin FROM t", 1253,
				 "COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'");
	assert_refused_statement("SELECT b COLLATE nope FROM t", 1273, "Unknown collation: 'nope'");
	assert_item("CHARSET(l)", "'latin1'");
	assert_item("COLLATION(b)", "'utf8mb4_general_ci'");
	assert_item("COERCIBILITY(b)", "2");
	assert_item("COERCIBILITY('b')", "4");
	assert_item("COERCIBILITY(a)", "5");
	assert_string_equal(item("CONCAT(l, b)")->type.collation->name, "utf8mb4_general_ci");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_columns_stay_bare_in_comparisons, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parameters_stay_parameters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rows_and_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_conditions_are_truth_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_times_are_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_collations_are_weighed, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
