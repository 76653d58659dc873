/*
 * A page: all keys of an interval that are committed, with their values, as of a moment. It never changes, and goes with the
 * last reference. One piece of memory:
 *
 *   struct page, count + 1 entries (where each key begins; the last: where the bytes end), low, high, then key, value, ...
 *
 * Any thread.
 */
#pragma once

#include <stdatomic.h>

#include "base/buf.h"

struct page_entry {
	uint32_t offset; /* of the key in the page; its value is behind it, up to the next entry's */
	uint32_t key_size;
};

struct page {
	_Atomic unsigned references;
	/* immutable */
	unsigned count;
	uint32_t size; /* of all, in bytes */
	uint32_t low_size, high_size;
	uint64_t since; /* the content is what there is from this moment on, until a key of the interval changes */
	struct page_entry entries[];
};

/* Entries on their way to a page. */
struct page_builder {
	struct buf entries; /* struct page_entry each, offsets count from the first key */
	struct buf bytes;
};
enum page_order { PAGE_ASCENDING, PAGE_DESCENDING }; /* how they were added */
void page_builder_deinit(struct page_builder *builder);
void page_builder_clear(struct page_builder *builder);
void page_builder_add(struct page_builder *builder, struct bytes key, struct bytes value);
static inline size_t page_builder_size(const struct page_builder *builder)
{
	return builder->entries.size + builder->bytes.size;
}
static inline unsigned page_builder_count(const struct page_builder *builder)
{
	return (unsigned)(builder->entries.size / sizeof(struct page_entry));
}
struct bytes page_builder_last_key(const struct page_builder *builder); /* of those there are */

/* With one reference. All keys are in [low, high). The builder is as it was. */
struct page *page_create(const struct page_builder *builder, enum page_order order, struct bytes low,
			 struct bytes high, uint64_t since);
struct page *page_ref(struct page *page);
void page_unref(struct page **page); /* NULL is fine */

struct bytes page_low(const struct page *page);
struct bytes page_high(const struct page *page);
unsigned page_seek(const struct page *page, struct bytes key); /* the first at or after it; count: none */

static inline struct bytes page_key(const struct page *page, unsigned index)
{
	const struct page_entry *entry = &page->entries[index];
	return bytes_of((const uint8_t *)page + entry->offset, entry->key_size);
}

static inline struct bytes page_value(const struct page *page, unsigned index)
{
	const struct page_entry *entry = &page->entries[index];
	uint32_t begin = entry->offset + entry->key_size;
	return bytes_of((const uint8_t *)page + begin, entry[1].offset - begin);
}
