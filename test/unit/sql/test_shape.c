/* What texts have in common, and the values that stand in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sql/parse/shape.h"
#include "type/sql_mode.h"

/* The shape with letters for marks and the values behind it; or "none". */
static const char *shape_and_values(struct arena *arena, const char *text, uint64_t sql_mode)
{
	static const char marks[] = "\0iIdDs";
	struct text_shape shape;
	struct bytes bytes = bytes_of_string(text);
	uint8_t *out = arena_alloc(arena, bytes.size);
	if (!shape_find(bytes, sql_mode, out, &shape))
		return "none";
	struct buf shown;
	buf_init(&shown);
	for (size_t i = 0; i < shape.bytes.size; i++)
		buf_put_u8(&shown, out[i] < shape_mark_end ? (uint8_t)marks[out[i]] : out[i]);
	for (unsigned i = 0; i < shape.count; i++) {
		struct value value = shape_value(&shape, i, arena);
		buf_put_string(&shown, i == 0 ? " | " : ", ");
		buf_put_bytes(&shown, value_text(&value, arena));
	}
	const char *copy = arena_copy_text(arena, (const char *)shown.data, shown.size);
	buf_deinit(&shown);
	return copy;
}

static void test_shapes(void **state)
{
	static const struct {
		const char *text;
		uint64_t sql_mode;
		const char *expected;
	} cases[] = {
		{"a=5 AND b='x'", 0, "a=i AND b=s | 5, x"},
		{"(1,-2, 1.50,-0.5)", 0, "(i,I, d,D) | 1, -2, 1.50, -0.5"},
		{"a-5, a - 5, 3-5", 0, "a-i, a - i, i-i | 5, 5, 3, 5"},
		{"t1.a2 x'41' 0x41 1e5 1a 5. .5 t.5", 0, "t1.a2 xs 0x41 1e5 1a 5. .5 t.5 | 41"},
		{"123456789012345678 1234567890123456789", 0, "i 1234567890123456789 | 123456789012345678"},
		{"'it''s' 'a\\'b' \"c\"", 0, "s s s | it's, a'b, c"},
		{"'a\\' \"5\" `5`", SQL_MODE_NO_BACKSLASH_ESCAPES | SQL_MODE_ANSI_QUOTES, "s \"5\" `5` | a\\"},
		{"a=?", 0, "none"}, {"a; b", 0, "none"}, {"'a", 0, "none"}, {"'a\\'", 0, "none"}, {"a\001", 0, "none"},
	};
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(shape_and_values(&arena, cases[i].text, cases[i].sql_mode), cases[i].expected);
	arena_deinit(&arena);
}

static void test_bounds(void **state)
{
	struct arena arena;
	arena_init(&arena);
	char *many = arena_alloc(&arena, 2 * shape_literals_max + 3), *big = arena_alloc(&arena, shape_text_max + 2);
	for (int i = 0; i < shape_literals_max; i++)
		memcpy(many + 2 * i, "1,", 2);
	assert_string_not_equal(shape_and_values(&arena, many, 0), "none");
	strcat(many, "1");
	assert_string_equal(shape_and_values(&arena, many, 0), "none");
	memset(big, 'a', shape_text_max);
	assert_string_not_equal(shape_and_values(&arena, big, 0), "none");
	strcat(big, "a");
	assert_string_equal(shape_and_values(&arena, big, 0), "none");
	arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_shapes), cmocka_unit_test(test_bounds)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
