/*
 * Fault points: named places in the code where a test may make the process crash, an operation fail, or time
 * pass. Compiled in always; one load of a global flag while none is set.
 *
 * Set from GEMEL_FAULTS in the environment or the gemel_faults variable: "name=action[@n]", several by comma.
 * Actions: crash (immediate exit, as kill -9), error (the point answers true and its caller fails as if the
 * system had), sleep:MS. @n: only the n-th time the point is passed.
 */
#pragma once

#include <stdbool.h>

#include "base/diag.h"

extern _Atomic bool fault_any_set;

bool fault_hit(const char *name); /* call through FAULT_POINT */
/* Replaces all faults; an empty text clears them. -1: ER_WRONG_ARGUMENTS. Any thread. */
int fault_set(const char *text, struct diag *diag);

/* True: fail here. */
#define FAULT_POINT(name) (fault_any_set && fault_hit(name))
