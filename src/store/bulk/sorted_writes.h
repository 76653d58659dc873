/*
 * The writes of transactions, each key space for itself, in the order of their keys: what a commit by files needs.
 *
 * There may be a million in all of memory, and one behind the other in the order of keys each is a wait for memory. So they
 * are taken piece by piece as they stand: a piece that rises, as rows of a load do, stays where it is and is a run with the
 * pieces before it; any other is sorted while it is at hand, and copied into a run. Runs are then merged.
 *
 * The transactions do not change meanwhile, and outlive it. One thread.
 */
#pragma once

#include "store/store.h"
#include "store/writes.h"

struct sorted_writes;

/* NULL: they lie in more spaces than spaces_max. */
struct sorted_writes *sorted_writes_create(struct store_txn *const *txns, size_t count, unsigned spaces_max);
void sorted_writes_destroy(struct sorted_writes **sorted); /* NULL is fine */

/* To the first space, then to the next, rising. False: that was the last. */
bool sorted_writes_next_space(struct sorted_writes *sorted);
/* Of that space; of the writes of one key only the newest. */
bool sorted_writes_next(struct sorted_writes *sorted, struct write *out);
