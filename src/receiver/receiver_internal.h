/* What the files of this folder share; nobody else includes it. */
#pragma once

#include <mysql.h>

#include "base/lock.h"
#include "receiver/receiver.h"
#include "relay/boundary.h"

/* How a step ended. */
enum receive_outcome {
	RECEIVE_OK,
	RECEIVE_STOPPED, /* somebody called receiver_stop */
	RECEIVE_LOST,    /* the network, or a source that is going away: try again */
	RECEIVE_FATAL,   /* trying again would not help */
};

struct receiver {
	struct relay_log *relay; /* immutable, borrowed */
	int wake_fd;             /* immutable; readable once stopping */
	atomic_bool stopping;

	/* owned by the running thread */
	const struct receiver_settings *settings;
	const struct receiver_hooks *hooks;
	MYSQL *mysql;                         /* NULL: not connected */
	struct event_format format;           /* how to read what comes next */
	struct boundary boundary;
	char file[log_file_name_max + 1];     /* the source's; "" is its first one */
	uint64_t position;                    /* behind the last event */
	char resume_file[log_file_name_max + 1]; /* behind the last whole transaction: where to ask from */
	uint64_t resume_position;
	struct gtid gtid;                     /* of the transaction under way */
	bool is_mariadb;
	struct mariadb_gtid mariadb_gtid;     /* of the transaction under way */
	bool acknowledges;                    /* this connection is semi-synchronous */
	bool is_asked;                        /* by the event under way: acknowledge it */
	bool is_part_published;               /* of a transaction: at its end the rest follows, and only there files end */
	int64_t told_us;                      /* when hooks->moved was last called, monotonic */

	struct lock lock;
	/* guarded by lock */
	int socket;                           /* of the connection, to be shut by receiver_stop; -1: none */
	struct receiver_status status;
	struct gtid_set retrieved;            /* whole transactions in the relay log, since it began */
	struct mariadb_position mariadb;      /* behind the last whole transaction, in MariaDB's words */
};

/* receiver.c */
void receiver_report(struct receiver *receiver, const struct diag *diag);
void receiver_show(struct receiver *receiver, enum receiver_connection connection, const char *state);
void receiver_tell(struct receiver *receiver, bool at_once);

/* link.c: TLS and compression. Before connecting; and behind it, whether the connection is what was asked for. */
enum { compression_refused = 2066 }; /* MySQL's number for it; libmariadb has none */
void connection_set_link(MYSQL *mysql, const struct receiver_settings *settings);
enum receive_outcome connection_check_link(struct receiver *receiver, struct diag *diag);

/* connection.c: the client's side of a connection. diag is set unless OK or STOPPED. */
enum receive_outcome connection_open(struct receiver *receiver, struct diag *diag);
void connection_close(struct receiver *receiver);
enum receive_outcome connection_query(struct receiver *receiver, const char *sql, char *out_text, size_t size,
				      struct diag *diag);
enum receive_outcome connection_command(struct receiver *receiver, unsigned command, struct bytes payload,
					bool has_answer, struct diag *diag);
/* The next event's bytes, valid until the next call. */
enum receive_outcome connection_read_event(struct receiver *receiver, struct bytes *out_event, struct diag *diag);
bool connection_has_more(const struct receiver *receiver); /* more can be read at once */
/* Semi-synchronous: all before the position is in the relay log. */
enum receive_outcome connection_acknowledge(struct receiver *receiver, struct diag *diag);

/* introduce.c: what replica and source tell each other before events come. */
enum receive_outcome receiver_introduce(struct receiver *receiver, struct diag *diag);
enum receive_outcome receiver_request_dump(struct receiver *receiver, struct diag *diag);

/* queue.c: one event into the relay log. */
enum receive_outcome receiver_queue_event(struct receiver *receiver, struct bytes raw, struct diag *diag);
