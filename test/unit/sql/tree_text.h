/*
 * A resolved expression as a line of text, for tests to compare: t.a, 5, 'x', dt'2024-01-31 00:00:00',
 * gm_add_int(t.a, 1), (t.a =int 5), (t.b =utf8mb4_general_ci 'x').
 */
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "sql/resolve/function.h"
#include "sql/resolve/tree.h"
#include "type/temporal.h"

static void put_expr(struct buf *out, const struct tree_expr *expr);

static void put_exprs(struct buf *out, struct tree_exprs exprs)
{
	for (unsigned i = 0; i < exprs.count; i++) {
		buf_put_string(out, i ? ", " : "");
		put_expr(out, exprs.items[i]);
	}
}

static void put_extras(struct buf *out, const struct tree_extra *extras, unsigned count, bool first)
{
	for (unsigned i = 0; i < count; i++) {
		buf_put_string(out, first && i == 0 ? "" : ", ");
		if (extras[i].is_text)
			buf_printf(out, "\"%s\"", extras[i].text);
		else
			buf_printf(out, "%" PRId64, extras[i].number);
	}
}

static void put_time(struct buf *out, const struct value *value)
{
	char text[32];
	size_t size = value->kind == VALUE_TIME ? time_print(value->packed, value->decimals, text)
		: value->kind == VALUE_DATE ? date_print(value->packed, text)
		: datetime_print(value->packed, value->decimals, text);
	buf_printf(out, "%s'%.*s'", value->kind == VALUE_TIME ? "time" : value->kind == VALUE_DATE ? "date" : "dt",
		   (int)size, text);
}

static void put_literal(struct buf *out, const struct tree_expr *expr)
{
	const struct value *value = &expr->literal;
	char text[400];
	switch (value->kind) {
	case VALUE_NULL: buf_put_string(out, "NULL"); break;
	case VALUE_INT: buf_printf(out, "%" PRId64, value->integer); break;
	case VALUE_UINT: buf_printf(out, "%" PRIu64, value->uinteger); break;
	case VALUE_DOUBLE:
		double_print(value->real, text);
		buf_printf(out, "%sr", text);
		break;
	case VALUE_DECIMAL:
		decimal_print(value->decimal, text);
		buf_printf(out, "%sd", text);
		break;
	case VALUE_STRING:
		buf_printf(out, "%s'%.*s'", expr->class == CLASS_BINARY ? "b" : "", (int)value->string.size,
			   (const char *)value->string.data);
		break;
	default: put_time(out, value);
	}
}

static const char *class_of_comparison(enum value_class class, const struct collation *collation)
{
	return collation ? collation->name : class_name(class);
}

static void put_window(struct buf *out, const struct tree_window *over)
{
	buf_put_string(out, " over(");
	put_exprs(out, over->partition_by);
	for (unsigned i = 0; i < over->order_by.count; i++) {
		buf_put_string(out, " by ");
		put_expr(out, over->order_by.items[i].expr);
	}
	buf_put_string(out, ")");
}

static void put_call(struct buf *out, const struct tree_expr *expr)
{
	buf_printf(out, "%s(%s%s", expr->call.name, expr->call.star ? "*" : "", expr->call.distinct ? "distinct " : "");
	put_exprs(out, expr->call.arguments);
	put_extras(out, expr->call.extras, expr->call.extra_count, expr->call.arguments.count == 0);
	buf_put_string(out, ")");
	if (expr->call.over)
		put_window(out, expr->call.over);
}

static void put_logical(struct buf *out, const struct tree_expr *expr, const char *word)
{
	bool is_not = expr->logical.count == 1;
	buf_put_string(out, is_not ? "" : "(");
	for (unsigned i = 0; i < expr->logical.count; i++) {
		buf_put_string(out, i || is_not ? word : "");
		put_expr(out, expr->logical.items[i]);
	}
	buf_put_string(out, is_not ? "" : ")");
}

static void put_case(struct buf *out, const struct tree_expr *expr)
{
	buf_put_string(out, "case");
	for (unsigned i = 0; i < expr->conditional.arm_count; i++) {
		buf_put_string(out, " when ");
		put_expr(out, expr->conditional.arms[i].condition);
		buf_put_string(out, " then ");
		put_expr(out, expr->conditional.arms[i].result);
	}
	if (expr->conditional.otherwise) {
		buf_put_string(out, " else ");
		put_expr(out, expr->conditional.otherwise);
	}
	buf_put_string(out, " end");
}

static void put_compared(struct buf *out, const struct tree_expr *expr)
{
	buf_put_string(out, "(");
	switch (expr->kind) {
	case TREE_COMPARE:
		put_expr(out, expr->compare.left);
		buf_printf(out, " %s%s ", ast_operator_text(expr->compare.op),
			   class_of_comparison(expr->compare.class, expr->compare.collation));
		put_expr(out, expr->compare.right);
		break;
	case TREE_BETWEEN:
		put_expr(out, expr->between.operand);
		buf_printf(out, " between:%s ", class_of_comparison(expr->between.class, expr->between.collation));
		put_expr(out, expr->between.low);
		buf_put_string(out, " and ");
		put_expr(out, expr->between.high);
		break;
	case TREE_IN_LIST:
		put_expr(out, expr->in_list.operand);
		buf_printf(out, " %sin:%s ", expr->in_list.negated ? "not " : "",
			   class_of_comparison(expr->in_list.class, expr->in_list.collation));
		put_exprs(out, expr->in_list.list);
		break;
	case TREE_LIKE:
		put_expr(out, expr->like.operand);
		buf_printf(out, " like:%s ", expr->like.collation->name);
		put_expr(out, expr->like.pattern);
		break;
	default:
		put_exprs(out, expr->in_query.operands);
		buf_printf(out, " %s%s", expr->in_query.negated ? "not " : "", expr->kind == TREE_IN_QUERY ? "in"
			   : ast_operator_text(expr->in_query.op));
		buf_printf(out, "%s query(", expr->kind == TREE_QUANTIFIED ? expr->in_query.all ? " all" : " any" : "");
		put_expr(out, expr->in_query.query->columns[0].expr);
		buf_put_string(out, ")");
	}
	buf_put_string(out, ")");
}

static void put_wrapped(struct buf *out, const struct tree_expr *expr)
{
	static const char *const tests[] = {"null", "true", "false", "unknown"};
	switch (expr->kind) {
	case TREE_CONVERT:
		buf_printf(out, "%s(", expr->convert.name ? expr->convert.name : class_name(expr->class));
		put_expr(out, expr->convert.operand);
		put_extras(out, expr->convert.extras, expr->convert.extra_count, false);
		buf_put_string(out, ")");
		break;
	case TREE_COLLATE:
		put_expr(out, expr->collate.operand);
		buf_printf(out, " collate %s", expr->type.collation->name);
		break;
	case TREE_IS:
		buf_put_string(out, "(");
		put_expr(out, expr->is.operand);
		buf_printf(out, " is %s%s)", expr->is.negated ? "not " : "", tests[expr->is.test]);
		break;
	case TREE_ASSIGN:
		buf_printf(out, "(@%s := ", expr->variable.name);
		put_expr(out, expr->variable.value);
		buf_put_string(out, ")");
		break;
	default:
		buf_put_string(out, "query(");
		put_expr(out, expr->query->columns[0].expr);
		buf_put_string(out, ")");
	}
}

static void put_column(struct buf *out, const struct tree_expr *expr)
{
	buf_printf(out, "%s.%s", expr->column.source->alias, expr->column.source->columns[expr->column.column].name);
}

static void put_expr(struct buf *out, const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_LITERAL: put_literal(out, expr); break;
	case TREE_PARAMETER: buf_printf(out, "?%u:%s", expr->parameter, class_name(expr->class)); break;
	case TREE_COLUMN: put_column(out, expr); break;
	case TREE_ROW_HANDLE: buf_printf(out, "handle(%s)", expr->column.source->alias); break;
	case TREE_OUTPUT: buf_printf(out, "#%u", expr->output + 1); break;
	case TREE_CONVERT: case TREE_COLLATE: case TREE_IS: case TREE_ASSIGN: case TREE_SUBQUERY:
		put_wrapped(out, expr);
		break;
	case TREE_COMPARE: case TREE_BETWEEN: case TREE_IN_LIST: case TREE_LIKE: case TREE_IN_QUERY:
	case TREE_QUANTIFIED: case TREE_ROW_QUERY:
		put_compared(out, expr);
		break;
	case TREE_EXISTS: buf_put_string(out, "exists"); break;
	case TREE_NOT: put_logical(out, expr, "not "); break;
	case TREE_AND: put_logical(out, expr, " and "); break;
	case TREE_OR: put_logical(out, expr, " or "); break;
	case TREE_XOR: put_logical(out, expr, " xor "); break;
	case TREE_CASE: put_case(out, expr); break;
	case TREE_CALL: put_call(out, expr); break;
	case TREE_USER_VARIABLE: buf_printf(out, "@%s:%s", expr->variable.name, class_name(expr->class)); break;
	case TREE_DEFAULT: buf_put_string(out, "DEFAULT"); break;
	}
}
