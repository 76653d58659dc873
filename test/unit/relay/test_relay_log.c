/* The relay log: what is published can be read, files follow one another, a start begins anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "binlog/event_writer.h"
#include "binlog/reader.h"
#include "relay/relay_log.h"

struct place {
	char directory[64];
	struct relay_log *log;
	struct diag diag;
};

static struct relay_log *open_log(struct place *place)
{
	struct relay_log_options options = {.directory = place->directory, .base = "b-relay", .server_id = 2};
	bool is_resumed;
	assert_int_equal(relay_log_open(&place->log, &options, NULL, &is_resumed, &place->diag), 0);
	return place->log;
}

static int set_up(void **state)
{
	struct place *place = memory_zalloc(sizeof *place);
	snprintf(place->directory, sizeof place->directory, "/tmp/relay-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	open_log(place);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[96];
	relay_log_close(&place->log);
	snprintf(command, sizeof command, "rm -r %s", place->directory);
	assert_int_equal(system(command), 0);
	memory_free(place);
	return 0;
}

static void append_xid(struct place *place, uint64_t xid)
{
	struct buf bytes = {0};
	struct event_writer writer = {.out = &bytes, .timestamp = 1, .server_id = 1, .has_checksum = true};
	event_put_xid(&writer, xid);
	assert_int_equal(event_run_finalise(bytes.data, bytes.size, 1000, true, &place->diag), 0);
	relay_log_append(place->log, buf_bytes(&bytes));
	buf_deinit(&bytes);
}

static void publish_xid(struct place *place, uint64_t xid)
{
	append_xid(place, xid);
	assert_int_equal(relay_log_publish(place->log, &place->diag), 0);
}

/* The XIDs in one file, as text: "1 2 3". */
static const char *read_file(struct place *place, uint32_t file, char out[64])
{
	struct log_reader reader;
	struct event event;
	uint64_t xid;
	char *path = relay_log_file_path(place->log, file);
	out[0] = 0;
	assert_int_equal(log_reader_open(&reader, path, 0, UINT64_MAX, &place->diag), READER_EVENT);
	while (log_reader_next(&reader, &event, &place->diag) == READER_EVENT)
		if (event.type == EVENT_XID && event_decode_xid(&event, &xid, &place->diag) == 0)
			snprintf(out + strlen(out), 64 - strlen(out), "%s%u", *out ? " " : "", (unsigned)xid);
	log_reader_close(&reader);
	memory_free(path);
	return out;
}

static void only_what_is_published_can_be_read(void **state)
{
	struct place *place = *state;
	char text[64];
	struct relay_position before = relay_log_end(place->log);
	append_xid(place, 1);
	append_xid(place, 2);
	assert_int_equal(relay_log_end(place->log).offset, before.offset);
	assert_int_equal(relay_log_gathered(place->log), 2 * 31);
	assert_int_equal(relay_log_publish(place->log, &place->diag), 0);
	assert_int_equal(relay_log_end(place->log).offset, before.offset + 2 * 31);
	append_xid(place, 3);
	relay_log_abandon(place->log);
	publish_xid(place, 4);
	assert_string_equal(read_file(place, 1, text), "1 2 4");
}

static void files_follow_one_another_and_go(void **state)
{
	struct place *place = *state;
	char text[64], name[log_file_name_max + 1];
	publish_xid(place, 1);
	assert_int_equal(relay_log_rest(place->log, "s.000001", 1000, 0, &place->diag), 0);
	publish_xid(place, 2);
	assert_int_equal(relay_log_next_file(place->log, 1), 2);
	assert_int_equal(relay_log_next_file(place->log, 2), 0);
	assert_string_equal(read_file(place, 1, text), "1");
	assert_string_equal(read_file(place, 2, text), "2");
	uint64_t space = relay_log_space(place->log);
	relay_log_purge_before(place->log, 2);
	assert_int_equal(relay_log_start(place->log).file, 2);
	assert_true(relay_log_space(place->log) < space);
	assert_int_equal(relay_log_space(place->log), relay_log_end(place->log).offset);
	relay_log_file_name(place->log, 2, name);
	assert_string_equal(name, "b-relay.000002");
	assert_int_equal(relay_log_parse_name(place->log, bytes_of_string("b-relay.000001")), 1);
	assert_int_equal(relay_log_parse_name(place->log, bytes_of_string("other.000001")), 0);
	assert_false(relay_log_has_file(place->log, 1));
	assert_true(relay_log_has_file(place->log, 2));
}

/* Never inside of a transaction: the ROTATE at a file's head would cut it. */
static void a_rotation_waits_for_a_transactions_end(void **state)
{
	struct place *place = *state;
	char text[64];
	publish_xid(place, 1);
	assert_int_equal(relay_log_rotate(place->log, &place->diag), 0);
	assert_int_equal(relay_log_end(place->log).file, 1);
	publish_xid(place, 2);
	assert_int_equal(relay_log_rest(place->log, "s.000001", 1000, UINT64_MAX, &place->diag), 0);
	assert_int_equal(relay_log_end(place->log).file, 2);
	assert_int_equal(relay_log_rotate(place->log, &place->diag), 0);
	assert_int_equal(relay_log_end(place->log).file, 3);
	publish_xid(place, 3);
	assert_string_equal(read_file(place, 1, text), "1 2");
	assert_string_equal(read_file(place, 3, text), "3");
}

static void the_sources_description_heads_each_file(void **state)
{
	struct place *place = *state;
	struct buf bytes = {0};
	char text[64];
	struct event_writer writer = {.out = &bytes, .server_id = 1, .has_checksum = true};
	assert_int_equal(relay_log_checksum(place->log), EVENT_CHECKSUM_CRC32);
	event_put_format(&writer, EVENT_CHECKSUM_OFF, 0, false);
	assert_int_equal(event_run_finalise(bytes.data, bytes.size, 4, true, &place->diag), 0);
	relay_log_set_format(place->log, buf_bytes(&bytes), EVENT_CHECKSUM_OFF);
	relay_log_append(place->log, buf_bytes(&bytes));
	buf_clear(&bytes);
	writer.has_checksum = false;
	event_put_xid(&writer, 7);
	relay_log_append(place->log, buf_bytes(&bytes));
	assert_int_equal(relay_log_publish(place->log, &place->diag), 0);
	assert_int_equal(relay_log_rest(place->log, "s.000001", 1000, 0, &place->diag), 0);
	relay_log_append(place->log, buf_bytes(&bytes));
	assert_int_equal(relay_log_publish(place->log, &place->diag), 0);
	assert_string_equal(read_file(place, 1, text), "7");
	assert_string_equal(read_file(place, 2, text), "7");
	buf_deinit(&bytes);
}

static void a_start_and_a_reset_begin_anew(void **state)
{
	struct place *place = *state;
	char text[64], path[128];
	publish_xid(place, 1);
	relay_log_close(&place->log);
	open_log(place);
	assert_int_equal(relay_log_start(place->log).file, 2);
	assert_string_equal(read_file(place, 2, text), "");
	snprintf(path, sizeof path, "%s/b-relay.000001", place->directory);
	assert_int_equal(access(path, F_OK), -1);
	publish_xid(place, 2);
	assert_int_equal(relay_log_reset(place->log, 1, &place->diag), 0);
	assert_int_equal(relay_log_end(place->log).file, 1);
	assert_string_equal(read_file(place, 1, text), "");
}

static void waiting_ends_with_news_a_deadline_or_a_stop(void **state)
{
	struct place *place = *state;
	struct relay_position known = relay_log_end(place->log);
	struct timespec soon = clock_deadline(1000);
	atomic_bool stop = true;
	assert_false(relay_log_wait(place->log, known, &soon, NULL));
	assert_false(relay_log_wait(place->log, known, NULL, &stop));
	publish_xid(place, 1);
	assert_true(relay_log_wait(place->log, known, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_what_is_published_can_be_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_follow_one_another_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rotation_waits_for_a_transactions_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_sources_description_heads_each_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_start_and_a_reset_begin_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(waiting_ends_with_news_a_deadline_or_a_stop, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
