#include "store/ordered.h"

#include <assert.h>

#include "base/memory.h"
#include "store/key_head.h"

void ordered_init(struct ordered *set, ordered_key_of *key_of, const void *context, size_t prefix_from)
{
	*set = (struct ordered){.key_of = key_of, .context = context, .prefix_from = prefix_from};
}

void ordered_deinit(struct ordered *set)
{
	for (size_t i = 0; i < set->chunk_count; i++)
		memory_free(set->chunks[i]);
	memory_free(set->chunks);
	set->chunks = NULL;
	set->chunk_count = set->chunk_capacity = set->count = 0;
}

static bool is_before(const struct ordered *set, const struct ordered_item *item, uint64_t prefix, struct bytes key)
{
	if (item->prefix != prefix)
		return item->prefix < prefix;
	return bytes_compare(set->key_of(set->context, item->number), key) < 0;
}

/* The first item that is not before the key: in the chunk whose first item is the last to be before it, or behind that. */
static struct ordered_place lower_bound(const struct ordered *set, struct bytes key)
{
	uint64_t prefix = key_head(key, set->prefix_from);
	size_t low = 0, high = set->chunk_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (is_before(set, &set->chunks[middle]->items[0], prefix, key))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return (struct ordered_place){0, 0};
	const struct ordered_chunk *chunk = set->chunks[low - 1];
	unsigned from = 1, to = chunk->count;
	while (from < to) {
		unsigned middle = (from + to) / 2;
		if (is_before(set, &chunk->items[middle], prefix, key))
			from = middle + 1;
		else
			to = middle;
	}
	return (struct ordered_place){low - 1, from};
}

bool ordered_seek(const struct ordered *set, struct bytes key, struct ordered_place *out)
{
	struct ordered_place place = lower_bound(set, key);
	if (place.chunk < set->chunk_count && place.index == set->chunks[place.chunk]->count)
		place = (struct ordered_place){place.chunk + 1, 0};
	if (place.chunk == set->chunk_count)
		return false;
	*out = place;
	return true;
}

bool ordered_seek_below(const struct ordered *set, struct bytes key, struct ordered_place *out)
{
	struct ordered_place place = lower_bound(set, key);
	return place.index || place.chunk ? (*out = place, ordered_previous(set, out)) : false;
}

bool ordered_seek_last(const struct ordered *set, struct ordered_place *out)
{
	if (set->chunk_count == 0)
		return false;
	*out = (struct ordered_place){set->chunk_count - 1, set->chunks[set->chunk_count - 1]->count - 1};
	return true;
}

bool ordered_next(const struct ordered *set, struct ordered_place *place)
{
	if (place->index + 1 < set->chunks[place->chunk]->count) {
		place->index++;
		return true;
	}
	if (place->chunk + 1 == set->chunk_count)
		return false;
	*place = (struct ordered_place){place->chunk + 1, 0};
	return true;
}

bool ordered_previous(const struct ordered *set, struct ordered_place *place)
{
	if (place->index > 0) {
		place->index--;
		return true;
	}
	if (place->chunk == 0)
		return false;
	*place = (struct ordered_place){place->chunk - 1, set->chunks[place->chunk - 1]->count - 1};
	return true;
}

static struct ordered_chunk *add_chunk(struct ordered *set, size_t at)
{
	if (set->chunk_count == set->chunk_capacity)
		set->chunks =
			memory_grow(set->chunks, sizeof *set->chunks, set->chunk_count + 1, &set->chunk_capacity);
	memmove(set->chunks + at + 1, set->chunks + at, (set->chunk_count - at) * sizeof *set->chunks);
	set->chunks[at] = memory_alloc(sizeof **set->chunks);
	set->chunks[at]->count = 0;
	set->chunk_count++;
	return set->chunks[at];
}

/* A full chunk gives half of itself to a new one; at the end of the set nothing, for keys that come in order. */
static struct ordered_place make_room(struct ordered *set, struct ordered_place place)
{
	struct ordered_chunk *chunk = set->chunks[place.chunk];
	if (chunk->count < ordered_chunk_max)
		return place;
	bool is_end = place.chunk + 1 == set->chunk_count && place.index == chunk->count;
	unsigned kept = is_end ? chunk->count : chunk->count / 2;
	struct ordered_chunk *next = add_chunk(set, place.chunk + 1);
	next->count = chunk->count - kept;
	memcpy(next->items, chunk->items + kept, next->count * sizeof *next->items);
	chunk->count = kept;
	return place.index <= kept && !is_end ? place : (struct ordered_place){place.chunk + 1, place.index - kept};
}

void ordered_put(struct ordered *set, uint64_t number)
{
	struct bytes key = set->key_of(set->context, number);
	struct ordered_item item = {key_head(key, set->prefix_from), number};
	struct ordered_place place;
	set->version++;
	if (ordered_seek(set, key, &place)) {
		struct ordered_item *there = &set->chunks[place.chunk]->items[place.index];
		if (there->prefix == item.prefix && bytes_equal(set->key_of(set->context, there->number), key)) {
			*there = item;
			return;
		}
	}
	place = lower_bound(set, key);
	if (set->chunk_count == 0)
		add_chunk(set, 0);
	place = make_room(set, place);
	struct ordered_chunk *chunk = set->chunks[place.chunk];
	memmove(chunk->items + place.index + 1, chunk->items + place.index,
		(chunk->count - place.index) * sizeof *chunk->items);
	chunk->items[place.index] = item;
	chunk->count++;
	set->count++;
}

void ordered_remove(struct ordered *set, struct ordered_place place)
{
	struct ordered_chunk *chunk = set->chunks[place.chunk];
	assert(place.index < chunk->count);
	set->version++;
	set->count--;
	chunk->count--;
	memmove(chunk->items + place.index, chunk->items + place.index + 1,
		(chunk->count - place.index) * sizeof *chunk->items);
	if (chunk->count)
		return;
	memory_free(chunk);
	set->chunk_count--;
	memmove(set->chunks + place.chunk, set->chunks + place.chunk + 1,
		(set->chunk_count - place.chunk) * sizeof *set->chunks);
}
