/*
 * Text from one charset to another. Every pair goes character by character through code points; runs of
 * ASCII, and pairs where one charset contains the other, are copied.
 */
#include "type/charset_codec.h"
#include "type/collation.h"
#include "type/utf8.h"

enum { convert_block = 1024 };

static bool is_utf8(const struct charset *charset)
{
	return charset->id == CHARSET_UTF8MB3 || charset->id == CHARSET_UTF8MB4;
}

/* Well-formed text of `from` is text of `to` as it stands, if all of it is well-formed. */
static bool is_subset(const struct charset *from, const struct charset *to)
{
	if (from == to)
		return true;
	if (from->id == CHARSET_ASCII)
		return to->min_char_size == 1;
	return from->id == CHARSET_UTF8MB3 && to->id == CHARSET_UTF8MB4;
}

/* Room for what `at..end` may become, a block at a time, so that giant texts do not ask for four times themselves. */
static const uint8_t *block_end(const uint8_t *at, const uint8_t *end)
{
	return end - at > convert_block ? at + convert_block : end;
}

static size_t convert_chars(const struct charset *from, const uint8_t *at, const uint8_t *end,
			    const struct charset *to, struct buf *out)
{
	size_t lost = 0;
	bool both_ascii = from->min_char_size == 1 && to->min_char_size == 1;
	while (at < end) {
		const uint8_t *stop = block_end(at, end);
		uint8_t *room = buf_reserve(out, (size_t)(stop - at) * 4), *put = room;
		while (at < stop) {
			uint32_t code;
			if (both_ascii && *at < 0x80) {
				*put++ = *at++;
				continue;
			}
			size_t size = charset_decode(from, at, end, &code);
			size_t put_size = size ? charset_encode(to, code, put) : 0;
			if (put_size == 0) {
				put_size = charset_encode(to, '?', put);
				lost++;
			}
			put += put_size;
			at += size ? size : charset_malformed_size(from, at, end);
		}
		out->size += (size_t)(put - room);
	}
	return lost;
}

size_t charset_convert(const struct charset *from, struct bytes text, const struct charset *to, struct buf *out)
{
	if (text.size == 0)
		return 0;
	if (from->id == CHARSET_BINARY || to->id == CHARSET_BINARY) {
		buf_put_bytes(out, text);
		return 0;
	}
	const uint8_t *end = text.data + text.size, *at = text.data;
	if (is_subset(from, to))
		at += charset_valid_size(from, text);
	else if (from->min_char_size == 1 && to->min_char_size == 1)
		at = ascii_run_end(at, end);
	else if (is_utf8(from) && is_utf8(to))
		at += charset_valid_size(to, text);
	buf_put(out, text.data, (size_t)(at - text.data));
	return convert_chars(from, at, end, to, out);
}
