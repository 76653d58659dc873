/* The compressed protocol's frames: what goes in comes out, and what lies is found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "wire/compression.h"

/* A transport in memory: what is written to it can be read from it, in pieces of piece_size at most. */
struct memory_transport {
	struct transport transport;
	struct buf bytes;
	size_t at;
	size_t piece_size;
};

static struct memory_transport *of(struct transport *transport)
{
	return (struct memory_transport *)transport;
}

static enum wire_status memory_read(struct transport *transport, uint8_t *out, size_t size, size_t *out_got,
				    struct diag *diag)
{
	struct memory_transport *memory = of(transport);
	size_t left = memory->bytes.size - memory->at;
	size = size < memory->piece_size ? size : memory->piece_size;
	*out_got = size < left ? size : left;
	if (*out_got == 0)
		return WIRE_CLOSED;
	memcpy(out, memory->bytes.data + memory->at, *out_got);
	memory->at += *out_got;
	return WIRE_OK;
}

static enum wire_status memory_write(struct transport *transport, struct bytes bytes)
{
	buf_put_bytes(&of(transport)->bytes, bytes);
	return WIRE_OK;
}

static bool memory_is_readable(struct transport *transport)
{
	return of(transport)->at < of(transport)->bytes.size;
}

static void memory_destroy(struct transport *transport)
{
	buf_deinit(&of(transport)->bytes);
}

static void init(struct memory_transport *memory, size_t piece_size)
{
	static const struct transport_methods methods = {
		.read = memory_read, .write = memory_write, .is_readable = memory_is_readable, .destroy = memory_destroy};
	*memory = (struct memory_transport){.transport.methods = &methods, .piece_size = piece_size};
}

/* Reads until the other end is closed or something is wrong. */
static enum wire_status read_all(struct transport *layer, size_t step, struct buf *out, struct diag *diag)
{
	for (;;) {
		size_t got = 0;
		enum wire_status status = layer->methods->read(layer, buf_reserve(out, step), step, &got, diag);
		if (status != WIRE_OK)
			return status;
		assert_true(got > 0 && got <= step);
		out->size += got;
	}
}

static void fill_with(struct buf *text, size_t size, bool is_noise)
{
	unsigned state = 12345;
	for (size_t i = 0; i < size; i++) {
		state = state * 1103515245 + 12345;
		buf_put_u8(text, is_noise ? (uint8_t)(state >> 16) : (uint8_t)("compressible "[i % 13]));
	}
}

static void go_there_and_back(enum compression_kind kind, size_t size, bool is_noise, size_t piece, size_t step)
{
	struct memory_transport memory;
	struct diag diag = DIAG_INIT;
	struct buf text = {0}, back = {0};
	init(&memory, piece);
	fill_with(&text, size, is_noise);
	struct transport *layer = compression_layer(&memory.transport, kind, 3);
	assert_int_equal(layer->methods->write(layer, buf_bytes(&text)), WIRE_OK);
	layer->methods->renumber(layer, 0); /* reading begins where writing did */
	assert_int_equal(read_all(layer, step, &back, &diag), WIRE_CLOSED);
	assert_true(bytes_equal(buf_bytes(&text), buf_bytes(&back)));
	layer->methods->destroy(layer);
	buf_deinit(&text);
	buf_deinit(&back);
}

static void what_goes_in_comes_out(void **state)
{
	const size_t sizes[] = {1, 49, 50, 51, 4096, 262143, 262144, 262145, 3000000};
	for (int kind = COMPRESSION_ZLIB; kind <= COMPRESSION_ZSTD; kind++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			go_there_and_back((enum compression_kind)kind, sizes[i], false, 1 << 20, 65536);
			go_there_and_back((enum compression_kind)kind, sizes[i], true, 1000, 4);
			go_there_and_back((enum compression_kind)kind, sizes[i], false, 7, 1 << 20);
			go_there_and_back((enum compression_kind)kind, sizes[i], false, 1, 1);
		}
}

static void put_header(struct buf *out, size_t size, uint8_t number, size_t before)
{
	buf_put_uint(out, size, 3);
	buf_put_u8(out, number);
	buf_put_uint(out, before, 3);
}

/* Reads one frame that was written by hand. */
static enum wire_status read_frame(enum compression_kind kind, struct bytes body, size_t claimed_size, size_t claimed,
				   uint8_t number, struct buf *out, struct diag *diag)
{
	struct memory_transport memory;
	init(&memory, 1 << 20);
	put_header(&memory.bytes, claimed_size, number, claimed);
	buf_put_bytes(&memory.bytes, body);
	struct transport *layer = compression_layer(&memory.transport, kind, 3);
	enum wire_status status = read_all(layer, 1000, out, diag);
	layer->methods->destroy(layer);
	return status;
}

static size_t pack(enum compression_kind kind, struct bytes text, uint8_t *out, size_t room)
{
	if (kind == COMPRESSION_ZSTD)
		return ZSTD_compress(out, room, text.data, text.size, 3);
	uLongf size = room;
	assert_int_equal(compress(out, &size, text.data, text.size), Z_OK);
	return size;
}

static void a_frame_gives_what_it_claims(void **state)
{
	for (int i = COMPRESSION_ZLIB; i <= COMPRESSION_ZSTD; i++) {
		enum compression_kind kind = (enum compression_kind)i;
		struct diag diag = DIAG_INIT;
		struct buf text = {0}, out = {0};
		uint8_t packed[20000];
		fill_with(&text, 10000, false);
		size_t size = pack(kind, buf_bytes(&text), packed, sizeof packed - 1);
		packed[size] = 0;
		assert_int_equal(read_frame(kind, bytes_of(packed, size), size, 10000, 0, &out, &diag), WIRE_CLOSED);
		assert_int_equal(out.size, 10000);
		struct {
			size_t size, claimed;
		} lies[] = {{size, 9999}, {size, 10001}, {size, 1}, {size, 0xffffff}, {size + 1, 10000}, {size - 1, 10000}};
		for (size_t lie = 0; lie < sizeof lies / sizeof *lies; lie++) {
			buf_clear(&out);
			enum wire_status status = read_frame(kind, bytes_of(packed, size + 1), lies[lie].size,
							     lies[lie].claimed, 0, &out, &diag);
			assert_int_equal(status, WIRE_FAILED);
			assert_int_equal(diag.code, ER_NET_UNCOMPRESS_ERROR);
			assert_true(out.size <= 10000);
		}
		buf_deinit(&text);
		buf_deinit(&out);
	}
}

static void rubbish_is_no_frame(void **state)
{
	for (int i = COMPRESSION_ZLIB; i <= COMPRESSION_ZSTD; i++) {
		struct diag diag = DIAG_INIT;
		struct buf out = {0}, noise = {0};
		fill_with(&noise, 5000, true);
		assert_int_equal(read_frame((enum compression_kind)i, buf_bytes(&noise), 5000, 9000, 0, &out, &diag),
				 WIRE_FAILED);
		assert_int_equal(read_frame((enum compression_kind)i, bytes_of(NULL, 0), 0, 9000, 0, &out, &diag),
				 WIRE_FAILED);
		assert_int_equal(out.size, 0);
		buf_deinit(&noise);
		buf_deinit(&out);
	}
}

static void a_frame_that_is_cut_off_is_a_peer_that_is_gone(void **state)
{
	struct diag diag = DIAG_INIT;
	struct buf out = {0};
	assert_int_equal(read_frame(COMPRESSION_ZLIB, bytes_of("x\x9c", 2), 100, 9000, 0, &out, &diag), WIRE_CLOSED);
	assert_int_equal(read_frame(COMPRESSION_ZSTD, bytes_of("abc", 3), 5, 0, 0, &out, &diag), WIRE_CLOSED);
	buf_deinit(&out);
}

static void frames_are_counted(void **state)
{
	struct diag diag = DIAG_INIT;
	struct buf out = {0};
	assert_int_equal(read_frame(COMPRESSION_ZLIB, bytes_of("abc", 3), 3, 0, 1, &out, &diag), WIRE_OUT_OF_ORDER);
	assert_int_equal(diag.code, ER_NET_PACKETS_OUT_OF_ORDER);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(a_frame_gives_what_it_claims),
		cmocka_unit_test(rubbish_is_no_frame),
		cmocka_unit_test(a_frame_that_is_cut_off_is_a_peer_that_is_gone),
		cmocka_unit_test(frames_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
