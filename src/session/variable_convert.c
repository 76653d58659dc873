#include "session/variable_convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/memory.h"
#include "type/sql_mode.h"

static int wrong_value(const struct variable_row *row, struct bytes text, struct diag *diag)
{
	char shown[128];
	snprintf(shown, sizeof shown, "%.*s", (int)(text.size < 127 ? text.size : 127), (const char *)text.data);
	return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, row->name, shown);
}

static const struct charset *charset_named(const char *name)
{
	return charset_find(bytes_of_string(name));
}

struct variable_slot variable_default_slot(const struct variable_row *row)
{
	struct variable_slot slot = {.number = row->default_number};
	struct diag diag = DIAG_INIT;
	switch (row->kind) {
	case VARIABLE_TEXT:
		slot.text = memory_copy_string(row->default_text);
		break;
	case VARIABLE_CHARSET:
		slot.number = (uintptr_t)charset_named(row->default_text);
		break;
	case VARIABLE_COLLATION:
		slot.number = (uintptr_t)collation_find(bytes_of_string(row->default_text));
		break;
	case VARIABLE_TIME_ZONE:
		slot.number = (uintptr_t)time_zone_system();
		break;
	case VARIABLE_SQL_MODE:
		sql_mode_parse(bytes_of_string(row->default_text), &slot.number, &diag);
		break;
	default:
		break;
	}
	return slot;
}

static void put_text(struct arena *arena, struct value *out, const char *text)
{
	*out = text ? value_string(bytes_of_string(arena_copy_string(arena, text)), collation_utf8mb3_general)
		    : value_null();
}

static void put_sql_mode(uint64_t mode, struct arena *arena, struct value *out)
{
	struct buf text;
	buf_init(&text);
	sql_mode_print(mode, &text);
	put_text(arena, out, buf_cstring(&text));
	buf_deinit(&text);
}

void variable_to_value(const struct variable_row *row, const struct variable_slot *slot, struct arena *arena,
		       struct value *out)
{
	const void *object = (const void *)(uintptr_t)slot->number;
	switch (row->kind) {
	case VARIABLE_BOOL:
		*out = value_int((int64_t)slot->number);
		break;
	case VARIABLE_UINT:
		*out = value_uint(slot->number);
		break;
	case VARIABLE_DOUBLE:
		*out = value_double((double)slot->number / 1e6);
		out->decimals = 6;
		break;
	case VARIABLE_ENUM:
		put_text(arena, out, row->names[slot->number]);
		break;
	case VARIABLE_SQL_MODE:
		put_sql_mode(slot->number, arena, out);
		break;
	case VARIABLE_TEXT:
		put_text(arena, out, slot->text);
		break;
	case VARIABLE_CHARSET:
		put_text(arena, out, object ? ((const struct charset *)object)->name : NULL);
		break;
	case VARIABLE_COLLATION:
		put_text(arena, out, ((const struct collation *)object)->name);
		break;
	case VARIABLE_TIME_ZONE:
		put_text(arena, out, time_zone_name(object));
		break;
	}
}

const char *variable_print(const struct variable_row *row, const struct value *value, struct arena *arena)
{
	if (row->kind == VARIABLE_BOOL)
		return value_to_int(value) ? "ON" : "OFF";
	if (row->kind == VARIABLE_DOUBLE)
		return arena_printf(arena, "%.6f", value_to_double(value));
	struct bytes text = value_text(value, arena);
	return text.data ? arena_copy_text(arena, (const char *)text.data, text.size) : "";
}

static int parse_switch(const struct variable_row *row, struct bytes text, uint64_t *out, struct diag *diag)
{
	static const char *const on[] = {"ON", "1", "TRUE", "YES"}, *const off[] = {"OFF", "0", "FALSE", "NO"};
	for (size_t i = 0; i < 4; i++) {
		bool is_on = text_equal_nocase(text, bytes_of_string(on[i]));
		if (is_on || text_equal_nocase(text, bytes_of_string(off[i]))) {
			*out = is_on;
			return 0;
		}
	}
	return wrong_value(row, text, diag);
}

static int parse_name(const struct variable_row *row, struct bytes text, uint64_t *out, struct diag *diag)
{
	for (uint64_t i = 0; row->names[i]; i++)
		if (text_equal_nocase(text, bytes_of_string(row->names[i]))) {
			*out = i;
			return 0;
		}
	return wrong_value(row, text, diag);
}

static int pick_number(const struct variable_row *row, int64_t number, uint64_t *out, struct diag *diag)
{
	uint64_t count = 2;
	if (row->kind == VARIABLE_ENUM)
		for (count = 0; row->names[count]; count++)
			;
	if (number >= 0 && (uint64_t)number < count) {
		*out = (uint64_t)number;
		return 0;
	}
	char text[32];
	snprintf(text, sizeof text, "%lld", (long long)number);
	return wrong_value(row, bytes_of_string(text), diag);
}

/* Numbers beyond their bounds become the bound, with a warning, as MySQL's do. */
static uint64_t clamp(const struct variable_row *row, uint64_t number, bool negative, struct warnings *warnings)
{
	uint64_t kept = negative || number < row->min ? row->min : number > row->max ? row->max : number;
	if ((negative || kept != number) && warnings)
		warnings_add_message(warnings, WARNING_WARNING, ER_TRUNCATED_WRONG_VALUE,
				     "Truncated incorrect %s value: '%s%llu'", row->name, negative ? "-" : "",
				     (unsigned long long)(negative ? 0 - number : number));
	return kept;
}

static int number_from_value(const struct variable_row *row, const struct value *value, struct warnings *warnings,
			     uint64_t *out, struct diag *diag)
{
	if (value->kind != VALUE_INT && value->kind != VALUE_UINT)
		return diag_set(diag, ER_WRONG_TYPE_FOR_VAR, row->name);
	bool negative = value->kind == VALUE_INT && value->integer < 0;
	*out = clamp(row, value->uinteger, negative, warnings);
	return 0;
}

static int charset_from_text(struct bytes text, uint64_t *out, struct diag *diag)
{
	const struct charset *charset = charset_find(text);
	if (charset == NULL)
		return diag_set_message(diag, ER_UNKNOWN_CHARACTER_SET, "Unknown character set: '%.*s'",
					(int)text.size, (const char *)text.data);
	*out = (uintptr_t)charset;
	return 0;
}

static int collation_from_text(struct bytes text, uint64_t *out, struct diag *diag)
{
	const struct collation *collation = collation_find(text);
	if (collation == NULL)
		return diag_set_message(diag, ER_UNKNOWN_COLLATION, "Unknown collation: '%.*s'", (int)text.size,
					(const char *)text.data);
	*out = (uintptr_t)collation;
	return 0;
}

static int zone_from_text(struct bytes text, uint64_t *out, struct diag *diag)
{
	const struct time_zone *zone = time_zone_find(text);
	if (zone == NULL)
		return diag_set_message(diag, ER_UNKNOWN_TIME_ZONE, "Unknown or incorrect time zone: '%.*s'",
					(int)text.size, (const char *)text.data);
	*out = (uintptr_t)zone;
	return 0;
}

static int text_from_text(struct bytes text, struct variable_slot *out)
{
	out->text = memory_alloc(text.size + 1);
	if (text.size)
		memcpy(out->text, text.data, text.size);
	out->text[text.size] = 0;
	return 0;
}

static int from_text(const struct variable_row *row, struct bytes text, struct variable_slot *out, struct diag *diag)
{
	switch (row->kind) {
	case VARIABLE_BOOL: return parse_switch(row, text, &out->number, diag);
	case VARIABLE_ENUM: return parse_name(row, text, &out->number, diag);
	case VARIABLE_SQL_MODE: return sql_mode_parse(text, &out->number, diag);
	case VARIABLE_TEXT: return text_from_text(text, out);
	case VARIABLE_CHARSET: return charset_from_text(text, &out->number, diag);
	case VARIABLE_COLLATION: return collation_from_text(text, &out->number, diag);
	case VARIABLE_TIME_ZONE: return zone_from_text(text, &out->number, diag);
	default: return diag_set(diag, ER_WRONG_TYPE_FOR_VAR, row->name);
	}
}

static int from_null(const struct variable_row *row, struct variable_slot *out, struct diag *diag)
{
	if (row->traits & NULL_IS_TEXT)
		return 0;
	return wrong_value(row, bytes_of_string("NULL"), diag);
}

/* A charset or collation by its number, as mysqlbinlog sets them. */
static int object_from_number(const struct variable_row *row, uint64_t number, uint64_t *out, struct diag *diag)
{
	const struct collation *collation = collation_find_id((unsigned)number);
	if (collation == NULL) {
		char text[32];
		snprintf(text, sizeof text, "%llu", (unsigned long long)number);
		return wrong_value(row, bytes_of_string(text), diag);
	}
	*out = row->kind == VARIABLE_CHARSET ? (uintptr_t)collation->charset : (uintptr_t)collation;
	return 0;
}

int variable_from_value(const struct variable_row *row, const struct value *value, struct warnings *warnings,
			struct variable_slot *out, struct diag *diag)
{
	if (value->kind == VALUE_NULL)
		return from_null(row, out, diag);
	if (value->kind == VALUE_STRING && row->kind != VARIABLE_UINT && row->kind != VARIABLE_DOUBLE)
		return from_text(row, value->string, out, diag);
	switch (row->kind) {
	case VARIABLE_UINT:
		return number_from_value(row, value, warnings, &out->number, diag);
	case VARIABLE_DOUBLE: {
		if (value->kind == VALUE_STRING)
			return diag_set(diag, ER_WRONG_TYPE_FOR_VAR, row->name);
		double number = value_to_double(value);
		out->number = number <= 0 ? row->min : (uint64_t)(number * 1e6 + 0.5);
		if (out->number > row->max)
			out->number = row->max;
		return 0;
	}
	case VARIABLE_BOOL:
	case VARIABLE_ENUM:
		return pick_number(row, value_to_int(value), &out->number, diag);
	case VARIABLE_SQL_MODE:
		out->number = sql_mode_expand((uint64_t)value_to_int(value));
		return 0;
	case VARIABLE_CHARSET:
	case VARIABLE_COLLATION:
		return object_from_number(row, (uint64_t)value_to_int(value), &out->number, diag);
	default:
		return diag_set(diag, ER_WRONG_TYPE_FOR_VAR, row->name);
	}
}

static int parse_size(const struct variable_row *row, const char *text, uint64_t *out, struct diag *diag)
{
	char *end;
	errno = 0;
	bool negative = *text == '-';
	unsigned long long number = strtoull(text, &end, 10);
	uint64_t factor = 1;
	if (end != text && *end && end[1] == 0) {
		static const char units[] = "kmgt";
		const char *unit = strchr(units, *end | 0x20);
		if (unit) {
			factor = 1ull << (10 * (unit - units + 1));
			end++;
		}
	}
	if (end == text || *end || errno)
		return diag_set_message(diag, ER_WRONG_VALUE_FOR_VAR, "Unknown suffix or no number in '%s' for option %s",
					text, row->name);
	*out = number > UINT64_MAX / factor ? UINT64_MAX : number * factor;
	*out = clamp(row, *out, negative, NULL);
	return 0;
}

int variable_from_option(const struct variable_row *row, const char *text, struct variable_slot *out,
			 struct diag *diag)
{
	switch (row->kind) {
	case VARIABLE_BOOL:
		return text ? parse_switch(row, bytes_of_string(text), &out->number, diag) : (out->number = 1, 0);
	case VARIABLE_UINT:
		if (text == NULL)
			return wrong_value(row, bytes_of_string(""), diag);
		return parse_size(row, text, &out->number, diag);
	case VARIABLE_DOUBLE:
		out->number = (uint64_t)(strtod(text ? text : "0", NULL) * 1e6);
		return 0;
	case VARIABLE_ENUM: {
		char *end;
		long number = text ? strtol(text, &end, 10) : 1;
		if (text == NULL || (*text && *end == 0))
			return pick_number(row, number, &out->number, diag);
		return parse_name(row, bytes_of_string(text), &out->number, diag);
	}
	default:
		return from_text(row, bytes_of_string(text ? text : ""), out, diag);
	}
}

void variable_print_default(const struct variable_row *row, struct buf *out)
{
	switch (row->kind) {
	case VARIABLE_BOOL: buf_put_string(out, row->default_number ? "ON" : "OFF"); break;
	case VARIABLE_UINT: buf_printf(out, "%llu", (unsigned long long)row->default_number); break;
	case VARIABLE_DOUBLE: buf_printf(out, "%g", (double)row->default_number / 1e6); break;
	case VARIABLE_ENUM: buf_put_string(out, row->names[row->default_number]); break;
	default: buf_put_string(out, row->default_text && *row->default_text ? row->default_text : "(none)"); break;
	}
}
