/*
 * One server without SQL: store, log, catalog. Tables from a line of text, rows as "1|abc|NULL".
 *
 *   columns  "id:int name:text20? size:big"   int, big (BIGINT UNSIGNED), textN (VARCHAR, general_ci), binN, dec (5,2)
 *            a ? after the type: nullable
 *   indexes  "P(id) U:by_name(name/3) K:by_size(size,id)"   name/3: the first three characters
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "binlog/log.h"
#include "binlog/reader.h"
#include "change/change.h"
#include "type/convert.h"
#include "type/row.h"
#include "type/sql_mode.h"

struct world {
	char directory[64];
	struct store *store;
	struct binlog *binlog;
	struct hlc clock;
	struct txn_manager *manager;
	struct catalog *catalog;
	struct arena arena; /* of the test */
	struct txn *txn;    /* of the test's thread */
};

static const struct change_options checked = {.foreign_key_checks = true, .unique_checks = true};
static const struct change_options unchecked = {.unique_checks = true};

#define ok(expression) assert_ok((expression), &diag, __LINE__)
static inline void assert_ok(int status, const struct diag *diag, int line)
{
	if (status != 0)
		fail_msg("line %d: outcome %d: %u %s", line, status, diag->code, diag->message);
}

/* ------------------------------------------------------------------------------------------------- the server */

static inline int world_setup(void **state)
{
	struct diag diag = DIAG_INIT;
	struct world *world = memory_zalloc(sizeof *world);
	strcpy(world->directory, "/tmp/gemel-change-XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	struct store_options store_options = {.memory.size = 8 << 20, .in_memory = true};
	ok(store_open("/gemel-test", &store_options, &world->store, &diag));
	struct binlog_options options = {.directory = world->directory, .server_uuid = {1}, .server_id = 7,
					 .checksum = EVENT_CHECKSUM_CRC32, .max_size = 1 << 30};
	struct binlog_recovery recovery;
	ok(binlog_open(&world->binlog, &options, &recovery, &diag));
	struct txn_manager_options manager_options = {.store = world->store, .binlog = world->binlog,
						      .clock = &world->clock, .server_id = 7,
						      .tmpdir = world->directory, .gtid_mode = TXN_GTID_ON};
	world->manager = txn_manager_create(&manager_options);
	txn_manager_set_sync(world->manager, 0, 0);
	ok(catalog_open(world->store, &world->catalog, &diag));
	arena_init(&world->arena);
	world->txn = txn_create(world->manager);
	*state = world;
	return 0;
}

static inline int world_teardown(void **state)
{
	struct world *world = *state;
	char command[96];
	txn_destroy(&world->txn);
	arena_deinit(&world->arena);
	catalog_close(&world->catalog);
	txn_manager_destroy(&world->manager);
	binlog_close(&world->binlog);
	store_close(&world->store);
	snprintf(command, sizeof command, "rm -rf %s", world->directory);
	assert_int_equal(system(command), 0);
	memory_free(world);
	return 0;
}

#define world_test(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

/* ------------------------------------------------------------------------------------------------------ tables */

static inline struct column_type parse_type(const char *text)
{
	struct column_type type = {.kind = TYPE_INT, .collation = collation_binary};
	if (strncmp(text, "big", 3) == 0) {
		type.kind = TYPE_BIGINT;
		type.is_unsigned = true;
	} else if (strncmp(text, "text", 4) == 0) {
		type = (struct column_type){.kind = TYPE_VARCHAR, .length = (uint32_t)atoi(text + 4),
					    .collation = collation_utf8mb4_default};
	} else if (strncmp(text, "bin", 3) == 0) {
		type = (struct column_type){.kind = TYPE_VARBINARY, .length = (uint32_t)atoi(text + 3),
					    .collation = collation_binary};
	} else if (strncmp(text, "dec", 3) == 0) {
		type = (struct column_type){.kind = TYPE_DECIMAL, .length = 5, .decimals = 2,
					    .collation = collation_binary};
	}
	return type;
}

static inline void parse_columns(struct table *table, const char *text)
{
	char *words = arena_copy_string(&table->arena, text), *rest;
	table->columns = arena_array(&table->arena, struct column, 64);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		char *type = strchr(word, ':');
		*type++ = 0;
		table->columns[table->column_count++] = (struct column){
			.name = word, .type = parse_type(type), .nullable = type[strlen(type) - 1] == '?'};
	}
}

static inline void parse_parts(struct table *table, struct index *index, char *text)
{
	char *rest;
	index->parts = arena_array(&table->arena, struct index_part, 16);
	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		char *prefix = strchr(word, '/');
		if (prefix)
			*prefix++ = 0;
		unsigned column = 0;
		while (strcmp(table->columns[column].name, word) != 0)
			assert_true(++column < table->column_count);
		index->parts[index->part_count++] =
			(struct index_part){.column = column, .prefix_length = prefix ? (uint32_t)atoi(prefix) : 0};
	}
}

static inline void parse_indexes(struct table *table, const char *text)
{
	char *words = arena_copy_string(&table->arena, text), *rest;
	table->indexes = arena_array(&table->arena, struct index, 16);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		struct index *index = &table->indexes[table->index_count++];
		char *parts = strchr(word, '(');
		*parts++ = 0;
		parts[strlen(parts) - 1] = 0;
		index->kind = *word == 'P' ? INDEX_PRIMARY : *word == 'U' ? INDEX_UNIQUE : INDEX_PLAIN;
		index->name = *word == 'P' ? "PRIMARY" : word + 2;
		parse_parts(table, index, parts);
	}
}

static inline struct table *new_table(const char *name, const char *columns, const char *indexes)
{
	struct table *table = table_create();
	table->database = "test";
	table->name = arena_copy_string(&table->arena, name);
	table->collation = collation_utf8mb4_default;
	parse_columns(table, columns);
	parse_indexes(table, indexes);
	table_finish(table);
	return table;
}

/* One column each; `parent` may be a table that is made later. */
static inline void add_foreign_key(struct table *table, const char *name, const char *column, const char *parent,
				   const char *parent_column, enum foreign_key_action on_delete,
				   enum foreign_key_action on_update)
{
	struct foreign_key *keys = arena_array(&table->arena, struct foreign_key, table->foreign_key_count + 1);
	if (table->foreign_key_count)
		memcpy(keys, table->foreign_keys, table->foreign_key_count * sizeof *keys);
	struct foreign_key *key = &keys[table->foreign_key_count++];
	*key = (struct foreign_key){.name = name, .column_count = 1, .parent_database = "test",
				    .parent_table = arena_copy_string(&table->arena, parent),
				    .on_delete = on_delete, .on_update = on_update};
	key->columns = arena_new(&table->arena, unsigned);
	key->columns[0] = (unsigned)table_find_column(table, bytes_of_string(column));
	key->parent_columns = arena_new(&table->arena, const char *);
	key->parent_columns[0] = parent_column;
	table->foreign_keys = keys;
}

/* Publishes it; the caller has a reference. */
static inline struct table *create(struct world *world, struct table *table)
{
	struct diag diag = DIAG_INIT;
	struct catalog_change *change = catalog_change_begin(world->catalog);
	struct store_txn *txn = store_txn_begin(world->store, 1000);
	table_ref(table);
	ok(catalog_put_table(change, txn, table, &diag));
	ok(store_txn_commit(txn, false, &diag));
	store_txn_end(&txn);
	catalog_change_publish(&change);
	return table;
}

static inline struct table *create_table(struct world *world, const char *name, const char *columns,
					 const char *indexes)
{
	return create(world, new_table(name, columns, indexes));
}

/* -------------------------------------------------------------------------------------------------------- rows */

static inline struct bytes image_of(struct world *world, const struct table *table, const char *text)
{
	struct diag diag = DIAG_INIT;
	struct convert_context context = {.sql_mode = sql_mode_default, .zone = time_zone_utc(),
					  .arena = &world->arena};
	struct buf image;
	struct row_builder builder;
	buf_init(&image);
	row_builder_begin(&builder, &image, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		size_t size = strcspn(text, "|");
		struct value value = value_string(bytes_of(text, size), collation_utf8mb4_default);
		if (size == 4 && memcmp(text, "NULL", 4) == 0) {
			row_builder_null(&builder);
		} else {
			ok(convert_to_packed(&value, &table->columns[i].type, table->columns[i].name, &context, &image,
					     &diag));
			row_builder_field_done(&builder);
		}
		text += size + (text[size] == '|');
	}
	struct bytes copy = bytes_of(arena_copy(&world->arena, image.data, image.size), image.size);
	buf_deinit(&image);
	return copy;
}

static inline const char *text_of(struct world *world, const struct table *table, struct bytes image)
{
	struct diag diag = DIAG_INIT;
	struct buf text;
	struct bytes *fields = arena_array(&world->arena, struct bytes, table->column_count);
	buf_init(&text);
	ok(row_split(image, table->types, table->column_count, fields, &diag));
	for (unsigned i = 0; i < table->column_count; i++) {
		if (i > 0)
			buf_put_u8(&text, '|');
		if (fields[i].data == NULL)
			buf_put_string(&text, "NULL");
		else
			ok(convert_text_from_packed(&table->columns[i].type, fields[i], time_zone_utc(), &text, &diag));
	}
	const char *copy = arena_copy_string(&world->arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

/* All committed rows in key order, "1|a 2|b". */
static inline const char *rows_of(struct world *world, const struct table *table)
{
	uint8_t lower[4], upper[4];
	struct buf text;
	buf_init(&text);
	bytes_store_uint_be(lower, table->indexes[0].space, 4);
	bytes_store_uint_be(upper, (uint64_t)table->indexes[0].space + 1, 4);
	struct store_iterator *rows =
		store_iterator_create(world->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	for (bool more = store_iterator_seek(rows, bytes_of(lower, 4)); more; more = store_iterator_next(rows)) {
		struct bytes value = store_iterator_value(rows);
		if (text.size)
			buf_put_u8(&text, ' ');
		buf_put_string(&text, text_of(world, table, bytes_of(value.data + store_row_header_size,
								     value.size - store_row_header_size)));
	}
	store_iterator_destroy(&rows);
	const char *copy = arena_copy_string(&world->arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

/* Exactly these rows, and every index as it must be. */
static inline void assert_rows(struct world *world, const struct table *table, const char *expected)
{
	struct diag diag = DIAG_INIT;
	uint64_t count;
	assert_string_equal(rows_of(world, table), expected);
	ok(change_check_table(world->store, table, &count, &diag));
}

/* -------------------------------------------------------------------------------- statements of the test's thread */

static inline struct change_context *open_context(struct world *world, struct table *table,
						  const struct change_options *options)
{
	return change_begin(world->txn, world->catalog, table, options);
}

static inline enum change_outcome insert_with(struct world *world, struct table *table, const char *row,
					      const struct change_options *options, struct diag *diag)
{
	struct change_context *context = open_context(world, table, options);
	enum change_outcome outcome = change_insert(context, image_of(world, table, row), diag);
	change_end(&context);
	return outcome;
}

static inline enum change_outcome insert(struct world *world, struct table *table, const char *row, struct diag *diag)
{
	return insert_with(world, table, row, &checked, diag);
}

/* The row as the applier would find it; `after` NULL: deleted. */
static inline enum change_outcome change_with(struct world *world, struct table *table, const char *before,
					      const char *after, const struct change_options *options,
					      struct diag *diag)
{
	struct change_context *context = open_context(world, table, options);
	struct buf handle, current;
	buf_init(&handle);
	buf_init(&current);
	enum change_outcome outcome =
		change_find_row(context, image_of(world, table, before), NULL, &handle, &current, diag);
	if (outcome == CHANGE_OK && after)
		outcome = change_update(context, buf_bytes(&handle), buf_bytes(&current),
					image_of(world, table, after), diag);
	else if (outcome == CHANGE_OK)
		outcome = change_delete(context, buf_bytes(&handle), buf_bytes(&current), diag);
	buf_deinit(&handle);
	buf_deinit(&current);
	change_end(&context);
	return outcome;
}

static inline enum change_outcome update(struct world *world, struct table *table, const char *before,
					 const char *after, struct diag *diag)
{
	return change_with(world, table, before, after, &checked, diag);
}

static inline enum change_outcome delete(struct world *world, struct table *table, const char *before,
					 struct diag *diag)
{
	return change_with(world, table, before, NULL, &checked, diag);
}

static inline void commit(struct world *world)
{
	struct diag diag = DIAG_INIT;
	ok(txn_commit(world->txn, &diag));
}

/* "1|a 2|b": each its own insert, committed. */
static inline void fill(struct world *world, struct table *table, const char *rows)
{
	struct diag diag = DIAG_INIT;
	char *words = arena_copy_string(&world->arena, rows), *rest;
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		ok(insert_with(world, table, word, &unchecked, &diag));
	commit(world);
}
