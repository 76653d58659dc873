/*
 * One row in the protocol's two forms.
 *
 *   text:   each value as a length-encoded string, 0xfb for NULL
 *   binary: 0x00, null bitmap with an offset of 2 bits, then each value by the column's type
 */
#pragma once

#include "base/buf.h"
#include "session/result.h"

/* A text in the client's character set (NULL: as it is), borrowed from the value or from scratch. */
struct bytes row_text_to_results(const struct value *value, const struct charset *results, struct buf *scratch);
/* results: character_set_results, NULL to send as stored. scratch is cleared and used for conversions. */
void row_put_text(const struct result_column *columns, unsigned count, const struct value *values,
		  const struct charset *results, struct buf *scratch, struct buf *out);
void row_put_binary(const struct result_column *columns, unsigned count, const struct value *values,
		    const struct charset *results, struct buf *scratch, struct buf *out);
/* The column definition's decimals byte. */
uint8_t row_wire_decimals(const struct column_type *type);

/*
 * A parameter of COM_STMT_EXECUTE: reads one value of this wire type from the cursor. Strings borrow from the packet.
 * -1 (ER_WRONG_ARGUMENTS) for types that cannot be parameters; a short packet sets cursor->failed.
 */
int row_read_parameter(struct cursor *cursor, uint8_t wire_type, bool is_unsigned, const struct collation *collation,
		       struct arena *arena, struct value *out, struct diag *diag);
