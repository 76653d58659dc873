#include "sql/resolve/tree.h"

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

/*
 * Walking. A node's answer OVER keeps the walk out of what is below it; STOP ends the walk, and every walk_ function
 * hands that up as false.
 */
struct walk {
	enum tree_walk (*visit)(struct tree_expr *expr, void *argument);
	bool (*visit_source)(const struct tree_source *source, void *argument); /* or NULL */
	void *argument;
};

static bool walk_expr(struct tree_expr *expr, const struct walk *walk);
static bool walk_query(struct tree_query *query, const struct walk *walk);

static bool walk_exprs(struct tree_exprs exprs, const struct walk *walk)
{
	for (unsigned i = 0; i < exprs.count; i++)
		if (!walk_expr(exprs.items[i], walk))
			return false;
	return true;
}

static bool walk_orders(struct tree_orders orders, const struct walk *walk)
{
	for (unsigned i = 0; i < orders.count; i++)
		if (!walk_expr(orders.items[i].expr, walk))
			return false;
	return true;
}

static bool walk_from(struct tree_from *from, const struct walk *walk)
{
	if (from == NULL)
		return true;
	if (from->kind == FROM_SOURCE)
		return (walk->visit_source == NULL || walk->visit_source(from->source, walk->argument)) &&
		       (from->source->kind != SOURCE_DERIVED || walk_query(from->source->query, walk));
	return walk_from(from->left, walk) && walk_from(from->right, walk) && walk_expr(from->on, walk);
}

static bool walk_body(struct tree_body *body, const struct walk *walk)
{
	switch (body->kind) {
	case BODY_SELECT:
		for (unsigned i = 0; i < body->select->item_count; i++)
			if (!walk_expr(body->select->items[i].expr, walk))
				return false;
		return walk_from(body->select->from, walk) && walk_expr(body->select->where, walk) &&
		       walk_orders(body->select->group_by, walk) && walk_expr(body->select->having, walk);
	case BODY_VALUES:
		for (unsigned i = 0; i < body->row_count; i++)
			if (!walk_exprs(body->rows[i], walk))
				return false;
		return true;
	case BODY_SET:
		return walk_body(body->left, walk) && walk_body(body->right, walk);
	case BODY_QUERY:
		return walk_query(body->query, walk);
	}
	return true;
}

static bool walk_query(struct tree_query *query, const struct walk *walk)
{
	for (unsigned i = 0; i < query->cte_count; i++)
		if (!walk_query(query->ctes[i]->query, walk))
			return false;
	return walk_body(query->body, walk) && walk_orders(query->order_by, walk) && walk_expr(query->limit, walk) &&
	       walk_expr(query->offset, walk);
}

static bool walk_call(struct tree_expr *expr, const struct walk *walk)
{
	const struct tree_window *over = expr->call.over;
	return walk_exprs(expr->call.arguments, walk) && walk_orders(expr->call.order_by, walk) &&
	       (over == NULL || (walk_exprs(over->partition_by, walk) && walk_orders(over->order_by, walk)));
}

static bool walk_case(struct tree_expr *expr, const struct walk *walk)
{
	for (unsigned i = 0; i < expr->conditional.arm_count; i++)
		if (!walk_expr(expr->conditional.arms[i].condition, walk) ||
		    !walk_expr(expr->conditional.arms[i].result, walk))
			return false;
	return walk_expr(expr->conditional.otherwise, walk);
}

static bool walk_below(struct tree_expr *expr, const struct walk *walk)
{
	switch (expr->kind) {
	case TREE_LITERAL: case TREE_PARAMETER: case TREE_COLUMN: case TREE_ROW_HANDLE: case TREE_OUTPUT:
	case TREE_USER_VARIABLE: case TREE_DEFAULT:
		return true;
	case TREE_CONVERT:
		return walk_expr(expr->convert.operand, walk);
	case TREE_COLLATE:
		return walk_expr(expr->collate.operand, walk);
	case TREE_COMPARE:
		return walk_expr(expr->compare.left, walk) && walk_expr(expr->compare.right, walk);
	case TREE_BETWEEN:
		return walk_expr(expr->between.operand, walk) && walk_expr(expr->between.low, walk) &&
		       walk_expr(expr->between.high, walk);
	case TREE_IN_LIST:
		return walk_expr(expr->in_list.operand, walk) && walk_exprs(expr->in_list.list, walk);
	case TREE_IN_QUERY: case TREE_QUANTIFIED: case TREE_ROW_QUERY:
		return walk_exprs(expr->in_query.operands, walk) && walk_query(expr->in_query.query, walk);
	case TREE_EXISTS:
		return walk_query(expr->exists.query, walk);
	case TREE_SUBQUERY:
		return walk_query(expr->query, walk);
	case TREE_NOT: case TREE_AND: case TREE_OR: case TREE_XOR:
		return walk_exprs(expr->logical, walk);
	case TREE_IS:
		return walk_expr(expr->is.operand, walk);
	case TREE_CASE:
		return walk_case(expr, walk);
	case TREE_LIKE:
		return walk_expr(expr->like.operand, walk) && walk_expr(expr->like.pattern, walk) &&
		       walk_expr(expr->like.escape, walk);
	case TREE_CALL:
		return walk_call(expr, walk);
	case TREE_ASSIGN:
		return walk_expr(expr->variable.value, walk);
	}
	return true;
}

static bool walk_expr(struct tree_expr *expr, const struct walk *walk)
{
	if (expr == NULL)
		return true;
	enum tree_walk answer = walk->visit(expr, walk->argument);
	return answer == TREE_WALK_ON ? walk_below(expr, walk) : answer == TREE_WALK_OVER;
}

bool tree_walk_expr(struct tree_expr *expr, enum tree_walk (*visit)(struct tree_expr *expr, void *argument),
		    void *argument)
{
	return walk_expr(expr, &(struct walk){.visit = visit, .argument = argument});
}

bool tree_walk_query(struct tree_query *query, enum tree_walk (*visit)(struct tree_expr *expr, void *argument),
		     void *argument)
{
	return walk_query(query, &(struct walk){.visit = visit, .argument = argument});
}

static enum tree_walk go_on(struct tree_expr *expr, void *argument)
{
	return TREE_WALK_ON;
}

bool tree_query_sources(const struct tree_query *query, bool (*visit)(const struct tree_source *source, void *argument),
			void *argument)
{
	struct walk walk = {.visit = go_on, .visit_source = visit, .argument = argument};
	return walk_query((struct tree_query *)query, &walk);
}

static bool is_another(const struct tree_source *source, void *argument)
{
	return source != argument;
}

bool tree_query_reads(const struct tree_query *query, const struct tree_source *source)
{
	return !tree_query_sources(query, is_another, (void *)source);
}
