#include "wire/compression.h"

#include <zlib.h>
#include <zstd.h>

#include "base/buf.h"
#include "base/memory.h"

enum {
	size_before_small = 50,	      /* not worth it below */
	frame_plain_max = 256 * 1024, /* of ours; a client's may have up to 2^24-1 */
	read_size = 16 * 1024,
	window_log_max = 24, /* zstd: what a frame can hold at all */
};

struct compression_transport {
	struct transport transport; /* first: the methods cast back */
	struct transport *below;    /* owned */
	enum compression_kind kind;
	unsigned level;
	uint8_t number; /* of the next frame in either direction */
	struct buf raw; /* read from below, not yet used from raw_at on */
	size_t raw_at;
	/* the frame being read */
	size_t packed_left; /* bytes of it that were not used yet, in raw or below */
	size_t plain_left;  /* bytes that it has yet to give */
	bool is_packed;
	z_stream *zlib; /* while a frame of that kind is open */
	ZSTD_DCtx *zstd;
	struct buf out; /* frames to be sent */
};

static struct compression_transport *of(struct transport *transport)
{
	return (struct compression_transport *)transport;
}

/* ------------------------------------------------------------------ reading */

static struct bytes raw_bytes(const struct compression_transport *layer)
{
	return bytes_of(layer->raw.data + layer->raw_at, layer->raw.size - layer->raw_at);
}

/* At least size bytes in raw. */
static enum wire_status fill(struct compression_transport *layer, size_t size, struct diag *diag)
{
	while (raw_bytes(layer).size < size) {
		struct bytes rest = raw_bytes(layer);
		if (rest.size && layer->raw_at)
			memmove(layer->raw.data, rest.data, rest.size);
		layer->raw.size = rest.size;
		layer->raw_at = 0;
		uint8_t *at = buf_reserve(&layer->raw, read_size);
		size_t got = 0;
		enum wire_status status = layer->below->methods->read(layer->below, at, read_size, &got, diag);
		if (status != WIRE_OK)
			return status;
		layer->raw.size += got;
	}
	return WIRE_OK;
}

static enum wire_status fail(struct diag *diag)
{
	diag_set(diag, ER_NET_UNCOMPRESS_ERROR);
	return WIRE_FAILED;
}

static void close_frame(struct compression_transport *layer)
{
	if (layer->zlib)
		inflateEnd(layer->zlib);
	memory_free(layer->zlib);
	layer->zlib = NULL;
	ZSTD_freeDCtx(layer->zstd);
	layer->zstd = NULL;
}

static bool open_decoder(struct compression_transport *layer)
{
	if (layer->kind == COMPRESSION_ZLIB) {
		layer->zlib = memory_zalloc(sizeof *layer->zlib);
		return inflateInit(layer->zlib) == Z_OK;
	}
	layer->zstd = ZSTD_createDCtx();
	return layer->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(layer->zstd, ZSTD_d_windowLogMax, window_log_max));
}

static enum wire_status open_frame(struct compression_transport *layer, struct diag *diag)
{
	enum wire_status status = fill(layer, compression_frame_header_size, diag);
	if (status != WIRE_OK)
		return status;
	const uint8_t *header = raw_bytes(layer).data;
	size_t before = (size_t)bytes_load_uint(header + 4, 3);
	layer->packed_left = (size_t)bytes_load_uint(header, 3);
	layer->is_packed = before > 0;
	layer->plain_left = before ? before : layer->packed_left;
	layer->raw_at += compression_frame_header_size;
	if (header[3] != layer->number) {
		diag_set(diag, ER_NET_PACKETS_OUT_OF_ORDER);
		return WIRE_OUT_OF_ORDER;
	}
	layer->number++;
	return layer->is_packed && !open_decoder(layer) ? fail(diag) : WIRE_OK;
}

/* Unpacks from in to out; how much of both was used. False: rubbish. out_ended: the stream says that this was all. */
static bool unpack(struct compression_transport *layer, struct bytes in, uint8_t *out, size_t size, size_t *out_used,
		   size_t *out_got, bool *out_ended)
{
	if (layer->zlib) {
		z_stream *zlib = layer->zlib;
		zlib->next_in = (uint8_t *)in.data;
		zlib->avail_in = (unsigned)in.size;
		zlib->next_out = out;
		zlib->avail_out = (unsigned)size;
		int result = inflate(zlib, Z_NO_FLUSH);
		*out_used = in.size - zlib->avail_in;
		*out_got = size - zlib->avail_out;
		*out_ended = result == Z_STREAM_END;
		return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
	}
	ZSTD_inBuffer from = {in.data, in.size, 0};
	ZSTD_outBuffer to = {out, size, 0};
	size_t result = ZSTD_decompressStream(layer->zstd, &to, &from);
	*out_used = from.pos;
	*out_got = to.pos;
	*out_ended = result == 0;
	return !ZSTD_isError(result);
}

/* One step of unpacking, with more of the frame read where that is needed. A step that leads nowhere is a failure. */
static enum wire_status unpack_some(struct compression_transport *layer, uint8_t *out, size_t size, size_t *out_got,
				    bool *out_ended, struct diag *diag)
{
	size_t used;
	enum wire_status status = layer->packed_left ? fill(layer, 1, diag) : WIRE_OK;
	if (status != WIRE_OK)
		return status;
	struct bytes in = raw_bytes(layer);
	in.size = in.size < layer->packed_left ? in.size : layer->packed_left;
	if (!unpack(layer, in, out, size, &used, out_got, out_ended))
		return fail(diag);
	layer->raw_at += used;
	layer->packed_left -= used;
	return used || *out_got || *out_ended ? WIRE_OK : fail(diag);
}

/* The frame has given what it claimed: its stream must say so, too, and no byte may be left over. */
static enum wire_status end_packed(struct compression_transport *layer, bool ended, struct diag *diag)
{
	while (!ended) {
		uint8_t more;
		size_t got = 0;
		enum wire_status status = unpack_some(layer, &more, 1, &got, &ended, diag);
		if (status != WIRE_OK || got > 0)
			return status != WIRE_OK ? status : fail(diag);
	}
	close_frame(layer);
	return layer->packed_left == 0 ? WIRE_OK : fail(diag);
}

static enum wire_status read_packed(struct compression_transport *layer, uint8_t *out, size_t size, size_t *out_got,
				    struct diag *diag)
{
	bool ended = false;
	size_t got = 0;
	while (got == 0) {
		enum wire_status status = ended ? fail(diag) : unpack_some(layer, out, size, &got, &ended, diag);
		if (status != WIRE_OK)
			return status;
	}
	*out_got = got;
	layer->plain_left -= got;
	return layer->plain_left == 0 ? end_packed(layer, ended, diag) : WIRE_OK;
}

static enum wire_status read_plain(struct compression_transport *layer, uint8_t *out, size_t size, size_t *out_got,
				   struct diag *diag)
{
	struct bytes raw = raw_bytes(layer);
	if (raw.size == 0) {
		enum wire_status status = layer->below->methods->read(layer->below, out, size, out_got, diag);
		if (status != WIRE_OK)
			return status;
	} else {
		*out_got = raw.size < size ? raw.size : size;
		memcpy(out, raw.data, *out_got);
		layer->raw_at += *out_got;
	}
	layer->packed_left -= *out_got;
	layer->plain_left -= *out_got;
	return WIRE_OK;
}

static enum wire_status compression_read(struct transport *transport, uint8_t *out, size_t size, size_t *out_got,
					 struct diag *diag)
{
	struct compression_transport *layer = of(transport);
	while (layer->plain_left == 0) {
		enum wire_status status = open_frame(layer, diag);
		if (status != WIRE_OK)
			return status;
	}
	if (size > layer->plain_left)
		size = layer->plain_left;
	return layer->is_packed ? read_packed(layer, out, size, out_got, diag)
				: read_plain(layer, out, size, out_got, diag);
}

static bool compression_is_readable(struct transport *transport)
{
	struct compression_transport *layer = of(transport);
	return layer->plain_left > 0 || raw_bytes(layer).size > 0 || layer->below->methods->is_readable(layer->below);
}

/* ------------------------------------------------------------------ writing */

static size_t bound(const struct compression_transport *layer, size_t size)
{
	return layer->kind == COMPRESSION_ZLIB ? compressBound(size) : ZSTD_compressBound(size);
}

/* The size packed, or 0: it would not be smaller. */
static size_t pack(const struct compression_transport *layer, struct bytes plain, uint8_t *out, size_t room)
{
	size_t packed = 0;
	if (plain.size < size_before_small)
		return 0;
	if (layer->kind == COMPRESSION_ZLIB) {
		uLongf size = room;
		if (compress2(out, &size, plain.data, plain.size, (int)layer->level) == Z_OK)
			packed = size;
	} else {
		packed = ZSTD_compress(out, room, plain.data, plain.size, (int)layer->level);
		packed = ZSTD_isError(packed) ? 0 : packed;
	}
	return packed < plain.size ? packed : 0;
}

static void put_frame(struct compression_transport *layer, struct bytes plain)
{
	struct buf *out = &layer->out;
	size_t room = bound(layer, plain.size);
	uint8_t *header = buf_reserve(out, compression_frame_header_size + room);
	size_t packed = pack(layer, plain, header + compression_frame_header_size, room);
	if (packed == 0)
		memcpy(header + compression_frame_header_size, plain.data, plain.size);
	size_t size = packed ? packed : plain.size;
	bytes_store_uint(header, size, 3);
	header[3] = layer->number++;
	bytes_store_uint(header + 4, packed ? plain.size : 0, 3);
	out->size += compression_frame_header_size + size;
}

static enum wire_status compression_write(struct transport *transport, struct bytes bytes)
{
	struct compression_transport *layer = of(transport);
	enum wire_status status = WIRE_OK;
	for (size_t at = 0; at < bytes.size && status == WIRE_OK; at += frame_plain_max) {
		size_t left = bytes.size - at;
		put_frame(layer, bytes_of(bytes.data + at, left < frame_plain_max ? left : frame_plain_max));
		status = layer->below->methods->write(layer->below, buf_bytes(&layer->out));
		buf_clear(&layer->out);
	}
	return status;
}

/* ------------------------------------------------------------------ beginning and end */

static uint8_t compression_renumber(struct transport *transport, uint8_t number)
{
	struct compression_transport *layer = of(transport);
	uint8_t old = layer->number;
	layer->number = number;
	if (raw_bytes(layer).size == 0) /* between commands nothing is held */
		buf_deinit(&layer->raw);
	layer->raw_at = layer->raw.size ? layer->raw_at : 0;
	buf_deinit(&layer->out);
	return old;
}

static void compression_destroy(struct transport *transport)
{
	struct compression_transport *layer = of(transport);
	struct transport *below = layer->below;
	close_frame(layer);
	buf_deinit(&layer->raw);
	buf_deinit(&layer->out);
	memory_free(layer);
	below->methods->destroy(below);
}

struct transport *compression_layer(struct transport *below, enum compression_kind kind, unsigned level)
{
	static const struct transport_methods methods = {.read = compression_read,
							 .write = compression_write,
							 .is_readable = compression_is_readable,
							 .renumber = compression_renumber,
							 .destroy = compression_destroy};
	struct compression_transport *layer = memory_zalloc(sizeof *layer);
	layer->transport.methods = &methods;
	layer->below = below;
	layer->kind = kind;
	layer->level = level;
	return &layer->transport;
}
