/* A transaction on its way through a channel, as monitors see it. */
#pragma once

#include "binlog/gtid.h"

/* None when begun_us is 0. Times are wall clock. */
struct relay_transaction {
	struct gtid gtid;                   /* gno 0: anonymous */
	uint64_t original_us, immediate_us; /* its commits: where it was made, and at our source */
	int64_t begun_us, ended_us;         /* being queued, or being applied */
};
