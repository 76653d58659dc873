/* SHOW ... LIKE's patterns: % and _ with \ as escape, letters fold case as in utf8mb3_general_ci. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

bool show_pattern_matches(struct bytes pattern, struct bytes text);
