/*
 * REGEXP and REGEXP_*, by PCRE2, whose patterns are ICU's (MySQL 8.0's) but for rare corners. Collations whose name ends in
 * _ci ignore case, a match type overrules them. Positions count characters.
 *
 * A constant pattern is compiled once a statement, and by the JIT when it is used again.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/memory.h"
#include "query/function/tools.h"

struct regexp {
	pcre2_code *code;
	pcre2_match_data *match;
	uint32_t options;
	bool unix_lines;
	unsigned uses;
	bool is_kept; /* by SQLite, in the pattern argument's place */
};

/* What the functions have in common. */
struct search {
	struct regexp *regexp;
	struct bytes text;
	bool binary;
	size_t start; /* in bytes */
	const PCRE2_SIZE *places;
	unsigned place_count;
};

static void regexp_free(void *argument)
{
	struct regexp *regexp = argument;
	pcre2_match_data_free(regexp->match);
	pcre2_code_free(regexp->code);
	memory_free(regexp);
}

static void fail_compile(sqlite3_context *context, int error, size_t offset)
{
	switch (error) {
	case PCRE2_ERROR_MISSING_SQUARE_BRACKET: FUNCTION_FAIL(context, ER_REGEXP_MISSING_CLOSE_BRACKET); return;
	case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
	case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS: FUNCTION_FAIL(context, ER_REGEXP_MISMATCHED_PAREN); return;
	case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER: FUNCTION_FAIL(context, ER_REGEXP_MAX_LT_MIN); return;
	case PCRE2_ERROR_QUANTIFIER_TOO_BIG: FUNCTION_FAIL(context, ER_REGEXP_BAD_INTERVAL); return;
	case PCRE2_ERROR_CLASS_RANGE_ORDER: FUNCTION_FAIL(context, ER_REGEXP_INVALID_RANGE); return;
	case PCRE2_ERROR_UNKNOWN_ESCAPE:
	case PCRE2_ERROR_END_BACKSLASH: FUNCTION_FAIL(context, ER_REGEXP_BAD_ESCAPE_SEQUENCE); return;
	case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE: FUNCTION_FAIL(context, ER_REGEXP_INVALID_BACK_REF); return;
	case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH: FUNCTION_FAIL(context, ER_REGEXP_LOOK_BEHIND_LIMIT); return;
	case PCRE2_ERROR_PATTERN_TOO_LARGE: FUNCTION_FAIL(context, ER_REGEXP_PATTERN_TOO_BIG); return;
	default: FUNCTION_FAIL(context, ER_REGEXP_RULE_SYNTAX, 1u, (unsigned)offset + 1);
	}
}

static struct regexp *compile(sqlite3_context *context, struct bytes pattern, uint32_t options, bool unix_lines)
{
	int error;
	PCRE2_SIZE offset;
	pcre2_compile_context *lines = pcre2_compile_context_create(NULL);
	pcre2_set_newline(lines, unix_lines ? PCRE2_NEWLINE_LF : PCRE2_NEWLINE_ANY);
	pcre2_code *code = pcre2_compile(pattern.data, pattern.size, options, &error, &offset, lines);
	pcre2_compile_context_free(lines);
	if (code == NULL) {
		fail_compile(context, error, offset);
		return NULL;
	}
	struct regexp *regexp = memory_zalloc(sizeof *regexp);
	regexp->code = code;
	regexp->match = pcre2_match_data_create_from_pattern(code, NULL);
	regexp->options = options;
	regexp->unix_lines = unix_lines;
	return regexp;
}

/* "imnuc": the last of i and c counts. False after error 1210. */
static bool read_match_type(sqlite3_context *context, sqlite3_value *value, uint32_t *options, bool *unix_lines,
			    const char *function)
{
	struct bytes type = value ? string_of(value) : bytes_of(NULL, 0);
	for (size_t i = 0; i < type.size; i++) {
		switch (type.data[i]) {
		case 'i': *options |= PCRE2_CASELESS; break;
		case 'c': *options &= ~(uint32_t)PCRE2_CASELESS; break;
		case 'm': *options |= PCRE2_MULTILINE; break;
		case 'n': *options |= PCRE2_DOTALL; break;
		case 'u': *unix_lines = true; break;
		default: FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, function); return false;
		}
	}
	return true;
}

/* The compiled pattern of arguments[1], or NULL after an error. End with release. */
static struct regexp *regexp_of(sqlite3_context *context, sqlite3_value **arguments, int collation_at,
				sqlite3_value *match_type, const char *function)
{
	const struct collation *collation = collation_of_value(arguments[collation_at]);
	size_t name_size = strlen(collation->name);
	bool unix_lines = false;
	uint32_t options = is_binary(arguments[1]) ? 0 : PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
	if (!is_binary(arguments[1]) && name_size > 3 && strcmp(collation->name + name_size - 3, "_ci") == 0)
		options |= PCRE2_CASELESS;
	if (!read_match_type(context, match_type, &options, &unix_lines, function))
		return NULL;
	struct regexp *kept = sqlite3_get_auxdata(context, 1);
	if (kept && kept->options == options && kept->unix_lines == unix_lines) {
		if (kept->uses++ == 1)
			pcre2_jit_compile(kept->code, PCRE2_JIT_COMPLETE);
		kept->is_kept = true;
		return kept;
	}
	struct bytes pattern = string_of(arguments[1]);
	if (pattern.size == 0) {
		FUNCTION_FAIL(context, ER_REGEXP_ILLEGAL_ARGUMENT);
		return NULL;
	}
	return compile(context, pattern, options, unix_lines);
}

/* SQLite keeps it while the pattern is constant, else frees it at once. */
static void release(sqlite3_context *context, struct regexp *regexp)
{
	if (!regexp->is_kept)
		sqlite3_set_auxdata(context, 1, regexp, regexp_free);
}

/* The next match from search->start on. -1 after an error. */
static int find(sqlite3_context *context, struct search *search)
{
	/* PCRE2 wants an address even for no bytes. */
	const uint8_t *data = search->text.size ? search->text.data : (const uint8_t *)"";
	int result = pcre2_match(search->regexp->code, data, search->text.size, search->start, 0, search->regexp->match,
				 NULL);
	if (result == PCRE2_ERROR_NOMATCH)
		return 0;
	if (result < 0) {
		FUNCTION_FAIL(context, result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT
				? ER_REGEXP_TIME_OUT : ER_REGEXP_INTERNAL_ERROR);
		return -1;
	}
	search->places = pcre2_get_ovector_pointer(search->regexp->match);
	search->place_count = (unsigned)result;
	return 1;
}

/* Where the search goes on behind a match; an empty one is passed by a character. False at the end. */
static bool go_on(struct search *search)
{
	size_t end = search->places[1];
	if (end == search->places[0] || end < search->start) {
		if (end >= search->text.size)
			return false;
		end += search->binary ? 1 : utf8_char_size(search->text.data + end, search->text.data + search->text.size);
	}
	search->start = end;
	return true;
}

static int64_t place_of(const struct search *search, size_t offset)
{
	return (int64_t)(search->binary ? offset : utf8_count(bytes_of(search->text.data, offset))) + 1;
}

/* Sets text and start from an optional position argument. False after error 3686. */
static bool search_begin(sqlite3_context *context, struct search *search, sqlite3_value **arguments, int position_at,
			 int argument_count)
{
	search->text = string_of(arguments[0]);
	search->binary = is_binary(arguments[0]);
	int64_t position = argument_count > position_at ? whole_of(arguments[position_at]) : 1;
	uint64_t all = search->binary ? search->text.size : utf8_count(search->text);
	if (position < 1 || (uint64_t)position > all + 1) {
		FUNCTION_FAIL(context, ER_REGEXP_INDEX_OUTOFBOUNDS_ERROR);
		return false;
	}
	search->start = search->binary ? (size_t)position - 1 : utf8_prefix(search->text, (uint64_t)position - 1);
	return true;
}

/* The occurrence-th match: 1 found, 0 not, -1 failed. */
static int find_nth(sqlite3_context *context, struct search *search, int64_t occurrence)
{
	for (int64_t i = 1;; i++) {
		int found = find(context, search);
		if (found <= 0 || i >= occurrence)
			return found;
		if (!go_on(search))
			return 0;
	}
}

/* (text, pattern [, match type], collation) */
static void like(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(count, arguments))
		return;
	struct search search = {.text = string_of(arguments[0]), .binary = is_binary(arguments[0])};
	search.regexp = regexp_of(context, arguments, count - 1, count == 4 ? arguments[2] : NULL, "regexp_like");
	if (search.regexp == NULL)
		return;
	int found = find(context, &search);
	if (found >= 0)
		sqlite3_result_int(context, found);
	release(context, search.regexp);
}

static void gm_regexp(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	like(context, count, arguments);
}

static void gm_regexp_like(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	like(context, count, arguments);
}

/* (text, pattern [, position [, occurrence [, return option [, match type]]]], collation) */
static void gm_regexp_instr(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct search search;
	int given = count - 1;
	if (any_null(count, arguments) || !search_begin(context, &search, arguments, 2, given))
		return;
	int64_t option = given > 4 ? whole_of(arguments[4]) : 0;
	if (option != 0 && option != 1) {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "regexp_instr: return_option must be 1 or 0.");
		return;
	}
	search.regexp = regexp_of(context, arguments, given, given > 5 ? arguments[5] : NULL, "regexp_instr");
	if (search.regexp == NULL)
		return;
	int found = find_nth(context, &search, given > 3 ? whole_of(arguments[3]) : 1);
	if (found >= 0)
		sqlite3_result_int64(context, found ? place_of(&search, search.places[option]) : 0);
	release(context, search.regexp);
}

/* (text, pattern [, position [, occurrence [, match type]]], collation) */
static void gm_regexp_substr(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct search search;
	int given = count - 1;
	if (any_null(count, arguments) || !search_begin(context, &search, arguments, 2, given))
		return;
	search.regexp = regexp_of(context, arguments, given, given > 4 ? arguments[4] : NULL, "regexp_substr");
	if (search.regexp == NULL)
		return;
	if (find_nth(context, &search, given > 3 ? whole_of(arguments[3]) : 1) == 1 && search.places[0] <= search.places[1])
		result_like(context, arguments[0], bytes_of(search.text.data + search.places[0],
							    search.places[1] - search.places[0]));
	release(context, search.regexp);
}

/* "$2" and "\$" in a replacement, as ICU reads them. False: a group that is not there. */
static bool put_replacement(const struct search *search, struct bytes replacement, struct buf *out)
{
	uint32_t groups;
	pcre2_pattern_info(search->regexp->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	for (size_t i = 0; i < replacement.size; i++) {
		uint8_t c = replacement.data[i];
		if (c == '\\' && i + 1 < replacement.size) {
			buf_put_u8(out, replacement.data[++i]);
			continue;
		}
		if (c != '$') {
			buf_put_u8(out, c);
			continue;
		}
		uint32_t group = 0;
		size_t digits = 0;
		while (i + 1 < replacement.size && replacement.data[i + 1] - '0' >= 0 && replacement.data[i + 1] <= '9') {
			uint32_t next = group * 10 + (replacement.data[i + 1] - 0u - '0');
			if (next > groups)
				break;
			group = next;
			digits++;
			i++;
		}
		if (digits == 0)
			return false;
		const PCRE2_SIZE *place = search->places + 2 * (size_t)group;
		if (group < search->place_count && place[0] != PCRE2_UNSET)
			buf_put(out, search->text.data + place[0], place[1] - place[0]);
	}
	return true;
}

/* All matches from search->start on, or the occurrence-th alone. */
static bool replace_matches(sqlite3_context *context, struct search *search, struct bytes replacement, int64_t occurrence,
			    struct buf *out)
{
	size_t copied = 0;
	for (int64_t i = 1;; i++) {
		int found = find(context, search);
		if (found < 0)
			return false;
		if (found == 0)
			break;
		if (occurrence == 0 || i == occurrence) {
			buf_put(out, search->text.data + copied, search->places[0] - copied);
			if (!put_replacement(search, replacement, out)) {
				FUNCTION_FAIL(context, ER_REGEXP_INDEX_OUTOFBOUNDS_ERROR);
				return false;
			}
			copied = search->places[1];
		}
		if ((occurrence && i >= occurrence) || !go_on(search))
			break;
		if (out->size > session_of(context)->variables.max_allowed_packet || memory_gave_out())
			break;
	}
	buf_put(out, search->text.data + copied, search->text.size - copied);
	return true;
}

/* (text, pattern, replacement [, position [, occurrence [, match type]]], collation) */
static void gm_regexp_replace(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct search search;
	int given = count - 1;
	if (any_null(count, arguments) || !search_begin(context, &search, arguments, 3, given))
		return;
	search.regexp = regexp_of(context, arguments, given, given > 5 ? arguments[5] : NULL, "regexp_replace");
	if (search.regexp == NULL)
		return;
	struct buf *out = &handle_of(context)->scratch;
	buf_clear(out);
	int64_t occurrence = given > 4 ? whole_of(arguments[4]) : 0;
	if (replace_matches(context, &search, string_of(arguments[2]), occurrence < 0 ? 1 : occurrence, out) &&
	    !is_too_long(context, out->size, "regexp_replace"))
		result_like(context, arguments[0], buf_bytes(out));
	release(context, search.regexp);
}

static const struct function_row rows[] = {
	{"gm_regexp", 3, 3, FN_PURE, gm_regexp, 0, 0, 0},
	{"gm_regexp_like", 3, 4, FN_PURE, gm_regexp_like, 0, 0, 0},
	{"gm_regexp_instr", 3, 7, FN_PURE, gm_regexp_instr, 0, 0, 0},
	{"gm_regexp_substr", 3, 6, FN_PURE, gm_regexp_substr, 0, 0, 0},
	{"gm_regexp_replace", 4, 7, FN_PURE, gm_regexp_replace, 0, 0, 0},
};
const struct function_rows function_rows_regexp = FUNCTION_ROWS(rows);
