/* Digests and ciphers: MD5, SHA, AES, PASSWORD. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cipher.h"
#include "base/digest.h"
#include "query/function/tools.h"

static void answer_hex(sqlite3_context *context, const uint8_t *digest, unsigned size)
{
	char text[2 * digest_size_max];
	for (unsigned i = 0; i < size; i++) {
		text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	result_utf8(context, text, 2 * size);
}

static void digest(sqlite3_context *context, sqlite3_value *value, enum digest_kind kind)
{
	uint8_t out[digest_size_max];
	struct bytes bytes = string_of(value);
	answer_hex(context, out, digest_compute(kind, &bytes, 1, out));
}

static void gm_md5(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		digest(context, arguments[0], DIGEST_MD5);
}

static void gm_sha1(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		digest(context, arguments[0], DIGEST_SHA1);
}

static void gm_sha2(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	switch (whole_of(arguments[1])) {
	case 224: digest(context, arguments[0], DIGEST_SHA224); break;
	case 0:
	case 256: digest(context, arguments[0], DIGEST_SHA256); break;
	case 384: digest(context, arguments[0], DIGEST_SHA384); break;
	case 512: digest(context, arguments[0], DIGEST_SHA512); break;
	default: FUNCTION_WARN(context, ER_WRONG_PARAMETERS_TO_NATIVE_FCT, "sha2");
	}
}

/* mysql_native_password's: '*' and the SHA1 of the SHA1. */
static void gm_password(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t first[digest_size_max], second[digest_size_max];
	char text[1 + 2 * sha1_size + 1] = "*";
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if (bytes.size == 0) {
		result_utf8(context, "", 0);
		return;
	}
	digest_compute(DIGEST_SHA1, &bytes, 1, first);
	struct bytes once = bytes_of(first, sha1_size);
	digest_compute(DIGEST_SHA1, &once, 1, second);
	for (unsigned i = 0; i < sha1_size; i++)
		sprintf(text + 1 + 2 * i, "%02X", second[i]);
	result_utf8(context, text, 1 + 2 * sha1_size);
}

/* ------------------------------------------------------------------ AES */

/* MySQL's key: the bytes wrap around and are XORed. */
static void fold_key(struct bytes secret, uint8_t *key, unsigned size)
{
	memset(key, 0, size);
	for (size_t i = 0; i < secret.size; i++)
		key[i % size] ^= secret.data[i];
}

/* (.., kdf, salt, info or iterations): arguments 3 to 5. False after an error. */
static bool derive_key(sqlite3_context *context, int count, sqlite3_value **arguments, uint8_t *key, unsigned size)
{
	struct bytes secret = string_of(arguments[1]);
	if (count <= 3 || is_null(arguments[3])) {
		fold_key(secret, key, size);
		return true;
	}
	struct bytes name = string_of(arguments[3]);
	struct bytes salt = count > 4 && !is_null(arguments[4]) ? string_of(arguments[4]) : bytes_of("", 0);
	struct bytes last = count > 5 && !is_null(arguments[5]) ? string_of(arguments[5]) : bytes_of("", 0);
	bool good;
	if (text_equal_nocase(name, bytes_of_string("hkdf"))) {
		good = derive_key_hkdf(secret, salt, last, key, size);
	} else if (text_equal_nocase(name, bytes_of_string("pbkdf2_hmac"))) {
		enum { fewest = 1000, most = 65535 };
		size_t used;
		bool negative, overflow;
		uint64_t iterations = last.size ? integer_of_text(last, &used, &negative, &overflow) : fewest;
		if (iterations < fewest || iterations > most) {
			FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "pbkdf2_hmac's iterations");
			return false;
		}
		good = derive_key_pbkdf2(secret, salt, (unsigned)iterations, key, size);
	} else {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "kdf_name");
		return false;
	}
	if (!good)
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "kdf_name");
	return good;
}

static const struct aes_mode *mode_of(struct session *session)
{
	struct arena arena;
	struct diag diag = DIAG_INIT;
	struct value value;
	const struct aes_mode *mode = NULL;
	arena_init(&arena);
	if (variable_get(session, VARIABLE_DEFAULT_SCOPE, bytes_of_string("block_encryption_mode"), &arena, &value,
			 &diag) == 0 && value.kind == VALUE_STRING)
		mode = aes_mode_find(value.string);
	arena_deinit(&arena);
	return mode ? mode : aes_mode_find(bytes_of_string("aes-128-ecb"));
}

/* Where the key is constant the session's variable is asked once a statement. */
static const struct aes_mode *kept_mode_of(sqlite3_context *context)
{
	const struct aes_mode *mode = sqlite3_get_auxdata(context, 1);
	if (mode == NULL) {
		mode = mode_of(session_of(context));
		sqlite3_set_auxdata(context, 1, (void *)mode, NULL);
	}
	return mode;
}

static void run_aes(sqlite3_context *context, int count, sqlite3_value **arguments, bool encrypt)
{
	uint8_t key[aes_key_size_max];
	const char *name = encrypt ? "aes_encrypt" : "aes_decrypt";
	if (any_null(2, arguments))
		return;
	const struct aes_mode *mode = kept_mode_of(context);
	struct bytes iv = count > 2 && !is_null(arguments[2]) ? string_of(arguments[2]) : bytes_of(NULL, 0);
	if (aes_mode_needs_iv(mode) && count < 3) {
		FUNCTION_FAIL(context, ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, name);
		return;
	}
	if (aes_mode_needs_iv(mode) && iv.size < aes_block_size) {
		FUNCTION_FAIL(context, ER_AES_INVALID_IV, name, (long long)aes_block_size);
		return;
	}
	if (!aes_mode_needs_iv(mode) && count > 2 && !is_null(arguments[2]) && iv.size)
		FUNCTION_WARN(context, WARN_OPTION_IGNORED, "IV");
	if (!derive_key(context, count, arguments, key, aes_mode_key_size(mode)))
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	if ((encrypt ? aes_encrypt : aes_decrypt)(mode, key, aes_mode_needs_iv(mode) ? iv.data : NULL,
						  string_of(arguments[0]), out))
		result_binary(context, buf_bytes(out));
}

static void gm_aes_encrypt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	run_aes(context, count, arguments, true);
}

static void gm_aes_decrypt(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	run_aes(context, count, arguments, false);
}

static const struct function_row rows[] = {
	{"gm_md5", 1, 1, FN_PURE, gm_md5, 0, 0, 0},
	{"gm_sha1", 1, 1, FN_PURE, gm_sha1, 0, 0, 0},
	{"gm_sha2", 2, 2, FN_PURE, gm_sha2, 0, 0, 0},
	{"gm_password", 1, 1, FN_PURE, gm_password, 0, 0, 0},
	{"gm_aes_encrypt", 2, 6, FN_PURE, gm_aes_encrypt, 0, 0, 0},
	{"gm_aes_decrypt", 2, 6, FN_PURE, gm_aes_decrypt, 0, 0, 0},
};
const struct function_rows function_rows_digest = FUNCTION_ROWS(rows);
