/* SHOW REPLICA STATUS. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "channel/channel.h"
#include "exec/show/replication.h"
#include "exec/show/show.h"
#include "filter/filter.h"
#include "session/variables.h"

/* One column: its name in today's words, and how a row has it. The table is the order of MySQL 8.0. */
struct status_column {
	const char *name;
	bool is_number;
	void (*put)(struct statement *statement, struct result_builder *builder, const struct channel_status *status);
};

#define TEXT_OF(function, expression)                                                                                \
	static void function(struct statement *statement, struct result_builder *builder,                            \
			     const struct channel_status *status)                                                    \
	{                                                                                                            \
		result_put_text(builder, expression);                                                                \
	}
#define NUMBER_OF(function, expression)                                                                              \
	static void function(struct statement *statement, struct result_builder *builder,                            \
			     const struct channel_status *status)                                                    \
	{                                                                                                            \
		result_put_uint(builder, expression);                                                                \
	}

static const char *until_condition(const struct statement *statement, const struct channel_status *status)
{
	bool is_source = strcmp(status->until_condition, "Master") == 0;
	return is_source && !statement->ast->show->old_spelling ? "Source" : status->until_condition;
}

TEXT_OF(put_empty, "")
TEXT_OF(put_do_db, status->filters[FILTER_DO_DB])
TEXT_OF(put_ignore_db, status->filters[FILTER_IGNORE_DB])
TEXT_OF(put_do_table, status->filters[FILTER_DO_TABLE])
TEXT_OF(put_ignore_table, status->filters[FILTER_IGNORE_TABLE])
TEXT_OF(put_wild_do_table, status->filters[FILTER_WILD_DO_TABLE])
TEXT_OF(put_wild_ignore_table, status->filters[FILTER_WILD_IGNORE_TABLE])
TEXT_OF(put_rewrite_db, status->filters[FILTER_REWRITE_DB])
TEXT_OF(put_io_state, status->io_state)
TEXT_OF(put_host, status->settings.host)
TEXT_OF(put_user, status->settings.user)
NUMBER_OF(put_port, status->settings.port)
NUMBER_OF(put_connect_retry, status->settings.connect_retry_s)
TEXT_OF(put_source_file, status->source_file)
NUMBER_OF(put_source_position, status->source_position)
TEXT_OF(put_relay_file, status->relay_file)
NUMBER_OF(put_relay_position, status->relay_position)
TEXT_OF(put_applied_file, status->applied_file)
NUMBER_OF(put_applied_position, status->applied_position)
TEXT_OF(put_io_running, status->io_running)
TEXT_OF(put_sql_running, status->sql_running)
NUMBER_OF(put_io_errno, status->io_error_number)
TEXT_OF(put_io_error, status->io_error)
NUMBER_OF(put_sql_errno, status->sql_error_number)
TEXT_OF(put_sql_error, status->sql_error)
NUMBER_OF(put_skip_counter, global_number(statement->session->server, "sql_slave_skip_counter"))
NUMBER_OF(put_relay_space, status->relay_space)
TEXT_OF(put_until_condition, until_condition(statement, status))
TEXT_OF(put_until_file, status->until_file)
NUMBER_OF(put_until_position, status->until_position)
TEXT_OF(put_tls_allowed, status->settings.link.uses_tls ? "Yes" : "No")
TEXT_OF(put_tls_ca, status->settings.link.tls_ca)
TEXT_OF(put_tls_capath, status->settings.link.tls_capath)
TEXT_OF(put_tls_cert, status->settings.link.tls_cert)
TEXT_OF(put_tls_cipher, status->settings.link.tls_cipher)
TEXT_OF(put_tls_key, status->settings.link.tls_key)
TEXT_OF(put_tls_crl, status->settings.link.tls_crl)
TEXT_OF(put_tls_crlpath, status->settings.link.tls_crlpath)
TEXT_OF(put_tls_version, status->settings.link.tls_version)
TEXT_OF(put_tls_verify, status->settings.link.verifies_tls ? "Yes" : "No")
NUMBER_OF(put_server_id, status->source_server_id)
TEXT_OF(put_uuid, status->source_uuid)
TEXT_OF(put_info_file, status->info_file)
NUMBER_OF(put_delay, status->settings.delay_s)
TEXT_OF(put_sql_state, status->sql_state)
NUMBER_OF(put_retry_count, status->settings.retry_count)
TEXT_OF(put_bind, status->settings.bind_address)
TEXT_OF(put_retrieved, status->retrieved_gtids)
TEXT_OF(put_executed, show_executed_gtids(statement))
NUMBER_OF(put_auto_position, status->settings.auto_position)
TEXT_OF(put_channel, status->name)
TEXT_OF(put_public_key, status->settings.link.public_key_path)
NUMBER_OF(put_get_public_key, status->settings.link.gets_public_key)

static void put_seconds_behind(struct statement *statement, struct result_builder *builder,
			       const struct channel_status *status)
{
	if (status->has_seconds_behind)
		result_put_uint(builder, status->seconds_behind);
	else
		result_put_null(builder);
}

static void put_remaining_delay(struct statement *statement, struct result_builder *builder,
				const struct channel_status *status)
{
	if (status->remaining_delay_s >= 0)
		result_put_int(builder, status->remaining_delay_s);
	else
		result_put_null(builder);
}

static void put_ignored(struct statement *statement, struct result_builder *builder,
			const struct channel_status *status)
{
	struct buf text = {0};
	for (uint64_t i = 0; i < status->settings.ignored_count; i++)
		buf_printf(&text, "%s%u", i ? ", " : "", status->settings.ignored_server_ids[i]);
	result_put_text(builder, arena_copy_string(statement->arena, buf_cstring(&text)));
	buf_deinit(&text);
}

/* "240131 10:15:00", as MySQL prints it here and nowhere else. */
static void put_time(struct statement *statement, struct result_builder *builder, int64_t time_us)
{
	char text[32] = "";
	time_t seconds = (time_t)(time_us / 1000000);
	struct tm parts;
	if (time_us && localtime_r(&seconds, &parts))
		strftime(text, sizeof text, "%y%m%d %H:%M:%S", &parts);
	result_put_text(builder, arena_copy_string(statement->arena, text));
}

static void put_io_time(struct statement *statement, struct result_builder *builder,
			const struct channel_status *status)
{
	put_time(statement, builder, status->io_error_time_us);
}

static void put_sql_time(struct statement *statement, struct result_builder *builder,
			 const struct channel_status *status)
{
	put_time(statement, builder, status->sql_error_time_us);
}

static const struct status_column status_columns[] = {
	{"Replica_IO_State", false, put_io_state},
	{"Source_Host", false, put_host},
	{"Source_User", false, put_user},
	{"Source_Port", true, put_port},
	{"Connect_Retry", true, put_connect_retry},
	{"Source_Log_File", false, put_source_file},
	{"Read_Source_Log_Pos", true, put_source_position},
	{"Relay_Log_File", false, put_relay_file},
	{"Relay_Log_Pos", true, put_relay_position},
	{"Relay_Source_Log_File", false, put_applied_file},
	{"Replica_IO_Running", false, put_io_running},
	{"Replica_SQL_Running", false, put_sql_running},
	{"Replicate_Do_DB", false, put_do_db},
	{"Replicate_Ignore_DB", false, put_ignore_db},
	{"Replicate_Do_Table", false, put_do_table},
	{"Replicate_Ignore_Table", false, put_ignore_table},
	{"Replicate_Wild_Do_Table", false, put_wild_do_table},
	{"Replicate_Wild_Ignore_Table", false, put_wild_ignore_table},
	{"Last_Errno", true, put_sql_errno},
	{"Last_Error", false, put_sql_error},
	{"Skip_Counter", true, put_skip_counter},
	{"Exec_Source_Log_Pos", true, put_applied_position},
	{"Relay_Log_Space", true, put_relay_space},
	{"Until_Condition", false, put_until_condition},
	{"Until_Log_File", false, put_until_file},
	{"Until_Log_Pos", true, put_until_position},
	{"Source_SSL_Allowed", false, put_tls_allowed},
	{"Source_SSL_CA_File", false, put_tls_ca},
	{"Source_SSL_CA_Path", false, put_tls_capath},
	{"Source_SSL_Cert", false, put_tls_cert},
	{"Source_SSL_Cipher", false, put_tls_cipher},
	{"Source_SSL_Key", false, put_tls_key},
	{"Seconds_Behind_Source", true, put_seconds_behind},
	{"Source_SSL_Verify_Server_Cert", false, put_tls_verify},
	{"Last_IO_Errno", true, put_io_errno},
	{"Last_IO_Error", false, put_io_error},
	{"Last_SQL_Errno", true, put_sql_errno},
	{"Last_SQL_Error", false, put_sql_error},
	{"Replicate_Ignore_Server_Ids", false, put_ignored},
	{"Source_Server_Id", true, put_server_id},
	{"Source_UUID", false, put_uuid},
	{"Source_Info_File", false, put_info_file},
	{"SQL_Delay", true, put_delay},
	{"SQL_Remaining_Delay", true, put_remaining_delay},
	{"Replica_SQL_Running_State", false, put_sql_state},
	{"Source_Retry_Count", true, put_retry_count},
	{"Source_Bind", false, put_bind},
	{"Last_IO_Error_Timestamp", false, put_io_time},
	{"Last_SQL_Error_Timestamp", false, put_sql_time},
	{"Source_SSL_Crl", false, put_tls_crl},
	{"Source_SSL_Crlpath", false, put_tls_crlpath},
	{"Retrieved_Gtid_Set", false, put_retrieved},
	{"Executed_Gtid_Set", false, put_executed},
	{"Auto_Position", true, put_auto_position},
	{"Replicate_Rewrite_DB", false, put_rewrite_db},
	{"Channel_Name", false, put_channel},
	{"Source_TLS_Version", false, put_tls_version},
	{"Source_public_key_path", false, put_public_key},
	{"Get_Source_public_key", true, put_get_public_key},
	{"Network_Namespace", false, put_empty},
};

TEXT_OF(put_mariadb_gtids, status->mariadb_gtids)
NUMBER_OF(put_retried, status->retried_transactions)
NUMBER_OF(put_heartbeats, status->heartbeats)

/* However the operator wrote it. */
static void put_using_gtid(struct statement *statement, struct result_builder *builder,
			   const struct channel_status *status)
{
	const char *word = strcasecmp(status->settings.use_gtid, "Slave_Pos") == 0 ? "Slave_Pos" : "Current_Pos";
	result_put_text(builder, channel_settings_use_mariadb_gtids(&status->settings) ? word : "No");
}

static void put_slave_pos(struct statement *statement, struct result_builder *builder,
			  const struct channel_status *status)
{
	struct server *server = statement->session->server;
	struct buf text = {0};
	server->print_mariadb_position(server, &text);
	result_put_text(builder, arena_copy_string(statement->arena, buf_cstring(&text)));
	buf_deinit(&text);
}

static void put_heartbeat_period(struct statement *statement, struct result_builder *builder,
				 const struct channel_status *status)
{
	result_put_text(builder, arena_printf(statement->arena, "%u.%03u", status->heartbeat_ms / 1000,
					      status->heartbeat_ms % 1000));
}

/*
 * SHOW ALL SLAVES STATUS, MariaDB's: what stands in front and behind of SHOW SLAVE STATUS' columns. What MariaDB counts
 * and this server does not is not shown.
 */
static const struct status_column front_columns[] = {
	{"Connection_name", false, put_channel},
	{"Replica_SQL_State", false, put_sql_state},
};
static const struct status_column rear_columns[] = {
	{"Using_Gtid", false, put_using_gtid},
	{"Gtid_IO_Pos", false, put_mariadb_gtids},
	{"Retried_transactions", true, put_retried},
	{"Replica_received_heartbeats", true, put_heartbeats},
	{"Replica_heartbeat_period", false, put_heartbeat_period},
	{"Gtid_Replica_Pos", false, put_slave_pos},
};

/* SHOW SLAVE STATUS has the old words; one name was never spelt like the others. */
static const char *column_name(struct statement *statement, const char *name)
{
	struct buf text = {0};
	if (!statement->ast->show->old_spelling)
		return name;
	if (strcmp(name, "Get_Source_public_key") == 0)
		return "Get_master_public_key";
	for (const char *at = name; *at;) {
		bool is_source = strncmp(at, "Source", 6) == 0, is_replica = strncmp(at, "Replica_", 8) == 0;
		if (is_source || is_replica) {
			buf_put_string(&text, is_source ? "Master" : "Slave_");
			at += is_source ? 6 : 8;
		} else {
			buf_put_u8(&text, (uint8_t)*at++);
		}
	}
	const char *copy = arena_copy_string(statement->arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

static void add_columns(struct statement *statement, struct result_builder *builder,
			const struct status_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = column_name(statement, columns[i].name);
		if (columns[i].is_number)
			result_builder_number(builder, name);
		else
			result_builder_text(builder, name, 1024);
	}
}

static void put_columns(struct statement *statement, struct result_builder *builder,
			const struct channel_status *status, const struct status_column *columns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		columns[i].put(statement, builder, status);
}

#define COLUMNS(columns) columns, sizeof columns / sizeof *columns

int show_replica_status(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct channels *channels = statement->session->server->channels;
	struct channel_status *status = arena_new(statement->arena, struct channel_status);
	const char *wanted = ast->all ? NULL : statement_channel(statement, ast->channel);
	if (show_require_client(statement) != 0)
		return -1;
	if (wanted && *wanted && !channels_exists(channels, wanted))
		return diag_set(statement->diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, wanted);
	if (ast->all)
		add_columns(statement, builder, COLUMNS(front_columns));
	add_columns(statement, builder, COLUMNS(status_columns));
	if (ast->all)
		add_columns(statement, builder, COLUMNS(rear_columns));
	for (size_t i = 0; channels_status_at(channels, i, statement->arena, status); i++) {
		if (wanted && strcasecmp(wanted, status->name) != 0)
			continue;
		if (ast->all)
			put_columns(statement, builder, status, COLUMNS(front_columns));
		put_columns(statement, builder, status, COLUMNS(status_columns));
		if (ast->all)
			put_columns(statement, builder, status, COLUMNS(rear_columns));
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}
