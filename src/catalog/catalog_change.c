/*
 * DDL in three steps: records into the DDL's store transaction, its commit (not here), the cache.
 *
 * A change remembers what it wrote, in order. What it asks about sees its own steps first, then the cache, so
 * that ALTER can drop and put the same name.
 */
#include <assert.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog_internal.h"

struct step {
	enum catalog_kind kind;
	struct names_key names;
	/* What is put; NULL: dropped. */
	struct database *database;
	struct table *table;
	struct view *view;
	struct table *dropped; /* a reference, until the change ends */
};

struct catalog_change {
	struct catalog *catalog;
	struct step *steps;
	size_t step_count;
	uint32_t *spaces;      /* given out by this change */
	size_t space_count;
};

struct catalog_change *catalog_change_begin(struct catalog *catalog)
{
	struct catalog_change *change = memory_zalloc(sizeof *change);
	change->catalog = catalog;
	return change;
}

static struct step *add_step(struct catalog_change *change, enum catalog_kind kind, const struct names_key *names)
{
	change->steps = memory_realloc(change->steps, (change->step_count + 1) * sizeof *change->steps);
	struct step *step = &change->steps[change->step_count++];
	*step = (struct step){.kind = kind, .names = *names};
	return step;
}

/* The change's last word on a name, or NULL. */
static struct step *find_step(struct catalog_change *change, enum catalog_kind kind, const struct names_key *names)
{
	for (size_t i = change->step_count; i-- > 0;) {
		struct step *step = &change->steps[i];
		if (step->kind == kind && bytes_equal(names_key_bytes(&step->names), names_key_bytes(names)))
			return step;
	}
	return NULL;
}

/* --------------------------------------------------------------------------------------------------- looking */

static bool database_exists(struct catalog_change *change, const char *name)
{
	struct names_key key;
	if (!names_key_set(&key, name, NULL))
		return false;
	struct step *step = find_step(change, CATALOG_DATABASE, &key);
	return step ? step->database != NULL : catalog_find_database(change->catalog, name, NULL);
}

/* A new reference, or NULL. */
static struct table *find_table(struct catalog_change *change, const char *database, const char *name)
{
	struct names_key key;
	if (!names_key_set(&key, database, name))
		return NULL;
	struct step *step = find_step(change, CATALOG_TABLE, &key);
	if (step)
		return step->table ? table_ref(step->table) : NULL;
	return catalog_find_table(change->catalog, database, name);
}

static struct view *find_view(struct catalog_change *change, const char *database, const char *name)
{
	struct names_key key;
	if (!names_key_set(&key, database, name))
		return NULL;
	struct step *step = find_step(change, CATALOG_VIEW, &key);
	if (step)
		return step->view ? view_ref(step->view) : NULL;
	return catalog_find_view(change->catalog, database, name);
}

/* --------------------------------------------------------------------------------------------------- records */

static int write_record(struct store_txn *txn, enum catalog_kind kind, const struct names_key *names,
			const struct buf *value, struct diag *diag)
{
	struct buf key;
	buf_init(&key);
	catalog_put_store_key(&key, kind, names_key_bytes(names));
	enum store_outcome outcome = value ? store_txn_put(txn, buf_bytes(&key), buf_bytes(value), diag)
					   : store_txn_delete(txn, buf_bytes(&key), diag);
	buf_deinit(&key);
	return outcome == STORE_OK || outcome == STORE_NOT_FOUND ? 0 : -1;
}

static int set_names(struct names_key *key, const char *database, const char *name, struct diag *diag)
{
	if (names_key_set(key, database, name))
		return 0;
	return diag_set(diag, ER_TOO_LONG_IDENT, name ? name : database);
}

static int put_database(struct catalog_change *change, struct store_txn *txn, const char *name,
			const struct collation *collation, struct diag *diag)
{
	struct names_key key;
	if (set_names(&key, name, NULL, diag) != 0)
		return -1;
	struct buf value;
	buf_init(&value);
	catalog_encode_database(collation, &value);
	int status = write_record(txn, CATALOG_DATABASE, &key, &value, diag);
	buf_deinit(&value);
	if (status == 0)
		add_step(change, CATALOG_DATABASE, &key)->database = database_create(name, collation);
	return status;
}

int catalog_create_database(struct catalog_change *change, struct store_txn *txn, const char *name,
			    const struct collation *collation, struct diag *diag)
{
	if (database_exists(change, name))
		return diag_set(diag, ER_DB_CREATE_EXISTS, name);
	return put_database(change, txn, name, collation, diag);
}

int catalog_alter_database(struct catalog_change *change, struct store_txn *txn, const char *name,
			   const struct collation *collation, struct diag *diag)
{
	if (!database_exists(change, name))
		return diag_set(diag, ER_BAD_DB_ERROR, name);
	return put_database(change, txn, name, collation, diag);
}

static int drop_content(struct catalog_change *change, struct store_txn *txn, const char *database,
			struct arena *arena, struct diag *diag)
{
	const char **names;
	size_t count = catalog_list_tables(change->catalog, database, arena, &names);
	for (size_t i = 0; i < count; i++) {
		struct table *table = find_table(change, database, names[i]);
		bool is_there = table != NULL;
		table_unref(&table);
		if (is_there && catalog_drop_table(change, txn, database, names[i], diag) != 0)
			return -1;
	}
	count = catalog_list_views(change->catalog, database, arena, &names);
	for (size_t i = 0; i < count; i++) {
		struct view *view = find_view(change, database, names[i]);
		bool is_there = view != NULL;
		view_unref(&view);
		if (is_there && catalog_drop_view(change, txn, database, names[i], diag) != 0)
			return -1;
	}
	return 0;
}

int catalog_drop_database(struct catalog_change *change, struct store_txn *txn, const char *name, struct diag *diag)
{
	struct names_key key;
	if (!database_exists(change, name) || !names_key_set(&key, name, NULL))
		return diag_set(diag, ER_DB_DROP_EXISTS, name);
	struct arena arena;
	arena_init(&arena);
	int status = drop_content(change, txn, name, &arena, diag);
	arena_deinit(&arena);
	if (status == 0)
		status = write_record(txn, CATALOG_DATABASE, &key, NULL, diag);
	if (status == 0)
		add_step(change, CATALOG_DATABASE, &key);
	return status;
}

/* ---------------------------------------------------------------------------------------------------- tables */

static int check_name_is_free(struct catalog_change *change, const char *database, const char *name,
			      struct diag *diag)
{
	if (!database_exists(change, database))
		return diag_set(diag, ER_BAD_DB_ERROR, database);
	struct table *table = find_table(change, database, name);
	struct view *view = find_view(change, database, name);
	bool taken = table != NULL || view != NULL;
	table_unref(&table);
	view_unref(&view);
	return taken ? diag_set(diag, ER_TABLE_EXISTS_ERROR, name) : 0;
}

/* The dropped table whose rows this one goes on with, or NULL. */
static const struct table *find_predecessor(struct catalog_change *change, const struct table *table)
{
	for (size_t i = 0; i < change->step_count; i++) {
		const struct table *dropped = change->steps[i].dropped;
		if (dropped && dropped->indexes[0].space == table->indexes[0].space)
			return dropped;
	}
	return NULL;
}

static void remember_space(struct catalog_change *change, uint32_t space)
{
	change->spaces = memory_realloc(change->spaces, (change->space_count + 1) * sizeof *change->spaces);
	change->spaces[change->space_count++] = space;
}

/* Id, spaces and counters; the change remembers which spaces are new. */
static int prepare(struct catalog_change *change, struct table *table, struct diag *diag)
{
	bool *is_new = arena_array(&table->arena, bool, table->index_count);
	for (unsigned i = 0; i < table->index_count; i++)
		is_new[i] = table->indexes[i].space == 0;
	if (catalog_prepare_table(change->catalog, table, diag) != 0)
		return -1;
	for (unsigned i = 0; i < table->index_count; i++)
		if (is_new[i])
			remember_space(change, table->indexes[i].space);
	const struct table *old = find_predecessor(change, table);
	if (old)
		table_counters_adopt(table, old);
	return 0;
}

/* AUTO_INCREMENT=n of this DDL. */
static int write_counters(struct store_txn *txn, struct table *table, struct diag *diag)
{
	struct counters_record record;
	if (!table_counters_take_set(table->counters, &record))
		return 0;
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

static int write_table(struct catalog_change *change, struct store_txn *txn, struct table *table,
		       const struct names_key *key, struct diag *diag)
{
	if (check_name_is_free(change, table->database, table->name, diag) != 0 ||
	    prepare(change, table, diag) != 0 || write_counters(txn, table, diag) != 0)
		return -1;
	struct buf value;
	buf_init(&value);
	catalog_encode_table(table, &value);
	int status = write_record(txn, CATALOG_TABLE, key, &value, diag);
	buf_deinit(&value);
	return status;
}

int catalog_put_table(struct catalog_change *change, struct store_txn *txn, struct table *table, struct diag *diag)
{
	struct names_key key;
	assert(!table->temporary && table->index_count > 0 && table->types);
	if (set_names(&key, table->database, table->name, diag) != 0 ||
	    write_table(change, txn, table, &key, diag) != 0) {
		table_unref(&table);
		return -1;
	}
	add_step(change, CATALOG_TABLE, &key)->table = table;
	return 0;
}

int catalog_drop_table(struct catalog_change *change, struct store_txn *txn, const char *database, const char *name,
		       struct diag *diag)
{
	struct names_key key;
	struct table *table = find_table(change, database, name);
	if (table == NULL || !names_key_set(&key, database, name)) {
		char text[2 * name_size_max];
		snprintf(text, sizeof text, "%s.%s", database, name);
		return diag_set(diag, ER_BAD_TABLE_ERROR, text);
	}
	if (write_record(txn, CATALOG_TABLE, &key, NULL, diag) != 0) {
		table_unref(&table);
		return -1;
	}
	add_step(change, CATALOG_TABLE, &key)->dropped = table;
	return 0;
}

int catalog_put_view(struct catalog_change *change, struct store_txn *txn, struct view *view, struct diag *diag)
{
	struct names_key key;
	int status = set_names(&key, view->database, view->name, diag);
	if (status == 0)
		status = check_name_is_free(change, view->database, view->name, diag);
	if (status == 0) {
		struct buf value;
		buf_init(&value);
		catalog_encode_view(view, &value);
		status = write_record(txn, CATALOG_VIEW, &key, &value, diag);
		buf_deinit(&value);
	}
	if (status == 0)
		add_step(change, CATALOG_VIEW, &key)->view = view;
	else
		view_unref(&view);
	return status;
}

int catalog_drop_view(struct catalog_change *change, struct store_txn *txn, const char *database, const char *name,
		      struct diag *diag)
{
	struct names_key key;
	struct view *view = find_view(change, database, name);
	if (view == NULL || !names_key_set(&key, database, name)) {
		char text[2 * name_size_max];
		snprintf(text, sizeof text, "%s.%s", database, name);
		return diag_set(diag, ER_BAD_TABLE_ERROR, text);
	}
	view_unref(&view);
	if (write_record(txn, CATALOG_VIEW, &key, NULL, diag) != 0)
		return -1;
	add_step(change, CATALOG_VIEW, &key);
	return 0;
}

/* --------------------------------------------------------------------------------------------------- the end */

static void publish_step(struct catalog *catalog, struct step *step)
{
	struct bytes key = names_key_bytes(&step->names);
	if (step->kind == CATALOG_DATABASE) {
		database_destroy(step->database ? map_put(&catalog->databases, key, step->database)
						: map_remove(&catalog->databases, key));
		step->database = NULL;
	} else if (step->kind == CATALOG_TABLE) {
		struct table *old = step->table ? map_put(&catalog->tables, key, step->table)
						: map_remove(&catalog->tables, key);
		if (old)
			atomic_store(&old->is_replaced, true);
		if (step->table)
			atomic_store(&step->table->is_replaced, false);
		table_unref(&old);
	} else {
		struct view *old = step->view ? map_put(&catalog->views, key, step->view)
					      : map_remove(&catalog->views, key);
		view_unref(&old);
		step->view = NULL;
	}
}

/* Does a table that this change leaves behind use the space? */
static bool is_kept(struct catalog_change *change, uint32_t space)
{
	for (size_t i = 0; i < change->step_count; i++) {
		struct step *step = &change->steps[i];
		if (step->table == NULL || find_step(change, CATALOG_TABLE, &step->names) != step)
			continue;
		for (unsigned j = 0; j < step->table->index_count; j++)
			if (step->table->indexes[j].space == space)
				return true;
	}
	return false;
}

static void delete_counters(struct store_txn *txn, uint32_t space)
{
	struct diag diag = DIAG_INIT;
	struct buf key;
	buf_init(&key);
	catalog_put_counters_key(&key, space);
	enum store_outcome outcome = store_txn_delete(txn, buf_bytes(&key), &diag);
	if (outcome != STORE_OK && outcome != STORE_NOT_FOUND)
		log_diag(LOG_WARNING, "catalog", &diag);
	buf_deinit(&key);
}

/* What nobody uses any more is appended, and its counters are deleted. */
static void gather_dropped(struct catalog_change *change, struct store_txn *counters, struct buf *out_spaces)
{
	for (size_t i = 0; i < change->step_count; i++) {
		const struct table *dropped = change->steps[i].dropped;
		for (unsigned j = 0; dropped && j < dropped->index_count; j++) {
			uint32_t space = dropped->indexes[j].space;
			if (is_kept(change, space))
				continue;
			buf_put(out_spaces, &space, sizeof space);
			if (j == 0)
				delete_counters(counters, space);
		}
	}
}

static void remove_dropped(struct catalog_change *change)
{
	struct diag diag = DIAG_INIT;
	struct buf spaces = {0};
	struct store_txn *counters = store_txn_begin(change->catalog->store, 1000);
	gather_dropped(change, counters, &spaces);
	if (store_txn_has_writes(counters) && store_txn_commit(counters, false, &diag) != 0)
		log_diag(LOG_WARNING, "catalog", &diag);
	store_txn_end(&counters);
	catalog_drop_spaces(change->catalog, (const uint32_t *)spaces.data, spaces.size / sizeof(uint32_t));
	buf_deinit(&spaces);
}

void catalog_drop_spaces(struct catalog *catalog, const uint32_t *spaces, size_t count)
{
	struct diag diag = DIAG_INIT;
	if (count == 0)
		return;
	FAULT_STEP("catalog.drop_spaces");
	if (store_flush(catalog->store, &diag) != 0) {
		log_diag(LOG_WARNING, "catalog", &diag);
		return;
	}
	if (store_drop_spaces(catalog->store, spaces, count, &diag) != 0)
		log_diag(LOG_WARNING, "catalog", &diag);
	FAULT_STEP("catalog.spaces_dropped");
}

static void free_change(struct catalog_change **change)
{
	for (size_t i = 0; i < (*change)->step_count; i++) {
		struct step *step = &(*change)->steps[i];
		database_destroy(step->database);
		table_unref(&step->table);
		view_unref(&step->view);
		table_unref(&step->dropped);
	}
	memory_free((*change)->steps);
	memory_free((*change)->spaces);
	memory_free(*change);
	*change = NULL;
}

void catalog_change_publish(struct catalog_change **change)
{
	struct catalog *catalog = (*change)->catalog;
	bool tables_changed = false;
	FAULT_STEP("catalog.publish");
	lock_take(&catalog->lock);
	for (size_t i = 0; i < (*change)->step_count; i++) {
		struct step *step = &(*change)->steps[i];
		tables_changed |= step->kind == CATALOG_TABLE;
		if (step->table)
			table_ref(step->table); /* the cache's; is_kept still asks for ours */
		publish_step(catalog, step);
	}
	if (tables_changed)
		catalog_rebuild_children(catalog);
	lock_release(&catalog->lock);
	FAULT_STEP("catalog.published");
	remove_dropped(*change);
	free_change(change);
}

void catalog_change_abandon(struct catalog_change **change)
{
	if (*change == NULL)
		return;
	catalog_drop_spaces((*change)->catalog, (*change)->spaces, (*change)->space_count);
	free_change(change);
}
