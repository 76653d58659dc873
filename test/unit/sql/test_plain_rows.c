/* Rows of plain literals: read in one go they say what they say literal by literal. */
#include "resolve_world.h"

struct reading {
	struct tree_insert *insert; /* NULL: refused */
	struct diag diag;
	size_t warning_count;
	unsigned plain_rows;
};

static struct reading read_text(const char *text, bool wants_values)
{
	/* A copy of exact size, so that reading past it shows. */
	size_t size = strlen(text);
	char *copy = memory_copy(text, size ? size : 1);
	struct reading reading = {.diag = DIAG_INIT};
	struct parse_input input = {.text = copy,
				    .size = size,
				    .sql_mode = environment.sql_mode,
				    .wants_values = wants_values,
				    .charset = environment.character_set_client};
	struct ast_statement *statement;
	size_t next;
	warnings_clear(&warnings);
	environment.text = bytes_of(copy, size);
	if (parse_statement(&input, &arena, &statement, &next, &reading.diag) == 0 &&
	    resolve_insert(&environment, statement->insert, &reading.insert, &reading.diag) != 0)
		reading.insert = NULL;
	for (unsigned i = 0; reading.insert && i < reading.insert->row_count; i++)
		reading.plain_rows += reading.insert->rows[i].values != NULL;
	reading.warning_count = warnings.total;
	memset(copy, '#', size); /* nothing may still look there */
	memory_free(copy);
	return reading;
}

static struct value value_at(const struct tree_insert_row *row, unsigned i)
{
	if (row->values)
		return row->values[i];
	assert_int_equal(row->items[i]->kind, TREE_LITERAL);
	return row->items[i]->literal;
}

static bool is_same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL: return true;
	case VALUE_DOUBLE: return memcmp(&a->real, &b->real, sizeof a->real) == 0 && a->decimals == b->decimals;
	case VALUE_DECIMAL: return memcmp(a->decimal, b->decimal, sizeof *a->decimal) == 0;
	case VALUE_STRING: return a->collation == b->collation && bytes_equal(a->string, b->string);
	default: return a->integer == b->integer;
	}
}

/* Both ways; answers how many rows came as values. */
static unsigned assert_same(const char *text)
{
	struct reading general = read_text(text, false), plain = read_text(text, true);
	if (!general.insert != !plain.insert)
		fail_msg("%s\n%s\n%s", text, general.diag.message, plain.diag.message);
	assert_int_equal(general.plain_rows, 0);
	assert_int_equal(general.diag.code, plain.diag.code);
	assert_string_equal(general.diag.message, plain.diag.message);
	assert_int_equal(general.warning_count, plain.warning_count);
	if (general.insert == NULL)
		return 0;
	assert_int_equal(general.insert->row_count, plain.insert->row_count);
	for (unsigned i = 0; i < general.insert->row_count; i++) {
		const struct tree_insert_row *a = &general.insert->rows[i], *b = &plain.insert->rows[i];
		assert_int_equal(a->count, b->count);
		for (unsigned k = 0; b->values && k < a->count; k++) {
			struct value left = value_at(a, k), right = value_at(b, k);
			if (!is_same(&left, &right))
				fail_msg("%s: row %u, value %u", text, i, k);
		}
	}
	return plain.plain_rows;
}

static void assert_plain(unsigned rows, const char *text)
{
	assert_int_equal(assert_same(text), rows);
}

static void test_literals(void **state)
{
	(void)state;
	static const char *const literals[] = {
		"0", "-0", "007", "123456789012345678", "-999999999999999999", "1.5", "-0.0", "-12345678.90", "1e3",
		"-1.5E-7", "0e0", "-0e0", "1.25e+300", "NULL", "null", "''", "'abc'", "'it''s'",
		"'a\\'b\\n\\%\\_\\0'", "\"a'b\"", "\"a\"\"b\"", "'\xc3\xa4\xf0\x9f\x98\x80'", "_binary 'a\xff'",
		"_BINARY'x'", "_binary\n\"\\0\"", "123456789012345678901234567890.123456789012345678901234567890"};
	for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
		assert_plain(1, arena_printf(&arena, "INSERT INTO t3 VALUES ( %s,\t%s )", literals[i], literals[i]));
}

/* What it leaves to the grammar: right or wrong. */
static void test_what_is_not_plain(void **state)
{
	(void)state;
	static const char *const others[] = {
		"1 + 1", "- 1", "--1", "+1", "1.", ".5", "1234567890123456789", "18446744073709551615", "1e400",
		"1e", "1e+", "1a", "0x41", "x'41'", "b'1'", "N'a'", "_latin1'a'", "_binary x'41'", "_binary",
		"'a' 'b'", "'a' /* c */", "TRUE", "\\N", "NULLIF(1, 1)", "DEFAULT", "DATE '2020-01-01'", "(1)",
		"'a' COLLATE utf8mb4_bin", "a", "'open", "'open\\'", "'open''", "-", "", "NUL", "'a\xff'", "1 AS x",
		"'a\0"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		assert_plain(0, arena_printf(&arena, "INSERT INTO t3 VALUES (%s, 2)", others[i]));
		assert_plain(0, arena_printf(&arena, "INSERT INTO t3 VALUES (2, %s)", others[i]));
		assert_plain(0, arena_printf(&arena, "INSERT INTO t3 VALUES (2, %s", others[i]));
	}
}

static void test_rows(void **state)
{
	(void)state;
	assert_plain(3, "INSERT INTO t3 VALUES (1,2),(3,4) , ( 5 , 6 )");
	assert_plain(3, "INSERT INTO t3 VALUES (1,2),(3,2+2),(5,6),(7,DEFAULT),(8,9)");
	assert_plain(2, "REPLACE t3 (z, a) VALUE (1,2), (3,4)");
	assert_plain(0, "INSERT INTO t3 VALUES (),(1,2)");
	assert_plain(2, "/*!40000 INSERT INTO t3 VALUES (1,2),(3,4) */");
	assert_plain(1,
		     "INSERT INTO t2 (id, a) VALUES (1,2) ON DUPLICATE KEY UPDATE a = VALUES(a) + IF(1, (2), (3))");
	assert_plain(0, "INSERT INTO t2 (id, a) VALUES (1,2),(3,f(1)) AS n ON DUPLICATE KEY UPDATE a = n.a");
	assert_plain(1, "INSERT INTO t2 (id, a) VALUES (1,2) AS n(x, y) ON DUPLICATE KEY UPDATE a = y");
	assert_plain(1, "INSERT INTO t2 (id, a) VALUES (1,2) ON DUPLICATE KEY UPDATE a = (1), n = (2)");
	assert_plain(2, "INSERT INTO t3 VALUES (1,2), /* between */ (3,4)");
	assert_plain(1, "INSERT INTO gen (id, v) VALUES (1,2)");
	assert_plain(0, "INSERT INTO gen VALUES (1,2,3)");
}

static void test_errors(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"INSERT INTO t3 VALUES (1,2),", "INSERT INTO t3 VALUES (1,2),(3",
		"INSERT INTO t3 VALUES (1,2) (3,4)", "INSERT INTO t3 VALUES (1,2),\n(3,4) garbage",
		"INSERT INTO t3 VALUES (1,2),(3,4)),(5,6)", "INSERT INTO t3 VALUES (1,2),(3)",
		"INSERT INTO t3 VALUES (1,2),(3,4),3,4)", "INSERT INTO t3 VALUES (1,2),(3,,4)",
		"INSERT INTO t3 VALUES ((1,2))", "INSERT INTO t3 VALUES (1,2)(", "INSERT INTO t3 VALUES",
		"INSERT INTO t3 VALUES (", "INSERT INTO t3 VALUES (1,2),("};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_same(texts[i]);
		assert_int_not_equal(read_text(texts[i], true).diag.code, 0);
	}
}

static void test_modes_and_character_sets(void **state)
{
	(void)state;
	environment.sql_mode = SQL_MODE_NO_BACKSLASH_ESCAPES;
	assert_plain(1, "INSERT INTO t3 VALUES ('a\\','b\\n')");
	environment.sql_mode = SQL_MODE_ANSI_QUOTES;
	assert_plain(1, "INSERT INTO t3 VALUES (1,2),(\"a\",4)");
	environment.sql_mode = sql_mode_default;
	environment.collation_connection = collation_binary;
	assert_plain(2, "INSERT INTO t3 VALUES ('\xc3\xa4',_binary'b'),(NULL,4)");
	assert_plain(0, "INSERT INTO t3 VALUES ('\xff',4)");
	environment.collation_connection = charset_get(CHARSET_LATIN1)->default_collation;
	assert_plain(1, "INSERT INTO t3 VALUES ('\xc3\xa4',4)");
	environment.character_set_client = charset_get(CHARSET_LATIN1);
	assert_plain(0, "INSERT INTO t3 VALUES ('\xe4',4),(1,2)");
}

static unsigned draw(unsigned *random, unsigned count)
{
	*random = *random * 1103515245 + 12345;
	return (*random >> 16) % count;
}

/* Rows of two literals, with something else at one of eight places. */
static void test_random_texts(void **state)
{
	(void)state;
	static const char *const literals[] = {
		"1", "-2", "3.5", "1e2", "'a'", "'b\\'c'", "'d''e'", "NULL", "_binary'f'", "\"g\"", " 7 "};
	static const char *const others[] = {
		" ", ",", ")", "(", "),(", "+", "a", "DEFAULT", "/**/", "'", "\"", "\\", "\n", "--", "#", "f(1)",
		";", "VALUES(", "'a'", "-", "."};
	static const uint64_t modes[] = {0, SQL_MODE_NO_BACKSLASH_ESCAPES, SQL_MODE_ANSI_QUOTES};
	unsigned random = 1, plain = 0;
	for (unsigned round = 0; round < 6000; round++) {
		struct buf text = {0};
		buf_put_string(&text, "INSERT INTO t3 VALUES ");
		environment.sql_mode = modes[round % 3];
		for (unsigned i = 0, count = 2 + 2 * draw(&random, 3); i < count; i++) {
			buf_put_string(&text, i % 2 ? "," : i ? "),(" : "(");
			buf_put_string(&text, literals[draw(&random, sizeof literals / sizeof *literals)]);
			if (draw(&random, 8) == 0)
				buf_put_string(&text, others[draw(&random, sizeof others / sizeof *others)]);
		}
		buf_put_string(&text, ")");
		plain += assert_same(buf_cstring(&text));
		buf_deinit(&text);
		arena_reset(&arena);
	}
	assert_true(plain > 2000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_literals), TEST(test_what_is_not_plain),	  TEST(test_rows),
		TEST(test_errors),   TEST(test_modes_and_character_sets), TEST(test_random_texts),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
