/*
 * FROM: joins become a tree of inner and left joins with one condition each, and a list of what names are visible.
 *
 * USING and NATURAL make one visible column of two: the left one, but the right one in a RIGHT JOIN, so that it is
 * the side that is always there. Those come first in *, then the others from left to right, but in a RIGHT JOIN from
 * right to left.
 */
#include "sql/resolve/resolver.h"

static void add_column(struct scope *scope, struct name_list *names, struct visible_column column)
{
	names->columns = array_room(scope->resolver->arena, names->columns, names->column_count, sizeof *names->columns);
	names->columns[names->column_count++] = column;
}

static void add_source(struct scope *scope, struct name_list *names, struct tree_source *source)
{
	names->sources = array_room(scope->resolver->arena, names->sources, names->source_count, sizeof *names->sources);
	names->sources[names->source_count++] = source;
}

void names_add_source(struct scope *scope, struct name_list *names, struct tree_source *source, bool columns_too)
{
	add_source(scope, names, source);
	for (unsigned i = 0; columns_too && i < source->column_count; i++)
		add_column(scope, names, (struct visible_column){source, i});
}

static int check_unique(struct scope *scope, const struct name_list *names, const struct tree_source *source)
{
	for (unsigned i = 0; i < names->source_count; i++) {
		const struct tree_source *other = names->sources[i];
		bool same_database = other->database[0] == 0 || source->database[0] == 0 ||
				     strcmp(other->database, source->database) == 0;
		if (strcmp(other->alias, source->alias) == 0 && same_database)
			return diag_set(scope->resolver->diag, ER_NONUNIQ_TABLE, source->alias);
	}
	return 0;
}

static int check_hints(struct scope *scope, const struct ast_index_hints *hints, struct tree_source *source)
{
	if (hints->count == 0 || source->table == NULL)
		return 0;
	for (size_t i = 0; i < hints->count; i++)
		for (size_t k = 0; k < hints->items[i].indexes.count; k++) {
			const char *name = hints->items[i].indexes.items[k].text;
			if (table_find_index(source->table, bytes_of_string(name)) == NULL)
				return diag_set(scope->resolver->diag, ER_KEY_DOES_NOT_EXITS, name, source->alias);
		}
	source->hints = hints;
	return 0;
}

static struct tree_source *table_source(struct scope *scope, const struct ast_table_ref *ref)
{
	if (ref->table.partitions.count > 0)
		return FAIL(scope, ER_NOT_SUPPORTED_YET, "PARTITION");
	struct tree_source *source = source_of_name(scope, &ref->table.name, ref->alias.text);
	return source == NULL || check_hints(scope, &ref->table.hints, source) != 0 ? NULL : source;
}

static struct tree_source *derived_source(struct scope *scope, const struct ast_table_ref *ref)
{
	struct resolver *resolver = scope->resolver;
	if (ref->alias.text == NULL)
		return FAIL(scope, ER_DERIVED_MUST_HAVE_ALIAS);
	struct scope *outer = ref->derived.lateral ? scope : scope->outer;
	resolver->derived_depth++;
	struct tree_query *query = resolve_query_in(resolver, outer, scope->ctes, ref->derived.query);
	resolver->derived_depth--;
	if (query == NULL)
		return NULL;
	if (query->is_correlated && scope->outer != NULL)
		scope->is_correlated = true;
	struct tree_source *source = source_new(scope, SOURCE_DERIVED, "", ref->alias.text, NULL);
	const char **names = arena_array(resolver->arena, const char *, ref->derived.columns.count + 1);
	for (size_t i = 0; i < ref->derived.columns.count; i++)
		names[i] = ref->derived.columns.items[i].text;
	source->query = query;
	source->lateral = ref->derived.lateral;
	source->column_count = query->column_count;
	if (columns_of_query(scope, query, names, (unsigned)ref->derived.columns.count, &source->columns) != 0)
		return NULL;
	return source;
}

/* ------------------------------------------------------------------ joins */

/* The visible column of that name; NULL with diag when it is missing or there are two. */
static const struct visible_column *join_column(struct scope *scope, const struct name_list *names, const char *name)
{
	const struct visible_column *found = NULL;
	for (unsigned i = 0; i < names->column_count; i++) {
		const struct visible_column *at = &names->columns[i];
		if (!name_equal(at->source->columns[at->column].name, name))
			continue;
		if (found != NULL)
			return FAIL(scope, ER_NON_UNIQ_ERROR, name, "from clause");
		found = at;
	}
	return found != NULL ? found : FAIL(scope, ER_BAD_FIELD_ERROR, name, "from clause");
}

struct join {
	const struct ast_table_ref *ref;
	struct name_list left, right;
	struct visible_column *merged; /* of USING and NATURAL: the visible one, */
	struct visible_column *dropped;/* and the one it hides */
	unsigned merged_count;
	struct tree_expr *on;
};

static int merge_column(struct scope *scope, struct join *join, const char *name)
{
	const struct visible_column *left = join_column(scope, &join->left, name);
	const struct visible_column *right = left ? join_column(scope, &join->right, name) : NULL;
	if (right == NULL)
		return -1;
	struct tree_expr *same = compare_build(scope, AST_OP_EQUAL, node_column(scope, left->source, left->column),
					       node_column(scope, right->source, right->column));
	if (same == NULL)
		return -1;
	join->on = join->on == NULL ? same : node_logical(scope, TREE_AND, join->on, same);
	bool right_stays = join->ref->join.kind == AST_JOIN_RIGHT;
	join->merged[join->merged_count] = right_stays ? *right : *left;
	join->dropped[join->merged_count++] = right_stays ? *left : *right;
	return 0;
}

static bool has_visible(const struct name_list *names, const char *name)
{
	for (unsigned i = 0; i < names->column_count; i++)
		if (name_equal(names->columns[i].source->columns[names->columns[i].column].name, name))
			return true;
	return false;
}

static int merge_columns(struct scope *scope, struct join *join)
{
	const struct ast_names *using = &join->ref->join.using;
	unsigned most = join->ref->join.natural ? join->left.column_count : (unsigned)using->count;
	join->merged = arena_array(scope->resolver->arena, struct visible_column, most + 1);
	join->dropped = arena_array(scope->resolver->arena, struct visible_column, most + 1);
	for (size_t i = 0; i < using->count; i++)
		if (merge_column(scope, join, using->items[i].text) != 0)
			return -1;
	for (unsigned i = 0; join->ref->join.natural && i < join->left.column_count; i++) {
		const struct visible_column *at = &join->left.columns[i];
		const struct tree_source_column *column = &at->source->columns[at->column];
		if (!column->hidden && has_visible(&join->right, column->name) &&
		    merge_column(scope, join, column->name) != 0)
			return -1;
	}
	return 0;
}

static bool is_merged(const struct join *join, struct visible_column column)
{
	for (unsigned i = 0; i < join->merged_count; i++) {
		const struct visible_column *a = &join->merged[i], *b = &join->dropped[i];
		if ((a->source == column.source && a->column == column.column) ||
		    (b->source == column.source && b->column == column.column))
			return true;
	}
	return false;
}

static struct name_list joined_names(struct scope *scope, const struct join *join)
{
	struct name_list names = {0};
	bool merges = join->ref->join.natural || join->ref->join.using.count > 0;
	bool right_first = merges && join->ref->join.kind == AST_JOIN_RIGHT;
	for (unsigned i = 0; i < join->merged_count; i++)
		add_column(scope, &names, join->merged[i]);
	for (int side = 0; side < 2; side++) {
		const struct name_list *from = (side == 0) != right_first ? &join->left : &join->right;
		for (unsigned i = 0; i < from->source_count; i++)
			add_source(scope, &names, from->sources[i]);
		for (unsigned i = 0; i < from->column_count; i++)
			if (!is_merged(join, from->columns[i]))
				add_column(scope, &names, from->columns[i]);
	}
	return names;
}

static void may_be_missing(const struct name_list *names)
{
	for (unsigned i = 0; i < names->source_count; i++) {
		struct tree_source *source = names->sources[i];
		source->inner_of_outer_join = true;
		for (unsigned k = 0; k < source->column_count; k++)
			source->columns[k].nullable = true;
	}
}

/* The ON condition sees the join's own tables, and what is around the query. */
static int join_condition(struct scope *scope, struct join *join)
{
	struct name_list saved = scope->names;
	scope->names = joined_names(scope, join);
	scope->clause = CLAUSE_ON;
	struct tree_expr *on = resolve_condition(scope, join->ref->join.on);
	scope->names = saved;
	if (on == NULL)
		return -1;
	join->on = join->on == NULL ? on : node_logical(scope, TREE_AND, join->on, on);
	return 0;
}

static int resolve_ref(struct scope *scope, const struct ast_table_ref *ref, struct tree_from **out,
		       struct name_list *names);

static int resolve_join(struct scope *scope, const struct ast_table_ref *ref, struct tree_from *out,
			struct name_list *names)
{
	struct join join = {.ref = ref};
	enum ast_join_kind kind = ref->join.kind;
	struct tree_from *left, *right;
	if (resolve_ref(scope, ref->join.left, &left, &join.left) != 0 ||
	    resolve_ref(scope, ref->join.right, &right, &join.right) != 0)
		return -1;
	if (merge_columns(scope, &join) != 0 || (ref->join.on != NULL && join_condition(scope, &join) != 0))
		return -1;
	out->kind = FROM_JOIN;
	out->on = join.on;
	out->join = kind == AST_JOIN_INNER ? JOIN_INNER : kind == AST_JOIN_STRAIGHT ? JOIN_STRAIGHT : JOIN_LEFT;
	out->left = kind == AST_JOIN_RIGHT ? right : left;
	out->right = kind == AST_JOIN_RIGHT ? left : right;
	if (out->join == JOIN_LEFT)
		may_be_missing(kind == AST_JOIN_RIGHT ? &join.left : &join.right);
	*names = joined_names(scope, &join);
	return 0;
}

static int resolve_ref(struct scope *scope, const struct ast_table_ref *ref, struct tree_from **out,
		       struct name_list *names)
{
	struct tree_from *from = NEW_NODE(scope, struct tree_from);
	*out = from;
	if (ref->kind == AST_JOIN)
		return resolve_join(scope, ref, from, names);
	struct tree_source *source = ref->kind == AST_TABLE ? table_source(scope, ref) : derived_source(scope, ref);
	if (source == NULL || check_unique(scope, &scope->names, source) != 0)
		return -1;
	from->kind = FROM_SOURCE;
	from->source = source;
	names_add_source(scope, names, source, true);
	/* What LATERAL sees: all so far. */
	names_add_source(scope, &scope->names, source, true);
	return 0;
}

int resolve_from(struct scope *scope, const struct ast_table_ref *ref, struct tree_from **out)
{
	struct name_list names = {0};
	if (resolve_ref(scope, ref, out, &names) != 0)
		return -1;
	scope->names = names;
	return 0;
}
