/*
 * TABLE_MAP: which table a number stands for, and the types of its columns.
 *
 *   table id u48 (u32 when the post header has 6 bytes), flags u16               the post header
 *   size u8, database, 0, size u8, table, 0, column count length-encoded, type u8 each,
 *   metadata size length-encoded, metadata (0..2 bytes a column, by type), null bits (count + 7) / 8,
 *   then optional metadata until the end: type u8, size length-encoded, value
 *
 *   1 signedness         a bit a numeric column, highest first   7 geometry types     length-encoded each
 *   2 default charset    collation, then pairs of (n-th text     8 primary key        column numbers
 *                        column, collation) that differ          9 primary key with prefixes  column, characters
 *   3 column charset     collation of each text column           10, 11 as 2 and 3, for ENUM and SET columns
 *   4 column names       size, name each                         12 visibility        a bit a column
 *   5 SET, 6 ENUM        number of values, then size, value, for each such column
 */
#include <string.h>

#include "binlog/event_internal.h"

enum { column_count_max = 4096 };
enum { type_blob_compressed = 140, type_varchar_compressed = 141 }; /* MariaDB's */

/* Bytes of metadata in the event. */
static unsigned metadata_size(uint8_t type)
{
	switch (type) {
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
	case FIELD_TINY_BLOB:
	case FIELD_MEDIUM_BLOB:
	case FIELD_LONG_BLOB:
	case FIELD_BLOB:
	case FIELD_JSON:
	case FIELD_GEOMETRY:
	case FIELD_TIME2:
	case FIELD_DATETIME2:
	case FIELD_TIMESTAMP2:
	case type_blob_compressed:
		return 1;
	case FIELD_VARCHAR:
	case FIELD_VAR_STRING:
	case FIELD_BIT:
	case FIELD_NEWDECIMAL:
	case FIELD_STRING:
	case FIELD_ENUM:
	case FIELD_SET:
	case type_varchar_compressed:
		return 2;
	default:
		return 0;
	}
}

static bool is_big_endian_metadata(uint8_t type)
{
	return type == FIELD_STRING || type == FIELD_ENUM || type == FIELD_SET || type == FIELD_NEWDECIMAL;
}

static int read_metadata(const struct event *event, struct bytes bytes, struct arena *arena,
			 struct event_table_map *map, struct diag *diag)
{
	uint16_t *metadata = arena_array(arena, uint16_t, map->column_count);
	struct cursor at = cursor_of(bytes);
	for (unsigned i = 0; i < map->column_count; i++) {
		uint8_t type = map->types[i];
		unsigned size = metadata_size(type);
		uint64_t value = is_big_endian_metadata(type) ? cursor_uint_be(&at, size) : cursor_uint(&at, size);
		metadata[i] = (uint16_t)value;
	}
	if (at.failed)
		return event_corrupt(event, diag, "its metadata is too short");
	map->metadata = metadata;
	return 0;
}

int event_decode_table_map(const struct event *event, struct arena *arena, struct event_table_map *out,
			   struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_table_map map = {.table_id = cursor_uint(&at, event_post_header_size(event) == 6 ? 4 : 6)};
	map.flags = cursor_u16(&at);
	map.db = cursor_bytes(&at, cursor_u8(&at));
	cursor_skip(&at, 1);
	map.table = cursor_bytes(&at, cursor_u8(&at));
	cursor_skip(&at, 1);
	uint64_t count = cursor_lenenc(&at);
	if (at.failed || count > column_count_max)
		return event_corrupt(event, diag, "it is too short or has too many columns");
	map.column_count = (unsigned)count;
	map.types = cursor_bytes(&at, map.column_count).data;
	struct bytes metadata = cursor_lenenc_bytes(&at);
	map.null_bits = cursor_bytes(&at, (map.column_count + 7) / 8).data;
	map.optional = cursor_rest(&at);
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	if (read_metadata(event, metadata, arena, &map, diag) < 0)
		return -1;
	*out = map;
	return 0;
}

static struct bytes copy_bytes(struct arena *arena, struct bytes bytes)
{
	return bytes_of(arena_copy(arena, bytes.data, bytes.size), bytes.size);
}

void event_table_map_copy(const struct event_table_map *from, struct arena *arena, struct event_table_map *out)
{
	struct event_table_map map = *from;
	map.db = copy_bytes(arena, from->db);
	map.table = copy_bytes(arena, from->table);
	map.optional = copy_bytes(arena, from->optional);
	map.types = arena_copy(arena, from->types, from->column_count);
	map.metadata = arena_copy(arena, from->metadata, from->column_count * sizeof *from->metadata);
	map.null_bits = arena_copy(arena, from->null_bits, (from->column_count + 7) / 8);
	*out = map;
}

/*
 * STRING's metadata is (real type, size). Sizes past 255 keep their two highest bits, inverted, in bits 4 and 5 of
 * the type, which are both set in every real type.
 */
enum field_type event_column_real_type(const struct event_table_map *map, unsigned column, unsigned *out_size)
{
	uint8_t type = map->types[column];
	uint16_t metadata = map->metadata[column];
	*out_size = metadata;
	if (type != FIELD_STRING && type != FIELD_ENUM && type != FIELD_SET)
		return type;
	uint8_t real = (uint8_t)(metadata >> 8);
	*out_size = metadata & 0xff;
	if (type != FIELD_STRING || real == FIELD_ENUM || real == FIELD_SET)
		return type == FIELD_STRING ? real : type;
	*out_size |= (unsigned)((real & 0x30) ^ 0x30) << 4;
	return FIELD_STRING;
}

/* ------------------------------------------------------------------------------------------ optional metadata */

enum optional_kind {
	OPTIONAL_SIGNEDNESS = 1,
	OPTIONAL_DEFAULT_CHARSET = 2,
	OPTIONAL_COLUMN_CHARSET = 3,
	OPTIONAL_COLUMN_NAME = 4,
	OPTIONAL_SET_VALUES = 5,
	OPTIONAL_ENUM_VALUES = 6,
	OPTIONAL_GEOMETRY_TYPE = 7,
	OPTIONAL_PRIMARY_KEY = 8,
	OPTIONAL_PRIMARY_KEY_PREFIX = 9,
	OPTIONAL_ENUM_SET_DEFAULT_CHARSET = 10,
	OPTIONAL_ENUM_SET_COLUMN_CHARSET = 11,
	OPTIONAL_VISIBILITY = 12,
};

/* Where the decoding stands: the map, the result, one value. */
struct optional {
	const struct event_table_map *map;
	struct arena *arena;
	struct event_table_metadata *out;
	struct cursor value;
};

typedef bool column_test(enum field_type real_type);

static bool is_numeric(enum field_type type)
{
	switch (type) {
	case FIELD_TINY:
	case FIELD_SHORT:
	case FIELD_INT24:
	case FIELD_LONG:
	case FIELD_LONGLONG:
	case FIELD_NEWDECIMAL:
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
		return true;
	default:
		return false;
	}
}

static bool is_text(enum field_type type)
{
	return type == FIELD_STRING || type == FIELD_VAR_STRING || type == FIELD_VARCHAR || type == FIELD_BLOB ||
	       type == FIELD_GEOMETRY;
}

static bool is_enum(enum field_type type) { return type == FIELD_ENUM; }
static bool is_set(enum field_type type) { return type == FIELD_SET; }
static bool is_enum_or_set(enum field_type type) { return type == FIELD_ENUM || type == FIELD_SET; }

/* The next column from `column` on that passes, or column_count. */
static unsigned next_column(const struct optional *at, unsigned column, column_test *test)
{
	unsigned size;
	while (column < at->map->column_count && !test(event_column_real_type(at->map, column, &size)))
		column++;
	return column;
}

static void read_signedness(struct optional *at)
{
	unsigned bit = 0;
	uint8_t bits = 0;
	at->out->has_signedness = true;
	for (unsigned i = next_column(at, 0, is_numeric); i < at->map->column_count;
	     i = next_column(at, i + 1, is_numeric)) {
		if (bit++ % 8 == 0)
			bits = cursor_u8(&at->value);
		at->out->columns[i].is_unsigned = bits & 0x80;
		bits = (uint8_t)(bits << 1);
	}
}

static void read_default_charset(struct optional *at, column_test *test)
{
	uint32_t collation_id = (uint32_t)cursor_lenenc(&at->value);
	for (unsigned i = next_column(at, 0, test); i < at->map->column_count; i = next_column(at, i + 1, test))
		at->out->columns[i].collation_id = collation_id;
	/* The exceptions count text columns only, and rise. */
	unsigned column = next_column(at, 0, test);
	uint64_t place = 0;
	while (cursor_left(&at->value)) {
		uint64_t wanted = cursor_lenenc(&at->value);
		uint32_t exception = (uint32_t)cursor_lenenc(&at->value);
		for (; place < wanted && column < at->map->column_count; place++)
			column = next_column(at, column + 1, test);
		if (place != wanted || column >= at->map->column_count) {
			at->value.failed = true;
			return;
		}
		at->out->columns[column].collation_id = exception;
	}
}

static void read_column_charset(struct optional *at, column_test *test)
{
	for (unsigned i = next_column(at, 0, test); i < at->map->column_count; i = next_column(at, i + 1, test))
		at->out->columns[i].collation_id = (uint32_t)cursor_lenenc(&at->value);
}

static void read_names(struct optional *at)
{
	at->out->has_names = true;
	for (unsigned i = 0; i < at->map->column_count; i++)
		at->out->columns[i].name = cursor_lenenc_bytes(&at->value);
}

static void read_values(struct optional *at, column_test *test)
{
	for (unsigned i = next_column(at, 0, test); i < at->map->column_count; i = next_column(at, i + 1, test)) {
		uint64_t count = cursor_lenenc(&at->value);
		if (count > cursor_left(&at->value)) {
			at->value.failed = true;
			return;
		}
		struct bytes *values = arena_array(at->arena, struct bytes, count);
		for (uint64_t j = 0; j < count; j++)
			values[j] = cursor_lenenc_bytes(&at->value);
		at->out->columns[i].names = values;
		at->out->columns[i].name_count = (unsigned)count;
	}
}

static void read_primary_key(struct optional *at, bool with_prefixes)
{
	unsigned *key = arena_array(at->arena, unsigned, at->map->column_count);
	unsigned size = 0;
	while (cursor_left(&at->value)) {
		uint64_t column = cursor_lenenc(&at->value);
		uint64_t prefix = with_prefixes ? cursor_lenenc(&at->value) : 0;
		if (column >= at->map->column_count || at->out->columns[column].in_primary_key) {
			at->value.failed = true;
			return;
		}
		at->out->columns[column].in_primary_key = true;
		at->out->columns[column].key_prefix = (uint32_t)prefix;
		key[size++] = (unsigned)column;
	}
	at->out->has_primary_key = true;
	at->out->primary_key = key;
	at->out->primary_key_size = size;
}

static void read_visibility(struct optional *at)
{
	uint8_t bits = 0;
	for (unsigned i = 0; i < at->map->column_count; i++) {
		if (i % 8 == 0)
			bits = cursor_u8(&at->value);
		at->out->columns[i].is_invisible = !(bits & 0x80);
		bits = (uint8_t)(bits << 1);
	}
}

static void read_optional(struct optional *at, uint8_t kind)
{
	switch (kind) {
	case OPTIONAL_SIGNEDNESS: read_signedness(at); break;
	case OPTIONAL_DEFAULT_CHARSET: read_default_charset(at, is_text); break;
	case OPTIONAL_COLUMN_CHARSET: read_column_charset(at, is_text); break;
	case OPTIONAL_COLUMN_NAME: read_names(at); break;
	case OPTIONAL_SET_VALUES: read_values(at, is_set); break;
	case OPTIONAL_ENUM_VALUES: read_values(at, is_enum); break;
	case OPTIONAL_PRIMARY_KEY: read_primary_key(at, false); break;
	case OPTIONAL_PRIMARY_KEY_PREFIX: read_primary_key(at, true); break;
	case OPTIONAL_ENUM_SET_DEFAULT_CHARSET: read_default_charset(at, is_enum_or_set); break;
	case OPTIONAL_ENUM_SET_COLUMN_CHARSET: read_column_charset(at, is_enum_or_set); break;
	case OPTIONAL_VISIBILITY: read_visibility(at); break;
	default: break; /* geometry types, and what later servers may add */
	}
	if (kind == OPTIONAL_DEFAULT_CHARSET || kind == OPTIONAL_COLUMN_CHARSET)
		at->out->has_charsets = true;
}

int event_decode_table_metadata(const struct event_table_map *map, struct arena *arena,
				struct event_table_metadata *out, struct diag *diag)
{
	const struct event event = {.type = EVENT_TABLE_MAP};
	struct event_table_metadata metadata = {
		.columns = arena_array(arena, struct event_column_metadata, map->column_count),
	};
	struct cursor list = cursor_of(map->optional);
	while (cursor_left(&list)) {
		uint8_t kind = cursor_u8(&list);
		struct optional at = {map, arena, &metadata, cursor_of(cursor_lenenc_bytes(&list))};
		if (!list.failed)
			read_optional(&at, kind);
		if (list.failed || at.value.failed)
			return event_corrupt(&event, diag, "its optional metadata is malformed");
	}
	*out = metadata;
	return 0;
}
