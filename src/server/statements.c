#include "server/statements.h"

#include "base/memory.h"
#include "exec/execute.h"
#include "exec/prepare.h"
#include "wire/capabilities.h"
#include "wire/row.h"

enum { cursor_type_read_only = 1 };

/* One parameter's history: its type lasts from one EXECUTE to the next, long data until the next. */
struct parameter {
	uint8_t type;
	bool is_unsigned;
	bool has_long_data;
	struct buf long_data;
};

struct client_statement {
	uint32_t id;
	struct prepared_statement *prepared; /* one reference */
	struct parameter *parameters;        /* prepared->parameter_count */
	bool types_known;
	bool long_data_failed;               /* too much was sent: EXECUTE tells */
	struct buf rows;                     /* an open cursor's rows, each with its u32 size in front */
	size_t rows_at;                      /* next to fetch */
	bool cursor_open;
	struct client_sink cursor_sink;      /* columns to encode by, and the sink that fills rows */
};

struct statement_table {
	struct map by_id;
	uint32_t last_id;
};

struct statement_table *statement_table_create(void)
{
	struct statement_table *table = memory_zalloc(sizeof *table);
	map_init(&table->by_id);
	return table;
}

static void free_statement(struct client_statement *statement)
{
	for (unsigned i = 0; i < statement->prepared->parameter_count; i++)
		buf_deinit(&statement->parameters[i].long_data);
	memory_free(statement->parameters);
	buf_deinit(&statement->rows);
	client_sink_deinit(&statement->cursor_sink);
	prepared_statement_unref(statement->prepared);
	memory_free(statement);
}

static void free_all(struct statement_table *table)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(&table->by_id, &walk, &key, &value))
		free_statement(value);
	map_deinit(&table->by_id);
}

void statement_table_destroy(struct statement_table **table)
{
	free_all(*table);
	memory_free(*table);
	*table = NULL;
}

void statements_forget_all(struct connection *connection)
{
	free_all(connection->statements);
}

static struct bytes id_key(const uint32_t *id)
{
	return bytes_of(id, sizeof *id);
}

/* The statement a payload begins with the number of; answers 1243 when there is none. */
static struct client_statement *find(struct connection *connection, struct cursor *cursor, const char *command,
				     struct diag *diag)
{
	uint32_t id = cursor_u32(cursor);
	struct client_statement *statement = map_find(&connection->statements->by_id, id_key(&id));
	if (statement == NULL || cursor->failed) {
		char *number = arena_printf(&connection->session->statement_arena, "%u", id);
		diag_set(diag, ER_UNKNOWN_STMT_HANDLER, number, command);
		return NULL;
	}
	return statement;
}

static void send_error(struct connection *connection, const struct diag *error)
{
	struct diag lost = DIAG_INIT;
	response_send_error(&connection->wire, error, connection->session->variables.character_set_results, &lost);
}

static int send_prepare_ok(struct connection *connection, const struct client_statement *statement,
			   unsigned column_count, struct diag *diag)
{
	struct buf *out = wire_begin_packet(&connection->wire);
	buf_put_u8(out, 0);
	buf_put_u32(out, statement->id);
	buf_put_u16(out, (uint16_t)column_count);
	buf_put_u16(out, (uint16_t)statement->prepared->parameter_count);
	buf_put_u8(out, 0);
	buf_put_u16(out, (uint16_t)connection->session->warnings.total);
	return wire_finish_packet(&connection->wire, diag);
}

/* Definitions that clients read and drop: a parameter is a text named ?. */
static int send_parameters(struct connection *connection, unsigned count, struct diag *diag)
{
	struct result_column parameter = {.database = "", .table = "", .original_table = "", .name = "?",
					  .original_name = "", .flags = COLUMN_BINARY,
					  .type = {.kind = TYPE_VARBINARY, .collation = collation_binary}};
	for (unsigned i = 0; i < count; i++)
		if (response_send_column(&connection->client, &parameter, false, diag) != 0)
			return -1;
	/* Here clients that deprecated EOF get none. */
	if (count > 0 && !(connection->client.capabilities & CLIENT_DEPRECATE_EOF))
		return response_send_eof(&connection->client, 0, diag);
	return 0;
}

static int send_definitions(struct connection *connection, const struct result_column *columns, unsigned count,
			    struct diag *diag)
{
	for (unsigned i = 0; i < count; i++)
		if (response_send_column(&connection->client, &columns[i], false, diag) != 0)
			return -1;
	if (count > 0 && !(connection->client.capabilities & CLIENT_DEPRECATE_EOF))
		return response_send_eof(&connection->client, 0, diag);
	return 0;
}

void statements_prepare(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	struct prepared_statement *prepared;
	struct result_column *columns = NULL;
	unsigned column_count = 0;
	warnings_clear(&session->warnings);
	if (prepare_text(session, payload, &prepared, &diag) != 0) {
		warnings_add_diag(&session->warnings, WARNING_ERROR, &diag);
		send_error(connection, &diag);
		return;
	}
	if (prepared->parameter_count > 0xffff)
		diag_set(&diag, ER_PS_MANY_PARAM);
	else
		prepared_statement_count(prepared, session->server, &diag);
	const struct ast_span *span = &prepared->statement->span;
	struct bytes own = bytes_of(prepared->text.data + span->offset, span->size);
	if (diag.code || execute_describe(session, prepared->statement, own, &columns, &column_count, &diag) != 0) {
		prepared_statement_unref(prepared);
		send_error(connection, &diag);
		return;
	}
	struct client_statement *statement = memory_zalloc(sizeof *statement);
	statement->id = ++connection->statements->last_id;
	statement->prepared = prepared;
	statement->parameters = memory_zalloc(sizeof *statement->parameters * prepared->parameter_count);
	map_put(&connection->statements->by_id, id_key(&statement->id), statement);
	/* A client that is gone shows at the next read. */
	if (send_prepare_ok(connection, statement, column_count, &diag) == 0 &&
	    send_parameters(connection, prepared->parameter_count, &diag) == 0)
		send_definitions(connection, columns, column_count, &diag);
}

/* EXECUTE's body behind the iteration count: null bitmap, whether types follow, types, values. */
static int read_parameters(struct connection *connection, struct client_statement *statement, struct cursor *cursor,
			   struct value *out, struct diag *diag)
{
	struct session *session = connection->session;
	unsigned count = statement->prepared->parameter_count;
	struct bytes nulls = cursor_bytes(cursor, (count + 7) / 8);
	if (cursor_u8(cursor) == 1) {
		for (unsigned i = 0; i < count; i++) {
			statement->parameters[i].type = cursor_u8(cursor);
			statement->parameters[i].is_unsigned = cursor_u8(cursor) & 0x80;
		}
		statement->types_known = true;
	}
	if (cursor->failed || !statement->types_known)
		return diag_set(diag, ER_WRONG_ARGUMENTS, "mysqld_stmt_execute");
	const struct collation *collation = session->variables.character_set_client->default_collation;
	for (unsigned i = 0; i < count; i++) {
		struct parameter *parameter = &statement->parameters[i];
		bool is_binary = parameter->type >= FIELD_TINY_BLOB && parameter->type <= FIELD_BLOB;
		if (parameter->has_long_data)
			out[i] = value_string(buf_bytes(&parameter->long_data),
					      is_binary ? collation_binary : collation);
		else if (nulls.data[i / 8] >> (i % 8) & 1)
			out[i] = value_null();
		else if (row_read_parameter(cursor, parameter->type, parameter->is_unsigned, collation,
					    &session->statement_arena, &out[i], diag) != 0)
			return -1;
	}
	return cursor->failed ? diag_set(diag, ER_WRONG_ARGUMENTS, "mysqld_stmt_execute") : 0;
}

static void forget_long_data(struct client_statement *statement)
{
	statement->long_data_failed = false;
	for (unsigned i = 0; i < statement->prepared->parameter_count; i++) {
		statement->parameters[i].has_long_data = false;
		buf_clear(&statement->parameters[i].long_data);
	}
}

/* The cursor's sink: columns go to the client at once, rows wait in the statement. */
static struct client_statement *statement_of(struct result_sink *sink)
{
	struct client_sink *client = (struct client_sink *)sink;
	return (struct client_statement *)((char *)client - offsetof(struct client_statement, cursor_sink));
}

static int keep_row(struct result_sink *sink, const struct value *values, struct diag *diag)
{
	struct client_statement *statement = statement_of(sink);
	size_t at = statement->rows.size;
	buf_put_u32(&statement->rows, 0);
	response_put_row(&statement->cursor_sink, values, &statement->rows);
	bytes_store_uint(statement->rows.data + at, statement->rows.size - at - 4, 4);
	return 0;
}

static int keep_end(struct result_sink *sink, struct diag *diag)
{
	statement_of(sink)->cursor_open = true;
	return 0;
}

static void open_cursor_sink(struct connection *connection, struct client_statement *statement)
{
	client_sink_deinit(&statement->cursor_sink);
	client_sink_init(&statement->cursor_sink, &connection->wire, connection->session,
			 connection->client.capabilities);
	statement->cursor_sink.sink.row = keep_row;
	statement->cursor_sink.sink.end = keep_end;
	statement->cursor_sink.row_format = ROW_FORMAT_BINARY;
	statement->cursor_sink.cursor_exists = true;
	connection->session->sink = &statement->cursor_sink.sink;
}

static void close_cursor(struct client_statement *statement)
{
	buf_clear(&statement->rows);
	statement->rows_at = 0;
	statement->cursor_open = false;
}

void statements_execute(struct connection *connection, struct bytes payload)
{
	struct session *session = connection->session;
	struct diag diag = DIAG_INIT;
	/* Long texts borrow from the packet, whose memory the next read (LOAD DATA LOCAL) would take. */
	struct bytes copy = bytes_of(arena_copy(&session->statement_arena, payload.data, payload.size), payload.size);
	struct cursor cursor = cursor_of(copy);
	struct client_statement *statement = find(connection, &cursor, "mysqld_stmt_execute", &diag);
	if (statement == NULL) {
		send_error(connection, &diag);
		return;
	}
	uint8_t cursor_type = cursor_u8(&cursor);
	cursor_skip(&cursor, 4);
	unsigned count = statement->prepared->parameter_count;
	struct value *parameters = arena_array(&session->statement_arena, struct value, count + 1);
	close_cursor(statement);
	if (statement->long_data_failed)
		diag_set(&diag, ER_NET_PACKET_TOO_LARGE);
	if (diag.code || (count > 0 && read_parameters(connection, statement, &cursor, parameters, &diag) != 0)) {
		forget_long_data(statement);
		send_error(connection, &diag);
		return;
	}
	lock_take(&session->lock);
	size_t shown = statement->prepared->text.size < sizeof session->info - 1 ? statement->prepared->text.size
										   : sizeof session->info - 1;
	memcpy(session->info, statement->prepared->text.data, shown);
	session->info[shown] = 0;
	lock_release(&session->lock);
	connection->client.row_format = ROW_FORMAT_BINARY;
	if (cursor_type & cursor_type_read_only)
		open_cursor_sink(connection, statement);
	int status = prepare_execute(session, statement->prepared, parameters, &diag);
	session->sink = &connection->client.sink;
	if (status != 0)
		send_error(connection, &diag);
	forget_long_data(statement);
}

void statements_send_long_data(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	struct diag diag = DIAG_INIT;
	struct client_statement *statement = find(connection, &cursor, "mysqld_stmt_send_long_data", &diag);
	unsigned index = cursor_u16(&cursor);
	/* This command has no answer; what is wrong shows at EXECUTE. */
	if (statement == NULL || cursor.failed || index >= statement->prepared->parameter_count)
		return;
	struct parameter *parameter = &statement->parameters[index];
	struct bytes data = cursor_rest(&cursor);
	parameter->has_long_data = true;
	if (parameter->long_data.size + data.size > connection->session->variables.max_allowed_packet)
		statement->long_data_failed = true;
	else
		buf_put_bytes(&parameter->long_data, data);
}

void statements_fetch(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	struct diag diag = DIAG_INIT;
	struct client_statement *statement = find(connection, &cursor, "mysqld_stmt_fetch", &diag);
	if (statement && !statement->cursor_open)
		diag_set_message(&diag, ER_UNKNOWN_STMT_HANDLER, "The statement (%u) has no open cursor.",
				 statement->id);
	if (diag.code) {
		send_error(connection, &diag);
		return;
	}
	uint32_t wanted = cursor_u32(&cursor);
	for (uint32_t i = 0; i < wanted && statement->rows_at < statement->rows.size; i++) {
		const uint8_t *row = statement->rows.data + statement->rows_at;
		size_t size = (size_t)bytes_load_uint(row, 4);
		buf_put(wire_begin_packet(&connection->wire), row + 4, size);
		if (wire_finish_packet(&connection->wire, &diag) != 0)
			return;
		statement->rows_at += 4 + size;
	}
	bool is_last = statement->rows_at == statement->rows.size;
	response_send_eof(&connection->client, STATUS_CURSOR_EXISTS | (is_last ? STATUS_LAST_ROW_SENT : 0), &diag);
	if (is_last)
		close_cursor(statement);
}

void statements_reset(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	struct diag diag = DIAG_INIT;
	struct client_statement *statement = find(connection, &cursor, "mysqld_stmt_reset", &diag);
	if (statement == NULL) {
		send_error(connection, &diag);
		return;
	}
	forget_long_data(statement);
	close_cursor(statement);
	response_send_ok(&connection->client, 0, 0, NULL, &diag);
}

void statements_close(struct connection *connection, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	uint32_t id = cursor_u32(&cursor);
	struct client_statement *statement = map_remove(&connection->statements->by_id, id_key(&id));
	if (statement)
		free_statement(statement);
}
