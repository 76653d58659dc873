/*
 * A hash map from byte strings to pointers. Keys are copied, values are borrowed. Not thread safe: its
 * owner guards it.
 */
#pragma once

#include "base/bytes.h"

struct map_entry;

struct map {
	struct map_entry **buckets;
	size_t bucket_count; /* 0 or a power of two */
	size_t count;
};

void map_init(struct map *map);
void map_deinit(struct map *map); /* values are not touched */
void *map_find(const struct map *map, struct bytes key); /* or NULL */
void *map_put(struct map *map, struct bytes key, void *value); /* the value that was there, or NULL */
void *map_remove(struct map *map, struct bytes key);           /* the value that was there, or NULL */

/* Walk in no order: start with cursor 0, until it answers false. The map must not change meanwhile. */
struct map_walk {
	size_t bucket;
	const struct map_entry *entry;
};
bool map_next(const struct map *map, struct map_walk *walk, struct bytes *out_key, void **out_value);

uint64_t bytes_hash(struct bytes bytes); /* not for hostile keys across a trust border, not stable on disk */
