#include "wire/packet.h"

#include <assert.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"

enum { read_size_min = 16 * 1024, send_threshold = 64 * 1024 };

void wire_init(struct wire *wire, int fd, uint64_t max_packet_size)
{
	*wire = (struct wire){.max_packet_size = max_packet_size, .reads_ahead = true};
	socket_transport_init(&wire->socket, fd);
	wire->transport = &wire->socket.transport;
}

void wire_deinit(struct wire *wire)
{
	wire->transport->methods->destroy(wire->transport);
	if (wire->socket.fd >= 0)
		close(wire->socket.fd);
	wire->socket.fd = -1;
	buf_deinit(&wire->in);
	buf_deinit(&wire->packet);
	buf_deinit(&wire->out);
}

static void set_timeout(int fd, int option, uint64_t *timeout, uint64_t seconds)
{
	struct timeval span = {.tv_sec = (time_t)seconds};
	if (*timeout != seconds)
		setsockopt(fd, SOL_SOCKET, option, &span, sizeof span);
	*timeout = seconds;
}

void wire_set_timeouts(struct wire *wire, uint64_t read_seconds, uint64_t write_seconds)
{
	set_timeout(wire->socket.fd, SO_RCVTIMEO, &wire->socket.read_seconds, read_seconds);
	set_timeout(wire->socket.fd, SO_SNDTIMEO, &wire->socket.write_seconds, write_seconds);
}

void wire_set_deadline(struct wire *wire, int64_t deadline_us)
{
	wire->socket.deadline_us = deadline_us;
}

void wire_layer(struct wire *wire, struct transport *layer)
{
	assert(wire->in_at == wire->in.size && wire->out.size == 0);
	wire->transport = layer;
}

size_t wire_kept_size(const struct wire *wire)
{
	return wire->in.capacity + wire->packet.capacity + wire->out.capacity;
}

void wire_shrink(struct wire *wire)
{
	if (wire->in_at == wire->in.size) {
		buf_deinit(&wire->in);
		wire->in_at = 0;
	}
	buf_deinit(&wire->packet);
	if (wire->out.size == 0)
		buf_deinit(&wire->out);
}

void wire_wake(struct wire *wire)
{
	shutdown(wire->socket.fd, SHUT_RDWR);
}

/* A layer that counts frames does so in the packets' place. */
static bool counts_packets(const struct wire *wire)
{
	return wire->transport->methods->renumber == NULL;
}

static uint8_t renumber(struct wire *wire, uint8_t number)
{
	uint8_t old = wire->sequence;
	wire->sequence = number;
	return counts_packets(wire) ? old : wire->transport->methods->renumber(wire->transport, number);
}

void wire_begin_command(struct wire *wire)
{
	renumber(wire, 0);
}

/* At least size unconsumed bytes in wire->in. */
static enum wire_status fill(struct wire *wire, size_t size, struct diag *diag)
{
	while (wire->in.size - wire->in_at < size) {
		if (wire->in_at > 0) {
			size_t left = wire->in.size - wire->in_at;
			memmove(wire->in.data, wire->in.data + wire->in_at, left);
			wire->in.size = left;
			wire->in_at = 0;
		}
		size_t missing = size - wire->in.size;
		/* Memory follows what really arrives, not what a header claims will. */
		size_t room = missing < read_size_min && wire->reads_ahead ? read_size_min : missing;
		if (room > 1024 * 1024)
			room = 1024 * 1024;
		uint8_t *at = buf_reserve(&wire->in, room);
		size_t got = 0;
		enum wire_status status = wire->transport->methods->read(wire->transport, at, room, &got, diag);
		if (status != WIRE_OK)
			return status;
		wire->in.size += got;
		wire->bytes_received += got;
	}
	return WIRE_OK;
}

static enum wire_status read_header(struct wire *wire, size_t *out_size, struct diag *diag)
{
	enum wire_status status = fill(wire, wire_header_size, diag);
	if (status != WIRE_OK)
		return status;
	const uint8_t *header = wire->in.data + wire->in_at;
	*out_size = (size_t)bytes_load_uint(header, 3);
	if (counts_packets(wire) && header[3] != wire->sequence) {
		diag_set(diag, ER_NET_PACKETS_OUT_OF_ORDER);
		return WIRE_OUT_OF_ORDER;
	}
	wire->sequence++;
	wire->in_at += wire_header_size;
	return WIRE_OK;
}

/* Reads and drops size bytes. */
static enum wire_status drop(struct wire *wire, size_t size, struct diag *diag)
{
	while (size > 0) {
		size_t step = size < read_size_min ? size : read_size_min;
		enum wire_status status = fill(wire, step, diag);
		if (status != WIRE_OK)
			return status;
		wire->in_at += step;
		size -= step;
	}
	return WIRE_OK;
}

/* The client is told 1153 rather than cut off, so the rest of what it sends has to be swallowed. */
static enum wire_status drop_large(struct wire *wire, size_t size, struct diag *diag)
{
	for (;;) {
		enum wire_status status = drop(wire, size, diag);
		if (status != WIRE_OK)
			return status;
		if (size < wire_part_max)
			break;
		status = read_header(wire, &size, diag);
		if (status != WIRE_OK)
			return status;
	}
	diag_set(diag, ER_NET_PACKET_TOO_LARGE);
	return WIRE_TOO_LARGE;
}

enum wire_status wire_read(struct wire *wire, struct bytes *out_payload, struct diag *diag)
{
	buf_clear(&wire->packet);
	if (wire->in_at == wire->in.size) {
		buf_clear(&wire->in);
		wire->in_at = 0;
	}
	for (;;) {
		size_t size = 0;
		enum wire_status status = read_header(wire, &size, diag);
		if (status != WIRE_OK)
			return status;
		if (wire->packet.size + size > wire->max_packet_size)
			return drop_large(wire, size, diag);
		if (!memory_has(wire->packet.size + size)) {
			diag_set(diag, ER_OUT_OF_RESOURCES);
			return WIRE_NO_MEMORY;
		}
		status = fill(wire, size, diag);
		if (status != WIRE_OK)
			return status;
		struct bytes part = bytes_of(wire->in.data + wire->in_at, size);
		wire->in_at += size;
		if (size < wire_part_max && wire->packet.size == 0) {
			*out_payload = part;
			return WIRE_OK;
		}
		buf_put_bytes(&wire->packet, part);
		if (size < wire_part_max) {
			*out_payload = buf_bytes(&wire->packet);
			return WIRE_OK;
		}
	}
}

struct buf *wire_begin_packet(struct wire *wire)
{
	wire->out_packet_at = wire->out.size;
	buf_put_zeros(&wire->out, wire_header_size);
	return &wire->out;
}

void wire_abandon_packet(struct wire *wire)
{
	wire->out.size = wire->out_packet_at;
}

static void put_header(struct wire *wire, size_t at, size_t size)
{
	bytes_store_uint(wire->out.data + at, size, 3);
	wire->out.data[at + 3] = wire->sequence++;
}

int wire_finish_packet(struct wire *wire, struct diag *diag)
{
	size_t at = wire->out_packet_at;
	size_t left = wire->out.size - at - wire_header_size;
	while (left >= wire_part_max) {
		/* Make room for the next part's header behind this part. */
		size_t next = at + wire_header_size + wire_part_max;
		buf_put_zeros(&wire->out, wire_header_size);
		left -= wire_part_max;
		memmove(wire->out.data + next + wire_header_size, wire->out.data + next, left);
		put_header(wire, at, wire_part_max);
		at = next;
	}
	put_header(wire, at, left);
	return wire->out.size >= send_threshold ? wire_flush(wire, diag) : 0;
}

int wire_flush(struct wire *wire, struct diag *diag)
{
	if (wire->out.size && !wire->failed)
		wire->failed = wire->transport->methods->write(wire->transport, buf_bytes(&wire->out)) != WIRE_OK;
	wire->bytes_sent += wire->failed ? 0 : wire->out.size;
	buf_clear(&wire->out);
	return wire->failed ? diag_set(diag, ER_NET_ERROR_ON_WRITE) : 0;
}

bool wire_peer_spoke(struct wire *wire)
{
	return wire->in_at < wire->in.size || wire->transport->methods->is_readable(wire->transport);
}

bool wire_peer_left(const struct wire *wire)
{
	struct pollfd poll_fd = {.fd = wire->socket.fd, .events = POLLRDHUP};
	return poll(&poll_fd, 1, 0) > 0;
}

bool wire_wait_for_peer(struct wire *wire, int other_fd, int timeout_ms)
{
	struct pollfd poll_fds[2] = {{.fd = wire->socket.fd, .events = POLLIN | POLLRDHUP},
				     {.fd = other_fd, .events = POLLIN}};
	/* What came in may have been a layer's own business: then there is nothing for us yet. */
	while (!wire_peer_spoke(wire))
		if (poll(poll_fds, 2, timeout_ms) <= 0 || (poll_fds[1].revents && !poll_fds[0].revents))
			return false;
	return true;
}

int wire_flush_question(struct wire *wire, struct diag *diag)
{
	int status = wire_flush(wire, diag);
	renumber(wire, 1);
	return status;
}

enum wire_status wire_read_answer(struct wire *wire, struct bytes *out_payload, struct diag *diag)
{
	uint8_t number = renumber(wire, 0);
	enum wire_status status = wire_read(wire, out_payload, diag);
	renumber(wire, number);
	return status;
}
