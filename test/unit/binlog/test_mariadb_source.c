/*
 * A MariaDB's binary log, made here and now by a private server: every event it writes decodes, its rows split
 * into the values that went in, and SHOW BINLOG EVENTS describes them as we do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "binlog/describe.h"
#include "binlog/reader.h"

static char directory[] = "/tmp/gemel-mariadb-XXXXXX";
static pid_t server;

static int shell(const char *format, const char *argument)
{
	char command[4000];
	snprintf(command, sizeof command, format, directory, argument);
	return system(command);
}

/* Runs SQL through the stock client; its output, tab separated without headers. */
static void query(const char *sql, struct buf *out)
{
	char command[300];
	char path[100];
	snprintf(path, sizeof path, "%s/sql", directory);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(sql, file);
	fclose(file);
	snprintf(command, sizeof command, "mariadb --local-infile -N -B -r -u root -S %s/socket < %s 2>&1", directory, path);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	for (;;) {
		size_t got = fread(buf_reserve(out, 65536), 1, 65536, pipe);
		if (got == 0)
			break;
		out->size += got;
	}
	if (pclose(pipe) != 0)
		fail_msg("%s", buf_cstring(out));
	buf_cstring(out);
}

static void execute(const char *sql)
{
	struct buf out;
	buf_init(&out);
	query(sql, &out);
	buf_deinit(&out);
}

static int start_server(void **state)
{
	(void)state;
	collation_init();
	if (mkdtemp(directory) == NULL ||
	    shell("mariadb-install-db --no-defaults --auth-root-authentication-method=normal --skip-test-db --user=$(id -un) "
		  "--datadir=%s/data >/dev/null 2>&1", "") != 0)
		return -1;
	char data[100], socket[100], pid_file[100];
	snprintf(data, sizeof data, "--datadir=%s/data", directory);
	snprintf(socket, sizeof socket, "--socket=%s/socket", directory);
	snprintf(pid_file, sizeof pid_file, "--pid-file=%s/pid", directory);
	server = fork();
	if (server == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		execlp("mariadbd", "mariadbd", "--no-defaults", "--user=root", "--skip-networking", "--server-id=1",
		       "--log-bin=m",
		       "--binlog-format=ROW", "--binlog-row-metadata=FULL", "--innodb-fast-shutdown=2", "--local-infile=1",
		       "--binlog-checksum=CRC32", "--log-bin-compress-min-len=10", data, socket, pid_file, (char *)NULL);
		_exit(1);
	}
	for (unsigned i = 0; i < 300; i++) {
		if (shell("mariadb-admin -u root -S %s/socket ping >/dev/null 2>&1", "") == 0)
			return 0;
		usleep(100000);
	}
	return -1;
}

static int stop_server(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	shell("rm -rf %s", "");
	collation_deinit();
	return 0;
}

/* --------------------------------------------------------------------------------------------- reading a log */

struct seen {
	bool types[256];
	unsigned rows;
};

static struct event_table_map current_map;
static struct arena map_arena;

static void take_rows(const struct event *event, struct seen *seen)
{
	struct diag diag = DIAG_INIT;
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	enum event_walk_outcome outcome;
	if (event_decode_rows(event, &rows, &diag) < 0)
		fail_msg("%s", diag.message);
	assert_int_equal(rows.table_id, current_map.table_id);
	event_rows_walk_init(&walk, &rows, &current_map);
	while ((outcome = event_rows_next(&walk, &row, &diag)) == EVENT_WALK_ROW)
		seen->rows++;
	if (outcome != EVENT_WALK_END)
		fail_msg("%s", diag.message);
}

static int decode_by_type(const struct event *event, struct seen *seen, struct diag *diag)
{
	union {
		struct event_rotate rotate;
		struct event_query query;
		struct event_intvar intvar;
		struct event_rand rand;
		struct event_user_var user_var;
		struct event_mariadb_gtid gtid;
		struct event_mariadb_gtid_list list;
		struct event_xa_prepare xa_prepare;
		struct bytes bytes;
		uint64_t xid;
	} any;
	switch (event->type) {
	case EVENT_ROTATE: return event_decode_rotate(event, &any.rotate, diag);
	case EVENT_QUERY: return event_decode_query(event, &any.query, diag);
	case EVENT_INTVAR: return event_decode_intvar(event, &any.intvar, diag);
	case EVENT_RAND: return event_decode_rand(event, &any.rand, diag);
	case EVENT_USER_VAR: return event_decode_user_var(event, &any.user_var, diag);
	case EVENT_XID: return event_decode_xid(event, &any.xid, diag);
	case EVENT_XA_PREPARE: return event_decode_xa_prepare(event, &any.xa_prepare, diag);
	case EVENT_ANNOTATE_ROWS: return event_decode_rows_query(event, &any.bytes, diag);
	case EVENT_BINLOG_CHECKPOINT: return event_decode_binlog_checkpoint(event, &any.bytes, diag);
	case EVENT_MARIADB_GTID: return event_decode_mariadb_gtid(event, &any.gtid, diag);
	case EVENT_MARIADB_GTID_LIST: return event_decode_mariadb_gtid_list(event, &any.list, diag);
	case EVENT_TABLE_MAP:
		arena_reset(&map_arena);
		return event_decode_table_map(event, &map_arena, &current_map, diag);
	default:
		if (event_is_rows(event->type))
			take_rows(event, seen);
		return 0;
	}
}

static void take_event(const struct event *event, struct seen *seen)
{
	struct diag diag = DIAG_INIT;
	seen->types[event->type] = true;
	if (!event_is_compressed(event->type)) {
		if (decode_by_type(event, seen, &diag) < 0)
			fail_msg("%s", diag.message);
		return;
	}
	struct buf plain;
	struct event inner;
	struct event_format format = *event->format;
	format.checksum = EVENT_CHECKSUM_OFF;
	buf_init(&plain);
	if (event_decompress(event, &plain, &diag) < 0 || event_parse(buf_bytes(&plain), &format, &inner, &diag) < 0)
		fail_msg("%s", diag.message);
	take_event(&inner, seen);
	buf_deinit(&plain);
}

static void open_file(const char *name, struct log_reader *reader)
{
	char path[100];
	struct diag diag = DIAG_INIT;
	snprintf(path, sizeof path, "%s/data/%s", directory, name);
	assert_int_equal(log_reader_open(reader, path, 0, UINT64_MAX, &diag), READER_EVENT);
	assert_true(reader->format.is_mariadb);
	assert_int_equal(reader->format.checksum, EVENT_CHECKSUM_CRC32);
}

static void read_file(const char *name, struct seen *seen)
{
	struct log_reader reader;
	struct event event;
	struct diag diag = DIAG_INIT;
	enum reader_outcome outcome;
	open_file(name, &reader);
	arena_init(&map_arena);
	while ((outcome = log_reader_next(&reader, &event, &diag)) == READER_EVENT)
		take_event(&event, seen);
	if (outcome != READER_END)
		fail_msg("%s %s", diag.message, diag.context);
	arena_deinit(&map_arena);
	log_reader_close(&reader);
}

/* The name of the file that the server writes now. */
static void current_file(char name[20])
{
	struct buf out;
	buf_init(&out);
	query("SHOW MASTER STATUS", &out);
	memcpy(name, out.data, 8);
	name[8] = 0;
	buf_deinit(&out);
}

static const char work[] =
	"CREATE DATABASE IF NOT EXISTS test; USE test; DROP TABLE IF EXISTS t;"
	"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a BIGINT UNSIGNED, b DECIMAL(20,6), c VARCHAR(300), d TEXT,"
	" e ENUM('x','y'), f SET('p','q'), g BIT(17), h DATETIME(4), i TIME(2), j TIMESTAMP(6) NULL, k DATE, l YEAR,"
	" m FLOAT, n DOUBLE, o CHAR(100) CHARACTER SET utf8mb4, p BINARY(5), q VARBINARY(20), r LONGBLOB, s MEDIUMINT,"
	" t SMALLINT, u TINYINT, v JSON, w INET6, x UUID, y GEOMETRY, z VARCHAR(50) COMPRESSED, zz TEXT COMPRESSED) ENGINE=InnoDB;";

static void make_events(bool compress)
{
	char sql[2000];
	snprintf(sql, sizeof sql, "SET GLOBAL log_bin_compress=%d; %s", compress, work);
	execute(sql);
	execute("USE test; INSERT INTO t (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,zz) VALUES"
		" (18446744073709551615,-12345.678901,REPEAT('c',280),'text','y','p,q',b'10101','2026-11-21 10:11:12.1234',"
		"'-10:11:12.99','2026-11-21 10:11:12.123456','2026-11-21',2026,1.5,-2.5,'char','bin','var',REPEAT('r',5000),"
		"-8388608,-32768,-128,'{\"a\": 1}','::1',UUID(),POINT(1,2),REPEAT('z',40),REPEAT('zz',2000));"
		"INSERT INTO t (c) VALUES (NULL),('x'); UPDATE t SET a=id, d=NULL, zz=REPEAT('y',1000); DELETE FROM t WHERE id=2;");
	execute("USE test; SET SESSION binlog_format=STATEMENT; SET @v='abc', @i=5, @r=1.5e0, @d=1.50, @n=NULL;"
		"INSERT INTO t (c,a,m,b,d) VALUES (@v,@i,@r,@d,@n); INSERT INTO t (n) VALUES (RAND()), (LAST_INSERT_ID());"
		"SET time_zone='+01:00'; UPDATE t SET j=NOW(); SET SESSION lc_time_names='de_DE'; UPDATE t SET c=DATE_FORMAT(k,'%M');");
	assert_int_equal(shell("printf '77\\t7\\n' > %s/load", ""), 0);
	snprintf(sql, sizeof sql, "USE test; SET SESSION binlog_format=STATEMENT; LOAD DATA LOCAL INFILE '%s/load' INTO TABLE t (id,a)",
		 directory);
	execute(sql);
	execute("USE test; XA START 'x'; INSERT INTO t (a) VALUES (1); XA END 'x'; XA PREPARE 'x'; XA COMMIT 'x';"
		"CREATE USER u IDENTIFIED BY 'p'; DROP USER u; CREATE VIEW vv AS SELECT 1; DROP VIEW vv;"
		"CREATE TEMPORARY TABLE tt (a INT); DROP TEMPORARY TABLE tt; FLUSH LOGS;");
}

static void all_events_decode(void **state)
{
	(void)state;
	static const uint8_t plain[] = {
		EVENT_FORMAT_DESCRIPTION, EVENT_MARIADB_GTID_LIST, EVENT_BINLOG_CHECKPOINT, EVENT_MARIADB_GTID, EVENT_QUERY,
		EVENT_ANNOTATE_ROWS, EVENT_TABLE_MAP, EVENT_WRITE_ROWS_V1, EVENT_UPDATE_ROWS_V1, EVENT_DELETE_ROWS_V1,
		EVENT_XID,
		EVENT_INTVAR, EVENT_RAND, EVENT_USER_VAR, EVENT_BEGIN_LOAD_QUERY, EVENT_EXECUTE_LOAD_QUERY, EVENT_XA_PREPARE,
		EVENT_ROTATE,
	};
	static const uint8_t compressed[] = {EVENT_QUERY_COMPRESSED, EVENT_WRITE_ROWS_COMPRESSED_V1,
					     EVENT_UPDATE_ROWS_COMPRESSED_V1, EVENT_DELETE_ROWS_COMPRESSED_V1};
	for (unsigned compress = 0; compress < 2; compress++) {
		char name[20];
		struct seen seen = {0};
		struct log_end end;
		struct diag diag = DIAG_INIT;
		char path[100];
		current_file(name);
		make_events(compress);
		read_file(name, &seen);
		assert_true(seen.rows >= 3 + 3 + 1);
		for (size_t i = 0; i < sizeof plain; i++)
			if (!seen.types[plain[i]])
				fail_msg("no %s", event_type_name(plain[i]));
		for (size_t i = 0; compress && i < sizeof compressed; i++)
			if (!seen.types[compressed[i]])
				fail_msg("no %s", event_type_name(compressed[i]));
		log_end_init(&end);
		snprintf(path, sizeof path, "%s/data/%s", directory, name);
		if (log_reader_find_end(path, &end, &diag) != READER_END)
			fail_msg("%s: %llu of %llu", diag.message, (unsigned long long)end.offset, (unsigned long long)end.file_size);
		log_end_deinit(&end);
	}
}

/* What we say of each event is what MariaDB says of it. */
static void descriptions_agree(void **state)
{
	(void)state;
	char name[20], sql[100];
	struct buf theirs, ours;
	struct log_reader reader;
	struct event event;
	struct diag diag = DIAG_INIT;
	current_file(name);
	make_events(false);
	buf_init(&theirs);
	buf_init(&ours);
	snprintf(sql, sizeof sql, "SHOW BINLOG EVENTS IN '%s'", name);
	query(sql, &theirs);
	open_file(name, &reader);
	while (log_reader_next(&reader, &event, &diag) == READER_EVENT) {
		buf_printf(&ours, "%s\t%llu\t%s\t%u\t%u\t", name, (unsigned long long)reader.event_offset, event_type_name(event.type),
			   event.server_id, event.log_pos);
		event_describe(&event, &ours);
		buf_put_u8(&ours, '\n');
	}
	log_reader_close(&reader);
	char *their_rest, *our_rest;
	char *their_line = strtok_r((char *)theirs.data, "\n", &their_rest);
	char *our_line = strtok_r((char *)buf_cstring(&ours), "\n", &our_rest);
	while (their_line && our_line) {
		/* MySQL, which we follow, writes a string's bytes as 0x61, MariaDB as X'61'. */
		if (strstr(our_line, "\tUser var\t") == NULL)
			assert_string_equal(our_line, their_line);
		their_line = strtok_r(NULL, "\n", &their_rest);
		our_line = strtok_r(NULL, "\n", &our_rest);
	}
	assert_true(their_line == NULL && our_line == NULL);
	buf_deinit(&theirs);
	buf_deinit(&ours);
}

/* Values that went in by SQL are in the fields; the metadata has the columns' names and attributes. */
static void rows_hold_what_went_in(void **state)
{
	(void)state;
	char name[20];
	struct log_reader reader;
	struct event event;
	struct diag diag = DIAG_INIT;
	bool found = false;
	execute("CREATE DATABASE IF NOT EXISTS test; CREATE OR REPLACE TABLE test.v (a INT UNSIGNED PRIMARY KEY, b VARCHAR(20)"
		" CHARACTER SET latin1, c ENUM('eins','zwei'), d DECIMAL(10,3), e DATETIME(6), f BIT(12)); FLUSH LOGS;"
		"SET GLOBAL log_bin_compress=0;");
	current_file(name);
	execute("INSERT INTO test.v VALUES (7, 'abc', 'zwei', 12.345, '2026-02-21 10:08:03.000001', b'101000000101')");
	open_file(name, &reader);
	arena_init(&map_arena);
	while (log_reader_next(&reader, &event, &diag) == READER_EVENT) {
		struct event_table_metadata metadata;
		struct event_rows rows;
		struct event_rows_walk walk;
		struct event_row row;
		struct bytes fields[6];
		if (event.type == EVENT_TABLE_MAP) {
			struct event_table_map map;
			assert_int_equal(event_decode_table_map(&event, &map_arena, &map, &diag), 0);
			event_table_map_copy(&map, &map_arena, &current_map);
			assert_int_equal(event_decode_table_metadata(&current_map, &map_arena, &metadata, &diag), 0);
			assert_true(metadata.has_names && metadata.columns[0].is_unsigned &&
				    metadata.columns[0].in_primary_key);
			assert_memory_equal(metadata.columns[3].name.data, "d", 1);
			assert_int_equal(metadata.columns[1].collation_id, 8);
			assert_memory_equal(metadata.columns[2].names[1].data, "zwei", 4);
			assert_false(event_column_nullable(&current_map, 0));
		}
		if (event.type != EVENT_WRITE_ROWS_V1)
			continue;
		assert_int_equal(event_decode_rows(&event, &rows, &diag), 0);
		event_rows_walk_init(&walk, &rows, &current_map);
		assert_int_equal(event_rows_next(&walk, &row, &diag), EVENT_WALK_ROW);
		assert_int_equal(event_image_split(&current_map, rows.after_columns, row.after, fields, &diag), 0);
		assert_true(bytes_equal(fields[0], bytes_of("\7\0\0\0", 4)));
		assert_true(bytes_equal(fields[1], bytes_of("\3abc", 4)));
		assert_true(bytes_equal(fields[2], bytes_of("\2", 1)));
		assert_true(bytes_equal(fields[3], bytes_of("\x80\0\0\x0c\x01\x59", 6)));
		assert_true(bytes_equal(fields[4], bytes_of("\x99\xb9\x2a\xa2\x03\0\0\x01", 8)));
		assert_true(bytes_equal(fields[5], bytes_of("\x0a\x05", 2)));
		found = true;
	}
	assert_true(found);
	arena_deinit(&map_arena);
	log_reader_close(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_events_decode),
		cmocka_unit_test(descriptions_agree),
		cmocka_unit_test(rows_hold_what_went_in),
	};
	return cmocka_run_group_tests(tests, start_server, stop_server);
}
