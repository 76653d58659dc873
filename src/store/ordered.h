/*
 * An ordered set of numbers that stand for byte strings: the owner says which key a number has. Two levels of arrays, so
 * that neighbours are neighbours in memory and a set of a million moves few bytes for a new one.
 *
 *   chunk: up to ordered_chunk_max items, ascending; the chunks ascending
 *   item:  its key's first eight bytes behind `prefix_from` (most comparisons need no more), and the number
 *
 * Not thread safe: its owner guards it. A place is good until the set changes, which `version` tells.
 */
#pragma once

#include "base/buf.h"

enum { ordered_chunk_max = 256 };

struct ordered_item {
	uint64_t prefix;
	uint64_t number;
};

struct ordered_chunk {
	unsigned count; /* at least 1 */
	struct ordered_item items[ordered_chunk_max];
};

typedef struct bytes ordered_key_of(const void *context, uint64_t number);

struct ordered {
	ordered_key_of *key_of; /* borrowed result, until the next call */
	const void *context;
	size_t prefix_from;	       /* what all keys begin with is left out of the prefixes */
	struct ordered_chunk **chunks; /* owned */
	size_t chunk_count;
	size_t chunk_capacity;
	size_t count;
	uint64_t version; /* rises with each change */
};

struct ordered_place {
	size_t chunk;
	unsigned index;
};

void ordered_init(struct ordered *set, ordered_key_of *key_of, const void *context, size_t prefix_from);
void ordered_deinit(struct ordered *set);
/* In the place of the number with the same key, if there is one. */
void ordered_put(struct ordered *set, uint64_t number);
void ordered_remove(struct ordered *set, struct ordered_place place);
/* The first at or after the key, the last before it. False: there is none. */
bool ordered_seek(const struct ordered *set, struct bytes key, struct ordered_place *out);
bool ordered_seek_below(const struct ordered *set, struct bytes key, struct ordered_place *out);
bool ordered_seek_last(const struct ordered *set, struct ordered_place *out);
bool ordered_next(const struct ordered *set, struct ordered_place *place);     /* false: the place is as it was */
bool ordered_previous(const struct ordered *set, struct ordered_place *place); /* the same */

static inline uint64_t ordered_at(const struct ordered *set, struct ordered_place place)
{
	return set->chunks[place.chunk]->items[place.index].number;
}
