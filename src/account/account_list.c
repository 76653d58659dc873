#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include <arpa/inet.h>

#include "account/account_internal.h"
#include "base/memory.h"

struct account *account_create(const char *user, const char *host)
{
	struct account *account = memory_zalloc(sizeof *account);
	account->user = memory_copy_string(user);
	account->host = memory_copy_string(host);
	account->rules = account_rules_fresh();
	account->usage = account_usage_create(user);
	return account;
}

void account_free(struct account *account)
{
	for (size_t i = 0; i < account->grant_count; i++) {
		memory_free(account->grants[i].database);
		memory_free(account->grants[i].table);
	}
	memory_free(account->grants);
	memory_free(account->past);
	account_usage_unref(&account->usage);
	memory_free(account->user);
	memory_free(account->host);
	memory_free(account);
}

struct account *account_copy(const struct account *account)
{
	struct account *copy = memory_copy(account, sizeof *account);
	copy->user = memory_copy_string(account->user);
	copy->host = memory_copy_string(account->host);
	copy->usage = account_usage_ref(account->usage);
	copy->past = NULL;
	copy->past_count = 0;
	for (size_t i = 0; i < account->past_count; i++)
		account_add_past(copy, &account->past[i]);
	copy->grants = NULL;
	copy->grant_count = 0;
	for (size_t i = 0; i < account->grant_count; i++) {
		const struct grant *grant = &account->grants[i];
		account_add_grant(copy, grant->database, grant->table)->privileges = grant->privileges;
	}
	return copy;
}

struct grant *account_find_grant(const struct account *account, const char *database, const char *table)
{
	for (size_t i = 0; i < account->grant_count; i++)
		if (strcmp(account->grants[i].database, database) == 0 && strcmp(account->grants[i].table, table) == 0)
			return &account->grants[i];
	return NULL;
}

struct grant *account_add_grant(struct account *account, const char *database, const char *table)
{
	account->grants = memory_realloc(account->grants, sizeof(struct grant) * (account->grant_count + 1));
	struct grant *grant = &account->grants[account->grant_count++];
	*grant = (struct grant){memory_copy_string(database), memory_copy_string(table), 0};
	return grant;
}

void account_remove_grant(struct account *account, struct grant *grant)
{
	memory_free(grant->database);
	memory_free(grant->table);
	*grant = account->grants[--account->grant_count];
}

/* Characters before the first wildcard: the more, the more specific. An exact host beats every pattern. */
static size_t host_specificity(const char *host)
{
	size_t length = strcspn(host, "%_");
	if (host[length] == 0)
		return 100000 + length;
	return length;
}

/* MySQL's order: specific hosts first, and at equal hosts named users before the anonymous one. */
static int compare_accounts(const struct account *a, const struct account *b)
{
	size_t left = host_specificity(a->host), right = host_specificity(b->host);
	if (left != right)
		return left > right ? -1 : 1;
	int order = strcmp(a->host, b->host);
	if (order == 0)
		order = (*a->user == 0) - (*b->user == 0);
	return order ? order : strcmp(a->user, b->user);
}

void account_list_add(struct account_list *list, struct account *account)
{
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 8;
		list->items = memory_realloc(list->items, list->capacity * sizeof *list->items);
	}
	size_t at = list->count++;
	for (; at > 0 && compare_accounts(account, list->items[at - 1]) < 0; at--)
		list->items[at] = list->items[at - 1];
	list->items[at] = account;
}

void account_list_remove(struct account_list *list, struct account *account)
{
	size_t at = 0;
	while (list->items[at] != account)
		at++;
	memmove(list->items + at, list->items + at + 1, (--list->count - at) * sizeof *list->items);
	account_free(account);
}

void account_list_copy(const struct account_list *from, struct account_list *out)
{
	*out = (struct account_list){0};
	for (size_t i = 0; i < from->count; i++)
		account_list_add(out, account_copy(from->items[i]));
}

void account_list_deinit(struct account_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		account_free(list->items[i]);
	memory_free(list->items);
	*list = (struct account_list){0};
}

struct account *account_list_find(const struct account_list *list, const char *user, const char *host)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i]->user, user) == 0 && strcasecmp(list->items[i]->host, host) == 0)
			return list->items[i];
	return NULL;
}

/* LIKE with a back-tracking point at the last %: linear enough for names. */
static bool like(const char *pattern, const char *text, bool fold)
{
	const char *retry_pattern = NULL, *retry_text = NULL;
	while (*text) {
		bool escaped = *pattern == '\\' && pattern[1];
		char wanted = pattern[escaped];
		bool same = fold ? strncasecmp(&wanted, text, 1) == 0 : wanted == *text;
		if (!escaped && *pattern == '%') {
			retry_pattern = ++pattern;
			retry_text = text;
		} else if ((!escaped && *pattern == '_') || (wanted && same)) {
			pattern += 1 + escaped;
			text++;
		} else if (retry_pattern) {
			pattern = retry_pattern;
			text = ++retry_text;
		} else {
			return false;
		}
	}
	while (*pattern == '%')
		pattern++;
	return *pattern == 0;
}

/* 192.168.1.0/255.255.255.0, and with a prefix length as 8.0.23 added. */
static bool netmask_matches(const char *pattern, const char *host)
{
	char base_text[64];
	const char *slash = strchr(pattern, '/');
	struct in_addr base, mask, address;
	if (slash == NULL || (size_t)(slash - pattern) >= sizeof base_text)
		return false;
	snprintf(base_text, sizeof base_text, "%.*s", (int)(slash - pattern), pattern);
	if (inet_pton(AF_INET, base_text, &base) != 1 || inet_pton(AF_INET, host, &address) != 1)
		return false;
	if (inet_pton(AF_INET, slash + 1, &mask) != 1) {
		int bits = atoi(slash + 1);
		mask.s_addr = bits <= 0 ? 0 : htonl(~0u << (32 - (bits > 32 ? 32 : bits)));
	}
	return (address.s_addr & mask.s_addr) == base.s_addr;
}

bool account_host_matches(const char *pattern, const char *host)
{
	return *pattern == 0 || like(pattern, host, true) || netmask_matches(pattern, host);
}

bool account_database_matches(const char *pattern, const char *database)
{
	return like(pattern, database, false);
}
