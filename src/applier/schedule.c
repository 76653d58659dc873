#include "applier/schedule.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

enum { capacity_min = 1024, capacity_kept = 64 * 1024 };

void schedule_init(struct schedule *schedule)
{
	*schedule = (struct schedule){0};
}

void schedule_deinit(struct schedule *schedule)
{
	memory_free(schedule->slots);
	schedule_init(schedule);
}

void schedule_clear(struct schedule *schedule)
{
	if (schedule->capacity > capacity_kept)
		schedule_deinit(schedule);
	else if (schedule->count)
		memset(schedule->slots, 0, schedule->capacity * sizeof *schedule->slots);
	schedule->count = 0;
}

static bool is_free(const struct schedule_slot *slot)
{
	return slot->writer == 0 && slot->reader == 0;
}

/* The key's slot, or the free one where it would be. There is always a free one. */
static struct schedule_slot *find(const struct schedule *schedule, uint64_t hash)
{
	size_t mask = schedule->capacity - 1, i = (size_t)hash & mask;
	while (!is_free(&schedule->slots[i]) && schedule->slots[i].hash != hash)
		i = (i + 1) & mask;
	return &schedule->slots[i];
}

static void meet(struct schedule_answer *answer, uint64_t other, uint64_t number)
{
	assert(other <= number);
	if (other == number)
		answer->meets_own = true;
	else if (other > answer->wait_for)
		answer->wait_for = other;
}

/* Who wrote the key in this batch already has waited for the writer before it, but not for all who have shared it since. */
static void meet_slot(struct schedule_answer *answer, const struct schedule_slot *slot, bool is_shared, uint64_t number)
{
	meet(answer, slot->writer, number);
	if (is_shared)
		return;
	meet(answer, slot->reader, number);
	if (slot->reader == number)
		meet(answer, slot->earlier_reader, number);
}

struct schedule_answer schedule_ask(const struct schedule *schedule, const struct schedule_key *keys, size_t count,
				    uint64_t number)
{
	struct schedule_answer answer = {0};
	for (size_t i = 0; schedule->count && i < count; i++)
		meet_slot(&answer, find(schedule, keys[i].hash), keys[i].is_shared, number);
	return answer;
}

static bool is_stale(const struct schedule_slot *slot, uint64_t committed)
{
	return slot->writer <= committed && slot->reader <= committed;
}

/* Makes room for `more` keys: without those that are committed, and larger when that is not enough. */
static void make_room(struct schedule *schedule, size_t more, uint64_t committed)
{
	struct schedule old = *schedule;
	size_t kept = 0;
	if (old.capacity && (old.count + more) * 2 <= old.capacity)
		return;
	for (size_t i = 0; i < old.capacity; i++)
		kept += !is_stale(&old.slots[i], committed);
	size_t capacity = capacity_min;
	while ((kept + more) * 4 > capacity)
		capacity *= 2;
	*schedule = (struct schedule){.slots = memory_zalloc(capacity * sizeof *old.slots), .capacity = capacity};
	for (size_t i = 0; i < old.capacity; i++) {
		if (is_stale(&old.slots[i], committed))
			continue;
		*find(schedule, old.slots[i].hash) = old.slots[i];
		schedule->count++;
	}
	memory_free(old.slots);
}

void schedule_note(struct schedule *schedule, const struct schedule_key *keys, size_t count, uint64_t number,
		   uint64_t committed)
{
	make_room(schedule, count, committed);
	for (size_t i = 0; i < count; i++) {
		struct schedule_slot *slot = find(schedule, keys[i].hash);
		schedule->count += is_free(slot);
		slot->hash = keys[i].hash;
		if (!keys[i].is_shared) {
			slot->writer = number;
		} else if (slot->reader != number) {
			slot->earlier_reader = slot->reader;
			slot->reader = number;
		}
	}
}
