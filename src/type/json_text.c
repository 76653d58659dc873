#include "type/json_text.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "type/value.h"

enum { depth_max = 100 };

/* A member of an object that is being read: where its name and its text are. */
struct member {
	size_t name_at, name_size; /* in parser.names, unescaped */
	size_t text_at, text_size; /* in parser.out: "name": value */
};

struct parser {
	const uint8_t *start;
	const uint8_t *at;
	const uint8_t *end;
	struct buf *out;
	struct buf string;  /* the string that was read last, unescaped */
	struct buf names;   /* of all open objects' members */
	struct buf members; /* struct member of all open objects */
	struct json_error *error;
	unsigned depth;
};

static bool fail_at(struct parser *parser, const uint8_t *at, const char *message)
{
	*parser->error = (struct json_error){message, (size_t)(at - parser->start)};
	return false;
}

static bool fail(struct parser *parser, const char *message)
{
	return fail_at(parser, parser->at, message);
}

/* The next byte; 0 at the end, where a real zero byte is as wrong as the end. */
static uint8_t peek(const struct parser *parser)
{
	return parser->at < parser->end ? *parser->at : 0;
}

static void skip_space(struct parser *parser)
{
	while (parser->at < parser->end &&
	       (*parser->at == ' ' || *parser->at == '\n' || *parser->at == '\r' || *parser->at == '\t'))
		parser->at++;
}

void json_text_quote(struct bytes text, struct buf *out)
{
	size_t run = 0;
	buf_put_u8(out, '"');
	for (size_t i = 0; i <= text.size; i++) {
		if (i < text.size && text.data[i] >= 0x20 && text.data[i] != '"' && text.data[i] != '\\')
			continue;
		buf_put(out, text.data + run, i - run);
		run = i + 1;
		if (i == text.size)
			break;
		switch (text.data[i]) {
		case '\b': buf_put_string(out, "\\b"); break;
		case '\t': buf_put_string(out, "\\t"); break;
		case '\n': buf_put_string(out, "\\n"); break;
		case '\f': buf_put_string(out, "\\f"); break;
		case '\r': buf_put_string(out, "\\r"); break;
		case '"': buf_put_string(out, "\\\""); break;
		case '\\': buf_put_string(out, "\\\\"); break;
		default: buf_printf(out, "\\u%04x", text.data[i]);
		}
	}
	buf_put_u8(out, '"');
}

void json_text_put_double(double value, struct buf *out)
{
	char text[64];
	size_t size = double_print(value, text);
	buf_put(out, text, size);
	if (memchr(text, '.', size) == NULL && memchr(text, 'e', size) == NULL)
		buf_put_string(out, ".0");
}

static bool hex_digits(struct parser *parser, const uint8_t *escape, uint32_t *out)
{
	uint32_t value = 0;
	for (unsigned i = 0; i < 4; i++) {
		uint8_t digit = peek(parser);
		if (!isxdigit(digit))
			return fail_at(parser, escape, "Incorrect hex digit after \\u escape in string.");
		value = value * 16 + (digit <= '9' ? digit - 0u - '0' : (digit | 0x20u) - 'a' + 10u);
		parser->at++;
	}
	*out = value;
	return true;
}

static void put_utf8(uint32_t code, struct buf *out)
{
	if (code < 0x80) {
		buf_put_u8(out, (uint8_t)code);
		return;
	}
	if (code < 0x800) {
		buf_put_u8(out, (uint8_t)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		buf_put_u8(out, (uint8_t)(0xe0 | code >> 12));
		buf_put_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
	} else {
		buf_put_u8(out, (uint8_t)(0xf0 | code >> 18));
		buf_put_u8(out, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
		buf_put_u8(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_put_u8(out, (uint8_t)(0x80 | (code & 0x3f)));
}

/* Behind "\u": one code point, which two escapes may make up together. */
static bool read_code_point(struct parser *parser, const uint8_t *escape)
{
	static const char bad_pair[] = "The surrogate pair in string is invalid.";
	uint32_t code, low;
	if (!hex_digits(parser, escape, &code))
		return false;
	if (code >= 0xdc00 && code <= 0xdfff)
		return fail_at(parser, escape, bad_pair);
	if (code >= 0xd800 && code <= 0xdbff) {
		if (parser->end - parser->at < 2 || parser->at[0] != '\\' || parser->at[1] != 'u')
			return fail_at(parser, escape, bad_pair);
		parser->at += 2;
		if (!hex_digits(parser, escape, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return fail_at(parser, escape, bad_pair);
		code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
	}
	put_utf8(code, &parser->string);
	return true;
}

static bool read_escape(struct parser *parser)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const uint8_t *escape = parser->at++;
	uint8_t letter = peek(parser);
	const char *found = letter ? strchr(letters, letter) : NULL;
	if (letter != 'u' && found == NULL)
		return fail_at(parser, escape, "Invalid escape character in string.");
	parser->at++;
	if (letter == 'u')
		return read_code_point(parser, escape);
	buf_put_u8(&parser->string, (uint8_t)meanings[found - letters]);
	return true;
}

/* Bytes of the well-formed UTF-8 character here, 0 when it is none. */
static unsigned utf8_size(const uint8_t *at, const uint8_t *end)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned size = *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : *at < 0xf5 ? 4 : 0;
	if (size == 0 || end - at < size)
		return 0;
	uint32_t code = *at & (0x7fu >> size);
	for (unsigned i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	bool good = code >= least[size] && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
	return good ? size : 0;
}

/* Reads a string into parser.string, unescaped. */
static bool read_string(struct parser *parser)
{
	parser->at++;
	buf_clear(&parser->string);
	for (;;) {
		const uint8_t *run = parser->at;
		while (parser->at < parser->end && *parser->at >= 0x20 && *parser->at < 0x80 &&
		       *parser->at != '"' && *parser->at != '\\')
			parser->at++;
		buf_put(&parser->string, run, (size_t)(parser->at - run));
		uint8_t next = peek(parser);
		if (next == '"') {
			parser->at++;
			return true;
		}
		if (next == '\\') {
			if (!read_escape(parser))
				return false;
		} else if (next == 0) {
			return fail(parser, "Missing a closing quotation mark in string.");
		} else {
			unsigned size = utf8_size(parser->at, parser->end);
			if (size == 0)
				return fail(parser, "Invalid encoding in string.");
			buf_put(&parser->string, parser->at, size);
			parser->at += size;
		}
	}
}

static bool put_real(struct parser *parser, const uint8_t *start)
{
	size_t size = (size_t)(parser->at - start);
	char small[64];
	char *text = size < sizeof small ? small : memory_alloc(size + 1);
	memcpy(text, start, size);
	text[size] = 0;
	double value = strtod(text, NULL);
	if (text != small)
		memory_free(text);
	if (isinf(value))
		return fail_at(parser, start, "Number too big to be stored in double.");
	json_text_put_double(value, parser->out);
	return true;
}

/* The number between start and parser.at; out_fits is false when it is no 64-bit integer. */
static uint64_t read_integer(const uint8_t *start, const uint8_t *end, bool negative, bool *out_fits)
{
	uint64_t value = 0, limit = negative ? (uint64_t)INT64_MAX + 1 : UINT64_MAX;
	*out_fits = true;
	for (const uint8_t *at = start + negative; at < end; at++) {
		unsigned digit = *at - '0';
		if (value > (limit - digit) / 10) {
			*out_fits = false;
			return 0;
		}
		value = value * 10 + digit;
	}
	return value;
}

static void skip_digits(struct parser *parser)
{
	while (isdigit(peek(parser)))
		parser->at++;
}

static bool read_number(struct parser *parser)
{
	const uint8_t *start = parser->at;
	bool negative = peek(parser) == '-', whole = true, fits;
	parser->at += negative;
	if (!isdigit(peek(parser)))
		return fail(parser, "Invalid value.");
	if (peek(parser) == '0')
		parser->at++;
	else
		skip_digits(parser);
	if (peek(parser) == '.') {
		parser->at++;
		if (!isdigit(peek(parser)))
			return fail(parser, "Miss fraction part in number.");
		skip_digits(parser);
		whole = false;
	}
	if ((peek(parser) | 0x20) == 'e') {
		parser->at++;
		if (peek(parser) == '-' || peek(parser) == '+')
			parser->at++;
		if (!isdigit(peek(parser)))
			return fail(parser, "Miss exponent in number.");
		skip_digits(parser);
		whole = false;
	}
	uint64_t value = whole ? read_integer(start, parser->at, negative, &fits) : 0;
	if (!whole || !fits)
		return put_real(parser, start);
	buf_printf(parser->out, negative && value ? "-%llu" : "%llu", (unsigned long long)value);
	return true;
}

static bool read_word(struct parser *parser, const char *word)
{
	for (const char *at = word; *at; at++, parser->at++)
		if (peek(parser) != (uint8_t)*at)
			return fail(parser, "Invalid value.");
	buf_put_string(parser->out, word);
	return true;
}

static bool read_value(struct parser *parser);

static int compare_names(const struct parser *parser, const struct member *a, const struct member *b)
{
	if (a->name_size != b->name_size)
		return a->name_size < b->name_size ? -1 : 1;
	return a->name_size ? memcmp(parser->names.data + a->name_at, parser->names.data + b->name_at, a->name_size)
			    : 0;
}

static int compare_members(const void *a, const void *b, void *parser)
{
	int order = compare_names(parser, a, b);
	/* The one written later stands later, and stays. */
	const struct member *left = a, *right = b;
	return order ? order : (left->text_at > right->text_at) - (left->text_at < right->text_at);
}

static bool in_order(const struct parser *parser, const struct member *members, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare_names(parser, &members[i - 1], &members[i]) >= 0)
			return false;
	return true;
}

/* Writes the object's members anew, sorted, without those whose name comes again. */
static void sort_object(struct parser *parser, size_t object_at, struct member *members, size_t count)
{
	if (in_order(parser, members, count))
		return;
	qsort_r(members, count, sizeof *members, compare_members, parser);
	struct buf sorted;
	buf_init(&sorted);
	for (size_t i = 0; i < count; i++) {
		if (i + 1 < count && compare_names(parser, &members[i], &members[i + 1]) == 0)
			continue;
		if (sorted.size)
			buf_put_string(&sorted, ", ");
		buf_put(&sorted, parser->out->data + members[i].text_at, members[i].text_size);
	}
	parser->out->size = object_at + 1;
	buf_put_bytes(parser->out, buf_bytes(&sorted));
	buf_deinit(&sorted);
}

static bool read_member(struct parser *parser)
{
	struct member member = {.name_at = parser->names.size, .text_at = parser->out->size};
	if (peek(parser) != '"')
		return fail(parser, "Missing a name for object member.");
	if (!read_string(parser))
		return false;
	buf_put_bytes(&parser->names, buf_bytes(&parser->string));
	member.name_size = parser->string.size;
	json_text_quote(buf_bytes(&parser->string), parser->out);
	skip_space(parser);
	if (peek(parser) != ':')
		return fail(parser, "Missing a colon after a name of object member.");
	parser->at++;
	buf_put_string(parser->out, ": ");
	skip_space(parser);
	if (!read_value(parser))
		return false;
	member.text_size = parser->out->size - member.text_at;
	buf_put(&parser->members, &member, sizeof member);
	return true;
}

static bool read_object(struct parser *parser)
{
	size_t object_at = parser->out->size;
	size_t members_at = parser->members.size, names_at = parser->names.size;
	parser->at++;
	buf_put_u8(parser->out, '{');
	skip_space(parser);
	while (peek(parser) != '}') {
		if (!read_member(parser))
			return false;
		skip_space(parser);
		if (peek(parser) == '}')
			break;
		if (peek(parser) != ',')
			return fail(parser, "Missing a comma or } after an object member.");
		parser->at++;
		buf_put_string(parser->out, ", ");
		skip_space(parser);
		if (peek(parser) == '}')
			return fail(parser, "Missing a name for object member.");
	}
	parser->at++;
	size_t count = (parser->members.size - members_at) / sizeof(struct member);
	if (count)
		sort_object(parser, object_at, (struct member *)(void *)(parser->members.data + members_at), count);
	parser->members.size = members_at;
	parser->names.size = names_at;
	buf_put_u8(parser->out, '}');
	return true;
}

static bool read_array(struct parser *parser)
{
	parser->at++;
	buf_put_u8(parser->out, '[');
	skip_space(parser);
	while (peek(parser) != ']') {
		if (!read_value(parser))
			return false;
		skip_space(parser);
		if (peek(parser) == ']')
			break;
		if (peek(parser) != ',')
			return fail(parser, "Missing a comma or ] after an array element.");
		parser->at++;
		buf_put_string(parser->out, ", ");
		skip_space(parser);
		if (peek(parser) == ']')
			return fail(parser, "Invalid value.");
	}
	parser->at++;
	buf_put_u8(parser->out, ']');
	return true;
}

static bool read_container(struct parser *parser)
{
	if (++parser->depth > depth_max)
		return fail(parser, NULL);
	bool good = *parser->at == '{' ? read_object(parser) : read_array(parser);
	parser->depth--;
	return good;
}

static bool read_value(struct parser *parser)
{
	switch (peek(parser)) {
	case '{':
	case '[': return read_container(parser);
	case '"':
		if (!read_string(parser))
			return false;
		json_text_quote(buf_bytes(&parser->string), parser->out);
		return true;
	case 'n': return read_word(parser, "null");
	case 't': return read_word(parser, "true");
	case 'f': return read_word(parser, "false");
	default: return read_number(parser);
	}
}

static bool read_document(struct parser *parser)
{
	skip_space(parser);
	if (parser->at == parser->end)
		return fail(parser, "The document is empty.");
	if (!read_value(parser))
		return false;
	skip_space(parser);
	if (parser->at != parser->end)
		return fail(parser, "The document root must not be followed by other values.");
	return true;
}

bool json_text_normalise(struct bytes text, struct buf *out, struct json_error *error)
{
	struct parser parser = {.start = text.data, .at = text.data, .end = text.size ? text.data + text.size : text.data,
				.out = out, .error = error};
	size_t before = out->size;
	buf_init(&parser.string);
	buf_init(&parser.names);
	buf_init(&parser.members);
	bool good = read_document(&parser);
	if (!good)
		out->size = before;
	buf_deinit(&parser.string);
	buf_deinit(&parser.names);
	buf_deinit(&parser.members);
	return good;
}
