/* A prepared statement's text with its values in the places of the ?s: as it goes into the binary log. Private to exec. */
#pragma once

#include "exec/statement.h"

/* In character_set_client, in the statement's arena; the text itself when it has no parameters. */
struct bytes statement_bound_text(const struct statement *statement);
