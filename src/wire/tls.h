/*
 * TLS 1.2 and 1.3, the server's side. OpenSSL's, behind this door (law 9).
 *
 * A context is what all connections share: certificate, key, whom to trust, which protocols and ciphers. It never
 * changes: ALTER INSTANCE RELOAD TLS makes another, and connections keep the one they began with.
 *
 *   client: greeting's answer, cut off behind the character set, with CLIENT_SSL
 *   client, server: the TLS handshake
 *   client: the whole answer again, and everything after it, inside
 *
 * Clients need no certificate; one that is shown must be signed by who we trust. There are no session tickets and no
 * renegotiation: connections last, and a handshake with our own certificates costs a fraction of a millisecond.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "wire/transport.h"

/* As the system variables say; but for the version "" is as good as NULL: not given. */
struct tls_settings {
	const char *ca, *capath;     /* whom to trust; neither: clients' certificates are not asked for */
	const char *cert, *key;      /* our own, both needed */
	const char *crl, *crlpath;   /* revoked certificates */
	const char *cipher;          /* OpenSSL's list for TLS 1.2 */
	const char *ciphersuites;    /* for TLS 1.3 */
	/* "TLSv1.2", "TLSv1.3" or both by comma; what MySQL spoke before may stand beside them. NULL: both. */
	const char *version;
};

struct tls_context;
/* With one reference. NULL: 3888, and what OpenSSL says is wrong. */
struct tls_context *tls_context_create(const struct tls_settings *settings, struct diag *diag);
struct tls_context *tls_context_ref(struct tls_context *context); /* any thread */
void tls_context_unref(struct tls_context **context);

/* What status variables tell of a context. Times as "Jun  1 12:00:00 2031 GMT". */
struct tls_context_status {
	char not_before[64], not_after[64]; /* our certificate */
	int verify_mode;                    /* OpenSSL's */
	uint64_t accepts, finished_accepts;
};
void tls_context_get_status(struct tls_context *context, struct tls_context_status *out); /* any thread */

/*
 * Shakes hands over the transport below and returns the layer that stands on it, which takes it over. NULL (diag: 1043)
 * when the client does not speak TLS, shows a bad certificate, is too slow or is gone: then below is as it was, but
 * nothing sensible can be said over it any more.
 */
struct transport *tls_accept(struct tls_context *context, struct transport *below, struct diag *diag);

/* Who is at the other end of such a layer. Texts live as long as the layer. */
struct tls_peer {
	const char *version;      /* "TLSv1.3" */
	const char *cipher;       /* "TLS_AES_256_GCM_SHA384" */
	const char *cipher_list;  /* what the connection could have used, by colon */
	bool has_certificate;     /* and it was found good */
	const char *issuer, *subject; /* of the certificate, "/C=SE/CN=client"; "" without one */
};
const struct tls_peer *tls_get_peer(const struct transport *layer);
