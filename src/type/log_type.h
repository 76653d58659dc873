/*
 * The types of a table as its source logged them, and the way from there to our columns.
 *
 * A TABLE_MAP event names each column's type by one byte and up to two bytes of metadata. That says less than
 * a column_type (no charset, no names of an ENUM) and sometimes more (the old forms of times that MySQL 5.5 and
 * MariaDB may send). So it has a struct of its own. The applier asks log_type_match once per table map and
 * column, then, per row, copies the field (LOG_TYPE_SAME) or converts it (LOG_TYPE_CONVERTS).
 *
 * Pure functions, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "type/column_type.h"

struct log_type {
	enum field_type type; /* ENUM and SET are told from the STRING they travel as */
	bool is_unsigned;     /* not in the event's type bytes: set it from the optional metadata or the local column */
	/*
	 * CHAR, VARCHAR (and their binary brothers): most bytes. DECIMAL: precision. BIT: bits.
	 * ENUM, SET: bytes of the number. *BLOB, JSON: bytes of the length. Others: bytes of the field without
	 * its fraction of a second.
	 */
	uint32_t length;
	uint8_t decimals; /* DECIMAL: scale. TIME2, DATETIME2, TIMESTAMP2: digits of fraction */
	const struct collation *collation; /* of text, when the source tells: set it from the optional metadata; or NULL */
};

/*
 * Reads one column's metadata; the cursor stands where the column's begins and moves past it. -1 for a type
 * byte nobody knows, metadata that ends early or numbers that cannot be (diag: ER_SLAVE_FATAL_ERROR).
 */
int log_type_read(uint8_t type_byte, struct cursor *metadata, bool is_unsigned, struct log_type *out,
		  struct diag *diag);

/* What our own TABLE_MAP says about a column. */
void log_type_of(const struct column_type *type, struct log_type *out);

/* The size of the packed field that begins at data, or -1 when the left bytes are too few for it. */
int64_t log_type_field_size(const struct log_type *type, const uint8_t *data, size_t left);

/* The type as error messages name it: "varchar(40(bytes))". Appended. */
void log_type_print(const struct log_type *type, struct buf *out);

/* slave_type_conversions, MySQL's bits. */
enum log_type_policy {
	LOG_TYPE_ALL_LOSSY = 1,     /* values may be cut to fit */
	LOG_TYPE_ALL_NON_LOSSY = 2, /* the local type may be wider */
	LOG_TYPE_ALL_UNSIGNED = 4,  /* integers of the source are unsigned when the event does not say */
	LOG_TYPE_ALL_SIGNED = 8,    /* the same, signed: the default */
};

enum log_type_match {
	LOG_TYPE_SAME,     /* the bytes are the local field */
	LOG_TYPE_CONVERTS, /* log_type_convert, allowed by the policy */
	LOG_TYPE_REFUSED,  /* ER_SLAVE_CONVERSION_FAILED (1677): the caller knows column and table for the message */
};

/* True when a packed field of `from` is, byte for byte, a packed field of `to`. */
bool log_type_same(const struct log_type *from, const struct column_type *to);
enum log_type_match log_type_match(const struct log_type *from, const struct column_type *to, unsigned policy);

/*
 * Appends the local field for a field that is not NULL. Values out of the local type's range become the nearest
 * legal ones, as in MySQL. The arena holds intermediate texts. LOG_TYPE_CONVERTS: done. LOG_TYPE_REFUSED:
 * the types do not convert, or the field's bytes are not of their type; nothing was appended.
 */
enum log_type_match log_type_convert(const struct log_type *from, struct bytes field, const struct column_type *to,
				     struct arena *arena, struct buf *out);
