/*
 * A channel's receiver (MySQL's I/O thread): fetches the source's log, as a client, and keeps it in the relay log.
 *
 *          connect, agree on clock, ids, heartbeat, checksums
 *   CONNECTING ------------------------------------------------> CONNECTED   events until the connection breaks
 *       ^  |                                                         |
 *       |  +---- retry each connect_retry_s, retry_count times       |
 *       +------------------------------------------------------------+ at once, then as above
 *
 * It ends when it is stopped, when the source refuses for good (1236, 1593), or when it has retried often enough. It
 * resumes between transactions: a connection that breaks inside of one makes the source send it again from its start.
 *
 * libmariadb stays behind this door (law 9).
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "binlog/gtid.h"
#include "binlog/index.h"
#include "binlog/mariadb_position.h"
#include "receiver/source_link.h"
#include "relay/relay_log.h"
#include "relay/transaction.h"

/* Borrowed while receiver_run runs, and unchanged. Texts are never NULL; "" is none. */
struct receiver_settings {
	const char *channel;
	const char *host, *user, *password, *bind_address;
	unsigned port;
	unsigned connect_retry_s;
	uint64_t retry_count;           /* 0: for ever */
	uint64_t heartbeat_period_ns;   /* 0: none */
	unsigned net_timeout_s;         /* silence after which the connection counts as broken */
	bool auto_position;             /* by GTID set instead of file and position */
	bool mariadb_gtids;             /* by MariaDB's GTIDs instead */
	bool mariadb_strict;            /* the source is to refuse a position that is not in its log */
	bool acknowledges;              /* semi-synchronous, if the source can be */
	const struct source_link *link;
	bool compresses, must_compress; /* if the source can; or else not at all */
	/* what this server is to the source */
	uint32_t server_id;
	const char *uuid;
	bool replicates_same_server_id;
	const char *report_host, *report_user, *report_password;
	unsigned report_port;
	/* the relay log's bounds, bytes */
	uint64_t relay_sync_period;     /* sync_relay_log: events */
	uint64_t relay_file_max;        /* a new file past it */
	uint64_t relay_space_max;       /* waits for the applier past it; 0: none */
};

/* Called in the receiver's thread. */
struct receiver_hooks {
	void *argument;
	void (*ending)(void *argument); /* the run is about to end; its error, if any, cannot be seen yet */
	void (*show)(void *argument, const char *state);            /* the process list's state */
	void (*get_executed)(void *argument, struct gtid_set *out); /* adds to the set: for auto_position */
	void (*moved)(void *argument); /* the position may be written down for people to read: now and then */
	bool (*takes_gtids)(void *argument);                        /* gtid_mode is not OFF */
};

enum receiver_connection { RECEIVER_OFF, RECEIVER_CONNECTING, RECEIVER_CONNECTED };

/* A copy of what SHOW REPLICA STATUS tells. */
struct receiver_status {
	enum receiver_connection connection;
	char state[96];                   /* Replica_IO_State, "" when off */
	char file[log_file_name_max + 1]; /* the source's file being read */
	uint64_t position;                /* behind the last event that was read */
	unsigned error_number;            /* Last_IO_Errno */
	char error[diag_message_size];
	int64_t error_time_us;            /* wall clock; 0: never */
	int64_t clock_difference_s;       /* how far our clock is ahead of the source's */
	char source_uuid[37];             /* "" until known */
	uint32_t source_server_id;        /* 0 until known */
	uint64_t heartbeats;              /* received since it was created */
	int64_t heartbeat_time_us;        /* wall clock, of the last; 0: never */
	uint64_t acknowledgements;        /* sent since it was created */
	bool acknowledges;                /* the running connection is semi-synchronous */
	struct relay_transaction queueing, queued; /* under way, and the last whole one; of a MySQL source */
};

struct receiver;

struct receiver *receiver_create(struct relay_log *relay); /* the relay log is borrowed */
void receiver_destroy(struct receiver **receiver);

/*
 * Where the source is read from next, in both ways to say it, and the GTIDs that the relay log has already (NULL: none).
 * While it does not run.
 */
void receiver_set_position(struct receiver *receiver, const char *file, uint64_t position,
			   const struct gtid_set *retrieved, const struct mariadb_position *gtids);
/* Runs in the caller's thread until it is stopped (0) or fails for good (-1; the status has the error). */
int receiver_run(struct receiver *receiver, const struct receiver_settings *settings,
		 const struct receiver_hooks *hooks);
/* Any thread. Ends a run, or the next one if none is: call receiver_rearm before. */
void receiver_stop(struct receiver *receiver);
void receiver_rearm(struct receiver *receiver);

void receiver_get_status(struct receiver *receiver, struct receiver_status *out); /* any thread */
void receiver_get_retrieved(struct receiver *receiver, struct gtid_set *out);     /* any thread; replaces the set */
void receiver_get_mariadb_position(struct receiver *receiver, struct mariadb_position *out); /* any thread: Gtid_IO_Pos */
void receiver_clear_error(struct receiver *receiver);
/* What a run that could not begin says: settings that cannot be. */
void receiver_set_error(struct receiver *receiver, unsigned number, const char *message);
