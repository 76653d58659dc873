/* A replica's request: what it wants, and whether it can have it. */
#include "dump/dump.h"

#include <strings.h>

#include "account/account.h"
#include "base/log.h"
#include "dump/dump_internal.h"
#include "session/variables.h"

enum { DUMP_NON_BLOCK = 1, DUMP_HEARTBEAT_V2 = 2 };

static int require_privilege(struct session *session, struct diag *diag)
{
	privilege_set held = accounts_privileges(session->server->accounts, session->account_user,
						 session->account_host, NULL, NULL);
	if (session->is_internal || (held & PRIVILEGE(REPLICATION_SLAVE)))
		return 0;
	return diag_set(diag, ER_SPECIFIC_ACCESS_DENIED_ERROR, "REPLICATION SLAVE");
}

const struct value *dump_variable(const struct dump *dump, const char *old_name, const char *new_name)
{
	const struct value *value = user_variable_find(dump->session, bytes_of_string(old_name));
	if (value == NULL || value->kind == VALUE_NULL)
		value = user_variable_find(dump->session, bytes_of_string(new_name));
	return value && value->kind != VALUE_NULL ? value : NULL;
}

/* MariaDB's replicas tell the versions of MariaDB. */
static bool is_mysql56(const struct session *session)
{
	return strncmp(session->link.client_version, "5.6.", 4) == 0;
}

static void read_wishes(struct dump *dump)
{
	const struct value *period = dump_variable(dump, "master_heartbeat_period", "source_heartbeat_period");
	dump->heartbeat_us = period ? value_to_int(period) / 1000 : 0;
	const struct value *checksum = dump_variable(dump, "master_binlog_checksum", "source_binlog_checksum");
	struct bytes text = checksum ? value_text(checksum, &dump->session->statement_arena) : bytes_of("", 0);
	dump->wants_checksums = text.size == 5 && strncasecmp((const char *)text.data, "CRC32", 5) == 0;
	dump->hides_gtids = !dump->request->by_gtid && is_mysql56(dump->session) &&
			    txn_manager_gtid_mode(dump->session->server->txn_manager) == TXN_GTID_OFF;
	const struct value *semi_sync = dump_variable(dump, "rpl_semi_sync_replica", "rpl_semi_sync_slave");
	dump->acknowledges = semi_sync && value_to_int(semi_sync) != 0;
}

/* MariaDB's own GTIDs are not ours: whoever would start by them has to start by file and position. */
static int refuse_mariadb_gtid(const struct dump *dump, struct diag *diag)
{
	if (dump_variable(dump, "slave_connect_state", "slave_connect_state") == NULL)
		return 0;
	return dump_fail(diag, "The server does not know MariaDB's global transaction ids; use MASTER_LOG_FILE and "
			       "MASTER_LOG_POS with MASTER_USE_GTID=no");
}

static int run(struct dump *dump, struct diag *diag)
{
	uint32_t file;
	uint64_t position;
	if (dump->binlog == NULL)
		return dump_fail(diag, "Binary log is not open");
	if (refuse_mariadb_gtid(dump, diag) < 0 || dump_find_start(dump, &file, &position, diag) < 0)
		return -1;
	log_note("dump", "Start %sbinlog_dump to server_id(%u), position %u:%llu",
		 dump->acknowledges ? "semi-sync " : "", dump->request->server_id, file,
		 (unsigned long long)position);
	return dump_stream(dump, file, position, diag);
}

static int run_semi_sync(struct dump *dump, struct diag *diag)
{
	struct semi_sync *semi = dump->session->server->semi_sync;
	if (!dump->acknowledges)
		return run(dump, diag);
	semi_sync_join(semi, &dump->replica);
	int status = run(dump, diag);
	semi_sync_leave(semi, &dump->replica);
	return status;
}

static int serve(struct session *session, struct wire *wire, const struct dump_request *request, struct diag *diag)
{
	struct dump dump = {
		.session = session,
		.wire = wire,
		.binlog = txn_manager_binlog(session->server->txn_manager),
		.request = request,
	};
	dump.reader.fd = -1;
	read_wishes(&dump);
	dump_enter(&dump);
	int status = run_semi_sync(&dump, diag);
	dump_leave(&dump);
	buf_deinit(&dump.scratch);
	return status;
}

/* MariaDB's replicas mean their annotations of row events by the flag that MySQL's mean heartbeats by. */
static void take_flags(struct session *session, struct dump_request *request, unsigned flags)
{
	request->is_mariadb = user_variable_find(session, bytes_of_string("mariadb_slave_capability")) != NULL;
	request->non_blocking = flags & DUMP_NON_BLOCK;
	request->knows_heartbeat_v2 = (flags & DUMP_HEARTBEAT_V2) && !request->is_mariadb;
}

/* position u32, flags u16, server id u32, file name */
int dump_by_position(struct session *session, struct wire *wire, struct bytes payload, struct diag *diag)
{
	if (require_privilege(session, diag) < 0)
		return -1;
	struct cursor cursor = cursor_of(payload);
	struct dump_request request = {.position = cursor_u32(&cursor)};
	take_flags(session, &request, cursor_u16(&cursor));
	request.server_id = cursor_u32(&cursor);
	request.file = cursor_rest(&cursor);
	if (cursor.failed)
		return diag_set(diag, ER_MALFORMED_PACKET);
	/* The packet's memory is lent until the next read. */
	request.file.data = arena_copy(&session->statement_arena, request.file.data, request.file.size);
	return serve(session, wire, &request, diag);
}

/* flags u16, server id u32, name size u32, name, position u64, set size u32, set; the set only with flag 4 in MySQL
   5.6, always since */
int dump_by_gtid(struct session *session, struct wire *wire, struct bytes payload, struct diag *diag)
{
	if (require_privilege(session, diag) < 0)
		return -1;
	struct cursor cursor = cursor_of(payload);
	struct dump_request request = {.by_gtid = true};
	take_flags(session, &request, cursor_u16(&cursor));
	request.server_id = cursor_u32(&cursor);
	cursor_bytes(&cursor, cursor_u32(&cursor));
	cursor_u64(&cursor);
	struct bytes set = cursor_bytes(&cursor, cursor_u32(&cursor));
	if (cursor.failed)
		return diag_set(diag, ER_MALFORMED_PACKET);
	gtid_set_init(&request.has);
	int status = gtid_set_decode(&request.has, set, diag);
	if (status == 0)
		status = serve(session, wire, &request, diag);
	gtid_set_deinit(&request.has);
	return status;
}
