/*
 * JSON as MySQL keeps and shows it: validated text in one normal form.
 *
 * Object members are ordered by the size of their names, then by bytes; of members with the same name the last
 * stays. ", " and ": " separate. Integers that fit 64 bits stay integers, other numbers become doubles, which
 * always show a point or an exponent. Nesting is at most 100 deep.
 *
 * Pure functions, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

struct json_error {
	const char *message; /* MySQL's words; NULL: nested too deep (ER_JSON_DOCUMENT_TOO_DEEP) */
	size_t position;     /* in bytes */
};

/* Appends the normal form of a UTF-8 text. On false nothing was appended and error says what is wrong. */
bool json_text_normalise(struct bytes text, struct buf *out, struct json_error *error);

/* Appends a UTF-8 text as a JSON string, quotes included. */
void json_text_quote(struct bytes text, struct buf *out);

/* Appends a double as JSON shows it. */
void json_text_put_double(double value, struct buf *out);
