/*
 * Transactions: row locks, savepoints, the events collected so far, and the group commit that writes the log
 * once, flushes it once, and lets the store follow in the same order (laws 3 to 5).
 *
 *   begin -> (statement begin -> changes -> statement end | statement rollback)* -> commit | rollback
 *
 * The group commit, in the leader's thread (commit_queue.c, commit_group.c):
 *   1. take the whole queue; for each transaction: assign GTID, commit time, last_committed/sequence_number;
 *   2. append all events to the log, write once, flush once (sync_binlog), publish the log's durable end (dump
 *      threads wake, GTIDs count as executed); the next leader may do the same with the next group;
 *      the hook `confirm` of txn_group_hooks may wait here, for replicas, while next groups do the same;
 *   3. for each in order: stamp row versions, commit the store transaction with its log position in it: now it is
 *      visible, its locks are free; flush the store if texts were among them, which recovery would have to run again;
 *   4. wake the owners.
 * A log that cannot be written fails the group with its error, and all of it is rolled back. A flush that fails, or
 * a store commit that fails after it, cannot be undone: the process stops and recovery replays the log.
 *
 * Changes that are not logged commit in their owner's thread, with their own flush of the store.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/clock.h"
#include "base/diag.h"
#include "binlog/event_writer.h"
#include "binlog/gtid.h"
#include "binlog/log.h"
#include "store/store.h"

struct filter;
struct txn_manager;

/*
 * gtid_mode: does a transaction that came without a GTID get one? Decided when it is logged, so that none is logged by
 * the old mode once a change has returned. ON gives one even to a transaction that asked to be ANONYMOUS before.
 */
enum txn_gtid_mode { TXN_GTID_OFF, TXN_GTID_OFF_PERMISSIVE, TXN_GTID_ON_PERMISSIVE, TXN_GTID_ON };

/* Called when an outage has begun, and when it has ended, in a thread of the manager's, without locks. */
typedef void txn_outage_hook(void *argument, bool is_on);

struct txn_manager_options {
	struct store *store;   /* borrowed */
	struct binlog *binlog; /* borrowed; NULL: log_bin is off */
	struct hlc *clock;     /* borrowed */
	uint32_t server_id;
	const char *tmpdir;    /* for events that spill; borrowed; NULL: /tmp */
	uint64_t cache_size;     /* binlog_cache_size: events past it spill between statements; 0: 32 KiB */
	uint64_t cache_size_max; /* max_binlog_cache_size; 0: no bound */
	enum txn_gtid_mode gtid_mode;
	const struct filter *log_filter; /* binlog-do-db, binlog-ignore-db; borrowed, unchanged; NULL: all is logged */
	txn_outage_hook *outage_hook;    /* or NULL */
	void *outage_hook_argument;
};

/* Starts the flusher: a thread that flushes the store each second, so that little is to be replayed. NULL: the error log
   says why. */
struct txn_manager *txn_manager_create(const struct txn_manager_options *options);
/* No transaction may be open. */
void txn_manager_destroy(struct txn_manager **manager);

/*
 * The log position the store stands at: what is behind it has to be replayed. {0, 0} in a fresh store. For
 * binlog_open's `durable`, before there is a manager.
 */
int txn_read_position(struct store *store, struct binlog_position *out_position, struct diag *diag);
/*
 * The same, if the log that was found (NULL: log_bin is off) is the store's own; {0, 0} if it is another and the server had
 * stopped. -1: it had not, and its last transactions may be in its own log only.
 * reset_to: 0, or the number of the file that the log is to begin anew with, because the server died in a RESET MASTER.
 */
int txn_find_position(struct store *store, const struct binlog_found *found, struct binlog_position *out_position,
		      uint32_t *out_reset_to, struct diag *diag);
/* Was what was stored last logged without a flush (log_tail.h)? Then the log may have lost it. Before there is a manager. */
int txn_log_tail_has(struct store *store, struct binlog_position position, bool *out_has, struct diag *diag);
/* The log ends where the store has more. */
struct txn_log_loss {
	const char *file_name;
	struct binlog_position end, stored;
};
/*
 * At boot, with the log claimed, before it is replayed: no GTID of a tail that may be lost is given away again; and with a
 * loss (else NULL) what is in the store alone counts as executed and purged.
 */
int txn_manager_settle_tail(struct txn_manager *manager, const struct txn_log_loss *loss, struct diag *diag);
/* At boot, before the log is replayed, which may be another than before; and once all was replayed and nothing runs. */
int txn_manager_claim_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag);
int txn_manager_settle_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag);
/* The same as file name and offset; empty name in a fresh store. */
int txn_manager_read_position(struct txn_manager *manager, struct buf *out_file, uint64_t *out_offset, struct diag *diag);
/* Sets it, flushed: after recovery, and where the log begins anew. */
int txn_manager_write_position(struct txn_manager *manager, struct binlog_position position, struct diag *diag);

struct binlog *txn_manager_binlog(struct txn_manager *manager); /* or NULL */
struct store *txn_manager_store(struct txn_manager *manager);
struct hlc *txn_manager_clock(struct txn_manager *manager);
/* sync_binlog: 0 never, 1 every group, N every N groups. innodb_flush_log_at_trx_commit for unlogged commits. */
void txn_manager_set_sync(struct txn_manager *manager, unsigned sync_binlog, unsigned flush_store_at_commit);
void txn_manager_set_server_id(struct txn_manager *manager, uint32_t server_id);
void txn_manager_set_cache_size(struct txn_manager *manager, uint64_t cache_size, uint64_t cache_size_max);

/*
 * Stops new commits of changes while held, and waits for those under way: FLUSH TABLES WITH READ LOCK, SHOW MASTER
 * STATUS's twin reads. Counted: as many unblocks as blocks, in any threads.
 */
void txn_manager_block_commits(struct txn_manager *manager);
void txn_manager_unblock_commits(struct txn_manager *manager);
/*
 * The leader's right to the log, between two groups: one thread at a time, commits wait. Whoever calls binlog_rotate,
 * binlog_reset, binlog_set_purged or binlog_write_incident holds it.
 */
void txn_manager_take_log(struct txn_manager *manager);
void txn_manager_release_log(struct txn_manager *manager);
/* FLUSH LOGS and RESET MASTER: take the log, do it, make the store's position follow, durably. */
int txn_manager_rotate_log(struct txn_manager *manager, struct diag *diag);
/* binlog_checksum: the same, and what comes then is of that kind. */
int txn_manager_set_checksum(struct txn_manager *manager, enum event_checksum checksum, struct diag *diag);
int txn_manager_reset_log(struct txn_manager *manager, uint32_t first_file, struct diag *diag);
/*
 * PURGE BINARY LOGS and expiry: as binlog_purge_*, but with the log taken and the store flushed before, for a file may go
 * only when the store's durable position is behind it. (That position names the end of the last transaction; when
 * its file is purged already, replay begins with the oldest file there is.)
 */
int txn_manager_purge_to(struct txn_manager *manager, uint32_t file, struct binlog_purge_report *out_report,
			 struct diag *diag);
int txn_manager_purge_before(struct txn_manager *manager, int64_t time_s, struct binlog_purge_report *out_report,
			     struct diag *diag);

/*
 * Who wants a say in each group's commit: semi-synchronous replication (dump/semi_sync.h). All are called in the
 * leader's thread with the end of the group's last transaction.
 *   logged   published, so that replicas may have it, and not yet in the store: nothing of it is visible. One group at a
 *            time, in the log's order, with the right to the log: it does not wait. True: `confirm` will.
 *   confirm  the same group; it may wait, several leaders at a time. What waits here holds back, in the store, all that
 *            follow it in the log.
 *   stored   visible, its owners not answered yet. It may wait, several leaders at a time.
 * -1: the owners are answered with that error instead of success, although the group is committed.
 */
typedef int txn_group_hook(void *argument, struct binlog_position end, unsigned transactions, struct diag *diag);
struct txn_group_hooks {
	void *argument;
	bool (*logged)(void *argument, struct binlog_position end); /* NULL, as those below: nobody listens */
	txn_group_hook *confirm, *stored;
};
/* At boot, before the first commit. */
void txn_manager_set_group_hooks(struct txn_manager *manager, const struct txn_group_hooks *hooks);

/*
 * Does this server accept writes? 0, or -1 with the reason: a full or failing disk (outage.h). Who has none of a commit's
 * own errors to fear asks before it begins. Any thread.
 */
int txn_manager_check_writes(struct txn_manager *manager, struct diag *diag);
/* binlog_error_action=ABORT_SERVER: what leaves the log or the store in doubt stops the process. */
void txn_manager_set_stops_in_doubt(struct txn_manager *manager, bool stops);
/* The server ends: commits that wait for the store end the process, for nobody else may. What they logged is not lost. */
void txn_manager_give_up(struct txn_manager *manager);

/* What SHOW STATUS shows. Counts since the manager was created. */
struct txn_stats {
	uint64_t commits;          /* transactions with changes, logged or not */
	uint64_t logged_commits;
	uint64_t rollbacks;        /* of transactions with changes, by will or by failure */
	uint64_t groups;           /* of logged commits: logged_commits / groups is what a flush carries */
	uint64_t group_size_max;
	uint64_t log_syncs;        /* groups that ended with a flush of the log */
	uint64_t outages;          /* times that writes were refused for a while */
	uint64_t cache_use;        /* Binlog_cache_use: logged commits */
	uint64_t cache_disk_use;   /* Binlog_cache_disk_use: those of them whose events spilled */
};
void txn_manager_get_stats(struct txn_manager *manager, struct txn_stats *out_stats);

/*
 * GTIDs that were executed here, logged or not. Copied into an initialised set; is_executed looks without copying.
 * Purged: those of them that no log file holds (any more).
 */
void txn_manager_get_executed(struct txn_manager *manager, struct gtid_set *out_set);
bool txn_manager_is_executed(struct txn_manager *manager, const struct gtid *gtid);
void txn_manager_get_purged(struct txn_manager *manager, struct gtid_set *out_set);
/*
 * SET gtid_purged: these count as executed from now on, durably, and no replica that lacks them is served. -1: 3546,
 * some of them are executed or owned.
 */
int txn_manager_add_purged(struct txn_manager *manager, const struct gtid_set *added, struct diag *diag);
bool txn_manager_has_owned(struct txn_manager *manager);
/* @@GLOBAL.gtid_owned: "uuid:n#thread id", appended. */
void txn_manager_print_owned(struct txn_manager *manager, struct buf *out);

/* @@GLOBAL.gtid_mode */
enum txn_gtid_mode txn_manager_gtid_mode(struct txn_manager *manager);
/* A change begins a new log file, as in MySQL. Which changes are allowed is the caller's to know. */
int txn_manager_set_gtid_mode(struct txn_manager *manager, enum txn_gtid_mode mode, struct diag *diag);

/* Where a transaction comes from; decides its GTID, row versions and server id in the log. */
struct txn_origin {
	bool foreign;                /* applied from a source (or replayed at recovery); false: a client's */
	uint32_t server_id;          /* of the events it writes */
	bool has_gtid;               /* gtid below is to be used (GTID_NEXT='uuid:n', a replica); else automatic */
	bool anonymous;              /* it is to have none, as far as gtid_mode allows that */
	struct gtid gtid;            /* without has_gtid: the new one's sid, zeros for this server's */
	int64_t original_commit_us;  /* foreign: the row version, and original_commit_timestamp; 0: now */
	uint32_t original_server_version;
	uint32_t timestamp;          /* seconds, of its events' headers; 0: now */
};

enum txn_isolation { ISOLATION_READ_UNCOMMITTED, ISOLATION_READ_COMMITTED, ISOLATION_REPEATABLE_READ,
		     ISOLATION_SERIALIZABLE };

/* Owned by one session or applier worker; reused for transaction after transaction. */
struct txn;
struct txn *txn_create(struct txn_manager *manager);
void txn_destroy(struct txn **txn); /* rolls back */

/* While *interrupt (borrowed, may be NULL) is true, its waits for locks, GTIDs and the commit gate end with 1317. */
void txn_set_interrupt(struct txn *txn, const atomic_bool *interrupt);
/* *waits (borrowed, may be NULL) is true while it waits for a row lock. */
void txn_set_wait_flag(struct txn *txn, atomic_bool *waits);
bool txn_may_hold_rows(const struct txn *txn); /* it has changed or locked some, or was about to */
/* SET timestamp: what a client's events say of their time, in seconds; 0: now. Until it is set again. */
void txn_set_time(struct txn *txn, uint32_t time_s);
/* Flags that all events of a client's transactions carry. Until they are set again. */
void txn_set_event_flags(struct txn *txn, uint16_t flags);
/*
 * A client replays transactions that were first committed elsewhere: when (their rows' version, too), and by what
 * server. 0: not said. Until it is set again; an origin that is foreign has its own.
 */
void txn_set_original(struct txn *txn, int64_t commit_us, uint32_t server_version);
/* binlog_transaction_compression: zstd's level for transactions that hold rows alone, or 0. Until it is set again. */
void txn_set_compression(struct txn *txn, int level);
/* The connection id of the BEGIN event, until the describer says another. */
void txn_set_thread_id(struct txn *txn, uint32_t thread_id);
/* Whoever knows what else BEGIN tells of the session: asked when it is written. In the owner's thread. */
typedef void txn_describer(const void *described, struct event_query *begin);
void txn_set_describer(struct txn *txn, txn_describer *describer, const void *described);

void txn_set_isolation(struct txn *txn, enum txn_isolation isolation); /* of the next transaction */
enum txn_isolation txn_get_isolation(const struct txn *txn);           /* the open transaction's, or the next one's */
void txn_set_lock_timeout(struct txn *txn, int64_t timeout_ms); /* 50 s until set; of the next wait on */
/* Before its first change; stays for the transactions after it. Until set: a client's, with the server's id. */
void txn_set_origin(struct txn *txn, const struct txn_origin *origin);
void txn_set_logging(struct txn *txn, bool on); /* sql_log_bin; before its first change */
bool txn_is_logging(const struct txn *txn);     /* log_bin and sql_log_bin */
/*
 * The one place that says what is logged: rows by their table's database, statements by their default database (NULL or "":
 * none). False also while txn_is_logging is.
 */
bool txn_logs_database(const struct txn *txn, const char *database);
/* It has changed a row that it logs nothing of, while it logs others: see aside.h. Until its end. */
void txn_note_unlogged_rows(struct txn *txn, uint32_t space); /* of the table, or of one of its indexes */
void txn_note_unlogged_text(struct txn *txn);                 /* whatever it changed */
/*
 * Recovery: the next transaction is in the log already and ends there. It is not logged; its position is stored with it.
 */
void txn_set_replayed(struct txn *txn, struct binlog_position end);
/* Behind it: the transaction has rows aside, under this key of the store (aside.h). */
void txn_set_replayed_aside(struct txn *txn, struct bytes key);

/*
 * A record that is stored with the next commit, in the same store transaction, and is no change by itself: where an
 * applier stands in its source's log (law 6). Key and value are copied. logged: it is in the transaction's events as
 * well, as an ignorable event (companion.h), so that recovery finds it: for transactions that no GTID tells
 * apart from ones that were applied before. Commit and rollback forget it.
 */
enum txn_companion { TXN_COMPANION_STORED, TXN_COMPANION_LOGGED };
void txn_set_companion(struct txn *txn, struct bytes key, struct bytes value, enum txn_companion kind);

/*
 * GTID ownership: of all who want to execute one GTID (two channels, GTID_NEXT), one does. For a transaction whose
 * origin has a GTID, before its first change. Waits while somebody else owns it.
 *   TXN_GTID_OWNED      go on; commit or rollback gives it back
 *   TXN_GTID_EXECUTED   it was executed already: skip the transaction
 *   TXN_GTID_FAILED     diag: 1317 interrupted, 1205 the deadline (NULL: none) passed
 * A commit that was not preceded by it does it; an executed GTID then makes it a rollback that answers 0.
 */
enum txn_gtid_outcome { TXN_GTID_OWNED, TXN_GTID_EXECUTED, TXN_GTID_FAILED };
enum txn_gtid_outcome txn_gtid_begin(struct txn *txn, const struct timespec *deadline, struct diag *diag);
bool txn_owns_gtid(const struct txn *txn);

/*
 * The one statement of the transaction that comes may go on where it finds rows that are being committed, before they are
 * (store_txn_stand_on_offered): its own commit will be behind theirs, and nothing it read is told before. True: it may; a
 * rollback is to be preceded by txn_await_bases then.
 */
bool txn_stand_on_commits(struct txn *txn);
/* -1: what it stands on has failed (1213), or it was interrupted (1317). */
int txn_await_bases(struct txn *txn, struct diag *diag);

bool txn_is_active(const struct txn *txn);      /* a store transaction or a snapshot is open */
bool txn_has_changes(const struct txn *txn);    /* rows or events */
struct store_txn *txn_store(struct txn *txn);   /* opens one if none is */
/* The snapshot consistent reads use: REPEATABLE READ keeps the transaction's first, READ COMMITTED makes one a
   statement, READ UNCOMMITTED has none (NULL: latest committed). */
const struct store_snapshot *txn_read_snapshot(struct txn *txn);
void txn_start_snapshot(struct txn *txn); /* START TRANSACTION WITH CONSISTENT SNAPSHOT */

/*
 * Statements: a failed one leaves nothing behind but its locks. They nest. Savepoint commands and the transaction's
 * end end the open ones; ending or rolling back a statement that is not open does nothing. No iterator over the
 * transaction's writes may be open at a rollback.
 */
void txn_statement_begin(struct txn *txn);
void txn_statement_end(struct txn *txn);
void txn_statement_rollback(struct txn *txn);

/* Named savepoints, case-insensitive; setting one again replaces it. -1: 1305 "SAVEPOINT x does not exist". */
void txn_savepoint(struct txn *txn, const char *name);
int txn_rollback_to_savepoint(struct txn *txn, const char *name, struct diag *diag);
int txn_release_savepoint(struct txn *txn, const char *name, struct diag *diag);

/*
 * The events cache. Complete events with room for checksums, without position (event_writer.h), in order. BEGIN stands
 * in the buffer already when it is handed out first, XID is added at commit. txn_events_statement marks the
 * cache's content as one statement that stands alone in the log (DDL: GTID + QUERY, no BEGIN/XID); it must be the only
 * thing in the transaction. Offsets into the buffer hold until the statement ends or lets go of what it does not change any
 * more: then a large cache goes to a file.
 */
struct buf *txn_events(struct txn *txn);
uint64_t txn_events_size(const struct txn *txn); /* what went to the file is in it */
/* The buffer's first bytes are as they will stay. As many of them as it returns are gone from the buffer. */
size_t txn_events_let_go(struct txn *txn, size_t size);
/* What the headers of its events share: out is txn_events, server id and timestamp are the origin's (0: the server's id,
   now), has_checksum is true. */
struct event_writer txn_event_writer(struct txn *txn);
void txn_events_statement(struct txn *txn);
/*
 * The events hold a statement that changes rows, as text: recovery would run it again, where it copies rows. So its
 * group is not acknowledged before the store has it on the disk as well (docs/durability.md). Until the transaction
 * ends.
 */
void txn_events_hold_text(struct txn *txn);
/* -1: ER_TRANS_CACHE_FULL, the events are past max_binlog_cache_size: roll the statement back. Commit checks it too. */
int txn_check_events(const struct txn *txn, struct diag *diag);
/* Default database for the BEGIN query event's context. */
void txn_set_database(struct txn *txn, const char *database);

/*
 * Commit: durable and visible when it returns 0. -1: the transaction was rolled back (but see txn_is_unconfirmed)
 * and diag says why. With nothing changed it only ends the transaction, unless its GTID is given: that is logged with BEGIN
 * and COMMIT.
 */
int txn_commit(struct txn *txn, struct diag *diag);
/*
 * Of the last commit that answered -1: it happened all the same, and only a hook (txn_group_hooks) failed. A client is told
 * that nobody vouches for it; who applies a source's transactions must not apply it again.
 */
bool txn_is_unconfirmed(const struct txn *txn);
void txn_rollback(struct txn *txn);
/* Ends one that only read; the GTID it owns stays for the changes to come. */
void txn_end_reading(struct txn *txn);

/*
 * Batches: an applier's way to commit. Transactions of the log that follow one another share one store transaction, and
 * many of them are queued together, so that neither a flush nor a store commit is paid for each (batch.c).
 *
 *   changes of the 1st -> txn_complete -> txn_continue(2nd, 1st) -> changes -> txn_complete -> ... -> txn_commit_batch
 *
 * Each keeps its own events, GTID and origin; the log shows no difference. What the batch wrote becomes visible at once.
 */
enum txn_completion {
	TXN_COMPLETE, /* it may be committed in a batch; nothing more may be changed in it */
	TXN_EMPTY,    /* nothing is to be committed: it leaves no trace, and may be used for the next one */
	TXN_REFUSED,  /* diag: ER_TRANS_CACHE_FULL, or the store refused; roll it back */
};
/* Instead of a commit, after txn_gtid_begin. Its origin is foreign and has a time: the version of its rows. */
enum txn_completion txn_complete(struct txn *txn, struct diag *diag);
/*
 * The store transaction of `before`, which is complete, goes on in txn, which has none. is_dependent: txn will meet keys
 * of those before it in the store transaction, which log and replicas have to know (last_committed).
 */
void txn_continue(struct txn *txn, struct txn *before, bool is_dependent);
/*
 * Before its batch is committed, others may stand on what it wrote (store_txn_stand_on): `last`, the last one of a batch, is
 * complete, logged and foreign with a time. The reference is the caller's.
 */
struct store_txn *txn_offer(struct txn *last);
/* The first one of a batch, before anything else, stands on batches that were offered and come before it, oldest first. */
void txn_stand_on(struct txn *txn, struct store_txn *const *offered, size_t count);
/* One that continued `before` turned out to be empty: as if it had never begun. */
void txn_give_back(struct txn *empty, struct txn *before);
/*
 * Commits complete transactions in this order, all or none; several store transactions may be among them, if they are
 * logged. 0: durable and visible, though a hook may have failed: an applier has nobody to tell. -1: all of them were
 * rolled back, diag says why.
 */
int txn_commit_batch(struct txn *const *txns, size_t count, struct diag *diag);

/* The last commit's GTID (gno 0 if none), for session trackers and error messages. */
const struct gtid *txn_last_gtid(const struct txn *txn);
/* The end of its events; an empty name when it was not logged. The name is good until the next commit. */
void txn_last_position(const struct txn *txn, const char **out_file, uint64_t *out_offset);
