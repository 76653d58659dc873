/* Is there room on a disk? */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Tries it: a file without a name in this directory, of this size, gone at once. 0, or errno: ENOSPC and EDQUOT where there
 * is no room, EROFS, EIO, ... That the process has no file descriptor left is not the disk's fault, and answers 0.
 */
int space_probe(const char *directory, uint64_t size);
bool space_is_full(int error); /* ENOSPC, EDQUOT: room may come back */
