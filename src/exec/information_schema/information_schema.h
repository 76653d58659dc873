/* Tables whose rows the server makes up: information_schema, and what clients read of performance_schema and mysql. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "sql/resolve/resolve.h"

struct diag;
struct virtual_request;
struct virtual_rows;

/*
 * Names fold case, but for those in mysql, which are like any table's. Borrowed forever. NULL: there is none.
 */
const struct virtual_table *information_schema_find(const char *database, const char *name);
bool information_schema_has_database(const char *name); /* information_schema, performance_schema */
/* All of them, by database and name; NULL past the end. */
const struct virtual_table *information_schema_at(size_t index);

/* For the evaluators' pool (query/evaluate.h: virtual_fill): only rows that the session's account may see. */
int information_schema_fill(const struct virtual_request *request, struct virtual_rows *rows, struct diag *diag);
