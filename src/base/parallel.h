/*
 * A piece of work in parts that are done at once, by threads that live as long as it takes.
 *
 *   parallel_run("index", build_part, parts, sizeof *parts, count);    build_part(&parts[0]), build_part(&parts[1]), ...
 *
 * A part is given nothing but itself: what parts share they only look at, or guard, and whether it went well each says in
 * itself. The first one is done by the caller's own thread, and so is a part for which there is no thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void parallel_run(const char *name, void (*run)(void *part), void *parts, size_t part_size, size_t count);
/* How many parts are worth while: one for each `worth` of `amount`, no more than processors or `most`; at least 1. */
size_t parallel_count(uint64_t amount, uint64_t worth, size_t most);
