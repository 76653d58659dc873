/*
 * Packed fields as cells, without SQLite: the same value that value_sqlite.c's field_put gives. Private to this folder.
 *
 * Not of every type: a cell's bytes are borrowed from the field, so nothing that has to be converted or padded.
 */
#pragma once

#include "query/cell.h"

/* The field is not NULL. False: its bytes are not of the type. */
typedef bool field_cell_fn(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			   struct cell *out);
field_cell_fn *field_cell_of(const struct column_type *type); /* or NULL */
