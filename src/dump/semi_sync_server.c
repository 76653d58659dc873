/* Semi-synchronous replication in a server: its variables, what SHOW STATUS tells of it. */
#include <stdio.h>

#include "dump/semi_sync.h"
#include "session/status.h"
#include "session/variables.h"

static void read_variables(struct server *server)
{
	struct semi_sync_settings settings = {
		.is_enabled = global_number(server, "rpl_semi_sync_source_enabled"),
		.timeout_ms = (int64_t)global_number(server, "rpl_semi_sync_source_timeout"),
		.replica_count = (unsigned)global_number(server, "rpl_semi_sync_source_wait_for_replica_count"),
		.waits_without_replicas = global_number(server, "rpl_semi_sync_source_wait_no_replica"),
		.point = (enum semi_sync_point)global_number(server, "rpl_semi_sync_source_wait_point"),
		.falls_back = global_number(server, "gemel_semi_sync_fallback") == 0,
	};
	semi_sync_configure(server->semi_sync, &settings);
}

/* A counter under the name it has today and the one it had before MySQL 8.0.26. */
struct teller {
	void (*visit)(const char *name, const char *text, void *argument);
	void *argument;
};

static void tell(const struct teller *teller, const char *name, const char *text)
{
	char full[64];
	snprintf(full, sizeof full, "Rpl_semi_sync_source_%s", name);
	teller->visit(full, text, teller->argument);
	snprintf(full, sizeof full, "Rpl_semi_sync_master_%s", name);
	teller->visit(full, text, teller->argument);
}

static void tell_number(const struct teller *teller, const char *name, uint64_t number)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	tell(teller, name, text);
}

static void provide_status(struct server *server, struct arena *arena,
			   void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	struct teller teller = {visit, argument};
	struct semi_sync_stats stats;
	semi_sync_get_stats(server->semi_sync, &stats);
	tell_number(&teller, "clients", stats.clients);
	tell_number(&teller, "get_ack", stats.answers); /* this and request_ack are MariaDB's */
	tell_number(&teller, "net_avg_wait_time", 0); /* as in MySQL, which counts no time on the network any more */
	tell_number(&teller, "net_wait_time", 0);
	tell_number(&teller, "net_waits", stats.asked);
	tell_number(&teller, "no_times", stats.switched_off);
	tell_number(&teller, "no_tx", stats.unacknowledged);
	tell_number(&teller, "request_ack", stats.asked);
	tell(&teller, "status", stats.is_on ? "ON" : "OFF");
	tell_number(&teller, "timefunc_failures", 0);
	tell_number(&teller, "tx_avg_wait_time", stats.waits ? stats.waited_us / stats.waits : 0);
	tell_number(&teller, "tx_wait_time", stats.waited_us);
	tell_number(&teller, "tx_waits", stats.waits);
	tell_number(&teller, "wait_pos_backtraverse", stats.waits_backwards);
	tell_number(&teller, "wait_sessions", stats.waiting);
	tell_number(&teller, "yes_tx", stats.acknowledged);
}

void semi_sync_open(struct server *server)
{
	server->semi_sync = semi_sync_create(txn_manager_binlog(server->txn_manager));
	struct txn_group_hooks hooks = semi_sync_hooks(server->semi_sync);
	txn_manager_set_group_hooks(server->txn_manager, &hooks);
	server->semi_sync_changed = read_variables;
	status_register_provider(server, provide_status);
}

void semi_sync_close(struct server *server)
{
	server->semi_sync_changed = NULL;
	semi_sync_destroy(&server->semi_sync);
}
