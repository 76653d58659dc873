/* Runs, merged as they are read. Runs are only looked at: several threads may read them at once, a reader each. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/sorter_internal.h"

/* A run on the way to its end. */
struct place {
	const struct sorter *sorter;
	const struct sorter_run *run;
	uint64_t offset; /* of what is not read yet: in the file, or in items */
	struct buf read; /* owned: what was read of the file */
	size_t read_at;
	uint64_t prefix; /* of the entry it stands on */
	struct bytes key, value;
};

struct sorter_reader {
	struct place *places; /* owned; in the order of what was added */
	size_t count;
	struct place **heap; /* owned: the smallest first */
	size_t heap_count;
	size_t shared;	  /* bytes that all keys begin with */
	bool stands;	  /* heap[0] is on an entry that was given out */
	struct bytes end; /* borrowed; no data: to the last */
};

/* ------------------------------------------------------------------ a run */

static int file_failed(struct diag *diag)
{
	return diag_set(diag, ER_TEMP_FILE_WRITE_FAILURE);
}

/* At least `wanted` bytes of the file's rest in the place's buffer, from read_at on. */
static int read_more(struct place *place, size_t wanted, struct diag *diag)
{
	size_t kept = place->read.size - place->read_at;
	if (place->read_at)
		memmove(place->read.data, place->read.data + place->read_at, kept);
	place->read.size = kept;
	place->read_at = 0;
	while (place->read.size < wanted) {
		uint64_t left = place->run->size - place->offset;
		size_t size = wanted > sorter_block_size ? wanted - place->read.size : sorter_block_size;
		if (size > left)
			size = (size_t)left;
		ssize_t count =
			size ? pread(place->run->fd, buf_reserve(&place->read, size), size, (off_t)place->offset) : 0;
		if (count <= 0)
			return file_failed(diag);
		place->read.size += (size_t)count;
		place->offset += (uint64_t)count;
	}
	return 0;
}

static int next_of_file(struct place *place, struct diag *diag)
{
	struct sorter_head head;
	if (place->read_at == place->read.size && place->offset == place->run->size)
		return 0;
	if (place->read.size - place->read_at < sizeof head && read_more(place, sizeof head, diag) != 0)
		return -1;
	memcpy(&head, place->read.data + place->read_at, sizeof head);
	size_t size = sizeof head + head.key_size + head.value_size;
	if (place->read.size - place->read_at < size && read_more(place, size, diag) != 0)
		return -1;
	sorter_show(place->read.data + place->read_at, &place->key, &place->value);
	place->read_at += size;
	return 1;
}

/* 1: it stands on its next entry; 0: it is at its end. */
static int place_next(struct place *place, size_t shared, struct diag *diag)
{
	int found = 1;
	if (place->run->fd >= 0)
		found = next_of_file(place, diag);
	else if (place->offset == place->run->size)
		found = 0;
	else
		sorter_show(place->sorter->entries.data + place->sorter->items[place->offset++].at, &place->key,
			    &place->value);
	if (found > 0)
		place->prefix = sorter_prefix(place->key, shared);
	return found;
}

/* The first item at or after the key. */
static size_t find_item(const struct sorter *sorter, struct bytes from)
{
	size_t low = 0, high = sorter->item_count;
	struct bytes key, value;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		sorter_show(sorter->entries.data + sorter->items[middle].at, &key, &value);
		if (bytes_compare(key, from) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the last sample before the key is: no entry at or after it lies before that. */
static uint64_t find_sample(const struct sorter_run *run, struct bytes from)
{
	size_t low = 0, high = run->sample_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (bytes_compare(run->samples[middle].key, from) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? run->samples[low - 1].offset : 0;
}

/* place_next, from the first entry at or after the key on. */
static int place_seek(struct place *place, struct bytes from, size_t shared, struct diag *diag)
{
	int found;
	place->read.size = place->read_at = 0;
	place->offset = 0;
	if (from.data)
		place->offset = place->run->fd < 0 ? find_item(place->sorter, from) : find_sample(place->run, from);
	do
		found = place_next(place, shared, diag);
	while (found > 0 && from.data && bytes_compare(place->key, from) < 0);
	return found;
}

/* ------------------------------------------------------------------ all of them */

static bool is_before(const struct place *a, const struct place *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	int order = bytes_compare(a->key, b->key);
	return order ? order < 0 : a < b; /* earlier runs hold what was added earlier */
}

static void sink(struct place **heap, size_t count, size_t at)
{
	struct place *moved = heap[at];
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], moved))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

static struct sorter_reader *create(size_t count)
{
	struct sorter_reader *reader = memory_zalloc(sizeof *reader);
	reader->places = memory_zalloc(count * sizeof *reader->places);
	reader->heap = memory_alloc(count * sizeof(struct place *));
	return reader;
}

static void add_runs(struct sorter_reader *reader, const struct sorter *sorter, const struct sorter_run *runs,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		reader->places[reader->count++] = (struct place){.sorter = sorter, .run = &runs[i]};
}

struct sorter_reader *sorter_reader_of_runs(const struct sorter *sorter, const struct sorter_run *runs, size_t count)
{
	struct sorter_reader *reader = create(count);
	reader->shared = sorter->shared;
	add_runs(reader, sorter, runs, count);
	return reader;
}

/* Of those that have any. */
static size_t find_shared(struct sorter *const *sorters, size_t count)
{
	const struct sorter *one = NULL;
	size_t shared = 0;
	for (size_t i = 0; i < count; i++) {
		if (sorters[i]->size == 0)
			continue;
		size_t common = one ? sorter_common(buf_bytes(&one->first), buf_bytes(&sorters[i]->first))
				    : sorters[i]->shared;
		shared = one && shared < common ? shared : common;
		if (sorters[i]->shared < shared)
			shared = sorters[i]->shared;
		one = sorters[i];
	}
	return shared;
}

struct sorter_reader *sorter_reader_create(struct sorter *const *sorters, size_t count)
{
	size_t runs = 0;
	for (size_t i = 0; i < count; i++)
		runs += sorters[i]->run_count;
	struct sorter_reader *reader = create(runs);
	reader->shared = find_shared(sorters, count);
	for (size_t i = 0; i < count; i++)
		add_runs(reader, sorters[i], sorters[i]->runs, sorters[i]->run_count);
	return reader;
}

void sorter_reader_destroy(struct sorter_reader **place)
{
	struct sorter_reader *reader = *place;
	*place = NULL;
	if (reader == NULL)
		return;
	for (size_t i = 0; i < reader->count; i++)
		buf_deinit(&reader->places[i].read);
	memory_free(reader->places);
	memory_free(reader->heap);
	memory_free(reader);
}

int sorter_reader_seek(struct sorter_reader *reader, struct bytes from, struct bytes end, struct diag *diag)
{
	reader->heap_count = 0;
	reader->stands = false;
	reader->end = end;
	for (size_t i = 0; i < reader->count; i++) {
		int found = place_seek(&reader->places[i], from, reader->shared, diag);
		if (found < 0)
			return -1;
		if (found)
			reader->heap[reader->heap_count++] = &reader->places[i];
	}
	for (size_t i = reader->heap_count / 2; i-- > 0;)
		sink(reader->heap, reader->heap_count, i);
	return 0;
}

int sorter_reader_next(struct sorter_reader *reader, struct bytes *out_key, struct bytes *out_value,
		       struct diag *diag)
{
	struct place **heap = reader->heap;
	if (reader->stands) {
		int found = place_next(heap[0], reader->shared, diag);
		if (found < 0)
			return -1;
		if (!found)
			heap[0] = heap[--reader->heap_count];
		if (reader->heap_count)
			sink(heap, reader->heap_count, 0);
	}
	reader->stands =
		reader->heap_count > 0 && (reader->end.data == NULL || bytes_compare(heap[0]->key, reader->end) < 0);
	if (!reader->stands)
		return 0;
	*out_key = heap[0]->key;
	*out_value = heap[0]->value;
	return 1;
}
