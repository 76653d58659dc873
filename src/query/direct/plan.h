/* What best_index answered, for run.c. Private to this folder. */
#pragma once

#include "query/direct/direct.h"

struct direct_plan {
	int number;                                /* enum plan_bits (module.h) */
	char *text;                                /* SQLite's memory */
	uint8_t conditions[direct_conditions_max]; /* of the shape: whose constant is the argument */
	unsigned argument_count;
};
