#include "account/rules.h"

#include <string.h>

/* In SHOW CREATE USER's words and order. */
static const struct {
	const char *words;
	int64_t fresh, max;
} names[RULE_COUNT] = {
	[RULE_PASSWORD_LIFETIME] = {"PASSWORD EXPIRE", rule_default, 65535},
	[RULE_PASSWORD_HISTORY] = {"PASSWORD HISTORY", rule_default, 65535},
	[RULE_PASSWORD_REUSE] = {"PASSWORD REUSE INTERVAL", rule_default, 65535},
	[RULE_PASSWORD_CURRENT] = {"PASSWORD REQUIRE CURRENT", rule_default, 0},
	[RULE_LOGIN_ATTEMPTS] = {"FAILED_LOGIN_ATTEMPTS", 0, 32767},
	[RULE_LOCK_DAYS] = {"PASSWORD_LOCK_TIME", 0, 32767},
	[RULE_QUERIES] = {"MAX_QUERIES_PER_HOUR", 0, UINT32_MAX},
	[RULE_UPDATES] = {"MAX_UPDATES_PER_HOUR", 0, UINT32_MAX},
	[RULE_CONNECTIONS] = {"MAX_CONNECTIONS_PER_HOUR", 0, UINT32_MAX},
	[RULE_USER_CONNECTIONS] = {"MAX_USER_CONNECTIONS", 0, UINT32_MAX},
};

struct account_rules account_rules_fresh(void)
{
	struct account_rules rules;
	for (unsigned i = 0; i < RULE_COUNT; i++)
		rules.of[i] = names[i].fresh;
	return rules;
}

struct account_rules account_rules_keep_all(void)
{
	struct account_rules rules;
	for (unsigned i = 0; i < RULE_COUNT; i++)
		rules.of[i] = rule_keep;
	return rules;
}

void account_rules_change(struct account_rules *rules, const struct account_rules *changes)
{
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (changes->of[i] != rule_keep)
			rules->of[i] = changes->of[i];
}

bool account_rules_name(const struct account_rules *changes, enum account_rule first, enum account_rule last)
{
	for (unsigned i = first; i <= last; i++)
		if (changes->of[i] != rule_keep)
			return true;
	return false;
}

bool account_rule_find(const char *words, enum account_rule *out, int64_t *out_max)
{
	for (unsigned i = 0; i < RULE_COUNT; i++)
		if (strcmp(names[i].words, words) == 0) {
			*out = (enum account_rule)i;
			*out_max = names[i].max;
			return true;
		}
	return false;
}

/* ------------------------------------------------------------------ as text */

static void print_number(const struct account_rules *rules, enum account_rule rule, const char *unset, const char *unit,
			 struct buf *out)
{
	buf_printf(out, " %s", names[rule].words);
	if (rules->of[rule] == rule_default)
		buf_printf(out, " %s", unset);
	else
		buf_printf(out, " %lld%s", (long long)rules->of[rule], unit);
}

void account_rules_print_limits(const struct account_rules *rules, struct buf *out)
{
	const char *with = " WITH";
	for (unsigned i = RULE_QUERIES; i <= RULE_USER_CONNECTIONS; i++)
		if (rules->of[i] != 0) {
			buf_put_string(out, with);
			print_number(rules, (enum account_rule)i, "", "", out);
			with = "";
		}
}

void account_rules_print_lifetime(const struct account_rules *rules, bool is_expired, struct buf *out)
{
	int64_t days = rules->of[RULE_PASSWORD_LIFETIME];
	buf_put_string(out, " PASSWORD EXPIRE");
	if (is_expired)
		return;
	if (days > 0)
		buf_printf(out, " INTERVAL %lld DAY", (long long)days);
	else
		buf_put_string(out, days == 0 ? " NEVER" : " DEFAULT");
}

void account_rules_print_passwords(const struct account_rules *rules, struct buf *out)
{
	print_number(rules, RULE_PASSWORD_HISTORY, "DEFAULT", "", out);
	print_number(rules, RULE_PASSWORD_REUSE, "DEFAULT", " DAY", out);
	buf_printf(out, " %s %s", names[RULE_PASSWORD_CURRENT].words,
		   rules->of[RULE_PASSWORD_CURRENT] == rule_default ? "DEFAULT" : "OPTIONAL");
	if (rules->of[RULE_LOGIN_ATTEMPTS] == 0 && rules->of[RULE_LOCK_DAYS] == 0)
		return;
	print_number(rules, RULE_LOGIN_ATTEMPTS, "", "", out);
	print_number(rules, RULE_LOCK_DAYS, "UNBOUNDED", "", out);
}

const int64_t us_per_day = 86400 * INT64_C(1000000);

bool account_rules_outlive(const struct account_rules *rules, int64_t changed_us, int64_t now_us, int64_t default_days)
{
	int64_t days = rules->of[RULE_PASSWORD_LIFETIME];
	if (days == rule_default)
		days = default_days;
	/* Accounts from before times were kept have none. */
	return days > 0 && changed_us > 0 && now_us - changed_us >= days * us_per_day;
}
