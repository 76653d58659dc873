/* What is kept of passwords, which answers are right, and what a connection has to be like. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "account/credential.h"
#include "account/requirement.h"
#include "account/sha256_crypt.h"
#include "base/digest.h"

static const uint8_t nonce[21] = "abcdefghijklmnopqrst";

static void sha256_crypt_gives_what_the_c_library_gives(void **state)
{
	static const struct {
		const char *password, *salt, *digest;
	} cases[] = {
		{"", "a",
		 "CZ9Csdk0HaS3TQcxgDHTwM2gwOEDCViPn83i6BpFdH."},
		{"x", "saltstring",
		 "8lNOPUYH/6hNVwI72WGU4WW1KQqblnIzRCd9nWOKs5A"},
		{"Hello world!", "saltstring",
		 "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
		{"a very much longer text to encrypt.  This one even stretches over more than one line.", "anotherlongsalt",
		 "pe/HrubXhEFC35WkMYc/2Hu8m8zZRBhKw6Zk8YwV0Y7"},
	};
	char digest[sha256_crypt_size + 1];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sha256_crypt(bytes_of_string(cases[i].password), bytes_of_string(cases[i].salt), sha256_crypt_rounds,
			     digest);
		assert_string_equal(digest, cases[i].digest);
	}
}

static void a_credential_accepts_its_password_and_no_other(void **state)
{
	const enum auth_method methods[] = {AUTH_SHA256, AUTH_CACHING_SHA2};
	for (unsigned i = 0; i < 2; i++) {
		char one[credential_size], two[credential_size];
		credential_make(methods[i], bytes_of_string("pray4sync"), one);
		credential_make(methods[i], bytes_of_string("pray4sync"), two);
		assert_string_not_equal(one, two); /* salted */
		assert_true(credential_is_valid(methods[i], one));
		assert_true(credential_password_is_right(methods[i], one, bytes_of_string("pray4sync")));
		assert_false(credential_password_is_right(methods[i], one, bytes_of_string("pray4sinc")));
		assert_false(credential_password_is_right(methods[i], one, bytes_of_string("")));
	}
}

static void no_password_is_kept_as_nothing(void **state)
{
	char credential[credential_size];
	for (enum auth_method method = AUTH_NATIVE; method <= AUTH_CACHING_SHA2; method++) {
		credential_make(method, bytes_of_string(""), credential);
		assert_string_equal(credential, "");
		assert_true(credential_is_valid(method, ""));
	}
	assert_true(credential_password_is_right(AUTH_CACHING_SHA2, "", bytes_of_string("")));
	assert_false(credential_password_is_right(AUTH_CACHING_SHA2, "", bytes_of_string("guess")));
	assert_true(credential_native_is_right("", nonce, bytes_of_string("")));
	assert_false(credential_native_is_right("", nonce, bytes_of_string("12345678901234567890")));
}

static void what_no_method_keeps_is_refused(void **state)
{
	char credential[credential_size];
	credential_make(AUTH_NATIVE, bytes_of_string("x"), credential);
	assert_true(credential_is_valid(AUTH_NATIVE, credential));
	assert_false(credential_is_valid(AUTH_CACHING_SHA2, credential));
	credential[5] = 'g';
	assert_false(credential_is_valid(AUTH_NATIVE, credential));
	credential_make(AUTH_CACHING_SHA2, bytes_of_string("x"), credential);
	assert_false(credential_is_valid(AUTH_NATIVE, credential));
	assert_false(credential_is_valid(AUTH_SHA256, credential));
	credential[strlen(credential) - 1] = 0;
	assert_false(credential_is_valid(AUTH_CACHING_SHA2, credential));
	assert_false(credential_is_valid(AUTH_CACHING_SHA2, "$A$005$"));
	assert_false(credential_is_valid(AUTH_SHA256, "$5$"));
}

static void a_password_of_endless_length_costs_nothing(void **state)
{
	static uint8_t endless[1024 * 1024];
	char credential[credential_size];
	credential_make(AUTH_CACHING_SHA2, bytes_of_string("x"), credential);
	assert_false(credential_password_is_right(AUTH_CACHING_SHA2, credential, bytes_of(endless, sizeof endless)));
}

static void the_fast_answer_is_right_for_its_nonce_only(void **state)
{
	uint8_t digest[fast_digest_size], once[digest_size_max], mask[digest_size_max], answer[sha256_size];
	struct bytes password = bytes_of_string("secret");
	credential_fast_digest(password, digest);
	digest_compute(DIGEST_SHA256, &password, 1, once);
	struct bytes parts[] = {bytes_of(digest, sizeof digest), bytes_of(nonce, 20)};
	digest_compute(DIGEST_SHA256, parts, 2, mask);
	for (int i = 0; i < sha256_size; i++)
		answer[i] = once[i] ^ mask[i];
	assert_true(credential_fast_is_right(digest, nonce, bytes_of(answer, sizeof answer)));
	assert_false(credential_fast_is_right(digest, (const uint8_t *)"bbcdefghijklmnopqrst",
					      bytes_of(answer, sizeof answer)));
	assert_false(credential_fast_is_right(digest, nonce, bytes_of(answer, sizeof answer - 1)));
}

static void methods_are_found_by_name(void **state)
{
	enum auth_method method;
	assert_true(auth_method_find("Caching_SHA2_Password", &method) && method == AUTH_CACHING_SHA2);
	assert_true(auth_method_find("unix_socket", &method) && method == AUTH_SOCKET);
	assert_false(auth_method_find("ed25519", &method));
}

static void requirements_ask_for_what_they_say(void **state)
{
	const struct account_link plain = {.is_tls = false};
	const struct account_link tls = {.is_tls = true, .cipher = "AES", .issuer = "", .subject = ""};
	const struct account_link known = {.is_tls = true, .has_certificate = true, .cipher = "AES",
					   .issuer = "/CN=ca", .subject = "/CN=client"};
	const struct {
		struct account_requirement requirement;
		bool plain, tls, known;
	} cases[] = {
		{{REQUIRE_NOTHING, "", "", ""}, true, true, true},
		{{REQUIRE_TLS, "", "", ""}, false, true, true},
		{{REQUIRE_CERTIFICATE, "", "", ""}, false, false, true},
		{{REQUIRE_SPECIFIED, "AES", "", ""}, false, true, true},
		{{REQUIRE_SPECIFIED, "DES", "", ""}, false, false, false},
		{{REQUIRE_SPECIFIED, "", "/CN=ca", ""}, false, false, true},
		{{REQUIRE_SPECIFIED, "", "/CN=ca", "/CN=client"}, false, false, true},
		{{REQUIRE_SPECIFIED, "", "/CN=ca", "/CN=other"}, false, false, false},
		{{REQUIRE_SPECIFIED, "AES", "/CN=cb", ""}, false, false, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(account_requirement_is_met(&cases[i].requirement, &plain), cases[i].plain);
		assert_int_equal(account_requirement_is_met(&cases[i].requirement, &tls), cases[i].tls);
		assert_int_equal(account_requirement_is_met(&cases[i].requirement, &known), cases[i].known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_crypt_gives_what_the_c_library_gives),
		cmocka_unit_test(a_credential_accepts_its_password_and_no_other),
		cmocka_unit_test(no_password_is_kept_as_nothing),
		cmocka_unit_test(what_no_method_keeps_is_refused),
		cmocka_unit_test(a_password_of_endless_length_costs_nothing),
		cmocka_unit_test(the_fast_answer_is_right_for_its_nonce_only),
		cmocka_unit_test(methods_are_found_by_name),
		cmocka_unit_test(requirements_ask_for_what_they_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
