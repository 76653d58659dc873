/* slave_skip_errors: texts, and which errors they mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "session/error_list.h"

static void test_texts(void **state)
{
	static const struct {
		const char *text;
		unsigned in, out; /* an error it has, and one it has not; 0: none to be asked */
	} cases[] = {
		{"OFF", 0, 1062}, {"off", 0, 1}, {"", 0, 1062}, {"1062", 1062, 1032}, {"1062,1032", 1032, 1061},
		{" 1062 , 1032 ", 1032, 1063}, {"all", 1062, 0}, {"ALL", 65535, 0}, {"1062,all", 1, 0}, {"1", 1, 2},
		{"65535", 65535, 65534}, {"ddl_exist_errors", 1050, 1062}, {"DDL_EXIST_ERRORS,1062", 1062, 1032},
		{"1062,ddl_exist_errors", 1146, 1032}, {"ddl_exist_errors", 1091, 1094}, {"all", 65535, 65536},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error_list list;
		assert_true(error_list_parse(cases[i].text, &list));
		if (cases[i].in)
			assert_true(error_list_has(&list, cases[i].in));
		if (cases[i].out)
			assert_false(error_list_has(&list, cases[i].out));
		assert_false(error_list_has(&list, 0));
	}
}

static void test_texts_that_are_none(void **state)
{
	static const char *const texts[] = {"x", "0", "-1", "1062,", ",1062", "1062;1032", "1062 1032", "65536", " ",
					    "99999999999999999999", "1062,off", "allx", "ddl", "1062.5"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct error_list list;
		if (error_list_parse(texts[i], &list))
			fail_msg("'%s' was taken", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_texts_that_are_none)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
