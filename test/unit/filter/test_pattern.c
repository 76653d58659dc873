/* The wild patterns: a table of cases, and a million random ones against the definition written down plainly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filter/pattern.h"

static bool matches(const char *pattern, const char *text)
{
	return pattern_matches(bytes_of_string(pattern), bytes_of_string(text));
}

static void test_table(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{"", "", true}, {"", "a", false}, {"a", "", false}, {"a", "a", true}, {"a", "A", false},
		{"%", "", true}, {"%", "abc", true}, {"%%", "", true}, {"%%", "a", true}, {"_", "", false},
		{"_", "a", true}, {"_", "ab", false}, {"__", "ab", true}, {"_%", "", false}, {"_%", "a", true},
		{"_%", "abc", true}, {"%_", "a", true}, {"%_", "", false}, {"a%", "abc", true}, {"a%", "ba", false},
		{"%c", "abc", true}, {"%c", "abcd", false}, {"a%c", "ac", true}, {"a%c", "abcbc", true},
		{"a%c", "abcb", false}, {"%b%", "abc", true}, {"%b%", "b", true}, {"%b%", "ac", false},
		{"%ab%ab", "abab", true}, {"%ab%ab", "ab", false}, {"%aab", "aaab", true}, {"a%b%c", "a1b2b3c", true},
		{"a%b%c", "a1c2b", false}, {"db.%", "db.t", true}, {"db.%", "db.", true}, {"db.%", "db2.t", false},
		{"db%.%", "db2.t", true}, {"db%.t", "db.x.t", true}, {"my_own.t", "my_own.t", true},
		{"my_own.t", "myXown.t", true}, {"my\\_own.t", "my_own.t", true}, {"my\\_own.t", "myXown.t", false},
		{"a\\%b", "a%b", true}, {"a\\%b", "axb", false}, {"a\\\\b", "a\\b", true}, {"a\\b", "ab", true},
		{"a\\", "a\\", true}, {"a\\", "a", false}, {"%\\%", "50%", true}, {"%\\%", "50", false},
		{"_.t", "\xc3\xa9.t", true}, {"__.t", "\xc3\xa9.t", false}, {"%_.t", "\xe2\x82\xac.t", true},
		{"_.t", "\xff.t", true}, {"\xc3\xa9", "\xc3\xa9", true}, {"\xc3\xa9", "e", false},
		{"_", "\xf0\x9f\x98\x80", true}, {"_", "\xf0\x9f\x98", false}, {"%.%", "a.b", true},
		{"%.%", "ab", false}, {"t%1", "t11", true}, {"t%11", "t111", true}, {"t%12", "t1112", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (matches(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].text);
}

static bool matches_plainly(const char *pattern, const char *text)
{
	if (*pattern == 0)
		return *text == 0;
	if (*pattern == '%')
		return matches_plainly(pattern + 1, text) || (*text && matches_plainly(pattern, text + 1));
	if (*text == 0)
		return false;
	if (*pattern == '_')
		return matches_plainly(pattern + 1, text + 1);
	if (*pattern == '\\' && pattern[1])
		pattern++;
	return *pattern == *text && matches_plainly(pattern + 1, text + 1);
}

static void make(char *text, size_t size_max, const char *letters)
{
	size_t size = (size_t)rand() % (size_max + 1);
	for (size_t i = 0; i < size; i++)
		text[i] = letters[(size_t)rand() % strlen(letters)];
	text[size] = 0;
}

static void test_random(void **state)
{
	unsigned found = 0;
	srand(1);
	for (unsigned i = 0; i < 1000000; i++) {
		char pattern[8], text[10];
		make(pattern, 7, "ab%%_\\");
		make(text, 9, "aab%_\\");
		bool expected = matches_plainly(pattern, text);
		found += expected;
		if (matches(pattern, text) != expected)
			fail_msg("'%s' and '%s': not %d", pattern, text, expected);
	}
	assert_in_range(found, 50000, 950000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
