/*
 * The type of a column: what may be stored there, how it is packed and how it is announced to clients.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "type/collation.h"

/* MySQL's enum_field_types: the numbers of the protocol and of TABLE_MAP events. */
enum field_type {
	FIELD_DECIMAL = 0, FIELD_TINY = 1, FIELD_SHORT = 2, FIELD_LONG = 3, FIELD_FLOAT = 4, FIELD_DOUBLE = 5,
	FIELD_NULL = 6, FIELD_TIMESTAMP = 7, FIELD_LONGLONG = 8, FIELD_INT24 = 9, FIELD_DATE = 10, FIELD_TIME = 11,
	FIELD_DATETIME = 12, FIELD_YEAR = 13, FIELD_NEWDATE = 14, FIELD_VARCHAR = 15, FIELD_BIT = 16,
	FIELD_TIMESTAMP2 = 17, FIELD_DATETIME2 = 18, FIELD_TIME2 = 19, FIELD_JSON = 245, FIELD_NEWDECIMAL = 246,
	FIELD_ENUM = 247, FIELD_SET = 248, FIELD_TINY_BLOB = 249, FIELD_MEDIUM_BLOB = 250, FIELD_LONG_BLOB = 251,
	FIELD_BLOB = 252, FIELD_VAR_STRING = 253, FIELD_STRING = 254, FIELD_GEOMETRY = 255,
};

/* What the column was declared as. The evaluator and SHOW think in these; the codec in field_type. */
enum type_kind {
	TYPE_TINYINT, TYPE_SMALLINT, TYPE_MEDIUMINT, TYPE_INT, TYPE_BIGINT, TYPE_FLOAT, TYPE_DOUBLE, TYPE_DECIMAL,
	TYPE_BIT, TYPE_YEAR, TYPE_DATE, TYPE_TIME, TYPE_DATETIME, TYPE_TIMESTAMP,
	TYPE_CHAR, TYPE_VARCHAR, TYPE_BINARY, TYPE_VARBINARY,
	TYPE_TINYTEXT, TYPE_TEXT, TYPE_MEDIUMTEXT, TYPE_LONGTEXT,
	TYPE_TINYBLOB, TYPE_BLOB, TYPE_MEDIUMBLOB, TYPE_LONGBLOB,
	TYPE_ENUM, TYPE_SET, TYPE_JSON, TYPE_NULL,
};

struct column_type {
	enum type_kind kind;
	bool is_unsigned;
	bool zerofill;
	/*
	 * CHAR, VARCHAR: characters. BINARY, VARBINARY: bytes. Integers, FLOAT(M,D), DOUBLE(M,D): display
	 * width, 0 when not given. DECIMAL: precision. BIT: bits. YEAR: 4. TEXT/BLOB: unused.
	 */
	uint32_t length;
	uint8_t decimals; /* DECIMAL: scale. FLOAT/DOUBLE(M,D): D, 31 when not given. TIME/DATETIME/TIMESTAMP: fsp */
	const struct collation *collation; /* text, ENUM, SET; collation_binary for all else */
	const struct bytes *names;         /* ENUM, SET: names in the column's charset, borrowed from the type's owner */
	uint16_t name_count;
};

bool type_is_integer(enum type_kind kind);
bool type_is_numeric(enum type_kind kind);  /* integers, FLOAT, DOUBLE, DECIMAL, BIT, YEAR */
bool type_is_temporal(enum type_kind kind); /* DATE, TIME, DATETIME, TIMESTAMP */
bool type_is_string(enum type_kind kind);   /* CHAR..LONGBLOB, ENUM, SET, JSON */
bool type_is_text(enum type_kind kind);     /* has a character set: CHAR, VARCHAR, *TEXT, ENUM, SET, JSON */
bool type_is_blob(enum type_kind kind);     /* *TEXT, *BLOB, JSON: no length limit of its own, need key prefixes */

/* "int unsigned", "varchar(128)", "enum('a','b')": information_schema's COLUMN_TYPE, as SHOW CREATE TABLE prints it.
   MySQL 8.0.35's display: no width on integers unless zerofill or tinyint(1). */
void type_print(const struct column_type *type, struct buf *out);
/* What a result set's column definition announces. */
enum field_type type_wire_type(const struct column_type *type);
/* Column definition length: the largest text, in bytes of max_char_size for text (MySQL's rule). */
uint32_t type_wire_length(const struct column_type *type, const struct charset *results_charset);
/* TABLE_MAP's type byte and its metadata (0..2 bytes appended). */
enum field_type type_log_type(const struct column_type *type);
void type_put_log_metadata(const struct column_type *type, struct buf *out);
/* Most bytes the packed value takes, its length prefix included. */
uint64_t type_packed_size_max(const struct column_type *type);
/* Octets a value may hold: CHARACTER_OCTET_LENGTH. 255 for TINYTEXT, 65535 for TEXT, ... */
uint64_t type_octet_length(const struct column_type *type);
