/*
 * THE ONE DOOR (law 1): every row that changes, changes here. Two callers: exec and applier.
 *
 * A change is a before image and an after image of a table's row (row.h). Ranges, NOT NULL and defaults are the
 * caller's work (conversion); unique keys, foreign keys and CHECKs are the door's. It writes the clustered row and the
 * index entries into the transaction's store transaction, and appends the row event to the transaction's events:
 *
 *   split the image -> CHECKs -> lock the keys it needs -> unique? -> parents there? -> no children in the way?
 *   -> write row and entries -> cascades -> row event -> counters
 *
 * Rows are written with version 0; the group commit stamps them. Cascades are done on every server that has the
 * parent's change, client's or applied, and are not logged: that is MySQL's rule, and stock replicas rely on it.
 *
 * All functions may wait for row locks. On any outcome but CHANGE_OK the caller rolls the statement back; only after
 * DUPLICATE, NO_PARENT, HAS_CHILDREN, NO_SUCH_ROW and a violated CHECK the door has written nothing, and the caller may
 * go on (IGNORE, REPLACE, ON DUPLICATE KEY UPDATE).
 *
 * The transaction's events are a whole number of closed statements after each call: rows that follow one another in
 * one table share an event, anything else begins a new group. Between change_begin and change_end the transaction
 * must not be rolled back to a savepoint made in between.
 */
#pragma once

#include "base/buf.h"
#include "base/diag.h"
#include "catalog/catalog.h"
#include "txn/txn.h"

enum change_outcome {
	CHANGE_OK,
	CHANGE_NO_SUCH_ROW,   /* the row of that handle is gone; nothing written; diag not set */
	CHANGE_DUPLICATE,     /* diag: 1062 with key text and "table.key" (MySQL 8.0's form); nothing written */
	CHANGE_NO_PARENT,     /* diag: 1452; nothing written */
	CHANGE_HAS_CHILDREN,  /* diag: 1451; nothing written */
	CHANGE_LOCK_TIMEOUT,  /* diag: 1205 */
	CHANGE_DEADLOCK,      /* diag: 1213 */
	CHANGE_ERROR,         /* diag says */
};

/* One table being changed by one statement: its resources, and its place in the transaction's events. */
struct change_context;

struct change_options {
	bool foreign_key_checks; /* false: neither checks nor cascades */
	bool unique_checks;      /* only noted in the row events; unique keys are always checked */
	bool apply;              /* the caller is the applier; changes nothing that the door does */
	bool no_log;             /* this table's changes are not logged (temporary, mysql.* internals, ALTER's copy) */
	const struct catalog *catalog;
	struct event_row_style style; /* of the row events */
	/*
	 * Which columns the statement gives values to, bit i: column i; looked at in each call. With an image that is not
	 * FULL those are logged, and what else an update changes or an insert gives another value than a replica would.
	 * NULL: an insert gives all, an update those it changes.
	 */
	const uint8_t *given;
	/* The statement's text, logged once, in front of the first rows of its contexts; then it is emptied. NULL: not. */
	struct bytes *rows_query;
	/* Evaluates an enforced CHECK: 1 satisfied or unknown, 0 violated, -1 error. NULL: none is evaluated. A violated
	   one is CHANGE_ERROR with 3819, which IGNORE may pass over: nothing was written. */
	int (*check)(void *check_argument, const struct table *table, unsigned check_index, struct bytes image,
		     struct diag *diag);
	void *check_argument;
};

/* The table's reference is borrowed until change_end. The metadata locks of the table, of its parents (reading) and
   of all its children, down the cascades (writing), are the caller's. One thread. */
struct change_context *change_begin(struct txn *txn, struct catalog *catalog, struct table *table,
				    const struct change_options *options);
/* Ends the statement's changes to this table and tells the table's counters. Always call it; NULL is fine. */
void change_end(struct change_context **context);

/*
 * A row's handle: the bytes of its clustered key behind the key space. For tables without a primary key, the
 * hidden row id. out_handle is appended to.
 */
int change_handle_of_image(const struct table *table, struct bytes image, struct buf *out_handle, struct diag *diag);

/* Reads and locks the row's latest version. out_image is replaced by the image without the row header. */
enum change_outcome change_lock_row(struct change_context *context, struct bytes handle, struct buf *out_image,
				    struct diag *diag);

/* Also tells the table's AUTO_INCREMENT counter what was written (so does change_update). */
enum change_outcome change_insert(struct change_context *context, struct bytes image, struct diag *diag);
/* After CHANGE_DUPLICATE: which index and which row's handle is in the way, for REPLACE and ON DUPLICATE KEY. */
const struct index *change_conflict_index(const struct change_context *context);
struct bytes change_conflict_handle(const struct change_context *context);

/* before: the row's current image as change_lock_row gave it. Equal images: CHANGE_OK and nothing is written or logged. */
enum change_outcome change_update(struct change_context *context, struct bytes handle, struct bytes before,
				  struct bytes after, struct diag *diag);
enum change_outcome change_delete(struct change_context *context, struct bytes handle, struct bytes before,
				  struct diag *diag);

/*
 * For the applier: the handle of the row this before image means, locked: the one with its primary key; without one,
 * with its first unique key that has no nullable column; without that, one that equals it in all columns.
 * known: which columns the source told (bit i: column i; NULL: all); what it did not tell stands in the image as anything
 * and is not looked at. When that key is not among them, one of the rows that equal it in the known columns is taken,
 * by any index of those or by reading the table.
 * CHANGE_NO_SUCH_ROW if there is none. out_handle and out_current (its image, which may differ from the before image
 * outside of the key) are replaced.
 */
enum change_outcome change_find_row(struct change_context *context, struct bytes before, const uint8_t *known,
				    struct buf *out_handle, struct buf *out_current, struct diag *diag);

/*
 * Writes the entries of one index for all rows, at once: CREATE INDEX on existing rows. The caller holds the table
 * exclusively. The table is the version that has the index, with its key space. On any outcome but CHANGE_OK nothing was
 * written. CHANGE_DUPLICATE: 1062.
 */
struct change_build_options {
	const char *directory;        /* for what does not fit into memory */
	size_t memory_max;            /* for sorting */
	size_t threads_max;	      /* the caller's among them */
	const atomic_bool *interrupt; /* KILL; or NULL */
};
enum change_outcome change_build_index(struct store *store, const struct table *table, const struct index *index,
				       const struct change_build_options *options, struct diag *diag);
/* The 1062 text of a key: "1-abc", at most 64 bytes. In the arena. */
const char *change_key_text(const struct table *table, const struct index *index, struct bytes image,
			    struct arena *arena);
/*
 * CHECK TABLE: does each row have exactly its index entries, under its own key? As of now, committed. CHANGE_OK with
 * the rows counted; CHANGE_ERROR and what is wrong first.
 */
enum change_outcome change_check_table(struct store *store, const struct table *table, uint64_t *out_row_count,
				       struct diag *diag);
