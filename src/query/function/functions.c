#include "query/function/tools.h"

#include <ctype.h>
#include <stdio.h>

#include "base/memory.h"
#include "query/function/aggregate.h"

static const struct function_rows *const tables[] = {
	&function_rows_aggregate, &function_rows_arithmetic, &function_rows_bits, &function_rows_clock,
	&function_rows_control, &function_rows_convert_number, &function_rows_convert_text,
	&function_rows_convert_time, &function_rows_digest, &function_rows_format,
	&function_rows_group_concat, &function_rows_inet, &function_rows_json, &function_rows_json_change,
	&function_rows_json_make, &function_rows_json_search, &function_rows_like, &function_rows_lock,
	&function_rows_match, &function_rows_math, &function_rows_random, &function_rows_regexp, &function_rows_round,
	&function_rows_session, &function_rows_string, &function_rows_string_code,
	&function_rows_string_find, &function_rows_string_list, &function_rows_time,
	&function_rows_time_add, &function_rows_time_format, &function_rows_time_parse,
	&function_rows_uuid,
};
enum { table_count = sizeof tables / sizeof tables[0] };

static int register_with(sqlite3 *db, struct evaluator_handle *handle, const struct function_row *row, int count)
{
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS | (row->traits & FN_PURE ? SQLITE_DETERMINISTIC : 0);
	if (row->inverse)
		return sqlite3_create_window_function(db, row->name, count, flags, handle, row->call, row->end,
						      row->value, row->inverse, NULL);
	if (row->end)
		return sqlite3_create_function_v2(db, row->name, count, flags, handle, NULL, row->call, row->end,
						  NULL);
	return sqlite3_create_function_v2(db, row->name, count, flags, handle, row->call, NULL, NULL, NULL);
}

static int register_row(sqlite3 *db, struct evaluator_handle *handle, const struct function_row *row)
{
	if (row->max < 0)
		return register_with(db, handle, row, -1);
	for (int count = row->min; count <= row->max; count++) {
		int status = register_with(db, handle, row, count);
		if (status != SQLITE_OK)
			return status;
	}
	return SQLITE_OK;
}

int functions_register(sqlite3 *db, struct evaluator_handle *handle)
{
	for (unsigned table = 0; table < table_count; table++)
		for (unsigned i = 0; i < tables[table]->count; i++) {
			int status = register_row(db, handle, &tables[table]->rows[i]);
			if (status != SQLITE_OK)
				return status;
		}
	return aggregates_register(handle);
}

const char *functions_name_at(unsigned index, int *out_min, int *out_max)
{
	for (unsigned table = 0; table < table_count; table++) {
		if (index < tables[table]->count) {
			*out_min = tables[table]->rows[index].min;
			*out_max = tables[table]->rows[index].max;
			return tables[table]->rows[index].name;
		}
		index -= tables[table]->count;
	}
	*out_min = *out_max = 1;
	return aggregate_name_at(index);
}

/* ------------------------------------------------------------------ trouble */

/* Warnings of values that are not what they should be; the others stay warnings. */
static bool is_strict_error(unsigned code)
{
	switch (code) {
	case ER_TRUNCATED_WRONG_VALUE:
	case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
	case ER_WRONG_VALUE_FOR_TYPE:
	case ER_WARN_DATA_OUT_OF_RANGE:
	case ER_CUT_VALUE_GROUP_CONCAT:
	case ER_DATETIME_FUNCTION_OVERFLOW:
	case ER_DIVISION_BY_ZERO:
	case ER_INVALID_ARGUMENT_FOR_LOGARITHM:
	case ER_INVALID_JSON_VALUE_FOR_CAST: return true;
	default: return false;
	}
}

void function_warn_diag(sqlite3_context *context, const struct diag *diag)
{
	struct session *session = session_of(context);
	if (session->strict_statement && is_strict_error(diag->code)) {
		*handle_diag(context) = *diag;
		handle_fail(context);
	} else {
		warnings_add_diag(&session->warnings, WARNING_WARNING, diag);
	}
}

const char *message_text(struct bytes text, char out[128])
{
	size_t size = text.size < 127 ? text.size : 127;
	while (size < text.size && size > 0 && (text.data[size] & 0xc0) == 0x80)
		size--;
	if (size)
		memcpy(out, text.data, size);
	out[size] = 0;
	return out;
}

void warn_truncated(sqlite3_context *context, const char *what, struct bytes text)
{
	char shown[128];
	FUNCTION_WARN(context, ER_TRUNCATED_WRONG_VALUE, what, message_text(text, shown));
}

void warn_incorrect(sqlite3_context *context, const char *what, struct bytes text)
{
	char shown[128];
	FUNCTION_WARN_MESSAGE(context, ER_TRUNCATED_WRONG_VALUE, "Incorrect %s value: '%s'", what,
			      message_text(text, shown));
}

void warn_division(sqlite3_context *context)
{
	if (sql_mode_of(context) & SQL_MODE_ERROR_FOR_DIVISION_BY_ZERO)
		FUNCTION_WARN(context, ER_DIVISION_BY_ZERO);
}

bool is_too_long(sqlite3_context *context, uint64_t size, const char *name)
{
	uint64_t limit = session_of(context)->variables.max_allowed_packet;
	if (size <= limit && memory_has(size))
		return false;
	if (size <= limit) {
		memory_check(handle_diag(context));
		handle_fail(context);
		return true;
	}
	FUNCTION_WARN(context, ER_WARN_ALLOWED_PACKET_OVERFLOWED, name, (long)limit);
	return true;
}

void fail_out_of_range(sqlite3_context *context, const char *type, sqlite3_value *text)
{
	char shown[400] = "";
	struct bytes expression = text ? string_of(text) : bytes_of(NULL, 0);
	size_t size = expression.size < sizeof shown - 1 ? expression.size : sizeof shown - 1;
	if (size)
		memcpy(shown, expression.data, size);
	shown[size] = 0;
	FUNCTION_FAIL(context, ER_DATA_OUT_OF_RANGE, type, shown);
}

unsigned temporal_flags_of(sqlite3_context *context)
{
	uint64_t mode = sql_mode_of(context);
	return (mode & SQL_MODE_NO_ZERO_DATE ? TEMPORAL_NO_ZERO_DATE : 0) |
	       (mode & SQL_MODE_ALLOW_INVALID_DATES ? TEMPORAL_INVALID_DATES : 0) |
	       (mode & SQL_MODE_TIME_TRUNCATE_FRACTIONAL ? TEMPORAL_TIME_TRUNCATE : 0);
}

enum temporal_status time_of_text(struct bytes text, unsigned flags, unsigned fsp, int64_t *out_packed)
{
	size_t at = 0;
	while (at < text.size && isspace(text.data[at]))
		at++;
	at += at < text.size && text.data[at] == '-';
	at += at + 1 < text.size && (text.data[at] == ':' || text.data[at] == '.');
	if (at == text.size || !isdigit(text.data[at]))
		return TEMPORAL_BAD;
	return time_parse(text, flags, fsp, out_packed);
}

/* ------------------------------------------------------------------ texts */

static bool ends_with(const char *text, const char *ending)
{
	size_t size = strlen(text), ending_size = strlen(ending);
	return size >= ending_size && strcmp(text + size - ending_size, ending) == 0;
}

struct ascii_rule ascii_rule_of(const struct collation *collation)
{
	return (struct ascii_rule){.is_easy = strstr(collation->name, "turkish") == NULL,
				   .folds = ends_with(collation->name, "_ci")};
}


/* Characters begin at bytes that do not continue one; malformed bytes count by the same rule. */
static inline unsigned starts_in_word(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
	/* A byte 10xxxxxx has bit 7 set and bit 6 clear. */
	uint64_t continues = (word >> 7) & (~word >> 6) & UINT64_C(0x0101010101010101);
	return 8 - (unsigned)__builtin_popcountll(continues);
}

size_t utf8_count(struct bytes text)
{
	size_t count = 0, at = 0;
	for (; text.size - at >= 8; at += 8)
		count += starts_in_word(text.data + at);
	for (; at < text.size; at++)
		count += (text.data[at] & 0xc0) != 0x80;
	return count;
}

size_t utf8_char_size(const uint8_t *at, const uint8_t *end)
{
	const uint8_t *next = at + 1;
	while (next < end && (*next & 0xc0) == 0x80)
		next++;
	return (size_t)(next - at);
}

size_t utf8_prefix(struct bytes text, uint64_t chars)
{
	size_t at = 0;
	while (text.size - at >= 8) {
		unsigned starts = starts_in_word(text.data + at);
		if (starts >= chars)
			break;
		chars -= starts;
		at += 8;
	}
	for (; at < text.size; at++)
		if ((text.data[at] & 0xc0) != 0x80 && chars-- == 0)
			break;
	return at;
}

bool only_spaces(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (!isspace(text.data[i]))
			return false;
	return true;
}
