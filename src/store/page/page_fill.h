/*
 * Rows that an iterator reads from the store on their way to a page: one after the other, in one direction, from an edge of
 * the interval on. A full one is published, and the next goes on where it ended; what is in hand when the iterator turns,
 * jumps or ends becomes a smaller page. Who reads a few rows only fills in nothing, but where that closes a gap.
 *
 * Owned by the iterator's thread. What may be published is the page cache's to know.
 */
#pragma once

#include "store/page/page_cache.h"

struct page_fill {
	struct page_builder rows;
	enum page_order order;
	bool is_open;
	bool is_done;	   /* the cache takes no more from this iterator */
	struct buf edge;   /* ascending: the interval's low, descending: its high */
	struct buf other;  /* of the opposite edge, while it is made */
	uint64_t admitted; /* bytes, by the iterator so far */
};

void page_fill_deinit(struct page_fill *fill);
/* No keys lie between the edge and the first row that is added. */
void page_fill_begin(struct page_fill *fill, enum page_order order, struct bytes edge);
/* Behind the rows before in the fill's order; no keys lie between. */
void page_fill_add(struct page_fill *fill, struct page_cache *cache, uint64_t as_of, struct bytes key,
		   struct bytes value);
/* No keys lie between the last row and this edge: ascending a high, descending a low. */
void page_fill_end_at(struct page_fill *fill, struct page_cache *cache, uint64_t as_of, struct bytes edge);
/* What lies behind the last row is not known. */
void page_fill_end(struct page_fill *fill, struct page_cache *cache, uint64_t as_of);
