/*
 * Transactions: row locks, savepoints, the events collected so far, and the group commit that writes the log
 * once, flushes it once, and lets the store follow in the same order (laws 3 to 5).
 *
 *   begin -> (statement begin -> changes -> statement end | statement rollback)* -> commit | rollback
 *
 * The group commit, in the leader's thread:
 *   1. take the whole queue; for each transaction: assign GTID, commit time, last_committed/sequence_number;
 *   2. append all events to the log, write once, flush once (sync_binlog);
 *   3. for each in order: stamp row versions, commit the store transaction with its log position in it;
 *   4. publish the durable end of the log (dump threads wake), wake the owners.
 * A store commit that fails after the flush cannot be undone: the process stops and recovery replays the log.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/diag.h"
#include "binlog/gtid.h"
#include "binlog/log.h"
#include "store/store.h"

struct txn_manager;

struct txn_manager_options {
	struct store *store;   /* borrowed */
	struct binlog *binlog; /* borrowed; NULL: log_bin is off */
	struct hlc *clock;     /* borrowed */
	uint32_t server_id;
};

struct txn_manager *txn_manager_create(const struct txn_manager_options *options);
void txn_manager_destroy(struct txn_manager **manager);
/* The log position the store stands at: file name and offset; empty name in a fresh store. For recovery. */
int txn_manager_read_position(struct txn_manager *manager, struct buf *out_file, uint64_t *out_offset, struct diag *diag);
struct binlog *txn_manager_binlog(struct txn_manager *manager); /* or NULL */
struct store *txn_manager_store(struct txn_manager *manager);
struct hlc *txn_manager_clock(struct txn_manager *manager);
/* sync_binlog: 0 never, 1 every group, N every N groups. innodb_flush_log_at_trx_commit for unlogged commits. */
void txn_manager_set_sync(struct txn_manager *manager, unsigned sync_binlog, unsigned flush_store_at_commit);
/* Stops new commits from entering the log while held: FLUSH TABLES WITH READ LOCK, SHOW MASTER STATUS's twin reads. */
void txn_manager_block_commits(struct txn_manager *manager);
void txn_manager_unblock_commits(struct txn_manager *manager);

/* Where a transaction comes from; decides its GTID, row versions and server id in the log. */
struct txn_origin {
	bool foreign;                /* applied from a source (or replayed at recovery); false: a client's */
	uint32_t server_id;          /* of the events it writes */
	bool has_gtid;               /* gtid below is to be used (GTID_NEXT='uuid:n', a replica); else automatic */
	bool anonymous;              /* gtid_mode=OFF: ANONYMOUS_GTID event */
	struct gtid gtid;
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

void txn_set_isolation(struct txn *txn, enum txn_isolation isolation); /* of the next transaction */
void txn_set_lock_timeout(struct txn *txn, int64_t timeout_ms);
void txn_set_origin(struct txn *txn, const struct txn_origin *origin); /* before its first change */
void txn_set_logging(struct txn *txn, bool on); /* sql_log_bin; before its first change */
bool txn_is_logging(const struct txn *txn);     /* log_bin and sql_log_bin */

bool txn_is_active(const struct txn *txn);      /* a store transaction is open */
bool txn_has_changes(const struct txn *txn);    /* rows or events */
struct store_txn *txn_store(struct txn *txn);   /* opens one if none is */
/* The snapshot consistent reads use: REPEATABLE READ keeps the transaction's first, READ COMMITTED makes one a
   statement, READ UNCOMMITTED has none (NULL: latest committed). */
const struct store_snapshot *txn_read_snapshot(struct txn *txn);
void txn_start_snapshot(struct txn *txn); /* START TRANSACTION WITH CONSISTENT SNAPSHOT */

/* Statements: a failed one leaves nothing behind but its locks. */
void txn_statement_begin(struct txn *txn);
void txn_statement_end(struct txn *txn);
void txn_statement_rollback(struct txn *txn);

/* Named savepoints, case-insensitive; setting one again replaces it. -1: 1305 "SAVEPOINT x does not exist". */
void txn_savepoint(struct txn *txn, const char *name);
int txn_rollback_to_savepoint(struct txn *txn, const char *name, struct diag *diag);
int txn_release_savepoint(struct txn *txn, const char *name, struct diag *diag);

/*
 * The events cache. Complete events without position and checksum (event.h's encoders), in order; BEGIN and
 * XID are added at commit. txn_events_statement marks the cache's content as one statement that stands alone in the log
 * (DDL: GTID + QUERY, no BEGIN/XID); it must be the only thing in the transaction.
 */
struct buf *txn_events(struct txn *txn);
void txn_events_statement(struct txn *txn);
/* Default database for the BEGIN query event's context. */
void txn_set_database(struct txn *txn, const char *database);

/*
 * Commit: durable and visible when it returns 0. -1: the transaction was rolled back and diag says why. With
 * nothing changed it only ends the transaction. The out position (may be NULL) is the end of its events.
 */
int txn_commit(struct txn *txn, struct diag *diag);
void txn_rollback(struct txn *txn);
/* The last commit's GTID text ("uuid:n", "" if none), for session trackers and error messages. */
const struct gtid *txn_last_gtid(const struct txn *txn);
void txn_last_position(const struct txn *txn, const char **out_file, uint64_t *out_offset);
