/* Random texts for properties: short, alike, full of spaces, control characters and borders. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "type/collation.h"

struct random_source {
	uint64_t state;
};

static inline uint32_t random_below(struct random_source *source, uint32_t limit)
{
	uint64_t z = source->state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ z >> 31) % limit);
}

static const char *const random_pieces[] = {
	" ", " ", " ", "  ", "a", "A", "b", "B", "z", "Z", "\t", "\x01", "\x1f", "!", "~", "\x7f", "0", "_",
	"ä", "Ä", "ß", "s", "ss", "SS", "ø", "Ø", "é", "E", "ı", "I", "ÿ", "ý", "þ",
	"а", "А", "я", "ЁЖ", "丂", "漢", "한",
	"\u00a0", "\u0301", "\u00ad", "\u200b", "\ufdfa", "\uffff", "\ue000", "😀", "𝐀", "\U0010ffff",
};
enum { random_piece_count = sizeof random_pieces / sizeof random_pieces[0] };

/* UTF-8, up to five pieces, appended. */
static inline void random_utf8(struct random_source *source, struct buf *out)
{
	for (uint32_t left = random_below(source, 6); left > 0; left--)
		buf_put_string(out, random_pieces[random_below(source, random_piece_count)]);
}

/* Text of the charset; now and then with bytes that are not. */
static inline void random_text(struct random_source *source, const struct charset *charset, struct buf *out)
{
	struct buf utf8;
	buf_init(&utf8);
	random_utf8(source, &utf8);
	charset_convert(charset_get(CHARSET_UTF8MB4), buf_bytes(&utf8), charset, out);
	if (random_below(source, 4) == 0)
		buf_put_u8(out, (uint8_t)random_below(source, 256));
	if (random_below(source, 8) == 0)
		buf_put_u8(out, 0);
	if (random_below(source, 8) == 0)
		buf_put_string(out, charset->min_char_size == 1 ? "  " : "\0 \0 ");
	buf_deinit(&utf8);
}

static inline int sign_of(int order)
{
	return (order > 0) - (order < 0);
}
