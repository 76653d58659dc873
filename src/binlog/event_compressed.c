/*
 * Events inside of events.
 *
 * MariaDB compresses the statement of a QUERY and the images of a ROWS event in place:
 *   marker u8 (0x80 | algorithm << 4 | n; algorithm 0: zlib), original size, n bytes big endian, zlib stream
 *
 * MySQL's TRANSACTION_PAYLOAD holds whole events, without checksums:
 *   fields: type length-encoded, size length-encoded, value: 2 compression (0 zstd, 255 none), 3 uncompressed
 *   size, 1 payload size; type 0 ends them and has neither size nor value. Then the payload.
 */
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "binlog/event_internal.h"

bool event_is_compressed(uint8_t type)
{
	return type >= EVENT_QUERY_COMPRESSED && type <= EVENT_DELETE_ROWS_COMPRESSED;
}

static uint8_t plain_type(uint8_t type)
{
	if (type == EVENT_QUERY_COMPRESSED)
		return EVENT_QUERY;
	if (type >= EVENT_WRITE_ROWS_COMPRESSED)
		return (uint8_t)(type - EVENT_WRITE_ROWS_COMPRESSED + EVENT_WRITE_ROWS);
	return (uint8_t)(type - EVENT_WRITE_ROWS_COMPRESSED_V1 + EVENT_WRITE_ROWS_V1);
}

/* Bytes of the body that are not compressed. */
static size_t plain_head_size(const struct event *event)
{
	struct cursor at = cursor_of(event->body);
	unsigned post_header_size = event_post_header_size(event);
	uint8_t type = plain_type(event->type);
	if (type == EVENT_QUERY) {
		cursor_skip(&at, 8);
		uint8_t db_size = cursor_u8(&at);
		cursor_skip(&at, 2);
		uint16_t status_size = cursor_u16(&at);
		cursor_skip(&at, (post_header_size > 13 ? post_header_size - 13 : 0) + status_size + db_size + 1u);
	} else {
		bool is_v2 = type >= EVENT_WRITE_ROWS;
		cursor_skip(&at, post_header_size == 6 ? 4 + 2 : 6 + 2);
		if (is_v2) {
			uint16_t extra = cursor_u16(&at);
			cursor_skip(&at, extra >= 2 ? extra - 2u : 0);
		}
		uint64_t columns = cursor_lenenc(&at);
		if (columns / 8 > cursor_left(&at))
			return 0;
		size_t bitmap_size = (size_t)(columns + 7) / 8;
		bool is_update = type == EVENT_UPDATE_ROWS_V1 || type == EVENT_UPDATE_ROWS;
		cursor_skip(&at, is_update ? 2 * bitmap_size : bitmap_size);
	}
	return at.failed ? 0 : (size_t)(at.at - event->body.data);
}

/* The marker and the original size. False when it is not zlib, or a size that zlib cannot reach. */
static bool read_marker(struct cursor *at, size_t *out_size)
{
	uint8_t marker = cursor_u8(at);
	unsigned size_bytes = marker & 7;
	if (!(marker & 0x80) || (marker >> 4 & 7) != 0 || size_bytes < 1 || size_bytes > 4)
		return false;
	uint64_t size = cursor_uint_be(at, size_bytes);
	const uint64_t ratio_max = 1032; /* zlib's */
	if (at->failed || size > event_size_max || size > cursor_left(at) * ratio_max)
		return false;
	*out_size = (size_t)size;
	return true;
}

int event_decompress(const struct event *event, struct buf *out, struct diag *diag)
{
	if (!event_is_compressed(event->type))
		return event_corrupt(event, diag, "it is not compressed");
	size_t head = plain_head_size(event);
	struct cursor at = cursor_of(bytes_of(event->body.data + head, event->body.size - head));
	size_t size = 0;
	if (head == 0 || !read_marker(&at, &size))
		return event_corrupt(event, diag, "its compressed part is malformed");
	size_t start = out->size;
	buf_put(out, event->raw.data, event_header_size + head);
	uLongf got = size;
	uint8_t none;
	uint8_t *target = size ? buf_extend(out, size) : &none;
	if (uncompress(target, &got, at.at, cursor_left(&at)) != Z_OK || got != size) {
		out->size = start;
		return event_corrupt(event, diag, "its compressed part is damaged");
	}
	out->data[start + 4] = plain_type(event->type);
	bytes_store_uint(out->data + start + 9, out->size - start, 4);
	return 0;
}

enum payload_field { PAYLOAD_END = 0, PAYLOAD_SIZE = 1, PAYLOAD_COMPRESSION = 2, PAYLOAD_UNCOMPRESSED_SIZE = 3 };

static bool read_payload_fields(struct cursor *at, struct event_payload *out)
{
	struct event_payload payload = {.compression = EVENT_PAYLOAD_PLAIN};
	uint64_t size = UINT64_MAX;
	for (;;) {
		uint64_t field = cursor_lenenc(at);
		if (at->failed || field == PAYLOAD_END)
			break;
		struct cursor value = cursor_of(cursor_lenenc_bytes(at));
		uint64_t number = cursor_lenenc(&value);
		if (value.failed)
			return false;
		if (field == PAYLOAD_COMPRESSION)
			payload.compression = number;
		else if (field == PAYLOAD_UNCOMPRESSED_SIZE)
			payload.uncompressed_size = number;
		else if (field == PAYLOAD_SIZE)
			size = number;
	}
	if (at->failed || (size != UINT64_MAX && size != cursor_left(at)))
		return false;
	payload.bytes = cursor_rest(at);
	*out = payload;
	return true;
}

int event_decode_payload_head(const struct event *event, struct event_payload *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	return read_payload_fields(&at, out) ? 0 : event_corrupt(event, diag, "its fields are malformed");
}

/* 0, or -1 with *out_what. */
static int inflate_zstd(struct bytes payload, size_t size_max, struct buf *out, const char **out_what)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	if (stream == NULL)
		return -1;
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27);
	size_t start = out->size, left = 1;
	ZSTD_inBuffer in = {payload.data, payload.size, 0};
	*out_what = NULL;
	while (left != 0) {
		size_t chunk = ZSTD_DStreamOutSize();
		ZSTD_outBuffer room = {buf_reserve(out, chunk), chunk, 0};
		size_t before = in.pos;
		left = ZSTD_decompressStream(stream, &room, &in);
		out->size += room.pos;
		if (ZSTD_isError(left) || (left != 0 && room.pos == 0 && in.pos == before))
			*out_what = "its compressed part is damaged";
		else if (out->size - start > size_max)
			*out_what = "it is larger than allowed";
		else if (memory_gave_out())
			*out_what = "no memory to decompress it";
		if (*out_what)
			break;
	}
	if (*out_what == NULL && in.pos != in.size)
		*out_what = "bytes follow its compressed part";
	ZSTD_freeDStream(stream);
	return *out_what ? -1 : 0;
}

int event_decode_payload(const struct event *event, size_t size_max, struct buf *out, struct diag *diag)
{
	struct event_payload payload;
	if (event_decode_payload_head(event, &payload, diag) < 0)
		return -1;
	if (payload.compression == EVENT_PAYLOAD_PLAIN) {
		if (payload.bytes.size > size_max)
			return event_corrupt(event, diag, "it is larger than allowed");
		buf_put_bytes(out, payload.bytes);
		return 0;
	}
	if (payload.compression != EVENT_PAYLOAD_ZSTD)
		return event_corrupt(event, diag, "its compression is unknown");
	size_t start = out->size;
	const char *what = "no memory to decompress it";
	if (inflate_zstd(payload.bytes, size_max, out, &what) < 0) {
		out->size = start;
		return memory_check(diag) != 0 ? -1 : event_corrupt(event, diag, what);
	}
	return 0;
}
