/*
 * The events of one transaction before its commit: in memory, and what is large in an unnamed file.
 *
 * Offsets count from the transaction's first event, through the file into the buffer. One owner thread.
 */
#pragma once

#include "base/buf.h"

struct events_cache {
	struct buf buf;       /* the end */
	int spill_fd;         /* -1: none; deleted from its directory already */
	uint64_t spill_size;  /* events before buf, in the file from its start */
	bool spilled;         /* this transaction went to the file at some time */
	size_t refused_size;  /* of the buffer when the file last could not take it; 0: it could */
};

void events_cache_init(struct events_cache *cache);
void events_cache_deinit(struct events_cache *cache);
void events_cache_clear(struct events_cache *cache); /* for the next transaction: closes the file */
uint64_t events_cache_size(const struct events_cache *cache);
/* Takes back all behind that size. */
void events_cache_truncate(struct events_cache *cache, uint64_t size);
/* All events, the file's too, give way to those; takes the buffer's memory. */
void events_cache_replace(struct events_cache *cache, struct buf *events);
/*
 * Moves the buffer's first bytes behind the file's; what is behind them moves to its begin. When the file cannot take
 * them, they stay in memory: nothing is lost, false, and the next attempt is made when there is twice as much.
 */
bool events_cache_spill(struct events_cache *cache, size_t size, const char *directory);
