/* Threads with a name and a small stack. */
#pragma once

#include <pthread.h>
#include <stddef.h>

#include "base/diag.h"

enum { thread_stack_size = 1024 * 1024 };

/* The name is cut to 15 characters, as the kernel keeps it. Signals stay blocked in the new thread: the main
   thread takes them. -1: ER_OUTOFMEMORY. */
int thread_start(pthread_t *out_thread, const char *name, void *(*run)(void *), void *argument, struct diag *diag);
