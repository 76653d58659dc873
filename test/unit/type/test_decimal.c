#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "type/decimal.h"

enum { rounds = 20000, text_size = 160 };

static struct decimal decimal_of(const char *text)
{
	struct decimal value;
	size_t used;
	assert_int_not_equal(decimal_parse(&value, bytes_of_string(text), &used), DECIMAL_BAD);
	assert_int_equal(used, strlen(text));
	return value;
}

static void assert_prints(const struct decimal *value, const char *wanted)
{
	char text[text_size];
	size_t size = decimal_print(value, text);
	assert_string_equal(text, wanted);
	assert_int_equal(size, strlen(wanted));
}

static void parses_every_form(void **state)
{
	static const struct {
		const char *text, *printed;
		enum decimal_status status;
		size_t used;
	} cases[] = {
		{"0", "0", DECIMAL_OK, 1},
		{"-0.00", "0.00", DECIMAL_OK, 5},
		{"1.50", "1.50", DECIMAL_OK, 4},
		{" +007", "7", DECIMAL_OK, 5},
		{"12abc", "12", DECIMAL_OK, 2},
		{"1e3", "1000", DECIMAL_OK, 3},
		{"1.5e-3", "0.0015", DECIMAL_OK, 6},
		{"1e", "1", DECIMAL_OK, 1},
		{".5", "0.5", DECIMAL_OK, 2},
		{"5.", "5", DECIMAL_OK, 2},
		{"0.00000000000000000000000000000051", "0.000000000000000000000000000001", DECIMAL_TRUNCATED, 34},
		{"abc", "0", DECIMAL_BAD, 0},
		{".", "0", DECIMAL_BAD, 0},
		{"", "0", DECIMAL_BAD, 0},
		{"1e80", "99999999999999999999999999999999999999999999999999999999999999999", DECIMAL_OVERFLOW, 4},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct decimal value;
		size_t used;
		assert_int_equal(decimal_parse(&value, bytes_of_string(cases[i].text), &used), cases[i].status);
		assert_prints(&value, cases[i].printed);
		if (cases[i].status != DECIMAL_BAD)
			assert_int_equal(used, cases[i].used);
	}
}

static void rounds_half_away_from_zero(void **state)
{
	static const struct {
		const char *text;
		int scale;
		const char *rounded, *truncated;
	} cases[] = {{"2.5", 0, "3", "2"},       {"-2.5", 0, "-3", "-2"},   {"1.2345", 3, "1.235", "1.234"},
		     {"1250", -2, "1300", "1200"}, {"49", -2, "0", "0"},      {"50", -2, "100", "0"},
		     {"1.5", 3, "1.5", "1.5"},     {"0.4", 0, "0", "0"},      {"-0.4", 0, "0", "0"},
		     {"999999999.5", 0, "1000000000", "999999999"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct decimal value = decimal_of(cases[i].text), other = value;
		decimal_round(&value, cases[i].scale);
		assert_prints(&value, cases[i].rounded);
		decimal_truncate(&other, cases[i].scale);
		assert_prints(&other, cases[i].truncated);
	}
	struct decimal low = decimal_of("-1.1"), high = decimal_of("-1.1");
	decimal_floor(&low);
	decimal_ceil(&high);
	assert_prints(&low, "-2");
	assert_prints(&high, "-1");
}

static void fits_a_column(void **state)
{
	struct decimal value = decimal_of("999.995");
	assert_int_equal(decimal_fit(&value, 5, 2), DECIMAL_OVERFLOW);
	assert_prints(&value, "999.99");
	value = decimal_of("-12345");
	assert_int_equal(decimal_fit(&value, 5, 2), DECIMAL_OVERFLOW);
	assert_prints(&value, "-999.99");
	value = decimal_of("1.005");
	assert_int_equal(decimal_fit(&value, 5, 2), DECIMAL_TRUNCATED);
	assert_prints(&value, "1.01");
	value = decimal_of("1");
	assert_int_equal(decimal_fit(&value, 65, 30), DECIMAL_OK);
	assert_prints(&value, "1.000000000000000000000000000000");
}

static void computes(void **state)
{
	struct decimal a = decimal_of("100"), b = decimal_of("3"), c;
	assert_int_equal(decimal_divide(&a, &b, 4, &c), DECIMAL_OK);
	assert_prints(&c, "33.3333");
	a = decimal_of("-10.5");
	decimal_modulo(&a, &b, &c);
	assert_prints(&c, "-1.5");
	b = decimal_of("0.00");
	assert_int_equal(decimal_divide(&a, &b, 4, &c), DECIMAL_DIVISION_BY_ZERO);
	assert_int_equal(decimal_modulo(&a, &b, &c), DECIMAL_DIVISION_BY_ZERO);
	a = decimal_of("0.1");
	b = decimal_of("0.2");
	decimal_add(&a, &b, &c);
	assert_prints(&c, "0.3");
	decimal_subtract(&a, &b, &c);
	assert_prints(&c, "-0.1");
	a = decimal_of("99999999999999999999999999999999999");
	assert_int_equal(decimal_multiply(&a, &a, &c), DECIMAL_OVERFLOW);
}

static void reaches_integers_and_doubles(void **state)
{
	int64_t integer;
	uint64_t uinteger;
	struct decimal value = decimal_of("-9223372036854775808");
	assert_int_equal(decimal_to_int(&value, &integer), DECIMAL_OK);
	assert_true(integer == INT64_MIN);
	assert_int_equal(decimal_to_uint(&value, &uinteger), DECIMAL_OVERFLOW);
	value = decimal_of("18446744073709551615.4");
	assert_int_equal(decimal_to_uint(&value, &uinteger), DECIMAL_OK);
	assert_true(uinteger == UINT64_MAX);
	assert_int_equal(decimal_to_int(&value, &integer), DECIMAL_OVERFLOW);
	assert_true(integer == INT64_MAX);
	value = decimal_of("18446744073709551615.5");
	assert_int_equal(decimal_to_uint(&value, &uinteger), DECIMAL_OVERFLOW);
	value = decimal_of("0.1");
	assert_true(decimal_to_double(&value) == 0.1);
	value = decimal_of("123456789012345678901234567890.5");
	assert_true(decimal_to_double(&value) == 123456789012345678901234567890.5);
	assert_int_equal(decimal_from_double(&value, 1e-5), DECIMAL_OK);
	assert_prints(&value, "0.00001");
}

/* MySQL's documented example: 1234567890.1234 as DECIMAL(14,4) is 81 0D FB 38 D2 04 D2. */
static void packs_as_mysql(void **state)
{
	static const uint8_t wanted[] = {0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2};
	static const uint8_t negated[] = {0x7e, 0xf2, 0x04, 0xc7, 0x2d, 0xfb, 0x2d};
	struct buf out;
	buf_init(&out);
	struct decimal value = decimal_of("1234567890.1234");
	decimal_pack(&value, 14, 4, &out);
	assert_true(bytes_equal(buf_bytes(&out), bytes_of(wanted, sizeof wanted)));
	buf_clear(&out);
	decimal_negate(&value);
	decimal_pack(&value, 14, 4, &out);
	assert_true(bytes_equal(buf_bytes(&out), bytes_of(negated, sizeof negated)));
	static const uint8_t bad[] = {0x81, 0xff, 0xff, 0xff, 0xff, 0x04, 0xd2};
	assert_int_equal(decimal_unpack(bad, 14, 4, &value), DECIMAL_BAD);
	buf_deinit(&out);
}

static struct decimal random_decimal(unsigned digits_max, unsigned scale_max)
{
	char text[text_size], *at = text;
	unsigned digits = (unsigned)rand() % digits_max + 1, scale = (unsigned)rand() % (scale_max + 1);
	if (rand() % 2)
		*at++ = '-';
	for (unsigned i = 0; i < digits; i++)
		*at++ = (char)('0' + (rand() % 4 ? rand() % 10 : 0));
	*at++ = '.';
	for (unsigned i = 0; i < scale; i++)
		*at++ = (char)('0' + (rand() % 4 ? rand() % 10 : 0));
	*at = 0;
	return decimal_of(text);
}

static void packed_form_comes_back_and_sorts(void **state)
{
	struct buf left, right;
	buf_init(&left);
	buf_init(&right);
	for (int i = 0; i < rounds; i++) {
		unsigned scale = (unsigned)rand() % 31, precision = scale + (unsigned)rand() % (66 - scale);
		precision = precision ? precision : 1;
		struct decimal a = random_decimal(36, 30), b = random_decimal(36, 30), back;
		decimal_fit(&a, precision, scale);
		decimal_fit(&b, precision, scale);
		buf_clear(&left);
		buf_clear(&right);
		decimal_pack(&a, precision, scale, &left);
		decimal_pack(&b, precision, scale, &right);
		assert_int_equal(left.size, decimal_packed_size(precision, scale));
		assert_int_equal(decimal_unpack(left.data, precision, scale, &back), DECIMAL_OK);
		assert_memory_equal(&back, &a, sizeof a);
		int order = bytes_compare(buf_bytes(&left), buf_bytes(&right));
		assert_int_equal((order > 0) - (order < 0), decimal_compare(&a, &b));
	}
	buf_deinit(&left);
	buf_deinit(&right);
}

/* The scale is the least that the number has: it knows no zeros at the end. */
static void assert_comes_back(const struct decimal *value)
{
	uint8_t bytes[48];
	struct decimal back;
	assert_int_equal(decimal_from_sortable(bytes_of(bytes, decimal_sortable(value, bytes)), &back), DECIMAL_OK);
	assert_int_equal(decimal_compare(value, &back), 0);
	assert_true(back.scale == 0 || back.limb[0] % 10 != 0);
	assert_true(back.limb_count == 0 || back.limb[back.limb_count - 1] != 0);
}

static void sortable_form_of_small_numbers_comes_back(void **state)
{
	for (int i = 0; i < rounds; i++) {
		struct decimal value = random_decimal(1 + i % 12, i % 10);
		assert_comes_back(&value);
	}
	static const char *const texts[] = {"1", "10", "0.1", "0.000000001", "0.0000000001", "999999999", "1000000000",
					    "999999999999999999", "1000000000000000000", "1.000000001", "0.50", "100.00",
					    "123456789.123456789", "0.00000000000000001", "-1", "-0.1", "0"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct decimal value = decimal_of(texts[i]);
		assert_comes_back(&value);
	}
}

static void sortable_form_comes_back_and_sorts(void **state)
{
	for (int i = 0; i < rounds; i++) {
		struct decimal a = random_decimal(20, 30), b = random_decimal(i % 2 ? 20 : 2, 30), back;
		uint8_t left[48], right[48];
		struct bytes a_bytes = bytes_of(left, decimal_sortable(&a, left));
		struct bytes b_bytes = bytes_of(right, decimal_sortable(&b, right));
		int order = bytes_compare(a_bytes, b_bytes);
		assert_int_equal((order > 0) - (order < 0), decimal_compare(&a, &b));
		assert_int_equal(decimal_from_sortable(a_bytes, &back), DECIMAL_OK);
		assert_int_equal(decimal_compare(&a, &back), 0);
	}
	struct decimal one = decimal_of("1.0"), same = decimal_of("1.00");
	uint8_t left[48], right[48];
	assert_int_equal(decimal_sortable(&one, left), decimal_sortable(&same, right));
	assert_memory_equal(left, right, 5);
}

static void hostile_sortable_forms_are_refused(void **state)
{
	uint8_t bytes[48];
	struct decimal value;
	for (int i = 0; i < rounds; i++) {
		size_t size = (size_t)rand() % sizeof bytes;
		for (size_t j = 0; j < size; j++)
			bytes[j] = (uint8_t)(j % 4 == 1 ? rand() % 64 : rand());
		decimal_from_sortable(bytes_of(bytes, size), &value);
	}
}

static void text_comes_back(void **state)
{
	for (int i = 0; i < rounds; i++) {
		struct decimal a = random_decimal(35, 30);
		char text[text_size];
		decimal_print(&a, text);
		struct decimal back = decimal_of(text);
		assert_memory_equal(&back, &a, sizeof a);
	}
}

/* a = q * b + r, |r| < |b|, r has a's sign. */
static void division_and_modulo_agree(void **state)
{
	for (int i = 0; i < rounds; i++) {
		struct decimal a = random_decimal(60, 0), b = random_decimal((unsigned)rand() % 40 + 1, 0);
		struct decimal rest, exact, quotient, product;
		if (decimal_is_zero(&b))
			continue;
		assert_int_equal(decimal_modulo(&a, &b, &rest), DECIMAL_OK);
		assert_true(decimal_is_zero(&rest) || rest.negative == a.negative);
		decimal_subtract(&a, &rest, &exact);
		assert_int_equal(decimal_divide(&exact, &b, 0, &quotient), DECIMAL_OK);
		decimal_multiply(&quotient, &b, &product);
		assert_int_equal(decimal_compare(&product, &exact), 0);
		struct decimal rest_size = rest, divisor = b;
		rest_size.negative = divisor.negative = false;
		assert_true(decimal_compare(&rest_size, &divisor) < 0);
	}
}

static void sums_agree_with_integers(void **state)
{
	for (int i = 0; i < rounds; i++) {
		int64_t x = ((int64_t)rand() << 31 | rand()) - ((int64_t)1 << 61), y = (int64_t)rand() - RAND_MAX / 2;
		struct decimal a, b, c;
		int64_t back;
		decimal_from_int(&a, x);
		decimal_from_int(&b, y);
		decimal_add(&a, &b, &c);
		decimal_to_int(&c, &back);
		assert_true(back == x + y);
		decimal_subtract(&a, &b, &c);
		decimal_to_int(&c, &back);
		assert_true(back == x - y);
		decimal_from_int(&a, x >> 32);
		decimal_multiply(&a, &b, &c);
		decimal_to_int(&c, &back);
		assert_true(back == (x >> 32) * y);
	}
}

/* Any size up to 18 digits, any scale up to 9. */
static struct decimal small_of(int64_t number, unsigned scale)
{
	struct decimal value;
	decimal_from_int(&value, number);
	value.scale = (uint8_t)scale;
	return value;
}

static int64_t any_number(void)
{
	int64_t number = ((int64_t)rand() << 31 | rand()) % 1000000000000000000;
	number >>= rand() % 60;
	return rand() % 2 ? number : -number;
}

/* Small numbers have a way of their own; with zeros behind the point they take the long one. */
static void small_numbers_agree_with_long_ones(void **state)
{
	for (int i = 0; i < rounds; i++) {
		struct decimal a = small_of(any_number(), (unsigned)rand() % 10);
		struct decimal b = small_of(any_number(), (unsigned)rand() % 10);
		struct decimal long_a = a, long_b = b, made, long_made;
		assert_int_equal(decimal_fit(&long_a, 65, 20), DECIMAL_OK);
		assert_int_equal(decimal_fit(&long_b, 65, 20), DECIMAL_OK);
		decimal_add(&a, &b, &made);
		decimal_add(&long_a, &long_b, &long_made);
		assert_int_equal(decimal_compare(&made, &long_made), 0);
		decimal_subtract(&a, &b, &made);
		decimal_subtract(&long_a, &long_b, &long_made);
		assert_int_equal(decimal_compare(&made, &long_made), 0);
		assert_int_equal(made.scale, a.scale > b.scale ? a.scale : b.scale);
		decimal_fit(&long_a, 65, 19);
		long_b = b;
		decimal_multiply(&a, &b, &made);
		decimal_multiply(&long_a, &long_b, &long_made);
		assert_int_equal(decimal_compare(&made, &long_made), 0);
		assert_int_equal(made.scale, a.scale + b.scale);
	}
}

static void sortable_of_packed_is_that_of_the_number(void **state)
{
	struct buf packed;
	buf_init(&packed);
	for (int i = 0; i < rounds; i++) {
		unsigned scale = (unsigned)rand() % 20, precision = scale + 18 + (unsigned)rand() % 20;
		struct decimal value = small_of(any_number() / (rand() % 3 ? 1 : 1000000000), (unsigned)rand() % 10);
		uint8_t wanted[48], found[48];
		decimal_fit(&value, precision, scale);
		buf_clear(&packed);
		decimal_pack(&value, precision, scale, &packed);
		size_t size = decimal_sortable(&value, wanted);
		assert_int_equal(decimal_sortable_of_packed(packed.data, precision, scale, found), size);
		assert_memory_equal(found, wanted, size);
	}
	buf_deinit(&packed);
	assert_int_equal(decimal_sortable_of_packed((const uint8_t *)"\xff\xff\xff\xff", 9, 0, (uint8_t[48]){0}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_every_form),
		cmocka_unit_test(rounds_half_away_from_zero),
		cmocka_unit_test(fits_a_column),
		cmocka_unit_test(computes),
		cmocka_unit_test(reaches_integers_and_doubles),
		cmocka_unit_test(packs_as_mysql),
		cmocka_unit_test(packed_form_comes_back_and_sorts),
		cmocka_unit_test(sortable_form_comes_back_and_sorts),
		cmocka_unit_test(sortable_form_of_small_numbers_comes_back),
		cmocka_unit_test(hostile_sortable_forms_are_refused),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(division_and_modulo_agree),
		cmocka_unit_test(sums_agree_with_integers),
		cmocka_unit_test(small_numbers_agree_with_long_ones),
		cmocka_unit_test(sortable_of_packed_is_that_of_the_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
