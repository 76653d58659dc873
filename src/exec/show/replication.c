/* SHOW BINARY LOGS, MASTER STATUS, BINLOG and RELAYLOG EVENTS, REPLICAS. */
#include "exec/show/replication.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "binlog/describe.h"
#include "binlog/reader.h"
#include "channel/channel.h"
#include "dump/dump.h"
#include "exec/evaluate_value.h"
#include "session/variables.h"

static struct binlog *binlog_of(struct statement *statement)
{
	return txn_manager_binlog(statement->session->server->txn_manager);
}

int show_require_client(struct statement *statement)
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
	if (show_require_client(statement) != 0)
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

const char *show_executed_gtids(struct statement *statement)
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
	if (show_require_client(statement) != 0)
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
	result_put_text(builder, show_executed_gtids(statement));
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
