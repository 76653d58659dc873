/* GTID sets as text and as bytes: both forms are in gtid.h. */
#include <ctype.h>
#include <string.h>

#include "binlog/gtid.h"

static int malformed(struct bytes text, struct diag *diag)
{
	char shown[201];
	size_t size = text.size < sizeof shown - 1 ? text.size : sizeof shown - 1;
	if (size)
		memcpy(shown, text.data, size);
	shown[size] = 0;
	return diag_set(diag, ER_MALFORMED_GTID_SET_SPECIFICATION, shown);
}

static void skip_blanks(struct cursor *at)
{
	while (cursor_left(at) && isspace(*at->at))
		at->at++;
}

/* The next character that is no blank is this one, and is eaten. */
static bool eat(struct cursor *at, char wanted)
{
	skip_blanks(at);
	if (cursor_left(at) == 0 || *at->at != (uint8_t)wanted)
		return false;
	at->at++;
	return true;
}

static bool parse_gno(struct cursor *at, int64_t *out_gno)
{
	skip_blanks(at);
	const uint8_t *begin = at->at;
	uint64_t gno = 0;
	while (cursor_left(at) && isdigit(*at->at)) {
		if (__builtin_mul_overflow(gno, 10, &gno) || __builtin_add_overflow(gno, *at->at - '0', &gno))
			return false;
		at->at++;
	}
	if (at->at == begin || gno >= (uint64_t)GTID_GNO_MAX)
		return false;
	*out_gno = (int64_t)gno;
	return true;
}

static bool parse_interval(struct cursor *at, struct gtid_interval *out)
{
	if (!parse_gno(at, &out->first) || out->first == 0)
		return false;
	out->last = out->first;
	return !eat(at, '-') || parse_gno(at, &out->last);
}

/* uuid:interval[:interval]... */
static bool parse_source(struct gtid_set *set, struct cursor *at)
{
	const uint8_t *begin = at->at;
	while (cursor_left(at) && !isspace(*at->at) && *at->at != ':' && *at->at != ',')
		at->at++;
	uint8_t sid[uuid_size];
	if (!uuid_parse(bytes_of(begin, (size_t)(at->at - begin)), sid) || !eat(at, ':'))
		return false;
	do {
		struct gtid_interval interval;
		if (!parse_interval(at, &interval))
			return false;
		if (interval.first <= interval.last)
			gtid_set_add_interval(set, sid, interval);
	} while (eat(at, ':'));
	return true;
}

int gtid_set_parse(struct gtid_set *set, struct bytes text, struct diag *diag)
{
	struct cursor at = cursor_of(text);
	for (;;) {
		while (eat(&at, ','))
			;
		if (cursor_left(&at) == 0)
			return 0;
		if (!parse_source(set, &at))
			return malformed(text, diag);
		skip_blanks(&at);
		if (cursor_left(&at) && *at.at != ',')
			return malformed(text, diag);
	}
}

void gtid_set_print(const struct gtid_set *set, const char *separator, struct buf *out)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct gtid_source *source = &set->sources[i];
		char sid[uuid_text_size + 1];
		uuid_print(source->sid, sid);
		if (i)
			buf_put_string(out, separator);
		buf_put_string(out, sid);
		for (size_t j = 0; j < source->count; j++) {
			struct gtid_interval interval = source->intervals[j];
			buf_printf(out, ":%lld", (long long)interval.first);
			if (interval.last > interval.first)
				buf_printf(out, "-%lld", (long long)interval.last);
		}
	}
}

size_t gtid_set_encoded_size(const struct gtid_set *set)
{
	size_t size = 8;
	for (size_t i = 0; i < set->count; i++)
		size += uuid_size + 8 + set->sources[i].count * 16;
	return size;
}

void gtid_set_encode(const struct gtid_set *set, struct buf *out)
{
	buf_put_u64(out, set->count);
	for (size_t i = 0; i < set->count; i++) {
		const struct gtid_source *source = &set->sources[i];
		buf_put(out, source->sid, uuid_size);
		buf_put_u64(out, source->count);
		for (size_t j = 0; j < source->count; j++) {
			buf_put_u64(out, (uint64_t)source->intervals[j].first);
			buf_put_u64(out, (uint64_t)source->intervals[j].last + 1);
		}
	}
}

/* Counts come from outside: the loops end with the bytes, not with them. */
static bool decode_source(struct gtid_set *set, struct cursor *at)
{
	uint8_t sid[uuid_size];
	struct bytes sid_bytes = cursor_bytes(at, uuid_size);
	uint64_t count = cursor_u64(at);
	if (at->failed || count > cursor_left(at) / 16)
		return false;
	memcpy(sid, sid_bytes.data, uuid_size);
	uint64_t previous = 0;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t first = cursor_u64(at), end = cursor_u64(at);
		if (first <= previous || end <= first || end > (uint64_t)GTID_GNO_MAX)
			return false;
		gtid_set_add_interval(set, sid, (struct gtid_interval){(int64_t)first, (int64_t)end - 1});
		previous = end;
	}
	return true;
}

int gtid_set_decode(struct gtid_set *set, struct bytes bytes, struct diag *diag)
{
	struct cursor at = cursor_of(bytes);
	uint64_t count = cursor_u64(&at);
	if (at.failed || count > cursor_left(&at) / (uuid_size + 8))
		return diag_set(diag, ER_MALFORMED_GTID_SET_ENCODING);
	for (uint64_t i = 0; i < count; i++)
		if (!decode_source(set, &at))
			return diag_set(diag, ER_MALFORMED_GTID_SET_ENCODING);
	return cursor_done(&at) ? 0 : diag_set(diag, ER_MALFORMED_GTID_SET_ENCODING);
}
