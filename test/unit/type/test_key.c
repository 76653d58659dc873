/* Keys: their order is the values' order, each ends by itself, and what can be given back is given back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_text.h"
#include "type/decimal.h"
#include "type/key.h"
#include "type/temporal.h"
#include "type/temporal_packed.h"

enum { rounds = 3000 };

static struct column_type type_of(enum type_kind kind, uint32_t length, uint8_t decimals)
{
	return (struct column_type){.kind = kind, .length = length, .decimals = decimals,
				    .collation = collation_binary};
}

static struct column_type text_type(enum type_kind kind, uint32_t length, const char *collation)
{
	struct column_type type = type_of(kind, length, 0);
	type.collation = collation_find(bytes_of_string(collation));
	assert_non_null(type.collation);
	return type;
}

static size_t integer_size(enum type_kind kind)
{
	static const size_t sizes[] = {1, 2, 3, 4, 8};
	return sizes[kind - TYPE_TINYINT];
}

/* A key alone and in front of another one: it takes as many bytes; cut short it is none. */
static void check_size(const struct column_type *type, bool nullable, const struct buf *key)
{
	struct buf joined;
	buf_init(&joined);
	buf_put_bytes(&joined, buf_bytes(key));
	buf_put_string(&joined, "\x20\x21\xff");
	buf_put_u8(&joined, 0);
	assert_int_equal(key_field_size(type, nullable, buf_bytes(key)), key->size);
	assert_int_equal(key_field_size(type, nullable, buf_bytes(&joined)), key->size);
	for (size_t cut = 0; cut < key->size; cut++)
		assert_int_equal(key_field_size(type, nullable, bytes_of(key->data, cut)), -1);
	buf_deinit(&joined);
}

static void check_comes_back(const struct column_type *type, bool nullable, struct bytes field, const struct buf *key)
{
	struct buf back;
	buf_init(&back);
	if (key_is_reversible(type)) {
		assert_int_equal(key_to_field(type, nullable, buf_bytes(key), &back), key->size);
		assert_int_equal(back.size, field.size);
		assert_memory_equal(back.data, field.data, field.size);
	} else {
		assert_int_equal(key_to_field(type, nullable, buf_bytes(key), &back), -1);
		assert_int_equal(back.size, 0);
	}
	buf_deinit(&back);
}

/* order: what the two fields' values compare. */
static void check_pair(const struct column_type *type, struct bytes a, struct bytes b, int order)
{
	for (int nullable = 0; nullable < 2; nullable++) {
		struct buf key_a, key_b;
		buf_init(&key_a);
		buf_init(&key_b);
		key_put_field(type, nullable, 0, a, &key_a);
		key_put_field(type, nullable, 0, b, &key_b);
		assert_int_equal(sign_of(bytes_compare(buf_bytes(&key_a), buf_bytes(&key_b))), order);
		check_size(type, nullable, &key_a);
		check_comes_back(type, nullable, a, &key_a);
		check_comes_back(type, nullable, b, &key_b);
		buf_deinit(&key_a);
		buf_deinit(&key_b);
	}
}

static int64_t random_integer(struct random_source *source, size_t size)
{
	uint64_t value = (uint64_t)random_below(source, UINT32_MAX) << 32 | random_below(source, UINT32_MAX);
	value >>= random_below(source, 64);
	if (random_below(source, 2))
		value = ~value;
	unsigned unused = 64 - 8 * (unsigned)size;
	return (int64_t)(value << unused) >> unused;
}

static void test_integers(void **state)
{
	struct random_source source = {1};
	for (int kind = TYPE_TINYINT; kind <= TYPE_BIGINT; kind++) {
		struct column_type type = type_of((enum type_kind)kind, 0, 0);
		size_t size = integer_size(type.kind);
		for (int round = 0; round < rounds; round++) {
			int64_t a = random_integer(&source, size), b = random_integer(&source, size);
			uint8_t field_a[8], field_b[8];
			bytes_store_uint(field_a, (uint64_t)a, size);
			bytes_store_uint(field_b, (uint64_t)b, size);
			type.is_unsigned = false;
			check_pair(&type, bytes_of(field_a, size), bytes_of(field_b, size), (a > b) - (a < b));
			uint64_t unsigned_a = bytes_load_uint(field_a, size);
			uint64_t unsigned_b = bytes_load_uint(field_b, size);
			type.is_unsigned = true;
			check_pair(&type, bytes_of(field_a, size), bytes_of(field_b, size),
				   (unsigned_a > unsigned_b) - (unsigned_a < unsigned_b));
		}
	}
}

static void test_doubles(void **state)
{
	static const double values[] = {-1.7e308, -1e10, -1.5, -1, -2.3e-308, -5e-324, 0, 5e-324, 2.3e-308, 0.1,
					1, 1.5, 1e10, 1.7e308};
	struct column_type type = type_of(TYPE_DOUBLE, 0, 31), float_type = type_of(TYPE_FLOAT, 0, 31);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
		for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
			float a = (float)values[i], b = (float)values[j];
			int order = (values[i] > values[j]) - (values[i] < values[j]);
			check_pair(&type, bytes_of(&values[i], 8), bytes_of(&values[j], 8), order);
			check_pair(&float_type, bytes_of(&a, 4), bytes_of(&b, 4), (a > b) - (a < b));
		}
	double zero = 0, minus_zero = -0.0;
	float zero_float = 0, minus_zero_float = -0.0f;
	check_pair(&type, bytes_of(&zero, 8), bytes_of(&minus_zero, 8), 0);
	check_pair(&float_type, bytes_of(&zero_float, 4), bytes_of(&minus_zero_float, 4), 0);
}

static void test_decimals(void **state)
{
	static const char *const texts[] = {"-99999.999", "-123.450", "-1", "-0.001", "0", "0.001", "0.5", "1",
					    "123.45", "123.451", "99999.999"};
	enum { count = sizeof texts / sizeof texts[0] };
	struct column_type type = type_of(TYPE_DECIMAL, 8, 3);
	struct buf fields[count];
	for (int i = 0; i < count; i++) {
		struct decimal value;
		size_t used;
		buf_init(&fields[i]);
		assert_int_equal(decimal_parse(&value, bytes_of_string(texts[i]), &used), DECIMAL_OK);
		assert_int_equal(decimal_fit(&value, 8, 3), DECIMAL_OK);
		decimal_pack(&value, 8, 3, &fields[i]);
	}
	for (int i = 0; i < count; i++)
		for (int j = 0; j < count; j++)
			check_pair(&type, buf_bytes(&fields[i]), buf_bytes(&fields[j]), (i > j) - (i < j));
	for (int i = 0; i < count; i++)
		buf_deinit(&fields[i]);
}

static void put_temporal(const struct column_type *type, struct datetime *value, struct buf *out)
{
	switch (type->kind) {
	case TYPE_DATE: packed_put_date(datetime_pack(value), out); break;
	case TYPE_DATETIME: packed_put_datetime(datetime_pack(value), type->decimals, out); break;
	case TYPE_TIME: packed_put_time(time_pack(value), type->decimals, out); break;
	default: packed_put_timestamp(datetime_pack(value) & 0x3ffffffffffff, type->decimals, out); break;
	}
}

static int64_t temporal_rank(const struct column_type *type, const struct datetime *value)
{
	int64_t packed = type->kind == TYPE_TIME ? time_pack(value) : datetime_pack(value);
	if (type->kind == TYPE_DATE)
		packed >>= 41;
	return type->kind == TYPE_TIMESTAMP ? packed & 0x3ffffffffffff : packed;
}

static void test_times(void **state)
{
	static const enum type_kind kinds[] = {TYPE_DATE, TYPE_DATETIME, TYPE_TIME, TYPE_TIMESTAMP};
	struct random_source source = {2};
	struct buf a, b;
	buf_init(&a);
	buf_init(&b);
	for (int round = 0; round < rounds; round++)
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
			struct column_type type = type_of(kinds[k], 0, kinds[k] == TYPE_DATE ? 0 : 6);
			struct datetime value[2];
			for (int i = 0; i < 2; i++)
				value[i] = (struct datetime){
					.year = type.kind == TYPE_TIME ? 0 : 1970 + random_below(&source, 3),
					.month = type.kind == TYPE_TIME ? 0 : random_below(&source, 13),
					.day = type.kind == TYPE_TIME ? 0 : random_below(&source, 32),
					.hour = random_below(&source, 2), .second = random_below(&source, 2),
					.microsecond = random_below(&source, 3) * 250000,
					.negative = type.kind == TYPE_TIME && random_below(&source, 2)};
			buf_clear(&a);
			buf_clear(&b);
			put_temporal(&type, &value[0], &a);
			put_temporal(&type, &value[1], &b);
			int64_t rank_a = temporal_rank(&type, &value[0]), rank_b = temporal_rank(&type, &value[1]);
			check_pair(&type, buf_bytes(&a), buf_bytes(&b), (rank_a > rank_b) - (rank_a < rank_b));
		}
	buf_deinit(&a);
	buf_deinit(&b);
}

static void test_enum_set_bit_year(void **state)
{
	struct column_type small = type_of(TYPE_ENUM, 0, 0), large = small, set = type_of(TYPE_SET, 0, 0);
	struct column_type bit = type_of(TYPE_BIT, 12, 0), year = type_of(TYPE_YEAR, 4, 0);
	small.name_count = 3;
	large.name_count = 300;
	set.name_count = 20;
	check_pair(&small, bytes_of("\x01", 1), bytes_of("\x03", 1), -1);
	check_pair(&large, bytes_of("\xff\x00", 2), bytes_of("\x00\x01", 2), -1);
	check_pair(&set, bytes_of("\xff\xff\x07", 3), bytes_of("\x00\x00\x08", 3), -1);
	check_pair(&bit, bytes_of("\x01\xff", 2), bytes_of("\x02\x00", 2), -1);
	check_pair(&year, bytes_of("\x00", 1), bytes_of("\x9b", 1), -1);
}

static void test_byte_strings(void **state)
{
	struct column_type varbinary = type_of(TYPE_VARBINARY, 20, 0), wide = type_of(TYPE_VARBINARY, 300, 0);
	struct column_type binary = type_of(TYPE_BINARY, 4, 0), blob = type_of(TYPE_BLOB, 0, 0);
	check_pair(&varbinary, bytes_of("\x00", 1), bytes_of("\x01\x00", 2), -1);
	check_pair(&varbinary, bytes_of("\x01\x00", 2), bytes_of("\x02\x00\x00", 3), -1);
	check_pair(&varbinary, bytes_of("\x02\x00\xff", 3), bytes_of("\x01\x01", 2), -1);
	check_pair(&wide, bytes_of("\x02\x00\x61\x00", 4), bytes_of("\x03\x00\x61\x00\x00", 5), -1);
	check_pair(&blob, bytes_of("\x01\x00\xff", 3), bytes_of("\x02\x00\xff\x00", 4), -1);
	check_pair(&binary, bytes_of("\x01\x61", 2), bytes_of("\x03\x61\x00\x01", 4), -1);
	/* What pads does not count, though a peer may have logged it. */
	struct buf padded, bare;
	buf_init(&padded);
	buf_init(&bare);
	key_put_field(&binary, false, 0, bytes_of("\x03\x61\x00\x00", 4), &padded);
	key_put_field(&binary, false, 0, bytes_of("\x01\x61", 2), &bare);
	assert_int_equal(bytes_compare(buf_bytes(&padded), buf_bytes(&bare)), 0);
	buf_deinit(&padded);
	buf_deinit(&bare);
}

static void put_text_field(const struct column_type *type, struct bytes text, struct buf *out)
{
	unsigned max = type->length * type->collation->charset->max_char_size;
	buf_clear(out);
	buf_put_uint(out, text.size, type->kind == TYPE_TEXT || max > 255 ? 2 : 1);
	buf_put_bytes(out, text);
}

static void test_texts(void **state)
{
	static const char *const names[] = {"utf8mb4_general_ci", "utf8mb4_bin", "latin1_swedish_ci", "utf16_bin",
					    "utf8mb4_unicode_ci", "utf8mb4_0900_ai_ci", "utf8mb4_0900_bin"};
	struct random_source source = {3};
	struct buf text[2], field[2];
	for (int i = 0; i < 2; i++) {
		buf_init(&text[i]);
		buf_init(&field[i]);
	}
	for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
		struct column_type types[] = {text_type(TYPE_VARCHAR, 20, names[n]),
					      text_type(TYPE_VARCHAR, 1000, names[n]),
					      text_type(TYPE_TEXT, 0, names[n])};
		for (int round = 0; round < rounds; round++) {
			const struct column_type *type = &types[round % 3];
			for (int i = 0; i < 2; i++) {
				buf_clear(&text[i]);
				random_text(&source, type->collation->charset, &text[i]);
				put_text_field(type, buf_bytes(&text[i]), &field[i]);
			}
			int order = collation_compare(type->collation, buf_bytes(&text[0]), buf_bytes(&text[1]));
			check_pair(type, buf_bytes(&field[0]), buf_bytes(&field[1]), sign_of(order));
		}
	}
	for (int i = 0; i < 2; i++) {
		buf_deinit(&text[i]);
		buf_deinit(&field[i]);
	}
}

static void assert_prefix_key(const struct column_type *type, const char *text, uint32_t prefix_length,
			      const char *same_as)
{
	struct buf field, key, want;
	buf_init(&field);
	buf_init(&key);
	buf_init(&want);
	put_text_field(type, bytes_of_string(text), &field);
	key_put_field(type, true, prefix_length, buf_bytes(&field), &key);
	put_text_field(type, bytes_of_string(same_as), &field);
	key_put_field(type, true, 0, buf_bytes(&field), &want);
	assert_int_equal(bytes_compare(buf_bytes(&key), buf_bytes(&want)), 0);
	buf_deinit(&field);
	buf_deinit(&key);
	buf_deinit(&want);
}

static void test_prefixes(void **state)
{
	struct column_type text = text_type(TYPE_TEXT, 0, "utf8mb4_bin"), blob = type_of(TYPE_BLOB, 0, 0);
	struct column_type fixed = text_type(TYPE_CHAR, 10, "utf8mb4_0900_ai_ci");
	assert_prefix_key(&text, "äöüxyz", 3, "äöü");
	assert_prefix_key(&text, "äö", 3, "äö");
	assert_prefix_key(&fixed, "ab", 10, "ab");
	assert_prefix_key(&fixed, "ab   ", 0, "ab");
	blob.length = 1000;
	assert_prefix_key(&blob, "äöü", 3, "\xc3\xa4\xc3");
}

static void test_nulls_come_first(void **state)
{
	struct column_type type = type_of(TYPE_TINYINT, 0, 0);
	struct buf null_key, key, back;
	buf_init(&null_key);
	buf_init(&key);
	buf_init(&back);
	key_put_field(&type, true, 0, bytes_of(NULL, 0), &null_key);
	key_put_field(&type, true, 0, bytes_of("\x80", 1), &key);
	assert_true(bytes_compare(buf_bytes(&null_key), buf_bytes(&key)) < 0);
	check_size(&type, true, &null_key);
	assert_int_equal(key_to_field(&type, true, buf_bytes(&null_key), &back), 1);
	assert_int_equal(back.size, 0);
	assert_int_equal(key_field_size(&type, true, bytes_of("\x02\x00", 2)), -1);
	buf_deinit(&null_key);
	buf_deinit(&key);
	buf_deinit(&back);
}

static void test_successor(void **state)
{
	struct buf key;
	buf_init(&key);
	assert_false(key_successor(&key));
	buf_put(&key, "a\xfe\xff\xff", 4);
	assert_true(key_successor(&key));
	assert_int_equal(key.size, 2);
	assert_memory_equal(key.data, "a\xff", 2);
	buf_clear(&key);
	buf_put(&key, "\xff\xff", 2);
	assert_false(key_successor(&key));
	buf_deinit(&key);
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
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_decimals),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_enum_set_bit_year),
		cmocka_unit_test(test_byte_strings),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_nulls_come_first),
		cmocka_unit_test(test_successor),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
