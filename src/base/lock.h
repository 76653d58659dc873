/*
 * Mutexes with a name and a rank.
 *
 * A thread takes locks in rising rank only; taking one whose rank is not above the highest it holds is a bug
 * and aborts, naming both (but for lock_take_beside). The ranks are one list, here, explained in docs/locks.md.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum lock_rank {
	LOCK_RANK_NONE = 0,
	LOCK_RANK_SERVER,        /* boot, shutdown, the list of connections */
	LOCK_RANK_CHANNEL_SET,   /* which channels there are */
	LOCK_RANK_CHANNEL,       /* one channel's settings and state */
	LOCK_RANK_APPLIER,       /* what an applier shows */
	LOCK_RANK_APPLIER_CREW,  /* its batches and workers */
	LOCK_RANK_RELAY_FILE,    /* who writes a relay log's file */
	LOCK_RANK_RELAY,         /* a relay log's end */
	LOCK_RANK_SESSION,       /* what other threads may see of a session */
	LOCK_RANK_DUMP,          /* connected replicas */
	LOCK_RANK_ACCOUNT,       /* users and grants */
	LOCK_RANK_SECURITY_KEY,  /* the RSA key while it is made */
	LOCK_RANK_VARIABLES,     /* global system variables */
	LOCK_RANK_CATALOG,       /* the catalog's cache */
	LOCK_RANK_METADATA,      /* a shard of the metadata lock table */
	LOCK_RANK_AUTO_INCREMENT,/* a table's next value */
	LOCK_RANK_QUERY_POOL,    /* evaluators at rest */
	LOCK_RANK_COMMIT_QUEUE,  /* transactions waiting for a leader */
	LOCK_RANK_COMMIT,        /* the leader's right to write log and store */
	LOCK_RANK_BINLOG,        /* the log's files and index */
	LOCK_RANK_BINLOG_END,    /* the durable end that readers follow */
	LOCK_RANK_STORE,
	LOCK_RANK_ROW_LOCKS,     /* a part of the table of row locks */
	LOCK_RANK_ROW_LOCK_RUNS, /* the row locks of large transactions */
	LOCK_RANK_ROW_LOCK_WAITS,/* who waits for a row lock */
	LOCK_RANK_ROW_CACHE,     /* a shard of the store's row cache */
	LOCK_RANK_PAGE_CACHE,    /* a shard of the store's page cache */
	LOCK_RANK_LEAF,          /* nothing is taken below these */
};

struct lock {
	pthread_mutex_t mutex;
	const char *name;    /* immutable */
	enum lock_rank rank; /* immutable */
	pthread_t owner;     /* guarded by itself */
	bool held;           /* guarded by itself, read by asserts */
	struct lock *below;  /* the owner's next lower lock; owned by the owner */
};

void lock_init(struct lock *lock, const char *name, enum lock_rank rank);
void lock_deinit(struct lock *lock);
void lock_take(struct lock *lock);
/* One of several of a rank, all of one array, that are taken together: in the array's order, which is that of addresses. */
void lock_take_beside(struct lock *lock);
void lock_release(struct lock *lock); /* in any order */
void lock_assert_held(const struct lock *lock);

/* A condition to wait for under a lock. */
struct condition {
	pthread_cond_t cond;
};
void condition_init(struct condition *condition);
void condition_deinit(struct condition *condition);
void condition_wait(struct condition *condition, struct lock *lock);
/* False when the deadline (clock_deadline) has passed. */
bool condition_wait_until(struct condition *condition, struct lock *lock, const struct timespec *deadline);
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);
