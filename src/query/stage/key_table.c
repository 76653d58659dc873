#include "query/stage/key_table.h"

#include <string.h>

#include "base/memory.h"

enum { slots_first = 16, slots_kept = 1024 };

void key_table_init(struct key_table *table)
{
	*table = (struct key_table){0};
	arena_init(&table->arena);
}

void key_table_deinit(struct key_table *table)
{
	memory_free(table->slots);
	memory_free(table->entries);
	arena_deinit(&table->arena);
}

void key_table_reset(struct key_table *table)
{
	if (table->slot_count > slots_kept) {
		key_table_deinit(table);
		key_table_init(table);
		return;
	}
	if (table->count)
		memset(table->slots, 0, table->slot_count * sizeof *table->slots);
	table->count = 0;
	arena_reset(&table->arena);
}

/* The key's place, or the free one where it belongs. */
static struct key_entry **place_of(const struct key_table *table, struct bytes key, uint64_t hash)
{
	size_t at = hash & (table->slot_count - 1);
	for (const struct key_entry *entry; (entry = table->slots[at]) != NULL;
	     at = (at + 1) & (table->slot_count - 1))
		if (entry->hash == hash && entry->key_size == key.size && memcmp(entry->key, key.data, key.size) == 0)
			break;
	return &table->slots[at];
}

static void grow(struct key_table *table)
{
	memory_free(table->slots);
	table->slot_count = table->slot_count ? table->slot_count * 2 : slots_first;
	table->slots = memory_zalloc(table->slot_count * sizeof *table->slots);
	for (size_t i = 0; i < table->count; i++) {
		size_t at = table->entries[i]->hash & (table->slot_count - 1);
		while (table->slots[at])
			at = (at + 1) & (table->slot_count - 1);
		table->slots[at] = table->entries[i];
	}
}

struct key_entry *key_table_find(const struct key_table *table, struct bytes key, uint64_t hash)
{
	return table->slot_count ? *place_of(table, key, hash) : NULL;
}

struct key_entry *key_table_add(struct key_table *table, struct bytes key, uint64_t hash, size_t payload_size)
{
	if (table->count * 2 >= table->slot_count)
		grow(table);
	if (table->count == table->capacity)
		table->entries =
			memory_grow(table->entries, sizeof(struct key_entry *), table->count + 1, &table->capacity);
	struct key_entry *entry = arena_alloc(&table->arena, sizeof *entry + payload_size + key.size);
	entry->hash = hash;
	entry->key_size = key.size;
	entry->key = entry->payload + payload_size;
	if (key.size)
		memcpy(entry->payload + payload_size, key.data, key.size);
	table->entries[table->count++] = entry;
	*place_of(table, key, hash) = entry;
	return entry;
}

size_t key_table_size(const struct key_table *table)
{
	return table->arena.total + table->slot_count * sizeof *table->slots +
	       table->capacity * sizeof *table->entries;
}
