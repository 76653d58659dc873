#include "session/prepared.h"

#include <assert.h>

#include "base/memory.h"

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
	arena_deinit(&statement->arena);
	memory_free(statement);
}
