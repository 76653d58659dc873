/*
 * How things fail: a diag carries one error up, a warnings list carries what a client may ask for later.
 *
 * Functions that can fail return 0 or -1 and fill the struct diag that is their last parameter. The callee
 * that finds the problem sets it, those in the middle may add where they were, the top logs or sends it
 * once. Outcomes that callers expect (not found, duplicate key, end of log) are enums, not errors.
 *
 * Codes, SQLSTATEs and message formats are MySQL's and stand in one table, error_codes.def.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum error_code {
	ER_NONE = 0,
#define ERROR_CODE(symbol, number, sqlstate, format) symbol = number,
#include "base/error_codes.def"
#undef ERROR_CODE
};

enum { diag_message_size = 512, diag_context_size = 512 };

struct diag {
	unsigned code;                   /* MySQL's error number, 0 when nothing is wrong */
	char sqlstate[6];                /* five characters and a zero */
	char message[diag_message_size]; /* UTF-8, cut at a character border */
	char context[diag_context_size]; /* where we were, innermost first, for the error log */
};

#define DIAG_INIT ((struct diag){.sqlstate = "00000"})

void diag_clear(struct diag *diag);

/* The table's message for the code, its format filled from the arguments. Always returns -1. */
int diag_set(struct diag *diag, enum error_code code, ...);
/* The code's SQLSTATE with a message of our own. Always returns -1. */
int diag_set_message(struct diag *diag, enum error_code code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* An error of somebody else (a source's error packet), kept as it came. Always returns -1. */
int diag_set_foreign(struct diag *diag, unsigned code, const char *sqlstate, const char *message);
void diag_add_context(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *error_sqlstate(unsigned code); /* "HY000" for codes that are not in the table */
const char *error_format(unsigned code);   /* NULL for codes that are not in the table */

/* What SHOW WARNINGS lists. Bounded by max_error_count: past it, only counted. One owner thread. */
enum warning_level { WARNING_NOTE, WARNING_WARNING, WARNING_ERROR };

struct warning {
	enum warning_level level;
	unsigned code;
	char sqlstate[6];
	char message[diag_message_size];
};

struct warnings {
	struct warning *list;  /* owned, count entries */
	size_t count;          /* entries kept */
	size_t capacity;       /* entries allocated */
	size_t limit;          /* max_error_count: entries kept at most */
	size_t total;          /* conditions raised, kept or not */
	size_t earlier;        /* of those, by statements before, that SHOW WARNINGS and its kin keep */
	size_t error_total;    /* of those, errors: @@error_count */
};

void warnings_init(struct warnings *warnings, size_t limit);
void warnings_deinit(struct warnings *warnings);
void warnings_clear(struct warnings *warnings);
void warnings_add(struct warnings *warnings, enum warning_level level, enum error_code code, ...);
void warnings_add_message(struct warnings *warnings, enum warning_level level, enum error_code code,
			  const char *format, ...) __attribute__((format(printf, 4, 5)));
void warnings_add_diag(struct warnings *warnings, enum warning_level level, const struct diag *diag);
const char *warning_level_name(enum warning_level level); /* "Note", "Warning", "Error" */
