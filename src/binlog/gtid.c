#include "binlog/gtid.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void uuid_print(const uint8_t uuid[uuid_size], char out[uuid_text_size + 1])
{
	static const char digits[] = "0123456789abcdef";
	for (unsigned i = 0; i < uuid_size; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[uuid[i] >> 4];
		*out++ = digits[uuid[i] & 15];
	}
	*out = 0;
}

bool uuid_parse(struct bytes text, uint8_t out_uuid[uuid_size])
{
	const uint8_t *at = text.data;
	bool braces = text.size == uuid_text_size + 2;
	if (braces) {
		if (at[0] != '{' || at[text.size - 1] != '}')
			return false;
		at++;
	}
	bool dashes = braces || text.size == uuid_text_size;
	if (!dashes && text.size != 2 * uuid_size)
		return false;
	uint8_t uuid[uuid_size];
	for (unsigned i = 0; i < uuid_size; i++) {
		if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
			return false;
		int high = hex_digit(at[0]), low = hex_digit(at[1]);
		if (high < 0 || low < 0)
			return false;
		uuid[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	memcpy(out_uuid, uuid, uuid_size);
	return true;
}

void uuid_generate(uint8_t out_uuid[uuid_size])
{
	random_bytes(out_uuid, uuid_size);
	out_uuid[6] = (uint8_t)((out_uuid[6] & 0x0f) | 0x40);
	out_uuid[8] = (uint8_t)((out_uuid[8] & 0x3f) | 0x80);
}

size_t gtid_print(const struct gtid *gtid, char out[gtid_text_size + 1])
{
	uuid_print(gtid->sid, out);
	return uuid_text_size + (size_t)sprintf(out + uuid_text_size, ":%lld", (long long)gtid->gno);
}

static struct bytes without_blanks(struct bytes text)
{
	while (text.size && isspace(text.data[0]))
		text = bytes_of(text.data + 1, text.size - 1);
	while (text.size && isspace(text.data[text.size - 1]))
		text.size--;
	return text;
}

bool gtid_parse(struct bytes text, struct gtid *out_gtid)
{
	const uint8_t *colon = text.size ? memchr(text.data, ':', text.size) : NULL;
	if (colon == NULL)
		return false;
	struct bytes number = without_blanks(bytes_of(colon + 1, text.size - (size_t)(colon + 1 - text.data)));
	struct gtid gtid = {.gno = 0};
	if (number.size == 0 || number.size > 19)
		return false;
	uint64_t gno = 0;
	for (size_t i = 0; i < number.size; i++) {
		if (!isdigit(number.data[i]))
			return false;
		gno = gno * 10 + (number.data[i] - '0');
	}
	if (gno == 0 || gno >= (uint64_t)GTID_GNO_MAX)
		return false;
	gtid.gno = (int64_t)gno;
	if (!uuid_parse(without_blanks(bytes_of(text.data, (size_t)(colon - text.data))), gtid.sid))
		return false;
	*out_gtid = gtid;
	return true;
}

bool gtid_equal(const struct gtid *a, const struct gtid *b)
{
	return a->gno == b->gno && memcmp(a->sid, b->sid, uuid_size) == 0;
}
