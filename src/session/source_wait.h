/* What MASTER_POS_WAIT() and SOURCE_POS_WAIT() wait for: server->source_wait. */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

struct source_wait {
	struct bytes channel;   /* name, "" by default; borrowed */
	struct bytes file;      /* of the source's log */
	uint64_t position;
	double timeout_seconds; /* 0: none */
};

/* The wait's answer is the number of events it waited for, or: */
#define SOURCE_WAIT_TIMEOUT ((int64_t)-1)
#define SOURCE_WAIT_NULL INT64_MIN /* no such channel, its applier does not run or stopped */
