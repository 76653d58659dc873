/*
 * What protects the server's connections: the TLS context in force, and the RSA key for passwords sent without TLS.
 *
 * At boot it is made of what the options name. When they name nothing, the files that MySQL's first start makes are looked
 * for in the data directory, and made there if auto_generate_certs is on and none is there. A server whose TLS cannot be
 * set up starts all the same, says so in its log, and offers none.
 */
#pragma once

#include "base/rsa.h"
#include "session/server.h"
#include "wire/tls.h"

/* In the data directory as current directory; global variables are set. Never fails. */
void security_open(struct server *server, bool wants_tls);
void security_close(struct server *server);
/* A reference to the context in force, or NULL: TLS is off. Any thread. */
struct tls_context *security_get_tls(struct security *security);
/*
 * The key of caching_sha2_password and sha256_password, or NULL: none can be had, and the log says why. Read, or made, when
 * first asked for: making it takes a good part of a second, and most servers never need it. Any thread; as the server.
 */
const struct rsa_key *security_get_rsa_key(struct server *server);
