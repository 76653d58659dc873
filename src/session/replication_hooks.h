/* What variables need of the channels, which are above this folder: channels_open registers it in the server. */
#pragma once

#include "base/arena.h"
#include "base/diag.h"

struct server;

struct replication_hooks {
	/* SET GLOBAL replicate_do_db and its like, MariaDB's CHANGE REPLICATION FILTER: of all channels. -1: 3085, 1210. */
	int (*set_rule)(struct server *server, const char *variable, const char *list, struct diag *diag);
	const char *(*print_rule)(struct server *server, const char *variable, struct arena *arena);
	/* May sql_slave_skip_counter be set? -1: 3081 while an applier runs; 1858. */
	int (*check_skip_counter)(struct server *server, struct diag *diag);
};
