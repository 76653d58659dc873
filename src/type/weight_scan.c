#include "type/weight_scan.h"

#include "type/utf8.h"

struct weight_scan weight_scan_begin(const struct collation *collation, struct bytes text, bool text_is_utf8)
{
	const struct charset *charset = collation->charset;
	struct weight_scan scan = {
		.at = text.data,
		.end = text.size ? text.data + text.size : text.data,
		.text_charset = text_is_utf8 ? charset_get(CHARSET_UTF8MB4) : charset,
		.local = charset_is_unicode(charset) || charset->id == CHARSET_BINARY ? NULL : charset,
		.weights = (enum weights)collation->weights,
		.space = space_weight,
	};
	if (scan.weights >= WEIGHTS_FIRST_UCA) {
		scan.uca = weights_uca(scan.weights);
		scan.space = scan.uca->space;
		scan.ascii = scan.uca->ascii;
	} else if (scan.weights >= WEIGHTS_FIRST_BYTE) {
		scan.bytes = weights_byte(scan.weights);
		scan.ascii = scan.bytes->ascii;
	} else if (scan.weights == WEIGHTS_GENERAL) {
		scan.ascii = general_weight_pages[0];
	}
	if (scan.text_charset->min_char_size > 1)
		scan.ascii = NULL;
	return scan;
}

static uint32_t byte_weight(struct weight_scan *scan, uint32_t byte)
{
	if (scan->bytes->second[byte]) {
		scan->scratch[0] = scan->bytes->second[byte];
		scan->more = scan->scratch;
		scan->more_count = 1;
	}
	return scan->bytes->weight[byte];
}

/* Reads one character: its code point, or its local code; false and its weight when it has no code. */
static bool next_code(struct weight_scan *scan, uint32_t *out)
{
	if (scan->local == scan->text_charset && scan->bytes) {
		*out = *scan->at++;
		return true;
	}
	size_t size = scan->text_charset->id == CHARSET_UTF8MB4
			      ? utf8_decode(scan->at, scan->end, out)
			      : charset_decode(scan->text_charset, scan->at, scan->end, out);
	if (size == 0) {
		*out = weight_malformed + *scan->at;
		scan->at += charset_malformed_size(scan->text_charset, scan->at, scan->end);
		return false;
	}
	scan->at += size;
	if (scan->local == NULL)
		return true;
	int32_t local = charset_local_code(scan->local, *out);
	*out = local < 0 ? weight_foreign + *out : (uint32_t)local;
	return local >= 0;
}

uint32_t weight_next_slow(struct weight_scan *scan)
{
	if (scan->more_count > 0) {
		scan->more_count--;
		return *scan->more++;
	}
	while (scan->at < scan->end) {
		uint32_t code;
		if (!next_code(scan, &code))
			return code;
		if (scan->bytes)
			return byte_weight(scan, code);
		if (scan->weights == WEIGHTS_GENERAL)
			return general_weight(code);
		if (scan->uca == NULL)
			return code;
		unsigned count = uca_weights(scan->uca, code, scan->scratch, &scan->more);
		if (count > 0) {
			scan->more_count = count - 1;
			return *scan->more++;
		}
	}
	return weight_end;
}
