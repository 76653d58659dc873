#include "store/page/page.h"

#include <assert.h>

#include "base/memory.h"

/* ------------------------------------------------------------------ builder */

void page_builder_deinit(struct page_builder *builder)
{
	buf_deinit(&builder->entries);
	buf_deinit(&builder->bytes);
}

void page_builder_clear(struct page_builder *builder)
{
	buf_clear(&builder->entries);
	buf_clear(&builder->bytes);
}

void page_builder_add(struct page_builder *builder, struct bytes key, struct bytes value)
{
	struct page_entry entry = {(uint32_t)builder->bytes.size, (uint32_t)key.size};
	buf_put(&builder->entries, &entry, sizeof entry);
	buf_put_bytes(&builder->bytes, key);
	buf_put_bytes(&builder->bytes, value);
}

static const struct page_entry *entries_of(const struct page_builder *builder)
{
	return (const struct page_entry *)builder->entries.data;
}

struct bytes page_builder_last_key(const struct page_builder *builder)
{
	const struct page_entry *last = entries_of(builder) + page_builder_count(builder) - 1;
	return bytes_of(builder->bytes.data + last->offset, last->key_size);
}

/* ------------------------------------------------------------------ pages */

static uint32_t entries_end(const struct page *page)
{
	return (uint32_t)(sizeof *page + (page->count + 1) * sizeof *page->entries);
}

struct bytes page_low(const struct page *page)
{
	return bytes_of((const uint8_t *)page + entries_end(page), page->low_size);
}

struct bytes page_high(const struct page *page)
{
	return bytes_of((const uint8_t *)page + entries_end(page) + page->low_size, page->high_size);
}

static void copy_ascending(struct page *page, const struct page_builder *builder, uint32_t at)
{
	const struct page_entry *entries = entries_of(builder);
	for (unsigned i = 0; i < page->count; i++)
		page->entries[i] = (struct page_entry){at + entries[i].offset, entries[i].key_size};
	if (page->count)
		memcpy((uint8_t *)page + at, builder->bytes.data, builder->bytes.size);
}

static void copy_descending(struct page *page, const struct page_builder *builder, uint32_t at)
{
	const struct page_entry *entries = entries_of(builder);
	uint32_t end = (uint32_t)builder->bytes.size;
	for (unsigned i = 0; i < page->count; i++) {
		const struct page_entry *entry = &entries[page->count - 1 - i];
		page->entries[i] = (struct page_entry){at, entry->key_size};
		memcpy((uint8_t *)page + at, builder->bytes.data + entry->offset, end - entry->offset);
		at += end - entry->offset;
		end = entry->offset;
	}
}

struct page *page_create(const struct page_builder *builder, enum page_order order, struct bytes low,
			 struct bytes high, uint64_t since)
{
	unsigned count = page_builder_count(builder);
	size_t begin = sizeof(struct page) + (count + 1) * sizeof(struct page_entry) + low.size + high.size;
	size_t size = begin + builder->bytes.size;
	assert(size <= UINT32_MAX);
	struct page *page = memory_alloc_shared(size);
	atomic_init(&page->references, 1);
	page->count = count;
	page->size = (uint32_t)size;
	page->low_size = (uint32_t)low.size;
	page->high_size = (uint32_t)high.size;
	page->since = since;
	page->entries[count] = (struct page_entry){(uint32_t)size, 0};
	uint8_t *bounds = (uint8_t *)page + entries_end(page);
	memcpy(bounds, low.data, low.size);
	memcpy(bounds + low.size, high.data, high.size);
	if (order == PAGE_ASCENDING)
		copy_ascending(page, builder, (uint32_t)begin);
	else
		copy_descending(page, builder, (uint32_t)begin);
	return page;
}

struct page *page_ref(struct page *page)
{
	atomic_fetch_add_explicit(&page->references, 1, memory_order_relaxed);
	return page;
}

void page_unref(struct page **page_place)
{
	struct page *page = *page_place;
	*page_place = NULL;
	if (page && atomic_fetch_sub_explicit(&page->references, 1, memory_order_acq_rel) == 1)
		memory_free_shared(page);
}

unsigned page_seek(const struct page *page, struct bytes key)
{
	unsigned low = 0, high = page->count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (bytes_compare(page_key(page, middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
