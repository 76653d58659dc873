#include "store/page/recent_changes.h"

#include <assert.h>

#include "base/memory.h"

enum { marked_key_max = 39 };
#define NO_END 0 /* sequence numbers of writes begin at 1 */

struct change_mark {
	uint64_t write;
	uint64_t end;
	bool is_cut;
	uint8_t key_size;
	uint8_t key[marked_key_max];
};

void recent_changes_init(struct recent_changes *changes, unsigned capacity)
{
	*changes = (struct recent_changes){.capacity = capacity};
	changes->marks = memory_zalloc(recent_changes_size(capacity));
}

void recent_changes_deinit(struct recent_changes *changes)
{
	memory_free(changes->marks);
}

size_t recent_changes_size(unsigned capacity)
{
	return capacity * sizeof(struct change_mark);
}

static struct change_mark *mark_at(const struct recent_changes *changes, uint64_t number)
{
	return &changes->marks[number & (changes->capacity - 1)];
}

void recent_changes_begin(struct recent_changes *changes)
{
	changes->writing++;
}

static void forget(struct recent_changes *changes, const struct change_mark *mark)
{
	if (mark->end == NO_END) {
		changes->is_blind = true;
		changes->open--;
	} else if (changes->floor < mark->end) {
		changes->floor = mark->end;
	}
}

void recent_changes_mark(struct recent_changes *changes, uint64_t write, struct bytes key)
{
	struct change_mark *mark = mark_at(changes, changes->made);
	if (changes->made >= changes->capacity)
		forget(changes, mark);
	changes->made++;
	changes->open++;
	mark->write = write;
	mark->end = NO_END;
	mark->is_cut = key.size > marked_key_max;
	mark->key_size = (uint8_t)(mark->is_cut ? marked_key_max : key.size);
	memcpy(mark->key, key.data, mark->key_size);
}

void recent_changes_mark_all(struct recent_changes *changes)
{
	changes->is_blind = true;
}

/* Writes mostly follow one another: the open marks are the newest, and this one's. */
static void end_marks(struct recent_changes *changes, uint64_t write, uint64_t now)
{
	unsigned to_see = changes->open;
	for (uint64_t number = changes->made; to_see > 0;) {
		struct change_mark *mark = mark_at(changes, --number);
		if (mark->end != NO_END)
			continue;
		to_see--;
		if (mark->write != write)
			continue;
		mark->end = now;
		changes->open--;
	}
}

void recent_changes_end(struct recent_changes *changes, uint64_t write, uint64_t now)
{
	assert(changes->writing > 0 && now != NO_END);
	end_marks(changes, write, now);
	changes->writing--;
	if (!changes->is_blind)
		return;
	if (changes->floor < now)
		changes->floor = now;
	if (changes->writing == 0)
		changes->is_blind = false;
}

static bool may_be_in(const struct change_mark *mark, struct bytes low, struct bytes high)
{
	struct bytes key = bytes_of(mark->key, mark->key_size);
	if (bytes_compare(key, high) >= 0)
		return false;
	if (mark->is_cut && low.size > key.size)
		low.size = key.size;
	return bytes_compare(key, low) >= 0;
}

bool recent_changes_none_after(const struct recent_changes *changes, struct bytes low, struct bytes high,
			       uint64_t moment, uint64_t *out_since)
{
	uint64_t since = changes->floor;
	uint64_t first = changes->made > changes->capacity ? changes->made - changes->capacity : 0;
	if (changes->is_blind || since > moment)
		return false;
	for (uint64_t number = changes->made; number > first;) {
		const struct change_mark *mark = mark_at(changes, --number);
		if (!may_be_in(mark, low, high))
			continue;
		if (mark->end == NO_END || mark->end > moment)
			return false;
		if (since < mark->end)
			since = mark->end;
	}
	*out_since = since;
	return true;
}
