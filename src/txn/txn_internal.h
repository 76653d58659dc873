/* What the files of this folder share. */
#pragma once

#include "base/lock.h"
#include "base/map.h"
#include "base/waiter.h"
#include "txn/events_cache.h"
#include "txn/outage.h"
#include "txn/txn.h"

/* Groups that are logged and not stored: those that wait for replicas, each in its leader's thread. */
enum { groups_under_way_max = 64 };

struct txn_counters {
	_Atomic uint64_t commits, logged_commits, rollbacks, groups, group_size_max, log_syncs, cache_use, cache_disk_use;
};

struct txn_manager {
	/* immutable */
	struct store *store;
	struct binlog *binlog;
	struct hlc *clock;
	char *tmpdir; /* owned */
	struct txn_group_hooks hooks; /* immutable after boot */
	txn_outage_hook *outage_hook; /* or NULL */
	void *outage_hook_argument;
	const struct filter *log_filter; /* borrowed, or NULL */

	/* atomic */
	_Atomic uint32_t server_id;
	_Atomic unsigned sync_binlog;
	_Atomic unsigned flush_store_at_commit;
	_Atomic uint64_t cache_size, cache_size_max;
	_Atomic int gtid_mode;     /* enum txn_gtid_mode; changes between two groups */
	_Atomic uint64_t last_xid;
	/*
	 * Sequence of the last transaction whose store commit has begun: locks of those up to it may be free, of later ones
	 * they are held. Who has all its locks while this says n conflicts with none after n.
	 */
	_Atomic int64_t committed_sequence;
	struct txn_counters counters;
	_Atomic uint64_t stored_size;  /* bytes of log whose transactions are in the store, since the start; leaders add */
	_Atomic uint64_t flushed_size; /* of those, what the store has flushed */
	_Atomic uint64_t unflushed_begun, unflushed_ended; /* store commits that are neither logged nor flushed */

	struct outage outage; /* has its own lock */

	struct lock queue_lock;
	/* guarded by queue_lock */
	struct txn *queue_first, *queue_last;
	bool leading;              /* somebody has the right to the log */
	unsigned log_wanted;       /* who waits in txn_manager_take_log */
	unsigned blocked;          /* txn_manager_block_commits */
	unsigned unlogged_running; /* commits in their owners' threads */
	uint64_t numbers_taken;    /* by groups that are through with the log, in its order */
	uint64_t number_called;    /* whose turn it is to be stored: those before it are */
	struct waiter turns[groups_under_way_max]; /* by number, modulo: its leader hears here that it is called */
	struct condition settled;  /* number_called rose: who stands on others may ask for them */
	uint64_t offered;          /* transactions whose row locks were, in the queue's order */
	struct condition room;     /* number_called rose: who has the right to the log may wait for it */
	struct condition idle;     /* nothing is under way, or unlogged_running fell */
	struct condition gate;     /* blocked fell to 0 */

	/* owned by who has the right to the log */
	int64_t barrier;           /* sequence of the last statement: all later ones wait for it */
	unsigned unsynced_groups;
	uint64_t unflushed_covered; /* of unflushed_begun, how many a flush is known to have */
	unsigned last_owners;      /* of the transactions of the last group */
	int64_t reserved_gno;      /* this server's own GTIDs up to it may be in a log that is not flushed (log_tail.h) */

	/* owned by who has the right to the store */
	_Atomic uint32_t last_file; /* that a stored transaction is in: of those before it the store has all, flushed */
	bool has_tail;             /* there are records of a log's tail (log_tail.h) */

	struct lock gtid_lock;
	/* guarded by gtid_lock */
	struct map gtid_owners;    /* the GTID's bytes -> struct txn */
	struct gtid_set unlogged;  /* executed here without being logged; kept in the store */
	struct condition gtid_released;

	struct lock flusher_lock;
	/* guarded by flusher_lock */
	bool flusher_stops;
	bool flush_is_wanted;      /* before its time */
	struct condition flusher_wakes;
	bool outage_is_told;       /* owned by the flusher: to outage_hook */
	pthread_t flusher;
};

/* An open statement or a named savepoint. With a store transaction, each has a savepoint there, in the same order. */
struct txn_mark {
	char *name; /* owned; NULL: a statement */
	uint64_t events_size;
};

/* What a queued transaction's owner, or a leader, is told. */
enum txn_word { TXN_LEADS = WAITER_WORD_MIN, TXN_DONE, TXN_STORES };

struct txn {
	/* immutable */
	struct txn_manager *manager;

	/* owned by the owner's thread; by the leader's while queued */
	struct store_txn *store;              /* NULL: none open */
	struct store_snapshot *snapshot;      /* NULL: none yet */
	enum txn_isolation isolation;         /* of the open transaction */
	enum txn_isolation next_isolation;
	int64_t lock_timeout_ms;
	const atomic_bool *interrupt;         /* borrowed, or NULL */
	atomic_bool *waits;                   /* borrowed, or NULL */
	struct txn_origin origin;
	uint32_t thread_id;
	txn_describer *describer;             /* or NULL */
	const void *described;                /* borrowed */
	char *database;                       /* owned, or NULL */
	bool logging;                         /* sql_log_bin */
	bool flushed_commit;                  /* the store transaction flushes by itself */
	uint64_t inherited_size;              /* of the store transaction's writes, those of the batch before this one */
	bool is_dependent;                    /* meets keys of the one before it in its batch */
	bool owns_gtid;
	bool is_emptied;                      /* its rows commit first, its GTID is logged behind them: commit.c */
	bool has_unlogged_rows;               /* rows of databases that are not logged, in a transaction that is: in */
	struct buf unlogged_spaces;           /* these key spaces (u32 each), */
	bool has_unlogged_text;               /* or anywhere */
	bool replayed;
	struct binlog_position replayed_end;
	struct buf aside_key;                 /* empty: nothing is aside */
	struct txn_mark *marks;               /* outermost first */
	size_t mark_count, mark_capacity;
	struct buf companion_key;             /* empty: none */
	struct buf companion_value;
	enum txn_companion companion_kind;
	struct events_cache events;
	uint32_t time_s;                      /* of the events; 0: now */
	uint16_t event_flags;
	int compression_level;                /* of transactions of rows; 0: none */
	int64_t original_commit_us;           /* of a client's; 0: now */
	uint32_t original_server_version;     /* of a client's; 0: ours */
	size_t begin_size;                    /* of the BEGIN event at the head of the events; 0: none */
	bool is_statement;                    /* the events are one that stands alone */
	bool holds_text;                      /* statements that change rows are among the events */

	/* the last commit */
	struct gtid last_gtid;
	struct binlog_position last_position;
	char last_file_name[log_file_name_max + 1];
	bool is_unconfirmed;                  /* it is in log and store, and a hook failed */

	/* on its way through the queue: the leader's */
	struct binlog_transaction log;
	int64_t version_us;
	int commit_status;
	struct diag commit_diag;
	struct txn *next;                     /* guarded by the queue's lock, then the leader's */
	struct txn *batch_last;               /* of the first of a batch, or the only one: where the batch ends */
	struct waiter waiter;                 /* the owner sleeps here: at the first of a batch */
};

/* manager.c */
bool txn_outage_is_on(struct txn_manager *manager);
void txn_put_position(struct store_txn *txn, struct binlog_position position, struct hlc *clock);

/* commit.c: the owner's half, in steps. */
bool txn_has_own_events(const struct txn *txn);
void txn_prepare_log(struct txn *txn);
void txn_store_companion(struct txn *txn);
/* Unlogged, replayed: here and now. A batch's GTIDs are those of first and what follows it. */
int txn_commit_unlogged(struct txn *first, struct txn *carrier, struct diag *diag);

/*
 * commit_queue.c: through the gate; both answer -1 (1317) when interrupted there. A batch is linked by next, from first
 * to first->batch_last; its outcome is first's.
 */
int txn_commit_in_queue(struct txn *first, struct diag *diag);
int txn_enter_unlogged(struct txn *txn, struct diag *diag);
void txn_leave_unlogged(struct txn *txn);

/* commit_group.c: flushes the store; waits, if need be, until that works. */
void txn_flush_store(struct txn_manager *manager);
/* commit_group.c: the two stages, in the leader's thread. Each transaction's commit_status is set. */
bool txn_log_group(struct txn_manager *manager, struct txn *first);
void txn_store_group(struct txn_manager *manager, struct txn *first);
bool txn_tell_logged(struct txn_manager *manager, const struct txn *first); /* true: the hook `confirm` waits */
int txn_tell_hook(struct txn_manager *manager, txn_group_hook *hook, const struct txn *first, struct diag *diag);
/* It is committed, and the owners are answered with that error. */
void txn_leave_unconfirmed(struct txn *first, const struct diag *diag);
uint32_t txn_origin_server_id(const struct txn *txn); /* what its rows say */
void txn_set_times(struct txn *txn); /* of its commit, with the queue's lock */
/* The time of a commit that is not logged, and its rows' versions. */
void txn_stamp_unlogged(struct txn *txn);

/* flusher.c */
int txn_flusher_start(struct txn_manager *manager, struct diag *diag);
void txn_flusher_stop(struct txn_manager *manager);
/* A group has been stored: the leader flushes the store itself where it would be too far behind the log. */
void txn_bound_replay(struct txn_manager *manager, const struct txn *first);

/* compress.c: what cannot be compressed stays as it is. */
void txn_compress_events(struct txn *txn);

/* gtids.c */
int txn_gtids_open(struct txn_manager *manager, struct diag *diag);
void txn_gtids_close(struct txn_manager *manager);
void txn_gtid_release(struct txn *txn);
/* Commits unlogged transactions that have GTIDs, linked by next up to the carrier of their rows: set and rows in one. */
int txn_gtid_commit_unlogged(struct txn *first, struct txn *carrier, bool flush, struct diag *diag);
/* What was committed unlogged is in the log now. */
int txn_gtid_is_logged(struct txn *txn, struct diag *diag);
/* RESET MASTER. */
/* own_log.c: the log with the right to it taken, all of it in the store, flushed. */
int txn_reset_own_log(struct txn_manager *manager, uint32_t first_file, struct diag *diag);
int txn_gtids_forget(struct txn_manager *manager, struct diag *diag);
int txn_gtids_adopt(struct txn_manager *manager, const struct gtid_set *executed, struct diag *diag); /* of another log */
int txn_gtids_retire_up_to(struct txn_manager *manager, int64_t gno, struct diag *diag); /* whoever may have them */
int txn_gtids_retire(struct txn_manager *manager, struct diag *diag); /* before: our own are not given away again */
/* SET gtid_purged, with the right to the log. */
int txn_gtids_add_purged(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag);

/* txn.c */
struct event_writer txn_event_writer(struct txn *txn);
void txn_finish(struct txn *txn);
void txn_forget_changes(struct txn *txn); /* rows and events; its GTID and companion stay */
