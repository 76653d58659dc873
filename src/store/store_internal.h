/* What the files of this folder share. Nobody else includes it: it names RocksDB (law 9). */
#pragma once

#include <rocksdb/c.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "store/hidden.h"
#include "store/ordered.h"
#include "store/page/page_cache.h"
#include "store/row_cache.h"
#include "store/lock/row_locks.h"
#include "store/space_ends.h"
#include "store/store.h"
#include "store/writes.h"

struct store {
	/* immutable while open */
	char *directory;                  /* owned */
	rocksdb_t *db;
	uint64_t large_commit_size;       /* 0: none is */
	rocksdb_env_t *env;               /* NULL: the default one */
	rocksdb_cache_t *cache;
	struct row_cache *row_cache; /* owned; NULL: none */
	struct page_cache *page_cache; /* owned; NULL: none */
	rocksdb_options_t *options;
	rocksdb_readoptions_t *read_latest;
	rocksdb_writeoptions_t *write;         /* into the write-ahead log, not to the disk */
	rocksdb_writeoptions_t *write_flushed; /* to the disk before anybody sees it */

	struct row_locks row_locks; /* guards itself */
	struct space_ends ends;

	/* atomic */
	_Atomic uint64_t memory_size; /* the budget */
	_Atomic uint64_t written; /* commits that were not flushed as they were made */
	_Atomic bool has_failed;  /* a write, a flush or work in the background; until store_resume */
	_Atomic unsigned dropped_keys; /* of dropped spaces, since the memtable was last written out for them */
	_Atomic uint64_t load_files;  /* the next one's number, ingest.c */

	struct hidden_counts hidden; /* says itself who owns what */

	/* guarded by lock */
	struct lock lock;
	struct condition flush_done;
	bool flushing;            /* one thread is in the flush */
	uint64_t flushed;         /* all writes up to this count of `written` are on the disk */
};

struct store_txn {
	/* atomic */
	atomic_bool ended;                /* committed or rolled back: only store_txn_end may follow */
	atomic_bool is_failed;            /* it will not be committed */

	/* owned by the thread that has the transaction; the writes are everybody's to read once others stand on it */
	struct store *store;
	struct row_lock_owner locks;      /* among them, those that it stands on; it lives as long as it has references */
	struct writes writes;
	struct ordered ordered;           /* for iterators: the writes up to ordered_size, by key */
	size_t ordered_size;
	size_t ordered_bases;             /* how many of the bases are in it, the last ones */
	int64_t lock_timeout_ms;
	const atomic_bool *interrupt;     /* borrowed, or NULL */
	atomic_bool *waits;               /* borrowed, or NULL */
	bool flushed_commit;              /* begun with write_flushed */
	size_t *marks;                    /* savepoints, outermost first: sizes of the records */
	size_t mark_count;
	size_t mark_capacity;
	unsigned open_iterators;
	size_t stamped_size;              /* of the records: the rows among them have versions */
};

/* store.c: what is committed under the key as of a snapshot (NULL: now), by way of the row cache. out_value may be NULL. */
enum store_outcome store_find(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
			      struct buf *out_value, struct diag *diag);

/* store_txn.c: how many of those that it stands on are not committed: the last ones, for they commit in order. */
size_t store_txn_count_bases(const struct store_txn *txn);

/* One of those that it stands on, the oldest first. */
static inline struct store_txn *store_txn_base(const struct store_txn *txn, size_t number)
{
	return (struct store_txn *)((char *)txn->locks.bases[number] - offsetof(struct store_txn, locks));
}

/* The latest moment there is: RocksDB's sequence number. At least 1: somebody has written the format. */
static inline uint64_t store_now(const struct store *store)
{
	uint64_t now = rocksdb_get_latest_sequence_number(store->db);
	return now ? now : 1;
}

/*
 * writes_order.c: all writes up to now, by key, among them those of its bases; none again, before some of them are taken
 * back. The numbers in it are those of writes.
 */
void store_txn_order(struct store_txn *txn);
void store_txn_disorder(struct store_txn *txn);
struct write store_txn_write_at(const struct store_txn *txn, uint64_t number);

/* store_txn.c: the row lock alone. */
enum store_outcome store_txn_take_lock(struct store_txn *txn, struct bytes key, bool exclusive,
				       enum store_lock_wait mode, struct diag *diag);

/* memory_budget.c: blocks get what the others do not use. */
void store_share_memory(struct store *store);

/* store.c: what is answered between a failure and store_resume. -1 always. */
int store_refuse(struct diag *diag);

/* store_space.c: space_ends is told where the key's space ends. */
void store_find_space_end(struct store *store, struct bytes key);

/* store.c: the memtable becomes a file, now or soon. *error as RocksDB's functions set it. */
void store_write_out(struct store *store, bool wait, char **error);

/* store_status.c: takes over error, RocksDB's text of what went wrong, NULL for success. */
enum store_outcome store_status_take(char *error, struct diag *diag);
/* The same for callers that know no outcomes: 0 or -1. */
int store_status_check(char *error, struct diag *diag);
/* As if RocksDB had met errno. -1 always. */
int store_status_fail(struct diag *diag);
