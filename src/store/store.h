/*
 * The store: ordered keys and values with row locks, snapshots and savepoints. The only folder that includes
 * rocksdb/c.h (law 9).
 *
 * Keys begin with a u32 big endian key space. Spaces below STORE_SPACE_USER_MIN belong to the server itself;
 * tables' indexes get theirs from the catalog. A space with STORE_SPACE_ROWS_BIT set holds clustered rows,
 * whose values begin with a row header (struct store_row_header); all others hold plain values.
 *
 * The store's write-ahead log is written at every commit and flushed only when asked (law 3): after power
 * loss the store is at some earlier commit, and the log position that commit carried says which.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"

enum store_space {
	STORE_SPACE_META = 1,     /* format version, log position, counters */
	STORE_SPACE_CATALOG = 2,  /* databases, tables, views, routines */
	STORE_SPACE_ACCOUNT = 3,  /* users and grants */
	STORE_SPACE_CHANNEL = 4,  /* one peer each: settings and applied position */
	STORE_SPACE_LOG_TAIL = 5, /* GTIDs of transactions whose log may not be flushed */
	STORE_SPACE_USER_MIN = 256,
};
#define STORE_SPACE_ROWS_BIT 0x80000000u

/* The 16 bytes before every clustered row image: the row's version (law 8). Little endian. */
struct store_row_header {
	int64_t version_us;        /* commit time from the hybrid clock, µs since the epoch; 0 until stamped */
	uint32_t origin_server_id; /* the server where the row's last change was committed first */
	uint32_t flags;            /* the lowest byte: its row generation, the table's matter; the rest: none defined */
};
enum { store_row_header_size = 16 };
void store_put_row_header(struct buf *out, const struct store_row_header *header);
/* False when the value is too short to hold one. */
bool store_get_row_header(struct bytes value, struct store_row_header *out);

enum store_outcome {
	STORE_OK,
	STORE_NOT_FOUND,
	STORE_LOCK_TIMEOUT, /* diag: 1205 */
	STORE_DEADLOCK,     /* diag: 1213; the caller rolls the transaction back */
	STORE_ERROR,        /* diag says; the transaction must be rolled back */
};

/* First thing of a thread that reads or writes much: RocksDB counts for itself what nobody asks for otherwise. */
void store_begin_thread(void);

struct store;
struct store_snapshot;
struct store_txn;
struct store_iterator;

/* How it is shared: memory_budget.h. */
struct store_memory {
	uint64_t size;		/* bytes for all caches and what is not written to files yet; at least 1 MiB */
	unsigned row_percent;	/* of it: rows' at most; where that is below 1 MiB there is no row cache */
	unsigned page_percent;	/* the same */
};

struct store_options {
	struct store_memory memory;
	uint64_t write_buffer_size; /* bytes, a memtable; 0: by the memory */
	uint64_t large_commit_size; /* bytes of writes from which on a commit goes by files; 0: none does */
	unsigned background_threads; /* compactions and memtable flushes at once; 0: 2 */
	bool in_memory;             /* for tests: nothing touches the disk, closing forgets everything */
};

/*
 * Opens or creates the directory (its parent is there already). Refuses a directory that another process has open
 * and one of another format version. The struct store may be used by any thread.
 */
int store_open(const char *directory, const struct store_options *options, struct store **out_store, struct diag *diag);
void store_close(struct store **store); /* flushes; no transaction may be open */
/*
 * Its write-ahead log to disk: everything committed before the call is durable after it. Callers at the same time
 * share flushes; without anything new to flush it returns at once. After a failed flush the store refuses to write.
 */
int store_flush(struct store *store, struct diag *diag);
/*
 * Called about once a second, by one thread: writes the memtable to a file when iterators have lost enough time with
 * versions that newer ones hide, and with deletions (store/hidden.h). The file is written in the background. And it shares
 * the memory anew (store/memory_budget.h).
 */
void store_tend(struct store *store);
/* Since the store was opened, about: entries that iterators showed, and those that they passed over. */
void store_hidden(const struct store *store, uint64_t *out_steps, uint64_t *out_passed);
/* At run time. A cache that was not there at the start stays so. Memtables keep their size until the next start. */
void store_set_memory(struct store *store, const struct store_memory *memory);
/* Reads by key that the row cache answered, and that it did not; its size in bytes. All zero without one. */
void store_row_cache_counts(struct store *store, uint64_t *out_hits, uint64_t *out_misses, uint64_t *out_used);
/* The same for reads of ranges, a page at a time. */
void store_page_cache_counts(struct store *store, uint64_t *out_hits, uint64_t *out_misses, uint64_t *out_used);
/* Bytes that RocksDB's blocks may have now, and have. */
void store_block_cache_counts(struct store *store, uint64_t *out_size, uint64_t *out_used);
/*
 * A write, a flush or work in the background has failed: reads go on, writes and flushes are refused. store_resume tries to
 * mend that: all that was committed goes from memory to new files, flushed, and nothing of the old write-ahead log counts
 * any more. -1: it still fails, now with the error in diag. One thread at a time; others may read and write meanwhile.
 */
bool store_has_failed(const struct store *store);
int store_resume(struct store *store, struct diag *diag);
/*
 * Removes every key of these spaces, cheaply, outside of any transaction and without a flush (dropped tables, after their
 * commit). Space numbers are never used twice: older snapshots may or may not see the keys. Many at once cost
 * little more than one.
 */
int store_drop_spaces(struct store *store, const uint32_t *spaces, size_t count, struct diag *diag);
uint64_t store_space_size(struct store *store, uint32_t space); /* bytes on disk, an estimate */
/*
 * parts - 1 keys, appended to a buf each, in rising order: between two of them lies about the same share of the space, as
 * far as it is on the disk. Empty keys, all of them: it cannot be told.
 */
void store_divide_space(struct store *store, uint32_t space, size_t parts, struct buf *out_keys);
uint64_t store_memory_used(struct store *store);
uint64_t store_unsaved_size(struct store *store); /* of that, what is in the write-ahead log only */
const char *store_directory(const struct store *store);

struct store_snapshot *store_snapshot_create(struct store *store);
void store_snapshot_destroy(struct store *store, struct store_snapshot **snapshot);

/*
 * A transaction belongs to one thread at a time; handing it to the group commit's leader and back is fine. The
 * timeout bounds each wait for a row lock, from the next wait on.
 */
struct store_txn *store_txn_begin(struct store *store, int64_t lock_timeout_ms);
/* One whose commit waits for the disk and shows nothing to others before (law 5): for what no log repeats. */
struct store_txn *store_txn_begin_flushed(struct store *store, int64_t lock_timeout_ms);
void store_txn_set_lock_timeout(struct store_txn *txn, int64_t lock_timeout_ms);
/* While *interrupt (borrowed, may be NULL) is true, waits for row locks end with STORE_ERROR, 1317. Set by KILL. */
void store_txn_set_interrupt(struct store_txn *txn, const atomic_bool *interrupt);
/* *waits (borrowed, may be NULL) is true while it waits for a row lock: for those who look for deadlocks of other locks. */
void store_txn_set_wait_flag(struct store_txn *txn, atomic_bool *waits);
/*
 * Commits in the caller's thread; flush also waits for the disk (a store_flush behind the commit). After -1 the
 * transaction is still there, with its writes and locks: commit it again behind store_resume, roll it back, or end it.
 * When it was the flush that failed, it is committed and can only be ended.
 */
int store_txn_commit(struct store_txn *txn, bool flush, struct diag *diag);
void store_txn_rollback(struct store_txn *txn);
/* Frees it, NULL is fine; rolls back what is not committed. After commit or rollback nothing else may be called. */
void store_txn_end(struct store_txn **txn);
uint64_t store_txn_size(const struct store_txn *txn); /* bytes of its writes */
/*
 * The same for several at once, in this order and in one write: all of them happened, or none. Waits for the disk if one of
 * them was begun flushed. After -1 they are still there.
 */
int store_commit(struct store *store, struct store_txn *const *txns, size_t count, struct diag *diag);
/*
 * Its writes behind the first `from` bytes of them (store_txn_size), in these spaces only (NULL: in all), as bytes
 * (appended); and such bytes as writes of another transaction, without locking (-1: they are damaged). For this store's own
 * records: the bytes are this machine's.
 */
void store_txn_save_writes(const struct store_txn *txn, uint64_t from, const uint32_t *spaces, size_t space_count,
			   struct buf *out);
int store_txn_load_writes(struct store_txn *txn, struct bytes saved, struct diag *diag);
bool store_txn_has_writes(const struct store_txn *txn);

/*
 * Standing on others: transactions of the same store that are complete (nothing is written to them any more, not even a
 * stamp) and will be committed before this one, in this order. Until each of them is, reads see its writes, and its row
 * locks are not in the way of this one's. When one of them is rolled back instead, what was read may be anything, and this
 * one is to be rolled back, too: that is the caller's to see to. Before the first lock and the first write.
 *
 * What somebody stands on lives until the last reference is gone; store_txn_end gives back the owner's.
 */
void store_txn_stand_on(struct store_txn *txn, struct store_txn *const *bases, size_t count);
struct store_txn *store_txn_ref(struct store_txn *txn);
struct store_txn *store_txn_offer(struct store_txn *txn); /* the first reference: by its owner, once it is complete */
void store_txn_unref(struct store_txn **txn); /* NULL is fine */

/*
 * The same, found out at the first lock: from whoever has it, was offered, and is not committed yet. Before the first lock
 * and the first write. What was read so is nobody's to know before those are committed: ask for that.
 */
void store_txn_stand_on_offered(struct store_txn *txn);
enum store_bases { STORE_BASES_COMMITTED /* or there are none */, STORE_BASES_UNDER_WAY, STORE_BASES_FAILED };
enum store_bases store_txn_ask_bases(const struct store_txn *txn);
/* Does somebody wait who would stand on it? Then it may be offered, complete and certain to be committed: places rise. */
bool store_txn_is_wanted(const struct store_txn *txn);
void store_txn_offer_to_waiters(struct store_txn *txn, uint64_t place);
void store_txn_fail(struct store_txn *txn); /* it was offered and will not be committed: those that stand on it fail, too */

/*
 * Savepoints nest, last in first out, and cost 8 bytes. Rolling back forgets the savepoint; locks stay, as InnoDB's
 * do. No iterator over the transaction's writes may be open then (asserted). It costs what the transaction
 * wrote since the savepoint, in time.
 */
void store_txn_savepoint(struct store_txn *txn);
void store_txn_rollback_to_savepoint(struct store_txn *txn);
void store_txn_pop_savepoint(struct store_txn *txn);

/*
 * Sets version and origin in every clustered row this transaction wrote with version 0 since it was stamped last. Called
 * by the leader of the group commit, between the last write and the commit; before that, where one transaction of
 * the log ends and another goes on in the same store transaction. No savepoint from before it may be rolled back to.
 */
void store_txn_stamp(struct store_txn *txn, int64_t version_us, uint32_t origin_server_id);

/*
 * Reads see the transaction's own writes. With a snapshot: the rest as of it; NULL: the latest committed.
 * The value is appended to out_value.
 */
enum store_outcome store_txn_get(struct store_txn *txn, const struct store_snapshot *snapshot, struct bytes key,
				 struct buf *out_value, struct diag *diag);
/*
 * Locks the key, there or not, then reads the latest (STORE_NOT_FOUND: locked, and there is none). exclusive false:
 * shared lock. STORE_NOWAIT: times out at once.
 */
enum store_lock_wait { STORE_WAIT, STORE_NOWAIT };
enum store_outcome store_txn_lock(struct store_txn *txn, struct bytes key, bool exclusive, enum store_lock_wait wait,
				  struct buf *out_value, struct diag *diag);
/* Locks the key exclusively, and writes. */
enum store_outcome store_txn_put(struct store_txn *txn, struct bytes key, struct bytes value, struct diag *diag);
enum store_outcome store_txn_delete(struct store_txn *txn, struct bytes key, struct diag *diag);
/*
 * Writes without locking: keys that the transaction has locked already, that belong to a row it has locked, or that one
 * thread at a time writes anyhow, as the commit leader the log position.
 */
void store_txn_put_unlocked(struct store_txn *txn, struct bytes key, struct bytes value);
void store_txn_delete_unlocked(struct store_txn *txn, struct bytes key);

/* Reads outside of transactions: the latest committed, or what a snapshot sees (NULL: the latest). */
enum store_outcome store_get(struct store *store, struct bytes key, struct buf *out_value, struct diag *diag);
enum store_outcome store_get_as_of(struct store *store, const struct store_snapshot *snapshot, struct bytes key,
				   struct buf *out_value, struct diag *diag);
/* A single unlogged write, flushed, without a lock: server settings. */
int store_put(struct store *store, struct bytes key, struct bytes value, struct diag *diag);

/*
 * Keys from lower (included) to upper (excluded; both copied). txn may be NULL (committed data only); with it, the
 * iterator sees what the transaction wrote before its creation, and may or may not see what it writes later. Key and
 * value are borrowed until the iterator moves or the transaction writes. Moves answer whether there is a
 * key; next and previous may follow each other. A move that fails ends the iteration, and store_iterator_status is -1.
 * One thread; must not outlive the transaction's commit or rollback (asserted), nor the snapshot.
 */
struct store_iterator *store_iterator_create(struct store *store, struct store_txn *txn,
					     const struct store_snapshot *snapshot, struct bytes lower,
					     struct bytes upper);
void store_iterator_destroy(struct store_iterator **iterator);
bool store_iterator_seek(struct store_iterator *iterator, struct bytes key); /* first at or after */
bool store_iterator_seek_last(struct store_iterator *iterator);              /* last before upper */
bool store_iterator_seek_before(struct store_iterator *iterator, struct bytes key); /* last at or before */
bool store_iterator_next(struct store_iterator *iterator);
bool store_iterator_previous(struct store_iterator *iterator);
struct bytes store_iterator_key(const struct store_iterator *iterator);
struct bytes store_iterator_value(const struct store_iterator *iterator);
int store_iterator_status(const struct store_iterator *iterator, struct diag *diag);
/*
 * store_txn_lock of the key where the iterator stands, which was made without a snapshot. Nothing is looked for where it is
 * known that the iterator shows the latest value.
 */
enum store_outcome store_iterator_lock(const struct store_iterator *iterator, struct store_txn *txn, bool exclusive,
				       enum store_lock_wait wait, struct buf *out_value, struct diag *diag);
