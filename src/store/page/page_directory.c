#include "store/page/page_directory.h"

#include <assert.h>

#include "base/memory.h"

enum { allocation_overhead = 16 };

struct page_space {
	struct page_space *next;
	uint32_t space;
	struct ordered slots; /* by the beginnings of their pages */
};

static uint32_t space_of(struct bytes key)
{
	return (uint32_t)bytes_load_uint_be(key.data, 4);
}

static struct bytes begin_of(const void *context, uint64_t number)
{
	(void)context;
	return page_low(((const struct page_slot *)(uintptr_t)number)->page);
}

static struct page_space **find_link(struct page_directory *directory, uint32_t space)
{
	/* The lowest bits have chosen the shard. */
	struct page_space **link = &directory->spaces[space / 64 % page_space_lists];
	while (*link && (*link)->space != space)
		link = &(*link)->next;
	return link;
}

static const struct ordered *slots_of(const struct page_directory *directory, uint32_t number)
{
	const struct page_space *space = *find_link((struct page_directory *)directory, number);
	return space ? &space->slots : NULL;
}

static struct page_slot *slot_at(const struct ordered *slots, struct ordered_place place)
{
	return (struct page_slot *)(uintptr_t)ordered_at(slots, place);
}

/* ------------------------------------------------------------------ by key */

struct page_slot *page_directory_below(const struct page_directory *directory, uint32_t space, struct bytes key)
{
	const struct ordered *slots = slots_of(directory, space);
	struct ordered_place place;
	if (slots == NULL)
		return NULL;
	/* The set's prefixes are without the space. */
	bool found =
		space_of(key) == space ? ordered_seek_below(slots, key, &place) : ordered_seek_last(slots, &place);
	return found ? slot_at(slots, place) : NULL;
}

struct page_slot *page_directory_at(const struct page_directory *directory, uint32_t space, struct bytes key)
{
	const struct ordered *slots = slots_of(directory, space);
	struct ordered_place place;
	if (slots == NULL)
		return NULL;
	if (ordered_seek(slots, key, &place) && bytes_equal(page_low(slot_at(slots, place)->page), key))
		return slot_at(slots, place);
	return page_directory_below(directory, space, key);
}

struct page_slot *page_directory_above(const struct page_directory *directory, uint32_t space, struct bytes key)
{
	const struct ordered *slots = slots_of(directory, space);
	struct ordered_place place;
	if (slots == NULL || !ordered_seek(slots, key, &place))
		return NULL;
	if (bytes_equal(page_low(slot_at(slots, place)->page), key) && !ordered_next(slots, &place))
		return NULL;
	return slot_at(slots, place);
}

/* ------------------------------------------------------------------ changes */

static void link_open(struct page_directory *directory, struct page_change *change)
{
	change->open_previous = NULL;
	change->open_next = directory->open;
	if (directory->open)
		directory->open->open_previous = change;
	directory->open = change;
}

static void unlink_open(struct page_directory *directory, struct page_change *change)
{
	if (change->open_next)
		change->open_next->open_previous = change->open_previous;
	if (change->open_previous)
		change->open_previous->open_next = change->open_next;
	else
		directory->open = change->open_next;
}

/* From this one on all older ones go. */
static void drop_changes(struct page_directory *directory, struct page_slot *slot, struct page_change *from)
{
	struct page_change **link = &slot->changes;
	while (*link != from)
		link = &(*link)->next;
	*link = NULL;
	while (from) {
		struct page_change *older = from->next;
		uint32_t size = (uint32_t)page_change_size(from) + allocation_overhead;
		if (from->end == 0)
			unlink_open(directory, from);
		slot->change_count--;
		slot->change_size -= size;
		directory->used -= size;
		page_change_unref(from);
		from = older;
	}
}

void page_directory_change(struct page_directory *directory, struct page_slot *slot, struct page_change *change)
{
	uint32_t size = (uint32_t)page_change_size(change) + allocation_overhead;
	change->owner = slot;
	change->next = slot->changes;
	slot->changes = change;
	slot->change_count++;
	slot->change_size += size;
	directory->used += size;
	link_open(directory, change);
}

void page_directory_end_write(struct page_directory *directory, uint64_t write, uint64_t now, bool is_done)
{
	struct page_change *change = directory->open;
	while (change) {
		struct page_change *next = change->open_next;
		if (change->write != write) {
			change = next;
		} else if (is_done) {
			change->end = now;
			unlink_open(directory, change);
			change = next;
		} else {
			page_directory_remove(directory, change->owner); /* others of the list go with it */
			change = directory->open;
		}
	}
}

/* ------------------------------------------------------------------ slots */

static uint64_t weight_of(const struct page *page)
{
	return page->size + sizeof(struct page_slot) + sizeof(struct ordered_item) + 2 * allocation_overhead;
}

static struct page_space *get_space(struct page_directory *directory, uint32_t number)
{
	struct page_space **link = find_link(directory, number);
	if (*link == NULL) {
		*link = memory_zalloc(sizeof **link);
		(*link)->space = number;
		ordered_init(&(*link)->slots, begin_of, NULL, sizeof number);
	}
	return *link;
}

static void put_in_ring(struct page_directory *directory, struct page_slot *slot)
{
	struct page_slot *hand = directory->hand;
	if (hand == NULL) {
		slot->clock_next = slot->clock_previous = directory->hand = slot;
		return;
	}
	/* Behind the hand: it comes here last. */
	slot->clock_next = hand;
	slot->clock_previous = hand->clock_previous;
	slot->clock_previous->clock_next = slot;
	hand->clock_previous = slot;
}

static void take_from_ring(struct page_directory *directory, struct page_slot *slot)
{
	slot->clock_next->clock_previous = slot->clock_previous;
	slot->clock_previous->clock_next = slot->clock_next;
	if (directory->hand == slot)
		directory->hand = slot->clock_next == slot ? NULL : slot->clock_next;
}

void page_directory_add(struct page_directory *directory, struct page *page)
{
	struct page_slot *slot = memory_zalloc(sizeof *slot);
	slot->page = page;
	slot->space = get_space(directory, space_of(page_low(page)));
	ordered_put(&slot->space->slots, (uintptr_t)slot);
	put_in_ring(directory, slot);
	directory->used += weight_of(page);
	directory->slot_count++;
}

static void remove_from_space(struct page_directory *directory, struct page_slot *slot)
{
	struct page_space *space = slot->space;
	struct ordered_place place;
	bool found = ordered_seek(&space->slots, page_low(slot->page), &place);
	assert(found && slot_at(&space->slots, place) == slot);
	ordered_remove(&space->slots, place);
	if (space->slots.count)
		return;
	*find_link(directory, space->space) = space->next;
	ordered_deinit(&space->slots);
	memory_free(space);
}

void page_directory_remove(struct page_directory *directory, struct page_slot *slot)
{
	drop_changes(directory, slot, slot->changes);
	take_from_ring(directory, slot);
	remove_from_space(directory, slot);
	directory->used -= weight_of(slot->page);
	directory->slot_count--;
	page_unref(&slot->page);
	memory_free(slot);
}

void page_directory_replace(struct page_directory *directory, struct page_slot *slot, struct page *page,
			    struct page_change *applied)
{
	drop_changes(directory, slot, applied);
	directory->used += weight_of(page) - weight_of(slot->page);
	page_unref(&slot->page);
	slot->page = page;
}

void page_directory_remove_space(struct page_directory *directory, uint32_t space)
{
	struct page_slot *slot = directory->hand;
	for (size_t left = directory->slot_count; left > 0; left--) {
		struct page_slot *next = slot->clock_next;
		if (space == UINT32_MAX || slot->space->space == space)
			page_directory_remove(directory, slot);
		slot = next;
	}
}

void page_directory_clear(struct page_directory *directory)
{
	page_directory_remove_space(directory, UINT32_MAX);
	assert(directory->used == 0 && directory->open == NULL);
}

void page_directory_evict(struct page_directory *directory)
{
	struct page_slot *slot = directory->hand;
	if (slot == NULL)
		return;
	if (!slot->was_read) {
		page_directory_remove(directory, slot);
		return;
	}
	slot->was_read = false;
	directory->hand = slot->clock_next;
}
