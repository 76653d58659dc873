#include "store/page/page_cache.h"

#include <assert.h>

#include "base/lock.h"
#include "base/memory.h"
#include "store/page/page_directory.h"
#include "store/page/recent_changes.h"

enum {
	shard_count = 64, /* a bit each in struct page_cache_write */
	marks_max = 1024, /* a shard's recent changes */
	marks_min = 64,
	marks_share = 32,    /* of the cache: no more of it are marks */
	admitted_share = 8,  /* of the cache: what one reader may put in the place of others */
	steps_per_turn = 32, /* of a shard's clock, before it is the next shard's turn */
};

struct page_shard {
	struct lock lock;
	/* guarded by lock */
	struct page_directory directory;
	struct recent_changes changes;
	uint64_t hits, misses;
};

struct page_cache {
	/* immutable */
	uint64_t own_size; /* bytes, of this and the rings of changes */
	/* atomic */
	_Atomic uint64_t size; /* bytes, without those */
	_Atomic uint64_t used;	 /* as the directories have it, all in all */
	_Atomic uint64_t writes; /* ever begun */
	_Atomic unsigned turn;	 /* the shard that gives something up next */

	struct page_shard shards[shard_count];
};

struct page_cache *page_cache_create(uint64_t size)
{
	if (size < page_cache_size_min)
		return NULL;
	struct page_cache *cache = memory_zalloc(sizeof *cache);
	unsigned marks = marks_min;
	while (marks < marks_max && recent_changes_size(marks * 2) * shard_count * marks_share <= size)
		marks *= 2;
	cache->own_size = recent_changes_size(marks) * shard_count + sizeof *cache;
	atomic_init(&cache->size, size - cache->own_size);
	for (unsigned i = 0; i < shard_count; i++) {
		lock_init(&cache->shards[i].lock, "store.page_cache", LOCK_RANK_PAGE_CACHE);
		recent_changes_init(&cache->shards[i].changes, marks);
	}
	return cache;
}

void page_cache_destroy(struct page_cache **cache_place)
{
	struct page_cache *cache = *cache_place;
	if (cache == NULL)
		return;
	for (unsigned i = 0; i < shard_count; i++) {
		page_directory_clear(&cache->shards[i].directory);
		recent_changes_deinit(&cache->shards[i].changes);
		lock_deinit(&cache->shards[i].lock);
	}
	memory_free(cache);
	*cache_place = NULL;
}

/* ------------------------------------------------------------------ shards */

static uint32_t space_of(struct bytes key)
{
	return (uint32_t)bytes_load_uint_be(key.data, 4);
}

static struct page_shard *shard_of(struct page_cache *cache, uint32_t space)
{
	return &cache->shards[space % shard_count];
}

/* What is done with the shard counts for the cache when the lock goes. */
static uint64_t enter(struct page_shard *shard)
{
	lock_take(&shard->lock);
	return shard->directory.used;
}

static void leave(struct page_cache *cache, struct page_shard *shard, uint64_t used_before)
{
	uint64_t used = shard->directory.used;
	lock_release(&shard->lock);
	if (used != used_before)
		atomic_fetch_add_explicit(&cache->used, used - used_before, memory_order_relaxed);
}

static uint64_t used_by_all(struct page_cache *cache)
{
	return atomic_load_explicit(&cache->used, memory_order_relaxed);
}

static uint64_t size_of(struct page_cache *cache)
{
	return atomic_load_explicit(&cache->size, memory_order_relaxed);
}

static void keep_bound(struct page_cache *cache)
{
	uint64_t size = size_of(cache);
	for (unsigned turns = 0; used_by_all(cache) > size && turns < 4 * shard_count; turns++) {
		struct page_shard *shard = &cache->shards[atomic_fetch_add(&cache->turn, 1) % shard_count];
		uint64_t used_before = enter(shard);
		/* Those with more pages go round as often as the others. */
		size_t steps = shard->directory.slot_count / 4 + steps_per_turn, steps_left = steps;
		uint64_t used = used_by_all(cache), too_much = used > size ? used - size : 0;
		while (steps_left-- > 0 && shard->directory.hand && used_before - shard->directory.used < too_much)
			page_directory_evict(&shard->directory);
		leave(cache, shard, used_before);
	}
}

void page_cache_set_size(struct page_cache *cache, uint64_t size)
{
	if (cache == NULL)
		return;
	atomic_store(&cache->size, size > cache->own_size ? size - cache->own_size : 0);
	while (used_by_all(cache) > size_of(cache))
		keep_bound(cache);
}

/* ------------------------------------------------------------------ read */

static void open_gap(struct page_gap *gap, bool may_fill, bool has_end, struct bytes end)
{
	gap->may_fill = may_fill;
	gap->has_end = has_end;
	buf_clear(&gap->end);
	buf_put_bytes(&gap->end, end);
}

/* The slot whose page has the key on that side; or NULL and the gap, which begins there. */
static struct page_slot *find_slot(struct page_shard *shard, uint32_t space, struct bytes key, enum page_side side,
				   struct page_gap *gap)
{
	struct page_directory *directory = &shard->directory;
	struct page_slot *slot = side == PAGE_AT ? page_directory_at(directory, space, key)
						 : page_directory_below(directory, space, key);
	int order = slot ? bytes_compare(page_high(slot->page), key) : -1;
	if (order > 0 || (order == 0 && side == PAGE_BELOW))
		return slot;
	if (side == PAGE_AT) {
		slot = page_directory_above(directory, space, key);
		open_gap(gap, true, slot, slot ? page_low(slot->page) : bytes_of(NULL, 0));
	} else {
		open_gap(gap, true, slot, slot ? page_high(slot->page) : bytes_of(NULL, 0));
	}
	return NULL;
}

/* With the shard's lock: the page with a reference, and what of its changes is seen. */
static struct page *take(struct page_shard *shard, uint32_t space, struct bytes key, enum page_side side,
			 uint64_t as_of, struct page_changes_seen *seen, struct page_gap *gap)
{
	struct page_slot *slot = find_slot(shard, space, key, side, gap);
	if (slot == NULL)
		return NULL;
	if (as_of < slot->page->since || !page_changes_see(slot->changes, as_of, seen)) {
		open_gap(gap, false, true, side == PAGE_AT ? page_high(slot->page) : page_low(slot->page));
		return NULL;
	}
	slot->was_read = true;
	return page_ref(slot->page);
}

/* A page that has grown becomes two. */
static void add_halves(struct page_directory *directory, const struct page *page)
{
	struct bytes middle = page_key(page, page->count / 2);
	struct page_builder builder = {0};
	for (unsigned i = 0; i < page->count / 2; i++)
		page_builder_add(&builder, page_key(page, i), page_value(page, i));
	page_directory_add(directory, page_create(&builder, PAGE_ASCENDING, page_low(page), middle, page->since));
	page_builder_clear(&builder);
	for (unsigned i = page->count / 2; i < page->count; i++)
		page_builder_add(&builder, page_key(page, i), page_value(page, i));
	page_directory_add(directory, page_create(&builder, PAGE_ASCENDING, middle, page_high(page), page->since));
	page_builder_deinit(&builder);
}

/* The page with what was seen takes the old one's place, if that is as it was but for newer changes. */
static void renew(struct page_cache *cache, const struct page *old, struct page *page,
		  const struct page_changes_seen *seen)
{
	uint32_t space = space_of(page_low(page));
	struct page_shard *shard = shard_of(cache, space);
	uint64_t used_before = enter(shard);
	struct page_slot *slot = page_directory_at(&shard->directory, space, page_low(page));
	if (slot && slot->page == old) {
		bool is_all = slot->changes == seen->newest;
		if (is_all && page->size > 2 * page_size_wanted && page->count > 1) {
			page_directory_remove(&shard->directory, slot);
			add_halves(&shard->directory, page);
		} else {
			page_directory_replace(&shard->directory, slot, page_ref(page), seen->newest);
		}
	}
	leave(cache, shard, used_before);
}

static struct page *apply(struct page_cache *cache, struct page *page, struct page_changes_seen *seen)
{
	struct page *applied = page_changes_apply(page, seen);
	if (seen->newest)
		renew(cache, page, applied, seen);
	page_changes_seen_release(seen);
	page_unref(&page);
	return applied;
}

struct page *page_cache_find(struct page_cache *cache, uint32_t space, struct bytes key, enum page_side side,
			     uint64_t as_of, struct page_gap *gap)
{
	struct page_changes_seen seen;
	if (cache == NULL) {
		open_gap(gap, false, false, bytes_of(NULL, 0));
		return NULL;
	}
	struct page_shard *shard = shard_of(cache, space);
	lock_take(&shard->lock);
	struct page *page = take(shard, space, key, side, as_of, &seen, gap);
	shard->hits += page != NULL;
	shard->misses += page == NULL;
	lock_release(&shard->lock);
	return page && seen.count ? apply(cache, page, &seen) : page;
}

/* ------------------------------------------------------------------ fill */

static bool overlaps(const struct page_directory *directory, struct bytes low, struct bytes high)
{
	const struct page_slot *below = page_directory_below(directory, space_of(low), high);
	return below && bytes_compare(page_high(below->page), low) > 0;
}

static bool may_admit(struct page_cache *cache, size_t size, uint64_t *admitted)
{
	uint64_t cache_size = size_of(cache);
	if (used_by_all(cache) + size > cache_size && *admitted + size > cache_size / admitted_share)
		return false;
	*admitted += size;
	return true;
}

bool page_cache_fill(struct page_cache *cache, const struct page_builder *rows, enum page_order order,
		     struct bytes low, struct bytes high, uint64_t as_of, uint64_t *admitted)
{
	if (bytes_compare(low, high) >= 0)
		return true;
	if (cache == NULL || !may_admit(cache, page_builder_size(rows), admitted))
		return false;
	struct page *page = page_create(rows, order, low, high, as_of);
	struct page_shard *shard = shard_of(cache, space_of(low));
	uint64_t used_before = enter(shard);
	if (recent_changes_none_after(&shard->changes, low, high, as_of, &page->since) &&
	    !overlaps(&shard->directory, low, high)) {
		page_directory_add(&shard->directory, page);
		page = NULL;
	}
	leave(cache, shard, used_before);
	page_unref(&page);
	keep_bound(cache);
	return true;
}

/* ------------------------------------------------------------------ writes */

void page_cache_begin_write(struct page_cache *cache, struct page_cache_write *write, uint64_t before)
{
	if (cache)
		*write = (struct page_cache_write){.number = atomic_fetch_add(&cache->writes, 1) + 1,
						   .before = before};
}

/* With the shard's lock. */
static void touch(struct page_cache *cache, struct page_shard *shard, struct page_cache_write *write)
{
	uint64_t bit = UINT64_C(1) << (shard - cache->shards);
	if (write->shards & bit)
		return;
	write->shards |= bit;
	recent_changes_begin(&shard->changes);
}

static bool is_open_to_another(const struct page_slot *slot, const struct page_change *change)
{
	for (const struct page_change *i = slot->changes; i; i = i->next)
		if (i->end == 0 && i->write != change->write &&
		    bytes_equal(page_change_key(i), page_change_key(change)))
			return true;
	return false;
}

static void change_page(struct page_directory *directory, struct page_slot *slot,
			const struct page_cache_write *write, struct bytes key, const struct bytes *value)
{
	size_t size = key.size + (value ? value->size : 0);
	struct page_change *change = NULL;
	if (size <= page_row_size_max && slot->change_count < page_changes_max &&
	    slot->change_size + size <= page_size_wanted)
		change = page_change_create(write->number, write->before, key, value);
	if (change && !is_open_to_another(slot, change)) {
		page_directory_change(directory, slot, change);
		return;
	}
	if (change)
		page_change_unref(change);
	page_directory_remove(directory, slot);
}

void page_cache_change(struct page_cache *cache, struct page_cache_write *write, struct bytes key,
		       const struct bytes *value)
{
	if (cache == NULL)
		return;
	uint32_t space = space_of(key);
	struct page_shard *shard = shard_of(cache, space);
	uint64_t used_before = enter(shard);
	touch(cache, shard, write);
	recent_changes_mark(&shard->changes, write->number, key);
	struct page_slot *slot = page_directory_at(&shard->directory, space, key);
	if (slot && bytes_compare(key, page_high(slot->page)) < 0)
		change_page(&shard->directory, slot, write, key, value);
	leave(cache, shard, used_before);
}

void page_cache_change_space(struct page_cache *cache, struct page_cache_write *write, uint32_t space)
{
	for (unsigned i = 0; cache && i < shard_count; i++) {
		if (space != UINT32_MAX && i != space % shard_count)
			continue;
		struct page_shard *shard = &cache->shards[i];
		uint64_t used_before = enter(shard);
		touch(cache, shard, write);
		recent_changes_mark_all(&shard->changes);
		page_directory_remove_space(&shard->directory, space);
		leave(cache, shard, used_before);
	}
}

void page_cache_end_write(struct page_cache *cache, struct page_cache_write *write, uint64_t now, bool is_done)
{
	for (unsigned i = 0; cache && i < shard_count; i++) {
		if (!(write->shards & UINT64_C(1) << i))
			continue;
		struct page_shard *shard = &cache->shards[i];
		uint64_t used_before = enter(shard);
		recent_changes_end(&shard->changes, write->number, now);
		page_directory_end_write(&shard->directory, write->number, now, is_done);
		leave(cache, shard, used_before);
	}
	if (cache && used_by_all(cache) > size_of(cache))
		keep_bound(cache);
}

struct page_cache_counts page_cache_count(struct page_cache *cache)
{
	struct page_cache_counts counts = {0};
	for (unsigned i = 0; cache && i < shard_count; i++) {
		struct page_shard *shard = &cache->shards[i];
		lock_take(&shard->lock);
		counts.hits += shard->hits;
		counts.misses += shard->misses;
		counts.used += shard->directory.used;
		lock_release(&shard->lock);
	}
	return counts;
}
