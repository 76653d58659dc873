/* Lines and fields of LOAD DATA, however the bytes trickle in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "exec/rows/load_reader.h"

struct trickle {
	struct bytes left;
	size_t step; /* bytes a read */
};

static int trickle(void *argument, uint8_t *at, size_t room, size_t *out_size, struct diag *diag)
{
	struct trickle *source = argument;
	size_t size = source->step < source->left.size ? source->step : source->left.size;
	*out_size = size < room ? size : room;
	memcpy(at, source->left.data, *out_size);
	source->left = bytes_of(source->left.data + *out_size, source->left.size - *out_size);
	return 0;
}

/* [a][b]+ for a line of two fields that went on, ~ for NULL; lines by a space. */
static void print_line(const struct load_reader *reader, struct buf *out)
{
	if (out->size)
		buf_put_string(out, " ");
	for (unsigned i = 0; i < reader->count; i++) {
		buf_put_string(out, "[");
		if (reader->fields[i].is_null)
			buf_put_string(out, "~");
		else
			buf_put_bytes(out, load_reader_field(reader, i));
		buf_put_string(out, "]");
	}
	if (reader->has_more)
		buf_put_string(out, "+");
}

static void check_in_steps(struct bytes text, const struct ast_file_format *ast, enum charset_id charset,
			   unsigned ignored, const char *expected, size_t step)
{
	struct trickle source = {text, step};
	struct load_format format;
	struct load_reader reader;
	struct diag diag = DIAG_INIT;
	struct buf printed = {0};
	enum load_outcome outcome = LOAD_LINE;
	assert_int_equal(load_format_init(&format, ast, &diag), 0);
	load_reader_init(&reader, &format, charset_get(charset), 2, trickle, &source);
	for (unsigned i = 0; i < ignored; i++)
		outcome = load_reader_skip(&reader, &diag);
	while (outcome == LOAD_LINE && (outcome = load_reader_next(&reader, &diag)) == LOAD_LINE)
		print_line(&reader, &printed);
	assert_int_equal(outcome, LOAD_END);
	assert_string_equal(buf_cstring(&printed), expected);
	load_reader_deinit(&reader);
	buf_deinit(&printed);
}

static void check(const char *text, const struct ast_file_format *ast, const char *expected)
{
	for (size_t step = 1; step < 9; step++)
		check_in_steps(bytes_of_string(text), ast, CHARSET_UTF8MB4, 0, expected, step);
	check_in_steps(bytes_of_string(text), ast, CHARSET_UTF8MB4, 0, expected, 100000);
}

#define TEXT(text_) {.data = (const uint8_t *)(text_), .size = sizeof(text_) - 1}

static const struct ast_file_format plain = {0};
static const struct ast_file_format csv = {.field_terminator = TEXT(","), .field_enclosure = TEXT("\"")};

static void test_plain(void **state)
{
	check("", &plain, "");
	check("a\tb\nc\td\n", &plain, "[a][b] [c][d]");
	check("a\tb", &plain, "[a][b]");
	check("a\t", &plain, "[a]");
	check("\t\n", &plain, "[][]");
	check("\n\nx\n", &plain, "[] [] [x]");
	check("a\tb\tc\td\ne\tf\n", &plain, "[a][b]+ [e][f]");
	check("\\N\t\\Nx\n", &plain, "[~][Nx]");
	check("a\\\tb\\\\\t\\n\\t\\x\n", &plain, "[a\tb\\][\n\tx]");
	check("NULL\tx\\", &plain, "[NULL][x\\]");
}

static void test_enclosed(void **state)
{
	check("\"a\",\"b\"\n", &csv, "[a][b]");
	check("\"a,\n\",\"b\"\"c\"\n", &csv, "[a,\n][b\"c]");
	check("\"a\"b\",\"\"\n", &csv, "[a\"b][]");
	check("a\"b,\"c\"\n", &csv, "[a\"b][c]");
	check("NULL,\"NULL\"\n\"\\N\",\\N\n", &csv, "[~][NULL] [~][~]");
	check("\"open,\nand never closed", &csv, "[\"open,\nand never closed]");
	check("\"closed\"", &csv, "[closed]");
	check("\"a\",\"b\",\"c\nd\"\ne,f\n", &csv, "[a][b]+ [d\"] [e][f]");
}

static void test_separators_of_several_bytes(void **state)
{
	const struct ast_file_format format = {.field_terminator = TEXT("ab"), .line_terminator = TEXT("aab"),
					       .line_start = TEXT(">>")};
	check("junk>>1ab2aab>>3aaab>4aab", &format, "[1][2] [3a]");
	check(">>1ab2aab>>", &format, "[1][2]");
	const struct ast_file_format same = {.field_terminator = TEXT(","), .line_terminator = TEXT(",")};
	check("1,2,3,4,5", &same, "[1][2] [3][4] [5]");
}

static void test_escape_that_is_the_enclosure(void **state)
{
	const struct ast_file_format format = {.field_terminator = TEXT(","), .field_enclosure = TEXT("\""),
					       .field_escape = TEXT("\"")};
	check("\"a\"\"b\",\"c\\n\"\n", &format, "[a\"b][c\\n]");
	check("\"never closed\"", &format, "[\"never closed\"]"); /* the last one escapes nothing */
	const struct ast_file_format none = {.field_escape = TEXT("")};
	check("a\\tb\t\\N\n", &none, "[a\\tb][\\N]");
}

static void test_ignored_lines(void **state)
{
	for (size_t step = 1; step < 5; step++) {
		check_in_steps(bytes_of_string("a\\\nb\nc\nd\te\n"), &plain, CHARSET_UTF8MB4, 2, "[d][e]", step);
		check_in_steps(bytes_of_string("a\n"), &plain, CHARSET_UTF8MB4, 1, "", step);
	}
}

/* In GBK a character's second byte may be the backslash's. */
static void test_characters_of_two_bytes(void **state)
{
	for (size_t step = 1; step < 5; step++) {
		check_in_steps(bytes_of_string("\x95\\\tn\n"), &plain, CHARSET_GBK, 0, "[\x95\\][n]", step);
		check_in_steps(bytes_of_string("\x95\\\tn\n"), &plain, CHARSET_LATIN1, 0, "[\x95\tn]", step);
	}
}

static void test_long_lines_and_many(void **state)
{
	enum { lines = 3000, size = 700000 };
	struct buf text = {0}, expected = {0};
	for (unsigned i = 0; i < lines; i++) {
		buf_printf(&text, "%u\t\"%u\n", i, i * i);
		buf_printf(&expected, "%s[%u][\"%u]", i ? " " : "", i, i * i);
	}
	buf_put_string(&expected, " [");
	for (unsigned i = 0; i < size; i++) {
		buf_put_u8(&text, (uint8_t)('a' + i % 26));
		buf_put_u8(&expected, (uint8_t)('a' + i % 26));
	}
	buf_put_string(&text, "\tend\n");
	buf_put_string(&expected, "][end]");
	const size_t steps[] = {1, 4095, 262144, 1000000};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		check_in_steps(buf_bytes(&text), &plain, CHARSET_UTF8MB4, 0, buf_cstring(&expected), steps[i]);
	buf_deinit(&text);
	buf_deinit(&expected);
}

static void test_what_formats_are_refused(void **state)
{
	const struct ast_file_format two = {.field_enclosure = TEXT("''")}, fixed = {.field_terminator = TEXT("")};
	struct load_format format;
	struct diag diag = DIAG_INIT;
	assert_int_equal(load_format_init(&format, &two, &diag), -1);
	assert_int_equal(diag.code, ER_WRONG_FIELD_TERMINATORS);
	assert_int_equal(load_format_init(&format, &fixed, &diag), -1);
	assert_int_equal(diag.code, ER_NOT_SUPPORTED_YET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_enclosed),
		cmocka_unit_test(test_separators_of_several_bytes),
		cmocka_unit_test(test_escape_that_is_the_enclosure),
		cmocka_unit_test(test_ignored_lines),
		cmocka_unit_test(test_characters_of_two_bytes),
		cmocka_unit_test(test_long_lines_and_many),
		cmocka_unit_test(test_what_formats_are_refused),
	};
	collation_init();
	int status = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return status;
}
