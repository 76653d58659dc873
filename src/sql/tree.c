#include "sql/tree.h"

enum value_class class_of_type(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TINYINT: case TYPE_SMALLINT: case TYPE_MEDIUMINT: case TYPE_INT: case TYPE_BIGINT: case TYPE_BIT:
	case TYPE_YEAR:
		return CLASS_INTEGER;
	case TYPE_FLOAT: case TYPE_DOUBLE:
		return CLASS_REAL;
	case TYPE_DECIMAL:
		return CLASS_DECIMAL;
	case TYPE_DATE:
		return CLASS_DATE;
	case TYPE_TIME:
		return CLASS_TIME;
	case TYPE_DATETIME: case TYPE_TIMESTAMP:
		return CLASS_DATETIME;
	case TYPE_ENUM:
		return CLASS_ENUM;
	case TYPE_SET:
		return CLASS_SET;
	case TYPE_JSON:
		return CLASS_JSON;
	case TYPE_BINARY: case TYPE_VARBINARY: case TYPE_TINYBLOB: case TYPE_BLOB: case TYPE_MEDIUMBLOB:
	case TYPE_LONGBLOB:
		return CLASS_BINARY;
	case TYPE_NULL:
		return CLASS_NULL;
	default:
		/* CHAR CHARACTER SET binary is BINARY by another name. */
		return type->collation == collation_binary ? CLASS_BINARY : CLASS_TEXT;
	}
}

const char *class_name(enum value_class class)
{
	static const char *const names[CLASS_COUNT] = {
		[CLASS_NULL] = "null", [CLASS_INTEGER] = "int", [CLASS_REAL] = "real", [CLASS_DECIMAL] = "dec",
		[CLASS_TEXT] = "text", [CLASS_BINARY] = "bin", [CLASS_DATE] = "date", [CLASS_TIME] = "time",
		[CLASS_DATETIME] = "dt", [CLASS_JSON] = "json", [CLASS_ENUM] = "enum", [CLASS_SET] = "set",
	};
	return names[class];
}

typedef bool visitor(struct tree_expr *expr, void *argument);

static bool visit_query(struct tree_query *query, visitor *visit, void *argument);

static bool visit_exprs(struct tree_exprs exprs, visitor *visit, void *argument)
{
	for (unsigned i = 0; i < exprs.count; i++)
		if (!tree_visit(exprs.items[i], visit, argument))
			return false;
	return true;
}

static bool visit_orders(struct tree_orders orders, visitor *visit, void *argument)
{
	for (unsigned i = 0; i < orders.count; i++)
		if (!tree_visit(orders.items[i].expr, visit, argument))
			return false;
	return true;
}

static bool visit_from(struct tree_from *from, visitor *visit, void *argument)
{
	if (from == NULL)
		return true;
	if (from->kind == FROM_SOURCE)
		return from->source->kind != SOURCE_DERIVED || visit_query(from->source->query, visit, argument);
	return visit_from(from->left, visit, argument) && visit_from(from->right, visit, argument) &&
	       tree_visit(from->on, visit, argument);
}

static bool visit_body(struct tree_body *body, visitor *visit, void *argument)
{
	switch (body->kind) {
	case BODY_SELECT:
		for (unsigned i = 0; i < body->select->item_count; i++)
			if (!tree_visit(body->select->items[i].expr, visit, argument))
				return false;
		return visit_from(body->select->from, visit, argument) &&
		       tree_visit(body->select->where, visit, argument) &&
		       visit_orders(body->select->group_by, visit, argument) &&
		       tree_visit(body->select->having, visit, argument);
	case BODY_VALUES:
		for (unsigned i = 0; i < body->row_count; i++)
			if (!visit_exprs(body->rows[i], visit, argument))
				return false;
		return true;
	case BODY_SET:
		return visit_body(body->left, visit, argument) && visit_body(body->right, visit, argument);
	case BODY_QUERY:
		return visit_query(body->query, visit, argument);
	}
	return true;
}

static bool visit_query(struct tree_query *query, visitor *visit, void *argument)
{
	for (unsigned i = 0; i < query->cte_count; i++)
		if (query->ctes[i]->query != NULL && !visit_query(query->ctes[i]->query, visit, argument))
			return false;
	return visit_body(query->body, visit, argument) && visit_orders(query->order_by, visit, argument) &&
	       tree_visit(query->limit, visit, argument) && tree_visit(query->offset, visit, argument);
}

static bool visit_call(struct tree_expr *expr, visitor *visit, void *argument)
{
	const struct tree_window *over = expr->call.over;
	return visit_exprs(expr->call.arguments, visit, argument) &&
	       visit_orders(expr->call.order_by, visit, argument) &&
	       (over == NULL || (visit_exprs(over->partition_by, visit, argument) &&
				 visit_orders(over->order_by, visit, argument)));
}

static bool visit_case(struct tree_expr *expr, visitor *visit, void *argument)
{
	for (unsigned i = 0; i < expr->conditional.arm_count; i++)
		if (!tree_visit(expr->conditional.arms[i].condition, visit, argument) ||
		    !tree_visit(expr->conditional.arms[i].result, visit, argument))
			return false;
	return tree_visit(expr->conditional.otherwise, visit, argument);
}

bool tree_visit(struct tree_expr *expr, visitor *visit, void *argument)
{
	if (expr == NULL)
		return true;
	if (!visit(expr, argument))
		return false;
	switch (expr->kind) {
	case TREE_LITERAL: case TREE_PARAMETER: case TREE_COLUMN: case TREE_ROW_HANDLE: case TREE_OUTPUT:
	case TREE_USER_VARIABLE: case TREE_DEFAULT:
		return true;
	case TREE_CONVERT:
		return tree_visit(expr->convert.operand, visit, argument);
	case TREE_COLLATE:
		return tree_visit(expr->collate.operand, visit, argument);
	case TREE_COMPARE:
		return tree_visit(expr->compare.left, visit, argument) &&
		       tree_visit(expr->compare.right, visit, argument);
	case TREE_BETWEEN:
		return tree_visit(expr->between.operand, visit, argument) &&
		       tree_visit(expr->between.low, visit, argument) &&
		       tree_visit(expr->between.high, visit, argument);
	case TREE_IN_LIST:
		return tree_visit(expr->in_list.operand, visit, argument) &&
		       visit_exprs(expr->in_list.list, visit, argument);
	case TREE_IN_QUERY: case TREE_QUANTIFIED: case TREE_ROW_QUERY:
		return visit_exprs(expr->in_query.operands, visit, argument) &&
		       visit_query(expr->in_query.query, visit, argument);
	case TREE_EXISTS:
		return visit_query(expr->exists.query, visit, argument);
	case TREE_SUBQUERY:
		return visit_query(expr->query, visit, argument);
	case TREE_NOT: case TREE_AND: case TREE_OR: case TREE_XOR:
		return visit_exprs(expr->logical, visit, argument);
	case TREE_IS:
		return tree_visit(expr->is.operand, visit, argument);
	case TREE_CASE:
		return visit_case(expr, visit, argument);
	case TREE_LIKE:
		return tree_visit(expr->like.operand, visit, argument) &&
		       tree_visit(expr->like.pattern, visit, argument) &&
		       tree_visit(expr->like.escape, visit, argument);
	case TREE_CALL:
		return visit_call(expr, visit, argument);
	case TREE_ASSIGN:
		return tree_visit(expr->variable.value, visit, argument);
	}
	return true;
}
