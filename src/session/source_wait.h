/* What MASTER_POS_WAIT(), SOURCE_POS_WAIT() and WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS() wait for: server->source_wait. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

struct gtid_set;

struct source_wait {
	struct bytes channel;   /* name; borrowed. data NULL: the only one there is, else 3079 */
	struct bytes file;      /* of the source's log */
	uint64_t position;
	const struct gtid_set *gtids; /* until they are executed; NULL: until file and position are applied */
	struct bytes mariadb_gtids;   /* MASTER_GTID_WAIT(): until gtid_slave_pos is there, whichever channel runs; data
	                                 NULL: not that */
	double timeout_seconds; /* 0: none */
};

/* The wait's answer is the number of events it waited for, or: */
#define SOURCE_WAIT_TIMEOUT ((int64_t)-1)
#define SOURCE_WAIT_NULL INT64_MIN /* no such channel, its applier does not run or stopped */
