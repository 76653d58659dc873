/* Values written into the statement, bound to it, or kept in variables. */
#include "sql/resolve/resolver.h"

#include <stdio.h>
#include <stdlib.h>

#include "sql/resolve/repeat.h"
#include "type/temporal.h"

static unsigned fraction_digits(struct bytes text)
{
	const uint8_t *dot = text.size ? memchr(text.data, '.', text.size) : NULL;
	if (dot == NULL)
		return 0;
	size_t digits = text.size - (size_t)(dot - text.data) - 1;
	return digits > 6 ? 6 : (unsigned)digits;
}

/* DATE '..', TIME '..', TIMESTAMP '..' */
static struct tree_expr *literal_time(struct scope *scope, const struct ast_literal *literal)
{
	struct value value = {.kind = VALUE_DATETIME};
	unsigned flags = scope_temporal_flags(scope);
	unsigned fsp = fraction_digits(literal->text);
	enum temporal_status status;
	const char *name = "DATETIME";
	if (literal->kind == AST_LITERAL_TIME) {
		value.kind = VALUE_TIME;
		name = "TIME";
		status = time_parse(literal->text, flags, fsp, &value.packed);
	} else {
		status = datetime_parse_zone(literal->text, flags, fsp, scope->resolver->environment->time_zone,
					     &value.packed);
		if (literal->kind == AST_LITERAL_DATE) {
			value.kind = VALUE_DATE;
			name = "DATE";
			struct datetime parts = {0};
			if (status == TEMPORAL_OK) {
				datetime_unpack(value.packed, &parts);
				if (parts.hour || parts.minute || parts.second || parts.microsecond)
					status = TEMPORAL_BAD;
			}
			fsp = 0;
		}
	}
	if (status != TEMPORAL_OK)
		return FAIL(scope, ER_WRONG_VALUE, name, (const char *)literal->text.data);
	value.decimals = (uint8_t)fsp;
	return node_of_value(scope, &value);
}

static struct tree_expr *literal_decimal(struct scope *scope, const struct ast_literal *literal)
{
	struct decimal *decimal = NEW_NODE(scope, struct decimal);
	size_t used;
	if (decimal_parse(decimal, literal->text, &used) == DECIMAL_OVERFLOW)
		diag_clear(scope->resolver->diag); /* the largest DECIMAL stands for it, as in MySQL */
	return node_of_value(scope, &(struct value){.kind = VALUE_DECIMAL, .decimal = decimal});
}

static struct tree_expr *literal_float(struct scope *scope, const struct ast_literal *literal)
{
	double real = strtod((const char *)literal->text.data, NULL);
	if (real - real != 0)
		return FAIL(scope, ER_ILLEGAL_VALUE_FOR_TYPE, "double", (const char *)literal->text.data);
	return node_of_value(scope, &(struct value){.kind = VALUE_DOUBLE, .real = real, .decimals = 31});
}

/* In UTF-8 as the evaluator has it, through the characters that the connection's character set has. */
static struct tree_expr *literal_string(struct scope *scope, const struct ast_literal *literal)
{
	struct resolve_environment *environment = scope->resolver->environment;
	const struct collation *collation = environment->collation_connection;
	const struct charset *from =
		literal->is_malformed ? environment->character_set_client : charset_get(CHARSET_UTF8MB4);
	if (literal->charset != NULL) {
		from = charset_find(bytes_of_string(literal->charset));
		if (from == NULL)
			return FAIL(scope, ER_UNKNOWN_CHARACTER_SET, literal->charset);
		collation = from->id == collation->charset->id ? collation : from->default_collation;
	}
	if (collation->charset->id == CHARSET_BINARY)
		return node_text(scope, literal->text, collation_binary);
	if (from->id == CHARSET_BINARY)
		from = charset_get(CHARSET_UTF8MB4);
	size_t valid = charset_valid_size(from, literal->text);
	if (valid < literal->text.size) {
		char hex[40] = "";
		for (size_t i = valid, n = 0; i < literal->text.size && n < 6; i++, n++)
			snprintf(hex + n * 4, sizeof hex - n * 4, "\\x%02X", literal->text.data[i]);
		if (literal->charset != NULL)
			return FAIL(scope, ER_INVALID_CHARACTER_STRING, from->name, hex);
		/* Who sends bytes without saying so means them as bytes; MySQL warns. */
		if (environment->warnings)
			warnings_add(environment->warnings, WARNING_WARNING, ER_INVALID_CHARACTER_STRING, from->name, hex);
		return node_text(scope, literal->text, collation_binary);
	}
	if (from->id == CHARSET_UTF8MB4 || from->id == CHARSET_UTF8MB3)
		return node_text(scope, literal->text, collation);
	if (collation->charset != from)
		collation = from->default_collation;
	return node_of_value(scope, &(struct value){.kind = VALUE_STRING, .string = literal->text,
						    .collation = collation});
}

static struct tree_expr *literal_bytes(struct scope *scope, const struct ast_literal *literal)
{
	if (literal->charset != NULL && strcmp(literal->charset, "binary") != 0)
		return literal_string(scope, literal);
	struct tree_expr *expr = node_text(scope, literal->text, collation_binary);
	expr->is_hex = literal->charset == NULL;
	return expr;
}

struct tree_expr *resolve_literal(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_literal *literal = ast->literal;
	switch (literal->kind) {
	case AST_LITERAL_NULL:
		return node_null(scope);
	case AST_LITERAL_TRUE: case AST_LITERAL_FALSE: {
		struct tree_expr *expr = node_int(scope, literal->kind == AST_LITERAL_TRUE);
		expr->is_truth = true;
		return expr;
	}
	case AST_LITERAL_INTEGER:
		return node_uint(scope, literal->integer);
	case AST_LITERAL_DECIMAL:
		return literal_decimal(scope, literal);
	case AST_LITERAL_FLOAT:
		return literal_float(scope, literal);
	case AST_LITERAL_STRING:
		return literal_string(scope, literal);
	case AST_LITERAL_HEX: case AST_LITERAL_BIT:
		return literal_bytes(scope, literal);
	default:
		return literal_time(scope, literal);
	}
}

struct tree_expr *resolve_placeholder(struct scope *scope, const struct ast_expr *ast)
{
	struct resolve_environment *environment = scope->resolver->environment;
	struct tree_expr *expr;
	if (scope->row_only)
		return FAIL(scope, ER_WRONG_USAGE, "parameter", "expression");
	if (environment->parameters != NULL && ast->placeholder < environment->parameter_count) {
		expr = node_of_value(scope, &environment->parameters[ast->placeholder]);
		/* The tree serves other values of the kind too. */
		if (expr->class == CLASS_INTEGER)
			expr->type = type_bigint(0, environment->parameters[ast->placeholder].kind == VALUE_UINT);
		else if (expr->class == CLASS_DECIMAL)
			environment->is_cacheable = false; /* its scale is part of every type above it */
		else if (expr->class == CLASS_TIME || expr->class == CLASS_DATETIME)
			expr->type.decimals = 6;
		else if (expr->class == CLASS_TEXT || expr->class == CLASS_BINARY)
			expr->type = type_text(16383, expr->type.collation);
	} else {
		expr = node_text(scope, (struct bytes){NULL, 0}, environment->collation_connection);
		expr->type = type_text(16383, environment->collation_connection);
	}
	expr->kind = TREE_PARAMETER;
	expr->parameter = ast->placeholder;
	expr->nullable = true;
	expr->facts |= FACT_PARAMETER;
	return expr;
}

struct tree_expr *resolve_user_variable(struct scope *scope, const struct ast_expr *ast)
{
	struct resolve_environment *environment = scope->resolver->environment;
	const struct value *value = environment->user_variable == NULL ? NULL
		: environment->user_variable(environment->context, ast->variable.name);
	struct tree_expr *expr;
	if (value != NULL && value->kind != VALUE_NULL) {
		expr = node_of_value(scope, value);
		if (expr->class == CLASS_INTEGER)
			expr->type = type_bigint(20, value->kind == VALUE_UINT);
		else if (expr->class == CLASS_TEXT || expr->class == CLASS_BINARY)
			expr->type = type_text(environment->parameter_count || expr->type.length < 16383 ? 16383
				: 5592405, expr->type.collation);
		else if (expr->class == CLASS_DECIMAL)
			expr->type = type_decimal(decimal_precision_max, expr->type.decimals);
	} else {
		expr = node_text(scope, (struct bytes){NULL, 0}, environment->collation_connection);
		expr->type = type_text(16777215, environment->collation_connection);
	}
	expr->kind = TREE_USER_VARIABLE;
	expr->variable.name = ast->variable.name;
	expr->variable.value = NULL;
	expr->coercibility = COERCIBLE_IMPLICIT;
	expr->nullable = true;
	expr->facts |= FACT_NONDETERMINISTIC | FACT_SESSION;
	environment->is_cacheable = false;
	return expr;
}

struct tree_expr *resolve_system_variable(struct scope *scope, const struct ast_expr *ast)
{
	struct resolve_environment *environment = scope->resolver->environment;
	struct value value;
	if (environment->system_variable == NULL)
		return FAIL(scope, ER_UNKNOWN_SYSTEM_VARIABLE, ast->variable.name);
	if (environment->system_variable(environment->context, ast->variable.scope, ast->variable.base,
					 ast->variable.name, scope->resolver->arena, &value,
					 scope->resolver->diag) != 0)
		return NULL;
	struct tree_expr *expr = node_of_value(scope, &value);
	expr->coercibility = COERCIBLE_SYSCONST;
	if (expr->class == CLASS_INTEGER)
		expr->type = type_bigint(expr->type.is_unsigned ? 21 : 20, expr->type.is_unsigned);
	expr->facts |= FACT_SESSION;
	environment->is_cacheable = false;
	environment->facts |= FACT_SESSION;
	if (!repeat_carries_variable(ast->variable.scope, ast->variable.name))
		environment->facts |= FACT_SYSTEM_VARIABLE;
	return expr;
}
