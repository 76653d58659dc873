#include "wire/packet.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { read_size_min = 16 * 1024, send_threshold = 64 * 1024 };

void wire_init(struct wire *wire, int fd, uint64_t max_packet_size)
{
	*wire = (struct wire){.fd = fd, .max_packet_size = max_packet_size};
}

void wire_deinit(struct wire *wire)
{
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
	buf_deinit(&wire->in);
	buf_deinit(&wire->packet);
	buf_deinit(&wire->out);
}

static void set_timeout(int fd, int option, uint64_t seconds)
{
	struct timeval span = {.tv_sec = (time_t)seconds};
	setsockopt(fd, SOL_SOCKET, option, &span, sizeof span);
}

void wire_set_timeouts(struct wire *wire, uint64_t read_seconds, uint64_t write_seconds)
{
	set_timeout(wire->fd, SO_RCVTIMEO, read_seconds);
	set_timeout(wire->fd, SO_SNDTIMEO, write_seconds);
}

void wire_wake(struct wire *wire)
{
	shutdown(wire->fd, SHUT_RDWR);
}

void wire_begin_command(struct wire *wire)
{
	wire->sequence = 0;
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
		size_t room = missing < read_size_min ? read_size_min : missing;
		if (room > 1024 * 1024)
			room = 1024 * 1024;
		uint8_t *at = buf_reserve(&wire->in, room);
		ssize_t got = recv(wire->fd, at, room, 0);
		if (got == 0)
			return WIRE_CLOSED;
		if (got < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || errno == EWOULDBLOCK) {
				diag_set(diag, ER_NET_READ_INTERRUPTED);
				return WIRE_TIMED_OUT;
			}
			if (errno == ECONNRESET || errno == EPIPE)
				return WIRE_CLOSED;
			diag_set(diag, ER_NET_READ_ERROR);
			return WIRE_FAILED;
		}
		wire->in.size += (size_t)got;
		wire->bytes_received += (uint64_t)got;
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
	if (header[3] != wire->sequence) {
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
	size_t sent = 0;
	while (sent < wire->out.size && !wire->failed) {
		ssize_t step = send(wire->fd, wire->out.data + sent, wire->out.size - sent, MSG_NOSIGNAL);
		if (step < 0 && errno == EINTR)
			continue;
		if (step <= 0)
			wire->failed = true;
		else
			sent += (size_t)step;
	}
	wire->bytes_sent += sent;
	buf_clear(&wire->out);
	return wire->failed ? diag_set(diag, ER_NET_ERROR_ON_WRITE) : 0;
}

bool wire_peer_spoke(struct wire *wire)
{
	struct pollfd poll_fd = {.fd = wire->fd, .events = POLLIN | POLLRDHUP};
	return wire->in_at < wire->in.size || poll(&poll_fd, 1, 0) > 0;
}

bool wire_wait_for_peer(struct wire *wire, int other_fd, int timeout_ms)
{
	struct pollfd poll_fds[2] = {{.fd = wire->fd, .events = POLLIN | POLLRDHUP}, {.fd = other_fd, .events = POLLIN}};
	if (wire->in_at < wire->in.size)
		return true;
	return poll(poll_fds, 2, timeout_ms) > 0 && poll_fds[0].revents;
}

int wire_flush_question(struct wire *wire, struct diag *diag)
{
	wire->sequence = 1;
	return wire_flush(wire, diag);
}

enum wire_status wire_read_answer(struct wire *wire, struct bytes *out_payload, struct diag *diag)
{
	uint8_t sequence = wire->sequence;
	wire->sequence = 0;
	enum wire_status status = wire_read(wire, out_payload, diag);
	wire->sequence = sequence;
	return status;
}
