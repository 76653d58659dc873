/* The cache: what is published, found by name under one short lock. */
#include "catalog/catalog.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog_internal.h"

/* ----------------------------------------------------------------------------------------------------- names */

static bool append_name(struct names_key *key, const char *name)
{
	size_t size = strlen(name) + 1;
	if (size > sizeof key->data - key->size)
		return false;
	memcpy(key->data + key->size, name, size);
	key->size += size;
	return true;
}

bool names_key_set(struct names_key *key, const char *database, const char *name)
{
	key->size = 0;
	return database && append_name(key, database) && (name == NULL || append_name(key, name));
}

void catalog_put_store_key(struct buf *out, enum catalog_kind kind, struct bytes names)
{
	buf_put_u32_be(out, STORE_SPACE_CATALOG);
	buf_put_u8(out, (uint8_t)kind);
	buf_put_bytes(out, names);
}

void catalog_put_counters_key(struct buf *out, uint32_t clustered_space)
{
	catalog_put_store_key(out, CATALOG_COUNTERS, (struct bytes){0});
	buf_put_u32_be(out, clustered_space);
}

struct database *database_create(const char *name, const struct collation *collation)
{
	struct database *database = memory_alloc(sizeof *database);
	*database = (struct database){memory_copy_string(name), collation};
	return database;
}

void database_destroy(struct database *database)
{
	if (database == NULL)
		return;
	memory_free(database->name);
	memory_free(database);
}

/* -------------------------------------------------------------------------------------------------- children */

static void clear_children(struct catalog *catalog)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(&catalog->children, &walk, &key, &value)) {
		memory_free(((struct child_list *)value)->tables);
		memory_free(value);
	}
	map_deinit(&catalog->children);
	map_init(&catalog->children);
}

static void add_child(struct catalog *catalog, const struct foreign_key *foreign_key, struct table *child)
{
	struct names_key key;
	if (!names_key_set(&key, foreign_key->parent_database, foreign_key->parent_table))
		return;
	struct child_list *list = map_find(&catalog->children, names_key_bytes(&key));
	if (list == NULL) {
		list = memory_zalloc(sizeof *list);
		map_put(&catalog->children, names_key_bytes(&key), list);
	}
	if (list->count && list->tables[list->count - 1] == child)
		return;
	list->tables = memory_realloc(list->tables, (list->count + 1) * sizeof *list->tables);
	list->tables[list->count++] = child;
}

void catalog_rebuild_children(struct catalog *catalog)
{
	clear_children(catalog);
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(&catalog->tables, &walk, &key, &value)) {
		struct table *table = value;
		for (unsigned i = 0; i < table->foreign_key_count; i++)
			add_child(catalog, &table->foreign_keys[i], table);
	}
}

/* ------------------------------------------------------------------------------------------ opening, closing */

static void free_cache(struct catalog *catalog)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	clear_children(catalog);
	while (map_next(&catalog->databases, &walk, &key, &value))
		database_destroy(value);
	walk = (struct map_walk){0};
	while (map_next(&catalog->tables, &walk, &key, &value)) {
		struct table *table = value;
		table_unref(&table);
	}
	walk = (struct map_walk){0};
	while (map_next(&catalog->views, &walk, &key, &value)) {
		struct view *view = value;
		view_unref(&view);
	}
	map_deinit(&catalog->databases);
	map_deinit(&catalog->tables);
	map_deinit(&catalog->views);
	map_deinit(&catalog->children);
}

static void destroy(struct catalog *catalog)
{
	free_cache(catalog);
	lock_deinit(&catalog->lock);
	lock_deinit(&catalog->numbers_lock);
	memory_free(catalog);
}

int catalog_open(struct store *store, struct catalog **out_catalog, struct diag *diag)
{
	struct catalog *catalog = memory_zalloc(sizeof *catalog);
	catalog->store = store;
	lock_init(&catalog->lock, "catalog", LOCK_RANK_CATALOG);
	lock_init(&catalog->numbers_lock, "catalog numbers", LOCK_RANK_CATALOG);
	map_init(&catalog->databases);
	map_init(&catalog->tables);
	map_init(&catalog->views);
	map_init(&catalog->children);
	if (catalog_load(catalog, diag) != 0 || catalog_write_numbers(catalog, false, diag) != 0) {
		diag_add_context(diag, "opening the catalog");
		destroy(catalog);
		return -1;
	}
	*out_catalog = catalog;
	return 0;
}

static int save_counters(struct table *table, struct store_txn *txn, struct diag *diag)
{
	struct counters_record record = table_counters_record(table->counters);
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	catalog_put_counters_key(&key, table->indexes[0].space);
	counters_record_encode(&record, &value);
	enum store_outcome outcome = store_txn_put(txn, buf_bytes(&key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return outcome == STORE_OK ? 0 : -1;
}

/* Exact counters, and then the word that they are exact. */
static int save_all_counters(struct catalog *catalog, struct diag *diag)
{
	struct store_txn *txn = store_txn_begin(catalog->store, 1000);
	struct map_walk walk = {0};
	struct bytes key;
	void *table;
	int status = 0;
	while (status == 0 && map_next(&catalog->tables, &walk, &key, &table))
		status = save_counters(table, txn, diag);
	if (status == 0)
		status = store_txn_commit(txn, false, diag);
	store_txn_end(&txn);
	FAULT_STEP("catalog.counters_saved");
	return status == 0 ? catalog_write_numbers(catalog, true, diag) : -1;
}

void catalog_close(struct catalog **catalog)
{
	if (*catalog == NULL)
		return;
	struct diag diag = DIAG_INIT;
	if (save_all_counters(*catalog, &diag) != 0)
		log_diag(LOG_WARNING, "catalog", &diag);
	destroy(*catalog);
	*catalog = NULL;
}

struct store *catalog_store(struct catalog *catalog)
{
	return catalog->store;
}

/* --------------------------------------------------------------------------------------------------- looking */

bool catalog_find_database(struct catalog *catalog, const char *name, const struct collation **out_collation)
{
	struct names_key key;
	if (!names_key_set(&key, name, NULL))
		return false;
	lock_take(&catalog->lock);
	const struct database *database = map_find(&catalog->databases, names_key_bytes(&key));
	if (database && out_collation)
		*out_collation = database->collation;
	lock_release(&catalog->lock);
	return database != NULL;
}

struct table *catalog_find_table(struct catalog *catalog, const char *database, const char *name)
{
	struct names_key key;
	if (!names_key_set(&key, database, name))
		return NULL;
	lock_take(&catalog->lock);
	struct table *table = map_find(&catalog->tables, names_key_bytes(&key));
	if (table)
		table_ref(table);
	lock_release(&catalog->lock);
	return table;
}

struct view *catalog_find_view(struct catalog *catalog, const char *database, const char *name)
{
	struct names_key key;
	if (!names_key_set(&key, database, name))
		return NULL;
	lock_take(&catalog->lock);
	struct view *view = map_find(&catalog->views, names_key_bytes(&key));
	if (view)
		view_ref(view);
	lock_release(&catalog->lock);
	return view;
}

/* --------------------------------------------------------------------------------------------------- listing */

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The last name of each of the map's keys, of one database or (NULL) all. */
static size_t list_names(struct catalog *catalog, const struct map *map, const char *database, struct arena *arena,
			 const char ***out_names)
{
	lock_take(&catalog->lock);
	const char **names = arena_array(arena, const char *, map->count + 1);
	size_t count = 0;
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(map, &walk, &key, &value)) {
		const char *name = (const char *)key.data;
		if (database && strcmp(name, database) != 0)
			continue;
		if (database)
			name += strlen(name) + 1;
		names[count++] = arena_copy_string(arena, name);
	}
	lock_release(&catalog->lock);
	if (count)
		qsort(names, count, sizeof *names, compare_names);
	*out_names = names;
	return count;
}

size_t catalog_list_databases(struct catalog *catalog, struct arena *arena, const char ***out_names)
{
	return list_names(catalog, &catalog->databases, NULL, arena, out_names);
}

size_t catalog_list_tables(struct catalog *catalog, const char *database, struct arena *arena, const char ***out_names)
{
	return list_names(catalog, &catalog->tables, database, arena, out_names);
}

size_t catalog_list_views(struct catalog *catalog, const char *database, struct arena *arena, const char ***out_names)
{
	return list_names(catalog, &catalog->views, database, arena, out_names);
}

size_t catalog_list_children(struct catalog *catalog, const char *database, const char *name, struct arena *arena,
			     struct table ***out_tables)
{
	struct names_key key;
	*out_tables = NULL;
	if (!names_key_set(&key, database, name))
		return 0;
	lock_take(&catalog->lock);
	const struct child_list *list = map_find(&catalog->children, names_key_bytes(&key));
	size_t count = list ? list->count : 0;
	if (count)
		*out_tables = arena_array(arena, struct table *, count);
	for (size_t i = 0; i < count; i++)
		(*out_tables)[i] = table_ref(list->tables[i]);
	lock_release(&catalog->lock);
	return count;
}
