/* What the applier's files share; nobody else includes it. */
#pragma once

#include "applier/applier.h"
#include "applier/crew.h"
#include "applier/schedule.h"
#include "applier/write_set.h"
#include "base/lock.h"
#include "binlog/reader.h"
#include "relay/boundary.h"

enum group_fate {
	GROUP_APPLIED,
	GROUP_IGNORED, /* our own, or of a server that is to be ignored, or executed already */
	GROUP_SKIPPED, /* by sql_slave_skip_counter: its GTID counts as executed */
};

/* The transaction under way. */
struct group {
	bool is_open;
	bool is_held; /* nothing of it is applied yet: see struct held */
	enum group_fate fate;
	bool has_gtid;
	uint64_t retries;
};

/* A transaction until it is whole. */
struct held {
	struct apply_transaction transaction;
	struct buf events;
	struct write_set keys;
	bool is_stale; /* the keys are of definitions that may have changed since */
};

struct applier {
	struct relay_log *relay;      /* immutable, borrowed */
	applier_run_query *run_query; /* immutable */
	atomic_bool stopping;

	/* owned by the running thread */
	struct session *session;
	const struct applier_settings *settings;
	const struct applier_hooks *hooks;
	struct apply *apply;
	struct log_reader reader;
	uint32_t relay_file;             /* being read */
	struct boundary boundary;
	struct source_position position; /* behind the last event that was read */
	struct group group;
	struct resting_place front;      /* behind the last transaction that was read */
	struct resting_place rest;       /* behind the last one that is committed: where a run begins again */
	bool rest_is_stored;             /* the store has it */
	int64_t told_us;                 /* when hooks->moved was last called, monotonic */
	uint32_t server_id;
	bool logs_updates;
	struct buf key, value;           /* the position's record */

	/* the same; how transactions are applied: read again now and then */
	enum apply_mode mode;
	unsigned type_policy;
	uint64_t pending_size_max;
	bool waits_for_room;             /* a transaction found the disk full; no other was committed since: */
	struct relay_position full_at;   /* rest.relay then */
	bool skips;                      /* sql_slave_skip_counter was set when it began */

	/* the same; what the crew has */
	struct crew *crew;               /* NULL: slave_parallel_workers is 0. Set under lock */
	struct schedule schedule;
	struct held held;
	int64_t foreseen_since_us;       /* monotonic; 0: the crew has nothing, no table is locked for it */
	struct event_format crew_format; /* of its events */
	struct relay_position alone_until; /* up to there nothing is given to the crew: it has failed there */

	struct lock lock;
	struct session *interruptible;   /* guarded by lock: the running session, for applier_stop */
	struct applier_status status;    /* guarded by lock */
	struct applier_worker *workers;  /* guarded by lock: how the last run's ended; owned */
	size_t worker_count;
};

/* relay_reader.c: the next event of the relay log. */
enum relay_outcome { RELAY_EVENT, RELAY_STOPPED, RELAY_FAILED };
int applier_open_relay(struct applier *applier, struct diag *diag); /* at rest.relay */
enum relay_outcome applier_next_event(struct applier *applier, struct event *out_event, struct diag *diag);

/* group.c: transactions. */
enum group_step { GROUP_ON, GROUP_REACHED /* UNTIL */, GROUP_STOPPED, GROUP_FAILED };
enum group_step applier_take_event(struct applier *applier, const struct event *event, struct diag *diag);
bool applier_until_is_behind(struct applier *applier);
/* What is held is applied by the applier itself, and with it what follows of the transaction, if it is not whole. */
enum group_step applier_apply_held(struct applier *applier, bool is_whole, struct diag *diag);

/* hold.c: for the crew. GROUP_ON also when it went back: then the group is not open any more. */
bool applier_may_hold(const struct applier *applier, const struct apply_transaction *transaction);
enum group_step applier_hold(struct applier *applier, const struct apply_transaction *transaction);
enum group_step applier_hold_event(struct applier *applier, const struct event *event, bool is_last, struct diag *diag);

/* rest.c: positions. */
void applier_note_position(struct applier *applier, const struct event *event);
void applier_give_position(struct applier *applier, bool has_gtid);
int applier_take_rotate(struct applier *applier, const struct event *event, struct diag *diag);
/* Between two transactions now, behind the last event that was read. */
void applier_come_to_rest(struct applier *applier, bool is_stored);
void applier_note_commit(void *argument, const struct batch *last); /* the crew's, in its committer's thread */
/*
 * Waits until the crew has nothing under way. False: it went back to the last commit, because something failed (which is
 * tried again alone), or because the applier stops; no group is open, and the next event to be read is another one.
 */
bool applier_settle(struct applier *applier);
/* Nothing of the transaction under way remains; the next event to be read is its first. */
int applier_step_back(struct applier *applier, struct diag *diag);

/* applier.c */
void applier_read_settings(struct applier *applier); /* variables that hold from the next transaction on */
void applier_show(struct applier *applier, const char *state);
/* Nothing is left to do: the position is stored, and told. */
void applier_rest(struct applier *applier);
void applier_tell(struct applier *applier, bool at_once);
