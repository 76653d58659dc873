/*
 * Sorts keys with values, however many: in memory of a given size, and in files without names for what is more.
 *
 *   add, add, ...   a full buffer is sorted and becomes a run in a file
 *   begin_reading   the buffer's rest is one more run, in memory
 *   next, next      all runs merged; of equal keys, what was added first comes first
 *
 * Runs of a level are merged to one of the next level when there are many: so a merge reads from few files at once, whatever
 * the size. One thread. Errors: 1878, of the directory.
 *
 * Several threads may share the work: each fills a sorter of its own, and completes it. Then all of the sorters are only
 * looked at, and each thread reads a part of the keys with a reader of its own.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "base/diag.h"

struct buf;
struct sorter;
struct sorter_reader;

/* directory is borrowed; memory_max bounds the buffer. */
struct sorter *sorter_create(const char *directory, size_t memory_max);
void sorter_destroy(struct sorter **sorter); /* NULL is fine */
int sorter_add(struct sorter *sorter, struct bytes key, struct bytes value, struct diag *diag);
/* From the beginning, as often as wanted. Nothing can be added from here on. */
int sorter_begin_reading(struct sorter *sorter, struct diag *diag);
/* 1: an entry, borrowed until the next call; 0: that was all; -1. */
int sorter_next(struct sorter *sorter, struct bytes *out_key, struct bytes *out_value, struct diag *diag);
/* Bytes that were added, with 8 for each entry. */
size_t sorter_size(const struct sorter *sorter);

/* ------------------------------------------------------------------ by several threads */

/* Nothing can be added from here on; it can be read. */
void sorter_complete(struct sorter *sorter);
/*
 * parts - 1 keys, appended to a buf each, in rising order: between two of them lies about the same share of what is in
 * the sorters, which are complete and have no empty keys. Keys may be equal, and are empty where nothing is in the sorters.
 */
void sorter_divide(struct sorter *const *sorters, size_t count, size_t parts, struct buf *out_keys);
/* All of them merged: of equal keys those of earlier sorters come first. They outlive the reader. One thread each. */
struct sorter_reader *sorter_reader_create(struct sorter *const *sorters, size_t count);
void sorter_reader_destroy(struct sorter_reader **reader); /* NULL is fine */
/* Before the first key at or after `from`; it ends at `end`, borrowed. Without data: at the first, behind the last. */
int sorter_reader_seek(struct sorter_reader *reader, struct bytes from, struct bytes end, struct diag *diag);
int sorter_reader_next(struct sorter_reader *reader, struct bytes *out_key, struct bytes *out_value,
		       struct diag *diag);
