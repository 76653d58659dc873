#include "store/lock/row_locks.h"

#include <assert.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/memory.h"
#include "base/waiter.h"

enum { bucket_count_min = 16, bucket_count_kept = 1024 };
enum { runs_of_owner_max = 8 };
enum { LOOK_AGAIN = WAITER_WORD_MIN };

struct row_hold {
	struct row_lock *lock;
	struct row_lock_owner *owner;
	struct row_hold *next;          /* of the lock's holders, or of who waits for it */
	struct row_hold *next_of_owner;
	bool exclusive;
	bool may_stand;                 /* on offered owners: it would be its owner's first */
	struct waiter waiter;           /* its owner sleeps here */
};

struct row_lock {
	struct row_lock *next; /* of the bucket */
	struct row_hold *holders;
	struct row_hold *waiters; /* the first to come first */
	uint64_t hash;
	size_t key_size;
	uint8_t key[];
};

/* ------------------------------------------------------------------------------------------- locks in partitions */

void row_locks_init(struct row_locks *locks)
{
	*locks = (struct row_locks){0};
	lock_init(&locks->waits, "store.row_lock_waits", LOCK_RANK_ROW_LOCK_WAITS);
	lock_init(&locks->run_mutex, "store.row_lock_runs", LOCK_RANK_ROW_LOCK_RUNS);
	for (size_t i = 0; i < row_lock_partition_count; i++) {
		struct row_lock_partition *partition = &locks->partitions[i];
		lock_init(&partition->mutex, "store.row_locks", LOCK_RANK_ROW_LOCKS);
		partition->bucket_count = bucket_count_min;
		partition->buckets = memory_zalloc(bucket_count_min * sizeof *partition->buckets);
	}
}

void row_locks_deinit(struct row_locks *locks)
{
	for (size_t i = 0; i < row_lock_partition_count; i++) {
		assert(locks->partitions[i].count == 0);
		memory_free(locks->partitions[i].buckets);
		lock_deinit(&locks->partitions[i].mutex);
	}
	assert(locks->run_count == 0);
	lock_deinit(&locks->waits);
	lock_deinit(&locks->run_mutex);
}

static struct row_lock_partition *partition_of(struct row_locks *locks, uint64_t hash)
{
	return &locks->partitions[(hash >> 32) % row_lock_partition_count];
}

/* The link that leads to the key's lock, or the empty one where it would be. */
static struct row_lock **find_link(struct row_lock_partition *partition, struct bytes key, uint64_t hash)
{
	struct row_lock **link = &partition->buckets[hash & (partition->bucket_count - 1)];
	while (*link && ((*link)->hash != hash || !bytes_equal(key, bytes_of((*link)->key, (*link)->key_size))))
		link = &(*link)->next;
	return link;
}

static void resize(struct row_lock_partition *partition, size_t bucket_count)
{
	struct row_lock **buckets = memory_zalloc(bucket_count * sizeof *buckets);
	for (size_t i = 0; i < partition->bucket_count; i++) {
		for (struct row_lock *lock = partition->buckets[i], *next; lock; lock = next) {
			struct row_lock **bucket = &buckets[lock->hash & (bucket_count - 1)];
			next = lock->next;
			lock->next = *bucket;
			*bucket = lock;
		}
	}
	memory_free(partition->buckets);
	partition->buckets = buckets;
	partition->bucket_count = bucket_count;
}

/* link: the empty one where it is to be. */
static struct row_lock *add_lock(struct row_lock_partition *partition, struct row_lock **link, struct bytes key,
				 uint64_t hash)
{
	struct row_lock *lock = memory_alloc(sizeof *lock + key.size);
	*lock = (struct row_lock){.hash = hash, .key_size = key.size};
	memcpy(lock->key, key.data, key.size);
	*link = lock;
	if (++partition->count > partition->bucket_count)
		resize(partition, partition->bucket_count * 2);
	return lock;
}

static void remove_if_unused(struct row_lock_partition *partition, struct row_lock *lock)
{
	if (lock->holders || lock->waiters)
		return;
	struct row_lock **link = &partition->buckets[lock->hash & (partition->bucket_count - 1)];
	while (*link != lock)
		link = &(*link)->next;
	*link = lock->next;
	memory_free(lock);
	if (--partition->count == 0 && partition->bucket_count > bucket_count_kept)
		resize(partition, bucket_count_min); /* after a large transaction */
}

/* ------------------------------------------------------------------------------------------------ one lock's holds */

static struct row_hold *create_hold(struct row_lock_owner *owner, struct row_lock *lock, bool exclusive)
{
	struct row_hold *hold = memory_alloc(sizeof *hold);
	*hold = (struct row_hold){.lock = lock, .owner = owner, .exclusive = exclusive};
	return hold;
}

static struct row_hold *find_hold(const struct row_lock *lock, const struct row_lock_owner *owner)
{
	struct row_hold *hold = lock->holders;
	while (hold && hold->owner != owner)
		hold = hold->next;
	return hold;
}

static void unlink_hold(struct row_hold **list, const struct row_hold *hold)
{
	while (*list != hold)
		list = &(*list)->next;
	*list = hold->next;
}

static bool stands_on(const struct row_lock_owner *owner, const struct row_lock_owner *other)
{
	for (size_t i = 0; i < owner->base_count; i++)
		if (owner->bases[i] == other)
			return true;
	return false;
}

static bool may_stand_on(const struct row_hold *wanted, const struct row_lock_owner *other)
{
	return wanted->may_stand && atomic_load(&other->offered);
}

/* Holds or wants to hold what the other cannot share with it. */
static bool is_in_the_way(const struct row_hold *hold, const struct row_hold *wanted)
{
	return hold->owner != wanted->owner && (hold->exclusive || wanted->exclusive) &&
	       !stands_on(wanted->owner, hold->owner) && !may_stand_on(wanted, hold->owner);
}

static const struct row_hold *find_in_the_way(const struct row_hold *holds, const struct row_hold *wanted)
{
	while (holds && holds != wanted && !is_in_the_way(holds, wanted))
		holds = holds->next;
	return holds == wanted ? NULL : holds;
}

static bool has_room_for_bases(const struct row_lock *lock, const struct row_hold *wanted)
{
	unsigned count = 0;
	for (const struct row_hold *hold = lock->holders; hold && wanted->may_stand; hold = hold->next)
		count++;
	return count <= row_lock_bases_max;
}

/* wanted is among those who wait, or comes behind them all; but who holds the lock already is what they wait for. */
static bool is_free(const struct row_lock *lock, const struct row_hold *wanted)
{
	if (find_in_the_way(lock->holders, wanted) || !has_room_for_bases(lock, wanted))
		return false;
	return find_in_the_way(lock->waiters, wanted) == NULL || find_hold(lock, wanted->owner);
}

/* Who could have the lock now looks again. */
static void wake_first(const struct row_lock *lock)
{
	for (struct row_hold *hold = lock->waiters; hold && is_free(lock, hold); hold = hold->next)
		waiter_wake(&hold->waiter, LOOK_AGAIN);
}

/* In the order of their places. */
static void add_base(struct row_lock_owner *owner, struct row_lock_owner *base)
{
	size_t at = owner->base_count++;
	owner->bases = memory_realloc(owner->bases, owner->base_count * sizeof *owner->bases);
	for (; at > 0 && atomic_load(&owner->bases[at - 1]->offered) > atomic_load(&base->offered); at--)
		owner->bases[at] = owner->bases[at - 1];
	owner->bases[at] = base;
	atomic_fetch_add(&base->references, 1);
}

/* Those that would be in the way if they had not been offered. They hold the lock: they are there. */
static void stand_on_holders(struct row_lock_owner *owner, const struct row_hold *wanted)
{
	for (const struct row_hold *hold = wanted->lock->holders; hold; hold = hold->next)
		if (hold->exclusive || wanted->exclusive)
			add_base(owner, hold->owner);
}

static bool is_wanted_by_others(const struct row_lock *lock, const struct row_hold *wanted)
{
	const struct row_hold *hold = lock->waiters;
	while (hold && (hold == wanted || !hold->owner->stands_on_offered))
		hold = hold->next;
	return hold;
}

/* Takes it; wanted becomes a holder, or makes its owner's hold exclusive and is gone. */
static void grant(struct row_hold *wanted)
{
	struct row_lock *lock = wanted->lock;
	struct row_hold *own = find_hold(lock, wanted->owner);
	if (own) {
		own->exclusive = true;
		memory_free(wanted);
		return;
	}
	if (wanted->may_stand)
		stand_on_holders(wanted->owner, wanted);
	if (is_wanted_by_others(lock, wanted))
		atomic_store(&wanted->owner->is_wanted, true);
	wanted->next = lock->holders;
	lock->holders = wanted;
	wanted->next_of_owner = wanted->owner->holds;
	wanted->owner->holds = wanted;
	wanted->owner->hold_count++;
}

/* Who holds the lock already is waited for by all the others: it goes before them. */
static void enqueue(struct row_hold *wanted)
{
	struct row_lock *lock = wanted->lock;
	struct row_hold **link = &lock->waiters;
	if (find_hold(lock, wanted->owner) == NULL)
		while (*link)
			link = &(*link)->next;
	wanted->next = *link;
	*link = wanted;
	wanted->owner->waiting = wanted;
	for (const struct row_hold *hold = lock->holders; hold && wanted->may_stand; hold = hold->next)
		atomic_store(&hold->owner->is_wanted, true);
	waiter_reset(&wanted->waiter);
}

static void dequeue(struct row_hold *wanted)
{
	unlink_hold(&wanted->lock->waiters, wanted);
	wanted->owner->waiting = NULL;
}

/* ----------------------------------------------------------------------------------------------------- deadlocks */

struct search {
	struct row_lock_owner *from;
	struct row_lock_owner *to_do; /* who is waited for, and not yet looked at */
	uint64_t number;
};

/* Adds who is in the way of wanted, of these holds up to its own. True: the search has come back to where it began. */
static bool look_at(struct search *search, const struct row_hold *holds, const struct row_hold *wanted)
{
	for (const struct row_hold *hold = holds; hold && hold != wanted; hold = hold->next) {
		struct row_lock_owner *owner = hold->owner;
		if (!is_in_the_way(hold, wanted) || owner->search == search->number)
			continue;
		if (owner == search->from)
			return true;
		owner->search = search->number;
		owner->next_to_do = search->to_do;
		search->to_do = owner;
	}
	return false;
}

/* With the mutex of waits: all that are waited for stand still. */
static bool closes_circle(struct row_locks *locks, struct row_lock_owner *owner)
{
	struct search search = {.from = owner, .number = ++locks->searches};
	const struct row_hold *wanted = owner->waiting;
	for (;;) {
		if (wanted && (look_at(&search, wanted->lock->holders, wanted) ||
			       look_at(&search, wanted->lock->waiters, wanted)))
			return true;
		if (search.to_do == NULL)
			return false;
		wanted = search.to_do->waiting;
		search.to_do = search.to_do->next_to_do;
	}
}

/* ---------------------------------------------------------------------------------------------------------- runs */

static struct lock_run *find_own_run(const struct row_lock_owner *owner, struct bytes key)
{
	struct lock_run *run = owner->runs;
	uint32_t space = run ? lock_run_space(key) : 0;
	while (run && run->space != space)
		run = run->next_of_owner;
	return run;
}

static struct lock_run *begin_run(struct row_lock_owner *owner, struct bytes key)
{
	struct row_locks *locks = owner->locks;
	struct lock_run *run = lock_run_create(owner, lock_run_space(key));
	run->next_of_owner = owner->runs;
	owner->runs = run;
	owner->run_count++;
	lock_take(&locks->run_mutex);
	run->next = locks->runs;
	locks->runs = run;
	atomic_fetch_add(&locks->run_count, 1);
	lock_release(&locks->run_mutex);
	return run;
}

/* Nobody has anything of the key. With its partition's mutex. False: it is to be put into the table. */
static bool put_in_run(struct row_lock_owner *owner, struct lock_run *run, struct bytes key)
{
	if (owner->hold_count < row_lock_runs_from || (run == NULL && owner->run_count == runs_of_owner_max))
		return false;
	if (run == NULL)
		run = begin_run(owner, key);
	if (!lock_run_may_append(run, key))
		return false;
	lock_take(&owner->locks->run_mutex);
	lock_run_append(run, key);
	lock_release(&owner->locks->run_mutex);
	return true;
}

/* With run_mutex. */
static struct row_lock_owner *find_in_runs(const struct row_locks *locks, const struct row_lock_owner *but,
					   struct bytes key)
{
	uint32_t space = lock_run_space(key);
	for (const struct lock_run *run = locks->runs; run; run = run->next)
		if (run->owner != but && run->space == space && lock_run_has(run, key))
			return run->owner;
	return NULL;
}

/* The table has nothing of the key. If it is in another's run: the lock that says so. With its partition's mutex. */
static struct row_lock *show_from_runs(struct row_lock_owner *owner, struct row_lock_partition *partition,
				       struct row_lock **link, struct bytes key, uint64_t hash)
{
	struct row_locks *locks = owner->locks;
	struct row_lock *lock = NULL;
	if (atomic_load(&locks->run_count) == owner->run_count)
		return NULL;
	lock_take(&locks->run_mutex);
	struct row_lock_owner *holder = find_in_runs(locks, owner, key);
	if (holder) {
		lock = add_lock(partition, link, key, hash);
		lock->holders = create_hold(holder, lock, true);
		lock->holders->next_of_owner = holder->shown;
		holder->shown = lock->holders;
	}
	lock_release(&locks->run_mutex);
	return lock;
}

/* Nobody finds anything in them any more; what was shown of them are holds like others. */
static void end_runs(struct row_lock_owner *owner)
{
	struct row_locks *locks = owner->locks;
	lock_take(&locks->run_mutex);
	for (const struct lock_run *run = owner->runs; run; run = run->next_of_owner) {
		struct lock_run **link = &locks->runs;
		while (*link != run)
			link = &(*link)->next;
		*link = run->next;
	}
	atomic_fetch_sub(&locks->run_count, owner->run_count);
	while (owner->shown) {
		struct row_hold *hold = owner->shown;
		owner->shown = hold->next_of_owner;
		hold->next_of_owner = owner->holds;
		owner->holds = hold;
	}
	lock_release(&locks->run_mutex);
	while (owner->runs) {
		struct lock_run *run = owner->runs;
		owner->runs = run->next_of_owner;
		lock_run_destroy(run);
	}
	owner->run_count = 0;
}

/* ----------------------------------------------------------------------------------------------- taking, releasing */

/* With the partition's mutex. */
static bool take_waits(struct row_locks *locks, const struct row_lock *lock)
{
	bool is_waited_for = lock->waiters;
	if (is_waited_for)
		lock_take(&locks->waits);
	return is_waited_for;
}

static enum row_lock_outcome begin_to_wait(struct row_locks *locks, struct row_hold *wanted)
{
	enum row_lock_outcome outcome = ROW_LOCK_AWAITED;
	lock_take(&locks->waits);
	enqueue(wanted);
	if (closes_circle(locks, wanted->owner)) {
		dequeue(wanted);
		memory_free(wanted);
		outcome = ROW_LOCK_DEADLOCK;
	}
	lock_release(&locks->waits);
	return outcome;
}

static bool take_if_free(struct row_locks *locks, struct row_hold *wanted)
{
	bool is_waited_for = take_waits(locks, wanted->lock);
	bool found_free = is_free(wanted->lock, wanted);
	if (found_free)
		grant(wanted);
	if (is_waited_for)
		lock_release(&locks->waits);
	return found_free;
}

static enum row_lock_outcome take(struct row_locks *locks, struct row_hold *wanted, bool may_wait)
{
	if (take_if_free(locks, wanted))
		return ROW_LOCK_TAKEN;
	if (may_wait)
		return begin_to_wait(locks, wanted);
	memory_free(wanted);
	return ROW_LOCK_BUSY;
}

/* With the partition's mutex. */
static enum row_lock_outcome take_in_partition(struct row_lock_partition *partition, struct row_lock_owner *owner,
					       struct bytes key, uint64_t hash, struct lock_run *run, bool exclusive,
					       bool may_wait)
{
	struct row_lock **link = find_link(partition, key, hash), *lock = *link;
	if (lock == NULL)
		lock = show_from_runs(owner, partition, link, key, hash);
	if (lock == NULL && exclusive && put_in_run(owner, run, key))
		return ROW_LOCK_TAKEN;
	if (lock == NULL)
		lock = add_lock(partition, link, key, hash);
	const struct row_hold *own = find_hold(lock, owner);
	if (own && (own->exclusive || !exclusive))
		return ROW_LOCK_TAKEN;
	struct row_hold *wanted = create_hold(owner, lock, exclusive);
	wanted->may_stand = owner->stands_on_offered && owner->holds == NULL && owner->base_count == 0;
	return take(owner->locks, wanted, may_wait);
}

enum row_lock_outcome row_lock_take(struct row_lock_owner *owner, struct bytes key, bool exclusive, bool may_wait)
{
	struct lock_run *run = find_own_run(owner, key);
	if (run && lock_run_has_own(run, key))
		return ROW_LOCK_TAKEN;
	uint64_t hash = bytes_hash(key);
	struct row_lock_partition *partition = partition_of(owner->locks, hash);
	lock_take(&partition->mutex);
	enum row_lock_outcome outcome = take_in_partition(partition, owner, key, hash, run, exclusive, may_wait);
	lock_release(&partition->mutex);
	return outcome;
}

/* Out of the queue, if it is free or given up; whoever comes next may look. With both mutexes. */
static enum row_lock_outcome settle(struct row_lock_partition *partition, struct row_hold *wanted, bool gives_up)
{
	struct row_lock *lock = wanted->lock;
	bool found_free = !gives_up && is_free(lock, wanted);
	waiter_reset(&wanted->waiter);
	if (!found_free && !gives_up)
		return ROW_LOCK_AWAITED;
	dequeue(wanted);
	if (found_free)
		grant(wanted);
	else
		memory_free(wanted);
	wake_first(lock);
	remove_if_unused(partition, lock);
	return found_free ? ROW_LOCK_TAKEN : ROW_LOCK_BUSY;
}

static enum row_lock_outcome look_again(struct row_lock_owner *owner, bool gives_up)
{
	struct row_hold *wanted = owner->waiting; /* set and unset by this thread alone */
	struct row_lock_partition *partition = partition_of(owner->locks, wanted->lock->hash);
	lock_take(&partition->mutex);
	lock_take(&owner->locks->waits);
	enum row_lock_outcome outcome = settle(partition, wanted, gives_up);
	lock_release(&owner->locks->waits);
	lock_release(&partition->mutex);
	return outcome;
}

enum row_lock_outcome row_lock_wait(struct row_lock_owner *owner, int64_t timeout_us)
{
	waiter_wait_for(&owner->waiting->waiter, timeout_us);
	return look_again(owner, false);
}

void row_lock_give_up(struct row_lock_owner *owner)
{
	look_again(owner, true);
}

static void release(struct row_locks *locks, struct row_hold *hold)
{
	struct row_lock *lock = hold->lock;
	struct row_lock_partition *partition = partition_of(locks, lock->hash);
	lock_take(&partition->mutex);
	bool is_waited_for = take_waits(locks, lock);
	unlink_hold(&lock->holders, hold);
	wake_first(lock);
	if (is_waited_for)
		lock_release(&locks->waits);
	remove_if_unused(partition, lock);
	lock_release(&partition->mutex);
	memory_free(hold);
}

void row_locks_release(struct row_lock_owner *owner)
{
	if (owner->runs)
		end_runs(owner);
	while (owner->holds) {
		struct row_hold *hold = owner->holds;
		owner->holds = hold->next_of_owner;
		release(owner->locks, hold);
	}
	owner->hold_count = 0;
}

void row_locks_offer(struct row_lock_owner *owner, uint64_t place)
{
	struct row_locks *locks = owner->locks;
	atomic_store(&owner->offered, place);
	for (const struct row_hold *hold = owner->holds; hold; hold = hold->next_of_owner) {
		struct row_lock_partition *partition = partition_of(locks, hold->lock->hash);
		lock_take(&partition->mutex);
		bool is_waited_for = take_waits(locks, hold->lock);
		wake_first(hold->lock);
		if (is_waited_for)
			lock_release(&locks->waits);
		lock_release(&partition->mutex);
	}
}

void row_locks_stand_on(struct row_lock_owner *owner, struct row_lock_owner *const *bases, size_t count)
{
	assert(owner->base_count == 0 && owner->holds == NULL);
	owner->bases = memory_copy(bases, count * sizeof *bases);
	owner->base_count = count;
	for (size_t i = 0; i < count; i++)
		atomic_fetch_add(&bases[i]->references, 1);
}

void row_lock_owner_init(struct row_lock_owner *owner, struct row_locks *locks)
{
	*owner = (struct row_lock_owner){.locks = locks, .references = 1};
}
