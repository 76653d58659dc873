/* LIKE: characters match when the collation calls them equal, one by one, so that no expansion or padding plays a part. */
#include "query/function/tools.h"

struct matcher {
	const struct collation *collation;
	const uint8_t *text_end, *pattern_end;
	uint32_t escape;    /* its first bytes as a number, or no_escape */
	bool bytes;         /* characters are bytes and equal when the same */
	struct ascii_rule ascii;
};

enum { no_escape = 0 };

static void matcher_init(struct matcher *matcher, const struct collation *collation, bool binary)
{
	*matcher = (struct matcher){.collation = collation, .bytes = binary};
	if (!binary)
		matcher->ascii = ascii_rule_of(collation);
}

static inline size_t char_size(const struct matcher *matcher, const uint8_t *at, const uint8_t *end)
{
	return matcher->bytes || *at < 0x80 ? 1 : utf8_char_size(at, end);
}

static bool same_slow(const struct matcher *matcher, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	if (a_size == b_size && memcmp(a, b, a_size) == 0)
		return true;
	if (matcher->collation->is_binary)
		return false;
	/* A space is equal to nothing, which some characters weigh. */
	if (*a == ' ' || *b == ' ')
		return false;
	return collation_compare_utf8(matcher->collation, bytes_of(a, a_size), bytes_of(b, b_size)) == 0;
}

static inline bool same_char(const struct matcher *matcher, const uint8_t *a, size_t a_size, const uint8_t *b,
			     size_t b_size)
{
	if (matcher->bytes)
		return *a == *b;
	if (matcher->ascii.is_easy && (*a | *b) < 0x80)
		return matcher->ascii.folds ? ascii_fold(*a) == ascii_fold(*b) : *a == *b;
	return same_slow(matcher, a, a_size, b, b_size);
}

static inline bool at_escape(const struct matcher *matcher, const uint8_t *pattern, size_t size)
{
	if (size == 1)
		return matcher->escape == *pattern && matcher->escape != no_escape;
	return size <= 4 && matcher->escape == (uint32_t)bytes_load_uint(pattern, size);
}

/* One character of the text against the pattern's next, which is no '%'. Both move on. */
static bool match_one(const struct matcher *matcher, const uint8_t **text, const uint8_t **pattern)
{
	size_t size = char_size(matcher, *pattern, matcher->pattern_end);
	size_t text_size = char_size(matcher, *text, matcher->text_end);
	bool escaped = false;
	if (at_escape(matcher, *pattern, size) && *pattern + size < matcher->pattern_end) {
		*pattern += size;
		size = char_size(matcher, *pattern, matcher->pattern_end);
		escaped = true;
	}
	bool matches = (!escaped && **pattern == '_') || same_char(matcher, *text, text_size, *pattern, size);
	*text += text_size;
	*pattern += size;
	return matches;
}

static inline bool at_percent(const struct matcher *matcher, const uint8_t *pattern)
{
	return pattern < matcher->pattern_end && *pattern == '%';
}

/* Behind the last '%' met, the rest of the pattern is tried at every place of the text until it fits. */
static bool match(const struct matcher *matcher, const uint8_t *text, const uint8_t *pattern)
{
	const uint8_t *retry_text = NULL, *retry_pattern = NULL;
	for (;;) {
		if (at_percent(matcher, pattern)) {
			while (at_percent(matcher, pattern))
				pattern++;
			if (pattern == matcher->pattern_end)
				return true;
			retry_text = text;
			retry_pattern = pattern;
		}
		if (text == matcher->text_end && pattern == matcher->pattern_end)
			return true;
		if (text < matcher->text_end && pattern < matcher->pattern_end && match_one(matcher, &text, &pattern))
			continue;
		if (retry_text == NULL || retry_text == matcher->text_end)
			return false;
		retry_text += char_size(matcher, retry_text, matcher->text_end);
		text = retry_text;
		pattern = retry_pattern;
	}
}

static bool read_escape(sqlite3_context *context, sqlite3_value *value, struct matcher *matcher)
{
	struct bytes escape = string_of(value);
	if (escape.size == 0)
		return true;
	if (escape.size != utf8_char_size(escape.data, escape.data + escape.size) || escape.size > 4) {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "ESCAPE");
		return false;
	}
	matcher->escape = (uint32_t)bytes_load_uint(escape.data, escape.size);
	/* '%' stays what it is, and where bytes are compared '_' does too: MySQL looks for them first. */
	if (matcher->escape == '%' || (matcher->escape == '_' && (matcher->bytes || matcher->collation->is_binary)))
		matcher->escape = no_escape;
	if (matcher->escape == '\\' && sql_mode_of(context) & SQL_MODE_NO_BACKSLASH_ESCAPES)
		matcher->escape = no_escape;
	return true;
}

/* gm_like(pattern, text, escape, collation id) */
static void gm_like(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct matcher matcher;
	if (any_null(2, arguments))
		return;
	struct bytes pattern = string_of(arguments[0]), text = string_of(arguments[1]);
	matcher_init(&matcher, collation_of_value(arguments[3]), is_binary(arguments[0]));
	if (!read_escape(context, arguments[2], &matcher))
		return;
	matcher.text_end = text.data + text.size;
	matcher.pattern_end = pattern.data + pattern.size;
	sqlite3_result_int(context, match(&matcher, text.data, pattern.data));
}

static const struct function_row rows[] = {
	{"gm_like", 4, 4, FN_PURE, gm_like, 0, 0, 0},
};
const struct function_rows function_rows_like = FUNCTION_ROWS(rows);
