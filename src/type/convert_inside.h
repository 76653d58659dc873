/*
 * What the files behind convert.h share: one conversion under way, and how its problems are told.
 *
 * Each conversion_put_* stores one kind of value into one family of columns. They append the packed field and
 * answer 0, or answer -1 with the diag set; convert_to_packed then takes back what was appended.
 */
#pragma once

#include "type/convert.h"

struct conversion {
	const struct column_type *type;
	const char *column; /* its name, for messages */
	const struct convert_context *context;
	struct buf *out;
	struct diag *diag;
};

/* Errors are errors, not warnings with the nearest value: sql_mode is strict and the statement has no IGNORE. */
bool conversion_is_strict(const struct conversion *conversion);

/*
 * The value does not fit. -1 when strict: the diag says so. 0 otherwise: a warning was added, and the caller
 * goes on with the nearest value. The code's message takes column and row.
 */
int conversion_problem(const struct conversion *conversion, enum error_code code);
/* The same, "Incorrect <what> value: '<text>' for column ...". */
int conversion_incorrect(const struct conversion *conversion, enum error_code code, const char *what,
			 const struct value *value);
int conversion_incorrect_text(const struct conversion *conversion, enum error_code code, const char *what,
			      const char *text);
/* "Data truncated" as a note: something without meaning was lost. Never an error. */
void conversion_note(const struct conversion *conversion);
/* The value's text in UTF-8, cut for a message. */
enum { conversion_text_max = 128 };
void conversion_print_value(const struct conversion *conversion, const struct value *value,
			    char out[conversion_text_max + 1]);

/* A string value whose digits are single bytes: as it is, or converted from a wide charset into the arena. */
struct bytes conversion_narrow_text(const struct conversion *conversion, const struct value *value);
bool text_is_blank(struct bytes text);

/* A number read for a whole-number column: 64 bits and a sign. */
int conversion_put_integer(const struct conversion *conversion, const struct value *value);
int conversion_put_real(const struct conversion *conversion, const struct value *value);
int conversion_put_decimal(const struct conversion *conversion, const struct value *value);
int conversion_put_bit(const struct conversion *conversion, const struct value *value);
int conversion_put_year(const struct conversion *conversion, const struct value *value);
int conversion_put_datetime(const struct conversion *conversion, const struct value *value); /* DATE, TIMESTAMP too */
int conversion_put_time(const struct conversion *conversion, const struct value *value);
int conversion_put_string(const struct conversion *conversion, const struct value *value);
int conversion_put_enum(const struct conversion *conversion, const struct value *value);
int conversion_put_set(const struct conversion *conversion, const struct value *value);
int conversion_put_json(const struct conversion *conversion, const struct value *value);
