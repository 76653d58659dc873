/*
 * Hidden entries: versions that newer ones hide, and deletions. Readers by key do not meet them; an iterator steps over
 * each, or seeks anew behind a few (in every level: as dear as dozens of steps). Rows that are updated often leave hundreds
 * of versions in the memtable within seconds, a queue leaves a deletion for each entry it has done with.
 *
 * Writing the memtable to a file leaves out what no snapshot needs; files with long runs of deletions are then compacted
 * soon (store.c's options). That has its price, so it is paid only where readers pay more: iterators count what they step
 * over, and once that has cost about as much as a flush would, there is one. However the load changes, no more is spent on
 * flushes than what readers lost without them. Rows that nobody scans are not flushed for it.
 *
 * RocksDB counts per thread, and counting costs a few instructions at each step: one iterator in hidden_sample_rate is
 * counted, for all of them, unless its thread counts already. An iterator that ends in another thread than it began in
 * cannot tell the first one to stop; it says so in `strayed`, and the first one begins anew with its next sample.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct store;

enum { hidden_sample_rate = 16 };

struct hidden_counts {
	/* atomic; what iterators have done since the store was opened, as far as samples tell */
	_Atomic uint64_t steps;	 /* to entries that were shown */
	_Atomic uint64_t passed; /* over hidden ones */
	_Atomic unsigned strayed; /* samples that ended in other threads than they began in */
	/* owned by store_tend's thread */
	uint64_t settled; /* of passed: before the last flush */
};

/* One iterator's count; owned by it. */
struct hidden_sample {
	const void *thread;	/* that counts; NULL: it is not counted */
	unsigned number;	/* of the thread's samples */
	uint64_t steps, passed; /* of the thread, at the iterator's begin */
};

void hidden_sample_begin(struct hidden_sample *sample, const struct hidden_counts *counts);
void hidden_sample_end(struct hidden_sample *sample, struct hidden_counts *counts);

/* Of this thread's iterators: steps to entries that were shown. */
extern _Thread_local uint64_t hidden_thread_steps;
