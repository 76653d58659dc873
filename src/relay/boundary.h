/*
 * Where transactions begin and end in a stream of events: of MySQL's make with and without GTIDs, of MariaDB's.
 *
 *              GTID, INTVAR ...            BEGIN, or MariaDB's GTID that is not standalone
 *   outside ----------------> announced ------------------------------------------------> inside
 *      ^  ^                       |                                                          |
 *      |  +-----------------------+ one QUERY (DDL), TRANSACTION_PAYLOAD, INCIDENT           |
 *      +-------------------------------------------------------------------------------------+ XID, COMMIT, ROLLBACK
 *
 * A ROTATE or a description inside of a transaction is the head of a new stream: the connection broke, and what was
 * under way will come again.
 *
 * The receiver asks from where to fetch again, the applier what belongs together. Pure; one owner.
 */
#pragma once

#include "binlog/event.h"

enum boundary_place { BOUNDARY_OUTSIDE, BOUNDARY_ANNOUNCED, BOUNDARY_INSIDE };

struct boundary {
	enum boundary_place place;
};

enum boundary_step {
	BOUNDARY_NOTHING, /* an event that belongs to no transaction */
	BOUNDARY_BEGINS,  /* the first event of a transaction */
	BOUNDARY_GOES_ON, /* one in the middle */
	BOUNDARY_ENDS,    /* its last one; also when it is the only one */
	BOUNDARY_BREAKS,  /* one that was under way never ends: the stream was cut, and begins anew with this event */
	BOUNDARY_CORRUPT, /* diag */
};

enum boundary_step boundary_feed(struct boundary *boundary, const struct event *event, struct diag *diag);
