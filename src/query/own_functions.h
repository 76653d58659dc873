/* Functions that only this folder's own SQL calls. Private to this folder. */
#pragma once

#include "query/handle.h"

/*
 * gm_one(x)                     aggregate: the one row's x, NULL without rows; error 1242 at the second row
 * gm_like_range(x, pattern)     true; see table_module.c
 * gm_get_variable(name, class)  a user variable as it is now, as that class
 * gm_set_variable(name, x, class, unsigned, decimals, collation id [, names])   sets it, answers x
 */
int own_functions_register(struct evaluator_handle *handle);
