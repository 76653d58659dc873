/* What a statement says of accounts beside their names: from its clauses to settings. Private to exec. */
#pragma once

#include "exec/new_credential.h"

/* REQUIRE, WITH, PASSWORD ..., ACCOUNT. -1: 1235 what is not built, 1470, 1525. */
int account_options_read(struct statement *statement, const struct ast_account_options *options,
			 struct account_settings *settings);
void account_options_put_credential(struct statement *statement, const struct new_credential *credential,
				    struct account_settings *settings);
