/* One transaction: what it logs, what it stores, and what is left when parts of it are taken back. */
#include "txn_fixture.h"

static int setup(void **state)
{
	struct node *node = memory_zalloc(sizeof *node);
	node_create(node);
	*state = node;
	return 0;
}

static int teardown(void **state)
{
	node_remove(*state);
	memory_free(*state);
	return 0;
}

static void test_commit_logs_and_stores(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	assert_false(txn_is_active(txn));
	put_row(txn, "a");
	put_row(txn, "b");
	assert_true(txn_has_changes(txn));
	commit(txn);
	assert_false(txn_is_active(txn));
	struct store_row_header header;
	assert_true(read_row(node, "a", &header));
	assert_int_equal(header.origin_server_id, SERVER_ID);
	int64_t first_us = header.version_us;
	assert_true(first_us > 1600000000000000);
	assert_true(read_row(node, "b", &header));
	assert_int_equal(header.version_us, first_us);
	put_row(txn, "c");
	commit(txn);
	assert_true(read_row(node, "c", &header));
	assert_true(header.version_us > first_us);
	assert_log(node, " [" UUID ":1 0/1] BEGIN put a put b XID [" UUID ":2 1/2] BEGIN put c XID");
	assert_int_equal(txn_last_gtid(txn)->gno, 2);
	const char *file;
	uint64_t offset;
	txn_last_position(txn, &file, &offset);
	assert_string_equal(file, "binlog.000001");
	assert_int_equal(offset, binlog_get_end(node->binlog).offset);
	struct buf stored_file = {0};
	uint64_t stored_offset;
	struct diag diag = DIAG_INIT;
	must(txn_manager_read_position(node->manager, &stored_file, &stored_offset, &diag), &diag);
	assert_string_equal(buf_cstring(&stored_file), file);
	assert_int_equal(stored_offset, offset);
	buf_deinit(&stored_file);
	txn_destroy(&txn);
}

static void test_nothing_is_not_logged(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	commit(txn);
	txn_store(txn);
	txn_read_snapshot(txn);
	commit(txn);
	txn_events(txn); /* asked for, left empty */
	assert_false(txn_has_changes(txn));
	commit(txn);
	put_row(txn, "a");
	txn_rollback(txn);
	assert_false(has_row(node, "a"));
	assert_log(node, "");
	struct txn_stats stats;
	txn_manager_get_stats(node->manager, &stats);
	assert_int_equal(stats.commits, 0);
	assert_int_equal(stats.rollbacks, 1);
	txn_destroy(&txn);
}

static void test_a_failed_statement_leaves_nothing(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	txn_statement_begin(txn);
	put_row(txn, "gone");
	txn_statement_rollback(txn);
	assert_false(txn_has_changes(txn));
	txn_statement_begin(txn);
	put_row(txn, "a");
	txn_statement_end(txn);
	txn_statement_begin(txn);
	put_row(txn, "gone");
	txn_statement_begin(txn);
	put_row(txn, "gone too");
	txn_statement_end(txn);
	txn_statement_rollback(txn);
	txn_statement_rollback(txn); /* nothing is open */
	commit(txn);
	txn_statement_end(txn); /* the statement that committed */
	assert_true(has_row(node, "a"));
	assert_false(has_row(node, "gone"));
	assert_false(has_row(node, "gone too"));
	assert_log(node, " [" UUID ":1 0/1] BEGIN put a XID");
	txn_destroy(&txn);
}

static void test_savepoints(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(node->manager);
	txn_savepoint(txn, "start");
	put_row(txn, "a");
	txn_savepoint(txn, "one");
	put_row(txn, "b");
	txn_savepoint(txn, "two");
	put_row(txn, "c");
	txn_savepoint(txn, "ONE"); /* moves it up here */
	put_row(txn, "d");
	must(txn_rollback_to_savepoint(txn, "one", &diag), &diag);
	put_row(txn, "e");
	must(txn_rollback_to_savepoint(txn, "one", &diag), &diag); /* it is still there */
	put_row(txn, "f");
	must(txn_rollback_to_savepoint(txn, "two", &diag), &diag);
	assert_int_equal(txn_rollback_to_savepoint(txn, "one", &diag), -1); /* went with what it stood on */
	assert_int_equal(diag.code, ER_SP_DOES_NOT_EXIST);
	assert_string_equal(diag.message, "SAVEPOINT one does not exist");
	put_row(txn, "g");
	must(txn_release_savepoint(txn, "two", &diag), &diag);
	assert_int_equal(txn_release_savepoint(txn, "two", &diag), -1);
	commit(txn);
	assert_int_equal(txn_release_savepoint(txn, "start", &diag), -1);
	assert_log(node, " [" UUID ":1 0/1] BEGIN put a put b put g XID");
	for (const char *name = "abcdefg"; *name; name++)
		assert_int_equal(has_row(node, (char[]){*name, 0}), strchr("abg", *name) != NULL);
	put_row(txn, "h");
	txn_savepoint(txn, "x");
	txn_statement_begin(txn);
	put_row(txn, "i");
	txn_savepoint(txn, "y"); /* ends the statement */
	txn_statement_end(txn);
	must(txn_rollback_to_savepoint(txn, "x", &diag), &diag);
	txn_rollback(txn);
	assert_false(has_row(node, "h"));
	txn_destroy(&txn);
}

static void test_ddl_stands_alone(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	put_row_only(txn, "catalog", 0, 0);
	put_event(txn, "table"); /* marked after it was written, as statements are */
	txn_events_statement(txn);
	commit(txn);
	txn_events_statement(txn); /* or before */
	put_event(txn, "view");
	commit(txn);
	put_row(txn, "a");
	commit(txn);
	assert_log(node, " [" UUID ":1 0/1] put table [" UUID ":2 1/2] put view [" UUID ":3 2/3] BEGIN put a XID");
	txn_destroy(&txn);
}

static void test_isolation_decides_the_snapshot(void **state)
{
	struct node *node = *state;
	struct txn *reader = txn_create(node->manager), *writer = txn_create(node->manager);
	put_row(writer, "a");
	commit(writer);
	const struct store_snapshot *first = txn_read_snapshot(reader);
	put_row(writer, "b");
	commit(writer);
	txn_statement_begin(reader);
	assert_ptr_equal(txn_read_snapshot(reader), first);
	txn_statement_end(reader);
	struct diag diag = DIAG_INIT;
	assert_int_equal(store_txn_get(txn_store(reader), txn_read_snapshot(reader), row_key("b"), NULL, &diag),
			 STORE_NOT_FOUND);
	txn_set_isolation(reader, ISOLATION_READ_COMMITTED); /* of the next one */
	assert_ptr_equal(txn_read_snapshot(reader), first);
	commit(reader);
	txn_statement_begin(reader);
	assert_int_equal(store_txn_get(txn_store(reader), txn_read_snapshot(reader), row_key("b"), NULL, &diag), STORE_OK);
	txn_statement_end(reader);
	put_row(writer, "c");
	commit(writer);
	assert_int_equal(store_txn_get(txn_store(reader), txn_read_snapshot(reader), row_key("c"), NULL, &diag), STORE_OK);
	commit(reader);
	txn_set_isolation(reader, ISOLATION_READ_UNCOMMITTED);
	txn_start_snapshot(reader);
	assert_null(txn_read_snapshot(reader));
	commit(reader);
	txn_set_isolation(reader, ISOLATION_SERIALIZABLE);
	txn_start_snapshot(reader);
	assert_true(txn_is_active(reader));
	put_row(writer, "d");
	commit(writer);
	assert_int_equal(store_txn_get(txn_store(reader), txn_read_snapshot(reader), row_key("d"), NULL, &diag),
			 STORE_NOT_FOUND);
	txn_destroy(&reader);
	txn_destroy(&writer);
}

static void test_unlogged_changes_are_stored_and_stamped(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	txn_set_logging(txn, false);
	assert_false(txn_is_logging(txn));
	put_row(txn, "a");
	commit(txn);
	struct store_row_header header;
	assert_true(read_row(node, "a", &header));
	assert_true(header.version_us > 0);
	assert_int_equal(header.origin_server_id, SERVER_ID);
	assert_log(node, "");
	const char *file;
	uint64_t offset;
	txn_last_position(txn, &file, &offset);
	assert_string_equal(file, "");
	txn_set_logging(txn, true);
	put_row_only(txn, "internal", 0, 0); /* no event: mysql.* internals */
	commit(txn);
	assert_true(has_row(node, "internal"));
	assert_log(node, "");
	txn_destroy(&txn);
}

static void test_large_transactions_spill(void **state)
{
	struct node *node = *state;
	txn_manager_set_cache_size(node->manager, 100, 0);
	struct txn *txn = txn_create(node->manager);
	struct buf expected = {0};
	buf_printf(&expected, " [" UUID ":1 0/1] BEGIN");
	for (int i = 0; i < 50; i++) {
		char name[32];
		snprintf(name, sizeof name, "row %d", i);
		txn_statement_begin(txn);
		put_row(txn, name);
		if (i % 10 == 3) {
			txn_statement_rollback(txn);
			continue;
		}
		txn_statement_end(txn);
		if (i == 20)
			txn_savepoint(txn, "twenty");
		if (i <= 20)
			buf_printf(&expected, " put %s", name);
	}
	struct diag diag = DIAG_INIT;
	must(txn_rollback_to_savepoint(txn, "twenty", &diag), &diag); /* into the file */
	txn_statement_begin(txn);
	put_row(txn, "last");
	txn_statement_end(txn);
	put_row(txn, "in memory");
	commit(txn);
	buf_put_string(&expected, " put last put in memory XID");
	put_row(txn, "small");
	commit(txn);
	buf_printf(&expected, " [" UUID ":2 1/2] BEGIN put small XID");
	assert_log(node, buf_cstring(&expected));
	struct txn_stats stats;
	txn_manager_get_stats(node->manager, &stats);
	assert_int_equal(stats.cache_use, 2);
	assert_int_equal(stats.cache_disk_use, 1);
	buf_deinit(&expected);
	txn_destroy(&txn);
}

static void test_spilling_may_fail(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	txn_manager_set_cache_size(node->manager, 10, 0);
	must(fault_set("spill.write=error", &diag), &diag);
	struct txn *txn = txn_create(node->manager);
	txn_statement_begin(txn);
	put_row(txn, "a");
	txn_statement_end(txn);
	commit(txn);
	must(fault_set("", &diag), &diag);
	assert_log(node, " [" UUID ":1 0/1] BEGIN put a XID");
	txn_destroy(&txn);
}

static void test_the_cache_is_bounded(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	txn_manager_set_cache_size(node->manager, 0, 300);
	struct txn *txn = txn_create(node->manager);
	put_row(txn, "a");
	must(txn_check_events(txn, &diag), &diag);
	while (txn_check_events(txn, &diag) == 0)
		put_row(txn, "b");
	assert_int_equal(diag.code, ER_TRANS_CACHE_FULL);
	diag_clear(&diag);
	assert_int_equal(txn_commit(txn, &diag), -1);
	assert_int_equal(diag.code, ER_TRANS_CACHE_FULL);
	assert_false(txn_is_active(txn));
	assert_false(has_row(node, "a"));
	assert_log(node, "");
	txn_destroy(&txn);
}

static void assert_times(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	struct event_gtid gtid;
	struct diag diag = DIAG_INIT;
	if (event->type != EVENT_GTID && event->type != EVENT_ANONYMOUS_GTID)
		return;
	must(event_decode_gtid(event, &gtid, &diag), &diag);
	assert_int_equal(gtid.original_commit_us, *(const uint64_t *)argument);
	assert_true(gtid.immediate_commit_us > gtid.original_commit_us);
	assert_int_equal(gtid.original_server_version, 80011);
	assert_int_equal(event->server_id, 33);
	assert_int_equal(event->timestamp, 1234567890);
}

static void test_foreign_transactions_keep_their_time_and_name(void **state)
{
	struct node *node = *state;
	struct txn *txn = txn_create(node->manager);
	struct txn_origin origin = {
		.foreign = true,
		.server_id = 33,
		.has_gtid = true,
		.gtid = {.sid = {0xbb}, .gno = 77},
		.original_commit_us = 1500000000000000,
		.original_server_version = 80011,
		.timestamp = 1234567890,
	};
	txn_set_origin(txn, &origin);
	put_row_only(txn, "a", 1500000000000000, 33);
	put_event(txn, "a");
	commit(txn);
	assert_log(node, " [bb000000-0000-0000-0000-000000000000:77 0/1] BEGIN put a XID");
	struct store_row_header header;
	assert_true(read_row(node, "a", &header));
	assert_int_equal(header.version_us, 1500000000000000);
	assert_int_equal(header.origin_server_id, 33);
	walk_log(node, (struct binlog_position){0}, assert_times, &(uint64_t){1500000000000000});
	/* a time ahead of ours pulls our clock */
	int64_t ahead_us = clock_wall_us() + 3600 * INT64_C(1000000);
	origin.original_commit_us = ahead_us;
	origin.gtid.gno = 78;
	txn_set_origin(txn, &origin);
	put_row_only(txn, "b", ahead_us, 33);
	put_event(txn, "b");
	commit(txn);
	struct diag diag = DIAG_INIT;
	assert_int_equal(txn_manager_set_gtid_mode(node->manager, TXN_GTID_ON_PERMISSIVE, &diag), 0);
	txn_set_origin(txn, &(struct txn_origin){.anonymous = true});
	put_row(txn, "c");
	commit(txn);
	assert_int_equal(txn_last_gtid(txn)->gno, 0);
	assert_true(read_row(node, "c", &header));
	assert_true(header.version_us > ahead_us);
	assert_int_equal(header.origin_server_id, SERVER_ID);
	txn_destroy(&txn);
	/* and does so still after a restart */
	node_close(node);
	node->clock = (struct hlc){0};
	node_open(node);
	assert_true(hlc_next(&node->clock) > header.version_us);
}

static void test_replayed_transactions_move_the_position_only(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(node->manager);
	txn_set_replayed(txn, (struct binlog_position){7, 4711});
	assert_false(txn_is_logging(txn));
	put_row_only(txn, "a", 99, 5);
	commit(txn);
	struct binlog_position position;
	must(txn_read_position(node->store, &position, &diag), &diag);
	assert_int_equal(position.file, 7);
	assert_int_equal(position.offset, 4711);
	txn_set_replayed(txn, (struct binlog_position){7, 4800}); /* one without changes counts as well */
	commit(txn);
	must(txn_read_position(node->store, &position, &diag), &diag);
	assert_int_equal(position.offset, 4800);
	assert_log(node, "");
	assert_true(txn_is_logging(txn));
	txn_destroy(&txn);
}

static void test_a_log_that_cannot_be_written_fails_the_commit(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(node->manager);
	const char *faults[] = {"commit.before_log=error@1", "commit.after_log_write=error@1", "binlog.group_write=error@1"};
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		must(fault_set(faults[i], &diag), &diag);
		put_row(txn, "a");
		assert_int_equal(txn_commit(txn, &diag), -1);
		assert_int_equal(diag.code, ER_ERROR_ON_WRITE);
		assert_false(txn_is_active(txn));
		assert_false(has_row(node, "a"));
		assert_log(node, "");
	}
	must(fault_set("", &diag), &diag);
	put_row(txn, "b");
	commit(txn);
	char *text = log_text(node);
	assert_non_null(strstr(text, ":1 "));
	assert_non_null(strstr(text, "BEGIN put b XID"));
	memory_free(text);
	txn_destroy(&txn);
}

static void test_rotation_and_reset(void **state)
{
	struct node *node = *state;
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(node->manager);
	put_row(txn, "a");
	commit(txn);
	must(txn_manager_rotate_log(node->manager, &diag), &diag);
	struct binlog_position position;
	must(txn_read_position(node->store, &position, &diag), &diag);
	assert_int_equal(position.file, 2);
	put_row(txn, "b");
	commit(txn);
	assert_log(node, " [" UUID ":1 0/1] BEGIN put a XID [" UUID ":2 0/1] BEGIN put b XID");
	struct binlog_purge_report report;
	must(txn_manager_purge_to(node->manager, 2, &report, &diag), &diag);
	assert_int_equal(report.purged, 1);
	must(txn_manager_purge_before(node->manager, 0, &report, &diag), &diag);
	assert_int_equal(report.purged, 0);
	assert_log(node, " [" UUID ":2 0/1] BEGIN put b XID");
	must(txn_manager_reset_log(node->manager, 0, &diag), &diag);
	assert_log(node, "");
	must(txn_read_position(node->store, &position, &diag), &diag);
	assert_int_equal(position.file, 1);
	assert_int_equal(position.offset, binlog_get_end(node->binlog).offset);
	put_row(txn, "c");
	commit(txn);
	char *text = log_text(node);
	assert_non_null(strstr(text, UUID ":3 0/1] BEGIN put c XID"));
	memory_free(text);
	txn_destroy(&txn);
}

static void test_without_a_log(void **state)
{
	struct node node = {.no_log = true};
	node_create(&node);
	struct txn *txn = txn_create(node.manager);
	put_row(txn, "a");
	commit(txn);
	txn_manager_set_sync(node.manager, 1, 0);
	put_row(txn, "b");
	commit(txn);
	txn_destroy(&txn);
	node_close(&node);
	node_open(&node);
	assert_true(has_row(&node, "a"));
	assert_true(has_row(&node, "b"));
	node_remove(&node);
}

#define with_node(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_node(test_commit_logs_and_stores),
		with_node(test_nothing_is_not_logged),
		with_node(test_a_failed_statement_leaves_nothing),
		with_node(test_savepoints),
		with_node(test_ddl_stands_alone),
		with_node(test_isolation_decides_the_snapshot),
		with_node(test_unlogged_changes_are_stored_and_stamped),
		with_node(test_large_transactions_spill),
		with_node(test_spilling_may_fail),
		with_node(test_the_cache_is_bounded),
		with_node(test_foreign_transactions_keep_their_time_and_name),
		with_node(test_replayed_transactions_move_the_position_only),
		with_node(test_a_log_that_cannot_be_written_fails_the_commit),
		with_node(test_rotation_and_reset),
		cmocka_unit_test(test_without_a_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
