/*
 * Row locks: who may read (shared) or write (exclusive) a key until its transaction ends. A key need not exist.
 *
 *   lock      of one key; there while somebody holds it or waits for it
 *   hold      one owner's part in a lock: one of its holders, or one of those who wait for it
 *   owner     a transaction: all its holds, and the one that it waits for
 *
 * Who comes to a lock waits for those who hold it and for those who wait already, in the order they came; only a holder that
 * wants its shared lock exclusive goes to the front. Nobody is given a lock: who leaves one wakes the first who could have
 * it now, and that one looks again.
 *
 * An owner may stand on others, which will be through before it and take no more locks: those are not in its way. It is told
 * which before its first lock; or it finds them at its first lock, as holders that were offered (row_locks_offer).
 *
 * The locks lie in partitions, by hash, each under a mutex of its own. A lock that somebody waits for is changed under a
 * second mutex as well, which is one for all: under it alone, the search for deadlocks sees all that wait. A circle can only
 * come about when somebody begins to wait, so that is when it is looked for, and who would close it does not wait.
 *
 * An owner of very many locks keeps those that it takes exclusively, and in rising order, in runs (lock_run.h): such a key
 * is in its run and not in the table. Who finds nothing of a key in the table looks into the runs of the others, if there
 * are any; what it finds there it puts into the table, as a lock that the run's owner holds, and goes on as with any other.
 * Both are done under the mutex of the key's partition, so that a key that somebody has is in the table, or in a run,
 * whoever looks.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/lock.h"
#include "store/lock/lock_run.h"

enum { row_lock_partition_count = 64 };
enum { row_lock_bases_max = 64 }; /* that an owner finds at its first lock */
enum { row_lock_runs_from = 256 }; /* locks in the table that its owner has before it begins runs */

struct row_lock;
struct row_hold;

struct row_lock_partition {
	struct lock mutex;
	/* guarded by mutex */
	struct row_lock **buckets; /* owned */
	size_t bucket_count;       /* a power of two */
	size_t count;
};

struct row_locks {
	struct row_lock_partition partitions[row_lock_partition_count];
	struct lock waits;
	/* guarded by waits */
	uint64_t searches;
	struct lock run_mutex;
	/* guarded by run_mutex */
	struct lock_run *runs;      /* all owners'; their keys, but their owners may read them without it */
	_Atomic unsigned run_count; /* read without it, under the mutex of a key's partition */
};

struct row_lock_owner {
	struct row_locks *locks;           /* immutable */
	bool stands_on_offered;            /* set before its first lock, then immutable */
	_Atomic unsigned references;       /* its own, and those of who stands on it: what it is part of lives as long */
	_Atomic uint64_t offered;          /* its place among those that were offered, from 1; 0: it was not */
	atomic_bool is_wanted;             /* somebody who may stand on it has waited for one of its locks */
	/* set with its first lock or before, then immutable while it has any or waits for one */
	struct row_lock_owner **bases;     /* those that it stands on, a reference each, in their order; owned */
	size_t base_count;
	struct row_hold *holds;            /* owned by the owner's thread: the newest first */
	unsigned hold_count;               /* owned by the owner's thread */
	unsigned run_count;                /* owned by the owner's thread */
	struct lock_run *runs;             /* owned by the owner's thread: one a key space, few */
	struct row_hold *shown;            /* guarded by run_mutex: of its runs' keys, what others put into the table */
	struct row_hold *waiting;          /* guarded by waits; NULL: it waits for nothing */
	uint64_t search;                   /* guarded by waits: the last one that came by */
	struct row_lock_owner *next_to_do; /* guarded by waits: in that search */
};

enum row_lock_outcome {
	ROW_LOCK_TAKEN,
	ROW_LOCK_BUSY,     /* not taken, and not waited for */
	ROW_LOCK_AWAITED,  /* call row_lock_wait until it is taken, or row_lock_give_up */
	ROW_LOCK_DEADLOCK, /* as BUSY; waiting would have closed a circle */
};

void row_locks_init(struct row_locks *locks);
void row_locks_deinit(struct row_locks *locks); /* nothing is locked */

void row_lock_owner_init(struct row_lock_owner *owner, struct row_locks *locks);
/* One thread at a time has an owner, and nothing else is asked while a lock is awaited. */
enum row_lock_outcome row_lock_take(struct row_lock_owner *owner, struct bytes key, bool exclusive, bool may_wait);
enum row_lock_outcome row_lock_wait(struct row_lock_owner *owner, int64_t timeout_us); /* TAKEN, or still AWAITED */
void row_lock_give_up(struct row_lock_owner *owner);
/* All that it holds. */
void row_locks_release(struct row_lock_owner *owner);
/*
 * It takes no more locks and will be through, behind all that were offered before it: places rise. Who waits for one of its
 * locks, with nothing but such owners before him, may have it. By the thread that has the owner; nobody may release its
 * locks meanwhile.
 */
void row_locks_offer(struct row_lock_owner *owner, uint64_t place);
/* Before its first lock; takes a reference of each. */
void row_locks_stand_on(struct row_lock_owner *owner, struct row_lock_owner *const *bases, size_t count);
