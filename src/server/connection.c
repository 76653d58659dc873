#include "server/connection.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>

#include "account/credential.h"
#include "base/log.h"
#include "base/memory.h"
#include "server/dispatch.h"
#include "server/login.h"
#include "server/security.h"
#include "server/statements.h"
#include "server/thread_cache.h"
#include "session/compression_list.h"
#include "session/status.h"
#include "wire/capabilities.h"
#include "wire/compression.h"

enum {
	kept_size_max = 128 * 1024, /* of an idle connection's buffers */
	rest_after_ms = 1000,
};

struct connections {
	/* immutable */
	struct server *server;
	struct thread_cache *threads;

	struct lock lock;
	struct condition gone; /* a connection ended */
	unsigned count;        /* guarded by lock */
	bool ending;           /* guarded by lock */
};

static void serve(void *thing);

struct connections *connections_create(struct server *server)
{
	struct connections *connections = memory_zalloc(sizeof *connections);
	connections->server = server;
	connections->threads = thread_cache_create(server, "connection", serve);
	lock_init(&connections->lock, "connections", LOCK_RANK_LEAF);
	condition_init(&connections->gone);
	return connections;
}

void connections_destroy(struct connections **connections)
{
	thread_cache_destroy(&(*connections)->threads);
	condition_deinit(&(*connections)->gone);
	lock_deinit(&(*connections)->lock);
	memory_free(*connections);
	*connections = NULL;
}

static void kill_client(struct session *session, void *argument)
{
	/* Replication threads end with their channel, in their own order. */
	if (!session->is_internal)
		session_kill(session, SESSION_KILL_CONNECTION);
}

void connections_end(struct connections *connections)
{
	for (;;) {
		/* Again and again: a connection may have been between its start and its place in the list. */
		server_visit_sessions(connections->server, kill_client, NULL);
		lock_take(&connections->lock);
		connections->ending = true;
		struct timespec deadline = clock_deadline(50 * 1000);
		if (connections->count > 0)
			condition_wait_until(&connections->gone, &connections->lock, &deadline);
		bool done = connections->count == 0;
		lock_release(&connections->lock);
		if (done)
			return;
	}
}

static void leave(struct connections *connections)
{
	lock_take(&connections->lock);
	connections->count--;
	condition_broadcast(&connections->gone);
	lock_release(&connections->lock);
}

/* How many there are now, or 0 when the server is ending. */
static unsigned enter(struct connections *connections)
{
	lock_take(&connections->lock);
	unsigned count = connections->ending ? 0 : ++connections->count;
	lock_release(&connections->lock);
	return count;
}

int connection_send_error(struct connection *connection, const struct diag *error)
{
	struct diag lost = DIAG_INIT; /* a client that is gone shows at its next read */
	const struct session *session = connection->session;
	const struct charset *results = session ? session->variables.character_set_results : NULL;
	if (response_send_error(&connection->wire, error, results, &lost) != 0)
		return -1;
	return wire_flush(&connection->wire, &lost);
}

static void apply_timeouts(struct connection *connection)
{
	const struct session_variables *variables = &connection->session->variables;
	wire_set_timeouts(&connection->wire, variables->wait_timeout, variables->net_write_timeout);
}

/* ------------------------------------------------------------------ coming in */

/* Everything that follows is inside of TLS. -1: the client is not told why, for there is no way left to tell it. */
static int begin_tls(struct connection *connection)
{
	struct session *session = connection->session;
	struct wire *wire = &connection->wire;
	struct diag diag = DIAG_INIT;
	struct tls_context *context = security_get_tls(session->server->security);
	struct transport *layer = context ? tls_accept(context, wire->transport, &diag) : NULL;
	tls_context_unref(&context);
	if (layer == NULL)
		return -1;
	wire_layer(wire, layer);
	connection->tls = tls_get_peer(layer);
	session->link.tls_version = connection->tls->version;
	session->link.tls_cipher = connection->tls->cipher;
	session->link.tls_cipher_list = connection->tls->cipher_list;
	return 0;
}

static int check_transport(const struct connection *connection, struct diag *diag)
{
	bool is_secure = connection->is_local || connection->tls;
	if (is_secure || !global_number(connection->session->server, "require_secure_transport"))
		return 0;
	return diag_set(diag, ER_SECURE_TRANSPORT_REQUIRED);
}

/* What the server allows; a value that could not be set was never taken. */
static unsigned allowed_compression(struct session *session)
{
	unsigned set = COMPRESSION_ALLOWS_NONE;
	struct bytes unknown;
	const char *text = global_text(session->server, "protocol_compression_algorithms", &session->statement_arena);
	if (text)
		compression_list_parse(bytes_of_string(text), &set, &unknown);
	return set;
}

static int check_compression(struct connection *connection, struct diag *diag)
{
	const struct handshake *handshake = &connection->handshake;
	bool is_zlib = handshake->capabilities & CLIENT_COMPRESS;
	bool is_zstd = !is_zlib && (handshake->capabilities & CLIENT_ZSTD_COMPRESSION_ALGORITHM);
	if (is_zstd && (handshake->zstd_level < 1 || handshake->zstd_level > compression_zstd_level_max))
		return diag_set(diag, ER_WRONG_COMPRESSION_LEVEL_CLIENT, handshake->zstd_level);
	if (!is_zlib && !is_zstd && !(allowed_compression(connection->session) & COMPRESSION_ALLOWS_NONE))
		return diag_set(diag, ER_WRONG_COMPRESSION_ALGORITHM_CLIENT, "uncompressed");
	return 0;
}

/* Behind the OK of the login everything is compressed, as both agreed. */
static void begin_compression(struct connection *connection)
{
	struct wire *wire = &connection->wire;
	const struct handshake *handshake = &connection->handshake;
	struct session_link *link = &connection->session->link;
	if (handshake->capabilities & CLIENT_COMPRESS) {
		link->compression = "zlib";
		link->compression_level = compression_zlib_level;
		wire_layer(wire, compression_layer(wire->transport, COMPRESSION_ZLIB, compression_zlib_level));
	} else if (handshake->capabilities & CLIENT_ZSTD_COMPRESSION_ALGORITHM) {
		link->compression = "zstd";
		link->compression_level = handshake->zstd_level;
		wire_layer(wire, compression_layer(wire->transport, COMPRESSION_ZSTD, handshake->zstd_level));
	}
}

static uint32_t offered_capabilities(struct session *session)
{
	unsigned compression = allowed_compression(session);
	return (atomic_load(&session->server->has_tls) ? CLIENT_SSL : 0) |
	       (compression & COMPRESSION_ALLOWS_ZLIB ? CLIENT_COMPRESS : 0) |
	       (compression & COMPRESSION_ALLOWS_ZSTD ? CLIENT_ZSTD_COMPRESSION_ALGORITHM : 0);
}

static int greet(struct connection *connection, struct diag *diag)
{
	struct session *session = connection->session;
	struct server *server = session->server;
	struct handshake_offer offer = {
		.version = server->version,
		.connection_id = session->id,
		.collation_id = session->variables.collation_server->id & 0xff,
		.capabilities = offered_capabilities(session),
		.plugin = auth_method_name(
			(enum auth_method)global_number(server, "default_authentication_plugin")),
	};
	return handshake_greet(&connection->wire, &connection->handshake, &offer, diag);
}

enum admission { ADMITTED, REFUSED /* diag: tell the client */, GONE };

/* From the greeting's answer to the account. */
static enum admission identify(struct connection *connection, struct diag *diag)
{
	struct handshake *handshake = &connection->handshake;
	struct arena *arena = &connection->session->statement_arena;
	enum handshake_outcome outcome = handshake_read(&connection->wire, handshake, arena, diag);
	if (outcome == HANDSHAKE_WANTS_TLS) {
		if (begin_tls(connection) != 0)
			return GONE;
		outcome = handshake_read(&connection->wire, handshake, arena, diag);
	}
	if (outcome != HANDSHAKE_DONE || check_transport(connection, diag) != 0 ||
	    check_compression(connection, diag) != 0 || login_check(connection, diag) != 0)
		return REFUSED;
	return ADMITTED;
}

/* All that it takes to log in has to be done in connect_timeout, however slowly it trickles in. */
static void limit_time(struct connection *connection)
{
	struct session *session = connection->session;
	uint64_t seconds = global_number(session->server, "connect_timeout");
	wire_set_timeouts(&connection->wire, seconds, session->variables.net_write_timeout);
	wire_set_deadline(&connection->wire, clock_monotonic_us() + (int64_t)seconds * 1000000);
	connection->wire.reads_ahead = false;
}

static void end_handshake(struct connection *connection)
{
	wire_set_deadline(&connection->wire, 0);
	connection->wire.reads_ahead = true;
}

/* Greeting to OK. -1 when the client does not come in. */
static int admit(struct connection *connection, unsigned connection_count)
{
	struct session *session = connection->session;
	struct server *server = session->server;
	struct diag diag = DIAG_INIT;
	limit_time(connection);
	if (connection_count > global_number(server, "max_connections")) {
		diag_set(&diag, ER_CON_COUNT_ERROR);
		connection_send_error(connection, &diag);
		return -1;
	}
	if (greet(connection, &diag) != 0)
		return -1;
	enum admission admission = identify(connection, &diag);
	if (admission != ADMITTED)
		status_count_server(server, SERVER_ABORTED_CONNECTS, 1);
	if (admission == REFUSED && diag.code == ER_ACCESS_DENIED_ERROR)
		log_note("server", "%s", diag.message);
	if (admission == REFUSED)
		connection_send_error(connection, &diag);
	if (admission != ADMITTED)
		return -1;
	client_sink_init(&connection->client, &connection->wire, session, connection->handshake.capabilities);
	session->sink = &connection->client.sink;
	if (response_send_ok(&connection->client, 0, 0, NULL, &diag) != 0 || wire_flush(&connection->wire, &diag) != 0)
		return -1;
	end_handshake(connection);
	begin_compression(connection);
	return 0;
}

/* ------------------------------------------------------------------ being served */

static void note_peer(struct connection *connection)
{
	struct session *session = connection->session;
	lock_take(&session->lock);
	if (connection->is_local)
		snprintf(session->peer, sizeof session->peer, "localhost");
	else
		snprintf(session->peer, sizeof session->peer, "%s:%u", session->host, connection->peer_port);
	lock_release(&session->lock);
}

static void wake(struct session *session)
{
	wire_wake(session->wake_argument);
}

/* Tells the client why the server hangs up, where it can still hear it. */
static void say_goodbye(struct connection *connection, enum wire_status status, const struct diag *diag)
{
	struct diag inactive = DIAG_INIT;
	if (status == WIRE_TIMED_OUT)
		diag_set(&inactive, ER_CLIENT_INTERACTION_TIMEOUT);
	if (status == WIRE_OUT_OF_ORDER || status == WIRE_TIMED_OUT || status == WIRE_NO_MEMORY)
		connection_send_error(connection, status == WIRE_TIMED_OUT ? &inactive : diag);
	if (status != WIRE_CLOSED)
		status_count_server(connection->session->server, SERVER_ABORTED_CLIENTS, 1);
}

/*
 * What a large statement left in buffers is at hand for the next one, and given up when none comes for a moment. Only then
 * is there a call more than the read itself.
 */
static void rest(struct connection *connection)
{
	struct session *session = connection->session;
	size_t kept = wire_kept_size(&connection->wire) + client_sink_kept_size(&connection->client) +
		      arena_held_size(&session->statement_arena);
	if (kept <= kept_size_max || wire_wait_for_peer(&connection->wire, -1, rest_after_ms))
		return;
	wire_shrink(&connection->wire);
	arena_deinit(&session->statement_arena);
	client_sink_shrink(&connection->client);
}

static void serve_commands(struct connection *connection)
{
	struct session *session = connection->session;
	while (!connection->ends) {
		struct bytes payload;
		struct diag diag = DIAG_INIT;
		session_set_command(session, "Sleep", bytes_of(NULL, 0));
		if (session->kill == SESSION_KILL_CONNECTION)
			return;
		apply_timeouts(connection);
		rest(connection);
		wire_begin_command(&connection->wire);
		connection->wire.max_packet_size = session->variables.max_allowed_packet;
		enum wire_status status = wire_read(&connection->wire, &payload, &diag);
		if (status == WIRE_TOO_LARGE) {
			connection_send_error(connection, &diag);
			continue;
		}
		if (status != WIRE_OK) {
			say_goodbye(connection, status, &diag);
			return;
		}
		dispatch_command(connection, payload);
		bool is_gone = wire_flush(&connection->wire, &diag) != 0;
		if (session->asks_for_shutdown)
			session->server->request_shutdown(session->server);
		if (is_gone)
			return;
	}
}

static void serve(void *thing)
{
	struct connection *connection = thing;
	struct connections *owner = connection->owner;
	unsigned count = enter(owner);
	if (count > 0) {
		struct session *session = session_create(owner->server);
		connection->session = session;
		log_set_thread_id(session->id);
		session->wake_argument = &connection->wire;
		atomic_store(&session->wake, wake);
		status_count_server(owner->server, SERVER_CONNECTIONS, 1);
		if (admit(connection, count) == 0) {
			note_peer(connection);
			connection->statements = statement_table_create();
			serve_commands(connection);
			statement_table_destroy(&connection->statements);
		}
		atomic_store(&session->wake, NULL);
		session_destroy(&connection->session);
		client_sink_deinit(&connection->client);
	}
	wire_deinit(&connection->wire);
	memory_free(connection);
	memory_end_thread();
	if (count > 0)
		leave(owner);
}

static void note_address(struct connection *connection, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "localhost";
	connection->is_local = address->ss_family != AF_INET && address->ss_family != AF_INET6;
	if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;
		inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
		connection->peer_port = ntohs(in->sin_port);
	} else if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)address;
		inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
		connection->peer_port = ntohs(in6->sin6_port);
	}
	/* An IPv4 client on a double-stack socket has an IPv4 address in grants and messages. */
	const char *shown = strncmp(text, "::ffff:", 7) == 0 ? text + 7 : text;
	snprintf(connection->address, sizeof connection->address, "%s", shown);
	/* The loopback is localhost in grants, as MySQL finds by resolving it; no other name is asked for. */
	if (strcmp(shown, "127.0.0.1") == 0 || strcmp(shown, "::1") == 0)
		snprintf(connection->hostname, sizeof connection->hostname, "localhost");
}

void connections_start(struct connections *connections, int fd, const struct sockaddr_storage *address)
{
	struct connection *connection = memory_zalloc(sizeof *connection);
	struct diag diag = DIAG_INIT;
	connection->owner = connections;
	wire_init(&connection->wire, fd, 1024 * 1024);
	note_address(connection, address);
	if (thread_cache_serve(connections->threads, connection, &diag) == 0)
		return;
	log_diag(LOG_ERROR, "server", &diag);
	connection_send_error(connection, &diag);
	wire_deinit(&connection->wire);
	memory_free(connection);
}
