#include "account/requirement.h"

#include <string.h>

static bool is_as_asked(const char *asked, const char *is)
{
	return *asked == 0 || (is && strcmp(asked, is) == 0);
}

bool account_requirement_is_met(const struct account_requirement *requirement, const struct account_link *link)
{
	switch (requirement->kind) {
	case REQUIRE_NOTHING: return true;
	case REQUIRE_TLS: return link->is_tls;
	case REQUIRE_CERTIFICATE: return link->is_tls && link->has_certificate;
	case REQUIRE_SPECIFIED: break;
	}
	bool needs_certificate = *requirement->issuer || *requirement->subject;
	return link->is_tls && (link->has_certificate || !needs_certificate) &&
	       is_as_asked(requirement->cipher, link->cipher) && is_as_asked(requirement->issuer, link->issuer) &&
	       is_as_asked(requirement->subject, link->subject);
}

const char *account_requirement_type(const struct account_requirement *requirement)
{
	static const char *const types[] = {[REQUIRE_NOTHING] = "",
					    [REQUIRE_TLS] = "ANY",
					    [REQUIRE_CERTIFICATE] = "X509",
					    [REQUIRE_SPECIFIED] = "SPECIFIED"};
	return types[requirement->kind];
}
