/* CREATE USER ... REQUIRE: what a connection has to be like for an account to come in by it. Pure. */
#pragma once

#include <stdbool.h>

enum requirement_kind { REQUIRE_NOTHING, REQUIRE_TLS, REQUIRE_CERTIFICATE, REQUIRE_SPECIFIED };
enum { requirement_text_max = 1023 };

struct account_requirement {
	enum requirement_kind kind;
	/* of REQUIRE_SPECIFIED, "" where it is not asked for */
	char cipher[129];
	char issuer[requirement_text_max + 1], subject[requirement_text_max + 1];
};

/* What a connection is like. */
struct account_link {
	bool is_tls;
	bool has_certificate; /* the client showed one, and it was found good */
	const char *cipher, *issuer, *subject; /* "" or NULL where there is none */
};
bool account_requirement_is_met(const struct account_requirement *requirement, const struct account_link *link);
const char *account_requirement_type(const struct account_requirement *requirement); /* mysql.user's ssl_type */
