/*
 * The functions: that each evaluator name of the table is there, and what they answer. Expected values are MySQL 8.0's,
 * most of them as a MariaDB server answered, where the two agree.
 */
#include <stdlib.h>

#include "function_answers_more.h"
#include "query/function/functions.h"
#include "query_fixture.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

/* ------------------------------------------------------------------------------------------------- all are there */

static bool is_registered(const char *name, int count)
{
	int min, max;
	const char *at;
	for (unsigned i = 0; (at = functions_name_at(i, &min, &max)) != NULL; i++)
		if (strcmp(at, name) == 0 && count >= min && (max < 0 || count <= max))
			return true;
	return false;
}

/* Constants that the resolver appends beyond the row's extras. */
static int more_extras(const char *name)
{
	return strncmp(name, "gm_date_add", 11) == 0 ? 2 : strcmp(name, "gm_trim") == 0 ? 1 : 0;
}

static void check_name(const char *name, const struct function *function)
{
	int extras = (int)strlen(function->extras) + more_extras(name);
	int min = function->min, max = function->max < 0 ? min + 9 : function->max;
	bool fsp_alone = strcmp(function->extras, "f") == 0 && strcmp(function->arguments, "i") == 0;
	if (strcmp(name, "gm_group_concat") == 0 || strcmp(name, "gm_tuple") == 0) {
		assert_true(is_registered(name, 4));
		return;
	}
	if (strncmp(name, "gm_round", 8) == 0)
		max = min = 2; /* ROUND(x) is ROUND(x, 0) */
	for (int count = min; count <= max; count++)
		if (!is_registered(name, (fsp_alone ? 0 : count) + extras))
			fail_msg("%s with %d arguments is not registered", name, count + extras);
}

static bool is_reachable(const struct function *function, const char *suffix)
{
	const char *name = function->evaluator_name;
	bool is_uint = strcmp(suffix, "_uint") == 0, is_int = strcmp(suffix, "_int") == 0 || is_uint;
	if (strcmp(name, "gm_div") == 0)
		return !is_int;
	if (strcmp(name, "gm_avg") == 0)
		return strcmp(suffix, "_real") == 0;
	if (strcmp(name, "gm_intdiv") == 0)
		return strcmp(suffix, "_real") != 0;
	return true;
}

static void check_suffixes(const struct function *function, const char *const *suffixes)
{
	char name[64];
	for (; *suffixes; suffixes++) {
		snprintf(name, sizeof name, "%s%s", function->evaluator_name, *suffixes);
		if (is_reachable(function, *suffixes))
			check_name(name, function);
	}
}

static void every_function_is_registered(void **state)
{
	static const char *const numbers[] = {"_int", "_uint", "_dec", "_real", NULL};
	static const char *const times[] = {"_date", "_time", "_dt", "_text", NULL};
	static const char *const plain[] = {"", NULL};
	static const char *const str_to_date[] = {"_date", "_time", "_dt", NULL};
	static const char *const unix_timestamp[] = {"_int", "_dec", NULL};
	const struct function *row;
	for (unsigned i = 0; (row = function_at(i)) != NULL; i++) {
		struct function function = *row;
		if (strncmp(row->evaluator_name, "gm_", 3) != 0)
			continue;
		check_suffixes(&function, strcmp(row->name, "str_to_date") == 0 ? str_to_date
				: strcmp(row->name, "unix_timestamp") == 0 ? unix_timestamp
				: strchr(row->arguments, 'N') ? numbers : strchr(row->arguments, 'V') ? times : plain);
	}
}

static void every_conversion_is_registered(void **state)
{
	static const struct {
		const char *to, *from; /* words with spaces between */
		int count;
	} rows[] = {
		{"int", "real dec text bin date time dt json uint", 1},
		{"uint", "int real dec text bin date time dt json", 1},
		{"real", "int dec text bin date time dt json", 1},
		{"dec", "int real dec text bin date time dt json", 3},
		{"text", "int date", 1}, {"text", "int real float dec time dt enum set bin text", 2},
		{"bin", "text bit", 2},
		{"date", "int real dec text bin dt time", 2},
		{"time", "int real dec text bin dt date", 3},
		{"dt", "int real dec text bin time", 3},
		{"json", "int real text bin date bool", 1}, {"json", "dec time dt", 2},
		{"key", "text real dec", 1}, {"year", "text int", 1},
	};
	char words[128], name[64];
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		strcpy(words, rows[i].from);
		for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
			snprintf(name, sizeof name, "gm_%s_from_%s", rows[i].to, word);
			if (!is_registered(name, rows[i].count))
				fail_msg("%s with %d arguments is not registered", name, rows[i].count);
		}
	}
	assert_true(is_registered("gm_text_cut", 2) && is_registered("gm_bin_cut", 2) && is_registered("gm_bin_pad", 2));
	assert_true(is_registered("gm_dt_round", 2) && is_registered("gm_time_round", 2));
	assert_true(is_registered("gm_json_parse", 3) && is_registered("gm_json_compare", 2));
	assert_true(is_registered("gm_like", 4));
}

/* ------------------------------------------------------------------------------------------------- values */

static void check_expectation(struct world *world, const struct expectation *row)
{
	struct warnings *warnings = &world->session->warnings;
	char *sql = arena_printf(&world->arena, "SELECT %s", row->expression);
	warnings_clear(warnings);
	if (row->answer[0] == '!') {
		unsigned code = error_of(world, sql);
		if (code != (unsigned)atoi(row->answer + 1))
			fail_msg("%s: error %u, not %s", row->expression, code, row->answer);
		return;
	}
	const char *given = answer(world, sql);
	unsigned warning = warnings->count ? warnings->list[0].code : 0;
	if (strcmp(given, row->answer) != 0)
		fail_msg("%s: %s, not %s", row->expression, given, row->answer);
	if (warning != row->warning)
		fail_msg("%s: warning %u, not %u", row->expression, warning, row->warning);
}

#define check_all(rows)                                               \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	check_expectation(*state, &(rows)[i])

static void answers_arithmetic(void **state)
{
	check_all(expected_arithmetic);
}

static void answers_strings(void **state)
{
	check_all(expected_strings);
}

static void answers_times(void **state)
{
	check_all(expected_times);
}

static void answers_conversions(void **state)
{
	check_all(expected_conversions);
}

static void answers_collations_and_edges(void **state)
{
	check_all(expected_collations_and_edges);
}

/* ------------------------------------------------------------------------------------------------- rows */

static struct table *numbers(struct world *world)
{
	struct table *table = define(world, "CREATE TABLE t (id INT PRIMARY KEY, g INT, n INT, d DECIMAL(10,2), r DOUBLE,"
					    " s VARCHAR(20), b BIGINT UNSIGNED)");
	insert(world, table,
	       "ROW(1, 1, 10, 1.50, 0.5, 'b', 18446744073709551615), ROW(2, 1, 20, 2.25, 1.5, 'A', 1), "
	       "ROW(3, 2, NULL, NULL, NULL, NULL, NULL), ROW(4, 2, 5, -1.00, 2.5, 'a', 6), ROW(5, 2, 7, 0.01, 1e300, 'c', 3)");
	return table;
}

static void aggregates(void **state)
{
	struct world *world = *state;
	numbers(world);
	assert_answer("SELECT SUM(n), SUM(d), SUM(r), SUM(b) FROM t WHERE id < 5", "35|2.75|4.5|18446744073709551622");
	assert_answer("SELECT AVG(n), AVG(d), AVG(r) FROM t WHERE id < 5", "11.6667|0.916667|1.5");
	assert_answer("SELECT g, SUM(n), COUNT(n), COUNT(*) FROM t GROUP BY g ORDER BY g", "1|30|2|2 2|12|2|3");
	assert_answer("SELECT SUM(n), AVG(n), MIN(n), BIT_AND(n), BIT_OR(n), BIT_XOR(n) FROM t WHERE id = 3",
		      "NULL|NULL|NULL|18446744073709551615|0|0");
	assert_answer("SELECT BIT_AND(n), BIT_OR(n), BIT_XOR(n), BIT_OR(b) FROM t", "0|31|28|18446744073709551615");
	assert_answer("SELECT VAR_POP(n), VAR_SAMP(n), STD(n), STDDEV_SAMP(n) FROM t",
		      "33.25|44.333333333333336|5.766281297335398|6.658328118479393");
	assert_answer("SELECT VAR_SAMP(n), STDDEV_SAMP(n), VAR_POP(n) FROM t WHERE id = 1", "NULL|NULL|0");
	assert_answer("SELECT SUM(DISTINCT n % 2), COUNT(DISTINCT s), COUNT(DISTINCT g, n % 2) FROM t", "1|3|2");
	assert_answer("SELECT MAX(s), MIN(s), MAX(b), MIN(d) FROM t", "c|A|18446744073709551615|-1.00");
	assert_answer("SELECT g, ANY_VALUE(g * 2) FROM t GROUP BY g ORDER BY g", "1|2 2|4");
	assert_int_equal(error_of(world, "SELECT SUM(r * 1e8) FROM t"), 0);
	assert_int_equal(error_of(world, "SELECT r * 1e10 FROM t"), ER_DATA_OUT_OF_RANGE);
}

static void windows(void **state)
{
	struct world *world = *state;
	numbers(world);
	assert_answer("SELECT id, SUM(n) OVER (ORDER BY id) FROM t ORDER BY id", "1|10 2|30 3|30 4|35 5|42");
	assert_answer("SELECT id, SUM(n) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t ORDER BY id",
		      "1|10 2|30 3|20 4|5 5|12");
	assert_answer("SELECT id, AVG(d) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id",
		      "1|1.500000 2|1.875000 3|2.250000 4|-1.000000 5|-0.495000");
	assert_answer("SELECT id, BIT_XOR(n) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id",
		      "1|10 2|30 3|20 4|5 5|2");
	/* What leaves the frame leaves nothing behind, however large it was. */
	assert_answer("SELECT id, SUM(r) OVER (ORDER BY id DESC ROWS 1 PRECEDING) FROM t ORDER BY id",
		      "1|2 2|1.5 3|2.5 4|1e300 5|1e300");
	assert_answer("SELECT id, VAR_POP(n) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t ORDER BY id",
		      "1|0 2|25 3|0 4|0 5|1");
}

static void group_concat(void **state)
{
	struct world *world = *state;
	numbers(world);
	assert_answer("SELECT GROUP_CONCAT(s) FROM t", "b,A,a,c");
	assert_answer("SELECT GROUP_CONCAT(s ORDER BY s, id DESC SEPARATOR '-') FROM t", "a-A-b-c");
	assert_answer("SELECT GROUP_CONCAT(DISTINCT s ORDER BY s DESC) FROM t", "c,b,A");
	assert_answer("SELECT GROUP_CONCAT(id, ':', s ORDER BY n) FROM t", "4:a,5:c,1:b,2:A");
	assert_answer("SELECT GROUP_CONCAT(DISTINCT g) FROM t", "1,2");
	assert_answer("SELECT GROUP_CONCAT(s) FROM t WHERE id = 3", "NULL");
	assert_answer("SELECT g, GROUP_CONCAT(id ORDER BY id DESC) FROM t GROUP BY g ORDER BY g", "1|2,1 2|5,4,3");
	world->session->variables.group_concat_max_len = 4;
	warnings_clear(&world->session->warnings);
	assert_answer("SELECT GROUP_CONCAT(REPEAT('ä', 3)) FROM t WHERE id < 3", "ää");
	assert_int_equal(world->session->warnings.list[0].code, ER_CUT_VALUE_GROUP_CONCAT);
	assert_string_equal(world->session->warnings.list[0].message, "Row 1 was cut by GROUP_CONCAT()");
}

/* ------------------------------------------------------------------------------------------------- the session */

static void strict_statements_fail(void **state)
{
	struct world *world = *state;
	world->session->strict_statement = true;
	assert_int_equal(error_of(world, "SELECT 1/0"), ER_DIVISION_BY_ZERO);
	assert_int_equal(error_of(world, "SELECT 'abc' + 1"), ER_TRUNCATED_WRONG_VALUE);
	world->session->variables.sql_mode &= ~(uint64_t)SQL_MODE_ERROR_FOR_DIVISION_BY_ZERO;
	assert_int_equal(error_of(world, "SELECT 1/0"), 0);
	world->session->strict_statement = false;
	warnings_clear(&world->session->warnings);
	assert_answer("SELECT 1/0", "NULL");
	assert_int_equal(world->session->warnings.count, 0);
}

static void modes(void **state)
{
	struct world *world = *state;
	uint64_t *mode = &world->session->variables.sql_mode;
	*mode |= SQL_MODE_NO_UNSIGNED_SUBTRACTION;
	assert_answer("SELECT CAST(1 AS UNSIGNED) - 2", "-1");
	*mode = 0;
	assert_answer("SELECT CAST('0000-00-00' AS DATE)", "0000-00-00");
	assert_answer("SELECT STR_TO_DATE('00/00/0000', '%m/%d/%Y'), STR_TO_DATE('9', '%m')", "0000-00-00|0000-09-00");
	assert_answer("SELECT CAST('2024-02-30' AS DATE)", "NULL");
	*mode = SQL_MODE_ALLOW_INVALID_DATES;
	assert_answer("SELECT CAST('2024-02-30' AS DATE)", "2024-02-30");
	*mode = SQL_MODE_TIME_TRUNCATE_FRACTIONAL;
	assert_answer("SELECT CAST('10:00:00.999' AS TIME(2))", "10:00:00.99");
	*mode = SQL_MODE_NO_BACKSLASH_ESCAPES;
	assert_answer("SELECT 'a\\b' LIKE 'a\\b', 'a_' LIKE 'a\\_'", "1|0");
}

static void zones(void **state)
{
	struct world *world = *state;
	world->session->variables.time_zone = time_zone_find(bytes_of_string("Europe/Berlin"));
	if (world->session->variables.time_zone == NULL)
		skip();
	assert_answer("SELECT NOW(), UTC_TIMESTAMP(), FROM_UNIXTIME(0)",
		      "2023-11-14 23:13:20|2023-11-14 22:13:20|1970-01-01 01:00:00");
	assert_answer("SELECT UNIX_TIMESTAMP('2024-07-01 00:00:00'), UNIX_TIMESTAMP('2024-01-01 00:00:00')",
		      "1719784800|1704063600");
	assert_answer("SELECT CONVERT_TZ('2024-07-01 12:00:00', 'Europe/Berlin', 'America/New_York')",
		      "2024-07-01 06:00:00");
	assert_answer("SELECT CONVERT_TZ('2024-07-01 12:00:00', 'Europe/Nowhere', 'UTC')", "NULL");
	assert_answer("SELECT UNIX_TIMESTAMP('2500-01-01 00:00:00'), FROM_UNIXTIME(16725222000)",
		      "16725222000|2500-01-01 00:00:00");
	assert_answer("SELECT CAST('2024-07-01 12:00:00+05:00' AS DATETIME)", "2024-07-01 09:00:00");
}

static void locales(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct value name = value_string(bytes_of_string("de_DE"), collation_utf8mb4_default);
	ok(variable_set(world->session, VARIABLE_SESSION, bytes_of_string("lc_time_names"), &name, &diag));
	assert_answer("SELECT DATE_FORMAT('2024-03-04', '%W, %e. %M %Y %a %b'), DAYNAME('2024-03-05'), MONTHNAME('2024-05-01')",
		      "Montag, 4. März 2024 Mo Mär|Dienstag|Mai");
	struct value mode = value_int(3);
	ok(variable_set(world->session, VARIABLE_SESSION, bytes_of_string("default_week_format"), &mode, &diag));
	assert_answer("SELECT WEEK('2000-01-01'), WEEK('2000-01-01', 0)", "52|0");
}

static void random_numbers(void **state)
{
	struct world *world = *state;
	define(world, "CREATE TABLE r (id INT PRIMARY KEY)");
	struct table *table = hold(world, catalog_find_table(world->server.catalog, "test", "r"));
	insert(world, table, "ROW(1), ROW(2), ROW(3)");
	/* A constant seed starts one sequence, a column's starts anew at each row. */
	assert_answer("SELECT RAND(1) FROM r", "0.40540353712197724 0.8716141803857071 0.1418603212962489");
	assert_answer("SELECT RAND(id) FROM r", "0.40540353712197724 0.6555866465490187 0.9057697559760601");
	assert_answer("SELECT COUNT(DISTINCT RAND()) > 1, COUNT(DISTINCT UUID()), COUNT(DISTINCT UUID_SHORT()) FROM r", "1|3|3");
	assert_answer("SELECT LENGTH(RANDOM_BYTES(16)), UUID() LIKE '________-____-1___-____-____________'", "16|1");
}

static void session_values(void **state)
{
	struct world *world = *state;
	struct session *session = world->session;
	strcpy(session->user, "app");
	strcpy(session->host, "localhost");
	strcpy(session->account_user, "app");
	strcpy(session->account_host, "%");
	session->row_count = 7;
	session->found_rows = 9;
	session->last_insert_id = 12;
	assert_answer("SELECT USER(), CURRENT_USER(), DATABASE(), VERSION()", "app@localhost|app@%|test|8.0.35-gemel-test");
	assert_answer("SELECT ROW_COUNT(), FOUND_ROWS(), LAST_INSERT_ID()", "7|9|12");
	assert_answer("SELECT LAST_INSERT_ID(40 + 2)", "42");
	assert_int_equal(session->last_insert_id, 42);
	session_set_database(session, "");
	assert_answer("SELECT DATABASE()", "NULL");
}

static void sleep_is_interrupted(void **state)
{
	struct world *world = *state;
	struct session *session = world->session;
	assert_answer("SELECT SLEEP(0.01)", "0");
	assert_int_equal(error_of(world, "SELECT SLEEP(-1)"), ER_WRONG_ARGUMENTS);
	session_kill(session, SESSION_KILL_QUERY);
	struct diag diag = DIAG_INIT;
	struct buf text;
	buf_init(&text);
	int64_t start = clock_monotonic_us();
	run(world, session, "SELECT SLEEP(100)", NULL, &text, &diag);
	assert_true(clock_monotonic_us() - start < 50 * 1000000);
	buf_deinit(&text);
	atomic_store(&session->kill, SESSION_RUNNING);
	mdl_clear_kill(session->mdl);
	arena_reset(&session->statement_arena);
}

static void ciphers(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT HEX(AES_ENCRYPT('text', 'password'))", "F6BD0FA8DCB7F8CD4A2FAABC54668044");
	assert_answer("SELECT AES_DECRYPT(AES_ENCRYPT('text', 'key'), 'key'), AES_DECRYPT('text', 'key')", "text|NULL");
	assert_answer("SELECT UNCOMPRESS(COMPRESS(REPEAT('ab', 50))) = REPEAT('ab', 50), UNCOMPRESSED_LENGTH(COMPRESS('abc'))",
		      "1|3");
	assert_answer("SELECT PASSWORD('abc')", "*0D3CED9BEC10A777AEC23CCC353A8C08A633045E");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_function_is_registered),
		cmocka_unit_test(every_conversion_is_registered),
		world_test(answers_arithmetic),
		world_test(answers_strings),
		world_test(answers_times),
		world_test(answers_conversions),
		world_test(answers_collations_and_edges),
		world_test(aggregates),
		world_test(windows),
		world_test(group_concat),
		world_test(strict_statements_fail),
		world_test(modes),
		world_test(zones),
		world_test(locales),
		world_test(random_numbers),
		world_test(session_values),
		world_test(sleep_is_interrupted),
		world_test(ciphers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
