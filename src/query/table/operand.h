/*
 * A value of SQLite's that packed fields of one column are compared with, again and again: made ready once. The order is
 * the very one SQLite has for the column's values (value_sqlite.c), so that it need not be asked. Private to the folder of
 * query.
 *
 * Comparing is pure but for texts of charsets that are not UTF-8, which may be converted in the handle's memory.
 */
#pragma once

#include "query/argument.h"
#include "query/handle.h"
#include "type/column_type.h"

struct operand;

/* <0, 0, >0: the field (not NULL) is less than the operand, equals it, is more. */
typedef int operand_compare_fn(const struct operand *operand, struct bytes field);

struct operand {
	operand_compare_fn *compare; /* NULL: the value is NULL, nothing compares with it */
	const struct column_type *type;
	const struct collation *collation; /* of texts */
	struct evaluator_handle *handle;
	int64_t integer;    /* integers, dates and times */
	double real;
	bool is_below;      /* the value lies between this one and the next that the column can hold */
	struct bytes bytes; /* texts, binary strings, packed fields; borrowed */
};

/* Columns of the type can be compared. */
bool operand_can_compare(const struct column_type *type);
/*
 * What the column's values are compared with, in TEXT by that collation. `room` (replaced) and the type are borrowed as long
 * as the operand is used; the value is not.
 */
void operand_set(struct operand *operand, struct evaluator_handle *handle, const struct column_type *type,
		 const struct collation *collation, const struct argument *value, struct buf *room);

/* Fields of two columns, compared by that collation if they are TEXT: can it be done here? */
bool operands_are_comparable(const struct column_type *left, const struct column_type *right,
			     const struct collation *collation);
/* Of such columns, neither field NULL: <0, 0, >0. */
int operand_compare_fields(const struct column_type *left, struct bytes left_field, const struct column_type *right,
			   struct bytes right_field, const struct collation *collation);
