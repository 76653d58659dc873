/* Prepared statements for both ways in: SQL's PREPARE and the protocol's COM_STMT_PREPARE. */
#pragma once

#include "session/prepared.h"
#include "session/session.h"

/* Parses the text, which must be one statement. The caller has the one reference. -1: 1064, 1295. */
int prepare_text(struct session *session, struct bytes text, struct prepared_statement **out, struct diag *diag);
/* parameters: prepared->parameter_count values. */
int prepare_execute(struct session *session, struct prepared_statement *prepared, const struct value *parameters,
		    struct diag *diag);
