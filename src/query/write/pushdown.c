/* WHERE and ON, with what can be pushed to a table (pushdown.h) taken out. */
#include "query/pushdown.h"

#include "query/table/row_expr.h"
#include "query/write/writer.h"

/* ------------------------------------------------------------------ what is worth it */

static bool has_index(const struct tree_expr *expr)
{
	const struct tree_expr *bare = row_expr_bare(expr);
	if (bare->kind != TREE_COLUMN)
		return false;
	const struct table *table = bare->column.source->table;
	for (unsigned i = 0; i < table->index_count; i++)
		for (unsigned j = 0; j < table->indexes[i].part_count; j++)
			if (table->indexes[i].parts[j].column == bare->column.column)
				return true;
	return false;
}

/* SQLite may find rows by an index with it: it must see the condition as it is. */
static bool may_use_index(const struct tree_expr *expr)
{
	bool any = false, all = true;
	switch (expr->kind) {
	case TREE_COMPARE: return has_index(expr->compare.left) || has_index(expr->compare.right);
	case TREE_BETWEEN: return !expr->between.negated && has_index(expr->between.operand);
	case TREE_IN_LIST: return !expr->in_list.negated && has_index(expr->in_list.operand);
	case TREE_IS: return has_index(expr->is.operand);
	case TREE_AND:
	case TREE_OR: break;
	default: return false;
	}
	for (unsigned i = 0; i < expr->logical.count; i++) {
		bool may = may_use_index(expr->logical.items[i]);
		any |= may;
		all &= may;
	}
	return expr->kind == TREE_AND ? any : all;
}

/* The module is offered it by SQLite, column by column (row_test.h). */
static bool is_offered(const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_COMPARE:
		if (tree_is_constant(expr->compare.left))
			return !pushed_is_computed(expr->compare.right);
		return tree_is_constant(expr->compare.right) && !pushed_is_computed(expr->compare.left);
	case TREE_BETWEEN: return !expr->between.negated;
	case TREE_IS: return true;
	default: return false;
	}
}

static int count_constant(const struct tree_expr *constant, void *argument)
{
	return ++*(unsigned *)argument > pushed_constants_max ? -1 : 0;
}

static const struct tree_source *source_to_push_to(const struct writer *writer, const struct tree_expr *condition,
						   const struct tree_source *only)
{
	unsigned constants = 0;
	if (is_offered(condition) || expr_is_too_deep(writer, condition))
		return NULL;
	const struct tree_source *source = pushed_source(condition);
	if (source == NULL || (only ? source != only : source->inner_of_outer_join) || may_use_index(condition) ||
	    pushed_each_constant(condition, count_constant, &constants) != 0)
		return NULL;
	return source;
}

/* ------------------------------------------------------------------ writing */

static int write_constant(const struct tree_expr *constant, void *argument)
{
	struct writer *writer = argument;
	put(writer, ", ");
	return write_expr(writer, constant);
}

/* gm_pushed(t1.p1, gm_condition(?, constants)) AND (t1.p1 OR (conditions)) */
static int write_pushed(struct writer *writer, const struct pushed_conditions *pushed, unsigned group)
{
	unsigned number = pushed->source->number;
	buf_printf(&writer->sql, "gm_pushed(t%u.p%u, gm_condition(", number, group);
	put_binding(writer, &(struct binding){.kind = BINDING_PUSHED, .node = pushed, .pushed = pushed});
	for (unsigned i = 0; i < pushed->count; i++)
		if (pushed_each_constant(pushed->items[i], write_constant, writer) != 0)
			return -1;
	put(writer, "))");
	for (unsigned i = 0; i < pushed->count; i++) {
		if (pushed->items[i]->kind != TREE_LIKE || !like_has_range(pushed->items[i]))
			continue;
		put(writer, " AND ");
		if (write_like_range(writer, pushed->items[i]) != 0)
			return -1;
	}
	buf_printf(&writer->sql, " AND (t%u.p%u OR ", number, group);
	if (write_all(writer, pushed->items, pushed->count) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* Conditions of one source each, from all of them; what is in no group stays in front, *rest of them. */
struct taken {
	struct pushed_conditions *groups;
	unsigned group_count;
	struct tree_expr **rest;
	unsigned rest_count;
};

static struct pushed_conditions *group_of(struct taken *taken, const struct tree_source *source)
{
	for (unsigned i = 0; i < taken->group_count; i++)
		if (taken->groups[i].source == source)
			return &taken->groups[i];
	taken->groups[taken->group_count] = (struct pushed_conditions){.source = source};
	return &taken->groups[taken->group_count++];
}

static void take(struct taken *taken, struct writer *writer, struct tree_expr *const *items, unsigned count,
		 const struct tree_source *only)
{
	taken->rest = arena_array(writer->arena, struct tree_expr *, count);
	taken->groups = arena_array(writer->arena, struct pushed_conditions, count);
	for (unsigned i = 0; i < count; i++) {
		const struct tree_source *source = source_to_push_to(writer, items[i], only);
		struct pushed_conditions *group = source ? group_of(taken, source) : NULL;
		if (group == NULL) {
			taken->rest[taken->rest_count++] = items[i];
			continue;
		}
		if (group->items == NULL)
			group->items = arena_array(writer->arena, struct tree_expr *, count);
		group->items[group->count++] = items[i];
	}
}

int write_pushing(struct writer *writer, struct tree_expr *condition, const struct tree_source *only)
{
	enum { pushed_room = 6 }; /* tokens that wait in SQLite's parser before a condition */
	bool is_and = condition->kind == TREE_AND && !expr_is_too_deep(writer, condition);
	struct tree_expr *const *items = is_and ? condition->logical.items : &condition;
	struct taken taken = {0};
	take(&taken, writer, items, is_and ? condition->logical.count : 1, only);
	if (taken.group_count == 0)
		return write_expr(writer, condition);
	if (taken.rest_count > 0 && write_all(writer, taken.rest, taken.rest_count) != 0)
		return -1;
	writer->room_used += pushed_room;
	int status = 0;
	for (unsigned i = 0; i < taken.group_count && status == 0; i++) {
		put(writer, i > 0 || taken.rest_count > 0 ? " AND " : "");
		status = write_pushed(writer, &taken.groups[i], only ? 2 : 1);
	}
	writer->room_used -= pushed_room;
	return status;
}
