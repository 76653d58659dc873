/* Companions: a record that commits with a transaction, and where it stands in the log. */
#include "txn_fixture.h"

#include "txn/companion.h"

static const char key_text[] = "companion";

static struct bytes key(void)
{
	static uint8_t bytes[4 + sizeof key_text];
	bytes_store_uint_be(bytes, STORE_SPACE_CHANNEL, 4);
	memcpy(bytes + 4, key_text, sizeof key_text);
	return bytes_of(bytes, sizeof bytes);
}

static void the_event_reads_back(void **state)
{
	struct buf bytes = {0};
	struct event_writer writer = {.out = &bytes};
	struct event_format format;
	struct event event;
	struct bytes got_key, got_value;
	struct diag diag = DIAG_INIT;
	event_format_init(&format, EVENT_CHECKSUM_OFF);
	companion_put_event(&writer, key(), bytes_of_string("value"));
	assert_int_equal(event_parse(buf_bytes(&bytes), &format, &event, &diag), 0);
	assert_int_equal(event.type, EVENT_IGNORABLE);
	assert_true(event.flags & EVENT_FLAG_IGNORABLE);
	assert_true(companion_read_event(&event, &got_key, &got_value));
	assert_true(bytes_equal(got_key, key()));
	assert_true(bytes_equal(got_value, bytes_of_string("value")));
	buf_clear(&bytes);
	event_put(&writer, EVENT_IGNORABLE, EVENT_FLAG_IGNORABLE, bytes_of_string("somebody else's"));
	assert_int_equal(event_parse(buf_bytes(&bytes), &format, &event, &diag), 0);
	assert_false(companion_read_event(&event, &got_key, &got_value));
	buf_deinit(&bytes);
}

static bool is_stored(struct node *node)
{
	struct diag diag = DIAG_INIT;
	struct buf value = {0};
	enum store_outcome outcome = store_get(node->store, key(), &value, &diag);
	bool found = outcome == STORE_OK && bytes_equal(buf_bytes(&value), bytes_of_string("here"));
	buf_deinit(&value);
	return found;
}

static void set(struct txn *txn, enum txn_companion kind)
{
	txn_set_companion(txn, key(), bytes_of_string("here"), kind);
}

/* Types of the events that are no control events: "33 2 28 16". */
static void visit_types(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	if (event->type != EVENT_FORMAT_DESCRIPTION && event->type != EVENT_PREVIOUS_GTIDS)
		buf_printf(argument, " %u", event->type);
}

static void assert_types(struct node *node, const char *expected)
{
	struct buf types = {0};
	walk_log(node, (struct binlog_position){0}, visit_types, &types);
	assert_string_equal(buf_cstring(&types), expected);
	buf_deinit(&types);
}

static void put_statement(struct txn *txn)
{
	put_row_only(txn, "made by a statement", 0, 0);
	put_event(txn, "a statement");
	txn_events_statement(txn);
}

static void it_stands_in_front_of_what_ends_the_transaction(void **state)
{
	struct node node = {0};
	node_create(&node);
	struct txn *txn = txn_create(node.manager);
	set(txn, TXN_COMPANION_LOGGED);
	put_row(txn, "a");
	assert_false(is_stored(&node));
	commit(txn);
	assert_true(is_stored(&node));
	set(txn, TXN_COMPANION_LOGGED);
	put_statement(txn);
	commit(txn);
	set(txn, TXN_COMPANION_STORED);
	put_row(txn, "b");
	commit(txn);
	assert_types(&node, " 33 2 2 28 16 33 28 2 33 2 2 16");
	txn_destroy(&txn);
	node_remove(&node);
}

static void it_is_no_change_and_goes_with_the_transaction(void **state)
{
	struct node node = {0};
	node_create(&node);
	struct txn *txn = txn_create(node.manager);
	set(txn, TXN_COMPANION_LOGGED);
	assert_false(txn_has_changes(txn));
	assert_false(txn_is_active(txn));
	commit(txn);
	assert_false(is_stored(&node));
	set(txn, TXN_COMPANION_LOGGED);
	put_row(txn, "a");
	txn_rollback(txn);
	put_row(txn, "b");
	commit(txn);
	assert_false(is_stored(&node));
	assert_types(&node, " 33 2 2 16");
	txn_destroy(&txn);
	node_remove(&node);
}

static void it_is_stored_without_a_log_and_with_a_lone_gtid(void **state)
{
	struct node node = {0};
	struct diag diag = DIAG_INIT;
	struct txn_origin origin = {.foreign = true, .server_id = 9, .has_gtid = true, .gtid = {{0xbb}, 5}};
	node_create(&node);
	struct txn *txn = txn_create(node.manager);
	txn_set_logging(txn, false);
	set(txn, TXN_COMPANION_STORED);
	put_row(txn, "a");
	commit(txn);
	assert_true(is_stored(&node));
	must(store_put(node.store, key(), bytes_of_string("gone"), &diag), &diag);
	txn_set_logging(txn, true);
	txn_set_origin(txn, &origin);
	assert_int_equal(txn_gtid_begin(txn, NULL, &diag), TXN_GTID_OWNED);
	set(txn, TXN_COMPANION_STORED);
	commit(txn);
	assert_true(is_stored(&node));
	assert_types(&node, " 33 2 2");
	txn_destroy(&txn);
	node_remove(&node);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_event_reads_back),
		cmocka_unit_test(it_stands_in_front_of_what_ends_the_transaction),
		cmocka_unit_test(it_is_no_change_and_goes_with_the_transaction),
		cmocka_unit_test(it_is_stored_without_a_log_and_with_a_lone_gtid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
