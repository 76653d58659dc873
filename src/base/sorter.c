#include "base/sorter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/sorter_internal.h"

enum {
	runs_of_level_max = 128,
	samples_max = 64,	    /* of a run, */
	sample_distance_min = 4096, /* so far from each other at least */
	memory_min = 64 * 1024,
};

static FAULT_REGISTERED struct file_write_faults sort_faults = FILE_WRITE_FAULTS("sort");

static int file_failed(struct diag *diag)
{
	return diag_set(diag, ER_TEMP_FILE_WRITE_FAILURE);
}

/* ------------------------------------------------------------------------------------------------- order */

size_t sorter_common(struct bytes a, struct bytes b)
{
	size_t size = a.size < b.size ? a.size : b.size, common = 0;
	while (common < size && a.data[common] == b.data[common])
		common++;
	return common;
}

static int compare_items(const void *a_place, const void *b_place, void *sorter_place)
{
	const struct sorter_item *a = a_place, *b = b_place;
	const struct sorter *sorter = sorter_place;
	struct bytes a_key, b_key, ignored;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	sorter_show(sorter->entries.data + a->at, &a_key, &ignored);
	sorter_show(sorter->entries.data + b->at, &b_key, &ignored);
	int order = bytes_compare(a_key, b_key);
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

static void push_run(struct sorter *sorter, struct sorter_run run)
{
	if (sorter->run_count == sorter->run_capacity) {
		sorter->run_capacity = sorter->run_capacity ? sorter->run_capacity * 2 : 16;
		sorter->runs = memory_realloc(sorter->runs, sorter->run_capacity * sizeof *sorter->runs);
	}
	sorter->runs[sorter->run_count++] = run;
}

static void sort_items(struct sorter *sorter)
{
	struct bytes key, value;
	for (size_t i = 0; i < sorter->item_count; i++) {
		sorter_show(sorter->entries.data + sorter->items[i].at, &key, &value);
		sorter->items[i].prefix = sorter_prefix(key, sorter->shared);
	}
	if (sorter->item_count)
		qsort_r(sorter->items, sorter->item_count, sizeof *sorter->items, compare_items, sorter);
	push_run(sorter, (struct sorter_run){.fd = -1, .size = sorter->item_count});
}

/* ------------------------------------------------------------------------------------------------- samples */

static void drop_sample(struct sorter_sample *sample)
{
	memory_free((void *)sample->key.data);
}

static void thin_out(struct sorter_run *run)
{
	size_t kept = 0;
	for (size_t i = 0; i < run->sample_count; i++) {
		if (i % 2)
			drop_sample(&run->samples[i]);
		else
			run->samples[kept++] = run->samples[i];
	}
	run->sample_count = kept;
}

/* Behind the last one by `distance`, which doubles as often as there would be too many. */
static void take_sample(struct sorter_run *run, struct bytes key, uint64_t offset, uint64_t *distance)
{
	if (run->sample_count && offset - run->samples[run->sample_count - 1].offset < *distance)
		return;
	if (run->samples == NULL)
		run->samples = memory_alloc(samples_max * sizeof *run->samples);
	if (run->sample_count == samples_max) {
		thin_out(run);
		*distance *= 2;
	}
	struct bytes copy = bytes_of(memory_copy(key.data, key.size), key.size);
	run->samples[run->sample_count++] = (struct sorter_sample){offset, copy};
}

/* ------------------------------------------------------------------------------------------------- writing runs */

static void close_run(struct sorter_run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	for (size_t i = 0; i < run->sample_count; i++)
		drop_sample(&run->samples[i]);
	memory_free(run->samples);
}

static int append_to_run(struct sorter_run *run, struct buf *pending, struct diag *diag)
{
	if (file_write(run->fd, buf_bytes(pending), run->size, &sort_faults) < 0)
		return file_failed(diag);
	run->size += pending->size;
	buf_clear(pending);
	return 0;
}

static int write_entries(struct sorter_reader *entries, struct sorter_run *out, struct diag *diag)
{
	struct buf pending = {0};
	struct bytes key, value;
	uint64_t distance = sample_distance_min;
	int found;
	while ((found = sorter_reader_next(entries, &key, &value, diag)) > 0) {
		struct sorter_head head = {(uint32_t)key.size, (uint32_t)value.size};
		take_sample(out, key, out->size + pending.size, &distance);
		buf_put(&pending, &head, sizeof head);
		buf_put_bytes(&pending, key);
		buf_put_bytes(&pending, value);
		if (pending.size >= sorter_block_size && append_to_run(out, &pending, diag) != 0)
			found = -1;
		if (found < 0)
			break;
	}
	if (found == 0 && pending.size)
		found = append_to_run(out, &pending, diag);
	buf_deinit(&pending);
	return found;
}

/* The last `count` runs become one. */
static int merge_last(struct sorter *sorter, size_t count, unsigned level, struct diag *diag)
{
	struct sorter_run out = {.fd = file_open_unnamed(sorter->directory), .level = level};
	struct sorter_run *merged = &sorter->runs[sorter->run_count - count];
	if (out.fd < 0)
		return file_failed(diag);
	struct sorter_reader *entries = sorter_reader_of_runs(sorter, merged, count);
	int status = sorter_reader_seek(entries, bytes_of(NULL, 0), bytes_of(NULL, 0), diag);
	if (status == 0)
		status = write_entries(entries, &out, diag);
	sorter_reader_destroy(&entries);
	if (status != 0) {
		close_run(&out);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		close_run(&merged[i]);
	sorter->run_count -= count;
	push_run(sorter, out);
	return 0;
}

static int spill(struct sorter *sorter, struct diag *diag)
{
	sort_items(sorter);
	if (merge_last(sorter, 1, 0, diag) != 0)
		return -1;
	sorter->entries.size = 0;
	sorter->item_count = 0;
	for (unsigned level = 0; sorter->run_count >= runs_of_level_max &&
				 sorter->runs[sorter->run_count - runs_of_level_max].level == level;
	     level++)
		if (merge_last(sorter, runs_of_level_max, level + 1, diag) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------------------------------------- dividing */

struct weighed {
	struct bytes key; /* borrowed */
	uint64_t weight;
};

static int compare_weighed(const void *a, const void *b)
{
	return bytes_compare(((const struct weighed *)a)->key, ((const struct weighed *)b)->key);
}

static size_t weigh_run(const struct sorter *sorter, const struct sorter_run *run, struct weighed *out)
{
	size_t count = run->sample_count;
	if (run->fd < 0)
		count = run->size < samples_max ? (size_t)run->size : samples_max;
	for (size_t i = 0; i < count; i++) {
		struct bytes value;
		out[i].weight = (run->fd < 0 ? sorter->entries.size : run->size) / count;
		if (run->fd < 0)
			sorter_show(sorter->entries.data + sorter->items[run->size * i / count].at, &out[i].key,
				    &value);
		else
			out[i].key = run->samples[i].key;
	}
	return count;
}

static void choose_keys(const struct weighed *samples, size_t count, size_t parts, struct buf *out_keys)
{
	uint64_t total = 0, before = 0;
	for (size_t i = 0; i < count; i++)
		total += samples[i].weight;
	size_t part = 1;
	for (size_t i = 0; i < count; before += samples[i++].weight)
		for (; part < parts && before >= total * part / parts; part++)
			buf_put_bytes(&out_keys[part - 1], samples[i].key);
	for (; count && part < parts; part++)
		buf_put_bytes(&out_keys[part - 1], samples[count - 1].key);
}

void sorter_divide(struct sorter *const *sorters, size_t count, size_t parts, struct buf *out_keys)
{
	size_t runs = 0, found = 0;
	for (size_t i = 0; i < count; i++)
		runs += sorters[i]->run_count;
	struct weighed *samples = memory_alloc(runs * samples_max * sizeof *samples);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < sorters[i]->run_count; j++)
			found += weigh_run(sorters[i], &sorters[i]->runs[j], samples + found);
	if (found)
		qsort(samples, found, sizeof *samples, compare_weighed);
	choose_keys(samples, found, parts, out_keys);
	memory_free(samples);
}

/* ------------------------------------------------------------------------------------------------- the contract */

struct sorter *sorter_create(const char *directory, size_t memory_max)
{
	struct sorter *sorter = memory_zalloc(sizeof *sorter);
	sorter->directory = directory;
	sorter->memory_max = memory_max < memory_min ? memory_min : memory_max;
	return sorter;
}

void sorter_destroy(struct sorter **place)
{
	struct sorter *sorter = *place;
	if (sorter == NULL)
		return;
	sorter_reader_destroy(&sorter->reader);
	for (size_t i = 0; i < sorter->run_count; i++)
		close_run(&sorter->runs[i]);
	buf_deinit(&sorter->entries);
	buf_deinit(&sorter->first);
	memory_free(sorter->items);
	memory_free(sorter->runs);
	memory_free(sorter);
	*place = NULL;
}

static void note_shared(struct sorter *sorter, struct bytes key)
{
	if (sorter->size == 0) {
		buf_put_bytes(&sorter->first, key);
		sorter->shared = key.size;
	} else if (key.size < sorter->shared || memcmp(key.data, sorter->first.data, sorter->shared) != 0) {
		sorter->shared = sorter_common(key, bytes_of(sorter->first.data, sorter->shared));
	}
}

int sorter_add(struct sorter *sorter, struct bytes key, struct bytes value, struct diag *diag)
{
	struct sorter_head head = {(uint32_t)key.size, (uint32_t)value.size};
	size_t size = sizeof head + key.size + value.size + sizeof(struct sorter_item);
	size_t used = sorter->entries.size + sorter->item_count * sizeof(struct sorter_item);
	assert(!sorter->is_complete);
	if (sorter->item_count && used + size > sorter->memory_max && spill(sorter, diag) != 0)
		return -1;
	if (sorter->item_count == sorter->item_capacity) {
		sorter->item_capacity = sorter->item_capacity ? sorter->item_capacity * 2 : 256;
		sorter->items = memory_realloc(sorter->items, sorter->item_capacity * sizeof *sorter->items);
	}
	sorter->items[sorter->item_count++] = (struct sorter_item){.at = sorter->entries.size};
	buf_put(&sorter->entries, &head, sizeof head);
	buf_put_bytes(&sorter->entries, key);
	buf_put_bytes(&sorter->entries, value);
	note_shared(sorter, key);
	sorter->size += sizeof head + key.size + value.size;
	return 0;
}

void sorter_complete(struct sorter *sorter)
{
	if (!sorter->is_complete)
		sort_items(sorter);
	sorter->is_complete = true;
}

int sorter_begin_reading(struct sorter *sorter, struct diag *diag)
{
	sorter_complete(sorter);
	if (sorter->reader == NULL)
		sorter->reader = sorter_reader_create(&sorter, 1);
	return sorter_reader_seek(sorter->reader, bytes_of(NULL, 0), bytes_of(NULL, 0), diag);
}

int sorter_next(struct sorter *sorter, struct bytes *out_key, struct bytes *out_value, struct diag *diag)
{
	return sorter_reader_next(sorter->reader, out_key, out_value, diag);
}

size_t sorter_size(const struct sorter *sorter)
{
	return sorter->size;
}
