/* The doors clients knock at: TCP addresses and the Unix socket. One thread accepts on all of them. */
#pragma once

#include "base/diag.h"
#include "session/server.h"

struct listener;

struct listener_options {
	const char *bind_address; /* "*", "0.0.0.0", "::", a name, or several by comma */
	unsigned port;            /* 0: no TCP (skip_networking) */
	const char *socket_path;  /* NULL or "": no Unix socket */
	unsigned backlog;
};

/* Binds and listens; accepts nothing yet. -1: which address or path, and why. A stale socket file is replaced, one that
   answers is not: another server is there. */
int listener_open(struct server *server, const struct listener_options *options, struct listener **out,
		  struct diag *diag);
int listener_start(struct listener *listener, struct diag *diag); /* begins to accept */
/* Stops accepting, asks all connections to end, waits for them, removes the socket file. */
void listener_close(struct listener **listener);
