/*
 * Memory-comparable keys: memcmp order of the bytes is the columns' order.
 *
 *   NULL of a nullable column 0x00, not NULL 0x01 and the value; NOT NULL columns only the value
 *   integers  big endian, sign bit flipped when signed       FLOAT/DOUBLE big endian IEEE, flipped to sort
 *   DECIMAL   packed form (it sorts already)                 temporal: their packed big endian forms, biased
 *   text      collation_put_key                              binary strings: 0x00 -> 0x00 0xff, end 0x00 0x00
 *   a prefix key takes the first prefix_length characters (bytes for binary)
 */
#pragma once

#include "base/buf.h"
#include "type/column_type.h"

/* Appends the key of one packed field (data NULL: SQL NULL). prefix_length 0: the whole value. */
void key_put_field(const struct column_type *type, bool nullable, uint32_t prefix_length, struct bytes field,
		   struct buf *out);
/* How many bytes of `key` the column's encoding takes, or -1 when the bytes are not such a key. */
int64_t key_field_size(const struct column_type *type, bool nullable, struct bytes key);
/* Smallest byte string greater than every string with this prefix: increments in place; false if all are 0xff. */
bool key_successor(struct buf *key);
