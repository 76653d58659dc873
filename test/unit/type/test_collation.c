/* Collations: the list, orders that MySQL documents or shows, and what compare, hash and key owe each other. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/map.h"
#include "random_text.h"
#include "type/collation_key.h"

enum { property_rounds = 4000 };

static const struct collation *get(const char *name)
{
	const struct collation *collation = collation_find(bytes_of_string(name));
	assert_non_null(collation);
	return collation;
}

static int compare_utf8(const char *collation, const char *a, const char *b)
{
	return sign_of(collation_compare_utf8(get(collation), bytes_of_string(a), bytes_of_string(b)));
}

static void test_list_is_by_id_and_consistent(void **state)
{
	unsigned last = 0;
	for (size_t i = 0; collation_at(i); i++) {
		const struct collation *collation = collation_at(i);
		const struct charset *charset = collation->charset;
		assert_true(collation->id > last);
		last = collation->id;
		assert_ptr_equal(collation_find_id(collation->id), collation);
		assert_ptr_equal(get(collation->name), collation);
		assert_int_equal(collation->is_default, charset->default_collation == collation);
		assert_memory_equal(collation->name, charset->name, strlen(charset->name));
	}
	for (int id = 0; id < CHARSET_COUNT; id++) {
		const struct charset *charset = charset_get((enum charset_id)id);
		assert_int_equal(charset->id, id);
		assert_ptr_equal(charset->default_collation->charset, charset);
		assert_ptr_equal(charset->binary_collation->charset, charset);
		assert_true(charset->binary_collation->is_binary);
		assert_ptr_equal(charset_find(bytes_of_string(charset->name)), charset);
	}
}

static void test_names(void **state)
{
	assert_int_equal(get("utf8mb4_general_ci")->id, 45);
	assert_ptr_equal(get("UTF8MB4_GENERAL_CI"), collation_utf8mb4_default);
	assert_ptr_equal(get("utf8_general_ci"), get("utf8mb3_general_ci"));
	assert_ptr_equal(get("utf8_Bin"), get("utf8mb3_bin"));
	assert_ptr_equal(charset_find(bytes_of_string("UTF8")), charset_get(CHARSET_UTF8MB3));
	assert_null(collation_find(bytes_of_string("utf8mb4_klingon_ci")));
	assert_null(collation_find(bytes_of_string("utf8_")));
	assert_null(collation_find(bytes_of_string("")));
	assert_null(charset_find(bytes_of_string("utf9")));
	assert_null(collation_find_id(0));
	assert_null(collation_at(10000));
	assert_int_equal(collation_binary->id, 63);
	assert_false(collation_binary->pad_space);
	assert_false(get("utf8mb4_0900_ai_ci")->pad_space);
}

static void test_known_orders(void **state)
{
	static const struct {
		const char *collation, *a, *b;
		int order;
	} cases[] = {
		{"utf8mb4_general_ci", "abc", "ABC", 0},
		{"utf8mb4_general_ci", "straße", "STRASE", 0}, /* one character for one: ß is s here */
		{"utf8mb4_general_ci", "é", "E", 0},
		{"utf8mb4_general_ci", "Я", "я", 0},
		{"utf8mb4_general_ci", "😀", "🍣", 0}, /* all past U+FFFF are equal */
		{"utf8mb4_general_ci", "a", "a  ", 0},
		{"utf8mb4_general_ci", "a", "a\t", 1},
		{"utf8mb4_general_ci", "a", "a \t", 1},
		{"utf8mb4_general_ci", "_", "a", 1}, /* 0x5f is above A */
		{"utf8mb4_bin", "a", "A", 1},
		{"utf8mb4_bin", "a", "a ", 0},
		{"utf8mb4_bin", "\uffff", "😀", -1},
		{"utf8mb4_unicode_ci", "straße", "STRASSE", 0},
		{"utf8mb4_unicode_ci", "ł", "l", 1},     /* a letter of its own in version 4.0.0 */
		{"utf8mb4_unicode_520_ci", "ł", "l", 0}, /* an l with a stroke in 5.2.0 */
		{"utf8mb4_unicode_ci", "😀", "🍣", 0},
		{"utf8mb4_unicode_520_ci", "😀", "🍣", 1},
		{"utf8mb4_unicode_ci", "_", "a", -1},
		{"utf8mb4_unicode_ci", "re\u0301sume\u0301", "resume", 0}, /* accents alone weigh nothing */
		{"utf8mb4_swedish_ci", "ä", "z", 1},
		{"utf8mb4_german2_ci", "Ärger", "aerger", 0},
		{"utf8mb4_spanish_ci", "ñ", "nz", 1},
		{"utf8mb4_turkish_ci", "ı", "i", -1},
		{"utf8mb4_0900_ai_ci", "résumé", "Resume", 0},
		{"utf8mb4_0900_as_ci", "résumé", "Résumé", 0},
		{"utf8mb4_0900_as_ci", "résumé", "resume", 1},
		{"utf8mb4_0900_as_cs", "a", "A", -1},
		{"utf8mb4_0900_ai_ci", "a", "a ", -1},
		{"utf8mb4_0900_bin", "a", "a ", -1},
		{"latin1_swedish_ci", "Å", "z", 1},
		{"latin1_swedish_ci", "Ü", "y", 0},
		{"latin1_swedish_ci", "é", "E", 0},
		{"latin1_swedish_ci", "z", "漢", -1}, /* not in latin1: behind all that is */
		{"latin1_german1_ci", "ä", "A", 0},
		{"latin1_german1_ci", "ß", "s", 0},
		{"latin1_german2_ci", "Ä", "AE", 0},
		{"latin1_german2_ci", "ß", "ss", 0},
		{"latin1_danish_ci", "ø", "z", 1},
		{"latin1_general_cs", "A", "a", -1},
		{"latin1_bin", "€", "\u00a0", -1}, /* by latin1's bytes, 0x80 and 0xa0 */
		{"ascii_general_ci", "q", "Q", 0},
		{"cp1251_general_ci", "ж", "Ж", 0},
		{"latin2_general_ci", "Č", "č", 0},
		{"binary", "a", "a ", -1},
		{"utf16_bin", "\uffff", "😀", -1}, /* by code point, not by unit */
		{"ucs2_general_ci", "ä", "A", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int order = compare_utf8(cases[i].collation, cases[i].a, cases[i].b);
		if (order != cases[i].order)
			fail_msg("%s: '%s' and '%s' compare %d", cases[i].collation, cases[i].a, cases[i].b, order);
		assert_int_equal(compare_utf8(cases[i].collation, cases[i].b, cases[i].a), -cases[i].order);
	}
}

/* One pair of texts of the collation's charset. */
static void check_pair(const struct collation *collation, struct bytes a, struct bytes b)
{
	struct buf key_a, key_b;
	buf_init(&key_a);
	buf_init(&key_b);
	collation_put_key(collation, a, &key_a);
	collation_put_key(collation, b, &key_b);
	int order = sign_of(collation_compare(collation, a, b));
	assert_int_equal(sign_of(collation_compare(collation, b, a)), -order);
	assert_int_equal(sign_of(bytes_compare(buf_bytes(&key_a), buf_bytes(&key_b))), order);
	size_t shorter = key_a.size < key_b.size ? key_a.size : key_b.size;
	if (order != 0) /* they differ within the shorter one: neither is a prefix of the other */
		assert_memory_not_equal(key_a.data, key_b.data, shorter);
	/* A key ends by itself, whatever follows. */
	size_t size = key_a.size;
	buf_put_bytes(&key_a, buf_bytes(&key_b));
	assert_int_equal(collation_key_size(collation, buf_bytes(&key_a)), size);
	for (size_t cut = size > 100 ? size - 100 : 0; cut < size; cut++)
		assert_int_equal(collation_key_size(collation, bytes_of(key_a.data, cut)), -1);
	buf_deinit(&key_a);
	buf_deinit(&key_b);
}

/* The same pair as UTF-8 compares the same, and equal texts have equal hashes. */
static void check_pair_as_utf8(const struct collation *collation, struct bytes a, struct bytes b)
{
	const struct charset *utf8 = charset_get(CHARSET_UTF8MB4);
	struct buf utf8_a, utf8_b;
	buf_init(&utf8_a);
	buf_init(&utf8_b);
	size_t lost = charset_convert(collation->charset, a, utf8, &utf8_a) +
		      charset_convert(collation->charset, b, utf8, &utf8_b);
	int order = sign_of(collation_compare_utf8(collation, buf_bytes(&utf8_a), buf_bytes(&utf8_b)));
	if (lost == 0)
		assert_int_equal(order, sign_of(collation_compare(collation, a, b)));
	if (order == 0)
		assert_int_equal(collation_hash_utf8(collation, buf_bytes(&utf8_a)),
				 collation_hash_utf8(collation, buf_bytes(&utf8_b)));
	buf_deinit(&utf8_a);
	buf_deinit(&utf8_b);
}

static void check_properties(const struct collation *collation, struct random_source *source, int rounds)
{
	struct buf a, b;
	buf_init(&a);
	buf_init(&b);
	for (int round = 0; round < rounds; round++) {
		buf_clear(&a);
		random_text(source, collation->charset, &a);
		if (random_below(source, 2))
			buf_clear(&b); /* else b keeps a beginning in common with the last a */
		random_text(source, collation->charset, &b);
		check_pair(collation, buf_bytes(&a), buf_bytes(&b));
		check_pair_as_utf8(collation, buf_bytes(&a), buf_bytes(&b));
		buf_clear(&b);
		buf_put_bytes(&b, buf_bytes(&a));
	}
	buf_deinit(&a);
	buf_deinit(&b);
}

static void test_keys_and_hashes_follow_compare(void **state)
{
	struct random_source source = {1};
	for (size_t i = 0; collation_at(i); i++)
		check_properties(collation_at(i), &source, property_rounds);
}

/* UTF-8 texts that a charset cannot hold are ordered all the same: antisymmetric, transitive, hashed alike. */
static void test_foreign_characters_are_ordered(void **state)
{
	static const char *const names[] = {"latin1_swedish_ci", "latin1_german2_ci", "ascii_bin", "gbk_bin",
					    "binary"};
	struct random_source source = {2};
	struct buf text[3];
	for (int i = 0; i < 3; i++)
		buf_init(&text[i]);
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
		for (int round = 0; round < property_rounds; round++) {
			for (int i = 0; i < 3; i++) {
				buf_clear(&text[i]);
				random_utf8(&source, &text[i]);
			}
			struct bytes a = buf_bytes(&text[0]), b = buf_bytes(&text[1]), c = buf_bytes(&text[2]);
			const struct collation *collation = get(names[n]);
			int ab = sign_of(collation_compare_utf8(collation, a, b));
			int bc = sign_of(collation_compare_utf8(collation, b, c));
			assert_int_equal(sign_of(collation_compare_utf8(collation, b, a)), -ab);
			if (ab == bc)
				assert_int_equal(sign_of(collation_compare_utf8(collation, a, c)), ab);
			if (ab == 0)
				assert_int_equal(collation_hash_utf8(collation, a),
						 collation_hash_utf8(collation, b));
		}
	for (int i = 0; i < 3; i++)
		buf_deinit(&text[i]);
}

static void test_empty_texts(void **state)
{
	struct bytes none = {NULL, 0};
	for (size_t i = 0; collation_at(i); i++) {
		check_pair(collation_at(i), none, none);
		check_pair(collation_at(i), none, bytes_of_string(""));
		assert_int_equal(collation_compare(collation_at(i), none, none), 0);
		assert_int_equal(collation_compare_utf8(collation_at(i), none, bytes_of_string("b")) < 0, 1);
		assert_int_equal(collation_hash_utf8(collation_at(i), none),
				 collation_hash_utf8(collation_at(i), bytes_of_string("")));
	}
}

static void test_long_texts(void **state)
{
	struct buf a, b;
	buf_init(&a);
	buf_init(&b);
	for (int i = 0; i < 3000; i++)
		buf_put_string(&a, i % 7 ? "Long text " : "длинный ");
	for (size_t i = 0; collation_at(i); i++) {
		buf_clear(&b);
		buf_put_bytes(&b, buf_bytes(&a));
		buf_put_string(&b, "x");
		check_pair(collation_at(i), buf_bytes(&a), buf_bytes(&a));
		assert_true(collation_compare_utf8(collation_at(i), buf_bytes(&a), buf_bytes(&b)) < 0);
		assert_true(collation_compare_utf8(collation_at(i), buf_bytes(&b), buf_bytes(&a)) > 0);
	}
	buf_deinit(&a);
	buf_deinit(&b);
}

/* What the keys and hashes of one text are in all collations, in one number. */
static void *digest_of_all(void *out_digest)
{
	uint64_t digest = 0;
	struct bytes text = bytes_of_string("Äpfel und 漢字 😀");
	struct buf key;
	buf_init(&key);
	for (size_t i = 0; collation_at(i); i++) {
		buf_clear(&key);
		collation_put_key(collation_at(i), text, &key);
		digest = digest * 31 + bytes_hash(buf_bytes(&key)) + collation_hash_utf8(collation_at(i), text);
	}
	buf_deinit(&key);
	*(uint64_t *)out_digest = digest;
	return NULL;
}

/* Tables and collators that are made at their first use may be first used by several threads. */
static void test_first_use_by_threads(void **state)
{
	pthread_t threads[4];
	uint64_t digests[4], digest;
	collation_deinit();
	collation_init();
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, digest_of_all, &digests[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	digest_of_all(&digest);
	for (int i = 0; i < 4; i++)
		assert_int_equal(digests[i], digest);
}

static int set_up(void **state)
{
	collation_init();
	return 0;
}

static int tear_down(void **state)
{
	collation_deinit();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_is_by_id_and_consistent),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_known_orders),
		cmocka_unit_test(test_first_use_by_threads),
		cmocka_unit_test(test_keys_and_hashes_follow_compare),
		cmocka_unit_test(test_foreign_characters_are_ordered),
		cmocka_unit_test(test_empty_texts),
		cmocka_unit_test(test_long_texts),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
