/*
 * A transaction's writes before its commit: records in the order they were made, and a hash table that leads from a key to
 * its newest record.
 *
 *   record: previous u32, hash u32, key size u32, value size u32 (deleted: all ones), key, value, zeros up to 8 bytes
 *
 * A place is a record's offset in units of 8 bytes, plus 1; 0: none. `previous` is the place of the key's record before
 * this one, so that writes can be taken back from the end (savepoints), whatever was written twice.
 *
 * One thread at a time. Numbers are in this machine's byte order: records are read by the server that made them.
 */
#pragma once

#include "base/buf.h"

struct write_slot {
	uint32_t hash;
	uint32_t place; /* 0: a free slot */
};

struct writes {
	struct buf records;
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
bool writes_find(const struct writes *writes, struct bytes key, struct write *out); /* the newest of the key */
/* Takes back what was written behind this size of the records. */
void writes_cut(struct writes *writes, size_t size);
/* Walks records, as any writes' `records` holds them: from *offset, which moves behind the one that is found. At the end,
   and where there is no whole record, false. */
bool writes_next(struct bytes records, size_t *offset, struct write *out);
