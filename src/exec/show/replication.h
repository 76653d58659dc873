/* SHOW's replication kinds: logs, their events, replicas, channels. Private to exec. */
#pragma once

#include "exec/statement.h"

/* AST_SHOW_BINARY_LOGS, _BINARY_LOG_STATUS, _BINLOG_EVENTS, _RELAYLOG_EVENTS, _REPLICAS, _REPLICA_STATUS. */
int show_replication(struct statement *statement);

/* replica_status.c */
int show_replica_status(struct statement *statement, struct result_builder *builder);

/* For its files: REPLICATION CLIENT or SUPER, else 1227; @@gtid_executed, in the statement's arena. */
int show_require_client(struct statement *statement);
const char *show_executed_gtids(struct statement *statement);
