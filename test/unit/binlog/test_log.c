/* The log as a whole: group append, rotation, recovery after every cut, purge, readers. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"
#include "base/thread.h"
#include "binlog/log.h"
#include "binlog/reader.h"
#include "samples.h"

/* One server's log in a folder of its own. */
struct fixture {
	char directory[40];
	struct binlog_options options;
	struct binlog_recovery recovery;
	struct binlog *log;
	struct diag diag;
};

static void open_log(struct fixture *f)
{
	if (binlog_open(&f->log, &f->options, &f->recovery, &f->diag) < 0)
		fail_msg("%s", f->diag.message);
}

static void start(struct fixture *f)
{
	*f = (struct fixture){.diag = DIAG_INIT};
	strcpy(f->directory, "/tmp/gemel-log-XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	f->options = (struct binlog_options){
		.directory = f->directory,
		.server_id = 7,
		.checksum = EVENT_CHECKSUM_CRC32,
		.max_size = 1 << 30,
		.sync_period = 1,
	};
	uuid_parse(bytes_of_string(SAMPLE_SID), f->options.server_uuid);
	open_log(f);
}

static void stop(struct fixture *f)
{
	char command[80];
	binlog_close(&f->log);
	fault_set("", &f->diag);
	snprintf(command, sizeof command, "rm -rf %s", f->directory);
	assert_int_equal(system(command), 0);
}

/* A transaction of one row event, with text somewhere in it to make it as large as wanted. */
static void put_events(struct buf *events, size_t padding)
{
	struct event_writer writer = {.out = events, .timestamp = 1700000000, .server_id = 7, .has_checksum = true};
	struct event_query query = sample_query("");
	char *text = memory_zalloc(padding + 1);
	memset(text, 'x', padding);
	event_put_transaction_query(&writer, &query, "BEGIN");
	event_put_rows_query(&writer, bytes_of_string(text));
	event_put_xid(&writer, 1);
	memory_free(text);
}

static struct binlog_transaction transaction_of(struct buf *events)
{
	return (struct binlog_transaction){
		.events = events,
		.timestamp = 1700000000,
		.server_id = 7,
		.immediate_commit_us = 1700000000000000,
		.original_commit_us = 1700000000000000,
	};
}

enum { group_max = 8 };

/* Commits `count` transactions as one group; returns where it ends. */
static struct binlog_position commit(struct fixture *f, unsigned count, size_t padding)
{
	struct buf events[group_max];
	struct binlog_transaction transactions[group_max];
	struct binlog_position end = {0};
	assert_int_equal(binlog_group_begin(f->log, &f->diag), 0);
	for (unsigned i = 0; i < count; i++) {
		buf_init(&events[i]);
		put_events(&events[i], padding);
		transactions[i] = transaction_of(&events[i]);
		if (i)
			assert_int_equal(binlog_next_sequence(f->log), transactions[i - 1].sequence + 1);
		transactions[i].commit_parent = binlog_next_sequence(f->log) - 1;
		assert_int_equal(binlog_group_add(f->log, &transactions[i], &f->diag), 0);
		if (i)
			assert_int_equal(binlog_position_compare(transactions[i].start, end), 0);
		end = transactions[i].end;
	}
	assert_int_equal(binlog_group_write(f->log, &f->diag), 0);
	assert_int_equal(binlog_group_sync(f->log, &f->diag), 0);
	binlog_group_publish(f->log);
	assert_int_equal(binlog_position_compare(binlog_get_end(f->log), end), 0);
	for (unsigned i = 0; i < count; i++)
		buf_deinit(&events[i]);
	return end;
}

static void assert_executed(struct fixture *f, const char *wanted)
{
	struct gtid_set set;
	struct buf text;
	gtid_set_init(&set);
	buf_init(&text);
	binlog_get_executed(f->log, &set);
	gtid_set_print(&set, ",", &text);
	assert_string_equal(buf_cstring(&text), wanted);
	gtid_set_deinit(&set);
	buf_deinit(&text);
}

/* Reads the whole log, file by file, checks positions and clocks, and counts transactions. */
static unsigned read_log(struct fixture *f)
{
	unsigned transactions = 0;
	for (uint32_t file = binlog_get_start(f->log).file; file; file = binlog_next_file(f->log, file)) {
		struct log_reader reader;
		struct event event;
		enum reader_outcome outcome;
		int64_t sequence = 0;
		char *path = binlog_file_path(f->log, file);
		assert_int_equal(log_reader_open(&reader, path, 0, UINT64_MAX, &f->diag), READER_EVENT);
		while ((outcome = log_reader_next(&reader, &event, &f->diag)) == READER_EVENT) {
			assert_int_equal(event.log_pos, reader.offset);
			if (event.type != EVENT_GTID)
				continue;
			struct event_gtid gtid;
			assert_int_equal(event_decode_gtid(&event, &gtid, &f->diag), 0);
			assert_true(gtid.sequence_number > sequence && gtid.last_committed < gtid.sequence_number);
			assert_true(gtid.transaction_size > event.size);
			sequence = gtid.sequence_number;
			transactions++;
		}
		assert_int_equal(outcome, READER_END);
		log_reader_close(&reader);
		memory_free(path);
	}
	return transactions;
}

static void groups_go_in_and_come_out(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	assert_executed(&f, "");
	commit(&f, 1, 10);
	commit(&f, 5, 100);
	assert_executed(&f, SAMPLE_SID ":1-6");
	assert_int_equal(read_log(&f), 6);
	struct binlog_position end = binlog_get_end(f.log);
	char name[log_file_name_max + 1];
	binlog_file_name(f.log, end.file, name);
	assert_string_equal(name, "binlog.000001");
	binlog_close(&f.log);
	open_log(&f);
	assert_false(f.recovery.was_in_use);
	assert_false(f.recovery.was_cut);
	assert_executed(&f, SAMPLE_SID ":1-6");
	assert_int_equal(binlog_get_end(f.log).file, 2);
	commit(&f, 1, 1);
	assert_executed(&f, SAMPLE_SID ":1-7");
	stop(&f);
}

static void foreign_gtids_keep_their_names(void **state)
{
	(void)state;
	struct fixture f;
	struct buf events;
	start(&f);
	buf_init(&events);
	put_events(&events, 5);
	struct binlog_transaction transaction = transaction_of(&events);
	memset(transaction.gtid.sid, 0x11, uuid_size);
	transaction.gtid.gno = 9;
	assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
	assert_int_equal(binlog_group_add(f.log, &transaction, &f.diag), 0);
	struct binlog_transaction again = transaction_of(&events);
	again.gtid = transaction.gtid;
	assert_int_equal(binlog_group_add(f.log, &again, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_BINLOG_LOGGING_IMPOSSIBLE);
	assert_int_equal(binlog_group_abort(f.log, &f.diag), 0);
	assert_executed(&f, "");
	buf_clear(&events);
	put_events(&events, 5);
	assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
	assert_int_equal(binlog_group_add(f.log, &transaction, &f.diag), 0);
	assert_int_equal(binlog_group_write(f.log, &f.diag), 0);
	assert_int_equal(binlog_group_sync(f.log, &f.diag), 0);
	binlog_group_publish(f.log);
	assert_executed(&f, "11111111-1111-1111-1111-111111111111:9");
	assert_true(binlog_is_executed(f.log, &transaction.gtid));
	buf_deinit(&events);
	stop(&f);
}

static void rotates_at_its_size(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	binlog_set_max_size(f.log, 4096);
	for (unsigned i = 0; i < 20; i++)
		commit(&f, 2, 500);
	struct binlog_file_list list;
	assert_int_equal(binlog_list_files(f.log, &list, &f.diag), 0);
	assert_true(list.count > 4);
	for (size_t i = 0; i < list.count; i++) {
		assert_int_equal(list.files[i].file, i + 1);
		assert_true(list.files[i].size > 150 && list.files[i].size < 8192);
	}
	binlog_file_list_deinit(&list);
	assert_int_equal(read_log(&f), 40);
	/* A replica that has the first ten must not start behind them, nor far before. */
	struct gtid_set has, missing, previous;
	uint32_t file;
	gtid_set_init(&has);
	gtid_set_init(&missing);
	gtid_set_init(&previous);
	assert_int_equal(gtid_set_parse(&has, bytes_of_string(SAMPLE_SID ":1-10"), &f.diag), 0);
	assert_int_equal(binlog_find_file_for(f.log, &has, &file, &missing, &f.diag), 0);
	assert_true(file > 1);
	char *path = binlog_file_path(f.log, file);
	assert_int_equal(log_reader_previous_gtids(path, &previous, &f.diag), 0);
	assert_true(gtid_set_is_subset(&previous, &has));
	memory_free(path);
	/* When that is purged, it is told what is missing. */
	struct binlog_purge_report report;
	assert_int_equal(binlog_purge_to(f.log, file + 1, &report, &f.diag), 0);
	assert_int_equal(report.purged, file);
	assert_int_equal(binlog_find_file_for(f.log, &has, &file, &missing, &f.diag), 0);
	assert_int_equal(file, 0);
	assert_false(gtid_set_is_empty(&missing));
	gtid_set_deinit(&has);
	gtid_set_deinit(&missing);
	gtid_set_deinit(&previous);
	stop(&f);
}

/* What a kill leaves: cut the file at every byte; the next start keeps exactly the transactions that are whole. */
static void recovers_from_every_cut(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	struct binlog_position first = commit(&f, 1, 3), last = commit(&f, 2, 3);
	char *path = binlog_file_path(f.log, 1);
	binlog_abandon(&f.log);
	char save[100], restore[200];
	snprintf(save, sizeof save, "cp %s %s/saved", path, f.directory);
	snprintf(restore, sizeof restore, "cd %s && rm -f binlog.* && cp saved binlog.000001 && echo ./binlog.000001 > binlog.index",
		 f.directory);
	assert_int_equal(system(save), 0);
	uint64_t head = 0;
	for (uint64_t cut = last.offset; cut > 190; cut -= cut > first.offset + 120 ? 7 : 3) {
		assert_int_equal(system(restore), 0);
		assert_int_equal(truncate(path, (off_t)cut), 0);
		open_log(&f);
		assert_true(f.recovery.was_in_use);
		assert_int_equal(f.recovery.old_size, cut);
		assert_true(f.recovery.new_size <= cut);
		assert_int_equal(f.recovery.was_cut, f.recovery.new_size < cut);
		if (cut == last.offset)
			assert_executed(&f, SAMPLE_SID ":1-3");
		else if (cut < first.offset)
			assert_executed(&f, "");
		if (cut < first.offset)
			head = f.recovery.new_size;
		assert_int_equal(binlog_get_end(f.log).file, 2);
		read_log(&f);
		binlog_close(&f.log);
	}
	assert_true(head > 0);
	memory_free(path);
	open_log(&f);
	stop(&f);
}

/* Killed in the middle of a group's write: what is whole is there, the transaction that was being written is not. */
static void a_kill_inside_a_write(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	struct binlog_position end = commit(&f, 2, 10);
	binlog_abandon(&f.log);
	pid_t child = fork();
	if (child == 0) {
		open_log(&f);
		fault_set("binlog.write=torn", &f.diag);
		commit(&f, 3, 5000);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 137);
	open_log(&f);
	assert_true(f.recovery.was_in_use);
	assert_true(f.recovery.was_cut);
	assert_string_equal(f.recovery.file, "binlog.000002");
	assert_executed(&f, SAMPLE_SID ":1-4");
	assert_int_equal(binlog_get_end(f.log).file, 3);
	assert_int_equal(end.file, 1);
	assert_int_equal(read_log(&f), 4);
	stop(&f);
}

static void patch_file(const char *path, uint64_t offset, uint8_t byte)
{
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, (long)offset, SEEK_SET);
	fputc(byte, file);
	fclose(file);
}

static void damage_with_events_behind_it_is_no_torn_end(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	struct binlog_position first = commit(&f, 1, 50);
	struct binlog_position last = commit(&f, 1, 50);
	char *path = binlog_file_path(f.log, 1);
	binlog_abandon(&f.log);
	patch_file(path, first.offset - 60, 'y');
	assert_int_equal(binlog_open(&f.log, &f.options, &f.recovery, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_BINLOG_READ_EVENT_CHECKSUM_FAILURE);
	assert_non_null(strstr(f.diag.context, path));
	patch_file(path, first.offset - 60, 'x');
	/* The same in the last transaction is one that nobody was told of ... */
	patch_file(path, last.offset - 60, 'y');
	open_log(&f);
	assert_true(f.recovery.was_cut);
	assert_int_equal(f.recovery.new_size, first.offset);
	assert_executed(&f, SAMPLE_SID ":1");
	binlog_abandon(&f.log);
	memory_free(path);
	open_log(&f);
	stop(&f);
}

static void never_cuts_what_the_tables_hold(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	struct binlog_position first = commit(&f, 1, 50), last = commit(&f, 1, 50);
	char *path = binlog_file_path(f.log, 1);
	binlog_abandon(&f.log);
	assert_int_equal(truncate(path, (off_t)last.offset - 1), 0);
	f.options.durable = last;
	assert_int_equal(binlog_open(&f.log, &f.options, &f.recovery, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_BINLOG_LOGGING_IMPOSSIBLE);
	f.options.durable = first;
	open_log(&f);
	assert_int_equal(f.recovery.new_size, first.offset);
	memory_free(path);
	stop(&f);
}

/* Each point at which a server may die in a rotation; the next start has every transaction and goes on. */
static void rotation_survives_failure(void **state)
{
	(void)state;
	static const char *const points[] = {"binlog.rotate_created=error", "binlog.rotate_written=error",
					     "binlog_index.rename=error", "binlog.sync=error"};
	for (unsigned i = 0; i < 4; i++) {
		struct fixture f;
		start(&f);
		commit(&f, 2, 10);
		assert_int_equal(fault_set(points[i], &f.diag), 0);
		assert_int_equal(binlog_rotate(f.log, &f.diag), -1);
		fault_set("", &f.diag);
		assert_int_equal(binlog_get_end(f.log).file, 1);
		commit(&f, 1, 10);
		assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
		assert_int_equal(binlog_get_end(f.log).file, 2);
		assert_int_equal(read_log(&f), 3);
		stop(&f);
	}
}

static void files_of_a_dead_rotation_are_settled(void **state)
{
	(void)state;
	struct fixture f;
	char command[200];
	start(&f);
	commit(&f, 2, 10);
	assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
	binlog_abandon(&f.log);
	/* Made but not listed, and empty: it goes. */
	snprintf(command, sizeof command, "echo ./binlog.000001 > %s/binlog.index", f.directory);
	assert_int_equal(system(command), 0);
	open_log(&f);
	assert_executed(&f, SAMPLE_SID ":1-2");
	assert_int_equal(binlog_get_end(f.log).file, 2);
	commit(&f, 1, 10);
	binlog_abandon(&f.log);
	/* Not listed but with a transaction: it stays. */
	assert_int_equal(system(command), 0);
	open_log(&f);
	assert_executed(&f, SAMPLE_SID ":1-3");
	assert_int_equal(binlog_get_end(f.log).file, 3);
	assert_int_equal(read_log(&f), 3);
	stop(&f);
}

static void a_failed_group_leaves_nothing(void **state)
{
	(void)state;
	static const char *const points[] = {"binlog.group_write=error", "binlog.write=error",
					     "binlog.after_group_write=error", "binlog.after_group_sync=error"};
	for (unsigned i = 0; i < 4; i++) {
		struct fixture f;
		struct buf events;
		start(&f);
		struct binlog_position end = commit(&f, 1, 10);
		buf_init(&events);
		put_events(&events, 100);
		struct binlog_transaction transaction = transaction_of(&events);
		assert_int_equal(fault_set(points[i], &f.diag), 0);
		assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
		assert_int_equal(binlog_group_add(f.log, &transaction, &f.diag), 0);
		assert_true(binlog_group_write(f.log, &f.diag) < 0 || binlog_group_sync(f.log, &f.diag) < 0);
		assert_int_equal(f.diag.code, ER_ERROR_ON_WRITE);
		assert_int_equal(binlog_group_abort(f.log, &f.diag), 0);
		fault_set("", &f.diag);
		assert_int_equal(binlog_position_compare(binlog_get_end(f.log), end), 0);
		assert_executed(&f, SAMPLE_SID ":1");
		commit(&f, 2, 10);
		assert_executed(&f, SAMPLE_SID ":1-3");
		assert_int_equal(read_log(&f), 3);
		buf_deinit(&events);
		stop(&f);
	}
}

/* The kernel may have dropped what it could not flush: nothing more may be promised. */
static void a_failed_flush_breaks_the_log(void **state)
{
	(void)state;
	struct fixture f;
	struct buf events;
	start(&f);
	buf_init(&events);
	put_events(&events, 100);
	struct binlog_transaction transaction = transaction_of(&events);
	assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
	assert_int_equal(binlog_group_add(f.log, &transaction, &f.diag), 0);
	assert_int_equal(binlog_group_write(f.log, &f.diag), 0);
	assert_int_equal(fault_set("binlog.sync=error", &f.diag), 0);
	assert_int_equal(binlog_group_sync(f.log, &f.diag), -1);
	fault_set("", &f.diag);
	assert_int_equal(binlog_group_abort(f.log, &f.diag), -1);
	assert_int_equal(binlog_group_begin(f.log, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_BINLOG_LOGGING_IMPOSSIBLE);
	buf_deinit(&events);
	stop(&f);
}

/* A transaction too large for memory comes from a file, in pieces that do not end where events do. */
static void spilled_transactions(void **state)
{
	(void)state;
	for (enum event_checksum checksum = EVENT_CHECKSUM_OFF; checksum <= EVENT_CHECKSUM_CRC32; checksum++) {
		struct fixture f;
		struct buf spill, tail, whole;
		FILE *file = tmpfile();
		start(&f);
		buf_init(&spill);
		buf_init(&tail);
		buf_init(&whole);
		binlog_set_checksum(f.log, checksum);
		assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
		struct event_writer writer = {.out = &spill, .timestamp = 1, .server_id = 7, .has_checksum = true};
		struct event_query query = sample_query("");
		event_put_transaction_query(&writer, &query, "BEGIN");
		char *text = memory_zalloc(3000001);
		memset(text, 'x', 3000000);
		for (unsigned i = 0; i < 300; i++)
			event_put_rows_query(&writer, bytes_of(text, i == 100 ? 3000000 : 9973));
		memory_free(text);
		writer.out = &tail;
		event_put_xid(&writer, 1);
		assert_int_equal(fwrite(spill.data, 1, spill.size, file), spill.size);
		fflush(file);
		put_events(&whole, 50);
		struct binlog_transaction transactions[3] = {transaction_of(&whole), transaction_of(&tail)};
		transactions[1].spill_fd = fileno(file);
		transactions[1].spill_size = spill.size;
		assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
		assert_int_equal(binlog_group_add(f.log, &transactions[0], &f.diag), 0);
		if (binlog_group_add(f.log, &transactions[1], &f.diag) < 0)
			fail_msg("%s", f.diag.message);
		assert_int_equal(binlog_group_write(f.log, &f.diag), 0);
		assert_int_equal(binlog_group_sync(f.log, &f.diag), 0);
		binlog_group_publish(f.log);
		assert_int_equal(transactions[1].end.offset, binlog_get_end(f.log).offset);
		assert_int_equal(read_log(&f), 2);
		struct log_reader reader;
		struct event event;
		struct event_gtid gtid;
		char *path = binlog_file_path(f.log, 2);
		assert_int_equal(log_reader_open(&reader, path, transactions[1].start.offset, UINT64_MAX, &f.diag),
				 READER_EVENT);
		assert_int_equal(log_reader_next(&reader, &event, &f.diag), READER_EVENT);
		assert_int_equal(event_decode_gtid(&event, &gtid, &f.diag), 0);
		assert_int_equal(gtid.transaction_size, transactions[1].end.offset - transactions[1].start.offset);
		log_reader_close(&reader);
		memory_free(path);
		/* And one that fails half way takes back what was written of the group. */
		struct binlog_position end = binlog_get_end(f.log);
		transactions[2] = transaction_of(&tail);
		transactions[2].spill_fd = fileno(file);
		transactions[2].spill_size = spill.size + 1;
		assert_int_equal(binlog_group_begin(f.log, &f.diag), 0);
		assert_int_equal(binlog_group_add(f.log, &transactions[2], &f.diag), -1);
		assert_int_equal(binlog_group_abort(f.log, &f.diag), 0);
		struct binlog_file_list list;
		assert_int_equal(binlog_list_files(f.log, &list, &f.diag), 0);
		assert_int_equal(list.files[1].size, end.offset);
		binlog_file_list_deinit(&list);
		assert_int_equal(read_log(&f), 2);
		fclose(file);
		buf_deinit(&spill);
		buf_deinit(&tail);
		buf_deinit(&whole);
		stop(&f);
	}
}

static void logs_without_checksums(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	binlog_set_checksum(f.log, EVENT_CHECKSUM_OFF);
	commit(&f, 2, 10);
	assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
	commit(&f, 3, 10);
	binlog_set_checksum(f.log, EVENT_CHECKSUM_CRC32);
	assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
	commit(&f, 1, 10);
	assert_int_equal(read_log(&f), 6);
	stop(&f);
}

static void purging_spares_readers(void **state)
{
	(void)state;
	struct fixture f;
	struct binlog_reader reader;
	struct binlog_purge_report report;
	start(&f);
	for (unsigned i = 0; i < 4; i++) {
		commit(&f, 1, 10);
		assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
	}
	assert_int_equal(binlog_reader_register(f.log, &reader, 2, &f.diag), 0);
	assert_int_equal(binlog_purge_to(f.log, 4, &report, &f.diag), 0);
	assert_int_equal(report.wanted, 3);
	assert_int_equal(report.purged, 1);
	assert_int_equal(report.kept_file, 2);
	assert_int_equal(report.kept_readers, 1);
	assert_false(binlog_has_file(f.log, 1));
	assert_int_equal(binlog_reader_move(f.log, &reader, 5, &f.diag), 0);
	assert_int_equal(binlog_purge_to(f.log, 4, &report, &f.diag), 0);
	assert_int_equal(report.purged, 2);
	assert_int_equal(binlog_reader_move(f.log, &reader, 3, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_UNKNOWN_TARGET_BINLOG);
	assert_int_equal(binlog_purge_to(f.log, 99, &report, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_UNKNOWN_TARGET_BINLOG);
	binlog_reader_unregister(f.log, &reader);
	assert_int_equal(binlog_purge_before(f.log, clock_wall_us() / 1000000 + 100, &report, &f.diag), 0);
	assert_int_equal(report.purged, 1);
	assert_int_equal(binlog_get_start(f.log).file, 5);
	struct gtid_set purged;
	gtid_set_init(&purged);
	binlog_get_purged(f.log, &purged);
	assert_int_equal(gtid_set_count(&purged), 4);
	assert_executed(&f, SAMPLE_SID ":1-4");
	binlog_close(&f.log);
	open_log(&f);
	assert_executed(&f, SAMPLE_SID ":1-4");
	binlog_get_purged(f.log, &purged);
	assert_int_equal(gtid_set_count(&purged), 4);
	gtid_set_deinit(&purged);
	stop(&f);
}

static void reset_starts_anew(void **state)
{
	(void)state;
	struct fixture f;
	struct binlog_reader reader;
	struct binlog_position end;
	start(&f);
	commit(&f, 2, 10);
	assert_int_equal(binlog_rotate(f.log, &f.diag), 0);
	assert_int_equal(binlog_reader_register(f.log, &reader, 2, &f.diag), 0);
	struct binlog_position known = binlog_get_end(f.log);
	assert_int_equal(binlog_reset(f.log, 0, &f.diag), 0);
	assert_int_equal(binlog_wait(f.log, &reader, known, NULL, NULL, &end), BINLOG_WAIT_LOST);
	assert_int_equal(binlog_reader_move(f.log, &reader, 1, &f.diag), -1);
	binlog_reader_unregister(f.log, &reader);
	assert_int_equal(binlog_get_end(f.log).file, 1);
	assert_executed(&f, "");
	commit(&f, 1, 10);
	assert_executed(&f, SAMPLE_SID ":1");
	assert_int_equal(binlog_reset(f.log, 33, &f.diag), 0);
	assert_int_equal(binlog_get_end(f.log).file, 33);
	stop(&f);
}

static void purged_can_be_set(void **state)
{
	(void)state;
	struct fixture f;
	struct gtid_set set;
	start(&f);
	gtid_set_init(&set);
	assert_int_equal(gtid_set_parse(&set, bytes_of_string("11111111-1111-1111-1111-111111111111:1-5"), &f.diag), 0);
	assert_int_equal(binlog_set_purged(f.log, &set, &f.diag), 0);
	assert_executed(&f, "11111111-1111-1111-1111-111111111111:1-5");
	for (unsigned i = 0; i < 2; i++) {
		struct gtid_set purged;
		gtid_set_init(&purged);
		binlog_get_purged(f.log, &purged);
		assert_true(gtid_set_equal(&purged, &set));
		gtid_set_deinit(&purged);
		binlog_close(&f.log);
		open_log(&f);
	}
	gtid_set_deinit(&set);
	stop(&f);
}

static void incidents_are_written(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	commit(&f, 1, 10);
	assert_int_equal(binlog_write_incident(f.log, "events were lost", &f.diag), 0);
	assert_int_equal(binlog_get_end(f.log).file, 2);
	assert_int_equal(read_log(&f), 1);
	stop(&f);
}

/* ------------------------------------------------------------------------------------------------------ waiting */

struct waiter {
	struct fixture *fixture;
	struct binlog_position known;
	atomic_bool cancel;
	enum binlog_wait_outcome outcome;
	struct binlog_position end;
};

static void *wait_for_more(void *argument)
{
	struct waiter *waiter = argument;
	waiter->outcome = binlog_wait(waiter->fixture->log, NULL, waiter->known, NULL, &waiter->cancel, &waiter->end);
	return NULL;
}

static void readers_wait_for_the_durable_end(void **state)
{
	(void)state;
	struct fixture f;
	pthread_t thread;
	start(&f);
	struct waiter waiter = {.fixture = &f, .known = binlog_get_end(f.log)};
	struct timespec soon = clock_deadline(20000);
	assert_int_equal(binlog_wait(f.log, NULL, waiter.known, &soon, NULL, &waiter.end), BINLOG_WAIT_TIMEOUT);
	assert_int_equal(thread_start(&thread, "waiter", wait_for_more, &waiter, &f.diag), 0);
	struct binlog_position end = commit(&f, 1, 10);
	pthread_join(thread, NULL);
	assert_int_equal(waiter.outcome, BINLOG_WAIT_MOVED);
	assert_int_equal(binlog_position_compare(waiter.end, end), 0);
	waiter.known = end;
	assert_int_equal(thread_start(&thread, "waiter", wait_for_more, &waiter, &f.diag), 0);
	atomic_store(&waiter.cancel, true);
	binlog_wake(f.log);
	pthread_join(thread, NULL);
	assert_int_equal(waiter.outcome, BINLOG_WAIT_CANCELLED);
	stop(&f);
}

static bool is_told(const struct binlog_watcher *watcher)
{
	struct pollfd poll_fd = {.fd = watcher->fd, .events = POLLIN};
	return poll(&poll_fd, 1, 0) > 0;
}

static void only_the_armed_are_told(void **state)
{
	(void)state;
	struct fixture f;
	struct binlog_watcher watcher = {.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
	struct binlog_position end;
	start(&f);
	struct binlog_position known = binlog_get_end(f.log);
	binlog_watch(f.log, &watcher);
	assert_int_equal(binlog_look(f.log, NULL, known, NULL, &end), BINLOG_WAIT_TIMEOUT);
	commit(&f, 1, 10);
	assert_false(is_told(&watcher));
	binlog_arm(&watcher);
	assert_int_equal(binlog_look(f.log, NULL, known, NULL, &end), BINLOG_WAIT_MOVED);
	assert_false(is_told(&watcher));
	commit(&f, 1, 20);
	assert_true(is_told(&watcher));
	binlog_arm(&watcher); /* what it was told is forgotten */
	assert_false(is_told(&watcher));
	binlog_wake(f.log);
	assert_true(is_told(&watcher));
	binlog_arm(&watcher);
	binlog_disarm(&watcher);
	binlog_wake(f.log);
	assert_false(is_told(&watcher));
	binlog_unwatch(f.log, &watcher);
	close(watcher.fd);
	stop(&f);
}

/* A dump thread's way: never past the published end, then on when it moves. */
static void a_reader_follows(void **state)
{
	(void)state;
	struct fixture f;
	struct log_reader reader;
	struct event event;
	start(&f);
	struct binlog_position end = commit(&f, 1, 10);
	char *path = binlog_file_path(f.log, end.file);
	assert_int_equal(log_reader_open(&reader, path, 4, end.offset, &f.diag), READER_EVENT);
	unsigned events = 0;
	while (log_reader_next(&reader, &event, &f.diag) == READER_EVENT)
		events++;
	assert_int_equal(reader.offset, end.offset);
	for (unsigned i = 0; i < 200; i++) {
		end = commit(&f, 1, i * 100);
		assert_int_equal(log_reader_next(&reader, &event, &f.diag), READER_END);
		log_reader_set_limit(&reader, end.offset);
		unsigned more = 0;
		while (log_reader_next(&reader, &event, &f.diag) == READER_EVENT)
			more++;
		assert_int_equal(more, 4);
	}
	assert_int_equal(events, 2 + 4);
	log_reader_close(&reader);
	/* A position between two events is told apart from one inside. */
	assert_int_equal(log_reader_open(&reader, path, end.offset - 5, UINT64_MAX, &f.diag), READER_EVENT);
	assert_int_equal(log_reader_next(&reader, &event, &f.diag), READER_TRUNCATED);
	log_reader_close(&reader);
	assert_int_equal(log_reader_open(&reader, path, 140, UINT64_MAX, &f.diag), READER_EVENT);
	assert_int_not_equal(log_reader_next(&reader, &event, &f.diag), READER_EVENT);
	log_reader_close(&reader);
	memory_free(path);
	stop(&f);
}

/* --------------------------------------------------------------------------------------------- names and index */

static void names_are_mysqls(void **state)
{
	(void)state;
	struct fixture f;
	start(&f);
	binlog_close(&f.log);
	struct log_index index;
	char name[log_file_name_max + 1];
	assert_int_equal(log_index_open(&index, f.directory, "mysql-bin.log", "other.index", &binlog_faults, &f.diag), 0);
	assert_string_equal(index.base, "./mysql-bin");
	assert_int_equal(log_index_add(&index, 7, &f.diag), 0);
	assert_int_equal(log_index_add(&index, 1000001, &f.diag), 0);
	log_index_file_name(&index, 1000001, name);
	assert_string_equal(name, "mysql-bin.1000001");
	assert_int_equal(log_index_parse_name(&index, bytes_of_string("mysql-bin.000007")), 7);
	assert_int_equal(log_index_parse_name(&index, bytes_of_string("./mysql-bin.000007")), 7);
	assert_int_equal(log_index_parse_name(&index, bytes_of_string("mysql-bin.07")), 0);
	assert_int_equal(log_index_parse_name(&index, bytes_of_string("mysql-bin.index")), 0);
	assert_int_equal(log_index_parse_name(&index, bytes_of_string("other.000007")), 0);
	char *path = log_index_file_path(&index, 7), full[100];
	snprintf(full, sizeof full, "%s/mysql-bin.000007", f.directory);
	assert_string_equal(path, full);
	assert_int_equal(log_index_parse_name(&index, bytes_of_string(full)), 7);
	memory_free(path);
	assert_int_equal(log_index_next(&index, 7), 1000001);
	assert_int_equal(log_index_next(&index, 1000001), 0);
	log_index_close(&index);
	assert_int_equal(log_index_open(&index, f.directory, "mysql-bin", "other.index", &binlog_faults, &f.diag), 0);
	assert_int_equal(index.count, 2);
	assert_int_equal(log_index_remove_before(&index, 8, &f.diag), 0);
	assert_int_equal(log_index_first(&index), 1000001);
	log_index_close(&index);
	/* Another log's index is refused. */
	assert_int_equal(log_index_open(&index, f.directory, "binlog", "other.index", &binlog_faults, &f.diag), -1);
	assert_int_equal(f.diag.code, ER_IO_ERR_LOG_INDEX_READ);
	char base[60];
	snprintf(base, sizeof base, "%s/abs", f.directory);
	assert_int_equal(log_index_open(&index, "/nowhere", base, NULL, &binlog_faults, &f.diag), 0);
	assert_int_equal(log_index_add(&index, 1, &f.diag), 0);
	path = log_index_file_path(&index, 1);
	snprintf(full, sizeof full, "%s.000001", base);
	assert_string_equal(path, full);
	memory_free(path);
	log_index_close(&index);
	open_log(&f);
	stop(&f);
}

static void unwritable_places_are_named(void **state)
{
	(void)state;
	struct fixture f;
	struct binlog *log;
	struct binlog_recovery recovery;
	start(&f);
	struct binlog_options options = f.options;
	options.directory = "/nonexistent";
	assert_int_equal(binlog_open(&log, &options, &recovery, &f.diag), -1);
	assert_non_null(strstr(f.diag.message, "/nonexistent/binlog.000001"));
	assert_non_null(strstr(f.diag.message, "No such file"));
	stop(&f);
}

static int set_up(void **state)
{
	(void)state;
	collation_init();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	collation_deinit();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_go_in_and_come_out),
		cmocka_unit_test(foreign_gtids_keep_their_names),
		cmocka_unit_test(rotates_at_its_size),
		cmocka_unit_test(recovers_from_every_cut),
		cmocka_unit_test(a_kill_inside_a_write),
		cmocka_unit_test(damage_with_events_behind_it_is_no_torn_end),
		cmocka_unit_test(never_cuts_what_the_tables_hold),
		cmocka_unit_test(rotation_survives_failure),
		cmocka_unit_test(files_of_a_dead_rotation_are_settled),
		cmocka_unit_test(a_failed_group_leaves_nothing),
		cmocka_unit_test(a_failed_flush_breaks_the_log),
		cmocka_unit_test(spilled_transactions),
		cmocka_unit_test(logs_without_checksums),
		cmocka_unit_test(purging_spares_readers),
		cmocka_unit_test(reset_starts_anew),
		cmocka_unit_test(purged_can_be_set),
		cmocka_unit_test(incidents_are_written),
		cmocka_unit_test(readers_wait_for_the_durable_end),
		cmocka_unit_test(only_the_armed_are_told),
		cmocka_unit_test(a_reader_follows),
		cmocka_unit_test(names_are_mysqls),
		cmocka_unit_test(unwritable_places_are_named),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
