/* What the hands' files share; nobody else includes it. */
#pragma once

#include "applier/apply.h"
#include "applier/write_set.h"
#include "base/map.h"
#include "change/change.h"
#include "type/log_type.h"

/* How one table's logged rows become ours: made at its TABLE_MAP, kept while table and map stay the same. */
struct table_plan {
	struct arena arena;
	struct bytes map_body;      /* the TABLE_MAP's bytes it was made from */
	struct event_table_map map; /* in the arena */
	struct table *table;        /* one reference; NULL: filtered out, its rows are passed over */
	struct log_type *types;     /* of the source's columns */
	int *source_columns;        /* of each of our columns: the source's that it stands for, or -1 */
	enum log_type_match *matches; /* of each of our columns that has one */
	bool is_same;               /* a complete image is our image */
	struct change_context *context; /* open from the statement's first rows to its last, or NULL */
	uint16_t context_flags;     /* of the rows events it was opened for */
	struct write_set_table footprint; /* in the arena of footprints it was made in; see apply_foresee */
	uint64_t foreseen;          /* the apply's foresight that footprint and locks are of; 0: none */
};

enum { plan_slots = 256, apply_held_patience_ms = 100 };
struct error_list;

struct apply {
	struct session *session;      /* borrowed */
	applier_run_query *run_query;
	struct apply_transaction transaction;
	bool is_open;
	bool is_joined;               /* between join and leave: the session's statement is a client's */
	bool in_statement;            /* a statement of row events is open */
	struct event_format payload_format; /* of events that were unpacked: without checksums */

	struct buf rows_query_text;   /* the source's statement, to be logged as ours */
	struct bytes rows_query;      /* the same until it was logged */

	struct map plans;             /* table id -> struct table_plan, since the last clearing */
	size_t plan_count;

	/* of one event */
	struct arena arena;
	int64_t time_us;              /* when it was made, by the source's clock */
	struct buf before, after;     /* our images of the event's row */
	struct buf handle, current;   /* the row that is meant */
	struct buf unpacked;          /* a decompressed event, or a payload's */

	struct error_list *skipped_errors; /* owned */

	/* see apply_foresee */
	uint64_t foresight;           /* rises with each apply_forget_foreseen */
	struct arena footprints;

	struct buf companion_key, companion_value;
	enum txn_companion companion_kind;

	/* LOAD DATA as a statement */
	int load_fd;                  /* the file so far, or -1 */
	uint32_t load_id;
	char *load_path;              /* owned, or NULL; the file is gone when it is */
	struct buf load_text;         /* the statement with the path in it */
};

/* apply_table.c */
/* TABLE_MAP: locks the table and its family, makes or finds the plan. */
int apply_table_map(struct apply *apply, const struct event *event, struct diag *diag);
/* The same without waiting for locks, and without regard to the transaction that is open. */
int apply_table_map_at_once(struct apply *apply, const struct event *event, struct diag *diag);
/* NULL: no such map came. */
struct table_plan *apply_find_plan(struct apply *apply, uint64_t table_id);
void apply_forget_plans(struct apply *apply); /* no statement may be open */
void apply_bound_plans(struct apply *apply);  /* forgets them when there are many */
struct change_context *apply_open_context(struct apply *apply, struct table_plan *plan, uint16_t flags);
void apply_close_contexts(struct apply *apply);
/* 1677: our column cannot hold the source's. Always -1. */
int apply_refuse_column(const struct table_plan *plan, unsigned own, unsigned source, struct diag *diag);

/* apply_image.c */
/*
 * Our image of the source's: columns that are not in it come from `base` (a row of ours), or, when that is empty,
 * are given their defaults. out is replaced.
 */
enum apply_image { APPLY_BEFORE /* columns that are not in it may be anything */, APPLY_AFTER };
int apply_convert_image(struct apply *apply, struct table_plan *plan, enum apply_image kind, const uint8_t *columns,
			struct bytes image, struct bytes base, struct buf *out, struct diag *diag);
bool apply_is_told(const struct table_plan *plan, const uint8_t *columns, unsigned own);
/* Which of our columns an image of the source's columns tells; NULL: all. In the event's arena. */
const uint8_t *apply_known_columns(struct apply *apply, const struct table_plan *plan, const uint8_t *columns);

/* apply_filter.c. The statement's context is set. */
bool apply_allows_statement(struct apply *apply, const struct event_query *query);
bool apply_allows_rows(const struct apply *apply, const char *database, const char *table);
/* What the logged database is called here. Lives as long as the event's arena. */
const char *apply_database(struct apply *apply, struct bytes logged);

/* apply_skip.c */
void apply_read_skipped_errors(struct apply *apply);
bool apply_skips_error(const struct apply *apply, unsigned code);
/* True: the error is one that is passed over. It is logged, and diag is clear. */
bool apply_skip(const struct apply *apply, struct diag *diag);

/* apply_rows.c: one rows event. */
int apply_rows(struct apply *apply, const struct event *event, struct diag *diag);

/* apply_context.c: -1: a character set or time zone that is not known here. */
int apply_set_context(struct apply *apply, const struct event *event, const struct event_query *query,
		      struct diag *diag);

/* apply_query.c */
/* Runs the statement; diag says what MySQL would. */
int apply_run_statement(struct apply *apply, const struct event *event, const struct event_query *query,
			struct diag *diag);
int apply_intvar(struct apply *apply, const struct event *event, struct diag *diag);
int apply_rand(struct apply *apply, const struct event *event, struct diag *diag);
int apply_user_var(struct apply *apply, const struct event *event, struct diag *diag);

/* apply_load.c: the blocks of LOAD DATA's file, and the statement that is to be run with it, good until the next one. */
int apply_load_block(struct apply *apply, const struct event *event, struct diag *diag);
int apply_load_query(struct apply *apply, const struct event *event, struct event_query *out, struct diag *diag);
void apply_load_forget(struct apply *apply); /* DELETE_FILE, and the end of whatever was under way */

/* " ; the event's source log f, end_log_pos n; GTID u:1": where the operator finds it. Appended. */
void apply_put_place(const struct apply *apply, const struct event *event, struct buf *out);
/* The diag's code stays, its message becomes the text. Always -1. */
int apply_retell(struct diag *diag, struct buf *text);
