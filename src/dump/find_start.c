/* Where in the log a replica begins, by file and position or by what it has; and whether it may be served at all. */
#include <stdio.h>

#include "base/log.h"
#include "dump/dump_internal.h"
#include "session/variables.h"

static int find_by_position(struct dump *dump, uint32_t *out_file, uint64_t *out_position, struct diag *diag)
{
	const struct dump_request *request = dump->request;
	*out_file = request->file.size ? binlog_parse_file_name(dump->binlog, request->file)
				       : binlog_get_start(dump->binlog).file;
	*out_position = request->position;
	if (*out_file == 0 || !binlog_has_file(dump->binlog, *out_file))
		return dump_fail(diag, "Could not find first log file name in binary log index file");
	if (request->position < binlog_magic_size)
		return dump_fail(diag, "Client requested master to start replication from position < 4");
	return 0;
}

static const char *replica_uuid(const struct dump *dump)
{
	const struct value *uuid = dump_variable(dump, "slave_uuid", "replica_uuid");
	struct arena *arena = &dump->session->statement_arena;
	struct bytes text = uuid ? value_text(uuid, arena) : bytes_of("", 0);
	return arena_copy_text(arena, (const char *)text.data, text.size);
}

/* Both sets, as far as an error message can hold them; the error log has them whole. */
static int fail_purged(const struct dump *dump, const struct gtid_set *missing, struct diag *diag)
{
	struct diag text = DIAG_INIT;
	struct buf sets = {0}, has = {0}, lacks = {0};
	gtid_set_print(&dump->request->has, ",", &has);
	gtid_set_print(missing, ",", &lacks);
	buf_printf(&sets, "The GTID set sent by the slave is '%s', and the missing transactions are '%s'.",
		   buf_cstring(&has), buf_cstring(&lacks));
	log_warning("dump", "Cannot replicate to server with server_uuid='%s' because the present server has purged "
			    "required binary logs. %s", replica_uuid(dump), buf_cstring(&sets));
	if (sets.size > 200)
		diag_set(&text, ER_MASTER_HAS_PURGED_REQUIRED_GTIDS,
			 "The GTID sets and the missing purged transactions are too long to print in this message. For "
			 "more information, please see the master's error log or the manual for GTID_SUBTRACT.");
	else
		diag_set(&text, ER_MASTER_HAS_PURGED_REQUIRED_GTIDS, buf_cstring(&sets));
	buf_deinit(&sets);
	buf_deinit(&has);
	buf_deinit(&lacks);
	return dump_fail(diag, text.message);
}

static int check_has_purged(struct dump *dump, struct diag *diag)
{
	struct gtid_set purged;
	gtid_set_init(&purged);
	txn_manager_get_purged(dump->session->server->txn_manager, &purged);
	gtid_set_subtract(&purged, &dump->request->has);
	int status = gtid_set_is_empty(&purged) ? 0 : fail_purged(dump, &purged, diag);
	gtid_set_deinit(&purged);
	return status;
}

static int find_by_gtid(struct dump *dump, uint32_t *out_file, uint64_t *out_position, struct diag *diag)
{
	struct gtid_set missing;
	if (check_has_purged(dump, diag) < 0)
		return -1;
	gtid_set_init(&missing);
	int status = binlog_find_file_for(dump->binlog, &dump->request->has, out_file, &missing, diag);
	if (status == 0 && *out_file == 0) /* purged since we looked */
		status = fail_purged(dump, &missing, diag);
	*out_position = binlog_magic_size;
	gtid_set_deinit(&missing);
	return status;
}

/* A replica that asks by GTIDs relies on every transaction to have one. */
static int check_mode(const struct dump *dump, struct diag *diag)
{
	static const char *const names[] = {"OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"};
	char text[160];
	enum txn_gtid_mode mode = txn_manager_gtid_mode(dump->session->server->txn_manager);
	if (mode == TXN_GTID_ON)
		return 0;
	snprintf(text, sizeof text, "The replication sender thread cannot start in AUTO_POSITION mode: this server has "
				    "GTID_MODE = %s instead of ON.", names[mode]);
	return dump_fail(diag, text);
}

/* A replica that has transactions of ours that we have not: it is ahead, or we were reset. */
static int check_is_not_ahead(struct dump *dump, struct diag *diag)
{
	struct gtid_set executed, ahead;
	uint8_t uuid[uuid_size];
	bool is_ahead = false;
	gtid_set_init(&executed);
	gtid_set_init(&ahead);
	gtid_set_copy(&dump->request->has, &ahead);
	txn_manager_get_executed(dump->session->server->txn_manager, &executed);
	gtid_set_subtract(&ahead, &executed);
	if (uuid_parse(bytes_of_string(dump->session->server->uuid), uuid))
		is_ahead = gtid_set_last_gno(&ahead, uuid) > 0;
	gtid_set_deinit(&ahead);
	gtid_set_deinit(&executed);
	if (!is_ahead)
		return 0;
	return dump_fail(diag, "Slave has more GTIDs than the master has, using the master's SERVER_UUID. This may "
			       "indicate that the end of the binary log was truncated or that the last binary log file "
			       "was lost, e.g., after a power or disk failure when sync_binlog != 1. The master may or "
			       "may not have rolled back transactions that were already replicated to the slave. Suggest "
			       "to replicate any transactions that master has rolled back from slave to master, and/or "
			       "commit empty transactions on master to account for transactions that have been committed "
			       "on master but are not included in GTID_EXECUTED.");
}

int dump_find_start(struct dump *dump, uint32_t *out_file, uint64_t *out_position, struct diag *diag)
{
	if (!dump->request->by_gtid)
		return find_by_position(dump, out_file, out_position, diag);
	if (check_mode(dump, diag) < 0 || check_is_not_ahead(dump, diag) < 0)
		return -1;
	return find_by_gtid(dump, out_file, out_position, diag);
}
