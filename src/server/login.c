#include "server/login.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>

#include "account/account.h"
#include "base/digest.h"
#include "base/rsa.h"
#include "exec/execute.h"
#include "server/security.h"
#include "wire/capabilities.h"

/* One attempt. */
struct login {
	struct connection *connection;
	struct handshake *handshake;
	struct arena *arena;
	struct account_match match;
	bool used_password; /* for the message */
};

/* How a method finds out; 0 with the verdict, -1 when the exchange broke down. */
typedef int prove(struct login *login, bool *out_right, struct diag *diag);

static bool is_secure(const struct login *login)
{
	return login->connection->is_local || login->connection->tls;
}

/* Clients say "no password" with nothing or with a zero. */
static bool is_empty(struct bytes answer)
{
	return answer.size == 0 || (answer.size == 1 && answer.data[0] == 0);
}

/* ------------------------------------------------------------------ a password by RSA or in clear text */

static const struct rsa_key *find_key(struct login *login)
{
	return security_get_rsa_key(login->connection->session->server);
}

/* The password, XORed with the nonce over and over against being replayed, encrypted. False: rubbish. */
static bool decrypt(struct login *login, struct bytes answer, struct bytes *out_password)
{
	uint8_t text[rsa_message_max];
	size_t size;
	const struct rsa_key *key = find_key(login);
	if (key == NULL || !rsa_key_decrypt(key, answer, text, &size))
		return false;
	for (size_t i = 0; i < size; i++)
		text[i] ^= login->handshake->nonce[i % nonce_size];
	bool good = size > 0 && text[size - 1] == 0;
	if (good)
		*out_password = bytes_of(arena_copy(login->arena, text, size - 1), size - 1);
	secret_forget(text, sizeof text);
	return good;
}

static bool take_clear(struct bytes answer, struct bytes *out_password)
{
	if (answer.size == 0 || answer.data[answer.size - 1] != 0)
		return false;
	*out_password = bytes_of(answer.data, answer.size - 1);
	return true;
}

/* A user who does not exist costs as much time as one who does. */
static const char nobody_caching[] = "$A$005$...............................................................";
static const char nobody[] = "$5$....................$...........................................";

static bool is_right(struct login *login, struct bytes password)
{
	const struct account_match *match = &login->match;
	const char *credential = match->found			    ? match->credential
			       : match->method == AUTH_CACHING_SHA2 ? nobody_caching
								    : nobody;
	bool right = credential_password_is_right(match->method, credential, password) && match->found;
	if (right && login->match.method == AUTH_CACHING_SHA2) {
		uint8_t digest[fast_digest_size];
		credential_fast_digest(password, digest);
		accounts_keep_fast_digest(login->connection->session->server->accounts, &login->match, digest);
	}
	secret_forget((void *)password.data, password.size);
	return right;
}

/* answer: the password where the connection keeps it secret; else it is encrypted, or the key is asked for first. */
static int prove_by_password(struct login *login, struct bytes answer, uint8_t key_request, bool *out_right,
			     struct diag *diag)
{
	struct wire *wire = &login->connection->wire;
	struct bytes password;
	bool is_readable;
	if (is_secure(login)) {
		is_readable = take_clear(answer, &password);
	} else {
		if (answer.size == 1 && answer.data[0] == key_request) {
			const struct rsa_key *key = find_key(login);
			if (key == NULL)
				return 0;
			if (handshake_send_more(wire, rsa_key_public_pem(key), diag) != 0 ||
			    handshake_read_more(wire, login->arena, &answer, diag) != 0)
				return -1;
		}
		is_readable = decrypt(login, answer, &password);
	}
	*out_right = is_readable && is_right(login, password);
	return 0;
}

/* ------------------------------------------------------------------ the methods */

static int prove_native(struct login *login, bool *out_right, struct diag *diag)
{
	*out_right =
		login->match.found && credential_native_is_right(login->match.credential, login->handshake->nonce,
								 login->handshake->auth_response);
	return 0;
}

static int prove_caching_sha2(struct login *login, bool *out_right, struct diag *diag)
{
	enum { ask_for_key = 2, fast_is_enough = 3, full_is_needed = 4 };
	struct wire *wire = &login->connection->wire;
	const struct account_match *match = &login->match;
	struct bytes answer = login->handshake->auth_response;
	uint8_t next = full_is_needed;
	if (is_empty(answer)) {
		*out_right = match->found && match->credential[0] == 0;
		return 0;
	}
	if (match->has_fast_digest && credential_fast_is_right(match->fast_digest, login->handshake->nonce, answer)) {
		next = fast_is_enough;
		*out_right = true;
	}
	if (handshake_send_more(wire, bytes_of(&next, 1), diag) != 0)
		return -1;
	if (next == fast_is_enough)
		return 0;
	if (handshake_read_more(wire, login->arena, &answer, diag) != 0)
		return -1;
	return prove_by_password(login, answer, ask_for_key, out_right, diag);
}

static int prove_sha256(struct login *login, bool *out_right, struct diag *diag)
{
	enum { ask_for_key = 1 };
	struct bytes answer = login->handshake->auth_response;
	if (is_empty(answer)) {
		*out_right = login->match.found && login->match.credential[0] == 0;
		return 0;
	}
	return prove_by_password(login, answer, ask_for_key, out_right, diag);
}

/* The system knows who is at the other end of the Unix socket. */
static int prove_socket(struct login *login, bool *out_right, struct diag *diag)
{
	const struct connection *connection = login->connection;
	struct ucred peer;
	socklen_t size = sizeof peer;
	char buffer[4096];
	struct passwd entry, *found = NULL;
	const char *wanted = *login->match.credential ? login->match.credential : login->handshake->user;
	if (!connection->is_local || !login->match.found ||
	    getsockopt(connection->wire.socket.fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 ||
	    getpwuid_r(peer.uid, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
		return 0;
	*out_right = strcmp(entry.pw_name, wanted) == 0;
	return 0;
}

static const struct {
	prove *prove;
	bool any_client; /* whatever the client's plugin is */
} methods[] = {
	[AUTH_NATIVE] = {prove_native, false},
	[AUTH_SHA256] = {prove_sha256, false},
	[AUTH_CACHING_SHA2] = {prove_caching_sha2, false},
	[AUTH_SOCKET] = {prove_socket, true},
};

/* ------------------------------------------------------------------ the account */

static int find_account(struct login *login, struct diag *diag)
{
	const struct connection *connection = login->connection;
	struct server *server = connection->session->server;
	return accounts_match(server->accounts, connection->session->user, connection->address,
			      *connection->hostname ? connection->hostname : NULL,
			      (enum auth_method)global_number(server, "default_authentication_plugin"), &login->match,
			      diag);
}

/* Asks again, by the account's own method, a client that answered by another. */
static int settle_method(struct login *login, struct diag *diag)
{
	struct handshake *handshake = login->handshake;
	const char *wanted = auth_method_name(login->match.method);
	if (methods[login->match.method].any_client || strcmp(handshake->plugin, wanted) == 0)
		return 0;
	if (!(handshake->capabilities & CLIENT_PLUGIN_AUTH))
		return diag_set(diag, ER_NOT_SUPPORTED_AUTH_MODE);
	return handshake_switch(&login->connection->wire, handshake, wanted, login->arena, diag);
}

static bool meets_requirement(const struct login *login)
{
	const struct tls_peer *peer = login->connection->tls;
	struct account_link link = {.is_tls = peer != NULL};
	if (peer) {
		link.has_certificate = peer->has_certificate;
		link.cipher = peer->cipher;
		link.issuer = peer->issuer;
		link.subject = peer->subject;
	}
	return account_requirement_is_met(&login->match.requirement, &link);
}

static int check_identity(struct login *login, struct diag *diag)
{
	const struct session *session = login->connection->session;
	bool right = false;
	if (find_account(login, diag) != 0 || settle_method(login, diag) != 0)
		return -1;
	login->used_password = !is_empty(login->handshake->auth_response);
	if (methods[login->match.method].prove(login, &right, diag) != 0)
		return -1;
	if (login->match.found && accounts_note_answer(session->server->accounts, &login->match, right,
						       clock_wall_us(), diag) != 0)
		return -1;
	if (!right || !meets_requirement(login))
		return diag_set(diag, ER_ACCESS_DENIED_ERROR, session->user, session->host,
				login->used_password ? "YES" : "NO");
	if (login->match.locked)
		return diag_set_message(diag, ER_ACCOUNT_HAS_BEEN_LOCKED,
					"Access denied for user '%s'@'%s'. Account is locked.", session->user,
					session->host);
	return 0;
}

/* A client that says it can live with an expired password is let in to change it. */
static int check_password_age(struct login *login, struct diag *diag)
{
	struct session *session = login->connection->session;
	struct server *server = session->server;
	const struct account_match *match = &login->match;
	int64_t default_days = (int64_t)global_number(server, "default_password_lifetime");
	bool is_expired = match->password_expired || account_rules_outlive(&match->rules, match->password_changed_us,
									   clock_wall_us(), default_days);
	session->must_change_password = is_expired && match->method != AUTH_SOCKET;
	if (!session->must_change_password || !global_number(server, "disconnect_on_expired_password") ||
	    (login->handshake->capabilities & CLIENT_CAN_HANDLE_EXPIRED_PASSWORDS))
		return 0;
	return diag_set(diag, ER_MUST_CHANGE_PASSWORD_LOGIN);
}

static int enter_account(struct login *login, struct diag *diag)
{
	struct session *session = login->connection->session;
	struct server *server = session->server;
	accounts_leave(server->accounts, &session->account_usage);
	return accounts_enter(server->accounts, &login->match, global_number(server, "max_user_connections"),
			      &session->account_usage, diag);
}

/* ------------------------------------------------------------------ the session */

/*
 * The default when the client asks for a collation we do not know: as MySQL, the server's own. But what gbk's clients greet
 * with, gbk_chinese_ci, says at least what they write in.
 */
static void settle_charset(struct session *session, unsigned collation_id)
{
	enum { gbk_chinese_ci = 28 };
	const struct collation *collation = collation_id == gbk_chinese_ci ? charset_get(CHARSET_GBK)->default_collation
									   : collation_find_id(collation_id);
	if (collation && collation->charset->min_char_size == 1)
		variables_set_names(session, collation->charset, collation);
}

/*
 * MariaDB's mariadb-binlog reads logs only of servers whose VERSION() begins with a major version it knows, and 8 is none;
 * the log itself it reads well.
 */
static void settle_version(struct session *session, const struct handshake *handshake)
{
	if (strcmp(handshake->program_name, "mysqlbinlog") == 0)
		session->version = "5.7.99-gemel-" GEMEL_VERSION;
}

static void settle_session(struct login *login)
{
	struct connection *connection = login->connection;
	struct session *session = connection->session;
	const struct handshake *handshake = login->handshake;
	snprintf(session->account_user, sizeof session->account_user, "%s", login->match.user);
	snprintf(session->account_host, sizeof session->account_host, "%s", login->match.host);
	snprintf(session->link.client_version, sizeof session->link.client_version, "%s", handshake->client_version);
	session->client_found_rows = handshake->capabilities & CLIENT_FOUND_ROWS;
	session->client_ignore_space = handshake->capabilities & CLIENT_IGNORE_SPACE;
	session->client_multi_results = handshake->capabilities & CLIENT_MULTI_RESULTS;
	connection->multi_statements = handshake->capabilities & CLIENT_MULTI_STATEMENTS;
	settle_version(session, handshake);
	if (handshake->capabilities & CLIENT_INTERACTIVE)
		session->variables.wait_timeout = session->variables.interactive_timeout;
}

int login_check(struct connection *connection, struct diag *diag)
{
	struct session *session = connection->session;
	struct login login = {.connection = connection,
			      .handshake = &connection->handshake,
			      .arena = &session->statement_arena};
	settle_charset(session, connection->handshake.collation_id);
	snprintf(session->user, sizeof session->user, "%s",
		 session_name_from_client(session, bytes_of_string(connection->handshake.user)));
	snprintf(session->host, sizeof session->host, "%s",
		 *connection->hostname ? connection->hostname : connection->address);
	if (check_identity(&login, diag) != 0 || check_password_age(&login, diag) != 0 || enter_account(&login, diag) != 0)
		return -1;
	settle_session(&login);
	const char *database = session_name_from_client(session, bytes_of_string(connection->handshake.database));
	/* Who has to change its password may not even USE the database it asked for; it keeps its way in. */
	return *database && !session->must_change_password ? execute_use(session, database, diag) : 0;
}
