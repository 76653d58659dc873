/*
 * Crashes at every point of a group commit. A child commits until a fault kills it, writing down what was
 * acknowledged; then this process opens what is left and plays recovery: it replays the log from the
 * store's position, as the applier does, and compares.
 */
#include <fcntl.h>
#include <signal.h>

#include "base/log.h"
#include "txn_fixture.h"

enum { THREADS = 4, CHILD_COMMITS = 200 };

struct child_worker {
	pthread_t thread;
	struct node *node;
	int number;
	int acknowledged_fd;
};

static void *commit_and_tell(void *argument)
{
	struct child_worker *worker = argument;
	struct txn *txn = txn_create(worker->node->manager);
	for (int i = 0; i < CHILD_COMMITS; i++) {
		char name[16];
		snprintf(name, sizeof name, "%d.%03d", worker->number, i);
		put_row(txn, name);
		struct diag diag = DIAG_INIT;
		if (txn_commit(txn, &diag) < 0 || write(worker->acknowledged_fd, name, 5) != 5)
			_exit(1);
	}
	txn_destroy(&txn);
	return NULL;
}

static void run_child(struct node *node, const char *fault, int acknowledged_fd)
{
	struct diag diag = DIAG_INIT;
	struct child_worker workers[THREADS];
	node_open(node);
	if (fault_set(fault, &diag) < 0)
		_exit(2);
	for (int i = 0; i < THREADS; i++) {
		workers[i] = (struct child_worker){.node = node, .number = i, .acknowledged_fd = acknowledged_fd};
		if (pthread_create(&workers[i].thread, NULL, commit_and_tell, &workers[i]) != 0)
			_exit(3);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	_exit(0);
}

/* The log's transactions behind the store's position, stored again. */
struct replay {
	struct txn *txn;
	struct gtid gtid;
	int64_t version_us;
	unsigned transactions, rows;
	unsigned logged_rows;
};

static void replay_event(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	struct replay *replay = argument;
	struct diag diag = DIAG_INIT;
	struct event_gtid gtid;
	struct event_query query;
	if (event->type == EVENT_GTID) {
		must(event_decode_gtid(event, &gtid, &diag), &diag);
		replay->version_us = (int64_t)gtid.original_commit_us;
		txn_set_replayed(replay->txn, (struct binlog_position){file, end});
	} else if (event->type == EVENT_QUERY) {
		must(event_decode_query(event, &query, &diag), &diag);
		if (query.query.size <= 4 || memcmp(query.query.data, "put ", 4) != 0)
			return;
		char name[32] = {0};
		memcpy(name, query.query.data + 4, query.query.size - 4);
		put_row_only(replay->txn, name, replay->version_us, SERVER_ID);
		replay->rows++;
	} else if (event->type == EVENT_XID) {
		txn_set_replayed(replay->txn, (struct binlog_position){file, end});
		commit(replay->txn);
		replay->transactions++;
	}
}

struct comparison {
	struct node *node;
	int64_t version_us;
	unsigned rows;
};

/* Every row in the log is in the store, with the log's time as its version. */
static void compare_event(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	struct comparison *comparison = argument;
	struct diag diag = DIAG_INIT;
	struct event_gtid gtid;
	struct event_query query;
	if (event->type == EVENT_GTID) {
		must(event_decode_gtid(event, &gtid, &diag), &diag);
		comparison->version_us = (int64_t)gtid.original_commit_us;
	} else if (event->type == EVENT_QUERY) {
		must(event_decode_query(event, &query, &diag), &diag);
		if (query.query.size <= 4 || memcmp(query.query.data, "put ", 4) != 0)
			return;
		char name[32] = {0};
		struct store_row_header header;
		memcpy(name, query.query.data + 4, query.query.size - 4);
		assert_true(read_row(comparison->node, name, &header));
		assert_int_equal(header.version_us, comparison->version_us);
		comparison->rows++;
	}
}

static unsigned count_stored_rows(struct node *node)
{
	uint8_t lower[4], upper[4];
	unsigned rows = 0;
	bytes_store_uint_be(lower, ROWS, 4);
	bytes_store_uint_be(upper, ROWS + 1, 4);
	struct store_iterator *iterator =
		store_iterator_create(node->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	for (bool more = store_iterator_seek(iterator, bytes_of(lower, 4)); more; more = store_iterator_next(iterator))
		rows++;
	store_iterator_destroy(&iterator);
	return rows;
}

static unsigned check_acknowledged(struct node *node, int fd)
{
	char name[6] = {0};
	unsigned count = 0;
	lseek(fd, 0, SEEK_SET);
	while (read(fd, name, 5) == 5) {
		assert_true(has_row(node, name));
		count++;
	}
	return count;
}

/* lose_store: also the store's unflushed commits go, as in a power loss. */
static void crash_at(const char *fault, bool lose_store)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
#ifdef __SANITIZE_THREAD__
	skip(); /* a child of a process that has had threads may not begin any */
#endif
	strcpy(node.directory, "/tmp/gemel-crash-XXXXXX");
	assert_non_null(mkdtemp(node.directory));
	char path[96], command[256];
	snprintf(path, sizeof path, "%s/acknowledged", node.directory);
	int fd = open(path, O_CREAT | O_RDWR | O_APPEND, 0600);
	assert_true(fd >= 0);
	if (lose_store) {
		/* the store before the child is the store after it */
		node_open(&node);
		node_close(&node);
		snprintf(command, sizeof command, "cp -r %s/store %s/store.old", node.directory, node.directory);
		assert_int_equal(system(command), 0);
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		run_child(&node, fault, fd);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (strstr(fault, "=error")) {
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	} else {
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 137);
	}
	if (lose_store) {
		snprintf(command, sizeof command, "rm -r %s/store && mv %s/store.old %s/store", node.directory,
			 node.directory, node.directory);
		assert_int_equal(system(command), 0);
	}
	struct binlog_position position;
	node_open(&node);
	must(txn_read_position(node.store, &position, &diag), &diag);
	struct replay replay = {.txn = txn_create(node.manager)};
	walk_log(&node, position, replay_event, &replay);
	txn_destroy(&replay.txn);
	struct comparison comparison = {.node = &node};
	walk_log(&node, (struct binlog_position){0}, compare_event, &comparison);
	assert_int_equal(count_stored_rows(&node), comparison.rows);
	unsigned acknowledged = check_acknowledged(&node, fd);
	assert_true(acknowledged <= comparison.rows);
	assert_true(comparison.rows - acknowledged <= THREADS); /* more than what was under way cannot be there */
	if (lose_store)
		assert_true(replay.transactions == comparison.rows);
	close(fd);
	node_remove(&node);
}

static const char *const points[] = {"commit.before_log", "commit.after_log_write", "commit.after_log_flush",
				     "commit.before_store", "commit.after_store", "commit.after_publish"};

static void test_a_crash_at_any_point_loses_nothing_acknowledged(void **state)
{
	for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
		char fault[64];
		snprintf(fault, sizeof fault, "%s=crash@%d", points[i], 40 + (int)i * 7);
		crash_at(fault, false);
	}
}

static void test_a_store_that_lost_its_end_is_replayed(void **state)
{
	crash_at("commit.after_store=crash@50", true);
	crash_at("commit.after_log_flush=crash@33", true);
}

/* What fails cannot be repeated nor taken back: the process ends by itself. */
static void test_a_failed_flush_stops_the_process(void **state)
{
	crash_at("commit.log_flush=error@20", false);
}

int main(void)
{
	log_set_verbosity(0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_crash_at_any_point_loses_nothing_acknowledged),
		cmocka_unit_test(test_a_store_that_lost_its_end_is_replayed),
		cmocka_unit_test(test_a_failed_flush_stops_the_process),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
