/* Giving an account a password, and which of its former ones may not come back. */
#include <stdio.h>

#include "account/account_internal.h"
#include "base/memory.h"

struct account_settings account_settings_keep_all(void)
{
	return (struct account_settings){.locked = -1, .password_expired = -1, .rules = account_rules_keep_all()};
}

void account_add_past(struct account *account, const struct past_password *password)
{
	account->past = memory_realloc(account->past, (account->past_count + 1) * sizeof *account->past);
	account->past[account->past_count++] = *password;
}

/* age: how many came after it. */
static bool is_remembered(const struct account *account, const struct past_password *password, size_t age,
			  const struct account_settings *settings)
{
	int64_t count = account->rules.of[RULE_PASSWORD_HISTORY], days = account->rules.of[RULE_PASSWORD_REUSE];
	if (count == rule_default)
		count = settings->default_history;
	if (days == rule_default)
		days = settings->default_reuse_days;
	return (int64_t)age < count || settings->now_us - password->given_us < days * us_per_day;
}

static void forget_old(struct account *account, const struct account_settings *settings)
{
	size_t kept = 0;
	for (size_t i = 0; i < account->past_count; i++)
		if (is_remembered(account, &account->past[i], account->past_count - 1 - i, settings))
			account->past[kept++] = account->past[i];
	account->past_count = kept;
}

static bool is_same(const struct past_password *past, struct bytes password)
{
	if (past->method != AUTH_NATIVE)
		return credential_password_is_right(past->method, past->credential, password);
	char text[credential_size];
	credential_make(AUTH_NATIVE, password, text);
	return strcmp(text, past->credential) == 0;
}

static int check_history(const struct account *account, const struct account_settings *settings, struct diag *diag)
{
	for (size_t i = 0; i < account->past_count; i++)
		if (is_remembered(account, &account->past[i], account->past_count - 1 - i, settings) &&
		    is_same(&account->past[i], settings->password))
			return diag_set(diag, ER_CREDENTIALS_CONTRADICT_TO_HISTORY, account->user, account->host);
	return 0;
}

static int check_format(const struct account_settings *settings, struct diag *diag)
{
	if (credential_is_valid(settings->method, settings->credential))
		return 0;
	return settings->method == AUTH_NATIVE
		     ? diag_set_message(diag, ER_PASSWD_LENGTH, "Password hash should be a 41-digit hexadecimal number")
		     : diag_set(diag, ER_PASSWORD_FORMAT);
}

int account_set_password(struct account *account, const struct account_settings *settings, struct diag *diag)
{
	struct past_password given = {.method = settings->method, .given_us = settings->now_us};
	bool counts = *settings->credential && settings->method != AUTH_SOCKET; /* none at all may come back */
	if (check_format(settings, diag) != 0 ||
	    (counts && settings->password.data && check_history(account, settings, diag) != 0))
		return -1;
	snprintf(given.credential, sizeof given.credential, "%s", settings->credential);
	account->method = settings->method;
	memcpy(account->credential, given.credential, sizeof account->credential);
	account->has_fast_digest = account->password_expired = false;
	account->password_changed_us = settings->now_us;
	if (counts)
		account_add_past(account, &given);
	forget_old(account, settings);
	return 0;
}
