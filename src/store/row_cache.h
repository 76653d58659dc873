/*
 * The row cache: keys whose newest committed value is known, so that reads by key need not search memtable and files.
 *
 * Moments are RocksDB's sequence numbers. Keys fall into buckets by their hash; of each bucket is known `last_write`: no
 * key of it has changed since, but for writes that are under way, which are counted (`writing`). The rules:
 *
 *   write  before it: writing + 1. After it, whatever its outcome: last_write rises to a moment that is not before the
 *          write's, writing - 1. The new value may be kept if the key had one before, and nothing else is writing: two
 *          that wrote the key at once both find it gone.
 *   read   as of a moment: the value is the answer if nothing is writing and last_write is not behind that moment.
 *   fill   with what the store answered as of a moment: only if nothing is writing and last_write is not behind the moment.
 *
 * Why it is right. While nothing is writing, the value is the newest committed one: it came from the last write to end, or
 * from a fill, and a fill is refused if a write that its reader did not see has begun: it either is still counted, or has
 * raised last_write past the reader's moment. It is what a snapshot sees, too: all versions of the key were written up to
 * last_write. And because a write is counted for all its keys before it happens, nobody who saw one of them new gets
 * another one old from here. Counting takes no lock: a fill that was not refused may come in behind it, and is dealt with
 * after the write.
 *
 * So every change of the store's contents stands between a begin and an end here.
 *
 * Bounded in bytes, all included. What is to go is found by a clock: a value that was read since the hand came by last
 * stays. Sharded; any thread. Every function but the first takes NULL for no cache.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct row_cache;

#define ROW_CACHE_NOW UINT64_MAX /* as of: the latest there is */

enum { row_cache_size_min = 1024 * 1024 };

struct row_cache *row_cache_create(uint64_t size); /* NULL when it is below row_cache_size_min */
/* At run time; what is too much goes. The buckets stay as many as they were. */
void row_cache_set_size(struct row_cache *cache, uint64_t size);
void row_cache_destroy(struct row_cache **cache);

/* The value is appended to out_value, which may be NULL. */
bool row_cache_read(struct row_cache *cache, struct bytes key, uint64_t as_of, struct buf *out_value);
/* as_of: the snapshot's moment, or one from before the latest value was read (never ROW_CACHE_NOW). */
void row_cache_fill(struct row_cache *cache, struct bytes key, struct bytes value, uint64_t as_of);

void row_cache_begin_write(struct row_cache *cache, struct bytes key);
/* value: what is there now; NULL: nothing, or it is not known. now: a moment at or behind the write's. */
void row_cache_end_write(struct row_cache *cache, struct bytes key, const struct bytes *value, uint64_t now);

/*
 * The same for all keys of these spaces (rising; NULL: of all), whichever they are: a write to every bucket, that is counted
 * once for the whole cache. It walks over all values that are kept.
 */
void row_cache_begin_rewrite(struct row_cache *cache, const uint32_t *spaces, size_t count);
void row_cache_end_rewrite(struct row_cache *cache, uint64_t now);

/* Nobody writes the key: has nobody since that moment? False: it is not known. */
bool row_cache_is_unchanged_since(struct row_cache *cache, struct bytes key, uint64_t moment);

struct row_cache_counts {
	uint64_t hits, misses, used;
};
struct row_cache_counts row_cache_count(struct row_cache *cache);
