/*
 * The store's memory is one budget (innodb_buffer_pool_size), and this is how it is shared:
 *
 *   rows, pages   have what they use, each at most its percent
 *   memtables     have what is not written to files yet: RocksDB counts them as blocks
 *   blocks        have the rest, and never less than an eighth
 *
 * So what the caches of rows and pages do not need, as with rows that are too large for them, keeps RocksDB's blocks in
 * memory, and what they take later, blocks give back. That is looked at about once a second; until then all may have more
 * than the budget by what rows and pages took meanwhile.
 */
#pragma once

#include "store/store.h"

/* What of the budget is whose at most. */
struct memory_shares {
	uint64_t rows, pages;
};
struct memory_shares memory_budget_shares(const struct store_memory *memory);
/* With the memtables. kept: by rows and pages; unsaved: by memtables. */
uint64_t memory_budget_blocks(uint64_t size, uint64_t kept, uint64_t unsaved);
/* One memtable. */
uint64_t memory_budget_write_buffer(uint64_t size);
