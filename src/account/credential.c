#include "account/credential.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "account/sha256_crypt.h"
#include "base/digest.h"

/* ------------------------------------------------------------------ methods */

static const char *const names[] = {
	[AUTH_NATIVE] = "mysql_native_password",
	[AUTH_SHA256] = "sha256_password",
	[AUTH_CACHING_SHA2] = "caching_sha2_password",
	[AUTH_SOCKET] = "auth_socket",
};

const char *auth_method_name(enum auth_method method)
{
	return names[method];
}

bool auth_method_find(const char *name, enum auth_method *out)
{
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(names[i], name) == 0) {
			*out = (enum auth_method)i;
			return true;
		}
	*out = AUTH_SOCKET;
	return strcasecmp(name, "unix_socket") == 0;
}

/* What stands before the salt. */
static const char *head_of(enum auth_method method)
{
	return method == AUTH_CACHING_SHA2 ? "$A$005$" : "$5$";
}

/* What stands between salt and digest. */
static const char *middle_of(enum auth_method method)
{
	return method == AUTH_CACHING_SHA2 ? "" : "$";
}

/* ------------------------------------------------------------------ mysql_native_password */

static void make_native(struct bytes password, char out[credential_size])
{
	uint8_t once[digest_size_max], twice[digest_size_max];
	digest_compute(DIGEST_SHA1, &password, 1, once);
	struct bytes first = bytes_of(once, sha1_size);
	digest_compute(DIGEST_SHA1, &first, 1, twice);
	out[0] = '*';
	for (int i = 0; i < sha1_size; i++)
		snprintf(out + 1 + 2 * i, 3, "%02X", twice[i]);
}

static bool parse_native(const char *credential, uint8_t out[sha1_size])
{
	if (strlen(credential) != 1 + 2 * sha1_size || credential[0] != '*' ||
	    strspn(credential + 1, "0123456789abcdefABCDEF") != 2 * sha1_size)
		return false;
	for (int i = 0; i < sha1_size; i++) {
		unsigned byte;
		sscanf(credential + 1 + 2 * i, "%2x", &byte);
		out[i] = (uint8_t)byte;
	}
	return true;
}

/* Undoes the XOR to get SHA1(password), whose SHA1 must be what is kept. */
bool credential_native_is_right(const char *credential, const uint8_t nonce[20], struct bytes answer)
{
	uint8_t kept[sha1_size], mask[digest_size_max], candidate[digest_size_max];
	if (credential[0] == 0)
		return answer.size == 0;
	if (answer.size != sha1_size || !parse_native(credential, kept))
		return false;
	struct bytes parts[] = {bytes_of(nonce, 20), bytes_of(kept, sha1_size)};
	digest_compute(DIGEST_SHA1, parts, 2, mask);
	for (int i = 0; i < sha1_size; i++)
		mask[i] ^= answer.data[i];
	struct bytes once = bytes_of(mask, sha1_size);
	digest_compute(DIGEST_SHA1, &once, 1, candidate);
	return digest_equal(candidate, kept, sha1_size);
}

/* ------------------------------------------------------------------ the sha2 methods */

static void make_sha2(enum auth_method method, struct bytes password, char out[credential_size])
{
	/* Letters and digits: MySQL's salts may be any bytes, and ours pass through every dump and log. */
	static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	char salt[sha256_crypt_salt_size + 1], digest[sha256_crypt_size + 1];
	random_bytes((uint8_t *)salt, sha256_crypt_salt_size);
	for (int i = 0; i < sha256_crypt_salt_size; i++)
		salt[i] = alphabet[salt[i] & 63];
	salt[sha256_crypt_salt_size] = 0;
	sha256_crypt(password, bytes_of_string(salt), sha256_crypt_rounds, digest);
	snprintf(out, credential_size, "%s%s%s%s", head_of(method), salt, middle_of(method), digest);
}

struct sha2_credential {
	struct bytes salt;
	const char *digest;
};

static bool parse_sha2(enum auth_method method, const char *credential, struct sha2_credential *out)
{
	const char *head = head_of(method), *middle = middle_of(method);
	size_t rest = sha256_crypt_salt_size + strlen(middle) + sha256_crypt_size;
	if (strncmp(credential, head, strlen(head)) != 0 || strlen(credential) != strlen(head) + rest)
		return false;
	credential += strlen(head);
	out->salt = bytes_of(credential, sha256_crypt_salt_size);
	out->digest = credential + sha256_crypt_salt_size + strlen(middle);
	return strncmp(credential + sha256_crypt_salt_size, middle, strlen(middle)) == 0;
}

bool credential_password_is_right(enum auth_method method, const char *credential, struct bytes password)
{
	struct sha2_credential kept;
	char digest[sha256_crypt_size + 1];
	if (credential[0] == 0)
		return password.size == 0;
	if (password.size > sha2_password_max || !parse_sha2(method, credential, &kept))
		return false;
	sha256_crypt(password, kept.salt, sha256_crypt_rounds, digest);
	return digest_equal((const uint8_t *)digest, (const uint8_t *)kept.digest, sha256_crypt_size);
}

void credential_fast_digest(struct bytes password, uint8_t out[fast_digest_size])
{
	uint8_t once[digest_size_max], twice[digest_size_max];
	digest_compute(DIGEST_SHA256, &password, 1, once);
	struct bytes first = bytes_of(once, sha256_size);
	digest_compute(DIGEST_SHA256, &first, 1, twice);
	memcpy(out, twice, fast_digest_size);
	secret_forget(once, sizeof once);
}

bool credential_fast_is_right(const uint8_t digest[fast_digest_size], const uint8_t nonce[20], struct bytes answer)
{
	uint8_t mask[digest_size_max], candidate[digest_size_max];
	if (answer.size != sha256_size)
		return false;
	struct bytes parts[] = {bytes_of(digest, fast_digest_size), bytes_of(nonce, 20)};
	digest_compute(DIGEST_SHA256, parts, 2, mask);
	for (int i = 0; i < sha256_size; i++)
		mask[i] ^= answer.data[i];
	struct bytes once = bytes_of(mask, sha256_size);
	digest_compute(DIGEST_SHA256, &once, 1, candidate);
	return digest_equal(candidate, digest, fast_digest_size);
}

/* ------------------------------------------------------------------ any method */

void credential_make(enum auth_method method, struct bytes password, char out[credential_size])
{
	out[0] = 0;
	if (password.size == 0)
		return;
	if (method == AUTH_NATIVE)
		make_native(password, out);
	else
		make_sha2(method, password, out);
}

bool credential_is_valid(enum auth_method method, const char *credential)
{
	uint8_t native[sha1_size];
	struct sha2_credential sha2;
	if (credential[0] == 0)
		return true;
	if (method == AUTH_SOCKET)
		return strlen(credential) < credential_size;
	return method == AUTH_NATIVE ? parse_native(credential, native) : parse_sha2(method, credential, &sha2);
}
