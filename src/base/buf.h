/*
 * A growable byte buffer and a reading cursor: the two ends of every codec.
 *
 * A cursor's first error sticks: reads past the end give zeroes and set `failed`, so that a decoder is a
 * plain list of steps with one check behind it. Integers are little endian, as MySQL's protocols and logs
 * are, unless the name says otherwise.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

struct buf {
	uint8_t *data;   /* owned, or NULL while empty */
	size_t size;     /* bytes written */
	size_t capacity; /* bytes allocated */
};

void buf_init(struct buf *buf);
void buf_deinit(struct buf *buf);
void buf_clear(struct buf *buf); /* size 0; keeps the memory unless it grew past 1 MiB */

/* Fixed-place integers, for headers patched after the fact. */
static inline uint64_t bytes_load_uint(const uint8_t *data, size_t size) /* little endian, size 0..8 */
{
	uint64_t value = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	if (__builtin_constant_p(size)) {
		memcpy(&value, data, size); /* one instruction, for the sizes that processors know */
		return value;
	}
#endif
	for (size_t i = size; i-- > 0;)
		value = value << 8 | data[i];
	return value;
}
static inline void bytes_store_uint(uint8_t *data, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(value >> (8 * i));
}
static inline uint64_t bytes_load_uint_be(const uint8_t *data, size_t size)
{
	uint64_t value = 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | data[i];
	return value;
}
static inline void bytes_store_uint_be(uint8_t *data, uint64_t value, size_t size)
{
	for (size_t i = size; i-- > 0; value >>= 8)
		data[i] = (uint8_t)value;
}

/* The writers are inline: they are most of what rows and packets are made with, a few bytes at a time. */
void buf_grow(struct buf *buf, size_t size); /* until size more bytes fit */
static inline uint8_t *buf_reserve(struct buf *buf, size_t size) /* room for size more bytes, at the current end */
{
	if (buf->capacity - buf->size < size)
		buf_grow(buf, size);
	return buf->data + buf->size;
}
static inline uint8_t *buf_extend(struct buf *buf, size_t size) /* the same, and counts them as written */
{
	uint8_t *at = buf_reserve(buf, size);
	buf->size += size;
	return at;
}

static inline void buf_put(struct buf *buf, const void *data, size_t size)
{
	if (size)
		memcpy(buf_extend(buf, size), data, size);
}
static inline void buf_put_bytes(struct buf *buf, struct bytes bytes)
{
	buf_put(buf, bytes.data, bytes.size);
}
void buf_put_string(struct buf *buf, const char *text); /* without the final zero */
void buf_put_cstring(struct buf *buf, const char *text); /* with the final zero */
void buf_put_zeros(struct buf *buf, size_t size);
static inline void buf_put_u8(struct buf *buf, uint8_t value) { *buf_extend(buf, 1) = value; }
static inline void buf_put_u16(struct buf *buf, uint16_t value) { bytes_store_uint(buf_extend(buf, 2), value, 2); }
static inline void buf_put_u32(struct buf *buf, uint32_t value) { bytes_store_uint(buf_extend(buf, 4), value, 4); }
void buf_put_u24(struct buf *buf, uint32_t value);
void buf_put_u48(struct buf *buf, uint64_t value);
void buf_put_u64(struct buf *buf, uint64_t value);
void buf_put_uint(struct buf *buf, uint64_t value, size_t size); /* size 0..8 */
void buf_put_u32_be(struct buf *buf, uint32_t value);
void buf_put_u64_be(struct buf *buf, uint64_t value);
void buf_put_lenenc(struct buf *buf, uint64_t value);               /* MySQL's length-encoded integer */
void buf_put_lenenc_bytes(struct buf *buf, struct bytes bytes);     /* length, then the bytes */
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *buf, const char *format, va_list args);
const char *buf_cstring(struct buf *buf); /* the content with a zero behind it that is not counted */

static inline struct bytes buf_bytes(const struct buf *buf)
{
	return (struct bytes){buf->data, buf->size};
}

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
	bool failed; /* sticks */
};

static inline struct cursor cursor_of(struct bytes bytes)
{
	return (struct cursor){bytes.data, bytes.size ? bytes.data + bytes.size : bytes.data, false};
}

/* 0 once failed */
static inline size_t cursor_left(const struct cursor *cursor)
{
	return cursor->failed ? 0 : (size_t)(cursor->end - cursor->at);
}

/* All read and nothing failed. */
static inline bool cursor_done(const struct cursor *cursor)
{
	return !cursor->failed && cursor->at == cursor->end;
}

/* The next size bytes, or NULL and the sticky failure. */
static inline const uint8_t *cursor_take(struct cursor *cursor, size_t size)
{
	const uint8_t *at = cursor->at;
	if (cursor_left(cursor) < size) {
		cursor->failed = true;
		return NULL;
	}
	cursor->at += size;
	return at;
}

/* size 0..8 */
static inline uint64_t cursor_uint(struct cursor *cursor, size_t size)
{
	const uint8_t *at = size ? cursor_take(cursor, size) : NULL;
	return at ? bytes_load_uint(at, size) : 0;
}

static inline uint64_t cursor_uint_be(struct cursor *cursor, size_t size)
{
	const uint8_t *at = size ? cursor_take(cursor, size) : NULL;
	return at ? bytes_load_uint_be(at, size) : 0;
}

static inline uint8_t cursor_u8(struct cursor *cursor) { return (uint8_t)cursor_uint(cursor, 1); }
static inline uint16_t cursor_u16(struct cursor *cursor) { return (uint16_t)cursor_uint(cursor, 2); }
static inline uint32_t cursor_u24(struct cursor *cursor) { return (uint32_t)cursor_uint(cursor, 3); }
static inline uint32_t cursor_u32(struct cursor *cursor) { return (uint32_t)cursor_uint(cursor, 4); }
static inline uint64_t cursor_u48(struct cursor *cursor) { return cursor_uint(cursor, 6); }
static inline uint64_t cursor_u64(struct cursor *cursor) { return cursor_uint(cursor, 8); }
static inline uint32_t cursor_u32_be(struct cursor *cursor) { return (uint32_t)cursor_uint_be(cursor, 4); }
static inline uint64_t cursor_u64_be(struct cursor *cursor) { return cursor_uint_be(cursor, 8); }

uint64_t cursor_lenenc(struct cursor *cursor); /* 0xfb (NULL) and 0xff fail */
struct bytes cursor_bytes(struct cursor *cursor, size_t size);
struct bytes cursor_lenenc_bytes(struct cursor *cursor);
struct bytes cursor_until_zero(struct cursor *cursor); /* eats the zero, does not return it */
struct bytes cursor_rest(struct cursor *cursor);
void cursor_skip(struct cursor *cursor, size_t size);
