/* From SQLite's representation back to values. */
#include "query/value_sqlite.h"

static struct value packed_of(enum value_kind kind, unsigned decimals, int64_t packed)
{
	return (struct value){.kind = kind, .decimals = (uint8_t)(decimals > 6 ? 6 : decimals), .packed = packed};
}

static struct value integer_value(const struct argument *source, const struct column_type *type)
{
	uint64_t bits;
	if (argument_bits(source, &bits) || ((type->is_unsigned || type->zerofill) && (int64_t)bits >= 0) ||
	    type->kind == TYPE_BIT)
		return value_uint(bits);
	return value_int((int64_t)bits);
}

static void decimal_value(const struct argument *source, const struct column_type *type, struct decimal *decimal,
			  struct value *out)
{
	if (!argument_decimal(source, decimal))
		decimal_from_int(decimal, argument_integer(source));
	if (decimal->scale != type->decimals)
		decimal_fit(decimal, decimal_precision_max, type->decimals); /* digits are added as well as cut */
	*out = (struct value){.kind = VALUE_DECIMAL, .decimals = type->decimals, .decimal = decimal};
}

/* Names stay in their column's charset. */
static struct value names_value(uint64_t number, const struct column_type *type, struct buf *text)
{
	struct bytes name = bytes_of("", 0);
	if (type->kind == TYPE_ENUM) {
		if (number >= 1 && number <= type->name_count)
			name = type->names[number - 1];
		return value_string(name, type->collation);
	}
	buf_clear(text);
	for (unsigned i = 0; i < type->name_count && i < 64; i++) {
		if (!(number >> i & 1))
			continue;
		if (text->size > 0) {
			buf_put_zeros(text, type->collation->charset->min_char_size - 1);
			buf_put_u8(text, ',');
		}
		buf_put_bytes(text, type->names[i]);
	}
	return value_string(text->size ? buf_bytes(text) : name, type->collation);
}

void value_read(const struct argument *source, const struct program_item *item, struct decimal *decimal, struct buf *text,
		struct value *out)
{
	const struct column_type *type = &item->type;
	uint64_t number;
	if (source->type == SQLITE_NULL) {
		*out = value_null();
		return;
	}
	switch (item->class) {
	case CLASS_INTEGER: *out = integer_value(source, type); break;
	case CLASS_REAL:
		*out = value_double(argument_real(source));
		out->decimals = type->decimals;
		break;
	case CLASS_DECIMAL: decimal_value(source, type, decimal, out); break;
	case CLASS_DATE: *out = packed_of(VALUE_DATE, 0, argument_integer(source)); break;
	case CLASS_TIME: *out = packed_of(VALUE_TIME, type->decimals, argument_integer(source)); break;
	case CLASS_DATETIME: *out = packed_of(VALUE_DATETIME, type->decimals, argument_integer(source)); break;
	case CLASS_ENUM:
	case CLASS_SET:
		argument_bits(source, &number);
		*out = names_value(number, type, text);
		break;
	case CLASS_BINARY: *out = value_string(source->bytes, collation_binary); break;
	default: *out = value_string(source->bytes, item->collation); break;
	}
}

/* SQLite makes a number of a text, and a text of a number, where the class asks for one. */
static struct argument as_class(sqlite3_value *source, enum value_class class)
{
	int type = sqlite3_value_type(source);
	if (type == SQLITE_NULL)
		return (struct argument){.type = SQLITE_NULL};
	switch (class) {
	case CLASS_REAL: return (struct argument){.type = SQLITE_FLOAT, .real = sqlite3_value_double(source)};
	case CLASS_INTEGER: case CLASS_DECIMAL: case CLASS_ENUM: case CLASS_SET:
		if (type == SQLITE_BLOB)
			break;
		return (struct argument){.type = SQLITE_INTEGER, .integer = sqlite3_value_int64(source)};
	case CLASS_DATE: case CLASS_TIME: case CLASS_DATETIME:
		return (struct argument){.type = SQLITE_INTEGER, .integer = sqlite3_value_int64(source)};
	default: break;
	}
	return (struct argument){.type = SQLITE_BLOB, .bytes = text_of(source)};
}

void value_read_sqlite(sqlite3_value *source, const struct program_item *item, struct decimal *decimal, struct buf *text,
		       struct value *out)
{
	struct argument argument = as_class(source, item->class);
	value_read(&argument, item, decimal, text, out);
}
