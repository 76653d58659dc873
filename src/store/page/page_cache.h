/*
 * The page cache: intervals of keys whose committed content is known, so that ranges and scans need not search memtable and
 * files, merge their levels and step over old versions.
 *
 * Moments are RocksDB's sequence numbers. A page (page.h) is the content of [low, high) as of a moment `since`. The pages of
 * a key space do not overlap; they are found by key in the space's directory. With a page are kept the changes that were
 * made to its interval since, newest first, each with two moments: `before` (the write is behind it) and `end` (the write is
 * not behind it; none as long as it is under way). The rules:
 *
 *   write  before it: each of its keys is marked in the ring of recent changes, and the page around the key, if there is
 *          one, is given the change with its new value and `before`, the latest moment at that time. After it: both get
 *          their `end`, the latest moment by then. If it failed, the pages it changed go. So do pages with too many
 *          changes, and those with two changes of one key under way.
 *   read   as of a moment S: a page answers if since <= S and each of its changes either has end <= S: it is seen, or
 *          S <= before: it is not. Seen changes are applied to a copy; it takes the page's place, with the newest end among
 *          them as its since, if all changes that it leaves are newer than all that it has.
 *   fill   rows that were read from the store as of S become a page if no key of its interval has changed after S: no
 *          mark in the ring without an end, or with one behind S, is in the interval, and the ring has forgotten none
 *          that might be. Its since is then the newest end of a mark in the interval, which may be long before S.
 *
 * Why it is right. A write's own moment is behind its `before` and not behind its `end`, so who has S <= before does not see
 * it and who has end <= S does; between the two nobody is answered. A page and its changes are complete: a write whose
 * begin came before the page was published has its mark in the ring, and either ended by S, so that the rows that were read
 * have it, or forbade the publishing; one that began later found the page. Both happen under the one lock. Snapshots that
 * are older than a page's since are not answered, whatever its changes are.
 *
 * A reader has its snapshot open as long as it reads: what it does not find here it finds there.
 *
 * Every change of the store's contents stands between a begin and an end here, several at once may.
 *
 * Bounded in bytes, all included. What is to go is found by a clock: a page that was read since the hand came by last stays.
 * Who fills pages may use what is free, and for a small part of the cache put them in the place of others: a scan of more
 * than fits does not wash it out. Sharded by space; any thread. Every function but the first takes NULL for no cache.
 */
#pragma once

#include "store/page/page.h"

struct page_cache;

enum {
	page_cache_size_min = 1024 * 1024,
	page_size_wanted = 16 * 1024, /* a page is published when it has as many bytes */
	page_row_size_max = 4 * 1024, /* larger rows are in no page */
};

struct page_cache *page_cache_create(uint64_t size); /* NULL when it is below page_cache_size_min */
void page_cache_set_size(struct page_cache *cache, uint64_t size); /* at run time; what is too much goes */
void page_cache_destroy(struct page_cache **cache);

/* ------------------------------------------------------------------ read and fill */

/* Which page is looked for: the one with the key itself, or the one with the keys right before it. */
enum page_side { PAGE_AT, PAGE_BELOW };

/* What there is instead of a page: read the store up to `end`, where there may be one again. */
struct page_gap {
	bool may_fill;	/* false: there is a page, for readers of other moments */
	bool has_end;	/* false: there is nothing up to the end of the space */
	struct buf end; /* PAGE_AT: the first key that is not in the gap; PAGE_BELOW: the first that is */
};

/* With a reference, or NULL and the gap. Its key is the space's; for PAGE_BELOW the next one's first is as good. */
struct page *page_cache_find(struct page_cache *cache, uint32_t space, struct bytes key, enum page_side side,
			     uint64_t as_of, struct page_gap *gap);
/*
 * What was read as of the moment: all that there is in [low, high), which are of one space. *admitted: bytes that the reader
 * has filled in, kept by the caller, from 0 on. False: that is enough, the reader should fill in no more.
 */
bool page_cache_fill(struct page_cache *cache, const struct page_builder *rows, enum page_order order,
		     struct bytes low, struct bytes high, uint64_t as_of, uint64_t *admitted);

/* ------------------------------------------------------------------ writes */

/* One write, owned by its thread from begin to end. */
struct page_cache_write {
	uint64_t number;
	uint64_t before; /* a moment */
	uint64_t shards; /* that it touched, a bit each */
};

/* before: the latest moment there is. */
void page_cache_begin_write(struct page_cache *cache, struct page_cache_write *write, uint64_t before);
/* value: what will be there; NULL: nothing. Of several for one key the last counts. Not behind the write itself. */
void page_cache_change(struct page_cache *cache, struct page_cache_write *write, struct bytes key,
		       const struct bytes *value);
/* The same for all keys of a space (UINT32_MAX: of all), whichever they are. */
void page_cache_change_space(struct page_cache *cache, struct page_cache_write *write, uint32_t space);
/* now: a moment at or behind the write's. */
void page_cache_end_write(struct page_cache *cache, struct page_cache_write *write, uint64_t now, bool is_done);

struct page_cache_counts {
	uint64_t hits, misses, used;
};
struct page_cache_counts page_cache_count(struct page_cache *cache);
