/*
 * What a client can send: packets, compressed or not, the answer to the greeting, COM_CHANGE_USER.
 *
 * The first byte says what the rest is; the rest comes over a socket, and then the peer hangs up.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "wire/capabilities.h"
#include "wire/compression.h"
#include "wire/handshake.h"

enum { input_max = 64 * 1024, packet_max = 1024 * 1024 };

static void read_packets(struct wire *wire)
{
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	enum wire_status status;
	wire->reads_ahead = true;
	do {
		wire_begin_command(wire);
		status = wire_read(wire, &payload, &diag);
	} while (status == WIRE_OK || status == WIRE_TOO_LARGE);
}

static void read_handshake(struct wire *wire)
{
	static const struct handshake_offer offer = {
		.version = "8.0", .collation_id = 45, .plugin = "mysql_native_password",
		.capabilities = CLIENT_SSL | CLIENT_COMPRESS | CLIENT_ZSTD_COMPRESSION_ALGORITHM};
	struct handshake handshake = {0};
	struct arena arena;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	wire->reads_ahead = false;
	/* Who wants TLS goes on without it, for here is what stands behind the wish. */
	if (handshake_greet(wire, &handshake, &offer, &diag) == 0 &&
	    handshake_read(wire, &handshake, &arena, &diag) == HANDSHAKE_WANTS_TLS)
		handshake_read(wire, &handshake, &arena, &diag);
	arena_deinit(&arena);
}

static void read_compressed(struct wire *wire, enum compression_kind kind)
{
	wire_layer(wire, compression_layer(wire->transport, kind, 3));
	read_packets(wire);
}

static void change_user(struct bytes payload)
{
	struct handshake handshake = {.capabilities = UINT32_MAX};
	struct arena arena;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	handshake_read_change_user(&handshake, payload, &arena, &diag);
	arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	struct wire wire;
	if (size < 1 || size > input_max)
		return 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		abort();
	wire_init(&wire, pair[0], packet_max);
	enum { PLAIN, HANDSHAKE, CHANGE_USER, ZLIB, ZSTD, WAYS } way = data[0] % WAYS;
	if (way != CHANGE_USER && write(pair[1], data + 1, size - 1) != (ssize_t)size - 1)
		abort();
	shutdown(pair[1], SHUT_WR);
	switch (way) {
	case HANDSHAKE:
		read_handshake(&wire);
		break;
	case CHANGE_USER:
		change_user(bytes_of(data + 1, size - 1));
		break;
	case ZLIB:
	case ZSTD:
		read_compressed(&wire, way == ZLIB ? COMPRESSION_ZLIB : COMPRESSION_ZSTD);
		break;
	default:
		read_packets(&wire);
	}
	wire_deinit(&wire);
	close(pair[1]);
	return 0;
}
