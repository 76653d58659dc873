#include "store/writes.h"

#include <assert.h>

#include "base/map.h"
#include "base/memory.h"

enum { place_unit = 8, slot_count_min = 16 };
#define DELETED UINT32_MAX

struct record {
	uint32_t previous;
	uint32_t hash;
	uint32_t key_size;
	uint32_t value_size;
	uint8_t bytes[];
};

static size_t padded(size_t size)
{
	return (size + place_unit - 1) & ~(size_t)(place_unit - 1);
}

static struct record *record_at(const struct writes *writes, uint32_t place)
{
	return (struct record *)(writes->records.data + (size_t)(place - 1) * place_unit);
}

static struct bytes key_of(const struct record *record)
{
	return bytes_of(record->bytes, record->key_size);
}

static size_t size_of(const struct record *record)
{
	size_t value_size = record->value_size == DELETED ? 0 : record->value_size;
	return padded(sizeof *record + record->key_size + value_size);
}

static void show(const struct record *record, struct write *out)
{
	out->key = key_of(record);
	out->is_deletion = record->value_size == DELETED;
	out->value = bytes_of(record->bytes + record->key_size, out->is_deletion ? 0 : record->value_size);
}

/* ------------------------------------------------------------------------------------------------- the table */

/* The key's slot, or the free one that it would get. */
static struct write_slot *find_slot(const struct writes *writes, struct bytes key, uint32_t hash)
{
	size_t mask = writes->slot_count - 1;
	for (size_t i = hash & mask;; i = (i + 1) & mask) {
		struct write_slot *slot = &writes->slots[i];
		if (slot->place == 0 ||
		    (slot->hash == hash && bytes_equal(key_of(record_at(writes, slot->place)), key)))
			return slot;
	}
}

static void grow(struct writes *writes)
{
	struct write_slot *old = writes->slots;
	size_t old_count = writes->slot_count;
	writes->slot_count = old_count ? old_count * 2 : slot_count_min;
	writes->slots = memory_zalloc(writes->slot_count * sizeof *writes->slots);
	size_t mask = writes->slot_count - 1;
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].place == 0)
			continue;
		size_t at = old[i].hash & mask;
		while (writes->slots[at].place)
			at = (at + 1) & mask;
		writes->slots[at] = old[i];
	}
	memory_free(old);
}

/* Those behind it that could not have the slot they hashed to move up. */
static void free_slot(struct writes *writes, struct write_slot *slot)
{
	size_t mask = writes->slot_count - 1;
	size_t hole = (size_t)(slot - writes->slots);
	for (size_t i = (hole + 1) & mask; writes->slots[i].place; i = (i + 1) & mask) {
		size_t wanted = writes->slots[i].hash & mask;
		if (((i - wanted) & mask) < ((i - hole) & mask))
			continue;
		writes->slots[hole] = writes->slots[i];
		hole = i;
	}
	writes->slots[hole].place = 0;
	writes->key_count--;
}

static void put_in_table(struct writes *writes, size_t offset)
{
	if (writes->key_count * 2 >= writes->slot_count)
		grow(writes);
	uint32_t place = (uint32_t)(offset / place_unit + 1);
	struct record *record = record_at(writes, place);
	record->hash = (uint32_t)bytes_hash(key_of(record));
	struct write_slot *slot = find_slot(writes, key_of(record), record->hash);
	record->previous = slot->place;
	writes->key_count += slot->place == 0;
	*slot = (struct write_slot){record->hash, place};
}

static void put_all_in_table(struct writes *writes)
{
	while (writes->tabled < writes->records.size) {
		size_t offset = writes->tabled;
		writes->tabled += size_of((const struct record *)(writes->records.data + offset));
		put_in_table(writes, offset);
	}
}

/* ------------------------------------------------------------------------------------------------- the bounds */

/* Up to 8 bytes from there on as a number that is ordered as they are. */
static uint64_t load_ordered(struct bytes key, size_t from, size_t width)
{
	size_t size = key.size < from ? 0 : key.size - from < width ? key.size - from : width;
	return size ? bytes_load_uint_be(key.data + from, size) << 8 * (width - size) : 0;
}

static struct write_bound bound_of(struct bytes key)
{
	return (struct write_bound){(uint32_t)load_ordered(key, 0, 4), load_ordered(key, 4, 8)};
}

/* The space's place among the bounds, or behind them. */
static unsigned find_bound(const struct writes *writes, uint32_t space)
{
	unsigned i = 0;
	while (i < writes->bound_count && i < write_bounds_max && writes->bounds[i].space != space)
		i++;
	return i;
}

static void raise_bound(struct writes *writes, struct bytes key)
{
	struct write_bound wanted = bound_of(key);
	unsigned place = find_bound(writes, wanted.space);
	if (place == write_bounds_max)
		writes->bound_count = write_bounds_max + 1;
	else if (place == writes->bound_count)
		writes->bounds[writes->bound_count++] = wanted;
	else if (writes->bounds[place].last < wanted.last)
		writes->bounds[place].last = wanted.last;
}

static bool is_behind_all(const struct writes *writes, struct bytes key)
{
	struct write_bound wanted = bound_of(key);
	unsigned place = find_bound(writes, wanted.space);
	if (place < write_bounds_max && place < writes->bound_count)
		return writes->bounds[place].last < wanted.last;
	return writes->bound_count <= write_bounds_max;
}

/* ------------------------------------------------------------------------------------------------- the records */

void writes_deinit(struct writes *writes)
{
	buf_deinit(&writes->records);
	memory_free(writes->slots);
	*writes = (struct writes){0};
}

static void add(struct writes *writes, struct bytes key, struct bytes value, uint32_t value_size)
{
	assert(writes->records.size / place_unit < UINT32_MAX);
	size_t size = sizeof(struct record) + key.size + value.size;
	struct record *record = (struct record *)buf_extend(&writes->records, padded(size));
	*record = (struct record){.key_size = (uint32_t)key.size, .value_size = value_size};
	memcpy(record->bytes, key.data, key.size);
	if (value.size)
		memcpy(record->bytes + key.size, value.data, value.size);
	memset(record->bytes + key.size + value.size, 0, padded(size) - size);
	raise_bound(writes, key);
}

void writes_put(struct writes *writes, struct bytes key, struct bytes value)
{
	assert(value.size < DELETED);
	add(writes, key, value, (uint32_t)value.size);
}

void writes_delete(struct writes *writes, struct bytes key)
{
	add(writes, key, (struct bytes){0}, DELETED);
}

static bool find_in_table(const struct writes *writes, struct bytes key, struct write *out)
{
	const struct write_slot *slot = find_slot(writes, key, (uint32_t)bytes_hash(key));
	if (slot->place)
		show(record_at(writes, slot->place), out);
	return slot->place != 0;
}

bool writes_find(struct writes *writes, struct bytes key, struct write *out)
{
	if (writes->records.size == 0 || is_behind_all(writes, key))
		return false;
	put_all_in_table(writes);
	return find_in_table(writes, key, out);
}

void writes_share(struct writes *writes)
{
	put_all_in_table(writes);
}

bool writes_are_shared(const struct writes *writes)
{
	return writes->tabled == writes->records.size;
}

bool writes_find_shared(const struct writes *writes, struct bytes key, struct write *out)
{
	return writes->records.size > 0 && !is_behind_all(writes, key) && find_in_table(writes, key, out);
}

void writes_cut(struct writes *writes, size_t size)
{
	assert(size <= writes->records.size);
	uint32_t first_gone = (uint32_t)(size / place_unit + 1);
	for (size_t offset = size; offset < writes->tabled;) {
		const struct record *record = (const struct record *)(writes->records.data + offset);
		offset += size_of(record);
		if (record->previous >= first_gone)
			continue; /* the first of its key that goes has led its slot back already */
		struct write_slot *slot = find_slot(writes, key_of(record), record->hash);
		if (record->previous)
			slot->place = record->previous;
		else
			free_slot(writes, slot);
	}
	writes->records.size = size;
	if (writes->tabled > size)
		writes->tabled = size;
	if (size == 0)
		writes->bound_count = 0;
}

bool writes_next(struct bytes records, size_t *offset, struct write *out)
{
	size_t left = records.size - *offset;
	const struct record *record = (const struct record *)(records.data + *offset);
	if (left < sizeof *record || left < size_of(record))
		return false;
	*offset += size_of(record);
	show(record, out);
	return true;
}
