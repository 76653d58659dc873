/* Metadata locks: who may hold what together, who waits for whom, and how waits end. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "catalog/mdl_internal.h"

/* A session in a thread of its own that makes one request. */
struct actor {
	struct mdl_owner *owner;
	const char *table;
	enum mdl_mode mode;
	int64_t timeout_ms;
	int status;
	struct diag diag;
	_Atomic bool done;
	pthread_t thread;
};

static void *run_actor(void *argument)
{
	struct actor *actor = argument;
	actor->status = mdl_acquire(actor->owner, "d", actor->table, actor->mode, MDL_TRANSACTION,
				    actor->timeout_ms, &actor->diag);
	actor->done = true;
	return NULL;
}

static void start(struct actor *actor, struct mdl_owner *owner, const char *table, enum mdl_mode mode,
		  int64_t timeout_ms)
{
	*actor = (struct actor){.owner = owner, .table = table, .mode = mode, .timeout_ms = timeout_ms,
				.diag = DIAG_INIT};
	assert_int_equal(pthread_create(&actor->thread, NULL, run_actor, actor), 0);
}

static unsigned join(struct actor *actor)
{
	pthread_join(actor->thread, NULL);
	return actor->status == 0 ? 0 : actor->diag.code;
}

static bool is_queued(struct mdl_owner *owner)
{
	struct mdl *mdl = owner->mdl;
	for (unsigned i = 0; i < mdl_shard_count; i++)
		lock_take_beside(&mdl->shards[i].lock);
	bool is_queued = owner->state == WAIT_QUEUED;
	for (unsigned i = 0; i < mdl_shard_count; i++)
		lock_release(&mdl->shards[i].lock);
	return is_queued;
}

/* Once its request is in the queue; one that was granted, or refused, never is. */
static void assert_waits(struct actor *actor)
{
	while (!actor->done && !is_queued(actor->owner))
		sched_yield();
	assert_false(actor->done);
}

static int try(struct mdl_owner *owner, const char *database, const char *table, enum mdl_mode mode,
	       enum mdl_duration duration)
{
	struct diag diag = DIAG_INIT;
	int status = mdl_acquire(owner, database, table, mode, duration, 0, &diag);
	if (status != 0)
		assert_int_equal(diag.code, ER_LOCK_WAIT_TIMEOUT);
	return status;
}

static void test_matrix(void **state)
{
	(void)state;
	static const char *const table[MDL_MODE_COUNT] = {
		[MDL_SHARED_READ] = "+++-+-", [MDL_SHARED_WRITE] = "++--+-", [MDL_SHARED_READ_ONLY] = "+-+---",
		[MDL_SHARED_NO_READ_WRITE] = "------", [MDL_INTENTION_EXCLUSIVE] = "++--+-",
		[MDL_EXCLUSIVE] = "------",
	};
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2);
	for (unsigned held = 0; held < MDL_MODE_COUNT; held++) {
		for (unsigned wanted = 0; wanted < MDL_MODE_COUNT; wanted++) {
			assert_int_equal(try(a, "d", "t", held, MDL_STATEMENT), 0);
			assert_int_equal(try(b, "d", "t", wanted, MDL_STATEMENT) == 0, table[held][wanted] == '+');
			mdl_release(a, MDL_STATEMENT);
			mdl_release(b, MDL_STATEMENT);
		}
	}
	mdl_owner_destroy(&a);
	mdl_owner_destroy(&b);
	mdl_destroy(&mdl);
}

static void test_own_locks_never_conflict(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2);
	assert_int_equal(try(a, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), 0);
	assert_int_equal(try(a, "d", "t", MDL_EXCLUSIVE, MDL_STATEMENT), 0);
	assert_true(mdl_holds(a, "d", "t", MDL_SHARED_NO_READ_WRITE));
	assert_int_equal(try(a, "d", "t", MDL_SHARED_READ_ONLY, MDL_EXPLICIT), 0);
	mdl_release(a, MDL_STATEMENT);
	assert_false(mdl_holds(a, "d", "t", MDL_EXCLUSIVE));
	assert_int_equal(try(b, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), -1);
	mdl_release_name(a, "d", "t", MDL_EXPLICIT);
	assert_int_equal(try(b, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), 0);
	/* Other names, the database and GLOBAL are other locks. */
	assert_int_equal(try(b, "d", NULL, MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	assert_int_equal(try(b, NULL, NULL, MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	assert_int_equal(try(a, "d", "u", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	mdl_owner_destroy(&a);
	mdl_owner_destroy(&b);
	mdl_destroy(&mdl);
}

static void test_writer_is_not_starved(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *reader = mdl_owner_create(mdl, 1), *writer = mdl_owner_create(mdl, 2),
			 *late = mdl_owner_create(mdl, 3);
	struct actor ddl, select;
	assert_int_equal(try(reader, "d", "t", MDL_SHARED_READ, MDL_TRANSACTION), 0);
	start(&ddl, writer, "t", MDL_EXCLUSIVE, 10000);
	assert_waits(&ddl);
	start(&select, late, "t", MDL_SHARED_READ, 10000);
	assert_waits(&select);
	/* Who is in already may take more. */
	assert_int_equal(try(reader, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), 0);
	mdl_release(reader, MDL_TRANSACTION);
	assert_int_equal(join(&ddl), 0);
	assert_waits(&select);
	mdl_release(writer, MDL_TRANSACTION);
	assert_int_equal(join(&select), 0);
	mdl_owner_destroy(&reader);
	mdl_owner_destroy(&writer);
	mdl_owner_destroy(&late);
	mdl_destroy(&mdl);
}

/* A waiter that gives up lets those behind it pass. */
static void test_timeout_frees_the_queue(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *reader = mdl_owner_create(mdl, 1), *writer = mdl_owner_create(mdl, 2),
			 *late = mdl_owner_create(mdl, 3);
	struct actor ddl, select;
	assert_int_equal(try(reader, "d", "t", MDL_SHARED_READ, MDL_TRANSACTION), 0);
	start(&ddl, writer, "t", MDL_EXCLUSIVE, 100);
	assert_waits(&ddl);
	start(&select, late, "t", MDL_SHARED_READ, 10000);
	assert_int_equal(join(&ddl), ER_LOCK_WAIT_TIMEOUT);
	assert_int_equal(join(&select), 0);
	mdl_owner_destroy(&reader);
	mdl_owner_destroy(&writer);
	mdl_owner_destroy(&late);
	mdl_destroy(&mdl);
}

static void test_deadlock_of_equals_ends_the_newest(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2);
	struct actor first, second;
	assert_int_equal(try(a, "d", "t", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	assert_int_equal(try(b, "d", "u", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	start(&first, a, "u", MDL_EXCLUSIVE, 10000);
	assert_waits(&first);
	start(&second, b, "t", MDL_EXCLUSIVE, 10000);
	assert_int_equal(join(&second), ER_LOCK_DEADLOCK);
	mdl_owner_destroy(&b);
	assert_int_equal(join(&first), 0);
	mdl_owner_destroy(&a);
	mdl_destroy(&mdl);
}

/* DDL closes a cycle of three: one of the statements that only change rows gives way. */
static void test_deadlock_spares_ddl(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2), *c = mdl_owner_create(mdl, 3);
	struct actor write_u, write_v, ddl;
	assert_int_equal(try(a, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), 0);
	assert_int_equal(try(b, "d", "u", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	assert_int_equal(try(c, "d", "v", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	start(&write_u, a, "u", MDL_SHARED_WRITE, 10000);
	assert_waits(&write_u);
	start(&write_v, b, "v", MDL_SHARED_READ, 10000);
	assert_waits(&write_v);
	start(&ddl, c, "t", MDL_EXCLUSIVE, 10000);
	assert_int_equal(join(&write_v), ER_LOCK_DEADLOCK);
	assert_waits(&ddl);
	mdl_release(b, MDL_TRANSACTION);
	assert_int_equal(join(&write_u), 0);
	mdl_release(a, MDL_TRANSACTION);
	assert_int_equal(join(&ddl), 0);
	mdl_owner_destroy(&a);
	mdl_owner_destroy(&b);
	mdl_owner_destroy(&c);
	mdl_destroy(&mdl);
}

/* Who is in the way waits for a row, and we hold rows: as good as a cycle. Whoever holds none waits on. */
static void test_row_waits_are_ends_of_cycles(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2), *c = mdl_owner_create(mdl, 3);
	struct mdl_owner *d = mdl_owner_create(mdl, 4);
	atomic_bool waits_for_row = false;
	struct actor holder_of_rows, other, later_holder;
	mdl_owner_watch(a, &waits_for_row);
	mdl_owner_set_holds_rows(b, true);
	mdl_owner_set_holds_rows(d, true);
	assert_int_equal(try(a, "d", "t", MDL_SHARED_WRITE, MDL_TRANSACTION), 0);
	start(&holder_of_rows, b, "t", MDL_SHARED_READ_ONLY, 10000);
	start(&other, c, "t", MDL_SHARED_READ_ONLY, 10000);
	assert_waits(&holder_of_rows);
	assert_waits(&other);
	waits_for_row = true;
	assert_int_equal(join(&holder_of_rows), ER_LOCK_DEADLOCK);
	/* One that comes later looks as often as it takes to find out; so long the other has waited, and twice. */
	start(&later_holder, d, "t", MDL_SHARED_READ_ONLY, 10000);
	assert_int_equal(join(&later_holder), ER_LOCK_DEADLOCK);
	assert_waits(&other);
	mdl_release(a, MDL_TRANSACTION);
	assert_int_equal(join(&other), 0);
	mdl_owner_destroy(&a);
	mdl_owner_destroy(&b);
	mdl_owner_destroy(&c);
	mdl_owner_destroy(&d);
	mdl_destroy(&mdl);
}

static void test_kill(void **state)
{
	(void)state;
	struct mdl *mdl = mdl_create();
	struct mdl_owner *a = mdl_owner_create(mdl, 1), *b = mdl_owner_create(mdl, 2);
	struct actor actor;
	assert_int_equal(try(a, "d", "t", MDL_EXCLUSIVE, MDL_TRANSACTION), 0);
	start(&actor, b, "t", MDL_SHARED_READ, 60000);
	assert_waits(&actor);
	mdl_kill(b);
	assert_int_equal(join(&actor), ER_QUERY_INTERRUPTED);
	/* The next wait too, until cleared; what needs no wait is granted. */
	start(&actor, b, "t", MDL_SHARED_READ, 60000);
	assert_int_equal(join(&actor), ER_QUERY_INTERRUPTED);
	assert_int_equal(try(b, "d", "u", MDL_SHARED_READ, MDL_TRANSACTION), 0);
	mdl_clear_kill(b);
	assert_int_equal(try(b, "d", "t", MDL_SHARED_READ, MDL_TRANSACTION), -1);
	mdl_owner_destroy(&a);
	mdl_owner_destroy(&b);
	mdl_destroy(&mdl);
}

enum { storm_threads = 8, storm_rounds = 3000, storm_tables = 5 };

struct storm {
	struct mdl *mdl;
	unsigned number;
	_Atomic int *readers, *writers, *excluders; /* by table: who is inside */
	unsigned deadlocks, grants;
};

static void enter(struct storm *storm, unsigned table, enum mdl_mode mode, int delta)
{
	if (mode == MDL_EXCLUSIVE)
		storm->excluders[table] += delta;
	else if (mode == MDL_SHARED_WRITE)
		storm->writers[table] += delta;
	else
		storm->readers[table] += delta;
}

/* Two tables in any order, in any modes: everything ends, and nobody meets whom it excludes. */
static void *run_storm(void *argument)
{
	static const char *const names[storm_tables] = {"t0", "t1", "t2", "t3", "t4"}; /* in several shards */
	static const enum mdl_mode modes[3] = {MDL_SHARED_READ, MDL_SHARED_WRITE, MDL_EXCLUSIVE};
	struct storm *storm = argument;
	struct mdl_owner *owner = mdl_owner_create(storm->mdl, storm->number);
	unsigned seed = storm->number * 7919 + 1;
	for (unsigned round = 0; round < storm_rounds; round++) {
		unsigned table[2] = {rand_r(&seed) % storm_tables, 0};
		table[1] = (table[0] + 1 + rand_r(&seed) % (storm_tables - 1)) % storm_tables;
		enum mdl_mode mode[2] = {modes[rand_r(&seed) % 3], modes[rand_r(&seed) % 3]};
		unsigned held = 0;
		struct diag diag = DIAG_INIT;
		while (held < 2 && mdl_acquire(owner, "d", names[table[held]], mode[held], MDL_TRANSACTION, 60000,
					       &diag) == 0) {
			enter(storm, table[held], mode[held], 1);
			held++;
		}
		if (held < 2 && diag.code == ER_LOCK_DEADLOCK)
			storm->deadlocks++;
		assert_true(held == 2 || diag.code == ER_LOCK_DEADLOCK);
		for (unsigned i = 0; i < held; i++) {
			if (mode[i] == MDL_EXCLUSIVE)
				assert_int_equal(storm->excluders[table[i]] + storm->writers[table[i]] +
							 storm->readers[table[i]], 1);
			enter(storm, table[i], mode[i], -1);
			storm->grants++;
		}
		mdl_release(owner, MDL_TRANSACTION);
	}
	mdl_owner_destroy(&owner);
	return NULL;
}

static void test_storm(void **state)
{
	(void)state;
	_Atomic int inside[3][storm_tables] = {0};
	struct mdl *mdl = mdl_create();
	struct storm storms[storm_threads];
	pthread_t threads[storm_threads];
	unsigned grants = 0;
	for (unsigned i = 0; i < storm_threads; i++) {
		storms[i] = (struct storm){.mdl = mdl, .number = i, .readers = inside[0], .writers = inside[1],
					   .excluders = inside[2]};
		assert_int_equal(pthread_create(&threads[i], NULL, run_storm, &storms[i]), 0);
	}
	for (unsigned i = 0; i < storm_threads; i++) {
		pthread_join(threads[i], NULL);
		grants += storms[i].grants;
	}
	assert_true(grants > storm_threads * storm_rounds);
	mdl_destroy(&mdl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_own_locks_never_conflict),
		cmocka_unit_test(test_writer_is_not_starved),
		cmocka_unit_test(test_timeout_frees_the_queue),
		cmocka_unit_test(test_deadlock_of_equals_ends_the_newest),
		cmocka_unit_test(test_deadlock_spares_ddl),
		cmocka_unit_test(test_row_waits_are_ends_of_cycles),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_storm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
