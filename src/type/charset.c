#include <string.h>

#include "type/charset_codec.h"
#include "type/collation.h"
#include "type/collation_table.h"
#include "type/utf8.h"

#define CHARSET(id_, name_, description_, min, max, default_, binary_)                                            \
	[id_] = {.id = id_, .name = name_, .description = description_, .min_char_size = min, .max_char_size = max, \
		 .default_collation = &collation_table[default_], .binary_collation = &collation_table[binary_]}

const struct charset charset_table[CHARSET_COUNT] = {
	CHARSET(CHARSET_BINARY, "binary", "Binary pseudo charset", 1, 1, C_BINARY, C_BINARY),
	CHARSET(CHARSET_ASCII, "ascii", "US ASCII", 1, 1, C_ASCII_GENERAL_CI, C_ASCII_BIN),
	CHARSET(CHARSET_LATIN1, "latin1", "cp1252 West European", 1, 1, C_LATIN1_SWEDISH_CI, C_LATIN1_BIN),
	CHARSET(CHARSET_UTF8MB3, "utf8mb3", "UTF-8 Unicode", 1, 3, C_UTF8MB3_GENERAL_CI, C_UTF8MB3_BIN),
	CHARSET(CHARSET_UTF8MB4, "utf8mb4", "UTF-8 Unicode", 1, 4, C_UTF8MB4_GENERAL_CI, C_UTF8MB4_BIN),
	CHARSET(CHARSET_UCS2, "ucs2", "UCS-2 Unicode", 2, 2, C_UCS2_GENERAL_CI, C_UCS2_BIN),
	CHARSET(CHARSET_UTF16, "utf16", "UTF-16 Unicode", 2, 4, C_UTF16_GENERAL_CI, C_UTF16_BIN),
	CHARSET(CHARSET_UTF32, "utf32", "UTF-32 Unicode", 4, 4, C_UTF32_GENERAL_CI, C_UTF32_BIN),
	CHARSET(CHARSET_CP1251, "cp1251", "Windows Cyrillic", 1, 1, C_CP1251_GENERAL_CI, C_CP1251_BIN),
	CHARSET(CHARSET_LATIN2, "latin2", "ISO 8859-2 Central European", 1, 1, C_LATIN2_GENERAL_CI, C_LATIN2_BIN),
	/* gbk_chinese_ci, MySQL's default for gbk, is a table of its own that we do not have. */
	CHARSET(CHARSET_GBK, "gbk", "GBK Simplified Chinese", 1, 2, C_GBK_BIN, C_GBK_BIN),
};

const struct charset *charset_find(struct bytes name)
{
	if (text_equal_nocase(name, bytes_of_string("utf8")))
		return charset_get(CHARSET_UTF8MB3);
	for (int id = 0; id < CHARSET_COUNT; id++)
		if (text_equal_nocase(name, bytes_of_string(charset_table[id].name)))
			return charset_get((enum charset_id)id);
	return NULL;
}

const struct charset *charset_get(enum charset_id id)
{
	return &charset_table[id];
}

/* Walks characters until the text or `chars` run out; a malformed one counts. */
static const uint8_t *skip_chars(const struct charset *charset, const uint8_t *at, const uint8_t *end, size_t *chars)
{
	bool is_utf8 = charset->id == CHARSET_UTF8MB4 || charset->id == CHARSET_UTF8MB3;
	while (at < end && *chars > 0) {
		if (is_utf8 && at[0] < 0x80) {
			size_t left = (size_t)(end - at);
			const uint8_t *stop = ascii_run_end(at, *chars < left ? at + *chars : end);
			*chars -= (size_t)(stop - at);
			at = stop;
			continue;
		}
		size_t size = charset_char_size(charset, at, end);
		at += size ? size : charset_malformed_size(charset, at, end);
		--*chars;
	}
	return at;
}

size_t charset_length(const struct charset *charset, struct bytes text)
{
	if (charset->max_char_size == 1)
		return text.size;
	size_t left = SIZE_MAX;
	if (text.size)
		skip_chars(charset, text.data, text.data + text.size, &left);
	return SIZE_MAX - left;
}

size_t charset_prefix_size(const struct charset *charset, struct bytes text, size_t chars)
{
	/* The usual case, a text shorter than its column's limit, needs no walk. */
	if (chars >= text.size / charset->min_char_size + 1)
		return text.size;
	if (charset->max_char_size == 1)
		return chars;
	return (size_t)(skip_chars(charset, text.data, text.data + text.size, &chars) - text.data);
}

size_t charset_valid_size(const struct charset *charset, struct bytes text)
{
	if (text.size == 0 || (charset->max_char_size == 1 && charset->id != CHARSET_ASCII))
		return text.size;
	const uint8_t *at = text.data, *end = at + text.size;
	bool has_ascii_bytes = charset->min_char_size == 1;
	while (at < end) {
		if (has_ascii_bytes && at[0] < 0x80) {
			at = ascii_run_end(at, end);
			continue;
		}
		size_t size = charset_char_size(charset, at, end);
		if (size == 0)
			break;
		at += size;
	}
	return (size_t)(at - text.data);
}
