/*
 * One transaction's events become one transaction here: the applier's hands, in one session, one thread.
 *
 *   apply_begin -> apply_event for each event -> the one that ends it (XID, COMMIT, a lone QUERY) commits
 *                                             -> on failure, or when the stream breaks: apply_rollback
 *
 * It is told where the transaction stands in its source's log, for messages; positions, retries and what to skip are
 * the caller's: a channel's applier, or recovery.
 */
#pragma once

#include "base/diag.h"
#include "binlog/event.h"
#include "session/session.h"
#include "txn/txn.h"

/* Runs a statement's text in the session: exec's, which is above this folder. */
typedef int applier_run_query(struct session *session, struct bytes text, struct diag *diag);

struct filter;

enum apply_mode {
	APPLY_STRICT,     /* a row that is not as the event says is an error */
	APPLY_IDEMPOTENT, /* slave_exec_mode=IDEMPOTENT: a row that is there is replaced, one that is not, ignored */
};

struct apply_transaction {
	struct txn_origin origin;
	uint64_t immediate_us;     /* its commit at our source, 0: unknown; for monitors */
	const char *source_file;   /* borrowed until it ends: for messages */
	enum apply_mode mode;
	bool is_mariadb;           /* whose sql_mode bits they are */
	bool is_replayed;          /* recovery: it is in our log already and ends at replayed_end */
	struct binlog_position replayed_end;
	/* The record that commits with it (txn.h); empty key: none. Copied. */
	struct bytes companion_key, companion_value;
	enum txn_companion companion_kind;
	unsigned type_policy;      /* enum log_type_policy: slave_type_conversions */
	const struct filter *filter; /* the channel's, borrowed until it ends; NULL: everything is done */
	/*
	 * One of a batch: somebody else foresaw it, holds the metadata locks, and commits it. Its last event leaves
	 * session->txn complete (txn.h), or empty. It waits for locks of rows and GTIDs a moment only.
	 */
	bool is_held;
};

struct apply;

/* The session is borrowed; its variables become the applied statements'. */
struct apply *apply_create(struct session *session, applier_run_query *run_query);
void apply_destroy(struct apply **apply); /* rolls back */

enum apply_begin_outcome {
	APPLY_BEGUN,
	APPLY_EXECUTED, /* its GTID was executed already: leave the events out */
	APPLY_FAILED,   /* diag */
};
enum apply_begin_outcome apply_begin(struct apply *apply, const struct apply_transaction *transaction,
				     struct diag *diag);
/*
 * Instead of apply_begin: the events until apply_leave are part of what the session does itself (BINLOG), its statement,
 * its transaction, its origin. Whole statements only; nothing may be open. Leaving ends what was not ended.
 */
void apply_join(struct apply *apply, const struct apply_transaction *transaction);
void apply_leave(struct apply *apply);
unsigned apply_type_policy(struct session *session); /* slave_type_conversions, as enum log_type_policy */
/* What is known late: the position behind its last event. Before that event is applied. Copied. */
void apply_set_companion(struct apply *apply, struct bytes key, struct bytes value, enum txn_companion kind);

enum apply_outcome {
	APPLY_OPEN,      /* more events are to come */
	APPLY_COMMITTED, /* that was the last one; of a held transaction: it is complete */
	APPLY_NOTHING,   /* that was the last one of a held transaction, and nothing is to be committed */
	APPLY_ERROR,     /* diag says, with everything an operator needs; roll back */
};
enum apply_outcome apply_event(struct apply *apply, const struct event *event, struct diag *diag);
/* Ends a transaction without its rows, keeping its GTID as executed: it was to be skipped. */
int apply_commit_empty(struct apply *apply, struct diag *diag);
void apply_rollback(struct apply *apply); /* nothing of it remains; when none is open, does nothing */

/*
 * Looking ahead: which keys does a transaction touch? For each of its events in turn, before any is applied, by hands with
 * nothing open. The metadata locks of the tables are taken in the session and stay until apply_forget_foreseen, so that
 * what was foreseen stays true.
 */
enum apply_foresight {
	APPLY_FORESEEN, /* added to the set */
	APPLY_UNKNOWN,  /* its effects cannot be told, or a lock is not to be had at once: it has to be on its own */
};
struct write_set;
void apply_begin_foreseeing(struct apply *apply, const struct apply_transaction *transaction);
enum apply_foresight apply_foresee(struct apply *apply, const struct event *event, struct write_set *out);
void apply_forget_foreseen(struct apply *apply); /* releases the locks */
