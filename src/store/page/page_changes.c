#include "store/page/page_changes.h"

#include "base/memory.h"

struct page_change *page_change_create(uint64_t write, uint64_t before, struct bytes key, const struct bytes *value)
{
	size_t value_size = value ? value->size : 0;
	struct page_change *change = memory_alloc_shared(sizeof *change + key.size + value_size);
	*change = (struct page_change){
		.references = 1,
		.write = write,
		.before = before,
		.is_deletion = value == NULL,
		.key_size = (uint32_t)key.size,
		.value_size = (uint32_t)value_size,
	};
	memcpy(change->bytes, key.data, key.size);
	if (value_size)
		memcpy(change->bytes + key.size, value->data, value_size);
	return change;
}

void page_change_unref(struct page_change *change)
{
	if (atomic_fetch_sub_explicit(&change->references, 1, memory_order_acq_rel) == 1)
		memory_free_shared(change);
}

struct bytes page_change_key(const struct page_change *change)
{
	return bytes_of(change->bytes, change->key_size);
}

static struct bytes value_of(const struct page_change *change)
{
	return bytes_of(change->bytes + change->key_size, change->value_size);
}

size_t page_change_size(const struct page_change *change)
{
	return sizeof *change + change->key_size + change->value_size;
}

/* ------------------------------------------------------------------ what is seen */

/* It is older than all that are there: of its own key there may be a newer one already. */
static void see(struct page_changes_seen *seen, struct page_change *change)
{
	unsigned at = seen->count;
	int order = 1;
	while (at > 0 && (order = bytes_compare(page_change_key(seen->items[at - 1]), page_change_key(change))) > 0)
		at--;
	if (seen->since < change->end)
		seen->since = change->end;
	if (at > 0 && order == 0)
		return;
	memmove(seen->items + at + 1, seen->items + at, (seen->count - at) * sizeof *seen->items);
	seen->items[at] = change;
	seen->count++;
}

bool page_changes_see(struct page_change *list, uint64_t as_of, struct page_changes_seen *out)
{
	*out = (struct page_changes_seen){0};
	bool all_older_seen = true;
	for (struct page_change *change = list; change; change = change->next) {
		if (as_of <= change->before) {
			all_older_seen &= out->count == 0;
			continue;
		}
		if (change->end == 0 || change->end > as_of)
			return false;
		if (out->newest == NULL)
			out->newest = change;
		see(out, change);
	}
	if (!all_older_seen)
		out->newest = NULL;
	for (unsigned i = 0; i < out->count; i++)
		atomic_fetch_add_explicit(&out->items[i]->references, 1, memory_order_relaxed);
	return true;
}

void page_changes_seen_release(struct page_changes_seen *seen)
{
	for (unsigned i = 0; i < seen->count; i++)
		page_change_unref(seen->items[i]);
	seen->count = 0;
}

static void add_change(struct page_builder *builder, const struct page_change *change)
{
	if (!change->is_deletion)
		page_builder_add(builder, page_change_key(change), value_of(change));
}

struct page *page_changes_apply(const struct page *page, const struct page_changes_seen *seen)
{
	struct page_builder builder = {0};
	unsigned next = 0;
	buf_reserve(&builder.bytes, page->size);
	buf_reserve(&builder.entries, (page->count + seen->count) * sizeof(struct page_entry));
	for (unsigned i = 0; i < page->count; i++) {
		int order = 1;
		while (next < seen->count &&
		       (order = bytes_compare(page_change_key(seen->items[next]), page_key(page, i))) < 0)
			add_change(&builder, seen->items[next++]);
		if (next < seen->count && order == 0)
			add_change(&builder, seen->items[next++]);
		else
			page_builder_add(&builder, page_key(page, i), page_value(page, i));
	}
	while (next < seen->count)
		add_change(&builder, seen->items[next++]);
	struct page *applied = page_create(&builder, PAGE_ASCENDING, page_low(page), page_high(page), seen->since);
	page_builder_deinit(&builder);
	return applied;
}
