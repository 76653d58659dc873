#include "base/cipher.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>
#include <strings.h>

struct aes_mode {
	const char *name;
	unsigned key_size;
	bool needs_iv;
	const EVP_CIPHER *(*cipher)(void);
};

static const struct aes_mode modes[] = {
	{"aes-128-ecb", 16, false, EVP_aes_128_ecb}, {"aes-192-ecb", 24, false, EVP_aes_192_ecb},
	{"aes-256-ecb", 32, false, EVP_aes_256_ecb}, {"aes-128-cbc", 16, true, EVP_aes_128_cbc},
	{"aes-192-cbc", 24, true, EVP_aes_192_cbc}, {"aes-256-cbc", 32, true, EVP_aes_256_cbc},
	{"aes-128-cfb1", 16, true, EVP_aes_128_cfb1}, {"aes-192-cfb1", 24, true, EVP_aes_192_cfb1},
	{"aes-256-cfb1", 32, true, EVP_aes_256_cfb1}, {"aes-128-cfb8", 16, true, EVP_aes_128_cfb8},
	{"aes-192-cfb8", 24, true, EVP_aes_192_cfb8}, {"aes-256-cfb8", 32, true, EVP_aes_256_cfb8},
	{"aes-128-cfb128", 16, true, EVP_aes_128_cfb128}, {"aes-192-cfb128", 24, true, EVP_aes_192_cfb128},
	{"aes-256-cfb128", 32, true, EVP_aes_256_cfb128}, {"aes-128-ofb", 16, true, EVP_aes_128_ofb},
	{"aes-192-ofb", 24, true, EVP_aes_192_ofb}, {"aes-256-ofb", 32, true, EVP_aes_256_ofb},
};

const struct aes_mode *aes_mode_find(struct bytes name)
{
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
		if (strlen(modes[i].name) == name.size &&
		    strncasecmp(modes[i].name, (const char *)name.data, name.size) == 0)
			return &modes[i];
	return NULL;
}

unsigned aes_mode_key_size(const struct aes_mode *mode)
{
	return mode->key_size;
}

bool aes_mode_needs_iv(const struct aes_mode *mode)
{
	return mode->needs_iv;
}

static bool run(const struct aes_mode *mode, bool encrypt, const uint8_t *key, const uint8_t *iv, struct bytes text,
		struct buf *out)
{
	int body = 0, tail = 0;
	if (text.size > INT_MAX - 2 * aes_block_size)
		return false;
	uint8_t *room = buf_reserve(out, text.size + 2 * aes_block_size);
	const uint8_t *data = text.size ? text.data : (const uint8_t *)"";
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool good = context && EVP_CipherInit_ex(context, mode->cipher(), NULL, key, iv, encrypt) &&
		    EVP_CipherUpdate(context, room, &body, data, (int)text.size) &&
		    EVP_CipherFinal_ex(context, room + body, &tail);
	EVP_CIPHER_CTX_free(context);
	if (good)
		out->size += (size_t)body + (size_t)tail;
	return good;
}

bool aes_encrypt(const struct aes_mode *mode, const uint8_t *key, const uint8_t *iv, struct bytes text, struct buf *out)
{
	return run(mode, true, key, iv, text, out);
}

bool aes_decrypt(const struct aes_mode *mode, const uint8_t *key, const uint8_t *iv, struct bytes text, struct buf *out)
{
	return run(mode, false, key, iv, text, out);
}

bool derive_key_hkdf(struct bytes secret, struct bytes salt, struct bytes info, uint8_t *out, unsigned size)
{
	size_t made = size;
	if (secret.size > INT_MAX || salt.size > INT_MAX || info.size > INT_MAX)
		return false;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	bool good = context && EVP_PKEY_derive_init(context) > 0 &&
		    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha512()) > 0 &&
		    (salt.size == 0 || EVP_PKEY_CTX_set1_hkdf_salt(context, salt.data, (int)salt.size) > 0) &&
		    EVP_PKEY_CTX_set1_hkdf_key(context, secret.data, (int)secret.size) > 0 &&
		    (info.size == 0 || EVP_PKEY_CTX_add1_hkdf_info(context, info.data, (int)info.size) > 0) &&
		    EVP_PKEY_derive(context, out, &made) > 0;
	EVP_PKEY_CTX_free(context);
	return good;
}

bool derive_key_pbkdf2(struct bytes secret, struct bytes salt, unsigned iterations, uint8_t *out, unsigned size)
{
	return secret.size <= INT_MAX && salt.size <= INT_MAX &&
	       PKCS5_PBKDF2_HMAC((const char *)secret.data, (int)secret.size, salt.data, (int)salt.size, (int)iterations,
				 EVP_sha512(), (int)size, out) == 1;
}
