/* Evaluations and expressions as exec uses them: locks, views, handles, parameters, variables, bounds. */
#include <pthread.h>
#include <unistd.h>

#include "query_fixture.h"

static const char *const virtual_names[] = {"schema_name", "n", "note"};
static struct column_type virtual_types[3];
static const struct virtual_table virtual_table = {
	.database = "test",
	.name = "facts",
	.column_names = virtual_names,
	.column_types = virtual_types,
	.column_count = 3,
	.id = 7,
};
const struct virtual_table *test_virtual_table = &virtual_table;
static unsigned fill_count, fill_rows;

static int fill_facts(const struct virtual_request *request, struct virtual_rows *rows, struct diag *diag)
{
	static const char *const schemas[] = {"one", "two", "three"};
	fill_count++;
	fill_rows = 0;
	for (unsigned i = 0; i < 3; i++) {
		if (request->equals[0] && !bytes_equal(request->equals[0]->string, bytes_of_string(schemas[i])))
			continue;
		struct value values[3] = {value_string(bytes_of_string(schemas[i]), collation_utf8mb3_general),
					  value_uint(i + 1), value_null()};
		virtual_rows_add(rows, values);
		fill_rows++;
	}
	return 0;
}
virtual_fill *test_virtual_fill = fill_facts;

static void virtual_tables(void **state)
{
	struct world *world = *state;
	virtual_types[0] =
		(struct column_type){.kind = TYPE_VARCHAR, .length = 64, .collation = collation_utf8mb3_general};
	virtual_types[1] =
		(struct column_type){.kind = TYPE_BIGINT, .is_unsigned = true, .collation = collation_binary};
	virtual_types[2] = (struct column_type){.kind = TYPE_TEXT, .collation = collation_utf8mb3_general};
	assert_answer("SELECT * FROM facts", "one|1|NULL two|2|NULL three|3|NULL");
	assert_answer("SELECT n FROM facts WHERE schema_name = 'two'", "2");
	assert_int_equal(fill_rows, 1);
	assert_answer("SELECT a.n, b.n FROM facts a JOIN facts b ON a.schema_name = b.schema_name ORDER BY 1",
		      "1|1 2|2 3|3");
	assert_answer("SELECT schema_name FROM facts ORDER BY n DESC LIMIT 1", "three");
}

static struct table *make_table(struct world *world)
{
	struct table *table =
		define(world, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20), size INT, KEY(size))");
	insert(world, table, "ROW(1, 'a', 10), ROW(2, 'b', 20), ROW(3, 'c', 30)");
	return table;
}

static void parameters(void **state)
{
	struct world *world = *state;
	make_table(world);
	struct value values[2] = {value_int(2), value_string(bytes_of_string("B"), collation_utf8mb4_default)};
	struct evaluate_options options = {.parameters = values, .parameter_count = 2};
	const char *sql = "SELECT id, name, ? FROM t WHERE id = 2 AND name = ?";
	assert_string_equal(answer_in(world, world->session, sql, &options), "2|b|2");
	struct evaluator_pool_stats before, after;
	evaluator_pool_get_stats(world->server.evaluators, &before);
	values[0] = value_int(7);
	assert_string_equal(answer_in(world, world->session, sql, &options), "2|b|7");
	assert_string_equal(answer(world, "SELECT name FROM t WHERE id = 1"), "a");
	assert_string_equal(answer(world, "SELECT name FROM t WHERE id = 3"), "c");
	evaluator_pool_get_stats(world->server.evaluators, &after);
	assert_int_equal(after.prepared, before.prepared + 1);
	assert_int_equal(after.created, 1);
	struct evaluate_options limited = {.max_rows = 2};
	assert_string_equal(answer_in(world, world->session, "SELECT id FROM t", &limited), "1 2");
	values[0] = value_uint(UINT64_MAX);
	values[1] = value_int(1);
	assert_string_equal(answer_in(world, world->session, "SELECT id FROM t LIMIT ? OFFSET ?", &options), "2 3");
}

static void found_rows(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct evaluation *evaluation;
	make_table(world);
	struct tree_query *query = resolve(world, "SELECT SQL_CALC_FOUND_ROWS id FROM t LIMIT 1, 1", NULL, 0);
	ok(evaluate_open_query(world->session, query, 0, NULL, &evaluation, &diag));
	assert_int_equal(evaluation_step(evaluation, &diag), EVALUATION_ROW);
	assert_int_equal(evaluation_values(evaluation)[0].integer, 2);
	assert_int_equal(evaluation_step(evaluation, &diag), EVALUATION_DONE);
	assert_int_equal(evaluation_found_rows(evaluation), 3);
	evaluation_close(&evaluation);
	txn_rollback(world->session->txn);
}

/* Committed by another transaction. */
static void change_elsewhere(struct world *world, struct table *table, const char *rows)
{
	struct session *own = world->session;
	world->session = new_session(world);
	insert(world, table, rows);
	session_destroy(&world->session);
	world->session = own;
}

static void reads_see_one_moment(void **state)
{
	struct world *world = *state;
	struct table *table = make_table(world);
	world->session->in_transaction = true;
	txn_set_isolation(world->session->txn, ISOLATION_REPEATABLE_READ);
	assert_answer("SELECT COUNT(*) FROM t", "3");
	change_elsewhere(world, table, "ROW(4, 'd', 40)");
	assert_answer("SELECT COUNT(*) FROM t", "3");
	assert_answer("SELECT name FROM t WHERE id = 4", "");
	assert_answer("SELECT name FROM t WHERE size = 40", "");
	assert_answer("SELECT name FROM t WHERE size = 40 FOR UPDATE", "d");
	assert_string_equal(answer_in(world, world->session, "SELECT COUNT(*) FROM t",
				      &(struct evaluate_options){.read = EVALUATE_LATEST}),
			    "4");
	struct value own[] = {value_int(5), value_null(), value_int(1)};
	insert_row(world->session, table, image_of(world, table, own));
	assert_answer("SELECT id FROM t WHERE size < 40 ORDER BY id", "1 2 3 5");
	txn_rollback(world->session->txn);
	world->session->in_transaction = false;
	assert_answer("SELECT id FROM t", "1 2 3 4");
}

static void locks(void **state)
{
	struct world *world = *state;
	make_table(world);
	struct session *other = new_session(world);
	other->in_transaction = true;
	assert_string_equal(answer_in(world, other, "SELECT id FROM t WHERE id = 2 FOR UPDATE", NULL), "2");
	txn_set_lock_timeout(world->session->txn, 50);
	assert_int_equal(error_of(world, "SELECT id FROM t WHERE id = 2 FOR SHARE"), 1205);
	assert_int_equal(error_of(world, "SELECT id FROM t FOR UPDATE NOWAIT"), 3572);
	assert_answer("SELECT id FROM t FOR UPDATE SKIP LOCKED", "1 3");
	assert_answer("SELECT id FROM t WHERE size > 1 FOR SHARE SKIP LOCKED", "1 3");
	assert_answer("SELECT id FROM t", "1 2 3");
	txn_rollback(other->txn);
	assert_answer("SELECT id FROM t WHERE size > 10 FOR UPDATE", "2 3");
	session_destroy(&other);
}

/* A locked row is read again: what it has become decides. */
static void *commit_later(void *argument)
{
	struct session *session = argument;
	struct diag diag = DIAG_INIT;
	usleep(100000);
	txn_commit(session->txn, &diag);
	return NULL;
}

static void locking_reads_test_the_row_again(void **state)
{
	struct world *world = *state;
	struct table *table = make_table(world);
	struct diag diag = DIAG_INIT;
	struct session *other = new_session(world);
	struct change_options options = {.unique_checks = true};
	struct change_context *context = change_begin(other->txn, world->server.catalog, table, &options);
	struct buf current, handle;
	buf_init(&current);
	buf_init(&handle);
	struct bytes before =
		image_of(world, table,
			 (struct value[]){value_int(2), value_string(bytes_of_string("b"), collation_utf8mb4_default),
					  value_int(20)});
	struct bytes after = image_of(world, table,
				      (struct value[]){value_int(2),
						       value_string(bytes_of_string("B2"), collation_utf8mb4_default),
						       value_int(21)});
	ok((int)change_find_row(context, before, NULL, &handle, &current, &diag));
	ok((int)change_update(context, buf_bytes(&handle), buf_bytes(&current), after, &diag));
	change_end(&context);
	pthread_t thread;
	pthread_create(&thread, NULL, commit_later, other);
	txn_set_lock_timeout(world->session->txn, 5000);
	/* Waits; the row then has size 21 and is not 20 any more. */
	assert_answer("SELECT id, size FROM t WHERE id >= 2 AND size <> 20 FOR UPDATE", "2|21 3|30");
	pthread_join(thread, NULL);
	buf_deinit(&current);
	buf_deinit(&handle);
	session_destroy(&other);
}

static void changes_read_handles(void **state)
{
	struct world *world = *state;
	struct table *table = make_table(world);
	struct diag diag = DIAG_INIT;
	const char *sql = "UPDATE t SET size = size + 1, name = CONCAT(name, 'x') WHERE id >= 2";
	struct resolve_environment environment = environment_of(world, sql);
	struct tree_change *change;
	struct evaluation *evaluation;
	struct evaluate_program *program;
	ok(resolve_update(&environment, parse(world, sql)->update, &change, &diag));
	ok(evaluate_compile(&world->session->statement_arena, change->query, EVALUATE_IMAGES, &program, &diag));
	assert_false(evaluate_program_is_single_row(program));
	ok(evaluate_open(world->session, program, NULL, &evaluation, &diag));
	const struct tree_target *target = &change->targets[0];
	assert_int_equal(evaluation_step(evaluation, &diag), EVALUATION_ROW);
	const struct value *values = evaluation_values(evaluation);
	assert_int_equal(values[target->items[0]].integer, 21);
	assert_memory_equal(values[target->items[1]].string.data, "bx", 2);
	struct bytes handle = evaluation_handle(evaluation, target->handle_item);
	assert_int_equal(handle.size, 4);
	assert_int_equal(handle.data[3], 2);
	struct bytes fields[3];
	ok(row_split(evaluation_image(evaluation, target->handle_item), table->types, 3, fields, &diag));
	assert_int_equal(fields[2].data[0], 20);
	evaluation_close(&evaluation);
	txn_rollback(world->session->txn);

	sql = "DELETE FROM t WHERE id = 3 AND name = 'c'";
	environment = environment_of(world, sql);
	ok(resolve_delete(&environment, parse(world, sql)->delete_rows, &change, &diag));
	ok(evaluate_compile(&world->session->statement_arena, change->query, 0, &program, &diag));
	assert_true(evaluate_program_is_single_row(program));
	txn_rollback(world->session->txn);
}

static void user_variables(void **state)
{
	struct world *world = *state;
	make_table(world);
	struct value value = value_int(2);
	user_variable_set(world->session, bytes_of_string("x"), &value);
	assert_answer("SELECT name FROM t WHERE id = @x", "b");
	assert_answer("SELECT @y := id + 1 FROM t WHERE id = 3", "4");
	assert_answer("SELECT @y, @nothing", "4|NULL");
	value = value_int(0);
	user_variable_set(world->session, bytes_of_string("n"), &value);
	assert_answer("SELECT id, @n := @n + id FROM t ORDER BY id", "1|1 2|3 3|6");
	assert_answer("SELECT @n", "6");
}

static void row_expressions(void **state)
{
	struct world *world = *state;
	struct table *table = make_table(world);
	struct diag diag = DIAG_INIT;
	struct parse_input input = {.text = "size > 5 AND name <> 'z'", .size = 24};
	struct ast_expr *ast;
	struct tree_expr *expr;
	struct tree_source *row = NULL;
	ok(parse_expression(&input, &world->arena, &ast, &diag));
	struct resolve_environment environment = environment_of(world, input.text);
	ok(resolve_row_expression(&environment, ast, table, ROW_CHECK, "c", &row, &expr, &diag));
	struct expressions *expressions;
	ok(expressions_open(world->session, &expr, 1, NULL, 0, &expressions, &diag));
	static const struct {
		int size;
		const char *name;
		int expected;
	} cases[] = {{6, "a", 1}, {5, "a", 0}, {9, "Z", 0}};
	for (unsigned i = 0; i < 3; i++) {
		struct bytes fields[3];
		const struct value *values;
		ok(row_split(image_of(world, table,
				      (struct value[]){value_int(1),
						       value_string(bytes_of_string(cases[i].name),
								    collation_utf8mb4_default),
						       value_int(cases[i].size)}),
			     table->types, 3, fields, &diag));
		struct expression_row given = {.source = row, .fields = fields};
		ok(expressions_evaluate(expressions, &given, 1, &values, &diag));
		assert_int_equal(values[0].integer, cases[i].expected);
	}
	expressions_close(&expressions);
}

static void killed(void **state)
{
	struct world *world = *state;
	char rows[40000] = "ROW(1)";
	struct table *table = define(world, "CREATE TABLE n (i INT PRIMARY KEY)");
	for (int i = 2; i <= 300; i++)
		snprintf(rows + strlen(rows), 30, ", ROW(%d)", i);
	insert(world, table, rows);
	world->session->variables.max_execution_time = 50;
	assert_int_equal(error_of(world, "SELECT COUNT(*) FROM n a, n b, n c, n d"), 3024);
	world->session->variables.max_execution_time = 0;
	session_kill(world->session, SESSION_KILL_QUERY);
	assert_int_equal(error_of(world, "SELECT COUNT(*) FROM n a, n b, n c, n d"), 1317);
}

static void tables_change_their_shape(void **state)
{
	struct world *world = *state;
	make_table(world);
	assert_answer("SELECT * FROM t WHERE id = 1", "1|a|10");
	struct diag diag = DIAG_INIT;
	struct store_txn *txn = store_txn_begin(world->server.store, 1000);
	struct catalog_change *change = catalog_change_begin(world->server.catalog);
	ok(catalog_drop_table(change, txn, "test", "t", &diag));
	ok(store_txn_commit(txn, false, &diag));
	store_txn_end(&txn);
	catalog_change_publish(&change);
	struct table *table = define(world, "CREATE TABLE t (name VARCHAR(3), id INT PRIMARY KEY)");
	insert(world, table, "ROW('new', 1)");
	assert_answer("SELECT * FROM t WHERE id = 1", "new|1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(virtual_tables),
		world_test(parameters),
		world_test(found_rows),
		world_test(reads_see_one_moment),
		world_test(locks),
		world_test(locking_reads_test_the_row_again),
		world_test(changes_read_handles),
		world_test(user_variables),
		world_test(row_expressions),
		world_test(killed),
		world_test(tables_change_their_shape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
