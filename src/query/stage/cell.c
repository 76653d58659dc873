#include "query/stage/cell.h"

#include <string.h>

enum { key_null, key_number, key_text, key_text_unknown, key_blob };

void cell_result(const struct cell *cell, sqlite3_context *context)
{
	switch (cell->type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: sqlite3_result_int64(context, cell->integer); break;
	case SQLITE_FLOAT: sqlite3_result_double(context, cell->real); break;
	case SQLITE_TEXT: result_text(context, cell->string); break;
	default: result_binary(context, cell->string);
	}
}

int cell_bind(const struct cell *cell, sqlite3_stmt *statement, int parameter)
{
	const void *data = cell->string.size ? (const void *)cell->string.data : "";
	switch (cell->type) {
	case SQLITE_NULL: return sqlite3_bind_null(statement, parameter);
	case SQLITE_INTEGER: return sqlite3_bind_int64(statement, parameter, cell->integer);
	case SQLITE_FLOAT: return sqlite3_bind_double(statement, parameter, cell->real);
	case SQLITE_TEXT:
		return sqlite3_bind_text64(statement, parameter, data, cell->string.size, SQLITE_STATIC, SQLITE_UTF8);
	default: return sqlite3_bind_blob64(statement, parameter, data, cell->string.size, SQLITE_STATIC);
	}
}

/* ------------------------------------------------------------------ packed: the type, eight bytes, the string */

void cell_pack(const struct cell *cell, struct buf *out)
{
	uint64_t bits = 0;
	buf_put_u8(out, (uint8_t)cell->type);
	if (cell->type == SQLITE_NULL)
		return;
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
	bytes_store_uint_be(bytes + 1, bits, 8);
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
	switch (cell->type) {
	case SQLITE_NULL: buf_put_u8(out, key_null); break;
	case SQLITE_INTEGER: put_number(out, (uint64_t)cell->integer); break;
	case SQLITE_FLOAT: put_number(out, bits_of_real(cell->real)); break;
	default: put_string(out, cell->type == SQLITE_TEXT ? key_text : key_blob, cell->string);
	}
}
