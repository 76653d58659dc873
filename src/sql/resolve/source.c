/* Tables, views and WITH elements become sources. */
#include "session/result.h"
#include "sql/parse/parse.h"
#include "sql/resolve/resolver.h"

enum { view_depth_max = 32 };

struct tree_source *source_new(struct scope *scope, enum tree_source_kind kind, const char *database,
			       const char *name, const char *alias)
{
	struct resolve_environment *environment = scope->resolver->environment;
	struct tree_source *source = NEW_NODE(scope, struct tree_source);
	source->kind = kind;
	source->number = environment->source_count++;
	source->database = database;
	source->name = name;
	source->alias = alias ? alias : name;
	source->definer_user = scope->resolver->definer_user;
	source->definer_host = scope->resolver->definer_host;
	source->inside_derived = scope->resolver->derived_depth > 0;
	source->next = environment->sources;
	environment->sources = source;
	return source;
}

/* ------------------------------------------------------------------ tables */

static unsigned type_flags(const struct column_type *type)
{
	unsigned flags = (type->is_unsigned ? COLUMN_UNSIGNED : 0) | (type->zerofill ? COLUMN_ZEROFILL : 0);
	if (type_is_blob(type->kind))
		flags |= COLUMN_BLOB;
	if (type->kind == TYPE_ENUM)
		flags |= COLUMN_ENUM;
	if (type->kind == TYPE_SET)
		flags |= COLUMN_SET;
	if (type->kind == TYPE_YEAR)
		flags |= COLUMN_UNSIGNED | COLUMN_ZEROFILL;
	if (type->kind == TYPE_BIT)
		flags |= COLUMN_UNSIGNED;
	if (type_is_temporal(type->kind) || (type_is_string(type->kind) && type->collation->is_binary))
		flags |= COLUMN_BINARY;
	return flags;
}

static unsigned key_flags(const struct table *table, unsigned column)
{
	unsigned flags = 0;
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		for (unsigned k = 0; k < index->part_count && !index->hidden; k++) {
			if (index->parts[k].column != column)
				continue;
			if (index->kind == INDEX_PRIMARY)
				flags |= COLUMN_PRIMARY_KEY;
			else if (k == 0)
				flags |= index->kind == INDEX_UNIQUE && index->part_count == 1 ? COLUMN_UNIQUE_KEY
					: COLUMN_MULTIPLE_KEY;
		}
	}
	return flags;
}

static unsigned column_flags(const struct table *table, const struct column *column)
{
	unsigned flags = type_flags(&column->type) | key_flags(table, column->position);
	if (!column->nullable)
		flags |= COLUMN_NOT_NULL;
	if (column->auto_increment)
		flags |= COLUMN_AUTO_INCREMENT;
	if (column->on_update_now)
		flags |= COLUMN_ON_UPDATE_NOW;
	if (column->type.kind == TYPE_TIMESTAMP && (column->default_kind == DEFAULT_NOW || column->on_update_now))
		flags |= COLUMN_TIMESTAMP;
	if (column->default_kind == DEFAULT_NONE && !column->nullable && !column->auto_increment &&
	    column->generated == GENERATED_NONE)
		flags |= COLUMN_NO_DEFAULT;
	return flags;
}

struct tree_source *source_of_table(struct scope *scope, struct table *table, enum tree_source_kind kind,
				    const char *alias)
{
	struct tree_source *source = source_new(scope, kind, table->database, table->name, alias);
	source->table = table;
	source->column_count = table->column_count;
	source->columns = arena_array(scope->resolver->arena, struct tree_source_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		source->columns[i] = (struct tree_source_column){
			.name = column->name, .type = column->type, .class = class_of_type(&column->type),
			.nullable = column->nullable, .hidden = column->invisible, .flags = column_flags(table, column),
			.original_database = table->database, .original_table = table->name,
			.original_name = column->name,
		};
	}
	return source;
}

struct tree_source *source_of_virtual(struct scope *scope, const struct virtual_table *table, const char *alias)
{
	struct tree_source *source = source_new(scope, SOURCE_VIRTUAL, table->database, table->name, alias);
	source->virtual_id = table->id;
	source->virtual_table = table;
	source->column_count = table->column_count;
	source->columns = arena_array(scope->resolver->arena, struct tree_source_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		bool nullable = table->column_nullable == NULL || table->column_nullable[i];
		source->columns[i] = (struct tree_source_column){
			.name = table->column_names[i], .type = table->column_types[i],
			.class = class_of_type(&table->column_types[i]), .nullable = nullable,
			.flags = type_flags(&table->column_types[i]) | (nullable ? 0 : COLUMN_NOT_NULL),
			.original_database = table->database, .original_table = table->name,
			.original_name = table->column_names[i],
		};
	}
	return source;
}

/* ------------------------------------------------------------------ queries as tables */

int columns_of_query(struct scope *scope, const struct tree_query *query, const char *const *names, unsigned name_count,
		     struct tree_source_column **out_columns)
{
	struct resolver *resolver = scope->resolver;
	if (name_count != 0 && name_count != query->column_count)
		return diag_set(resolver->diag, ER_VIEW_WRONG_LIST);
	*out_columns = arena_array(resolver->arena, struct tree_source_column, query->column_count);
	for (unsigned i = 0; i < query->column_count; i++) {
		const struct tree_item *item = &query->columns[i];
		const char *name = name_count ? names[i] : item->name;
		for (unsigned k = 0; k < i; k++)
			if (name_equal((*out_columns)[k].name, name))
				return diag_set(resolver->diag, ER_DUP_FIELDNAME, name);
		(*out_columns)[i] = (struct tree_source_column){
			.name = name, .type = item->expr->type, .class = item->expr->class,
			.nullable = item->expr->nullable, .flags = item->flags & ~(unsigned)COLUMN_NUM,
			.original_database = item->database, .original_table = item->original_table,
			.original_name = item->original_name,
		};
	}
	return 0;
}

static bool hides_in_view(unsigned code)
{
	return code == ER_NO_SUCH_TABLE || code == ER_BAD_FIELD_ERROR || code == ER_BAD_DB_ERROR ||
	       code == ER_SP_DOES_NOT_EXIST || code == ER_NON_UNIQ_ERROR || code == ER_PARSE_ERROR;
}

static struct tree_query *query_of_view(struct scope *scope, const struct view *view)
{
	struct resolver *resolver = scope->resolver, saved = *resolver;
	struct resolve_environment *environment = resolver->environment;
	const struct collation *saved_collation = environment->collation_connection, *collation;
	struct parse_input input = {.text = view->select_text, .size = strlen(view->select_text),
				    .sql_mode = sql_mode_default};
	struct ast_statement *statement;
	size_t next;
	struct tree_query *query = NULL;
	if (resolver->depth >= view_depth_max)
		return FAIL(scope, ER_VIEW_RECURSIVE, view->database, view->name);
	collation = view->collation_connection ? collation_find(bytes_of_string(view->collation_connection)) : NULL;
	if (collation != NULL)
		environment->collation_connection = collation;
	resolver->depth++;
	resolver->derived_depth++;
	resolver->text = bytes_of_string(view->select_text);
	resolver->database = view->database;
	if (view->security == NULL || strcmp(view->security, "INVOKER") != 0) {
		resolver->definer_user = view->definer_user;
		resolver->definer_host = view->definer_host;
	}
	if (parse_statement(&input, resolver->arena, &statement, &next, resolver->diag) == 0 &&
	    statement->kind == AST_SELECT)
		query = resolve_query_in(resolver, NULL, NULL, statement->query);
	int reach = resolver->reach;
	*resolver = saved;
	resolver->reach = reach;
	environment->collation_connection = saved_collation;
	if (query == NULL && hides_in_view(resolver->diag->code))
		diag_set(resolver->diag, ER_VIEW_INVALID, view->database, view->name);
	return query;
}

static struct tree_source *source_of_view(struct scope *scope, const struct view *view, const char *alias)
{
	struct tree_query *query = query_of_view(scope, view);
	if (query == NULL)
		return NULL;
	struct tree_source *source = source_new(scope, SOURCE_DERIVED, view->database, view->name, alias);
	source->is_view = true;
	source->has_check_option = view->check_option != NULL && view->check_option[0] != 0 &&
				   strcmp(view->check_option, "NONE") != 0;
	source->query = query;
	source->column_count = query->column_count;
	if (columns_of_query(scope, query, view->column_names, view->column_names ? view->column_count : 0,
			     &source->columns) != 0)
		return NULL;
	for (unsigned i = 0; i < source->column_count; i++) {
		source->columns[i].original_database = view->database;
		source->columns[i].original_table = view->name;
		source->columns[i].original_name = source->columns[i].name;
	}
	return source;
}

static struct tree_cte *find_cte(const struct scope *scope, const char *name)
{
	for (const struct cte_link *at = scope->ctes; at != NULL; at = at->outer)
		if (strcmp(at->cte->name, name) == 0)
			return at->cte;
	return NULL;
}

static struct tree_source *source_of_cte(struct scope *scope, struct tree_cte *cte, const char *alias)
{
	struct tree_source *source = source_new(scope, SOURCE_CTE, "", cte->name, alias);
	source->cte = cte;
	cte->is_used = true;
	source->column_count = cte->column_count;
	source->columns = arena_copy(scope->resolver->arena, cte->columns, sizeof *cte->columns * cte->column_count);
	return source;
}

static void note_bare_name(struct resolver *resolver, const struct ast_object_name *name)
{
	bool is_inside_view = resolver->text.data != resolver->environment->text.data;
	if (name->database.text || is_inside_view)
		return;
	struct resolve_name *bare = arena_new(resolver->arena, struct resolve_name);
	*bare = (struct resolve_name){name, resolver->environment->bare_names};
	resolver->environment->bare_names = bare;
}

struct tree_source *source_of_name(struct scope *scope, const struct ast_object_name *name, const char *alias)
{
	struct resolver *resolver = scope->resolver;
	struct resolve_environment *environment = resolver->environment;
	const char *database = name->database.text ? name->database.text : resolver->database;
	const struct virtual_table *virtual_table;
	const struct view *view = NULL;
	struct table *table = NULL;
	struct tree_cte *cte = name->database.text ? NULL : find_cte(scope, name->name.text);
	if (cte != NULL)
		return source_of_cte(scope, cte, alias);
	if (database[0] == 0)
		return FAIL(scope, ER_NO_DB_ERROR);
	note_bare_name(resolver, name);
	if (environment->find_table(environment->context, database, name->name.text, &table, resolver->diag) != 0)
		return NULL;
	if (table != NULL)
		return source_of_table(scope, table, SOURCE_TABLE, alias);
	virtual_table = environment->find_virtual
		? environment->find_virtual(environment->context, database, name->name.text) : NULL;
	if (virtual_table != NULL)
		return source_of_virtual(scope, virtual_table, alias);
	if (environment->find_view != NULL &&
	    environment->find_view(environment->context, database, name->name.text, &view, resolver->diag) != 0)
		return NULL;
	if (view != NULL)
		return source_of_view(scope, view, alias);
	if (environment->database_exists != NULL && !environment->database_exists(environment->context, database))
		return FAIL(scope, ER_BAD_DB_ERROR, database);
	return FAIL(scope, ER_NO_SUCH_TABLE, database, name->name.text);
}

/* ------------------------------------------------------------------ items */

struct tree_item item_of_expr(struct scope *scope, struct tree_expr *expr, const char *name)
{
	struct tree_item item = {.expr = expr, .name = name, .database = "", .table = "", .original_table = "",
				 .original_name = ""};
	if (expr->kind == TREE_COLUMN) {
		const struct tree_source *source = expr->column.source;
		const struct tree_source_column *column = &source->columns[expr->column.column];
		item.database = column->original_database;
		item.table = source->alias;
		item.original_table = column->original_table;
		item.original_name = column->original_name;
		item.flags = column->flags;
		if (column->nullable)
			item.flags &= ~(unsigned)COLUMN_NOT_NULL;
		return item;
	}
	item.flags = type_flags(&expr->type) | (expr->nullable ? 0 : COLUMN_NOT_NULL);
	if (expr->class != CLASS_TEXT)
		item.flags |= COLUMN_BINARY;
	return item;
}
