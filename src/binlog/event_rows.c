/*
 * WRITE, UPDATE and DELETE ROWS: images of rows of one table.
 *
 *   table id u48 (u32 when the post header has 6 bytes), flags u16               the post header, version 1
 *   extra size u16 (itself included), extra ...                                  version 2 has that too
 *   column count length-encoded, columns that are there (count + 7) / 8, UPDATE: the same of the after-images
 *   rows: each WRITE an after-image, DELETE a before-image, UPDATE both
 *
 * An image is a null bitmap over the columns that are there, then their fields (type/row.h) but NULLs.
 */
#include <string.h>

#include "binlog/event_internal.h"

enum { type_blob_compressed = 140, type_varchar_compressed = 141 }; /* MariaDB's: packed like their plain types */

static int64_t decimal_size(unsigned precision, unsigned scale)
{
	static const uint8_t bytes_of_digits[10] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
	if (precision == 0 || precision > 65 || scale > precision)
		return -1;
	unsigned whole = precision - scale;
	return (int64_t)(whole / 9 * 4 + bytes_of_digits[whole % 9] + scale / 9 * 4 + bytes_of_digits[scale % 9]);
}

static int64_t temporal_size(unsigned fixed, uint16_t digits)
{
	return digits <= 6 ? (int64_t)fixed + (digits + 1) / 2 : -1;
}

/* A length of prefix bytes, then that many. */
static int64_t prefixed_size(unsigned prefix, const uint8_t *data, size_t left)
{
	if (prefix < 1 || prefix > 4 || left < prefix)
		return -1;
	return (int64_t)prefix + (int64_t)bytes_load_uint(data, prefix);
}

static int64_t string_size(uint16_t metadata, const uint8_t *data, size_t left)
{
	struct event_table_map map = {.types = (const uint8_t[]){FIELD_STRING}, .metadata = &metadata};
	unsigned size;
	enum field_type real = event_column_real_type(&map, 0, &size);
	if (real == FIELD_ENUM || real == FIELD_SET)
		return size >= 1 && size <= 8 ? (int64_t)size : -1;
	return prefixed_size(size > 255 ? 2 : 1, data, left);
}

/* What the type says, before it is known that so many bytes are there. */
static int64_t wanted_size(uint8_t type, uint16_t metadata, const uint8_t *data, size_t left)
{
	switch (type) {
	case FIELD_NULL: return 0;
	case FIELD_TINY:
	case FIELD_YEAR: return 1;
	case FIELD_SHORT: return 2;
	case FIELD_INT24:
	case FIELD_DATE:
	case FIELD_NEWDATE:
	case FIELD_TIME: return 3;
	case FIELD_LONG:
	case FIELD_FLOAT:
	case FIELD_TIMESTAMP: return 4;
	case FIELD_LONGLONG:
	case FIELD_DOUBLE:
	case FIELD_DATETIME: return 8;
	case FIELD_TIME2: return temporal_size(3, metadata);
	case FIELD_TIMESTAMP2: return temporal_size(4, metadata);
	case FIELD_DATETIME2: return temporal_size(5, metadata);
	case FIELD_BIT: return (metadata >> 8) + ((metadata & 0xff) != 0);
	case FIELD_NEWDECIMAL: return decimal_size(metadata >> 8, metadata & 0xff);
	case FIELD_ENUM:
	case FIELD_SET: return (metadata & 0xff) <= 8 ? metadata & 0xff : -1;
	case FIELD_STRING: return string_size(metadata, data, left);
	case FIELD_VARCHAR:
	case FIELD_VAR_STRING:
	case type_varchar_compressed: return prefixed_size(metadata > 255 ? 2 : 1, data, left);
	case FIELD_TINY_BLOB:
	case FIELD_MEDIUM_BLOB:
	case FIELD_LONG_BLOB:
	case FIELD_BLOB:
	case FIELD_GEOMETRY:
	case FIELD_JSON:
	case type_blob_compressed: return prefixed_size(metadata, data, left);
	default: return -1;
	}
}

int64_t event_field_size(uint8_t type, uint16_t metadata, const uint8_t *data, size_t left)
{
	int64_t size = wanted_size(type, metadata, data, left);
	return size < 0 || (uint64_t)size > left ? -1 : size;
}

struct rows_type {
	enum event_rows_kind kind;
	bool is_v2;
};

static bool rows_type_of(uint8_t type, struct rows_type *out)
{
	if (type >= EVENT_WRITE_ROWS_V1 && type <= EVENT_DELETE_ROWS_V1)
		*out = (struct rows_type){(enum event_rows_kind)(type - EVENT_WRITE_ROWS_V1), false};
	else if (type >= EVENT_WRITE_ROWS && type <= EVENT_DELETE_ROWS)
		*out = (struct rows_type){(enum event_rows_kind)(type - EVENT_WRITE_ROWS), true};
	else
		return false;
	return true;
}

static void skip_extra(struct cursor *at)
{
	uint16_t size = cursor_u16(at);
	if (size < 2)
		at->failed = true;
	else
		cursor_skip(at, size - 2u);
}

int event_decode_rows(const struct event *event, struct event_rows *out, struct diag *diag)
{
	struct rows_type type;
	if (!rows_type_of(event->type, &type))
		return event_corrupt(event, diag, "it holds no plain rows");
	struct cursor at = cursor_of(event->body);
	struct event_rows rows = {.kind = type.kind};
	rows.table_id = cursor_uint(&at, event_post_header_size(event) == 6 ? 4 : 6);
	rows.flags = cursor_u16(&at);
	if (type.is_v2)
		skip_extra(&at);
	uint64_t count = cursor_lenenc(&at);
	if (at.failed || count > cursor_left(&at) * 8)
		return event_corrupt(event, diag, "it is too short");
	rows.column_count = (unsigned)count;
	size_t bitmap_size = (rows.column_count + 7) / 8;
	rows.before_columns = rows.after_columns = cursor_bytes(&at, bitmap_size).data;
	if (rows.kind == EVENT_ROWS_UPDATE)
		rows.after_columns = cursor_bytes(&at, bitmap_size).data;
	rows.rows = cursor_rest(&at);
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out = rows;
	return 0;
}

bool event_columns_are_complete(const uint8_t *columns, unsigned column_count)
{
	for (unsigned i = 0; i < column_count / 8; i++)
		if (columns[i] != 0xff)
			return false;
	uint8_t rest = (uint8_t)((1u << column_count % 8) - 1);
	return rest == 0 || (columns[column_count / 8] & rest) == rest;
}

static unsigned count_columns(const uint8_t *columns, unsigned column_count)
{
	unsigned count = 0;
	for (unsigned i = 0; i < column_count; i++)
		count += event_bit(columns, i);
	return count;
}

/*
 * Reads one image at the cursor. fields may be NULL, when only its end is wanted. False: corrupt.
 */
static bool read_image(const struct event_table_map *map, const uint8_t *columns, struct cursor *at,
		       struct bytes *fields)
{
	const uint8_t *nulls = cursor_bytes(at, (count_columns(columns, map->column_count) + 7) / 8).data;
	unsigned place = 0;
	for (unsigned i = 0; i < map->column_count && !at->failed; i++) {
		if (fields)
			fields[i] = bytes_of(NULL, 0);
		if (!event_bit(columns, i) || event_bit(nulls, place++))
			continue;
		int64_t size = event_field_size(map->types[i], map->metadata[i], at->at, cursor_left(at));
		if (size < 0)
			return false;
		struct bytes field = cursor_bytes(at, (size_t)size);
		if (fields)
			fields[i] = field;
	}
	return !at->failed;
}

void event_rows_walk_init(struct event_rows_walk *walk, const struct event_rows *rows,
			  const struct event_table_map *map)
{
	*walk = (struct event_rows_walk){rows, map, cursor_of(rows->rows)};
}

static bool next_image(struct event_rows_walk *walk, const uint8_t *columns, struct bytes *out)
{
	const uint8_t *begin = walk->cursor.at;
	if (!read_image(walk->map, columns, &walk->cursor, NULL))
		return false;
	*out = bytes_of(begin, (size_t)(walk->cursor.at - begin));
	return true;
}

static enum event_walk_outcome walk_corrupt(const struct event_rows_walk *walk, struct diag *diag, const char *what)
{
	struct event event = {.type = (uint8_t)(EVENT_WRITE_ROWS + walk->rows->kind)};
	event_corrupt(&event, diag, what);
	return EVENT_WALK_CORRUPT;
}

enum event_walk_outcome event_rows_next(struct event_rows_walk *walk, struct event_row *out_row, struct diag *diag)
{
	const struct event_rows *rows = walk->rows;
	if (cursor_left(&walk->cursor) == 0)
		return walk->cursor.failed ? walk_corrupt(walk, diag, "it was corrupt before") : EVENT_WALK_END;
	if (rows->column_count != walk->map->column_count)
		return walk_corrupt(walk, diag, "its columns are not those of its table map");
	const uint8_t *begin = walk->cursor.at;
	struct event_row row = {0};
	if ((rows->kind != EVENT_ROWS_WRITE && !next_image(walk, rows->before_columns, &row.before)) ||
	    (rows->kind != EVENT_ROWS_DELETE && !next_image(walk, rows->after_columns, &row.after))) {
		walk->cursor.failed = true;
		return walk_corrupt(walk, diag, "a row does not fit the types of its table map");
	}
	if (walk->cursor.at == begin) {
		/* No columns at all: rows without a byte would never end. */
		walk->cursor.failed = true;
		return walk_corrupt(walk, diag, "its rows are empty");
	}
	*out_row = row;
	return EVENT_WALK_ROW;
}

int event_image_split(const struct event_table_map *map, const uint8_t *columns, struct bytes image,
		      struct bytes *fields, struct diag *diag)
{
	struct cursor at = cursor_of(image);
	if (read_image(map, columns, &at, fields) && cursor_done(&at))
		return 0;
	struct event event = {.type = EVENT_TABLE_MAP};
	return event_corrupt(&event, diag, "an image does not fit its types");
}
