#include "account/account.h"

#include <stdio.h>

#include "account/account_internal.h"
#include "base/log.h"
#include "base/memory.h"

/* ------------------------------------------------------------------ opening */

static int save(struct store_txn *txn, const struct account *account, struct diag *diag)
{
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	account_put_key(account->user, account->host, &key);
	account_encode(account, &value);
	enum store_outcome outcome = store_txn_put(txn, buf_bytes(&key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return outcome == STORE_OK ? 0 : -1;
}

static int save_first_account(struct store *store, const struct account *root, struct diag *diag)
{
	struct store_txn *txn = store_txn_begin(store, 1000);
	int status = save(txn, root, diag);
	if (status == 0)
		status = store_txn_commit(txn, true, diag);
	store_txn_end(&txn);
	return status;
}

static int create_root(struct accounts *accounts, struct diag *diag)
{
	struct account *root = account_create("root", "localhost");
	root->global = privileges_all_global | PRIVILEGE(GRANT);
	account_list_add(&accounts->current, root);
	return save_first_account(accounts->store, root, diag);
}

static void warn_of_open_root(const struct accounts *accounts)
{
	const struct account *root = account_list_find(&accounts->current, "root", "localhost");
	if (root && root->method != AUTH_SOCKET && root->credential[0] == 0)
		log_warning("account", "root@localhost has no password: anybody on this machine can connect as root. "
				       "Set one with: ALTER USER 'root'@'localhost' IDENTIFIED BY '...'");
}

int accounts_open(struct store *store, struct accounts **out, struct diag *diag)
{
	struct accounts *accounts = memory_zalloc(sizeof *accounts);
	accounts->store = store;
	lock_init(&accounts->lock, "accounts", LOCK_RANK_ACCOUNT);
	int status = accounts_load(store, &accounts->current, diag);
	if (status == 0 && accounts->current.count == 0)
		status = create_root(accounts, diag);
	if (status != 0) {
		accounts_close(&accounts);
		return -1;
	}
	account_usage_begin(&accounts->current);
	warn_of_open_root(accounts);
	*out = accounts;
	return 0;
}

void accounts_close(struct accounts **accounts)
{
	account_list_deinit(&(*accounts)->current);
	account_list_deinit(&(*accounts)->next);
	lock_deinit(&(*accounts)->lock);
	memory_free(*accounts);
	*accounts = NULL;
}

static void put_in_force(struct accounts *accounts, struct account_list *list)
{
	lock_take(&accounts->lock);
	struct account_list old = accounts->current;
	accounts->current = *list;
	account_usage_begin(&accounts->current);
	lock_release(&accounts->lock);
	account_list_deinit(&old);
	*list = (struct account_list){0};
}

int accounts_reload(struct accounts *accounts, struct diag *diag)
{
	struct account_list fresh = {0};
	if (accounts_load(accounts->store, &fresh, diag) != 0) {
		account_list_deinit(&fresh);
		return -1;
	}
	lock_take(&accounts->lock);
	account_usage_hand_over(&accounts->current, &fresh);
	lock_release(&accounts->lock);
	put_in_force(accounts, &fresh);
	return 0;
}

/* ------------------------------------------------------------------ coming in */

/* The one account that counts: the first in order whose host and user fit. */
static const struct account *match(const struct account_list *list, const char *user, const char *host,
				   const char *hostname, bool *out_host_known)
{
	*out_host_known = false;
	for (size_t i = 0; i < list->count; i++) {
		const struct account *account = list->items[i];
		if (!account_host_matches(account->host, host) &&
		    !(hostname && account_host_matches(account->host, hostname)))
			continue;
		*out_host_known = true;
		if (*account->user == 0 || strcmp(account->user, user) == 0)
			return account;
	}
	return NULL;
}

int accounts_match(struct accounts *accounts, const char *user, const char *host, const char *hostname,
		   enum auth_method method_of_unknown, struct account_match *out, struct diag *diag)
{
	bool host_known;
	*out = (struct account_match){.method = method_of_unknown};
	lock_take(&accounts->lock);
	const struct account *account = match(&accounts->current, user, host, hostname, &host_known);
	if (account) {
		out->found = true;
		snprintf(out->user, sizeof out->user, "%s", account->user);
		snprintf(out->host, sizeof out->host, "%s", account->host);
		out->method = account->method;
		memcpy(out->credential, account->credential, sizeof out->credential);
		out->has_fast_digest = account->has_fast_digest;
		memcpy(out->fast_digest, account->fast_digest, sizeof out->fast_digest);
		out->locked = account->locked;
		out->password_expired = account->password_expired;
		out->password_changed_us = account->password_changed_us;
		out->requirement = account->requirement;
		out->rules = account->rules;
	}
	lock_release(&accounts->lock);
	return host_known ? 0 : diag_set(diag, ER_HOST_NOT_PRIVILEGED, hostname ? hostname : host);
}

void accounts_keep_fast_digest(struct accounts *accounts, const struct account_match *match,
			       const uint8_t digest[fast_digest_size])
{
	lock_take(&accounts->lock);
	struct account *account = account_list_find(&accounts->current, match->user, match->host);
	/* It may have changed since. */
	if (account && account->method == match->method && strcmp(account->credential, match->credential) == 0) {
		account->has_fast_digest = true;
		memcpy(account->fast_digest, digest, sizeof account->fast_digest);
	}
	lock_release(&accounts->lock);
}

/* ------------------------------------------------------------------ rights */

static privilege_set rights(const struct account *account, const char *database, const char *table)
{
	privilege_set set = account->global;
	for (size_t i = 0; database && i < account->grant_count; i++) {
		const struct grant *grant = &account->grants[i];
		bool is_database_grant = grant->table[0] == 0;
		if (is_database_grant && account_database_matches(grant->database, database))
			set |= grant->privileges;
		else if (!is_database_grant && table && strcmp(grant->database, database) == 0 &&
			 strcmp(grant->table, table) == 0)
			set |= grant->privileges;
	}
	return set;
}

privilege_set accounts_privileges(struct accounts *accounts, const char *user, const char *host, const char *database,
				  const char *table)
{
	lock_take(&accounts->lock);
	const struct account *account = account_list_find(&accounts->current, user, host);
	privilege_set set = account ? rights(account, database, table) : 0;
	lock_release(&accounts->lock);
	return set;
}

bool accounts_may_see_database(struct accounts *accounts, const char *user, const char *host, const char *database)
{
	const privilege_set seeing = privileges_all_database | PRIVILEGE(GRANT);
	bool may = strcmp(database, "information_schema") == 0;
	lock_take(&accounts->lock);
	const struct account *account = account_list_find(&accounts->current, user, host);
	if (account && !may) {
		may = (account->global & seeing) != 0;
		for (size_t i = 0; !may && i < account->grant_count; i++)
			may = account->grants[i].privileges &&
			      account_database_matches(account->grants[i].database, database);
	}
	lock_release(&accounts->lock);
	return may;
}

/* ------------------------------------------------------------------ changes */

/* What is being changed: a copy of what is in force. */
static struct account_list *changing(struct accounts *accounts)
{
	if (!accounts->changing) {
		lock_take(&accounts->lock);
		account_list_copy(&accounts->current, &accounts->next);
		lock_release(&accounts->lock);
		accounts->changing = true;
	}
	return &accounts->next;
}

void accounts_publish(struct accounts *accounts)
{
	if (accounts->changing)
		put_in_force(accounts, &accounts->next);
	accounts->changing = false;
}

void accounts_abandon(struct accounts *accounts)
{
	account_list_deinit(&accounts->next);
	accounts->changing = false;
}

static int failed(struct diag *diag, const char *operation, const struct account_name *name)
{
	char shown[400];
	snprintf(shown, sizeof shown, "'%s'@'%s'", name->user, name->host);
	return diag_set(diag, ER_CANNOT_USER, operation, shown);
}

static int apply(struct account *account, const struct account_settings *settings, struct diag *diag)
{
	account_rules_change(&account->rules, &settings->rules);
	account->begins_hour |= account_rules_name(&settings->rules, RULE_QUERIES, RULE_USER_CONNECTIONS);
	account->unblocks |= settings->locked == 0 ||
			     account_rules_name(&settings->rules, RULE_LOGIN_ATTEMPTS, RULE_LOCK_DAYS);
	if (settings->credential && account_set_password(account, settings, diag) != 0)
		return -1;
	if (settings->locked >= 0)
		account->locked = settings->locked;
	if (settings->password_expired >= 0)
		account->password_expired = settings->password_expired;
	if (settings->requirement)
		account->requirement = *settings->requirement;
	return 0;
}

int accounts_create(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		    const struct account_settings *settings, struct diag *diag)
{
	struct account_list *list = changing(accounts);
	if (account_list_find(list, name->user, name->host))
		return failed(diag, "CREATE USER", name);
	struct account *account = account_create(name->user, name->host);
	if (apply(account, settings, diag) != 0) {
		account_free(account);
		return -1;
	}
	account_list_add(list, account);
	return save(txn, account, diag);
}

int accounts_alter(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		   const struct account_settings *settings, struct diag *diag)
{
	struct account *account = account_list_find(changing(accounts), name->user, name->host);
	if (account == NULL)
		return failed(diag, "ALTER USER", name);
	return apply(account, settings, diag) == 0 ? save(txn, account, diag) : -1;
}

static int erase(struct store_txn *txn, const char *user, const char *host, struct diag *diag)
{
	struct buf key;
	buf_init(&key);
	account_put_key(user, host, &key);
	enum store_outcome outcome = store_txn_delete(txn, buf_bytes(&key), diag);
	buf_deinit(&key);
	return outcome == STORE_OK ? 0 : -1;
}

int accounts_drop(struct accounts *accounts, struct store_txn *txn, const struct account_name *name, struct diag *diag)
{
	struct account_list *list = changing(accounts);
	struct account *account = account_list_find(list, name->user, name->host);
	if (account == NULL)
		return failed(diag, "DROP USER", name);
	int status = erase(txn, account->user, account->host, diag);
	account_list_remove(list, account);
	return status;
}

int accounts_rename(struct accounts *accounts, struct store_txn *txn, const struct account_name *from,
		    const struct account_name *to, struct diag *diag)
{
	struct account_list *list = changing(accounts);
	struct account *account = account_list_find(list, from->user, from->host);
	if (account == NULL || account_list_find(list, to->user, to->host))
		return failed(diag, "RENAME USER", from);
	struct account *renamed = account_copy(account);
	memory_free(renamed->user);
	memory_free(renamed->host);
	renamed->user = memory_copy_string(to->user);
	renamed->host = memory_copy_string(to->host);
	account_usage_unref(&renamed->usage);
	renamed->usage = account_usage_create(to->user);
	int status = erase(txn, account->user, account->host, diag);
	account_list_remove(list, account);
	account_list_add(list, renamed);
	return status == 0 ? save(txn, renamed, diag) : -1;
}

int accounts_grant(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		   privilege_set privileges, const char *database, const char *table, struct diag *diag)
{
	struct account *account = account_list_find(changing(accounts), name->user, name->host);
	if (account == NULL)
		return diag_set(diag, ER_PASSWORD_NO_MATCH);
	if (database == NULL) {
		account->global |= privileges;
	} else {
		const char *own_table = table ? table : "";
		struct grant *grant = account_find_grant(account, database, own_table);
		if (grant == NULL)
			grant = account_add_grant(account, database, own_table);
		grant->privileges |= privileges;
	}
	return save(txn, account, diag);
}

int accounts_revoke(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		    privilege_set privileges, const char *database, const char *table, struct diag *diag)
{
	struct account *account = account_list_find(changing(accounts), name->user, name->host);
	if (account == NULL)
		return diag_set(diag, ER_NONEXISTING_GRANT, name->user, name->host);
	if (database == NULL) {
		account->global &= ~privileges;
		return save(txn, account, diag);
	}
	struct grant *grant = account_find_grant(account, database, table ? table : "");
	if (grant == NULL && table)
		return diag_set(diag, ER_NONEXISTING_TABLE_GRANT, name->user, name->host, table);
	if (grant == NULL)
		return diag_set(diag, ER_NONEXISTING_GRANT, name->user, name->host);
	grant->privileges &= ~privileges;
	if (grant->privileges == 0)
		account_remove_grant(account, grant);
	return save(txn, account, diag);
}

int accounts_revoke_all(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
			struct diag *diag)
{
	struct account *account = account_list_find(changing(accounts), name->user, name->host);
	if (account == NULL)
		return diag_set(diag, ER_REVOKE_GRANTS);
	account->global = 0;
	while (account->grant_count > 0)
		account_remove_grant(account, &account->grants[0]);
	return save(txn, account, diag);
}

bool accounts_method(struct accounts *accounts, const struct account_name *name, enum auth_method *out)
{
	lock_take(&accounts->lock);
	const struct account_list *list = accounts->changing ? &accounts->next : &accounts->current;
	const struct account *account = account_list_find(list, name->user, name->host);
	if (account)
		*out = account->method;
	lock_release(&accounts->lock);
	return account != NULL;
}

bool accounts_exists(struct accounts *accounts, const struct account_name *name)
{
	if (accounts->changing)
		return account_list_find(&accounts->next, name->user, name->host) != NULL;
	lock_take(&accounts->lock);
	bool exists = account_list_find(&accounts->current, name->user, name->host) != NULL;
	lock_release(&accounts->lock);
	return exists;
}
