/*
 * What the log does not tell of a transaction that it has: rows of databases that are not logged.
 *
 * The log is the redo log (law 3), so those rows have to be somewhere else before the log says that the transaction
 * happened. They are put aside: the writes in those tables, as one record of the store, flushed. Not those that the log has:
 * repeated from there, a row of a table without a key gets another hidden id than it had, and would be there twice. (Where a
 * text was not logged, all the transaction's writes are aside: what it changed may be any table's.)
 *
 *   aside_put        META "aside" + 16 random bytes = the writes; flushed
 *   log              the transaction's events, and a companion (companion.h) that names the record; flushed
 *   store            the rows, and the record's end, in one transaction
 *
 * A crash before the log is flushed: nothing happened, and the record is swept at the start. A crash behind it: recovery
 * meets the companion, and puts the record's writes behind the rows that the log has (aside_take).
 */
#pragma once

#include "txn/txn.h"

/* Both in the transaction's thread. */
int aside_put(struct txn *txn, struct diag *diag);
/* Of a replayed transaction: what its key names comes to its writes. A record that is gone is logged. */
int aside_take(struct txn *txn, struct diag *diag);
bool aside_is_key(struct bytes key);
/* After recovery: of records that are left, no transaction happened. */
int aside_sweep(struct store *store, struct diag *diag);
