/*
 * THE ONE DOOR (law 1): every row that changes, changes here. Two callers: exec and applier.
 *
 * A change is a before image and an after image of a table's row (row.h). The door checks NOT NULL is the caller's
 * work (conversion), unique keys, foreign keys and CHECKs are its own; it writes the clustered row and the index
 * entries into the transaction's store transaction, and appends the row event to the transaction's events.
 *
 * All functions may wait for row locks. On any outcome but CHANGE_OK the caller rolls the statement back (or, for
 * CHANGE_DUPLICATE under INSERT IGNORE / ON DUPLICATE KEY UPDATE, goes on: the door has then written nothing).
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
	bool foreign_key_checks;
	bool unique_checks;
	bool apply;            /* the caller is the applier: no cascades (the source logged them), rows carry their version */
	bool no_log;           /* this table's changes are not logged (temporary, mysql.* internals) */
	const struct catalog *catalog;
	/* Row events carry these flags; binlog_row_image arrives with issue 3. */
	unsigned row_metadata; /* binlog_row_metadata: 0 MINIMAL, 1 FULL */
	/* Evaluates an enforced CHECK: 1 satisfied or unknown, 0 violated, -1 error. NULL: the table has none. */
	int (*check)(void *check_argument, const struct table *table, unsigned check_index, struct bytes image,
		     struct diag *diag);
	void *check_argument;
};

struct change_context *change_begin(struct txn *txn, struct catalog *catalog, struct table *table,
				    const struct change_options *options);
/* Ends the statement's changes to this table: the pending row event gets its end. Always call it. */
void change_end(struct change_context **context);

/*
 * A row's handle: the bytes of its clustered key behind the key space. For tables without a primary key, the
 * hidden row id. out_handle is appended to.
 */
int change_handle_of_image(const struct table *table, struct bytes image, struct buf *out_handle, struct diag *diag);

/* Reads and locks the row's latest version. out_image is replaced by the image without the row header. */
enum change_outcome change_lock_row(struct change_context *context, struct bytes handle, struct buf *out_image,
				    struct diag *diag);

enum change_outcome change_insert(struct change_context *context, struct bytes image, struct diag *diag);
/* After CHANGE_DUPLICATE: which index and which row's handle is in the way, for REPLACE and ON DUPLICATE KEY. */
const struct index *change_conflict_index(const struct change_context *context);
struct bytes change_conflict_handle(const struct change_context *context);

/* before: the row's current image as change_lock_row gave it. Equal images: CHANGE_OK and nothing is written or logged. */
enum change_outcome change_update(struct change_context *context, struct bytes handle, struct bytes before,
				  struct bytes after, struct diag *diag);
enum change_outcome change_delete(struct change_context *context, struct bytes handle, struct bytes before,
				  struct diag *diag);

/* For the applier: the handle of the row that equals (or has the key of) this before image, locked.
   CHANGE_NO_SUCH_ROW if there is none. out_current: its image. */
enum change_outcome change_find_row(struct change_context *context, struct bytes before, struct buf *out_handle,
				    struct buf *out_current, struct diag *diag);

/* Adds or removes the entries of one index for all rows: CREATE INDEX on existing rows. 1062 when not unique. */
enum change_outcome change_build_index(struct store *store, struct catalog *catalog, const struct table *table,
				       const struct index *index, struct diag *diag);
/* The 1062 text of a key: "1-abc". In the arena. */
const char *change_key_text(const struct table *table, const struct index *index, struct bytes image,
			    struct arena *arena);
