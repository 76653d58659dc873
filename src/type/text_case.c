#include <string.h>
#include <unicode/uchar.h>

#include "type/collation.h"
#include "type/utf8.h"

const uint8_t *ascii_run_end(const uint8_t *at, const uint8_t *end)
{
	uint64_t word;
	for (; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
		memcpy(&word, at, sizeof word);
		if (word & 0x8080808080808080u)
			break;
	}
	while (at < end && *at < 0x80)
		at++;
	return at;
}

static uint8_t ascii_upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
}

static uint8_t ascii_lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* A mapped character may be longer than its origin (U+0250 has two bytes, its capital three), never beyond 3/2. */
static void map_case(struct bytes text, struct buf *out, uint8_t (*ascii)(uint8_t), UChar32 (*map)(UChar32))
{
	if (text.size == 0)
		return;
	const uint8_t *at = text.data, *end = at + text.size;
	uint8_t *room = buf_reserve(out, text.size + text.size / 2 + 4), *put = room;
	while (at < end) {
		uint32_t code;
		size_t size;
		if (*at < 0x80) {
			*put++ = ascii(*at++);
		} else if ((size = utf8_decode(at, end, &code)) == 0) {
			*put++ = *at++;
		} else {
			put += utf8_encode((uint32_t)map((UChar32)code), put);
			at += size;
		}
	}
	out->size += (size_t)(put - room);
}

void text_upper_utf8(struct bytes text, struct buf *out)
{
	map_case(text, out, ascii_upper, u_toupper);
}

void text_lower_utf8(struct bytes text, struct buf *out)
{
	map_case(text, out, ascii_lower, u_tolower);
}

bool text_equal_nocase(struct bytes a, struct bytes b)
{
	if (a.size != b.size)
		return false;
	for (size_t i = 0; i < a.size; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}
