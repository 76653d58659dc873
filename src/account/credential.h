/*
 * How accounts prove who they are: the authentication methods, what is kept of a password, and whether an answer is right.
 * Pure, but for the salt of a new password.
 *
 *   mysql_native_password  keeps "*" and SHA1(SHA1(password)) in hex;
 *                          answer: SHA1(password) XOR SHA1(nonce, SHA1(SHA1(password)))
 *   caching_sha2_password  keeps "$A$005$", salt, sha256_crypt(password); the digest SHA256(SHA256(password)) is cached
 *                          once a password was right; fast answer: SHA256(password) XOR SHA256(digest, nonce)
 *   sha256_password        keeps "$5$", salt, "$", sha256_crypt(password); answer: the password, protected
 *   auth_socket            keeps nothing, or a system user's name
 *
 * "" is kept where there is no password.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

/* In the order of default_authentication_plugin's values. */
enum auth_method { AUTH_NATIVE, AUTH_SHA256, AUTH_CACHING_SHA2, AUTH_SOCKET };
/* Longer passwords are wrong by the sha2 methods: what they cost grows with the length. */
enum { credential_size = 128, fast_digest_size = 32, sha2_password_max = 256 };

const char *auth_method_name(enum auth_method method); /* "mysql_native_password" */
bool auth_method_find(const char *name, enum auth_method *out); /* in any case; knows MariaDB's unix_socket too */

/* What is kept of a password. Not for AUTH_SOCKET. */
void credential_make(enum auth_method method, struct bytes password, char out[credential_size]);
/* May this text be kept for an account of that method? "" always. */
bool credential_is_valid(enum auth_method method, const char *credential);

bool credential_native_is_right(const char *credential, const uint8_t nonce[20], struct bytes answer);
/* Either of the sha2 methods, by the clear text. Takes milliseconds, on purpose. */
bool credential_password_is_right(enum auth_method method, const char *credential, struct bytes password);

void credential_fast_digest(struct bytes password, uint8_t out[fast_digest_size]);
bool credential_fast_is_right(const uint8_t digest[fast_digest_size], const uint8_t nonce[20], struct bytes answer);
