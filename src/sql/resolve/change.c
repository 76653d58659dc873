/* UPDATE and DELETE: a query for row handles and new values. */
#include "sql/resolve/resolver.h"

bool ast_is_default_mark(const struct ast_expr *ast)
{
	return ast->kind == AST_DEFAULT && ast->column.name == NULL;
}

struct tree_expr *resolve_default_mark(struct scope *scope, struct tree_source *target, unsigned column)
{
	struct tree_expr *expr = node_new(scope, TREE_DEFAULT, target->columns[column].class);
	expr->column.source = target;
	expr->column.column = column;
	expr->type = target->columns[column].type;
	expr->nullable = true;
	return expr;
}

struct tree_expr *resolve_given_value(struct scope *scope, const struct ast_expr *ast, struct tree_source *target,
				      unsigned column)
{
	if (ast_is_default_mark(ast))
		return resolve_default_mark(scope, target, column);
	struct tree_expr *value = resolve_expr(scope, ast);
	const struct column_type *type = &target->columns[column].type;
	enum value_class class = class_of_type(type);
	bool is_number = class == CLASS_INTEGER || class == CLASS_DECIMAL || class == CLASS_REAL;
	if (value == NULL || !value->is_hex || !is_number || type->kind == TYPE_BIT)
		return value;
	return convert_to_class(scope, value, CLASS_INTEGER);
}

int check_generated(struct scope *scope, const struct table *table, unsigned column, const struct ast_expr *value)
{
	if (table->columns[column].generated == GENERATED_NONE || (value != NULL && ast_is_default_mark(value)))
		return 0;
	return diag_set(scope->resolver->diag, ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN, table->columns[column].name,
			table->name);
}

/* The value as the column would hold it. */
static void scope_assign(struct scope *scope, struct tree_source *source, unsigned column, struct tree_expr *value)
{
	struct assigned_value *assigned = NEW_NODE(scope, struct assigned_value);
	const struct column_type *type = &source->columns[column].type;
	struct tree_expr *stored = convert_to_type(scope, value, type, CONVERT_STORE);
	if (stored == NULL)
		return;
	*assigned = (struct assigned_value){.source = source, .column = column, .given = value, .value = stored,
					    .next = scope->assigned};
	scope->assigned = assigned;
}

static unsigned add_item(struct scope *scope, struct tree_expr *expr, const char *name)
{
	struct tree_select *select = scope->select;
	select->items = array_room(scope->resolver->arena, select->items, select->item_count, sizeof *select->items);
	select->items[select->item_count] = item_of_expr(scope, expr, name);
	return select->item_count++;
}

static int check_target(struct scope *scope, const struct tree_source *source, const char *what)
{
	if (source->kind == SOURCE_TABLE)
		return 0;
	if (source->is_view) {
		const char *text = arena_printf(scope->resolver->arena, "%s of a view in a join", what);
		return diag_set(scope->resolver->diag, ER_NOT_SUPPORTED_YET, text);
	}
	return diag_set(scope->resolver->diag, ER_NON_UPDATABLE_TABLE, source->alias, what);
}

static struct tree_target *add_target(struct scope *scope, struct tree_change *change, struct tree_source *source)
{
	for (unsigned i = 0; i < change->target_count; i++)
		if (change->targets[i].source == source)
			return &change->targets[i];
	change->targets = array_room(scope->resolver->arena, change->targets, change->target_count,
				     sizeof *change->targets);
	struct tree_target *target = &change->targets[change->target_count++];
	struct tree_expr *handle = node_new(scope, TREE_ROW_HANDLE, CLASS_BINARY);
	handle->column.source = source;
	handle->nullable = source->inner_of_outer_join;
	handle->facts = FACT_COLUMN;
	*target = (struct tree_target){.source = source, .handle_item = add_item(scope, handle, "handle")};
	source->is_target = true;
	source->has_lock = true;
	source->lock_strength = AST_LOCK_UPDATE;
	return target;
}

/* MySQL lets no subquery read what is being changed, but through a derived table. */
static int check_not_read(struct scope *scope, const struct tree_change *change)
{
	for (struct tree_source *at = scope->resolver->environment->sources; at != NULL; at = at->next) {
		bool own = false;
		for (unsigned i = 0; i < scope->names.source_count; i++)
			own |= scope->names.sources[i] == at;
		for (unsigned i = 0; i < change->target_count; i++)
			own |= change->targets[i].source == at;
		if (own || at->inside_derived || at->kind != SOURCE_TABLE)
			continue;
		for (unsigned i = 0; i < change->target_count; i++)
			if (change->targets[i].source->table == at->table)
				return diag_set(scope->resolver->diag, ER_UPDATE_TABLE_USED,
						change->targets[i].source->alias);
	}
	return 0;
}

static void begin(struct scope *scope, struct resolver *resolver, struct tree_query **out_query)
{
	struct tree_query *query = arena_new(resolver->arena, struct tree_query);
	scope_init(scope, resolver, NULL);
	scope->no_aggregates = true;
	scope->select = arena_new(resolver->arena, struct tree_select);
	query->body = arena_new(resolver->arena, struct tree_body);
	query->body->kind = BODY_SELECT;
	query->body->select = scope->select;
	*out_query = query;
}

/* WITH, the tables, WHERE. */
static int resolve_tables(struct scope *scope, struct tree_query *query, const struct ast_with *with,
			  const struct ast_table_ref *tables)
{
	if (with != NULL && resolve_with(scope->resolver, NULL, &scope->ctes, with, &query->ctes, &query->cte_count) != 0)
		return -1;
	return resolve_from(scope, tables, &scope->select->from);
}

/* One view alone: its table takes its place, and its condition joins WHERE. */
static int merge_view(struct scope *scope, const char *what)
{
	struct tree_from *from = scope->select->from;
	if (from->kind != FROM_SOURCE || !from->source->is_view)
		return 0;
	struct tree_source *base = view_to_base(scope, from->source, what, &scope->select->where);
	if (base == NULL)
		return -1;
	from->source = base;
	return 0;
}

static int resolve_rest(struct scope *scope, struct tree_query *query, const struct ast_expr *where,
			const struct ast_orders *order_by, const struct ast_limit *limit)
{
	struct tree_select items = *scope->select;
	struct tree_expr *of_view = scope->select->where;
	scope->clause = CLAUSE_WHERE;
	if (where != NULL && (scope->select->where = resolve_condition(scope, where)) == NULL)
		return -1;
	if (where != NULL && of_view != NULL)
		scope->select->where = node_logical(scope, TREE_AND, of_view, scope->select->where);
	/* The items are ours: ORDER BY must not find them by name or number. */
	scope->select->item_count = 0;
	int status = resolve_orders(scope, order_by, CLAUSE_ORDER, &query->order_by);
	scope->select->items = items.items;
	scope->select->item_count = items.item_count;
	if (status != 0 || resolve_limit(scope, limit, query) != 0)
		return -1;
	query->columns = scope->select->items;
	query->column_count = scope->select->item_count;
	query->is_locking = true;
	return 0;
}

/* ------------------------------------------------------------------ UPDATE */

static struct tree_expr *assigned_column(struct scope *scope, const struct ast_expr *ast)
{
	bool failed = false;
	struct assigned_value *assigned = scope->assigned;
	scope->assigned = NULL;
	scope->clause = CLAUSE_FIELDS;
	struct tree_expr *column = find_own_column(scope, ast->column.database, ast->column.table, ast->column.name,
						   &failed);
	scope->assigned = assigned;
	if (column == NULL && !failed)
		return resolve_column(scope, ast); /* sets the error */
	return column;
}

static int add_assignment(struct scope *scope, struct tree_change *change, const struct ast_assignment *ast)
{
	struct tree_expr *column = assigned_column(scope, ast->column);
	if (column == NULL)
		return -1;
	if (column->kind != TREE_COLUMN)
		return diag_set(scope->resolver->diag, ER_NONUPDATEABLE_COLUMN, ast->column->column.name);
	struct tree_source *source = column->column.source;
	unsigned position = column->column.column;
	if (check_target(scope, source, "UPDATE") != 0 ||
	    check_generated(scope, source->table, position, ast->value) != 0)
		return -1;
	bool is_default = ast_is_default_mark(ast->value);
	struct tree_expr *value = resolve_given_value(scope, ast->value, source, position);
	if (value == NULL)
		return -1;
	struct tree_target *target = add_target(scope, change, source);
	unsigned item = is_default ? ~0u : add_item(scope, value, source->columns[position].name);
	struct arena *arena = scope->resolver->arena;
	target->assignments = array_room(arena, target->assignments, target->assignment_count,
					 sizeof *target->assignments);
	target->items = array_room(arena, target->items, target->assignment_count, sizeof *target->items);
	target->assignments[target->assignment_count] = (struct tree_assignment){position, value};
	target->items[target->assignment_count++] = item;
	source->columns[position].written = true;
	if (!change->is_multiple && !is_default)
		scope_assign(scope, source, position, value);
	return 0;
}

/* What a later assignment reads was made of the value. */
static void lift_assigned(struct scope *scope)
{
	for (struct assigned_value *at = scope->assigned; at != NULL; at = at->next)
		if (!at->is_read && (at->given->class == CLASS_INTEGER || at->given->class == CLASS_TEXT))
			lift(scope, at->given);
}

int resolve_update(struct resolve_environment *environment, const struct ast_update *ast,
		   struct tree_change **out_change, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	struct tree_change *change = arena_new(environment->arena, struct tree_change);
	resolver_init(&resolver, environment, diag);
	begin(&scope, &resolver, &change->query);
	change->ignore = ast->ignore;
	if (resolve_tables(&scope, change->query, ast->with, ast->tables) != 0 || merge_view(&scope, "UPDATE") != 0)
		return -1;
	change->is_multiple = ast->multiple_tables || scope.names.source_count > 1;
	if (change->is_multiple && (ast->order_by.count > 0 || ast->limit != NULL))
		return diag_set(diag, ER_WRONG_USAGE, "UPDATE", ast->order_by.count > 0 ? "ORDER BY" : "LIMIT");
	for (size_t i = 0; i < ast->assignments.count; i++)
		if (add_assignment(&scope, change, &ast->assignments.items[i]) != 0)
			return -1;
	lift_assigned(&scope);
	/* WHERE sees the row as it was. */
	scope.assigned = NULL;
	if (resolve_rest(&scope, change->query, ast->where, &ast->order_by, ast->limit) != 0 ||
	    check_not_read(&scope, change) != 0 || resolver_finish(&resolver) != 0)
		return -1;
	*out_change = change;
	return 0;
}

/* ------------------------------------------------------------------ DELETE */

static int add_named_target(struct scope *scope, struct tree_change *change, const struct ast_object_name *name)
{
	for (unsigned i = 0; i < scope->names.source_count; i++) {
		struct tree_source *source = scope->names.sources[i];
		if (strcmp(source->alias, name->name.text) != 0 ||
		    (name->database.text != NULL && strcmp(source->database, name->database.text) != 0))
			continue;
		if (check_target(scope, source, "DELETE") != 0)
			return -1;
		add_target(scope, change, source);
		return 0;
	}
	return diag_set(scope->resolver->diag, ER_UNKNOWN_TABLE, name->name.text, "MULTI DELETE");
}

static int add_targets(struct scope *scope, struct tree_change *change, const struct ast_delete *ast)
{
	if (!ast->multiple_tables) {
		struct tree_source *source = scope->select->from->source;
		if (check_target(scope, source, "DELETE") != 0)
			return -1;
		add_target(scope, change, source);
		return 0;
	}
	for (size_t i = 0; i < ast->targets.count; i++)
		if (add_named_target(scope, change, &ast->targets.items[i]) != 0)
			return -1;
	return 0;
}

int resolve_delete(struct resolve_environment *environment, const struct ast_delete *ast,
		   struct tree_change **out_change, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	struct tree_change *change = arena_new(environment->arena, struct tree_change);
	resolver_init(&resolver, environment, diag);
	begin(&scope, &resolver, &change->query);
	change->ignore = ast->ignore;
	change->is_multiple = ast->multiple_tables;
	if (ast->returning.count > 0)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "RETURNING");
	if (resolve_tables(&scope, change->query, ast->with, ast->tables) != 0 || merge_view(&scope, "DELETE") != 0 ||
	    add_targets(&scope, change, ast) != 0 ||
	    resolve_rest(&scope, change->query, ast->where, &ast->order_by, ast->limit) != 0 ||
	    check_not_read(&scope, change) != 0 || resolver_finish(&resolver) != 0)
		return -1;
	*out_change = change;
	return 0;
}
