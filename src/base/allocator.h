/*
 * What we ask of malloc beyond malloc: to give back what it keeps. jemalloc answers (allocator_jemalloc.c), or the C library
 * (allocator_system.c) in builds that are checked by sanitizers or are told so: meson -Dallocator=system.
 */
#pragma once

void allocator_open(void); /* once, before there are threads */
/* What is free goes back to the system at once, for whoever is refused memory now. Any thread. */
void allocator_give_back(void);
