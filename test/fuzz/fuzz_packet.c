/*
 * What a client can send: packets, plain or compressed, the answer to the greeting, COM_CHANGE_USER.
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
	static const struct handshake_offer offer = {.version = "8.0", .collation_id = 45, .capabilities = CLIENT_SSL};
	struct handshake handshake = {0};
	struct arena arena;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	/* Who wants TLS goes on without it, for here is what stands behind the wish. */
	if (handshake_greet(wire, &handshake, &offer, &diag) == 0 &&
	    handshake_read(wire, &handshake, &arena, &diag) == HANDSHAKE_WANTS_TLS)
		handshake_read(wire, &handshake, &arena, &diag);
	arena_deinit(&arena);
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

enum kind { PACKETS, HANDSHAKE, CHANGE_USER, PACKETS_IN_ZLIB, PACKETS_IN_ZSTD, kind_count };

static void read_from(struct wire *wire, enum kind kind)
{
	if (kind == PACKETS_IN_ZLIB)
		wire_layer(wire, compression_layer(wire->transport, COMPRESSION_ZLIB, compression_zlib_level));
	if (kind == PACKETS_IN_ZSTD)
		wire_layer(wire, compression_layer(wire->transport, COMPRESSION_ZSTD, 3));
	if (kind == HANDSHAKE)
		read_handshake(wire);
	else
		read_packets(wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int pair[2];
	struct wire wire;
	if (size < 1 || size > input_max)
		return 0;
	enum kind kind = data[0] % kind_count;
	struct bytes input = bytes_of(data + 1, size - 1);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		abort();
	wire_init(&wire, pair[0], packet_max);
	if (kind == CHANGE_USER) {
		change_user(input);
	} else {
		if (write(pair[1], input.data, input.size) != (ssize_t)input.size)
			abort();
		shutdown(pair[1], SHUT_WR);
		read_from(&wire, kind);
	}
	wire_deinit(&wire);
	close(pair[1]);
	return 0;
}
