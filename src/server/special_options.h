/* The options that are no system variables: what each does with its value. Boot only. */
#pragma once

#include "server/options.h"

typedef int option_take(struct options *options, const char *value, struct diag *diag);

struct special_option {
	const char *name;
	option_take *take; /* NULL: known, and refused */
	bool needs_value;
	const char *help;  /* NULL: not in --help */
};

const struct special_option *special_option_at(size_t index); /* NULL past the end */
