/*
 * Memory-comparable keys: memcmp order of the bytes is the columns' order.
 *
 *   NULL of a nullable column 0x00, not NULL 0x01 and the value; NOT NULL columns only the value
 *   integers  big endian, sign bit flipped when signed       ENUM, SET, YEAR, BIT  unsigned big endian
 *   FLOAT, DOUBLE  big endian IEEE, the sign bit flipped, of negative ones all bits; -0 is 0
 *   DECIMAL   packed form (it sorts already)                 temporal: their packed big endian forms; DATE turned
 *   text      collation_put_key                              binary strings: 0x00 -> 0x00 0xff, end 0x00 0x00
 *   a prefix key takes the first prefix_length characters (bytes for binary)
 *
 * What pads a fixed length does not count: trailing spaces of CHAR, trailing zeros of BINARY.
 * No column's key is a prefix of another value's, so keys of several columns are just joined.
 * Pure functions: any thread, nothing kept.
 */
#pragma once

#include "base/buf.h"
#include "type/column_type.h"

/*
 * Appends the key of one packed field (data NULL: SQL NULL). prefix_length 0: the whole value. The field fits
 * its type (row_split); a JSON column cannot be part of a key.
 */
void key_put_field(const struct column_type *type, bool nullable, uint32_t prefix_length, struct bytes field,
		   struct buf *out);
/* How many bytes of `key` the column's encoding takes, or -1 when the bytes are not such a key. */
int64_t key_field_size(const struct column_type *type, bool nullable, struct bytes key);
/*
 * The way back, for reads that an index alone can answer: appends the packed field to out_field (nothing for
 * NULL, at least one byte for all else) and returns key_field_size. -1, with nothing appended, when the bytes
 * are not such a key or the type's keys do not keep the value: text, FLOAT and DOUBLE. Not for prefix keys.
 */
int64_t key_to_field(const struct column_type *type, bool nullable, struct bytes key, struct buf *out_field);
bool key_is_reversible(const struct column_type *type); /* key_to_field can give this type's values back */
/* Smallest byte string greater than every string with this prefix: increments in place; false if all are 0xff. */
bool key_successor(struct buf *key);
