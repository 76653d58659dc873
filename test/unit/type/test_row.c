#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/diag.h"
#include "type/convert.h"
#include "type/json_binary.h"
#include "type/log_type.h"
#include "type/row.h"

enum { rounds = 2000, columns_max = 40 };

static struct bytes colours[300];

static struct column_type type_of(enum type_kind kind, uint32_t length, uint8_t decimals)
{
	struct column_type type = {.kind = kind, .length = length, .decimals = decimals,
				   .collation = collation_binary};
	if (type_is_text(kind))
		type.collation = collation_utf8mb4_default;
	if (kind == TYPE_ENUM || kind == TYPE_SET) {
		type.names = colours;
		type.name_count = (uint16_t)length;
	}
	return type;
}

static int setup(void **state)
{
	collation_init();
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++)
		colours[i] = bytes_of_string("red");
	return 0;
}

static int teardown(void **state)
{
	collation_deinit();
	return 0;
}

/* What a type is called, how it is logged, and how long it may get. */
static const struct {
	enum type_kind kind;
	uint32_t length;
	uint8_t decimals;
	const char *printed;
	uint8_t log_type;
	const char *metadata;
	size_t metadata_size;
	uint64_t size_max;
} shapes[] = {
	{TYPE_TINYINT, 1, 0, "tinyint(1)", 1, "", 0, 1},
	{TYPE_TINYINT, 4, 0, "tinyint", 1, "", 0, 1},
	{TYPE_SMALLINT, 0, 0, "smallint", 2, "", 0, 2},
	{TYPE_MEDIUMINT, 0, 0, "mediumint", 9, "", 0, 3},
	{TYPE_INT, 11, 0, "int", 3, "", 0, 4},
	{TYPE_BIGINT, 0, 0, "bigint", 8, "", 0, 8},
	{TYPE_FLOAT, 0, 31, "float", 4, "\4", 1, 4},
	{TYPE_DOUBLE, 10, 2, "double(10,2)", 5, "\10", 1, 8},
	{TYPE_DECIMAL, 10, 2, "decimal(10,2)", 246, "\12\2", 2, 5},
	{TYPE_BIT, 12, 0, "bit(12)", 16, "\4\1", 2, 2},
	{TYPE_YEAR, 4, 0, "year", 13, "", 0, 1},
	{TYPE_DATE, 0, 0, "date", 10, "", 0, 3},
	{TYPE_TIME, 0, 0, "time", 19, "\0", 1, 3},
	{TYPE_DATETIME, 0, 3, "datetime(3)", 18, "\3", 1, 7},
	{TYPE_TIMESTAMP, 0, 6, "timestamp(6)", 17, "\6", 1, 7},
	{TYPE_CHAR, 10, 0, "char(10)", 254, "\xfe\x28", 2, 41},
	{TYPE_CHAR, 255, 0, "char(255)", 254, "\xce\xfc", 2, 1022},
	{TYPE_VARCHAR, 10, 0, "varchar(10)", 15, "\x28\0", 2, 41},
	{TYPE_VARCHAR, 255, 0, "varchar(255)", 15, "\xfc\3", 2, 1022},
	{TYPE_BINARY, 16, 0, "binary(16)", 254, "\xfe\x10", 2, 17},
	{TYPE_VARBINARY, 300, 0, "varbinary(300)", 15, "\x2c\1", 2, 302},
	{TYPE_TINYTEXT, 0, 0, "tinytext", 252, "\1", 1, 256},
	{TYPE_TEXT, 0, 0, "text", 252, "\2", 1, 65537},
	{TYPE_MEDIUMBLOB, 0, 0, "mediumblob", 252, "\3", 1, 16777218},
	{TYPE_LONGTEXT, 0, 0, "longtext", 252, "\4", 1, UINT64_C(4294967299)},
	{TYPE_ENUM, 2, 0, "enum('red','red')", 254, "\xf7\1", 2, 1},
	{TYPE_SET, 2, 0, "set('red','red')", 254, "\xf8\1", 2, 1},
	{TYPE_JSON, 0, 0, "json", 252, "\4", 1, UINT64_C(4294967299)},
};

static void types_are_announced_as_mysql_does(void **state)
{
	struct buf out;
	buf_init(&out);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct column_type type = type_of(shapes[i].kind, shapes[i].length, shapes[i].decimals);
		buf_clear(&out);
		type_print(&type, &out);
		assert_string_equal(buf_cstring(&out), shapes[i].printed);
		assert_int_equal(type_log_type(&type), shapes[i].log_type);
		buf_clear(&out);
		type_put_log_metadata(&type, &out);
		assert_true(bytes_equal(buf_bytes(&out), bytes_of(shapes[i].metadata, shapes[i].metadata_size)));
		assert_int_equal(type_packed_size_max(&type), shapes[i].size_max);
		struct log_type logged;
		log_type_of(&type, &logged);
		assert_true(log_type_same(&logged, &type));
		assert_int_equal(log_type_match(&logged, &type, 0), LOG_TYPE_SAME);
	}
	struct column_type type = type_of(TYPE_INT, 5, 0);
	type.is_unsigned = type.zerofill = true;
	buf_clear(&out);
	type_print(&type, &out);
	assert_string_equal(buf_cstring(&out), "int(5) unsigned zerofill");
	type = type_of(TYPE_ENUM, 1, 0);
	colours[0] = bytes_of_string("b'c\\");
	buf_clear(&out);
	type_print(&type, &out);
	assert_string_equal(buf_cstring(&out), "enum('b''c\\\\')");
	colours[0] = bytes_of_string("red");
	buf_deinit(&out);
}

static void widths_are_mysqls(void **state)
{
	const struct charset *utf8mb4 = charset_get(CHARSET_UTF8MB4);
	struct column_type type = type_of(TYPE_INT, 0, 0);
	assert_int_equal(type_wire_length(&type, utf8mb4), 11);
	type.is_unsigned = true;
	assert_int_equal(type_wire_length(&type, utf8mb4), 10);
	type = type_of(TYPE_DECIMAL, 10, 2);
	assert_int_equal(type_wire_length(&type, utf8mb4), 12);
	type = type_of(TYPE_DATETIME, 0, 3);
	assert_int_equal(type_wire_length(&type, utf8mb4), 23);
	type = type_of(TYPE_VARCHAR, 10, 0);
	assert_int_equal(type_wire_length(&type, utf8mb4), 40);
	assert_int_equal(type_wire_type(&type), FIELD_VAR_STRING);
	type = type_of(TYPE_TEXT, 0, 0);
	assert_int_equal(type_wire_length(&type, utf8mb4), 262140);
	type = type_of(TYPE_LONGBLOB, 0, 0);
	assert_int_equal(type_wire_length(&type, utf8mb4), UINT32_MAX);
}

static struct column_type random_type(void)
{
	size_t i = (size_t)rand() % (sizeof shapes / sizeof *shapes);
	return type_of(shapes[i].kind, shapes[i].length, shapes[i].decimals);
}

static void put_random_field(const struct column_type *type, struct arena *arena, struct buf *out)
{
	struct diag diag = DIAG_INIT;
	struct convert_context context = {.zone = time_zone_utc(), .arena = arena};
	struct value value = value_int(rand() % 1000);
	if (type->kind == TYPE_JSON)
		value = value_string(bytes_of_string("[1]"), collation_utf8mb4_default);
	assert_int_equal(convert_to_packed(&value, type, "c", &context, out, &diag), 0);
}

/* Building, splitting and building again gives the same bytes; no cut-off image is taken for a whole one. */
static void images_come_back(void **state)
{
	struct arena arena;
	struct buf image, again, field;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	buf_init(&image);
	buf_init(&again);
	buf_init(&field);
	for (int round = 0; round < rounds; round++) {
		struct column_type types[columns_max];
		const struct column_type *pointers[columns_max];
		struct bytes fields[columns_max];
		unsigned count = (unsigned)rand() % columns_max + 1;
		struct row_builder builder;
		buf_clear(&image);
		row_builder_begin(&builder, &image, count);
		for (unsigned i = 0; i < count; i++) {
			types[i] = random_type();
			pointers[i] = &types[i];
			if (rand() % 4 == 0) {
				row_builder_null(&builder);
				continue;
			}
			put_random_field(&types[i], &arena, &image);
			row_builder_field_done(&builder);
		}
		assert_int_equal(row_split(buf_bytes(&image), pointers, count, fields, &diag), 0);
		buf_clear(&again);
		row_builder_begin(&builder, &again, count);
		for (unsigned i = 0; i < count; i++) {
			if (fields[i].data == NULL)
				row_builder_null(&builder);
			else
				row_builder_field(&builder, fields[i]);
		}
		assert_true(bytes_equal(buf_bytes(&image), buf_bytes(&again)));
		struct bytes cut = bytes_of(image.data, (size_t)rand() % image.size);
		bool all_there = row_split(cut, pointers, count, fields, &diag) == 0;
		assert_false(all_there);
		buf_put_u8(&image, 0);
		assert_int_equal(row_split(buf_bytes(&image), pointers, count, fields, &diag), -1);
		arena_reset(&arena);
	}
	buf_deinit(&image);
	buf_deinit(&again);
	buf_deinit(&field);
	arena_deinit(&arena);
}

static struct log_type logged_type(uint8_t type_byte, const char *metadata, size_t size, bool is_unsigned)
{
	struct cursor cursor = cursor_of(bytes_of(metadata, size));
	struct log_type type;
	struct diag diag = DIAG_INIT;
	assert_int_equal(log_type_read(type_byte, &cursor, is_unsigned, &type, &diag), 0);
	assert_true(cursor_done(&cursor));
	return type;
}

/* The field of `from`, converted, shown as a client would see it. */
static void assert_converts(struct log_type from, const char *field, size_t size, struct column_type to,
			    unsigned policy, const char *wanted)
{
	struct arena arena;
	struct buf out, text;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	buf_init(&out);
	buf_init(&text);
	assert_int_equal(log_type_field_size(&from, (const uint8_t *)field, size), size);
	assert_int_equal(log_type_match(&from, &to, policy), LOG_TYPE_CONVERTS);
	assert_int_equal(log_type_convert(&from, bytes_of(field, size), &to, &arena, &out), LOG_TYPE_CONVERTS);
	assert_int_equal(convert_text_from_packed(&to, buf_bytes(&out), time_zone_utc(), &text, &diag), 0);
	assert_string_equal(buf_cstring(&text), wanted);
	buf_deinit(&out);
	buf_deinit(&text);
	arena_deinit(&arena);
}

static void old_forms_of_times_convert(void **state)
{
	struct log_type old = logged_type(FIELD_DATETIME, "", 0, false);
	assert_converts(old, "\x3c\x13\xd3\x85\x68\x12\0\0", 8, type_of(TYPE_DATETIME, 0, 0), 0,
			"2024-01-31 10:15:00");
	old = logged_type(FIELD_TIMESTAMP, "", 0, false);
	assert_converts(old, "\x01\0\0\0", 4, type_of(TYPE_TIMESTAMP, 0, 0), 0, "1970-01-01 00:00:01");
	assert_converts(old, "\0\0\0\0", 4, type_of(TYPE_TIMESTAMP, 0, 0), 0, "0000-00-00 00:00:00");
	old = logged_type(FIELD_TIME, "", 0, false);
	assert_converts(old, "\x08\x75\xfe", 3, type_of(TYPE_TIME, 0, 0), 0, "-10:11:12");
	struct column_type wider = type_of(TYPE_TIME, 0, 3);
	assert_int_equal(log_type_match(&old, &wider, 0), LOG_TYPE_REFUSED);
	assert_converts(old, "\x08\x75\xfe", 3, wider, LOG_TYPE_ALL_NON_LOSSY, "-10:11:12.000");
}

static void policies_decide(void **state)
{
	struct log_type tiny = logged_type(FIELD_TINY, "", 0, false), big = logged_type(FIELD_LONGLONG, "", 0, false);
	struct column_type to_int = type_of(TYPE_INT, 0, 0), to_text = type_of(TYPE_VARCHAR, 10, 0);
	assert_int_equal(log_type_match(&tiny, &to_int, 0), LOG_TYPE_REFUSED);
	assert_int_equal(log_type_match(&tiny, &to_int, LOG_TYPE_ALL_LOSSY), LOG_TYPE_REFUSED);
	assert_converts(tiny, "\xff", 1, to_int, LOG_TYPE_ALL_NON_LOSSY, "-1");
	assert_int_equal(log_type_match(&big, &to_int, LOG_TYPE_ALL_NON_LOSSY), LOG_TYPE_REFUSED);
	assert_converts(big, "\0\0\0\0\1\0\0\0", 8, to_int, LOG_TYPE_ALL_LOSSY, "2147483647");
	assert_int_equal(log_type_match(&big, &to_text, 3), LOG_TYPE_REFUSED);
	struct log_type chars = logged_type(FIELD_VARCHAR, "\x50\0", 2, false);
	assert_int_equal(log_type_match(&chars, &to_text, LOG_TYPE_ALL_NON_LOSSY), LOG_TYPE_REFUSED);
	assert_converts(chars, "\14abcdefghijkl", 13, to_text, LOG_TYPE_ALL_LOSSY, "abcdefghij");
	struct log_type blob = logged_type(FIELD_BLOB, "\1", 1, false);
	assert_converts(blob, "\2ab", 3, type_of(TYPE_TEXT, 0, 0), LOG_TYPE_ALL_NON_LOSSY, "ab");
	struct log_type money = logged_type(FIELD_NEWDECIMAL, "\4\2", 2, false);
	assert_converts(money, "\x8c\x22", 2, type_of(TYPE_DECIMAL, 3, 1), LOG_TYPE_ALL_LOSSY, "12.3");
	assert_converts(money, "\x8c\x22", 2, type_of(TYPE_INT, 0, 0), LOG_TYPE_ALL_LOSSY, "12");
}

static void malformed_metadata_is_refused(void **state)
{
	static const struct {
		uint8_t type_byte;
		const char *metadata;
		size_t size;
	} cases[] = {{FIELD_VARCHAR, "\1", 1}, {FIELD_NEWDECIMAL, "\102\0", 2}, {FIELD_NEWDECIMAL, "\5\6", 2},
		     {FIELD_BIT, "\1\10", 2},  {FIELD_DATETIME2, "\7", 1},      {FIELD_BLOB, "\5", 1},
		     {FIELD_STRING, "\xf8\11", 2}, {140, "\1", 1},             {FIELD_FLOAT, "\10", 1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cursor cursor = cursor_of(bytes_of(cases[i].metadata, cases[i].size));
		struct log_type type;
		struct diag diag = DIAG_INIT;
		assert_int_equal(log_type_read(cases[i].type_byte, &cursor, false, &type, &diag), -1);
		assert_int_equal(diag.code, ER_SLAVE_FATAL_ERROR);
	}
}

static void binary_json_becomes_text(void **state)
{
	/* {"a": 1, "bb": [true, "x", -1.5]} as MySQL 8.0 stores it */
	static const char object[] =
		"\x00"
		"\x02\x00\x34\x00"
		"\x12\x00\x01\x00\x13\x00\x02\x00"
		"\x05\x01\x00\x02\x15\x00"
		"a"
		"bb"
		"\x03\x00\x17\x00"
		"\x04\x01\x00\x0c\x0d\x00\x0b\x0f\x00"
		"\x01x"
		"\x00\x00\x00\x00\x00\x00\xf8\xbf";
	struct buf out;
	buf_init(&out);
	size_t size = sizeof object - 1;
	char sized[sizeof object];
	memcpy(sized, object, size);
	sized[3] = (char)(size - 1);
	assert_true(json_binary_print(bytes_of(sized, size), &out));
	assert_string_equal(buf_cstring(&out), "{\"a\": 1, \"bb\": [true, \"x\", -1.5]}");
	for (size_t cut = 1; cut < size; cut++) {
		buf_clear(&out);
		assert_false(json_binary_print(bytes_of(sized, cut), &out));
		assert_int_equal(out.size, 0);
	}
	for (int i = 0; i < 20000; i++) {
		char noise[sizeof object];
		memcpy(noise, sized, size);
		for (int j = 0; j < 3; j++)
			noise[(size_t)rand() % size] = (char)(rand() % 40);
		buf_clear(&out);
		json_binary_print(bytes_of(noise, size), &out);
	}
	buf_deinit(&out);
}

/* MySQL sets the bits behind the last column. */
static void test_padding(void **state)
{
	uint8_t image[] = {0xf5, 0xfe, 1};
	row_clear_padding(image, 11);
	assert_memory_equal(image, ((uint8_t[]){0xf5, 0x06, 1}), 3);
	row_clear_padding(image, 8);
	assert_memory_equal(image, ((uint8_t[]){0xf5, 0x06, 1}), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_padding),
		cmocka_unit_test(types_are_announced_as_mysql_does),
		cmocka_unit_test(widths_are_mysqls),
		cmocka_unit_test(images_come_back),
		cmocka_unit_test(old_forms_of_times_convert),
		cmocka_unit_test(policies_decide),
		cmocka_unit_test(malformed_metadata_is_refused),
		cmocka_unit_test(binary_json_becomes_text),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
