#include "server/dispatch.h"

#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog.h"
#include "dump/dump.h"
#include "exec/execute.h"
#include "exec/known_text.h"
#include "exec/statement.h"
#include "server/field_list.h"
#include "server/login.h"
#include "server/statements.h"
#include "session/status.h"
#include "sql/parse/parse.h"
#include "wire/capabilities.h"

typedef void command_handler(struct connection *connection, struct bytes payload);

static void answer(struct connection *connection, int status, const struct diag *error)
{
	struct diag lost = DIAG_INIT;
	if (status != 0)
		response_send_error(&connection->wire, error, connection->session->variables.character_set_results, &lost);
	else
		response_send_ok(&connection->client, 0, 0, NULL, &lost);
}

static void quit(struct connection *connection, struct bytes payload)
{
	connection->ends = true;
}

/* Runs text as if the client had sent it by COM_QUERY, and answers. For commands that are statements in disguise. */
static void run_text(struct connection *connection, struct bytes text)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	if (execute_text(session, text, &diag) != 0)
		answer(connection, -1, &diag);
}

static char *quoted(struct connection *connection, const char *head, struct bytes name)
{
	struct session *session = connection->session;
	struct buf text, sent;
	buf_init(&text);
	buf_init(&sent);
	buf_put_string(&text, head);
	ast_name_print(session_name_from_client(session, name), &text);
	charset_convert(charset_get(CHARSET_UTF8MB4), buf_bytes(&text), session->variables.character_set_client, &sent);
	char *copy = arena_copy_text(&session->statement_arena, (const char *)sent.data, sent.size);
	buf_deinit(&text);
	buf_deinit(&sent);
	return copy;
}

static void init_db(struct connection *connection, struct bytes payload)
{
	run_text(connection, bytes_of_string(quoted(connection, "USE ", payload)));
}

static void create_db(struct connection *connection, struct bytes payload)
{
	run_text(connection, bytes_of_string(quoted(connection, "CREATE DATABASE ", payload)));
}

static void drop_db(struct connection *connection, struct bytes payload)
{
	run_text(connection, bytes_of_string(quoted(connection, "DROP DATABASE ", payload)));
}

/* Rows that were sent cannot be taken back, but a packet in the making can. */
static int answer_failure(struct connection *connection, int status, const struct diag *diag)
{
	if (status != 0)
		answer(connection, -1, diag);
	return status;
}

static int parse_next(struct connection *connection, struct parse_input *input, struct arena *arena,
		      struct ast_statement **out_statement, size_t *out_next)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	connection->client.more_results = false;
	input->sql_mode = session->variables.sql_mode;
	input->charset = session->variables.character_set_client;
	if (parse_statement(input, arena, out_statement, out_next, &diag) != 0) {
		warnings_clear(&session->warnings);
		warnings_add_diag(&session->warnings, WARNING_ERROR, &diag);
		return answer_failure(connection, -1, &diag);
	}
	connection->client.more_results = *out_next < input->size;
	return 0;
}

/* What begins behind the first statement of a text. */
static void query_rest(struct connection *connection, struct parse_input *input)
{
	struct session *session = connection->session;
	struct ast_statement *statement;
	size_t next;
	input->wants_values = true;
	while (input->offset < input->size && !connection->wire.failed) {
		struct diag diag = DIAG_INIT;
		if (parse_next(connection, input, &session->statement_arena, &statement, &next) != 0)
			return;
		struct bytes own = bytes_of(input->text + statement->span.offset, statement->span.size);
		session->sink = &connection->client.sink;
		if (answer_failure(connection, execute_statement(session, statement, own, NULL, 0, &diag), &diag) != 0)
			return;
		input->offset = next;
	}
}

/* The offset of the next statement, or the text's size. */
static size_t query_first(struct connection *connection, struct text_visit *visit, struct parse_input *input)
{
	struct ast_statement *statement;
	size_t next;
	struct diag diag = DIAG_INIT;
	input->wants_values = visit->learned == NULL; /* what is learned offers each literal's node */
	if (parse_next(connection, input, text_visit_arena(visit), &statement, &next) != 0)
		return input->size;
	int status = text_visit_execute(visit, statement, next == input->size, &diag);
	return answer_failure(connection, status, &diag) == 0 ? next : input->size;
}

static void query(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	struct parse_input input = {.size = payload.size, .multiple = connection->multi_statements};
	/* The packet's memory is the next packet's: LOAD DATA LOCAL reads some while the statement runs. */
	input.text = arena_copy_text(&session->statement_arena, (const char *)payload.data, payload.size);
	session->sink = &connection->client.sink;
	struct text_visit visit;
	if (text_visit_begin(&visit, session, bytes_of(input.text, input.size))) {
		answer_failure(connection, text_visit_repeat(&visit, &diag), &diag);
		input.offset = input.size;
	} else {
		input.offset = query_first(connection, &visit, &input);
	}
	text_visit_end(&visit);
	query_rest(connection, &input);
}

static void field_list(struct connection *connection, struct bytes payload)
{
	struct diag diag = DIAG_INIT;
	if (field_list_send(connection, payload, &diag) != 0)
		answer(connection, -1, &diag);
}

static void refresh(struct connection *connection, struct bytes payload)
{
	static const struct {
		uint8_t bit;
		const char *text;
	} parts[] = {{1, "FLUSH PRIVILEGES"}, {2, "FLUSH LOGS"}, {4, "FLUSH TABLES"}, {8, "FLUSH HOSTS"},
		     {16, "FLUSH STATUS"}};
	struct cursor cursor = cursor_of(payload);
	uint8_t what = cursor_u8(&cursor);
	struct session *session = connection->session;
	session->sink = result_sink_null;
	struct diag diag = DIAG_INIT;
	int status = 0;
	for (size_t i = 0; i < sizeof parts / sizeof *parts && status == 0; i++)
		if (what & parts[i].bit)
			status = execute_text(session, bytes_of_string(parts[i].text), &diag);
	session->sink = &connection->client.sink;
	answer(connection, status, &diag);
}

static void shutdown_server(struct connection *connection, struct bytes payload)
{
	run_text(connection, bytes_of_string("SHUTDOWN"));
}

/* A bare text, no OK around it. */
static void statistics(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	struct buf *out = wire_begin_packet(&connection->wire);
	buf_put_string(out, status_summary(session->server, &session->statement_arena));
	wire_finish_packet(&connection->wire, &diag);
}

static void process_info(struct connection *connection, struct bytes payload)
{
	run_text(connection, bytes_of_string("SHOW PROCESSLIST"));
}

static void process_kill(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	char text[32];
	snprintf(text, sizeof text, "KILL %u", cursor_u32(&cursor));
	run_text(connection, bytes_of_string(text));
}

static void ping(struct connection *connection, struct bytes payload)
{
	answer(connection, 0, NULL);
}

static void debug(struct connection *connection, struct bytes payload)
{
	struct diag diag = DIAG_INIT;
	log_note("server", "COM_DEBUG: %u connections", connection->session->server->session_count);
	response_send_eof(&connection->client, 0, &diag);
}

static void change_user(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	statements_forget_all(connection);
	session_reset(session);
	session_set_database(session, "");
	session->sink = &connection->client.sink;
	int status = handshake_read_change_user(&connection->handshake, payload, &session->statement_arena, &diag);
	if (status == 0)
		status = login_check(connection, &diag);
	answer(connection, status, &diag);
	/* Whoever fails to become another user is nobody. */
	connection->ends = status != 0;
}

static void reset_connection(struct connection *connection, struct bytes payload)
{
	statements_forget_all(connection);
	session_reset(connection->session);
	connection->session->sink = &connection->client.sink;
	answer(connection, 0, NULL);
}

static void set_option(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	struct diag diag = DIAG_INIT;
	unsigned option = cursor_u16(&cursor);
	if (option > 1 || cursor.failed) {
		diag_set(&diag, ER_UNKNOWN_COM_ERROR);
		answer(connection, -1, &diag);
		return;
	}
	connection->multi_statements = option == 0;
	response_send_eof(&connection->client, 0, &diag);
}

static void register_slave(struct connection *connection, struct bytes payload)
{
	struct diag diag = DIAG_INIT;
	int status = dump_register_replica(connection->session, payload, &diag);
	answer(connection, status, &diag);
}

/* The connection belongs to the dump until it ends. */
static void binlog_dump(struct connection *connection, struct bytes payload)
{
	struct diag diag = DIAG_INIT;
	if (dump_by_position(connection->session, &connection->wire, payload, &diag) != 0)
		answer(connection, -1, &diag);
	connection->ends = true;
}

static void binlog_dump_gtid(struct connection *connection, struct bytes payload)
{
	struct diag diag = DIAG_INIT;
	if (dump_by_gtid(connection->session, &connection->wire, payload, &diag) != 0)
		answer(connection, -1, &diag);
	connection->ends = true;
}

static const struct {
	command_handler *run;
	const char *name; /* as the process list shows it */
} commands[] = {
	[COM_QUIT] = {quit, "Quit"},
	[COM_INIT_DB] = {init_db, "Init DB"},
	[COM_QUERY] = {query, "Query"},
	[COM_FIELD_LIST] = {field_list, "Field List"},
	[COM_CREATE_DB] = {create_db, "Create DB"},
	[COM_DROP_DB] = {drop_db, "Drop DB"},
	[COM_REFRESH] = {refresh, "Refresh"},
	[COM_SHUTDOWN] = {shutdown_server, "Shutdown"},
	[COM_STATISTICS] = {statistics, "Statistics"},
	[COM_PROCESS_INFO] = {process_info, "Processlist"},
	[COM_PROCESS_KILL] = {process_kill, "Kill"},
	[COM_DEBUG] = {debug, "Debug"},
	[COM_PING] = {ping, "Ping"},
	[COM_CHANGE_USER] = {change_user, "Change user"},
	[COM_BINLOG_DUMP] = {binlog_dump, "Binlog Dump"},
	[COM_REGISTER_SLAVE] = {register_slave, "Register Slave"},
	[COM_STMT_PREPARE] = {statements_prepare, "Prepare"},
	[COM_STMT_EXECUTE] = {statements_execute, "Execute"},
	[COM_STMT_SEND_LONG_DATA] = {statements_send_long_data, "Long Data"},
	[COM_STMT_CLOSE] = {statements_close, "Close stmt"},
	[COM_STMT_RESET] = {statements_reset, "Reset stmt"},
	[COM_SET_OPTION] = {set_option, "Set option"},
	[COM_STMT_FETCH] = {statements_fetch, "Fetch"},
	[COM_BINLOG_DUMP_GTID] = {binlog_dump_gtid, "Binlog Dump GTID"},
	[COM_RESET_CONNECTION] = {reset_connection, "Reset Connection"},
};

/* Also to who has to change its password first: statements are looked at one by one. */
static bool is_open_to_all(uint8_t command)
{
	return command == COM_QUERY || command == COM_PING || command == COM_QUIT || command == COM_STMT_CLOSE ||
	       command == COM_STMT_SEND_LONG_DATA;
}

/* What the connection may have. Nothing is to be found out as long as nothing is bounded. */
static void find_limits(struct session *session, struct memory_limits *out)
{
	const struct session_variables *variables = &session->variables;
	bool is_tracked = variables->global_connection_memory_tracking;
	*out = (struct memory_limits){.connection = variables->connection_memory_limit, .all = UINT64_MAX};
	if (is_tracked) {
		out->chunk = variables->connection_memory_chunk_size;
		out->all = global_number(session->server, "global_connection_memory_limit");
	}
	bool is_bounded = out->connection != UINT64_MAX || out->all != UINT64_MAX;
	if (is_bounded && statement_allowed(session, PRIVILEGE(SUPER), NULL, NULL))
		out->connection = out->all = UINT64_MAX;
}

/* A command's text is copied, at the least. */
static int begin_memory(struct session *session, size_t size, struct diag *diag)
{
	struct memory_limits limits;
	find_limits(session, &limits);
	memory_begin_statement(&limits);
	return memory_has(size) ? memory_check(diag) : memory_fail(diag);
}

void dispatch_command(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct cursor cursor = cursor_of(payload);
	uint8_t command = cursor_u8(&cursor);
	struct bytes body = cursor_rest(&cursor);
	struct diag diag = DIAG_INIT;
	arena_reset(&session->statement_arena);
	diag_clear(&session->diag);
	connection->client.more_results = connection->client.answered = false;
	connection->client.cursor_exists = false;
	connection->client.row_format = ROW_FORMAT_TEXT;
	session_forget_query_kill(session);
	if (payload.size == 0 || command >= sizeof commands / sizeof *commands || commands[command].run == NULL) {
		diag_set(&diag, ER_UNKNOWN_COM_ERROR);
		answer(connection, -1, &diag);
		return;
	}
	if (session->must_change_password && !is_open_to_all(command)) {
		diag_set(&diag, ER_MUST_CHANGE_PASSWORD);
		answer(connection, -1, &diag);
		return;
	}
	session_set_command(session, commands[command].name, command == COM_QUERY ? body : bytes_of(NULL, 0));
	status_count(session, STATUS_QUERIES, 1);
	if (command == COM_QUERY || command == COM_STMT_EXECUTE)
		status_count(session, STATUS_QUESTIONS, 1);
	if (begin_memory(session, payload.size, &diag) == 0)
		commands[command].run(connection, body);
	else
		answer(connection, -1, &diag);
	/* "Connection closed." it was told. */
	enum memory_trouble told = memory_end_statement();
	connection->ends |= told == MEMORY_OVER_LIMIT || told == MEMORY_OVER_LIMIT_OF_ALL;
}
