#include "type/charset_codec.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "type/utf8.h"

/*
 * The local single-byte charsets: code points of the bytes from `first` on; the bytes below are their own
 * code points. MySQL's latin1 is Windows' code page 1252 with its five holes mapped through.
 */
struct local_table {
	unsigned first;
	const uint16_t *codes; /* 256 - first entries, 0: no character */
};

static const uint16_t ascii_codes[128];

static const uint16_t latin1_codes[] = {
	0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
	0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178, 0x00A0, 0x00A1, 0x00A2, 0x00A3,
	0x00A4, 0x00A5, 0x00A6, 0x00A7, 0x00A8, 0x00A9, 0x00AA, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x00AF,
	0x00B0, 0x00B1, 0x00B2, 0x00B3, 0x00B4, 0x00B5, 0x00B6, 0x00B7, 0x00B8, 0x00B9, 0x00BA, 0x00BB,
	0x00BC, 0x00BD, 0x00BE, 0x00BF, 0x00C0, 0x00C1, 0x00C2, 0x00C3, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
	0x00C8, 0x00C9, 0x00CA, 0x00CB, 0x00CC, 0x00CD, 0x00CE, 0x00CF, 0x00D0, 0x00D1, 0x00D2, 0x00D3,
	0x00D4, 0x00D5, 0x00D6, 0x00D7, 0x00D8, 0x00D9, 0x00DA, 0x00DB, 0x00DC, 0x00DD, 0x00DE, 0x00DF,
	0x00E0, 0x00E1, 0x00E2, 0x00E3, 0x00E4, 0x00E5, 0x00E6, 0x00E7, 0x00E8, 0x00E9, 0x00EA, 0x00EB,
	0x00EC, 0x00ED, 0x00EE, 0x00EF, 0x00F0, 0x00F1, 0x00F2, 0x00F3, 0x00F4, 0x00F5, 0x00F6, 0x00F7,
	0x00F8, 0x00F9, 0x00FA, 0x00FB, 0x00FC, 0x00FD, 0x00FE, 0x00FF,
};

static const uint16_t latin2_codes[] = {
	0x0104, 0x02D8, 0x0141, 0x00A4, 0x013D, 0x015A, 0x00A7, 0x00A8, 0x0160, 0x015E, 0x0164, 0x0179,
	0x00AD, 0x017D, 0x017B, 0x00B0, 0x0105, 0x02DB, 0x0142, 0x00B4, 0x013E, 0x015B, 0x02C7, 0x00B8,
	0x0161, 0x015F, 0x0165, 0x017A, 0x02DD, 0x017E, 0x017C, 0x0154, 0x00C1, 0x00C2, 0x0102, 0x00C4,
	0x0139, 0x0106, 0x00C7, 0x010C, 0x00C9, 0x0118, 0x00CB, 0x011A, 0x00CD, 0x00CE, 0x010E, 0x0110,
	0x0143, 0x0147, 0x00D3, 0x00D4, 0x0150, 0x00D6, 0x00D7, 0x0158, 0x016E, 0x00DA, 0x0170, 0x00DC,
	0x00DD, 0x0162, 0x00DF, 0x0155, 0x00E1, 0x00E2, 0x0103, 0x00E4, 0x013A, 0x0107, 0x00E7, 0x010D,
	0x00E9, 0x0119, 0x00EB, 0x011B, 0x00ED, 0x00EE, 0x010F, 0x0111, 0x0144, 0x0148, 0x00F3, 0x00F4,
	0x0151, 0x00F6, 0x00F7, 0x0159, 0x016F, 0x00FA, 0x0171, 0x00FC, 0x00FD, 0x0163, 0x02D9,
};

static const uint16_t cp1251_codes[] = {
	0x0402, 0x0403, 0x201A, 0x0453, 0x201E, 0x2026, 0x2020, 0x2021, 0x20AC, 0x2030, 0x0409, 0x2039,
	0x040A, 0x040C, 0x040B, 0x040F, 0x0452, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x0000, 0x2122, 0x0459, 0x203A, 0x045A, 0x045C, 0x045B, 0x045F, 0x00A0, 0x040E, 0x045E, 0x0408,
	0x00A4, 0x0490, 0x00A6, 0x00A7, 0x0401, 0x00A9, 0x0404, 0x00AB, 0x00AC, 0x00AD, 0x00AE, 0x0407,
	0x00B0, 0x00B1, 0x0406, 0x0456, 0x0491, 0x00B5, 0x00B6, 0x00B7, 0x0451, 0x2116, 0x0454, 0x00BB,
	0x0458, 0x0405, 0x0455, 0x0457, 0x0410, 0x0411, 0x0412, 0x0413, 0x0414, 0x0415, 0x0416, 0x0417,
	0x0418, 0x0419, 0x041A, 0x041B, 0x041C, 0x041D, 0x041E, 0x041F, 0x0420, 0x0421, 0x0422, 0x0423,
	0x0424, 0x0425, 0x0426, 0x0427, 0x0428, 0x0429, 0x042A, 0x042B, 0x042C, 0x042D, 0x042E, 0x042F,
	0x0430, 0x0431, 0x0432, 0x0433, 0x0434, 0x0435, 0x0436, 0x0437, 0x0438, 0x0439, 0x043A, 0x043B,
	0x043C, 0x043D, 0x043E, 0x043F, 0x0440, 0x0441, 0x0442, 0x0443, 0x0444, 0x0445, 0x0446, 0x0447,
	0x0448, 0x0449, 0x044A, 0x044B, 0x044C, 0x044D, 0x044E, 0x044F,
};

static const struct local_table local_tables[CHARSET_COUNT] = {
	[CHARSET_ASCII] = {0x80, ascii_codes},
	[CHARSET_LATIN1] = {0x80, latin1_codes},
	[CHARSET_LATIN2] = {0xa1, latin2_codes},
	[CHARSET_CP1251] = {0x80, cp1251_codes},
};

/* The way back, by code point: the byte, or 0. All that these charsets hold lies below. */
enum { local_code_limit = 0x2180 };
static uint8_t local_bytes[CHARSET_COUNT][local_code_limit];

/* GBK's two-byte forms: first byte 0x81..0xfe, second 0x40..0xfe. Filled at the first use. */
enum { gbk_first = 0x81, gbk_rows = 126, gbk_second = 0x40, gbk_columns = 191 };
static uint16_t gbk_codes[gbk_rows][gbk_columns]; /* code points, 0: none */
static uint16_t gbk_locals[0x10000];              /* local codes by code point, 0: none */
static pthread_once_t gbk_once = PTHREAD_ONCE_INIT;

static void fill_local_bytes(enum charset_id id)
{
	const struct local_table *table = &local_tables[id];
	for (unsigned byte = 0; byte < 256; byte++) {
		uint32_t code = byte < table->first ? byte : table->codes[byte - table->first];
		if (code != 0)
			local_bytes[id][code] = (uint8_t)byte;
	}
}

void charset_codec_init(void)
{
	for (int id = 0; id < CHARSET_COUNT; id++)
		if (local_tables[id].codes != NULL)
			fill_local_bytes((enum charset_id)id);
}

static bool gbk_is_pair(const uint8_t *at)
{
	return at[0] >= 0x81 && at[0] <= 0xfe && at[1] >= 0x40 && at[1] <= 0xfe && at[1] != 0x7f;
}

/* MySQL's gbk is Windows' code page 936 without its private characters and without a single-byte euro. */
static void gbk_fill(void)
{
	UErrorCode status = U_ZERO_ERROR;
	UConverter *converter = ucnv_open("windows-936-2000", &status);
	assert(U_SUCCESS(status));
	for (unsigned local = 0x8140; local <= 0xfefe; local++) {
		char pair[2] = {(char)(local >> 8), (char)local};
		if (!gbk_is_pair((const uint8_t *)pair))
			continue;
		UChar code[4];
		status = U_ZERO_ERROR;
		int32_t count = ucnv_toUChars(converter, code, 4, pair, 2, &status);
		bool is_private = code[0] >= 0xe000 && code[0] <= 0xf8ff;
		if (U_FAILURE(status) || count != 1 || code[0] == 0xfffd || is_private)
			continue;
		gbk_codes[(local >> 8) - gbk_first][(local & 0xff) - gbk_second] = code[0];
		if (gbk_locals[code[0]] == 0)
			gbk_locals[code[0]] = (uint16_t)local;
	}
	ucnv_close(converter);
}

static size_t gbk_decode(const uint8_t *at, const uint8_t *end, uint32_t *out)
{
	*out = at[0];
	if (at[0] < 0x80)
		return 1;
	if (end - at < 2 || !gbk_is_pair(at))
		return 0;
	pthread_once(&gbk_once, gbk_fill);
	*out = gbk_codes[at[0] - gbk_first][at[1] - gbk_second];
	return *out ? 2 : 0;
}

static size_t utf16_decode(const uint8_t *at, const uint8_t *end, uint32_t *out)
{
	if (end - at < 2)
		return 0;
	uint32_t high = (uint32_t)at[0] << 8 | at[1];
	*out = high;
	if (high < 0xd800 || high > 0xdfff)
		return 2;
	if (high > 0xdbff || end - at < 4)
		return 0;
	uint32_t low = (uint32_t)at[2] << 8 | at[3];
	*out = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
	return low >= 0xdc00 && low <= 0xdfff ? 4 : 0;
}

static size_t utf32_decode(const uint8_t *at, const uint8_t *end, uint32_t *out)
{
	if (end - at < 4)
		return 0;
	uint32_t code = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	*out = code;
	return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : 4;
}

static size_t local_decode(const struct local_table *table, uint8_t byte, uint32_t *out)
{
	*out = byte < table->first ? byte : table->codes[byte - table->first];
	return *out != 0 || byte == 0;
}

size_t charset_decode(const struct charset *charset, const uint8_t *at, const uint8_t *end, uint32_t *out_code)
{
	size_t size;
	switch (charset->id) {
	case CHARSET_UTF8MB4: return utf8_decode(at, end, out_code);
	case CHARSET_UTF8MB3: size = utf8_decode(at, end, out_code); return size < 4 ? size : 0;
	case CHARSET_UCS2: size = utf16_decode(at, end, out_code); return size < 4 ? size : 0;
	case CHARSET_UTF16: return utf16_decode(at, end, out_code);
	case CHARSET_UTF32: return utf32_decode(at, end, out_code);
	case CHARSET_GBK: return gbk_decode(at, end, out_code);
	case CHARSET_BINARY: *out_code = at[0]; return 1;
	default: return local_decode(&local_tables[charset->id], at[0], out_code);
	}
}

int32_t charset_local_code(const struct charset *charset, uint32_t code)
{
	if (code < 0x80)
		return (int32_t)code;
	if (charset->id == CHARSET_GBK) {
		pthread_once(&gbk_once, gbk_fill);
		return code < 0x10000 && gbk_locals[code] ? gbk_locals[code] : -1;
	}
	return code < local_code_limit && local_bytes[charset->id][code] ? local_bytes[charset->id][code] : -1;
}

static size_t put_units(uint32_t value, size_t size, uint8_t out[4])
{
	for (size_t i = size; i-- > 0; value >>= 8)
		out[i] = (uint8_t)value;
	return size;
}

static size_t utf16_encode(uint32_t code, uint8_t out[4])
{
	if (code < 0x10000)
		return put_units(code, 2, out);
	code -= 0x10000;
	return put_units(0xd800dc00u | (code >> 10) << 16 | (code & 0x3ff), 4, out);
}

size_t charset_encode(const struct charset *charset, uint32_t code, uint8_t out[4])
{
	switch (charset->id) {
	case CHARSET_UTF8MB4: return utf8_encode(code, out);
	case CHARSET_UTF8MB3: return code < 0x10000 ? utf8_encode(code, out) : 0;
	case CHARSET_UCS2: return code < 0x10000 ? put_units(code, 2, out) : 0;
	case CHARSET_UTF16: return utf16_encode(code, out);
	case CHARSET_UTF32: return put_units(code, 4, out);
	case CHARSET_BINARY: return code < 0x100 ? put_units(code, 1, out) : 0;
	default: break;
	}
	int32_t local = charset_local_code(charset, code);
	return local < 0 ? 0 : put_units((uint32_t)local, local > 0xff ? 2 : 1, out);
}

size_t charset_malformed_size(const struct charset *charset, const uint8_t *at, const uint8_t *end)
{
	size_t left = (size_t)(end - at);
	size_t shape = charset_char_size(charset, at, end);
	size_t skipped = shape ? shape : charset->min_char_size;
	return skipped < left ? skipped : left;
}

size_t charset_char_size(const struct charset *charset, const uint8_t *at, const uint8_t *end)
{
	uint32_t code;
	switch (charset->id) {
	case CHARSET_ASCII: return at[0] < 0x80;
	case CHARSET_BINARY:
	case CHARSET_LATIN1:
	case CHARSET_LATIN2:
	case CHARSET_CP1251: return 1;
	case CHARSET_GBK: return at[0] < 0x80 ? 1 : end - at >= 2 && gbk_is_pair(at) ? 2 : 0;
	default: return charset_decode(charset, at, end, &code);
	}
}
