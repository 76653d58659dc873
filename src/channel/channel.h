/*
 * Replication channels: each one source, fetched from by a receiver into a relay log, applied by an applier.
 *
 * The default channel's name is "". A channel exists from its first CHANGE REPLICATION SOURCE until RESET REPLICA ALL;
 * settings and applied position are in the store, master.info and relay-log.info are written for people to read.
 *
 * Functions that change something (change, start, stop, reset) run one at a time; STOP waits for the threads to end.
 * Looking (status) waits for nobody. Any thread.
 */
#pragma once

#include "applier/applier.h"
#include "base/arena.h"
#include "base/diag.h"
#include "binlog/gtid.h"
#include "channel/settings.h"
#include "filter/filter_set.h"
#include "receiver/receiver.h"
#include "session/session.h"

struct channels;
typedef int channel_run_query(struct session *session, struct bytes text, struct diag *diag);

/* Loads what the store has; starts nothing. run_query: see applier/apply.h. filters: what channels begin with, borrowed
   and from then on changed by channels_change_filter alone. */
int channels_open(struct server *server, channel_run_query *run_query, struct filter_set *filters,
		  struct channels **out_channels, struct diag *diag);
/* At server start, unless skip_slave_start. */
void channels_start(struct channels *channels);
void channels_close(struct channels **channels); /* stops all; NULLs the pointer */

/* ------------------------------------------------------------------------------------------------ statements */

/* The channel's settings, or the defaults when there is no such channel yet. */
void channels_get_settings(struct channels *channels, const char *name, struct channel_settings *out);

struct channel_place {
	bool has_file, has_position;
	char file[512];
	uint64_t position;
};
/*
 * Gives the channel (made if there is none) these settings and, if place says so, another place in the source's log: one of
 * another host or port begins at its first file. What the relay log holds is fetched again. The settings are settled: of two
 * ways to find the place the newer one stays. name NULL: the default channel, as long as none has a name (3079). -1: 3021,
 * 3085 while it runs; 1776, 1777, 4014, 4015.
 */
int channels_change(struct channels *channels, const char *name, struct channel_settings *settings,
		    const struct channel_place *place, struct diag *diag);

enum channel_threads { CHANNEL_RECEIVER = 1, CHANNEL_APPLIER = 2 }; /* bits */

struct channel_start {
	unsigned threads;          /* enum channel_threads; 0: both */
	const char *user, *password; /* for this run, or NULL */
	/* UNTIL: at most one of them */
	const char *source_file;
	uint64_t source_position;
	const char *relay_file;
	uint64_t relay_position;
	const struct gtid_set *before_gtids, *after_gtids;
	bool until_no_gaps;          /* SQL_AFTER_MTS_GAPS */
};
/* name NULL: all. -1: 1200 not configured, 3074 no such channel, 3079, 3086, 3112. Running ones: a note in warnings. */
int channels_start_threads(struct channels *channels, const char *name, const struct channel_start *start,
			   struct warnings *warnings, struct diag *diag);
/* threads 0: both. Those not running: a note. */
int channels_stop_threads(struct channels *channels, const char *name, unsigned threads, struct warnings *warnings,
			  struct diag *diag);
/* RESET REPLICA [ALL]: forgets positions and relay log; with all, the settings. -1: 3081 while it runs. */
int channels_reset(struct channels *channels, const char *name, bool all, struct diag *diag);

/* FLUSH RELAY LOGS: they go on in new files. name NULL: all. -1: 3074. */
int channels_flush_relay_logs(struct channels *channels, const char *name, struct diag *diag);
/*
 * CHANGE REPLICATION FILTER: those rules whose bit (1 << enum filter_rule) is in `replaced` become those of `rules`. name
 * NULL: of all channels, and of those to come. Not kept over a restart. -1: 3085 while an applier runs, 3074.
 */
int channels_change_filter(struct channels *channels, const char *name, const struct filter *rules, unsigned replaced,
			   struct diag *diag);

/* ------------------------------------------------------------------------------------------------------- status */

/* All that SHOW REPLICA STATUS and the metrics tell. Texts are in the arena, never NULL. */
struct channel_status {
	const char *name;
	struct channel_settings settings;
	unsigned heartbeat_ms;
	unsigned long io_session;   /* the receiver's in the process list; 0: it is not there */
	struct relay_transaction queueing, queued;
	uint64_t heartbeats;        /* received since it was made */
	int64_t last_heartbeat_us;  /* 0: never */
	const char *last_heartbeat; /* local time; "" for never */
	const char *io_state;            /* Replica_IO_State */
	const char *io_running;          /* "Yes", "No", "Connecting" */
	const char *sql_running;         /* "Yes", "No" */
	const char *sql_state;
	const char *source_file;         /* read so far */
	uint64_t source_position;
	const char *applied_file;        /* applied so far: Relay_Source_Log_File, Exec_Source_Log_Pos */
	uint64_t applied_position;
	const char *relay_file;
	uint64_t relay_position;
	uint64_t relay_space;
	unsigned io_error_number, sql_error_number;
	const char *io_error, *sql_error;
	int64_t io_error_time_us, sql_error_time_us; /* 0: never */
	const char *until_condition;     /* "None", "Source", "Relay", "SQL_BEFORE_GTIDS", ... */
	const char *until_file;
	uint64_t until_position;
	bool has_seconds_behind;
	uint64_t seconds_behind;
	int64_t remaining_delay_s;       /* -1: not waiting */
	uint32_t source_server_id;
	const char *source_uuid;
	const char *retrieved_gtids;
	const char *mariadb_gtids;       /* Gtid_IO_Pos */
	uint64_t retried_transactions;
	unsigned long sql_session;       /* as io_session */
	struct relay_transaction processing, processed; /* by the applier's own thread */
	struct applier_retries processing_retries, processed_retries;
	size_t worker_count;             /* 0: the applier is alone, or was in its last run */
	struct applier_worker *workers;
	const char *info_file;           /* Source_Info_File */
	const char *filters[FILTER_RULES]; /* filter_print's */
};
size_t channels_count(struct channels *channels);
/* In order of creation; false past the end. */
bool channels_status_at(struct channels *channels, size_t index, struct arena *arena, struct channel_status *out);
bool channels_exists(struct channels *channels, const char *name);
bool channels_must_be_named(struct channels *channels); /* who means a single one has to say which: 3079 */

/* SHOW RELAYLOG EVENTS: the file's path (first file when name is empty) and its plain name, in the arena. -1: 3074, 1220. */
int channels_find_relay_file(struct channels *channels, const char *channel, struct bytes file, struct arena *arena,
			     const char **out_path, const char **out_name, struct diag *diag);
