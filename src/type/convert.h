/*
 * A value becomes a column's: the range, length and date rules of the sql_mode in force, with MySQL's errors
 * (strict) or warnings and nearest value (not strict).
 *
 * And back: a packed field becomes a value, or the text a client sees.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "type/column_type.h"
#include "type/temporal.h"
#include "type/value.h"

struct convert_context {
	uint64_t sql_mode;            /* sql_mode.h */
	bool ignore;                  /* INSERT IGNORE and friends: errors become warnings although strict */
	const struct time_zone *zone; /* the session's */
	struct warnings *warnings;    /* may be NULL: nobody will ask */
	unsigned long row_number;     /* counts from 1, for the messages */
	struct arena *arena;          /* for intermediate texts; never NULL */
};

/*
 * Appends the packed field (row image encoding) for a value that is not NULL. 0, or -1 with diag set and
 * nothing appended. column_name is for messages. A text that is no JSON is an error in every sql_mode.
 */
int convert_to_packed(const struct value *value, const struct column_type *type, const char *column_name,
		      const struct convert_context *context, struct buf *out, struct diag *diag);

/*
 * Reads one packed field. Strings borrow from the field, decimals live in the arena. TIMESTAMP is given as
 * DATETIME in the zone. ENUM and SET give STRING; BIT gives UINT; YEAR gives INT.
 * -1 when the field's bytes are not of the type (ER_UNKNOWN_ERROR naming the type).
 */
int convert_from_packed(const struct column_type *type, struct bytes field, const struct time_zone *zone,
			struct arena *arena, struct value *out, struct diag *diag);

/*
 * The text a client sees for a packed field that is not NULL, in the column's charset (numbers and times: ASCII):
 * FLOAT in six digits, ZEROFILL filled up, BINARY to its full length, BIT as bytes, TIMESTAMP in the zone.
 * Appends to out. -1 as convert_from_packed.
 */
int convert_text_from_packed(const struct column_type *type, struct bytes field, const struct time_zone *zone,
			     struct buf *out, struct diag *diag);

/*
 * What a non-strict INSERT gives a NOT NULL column without default: 0, '', '0000-00-00', an ENUM's first name,
 * JSON null. Appended.
 */
void convert_put_implicit_default(const struct column_type *type, struct buf *out);
