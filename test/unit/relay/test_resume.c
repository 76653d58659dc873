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

/* Three files: one transaction that is applied, three in one file, one behind it. */
enum { file_room = 4096, tail_count = 3, page_size = 256 };

struct files {
	uint8_t bytes[2][file_room];
	size_t sizes[2];
	uint64_t applied;
	uint64_t begin;                /* of the applied transaction */
	uint64_t ends[tail_count + 1]; /* in the first file: of the applied transaction, and of each behind it */
	uint64_t head;                 /* of the second */
};

static void fill(struct place *place, struct files *files)
{
	connect_at(place, 4);
	files->begin = relay_log_end(place->log).offset;
	put_transaction(place);
	files->applied = place->at;
	files->ends[0] = relay_log_end(place->log).offset;
	for (unsigned i = 1; i <= tail_count; i++) {
		put_transaction(place);
		files->ends[i] = relay_log_end(place->log).offset;
	}
	uint32_t file = relay_log_end(place->log).file;
	assert_int_equal(relay_log_rest(place->log, source_file, place->at, 0, &place->diag), 0);
	files->head = relay_log_end(place->log).offset;
	put_transaction(place);
	for (unsigned i = 0; i < 2; i++)
		files->sizes[i] = read_bytes(place, file + i, files->bytes[i], file_room);
	assert_int_equal(files->sizes[0], files->ends[tail_count]);
	relay_log_close(&place->log);
}

/* As a former process left them: the first with other bytes, and the second as it was, if it is to be there. */
static void leave(struct place *place, const struct files *files, const uint8_t *bytes, size_t size, bool has_second)
{
	char command[160];
	snprintf(command, sizeof command, "cd %s && rm -f b-relay.* && echo ./b-relay.000001 > b-relay.index%s",
		 place->directory, has_second ? " && echo ./b-relay.000002 >> b-relay.index" : "");
	assert_int_equal(system(command), 0);
	copy_first_bytes(place, bytes, size, 1);
	if (has_second)
		copy_first_bytes(place, files->bytes[1], files->sizes[1], 2);
}

/* Kept is what ends at or before the damage; and now and then: the next start finds the same, without damage. */
static void assert_kept_up_to(struct place *place, const struct files *files, uint64_t damage)
{
	char wanted[16];
	unsigned whole = 0;
	while (whole < tail_count && files->ends[whole + 1] <= damage)
		whole++;
	snprintf(wanted, sizeof wanted, whole ? "1-%u" : "1", whole + 1);
	for (unsigned turn = 0; turn < (damage % 8 ? 1 : 2); turn++) {
		assert_true(open_log(place, files->applied));
		if (strcmp(retrieved(place), wanted) != 0)
			fail_msg("damage at %llu: %s is kept", (unsigned long long)damage, retrieved(place));
		assert_int_equal(place->resume.end_offset, files->applied + files->ends[whole] - files->ends[0]);
		assert_int_equal(place->resume.applied.file, 1);
		assert_int_equal(place->resume.applied.offset, files->ends[0]);
		assert_int_equal(relay_log_end(place->log).file, 2 + turn);
		relay_log_close(&place->log);
	}
}

/* Cut at every byte: a transaction counts once its last byte is there. */
static void a_torn_tail_is_cut(void **state)
{
	struct place *place = *state;
	static struct files files;
	fill(place, &files);
	for (size_t cut = files.ends[0]; cut <= files.sizes[0]; cut++) {
		leave(place, &files, files.bytes[0], cut, false);
		assert_kept_up_to(place, &files, cut);
	}
}

/* The file behind it has reached the disk: its transactions would leave out those that were cut. */
static void a_torn_tail_in_front_of_a_whole_file(void **state)
{
	struct place *place = *state;
	static struct files files;
	fill(place, &files);
	for (unsigned i = 0; i < tail_count; i++)
		for (size_t cut = files.ends[i]; cut < files.ends[i + 1]; cut += 17) {
			leave(place, &files, files.bytes[0], cut, true);
			assert_kept_up_to(place, &files, cut);
		}
	leave(place, &files, files.bytes[0], files.sizes[0], true);
	assert_true(open_log(place, files.applied));
	assert_string_equal(retrieved(place), "1-5");
}

static void a_tail_of_zeros_or_garbage(void **state)
{
	struct place *place = *state;
	static struct files files;
	static uint8_t bytes[file_room];
	fill(place, &files);
	for (size_t at = files.ends[0]; at < files.sizes[0]; at += 37)
		for (unsigned kind = 0; kind < 4; kind++) {
			bool is_page = kind & 2;
			size_t page_end = (at / page_size + 1) * page_size;
			size_t end = is_page && page_end < files.sizes[0] ? page_end : files.sizes[0];
			memcpy(bytes, files.bytes[0], files.sizes[0]);
			for (size_t i = at; i < end; i++)
				bytes[i] = kind & 1 ? bytes[i] ^ (uint8_t)(0x80 | (i * 2654435761u >> 9)) : 0;
			size_t damage = at;
			while (damage < end && bytes[damage] == files.bytes[0][damage])
				damage++;
			leave(place, &files, bytes, files.sizes[0], is_page);
			if (damage < end)
				assert_kept_up_to(place, &files, damage);
		}
}

/* In front of what was applied: the place is not found any more, and all behind it is fetched again. */
static void damage_in_front_of_the_applied_place(void **state)
{
	struct place *place = *state;
	static struct files files;
	static uint8_t bytes[file_room];
	fill(place, &files);
	for (size_t at = files.begin; at < files.ends[0]; at += 11) {
		memcpy(bytes, files.bytes[0], files.sizes[0]);
		bytes[at] ^= 0x55;
		leave(place, &files, bytes, files.sizes[0], true);
		if (open_log(place, files.applied))
			fail_msg("damage at %zu is not seen", at);
		assert_int_equal(relay_log_space(place->log), relay_log_end(place->log).offset);
		relay_log_close(&place->log);
	}
}

/* The last file's head: what is in front of it stays. */
static void a_head_that_is_cut(void **state)
{
	struct place *place = *state;
	static struct files files;
	fill(place, &files);
	for (size_t cut = 0; cut <= files.head; cut += 19) {
		leave(place, &files, files.bytes[0], files.sizes[0], true);
		copy_first_bytes(place, files.bytes[1], cut, 2);
		assert_true(open_log(place, files.applied));
		assert_string_equal(retrieved(place), "1-4");
		relay_log_close(&place->log);
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
		cmocka_unit_test_setup_teardown(a_torn_tail_in_front_of_a_whole_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_tail_of_zeros_or_garbage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_in_front_of_the_applied_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_head_that_is_cut, set_up, tear_down),
		cmocka_unit_test_setup_teardown(damage_ends_what_is_kept, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
