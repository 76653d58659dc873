/* CREATE/ALTER/DROP/RENAME USER, GRANT, REVOKE, SET PASSWORD. */
#include <stdio.h>
#include <strings.h>

#include "base/fault.h"
#include "exec/account_options.h"

/* Accounts change one statement at a time: the cache's next state has one owner. */
static int lock_accounts(struct statement *statement)
{
	return statement_lock_table(statement->session, "mysql", "user", MDL_EXCLUSIVE, statement->diag);
}

static int finish_as(struct statement *statement, int status, struct bytes text)
{
	struct session *session = statement->session;
	if (status == 0)
		status = statement_log(statement, text, session->database);
	if (status == 0)
		status = txn_commit(session->txn, statement->diag);
	FAULT_STEP("account.committed");
	if (status == 0)
		accounts_publish(session->server->accounts);
	else
		accounts_abandon(session->server->accounts);
	if (status == 0 && session->must_change_password)
		session->must_change_password = false; /* no other statement gets here */
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}

static int finish(struct statement *statement, int status)
{
	return finish_as(statement, status, statement->text);
}

static bool is_own(const struct statement *statement, const struct ast_user_name *user)
{
	const struct session *session = statement->session;
	struct account_name name = account_name_of(statement, user);
	return strcmp(name.user, session->account_user) == 0 && strcasecmp(name.host, session->account_host) == 0;
}

bool statement_changes_own_password(const struct statement *statement)
{
	const struct ast_statement *ast = statement->ast;
	if (ast->kind == AST_SET_PASSWORD)
		return is_own(statement, ast->set_password->user);
	return ast->kind == AST_ALTER_USER && ast->users->users.count == 1 &&
	       ast->users->users.items[0].auth != AST_AUTH_NONE && is_own(statement, &ast->users->users.items[0].user);
}

/* ------------------------------------------------------------------ CREATE, ALTER, DROP, RENAME USER */

typedef int change_function(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
			    const struct account_settings *settings, struct diag *diag);

static int change_users(struct statement *statement, const struct new_credential *credentials, change_function *change,
			bool want_existing)
{
	struct session *session = statement->session;
	const struct ast_users *ast = statement->ast->users;
	for (size_t i = 0; i < ast->users.count; i++) {
		struct account_settings settings = account_settings_keep_all();
		struct account_name name = account_name_of(statement, &ast->users.items[i].user);
		if (ast->if_exists && accounts_exists(session->server->accounts, &name) != want_existing) {
			warnings_add_message(&session->warnings, WARNING_NOTE, ER_CANNOT_USER,
					     want_existing ? "Authorization ID '%s'@'%s' does not exist."
							   : "Authorization ID '%s'@'%s' already exists.",
					     name.user, name.host);
			continue;
		}
		if (credentials)
			account_options_put_credential(statement, &credentials[i], &settings);
		if (account_options_read(statement, &ast->options, &settings) != 0 ||
		    change(session->server->accounts, txn_store(session->txn), &name, &settings,
			   statement->diag) != 0)
			return -1;
	}
	return 0;
}

static int create_or_alter(struct statement *statement, change_function *change, bool want_existing)
{
	const struct ast_user_specs *specs = &statement->ast->users->users;
	struct new_credential *credentials;
	if (lock_accounts(statement) != 0 || new_credentials_make(statement, specs, &credentials) != 0)
		return -1;
	int status = change_users(statement, credentials, change, want_existing);
	return finish_as(statement, status, new_credentials_put_in_text(statement, specs, credentials));
}

/* MariaDB's CREATE OR REPLACE. */
static int replace_one(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		       const struct account_settings *settings, struct diag *diag)
{
	if (accounts_exists(accounts, name) && accounts_drop(accounts, txn, name, diag) != 0)
		return -1;
	return accounts_create(accounts, txn, name, settings, diag);
}

int exec_create_user(struct statement *statement)
{
	const struct ast_users *ast = statement->ast->users;
	if (statement_require_global(statement->session, PRIVILEGE(CREATE_USER), statement->diag) != 0)
		return -1;
	if (ast->default_roles.count > 0)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "DEFAULT ROLE");
	return create_or_alter(statement, ast->or_replace ? replace_one : accounts_create, false);
}

/* Whom an account is and how it comes in is not its own to say, but its password. */
static bool says_nothing_else(const struct ast_account_options *options)
{
	return options->tls == AST_TLS_UNSPECIFIED && options->resources.count == 0 && options->password.count == 0 &&
	       options->locked == AST_UNSPECIFIED;
}

int exec_alter_user(struct statement *statement)
{
	const struct ast_users *ast = statement->ast->users;
	bool only_self = ast->users.count == 1 && ast->users.items[0].auth != AST_AUTH_NONE &&
			 is_own(statement, &ast->users.items[0].user) && says_nothing_else(&ast->options);
	if (!only_self && statement_require_global(statement->session, PRIVILEGE(CREATE_USER), statement->diag) != 0)
		return -1;
	return create_or_alter(statement, accounts_alter, true);
}

static int drop_one(struct accounts *accounts, struct store_txn *txn, const struct account_name *name,
		    const struct account_settings *settings, struct diag *diag)
{
	return accounts_drop(accounts, txn, name, diag);
}

int exec_drop_user(struct statement *statement)
{
	if (statement_require_global(statement->session, PRIVILEGE(CREATE_USER), statement->diag) != 0 ||
	    lock_accounts(statement) != 0)
		return -1;
	return finish(statement, change_users(statement, NULL, drop_one, true));
}

int exec_rename_user(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_rename_users *ast = statement->ast->rename_users;
	if (statement_require_global(session, PRIVILEGE(CREATE_USER), statement->diag) != 0 ||
	    lock_accounts(statement) != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < ast->count && status == 0; i++) {
		struct account_name from = account_name_of(statement, &ast->items[i].from);
		struct account_name to = account_name_of(statement, &ast->items[i].to);
		status = accounts_rename(session->server->accounts, txn_store(session->txn), &from, &to,
					 statement->diag);
	}
	return finish(statement, status);
}

int exec_set_password(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_set_password *ast = statement->ast->set_password;
	struct account_name name = account_name_of(statement, ast->user);
	if (!is_own(statement, ast->user) && statement_require_global(session, PRIVILEGE(CREATE_USER), statement->diag) != 0)
		return -1;
	if (ast->old_function)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "OLD_PASSWORD()");
	if (lock_accounts(statement) != 0)
		return -1;
	/* SET PASSWORD = '*94BD...' was 5.x's way to give a hash; = 'text' is 8.0's to give the password. */
	bool is_hash = ast->hashed || (!ast->function && ast->secret.size == 41 && ast->secret.data[0] == '*');
	struct account_settings settings = account_settings_keep_all();
	struct new_credential credential = {.is_new = true, .method = AUTH_NATIVE};
	if (is_hash)
		credential.text = arena_copy_text(statement->arena, (const char *)ast->secret.data, ast->secret.size);
	else if (new_credential_make_for(statement, &name, ast->secret, &credential) != 0)
		return -1;
	account_options_put_credential(statement, &credential, &settings);
	int status = accounts_alter(session->server->accounts, txn_store(session->txn), &name, &settings,
				    statement->diag);
	if (status != 0 && statement->diag->code == ER_CANNOT_USER)
		diag_set(statement->diag, ER_PASSWORD_NO_MATCH);
	return finish_as(statement, status, new_credential_alter_text(statement, &name, &credential));
}

/* ------------------------------------------------------------------ GRANT, REVOKE */

struct grant_target {
	privilege_set privileges;
	const char *database, *table; /* as account.h's levels */
};

static privilege_set all_at(const struct ast_grant *ast)
{
	switch (ast->level) {
	case AST_LEVEL_GLOBAL: return privileges_all_global;
	case AST_LEVEL_DATABASE: return privileges_all_database;
	default: return privileges_all_table;
	}
}

static int collect_privileges(struct statement *statement, const struct ast_grant *ast, privilege_set *out)
{
	privilege_set set = ast->grant_option ? PRIVILEGE(GRANT) : 0;
	for (size_t i = 0; i < ast->privileges.count; i++) {
		const struct ast_privilege *item = &ast->privileges.items[i];
		enum privilege privilege;
		if (item->columns.count > 0)
			return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "column privileges");
		if (strcmp(item->name, "ALL") == 0 || strcmp(item->name, "ALL PRIVILEGES") == 0)
			set |= all_at(ast);
		else if (privilege_find(item->name, &privilege))
			set |= (privilege_set)1 << privilege;
		else if (strcmp(item->name, "USAGE") != 0)
			return diag_set(statement->diag, ER_ILLEGAL_GRANT_FOR_TABLE);
	}
	if (set & ~(all_at(ast) | PRIVILEGE(GRANT)))
		return ast->level == AST_LEVEL_DATABASE
			       ? diag_set(statement->diag, ER_WRONG_USAGE, "DB GRANT", "GLOBAL PRIVILEGES")
			       : diag_set(statement->diag, ER_ILLEGAL_GRANT_FOR_TABLE);
	*out = set;
	return 0;
}

static int find_target(struct statement *statement, struct grant_target *out)
{
	const struct ast_grant *ast = statement->ast->grant;
	struct diag *diag = statement->diag;
	if (ast->object != AST_GRANT_TABLE || ast->proxy)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, ast->proxy ? "GRANT PROXY" : "privileges on routines");
	*out = (struct grant_target){0};
	if (ast->level != AST_LEVEL_GLOBAL &&
	    statement_database(statement, ast->on.database.text, &out->database, diag) != 0)
		return -1;
	if (ast->level == AST_LEVEL_TABLE)
		out->table = ast->on.name.text;
	return collect_privileges(statement, ast, &out->privileges);
}

/* Who grants must have both what is granted and the right to grant it, at that level. */
static int check_may_grant(struct statement *statement, const struct grant_target *target)
{
	privilege_set wanted = target->privileges | PRIVILEGE(GRANT);
	struct session *session = statement->session;
	if (statement_allowed(session, wanted, target->database, target->table))
		return 0;
	if (target->database == NULL)
		return diag_set(statement->diag, ER_ACCESS_DENIED_ERROR, session->user, session->host, "YES");
	return statement_require(session, wanted, target->database, target->table, statement->diag);
}

/* 5.x: GRANT ... IDENTIFIED BY makes the account it names, and GRANT alone does not in 8.0. */
static int settle_account(struct statement *statement, const struct ast_user_spec *spec,
			  const struct new_credential *credential)
{
	struct session *session = statement->session;
	struct accounts *accounts = session->server->accounts;
	struct account_settings settings = account_settings_keep_all();
	struct account_name name = account_name_of(statement, &spec->user);
	const struct ast_account_options *options = &statement->ast->grant->options;
	account_options_put_credential(statement, credential, &settings);
	if (account_options_read(statement, options, &settings) != 0)
		return -1;
	if (accounts_exists(accounts, &name)) {
		return accounts_alter(accounts, txn_store(session->txn), &name, &settings, statement->diag);
	}
	if (settings.credential == NULL)
		return diag_set_message(statement->diag, ER_CANT_CREATE_USER_WITH_GRANT,
					"You are not allowed to create a user with GRANT");
	if (statement_require_global(session, PRIVILEGE(CREATE_USER), statement->diag) != 0)
		return -1;
	return accounts_create(accounts, txn_store(session->txn), &name, &settings, statement->diag);
}

static int grant_to(struct statement *statement, const struct ast_user_spec *spec,
		    const struct new_credential *credential, const struct grant_target *target)
{
	struct session *session = statement->session;
	struct account_name name = account_name_of(statement, &spec->user);
	if (settle_account(statement, spec, credential) != 0)
		return -1;
	return accounts_grant(session->server->accounts, txn_store(session->txn), &name, target->privileges,
			      target->database, target->table, statement->diag);
}

/* A table must be there, unless CREATE is among what is granted on it. */
static int check_table_exists(struct statement *statement, const struct grant_target *target)
{
	if (target->table == NULL || (target->privileges & PRIVILEGE(CREATE)))
		return 0;
	struct catalog *catalog = statement->session->server->catalog;
	struct table *table = catalog_find_table(catalog, target->database, target->table);
	struct view *view = table ? NULL : catalog_find_view(catalog, target->database, target->table);
	if (table == NULL && view == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, target->database, target->table);
	if (table)
		table_unref(&table);
	else
		view_unref(&view);
	return 0;
}

int exec_grant(struct statement *statement)
{
	const struct ast_grant *ast = statement->ast->grant;
	struct grant_target target;
	struct new_credential *credentials;
	if (find_target(statement, &target) != 0 || check_may_grant(statement, &target) != 0 ||
	    check_table_exists(statement, &target) != 0 || lock_accounts(statement) != 0 ||
	    new_credentials_make(statement, &ast->users, &credentials) != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < ast->users.count && status == 0; i++)
		status = grant_to(statement, &ast->users.items[i], &credentials[i], &target);
	return finish_as(statement, status, new_credentials_put_in_text(statement, &ast->users, credentials));
}

static int revoke_from(struct statement *statement, const struct ast_user_spec *spec,
		       const struct grant_target *target)
{
	struct session *session = statement->session;
	struct accounts *accounts = session->server->accounts;
	struct account_name name = account_name_of(statement, &spec->user);
	if (statement->ast->grant->all_from)
		return accounts_revoke_all(accounts, txn_store(session->txn), &name, statement->diag);
	return accounts_revoke(accounts, txn_store(session->txn), &name, target->privileges, target->database,
			       target->table, statement->diag);
}

int exec_revoke(struct statement *statement)
{
	const struct ast_grant *ast = statement->ast->grant;
	struct grant_target target = {0};
	if (ast->all_from) {
		if (statement_require_global(statement->session, PRIVILEGE(CREATE_USER), statement->diag) != 0)
			return -1;
	} else if (find_target(statement, &target) != 0 || check_may_grant(statement, &target) != 0) {
		return -1;
	}
	if (lock_accounts(statement) != 0)
		return -1;
	int status = 0;
	for (size_t i = 0; i < ast->users.count && status == 0; i++)
		status = revoke_from(statement, &ast->users.items[i], &target);
	return finish(statement, status);
}
