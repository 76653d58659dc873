#include "base/map.h"

#include "base/memory.h"

struct map_entry {
	struct map_entry *next;
	uint64_t hash;
	void *value;
	size_t key_size;
	uint8_t key[];
};

uint64_t bytes_hash(struct bytes bytes)
{
	uint64_t hash = 0xcbf29ce484222325u ^ bytes.size;
	size_t i = 0;
	for (; i + 8 <= bytes.size; i += 8) {
		uint64_t word;
		memcpy(&word, bytes.data + i, 8);
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	for (; i < bytes.size; i++)
		hash = (hash ^ bytes.data[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	hash *= 0xd6e8feb86659fd93u;
	return hash ^ hash >> 32;
}

void map_init(struct map *map)
{
	*map = (struct map){0};
}

void map_deinit(struct map *map)
{
	for (size_t i = 0; i < map->bucket_count; i++) {
		struct map_entry *entry = map->buckets[i];
		while (entry) {
			struct map_entry *next = entry->next;
			memory_free(entry);
			entry = next;
		}
	}
	memory_free(map->buckets);
	*map = (struct map){0};
}

/* The link that holds the key's entry, or the empty link at its bucket's end. */
static struct map_entry **find_link(const struct map *map, struct bytes key, uint64_t hash)
{
	struct map_entry **link = &map->buckets[hash & (map->bucket_count - 1)];
	while (*link && ((*link)->hash != hash || !bytes_equal(key, bytes_of((*link)->key, (*link)->key_size))))
		link = &(*link)->next;
	return link;
}

void *map_find(const struct map *map, struct bytes key)
{
	if (map->count == 0)
		return NULL;
	struct map_entry *entry = *find_link(map, key, bytes_hash(key));
	return entry ? entry->value : NULL;
}

static void grow(struct map *map)
{
	size_t count = map->bucket_count ? map->bucket_count * 2 : 16;
	struct map_entry **buckets = memory_zalloc(count * sizeof(struct map_entry *));
	for (size_t i = 0; i < map->bucket_count; i++) {
		struct map_entry *entry = map->buckets[i];
		while (entry) {
			struct map_entry *next = entry->next;
			entry->next = buckets[entry->hash & (count - 1)];
			buckets[entry->hash & (count - 1)] = entry;
			entry = next;
		}
	}
	memory_free(map->buckets);
	map->buckets = buckets;
	map->bucket_count = count;
}

void *map_put(struct map *map, struct bytes key, void *value)
{
	if (map->count >= map->bucket_count)
		grow(map);
	uint64_t hash = bytes_hash(key);
	struct map_entry **link = find_link(map, key, hash);
	if (*link) {
		void *old = (*link)->value;
		(*link)->value = value;
		return old;
	}
	struct map_entry *entry = memory_alloc(sizeof *entry + key.size);
	*entry = (struct map_entry){.hash = hash, .value = value, .key_size = key.size};
	if (key.size)
		memcpy(entry->key, key.data, key.size);
	*link = entry;
	map->count++;
	return NULL;
}

void *map_remove(struct map *map, struct bytes key)
{
	if (map->count == 0)
		return NULL;
	struct map_entry **link = find_link(map, key, bytes_hash(key));
	struct map_entry *entry = *link;
	if (entry == NULL)
		return NULL;
	void *value = entry->value;
	*link = entry->next;
	memory_free(entry);
	map->count--;
	return value;
}

bool map_next(const struct map *map, struct map_walk *walk, struct bytes *out_key, void **out_value)
{
	const struct map_entry *entry = walk->entry ? walk->entry->next : NULL;
	while (entry == NULL && walk->bucket < map->bucket_count)
		entry = map->buckets[walk->bucket++];
	if (entry == NULL)
		return false;
	walk->entry = entry;
	*out_key = bytes_of(entry->key, entry->key_size);
	*out_value = entry->value;
	return true;
}
