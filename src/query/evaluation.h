/* A running evaluation, as the cursors see it. Private to this folder. */
#pragma once

#include "query/handle.h"
#include "query/program.h"
#include "store/store.h"

struct cached_statement;
struct memo;
struct stage_run;
struct table_cursor;
struct transient_index;

struct evaluation {
	struct evaluator_handle *handle;
	struct session *session;
	const struct evaluate_program *program;
	const struct value *parameters;
	unsigned parameter_count;
	struct cached_statement *statement;
	struct table_cursor *direct;               /* of a direct read under way (direct/direct.h); or NULL */

	/* What reads go through; set by the first read. */
	enum evaluate_read read;
	bool has_view;
	struct store *store;
	struct store_txn *txn;                 /* or NULL: nothing was written, nothing is locked, no key was got yet */
	const struct store_snapshot *snapshot; /* or NULL: the latest committed */
	struct transient_index *transient_indexes; /* owned */
	uint64_t probes;                           /* times an index was asked */
	struct memo *memos;                        /* owned */
	struct stage_run *stage_runs;              /* owned */
	int64_t stage_run_count;                   /* ever made */

	/* Rows so far. */
	uint64_t row_count;       /* answered */
	uint64_t max_rows;        /* UINT64_MAX: no bound */
	uint64_t found_rows;      /* met, before LIMIT */
	uint64_t skip_rows;       /* OFFSET, where the evaluation applies it */
	int64_t deadline_us;      /* monotonic; 0: none */
	bool failed, done;
};

/* Sets the view up, once. */
void evaluation_take_view(struct evaluation *evaluation);
/* Appends the value of a key as the view has it. */
enum store_outcome evaluation_get(struct evaluation *evaluation, struct bytes key, struct buf *out_value,
				  struct diag *diag);
/* The transaction that locks rows. */
struct store_txn *evaluation_locking_txn(struct evaluation *evaluation);
/* -1 with the handle's diag: killed, or too long. Cursors ask it in loops that do not come back to SQLite. */
int evaluation_check(struct evaluation *evaluation);
