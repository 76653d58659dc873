#include "base/parallel.h"

#include <stdbool.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/thread.h"

struct helper {
	void (*run)(void *part);
	void *part;
	bool has_thread;
	pthread_t thread;
	int64_t memory; /* that the part took and did not free */
};

static void *help(void *argument)
{
	struct helper *helper = argument;
	helper->run(helper->part);
	helper->memory = memory_hand_over();
	return NULL;
}

void parallel_run(const char *name, void (*run)(void *part), void *parts, size_t part_size, size_t count)
{
	struct helper *helpers = memory_zalloc(count * sizeof *helpers);
	for (size_t i = 1; i < count; i++) {
		struct diag ignored = DIAG_INIT;
		helpers[i] = (struct helper){.run = run, .part = (char *)parts + i * part_size};
		helpers[i].has_thread = thread_start(&helpers[i].thread, name, help, &helpers[i], &ignored) == 0;
	}
	run(parts);
	for (size_t i = 1; i < count; i++) {
		if (!helpers[i].has_thread) {
			run(helpers[i].part);
			continue;
		}
		pthread_join(helpers[i].thread, NULL);
		memory_take_over(helpers[i].memory);
	}
	memory_free(helpers);
}

size_t parallel_count(uint64_t amount, uint64_t worth, size_t most)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t count = amount / worth;
	if (processors > 0 && count > (uint64_t)processors)
		count = (uint64_t)processors;
	if (count > most)
		count = most;
	return count ? (size_t)count : 1;
}
