/*
 * The store's memory of a log's tail that may not be flushed (sync_binlog other than 1). After a loss of power the tables
 * may hold transactions that the log has lost; and replicas may, that neither has. What must not happen then is that their
 * GTIDs are given to other transactions, or that a source is asked for them again.
 *
 *   STORE_SPACE_LOG_TAIL, file u32, offset u64 (both big endian)   the GTIDs of the transactions that were stored together
 *                                                                  and end there: sid 16, gno u64 each
 *   META "gtid_reserved"                                           u64: this server's own GTIDs up to it may have been given
 *                                                                  away; flushed before the first of them is written
 *
 * Each record commits with the rows. They go when the log moves to another file, which flushes the one before.
 */
#pragma once

#include "txn/txn_internal.h"

/* Of a transaction that is being logged, before it is written: the holder of the right to the log. */
int log_tail_reserve(struct txn_manager *manager, const struct gtid *gtid, struct diag *diag);
/* A store transaction's record, for what has been gathered; gathers anew. */
void log_tail_put(struct store_txn *store, struct binlog_position end, struct buf *gtids);
void log_tail_gather(struct buf *gtids, const struct gtid *gtid);
/* What is in the log up to here is flushed. */
int log_tail_forget(struct txn_manager *manager, struct diag *diag);
/* The server stops, and all that it gave away is in the log, flushed. */
int log_tail_close(struct txn_manager *manager, struct diag *diag);
