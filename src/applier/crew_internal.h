/* What the crew's files share; nobody else includes it. */
#pragma once

#include <pthread.h>

#include "applier/crew.h"
#include "base/waiter.h"

enum { WORKER_LOOKS = WAITER_WORD_MIN }; /* what one that rests is told */

struct worker {
	struct crew *crew;       /* immutable */
	pthread_t thread;        /* immutable */
	struct session *session; /* its own */
	struct apply *apply;     /* its own */
	struct txn *own_txn;     /* the session's, while it executes with a batch's */
	struct store_txn **bases; /* what its batch stands on: a reference each; batch_count places */
	size_t base_count;
	_Atomic size_t at;       /* the transaction of its batch */
	/* guarded by the crew's lock */
	struct batch *batch;     /* what it executes */
	struct worker *next_idle;
	struct waiter waiter;    /* where it rests, and is woken by name: nobody takes a signal that was meant for another */
	struct relay_transaction applied; /* the last of it that is committed */
};

struct crew {
	struct crew_plan plan;    /* immutable */
	struct buf position_key;  /* immutable: the channel's record of its position */
	struct worker *workers;   /* immutable */
	unsigned worker_count;    /* those that started */
	struct batch *batches;    /* a ring: number modulo batch_count */
	size_t batch_count;       /* immutable */

	/* the coordinator's; immutable while anything is under way */
	struct event_format format;
	char source_file[log_file_name_max + 1];
	struct batch *filling;      /* the coordinator's, or NULL */

	struct lock lock;
	/* guarded by lock */
	bool ends;
	bool is_committing;       /* somebody is */
	_Atomic uint64_t committed; /* number of the last batch that is; written under lock */
	_Atomic uint64_t executed; /* all up to it are, or committed; written under lock */
	uint64_t sent;            /* number of the last batch that was sent */
	_Atomic uint64_t failed;  /* the first batch that failed; UINT64_MAX: none. Written under lock */
	size_t pending_size;      /* bytes of events under way */
	struct crew_report report;
	struct worker *idle;      /* those that rest, the last one first */
	struct condition progress; /* a batch became free, or failed: the coordinator waits here */
};

static inline struct batch *crew_batch(const struct crew *crew, uint64_t number)
{
	return &crew->batches[number % crew->batch_count];
}

/* One of a batch's transactions, for monitors. */
static inline struct relay_transaction crew_describe(const struct batch *batch, size_t index)
{
	const struct apply_transaction *apply = &batch->transactions[index].apply;
	return (struct relay_transaction){
		.gtid = apply->origin.gtid,
		.original_us = (uint64_t)apply->origin.original_commit_us,
		.immediate_us = apply->immediate_us,
		.begun_us = batch->begun_us,
	};
}

/* crew_worker.c */
void *crew_run_worker(void *argument);
/* With the lock: one that rests, if any, looks again; who is at work does so anyway. */
void crew_wake_worker(struct crew *crew);
/* With the lock: the oldest batch that waits for nobody, or NULL. Whoever is woken for one wakes the next worker. */
struct batch *crew_find_startable(struct crew *crew);
/* The batch fails: nothing from it on will be committed. With the lock. relay_offset: behind what failed, or 0. */
void crew_fail(struct crew *crew, uint64_t number, uint64_t relay_offset, const struct diag *cause);
/* Nothing of a batch remains. Without the lock; the batch is nobody else's. */
void crew_roll_back(struct batch *batch);

/* With the lock: a batch was executed, or committed. */
void crew_note_executed(struct crew *crew);

/* crew_commit.c: with the lock, which it releases meanwhile: all batches that are complete and next. */
void crew_commit(struct crew *crew);
