/* CHANGE REPLICATION SOURCE, START and STOP REPLICA, RESET, PURGE BINARY LOGS. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "channel/channel.h"
#include "exec/evaluate_value.h"
#include "exec/statement.h"
#include "session/persisted.h"
#include "session/variables.h"
#include "store/store.h"
#include "type/temporal.h"

static int refuse(struct statement *statement, const char *what)
{
	return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, what);
}

/* MariaDB's @@default_master_connection stands in for a name that was not given. */
const char *statement_channel(struct statement *statement, const char *given)
{
	struct value value;
	struct diag ignored = DIAG_INIT;
	if (given || variable_get(statement->session, VARIABLE_SESSION, bytes_of_string("default_master_connection"),
				  statement->arena, &value, &ignored) != 0 || value.kind != VALUE_STRING ||
	    value.string.size == 0)
		return given;
	return arena_copy_text(statement->arena, (const char *)value.string.data, value.string.size);
}

static int check_channel_name(struct statement *statement, const char *name)
{
	if (name && (strlen(name) > channel_name_max || strncasecmp(name, "group_replication_", 18) == 0))
		return diag_set(statement->diag, ER_SLAVE_CHANNEL_NAME_INVALID_OR_TOO_LONG);
	return 0;
}

/* ---------------------------------------------------------------------------------- CHANGE REPLICATION SOURCE */

/* What MySQL and MariaDB know and this server has not. */
static const char *const unbuilt_options[] = {
	"RELAY_LOG_FILE", "RELAY_LOG_POS", "PRIVILEGE_CHECKS_USER",
	"REQUIRE_ROW_FORMAT", "REQUIRE_TABLE_PRIMARY_KEY_CHECK", "NETWORK_NAMESPACE",
	"SOURCE_CONNECTION_AUTO_FAILOVER", "GTID_ONLY", "DO_DOMAIN_IDS", "IGNORE_DOMAIN_IDS",
	"SOURCE_DEMOTE_TO_REPLICA", "SOURCE_DEMOTE_TO_SLAVE"};

/* The values that ask for nothing that is not built. */
static bool is_plain(struct statement *statement, const struct ast_option *option, const struct value *value)
{
	static const char *const plain[][2] = {
		{"GTID_ONLY", "0"}, {"NETWORK_NAMESPACE", ""}, {"PRIVILEGE_CHECKS_USER", ""}, {"REQUIRE_ROW_FORMAT", "0"},
		{"REQUIRE_TABLE_PRIMARY_KEY_CHECK", "STREAM"}, {"SOURCE_CONNECTION_AUTO_FAILOVER", "0"}};
	struct bytes text = value->kind == VALUE_NULL ? bytes_of("", 0) : value_text(value, statement->arena);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strcasecmp(option->name, plain[i][0]) == 0)
			return text_equal_nocase(text, bytes_of_string(plain[i][1]));
	return false;
}

static int refuse_option(struct statement *statement, const struct ast_option *option)
{
	char text[96];
	for (size_t i = 0; i < sizeof unbuilt_options / sizeof *unbuilt_options; i++)
		if (strcasecmp(option->name, unbuilt_options[i]) == 0) {
			snprintf(text, sizeof text, "CHANGE REPLICATION SOURCE with %s", option->name);
			return refuse(statement, text);
		}
	return diag_set(statement->diag, ER_PARSE_ERROR,
			"You have an error in your SQL syntax; check the manual that corresponds to your MySQL server "
			"version for the right syntax to use", option->name, 1);
}

static int take_ignored(struct statement *statement, const struct ast_option *option,
			struct channel_settings *settings)
{
	settings->ignored_count = 0;
	for (size_t i = 0; i < option->list.count; i++) {
		struct value value;
		if (evaluate_constant(statement, option->list.items[i], &value) != 0)
			return -1;
		if (settings->ignored_count == channel_ignored_max)
			return diag_set(statement->diag, ER_WRONG_ARGUMENTS, "IGNORE_SERVER_IDS");
		settings->ignored_server_ids[settings->ignored_count++] = (uint32_t)value_to_int(&value);
	}
	return 0;
}

/* A period that will not do what it is for is taken all the same. */
static void warn_of_heartbeat(struct session *session, double period_s)
{
	if (period_s > 0 && period_s < 0.0005)
		warnings_add(&session->warnings, WARNING_WARNING, ER_SLAVE_HEARTBEAT_VALUE_OUT_OF_RANGE_MIN);
	if (period_s > (double)global_number(session->server, "slave_net_timeout"))
		warnings_add(&session->warnings, WARNING_WARNING, ER_SLAVE_HEARTBEAT_VALUE_OUT_OF_RANGE_MAX);
}

static int take_setting(struct statement *statement, const struct channel_option *known, const struct value *value,
			struct channel_settings *settings)
{
	if (known->kind == CHANNEL_OPTION_TEXT) {
		struct bytes text = value->kind == VALUE_NULL ? bytes_of("", 0) : value_text(value, statement->arena);
		return channel_option_set_text(settings, known, text, statement->diag);
	}
	double number = value_to_double(value);
	if (channel_option_set_number(settings, known, number, statement->diag) != 0)
		return -1;
	if (known->kind == CHANNEL_OPTION_SECONDS)
		warn_of_heartbeat(statement->session, number);
	return 0;
}

static int take_option(struct statement *statement, const struct ast_option *option,
		       struct channel_settings *settings, struct channel_place *place)
{
	struct value value;
	if (strcasecmp(option->name, "IGNORE_SERVER_IDS") == 0)
		return take_ignored(statement, option, settings);
	if (option->value == NULL)
		return refuse_option(statement, option);
	if (evaluate_constant(statement, option->value, &value) != 0)
		return -1;
	if (strcasecmp(option->name, "SOURCE_LOG_FILE") == 0) {
		struct bytes text = value_text(&value, statement->arena);
		if (text.size >= sizeof place->file)
			return diag_set(statement->diag, ER_WRONG_ARGUMENTS, "MASTER_LOG_FILE");
		snprintf(place->file, sizeof place->file, "%.*s", (int)text.size, (const char *)text.data);
		place->has_file = true;
		return 0;
	}
	if (strcasecmp(option->name, "SOURCE_LOG_POS") == 0) {
		int64_t position = value_to_int(&value);
		place->position = position < 0 ? 0 : (uint64_t)position;
		place->has_position = true;
		return 0;
	}
	if (is_plain(statement, option, &value))
		return 0;
	const struct channel_option *known = channel_option_find(option->name);
	return known ? take_setting(statement, known, &value, settings) : refuse_option(statement, option);
}

static void note_password(struct statement *statement)
{
	struct session *session = statement->session;
	if (session->link.tls_version == NULL || *session->link.tls_version == 0)
		warnings_add(&session->warnings, WARNING_NOTE, ER_INSECURE_PLAIN_TEXT);
}

int exec_change_source(struct statement *statement)
{
	const struct ast_change_source *ast = statement->ast->change_source;
	struct channels *channels = statement->session->server->channels;
	struct channel_settings *settings = arena_new(statement->arena, struct channel_settings);
	struct channel_place place = {0};
	const char *name = statement_channel(statement, ast->channel);
	if (statement_require_global(statement->session, PRIVILEGE(SUPER), statement->diag) != 0 ||
	    check_channel_name(statement, name) != 0)
		return -1;
	channels_get_settings(channels, name ? name : "", settings);
	for (size_t i = 0; i < ast->options.count; i++)
		if (take_option(statement, &ast->options.items[i], settings, &place) != 0)
			return -1;
	if (channels_change(channels, name, settings, &place, statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

/* --------------------------------------------------------------------------------------------------- START, STOP */

struct until {
	const char *source_file, *relay_file;
	bool has_source_position, has_relay_position;
	struct gtid_set before, after;
	bool has_before, has_after;
};

static int take_until_set(struct statement *statement, const struct value *value, struct gtid_set *set)
{
	return gtid_set_parse(set, value_text(value, statement->arena), statement->diag);
}

static int take_until_option(struct statement *statement, const struct ast_option *option,
			     struct channel_start *start, struct until *until)
{
	struct value value;
	if (strcasecmp(option->name, "SQL_AFTER_MTS_GAPS") == 0) {
		start->until_no_gaps = true;
		return 0;
	}
	if (option->value == NULL || evaluate_constant(statement, option->value, &value) != 0)
		return option->value ? -1 : refuse(statement, "this UNTIL condition");
	if (strcasecmp(option->name, "SOURCE_LOG_FILE") == 0) {
		struct bytes text = value_text(&value, statement->arena);
		until->source_file = arena_copy_text(statement->arena, (const char *)text.data, text.size);
	} else if (strcasecmp(option->name, "RELAY_LOG_FILE") == 0) {
		struct bytes text = value_text(&value, statement->arena);
		until->relay_file = arena_copy_text(statement->arena, (const char *)text.data, text.size);
	} else if (strcasecmp(option->name, "SOURCE_LOG_POS") == 0) {
		start->source_position = (uint64_t)value_to_int(&value);
		until->has_source_position = true;
	} else if (strcasecmp(option->name, "RELAY_LOG_POS") == 0) {
		start->relay_position = (uint64_t)value_to_int(&value);
		until->has_relay_position = true;
	} else if (strcasecmp(option->name, "SQL_BEFORE_GTIDS") == 0) {
		until->has_before = true;
		return take_until_set(statement, &value, &until->before);
	} else if (strcasecmp(option->name, "SQL_AFTER_GTIDS") == 0) {
		until->has_after = true;
		return take_until_set(statement, &value, &until->after);
	} else {
		return refuse(statement, "this UNTIL condition");
	}
	return 0;
}

static void note_until(struct statement *statement, const struct channel_start *start)
{
	struct warnings *warnings = &statement->session->warnings;
	if (start->threads == CHANNEL_RECEIVER)
		warnings_add(warnings, WARNING_NOTE, ER_UNTIL_COND_IGNORED);
	else if (!global_number(statement->session->server, "skip_slave_start"))
		warnings_add(warnings, WARNING_NOTE, ER_MISSING_SKIP_SLAVE);
}

static int settle_until(struct statement *statement, const struct ast_replica *ast, struct channel_start *start,
			struct until *until)
{
	for (size_t i = 0; i < ast->until.count; i++)
		if (take_until_option(statement, &ast->until.items[i], start, until) != 0)
			return -1;
	unsigned conditions = (until->source_file != NULL) + (until->relay_file != NULL) + until->has_before +
			      until->has_after + start->until_no_gaps;
	bool is_half = (until->source_file != NULL) != until->has_source_position ||
		       (until->relay_file != NULL) != until->has_relay_position;
	if (conditions > 1 || is_half)
		return diag_set(statement->diag, ER_BAD_SLAVE_UNTIL_COND);
	if (conditions)
		note_until(statement, start);
	start->source_file = until->source_file;
	start->relay_file = until->relay_file;
	start->before_gtids = until->has_before ? &until->before : NULL;
	start->after_gtids = until->has_after ? &until->after : NULL;
	return 0;
}

static int settle_connection(struct statement *statement, const struct ast_replica *ast, struct channel_start *start)
{
	for (size_t i = 0; i < ast->connection.count; i++) {
		const struct ast_option *option = &ast->connection.items[i];
		struct value value;
		if (evaluate_constant(statement, option->value, &value) != 0)
			return -1;
		struct bytes text = value_text(&value, statement->arena);
		const char *copy = arena_copy_text(statement->arena, (const char *)text.data, text.size);
		if (strcasecmp(option->name, "USER") == 0)
			start->user = copy;
		else if (strcasecmp(option->name, "PASSWORD") == 0)
			start->password = copy;
		else
			return refuse(statement, "START REPLICA with DEFAULT_AUTH or PLUGIN_DIR");
	}
	if ((start->user || start->password) && start->threads == CHANNEL_APPLIER)
		return diag_set(statement->diag, ER_SQLTHREAD_WITH_SECURE_SLAVE);
	if (start->password)
		note_password(statement);
	return 0;
}

/* NULL: all of them. */
static const char *channel_of(struct statement *statement)
{
	const struct ast_replica *ast = statement->ast->replica;
	return ast->all ? NULL : statement_channel(statement, ast->channel);
}

static unsigned threads_of(const struct ast_replica *ast)
{
	return (ast->threads & AST_THREAD_IO ? CHANNEL_RECEIVER : 0) | (ast->threads & AST_THREAD_SQL ? CHANNEL_APPLIER : 0);
}

int exec_start_replica(struct statement *statement)
{
	const struct ast_replica *ast = statement->ast->replica;
	struct session *session = statement->session;
	struct channel_start start = {.threads = threads_of(ast)};
	struct until until = {0};
	gtid_set_init(&until.before);
	gtid_set_init(&until.after);
	int status = statement_require_global(session, PRIVILEGE(SUPER), statement->diag);
	if (status == 0 && (status = settle_until(statement, ast, &start, &until)) == 0)
		status = settle_connection(statement, ast, &start);
	if (status == 0)
		status = channels_start_threads(session->server->channels, channel_of(statement), &start, &session->warnings,
						statement->diag);
	gtid_set_deinit(&until.before);
	gtid_set_deinit(&until.after);
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}

int exec_stop_replica(struct statement *statement)
{
	const struct ast_replica *ast = statement->ast->replica;
	struct session *session = statement->session;
	if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0 ||
	    channels_stop_threads(session->server->channels, channel_of(statement), threads_of(ast), &session->warnings,
				  statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

/* --------------------------------------------------------------------------------------------------------- RESET */

static int reset_binary_logs(struct statement *statement, uint64_t first)
{
	struct txn_manager *manager = statement->session->server->txn_manager;
	if (txn_manager_binlog(manager) == NULL)
		return diag_set(statement->diag, ER_FLUSH_MASTER_BINLOG_CLOSED);
	if (first > INT32_MAX)
		return diag_set(statement->diag, ER_WRONG_ARGUMENTS, "RESET MASTER TO");
	return txn_manager_reset_log(manager, (uint32_t)first, statement->diag);
}

static int reset_persisted(struct statement *statement)
{
	const struct ast_reset_statement *ast = statement->ast->reset;
	struct session *session = statement->session;
	bool found;
	if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0 ||
	    persisted_reset(session->server->persisted, ast->variable, &found, statement->diag) != 0)
		return -1;
	if (found || ast->variable == NULL)
		return 0;
	if (!ast->if_exists)
		return diag_set(statement->diag, ER_VAR_DOES_NOT_EXIST, ast->variable);
	warnings_add_message(&session->warnings, WARNING_WARNING, ER_VAR_DOES_NOT_EXIST,
			     "Variable %s does not exist in persisted config file", ast->variable);
	return 0;
}

int exec_reset(struct statement *statement)
{
	const struct ast_reset_statement *ast = statement->ast->reset;
	struct session *session = statement->session;
	if ((ast->what & ~AST_RESET_PERSIST) &&
	    statement_require_global(session, PRIVILEGE(RELOAD), statement->diag) != 0)
		return -1;
	if ((ast->what & AST_RESET_REPLICA) &&
	    channels_reset(session->server->channels, statement_channel(statement, ast->channel), ast->all,
			   statement->diag) != 0)
		return -1;
	if ((ast->what & AST_RESET_BINARY_LOGS) && reset_binary_logs(statement, ast->file_number) != 0)
		return -1;
	if ((ast->what & AST_RESET_PERSIST) && reset_persisted(statement) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

/* --------------------------------------------------------------------------------------------------------- PURGE */

static int read_time(struct statement *statement, const struct ast_expr *expr, int64_t *out_time_s)
{
	struct value value;
	int64_t packed = 0, time_us = 0;
	enum temporal_status status = TEMPORAL_OK;
	if (evaluate_constant(statement, expr, &value) != 0)
		return -1;
	if (value.kind == VALUE_DATETIME || value.kind == VALUE_DATE)
		packed = value.packed;
	else if (value.kind == VALUE_STRING)
		status = datetime_parse(value.string, 0, 0, &packed);
	else if (value.kind == VALUE_NULL)
		status = TEMPORAL_BAD;
	else
		status = datetime_from_number(value_to_int(&value), 0, &packed);
	if (status != TEMPORAL_OK && status != TEMPORAL_TRUNCATED)
		return diag_set(statement->diag, ER_WRONG_ARGUMENTS, "PURGE LOGS BEFORE");
	/* Past what a timestamp can say: everything is before it. */
	bool known = time_zone_to_epoch(statement->session->variables.time_zone, packed, &time_us);
	*out_time_s = known ? time_us / 1000000 : INT64_MAX;
	return 0;
}

static void warn_of_kept(struct statement *statement, struct binlog *log, const struct binlog_purge_report *report)
{
	struct warnings *warnings = &statement->session->warnings;
	char name[log_file_name_max + 1];
	if (report->kept_file == 0)
		return;
	binlog_file_name(log, report->kept_file, name);
	if (report->kept_readers)
		warnings_add(warnings, WARNING_WARNING, ER_WARN_PURGE_LOG_IN_USE, name, (int)report->kept_readers,
			     (int)report->purged, (int)report->wanted);
	else
		warnings_add(warnings, WARNING_WARNING, ER_WARN_PURGE_LOG_IS_ACTIVE, name);
}

static int purge(struct statement *statement, struct binlog *log)
{
	const struct ast_purge_logs *ast = statement->ast->purge_logs;
	struct txn_manager *manager = statement->session->server->txn_manager;
	struct binlog_purge_report report = {0};
	int64_t time_s = 0;
	int status;
	if (ast->before) {
		if (read_time(statement, ast->before, &time_s) != 0)
			return -1;
		status = txn_manager_purge_before(manager, time_s, &report, statement->diag);
	} else {
		uint32_t file = binlog_parse_file_name(log, ast->to);
		if (file == 0 || !binlog_has_file(log, file))
			return diag_set(statement->diag, ER_UNKNOWN_TARGET_BINLOG);
		status = txn_manager_purge_to(manager, file, &report, statement->diag);
	}
	if (status == 0)
		warn_of_kept(statement, log, &report);
	return status;
}

int exec_purge_logs(struct statement *statement)
{
	struct session *session = statement->session;
	struct binlog *log = txn_manager_binlog(session->server->txn_manager);
	if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0 ||
	    (log && purge(statement, log) != 0))
		return -1;
	return statement_ok(statement, 0, NULL);
}
