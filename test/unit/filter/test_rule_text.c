/* Rules as options with a channel's name, and as lists in one text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter_set.h"

static void assert_bytes(struct bytes bytes, const char *expected)
{
	if (expected == NULL) {
		assert_null(bytes.data);
		return;
	}
	assert_true(bytes_equal(bytes, bytes_of_string(expected)));
}

static void test_options(void **state)
{
	static const struct {
		enum filter_rule rule;
		const char *value, *channel, *name, *to;
	} cases[] = {
		{FILTER_DO_DB, "db", NULL, "db", ""},
		{FILTER_DO_DB, " db ", NULL, "db", ""},
		{FILTER_DO_DB, "west:db", "west", "db", ""},
		{FILTER_DO_DB, "west:db:x", "west", "db:x", ""},
		{FILTER_DO_DB, ":db", "", "db", ""},
		{FILTER_DO_DB, ":a:b", "", "a:b", ""},
		{FILTER_DO_DB, "a,b", NULL, "a,b", ""},
		{FILTER_DO_TABLE, "west:db.t", "west", "db.t", ""},
		{FILTER_WILD_DO_TABLE, "west:db%.t\\_%", "west", "db%.t\\_%", ""},
		{FILTER_REWRITE_DB, "a->b", NULL, "a", "b"},
		{FILTER_REWRITE_DB, " a -> b ", NULL, "a", "b"},
		{FILTER_REWRITE_DB, "west:a->b", "west", "a", "b"},
		{FILTER_REWRITE_DB, "a->b->c", NULL, "a", "b->c"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct diag diag = DIAG_INIT;
		struct rule_text text;
		assert_int_equal(rule_text_read_option(cases[i].rule, cases[i].value, &text, &diag), 0);
		assert_bytes(text.channel, cases[i].channel);
		assert_bytes(text.name, cases[i].name);
		assert_bytes(text.to, cases[i].to);
	}
}

static void test_bad_pairs(void **state)
{
	static const char *const bad[] = {"", "a", "a->", "->b", "->", " -> ", "west:", "west:a", "a-b", "a>b"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct diag diag = DIAG_INIT;
		struct rule_text text;
		assert_int_equal(rule_text_read_option(FILTER_REWRITE_DB, bad[i], &text, &diag), -1);
		assert_int_equal(diag.code, ER_WRONG_ARGUMENTS);
	}
}

static void assert_list(const struct filter *filter, enum filter_rule rule, const char *expected)
{
	struct buf text = {0};
	rule_text_print_list(filter, rule, &text);
	assert_string_equal(buf_cstring(&text), expected);
	buf_deinit(&text);
}

static void test_lists(void **state)
{
	static const struct {
		enum filter_rule rule;
		const char *list, *back; /* back NULL: refused */
	} cases[] = {
		{FILTER_DO_DB, "", ""}, {FILTER_DO_DB, "a", "a"}, {FILTER_DO_DB, "a,b", "a,b"},
		{FILTER_DO_DB, " a , b ", "a,b"}, {FILTER_DO_DB, "a,b,a", "a,b"}, {FILTER_DO_DB, "a,", "a"},
		{FILTER_DO_DB, ",", NULL}, {FILTER_DO_DB, "a,,b", NULL}, {FILTER_IGNORE_TABLE, "a.b,c.d", "a.b,c.d"},
		{FILTER_IGNORE_TABLE, "a.b,c", NULL}, {FILTER_WILD_DO_TABLE, "a%.%", "a%.%"},
		{FILTER_WILD_DO_TABLE, "a%", NULL}, {FILTER_REWRITE_DB, "a->b,c->d", "a->b,c->d"},
		{FILTER_REWRITE_DB, "a->b,c", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct diag diag = DIAG_INIT;
		struct filter *filter = filter_create();
		assert_int_equal(filter_add(filter, FILTER_DO_DB, bytes_of_string("old"), bytes_of("", 0), &diag), 0);
		int status = rule_text_set_list(filter, cases[i].rule, cases[i].list, &diag);
		assert_int_equal(status, cases[i].back ? 0 : -1);
		if (cases[i].back)
			assert_list(filter, cases[i].rule, cases[i].back);
		if (cases[i].back == NULL || cases[i].rule != FILTER_DO_DB)
			assert_list(filter, FILTER_DO_DB, "old");
		filter_destroy(&filter);
	}
}

/* A channel begins with its own entries of a rule, or else with those of all. */
static void test_sets(void **state)
{
	struct filter_set *set = filter_set_create();
	struct filter *west = filter_create(), *east = filter_create();
	struct diag diag = DIAG_INIT;
	static const char *const options[] = {"a", "b", "west:c", "West:d"};
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		assert_int_equal(filter_set_add_option(set, FILTER_DO_DB, options[i], &diag), 0);
	assert_int_equal(filter_set_add_option(set, FILTER_REWRITE_DB, "p->q", &diag), 0);
	assert_int_equal(filter_set_add_option(set, FILTER_REWRITE_DB, "east:p->r", &diag), 0);
	assert_int_equal(filter_set_add_option(set, FILTER_DO_TABLE, "east:p", &diag), -1);
	filter_set_resolve(set, "west", west);
	filter_set_resolve(set, "EAST", east);
	assert_list(west, FILTER_DO_DB, "c,d");
	assert_list(west, FILTER_REWRITE_DB, "p->q");
	assert_list(east, FILTER_DO_DB, "a,b");
	assert_list(east, FILTER_REWRITE_DB, "p->r");
	filter_set_resolve(set, "", east);
	assert_list(east, FILTER_REWRITE_DB, "p->q");
	filter_clear(filter_set_all(set), FILTER_DO_DB);
	filter_set_resolve(set, "", east);
	assert_list(east, FILTER_DO_DB, "");
	filter_destroy(&west);
	filter_destroy(&east);
	filter_set_destroy(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_bad_pairs),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_sets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
