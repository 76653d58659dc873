/*
 * Which transactions have to wait for which: the last one that touched each key.
 *
 * Transactions come in the source's order, each with the hashes of the keys it touches (write_set.h). Two of them meet
 * when they share a key that at least one of them changes. They are executed in batches of consecutive ones, and
 * batches are numbered 1, 2, ...; the one thing that is asked is how far the batches before it must have been
 * executed before a transaction may begin.
 *
 *   schedule_ask(keys, number)   before the end of which batch may a transaction of batch `number` not begin?
 *   schedule_note(keys, number)  it is in that batch
 *
 * Different keys with one hash only make somebody wait. Pure: no clock, no locks, no I/O (law 7); one owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule_key {
	uint64_t hash;
	bool is_shared; /* it has to stay as it is, but is not changed: a parent's key */
};

struct schedule_slot {
	uint64_t hash;
	uint64_t writer;         /* the last batch that changes it; 0: none */
	uint64_t reader;         /* the last batch that shares it */
	uint64_t earlier_reader; /* the one before that */
};

struct schedule {
	struct schedule_slot *slots; /* open addressing; writer and reader 0: free */
	size_t capacity;             /* 0 or a power of two */
	size_t count;
};

void schedule_init(struct schedule *schedule);
void schedule_deinit(struct schedule *schedule);

struct schedule_answer {
	uint64_t wait_for;  /* the last batch before `number` that it meets; 0: none */
	bool meets_own;     /* it meets one of batch `number`, which is executed in order */
};
struct schedule_answer schedule_ask(const struct schedule *schedule, const struct schedule_key *keys, size_t count,
				    uint64_t number);
/* Numbers never fall. Batches up to `committed` are nobody's concern any more: what only they touched may be forgotten. */
void schedule_note(struct schedule *schedule, const struct schedule_key *keys, size_t count, uint64_t number,
		   uint64_t committed);
void schedule_clear(struct schedule *schedule); /* all are committed, or none will be */
