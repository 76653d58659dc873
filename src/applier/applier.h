/*
 * A channel's applier (MySQL's SQL thread): reads the relay log and makes its transactions ours, in source order.
 *
 *   relay log -> whole transactions (relay/boundary.h) -> skip it? (our own server id, ignored ones, executed GTIDs)
 *             -> apply.h -> commit, with the position behind it in the same store transaction (law 6)
 *
 * A transaction that fails leaves nothing behind. Lock timeouts and deadlocks are tried again
 * (slave_transaction_retries); any other error ends the run, and the next one begins with the same transaction.
 */
#pragma once

#include <stdatomic.h>

#include "applier/apply.h"
#include "applier/position.h"
#include "relay/relay_log.h"
#include "relay/transaction.h"

enum applier_until { APPLIER_UNTIL_NONE, APPLIER_UNTIL_SOURCE_POSITION, APPLIER_UNTIL_RELAY_POSITION,
		     APPLIER_UNTIL_BEFORE_GTIDS, APPLIER_UNTIL_AFTER_GTIDS,
		     APPLIER_UNTIL_NO_GAPS /* reached where it is asked: nobody commits out of order */ };

/* Borrowed while applier_run runs, and unchanged. */
struct applier_settings {
	const char *channel;
	bool replicates_same_server_id;
	const uint32_t *ignored_server_ids;
	size_t ignored_count;
	uint32_t delay_s;              /* SOURCE_DELAY */
	uint8_t assigned_sid[uuid_size]; /* of the GTIDs for transactions without; zeros: as everybody's here */
	enum applier_until until;
	struct source_position until_position;
	struct relay_position until_relay;
	const struct gtid_set *until_gtids;
	const struct filter *filter;   /* the channel's rules; NULL: none */
};

/* Called in the applier's thread. */
struct applier_hooks {
	void *argument;
	void (*ending)(void *argument); /* the run is about to end; its error, if any, cannot be seen yet */
	void (*moved)(void *argument); /* the position may be written down for people to read: now and then */
};

/* How often a transaction was tried again, and why the last time. */
struct applier_retries {
	uint64_t count;
	unsigned error_number;
	char error[diag_message_size];
	int64_t error_time_us; /* wall clock */
};

/* A copy of what SHOW REPLICA STATUS tells. */
struct applier_status {
	bool running;
	char state[96];                   /* Replica_SQL_Running_State, "" when off */
	struct source_position position;  /* behind the last transaction that was applied or skipped */
	struct relay_position relay;      /* the same, in the relay log */
	unsigned error_number;            /* Last_SQL_Errno */
	char error[diag_message_size];
	int64_t error_time_us;            /* wall clock; 0: never */
	uint32_t event_timestamp;         /* of the transaction being applied, or the last one */
	bool caught_up;                   /* all of the relay log is applied */
	uint64_t retried;                 /* transactions that were tried again */
	int64_t delayed_until_s;          /* while it waits for SOURCE_DELAY, wall clock; 0: it does not */
	/* Of the applier's own thread: applied by it, or given to a worker. */
	struct relay_transaction processing, processed; /* under way, and the last one */
	struct applier_retries processing_retries, processed_retries;
};

/* One of its workers. */
struct applier_worker {
	unsigned long session_id;             /* 0: it does not run */
	struct relay_transaction applying;    /* begun_us: when its batch was begun */
	struct relay_transaction applied;     /* the last one that is committed */
};

struct applier;

struct applier *applier_create(struct relay_log *relay, applier_run_query *run_query); /* relay: borrowed */
void applier_destroy(struct applier **applier);

/* It goes on behind this place of the source's log, which is that one of the relay log. While it does not run. */
void applier_set_position(struct applier *applier, const struct source_position *position,
			  struct relay_position relay);
/*
 * Runs in the caller's thread, in a session that is its own (internal, "system user"), until it is stopped or has
 * reached what it was to reach (0), or fails (-1; the status has the error).
 */
int applier_run(struct applier *applier, struct session *session, const struct applier_settings *settings,
		const struct applier_hooks *hooks);
/* Any thread: ends a run, or the next one if none is. What is under way is rolled back. */
void applier_stop(struct applier *applier);
void applier_rearm(struct applier *applier);

void applier_get_status(struct applier *applier, struct applier_status *out); /* any thread */
/* Those that are at work, or were in the last run; in the arena. Any thread. */
struct arena;
size_t applier_get_workers(struct applier *applier, struct arena *arena, struct applier_worker **out);
void applier_clear_error(struct applier *applier);
