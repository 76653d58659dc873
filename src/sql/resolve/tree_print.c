/* A resolved expression as MySQL's messages quote it: names in full, operators in parentheses. */
#include <inttypes.h>

#include "sql/resolve/function.h"
#include "sql/resolve/resolver.h"

static const char *operator_sign(const char *function)
{
	static const char *const signs[][2] = {
		{"$add", "+"}, {"$subtract", "-"}, {"$multiply", "*"}, {"$divide", "/"}, {"$integer_divide", "DIV"},
		{"$modulo", "%"}, {"$bit_and", "&"}, {"$bit_or", "|"}, {"$bit_xor", "^"}, {"$shift_left", "<<"},
		{"$shift_right", ">>"},
	};
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
		if (strcmp(signs[i][0], function) == 0)
			return signs[i][1];
	return NULL;
}

static void print_column(const struct tree_expr *expr, struct buf *out)
{
	const struct tree_source *source = expr->column.source;
	if (source->database[0] != 0) {
		ast_name_print(source->database, out);
		buf_put_string(out, ".");
	}
	ast_name_print(source->alias, out);
	buf_put_string(out, ".");
	ast_name_print(source->columns[expr->column.column].name, out);
}

static bool print_literal(const struct tree_expr *expr, struct buf *out)
{
	char text[decimal_precision_max + 88];
	const struct value *value = &expr->literal;
	switch (value->kind) {
	case VALUE_NULL: buf_put_string(out, "NULL"); return true;
	case VALUE_INT: buf_printf(out, "%" PRId64, value->integer); return true;
	case VALUE_UINT: buf_printf(out, "%" PRIu64, value->uinteger); return true;
	case VALUE_DOUBLE: buf_put(out, text, double_print(value->real, text)); return true;
	case VALUE_DECIMAL: buf_put(out, text, decimal_print(value->decimal, text)); return true;
	case VALUE_STRING:
		if (expr->class != CLASS_TEXT)
			return false;
		ast_string_print(value->string, out);
		return true;
	default: return false;
	}
}

bool tree_print_call(const struct function *function, struct tree_expr *const *arguments, unsigned count,
		     struct buf *out)
{
	const char *sign = operator_sign(function->name);
	if (strcmp(function->name, "$negate") == 0) {
		buf_put_string(out, "-(");
		bool printed = tree_print(arguments[0], out);
		buf_put_string(out, ")");
		return printed;
	}
	if (function->name[0] == '$' && sign == NULL)
		return false;
	if (sign == NULL)
		buf_put_string(out, function->name);
	buf_put_string(out, "(");
	for (unsigned i = 0; i < count; i++) {
		if (i > 0 && sign != NULL)
			buf_printf(out, " %s ", sign);
		else if (i > 0)
			buf_put_string(out, ",");
		if (!tree_print(arguments[i], out))
			return false;
	}
	buf_put_string(out, ")");
	return true;
}

bool tree_print(const struct tree_expr *expr, struct buf *out)
{
	switch (expr->kind) {
	case TREE_LITERAL:
		return print_literal(expr, out);
	case TREE_PARAMETER:
		buf_put_string(out, "?");
		return true;
	case TREE_COLUMN:
		print_column(expr, out);
		return true;
	case TREE_CONVERT:
		return expr->convert.reason != CONVERT_CAST && tree_print(expr->convert.operand, out);
	case TREE_USER_VARIABLE:
		buf_printf(out, "(@`%s`)", expr->variable.name);
		return true;
	case TREE_CALL:
		return !expr->call.star && !expr->call.distinct && expr->call.over == NULL &&
		       tree_print_call(expr->call.function, expr->call.arguments.items, expr->call.arguments.count, out);
	default:
		return false;
	}
}
