#include "base/diag.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

struct error_code_row {
	unsigned code;
	const char *sqlstate;
	const char *format;
};

static const struct error_code_row error_table[] = {
#define ERROR_CODE(symbol, number, sqlstate, format) {number, sqlstate, format},
#include "base/error_codes.def"
#undef ERROR_CODE
};

static const struct error_code_row *find_row(unsigned code)
{
	for (size_t i = 0; i < sizeof error_table / sizeof *error_table; i++)
		if (error_table[i].code == code)
			return &error_table[i];
	return NULL;
}

const char *error_sqlstate(unsigned code)
{
	const struct error_code_row *row = find_row(code);
	return row ? row->sqlstate : "HY000";
}

const char *error_format(unsigned code)
{
	const struct error_code_row *row = find_row(code);
	return row ? row->format : NULL;
}

/* vsnprintf that never leaves half a UTF-8 character at the end. */
static void format_message(char *out, size_t size, const char *format, va_list args)
{
	int wanted = vsnprintf(out, size, format, args);
	if (wanted < 0 || (size_t)wanted < size)
		return;
	size_t end = size - 1;
	while (end > 0 && ((unsigned char)out[end - 1] & 0xc0) == 0x80)
		end--;
	if (end > 0 && (unsigned char)out[end - 1] >= 0xc0)
		end--;
	else
		end = size - 1;
	out[end] = 0;
}

void diag_clear(struct diag *diag)
{
	diag->code = 0;
	strcpy(diag->sqlstate, "00000");
	diag->message[0] = 0;
	diag->context[0] = 0;
}

static void set_code(struct diag *diag, unsigned code)
{
	diag->code = code;
	snprintf(diag->sqlstate, sizeof diag->sqlstate, "%s", error_sqlstate(code));
	diag->context[0] = 0;
}

int diag_set(struct diag *diag, enum error_code code, ...)
{
	va_list args;
	va_start(args, code);
	set_code(diag, code);
	format_message(diag->message, sizeof diag->message, error_format(code), args);
	va_end(args);
	return -1;
}

int diag_set_message(struct diag *diag, enum error_code code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	set_code(diag, code);
	format_message(diag->message, sizeof diag->message, format, args);
	va_end(args);
	return -1;
}

int diag_set_foreign(struct diag *diag, unsigned code, const char *sqlstate, const char *message)
{
	diag->code = code;
	snprintf(diag->sqlstate, sizeof diag->sqlstate, "%s", sqlstate);
	snprintf(diag->message, sizeof diag->message, "%s", message);
	diag->context[0] = 0;
	return -1;
}

void diag_add_context(struct diag *diag, const char *format, ...)
{
	size_t used = strlen(diag->context);
	if (used && used + 3 < sizeof diag->context) {
		memcpy(diag->context + used, ", ", 3);
		used += 2;
	}
	va_list args;
	va_start(args, format);
	format_message(diag->context + used, sizeof diag->context - used, format, args);
	va_end(args);
}

void warnings_init(struct warnings *warnings, size_t limit)
{
	*warnings = (struct warnings){.limit = limit};
}

void warnings_deinit(struct warnings *warnings)
{
	memory_free(warnings->list);
	*warnings = (struct warnings){0};
}

void warnings_clear(struct warnings *warnings)
{
	warnings->count = warnings->total = warnings->earlier = warnings->error_total = 0;
}

/* A slot for the next condition, or NULL when it is only counted. */
static struct warning *next_slot(struct warnings *warnings, enum warning_level level, unsigned code,
				 const char *sqlstate)
{
	warnings->total++;
	if (level == WARNING_ERROR)
		warnings->error_total++;
	if (warnings->count >= warnings->limit)
		return NULL;
	if (warnings->count == warnings->capacity) {
		warnings->capacity = warnings->capacity ? warnings->capacity * 2 : 4;
		warnings->list =
			memory_realloc(warnings->list, warnings->capacity * sizeof *warnings->list);
	}
	struct warning *slot = &warnings->list[warnings->count++];
	slot->level = level;
	slot->code = code;
	snprintf(slot->sqlstate, sizeof slot->sqlstate, "%s", sqlstate);
	return slot;
}

void warnings_add(struct warnings *warnings, enum warning_level level, enum error_code code, ...)
{
	struct warning *slot = next_slot(warnings, level, code, error_sqlstate(code));
	if (slot == NULL)
		return;
	va_list args;
	va_start(args, code);
	format_message(slot->message, sizeof slot->message, error_format(code), args);
	va_end(args);
}

void warnings_add_message(struct warnings *warnings, enum warning_level level, enum error_code code,
			  const char *format, ...)
{
	struct warning *slot = next_slot(warnings, level, code, error_sqlstate(code));
	if (slot == NULL)
		return;
	va_list args;
	va_start(args, format);
	format_message(slot->message, sizeof slot->message, format, args);
	va_end(args);
}

void warnings_add_diag(struct warnings *warnings, enum warning_level level, const struct diag *diag)
{
	struct warning *slot = next_slot(warnings, level, diag->code, diag->sqlstate);
	if (slot)
		snprintf(slot->message, sizeof slot->message, "%s", diag->message);
}

const char *warning_level_name(enum warning_level level)
{
	static const char *const names[] = {"Note", "Warning", "Error"};
	return names[level];
}
