#include "store/row_cache.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/lock.h"
#include "base/map.h"
#include "base/memory.h"

enum {
	shard_count = 64,        /* a power of two */
	bucket_share = 256,      /* bytes of the cache for each bucket: about a row */
	value_share = 16,        /* of a shard: a larger value is not kept */
	allocation_overhead = 16,
};

struct entry {
	struct entry *next;                    /* in its bucket */
	struct entry *clock_next, *clock_previous;
	uint32_t hash;
	uint32_t key_size;
	uint32_t value_size;
	bool was_read;                         /* since the hand came by */
	uint8_t bytes[];                       /* key, value */
};

struct bucket {
	/* guarded by its shard's lock */
	struct entry *first;
	uint64_t last_write;
	/* rises without the lock, falls with it; while it is not 0 no entry is valid */
	_Atomic uint32_t writing;
};

struct shard {
	struct lock lock;
	/* guarded by lock */
	struct bucket *buckets; /* a part of the cache's */
	struct entry *hand;     /* of the clock, a ring: the next to be looked at; NULL: empty */
	uint64_t used;          /* bytes of entries */
	uint64_t hits, misses;
};

struct row_cache {
	/* immutable */
	size_t buckets_per_shard; /* a power of two */
	struct bucket *buckets;   /* owned; one piece, so that what is never used is never touched */
	/* atomic */
	_Atomic uint64_t shard_size; /* bytes of entries */
	/* what the buckets' own are, for all of them */
	_Atomic unsigned rewriting;
	_Atomic uint64_t last_rewrite;
	struct shard shards[shard_count];
};

static uint64_t size_of_shard(const struct row_cache *cache, uint64_t size)
{
	uint64_t share = size / shard_count, buckets = cache->buckets_per_shard * sizeof(struct bucket);
	return share > buckets ? share - buckets : 0;
}

struct row_cache *row_cache_create(uint64_t size)
{
	if (size < row_cache_size_min)
		return NULL;
	struct row_cache *cache = memory_zalloc(sizeof *cache);
	cache->buckets_per_shard = 1;
	while (cache->buckets_per_shard * 2 * bucket_share * shard_count <= size)
		cache->buckets_per_shard *= 2;
	atomic_init(&cache->shard_size, size_of_shard(cache, size));
	cache->buckets = memory_zalloc(shard_count * cache->buckets_per_shard * sizeof(struct bucket));
	for (unsigned i = 0; i < shard_count; i++) {
		lock_init(&cache->shards[i].lock, "store.row_cache", LOCK_RANK_ROW_CACHE);
		cache->shards[i].buckets = cache->buckets + i * cache->buckets_per_shard;
	}
	return cache;
}

/* ------------------------------------------------------------------------------------------------- entries */

static struct bytes key_of(const struct entry *entry)
{
	return bytes_of(entry->bytes, entry->key_size);
}

static uint64_t memory_of(const struct entry *entry)
{
	return sizeof *entry + entry->key_size + entry->value_size + allocation_overhead;
}

static struct entry *entry_create(struct bytes key, uint32_t hash, struct bytes value)
{
	struct entry *entry = memory_alloc(sizeof *entry + key.size + value.size);
	*entry = (struct entry){
		.hash = hash, .key_size = (uint32_t)key.size, .value_size = (uint32_t)value.size};
	memcpy(entry->bytes, key.data, key.size);
	if (value.size)
		memcpy(entry->bytes + key.size, value.data, value.size);
	return entry;
}

/* Where a key belongs. */
struct place {
	struct shard *shard;
	struct bucket *bucket;
	uint32_t hash;
};

static struct place place_of(struct row_cache *cache, struct bytes key)
{
	uint64_t hash = bytes_hash(key);
	struct shard *shard = &cache->shards[hash % shard_count];
	uint32_t rest = (uint32_t)(hash / shard_count);
	return (struct place){shard, &shard->buckets[rest & (cache->buckets_per_shard - 1)], rest};
}

/* The link that leads to the key's entry, or the bucket's last. */
static struct entry **find_link(const struct place *place, struct bytes key)
{
	struct entry **link = &place->bucket->first;
	while (*link && !((*link)->hash == place->hash && bytes_equal(key_of(*link), key)))
		link = &(*link)->next;
	return link;
}

static void put_in_ring(struct shard *shard, struct entry *entry)
{
	if (shard->hand == NULL) {
		entry->clock_next = entry->clock_previous = shard->hand = entry;
		return;
	}
	/* Behind the hand: it comes here last. */
	entry->clock_next = shard->hand;
	entry->clock_previous = shard->hand->clock_previous;
	entry->clock_previous->clock_next = entry;
	shard->hand->clock_previous = entry;
}

static void take_from_ring(struct shard *shard, struct entry *entry)
{
	entry->clock_next->clock_previous = entry->clock_previous;
	entry->clock_previous->clock_next = entry->clock_next;
	if (shard->hand == entry)
		shard->hand = entry->clock_next == entry ? NULL : entry->clock_next;
}

static void link_entry(const struct place *place, struct entry *entry)
{
	entry->next = place->bucket->first;
	place->bucket->first = entry;
	put_in_ring(place->shard, entry);
	place->shard->used += memory_of(entry);
}

static void unlink_entry(struct shard *shard, struct entry **link)
{
	struct entry *entry = *link;
	*link = entry->next;
	take_from_ring(shard, entry);
	shard->used -= memory_of(entry);
	memory_free(entry);
}

static struct entry **link_to(const struct row_cache *cache, struct shard *shard, struct entry *entry)
{
	struct entry **link = &shard->buckets[entry->hash & (cache->buckets_per_shard - 1)].first;
	while (*link != entry)
		link = &(*link)->next;
	return link;
}

static bool is_too_large(const struct row_cache *cache, size_t size)
{
	return size > atomic_load_explicit(&cache->shard_size, memory_order_relaxed) / value_share;
}

/* Who was read stays for another round. */
static void keep_bound(const struct row_cache *cache, struct shard *shard)
{
	uint64_t size = atomic_load_explicit(&cache->shard_size, memory_order_relaxed);
	while (shard->used > size && shard->hand) {
		struct entry *entry = shard->hand;
		if (entry->was_read) {
			entry->was_read = false;
			shard->hand = entry->clock_next;
		} else {
			unlink_entry(shard, link_to(cache, shard, entry));
		}
	}
}

void row_cache_set_size(struct row_cache *cache, uint64_t size)
{
	if (cache == NULL)
		return;
	atomic_store(&cache->shard_size, size_of_shard(cache, size));
	for (unsigned i = 0; i < shard_count; i++) {
		lock_take(&cache->shards[i].lock);
		keep_bound(cache, &cache->shards[i]);
		lock_release(&cache->shards[i].lock);
	}
}

void row_cache_destroy(struct row_cache **cache_place)
{
	struct row_cache *cache = *cache_place;
	if (cache == NULL)
		return;
	row_cache_begin_rewrite(cache, NULL, 0); /* nothing is left in it */
	for (unsigned i = 0; i < shard_count; i++)
		lock_deinit(&cache->shards[i].lock);
	memory_free(cache->buckets);
	memory_free(cache);
	*cache_place = NULL;
}

/* --------------------------------------------------------------------------------------------- the three rules */

/* With the shard's lock: whoever begins to rewrite comes by with it, behind having said so. */
static bool is_known_as_of(struct row_cache *cache, const struct bucket *bucket, uint64_t as_of)
{
	return bucket->last_write <= as_of && atomic_load(&cache->last_rewrite) <= as_of;
}

static bool is_written(struct row_cache *cache, const struct bucket *bucket)
{
	return atomic_load(&bucket->writing) > 0 || atomic_load(&cache->rewriting) > 0;
}

bool row_cache_read(struct row_cache *cache, struct bytes key, uint64_t as_of, struct buf *out_value)
{
	if (cache == NULL)
		return false;
	struct place place = place_of(cache, key);
	lock_take(&place.shard->lock);
	bool is_valid = atomic_load(&place.bucket->writing) == 0 && is_known_as_of(cache, place.bucket, as_of);
	struct entry *entry = is_valid ? *find_link(&place, key) : NULL;
	bool found = entry != NULL;
	if (found) {
		entry->was_read = true;
		if (out_value)
			buf_put(out_value, entry->bytes + entry->key_size, entry->value_size);
	}
	place.shard->hits += found;
	place.shard->misses += !found;
	lock_release(&place.shard->lock);
	return found;
}

void row_cache_fill(struct row_cache *cache, struct bytes key, struct bytes value, uint64_t as_of)
{
	assert(as_of != ROW_CACHE_NOW);
	if (cache == NULL || is_too_large(cache, key.size + value.size))
		return;
	struct place place = place_of(cache, key);
	struct entry *entry = entry_create(key, place.hash, value);
	lock_take(&place.shard->lock);
	bool is_newest = !is_written(cache, place.bucket) && is_known_as_of(cache, place.bucket, as_of);
	if (is_newest && *find_link(&place, key) == NULL) { /* another reader may have been faster */
		link_entry(&place, entry);
		keep_bound(cache, place.shard);
		entry = NULL;
	}
	lock_release(&place.shard->lock);
	memory_free(entry);
}

void row_cache_begin_write(struct row_cache *cache, struct bytes key)
{
	if (cache == NULL)
		return;
	atomic_fetch_add(&place_of(cache, key).bucket->writing, 1);
}

/* A key that was in the cache stays there, with its new value. */
static void renew(const struct row_cache *cache, const struct place *place, struct entry **link, struct bytes key,
		  struct bytes value)
{
	struct entry *entry = *link;
	if (entry->value_size == value.size) {
		if (value.size)
			memcpy(entry->bytes + entry->key_size, value.data, value.size);
		return;
	}
	bool was_read = entry->was_read;
	unlink_entry(place->shard, link);
	if (is_too_large(cache, key.size + value.size))
		return;
	entry = entry_create(key, place->hash, value);
	entry->was_read = was_read;
	link_entry(place, entry);
	keep_bound(cache, place->shard);
}

static void end_in_bucket(struct bucket *bucket, uint64_t now)
{
	uint32_t writing = atomic_fetch_sub(&bucket->writing, 1);
	assert(writing > 0);
	if (bucket->last_write < now)
		bucket->last_write = now;
}

void row_cache_end_write(struct row_cache *cache, struct bytes key, const struct bytes *value, uint64_t now)
{
	if (cache == NULL)
		return;
	struct place place = place_of(cache, key);
	lock_take(&place.shard->lock);
	end_in_bucket(place.bucket, now);
	struct entry **link = find_link(&place, key);
	if (*link && value && !is_written(cache, place.bucket))
		renew(cache, &place, link, key, *value);
	else if (*link)
		unlink_entry(place.shard, link);
	lock_release(&place.shard->lock);
}

static bool is_in_one_of(struct bytes key, const uint32_t *spaces, size_t count)
{
	uint32_t space = key.size >= 4 ? (uint32_t)bytes_load_uint_be(key.data, 4) : 0;
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (spaces[middle] < space)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && spaces[low] == space;
}

/* Once around the ring. */
static void drop_in_shard(const struct row_cache *cache, struct shard *shard, const uint32_t *spaces, size_t count)
{
	struct entry *last = shard->hand ? shard->hand->clock_previous : NULL;
	for (struct entry *entry = shard->hand, *next; entry; entry = next) {
		next = entry == last ? NULL : entry->clock_next;
		if (spaces == NULL || is_in_one_of(key_of(entry), spaces, count))
			unlink_entry(shard, link_to(cache, shard, entry));
	}
}

void row_cache_begin_rewrite(struct row_cache *cache, const uint32_t *spaces, size_t count)
{
	if (cache == NULL)
		return;
	atomic_fetch_add(&cache->rewriting, 1);
	for (unsigned i = 0; i < shard_count; i++) {
		struct shard *shard = &cache->shards[i];
		lock_take(&shard->lock);
		drop_in_shard(cache, shard, spaces, count);
		lock_release(&shard->lock);
	}
}

void row_cache_end_rewrite(struct row_cache *cache, uint64_t now)
{
	if (cache == NULL)
		return;
	uint64_t last = atomic_load(&cache->last_rewrite);
	while (last < now && !atomic_compare_exchange_weak(&cache->last_rewrite, &last, now)) {
	}
	atomic_fetch_sub(&cache->rewriting, 1);
}

bool row_cache_is_unchanged_since(struct row_cache *cache, struct bytes key, uint64_t moment)
{
	if (cache == NULL)
		return false;
	struct place place = place_of(cache, key);
	lock_take(&place.shard->lock);
	bool is_unchanged = is_known_as_of(cache, place.bucket, moment);
	lock_release(&place.shard->lock);
	return is_unchanged;
}

struct row_cache_counts row_cache_count(struct row_cache *cache)
{
	struct row_cache_counts counts = {0};
	for (unsigned i = 0; cache && i < shard_count; i++) {
		struct shard *shard = &cache->shards[i];
		lock_take(&shard->lock);
		counts.hits += shard->hits;
		counts.misses += shard->misses;
		counts.used += shard->used;
		lock_release(&shard->lock);
	}
	return counts;
}
