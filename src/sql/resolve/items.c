/* The select list. */
#include "sql/resolve/resolver.h"

static void add_item(struct scope *scope, struct tree_item item)
{
	struct tree_select *select = scope->select;
	select->items = array_room(scope->resolver->arena, select->items, select->item_count, sizeof *select->items);
	select->items[select->item_count++] = item;
}

static void add_column(struct scope *scope, struct tree_source *source, unsigned column)
{
	if (source->columns[column].hidden)
		return;
	struct tree_expr *expr = node_column(scope, source, column);
	add_item(scope, item_of_expr(scope, expr, source->columns[column].name));
}

static int add_star(struct scope *scope, const struct ast_expr *star)
{
	struct diag *diag = scope->resolver->diag;
	if (scope->names.source_count == 0)
		return diag_set(diag, ER_NO_TABLES_USED);
	if (star->column.table == NULL) {
		for (unsigned i = 0; i < scope->names.column_count; i++)
			add_column(scope, scope->names.columns[i].source, scope->names.columns[i].column);
		return 0;
	}
	for (unsigned i = 0; i < scope->names.source_count; i++) {
		struct tree_source *source = scope->names.sources[i];
		if (strcmp(source->alias, star->column.table) != 0 ||
		    (star->column.database != NULL && strcmp(source->database, star->column.database) != 0))
			continue;
		for (unsigned k = 0; k < source->column_count; k++)
			add_column(scope, source, k);
		return 0;
	}
	return diag_set(diag, ER_BAD_TABLE_ERROR, star->column.table);
}

int resolve_items(struct scope *scope, const struct ast_select_items *ast)
{
	scope->clause = CLAUSE_FIELDS;
	for (size_t i = 0; i < ast->count; i++) {
		const struct ast_select_item *item = &ast->items[i];
		if (item->expr->kind == AST_STAR) {
			if (add_star(scope, item->expr) != 0)
				return -1;
			continue;
		}
		struct tree_expr *expr = resolve_expr(scope, item->expr);
		if (expr == NULL)
			return -1;
		const char *name = item->alias.text ? item->alias.text : item->heading;
		add_item(scope, item_of_expr(scope, expr, name));
	}
	return 0;
}
