/* Stock mariadb-binlog prints what we write: every event without complaint, every type with its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "samples.h"

/* Everything the command prints, errors too. */
static void run(const char *command, struct buf *out)
{
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	for (;;) {
		size_t got = fread(buf_reserve(out, 65536), 1, 65536, pipe);
		if (got == 0)
			break;
		out->size += got;
	}
	assert_int_equal(pclose(pipe), 0);
	buf_cstring(out);
}

static void assert_contains(const struct buf *text, const char *wanted)
{
	if (strstr((const char *)text->data, wanted) == NULL)
		fail_msg("'%s' is not in:\n%s", wanted, (const char *)text->data);
}

static void assert_lacks(const struct buf *text, const char *unwanted)
{
	if (strstr((const char *)text->data, unwanted))
		fail_msg("'%s' is in:\n%s", unwanted, (const char *)text->data);
}

/* Writes a log of one of each and gives what mariadb-binlog says of it. */
static void print_sample(enum event_checksum checksum, enum event_table_metadata_level level, struct buf *printed)
{
	char path[] = "/tmp/gemel-binlog-XXXXXX", command[200];
	struct buf file;
	struct diag diag = DIAG_INIT;
	struct sample_table table;
	buf_init(&file);
	sample_table_init(&table);
	struct event_writer writer = {.out = &file, .timestamp = 1700000000, .server_id = 7, .has_checksum = checksum != 0};
	buf_put(&file, binlog_magic, binlog_magic_size);
	event_put_format(&writer, checksum, 1700000000, false);
	size_t at = file.size;
	sample_put_all(&writer, &table);
	if (level == EVENT_METADATA_MINIMAL)
		sample_put_rows_transaction(&writer, &table, level, 40);
	event_put_stop(&writer);
	assert_int_equal(event_run_finalise(file.data + at, file.size - at, at, checksum != 0, &diag), 0);
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, file.data, file.size) == (ssize_t)file.size);
	close(fd);
	snprintf(command, sizeof command, "mariadb-binlog -vv --print-table-metadata --verify-binlog-checksum %s 2>&1", path);
	run(command, printed);
	unlink(path);
	buf_deinit(&file);
}

static void assert_sample(enum event_checksum checksum, enum event_table_metadata_level level)
{
	struct buf printed;
	struct sample_table table;
	buf_init(&printed);
	sample_table_init(&table);
	print_sample(checksum, level, &printed);
	assert_lacks(&printed, "ERROR");
	assert_lacks(&printed, "WARNING");
	assert_lacks(&printed, "corrupt");
	assert_contains(&printed, "server v " BINLOG_SERVER_VERSION);
	assert_contains(&printed, "CREATE TABLE t (a INT)");
	assert_contains(&printed, "SET @@session.auto_increment_increment=2, @@session.auto_increment_offset=1");
	assert_contains(&printed, "SET @@session.foreign_key_checks=0");
	assert_contains(&printed, "SET @@session.time_zone='SYSTEM'");
	assert_contains(&printed, "SET @@RAND_SEED1=8, @@RAND_SEED2=9");
	assert_contains(&printed, "SET INSERT_ID=7");
	assert_contains(&printed, "SET @`v`:=12.345");
	assert_contains(&printed, "COMMIT");
	assert_contains(&printed, "### INSERT INTO `test`.`every`");
	assert_contains(&printed, "### UPDATE `test`.`every`");
	assert_contains(&printed, "### DELETE FROM `test`.`every`");
	assert_contains(&printed, "# Primary Key(int, tiny)");
	for (unsigned i = 0; i < table.table.column_count; i++) {
		char line[200];
		snprintf(line, sizeof line, "###   @%u=%s ", i + 1, table.samples[i].printed);
		assert_contains(&printed, line);
	}
	buf_deinit(&printed);
}

static void prints_a_log_with_checksums(void **state)
{
	(void)state;
	assert_sample(EVENT_CHECKSUM_CRC32, EVENT_METADATA_FULL);
	assert_sample(EVENT_CHECKSUM_CRC32, EVENT_METADATA_MINIMAL);
}

static void prints_a_log_without_checksums(void **state)
{
	(void)state;
	assert_sample(EVENT_CHECKSUM_OFF, EVENT_METADATA_FULL);
}

static int set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
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
		cmocka_unit_test(prints_a_log_with_checksums),
		cmocka_unit_test(prints_a_log_without_checksums),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
