/* Character sets: lengths, well-formedness, conversion and case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_text.h"

static const struct charset *utf8mb4(void)
{
	return charset_get(CHARSET_UTF8MB4);
}

static void assert_bytes(struct bytes got, const void *want, size_t size)
{
	assert_int_equal(got.size, size);
	if (size)
		assert_memory_equal(got.data, want, size);
}

static void check_convert(enum charset_id from, const char *text, size_t size, enum charset_id to, const char *want,
			  size_t want_size, size_t lost)
{
	struct buf out;
	buf_init(&out);
	assert_int_equal(charset_convert(charset_get(from), bytes_of(text, size), charset_get(to), &out), lost);
	assert_bytes(buf_bytes(&out), want, want_size);
	buf_deinit(&out);
}

#define TEXT(literal) literal, sizeof literal - 1

static void test_conversion(void **state)
{
	check_convert(CHARSET_LATIN1, TEXT("plain ascii"), CHARSET_UTF8MB4, TEXT("plain ascii"), 0);
	check_convert(CHARSET_LATIN1, TEXT("\xe4\x80\x81"), CHARSET_UTF8MB4, TEXT("ä€\xc2\x81"), 0);
	check_convert(CHARSET_UTF8MB4, TEXT("ä€\xc2\x81"), CHARSET_LATIN1, TEXT("\xe4\x80\x81"), 0);
	check_convert(CHARSET_UTF8MB4, TEXT("aя😀b"), CHARSET_LATIN1, TEXT("a??b"), 2);
	check_convert(CHARSET_UTF8MB4, TEXT("a😀b"), CHARSET_UTF8MB3, TEXT("a?b"), 1);
	check_convert(CHARSET_UTF8MB3, TEXT("añ漢"), CHARSET_UTF8MB4, TEXT("añ漢"), 0);
	check_convert(CHARSET_UTF8MB4, TEXT("жЖ"), CHARSET_CP1251, TEXT("\xe6\xc6"), 0);
	check_convert(CHARSET_CP1251, TEXT("\x98"), CHARSET_UTF8MB4, TEXT("?"), 1);
	check_convert(CHARSET_UTF8MB4, TEXT("Łódź"), CHARSET_LATIN2, TEXT("\xa3\xf3\x64\xbc"), 0);
	check_convert(CHARSET_GBK, TEXT("a\xc4\xe3\xba\xc3"), CHARSET_UTF8MB4, TEXT("a你好"), 0);
	check_convert(CHARSET_UTF8MB4, TEXT("你好€"), CHARSET_GBK, TEXT("\xc4\xe3\xba\xc3?"), 1);
	check_convert(CHARSET_UTF8MB4, TEXT("a😀"), CHARSET_UTF16, TEXT("\0a\xd8\x3d\xde\x00"), 0);
	check_convert(CHARSET_UTF16, TEXT("\0a\xd8\x3d\xde\x00"), CHARSET_UTF8MB4, TEXT("a😀"), 0);
	check_convert(CHARSET_UTF8MB4, TEXT("a😀"), CHARSET_UCS2, TEXT("\0a\0?"), 1);
	check_convert(CHARSET_UTF8MB4, TEXT("😀"), CHARSET_UTF32, TEXT("\0\x01\xf6\x00"), 0);
	check_convert(CHARSET_BINARY, TEXT("\xff\xfe"), CHARSET_UTF8MB4, TEXT("\xff\xfe"), 0);
	check_convert(CHARSET_ASCII, TEXT("a\x80"), CHARSET_UTF8MB4, TEXT("a?"), 1);
	check_convert(CHARSET_UTF8MB4, TEXT(""), CHARSET_UTF16, TEXT(""), 0);
}

static void test_malformed_bytes_become_question_marks(void **state)
{
	check_convert(CHARSET_UTF8MB4, TEXT("a\xffz"), CHARSET_LATIN1, TEXT("a?z"), 1);
	check_convert(CHARSET_UTF8MB4, TEXT("\xe6\xbc"), CHARSET_UTF16, TEXT("\0?\0?"), 2);
	check_convert(CHARSET_UTF8MB4, TEXT("\xed\xa0\x80"), CHARSET_UTF8MB3, TEXT("???"), 3); /* a surrogate */
	check_convert(CHARSET_UTF8MB4, TEXT("\xc0\x80"), CHARSET_LATIN1, TEXT("??"), 2);       /* overlong */
	check_convert(CHARSET_UTF16, TEXT("\xdc\x00\0a"), CHARSET_UTF8MB4, TEXT("?a"), 1);
	check_convert(CHARSET_UTF16, TEXT("\xd8\x00\0a"), CHARSET_UTF8MB4, TEXT("?a"), 1);
	check_convert(CHARSET_UTF16, TEXT("\0a\0"), CHARSET_UTF8MB4, TEXT("a?"), 1);
	check_convert(CHARSET_UTF32, TEXT("\x7f\0\0\0"), CHARSET_UTF8MB4, TEXT("?"), 1);
	check_convert(CHARSET_GBK, TEXT("\x81"), CHARSET_UTF8MB4, TEXT("?"), 1);
	check_convert(CHARSET_GBK, TEXT("\x81 "), CHARSET_UTF8MB4, TEXT("? "), 1);
}

/* Every character of every charset goes to UTF-8 and comes back. */
static void test_every_character_comes_back(void **state)
{
	struct buf utf8, local, again;
	buf_init(&utf8);
	buf_init(&local);
	buf_init(&again);
	for (int id = CHARSET_ASCII; id < CHARSET_COUNT; id++) {
		const struct charset *charset = charset_get((enum charset_id)id);
		size_t characters = 0;
		for (uint32_t code = 0; code <= 0x10ffff; code += code < 0x3000 ? 1 : 7) {
			uint8_t utf32[4] = {0, (uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code};
			buf_clear(&utf8);
			buf_clear(&local);
			buf_clear(&again);
			if (charset_convert(charset_get(CHARSET_UTF32), bytes_of(utf32, 4), utf8mb4(), &utf8) ||
			    charset_convert(utf8mb4(), buf_bytes(&utf8), charset, &local))
				continue;
			characters++;
			assert_true(local.size >= charset->min_char_size && local.size <= charset->max_char_size);
			assert_int_equal(charset_length(charset, buf_bytes(&local)), 1);
			assert_int_equal(charset_valid_size(charset, buf_bytes(&local)), local.size);
			assert_int_equal(charset_convert(charset, buf_bytes(&local), utf8mb4(), &again), 0);
			assert_bytes(buf_bytes(&again), utf8.data, utf8.size);
		}
		assert_true(characters >= 128);
	}
	buf_deinit(&utf8);
	buf_deinit(&local);
	buf_deinit(&again);
}

static void test_lengths(void **state)
{
	struct bytes text = bytes_of_string("aä漢😀bcdefghijklmnop");
	assert_int_equal(charset_length(utf8mb4(), text), 19);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 0), 0);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 2), 3);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 4), 10);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 6), 12);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 19), text.size);
	assert_int_equal(charset_prefix_size(utf8mb4(), text, 1000), text.size);
	assert_int_equal(charset_length(utf8mb4(), bytes_of("\xff\xe4z", 3)), 3);
	assert_int_equal(charset_length(charset_get(CHARSET_BINARY), text), text.size);
	assert_int_equal(charset_length(charset_get(CHARSET_UTF16), bytes_of("\0a\xd8\x3d\xde\0", 6)), 2);
	assert_int_equal(charset_prefix_size(charset_get(CHARSET_UTF16), bytes_of("\0a\xd8\x3d\xde\0\0b", 8), 2), 6);
	assert_int_equal(charset_length(charset_get(CHARSET_GBK), bytes_of("\xc4\xe3z", 3)), 2);
	assert_int_equal(charset_length(utf8mb4(), bytes_of(NULL, 0)), 0);
}

static void test_valid_size(void **state)
{
	assert_int_equal(charset_valid_size(utf8mb4(), bytes_of_string("aä漢😀")), 10);
	assert_int_equal(charset_valid_size(charset_get(CHARSET_UTF8MB3), bytes_of_string("aä漢😀")), 6);
	assert_int_equal(charset_valid_size(utf8mb4(), bytes_of_string("ab\xe4")), 2);
	assert_int_equal(charset_valid_size(utf8mb4(), bytes_of_string("\xed\xa0\x80")), 0);
	assert_int_equal(charset_valid_size(utf8mb4(), bytes_of_string("\xf4\x90\x80\x80")), 0);
	assert_int_equal(charset_valid_size(charset_get(CHARSET_ASCII), bytes_of_string("abcdefghijk\xe4")), 11);
	assert_int_equal(charset_valid_size(charset_get(CHARSET_LATIN1), bytes_of_string("a\xe4\x81")), 3);
	assert_int_equal(charset_valid_size(charset_get(CHARSET_UCS2), bytes_of("\0a\0", 3)), 2);
	assert_int_equal(charset_valid_size(charset_get(CHARSET_UTF16), bytes_of("\0a\xd8\0", 4)), 2);
}

/* A prefix of n characters has n characters, whatever the bytes are. */
static void test_prefix_and_length_agree(void **state)
{
	struct random_source source = {4};
	struct buf text;
	buf_init(&text);
	for (int id = 0; id < CHARSET_COUNT; id++) {
		const struct charset *charset = charset_get((enum charset_id)id);
		for (int round = 0; round < 2000; round++) {
			buf_clear(&text);
			random_text(&source, charset, &text);
			size_t length = charset_length(charset, buf_bytes(&text));
			size_t chars = random_below(&source, (uint32_t)length + 2);
			size_t size = charset_prefix_size(charset, buf_bytes(&text), chars);
			if (chars >= length)
				assert_int_equal(size, text.size);
			else
				assert_int_equal(charset_length(charset, bytes_of(text.data, size)), chars);
		}
	}
	buf_deinit(&text);
}

static void check_case(const char *text, const char *upper, const char *lower)
{
	struct buf out;
	buf_init(&out);
	text_upper_utf8(bytes_of_string(text), &out);
	assert_bytes(buf_bytes(&out), upper, strlen(upper));
	buf_clear(&out);
	text_lower_utf8(bytes_of_string(text), &out);
	assert_bytes(buf_bytes(&out), lower, strlen(lower));
	buf_deinit(&out);
}

static void test_case(void **state)
{
	check_case("Hello, World 42", "HELLO, WORLD 42", "hello, world 42");
	check_case("Ärger straße", "ÄRGER STRAßE", "ärger straße"); /* one character for one */
	check_case("Жук Ωω ǅ", "ЖУК ΩΩ Ǆ", "жук ωω ǆ");
	check_case("\u0250\u0250\u0250\u0250\u0250\u0250", "\u2c6f\u2c6f\u2c6f\u2c6f\u2c6f\u2c6f",
		   "\u0250\u0250\u0250\u0250\u0250\u0250"); /* two bytes become three */
	check_case("", "", "");
	assert_true(text_equal_nocase(bytes_of_string("sElEcT"), bytes_of_string("SELECT")));
	assert_false(text_equal_nocase(bytes_of_string("select"), bytes_of_string("selects")));
	assert_false(text_equal_nocase(bytes_of_string("["), bytes_of_string("{"))); /* differ by 0x20, no letters */
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
		cmocka_unit_test(test_conversion),
		cmocka_unit_test(test_malformed_bytes_become_question_marks),
		cmocka_unit_test(test_every_character_comes_back),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_valid_size),
		cmocka_unit_test(test_prefix_and_length_agree),
		cmocka_unit_test(test_case),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
