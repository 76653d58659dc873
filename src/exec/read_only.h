/*
 * Who may change what while the server takes no changes: read_only lets in whoever has SUPER, and replication;
 * super_read_only lets in replication alone; a full disk lets in nobody. START TRANSACTION READ ONLY speaks for its own
 * transaction. Temporary tables are their session's business: their rows may always be changed (but on a full disk), they
 * themselves not in a READ ONLY transaction.
 * Private to exec.
 */
#pragma once

#include "exec/statement.h"

/* Before a statement that writes: 1290, 1792, or what the full disk says. */
int read_only_check_statement(struct statement *statement);
/* At a commit: what was changed before read_only was set may not follow. 1290; the transaction is to be rolled back. */
int read_only_check_commit(struct session *session, struct diag *diag);
