#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *memory, size_t size)
{
	if (memory == NULL) {
		fprintf(stderr, "out of memory: %zu bytes were refused\n", size);
		abort();
	}
	return memory;
}

void *memory_alloc(size_t size)
{
	return checked(malloc(size ? size : 1), size);
}

void *memory_zalloc(size_t size)
{
	return checked(calloc(1, size ? size : 1), size);
}

void *memory_realloc(void *memory, size_t size)
{
	return checked(realloc(memory, size ? size : 1), size);
}

void *memory_copy(const void *data, size_t size)
{
	void *copy = memory_alloc(size);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *memory_copy_string(const char *text)
{
	return text ? memory_copy(text, strlen(text) + 1) : NULL;
}

void memory_free(void *memory)
{
	free(memory);
}
