/* INSERT, REPLACE and LOAD DATA. */
#include "sql/resolve/resolver.h"

static struct tree_source *insert_target(struct scope *scope, const struct ast_object_name *name)
{
	struct cte_link *ctes = scope->ctes;
	scope->ctes = NULL;
	struct tree_source *target = source_of_name(scope, name, NULL);
	scope->ctes = ctes;
	if (target == NULL || target->kind == SOURCE_TABLE || target->is_view)
		return target;
	return FAIL(scope, ER_NON_INSERTABLE_TABLE, target->alias, "INSERT");
}

/* INSERT INTO view: the view goes on as the names that the columns have, its table becomes the target. */
static int offer_view(struct scope *scope, struct tree_insert *insert, struct tree_source **out_names)
{
	struct tree_expr *where;
	*out_names = insert->target;
	if (!insert->target->is_view)
		return 0;
	insert->target = view_to_base(scope, insert->target, "INSERT", &where);
	if (insert->target == NULL)
		return -1;
	insert->target->alias = (*out_names)->alias;
	return 0;
}

/* The table's column that a column of the target, maybe a view, is. -1 with diag. */
static int position_of(struct scope *scope, const struct tree_source *names, unsigned column)
{
	if (names->stands_for == NULL)
		return (int)column;
	const struct tree_expr *expr = names->stands_for[column];
	names->columns[column].written = true;
	if (expr->kind == TREE_COLUMN)
		return (int)expr->column.column;
	return diag_set(scope->resolver->diag, ER_NONUPDATEABLE_COLUMN, names->columns[column].name);
}

static int add_target_column(struct scope *scope, struct tree_insert *insert, unsigned column)
{
	for (unsigned i = 0; i < insert->column_count; i++)
		if (insert->columns[i] == column)
			return diag_set(scope->resolver->diag, ER_FIELD_SPECIFIED_TWICE,
					insert->target->columns[column].name);
	insert->columns = array_room(scope->resolver->arena, insert->columns, insert->column_count,
				     sizeof *insert->columns);
	insert->columns[insert->column_count++] = column;
	insert->target->columns[column].written = true;
	return 0;
}

static int add_all_columns(struct scope *scope, struct tree_insert *insert, const struct tree_source *names)
{
	insert->columns = arena_array(scope->resolver->arena, unsigned, names->column_count);
	for (unsigned i = 0; i < names->column_count; i++) {
		if (names->columns[i].hidden)
			continue;
		int position = position_of(scope, names, i);
		if (position < 0)
			return -1;
		insert->columns[insert->column_count++] = (unsigned)position;
		insert->target->columns[position].written = true;
	}
	return 0;
}

static int resolve_target_columns(struct scope *scope, struct tree_insert *insert, const struct ast_insert *ast,
				  const struct tree_source *names)
{
	if (!ast->has_columns)
		return add_all_columns(scope, insert, names);
	for (size_t i = 0; i < ast->columns.count; i++) {
		const struct ast_expr *column = ast->columns.items[i];
		bool other = column->column.table != NULL && strcmp(column->column.table, names->alias) != 0;
		int position = other ? -1 : source_find_column(names, column->column.name);
		if (position < 0)
			return diag_set(scope->resolver->diag, ER_BAD_FIELD_ERROR, column->column.name, "field list");
		if ((position = position_of(scope, names, (unsigned)position)) < 0)
			return -1;
		if (add_target_column(scope, insert, (unsigned)position) != 0)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------ rows */

static bool is_plain(const struct ast_expr *ast)
{
	return ast->kind == AST_LITERAL || ast->kind == AST_PLACEHOLDER || ast_is_default_mark(ast);
}

/* What names in VALUES lists mean: the row as far as it is known. Only made when something may read it. */
static void offer_new_row(struct scope *scope, struct tree_insert *insert)
{
	if (insert->new_row != NULL)
		return;
	insert->new_row = source_of_table(scope, insert->target->table, SOURCE_ROW, insert->target->alias);
	scope->names = (struct name_list){0};
	names_add_source(scope, &scope->names, insert->new_row, true);
}

static struct tree_expr *resolve_value(struct scope *scope, struct tree_insert *insert, const struct ast_expr *ast,
				       unsigned column)
{
	if (check_generated(scope, insert->target->table, column, ast) != 0)
		return NULL;
	if (!is_plain(ast))
		offer_new_row(scope, insert);
	return resolve_given_value(scope, ast, insert->target, column);
}

static int resolve_row(struct scope *scope, struct tree_insert *insert, const struct ast_insert_row *ast,
		       struct tree_insert_row *out)
{
	out->items = arena_array(scope->resolver->arena, struct tree_expr *, ast->count);
	for (size_t i = 0; i < ast->count; i++) {
		struct tree_expr *value = resolve_value(scope, insert, ast->items[i], insert->columns[i]);
		if (value == NULL)
			return -1;
		lift(scope, value);
		if (value->kind != TREE_LITERAL && value->kind != TREE_PARAMETER && value->kind != TREE_DEFAULT)
			insert->rows_are_literals = false;
		if (value->facts & FACT_COLUMN)
			insert->rows_read_columns = true;
		out->items[out->count++] = value;
	}
	return 0;
}

/* What a string means where the connection's strings are binary (literal.c). */
static const struct value *binary_values(struct scope *scope, const struct ast_insert_row *ast)
{
	struct value *values = arena_copy(scope->resolver->arena, ast->values, ast->count * sizeof *values);
	for (size_t i = 0; i < ast->count; i++)
		if (values[i].kind == VALUE_STRING)
			values[i].collation = collation_binary;
	return values;
}

static int resolve_plain_row(struct scope *scope, struct tree_insert *insert, const struct ast_insert_row *ast,
			     struct tree_insert_row *out)
{
	bool is_binary = scope->resolver->environment->collation_connection->charset->id == CHARSET_BINARY;
	for (size_t i = 0; i < ast->count; i++)
		if (check_generated(scope, insert->target->table, insert->columns[i], NULL) != 0)
			return -1;
	*out = (struct tree_insert_row){.values = is_binary ? binary_values(scope, ast) : ast->values,
					.count = (unsigned)ast->count};
	return 0;
}

static int resolve_rows(struct scope *scope, struct tree_insert *insert, const struct ast_insert *ast)
{
	struct diag *diag = scope->resolver->diag;
	bool all_empty = ast->rows.count > 0 && ast->rows.items[0].count == 0 && ast->columns.count == 0;
	scope->clause = CLAUSE_VALUES;
	insert->rows_are_literals = true;
	insert->row_count = (unsigned)ast->rows.count;
	insert->rows = arena_array(scope->resolver->arena, struct tree_insert_row, ast->rows.count);
	if (all_empty)
		insert->column_count = 0;
	for (size_t i = 0; i < ast->rows.count; i++) {
		const struct ast_insert_row *row = &ast->rows.items[i];
		if (row->count != insert->column_count)
			return diag_set(diag, ER_WRONG_VALUE_COUNT_ON_ROW, (unsigned long)i + 1);
		int status = row->values ? resolve_plain_row(scope, insert, row, &insert->rows[i])
					 : resolve_row(scope, insert, row, &insert->rows[i]);
		if (status != 0)
			return -1;
	}
	return 0;
}

static int resolve_source_query(struct scope *scope, struct tree_insert *insert, const struct ast_insert *ast)
{
	insert->query = resolve_query_in(scope->resolver, NULL, NULL, ast->query);
	if (insert->query == NULL)
		return -1;
	if (insert->query->column_count != insert->column_count)
		return diag_set(scope->resolver->diag, ER_WRONG_VALUE_COUNT_ON_ROW, 1ul);
	for (unsigned i = 0; i < insert->column_count; i++)
		if (check_generated(scope, insert->target->table, insert->columns[i], NULL) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ ON DUPLICATE KEY UPDATE */

/* VALUES (..) AS new(a, b): the given columns go by other names. */
static int name_new_row(struct scope *scope, struct tree_insert *insert, const struct ast_insert *ast)
{
	struct tree_source *row = insert->new_row;
	if (ast->row_alias.text == NULL)
		return 0;
	if (strcmp(ast->row_alias.text, insert->target->alias) == 0)
		return diag_set(scope->resolver->diag, ER_NONUNIQ_TABLE, ast->row_alias.text);
	row->alias = ast->row_alias.text;
	row->database = "";
	if (ast->column_aliases.count != 0 && ast->column_aliases.count != insert->column_count)
		return diag_set(scope->resolver->diag, ER_VIEW_WRONG_LIST);
	for (size_t i = 0; i < ast->column_aliases.count; i++)
		row->columns[insert->columns[i]].name = ast->column_aliases.items[i].text;
	names_add_source(scope, &scope->names, row, ast->column_aliases.count > 0);
	return 0;
}

/* INSERT .. SELECT: what the query selects from is named too, as far as it was selected: it is in the new row. */
static void offer_selected(struct scope *scope, struct tree_insert *insert, struct tree_from *from)
{
	if (from->kind == FROM_JOIN) {
		offer_selected(scope, insert, from->left);
		offer_selected(scope, insert, from->right);
		return;
	}
	const struct tree_select *select = insert->query->body->select;
	struct tree_source *names = NEW_NODE(scope, struct tree_source);
	*names = *from->source;
	names->is_view = false;
	names->stands_for = arena_array(scope->resolver->arena, struct tree_expr *, names->column_count + 1);
	for (unsigned i = 0; i < select->item_count; i++) {
		const struct tree_expr *expr = select->items[i].expr;
		if (expr->kind == TREE_COLUMN && expr->column.source == from->source)
			names->stands_for[expr->column.column] = node_column(scope, insert->new_row, insert->columns[i]);
	}
	names_add_source(scope, &scope->names, names, true);
}

static bool selects_rows(const struct tree_query *query)
{
	return query != NULL && query->body->kind == BODY_SELECT && query->body->select->from != NULL;
}

static int resolve_on_duplicate(struct scope *scope, struct tree_insert *insert, const struct ast_insert *ast)
{
	struct table *table = insert->target->table;
	size_t count = ast->on_duplicate.count;
	if (insert->new_row == NULL)
		insert->new_row = source_of_table(scope, table, SOURCE_ROW, insert->target->alias);
	insert->old_row = source_of_table(scope, table, SOURCE_ROW, insert->target->alias);
	scope->names = (struct name_list){0};
	names_add_source(scope, &scope->names, insert->old_row, true);
	scope->new_row = insert->new_row;
	if (selects_rows(insert->query))
		offer_selected(scope, insert, insert->query->body->select->from);
	if (name_new_row(scope, insert, ast) != 0)
		return -1;
	insert->on_duplicate = arena_array(scope->resolver->arena, struct tree_assignment, count);
	scope->clause = CLAUSE_FIELDS;
	for (size_t i = 0; i < count; i++) {
		const struct ast_assignment *assignment = &ast->on_duplicate.items[i];
		int column = source_find_column(insert->old_row, assignment->column->column.name);
		if (column < 0)
			return diag_set(scope->resolver->diag, ER_BAD_FIELD_ERROR, assignment->column->column.name,
					"field list");
		if (check_generated(scope, table, (unsigned)column, assignment->value) != 0)
			return -1;
		struct tree_expr *value = resolve_given_value(scope, assignment->value, insert->target, (unsigned)column);
		if (value == NULL)
			return -1;
		insert->on_duplicate[insert->on_duplicate_count++] = (struct tree_assignment){(unsigned)column, value};
		insert->target->columns[column].written = true;
	}
	return 0;
}

int resolve_insert(struct resolve_environment *environment, const struct ast_insert *ast,
		   struct tree_insert **out_insert, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	struct tree_insert *insert = arena_new(environment->arena, struct tree_insert);
	resolver_init(&resolver, environment, diag);
	scope_init(&scope, &resolver, NULL);
	scope.no_aggregates = true;
	insert->replace = ast->replace;
	insert->ignore = ast->ignore;
	if (ast->returning.count > 0)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "RETURNING");
	if (ast->partitions.count > 0)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "PARTITION");
	struct tree_source *names;
	insert->target = insert_target(&scope, &ast->table);
	if (insert->target == NULL || offer_view(&scope, insert, &names) != 0 ||
	    resolve_target_columns(&scope, insert, ast, names) != 0)
		return -1;
	int status = ast->query != NULL ? resolve_source_query(&scope, insert, ast) : resolve_rows(&scope, insert, ast);
	if (status == 0 && ast->on_duplicate.count > 0)
		status = resolve_on_duplicate(&scope, insert, ast);
	if (status != 0 || resolver_finish(&resolver) != 0)
		return -1;
	*out_insert = insert;
	return 0;
}

/* ------------------------------------------------------------------ LOAD DATA */

static int resolve_fields(struct scope *scope, struct tree_load *load, const struct ast_load_data *ast)
{
	size_t count = ast->targets.count ? ast->targets.count : load->target->column_count;
	load->fields = arena_array(scope->resolver->arena, struct tree_load_field, count);
	for (unsigned i = 0; ast->targets.count == 0 && i < load->target->column_count; i++)
		if (!load->target->columns[i].hidden)
			load->fields[load->field_count++].column = (int)i;
	for (size_t i = 0; i < ast->targets.count; i++) {
		const struct ast_expr *target = ast->targets.items[i];
		struct tree_load_field *field = &load->fields[load->field_count++];
		if (target->kind == AST_USER_VARIABLE) {
			*field = (struct tree_load_field){-1, target->variable.name};
			continue;
		}
		field->column = source_find_column(load->target, target->column.name);
		if (field->column < 0)
			return diag_set(scope->resolver->diag, ER_BAD_FIELD_ERROR, target->column.name, "field list");
	}
	for (unsigned i = 0; i < load->field_count; i++)
		if (load->fields[i].column >= 0)
			load->target->columns[load->fields[i].column].written = true;
	return 0;
}

int resolve_load_data(struct resolve_environment *environment, const struct ast_load_data *ast,
		      struct tree_load **out_load, struct diag *diag)
{
	struct resolver resolver;
	struct scope scope;
	struct tree_load *load = arena_new(environment->arena, struct tree_load);
	resolver_init(&resolver, environment, diag);
	scope_init(&scope, &resolver, NULL);
	scope.no_aggregates = true;
	load->target = insert_target(&scope, &ast->table);
	if (load->target != NULL && load->target->is_view)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "LOAD DATA into a view");
	if (load->target == NULL || resolve_fields(&scope, load, ast) != 0)
		return -1;
	load->row = source_of_table(&scope, load->target->table, SOURCE_ROW, load->target->alias);
	names_add_source(&scope, &scope.names, load->row, true);
	load->assignments = arena_array(environment->arena, struct tree_assignment, ast->assignments.count + 1);
	for (size_t i = 0; i < ast->assignments.count; i++) {
		const struct ast_assignment *assignment = &ast->assignments.items[i];
		int column = source_find_column(load->target, assignment->column->column.name);
		if (column < 0)
			return diag_set(diag, ER_BAD_FIELD_ERROR, assignment->column->column.name, "field list");
		if (check_generated(&scope, load->target->table, (unsigned)column, assignment->value) != 0)
			return -1;
		struct tree_expr *value = resolve_given_value(&scope, assignment->value, load->target, (unsigned)column);
		if (value == NULL)
			return -1;
		load->assignments[load->assignment_count++] = (struct tree_assignment){(unsigned)column, value};
		load->target->columns[column].written = true;
	}
	if (resolver_finish(&resolver) != 0)
		return -1;
	*out_load = load;
	return 0;
}
