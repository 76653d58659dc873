/* The text that a client sees of a value in a column of that type: ZEROFILL, YEAR, fixed decimals, BIT's bytes. */
#pragma once

#include "type/column_type.h"
#include "type/value.h"

enum { value_shown_max = 400 };
/* Borrowed from the value, a string in its own charset, or in place. NULL gives {NULL, 0}. */
struct bytes value_shown(const struct value *value, const struct column_type *type, char place[value_shown_max]);
