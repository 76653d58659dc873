/* Events in MySQL's words, as SHOW BINLOG EVENTS has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "binlog/describe.h"
#include "samples.h"

static struct event_format format;

static void assert_described(struct buf *out, const char *wanted)
{
	struct diag diag = DIAG_INIT;
	struct event event;
	struct buf text;
	buf_init(&text);
	assert_int_equal(event_parse(buf_bytes(out), &format, &event, &diag), 0);
	event_describe(&event, &text);
	assert_string_equal(buf_cstring(&text), wanted);
	buf_deinit(&text);
	buf_clear(out);
}

static void descriptions_are_mysqls(void **state)
{
	(void)state;
	struct sample_table table;
	struct buf out;
	buf_init(&out);
	sample_table_init(&table);
	struct event_writer writer = {.out = &out, .server_id = 7, .has_checksum = true};
	struct event_query query = sample_full_query();
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 0, false);
	assert_described(&out, "Server ver: " BINLOG_SERVER_VERSION ", Binlog ver: 4");
	event_put_query(&writer, &query, 0);
	assert_described(&out, "use `test`; CREATE TABLE t (a INT) /* xid=77 */");
	event_put_transaction_query(&writer, &query, "BEGIN");
	assert_described(&out, "BEGIN");
	event_put_table_map(&writer, &table.table, EVENT_METADATA_MINIMAL);
	assert_described(&out, "table_id: 70 (test.every)");
	struct event_rows_writer rows;
	event_rows_begin(&rows, &writer, EVENT_ROWS_WRITE, 70, 1, NULL, NULL, 0, 8192);
	event_rows_add(&rows, bytes_of(NULL, 0), bytes_of("\0\x01", 2));
	event_rows_end(&rows, true);
	assert_described(&out, "table_id: 70 flags: STMT_END_F");
	event_put_xid(&writer, 5);
	assert_described(&out, "COMMIT /* xid=5 */");
	struct event_gtid gtid = sample_gtid();
	event_put_gtid(&writer, &gtid);
	assert_described(&out, "SET @@SESSION.GTID_NEXT= '" SAMPLE_SID ":12'");
	gtid.gtid.gno = 0;
	event_put_gtid(&writer, &gtid);
	assert_described(&out, "SET @@SESSION.GTID_NEXT= 'ANONYMOUS'");
	event_put_rotate(&writer, bytes_of_string("name.000002"), 4, 0);
	assert_described(&out, "name.000002;pos=4");
	event_put_intvar(&writer, EVENT_INTVAR_INSERT_ID, 1);
	assert_described(&out, "INSERT_ID=1");
	event_put_stop(&writer);
	assert_described(&out, "");
	event_put_rows_query(&writer, bytes_of_string("SELECT 1"));
	assert_described(&out, "# SELECT 1");
	event_put_incident(&writer, 1, bytes_of_string("lost"));
	assert_described(&out, "#1 (LOST_EVENTS): lost");
	struct event_user_var variable = sample_user_var(EVENT_USER_VAR_STRING);
	event_put_user_var(&writer, &variable);
	assert_described(&out, "@`v`=_utf8mb4 0x68656C6C6F COLLATE utf8mb4_general_ci");
	variable = sample_user_var(EVENT_USER_VAR_INTEGER);
	event_put_user_var(&writer, &variable);
	assert_described(&out, "@`v`=42");
	variable = sample_user_var(EVENT_USER_VAR_REAL);
	event_put_user_var(&writer, &variable);
	assert_described(&out, "@`v`=1.5");
	variable = sample_user_var(EVENT_USER_VAR_DECIMAL);
	event_put_user_var(&writer, &variable);
	assert_described(&out, "@`v`=12.345");
	assert_string_equal(event_type_name(EVENT_FORMAT_DESCRIPTION), "Format_desc");
	assert_string_equal(event_type_name(200), "Unknown");
	buf_deinit(&out);
}

static int set_up(void **state)
{
	(void)state;
	collation_init();
	event_format_init(&format, EVENT_CHECKSUM_CRC32);
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
		cmocka_unit_test(descriptions_are_mysqls),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
