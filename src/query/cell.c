#include "query/cell.h"

#include <string.h>

enum { key_null, key_number, key_text, key_text_unknown, key_blob };

/* ------------------------------------------------------------------ numbers */

__int128 cell_wide(const struct cell *cell)
{
	if (cell->type != SQLITE_BLOB)
		return cell->integer;
	return cell->string.size == 8 ? (__int128)bytes_load_uint_be(cell->string.data, 8) : 0;
}

bool cell_decimal(const struct cell *cell, struct decimal *out)
{
	if (cell->type == SQLITE_BLOB)
		return decimal_from_sortable(cell->string, out) == DECIMAL_OK;
	decimal_from_int(out, cell->integer);
	out->scale = cell->scale;
	return cell->type == CELL_DECIMAL;
}

bool cell_make_small(const struct decimal *value, struct cell *out)
{
	uint64_t magnitude = 0;
	for (unsigned i = value->limb_count; i-- > 0;)
		if (__builtin_mul_overflow(magnitude, UINT64_C(1000000000), &magnitude) ||
		    __builtin_add_overflow(magnitude, value->limb[i], &magnitude))
			return false;
	if (magnitude > INT64_MAX)
		return false;
	*out = (struct cell){.type = CELL_DECIMAL, .scale = value->scale};
	out->integer = value->negative ? -(int64_t)magnitude : (int64_t)magnitude;
	return true;
}

/* As a BLOB, in room. */
static struct bytes sortable_of(const struct cell *cell, uint8_t room[48])
{
	struct decimal value;
	if (cell->type != CELL_DECIMAL)
		return cell->string;
	cell_decimal(cell, &value);
	return bytes_of(room, decimal_sortable(&value, room));
}

void cell_result(const struct cell *cell, sqlite3_context *context)
{
	uint8_t room[48];
	switch (cell->type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: sqlite3_result_int64(context, cell->integer); break;
	case SQLITE_FLOAT: sqlite3_result_double(context, cell->real); break;
	case SQLITE_TEXT: result_text(context, cell->string); break;
	default: result_binary(context, sortable_of(cell, room));
	}
}

/* ------------------------------------------------------------------ order */

static int compare_numbers(const struct cell *a, const struct cell *b)
{
	if (a->type != SQLITE_FLOAT && b->type != SQLITE_FLOAT)
		return (a->integer > b->integer) - (a->integer < b->integer);
	double one = cell_real(a), other = cell_real(b);
	return (one > other) - (one < other);
}

int cell_compare(const struct cell *a, const struct cell *b, const struct collation *collation)
{
	uint8_t room[48], other_room[48];
	if (a->type <= SQLITE_FLOAT && b->type <= SQLITE_FLOAT)
		return compare_numbers(a, b);
	if (a->type == CELL_DECIMAL && b->type == CELL_DECIMAL && a->scale == b->scale)
		return compare_numbers(a, b);
	if (a->type == SQLITE_TEXT && b->type == SQLITE_TEXT && collation)
		return collation_compare_utf8(collation, a->string, b->string);
	int kind = a->type == CELL_DECIMAL ? SQLITE_BLOB : a->type;
	int other_kind = b->type == CELL_DECIMAL ? SQLITE_BLOB : b->type;
	/* SQLite's types are numbered in their order. */
	return kind != other_kind ? kind - other_kind
				  : bytes_compare(sortable_of(a, room), sortable_of(b, other_room));
}

/* ------------------------------------------------------------------ packed: type, a DECIMAL's scale, eight bytes, string */

void cell_pack(const struct cell *cell, struct buf *out)
{
	uint64_t bits = 0;
	buf_put_u8(out, cell->type);
	if (cell->type == SQLITE_NULL)
		return;
	if (cell->type == CELL_DECIMAL)
		buf_put_u8(out, cell->scale);
	if (cell->type == SQLITE_TEXT || cell->type == SQLITE_BLOB)
		bits = cell->string.size;
	else
		memcpy(&bits, &cell->integer, sizeof bits);
	buf_put_u64(out, bits);
	if (cell_extra_size(cell))
		buf_put_bytes(out, cell->string);
}

bool cell_unpack(struct bytes *packed, struct cell *out)
{
	if (packed->size == 0)
		return false;
	*out = (struct cell){.type = packed->data[0]};
	*packed = bytes_of(packed->data + 1, packed->size - 1);
	if (out->type == SQLITE_NULL)
		return true;
	if (out->type == CELL_DECIMAL && packed->size > 0) {
		out->scale = packed->data[0];
		*packed = bytes_of(packed->data + 1, packed->size - 1);
	}
	if (packed->size < 8)
		return false;
	memcpy(&out->integer, packed->data, 8);
	*packed = bytes_of(packed->data + 8, packed->size - 8);
	if (out->type != SQLITE_TEXT && out->type != SQLITE_BLOB)
		return true;
	uint64_t size = (uint64_t)out->integer;
	if (size > packed->size)
		return false;
	out->string = bytes_of(packed->data, (size_t)size);
	*packed = bytes_of(packed->data + size, packed->size - (size_t)size);
	return true;
}

/* ------------------------------------------------------------------ keys */

static void put_number(struct buf *out, uint64_t bits)
{
	uint8_t bytes[9] = {key_number};
	memcpy(bytes + 1, &bits, sizeof bits);
	buf_put(out, bytes, sizeof bytes);
}

static uint64_t bits_of_real(double real)
{
	uint64_t bits;
	if (real == 0)
		real = 0;
	memcpy(&bits, &real, sizeof bits);
	return bits;
}

static void put_string(struct buf *out, uint8_t kind, struct bytes string)
{
	buf_put_u8(out, kind);
	buf_put_u64(out, string.size);
	if (string.size)
		buf_put_bytes(out, string);
}

/* Texts are UTF-8; a collation of another charset makes keys of texts in that one. */
static void put_text(struct buf *out, const struct collation *collation, struct bytes text)
{
	const struct charset *charset = collation->charset;
	if (charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3 || charset->id == CHARSET_ASCII ||
	    charset->id == CHARSET_BINARY) {
		buf_put_u8(out, key_text);
		collation_put_key(collation, text, out);
		return;
	}
	struct buf converted;
	buf_init(&converted);
	if (charset_convert(charset_get(CHARSET_UTF8MB4), text, charset, &converted) == 0) {
		buf_put_u8(out, key_text);
		collation_put_key(collation, buf_bytes(&converted), out);
	} else {
		put_string(out, key_text_unknown, text);
	}
	buf_deinit(&converted);
}

void cell_put_key(const struct cell *cell, const struct collation *collation, struct buf *out)
{
	if (cell->type == SQLITE_TEXT && collation)
		put_text(out, collation, cell->string);
	else
		cell_put_image(cell, out);
}

void cell_put_image(const struct cell *cell, struct buf *out)
{
	uint8_t room[48];
	switch (cell->type) {
	case SQLITE_NULL: buf_put_u8(out, key_null); break;
	case SQLITE_INTEGER: put_number(out, (uint64_t)cell->integer); break;
	case SQLITE_FLOAT: put_number(out, bits_of_real(cell->real)); break;
	case SQLITE_TEXT: put_string(out, key_text, cell->string); break;
	default: put_string(out, key_blob, sortable_of(cell, room));
	}
}
