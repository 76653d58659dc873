/*
 * MATCH (columns) AGAINST (search).
 *
 * The rank of a row depends on how many rows have each word: the call's first argument is a subquery that counts them,
 * over the same table, once.
 */
#include "sql/resolve/resolver.h"

static bool has_column(const struct index *key, unsigned column)
{
	for (unsigned i = 0; i < key->part_count; i++)
		if (key->parts[i].column == column)
			return true;
	return false;
}

static bool has_key(const struct table *table, struct tree_expr *const *columns, unsigned count)
{
	for (unsigned i = 0; i < table->fulltext_count; i++) {
		bool fits = table->fulltext_keys[i].part_count == count;
		for (unsigned k = 0; k < count && fits; k++)
			fits = has_column(&table->fulltext_keys[i], columns[k]->column.column);
		if (fits)
			return true;
	}
	return false;
}

static int resolve_columns(struct scope *scope, const struct ast_exprs *ast, struct tree_expr **out)
{
	for (size_t i = 0; i < ast->count; i++) {
		out[i] = resolve_expr(scope, ast->items[i]);
		if (out[i] == NULL)
			return -1;
		if (out[i]->kind != TREE_COLUMN || out[i]->column.source->kind != SOURCE_TABLE ||
		    out[i]->column.source != out[0]->column.source)
			return diag_set(scope->resolver->diag, ER_WRONG_ARGUMENTS, "MATCH");
	}
	if (!has_key(out[0]->column.source->table, out, (unsigned)ast->count))
		return diag_set(scope->resolver->diag, ER_FT_MATCHING_KEY_NOT_FOUND);
	return 0;
}

static struct tree_expr *resolve_search(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *expr = resolve_expr(scope, ast);
	if (expr && (expr->facts & (FACT_COLUMN | FACT_OUTER | FACT_AGGREGATE | FACT_WINDOW | FACT_SUBQUERY)))
		return FAIL(scope, ER_WRONG_ARGUMENTS, "AGAINST");
	return expr;
}

/* (SELECT $match_words(mode, search, columns) FROM table), arguments being the mode, the search and the columns. */
static struct tree_expr *count_words(struct scope *scope, const struct ast_expr *ast, struct tree_expr *const *arguments,
				     unsigned count)
{
	struct arena *arena = scope->resolver->arena;
	const struct tree_source *outer = arguments[2]->column.source;
	struct tree_source *source = source_of_table(scope, outer->table, SOURCE_TABLE, outer->alias);
	struct tree_expr **inner = arena_array(arena, struct tree_expr *, count);
	source->inside_derived = true; /* UPDATE .. WHERE MATCH may read what it changes */
	for (unsigned i = 0; i < count; i++)
		inner[i] = i < 2 ? arguments[i] : node_column(scope, source, arguments[i]->column.column);
	struct tree_expr *words = call_build(scope, "$match_words", ast, inner, count);
	if (words == NULL)
		return NULL;
	struct tree_query *query = arena_new(arena, struct tree_query);
	struct tree_select *select = arena_new(arena, struct tree_select);
	select->items = arena_new(arena, struct tree_item);
	select->items[0] = item_of_expr(scope, words, "words");
	select->item_count = 1;
	select->is_aggregated = true;
	select->from = arena_new(arena, struct tree_from);
	select->from->source = source;
	query->body = arena_new(arena, struct tree_body);
	query->body->kind = BODY_SELECT;
	query->body->select = select;
	query->columns = select->items;
	query->column_count = 1;
	query->at_most_one_row = true;
	struct tree_expr *expr = node_new(scope, TREE_SUBQUERY, words->class);
	expr->query = query;
	expr->type = words->type;
	expr->nullable = true;
	expr->facts |= FACT_SUBQUERY;
	return expr;
}

struct tree_expr *resolve_match(struct scope *scope, const struct ast_expr *ast)
{
	unsigned count = (unsigned)ast->match.columns.count + 3;
	struct tree_expr **arguments = arena_array(scope->resolver->arena, struct tree_expr *, count);
	if (ast->match.query_expansion)
		return FAIL(scope, ER_NOT_SUPPORTED_YET, "WITH QUERY EXPANSION");
	if (scope->row_only)
		return FAIL(scope, ER_WRONG_USAGE, "MATCH", "expression of one row");
	arguments[1] = node_int(scope, ast->match.boolean_mode);
	if (resolve_columns(scope, &ast->match.columns, arguments + 3) != 0 ||
	    (arguments[2] = resolve_search(scope, ast->match.against)) == NULL ||
	    (arguments[0] = count_words(scope, ast, arguments + 1, count - 1)) == NULL)
		return NULL;
	return call_build(scope, "$match", ast, arguments, count);
}
