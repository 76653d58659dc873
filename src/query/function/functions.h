/*
 * MySQL's functions, operators and conversions as SQLite functions: every evaluator name of sql/functions.def and every
 * conversion that sql/function.h lists. Private to this folder.
 *
 * What the writer prints for nodes that are no calls:
 *
 *   gm_like(pattern, text, escape, collation id)   TREE_LIKE without NOT. TEXT or BLOB. Escape '' is none, and backslash
 *                                                  is none under NO_BACKSLASH_ESCAPES; longer ones are error 1210
 *   gm_json_compare(a, b)                          <0, 0, >0 as MySQL orders JSON values
 *
 * NULL arguments give NULL.
 *
 * A warning becomes an error while session->strict_statement: the running statement stores values under a strict
 * sql_mode (exec says so).
 */
#pragma once

#include "query/handle.h"

/* Registers them all with the handle as their user data. SQLITE_OK, or SQLite's error. */
int functions_register(sqlite3 *db, struct evaluator_handle *handle);
/* For tests: the index-th registered name, NULL past the end. */
const char *functions_name_at(unsigned index, int *out_min, int *out_max);
