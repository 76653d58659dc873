/*
 * What protects the server's connections: the TLS context in force.
 *
 * At boot it is made of what the options name. When they name nothing, the files that MySQL's first start makes are looked
 * for in the data directory, and made there if auto_generate_certs is on and none is there. A server whose TLS cannot be
 * set up starts all the same, says so in its log, and offers none.
 */
#pragma once

#include "session/server.h"
#include "wire/tls.h"

/* In the data directory as current directory; global variables are set. Never fails. */
void security_open(struct server *server, bool wants_tls);
void security_close(struct server *server);
/* A reference to the context in force, or NULL: TLS is off. Any thread. */
struct tls_context *security_get_tls(struct security *security);
