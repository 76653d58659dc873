#include "type/column_type.h"

#include "type/decimal.h"
#include "type/packed_layout.h"

/* What each kind is, by its place in enum type_kind. */
struct kind_row {
	const char *name;
	enum field_type wire;
	enum field_type log;
	uint8_t size;           /* of the packed field, or of its length prefix; 0: it depends */
	uint8_t width;          /* display width of a signed number, its sign included */
	uint8_t unsigned_width; /* of an unsigned one */
};

static const struct kind_row kind_table[] = {
	[TYPE_TINYINT] = {"tinyint", FIELD_TINY, FIELD_TINY, 1, 4, 3},
	[TYPE_SMALLINT] = {"smallint", FIELD_SHORT, FIELD_SHORT, 2, 6, 5},
	[TYPE_MEDIUMINT] = {"mediumint", FIELD_INT24, FIELD_INT24, 3, 9, 8},
	[TYPE_INT] = {"int", FIELD_LONG, FIELD_LONG, 4, 11, 10},
	[TYPE_BIGINT] = {"bigint", FIELD_LONGLONG, FIELD_LONGLONG, 8, 20, 20},
	[TYPE_FLOAT] = {"float", FIELD_FLOAT, FIELD_FLOAT, 4, 12, 12},
	[TYPE_DOUBLE] = {"double", FIELD_DOUBLE, FIELD_DOUBLE, 8, 22, 22},
	[TYPE_DECIMAL] = {"decimal", FIELD_NEWDECIMAL, FIELD_NEWDECIMAL, 0, 0, 0},
	[TYPE_BIT] = {"bit", FIELD_BIT, FIELD_BIT, 0, 0, 0},
	[TYPE_YEAR] = {"year", FIELD_YEAR, FIELD_YEAR, 1, 4, 4},
	[TYPE_DATE] = {"date", FIELD_DATE, FIELD_DATE, 3, 10, 10},
	[TYPE_TIME] = {"time", FIELD_TIME, FIELD_TIME2, 3, 10, 10},
	[TYPE_DATETIME] = {"datetime", FIELD_DATETIME, FIELD_DATETIME2, 5, 19, 19},
	[TYPE_TIMESTAMP] = {"timestamp", FIELD_TIMESTAMP, FIELD_TIMESTAMP2, 4, 19, 19},
	[TYPE_CHAR] = {"char", FIELD_STRING, FIELD_STRING, 0, 0, 0},
	[TYPE_VARCHAR] = {"varchar", FIELD_VAR_STRING, FIELD_VARCHAR, 0, 0, 0},
	[TYPE_BINARY] = {"binary", FIELD_STRING, FIELD_STRING, 0, 0, 0},
	[TYPE_VARBINARY] = {"varbinary", FIELD_VAR_STRING, FIELD_VARCHAR, 0, 0, 0},
	[TYPE_TINYTEXT] = {"tinytext", FIELD_BLOB, FIELD_BLOB, 1, 0, 0},
	[TYPE_TEXT] = {"text", FIELD_BLOB, FIELD_BLOB, 2, 0, 0},
	[TYPE_MEDIUMTEXT] = {"mediumtext", FIELD_BLOB, FIELD_BLOB, 3, 0, 0},
	[TYPE_LONGTEXT] = {"longtext", FIELD_BLOB, FIELD_BLOB, 4, 0, 0},
	[TYPE_TINYBLOB] = {"tinyblob", FIELD_BLOB, FIELD_BLOB, 1, 0, 0},
	[TYPE_BLOB] = {"blob", FIELD_BLOB, FIELD_BLOB, 2, 0, 0},
	[TYPE_MEDIUMBLOB] = {"mediumblob", FIELD_BLOB, FIELD_BLOB, 3, 0, 0},
	[TYPE_LONGBLOB] = {"longblob", FIELD_BLOB, FIELD_BLOB, 4, 0, 0},
	[TYPE_ENUM] = {"enum", FIELD_STRING, FIELD_STRING, 0, 0, 0},
	[TYPE_SET] = {"set", FIELD_STRING, FIELD_STRING, 0, 0, 0},
	[TYPE_JSON] = {"json", FIELD_JSON, FIELD_BLOB, 4, 0, 0},
	[TYPE_NULL] = {"null", FIELD_NULL, FIELD_NULL, 0, 0, 0},
};

bool type_is_integer(enum type_kind kind)
{
	return kind <= TYPE_BIGINT;
}

bool type_is_numeric(enum type_kind kind)
{
	return kind <= TYPE_YEAR;
}

bool type_is_temporal(enum type_kind kind)
{
	return kind >= TYPE_DATE && kind <= TYPE_TIMESTAMP;
}

bool type_is_string(enum type_kind kind)
{
	return kind >= TYPE_CHAR && kind <= TYPE_JSON;
}

bool type_is_text(enum type_kind kind)
{
	return kind == TYPE_CHAR || kind == TYPE_VARCHAR || (kind >= TYPE_TINYTEXT && kind <= TYPE_LONGTEXT) ||
	       (kind >= TYPE_ENUM && kind <= TYPE_JSON);
}

bool type_is_blob(enum type_kind kind)
{
	return (kind >= TYPE_TINYTEXT && kind <= TYPE_LONGBLOB) || kind == TYPE_JSON;
}

unsigned packed_fixed_size(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_DECIMAL: return (unsigned)decimal_packed_size(type->length, type->decimals);
	case TYPE_BIT: return (type->length + 7) / 8;
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return kind_table[type->kind].size + packed_fraction_size(type->decimals);
	case TYPE_ENUM: return packed_enum_size(type->name_count);
	case TYPE_SET: return packed_set_size(type->name_count);
	default: return kind_table[type->kind].size;
	}
}

static unsigned default_width(const struct column_type *type)
{
	const struct kind_row *row = &kind_table[type->kind];
	return type->is_unsigned || type->zerofill ? row->unsigned_width : row->width;
}

/* A name between quotes, in UTF-8, with what would break the quotes escaped. */
static void print_name(struct bytes name, const struct charset *charset, struct buf *out)
{
	struct buf utf8;
	buf_init(&utf8);
	charset_convert(charset, name, charset_get(CHARSET_UTF8MB4), &utf8);
	buf_put_u8(out, '\'');
	for (size_t i = 0; i < utf8.size; i++) {
		switch (utf8.data[i]) {
		case '\'': buf_put_string(out, "''"); break;
		case '\\': buf_put_string(out, "\\\\"); break;
		case '\n': buf_put_string(out, "\\n"); break;
		case '\r': buf_put_string(out, "\\r"); break;
		case 0: buf_put_string(out, "\\0"); break;
		default: buf_put_u8(out, utf8.data[i]);
		}
	}
	buf_put_u8(out, '\'');
	buf_deinit(&utf8);
}

static void print_names(const struct column_type *type, struct buf *out)
{
	const struct charset *charset =
		type->collation ? type->collation->charset : charset_get(CHARSET_UTF8MB4);
	buf_put_u8(out, '(');
	for (unsigned i = 0; i < type->name_count; i++) {
		if (i)
			buf_put_u8(out, ',');
		print_name(type->names[i], charset, out);
	}
	buf_put_u8(out, ')');
}

/* A display width is shown where it still means something: ZEROFILL, and the TINYINT(1) that stands for a boolean. */
static void print_integer_width(const struct column_type *type, struct buf *out)
{
	if (type->zerofill)
		buf_printf(out, "(%u)", type->length ? type->length : default_width(type));
	else if (type->kind == TYPE_TINYINT && type->length == 1 && !type->is_unsigned)
		buf_put_string(out, "(1)");
}

void type_print(const struct column_type *type, struct buf *out)
{
	buf_put_string(out, kind_table[type->kind].name);
	switch (type->kind) {
	case TYPE_FLOAT:
	case TYPE_DOUBLE:
		if (type->decimals < 31)
			buf_printf(out, "(%u,%u)", type->length, type->decimals);
		else if (type->zerofill)
			buf_printf(out, "(%u)", type->length ? type->length : default_width(type));
		break;
	case TYPE_DECIMAL: buf_printf(out, "(%u,%u)", type->length, type->decimals); break;
	case TYPE_BIT:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
	case TYPE_VARBINARY: buf_printf(out, "(%u)", type->length); break;
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP:
		if (type->decimals)
			buf_printf(out, "(%u)", type->decimals);
		break;
	case TYPE_ENUM:
	case TYPE_SET: print_names(type, out); break;
	default:
		if (type_is_integer(type->kind))
			print_integer_width(type, out);
	}
	if (type->kind <= TYPE_DECIMAL && (type->is_unsigned || type->zerofill))
		buf_put_string(out, type->zerofill ? " unsigned zerofill" : " unsigned");
}

enum field_type type_wire_type(const struct column_type *type)
{
	return kind_table[type->kind].wire;
}

/* Characters of the longest text an ENUM or SET gives. */
static uint32_t names_length(const struct column_type *type)
{
	const struct charset *charset = type->collation->charset;
	size_t longest = 0, total = 0;
	for (unsigned i = 0; i < type->name_count; i++) {
		size_t length = charset_length(charset, type->names[i]);
		longest = length > longest ? length : longest;
		total += length + (i > 0);
	}
	return (uint32_t)(type->kind == TYPE_ENUM ? longest : total);
}

static uint32_t text_wire_length(uint64_t chars, const struct charset *results_charset)
{
	uint64_t bytes = chars * (results_charset ? results_charset->max_char_size : 1);
	return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

uint32_t type_wire_length(const struct column_type *type, const struct charset *results_charset)
{
	unsigned fraction = type->decimals ? type->decimals + 1u : 0;
	switch (type->kind) {
	case TYPE_DECIMAL: return type->length + (type->decimals > 0) + !(type->is_unsigned || type->zerofill);
	case TYPE_BIT:
	case TYPE_BINARY:
	case TYPE_VARBINARY: return type->length;
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return default_width(type) + fraction;
	case TYPE_CHAR:
	case TYPE_VARCHAR: return text_wire_length(type->length, results_charset);
	case TYPE_ENUM:
	case TYPE_SET: return text_wire_length(names_length(type), results_charset);
	case TYPE_TINYTEXT:
	case TYPE_TEXT:
	case TYPE_MEDIUMTEXT:
	case TYPE_LONGTEXT: return text_wire_length(type_octet_length(type), results_charset);
	case TYPE_TINYBLOB:
	case TYPE_BLOB:
	case TYPE_MEDIUMBLOB:
	case TYPE_LONGBLOB:
	case TYPE_JSON: return (uint32_t)type_octet_length(type);
	default: return type->length && type->kind != TYPE_YEAR ? type->length : default_width(type);
	}
}

enum field_type type_log_type(const struct column_type *type)
{
	return kind_table[type->kind].log;
}

/* STRING's two bytes: the real type, and the most bytes with bits 8 and 9 folded, inverted, into the type. */
static void put_string_metadata(enum field_type real_type, uint32_t length, struct buf *out)
{
	buf_put_u8(out, (uint8_t)(real_type ^ (length & 0x300) >> 4));
	buf_put_u8(out, (uint8_t)length);
}

void type_put_log_metadata(const struct column_type *type, struct buf *out)
{
	switch (type->kind) {
	case TYPE_CHAR:
	case TYPE_BINARY: put_string_metadata(FIELD_STRING, packed_string_max(type), out); break;
	case TYPE_ENUM: put_string_metadata(FIELD_ENUM, packed_enum_size(type->name_count), out); break;
	case TYPE_SET: put_string_metadata(FIELD_SET, packed_set_size(type->name_count), out); break;
	case TYPE_VARCHAR:
	case TYPE_VARBINARY: buf_put_u16(out, (uint16_t)packed_string_max(type)); break;
	case TYPE_DECIMAL:
		buf_put_u8(out, (uint8_t)type->length);
		buf_put_u8(out, type->decimals);
		break;
	case TYPE_BIT:
		buf_put_u8(out, (uint8_t)(type->length % 8));
		buf_put_u8(out, (uint8_t)(type->length / 8));
		break;
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: buf_put_u8(out, type->decimals); break;
	case TYPE_FLOAT:
	case TYPE_DOUBLE: buf_put_u8(out, kind_table[type->kind].size); break;
	default:
		if (type_is_blob(type->kind))
			buf_put_u8(out, kind_table[type->kind].size);
	}
}

uint64_t type_octet_length(const struct column_type *type)
{
	unsigned prefix;
	switch (type->kind) {
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_BINARY:
	case TYPE_VARBINARY: return packed_string_max(type);
	case TYPE_ENUM:
	case TYPE_SET: return (uint64_t)names_length(type) * type->collation->charset->max_char_size;
	default:
		prefix = packed_prefix_size(type);
		return prefix ? (UINT64_C(1) << (8 * prefix)) - 1 : packed_fixed_size(type);
	}
}

uint64_t type_packed_size_max(const struct column_type *type)
{
	unsigned prefix = packed_prefix_size(type);
	return prefix ? prefix + type_octet_length(type) : packed_fixed_size(type);
}
