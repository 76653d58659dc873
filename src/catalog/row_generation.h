/*
 * Rows that are older than their table's definition. An ALTER TABLE that only adds or drops columns leaves the rows as
 * they are: the table counts its row generations, a row's header says of which one it is (the lowest byte of its flags),
 * and who reads a row gets today's image of it: without the fields of columns that went, and with those of columns that
 * came later as they were filled when they came.
 *
 *   columns at rest, in the order of the fields      a [0,  )    b [0, 2)    c [1,  ) missing: 7    d [0,  )
 *   so a row of generation 0 holds a b d, one of generation 1 a b c d, one of generation 2, today's, a c d
 *
 * What is written has today's generation, so an update makes a row young. A table whose rows were all written anew begins
 * with generation 0 again.
 */
#pragma once

#include "base/buf.h"
#include "catalog/catalog.h"

/* As many changes as InnoDB takes without a rebuild. */
enum { row_generation_max = 64, row_generation_none = UINT8_MAX };

/* A column that rows hold, or held. */
struct stored_column {
	struct column_type type; /* of dropped ones; the others have their table's */
	int position;            /* in the table; -1: dropped */
	unsigned added_in;       /* the first generation that holds it */
	unsigned dropped_in;     /* the first that does not any more; row_generation_none */
	struct bytes missing;    /* the field in rows of before added_in; data NULL: NULL */
};

/*
 * The image of a row at rest: borrowed from its value, or from `lifted` (replaced) when the row is of an older generation.
 * -1: the value is damaged.
 */
int table_image_of_value(const struct table *table, struct bytes value, struct buf *lifted, struct bytes *out_image,
			 struct diag *diag);

/*
 * Gives a table that was made of `old` and keeps its rows the next generation. sources: per column its position in the old
 * one, or -1; missing: per column, looked at where the source is -1. Columns that both have are in the same order in both.
 */
void table_add_row_generation(struct table *table, const struct table *old, const int *sources, const struct bytes *missing);
/* The rows will all be written anew. */
void table_forget_row_generations(struct table *table);
/* A copy of the columns at rest, in the arena. */
struct stored_column *stored_columns_copy(struct arena *arena, const struct stored_column *from, unsigned count);
