/* Who gets a row lock, in which order, and who is told that waiting would never end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/lock/row_locks.h"

enum { soon_us = 2 * 1000, long_us = 10 * 1000 * 1000 };

static struct bytes key(const char *name)
{
	return bytes_of_string(name);
}

static int begin(void **state)
{
	static struct row_locks locks;
	row_locks_init(&locks);
	*state = &locks;
	return 0;
}

static int end(void **state)
{
	row_locks_deinit(*state); /* asserts that nothing is locked */
	return 0;
}

static void takes(struct row_lock_owner *owner, const char *name, bool exclusive)
{
	assert_int_equal(row_lock_take(owner, key(name), exclusive, false), ROW_LOCK_TAKEN);
}

static void awaits(struct row_lock_owner *owner, const char *name, bool exclusive)
{
	assert_int_equal(row_lock_take(owner, key(name), exclusive, true), ROW_LOCK_AWAITED);
}

static void gets(struct row_lock_owner *owner)
{
	assert_int_equal(row_lock_wait(owner, long_us), ROW_LOCK_TAKEN);
}

static void still_awaits(struct row_lock_owner *owner)
{
	assert_int_equal(row_lock_wait(owner, soon_us), ROW_LOCK_AWAITED);
}

static void is_deadlock(struct row_lock_owner *owner, const char *name, bool exclusive)
{
	assert_int_equal(row_lock_take(owner, key(name), exclusive, true), ROW_LOCK_DEADLOCK);
}

enum { owners_max = 5 };

static void init(struct row_lock_owner owners[owners_max], struct row_locks *locks)
{
	for (int i = 0; i < owners_max; i++)
		row_lock_owner_init(&owners[i], locks);
}

static void release_all(struct row_lock_owner owners[owners_max])
{
	for (int i = 0; i < owners_max; i++)
		row_locks_release(&owners[i]);
}

static void first_come_first_served(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	takes(&owner[0], "a", true);
	awaits(&owner[1], "a", true);
	awaits(&owner[2], "a", false);
	awaits(&owner[3], "a", false);
	row_locks_release(&owner[0]);
	still_awaits(&owner[2]);
	gets(&owner[1]);
	still_awaits(&owner[3]);
	row_locks_release(&owner[1]);
	gets(&owner[2]);
	gets(&owner[3]); /* they share it */
	assert_int_equal(row_lock_take(&owner[0], key("a"), true, false), ROW_LOCK_BUSY);
	release_all(owner);
}

/* Readers that come later do not keep a writer out for ever. */
static void who_waits_is_not_passed(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	takes(&owner[0], "a", false);
	awaits(&owner[1], "a", true);
	assert_int_equal(row_lock_take(&owner[2], key("a"), false, false), ROW_LOCK_BUSY);
	awaits(&owner[2], "a", false);
	row_lock_give_up(&owner[1]);
	gets(&owner[2]); /* woken by who gave up */
	release_all(owner);
}

static void a_holder_goes_before_who_waits(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	takes(&owner[0], "a", false);
	awaits(&owner[2], "a", true);
	takes(&owner[0], "a", true);
	takes(&owner[0], "a", false); /* stays exclusive */
	row_locks_release(&owner[0]);
	gets(&owner[2]);
	row_locks_release(&owner[2]);

	takes(&owner[0], "a", false);
	takes(&owner[1], "a", false);
	awaits(&owner[2], "a", true);
	awaits(&owner[0], "a", true);
	still_awaits(&owner[0]);
	row_locks_release(&owner[1]);
	still_awaits(&owner[2]);
	gets(&owner[0]);
	row_locks_release(&owner[0]);
	gets(&owner[2]);
	release_all(owner);
}

static void circles_are_found(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	takes(&owner[0], "a", true);
	takes(&owner[1], "b", true);
	takes(&owner[2], "c", true);
	awaits(&owner[0], "b", true);
	awaits(&owner[1], "c", false);
	is_deadlock(&owner[2], "a", false);
	assert_int_equal(row_lock_take(&owner[2], key("a"), false, false), ROW_LOCK_BUSY); /* no circle: it would not wait */
	awaits(&owner[3], "a", true); /* behind them, and no part of it */
	row_locks_release(&owner[2]);
	gets(&owner[1]);
	row_locks_release(&owner[1]);
	gets(&owner[0]);
	row_locks_release(&owner[0]);
	gets(&owner[3]);
	release_all(owner);
}

/* Two share a lock and both want it alone; and a circle over somebody who only waits in front. */
static void circles_over_shared_locks_are_found(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	takes(&owner[0], "a", false);
	takes(&owner[1], "a", false);
	awaits(&owner[0], "a", true);
	is_deadlock(&owner[1], "a", true);
	row_locks_release(&owner[1]);
	gets(&owner[0]);
	row_locks_release(&owner[0]);

	takes(&owner[0], "a", false);
	takes(&owner[2], "b", true);
	takes(&owner[1], "c", true);
	awaits(&owner[1], "a", true);
	awaits(&owner[2], "a", false); /* behind 1 */
	awaits(&owner[3], "b", true);
	is_deadlock(&owner[0], "c", true);
	is_deadlock(&owner[0], "b", false);
	row_locks_release(&owner[0]);
	gets(&owner[1]);
	row_locks_release(&owner[1]);
	gets(&owner[2]);
	row_locks_release(&owner[2]);
	gets(&owner[3]);
	release_all(owner);
}

static void many_locks(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	for (int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 200000; i++)
			assert_int_equal(row_lock_take(&owner[0], bytes_of(&i, sizeof i), true, false), ROW_LOCK_TAKEN);
		for (uint32_t i = 0; i < 200000; i += 1000)
			assert_int_equal(row_lock_take(&owner[1], bytes_of(&i, sizeof i), false, false), ROW_LOCK_BUSY);
		row_locks_release(&owner[0]);
	}
}

/* ------------------------------------------------------------------------------------------------ many threads */

enum { storm_threads = 6, storm_rounds = 3000, storm_keys = 5 };

struct storm {
	struct row_locks *locks;
	int writers[storm_keys]; /* guarded by the row locks */
	_Atomic int readers[storm_keys];
	_Atomic uint64_t taken, deadlocks;
};

static bool take_patiently(struct row_lock_owner *owner, int number, bool exclusive, struct storm *storm)
{
	enum row_lock_outcome outcome = row_lock_take(owner, bytes_of(&number, sizeof number), exclusive, true);
	while (outcome == ROW_LOCK_AWAITED)
		outcome = row_lock_wait(owner, long_us);
	if (outcome == ROW_LOCK_DEADLOCK)
		atomic_fetch_add(&storm->deadlocks, 1);
	return outcome == ROW_LOCK_TAKEN;
}

static void visit(struct storm *storm, int number, bool exclusive)
{
	if (exclusive) {
		assert_int_equal(++storm->writers[number], 1);
		assert_int_equal(atomic_load(&storm->readers[number]), 0);
		sched_yield();
		storm->writers[number]--;
	} else {
		atomic_fetch_add(&storm->readers[number], 1);
		assert_int_equal(storm->writers[number], 0);
		sched_yield();
		atomic_fetch_sub(&storm->readers[number], 1);
	}
	atomic_fetch_add(&storm->taken, 1);
}

/* From now on what nobody else has is in runs. */
static void become_large(struct row_lock_owner *owner)
{
	for (uint64_t i = 0; i < row_lock_runs_from; i++) {
		uint64_t own[] = {(uintptr_t)owner, i};
		assert_int_equal(row_lock_take(owner, bytes_of(own, sizeof own), true, false), ROW_LOCK_TAKEN);
	}
}

static void *run_storm(void *argument)
{
	struct storm *storm = argument;
	struct row_lock_owner owner;
	unsigned seed = (unsigned)(uintptr_t)&owner;
	row_lock_owner_init(&owner, storm->locks);
	for (int round = 0; round < storm_rounds; round++) {
		if (round % 8 == 0)
			become_large(&owner);
		for (int step = 0; step < 3; step++) {
			int number = rand_r(&seed) % storm_keys;
			bool exclusive = rand_r(&seed) % 2;
			if (!take_patiently(&owner, number, exclusive, storm))
				break;
			visit(storm, number, exclusive);
		}
		row_locks_release(&owner);
	}
	return NULL;
}

static void nobody_is_forgotten_in_a_storm(void **state)
{
	struct storm storm = {.locks = *state};
	pthread_t threads[storm_threads];
	for (int i = 0; i < storm_threads; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_storm, &storm), 0);
	for (int i = 0; i < storm_threads; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_true(atomic_load(&storm.taken) >= (uint64_t)storm_threads * storm_rounds / 2);
	assert_true(atomic_load(&storm.deadlocks) > 0);
}

#define row_lock_test(function) cmocka_unit_test_setup_teardown(function, begin, end)

/* ---------------------------------------------------------------------------------------------------------- runs */

enum { run_keys = 3000 };

/* Every second number, so that there are keys between those that are locked. */
static struct bytes numbered(char text[16], unsigned space, unsigned number)
{
	snprintf(text, 16, "s%03u%08u", space, number);
	return bytes_of_string(text);
}

static void take_number(struct row_lock_owner *owner, unsigned space, unsigned number, enum row_lock_outcome expected)
{
	char text[16];
	assert_int_equal(row_lock_take(owner, numbered(text, space, number), true, false), expected);
}

static void take_many(struct row_lock_owner *owner, unsigned space)
{
	for (unsigned i = 0; i < run_keys; i++)
		take_number(owner, space, 2 * i, ROW_LOCK_TAKEN);
}

static size_t table_size(const struct row_locks *locks)
{
	size_t count = 0;
	for (int i = 0; i < row_lock_partition_count; i++)
		count += locks->partitions[i].count;
	return count;
}

static void rising_locks_are_runs(void **state)
{
	struct row_lock_owner owner[owners_max];
	init(owner, *state);
	take_many(&owner[0], 1);
	take_many(&owner[0], 2);
	take_many(&owner[0], 1); /* again: it has them */
	assert_int_equal(table_size(*state), row_lock_runs_from);
	for (unsigned i = 0; i < run_keys; i += 7)
		for (unsigned space = 1; space <= 3; space++) {
			take_number(&owner[1], space, 2 * i, space == 3 ? ROW_LOCK_TAKEN : ROW_LOCK_BUSY);
			take_number(&owner[1], space, 2 * i + 1, ROW_LOCK_TAKEN); /* between two of a run */
			take_number(&owner[0], space, 2 * i, space == 3 ? ROW_LOCK_BUSY : ROW_LOCK_TAKEN);
		}
	take_number(&owner[0], 1, 2 * run_keys + 1, ROW_LOCK_TAKEN);
	take_number(&owner[0], 1, 15, ROW_LOCK_BUSY);
	take_number(&owner[1], 1, 2 * run_keys + 1, ROW_LOCK_BUSY);
	row_locks_release(&owner[0]);
	take_many(&owner[1], 1);
	release_all(owner);
}

static void a_run_is_waited_for(void **state)
{
	struct row_lock_owner owner[owners_max];
	char text[16];
	init(owner, *state);
	take_many(&owner[0], 1);
	take_many(&owner[1], 2);
	assert_int_equal(row_lock_take(&owner[2], numbered(text, 1, 2000), false, true), ROW_LOCK_AWAITED);
	assert_int_equal(row_lock_take(&owner[3], numbered(text, 1, 2000), true, true), ROW_LOCK_AWAITED);
	assert_int_equal(row_lock_take(&owner[1], numbered(text, 1, 4000), true, true), ROW_LOCK_AWAITED);
	assert_int_equal(row_lock_take(&owner[0], numbered(text, 2, 4000), true, true), ROW_LOCK_DEADLOCK);
	still_awaits(&owner[2]);
	row_locks_release(&owner[0]);
	gets(&owner[1]);
	gets(&owner[2]);
	still_awaits(&owner[3]);
	row_locks_release(&owner[2]);
	gets(&owner[3]);
	release_all(owner);
}

/* What is shared stays in the table, and so does what comes in another order. */
static void runs_are_exclusive(void **state)
{
	struct row_lock_owner owner[owners_max];
	char text[16];
	init(owner, *state);
	take_many(&owner[0], 1);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(row_lock_take(&owner[0], numbered(text, 1, 100000 + i), false, false), ROW_LOCK_TAKEN);
	assert_int_equal(row_lock_take(&owner[1], numbered(text, 1, 100003), false, false), ROW_LOCK_TAKEN);
	take_number(&owner[0], 1, 100003, ROW_LOCK_BUSY);
	take_number(&owner[0], 1, 100004, ROW_LOCK_TAKEN);
	take_number(&owner[1], 1, 100004, ROW_LOCK_BUSY);
	take_number(&owner[0], 1, 11, ROW_LOCK_TAKEN);
	take_number(&owner[1], 1, 11, ROW_LOCK_BUSY);
	release_all(owner);
}

static void end_owner(struct row_lock_owner *owner)
{
	row_locks_release(owner);
	free(owner->bases);
	owner->bases = NULL;
}

/* Behind who was offered, and only then. */
static void who_was_offered_is_not_waited_for(void **state)
{
	struct row_lock_owner first, second, third;
	row_lock_owner_init(&first, *state);
	row_lock_owner_init(&second, *state);
	row_lock_owner_init(&third, *state);
	second.stands_on_offered = third.stands_on_offered = true;
	takes(&first, "a", true);
	assert_false(atomic_load(&first.is_wanted));
	awaits(&second, "a", true);
	awaits(&third, "a", true);
	assert_true(atomic_load(&first.is_wanted));
	still_awaits(&second);
	row_locks_offer(&first, 1);
	still_awaits(&third); /* it is not its turn */
	gets(&second);
	assert_true(atomic_load(&second.is_wanted));
	assert_int_equal(second.base_count, 1);
	assert_ptr_equal(second.bases[0], &first);
	assert_int_equal(atomic_load(&first.references), 2);
	row_locks_offer(&second, 2);
	gets(&third);
	assert_int_equal(third.base_count, 2);
	assert_ptr_equal(third.bases[0], &first);
	assert_ptr_equal(third.bases[1], &second);
	assert_false(atomic_load(&third.is_wanted));
	end_owner(&first);
	end_owner(&second);
	end_owner(&third);
}

/* Who has a lock already, or tells what he reads, waits until they are through. */
static void others_wait_for_who_was_offered(void **state)
{
	struct row_lock_owner first, second, third;
	row_lock_owner_init(&first, *state);
	row_lock_owner_init(&second, *state);
	row_lock_owner_init(&third, *state);
	second.stands_on_offered = true;
	takes(&first, "a", true);
	row_locks_offer(&first, 1);
	takes(&second, "b", true);
	awaits(&second, "a", true);
	awaits(&third, "a", true);
	still_awaits(&second);
	still_awaits(&third);
	assert_false(atomic_load(&first.is_wanted));
	row_locks_release(&first);
	gets(&second);
	assert_int_equal(second.base_count, 0);
	row_locks_release(&second);
	gets(&third);
	row_locks_release(&third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		row_lock_test(first_come_first_served),
		row_lock_test(who_waits_is_not_passed),
		row_lock_test(a_holder_goes_before_who_waits),
		row_lock_test(circles_are_found),
		row_lock_test(circles_over_shared_locks_are_found),
		row_lock_test(many_locks),
		row_lock_test(nobody_is_forgotten_in_a_storm),
		row_lock_test(rising_locks_are_runs),
		row_lock_test(a_run_is_waited_for),
		row_lock_test(runs_are_exclusive),
		row_lock_test(who_was_offered_is_not_waited_for),
		row_lock_test(others_wait_for_who_was_offered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
