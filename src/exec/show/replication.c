/* SHOW BINARY LOGS, MASTER STATUS, BINLOG and RELAYLOG EVENTS, REPLICAS, REPLICA STATUS. */
#include "exec/show/replication.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/memory.h"
#include "binlog/describe.h"
#include "binlog/reader.h"
#include "channel/channel.h"
#include "dump/dump.h"
#include "exec/evaluate_value.h"
#include "filter/filter.h"
#include "session/variables.h"

static struct binlog *binlog_of(struct statement *statement)
{
	return txn_manager_binlog(statement->session->server->txn_manager);
}

static int require_client(struct statement *statement)
{
	return statement_require_global(statement->session, PRIVILEGE(SUPER) | PRIVILEGE(REPLICATION_CLIENT),
					statement->diag);
}

/* ------------------------------------------------------------------------------------------------------ the logs */

static int show_binary_logs(struct statement *statement, struct result_builder *builder)
{
	struct binlog *log = binlog_of(statement);
	struct binlog_file_list list;
	int status = 0;
	if (require_client(statement) != 0)
		return -1;
	if (log == NULL)
		return diag_set(statement->diag, ER_NO_BINARY_LOGGING);
	if (binlog_list_files(log, &list, statement->diag) != 0)
		return -1;
	result_builder_text(builder, "Log_name", 255);
	result_builder_number(builder, "File_size");
	result_builder_text(builder, "Encrypted", 3);
	for (size_t i = 0; i < list.count && status == 0; i++) {
		char name[log_file_name_max + 1];
		binlog_file_name(log, list.files[i].file, name);
		result_put_text(builder, arena_copy_string(statement->arena, name));
		result_put_uint(builder, list.files[i].size);
		result_put_text(builder, "No");
		status = result_row(builder);
	}
	binlog_file_list_deinit(&list);
	return status;
}

static const char *executed_gtids(struct statement *statement)
{
	struct gtid_set set;
	struct buf text = {0};
	gtid_set_init(&set);
	txn_manager_get_executed(statement->session->server->txn_manager, &set);
	gtid_set_print(&set, ",\n", &text);
	const char *copy = arena_copy_string(statement->arena, buf_cstring(&text));
	gtid_set_deinit(&set);
	buf_deinit(&text);
	return copy;
}

static const char *filter_text(struct statement *statement, const struct filter *filter, enum filter_rule rule)
{
	struct buf text = {0};
	filter_print(filter, rule, &text);
	const char *copy = arena_copy_string(statement->arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

static int show_binary_log_status(struct statement *statement, struct result_builder *builder)
{
	struct binlog *log = binlog_of(statement);
	char name[log_file_name_max + 1];
	if (require_client(statement) != 0)
		return -1;
	result_builder_text(builder, "File", 255);
	result_builder_number(builder, "Position");
	result_builder_text(builder, "Binlog_Do_DB", 255);
	result_builder_text(builder, "Binlog_Ignore_DB", 255);
	result_builder_text(builder, "Executed_Gtid_Set", 65535);
	if (log == NULL)
		return 0;
	struct binlog_position end = binlog_get_end(log);
	binlog_file_name(log, end.file, name);
	const struct filter *filter = statement->session->server->log_filter;
	result_put_text(builder, name);
	result_put_uint(builder, end.offset);
	result_put_text(builder, filter_text(statement, filter, FILTER_DO_DB));
	result_put_text(builder, filter_text(statement, filter, FILTER_IGNORE_DB));
	result_put_text(builder, executed_gtids(statement));
	return result_row(builder);
}

/* ----------------------------------------------------------------------------------------------------- their events */

/* What SHOW BINLOG EVENTS and SHOW RELAYLOG EVENTS have in common: FROM and LIMIT. */
struct event_range {
	const char *command;   /* for messages */
	const char *path, *name;
	uint64_t position;     /* first event's; at most 4: the head */
	uint64_t limit;        /* of the file: past it nothing is shown */
	uint64_t skipped, count;
};

static int fail_show(struct statement *statement, const char *command, const char *what)
{
	diag_clear(statement->diag);
	return diag_set(statement->diag, ER_ERROR_WHEN_EXECUTING_COMMAND, command, what);
}

static int read_number(struct statement *statement, const struct ast_expr *expr, uint64_t *out)
{
	struct value value;
	if (expr == NULL)
		return 0;
	if (evaluate_constant(statement, expr, &value) != 0)
		return -1;
	int64_t number = value_to_int(&value);
	*out = number < 0 ? 0 : (uint64_t)number;
	return 0;
}

static int read_range(struct statement *statement, struct event_range *range)
{
	const struct ast_show *ast = statement->ast->show;
	range->position = 4;
	range->count = UINT64_MAX;
	if (read_number(statement, ast->position, &range->position) != 0)
		return -1;
	if (ast->limit && (read_number(statement, ast->limit->count, &range->count) != 0 ||
			   read_number(statement, ast->limit->offset, &range->skipped) != 0))
		return -1;
	return 0;
}

static int put_event(struct statement *statement, struct result_builder *builder, struct event_range *range,
		     uint64_t position, const struct event *event)
{
	struct buf info = {0};
	if (range->skipped) {
		range->skipped--;
		return 0;
	}
	if (range->count == 0)
		return 0;
	range->count--;
	event_describe(event, &info);
	result_put_text(builder, range->name);
	result_put_uint(builder, position);
	result_put_text(builder, event_type_name(event->type));
	result_put_uint(builder, event->server_id);
	result_put_uint(builder, event->log_pos);
	result_put_text(builder, buf_cstring(&info));
	int status = result_row(builder);
	buf_deinit(&info);
	return status;
}

/* A compressed transaction's events, each at its place. */
static int put_payload(struct statement *statement, struct result_builder *builder, struct event_range *range,
		       uint64_t position, const struct event *payload)
{
	enum { size_max = 1024 * 1024 * 1024 };
	struct event_format format;
	struct buf events = {0};
	event_format_init(&format, EVENT_CHECKSUM_OFF);
	int status = event_decode_payload(payload, size_max, &events, statement->diag);
	struct bytes run = buf_bytes(&events);
	while (status == 0 && run.size && range->count) {
		struct event event;
		status = event_take(&run, &format, &event, statement->diag);
		event.log_pos = payload->log_pos;
		if (status == 0)
			status = put_event(statement, builder, range, position, &event);
	}
	buf_deinit(&events);
	return status;
}

static int put_events(struct statement *statement, struct result_builder *builder, struct event_range *range,
		      struct log_reader *reader)
{
	struct event event;
	enum reader_outcome outcome = READER_END;
	while (range->count && (outcome = log_reader_next(reader, &event, statement->diag)) == READER_EVENT) {
		uint64_t position = reader->event_offset;
		if (session_check_killed(statement->session, statement->diag) != 0 ||
		    put_event(statement, builder, range, position, &event) != 0)
			return -1;
		if (event.type == EVENT_TRANSACTION_PAYLOAD && range->count &&
		    put_payload(statement, builder, range, position, &event) != 0)
			return -1;
	}
	if (range->count && outcome != READER_END && outcome != READER_TRUNCATED)
		return fail_show(statement, range->command, "Wrong offset or I/O error");
	diag_clear(statement->diag);
	return 0;
}

static int show_events_of(struct statement *statement, struct result_builder *builder, struct event_range *range)
{
	struct log_reader reader;
	result_builder_text(builder, "Log_name", 20);
	result_builder_number(builder, "Pos");
	result_builder_text(builder, "Event_type", 20);
	result_builder_number(builder, "Server_id");
	result_builder_number(builder, "End_log_pos");
	result_builder_text(builder, "Info", 1024);
	enum reader_outcome outcome =
		log_reader_open(&reader, range->path, range->position, range->limit, statement->diag);
	if (outcome != READER_EVENT)
		return fail_show(statement, range->command, "Could not open log file");
	int status = put_events(statement, builder, range, &reader);
	log_reader_close(&reader);
	return status;
}

static int show_binlog_events(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct binlog *log = binlog_of(statement);
	struct event_range range = {.command = "SHOW BINLOG EVENTS"};
	struct binlog_reader registration;
	char name[log_file_name_max + 1];
	if (statement_require_global(statement->session, PRIVILEGE(REPLICATION_SLAVE), statement->diag) != 0)
		return -1;
	if (log == NULL)
		return diag_set(statement->diag, ER_NO_BINARY_LOGGING);
	uint32_t file = ast->file.data ? binlog_parse_file_name(log, ast->file) : binlog_get_start(log).file;
	struct diag ignored = DIAG_INIT;
	if (file == 0 || binlog_reader_register(log, &registration, file, &ignored) != 0)
		return fail_show(statement, range.command, "Could not find target log");
	char *path = binlog_file_path(log, file);
	struct binlog_position end = binlog_get_end(log);
	binlog_file_name(log, file, name);
	range.path = path;
	range.name = arena_copy_string(statement->arena, name);
	range.limit = end.file == file ? end.offset : UINT64_MAX;
	int status = read_range(statement, &range);
	if (status == 0 && range.position > range.limit)
		status = fail_show(statement, range.command, "Wrong offset or I/O error");
	if (status == 0)
		status = show_events_of(statement, builder, &range);
	memory_free(path);
	binlog_reader_unregister(log, &registration);
	return status;
}

static int show_relaylog_events(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct channels *channels = statement->session->server->channels;
	struct event_range range = {.command = "SHOW RELAYLOG EVENTS", .limit = UINT64_MAX};
	const char *channel = ast->channel ? ast->channel : "";
	if (statement_require_global(statement->session, PRIVILEGE(REPLICATION_SLAVE), statement->diag) != 0)
		return -1;
	if (ast->channel == NULL && channels_must_be_named(channels))
		return diag_set(statement->diag, ER_SLAVE_MULTIPLE_CHANNELS_CMD);
	if (*channel == 0 && !channels_exists(channels, ""))
		return fail_show(statement, range.command, "Could not find target log");
	if (channels_find_relay_file(channels, channel, ast->file, statement->arena, &range.path, &range.name,
				     statement->diag) != 0 ||
	    read_range(statement, &range) != 0)
		return -1;
	return show_events_of(statement, builder, &range);
}

/* ------------------------------------------------------------------------------------------------------- replicas */

static int show_replicas(struct statement *statement, struct result_builder *builder)
{
	bool old = statement->ast->show->old_spelling;
	struct dump_replica replica;
	if (statement_require_global(statement->session, PRIVILEGE(REPLICATION_SLAVE), statement->diag) != 0)
		return -1;
	result_builder_number(builder, old ? "Server_id" : "Server_Id");
	result_builder_text(builder, "Host", 255);
	result_builder_number(builder, "Port");
	result_builder_number(builder, old ? "Master_id" : "Source_Id");
	result_builder_text(builder, old ? "Slave_UUID" : "Replica_UUID", 36);
	for (size_t i = 0; dump_replica_at(statement->session, i, statement->arena, &replica); i++) {
		result_put_uint(builder, replica.server_id);
		result_put_text(builder, replica.host);
		result_put_uint(builder, replica.port);
		result_put_uint(builder, replica.source_id);
		result_put_text(builder, replica.uuid);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

/* --------------------------------------------------------------------------------------------------- REPLICA STATUS */

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
TEXT_OF(put_until_condition, status->until_condition)
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
TEXT_OF(put_executed, executed_gtids(statement))
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
enum { status_column_count = sizeof status_columns / sizeof *status_columns };

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

static int show_replica_status(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct channels *channels = statement->session->server->channels;
	struct channel_status *status = arena_new(statement->arena, struct channel_status);
	const char *wanted = statement_channel(statement, ast->channel);
	if (require_client(statement) != 0)
		return -1;
	if (wanted && *wanted && !channels_exists(channels, wanted))
		return diag_set(statement->diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, wanted);
	for (unsigned i = 0; i < status_column_count; i++) {
		const char *name = column_name(statement, status_columns[i].name);
		if (status_columns[i].is_number)
			result_builder_number(builder, name);
		else
			result_builder_text(builder, name, 1024);
	}
	for (size_t i = 0; channels_status_at(channels, i, statement->arena, status); i++) {
		if (wanted && strcasecmp(wanted, status->name) != 0)
			continue;
		for (unsigned j = 0; j < status_column_count; j++)
			status_columns[j].put(statement, builder, status);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

int show_replication(struct statement *statement)
{
	static int (*const handlers[])(struct statement *, struct result_builder *) = {
		[AST_SHOW_BINARY_LOGS] = show_binary_logs,
		[AST_SHOW_BINARY_LOG_STATUS] = show_binary_log_status,
		[AST_SHOW_BINLOG_EVENTS] = show_binlog_events,
		[AST_SHOW_RELAYLOG_EVENTS] = show_relaylog_events,
		[AST_SHOW_REPLICAS] = show_replicas,
		[AST_SHOW_REPLICA_STATUS] = show_replica_status,
	};
	struct result_builder builder;
	result_builder_init(&builder, statement);
	if (handlers[statement->ast->show->kind](statement, &builder) == 0)
		return result_end(&builder);
	result_abandon(&builder);
	return -1;
}
