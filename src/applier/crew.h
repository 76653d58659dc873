/*
 * The crew: a pool of workers that execute batches beside one another and commit them in order.
 *
 * The coordinator (the applier's thread) fills a batch with transactions that follow one another in the source's log, says
 * which batch before it must be executed first (schedule.h), and sends it. A batch is executed by one worker in one store
 * transaction (txn.h), so what its own transactions have of each other needs no waiting. It stands on the batches before
 * it that it may meet and that are not committed yet: it reads what they wrote, and their locks are not in its way.
 * Whoever makes the oldest batch complete commits it, with all complete ones that follow: one flush for all of them, while
 * the others go on executing. Without a log of our own, what a batch may meet is waited for until it is committed.
 *
 *   FREE -> FILLING -> SENT -> RUNNING -> EXECUTED -> COMMITTING -> FREE
 *                        \        \           \           |
 *                         +--------+-----------+----------+--> FREE, rolled back
 *
 * Executing is a bet, that the transactions do not meet and that nobody else is in their way. When it is lost (a lock that
 * does not come at once, a row that is not there, a log that cannot be written), all batches before the failed one are
 * committed, it and all after it are rolled back, and crew_settle says so: the coordinator goes back to the last commit and
 * executes on its own, patiently, what failed. That is the only place where an applier's errors, retries and
 * deadlocks with the order of commits are decided.
 *
 * Locks: `lock` (rank APPLIER_CREW). It is not held while anything is executed, committed or rolled back.
 */
#pragma once

#include "applier/applier.h"
#include "applier/apply.h"
#include "applier/position.h"
#include "base/buf.h"
#include "base/lock.h"
#include "relay/relay_log.h"

enum { batch_transactions_max = 128, batch_events_max = 4 * 1024 * 1024 };

/* Between two transactions, in both logs. */
struct resting_place {
	struct source_position source;
	struct relay_position relay;
};

struct batch_transaction {
	struct apply_transaction apply;
	size_t events_at, events_size;       /* whole events, in the batch's */
	size_t record_at, record_size;       /* the position behind it (position.h), in the batch's records */
	uint64_t relay_offset;               /* behind it, in the relay file that is being read */
	bool has_gtid;
	bool is_dependent;                   /* meets one before it in the batch */
};

enum batch_state { BATCH_FREE, BATCH_FILLING, BATCH_SENT, BATCH_RUNNING, BATCH_EXECUTED, BATCH_COMMITTING };

struct batch {
	enum batch_state state; /* guarded by the crew's lock */

	/* the coordinator's until it is sent, then immutable until it is free */
	uint64_t number;
	uint64_t wait_for;      /* up to which batch all must be executed first; 0: none */
	struct buf events, records;
	struct batch_transaction *transactions; /* batch_transactions_max */
	size_t count;
	struct resting_place end; /* behind the last one */

	/* its worker's, then its committer's */
	struct txn **txns;      /* as many; made when first needed */
	unsigned worker;        /* its number; this and the next are set under the crew's lock */
	int64_t begun_us;       /* wall clock */
	size_t complete_count;  /* those that are to be committed */
	struct store_txn *written; /* a reference, guarded by the crew's lock: from EXECUTED until it is free; or NULL */
	bool is_stored;         /* the position behind its last transaction commits with it */
};

struct crew;

/* What the crew is told when it is made; borrowed. */
struct crew_plan {
	struct server *server;
	applier_run_query *run_query;
	const char *channel;
	unsigned worker_count;
	uint64_t pending_size_max;  /* slave_pending_jobs_size_max: of events that are not committed */
	bool logs_updates;
	/* After each commit, in order, by the thread that committed: where that leaves the channel. */
	void (*committed)(void *argument, const struct batch *last);
	void *argument;
};

/* Workers start at once, and wait. NULL: diag. */
struct crew *crew_create(const struct crew_plan *plan, struct diag *diag);
void crew_destroy(struct crew **crew); /* settled */

/* ------------------------------------------------------------------------------------------ the coordinator's side */

/* While nothing is under way: how the next events are to be read, and of which file of the source they are. */
void crew_set_source(struct crew *crew, const struct event_format *format, const char *file);
/*
 * A batch to be filled, the same until it is sent. Waits while all are under way, or too many bytes are. NULL: failed, or
 * *stopping: settle.
 */
struct batch *crew_open_batch(struct crew *crew, size_t more_bytes, const atomic_bool *stopping);
void crew_send(struct crew *crew); /* the one that is being filled, if it has anything */
uint64_t crew_committed(struct crew *crew); /* the number of the last batch that is committed */
uint64_t crew_executed(struct crew *crew);  /* up to which batch all may be stood on */
bool crew_is_idle(struct crew *crew);       /* nothing is under way, nor being filled */
bool crew_has_failed(struct crew *crew);

enum crew_outcome {
	CREW_SETTLED, /* all that was sent is committed */
	CREW_LOST,    /* only a part: out says up to where, and where the transaction ends that failed */
};
struct crew_report {
	bool has_moved;             /* something was committed since the last settling */
	bool is_stored;             /* the position behind it is in the store */
	struct resting_place end;   /* behind the last transaction that was committed */
	uint64_t failed_relay_offset; /* behind the one that failed; 0: none did, it was a stop */
	struct diag cause;
};
/*
 * Sends what is being filled, and waits until nothing is under way. When *stopping, what is not being committed is rolled
 * back instead. Batches' numbers go on.
 */
enum crew_outcome crew_settle(struct crew *crew, const atomic_bool *stopping, struct crew_report *out);
/* Any thread: who waits looks at *stopping again. */
void crew_wake(struct crew *crew);
/* Any thread; all of plan.worker_count. */
void crew_get_workers(struct crew *crew, struct applier_worker *out);
/* A worker's connection was killed by somebody. */
bool crew_is_killed(struct crew *crew);
