/* Who may come in, and what they may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "account/account.h"
#include "base/digest.h"
#include "base/log.h"

struct fixture {
	char directory[64];
	struct store *store;
	struct accounts *accounts;
};

static void open_accounts(struct fixture *fixture)
{
	struct store_options options = {.memory.size = 1 << 20, .write_buffer_size = 1 << 20,
					.background_threads = 1};
	struct diag diag = DIAG_INIT;
	char path[80];
	snprintf(path, sizeof path, "%s/store", fixture->directory);
	assert_int_equal(store_open(path, &options, &fixture->store, &diag), 0);
	assert_int_equal(accounts_open(fixture->store, &fixture->accounts, &diag), 0);
}

static void close_accounts(struct fixture *fixture)
{
	accounts_close(&fixture->accounts);
	store_close(&fixture->store);
}

static int set_up(void **state)
{
	static struct fixture fixture;
	log_set_verbosity(LOG_ERROR);
	strcpy(fixture.directory, "/tmp/gemel-account-XXXXXX");
	assert_non_null(mkdtemp(fixture.directory));
	open_accounts(&fixture);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[128];
	close_accounts(fixture);
	snprintf(command, sizeof command, "rm -rf '%s'", fixture->directory);
	return system(command);
}

static const uint8_t nonce[21] = "abcdefghijklmnopqrst";

/* What a client sends for a password. */
static struct bytes respond(const char *password, uint8_t out[20])
{
	uint8_t once[64], twice[64], mask[64];
	struct bytes text = bytes_of_string(password);
	digest_compute(DIGEST_SHA1, &text, 1, once);
	struct bytes first = bytes_of(once, 20);
	digest_compute(DIGEST_SHA1, &first, 1, twice);
	struct bytes parts[] = {bytes_of(nonce, 20), bytes_of(twice, 20)};
	digest_compute(DIGEST_SHA1, parts, 2, mask);
	for (int i = 0; i < 20; i++)
		out[i] = once[i] ^ mask[i];
	return bytes_of(out, 20);
}

static void create(struct fixture *fixture, const char *user, const char *host, const char *password)
{
	struct account_name name = {user, host};
	char credential[credential_size];
	struct account_settings settings = {.method = AUTH_NATIVE, .credential = credential, .locked = -1,
					    .password_expired = -1, .rules = account_rules_keep_all()};
	credential_make(AUTH_NATIVE, bytes_of_string(password), credential);
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(fixture->store, 1000);
	assert_int_equal(accounts_create(fixture->accounts, txn, &name, &settings, &diag), 0);
	assert_int_equal(store_txn_commit(txn, false, &diag), 0);
	store_txn_end(&txn);
	accounts_publish(fixture->accounts);
}

static unsigned come_in(struct fixture *fixture, const char *user, const char *host, const char *password,
			struct account_match *out)
{
	uint8_t response[20];
	struct diag diag = DIAG_INIT;
	struct bytes answer = *password ? respond(password, response) : bytes_of(NULL, 0);
	if (accounts_match(fixture->accounts, user, host, NULL, AUTH_NATIVE, out, &diag) != 0)
		return diag.code;
	bool right = out->found && credential_native_is_right(out->credential, nonce, answer);
	return right ? 0 : ER_ACCESS_DENIED_ERROR;
}

static void root_begins_without_a_password(void **state)
{
	struct account_match match;
	assert_int_equal(come_in(*state, "root", "localhost", "", &match), 0);
	assert_int_equal(come_in(*state, "root", "localhost", "guess", &match), ER_ACCESS_DENIED_ERROR);
}

static void passwords_are_checked(void **state)
{
	struct account_match match;
	create(*state, "repl", "127.0.0.%", "pray4sync");
	assert_int_equal(come_in(*state, "repl", "127.0.0.1", "pray4sync", &match), 0);
	assert_string_equal(match.host, "127.0.0.%");
	assert_int_equal(come_in(*state, "repl", "127.0.0.1", "pray4sinc", &match), ER_ACCESS_DENIED_ERROR);
	assert_int_equal(come_in(*state, "repl", "127.0.0.1", "", &match), ER_ACCESS_DENIED_ERROR);
	assert_int_equal(come_in(*state, "repl", "10.0.0.1", "pray4sync", &match), ER_HOST_NOT_PRIVILEGED);
}

static void the_most_specific_host_counts(void **state)
{
	struct account_match match;
	create(*state, "app", "%", "wide");
	create(*state, "app", "10.1.2.3", "narrow");
	create(*state, "net", "192.168.0.0/255.255.0.0", "mask");
	assert_int_equal(come_in(*state, "app", "10.1.2.3", "narrow", &match), 0);
	assert_int_equal(come_in(*state, "app", "10.1.2.3", "wide", &match), ER_ACCESS_DENIED_ERROR);
	assert_int_equal(come_in(*state, "app", "10.9.9.9", "wide", &match), 0);
	assert_int_equal(come_in(*state, "net", "192.168.77.1", "mask", &match), 0);
	assert_int_equal(come_in(*state, "net", "192.169.0.1", "mask", &match), ER_ACCESS_DENIED_ERROR);
}

static void grant(struct fixture *fixture, privilege_set set, const char *database, const char *table)
{
	struct account_name name = {"reader", "%"};
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(fixture->store, 1000);
	assert_int_equal(accounts_grant(fixture->accounts, txn, &name, set, database, table, &diag), 0);
	assert_int_equal(store_txn_commit(txn, false, &diag), 0);
	store_txn_end(&txn);
	accounts_publish(fixture->accounts);
}

static void grants_hold_at_their_level_and_survive_a_restart(void **state)
{
	struct fixture *fixture = *state;
	create(fixture, "reader", "%", "x");
	grant(fixture, PRIVILEGE(SELECT), "shop\\_%", NULL);
	grant(fixture, PRIVILEGE(INSERT), "log", "lines");
	close_accounts(fixture);
	open_accounts(fixture);
	struct accounts *accounts = fixture->accounts;
	assert_true(accounts_privileges(accounts, "reader", "%", "shop_1", "t") & PRIVILEGE(SELECT));
	assert_false(accounts_privileges(accounts, "reader", "%", "shops", "t") & PRIVILEGE(SELECT));
	assert_true(accounts_privileges(accounts, "reader", "%", "log", "lines") & PRIVILEGE(INSERT));
	assert_int_equal(accounts_privileges(accounts, "reader", "%", "log", "other"), 0);
	assert_int_equal(accounts_privileges(accounts, "reader", "%", NULL, NULL), 0);
	assert_true(accounts_may_see_database(accounts, "reader", "%", "log"));
	assert_false(accounts_may_see_database(accounts, "reader", "%", "mysql"));
}

static void an_abandoned_change_never_was(void **state)
{
	struct fixture *fixture = *state;
	struct account_name name = {"ghost", "%"};
	struct account_settings settings = {.locked = -1, .password_expired = -1,
					    .rules = account_rules_keep_all()};
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(fixture->store, 1000);
	assert_int_equal(accounts_create(fixture->accounts, txn, &name, &settings, &diag), 0);
	assert_true(accounts_exists(fixture->accounts, &name));
	store_txn_rollback(txn);
	store_txn_end(&txn);
	accounts_abandon(fixture->accounts);
	assert_false(accounts_exists(fixture->accounts, &name));
}

static void grants_are_shown_as_mysql_shows_them(void **state)
{
	struct fixture *fixture = *state;
	struct account_name name = {"reader", "%"};
	const char **grants;
	unsigned count;
	struct arena arena;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	create(fixture, "reader", "%", "x");
	grant(fixture, PRIVILEGE(REPLICATION_SLAVE), NULL, NULL);
	grant(fixture, privileges_all_database, "shop", NULL);
	assert_int_equal(accounts_show_grants(fixture->accounts, &name, &arena, &grants, &count, &diag), 0);
	assert_int_equal(count, 2);
	assert_string_equal(grants[0], "GRANT REPLICATION SLAVE ON *.* TO `reader`@`%`");
	assert_string_equal(grants[1], "GRANT ALL PRIVILEGES ON `shop`.* TO `reader`@`%`");
	arena_deinit(&arena);
}

static void alter(struct fixture *fixture, const char *user, const struct account_settings *settings)
{
	struct account_name name = {user, "%"};
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(fixture->store, 1000);
	assert_int_equal(accounts_alter(fixture->accounts, txn, &name, settings, &diag), 0);
	assert_int_equal(store_txn_commit(txn, false, &diag), 0);
	store_txn_end(&txn);
	accounts_publish(fixture->accounts);
}

static void method_and_requirement_survive_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct account_match match;
	struct account_requirement requirement = {REQUIRE_SPECIFIED, "", "/CN=ca", "/CN=it's"};
	struct account_settings settings = {.method = AUTH_CACHING_SHA2, .locked = -1, .password_expired = -1,
					    .rules = account_rules_keep_all(), .requirement = &requirement};
	char credential[credential_size];
	const char *text;
	struct arena arena;
	struct diag diag = DIAG_INIT;
	credential_make(AUTH_CACHING_SHA2, bytes_of_string("secret"), credential);
	settings.credential = credential;
	create(fixture, "u", "%", "x");
	alter(fixture, "u", &settings);
	close_accounts(fixture);
	open_accounts(fixture);
	assert_int_equal(accounts_match(fixture->accounts, "u", "h", NULL, AUTH_NATIVE, &match, &diag), 0);
	assert_int_equal(match.method, AUTH_CACHING_SHA2);
	assert_true(credential_password_is_right(match.method, match.credential, bytes_of_string("secret")));
	assert_string_equal(match.requirement.subject, "/CN=it's");
	arena_init(&arena);
	assert_int_equal(accounts_show_create(fixture->accounts, &(struct account_name){"u", "%"}, &arena, &text, &diag),
			 0);
	assert_non_null(strstr(text, "REQUIRE SUBJECT '/CN=it''s' ISSUER '/CN=ca' PASSWORD"));
	assert_non_null(strstr(text, "IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$"));
	arena_deinit(&arena);
}

static bool has_fast_digest(struct fixture *fixture)
{
	struct account_match match;
	struct diag diag = DIAG_INIT;
	assert_int_equal(accounts_match(fixture->accounts, "u", "h", NULL, AUTH_NATIVE, &match, &diag), 0);
	return match.has_fast_digest;
}

static void a_fast_digest_lasts_until_the_password_changes(void **state)
{
	struct fixture *fixture = *state;
	struct account_match match;
	struct account_settings settings = {.method = AUTH_CACHING_SHA2, .locked = -1, .password_expired = -1,
					    .rules = account_rules_keep_all(), .credential = ""};
	uint8_t digest[fast_digest_size];
	struct diag diag = DIAG_INIT;
	create(fixture, "u", "%", "x");
	create(fixture, "other", "%", "x");
	assert_int_equal(accounts_match(fixture->accounts, "u", "h", NULL, AUTH_NATIVE, &match, &diag), 0);
	credential_fast_digest(bytes_of_string("x"), digest);
	accounts_keep_fast_digest(fixture->accounts, &match, digest);
	assert_true(has_fast_digest(fixture));
	alter(fixture, "other", &settings);
	assert_true(has_fast_digest(fixture));
	alter(fixture, "u", &settings);
	assert_false(has_fast_digest(fixture));
	accounts_keep_fast_digest(fixture->accounts, &match, digest); /* of the password that was */
	assert_false(has_fast_digest(fixture));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(root_begins_without_a_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(passwords_are_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_most_specific_host_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grants_hold_at_their_level_and_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_abandoned_change_never_was, set_up, tear_down),
		cmocka_unit_test_setup_teardown(method_and_requirement_survive_a_restart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_fast_digest_lasts_until_the_password_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(grants_are_shown_as_mysql_shows_them, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
