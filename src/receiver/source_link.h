/*
 * How the connection to a source is protected and packed, as CHANGE REPLICATION SOURCE says it. "" is not given. Part of a
 * channel's settings, and handed to its receiver as it is.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { source_link_path_size = 512 };

struct source_link {
	bool uses_tls;             /* SOURCE_SSL: and nothing else will do */
	bool verifies_tls;         /* the certificate must name the host */
	char tls_ca[source_link_path_size], tls_capath[source_link_path_size];
	char tls_cert[source_link_path_size], tls_key[source_link_path_size];
	char tls_crl[source_link_path_size], tls_crlpath[source_link_path_size];
	char tls_cipher[source_link_path_size];       /* of TLS 1.2 */
	char tls_ciphersuites[source_link_path_size]; /* of TLS 1.3 */
	char tls_version[64];
	char public_key_path[source_link_path_size];
	bool gets_public_key;      /* accepted; libmariadb asks for the key by itself */
	char compression[64];      /* algorithms by comma */
	uint64_t zstd_level;       /* kept and shown: libmariadb knows zlib only */
};
