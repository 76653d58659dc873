#include "base/allocator.h"

#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>

#define TEXT(word) #word
#define NUMBER_TEXT(number) TEXT(number)

/*
 * jemalloc reads this when the process starts; MALLOC_CONF in the environment overrules it.
 *
 *   retain:false        Addresses go back with the memory: a process whose addresses are bound (RLIMIT_AS) must be able
 *                       to use for one thing what another has freed. allocator_open bounds how far this goes.
 *   tcache_...          What a thread has at hand is what an idle connection costs: 8 pieces of a size, none over 8 KiB.
 *                       With 24 of them it was 71 KB instead of 43, and statements were no quicker.
 *   ..._decay_ms        Memory that nobody has used for a second goes back,
 *   background_thread   also while nothing happens.
 */
const char *malloc_conf = "retain:false,"
			  "tcache_nslots_small_max:8,tcache_nslots_large:4,tcache_max:8192,"
			  "dirty_decay_ms:1000,muzzy_decay_ms:0,background_thread:true,max_background_threads:1";

enum { hole_size_min = 1024 * 1024, hooks_name_max = 64 };

/* True: the addresses stay, and jemalloc gives back the memory behind them. */
static bool give_addresses(extent_hooks_t *hooks, void *address, size_t size, bool committed, unsigned arena)
{
	return size < hole_size_min || munmap(address, size) != 0;
}

/*
 * Each hole among the addresses divides a mapping, and of those a process has 65,530 (vm.max_map_count). So only large ones
 * are made: it takes 64 GB of holes to run out.
 */
void allocator_open(void)
{
	static extent_hooks_t hooks; /* jemalloc's own, but for one; it keeps the pointer */
	extent_hooks_t *own, *ours = &hooks;
	size_t own_size = sizeof own, count_size = sizeof(unsigned);
	unsigned count = 0;
	if (mallctl("arena.0.extent_hooks", &own, &own_size, NULL, 0) != 0 ||
	    mallctl("opt.narenas", &count, &count_size, NULL, 0) != 0)
		return;
	hooks = *own;
	hooks.dalloc = give_addresses;
	for (unsigned i = 0; i < count; i++) {
		char name[hooks_name_max];
		snprintf(name, sizeof name, "arena.%u.extent_hooks", i);
		mallctl(name, NULL, NULL, &ours, sizeof ours);
	}
}

void allocator_give_back(void)
{
	mallctl("arena." NUMBER_TEXT(MALLCTL_ARENAS_ALL) ".purge", NULL, NULL, NULL, 0);
}
