/*
 * The parser on any text, and the printer on what it made of it. The first byte is bits of sql_mode; or, the highest
 * bit set, the rest is an expression, whose print has to parse back and print the same (sql, invariant 6).
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fuzz.h"
#include "sql/parse/parse.h"
#include "type/sql_mode.h"

static uint64_t mode_of(uint8_t bits)
{
	return (bits & 1 ? SQL_MODE_ANSI_QUOTES : 0) | (bits & 2 ? SQL_MODE_NO_BACKSLASH_ESCAPES : 0) |
	       (bits & 4 ? SQL_MODE_PIPES_AS_CONCAT : 0) | (bits & 8 ? SQL_MODE_HIGH_NOT_PRECEDENCE : 0) |
	       (bits & 16 ? SQL_MODE_IGNORE_SPACE : 0);
}

/* With rows of literals as nodes and as values, which makes no difference to what is accepted. */
static int parse_both_ways(struct parse_input *input, struct arena *arena, size_t *out_next)
{
	struct diag diag = DIAG_INIT, again = DIAG_INIT;
	struct ast_statement *statement;
	size_t next = 0;
	input->wants_values = true;
	int with_values = parse_statement(input, arena, &statement, &next, &again);
	input->wants_values = false;
	int status = parse_statement(input, arena, &statement, out_next, &diag);
	if (status != with_values || strcmp(diag.message, again.message) != 0 || (status == 0 && next != *out_next))
		abort();
	return status;
}

static void parse_statements(struct parse_input *input, struct arena *arena)
{
	while (input->offset < input->size) {
		size_t next;
		if (parse_both_ways(input, arena, &next) < 0)
			return;
		if (next <= input->offset)
			abort();
		input->offset = next;
	}
}

/* False: no expression. */
static bool print(struct bytes text, struct arena *arena, struct buf *out, struct diag *diag)
{
	struct parse_input input = {.text = (const char *)text.data, .size = text.size};
	struct ast_expr *expr;
	if (parse_expression(&input, arena, &expr, diag) < 0)
		return false;
	ast_expr_print(expr, out);
	return true;
}

static void print_twice(struct bytes text, struct arena *arena)
{
	struct buf first = {0}, second = {0};
	struct diag diag = DIAG_INIT;
	if (print(text, arena, &first, &diag)) {
		bool is_again = print(buf_bytes(&first), arena, &second, &diag);
		/* Printed parentheses may make it too high. */
		if (is_again ? !bytes_equal(buf_bytes(&first), buf_bytes(&second)) : diag.code == ER_PARSE_ERROR)
			abort();
	}
	buf_deinit(&first);
	buf_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	struct arena arena;
	arena_init(&arena);
	struct parse_input input = {.text = (const char *)data + 1, .size = size - 1, .sql_mode = mode_of(data[0]),
				    .multiple = true};
	if (data[0] & 0x80)
		print_twice(bytes_of(data + 1, size - 1), &arena);
	else
		parse_statements(&input, &arena);
	arena_deinit(&arena);
	return 0;
}
