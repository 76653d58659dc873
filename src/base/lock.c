#include "base/lock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The locks this thread holds, the latest first. */
static _Thread_local struct lock *held_locks;

static void fail(const char *what, const struct lock *lock, const struct lock *other)
{
	fprintf(stderr, "lock order: %s %s (rank %d)%s%s\n", what, lock->name, (int)lock->rank,
		other ? " while holding " : "", other ? other->name : "");
	abort();
}

static void remember(struct lock *lock)
{
	lock->owner = pthread_self();
	lock->held = true;
	lock->below = held_locks;
	held_locks = lock;
}

static void forget(struct lock *lock)
{
	if (!lock->held || !pthread_equal(lock->owner, pthread_self()))
		fail("released without holding it", lock, NULL);
	struct lock **link = &held_locks;
	while (*link != lock)
		link = &(*link)->below;
	*link = lock->below;
	lock->held = false;
}

void lock_init(struct lock *lock, const char *name, enum lock_rank rank)
{
	*lock = (struct lock){.name = name, .rank = rank};
	pthread_mutex_init(&lock->mutex, NULL);
}

void lock_deinit(struct lock *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

void lock_take(struct lock *lock)
{
	for (const struct lock *other = held_locks; other; other = other->below)
		if (other->rank >= lock->rank)
			fail("taking", lock, other);
	pthread_mutex_lock(&lock->mutex);
	remember(lock);
}

void lock_take_beside(struct lock *lock)
{
	for (const struct lock *other = held_locks; other; other = other->below)
		if (other->rank > lock->rank || (other->rank == lock->rank && (uintptr_t)other >= (uintptr_t)lock))
			fail("taking", lock, other);
	pthread_mutex_lock(&lock->mutex);
	remember(lock);
}

void lock_release(struct lock *lock)
{
	forget(lock);
	pthread_mutex_unlock(&lock->mutex);
}

void lock_assert_held(const struct lock *lock)
{
	assert(lock->held && pthread_equal(lock->owner, pthread_self()));
	(void)lock;
}

void condition_init(struct condition *condition)
{
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&condition->cond, &attributes);
	pthread_condattr_destroy(&attributes);
}

void condition_deinit(struct condition *condition)
{
	pthread_cond_destroy(&condition->cond);
}

void condition_wait(struct condition *condition, struct lock *lock)
{
	forget(lock);
	pthread_cond_wait(&condition->cond, &lock->mutex);
	remember(lock);
}

bool condition_wait_until(struct condition *condition, struct lock *lock, const struct timespec *deadline)
{
	forget(lock);
	int status = pthread_cond_timedwait(&condition->cond, &lock->mutex, deadline);
	remember(lock);
	return status == 0;
}

void condition_signal(struct condition *condition)
{
	pthread_cond_signal(&condition->cond);
}

void condition_broadcast(struct condition *condition)
{
	pthread_cond_broadcast(&condition->cond);
}
