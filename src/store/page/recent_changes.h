/*
 * What has changed lately: a ring of marks, one for each key that a write touched. It answers the one question that whoever
 * read an interval as of a moment has: has anything in it changed since, and from when on was it as it was read?
 *
 * A mark is made before the write happens and gets its end, a moment at or behind the write's, after it. What the ring has
 * forgotten is summed up in `floor`: all forgotten writes had ended by that moment. A write whose mark is forgotten before
 * its end is known leaves `is_blind`: nothing can be said until no write is under way.
 *
 * Keys longer than a mark holds are cut off, and such a mark counts for every key that begins like it.
 *
 * Not thread safe: its owner guards it.
 */
#pragma once

#include "base/buf.h"

struct change_mark;

struct recent_changes {
	struct change_mark *marks; /* owned */
	unsigned capacity;	   /* a power of two */
	uint64_t made;		   /* marks, ever: the next one's place by its low bits */
	unsigned open;		   /* marks in the ring without an end */
	unsigned writing;	   /* writes under way */
	bool is_blind;
	uint64_t floor;
};

void recent_changes_init(struct recent_changes *changes, unsigned capacity);
void recent_changes_deinit(struct recent_changes *changes);
size_t recent_changes_size(unsigned capacity);

/* A write's first mark is preceded by begin; behind its last one comes end, with the same number. */
void recent_changes_begin(struct recent_changes *changes);
void recent_changes_mark(struct recent_changes *changes, uint64_t write, struct bytes key);
/* Instead of marks: everything may change. */
void recent_changes_mark_all(struct recent_changes *changes);
void recent_changes_end(struct recent_changes *changes, uint64_t write, uint64_t now);

/* False: a key of [low, high) may have changed after the moment. True: not since *out_since, which is not behind it. */
bool recent_changes_none_after(const struct recent_changes *changes, struct bytes low, struct bytes high,
			       uint64_t moment, uint64_t *out_since);
