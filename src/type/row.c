#include "type/row.h"

#include <assert.h>

#include "base/diag.h"
#include "type/packed_layout.h"

struct row_field_shape row_field_shape(const struct column_type *type)
{
	unsigned prefix = packed_prefix_size(type);
	return (struct row_field_shape){
		.prefix_size = (uint8_t)prefix,
		.fixed_size = (uint16_t)(prefix ? 0 : packed_fixed_size(type)),
	};
}

int64_t row_field_size(const struct column_type *type, const uint8_t *data, size_t left)
{
	return row_shaped_size(row_field_shape(type), data, left);
}

void row_builder_begin(struct row_builder *builder, struct buf *out, unsigned column_count)
{
	*builder = (struct row_builder){.out = out, .bitmap_at = out->size, .column_count = column_count};
	buf_put_zeros(out, (column_count + 7) / 8);
}

void row_builder_null(struct row_builder *builder)
{
	assert(builder->column < builder->column_count);
	unsigned column = builder->column++;
	builder->out->data[builder->bitmap_at + column / 8] |= (uint8_t)(1u << column % 8);
}

void row_builder_field(struct row_builder *builder, struct bytes packed)
{
	buf_put_bytes(builder->out, packed);
	row_builder_field_done(builder);
}

void row_builder_field_done(struct row_builder *builder)
{
	assert(builder->column < builder->column_count);
	builder->column++;
}

void row_clear_padding(uint8_t *image, unsigned column_count)
{
	if (column_count % 8)
		image[column_count / 8] &= (uint8_t)((1u << column_count % 8) - 1);
}

static int corrupt(struct diag *diag, const char *what, unsigned column)
{
	return diag_set_message(diag, ER_GET_ERRNO, "Corrupt row image: %s (column %u)", what, column);
}

int row_split(struct bytes image, const struct column_type *const *types, unsigned column_count, struct bytes *fields,
	      struct diag *diag)
{
	size_t bitmap_size = (column_count + 7) / 8;
	if (image.size < bitmap_size)
		return corrupt(diag, "it ends within the null bitmap", 0);
	const uint8_t *at = image.data + bitmap_size;
	size_t left = image.size - bitmap_size;
	for (unsigned i = 0; i < column_count; i++) {
		if (image.data[i / 8] >> i % 8 & 1) {
			fields[i] = bytes_of(NULL, 0);
			continue;
		}
		int64_t size = row_field_size(types[i], at, left);
		if (size < 0)
			return corrupt(diag, "it ends within a field", i);
		fields[i] = bytes_of(at, (size_t)size);
		at += size;
		left -= (size_t)size;
	}
	return left ? corrupt(diag, "bytes are left behind the last field", column_count) : 0;
}

struct bytes row_field_content(const struct column_type *type, struct bytes field)
{
	unsigned prefix = packed_prefix_size(type);
	if (field.data == NULL || prefix > field.size)
		return bytes_of(field.data, 0);
	return bytes_of(field.data + prefix, field.size - prefix);
}
