/* What is said of an account behind PASSWORD, FAILED_LOGIN_ATTEMPTS and WITH: numbers, each with a name. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum account_rule {
	RULE_PASSWORD_LIFETIME, /* days; 0: for ever */
	RULE_PASSWORD_HISTORY,  /* so many passwords may not be taken again */
	RULE_PASSWORD_REUSE,    /* for so many days a password may not be taken again */
	RULE_PASSWORD_CURRENT,  /* 0: who changes a password need not know it */
	RULE_LOGIN_ATTEMPTS,    /* wrong ones in a row that block the account; 0: any number */
	RULE_LOCK_DAYS,         /* for so long; 0: it is not blocked */
	RULE_QUERIES,           /* in an hour, as the next two; 0: any number */
	RULE_UPDATES,
	RULE_CONNECTIONS,
	RULE_USER_CONNECTIONS,  /* at a time; 0: any number */
	RULE_COUNT,
};
/* rule_default: what a system variable says; of RULE_LOCK_DAYS: without end. */
enum { rule_default = -1, rule_keep = -2 };

extern const int64_t us_per_day;

struct account_rules {
	int64_t of[RULE_COUNT];
};

struct account_rules account_rules_fresh(void);      /* nothing was said */
struct account_rules account_rules_keep_all(void);   /* for changes */
void account_rules_change(struct account_rules *rules, const struct account_rules *changes);
/* Does the change name any of these? */
bool account_rules_name(const struct account_rules *changes, enum account_rule first, enum account_rule last);

/* By the words in front of the number ("PASSWORD HISTORY"); out_max: the greatest number that may follow. */
bool account_rule_find(const char *words, enum account_rule *out, int64_t *out_max);
/* As SHOW CREATE USER has them: the parts around ACCOUNT LOCK, each with a blank in front. */
void account_rules_print_limits(const struct account_rules *rules, struct buf *out);
void account_rules_print_lifetime(const struct account_rules *rules, bool is_expired, struct buf *out);
void account_rules_print_passwords(const struct account_rules *rules, struct buf *out);

/* Is a password that was given at that time too old? default_days stands for what was not said; 0: never. */
bool account_rules_outlive(const struct account_rules *rules, int64_t changed_us, int64_t now_us, int64_t default_days);
