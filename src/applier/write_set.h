/*
 * Write sets: the keys that a transaction touches, as hashes, told from its row images alone, so that any source will do.
 *
 * A row touches
 *   - its primary key and each of its unique keys without a NULL: as the collation compares them;
 *   - without a primary key, itself: equal rows are interchangeable, and found by their bytes;
 *   - each key of it that children refer to, and, shared, each key of a parent that it refers to.
 * An UPDATE does so with the row it was and the row it becomes. Two transactions that touch nothing in common end the same
 * in any order, and neither waits for a row lock of the other.
 *
 * A change that cascades touches rows that its images do not show: who makes it is on his own (cascades below).
 *
 * Pure: a table's definition and images in, hashes out.
 */
#pragma once

#include "applier/schedule.h"
#include "base/arena.h"
#include "base/buf.h"
#include "catalog/catalog.h"

struct write_set {
	struct schedule_key *keys; /* owned */
	size_t count, capacity;
	struct buf scratch;
};

void write_set_init(struct write_set *set);
void write_set_deinit(struct write_set *set);
void write_set_clear(struct write_set *set);

/* What of one table's rows counts. Made for a version of the table and its children, in an arena. */
struct write_set_key {
	uint64_t seed;        /* tells keys of different kinds apart */
	unsigned *columns;
	uint32_t *prefixes;   /* NULL: whole values */
	unsigned column_count;
	bool is_shared;
};

struct write_set_table {
	const struct table *table; /* borrowed */
	struct write_set_key *keys;
	size_t key_count;
	bool hashes_rows;          /* there is no primary key */
	bool *needed;              /* by column: the keys cannot be told without it */
	bool cascades;             /* DELETEs and UPDATEs may change other rows */
};

/* children: catalog_list_children's, borrowed for the call. */
void write_set_describe(const struct table *table, struct table *const *children, size_t child_count,
			struct arena *arena, struct write_set_table *out);

/* One image, split: fields[i] of each needed column; image: all of it, for tables that hash their rows. */
void write_set_add(struct write_set *set, const struct write_set_table *table, const struct bytes *fields,
		   struct bytes image);
