/*
 * Semi-synchronous replication, the source's side: a commit is not answered before enough replicas have
 * acknowledged that the end of its events stands in their relay logs.
 *
 *   leader: group flushed and published -> semi_sync waits -> store -> owners are answered      AFTER_SYNC
 *                                           while the next groups come as far
 *   leader: group flushed and published -> store -> semi_sync waits -> owners are answered      AFTER_COMMIT
 *   dump:   sends the event at the log's end, asking -> the replica acknowledges -> the waits that it ends
 *
 *         nobody acknowledged within the timeout, or too few replicas are there to do it
 *   ON  ------------------------------------------------------------------------------------> OFF
 *    ^                                                                                         |
 *    +----------------- enough replicas have acknowledged what was the log's end -------------+
 *
 * While it is off, commits go on without waiting, as MySQL's do. With falls_back false it is never off while it is
 * enabled: commits wait for as long as it takes, and the error log says so.
 *
 * A shutdown ends the waits with 1053: those transactions are in the log, but nobody was told that they are safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "binlog/log.h"
#include "session/server.h"
#include "txn/txn.h"

struct semi_sync;

enum semi_sync_point { SEMI_SYNC_AFTER_SYNC, SEMI_SYNC_AFTER_COMMIT };

struct semi_sync_settings {
	bool is_enabled;
	int64_t timeout_ms;
	unsigned replica_count;      /* how many have to acknowledge */
	bool waits_without_replicas; /* also while fewer than that are connected */
	enum semi_sync_point point;
	bool falls_back;
};

struct semi_sync *semi_sync_create(struct binlog *binlog); /* borrowed; NULL: nothing is ever logged */
void semi_sync_destroy(struct semi_sync **semi);
struct txn_group_hooks semi_sync_hooks(struct semi_sync *semi);
/* Any thread; waits under way go by the new settings. */
void semi_sync_configure(struct semi_sync *semi, const struct semi_sync_settings *settings);
/* Shutdown: ends all waits, those to come included. */
void semi_sync_stop(struct semi_sync *semi);

/* ------------------------------------------------------------------------------------------------ the dumps' side */

/* A connected replica that acknowledges. Its memory is its dump's. */
struct semi_sync_replica {
	/* guarded by semi_sync's lock */
	struct semi_sync_replica *next;
	struct binlog_position asked;        /* the last place it was asked to acknowledge */
	struct binlog_position acknowledged;
	struct binlog_position target;       /* while off: the log's end when it was asked; file 0: was not yet */
	bool has_caught_up;                  /* while off: it acknowledged the target */
};
void semi_sync_join(struct semi_sync *semi, struct semi_sync_replica *replica);
void semi_sync_leave(struct semi_sync *semi, struct semi_sync_replica *replica);
bool semi_sync_is_enabled(struct semi_sync *semi);
/* An event that ends there, where the log does, is about to be sent. True: ask for an acknowledgement. */
bool semi_sync_ask(struct semi_sync *semi, struct semi_sync_replica *replica, struct binlog_position position);
/* The replica says that it has all before position; it is believed up to where it was asked. */
void semi_sync_acknowledge(struct semi_sync *semi, struct semi_sync_replica *replica,
			   struct binlog_position position);

/* What SHOW STATUS shows. */
struct semi_sync_stats {
	bool is_on;
	unsigned clients;            /* connected replicas that acknowledge */
	unsigned waiting;            /* transactions that wait now */
	uint64_t acknowledged;       /* transactions: yes_tx */
	uint64_t unacknowledged;     /* no_tx */
	uint64_t switched_off;       /* no_times */
	uint64_t waits, waited_us;   /* groups that waited and were acknowledged */
	uint64_t asked;              /* net_waits: events that were to be acknowledged */
	uint64_t answers;            /* acknowledgements that came */
	uint64_t waits_backwards;    /* wait_pos_backtraverse: waits for a place before one waited for already */
};
void semi_sync_get_stats(struct semi_sync *semi, struct semi_sync_stats *out);

/* --------------------------------------------------------------------------------- its place in a server, at boot */

/* Makes the server's, with its variables, status counters and hooks. Closing comes after the transactions' manager. */
void semi_sync_open(struct server *server);
void semi_sync_close(struct server *server);
