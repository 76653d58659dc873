/*
 * Fault points: named places in the code where a test may make the process die, an operation fail, or time pass.
 * Compiled in always; one load of a global flag while none is set. A point is declared where it stands, and the linker
 * gathers them all: `gemeld --list-faults`.
 *
 * Names are folder.step: a write's is `x.write`, behind it `x.after_write`; the same with sync, rename, unlink, ...
 *
 * Set from GEMEL_FAULTS in the environment or SET GLOBAL gemel_faults: "name=action[@n]", several by comma, a name with
 * `*` for many. @n: only the n-th time the point is passed from now on. Actions:
 *
 *   crash            the process is gone, as by kill -9 (exit code 137)
 *   error[:ENOSPC]   the point's operation fails with this errno, EIO by default
 *   short[:ENOSPC]   a write writes all but the last half of its last part, and the next one fails; elsewhere as error
 *   torn             a write writes as much, then crash
 *   sleep:MS         time passes
 *   pause            until faults are set again
 *   count            nothing; passes are counted while any fault is set, see information_schema.GEMEL_FAULTS
 */
#pragma once

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/diag.h"

enum fault_action { FAULT_NONE, FAULT_CRASH, FAULT_ERROR, FAULT_SHORT, FAULT_TORN, FAULT_SLEEP, FAULT_PAUSE, FAULT_COUNT };

/* Its size is its alignment: so the linker's list of them is an array, and a struct of them may stand in it. */
struct fault_point {
	alignas(64) const char *name; /* immutable */

	/* guarded by fault.c's lock */
	enum fault_action action;
	int error;     /* errno of error and short */
	long sleep_ms;
	long only_at;  /* 0: every time */
	long passed;   /* since faults were set */
};

#define FAULT_REGISTERED __attribute__((section("gemel_faults"), used))

extern _Atomic bool fault_any_set;

bool fault_hit(struct fault_point *point); /* call through what is below */

/* A point of a table of them. True: fail here, errno says how. */
#define FAULT_AT(point_) (fault_any_set && fault_hit(point_))
/* A point of its own. */
#define FAULT_POINT(name_)                                                                                             \
	({                                                                                                             \
		static struct fault_point fault_point_here FAULT_REGISTERED = {.name = (name_)};                       \
		FAULT_AT(&fault_point_here);                                                                           \
	})
/* Where nothing can fail: death and time only. */
#define FAULT_STEP(name_) ((void)FAULT_POINT(name_))

/* pwritev, with the point's faults. */
ssize_t fault_write(struct fault_point *point, int fd, const struct iovec *parts, int count, off_t offset);

/* Replaces all faults; an empty text clears them. -1: 1231, and nothing has changed. Any thread. */
int fault_set(const char *text, struct diag *diag);

/* All points, in no order: each as it is at this moment. Any thread. */
size_t fault_count(void);
struct fault_point fault_get(size_t index);
const char *fault_action_name(enum fault_action action); /* "" for none */
