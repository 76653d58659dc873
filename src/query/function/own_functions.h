/* Functions that only this folder's own SQL calls. Private to this folder. */
#pragma once

#include "query/handle.h"

/*
 * gm_one(x)                     aggregate: the one row's x, NULL without rows; error 1242 at the second row
 * gm_like_range(x, pattern)     true; see table_module.c
 * gm_generation(n)              n + 1; error 3636 when that is cte_max_recursion_depth
 * gm_recursion_goes_on()        true; error 3636 at a thousand times cte_max_recursion_depth calls
 * gm_get_variable(name, class)  a user variable as it is now, as that class
 * gm_set_variable(name, x, class, unsigned, decimals, collation id [, names])   sets it, answers x
 */
int own_functions_register(struct evaluator_handle *handle);
