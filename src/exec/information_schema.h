/* Tables whose rows the server makes up: information_schema, and what clients read of performance_schema and mysql. */
#pragma once

#include <stdbool.h>

#include "sql/resolve.h"

const struct virtual_table *information_schema_find(const char *database, const char *name); /* or NULL */
bool information_schema_has_database(const char *name); /* information_schema, performance_schema */
