/* Framing: what goes in at one end of a socket comes out at the other, and nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "wire/packet.h"

enum { large = 2 * wire_part_max };

struct pair {
	struct wire server;
	int client;
};

static void open_pair(struct pair *pair, uint64_t max_packet)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	wire_init(&pair->server, fds[0], max_packet);
	pair->client = fds[1];
}

static void close_pair(struct pair *pair)
{
	wire_deinit(&pair->server);
	close(pair->client);
}

static void send_all(int fd, const void *data, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t step = write(fd, (const char *)data + at, size - at);
		assert_true(step > 0);
		at += (size_t)step;
	}
}

static void send_part(int fd, uint8_t sequence, const void *data, size_t size)
{
	uint8_t header[4] = {(uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), sequence};
	send_all(fd, header, sizeof header);
	send_all(fd, data, size);
}

static void a_packet_arrives_whole(void **state)
{
	struct pair pair;
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	open_pair(&pair, 1024);
	send_part(pair.client, 0, "hello", 5);
	send_part(pair.client, 1, "", 0);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_OK);
	assert_memory_equal(payload.data, "hello", 5);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_OK);
	assert_int_equal(payload.size, 0);
	close_pair(&pair);
}

static void wrong_sequence_is_told(void **state)
{
	struct pair pair;
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	open_pair(&pair, 1024);
	send_part(pair.client, 3, "x", 1);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_OUT_OF_ORDER);
	assert_int_equal(diag.code, ER_NET_PACKETS_OUT_OF_ORDER);
	close_pair(&pair);
}

static void too_large_is_swallowed_and_the_next_one_read(void **state)
{
	struct pair pair;
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	char junk[2000] = {0};
	open_pair(&pair, 1024);
	send_part(pair.client, 0, junk, sizeof junk);
	send_part(pair.client, 0, "ok", 2);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_TOO_LARGE);
	assert_int_equal(diag.code, ER_NET_PACKET_TOO_LARGE);
	wire_begin_command(&pair.server);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_OK);
	assert_memory_equal(payload.data, "ok", 2);
	close_pair(&pair);
}

static void a_cut_packet_is_a_closed_connection(void **state)
{
	struct pair pair;
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	open_pair(&pair, 1024);
	send_all(pair.client, "\x10\0\0\0abc", 7);
	close(pair.client);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_CLOSED);
	wire_deinit(&pair.server);
}

static void a_claimed_length_takes_no_memory(void **state)
{
	struct pair pair;
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	open_pair(&pair, 1u << 30);
	send_all(pair.client, "\xfe\xff\xff\0abc", 7);
	shutdown(pair.client, SHUT_WR);
	assert_int_equal(wire_read(&pair.server, &payload, &diag), WIRE_CLOSED);
	assert_true(pair.server.in.capacity < 4 * 1024 * 1024);
	close_pair(&pair);
}

struct writer {
	struct wire wire;
	const uint8_t *data;
	size_t size;
};

static void *write_large(void *argument)
{
	struct writer *writer = argument;
	struct diag diag = DIAG_INIT;
	buf_put(wire_begin_packet(&writer->wire), writer->data, writer->size);
	wire_finish_packet(&writer->wire, &diag);
	wire_flush(&writer->wire, &diag);
	return NULL;
}

/* Sizes around the border where a payload is split: the reader joins what the writer cut. */
static void large_payloads_are_split_and_joined(void **state)
{
	static const size_t sizes[] = {wire_part_max - 1, wire_part_max, wire_part_max + 1, large, large + 7};
	uint8_t *data = memory_alloc(large + 7);
	for (size_t i = 0; i < large + 7; i++)
		data[i] = (uint8_t)(i * 31 + i / 257);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		int fds[2];
		struct wire reader;
		struct writer writer = {.data = data, .size = sizes[i]};
		struct bytes payload;
		struct diag diag = DIAG_INIT;
		pthread_t thread;
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		wire_init(&reader, fds[0], 1u << 30);
		wire_init(&writer.wire, fds[1], 1u << 30);
		pthread_create(&thread, NULL, write_large, &writer);
		assert_int_equal(wire_read(&reader, &payload, &diag), WIRE_OK);
		assert_int_equal(payload.size, sizes[i]);
		assert_memory_equal(payload.data, data, sizes[i]);
		pthread_join(thread, NULL);
		wire_deinit(&reader);
		wire_deinit(&writer.wire);
	}
	memory_free(data);
}

static void an_abandoned_packet_leaves_no_trace(void **state)
{
	struct pair pair;
	struct diag diag = DIAG_INIT;
	uint8_t got[16];
	open_pair(&pair, 1024);
	buf_put(wire_begin_packet(&pair.server), "half a row", 10);
	wire_abandon_packet(&pair.server);
	buf_put(wire_begin_packet(&pair.server), "E", 1);
	assert_int_equal(wire_finish_packet(&pair.server, &diag), 0);
	assert_int_equal(wire_flush(&pair.server, &diag), 0);
	assert_int_equal(read(pair.client, got, sizeof got), 5);
	assert_memory_equal(got, "\1\0\0\0E", 5);
	close_pair(&pair);
}

static void a_client_that_left_fails_the_flush(void **state)
{
	struct pair pair;
	struct diag diag = DIAG_INIT;
	open_pair(&pair, 1024);
	close(pair.client);
	buf_put(wire_begin_packet(&pair.server), "x", 1);
	wire_finish_packet(&pair.server, &diag);
	assert_int_equal(wire_flush(&pair.server, &diag), -1);
	assert_int_equal(diag.code, ER_NET_ERROR_ON_WRITE);
	wire_deinit(&pair.server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_packet_arrives_whole),
		cmocka_unit_test(wrong_sequence_is_told),
		cmocka_unit_test(too_large_is_swallowed_and_the_next_one_read),
		cmocka_unit_test(a_cut_packet_is_a_closed_connection),
		cmocka_unit_test(a_claimed_length_takes_no_memory),
		cmocka_unit_test(large_payloads_are_split_and_joined),
		cmocka_unit_test(an_abandoned_packet_leaves_no_trace),
		cmocka_unit_test(a_client_that_left_fails_the_flush),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
