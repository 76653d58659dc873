#include "session/user_lock.h"

#include "base/memory.h"
#include "session/session.h"

enum { kill_slice_us = 50 * 1000 }; /* how soon a waiting session hears that it was killed */

struct user_lock {
	/* immutable */
	struct bytes name;         /* owned */

	/* guarded by the table's lock */
	struct session *owner;     /* NULL while the first of those who wait is on its way */
	uint64_t owned_times;
	unsigned waiting;
	struct user_lock *next;    /* of the same owner */
	struct condition released;
};

struct user_locks {
	struct lock lock;
	struct map locks;          /* guarded by lock: name -> struct user_lock */
};

/* Two sessions may meet here: one's table stays. */
static struct user_locks *table_of(struct server *server)
{
	struct user_locks *table = atomic_load(&server->user_locks), *found = NULL;
	if (table)
		return table;
	table = memory_zalloc(sizeof *table);
	lock_init(&table->lock, "user_locks", LOCK_RANK_LEAF);
	map_init(&table->locks);
	if (atomic_compare_exchange_strong(&server->user_locks, &found, table))
		return table;
	lock_deinit(&table->lock);
	memory_free(table);
	return found;
}

void user_locks_destroy(struct server *server)
{
	struct user_locks *table = atomic_exchange(&server->user_locks, NULL);
	if (table == NULL)
		return;
	map_deinit(&table->locks);
	lock_deinit(&table->lock);
	memory_free(table);
}

/* ------------------------------------------------------------------ with the table's lock */

static struct user_lock *find_or_add(struct user_locks *table, struct bytes name)
{
	struct user_lock *lock = map_find(&table->locks, name);
	if (lock)
		return lock;
	lock = memory_zalloc(sizeof *lock);
	lock->name = bytes_of(memory_copy(name.data, name.size), name.size);
	condition_init(&lock->released);
	map_put(&table->locks, lock->name, lock);
	return lock;
}

static void drop_if_unused(struct user_locks *table, struct user_lock *lock)
{
	if (lock->owner || lock->waiting > 0)
		return;
	map_remove(&table->locks, lock->name);
	condition_deinit(&lock->released);
	memory_free((void *)lock->name.data);
	memory_free(lock);
}

static void own(struct session *session, struct user_lock *lock)
{
	lock->owner = session;
	lock->owned_times = 1;
	lock->next = session->user_locks;
	session->user_locks = lock;
}

static void disown(struct user_locks *table, struct session *session, struct user_lock *lock)
{
	struct user_lock **link = &session->user_locks;
	while (*link != lock)
		link = &(*link)->next;
	*link = lock->next;
	lock->owner = NULL;
	condition_signal(&lock->released);
	drop_if_unused(table, lock);
}

/* Whoever waits waits for one lock, and a lock has one owner: the way from here is a line, and ends or comes back. */
static bool would_deadlock(const struct session *session, const struct user_lock *lock)
{
	while (lock && lock->owner) {
		if (lock->owner == session)
			return true;
		lock = lock->owner->awaited_user_lock;
	}
	return false;
}

static enum user_lock_outcome wait_for(struct user_locks *table, struct session *session, struct user_lock *lock,
				       int64_t timeout_us, struct diag *diag)
{
	int64_t end_us = timeout_us < 0 ? INT64_MAX : clock_monotonic_us() + timeout_us;
	enum user_lock_outcome outcome = USER_LOCK_TAKEN;
	session->awaited_user_lock = lock;
	lock->waiting++;
	while (lock->owner && outcome == USER_LOCK_TAKEN) {
		int64_t left_us = timeout_us < 0 ? kill_slice_us : end_us - clock_monotonic_us();
		if (session_check_left(session, diag) != 0)
			outcome = USER_LOCK_FAILED;
		else if (left_us <= 0)
			outcome = USER_LOCK_TIMEOUT;
		else if (would_deadlock(session, lock)) {
			diag_set(diag, ER_USER_LOCK_DEADLOCK);
			outcome = USER_LOCK_FAILED;
		} else {
			struct timespec deadline = clock_deadline(left_us < kill_slice_us ? left_us : kill_slice_us);
			condition_wait_until(&lock->released, &table->lock, &deadline);
		}
	}
	lock->waiting--;
	session->awaited_user_lock = NULL;
	/* Woken, but leaving: the word goes to the next. */
	if (outcome != USER_LOCK_TAKEN && lock->owner == NULL)
		condition_signal(&lock->released);
	return outcome;
}

/* ------------------------------------------------------------------ the doors */

enum user_lock_outcome user_lock_take(struct session *session, struct bytes name, int64_t timeout_us,
				      struct diag *diag)
{
	struct user_locks *table = table_of(session->server);
	enum user_lock_outcome outcome = USER_LOCK_TAKEN;
	lock_take(&table->lock);
	struct user_lock *lock = find_or_add(table, name);
	if (lock->owner == session) {
		lock->owned_times++;
	} else {
		if (lock->owner)
			outcome = wait_for(table, session, lock, timeout_us, diag);
		if (outcome == USER_LOCK_TAKEN)
			own(session, lock);
		else
			drop_if_unused(table, lock);
	}
	lock_release(&table->lock);
	return outcome;
}

enum user_lock_release user_lock_release(struct session *session, struct bytes name)
{
	struct user_locks *table = table_of(session->server);
	enum user_lock_release outcome = USER_LOCK_RELEASED;
	lock_take(&table->lock);
	struct user_lock *lock = map_find(&table->locks, name);
	if (lock == NULL || lock->owner == NULL)
		outcome = USER_LOCK_UNKNOWN;
	else if (lock->owner != session)
		outcome = USER_LOCK_NOT_OWNED;
	else if (--lock->owned_times == 0)
		disown(table, session, lock);
	lock_release(&table->lock);
	return outcome;
}

uint64_t user_lock_release_all(struct session *session)
{
	uint64_t times = 0;
	if (session->user_locks == NULL)
		return 0;
	struct user_locks *table = table_of(session->server);
	lock_take(&table->lock);
	while (session->user_locks) {
		times += session->user_locks->owned_times;
		disown(table, session, session->user_locks);
	}
	lock_release(&table->lock);
	return times;
}

unsigned long user_lock_owner(struct server *server, struct bytes name)
{
	struct user_locks *table = table_of(server);
	lock_take(&table->lock);
	const struct user_lock *lock = map_find(&table->locks, name);
	unsigned long owner = lock && lock->owner ? lock->owner->id : 0;
	lock_release(&table->lock);
	return owner;
}
