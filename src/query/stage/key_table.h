/*
 * A hash table of keys with a payload each, in the order they came. Private to this folder.
 */
#pragma once

#include "base/arena.h"
#include "base/bytes.h"

struct key_entry {
	uint64_t hash;
	size_t key_size;
	const uint8_t *key;
	uint8_t payload[] __attribute__((aligned(16)));
};

struct key_table {
	struct key_entry **slots;   /* owned: open addressing, NULL: free */
	size_t slot_count;	    /* 0 or a power of two */
	struct key_entry **entries; /* owned: as they came */
	size_t count, capacity;
	struct arena arena; /* the entries; what belongs to them may lie here too */
};

void key_table_init(struct key_table *table);
void key_table_deinit(struct key_table *table);
void key_table_reset(struct key_table *table); /* empty again; small memory is kept */
struct key_entry *key_table_find(const struct key_table *table, struct bytes key, uint64_t hash); /* or NULL */
/* A key that is not there. The payload is zeroed. */
struct key_entry *key_table_add(struct key_table *table, struct bytes key, uint64_t hash, size_t payload_size);
size_t key_table_size(const struct key_table *table); /* bytes */
