/* The lowest transport: a TCP or Unix socket. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "wire/transport.h"

static struct socket_transport *of(struct transport *transport)
{
	return (struct socket_transport *)transport;
}

enum { timeout_slack_us = 100 * 1000 };

/* The socket's own timeout ends a read where the deadline would, or hardly later: at first, that is. */
static bool is_bound_by_timeout(const struct socket_transport *socket)
{
	int64_t left_us = socket->deadline_us - clock_monotonic_us();
	return socket->read_seconds && left_us + timeout_slack_us >= (int64_t)socket->read_seconds * 1000000;
}

/* False when the deadline has passed. */
static bool wait_until_deadline(const struct socket_transport *socket)
{
	struct pollfd poll_fd = {.fd = socket->fd, .events = POLLIN};
	int64_t left_us = socket->deadline_us - clock_monotonic_us();
	return left_us > 0 && poll(&poll_fd, 1, (int)(left_us / 1000) + 1) != 0;
}

static enum wire_status socket_read(struct transport *transport, uint8_t *out, size_t size, size_t *out_got,
				    struct diag *diag)
{
	struct socket_transport *socket = of(transport);
	for (;;) {
		if (socket->deadline_us && !is_bound_by_timeout(socket) && !wait_until_deadline(socket)) {
			diag_set(diag, ER_NET_READ_INTERRUPTED);
			return WIRE_TIMED_OUT;
		}
		ssize_t got = recv(socket->fd, out, size, 0);
		if (got > 0) {
			*out_got = (size_t)got;
			return WIRE_OK;
		}
		if (got == 0 || errno == ECONNRESET || errno == EPIPE)
			return WIRE_CLOSED;
		if (errno == EINTR)
			continue;
		bool timed_out = errno == EAGAIN || errno == EWOULDBLOCK;
		diag_set(diag, timed_out ? ER_NET_READ_INTERRUPTED : ER_NET_READ_ERROR);
		return timed_out ? WIRE_TIMED_OUT : WIRE_FAILED;
	}
}

static enum wire_status socket_write(struct transport *transport, struct bytes bytes)
{
	for (size_t sent = 0; sent < bytes.size;) {
		ssize_t step = send(of(transport)->fd, bytes.data + sent, bytes.size - sent, MSG_NOSIGNAL);
		if (step < 0 && errno == EINTR)
			continue;
		if (step <= 0)
			return WIRE_FAILED;
		sent += (size_t)step;
	}
	return WIRE_OK;
}

static bool socket_is_readable(struct transport *transport)
{
	struct pollfd poll_fd = {.fd = of(transport)->fd, .events = POLLIN | POLLRDHUP};
	return poll(&poll_fd, 1, 0) > 0;
}

static void socket_destroy(struct transport *transport)
{
}

void socket_transport_init(struct socket_transport *socket, int fd)
{
	static const struct transport_methods methods = {.read = socket_read,
							 .write = socket_write,
							 .is_readable = socket_is_readable,
							 .destroy = socket_destroy};
	*socket = (struct socket_transport){.transport.methods = &methods, .fd = fd};
}
