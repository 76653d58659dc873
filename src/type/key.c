#include "type/key.h"

#include <assert.h>

#include "type/collation_key.h"
#include "type/packed_layout.h"
#include "type/row.h"

/* How a type's packed field becomes a key. */
enum key_shape {
	SHAPE_NONE,     /* cannot be part of a key, or has no value */
	SHAPE_NUMBER,   /* little endian: turned; signed integers have their first bit flipped */
	SHAPE_REAL,     /* little endian IEEE */
	SHAPE_VERBATIM, /* sorts already */
	SHAPE_TEXT,
	SHAPE_BINARY,
};

enum { key_null = 0, key_not_null = 1, sign_bit = 0x80 };

static enum key_shape shape_of(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_FLOAT:
	case TYPE_DOUBLE: return SHAPE_REAL;
	case TYPE_DECIMAL:
	case TYPE_BIT:
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return SHAPE_VERBATIM;
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_TINYTEXT:
	case TYPE_TEXT:
	case TYPE_MEDIUMTEXT:
	case TYPE_LONGTEXT: return SHAPE_TEXT;
	case TYPE_BINARY:
	case TYPE_VARBINARY:
	case TYPE_TINYBLOB:
	case TYPE_BLOB:
	case TYPE_MEDIUMBLOB:
	case TYPE_LONGBLOB: return SHAPE_BINARY;
	case TYPE_JSON:
	case TYPE_NULL: return SHAPE_NONE;
	default: return SHAPE_NUMBER;
	}
}

static bool is_signed(const struct column_type *type)
{
	return type_is_integer(type->kind) && !type->is_unsigned;
}

static void turn(const uint8_t *from, size_t size, uint8_t *to)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[size - 1 - i];
}

static void put_number(const struct column_type *type, struct bytes field, struct buf *out)
{
	uint8_t *to = buf_extend(out, field.size);
	turn(field.data, field.size, to);
	if (is_signed(type))
		to[0] ^= sign_bit;
}

static void put_real(struct bytes field, struct buf *out)
{
	uint64_t const sign = (uint64_t)sign_bit << 8 * (field.size - 1);
	uint64_t bits = bytes_load_uint(field.data, field.size);
	if (bits == sign)
		bits = 0; /* -0 */
	bits = bits & sign ? ~bits : bits | sign;
	bytes_store_uint_be(buf_extend(out, field.size), bits, field.size);
}

static struct bytes without_trailing(struct bytes content, uint8_t pad)
{
	while (content.size > 0 && content.data[content.size - 1] == pad)
		content.size--;
	return content;
}

static void put_string(const struct column_type *type, enum key_shape shape, uint32_t prefix_length,
		       struct bytes field, struct buf *out)
{
	struct bytes content = row_field_content(type, field);
	if (prefix_length > 0)
		content.size = shape == SHAPE_TEXT
				       ? charset_prefix_size(type->collation->charset, content, prefix_length)
				       : charset_prefix_size(charset_get(CHARSET_BINARY), content, prefix_length);
	if (shape == SHAPE_BINARY) {
		key_put_escaped(type->kind == TYPE_BINARY ? without_trailing(content, 0) : content, out);
		return;
	}
	if (type->kind == TYPE_CHAR && type->collation->charset->min_char_size == 1)
		content = without_trailing(content, ' ');
	collation_put_key(type->collation, content, out);
}

void key_put_field(const struct column_type *type, bool nullable, uint32_t prefix_length, struct bytes field,
		   struct buf *out)
{
	assert(nullable || field.data != NULL);
	if (nullable)
		buf_put_u8(out, field.data ? key_not_null : key_null);
	if (field.data == NULL)
		return;
	enum key_shape shape = shape_of(type);
	switch (shape) {
	case SHAPE_NUMBER: put_number(type, field, out); break;
	case SHAPE_REAL: put_real(field, out); break;
	case SHAPE_VERBATIM: buf_put_bytes(out, field); break;
	case SHAPE_TEXT:
	case SHAPE_BINARY: put_string(type, shape, prefix_length, field, out); break;
	case SHAPE_NONE: assert(!"a type that cannot be part of a key");
	}
}

/* The key behind the NULL marker, or -1. */
static int64_t value_size(const struct column_type *type, struct bytes key)
{
	switch (shape_of(type)) {
	case SHAPE_NONE: return -1;
	case SHAPE_TEXT: return collation_key_size(type->collation, key);
	case SHAPE_BINARY: return key_escaped_size(key);
	default: break;
	}
	unsigned size = packed_fixed_size(type);
	return size <= key.size ? (int64_t)size : -1;
}

/* Takes the NULL marker off: its size, or -1 when there is none where one must be. */
static int64_t take_marker(bool nullable, struct bytes *key, bool *out_is_null)
{
	*out_is_null = false;
	if (!nullable)
		return 0;
	if (key->size == 0 || key->data[0] > key_not_null)
		return -1;
	*out_is_null = key->data[0] == key_null;
	*key = bytes_of(key->data + 1, key->size - 1);
	return 1;
}

int64_t key_field_size(const struct column_type *type, bool nullable, struct bytes key)
{
	bool is_null;
	int64_t marker = take_marker(nullable, &key, &is_null);
	if (marker < 0 || is_null)
		return marker;
	int64_t size = value_size(type, key);
	return size < 0 ? -1 : marker + size;
}

bool key_is_reversible(const struct column_type *type)
{
	enum key_shape shape = shape_of(type);
	return shape == SHAPE_NUMBER || shape == SHAPE_VERBATIM || shape == SHAPE_BINARY;
}

/* The reverse of key_put_escaped, with the length that a packed field begins with. */
static void put_unescaped(const struct column_type *type, struct bytes key, struct buf *out)
{
	unsigned prefix = packed_prefix_size(type);
	size_t begin = out->size;
	buf_put_zeros(out, prefix);
	for (size_t at = 0; at + 2 < key.size; at++) {
		buf_put_u8(out, key.data[at]);
		if (key.data[at] == 0)
			at++;
	}
	bytes_store_uint(out->data + begin, out->size - begin - prefix, prefix);
}

int64_t key_to_field(const struct column_type *type, bool nullable, struct bytes key, struct buf *out_field)
{
	bool is_null;
	int64_t marker = take_marker(nullable, &key, &is_null);
	if (!key_is_reversible(type))
		return -1;
	if (marker < 0 || is_null)
		return marker;
	int64_t size = value_size(type, key);
	if (size < 0)
		return -1;
	key.size = (size_t)size;
	enum key_shape shape = shape_of(type);
	if (shape == SHAPE_BINARY) {
		put_unescaped(type, key, out_field);
	} else if (shape == SHAPE_VERBATIM) {
		buf_put_bytes(out_field, key);
	} else {
		uint8_t *to = buf_extend(out_field, key.size);
		turn(key.data, key.size, to);
		if (is_signed(type))
			to[key.size - 1] ^= sign_bit;
	}
	return marker + size;
}

bool key_successor(struct buf *key)
{
	size_t size = key->size;
	while (size > 0 && key->data[size - 1] == 0xff)
		size--;
	if (size == 0)
		return false;
	key->data[size - 1]++;
	key->size = size;
	return true;
}
