#include "applier/write_set.h"

#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "type/key.h"

enum { capacity_kept = 16 * 1024 };

void write_set_init(struct write_set *set)
{
	*set = (struct write_set){0};
}

void write_set_deinit(struct write_set *set)
{
	memory_free(set->keys);
	buf_deinit(&set->scratch);
	write_set_init(set);
}

void write_set_clear(struct write_set *set)
{
	if (set->capacity > capacity_kept)
		write_set_deinit(set);
	set->count = 0;
}

/* ------------------------------------------------------------------------------------------------------ the table */

static uint64_t index_seed(const struct index *index)
{
	return bytes_hash(bytes_of(&index->space, sizeof index->space));
}

/* The same for the parent's columns as for those that refer to them. */
static uint64_t reference_seed(const char *database, const char *name, const char *const *columns, unsigned count)
{
	struct buf text = {0};
	buf_printf(&text, "%s/%s", database, name);
	for (unsigned i = 0; i < count; i++)
		buf_printf(&text, "/%s", columns[i]);
	uint64_t seed = bytes_hash(buf_bytes(&text));
	buf_deinit(&text);
	return seed;
}

static void describe_index(struct write_set_table *out, const struct index *index, struct arena *arena)
{
	struct write_set_key *key = &out->keys[out->key_count++];
	*key = (struct write_set_key){.seed = index_seed(index), .column_count = index->part_count};
	key->columns = arena_array(arena, unsigned, index->part_count);
	key->prefixes = arena_array(arena, uint32_t, index->part_count);
	for (unsigned i = 0; i < index->part_count; i++) {
		key->columns[i] = index->parts[i].column;
		key->prefixes[i] = index->parts[i].prefix_length;
	}
}

static void describe_parent(struct write_set_table *out, const struct foreign_key *foreign)
{
	out->keys[out->key_count++] = (struct write_set_key){
		.seed = reference_seed(foreign->parent_database, foreign->parent_table, foreign->parent_columns,
				       foreign->column_count),
		.columns = foreign->columns,
		.column_count = foreign->column_count,
		.is_shared = true,
	};
}

static bool points_at(const struct foreign_key *foreign, const struct table *table)
{
	return strcmp(foreign->parent_database, table->database) == 0 && strcmp(foreign->parent_table, table->name) == 0;
}

static bool is_passed_on(enum foreign_key_action action)
{
	return action != FK_RESTRICT && action != FK_NO_ACTION;
}

static void describe_child(struct write_set_table *out, const struct foreign_key *foreign, struct arena *arena)
{
	struct write_set_key key = {
		.seed = reference_seed(foreign->parent_database, foreign->parent_table, foreign->parent_columns,
				       foreign->column_count),
		.columns = arena_array(arena, unsigned, foreign->column_count),
		.column_count = foreign->column_count,
	};
	for (unsigned i = 0; i < foreign->column_count; i++) {
		int column = table_find_column(out->table, bytes_of_string(foreign->parent_columns[i]));
		if (column < 0)
			return; /* made while foreign_key_checks was off: it refers to nothing */
		key.columns[i] = (unsigned)column;
	}
	out->cascades |= is_passed_on(foreign->on_delete) || is_passed_on(foreign->on_update);
	out->keys[out->key_count++] = key;
}

static size_t count_keys(const struct table *table, struct table *const *children, size_t child_count)
{
	size_t count = table->index_count + table->foreign_key_count;
	for (size_t i = 0; i < child_count; i++)
		count += children[i]->foreign_key_count;
	return count;
}

static void mark_needed(struct write_set_table *out, struct arena *arena)
{
	out->needed = arena_array(arena, bool, out->table->column_count);
	for (unsigned i = 0; i < out->table->column_count; i++)
		out->needed[i] = out->hashes_rows;
	for (size_t i = 0; i < out->key_count; i++)
		for (unsigned j = 0; j < out->keys[i].column_count; j++)
			out->needed[out->keys[i].columns[j]] = true;
}

void write_set_describe(const struct table *table, struct table *const *children, size_t child_count,
			struct arena *arena, struct write_set_table *out)
{
	*out = (struct write_set_table){.table = table, .hashes_rows = !table->has_primary_key};
	out->keys = arena_array(arena, struct write_set_key, count_keys(table, children, child_count));
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].kind != INDEX_PLAIN && !table->indexes[i].hidden)
			describe_index(out, &table->indexes[i], arena);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		describe_parent(out, &table->foreign_keys[i]);
	for (size_t i = 0; i < child_count; i++)
		for (unsigned j = 0; j < children[i]->foreign_key_count; j++)
			if (points_at(&children[i]->foreign_keys[j], table))
				describe_child(out, &children[i]->foreign_keys[j], arena);
	mark_needed(out, arena);
}

/* -------------------------------------------------------------------------------------------------------- the rows */

static void add(struct write_set *set, uint64_t hash, bool is_shared)
{
	if (set->count == set->capacity) {
		set->capacity = set->capacity ? set->capacity * 2 : 64;
		set->keys = memory_realloc(set->keys, set->capacity * sizeof *set->keys);
	}
	set->keys[set->count++] = (struct schedule_key){hash, is_shared};
}

static void add_key(struct write_set *set, const struct write_set_table *table, const struct write_set_key *key,
		    const struct bytes *fields)
{
	buf_clear(&set->scratch);
	for (unsigned i = 0; i < key->column_count; i++) {
		unsigned column = key->columns[i];
		if (fields[column].data == NULL)
			return; /* a key with a NULL equals none */
		key_put_field(&table->table->columns[column].type, false, key->prefixes ? key->prefixes[i] : 0,
			      fields[column], &set->scratch);
	}
	add(set, key->seed ^ bytes_hash(buf_bytes(&set->scratch)), key->is_shared);
}

void write_set_add(struct write_set *set, const struct write_set_table *table, const struct bytes *fields,
		   struct bytes image)
{
	for (size_t i = 0; i < table->key_count; i++)
		add_key(set, table, &table->keys[i], fields);
	if (table->hashes_rows)
		add(set, table->table->id ^ bytes_hash(image), false);
}
