#include "store/space_ends.h"

#include "base/buf.h"
#include "base/memory.h"
#include "store/key_head.h"

enum { space_size = 4 };

#define KNOWN ((uint64_t)1 << 32)

void space_ends_init(struct space_ends *ends)
{
	ends->slots = memory_zalloc(space_ends_slots * sizeof *ends->slots);
}

void space_ends_deinit(struct space_ends *ends)
{
	memory_free(ends->slots);
	ends->slots = NULL;
}

static struct space_end *slot_of(const struct space_ends *ends, uint32_t space)
{
	return &ends->slots[space % space_ends_slots];
}

static uint32_t space_of(struct bytes key)
{
	return (uint32_t)bytes_load_uint_be(key.data, space_size);
}

static void raise_to(struct space_end *slot, uint64_t end)
{
	uint64_t now = atomic_load(&slot->end);
	while (now < end && !atomic_compare_exchange_weak(&slot->end, &now, end))
		continue;
}

bool space_ends_is_behind(const struct space_ends *ends, struct bytes key)
{
	if (ends->slots == NULL || key.size < space_size)
		return false;
	uint32_t space = space_of(key);
	const struct space_end *slot = slot_of(ends, space);
	return atomic_load(&slot->owner) == (space | KNOWN) && key_head(key, space_size) > atomic_load(&slot->end);
}

void space_ends_begin_write(struct space_ends *ends)
{
	atomic_fetch_add(&ends->begun, 1);
}

void space_ends_rise(struct space_ends *ends, struct bytes key)
{
	if (ends->slots == NULL || key.size < space_size)
		return;
	uint32_t space = space_of(key);
	struct space_end *slot = slot_of(ends, space);
	if ((uint32_t)atomic_load(&slot->owner) == space)
		raise_to(slot, key_head(key, space_size));
}

void space_ends_end_write(struct space_ends *ends)
{
	atomic_fetch_add(&ends->ended, 1);
}

bool space_ends_follow(struct space_ends *ends, struct bytes key)
{
	uint64_t owner = 0;
	if (ends->slots == NULL || key.size <= space_size)
		return false;
	uint32_t space = space_of(key);
	if (!atomic_compare_exchange_strong(&slot_of(ends, space)->owner, &owner, space) && owner != space)
		return false;
	uint64_t ended = atomic_load(&ends->ended); /* first: those that begin in between count as under way */
	return ended == atomic_load(&ends->begun);
}

void space_ends_tell_last(struct space_ends *ends, struct bytes last_key)
{
	uint64_t owner = space_of(last_key);
	struct space_end *slot = slot_of(ends, (uint32_t)owner);
	raise_to(slot, key_head(last_key, space_size));
	atomic_compare_exchange_strong(&slot->owner, &owner, owner | KNOWN);
}

void space_ends_forget(struct space_ends *ends, uint32_t space)
{
	if (ends->slots == NULL)
		return;
	struct space_end *slot = slot_of(ends, space);
	if ((uint32_t)atomic_load(&slot->owner) != space)
		return;
	atomic_store(&slot->end, 0); /* before somebody else has the slot */
	atomic_store(&slot->owner, 0);
}
