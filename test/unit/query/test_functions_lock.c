/* GET_LOCK() between sessions, GTID sets, waiting for transactions and positions. */
#include <pthread.h>
#include <unistd.h>

#include "query_fixture.h"
#include "session/source_wait.h"
#include "session/user_lock.h"

const struct virtual_table *test_virtual_table;
virtual_fill *test_virtual_fill;

#define lock_name(name) bytes_of_string(name)

static void owns(void **state)
{
	struct world *world = *state;
	struct session *other = new_session(world);
	const char *own_id = arena_printf(&world->arena, "%lu", world->session->id);
	assert_answer("SELECT GET_LOCK('a', 0)", "1");
	assert_answer("SELECT GET_LOCK('A', 10)", "1");
	assert_answer("SELECT IS_USED_LOCK('a')", own_id);
	assert_answer("SELECT IS_FREE_LOCK('a'), IS_FREE_LOCK('b'), IS_USED_LOCK('b')", "0|1|NULL");
	assert_string_equal(answer_in(world, other, "SELECT GET_LOCK('a', 0)", NULL), "0");
	assert_string_equal(answer_in(world, other, "SELECT RELEASE_LOCK('a'), RELEASE_LOCK('b')", NULL), "0|NULL");
	assert_answer("SELECT RELEASE_LOCK('a')", "1");
	assert_string_equal(answer_in(world, other, "SELECT GET_LOCK('a', 0)", NULL), "0");
	assert_answer("SELECT GET_LOCK('b', 0)", "1");
	assert_answer("SELECT RELEASE_ALL_LOCKS()", "2");
	assert_answer("SELECT RELEASE_ALL_LOCKS()", "0");
	assert_string_equal(answer_in(world, other, "SELECT GET_LOCK('a', 0)", NULL), "1");
	session_destroy(&other);
	assert_answer("SELECT IS_FREE_LOCK('a')", "1");
	assert_int_equal(error_of(world, "SELECT GET_LOCK('', 0)"), 3057);
	assert_int_equal(error_of(world, "SELECT GET_LOCK(NULL, 0)"), 3057);
	assert_int_equal(error_of(world, "SELECT GET_LOCK(REPEAT('x', 65), 0)"), 3057);
	user_locks_destroy(&world->server);
}

struct waiting {
	struct session *session;
	const char *name;
	enum user_lock_outcome outcome;
	struct diag diag;
};

static void *wait_for_lock(void *argument)
{
	struct waiting *waiting = argument;
	waiting->outcome = user_lock_take(waiting->session, lock_name(waiting->name), -1, &waiting->diag);
	return NULL;
}

static void waits(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct waiting waiting = {.session = new_session(world), .name = "a", .diag = DIAG_INIT};
	pthread_t thread;
	user_lock_take(world->session, lock_name("a"), 0, &diag);
	pthread_create(&thread, NULL, wait_for_lock, &waiting);
	usleep(20000);
	user_lock_release(world->session, lock_name("a"));
	pthread_join(thread, NULL);
	assert_int_equal(waiting.outcome, USER_LOCK_TAKEN);
	assert_int_equal(user_lock_owner(&world->server, lock_name("a")), waiting.session->id);
	assert_int_equal(user_lock_take(world->session, lock_name("a"), 1000, &diag), USER_LOCK_TIMEOUT);
	session_destroy(&waiting.session);
	user_locks_destroy(&world->server);
}

static void hears_kill(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct waiting waiting = {.session = new_session(world), .name = "a", .diag = DIAG_INIT};
	pthread_t thread;
	user_lock_take(world->session, lock_name("a"), 0, &diag);
	pthread_create(&thread, NULL, wait_for_lock, &waiting);
	session_kill(waiting.session, SESSION_KILL_QUERY);
	pthread_join(thread, NULL);
	assert_int_equal(waiting.outcome, USER_LOCK_FAILED);
	assert_int_equal(waiting.diag.code, 1317);
	session_destroy(&waiting.session);
	session_destroy(&world->session);
	world->session = new_session(world);
	user_locks_destroy(&world->server);
}

/* Gives way with all it has, as a client does that hears of a deadlock. */
static void *wait_or_give_way(void *argument)
{
	struct waiting *waiting = argument;
	wait_for_lock(waiting);
	if (waiting->outcome != USER_LOCK_TAKEN)
		user_lock_release_all(waiting->session);
	return NULL;
}

static void finds_deadlocks(void **state)
{
	struct world *world = *state;
	struct diag diag = DIAG_INIT;
	struct waiting waiting = {.session = new_session(world), .name = "a", .diag = DIAG_INIT};
	pthread_t thread;
	user_lock_take(world->session, lock_name("a"), 0, &diag);
	user_lock_take(waiting.session, lock_name("b"), 0, &diag);
	pthread_create(&thread, NULL, wait_or_give_way, &waiting);
	/* Whoever comes second finds it, and gives way. */
	enum user_lock_outcome outcome = user_lock_take(world->session, lock_name("b"), -1, &diag);
	user_lock_release_all(world->session);
	pthread_join(thread, NULL);
	assert_int_equal(outcome == USER_LOCK_TAKEN ? waiting.diag.code : diag.code, 3058);
	assert_int_equal(outcome == USER_LOCK_TAKEN, waiting.outcome != USER_LOCK_TAKEN);
	session_destroy(&waiting.session);
	user_locks_destroy(&world->server);
}

#define SID "3e11fa47-71ca-11e1-9e33-c80aa9429562"

static void counts_gtids(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT GTID_SUBSET('" SID ":23', '" SID ":21-57')", "1");
	assert_answer("SELECT GTID_SUBSET('" SID ":20-25', '" SID ":21-57')", "0");
	assert_answer("SELECT GTID_SUBTRACT('" SID ":21-57', '" SID ":20-25')", SID ":26-57");
	assert_answer("SELECT GTID_SUBTRACT('" SID ":21', '" SID ":20-25'), GTID_SUBSET(NULL, '')", "|NULL");
	assert_int_equal(error_of(world, "SELECT GTID_SUBSET('nonsense', '')"), 1772);
	assert_answer("SELECT WAIT_FOR_EXECUTED_GTID_SET('')", "0");
	assert_answer("SELECT WAIT_FOR_EXECUTED_GTID_SET('" SID ":1', 0.01)", "1");
	assert_int_equal(error_of(world, "SELECT WAIT_FOR_EXECUTED_GTID_SET('" SID ":1', -1)"), 1210);
}

static int give_events(struct session *session, const struct source_wait *wait, int64_t *out, struct diag *diag)
{
	if (wait->timeout_seconds > 0)
		*out = SOURCE_WAIT_TIMEOUT;
	else
		*out = wait->channel.size ? SOURCE_WAIT_NULL : (int64_t)wait->position;
	return 0;
}

static void waits_for_positions(void **state)
{
	struct world *world = *state;
	assert_answer("SELECT MASTER_POS_WAIT('log.000001', 4)", "NULL");
	world->server.source_wait = give_events;
	assert_answer("SELECT MASTER_POS_WAIT('log.000001', 4), SOURCE_POS_WAIT('log.000001', 5, 1), "
		      "SOURCE_POS_WAIT('log.000001', 4, 0, 'other'), MASTER_POS_WAIT(NULL, 4)",
		      "4|-1|NULL|NULL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		world_test(owns), world_test(waits), world_test(hears_kill), world_test(finds_deadlocks),
		world_test(counts_gtids), world_test(waits_for_positions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
