#include "type/json_path.h"

#include <ctype.h>

#include "base/memory.h"
#include "type/json_scan.h"
#include "type/json_text.h"

/* ------------------------------------------------------------------ parsing */

struct parser {
	const uint8_t *at, *end;
	struct json_path *path;
	uint8_t *names; /* where the next name goes, behind the legs */
};

static void skip_space(struct parser *parser)
{
	while (parser->at < parser->end && isspace(*parser->at))
		parser->at++;
}

static uint8_t peek(const struct parser *parser)
{
	return parser->at < parser->end ? *parser->at : 0;
}

static bool accept(struct parser *parser, uint8_t byte)
{
	if (parser->at == parser->end || *parser->at != byte)
		return false;
	parser->at++;
	return true;
}

static bool accept_word(struct parser *parser, const char *word)
{
	size_t size = strlen(word);
	if ((size_t)(parser->end - parser->at) < size || memcmp(parser->at, word, size) != 0)
		return false;
	parser->at += size;
	return true;
}

static bool read_index(struct parser *parser, uint32_t *out)
{
	uint64_t index = 0;
	if (!isdigit(peek(parser)))
		return false;
	while (isdigit(peek(parser))) {
		index = index * 10 + (uint64_t)(*parser->at++ - '0');
		if (index > UINT32_MAX)
			return false;
	}
	*out = (uint32_t)index;
	return true;
}

static bool read_cell(struct parser *parser, struct json_cell *out)
{
	*out = (struct json_cell){0};
	skip_space(parser);
	if (!accept_word(parser, "last"))
		return read_index(parser, &out->index);
	out->from_end = true;
	skip_space(parser);
	if (!accept(parser, '-'))
		return true;
	skip_space(parser);
	return read_index(parser, &out->index);
}

/* Behind '['. */
static bool read_bracket(struct parser *parser, struct json_leg *leg)
{
	skip_space(parser);
	if (accept(parser, '*')) {
		leg->kind = JSON_LEG_ANY_CELL;
	} else {
		leg->kind = JSON_LEG_CELL;
		if (!read_cell(parser, &leg->cell))
			return false;
		const uint8_t *behind = parser->at;
		skip_space(parser);
		if (parser->at > behind && accept_word(parser, "to")) {
			leg->kind = JSON_LEG_RANGE;
			if (!isspace(peek(parser)) || !read_cell(parser, &leg->to))
				return false;
			/* An order that can never be is refused. */
			struct json_cell first = leg->cell, last = leg->to;
			if (first.from_end == last.from_end &&
			    (first.from_end ? first.index < last.index : first.index > last.index))
				return false;
		}
	}
	skip_space(parser);
	return accept(parser, ']');
}

static bool keep_name(struct parser *parser, struct json_leg *leg, struct bytes raw)
{
	struct buf name;
	buf_init(&name);
	json_unescape(raw, &name);
	leg->name = bytes_of(parser->names, name.size);
	memcpy(parser->names, name.data ? (const void *)name.data : "", name.size);
	parser->names += name.size;
	buf_deinit(&name);
	return true;
}

static bool read_quoted(struct parser *parser, struct json_leg *leg)
{
	const uint8_t *start = parser->at++;
	while (parser->at < parser->end && *parser->at != '"')
		parser->at += *parser->at == '\\' && parser->end - parser->at > 1 ? 2 : 1;
	if (!accept(parser, '"'))
		return false;
	/* It must be a JSON string as well. */
	struct bytes string = bytes_of(start, (size_t)(parser->at - start));
	struct json_error error;
	struct buf ignored;
	buf_init(&ignored);
	bool good = json_text_normalise(string, &ignored, &error);
	buf_deinit(&ignored);
	return good && keep_name(parser, leg, json_string_content(string));
}

static bool is_name_byte(uint8_t byte, bool first)
{
	return isalpha(byte) || byte == '_' || byte == '$' || byte >= 0x80 || (!first && isdigit(byte));
}

/* Behind '.'. */
static bool read_member(struct parser *parser, struct json_leg *leg)
{
	skip_space(parser);
	if (accept(parser, '*')) {
		leg->kind = JSON_LEG_ANY_NAME;
		return true;
	}
	leg->kind = JSON_LEG_NAME;
	if (peek(parser) == '"')
		return read_quoted(parser, leg);
	const uint8_t *start = parser->at;
	while (parser->at < parser->end && is_name_byte(*parser->at, parser->at == start))
		parser->at++;
	return parser->at > start && keep_name(parser, leg, bytes_of(start, (size_t)(parser->at - start)));
}

static bool read_leg(struct parser *parser, struct json_leg *leg)
{
	if (accept(parser, '.'))
		return read_member(parser, leg);
	if (accept(parser, '['))
		return read_bracket(parser, leg);
	leg->kind = JSON_LEG_ANY_DEPTH;
	return accept_word(parser, "**") && peek(parser) != '*';
}

static bool read_path(struct parser *parser)
{
	struct json_path *path = parser->path;
	unsigned ellipses = 0;
	skip_space(parser);
	if (!accept(parser, '$')) {
		parser->at += parser->at < parser->end;
		return false;
	}
	for (skip_space(parser); parser->at < parser->end; skip_space(parser)) {
		struct json_leg *leg = &path->legs[path->count];
		if (!read_leg(parser, leg))
			return false;
		path->count++;
		ellipses += leg->kind == JSON_LEG_ANY_DEPTH;
		path->has_wildcard |= leg->kind != JSON_LEG_NAME && leg->kind != JSON_LEG_CELL;
	}
	path->may_repeat = ellipses > 1;
	return path->count == 0 || path->legs[path->count - 1].kind != JSON_LEG_ANY_DEPTH;
}

struct json_path *json_path_parse(struct bytes text, size_t *out_bad)
{
	/* A leg takes two bytes at least, a name no more than it had. */
	size_t legs_max = text.size / 2 + 1;
	struct json_path *path = memory_zalloc(sizeof *path + legs_max * sizeof path->legs[0] + text.size);
	struct parser parser = {.at = text.data, .end = text.size ? text.data + text.size : text.data, .path = path,
				.names = (uint8_t *)&path->legs[legs_max]};
	if (read_path(&parser))
		return path;
	*out_bad = text.size ? (size_t)(parser.at - text.data) : 0;
	memory_free(path);
	return NULL;
}

/* ------------------------------------------------------------------ finding */

bool json_cell_place(struct json_cell cell, size_t size, size_t *out_place)
{
	bool inside = cell.index < size;
	if (cell.from_end)
		*out_place = inside ? size - 1 - cell.index : 0;
	else
		*out_place = inside ? cell.index : size;
	return inside;
}

static struct bytes find_member(struct bytes value, struct bytes name)
{
	if (json_is(value, '{')) {
		struct json_walk walk = json_walk_of(value);
		while (json_walk_next(&walk))
			if (json_name_is(walk.name, name))
				return walk.value;
	}
	return bytes_of(NULL, 0);
}

/* What is no array is an array of one. */
static struct bytes find_cell(struct bytes value, struct json_cell cell)
{
	size_t place = cell.index;
	if (!json_is(value, '['))
		return cell.index == 0 ? value : bytes_of(NULL, 0);
	if (cell.from_end && !json_cell_place(cell, json_count(value), &place))
		return bytes_of(NULL, 0);
	struct json_walk walk = json_walk_of(value);
	while (json_walk_next(&walk))
		if (walk.index == place)
			return walk.value;
	return bytes_of(NULL, 0);
}

struct bytes json_path_find(const struct json_path *path, unsigned leg_count, struct bytes document)
{
	for (unsigned i = 0; i < leg_count && document.data; i++) {
		const struct json_leg *leg = &path->legs[i];
		document = leg->kind == JSON_LEG_NAME ? find_member(document, leg->name) : find_cell(document, leg->cell);
	}
	return document;
}

struct visitor {
	const struct json_path *path;
	json_visit *visit;
	void *argument;
};

static bool visit_legs(const struct visitor *visitor, unsigned leg, struct bytes value, unsigned depth);

static bool visit_range(const struct visitor *visitor, unsigned at, struct bytes value, unsigned depth)
{
	const struct json_leg *leg = &visitor->path->legs[at];
	size_t first, last, size = json_is(value, '[') ? json_count(value) : 1;
	json_cell_place(leg->cell, size, &first);
	bool ends_inside = json_cell_place(leg->to, size, &last);
	/* A last place before the first element: nothing. One behind the last: all. */
	if ((!ends_inside && leg->to.from_end) || first > last || first == size)
		return true;
	if (!json_is(value, '['))
		return visit_legs(visitor, at + 1, value, depth);
	struct json_walk walk = json_walk_of(value);
	while (json_walk_next(&walk) && walk.index <= last)
		if (walk.index >= first && !visit_legs(visitor, at + 1, walk.value, depth))
			return false;
	return true;
}

/* All entries; behind "**" each of them with the same leg again. */
static bool visit_entries(const struct visitor *visitor, unsigned leg, struct bytes value, unsigned depth)
{
	struct json_walk walk = json_walk_of(value);
	while (json_walk_next(&walk))
		if (!visit_legs(visitor, leg, walk.value, depth))
			return false;
	return true;
}

static bool visit_legs(const struct visitor *visitor, unsigned at, struct bytes value, unsigned depth)
{
	if (at == visitor->path->count)
		return visitor->visit(value, visitor->argument);
	const struct json_leg *leg = &visitor->path->legs[at];
	switch (leg->kind) {
	case JSON_LEG_NAME:
	case JSON_LEG_CELL:
		value = leg->kind == JSON_LEG_NAME ? find_member(value, leg->name) : find_cell(value, leg->cell);
		return value.data == NULL || visit_legs(visitor, at + 1, value, depth);
	case JSON_LEG_RANGE:
		return visit_range(visitor, at, value, depth);
	case JSON_LEG_ANY_NAME:
		return !json_is(value, '{') || visit_entries(visitor, at + 1, value, depth);
	case JSON_LEG_ANY_CELL:
		return !json_is(value, '[') || visit_entries(visitor, at + 1, value, depth);
	default:
		if (!visit_legs(visitor, at + 1, value, depth))
			return false;
		return depth > json_depth_max || visit_entries(visitor, at, value, depth + 1);
	}
}

void json_path_visit(const struct json_path *path, struct bytes document, json_visit *visit, void *argument)
{
	struct visitor visitor = {path, visit, argument};
	visit_legs(&visitor, 0, document, 0);
}

/* ------------------------------------------------------------------ showing */

void json_path_put_name(struct bytes raw_name, struct buf *out)
{
	bool plain = raw_name.size > 0;
	for (size_t i = 0; i < raw_name.size; i++)
		plain &= is_name_byte(raw_name.data[i], i == 0);
	buf_put_string(out, plain ? "." : ".\"");
	buf_put_bytes(out, raw_name);
	if (!plain)
		buf_put_u8(out, '"');
}

void json_path_put_cell(size_t index, struct buf *out)
{
	buf_printf(out, "[%zu]", index);
}
