/*
 * From the store into an empty cache.
 *
 * Records come in key order, so counters ('a') stand before the tables ('t') that take them. Whatever key
 * space of the user range belongs to no table then was left by a crash between a DDL's commit and its cleaning,
 * in the middle of a copy, or by a temporary table: it is dropped. Seeking from space to space finds them at
 * the price of one seek an index.
 */
#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog_internal.h"

struct load {
	struct catalog *catalog;
	struct map counters;  /* clustered space, 4 bytes big endian -> struct counters_record, owned */
	struct map spaces;    /* spaces of tables, 4 bytes big endian -> anything */
	bool clean;           /* the counters are exact */
	bool has_numbers;     /* the store has been opened before */
};

struct record {
	enum catalog_kind kind;
	struct bytes names;   /* what follows the kind in the key */
	const char *database, *name;
	struct bytes value;
	char what[2 * name_size_max + 32]; /* for messages */
};

/* The names of a key, each with its zero, and nothing behind them. */
static bool read_names(struct record *record)
{
	struct cursor cursor = cursor_of(record->names);
	bool two = record->kind != CATALOG_DATABASE;
	record->database = (const char *)cursor_until_zero(&cursor).data;
	record->name = two ? (const char *)cursor_until_zero(&cursor).data : "";
	if (!cursor_done(&cursor))
		return false;
	snprintf(record->what, sizeof record->what, two ? "`%s`.`%s`" : "database `%s`%s", record->database,
		 record->name);
	return true;
}

static int load_database(struct load *load, const struct record *record, struct diag *diag)
{
	const struct collation *collation;
	if (catalog_decode_database(record->value, &collation, record->what, diag) != 0)
		return -1;
	map_put(&load->catalog->databases, record->names, database_create(record->database, collation));
	return 0;
}

static int load_table(struct load *load, const struct record *record, struct diag *diag)
{
	struct table *table = catalog_decode_table(record->value, record->what, diag);
	if (table == NULL)
		return -1;
	uint8_t space[4];
	for (unsigned i = 0; i < table->index_count; i++) {
		bytes_store_uint_be(space, table->indexes[i].space, 4);
		map_put(&load->spaces, bytes_of(space, 4), table);
	}
	table_counters_prepare(table->counters, load->catalog->store, table->indexes[0].space);
	bytes_store_uint_be(space, table->indexes[0].space, 4);
	struct counters_record unknown = {.row_count = UINT64_MAX};
	struct counters_record *known = map_find(&load->counters, bytes_of(space, 4));
	if (known && !load->clean)
		known->row_count = UINT64_MAX;
	table_counters_load(table->counters, known ? known : &unknown);
	map_put(&load->catalog->tables, record->names, table);
	return 0;
}

static int load_view(struct load *load, const struct record *record, struct diag *diag)
{
	struct view *view = catalog_decode_view(record->value, record->what, diag);
	if (view == NULL)
		return -1;
	map_put(&load->catalog->views, record->names, view);
	return 0;
}

static int load_counters(struct load *load, const struct record *record, struct diag *diag)
{
	struct counters_record counters;
	if (record->names.size != 4)
		return catalog_damaged(diag, "counters");
	if (counters_record_decode(record->value, &counters, "counters", diag) != 0)
		return -1;
	map_put(&load->counters, record->names, memory_copy(&counters, sizeof counters));
	return 0;
}

static int load_record(struct load *load, struct bytes key, struct bytes value, struct diag *diag)
{
	struct record record = {.value = value};
	struct cursor cursor = cursor_of(key);
	cursor_u32_be(&cursor);
	record.kind = (enum catalog_kind)cursor_u8(&cursor);
	record.names = cursor_rest(&cursor);
	switch (record.kind) {
	case CATALOG_COUNTERS:
		return load_counters(load, &record, diag);
	case CATALOG_NUMBERS:
		load->has_numbers = true;
		return catalog_load_numbers(load->catalog, value, &load->clean, diag);
	case CATALOG_DATABASE:
		return read_names(&record) ? load_database(load, &record, diag) : catalog_damaged(diag, "a name");
	case CATALOG_TABLE:
		return read_names(&record) ? load_table(load, &record, diag) : catalog_damaged(diag, "a name");
	case CATALOG_VIEW:
		return read_names(&record) ? load_view(load, &record, diag) : catalog_damaged(diag, "a name");
	}
	return catalog_damaged(diag, "an unknown kind");
}

static struct bytes space_prefix(uint8_t out[4], uint32_t space)
{
	bytes_store_uint_be(out, space, 4);
	return bytes_of(out, 4);
}

static int load_records(struct load *load, struct diag *diag)
{
	uint8_t lower[4], upper[4];
	struct store_iterator *iterator =
		store_iterator_create(load->catalog->store, NULL, NULL, space_prefix(lower, STORE_SPACE_CATALOG),
				      space_prefix(upper, STORE_SPACE_CATALOG + 1));
	int status = 0;
	bool more = store_iterator_seek(iterator, bytes_of(lower, 4));
	while (more && status == 0) {
		status = load_record(load, store_iterator_key(iterator), store_iterator_value(iterator), diag);
		more = store_iterator_next(iterator);
	}
	if (status == 0)
		status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	return status;
}

/* ---------------------------------------------------------------------------------------------- left behind */

static void remember_space(struct load *load, uint32_t space)
{
	struct catalog *catalog = load->catalog;
	uint64_t number = space & ~STORE_SPACE_ROWS_BIT;
	if (number >= catalog->next_space)
		catalog->next_space = catalog->reserved_spaces = number + 1;
}

/* Appends the spaces that hold keys and have no table. */
static int find_orphans(struct load *load, struct buf *out, struct diag *diag)
{
	uint8_t lower[4], upper[8], space_key[4];
	memset(upper, 0xff, sizeof upper);
	struct store_iterator *iterator =
		store_iterator_create(load->catalog->store, NULL, NULL, space_prefix(lower, STORE_SPACE_USER_MIN),
				      bytes_of(upper, sizeof upper));
	bool more = store_iterator_seek(iterator, bytes_of(lower, 4));
	while (more) {
		struct bytes key = store_iterator_key(iterator);
		uint32_t space = (uint32_t)bytes_load_uint_be(key.data, 4);
		remember_space(load, space);
		if (map_find(&load->spaces, space_prefix(space_key, space)) == NULL)
			buf_put(out, &space, sizeof space);
		more = space != UINT32_MAX && store_iterator_seek(iterator, space_prefix(space_key, space + 1));
	}
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	return status;
}

static int drop_orphans(struct load *load, struct diag *diag)
{
	struct buf orphans;
	buf_init(&orphans);
	int status = find_orphans(load, &orphans, diag);
	size_t count = orphans.size / sizeof(uint32_t);
	if (status == 0 && count) {
		log_note("catalog", "removing %zu key spaces that no table has", count);
		catalog_drop_spaces(load->catalog, (const uint32_t *)orphans.data, count);
	}
	buf_deinit(&orphans);
	return status;
}

/* ----------------------------------------------------------------------------------------------- a new store */

static int create_first_databases(struct catalog *catalog, struct diag *diag)
{
	static const char *const names[] = {"mysql", "test"};
	struct catalog_change *change = catalog_change_begin(catalog);
	struct store_txn *txn = store_txn_begin(catalog->store, 1000);
	int status = 0;
	for (size_t i = 0; status == 0 && i < sizeof names / sizeof *names; i++)
		status = catalog_create_database(change, txn, names[i], collation_utf8mb4_default, diag);
	if (status == 0)
		status = store_txn_commit(txn, true, diag);
	store_txn_end(&txn);
	if (status == 0)
		catalog_change_publish(&change);
	else
		catalog_change_abandon(&change);
	return status;
}

/* The numbers record is written when all this has worked, so a first start that fails is made again. */
static int initialise(struct catalog *catalog, struct diag *diag)
{
	catalog->next_space = catalog->reserved_spaces = STORE_SPACE_USER_MIN;
	catalog->next_table_id = catalog->reserved_ids = 1;
	return catalog->databases.count ? 0 : create_first_databases(catalog, diag);
}

static void free_load(struct load *load)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(&load->counters, &walk, &key, &value))
		memory_free(value);
	map_deinit(&load->counters);
	map_deinit(&load->spaces);
}

int catalog_load(struct catalog *catalog, struct diag *diag)
{
	struct load load = {.catalog = catalog};
	map_init(&load.counters);
	map_init(&load.spaces);
	int status = load_records(&load, diag);
	if (status == 0 && !load.has_numbers)
		status = initialise(catalog, diag);
	if (status == 0)
		status = drop_orphans(&load, diag);
	if (status == 0)
		catalog_rebuild_children(catalog);
	free_load(&load);
	return status;
}
