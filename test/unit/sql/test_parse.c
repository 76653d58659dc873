/* The parser: what it accepts, what it builds, what it answers to what it does not accept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "sql/parse/parse.h"
#include "type/sql_mode.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_deinit(&arena);
	return 0;
}

static struct ast_statement *parse_in_mode(const char *text, uint64_t sql_mode)
{
	struct parse_input input = {.text = text, .size = strlen(text), .sql_mode = sql_mode};
	struct ast_statement *statement = NULL;
	size_t next = 0;
	struct diag diag = DIAG_INIT;
	if (parse_statement(&input, &arena, &statement, &next, &diag))
		fail_msg("%s\n%u: %s", text, diag.code, diag.message);
	assert_int_equal(next, input.size);
	return statement;
}

static struct ast_statement *parse(const char *text)
{
	return parse_in_mode(text, sql_mode_default);
}

/* The first item of SELECT <text>. */
static const struct ast_expr *parse_item(const char *text)
{
	const struct ast_statement *statement = parse(arena_printf(&arena, "SELECT %s", text));
	return statement->query->body->select->items.items[0].expr;
}

static void assert_printed(const char *text, const char *expected)
{
	struct buf out;
	buf_init(&out);
	ast_expr_print(parse_item(text), &out);
	assert_string_equal(buf_cstring(&out), expected);
	buf_deinit(&out);
}

static void assert_fails(const char *text, unsigned code, const char *message_end)
{
	/* A copy of exact size, so that reading past it shows. */
	char *copy = memory_copy(text, strlen(text) + 1);
	struct parse_input input = {.text = copy, .size = strlen(text), .sql_mode = sql_mode_default};
	struct ast_statement *statement = NULL;
	size_t next = 0;
	struct diag diag = DIAG_INIT;
	if (parse_statement(&input, &arena, &statement, &next, &diag) == 0)
		fail_msg("accepted: %s", text);
	memory_free(copy);
	assert_int_equal(diag.code, code);
	size_t size = strlen(diag.message);
	assert_true(size >= strlen(message_end));
	assert_string_equal(diag.message + size - strlen(message_end), message_end);
}

/* Names, literals, operators. */

static void test_operator_precedence(void **state)
{
	(void)state;
	assert_printed("1 + 2 * 3 ^ 4", "(1 + (2 * (3 ^ 4)))");
	assert_printed("1 - 2 - 3", "((1 - 2) - 3)");
	assert_printed("`a``b`(1) + f(2)", "(`a``b`(1) + f(2))");
	assert_printed("a or b and not c = d xor e", "(`a` or ((`b` and (not((`c` = `d`)))) xor `e`))");
	assert_printed("not a = 1", "(not((`a` = 1)))");
	assert_printed("!a = 1", "((not(`a`)) = 1)");
	assert_printed("a between 1 and 2 and b", "((`a` between 1 and 2) and `b`)");
	assert_printed("a = b is null", "((`a` = `b`) is null)");
	assert_printed("- a collate latin1_bin", "-((`a` collate latin1_bin))");
	assert_printed("a | b & c << d + e", "(`a` | (`b` & (`c` << (`d` + `e`))))");
	assert_printed("now() + interval 1 day - interval 2 hour", "((now() + interval 1 day) - interval 2 hour)");
	assert_printed("@a := @b := 1 + 1", "(@`a` := (@`b` := (1 + 1)))");
}

static void test_and_is_flat(void **state)
{
	(void)state;
	const struct ast_expr *expr = parse_item("a and b and c and (d and e)");
	assert_int_equal(expr->kind, AST_LOGICAL);
	assert_int_equal(expr->logical.operands.count, 4);
	assert_int_equal(expr->logical.operands.items[3]->kind, AST_LOGICAL);
	assert_int_equal(expr->depth, 3);
}

static void test_modes_change_operators(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out);
	const struct ast_statement *statement = parse_in_mode("SELECT a || b", SQL_MODE_PIPES_AS_CONCAT);
	ast_expr_print(statement->query->body->select->items.items[0].expr, &out);
	assert_string_equal(buf_cstring(&out), "concat(`a`,`b`)");
	buf_clear(&out);
	statement = parse_in_mode("SELECT NOT a = b", SQL_MODE_HIGH_NOT_PRECEDENCE);
	ast_expr_print(statement->query->body->select->items.items[0].expr, &out);
	assert_string_equal(buf_cstring(&out), "((not(`a`)) = `b`)");
	buf_clear(&out);
	statement = parse_in_mode("SELECT \"a\", 'x\\'", SQL_MODE_ANSI_QUOTES | SQL_MODE_NO_BACKSLASH_ESCAPES);
	ast_query_print(statement->query, &out);
	assert_string_equal(buf_cstring(&out), "select `a` AS `a`,'x\\\\' AS `x\\`");
	buf_deinit(&out);
	assert_int_equal(parse_in_mode("SELECT COUNT (*) FROM t", SQL_MODE_IGNORE_SPACE)->kind, AST_SELECT);
	assert_fails("SELECT COUNT (*) FROM t", ER_PARSE_ERROR, "near '*) FROM t' at line 1");
	assert_fails("SELECT MID (a, 1) FROM t", ER_FUNC_INEXISTENT_NAME_COLLISION,
		     "section in the Reference Manual");
	assert_int_equal(parse_in_mode("SELECT MID (a, 1) FROM t", SQL_MODE_IGNORE_SPACE)->kind, AST_SELECT);
}

static void assert_string_literal(const char *text, const char *expected, size_t size)
{
	const struct ast_expr *expr = parse_item(text);
	assert_int_equal(expr->kind, AST_LITERAL);
	assert_int_equal(expr->literal->text.size, size);
	assert_memory_equal(expr->literal->text.data, expected, size);
}

static void test_strings(void **state)
{
	(void)state;
	assert_string_literal("'it''s'", "it's", 4);
	assert_string_literal("\"a\"\"b\"", "a\"b", 3);
	assert_string_literal("'a\\0\\n\\t\\Z\\\\\\'\\%\\_\\x'", "a\0\n\t\032\\'\\%\\_x", 12);
	assert_string_literal("'a' 'b'\n\"c\"", "abc", 3);
	assert_string_literal("x'4D79'", "My", 2);
	assert_string_literal("0x4D7", "\x04\xd7", 2);
	assert_string_literal("b'100000001'", "\x01\x01", 2);
	assert_string_equal(parse_item("_latin1 'x'")->literal->charset, "latin1");
	assert_string_equal(parse_item("_utf8 0x41")->literal->charset, "utf8mb3");
	assert_string_equal(parse_item("N'x'")->literal->charset, "utf8mb3");
	assert_fails("SELECT 'abc", ER_PARSE_ERROR, "near ''abc' at line 1");
	assert_fails("SELECT x'123'", ER_PARSE_ERROR, "near 'x'123'' at line 1");
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse_item("18446744073709551615")->literal->kind, AST_LITERAL_INTEGER);
	assert_true(parse_item("18446744073709551615")->literal->integer == UINT64_MAX);
	assert_int_equal(parse_item("18446744073709551616")->literal->kind, AST_LITERAL_DECIMAL);
	assert_int_equal(parse_item("000018446744073709551615")->literal->kind, AST_LITERAL_INTEGER);
	assert_int_equal(parse_item(".5")->literal->kind, AST_LITERAL_DECIMAL);
	assert_int_equal(parse_item("1.5e-3")->literal->kind, AST_LITERAL_FLOAT);
	assert_int_equal(parse_item("1e3")->literal->kind, AST_LITERAL_FLOAT);
	assert_int_equal(parse_item("1e3x")->kind, AST_COLUMN);
	assert_string_equal(parse_item("t.1e3")->column.name, "1e3");
}

static void test_names(void **state)
{
	(void)state;
	const struct ast_expr *expr = parse_item("`a``b` . `select` . from FROM t");
	assert_string_equal(expr->column.database, "a`b");
	assert_string_equal(expr->column.table, "select");
	assert_string_equal(expr->column.name, "from");
	static const char *const words[] = {
		"rank", "groups", "system", "function", "row_number", "of", "date", "time", "timestamp", "status", "type",
		"count", "position", "user", "comment", "value", "text", "any", "row", "offset", "master", "slave", "end",
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		expr = parse_item(arena_printf(&arena, "%s, 1 FROM %s WHERE %s > 0", words[i], words[i], words[i]));
		assert_int_equal(expr->kind, AST_COLUMN);
		parse(arena_printf(&arena, "CREATE TABLE %s (%s INT, KEY %s (%s))", words[i], words[i], words[i], words[i]));
	}
}

static void test_variables(void **state)
{
	(void)state;
	const struct ast_expr *expr = parse_item("@@GLOBAL.Binlog_Format");
	assert_int_equal(expr->kind, AST_SYSTEM_VARIABLE);
	assert_int_equal(expr->variable.scope, AST_SCOPE_GLOBAL);
	assert_string_equal(expr->variable.name, "binlog_format");
	assert_int_equal(parse_item("@@local.x")->variable.scope, AST_SCOPE_SESSION);
	assert_string_equal(parse_item("@@c.x")->variable.base, "c");
	assert_string_equal(parse_item("@`a b`")->variable.name, "a b");
	assert_string_equal(parse_item("@a.b$c")->variable.name, "a.b$c");
}

static void test_headings(void **state)
{
	(void)state;
	const struct ast_select_items *items =
		&parse("SELECT t.a, 1  +  1, 'x', COUNT( * ) n, (SELECT 1), @@x FROM t")->query->body->select->items;
	assert_string_equal(items->items[0].heading, "a");
	assert_string_equal(items->items[1].heading, "1  +  1");
	assert_string_equal(items->items[2].heading, "x");
	assert_string_equal(items->items[3].heading, "n");
	assert_string_equal(items->items[4].heading, "(SELECT 1)");
	assert_string_equal(items->items[5].heading, "@@x");
}

/* Queries print to text that parses to the same text. */

static void test_queries_round_trip(void **state)
{
	(void)state;
	static const char *const queries[] = {
		"SELECT DISTINCT a FROM t WHERE a IN (1,2) OR b NOT LIKE 'x%' ESCAPE '!' GROUP BY c WITH ROLLUP HAVING d",
		"SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z) NATURAL RIGHT JOIN d, e STRAIGHT_JOIN f",
		"SELECT * FROM (SELECT 1 AS x UNION ALL SELECT 2) AS t, LATERAL (SELECT t.x) u (y)",
		"(SELECT 1 LIMIT 1) UNION (SELECT 2) EXCEPT SELECT 3 INTERSECT SELECT 4 ORDER BY 1 DESC LIMIT 2, 3",
		"WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT * FROM c FOR UPDATE OF c SKIP LOCKED",
		"SELECT CASE a WHEN 1 THEN 2 ELSE 3 END, CAST(b AS CHAR(3) CHARACTER SET latin1), CONVERT(c USING utf8mb4)",
		"SELECT SUM(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING) FROM t",
		"SELECT RANK() OVER w, GROUP_CONCAT(DISTINCT a ORDER BY b DESC SEPARATOR ';') FROM t WINDOW w AS (ORDER BY a)",
		"SELECT EXTRACT(DAY_HOUR FROM a), TIMESTAMPDIFF(MONTH, a, b), ADDDATE(a, 3), TRIM(LEADING 'x' FROM b)",
		"SELECT DATE '2020-01-01', {ts '2020-01-01 10:00:00'}, b'0101', 0xAB, _binary 'x', -1, - -a, NULL, TRUE",
		"SELECT a->'$.x', a->>'$.y', (1, 2) = (SELECT 3, 4), a > ALL (SELECT 5), EXISTS (SELECT 6), a IS NOT UNKNOWN",
		"SELECT * FROM t PARTITION (p, q) AS x USE INDEX (a, PRIMARY) IGNORE KEY FOR ORDER BY (b)",
		"VALUES ROW(1, 'a'), ROW(2, 'b') ORDER BY 1 LIMIT 1",
		"TABLE t ORDER BY a",
	};
	struct buf first, second;
	buf_init(&first);
	buf_init(&second);
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		buf_clear(&first);
		buf_clear(&second);
		ast_query_print(parse(queries[i])->query, &first);
		ast_query_print(parse(buf_cstring(&first))->query, &second);
		assert_string_equal(buf_cstring(&first), buf_cstring(&second));
	}
	buf_deinit(&first);
	buf_deinit(&second);
}

static void test_joins_without_condition_are_left_deep(void **state)
{
	(void)state;
	const struct ast_table_ref *from =
		parse("SELECT * FROM a JOIN b JOIN c ON a.x = c.x")->query->body->select->from;
	assert_non_null(from->join.on);
	assert_int_equal(from->join.left->kind, AST_JOIN);
	assert_string_equal(from->join.right->table.name.name.text, "c");
	assert_string_equal(from->join.left->join.left->table.name.name.text, "a");
}

static void test_select_into(void **state)
{
	(void)state;
	assert_int_equal(parse("SELECT 1, 2 INTO @a, @b")->query->into->variables.count, 2);
	assert_int_equal(parse("SELECT 1 INTO @a FROM t WHERE 1")->query->into->kind, AST_INTO_VARIABLES);
	const struct ast_into *into =
		parse("SELECT * FROM t INTO OUTFILE 'f' FIELDS TERMINATED BY ',' LINES STARTING BY '>'")->query->into;
	assert_int_equal(into->kind, AST_INTO_OUTFILE);
	assert_memory_equal(into->format.field_terminator.data, ",", 1);
	assert_fails("SELECT 1 INTO @a FROM t INTO @b", ER_PARSE_ERROR, "near 'INTO @b' at line 1");
}

/* Changing statements. */

static void test_insert(void **state)
{
	(void)state;
	const struct ast_insert *insert =
		parse("INSERT IGNORE INTO d.t (a, b) VALUES (1, DEFAULT), (2, 3) ON DUPLICATE KEY UPDATE a = VALUES(a)")->insert;
	assert_true(insert->ignore && insert->has_columns && !insert->replace);
	assert_string_equal(insert->table.database.text, "d");
	assert_int_equal(insert->rows.count, 2);
	assert_int_equal(insert->rows.items[0].items[1]->kind, AST_DEFAULT);
	assert_int_equal(insert->on_duplicate.items[0].value->kind, AST_VALUES);
	insert = parse("REPLACE t SET a = 1, b = 2")->insert;
	assert_true(insert->replace && insert->set_form);
	assert_int_equal(insert->columns.count, 2);
	assert_int_equal(insert->rows.items[0].count, 2);
	assert_non_null(parse("INSERT INTO t (SELECT 1)")->insert->query);
	assert_non_null(parse("INSERT INTO t (a) SELECT b FROM u JOIN v ON DUPLICATE KEY UPDATE a = 1")->insert->query);
	insert = parse("INSERT INTO t VALUES (1, 2) AS new (x, y) ON DUPLICATE KEY UPDATE a = new.x")->insert;
	assert_string_equal(insert->row_alias.text, "new");
	assert_int_equal(insert->column_aliases.count, 2);
}

static void test_many_rows_take_little_stack(void **state)
{
	(void)state;
	enum { rows = 100000 };
	struct buf text;
	buf_init(&text);
	buf_put_string(&text, "INSERT INTO t VALUES (0)");
	for (int i = 1; i < rows; i++)
		buf_printf(&text, ",(%d)", i);
	assert_int_equal(parse(buf_cstring(&text))->insert->rows.count, rows);
	buf_deinit(&text);
}

static void test_update_and_delete(void **state)
{
	(void)state;
	assert_false(parse("UPDATE t SET a = 1 WHERE b ORDER BY c LIMIT 3")->update->multiple_tables);
	assert_true(parse("UPDATE a, b SET a.x = b.y")->update->multiple_tables);
	assert_false(parse("DELETE FROM t AS x WHERE a ORDER BY b LIMIT 1")->delete_rows->multiple_tables);
	const struct ast_delete *delete = parse("DELETE a, d.b.* FROM a JOIN d.b USING (x)")->delete_rows;
	assert_int_equal(delete->targets.count, 2);
	assert_string_equal(delete->targets.items[1].database.text, "d");
	assert_int_equal(parse("DELETE FROM a, b USING a JOIN b WHERE 1")->delete_rows->targets.count, 2);
}

static void test_load_data(void **state)
{
	(void)state;
	const struct ast_load_data *load =
		parse("LOAD DATA LOCAL INFILE 'f' REPLACE INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
		      "OPTIONALLY ENCLOSED BY '\"' ESCAPED BY '' LINES TERMINATED BY '\\r\\n' IGNORE 2 LINES "
		      "(a, @b) SET c = @b + 1")
			->load_data;
	assert_true(load->local && load->format.optionally_enclosed);
	assert_int_equal(load->duplicates, AST_LOAD_REPLACE);
	assert_non_null(load->format.field_escape.data);
	assert_int_equal(load->format.field_escape.size, 0);
	assert_int_equal(load->ignored_lines, 2);
	assert_int_equal(load->targets.count, 2);
	assert_int_equal(load->assignments.count, 1);
}

/* Definitions. */

static void test_column_definitions(void **state)
{
	(void)state;
	const struct ast_column_defs *columns =
		&parse("CREATE TABLE t (a INT(11) UNSIGNED ZEROFILL NOT NULL AUTO_INCREMENT PRIMARY KEY, b SERIAL, c BOOL, "
		       "d NATIONAL VARCHAR(9), e DOUBLE PRECISION(5,2), f FLOAT(30), g ENUM('x','y') DEFAULT 'x' COMMENT 'k', "
		       "h DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE NOW(6), i INT GENERATED ALWAYS AS (a+1) STORED "
		       "UNIQUE, j CHAR(3) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT (concat('a','b')), k INT DEFAULT -5 "
		       "CHECK (k < 0) NOT ENFORCED, l LONG VARCHAR, m CHAR BYTE, n DECIMAL UNSIGNED)")
			 ->create_table->columns;
	struct ast_column_def *const *column = columns->items;
	assert_int_equal(columns->count, 14);
	assert_true(column[0]->type->zerofill && column[0]->auto_increment && column[0]->primary);
	assert_int_equal(column[0]->type->length, 11);
	assert_true(column[1]->unique && column[1]->type->kind == AST_TYPE_BIGINT);
	assert_int_equal(column[2]->type->length, 1);
	assert_string_equal(column[3]->type->charset, "utf8mb3");
	assert_int_equal(column[4]->type->decimals, 2);
	assert_int_equal(column[5]->type->kind, AST_TYPE_DOUBLE);
	assert_int_equal(column[6]->type->values.count, 2);
	assert_string_equal(column[7]->on_update->call->name, "now");
	assert_int_equal(column[8]->generation, AST_GENERATED_STORED);
	assert_true(column[9]->default_is_expression);
	assert_false(column[10]->default_is_expression);
	assert_true(column[10]->checks.items[0].not_enforced);
	assert_int_equal(column[11]->type->kind, AST_TYPE_MEDIUMTEXT);
	assert_string_equal(column[12]->type->charset, "binary");
}

static void test_keys_and_options(void **state)
{
	(void)state;
	const struct ast_create_table *table =
		parse("CREATE TABLE t (a INT, KEY k (a), UNIQUE KEY u (b(10) DESC, (c + 1)) USING BTREE COMMENT 'x', "
		      "CONSTRAINT f FOREIGN KEY (a) REFERENCES d.u (b) ON DELETE CASCADE ON UPDATE SET NULL, "
		      "FULLTEXT ft (c), CONSTRAINT c CHECK (a > 1)) TYPE=InnoDB, AUTO_INCREMENT=7 DEFAULT CHARACTER SET=utf8 "
		      "COLLATE utf8_bin ROW_FORMAT=FIXED COMMENT='it''s' PARTITION BY HASH (a) PARTITIONS 4")
			->create_table;
	assert_int_equal(table->keys.count, 3);
	assert_int_equal(table->keys.items[1]->parts.items[0].prefix, 10);
	assert_true(table->keys.items[1]->parts.items[0].descending);
	assert_non_null(table->keys.items[1]->parts.items[1].expr);
	assert_int_equal(table->foreign_keys.items[0]->reference.on_delete, AST_REFERENCE_CASCADE);
	assert_int_equal(table->checks.count, 1);
	assert_string_equal(table->options.items[0].name, "ENGINE");
	assert_string_equal(table->options.items[2].name, "CHARSET");
	assert_string_equal(table->options.items[3].name, "COLLATE");
	assert_int_equal(table->options.count, 6);
	assert_true(table->partition.size > 0);
	assert_fails("CREATE TABLE t (a INT) NO_SUCH=1", ER_PARSE_ERROR, "near 'NO_SUCH=1' at line 1");
	assert_fails("CREATE TABLE t (a NOTYPE)", ER_PARSE_ERROR, "near 'NOTYPE)' at line 1");
}

static void test_alter_table(void **state)
{
	(void)state;
	const struct ast_alter_actions *actions =
		&parse("ALTER TABLE t ADD COLUMN a INT FIRST, ADD b INT AFTER a, ADD (c INT, KEY (c)), DROP COLUMN d, "
		       "MODIFY e BIGINT, CHANGE f g INT, ALTER h SET DEFAULT 1, DROP PRIMARY KEY, DROP FOREIGN KEY i, "
		       "RENAME INDEX j TO k, RENAME TO u, ENGINE=InnoDB COMMENT 'x', CONVERT TO CHARACTER SET utf8mb4, "
		       "DISABLE KEYS, ALGORITHM=INPLACE, LOCK=NONE")
			 ->alter_table->actions;
	static const enum ast_alter_kind expected[] = {
		AST_ALTER_ADD_COLUMN, AST_ALTER_ADD_COLUMN, AST_ALTER_ADD_COLUMN, AST_ALTER_ADD_KEY, AST_ALTER_DROP_COLUMN,
		AST_ALTER_MODIFY_COLUMN, AST_ALTER_CHANGE_COLUMN, AST_ALTER_SET_DEFAULT, AST_ALTER_DROP_PRIMARY_KEY,
		AST_ALTER_DROP_FOREIGN_KEY, AST_ALTER_RENAME_KEY, AST_ALTER_RENAME_TABLE, AST_ALTER_OPTION,
		AST_ALTER_OPTION, AST_ALTER_CONVERT_CHARSET, AST_ALTER_DISABLE_KEYS, AST_ALTER_ALGORITHM, AST_ALTER_LOCK,
	};
	assert_int_equal(actions->count, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < actions->count; i++)
		assert_int_equal(actions->items[i].kind, expected[i]);
	assert_int_equal(actions->items[0].position, AST_POSITION_FIRST);
	assert_string_equal(actions->items[1].after.text, "a");
}

static void test_views_and_programs(void **state)
{
	(void)state;
	const char *text = "CREATE ALGORITHM=MERGE DEFINER=`r`@`h` SQL SECURITY INVOKER VIEW v (x) AS SELECT 1 WITH CHECK OPTION";
	const struct ast_create_view *view = parse(text)->create_view;
	assert_string_equal(view->definer->host, "h");
	assert_true(view->security_invoker);
	assert_int_equal(view->check, AST_VIEW_CHECK_CASCADED);
	assert_memory_equal(text + view->query_span.offset, "SELECT 1", view->query_span.size);

	text = "CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW BEGIN IF a THEN SET b = 1; END IF; SET c = 2; END";
	const struct ast_create_program *program = parse(text)->create_program;
	assert_int_equal(program->kind, AST_TRIGGER);
	assert_string_equal(program->timing, "BEFORE");
	assert_memory_equal(text + program->body.offset, "BEGIN IF", 8);
	assert_int_equal(program->body.offset + program->body.size, strlen(text));
	assert_int_equal(parse("CREATE FUNCTION f (a INT) RETURNS INT RETURN a")->create_program->kind, AST_FUNCTION);
}

/* Accounts, SET, SHOW, replication. */

static void test_accounts(void **state)
{
	(void)state;
	const struct ast_users *users =
		parse("CREATE USER IF NOT EXISTS 'a'@'%', b@10.0.0.1 IDENTIFIED BY 'p', c IDENTIFIED WITH x AS '*H' REQUIRE SSL "
		      "WITH MAX_USER_CONNECTIONS 3 PASSWORD EXPIRE NEVER ACCOUNT LOCK")
			->users;
	assert_int_equal(users->users.count, 3);
	assert_string_equal(users->users.items[1].user.host, "10.0.0.1");
	assert_int_equal(users->users.items[2].auth, AST_AUTH_HASH);
	assert_int_equal(users->options.tls, AST_TLS_ANY);
	assert_int_equal(users->options.locked, AST_YES);
	const struct ast_grant *grant =
		parse("GRANT SELECT (a, b), CREATE TEMPORARY TABLES ON `d_`.* TO u@h IDENTIFIED BY 'p' WITH GRANT OPTION")->grant;
	assert_int_equal(grant->level, AST_LEVEL_DATABASE);
	assert_string_equal(grant->privileges.items[1].name, "CREATE TEMPORARY TABLES");
	assert_int_equal(grant->privileges.items[0].columns.count, 2);
	assert_true(grant->grant_option);
	assert_string_equal(parse("GRANT ALL PRIVILEGES ON *.* TO u")->grant->privileges.items[0].name, "ALL");
	assert_int_equal(parse("GRANT r, s TO u")->kind, AST_GRANT_ROLE);
	assert_true(parse("REVOKE ALL PRIVILEGES, GRANT OPTION FROM u")->grant->all_from);
	assert_fails("GRANT SELECT TABLES ON *.* TO u", ER_PARSE_ERROR, "near 'TABLES ON *.* TO u' at line 1");
}

static void test_set(void **state)
{
	(void)state;
	const struct ast_set *set =
		parse("SET @a = 1, GLOBAL x = ON, @@session.y = utf8, z = DEFAULT, NAMES latin1 COLLATE latin1_bin, w = (a)")->set;
	assert_int_equal(set->count, 6);
	assert_int_equal(set->items[0].kind, AST_SET_USER_VARIABLE);
	assert_int_equal(set->items[1].scope, AST_SCOPE_GLOBAL);
	assert_true(set->items[1].value->literal->bare);
	assert_int_equal(set->items[2].scope, AST_SCOPE_SESSION);
	assert_true(set->items[2].value->literal->bare);
	assert_null(set->items[3].value);
	assert_string_equal(set->items[4].collation, "latin1_bin");
	assert_int_equal(set->items[5].value->kind, AST_COLUMN);
	assert_int_equal(parse("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY")->transaction->isolation,
			 AST_ISOLATION_READ_COMMITTED);
	set = parse("SET GLOBAL a = 1, b = 2, @@c = 3, @d = 4, e = 5, SESSION f = 6, g = 7")->set;
	assert_int_equal(set->items[1].scope, AST_SCOPE_GLOBAL);
	assert_int_equal(set->items[2].scope, AST_SCOPE_DEFAULT);
	assert_int_equal(set->items[4].scope, AST_SCOPE_GLOBAL);
	assert_int_equal(set->items[6].scope, AST_SCOPE_SESSION);
	set = parse("SET a = 1, @@global.b = 2, c = 3")->set;
	assert_int_equal(set->items[2].scope, AST_SCOPE_DEFAULT);
	assert_int_equal(parse("SET PASSWORD FOR a@b = PASSWORD('x')")->kind, AST_SET_PASSWORD);
}

static void test_replication(void **state)
{
	(void)state;
	const struct ast_change_source *change =
		parse("CHANGE MASTER TO MASTER_HOST='h', MASTER_PORT=3307, MASTER_USE_GTID=slave_pos, IGNORE_SERVER_IDS=(1,2) "
		      "FOR CHANNEL 'c'")
			->change_source;
	assert_string_equal(change->options.items[0].name, "SOURCE_HOST");
	assert_int_equal(change->options.items[1].value->literal->integer, 3307);
	assert_true(change->options.items[2].value->literal->bare);
	assert_int_equal(change->options.items[3].list.count, 2);
	assert_string_equal(change->channel, "c");
	const struct ast_replica *replica =
		parse("START SLAVE SQL_THREAD UNTIL MASTER_LOG_FILE='f', MASTER_LOG_POS=4 USER='u' PASSWORD='p'")->replica;
	assert_int_equal(replica->threads, AST_THREAD_SQL);
	assert_int_equal(replica->until.count, 2);
	assert_int_equal(replica->connection.count, 2);
	assert_true(parse("SHOW SLAVE STATUS")->show->old_spelling);
	assert_false(parse("SHOW REPLICA STATUS")->show->old_spelling);
	assert_int_equal(parse("SHOW BINLOG EVENTS IN 'f' FROM 4 LIMIT 1, 2")->show->kind, AST_SHOW_BINLOG_EVENTS);
	assert_int_equal(parse("RESET MASTER TO 5")->reset->file_number, 5);
	assert_int_equal(parse("PURGE BINARY LOGS BEFORE NOW() - INTERVAL 1 DAY")->purge_logs->before->kind, AST_DATE_ADD);
	assert_int_equal(parse("FLUSH NO_WRITE_TO_BINLOG BINARY LOGS, STATUS")->flush->what,
			 AST_FLUSH_BINARY_LOGS | AST_FLUSH_STATUS);
}

/* Every line is one statement of one kind. */
static void test_kinds(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum ast_statement_kind kind;
	} cases[] = {
		{"(SELECT 1)", AST_SELECT},
		{"WITH x AS (SELECT 1) UPDATE t SET a = 1", AST_UPDATE},
		{"DO SLEEP(1), 2", AST_DO},
		{"CALL d.p(1, @a)", AST_CALL_PROCEDURE},
		{"TRUNCATE t", AST_TRUNCATE},
		{"CREATE SCHEMA IF NOT EXISTS d DEFAULT CHARSET utf8mb4", AST_CREATE_DATABASE},
		{"ALTER DATABASE CHARACTER SET latin1", AST_ALTER_DATABASE},
		{"DROP DATABASE d", AST_DROP_DATABASE},
		{"CREATE TEMPORARY TABLE t LIKE u", AST_CREATE_TABLE},
		{"CREATE TABLE t ENGINE=InnoDB AS SELECT 1", AST_CREATE_TABLE},
		{"DROP TABLES IF EXISTS a, b CASCADE", AST_DROP_TABLE},
		{"RENAME TABLE a TO b, c TO d.e", AST_RENAME_TABLE},
		{"CREATE UNIQUE INDEX i ON t (a(3), b DESC)", AST_CREATE_INDEX},
		{"DROP INDEX i ON t ALGORITHM=INPLACE", AST_DROP_INDEX},
		{"ALTER VIEW v AS SELECT 1", AST_CREATE_VIEW},
		{"DROP EVENT IF EXISTS e", AST_DROP_PROGRAM},
		{"BEGIN WORK", AST_START_TRANSACTION},
		{"START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT", AST_START_TRANSACTION},
		{"COMMIT AND CHAIN NO RELEASE", AST_COMMIT},
		{"ROLLBACK TO SAVEPOINT s", AST_ROLLBACK_TO},
		{"RELEASE SAVEPOINT s", AST_RELEASE_SAVEPOINT},
		{"LOCK TABLES a READ LOCAL, b AS c LOW_PRIORITY WRITE", AST_LOCK_TABLES},
		{"UNLOCK TABLES", AST_UNLOCK_TABLES},
		{"DESC t 'a%'", AST_DESCRIBE},
		{"EXPLAIN FORMAT=JSON DELETE FROM t", AST_EXPLAIN},
		{"USE d", AST_USE},
		{"KILL QUERY 5", AST_KILL},
		{"RESET SLAVE ALL FOR CHANNEL 'c'", AST_RESET},
		{"HELP 'SELECT'", AST_HELP},
		{"CHECK TABLE a, b FOR UPGRADE QUICK", AST_TABLE_MAINTENANCE},
		{"PREPARE s FROM @x", AST_PREPARE},
		{"EXECUTE s USING @a, @b", AST_EXECUTE},
		{"DROP PREPARE s", AST_DEALLOCATE},
		{"ALTER USER CURRENT_USER() IDENTIFIED BY 'x'", AST_ALTER_USER},
		{"RENAME USER a@b TO c", AST_RENAME_USER},
		{"SET DEFAULT ROLE ALL TO u", AST_SET_DEFAULT_ROLE},
		{"CHANGE REPLICATION FILTER REPLICATE_DO_DB=(a,b), REPLICATE_REWRITE_DB=((a,b))", AST_CHANGE_FILTER},
		{"STOP ALL SLAVES", AST_STOP_REPLICA},
		{"BINLOG 'AAAA'", AST_BINLOG},
		{"XA START 'x'", AST_UNSUPPORTED},
		{"INSTALL PLUGIN a SONAME 'b'", AST_INSTALL_PLUGIN},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(parse(cases[i].text)->kind, cases[i].kind);
}

/* Comments, several statements, errors. */

static void test_comments(void **state)
{
	(void)state;
	assert_int_equal(parse("SELECT 1 -- x\n+ 2 # y\n/* z */")->query->body->select->items.count, 1);
	assert_printed("1 --1", "(1 - -1)");
	assert_printed("1 /*!40101 + 2 */ /*! + 3 */ /*!99999 + bad */ /*!100301 + bad */", "((1 + 2) + 3)");
	assert_printed("1 /*M! + bad */ /*!999999\\- it's */", "1");
	assert_int_equal(parse("/*!40101 SET NAMES utf8mb4 */;")->kind, AST_SET);
	assert_int_equal(parse("/*!100101 SET x=1 */;")->kind, AST_EMPTY);
	assert_int_equal(parse(" /* x */ ")->kind, AST_EMPTY);
	assert_int_equal(parse("SET TIMESTAMP=1/*!*/;")->kind, AST_SET);
	const struct ast_statement *statement =
		parse("/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER t AFTER DELETE ON u FOR EACH ROW SET @a = 1 */");
	assert_string_equal(statement->create_program->definer->user, "r");
	assert_fails("CREATE TRIGGER t AFTER DELETE ON u FOR EACH ROW SET @a = 1 /* open", ER_PARSE_ERROR, "near '/* open' at line 1");
	assert_fails("SELECT 1 /* open", ER_PARSE_ERROR, "near '/* open' at line 1");
}

static void test_several_statements(void **state)
{
	(void)state;
	const char *text = " SELECT 1 ; /* two */ SELECT 'a;b';; -- end\n";
	struct parse_input input = {.text = text, .size = strlen(text), .sql_mode = 0, .multiple = true};
	struct ast_statement *statement;
	size_t next;
	struct diag diag = DIAG_INIT;
	assert_int_equal(parse_statement(&input, &arena, &statement, &next, &diag), 0);
	assert_int_equal(statement->span.offset, 1);
	assert_int_equal(statement->span.size, strlen("SELECT 1"));
	assert_memory_equal(text + next, "SELECT 'a", 9);
	input.offset = next;
	assert_int_equal(parse_statement(&input, &arena, &statement, &next, &diag), 0);
	assert_int_equal(next, input.size);
	input.offset = 0;
	input.multiple = false;
	assert_int_equal(parse_statement(&input, &arena, &statement, &next, &diag), -1);
	assert_int_equal(diag.code, ER_PARSE_ERROR);
}

static void test_errors(void **state)
{
	(void)state;
	assert_fails("", ER_EMPTY_QUERY, "Query was empty");
	assert_fails(";", ER_PARSE_ERROR, "near '' at line 1");
	assert_fails("SET NAMES = utf8", ER_PARSE_ERROR, "near '= utf8' at line 1");
	assert_fails("SELECT @", ER_PARSE_ERROR, "near '@' at line 1");
	assert_fails(" -- x\n# y ", ER_EMPTY_QUERY, "Query was empty");
	assert_fails("SELEC 1", ER_PARSE_ERROR,
		     "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version "
		     "for the right syntax to use near 'SELEC 1' at line 1");
	assert_fails("SELECT * FROM;", ER_PARSE_ERROR, "near '' at line 1");
	assert_fails("SELECT 1\nFROM\nWHERE x", ER_PARSE_ERROR, "near 'WHERE x' at line 3");
	assert_fails("SELECT FROM t WHERE a = 'bcdefghijklmnopqrstuvwxyzbcdefghijklmnopqrstuvwxyzbcdefghijklmnopqrstuvwxyz'",
		     ER_PARSE_ERROR,
		     "near 'FROM t WHERE a = 'bcdefghijklmnopqrstuvwxyzbcdefghijklmnopqrstuvwxyzbcdefghijklm' at line 1");
	assert_fails("SELECT * FROM (SELECT 1)", ER_DERIVED_MUST_HAVE_ALIAS, "must have its own alias");
	assert_fails("SELECT COUNT(DISTINCT)", ER_PARSE_ERROR, "near ')' at line 1");
	assert_fails("SELECT ABS(DISTINCT 1)", ER_PARSE_ERROR, "near '1)' at line 1");
	assert_fails("SELECT DATE_ADD(a, INTERVAL 1 FORTNIGHT)", ER_PARSE_ERROR, "near 'FORTNIGHT)' at line 1");
	assert_fails("CREATE TABLE select (a INT)", ER_PARSE_ERROR, "near 'select (a INT)' at line 1");
}

static void repeat(struct buf *out, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		buf_put_string(out, text);
}

static void test_depth_is_bounded(void **state)
{
	(void)state;
	enum { deep = 50000 };
	static const char *const shapes[][3] = {
		{"(", "1", ")"}, {"-", "1", ""}, {"(SELECT ", "1", ")"}, {"1+", "1", ""}, {"f(", "1", ")"},
		{"NOT ", "1", ""},
		{"", "1", " UNION SELECT 1"}, {"CASE WHEN ", "1", " THEN 1 END"},
	};
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		buf_clear(&text);
		buf_put_string(&text, "SELECT ");
		repeat(&text, shapes[i][0], deep);
		buf_put_string(&text, shapes[i][1]);
		repeat(&text, shapes[i][2], deep);
		struct parse_input input = {.text = buf_cstring(&text), .size = text.size};
		struct ast_statement *statement;
		size_t next;
		struct diag diag = DIAG_INIT;
		assert_int_equal(parse_statement(&input, &arena, &statement, &next, &diag), -1);
		assert_int_equal(diag.code, ER_PARSE_ERROR);
		assert_memory_equal(diag.message, "memory exhausted near", 21);
	}
	buf_clear(&text);
	buf_put_string(&text, "SELECT 1 FROM t WHERE a = 0");
	repeat(&text, " OR a = 1", deep);
	assert_int_equal(parse(buf_cstring(&text))->kind, AST_SELECT);
	buf_deinit(&text);
}

static void test_placeholders(void **state)
{
	(void)state;
	const struct ast_statement *statement = parse("SELECT ?, a FROM t WHERE b = ? LIMIT ?, ?");
	assert_int_equal(statement->placeholder_count, 4);
	assert_int_equal(statement->query->limit->offset->placeholder, 2);
	assert_int_equal(statement->query->limit->count->placeholder, 3);
}

static void test_expression_alone(void **state)
{
	(void)state;
	struct parse_input input = {.text = "a + 1 > 2", .size = 9};
	struct ast_expr *expr;
	struct diag diag = DIAG_INIT;
	assert_int_equal(parse_expression(&input, &arena, &expr, &diag), 0);
	assert_int_equal(expr->binary.op, AST_OP_GREATER);
	input.text = "a + 1 a b";
	assert_int_equal(parse_expression(&input, &arena, &expr, &diag), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_operator_precedence),
		TEST(test_and_is_flat),
		TEST(test_modes_change_operators),
		TEST(test_strings),
		TEST(test_numbers),
		TEST(test_names),
		TEST(test_variables),
		TEST(test_headings),
		TEST(test_queries_round_trip),
		TEST(test_joins_without_condition_are_left_deep),
		TEST(test_select_into),
		TEST(test_insert),
		TEST(test_many_rows_take_little_stack),
		TEST(test_update_and_delete),
		TEST(test_load_data),
		TEST(test_column_definitions),
		TEST(test_keys_and_options),
		TEST(test_alter_table),
		TEST(test_views_and_programs),
		TEST(test_accounts),
		TEST(test_set),
		TEST(test_replication),
		TEST(test_kinds),
		TEST(test_comments),
		TEST(test_several_statements),
		TEST(test_errors),
		TEST(test_depth_is_bounded),
		TEST(test_placeholders),
		TEST(test_expression_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
