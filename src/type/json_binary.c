#include "type/json_binary.h"

#include "type/column_type.h"
#include "type/decimal.h"
#include "type/json_text.h"
#include "type/temporal.h"

enum { depth_max = 100 };

enum binary_type {
	BINARY_SMALL_OBJECT, BINARY_LARGE_OBJECT, BINARY_SMALL_ARRAY, BINARY_LARGE_ARRAY, BINARY_LITERAL,
	BINARY_INT16, BINARY_UINT16, BINARY_INT32, BINARY_UINT32, BINARY_INT64, BINARY_UINT64, BINARY_DOUBLE,
	BINARY_STRING, BINARY_OPAQUE = 15,
};

/* How deep, and how much may be written: values that share their bytes must not multiply. */
struct place {
	unsigned depth;
	size_t size_max; /* of out */
};

static bool print_value(uint8_t type, struct bytes data, struct place place, struct buf *out);

static bool print_literal(uint8_t literal, struct buf *out)
{
	static const char *const words[] = {"null", "true", "false"};
	if (literal > 2)
		return false;
	buf_put_string(out, words[literal]);
	return true;
}

static int64_t signed_of(const uint8_t *data, unsigned size)
{
	unsigned unused = 64 - 8 * size;
	return (int64_t)(bytes_load_uint(data, size) << unused) >> unused;
}

static bool print_number(uint8_t type, struct bytes data, struct buf *out)
{
	static const uint8_t sizes[] = {2, 2, 4, 4, 8, 8, 8};
	unsigned size = sizes[type - BINARY_INT16];
	if (data.size < size)
		return false;
	uint64_t bits = bytes_load_uint(data.data, size);
	double real;
	if (type == BINARY_DOUBLE) {
		memcpy(&real, &bits, sizeof real);
		json_text_put_double(real, out);
	} else if ((type - BINARY_INT16) % 2 == 0) {
		buf_printf(out, "%lld", (long long)signed_of(data.data, size));
	} else {
		buf_printf(out, "%llu", (unsigned long long)bits);
	}
	return true;
}

/* A length of seven bits a byte, low ones first, and that many bytes. */
static bool read_sized(struct bytes data, struct bytes *out)
{
	uint64_t size = 0;
	for (unsigned i = 0; i < 5 && i < data.size; i++) {
		size |= (uint64_t)(data.data[i] & 0x7f) << (7 * i);
		if (data.data[i] & 0x80)
			continue;
		if (size > data.size - i - 1)
			return false;
		*out = bytes_of(data.data + i + 1, (size_t)size);
		return true;
	}
	return false;
}

static bool print_string(struct bytes data, struct buf *out)
{
	struct bytes text;
	if (!read_sized(data, &text))
		return false;
	json_text_quote(text, out);
	return true;
}

static bool print_decimal(struct bytes content, struct buf *out)
{
	struct decimal decimal;
	char text[decimal_precision_max + 8 + 80];
	if (content.size < 2)
		return false;
	unsigned precision = content.data[0], scale = content.data[1];
	if (precision == 0 || precision > decimal_precision_max || scale > decimal_scale_max || scale > precision ||
	    content.size - 2 != decimal_packed_size(precision, scale) ||
	    decimal_unpack(content.data + 2, precision, scale, &decimal) != DECIMAL_OK)
		return false;
	buf_put(out, text, decimal_print(&decimal, text));
	return true;
}

/* SQL values that JSON has no type for: a field type, and its bytes. */
static bool print_opaque(struct bytes data, struct buf *out)
{
	struct bytes content;
	char text[32];
	if (data.size < 1 || !read_sized(bytes_of(data.data + 1, data.size - 1), &content))
		return false;
	uint8_t type = data.data[0];
	if (type == FIELD_NEWDECIMAL)
		return print_decimal(content, out);
	if (content.size != 8)
		return false;
	int64_t packed = (int64_t)bytes_load_uint(content.data, 8);
	size_t size;
	if (type == FIELD_DATE)
		size = date_print(packed, text);
	else if (type == FIELD_TIME)
		size = time_print(packed, 6, text);
	else if (type == FIELD_DATETIME || type == FIELD_TIMESTAMP)
		size = datetime_print(packed, 6, text);
	else
		return false;
	json_text_quote(bytes_of(text, size), out);
	return true;
}

/* Types whose value stands in the entry itself. */
static bool is_inlined(uint8_t type, bool large)
{
	return type == BINARY_LITERAL || type == BINARY_INT16 || type == BINARY_UINT16 ||
	       (large && (type == BINARY_INT32 || type == BINARY_UINT32));
}

static bool print_entry(struct bytes container, size_t entry, bool large, struct place place, struct buf *out)
{
	unsigned width = large ? 4 : 2;
	uint8_t type = container.data[entry];
	if (is_inlined(type, large))
		return print_value(type, bytes_of(container.data + entry + 1, width), place, out);
	uint64_t offset = bytes_load_uint(container.data + entry + 1, width);
	if (offset >= container.size)
		return false;
	return print_value(type, bytes_of(container.data + offset, container.size - offset), place, out);
}

static bool print_name(struct bytes container, size_t entry, bool large, struct buf *out)
{
	unsigned width = large ? 4 : 2;
	uint64_t offset = bytes_load_uint(container.data + entry, width);
	uint64_t size = bytes_load_uint(container.data + entry + width, 2);
	if (offset > container.size || size > container.size - offset)
		return false;
	json_text_quote(bytes_of(container.data + offset, (size_t)size), out);
	buf_put_string(out, ": ");
	return true;
}

static bool print_container(struct bytes data, bool object, bool large, struct place place, struct buf *out)
{
	unsigned width = large ? 4 : 2;
	if (++place.depth > depth_max || data.size < 2 * width)
		return false;
	uint64_t count = bytes_load_uint(data.data, width);
	uint64_t size = bytes_load_uint(data.data + width, width);
	size_t name_size = object ? width + 2 : 0, entry_size = 1 + width;
	if (size > data.size || 2 * width + count * (name_size + entry_size) > size)
		return false;
	data.size = (size_t)size;
	buf_put_u8(out, object ? '{' : '[');
	for (size_t i = 0; i < count; i++) {
		size_t entry = 2 * width + (size_t)count * name_size + i * entry_size;
		if (i)
			buf_put_string(out, ", ");
		if (object && !print_name(data, 2 * width + i * name_size, large, out))
			return false;
		if (!print_entry(data, entry, large, place, out) || out->size > place.size_max)
			return false;
	}
	buf_put_u8(out, object ? '}' : ']');
	return true;
}

static bool print_value(uint8_t type, struct bytes data, struct place place, struct buf *out)
{
	switch (type) {
	case BINARY_SMALL_OBJECT:
	case BINARY_LARGE_OBJECT: return print_container(data, true, type == BINARY_LARGE_OBJECT, place, out);
	case BINARY_SMALL_ARRAY:
	case BINARY_LARGE_ARRAY: return print_container(data, false, type == BINARY_LARGE_ARRAY, place, out);
	case BINARY_LITERAL: return data.size > 0 && print_literal(data.data[0], out);
	case BINARY_STRING: return print_string(data, out);
	case BINARY_OPAQUE: return print_opaque(data, out);
	default: return type >= BINARY_INT16 && type <= BINARY_DOUBLE && print_number(type, data, out);
	}
}

bool json_binary_print(struct bytes binary, struct buf *out)
{
	size_t start = out->size;
	/* MySQL logs a JSON null that came from nowhere as no bytes at all. */
	if (binary.size == 0)
		return print_literal(0, out);
	/* No byte stands for more than a few: a control character's escape has six. */
	struct place place = {.size_max = start + 4096 + binary.size * 16};
	if (print_value(binary.data[0], bytes_of(binary.data + 1, binary.size - 1), place, out))
		return true;
	out->size = start;
	return false;
}
