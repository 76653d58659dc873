/*
 * A replica asked: send it the log. Runs in the replica's connection thread until the replica goes away, is
 * killed, or what it asks for does not exist (1236, with a text that says what).
 *
 * Files are read by binlog/reader.h up to the log's durable end and copied to the socket event by event; waiting
 * is binlog_wait with the heartbeat period as its deadline. A binlog file in use is registered, so that purge
 * leaves it.
 */
#pragma once

#include "base/diag.h"
#include "session/session.h"
#include "wire/packet.h"

struct dump_registry; /* which replicas there are: SHOW SLAVE HOSTS; one a server */
struct dump_registry *dump_registry_create(void);
void dump_registry_destroy(struct dump_registry **registry);

/* COM_REGISTER_SLAVE's payload behind the command byte. -1: 1227-like without REPLICATION SLAVE. */
int dump_register_replica(struct session *session, struct bytes payload, struct diag *diag);
/*
 * COM_BINLOG_DUMP and COM_BINLOG_DUMP_GTID, payload behind the command byte. 0: the replica has gone or asked not to
 * block; -1: send the error to it. Heartbeat period and checksum wishes come from the session's user variables
 * (@master_heartbeat_period ns, @master_binlog_checksum and @source_..., @slave_uuid, @mariadb_slave_capability).
 */
int dump_by_position(struct session *session, struct wire *wire, struct bytes payload, struct diag *diag);
int dump_by_gtid(struct session *session, struct wire *wire, struct bytes payload, struct diag *diag);

/* SHOW SLAVE HOSTS, one by one, for that session; texts in the arena. False past the end. */
struct dump_replica {
	uint32_t server_id;
	const char *host, *user, *password;
	unsigned port;
	uint32_t source_id;
	const char *uuid;
};
bool dump_replica_at(struct session *session, size_t index, struct arena *arena, struct dump_replica *out);
