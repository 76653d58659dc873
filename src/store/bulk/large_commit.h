/*
 * A commit of many bytes as sorted files (ingest.h), rather than through write-ahead log and memtable: which would write
 * each byte twice more, keep it in memory once more, and find a place for each key among all others.
 *
 * All files are taken in at once, the one with the log's position among them, so that position and rows are there together
 * or not at all. They are on the disk then; what was committed before may not be, and must not be behind them: the
 * write-ahead log is flushed first.
 *
 * A key space has a file of its own, so that it lies beside what is there where it can, and not above it.
 */
#pragma once

#include "store/store.h"

/* Decides and does it. *out_done false: they are too small for it, or lie in too many spaces; nothing was done. */
int large_commit_write(struct store *store, struct store_txn *const *txns, size_t count, bool *out_done,
		       struct diag *diag);
