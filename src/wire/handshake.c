#include "wire/handshake.h"

#include <stdio.h>

#include "base/digest.h"
#include "wire/capabilities.h"

static const char native_plugin[] = "mysql_native_password";

enum {
	usual_capabilities = CLIENT_LONG_PASSWORD | CLIENT_FOUND_ROWS | CLIENT_LONG_FLAG | CLIENT_CONNECT_WITH_DB |
			      CLIENT_NO_SCHEMA | CLIENT_LOCAL_FILES | CLIENT_IGNORE_SPACE | CLIENT_PROTOCOL_41 |
			      CLIENT_INTERACTIVE | CLIENT_TRANSACTIONS | CLIENT_SECURE_CONNECTION |
			      CLIENT_MULTI_STATEMENTS | CLIENT_MULTI_RESULTS | CLIENT_PS_MULTI_RESULTS |
			      CLIENT_PLUGIN_AUTH | CLIENT_CONNECT_ATTRS | CLIENT_PLUGIN_AUTH_LENENC |
			      CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS |
			      CLIENT_SESSION_TRACK | CLIENT_DEPRECATE_EOF,
};

/* Clients read the nonce as a string, so it holds no zeros; '$' is MySQL's own taboo. */
static void make_nonce(uint8_t nonce[nonce_size + 1])
{
	random_bytes(nonce, nonce_size);
	for (int i = 0; i < nonce_size; i++) {
		nonce[i] &= 0x7f;
		if (nonce[i] == 0 || nonce[i] == '$')
			nonce[i]++;
	}
	nonce[nonce_size] = 0;
}

int handshake_greet(struct wire *wire, struct handshake *handshake, const struct handshake_offer *offer,
		    struct diag *diag)
{
	handshake->offered = (uint32_t)usual_capabilities | offer->capabilities;
	make_nonce(handshake->nonce);
	struct buf *out = wire_begin_packet(wire);
	buf_put_u8(out, 10);
	buf_put_cstring(out, offer->version);
	buf_put_u32(out, (uint32_t)offer->connection_id);
	buf_put(out, handshake->nonce, 8);
	buf_put_u8(out, 0);
	buf_put_u16(out, handshake->offered & 0xffff);
	buf_put_u8(out, (uint8_t)offer->collation_id);
	buf_put_u16(out, STATUS_AUTOCOMMIT);
	buf_put_u16(out, (uint16_t)(handshake->offered >> 16));
	buf_put_u8(out, nonce_size + 1);
	buf_put_zeros(out, 10);
	buf_put(out, handshake->nonce + 8, nonce_size - 8 + 1);
	buf_put_cstring(out, offer->plugin);
	if (wire_finish_packet(wire, diag) != 0)
		return -1;
	return wire_flush(wire, diag);
}

static const char *copy_text(struct arena *arena, struct bytes text)
{
	return arena_copy_text(arena, (const char *)text.data, text.size);
}

/* The response's length comes in three forms, by capability. */
static struct bytes read_auth_response(struct cursor *cursor, uint32_t capabilities)
{
	if (capabilities & CLIENT_PLUGIN_AUTH_LENENC)
		return cursor_lenenc_bytes(cursor);
	if (capabilities & CLIENT_SECURE_CONNECTION)
		return cursor_bytes(cursor, cursor_u8(cursor));
	return cursor_until_zero(cursor);
}

static void set_auth_response(struct handshake *handshake, struct arena *arena, struct bytes response)
{
	handshake->auth_response = bytes_of(arena_copy(arena, response.data, response.size), response.size);
}

int handshake_read_more(struct wire *wire, struct arena *arena, struct bytes *out_answer, struct diag *diag)
{
	struct bytes answer;
	if (wire_read(wire, &answer, diag) != WIRE_OK)
		return diag_set(diag, ER_HANDSHAKE_ERROR);
	*out_answer = bytes_of(arena_copy(arena, answer.data, answer.size), answer.size);
	return 0;
}

int handshake_send_more(struct wire *wire, struct bytes data, struct diag *diag)
{
	struct buf *out = wire_begin_packet(wire);
	buf_put_u8(out, 1);
	buf_put_bytes(out, data);
	return wire_finish_packet(wire, diag) != 0 ? -1 : wire_flush(wire, diag);
}

int handshake_switch(struct wire *wire, struct handshake *handshake, const char *plugin, struct arena *arena,
		     struct diag *diag)
{
	struct buf *out = wire_begin_packet(wire);
	buf_put_u8(out, 0xfe);
	buf_put_cstring(out, plugin);
	buf_put(out, handshake->nonce, nonce_size + 1);
	if (wire_finish_packet(wire, diag) != 0 || wire_flush(wire, diag) != 0)
		return -1;
	handshake->plugin = plugin;
	return handshake_read_more(wire, arena, &handshake->auth_response, diag);
}

/* Who names no method knows one only. */
static const char *read_plugin(struct cursor *cursor, uint32_t client, struct arena *arena)
{
	if (!(client & CLIENT_PLUGIN_AUTH))
		return native_plugin;
	return cursor_left(cursor) > 0 ? copy_text(arena, cursor_until_zero(cursor)) : "";
}

/* Names and values, all length-encoded. What is cut short is taken for absent: attributes decide nothing that matters. */
static void read_attributes(struct cursor *cursor, struct handshake *handshake, struct arena *arena)
{
	struct cursor list = cursor_of(cursor_lenenc_bytes(cursor));
	while (cursor_left(&list) > 0) {
		struct bytes name = cursor_lenenc_bytes(&list), value = cursor_lenenc_bytes(&list);
		if (!list.failed && bytes_equal(name, bytes_of_string("program_name")))
			handshake->program_name = copy_text(arena, value);
		if (!list.failed && bytes_equal(name, bytes_of_string("_client_version")))
			handshake->client_version = copy_text(arena, value);
	}
}

static int read_rest(struct cursor *cursor, struct handshake *handshake, uint32_t client, struct arena *arena,
		     struct diag *diag)
{
	handshake->user = copy_text(arena, cursor_until_zero(cursor));
	set_auth_response(handshake, arena, read_auth_response(cursor, client));
	handshake->database = "";
	/* Some clients leave the zero out when nothing follows. */
	if ((client & CLIENT_CONNECT_WITH_DB) && cursor_left(cursor) > 0)
		handshake->database = copy_text(arena, cursor_until_zero(cursor));
	handshake->plugin = read_plugin(cursor, client, arena);
	if (cursor->failed)
		return diag_set(diag, ER_HANDSHAKE_ERROR);
	handshake->program_name = handshake->client_version = "";
	if (client & CLIENT_CONNECT_ATTRS)
		read_attributes(cursor, handshake, arena);
	handshake->zstd_level = client & CLIENT_ZSTD_COMPRESSION_ALGORITHM ? cursor_u8(cursor) : 0;
	return 0;
}

enum handshake_outcome handshake_read(struct wire *wire, struct handshake *handshake, struct arena *arena,
				      struct diag *diag)
{
	struct bytes payload;
	enum wire_status status = wire_read(wire, &payload, diag);
	if (status != WIRE_OK)
		return diag_set(diag, ER_HANDSHAKE_ERROR), HANDSHAKE_FAILED;
	struct cursor cursor = cursor_of(payload);
	uint32_t client = cursor_u32(&cursor);
	if (!(client & CLIENT_PROTOCOL_41))
		return diag_set(diag, ER_NOT_SUPPORTED_AUTH_MODE), HANDSHAKE_FAILED;
	handshake->capabilities = client & handshake->offered;
	handshake->client_max_packet = cursor_u32(&cursor);
	handshake->collation_id = cursor_u8(&cursor);
	cursor_skip(&cursor, 23);
	if ((handshake->capabilities & CLIENT_SSL) && !handshake->wants_tls) {
		handshake->wants_tls = true;
		return HANDSHAKE_WANTS_TLS;
	}
	return read_rest(&cursor, handshake, client, arena, diag) == 0 ? HANDSHAKE_DONE : HANDSHAKE_FAILED;
}

int handshake_read_change_user(struct handshake *handshake, struct bytes payload, struct arena *arena,
			       struct diag *diag)
{
	struct cursor cursor = cursor_of(payload);
	handshake->user = copy_text(arena, cursor_until_zero(&cursor));
	struct bytes response = handshake->capabilities & CLIENT_SECURE_CONNECTION
					? cursor_bytes(&cursor, cursor_u8(&cursor))
					: cursor_until_zero(&cursor);
	set_auth_response(handshake, arena, response);
	handshake->database = copy_text(arena, cursor_until_zero(&cursor));
	if (cursor_left(&cursor) >= 2)
		handshake->collation_id = cursor_u16(&cursor);
	handshake->plugin = read_plugin(&cursor, handshake->capabilities, arena);
	return cursor.failed ? diag_set(diag, ER_HANDSHAKE_ERROR) : 0;
}
