#include "session/log_variables.h"

#include "session/variable_values.h"

void sync_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	txn_manager_set_sync(server->txn_manager, (unsigned)global_number(server, "sync_binlog"),
			     (unsigned)global_number(server, "innodb_flush_log_at_trx_commit"));
}

void binlog_size_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	struct binlog *binlog = txn_manager_binlog(server->txn_manager);
	if (binlog)
		binlog_set_max_size(binlog, global_number(server, "max_binlog_size"));
}

void text_cache_size_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	atomic_store(&server->text_cache_size, global_number(server, "gemel_text_cache_size"));
}

void row_style_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	atomic_store(&server->row_metadata, (unsigned)global_number(server, "binlog_row_metadata"));
	atomic_store(&server->row_event_size_max, global_number(server, "binlog_row_event_max_size"));
}

int check_sql_log_bin(struct session *session, enum variable_scope scope, const struct value *value,
			     struct diag *diag)
{
	if (session->in_transaction || txn_is_active(session->txn))
		return diag_set(diag, ER_INSIDE_TRANSACTION_PREVENTS_SWITCH_SQL_LOG_BIN);
	return 0;
}

void cache_size_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	txn_manager_set_cache_size(server->txn_manager, global_number(server, "binlog_cache_size"),
				   global_number(server, "max_binlog_cache_size"));
}

void server_id_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	txn_manager_set_server_id(server->txn_manager, (uint32_t)global_number(server, "server_id"));
}

int apply_binlog_checksum(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			  struct diag *diag)
{
	const struct server *server = session->server;
	if (txn_manager_binlog(server->txn_manager) == NULL || slot->number == global_number(server, "binlog_checksum"))
		return 0;
	return txn_manager_set_checksum(server->txn_manager, slot->number ? EVENT_CHECKSUM_CRC32 : EVENT_CHECKSUM_OFF,
					diag);
}

static int check_expiry(struct session *session, const struct value *value, const char *other, struct diag *diag)
{
	if (value == NULL || value->kind == VALUE_STRING || value_to_int(value) == 0 ||
	    global_number(session->server, other) == 0)
		return 0;
	return diag_set(diag, ER_BINLOG_EXPIRE_LOG_DAYS_AND_SECS_USED_TOGETHER);
}

int check_expire_logs_days(struct session *session, enum variable_scope scope, const struct value *value,
			   struct diag *diag)
{
	return check_expiry(session, value, "binlog_expire_logs_seconds", diag);
}

int check_expire_logs_seconds(struct session *session, enum variable_scope scope, const struct value *value,
			      struct diag *diag)
{
	return check_expiry(session, value, "expire_logs_days", diag);
}

void expire_logs_days_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (global_number(server, "expire_logs_days") &&
	    global_number(server, "binlog_expire_logs_seconds") == binlog_expire_default_seconds)
		global_variables_force_number(server->variables, "binlog_expire_logs_seconds", 0);
}

void error_action_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	txn_manager_set_stops_in_doubt(server->txn_manager, global_number(server, "binlog_error_action") != 0);
}

void server_show_outage(void *argument, bool is_on)
{
	struct server *server = argument;
	if (is_on && !global_number(server, "read_only")) {
		global_variables_force_number(server->variables, "read_only", 1);
		atomic_store(&server->read_only_by_itself, true);
	} else if (!is_on && atomic_exchange(&server->read_only_by_itself, false)) {
		global_variables_force_number(server->variables, "read_only", 0);
	}
}
