/*
 * The types of results: how long, how exact, and what several types are together.
 *
 * Lengths follow MySQL's manual: "The Arguments of a CASE or UNION", "Numeric Type Syntax".
 */
#include "sql/resolve/resolver.h"

enum { varchar_bytes_max = 65535, medium_bytes_max = 16777215, real_text_length = 23 };

struct column_type type_bigint(unsigned length, bool is_unsigned)
{
	return (struct column_type){.kind = TYPE_BIGINT, .is_unsigned = is_unsigned, .length = length,
				    .collation = collation_binary};
}

struct column_type type_double(void)
{
	return (struct column_type){.kind = TYPE_DOUBLE, .length = real_text_length, .decimals = 31,
				    .collation = collation_binary};
}

struct column_type type_decimal(unsigned precision, unsigned scale)
{
	if (scale > decimal_scale_max)
		scale = decimal_scale_max;
	if (precision > decimal_precision_max)
		precision = decimal_precision_max;
	if (precision < scale)
		precision = scale;
	return (struct column_type){.kind = TYPE_DECIMAL, .length = precision ? precision : 1,
				    .decimals = (uint8_t)scale, .collation = collation_binary};
}

struct column_type type_text(uint64_t characters, const struct collation *collation)
{
	bool binary = collation == collation_binary;
	uint64_t bytes = characters * collation->charset->max_char_size;
	enum type_kind kind;
	if (bytes <= varchar_bytes_max)
		kind = binary ? TYPE_VARBINARY : TYPE_VARCHAR;
	else if (bytes <= medium_bytes_max)
		kind = binary ? TYPE_MEDIUMBLOB : TYPE_MEDIUMTEXT;
	else
		kind = binary ? TYPE_LONGBLOB : TYPE_LONGTEXT;
	return (struct column_type){.kind = kind, .collation = collation,
				    .length = bytes <= varchar_bytes_max ? (uint32_t)characters : 0};
}

struct column_type type_temporal(enum type_kind kind, unsigned fsp)
{
	return (struct column_type){.kind = kind, .decimals = (uint8_t)(fsp > 6 ? 6 : fsp),
				    .collation = collation_binary};
}

unsigned type_fsp(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TIME: case TYPE_DATETIME: case TYPE_TIMESTAMP:
		return type->decimals;
	case TYPE_DECIMAL:
		return type->decimals > 6 ? 6 : type->decimals;
	case TYPE_DATE: case TYPE_NULL: case TYPE_YEAR: case TYPE_BIT:
		return 0;
	default:
		return type_is_integer(type->kind) ? 0 : 6;
	}
}

unsigned expr_fsp(const struct tree_expr *expr)
{
	if (expr->kind != TREE_LITERAL || expr->class != CLASS_TEXT)
		return type_fsp(&expr->type);
	struct bytes text = expr->literal.string;
	const uint8_t *dot = text.size ? memchr(text.data, '.', text.size) : NULL;
	size_t digits = dot ? text.size - (size_t)(dot - text.data) - 1 : 0;
	return digits > 6 ? 6 : (unsigned)digits;
}

bool expr_is_unsigned(const struct tree_expr *expr)
{
	return expr->type.is_unsigned || expr->is_hex || expr->type.kind == TYPE_YEAR || expr->type.kind == TYPE_BIT;
}

static unsigned names_length(const struct column_type *type)
{
	uint64_t longest = 0, sum = 0;
	for (unsigned i = 0; i < type->name_count; i++) {
		uint64_t length = charset_length(type->collation->charset, type->names[i]);
		longest = length > longest ? length : longest;
		sum += length + (i > 0);
	}
	return (unsigned)(type->kind == TYPE_SET ? sum : longest);
}

static unsigned integer_width(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TINYINT: return type->is_unsigned ? 3 : 4;
	case TYPE_SMALLINT: return type->is_unsigned ? 5 : 6;
	case TYPE_MEDIUMINT: return type->is_unsigned ? 8 : 9;
	case TYPE_INT: return type->is_unsigned ? 10 : 11;
	default: return 20;
	}
}

static uint64_t octets_as_characters(const struct column_type *type)
{
	return type_octet_length(type) / type->collation->charset->max_char_size;
}

uint64_t type_characters(const struct column_type *type)
{
	unsigned fraction = type_fsp(type) ? type_fsp(type) + 1 : 0;
	switch (type->kind) {
	case TYPE_TINYINT: case TYPE_SMALLINT: case TYPE_MEDIUMINT: case TYPE_INT: case TYPE_BIGINT:
		return type->length ? type->length : integer_width(type);
	case TYPE_FLOAT: return type->length ? type->length : 12;
	case TYPE_DOUBLE: return type->length ? type->length : real_text_length;
	case TYPE_DECIMAL: return type->length + (type->decimals > 0) + !type->is_unsigned;
	case TYPE_BIT: return (type->length + 7) / 8;
	case TYPE_YEAR: return 4;
	case TYPE_DATE: return 10;
	case TYPE_TIME: return 10 + fraction;
	case TYPE_DATETIME: case TYPE_TIMESTAMP: return 19 + fraction;
	case TYPE_ENUM: case TYPE_SET: return names_length(type);
	case TYPE_NULL: return 0;
	case TYPE_CHAR: case TYPE_VARCHAR: case TYPE_BINARY: case TYPE_VARBINARY: return type->length;
	default: return octets_as_characters(type);
	}
}

unsigned type_integer_digits(const struct column_type *type)
{
	static const unsigned digits[] = {[TYPE_TINYINT] = 3, [TYPE_SMALLINT] = 5, [TYPE_MEDIUMINT] = 8, [TYPE_INT] = 10};
	switch (type->kind) {
	case TYPE_TINYINT: case TYPE_SMALLINT: case TYPE_MEDIUMINT: case TYPE_INT:
		return digits[type->kind];
	case TYPE_BIGINT:
		/* A literal or an expression says how many digits it can have. */
		return type->length && type->length < 19 ? type->length : type->is_unsigned ? 20 : 19;
	case TYPE_DECIMAL: return type->length - type->decimals;
	case TYPE_YEAR: return 4;
	case TYPE_BIT: return type->length <= 32 ? 10 : 20;
	case TYPE_DATE: return 8;
	case TYPE_TIME: return 7;
	case TYPE_DATETIME: case TYPE_TIMESTAMP: return 14;
	case TYPE_NULL: return 1;
	default: return 35;
	}
}

unsigned type_scale(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_DECIMAL: case TYPE_TIME: case TYPE_DATETIME: case TYPE_TIMESTAMP:
		return type->decimals;
	case TYPE_FLOAT: case TYPE_DOUBLE:
		return type->decimals < 31 ? type->decimals : decimal_scale_max;
	default:
		return type_is_string(type->kind) && type->kind != TYPE_ENUM && type->kind != TYPE_SET
			? decimal_scale_max : 0;
	}
}

bool type_has_big_unsigned(const struct column_type *type)
{
	if (type->kind == TYPE_BIT)
		return type->length > 63;
	return type->kind == TYPE_BIGINT && type->is_unsigned && (type->length == 0 || type->length >= 19);
}

enum value_class numeric_class(const struct tree_expr *expr)
{
	switch (expr->class) {
	case CLASS_INTEGER:
		return CLASS_INTEGER;
	case CLASS_DECIMAL:
		return CLASS_DECIMAL;
	case CLASS_DATE:
		return CLASS_INTEGER;
	case CLASS_TIME: case CLASS_DATETIME:
		return expr->type.decimals ? CLASS_DECIMAL : CLASS_INTEGER;
	case CLASS_BINARY:
		return expr->is_hex ? CLASS_INTEGER : CLASS_REAL;
	default:
		return CLASS_REAL;
	}
}

/* ------------------------------------------------------------------ several types together */

static bool is_integer_like(enum type_kind kind)
{
	return type_is_integer(kind) || kind == TYPE_YEAR;
}

static struct column_type merge_integers(const struct column_type *a, const struct column_type *b)
{
	if (a->kind == TYPE_YEAR && b->kind == TYPE_YEAR)
		return *a;
	struct column_type year = {.kind = TYPE_INT, .length = 4, .is_unsigned = true, .collation = collation_binary};
	const struct column_type *x = a->kind == TYPE_YEAR ? &year : a, *y = b->kind == TYPE_YEAR ? &year : b;
	struct column_type out = x->kind >= y->kind ? *x : *y;
	out.zerofill = a->zerofill && b->zerofill;
	out.length = x->length > y->length ? x->length : y->length;
	if (x->length == 0 || y->length == 0)
		out.length = 0;
	if (x->is_unsigned != y->is_unsigned) {
		const struct column_type *natural = x->is_unsigned ? x : y, *whole = x->is_unsigned ? y : x;
		out.is_unsigned = false;
		if (type_has_big_unsigned(natural))
			return type_decimal(20, 0);
		if (natural->kind >= whole->kind && natural->kind < TYPE_BIGINT)
			out.kind = natural->kind + 1;
	}
	return out;
}

static struct column_type merge_decimals(const struct column_type *a, const struct column_type *b)
{
	unsigned scale = type_scale(a) > type_scale(b) ? type_scale(a) : type_scale(b);
	unsigned x = type_integer_digits(a), y = type_integer_digits(b);
	struct column_type out = type_decimal((x > y ? x : y) + scale, scale);
	out.is_unsigned = a->is_unsigned && b->is_unsigned;
	return out;
}

static struct column_type merge_numbers(const struct column_type *a, const struct column_type *b)
{
	if (is_integer_like(a->kind) && is_integer_like(b->kind))
		return merge_integers(a, b);
	if (a->kind == TYPE_BIT && b->kind == TYPE_BIT)
		return a->length >= b->length ? *a : *b;
	if (a->kind == TYPE_BIT || b->kind == TYPE_BIT) {
		struct column_type number = type_bigint(0, true);
		return merge_numbers(a->kind == TYPE_BIT ? &number : a, b->kind == TYPE_BIT ? &number : b);
	}
	if (a->kind == TYPE_FLOAT && b->kind == TYPE_FLOAT)
		return a->decimals >= b->decimals ? *a : *b;
	if (a->kind == TYPE_FLOAT || a->kind == TYPE_DOUBLE || b->kind == TYPE_FLOAT || b->kind == TYPE_DOUBLE) {
		struct column_type out = type_double();
		if (a->decimals == b->decimals && a->decimals < 31) {
			out.decimals = a->decimals;
			out.length = a->length > b->length ? a->length : b->length;
		}
		return out;
	}
	return merge_decimals(a, b);
}

static struct column_type merge_times(const struct column_type *a, const struct column_type *b)
{
	unsigned fsp = type_fsp(a) > type_fsp(b) ? type_fsp(a) : type_fsp(b);
	struct column_type out = a->kind == b->kind ? *a : type_temporal(TYPE_DATETIME, 0);
	if (out.kind != TYPE_DATE)
		out.decimals = (uint8_t)fsp;
	return out;
}

static struct column_type merge_texts(const struct column_type *a, const struct column_type *b)
{
	bool binary = false;
	const struct collation *collation = NULL;
	for (int i = 0; i < 2; i++) {
		const struct column_type *type = i == 0 ? a : b;
		if (class_of_type(type) == CLASS_BINARY || type->kind == TYPE_BIT)
			binary = true;
		else if (collation == NULL && class_of_type(type) == CLASS_TEXT)
			collation = type->collation;
	}
	if (binary)
		collation = collation_binary;
	else if (collation == NULL)
		collation = type_is_text(a->kind) && a->kind != TYPE_JSON ? a->collation
			: type_is_text(b->kind) && b->kind != TYPE_JSON ? b->collation : collation_utf8mb4_default;
	uint64_t x = type_characters(a), y = type_characters(b);
	if (a->kind == b->kind && (a->kind == TYPE_CHAR || a->kind == TYPE_BINARY)) {
		struct column_type out = *a;
		out.collation = collation;
		out.length = (uint32_t)(x > y ? x : y);
		return out;
	}
	if (type_is_blob(a->kind) || type_is_blob(b->kind)) {
		uint64_t p = type_octet_length(a), q = type_octet_length(b);
		const struct column_type *larger = type_is_blob(a->kind) && (p >= q || !type_is_blob(b->kind)) ? a : b;
		struct column_type out = *larger;
		if (out.kind == TYPE_JSON)
			out = (struct column_type){.kind = binary ? TYPE_LONGBLOB : TYPE_LONGTEXT};
		else if (binary && out.kind >= TYPE_TINYTEXT && out.kind <= TYPE_LONGTEXT)
			out.kind = out.kind - TYPE_TINYTEXT + TYPE_TINYBLOB;
		out.collation = collation;
		return out;
	}
	return type_text(x > y ? x : y, collation);
}

struct column_type type_merge_types(const struct column_type *a, const struct column_type *b)
{
	if (a->kind == TYPE_NULL)
		return *b;
	if (b->kind == TYPE_NULL)
		return *a;
	if (a->kind == TYPE_JSON && b->kind == TYPE_JSON)
		return *a;
	if (type_is_numeric(a->kind) && type_is_numeric(b->kind))
		return merge_numbers(a, b);
	if (type_is_temporal(a->kind) && type_is_temporal(b->kind))
		return merge_times(a, b);
	return merge_texts(a, b);
}

struct column_type type_merge(const struct tree_expr *a, const struct tree_expr *b)
{
	return type_merge_types(&a->type, &b->type);
}

struct column_type resolve_created_type(const struct tree_expr *expr)
{
	enum { digits_of_int = 9 };
	struct column_type type = expr->type;
	if (expr->kind == TREE_COLUMN)
		return type;
	if (type.kind == TYPE_NULL)
		return (struct column_type){.kind = TYPE_BINARY, .length = 0, .collation = collation_binary};
	if (type.kind == TYPE_BIGINT && !type.is_unsigned && type.length > 0 && type.length <= digits_of_int)
		type.kind = TYPE_INT;
	if ((type_is_integer(type.kind) && !type.zerofill) || (type.kind == TYPE_DOUBLE && type.decimals == 31))
		type.length = 0;
	return type;
}
