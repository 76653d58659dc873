/*
 * Changes through views. A view that shows rows of one table as they are is that table by another name: its columns
 * stand for the table's, its condition is one more condition.
 */
#include "sql/resolve/resolver.h"

static bool shows_rows_of_one_table(const struct tree_query *query)
{
	if (query->body->kind != BODY_SELECT || query->limit != NULL || query->cte_count != 0)
		return false;
	const struct tree_select *select = query->body->select;
	return select->from != NULL && select->from->kind == FROM_SOURCE && select->from->source->kind == SOURCE_TABLE &&
	       !select->is_aggregated && !select->distinct && !select->has_windows;
}

static struct tree_source *refuse(struct scope *scope, const struct tree_source *view, const char *what)
{
	bool insert = strcmp(what, "INSERT") == 0;
	return FAIL(scope, insert ? ER_NON_INSERTABLE_TABLE : ER_NON_UPDATABLE_TABLE, view->alias, what);
}

/* A view over a view: what the outer one shows of the inner one, in terms of the table. */
static bool unfold(struct scope *scope, struct tree_query *query)
{
	struct tree_select *select = query->body->kind == BODY_SELECT ? query->body->select : NULL;
	if (select == NULL || select->from == NULL || select->from->kind != FROM_SOURCE)
		return false;
	struct tree_source *inner = select->from->source;
	if (!inner->is_view)
		return shows_rows_of_one_table(query);
	if (!unfold(scope, inner->query) || select->where != NULL)
		return false; /* an expression over the inner view's columns would have to be rewritten */
	struct tree_select *below = inner->query->body->select;
	for (unsigned i = 0; i < select->item_count; i++) {
		struct tree_expr *expr = select->items[i].expr;
		if (expr->kind != TREE_COLUMN)
			return false;
		select->items[i].expr = below->items[expr->column.column].expr;
	}
	select->from = below->from;
	select->where = below->where;
	return shows_rows_of_one_table(query);
}

struct tree_source *view_to_base(struct scope *scope, struct tree_source *view, const char *what,
				 struct tree_expr **out_where)
{
	if (!unfold(scope, view->query))
		return refuse(scope, view, what);
	if (view->has_check_option && strcmp(what, "DELETE") != 0)
		return FAIL(scope, ER_NOT_SUPPORTED_YET, "changes through a view WITH CHECK OPTION");
	struct tree_select *select = view->query->body->select;
	view->stands_for = arena_array(scope->resolver->arena, struct tree_expr *, view->column_count + 1);
	for (unsigned i = 0; i < view->column_count; i++)
		view->stands_for[i] = select->items[i].expr;
	*out_where = select->where;
	return select->from->source;
}
