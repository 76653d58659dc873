/* The security of a connection to a source, put into libmariadb's options. */
#include <errmsg.h>
#include <string.h>
#include <strings.h>

#include "receiver/receiver_internal.h"

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void set_text(MYSQL *mysql, enum mysql_option option, const char *text)
{
	if (*text)
		mysql_optionsv(mysql, option, text);
}

/*
 * libmariadb has one list for both protocols, and takes from it the names of one. When both lists are given the
 * connection is held to TLS 1.3, so that none of them is passed over in silence; unless only 1.2 was asked for.
 */
static void set_ciphers(MYSQL *mysql, const struct source_link *link, const char **out_cipher)
{
	const char *version = link->tls_version;
	bool has_both = *link->tls_cipher && *link->tls_ciphersuites;
	bool only_older = strcasecmp(version, "TLSv1.2") == 0;
	*out_cipher = or_null(*link->tls_ciphersuites && !only_older ? link->tls_ciphersuites : link->tls_cipher);
	set_text(mysql, MARIADB_OPT_TLS_VERSION, has_both && !only_older ? "TLSv1.3" : version);
}

static void set_tls(MYSQL *mysql, const struct source_link *link)
{
	my_bool verify = link->verifies_tls, enforce = 1;
	const char *cipher;
	if (!link->uses_tls)
		return;
	set_ciphers(mysql, link, &cipher);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_ssl_set(mysql, or_null(link->tls_key), or_null(link->tls_cert), or_null(link->tls_ca),
		      or_null(link->tls_capath), cipher);
	set_text(mysql, MYSQL_OPT_SSL_CRL, link->tls_crl);
	set_text(mysql, MYSQL_OPT_SSL_CRLPATH, link->tls_crlpath);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
}

void connection_set_link(MYSQL *mysql, const struct receiver_settings *settings)
{
	if (settings->compresses)
		mysql_optionsv(mysql, MYSQL_OPT_COMPRESS, NULL);
	set_text(mysql, MYSQL_SERVER_PUBLIC_KEY, settings->link->public_key_path);
	set_tls(mysql, settings->link);
}

/* libmariadb goes on in plain text when the source offers no TLS, unless it has a certificate to verify. */
enum receive_outcome connection_check_link(struct receiver *receiver, struct diag *diag)
{
	MYSQL *mysql = receiver->mysql;
	if (receiver->settings->link->uses_tls && mysql_get_ssl_cipher(mysql) == NULL) {
		diag_set_foreign(diag, CR_SSL_CONNECTION_ERROR, "HY000",
				 "SSL connection error: SSL is required but the server doesn't support it");
		return RECEIVE_LOST;
	}
	if (receiver->settings->must_compress && !mysql->net.compress) {
		diag_set_foreign(diag, compression_refused, "HY000",
				 "Connection failed due to compression: the source and this server have no algorithm in "
				 "common");
		return RECEIVE_LOST;
	}
	return RECEIVE_OK;
}
