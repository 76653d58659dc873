#include "query/table/module.h"

#include <string.h>

#include "base/memory.h"
#include "query/sqlite_error.h"
#include "query/statement_cache.h"

enum { bucket_count = 64, modules_max = 256 };

struct module_set {
	struct table_module *buckets[bucket_count];
	unsigned count;
};

struct module_set *module_set_create(void)
{
	return memory_zalloc(sizeof(struct module_set));
}

/* By SQLite, when the module is replaced, dropped, or the database closed. */
static void destroy_module(void *argument)
{
	struct table_module *module = argument;
	if (module->key.table)
		table_unref(&module->key.table);
	memory_free(module->shapes);
	memory_free(module);
}

void module_set_destroy(struct module_set **modules)
{
	memory_free(*modules);
	*modules = NULL;
}

static struct table_module **place_of(struct module_set *modules, const char *name)
{
	struct table_module **place = &modules->buckets[bytes_hash(bytes_of_string(name)) % bucket_count];
	while (*place && strcmp((*place)->key.name, name) != 0)
		place = &(*place)->next;
	return place;
}

static void drop_module(struct evaluator_handle *handle, struct table_module **place)
{
	struct table_module *module = *place;
	statement_cache_drop_readers(handle->cache, module);
	*place = module->next;
	handle->modules->count--;
	/* The name goes with the module: it must outlive the call. */
	char name[sizeof module->key.name];
	memcpy(name, module->key.name, sizeof name);
	sqlite3_create_module_v2(handle->db, name, NULL, NULL, NULL);
}

static void drop_all(struct evaluator_handle *handle)
{
	for (unsigned i = 0; i < bucket_count; i++)
		while (handle->modules->buckets[i])
			drop_module(handle, &handle->modules->buckets[i]);
}

static struct row_field_shape *shapes_of(const struct table *table)
{
	struct row_field_shape *shapes = memory_alloc(sizeof *shapes * (table->column_count + 1));
	for (unsigned i = 0; i < table->column_count; i++)
		shapes[i] = row_field_shape(table->types[i]);
	return shapes;
}

static int make_module(struct evaluator_handle *handle, const struct module_key *key, struct table_module **out_module,
		       struct diag *diag)
{
	struct table_module *module = memory_zalloc(sizeof *module);
	module->handle = handle;
	module->key = *key;
	if (key->table) {
		table_ref(key->table);
		module->shapes = shapes_of(key->table);
	}
	const sqlite3_module *methods = key->table ? &table_module_methods : &virtual_module_methods;
	/* On failure SQLite has called destroy_module. */
	int status = sqlite3_create_module_v2(handle->db, key->name, methods, module, destroy_module);
	if (status != SQLITE_OK)
		return sqlite_error(handle, status, diag);
	struct table_module **place = place_of(handle->modules, key->name);
	module->next = *place;
	*place = module;
	handle->modules->count++;
	*out_module = module;
	return 0;
}

int module_require(struct evaluator_handle *handle, const struct module_key *key, struct table_module **out_module,
		   struct diag *diag)
{
	struct table_module **place = place_of(handle->modules, key->name);
	if (*place && (*place)->key.table == key->table && (*place)->key.virtual_table == key->virtual_table) {
		*out_module = *place;
		return 0;
	}
	if (*place)
		drop_module(handle, place);
	return make_module(handle, key, out_module, diag);
}

void module_set_bound(struct evaluator_handle *handle)
{
	if (handle->modules->count > modules_max)
		drop_all(handle);
}
