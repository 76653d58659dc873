/* The columns of tables, virtual tables and views, as SHOW COLUMNS and information_schema.COLUMNS tell them. */
#include "base/memory.h"
#include "exec/environment.h"
#include "exec/relation.h"
#include "sql/parse/parse.h"
#include "type/convert.h"
#include "type/sql_mode.h"

/* ------------------------------------------------------------------ defaults */

static const char *finish(struct buf *text, struct arena *arena)
{
	const char *copy = arena_copy_text(arena, (const char *)text->data, text->size);
	buf_deinit(text);
	return copy;
}

static const char *now_text(const struct column_type *type, struct arena *arena)
{
	return type->decimals ? arena_printf(arena, "CURRENT_TIMESTAMP(%u)", type->decimals) : "CURRENT_TIMESTAMP";
}

static void put_bits(struct bytes text, const struct column_type *type, struct buf *out)
{
	unsigned count = type->length;
	bool begun = false;
	buf_put_string(out, "b'");
	for (unsigned i = 0; i < count; i++) {
		unsigned bit = count - 1 - i, byte = (unsigned)text.size - 1 - bit / 8;
		bool one = bit / 8 < text.size && text.data[byte] >> bit % 8 & 1;
		begun = begun || one || bit == 0;
		if (begun)
			buf_put_u8(out, one ? '1' : '0');
	}
	buf_put_u8(out, '\'');
}

static void put_hex(struct bytes text, struct buf *out)
{
	buf_put_string(out, "0x");
	for (size_t i = 0; i < text.size; i++)
		buf_printf(out, "%02X", text.data[i]);
}

/* A packed field as DEFAULT's text. NULL when it cannot be read. */
static const char *field_text(struct session *session, const struct column_type *type, struct bytes field,
			      struct arena *arena)
{
	struct diag diag = DIAG_INIT;
	struct buf text, shown;
	buf_init(&text);
	buf_init(&shown);
	int status = convert_text_from_packed(type, field, session->variables.time_zone, &text, &diag);
	if (status != 0)
		;
	else if (type->kind == TYPE_BIT)
		put_bits(buf_bytes(&text), type, &shown);
	else if (type_is_string(type->kind) && !type_is_text(type->kind) && text.size)
		put_hex(buf_bytes(&text), &shown);
	else if (type_is_text(type->kind))
		charset_convert(type->collation->charset, buf_bytes(&text), charset_get(CHARSET_UTF8MB4), &shown);
	else
		buf_put_bytes(&shown, buf_bytes(&text));
	buf_deinit(&text);
	const char *out = finish(&shown, arena);
	return status == 0 ? out : NULL;
}

static const char *default_text(struct session *session, const struct column *column, struct arena *arena)
{
	switch (column->default_kind) {
	case DEFAULT_NOW: return now_text(&column->type, arena);
	case DEFAULT_VALUE: return field_text(session, &column->type, column->default_field, arena);
	case DEFAULT_EXPRESSION: return column->default_text;
	default: return NULL;
	}
}

/* What a view's column of a NOT NULL expression has: 0, '', '0000-00-00'. */
static const char *implicit_default(struct session *session, const struct column_type *type, struct arena *arena)
{
	if (type_is_blob(type->kind) || type->kind == TYPE_NULL)
		return NULL;
	struct buf field;
	buf_init(&field);
	convert_put_implicit_default(type, &field);
	const char *text = field_text(session, type, buf_bytes(&field), arena);
	buf_deinit(&field);
	return text;
}

/* ------------------------------------------------------------------ keys and extras */

/* The first key that could be the primary one stands for it in a table that has none. */
static const struct index *primary_of(const struct table *table)
{
	if (table->has_primary_key)
		return &table->indexes[0];
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		bool fits = index->kind == INDEX_UNIQUE && !index->hidden;
		for (unsigned k = 0; fits && k < index->part_count; k++)
			fits = !table->columns[index->parts[k].column].nullable && index->parts[k].prefix_length == 0;
		if (fits)
			return index;
	}
	return NULL;
}

static const char *key_of(const struct table *table, unsigned column)
{
	const struct index *primary = primary_of(table);
	const char *key = "";
	for (unsigned k = 0; primary && k < primary->part_count; k++)
		if (primary->parts[k].column == column)
			return "PRI";
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		if (index->hidden || index->part_count == 0 || index->parts[0].column != column)
			continue;
		if (index->kind == INDEX_UNIQUE && index->part_count == 1)
			return "UNI";
		key = "MUL";
	}
	for (unsigned i = 0; i < table->fulltext_count && *key == 0; i++)
		if (table->fulltext_keys[i].parts[0].column == column)
			key = "MUL";
	return key;
}

static const char *extra_of(const struct column *column, struct arena *arena)
{
	if (column->generated != GENERATED_NONE)
		return column->generated == GENERATED_STORED ? "STORED GENERATED" : "VIRTUAL GENERATED";
	if (column->auto_increment)
		return column->invisible ? "auto_increment INVISIBLE" : "auto_increment";
	struct buf text;
	buf_init(&text);
	if (column->default_kind == DEFAULT_NOW || column->default_kind == DEFAULT_EXPRESSION)
		buf_put_string(&text, "DEFAULT_GENERATED");
	if (column->on_update_now)
		buf_printf(&text, "%son update %s", text.size ? " " : "", now_text(&column->type, arena));
	if (column->invisible)
		buf_printf(&text, "%sINVISIBLE", text.size ? " " : "");
	return finish(&text, arena);
}

static const char *type_text(const struct column_type *type, struct arena *arena)
{
	struct buf text;
	buf_init(&text);
	type_print(type, &text);
	return finish(&text, arena);
}

/* ------------------------------------------------------------------ tables */

static unsigned columns_of_table(struct session *session, const struct table *table, struct arena *arena,
				 struct relation_column **out)
{
	*out = arena_array(arena, struct relation_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		(*out)[i] = (struct relation_column){
			.name = column->name, .type = column->type, .type_text = type_text(&column->type, arena),
			.nullable = column->nullable, .invisible = column->invisible, .key = key_of(table, i),
			.default_text = default_text(session, column, arena), .extra = extra_of(column, arena),
			.comment = column->comment,
			.generation = column->generated_expression ? column->generated_expression : "",
		};
	}
	return table->column_count;
}

static unsigned columns_of_virtual(const struct virtual_table *table, struct arena *arena,
				   struct relation_column **out)
{
	*out = arena_array(arena, struct relation_column, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++)
		(*out)[i] = (struct relation_column){
			.name = table->column_names[i], .type = table->column_types[i],
			.type_text = type_text(&table->column_types[i], arena),
			.nullable = table->column_nullable == NULL || table->column_nullable[i], .key = "",
			.extra = "", .comment = "", .generation = "",
		};
	return table->column_count;
}

/* ------------------------------------------------------------------ views */

/* Looking at a view's columns waits for nobody: its tables are taken as they are now, without metadata locks. */
static int find_table_unlocked(void *context, const char *database, const char *name, struct table **out,
			       struct diag *diag)
{
	struct environment *environment = context;
	struct table *table = catalog_find_table(environment->statement->session->server->catalog, database, name);
	*out = table;
	if (table == NULL)
		return 0;
	if (environment->table_count == environment->table_capacity) {
		environment->table_capacity = environment->table_capacity * 2 + 4;
		environment->tables = memory_realloc(environment->tables,
						     environment->table_capacity * sizeof *environment->tables);
	}
	environment->tables[environment->table_count++] = table;
	return 0;
}

/* Of a column that the view passes on as it is, the base column says the default; of others, its type. */
static const char *default_of_item(struct session *session, const struct tree_item *item,
				   const struct column_type *type, struct arena *arena)
{
	struct catalog *catalog = session->server->catalog;
	const char *text = NULL;
	bool has_own = false;
	struct table *base = *item->original_table ? catalog_find_table(catalog, item->database, item->original_table)
						   : NULL;
	if (base) {
		int position = table_find_column(base, bytes_of_string(item->original_name));
		const struct column *column = position >= 0 ? &base->columns[position] : NULL;
		has_own = column && !column->auto_increment && column->generated == GENERATED_NONE;
		if (has_own && column->default_kind != DEFAULT_EXPRESSION)
			text = default_text(session, column, arena);
		table_unref(&base);
	}
	if (has_own || !(item->flags & COLUMN_NOT_NULL))
		return text;
	return implicit_default(session, type, arena);
}

/* The names of a base table's ENUM end with the reference to that table. */
static void keep_names(struct column_type *type, struct arena *arena)
{
	struct bytes *names = arena_array(arena, struct bytes, type->name_count + 1);
	for (unsigned i = 0; i < type->name_count; i++)
		names[i] = bytes_of(arena_copy(arena, type->names[i].data, type->names[i].size), type->names[i].size);
	type->names = names;
}

static unsigned columns_of_query(struct session *session, const struct view *view, const struct tree_query *query,
				 struct arena *arena, struct relation_column **out)
{
	*out = arena_array(arena, struct relation_column, query->column_count);
	for (unsigned i = 0; i < query->column_count; i++) {
		const struct tree_item *item = &query->columns[i];
		struct column_type type = item->expr->kind == TREE_COLUMN ? item->expr->type
									  : resolve_created_type(item->expr);
		(*out)[i] = (struct relation_column){
			.name = arena_copy_string(arena, view->column_names ? view->column_names[i] : item->name),
			.type = type, .type_text = type_text(&type, arena),
			.nullable = !(item->flags & COLUMN_NOT_NULL), .key = "",
			.default_text = default_of_item(session, item, &type, arena), .extra = "", .comment = "",
			.generation = "",
		};
		keep_names(&(*out)[i].type, arena);
	}
	return query->column_count;
}

static int resolve_view(struct environment *environment, const struct view *view, struct tree_query **out,
			struct diag *diag)
{
	struct parse_input input = {.text = view->select_text, .size = strlen(view->select_text),
				    .sql_mode = sql_mode_default};
	const struct collation *collation =
		view->collation_connection ? collation_find(bytes_of_string(view->collation_connection)) : NULL;
	struct ast_statement *statement;
	size_t next;
	environment->resolve.text = bytes_of_string(view->select_text);
	environment->resolve.database = view->database;
	if (collation)
		environment->resolve.collation_connection = collation;
	environment->resolve.find_table = find_table_unlocked;
	environment->resolve.check_source = NULL;
	if (parse_statement(&input, environment->resolve.arena, &statement, &next, diag) == 0 &&
	    statement->kind == AST_SELECT && resolve_query(&environment->resolve, statement->query, out, diag) == 0 &&
	    (view->column_names == NULL || view->column_count == (*out)->column_count))
		return 0;
	return diag_set(diag, ER_VIEW_INVALID, view->database, view->name);
}

static int columns_of_view(struct session *session, const struct view *view, struct arena *arena,
			   struct relation_column **out_columns, unsigned *out_count, struct diag *diag)
{
	struct statement statement = {.session = session, .arena = arena, .diag = diag};
	struct environment environment;
	struct tree_query *query;
	environment_init(&environment, &statement, MDL_SHARED_READ);
	int status = resolve_view(&environment, view, &query, diag);
	if (status == 0)
		*out_count = columns_of_query(session, view, query, arena, out_columns);
	environment_deinit(&environment);
	return status;
}

/* One table's rows as they are, maybe through other views. */
static bool shows_rows_of_one_table(const struct tree_query *query)
{
	const struct tree_select *select = query->body->kind == BODY_SELECT ? query->body->select : NULL;
	if (select == NULL || query->limit || query->cte_count || select->from == NULL ||
	    select->from->kind != FROM_SOURCE || select->is_aggregated || select->distinct || select->has_windows)
		return false;
	const struct tree_source *source = select->from->source;
	return source->kind == SOURCE_TABLE || (source->is_view && shows_rows_of_one_table(source->query));
}

bool relation_view_is_updatable(struct session *session, const struct view *view, struct arena *arena)
{
	struct diag diag = DIAG_INIT;
	struct statement statement = {.session = session, .arena = arena, .diag = &diag};
	struct environment environment;
	struct tree_query *query;
	environment_init(&environment, &statement, MDL_SHARED_READ);
	bool is_updatable = resolve_view(&environment, view, &query, &diag) == 0 && shows_rows_of_one_table(query);
	environment_deinit(&environment);
	return is_updatable;
}

int relation_columns(struct session *session, const struct relation *relation, struct arena *arena,
		     struct relation_column **out_columns, unsigned *out_count, struct diag *diag)
{
	if (relation->view)
		return columns_of_view(session, relation->view, arena, out_columns, out_count, diag);
	*out_count = relation->table ? columns_of_table(session, relation->table, arena, out_columns)
				     : columns_of_virtual(relation->virtual_table, arena, out_columns);
	return 0;
}

const char *relation_column_privileges(struct session *session, const struct relation *relation, struct arena *arena)
{
	static const struct {
		privilege_set set;
		const char *name;
	} shown[] = {{PRIVILEGE(SELECT), "select"}, {PRIVILEGE(INSERT), "insert"}, {PRIVILEGE(UPDATE), "update"},
		     {PRIVILEGE(REFERENCES), "references"}};
	privilege_set held = relation_privileges(session, relation);
	struct buf text;
	buf_init(&text);
	for (unsigned i = 0; i < sizeof shown / sizeof *shown; i++)
		if (held & shown[i].set)
			buf_printf(&text, "%s%s", text.size ? "," : "", shown[i].name);
	return finish(&text, arena);
}
