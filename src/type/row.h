/*
 * The row image: one row's bytes at rest, in the log and on the way to a replica (law 2).
 *
 *   null bitmap  (columns + 7) / 8 bytes, bit i of byte i/8 set: column i is NULL; bits behind the last column are 0
 *                (MySQL and MariaDB log them as 1)
 *   fields       the others, in order, packed as in MySQL's ROWS_EVENT v2:
 *     integers        1, 2, 3, 4, 8 bytes little endian        YEAR 1 byte, year - 1900
 *     FLOAT, DOUBLE   4, 8 bytes IEEE little endian            BIT(n) (n+7)/8 bytes big endian
 *     DECIMAL         decimal.h's packed form                  ENUM 1 or 2, SET 1,2,3,4,8 bytes
 *     DATE            3 bytes year<<9|month<<5|day             TIME2, DATETIME2, TIMESTAMP2 big endian + fraction
 *     CHAR, BINARY    length (1 byte, 2 if the most bytes > 255), bytes; BINARY without trailing zeros
 *     VARCHAR, VARBINARY  length (1 byte, 2 if the most bytes > 255), bytes
 *     TEXT, BLOB      length (1, 2, 3, 4 bytes), bytes; JSON as LONGBLOB
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "type/column_type.h"

/* The size of the packed field that begins at data, or -1 when left bytes are too few for it. */
int64_t row_field_size(const struct column_type *type, const uint8_t *data, size_t left);

/* How the packed fields of a type are sized: always so many bytes, or by a length of so many bytes in front. */
struct row_field_shape {
	uint8_t prefix_size; /* 0: fixed */
	uint16_t fixed_size;
};
struct row_field_shape row_field_shape(const struct column_type *type);
static inline int64_t row_shaped_size(struct row_field_shape shape, const uint8_t *data, size_t left)
{
	if (shape.prefix_size == 0)
		return shape.fixed_size <= left ? (int64_t)shape.fixed_size : -1;
	if (left < shape.prefix_size)
		return -1;
	uint64_t size = bytes_load_uint(data, shape.prefix_size);
	return size <= left - shape.prefix_size ? (int64_t)(shape.prefix_size + size) : -1;
}

/* Builds an image column by column, in order. The buffer is the caller's. */
struct row_builder {
	struct buf *out;
	size_t bitmap_at;      /* where the null bitmap begins in out */
	unsigned column;       /* next column */
	unsigned column_count;
};
void row_builder_begin(struct row_builder *builder, struct buf *out, unsigned column_count);
void row_builder_null(struct row_builder *builder);
void row_builder_field(struct row_builder *builder, struct bytes packed); /* a packed field, length prefix included */
/* Or append the packed field to builder->out yourself (convert_to_packed), then: */
void row_builder_field_done(struct row_builder *builder);

/* Makes another server's image ours, to the bit: equal rows have equal bytes. */
void row_clear_padding(uint8_t *image, unsigned column_count);

/*
 * An image cut into fields. fields[i].data is NULL for NULL. The array is the caller's, types[] and fields[]
 * have column_count entries. -1 when the bytes do not fit the types (diag: ER_GET_ERRNO-like corruption).
 */
struct diag;
int row_split(struct bytes image, const struct column_type *const *types, unsigned column_count, struct bytes *fields,
	      struct diag *diag);

/* The text bytes of a packed string field (its length prefix dropped). */
struct bytes row_field_content(const struct column_type *type, struct bytes field);
