/* Many threads commit at once: one order in log and store, few flushes, gates that hold. */
#include "base/log.h"
#include "txn_fixture.h"

enum { THREADS = 8, COMMITS = 60 };

struct worker {
	pthread_t thread;
	struct node *node;
	int number;
	unsigned done; /* commits that were acknowledged */
	atomic_bool *stop;
};

/* Every worker changes rows of its own and one that all share. */
static void *run_worker(void *argument)
{
	struct worker *worker = argument;
	struct txn *txn = txn_create(worker->node->manager);
	for (int i = 0; i < COMMITS; i++) {
		char name[32];
		snprintf(name, sizeof name, "%d.%d", worker->number, i);
		txn_statement_begin(txn);
		put_row(txn, name);
		if (i % 3 == 0)
			put_row(txn, "shared");
		txn_statement_end(txn);
		commit(txn);
		worker->done++;
		assert_true(has_row(worker->node, name));
	}
	txn_destroy(&txn);
	return NULL;
}

static void start_workers(struct worker *workers, struct node *node, void *(*run)(void *), atomic_bool *stop)
{
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){.node = node, .number = i, .stop = stop};
		assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
	}
}

static void join_workers(struct worker *workers)
{
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
}

/* What the log must be: gap-free GTIDs and sequences, sane parents, rising times. */
struct order {
	int64_t gno, sequence;
	uint64_t last_us;
	unsigned transactions, xids;
	int64_t shared_at;   /* sequence of the last transaction that wrote the shared row */
	int64_t parent;      /* of the transaction being read */
	bool writes_shared;
};

static void check_order(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	struct order *order = argument;
	struct event_gtid gtid;
	struct event_query query;
	struct diag diag = DIAG_INIT;
	if (event->type == EVENT_GTID) {
		must(event_decode_gtid(event, &gtid, &diag), &diag);
		assert_int_equal(gtid.gtid.gno, ++order->gno);
		if (gtid.sequence_number == 1) /* a new file counts anew */
			order->sequence = order->shared_at = 0;
		assert_int_equal(gtid.sequence_number, ++order->sequence);
		assert_true(gtid.last_committed < gtid.sequence_number);
		assert_true(gtid.immediate_commit_us > order->last_us);
		order->last_us = gtid.immediate_commit_us;
		order->parent = gtid.last_committed;
		order->transactions++;
		order->writes_shared = false;
	} else if (event->type == EVENT_QUERY) {
		must(event_decode_query(event, &query, &diag), &diag);
		if (bytes_equal(query.query, bytes_of_string("put shared")))
			order->writes_shared = true;
	} else if (event->type == EVENT_XID) {
		order->xids++;
		if (order->writes_shared) {
			assert_true(order->parent >= order->shared_at); /* both held the row's lock, one after the other */
			order->shared_at = order->sequence;
		}
	}
}

static void test_the_log_is_whole_and_in_order(void **state)
{
	struct node node = {.max_log_size = 16 * 1024}; /* several files */
	struct worker workers[THREADS];
	node_create(&node);
	start_workers(workers, &node, run_worker, NULL);
	join_workers(workers);
	struct order order = {0};
	walk_log(&node, (struct binlog_position){0}, check_order, &order);
	assert_int_equal(order.transactions, THREADS * COMMITS);
	assert_int_equal(order.xids, THREADS * COMMITS);
	struct txn_stats stats;
	txn_manager_get_stats(node.manager, &stats);
	assert_int_equal(stats.logged_commits, THREADS * COMMITS);
	assert_true(stats.groups <= stats.logged_commits);
	assert_int_equal(stats.log_syncs, stats.groups);
	struct binlog_position position;
	struct diag diag = DIAG_INIT;
	must(txn_read_position(node.store, &position, &diag), &diag);
	assert_int_equal(binlog_position_compare(position, binlog_get_end(node.binlog)), 0);
	/* the shared row was written last by who is last in the log */
	struct store_row_header header;
	assert_true(read_row(&node, "shared", &header));
	node_remove(&node);
}

static void *run_until_stopped(void *argument)
{
	struct worker *worker = argument;
	struct txn *txn = txn_create(worker->node->manager);
	char name[32];
	snprintf(name, sizeof name, "w%d", worker->number);
	if (worker->number % 4 == 3)
		txn_set_logging(txn, false);
	while (!atomic_load(worker->stop)) {
		put_row(txn, name);
		commit(txn);
		worker->done++;
	}
	txn_destroy(&txn);
	return NULL;
}

static void test_the_gate_stops_commits_and_the_log_can_be_taken(void **state)
{
	struct node node = {0};
	struct worker workers[THREADS];
	struct diag diag = DIAG_INIT;
	atomic_bool stop = false;
	node_create(&node);
	start_workers(workers, &node, run_until_stopped, &stop);
	for (int i = 0; i < 5; i++) {
		struct txn_stats before, after;
		txn_manager_block_commits(node.manager);
		struct binlog_position end = binlog_get_end(node.binlog);
		txn_manager_get_stats(node.manager, &before);
		must(txn_manager_rotate_log(node.manager, &diag), &diag); /* as FLUSH LOGS under a global read lock */
		usleep(2000);
		txn_manager_get_stats(node.manager, &after);
		assert_int_equal(before.logged_commits, after.logged_commits);
		assert_int_equal(binlog_get_end(node.binlog).file, end.file + 1);
		txn_manager_unblock_commits(node.manager);
		must(txn_manager_rotate_log(node.manager, &diag), &diag); /* and among commits */
	}
	atomic_store(&stop, true);
	join_workers(workers);
	struct order order = {0};
	walk_log(&node, (struct binlog_position){0}, check_order, &order);
	unsigned logged = 0;
	for (int i = 0; i < THREADS; i++)
		logged += workers[i].number % 4 == 3 ? 0 : workers[i].done;
	assert_int_equal(order.transactions, logged);
	node_remove(&node);
}

static void *commit_while_interrupted(void *argument)
{
	struct worker *worker = argument;
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(worker->node->manager);
	txn_set_interrupt(txn, worker->stop);
	put_row(txn, "a");
	assert_int_equal(txn_commit(txn, &diag), -1);
	assert_int_equal(diag.code, ER_QUERY_INTERRUPTED);
	txn_destroy(&txn);
	return NULL;
}

static void test_an_interrupt_is_heard_at_the_gate(void **state)
{
	struct node node = {0};
	atomic_bool killed = false;
	node_create(&node);
	txn_manager_block_commits(node.manager);
	struct worker worker = {.node = &node, .stop = &killed};
	assert_int_equal(pthread_create(&worker.thread, NULL, commit_while_interrupted, &worker), 0);
	atomic_store(&killed, true);
	pthread_join(worker.thread, NULL);
	txn_manager_unblock_commits(node.manager);
	assert_false(has_row(&node, "a"));
	node_remove(&node);
}

static void *commit_with_failures(void *argument)
{
	struct worker *worker = argument;
	struct txn *txn = txn_create(worker->node->manager);
	for (int i = 0; i < COMMITS; i++) {
		char name[32];
		struct diag diag = DIAG_INIT;
		snprintf(name, sizeof name, "%d.%d", worker->number, i);
		put_row(txn, name);
		bool ok = txn_commit(txn, &diag) == 0;
		assert_int_equal(has_row(worker->node, name), ok);
		assert_true(ok || diag.code == ER_ERROR_ON_WRITE);
		worker->done += ok;
	}
	txn_destroy(&txn);
	return NULL;
}

static void count_xid(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	*(unsigned *)argument += event->type == EVENT_XID;
}

static void test_a_failed_group_leaves_neither_rows_nor_events(void **state)
{
	struct node node = {0};
	struct worker workers[THREADS];
	struct diag diag = DIAG_INIT;
	node_create(&node);
	must(fault_set("commit.after_log_write=error@3,commit.before_log=error@7,binlog.group_write=error@9", &diag), &diag);
	start_workers(workers, &node, commit_with_failures, NULL);
	join_workers(workers);
	must(fault_set("", &diag), &diag);
	unsigned done = 0, xids = 0;
	for (int i = 0; i < THREADS; i++)
		done += workers[i].done;
	walk_log(&node, (struct binlog_position){0}, count_xid, &xids);
	assert_int_equal(xids, done);
	assert_true(done < THREADS * COMMITS);
	node_remove(&node);
}

/* ------------------------------------------------------------------------------ groups that wait to be confirmed */

enum { LEADERS_MAX = 70 };

/* What stands for replicas: it confirms up to a place in the log. */
struct replicas {
	struct lock lock;
	/* guarded by lock */
	struct condition changed;
	struct binlog_position ends[LEADERS_MAX]; /* of the groups, as they were logged */
	unsigned logged, waiting;
	bool confirms_all;
	unsigned confirmed; /* which one of them is confirmed, counted from 1; 0: none */
};

static bool note_logged(void *argument, struct binlog_position end)
{
	struct replicas *replicas = argument;
	lock_take(&replicas->lock);
	replicas->ends[replicas->logged++] = end;
	condition_broadcast(&replicas->changed);
	lock_release(&replicas->lock);
	return true;
}

static bool is_confirmed(const struct replicas *replicas, struct binlog_position end)
{
	return replicas->confirms_all || (replicas->confirmed && binlog_position_compare(
			replicas->ends[replicas->confirmed - 1], end) == 0);
}

static int wait_to_be_confirmed(void *argument, struct binlog_position end, unsigned transactions, struct diag *diag)
{
	struct replicas *replicas = argument;
	(void)transactions, (void)diag;
	lock_take(&replicas->lock);
	replicas->waiting++;
	condition_broadcast(&replicas->changed);
	while (!is_confirmed(replicas, end))
		condition_wait(&replicas->changed, &replicas->lock);
	replicas->waiting--;
	condition_broadcast(&replicas->changed);
	lock_release(&replicas->lock);
	return 0;
}

static void wait_waiting(struct replicas *replicas, unsigned count)
{
	lock_take(&replicas->lock);
	while (replicas->waiting != count)
		condition_wait(&replicas->changed, &replicas->lock);
	lock_release(&replicas->lock);
}

static void confirm(struct replicas *replicas, unsigned group, bool all)
{
	lock_take(&replicas->lock);
	replicas->confirmed = group;
	replicas->confirms_all = all;
	condition_broadcast(&replicas->changed);
	lock_release(&replicas->lock);
}

static void init_replicas(struct replicas *replicas, struct node *node)
{
	*replicas = (struct replicas){0};
	lock_init(&replicas->lock, "test.replicas", LOCK_RANK_LEAF);
	condition_init(&replicas->changed);
	txn_manager_set_group_hooks(node->manager, &(struct txn_group_hooks){
		.argument = replicas, .logged = note_logged, .confirm = wait_to_be_confirmed});
}

static void deinit_replicas(struct replicas *replicas)
{
	condition_deinit(&replicas->changed);
	lock_deinit(&replicas->lock);
}

static void *commit_own_row(void *argument)
{
	struct worker *worker = argument;
	struct txn *txn = txn_create(worker->node->manager);
	char name[16];
	snprintf(name, sizeof name, "r%d", worker->number);
	put_row(txn, name);
	commit(txn);
	assert_true(has_row(worker->node, name));
	txn_destroy(&txn);
	return NULL;
}

static void start_commit(struct worker *worker, struct node *node, int number)
{
	*worker = (struct worker){.node = node, .number = number};
	assert_int_equal(pthread_create(&worker->thread, NULL, commit_own_row, worker), 0);
}

/* Three groups are logged, one behind the other, and none is visible before it and all before it are confirmed. */
static void test_groups_wait_side_by_side_and_are_stored_in_order(void **state)
{
	struct node node = {0};
	struct replicas replicas;
	struct worker workers[3];
	(void)state;
	node_create(&node);
	init_replicas(&replicas, &node);
	for (int i = 0; i < 3; i++) {
		start_commit(&workers[i], &node, i);
		wait_waiting(&replicas, (unsigned)i + 1);
	}
	assert_int_equal(replicas.logged, 3);
	confirm(&replicas, 3, false);
	wait_waiting(&replicas, 2);
	assert_false(has_row(&node, "r0") || has_row(&node, "r1") || has_row(&node, "r2"));
	confirm(&replicas, 1, false);
	pthread_join(workers[0].thread, NULL);
	assert_true(has_row(&node, "r0") && !has_row(&node, "r1") && !has_row(&node, "r2"));
	confirm(&replicas, 2, false);
	pthread_join(workers[1].thread, NULL);
	pthread_join(workers[2].thread, NULL);
	assert_true(has_row(&node, "r1") && has_row(&node, "r2"));
	deinit_replicas(&replicas);
	node_remove(&node);
}

/* Who comes when many groups wait already is gathered to one, and not forgotten. */
static void test_the_groups_that_wait_are_bounded(void **state)
{
	enum { UNDER_WAY_MAX = 64 };
	struct node node = {0};
	struct replicas replicas;
	struct worker workers[LEADERS_MAX];
	(void)state;
	node_create(&node);
	init_replicas(&replicas, &node);
	for (int i = 0; i < LEADERS_MAX; i++) {
		start_commit(&workers[i], &node, i);
		wait_waiting(&replicas, i < UNDER_WAY_MAX ? (unsigned)i + 1 : UNDER_WAY_MAX);
	}
	assert_true(replicas.logged <= UNDER_WAY_MAX + 1);
	confirm(&replicas, 0, true);
	for (int i = 0; i < LEADERS_MAX; i++)
		pthread_join(workers[i].thread, NULL);
	struct order order = {0};
	walk_log(&node, (struct binlog_position){0}, check_order, &order);
	assert_int_equal(order.transactions, LEADERS_MAX);
	txn_manager_block_commits(node.manager); /* nothing is left under way */
	txn_manager_unblock_commits(node.manager);
	deinit_replicas(&replicas);
	node_remove(&node);
}

static int commit_outcome(struct txn *txn)
{
	struct diag diag = DIAG_INIT;
	return txn_commit(txn, &diag) == 0 ? 0 : (int)diag.code;
}

static void *run_commit(void *txn)
{
	return (void *)(intptr_t)commit_outcome(txn);
}

static void *run_put_shared(void *txn)
{
	put_row(txn, "shared");
	return NULL;
}

static void set_faults(const char *text)
{
	struct diag diag = DIAG_INIT;
	must(fault_set(text, &diag), &diag);
}

/* One is in the queue, where its leader rests; the other has waited for its row and now stands on it. */
static void begin_two(struct txn *first, struct txn *second, pthread_t *out_first_commit)
{
	pthread_t waits;
	atomic_bool is_waiting = false;
	put_row(first, "shared");
	assert_true(txn_stand_on_commits(second));
	txn_set_wait_flag(second, &is_waiting);
	assert_int_equal(pthread_create(&waits, NULL, run_put_shared, second), 0);
	while (!atomic_load(&is_waiting))
		usleep(1000);
	set_faults("commit.lead=pause");
	assert_int_equal(pthread_create(out_first_commit, NULL, run_commit, first), 0);
	pthread_join(waits, NULL);
	txn_set_wait_flag(second, NULL);
}

static void check_two(const char *faults, bool joins_later, int expected)
{
	struct node node = {0};
	node_create(&node);
	struct txn *first = txn_create(node.manager), *second = txn_create(node.manager);
	pthread_t first_commit, second_commit;
	void *first_outcome, *second_outcome;
	begin_two(first, second, &first_commit);
	if (!joins_later)
		assert_int_equal(pthread_create(&second_commit, NULL, run_commit, second), 0);
	set_faults(faults);
	pthread_join(first_commit, &first_outcome);
	set_faults("");
	if (joins_later)
		assert_int_equal(pthread_create(&second_commit, NULL, run_commit, second), 0);
	pthread_join(second_commit, &second_outcome);
	assert_int_equal((intptr_t)first_outcome != 0, expected != 0);
	assert_int_equal((intptr_t)second_outcome, expected);
	txn_destroy(&first);
	txn_destroy(&second);
	node_remove(&node);
}

static void test_who_stands_on_a_commit_commits_behind_it(void **state)
{
	check_two("", false, 0);
	check_two("", true, 0);
}

static void test_who_stands_on_a_failure_fails(void **state)
{
	check_two("commit.before_log=error@1", true, ER_LOCK_DEADLOCK);
}

/* One that has nothing to commit, and would tell what it saw. */
static void test_who_only_reads_waits_for_the_commit(void **state)
{
	static const char *const faults[] = {"", "commit.before_log=error@1"};
	for (int i = 0; i < 2; i++) {
		struct node node = {0};
		struct diag diag = DIAG_INIT;
		pthread_t commits;
		node_create(&node);
		struct txn *first = txn_create(node.manager), *second = txn_create(node.manager);
		txn_statement_begin(second);
		begin_two(first, second, &commits);
		txn_statement_rollback(second);
		assert_false(txn_has_changes(second));
		set_faults(faults[i]);
		assert_int_equal(txn_await_bases(second, &diag), i == 0 ? 0 : -1);
		assert_int_equal(has_row(&node, "shared"), i == 0);
		assert_int_equal(commit_outcome(second), i == 0 ? 0 : ER_LOCK_DEADLOCK);
		pthread_join(commits, NULL);
		set_faults("");
		txn_destroy(&first);
		txn_destroy(&second);
		node_remove(&node);
	}
}

int main(void)
{
	log_set_verbosity(0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_log_is_whole_and_in_order),
		cmocka_unit_test(test_the_gate_stops_commits_and_the_log_can_be_taken),
		cmocka_unit_test(test_an_interrupt_is_heard_at_the_gate),
		cmocka_unit_test(test_a_failed_group_leaves_neither_rows_nor_events),
		cmocka_unit_test(test_groups_wait_side_by_side_and_are_stored_in_order),
		cmocka_unit_test(test_the_groups_that_wait_are_bounded),
		cmocka_unit_test(test_who_stands_on_a_commit_commits_behind_it),
		cmocka_unit_test(test_who_stands_on_a_failure_fails),
		cmocka_unit_test(test_who_only_reads_waits_for_the_commit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
