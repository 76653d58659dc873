/* Every silent change of representation becomes a node here, or is done at once where the operand is a literal. */
#include "sql/resolve/resolver.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "type/temporal.h"

static void put_extra(struct scope *scope, struct tree_expr *expr, int64_t number)
{
	if (expr->convert.extras == NULL)
		expr->convert.extras = arena_array(scope->resolver->arena, struct tree_extra, 3);
	expr->convert.extras[expr->convert.extra_count++] = (struct tree_extra){.number = number};
}

static struct tree_expr *convert_new(struct scope *scope, struct tree_expr *operand, enum value_class class,
				     struct column_type type, enum convert_reason reason, const char *name)
{
	struct tree_expr *expr = node_new(scope, TREE_CONVERT, class);
	expr->convert.operand = operand;
	expr->convert.reason = reason;
	expr->convert.name = name;
	expr->type = type;
	expr->coercibility = operand->coercibility;
	node_adopt(expr, operand);
	return expr;
}

/* The word for where a value comes from, in a conversion's name. */
static const char *from_word(const struct tree_expr *operand, enum value_class to)
{
	if (operand->class == CLASS_REAL && operand->type.kind == TYPE_FLOAT && to == CLASS_TEXT)
		return "float";
	return class_name(operand->class);
}

static struct tree_expr *convert_named(struct scope *scope, struct tree_expr *operand, enum value_class class,
				       struct column_type type, enum convert_reason reason, const char *to)
{
	const char *name = arena_printf(scope->resolver->arena, "gm_%s_from_%s", to, from_word(operand, class));
	return convert_new(scope, operand, class, type, reason, name);
}

static bool is_literal(const struct tree_expr *expr)
{
	return expr->kind == TREE_LITERAL;
}

/* What a text literal must look like to become a number without a warning. */
static bool read_whole_number(struct bytes text, double *out)
{
	char copy[64];
	size_t begin = 0, end = text.size;
	while (begin < end && isspace(text.data[begin]))
		begin++;
	while (end > begin && text.data[end - 1] == ' ')
		end--;
	if (begin == end || end - begin >= sizeof copy)
		return false;
	memcpy(copy, text.data + begin, end - begin);
	copy[end - begin] = 0;
	if (strspn(copy, "0123456789+-.eE") != end - begin)
		return false;
	char *stop;
	*out = strtod(copy, &stop);
	return *stop == 0 && isfinite(*out);
}

static uint64_t big_endian(struct bytes bytes)
{
	uint64_t number = 0;
	for (size_t i = bytes.size > 8 ? bytes.size - 8 : 0; i < bytes.size; i++)
		number = number << 8 | bytes.data[i];
	return number;
}

/* ------------------------------------------------------------------ numbers */

static struct tree_expr *to_integer(struct scope *scope, struct tree_expr *expr, bool is_unsigned,
				    enum convert_reason reason)
{
	if (expr->is_hex && is_literal(expr)) {
		uint64_t number = big_endian(expr->literal.string);
		struct tree_expr *out = node_uint(scope, number);
		out->type.is_unsigned = true;
		return out;
	}
	if (expr->class == CLASS_INTEGER) {
		if (reason != CONVERT_CAST || (is_unsigned == expr->type.is_unsigned && expr->type.kind != TYPE_BIT))
			return expr;
		if (!is_unsigned && !type_has_big_unsigned(&expr->type))
			return convert_new(scope, expr, CLASS_INTEGER, type_bigint(20, false), reason, NULL);
		return convert_new(scope, expr, CLASS_INTEGER, type_bigint(is_unsigned ? 20 : 21, is_unsigned), reason,
				   is_unsigned ? "gm_uint_from_int" : "gm_int_from_uint");
	}
	struct column_type type = type_bigint(20, is_unsigned);
	if (expr->class == CLASS_ENUM || expr->class == CLASS_SET)
		return convert_new(scope, expr, CLASS_INTEGER, type, reason, NULL);
	struct tree_expr *out = convert_named(scope, expr, CLASS_INTEGER, type, reason, is_unsigned ? "uint" : "int");
	out->nullable |= expr->class == CLASS_JSON;
	return out;
}

static struct tree_expr *to_real(struct scope *scope, struct tree_expr *expr, enum convert_reason reason)
{
	double real;
	if (expr->class == CLASS_REAL)
		return expr;
	if (expr->is_hex || expr->class == CLASS_ENUM || expr->class == CLASS_SET)
		expr = to_integer(scope, expr, true, reason);
	if (is_literal(expr)) {
		bool exact = true;
		if (expr->class == CLASS_INTEGER || expr->class == CLASS_DECIMAL)
			real = value_to_double(&expr->literal);
		else if (expr->class == CLASS_TEXT)
			exact = read_whole_number(expr->literal.string, &real);
		else
			exact = false;
		if (exact)
			return node_of_value(scope, &(struct value){.kind = VALUE_DOUBLE, .real = real, .decimals = 31});
	}
	return convert_named(scope, expr, CLASS_REAL, type_double(), reason, "real");
}

static struct tree_expr *literal_to_decimal(struct scope *scope, const struct tree_expr *expr)
{
	struct decimal *decimal = NEW_NODE(scope, struct decimal);
	double ignored;
	size_t used;
	if (expr->literal.kind == VALUE_INT)
		decimal_from_int(decimal, expr->literal.integer);
	else if (expr->literal.kind == VALUE_UINT)
		decimal_from_uint(decimal, expr->literal.uinteger);
	else if (expr->class != CLASS_TEXT || !read_whole_number(expr->literal.string, &ignored) ||
		 decimal_parse(decimal, expr->literal.string, &used) != DECIMAL_OK)
		return NULL;
	return node_of_value(scope, &(struct value){.kind = VALUE_DECIMAL, .decimal = decimal});
}

static struct tree_expr *to_decimal(struct scope *scope, struct tree_expr *expr, const struct column_type *target,
				    enum convert_reason reason)
{
	bool given = target != NULL && reason != CONVERT_IMPLICIT && reason != CONVERT_COMPARE;
	if (expr->is_hex || expr->class == CLASS_ENUM || expr->class == CLASS_SET)
		expr = to_integer(scope, expr, true, reason);
	if (expr->class == CLASS_DECIMAL && (!given || (expr->type.length == target->length &&
							expr->type.decimals == target->decimals)))
		return expr;
	if (!given && is_literal(expr)) {
		struct tree_expr *folded = literal_to_decimal(scope, expr);
		if (folded != NULL)
			return folded;
	}
	unsigned scale = type_scale(&expr->type), digits = type_integer_digits(&expr->type);
	struct column_type type = given ? *target : type_decimal(digits + scale, scale);
	struct tree_expr *out = convert_named(scope, expr, CLASS_DECIMAL, type, reason, "dec");
	/* The digits announced are those the operand's type promises; its value may have more, and keeps them. */
	put_extra(scope, out, given ? type.length : 0);
	put_extra(scope, out, given ? type.decimals : 0);
	return out;
}

/* ------------------------------------------------------------------ texts */

struct bytes literal_text(const struct tree_expr *literal, struct arena *arena)
{
	return value_text(&literal->literal, arena);
}

static struct tree_expr *number_to_text(struct scope *scope, struct tree_expr *expr, enum convert_reason reason)
{
	const struct collation *collation = scope->resolver->environment->collation_connection;
	struct column_type type = type_text(type_characters(&expr->type), collation);
	if (is_literal(expr) && expr->class != CLASS_REAL) {
		struct bytes text = literal_text(expr, scope->resolver->arena);
		struct tree_expr *out = node_text(scope, text, collation);
		out->type = type;
		out->coercibility = COERCIBLE_NUMERIC;
		return out;
	}
	struct tree_expr *out = convert_named(scope, expr, CLASS_TEXT, type, reason, "text");
	out->coercibility = COERCIBLE_NUMERIC;
	switch (expr->class) {
	case CLASS_INTEGER:
		if (expr->type.kind == TYPE_YEAR || expr->type.zerofill)
			put_extra(scope, out, (int64_t)type_characters(&expr->type));
		break;
	case CLASS_REAL: case CLASS_DECIMAL: case CLASS_TIME: case CLASS_DATETIME:
		put_extra(scope, out, expr->type.decimals);
		break;
	default:
		break;
	}
	return out;
}

static struct tree_expr *binary_to_text(struct scope *scope, struct tree_expr *expr,
					const struct collation *collation, enum convert_reason reason)
{
	struct column_type type = type_text(type_characters(&expr->type), collation);
	struct tree_expr *out = convert_new(scope, expr, CLASS_TEXT, type, reason, "gm_text_from_bin");
	put_extra(scope, out, collation->charset->id);
	out->nullable = true;
	return out;
}

static struct tree_expr *to_text(struct scope *scope, struct tree_expr *expr, enum convert_reason reason)
{
	switch (expr->class) {
	case CLASS_TEXT: case CLASS_NULL:
		return expr;
	case CLASS_BINARY:
		return binary_to_text(scope, expr, collation_utf8mb4_default, reason);
	case CLASS_JSON: {
		struct tree_expr *out = convert_new(scope, expr, CLASS_TEXT,
						    type_text(1073741823, collation_utf8mb4_bin), reason, NULL);
		out->coercibility = COERCIBLE_IMPLICIT;
		return out;
	}
	case CLASS_ENUM: case CLASS_SET: {
		struct column_type type = type_text(type_characters(&expr->type), expr->type.collation);
		return convert_named(scope, expr, CLASS_TEXT, type, reason, "text");
	}
	default:
		return number_to_text(scope, expr, reason);
	}
}

static struct tree_expr *to_binary(struct scope *scope, struct tree_expr *expr, enum convert_reason reason)
{
	if (expr->class == CLASS_BINARY || expr->class == CLASS_NULL)
		return expr;
	if (expr->class == CLASS_INTEGER && expr->type.kind == TYPE_BIT) {
		struct tree_expr *out = convert_new(scope, expr, CLASS_BINARY,
						    type_text((expr->type.length + 7) / 8, collation_binary), reason,
						    "gm_bin_from_bit");
		put_extra(scope, out, expr->type.length);
		return out;
	}
	expr = to_text(scope, expr, reason);
	const struct charset *charset = expr->type.collation->charset;
	if (is_literal(expr) && (charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3)) {
		struct tree_expr *out = node_text(scope, expr->literal.string, collation_binary);
		out->coercibility = expr->coercibility;
		return out;
	}
	struct column_type type = type_text(type_characters(&expr->type) * charset->max_char_size, collation_binary);
	struct tree_expr *out = convert_new(scope, expr, CLASS_BINARY, type, reason, "gm_bin_from_text");
	put_extra(scope, out, charset->id);
	return out;
}

/* ------------------------------------------------------------------ times */

static const char *temporal_name(enum value_class class)
{
	return class == CLASS_DATE ? "DATE" : class == CLASS_TIME ? "TIME" : "DATETIME";
}

unsigned scope_temporal_flags(const struct scope *scope)
{
	uint64_t mode = scope->resolver->environment->sql_mode;
	return (mode & SQL_MODE_NO_ZERO_DATE ? TEMPORAL_NO_ZERO_DATE : 0) |
	       (mode & SQL_MODE_NO_ZERO_IN_DATE ? TEMPORAL_NO_ZERO_IN_DATE : 0) |
	       (mode & SQL_MODE_ALLOW_INVALID_DATES ? TEMPORAL_INVALID_DATES : 0);
}

/* A literal compared with a temporal: read once, at once. */
static struct tree_expr *literal_to_temporal(struct scope *scope, struct tree_expr *expr, enum value_class class)
{
	struct bytes text = literal_text(expr, scope->resolver->arena);
	bool has_fraction = text.size && memchr(text.data, '.', text.size) != NULL;
	struct value value = {.kind = class == CLASS_DATE ? VALUE_DATE : class == CLASS_TIME ? VALUE_TIME : VALUE_DATETIME,
			      .decimals = class != CLASS_DATE && has_fraction ? 6 : 0};
	enum temporal_status status;
	if (class == CLASS_TIME)
		status = time_parse(text, scope_temporal_flags(scope), 6, &value.packed);
	else
		status = datetime_parse_zone(text, scope_temporal_flags(scope), 6,
					     scope->resolver->environment->time_zone, &value.packed);
	if (status == TEMPORAL_BAD || (status == TEMPORAL_OUT_OF_RANGE && class != CLASS_TIME))
		return FAIL(scope, ER_WRONG_VALUE, temporal_name(class),
			    arena_copy_text(scope->resolver->arena, (const char *)text.data, text.size));
	if (status != TEMPORAL_OK && scope->resolver->environment->warnings != NULL)
		warnings_add_message(scope->resolver->environment->warnings, WARNING_WARNING, ER_TRUNCATED_WRONG_VALUE,
				     "Incorrect %s value: '%.*s'", temporal_name(class), (int)text.size,
				     (const char *)text.data);
	return node_of_value(scope, &value);
}

static enum type_kind kind_of_temporal(enum value_class class)
{
	return class == CLASS_DATE ? TYPE_DATE : class == CLASS_TIME ? TYPE_TIME : TYPE_DATETIME;
}

struct tree_expr *convert_to_temporal(struct scope *scope, struct tree_expr *expr, enum value_class class,
				      enum convert_reason reason)
{
	if (expr->class == class || expr->class == CLASS_NULL)
		return expr;
	if (expr->class == CLASS_DATE && class == CLASS_DATETIME)
		return convert_new(scope, expr, class, type_temporal(TYPE_DATETIME, 0), reason, NULL);
	if (reason == CONVERT_COMPARE && is_literal(expr) &&
	    (expr->class == CLASS_TEXT || expr->class == CLASS_INTEGER || expr->class == CLASS_DECIMAL))
		return literal_to_temporal(scope, expr, class);
	if (expr->class == CLASS_ENUM || expr->class == CLASS_SET || expr->class == CLASS_JSON)
		expr = to_text(scope, expr, reason);
	struct column_type type = type_temporal(kind_of_temporal(class), class == CLASS_DATE ? 0 : expr_fsp(expr));
	struct tree_expr *out = convert_named(scope, expr, class, type, reason, class_name(class));
	if (class != CLASS_DATE)
		put_extra(scope, out, type.decimals);
	put_extra(scope, out, reason == CONVERT_COMPARE);
	out->nullable |= expr->class != CLASS_TIME && expr->class != CLASS_DATETIME && expr->class != CLASS_DATE;
	/* A TIME counts from today. */
	if (expr->class == CLASS_TIME)
		out->facts |= FACT_SESSION;
	return out;
}

/* ------------------------------------------------------------------ JSON */

static struct tree_expr *to_json(struct scope *scope, struct tree_expr *expr, enum convert_reason reason)
{
	struct column_type type = {.kind = TYPE_JSON, .collation = collation_utf8mb4_bin};
	if (expr->class == CLASS_JSON || expr->class == CLASS_NULL)
		return expr;
	if (expr->class == CLASS_ENUM || expr->class == CLASS_SET)
		expr = to_text(scope, expr, reason);
	if (expr->is_truth) /* true and false, not 1 and 0 */
		return convert_new(scope, expr, CLASS_JSON, type, reason, "gm_json_from_bool");
	struct tree_expr *out = convert_named(scope, expr, CLASS_JSON, type, reason, "json");
	if (expr->class == CLASS_DECIMAL || expr->class == CLASS_TIME || expr->class == CLASS_DATETIME)
		put_extra(scope, out, expr->type.decimals);
	out->coercibility = COERCIBLE_IMPLICIT;
	return out;
}

/* ------------------------------------------------------------------ any */

static struct tree_expr *convert_any(struct scope *scope, struct tree_expr *expr, enum value_class class,
				     const struct column_type *type, enum convert_reason reason)
{
	switch (class) {
	case CLASS_INTEGER:
		return to_integer(scope, expr, type ? type->is_unsigned : expr->type.is_unsigned, reason);
	case CLASS_REAL:
		return to_real(scope, expr, reason);
	case CLASS_DECIMAL:
		return to_decimal(scope, expr, type, reason);
	case CLASS_TEXT:
		if (expr->class == CLASS_BINARY && type != NULL)
			return binary_to_text(scope, expr, type->collation, reason);
		return to_text(scope, expr, reason);
	case CLASS_BINARY:
		return to_binary(scope, expr, reason);
	case CLASS_DATE: case CLASS_TIME: case CLASS_DATETIME:
		return convert_to_temporal(scope, expr, class, reason);
	case CLASS_JSON:
		return to_json(scope, expr, reason);
	default:
		return expr;
	}
}

struct tree_expr *convert_to_class(struct scope *scope, struct tree_expr *expr, enum value_class class)
{
	if (expr == NULL || expr->class == class || expr->class == CLASS_NULL)
		return expr;
	return convert_any(scope, expr, class, NULL, CONVERT_IMPLICIT);
}

static struct tree_expr *fit_text(struct scope *scope, struct tree_expr *expr, const struct column_type *type,
				  enum convert_reason reason)
{
	bool limited = type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR || type->kind == TYPE_BINARY ||
		       type->kind == TYPE_VARBINARY;
	if (expr->class == CLASS_TEXT && expr->type.collation->charset != type->collation->charset) {
		struct column_type recoded = type_text(type_characters(&expr->type), type->collation);
		expr = convert_new(scope, expr, CLASS_TEXT, recoded, reason, "gm_text_from_text");
		put_extra(scope, expr, type->collation->charset->id);
	}
	if (!limited || (type_characters(&expr->type) <= type->length && type->kind != TYPE_BINARY))
		return expr;
	const char *name = type->kind == TYPE_BINARY ? "gm_bin_pad" : expr->class == CLASS_BINARY ? "gm_bin_cut"
		: "gm_text_cut";
	expr = convert_new(scope, expr, expr->class, *type, reason, name);
	put_extra(scope, expr, type->length);
	return expr;
}

static struct tree_expr *fit_fraction(struct scope *scope, struct tree_expr *expr, const struct column_type *type,
				      enum convert_reason reason)
{
	if (type_fsp(&expr->type) <= type->decimals)
		return expr;
	expr = convert_new(scope, expr, expr->class, *type, reason,
			   expr->class == CLASS_TIME ? "gm_time_round" : "gm_dt_round");
	put_extra(scope, expr, type->decimals);
	return expr;
}

struct tree_expr *convert_to_type(struct scope *scope, struct tree_expr *expr, const struct column_type *type,
				  enum convert_reason reason)
{
	enum value_class class = class_of_type(type);
	if (expr == NULL || expr->class == CLASS_NULL)
		return expr;
	if (class == CLASS_ENUM || class == CLASS_SET) {
		if (expr->class == class && expr->type.names == type->names)
			return expr;
		class = CLASS_TEXT;
	}
	struct tree_expr *out = convert_any(scope, expr, class, type, reason);
	if (out == NULL || reason == CONVERT_IMPLICIT || reason == CONVERT_COMPARE)
		return out;
	if (class == CLASS_TEXT || class == CLASS_BINARY)
		out = fit_text(scope, out, type, reason);
	else if (class == CLASS_TIME || class == CLASS_DATETIME)
		out = fit_fraction(scope, out, type, reason);
	return out;
}

struct tree_expr *convert_to_truth(struct scope *scope, struct tree_expr *expr)
{
	if (expr == NULL || expr->is_truth || expr->class == CLASS_NULL)
		return expr;
	struct tree_expr *operand = expr, *zero;
	enum value_class class = numeric_class(expr);
	if (expr->class == CLASS_DATE || expr->class == CLASS_TIME || expr->class == CLASS_DATETIME)
		class = CLASS_INTEGER; /* a packed time is 0 exactly when it is the zero time */
	else
		operand = convert_to_class(scope, expr, class);
	if (class == CLASS_REAL)
		zero = node_of_value(scope, &(struct value){.kind = VALUE_DOUBLE, .real = 0, .decimals = 31});
	else
		zero = convert_to_class(scope, node_int(scope, 0), class);
	struct tree_expr *out = node_truth(scope, TREE_COMPARE);
	out->compare.op = AST_OP_NOT_EQUAL;
	out->compare.class = class;
	out->compare.left = operand;
	out->compare.right = zero;
	node_adopt(out, operand);
	return out;
}
