/*
 * WITH. A recursive element is resolved twice: its first leaf alone, to learn the types of its columns, then the
 * whole, in which it names itself.
 */
#include "sql/resolve/resolver.h"

static bool query_names(const struct ast_query *query, const char *name);

static bool ref_names(const struct ast_table_ref *ref, const char *name)
{
	if (ref == NULL)
		return false;
	switch (ref->kind) {
	case AST_TABLE:
		return ref->table.name.database.text == NULL && strcmp(ref->table.name.name.text, name) == 0;
	case AST_DERIVED:
		return query_names(ref->derived.query, name);
	case AST_JOIN:
		return ref_names(ref->join.left, name) || ref_names(ref->join.right, name);
	}
	return false;
}

static bool body_names(const struct ast_body *body, const char *name)
{
	switch (body->kind) {
	case AST_BODY_SELECT: return ref_names(body->select->from, name);
	case AST_BODY_VALUES: return false;
	case AST_BODY_SET_OPERATION: return body_names(body->set.left, name) || body_names(body->set.right, name);
	case AST_BODY_QUERY: return query_names(body->query, name);
	}
	return false;
}

static bool query_names(const struct ast_query *query, const char *name)
{
	return body_names(query->body, name);
}

static const struct ast_body *first_leaf(const struct ast_body *body)
{
	while (body->kind == AST_BODY_SET_OPERATION)
		body = body->set.left;
	return body;
}

static const char **names_of(struct resolver *resolver, const struct ast_names *columns)
{
	const char **names = arena_array(resolver->arena, const char *, columns->count + 1);
	for (size_t i = 0; i < columns->count; i++)
		names[i] = columns->items[i].text;
	return names;
}

/* The types of the first leaf. What resolving it left behind is forgotten: it is resolved again with the rest. */
static int seed_columns(struct scope *scope, const struct ast_common_table *ast, struct tree_cte *cte,
			struct cte_link *ctes)
{
	struct resolver *resolver = scope->resolver;
	struct resolve_environment *environment = resolver->environment;
	const struct ast_body *leaf = first_leaf(ast->query->body);
	if (ast->query->body->kind != AST_BODY_SET_OPERATION)
		return diag_set(resolver->diag, ER_CTE_RECURSIVE_REQUIRES_UNION, cte->name);
	if (body_names(leaf, cte->name))
		return diag_set(resolver->diag, ER_CTE_RECURSIVE_REQUIRES_NONRECURSIVE_FIRST, cte->name);
	struct ast_query seed = {.span = leaf->span, .body = (struct ast_body *)leaf};
	struct tree_source *sources = environment->sources;
	unsigned source_count = environment->source_count, cte_count = environment->cte_count;
	struct tree_query *query = resolve_query_in(resolver, scope->outer, ctes, &seed);
	environment->sources = sources;
	environment->source_count = source_count;
	environment->cte_count = cte_count;
	if (query == NULL || columns_of_query(scope, query, names_of(resolver, &ast->columns),
					      (unsigned)ast->columns.count, &cte->columns) != 0)
		return -1;
	cte->column_count = query->column_count;
	for (unsigned i = 0; i < cte->column_count; i++)
		cte->columns[i].nullable = true;
	return 0;
}

static int keep_seed_types(struct scope *scope, struct tree_cte *cte, struct tree_query *query)
{
	if (query->column_count != cte->column_count)
		return diag_set(scope->resolver->diag, ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
	struct column_type *types = arena_array(scope->resolver->arena, struct column_type, cte->column_count);
	bool changed = false;
	for (unsigned i = 0; i < cte->column_count; i++) {
		types[i] = cte->columns[i].class == CLASS_NULL ? query->columns[i].expr->type : cte->columns[i].type;
		changed |= class_of_type(&types[i]) != query->columns[i].expr->class;
	}
	return changed ? query_convert_columns(scope, query, types) : 0;
}

/* scope is only for its resolver and what is around it. */
static int resolve_common_table(struct scope *scope, const struct ast_common_table *ast, bool recursive,
				struct cte_link **ctes, struct tree_cte **out)
{
	struct resolver *resolver = scope->resolver;
	struct tree_cte *cte = NEW_NODE(scope, struct tree_cte);
	struct cte_link *link = NEW_NODE(scope, struct cte_link);
	cte->number = resolver->environment->cte_count++;
	cte->name = ast->name.text;
	cte->recursive = recursive && query_names(ast->query, cte->name);
	*link = (struct cte_link){cte, *ctes};
	if (cte->recursive && seed_columns(scope, ast, cte, *ctes) != 0)
		return -1;
	resolver->derived_depth++;
	cte->query = resolve_query_in(resolver, scope->outer, cte->recursive ? link : *ctes, ast->query);
	resolver->derived_depth--;
	if (cte->query == NULL)
		return -1;
	if (cte->recursive) {
		if (keep_seed_types(scope, cte, cte->query) != 0)
			return -1;
	} else {
		cte->column_count = cte->query->column_count;
		if (columns_of_query(scope, cte->query, names_of(resolver, &ast->columns), (unsigned)ast->columns.count,
				     &cte->columns) != 0)
			return -1;
	}
	*ctes = link;
	*out = cte;
	return 0;
}

int resolve_with(struct resolver *resolver, struct scope *outer, struct cte_link **ctes, const struct ast_with *ast,
		 struct tree_cte ***out_ctes, unsigned *out_count)
{
	struct scope around;
	scope_init(&around, resolver, outer);
	*out_ctes = arena_array(resolver->arena, struct tree_cte *, ast->count);
	for (size_t i = 0; i < ast->count; i++) {
		for (size_t k = 0; k < i; k++)
			if (strcmp(ast->items[i].name.text, ast->items[k].name.text) == 0)
				return diag_set(resolver->diag, ER_NONUNIQ_TABLE, ast->items[i].name.text);
		if (resolve_common_table(&around, &ast->items[i], ast->recursive, ctes, &(*out_ctes)[i]) != 0)
			return -1;
		*out_count = (unsigned)i + 1;
	}
	return 0;
}
