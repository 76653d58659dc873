#include "account/sha256_crypt.h"

#include "base/buf.h"
#include "base/digest.h"

static void digest(struct buf *text, uint8_t out[digest_size_max])
{
	struct bytes whole = buf_bytes(text);
	digest_compute(DIGEST_SHA256, &whole, 1, out);
	buf_clear(text);
}

/* The digest over and over, until it is size bytes long. */
static void put_repeated(struct buf *text, const uint8_t *sum, size_t size)
{
	for (; size > sha256_size; size -= sha256_size)
		buf_put(text, sum, sha256_size);
	buf_put(text, sum, size);
}

/* What the rounds begin with: both texts, and the bits of the password's length choosing between them. */
static void make_first(struct buf *text, struct bytes password, struct bytes salt, uint8_t out[digest_size_max])
{
	uint8_t inner[digest_size_max];
	buf_put_bytes(text, password);
	buf_put_bytes(text, salt);
	buf_put_bytes(text, password);
	digest(text, inner);
	buf_put_bytes(text, password);
	buf_put_bytes(text, salt);
	put_repeated(text, inner, password.size);
	for (size_t bits = password.size; bits > 0; bits >>= 1) {
		if (bits & 1)
			buf_put(text, inner, sha256_size);
		else
			buf_put_bytes(text, password);
	}
	digest(text, out);
}

/* text digested count times in one, as long as text: what stands for it in the rounds. */
static void make_stand_in(struct buf *text, struct bytes of, size_t count, struct buf *out)
{
	uint8_t sum[digest_size_max];
	for (size_t i = 0; i < count; i++)
		buf_put_bytes(text, of);
	digest(text, sum);
	put_repeated(out, sum, of.size);
}

static void run_rounds(struct bytes password, struct bytes salt, unsigned rounds, uint8_t sum[digest_size_max])
{
	for (unsigned i = 0; i < rounds; i++) {
		struct bytes parts[4], sum_bytes = bytes_of(sum, sha256_size);
		unsigned count = 0;
		parts[count++] = i & 1 ? password : sum_bytes;
		if (i % 3)
			parts[count++] = salt;
		if (i % 7)
			parts[count++] = password;
		parts[count++] = i & 1 ? sum_bytes : password;
		digest_compute(DIGEST_SHA256, parts, count, sum);
	}
}

/* Three bytes are four characters, in crypt's order of bytes; the last two are three. */
static void print(const uint8_t *sum, char *out)
{
	static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const uint8_t order[] = {0,  10, 20, 21, 1,  11, 12, 22, 2,  3,	13, 23, 24, 4,	14,
					15, 25, 5,  6,	16, 26, 27, 7,	17, 18, 28, 8,	9,  19, 29};
	for (unsigned i = 0; i < sizeof order; i += 3) {
		unsigned word = (unsigned)sum[order[i]] << 16 | (unsigned)sum[order[i + 1]] << 8 | sum[order[i + 2]];
		for (unsigned j = 0; j < 4; j++, word >>= 6)
			*out++ = alphabet[word & 63];
	}
	unsigned word = (unsigned)sum[31] << 8 | sum[30];
	for (unsigned j = 0; j < 3; j++, word >>= 6)
		*out++ = alphabet[word & 63];
	*out = 0;
}

void sha256_crypt(struct bytes password, struct bytes salt, unsigned rounds, char out[sha256_crypt_size + 1])
{
	uint8_t sum[digest_size_max];
	struct buf text = {0}, password_in_rounds = {0}, salt_in_rounds = {0};
	make_first(&text, password, salt, sum);
	make_stand_in(&text, password, password.size, &password_in_rounds);
	make_stand_in(&text, salt, 16 + (size_t)sum[0], &salt_in_rounds);
	run_rounds(buf_bytes(&password_in_rounds), buf_bytes(&salt_in_rounds), rounds, sum);
	print(sum, out);
	secret_forget(text.data, text.capacity);
	secret_forget(password_in_rounds.data, password_in_rounds.capacity);
	buf_deinit(&text);
	buf_deinit(&password_in_rounds);
	buf_deinit(&salt_in_rounds);
}
