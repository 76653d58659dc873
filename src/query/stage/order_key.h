/*
 * Keys by which rows are sorted: memcmp order of the bytes is the order of the values, turned round where an input is
 * descending. No key of an input is the beginning of another: those of several are just joined. Private to this folder.
 *
 *   NULL      0x00; all else 0x01 or more, and the value:
 *   integers  0x01, big endian, the sign bit flipped; those above INT64_MAX 0x02 and the number
 *   REAL      0x01, big endian, the sign bit flipped, of negative ones all bits; -0 is 0
 *   DECIMAL   0x01 and decimal_sortable, escaped; of a column whose numbers are small: as integers, for all have its scale
 *   TEXT      0x01 and the collation's key                     BINARY  0x01 and the bytes, escaped
 */
#pragma once

#include "query/stage/stage.h"

/* Values of the expression can be sorted so, and quickly. */
bool order_key_fits(const struct tree_expr *expr);
void order_key_put(const struct stage_input *input, const struct cell *cell, struct buf *out);
