/* Accounts and their rights as tables: information_schema's *_PRIVILEGES, mysql.user, mysql.db, mysql.tables_priv. */
#include "exec/statement.h"
#include "exec/virtual_writer.h"

/* Without rights on mysql an account sees itself only. */
static bool may_see(const struct virtual_writer *writer, const char *user, const char *host)
{
	const struct session *session = writer->session;
	return (strcmp(user, session->account_user) == 0 && strcmp(host, session->account_host) == 0) ||
	       statement_allowed(writer->session, PRIVILEGE(SELECT), "mysql", NULL);
}

/* ------------------------------------------------------------------ a row a privilege */

struct grantee {
	const char *name;                   /* 'user'@'host' */
	const char *database, *table;       /* or NULL */
};

static void add_privilege(struct virtual_writer *writer, const struct grantee *grantee, const char *privilege,
			  bool may_grant)
{
	virtual_put_text(writer, grantee->name);
	virtual_put_text(writer, "def");
	if (grantee->database)
		virtual_put_text(writer, grantee->database);
	if (grantee->table)
		virtual_put_text(writer, grantee->table);
	virtual_put_text(writer, privilege);
	virtual_put_yes(writer, may_grant);
	virtual_row(writer);
}

/* GRANT OPTION is no row of its own but what each row says; nothing at all is USAGE. */
static void add_privileges(struct virtual_writer *writer, const struct grantee *grantee, privilege_set set)
{
	bool may_grant = set & PRIVILEGE(GRANT);
	set &= ~PRIVILEGE(GRANT);
	if (set == 0)
		add_privilege(writer, grantee, "USAGE", may_grant);
	for (unsigned i = 0; i < PRIVILEGE_COUNT; i++)
		if (set >> i & 1)
			add_privilege(writer, grantee, privilege_name((enum privilege)i), may_grant);
}

static const char *grantee_name(struct virtual_writer *writer, const char *user, const char *host)
{
	return arena_printf(writer->arena, "'%s'@'%s'", user, host);
}

int fill_user_privileges(struct virtual_writer *writer)
{
	struct account_row row;
	for (size_t i = 0; accounts_at(writer->session->server->accounts, i, writer->arena, &row); i++) {
		struct grantee grantee = {grantee_name(writer, row.user, row.host), NULL, NULL};
		if (may_see(writer, row.user, row.host))
			add_privileges(writer, &grantee, row.global);
	}
	return 0;
}

static void fill_grants(struct virtual_writer *writer, bool of_tables)
{
	struct grant_row row;
	for (size_t i = 0; accounts_grant_at(writer->session->server->accounts, i, writer->arena, &row); i++) {
		if ((*row.table != 0) != of_tables || !may_see(writer, row.user, row.host))
			continue;
		struct grantee grantee = {grantee_name(writer, row.user, row.host), row.database,
					  of_tables ? row.table : NULL};
		add_privileges(writer, &grantee, row.privileges);
	}
}

int fill_schema_privileges(struct virtual_writer *writer)
{
	fill_grants(writer, false);
	return 0;
}

int fill_table_privileges(struct virtual_writer *writer)
{
	fill_grants(writer, true);
	return 0;
}

/* ------------------------------------------------------------------ mysql's own tables */

static void put_flags(struct virtual_writer *writer, privilege_set held, const enum privilege *order, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		virtual_put_text(writer, held >> order[i] & 1 ? "Y" : "N");
}

static void put_rule(struct virtual_writer *writer, const struct account_row *row, enum account_rule rule)
{
	virtual_put_known(writer, row->rules.of[rule] != rule_default, (uint64_t)row->rules.of[rule]);
}

/* The columns between an account's privileges and the two of roles. */
static void put_credentials(struct virtual_writer *writer, const struct account_row *row)
{
	virtual_put_text(writer, account_requirement_type(row->requirement));
	virtual_put_text(writer, row->requirement->cipher);
	virtual_put_text(writer, row->requirement->issuer);
	virtual_put_text(writer, row->requirement->subject);
	for (unsigned i = RULE_QUERIES; i <= RULE_USER_CONNECTIONS; i++)
		virtual_put_uint(writer, (uint64_t)row->rules.of[i]);
	virtual_put_text(writer, row->method);
	virtual_put_text(writer, row->credential);
	virtual_put_text(writer, row->password_expired ? "Y" : "N");
	if (row->password_changed_us)
		virtual_put_time(writer, row->password_changed_us);
	else
		virtual_put_null(writer);
	put_rule(writer, row, RULE_PASSWORD_LIFETIME);
	virtual_put_text(writer, row->locked ? "Y" : "N");
}

/* The columns behind the two of roles. */
static void put_password_rules(struct virtual_writer *writer, const struct account_row *row)
{
	int64_t attempts = row->rules.of[RULE_LOGIN_ATTEMPTS], days = row->rules.of[RULE_LOCK_DAYS];
	put_rule(writer, row, RULE_PASSWORD_HISTORY);
	put_rule(writer, row, RULE_PASSWORD_REUSE);
	virtual_put_text(writer, row->rules.of[RULE_PASSWORD_CURRENT] == rule_default ? NULL : "N");
	virtual_put_text(writer, attempts == 0 && days == 0
					 ? NULL
					 : arena_printf(writer->arena,
							"{\"Password_locking\": {\"failed_login_attempts\": %lld, "
							"\"password_lock_time_days\": %lld}}",
							(long long)attempts, (long long)days));
}

int fill_mysql_user(struct virtual_writer *writer)
{
	static const enum privilege order[] = {
		PRIVILEGE_SELECT, PRIVILEGE_INSERT, PRIVILEGE_UPDATE, PRIVILEGE_DELETE, PRIVILEGE_CREATE,
		PRIVILEGE_DROP, PRIVILEGE_RELOAD, PRIVILEGE_SHUTDOWN, PRIVILEGE_PROCESS, PRIVILEGE_FILE,
		PRIVILEGE_GRANT, PRIVILEGE_REFERENCES, PRIVILEGE_INDEX, PRIVILEGE_ALTER, PRIVILEGE_SHOW_DATABASES,
		PRIVILEGE_SUPER, PRIVILEGE_CREATE_TEMPORARY_TABLES, PRIVILEGE_LOCK_TABLES, PRIVILEGE_EXECUTE,
		PRIVILEGE_REPLICATION_SLAVE, PRIVILEGE_REPLICATION_CLIENT, PRIVILEGE_CREATE_VIEW,
		PRIVILEGE_SHOW_VIEW, PRIVILEGE_CREATE_ROUTINE, PRIVILEGE_ALTER_ROUTINE, PRIVILEGE_CREATE_USER,
		PRIVILEGE_EVENT, PRIVILEGE_TRIGGER, PRIVILEGE_CREATE_TABLESPACE};
	static const enum privilege roles[] = {PRIVILEGE_CREATE_ROLE, PRIVILEGE_DROP_ROLE};
	struct account_row row;
	for (size_t i = 0; accounts_at(writer->session->server->accounts, i, writer->arena, &row); i++) {
		virtual_put_text(writer, row.host);
		virtual_put_text(writer, row.user);
		put_flags(writer, row.global, order, sizeof order / sizeof *order);
		put_credentials(writer, &row);
		put_flags(writer, row.global, roles, 2);
		put_password_rules(writer, &row);
		virtual_row(writer);
	}
	return 0;
}

int fill_mysql_db(struct virtual_writer *writer)
{
	static const enum privilege order[] = {
		PRIVILEGE_SELECT, PRIVILEGE_INSERT, PRIVILEGE_UPDATE, PRIVILEGE_DELETE, PRIVILEGE_CREATE,
		PRIVILEGE_DROP, PRIVILEGE_GRANT, PRIVILEGE_REFERENCES, PRIVILEGE_INDEX, PRIVILEGE_ALTER,
		PRIVILEGE_CREATE_TEMPORARY_TABLES, PRIVILEGE_LOCK_TABLES, PRIVILEGE_CREATE_VIEW,
		PRIVILEGE_SHOW_VIEW, PRIVILEGE_CREATE_ROUTINE, PRIVILEGE_ALTER_ROUTINE, PRIVILEGE_EXECUTE,
		PRIVILEGE_EVENT, PRIVILEGE_TRIGGER};
	struct grant_row row;
	for (size_t i = 0; accounts_grant_at(writer->session->server->accounts, i, writer->arena, &row); i++) {
		if (*row.table)
			continue;
		virtual_put_text(writer, row.host);
		virtual_put_text(writer, row.database);
		virtual_put_text(writer, row.user);
		put_flags(writer, row.privileges, order, sizeof order / sizeof *order);
		virtual_row(writer);
	}
	return 0;
}

/* "Select,Insert,Create View": the members of MySQL's SET in its order. */
static const char *table_privileges(struct arena *arena, privilege_set held)
{
	static const struct {
		enum privilege privilege;
		const char *name;
	} members[] = {{PRIVILEGE_SELECT, "Select"}, {PRIVILEGE_INSERT, "Insert"}, {PRIVILEGE_UPDATE, "Update"},
		       {PRIVILEGE_DELETE, "Delete"}, {PRIVILEGE_CREATE, "Create"}, {PRIVILEGE_DROP, "Drop"},
		       {PRIVILEGE_GRANT, "Grant"}, {PRIVILEGE_REFERENCES, "References"}, {PRIVILEGE_INDEX, "Index"},
		       {PRIVILEGE_ALTER, "Alter"}, {PRIVILEGE_CREATE_VIEW, "Create View"},
		       {PRIVILEGE_SHOW_VIEW, "Show view"}, {PRIVILEGE_TRIGGER, "Trigger"}};
	const char *text = "";
	for (unsigned i = 0; i < sizeof members / sizeof *members; i++)
		if (held >> members[i].privilege & 1)
			text = arena_printf(arena, "%s%s%s", text, *text ? "," : "", members[i].name);
	return text;
}

int fill_mysql_tables_priv(struct virtual_writer *writer)
{
	struct grant_row row;
	for (size_t i = 0; accounts_grant_at(writer->session->server->accounts, i, writer->arena, &row); i++) {
		if (*row.table == 0)
			continue;
		virtual_put_text(writer, row.host);
		virtual_put_text(writer, row.database);
		virtual_put_text(writer, row.user);
		virtual_put_text(writer, row.table);
		virtual_put_text(writer, "");
		virtual_put_time(writer, 0);
		virtual_put_text(writer, table_privileges(writer->arena, row.privileges));
		virtual_put_text(writer, "");
		virtual_row(writer);
	}
	return 0;
}
