/* SQLite's errors as MySQL's. Private to this folder. */
#pragma once

#include "query/handle.h"

/* The handle's own diag when it has one: our functions and cursors said what is wrong. Always -1. */
int sqlite_error(struct evaluator_handle *handle, int status, struct diag *diag);
