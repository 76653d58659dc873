/* Where transactions begin and end, for each make of stream, and what a broken connection leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "binlog/event_writer.h"
#include "relay/boundary.h"

/* One letter an event: G GTID, A anonymous GTID, B BEGIN, Q a statement, T TABLE_MAP, R rows, X XID, C COMMIT,
   K ROLLBACK, I INTVAR, M MariaDB's GTID, S its standalone one, O ROTATE, F description, P PREVIOUS_GTIDS, Z payload. */
static void put(const struct event_writer *writer, char letter)
{
	static const uint8_t mariadb[19] = {1}, standalone[19] = {1, [12] = EVENT_MARIADB_GTID_STANDALONE};
	struct event_query query;
	struct event_gtid gtid = {.gtid.gno = letter == 'G'};
	struct gtid_set none = {0};
	const char *text = letter == 'B' ? "BEGIN" : letter == 'C' ? "COMMIT" : letter == 'K' ? "ROLLBACK" : "SELECT 1";
	switch (letter) {
	case 'G':
	case 'A': event_put_gtid(writer, &gtid); break;
	case 'B':
	case 'C':
	case 'K':
	case 'Q':
		event_query_init(&query, bytes_of("", 0), bytes_of_string(text));
		event_put_query(writer, &query, 0);
		break;
	case 'R': event_put(writer, EVENT_WRITE_ROWS, 0, bytes_of(mariadb, 19)); break;
	case 'T': event_put(writer, EVENT_TABLE_MAP, 0, bytes_of(mariadb, 19)); break;
	case 'Z': event_put(writer, EVENT_TRANSACTION_PAYLOAD, 0, bytes_of(mariadb, 19)); break;
	case 'X': event_put_xid(writer, 1); break;
	case 'I': event_put_intvar(writer, EVENT_INTVAR_INSERT_ID, 1); break;
	case 'M': event_put(writer, EVENT_MARIADB_GTID, 0, bytes_of(mariadb, 19)); break;
	case 'S': event_put(writer, EVENT_MARIADB_GTID, 0, bytes_of(standalone, 19)); break;
	case 'O': event_put_rotate(writer, bytes_of_string("binlog.000002"), 4, 0); break;
	case 'F': event_put_format(writer, EVENT_CHECKSUM_OFF, 0, false); break;
	case 'P': event_put_previous_gtids(writer, &none); break;
	default: fail();
	}
}

/* Feeds the events and compares: '-' nothing, '<' begins, '.' goes on, '>' ends, '!' breaks. */
static void check(const char *events, const char *steps)
{
	static const char letters[] = "-<.>!?";
	struct boundary boundary = {BOUNDARY_OUTSIDE};
	struct event_format format;
	struct diag diag = DIAG_INIT;
	char got[64] = "";
	event_format_init(&format, EVENT_CHECKSUM_OFF);
	for (size_t i = 0; events[i]; i++) {
		struct buf bytes = {0};
		struct event_writer writer = {.out = &bytes};
		struct event event;
		put(&writer, events[i]);
		assert_int_equal(event_parse(buf_bytes(&bytes), &format, &event, &diag), 0);
		got[i] = letters[boundary_feed(&boundary, &event, &diag)];
		buf_deinit(&bytes);
	}
	assert_string_equal(got, steps);
}

static void mysql_streams(void **state)
{
	check("OFPGBTRX", "---<...>");
	check("GQGQ", "<><>");
	check("ABTRTRC", "<.....>");
	check("AQ", "<>");
	check("GZG", "<><");
	check("GBTRKGQ", "<...><>");
}

static void streams_without_gtids(void **state)
{
	check("BTRXQ", "<..>>");
	check("BIQIQCQ", "<....>>");
	check("IQBQX", "<><.>");
}

static void mariadb_streams(void **state)
{
	check("OFPMTRXSQ", "---<..><>");
	check("MQC", "<.>");
	check("SIQ", "<.>");
}

static void a_connection_that_broke(void **state)
{
	check("GBTROFGBTRX", "<...!-<...>");
	check("GOFGQ", "<!-<>");
	check("BTRFBTRX", "<..!<..>");
	check("XOF", ">--");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mysql_streams),
		cmocka_unit_test(streams_without_gtids),
		cmocka_unit_test(mariadb_streams),
		cmocka_unit_test(a_connection_that_broke),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
