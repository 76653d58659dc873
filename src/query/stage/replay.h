/*
 * Values that were packed (cell.h) as SQLite's again: aggregates take no others. Private to this folder.
 */
#pragma once

#include "query/handle.h"

struct replayer;

int replay_register(struct evaluator_handle *handle); /* SQLITE_OK, or SQLite's error */

/* Of rows of so many values. NULL with the handle's diag. */
struct replayer *replayer_create(struct evaluator_handle *handle, unsigned count);
void replayer_destroy(struct replayer **replayer); /* NULL is fine */

typedef int replay_function(void *argument, sqlite3_value **arguments);
/* Calls the function with the values of the row. Its answer; or -1 with the handle's diag. */
int replayer_run(struct replayer *replayer, struct bytes row, replay_function *function, void *argument);
