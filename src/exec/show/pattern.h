/* SHOW ... LIKE's patterns: % and _ with \ as escape, ASCII letters fold case. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

bool show_pattern_matches(struct bytes pattern, struct bytes text);
