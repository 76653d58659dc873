/*
 * Expressions higher than SQLite's parser can stack: it has room for a hundred tokens that wait, and a call nested in a
 * call keeps five of them waiting. Such an expression is computed from the inside out, in steps that each are low:
 *
 *   (WITH x1 AS (SELECT f(f(a, 1), 2) AS v), x2 AS (SELECT f(f(x1.v, 3), 4) AS v FROM x1) SELECT f(x2.v, 5) FROM x2)
 */
#include <stdio.h>

#include "query/write/writer.h"

enum { room_max = 84, call_room = 5, query_room = 24, step_room = 40, nodes_max = 1024 };

static unsigned room_of(const struct writer *writer, const struct tree_expr *expr);

/* Tokens that wait in front of a child of this node, in what expr.c prints. */
static unsigned room_before_children(const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_CONVERT: return expr->convert.name ? call_room : 0;
	case TREE_COLLATE: return 0;
	case TREE_AND:
	case TREE_OR: {
		unsigned room = 3;
		for (unsigned count = expr->logical.count; count > 2; count = (count + 1) / 2)
			room += 3;
		return room;
	}
	case TREE_CASE: return 6;
	default: return call_room;
	}
}

struct children {
	const struct writer *writer;
	const struct tree_expr *parent;
	const struct tree_expr *deepest;
	unsigned room;
};

static enum tree_walk see_child(struct tree_expr *expr, void *argument)
{
	struct children *children = argument;
	if (expr == children->parent)
		return TREE_WALK_ON;
	unsigned room = room_of(children->writer, expr);
	if (room >= children->room) {
		children->room = room;
		children->deepest = expr;
	}
	return TREE_WALK_OVER;
}

static bool is_query(const struct tree_expr *expr)
{
	return expr->kind == TREE_IN_QUERY || expr->kind == TREE_QUANTIFIED || expr->kind == TREE_ROW_QUERY ||
	       expr->kind == TREE_EXISTS || expr->kind == TREE_SUBQUERY;
}

static struct children children_of(const struct writer *writer, const struct tree_expr *expr)
{
	struct children children = {.writer = writer, .parent = expr};
	if (!is_query(expr))
		tree_walk_expr((struct tree_expr *)expr, see_child, &children);
	return children;
}

/* Tokens that wait at most while this expression is parsed. */
static unsigned room_of(const struct writer *writer, const struct tree_expr *expr)
{
	if (expr == writer->step_node)
		return 3;
	if (is_query(expr))
		return query_room;
	struct children children = children_of(writer, expr);
	return children.deepest ? room_before_children(expr) + children.room : 2;
}

/* What is no higher than a step is written as it is: steps would not make it lower. */
bool expr_is_too_deep(const struct writer *writer, const struct tree_expr *expr)
{
	if (expr->facts & (FACT_AGGREGATE | FACT_WINDOW))
		return false;
	unsigned room = room_of(writer, expr);
	if (room <= step_room || writer->room_used + room <= room_max)
		return false;
	const struct tree_expr *child = children_of(writer, expr).deepest;
	return child && children_of(writer, child).deepest;
}

/* The path from the expression down its deepest children; [0] is the expression. */
static unsigned deepest_path(const struct writer *writer, const struct tree_expr *expr, const struct tree_expr **path)
{
	unsigned count = 0;
	while (expr && count < nodes_max) {
		path[count++] = expr;
		expr = children_of(writer, expr).deepest;
	}
	return count;
}

/* From path[at], which is computed already, up as far as one step reaches; [0] is left for the last SELECT. */
static unsigned climb(const struct tree_expr *const *path, unsigned at)
{
	unsigned room = 3;
	do
		room += room_before_children(path[--at]);
	while (at > 1 && room + room_before_children(path[at - 1]) <= step_room);
	return at;
}

static int write_step(struct writer *writer, const struct tree_expr *expr)
{
	unsigned number = ++writer->steps;
	buf_printf(&writer->sql, "%sx%u AS (SELECT ", writer->step_node ? ", " : "WITH ", number);
	if (write_expr(writer, expr) != 0)
		return -1;
	put(writer, " AS v");
	if (writer->step_node)
		buf_printf(&writer->sql, " FROM x%u", writer->step_number);
	put(writer, ")");
	writer->step_node = expr;
	writer->step_number = number;
	return 0;
}

int write_in_steps(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_expr **path = arena_array(writer->arena, const struct tree_expr *, nodes_max);
	const struct tree_expr *outer_node = writer->step_node;
	unsigned outer_number = writer->step_number, outer_room = writer->room_used;
	unsigned at = deepest_path(writer, expr, path) - 1;
	int status = 0;
	put(writer, "(");
	writer->step_node = NULL;
	writer->room_used = outer_room + 12;
	while (at > 1 && status == 0) {
		at = climb(path, at);
		status = write_step(writer, path[at]);
	}
	put(writer, " SELECT ");
	if (status == 0)
		status = write_expr(writer, expr);
	buf_printf(&writer->sql, " FROM x%u)", writer->step_number);
	writer->step_node = outer_node;
	writer->step_number = outer_number;
	writer->room_used = outer_room;
	return status;
}
