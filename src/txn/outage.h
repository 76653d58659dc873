/*
 * Why this server accepts no writes for the time being, if it does not: the one place that knows.
 *
 *   disk    A write to the log failed and was taken back. If the disk of log or store has no room now, or cannot be written,
 *           no more is tried until it has. If it has, only that transaction was too large: no outage.
 *   store   The store failed. What is in the log already waits for it, with its locks; the store is resumed when its disk
 *           has room for what it holds in memory.
 *   log     A flush of the log failed, or a write could not be taken back: nobody knows what the disk has of it, and only
 *           the next start can tell. (binlog_error_action=ABORT_SERVER, the default, stops the process instead.)
 *
 * Reads go on in all of them. A disk that is full or read-only is looked at again and again; what else keeps the store from
 * going on stops the process, too, under ABORT_SERVER.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/lock.h"
#include "store/store.h"

enum outage_cause { OUTAGE_NONE, OUTAGE_DISK, OUTAGE_STORE, OUTAGE_LOG };

struct outage {
	/* immutable */
	struct store *store;
	char *log_directory;   /* owned; NULL: there is no log */
	char *store_directory; /* owned */

	/* atomic */
	_Atomic int cause;     /* enum outage_cause; changes under the lock */
	_Atomic bool stops;    /* binlog_error_action is ABORT_SERVER */
	_Atomic uint64_t count;

	struct lock lock;      /* LEAF */
	/* guarded by lock */
	struct diag refusal;   /* what is answered to who wants to write */
	struct condition ended;
	bool is_given_up;      /* the server ends: nobody waits any more */
};

void outage_init(struct outage *outage, struct store *store, const char *log_base_name);
void outage_deinit(struct outage *outage);

/* 0: writes are accepted. -1: the reason in diag. Any thread. */
int outage_check(struct outage *outage, struct diag *diag);
/* Somebody who has the right to the log could not write to it, and what was written is taken back. */
void outage_log_failed(struct outage *outage);
void outage_log_broken(struct outage *outage, const struct diag *why);
/* A write to the store, or its flush, failed. */
void outage_store_failed(struct outage *outage, const struct diag *why);
/* Until there is none. False: the server ends, do not come back to the store. */
bool outage_wait(struct outage *outage);
void outage_give_up(struct outage *outage);
/* Looks whether the cause has gone, and whether the store has failed meanwhile. One thread, often. */
void outage_tend(struct outage *outage);
