/*
 * SQLite's memory is ours, so that it counts for the statement it evaluates. What is refused is SQLITE_NOMEM, and the
 * statement is marked (base/memory.h).
 */
#pragma once

#include <sqlite3.h>

extern const struct sqlite3_mem_methods sqlite_memory;
