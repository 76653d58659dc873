#include <assert.h>

#include "base/memory.h"
#include "catalog/catalog_internal.h"

struct table *table_create(void)
{
	struct table *table = memory_zalloc(sizeof *table);
	atomic_init(&table->references, 1);
	table->auto_increment_column = -1;
	arena_init(&table->arena);
	table->counters = table_counters_create();
	return table;
}

struct table *table_ref(struct table *table)
{
	unsigned before = atomic_fetch_add_explicit(&table->references, 1, memory_order_relaxed);
	assert(before > 0);
	(void)before;
	return table;
}

void table_unref(struct table **table)
{
	struct table *it = *table;
	*table = NULL;
	if (it == NULL || atomic_fetch_sub_explicit(&it->references, 1, memory_order_acq_rel) != 1)
		return;
	table_counters_unref(&it->counters);
	for (unsigned i = 0; i < table_map_levels; i++)
		memory_free(atomic_load(&it->maps[i]));
	arena_deinit(&it->arena);
	memory_free(it);
}

/* ---------------------------------------------------------------------------------------------- normal form */

static void finish_columns(struct table *table)
{
	table->types = arena_array(&table->arena, const struct column_type *, table->column_count);
	table->auto_increment_column = -1;
	for (unsigned i = 0; i < table->column_count; i++) {
		struct column *column = &table->columns[i];
		column->position = i;
		if (column->comment == NULL)
			column->comment = "";
		if (column->auto_increment)
			table->auto_increment_column = (int)i;
		table->types[i] = &column->type;
	}
}

static unsigned index_rank(const struct table *table, const struct index *index)
{
	if (index->kind == INDEX_PRIMARY)
		return 0;
	if (index->hidden)
		return 4;
	if (index->kind == INDEX_PLAIN)
		return 3;
	for (unsigned i = 0; i < index->part_count; i++)
		if (table->columns[index->parts[i].column].nullable)
			return 2;
	return 1;
}

static struct index hidden_index(const char *name, enum index_kind kind, const struct index *old)
{
	struct index index = {.name = name, .kind = kind, .comment = "", .hidden = true};
	if (old)
		index.space = old->space;
	return index;
}

static const struct index *find_kind(const struct table *table, bool hidden, enum index_kind kind)
{
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].hidden == hidden && table->indexes[i].kind == kind)
			return &table->indexes[i];
	return NULL;
}

/* Copies the indexes of one rank behind those already there. */
static void append_rank(struct table *table, unsigned rank, struct index *out, unsigned *count)
{
	for (unsigned i = 0; i < table->index_count; i++)
		if (!table->indexes[i].hidden && index_rank(table, &table->indexes[i]) == rank)
			out[(*count)++] = table->indexes[i];
}

static void finish_indexes(struct table *table)
{
	struct index *indexes = arena_array(&table->arena, struct index, table->index_count + 2);
	unsigned count = 0;
	if (!table->has_primary_key)
		indexes[count++] = hidden_index("GEN_CLUST_INDEX", INDEX_PRIMARY,
						find_kind(table, true, INDEX_PRIMARY));
	for (unsigned rank = 0; rank < 4; rank++)
		append_rank(table, rank, indexes, &count);
	if (!table->has_primary_key)
		indexes[count++] = hidden_index("GEN_HASH_INDEX", INDEX_PLAIN, find_kind(table, true, INDEX_PLAIN));
	for (unsigned i = 0; i < count; i++)
		if (indexes[i].comment == NULL)
			indexes[i].comment = "";
	table->indexes = indexes;
	table->index_count = count;
}

void table_finish(struct table *table)
{
	finish_columns(table);
	const struct index *primary = find_kind(table, false, INDEX_PRIMARY);
	table->has_primary_key = primary != NULL;
	for (unsigned i = 0; primary && i < primary->part_count; i++)
		table->columns[primary->parts[i].column].nullable = false;
	finish_indexes(table);
	if (table->comment == NULL)
		table->comment = "";
	if (table->engine == NULL)
		table->engine = "InnoDB";
	if (table->options == NULL)
		table->options = "";
}

/* ------------------------------------------------------------------------------------------------- searching */

int table_find_column(const struct table *table, struct bytes name)
{
	for (unsigned i = 0; i < table->column_count; i++)
		if (collation_compare(collation_utf8mb3_general, bytes_of_string(table->columns[i].name), name) == 0)
			return (int)i;
	return -1;
}

static const struct index *find_named(const struct index *indexes, unsigned count, struct bytes name)
{
	for (unsigned i = 0; i < count; i++)
		if (!indexes[i].hidden &&
		    collation_compare(collation_utf8mb3_general, bytes_of_string(indexes[i].name), name) == 0)
			return &indexes[i];
	return NULL;
}

const struct index *table_find_index(const struct table *table, struct bytes name)
{
	const struct index *index = find_named(table->indexes, table->index_count, name);
	return index ? index : find_named(table->fulltext_keys, table->fulltext_count, name);
}

/* ----------------------------------------------------------------------------------------------------- views */

struct view *view_create(void)
{
	struct view *view = memory_zalloc(sizeof *view);
	atomic_init(&view->references, 1);
	arena_init(&view->arena);
	return view;
}

struct view *view_ref(struct view *view)
{
	atomic_fetch_add_explicit(&view->references, 1, memory_order_relaxed);
	return view;
}

void view_unref(struct view **view)
{
	struct view *it = *view;
	*view = NULL;
	if (it == NULL || atomic_fetch_sub_explicit(&it->references, 1, memory_order_acq_rel) != 1)
		return;
	arena_deinit(&it->arena);
	memory_free(it);
}
