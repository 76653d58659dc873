#include "wire/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

const char certificate_ca_file[] = "ca.pem";
const char certificate_server_file[] = "server-cert.pem";
const char certificate_server_key_file[] = "server-key.pem";

/* The authority's certificate until all the other files are on the disk: while it is there, the making was cut off. */
static const char unfinished_file[] = "ca.pem.new";

enum { valid_days = 3650, hostname_size = 256 };

/* A certificate and its key, in the making or made. */
struct identity {
	X509 *certificate;
	EVP_PKEY *key;
};

static void free_identity(struct identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

static int fail(struct diag *diag, const char *what, const char *file)
{
	return diag_set_message(diag, ER_DA_SSL_LIBRARY_ERROR,
				"Failed to set up SSL because of the following SSL library error: %s %s (%s)", what,
				file, strerror(errno));
}

/* ------------------------------------------------------------------ making */

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
	bool good = extension && X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	return good;
}

static bool set_name(X509 *certificate, const char *role)
{
	char text[128];
	snprintf(text, sizeof text, "Gemel_Server_" GEMEL_VERSION "_Auto_Generated_%s_Certificate", role);
	return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
					  (const unsigned char *)text, -1, -1, 0);
}

static bool set_names_of_host(X509 *certificate, X509 *issuer)
{
	char host[hostname_size] = "localhost", names[hostname_size + 64];
	gethostname(host, sizeof host - 1);
	/* The name goes into a list by comma. */
	if (host[strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")])
		snprintf(host, sizeof host, "localhost");
	snprintf(names, sizeof names, "DNS:localhost,DNS:%s,IP:127.0.0.1,IP:::1", host);
	return add_extension(certificate, issuer, NID_subject_alt_name, names);
}

/* Signed by issuer, or by itself when it is the authority. */
static bool make_identity(const char *role, long serial, const struct identity *issuer, struct identity *out)
{
	out->key = EVP_EC_gen("P-256");
	out->certificate = X509_new();
	if (out->key == NULL || out->certificate == NULL)
		return false;
	X509 *certificate = out->certificate, *by = issuer ? issuer->certificate : certificate;
	bool good = X509_set_version(certificate, X509_VERSION_3) &&
		    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial) &&
		    X509_gmtime_adj(X509_getm_notBefore(certificate), 0) &&
		    X509_gmtime_adj(X509_getm_notAfter(certificate), 60L * 60 * 24 * valid_days) &&
		    X509_set_pubkey(certificate, out->key) && set_name(certificate, role) &&
		    X509_set_issuer_name(certificate, X509_get_subject_name(by));
	if (issuer == NULL)
		good = good && add_extension(certificate, by, NID_basic_constraints, "critical,CA:TRUE") &&
		       add_extension(certificate, by, NID_key_usage, "critical,keyCertSign,cRLSign");
	else
		good = good && add_extension(certificate, by, NID_basic_constraints, "critical,CA:FALSE");
	if (strcmp(role, "Server") == 0)
		good = good && set_names_of_host(certificate, by);
	return good && X509_sign(certificate, issuer ? issuer->key : out->key, EVP_sha256());
}

/* ------------------------------------------------------------------ writing */

static FILE *create(const char *path, mode_t mode)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, mode);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool finish(FILE *file)
{
	bool good = fflush(file) == 0 && fsync(fileno(file)) == 0;
	return fclose(file) == 0 && good;
}

static int write_identity(const struct identity *identity, const char *certificate_path, const char *key_path,
			  struct diag *diag)
{
	FILE *certificate = create(certificate_path, 0644), *key = create(key_path, 0600);
	bool good = certificate && key && PEM_write_X509(certificate, identity->certificate) &&
		    PEM_write_PrivateKey(key, identity->key, NULL, NULL, 0, NULL, NULL);
	if (certificate)
		good = finish(certificate) && good;
	if (key)
		good = finish(key) && good;
	return good ? 0 : fail(diag, "cannot write", certificate_path);
}

static int write_all(const struct identity *ca, const struct identity *server, const struct identity *client,
		     struct diag *diag)
{
	if (write_identity(ca, unfinished_file, "ca-key.pem", diag) < 0 || file_sync_directory(unfinished_file) < 0 ||
	    write_identity(server, certificate_server_file, certificate_server_key_file, diag) < 0 ||
	    write_identity(client, "client-cert.pem", "client-key.pem", diag) < 0)
		return -1;
	if (file_sync_directory(unfinished_file) < 0 || rename(unfinished_file, certificate_ca_file) < 0 ||
	    file_sync_directory(unfinished_file) < 0)
		return fail(diag, "cannot write", certificate_ca_file);
	return 0;
}

int certificate_generate_all(struct diag *diag)
{
	struct identity ca = {0}, server = {0}, client = {0};
	int status = -1;
	if (!make_identity("CA", 1, NULL, &ca) || !make_identity("Server", 2, &ca, &server) ||
	    !make_identity("Client", 3, &ca, &client))
		fail(diag, "cannot make", "certificates");
	else
		status = write_all(&ca, &server, &client, diag);
	free_identity(&ca);
	free_identity(&server);
	free_identity(&client);
	return status;
}

static unsigned count_existing(void)
{
	const char *const files[] = {certificate_ca_file, certificate_server_file, certificate_server_key_file};
	unsigned count = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		count += access(files[i], F_OK) == 0;
	return count;
}

bool certificate_any_exists(void)
{
	return count_existing() > 0 && access(unfinished_file, F_OK) != 0;
}

bool certificate_all_exist(void)
{
	return count_existing() == 3 && access(unfinished_file, F_OK) != 0;
}
