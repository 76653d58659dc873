#include "exec/show/create.h"

#include "sql/parse/ast.h"
#include "type/convert.h"

void show_create_quoted(struct bytes text, struct buf *out)
{
	buf_put_u8(out, '\'');
	for (size_t i = 0; i < text.size; i++) {
		switch (text.data[i]) {
		case 0: buf_put_string(out, "\\0"); break;
		case '\n': buf_put_string(out, "\\n"); break;
		case '\r': buf_put_string(out, "\\r"); break;
		case '\\': buf_put_string(out, "\\\\"); break;
		case '\'': buf_put_string(out, "''"); break;
		default: buf_put_u8(out, text.data[i]);
		}
	}
	buf_put_u8(out, '\'');
}

/* ------------------------------------------------------------------ columns */

static void put_now(const struct column *column, struct buf *out)
{
	buf_put_string(out, "CURRENT_TIMESTAMP");
	if (column->type.decimals)
		buf_printf(out, "(%u)", column->type.decimals);
}

/* A TIMESTAMP's text is another one in each time zone, and bytes may hold the zero that ends a text. */
static bool is_printed_anew(const struct column *column, const struct time_zone *zone)
{
	enum type_kind kind = column->type.kind;
	return kind == TYPE_BINARY || kind == TYPE_VARBINARY || (kind == TYPE_TIMESTAMP && zone);
}

static void put_value(const struct column *column, const struct time_zone *zone, struct buf *out)
{
	struct diag ignored = DIAG_INIT;
	struct buf text;
	if (column->type.kind == TYPE_BIT) {
		buf_put_string(out, column->default_text);
		return;
	}
	if (!is_printed_anew(column, zone)) {
		show_create_quoted(bytes_of_string(column->default_text), out);
		return;
	}
	buf_init(&text);
	convert_text_from_packed(&column->type, column->default_field, zone ? zone : time_zone_utc(), &text, &ignored);
	show_create_quoted(buf_bytes(&text), out);
	buf_deinit(&text);
}

bool show_create_default(const struct column *column, const struct time_zone *zone, struct buf *out)
{
	bool is_long = type_is_blob(column->type.kind) && column->type.kind != TYPE_JSON;
	switch (column->default_kind) {
	case DEFAULT_NULL:
		if (is_long)
			return false;
		buf_put_string(out, "NULL");
		return true;
	case DEFAULT_VALUE: put_value(column, zone, out); return true;
	case DEFAULT_NOW: put_now(column, out); return true;
	case DEFAULT_EXPRESSION: buf_printf(out, "(%s)", column->default_text); return true;
	default: return false;
	}
}

/* What the table's default does not say already. */
static void put_collation(const struct column *column, const struct collation *of_table, struct buf *out)
{
	const struct collation *collation = column->type.collation;
	if (!type_is_text(column->type.kind) || column->type.kind == TYPE_JSON || collation == NULL)
		return;
	bool differs = collation != of_table;
	if (differs)
		buf_printf(out, " CHARACTER SET %s", collation->charset->name);
	/* The default collation of utf8mb4 is not the same on all servers that may read this. */
	if (!collation->is_default || (differs && collation->charset->id == CHARSET_UTF8MB4))
		buf_printf(out, " COLLATE %s", collation->name);
}

static void put_column(const struct table *table, const struct column *column, const struct show_create_context *context,
		       struct buf *out)
{
	buf_put_string(out, "  ");
	ast_name_print(column->name, out);
	buf_put_u8(out, ' ');
	type_print(&column->type, out);
	put_collation(column, table->collation, out);
	if (column->generated != GENERATED_NONE)
		buf_printf(out, " GENERATED ALWAYS AS (%s) %s", column->generated_expression,
			   column->generated == GENERATED_STORED ? "STORED" : "VIRTUAL");
	if (!column->nullable)
		buf_put_string(out, " NOT NULL");
	else if (column->type.kind == TYPE_TIMESTAMP)
		buf_put_string(out, " NULL");
	size_t before = out->size;
	buf_put_string(out, " DEFAULT ");
	if (column->generated != GENERATED_NONE || !show_create_default(column, context->zone, out))
		out->size = before;
	if (column->on_update_now) {
		buf_put_string(out, " ON UPDATE ");
		put_now(column, out);
	}
	if (column->auto_increment)
		buf_put_string(out, " AUTO_INCREMENT");
	if (column->invisible)
		buf_put_string(out, " /*!80023 INVISIBLE */");
	if (*column->comment) {
		buf_put_string(out, " COMMENT ");
		show_create_quoted(bytes_of_string(column->comment), out);
	}
}

/* ------------------------------------------------------------------ keys and constraints */

static void put_index(const struct table *table, const struct index *index, struct buf *out)
{
	static const char *const heads[] = {[INDEX_PRIMARY] = "PRIMARY KEY ", [INDEX_UNIQUE] = "UNIQUE KEY ",
					    [INDEX_PLAIN] = "KEY ", [INDEX_FULLTEXT] = "FULLTEXT KEY "};
	buf_printf(out, ",\n  %s", heads[index->kind]);
	if (index->kind != INDEX_PRIMARY) {
		ast_name_print(index->name, out);
		buf_put_u8(out, ' ');
	}
	for (unsigned i = 0; i < index->part_count; i++) {
		buf_put_u8(out, i ? ',' : '(');
		ast_name_print(table->columns[index->parts[i].column].name, out);
		if (index->parts[i].prefix_length)
			buf_printf(out, "(%u)", index->parts[i].prefix_length);
		if (index->parts[i].descending)
			buf_put_string(out, " DESC");
	}
	buf_put_u8(out, ')');
	if (*index->comment) {
		buf_put_string(out, " COMMENT ");
		show_create_quoted(bytes_of_string(index->comment), out);
	}
	if (index->invisible)
		buf_put_string(out, " /*!80000 INVISIBLE */");
}

static void put_action(const char *when, enum foreign_key_action action, struct buf *out)
{
	static const char *const names[] = {[FK_RESTRICT] = "RESTRICT", [FK_CASCADE] = "CASCADE",
					    [FK_SET_NULL] = "SET NULL", [FK_SET_DEFAULT] = "SET DEFAULT"};
	if (action != FK_NO_ACTION)
		buf_printf(out, " ON %s %s", when, names[action]);
}

static void put_foreign_key(const struct table *table, const struct foreign_key *key, struct buf *out)
{
	buf_put_string(out, ",\n  CONSTRAINT ");
	ast_name_print(key->name, out);
	buf_put_string(out, " FOREIGN KEY (");
	for (unsigned i = 0; i < key->column_count; i++) {
		buf_put_string(out, i ? ", " : "");
		ast_name_print(table->columns[key->columns[i]].name, out);
	}
	buf_put_string(out, ") REFERENCES ");
	if (strcmp(key->parent_database, table->database) != 0) {
		ast_name_print(key->parent_database, out);
		buf_put_u8(out, '.');
	}
	ast_name_print(key->parent_table, out);
	for (unsigned i = 0; i < key->column_count; i++) {
		buf_put_string(out, i ? ", " : " (");
		ast_name_print(key->parent_columns[i], out);
	}
	buf_put_u8(out, ')');
	put_action("DELETE", key->on_delete, out);
	put_action("UPDATE", key->on_update, out);
}

static void put_check(const struct check_constraint *check, struct buf *out)
{
	buf_put_string(out, ",\n  CONSTRAINT ");
	ast_name_print(check->name, out);
	buf_printf(out, " CHECK (%s)", check->expression);
	if (!check->enforced)
		buf_put_string(out, " /*!80016 NOT ENFORCED */");
}

static void put_options(const struct table *table, const struct show_create_context *context, struct buf *out)
{
	const struct collation *collation = table->collation;
	buf_printf(out, "\n) ENGINE=%s", table->engine);
	if (table->auto_increment_column >= 0 && context->auto_increment > 1)
		buf_printf(out, " AUTO_INCREMENT=%llu", (unsigned long long)context->auto_increment);
	buf_printf(out, " DEFAULT CHARSET=%s", collation->charset->name);
	if (!collation->is_default || collation->charset->id == CHARSET_UTF8MB4)
		buf_printf(out, " COLLATE=%s", collation->name);
	if (*table->options)
		buf_printf(out, " %s", table->options);
	if (table->row_format)
		buf_printf(out, " ROW_FORMAT=%s", table->row_format);
	if (*table->comment) {
		buf_put_string(out, " COMMENT=");
		show_create_quoted(bytes_of_string(table->comment), out);
	}
}

void show_create_table_text(const struct table *table, const struct show_create_context *context, struct buf *out)
{
	buf_printf(out, "CREATE %sTABLE ", table->temporary ? "TEMPORARY " : "");
	ast_name_print(table->name, out);
	buf_put_string(out, " (\n");
	for (unsigned i = 0; i < table->column_count; i++) {
		buf_put_string(out, i ? ",\n" : "");
		put_column(table, &table->columns[i], context, out);
	}
	for (unsigned i = 0; i < table->index_count; i++)
		if (!table->indexes[i].hidden)
			put_index(table, &table->indexes[i], out);
	for (unsigned i = 0; i < table->fulltext_count; i++)
		put_index(table, &table->fulltext_keys[i], out);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		put_foreign_key(table, &table->foreign_keys[i], out);
	for (unsigned i = 0; i < table->check_count; i++)
		put_check(&table->checks[i], out);
	put_options(table, context, out);
}

/* ------------------------------------------------------------------ databases and views */

void show_create_database_text(const char *name, const struct collation *collation, bool if_not_exists, struct buf *out)
{
	buf_printf(out, "CREATE DATABASE %s", if_not_exists ? "/*!32312 IF NOT EXISTS*/ " : "");
	ast_name_print(name, out);
	buf_printf(out, " /*!40100 DEFAULT CHARACTER SET %s", collation->charset->name);
	if (!collation->is_default || collation->charset->id == CHARSET_UTF8MB4)
		buf_printf(out, " COLLATE %s", collation->name);
	buf_put_string(out, " */ /*!80016 DEFAULT ENCRYPTION='N' */");
}

void show_create_view_text(const struct view *view, const char *current_database, struct buf *out)
{
	buf_printf(out, "CREATE ALGORITHM=%s DEFINER=", view->algorithm);
	ast_name_print(view->definer_user, out);
	buf_put_u8(out, '@');
	ast_name_print(view->definer_host, out);
	buf_printf(out, " SQL SECURITY %s VIEW ", view->security);
	if (strcmp(view->database, current_database) != 0) {
		ast_name_print(view->database, out);
		buf_put_u8(out, '.');
	}
	ast_name_print(view->name, out);
	for (unsigned i = 0; view->column_names && i < view->column_count; i++) {
		buf_put_string(out, i ? "," : " (");
		ast_name_print(view->column_names[i], out);
	}
	if (view->column_names && view->column_count)
		buf_put_u8(out, ')');
	buf_printf(out, " AS %s", view->select_text);
	if (view->check_option && *view->check_option && strcmp(view->check_option, "NONE") != 0)
		buf_printf(out, " WITH %s CHECK OPTION", view->check_option);
}
