/*
 * A log's last file as a loss of power may leave it: cut at every byte, with pages of zeros, of garbage, of what the disk
 * held before. All whole transactions up to there are found, no other ones; and what was flushed is never cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "binlog/log.h"
#include "binlog/payload_writer.h"
#include "binlog/reader.h"
#include "samples.h"

enum kind { KIND_ROWS, KIND_PAYLOAD, KIND_DEFINITION, kinds };
enum { ends_max = 16, page_size = 512, unchecked_tail = 13 };

/* A log of groups of 1, 2 and 4 transactions, and its one file's bytes. */
struct fixture {
	char directory[40];
	struct binlog_options options;
	struct binlog *log;
	char *path;
	struct buf bytes;        /* the whole file */
	struct buf damaged;      /* what is written in its place */
	uint64_t ends[ends_max]; /* of the head, and of each transaction */
	size_t end_count;
	uint64_t last_group;     /* where that begins: all before it was flushed before it was written */
	uint64_t time_us;
	struct diag diag;
};

static void put_rows(struct buf *events, bool with_checksum)
{
	struct event_writer writer = {.out = events, .timestamp = 1700000000, .server_id = 7, .has_checksum = with_checksum};
	struct event_query query = sample_query("");
	char text[180];
	memset(text, 'x', sizeof text);
	event_put_transaction_query(&writer, &query, "BEGIN");
	event_put_rows_query(&writer, bytes_of(text, sizeof text));
	event_put_xid(&writer, 1);
}

static void put_payload(struct buf *events, struct diag *diag)
{
	struct buf plain = {0};
	struct event_writer writer = {.out = events, .timestamp = 1700000000, .server_id = 7, .has_checksum = true};
	struct payload_writer *payload = payload_writer_create(3);
	put_rows(&plain, true);
	assert_int_equal(payload_writer_add(payload, buf_bytes(&plain), diag), 0);
	assert_int_equal(payload_writer_finish(payload, &writer, diag), 0);
	payload_writer_destroy(&payload);
	buf_deinit(&plain);
}

static void put_events(struct buf *events, enum kind kind, struct diag *diag)
{
	struct event_writer writer = {.out = events, .timestamp = 1700000000, .server_id = 7, .has_checksum = true};
	struct event_query query = sample_query("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(100), more TEXT)");
	if (kind == KIND_ROWS)
		put_rows(events, true);
	else if (kind == KIND_PAYLOAD)
		put_payload(events, diag);
	else
		event_put_query(&writer, &query, 0);
}

static void commit(struct fixture *f, unsigned count, enum kind kind)
{
	struct buf events[4] = {0};
	assert_int_equal(binlog_group_begin(f->log, &f->diag), 0);
	f->last_group = binlog_get_end(f->log).offset;
	for (unsigned i = 0; i < count; i++) {
		put_events(&events[i], kind, &f->diag);
		struct binlog_transaction transaction = {.events = &events[i], .timestamp = 1700000000, .server_id = 7,
							 .immediate_commit_us = ++f->time_us,
							 .original_commit_us = f->time_us};
		assert_int_equal(binlog_group_add(f->log, &transaction, &f->diag), 0);
		f->ends[f->end_count++] = transaction.end.offset;
	}
	assert_int_equal(binlog_group_write(f->log, &f->diag), 0);
	assert_int_equal(binlog_group_sync(f->log, &f->diag), 0);
	binlog_group_publish(f->log);
	for (unsigned i = 0; i < count; i++)
		buf_deinit(&events[i]);
}

static void read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "re");
	size_t got;
	assert_non_null(file);
	while ((got = fread(buf_reserve(out, 65536), 1, 65536, file)) > 0)
		out->size += got;
	fclose(file);
}

static void start(struct fixture *f, enum event_checksum checksum, uint64_t time_us, uint32_t sync_period)
{
	struct binlog_recovery recovery;
	*f = (struct fixture){.diag = DIAG_INIT, .time_us = time_us};
	strcpy(f->directory, "/tmp/gemel-torn-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	f->options = (struct binlog_options){
		.directory = f->directory,
		.server_id = 7,
		.checksum = checksum,
		.max_size = 1 << 30,
		.sync_period = sync_period,
	};
	uuid_parse(bytes_of_string(SAMPLE_SID), f->options.server_uuid);
	assert_int_equal(binlog_open(&f->log, &f->options, &recovery, &f->diag), 0);
	f->path = binlog_file_path(f->log, 1);
	f->ends[f->end_count++] = binlog_get_end(f->log).offset;
}

/* The writer dies; what it wrote is kept in mind. */
static void make_log(struct fixture *f, enum event_checksum checksum, enum kind kind, uint64_t time_us, uint32_t sync_period)
{
	start(f, checksum, time_us, sync_period);
	commit(f, 1, kind);
	commit(f, 2, kind);
	commit(f, 4, kind);
	binlog_abandon(&f->log);
	read_file(f->path, &f->bytes);
	assert_int_equal(f->bytes.size, f->ends[f->end_count - 1]);
}

static void stop(struct fixture *f)
{
	char command[80];
	binlog_abandon(&f->log);
	buf_deinit(&f->bytes);
	buf_deinit(&f->damaged);
	memory_free(f->path);
	snprintf(command, sizeof command, "rm -rf %s", f->directory);
	assert_int_equal(system(command), 0);
}

static void write_damaged(struct fixture *f)
{
	FILE *file = fopen(f->path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(f->damaged.data, 1, f->damaged.size, file), f->damaged.size);
	fclose(file);
}

/* The whole file again, up to size. */
static uint8_t *take_bytes(struct fixture *f, size_t size)
{
	buf_clear(&f->damaged);
	buf_put(&f->damaged, f->bytes.data, size);
	return f->damaged.data;
}

static enum reader_outcome find_end(struct fixture *f, uint64_t *out_offset, uint64_t *out_transactions)
{
	struct log_end end;
	log_end_init(&end);
	diag_clear(&f->diag);
	enum reader_outcome outcome = log_reader_find_end(f->path, &end, &f->diag);
	*out_offset = end.offset;
	*out_transactions = gtid_set_count(&end.gtids);
	log_end_deinit(&end);
	return outcome;
}

/* How many of the ends are not behind offset; the head's is the first. */
static size_t whole_ends(const struct fixture *f, uint64_t offset)
{
	size_t count = 0;
	while (count < f->end_count && f->ends[count] <= offset)
		count++;
	return count;
}

/* Up to where the damage begins, and not further. */
static void assert_cut_at(struct fixture *f, uint64_t damage)
{
	uint64_t offset, transactions;
	write_damaged(f);
	enum reader_outcome outcome = find_end(f, &offset, &transactions);
	size_t whole = whole_ends(f, damage);
	if (outcome != READER_TRUNCATED)
		fail_msg("damage at %llu: %s, %s", (unsigned long long)damage, reader_outcome_name(outcome), f->diag.message);
	if (offset != f->ends[whole - 1])
		fail_msg("damage at %llu is cut at %llu", (unsigned long long)damage, (unsigned long long)offset);
	assert_int_equal(transactions, whole - 1);
}

static void a_cut_at_every_byte(void **state)
{
	(void)state;
	for (enum event_checksum checksum = EVENT_CHECKSUM_OFF; checksum <= EVENT_CHECKSUM_CRC32; checksum++)
		for (enum kind kind = 0; kind < kinds; kind++) {
			struct fixture f;
			make_log(&f, checksum, kind, 100, 1);
			for (uint64_t cut = f.bytes.size - 1; cut > f.ends[0]; cut--) {
				uint64_t offset, transactions;
				size_t whole = whole_ends(&f, cut);
				assert_int_equal(truncate(f.path, (off_t)cut), 0);
				enum reader_outcome outcome = find_end(&f, &offset, &transactions);
				assert_int_equal(outcome, cut == f.ends[whole - 1] ? READER_END : READER_TRUNCATED);
				assert_int_equal(offset, f.ends[whole - 1]);
				assert_int_equal(transactions, whole - 1);
			}
			stop(&f);
		}
}

/* The same through all of a start, now and then: the next one finds a log without fault, which goes on. */
static void starts_from_a_cut(void **state)
{
	(void)state;
	struct fixture f;
	make_log(&f, EVENT_CHECKSUM_CRC32, KIND_ROWS, 100, 1);
	for (uint64_t cut = f.bytes.size; cut > f.ends[0]; cut -= cut > f.ends[0] + 193 ? 193 : cut - f.ends[0]) {
		struct binlog_recovery recovery;
		char command[160];
		snprintf(command, sizeof command, "cd %s && rm -f binlog.* && echo ./binlog.000001 > binlog.index", f.directory);
		assert_int_equal(system(command), 0);
		take_bytes(&f, cut);
		write_damaged(&f);
		for (unsigned turn = 0; turn < 2; turn++) {
			struct gtid_set executed;
			gtid_set_init(&executed);
			assert_int_equal(binlog_open(&f.log, &f.options, &recovery, &f.diag), 0);
			size_t whole = whole_ends(&f, cut);
			assert_int_equal(recovery.was_cut, turn == 0 && f.ends[whole - 1] != cut);
			if (recovery.was_cut)
				assert_int_equal(recovery.new_size, f.ends[whole - 1]);
			binlog_get_executed(f.log, &executed);
			assert_int_equal(gtid_set_count(&executed), whole - 1);
			assert_int_equal(binlog_get_end(f.log).file, 2 + turn);
			gtid_set_deinit(&executed);
			binlog_abandon(&f.log);
		}
	}
	stop(&f);
}

static void damage_tail(struct fixture *f, uint64_t at)
{
	uint8_t *bytes = take_bytes(f, f->bytes.size);
	memset(bytes + at, 0, f->bytes.size - at);
	if (memcmp(bytes, f->bytes.data, f->bytes.size) != 0)
		assert_cut_at(f, at);
	bytes = take_bytes(f, f->bytes.size);
	for (uint64_t i = at; i < f->bytes.size; i++)
		bytes[i] ^= (uint8_t)(0x80 | (i * 2654435761u >> 9));
	assert_cut_at(f, at);
}

/* From every byte of the last group on: zeros, then garbage. */
static void a_tail_of_zeros_or_garbage(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < kinds; kind++) {
		struct fixture f;
		make_log(&f, EVENT_CHECKSUM_CRC32, kind, 100, 1);
		for (uint64_t at = f.last_group; at < f.bytes.size; at++)
			damage_tail(&f, at);
		stop(&f);
	}
}

/* Without checksums, a body that is damaged is believed, as in MySQL; headers are not. */
static void a_tail_of_zeros_or_garbage_without_checksums(void **state)
{
	(void)state;
	struct fixture f;
	make_log(&f, EVENT_CHECKSUM_OFF, KIND_ROWS, 100, 1);
	for (uint64_t at = f.last_group; at < f.bytes.size; at++)
		if (at + unchecked_tail < f.ends[whole_ends(&f, at)])
			damage_tail(&f, at);
	stop(&f);
}

/* Pages reach the disk in any order: one that is missing in front of whole transactions of the same group. */
static void a_hole_in_the_last_group(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < kinds; kind++) {
		struct fixture f;
		make_log(&f, EVENT_CHECKSUM_CRC32, kind, 100, 1);
		for (uint64_t at = f.last_group; at + 1 < f.bytes.size; at += 13) {
			uint64_t page_end = (at / page_size + 1) * page_size;
			uint64_t end = page_end < f.bytes.size ? page_end : f.bytes.size;
			uint8_t *bytes = take_bytes(&f, f.bytes.size);
			memset(bytes + at, 0, end - at);
			if (memcmp(bytes, f.bytes.data, f.bytes.size) != 0)
				assert_cut_at(&f, at);
		}
		stop(&f);
	}
}

/* Nothing of the file was flushed but its head: any hole is a torn write, however many groups follow it. */
static void a_hole_in_what_was_never_flushed(void **state)
{
	(void)state;
	struct fixture f;
	make_log(&f, EVENT_CHECKSUM_CRC32, KIND_ROWS, 100, 0);
	for (uint64_t at = f.ends[0]; at + 1 < f.bytes.size; at += 7) {
		take_bytes(&f, f.bytes.size)[at] ^= 0x55;
		assert_cut_at(&f, at);
	}
	stop(&f);
}

/* Every byte of the groups in front of the last: those were flushed, and are not given up. */
static void damage_in_what_was_flushed_is_refused(void **state)
{
	(void)state;
	for (enum kind kind = 0; kind < kinds; kind++) {
		struct fixture f;
		make_log(&f, EVENT_CHECKSUM_CRC32, kind, 100, 1);
		for (uint64_t at = f.ends[0]; at < f.last_group; at++) {
			uint64_t offset, transactions;
			take_bytes(&f, f.bytes.size)[at] ^= 0x55;
			write_damaged(&f);
			assert_int_equal(find_end(&f, &offset, &transactions), READER_CORRUPT);
			assert_true(offset <= at);
		}
		struct binlog_recovery recovery;
		assert_int_equal(binlog_open(&f.log, &f.options, &recovery, &f.diag), -1);
		assert_non_null(strstr(f.diag.context, f.path));
		assert_non_null(strstr(f.diag.context, "bring the file back from a copy"));
		stop(&f);
	}
}

/* Behind a cut stands what a removed file of the same shape has left there: whole events, at their places, but older. */
static void a_tail_of_old_content(void **state)
{
	(void)state;
	struct fixture old, f;
	make_log(&old, EVENT_CHECKSUM_CRC32, KIND_ROWS, 100, 1);
	make_log(&f, EVENT_CHECKSUM_CRC32, KIND_ROWS, 100000, 1);
	assert_int_equal(old.bytes.size, f.bytes.size);
	for (uint64_t at = f.ends[1] + 1; at < f.bytes.size; at++) {
		uint8_t *bytes = take_bytes(&f, f.bytes.size);
		memcpy(bytes + at, old.bytes.data + at, f.bytes.size - at);
		/* Its old end may be the same bytes as the new one's. */
		size_t same = 0;
		while (at + same < f.bytes.size && bytes[at + same] == f.bytes.data[at + same])
			same++;
		if (at + same < f.bytes.size)
			assert_cut_at(&f, at + same);
	}
	stop(&old);
	stop(&f);
}

/* A file that died at its birth, in front of its name in the index: whatever its head is, it holds nothing. */
static void an_unlisted_file_without_a_head(void **state)
{
	(void)state;
	struct fixture f;
	make_log(&f, EVENT_CHECKSUM_CRC32, KIND_ROWS, 100, 1);
	char *second = memory_copy_string(f.path);
	second[strlen(second) - 1] = '2';
	for (size_t size = 0; size < 150; size += 29)
		for (unsigned byte = 0; byte < 2; byte++) {
			struct binlog_recovery recovery;
			char command[160];
			snprintf(command, sizeof command, "cd %s && rm -f binlog.* && echo ./binlog.000001 > binlog.index",
				 f.directory);
			assert_int_equal(system(command), 0);
			take_bytes(&f, f.bytes.size);
			write_damaged(&f);
			FILE *file = fopen(second, "we");
			for (size_t i = 0; i < size; i++)
				fputc(byte ? f.bytes.data[i] : 0, file);
			fclose(file);
			if (binlog_open(&f.log, &f.options, &recovery, &f.diag) < 0)
				fail_msg("%zu bytes: %s", size, f.diag.message);
			assert_int_equal(binlog_get_end(f.log).file, 2);
			binlog_abandon(&f.log);
		}
	memory_free(second);
	stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_at_every_byte),
		cmocka_unit_test(starts_from_a_cut),
		cmocka_unit_test(a_tail_of_zeros_or_garbage),
		cmocka_unit_test(a_tail_of_zeros_or_garbage_without_checksums),
		cmocka_unit_test(a_hole_in_the_last_group),
		cmocka_unit_test(a_hole_in_what_was_never_flushed),
		cmocka_unit_test(damage_in_what_was_flushed_is_refused),
		cmocka_unit_test(a_tail_of_old_content),
		cmocka_unit_test(an_unlisted_file_without_a_head),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
