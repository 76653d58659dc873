/*
 * Threads that serve one thing after another.
 *
 * A thread that has served waits for the next thing, unless thread_cache_size others do so already: to make a thread, with
 * its stack, its share of the heap and its random numbers, costs as much as serving a client that asks once and goes.
 */
#pragma once

#include "session/server.h"

struct thread_cache;

/* serve(thing) runs on a thread of the cache and owns the thing. */
struct thread_cache *thread_cache_create(struct server *server, const char *thread_name, void (*serve)(void *thing));
/* Gives the thing to a thread that waits, or else to a new one. -1: there is none, and the thing stays the caller's.
   One caller at a time. */
int thread_cache_serve(struct thread_cache *cache, void *thing, struct diag *diag);
/* Returns when the last thread has gone: those that wait at once, the others when they have served. */
void thread_cache_destroy(struct thread_cache **cache);
