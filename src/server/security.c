#include "server/security.h"

#include <stdio.h>

#include "base/log.h"
#include "base/memory.h"
#include "session/status.h"
#include "session/variable_table.h"
#include "wire/certificate.h"

/* A context and the settings it was made from: the variables may say otherwise until the next reload. */
struct tls_state {
	struct tls_context *context; /* or NULL: off */
	struct tls_settings settings;
	struct arena texts; /* the settings' */
};

struct security {
	struct lock lock;
	struct tls_state tls; /* guarded by lock */

	struct lock key_lock; /* held while the key is made */
	bool key_was_tried;   /* guarded by key_lock */
	struct rsa_key *key;  /* guarded by key_lock, immutable once made */
};

/* ------------------------------------------------------------------ the state in force */

static void deinit_state(struct tls_state *state)
{
	tls_context_unref(&state->context);
	arena_deinit(&state->texts);
}

static const char *text(const struct server *server, const char *name, struct arena *arena)
{
	const char *found = global_text(server, name, arena);
	return found ? found : "";
}

static void read_settings(const struct server *server, struct tls_state *out)
{
	*out = (struct tls_state){0};
	arena_init(&out->texts);
	out->settings = (struct tls_settings){
		.ca = text(server, "ssl_ca", &out->texts),
		.capath = text(server, "ssl_capath", &out->texts),
		.cert = text(server, "ssl_cert", &out->texts),
		.key = text(server, "ssl_key", &out->texts),
		.crl = text(server, "ssl_crl", &out->texts),
		.crlpath = text(server, "ssl_crlpath", &out->texts),
		.cipher = text(server, "ssl_cipher", &out->texts),
		.ciphersuites = text(server, "tls_ciphersuites", &out->texts),
		.version = text(server, "tls_version", &out->texts),
	};
}

static void put_in_force(struct server *server, struct tls_state *state)
{
	struct security *security = server->security;
	lock_take(&security->lock);
	struct tls_state old = security->tls;
	security->tls = *state;
	lock_release(&security->lock);
	atomic_store(&server->has_tls, state->context != NULL);
	deinit_state(&old);
}

static int reload(struct server *server, bool forced, struct diag *diag)
{
	struct tls_state state;
	read_settings(server, &state);
	state.context = tls_context_create(&state.settings, diag);
	bool good = state.context != NULL;
	if (good || forced)
		put_in_force(server, &state);
	else
		deinit_state(&state);
	return good ? 0 : -1;
}

struct tls_context *security_get_tls(struct security *security)
{
	lock_take(&security->lock);
	struct tls_context *context = security->tls.context ? tls_context_ref(security->tls.context) : NULL;
	lock_release(&security->lock);
	return context;
}

/* ------------------------------------------------------------------ the RSA key */

static void open_key(struct server *server)
{
	struct arena arena;
	struct diag diag = DIAG_INIT;
	arena_init(&arena);
	const char *private_path = text(server, "caching_sha2_password_private_key_path", &arena);
	const char *public_path = text(server, "caching_sha2_password_public_key_path", &arena);
	bool makes_missing = global_number(server, "caching_sha2_password_auto_generate_rsa_keys");
	if (rsa_key_open(private_path, public_path, makes_missing, &server->security->key, &diag) != 0)
		log_diag(LOG_WARNING, "server", &diag);
	arena_deinit(&arena);
}

const struct rsa_key *security_get_rsa_key(struct server *server)
{
	struct security *security = server->security;
	lock_take(&security->key_lock);
	if (!security->key_was_tried)
		open_key(server);
	security->key_was_tried = true;
	const struct rsa_key *key = security->key;
	lock_release(&security->key_lock);
	return key;
}

/* ------------------------------------------------------------------ status */

static void put_number(void (*visit)(const char *name, const char *text, void *argument), void *argument,
		       const char *name, uint64_t number)
{
	char shown[32];
	snprintf(shown, sizeof shown, "%llu", (unsigned long long)number);
	visit(name, shown, argument);
}

static void put_settings(const struct tls_settings *settings,
			 void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	visit("Current_tls_ca", settings->ca, argument);
	visit("Current_tls_capath", settings->capath, argument);
	visit("Current_tls_cert", settings->cert, argument);
	visit("Current_tls_cipher", settings->cipher, argument);
	visit("Current_tls_ciphersuites", settings->ciphersuites, argument);
	visit("Current_tls_crl", settings->crl, argument);
	visit("Current_tls_crlpath", settings->crlpath, argument);
	visit("Current_tls_key", settings->key, argument);
	visit("Current_tls_version", settings->version, argument);
}

/* What a server that resumes no sessions, never asks for another handshake and is nobody's client counts. */
static const char *const always_zero[] = {
	"Ssl_accept_renegotiates",    "Ssl_callback_cache_hits",     "Ssl_client_connects",
	"Ssl_connect_renegotiates",   "Ssl_finished_connects",	     "Ssl_session_cache_hits",
	"Ssl_session_cache_misses",   "Ssl_session_cache_overflows", "Ssl_session_cache_size",
	"Ssl_session_cache_timeouts", "Ssl_sessions_reused",	     "Ssl_used_session_cache_entries",
};

static void provide_status(struct server *server, struct arena *arena,
			   void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	struct security *security = server->security;
	struct tls_context_status status = {0};
	struct tls_settings settings = {"", "", "", "", "", "", "", "", ""};
	lock_take(&security->lock);
	struct tls_context *context = security->tls.context ? tls_context_ref(security->tls.context) : NULL;
	if (context) {
		const struct tls_settings *now = &security->tls.settings;
		settings = (struct tls_settings){arena_copy_string(arena, now->ca),
						 arena_copy_string(arena, now->capath),
						 arena_copy_string(arena, now->cert),
						 arena_copy_string(arena, now->key),
						 arena_copy_string(arena, now->crl),
						 arena_copy_string(arena, now->crlpath),
						 arena_copy_string(arena, now->cipher),
						 arena_copy_string(arena, now->ciphersuites),
						 arena_copy_string(arena, now->version)};
	}
	lock_release(&security->lock);
	if (context)
		tls_context_get_status(context, &status);
	tls_context_unref(&context);
	lock_take(&security->key_lock);
	struct bytes pem = security->key ? rsa_key_public_pem(security->key) : bytes_of("", 0);
	lock_release(&security->key_lock);
	visit("Caching_sha2_password_rsa_public_key", arena_copy_text(arena, (const char *)pem.data, pem.size),
	      argument);
	put_settings(&settings, visit, argument);
	visit("Ssl_server_not_before", status.not_before, argument);
	visit("Ssl_server_not_after", status.not_after, argument);
	visit("Ssl_session_cache_mode", "NONE", argument);
	put_number(visit, argument, "Ssl_accepts", status.accepts);
	put_number(visit, argument, "Ssl_finished_accepts", status.finished_accepts);
	put_number(visit, argument, "Ssl_ctx_verify_mode", (uint64_t)status.verify_mode);
	for (size_t i = 0; i < sizeof always_zero / sizeof *always_zero; i++)
		put_number(visit, argument, always_zero[i], 0);
}

/* ------------------------------------------------------------------ boot */

static bool names_any_file(const struct server *server)
{
	static const char *const names[] = {"ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_crl", "ssl_crlpath"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *found = global_variables_text(server->variables, names[i]);
		if (found && *found)
			return true;
	}
	return false;
}

static void name_file(struct server *server, const char *variable, const char *file)
{
	struct diag diag = DIAG_INIT; /* any text will do for these */
	global_variables_set_option(server->variables, variable_row_find(bytes_of_string(variable)), file, &diag);
}

/* False: there is nothing to begin with. */
static bool find_or_make_files(struct server *server)
{
	struct diag diag = DIAG_INIT;
	if (names_any_file(server))
		return true;
	if (!certificate_any_exists() && global_variables_number(server->variables, "auto_generate_certs")) {
		if (certificate_generate_all(&diag) != 0)
			log_diag(LOG_WARNING, "server", &diag);
		else
			log_note("server", "Auto generated SSL certificates are placed in the data directory.");
	}
	if (!certificate_all_exist())
		return false;
	name_file(server, "ssl_ca", certificate_ca_file);
	name_file(server, "ssl_cert", certificate_server_file);
	name_file(server, "ssl_key", certificate_server_key_file);
	return true;
}

void security_open(struct server *server, bool wants_tls)
{
	struct security *security = memory_zalloc(sizeof *security);
	struct diag diag = DIAG_INIT;
	lock_init(&security->lock, "security", LOCK_RANK_LEAF);
	lock_init(&security->key_lock, "security.key", LOCK_RANK_SECURITY_KEY);
	arena_init(&security->tls.texts);
	server->security = security;
	server->reload_tls = reload;
	status_register_provider(server, provide_status);
	if (!wants_tls)
		return;
	if (!find_or_make_files(server))
		log_warning("server", "Connections are not offered TLS: there are no certificates");
	else if (reload(server, false, &diag) != 0)
		log_diag(LOG_WARNING, "server", &diag);
}

void security_close(struct server *server)
{
	struct security *security = server->security;
	if (security == NULL)
		return;
	deinit_state(&security->tls);
	rsa_key_close(&security->key);
	lock_deinit(&security->key_lock);
	lock_deinit(&security->lock);
	memory_free(security);
	server->security = NULL;
}
