#include "wire/response.h"

#include <stdio.h>

#include "session/session.h"
#include "wire/capabilities.h"
#include "wire/row.h"

static unsigned status_flags(const struct client_sink *client, unsigned extra)
{
	return session_status_flags(client->session) | extra | (client->more_results ? STATUS_MORE_RESULTS : 0);
}

static unsigned warning_count(const struct client_sink *client)
{
	size_t own = client->session->warnings.total - client->session->warnings.earlier;
	return own > 0xffff ? 0xffff : (unsigned)own;
}

/*
 * What changed of the session's state, for clients that want to hear it: here, which GTIDs were executed.
 *
 *   length of the rest, then each: kind u8 (3: GTIDs), length of its data, data (encoding u8 = 0, text with its length)
 *
 * Source: "OK_Packet" in the protocol's documentation. False: nothing to tell.
 */
static bool put_session_state(const struct client_sink *client, struct buf *out)
{
	enum { track_gtids = 3, gtids_as_text = 0 };
	struct buf gtids = {0}, data = {0}, state = {0};
	bool has_gtids = (client->capabilities & CLIENT_SESSION_TRACK) && gtid_next_report(client->session, &gtids);
	if (has_gtids) {
		buf_put_u8(&data, gtids_as_text);
		buf_put_lenenc_bytes(&data, buf_bytes(&gtids));
		buf_put_u8(&state, track_gtids);
		buf_put_lenenc_bytes(&state, buf_bytes(&data));
		buf_put_lenenc_bytes(out, buf_bytes(&state));
	}
	buf_deinit(&gtids);
	buf_deinit(&data);
	buf_deinit(&state);
	return has_gtids;
}

/* OK, or EOF in OK's clothes for clients that deprecated EOF. */
static int send_ok_like(struct client_sink *client, uint8_t marker, uint64_t affected_rows, uint64_t last_insert_id,
			const char *info, unsigned extra_status, struct diag *diag)
{
	struct buf state = {0};
	if (put_session_state(client, &state))
		extra_status |= STATUS_SESSION_STATE_CHANGED;
	struct buf *out = wire_begin_packet(client->wire);
	buf_put_u8(out, marker);
	buf_put_lenenc(out, affected_rows);
	buf_put_lenenc(out, last_insert_id);
	buf_put_u16(out, (uint16_t)status_flags(client, extra_status));
	buf_put_u16(out, (uint16_t)warning_count(client));
	/* Documented as the rest of the packet; what servers send and clients read has a length in front. */
	if ((info && *info) || state.size)
		buf_put_lenenc_bytes(out, bytes_of_string(info ? info : ""));
	buf_put_bytes(out, buf_bytes(&state));
	buf_deinit(&state);
	client->answered = true;
	return wire_finish_packet(client->wire, diag);
}

int response_send_ok(struct client_sink *client, uint64_t affected_rows, uint64_t last_insert_id, const char *info,
		     struct diag *diag)
{
	return send_ok_like(client, 0, affected_rows, last_insert_id, info, 0, diag);
}

int response_send_eof(struct client_sink *client, unsigned extra_status, struct diag *diag)
{
	if (client->capabilities & CLIENT_DEPRECATE_EOF)
		return send_ok_like(client, 0xfe, 0, 0, NULL, extra_status, diag);
	struct buf *out = wire_begin_packet(client->wire);
	buf_put_u8(out, 0xfe);
	buf_put_u16(out, (uint16_t)warning_count(client));
	buf_put_u16(out, (uint16_t)status_flags(client, extra_status));
	client->answered = true;
	return wire_finish_packet(client->wire, diag);
}

/* A name or a message, in the character set that the client asked for. */
static struct bytes text_to_results(const char *text, const struct charset *results, struct buf *scratch)
{
	struct value value = value_string(bytes_of_string(text), collation_utf8mb3_general);
	return row_text_to_results(&value, results, scratch);
}

int response_send_error(struct wire *wire, const struct diag *error, const struct charset *results, struct diag *diag)
{
	struct buf scratch = {0};
	struct buf *out = wire_begin_packet(wire);
	buf_put_u8(out, 0xff);
	buf_put_u16(out, (uint16_t)error->code);
	buf_put_u8(out, '#');
	buf_put(out, error->sqlstate, 5);
	buf_put_bytes(out, text_to_results(error->message, results, &scratch));
	buf_deinit(&scratch);
	return wire_finish_packet(wire, diag);
}

int response_send_column(struct client_sink *client, const struct result_column *column, bool with_default,
			 struct diag *diag)
{
	const struct column_type *type = &column->type;
	const struct charset *results = client->session->variables.character_set_results;
	/* A column of JSON says "binary", an expression of JSON its character set, as MySQL has it. */
	bool is_json_column = type->kind == TYPE_JSON && *column->original_table;
	bool is_text = type_is_text(type->kind) && type->collation != collation_binary && !is_json_column;
	unsigned collation_id = collation_binary->id;
	if (is_text)
		collation_id = results ? results->default_collation->id : type->collation->id;
	struct buf *out = wire_begin_packet(client->wire);
	buf_put_lenenc_bytes(out, bytes_of_string("def"));
	buf_put_lenenc_bytes(out, text_to_results(column->database, results, &client->text));
	buf_put_lenenc_bytes(out, text_to_results(column->table, results, &client->text));
	buf_put_lenenc_bytes(out, text_to_results(column->original_table, results, &client->text));
	buf_put_lenenc_bytes(out, text_to_results(column->name, results, &client->text));
	buf_put_lenenc_bytes(out, text_to_results(column->original_name, results, &client->text));
	buf_put_u8(out, 12);
	buf_put_u16(out, (uint16_t)collation_id);
	buf_put_u32(out, type_wire_length(type, results ? results : charset_get(CHARSET_UTF8MB4)));
	buf_put_u8(out, (uint8_t)type_wire_type(type));
	buf_put_u16(out, (uint16_t)column->flags);
	buf_put_u8(out, row_wire_decimals(type));
	buf_put_u16(out, 0);
	if (with_default)
		buf_put_u8(out, 0xfb);
	return wire_finish_packet(client->wire, diag);
}

static struct client_sink *client_of(struct result_sink *sink)
{
	return (struct client_sink *)sink;
}

static int define_columns(struct client_sink *client, const struct result_columns *columns, struct diag *diag)
{
	struct wire *wire = client->wire;
	const struct charset *results = client->session->variables.character_set_results;
	struct result_head_start start = result_head_begin(wire);
	if (result_head_repeat(&client->heads, columns->id, results, wire))
		return 0;
	buf_put_lenenc(wire_begin_packet(wire), columns->count);
	if (wire_finish_packet(wire, diag) != 0)
		return -1;
	for (unsigned i = 0; i < columns->count; i++)
		if (response_send_column(client, &columns->list[i], false, diag) != 0)
			return -1;
	result_head_keep(&client->heads, columns->id, results, wire, &start);
	return 0;
}

static int send_columns(struct result_sink *sink, const struct result_columns *columns, struct diag *diag)
{
	struct client_sink *client = client_of(sink);
	arena_reset(&client->arena);
	client->columns = arena_copy(&client->arena, columns->list, sizeof *columns->list * columns->count);
	client->column_count = columns->count;
	client->answered = true;
	if (define_columns(client, columns, diag) != 0)
		return -1;
	/* Clients that deprecated EOF expect it here only when it announces a cursor. */
	if (client->cursor_exists)
		return response_send_eof(client, STATUS_CURSOR_EXISTS, diag);
	if (client->capabilities & CLIENT_DEPRECATE_EOF)
		return 0;
	return response_send_eof(client, 0, diag);
}

void response_put_row(struct client_sink *client, const struct value *values, struct buf *out)
{
	const struct charset *results = client->session->variables.character_set_results;
	if (client->row_format == ROW_FORMAT_BINARY)
		row_put_binary(client->columns, client->column_count, values, results, &client->text, out);
	else
		row_put_text(client->columns, client->column_count, values, results, &client->text, out);
}

static int send_row(struct result_sink *sink, const struct value *values, struct diag *diag)
{
	struct client_sink *client = client_of(sink);
	response_put_row(client, values, wire_begin_packet(client->wire));
	return wire_finish_packet(client->wire, diag);
}

static int send_end(struct result_sink *sink, struct diag *diag)
{
	return response_send_eof(client_of(sink), 0, diag);
}

static int send_ok(struct result_sink *sink, uint64_t affected_rows, uint64_t last_insert_id, const char *info,
		   struct diag *diag)
{
	return response_send_ok(client_of(sink), affected_rows, last_insert_id, info, diag);
}

static int request_file(struct result_sink *sink, const char *name, struct diag *diag)
{
	struct client_sink *client = client_of(sink);
	if (!(client->capabilities & CLIENT_LOCAL_FILES))
		return diag_set(diag, ER_CLIENT_LOCAL_FILES_DISABLED);
	struct buf *out = wire_begin_packet(client->wire);
	buf_put_u8(out, 0xfb);
	buf_put_string(out, name);
	if (wire_finish_packet(client->wire, diag) != 0)
		return -1;
	return wire_flush(client->wire, diag);
}

static int read_file(struct result_sink *sink, struct bytes *out_chunk, struct diag *diag)
{
	enum wire_status status = wire_read(client_of(sink)->wire, out_chunk, diag);
	if (status == WIRE_CLOSED)
		return diag_set(diag, ER_NET_READ_ERROR);
	return status == WIRE_OK ? 0 : -1;
}

static bool has_left(struct result_sink *sink)
{
	return wire_peer_left(client_of(sink)->wire);
}

void client_sink_init(struct client_sink *client, struct wire *wire, struct session *session, uint32_t capabilities)
{
	*client = (struct client_sink){
		.sink = {send_columns, send_row, send_end, send_ok, request_file, read_file, has_left},
		.wire = wire,
		.session = session,
		.capabilities = capabilities,
	};
}

void client_sink_deinit(struct client_sink *client)
{
	arena_deinit(&client->arena);
	buf_deinit(&client->text);
	result_heads_deinit(&client->heads);
}

size_t client_sink_kept_size(const struct client_sink *client)
{
	return client->text.capacity + arena_held_size(&client->arena);
}

void client_sink_shrink(struct client_sink *client)
{
	client->columns = NULL;
	client->column_count = 0;
	arena_deinit(&client->arena);
	buf_deinit(&client->text);
}
