#include "store/lock/lock_run.h"

#include "base/memory.h"

uint32_t lock_run_space(struct bytes key)
{
	return key.size >= 4 ? (uint32_t)bytes_load_uint_be(key.data, 4) : 0;
}

struct lock_run *lock_run_create(struct row_lock_owner *owner, uint32_t space)
{
	struct lock_run *run = memory_alloc(sizeof *run);
	*run = (struct lock_run){.owner = owner, .space = space};
	return run;
}

void lock_run_destroy(struct lock_run *run)
{
	buf_deinit(&run->keys);
	memory_free(run->ends);
	memory_free(run);
}

static struct bytes key_at(const struct lock_run *run, size_t index)
{
	size_t begin = index ? run->ends[index - 1] : 0;
	return bytes_of(run->keys.data + begin, run->ends[index] - begin);
}

bool lock_run_may_append(const struct lock_run *run, struct bytes key)
{
	if (run->keys.size + key.size > lock_run_size_max)
		return false;
	return run->count == 0 || bytes_compare(key_at(run, run->count - 1), key) < 0;
}

void lock_run_append(struct lock_run *run, struct bytes key)
{
	if (run->count == run->capacity) {
		run->capacity = run->capacity ? run->capacity * 2 : 256;
		run->ends = memory_realloc(run->ends, run->capacity * sizeof *run->ends);
	}
	buf_put_bytes(&run->keys, key);
	run->ends[run->count++] = (uint32_t)run->keys.size;
}

/* The first that is not smaller. */
static size_t find_place(const struct lock_run *run, struct bytes key)
{
	size_t low = 0, high = run->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (bytes_compare(key_at(run, middle), key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool lock_run_has(const struct lock_run *run, struct bytes key)
{
	size_t place = find_place(run, key);
	return place < run->count && bytes_equal(key_at(run, place), key);
}

bool lock_run_has_own(struct lock_run *run, struct bytes key)
{
	size_t at = run->cursor;
	if (run->count == 0 || bytes_compare(key_at(run, run->count - 1), key) < 0)
		return false;
	if (at < run->count && bytes_equal(key_at(run, at), key)) {
		run->cursor++;
		return true;
	}
	at = find_place(run, key);
	run->cursor = at + 1;
	return bytes_equal(key_at(run, at), key);
}
