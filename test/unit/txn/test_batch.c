/* An applier's batches: one store transaction for several of the log, one flush for several of those. */
#include "txn_fixture.h"

enum { ORIGIN_ID = 99 };

static struct txn *begin_gtid(struct node *node, int64_t gno)
{
	struct diag diag = DIAG_INIT;
	struct txn *txn = txn_create(node->manager);
	struct txn_origin origin = {.foreign = true, .server_id = ORIGIN_ID, .has_gtid = true,
				    .original_commit_us = 1000 * gno, .timestamp = 1700000000};
	memset(origin.gtid.sid, 0x11, uuid_size);
	origin.gtid.gno = gno;
	txn_set_origin(txn, &origin);
	assert_int_equal(txn_gtid_begin(txn, NULL, &diag), TXN_GTID_OWNED);
	return txn;
}

static void complete(struct txn *txn)
{
	struct diag diag = DIAG_INIT;
	assert_int_equal(txn_complete(txn, &diag), TXN_COMPLETE);
}

/* 1 and 2 share a store transaction and the row "both", 3 stands beside them. */
static void begin_three(struct node *node, struct txn *out_txns[3])
{
	out_txns[0] = begin_gtid(node, 1);
	put_row(out_txns[0], "one");
	put_row(out_txns[0], "both");
	complete(out_txns[0]);
	out_txns[1] = begin_gtid(node, 2);
	txn_continue(out_txns[1], out_txns[0], true);
	assert_false(txn_has_changes(out_txns[1]));
	put_row(out_txns[1], "two");
	put_row(out_txns[1], "both");
	complete(out_txns[1]);
	out_txns[2] = begin_gtid(node, 3);
	put_row(out_txns[2], "three");
	complete(out_txns[2]);
}

static void end_three(struct txn *txns[3])
{
	for (int i = 0; i < 3; i++)
		txn_destroy(&txns[i]);
}

static int64_t version_of(struct node *node, const char *name)
{
	struct store_row_header header;
	assert_true(read_row(node, name, &header));
	assert_int_equal(header.origin_server_id, ORIGIN_ID);
	return header.version_us;
}

static void test_they_are_one_in_the_store_and_three_in_the_log(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	struct txn *txns[3];
	struct txn_stats stats;
	(void)state;
	node_create(&node);
	begin_three(&node, txns);
	assert_false(has_row(&node, "one"));
	must(txn_commit_batch(txns, 3, &diag), &diag);
	assert_int_equal(version_of(&node, "one"), 1000);
	assert_int_equal(version_of(&node, "both"), 2000);
	assert_int_equal(version_of(&node, "two"), 2000);
	assert_int_equal(version_of(&node, "three"), 3000);
	txn_manager_get_stats(node.manager, &stats);
	assert_int_equal(stats.groups, 1);
	assert_int_equal(stats.logged_commits, 3);
	char *text = log_text(&node);
	assert_non_null(strstr(text, ":1 0/1] BEGIN put one put both XID ["));
	assert_non_null(strstr(text, ":2 1/2] BEGIN put two put both XID ["));
	assert_non_null(strstr(text, "/3] BEGIN put three XID"));
	memory_free(text);
	struct binlog_position position;
	must(txn_read_position(node.store, &position, &diag), &diag);
	assert_int_equal(binlog_position_compare(position, binlog_get_end(node.binlog)), 0);
	end_three(txns);
	node_remove(&node);
}

static void test_a_log_that_fails_leaves_nothing(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	struct txn *txns[3];
	(void)state;
	node_create(&node);
	begin_three(&node, txns);
	must(fault_set("commit.before_log=error@1", &diag), &diag);
	assert_int_equal(txn_commit_batch(txns, 3, &diag), -1);
	must(fault_set("", &diag), &diag);
	assert_false(has_row(&node, "one") || has_row(&node, "both") || has_row(&node, "three"));
	assert_log(&node, "");
	end_three(txns);
	begin_three(&node, txns); /* its GTIDs are free again, and its locks */
	diag_clear(&diag);
	must(txn_commit_batch(txns, 3, &diag), &diag);
	assert_true(has_row(&node, "one"));
	end_three(txns);
	node_remove(&node);
}

static int refuse_to_vouch(void *argument, struct binlog_position end, unsigned transactions, struct diag *diag)
{
	(void)argument, (void)end;
	assert_int_equal(transactions, 3);
	return diag_set(diag, ER_SERVER_SHUTDOWN);
}

/* Nobody acknowledged them, and there is nobody to be told so: applied again they would be there twice. */
static void test_a_hook_that_fails_fails_no_batch(void **state)
{
	struct node node = {0};
	struct txn *txns[3];
	const struct txn_group_hooks hooks[] = {{.confirm = refuse_to_vouch}, {.stored = refuse_to_vouch}};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct diag diag = DIAG_INIT;
		node_create(&node);
		txn_manager_set_group_hooks(node.manager, &hooks[i]);
		begin_three(&node, txns);
		must(txn_commit_batch(txns, 3, &diag), &diag);
		assert_int_equal(diag.code, 0);
		assert_true(has_row(&node, "one") && has_row(&node, "both") && has_row(&node, "three"));
		assert_false(txn_owns_gtid(txns[0]));
		end_three(txns);
		node_remove(&node);
	}
}

static void test_an_empty_one_hands_on_what_it_stands_on(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	struct txn *first = NULL, *empty;
	(void)state;
	node_create(&node);
	first = begin_gtid(&node, 1);
	put_row(first, "one");
	complete(first);
	empty = txn_create(node.manager);
	txn_set_origin(empty, &(struct txn_origin){.foreign = true, .server_id = ORIGIN_ID, .original_commit_us = 5});
	txn_continue(empty, first, false);
	assert_int_equal(txn_complete(empty, &diag), TXN_EMPTY);
	txn_give_back(empty, first);
	must(txn_commit_batch(&first, 1, &diag), &diag);
	assert_int_equal(version_of(&node, "one"), 1000);
	txn_destroy(&first);
	txn_destroy(&empty);
	node_remove(&node);
}

static void test_without_a_log_the_store_knows_their_gtids(void **state)
{
	struct node node = {.no_log = true};
	struct diag diag = DIAG_INIT;
	struct txn *txns[3];
	struct gtid_set executed;
	struct buf text = {0};
	(void)state;
	node_create(&node);
	begin_three(&node, txns);
	must(txn_commit_batch(txns, 2, &diag), &diag);
	must(txn_commit_batch(txns + 2, 1, &diag), &diag);
	assert_int_equal(version_of(&node, "one"), 1000);
	assert_int_equal(version_of(&node, "three"), 3000);
	end_three(txns);
	node_close(&node);
	node_open(&node);
	gtid_set_init(&executed);
	txn_manager_get_executed(node.manager, &executed);
	gtid_set_print(&executed, ",", &text);
	assert_string_equal(buf_cstring(&text), "11111111-1111-1111-1111-111111111111:1-3");
	gtid_set_deinit(&executed);
	buf_deinit(&text);
	node_remove(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_they_are_one_in_the_store_and_three_in_the_log),
		cmocka_unit_test(test_a_log_that_fails_leaves_nothing),
		cmocka_unit_test(test_a_hook_that_fails_fails_no_batch),
		cmocka_unit_test(test_an_empty_one_hands_on_what_it_stands_on),
		cmocka_unit_test(test_without_a_log_the_store_knows_their_gtids),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
