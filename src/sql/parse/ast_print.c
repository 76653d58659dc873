#include "sql/parse/print.h"

#include <string.h>

/* Expressions and types as text; queries are in ast_print_query.c. The shape is what MySQL stores for views. */

void ast_name_print(const char *name, struct buf *out)
{
	buf_put_u8(out, '`');
	for (const char *c = name; *c; c++) {
		if (*c == '`')
			buf_put_u8(out, '`');
		buf_put_u8(out, (uint8_t)*c);
	}
	buf_put_u8(out, '`');
}

void ast_string_print(struct bytes text, struct buf *out)
{
	buf_put_u8(out, '\'');
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];
		switch (c) {
		case 0: buf_put_string(out, "\\0"); break;
		case '\n': buf_put_string(out, "\\n"); break;
		case '\r': buf_put_string(out, "\\r"); break;
		case '\032': buf_put_string(out, "\\Z"); break;
		case '\\': buf_put_string(out, "\\\\"); break;
		case '\'': buf_put_string(out, "\\'"); break;
		default: buf_put_u8(out, c);
		}
	}
	buf_put_u8(out, '\'');
}

void print_names(const struct ast_names *names, struct buf *out)
{
	for (size_t i = 0; i < names->count; i++) {
		buf_put_string(out, i ? "," : "(");
		ast_name_print(names->items[i].text, out);
	}
	if (names->count)
		buf_put_u8(out, ')');
}

void print_exprs(const struct ast_exprs *exprs, struct buf *out)
{
	for (size_t i = 0; i < exprs->count; i++) {
		if (i)
			buf_put_u8(out, ',');
		ast_expr_print(exprs->items[i], out);
	}
}

void print_orders(const struct ast_orders *orders, struct buf *out)
{
	for (size_t i = 0; i < orders->count; i++) {
		if (i)
			buf_put_u8(out, ',');
		ast_expr_print(orders->items[i].expr, out);
		if (orders->items[i].directed)
			buf_put_string(out, orders->items[i].descending ? " desc" : " asc");
	}
}

/* Types. */

static const char *const type_names[] = {
	[AST_TYPE_TINYINT] = "tinyint",
	[AST_TYPE_SMALLINT] = "smallint",
	[AST_TYPE_MEDIUMINT] = "mediumint",
	[AST_TYPE_INT] = "int",
	[AST_TYPE_BIGINT] = "bigint",
	[AST_TYPE_DECIMAL] = "decimal",
	[AST_TYPE_FLOAT] = "float",
	[AST_TYPE_DOUBLE] = "double",
	[AST_TYPE_BIT] = "bit",
	[AST_TYPE_CHAR] = "char",
	[AST_TYPE_VARCHAR] = "varchar",
	[AST_TYPE_BINARY] = "binary",
	[AST_TYPE_VARBINARY] = "varbinary",
	[AST_TYPE_TINYTEXT] = "tinytext",
	[AST_TYPE_TEXT] = "text",
	[AST_TYPE_MEDIUMTEXT] = "mediumtext",
	[AST_TYPE_LONGTEXT] = "longtext",
	[AST_TYPE_TINYBLOB] = "tinyblob",
	[AST_TYPE_BLOB] = "blob",
	[AST_TYPE_MEDIUMBLOB] = "mediumblob",
	[AST_TYPE_LONGBLOB] = "longblob",
	[AST_TYPE_ENUM] = "enum",
	[AST_TYPE_SET] = "set",
	[AST_TYPE_DATE] = "date",
	[AST_TYPE_TIME] = "time",
	[AST_TYPE_DATETIME] = "datetime",
	[AST_TYPE_TIMESTAMP] = "timestamp",
	[AST_TYPE_YEAR] = "year",
	[AST_TYPE_JSON] = "json",
	[AST_TYPE_GEOMETRY] = "geometry",
	[AST_TYPE_CAST_SIGNED] = "signed",
	[AST_TYPE_CAST_UNSIGNED] = "unsigned",
};

void ast_type_print(const struct ast_type *type, struct buf *out)
{
	buf_put_string(out, type_names[type->kind]);
	if (type->values.count) {
		for (size_t i = 0; i < type->values.count; i++) {
			buf_put_u8(out, i ? ',' : '(');
			ast_string_print(type->values.items[i], out);
		}
		buf_put_u8(out, ')');
	} else if (type->decimals >= 0) {
		buf_printf(out, "(%lld,%d)", (long long)type->length, type->decimals);
	} else if (type->length >= 0) {
		buf_printf(out, "(%lld)", (long long)type->length);
	}
	if (type->is_unsigned)
		buf_put_string(out, " unsigned");
	if (type->zerofill)
		buf_put_string(out, " zerofill");
	if (type->charset)
		buf_printf(out, " charset %s", type->charset);
	if (type->binary)
		buf_put_string(out, " binary");
	if (type->collation)
		buf_printf(out, " collate %s", type->collation);
}

/* Literals and variables. */

static void print_digits(const struct ast_literal *literal, struct buf *out)
{
	if (literal->kind == AST_LITERAL_HEX) {
		buf_put_string(out, "x'");
		for (size_t i = 0; i < literal->text.size; i++)
			buf_printf(out, "%02X", literal->text.data[i]);
	} else {
		buf_put_string(out, "b'");
		for (size_t i = literal->integer; i-- > 0;) {
			uint8_t byte = literal->text.data[literal->text.size - 1 - i / 8];
			buf_put_u8(out, byte >> i % 8 & 1 ? '1' : '0');
		}
	}
	buf_put_u8(out, '\'');
}

static void print_literal(const struct ast_literal *literal, struct buf *out)
{
	if (literal->charset)
		buf_printf(out, "_%s", literal->charset);
	switch (literal->kind) {
	case AST_LITERAL_NULL: buf_put_string(out, "NULL"); break;
	case AST_LITERAL_TRUE: buf_put_string(out, "true"); break;
	case AST_LITERAL_FALSE: buf_put_string(out, "false"); break;
	case AST_LITERAL_INTEGER: buf_printf(out, "%llu", (unsigned long long)literal->integer); break;
	case AST_LITERAL_DECIMAL:
	case AST_LITERAL_FLOAT: buf_put_bytes(out, literal->text); break;
	case AST_LITERAL_HEX:
	case AST_LITERAL_BIT: print_digits(literal, out); break;
	case AST_LITERAL_DATE: buf_put_string(out, "DATE"); break;
	case AST_LITERAL_TIME: buf_put_string(out, "TIME"); break;
	case AST_LITERAL_TIMESTAMP: buf_put_string(out, "TIMESTAMP"); break;
	case AST_LITERAL_STRING: break;
	}
	if (literal->kind == AST_LITERAL_STRING || literal->kind >= AST_LITERAL_DATE)
		ast_string_print(literal->text, out);
}

static void print_column(const struct ast_expr *expr, struct buf *out)
{
	if (expr->column.database) {
		ast_name_print(expr->column.database, out);
		buf_put_u8(out, '.');
	}
	if (expr->column.table) {
		ast_name_print(expr->column.table, out);
		buf_put_u8(out, '.');
	}
	if (expr->kind == AST_STAR)
		buf_put_u8(out, '*');
	else
		ast_name_print(expr->column.name, out);
}

static void print_user_variable(const char *name, struct buf *out)
{
	buf_put_u8(out, '@');
	ast_name_print(name, out);
}

static void print_system_variable(const struct ast_expr *expr, struct buf *out)
{
	static const char *const scopes[] = {"", "session.", "global.", "persist.", "persist_only."};
	buf_printf(out, "@@%s", scopes[expr->variable.scope]);
	if (expr->variable.base) {
		ast_name_print(expr->variable.base, out);
		buf_put_u8(out, '.');
	}
	ast_name_print(expr->variable.name, out);
}

/* Operators. */

static const char *const operator_texts[] = {
	[AST_OP_PLUS] = "+",
	[AST_OP_NEGATE] = "-",
	[AST_OP_BIT_NOT] = "~",
	[AST_OP_NOT] = "not",
	[AST_OP_ADD] = "+",
	[AST_OP_SUBTRACT] = "-",
	[AST_OP_MULTIPLY] = "*",
	[AST_OP_DIVIDE] = "/",
	[AST_OP_INTEGER_DIVIDE] = "DIV",
	[AST_OP_MODULO] = "%",
	[AST_OP_BIT_AND] = "&",
	[AST_OP_BIT_OR] = "|",
	[AST_OP_BIT_XOR] = "^",
	[AST_OP_SHIFT_LEFT] = "<<",
	[AST_OP_SHIFT_RIGHT] = ">>",
	[AST_OP_EQUAL] = "=",
	[AST_OP_NULL_SAFE_EQUAL] = "<=>",
	[AST_OP_NOT_EQUAL] = "<>",
	[AST_OP_LESS] = "<",
	[AST_OP_LESS_EQUAL] = "<=",
	[AST_OP_GREATER] = ">",
	[AST_OP_GREATER_EQUAL] = ">=",
	[AST_OP_AND] = "and",
	[AST_OP_OR] = "or",
	[AST_OP_XOR] = "xor",
	[AST_OP_SOUNDS_LIKE] = "sounds like",
	[AST_OP_REGEXP] = "regexp",
	[AST_OP_JSON_EXTRACT] = "->",
	[AST_OP_JSON_UNQUOTE] = "->>",
	[AST_OP_MEMBER_OF] = "member of",
};

const char *ast_operator_text(enum ast_operator op)
{
	return operator_texts[op];
}

static void print_unary(const struct ast_expr *expr, struct buf *out)
{
	if (expr->unary.op == AST_OP_NOT) {
		buf_put_string(out, "(not(");
		ast_expr_print(expr->unary.operand, out);
		buf_put_string(out, "))");
		return;
	}
	buf_put_string(out, operator_texts[expr->unary.op]);
	bool bare = expr->unary.operand->kind == AST_LITERAL;
	if (!bare)
		buf_put_u8(out, '(');
	ast_expr_print(expr->unary.operand, out);
	if (!bare)
		buf_put_u8(out, ')');
}

static void print_binary(const struct ast_expr *expr, struct buf *out)
{
	enum ast_operator op = expr->binary.op;
	if (op == AST_OP_JSON_EXTRACT || op == AST_OP_JSON_UNQUOTE) {
		ast_expr_print(expr->binary.left, out);
		buf_put_string(out, operator_texts[op]);
		ast_expr_print(expr->binary.right, out);
		return;
	}
	buf_put_u8(out, '(');
	ast_expr_print(expr->binary.left, out);
	buf_printf(out, "%s %s ", expr->binary.negated ? " not" : "", operator_texts[op]);
	if (op == AST_OP_MEMBER_OF)
		buf_put_u8(out, '(');
	ast_expr_print(expr->binary.right, out);
	buf_put_string(out, op == AST_OP_MEMBER_OF ? "))" : ")");
}

static void print_logical(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	for (size_t i = 0; i < expr->logical.operands.count; i++) {
		if (i)
			buf_printf(out, " %s ", operator_texts[expr->logical.op]);
		ast_expr_print(expr->logical.operands.items[i], out);
	}
	buf_put_u8(out, ')');
}

static void print_between(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	ast_expr_print(expr->between.operand, out);
	buf_put_string(out, expr->between.negated ? " not between " : " between ");
	ast_expr_print(expr->between.low, out);
	buf_put_string(out, " and ");
	ast_expr_print(expr->between.high, out);
	buf_put_u8(out, ')');
}

static void print_in(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	ast_expr_print(expr->in.operand, out);
	buf_put_string(out, expr->in.negated ? " not in (" : " in (");
	if (expr->in.query)
		ast_query_print(expr->in.query, out);
	else
		print_exprs(&expr->in.list, out);
	buf_put_string(out, "))");
}

static void print_like(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	ast_expr_print(expr->like.operand, out);
	buf_put_string(out, expr->like.negated ? " not like " : " like ");
	ast_expr_print(expr->like.pattern, out);
	if (expr->like.escape) {
		buf_put_string(out, " escape ");
		ast_expr_print(expr->like.escape, out);
	}
	buf_put_u8(out, ')');
}

static void print_is(const struct ast_expr *expr, struct buf *out)
{
	static const char *const tests[] = {"null", "true", "false", "unknown"};
	buf_put_u8(out, '(');
	ast_expr_print(expr->is.operand, out);
	buf_printf(out, " is %s%s)", expr->is.negated ? "not " : "", tests[expr->is.test]);
}

/* Functions. */

static void print_frame_bound(const struct ast_frame_bound *bound, struct buf *out)
{
	static const char *const texts[] = {"unbounded preceding", " preceding", "current row", " following",
					    "unbounded following"};
	if (bound->distance) {
		if (bound->has_unit)
			buf_put_string(out, "interval ");
		ast_expr_print(bound->distance, out);
		if (bound->has_unit)
			buf_printf(out, " %s", ast_interval_unit_name(bound->unit));
	}
	buf_put_string(out, texts[bound->kind]);
}

/* The inside of OVER (...). */
void print_window(const struct ast_window *window, struct buf *out)
{
	static const char *const units[] = {"rows", "range", "groups"};
	if (window->base.text) {
		ast_name_print(window->base.text, out);
		buf_put_u8(out, ' ');
	}
	if (window->partition_by.count) {
		buf_put_string(out, "partition by ");
		print_exprs(&window->partition_by, out);
		buf_put_u8(out, ' ');
	}
	if (window->order_by.count) {
		buf_put_string(out, "order by ");
		print_orders(&window->order_by, out);
		buf_put_u8(out, ' ');
	}
	if (window->frame) {
		buf_printf(out, "%s between ", units[window->frame->unit]);
		print_frame_bound(&window->frame->start, out);
		buf_put_string(out, " and ");
		print_frame_bound(&window->frame->end, out);
	}
}

static void print_over(const struct ast_call *call, struct buf *out)
{
	if (call->ignore_nulls)
		buf_put_string(out, " ignore nulls");
	buf_put_string(out, " over ");
	if (call->over->reference) {
		ast_name_print(call->over->base.text, out);
		return;
	}
	buf_put_u8(out, '(');
	print_window(call->over, out);
	buf_put_u8(out, ')');
}

/* Names of functions stand bare where they can. */
static void print_function_name(const char *name, struct buf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	if (name[strspn(name, plain)] == 0)
		buf_put_string(out, name);
	else
		ast_name_print(name, out);
}

static void print_call(const struct ast_call *call, struct buf *out)
{
	if (call->database) {
		ast_name_print(call->database, out);
		buf_put_u8(out, '.');
		ast_name_print(call->name, out);
	} else {
		print_function_name(call->name, out);
	}
	buf_put_string(out, call->distinct ? "(distinct " : "(");
	if (call->star)
		buf_put_u8(out, '*');
	print_exprs(&call->arguments, out);
	if (call->order_by.count) {
		buf_put_string(out, " order by ");
		print_orders(&call->order_by, out);
	}
	if (call->has_separator) {
		buf_put_string(out, " separator ");
		ast_string_print(call->separator, out);
	}
	if (call->charset)
		buf_printf(out, " using %s", call->charset);
	buf_put_u8(out, ')');
	if (call->over)
		print_over(call, out);
}

static void print_case(const struct ast_case *conditional, struct buf *out)
{
	buf_put_string(out, "(case");
	if (conditional->value) {
		buf_put_u8(out, ' ');
		ast_expr_print(conditional->value, out);
	}
	for (size_t i = 0; i < conditional->arm_count; i++) {
		buf_put_string(out, " when ");
		ast_expr_print(conditional->arms[i].when, out);
		buf_put_string(out, " then ");
		ast_expr_print(conditional->arms[i].then, out);
	}
	if (conditional->otherwise) {
		buf_put_string(out, " else ");
		ast_expr_print(conditional->otherwise, out);
	}
	buf_put_string(out, " end)");
}

static void print_trim(const struct ast_expr *expr, struct buf *out)
{
	static const char *const sides[] = {"both ", "leading ", "trailing "};
	buf_put_string(out, "trim(");
	if (expr->trim.removed || expr->trim.side != AST_TRIM_BOTH) {
		buf_put_string(out, sides[expr->trim.side]);
		if (expr->trim.removed)
			ast_expr_print(expr->trim.removed, out);
		buf_put_string(out, " from ");
	}
	ast_expr_print(expr->trim.operand, out);
	buf_put_u8(out, ')');
}

static void print_date_add(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	ast_expr_print(expr->date_add.date, out);
	buf_put_string(out, expr->date_add.subtract ? " - interval " : " + interval ");
	ast_expr_print(expr->date_add.amount, out);
	buf_printf(out, " %s)", ast_interval_unit_name(expr->date_add.unit));
}

static void print_match(const struct ast_expr *expr, struct buf *out)
{
	buf_put_string(out, "match (");
	print_exprs(&expr->match.columns, out);
	buf_put_string(out, ") against (");
	ast_expr_print(expr->match.against, out);
	if (expr->match.boolean_mode)
		buf_put_string(out, " in boolean mode");
	if (expr->match.query_expansion)
		buf_put_string(out, " with query expansion");
	buf_put_u8(out, ')');
}

static void print_query(const char *before, const struct ast_query *query, struct buf *out)
{
	buf_put_string(out, before);
	buf_put_u8(out, '(');
	ast_query_print(query, out);
	buf_put_u8(out, ')');
}

/* The kinds with one operand and text around it. */
static void print_around(const char *before, const struct ast_expr *operand, const char *between,
			 const char *after, struct buf *out)
{
	buf_put_string(out, before);
	ast_expr_print(operand, out);
	buf_printf(out, "%s%s)", between, after);
}

static void print_cast(const struct ast_expr *expr, struct buf *out)
{
	buf_put_string(out, "cast(");
	ast_expr_print(expr->cast.operand, out);
	buf_put_string(out, " as ");
	ast_type_print(expr->cast.type, out);
	buf_put_u8(out, ')');
}

static void print_default(const struct ast_expr *expr, struct buf *out)
{
	buf_put_string(out, "default");
	if (expr->column.name == NULL)
		return;
	buf_put_u8(out, '(');
	print_column(expr, out);
	buf_put_u8(out, ')');
}

static void print_assign(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	print_user_variable(expr->assign.name, out);
	buf_put_string(out, " := ");
	ast_expr_print(expr->assign.value, out);
	buf_put_u8(out, ')');
}

static void print_quantified(const struct ast_expr *expr, struct buf *out)
{
	buf_put_u8(out, '(');
	ast_expr_print(expr->quantified.left, out);
	buf_printf(out, " %s ", operator_texts[expr->quantified.op]);
	print_query(expr->quantified.all ? "all " : "any ", expr->quantified.query, out);
	buf_put_u8(out, ')');
}

static void print_difference(const struct ast_expr *expr, struct buf *out)
{
	buf_printf(out, "timestampdiff(%s,", ast_interval_unit_name(expr->date_difference.unit));
	ast_expr_print(expr->date_difference.from, out);
	buf_put_u8(out, ',');
	ast_expr_print(expr->date_difference.to, out);
	buf_put_u8(out, ')');
}

static void print_extract(const struct ast_expr *expr, struct buf *out)
{
	buf_printf(out, "extract(%s from ", ast_interval_unit_name(expr->extract.unit));
	ast_expr_print(expr->extract.operand, out);
	buf_put_u8(out, ')');
}

static void print_row(const struct ast_expr *expr, struct buf *out)
{
	buf_put_string(out, "row(");
	print_exprs(&expr->row, out);
	buf_put_u8(out, ')');
}

void ast_expr_print(const struct ast_expr *expr, struct buf *out)
{
	switch (expr->kind) {
	case AST_LITERAL: print_literal(expr->literal, out); break;
	case AST_PLACEHOLDER: buf_put_u8(out, '?'); break;
	case AST_COLUMN:
	case AST_STAR: print_column(expr, out); break;
	case AST_USER_VARIABLE: print_user_variable(expr->variable.name, out); break;
	case AST_SYSTEM_VARIABLE: print_system_variable(expr, out); break;
	case AST_ASSIGN: print_assign(expr, out); break;
	case AST_UNARY: print_unary(expr, out); break;
	case AST_BINARY: print_binary(expr, out); break;
	case AST_LOGICAL: print_logical(expr, out); break;
	case AST_CALL: print_call(expr->call, out); break;
	case AST_CASE: print_case(expr->conditional, out); break;
	case AST_BETWEEN: print_between(expr, out); break;
	case AST_IN: print_in(expr, out); break;
	case AST_LIKE: print_like(expr, out); break;
	case AST_IS: print_is(expr, out); break;
	case AST_EXISTS: print_query("exists", expr->query, out); break;
	case AST_SUBQUERY: print_query("", expr->query, out); break;
	case AST_QUANTIFIED: print_quantified(expr, out); break;
	case AST_ROW: print_row(expr, out); break;
	case AST_CAST: print_cast(expr, out); break;
	case AST_CONVERT: print_around("convert(", expr->convert.operand, " using ", expr->convert.charset, out); break;
	case AST_COLLATE: print_around("(", expr->collate.operand, " collate ", expr->collate.collation, out); break;
	case AST_EXTRACT: print_extract(expr, out); break;
	case AST_DATE_ADD: print_date_add(expr, out); break;
	case AST_DATE_DIFFERENCE: print_difference(expr, out); break;
	case AST_TRIM: print_trim(expr, out); break;
	case AST_VALUES:
		buf_put_string(out, "values(");
		print_column(expr, out);
		buf_put_u8(out, ')');
		break;
	case AST_DEFAULT: print_default(expr, out); break;
	case AST_MATCH: print_match(expr, out); break;
	}
}
