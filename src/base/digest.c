#include "base/digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

unsigned digest_compute(enum digest_kind kind, const struct bytes *parts, unsigned part_count,
			uint8_t out[digest_size_max])
{
	const EVP_MD *const kinds[] = {EVP_md5(), EVP_sha1(), EVP_sha224(), EVP_sha256(), EVP_sha384(), EVP_sha512()};
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned size = 0;
	int good = context && EVP_DigestInit_ex(context, kinds[kind], NULL);
	for (unsigned i = 0; good && i < part_count; i++)
		good = EVP_DigestUpdate(context, parts[i].data, parts[i].size);
	good = good && EVP_DigestFinal_ex(context, out, &size);
	EVP_MD_CTX_free(context);
	if (!good)
		abort(); /* only memory can be short here */
	return size;
}

void random_bytes(uint8_t *out, size_t size)
{
	while (size > 0) {
		ssize_t got = getrandom(out, size, 0);
		if (got < 0 && errno != EINTR)
			abort(); /* a server without randomness must not hand out salts */
		out += got > 0 ? got : 0;
		size -= got > 0 ? (size_t)got : 0;
	}
}

void secret_forget(void *data, size_t size)
{
	if (data)
		OPENSSL_cleanse(data, size);
}

bool digest_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
	return CRYPTO_memcmp(a, b, size) == 0;
}
