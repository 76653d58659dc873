/*
 * After a crash: what our log has and the store has not is applied again, by the applier's hands (law 1, law 3).
 *
 * The store knows the log position it stands at; every transaction behind it is repeated, with the row versions, the
 * positions of channels (companions) and the GTIDs it had. Runs at boot, alone, before the listener and the channels.
 */
#pragma once

#include "applier/apply.h"
#include "binlog/log.h"

/* from: txn_read_position's; {0, 0} is the log's beginning. -1: the server must not start. */
int recovery_replay(struct server *server, struct binlog *log, struct binlog_position from,
		    applier_run_query *run_query, struct diag *diag);
