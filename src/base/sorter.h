/*
 * Sorts keys with values, however many: in memory of a given size, and in files without names for what is more.
 *
 *   add, add, ...   a full buffer is sorted and becomes a run in a file
 *   begin_reading   the buffer's rest is one more run, in memory
 *   next, next      all runs merged; of equal keys, what was added first comes first
 *
 * Runs of a level are merged to one of the next level when there are many: so a merge reads from few files at once, whatever
 * the size. One thread. Errors: 1878, of the directory.
 */
#pragma once

#include <stddef.h>

#include "base/bytes.h"
#include "base/diag.h"

struct sorter;

/*
 * directory is borrowed; memory_max bounds the buffer. All keys begin with the same `shared` bytes: what is compared first
 * begins behind them.
 */
struct sorter *sorter_create(const char *directory, size_t memory_max, size_t shared);
void sorter_destroy(struct sorter **sorter); /* NULL is fine */
int sorter_add(struct sorter *sorter, struct bytes key, struct bytes value, struct diag *diag);
/* From the beginning, as often as wanted. Nothing can be added from here on. */
int sorter_begin_reading(struct sorter *sorter, struct diag *diag);
/* 1: an entry, borrowed until the next call; 0: that was all; -1. */
int sorter_next(struct sorter *sorter, struct bytes *out_key, struct bytes *out_value, struct diag *diag);
/* Bytes of keys and values that were added. */
size_t sorter_size(const struct sorter *sorter);
