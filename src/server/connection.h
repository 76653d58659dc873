/* Connections: a thread each, from the greeting to the last command. */
#pragma once

#include <sys/socket.h>

#include "session/server.h"
#include "session/session.h"
#include "wire/handshake.h"
#include "wire/response.h"
#include "wire/tls.h"

struct statement_table; /* statements.h: what COM_STMT_PREPARE made */

struct connection {
	/* immutable */
	struct connections *owner;
	bool is_local;           /* through the Unix socket */
	char address[256];       /* of the peer: "localhost" or the numeric address */
	char hostname[256];      /* the peer's resolved name, "" when unknown or not asked for */
	unsigned peer_port;
	/* owned by the connection's thread */
	struct wire wire;
	const struct tls_peer *tls; /* or NULL: plain text; the wire's */
	struct session *session;
	struct client_sink client;
	struct handshake handshake;
	struct statement_table *statements;
	bool multi_statements;   /* COM_SET_OPTION changes it */
	bool ends;               /* after the running command */
};

struct connections;
struct connections *connections_create(struct server *server);
void connections_destroy(struct connections **connections); /* none may live */
/* Starts a thread that serves the client; takes the socket over. */
void connections_start(struct connections *connections, int fd, const struct sockaddr_storage *address);
/* Kills every connection and waits until the last has gone. */
void connections_end(struct connections *connections);

/* Sends an error to the client; keeps the sequence. */
int connection_send_error(struct connection *connection, const struct diag *error);
