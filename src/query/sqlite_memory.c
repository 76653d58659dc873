#include "query/sqlite_memory.h"

#include <malloc.h>

#include "base/memory.h"

static void *take(int size)
{
	return memory_try_alloc((size_t)size);
}

static void *resize(void *memory, int size)
{
	return memory_try_realloc(memory, (size_t)size);
}

static int size_of(void *memory)
{
	return (int)malloc_usable_size(memory);
}

static int round_up(int size)
{
	return (size + 7) & ~7;
}

static int start(void *argument)
{
	return SQLITE_OK;
}

static void stop(void *argument)
{
}

const struct sqlite3_mem_methods sqlite_memory = {
	.xMalloc = take, .xFree = memory_free, .xRealloc = resize, .xSize = size_of, .xRoundup = round_up,
	.xInit = start, .xShutdown = stop,
};
