/* The resolver: what names mean, what types come out, which conversions are put in, what is refused and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "session/result.h"
#include "sql/parse.h"
#include "sql/resolve.h"
#include "type/sql_mode.h"

#include "tree_text.h"

/* ------------------------------------------------------------------ a small world */

static struct arena arena;
static struct resolve_environment environment;
static struct warnings warnings;
static struct table *tables[4];
static struct value parameters[4];
static struct view view_of_t = {.database = "db", .name = "v", .select_text = "select `t`.`a` AS `a`,`t`.`b` AS `x` from `db`.`t`",
				.definer_user = "root", .definer_host = "localhost", .security = "DEFINER"};
static struct view broken_view = {.database = "db", .name = "broken", .select_text = "select `nope`.`a` AS `a` from `db`.`nope`"};
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
	else if (strcmp(name, "max_connections") == 0)
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

static struct ast_statement *parse(const char *text)
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

static struct tree_query *query(const char *text)
{
	struct tree_query *out = NULL;
	struct diag diag = DIAG_INIT;
	if (resolve_query(&environment, parse(text)->query, &out, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

static void assert_refused_statement(const char *text, unsigned code, const char *message)
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

static const char *text_of(const struct tree_expr *expr)
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

static const char *type_of(const struct tree_expr *expr)
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

static struct tree_expr *item(const char *text)
{
	return query(arena_printf(&arena, "SELECT %s FROM t", text))->columns[0].expr;
}

static void assert_item(const char *text, const char *expected)
{
	assert_string_equal(text_of(item(text)), expected);
}

static void assert_type(const char *text, const char *expected)
{
	const char *type = type_of(item(text));
	if (strcmp(type, expected) != 0)
		fail_msg("%s: %s, expected %s", text, type, expected);
}

static void assert_where(const char *text, const char *expected)
{
	struct tree_query *tree = query(arena_printf(&arena, "SELECT 1 FROM t WHERE %s", text));
	const char *where = text_of(tree->body->select->where);
	if (strcmp(where, expected) != 0)
		fail_msg("%s\n%s\nexpected\n%s", text, where, expected);
}

/* ------------------------------------------------------------------ the function table */

static void test_functions_are_sorted_and_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; function_at(i) != NULL; i++) {
		const struct function *function = function_at(i);
		assert_ptr_equal(function_find(bytes_of_string(function->name)), function);
		assert_true(function->max < 0 || function->min <= function->max);
		if (i > 0)
			assert_true(strcmp(function_at(i - 1)->name, function->name) < 0);
	}
}

/* ------------------------------------------------------------------ names */

static void test_columns_are_found(void **state)
{
	(void)state;
	assert_item("a", "t.a");
	assert_item("t.A", "t.a");
	assert_item("db.t.a", "t.a");
	struct tree_query *tree = query("SELECT * FROM t2 x JOIN t3 ON x.a = t3.a");
	assert_int_equal(tree->column_count, 5);
	assert_string_equal(tree->columns[0].name, "id");
	assert_string_equal(tree->columns[0].table, "x");
	assert_string_equal(tree->columns[0].original_table, "t2");
	assert_int_equal(tree->columns[0].flags & (COLUMN_PRIMARY_KEY | COLUMN_AUTO_INCREMENT | COLUMN_NOT_NULL),
			 COLUMN_PRIMARY_KEY | COLUMN_AUTO_INCREMENT | COLUMN_NOT_NULL);
	assert_string_equal(query("SELECT 1 + 1")->columns[0].name, "1 + 1");
	assert_string_equal(query("SELECT a AS `my a` FROM t")->columns[0].name, "my a");
	assert_int_equal(query("SELECT t3.* FROM t2, t3")->column_count, 2);
}

static void test_names_are_refused(void **state)
{
	(void)state;
	assert_refused_statement("SELECT nope FROM t", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("SELECT t.nope FROM t", 1054, "Unknown column 't.nope' in 'field list'");
	assert_refused_statement("SELECT 1 FROM t WHERE nope = 1", 1054, "Unknown column 'nope' in 'where clause'");
	assert_refused_statement("SELECT 1 FROM t JOIN t2 ON nope", 1054, "Unknown column 'nope' in 'on clause'");
	assert_refused_statement("SELECT 1 FROM t ORDER BY nope", 1054, "Unknown column 'nope' in 'order clause'");
	assert_refused_statement("SELECT 1 FROM t GROUP BY nope", 1054, "Unknown column 'nope' in 'group statement'");
	assert_refused_statement("SELECT 1 FROM t HAVING b = 1", 1054, "Unknown column 'b' in 'having clause'");
	assert_refused_statement("SELECT 1 FROM t ORDER BY 3", 1054, "Unknown column '3' in 'order clause'");
	assert_refused_statement("SELECT a FROM t2, t3", 1052, "Column 'a' in field list is ambiguous");
	assert_refused_statement("SELECT 1 FROM t2, t3 WHERE a = 1", 1052, "Column 'a' in where clause is ambiguous");
	assert_refused_statement("SELECT 1 FROM nope", 1146, "Table 'db.nope' doesn't exist");
	assert_refused_statement("SELECT 1 FROM nodb.t", 1049, "Unknown database 'nodb'");
	assert_refused_statement("SELECT 1 FROM t, t", 1066, "Not unique table/alias: 't'");
	assert_refused_statement("SELECT x.* FROM t", 1051, "Unknown table 'x'");
	assert_refused_statement("SELECT *", 1096, "No tables used");
	assert_refused_statement("SELECT 1 FROM (SELECT a, a FROM t) d", 1060, "Duplicate column name 'a'");
	assert_refused_statement("SELECT 1 FROM (SELECT 1) d (x, y)", 1353, NULL);
	assert_refused_statement("SELECT 1 FROM t FORCE INDEX (nope)", 1176, "Key 'nope' doesn't exist in table 't'");
	environment.database = "";
	assert_refused_statement("SELECT 1 FROM t", 1046, "No database selected");
}

static void test_clauses_see_aliases(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT a AS b, b AS z FROM t ORDER BY b, z, k, a + 1, 2 DESC");
	assert_int_equal(tree->order_by.items[0].item, 0);
	assert_int_equal(tree->order_by.items[1].item, 1);
	assert_int_equal(tree->order_by.items[2].item, -1);
	assert_string_equal(text_of(tree->order_by.items[2].expr), "t.k");
	assert_int_equal(tree->order_by.items[4].item, 1);
	assert_true(tree->order_by.items[4].descending);
	/* GROUP BY prefers the column. */
	tree = query("SELECT MAX(k) AS b FROM t GROUP BY b");
	assert_string_equal(text_of(tree->body->select->group_by.items[0].expr), "t.b");
	tree = query("SELECT a + 1 AS x, COUNT(*) AS n FROM t GROUP BY x HAVING n > 2");
	assert_string_equal(text_of(tree->body->select->group_by.items[0].expr), "gm_add_int(t.a, 1, \"(`db`.`t`.`a` + 1)\")");
	assert_string_equal(text_of(tree->body->select->having), "(count(*) >int 2)");
	/* Without groups it is a WHERE. */
	tree = query("SELECT a AS x FROM t HAVING x > 2");
	assert_null(tree->body->select->having);
	assert_string_equal(text_of(tree->body->select->where), "(t.a >int 2)");
	assert_refused_statement("SELECT a AS x, b AS x FROM t ORDER BY x", 1052, "Column 'x' in order clause is ambiguous");
	assert_refused_statement("SELECT COUNT(*) AS n FROM t GROUP BY n", 1056, "Can't group on 'n'");
}

static void test_joins_share_columns(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT * FROM t2 JOIN t3 USING (a)");
	assert_int_equal(tree->column_count, 4);
	assert_string_equal(text_of(tree->columns[0].expr), "t2.a");
	assert_string_equal(text_of(tree->body->select->from->on), "(t2.a =int t3.a)");
	tree = query("SELECT a FROM t2 RIGHT JOIN t3 USING (a)");
	assert_string_equal(text_of(tree->columns[0].expr), "t3.a");
	assert_int_equal(tree->body->select->from->join, JOIN_LEFT);
	assert_string_equal(tree->body->select->from->left->source->alias, "t3");
	tree = query("SELECT * FROM t2 NATURAL JOIN t3");
	assert_int_equal(tree->column_count, 4);
	tree = query("SELECT t2.n FROM t3 LEFT JOIN t2 ON t2.a = t3.a");
	assert_true(tree->columns[0].expr->nullable);
	assert_int_equal(tree->columns[0].flags & COLUMN_NOT_NULL, 0);
	assert_refused_statement("SELECT 1 FROM t2 JOIN t3 USING (nope)", 1054, "Unknown column 'nope' in 'from clause'");
}

static void test_subqueries_reach_out(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT (SELECT MAX(t3.z) FROM t3 WHERE t3.a = t.a) FROM t");
	assert_true(tree->columns[0].expr->query->is_correlated);
	assert_false(tree->is_correlated);
	assert_true(tree->columns[0].expr->query->at_most_one_row);
	assert_where("a IN (SELECT a FROM t3)", "(t.a in query(t3.a))");
	assert_where("a IN (SELECT n FROM t2)", "(t.a in query(gm_real_from_text(t2.n)))");
	assert_where("EXISTS (SELECT 1 FROM t2 WHERE t2.a = t.a)", "exists");
	assert_where("a > ALL (SELECT a FROM t3)", "(t.a > all query(t3.a))");
	assert_where("a = ANY (SELECT a FROM t3)", "(t.a in query(t3.a))");
	assert_where("a <> ALL (SELECT a FROM t3)", "(t.a not in query(t3.a))");
	assert_where("(a, k) IN (SELECT a, z FROM t3)", "(t.a, t.k in query(t3.a))");
	assert_refused_statement("SELECT (SELECT 1, 2)", 1241, "Operand should contain 1 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE a IN (SELECT 1, 2)", 1241, "Operand should contain 1 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) IN (SELECT 1)", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT 1 FROM t, (SELECT t.a) d", 1054, NULL);
	assert_string_equal(text_of(query("SELECT d.x FROM t, LATERAL (SELECT t.a AS x) d")->columns[0].expr), "d.x");
}

static void test_views_and_virtual_tables(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT * FROM v");
	const struct tree_source *source = tree->body->select->from->source;
	assert_true(source->is_view);
	assert_string_equal(tree->columns[1].name, "x");
	assert_string_equal(tree->columns[1].original_table, "v");
	assert_string_equal(source->query->body->select->from->source->definer_user, "root");
	assert_null(source->definer_user);
	tree = query("SELECT value FROM information_schema.vars WHERE variable_name LIKE 'a%'");
	assert_int_equal(tree->body->select->from->source->virtual_id, 7);
	assert_refused_statement("SELECT * FROM broken", 1356, "View 'db.broken' references invalid table(s) or column(s) or "
				 "function(s) or definer/invoker of view lack rights to use them");
}

/* ------------------------------------------------------------------ conversions and comparisons */

static void test_columns_stay_bare_in_comparisons(void **state)
{
	(void)state;
	assert_where("a = 5", "(t.a =int 5)");
	assert_where("a = '5'", "(t.a =int 5)");
	assert_where("'5' = a", "(5 =int t.a)");
	assert_where("a = '5x'", "(t.a =real gm_real_from_text('5x'))");
	assert_where("a = 5.0", "(t.a =int 5)");
	assert_where("a < 5.5", "(t.a <real 5.5r)");
	assert_where("a < 5.5e0", "(t.a <real 5.5r)");
	assert_where("b = 'x'", "(t.b =utf8mb4_general_ci 'x')");
	assert_where("b = 5", "(gm_real_from_text(t.b) =real 5)");
	assert_where("c = 5", "(t.c =dec 5d)");
	assert_where("c = '5.5'", "(t.c =dec 5.5d)");
	assert_where("d = '2024-01-31'", "(t.d =dt dt'2024-01-31 00:00:00')");
	assert_where("d > 20240131", "(t.d >dt dt'2024-01-31 00:00:00')");
	assert_where("g = '2024-01-31'", "(t.g =dt dt'2024-01-31 00:00:00')");
	assert_where("g = d", "(t.g =dt t.d)");
	assert_where("h = '10:11'", "(t.h =time time'10:11:00')");
	assert_where("h = d", "(gm_dt_from_time(t.h, 0, 1) =dt t.d)");
	assert_where("e = 'y'", "(t.e =int 2)");
	assert_where("e = 'Y'", "(t.e =int 2)");
	assert_where("e = 'none'", "(t.e =int -1)");
	assert_where("e = 1", "(t.e =int 1)");
	assert_where("e > 'x'", "(gm_text_from_enum(t.e) >utf8mb4_general_ci 'x')");
	assert_where("y = 70", "(t.y =int 1970)");
	assert_where("u = '18446744073709551615'", "(t.u =int 18446744073709551615)");
	assert_where("j = 5", "(t.j =json gm_json_from_int(5))");
	assert_where("bin = 'x'", "(t.bin =bin b'x')");
	assert_where("a = 0x05", "(t.a =int 5)");
	assert_where("b = 0x41", "(t.b =utf8mb4_general_ci gm_text_from_bin(b'A', 4))");
	assert_where("a = NULL", "(t.a =int NULL)");
	assert_where("f = 1", "(t.f =real 1)");
	assert_where("f = c", "(t.f =real gm_real_from_dec(t.c))");
}

static void test_parameters_stay_parameters(void **state)
{
	(void)state;
	parameters[0] = value_string(bytes_of_string("5"), collation_utf8mb4_default);
	environment.parameters = parameters;
	environment.parameter_count = 1;
	assert_where("a = ?", "(t.a =int gm_key_from_text(?0:text))");
	assert_where("d = ?", "(t.d =dt gm_dt_from_text(?0:text, 6, 1))");
	assert_where("c = ?", "(t.c =dec gm_dec_from_text(?0:text, 0, 0))");
	parameters[0] = value_int(5);
	assert_where("a = ?", "(t.a =int ?0:int)");
	assert_where("c = ?", "(t.c =dec gm_dec_from_int(?0:int, 19, 0))");
	struct tree_query *tree = query("SELECT 1 FROM t LIMIT ?");
	assert_string_equal(text_of(tree->limit), "?0:int");
	environment.parameters = NULL;
	tree = query("SELECT ? FROM t LIMIT ?, 5");
	assert_string_equal(text_of(tree->offset), "?1:int");
	assert_true(tree->columns[0].expr->nullable);
}

static void test_rows_and_lists(void **state)
{
	(void)state;
	assert_where("(a, k) = (1, 2)", "((t.a =int 1) and (t.k =int 2))");
	assert_where("(a, k) <> (1, 2)", "((t.a <>int 1) or (t.k <>int 2))");
	assert_where("(a, k) < (1, 2)", "((t.a <int 1) or ((t.a =int 1) and (t.k <int 2)))");
	assert_where("(a, k) IN ((1, 2), (3, 4))",
		     "(((t.a =int 1) and (t.k =int 2)) or ((t.a =int 3) and (t.k =int 4)))");
	assert_where("a IN (1, '2', NULL)", "(t.a in:int 1, 2, NULL)");
	assert_where("a NOT IN (1, 2)", "(t.a not in:int 1, 2)");
	assert_where("d IN ('2024-01-01', '2024-01-02')", "(t.d in:dt dt'2024-01-01 00:00:00', dt'2024-01-02 00:00:00')");
	assert_where("a IN (1, 'x')", "((t.a in:int 1) or (t.a in:real gm_real_from_text('x')))");
	assert_where("d BETWEEN '2024-01-01' AND '2024-01-31'",
		     "(t.d between:dt dt'2024-01-01 00:00:00' and dt'2024-01-31 00:00:00')");
	assert_where("a BETWEEN 1 AND 2.5", "((t.a >=int 1) and (t.a <=real 2.5r))");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) = (1, 2, 3)", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT 1 FROM t WHERE (a, b) = 1", 1241, "Operand should contain 2 column(s)");
	assert_refused_statement("SELECT (1, 2)", 1241, "Operand should contain 1 column(s)");
}

static void test_conditions_are_truth_values(void **state)
{
	(void)state;
	assert_where("a", "(t.a <>int 0)");
	assert_where("b", "(gm_real_from_text(t.b) <>real 0r)");
	assert_where("c AND NOT d", "((t.c <>dec 0d) and not (t.d <>int 0))");
	assert_where("a = 1 OR b IS NULL", "((t.a =int 1) or (t.b is null))");
	assert_where("a IS TRUE", "((t.a <>int 0) is true)");
	assert_where("b LIKE 'x%'", "(t.b like:utf8mb4_general_ci 'x%')");
	assert_where("a LIKE '5%'", "(gm_text_from_int(t.a) like:utf8mb4_general_ci '5%')");
	assert_where("b REGEXP 'x'", "gm_regexp(t.b, 'x', 45)");
}

static void test_bad_times_are_errors(void **state)
{
	(void)state;
	assert_refused_statement("SELECT 1 FROM t WHERE d = 'abc'", 1525, "Incorrect DATETIME value: 'abc'");
	assert_refused_statement("SELECT DATE '2024-02-31'", 1525, "Incorrect DATE value: '2024-02-31'");
	assert_item("TIMESTAMP '2024-01-31 10:11:12.5'", "dt'2024-01-31 10:11:12.5'");
}

static void test_collations_are_weighed(void **state)
{
	(void)state;
	assert_where("b = 'x' COLLATE utf8mb4_bin", "(t.b =utf8mb4_bin 'x' collate utf8mb4_bin)");
	assert_where("l = 'x'", "(t.l =latin1_swedish_ci 'x')");
	assert_where("l = b", "(t.l =utf8mb4_general_ci t.b)");
	assert_refused_statement("SELECT 1 FROM t WHERE b COLLATE utf8mb4_bin = b COLLATE utf8mb4_unicode_ci", 1267,
				 "Illegal mix of collations (utf8mb4_bin,EXPLICIT) and (utf8mb4_unicode_ci,EXPLICIT) for "
				 "operation '='");
	assert_refused_statement("SELECT b COLLATE latin1_bin FROM t", 1253,
				 "COLLATION 'latin1_bin' is not valid for CHARACTER SET 'utf8mb4'");
	assert_refused_statement("SELECT b COLLATE nope FROM t", 1273, "Unknown collation: 'nope'");
	assert_item("CHARSET(l)", "'latin1'");
	assert_item("COLLATION(b)", "'utf8mb4_general_ci'");
	assert_item("COERCIBILITY(b)", "2");
	assert_item("COERCIBILITY('b')", "4");
	assert_item("COERCIBILITY(a)", "5");
	assert_string_equal(item("CONCAT(l, b)")->type.collation->name, "utf8mb4_general_ci");
}

/* ------------------------------------------------------------------ types */

static void test_arithmetic_types(void **state)
{
	(void)state;
	assert_type("1", "bigint 1 not null");
	assert_type("a + 1", "bigint 12 not null");
	assert_type("u + 1", "bigint unsigned 21");
	assert_type("c + 1", "decimal(11,2)");
	assert_type("c * c", "decimal(20,4)");
	assert_type("1 / 3", "decimal(5,4)");
	assert_type("a / 2", "decimal(14,4)");
	assert_type("c / 2", "decimal(14,6)");
	assert_type("f + 1", "double");
	assert_type("b + 1", "double");
	assert_type("a DIV 2", "bigint 21");
	assert_type("a % 2", "bigint 11");
	assert_type("-a", "bigint 11 not null");
	assert_type("1.5", "decimal(2,1) not null");
	assert_type("a & 1", "bigint unsigned 21 not null");
	assert_type("a = 1", "bigint 1 not null");
	assert_type("b = 'x'", "bigint 1");
	assert_type("d + 0", "bigint 16");
	assert_item("-9223372036854775808", "-9223372036854775808");
	assert_item("-5", "-5");
	assert_item("a - u", "gm_sub_uint(t.a, t.u, \"(`db`.`t`.`a` - `db`.`t`.`u`)\")");
	environment.sql_mode |= SQL_MODE_NO_UNSIGNED_SUBTRACTION;
	assert_item("a - u", "gm_sub_int(t.a, t.u, \"(`db`.`t`.`a` - `db`.`t`.`u`)\")");
}

static void test_function_types(void **state)
{
	(void)state;
	assert_type("COUNT(*)", "bigint 21 not null");
	assert_type("SUM(a)", "decimal(32,0)");
	assert_type("SUM(f)", "double");
	assert_type("AVG(a)", "decimal(14,4)");
	assert_type("AVG(c)", "decimal(14,6)");
	assert_type("MAX(b)", "varchar(20)");
	assert_type("CONCAT(b, 'xy')", "varchar(22)");
	assert_type("CONCAT(a, b)", "varchar(31)");
	assert_type("LENGTH(b)", "bigint 10");
	assert_type("NOW()", "datetime not null");
	assert_type("NOW(6)", "datetime(6) not null");
	assert_type("DATE_ADD(g, INTERVAL 1 DAY)", "date");
	assert_type("DATE_ADD(g, INTERVAL 1 HOUR)", "datetime");
	assert_type("d + INTERVAL 1 MICROSECOND", "datetime(6)");
	assert_type("IFNULL(b, 'x')", "varchar(20) not null");
	assert_type("IF(a, 1, 2.5)", "decimal(2,1) not null");
	assert_type("COALESCE(a, u)", "decimal(20,0) not null");
	assert_type("CASE WHEN a THEN d ELSE g END", "datetime");
	assert_type("CASE a WHEN 1 THEN 'x' END", "varchar(1)");
	assert_type("CAST(b AS CHAR(5))", "varchar(5)");
	assert_type("CAST(b AS UNSIGNED)", "bigint unsigned 20");
	assert_type("CAST(b AS DECIMAL(6,2))", "decimal(6,2)");
	assert_type("CAST(b AS DATETIME(3))", "datetime(3)");
	assert_type("ROUND(c, 1)", "decimal(10,1)");
	assert_type("ROUND(c)", "decimal(9,0)");
	assert_type("FLOOR(c)", "bigint 10");
	assert_type("VERSION()", "varchar(60) not null");
	assert_type("JSON_EXTRACT(j, '$.a')", "json");
	assert_type("STR_TO_DATE(b, '%Y-%m-%d')", "date");
	assert_type("STR_TO_DATE(b, '%H:%i')", "time");
	assert_type("UNIX_TIMESTAMP(d)", "bigint 11");
	assert_type("@@max_connections", "bigint unsigned 21 not null");
	assert_type("@five", "bigint 20");
	assert_type("NULL", "null");
	assert_type("LEFT(b, 3)", "varchar(3)");
	assert_type("REPEAT('ab', 3)", "varchar(6)");
	assert_type("HEX(b)", "varchar(160)");
	assert_type("MD5(b)", "varchar(32)");
}

static void test_functions_get_their_classes(void **state)
{
	(void)state;
	assert_item("ABS(b)", "gm_abs_real(gm_real_from_text(t.b), \"abs(`db`.`t`.`b`)\")");
	assert_item("CONCAT(a, e)", "gm_concat(gm_text_from_int(t.a), gm_text_from_enum(t.e))");
	assert_item("LENGTH(l)", "gm_length(gm_bin_from_text(t.l, 2))");
	assert_item("YEAR(b)", "gm_year(gm_dt_from_text(t.b, 6, 0))");
	assert_item("HOUR(d)", "gm_hour(gm_time_from_dt(t.d, 0, 0))");
	assert_item("e + 0", "gm_add_real(gm_real_from_int(int(t.e)), 0r, \"(`db`.`t`.`e` + 0)\")");
	assert_item("ROUND(c)", "gm_round_dec(t.c, 0, 0)");
	assert_item("c + f", "gm_add_real(gm_real_from_dec(t.c), t.f, \"(`db`.`t`.`c` + `db`.`t`.`f`)\")");
	assert_item("a / 2", "gm_div_dec(gm_dec_from_int(t.a, 10, 0), 2d, 4)");
	assert_item("IF(a, b, c)", "iif((t.a <>int 0), t.b, gm_text_from_dec(t.c, 2))");
	assert_item("NULLIF(a, 1)", "case when (t.a =int 1) then NULL else t.a end");
	assert_item("DATE(d)", "gm_date_from_dt(t.d, 0)");
	assert_item("d + INTERVAL 90 MINUTE", "gm_date_add_dt(t.d, 90, \"minute\", 1, 0)");
	assert_item("'2024-01-31' - INTERVAL '1 2' DAY_HOUR",
		    "gm_date_add_text('2024-01-31', '1 2', \"day_hour\", -1, 0)");
	assert_item("EXTRACT(DAY FROM d)", "gm_extract_dt(t.d, \"day\")");
	assert_item("TIMESTAMPDIFF(DAY, g, d)", "gm_timestampdiff(dt(t.g), t.d, \"day\")");
	assert_item("TRIM(LEADING 'x' FROM b)", "gm_trim(t.b, 'x', 1)");
	assert_item("HEX(a)", "gm_hex_int(t.a)");
	assert_item("COUNT(DISTINCT a, b)", "count(distinct gm_tuple(t.a, 0, t.b, 45))");
	assert_item("AVG(a)", "gm_avg_dec(gm_sum_int(t.a), count(t.a), 4)");
	assert_item("JSON_SET(j, '$.a', b, '$.b', 1)",
		    "gm_json_set(t.j, '$.a', gm_json_from_text(t.b), '$.b', gm_json_from_int(1))");
	assert_item("JSON_EXTRACT(b, '$')", "gm_json_extract(gm_json_parse(t.b, 1, \"json_extract\"), '$')");
	assert_item("j->>'$.a'", "gm_json_value_text(t.j, '$.a')");
	assert_item("ROW_NUMBER() OVER (PARTITION BY b ORDER BY a)", "row_number() over(t.b by t.a)");
	assert_item("@x := a", "(@x := t.a)");
	assert_item("@nope", "@nope:text");
	assert_item("NOW(3)", "gm_now(3)");
	assert_item("SUBSTRING(bin, 2)", "gm_substring(t.bin, 2)");
	assert_item("CONCAT(bin, b)", "gm_concat(t.bin, gm_bin_from_text(t.b, 4))");
}

static void test_calls_are_refused(void **state)
{
	(void)state;
	assert_refused_statement("SELECT nope(1)", 1305, "FUNCTION db.nope does not exist");
	assert_refused_statement("SELECT other.nope(1)", 1305, "FUNCTION other.nope does not exist");
	assert_refused_statement("SELECT ABS(1, 2)", 1582, "Incorrect parameter count in the call to native function 'abs'");
	assert_refused_statement("SELECT CONCAT()", 1582, "Incorrect parameter count in the call to native function 'concat'");
	assert_refused_statement("SELECT 1 FROM t WHERE SUM(a) > 1", 1111, "Invalid use of group function");
	assert_refused_statement("SELECT SUM(SUM(a)) FROM t", 1111, "Invalid use of group function");
	assert_refused_statement("SELECT 1 FROM t WHERE RANK() OVER () = 1", 3593,
				 "You cannot use the window function 'rank' in this context.'");
	assert_refused_statement("SELECT RANK() OVER w FROM t", 3579, "Window name 'w' is not defined.");
	assert_refused_statement("SELECT @@nope", 1193, "Unknown system variable 'nope'");
	assert_refused_statement("SELECT JSON_EXTRACT(1, '$')", 3146, NULL);
	assert_refused_statement("SELECT MATCH (b) AGAINST ('x') FROM t", 1235, NULL);
}

/* ------------------------------------------------------------------ grouping */

static void test_full_group_by(void **state)
{
	(void)state;
	assert_refused_statement("SELECT b, COUNT(*) FROM t", 1140,
				 "In aggregated query without GROUP BY, expression #1 of SELECT list contains nonaggregated "
				 "column 'db.t.b'; this is incompatible with sql_mode=only_full_group_by");
	assert_refused_statement("SELECT b, c FROM t GROUP BY b", 1055,
				 "Expression #2 of SELECT list is not in GROUP BY clause and contains nonaggregated column "
				 "'db.t.c' which is not functionally dependent on columns in GROUP BY clause; this is "
				 "incompatible with sql_mode=only_full_group_by");
	assert_refused_statement("SELECT b FROM t GROUP BY b ORDER BY c", 1055, NULL);
	assert_refused_statement("SELECT DISTINCT b FROM t ORDER BY c", 3065, NULL);
	query("SELECT a, b, c FROM t GROUP BY a");
	query("SELECT t.b, t3.z FROM t JOIN t3 ON t.a = t3.a GROUP BY t3.a, t3.z");
	query("SELECT b, COUNT(*) FROM t WHERE b = 'x'");
	query("SELECT a + 1, COUNT(*) FROM t GROUP BY a + 1");
	query("SELECT x, COUNT(*) FROM v GROUP BY a");
	query("SELECT b, (SELECT COUNT(*) FROM t3 WHERE t3.z = SUM(t.k)) FROM t GROUP BY b");
	query("SELECT b, SUM(k) OVER () FROM t");
	environment.sql_mode &= ~(uint64_t)SQL_MODE_ONLY_FULL_GROUP_BY;
	query("SELECT b, c, COUNT(*) FROM t GROUP BY b");
	query("SELECT DISTINCT b FROM t ORDER BY c");
	query("SELECT b FROM t GROUP BY b WITH ROLLUP");
}

/* ------------------------------------------------------------------ several queries */

static void test_set_operations(void **state)
{
	(void)state;
	struct tree_query *tree = query("SELECT a, b FROM t UNION SELECT c, d FROM t ORDER BY 1, b LIMIT 3");
	assert_string_equal(type_of(tree->columns[0].expr), "decimal(12,2)");
	assert_string_equal(type_of(tree->columns[1].expr), "varchar(20)");
	assert_string_equal(tree->columns[1].name, "b");
	assert_string_equal(text_of(tree->body->left->select->items[0].expr), "gm_dec_from_int(t.a, 10, 0)");
	assert_string_equal(text_of(tree->body->right->select->items[1].expr), "gm_text_from_dt(t.d, 0)");
	assert_int_equal(tree->order_by.items[1].item, 1);
	tree = query("(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT 2)");
	assert_int_equal(tree->body->left->kind, BODY_QUERY);
	tree = query("VALUES ROW(1, 'a'), ROW(2.5, 'bc')");
	assert_string_equal(tree->columns[1].name, "column_1");
	assert_string_equal(type_of(tree->columns[0].expr), "decimal(2,1) not null");
	assert_string_equal(text_of(tree->body->rows[0].items[0]), "1d");
	assert_refused_statement("SELECT 1 UNION SELECT 1, 2", 1222, NULL);
	assert_refused_statement("SELECT a FROM t UNION SELECT a FROM t ORDER BY t.a", 1250, NULL);
	assert_refused_statement("SELECT a FROM t UNION SELECT a FROM t ORDER BY b", 1054, "Unknown column 'b' in 'order clause'");
}

static void test_common_tables(void **state)
{
	(void)state;
	struct tree_query *tree = query("WITH x AS (SELECT a FROM t), y (q) AS (SELECT a + 1 FROM x) SELECT q FROM y, x");
	assert_int_equal(tree->cte_count, 2);
	assert_ptr_equal(tree->body->select->from->left->source->cte, tree->ctes[1]);
	tree = query("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT SUM(i) FROM n");
	assert_true(tree->ctes[0]->recursive);
	assert_ptr_equal(tree->ctes[0]->query->body->right->select->from->source->cte, tree->ctes[0]);
	assert_int_equal(tree->ctes[0]->columns[0].class, CLASS_INTEGER);
	tree = query("WITH RECURSIVE s AS (SELECT 1 AS n UNION ALL SELECT n + 0.5 FROM s WHERE n < 3) SELECT n FROM s");
	assert_int_equal(tree->columns[0].expr->class, CLASS_INTEGER);
	assert_int_equal(tree->ctes[0]->query->body->right->select->items[0].expr->class, CLASS_INTEGER);
	assert_refused_statement("WITH RECURSIVE n AS (SELECT 1 FROM n) SELECT 1 FROM n", 3573, NULL);
	assert_refused_statement("WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", 1066, NULL);
}

/* ------------------------------------------------------------------ changes */

static struct tree_change *change(const char *text)
{
	struct ast_statement *statement = parse(text);
	struct tree_change *out = NULL;
	struct diag diag = DIAG_INIT;
	int status = statement->kind == AST_UPDATE ? resolve_update(&environment, statement->update, &out, &diag)
		: resolve_delete(&environment, statement->delete_rows, &out, &diag);
	if (status)
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

static struct tree_insert *insert(const char *text)
{
	struct tree_insert *out = NULL;
	struct diag diag = DIAG_INIT;
	if (resolve_insert(&environment, parse(text)->insert, &out, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	return out;
}

static void test_updates(void **state)
{
	(void)state;
	struct tree_change *tree = change("UPDATE t SET k = k + 1, c = k, b = DEFAULT WHERE a = 5 ORDER BY k LIMIT 1");
	assert_int_equal(tree->target_count, 1);
	const struct tree_target *target = &tree->targets[0];
	assert_int_equal(target->assignment_count, 3);
	assert_int_equal(tree->query->column_count, 3);
	assert_string_equal(text_of(tree->query->columns[target->handle_item].expr), "handle(t)");
	assert_string_equal(text_of(tree->query->columns[target->items[0]].expr), "gm_add_int(t.k, 1, \"(`db`.`t`.`k` + 1)\")");
	/* The second sees the first. */
	assert_string_equal(text_of(target->assignments[1].value), "gm_add_int(t.k, 1, \"(`db`.`t`.`k` + 1)\")");
	assert_int_equal(target->items[2], ~0u);
	assert_string_equal(text_of(tree->query->order_by.items[0].expr), "t.k");
	assert_true(target->source->columns[12].written);
	assert_true(target->source->is_target);
	tree = change("UPDATE t JOIN t2 ON t.a = t2.a SET t.b = t2.n, t2.n = t.b WHERE t.k > 5");
	assert_int_equal(tree->target_count, 2);
	assert_true(tree->is_multiple);
	assert_string_equal(text_of(tree->targets[1].assignments[0].value), "t.b");
	assert_refused_statement("UPDATE t SET nope = 1", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("UPDATE t SET b = 1 WHERE nope = 1", 1054, "Unknown column 'nope' in 'where clause'");
	assert_refused_statement("UPDATE gen SET w = 1", 3105, NULL);
	assert_refused_statement("UPDATE t SET b = 1 WHERE a IN (SELECT a FROM t)", 1093,
				 "You can't specify target table 't' for update in FROM clause");
	change("UPDATE t SET b = 1 WHERE a IN (SELECT a FROM (SELECT a FROM t) d)");
	assert_refused_statement("UPDATE t SET b = SUM(a)", 1111, NULL);
	assert_refused_statement("UPDATE (SELECT 1 AS a) d, t SET d.a = 1", 1288, NULL);
	tree = change("UPDATE v SET x = 'new', x = CONCAT(x, '!') WHERE a = 1 AND x = 'old'");
	assert_string_equal(tree->targets[0].source->name, "t");
	assert_string_equal(text_of(tree->targets[0].assignments[1].value), "gm_concat('new', '!')");
	assert_string_equal(text_of(tree->query->body->select->where), "((t.a =int 1) and (t.b =utf8mb4_general_ci 'old'))");
}

static void test_deletes(void **state)
{
	(void)state;
	struct tree_change *tree = change("DELETE FROM t WHERE a < 5");
	assert_int_equal(tree->query->column_count, 1);
	assert_string_equal(text_of(tree->query->body->select->where), "(t.a <int 5)");
	tree = change("DELETE x, t2 FROM t AS x JOIN t2 ON x.a = t2.a");
	assert_int_equal(tree->target_count, 2);
	tree = change("DELETE FROM t2 USING t JOIN t2 ON t.a = t2.a");
	assert_string_equal(tree->targets[0].source->alias, "t2");
	assert_refused_statement("DELETE nope FROM t", 1109, "Unknown table 'nope' in MULTI DELETE");
}

static void test_inserts(void **state)
{
	(void)state;
	struct tree_insert *tree = insert("INSERT INTO t2 VALUES (1, DEFAULT, 'x'), (2, NULL, 'y')");
	assert_int_equal(tree->column_count, 3);
	assert_int_equal(tree->row_count, 2);
	assert_true(tree->rows_are_literals);
	assert_null(tree->new_row);
	assert_int_equal(tree->rows[0].items[1]->kind, TREE_DEFAULT);
	tree = insert("INSERT INTO t2 (a, n) VALUES (1, a + 1)");
	assert_false(tree->rows_are_literals);
	assert_true(tree->rows_read_columns);
	assert_int_equal(tree->columns[0], 1);
	assert_int_equal(insert("INSERT INTO t2 () VALUES ()")->column_count, 0);
	assert_int_equal(insert("INSERT INTO t2 SET a = 5")->column_count, 1);
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) ON DUPLICATE KEY UPDATE a = a + VALUES(a), n = a");
	assert_int_equal(tree->on_duplicate_count, 2);
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[0]->column.source, tree->old_row);
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[1]->column.source, tree->new_row);
	assert_string_equal(text_of(tree->on_duplicate[1].value), "t2.a");
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) AS new (p, q) ON DUPLICATE KEY UPDATE a = a + q + new.p");
	assert_int_equal(tree->on_duplicate_count, 1);
	tree = insert("INSERT INTO t2 (id, a) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE a = new.a + a");
	assert_int_equal(tree->on_duplicate_count, 1);
	tree = insert("INSERT INTO t2 (id, a) SELECT x.a, x.k FROM t x ON DUPLICATE KEY UPDATE t2.a = t2.a + x.k");
	assert_string_equal(text_of(tree->on_duplicate[0].value), "gm_add_int(t2.a, t2.a, \"(`db`.`t2`.`a` + `db`.`t2`.`a`)\")");
	assert_ptr_equal(tree->on_duplicate[0].value->call.arguments.items[1]->column.source, tree->new_row);
	tree = insert("INSERT INTO v (x, a) VALUES ('b', 1)");
	assert_string_equal(tree->target->name, "t");
	assert_int_equal(tree->columns[0], 1);
	tree = insert("INSERT INTO t3 SELECT a, k FROM t");
	assert_non_null(tree->query);
	assert_refused_statement("INSERT INTO t2 VALUES (1)", 1136, "Column count doesn't match value count at row 1");
	assert_refused_statement("INSERT INTO t2 (a, n) VALUES (1, 'x'), (1)", 1136, NULL);
	assert_refused_statement("INSERT INTO t2 (a, a) VALUES (1, 2)", 1110, "Column 'a' specified twice");
	assert_refused_statement("INSERT INTO t2 (nope) VALUES (1)", 1054, "Unknown column 'nope' in 'field list'");
	assert_refused_statement("INSERT INTO gen (id, w) VALUES (1, 2)", 3105, NULL);
	assert_refused_statement("INSERT INTO t3 SELECT a FROM t", 1136, NULL);
	insert("INSERT INTO gen (id, w) VALUES (1, DEFAULT)");
}

/* ------------------------------------------------------------------ one row */

static void test_row_expressions(void **state)
{
	(void)state;
	static const struct { const char *text; enum row_expression kind; unsigned code; } cases[] = {
		{"a + k", ROW_GENERATED, 0}, {"a > 0", ROW_CHECK, 0}, {"UUID()", ROW_DEFAULT, 0},
		{"RAND()", ROW_GENERATED, 3763}, {"NOW() > d", ROW_CHECK, 3814}, {"(SELECT 1)", ROW_CHECK, 3814},
		{"@a", ROW_DEFAULT, 3770}, {"nope", ROW_CHECK, 3820}, {"nope", ROW_GENERATED, 1054},
		{"SUM(a)", ROW_GENERATED, 3763},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct parse_input input = {.text = cases[i].text, .size = strlen(cases[i].text)};
		struct ast_expr *ast;
		struct tree_source *row = NULL;
		struct tree_expr *expr;
		struct diag diag = DIAG_INIT;
		assert_int_equal(parse_expression(&input, &arena, &ast, &diag), 0);
		int status = resolve_row_expression(&environment, ast, tables[0], cases[i].kind, "x", &row, &expr, &diag);
		assert_int_equal(diag.code, cases[i].code);
		assert_int_equal(status, cases[i].code ? -1 : 0);
		if (status == 0)
			assert_int_equal(row->kind, SOURCE_ROW);
	}
}

static void test_filters(void **state)
{
	(void)state;
	struct ast_statement *statement = parse("SHOW VARIABLES WHERE Variable_name LIKE 'a%' AND Value = 1");
	struct tree_source *row;
	struct tree_expr *expr;
	struct diag diag = DIAG_INIT;
	assert_int_equal(resolve_filter(&environment, statement->show->where, &virtual_table, &row, &expr, &diag), 0);
	assert_string_equal(text_of(expr), "((vars.Variable_name like:utf8mb3_general_ci 'a%') and "
			    "(gm_real_from_text(vars.Value) =real 1))");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_are_sorted_and_whole),
		cmocka_unit_test_setup_teardown(test_columns_are_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_clauses_see_aliases, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_joins_share_columns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_subqueries_reach_out, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_views_and_virtual_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_columns_stay_bare_in_comparisons, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parameters_stay_parameters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rows_and_lists, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_conditions_are_truth_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_times_are_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_collations_are_weighed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_arithmetic_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_function_types, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_functions_get_their_classes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_calls_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_group_by, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_set_operations, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_common_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_updates, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_deletes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_inserts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_row_expressions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
