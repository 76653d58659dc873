/*
 * The patterns of the wild rules: `%` is any run of characters, `_` one character, a backslash takes the next one as it
 * is. Upper and lower case differ, as names of tables do.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

/* Text and pattern are UTF-8; bytes that are not, are characters of one byte. */
bool pattern_matches(struct bytes pattern, struct bytes text);
