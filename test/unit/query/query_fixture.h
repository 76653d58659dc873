/*
 * One server without exec: tables from CREATE TABLE's text, rows from VALUES ROW(..), queries from their text, answers
 * as "1|abc|NULL 2|d|5".
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "change/change.h"
#include "query/evaluate.h"
#include "session/session.h"
#include "session/status.h"
#include "session/variable_table.h"
#include "sql/resolve/function.h"
#include "sql/parse/parse.h"
#include "type/convert.h"
#include "type/row.h"
#include "type/sql_mode.h"

struct world {
	struct server server;
	struct session *session;
	struct arena arena;	/* of the test: definitions, texts */
	struct table *held[64]; /* references to tables, each once */
	unsigned held_count;
	virtual_fill *fill;
};

#define ok(expression) assert_ok((expression), &diag, __LINE__)
static inline void assert_ok(int status, const struct diag *diag, int line)
{
	if (status != 0)
		fail_msg("line %d: outcome %d: %u %s (%s)", line, status, diag->code, diag->message, diag->context);
}

/* ------------------------------------------------------------------------------------------------- the server */

extern const struct virtual_table *test_virtual_table; /* the only one, or NULL */
extern virtual_fill *test_virtual_fill;

static inline struct session *new_session(struct world *world)
{
	struct session *session = session_create(&world->server);
	session->variables.time_zone = time_zone_utc();
	session->statement_time_us = 1700000000000000;
	session_set_database(session, "test");
	return session;
}

static inline int world_setup(void **state)
{
	struct diag diag = DIAG_INIT;
	collation_init();
	struct world *world = memory_zalloc(sizeof *world);
	struct server *server = &world->server;
	struct store_options store_options = {.memory.size = 8 << 20, .in_memory = true};
	arena_init(&world->arena);
	lock_init(&server->lock, "server", LOCK_RANK_SERVER);
	server->next_session_id = 1;
	server->version = "8.0.35-gemel-test";
	server->variables = global_variables_create();
	server->status = status_create();
	ok(store_open("/gemel-query-test", &store_options, &server->store, &diag));
	server->txn_manager = txn_manager_create(
		&(struct txn_manager_options){.store = server->store, .clock = &server->clock, .server_id = 1,
					       .gtid_mode = TXN_GTID_ON});
	server->mdl = mdl_create();
	ok(catalog_open(server->store, &server->catalog, &diag));
	ok(evaluator_pool_create(&(struct evaluator_pool_options){.fill = test_virtual_fill}, &server->evaluators,
				 &diag));
	world->session = new_session(world);
	*state = world;
	return 0;
}

static inline void release_tables(struct world *world)
{
	while (world->held_count > 0)
		table_unref(&world->held[--world->held_count]);
}

static inline int world_teardown(void **state)
{
	struct world *world = *state;
	struct server *server = &world->server;
	release_tables(world);
	session_destroy(&world->session);
	evaluator_pool_destroy(&server->evaluators);
	catalog_close(&server->catalog);
	mdl_destroy(&server->mdl);
	txn_manager_destroy(&server->txn_manager);
	store_close(&server->store);
	status_destroy(&server->status);
	global_variables_destroy(&server->variables);
	memory_free(server->sessions);
	lock_deinit(&server->lock);
	arena_deinit(&world->arena);
	memory_free(world);
	return 0;
}

#define world_test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* ------------------------------------------------------------------------------------------------- texts to trees */

static inline struct ast_statement *parse(struct world *world, const char *sql)
{
	struct diag diag = DIAG_INIT;
	struct ast_statement *statement;
	size_t next;
	struct parse_input input = {.text = sql, .size = strlen(sql), .sql_mode = world->session->variables.sql_mode};
	ok(parse_statement(&input, &world->arena, &statement, &next, &diag));
	return statement;
}

static inline struct table *hold(struct world *world, struct table *table)
{
	for (unsigned i = 0; i < world->held_count; i++)
		if (world->held[i] == table) {
			table_unref(&table);
			return world->held[i];
		}
	if (table)
		world->held[world->held_count++] = table;
	return table;
}

static inline int find_table(void *context, const char *database, const char *name, struct table **out,
			     struct diag *diag)
{
	struct world *world = context;
	*out = hold(world, catalog_find_table(world->server.catalog, database, name));
	return 0;
}

static inline int find_view(void *context, const char *database, const char *name, const struct view **out,
			    struct diag *diag)
{
	*out = NULL;
	return 0;
}

static inline const struct virtual_table *find_virtual(void *context, const char *database, const char *name)
{
	return test_virtual_table && strcmp(name, test_virtual_table->name) == 0 ? test_virtual_table : NULL;
}

static inline bool database_exists(void *context, const char *name)
{
	return true;
}

static inline int system_variable(void *context, enum ast_variable_scope scope, const char *base, const char *name,
				  struct arena *arena, struct value *out, struct diag *diag)
{
	struct world *world = context;
	return variable_get(world->session, VARIABLE_DEFAULT_SCOPE, bytes_of_string(name), arena, out, diag);
}

static inline const struct value *user_variable(void *context, const char *name)
{
	return user_variable_find(((struct world *)context)->session, bytes_of_string(name));
}

static inline struct resolve_environment environment_of(struct world *world, const char *sql)
{
	const struct session_variables *variables = &world->session->variables;
	return (struct resolve_environment){
		.arena = &world->session->statement_arena,
		.text = bytes_of_string(sql),
		.database = "test",
		.sql_mode = variables->sql_mode,
		.character_set_client = charset_get(CHARSET_UTF8MB4),
		.collation_connection = collation_utf8mb4_default,
		.div_precision_increment = 4,
		.group_concat_max_len = 1024,
		.time_zone = variables->time_zone,
		.warnings = &world->session->warnings,
		.context = world,
		.find_table = find_table,
		.find_view = find_view,
		.find_virtual = find_virtual,
		.database_exists = database_exists,
		.system_variable = system_variable,
		.user_variable = user_variable,
	};
}

static inline struct tree_query *resolve(struct world *world, const char *sql, const struct value *parameters,
					 unsigned parameter_count)
{
	struct diag diag = DIAG_INIT;
	struct resolve_environment environment = environment_of(world, sql);
	struct tree_query *query;
	environment.parameters = parameters;
	environment.parameter_count = parameter_count;
	if (resolve_query(&environment, parse(world, sql)->query, &query, &diag) != 0)
		fail_msg("%s: %u %s", sql, diag.code, diag.message);
	return query;
}

/* ------------------------------------------------------------------------------------------------- tables */

static inline struct index *add_index(struct table *table, enum index_kind kind, const char *name)
{
	struct index *index = &table->indexes[table->index_count++];
	*index = (struct index){.kind = kind, .name = arena_copy_string(&table->arena, name)};
	index->parts = arena_array(&table->arena, struct index_part, 16);
	return index;
}

static inline unsigned column_position(const struct table *table, const char *name)
{
	int position = table_find_column(table, bytes_of_string(name));
	assert_true(position >= 0);
	return (unsigned)position;
}

static inline void define_columns(struct table *table, const struct ast_create_table *create)
{
	struct diag diag = DIAG_INIT;
	table->columns = arena_array(&table->arena, struct column, create->columns.count);
	table->indexes = arena_array(&table->arena, struct index, create->keys.count + create->columns.count + 2);
	for (size_t i = 0; i < create->columns.count; i++) {
		const struct ast_column_def *definition = create->columns.items[i];
		struct column *column = &table->columns[table->column_count++];
		*column =
			(struct column){.name = arena_copy_string(&table->arena, definition->name.text),
					.nullable = definition->nullability != AST_NOT_NULL && !definition->primary};
		ok(resolve_type(definition->type, table->collation, column->name, &table->arena, &column->type,
				&diag));
		if (definition->primary)
			add_index(table, INDEX_PRIMARY, "PRIMARY")->parts[0].column = (unsigned)i;
		if (definition->unique)
			add_index(table, INDEX_UNIQUE, column->name)->parts[0].column = (unsigned)i;
		if (definition->primary || definition->unique)
			table->indexes[table->index_count - 1].part_count = 1;
	}
}

static inline void define_keys(struct table *table, const struct ast_create_table *create)
{
	static const enum index_kind kinds[] =
		{[AST_KEY_INDEX] = INDEX_PLAIN, [AST_KEY_UNIQUE] = INDEX_UNIQUE, [AST_KEY_PRIMARY] = INDEX_PRIMARY};
	for (size_t i = 0; i < create->keys.count; i++) {
		const struct ast_key *key = create->keys.items[i];
		const char *name = key->kind == AST_KEY_PRIMARY ? "PRIMARY"
				 : key->name.text		? key->name.text
								: key->parts.items[0].column.text;
		struct index *index = add_index(table, kinds[key->kind], name);
		for (size_t j = 0; j < key->parts.count; j++)
			index->parts[index->part_count++] =
				(struct index_part){.column = column_position(table, key->parts.items[j].column.text),
						    .prefix_length = key->parts.items[j].prefix};
	}
}

static inline struct table *define(struct world *world, const char *sql)
{
	struct diag diag = DIAG_INIT;
	const struct ast_create_table *create = parse(world, sql)->create_table;
	struct table *table = table_create();
	table->database = "test";
	table->name = arena_copy_string(&table->arena, create->name.name.text);
	table->collation = collation_utf8mb4_default;
	table->engine = "InnoDB";
	define_columns(table, create);
	define_keys(table, create);
	table_finish(table);
	struct store_txn *txn = store_txn_begin(world->server.store, 1000);
	struct catalog_change *change = catalog_change_begin(world->server.catalog);
	if (!catalog_find_database(world->server.catalog, "test", &(const struct collation *){NULL}))
		ok(catalog_create_database(change, txn, "test", collation_utf8mb4_default, &diag));
	ok(catalog_put_table(change, txn, table, &diag));
	ok(store_txn_commit(txn, false, &diag));
	store_txn_end(&txn);
	catalog_change_publish(&change);
	return hold(world, catalog_find_table(world->server.catalog, "test", table->name));
}

static inline struct bytes image_of(struct world *world, const struct table *table, const struct value *values)
{
	struct diag diag = DIAG_INIT;
	struct buf image;
	struct row_builder builder;
	struct convert_context context = {.sql_mode = world->session->variables.sql_mode,
					  .zone = time_zone_utc(),
					  .row_number = 1,
					  .arena = &world->arena};
	buf_init(&image);
	row_builder_begin(&builder, &image, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		if (values[i].kind == VALUE_NULL) {
			row_builder_null(&builder);
			continue;
		}
		ok(convert_to_packed(&values[i], &table->columns[i].type, table->columns[i].name, &context, &image,
				     &diag));
		row_builder_field_done(&builder);
	}
	struct bytes copy = bytes_of(arena_copy(&world->arena, image.data, image.size), image.size);
	buf_deinit(&image);
	return copy;
}

static inline void insert_row(struct session *session, struct table *table, struct bytes image)
{
	struct diag diag = DIAG_INIT;
	struct change_options options = {.unique_checks = true};
	struct change_context *context = change_begin(session->txn, session->server->catalog, table, &options);
	ok((int)change_insert(context, image, &diag));
	change_end(&context);
}

/* rows: "ROW(1, 'a'), ROW(2, NULL)"; committed. */
static inline void insert(struct world *world, struct table *table, const char *rows)
{
	struct diag diag = DIAG_INIT;
	char *sql = arena_printf(&world->arena, "VALUES %s", rows);
	struct evaluation *evaluation;
	ok(evaluate_open_query(world->session, resolve(world, sql, NULL, 0), 0, NULL, &evaluation, &diag));
	enum evaluation_outcome outcome;
	struct bytes images[4096];
	unsigned count = 0;
	while ((outcome = evaluation_step(evaluation, &diag)) == EVALUATION_ROW && count < 4096)
		images[count++] = image_of(world, table, evaluation_values(evaluation));
	ok(outcome == EVALUATION_DONE ? 0 : -1);
	evaluation_close(&evaluation);
	txn_rollback(world->session->txn);
	for (unsigned i = 0; i < count; i++)
		insert_row(world->session, table, images[i]);
	ok(txn_commit(world->session->txn, &diag));
	arena_reset(&world->session->statement_arena);
}

/* ------------------------------------------------------------------------------------------------- answers */

static inline void put_values(struct buf *text, struct arena *arena, const struct value *values, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			buf_put_u8(text, '|');
		if (values[i].kind == VALUE_NULL)
			buf_put_string(text, "NULL");
		else
			buf_put_bytes(text, value_text(&values[i], arena));
	}
}

static inline int run(struct world *world, struct session *session, const char *sql,
		      const struct evaluate_options *options, struct buf *text, struct diag *diag)
{
	struct evaluation *evaluation;
	struct tree_query *query =
		resolve(world, sql, options ? options->parameters : NULL, options ? options->parameter_count : 0);
	if (evaluate_open_query(session, query, 0, options, &evaluation, diag) != 0)
		return -1;
	enum evaluation_outcome outcome;
	while ((outcome = evaluation_step(evaluation, diag)) == EVALUATION_ROW) {
		if (text->size > 0)
			buf_put_u8(text, ' ');
		put_values(text, &session->statement_arena, evaluation_values(evaluation), query->column_count);
	}
	evaluation_close(&evaluation);
	return outcome == EVALUATION_DONE ? 0 : -1;
}

/* As an autocommit statement of that session. */
static inline const char *answer_in(struct world *world, struct session *session, const char *sql,
				    const struct evaluate_options *options)
{
	struct diag diag = DIAG_INIT;
	struct buf text;
	buf_init(&text);
	if (run(world, session, sql, options, &text, &diag) != 0)
		fail_msg("%s: %u %s (%s)", sql, diag.code, diag.message, diag.context);
	const char *copy = arena_copy_string(&world->arena, buf_cstring(&text));
	buf_deinit(&text);
	if (!session->in_transaction)
		ok(txn_commit(session->txn, &diag));
	arena_reset(&world->session->statement_arena);
	return copy;
}

static inline const char *answer(struct world *world, const char *sql)
{
	return answer_in(world, world->session, sql, NULL);
}

#define assert_answer(sql, expected) assert_string_equal(answer(world, sql), expected)

/* The error's number. */
static inline unsigned error_of(struct world *world, const char *sql)
{
	struct diag diag = DIAG_INIT;
	struct buf text;
	buf_init(&text);
	int status = run(world, world->session, sql, NULL, &text, &diag);
	buf_deinit(&text);
	txn_rollback(world->session->txn);
	arena_reset(&world->session->statement_arena);
	return status == 0 ? 0 : diag.code;
}
