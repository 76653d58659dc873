#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "type/convert.h"
#include "type/json_text.h"
#include "type/row.h"
#include "type/sql_mode.h"

enum { rounds = 20000 };

static const uint64_t strict = SQL_MODE_STRICT_TRANS_TABLES | SQL_MODE_NO_ZERO_IN_DATE | SQL_MODE_NO_ZERO_DATE;

struct fixture {
	struct arena arena;
	struct warnings warnings;
	struct buf out;
	struct buf text;
	struct diag diag;
};

static int setup(void **state)
{
	static struct fixture fixture;
	arena_init(&fixture.arena);
	warnings_init(&fixture.warnings, 64);
	buf_init(&fixture.out);
	buf_init(&fixture.text);
	collation_init();
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	arena_deinit(&fixture->arena);
	warnings_deinit(&fixture->warnings);
	buf_deinit(&fixture->out);
	buf_deinit(&fixture->text);
	collation_deinit();
	return 0;
}

static struct column_type type_of(enum type_kind kind, uint32_t length)
{
	struct column_type type = {.kind = kind, .length = length, .collation = collation_binary};
	if (type_is_text(kind))
		type.collation = collation_utf8mb4_default;
	if (kind == TYPE_FLOAT || kind == TYPE_DOUBLE)
		type.decimals = 31;
	return type;
}

static struct column_type type_with_decimals(enum type_kind kind, uint32_t length, uint8_t decimals)
{
	struct column_type type = type_of(kind, length);
	type.decimals = decimals;
	return type;
}

static struct column_type names_type(enum type_kind kind)
{
	static struct bytes names[3];
	names[0] = bytes_of_string("a");
	names[1] = bytes_of_string("Bee");
	names[2] = bytes_of_string("c d");
	struct column_type type = type_of(kind, 0);
	type.names = names;
	type.name_count = 3;
	return type;
}

static struct value text_value(const char *text)
{
	return value_string(bytes_of_string(text), collation_utf8mb4_default);
}

/* Converts; leaves the text a client would see in fixture->text. */
static int convert(struct fixture *fixture, const struct column_type *type, const struct value *value,
		   uint64_t sql_mode)
{
	struct convert_context context = {.sql_mode = sql_mode, .zone = time_zone_utc(),
					  .warnings = &fixture->warnings, .row_number = 1,
					  .arena = &fixture->arena};
	warnings_clear(&fixture->warnings);
	buf_clear(&fixture->out);
	buf_clear(&fixture->text);
	arena_reset(&fixture->arena);
	diag_clear(&fixture->diag);
	if (convert_to_packed(value, type, "c", &context, &fixture->out, &fixture->diag) != 0) {
		assert_int_equal(fixture->out.size, 0);
		return -1;
	}
	assert_int_equal(convert_text_from_packed(type, buf_bytes(&fixture->out), time_zone_utc(), &fixture->text,
						  &fixture->diag), 0);
	return 0;
}

/* What one value does in strict mode (the error, or "" and the text) and without (the warning and the text). */
struct value_case {
	struct value value;
	const char *error;   /* strict: the message, NULL: none */
	unsigned warning;    /* not strict: the condition's code, 0: none */
	const char *text;    /* not strict: what is stored */
};

static void check_cases(struct fixture *fixture, const struct column_type *type, const struct value_case *cases,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int strict_result = convert(fixture, type, &cases[i].value, strict);
		assert_int_equal(strict_result, cases[i].error ? -1 : 0);
		if (cases[i].error)
			assert_string_equal(fixture->diag.message, cases[i].error);
		else
			assert_string_equal(buf_cstring(&fixture->text), cases[i].text);
		assert_int_equal(convert(fixture, type, &cases[i].value, 0), 0);
		assert_string_equal(buf_cstring(&fixture->text), cases[i].text);
		assert_int_equal(fixture->warnings.count, cases[i].warning != 0);
		if (cases[i].warning)
			assert_int_equal(fixture->warnings.list[0].code, cases[i].warning);
	}
}

#define CHECK(type, ...)                                                                                           \
	do {                                                                                                       \
		const struct value_case cases[] = {__VA_ARGS__};                                                   \
		check_cases(*state, (type), cases, sizeof cases / sizeof *cases);                                  \
	} while (0)

static const char out_of_range[] = "Out of range value for column 'c' at row 1";
static const char truncated[] = "Data truncated for column 'c' at row 1";
static const char too_long[] = "Data too long for column 'c' at row 1";

static void integers(void **state)
{
	struct column_type tiny = type_of(TYPE_TINYINT, 0), big = type_of(TYPE_BIGINT, 0), small = tiny;
	struct column_type big_unsigned = big;
	small.is_unsigned = big_unsigned.is_unsigned = true;
	CHECK(&tiny, {value_int(127), NULL, 0, "127"}, {value_int(-128), NULL, 0, "-128"},
	      {value_int(128), out_of_range, 1264, "127"}, {value_int(-129), out_of_range, 1264, "-128"},
	      {value_uint(UINT64_MAX), out_of_range, 1264, "127"}, {value_double(1.5), NULL, 0, "2"},
	      {value_double(2.5), NULL, 0, "2"}, {value_double(1e300), out_of_range, 1264, "127"},
	      {text_value("12"), NULL, 0, "12"}, {text_value(" 12 "), NULL, 0, "12"},
	      {text_value("1e1"), NULL, 0, "10"}, {text_value("2.5"), NULL, 0, "3"},
	      {text_value("12abc"), truncated, 1265, "12"},
	      {text_value("abc"), "Incorrect integer value: 'abc' for column 'c' at row 1", 1366, "0"},
	      {text_value(""), "Incorrect integer value: '' for column 'c' at row 1", 1366, "0"},
	      {text_value("999x"), out_of_range, 1264, "127"});
	CHECK(&small, {value_int(-1), out_of_range, 1264, "0"}, {value_int(255), NULL, 0, "255"},
	      {text_value("-0.4"), NULL, 0, "0"}, {text_value("-1"), out_of_range, 1264, "0"});
	CHECK(&big, {value_uint(UINT64_MAX), out_of_range, 1264, "9223372036854775807"},
	      {text_value("-9223372036854775808"), NULL, 0, "-9223372036854775808"},
	      {text_value("9223372036854775808"), out_of_range, 1264, "9223372036854775807"});
	CHECK(&big_unsigned, {value_uint(UINT64_MAX), NULL, 0, "18446744073709551615"},
	      {text_value("18446744073709551616"), out_of_range, 1264, "18446744073709551615"});
}

static void reals(void **state)
{
	struct column_type real = type_of(TYPE_DOUBLE, 0), narrow = type_of(TYPE_FLOAT, 0);
	struct column_type digits = type_with_decimals(TYPE_DOUBLE, 6, 2);
	CHECK(&real, {value_double(0.1), NULL, 0, "0.1"}, {value_double(1e20), NULL, 0, "1e20"},
	      {text_value("1.5x"), truncated, 1265, "1.5"}, {text_value("abc"), truncated, 1265, "0"},
	      {text_value("1e400"), out_of_range, 1264, "1.7976931348623157e308"});
	CHECK(&narrow, {value_double(3.14159265), NULL, 0, "3.14159"}, {value_int(16777216), NULL, 0, "16777200"},
	      {value_double(1e39), out_of_range, 1264, "3.40282e38"});
	CHECK(&digits, {value_double(1234.567), NULL, 0, "1234.57"}, {value_double(-99999), out_of_range, 1264, "-9999.99"});
}

static void decimals(void **state)
{
	struct column_type money = type_with_decimals(TYPE_DECIMAL, 5, 2), fill = money;
	fill.zerofill = fill.is_unsigned = true;
	CHECK(&money, {text_value("1.5"), NULL, 0, "1.50"}, {value_int(1000), out_of_range, 1264, "999.99"},
	      {value_double(-1e10), out_of_range, 1264, "-999.99"},
	      {text_value("x"), "Incorrect decimal value: 'x' for column 'c' at row 1", 1366, "0.00"});
	CHECK(&fill, {value_int(-1), out_of_range, 1264, "000.00"}, {text_value("1.5"), NULL, 0, "001.50"});
	/* Rounding is a note, in strict mode too. */
	struct fixture *fixture = *state;
	struct value value = text_value("1.005");
	assert_int_equal(convert(fixture, &money, &value, strict), 0);
	assert_string_equal(buf_cstring(&fixture->text), "1.01");
	assert_int_equal(fixture->warnings.list[0].level, WARNING_NOTE);
	assert_int_equal(fixture->warnings.list[0].code, WARN_DATA_TRUNCATED);
}

static void strings(void **state)
{
	struct column_type fixed = type_of(TYPE_CHAR, 3), variable = type_of(TYPE_VARCHAR, 3);
	struct column_type latin = variable, raw = type_of(TYPE_BINARY, 3), tiny = type_of(TYPE_TINYTEXT, 0);
	latin.collation = collation_latin1_default;
	CHECK(&variable, {text_value("abc"), NULL, 0, "abc"}, {text_value("abcd"), too_long, 1265, "abc"},
	      {text_value("\u00e4\u00f6\u00fc"), NULL, 0, "\u00e4\u00f6\u00fc"},
	      {text_value("\u00e4\u00f6\u00fcx"), too_long, 1265, "\u00e4\u00f6\u00fc"},
	      {value_int(-12), NULL, 0, "-12"}, {value_int(1234), too_long, 1265, "123"},
	      {value_string(bytes_of_string("a\xc3(b"), collation_binary),
	       "Incorrect string value: '\\xC3(b' for column 'c' at row 1", 1366, "a"});
	CHECK(&fixed, {text_value("ab  "), NULL, 0, "ab"}, {text_value("abc   "), NULL, 0, "abc"},
	      {value_double(0.3333333), NULL, 0, "0.3"});
	CHECK(&latin, {text_value("\u00e4"), NULL, 0, "\xe4"},
	      {text_value("a\u6f22"), "Incorrect string value: '\\xE6\\xBC\\xA2' for column 'c' at row 1", 1366, "a?"});
	CHECK(&tiny, {text_value("hi"), NULL, 0, "hi"});
	struct fixture *fixture = *state;
	struct value value = text_value("a");
	assert_int_equal(convert(fixture, &raw, &value, strict), 0);
	assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of("\1a", 2)));
	assert_true(bytes_equal(buf_bytes(&fixture->text), bytes_of("a\0\0", 3)));
	/* Only spaces are lost: a note. */
	value = text_value("abc  ");
	assert_int_equal(convert(fixture, &variable, &value, strict), 0);
	assert_int_equal(fixture->warnings.list[0].level, WARNING_NOTE);
	static char long_text[70001];
	memset(long_text, 'x', 70000);
	value = text_value(long_text);
	struct column_type text = type_of(TYPE_TEXT, 0);
	assert_int_equal(convert(fixture, &text, &value, strict), -1);
	assert_int_equal(fixture->diag.code, ER_DATA_TOO_LONG);
	assert_int_equal(convert(fixture, &text, &value, 0), 0);
	assert_int_equal(fixture->text.size, 65535);
}

static void dates(void **state)
{
	struct column_type date = type_of(TYPE_DATE, 0), stamp = type_of(TYPE_TIMESTAMP, 0);
	struct column_type moment = type_with_decimals(TYPE_DATETIME, 0, 3);
	struct fixture *fixture = *state;
	CHECK(&date, {text_value("2024-01-31"), NULL, 0, "2024-01-31"}, {value_int(240131), NULL, 0, "2024-01-31"},
	      {text_value("2024-02-30"), "Incorrect date value: '2024-02-30' for column 'c' at row 1", 1264,
	       "0000-00-00"},
	      {text_value("x"), "Incorrect date value: 'x' for column 'c' at row 1", 1265, "0000-00-00"},
	      {value_int(5), "Incorrect date value: '5' for column 'c' at row 1", 1265, "0000-00-00"},
	      {text_value("2024-01-31x"), "Incorrect date value: '2024-01-31x' for column 'c' at row 1", 1265,
	       "2024-01-31"},
	      {text_value("0000-00-00"), "Incorrect date value: '0000-00-00' for column 'c' at row 1", 0, "0000-00-00"},
	      {text_value("2024-00-01"), "Incorrect date value: '2024-00-01' for column 'c' at row 1", 0, "2024-00-01"});
	CHECK(&moment, {text_value("2024-01-31 10:11:12.6789"), NULL, 0, "2024-01-31 10:11:12.679"},
	      {value_double(20240131101112.5), NULL, 0, "2024-01-31 10:11:12.500"},
	      {text_value("2024-01-31T10:11:12+02:00"), NULL, 0, "2024-01-31 08:11:12.000"});
	CHECK(&stamp, {text_value("2024-01-31 10:11:12"), NULL, 0, "2024-01-31 10:11:12"},
	      {text_value("1970-01-01 00:00:00"),
	       "Incorrect datetime value: '1970-01-01 00:00:00' for column 'c' at row 1", 1264, "0000-00-00 00:00:00"},
	      {text_value("2038-01-19 03:14:08"),
	       "Incorrect datetime value: '2038-01-19 03:14:08' for column 'c' at row 1", 1264, "0000-00-00 00:00:00"});
	assert_string_equal(error_sqlstate(ER_TRUNCATED_WRONG_VALUE), "22007");
	/* NO_ZERO_DATE without strictness is a warning. */
	struct value zero = text_value("0000-00-00");
	assert_int_equal(convert(fixture, &date, &zero, SQL_MODE_NO_ZERO_DATE), 0);
	assert_int_equal(fixture->warnings.list[0].code, ER_WARN_DATA_OUT_OF_RANGE);
	struct value late = text_value("2024-02-30");
	assert_int_equal(convert(fixture, &date, &late, strict | SQL_MODE_ALLOW_INVALID_DATES), 0);
	/* A lost time of day is a note. */
	struct value full = text_value("2024-01-31 10:11:12");
	assert_int_equal(convert(fixture, &date, &full, strict), 0);
	assert_int_equal(fixture->warnings.list[0].level, WARNING_NOTE);
}

static void times_and_years(void **state)
{
	struct column_type clock = type_of(TYPE_TIME, 0), year = type_of(TYPE_YEAR, 4);
	CHECK(&clock, {text_value("10:11:12.5"), NULL, 0, "10:11:13"}, {value_int(-101112), NULL, 0, "-10:11:12"},
	      {text_value("900:00:00"), "Incorrect time value: '900:00:00' for column 'c' at row 1", 1264, "838:59:59"},
	      {text_value("10:61:00"), "Incorrect time value: '10:61:00' for column 'c' at row 1", 1264, "00:00:00"});
	CHECK(&year, {value_int(2024), NULL, 0, "2024"}, {value_int(0), NULL, 0, "0000"},
	      {text_value("0"), NULL, 0, "2000"}, {text_value("0000"), NULL, 0, "0000"},
	      {value_int(69), NULL, 0, "2069"}, {text_value("70"), NULL, 0, "1970"},
	      {value_int(1900), out_of_range, 1264, "0000"}, {value_int(2156), out_of_range, 1264, "0000"},
	      {text_value("x"), "Incorrect integer value: 'x' for column 'c' at row 1", 1366, "0000"});
}

static void names_and_bits(void **state)
{
	struct column_type one = names_type(TYPE_ENUM), many = names_type(TYPE_SET);
	struct fixture *fixture = *state;
	CHECK(&one, {text_value("bee  "), NULL, 0, "Bee"}, {value_int(3), NULL, 0, "c d"},
	      {text_value("2"), NULL, 0, "Bee"}, {text_value("x"), truncated, 1265, ""},
	      {text_value(""), truncated, 1265, ""}, {value_int(0), truncated, 1265, ""},
	      {value_int(4), truncated, 1265, ""});
	CHECK(&many, {text_value("c d,A"), NULL, 0, "a,c d"}, {text_value(""), NULL, 0, ""},
	      {value_int(5), NULL, 0, "a,c d"}, {text_value("7"), NULL, 0, "a,Bee,c d"},
	      {text_value("a,x"), truncated, 1265, "a"}, {value_int(9), truncated, 1265, "a"});
	struct column_type bits = type_of(TYPE_BIT, 9);
	struct value value = value_int(257);
	assert_int_equal(convert(fixture, &bits, &value, strict), 0);
	assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of("\1\1", 2)));
	value = value_int(512);
	assert_int_equal(convert(fixture, &bits, &value, strict), -1);
	assert_string_equal(fixture->diag.message, too_long);
	assert_int_equal(convert(fixture, &bits, &value, 0), 0);
	assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of("\1\xff", 2)));
	value = value_string(bytes_of("\0\0\1\2", 4), collation_binary);
	assert_int_equal(convert(fixture, &bits, &value, strict), 0);
	assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of("\1\2", 2)));
}

static void ignore_makes_warnings_of_errors(void **state)
{
	struct fixture *fixture = *state;
	struct column_type tiny = type_of(TYPE_TINYINT, 0);
	struct value value = value_int(1000);
	struct convert_context context = {.sql_mode = strict, .ignore = true, .zone = time_zone_utc(),
					  .warnings = &fixture->warnings, .row_number = 7, .arena = &fixture->arena};
	warnings_clear(&fixture->warnings);
	buf_clear(&fixture->out);
	assert_int_equal(convert_to_packed(&value, &tiny, "c", &context, &fixture->out, &fixture->diag), 0);
	assert_string_equal(fixture->warnings.list[0].message, "Out of range value for column 'c' at row 7");
	context.warnings = NULL;
	assert_int_equal(convert_to_packed(&value, &tiny, "c", &context, &fixture->out, &fixture->diag), 0);
}

static void json_takes_its_normal_form(void **state)
{
	static const char *const cases[][2] = {
		{"{\"bb\":1,\"a\":[1,2, {}],\"c\":null}", "{\"a\": [1, 2, {}], \"c\": null, \"bb\": 1}"},
		{"{\"a\":1,\"a\":{\"z\":1,\"y\":2}}", "{\"a\": {\"y\": 2, \"z\": 1}}"},
		{" [ true , false ] ", "[true, false]"},
		{"\"\\u00e4\\/\\n\\ud83d\\ude00\\u0001\"", "\"\u00e4/\\n\U0001f600\\u0001\""},
		{"1.0", "1.0"}, {"1e2", "100.0"}, {"-0", "0"}, {"18446744073709551615", "18446744073709551615"},
		{"18446744073709551616", "1.8446744073709552e19"}, {"-9223372036854775808", "-9223372036854775808"},
		{"1.10", "1.1"}, {"[]", "[]"}, {"{}", "{}"},
	};
	struct fixture *fixture = *state;
	struct column_type json = type_of(TYPE_JSON, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct value value = text_value(cases[i][0]);
		assert_int_equal(convert(fixture, &json, &value, strict), 0);
		assert_string_equal(buf_cstring(&fixture->text), cases[i][1]);
		/* The normal form is its own normal form. */
		value = text_value(cases[i][1]);
		assert_int_equal(convert(fixture, &json, &value, strict), 0);
		assert_string_equal(buf_cstring(&fixture->text), cases[i][1]);
	}
}

static void bad_json_is_refused(void **state)
{
	static const struct {
		const char *text, *message;
		unsigned position;
	} cases[] = {
		{"", "The document is empty.", 0},
		{"abc", "Invalid value.", 0},
		{"nux", "Invalid value.", 2},
		{"[1,2", "Missing a comma or ] after an array element.", 4},
		{"{\"a\":1", "Missing a comma or } after an object member.", 6},
		{"{\"a\" 1}", "Missing a colon after a name of object member.", 5},
		{"{1:2}", "Missing a name for object member.", 1},
		{"[1,]", "Invalid value.", 3},
		{"1 2", "The document root must not be followed by other values.", 2},
		{"\"abc", "Missing a closing quotation mark in string.", 4},
		{"\"\\x\"", "Invalid escape character in string.", 1},
		{"\"\\u12g4\"", "Incorrect hex digit after \\u escape in string.", 1},
		{"\"\\ud800\"", "The surrogate pair in string is invalid.", 1},
		{"1.", "Miss fraction part in number.", 2},
		{"1e", "Miss exponent in number.", 2},
		{"[1e999]", "Number too big to be stored in double.", 1},
	};
	struct fixture *fixture = *state;
	struct column_type json = type_of(TYPE_JSON, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct value value = text_value(cases[i].text);
		char wanted[200];
		snprintf(wanted, sizeof wanted, "Invalid JSON text: \"%s\" at position %u in value for column 'c'.",
			 cases[i].message, cases[i].position);
		assert_int_equal(convert(fixture, &json, &value, 0), -1);
		assert_int_equal(fixture->diag.code, ER_INVALID_JSON_TEXT);
		assert_string_equal(fixture->diag.message, wanted);
	}
	char deep[300] = "";
	memset(deep, '[', 101);
	memset(deep + 101, ']', 101);
	struct value value = text_value(deep);
	assert_int_equal(convert(fixture, &json, &value, 0), -1);
	assert_int_equal(fixture->diag.code, ER_JSON_DOCUMENT_TOO_DEEP);
	value = value_string(bytes_of(deep + 1, 200), collation_utf8mb4_default);
	assert_int_equal(convert(fixture, &json, &value, 0), 0);
	value = value_int(1);
	assert_int_equal(convert(fixture, &json, &value, 0), -1);
	value = value_string(bytes_of_string("1"), collation_binary);
	assert_int_equal(convert(fixture, &json, &value, 0), -1);
	assert_int_equal(fixture->diag.code, ER_INVALID_JSON_CHARSET);
}

static void json_garbage_is_survived(void **state)
{
	static const char letters[] = "{}[]\",:\\u0de1. tfnr\x80\xc3";
	struct buf out;
	buf_init(&out);
	for (int i = 0; i < rounds; i++) {
		char text[40];
		size_t size = (size_t)rand() % sizeof text;
		struct json_error error;
		for (size_t j = 0; j < size; j++)
			text[j] = letters[(size_t)rand() % (sizeof letters - 1)];
		buf_clear(&out);
		if (!json_text_normalise(bytes_of(text, size), &out, &error))
			assert_true(error.position <= size && out.size == 0);
	}
	buf_deinit(&out);
}

/* Every value that a column holds is stored as it was when it is given back as text. */
static void texts_of_fields_come_back(void **state)
{
	struct fixture *fixture = *state;
	struct column_type types[] = {
		type_of(TYPE_TINYINT, 0), type_of(TYPE_SMALLINT, 0), type_of(TYPE_MEDIUMINT, 0), type_of(TYPE_INT, 0),
		type_of(TYPE_BIGINT, 0), type_of(TYPE_DOUBLE, 0), type_with_decimals(TYPE_DECIMAL, 30, 10),
		type_with_decimals(TYPE_DATETIME, 0, 6), type_with_decimals(TYPE_TIMESTAMP, 0, 4),
		type_with_decimals(TYPE_TIME, 0, 5), type_of(TYPE_YEAR, 4), names_type(TYPE_SET),
	};
	for (int i = 0; i < rounds; i++) {
		const struct column_type *type = &types[(size_t)rand() % (sizeof types / sizeof *types)];
		int64_t bits = (int64_t)((uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand());
		struct value value = value_int(bits >> rand() % 64);
		if (rand() % 4 == 0)
			value = value_double((double)bits / 1000003);
		assert_int_equal(convert(fixture, type, &value, SQL_MODE_ALLOW_INVALID_DATES), 0);
		char first[200], text[200];
		size_t size = fixture->out.size;
		memcpy(first, fixture->out.data, size);
		snprintf(text, sizeof text, "%s", buf_cstring(&fixture->text));
		value = text_value(text);
		assert_int_equal(convert(fixture, type, &value,
					 SQL_MODE_STRICT_ALL_TABLES | SQL_MODE_ALLOW_INVALID_DATES), 0);
		assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of(first, size)));
		struct value back;
		assert_int_equal(convert_from_packed(type, buf_bytes(&fixture->out), time_zone_utc(), &fixture->arena,
						     &back, &fixture->diag), 0);
		buf_clear(&fixture->out);
		struct convert_context context = {.sql_mode = SQL_MODE_ALLOW_INVALID_DATES, .zone = time_zone_utc(),
						  .arena = &fixture->arena};
		assert_int_equal(convert_to_packed(&back, type, "c", &context, &fixture->out, &fixture->diag), 0);
		assert_true(bytes_equal(buf_bytes(&fixture->out), bytes_of(first, size)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(reals),
		cmocka_unit_test(decimals),
		cmocka_unit_test(strings),
		cmocka_unit_test(dates),
		cmocka_unit_test(times_and_years),
		cmocka_unit_test(names_and_bits),
		cmocka_unit_test(ignore_makes_warnings_of_errors),
		cmocka_unit_test(json_takes_its_normal_form),
		cmocka_unit_test(bad_json_is_refused),
		cmocka_unit_test(json_garbage_is_survived),
		cmocka_unit_test(texts_of_fields_come_back),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
