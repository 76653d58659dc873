#include "base/buf.h"

#include <assert.h>
#include <stdio.h>

#include "base/memory.h"

/* One of more than heap_max is mapped: its capacity tells. */
enum { size_min = 64, kept_capacity_max = 1024 * 1024, heap_max = 4 * 1024 * 1024 };

void buf_init(struct buf *buf)
{
	*buf = (struct buf){0};
}

static void free_data(struct buf *buf)
{
	if (buf->capacity > heap_max)
		memory_unmap(buf->data, buf->capacity);
	else
		memory_free(buf->data);
}

void buf_deinit(struct buf *buf)
{
	free_data(buf);
	*buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
	if (buf->capacity > kept_capacity_max)
		buf_deinit(buf);
	buf->size = 0;
}

/* Twice as large, or as large as it must be if there is no more. */
static void grow_mapped(struct buf *buf, size_t wanted)
{
	bool was_mapped = buf->capacity > heap_max;
	void *old = was_mapped ? buf->data : NULL;
	size_t old_size = was_mapped ? buf->capacity : 0, least = wanted > heap_max ? wanted : heap_max + 1;
	size_t size = buf->capacity * 2 > least ? buf->capacity * 2 : least;
	uint8_t *data = memory_try_map(old, old_size, &size);
	if (data == NULL) {
		size = least;
		data = memory_map(old, old_size, &size);
	}
	if (!was_mapped) {
		if (buf->size)
			memcpy(data, buf->data, buf->size);
		memory_free(buf->data);
	}
	buf->data = data;
	buf->capacity = size;
}

void buf_grow(struct buf *buf, size_t size)
{
	size_t wanted = buf->size + size;
	if (wanted > heap_max / 2 || buf->capacity * 2 > heap_max) {
		grow_mapped(buf, wanted);
		return;
	}
	buf->data = memory_grow(buf->data, 1, wanted > size_min ? wanted : size_min, &buf->capacity);
}

void buf_put_string(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void buf_put_cstring(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text) + 1);
}

void buf_put_zeros(struct buf *buf, size_t size)
{
	if (size)
		memset(buf_extend(buf, size), 0, size);
}

void buf_put_uint(struct buf *buf, uint64_t value, size_t size)
{
	assert(size <= 8);
	bytes_store_uint(buf_extend(buf, size), value, size);
}

void buf_put_u24(struct buf *buf, uint32_t value) { buf_put_uint(buf, value, 3); }
void buf_put_u48(struct buf *buf, uint64_t value) { buf_put_uint(buf, value, 6); }
void buf_put_u64(struct buf *buf, uint64_t value) { buf_put_uint(buf, value, 8); }

void buf_put_u32_be(struct buf *buf, uint32_t value)
{
	bytes_store_uint_be(buf_extend(buf, 4), value, 4);
}

void buf_put_u64_be(struct buf *buf, uint64_t value)
{
	bytes_store_uint_be(buf_extend(buf, 8), value, 8);
}

void buf_put_lenenc(struct buf *buf, uint64_t value)
{
	if (value < 251) {
		buf_put_u8(buf, (uint8_t)value);
	} else if (value <= 0xffff) {
		buf_put_u8(buf, 0xfc);
		buf_put_uint(buf, value, 2);
	} else if (value <= 0xffffff) {
		buf_put_u8(buf, 0xfd);
		buf_put_uint(buf, value, 3);
	} else {
		buf_put_u8(buf, 0xfe);
		buf_put_uint(buf, value, 8);
	}
}

void buf_put_lenenc_bytes(struct buf *buf, struct bytes bytes)
{
	buf_put_lenenc(buf, bytes.size);
	buf_put_bytes(buf, bytes);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	/* Twice only where there is no room. */
	size_t room = buf->capacity - buf->size;
	size_t size = (size_t)vsnprintf(room ? (char *)buf->data + buf->size : NULL, room, format, args);
	if (size >= room)
		vsnprintf((char *)buf_reserve(buf, size + 1), size + 1, format, again);
	buf->size += size;
	va_end(again);
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(buf, format, args);
	va_end(args);
}

const char *buf_cstring(struct buf *buf)
{
	*buf_reserve(buf, 1) = 0;
	return (const char *)buf->data;
}

uint64_t cursor_lenenc(struct cursor *cursor)
{
	uint8_t first = cursor_u8(cursor);
	switch (first) {
	case 0xfc: return cursor_uint(cursor, 2);
	case 0xfd: return cursor_uint(cursor, 3);
	case 0xfe: return cursor_uint(cursor, 8);
	case 0xfb:
	case 0xff: cursor->failed = true; return 0;
	default: return first;
	}
}

struct bytes cursor_bytes(struct cursor *cursor, size_t size)
{
	if (size == 0)
		return bytes_of(cursor->at, 0);
	const uint8_t *at = cursor_take(cursor, size);
	return at ? bytes_of(at, size) : bytes_of(NULL, 0);
}

struct bytes cursor_lenenc_bytes(struct cursor *cursor)
{
	uint64_t size = cursor_lenenc(cursor);
	if (size > cursor_left(cursor)) {
		cursor->failed = true;
		return bytes_of(NULL, 0);
	}
	return cursor_bytes(cursor, (size_t)size);
}

struct bytes cursor_until_zero(struct cursor *cursor)
{
	size_t left = cursor_left(cursor);
	const uint8_t *zero = left ? memchr(cursor->at, 0, left) : NULL;
	if (zero == NULL) {
		cursor->failed = true;
		return bytes_of(NULL, 0);
	}
	struct bytes found = bytes_of(cursor->at, (size_t)(zero - cursor->at));
	cursor->at = zero + 1;
	return found;
}

struct bytes cursor_rest(struct cursor *cursor)
{
	return cursor_bytes(cursor, cursor_left(cursor));
}

void cursor_skip(struct cursor *cursor, size_t size)
{
	cursor_bytes(cursor, size);
}
