/*
 * Numbers stand as they print; times as quoted texts, as in MySQL. A text in the client's own character set stands as the
 * client would have written it; any other says its character set, and what is not ASCII of it comes as digits.
 */
#include "exec/bound_text.h"

#include <string.h>

#include "session/variables.h"
#include "sql/parse/parse.h"
#include "type/sql_mode.h"

static bool is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x20 || text.data[i] > 0x7e || text.data[i] == '\\')
			return false;
	return true;
}

/* No byte of a longer character looks like a quote or a backslash. */
static bool quotes_safely(const struct charset *charset)
{
	return charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3 || charset->id == CHARSET_LATIN1 ||
	       charset->id == CHARSET_ASCII;
}

static void put_quoted(struct buf *out, struct bytes text, bool escapes)
{
	buf_put_u8(out, '\'');
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\'' || (escapes && text.data[i] == '\\'))
			buf_put_u8(out, text.data[i]);
		buf_put_u8(out, text.data[i]);
	}
	buf_put_u8(out, '\'');
}

static void put_digits(struct buf *out, struct bytes text)
{
	buf_put_string(out, " X'");
	for (size_t i = 0; i < text.size; i++)
		buf_printf(out, "%02X", text.data[i]);
	buf_put_u8(out, '\'');
}

static void put_string(struct buf *out, const struct value *value, const struct session_variables *variables)
{
	const struct charset *charset = value->collation->charset;
	bool is_own = charset == variables->collation_connection->charset && charset == variables->character_set_client;
	bool escapes = !(variables->sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	if (is_own && quotes_safely(charset)) {
		put_quoted(out, value->string, escapes);
		return;
	}
	buf_printf(out, "_%s", charset->name);
	if (charset->min_char_size == 1 && is_ascii(value->string))
		put_quoted(out, value->string, false);
	else
		put_digits(out, value->string);
}

static void put_value(struct buf *out, const struct value *value, const struct statement *statement)
{
	struct bytes text = value_text(value, statement->arena);
	switch (value->kind) {
	case VALUE_NULL:
		buf_put_string(out, "NULL");
		break;
	case VALUE_STRING:
		put_string(out, value, &statement->session->variables);
		break;
	case VALUE_DATE: case VALUE_TIME: case VALUE_DATETIME:
		put_quoted(out, text, false);
		break;
	case VALUE_DOUBLE:
		buf_put_bytes(out, text);
		/* Without an exponent it would be read as a DECIMAL. */
		if (memchr(text.data, 'e', text.size) == NULL)
			buf_put_string(out, "e0");
		break;
	default:
		buf_put_bytes(out, text);
	}
}

struct bytes statement_bound_text(const struct statement *statement)
{
	unsigned count = statement->parameter_count;
	struct bytes text = statement->text;
	if (count == 0 || statement->liftables)
		return text;
	uint32_t *places = arena_array(statement->arena, uint32_t, count);
	struct parse_input input = {.text = (const char *)text.data, .size = text.size,
				    .sql_mode = statement->session->variables.sql_mode, .charset = statement->ast->charset};
	struct buf bound;
	size_t at = 0;
	buf_init(&bound);
	count = parse_find_placeholders(&input, statement->arena, places, count);
	for (unsigned i = 0; i < count; i++) {
		buf_put(&bound, text.data + at, places[i] - at);
		put_value(&bound, &statement->parameters[i], statement);
		at = places[i] + 1;
	}
	buf_put(&bound, text.data + at, text.size - at);
	struct bytes copy = bytes_of(arena_copy(statement->arena, bound.data, bound.size), bound.size);
	buf_deinit(&bound);
	return copy;
}
