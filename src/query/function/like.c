#include "query/function/like.h"

#include "query/function/tools.h"

struct matcher {
	const struct like_pattern *like;
	const uint8_t *text_end, *pattern_end;
};

enum { no_escape = 0 };

void like_init(struct like_pattern *like, const struct collation *collation, struct bytes pattern, bool bytes)
{
	*like = (struct like_pattern){.collation = collation, .pattern = pattern, .bytes = bytes};
	if (bytes)
		return;
	struct ascii_rule rule = ascii_rule_of(collation);
	like->is_easy = rule.is_easy;
	like->folds = rule.folds;
}

static inline size_t char_size(const struct matcher *matcher, const uint8_t *at, const uint8_t *end)
{
	return matcher->like->bytes || *at < 0x80 ? 1 : utf8_char_size(at, end);
}

static bool same_slow(const struct matcher *matcher, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size)
{
	if (a_size == b_size && memcmp(a, b, a_size) == 0)
		return true;
	if (matcher->like->collation->is_binary)
		return false;
	/* A space is equal to nothing, which some characters weigh. */
	if (*a == ' ' || *b == ' ')
		return false;
	return collation_compare_utf8(matcher->like->collation, bytes_of(a, a_size), bytes_of(b, b_size)) == 0;
}

static inline bool same_char(const struct matcher *matcher, const uint8_t *a, size_t a_size, const uint8_t *b,
			     size_t b_size)
{
	const struct like_pattern *like = matcher->like;
	if (like->bytes)
		return *a == *b;
	if (like->is_easy && (*a | *b) < 0x80)
		return like->folds ? ascii_fold(*a) == ascii_fold(*b) : *a == *b;
	return same_slow(matcher, a, a_size, b, b_size);
}

static inline bool at_escape(const struct matcher *matcher, const uint8_t *pattern, size_t size)
{
	uint32_t escape = matcher->like->escape;
	if (size == 1)
		return escape == *pattern && escape != no_escape;
	return size <= 4 && escape == (uint32_t)bytes_load_uint(pattern, size);
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

/*
 * Where the rest of the pattern may begin to match: if it begins with an ASCII letter, at that letter, or at a character
 * that is not ASCII and may equal it.
 */
static const uint8_t *next_start(const struct matcher *matcher, const uint8_t *text, const uint8_t *pattern)
{
	const struct like_pattern *like = matcher->like;
	uint8_t first = *pattern;
	if (first >= 0x80 || first == '_' || first == like->escape || !(like->is_easy || like->bytes))
		return text;
	uint8_t folded = like->folds ? ascii_fold(first) : first;
	uint8_t other = folded != first ? first : like->folds && folded >= 'a' && folded <= 'z' ? folded & 0xdf : folded;
	uint8_t foreign = like->bytes ? 0 : 0x80;
	while (text < matcher->text_end && *text != folded && *text != other && !(*text & foreign))
		text++;
	return text;
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
			text = retry_text = next_start(matcher, text, pattern);
			retry_pattern = pattern;
		}
		if (text == matcher->text_end && pattern == matcher->pattern_end)
			return true;
		if (text < matcher->text_end && pattern < matcher->pattern_end && match_one(matcher, &text, &pattern))
			continue;
		if (retry_text == NULL || retry_text == matcher->text_end)
			return false;
		retry_text += char_size(matcher, retry_text, matcher->text_end);
		text = retry_text = next_start(matcher, retry_text, retry_pattern);
		pattern = retry_pattern;
	}
}

bool like_set_escape(struct like_pattern *like, struct bytes escape, uint64_t sql_mode)
{
	if (escape.size == 0)
		return true;
	if (escape.size != utf8_char_size(escape.data, escape.data + escape.size) || escape.size > 4)
		return false;
	like->escape = (uint32_t)bytes_load_uint(escape.data, escape.size);
	/* '%' stays what it is, and where bytes are compared '_' does too: MySQL looks for them first. */
	if (like->escape == '%' || (like->escape == '_' && (like->bytes || like->collation->is_binary)))
		like->escape = no_escape;
	if (like->escape == '\\' && sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES)
		like->escape = no_escape;
	return true;
}

bool like_matches(const struct like_pattern *like, struct bytes text)
{
	struct matcher matcher = {like, text.data + text.size, like->pattern.data + like->pattern.size};
	return match(&matcher, text.data, like->pattern.data);
}

/* gm_like(pattern, text, escape, collation id) */
static void gm_like(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct like_pattern like;
	if (any_null(2, arguments))
		return;
	like_init(&like, collation_of_value(arguments[3]), string_of(arguments[0]), is_binary(arguments[0]));
	if (like_set_escape(&like, string_of(arguments[2]), sql_mode_of(context)))
		sqlite3_result_int(context, like_matches(&like, string_of(arguments[1])));
	else
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "ESCAPE");
}

static const struct function_row rows[] = {
	{"gm_like", 4, 4, FN_PURE, gm_like, 0, 0, 0},
};
const struct function_rows function_rows_like = FUNCTION_ROWS(rows);
