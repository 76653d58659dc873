/* A transaction as one compressed event: what went in comes out, however it was cut on its way in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "binlog/describe.h"
#include "binlog/payload_writer.h"

static struct event_writer writer_to(struct buf *out)
{
	return (struct event_writer){.out = out, .timestamp = 1700000000, .server_id = 7, .has_checksum = true};
}

/* BEGIN, rows' texts, an ignorable event, XID. */
static void put_transaction(struct buf *out, unsigned count)
{
	struct event_writer writer = writer_to(out);
	struct event_query begin;
	event_query_init(&begin, bytes_of_string("d"), bytes_of_string("BEGIN"));
	event_put_query(&writer, &begin, 0);
	for (unsigned i = 0; i < count; i++)
		event_put_rows_query(&writer, bytes_of_string("INSERT INTO t VALUES ('the same again')"));
	event_put(&writer, EVENT_IGNORABLE, EVENT_FLAG_IGNORABLE, bytes_of_string("for recovery"));
	event_put_xid(&writer, 5);
}

static void compress(struct bytes events, size_t step, struct buf *out)
{
	struct diag diag = DIAG_INIT;
	struct event_writer writer = writer_to(out);
	struct payload_writer *payload = payload_writer_create(3);
	for (size_t at = 0; at < events.size; at += step) {
		size_t size = events.size - at < step ? events.size - at : step;
		assert_int_equal(payload_writer_add(payload, bytes_of(events.data + at, size), &diag), 0);
	}
	assert_int_equal(payload_writer_finish(payload, &writer, &diag), 0);
	payload_writer_destroy(&payload);
	assert_null(payload);
	assert_int_equal(event_run_finalise(out->data, out->size, 4, true, &diag), 0);
}

static void check_inside(const struct event *payload, unsigned count)
{
	struct diag diag = DIAG_INIT;
	struct event_format plain;
	struct event event;
	struct buf events = {0};
	unsigned texts = 0;
	event_format_init(&plain, EVENT_CHECKSUM_OFF);
	assert_int_equal(event_decode_payload(payload, 1 << 24, &events, &diag), 0);
	struct bytes run = buf_bytes(&events);
	assert_int_equal(event_take(&run, &plain, &event, &diag), 0);
	assert_int_equal(event.type, EVENT_QUERY);
	while (event_take(&run, &plain, &event, &diag) == 0 && event.type == EVENT_ROWS_QUERY)
		texts++;
	assert_int_equal(texts, count);
	assert_int_equal(event.type, EVENT_XID);
	assert_int_equal(event.server_id, 7);
	assert_int_equal(run.size, 0);
	assert_int_equal(event_take(&run, &plain, &event, &diag), -1);

	struct event_payload head;
	struct buf text = {0};
	assert_int_equal(event_decode_payload_head(payload, &head, &diag), 0);
	assert_int_equal(head.compression, EVENT_PAYLOAD_ZSTD);
	assert_int_equal(head.uncompressed_size, events.size);
	event_describe(payload, &text);
	assert_non_null(strstr(buf_cstring(&text), "compression='ZSTD', decompressed_size="));
	buf_deinit(&text);
	buf_deinit(&events);
}

static void check(unsigned count, size_t step)
{
	struct diag diag = DIAG_INIT;
	struct event_format format;
	struct event outside, payload;
	struct buf events = {0}, out = {0};
	event_format_init(&format, EVENT_CHECKSUM_CRC32);
	put_transaction(&events, count);
	compress(buf_bytes(&events), step, &out);
	struct bytes run = buf_bytes(&out);
	assert_int_equal(event_take(&run, &format, &outside, &diag), 0);
	assert_int_equal(outside.type, EVENT_IGNORABLE);
	assert_int_equal(event_take(&run, &format, &payload, &diag), 0);
	assert_int_equal(payload.type, EVENT_TRANSACTION_PAYLOAD);
	assert_true(event_checksum_is_right(&payload));
	assert_int_equal(run.size, 0);
	check_inside(&payload, count);
	if (count > 100)
		assert_true(out.size < events.size / 10);
	buf_deinit(&events);
	buf_deinit(&out);
}

static void test_there_and_back(void **state)
{
	check(0, SIZE_MAX / 2);
	check(1, 1);
	check(3, 17);
	check(20000, 1000);
	check(20000, SIZE_MAX / 2);
}

static void test_what_is_no_event(void **state)
{
	struct diag diag = DIAG_INIT;
	struct buf events = {0}, out = {0};
	struct event_writer writer = writer_to(&out);
	struct payload_writer *payload = payload_writer_create(3);
	put_transaction(&events, 1);
	assert_int_equal(payload_writer_add(payload, bytes_of(events.data, events.size - 1), &diag), 0);
	assert_int_equal(payload_writer_finish(payload, &writer, &diag), -1);
	assert_int_equal(out.size, 0);
	payload_writer_destroy(&payload);
	payload = payload_writer_create(3);
	memset(events.data + 9, 0, 4);
	assert_int_equal(payload_writer_add(payload, buf_bytes(&events), &diag), -1);
	payload_writer_destroy(&payload);
	buf_deinit(&events);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_no_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
