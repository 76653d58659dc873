#include "server/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "server/connection.h"
#include "session/status.h"

enum { doors_max = 16, accept_pause_ms = 100, tell_each_us = 10 * 1000 * 1000 };

struct listener {
	/* immutable once started */
	struct server *server;
	struct pollfd doors[doors_max + 1]; /* the last one in use is the wake-up */
	unsigned door_count;
	char *socket_path; /* or NULL; a file that close removes */
	pthread_t thread;
	bool started;
	int wake_fd;
	struct connections *connections;

	/* owned by the thread */
	bool pauses;       /* accept() failed: not again at once */
	int64_t told_us;   /* when the error log was told, monotonic */
};

static int refuse(struct diag *diag, const char *what, const char *where)
{
	return diag_set_message(diag, ER_IPSOCK_ERROR, "Can't %s %s: %s (errno: %d)", what, where, strerror(errno),
				errno);
}

static int add_door(struct listener *listener, int fd, const struct sockaddr *address, socklen_t size,
		    unsigned backlog, const char *where, struct diag *diag)
{
	if (listener->door_count == doors_max) {
		close(fd);
		return diag_set_message(diag, ER_IPSOCK_ERROR, "Too many addresses in bind-address");
	}
	if (bind(fd, address, size) != 0 || listen(fd, (int)backlog) != 0) {
		refuse(diag, "listen on", where);
		close(fd);
		return -1;
	}
	listener->doors[listener->door_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
	return 0;
}

static int open_address(struct listener *listener, const struct addrinfo *info, unsigned backlog, const char *where,
			struct diag *diag)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse(diag, "open a socket for", where);
	int on = 1, off = 0;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	return add_door(listener, fd, info->ai_addr, info->ai_addrlen, backlog, where, diag);
}

static int open_tcp(struct listener *listener, const char *address, unsigned port, unsigned backlog,
		    struct diag *diag)
{
	char service[16], where[300];
	snprintf(service, sizeof service, "%u", port);
	snprintf(where, sizeof where, "%s port %u", address, port);
	if (strcmp(address, "*") == 0)
		address = "::";
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found;
	int status = getaddrinfo(address, service, &hints, &found);
	if (status != 0)
		return diag_set_message(diag, ER_IPSOCK_ERROR, "Can't resolve bind-address %s: %s", where,
					gai_strerror(status));
	status = open_address(listener, found, backlog, where, diag);
	freeaddrinfo(found);
	/* A machine without IPv6 still has all its IPv4 addresses. */
	if (status != 0 && strcmp(address, "::") == 0 && errno == EAFNOSUPPORT)
		return open_tcp(listener, "0.0.0.0", port, backlog, diag);
	return status;
}

static int open_all_tcp(struct listener *listener, const struct listener_options *options, struct diag *diag)
{
	char addresses[1024];
	snprintf(addresses, sizeof addresses, "%s", options->bind_address);
	char *rest = NULL;
	for (char *one = strtok_r(addresses, ", ", &rest); one; one = strtok_r(NULL, ", ", &rest))
		if (open_tcp(listener, one, options->port, options->backlog, diag) != 0)
			return -1;
	return 0;
}

/* Does a server answer at this path? */
static bool socket_is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
	if (fd >= 0)
		close(fd);
	return alive;
}

static int open_unix(struct listener *listener, const char *path, unsigned backlog, struct diag *diag)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof address.sun_path)
		return diag_set_message(diag, ER_IPSOCK_ERROR, "The socket file path is too long (> %zu): %s",
					sizeof address.sun_path - 1, path);
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (socket_is_alive(&address))
		return diag_set_message(diag, ER_IPSOCK_ERROR, "Another server listens on the socket %s", path);
	unlink(path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse(diag, "open the socket", path);
	mode_t old_mask = umask(0); /* any local user may connect; accounts decide who comes in */
	int status = add_door(listener, fd, (struct sockaddr *)&address, sizeof address, backlog, path, diag);
	umask(old_mask);
	if (status == 0)
		listener->socket_path = memory_copy_string(path);
	return status;
}

static void free_listener(struct listener *listener)
{
	for (unsigned i = 0; i < listener->door_count; i++)
		close(listener->doors[i].fd);
	if (listener->wake_fd >= 0)
		close(listener->wake_fd);
	if (listener->socket_path)
		unlink(listener->socket_path);
	memory_free(listener->socket_path);
	if (listener->connections)
		connections_destroy(&listener->connections);
	memory_free(listener);
}

int listener_open(struct server *server, const struct listener_options *options, struct listener **out,
		  struct diag *diag)
{
	struct listener *listener = memory_zalloc(sizeof *listener);
	listener->server = server;
	listener->wake_fd = eventfd(0, EFD_CLOEXEC);
	listener->connections = connections_create(server);
	if ((options->port && open_all_tcp(listener, options, diag) != 0) ||
	    (options->socket_path && *options->socket_path &&
	     open_unix(listener, options->socket_path, options->backlog, diag) != 0)) {
		free_listener(listener);
		return -1;
	}
	*out = listener;
	return 0;
}

/* The client gave up: that is all. Or there are no more files, or no memory: whoever waits goes on waiting, and so do we. */
static void note_failed_accept(struct listener *listener, int error)
{
	if (error == EINTR || error == EAGAIN || error == ECONNABORTED)
		return;
	listener->pauses = true;
	status_count_server(listener->server, SERVER_ACCEPT_ERRORS, 1);
	int64_t now_us = clock_monotonic_us();
	if (listener->told_us && now_us - listener->told_us < tell_each_us)
		return;
	listener->told_us = now_us;
	log_error("server", "Error in accept: %s. New connections wait", strerror(error));
}

static void accept_one(struct listener *listener, int door)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof address;
	int fd = accept4(door, (struct sockaddr *)&address, &size, SOCK_CLOEXEC);
	if (fd < 0) {
		note_failed_accept(listener, errno);
		return;
	}
	if (address.ss_family != AF_UNIX) {
		int on = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	}
	connections_start(listener->connections, fd, &address);
}

/* True when woken meanwhile. */
static bool pause_if_needed(struct listener *listener)
{
	struct pollfd wake = {.fd = listener->wake_fd, .events = POLLIN};
	if (!listener->pauses)
		return false;
	listener->pauses = false;
	return poll(&wake, 1, accept_pause_ms) > 0;
}

static void *accept_all(void *argument)
{
	struct listener *listener = argument;
	unsigned count = listener->door_count;
	listener->doors[count] = (struct pollfd){.fd = listener->wake_fd, .events = POLLIN};
	while (poll(listener->doors, count + 1, -1) >= 0 || errno == EINTR) {
		if (listener->doors[count].revents || pause_if_needed(listener))
			break;
		for (unsigned i = 0; i < count; i++)
			if (listener->doors[i].revents & POLLIN)
				accept_one(listener, listener->doors[i].fd);
	}
	return NULL;
}

int listener_start(struct listener *listener, struct diag *diag)
{
	if (thread_start(&listener->thread, "listener", accept_all, listener, diag) != 0)
		return -1;
	listener->started = true;
	return 0;
}

void listener_close(struct listener **listener_pointer)
{
	struct listener *listener = *listener_pointer;
	if (listener->started) {
		uint64_t one = 1;
		ssize_t written = write(listener->wake_fd, &one, sizeof one);
		(void)written; /* an eventfd takes a 1 always */
		pthread_join(listener->thread, NULL);
	}
	connections_end(listener->connections);
	free_listener(listener);
	*listener_pointer = NULL;
}
