/* AES as SQL's AES_ENCRYPT() means it, and its key derivations. OpenSSL's, behind this door. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum { aes_block_size = 16, aes_key_size_max = 32 };

struct aes_mode;
/* "aes-128-ecb" .. "aes-256-ofb", in any case; or NULL. Immutable, borrowed forever. */
const struct aes_mode *aes_mode_find(struct bytes name);
unsigned aes_mode_key_size(const struct aes_mode *mode); /* bytes */
bool aes_mode_needs_iv(const struct aes_mode *mode);

/*
 * Appends the text en- or decrypted. key has the mode's size, iv a block's or is NULL for ECB. False, with nothing
 * appended, when what is decrypted was not encrypted so.
 */
bool aes_encrypt(const struct aes_mode *mode, const uint8_t *key, const uint8_t *iv, struct bytes text, struct buf *out);
bool aes_decrypt(const struct aes_mode *mode, const uint8_t *key, const uint8_t *iv, struct bytes text, struct buf *out);

/* By SHA-512. False: OpenSSL refuses the parameters. */
bool derive_key_hkdf(struct bytes secret, struct bytes salt, struct bytes info, uint8_t *out, unsigned size);
bool derive_key_pbkdf2(struct bytes secret, struct bytes salt, unsigned iterations, uint8_t *out, unsigned size);
