/*
 * An RSA key pair, with which clients protect a password on a connection without TLS. OpenSSL's, behind this door. A key
 * never changes once made: any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/diag.h"

struct rsa_key;

/* From two PEM files; makes both, of 2048 bits, when neither is there: that takes a moment. -1: which file, and why. */
int rsa_key_open(const char *private_path, const char *public_path, bool makes_missing, struct rsa_key **out,
		 struct diag *diag);
void rsa_key_close(struct rsa_key **key);
struct bytes rsa_key_public_pem(const struct rsa_key *key); /* borrowed */
/* OAEP. out has room for the key's size. False: not encrypted with this key. */
enum { rsa_message_max = 512 };
bool rsa_key_decrypt(const struct rsa_key *key, struct bytes text, unsigned char out[rsa_message_max], size_t *out_size);
