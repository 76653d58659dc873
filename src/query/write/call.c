/* Functions, aggregates and windows. */
#include <stdio.h>
#include <string.h>

#include "query/write/writer.h"
#include "sql/resolve/function.h"

static int write_arguments(struct writer *writer, const struct tree_expr *expr)
{
	bool ours = strncmp(expr->call.name, "gm_", 3) == 0;
	for (unsigned i = 0; i < expr->call.arguments.count; i++) {
		const struct tree_expr *argument = expr->call.arguments.items[i];
		if (i > 0)
			put(writer, ", ");
		if ((ours && !expr->call.distinct ? write_expr : write_collated)(writer, argument) != 0)
			return -1;
	}
	for (unsigned i = 0; i < expr->call.extra_count; i++) {
		const struct tree_extra *extra = &expr->call.extras[i];
		if (i > 0 || expr->call.arguments.count > 0)
			put(writer, ", ");
		if (extra->is_text)
			put_quoted(writer, extra->text);
		else
			buf_printf(&writer->sql, "%lld", (long long)extra->number);
	}
	return 0;
}

static int write_orders(struct writer *writer, const struct tree_orders *orders, const char *heading)
{
	for (unsigned i = 0; i < orders->count; i++) {
		put(writer, i == 0 ? heading : ", ");
		if (write_collated(writer, orders->items[i].expr) != 0)
			return -1;
		if (orders->items[i].descending)
			put(writer, " DESC");
	}
	return 0;
}

static int write_bound(struct writer *writer, const struct tree_bound *bound)
{
	static const char *const endings[] = {
		[AST_BOUND_UNBOUNDED_PRECEDING] = "UNBOUNDED PRECEDING", [AST_BOUND_PRECEDING] = " PRECEDING",
		[AST_BOUND_CURRENT_ROW] = "CURRENT ROW", [AST_BOUND_FOLLOWING] = " FOLLOWING",
		[AST_BOUND_UNBOUNDED_FOLLOWING] = "UNBOUNDED FOLLOWING",
	};
	if (bound->distance && write_expr(writer, bound->distance) != 0)
		return -1;
	put(writer, endings[bound->kind]);
	return 0;
}

static int write_window(struct writer *writer, const struct tree_window *window)
{
	static const char *const units[] = {
		[AST_FRAME_ROWS] = " ROWS BETWEEN ", [AST_FRAME_RANGE] = " RANGE BETWEEN ",
		[AST_FRAME_GROUPS] = " GROUPS BETWEEN ",
	};
	put(writer, " OVER (");
	for (unsigned i = 0; i < window->partition_by.count; i++) {
		put(writer, i == 0 ? "PARTITION BY " : ", ");
		if (write_collated(writer, window->partition_by.items[i]) != 0)
			return -1;
	}
	if (write_orders(writer, &window->order_by, " ORDER BY ") != 0)
		return -1;
	if (window->has_frame) {
		put(writer, units[window->unit]);
		if (write_bound(writer, &window->start) != 0)
			return -1;
		put(writer, " AND ");
		if (write_bound(writer, &window->end) != 0)
			return -1;
	}
	put(writer, ")");
	return 0;
}

static unsigned sorting_collation(const struct tree_expr *expr)
{
	return expr->class == CLASS_TEXT && expr->type.collation ? expr->type.collation->id : 0;
}

/* gm_group_concat(text, separator, form, key, ...), see sql/function.h: SQLite's own cannot order. */
static int write_group_concat(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_orders *order_by = &expr->call.order_by;
	const struct tree_exprs *texts = &expr->call.arguments;
	for (unsigned i = 0; i < texts->count; i++) {
		put(writer, i > 0 ? ", " : texts->count > 1 ? "gm_concat(" : "");
		if (write_expr(writer, texts->items[i]) != 0)
			return -1;
	}
	put(writer, texts->count > 1 ? ")" : "");
	struct value *separator = arena_new(writer->arena, struct value);
	*separator = value_string(expr->call.separator, collation_utf8mb4_bin);
	put(writer, ", ");
	put_binding(writer, &(struct binding){.kind = BINDING_VALUE, .class = CLASS_TEXT, .value = separator});
	buf_printf(&writer->sql, ", '%c%u", expr->call.distinct ? 'd' : '-',
		   sorting_collation(expr->call.arguments.items[0]));
	for (unsigned i = 0; i < order_by->count; i++)
		buf_printf(&writer->sql, "%c%u", order_by->items[i].descending ? 'd' : 'a',
			   sorting_collation(order_by->items[i].expr));
	put(writer, "'");
	for (unsigned i = 0; i < order_by->count; i++) {
		put(writer, ", ");
		if (write_expr(writer, order_by->items[i].expr) != 0)
			return -1;
	}
	return 0;
}

/* An aggregate's arguments are the rows', whatever of them is rolled up. */
static int write_arguments_of(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_select *rollup = writer->rollup;
	if (expr->call.function && expr->call.function->flags & FUNCTION_AGGREGATE && expr->call.over == NULL)
		writer->rollup = NULL;
	int status = strcmp(expr->call.name, "gm_group_concat") == 0 ? write_group_concat(writer, expr)
								       : write_arguments(writer, expr);
	writer->rollup = rollup;
	return status;
}

int write_call(struct writer *writer, const struct tree_expr *expr)
{
	bool distinct = expr->call.distinct && strcmp(expr->call.name, "gm_group_concat") != 0; /* which does its own */
	/* SQLite's coalesce wants two. */
	if (strcmp(expr->call.name, "coalesce") == 0 && expr->call.arguments.count == 1)
		return write_expr(writer, expr->call.arguments.items[0]);
	buf_printf(&writer->sql, "%s(%s", expr->call.name, distinct ? "DISTINCT " : "");
	if (expr->call.star)
		put(writer, "*");
	else if (write_arguments_of(writer, expr) != 0)
		return -1;
	put(writer, ")");
	return expr->call.over ? write_window(writer, expr->call.over) : 0;
}
