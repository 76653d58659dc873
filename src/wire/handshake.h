/*
 * The greeting, the client's answer, and the password exchange.
 *
 *   server: protocol 10, version, connection id, 20-byte nonce, capabilities
 *   client: [capabilities with CLIENT_SSL, charset; then TLS, and everything from here on inside]
 *   client: capabilities, charset, user, auth response, [database], [plugin], [attributes]
 *   server: [auth switch request: another method, the same nonce], and the client's answer by it
 *   server: [more data of the method, marked by a 1], and the client's answer; over again
 *   server: OK | ERR; compressed from here on, if both said so
 *
 * Which method, and who may come in, is others' to decide; this folder only carries the bytes.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "wire/packet.h"

enum { nonce_size = 20 };

struct handshake {
	uint8_t nonce[nonce_size + 1]; /* no zero bytes, and one behind */
	uint32_t offered;              /* the server's capabilities */
	uint32_t capabilities;         /* both sides' */
	bool wants_tls;                /* TLS was asked for, and is there when the answer is read again */
	uint64_t client_max_packet;
	unsigned collation_id;         /* the client's character set */
	const char *user;              /* in the arena */
	const char *database;          /* "" for none */
	const char *plugin;            /* the auth method the response was made with, "" when not told */
	struct bytes auth_response;    /* in the arena */
	unsigned zstd_level;           /* of CLIENT_ZSTD_COMPRESSION_ALGORITHM */
	const char *program_name;      /* the attribute of that name, in the arena; "" when not told */
	const char *client_version;    /* the attribute _client_version, the same */
};

/* What the server says of itself. */
struct handshake_offer {
	const char *version;
	unsigned long connection_id;
	unsigned collation_id;
	const char *plugin;    /* the method that is tried first */
	uint32_t capabilities; /* beyond those that every connection is offered: CLIENT_SSL, CLIENT_COMPRESS, ... */
};

/* Sends the greeting. */
int handshake_greet(struct wire *wire, struct handshake *handshake, const struct handshake_offer *offer,
		    struct diag *diag);
enum handshake_outcome { HANDSHAKE_DONE, HANDSHAKE_WANTS_TLS, HANDSHAKE_FAILED };
/* Reads the client's answer. WANTS_TLS: put TLS on the wire and read again. FAILED: 1043 and the like. */
enum handshake_outcome handshake_read(struct wire *wire, struct handshake *handshake, struct arena *arena,
				      struct diag *diag);
/* COM_CHANGE_USER's payload behind the command byte. */
int handshake_read_change_user(struct handshake *handshake, struct bytes payload, struct arena *arena,
			       struct diag *diag);
/* Asks again by another method: auth_response and plugin are then that one's. */
int handshake_switch(struct wire *wire, struct handshake *handshake, const char *plugin, struct arena *arena,
		     struct diag *diag);
/* What a method says besides, both ways. The answer lives in the arena. */
int handshake_send_more(struct wire *wire, struct bytes data, struct diag *diag);
int handshake_read_more(struct wire *wire, struct arena *arena, struct bytes *out_answer, struct diag *diag);
