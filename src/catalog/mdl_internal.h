/*
 * What mdl.c (granting, waiting, releasing) and mdl_deadlock.c (the search for cycles) share.
 */
#pragma once

#include "base/lock.h"
#include "base/map.h"
#include "catalog/mdl.h"

struct ticket {
	struct ticket *next, *previous; /* among the name's granted ones, or its waiters */
	struct ticket *owner_next;      /* among the owner's granted ones; owner's thread */
	struct name_lock *name;
	struct mdl_owner *owner;
	enum mdl_mode mode;
	enum mdl_duration duration;
};

/* Guarded by its shard's lock. */
struct name_lock {
	struct mdl_shard *shard;                /* immutable */
	struct ticket granted;                  /* ring */
	struct ticket waiting;                  /* ring, first come first */
	unsigned granted_count[MDL_MODE_COUNT];
	size_t key_size;
	uint8_t key[];
};

enum wait_state { WAIT_NONE, WAIT_QUEUED, WAIT_GRANTED, WAIT_VICTIM };

struct mdl_owner {
	struct mdl *mdl;
	unsigned long connection_id;
	struct ticket *tickets;     /* what it holds: changed by the owner's thread, read by others while it waits */
	struct ticket *spare;       /* owner's thread only: used up, for its next requests */
	bool holds_rows;            /* owner's thread only */
	const atomic_bool *waits_for_row; /* immutable; or NULL */
	_Atomic enum mdl_scope awaited; /* by the owner's thread */
	_Atomic bool killed;        /* by any thread; becomes true under all shards' locks */
	/* guarded by the lock of the shard where it waits; a wait begins under all of them */
	struct condition condition;
	struct ticket *request;     /* what it waits for, or NULL */
	enum wait_state state;
	/* guarded by all shards' locks together */
	uint64_t visit;             /* the last search that came by */
	uint64_t request_number;    /* when it queued */
};

enum { mdl_shard_count = 16 };

struct mdl_shard {
	struct lock lock;
	/* guarded by lock */
	struct map names;           /* key -> struct name_lock */
	size_t idle_count;          /* names without tickets, kept for the next statement */
};

struct mdl {
	struct mdl_shard shards[mdl_shard_count];
	/* guarded by all shards' locks together */
	uint64_t search_number;
	uint64_t request_number;
};

#define MODE(mode) (1u << (mode))

/* The modes of others that are in the way of a request: mdl.h's table. */
extern const unsigned mdl_conflicts[MDL_MODE_COUNT];

/* Is there a granted lock of the owner's on the name? Then it passes the queue. */
bool mdl_owner_holds_any(const struct mdl_owner *owner, const struct name_lock *name);
/* Ends every cycle that the new waiter closed: each victim is woken, with WAIT_VICTIM. Under all shards' locks. */
void mdl_break_cycles(struct mdl *mdl, struct mdl_owner *owner);
/* Does somebody who holds what is in the way wait for a row? Under the shard's lock. */
bool mdl_meets_row_wait(const struct ticket *request);
