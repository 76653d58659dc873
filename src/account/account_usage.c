/* What goes on under an account in all its sessions: bounds on it, and answers to the question for the password. */
#include <stdio.h>

#include "account/account_internal.h"
#include "base/clock.h"
#include "base/memory.h"

static const int64_t us_per_hour = 3600 * INT64_C(1000000);

struct account_usage *account_usage_create(const char *user)
{
	struct account_usage *usage = memory_zalloc(sizeof *usage);
	snprintf(usage->user, sizeof usage->user, "%s", user);
	return account_usage_ref(usage);
}

struct account_usage *account_usage_ref(struct account_usage *usage)
{
	atomic_fetch_add(&usage->references, 1);
	return usage;
}

void account_usage_unref(struct account_usage **usage)
{
	if (*usage && atomic_fetch_sub(&(*usage)->references, 1) == 1)
		memory_free(*usage);
	*usage = NULL;
}

static void begin_hour(struct account_usage *usage)
{
	memset(usage->in_hour, 0, sizeof usage->in_hour);
	usage->hour_began_us = clock_monotonic_us();
}

static void unblock(struct account_usage *usage)
{
	usage->wrong_answers = 0;
	usage->blocked_us = 0;
}

void account_usage_hand_over(const struct account_list *from, struct account_list *to)
{
	for (size_t i = 0; i < to->count; i++) {
		struct account *account = to->items[i];
		const struct account *known = account_list_find(from, account->user, account->host);
		if (known == NULL)
			continue;
		account_usage_unref(&account->usage);
		account->usage = account_usage_ref(known->usage);
		account->begins_hour = account->unblocks = true;
	}
}

void account_usage_begin(struct account_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct account *account = list->items[i];
		for (unsigned rule = RULE_QUERIES; rule <= RULE_USER_CONNECTIONS; rule++)
			atomic_store_explicit(&account->usage->at_most[rule], (uint32_t)account->rules.of[rule],
					      memory_order_relaxed);
		if (account->begins_hour)
			begin_hour(account->usage);
		if (account->unblocks)
			unblock(account->usage);
		account->begins_hour = account->unblocks = false;
	}
}

static struct account *find_matched(struct accounts *accounts, const struct account_match *match)
{
	return account_list_find(&accounts->current, match->user, match->host);
}

/* ------------------------------------------------------------------ wrong answers */

/* -1: blocked. The days that are left are counted as begun. */
static int judge_answer(struct account_usage *usage, const struct account_rules *rules, bool is_right, int64_t now_us,
			int64_t *out_days_left)
{
	int64_t attempts = rules->of[RULE_LOGIN_ATTEMPTS], days = rules->of[RULE_LOCK_DAYS];
	if (attempts == 0 || days == 0)
		return 0;
	if (usage->blocked_us && days != rule_default && now_us - usage->blocked_us >= days * us_per_day)
		unblock(usage);
	if (usage->blocked_us == 0 && is_right)
		usage->wrong_answers = 0;
	if (usage->blocked_us == 0 && !is_right && ++usage->wrong_answers >= attempts)
		usage->blocked_us = now_us;
	*out_days_left = days - (now_us - usage->blocked_us) / us_per_day;
	return usage->blocked_us ? -1 : 0;
}

static int tell_of_block(const struct account_match *match, int64_t days_left, struct diag *diag)
{
	char days[32] = "unlimited", left[32] = "unlimited";
	if (match->rules.of[RULE_LOCK_DAYS] != rule_default) {
		snprintf(days, sizeof days, "%lld", (long long)match->rules.of[RULE_LOCK_DAYS]);
		snprintf(left, sizeof left, "%lld", (long long)days_left);
	}
	return diag_set(diag, ER_USER_ACCESS_DENIED_FOR_USER_ACCOUNT_BLOCKED_BY_PASSWORD_LOCK, match->user, match->host,
			days, left, (unsigned)match->rules.of[RULE_LOGIN_ATTEMPTS]);
}

int accounts_note_answer(struct accounts *accounts, const struct account_match *match, bool is_right, int64_t now_us,
			 struct diag *diag)
{
	int64_t days_left = 0;
	lock_take(&accounts->lock);
	const struct account *account = find_matched(accounts, match);
	int status = account ? judge_answer(account->usage, &match->rules, is_right, now_us, &days_left) : 0;
	lock_release(&accounts->lock);
	return status == 0 ? 0 : tell_of_block(match, days_left, diag);
}

/* ------------------------------------------------------------------ bounds */

static int refuse(const struct account_usage *usage, const char *resource, uint32_t bound, struct diag *diag)
{
	return diag_set(diag, ER_USER_LIMIT_REACHED, usage->user, resource, (long)bound);
}

static uint32_t bound_of(struct account_usage *usage, enum account_rule rule)
{
	return atomic_load_explicit(&usage->at_most[rule], memory_order_relaxed);
}

static void settle_hour(struct account_usage *usage)
{
	if (clock_monotonic_us() - usage->hour_began_us >= us_per_hour)
		begin_hour(usage);
}

static int count_in_hour(struct account_usage *usage, enum account_rule rule, const char *resource, struct diag *diag)
{
	uint32_t bound = bound_of(usage, rule);
	if (bound > 0 && usage->in_hour[rule] >= bound)
		return refuse(usage, resource, bound, diag);
	usage->in_hour[rule]++;
	return 0;
}

static int enter(struct account_usage *usage, uint64_t user_connections, struct diag *diag)
{
	uint32_t own = bound_of(usage, RULE_USER_CONNECTIONS);
	settle_hour(usage);
	if (own == 0 && user_connections > 0 && usage->connections >= user_connections)
		return diag_set(diag, ER_TOO_MANY_USER_CONNECTIONS, usage->user);
	if (own > 0 && usage->connections >= own)
		return refuse(usage, "max_user_connections", own, diag);
	if (count_in_hour(usage, RULE_CONNECTIONS, "max_connections_per_hour", diag) != 0)
		return -1;
	usage->connections++;
	return 0;
}

int accounts_enter(struct accounts *accounts, const struct account_match *match, uint64_t user_connections,
		   struct account_usage **out, struct diag *diag)
{
	lock_take(&accounts->lock);
	const struct account *account = find_matched(accounts, match);
	int status = account ? enter(account->usage, user_connections, diag) : 0;
	if (status == 0)
		*out = account ? account_usage_ref(account->usage) : NULL;
	lock_release(&accounts->lock);
	return status;
}

void accounts_leave(struct accounts *accounts, struct account_usage **usage)
{
	if (*usage == NULL)
		return;
	lock_take(&accounts->lock);
	(*usage)->connections--;
	account_usage_unref(usage);
	lock_release(&accounts->lock);
}

int accounts_count_statement(struct accounts *accounts, struct account_usage *usage, bool changes, struct diag *diag)
{
	if (bound_of(usage, RULE_QUERIES) == 0 && (!changes || bound_of(usage, RULE_UPDATES) == 0))
		return 0;
	lock_take(&accounts->lock);
	settle_hour(usage);
	int status = count_in_hour(usage, RULE_QUERIES, "max_questions", diag);
	if (status == 0 && changes)
		status = count_in_hour(usage, RULE_UPDATES, "max_updates", diag);
	lock_release(&accounts->lock);
	return status;
}

void accounts_forget_hour(struct accounts *accounts)
{
	lock_take(&accounts->lock);
	for (size_t i = 0; i < accounts->current.count; i++)
		begin_hour(accounts->current.items[i]->usage);
	lock_release(&accounts->lock);
}
