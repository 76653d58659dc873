/* Packed fields against values of SQLite's: the order is that of the values, also where the column cannot hold them. */
#include "query_fixture.h"

#include "query/table/constraint.h"
#include "query/table/operand.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

/* What SQLite has for an expression of its own language; NULL for an empty one. */
struct asked {
	sqlite3 *db;
	sqlite3_stmt *statement;
};

static sqlite3_value *ask(struct asked *asked, const char *expression)
{
	char sql[200];
	snprintf(sql, sizeof sql, "SELECT %s", expression);
	assert_int_equal(sqlite3_open(":memory:", &asked->db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(asked->db, sql, -1, &asked->statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(asked->statement), SQLITE_ROW);
	return sqlite3_column_value(asked->statement, 0);
}

static void forget(struct asked *asked)
{
	sqlite3_finalize(asked->statement);
	sqlite3_close(asked->db);
}

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

static int compare(struct world *world, const struct column_type *type, struct bytes field, const char *expression)
{
	struct evaluator_handle handle = {.session = world->session};
	struct operand operand;
	struct asked asked;
	struct buf room;
	buf_init(&room);
	struct argument argument = argument_of(ask(&asked, expression), "");
	operand_set(&operand, &handle, type, type->collation, &argument, &room);
	forget(&asked); /* the operand keeps what it needs */
	int order = operand.compare ? sign(operand.compare(&operand, field)) : 2;
	buf_deinit(&room);
	buf_deinit(&handle.convert);
	buf_deinit(&handle.field);
	return order;
}

/* Values in their order; those in brackets the column cannot hold. */
static void assert_ordered(struct world *world, const char *definition, const char *const *values)
{
	char sql[200];
	static unsigned tables;
	snprintf(sql, sizeof sql, "CREATE TABLE t%u (c %s)", tables++, definition);
	const struct column_type *type = &define(world, sql)->columns[0].type;
	for (unsigned i = 0; values[i]; i++) {
		struct evaluator_handle handle = {.session = world->session};
		struct asked asked;
		struct buf field;
		if (values[i][0] == '(')
			continue;
		buf_init(&field);
		struct argument argument = argument_of(ask(&asked, values[i]), "");
		constraint_put_field(&handle, type, &argument, &field);
		forget(&asked);
		for (unsigned j = 0; values[j]; j++)
			if (compare(world, type, buf_bytes(&field), values[j]) != sign((int)i - (int)j))
				fail_msg("%s: %s against %s", definition, values[i], values[j]);
		assert_int_equal(compare(world, type, buf_bytes(&field), "NULL"), 2);
		buf_deinit(&field);
		buf_deinit(&handle.convert);
		buf_deinit(&handle.field);
	}
}
#define assert_order(definition, ...) assert_ordered(world, definition, (const char *const[]){__VA_ARGS__, NULL})

static void numbers(void **state)
{
	struct world *world = *state;
	assert_order("TINYINT", "(-1e300)", "(-129)", "-128", "(-1.5)", "-1", "0", "(0.25)", "1", "127", "(128)",
		     "(9223372036854775807)", "(x'ffffffffffffffff')", "(1e19)", "('text')");
	assert_order("INT UNSIGNED", "(-1)", "0", "(0.5)", "7", "4294967295", "(4294967296)", "(x'8000000000000000')");
	assert_order("BIGINT", "(-1e19)", "-9223372036854775807", "0", "9223372036854775807", "(x'8000000000000000')");
	assert_order("BIGINT UNSIGNED", "(-9223372036854775807)", "0", "9223372036854775807", "x'8000000000000000'",
		     "x'ffffffffffffffff'", "(1e20)");
	assert_order("BIT(9)", "(-1)", "0", "(0.1)", "1", "256", "511", "(512)");
	assert_order("YEAR", "(-1)", "0", "(1)", "(1900)", "1901", "(1901.5)", "2155", "(2156)");
	assert_order("ENUM('a', 'b')", "(-1)", "0", "1", "2", "(3)");
	assert_order("DOUBLE", "(-9223372036854775807)", "-1e10", "-1.5", "(-1)", "0.0", "(1)", "1.25",
		     "9007199254740992.0", "(9007199254740993)", "1e300", "('text')");
	assert_order("FLOAT", "-1.5", "0.0", "(0.1)", "0.25", "(1)");
}

/* Packed as type/temporal.h has it: the numbers are what counts here. */
static void moments(void **state)
{
	struct world *world = *state;
	assert_order("DATE", "(-1)", "1000 << 41", "((1000 << 41) + 1)", "1001 << 41", "((1001 << 41) + (1 << 40))");
	assert_order("DATETIME", "(-1)", "1000 << 41", "((1000 << 41) + 1)", "(1000 << 41) + (1 << 24)");
	assert_order("DATETIME(6)", "1000 << 41", "(1000 << 41) + 1", "(1000 << 41) + 2");
	assert_order("TIME", "-5 << 24", "((-5 << 24) + 1000)", "-4 << 24", "0", "(500)", "1 << 24");
}

static void strings(void **state)
{
	struct world *world = *state;
	assert_order("LONGTEXT COLLATE utf8mb4_bin", "(5)", "''", "'A'", "'a'", "'ab'", "'é'", "(x'00')");
	assert_order("LONGTEXT CHARACTER SET latin1 COLLATE latin1_bin", "''", "'A'", "'a'", "'é'", "('ж')");
	assert_order("LONGBLOB", "('text')", "x''", "x'00'", "x'41'", "x'4100'", "x'ff'");
	assert_order("LONGTEXT", "''", "'a'", "'b'", "'c'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(numbers),
		world_test(moments),
		world_test(strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
