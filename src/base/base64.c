#include "base/base64.h"

#include <ctype.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct bytes bytes, size_t line_size, struct buf *out)
{
	size_t column = 0;
	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		uint32_t group = (uint32_t)bytes.data[i] << 16 | (left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0) |
				 (left > 2 ? bytes.data[i + 2] : 0);
		if (line_size && column == line_size) {
			buf_put_u8(out, '\n');
			column = 0;
		}
		buf_put_u8(out, (uint8_t)alphabet[group >> 18]);
		buf_put_u8(out, (uint8_t)alphabet[group >> 12 & 63]);
		buf_put_u8(out, left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=');
		buf_put_u8(out, left > 2 ? (uint8_t)alphabet[group & 63] : '=');
		column += 4;
	}
}

static struct bytes without_space(struct bytes text)
{
	while (text.size && isspace(text.data[0]))
		text = bytes_of(text.data + 1, text.size - 1);
	return text;
}

/* -1: none. */
static int digit_of(uint8_t character)
{
	const char *place = character ? strchr(alphabet, character) : NULL;
	return place ? (int)(place - alphabet) : -1;
}

bool base64_decode(struct bytes text, struct bytes *out_rest, struct buf *out)
{
	uint32_t group = 0;
	unsigned digits = 0, padding = 0;
	for (text = without_space(text); text.size && (padding == 0 || digits);
	     text = without_space(bytes_of(text.data + 1, text.size - 1))) {
		bool is_padding = text.data[0] == '=' && digits >= 2;
		int digit = is_padding ? 0 : digit_of(text.data[0]);
		if (digit < 0 || (padding && !is_padding))
			return false;
		padding += is_padding;
		group = group << 6 | (uint32_t)digit;
		if (++digits < 4)
			continue;
		buf_put_u8(out, (uint8_t)(group >> 16));
		if (padding < 2)
			buf_put_u8(out, (uint8_t)(group >> 8));
		if (padding < 1)
			buf_put_u8(out, (uint8_t)group);
		group = digits = 0;
	}
	*out_rest = text;
	return digits == 0;
}
