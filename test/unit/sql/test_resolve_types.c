/* The resolver: types of results, and the classes that functions get. */
#include "resolve_world.h"

/* ------------------------------------------------------------------ types */

static void test_arithmetic_types(void **state)
{
	(void)state;
	assert_type("1", "bigint 1 not null");
	assert_type("a + 1", "bigint 12 not null");
	assert_type("u + 1", "bigint unsigned 21");
	assert_type("c + 1", "decimal(11,2)");
	assert_type("c * c", "decimal(20,4)");
	assert_type("1 / 3", "decimal(5,4)");
	assert_type("a / 2", "decimal(14,4)");
	assert_type("c / 2", "decimal(14,6)");
	assert_type("f + 1", "double");
	assert_type("b + 1", "double");
	assert_type("a DIV 2", "bigint 21");
	assert_type("a % 2", "bigint 11");
	assert_type("-a", "bigint 11 not null");
	assert_type("1.5", "decimal(2,1) not null");
	assert_type("a & 1", "bigint unsigned 21 not null");
	assert_type("a = 1", "bigint 1 not null");
	assert_type("b = 'x'", "bigint 1");
	assert_type("d + 0", "bigint 16");
	assert_item("-9223372036854775808", "-9223372036854775808");
	assert_item("-(-9223372036854775808)", "9223372036854775808d");
	assert_item("-9223372036854775809", "-9223372036854775809d");
	assert_item("-5", "-5");
	assert_item("a - u", "gm_sub_uint(t.a, t.u, \"(`db`.`t`.`a` - `db`.`t`.`u`)\")");
	environment.sql_mode |= SQL_MODE_NO_UNSIGNED_SUBTRACTION;
	assert_item("a - u", "gm_sub_int(t.a, t.u, \"(`db`.`t`.`a` - `db`.`t`.`u`)\")");
}

static void test_function_types(void **state)
{
	(void)state;
	assert_type("COUNT(*)", "bigint 21 not null");
	assert_type("SUM(a)", "decimal(32,0)");
	assert_type("SUM(f)", "double");
	assert_type("AVG(a)", "decimal(14,4)");
	assert_type("AVG(c)", "decimal(14,6)");
	assert_type("MAX(b)", "varchar(20)");
	assert_type("CONCAT(b, 'xy')", "varchar(22)");
	assert_type("CONCAT(a, b)", "varchar(31)");
	assert_type("LENGTH(b)", "bigint 10");
	assert_type("NOW()", "datetime not null");
	assert_type("NOW(6)", "datetime(6) not null");
	assert_type("DATE_ADD(g, INTERVAL 1 DAY)", "date");
	assert_type("DATE_ADD(g, INTERVAL 1 HOUR)", "datetime");
	assert_type("d + INTERVAL 1 MICROSECOND", "datetime(6)");
	assert_type("IFNULL(b, 'x')", "varchar(20) not null");
	assert_type("IF(a, 1, 2.5)", "decimal(2,1) not null");
	assert_type("COALESCE(a, u)", "decimal(20,0) not null");
	assert_type("CASE WHEN a THEN d ELSE g END", "datetime");
	assert_type("CASE a WHEN 1 THEN 'x' END", "varchar(1)");
	assert_type("CAST(b AS CHAR(5))", "varchar(5)");
	assert_type("CAST(b AS UNSIGNED)", "bigint unsigned 20");
	assert_type("CAST(b AS DECIMAL(6,2))", "decimal(6,2)");
	assert_type("CAST(b AS DATETIME(3))", "datetime(3)");
	assert_type("ROUND(c, 1)", "decimal(10,1)");
	assert_type("ROUND(c)", "decimal(9,0)");
	assert_type("FLOOR(c)", "bigint 10");
	assert_type("VERSION()", "varchar(60) not null");
	assert_type("JSON_EXTRACT(j, '$.a')", "json");
	assert_type("STR_TO_DATE(b, '%Y-%m-%d')", "date");
	assert_type("STR_TO_DATE(b, '%H:%i')", "time");
	assert_type("UNIX_TIMESTAMP(d)", "bigint 11");
	assert_type("@@max_connections", "bigint unsigned 21 not null");
	assert_type("@five", "bigint 20");
	assert_type("NULL", "null");
	assert_type("LEFT(b, 3)", "varchar(3)");
	assert_type("REPEAT('ab', 3)", "varchar(6)");
	assert_type("HEX(b)", "varchar(160)");
	assert_type("MD5(b)", "varchar(32)");
}

static void test_functions_get_their_classes(void **state)
{
	(void)state;
	assert_item("ABS(b)", "gm_abs_real(gm_real_from_text(t.b), \"abs(`db`.`t`.`b`)\")");
	assert_item("CONCAT(a, e)", "gm_concat(gm_text_from_int(t.a), gm_text_from_enum(t.e))");
	assert_item("LENGTH(l)", "gm_length(gm_bin_from_text(t.l, 2))");
	assert_item("YEAR(b)", "gm_year(gm_dt_from_text(t.b, 6, 0))");
	assert_item("HOUR(d)", "gm_hour(gm_time_from_dt(t.d, 0, 0))");
	assert_item("e + 0", "gm_add_real(gm_real_from_int(int(t.e)), 0r, \"(`db`.`t`.`e` + 0)\")");
	assert_item("ROUND(c)", "gm_round_dec(t.c, 0, 0)");
	assert_item("c + f", "gm_add_real(gm_real_from_dec(t.c), t.f, \"(`db`.`t`.`c` + `db`.`t`.`f`)\")");
	assert_item("a / 2", "gm_div_dec(gm_dec_from_int(t.a, 0, 0), 2d, 4)");
	assert_item("COALESCE(a, 1.5)", "coalesce(gm_dec_from_int(t.a, 0, 0), 1.5d)");
	assert_item("CAST(a AS DECIMAL(4,1))", "dec(gm_dec_from_int(t.a, 4, 1))");
	assert_item("IF(a, b, c)", "iif((t.a <>int 0), t.b, gm_text_from_dec(t.c, 2))");
	assert_item("NULLIF(a, 1)", "case when (t.a =int 1) then NULL else t.a end");
	assert_item("DATE(d)", "gm_date_from_dt(t.d, 0)");
	assert_item("d + INTERVAL 90 MINUTE", "gm_date_add_dt(t.d, 90, \"minute\", 1, 0)");
	assert_item("'2024-01-31' - INTERVAL '1 2' DAY_HOUR",
		    "gm_date_add_text('2024-01-31', '1 2', \"day_hour\", -1, 0)");
	assert_item("EXTRACT(DAY FROM d)", "gm_extract_dt(t.d, \"day\")");
	assert_item("TIMESTAMPDIFF(DAY, g, d)", "gm_timestampdiff(dt(t.g), t.d, \"day\")");
	assert_item("TRIM(LEADING 'x' FROM b)", "gm_trim(t.b, 'x', 1)");
	assert_item("HEX(a)", "gm_hex_int(t.a)");
	assert_item("BIN(b)", "gm_bin(t.b)");
	assert_item("OCT(c)", "gm_oct(gm_text_from_dec(t.c, 2))");
	assert_item("COUNT(DISTINCT a, b)", "count(distinct gm_tuple(t.a, 0, t.b, 45))");
	assert_item("AVG(a)", "gm_avg_dec(gm_sum_int(t.a), count(t.a), 4)");
	assert_item("JSON_SET(j, '$.a', b, '$.b', 1)",
		    "gm_json_set(t.j, '$.a', gm_json_from_text(t.b), '$.b', gm_json_from_int(1))");
	assert_item("JSON_EXTRACT(b, '$')", "gm_json_extract(gm_json_parse(t.b, 1, \"json_extract\"), '$')");
	assert_item("j->>'$.a'", "gm_json_value_text(t.j, '$.a')");
	assert_item("ROW_NUMBER() OVER (PARTITION BY b ORDER BY a)", "row_number() over(t.b by t.a)");
	assert_item("LEAD(b, 2, 'none') OVER (ORDER BY a)", "lead(t.b, 2, 'none') over( by t.a)");
	assert_item("LAG(a, 1, 0.5) OVER (ORDER BY a)", "lag(gm_dec_from_int(t.a, 0, 0), 1, 0.5d) over( by t.a)");
	assert_item("@x := a", "(@x := t.a)");
	assert_item("@nope", "@nope:text");
	assert_item("NOW(3)", "gm_now(3)");
	assert_item("SUBSTRING(bin, 2)", "gm_substring(t.bin, 2)");
	assert_item("CONCAT(bin, b)", "gm_concat(t.bin, gm_bin_from_text(t.b, 4))");
}

static void test_calls_are_refused(void **state)
{
	(void)state;
	assert_refused_statement("SELECT nope(1)", 1305, "FUNCTION db.nope does not exist");
	assert_refused_statement("SELECT other.nope(1)", 1305, "FUNCTION other.nope does not exist");
	assert_refused_statement("SELECT ABS(1, 2)", 1582, "Incorrect parameter count in the call to native function 'abs'");
	assert_refused_statement("SELECT CONCAT()", 1582, "Incorrect parameter count in the call to native function 'concat'");
	assert_refused_statement("SELECT 1 FROM t WHERE SUM(a) > 1", 1111, "Invalid use of group function");
	assert_refused_statement("SELECT SUM(SUM(a)) FROM t", 1111, "Invalid use of group function");
	assert_refused_statement("SELECT 1 FROM t WHERE RANK() OVER () = 1", 3593,
				 "You cannot use the window function 'rank' in this context.'");
	assert_refused_statement("SELECT RANK() OVER w FROM t", 3579, "Window name 'w' is not defined.");
	assert_refused_statement("SELECT @@nope", 1193, "Unknown system variable 'nope'");
	assert_refused_statement("SELECT JSON_EXTRACT(1, '$')", 3146, NULL);
	assert_refused_statement("SELECT MATCH (b) AGAINST ('x') FROM t", 1191, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_arithmetic_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_function_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_functions_get_their_classes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_calls_are_refused, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
