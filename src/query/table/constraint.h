/*
 * What SQLite wants of a column (= 5, > 'x') as keys of an index. Private to this folder.
 *
 * SQLite tests the whole condition again on the rows it is given, so a range may hold too much. It must never hold
 * too little. Only of integer columns the ranges are exact, and best_index may tell SQLite so.
 */
#pragma once

#include "query/argument.h"
#include "query/handle.h"
#include "sql/resolve/tree.h"
#include "type/column_type.h"

enum constraint_fit {
	FIT_EXACT, /* the column can hold this very value */
	FIT_FLOOR, /* it cannot; the key is of the last value before it: no row equals it */
	FIT_NEAR,  /* it cannot; the key is of a value next to it: ranges must include it */
	FIT_BELOW, /* less than all the column can hold */
	FIT_ABOVE, /* more than all the column can hold */
};

/* Is the value of the kind the column's are of? EXACT; else SQLite has it BELOW or ABOVE all of them. */
enum constraint_fit constraint_kind_fit(const struct column_type *type, const struct argument *value);
/* Appends the value, which is not NULL, as a packed field of the column; TEXT and BINARY as LONGTEXT and LONGBLOB. */
enum constraint_fit constraint_put_field(struct evaluator_handle *handle, const struct column_type *type,
					 const struct argument *value, struct buf *out);
/*
 * Appends the index key of the value for a column (with the NOT NULL mark of nullable columns). Nothing for BELOW and
 * ABOVE. The value is not NULL. A key of a prefix is NEAR.
 */
enum constraint_fit constraint_put_key(struct evaluator_handle *handle, const struct column_type *type, bool nullable,
				       uint32_t prefix_length, const struct argument *value, struct buf *out);

/*
 * Appends what the keys of all texts that match the LIKE pattern begin with. False: nothing is known, the pattern begins
 * with a wildcard.
 */
bool constraint_put_like_prefix(struct evaluator_handle *handle, const struct column_type *type, bool nullable,
				uint32_t prefix_length, struct bytes pattern, struct buf *out);
