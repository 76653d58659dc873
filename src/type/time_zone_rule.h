/*
 * The POSIX rule at the end of a TZif file ("CET-1CEST,M3.5.0,M10.5.0/3"): offsets for the time after the last
 * transition that the file lists. Private to the time zones.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

struct zone_transition {
	int64_t at; /* seconds since the epoch */
	int offset; /* seconds east of UTC from then on */
};

enum { zone_rule_transitions_max = 2 * (2039 - 1969) + 2 };

/*
 * Writes the rule's transitions after the instant `after`, up to the end of 2038; how many. Without daylight
 * saving there are none. When after is INT64_MIN, out_offset is set to the rule's standard offset.
 * A malformed rule gives none.
 */
unsigned zone_rule_expand(struct bytes rule, int64_t after, struct zone_transition *out, int *out_offset);
