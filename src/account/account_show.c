/* Accounts as statements and as rows. */
#include <stdio.h>

#include "account/account_internal.h"

static void put_privileges(struct buf *out, privilege_set set, privilege_set all)
{
	set &= ~PRIVILEGE(GRANT);
	if (set == 0) {
		buf_put_string(out, "USAGE");
		return;
	}
	if ((set & all) == all) {
		buf_put_string(out, "ALL PRIVILEGES");
		return;
	}
	const char *separator = "";
	for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
		if (!(set >> i & 1))
			continue;
		buf_printf(out, "%s%s", separator, privilege_name((enum privilege)i));
		separator = ", ";
	}
}

static void put_quoted(struct buf *out, const char *text, char quote)
{
	buf_put_u8(out, (uint8_t)quote);
	for (; *text; text++) {
		if (*text == quote || (quote == '\'' && *text == '\\'))
			buf_put_u8(out, (uint8_t)*text);
		buf_put_u8(out, (uint8_t)*text);
	}
	buf_put_u8(out, (uint8_t)quote);
}

static void put_name(struct buf *out, const struct account *account)
{
	put_quoted(out, account->user, '`');
	buf_put_u8(out, '@');
	put_quoted(out, account->host, '`');
}

static const char *finish(struct buf *text, struct arena *arena)
{
	const char *copy = arena_copy_text(arena, (const char *)text->data, text->size);
	buf_clear(text);
	return copy;
}

static const char *global_grant(const struct account *account, struct buf *text, struct arena *arena)
{
	buf_put_string(text, "GRANT ");
	put_privileges(text, account->global, privileges_all_global);
	buf_put_string(text, " ON *.* TO ");
	put_name(text, account);
	if (account->global & PRIVILEGE(GRANT))
		buf_put_string(text, " WITH GRANT OPTION");
	return finish(text, arena);
}

static const char *local_grant(const struct account *account, const struct grant *grant, struct buf *text,
			       struct arena *arena)
{
	bool is_table = grant->table[0] != 0;
	buf_put_string(text, "GRANT ");
	put_privileges(text, grant->privileges, is_table ? privileges_all_table : privileges_all_database);
	buf_put_string(text, " ON ");
	put_quoted(text, grant->database, '`');
	buf_put_u8(text, '.');
	if (is_table)
		put_quoted(text, grant->table, '`');
	else
		buf_put_u8(text, '*');
	buf_put_string(text, " TO ");
	put_name(text, account);
	if (grant->privileges & PRIVILEGE(GRANT))
		buf_put_string(text, " WITH GRANT OPTION");
	return finish(text, arena);
}

int accounts_show_grants(struct accounts *accounts, const struct account_name *name, struct arena *arena,
			 const char ***out_grants, unsigned *out_count, struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	unsigned count = 0;
	lock_take(&accounts->lock);
	const struct account *account = account_list_find(&accounts->current, name->user, name->host);
	if (account) {
		const char **grants = arena_array(arena, const char *, account->grant_count + 1);
		grants[count++] = global_grant(account, &text, arena);
		for (size_t i = 0; i < account->grant_count; i++)
			grants[count++] = local_grant(account, &account->grants[i], &text, arena);
		*out_grants = grants;
	}
	lock_release(&accounts->lock);
	buf_deinit(&text);
	*out_count = count;
	return count ? 0 : diag_set(diag, ER_NONEXISTING_GRANT, name->user, name->host);
}

static void put_credential(struct buf *out, const struct account *account)
{
	buf_printf(out, " IDENTIFIED WITH '%s'", auth_method_name(account->method));
	if (account->credential[0]) {
		buf_put_string(out, " AS ");
		put_quoted(out, account->credential, '\'');
	}
}

static void put_requirement(struct buf *out, const struct account_requirement *requirement)
{
	static const char *const words[] = {[REQUIRE_NOTHING] = " NONE", [REQUIRE_TLS] = " SSL",
					    [REQUIRE_CERTIFICATE] = " X509", [REQUIRE_SPECIFIED] = ""};
	const struct {
		const char *word, *text;
	} parts[] = {{" SUBJECT ", requirement->subject}, {" ISSUER ", requirement->issuer},
		     {" CIPHER ", requirement->cipher}};
	buf_printf(out, " REQUIRE%s", words[requirement->kind]);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (requirement->kind == REQUIRE_SPECIFIED && *parts[i].text) {
			buf_put_string(out, parts[i].word);
			put_quoted(out, parts[i].text, '\'');
		}
}

int accounts_show_create(struct accounts *accounts, const struct account_name *name, struct arena *arena,
			 const char **out_text, struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	lock_take(&accounts->lock);
	const struct account *account = account_list_find(&accounts->current, name->user, name->host);
	if (account) {
		buf_put_string(&text, "CREATE USER ");
		put_name(&text, account);
		put_credential(&text, account);
		put_requirement(&text, &account->requirement);
		account_rules_print_limits(&account->rules, &text);
		account_rules_print_lifetime(&account->rules, account->password_expired, &text);
		buf_printf(&text, " ACCOUNT %s", account->locked ? "LOCK" : "UNLOCK");
		account_rules_print_passwords(&account->rules, &text);
		*out_text = finish(&text, arena);
	}
	lock_release(&accounts->lock);
	buf_deinit(&text);
	if (account)
		return 0;
	char shown[400];
	snprintf(shown, sizeof shown, "'%s'@'%s'", name->user, name->host);
	return diag_set(diag, ER_CANNOT_USER, "SHOW CREATE USER", shown);
}

bool accounts_at(struct accounts *accounts, size_t index, struct arena *arena, struct account_row *out)
{
	lock_take(&accounts->lock);
	bool found = index < accounts->current.count;
	if (found) {
		const struct account *account = accounts->current.items[index];
		*out = (struct account_row){
			.user = arena_copy_string(arena, account->user),
			.host = arena_copy_string(arena, account->host),
			.method = auth_method_name(account->method),
			.credential = arena_copy_string(arena, account->credential),
			.global = account->global,
			.locked = account->locked,
			.password_expired = account->password_expired,
			.password_changed_us = account->password_changed_us,
			.rules = account->rules,
			.requirement = arena_copy(arena, &account->requirement, sizeof account->requirement),
		};
	}
	lock_release(&accounts->lock);
	return found;
}

bool accounts_grant_at(struct accounts *accounts, size_t index, struct arena *arena, struct grant_row *out)
{
	bool found = false;
	lock_take(&accounts->lock);
	for (size_t i = 0; i < accounts->current.count && !found; i++) {
		const struct account *account = accounts->current.items[i];
		found = index < account->grant_count;
		if (!found) {
			index -= account->grant_count;
			continue;
		}
		const struct grant *grant = &account->grants[index];
		*out = (struct grant_row){arena_copy_string(arena, account->user),
					  arena_copy_string(arena, account->host),
					  arena_copy_string(arena, grant->database),
					  arena_copy_string(arena, grant->table), grant->privileges};
	}
	lock_release(&accounts->lock);
	return found;
}
