/* Blocked accounts, bounds and ages, at any time of the clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "account/account_internal.h"
#include "base/memory.h"

/* One account in force, without a store. */
static struct accounts *make(const char *options[], const int64_t numbers[], size_t count)
{
	struct accounts *accounts = memory_zalloc(sizeof *accounts);
	struct account *account = account_create("u", "%");
	lock_init(&accounts->lock, "accounts", LOCK_RANK_ACCOUNT);
	for (size_t i = 0; i < count; i++) {
		enum account_rule rule;
		int64_t max;
		assert_true(account_rule_find(options[i], &rule, &max));
		account->rules.of[rule] = numbers[i];
	}
	account_list_add(&accounts->current, account);
	account_usage_begin(&accounts->current);
	return accounts;
}

static struct account_match match(struct accounts *accounts)
{
	struct account_match match;
	struct diag diag = DIAG_INIT;
	assert_int_equal(accounts_match(accounts, "u", "h", NULL, AUTH_NATIVE, &match, &diag), 0);
	return match;
}

static unsigned answer(struct accounts *accounts, bool is_right, int64_t day)
{
	struct account_match found = match(accounts);
	struct diag diag = DIAG_INIT;
	return accounts_note_answer(accounts, &found, is_right, day * us_per_day + 1, &diag) == 0 ? 0 : diag.code;
}

static void a_block_ends_after_its_days(void **state)
{
	const char *options[] = {"FAILED_LOGIN_ATTEMPTS", "PASSWORD_LOCK_TIME"};
	struct accounts *accounts = make(options, (const int64_t[]){2, 3}, 2);
	unsigned blocked = ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK;
	assert_int_equal(answer(accounts, false, 10), 0);
	assert_int_equal(answer(accounts, false, 10), blocked);
	assert_int_equal(answer(accounts, true, 12), blocked);
	assert_int_equal(answer(accounts, true, 13), 0);
	assert_int_equal(answer(accounts, false, 13), 0);
	assert_int_equal(answer(accounts, false, 13), blocked);
	assert_int_equal(answer(accounts, false, 16), 0); /* begins anew: the first of two */
	accounts_close(&accounts);
}

static void an_unbounded_block_does_not_end(void **state)
{
	const char *options[] = {"FAILED_LOGIN_ATTEMPTS", "PASSWORD_LOCK_TIME"};
	struct accounts *accounts = make(options, (const int64_t[]){1, rule_default}, 2);
	assert_int_not_equal(answer(accounts, false, 1), 0);
	assert_int_not_equal(answer(accounts, true, 10000), 0);
	accounts_close(&accounts);
}

static void sessions_outlive_their_account(void **state)
{
	const char *options[] = {"MAX_USER_CONNECTIONS"};
	struct accounts *accounts = make(options, (const int64_t[]){1}, 1);
	struct account_match found = match(accounts);
	struct account_usage *usage = NULL, *other = NULL;
	struct diag diag = DIAG_INIT;
	assert_int_equal(accounts_enter(accounts, &found, 0, &usage, &diag), 0);
	assert_int_equal(accounts_enter(accounts, &found, 0, &other, &diag), -1);
	assert_int_equal(diag.code, ER_USER_LIMIT_REACHED);
	assert_null(other);
	account_list_remove(&accounts->current, accounts->current.items[0]);
	assert_int_equal(accounts_count_statement(accounts, usage, true, &diag), 0);
	accounts_leave(accounts, &usage);
	assert_null(usage);
	accounts_close(&accounts);
}

static void passwords_grow_old(void **state)
{
	struct account_rules rules = account_rules_fresh();
	int64_t changed = 100 * us_per_day;
	assert_false(account_rules_outlive(&rules, changed, 9000 * us_per_day, 0));
	assert_false(account_rules_outlive(&rules, changed, 109 * us_per_day, 10));
	assert_true(account_rules_outlive(&rules, changed, 110 * us_per_day, 10));
	assert_false(account_rules_outlive(&rules, 0, 110 * us_per_day, 10));
	rules.of[RULE_PASSWORD_LIFETIME] = 0;
	assert_false(account_rules_outlive(&rules, changed, 9000 * us_per_day, 10));
	rules.of[RULE_PASSWORD_LIFETIME] = 5;
	assert_true(account_rules_outlive(&rules, changed, 105 * us_per_day, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_ends_after_its_days),
		cmocka_unit_test(an_unbounded_block_does_not_end),
		cmocka_unit_test(sessions_outlive_their_account),
		cmocka_unit_test(passwords_grow_old),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
