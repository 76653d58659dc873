/*
 * The row a cursor stands on, handed on through SQLite as a pointer: what column r of a table gives. Of an outer join's
 * missing row it is NULL. Private to the folder of query.
 */
#pragma once

#include "base/bytes.h"

#define POINTER_ROW "gemel_row" /* struct table_cursor */

struct table_cursor;

/* Its fields by column, known up to that one; until the cursor moves. NULL with the handle's diag: the row is damaged. */
const struct bytes *packed_row_fields(struct table_cursor *row, unsigned last_column);
