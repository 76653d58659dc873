/* Who may execute a GTID, and what became of it. */
#include "base/log.h"
#include "txn_fixture.h"

static const struct gtid foreign = {.sid = {0xbb}, .gno = 5};
#define FOREIGN "bb000000-0000-0000-0000-000000000000"

static struct txn *txn_with(struct node *node, struct gtid gtid)
{
	struct txn *txn = txn_create(node->manager);
	txn_set_origin(txn, &(struct txn_origin){.has_gtid = true, .gtid = gtid});
	return txn;
}

static enum txn_gtid_outcome begin(struct txn *txn)
{
	struct diag diag = DIAG_INIT;
	struct timespec deadline = clock_deadline(60 * 1000);
	enum txn_gtid_outcome outcome = txn_gtid_begin(txn, &deadline, &diag);
	if (outcome == TXN_GTID_FAILED)
		assert_int_equal(diag.code, ER_LOCK_WAIT_TIMEOUT);
	return outcome;
}

static void test_one_owner_at_a_time(void **state)
{
	struct node node = {0};
	node_create(&node);
	struct txn *one = txn_with(&node, foreign), *two = txn_with(&node, foreign);
	assert_int_equal(begin(one), TXN_GTID_OWNED);
	assert_int_equal(begin(one), TXN_GTID_OWNED);
	assert_int_equal(begin(two), TXN_GTID_FAILED);
	txn_rollback(one);
	assert_int_equal(begin(two), TXN_GTID_OWNED);
	assert_int_equal(begin(one), TXN_GTID_FAILED);
	put_row(two, "a");
	commit(two);
	assert_int_equal(begin(one), TXN_GTID_EXECUTED);
	assert_true(txn_manager_is_executed(node.manager, &foreign));
	put_row(one, "b");
	commit(one); /* skipped */
	assert_false(has_row(&node, "b"));
	assert_log(&node, " [" FOREIGN ":5 0/1] BEGIN put a XID");
	txn_destroy(&one);
	txn_destroy(&two);
	node_remove(&node);
}

struct racer {
	pthread_t thread;
	struct node *node;
	unsigned committed;
};

enum { RACERS = 4, RACES = 40 };

/* Two channels bring the same transactions: each is executed once. */
static void *race(void *argument)
{
	struct racer *racer = argument;
	struct diag diag = DIAG_INIT;
	for (int i = 1; i <= RACES; i++) {
		struct txn *txn = txn_with(racer->node, (struct gtid){.sid = {0xbb}, .gno = i});
		char name[16];
		snprintf(name, sizeof name, "%d", i);
		if (txn_gtid_begin(txn, NULL, &diag) == TXN_GTID_OWNED) {
			put_row(txn, name);
			commit(txn);
			racer->committed++;
		}
		txn_destroy(&txn);
	}
	return NULL;
}

static void test_two_channels_execute_once(void **state)
{
	struct node node = {0};
	struct racer racers[RACERS];
	unsigned committed = 0;
	node_create(&node);
	for (int i = 0; i < RACERS; i++) {
		racers[i] = (struct racer){.node = &node};
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	for (int i = 0; i < RACERS; i++) {
		pthread_join(racers[i].thread, NULL);
		committed += racers[i].committed;
	}
	assert_int_equal(committed, RACES);
	struct gtid_set executed;
	struct buf text = {0};
	gtid_set_init(&executed);
	txn_manager_get_executed(node.manager, &executed);
	gtid_set_print(&executed, ",", &text);
	assert_string_equal(buf_cstring(&text), FOREIGN ":1-40");
	gtid_set_deinit(&executed);
	buf_deinit(&text);
	node_remove(&node);
}

static void test_an_empty_transaction_keeps_its_gtid(void **state)
{
	struct node node = {0};
	node_create(&node);
	struct txn *txn = txn_with(&node, foreign);
	commit(txn); /* not begun: only the end of nothing */
	assert_log(&node, "");
	assert_int_equal(begin(txn), TXN_GTID_OWNED);
	commit(txn);
	assert_log(&node, " [" FOREIGN ":5 0/1] BEGIN COMMIT");
	assert_true(txn_manager_is_executed(node.manager, &foreign));
	txn_destroy(&txn);
	node_remove(&node);
}

static void test_unlogged_gtids_survive(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	node_create(&node);
	struct txn *txn = txn_with(&node, foreign);
	txn_set_logging(txn, false);
	put_row(txn, "a");
	commit(txn);
	assert_log(&node, "");
	txn_destroy(&txn);
	node_close(&node);
	node_open(&node);
	assert_true(txn_manager_is_executed(node.manager, &foreign));
	assert_true(binlog_is_executed(node.binlog, &foreign));
	must(txn_manager_reset_log(node.manager, 0, &diag), &diag);
	assert_false(txn_manager_is_executed(node.manager, &foreign));
	node_remove(&node);

	node = (struct node){.no_log = true};
	node_create(&node);
	txn = txn_with(&node, foreign);
	put_row(txn, "a");
	commit(txn);
	assert_int_equal(begin(txn), TXN_GTID_EXECUTED);
	txn_destroy(&txn);
	node_close(&node);
	node_open(&node);
	assert_true(txn_manager_is_executed(node.manager, &foreign));
	node_remove(&node);
}

static void assert_purged(struct node *node, const char *expected)
{
	struct gtid_set purged;
	struct buf text = {0};
	gtid_set_init(&purged);
	txn_manager_get_purged(node->manager, &purged);
	gtid_set_print(&purged, ",", &text);
	assert_string_equal(buf_cstring(&text), expected);
	assert_true(gtid_set_is_empty(&purged) || txn_manager_is_executed(node->manager, &foreign));
	gtid_set_deinit(&purged);
	buf_deinit(&text);
}

/* With transactions in the log, without any, and without a log. */
static void test_purged_survives(void **state)
{
	for (int round = 0; round < 3; round++) {
		struct node node = {.no_log = round == 2};
		struct diag diag = DIAG_INIT;
		struct gtid_set added;
		node_create(&node);
		if (round == 0) {
			struct txn *txn = txn_create(node.manager);
			put_row(txn, "a");
			commit(txn);
			txn_destroy(&txn);
		}
		gtid_set_init(&added);
		gtid_set_add_interval(&added, foreign.sid, (struct gtid_interval){5, INT64_C(1) << 60});
		must(txn_manager_add_purged(node.manager, &added, &diag), &diag);
		assert_purged(&node, FOREIGN ":5-1152921504606846976");
		assert_int_equal(txn_manager_add_purged(node.manager, &added, &diag), -1);
		assert_int_equal(diag.code, ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS);
		node_close(&node);
		node_open(&node);
		assert_purged(&node, FOREIGN ":5-1152921504606846976");
		gtid_set_deinit(&added);
		node_remove(&node);
	}
}

/* What came without a GTID has none while the mode allows it; what came with one keeps it. */
static void test_modes(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	node_create(&node);
	struct txn *own = txn_create(node.manager), *anonymous = txn_create(node.manager);
	txn_set_origin(anonymous, &(struct txn_origin){.anonymous = true});
	for (int mode = TXN_GTID_OFF; mode <= TXN_GTID_ON; mode++) {
		must(txn_manager_set_gtid_mode(node.manager, (enum txn_gtid_mode)mode, &diag), &diag);
		put_row(own, "own");
		commit(own);
		assert_int_equal(txn_last_gtid(own)->gno > 0, mode >= TXN_GTID_ON_PERMISSIVE);
		put_row(anonymous, "anonymous");
		commit(anonymous);
		assert_int_equal(txn_last_gtid(anonymous)->gno > 0, mode == TXN_GTID_ON);
		struct txn *given = txn_with(&node, (struct gtid){.sid = {0xbb}, .gno = mode + 1});
		put_row(given, "given");
		commit(given);
		assert_int_equal(txn_last_gtid(given)->gno, mode + 1);
		txn_destroy(&given);
	}
	txn_destroy(&own);
	txn_destroy(&anonymous);
	node_remove(&node);
}

/* Replicas know the old ones, and would leave out what came with one of them again. */
static void test_numbers_go_on_after_a_reset(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	node_create(&node);
	for (int64_t expected = 1; expected <= 6; expected++) {
		struct gtid gtid = {.gno = expected};
		memcpy(gtid.sid, node_uuid, uuid_size);
		struct txn *txn = txn_create(node.manager);
		put_row(txn, "a");
		commit(txn);
		txn_destroy(&txn);
		assert_true(txn_manager_is_executed(node.manager, &gtid));
		if (expected % 2)
			continue;
		must(txn_manager_reset_log(node.manager, 0, &diag), &diag);
		assert_false(txn_manager_is_executed(node.manager, &gtid));
		if (expected == 4) {
			node_close(&node);
			node_open(&node);
		}
	}
	node_remove(&node);
	(void)state;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_owner_at_a_time),
		cmocka_unit_test(test_two_channels_execute_once),
		cmocka_unit_test(test_an_empty_transaction_keeps_its_gtid),
		cmocka_unit_test(test_unlogged_gtids_survive),
		cmocka_unit_test(test_purged_survives),
		cmocka_unit_test(test_numbers_go_on_after_a_reset),
		cmocka_unit_test(test_modes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
