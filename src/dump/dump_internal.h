/* What the files of this folder share; nobody else includes it. */
#pragma once

#include <stdatomic.h>

#include "base/lock.h"
#include "binlog/log.h"
#include "binlog/reader.h"
#include "dump/dump.h"
#include "dump/semi_sync.h"

/* One connected replica: made by COM_REGISTER_SLAVE or by the dump itself, gone with the dump or the connection. */
struct dump_entry {
	/* guarded by the registry's lock */
	struct dump_entry *next;
	unsigned long session_id;
	uint32_t server_id;
	char *host, *user, *password, *uuid; /* owned; never NULL */
	unsigned port;
	uint32_t source_id;
	bool is_registered;                  /* COM_REGISTER_SLAVE came: SHOW SLAVE HOSTS lists it */
	struct dump *dump;                   /* the running one, or NULL */
};

struct dump_registry {
	struct lock lock;
	struct dump_entry *first; /* guarded by lock */
};

/* What the replica asked for. */
struct dump_request {
	uint32_t server_id;
	bool non_blocking;        /* EOF at the log's end instead of waiting */
	bool is_mariadb;          /* it said so: @mariadb_slave_capability */
	bool knows_heartbeat_v2;  /* with the position in 64 bits */
	struct bytes file;        /* empty: the first one */
	uint64_t position;
	bool by_gtid;
	struct gtid_set has;      /* by_gtid: what the replica has */
};

/* A running dump. What is not atomic belongs to its thread. */
struct dump {
	struct session *session;
	struct wire *wire;
	struct binlog *binlog;
	const struct dump_request *request;
	bool wants_checksums;     /* the replica declared that it knows CRC32 */
	int64_t heartbeat_us;     /* 0: none */
	bool acknowledges;        /* the replica declared that it is semi-synchronous */
	bool asks;                /* the event to be sent next is to be acknowledged */
	unsigned unheard;         /* events sent since acknowledgements were looked for */
	struct semi_sync_replica replica;
	struct binlog_position asked; /* the place of the last question */
	struct binlog_reader registration;
	struct binlog_watcher watcher;
	struct log_reader reader;
	uint32_t file;            /* being read */
	bool hides_gtids;         /* from MySQL 5.6 without GTIDs, which refuses even anonymous ones; it counts bytes, so
	                             something of their size has to stand there */
	bool skipping;            /* inside of a transaction that the replica has */
	bool left_out;            /* nothing was sent since one that it has */
	struct buf scratch;       /* an event in the making */

	/* atomic */
	atomic_bool cancelled;    /* by KILL, or by the same replica's newer dump */
	atomic_bool replaced;     /* by that, while it was waiting: whoever is there is told */
	atomic_bool is_waiting;   /* what the process list says */
};

/* registry.c. The registry knows the dump until dump_leave; ends older dumps of the same replica. */
void dump_enter(struct dump *dump);
void dump_leave(struct dump *dump);

/* dump.c. What the replica declared in a user variable, in one vocabulary or the other; NULL: it did not. */
const struct value *dump_variable(const struct dump *dump, const char *old_name, const char *new_name);

/* find_start.c. -1: what to tell the replica, 1236. */
int dump_find_start(struct dump *dump, uint32_t *out_file, uint64_t *out_position, struct diag *diag);

/* stream.c. The position was found good; 0 when it ended as it should, -1 with what to tell the replica. */
int dump_stream(struct dump *dump, uint32_t file, uint64_t position, struct diag *diag);
int dump_fail(struct diag *diag, const char *text); /* 1236; always -1 */

/* acknowledge.c: the semi-synchronous part of a dump. */
void dump_put_semi_sync(struct dump *dump, struct buf *packet); /* in front of an event */
/* The event that was read ends at position: does its packet ask? */
void dump_decide_question(struct dump *dump, struct binlog_position position);
/* Behind a packet that asked. */
int dump_finish_question(struct dump *dump, struct diag *diag);
/* True: the replica stands at the log's end, and nobody has asked it to say so. */
bool dump_owes_question(struct dump *dump, struct binlog_position position);
/* Reads what the replica has sent by now. False: it has gone. */
bool dump_hear(struct dump *dump);
