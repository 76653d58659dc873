/* What the server does when the store or the log fails: it waits, answers with the reason, goes on. */
#include "base/log.h"
#include "txn_fixture.h"

static void set_fault(const char *text)
{
	struct diag diag = DIAG_INIT;
	must(fault_set(text, &diag), &diag);
}

/* In the log it is already: the owner waits until it is in the store. */
static void test_a_commit_outlasts_a_store_that_fails_for_a_while(void **state)
{
	static const char *const faults[] = {"commit.store=error@1", "store.commit=error:ENOSPC@1", "store.flush=error@1"};
	struct node node = {0};
	struct txn_stats stats;
	node_create(&node);
	struct txn *txn = txn_create(node.manager);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		char name[] = "a";
		name[0] = (char)('a' + i);
		set_fault(faults[i]);
		put_row(txn, name);
		commit(txn);
		assert_true(has_row(&node, name));
		while (txn_manager_get_stats(node.manager, &stats), stats.outages < i + 1)
			usleep(1000);
		set_fault("");
	}
	txn_destroy(&txn);
	node_close(&node);
	node_open(&node);
	assert_true(has_row(&node, "a") && has_row(&node, "b") && has_row(&node, "c"));
	node_remove(&node);
}

static void test_a_log_in_doubt_is_written_no_more(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	node_create(&node);
	txn_manager_set_stops_in_doubt(node.manager, false);
	struct txn *txn = txn_create(node.manager);
	put_row(txn, "before");
	commit(txn);
	set_fault("binlog.sync=error@1");
	put_row(txn, "doubt");
	assert_int_equal(txn_commit(txn, &diag), -1);
	assert_int_equal(diag.code, ER_BINLOG_LOGGING_IMPOSSIBLE);
	set_fault("");
	diag_clear(&diag);
	put_row(txn, "behind");
	assert_int_equal(txn_commit(txn, &diag), -1);
	assert_int_equal(diag.code, ER_OPTION_PREVENTS_STATEMENT);
	assert_true(has_row(&node, "before") && !has_row(&node, "doubt") && !has_row(&node, "behind"));
	txn_destroy(&txn);
	node_remove(&node);
}

int main(void)
{
	log_set_verbosity(0);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_commit_outlasts_a_store_that_fails_for_a_while),
		cmocka_unit_test(test_a_log_in_doubt_is_written_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
