/* Message digests, for passwords and SQL functions. OpenSSL's, behind this door. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

enum digest_kind { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512 };
enum { digest_size_max = 64, sha1_size = 20, sha256_size = 32 };

/* Of the parts one after the other. Returns the digest's size. */
unsigned digest_compute(enum digest_kind kind, const struct bytes *parts, unsigned part_count,
			uint8_t out[digest_size_max]);
void random_bytes(uint8_t *out, size_t size); /* of cryptographic quality */
void secret_forget(void *data, size_t size); /* overwrites what must not stay in memory; data may be NULL */
/* Equal without telling by the time it takes where they differ. */
bool digest_equal(const uint8_t *a, const uint8_t *b, size_t size);
