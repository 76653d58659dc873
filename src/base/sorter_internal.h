/* What the sorter's two files share: sorter.c makes runs, sorter_reader.c merges them. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/sorter.h"

/* In the buffer and in runs: two sizes, then the bytes of key and value. */
struct sorter_head {
	uint32_t key_size, value_size;
};

/* An entry of the buffer. Entries that were added later lie behind. */
struct sorter_item {
	uint64_t prefix; /* sorter_prefix of its key, set when items are sorted */
	size_t at;
};

/* Where in a run's file an entry with this key begins. */
struct sorter_sample {
	uint64_t offset;
	struct bytes key; /* owned */
};

/* Sorted entries, in a file or as the buffer's items. They do not change any more. */
struct sorter_run {
	int fd; /* -1: the buffer */
	unsigned level;
	uint64_t size;		       /* of the file, or how many items */
	struct sorter_sample *samples; /* owned; of a file, about as far from each other */
	size_t sample_count;
};

struct sorter {
	const char *directory;
	size_t memory_max, size;
	struct buf first; /* the first key that was added, */
	size_t shared;	  /* and how many of its bytes all others begin with, too */
	struct buf entries;
	struct sorter_item *items; /* owned */
	size_t item_count, item_capacity;
	struct sorter_run *runs; /* owned; in the order of what was added, levels falling */
	size_t run_count, run_capacity;
	struct sorter_reader *reader; /* owned: sorter_next's */
	bool is_complete;	      /* nothing is added any more */
};

enum { sorter_block_size = 32 * 1024 }; /* read at once from a run, and written at once to one */

/* The 8 bytes of the key behind those that all share, as a number. */
static inline uint64_t sorter_prefix(struct bytes key, size_t shared)
{
	size_t left = key.size > shared ? key.size - shared : 0;
	if (left >= 8)
		return bytes_load_uint_be(key.data + shared, 8);
	return left ? bytes_load_uint_be(key.data + shared, left) << (64 - 8 * left) : 0;
}

static inline void sorter_show(const uint8_t *entry, struct bytes *key, struct bytes *value)
{
	struct sorter_head head;
	memcpy(&head, entry, sizeof head);
	*key = bytes_of(entry + sizeof head, head.key_size);
	*value = bytes_of(entry + sizeof head + head.key_size, head.value_size);
}

size_t sorter_common(struct bytes a, struct bytes b); /* how many bytes both begin with */

/* Of these runs of one sorter alone; as sorter_reader_create. */
struct sorter_reader *sorter_reader_of_runs(const struct sorter *sorter, const struct sorter_run *runs, size_t count);
