/*
 * The SHA-256 crypt function (Ulrich Drepper, "Unix crypt using SHA-256 and SHA-512", 2008), as MySQL uses it to keep
 * passwords: 5000 rounds, and salts of up to 20 characters instead of 16. Pure.
 */
#pragma once

#include "base/bytes.h"

enum { sha256_crypt_size = 43, sha256_crypt_rounds = 5000, sha256_crypt_salt_size = 20 };

/* The digest in crypt's alphabet, with a final zero. */
void sha256_crypt(struct bytes password, struct bytes salt, unsigned rounds, char out[sha256_crypt_size + 1]);
