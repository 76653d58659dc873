/* Removes binary log files by age: expire_logs_days, binlog_expire_logs_seconds. A thread that looks every minute. */
#pragma once

#include "base/diag.h"
#include "session/server.h"

struct expiry;
int expiry_start(struct server *server, struct expiry **out, struct diag *diag);
void expiry_stop(struct expiry **expiry);
