/*
 * What a column name means.
 *
 * WHERE, ON and the select list see the columns of FROM. GROUP BY and ORDER BY see the select items' names too (who
 * of the two comes first is decided where the lists are resolved), HAVING sees items and what was grouped by. What a
 * block does not have, the blocks around it may.
 */
#include "sql/resolve/resolver.h"

static const char *const clause_names[] = {
	[CLAUSE_FIELDS] = "field list", [CLAUSE_WHERE] = "where clause", [CLAUSE_ON] = "on clause",
	[CLAUSE_GROUP] = "group statement", [CLAUSE_HAVING] = "having clause", [CLAUSE_ORDER] = "order clause",
	[CLAUSE_VALUES] = "field list", [CLAUSE_PARTITION] = "window partition by",
};

const char *scope_clause_name(const struct scope *scope)
{
	return scope->clause_name ? scope->clause_name : clause_names[scope->clause];
}

bool name_equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && text_equal_nocase(bytes_of_string(a), bytes_of_string(b)));
}

void scope_init(struct scope *scope, struct resolver *resolver, struct scope *outer)
{
	*scope = (struct scope){.resolver = resolver, .outer = outer, .level = outer ? outer->level + 1 : 0,
				.ctes = outer ? outer->ctes : NULL};
	if (outer != NULL)
		scope->row_only = outer->row_only;
}

int source_find_column(const struct tree_source *source, const char *name)
{
	for (unsigned i = 0; i < source->column_count; i++)
		if (name_equal(source->columns[i].name, name))
			return (int)i;
	return -1;
}

static const char *full_name(struct scope *scope, const char *database, const char *table, const char *name)
{
	struct arena *arena = scope->resolver->arena;
	if (database != NULL)
		return arena_printf(arena, "%s.%s.%s", database, table, name);
	return table != NULL ? arena_printf(arena, "%s.%s", table, name) : name;
}

static struct tree_expr *ambiguous(struct scope *scope, const char *name, bool *failed)
{
	*failed = true;
	return FAIL(scope, ER_NON_UNIQ_ERROR, name, scope_clause_name(scope));
}

/* A column read, or what it is by now in an UPDATE that has assigned it. */
static struct tree_expr *read_column(struct scope *scope, struct tree_source *source, unsigned column)
{
	struct tree_expr *base = source->stands_for ? source->stands_for[column] : NULL;
	if (base != NULL && base->kind == TREE_COLUMN && source->is_view) {
		source->columns[column].used = true;
		source = base->column.source;
		column = base->column.column;
	}
	for (struct assigned_value *at = scope->assigned; at != NULL; at = at->next) {
		if (at->source != source || at->column != column)
			continue;
		at->is_read = true;
		return at->value;
	}
	if (source->stands_for != NULL) {
		source->columns[column].used = true;
		return source->stands_for[column];
	}
	return node_column(scope, source, column);
}

static bool is_called(const struct tree_source *source, const char *database, const char *table)
{
	return strcmp(source->alias, table) == 0 && (database == NULL || strcmp(source->database, database) == 0);
}

static struct tree_expr *find_qualified(struct scope *scope, const char *database, const char *table, const char *name,
					bool *failed)
{
	struct tree_source *found = NULL;
	int column = -1;
	for (unsigned i = 0; i < scope->names.source_count; i++) {
		struct tree_source *source = scope->names.sources[i];
		int at = is_called(source, database, table) ? source_find_column(source, name) : -1;
		if (at < 0 || (source->stands_for && source->stands_for[at] == NULL))
			continue;
		if (found != NULL)
			return ambiguous(scope, full_name(scope, database, table, name), failed);
		found = source;
		column = at;
	}
	return found == NULL ? NULL : read_column(scope, found, (unsigned)column);
}

struct tree_expr *find_own_column(struct scope *scope, const char *database, const char *table, const char *name,
				  bool *failed)
{
	const struct visible_column *found = NULL;
	if (table != NULL)
		return find_qualified(scope, database, table, name, failed);
	for (unsigned i = 0; i < scope->names.column_count; i++) {
		const struct visible_column *at = &scope->names.columns[i];
		if (!name_equal(at->source->columns[at->column].name, name) ||
		    (at->source->stands_for && at->source->stands_for[at->column] == NULL))
			continue;
		if (found != NULL)
			return ambiguous(scope, name, failed);
		found = at;
	}
	return found == NULL ? NULL : read_column(scope, found->source, found->column);
}

/* t.a in ORDER BY means an item that is this column, whatever it is called now. */
static bool item_is_column(const struct tree_item *item, const struct ast_expr *ast)
{
	const struct tree_expr *expr = item->expr;
	if (expr->kind != TREE_COLUMN)
		return false;
	const struct tree_source *source = expr->column.source;
	return is_called(source, ast->column.database, ast->column.table) &&
	       name_equal(source->columns[expr->column.column].name, ast->column.name);
}

int find_item(struct scope *scope, const struct ast_expr *ast)
{
	int found = -1;
	bool failed = false;
	if (scope->select == NULL || ast->kind != AST_COLUMN)
		return -1;
	for (unsigned i = 0; i < scope->select->item_count; i++) {
		const struct tree_item *item = &scope->select->items[i];
		bool matches = ast->column.table == NULL ? name_equal(item->name, ast->column.name)
			: item_is_column(item, ast);
		if (!matches)
			continue;
		if (found >= 0 && !node_equal(scope->select->items[found].expr, item->expr)) {
			ambiguous(scope, full_name(scope, ast->column.database, ast->column.table, ast->column.name),
				  &failed);
			return -2;
		}
		if (found < 0)
			found = (int)i;
	}
	return found;
}

static struct tree_expr *find_in_items(struct scope *scope, const struct ast_expr *ast, bool *failed)
{
	int item = find_item(scope, ast);
	*failed |= item == -2;
	return item < 0 ? NULL : scope->select->items[item].expr;
}

/* HAVING: a column that was grouped by, though not selected. */
static struct tree_expr *find_grouped(struct scope *scope, const struct ast_expr *ast, bool *failed)
{
	struct tree_expr *column = find_own_column(scope, ast->column.database, ast->column.table, ast->column.name,
						   failed);
	for (unsigned i = 0; column != NULL && scope->select != NULL && i < scope->select->group_by.count; i++)
		if (node_equal(scope->select->group_by.items[i].expr, column))
			return column;
	return NULL;
}

static struct tree_expr *find_in_scope(struct scope *scope, const struct ast_expr *ast, bool *failed)
{
	struct tree_expr *expr;
	const char *database = ast->column.database, *table = ast->column.table, *name = ast->column.name;
	switch (scope->clause) {
	case CLAUSE_HAVING:
		expr = find_in_items(scope, ast, failed);
		return expr || *failed ? expr : find_grouped(scope, ast, failed);
	case CLAUSE_GROUP: case CLAUSE_ORDER:
		expr = find_own_column(scope, database, table, name, failed);
		return expr || *failed ? expr : find_in_items(scope, ast, failed);
	default:
		return find_own_column(scope, database, table, name, failed);
	}
}

/* A column of an enclosing block: everything between depends on it. */
static struct tree_expr *from_outside(struct scope *scope, struct scope *owner, struct tree_expr *found)
{
	struct tree_expr *expr = NEW_NODE(scope, struct tree_expr);
	*expr = *found;
	expr->facts = (expr->facts & ~(unsigned)(FACT_COLUMN | FACT_AGGREGATE)) | FACT_OUTER;
	for (struct scope *at = scope; at != owner; at = at->outer)
		at->is_correlated = true;
	return expr;
}

struct tree_expr *resolve_column(struct scope *scope, const struct ast_expr *ast)
{
	bool failed = false;
	for (struct scope *at = scope; at != NULL; at = at->outer) {
		struct tree_expr *expr = find_in_scope(at, ast, &failed);
		if (failed)
			return NULL;
		if (expr == NULL)
			continue;
		if (at->level > scope->resolver->reach)
			scope->resolver->reach = at->level;
		return at == scope ? expr : from_outside(scope, at, expr);
	}
	return FAIL(scope, ER_BAD_FIELD_ERROR,
		    full_name(scope, ast->column.database, ast->column.table, ast->column.name), scope_clause_name(scope));
}
