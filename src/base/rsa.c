#include "base/rsa.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"

enum { key_bits = 2048 };

struct rsa_key {
	EVP_PKEY *pair;
	struct buf public_pem;
};

static int fail(struct diag *diag, const char *path)
{
	return diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
}

static EVP_PKEY *read_private(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *pair = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
	if (file)
		fclose(file);
	return pair;
}

static int put_private(FILE *file, const EVP_PKEY *pair)
{
	return PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL);
}

/* Whole, flushed, and only then under its name: half a key would be found by every later start. */
static bool make_file(const char *path, mode_t mode, int (*put)(FILE *, const EVP_PKEY *), const EVP_PKEY *pair)
{
	struct buf temporary = {0};
	buf_printf(&temporary, "%s.new", path);
	int fd = open(buf_cstring(&temporary), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool good = file && put(file, pair) && fflush(file) == 0 && fsync(fd) == 0;
	if (file)
		good = fclose(file) == 0 && good;
	good = good && rename(buf_cstring(&temporary), path) == 0;
	buf_deinit(&temporary);
	return good;
}

static int make_files(const char *private_path, const char *public_path, struct diag *diag)
{
	EVP_PKEY *pair = EVP_RSA_gen(key_bits);
	bool good = pair && make_file(private_path, 0600, put_private, pair) &&
		    make_file(public_path, 0644, PEM_write_PUBKEY, pair) && file_sync_directory(private_path) == 0;
	EVP_PKEY_free(pair);
	return good ? 0 : fail(diag, private_path);
}

/* What clients are given: derived from the private key, so that the two fit whatever the public file says. */
static bool print_public(struct rsa_key *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	bool good = PEM_write_bio_PUBKEY(bio, key->pair) > 0;
	long size = BIO_get_mem_data(bio, &text);
	if (good)
		buf_put(&key->public_pem, text, (size_t)size);
	BIO_free(bio);
	return good;
}

int rsa_key_open(const char *private_path, const char *public_path, bool makes_missing, struct rsa_key **out,
		 struct diag *diag)
{
	if (makes_missing && access(private_path, F_OK) != 0 && access(public_path, F_OK) != 0 &&
	    make_files(private_path, public_path, diag) != 0)
		return -1;
	struct rsa_key *key = memory_zalloc(sizeof *key);
	key->pair = read_private(private_path);
	if (key->pair == NULL || !EVP_PKEY_is_a(key->pair, "RSA") || EVP_PKEY_get_size(key->pair) > rsa_message_max ||
	    !print_public(key)) {
		rsa_key_close(&key);
		return fail(diag, private_path);
	}
	*out = key;
	return 0;
}

void rsa_key_close(struct rsa_key **key_place)
{
	struct rsa_key *key = *key_place;
	*key_place = NULL;
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pair);
	buf_deinit(&key->public_pem);
	memory_free(key);
}

struct bytes rsa_key_public_pem(const struct rsa_key *key)
{
	return buf_bytes(&key->public_pem);
}

bool rsa_key_decrypt(const struct rsa_key *key, struct bytes text, unsigned char out[rsa_message_max],
		     size_t *out_size)
{
	size_t size = rsa_message_max;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pair, NULL);
	bool good = context && text.size == (size_t)EVP_PKEY_get_size(key->pair) &&
		    EVP_PKEY_decrypt_init(context) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
		    EVP_PKEY_decrypt(context, out, &size, text.data, text.size) > 0;
	EVP_PKEY_CTX_free(context);
	*out_size = size;
	return good;
}
