/* A relay log that a former process left: what is whole is kept, wherever the last byte was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "binlog/event_writer.h"
#include "binlog/reader.h"
#include "relay/resume.h"

static const char source_file[] = "source.000007";

struct place {
	char directory[64];
	struct relay_log *log;
	struct relay_resume resume;
	struct buf bytes;
	struct event_writer writer;
	uint64_t at;     /* in the source's log */
	unsigned number; /* of the last transaction */
	struct diag diag;
};

static bool open_log(struct place *place, uint64_t applied)
{
	struct relay_log_options options = {.directory = place->directory, .base = "b-relay", .server_id = 2};
	bool is_resumed;
	relay_resume_deinit(&place->resume);
	relay_resume_init(&place->resume, source_file, applied, &(struct mariadb_position){0});
	assert_int_equal(relay_log_open(&place->log, &options, &place->resume, &is_resumed, &place->diag), 0);
	return is_resumed;
}

static int set_up(void **state)
{
	struct place *place = memory_zalloc(sizeof *place);
	snprintf(place->directory, sizeof place->directory, "/tmp/relay-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	place->writer = (struct event_writer){.out = &place->bytes, .timestamp = 1, .server_id = 1,
					      .has_checksum = true};
	relay_resume_init(&place->resume, "", 4, &(struct mariadb_position){0});
	open_log(place, 4);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	char command[96];
	relay_log_close(&place->log);
	relay_resume_deinit(&place->resume);
	buf_deinit(&place->bytes);
	snprintf(command, sizeof command, "rm -r %s", place->directory);
	assert_int_equal(system(command), 0);
	memory_free(place);
	return 0;
}

/* What was written goes into the relay log as the source's, at place->at. */
static void receive(struct place *place)
{
	size_t size = place->bytes.size;
	assert_int_equal(event_run_finalise(place->bytes.data, size, place->at, true, &place->diag), 0);
	relay_log_append(place->log, buf_bytes(&place->bytes));
	assert_int_equal(relay_log_publish(place->log, &place->diag), 0);
	place->at += size;
	buf_clear(&place->bytes);
}

static void connect_at(struct place *place, uint64_t at)
{
	event_put_rotate(&place->writer, bytes_of_string(source_file), at, EVENT_FLAG_ARTIFICIAL);
	receive(place);
	event_put_format(&place->writer, EVENT_CHECKSUM_CRC32, 0, false);
	place->at = 4;
	receive(place);
	if (at > 4)
		place->at = at;
}

static void put_transaction(struct place *place)
{
	struct event_gtid gtid = {.gtid = {.sid = {7}, .gno = ++place->number}, .transaction_size = 31};
	event_put_gtid(&place->writer, &gtid);
	event_put_transaction_query(&place->writer, &(struct event_query){0}, "BEGIN");
	event_put_xid(&place->writer, place->number);
	receive(place);
}

static const char *retrieved(struct place *place)
{
	static char text[128];
	struct buf out = {0};
	gtid_set_print(&place->resume.retrieved, ",", &out);
	const char *set = out.size ? strchr(buf_cstring(&out), ':') : NULL;
	snprintf(text, sizeof text, "%s", set ? set + 1 : "");
	buf_deinit(&out);
	return text;
}

static void what_was_not_applied_is_kept(void **state)
{
	struct place *place = *state;
	connect_at(place, 4);
	put_transaction(place);
	uint64_t applied = place->at;
	put_transaction(place);
	struct relay_position end = relay_log_end(place->log);
	relay_log_close(&place->log);
	assert_true(open_log(place, applied));
	assert_string_equal(retrieved(place), "1-2");
	assert_int_equal(place->resume.end_offset, place->at);
	assert_string_equal(place->resume.end_file, source_file);
	assert_int_equal(place->resume.applied.file, end.file);
	assert_true(place->resume.applied.offset < end.offset);
	assert_int_equal(relay_log_end(place->log).file, end.file + 1);
}

/* The new file's head says where in the source's log it goes on, so that old files may go. */
static void each_file_says_where_it_goes_on(void **state)
{
	struct place *place = *state;
	connect_at(place, 4);
	put_transaction(place);
	uint64_t applied = place->at;
	assert_int_equal(relay_log_rest(place->log, source_file, place->at, 0, &place->diag), 0);
	put_transaction(place);
	relay_log_purge_before(place->log, relay_log_end(place->log).file);
	relay_log_close(&place->log);
	assert_true(open_log(place, applied));
	assert_string_equal(retrieved(place), "2");
	relay_log_close(&place->log);
	assert_true(open_log(place, place->at));
	assert_int_equal(place->resume.end_offset, place->at);
}

static void a_place_that_is_not_in_it_makes_it_useless(void **state)
{
	struct place *place = *state;
	connect_at(place, 4);
	put_transaction(place);
	relay_log_close(&place->log);
	assert_false(open_log(place, place->at + 1));
	assert_int_equal(relay_log_space(place->log), relay_log_end(place->log).offset);
}

static void copy_first_bytes(struct place *place, const uint8_t *bytes, size_t size, uint32_t file)
{
	char path[128];
	snprintf(path, sizeof path, "%s/b-relay.%06u", place->directory, file);
	FILE *out = fopen(path, "w");
	assert_int_equal(fwrite(bytes, 1, size, out), size);
	fclose(out);
}

static size_t read_bytes(struct place *place, uint32_t file, uint8_t *out, size_t room)
{
	char path[128];
	snprintf(path, sizeof path, "%s/b-relay.%06u", place->directory, file);
	FILE *in = fopen(path, "r");
	size_t size = fread(out, 1, room, in);
	fclose(in);
	return size;
}

/* Cut at every byte: a transaction counts once its last byte is there. */
static void a_torn_tail_is_cut(void **state)
{
	struct place *place = *state;
	static uint8_t bytes[4096];
	connect_at(place, 4);
	put_transaction(place);
	uint64_t applied = place->at, first_end = relay_log_end(place->log).offset;
	uint32_t file = relay_log_end(place->log).file;
	put_transaction(place);
	uint64_t second_end = relay_log_end(place->log).offset;
	size_t size = read_bytes(place, file, bytes, sizeof bytes);
	assert_int_equal(size, second_end);
	for (size_t cut = first_end; cut <= size; cut++) {
		relay_log_remove(place->log);
		relay_log_close(&place->log);
		open_log(place, 4);
		file = relay_log_end(place->log).file;
		relay_log_close(&place->log);
		copy_first_bytes(place, bytes, cut, file);
		assert_true(open_log(place, applied));
		assert_string_equal(retrieved(place), cut == size ? "1-2" : "1");
		assert_int_equal(place->resume.end.offset, cut == size ? second_end : first_end);
	}
}

/* A wrong byte in the first file: what follows is fetched again. */
static void damage_ends_what_is_kept(void **state)
{
	struct place *place = *state;
	static uint8_t bytes[4096];
	connect_at(place, 4);
	put_transaction(place);
	uint64_t applied = place->at, good = relay_log_end(place->log).offset;
	uint32_t file = relay_log_end(place->log).file;
	put_transaction(place);
	assert_int_equal(relay_log_rest(place->log, source_file, place->at, 0, &place->diag), 0);
	put_transaction(place);
	relay_log_close(&place->log);
	size_t size = read_bytes(place, file, bytes, sizeof bytes);
	bytes[good + 30] ^= 1;
	copy_first_bytes(place, bytes, size, file);
	assert_true(open_log(place, applied));
	assert_string_equal(retrieved(place), "1");
	assert_int_equal(place->resume.end_offset, applied);
	assert_int_equal(relay_log_end(place->log).file, file + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_applied_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(each_file_says_where_it_goes_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_place_that_is_not_in_it_makes_it_useless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_torn_tail_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_ends_what_is_kept, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
