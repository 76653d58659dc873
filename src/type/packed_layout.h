/* Sizes of packed fields: what row.h's table says, for this folder's codecs. */
#pragma once

#include "type/column_type.h"

/* Bytes of a fraction of a second with fsp digits. */
static inline unsigned packed_fraction_size(unsigned fsp)
{
	return (fsp + 1) / 2;
}

/* Bytes of an ENUM's number. */
static inline unsigned packed_enum_size(unsigned name_count)
{
	return name_count < 256 ? 1 : 2;
}

/* Bytes of a SET's bits. */
static inline unsigned packed_set_size(unsigned name_count)
{
	unsigned size = (name_count + 7) / 8;
	return size > 4 ? 8 : size;
}

/* Most bytes of a CHAR's, VARCHAR's, BINARY's or VARBINARY's content. */
static inline uint32_t packed_string_max(const struct column_type *type)
{
	return type->length * (type->collation ? type->collation->charset->max_char_size : 1);
}

/* Bytes of the length in front of a string's content, 0 for types that have none. */
static inline unsigned packed_prefix_size(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
	case TYPE_VARBINARY: return packed_string_max(type) > 255 ? 2 : 1;
	case TYPE_TINYTEXT:
	case TYPE_TINYBLOB: return 1;
	case TYPE_TEXT:
	case TYPE_BLOB: return 2;
	case TYPE_MEDIUMTEXT:
	case TYPE_MEDIUMBLOB: return 3;
	case TYPE_LONGTEXT:
	case TYPE_LONGBLOB:
	case TYPE_JSON: return 4;
	default: return 0;
	}
}

/* Bytes of a field whose size does not depend on its value; only for types without a prefix. */
unsigned packed_fixed_size(const struct column_type *type);
