/*
 * A lock run: the exclusive row locks that one transaction took in rising order in one key space, as keys one behind the
 * other. A statement over a million rows has one of them where it would have a million locks and holds, each of them found
 * by hash, allocated and freed.
 *
 * A run says of each key whether it is in it, and of none that is not: nobody waits for a key that was not locked.
 *
 * What of it is guarded, and how, is row_locks.h's matter.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"

struct row_lock_owner;

struct lock_run {
	struct lock_run *next, *next_of_owner;
	struct row_lock_owner *owner;
	uint32_t space;
	struct buf keys;     /* owned */
	uint32_t *ends;      /* owned: where each key ends */
	size_t count, capacity;
	size_t cursor;       /* the owner's: behind the key it asked for last */
};

enum { lock_run_size_max = 1 << 30 }; /* bytes of its keys */

uint32_t lock_run_space(struct bytes key);
struct lock_run *lock_run_create(struct row_lock_owner *owner, uint32_t space);
void lock_run_destroy(struct lock_run *run);
/* Its keys are all smaller, and there is room for one more. */
bool lock_run_may_append(const struct lock_run *run, struct bytes key);
void lock_run_append(struct lock_run *run, struct bytes key);
bool lock_run_has(const struct lock_run *run, struct bytes key);
/* The same for its owner, who often asks for one key behind the other. */
bool lock_run_has_own(struct lock_run *run, struct bytes key);
