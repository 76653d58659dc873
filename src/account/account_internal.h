/* The cache behind accounts.h. Private to account. */
#pragma once

#include <stdatomic.h>

#include "account/account.h"
#include "base/lock.h"

struct grant {
	char *database; /* a LIKE pattern at database level */
	char *table;    /* "" at database level */
	privilege_set privileges;
};

/* A password that an account has or had. */
struct past_password {
	enum auth_method method;
	char credential[credential_size];
	int64_t given_us;
};

/* Shared by the copies of an account and its sessions; the last one frees it. */
struct account_usage {
	char user[97];                             /* for messages; immutable */
	_Atomic uint32_t at_most[RULE_COUNT];      /* of RULE_QUERIES to RULE_USER_CONNECTIONS */
	atomic_uint references;
	/* guarded by the accounts' lock */
	unsigned connections;                      /* now */
	uint32_t in_hour[RULE_COUNT];              /* of RULE_QUERIES to RULE_CONNECTIONS */
	int64_t hour_began_us;                     /* monotonic */
	unsigned wrong_answers;                    /* in a row */
	int64_t blocked_us;                        /* since when; 0: it is not */
};

struct account {
	char *user, *host;
	enum auth_method method;
	char credential[credential_size];
	bool has_fast_digest; /* not kept in the store */
	uint8_t fast_digest[fast_digest_size];
	privilege_set global;
	bool locked, password_expired;
	int64_t password_changed_us; /* 0: not known */
	struct account_requirement requirement;
	struct account_rules rules;
	struct past_password *past;  /* those that may not be taken again, the oldest first */
	size_t past_count;
	struct account_usage *usage;
	bool unblocks, begins_hour;  /* when this comes in force, its usage begins anew */
	struct grant *grants;
	size_t grant_count;
};

/* All accounts, the most specific host first, as MySQL sorts them. */
struct account_list {
	struct account **items;
	size_t count, capacity;
};

struct accounts {
	struct store *store; /* immutable */
	struct lock lock;
	struct account_list current; /* guarded by lock: what is in force */
	/* owned by whoever holds the metadata lock of the accounts: what the next publish puts in force */
	struct account_list next;
	bool changing;
};

struct account *account_list_find(const struct account_list *list, const char *user, const char *host);
void account_list_add(struct account_list *list, struct account *account); /* takes it over, keeps the order */
void account_list_remove(struct account_list *list, struct account *account); /* and frees it */
void account_list_copy(const struct account_list *from, struct account_list *out);
void account_list_deinit(struct account_list *list);
void account_free(struct account *account);
struct account *account_create(const char *user, const char *host);
struct account *account_copy(const struct account *account);
struct grant *account_find_grant(const struct account *account, const char *database, const char *table);
struct grant *account_add_grant(struct account *account, const char *database, const char *table);
void account_remove_grant(struct account *account, struct grant *grant);

/* Passwords: the history, and putting a new one in. -1: 1372, 1827, 3638. */
int account_set_password(struct account *account, const struct account_settings *settings, struct diag *diag);
void account_add_past(struct account *account, const struct past_password *password);

struct account_usage *account_usage_create(const char *user);
struct account_usage *account_usage_ref(struct account_usage *usage);
void account_usage_unref(struct account_usage **usage);
/* A list from the store goes on with the connections of what was in force, and counts anew. The lock is held. */
void account_usage_hand_over(const struct account_list *from, struct account_list *to);
void account_usage_begin(struct account_list *list); /* What comes in force reaches its usage. The lock is held. */

/* Store: one record an account, key user 0 host. */
void account_put_key(const char *user, const char *host, struct buf *out);
void account_encode(const struct account *account, struct buf *out);
struct account *account_decode(struct bytes key, struct bytes value, struct diag *diag); /* NULL: damaged */
int accounts_load(struct store *store, struct account_list *out, struct diag *diag);

/* MySQL's host patterns: % and _, an address/netmask, letters fold case. */
bool account_host_matches(const char *pattern, const char *host);
/* Database names in grants: % and _ are wild, \ escapes. */
bool account_database_matches(const char *pattern, const char *database);
