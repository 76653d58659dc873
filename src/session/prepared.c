#include "session/prepared.h"

#include <assert.h>

#include "base/memory.h"
#include "session/status.h"
#include "session/variables.h"

struct prepared_statement *prepared_statement_create(void)
{
	struct prepared_statement *statement = memory_zalloc(sizeof *statement);
	statement->references = 1;
	arena_init(&statement->arena);
	return statement;
}

void prepared_statement_unref(struct prepared_statement *statement)
{
	assert(statement->references > 0);
	if (--statement->references > 0)
		return;
	if (statement->plan)
		statement->plan_unref(&statement->plan);
	if (statement->counted_by)
		status_count_server(statement->counted_by, SERVER_PREPARED_STATEMENTS, (uint64_t)-1);
	arena_deinit(&statement->arena);
	memory_free(statement);
}

int prepared_statement_count(struct prepared_statement *statement, struct server *server, struct diag *diag)
{
	uint64_t most = global_number(server, "max_prepared_stmt_count");
	status_count_server(server, SERVER_PREPARED_STATEMENTS, 1);
	uint64_t now = status_server(server, SERVER_PREPARED_STATEMENTS);
	statement->counted_by = server; /* the last reference counts it down again, also when it is refused */
	return now <= most ? 0 : diag_set(diag, ER_MAX_PREPARED_STMT_COUNT_REACHED, (unsigned)most);
}
