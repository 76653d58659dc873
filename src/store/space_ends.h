/*
 * Where spaces end: a key behind all that its space has ever held need not be looked for. Rows are mostly inserted at the
 * end of their table (AUTO_INCREMENT), and for each RocksDB would search memtable and files for a duplicate.
 *
 * A space is followed from the first key on that was looked for and not found. Its `end` are 8 bytes (those behind the
 * number of the space) that no key of the space is behind:
 *
 *   write    before it happens, raises the ends of all followed spaces that it puts keys into.
 *   follow   the space takes its slot, so that all writes that begin from now on raise its end. Its last key is looked for
 *            by who found no other write under way since: those that began before are finished, and seen.
 *   ask      the key's 8 bytes are behind the end: it is not there. Equal or before it: nobody knows.
 *
 * Ends only rise; deleted keys still count. So an answer is right for the latest there is, not for older snapshots.
 *
 * Spaces are numbered one after the other, and of two that want one slot the first has it until it is dropped. Any thread;
 * all fields are atomic, there is no lock.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

enum { space_ends_slots = 4096 };

struct space_end {
	_Atomic uint64_t owner; /* the space, and whether its end is known; 0: nobody */
	_Atomic uint64_t end;
};

struct space_ends {
	struct space_end *slots;       /* owned; NULL: no space is followed */
	_Atomic uint64_t begun, ended; /* writes */
};

void space_ends_init(struct space_ends *ends);
void space_ends_deinit(struct space_ends *ends);

/* True: the space has no such key now, nor any behind it. */
bool space_ends_is_behind(const struct space_ends *ends, struct bytes key);

/* Around each write, whatever its outcome; between the two, and before it happens, rise for each key that it puts. */
void space_ends_begin_write(struct space_ends *ends);
void space_ends_rise(struct space_ends *ends, struct bytes key);
void space_ends_end_write(struct space_ends *ends);

/* The key's space is followed. True: now is the time to find its last key, and to tell it. */
bool space_ends_follow(struct space_ends *ends, struct bytes key);
void space_ends_tell_last(struct space_ends *ends, struct bytes last_key);
/* Nobody asks for keys of the space any more. */
void space_ends_forget(struct space_ends *ends, uint32_t space);
