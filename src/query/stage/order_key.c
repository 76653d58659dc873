#include "query/stage/order_key.h"

#include <endian.h>
#include <string.h>

#include "type/collation_key.h"

enum { key_null, key_value, key_large };
enum { characters_max = 40 }; /* of longer texts most are compared sooner than their keys are made */

bool order_key_fits(const struct tree_expr *expr)
{
	if (expr->class == CLASS_JSON)
		return false;
	if (expr->class != CLASS_TEXT)
		return true;
	if ((expr->type.kind != TYPE_CHAR && expr->type.kind != TYPE_VARCHAR) || expr->type.length > characters_max)
		return false;
	/* Texts come as UTF-8; keys of other charsets are made of texts in those. */
	const struct charset *charset = expr->type.collation ? expr->type.collation->charset : NULL;
	return charset && (charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3);
}

static void put_number(uint8_t tag, uint64_t bits, struct buf *out)
{
	uint8_t bytes[9] = {tag};
	bits = htobe64(bits);
	memcpy(bytes + 1, &bits, sizeof bits);
	buf_put(out, bytes, sizeof bytes);
}

static void put_integer(int64_t value, struct buf *out)
{
	put_number(key_value, (uint64_t)value ^ UINT64_C(1) << 63, out);
}

static void put_real(double real, struct buf *out)
{
	uint64_t bits;
	if (real == 0)
		real = 0;
	memcpy(&bits, &real, sizeof bits);
	put_number(key_value, bits >> 63 ? ~bits : bits ^ UINT64_C(1) << 63, out);
}

static void put_escaped(struct bytes string, struct buf *out)
{
	buf_put_u8(out, key_value);
	key_put_escaped(string, out);
}

static void put_decimal(const struct stage_input *input, const struct cell *cell, struct buf *out)
{
	uint8_t room[48];
	struct decimal value;
	if (!input->is_value && row_expr_bare(input->expr)->kind == TREE_COLUMN) {
		put_integer(cell->integer, out);
	} else if (cell->type == CELL_DECIMAL) {
		cell_decimal(cell, &value);
		put_escaped(bytes_of(room, decimal_sortable(&value, room)), out);
	} else {
		put_escaped(cell->string, out);
	}
}

static void put_value(const struct stage_input *input, const struct cell *cell, struct buf *out)
{
	switch (input->expr->class) {
	case CLASS_REAL: put_real(cell_real(cell), out); break;
	case CLASS_DECIMAL: put_decimal(input, cell, out); break;
	case CLASS_TEXT:
		buf_put_u8(out, key_value);
		collation_put_key(input->collation, cell->string, out);
		break;
	case CLASS_BINARY: put_escaped(cell->string, out); break;
	default:
		if (cell->type == SQLITE_BLOB)
			put_number(key_large, (uint64_t)cell_wide(cell), out);
		else
			put_integer(cell->integer, out);
	}
}

void order_key_put(const struct stage_input *input, const struct cell *cell, struct buf *out)
{
	size_t begin = out->size;
	if (cell_is_null(cell))
		buf_put_u8(out, key_null);
	else
		put_value(input, cell, out);
	for (size_t i = begin; input->is_descending && i < out->size; i++)
		out->data[i] = (uint8_t)~out->data[i];
}
