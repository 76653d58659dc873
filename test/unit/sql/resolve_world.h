/*
 * A small world for the resolver's tests: tables t, t2, t3 and gen, a view, a made-up table; and ways to ask it.
 * Each test program includes it once.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "session/result.h"
#include "sql/parse/parse.h"
#include "sql/resolve/resolve.h"
#include "type/sql_mode.h"

#include "tree_text.h"

static struct arena arena;
static struct resolve_environment environment;
static struct warnings warnings;
static struct table *tables[4];
static struct view view_of_t = {.database = "db", .name = "v", .select_text = "select `t`.`a` AS `a`,`t`.`b` AS `x` from `db`.`t`",
				.definer_user = "root", .definer_host = "localhost", .security = "DEFINER"};
static struct view broken_view = {.database = "db", .name = "broken",
				  .select_text = "select `nope`.`a` AS `a` from `db`.`nope`"};
static const char *const virtual_names[] = {"Variable_name", "Value"};
static struct column_type virtual_types[2];
static struct virtual_table virtual_table = {.database = "information_schema", .name = "vars",
					     .column_names = virtual_names, .column_types = virtual_types,
					     .column_count = 2, .id = 7};

static struct table *new_table(const char *name, const char *definition)
{
	/* The columns come from a definition, so that the types are those a CREATE TABLE would give. */
	const char *text = arena_printf(&arena, "CREATE TABLE %s (%s)", name, definition);
	struct parse_input input = {.text = text, .size = strlen(text), .sql_mode = sql_mode_default};
	struct ast_statement *statement;
	struct diag diag = DIAG_INIT;
	size_t next;
	if (parse_statement(&input, &arena, &statement, &next, &diag))
		fail_msg("%s: %s", text, diag.message);
	const struct ast_column_defs *columns = &statement->create_table->columns;
	struct table *table = table_create();
	table->database = "db";
	table->name = arena_copy_string(&table->arena, name);
	table->columns = arena_array(&table->arena, struct column, columns->count);
	table->column_count = (unsigned)columns->count;
	table->collation = collation_utf8mb4_default;
	for (size_t i = 0; i < columns->count; i++) {
		const struct ast_column_def *def = columns->items[i];
		struct column *column = &table->columns[i];
		column->name = arena_copy_string(&table->arena, def->name.text);
		column->nullable = def->nullability != AST_NOT_NULL && !def->primary;
		column->auto_increment = def->auto_increment;
		column->comment = "";
		column->default_kind = column->nullable ? DEFAULT_NULL : DEFAULT_NONE;
		if (def->generated)
			column->generated = GENERATED_STORED;
		assert_int_equal(resolve_type(def->type, collation_utf8mb4_default, column->name, &table->arena,
					      &column->type, &diag), 0);
	}
	if (columns->items[0]->primary) {
		table->indexes = arena_new(&table->arena, struct index);
		table->indexes->name = "PRIMARY";
		table->indexes->kind = INDEX_PRIMARY;
		table->indexes->parts = arena_new(&table->arena, struct index_part);
		table->indexes->part_count = 1;
		table->index_count = 1;
		table->has_primary_key = true;
	}
	table_finish(table);
	return table;
}

static int find_table(void *context, const char *database, const char *name, struct table **out, struct diag *diag)
{
	(void)context;
	(void)diag;
	*out = NULL;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (tables[i] && strcmp(database, "db") == 0 && strcmp(tables[i]->name, name) == 0)
			*out = tables[i];
	return 0;
}

static int find_view(void *context, const char *database, const char *name, const struct view **out, struct diag *diag)
{
	(void)context;
	(void)diag;
	*out = strcmp(database, "db") != 0 ? NULL : strcmp(name, "v") == 0 ? &view_of_t
		: strcmp(name, "broken") == 0 ? &broken_view : NULL;
	return 0;
}

static const struct virtual_table *find_virtual(void *context, const char *database, const char *name)
{
	(void)context;
	return strcmp(database, "information_schema") == 0 && strcmp(name, "vars") == 0 ? &virtual_table : NULL;
}

static bool database_exists(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "db") == 0 || strcmp(name, "information_schema") == 0;
}

static int system_variable(void *context, enum ast_variable_scope scope, const char *base, const char *name,
			   struct arena *into, struct value *out, struct diag *diag)
{
	(void)context;
	(void)scope;
	(void)base;
	(void)into;
	if (strcmp(name, "version_comment") == 0)
		*out = value_string(bytes_of_string("Gemel"), collation_utf8mb4_default);
	else if (strcmp(name, "max_connections") == 0 || strcmp(name, "timestamp") == 0)
		*out = value_uint(151);
	else
		return diag_set(diag, ER_UNKNOWN_SYSTEM_VARIABLE, name);
	return 0;
}

static const struct value *user_variable(void *context, const char *name)
{
	static struct value five = {.kind = VALUE_INT, .integer = 5};
	(void)context;
	return strcmp(name, "five") == 0 ? &five : NULL;
}

static int set_up_group(void **state)
{
	(void)state;
	arena_init(&arena);
	collation_init();
	tables[0] = new_table("t", "a int primary key, b varchar(20), c decimal(10,2), d datetime, e enum('x','y'), "
			      "f double, g date, u bigint unsigned, l varchar(10) character set latin1, "
			      "h time, y year, j json, k bigint not null, bin varbinary(8), bits bit(4)");
	tables[1] = new_table("t2", "id int primary key auto_increment, a int, n varchar(10) not null");
	tables[2] = new_table("t3", "a int, z int");
	tables[3] = new_table("gen", "id int primary key, v int, w int as (v + 1) stored");
	virtual_types[0] = virtual_types[1] = (struct column_type){.kind = TYPE_VARCHAR, .length = 64,
								   .collation = collation_utf8mb3_general};
	return 0;
}

static int tear_down_group(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		table_unref(&tables[i]);
	arena_deinit(&arena);
	collation_deinit();
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	warnings_init(&warnings, 10);
	environment = (struct resolve_environment){
		.arena = &arena, .database = "db", .sql_mode = sql_mode_default,
		.character_set_client = charset_get(CHARSET_UTF8MB4), .collation_connection = collation_utf8mb4_default,
		.div_precision_increment = 4, .group_concat_max_len = 1024, .time_zone = time_zone_utc(),
		.warnings = &warnings, .find_table = find_table, .find_view = find_view, .find_virtual = find_virtual,
		.database_exists = database_exists, .system_variable = system_variable, .user_variable = user_variable,
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	warnings_deinit(&warnings);
	return 0;
}

/* ------------------------------------------------------------------ asking */

__attribute__((unused)) static struct ast_statement *parse(const char *text)
{
	struct parse_input input = {.text = text, .size = strlen(text), .sql_mode = environment.sql_mode};
	struct ast_statement *statement = NULL;
	size_t next = 0;
	struct diag diag = DIAG_INIT;
	if (parse_statement(&input, &arena, &statement, &next, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	environment.text = bytes_of_string(text);
	return statement;
}

__attribute__((unused)) static struct tree_query *query(const char *text)
{
	struct tree_query *out = NULL;
	struct diag diag = DIAG_INIT;
	if (resolve_query(&environment, parse(text)->query, &out, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

__attribute__((unused)) static void assert_refused_statement(const char *text, unsigned code, const char *message)
{
	struct ast_statement *statement = parse(text);
	struct tree_query *tree;
	struct tree_insert *insert;
	struct tree_change *change;
	struct diag diag = DIAG_INIT;
	int status = statement->kind == AST_SELECT ? resolve_query(&environment, statement->query, &tree, &diag)
		: statement->kind == AST_INSERT ? resolve_insert(&environment, statement->insert, &insert, &diag)
		: statement->kind == AST_UPDATE ? resolve_update(&environment, statement->update, &change, &diag)
		: resolve_delete(&environment, statement->delete_rows, &change, &diag);
	if (status == 0)
		fail_msg("not refused: %s", text);
	if (diag.code != code || (message && strcmp(diag.message, message) != 0))
		fail_msg("%s\n%u: %s\nexpected %u: %s", text, diag.code, diag.message, code, message ? message : "any");
}

__attribute__((unused)) static const char *text_of(const struct tree_expr *expr)
{
	struct buf out;
	if (expr == NULL)
		return "nothing";
	buf_init(&out);
	put_expr(&out, expr);
	const char *copy = arena_copy_text(&arena, (const char *)out.data, out.size);
	buf_deinit(&out);
	return copy;
}

__attribute__((unused)) static const char *type_of(const struct tree_expr *expr)
{
	struct buf out;
	buf_init(&out);
	if (expr->type.kind == TYPE_NULL)
		buf_put_string(&out, "null");
	else
		type_print(&expr->type, &out);
	if (expr->type.kind == TYPE_BIGINT)
		buf_printf(&out, " %u", expr->type.length);
	if (!expr->nullable)
		buf_put_string(&out, " not null");
	const char *copy = arena_copy_text(&arena, (const char *)out.data, out.size);
	buf_deinit(&out);
	return copy;
}

__attribute__((unused)) static struct tree_expr *item(const char *text)
{
	return query(arena_printf(&arena, "SELECT %s FROM t", text))->columns[0].expr;
}

__attribute__((unused)) static void assert_item(const char *text, const char *expected)
{
	assert_string_equal(text_of(item(text)), expected);
}

__attribute__((unused)) static void assert_type(const char *text, const char *expected)
{
	const char *type = type_of(item(text));
	if (strcmp(type, expected) != 0)
		fail_msg("%s: %s, expected %s", text, type, expected);
}

__attribute__((unused)) static void assert_where(const char *text, const char *expected)
{
	struct tree_query *tree = query(arena_printf(&arena, "SELECT 1 FROM t WHERE %s", text));
	const char *where = text_of(tree->body->select->where);
	if (strcmp(where, expected) != 0)
		fail_msg("%s\n%s\nexpected\n%s", text, where, expected);
}
