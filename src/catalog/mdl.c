/*
 * Names are cut into shards by their hash, each with a lock of its own: who gets what he asks for takes that of the name's
 * shard alone. Who must wait takes them all, looks again, queues and searches for a cycle in a graph that stands still; then
 * he waits with his shard's. Killing takes them all, too, for it has to find the waiter wherever he waits.
 *
 * Each name that is in use has a struct name_lock with how many tickets of each mode are granted, the tickets
 * themselves (for the search) and the queue of waiters. A thread waits on its owner's condition; who frees
 * something grants all it can in queue order and wakes those.
 *
 *   acquire: held already? -> grant          release: unlink the ticket
 *            nothing in the way? -> grant             grant those waiters that nothing is in the way of
 *            take all shards; still in the way? queue, search for a cycle
 *            wait: granted | victim | killed | late
 */
#include <assert.h>

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/mdl_internal.h"

enum {
	idle_names_max = 256, /* a shard */
	name_size_max = 2 * 64 * 4 + 2,
	row_wait_look_us = 20 * 1000, /* between two looks at whether those in the way wait for rows */
	row_wait_looks = 2,           /* so many in a row make a deadlock */
};

#define ALL_MODES (MODE(MDL_MODE_COUNT) - 1)

/* The modes of others that are in the way of a request: mdl.h's table. */
const unsigned mdl_conflicts[MDL_MODE_COUNT] = {
	[MDL_SHARED_READ] = MODE(MDL_SHARED_NO_READ_WRITE) | MODE(MDL_EXCLUSIVE),
	[MDL_SHARED_WRITE] = MODE(MDL_SHARED_READ_ONLY) | MODE(MDL_SHARED_NO_READ_WRITE) | MODE(MDL_EXCLUSIVE),
	[MDL_SHARED_READ_ONLY] = MODE(MDL_SHARED_WRITE) | MODE(MDL_SHARED_NO_READ_WRITE) |
				 MODE(MDL_INTENTION_EXCLUSIVE) | MODE(MDL_EXCLUSIVE),
	[MDL_SHARED_NO_READ_WRITE] = ALL_MODES,
	[MDL_INTENTION_EXCLUSIVE] = MODE(MDL_SHARED_READ_ONLY) | MODE(MDL_SHARED_NO_READ_WRITE) | MODE(MDL_EXCLUSIVE),
	[MDL_EXCLUSIVE] = ALL_MODES,
};

/* The requests that holding a mode satisfies. */
static const unsigned covered[MDL_MODE_COUNT] = {
	[MDL_SHARED_READ] = MODE(MDL_SHARED_READ),
	[MDL_SHARED_WRITE] = MODE(MDL_SHARED_READ) | MODE(MDL_SHARED_WRITE),
	[MDL_SHARED_READ_ONLY] = MODE(MDL_SHARED_READ) | MODE(MDL_SHARED_READ_ONLY),
	[MDL_SHARED_NO_READ_WRITE] = MODE(MDL_SHARED_READ) | MODE(MDL_SHARED_WRITE) | MODE(MDL_SHARED_READ_ONLY) |
				     MODE(MDL_SHARED_NO_READ_WRITE),
	[MDL_INTENTION_EXCLUSIVE] = MODE(MDL_INTENTION_EXCLUSIVE),
	[MDL_EXCLUSIVE] = ALL_MODES,
};

/* ---------------------------------------------------------------------------------------------------- rings */

static void ring_init(struct ticket *ring)
{
	ring->next = ring->previous = ring;
}

static bool ring_is_empty(const struct ticket *ring)
{
	return ring->next == ring;
}

static void ring_append(struct ticket *ring, struct ticket *ticket)
{
	ticket->next = ring;
	ticket->previous = ring->previous;
	ring->previous->next = ticket;
	ring->previous = ticket;
}

static void ring_remove(struct ticket *ticket)
{
	ticket->previous->next = ticket->next;
	ticket->next->previous = ticket->previous;
	ticket->next = ticket->previous = NULL;
}

/* ---------------------------------------------------------------------------------------------------- names */

/* "", "database\0" or "database\0table\0". False when the names are longer than any that exist. */
static bool put_name(uint8_t out[name_size_max], const char *database, const char *table, size_t *out_size)
{
	size_t database_size = database ? strlen(database) + 1 : 0;
	size_t table_size = database && table ? strlen(table) + 1 : 0;
	if (database_size + table_size > name_size_max)
		return false;
	if (database_size)
		memcpy(out, database, database_size);
	if (table_size)
		memcpy(out + database_size, table, table_size);
	*out_size = database_size + table_size;
	return true;
}

static bool name_is_idle(const struct name_lock *name)
{
	return ring_is_empty(&name->granted) && ring_is_empty(&name->waiting);
}

/* By bits of the hash that the shard's map makes no use of. */
static struct mdl_shard *shard_of(struct mdl *mdl, struct bytes key)
{
	return &mdl->shards[(bytes_hash(key) >> 32) % mdl_shard_count];
}

static struct name_lock *get_name(struct mdl_shard *shard, struct bytes key)
{
	struct name_lock *name = map_find(&shard->names, key);
	if (name) {
		if (name_is_idle(name))
			shard->idle_count--;
		return name;
	}
	name = memory_zalloc(sizeof *name + key.size);
	name->shard = shard;
	ring_init(&name->granted);
	ring_init(&name->waiting);
	name->key_size = key.size;
	if (key.size)
		memcpy(name->key, key.data, key.size);
	map_put(&shard->names, bytes_of(name->key, name->key_size), name);
	return name;
}

static void leave_name(struct name_lock *name)
{
	struct mdl_shard *shard = name->shard;
	if (!name_is_idle(name))
		return;
	if (shard->idle_count < idle_names_max) {
		shard->idle_count++;
		return;
	}
	map_remove(&shard->names, bytes_of(name->key, name->key_size));
	memory_free(name);
}

static bool name_is(const struct name_lock *name, struct bytes key)
{
	return bytes_equal(bytes_of(name->key, name->key_size), key);
}

/* -------------------------------------------------------------------------------------------------- granting */

/* What the owner itself holds on the name, taken off the counts. */
static bool granted_conflict(const struct name_lock *name, const struct mdl_owner *owner, enum mdl_mode mode)
{
	unsigned own[MDL_MODE_COUNT] = {0};
	for (const struct ticket *ticket = owner->tickets; ticket; ticket = ticket->owner_next)
		if (ticket->name == name)
			own[ticket->mode]++;
	for (unsigned other = 0; other < MDL_MODE_COUNT; other++)
		if ((mdl_conflicts[mode] & MODE(other)) && name->granted_count[other] > own[other])
			return true;
	return false;
}

bool mdl_owner_holds_any(const struct mdl_owner *owner, const struct name_lock *name)
{
	for (const struct ticket *ticket = owner->tickets; ticket; ticket = ticket->owner_next)
		if (ticket->name == name)
			return true;
	return false;
}

static void grant(struct ticket *ticket)
{
	ring_append(&ticket->name->granted, ticket);
	ticket->name->granted_count[ticket->mode]++;
}

/* Those waiters that nothing is in the way of any more, in their order. */
static void grant_waiters(struct name_lock *name)
{
	unsigned before = 0; /* modes of those that go on waiting */
	struct ticket *next;
	for (struct ticket *ticket = name->waiting.next; ticket != &name->waiting; ticket = next) {
		next = ticket->next;
		struct mdl_owner *owner = ticket->owner;
		bool queued = (mdl_conflicts[ticket->mode] & before) && !mdl_owner_holds_any(owner, name);
		if (owner->state != WAIT_QUEUED || queued || granted_conflict(name, owner, ticket->mode)) {
			before |= MODE(ticket->mode);
			continue;
		}
		ring_remove(ticket);
		grant(ticket);
		owner->state = WAIT_GRANTED;
		condition_signal(&owner->condition);
	}
}

/* -------------------------------------------------------------------------------------------------- waiting */

/* Until something changes the owner's state, it is killed, or it is late. */
static void wait_in_queue(struct mdl_owner *owner, const struct ticket *request, int64_t timeout_ms)
{
	int64_t end_us = clock_monotonic_us() + (timeout_ms < 0 ? 0 : timeout_ms) * 1000;
	unsigned looks = 0;
	struct lock *lock = &request->name->shard->lock;
	while (owner->state == WAIT_QUEUED && !atomic_load(&owner->killed)) {
		int64_t left_us = end_us - clock_monotonic_us();
		if (left_us <= 0)
			return;
		bool looks_around = owner->holds_rows && left_us > row_wait_look_us;
		struct timespec deadline = clock_deadline(looks_around ? row_wait_look_us : left_us);
		if (condition_wait_until(&owner->condition, lock, &deadline) || !owner->holds_rows)
			continue;
		looks = mdl_meets_row_wait(request) ? looks + 1 : 0;
		if (looks == row_wait_looks && owner->state == WAIT_QUEUED)
			owner->state = WAIT_VICTIM;
	}
}

/* Under all shards' locks. */
static void queue(struct mdl_owner *owner, struct ticket *ticket)
{
	ring_append(&ticket->name->waiting, ticket);
	owner->request = ticket;
	owner->state = WAIT_QUEUED;
	owner->request_number = ++owner->mdl->request_number;
	mdl_break_cycles(owner->mdl, owner);
}

static enum mdl_scope scope_of(const struct name_lock *name)
{
	if (name->key_size == 0)
		return MDL_SCOPE_GLOBAL;
	bool is_database = memchr(name->key, 0, name->key_size) == name->key + name->key_size - 1;
	return is_database ? MDL_SCOPE_DATABASE : MDL_SCOPE_TABLE;
}

enum mdl_scope mdl_awaited(const struct mdl_owner *owner)
{
	return atomic_load(&owner->awaited);
}

/* Until granted, or why not. The ticket is queued on entry; on failure it is in no ring on return. */
static int wait_for(struct mdl_owner *owner, struct ticket *ticket, int64_t timeout_ms, struct diag *diag)
{
	atomic_store(&owner->awaited, scope_of(ticket->name));
	wait_in_queue(owner, ticket, timeout_ms);
	atomic_store(&owner->awaited, MDL_SCOPE_NONE);
	enum wait_state state = owner->state;
	owner->state = WAIT_NONE;
	owner->request = NULL;
	if (state == WAIT_GRANTED)
		return 0;
	ring_remove(ticket);
	grant_waiters(ticket->name);
	leave_name(ticket->name);
	if (state == WAIT_VICTIM)
		return diag_set(diag, ER_LOCK_DEADLOCK);
	return diag_set(diag, atomic_load(&owner->killed) ? ER_QUERY_INTERRUPTED : ER_LOCK_WAIT_TIMEOUT);
}

static bool must_wait(const struct name_lock *name, const struct mdl_owner *owner, enum mdl_mode mode)
{
	if (granted_conflict(name, owner, mode))
		return true;
	if (mdl_owner_holds_any(owner, name))
		return false;
	for (const struct ticket *ahead = name->waiting.next; ahead != &name->waiting; ahead = ahead->next)
		if (mdl_conflicts[mode] & MODE(ahead->mode))
			return true;
	return false;
}

/* Under the shard's lock. */
static bool try_to_grant(struct mdl_owner *owner, struct mdl_shard *shard, struct ticket *ticket, struct bytes key)
{
	ticket->name = get_name(shard, key);
	if (must_wait(ticket->name, owner, ticket->mode)) {
		leave_name(ticket->name);
		return false;
	}
	grant(ticket);
	return true;
}

static void take_all(struct mdl *mdl)
{
	for (unsigned i = 0; i < mdl_shard_count; i++)
		lock_take_beside(&mdl->shards[i].lock);
}

/* kept: the one that is not released, or NULL. */
static void release_all(struct mdl *mdl, const struct mdl_shard *kept)
{
	for (unsigned i = 0; i < mdl_shard_count; i++)
		if (&mdl->shards[i] != kept)
			lock_release(&mdl->shards[i].lock);
}

static int acquire_waiting(struct mdl_owner *owner, struct mdl_shard *shard, struct ticket *ticket, struct bytes key,
			   int64_t timeout_ms, struct diag *diag)
{
	take_all(owner->mdl);
	bool is_granted = try_to_grant(owner, shard, ticket, key);
	if (!is_granted) {
		ticket->name = get_name(shard, key);
		queue(owner, ticket);
	}
	release_all(owner->mdl, shard);
	int status = is_granted ? 0 : wait_for(owner, ticket, timeout_ms, diag);
	lock_release(&shard->lock);
	return status;
}

static int acquire(struct mdl_owner *owner, struct ticket *ticket, struct bytes key, int64_t timeout_ms,
		   struct diag *diag)
{
	struct mdl_shard *shard = shard_of(owner->mdl, key);
	lock_take(&shard->lock);
	bool is_granted = try_to_grant(owner, shard, ticket, key);
	lock_release(&shard->lock);
	return is_granted ? 0 : acquire_waiting(owner, shard, ticket, key, timeout_ms, diag);
}

static struct ticket *take_ticket(struct mdl_owner *owner)
{
	struct ticket *ticket = owner->spare;
	if (ticket == NULL)
		return memory_alloc(sizeof *ticket);
	owner->spare = ticket->owner_next;
	return ticket;
}

static void spare_ticket(struct ticket *ticket)
{
	ticket->owner_next = ticket->owner->spare;
	ticket->owner->spare = ticket;
}

/* Does the owner hold this already, for at least as long? */
static bool is_held(const struct mdl_owner *owner, struct bytes key, enum mdl_mode mode, int duration)
{
	for (const struct ticket *ticket = owner->tickets; ticket; ticket = ticket->owner_next)
		if ((covered[ticket->mode] & MODE(mode)) && (duration < 0 || (int)ticket->duration == duration) &&
		    name_is(ticket->name, key))
			return true;
	return false;
}

int mdl_acquire(struct mdl_owner *owner, const char *database, const char *table, enum mdl_mode mode,
		enum mdl_duration duration, int64_t timeout_ms, struct diag *diag)
{
	uint8_t text[name_size_max];
	size_t size;
	if (!put_name(text, database, table, &size))
		return diag_set(diag, ER_TOO_LONG_IDENT, table ? table : database);
	struct bytes key = bytes_of(text, size);
	if (is_held(owner, key, mode, (int)duration))
		return 0;
	struct ticket *ticket = take_ticket(owner);
	*ticket = (struct ticket){.owner = owner, .mode = mode, .duration = duration};
	if (acquire(owner, ticket, key, timeout_ms, diag) != 0) {
		spare_ticket(ticket);
		return -1;
	}
	ticket->owner_next = owner->tickets;
	owner->tickets = ticket;
	return 0;
}

/* ------------------------------------------------------------------------------------------------- releasing */

static void release_ticket(struct ticket *ticket)
{
	struct name_lock *name = ticket->name;
	struct lock *lock = &name->shard->lock;
	lock_take(lock);
	name->granted_count[ticket->mode]--;
	ring_remove(ticket);
	if (!ring_is_empty(&name->waiting))
		grant_waiters(name);
	leave_name(name);
	lock_release(lock);
	spare_ticket(ticket);
}

struct release_filter {
	bool by_name;
	struct bytes key;
	int duration; /* -1: all */
};

static bool is_released(const struct ticket *ticket, const struct release_filter *filter)
{
	if (filter->duration >= 0 && (int)ticket->duration != filter->duration)
		return false;
	return !filter->by_name || name_is(ticket->name, filter->key);
}

static void release(struct mdl_owner *owner, const struct release_filter *filter)
{
	struct ticket **link = &owner->tickets;
	while (*link) {
		struct ticket *ticket = *link;
		if (is_released(ticket, filter)) {
			*link = ticket->owner_next;
			release_ticket(ticket);
		} else {
			link = &ticket->owner_next;
		}
	}
}

void mdl_release(struct mdl_owner *owner, enum mdl_duration duration)
{
	release(owner, &(struct release_filter){.duration = (int)duration});
}

void mdl_release_name(struct mdl_owner *owner, const char *database, const char *table, enum mdl_duration duration)
{
	uint8_t text[name_size_max];
	size_t size;
	if (put_name(text, database, table, &size))
		release(owner, &(struct release_filter){true, bytes_of(text, size), (int)duration});
}

bool mdl_holds(const struct mdl_owner *owner, const char *database, const char *table, enum mdl_mode mode)
{
	uint8_t text[name_size_max];
	size_t size;
	return put_name(text, database, table, &size) && is_held(owner, bytes_of(text, size), mode, -1);
}

/* --------------------------------------------------------------------------------------------- owners, kills */

void mdl_kill(struct mdl_owner *owner)
{
	take_all(owner->mdl);
	atomic_store(&owner->killed, true);
	condition_signal(&owner->condition);
	release_all(owner->mdl, NULL);
}

void mdl_clear_kill(struct mdl_owner *owner)
{
	atomic_store(&owner->killed, false);
}

struct mdl_owner *mdl_owner_create(struct mdl *mdl, unsigned long connection_id)
{
	struct mdl_owner *owner = memory_zalloc(sizeof *owner);
	owner->mdl = mdl;
	owner->connection_id = connection_id;
	condition_init(&owner->condition);
	return owner;
}

void mdl_owner_watch(struct mdl_owner *owner, const atomic_bool *waits_for_row)
{
	owner->waits_for_row = waits_for_row;
}

void mdl_owner_set_holds_rows(struct mdl_owner *owner, bool holds_rows)
{
	owner->holds_rows = holds_rows;
}

void mdl_owner_destroy(struct mdl_owner **owner)
{
	if (*owner == NULL)
		return;
	release(*owner, &(struct release_filter){.duration = -1});
	while ((*owner)->spare)
		memory_free(take_ticket(*owner));
	condition_deinit(&(*owner)->condition);
	memory_free(*owner);
	*owner = NULL;
}

struct mdl *mdl_create(void)
{
	struct mdl *mdl = memory_zalloc(sizeof *mdl);
	for (unsigned i = 0; i < mdl_shard_count; i++) {
		lock_init(&mdl->shards[i].lock, "metadata locks", LOCK_RANK_METADATA);
		map_init(&mdl->shards[i].names);
	}
	return mdl;
}

static void shard_deinit(struct mdl_shard *shard)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *name;
	while (map_next(&shard->names, &walk, &key, &name)) {
		assert(name_is_idle(name));
		memory_free(name);
	}
	map_deinit(&shard->names);
	lock_deinit(&shard->lock);
}

void mdl_destroy(struct mdl **mdl)
{
	if (*mdl == NULL)
		return;
	for (unsigned i = 0; i < mdl_shard_count; i++)
		shard_deinit(&(*mdl)->shards[i]);
	memory_free(*mdl);
	*mdl = NULL;
}
