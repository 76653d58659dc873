#include <stdio.h>
#include <string.h>

#include "query/write/writer.h"

const char *comparison_text(enum ast_operator op)
{
	switch (op) {
	case AST_OP_EQUAL: return " = ";
	case AST_OP_NULL_SAFE_EQUAL: return " IS ";
	case AST_OP_NOT_EQUAL: return " <> ";
	case AST_OP_LESS: return " < ";
	case AST_OP_LESS_EQUAL: return " <= ";
	case AST_OP_GREATER: return " > ";
	default: return " >= ";
	}
}

static int write_literal(struct writer *writer, const struct tree_expr *expr)
{
	if (expr->literal.kind == VALUE_NULL) {
		put(writer, "NULL");
		return 0;
	}
	put_binding(writer, &(struct binding){.kind = BINDING_VALUE, .class = expr->class, .type = &expr->type,
					      .node = expr, .value = &expr->literal});
	return 0;
}

static int write_parameter(struct writer *writer, const struct tree_expr *expr)
{
	put_binding(writer, &(struct binding){.kind = BINDING_PARAMETER, .class = expr->class, .type = &expr->type,
					      .node = expr, .parameter = expr->parameter});
	return 0;
}

static void put_table_column(struct writer *writer, unsigned source, unsigned column)
{
	put_numbered(writer, "t", source);
	put_numbered(writer, ".c", column + 1);
}

static int write_column(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_source *source = expr->column.source;
	const struct tree_source_column *column = &source->columns[expr->column.column];
	if (source->kind == SOURCE_ROW)
		put_binding(writer, &(struct binding){.kind = BINDING_COLUMN, .class = column->class,
						      .type = &column->type, .node = column,
						      .row = {source, expr->column.column}});
	else
		put_table_column(writer, source->number, expr->column.column);
	return 0;
}

static int write_row_handle(struct writer *writer, const struct tree_expr *expr)
{
	put_numbered(writer, "t", expr->column.source->number);
	put(writer, ".h");
	return 0;
}

static int write_output(struct writer *writer, const struct tree_expr *expr)
{
	buf_printf(&writer->sql, "u.c%u", expr->output + 1); /* of the set operation around which write_query put a SELECT */
	return 0;
}

static void put_extras(struct writer *writer, const struct tree_extra *extras, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		put(writer, ", ");
		if (extras[i].is_text)
			put_quoted(writer, extras[i].text);
		else
			buf_printf(&writer->sql, "%lld", (long long)extras[i].number);
	}
}

static int write_convert(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_expr *operand = expr->convert.operand;
	if (expr->convert.name == NULL)
		return write_expr(writer, operand);
	buf_printf(&writer->sql, "%s(", expr->convert.name);
	if (write_expr(writer, operand) != 0)
		return -1;
	if (operand->class == CLASS_ENUM || operand->class == CLASS_SET) {
		put(writer, ", ");
		put_binding(writer, &(struct binding){.kind = BINDING_TYPE, .node = &operand->type, .type = &operand->type});
	}
	put_extras(writer, expr->convert.extras, expr->convert.extra_count);
	put(writer, ")");
	return 0;
}

static int write_collate(struct writer *writer, const struct tree_expr *expr)
{
	return write_expr(writer, expr->collate.operand);
}

/* left, with its collation, op, right; in parentheses. */
static int write_pair(struct writer *writer, const struct tree_expr *left, const struct collation *collation,
		      const char *op, const struct tree_expr *right)
{
	put(writer, "(");
	if (write_expr(writer, left) != 0)
		return -1;
	put_collation(writer, collation);
	put(writer, op);
	if (write_expr(writer, right) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* gm_json_compare answers <0, 0, >0, or NULL when one side is NULL. */
static int write_json_compare(struct writer *writer, const struct tree_expr *left, enum ast_operator op,
			      const struct tree_expr *right)
{
	bool null_safe = op == AST_OP_NULL_SAFE_EQUAL;
	put(writer, null_safe ? "coalesce(gm_json_compare(" : "(gm_json_compare(");
	if (write_expr(writer, left) != 0)
		return -1;
	put(writer, ", ");
	if (write_expr(writer, right) != 0)
		return -1;
	put(writer, ")");
	put(writer, null_safe ? " = " : comparison_text(op));
	put(writer, "0");
	if (null_safe) {
		put(writer, ", ");
		if (write_expr(writer, left) != 0)
			return -1;
		put(writer, " IS NULL AND ");
		if (write_expr(writer, right) != 0)
			return -1;
		put(writer, " IS NULL");
	}
	put(writer, ")");
	return 0;
}

static int write_comparison(struct writer *writer, const struct tree_expr *left, enum ast_operator op,
			    enum value_class class, const struct collation *collation, const struct tree_expr *right)
{
	if (class == CLASS_JSON)
		return write_json_compare(writer, left, op, right);
	return write_pair(writer, left, collation, comparison_text(op), right);
}

static int write_compare(struct writer *writer, const struct tree_expr *expr)
{
	return write_comparison(writer, expr->compare.left, expr->compare.op, expr->compare.class,
				expr->compare.collation, expr->compare.right);
}

static int write_between(struct writer *writer, const struct tree_expr *expr)
{
	if (expr->between.negated)
		put(writer, "(NOT ");
	put(writer, "(");
	if (expr->between.class == CLASS_JSON) {
		if (write_json_compare(writer, expr->between.operand, AST_OP_GREATER_EQUAL, expr->between.low) != 0)
			return -1;
		put(writer, " AND ");
		if (write_json_compare(writer, expr->between.operand, AST_OP_LESS_EQUAL, expr->between.high) != 0)
			return -1;
	} else {
		if (write_expr(writer, expr->between.operand) != 0)
			return -1;
		put_collation(writer, expr->between.collation);
		put(writer, " BETWEEN ");
		if (write_expr(writer, expr->between.low) != 0)
			return -1;
		put(writer, " AND ");
		if (write_expr(writer, expr->between.high) != 0)
			return -1;
	}
	put(writer, expr->between.negated ? "))" : ")");
	return 0;
}

static int write_list(struct writer *writer, const struct tree_exprs *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (i > 0)
			put(writer, ", ");
		if (write_expr(writer, list->items[i]) != 0)
			return -1;
	}
	return 0;
}

static int write_json_in(struct writer *writer, const struct tree_expr *expr)
{
	for (unsigned i = 0; i < expr->in_list.list.count; i++) {
		put(writer, i > 0 ? " OR " : "");
		if (write_json_compare(writer, expr->in_list.operand, AST_OP_EQUAL, expr->in_list.list.items[i]) != 0)
			return -1;
	}
	return 0;
}

static int write_in_list(struct writer *writer, const struct tree_expr *expr)
{
	if (expr->in_list.class == CLASS_JSON) {
		put(writer, expr->in_list.negated ? "(NOT (" : "((");
		if (write_json_in(writer, expr) != 0)
			return -1;
		put(writer, "))");
		return 0;
	}
	put(writer, "(");
	if (write_expr(writer, expr->in_list.operand) != 0)
		return -1;
	put_collation(writer, expr->in_list.collation);
	put(writer, expr->in_list.negated ? " NOT IN (" : " IN (");
	if (write_list(writer, &expr->in_list.list) != 0)
		return -1;
	put(writer, "))");
	return 0;
}

static int write_not(struct writer *writer, const struct tree_expr *expr)
{
	put(writer, "(NOT ");
	if (write_expr(writer, expr->logical.items[0]) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* Halves in parentheses: a chain of a thousand is as high as its logarithm, for SQLite bounds the height. */
static int write_chain(struct writer *writer, struct tree_expr *const *items, unsigned count, const char *op)
{
	if (count == 1)
		return write_expr(writer, items[0]);
	unsigned half = count / 2;
	put(writer, "(");
	if (write_chain(writer, items, half, op) != 0)
		return -1;
	put(writer, op);
	if (write_chain(writer, items + half, count - half, op) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

int write_all(struct writer *writer, struct tree_expr *const *items, unsigned count)
{
	return write_chain(writer, items, count, " AND ");
}

static int write_and(struct writer *writer, const struct tree_expr *expr)
{
	return write_all(writer, expr->logical.items, expr->logical.count);
}

static int write_or(struct writer *writer, const struct tree_expr *expr)
{
	return write_chain(writer, expr->logical.items, expr->logical.count, " OR ");
}

static int write_xor(struct writer *writer, const struct tree_expr *expr)
{
	return write_pair(writer, expr->logical.items[0], NULL, " <> ", expr->logical.items[1]);
}

static int write_is(struct writer *writer, const struct tree_expr *expr)
{
	static const char *const tests[] = {
		[AST_TEST_NULL] = "NULL", [AST_TEST_TRUE] = "TRUE", [AST_TEST_FALSE] = "FALSE", [AST_TEST_UNKNOWN] = "NULL",
	};
	put(writer, "(");
	if (write_expr(writer, expr->is.operand) != 0)
		return -1;
	put(writer, expr->is.negated ? " IS NOT " : " IS ");
	put(writer, tests[expr->is.test]);
	put(writer, ")");
	return 0;
}

static int write_arms(struct writer *writer, const struct tree_expr *expr)
{
	for (unsigned i = 0; i < expr->conditional.arm_count; i++) {
		const struct tree_arm *arm = &expr->conditional.arms[i];
		put(writer, " WHEN ");
		if (write_expr(writer, arm->condition) != 0)
			return -1;
		put(writer, " THEN ");
		if (write_expr(writer, arm->result) != 0)
			return -1;
	}
	return 0;
}

/* A CASE whose ELSE is a CASE is one CASE with more arms. */
static int write_case(struct writer *writer, const struct tree_expr *expr)
{
	put(writer, "CASE");
	while (expr && expr->kind == TREE_CASE && expr != writer->step_node) {
		if (write_arms(writer, expr) != 0)
			return -1;
		expr = expr->conditional.otherwise;
	}
	put(writer, expr ? " ELSE " : "");
	if (expr && write_expr(writer, expr) != 0)
		return -1;
	put(writer, " END");
	return 0;
}

/* Collations whose keys grow character by character, so that what begins with a text has keys that begin with its key. */
static bool keys_grow_by_character(const struct collation *collation)
{
	static const char *const endings[] = {"_general_ci", "_bin", "latin1_swedish_ci", "8mb4_unicode_ci",
					      "8mb3_unicode_ci"};
	if (collation == collation_binary)
		return true;
	size_t size = strlen(collation->name);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		size_t ending = strlen(endings[i]);
		if (size >= ending && strcmp(collation->name + size - ending, endings[i]) == 0)
			return strstr(collation->name, "_0900_") == NULL;
	}
	return false;
}

bool like_has_range(const struct tree_expr *expr)
{
	const struct tree_expr *operand = expr->like.operand;
	if (expr->like.negated || expr->like.escape || operand->kind != TREE_COLUMN ||
	    operand->column.source->kind != SOURCE_TABLE || !tree_is_constant(expr->like.pattern))
		return false;
	const struct table *table = operand->column.source->table;
	unsigned column = operand->column.column;
	if (table->columns[column].type.collation != expr->like.collation ||
	    !keys_grow_by_character(expr->like.collation))
		return false;
	for (unsigned i = 0; i < table->index_count; i++)
		for (unsigned j = 0; j < table->indexes[i].part_count; j++)
			if (table->indexes[i].parts[j].column == column)
				return true;
	return false;
}

int write_like_range(struct writer *writer, const struct tree_expr *expr)
{
	put(writer, "gm_like_range(");
	if (write_expr(writer, expr->like.operand) != 0)
		return -1;
	put(writer, ", ");
	if (write_expr(writer, expr->like.pattern) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

static int write_like(struct writer *writer, const struct tree_expr *expr)
{
	bool range = like_has_range(expr);
	put(writer, expr->like.negated ? "(NOT gm_like(" : "(gm_like(");
	if (write_expr(writer, expr->like.pattern) != 0)
		return -1;
	put(writer, ", ");
	if (write_expr(writer, expr->like.operand) != 0)
		return -1;
	put(writer, ", ");
	if (expr->like.escape == NULL)
		put(writer, "'\\'");
	else if (write_expr(writer, expr->like.escape) != 0)
		return -1;
	buf_printf(&writer->sql, ", %u)", expr->like.collation->id);
	put(writer, range ? " AND " : "");
	if (range && write_like_range(writer, expr) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

static int write_variable(struct writer *writer, const struct tree_expr *expr)
{
	writer->saw_variable = true;
	if (!writer->live_variables) {
		put_binding(writer, &(struct binding){.kind = BINDING_VARIABLE, .class = expr->class, .type = &expr->type,
						      .node = expr, .name = expr->variable.name});
		return 0;
	}
	put(writer, "gm_get_variable(");
	put_quoted(writer, expr->variable.name);
	buf_printf(&writer->sql, ", %u)", expr->class);
	return 0;
}

/* gm_set_variable(name, value, class, unsigned, decimals, collation id) answers the value. */
static int write_assign(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_expr *value = expr->variable.value;
	const struct column_type *type = &value->type;
	writer->saw_assignment = true;
	put(writer, "gm_set_variable(");
	put_quoted(writer, expr->variable.name);
	put(writer, ", ");
	if (write_expr(writer, value) != 0)
		return -1;
	buf_printf(&writer->sql, ", %u, %d, %u, %u", value->class, type->is_unsigned || type->kind == TYPE_BIT,
		   type->decimals, type->collation ? type->collation->id : collation_binary->id);
	if (value->class == CLASS_ENUM || value->class == CLASS_SET) {
		put(writer, ", ");
		put_binding(writer, &(struct binding){.kind = BINDING_TYPE, .node = type, .type = type});
	}
	put(writer, ")");
	return 0;
}

static int write_default(struct writer *writer, const struct tree_expr *expr)
{
	put(writer, "NULL"); /* exec knows the column's default and does not read this */
	return 0;
}

int write_expr(struct writer *writer, const struct tree_expr *expr)
{
	static int (*const write[])(struct writer *writer, const struct tree_expr *expr) = {
		[TREE_LITERAL] = write_literal, [TREE_PARAMETER] = write_parameter, [TREE_COLUMN] = write_column,
		[TREE_ROW_HANDLE] = write_row_handle, [TREE_OUTPUT] = write_output, [TREE_CONVERT] = write_convert,
		[TREE_COLLATE] = write_collate, [TREE_COMPARE] = write_compare, [TREE_BETWEEN] = write_between,
		[TREE_IN_LIST] = write_in_list, [TREE_IN_QUERY] = write_in_query, [TREE_QUANTIFIED] = write_quantified,
		[TREE_ROW_QUERY] = write_row_query, [TREE_EXISTS] = write_exists, [TREE_SUBQUERY] = write_subquery,
		[TREE_NOT] = write_not, [TREE_AND] = write_and, [TREE_OR] = write_or, [TREE_XOR] = write_xor,
		[TREE_IS] = write_is, [TREE_CASE] = write_case, [TREE_LIKE] = write_like, [TREE_CALL] = write_call,
		[TREE_USER_VARIABLE] = write_variable, [TREE_ASSIGN] = write_assign, [TREE_DEFAULT] = write_default,
	};
	if (writer->rollup && writer_is_rolled_up(writer, expr)) {
		put(writer, "NULL");
		return 0;
	}
	if (writer->stage && write_staged(writer, expr))
		return 0;
	if (expr == writer->step_node) {
		buf_printf(&writer->sql, "x%u.v", writer->step_number);
		return 0;
	}
	if (expr_is_too_deep(writer, expr))
		return write_in_steps(writer, expr);
	return write[expr->kind](writer, expr);
}

int write_collated(struct writer *writer, const struct tree_expr *expr)
{
	if (write_expr(writer, expr) != 0)
		return -1;
	if (expr->class == CLASS_TEXT)
		put_collation(writer, expr->type.collation);
	return 0;
}
