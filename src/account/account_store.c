/*
 * Accounts at rest. Key: space, user, 0, host. Value, version 3:
 *
 *   u8 version | lenenc credential | u64 global privileges | u8 locked | u8 expired | lenenc "", "SSL" or "X509" | u64 0
 *   | lenenc count, for each grant: lenenc database, lenenc table, u64 privileges
 *   | lenenc method | u8 requirement | lenenc cipher, issuer, subject
 *   | u64 time of the password | lenenc count, for each rule: u64
 *   | lenenc count, for each past password: lenenc method, lenenc credential, u64 time
 *
 * Version 2 ended behind the requirement. Version 1 ended behind the grants: the method was mysql_native_password, the
 * requirement what the text says, which is empty since. Times are µs. Rules that are not there are as in a new account.
 */
#include <stdio.h>

#include "account/account_internal.h"
#include "base/memory.h"

enum { format_version = 3 };

void account_put_key(const char *user, const char *host, struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_ACCOUNT);
	buf_put_cstring(out, user);
	buf_put_string(out, host);
}

static void put_text(struct buf *out, const char *text)
{
	buf_put_lenenc_bytes(out, bytes_of_string(text));
}

static void put_rules(struct buf *out, const struct account *account)
{
	buf_put_u64(out, (uint64_t)account->password_changed_us);
	buf_put_lenenc(out, RULE_COUNT);
	for (unsigned i = 0; i < RULE_COUNT; i++)
		buf_put_u64(out, (uint64_t)account->rules.of[i]);
	buf_put_lenenc(out, account->past_count);
	for (size_t i = 0; i < account->past_count; i++) {
		put_text(out, auth_method_name(account->past[i].method));
		put_text(out, account->past[i].credential);
		buf_put_u64(out, (uint64_t)account->past[i].given_us);
	}
}

void account_encode(const struct account *account, struct buf *out)
{
	buf_put_u8(out, format_version);
	put_text(out, account->credential);
	buf_put_u64(out, account->global);
	buf_put_u8(out, account->locked);
	buf_put_u8(out, account->password_expired);
	put_text(out, "");
	buf_put_u64(out, 0);
	buf_put_lenenc(out, account->grant_count);
	for (size_t i = 0; i < account->grant_count; i++) {
		put_text(out, account->grants[i].database);
		put_text(out, account->grants[i].table);
		buf_put_u64(out, account->grants[i].privileges);
	}
	put_text(out, auth_method_name(account->method));
	buf_put_u8(out, (uint8_t)account->requirement.kind);
	put_text(out, account->requirement.cipher);
	put_text(out, account->requirement.issuer);
	put_text(out, account->requirement.subject);
	put_rules(out, account);
}

static void read_text(struct cursor *cursor, char *out, size_t size)
{
	struct bytes text = cursor_lenenc_bytes(cursor);
	snprintf(out, size, "%.*s", (int)text.size, text.size ? (const char *)text.data : "");
}

static char *read_string(struct cursor *cursor)
{
	struct bytes text = cursor_lenenc_bytes(cursor);
	char *copy = memory_alloc(text.size + 1);
	if (text.size)
		memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	return copy;
}

static void read_grants(struct cursor *cursor, struct account *account)
{
	uint64_t count = cursor_lenenc(cursor);
	for (uint64_t i = 0; i < count && !cursor->failed; i++) {
		char *database = read_string(cursor), *table = read_string(cursor);
		account_add_grant(account, database, table)->privileges = cursor_u64(cursor);
		memory_free(database);
		memory_free(table);
	}
}

static void read_security(struct cursor *cursor, struct account *account)
{
	char method[64];
	struct account_requirement *requirement = &account->requirement;
	read_text(cursor, method, sizeof method);
	uint8_t kind = cursor_u8(cursor);
	read_text(cursor, requirement->cipher, sizeof requirement->cipher);
	read_text(cursor, requirement->issuer, sizeof requirement->issuer);
	read_text(cursor, requirement->subject, sizeof requirement->subject);
	if (kind > REQUIRE_SPECIFIED || !auth_method_find(method, &account->method))
		cursor->failed = true;
	requirement->kind = (enum requirement_kind)kind;
}

static void read_rules(struct cursor *cursor, struct account *account)
{
	account->password_changed_us = (int64_t)cursor_u64(cursor);
	uint64_t rule_count = cursor_lenenc(cursor);
	if (rule_count > RULE_COUNT)
		cursor->failed = true;
	for (uint64_t i = 0; i < rule_count && !cursor->failed; i++)
		account->rules.of[i] = (int64_t)cursor_u64(cursor);
	uint64_t past_count = cursor_lenenc(cursor);
	for (uint64_t i = 0; i < past_count && !cursor->failed; i++) {
		struct past_password past;
		char method[64];
		read_text(cursor, method, sizeof method);
		read_text(cursor, past.credential, sizeof past.credential);
		past.given_us = (int64_t)cursor_u64(cursor);
		cursor->failed |= !auth_method_find(method, &past.method);
		account_add_past(account, &past);
	}
}

struct account *account_decode(struct bytes key, struct bytes value, struct diag *diag)
{
	struct cursor names = cursor_of(key), cursor = cursor_of(value);
	cursor_skip(&names, 4);
	struct bytes user = cursor_until_zero(&names), host = cursor_rest(&names);
	char user_text[97], host_text[256];
	snprintf(user_text, sizeof user_text, "%.*s", (int)user.size, (const char *)user.data);
	snprintf(host_text, sizeof host_text, "%.*s", (int)host.size, (const char *)host.data);
	struct account *account = account_create(user_text, host_text);
	char requirement[8];
	uint8_t version = cursor_u8(&cursor);
	read_text(&cursor, account->credential, sizeof account->credential);
	account->global = cursor_u64(&cursor);
	account->locked = cursor_u8(&cursor);
	account->password_expired = cursor_u8(&cursor);
	read_text(&cursor, requirement, sizeof requirement);
	cursor_skip(&cursor, 8);
	read_grants(&cursor, account);
	if (version == 1)
		account->requirement.kind = *requirement == 0	  ? REQUIRE_NOTHING
					    : *requirement == 'S' ? REQUIRE_TLS
								  : REQUIRE_CERTIFICATE;
	else
		read_security(&cursor, account);
	if (version > 2)
		read_rules(&cursor, account);
	if (!cursor.failed && !names.failed && version >= 1 && version <= format_version)
		return account;
	account_free(account);
	diag_set_message(diag, ER_UNKNOWN_ERROR, "The stored account '%s'@'%s' cannot be read (format version %u)",
			 user_text, host_text, version);
	return NULL;
}

int accounts_load(struct store *store, struct account_list *out, struct diag *diag)
{
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, STORE_SPACE_ACCOUNT, 4);
	bytes_store_uint_be(upper, STORE_SPACE_ACCOUNT + 1, 4);
	struct store_iterator *iterator =
		store_iterator_create(store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	int status = 0;
	for (bool more = store_iterator_seek(iterator, bytes_of(lower, 4)); more && status == 0;
	     more = store_iterator_next(iterator)) {
		struct account *account =
			account_decode(store_iterator_key(iterator), store_iterator_value(iterator), diag);
		if (account)
			account_list_add(out, account);
		else
			status = -1;
	}
	if (status == 0)
		status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	return status;
}
