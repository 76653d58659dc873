#include "wire/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

enum { name_size = 1024, cipher_list_size = 2048 };

/* Forward secrecy first; plain RSA for clients that know no curves; nothing anonymous or with a shared secret. */
static const char default_ciphers[] = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:RSA+AESGCM:!aNULL:!PSK:!SRP";

struct tls_context {
	SSL_CTX *ssl; /* immutable once made */
	atomic_uint references;
};

/* A BIO reads and writes through the transport below, so that TLS stands on anything. */
struct tls_transport {
	struct transport transport; /* first: the methods cast back */
	struct transport *below;    /* owned once the handshake is through */
	SSL *ssl;
	enum wire_status status; /* how the last call below ended */
	bool only_looks;	 /* is_readable asks: nothing may wait */
	bool failed;		 /* no goodbye can be said */
	struct tls_peer peer;
	char cipher_list[cipher_list_size];
	char issuer[name_size], subject[name_size];
};

/* ------------------------------------------------------------------ errors */

/* The first thing OpenSSL complained of: what follows are consequences. */
static int fail(struct diag *diag, const char *what)
{
	char text[256] = "unknown reason";
	unsigned long code = ERR_get_error();
	if (code)
		ERR_error_string_n(code, text, sizeof text);
	ERR_clear_error();
	return diag_set_message(diag, ER_DA_SSL_LIBRARY_ERROR,
				"Failed to set up SSL because of the following SSL library error: %s (%s)", what,
				text);
}

static const char *given(const char *text)
{
	return text && *text ? text : NULL;
}

/* ------------------------------------------------------------------ contexts */

enum { version_unknown = -1, version_past = 0 };

static int find_version(const char *name, size_t size)
{
	static const struct {
		const char *name;
		int number;
	} versions[] = {{"TLSv1", version_past},
			{"TLSv1.1", version_past},
			{"TLSv1.2", TLS1_2_VERSION},
			{"TLSv1.3", TLS1_3_VERSION}};
	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
		if (strlen(versions[i].name) == size && strncasecmp(versions[i].name, name, size) == 0)
			return versions[i].number;
	return version_unknown;
}

/* The lowest and the highest of the list; those still spoken are two, so there is no hole between. */
static bool read_versions(const char *text, int *out_lowest, int *out_highest)
{
	int lowest = 0, highest = 0;
	for (const char *at = text;; at++) {
		size_t size = strcspn(at, ",");
		int number = find_version(at, size);
		if (number == version_unknown)
			return false;
		if (number != version_past && (lowest == 0 || number < lowest))
			lowest = number;
		if (number > highest)
			highest = number;
		at += size;
		if (*at == 0)
			break;
	}
	*out_lowest = lowest;
	*out_highest = highest;
	return lowest > 0;
}

static int set_protocol(SSL_CTX *ssl, const struct tls_settings *settings, struct diag *diag)
{
	int lowest = TLS1_2_VERSION, highest = TLS1_3_VERSION;
	const char *ciphers = given(settings->cipher) ? settings->cipher : default_ciphers;
	if (settings->version && !read_versions(settings->version, &lowest, &highest))
		return fail(diag, "TLS version is invalid");
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ssl, 0);
	/* Buffers go while a connection idles; a write that was cut short goes on from where it stood. */
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
	if (!SSL_CTX_set_min_proto_version(ssl, lowest) || !SSL_CTX_set_max_proto_version(ssl, highest))
		return fail(diag, "TLS version is invalid");
	if (!SSL_CTX_set_cipher_list(ssl, ciphers))
		return fail(diag, "SSL cipher list is invalid");
	if (given(settings->ciphersuites) && !SSL_CTX_set_ciphersuites(ssl, settings->ciphersuites))
		return fail(diag, "TLS ciphersuites list is invalid");
	return 0;
}

static int set_own_certificate(SSL_CTX *ssl, const struct tls_settings *settings, struct diag *diag)
{
	if (!given(settings->cert) || !given(settings->key))
		return fail(diag, "No certificate or no key was given");
	if (SSL_CTX_use_certificate_chain_file(ssl, settings->cert) <= 0)
		return fail(diag, "Unable to get certificate");
	if (SSL_CTX_use_PrivateKey_file(ssl, settings->key, SSL_FILETYPE_PEM) <= 0)
		return fail(diag, "Unable to get private key");
	if (!SSL_CTX_check_private_key(ssl))
		return fail(diag, "Private key does not match the certificate public key");
	return 0;
}

static int set_trust(SSL_CTX *ssl, const struct tls_settings *settings, struct diag *diag)
{
	const char *ca = given(settings->ca), *capath = given(settings->capath);
	const char *crl = given(settings->crl), *crlpath = given(settings->crlpath);
	if (ca == NULL && capath == NULL)
		return 0;
	if (!SSL_CTX_load_verify_locations(ssl, ca, capath))
		return fail(diag, "SSL_CTX_set_default_verify_paths failed");
	/* The authorities' names help clients that have several certificates to choose one. */
	STACK_OF(X509_NAME) *names = ca ? SSL_load_client_CA_file(ca) : NULL;
	if (names)
		SSL_CTX_set_client_CA_list(ssl, names);
	X509_STORE *store = SSL_CTX_get_cert_store(ssl);
	if ((crl || crlpath) && (!X509_STORE_load_locations(store, crl, crlpath) ||
				 !X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL)))
		return fail(diag, "X509_STORE_load_locations failed");
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, NULL);
	return 0;
}

struct tls_context *tls_context_create(const struct tls_settings *settings, struct diag *diag)
{
	ERR_clear_error();
	SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
	if (ssl == NULL) {
		fail(diag, "SSL context is not usable");
		return NULL;
	}
	if (set_protocol(ssl, settings, diag) != 0 || set_own_certificate(ssl, settings, diag) != 0 ||
	    set_trust(ssl, settings, diag) != 0) {
		SSL_CTX_free(ssl);
		return NULL;
	}
	struct tls_context *context = memory_zalloc(sizeof *context);
	context->ssl = ssl;
	context->references = 1;
	return context;
}

struct tls_context *tls_context_ref(struct tls_context *context)
{
	atomic_fetch_add(&context->references, 1);
	return context;
}

void tls_context_unref(struct tls_context **context_place)
{
	struct tls_context *context = *context_place;
	*context_place = NULL;
	if (context == NULL || atomic_fetch_sub(&context->references, 1) > 1)
		return;
	SSL_CTX_free(context->ssl);
	memory_free(context);
}

static void print_time(const ASN1_TIME *time, char out[64])
{
	BIO *text = BIO_new(BIO_s_mem());
	int size = time && ASN1_TIME_print(text, time) ? BIO_read(text, out, 63) : 0;
	out[size > 0 ? size : 0] = 0;
	BIO_free(text);
}

void tls_context_get_status(struct tls_context *context, struct tls_context_status *out)
{
	X509 *own = SSL_CTX_get0_certificate(context->ssl);
	print_time(own ? X509_get0_notBefore(own) : NULL, out->not_before);
	print_time(own ? X509_get0_notAfter(own) : NULL, out->not_after);
	out->verify_mode = SSL_CTX_get_verify_mode(context->ssl);
	out->accepts = (uint64_t)SSL_CTX_sess_accept(context->ssl);
	out->finished_accepts = (uint64_t)SSL_CTX_sess_accept_good(context->ssl);
}

/* ------------------------------------------------------------------ the BIO */

static int bio_read(BIO *bio, char *out, size_t size, size_t *out_got)
{
	struct tls_transport *tls = BIO_get_data(bio);
	struct diag lost = DIAG_INIT; /* tls_read says it again, by the status */
	BIO_clear_retry_flags(bio);
	if (tls->only_looks && !tls->below->methods->is_readable(tls->below)) {
		BIO_set_retry_read(bio);
		return 0;
	}
	tls->status = tls->below->methods->read(tls->below, (uint8_t *)out, size, out_got, &lost);
	if (tls->status == WIRE_TIMED_OUT)
		BIO_set_retry_read(bio); /* the connection is still good for telling so */
	return tls->status == WIRE_OK;
}

static int bio_write(BIO *bio, const char *data, size_t size, size_t *out_sent)
{
	struct tls_transport *tls = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	tls->status = tls->below->methods->write(tls->below, bytes_of(data, size));
	*out_sent = tls->status == WIRE_OK ? size : 0;
	return tls->status == WIRE_OK;
}

static long bio_control(BIO *bio, int command, long number, void *argument)
{
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method;
static pthread_once_t bio_once = PTHREAD_ONCE_INIT;

/* Lives as long as the process, as OpenSSL's own do. */
static void make_bio_method(void)
{
	bio_method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "transport");
	BIO_meth_set_read_ex(bio_method, bio_read);
	BIO_meth_set_write_ex(bio_method, bio_write);
	BIO_meth_set_ctrl(bio_method, bio_control);
}

/* ------------------------------------------------------------------ the layer */

static struct tls_transport *of(struct transport *transport)
{
	return (struct tls_transport *)transport;
}

/* What went wrong below goes before what OpenSSL made of it. */
static enum wire_status outcome_of(struct tls_transport *tls, int result, struct diag *diag)
{
	int error = SSL_get_error(tls->ssl, result);
	ERR_clear_error();
	if (error == SSL_ERROR_ZERO_RETURN)
		return WIRE_CLOSED;
	if (error == SSL_ERROR_WANT_READ && tls->status == WIRE_TIMED_OUT) {
		diag_set(diag, ER_NET_READ_INTERRUPTED);
		return WIRE_TIMED_OUT;
	}
	tls->failed = true;
	if (tls->status == WIRE_CLOSED)
		return WIRE_CLOSED;
	diag_set(diag, ER_NET_READ_ERROR);
	return WIRE_FAILED;
}

static enum wire_status tls_read(struct transport *transport, uint8_t *out, size_t size, size_t *out_got,
				 struct diag *diag)
{
	struct tls_transport *tls = of(transport);
	tls->status = WIRE_OK;
	int result = SSL_read_ex(tls->ssl, out, size, out_got);
	return result > 0 ? WIRE_OK : outcome_of(tls, result, diag);
}

static enum wire_status tls_write(struct transport *transport, struct bytes bytes)
{
	struct tls_transport *tls = of(transport);
	size_t sent;
	if (bytes.size == 0 || SSL_write_ex(tls->ssl, bytes.data, bytes.size, &sent) > 0)
		return WIRE_OK;
	ERR_clear_error();
	tls->failed = true;
	return WIRE_FAILED;
}

/* Bytes on the socket may be TLS's own business: what counts is whether the client said something. */
static bool tls_is_readable(struct transport *transport)
{
	struct tls_transport *tls = of(transport);
	uint8_t byte;
	size_t got;
	tls->only_looks = true;
	int result = SSL_peek_ex(tls->ssl, &byte, 1, &got);
	tls->only_looks = false;
	bool would_wait = result <= 0 && SSL_get_error(tls->ssl, result) == SSL_ERROR_WANT_READ;
	ERR_clear_error();
	return !would_wait;
}

static void free_layer(struct tls_transport *tls)
{
	SSL_free(tls->ssl); /* and the BIO */
	memory_free(tls);
}

static void tls_destroy(struct transport *transport)
{
	struct tls_transport *tls = of(transport);
	struct transport *below = tls->below;
	if (!tls->failed)
		SSL_shutdown(tls->ssl);
	ERR_clear_error();
	free_layer(tls);
	below->methods->destroy(below);
}

/* ------------------------------------------------------------------ the handshake */

static void describe_certificate(struct tls_transport *tls)
{
	X509 *certificate = SSL_get1_peer_certificate(tls->ssl);
	if (certificate && SSL_get_verify_result(tls->ssl) == X509_V_OK) {
		tls->peer.has_certificate = true;
		X509_NAME_oneline(X509_get_issuer_name(certificate), tls->issuer, sizeof tls->issuer);
		X509_NAME_oneline(X509_get_subject_name(certificate), tls->subject, sizeof tls->subject);
	}
	X509_free(certificate);
}

static void list_ciphers(struct tls_transport *tls)
{
	size_t at = 0;
	const char *name;
	for (int i = 0; (name = SSL_get_cipher_list(tls->ssl, i)) && at + strlen(name) + 2 < cipher_list_size; i++)
		at += (size_t)snprintf(tls->cipher_list + at, cipher_list_size - at, "%s%s", at ? ":" : "", name);
}

static void describe_peer(struct tls_transport *tls)
{
	describe_certificate(tls);
	list_ciphers(tls);
	tls->peer.version = SSL_get_version(tls->ssl);
	tls->peer.cipher = SSL_get_cipher_name(tls->ssl);
	tls->peer.cipher_list = tls->cipher_list;
	tls->peer.issuer = tls->issuer;
	tls->peer.subject = tls->subject;
}

const struct tls_peer *tls_get_peer(const struct transport *layer)
{
	return &((const struct tls_transport *)layer)->peer;
}

struct transport *tls_accept(struct tls_context *context, struct transport *below, struct diag *diag)
{
	static const struct transport_methods methods = {.read = tls_read,
							 .write = tls_write,
							 .is_readable = tls_is_readable,
							 .destroy = tls_destroy};
	pthread_once(&bio_once, make_bio_method);
	ERR_clear_error();
	struct tls_transport *tls = memory_zalloc(sizeof *tls);
	tls->transport.methods = &methods;
	tls->below = below;
	tls->ssl = SSL_new(context->ssl);
	BIO *bio = BIO_new(bio_method);
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio);
	if (SSL_accept(tls->ssl) == 1) {
		describe_peer(tls);
		return &tls->transport;
	}
	ERR_clear_error();
	free_layer(tls);
	diag_set(diag, ER_HANDSHAKE_ERROR);
	return NULL;
}
