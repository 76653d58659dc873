/* Who waits for whom, and when nobody does any more: the state machine without a network. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dump/semi_sync.h"

static const struct semi_sync_settings patient = {.is_enabled = true, .timeout_ms = 60000, .replica_count = 1,
						  .waits_without_replicas = true, .falls_back = true};

static struct binlog_position at(uint64_t offset)
{
	return (struct binlog_position){1, offset};
}

/* A commit in a thread of its own, its hooks as the group commit calls them. */
struct commit {
	struct txn_group_hooks hooks;
	struct binlog_position end;
	struct diag diag;
	int status;
	pthread_t thread;
};

static void *run_commit(void *argument)
{
	struct commit *commit = argument;
	commit->hooks.logged(commit->hooks.argument, commit->end);
	commit->status = commit->hooks.confirm(commit->hooks.argument, commit->end, 1, &commit->diag);
	if (commit->status == 0)
		commit->status = commit->hooks.stored(commit->hooks.argument, commit->end, 1, &commit->diag);
	return NULL;
}

static void begin(struct commit *commit, struct semi_sync *semi, uint64_t offset)
{
	*commit = (struct commit){.hooks = semi_sync_hooks(semi), .end = at(offset), .diag = DIAG_INIT};
	assert_int_equal(pthread_create(&commit->thread, NULL, run_commit, commit), 0);
}

static struct semi_sync_stats stats_of(struct semi_sync *semi)
{
	struct semi_sync_stats stats;
	semi_sync_get_stats(semi, &stats);
	return stats;
}

static void wait_waiting(struct semi_sync *semi, unsigned count)
{
	while (stats_of(semi).waiting != count)
		sched_yield();
}

static int finish(struct commit *commit)
{
	pthread_join(commit->thread, NULL);
	return commit->status;
}

static int commit_here(struct semi_sync *semi, uint64_t offset)
{
	struct commit commit = {.hooks = semi_sync_hooks(semi), .end = at(offset), .diag = DIAG_INIT};
	run_commit(&commit);
	return commit.status;
}

static struct semi_sync *make(const struct semi_sync_settings *settings)
{
	struct semi_sync *semi = semi_sync_create(NULL);
	semi_sync_configure(semi, settings);
	return semi;
}

static void test_off_by_default(void **state)
{
	struct semi_sync_settings off = patient;
	off.is_enabled = false;
	struct semi_sync *semi = make(&off);
	struct semi_sync_replica replica;
	semi_sync_join(semi, &replica);
	assert_int_equal(commit_here(semi, 100), 0);
	assert_false(semi_sync_ask(semi, &replica, at(100)));
	assert_int_equal(stats_of(semi).unacknowledged, 0);
	semi_sync_leave(semi, &replica);
	semi_sync_destroy(&semi);
}

static void check_acknowledged(enum semi_sync_point point)
{
	struct semi_sync_settings settings = patient;
	settings.point = point;
	struct semi_sync *semi = make(&settings);
	struct semi_sync_replica replica;
	struct commit commit;
	semi_sync_join(semi, &replica);
	begin(&commit, semi, 100);
	wait_waiting(semi, 1);
	assert_true(semi_sync_ask(semi, &replica, at(100)));
	semi_sync_acknowledge(semi, &replica, at(99));
	assert_int_equal(stats_of(semi).waiting, 1);
	semi_sync_acknowledge(semi, &replica, at(100));
	assert_int_equal(finish(&commit), 0);
	assert_int_equal(stats_of(semi).acknowledged, 1);
	assert_int_equal(stats_of(semi).waits, 1);
	/* What was acknowledged before anybody waited is not waited for. */
	assert_int_equal(commit_here(semi, 100), 0);
	assert_int_equal(stats_of(semi).waits, 1);
	semi_sync_leave(semi, &replica);
	semi_sync_destroy(&semi);
}

static void test_acknowledged(void **state)
{
	check_acknowledged(SEMI_SYNC_AFTER_SYNC);
	check_acknowledged(SEMI_SYNC_AFTER_COMMIT);
}

/* A replica is believed up to where it was asked. */
static void test_claims(void **state)
{
	struct semi_sync *semi = make(&patient);
	struct semi_sync_replica replica;
	struct commit commit;
	semi_sync_join(semi, &replica);
	begin(&commit, semi, 200);
	wait_waiting(semi, 1);
	semi_sync_ask(semi, &replica, at(100));
	semi_sync_acknowledge(semi, &replica, (struct binlog_position){9, 9});
	assert_int_equal(stats_of(semi).waiting, 1);
	semi_sync_ask(semi, &replica, at(200));
	semi_sync_acknowledge(semi, &replica, (struct binlog_position){9, 9});
	assert_int_equal(finish(&commit), 0);
	semi_sync_leave(semi, &replica);
	semi_sync_destroy(&semi);
}

static void test_several_replicas(void **state)
{
	struct semi_sync_settings settings = patient;
	settings.replica_count = 2;
	struct semi_sync *semi = make(&settings);
	struct semi_sync_replica replicas[3];
	struct commit commit;
	for (unsigned i = 0; i < 3; i++) {
		semi_sync_join(semi, &replicas[i]);
		semi_sync_ask(semi, &replicas[i], at(300));
	}
	begin(&commit, semi, 200);
	wait_waiting(semi, 1);
	semi_sync_acknowledge(semi, &replicas[0], at(300));
	assert_int_equal(stats_of(semi).waiting, 1);
	semi_sync_acknowledge(semi, &replicas[2], at(200));
	assert_int_equal(finish(&commit), 0);
	for (unsigned i = 0; i < 3; i++)
		semi_sync_leave(semi, &replicas[i]);
	semi_sync_destroy(&semi);
}

static void test_falling_back_and_returning(void **state)
{
	struct semi_sync_settings settings = patient;
	settings.timeout_ms = 1;
	struct semi_sync *semi = make(&settings);
	struct semi_sync_replica replica;
	assert_int_equal(commit_here(semi, 100), 0);
	assert_false(stats_of(semi).is_on);
	assert_int_equal(stats_of(semi).switched_off, 1);
	assert_int_equal(commit_here(semi, 200), 0);
	assert_int_equal(stats_of(semi).unacknowledged, 2);
	semi_sync_join(semi, &replica);
	semi_sync_ask(semi, &replica, at(150)); /* not the log's end: it has not caught up */
	semi_sync_acknowledge(semi, &replica, at(150));
	assert_false(stats_of(semi).is_on);
	semi_sync_ask(semi, &replica, at(200));
	assert_int_equal(commit_here(semi, 300), 0); /* the log goes on meanwhile */
	semi_sync_ask(semi, &replica, at(300));
	semi_sync_acknowledge(semi, &replica, at(200));
	assert_true(stats_of(semi).is_on);
	semi_sync_leave(semi, &replica);
	semi_sync_destroy(&semi);
}

static void test_too_few_replicas(void **state)
{
	struct semi_sync_settings settings = patient;
	settings.waits_without_replicas = false;
	struct semi_sync *semi = make(&settings);
	struct semi_sync_replica replica;
	struct commit commit;
	semi_sync_join(semi, &replica);
	begin(&commit, semi, 100);
	wait_waiting(semi, 1);
	semi_sync_leave(semi, &replica);
	assert_int_equal(finish(&commit), 0);
	assert_false(stats_of(semi).is_on);
	semi_sync_destroy(&semi);
}

static void test_never(void **state)
{
	struct semi_sync_settings settings = patient;
	settings.falls_back = settings.waits_without_replicas = false;
	settings.timeout_ms = 1;
	struct semi_sync *semi = make(&settings);
	struct commit commit;
	begin(&commit, semi, 100);
	wait_waiting(semi, 1);
	settings.replica_count = 3;
	semi_sync_configure(semi, &settings);
	assert_true(stats_of(semi).is_on);
	assert_int_equal(stats_of(semi).waiting, 1);
	settings.falls_back = true;
	semi_sync_configure(semi, &settings); /* the operator lets go */
	assert_int_equal(finish(&commit), 0);
	assert_int_equal(stats_of(semi).unacknowledged, 1);
	semi_sync_destroy(&semi);
}

static void test_a_log_that_begins_anew(void **state)
{
	struct semi_sync *semi = make(&patient);
	struct semi_sync_replica old, new;
	struct commit commit;
	semi_sync_join(semi, &old);
	semi_sync_ask(semi, &old, at(1000));
	semi_sync_acknowledge(semi, &old, at(1000));
	assert_int_equal(commit_here(semi, 1000), 0);
	begin(&commit, semi, 100);
	wait_waiting(semi, 1);
	semi_sync_acknowledge(semi, &old, at(1000)); /* of the log that was */
	assert_int_equal(stats_of(semi).waiting, 1);
	semi_sync_join(semi, &new);
	semi_sync_ask(semi, &new, at(100));
	semi_sync_acknowledge(semi, &new, at(100));
	assert_int_equal(finish(&commit), 0);
	semi_sync_leave(semi, &old);
	semi_sync_leave(semi, &new);
	semi_sync_destroy(&semi);
}

static void test_shutdown(void **state)
{
	struct semi_sync *semi = make(&patient);
	struct commit commit;
	begin(&commit, semi, 100);
	wait_waiting(semi, 1);
	semi_sync_stop(semi);
	assert_int_equal(finish(&commit), -1);
	assert_int_equal(commit.diag.code, ER_SERVER_SHUTDOWN);
	assert_int_equal(commit_here(semi, 200), -1);
	semi_sync_destroy(&semi);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off_by_default),
		cmocka_unit_test(test_acknowledged),
		cmocka_unit_test(test_claims),
		cmocka_unit_test(test_several_replicas),
		cmocka_unit_test(test_falling_back_and_returning),
		cmocka_unit_test(test_too_few_replicas),
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_a_log_that_begins_anew),
		cmocka_unit_test(test_shutdown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
