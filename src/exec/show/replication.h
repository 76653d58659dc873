/* SHOW's replication kinds: logs, their events, replicas, channels. Private to exec. */
#pragma once

#include "exec/statement.h"

/* AST_SHOW_BINARY_LOGS, _BINARY_LOG_STATUS, _BINLOG_EVENTS, _RELAYLOG_EVENTS, _REPLICAS, _REPLICA_STATUS. */
int show_replication(struct statement *statement);
