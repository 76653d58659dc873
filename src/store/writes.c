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

/* ------------------------------------------------------------------------------------------------- the records */

void writes_deinit(struct writes *writes)
{
	buf_deinit(&writes->records);
	memory_free(writes->slots);
	*writes = (struct writes){0};
}

static void add(struct writes *writes, struct bytes key, struct bytes value, uint32_t value_size)
{
	uint32_t hash = (uint32_t)bytes_hash(key);
	size_t offset = writes->records.size;
	assert(offset / place_unit < UINT32_MAX);
	if (writes->key_count * 2 >= writes->slot_count)
		grow(writes);
	struct write_slot *slot = find_slot(writes, key, hash);
	size_t size = sizeof(struct record) + key.size + value.size;
	struct record *record = (struct record *)buf_extend(&writes->records, padded(size));
	*record = (struct record){slot->place, hash, (uint32_t)key.size, value_size};
	memcpy(record->bytes, key.data, key.size);
	if (value.size)
		memcpy(record->bytes + key.size, value.data, value.size);
	memset(record->bytes + key.size + value.size, 0, padded(size) - size);
	writes->key_count += slot->place == 0;
	*slot = (struct write_slot){hash, (uint32_t)(offset / place_unit + 1)};
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

bool writes_find(const struct writes *writes, struct bytes key, struct write *out)
{
	if (writes->key_count == 0)
		return false;
	const struct write_slot *slot = find_slot(writes, key, (uint32_t)bytes_hash(key));
	if (slot->place)
		show(record_at(writes, slot->place), out);
	return slot->place != 0;
}

void writes_cut(struct writes *writes, size_t size)
{
	assert(size <= writes->records.size);
	uint32_t first_gone = (uint32_t)(size / place_unit + 1);
	for (size_t offset = size; offset < writes->records.size;) {
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
