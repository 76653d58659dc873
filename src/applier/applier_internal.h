/* What the applier's files share; nobody else includes it. */
#pragma once

#include "applier/applier.h"
#include "base/lock.h"
#include "binlog/reader.h"
#include "relay/boundary.h"

/* Between two transactions, in both logs. */
struct resting_place {
	struct source_position source;
	struct relay_position relay;
};

enum group_fate {
	GROUP_APPLIED,
	GROUP_IGNORED, /* our own, or of a server that is to be ignored, or executed already */
	GROUP_SKIPPED, /* by sql_slave_skip_counter: its GTID counts as executed */
};

/* The transaction under way. */
struct group {
	bool is_open;
	enum group_fate fate;
	bool has_gtid;
	bool is_mariadb;
	uint64_t retries;
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
	struct resting_place rest;       /* where a run begins again */
	bool rest_is_stored;             /* the store has it */
	int64_t told_us;                 /* when hooks->moved was last called, monotonic */
	uint32_t server_id;
	bool logs_updates;
	struct buf key, value;           /* the position's record */

	struct lock lock;
	struct session *interruptible;   /* guarded by lock: the running session, for applier_stop */
	struct applier_status status;    /* guarded by lock */
};

/* relay_reader.c: the next event of the relay log. */
enum relay_outcome { RELAY_EVENT, RELAY_STOPPED, RELAY_FAILED };
int applier_open_relay(struct applier *applier, struct diag *diag); /* at rest.relay */
enum relay_outcome applier_next_event(struct applier *applier, struct event *out_event, struct diag *diag);

/* group.c: transactions. */
enum group_step { GROUP_ON, GROUP_REACHED /* UNTIL */, GROUP_STOPPED, GROUP_FAILED };
enum group_step applier_take_event(struct applier *applier, const struct event *event, struct diag *diag);
/* Nothing of the transaction under way remains; the next event to be read is its first. */
int applier_step_back(struct applier *applier, struct diag *diag);

/* applier.c */
void applier_show(struct applier *applier, const char *state);
/* Nothing is left to do: the position is stored, and told. */
void applier_rest(struct applier *applier);
void applier_tell(struct applier *applier, bool at_once);
