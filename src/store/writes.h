/*
 * A transaction's writes before its commit: records in the order they were made, and a hash table that leads from a key to
 * its newest record.
 *
 *   record: previous u32, hash u32, key size u32, value size u32 (deleted: all ones), key, value, zeros up to 8 bytes
 *
 * A place is a record's offset in units of 8 bytes, plus 1; 0: none. `previous` is the place of the key's record before
 * this one, so that writes can be taken back from the end (savepoints), whatever was written twice.
 *
 * Many transactions never ask for what they wrote, or only for keys behind all of it, as those do that insert or change
 * rows in the order of their keys. So records are put into the table when somebody asks who cannot be answered by the
 * bounds: of each space that was written to, the first 8 bytes of its last key.
 *
 * One thread at a time. Numbers are in this machine's byte order: records are read by the server that made them.
 */
#pragma once

#include "base/buf.h"

struct write_slot {
	uint32_t hash;
	uint32_t place; /* 0: a free slot */
};

enum { write_bounds_max = 8 };

struct write_bound {
	uint32_t space;
	uint64_t last; /* no key of the space that was written is behind these 8 bytes */
};

struct writes {
	struct buf records;
	size_t tabled; /* those up to here are in the table; the others have neither hash nor previous */
	struct write_bound bounds[write_bounds_max];
	unsigned bound_count;     /* more than there is room for: spaces without one were written to */
	struct write_slot *slots; /* owned; open addressing, at most half full */
	size_t slot_count;        /* 0 or a power of two */
	size_t key_count;
};

struct write {
	struct bytes key, value; /* borrowed until the next write */
	bool is_deletion;        /* value: empty */
};

void writes_deinit(struct writes *writes);
void writes_put(struct writes *writes, struct bytes key, struct bytes value);
void writes_delete(struct writes *writes, struct bytes key);
bool writes_find(struct writes *writes, struct bytes key, struct write *out); /* the newest of the key */
/* They are complete: from now on many threads may ask at once, by writes_find_shared. */
void writes_share(struct writes *writes);
bool writes_are_shared(const struct writes *writes);
bool writes_find_shared(const struct writes *writes, struct bytes key, struct write *out);
/* Takes back what was written behind this size of the records. */
void writes_cut(struct writes *writes, size_t size);
/* Walks records, as any writes' `records` holds them: from *offset, which moves behind the one that is found. At the end,
   and where there is no whole record, false. */
bool writes_next(struct bytes records, size_t *offset, struct write *out);
