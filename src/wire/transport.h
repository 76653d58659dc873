/*
 * Where a connection's bytes come from and go to: a socket, TLS over it, compression over either. The packet layer knows
 * only this interface. The handshake puts layers on top of each other as the client wants them (wire_layer), and none
 * is taken off before the end.
 *
 * A transport belongs to its connection's thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"

/* How reading or writing ended. Transports know all but the last three. */
enum wire_status {
	WIRE_OK,
	WIRE_CLOSED,       /* the peer hung up, in the middle of a packet or between two */
	WIRE_TIMED_OUT,    /* diag: 1159 */
	WIRE_FAILED,       /* diag: 1157, 1158 */
	WIRE_OUT_OF_ORDER, /* diag: 1156 */
	WIRE_TOO_LARGE,    /* diag: 1153; the rest of the packet was read and dropped */
	WIRE_NO_MEMORY,    /* diag: 1041; the rest of the packet is still to come */
};

struct transport {
	const struct transport_methods *methods;
};

struct transport_methods {
	/* Waits for one byte at least, gives size at most. diag is set unless the outcome is OK or CLOSED. */
	enum wire_status (*read)(struct transport *transport, uint8_t *out, size_t size, size_t *out_got,
				 struct diag *diag);
	/* All of it, in this order. No diag: the packet layer knows what was lost. */
	enum wire_status (*write)(struct transport *transport, struct bytes bytes);
	/* read would not wait: there are bytes, or the peer has hung up. */
	bool (*is_readable)(struct transport *transport);
	/* For a layer that counts frames: the next has this number. Returns which it would have had. NULL: none to count. */
	uint8_t (*renumber)(struct transport *transport, uint8_t number);
	/* Says goodbye where the layer has a word for it, and frees it with what lies below. */
	void (*destroy)(struct transport *transport);
};

/* The lowest layer. Lives in its connection; the file descriptor is the connection's. */
struct socket_transport {
	struct transport transport; /* first: the methods cast back */
	int fd;
	int64_t deadline_us;        /* monotonic; reads time out past it. 0: by the socket's own timeout only */
	uint64_t read_seconds, write_seconds; /* the socket's own timeouts. 0: none */
};

void socket_transport_init(struct socket_transport *socket, int fd);
