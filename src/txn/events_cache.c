#include "txn/events_cache.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { kept_capacity = 64 * 1024 }; /* an idle session does not keep a large transaction's memory */

void events_cache_init(struct events_cache *cache)
{
	*cache = (struct events_cache){.spill_fd = -1};
}

static void close_file(struct events_cache *cache)
{
	if (cache->spill_fd >= 0)
		close(cache->spill_fd);
	cache->spill_fd = -1;
	cache->spill_size = 0;
}

void events_cache_deinit(struct events_cache *cache)
{
	close_file(cache);
	buf_deinit(&cache->buf);
}

void events_cache_clear(struct events_cache *cache)
{
	close_file(cache);
	cache->spilled = false;
	cache->refused_size = 0;
	if (cache->buf.capacity > kept_capacity)
		buf_deinit(&cache->buf);
	buf_clear(&cache->buf);
}

uint64_t events_cache_size(const struct events_cache *cache)
{
	return cache->spill_size + cache->buf.size;
}

void events_cache_truncate(struct events_cache *cache, uint64_t size)
{
	assert(size <= events_cache_size(cache));
	if (size >= cache->spill_size) {
		cache->buf.size = (size_t)(size - cache->spill_size);
	} else {
		cache->spill_size = size; /* what is behind it in the file is written over */
		cache->buf.size = 0;
	}
}

void events_cache_replace(struct events_cache *cache, struct buf *events)
{
	close_file(cache);
	buf_deinit(&cache->buf);
	cache->buf = *events;
	buf_init(events);
}

static FAULT_REGISTERED struct file_write_faults spill_faults = FILE_WRITE_FAULTS("spill");

bool events_cache_spill(struct events_cache *cache, size_t size, const char *directory)
{
	struct bytes moved = bytes_of(cache->buf.data, size);
	if (cache->buf.size / 2 < cache->refused_size)
		return false;
	if (cache->spill_fd < 0)
		cache->spill_fd = file_open_unnamed(directory);
	if (cache->spill_fd < 0 || file_write(cache->spill_fd, moved, cache->spill_size, &spill_faults) < 0) {
		log_warning("txn", "a transaction's events stay in memory, %s cannot take them: %s", directory,
			    strerror(errno));
		cache->refused_size = cache->buf.size;
		return false;
	}
	cache->refused_size = 0;
	cache->spill_size += size;
	cache->spilled = true;
	cache->buf.size -= size;
	memmove(cache->buf.data, cache->buf.data + size, cache->buf.size);
	if (cache->buf.size == 0)
		buf_clear(&cache->buf);
	return true;
}
