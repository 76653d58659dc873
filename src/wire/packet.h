/*
 * Packets over a transport: MySQL's framing, the server's side.
 *
 *   3 bytes length, 1 byte sequence number, payload
 *
 * A payload of 2^24-1 bytes or more is split; a part of exactly 2^24-1 bytes says that another follows, which may
 * be empty. Sequence numbers start at 0 with each command and count through both directions.
 *
 * A struct wire belongs to its connection's thread; wire_wake may be called by any.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "wire/transport.h"

enum { wire_header_size = 4, wire_part_max = 0xffffff };

struct wire {
	struct socket_transport socket; /* its file descriptor is owned */
	struct transport *transport;    /* the uppermost layer: at first the socket */
	/*
	 * More may be read than is asked for. Not before the handshake is through: what stands behind a request for TLS
	 * is for TLS to read, and no byte that came in plain text may pass for one that came encrypted.
	 */
	bool reads_ahead;
	uint8_t sequence;          /* of the next packet in either direction */
	uint64_t max_packet_size;  /* max_allowed_packet, bytes */
	uint64_t bytes_received, bytes_sent; /* for status counters */
	struct buf in;             /* read from the socket, not yet consumed from in_at on */
	size_t in_at;
	struct buf packet;         /* a payload put together from several parts */
	struct buf out;            /* packets not sent yet */
	size_t out_packet_at;      /* where the packet being written began */
	bool failed;               /* a send failed; the connection only remains to be closed */
};

void wire_init(struct wire *wire, int fd, uint64_t max_packet_size);
void wire_deinit(struct wire *wire); /* closes the socket */
void wire_set_timeouts(struct wire *wire, uint64_t read_seconds, uint64_t write_seconds); /* 0: none */
void wire_set_deadline(struct wire *wire, int64_t deadline_us); /* for all reads together, monotonic; 0: none */
/* Puts a layer, made over wire->transport, on top; takes it over. Nothing may wait to be read or sent. */
void wire_layer(struct wire *wire, struct transport *layer);
/* Between two commands: the bytes that its buffers keep for the next one; and all of that is given up. */
size_t wire_kept_size(const struct wire *wire);
void wire_shrink(struct wire *wire);
void wire_wake(struct wire *wire); /* ends blocking reads and writes for good; any thread */

/* Sequence numbers start again: a new command follows. */
void wire_begin_command(struct wire *wire);
/* The payload stays valid until the next read. */
enum wire_status wire_read(struct wire *wire, struct bytes *out_payload, struct diag *diag);

/* Starts a packet; append its payload to the buffer that is returned, then finish it. */
struct buf *wire_begin_packet(struct wire *wire);
/* -1 when the client is gone (1160). Sends once enough has gathered; wire_flush sends all. */
int wire_finish_packet(struct wire *wire, struct diag *diag);
void wire_abandon_packet(struct wire *wire); /* forgets what was appended since wire_begin_packet */
int wire_flush(struct wire *wire, struct diag *diag);
/* Bytes can be read, or the peer has hung up: for waits that also watch the client. */
bool wire_peer_spoke(struct wire *wire);
/* The peer has hung up, whatever it sent before. */
bool wire_peer_left(const struct wire *wire);
/* wire_peer_spoke, waiting for it until other_fd is readable or the time is over; timeout_ms -1: for ever. */
bool wire_wait_for_peer(struct wire *wire, int other_fd, int timeout_ms);
/*
 * Semi-synchronous replication: a packet that the peer answers in the middle of a stream. The answer has number 0, and
 * what is sent goes on with 1, whether the answer came already or not.
 */
int wire_flush_question(struct wire *wire, struct diag *diag);
enum wire_status wire_read_answer(struct wire *wire, struct bytes *out_payload, struct diag *diag);
