/*
 * What a statement says of an account's password: made once, so that the log gets what the store gets. A password never
 * reaches the log in clear text.
 */
#pragma once

#include "exec/statement.h"

struct new_credential {
	bool is_new; /* false: the account keeps what it has */
	enum auth_method method;
	const char *text; /* what is kept of the password; in the statement's arena */
	struct bytes password; /* itself, in the statement's text; data NULL: a hash was given */
};

struct account_name account_name_of(const struct statement *statement, const struct ast_user_name *user);
/*
 * One for each user that CREATE USER, ALTER USER or GRANT specifies. The caller holds the accounts: how one proves itself
 * now counts for ALTER. -1: 1524, 1819, 1235.
 */
int new_credentials_make(struct statement *statement, const struct ast_user_specs *specs,
			 struct new_credential **out_credentials);
/* Of SET PASSWORD. 1133 when there is no such account. */
int new_credential_make_for(struct statement *statement, const struct account_name *name, struct bytes password,
			    struct new_credential *out);
/* The statement's text with clear passwords replaced; all else stays as written. In the statement's arena. */
struct bytes new_credentials_put_in_text(struct statement *statement, const struct ast_user_specs *specs,
					 const struct new_credential *credentials);
/* "ALTER USER ... IDENTIFIED WITH ... AS ..." */
struct bytes new_credential_alter_text(struct statement *statement, const struct account_name *name,
				       const struct new_credential *credential);
