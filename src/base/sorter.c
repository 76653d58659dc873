#include "base/sorter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/memory.h"

enum {
	runs_of_level_max = 64,
	run_buffer_size = 32 * 1024, /* read at once from a run, and written at once to one */
	memory_min = 64 * 1024,
};

/* In the buffer and in runs: two sizes, then the bytes of key and value. */
struct entry_head {
	uint32_t key_size, value_size;
};

/* An entry of the buffer. Entries that were added later lie behind. */
struct item {
	uint64_t prefix; /* the first bytes of the key behind those that all share, as a number */
	size_t at;
};

/* Sorted entries: in a file, or the buffer's items. */
struct run {
	int fd;          /* -1: the buffer */
	unsigned level;
	uint64_t size;   /* of the file */
	uint64_t offset; /* of what is not read yet: in the file, or in items */
	struct buf read; /* owned: what was read of it */
	size_t read_at;
	uint64_t prefix; /* of the entry it stands on */
	struct bytes key, value;
};

struct sorter {
	const char *directory;
	size_t memory_max, shared, size;
	struct buf entries;
	struct item *items; /* owned */
	size_t item_count, item_capacity;
	struct run *runs;   /* owned; in the order of what was added, levels falling */
	size_t run_count, run_capacity;
	struct run **heap;  /* owned, while reading: the smallest first */
	size_t heap_count;
	bool is_complete;   /* nothing is added any more */
	bool stands;        /* heap[0] is on an entry that was given out */
};

static FAULT_REGISTERED struct file_write_faults sort_faults = FILE_WRITE_FAULTS("sort");

static int file_failed(struct diag *diag)
{
	return diag_set(diag, ER_TEMP_FILE_WRITE_FAILURE);
}

/* ------------------------------------------------------------------------------------------------- order */

static uint64_t prefix_of(const struct sorter *sorter, struct bytes key)
{
	size_t left = key.size > sorter->shared ? key.size - sorter->shared : 0;
	if (left >= 8)
		return bytes_load_uint_be(key.data + sorter->shared, 8);
	return left ? bytes_load_uint_be(key.data + sorter->shared, left) << (64 - 8 * left) : 0;
}

static void show(const uint8_t *entry, struct bytes *key, struct bytes *value)
{
	struct entry_head head;
	memcpy(&head, entry, sizeof head);
	*key = bytes_of(entry + sizeof head, head.key_size);
	*value = bytes_of(entry + sizeof head + head.key_size, head.value_size);
}

static int compare_items(const void *a_place, const void *b_place, void *sorter_place)
{
	const struct item *a = a_place, *b = b_place;
	const struct sorter *sorter = sorter_place;
	struct bytes a_key, b_key, ignored;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	show(sorter->entries.data + a->at, &a_key, &ignored);
	show(sorter->entries.data + b->at, &b_key, &ignored);
	int order = bytes_compare(a_key, b_key);
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

static bool is_before(const struct run *a, const struct run *b)
{
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix;
	int order = bytes_compare(a->key, b->key);
	return order ? order < 0 : a < b; /* earlier runs hold what was added earlier */
}

/* ------------------------------------------------------------------------------------------------- reading runs */

/* At least `wanted` bytes of the file's rest in the run's buffer, from read_at on. */
static int read_more(struct run *run, size_t wanted, struct diag *diag)
{
	size_t kept = run->read.size - run->read_at;
	if (run->read_at)
		memmove(run->read.data, run->read.data + run->read_at, kept);
	run->read.size = kept;
	run->read_at = 0;
	while (run->read.size < wanted) {
		uint64_t left = run->size - run->offset;
		size_t size = wanted > run_buffer_size ? wanted - run->read.size : run_buffer_size;
		if (size > left)
			size = (size_t)left;
		ssize_t count = size ? pread(run->fd, buf_reserve(&run->read, size), size, (off_t)run->offset) : 0;
		if (count <= 0)
			return file_failed(diag);
		run->read.size += (size_t)count;
		run->offset += (uint64_t)count;
	}
	return 0;
}

static int next_of_file(const struct sorter *sorter, struct run *run, struct diag *diag)
{
	struct entry_head head;
	if (run->read_at == run->read.size && run->offset == run->size)
		return 0;
	if (run->read.size - run->read_at < sizeof head && read_more(run, sizeof head, diag) != 0)
		return -1;
	memcpy(&head, run->read.data + run->read_at, sizeof head);
	size_t size = sizeof head + head.key_size + head.value_size;
	if (run->read.size - run->read_at < size && read_more(run, size, diag) != 0)
		return -1;
	show(run->read.data + run->read_at, &run->key, &run->value);
	run->prefix = prefix_of(sorter, run->key);
	run->read_at += size;
	return 1;
}

/* 1: the run stands on its next entry; 0: it is at its end. */
static int run_next(const struct sorter *sorter, struct run *run, struct diag *diag)
{
	if (run->fd >= 0)
		return next_of_file(sorter, run, diag);
	if (run->offset == sorter->item_count)
		return 0;
	const struct item *item = &sorter->items[run->offset++];
	show(sorter->entries.data + item->at, &run->key, &run->value);
	run->prefix = item->prefix;
	return 1;
}

static void sink(struct run **heap, size_t count, size_t at)
{
	struct run *moved = heap[at];
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], moved))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

static int begin_merge(struct sorter *sorter, struct run *runs, size_t count, struct diag *diag)
{
	sorter->heap = memory_realloc(sorter->heap, (count + 1) * sizeof *sorter->heap);
	sorter->heap_count = 0;
	sorter->stands = false;
	for (size_t i = 0; i < count; i++) {
		int found = run_next(sorter, &runs[i], diag);
		if (found < 0)
			return -1;
		if (found)
			sorter->heap[sorter->heap_count++] = &runs[i];
	}
	for (size_t i = sorter->heap_count / 2; i-- > 0;)
		sink(sorter->heap, sorter->heap_count, i);
	return 0;
}

static int merge_next(struct sorter *sorter, struct bytes *out_key, struct bytes *out_value, struct diag *diag)
{
	if (sorter->stands) {
		int found = run_next(sorter, sorter->heap[0], diag);
		if (found < 0)
			return -1;
		if (!found)
			sorter->heap[0] = sorter->heap[--sorter->heap_count];
		if (sorter->heap_count)
			sink(sorter->heap, sorter->heap_count, 0);
	}
	sorter->stands = sorter->heap_count > 0;
	if (!sorter->stands)
		return 0;
	*out_key = sorter->heap[0]->key;
	*out_value = sorter->heap[0]->value;
	return 1;
}

/* ------------------------------------------------------------------------------------------------- writing runs */

static void close_run(struct run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	buf_deinit(&run->read);
}

static int append_to_run(struct run *run, struct buf *pending, struct diag *diag)
{
	if (file_write(run->fd, buf_bytes(pending), run->size, &sort_faults) < 0)
		return file_failed(diag);
	run->size += pending->size;
	buf_clear(pending);
	return 0;
}

static int write_entries(struct sorter *sorter, struct run *out, struct diag *diag)
{
	struct buf pending = {0};
	struct bytes key, value;
	int found;
	while ((found = merge_next(sorter, &key, &value, diag)) > 0) {
		struct entry_head head = {(uint32_t)key.size, (uint32_t)value.size};
		buf_put(&pending, &head, sizeof head);
		buf_put_bytes(&pending, key);
		buf_put_bytes(&pending, value);
		if (pending.size >= run_buffer_size && append_to_run(out, &pending, diag) != 0)
			found = -1;
		if (found < 0)
			break;
	}
	if (found == 0 && pending.size)
		found = append_to_run(out, &pending, diag);
	buf_deinit(&pending);
	return found;
}

static void push_run(struct sorter *sorter, struct run run)
{
	if (sorter->run_count == sorter->run_capacity) {
		sorter->run_capacity = sorter->run_capacity ? sorter->run_capacity * 2 : 16;
		sorter->runs = memory_realloc(sorter->runs, sorter->run_capacity * sizeof *sorter->runs);
	}
	sorter->runs[sorter->run_count++] = run;
}

/* The last `count` runs become one. */
static int merge_last(struct sorter *sorter, size_t count, unsigned level, struct diag *diag)
{
	struct run out = {.fd = file_open_unnamed(sorter->directory), .level = level};
	struct run *merged = &sorter->runs[sorter->run_count - count];
	if (out.fd < 0)
		return file_failed(diag);
	if (begin_merge(sorter, merged, count, diag) != 0 || write_entries(sorter, &out, diag) != 0) {
		close_run(&out);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		close_run(&merged[i]);
	sorter->run_count -= count;
	push_run(sorter, out);
	return 0;
}

static void sort_items(struct sorter *sorter)
{
	if (sorter->item_count)
		qsort_r(sorter->items, sorter->item_count, sizeof *sorter->items, compare_items, sorter);
	push_run(sorter, (struct run){.fd = -1});
}

static int spill(struct sorter *sorter, struct diag *diag)
{
	sort_items(sorter);
	if (merge_last(sorter, 1, 0, diag) != 0)
		return -1;
	sorter->entries.size = 0;
	sorter->item_count = 0;
	for (unsigned level = 0; sorter->run_count >= runs_of_level_max &&
				 sorter->runs[sorter->run_count - runs_of_level_max].level == level; level++)
		if (merge_last(sorter, runs_of_level_max, level + 1, diag) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------------------------------------- the contract */

struct sorter *sorter_create(const char *directory, size_t memory_max, size_t shared)
{
	struct sorter *sorter = memory_zalloc(sizeof *sorter);
	sorter->directory = directory;
	sorter->memory_max = memory_max < memory_min ? memory_min : memory_max;
	sorter->shared = shared;
	return sorter;
}

void sorter_destroy(struct sorter **place)
{
	struct sorter *sorter = *place;
	if (sorter == NULL)
		return;
	for (size_t i = 0; i < sorter->run_count; i++)
		close_run(&sorter->runs[i]);
	buf_deinit(&sorter->entries);
	memory_free(sorter->items);
	memory_free(sorter->runs);
	memory_free(sorter->heap);
	memory_free(sorter);
	*place = NULL;
}

int sorter_add(struct sorter *sorter, struct bytes key, struct bytes value, struct diag *diag)
{
	struct entry_head head = {(uint32_t)key.size, (uint32_t)value.size};
	size_t size = sizeof head + key.size + value.size + sizeof(struct item);
	size_t used = sorter->entries.size + sorter->item_count * sizeof(struct item);
	assert(!sorter->is_complete);
	if (sorter->item_count && used + size > sorter->memory_max && spill(sorter, diag) != 0)
		return -1;
	if (sorter->item_count == sorter->item_capacity) {
		sorter->item_capacity = sorter->item_capacity ? sorter->item_capacity * 2 : 256;
		sorter->items = memory_realloc(sorter->items, sorter->item_capacity * sizeof *sorter->items);
	}
	sorter->items[sorter->item_count++] = (struct item){prefix_of(sorter, key), sorter->entries.size};
	buf_put(&sorter->entries, &head, sizeof head);
	buf_put_bytes(&sorter->entries, key);
	buf_put_bytes(&sorter->entries, value);
	sorter->size += key.size + value.size;
	return 0;
}

int sorter_begin_reading(struct sorter *sorter, struct diag *diag)
{
	if (!sorter->is_complete)
		sort_items(sorter);
	sorter->is_complete = true;
	for (size_t i = 0; i < sorter->run_count; i++) {
		struct run *run = &sorter->runs[i];
		run->offset = run->read_at = run->read.size = 0;
	}
	return begin_merge(sorter, sorter->runs, sorter->run_count, diag);
}

int sorter_next(struct sorter *sorter, struct bytes *out_key, struct bytes *out_value, struct diag *diag)
{
	return merge_next(sorter, out_key, out_value, diag);
}

size_t sorter_size(const struct sorter *sorter)
{
	return sorter->size;
}
