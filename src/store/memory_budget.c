#include "store/memory_budget.h"

#include "store/store_internal.h"

enum {
	percent_max = 90,
	blocks_share = 8, /* of the budget: so much is left for blocks */
	blocks_min = 1024 * 1024,
	/* Four memtables are merged at a time, into a level of 256 MB: below 64 MB each, most of that is written again for
	   little. */
	write_buffer_max = 64 * 1024 * 1024,
	write_buffer_min = 32 * 1024 * 1024,
	write_buffer_share = 4,
	step_share = 64, /* of the budget: smaller changes are let be */
};

static uint64_t percent_of(uint64_t size, unsigned percent)
{
	return size / 100 * percent + size % 100 * percent / 100;
}

struct memory_shares memory_budget_shares(const struct store_memory *memory)
{
	unsigned rows = memory->row_percent < percent_max ? memory->row_percent : percent_max;
	unsigned pages = memory->page_percent < percent_max - rows ? memory->page_percent : percent_max - rows;
	return (struct memory_shares){percent_of(memory->size, rows), percent_of(memory->size, pages)};
}

uint64_t memory_budget_blocks(uint64_t size, uint64_t kept, uint64_t unsaved)
{
	uint64_t least = unsaved + (size / blocks_share > blocks_min ? size / blocks_share : blocks_min);
	return kept < size && size - kept > least ? size - kept : least;
}

uint64_t memory_budget_write_buffer(uint64_t size)
{
	uint64_t share = size / write_buffer_share;
	return share < write_buffer_min ? write_buffer_min : share > write_buffer_max ? write_buffer_max : share;
}

/* ------------------------------------------------------------------ in a store */

uint64_t store_unsaved_size(struct store *store)
{
	uint64_t memtables = 0;
	rocksdb_property_int(store->db, "rocksdb.cur-size-all-mem-tables", &memtables);
	return memtables;
}

static uint64_t kept_size(struct store *store)
{
	return row_cache_count(store->row_cache).used + page_cache_count(store->page_cache).used;
}

uint64_t store_memory_used(struct store *store)
{
	return rocksdb_cache_get_usage(store->cache) + kept_size(store);
}

void store_share_memory(struct store *store)
{
	uint64_t size = atomic_load(&store->memory_size), now = rocksdb_cache_get_capacity(store->cache);
	uint64_t wanted = memory_budget_blocks(size, kept_size(store), store_unsaved_size(store));
	if ((wanted > now ? wanted - now : now - wanted) > size / step_share)
		rocksdb_cache_set_capacity(store->cache, wanted);
}

void store_set_memory(struct store *store, const struct store_memory *memory)
{
	struct memory_shares shares = memory_budget_shares(memory);
	atomic_store(&store->memory_size, memory->size);
	row_cache_set_size(store->row_cache, shares.rows);
	page_cache_set_size(store->page_cache, shares.pages);
	store_share_memory(store);
}

void store_row_cache_counts(struct store *store, uint64_t *out_hits, uint64_t *out_misses, uint64_t *out_used)
{
	struct row_cache_counts counts = row_cache_count(store->row_cache);
	*out_hits = counts.hits;
	*out_misses = counts.misses;
	*out_used = counts.used;
}

void store_page_cache_counts(struct store *store, uint64_t *out_hits, uint64_t *out_misses, uint64_t *out_used)
{
	struct page_cache_counts counts = page_cache_count(store->page_cache);
	*out_hits = counts.hits;
	*out_misses = counts.misses;
	*out_used = counts.used;
}

void store_block_cache_counts(struct store *store, uint64_t *out_size, uint64_t *out_used)
{
	*out_size = rocksdb_cache_get_capacity(store->cache);
	*out_used = rocksdb_cache_get_usage(store->cache);
}
