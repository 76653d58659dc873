/*
 * Accounts: who may connect and who may do what.
 *
 * Kept in the store, cached whole in memory. A session holds no pointer into the cache: it looks up by its
 * account's name each time, or keeps a snapshot of its privileges with the version it was made from.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "account/credential.h"
#include "account/requirement.h"
#include "account/rules.h"
#include "base/arena.h"
#include "base/diag.h"
#include "store/store.h"

/* One bit each, in SHOW GRANTS' order. */
enum privilege {
	PRIVILEGE_SELECT, PRIVILEGE_INSERT, PRIVILEGE_UPDATE, PRIVILEGE_DELETE, PRIVILEGE_CREATE, PRIVILEGE_DROP,
	PRIVILEGE_RELOAD, PRIVILEGE_SHUTDOWN, PRIVILEGE_PROCESS, PRIVILEGE_FILE, PRIVILEGE_REFERENCES,
	PRIVILEGE_INDEX, PRIVILEGE_ALTER, PRIVILEGE_SHOW_DATABASES, PRIVILEGE_SUPER,
	PRIVILEGE_CREATE_TEMPORARY_TABLES, PRIVILEGE_LOCK_TABLES, PRIVILEGE_EXECUTE, PRIVILEGE_REPLICATION_SLAVE,
	PRIVILEGE_REPLICATION_CLIENT, PRIVILEGE_CREATE_VIEW, PRIVILEGE_SHOW_VIEW, PRIVILEGE_CREATE_ROUTINE,
	PRIVILEGE_ALTER_ROUTINE, PRIVILEGE_CREATE_USER, PRIVILEGE_EVENT, PRIVILEGE_TRIGGER,
	PRIVILEGE_CREATE_TABLESPACE, PRIVILEGE_CREATE_ROLE, PRIVILEGE_DROP_ROLE, PRIVILEGE_GRANT, PRIVILEGE_COUNT,
};
typedef uint64_t privilege_set;
#define PRIVILEGE(name) ((privilege_set)1 << PRIVILEGE_##name)
extern const privilege_set privileges_all_global, privileges_all_database, privileges_all_table; /* without GRANT */
const char *privilege_name(enum privilege privilege); /* "REPLICATION SLAVE" */
bool privilege_find(const char *name, enum privilege *out); /* case-insensitive; knows MySQL 8's dynamic names it maps */

struct accounts;
struct account_usage; /* what goes on under an account, in all its sessions */

/* Loads from the store; a fresh store gets root@localhost without a password (and says so in the error log). */
int accounts_open(struct store *store, struct accounts **out, struct diag *diag);
void accounts_close(struct accounts **accounts);
int accounts_reload(struct accounts *accounts, struct diag *diag); /* FLUSH PRIVILEGES */

/*
 * Finds the account that counts for a connection: by user name and where the client comes from, the most specific host
 * pattern first, as MySQL sorts. host is "localhost" for the Unix socket, else the address text; hostname the resolved
 * name or NULL. -1: 1130, no account could match the host. A user that is unknown is no error here: it shall not learn
 * so before it has been asked for a password, by the method given.
 */
struct account_match {
	bool found;
	char user[97], host[256]; /* the account's own, e.g. '%' */
	enum auth_method method;
	char credential[credential_size];
	bool has_fast_digest;     /* of a password that was right since the account last changed */
	uint8_t fast_digest[fast_digest_size];
	bool locked;
	bool password_expired;       /* by PASSWORD EXPIRE; age is account_rules_outlive()'s matter */
	int64_t password_changed_us; /* 0: not known */
	struct account_requirement requirement;
	struct account_rules rules;
};
int accounts_match(struct accounts *accounts, const char *user, const char *host, const char *hostname,
		   enum auth_method method_of_unknown, struct account_match *out, struct diag *diag);
/* The password of the account that was matched proved right: from now on its fast digest will do. */
void accounts_keep_fast_digest(struct accounts *accounts, const struct account_match *match,
			       const uint8_t digest[fast_digest_size]);

/*
 * FAILED_LOGIN_ATTEMPTS: an answer to the question for the password was right or wrong. -1 with 3955: the account is
 * blocked, by this answer or before it. Nothing of it is kept over a restart.
 */
int accounts_note_answer(struct accounts *accounts, const struct account_match *match, bool is_right, int64_t now_us,
			 struct diag *diag);
/*
 * A session begins under the account that was matched, and ends. user_connections: the server's own bound on accounts that
 * have none, 0: none. -1: 1226, 1203, and *out stays as it was. *out is NULL when the account vanished meanwhile.
 */
int accounts_enter(struct accounts *accounts, const struct account_match *match, uint64_t user_connections,
		   struct account_usage **out, struct diag *diag);
void accounts_leave(struct accounts *accounts, struct account_usage **usage);
/* Before a statement of such a session: -1 with 1226. Cheap where nothing is bounded. */
int accounts_count_statement(struct accounts *accounts, struct account_usage *usage, bool changes, struct diag *diag);
void accounts_forget_hour(struct accounts *accounts); /* FLUSH USER_RESOURCES */

/* What an account may do: all privileges that hold at that level (global ones included). database/table NULL: above. */
privilege_set accounts_privileges(struct accounts *accounts, const char *user, const char *host, const char *database,
				  const char *table);
/* Has the account any privilege on the database or anything in it (USE, SHOW DATABASES)? */
bool accounts_may_see_database(struct accounts *accounts, const char *user, const char *host, const char *database);

/*
 * Changes. They go into the given store transaction (committed and logged by exec as a statement) and reach the
 * cache with accounts_publish after the commit; accounts_abandon forgets them. One change at a time: the caller holds
 * the metadata lock on mysql/user exclusively.
 */
struct account_name { const char *user, *host; };
struct account_settings {
	const char *credential;   /* NULL keep; else what is kept of a password, by method */
	enum auth_method method;
	int locked;               /* -1 keep, 0, 1 */
	int password_expired;     /* -1 keep */
	const struct account_requirement *requirement; /* NULL keep */
	struct account_rules rules; /* rule_keep */
	struct bytes password;      /* in clear, for the history; data NULL: not known */
	int64_t now_us;             /* when the password is given */
	int64_t default_history, default_reuse_days;
};
struct account_settings account_settings_keep_all(void);
int accounts_create(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		    const struct account_settings *settings, struct diag *diag); /* 1396 when it exists; 1372, 1827 */
int accounts_alter(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		   const struct account_settings *settings, struct diag *diag);  /* 1396 when it does not; 3638 */
int accounts_drop(struct accounts *accounts, struct store_txn *txn, const struct account_name *name, struct diag *diag);
int accounts_rename(struct accounts *accounts, struct store_txn *txn, const struct account_name *from,
		    const struct account_name *to, struct diag *diag);
/* database/table NULL: that level and above is meant: (NULL,NULL) global, (db,NULL) database, (db,t) table. */
int accounts_grant(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		   privilege_set privileges, const char *database, const char *table, struct diag *diag);
int accounts_revoke(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		    privilege_set privileges, const char *database, const char *table, struct diag *diag); /* 1141/1147 */
int accounts_revoke_all(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
			struct diag *diag);
void accounts_publish(struct accounts *accounts);
void accounts_abandon(struct accounts *accounts);
bool accounts_exists(struct accounts *accounts, const struct account_name *name);
/* How an account proves itself: false when there is no such account. */
bool accounts_method(struct accounts *accounts, const struct account_name *name, enum auth_method *out);

/* SHOW GRANTS: statements in the arena; -1: 1141. */
int accounts_show_grants(struct accounts *accounts, const struct account_name *name, struct arena *arena,
			 const char ***out_grants, unsigned *out_count, struct diag *diag);
/* SHOW CREATE USER. */
int accounts_show_create(struct accounts *accounts, const struct account_name *name, struct arena *arena,
			 const char **out_text, struct diag *diag);
/* One by one, sorted, for mysql.user, mysql.db and information_schema.*_PRIVILEGES. False past the end. */
struct account_row {
	const char *user, *host, *method, *credential; /* in the arena */
	privilege_set global;
	bool locked, password_expired;
	int64_t password_changed_us;
	const struct account_requirement *requirement; /* in the arena */
	struct account_rules rules;
};
bool accounts_at(struct accounts *accounts, size_t index, struct arena *arena, struct account_row *out);
struct grant_row {
	const char *user, *host, *database, *table; /* table "" for a database's grant */
	privilege_set privileges;
};
bool accounts_grant_at(struct accounts *accounts, size_t index, struct arena *arena, struct grant_row *out);
