#include "binlog/payload_writer.h"

#include <string.h>
#include <zstd.h>

#include "base/memory.h"
#include "binlog/event_frame.h"

enum payload_field { PAYLOAD_END = 0, PAYLOAD_SIZE = 1, PAYLOAD_COMPRESSION = 2, PAYLOAD_UNCOMPRESSED_SIZE = 3 };
enum { compression_zstd = 0, header_size_at = 9, payload_size_max = 1024 * 1024 * 1024 };

struct payload_writer {
	ZSTD_CStream *stream;
	struct buf outside;
	struct buf pending; /* the head of an event whose rest is to come */
	struct buf event;   /* one event as it is inside */
	struct buf compressed;
	uint64_t size;    /* before compression */
};

struct payload_writer *payload_writer_create(int level)
{
	struct payload_writer *payload = memory_zalloc(sizeof *payload);
	payload->stream = ZSTD_createCStream();
	if (payload->stream)
		ZSTD_CCtx_setParameter(payload->stream, ZSTD_c_compressionLevel, level);
	return payload;
}

void payload_writer_destroy(struct payload_writer **payload_place)
{
	struct payload_writer *payload = *payload_place;
	if (payload == NULL)
		return;
	ZSTD_freeCStream(payload->stream);
	buf_deinit(&payload->outside);
	buf_deinit(&payload->pending);
	buf_deinit(&payload->event);
	buf_deinit(&payload->compressed);
	memory_free(payload);
	*payload_place = NULL;
}

static int fail(struct diag *diag, const char *what)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: a transaction could not be compressed: %s", what);
}

static int compress(struct payload_writer *payload, struct bytes bytes, ZSTD_EndDirective end, struct diag *diag)
{
	ZSTD_inBuffer in = {bytes.data, bytes.size, 0};
	size_t left;
	if (payload->stream == NULL)
		return fail(diag, "no memory");
	do {
		size_t chunk = ZSTD_CStreamOutSize();
		ZSTD_outBuffer room = {buf_reserve(&payload->compressed, chunk), chunk, 0};
		left = ZSTD_compressStream2(payload->stream, &room, &in, end);
		payload->compressed.size += room.pos;
		if (ZSTD_isError(left))
			return fail(diag, ZSTD_getErrorName(left));
	} while (end == ZSTD_e_end ? left != 0 : in.pos < in.size);
	payload->size += bytes.size;
	if (payload->compressed.size > payload_size_max || payload->size > payload_size_max)
		return fail(diag, "it is too large");
	return 0;
}

static int add_event(struct payload_writer *payload, struct bytes event, struct diag *diag)
{
	if (event.data[4] == EVENT_IGNORABLE) {
		buf_put_bytes(&payload->outside, event);
		return 0;
	}
	size_t size = event.size - event_checksum_size;
	buf_clear(&payload->event);
	buf_put(&payload->event, event.data, size);
	bytes_store_uint(payload->event.data + header_size_at, size, 4);
	return compress(payload, buf_bytes(&payload->event), ZSTD_e_continue, diag);
}

int payload_writer_add(struct payload_writer *payload, struct bytes bytes, struct diag *diag)
{
	struct buf *pending = &payload->pending;
	size_t at = 0;
	buf_put_bytes(pending, bytes);
	while (pending->size - at >= event_header_size) {
		size_t size = (size_t)bytes_load_uint(pending->data + at + header_size_at, 4);
		if (size < event_header_size + event_checksum_size)
			return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
		if (size > pending->size - at)
			break;
		if (add_event(payload, bytes_of(pending->data + at, size), diag) < 0)
			return -1;
		at += size;
	}
	if (at)
		memmove(pending->data, pending->data + at, pending->size - at);
	pending->size -= at;
	return 0;
}

static void put_field(struct buf *out, enum payload_field field, uint64_t number)
{
	struct buf value = {0};
	buf_put_lenenc(&value, number);
	buf_put_lenenc(out, field);
	buf_put_lenenc_bytes(out, buf_bytes(&value));
	buf_deinit(&value);
}

int payload_writer_finish(struct payload_writer *payload, const struct event_writer *writer, struct diag *diag)
{
	if (payload->pending.size)
		return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
	if (compress(payload, bytes_of(NULL, 0), ZSTD_e_end, diag) < 0)
		return -1;
	buf_put_bytes(writer->out, buf_bytes(&payload->outside));
	size_t at = event_frame_begin(writer, EVENT_TRANSACTION_PAYLOAD, 0);
	put_field(writer->out, PAYLOAD_COMPRESSION, compression_zstd);
	put_field(writer->out, PAYLOAD_UNCOMPRESSED_SIZE, payload->size);
	put_field(writer->out, PAYLOAD_SIZE, payload->compressed.size);
	buf_put_lenenc(writer->out, PAYLOAD_END);
	buf_put_bytes(writer->out, buf_bytes(&payload->compressed));
	event_frame_end(writer, at);
	return 0;
}
