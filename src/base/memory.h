/*
 * Heap memory that never comes back NULL.
 *
 * Sizes that come from a network, a file or a user are checked against their MySQL bound before they
 * reach these functions (law 11), so running out here is the machine's failure: the process says so
 * on stderr and aborts, and recovery replays the log.
 */
#pragma once

#include <stddef.h>

void *memory_alloc(size_t size);  /* uninitialised; free with memory_free */
void *memory_zalloc(size_t size); /* zeroed */
void *memory_realloc(void *memory, size_t size);
void *memory_copy(const void *data, size_t size);
char *memory_copy_string(const char *text); /* NULL stays NULL */
void memory_free(void *memory);
