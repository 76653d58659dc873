/*
 * Rules and what they say, as tables: the rules as option lines, one a rule; what is asked; in or out.
 *
 * The last test asks every combination of rules that are there or not, of every table, and compares with the flow chart
 * of MySQL's manual written down step by step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filter/rule_text.h"

/* "do_db=a ignore_db=b wild_do_table=c%.%" */
static struct filter *make(const char *rules)
{
	struct filter *filter = filter_create();
	char name[64], value[64];
	int used;
	while (sscanf(rules, " %63[a-z_]=%63s%n", name, value, &used) == 2) {
		struct diag diag = DIAG_INIT;
		struct rule_text text;
		enum filter_rule rule;
		char full[80];
		snprintf(full, sizeof full, "replicate_%s", name);
		assert_true(filter_find_rule(full, &rule));
		assert_int_equal(rule_text_read_option(rule, value, &text, &diag), 0);
		assert_int_equal(filter_add(filter, rule, text.name, text.to, &diag), 0);
		rules += used;
	}
	return filter;
}

struct question {
	const char *rules, *asked;
	bool allowed;
};

static void ask(const struct question *questions, size_t count,
		bool (*answer)(const struct filter *filter, const char *asked))
{
	for (size_t i = 0; i < count; i++) {
		struct filter *filter = make(questions[i].rules);
		if (answer(filter, questions[i].asked) != questions[i].allowed)
			fail_msg("[%s] %s: not %s", questions[i].rules, questions[i].asked,
				 questions[i].allowed ? "in" : "out");
		filter_destroy(&filter);
	}
}
#define ASK(questions, answer) ask(questions, sizeof questions / sizeof *questions, answer)

/* ------------------------------------------------------------------------------------------------------- databases */

static bool ask_database(const struct filter *filter, const char *asked)
{
	return filter_allows_database(filter, strcmp(asked, "-") == 0 ? NULL : asked);
}

static void test_databases(void **state)
{
	static const struct question questions[] = {
		{"", "a", true}, {"", "", true}, {"", "-", true},
		{"do_db=a", "a", true}, {"do_db=a", "b", false}, {"do_db=a", "A", false}, {"do_db=a", "aa", false},
		{"do_db=a", "", false}, {"do_db=a", "-", true},
		{"do_db=a do_db=b", "a", true}, {"do_db=a do_db=b", "b", true}, {"do_db=a do_db=b", "c", false},
		{"do_db=a,b", "a", false}, {"do_db=a,b", "b", false}, {"do_db=a,b", "a,b", true},
		{"ignore_db=a", "a", false}, {"ignore_db=a", "b", true}, {"ignore_db=a", "A", true},
		{"ignore_db=a", "", true}, {"ignore_db=a", "-", true},
		{"ignore_db=a ignore_db=b", "b", false}, {"ignore_db=a ignore_db=b", "c", true},
		{"do_db=a ignore_db=a", "a", true}, {"do_db=a ignore_db=b", "b", false},
		{"do_db=a ignore_db=b", "c", false}, {"ignore_db=a do_db=b", "a", false},
		{"do_table=a.t", "b", true}, {"wild_do_table=a.%", "b", true}, {"rewrite_db=a->b", "a", true},
	};
	ASK(questions, ask_database);
}

static void test_database_statements(void **state)
{
	static const struct question questions[] = {
		{"", "a", true}, {"do_db=a", "a", true}, {"do_db=a", "b", false}, {"ignore_db=a", "a", false},
		{"ignore_db=a", "b", true}, {"wild_do_table=a.%", "a", true}, {"wild_do_table=a.%", "b", false},
		{"wild_do_table=a%.%", "abc", true}, {"wild_do_table=a.t", "a", false},
		{"wild_do_table=a.t%", "a", false}, {"wild_ignore_table=a.%", "a", false},
		{"wild_ignore_table=a.%", "b", true}, {"wild_ignore_table=a.t", "a", true},
		{"wild_ignore_table=a.t%", "a", true}, {"wild_ignore_table=a%.%", "abc", false},
		{"wild_do_table=a.% wild_ignore_table=a.%", "a", true},
		{"wild_do_table=a.% wild_ignore_table=b.%", "b", false},
		{"wild_do_table=a.% wild_ignore_table=b.%", "c", false}, {"do_table=a.t", "b", true},
		{"ignore_table=a.t", "a", true}, {"do_db=a wild_ignore_table=a.%", "a", true},
		{"do_db=a wild_do_table=b.%", "b", false}, {"ignore_db=a wild_do_table=b.%", "c", true},
		{"wild_do_table=a\\_b.%", "a_b", true}, {"wild_do_table=a\\_b.%", "axb", false},
	};
	ASK(questions, filter_allows_database_statement);
}

static void test_rewriting(void **state)
{
	struct filter *filter = make("rewrite_db=a->b rewrite_db=b->c rewrite_db=a->d");
	assert_string_equal(filter_rewrite(filter, "a"), "b"); /* the first one, once */
	assert_string_equal(filter_rewrite(filter, "b"), "c");
	assert_string_equal(filter_rewrite(filter, "c"), "c");
	assert_string_equal(filter_rewrite(filter, "A"), "A");
	assert_string_equal(filter_rewrite(filter, ""), "");
	filter_destroy(&filter);
}

/* ---------------------------------------------------------------------------------------------------------- tables */

/* "a.t b.u" */
static bool ask_tables(const struct filter *filter, const char *asked)
{
	struct filter_table tables[8];
	static char names[8][64], databases[8][64];
	size_t count = 0;
	int used;
	while (sscanf(asked, " %63[^.].%63s%n", databases[count], names[count], &used) == 2) {
		tables[count] = (struct filter_table){databases[count], names[count]};
		count++;
		asked += used;
	}
	return filter_allows_tables(filter, tables, count);
}

static void test_tables(void **state)
{
	static const struct question questions[] = {
		{"", "a.t", true}, {"", "", true},
		{"do_table=a.t", "a.t", true}, {"do_table=a.t", "a.u", false}, {"do_table=a.t", "b.t", false},
		{"do_table=a.t", "a.T", false}, {"do_table=a.t", "", false}, {"do_table=a.t do_table=a.u", "a.u", true},
		{"ignore_table=a.t", "a.t", false}, {"ignore_table=a.t", "a.u", true}, {"ignore_table=a.t", "", false},
		{"do_table=a.t ignore_table=a.t", "a.t", true}, {"do_table=a.t ignore_table=a.u", "a.u", false},
		{"do_table=a.t ignore_table=a.u", "a.v", false},
		{"wild_do_table=a%.t%", "ab.tt", true}, {"wild_do_table=a%.t%", "b.t", false},
		{"wild_do_table=a.%", "a.t", true}, {"wild_do_table=a.%", "ab.t", false},
		{"wild_ignore_table=a.%", "a.t", false}, {"wild_ignore_table=a.%", "b.t", true},
		{"ignore_table=a.t wild_do_table=a.%", "a.t", false}, {"ignore_table=a.t wild_do_table=a.%", "a.u", true},
		{"do_table=a.t wild_ignore_table=a.%", "a.t", true}, {"do_table=a.t wild_ignore_table=a.%", "a.u", false},
		{"wild_do_table=a.% wild_ignore_table=a.t%", "a.t", true},
		{"wild_do_table=a.% wild_ignore_table=b.%", "b.t", false},
		{"wild_do_table=a.% wild_ignore_table=b.%", "c.t", false},
		/* many tables: the first that meets a rule decides */
		{"do_table=a.t", "a.u a.t", true}, {"do_table=a.t", "a.t a.u", true}, {"do_table=a.t", "a.u a.v", false},
		{"ignore_table=a.t", "a.u a.t", false}, {"ignore_table=a.t", "a.t a.u", false},
		{"do_table=a.t ignore_table=a.u", "a.t a.u", true}, {"do_table=a.t ignore_table=a.u", "a.u a.t", false},
		{"wild_ignore_table=a.% do_table=b.t", "b.t a.t", true},
		{"wild_ignore_table=a.% do_table=b.t", "a.t b.t", false},
		{"do_db=a", "b.t", true}, {"ignore_db=a", "a.t", true},
	};
	ASK(questions, ask_tables);
}

static bool ask_rows(const struct filter *filter, const char *asked)
{
	char database[64], table[64];
	assert_int_equal(sscanf(asked, "%63[^.].%63s", database, table), 2);
	return filter_allows_rows(filter, database, table);
}

static void test_rows(void **state)
{
	static const struct question questions[] = {
		{"", "a.t", true}, {"do_db=a", "a.t", true}, {"do_db=a", "b.t", false}, {"ignore_db=a", "a.t", false},
		{"do_db=a do_table=a.t", "a.t", true}, {"do_db=a do_table=a.t", "a.u", false},
		{"do_db=a do_table=b.t", "b.t", false}, {"ignore_db=a do_table=a.t", "a.t", false},
		{"ignore_db=a do_table=b.t", "b.t", true}, {"ignore_db=a do_table=b.t", "c.t", false},
		{"do_db=a ignore_table=a.t", "a.t", false}, {"do_db=a ignore_table=a.t", "a.u", true},
		{"do_db=a wild_ignore_table=a.x%", "a.xy", false}, {"ignore_db=b wild_do_table=b.%", "b.t", false},
	};
	ASK(questions, ask_rows);
}

/* --------------------------------------------------------------------------------------------- every combination */

static const char *const all_rules[] = {"do_db=a", "ignore_db=b", "do_table=a.t", "ignore_table=a.u", "do_table=b.t",
					"wild_do_table=a.x%", "wild_ignore_table=a.%", "wild_ignore_table=c.%"};
enum { rule_count = sizeof all_rules / sizeof *all_rules };

/* The manual's chart, for one table's rows. */
static bool follow_chart(unsigned rules, const char *database, const char *table)
{
	bool is_a = *database == 'a', is_b = *database == 'b', is_c = *database == 'c';
	bool has_do = rules & (4 | 16), has_wild_do = rules & 32;
	if (rules & 1) {
		if (!is_a)
			return false;
	} else if ((rules & 2) && is_b) {
		return false;
	}
	if (((rules & 4) && is_a && *table == 't') || ((rules & 16) && is_b && *table == 't'))
		return true;
	if ((rules & 8) && is_a && *table == 'u')
		return false;
	if (has_wild_do && is_a && *table == 'x')
		return true;
	if (((rules & 64) && is_a) || ((rules & 128) && is_c))
		return false;
	return !has_do && !has_wild_do;
}

static void test_every_combination(void **state)
{
	static const char *const databases[] = {"a", "b", "c", "d"}, *const tables[] = {"t", "u", "x", "xy"};
	for (unsigned rules = 0; rules < 1u << rule_count; rules++) {
		char text[512] = "";
		for (unsigned i = 0; i < rule_count; i++)
			if (rules >> i & 1)
				strcat(strcat(text, " "), all_rules[i]);
		struct filter *filter = make(text);
		for (unsigned i = 0; i < 16; i++) {
			const char *database = databases[i / 4], *table = tables[i % 4];
			if (filter_allows_rows(filter, database, table) != follow_chart(rules, database, table))
				fail_msg("[%s] %s.%s", text, database, table);
		}
		filter_destroy(&filter);
	}
}

/* --------------------------------------------------------------------------------------------------- the set itself */

static void assert_printed(const struct filter *filter, enum filter_rule rule, const char *expected)
{
	struct buf text = {0};
	filter_print(filter, rule, &text);
	assert_string_equal(buf_cstring(&text), expected);
	buf_deinit(&text);
}

static void test_printing_copying_clearing(void **state)
{
	struct filter *filter = make("do_db=a do_db=b do_table=a.t wild_do_table=a\\_%.% rewrite_db=a->b rewrite_db=c->d");
	struct filter *copy = make("ignore_db=old");
	filter_copy(filter, copy);
	filter_clear(filter, FILTER_DO_DB);
	assert_printed(filter, FILTER_DO_DB, "");
	assert_printed(copy, FILTER_DO_DB, "a,b");
	assert_printed(copy, FILTER_IGNORE_DB, "");
	assert_printed(copy, FILTER_DO_TABLE, "a.t");
	assert_printed(copy, FILTER_WILD_DO_TABLE, "a\\_%.%");
	assert_printed(copy, FILTER_REWRITE_DB, "(a,b),(c,d)");
	assert_true(filter_has_table_rules(copy));
	for (unsigned rule = 0; rule < FILTER_RULES; rule++) {
		assert_false(filter_is_empty(copy));
		filter_clear(copy, rule);
	}
	assert_true(filter_is_empty(copy));
	filter_destroy(&filter);
	filter_destroy(&copy);
	assert_null(copy);
}

static void test_refused_entries(void **state)
{
	static char long_name[filter_text_max + 2];
	memset(long_name, 'x', sizeof long_name - 1);
	const struct {
		enum filter_rule rule;
		const char *name, *to;
		unsigned code;
	} cases[] = {
		{FILTER_DO_DB, "", "", ER_WRONG_ARGUMENTS}, {FILTER_DO_DB, "a", "b", ER_WRONG_ARGUMENTS},
		{FILTER_DO_DB, long_name, "", ER_WRONG_ARGUMENTS}, {FILTER_DO_TABLE, "a", "", ER_WRONG_ARGUMENTS},
		{FILTER_IGNORE_TABLE, "a", "", ER_WRONG_ARGUMENTS}, {FILTER_REWRITE_DB, "a", "", ER_WRONG_ARGUMENTS},
		{FILTER_WILD_DO_TABLE, "a", "", ER_INVALID_RPL_WILD_TABLE_FILTER_PATTERN},
		{FILTER_WILD_IGNORE_TABLE, "%", "", ER_INVALID_RPL_WILD_TABLE_FILTER_PATTERN},
	};
	struct filter *filter = filter_create();
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct diag diag = DIAG_INIT;
		assert_int_equal(filter_add(filter, cases[i].rule, bytes_of_string(cases[i].name),
					    bytes_of_string(cases[i].to), &diag), -1);
		assert_int_equal(diag.code, cases[i].code);
	}
	assert_true(filter_is_empty(filter));
	filter_destroy(&filter);
}

static void test_bounds(void **state)
{
	struct filter *filter = filter_create();
	struct diag diag = DIAG_INIT;
	char name[32];
	/* the same one again is none more */
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(filter_add(filter, FILTER_IGNORE_DB, bytes_of_string("x"), bytes_of("", 0), &diag), 0);
	for (unsigned i = 1; i < filter_entries_max; i++) {
		snprintf(name, sizeof name, "d%u", i);
		assert_int_equal(filter_add(filter, FILTER_IGNORE_DB, bytes_of_string(name), bytes_of("", 0), &diag), 0);
	}
	assert_int_equal(filter_add(filter, FILTER_IGNORE_DB, bytes_of_string("y"), bytes_of("", 0), &diag), -1);
	assert_false(filter_allows_database(filter, "d9999"));
	filter_destroy(&filter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_databases),
		cmocka_unit_test(test_database_statements),
		cmocka_unit_test(test_rewriting),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_combination),
		cmocka_unit_test(test_printing_copying_clearing),
		cmocka_unit_test(test_refused_entries),
		cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
